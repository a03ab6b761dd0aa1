#include "verify/stage/record.hpp"

#include <limits>

#include "core/chunked.hpp"
#include "core/kernels/fused_sweep.hpp"

namespace backprove {

template <class T>
void ReverseSteps<T>::loss(const Loss& loss, In<T> z, In<double> y, Index batch, Out<T> g) const {
  loss.gradient<T>(z, y, batch, g);
}

template <class T>
void ReverseSteps<T>::layer(const Network& network, Index l, const At<T>& p, In<T> y_bar, Out<T> x_bar,
                            ParamsOut<T> theta_bar) const {
  std::visit([&](const auto& one) { one.vjp(p, y_bar, x_bar, theta_bar); }, network.layer(l));
}

namespace {

/// A sweep by a kernel, written down by the kernel itself.
template <class T>
SweepRecord<T> record_fused(FusedSweep<T>& fused, const Problem<T>& problem, const Options& options) {
  SweepRecord<T> record;
  record.gradient.resize(problem, options.input_gradient);
  SweepTrace<T> trace;
  fused.trace(record.gradient, trace);
  const Network& network = problem.network;
  for (Index l = 0; l < network.size(); ++l) {
    const auto at = static_cast<std::size_t>(l);
    record.stages.push_back({trace.entered[at], trace.cotangent[at + 1], trace.cotangent[at],
                             record.gradient.parameters.segment(network.offset(l), network.parameters(l)),
                             problem.batch()});
  }
  record.output = trace.entered.back();
  return record;
}

}  // namespace

template <class T>
SweepRecord<T> record_sweep(const Problem<T>& problem, const Options& options, const ReverseSteps<T>& steps) {
  const Network& network = problem.network;
  const Index batch = problem.batch(), layers = network.size();
  const Index lowest = options.input_gradient ? 0 : network.first_parameters();
  if (const auto fused = fused_sweep<T>(problem, options)) return record_fused(*fused, problem, options);
  const ProductsBy scope(options.kernel);
  SweepRecord<T> record;
  record.gradient.resize(problem, options.input_gradient);
  record.stages.resize(static_cast<std::size_t>(layers));
  record.output.resize(network.outputs(), batch);
  for (Index l = 0; l < layers; ++l) {
    StageRecord<T>& stage = record.stages[static_cast<std::size_t>(l)];
    stage.x.resize(network.width(l), batch);
    stage.chunk = sample_chunk(batch);
    stage.y_bar.setZero(network.width(l + 1), batch);
    if (l > lowest || (l == 0 && options.input_gradient)) stage.x_bar.resize(network.width(l), batch);
  }
  Chunked<T> chunked(problem, options, network.workspace());
  chunked.run_on_tape(record.gradient, [&](const NetworkTape<T>& tape, const Part<T>& part) {
    const Index begin = (part.x.data() - problem.x.data()) / network.inputs(), samples = part.x.cols();
    const auto columns = [&](Matrix<T>& all) { return all.middleCols(begin, samples); };
    ParamsOut<T> theta_bar = part.theta_bar;
    Out<T> input = part.input;
    columns(record.output) = tape.output();
    Matrix<T> y_bar(network.outputs(), samples), x_bar;
    steps.loss(problem.loss, tape.output(), part.y, batch, view(y_bar));
    for (Index l = layers - 1; l >= lowest; --l) {
      StageRecord<T>& stage = record.stages[static_cast<std::size_t>(l)];
      columns(stage.x) = tape.input(l);
      columns(stage.y_bar) = y_bar;
      // NaN, so that whatever a step does not write shows.
      x_bar.setConstant(stage.x_bar.rows(), stage.x_bar.size() > 0 ? samples : 0, std::numeric_limits<T>::quiet_NaN());
      steps.layer(network, l, tape.at(l), view(std::as_const(y_bar)), view(x_bar),
                  ParamsOut<T>(theta_bar.data() + network.offset(l), network.parameters(l)));
      if (x_bar.size() > 0) columns(stage.x_bar) = x_bar;
      std::swap(y_bar, x_bar);
    }
    if (options.input_gradient) input = y_bar;
  });
  for (Index l = 0; l < layers; ++l)
    record.stages[static_cast<std::size_t>(l)].theta_bar =
        record.gradient.parameters.segment(network.offset(l), network.parameters(l));
  return record;
}

template class ReverseSteps<float>;
template class ReverseSteps<double>;
template SweepRecord<float> record_sweep(const Problem<float>&, const Options&, const ReverseSteps<float>&);
template SweepRecord<double> record_sweep(const Problem<double>&, const Options&, const ReverseSteps<double>&);

}  // namespace backprove

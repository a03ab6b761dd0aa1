#include "verify/vacuity.hpp"

#include <fmt/format.h>

#include "verify/stage/record.hpp"

namespace backprove {

namespace {

template <class M>
bool all_equal(const M& m) {
  return m.size() > 1 && (m.array() == m.data()[0]).all();
}

/// Square, symmetric parameter tensors of one layer: a transposed one would give the same gradients.
void symmetric_weights(const Problem<double>& problem, Index l, std::vector<std::string>& reasons) {
  Index begin = problem.network.offset(l);
  std::visit(
      [&](const auto& layer) {
        for (const ParameterPart& part : parameter_parts(layer)) {
          const In<double> m(problem.theta.data() + begin, part.rows, part.columns);
          begin += part.rows * part.columns;
          if (part.rows < 2 || part.rows != part.columns || m != m.transpose()) continue;
          reasons.push_back(fmt::format(
              "the {} of layer {}, {}, is symmetric: a transposed one could not show; choose another --seed "
              "or unequal widths",
              part.name, l + 1, layer.text()));
        }
      },
      problem.network.layer(l));
}

/// A layer with a kink all of whose inputs lie on one side of it.
template <class L>
void untaken_branch(const L& layer, Index l, const Matrix<double>& x, std::vector<std::string>& reasons) {
  if constexpr (requires { L::slope_jumps; })
    if (L::slope_jumps && ((x.array() > 0).all() || (x.array() < 0).all()))
      reasons.push_back(fmt::format(
          "all inputs of layer {}, {}, are {}: its other branch is never taken; choose more samples or another --seed",
          l + 1, layer.text(), x.data()[0] > 0 ? "positive" : "negative"));
}

}  // namespace

std::vector<std::string> vacuous_conditions(const Problem<double>& problem) {
  std::vector<std::string> reasons;
  const Index batch = problem.batch();
  if (batch == 1)
    reasons.push_back("one sample: wrong sums over the samples could not show; choose --batch 2 or more");
  else if (problem.x.rows() > 0 && (problem.x.colwise() - problem.x.col(0)).isZero(0))
    reasons.push_back("all samples are the same: exchanged ones could not show; choose other inputs");
  const SweepRecord<double> record = record_sweep<double>(problem, Options{}, ReverseSteps<double>());
  for (Index l = 0; l < problem.network.size(); ++l) {
    const StageRecord<double>& stage = record.stages[static_cast<std::size_t>(l)];
    symmetric_weights(problem, l, reasons);
    std::visit([&](const auto& layer) { untaken_branch(layer, l, stage.x, reasons); }, problem.network.layer(l));
    if (all_equal(stage.y_bar))
      reasons.push_back(
          fmt::format("the cotangent of layer {} is {:.3g} everywhere: exchanged or ignored entries could "
                      "not show; choose another loss or other targets",
                      l + 1, stage.y_bar(0, 0)));
  }
  return reasons;
}

}  // namespace backprove

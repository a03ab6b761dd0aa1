#include "verify/stage/stages.hpp"

#include "verify/stage/judge.hpp"

namespace backprove {

template <class T>
std::vector<TensorJudgement> judge_stages(const Problem<T>& problem, const SweepRecord<T>& record,
                                          bool input_gradient) {
  const Network& network = problem.network;
  std::vector<TensorJudgement> all{judge_loss<T>(problem.loss, record.output, problem.y, record.stages.back().y_bar)};
  const Index lowest = input_gradient ? 0 : network.first_parameters();
  for (Index l = network.size() - 1; l >= lowest; --l) {
    const ParamsIn<T> theta(problem.theta.data() + network.offset(l), network.parameters(l));
    const auto found = std::visit(
        [&](const auto& layer) {
          return judge_layer<T>(layer, fmt::format("layer {}, {}", l + 1, layer.text()), theta,
                                record.stages[static_cast<std::size_t>(l)]);
        },
        network.layer(l));
    all.insert(all.end(), found.begin(), found.end());
  }
  return all;
}

template std::vector<TensorJudgement> judge_stages(const Problem<float>&, const SweepRecord<float>&, bool);
template std::vector<TensorJudgement> judge_stages(const Problem<double>&, const SweepRecord<double>&, bool);

}  // namespace backprove

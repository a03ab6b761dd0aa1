#include "verify/mutation/facts.hpp"

#include <algorithm>

#include "core/scalars/traits.hpp"

namespace backprove {

template <class T>
Options HostFacts<T>::options(int threads) const {
  Options options;
  options.input_gradient = host.input_gradient;
  options.threads = threads;
  return options;
}

template <class T>
Request HostFacts<T>::request() const {
  return {host.network, host.loss, view(host.data.theta), view(host.data.x), view(host.data.y), options()};
}

template <class T>
const Gradient<Interval>& HostFacts<T>::exact() const {
  return enclosed.get([&] {
    const Problem<double> in_double{host.network, host.loss, view(host.data.theta), view(host.data.x),
                                    view(host.data.y)};
    return enclose_gradient(in_double, options());
  });
}

template <class T>
const Outcome& HostFacts<T>::bounded(std::string_view strategy) const {
  const auto found = std::ranges::find_if(bounds, [&](const auto& one) { return one->strategy == strategy; });
  return (*found)->outcome.get([&] {
    const Arithmetic arithmetic = *rounding_of<T>();
    const ArithmeticScope scope(arithmetic);
    return engine_named("running_error").run(strategy, request());
  });
}

template <class T>
const Outcome& HostFacts<T>::quotient() const {
  return differences.get([&] { return engine_named("double").run("central_difference", request()); });
}

template <class T>
const Outcome& HostFacts<T>::quotient_losses() const {
  return losses.get([&] {
    const ArithmeticScope scope(double_arithmetic);
    return engine_named("running_error").run("reverse_vjp", request());
  });
}

template <class T>
std::vector<std::unique_ptr<typename HostFacts<T>::Bounded>> HostFacts<T>::every_strategy() {
  std::vector<std::unique_ptr<Bounded>> all;
  for (const StrategyInfo& info : strategies()) {
    all.push_back(std::make_unique<Bounded>());
    all.back()->strategy = info.name;
  }
  return all;
}

template class HostFacts<float>;
template class HostFacts<double>;

}  // namespace backprove

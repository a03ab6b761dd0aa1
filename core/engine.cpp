#include "core/engine.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <stdexcept>

#include "core/kernels/fused_sweep.hpp"
#include "core/wide_values.hpp"
#include "generated/engines.hpp"
#include "generated/strategies.hpp"

namespace backprove {

void Values::assign(WideNumbers numbers) {
  narrow.clear();
  wide = numbers.numbers.empty() ? nullptr : std::make_shared<const WideNumbers>(std::move(numbers));
}

Index Values::size() const { return static_cast<Index>(is_narrow() ? narrow.size() : wide->numbers.size()); }

double Values::rounded(Index i) const { return wide->numbers[static_cast<std::size_t>(i)].convert_to<double>(); }

bool Values::same_bits(const Values& other) const {
  if (size() != other.size() || is_narrow() != other.is_narrow()) return false;
  if (is_narrow())
    return std::equal(narrow.begin(), narrow.end(), other.narrow.begin(), [](double a, double b) {
      return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
    });
  return std::equal(wide->numbers.begin(), wide->numbers.end(), other.wide->numbers.begin(),
                    [](const Wide& a, const Wide& b) { return a == b || (a != a && b != b); });
}

Cost cost_of(const StrategyInfo& strategy, const Shape& shape, const Loss& loss, const Kernel* chosen,
             std::string_view scalar) {
  Cost cost = strategy.predict(shape);
  const Kernel* kernel = fused_kernel(chosen, strategy.name, scalar, shape.network);
  if (!kernel) return cost;
  const FusedMemory memory = fused_memory(*kernel, shape.network, shape.batch, scalar, shape.threads);
  cost.scalars = memory.all + (loss.name() == "softmax_cross_entropy" ? 0 : memory.scattered);
  return cost;
}

const std::vector<StrategyInfo>& strategies() {
  static const std::vector<StrategyInfo> all = [] {
    std::vector<StrategyInfo> list;
    for_each_strategy([&]<class S>() { list.push_back({S::name, S::trusts, &S::predict}); });
    return list;
  }();
  return all;
}

const std::vector<const Engine*>& engines() {
  static const std::vector<const Engine*> all = [] {
    std::vector<const Engine*> list;
    for_each_engine([&](const Engine& engine) { list.push_back(&engine); });
    return list;
  }();
  return all;
}

const StrategyInfo& strategy_named(std::string_view name) {
  std::vector<std::string_view> known;
  for (const StrategyInfo& info : strategies()) {
    if (info.name == name) return info;
    known.push_back(info.name);
  }
  throw std::invalid_argument(fmt::format("unknown strategy '{}'; known are: {}", name, fmt::join(known, " ")));
}

const Engine& engine_named(std::string_view name) {
  std::vector<std::string_view> known;
  for (const Engine* engine : engines()) {
    if (engine->name() == name) return *engine;
    if (engine->listed()) known.push_back(engine->name());
  }
  throw std::invalid_argument(fmt::format("unknown scalar '{}'; known are: {}", name, fmt::join(known, " ")));
}

}  // namespace backprove

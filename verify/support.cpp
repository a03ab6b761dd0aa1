#include "verify/support.hpp"

#include <fmt/format.h>

#include <map>
#include <set>

namespace backprove {

std::vector<Support> support() {
  std::vector<Support> cells;
  const Loss loss = Loss::named("squared_error", Reduction::mean);
  for (const StrategyInfo& strategy : strategies())
    for_each_layer([&]<class L>() {
      const Network network = Network::parse(fmt::format("affine(4,4) {}", L::example));
      for (const Engine* engine : engines())
        if (engine->listed())
          cells.push_back({strategy.name, L::name, engine->name(), engine->unsupported(strategy.name, network, loss)});
    });
  return cells;
}

std::string support_table() {
  std::string text = fmt::format("{:<27} {:<13} ", "", "");
  std::vector<std::string_view> scalars;
  for (const Engine* engine : engines())
    if (engine->listed()) scalars.push_back(engine->name());
  for (const std::string_view scalar : scalars) text += fmt::format("{} ", scalar);
  std::size_t column = 0;
  for (const Support& cell : support()) {
    if (column == 0) text += fmt::format("\n{:<27} {:<13} ", cell.strategy, cell.layer);
    text += fmt::format("{:<{}}", cell.reason.empty() ? "+" : "-", cell.scalar.size() + 1);
    column = (column + 1) % scalars.size();
  }
  text += "\n\nwhy not:\n";
  std::map<std::string, std::set<std::string>> by_reason;
  for (const Support& cell : support())
    if (!cell.reason.empty()) by_reason[cell.reason].insert(std::string(cell.strategy));
  for (const auto& [reason, which] : by_reason) text += fmt::format("  {} ({} strategies)\n", reason, which.size());
  return text;
}

std::string formulas(unsigned mask) {
  std::string text;
  const auto name = [&](unsigned bit, std::string_view what) {
    if ((mask & bit) != 0) text += fmt::format("{}{}", text.empty() ? "" : ", ", what);
  };
  name(formula_value, "value");
  name(formula_d_input, "d_input");
  name(formula_d_params, "d_params");
  name(formula_vjp, "vjp");
  name(formula_dual_rules, "dual rules");
  return text;
}

}  // namespace backprove

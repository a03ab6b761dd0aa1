#include "verify/cell_check.hpp"

#include <fmt/format.h>

#include "core/record/hash.hpp"
#include "verify/measure.hpp"
#include "verify/support.hpp"

namespace backprove {

namespace {

/// What one strategy gave.
struct Judged {
  const StrategyInfo* strategy;
  Outcome outcome;
  Tolerance tolerance;
};

/// Collects the rows of one group.
class Check {
 public:
  explicit Check(const CellGroup& of)
      : group(of), blocks(blocks_of(of.problem->network(), of.problem->spec().recipe.batch, of.options.input_gradient)) {}

  std::vector<Row> run() {
    add_certificate();
    for (const StrategyInfo* strategy : group.strategies) {
      try {
        run_strategy(*strategy);
      } catch (const std::exception& error) {
        add(group.cell(strategy->name), "verdict", 0, Status::failed, error.what());
      }
    }
    add_pairs();
    return std::move(rows);
  }

 private:
  const CellGroup& group;
  std::vector<Block> blocks;
  std::vector<Row> rows;
  std::vector<Judged> judged;

  void add(const Cell& cell, std::string_view quantity, double value, Status status = Status::ok, std::string note = "") {
    rows.push_back(make_row(cell, quantity, value, status, std::move(note)));
  }

  void add_certificate() {
    Certificate& certificate = *group.certificate;
    const Cell cell = group.cell("enclosure");
    if (group.problem->spec().train > 0) {
      add(cell, "loss", group.problem->trained().loss, Status::ok, "after training, all samples");
      add(cell, "accuracy", group.problem->trained().accuracy, Status::ok, "after training, all samples");
    }
    if (!certificate.enclosure_missing().empty()) {
      add(cell, "enclosure_width", std::nan(""), Status::limit, certificate.enclosure_missing());
      return;
    }
    for (const auto& extra : certificate.enclosure().extras)
      add(cell, extra.quantity, extra.value, extra.note.empty() ? Status::ok : Status::inconclusive, extra.note);
  }

  void run_strategy(const StrategyInfo& strategy) {
    const Cell cell = group.cell(strategy.name);
    const Network& network = group.problem->network();
    const Shape shape{network, group.problem->spec().recipe.batch, group.options.input_gradient, group.options.threads};
    const std::string reason = group.engine->unsupported(strategy.name, network, group.problem->loss());
    if (!reason.empty()) {
      add(cell, "verdict", std::nan(""), Status::unsupported, reason);
      return;
    }
    const Cost cost = strategy.predict(shape);
    add(cell, "predicted_multiplications", cost.multiplications);
    add(cell, "predicted_bytes", cost.scalars * static_cast<double>(group.engine->bytes()));
    const std::string beyond_limit = beyond(group.limits, cost, group.engine->bytes());
    if (!beyond_limit.empty()) {
      add(cell, "verdict", std::nan(""), Status::limit, beyond_limit);
      return;
    }
    const Data& data = group.problem->data();
    Judged result{&strategy, {}, {}};
    result.outcome = group.engine->run(strategy.name, {network, group.problem->loss(), view(data.theta), view(data.x), view(data.y), group.options});
    add(cell, "loss", result.outcome.loss.as_double(0));
    add(cell, "seconds", result.outcome.seconds);
    add_counts(cell, result.outcome);
    if (strategy.name != "enclosure")
      for (const auto& extra : result.outcome.extras) add(cell, extra.quantity, extra.value, Status::ok, extra.note);
    result.tolerance = tolerance_of(strategy, *group.engine, *group.problem, group.options, result.outcome, group.limits);
    if (strategy.name == "reference" && group.certificate->reference_missing().empty())
      result.tolerance.bound += group.certificate->reference_error();
    judge(cell, result);
    judged.push_back(std::move(result));
  }

  void add_counts(const Cell& cell, const Outcome& outcome) {
    if (cell.scalar != "counting") return;
    const Counts& counts = outcome.counts;
    add(cell, "multiplications", static_cast<double>(counts.multiplications()));
    add(cell, "additions", static_cast<double>(counts.additions()));
    add(cell, "divisions", static_cast<double>(counts.divisions()));
    add(cell, "functions", static_cast<double>(counts.functions()));
  }

  std::string place(Index i) const {
    for (const Block& block : blocks)
      if (i >= block.begin && i < block.begin + block.count) return fmt::format("{}, entry {}", block.name, i - block.begin);
    return "";
  }

  void judge(const Cell& cell, const Judged& result) {
    if (!group.certificate->reference_missing().empty()) {
      add(cell, "verdict", std::nan(""), Status::inconclusive,
          "no reference: it " + group.certificate->reference_missing() + "; judged by pairs alone");
      return;
    }
    const Error error = measure(*group.certificate, result.outcome, result.tolerance.bound, blocks);
    const bool bounded = result.tolerance.missing.empty();
    Status status = Status::ok;
    std::string note = result.tolerance.derivation;
    if (error.nonfinite > 0) {
      status = Status::nonfinite;
      note = fmt::format("{} entries are not finite", error.nonfinite);
    } else if (!bounded) {
      status = Status::inconclusive;
      note = result.tolerance.missing;
    } else if (!(error.over_bound <= 1) || error.outside > 0) {
      status = Status::failed;
      note = fmt::format("worst at {}: got {}, reference {}, {:.3g} times its bound", place(error.worst),
                         result.outcome.gradient.at(error.worst).str(17), group.certificate->reference_entry(error.worst).str(17),
                         error.over_bound);
    } else if (!(error.bound_relative < 1)) {
      status = Status::inconclusive;
      note = "the bound is wider than the gradient itself; " + note;
    }
    add(cell, "error_max_absolute", error.max_absolute);
    add(cell, "error_max_relative", error.max_relative);
    if (bounded) {
      add(cell, "bound_relative", error.bound_relative, Status::ok, result.tolerance.derivation);
      add(cell, "error_over_bound", error.over_bound, status, note);
      if (group.certificate->enclosure_missing().empty())
        add(cell, "outside_enclosure", static_cast<double>(error.outside), error.outside > 0 ? Status::failed : Status::ok);
    }
    if (result.outcome.kinked.size() > 0) add(cell, "kinked_entries", static_cast<double>(error.kinked));
    add(cell, "verdict", status == Status::ok ? 1 : status == Status::inconclusive ? std::nan("") : 0, status, note);
  }

  void add_pairs() {
    for (std::size_t a = 0; a < judged.size(); ++a)
      for (std::size_t b = a + 1; b < judged.size(); ++b) {
        Cell cell = group.cell(judged[a].strategy->name);
        cell.options["partner"] = judged[b].strategy->name;
        if (judged[a].tolerance.bound.size() == 0 || judged[b].tolerance.bound.size() == 0) {
          add(cell, "pair_error_over_bound", std::nan(""), Status::inconclusive, "one of the two has no bound");
          continue;
        }
        const double worst = pair_over_bound(judged[a].outcome, judged[a].tolerance.bound, judged[b].outcome, judged[b].tolerance.bound);
        add(cell, "pair_error_over_bound", worst, worst <= 1 ? Status::ok : Status::failed,
            fmt::format("trusted by both: {}", formulas(judged[a].strategy->trusts & judged[b].strategy->trusts)));
      }
  }
};

}  // namespace

std::string CellGroup::key() const {
  std::string all;
  for (const StrategyInfo* strategy : strategies) all += cell(strategy->name).id() + " ";
  return hash_text(all + fmt::format("{:.17g} {:.17g}", limits.bytes, limits.multiplications));
}

Cell CellGroup::cell(std::string_view strategy) const {
  Cell cell = problem->cell();
  cell.strategy = strategy;
  cell.scalar = engine->name();
  cell.threads = options.threads;
  if (!options.input_gradient) cell.options["input_gradient"] = "no";
  if (options.snapshots > 0) cell.options["snapshots"] = std::to_string(options.snapshots);
  cell.options["digits"] = std::to_string(wide_digits());
  return cell;
}

std::vector<Row> check(const CellGroup& group) { return Check(group).run(); }

}  // namespace backprove

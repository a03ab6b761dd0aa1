#include "verify/cell_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/kernels/kernel.hpp"
#include "core/record/hash.hpp"
#include "core/record/this_build.hpp"
#include "core/wide_values.hpp"
#include "verify/kinks.hpp"
#include "verify/lattice.hpp"
#include "verify/loss_counts.hpp"
#include "verify/measure.hpp"
#include "verify/stage_rows.hpp"
#include "verify/support.hpp"
#include "verify/truncation.hpp"
#include "verify/vacuity.hpp"
#include "verify/votes.hpp"

namespace backprove {

namespace {

/// What one strategy gave.
struct Judged {
  const StrategyInfo* strategy;
  Outcome outcome;
  Tolerance tolerance;
  Index nonfinite;  ///< entries
};

bool is_finite(const Wide& x) { return mpfr_number_p(x.backend().data()) != 0; }

Index nonfinite_entries(const Values& values) {
  Index count = 0;
  for (Index i = 0; i < values.size(); ++i)
    count += (values.is_narrow() ? std::isfinite(values.as_double(i)) : is_finite(wide_entry(values, i))) ? 0 : 1;
  return count;
}

/// Collects the rows of one group.
class Check {
 public:
  explicit Check(const CellGroup& of)
      : group(of),
        blocks(blocks_of(of.problem->network(), of.problem->spec().recipe.batch, of.options.input_gradient)) {}

  std::vector<Row> run() {
    const std::string no_data = group.data_missing();
    if (!no_data.empty()) return all_alike(std::nan(""), Status::limit, no_data);
    if (!group.problem->finite()) return all_alike(0, Status::nonfinite, "training did not stay finite");
    // Stages need no certificate: while another group makes it, they are judged first.
    std::vector<Row> stages;
    const bool stages_first = group.certificate->claimed();
    if (stages_first) stages = stage_rows(group);
    add_certificate();
    for (const StrategyInfo* strategy : group.strategies) {
      try {
        run_strategy(*strategy);
      } catch (const std::exception& error) {
        add(group.cell(strategy->name), "verdict", 0, Status::failed, error.what());
      }
    }
    add_pairs();
    add_lattice();
    add_vacuity();
    if (!stages_first) stages = stage_rows(group);
    rows.insert(rows.end(), stages.begin(), stages.end());
    return std::move(rows);
  }

 private:
  const CellGroup& group;
  std::vector<Block> blocks;
  std::vector<Row> rows;
  std::vector<Judged> judged;
  std::optional<Index> bad_references;  ///< once counted

  void add(const Cell& cell, std::string_view quantity, double value, Status status = Status::ok,
           std::string note = "") {
    rows.push_back(make_row(cell, quantity, value, status, std::move(note)));
  }

  /// The same verdict for every strategy, none of which can be run.
  std::vector<Row> all_alike(double value, Status status, const std::string& note) {
    for (const StrategyInfo* strategy : group.strategies)
      add(group.cell(strategy->name), "verdict", value, status, note);
    return std::move(rows);
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
      add(cell, extra.quantity, extra.value,
          extra.quantity == "enclosure_width" && !extra.note.empty() ? Status::inconclusive : Status::ok, extra.note);
  }

  Request request() const {
    const Data& data = group.problem->data();
    return {
        group.problem->network(), group.problem->loss(), view(data.theta), view(data.x), view(data.y), group.options};
  }

  void run_strategy(const StrategyInfo& strategy) {
    const Cell cell = group.cell(strategy.name);
    const Network& network = group.problem->network();
    const Shape shape{network, group.problem->spec().recipe.batch, group.options.input_gradient, group.options.threads,
                      group.options.snapshots};
    const std::string reason = group.engine->unsupported(strategy.name, network, group.problem->loss());
    if (!reason.empty()) {
      add(cell, "verdict", std::nan(""), Status::unsupported, reason);
      return;
    }
    const Cost cost = cost_of(strategy, shape, group.problem->loss(), group.options.kernel, group.engine->name());
    add(cell, "predicted_multiplications", cost.multiplications);
    add(cell, "predicted_bytes", bytes_of(cost, group.engine->bytes()));
    const std::string beyond_limit = beyond(group.limits, cost, group.engine->bytes());
    if (!beyond_limit.empty()) {
      add(cell, "verdict", std::nan(""), Status::limit, beyond_limit);
      return;
    }
    Judged result{&strategy, {}, {}, 0};
    result.outcome = group.engine->run(strategy.name, request());
    result.nonfinite = nonfinite_entries(result.outcome.gradient);
    add(cell, "loss", result.outcome.loss.as_double(0));
    add(cell, "seconds", result.outcome.seconds);
    add_counts(cell, result.outcome.counts);
    if (cell.scalar == "counting" && strategy.name == "reverse_vjp") {
      Cell loss = cell;
      loss.strategy = "loss";
      add_counts(loss, counts_of_loss(request()));
    }
    if (strategy.name != "enclosure")
      for (const auto& extra : result.outcome.extras) add(cell, extra.quantity, extra.value, Status::ok, extra.note);
    result.tolerance =
        tolerance_of(strategy, *group.engine, *group.problem, group.options, result.outcome, group.limits);
    if (strategy.name == "reference" && group.certificate->reference_missing().empty())
      result.tolerance.bound += group.certificate->reference_error();
    judge(cell, result);
    judged.push_back(std::move(result));
  }

  void add_counts(const Cell& cell, const Counts& counts) {
    if (cell.scalar != "counting") return;
    add(cell, "multiplications", static_cast<double>(counts.multiplications()));
    add(cell, "additions", static_cast<double>(counts.additions()));
    add(cell, "divisions", static_cast<double>(counts.divisions()));
    add(cell, "functions", static_cast<double>(counts.functions()));
  }

  std::string place(Index i) const {
    for (const Block& block : blocks)
      if (i >= block.begin && i < block.begin + block.count)
        return fmt::format("{}, entry {}", block.name, i - block.begin);
    return "";
  }

  /// Entries of the reference that are not finite.
  Index reference_nonfinite() {
    if (!bad_references) {
      bad_references = 0;
      for (const Block& block : blocks)
        for (Index i = block.begin; i < block.begin + block.count; ++i)
          *bad_references += is_finite(group.certificate->reference_entry(i)) ? 0 : 1;
    }
    return *bad_references;
  }

  /// What can be said without comparing: there is nothing finite to compare, or nothing to compare with.
  std::optional<std::pair<Status, std::string>> verdict_alone(const Judged& result) {
    const bool intervals = result.strategy->name == "enclosure" || !group.engine->arithmetic();
    if (intervals && result.nonfinite > 0)
      return {{Status::inconclusive, fmt::format("{} entries have no finite enclosure", result.nonfinite)}};
    const std::string& missing = group.certificate->reference_missing();
    if (missing.empty() && reference_nonfinite() == 0) return std::nullopt;
    if (result.nonfinite > 0) return {{Status::nonfinite, fmt::format("{} entries are not finite", result.nonfinite)}};
    if (!missing.empty()) return {{Status::inconclusive, "no reference: it " + missing + "; judged by pairs alone"}};
    return {{Status::inconclusive,
             fmt::format("{} entries of the reference are not finite; more --digits may help", reference_nonfinite())}};
  }

  /// Entries that are not finite, and whose bound says that this may happen.
  static Index overflows_foreseen(const Judged& result) {
    Index count = 0;
    for (Index i = 0; i < result.tolerance.bound.size(); ++i)
      count += std::isinf(result.tolerance.bound(i)) && !std::isfinite(result.outcome.gradient.as_double(i)) ? 1 : 0;
    return count;
  }

  /// Why an error beyond an estimated truncation is no failure, if it is none; the tolerance is widened then.
  std::string excused(Judged& result, Error& error) {
    if (result.outcome.truncation.size() == 0) return "";
    if (result.tolerance.certified.size() > 0 && result.tolerance.certified(error.worst) != 0) return "";
    const SecondLook look = look_again(*result.strategy, *group.engine, *group.problem, group.options, result.outcome,
                                       group.limits, *group.certificate, result.tolerance);
    const double excess = error.over_bound;
    if (!look.not_taken.empty())
      return fmt::format("{:.3g} times a bound whose truncation is an estimate; to measure it {}", excess,
                         look.not_taken);
    error = measure(*group.certificate, result.outcome, result.tolerance, blocks);
    if (!(error.over_bound <= 1) || error.outside > 0) return "";
    return fmt::format("truncation at {} entries up to {:.3g} times its estimate, as high precision shows",
                       look.widened, look.at_most);
  }

  /// May widen the tolerance of an estimated truncation, and measures the error again then.
  std::pair<Status, std::string> verdict(Judged& result, Error& error) {
    if (result.nonfinite > 0) {
      if (overflows_foreseen(result) < result.nonfinite)
        return {Status::nonfinite, fmt::format("{} entries are not finite", result.nonfinite)};
      return {Status::inconclusive,
              fmt::format("{} entries are not finite: the arithmetic may overflow there", result.nonfinite)};
    }
    if (!result.tolerance.missing.empty()) return {Status::inconclusive, result.tolerance.missing};
    if (error.judged == 0)
      return {Status::inconclusive, fmt::format("nothing left to judge: {} entries cross a kink, {} have no truncation "
                                                "estimate",
                                                error.kinked, error.irregular)};
    if (!(error.over_bound <= 1) || error.outside > 0) {
      const std::string excuse = excused(result, error);
      if (!excuse.empty()) return {Status::inconclusive, excuse};
      return {Status::failed, fmt::format("worst at {}: got {}, reference {}, {:.3g} times its bound",
                                          place(error.worst), wide_entry(result.outcome.gradient, error.worst).str(17),
                                          group.certificate->reference_entry(error.worst).str(17), error.over_bound)};
    }
    if (error.zero_blocks == static_cast<Index>(blocks.size()))
      return {Status::inconclusive, "the exact gradient is zero everywhere; " + result.tolerance.derivation};
    if (!(error.bound_relative < 1))
      return {Status::inconclusive, "the bound is wider than the gradient itself; " + result.tolerance.derivation};
    if (!(error.bound_relative <= group.resolution))
      return {Status::inconclusive,
              fmt::format("errors up to {:.3g} of a block's largest entry cannot be excluded, {:.3g} was asked for; {}",
                          error.bound_relative, group.resolution, result.tolerance.derivation)};
    return {Status::ok, result.tolerance.derivation};
  }

  void judge(const Cell& cell, Judged& result) {
    if (const auto alone = verdict_alone(result)) {
      add(cell, "verdict", alone->first == Status::nonfinite ? 0 : std::nan(""), alone->first, alone->second);
      return;
    }
    Error error = measure(*group.certificate, result.outcome, result.tolerance, blocks);
    const bool bounded = result.tolerance.missing.empty();
    const auto [status, note] = verdict(result, error);
    add(cell, "error_max_absolute", error.max_absolute);
    add(cell, "error_max_relative", error.max_relative);
    if (bounded) {
      add(cell, "bound_relative", error.bound_relative, Status::ok, result.tolerance.derivation);
      add(cell, "error_over_bound", error.over_bound, status, note);
      if (group.certificate->enclosure_missing().empty())
        add(cell, "outside_enclosure", static_cast<double>(error.outside), error.outside > 0 ? status : Status::ok);
    }
    if (result.outcome.kinked.size() > 0) add(cell, "kinked_entries", static_cast<double>(error.kinked));
    if (result.tolerance.irregular.size() > 0) add(cell, "irregular_entries", static_cast<double>(error.irregular));
    if (result.tolerance.certified.size() > 0)
      add(cell, "certified_truncations", static_cast<double>(result.tolerance.certified.cast<Index>().sum()));
    add(cell, "verdict", status == Status::ok ? 1 : status == Status::inconclusive ? std::nan("") : 0, status, note);
  }

  void add_pairs() {
    std::vector<const StrategyInfo*> voters;
    for (const Judged& one : judged) voters.push_back(one.strategy);
    Votes votes(voters);
    for (std::size_t a = 0; a < judged.size(); ++a)
      for (std::size_t b = a + 1; b < judged.size(); ++b) add_pair(a, b, votes);
    for (std::size_t s = 0; s < judged.size(); ++s) {
      if (votes.agreeing(s) + votes.disagreeing(s) == 0) continue;
      const bool outlier = votes.is_outlier(s);
      add(group.cell(judged[s].strategy->name), "agreeing_strategies", static_cast<double>(votes.agreeing(s)),
          outlier ? Status::failed : Status::ok, (outlier ? "the outlier: " : "") + votes.sentence(s));
    }
    add_kinks(votes);
  }

  /// The problem as it was drawn.
  Problem<double> in_double() const {
    const Data& data = group.problem->data();
    return {group.problem->network(), group.problem->loss(), view(data.theta), view(data.x), view(data.y)};
  }

  /// On a kink itself every strategy that differentiates there, as differences do not, must take the same slope.
  void add_kinks(const Votes& votes) {
    const std::optional<Index> inputs = inputs_on_kinks(in_double());
    if (!inputs) return;
    std::vector<std::size_t> there;
    for (std::size_t s = 0; s < judged.size(); ++s)
      if (judged[s].outcome.kinked.size() == 0 && votes.agreeing(s) + votes.disagreeing(s) > 0) there.push_back(s);
    std::string apart;
    for (const std::size_t a : there)
      for (const std::size_t b : there)
        if (a < b && votes.between(a, b) < 0 && apart.empty())
          apart = fmt::format("{} and {} differ", judged[a].strategy->name, judged[b].strategy->name);
    const auto say = [&](Status status, std::string note) {
      add(group.cell("reverse_vjp"), "inputs_on_kinks", static_cast<double>(*inputs), status, std::move(note));
    };
    if (*inputs == 0)
      say(Status::ok, "no input lies on a kink");
    else if (there.size() < 2)
      say(Status::inconclusive, "fewer than two strategies that differentiate at a kink can be compared");
    else if (apart.empty())
      say(Status::ok, fmt::format("{} strategies took the same slopes there", there.size()));
    else
      say(Status::failed, apart);
  }

  void add_pair(std::size_t a, std::size_t b, Votes& votes) {
    Cell cell = group.cell(judged[a].strategy->name);
    cell.options["partner"] = judged[b].strategy->name;
    const bool bounded = judged[a].tolerance.bound.size() > 0 && judged[b].tolerance.bound.size() > 0;
    if (!bounded || judged[a].nonfinite + judged[b].nonfinite > 0) {
      add(cell, "pair_error_over_bound", std::nan(""), Status::inconclusive,
          bounded ? "one of the two is not finite" : "one of the two has no bound");
      return;
    }
    const double worst =
        pair_over_bound(judged[a].outcome, judged[a].tolerance, judged[b].outcome, judged[b].tolerance);
    if (worst <= 1)
      votes.agree(a, b);
    else
      votes.disagree(a, b);
    add(cell, "pair_error_over_bound", worst, worst <= 1 ? Status::ok : Status::failed,
        fmt::format("trusted by both: {}", formulas(judged[a].strategy->trusts & judged[b].strategy->trusts)));
  }

  /// Strategies that were asked for, on whole numbers: once for a network and scalar, whatever the threads.
  void add_lattice() {
    const bool native = group.engine->name() == "float" || group.engine->name() == "double";
    if (!native) return;
    const double most = std::min(2e7, group.limits.multiplications / 100);
    for (const LatticeFinding& finding : try_lattice(group.problem->network(), *group.engine, most)) {
      if (std::ranges::none_of(group.strategies, [&](const auto* s) { return s->name == finding.strategy; })) continue;
      Cell cell = group.cell(finding.strategy);
      cell.options["subject"] = "lattice";
      const std::string network = "on whole numbers, " + lattice_network(group.problem->network());
      if (!finding.skipped.empty()) {
        add(cell, "mismatched_entries", std::nan(""), Status::limit, finding.skipped + "; " + network);
        continue;
      }
      const bool exact = finding.mismatched == 0 && finding.same_bits;
      add(cell, "mismatched_entries", static_cast<double>(finding.mismatched), exact ? Status::ok : Status::failed,
          exact ? fmt::format("{} entries exact with 1, 2 and 3 threads {}", finding.entries, network)
                : fmt::format("{} of {} entries are not exact with 1, 2 and 3 threads together{} {}",
                              finding.mismatched, 3 * finding.entries,
                              finding.same_bits ? "" : ", and the bits depend on the threads", network));
    }
  }

  void add_vacuity() {
    const std::vector<std::string> reasons = vacuous_conditions(in_double());
    std::string note;
    for (const std::string& reason : reasons) note += (note.empty() ? "VACUOUS: " : "; ") + reason;
    add(group.cell("reverse_vjp"), "vacuous_conditions", static_cast<double>(reasons.size()),
        reasons.empty() ? Status::ok : Status::inconclusive, note);
  }
};

}  // namespace

std::string CellGroup::data_missing() const {
  const double bytes = problem->data_bytes();
  return bytes <= limits.bytes ? ""
                               : fmt::format("the data need {:.3g} bytes, the limit is {:.3g}", bytes, limits.bytes);
}

std::string CellGroup::key() const {
  std::string all;
  for (const StrategyInfo* strategy : strategies) all += cell(strategy->name).id() + " ";
  return hash_text(all + fmt::format("{:.17g} {:.17g} {} {:.17g} {}", limits.bytes, limits.multiplications, sketch,
                                     resolution, this_build()));
}

Cell CellGroup::cell(std::string_view strategy) const {
  Cell cell = problem->cell();
  cell.strategy = strategy;
  cell.scalar = engine->name();
  cell.threads = options.threads;
  cell.kernel = name_of(kernel_used(options.kernel, strategy, engine->name()));
  if (!options.input_gradient) cell.options["input_gradient"] = "no";
  if (options.snapshots > 0) cell.options["snapshots"] = std::to_string(options.snapshots);
  if (options.step_factor != 1) cell.options["step_factor"] = fmt::format("{:g}", options.step_factor);
  cell.options["digits"] = std::to_string(wide_digits());
  return cell;
}

std::vector<Row> check(const CellGroup& group) { return Check(group).run(); }

}  // namespace backprove

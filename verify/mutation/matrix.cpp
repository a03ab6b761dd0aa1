#include "verify/mutation/matrix.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <stdexcept>

#include "verify/jobs.hpp"
#include "verify/mutation/all_checks.hpp"
#include "verify/mutation/subject.hpp"

namespace backprove {

namespace {

Cell cell_of(const Host& host, const MutantInfo& mutant, std::string_view scalar) {
  Cell cell;
  cell.network = host.network.text();
  cell.depth = host.network.depth();
  cell.width = host.network.max_width();
  cell.batch = host.data.x.cols();
  cell.loss = host.loss.name();
  cell.data = "synthetic";
  cell.strategy = mutant.of_reverse_step() ? "reverse_vjp" : mutant.replaces;
  cell.scalar = scalar;
  cell.kernel = "plain";
  cell.options["mutant"] = mutant.name;
  if (host.kind() != Host::Kind::network) cell.options["stage"] = std::to_string(host.stage + 1);
  return cell;
}

/// Throws if a check rejects what is right.
template <class C>
void require_green(const Subject& subject, const Host& host, std::string_view scalar, const C& checks) {
  for (const NamedCheck& check : all_checks())
    if (const CheckResult found = check.run(checks); found.caught)
      throw std::runtime_error(fmt::format("the check '{}' rejects {} as it is, in {}, {}: {}", check.name,
                                           subject.name, scalar, host.name, found.detail));
}

template <class T>
void require_green(const Subject& subject, bool paths) {
  for (std::size_t h = 0; h < subject.hosts.size(); ++h) {
    const Host& host = subject.hosts[h];
    const HostFacts<T>& facts = subject.facts<T>(h);
    const ReverseSteps<T> right;
    if (host.kind() != Host::Kind::network) require_green(subject, host, scalar_name<T>, Checks<T>(facts, right));
    if (!paths || host.kind() == Host::Kind::loss || !serves_paths(host)) continue;
    const JacobianPath<T> by_jacobians;
    const TangentPath<T> by_tangents;
    require_green(subject, host, scalar_name<T>, PathChecks<T>(facts, by_jacobians));
    require_green(subject, host, scalar_name<T>, PathChecks<T>(facts, by_tangents));
  }
}

/// Runs every check on one host; a mutant's stage or strategy is named right if whoever names one names one of
/// `expected`.
template <class C>
void look(Trial& trial, const Host& host, const C& checks, const C& baseline,
          const std::vector<std::string>& expected) {
  trial.applied = trial.applied || checks.bits() != baseline.bits();
  const bool first_kill = !trial.killed();
  bool named = false, wrong = false;
  for (std::size_t c = 0; c < trial.caught.size(); ++c) {
    const CheckResult found = all_checks()[c].run(checks);
    if (!found.caught) continue;
    trial.caught[c] = true;
    trial.hints += found.hint + ";";
    const bool more_telling = first_kill && !named && !found.stage.empty();
    if (trial.host.empty() || more_telling) trial.detail = found.detail;
    if (trial.host.empty()) trial.host = host.name;
    if (!first_kill || found.stage.empty()) continue;
    named = true;
    wrong = wrong || std::ranges::find(expected, found.stage) == expected.end();
  }
  if (first_kill) trial.right_stage = named && !wrong;
  trial.applied = trial.applied || trial.killed();  // a wrong state need not show in the sweep itself
}

template <class T>
void look_at_sweep(Trial& trial, const HostFacts<T>& facts) {
  const Host& host = facts.host;
  const auto steps = trial.mutant->steps<T>(host.stage);
  const ReverseSteps<T> right;
  const bool survives = !trial.killed();
  look(trial, host, Checks<T>(facts, *steps), Checks<T>(facts, right), {stage_name(host)});
  if (survives && trial.killed() && trial.mutant->equivalent.empty())
    trial.rules = ask_rules<T>(host, *trial.mutant->steps<T>(host.stage));
}

template <class T>
void look_at_path(Trial& trial, const HostFacts<T>& facts) {
  const Host& host = facts.host;
  const auto path = trial.mutant->path<T>(host.stage);
  const PathChecks<T> checks(facts, *path);
  const std::string strategy = fmt::format("strategy {}", trial.mutant->replaces);
  if (host.kind() == Host::Kind::network)
    return look(trial, host, checks, PathChecks<T>(facts, EnginePath<T>(trial.mutant->replaces)), {strategy});
  const std::vector<std::string> expected{stage_name(host), strategy};
  if (trial.mutant->replaces == JacobianPath<T>::strategy)
    look(trial, host, checks, PathChecks<T>(facts, JacobianPath<T>()), expected);
  else
    look(trial, host, checks, PathChecks<T>(facts, TangentPath<T>()), expected);
}

template <class T>
Trial run_trial(const Subject& subject, const MutantInfo& mutant, bool quick) {
  Trial trial;
  trial.mutant = &mutant;
  trial.subject = subject.name;
  trial.scalar = scalar_name<T>;
  trial.caught.assign(all_checks().size(), false);
  for (std::size_t h = 0; h < subject.hosts.size(); ++h) {
    const Host& host = subject.hosts[h];
    if (!usable(mutant, host)) continue;
    if (!trial.killed()) trial.cell = cell_of(host, mutant, trial.scalar);
    if (mutant.of_reverse_step())
      look_at_sweep<T>(trial, subject.facts<T>(h));
    else
      look_at_path<T>(trial, subject.facts<T>(h));
    if (quick && trial.killed()) break;
  }
  trial.right_hint = mutant.hint.empty() || trial.hints.find(mutant.hint) != std::string::npos;
  return trial;
}

}  // namespace

bool Trial::killed() const { return std::ranges::find(caught, true) != caught.end(); }

std::vector<Trial> run_mutants(const std::vector<std::string>& names, bool quick, int jobs,
                               const std::function<void(Index, Index)>& done) {
  const auto wanted = [&](std::string_view mutant, std::string_view subject) {
    return names.empty() || std::ranges::find(names, mutant) != names.end() ||
           std::ranges::find(names, subject) != names.end();
  };
  const std::vector<Subject> all = subjects();
  struct Pair {
    const Subject* subject;
    const MutantInfo* mutant;
  };
  std::vector<Pair> pairs;
  for (const MutantInfo& mutant : all_mutants())
    for (const Subject& subject : all)
      if (wanted(mutant.name, subject.name) && subject.takes(mutant)) pairs.push_back({&subject, &mutant});
  on_threads(static_cast<Index>(all.size()), jobs, [&](Index s) {
    const Subject& subject = all[static_cast<std::size_t>(s)];
    const auto asked = [&](const Pair& pair) { return pair.subject == &subject; };
    const auto of_path = [&](const Pair& pair) { return asked(pair) && !pair.mutant->of_reverse_step(); };
    if (std::ranges::none_of(pairs, asked)) return;
    const bool paths = std::ranges::any_of(pairs, of_path);
    require_green<float>(subject, paths);
    require_green<double>(subject, paths);
  });
  std::vector<Trial> trials(2 * pairs.size());
  std::atomic<Index> finished = 0;
  on_threads(static_cast<Index>(trials.size()), jobs, [&](Index i) {
    const Pair& pair = pairs[static_cast<std::size_t>(i / 2)];
    trials[static_cast<std::size_t>(i)] = i % 2 == 0 ? run_trial<float>(*pair.subject, *pair.mutant, quick)
                                                     : run_trial<double>(*pair.subject, *pair.mutant, quick);
    done(++finished, static_cast<Index>(trials.size()));
  });
  return trials;
}

MutationScore score(const std::vector<Trial>& trials) {
  MutationScore total;
  for (const Trial& trial : trials) {
    ++total.pairs;
    if (!trial.applied && trial.mutant->equivalent.empty()) ++total.unapplied;
    if (!trial.mutant->equivalent.empty()) {
      ++total.equivalent;
      total.equivalent_killed += trial.killed() ? 1 : 0;
      continue;
    }
    (trial.killed() ? total.killed : total.survived) += 1;
    total.right_stage += trial.right_stage ? 1 : 0;
    if (trial.mutant->hint.empty()) continue;
    ++total.hints;
    total.right_hint += trial.right_hint ? 1 : 0;
  }
  return total;
}

namespace {

/// What each published rule says. A rejection of the right step too is no catch: the row says so.
void add_rules(std::vector<Row>& rows, const Trial& trial, Cell cell) {
  for (std::size_t r = 0; r < trial.rules.size(); ++r) {
    cell.options["rule"] = rule_names()[r];
    const bool alarm = trial.rules[r] == RuleAnswer::false_alarm;
    rows.push_back(make_row(cell, "rule_caught", trial.rules[r] == RuleAnswer::caught ? 1 : 0,
                            alarm ? Status::inconclusive : Status::ok,
                            alarm ? "false alarm: the rule rejects the right step at this point too" : ""));
  }
}

}  // namespace

std::vector<Row> rows_of(const std::vector<Trial>& trials) {
  std::vector<Row> rows;
  for (const Trial& trial : trials) {
    Cell cell = trial.cell;
    cell.options["subject"] = trial.subject;
    const bool equivalent = !trial.mutant->equivalent.empty();
    const bool good = trial.killed() != equivalent && (trial.applied || equivalent);
    const std::string note = equivalent ? fmt::format("equivalent{}: {}", trial.applied ? "" : ", with the same bits",
                                                      trial.mutant->equivalent)
                             : trial.killed() ? "smallest: " + trial.host + "; " + trial.detail
                             : !trial.applied ? "not applied: no host gives other bits"
                                              : "survived";
    rows.push_back(make_row(cell, "mutant_killed", trial.killed() ? 1 : 0, good ? Status::ok : Status::failed, note));
    for (std::size_t c = 0; c < trial.caught.size(); ++c) {
      Cell one = cell;
      one.options["check"] = all_checks()[c].name;
      rows.push_back(make_row(one, "mutant_caught", trial.caught[c] ? 1 : 0));
    }
    if (equivalent) continue;
    add_rules(rows, trial, cell);
    rows.push_back(make_row(cell, "stage_right", trial.right_stage ? 1 : 0));
    if (!trial.mutant->hint.empty())
      rows.push_back(make_row(cell, "pattern_right", trial.right_hint ? 1 : 0, Status::ok,
                              "expected: " + std::string(trial.mutant->hint)));
  }
  return rows;
}

}  // namespace backprove

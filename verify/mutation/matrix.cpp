#include "verify/mutation/matrix.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <stdexcept>

#include "core/parallel.hpp"
#include "generated/layers.hpp"
#include "generated/losses.hpp"

namespace backprove {

namespace {

/// A layer or loss under test, with its hosts.
struct Subject {
  std::string name;
  std::vector<Host> hosts;

  bool is_loss() const { return hosts.front().stage == hosts.front().network.size(); }
};

std::vector<Subject> subjects() {
  std::vector<Subject> all;
  for_each_layer([&]<class L>() { all.push_back({std::string(L::name), hosts_of_layer(L::name)}); });
  for_each_loss([&]<class K>() { all.push_back({std::string(K::name), hosts_of_loss(K::name)}); });
  return all;
}

bool applies(const MutantInfo& mutant, const Subject& subject) {
  const Host& host = subject.hosts.front();
  return std::ranges::any_of(subject.hosts, [&](const Host& one) {
    if (subject.is_loss()) return mutant.applies_to_loss(one.loss.kind, one.loss.reduction);
    return mutant.applies_to_layer(host.network.layer(host.stage));
  });
}

bool usable(const MutantInfo& mutant, const Host& host) {
  if (host.stage == host.network.size()) return mutant.applies_to_loss(host.loss.kind, host.loss.reduction);
  return mutant.fits(host.network.layer(host.stage), host.data.x.cols());
}

Cell cell_of(const Host& host, const MutantInfo& mutant, std::string_view scalar) {
  Cell cell;
  cell.network = host.network.text();
  cell.depth = host.network.depth();
  cell.width = host.network.max_width();
  cell.batch = host.data.x.cols();
  cell.loss = host.loss.name();
  cell.data = "synthetic";
  cell.strategy = "reverse_vjp";
  cell.scalar = scalar;
  cell.kernel = "plain";
  cell.options["mutant"] = mutant.name;
  cell.options["stage"] = std::to_string(host.stage + 1);
  return cell;
}

template <class T>
constexpr std::string_view scalar_name = std::same_as<T, float> ? "float" : "double";

/// Throws if a check rejects what is right.
template <class T>
void require_green(const Subject& subject) {
  for (const Host& host : subject.hosts) {
    const ReverseSteps<T> right;
    const Checks<T> checks(host, right);
    for (const NamedCheck& check : all_checks())
      if (const CheckResult found = check.run(checks); found.caught)
        throw std::runtime_error(fmt::format("the check '{}' rejects {} as it is, in {}, {}: {}", check.name,
                                             subject.name, scalar_name<T>, host.name, found.detail));
  }
}

template <class T>
Trial run_trial(const Subject& subject, const MutantInfo& mutant, bool quick) {
  Trial trial;
  trial.mutant = &mutant;
  trial.subject = subject.name;
  trial.scalar = scalar_name<T>;
  trial.caught.assign(all_checks().size(), false);
  std::string hints;
  for (const Host& host : subject.hosts) {
    if (!usable(mutant, host)) continue;
    if (!trial.killed()) trial.cell = cell_of(host, mutant, trial.scalar);
    const auto steps = mutant.steps<T>(host.stage);
    const ReverseSteps<T> right;
    const Checks<T> checks(host, *steps), baseline(host, right);
    trial.applied = trial.applied || checks.bits() != baseline.bits();
    const bool first_kill = !trial.killed();
    for (std::size_t c = 0; c < trial.caught.size(); ++c) {
      const CheckResult found = all_checks()[c].run(checks);
      if (!found.caught) continue;
      trial.caught[c] = true;
      hints += found.hint + ";";
      if (trial.host.empty()) {
        trial.host = host.name;
        trial.detail = found.detail;
      }
      if (first_kill && !trial.right_stage) trial.right_stage = found.stage == checks.expected_stage();
    }
    trial.applied = trial.applied || trial.killed();  // a wrong state need not show in the sweep itself
    if (quick && trial.killed()) break;
  }
  trial.right_hint = mutant.hint.empty() || hints.find(mutant.hint) != std::string::npos;
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
      if (wanted(mutant.name, subject.name) && applies(mutant, subject)) pairs.push_back({&subject, &mutant});
  map_chunks(static_cast<Index>(all.size()), 1, jobs, [&](Index s, Index, Index) {
    const Subject& subject = all[static_cast<std::size_t>(s)];
    if (std::ranges::none_of(pairs, [&](const Pair& pair) { return pair.subject == &subject; })) return;
    require_green<float>(subject);
    require_green<double>(subject);
  });
  std::vector<Trial> trials(2 * pairs.size());
  std::atomic<Index> finished = 0;
  map_chunks(static_cast<Index>(trials.size()), 1, jobs, [&](Index i, Index, Index) {
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
    rows.push_back(make_row(cell, "stage_right", trial.right_stage ? 1 : 0));
    if (!trial.mutant->hint.empty())
      rows.push_back(make_row(cell, "pattern_right", trial.right_hint ? 1 : 0, Status::ok,
                              "expected: " + std::string(trial.mutant->hint)));
  }
  return rows;
}

std::string table_of(const std::vector<Trial>& trials) {
  std::string text = fmt::format("{:<42}{:>7}{:>8}", "mutant", "pairs", "killed");
  for (const NamedCheck& check : all_checks()) text += fmt::format("{:>13}", check.name);
  text += fmt::format("{:>8}{:>9}  {}\n", "stage", "pattern", "report");
  std::map<std::string_view, std::vector<const Trial*>> by_mutant;
  for (const Trial& trial : trials) by_mutant[trial.mutant->name].push_back(&trial);
  for (const auto& entry : by_mutant) {
    const std::vector<const Trial*>& list = entry.second;
    const auto count = [&](auto&& f) { return std::ranges::count_if(list, f); };
    text +=
        fmt::format("{:<42}{:>7}{:>8}", entry.first, list.size(), count([](const Trial* t) { return t->killed(); }));
    for (std::size_t c = 0; c < all_checks().size(); ++c)
      text += fmt::format("{:>13}", count([&](const Trial* t) { return t->caught[c]; }));
    const MutantInfo& mutant = *list.front()->mutant;
    text += fmt::format(
        "{:>8}{:>9}  {}\n", count([](const Trial* t) { return t->right_stage; }),
        mutant.hint.empty() ? std::string("-") : std::to_string(count([](const Trial* t) { return t->right_hint; })),
        mutant.equivalent.empty() ? mutant.report : "equivalent");
  }
  return text;
}

}  // namespace backprove

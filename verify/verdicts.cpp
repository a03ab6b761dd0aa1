#include "verify/verdicts.hpp"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

namespace backprove {

namespace {

/// What a judged row is about; empty for measurements.
std::string kind_of(const Row& row) {
  static const std::map<std::string, std::string> kinds{{"verdict", "strategy"},
                                                        {"pair_error_over_bound", "pair"},
                                                        {"stage_error_over_bound", "stage"},
                                                        {"adversary_rejections", "adversary"},
                                                        {"per_sample_error_over_bound", "per_sample"},
                                                        {"agreeing_strategies", "votes"},
                                                        {"mismatched_entries", "lattice"},
                                                        {"vacuous_conditions", "point"},
                                                        {"inputs_on_kinks", "kink"},
                                                        {"sketch_over_bound", "sketch"}};
  const auto found = kinds.find(row.quantity);
  return found == kinds.end() ? "" : found->second;
}

std::string verdict_of(const Row& row) {
  if (row.note.starts_with("VACUOUS")) return "VACUOUS";
  switch (row.status) {
    case Status::ok:
      return "PASS";
    case Status::nonfinite:
      return "FAIL(nonfinite)";
    case Status::failed:
      for (const char* of_state : {"(check 'state'", "(check 'placement'"})
        if (row.note.find(of_state) != std::string::npos) return "FAIL(state)";
      return row.note.starts_with("FAIL(accuracy)") ? "FAIL(accuracy)" : "FAIL(formula)";
    case Status::inconclusive:
      return "INCONCLUSIVE";
    case Status::unsupported:
      return "UNSUPPORTED";
    case Status::limit:
      return "LIMIT";
  }
  return "";
}

std::string option(const Row& row, const char* name) {
  const auto found = row.cell.options.find(name);
  return found == row.cell.options.end() ? "" : found->second;
}

/// "reverse_vjp in float: layer 2, tanh(8), input gradient"
std::string name_of(const Row& row, const std::string& kind) {
  std::string name = fmt::format("{} in {}", row.cell.strategy, row.cell.scalar);
  if (row.cell.threads != 1) name += fmt::format(", {} threads", row.cell.threads);
  if (kind == "stage" || kind == "sketch") name += fmt::format(": {}, {}", option(row, "stage"), option(row, "tensor"));
  if (kind == "pair") name += " with " + option(row, "partner");
  if (kind == "adversary") name += ": adversary of " + option(row, "subject");
  if (kind == "votes") name += ": votes";
  if (kind == "lattice") name += ": whole numbers";
  if (kind == "kink") name += ": slopes at kinks";
  if (kind == "point") name += ": what could not show here";
  if (kind == "per_sample") name += ": sum of single samples";
  return name;
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\n':
        out += "&#10;";
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  return out;
}

bool is_failure(const std::string& verdict) { return verdict.starts_with("FAIL"); }

}  // namespace

nlohmann::json verdict_document(const std::vector<Row>& rows) {
  nlohmann::json list = nlohmann::json::array();
  std::map<std::string, int> totals;
  for (const Row& row : rows) {
    const std::string kind = kind_of(row);
    if (kind.empty()) continue;
    const std::string verdict = verdict_of(row);
    ++totals[verdict];
    nlohmann::json one{{"cell", row.cell.id()},
                       {"network", row.cell.network},
                       {"loss", row.cell.loss},
                       {"batch", row.cell.batch},
                       {"strategy", row.cell.strategy},
                       {"scalar", row.cell.scalar},
                       {"threads", row.cell.threads},
                       {"kind", kind},
                       {"verdict", verdict},
                       {"note", row.note}};
    if (kind != "strategy") one["value"] = std::isfinite(row.value) ? nlohmann::json(row.value) : nlohmann::json();
    for (const char* name : {"stage", "tensor", "partner", "subject"})
      if (const std::string text = option(row, name); !text.empty()) one[name] = text;
    list.push_back(std::move(one));
  }
  return {{"schema", "backprove-verdicts-1"}, {"totals", totals}, {"verdicts", std::move(list)}};
}

std::string junit_document(const std::vector<Row>& rows) {
  struct Suite {
    int tests = 0, failures = 0, skipped = 0;
    std::string cases;
  };
  std::map<std::string, Suite> suites;
  for (const Row& row : rows) {
    const std::string kind = kind_of(row);
    if (kind.empty()) continue;
    const std::string verdict = verdict_of(row);
    Suite& suite = suites[row.cell.network];
    ++suite.tests;
    suite.cases +=
        fmt::format("    <testcase classname=\"backprove.{}\" name=\"{}\"", kind, escaped(name_of(row, kind)));
    if (verdict == "PASS") {
      suite.cases += "/>\n";
    } else if (is_failure(verdict)) {
      ++suite.failures;
      suite.cases += fmt::format("><failure type=\"{}\" message=\"{}\"/></testcase>\n", verdict, escaped(row.note));
    } else {
      ++suite.skipped;
      suite.cases += fmt::format("><skipped message=\"{}: {}\"/></testcase>\n", verdict, escaped(row.note));
    }
  }
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  for (const auto& [network, suite] : suites)
    text += fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\">\n{}  </testsuite>\n",
                        escaped(network), suite.tests, suite.failures, suite.skipped, suite.cases);
  return text + "</testsuites>\n";
}

}  // namespace backprove

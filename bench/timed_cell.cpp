#include "bench/timed_cell.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace backprove {

bool TimedCell::is_part() const {
  constexpr std::string_view sampled[] = {"gradient", "loss", "control", "meetings", "apart"};
  return std::ranges::find(sampled, what) == std::end(sampled);
}

std::vector<std::vector<double>> TimedCell::quantiles(double TimeSample::*member, double q) const {
  std::vector<std::vector<double>> list;
  for (const auto& samples : processes) {
    std::map<Index, std::vector<double>> of_copy;
    for (const TimeSample& sample : samples) of_copy[sample.copy].push_back(sample.*member);
    std::vector<double>& found = list.emplace_back();
    for (auto& [copy, numbers] : of_copy) found.push_back(quantile(std::move(numbers), q));
  }
  return list;
}

double TimedCell::figure(double TimeSample::*member, double q) const {
  std::vector<double> all;
  for (const auto& list : quantiles(member, q)) all.insert(all.end(), list.begin(), list.end());
  return quantile(std::move(all), 0.5);
}

std::vector<double> TimedCell::figures(double TimeSample::*member, double q) const {
  std::vector<double> medians;
  for (auto& list : quantiles(member, q)) medians.push_back(quantile(std::move(list), 0.5));
  return medians;
}

double TimedCell::spread(double TimeSample::*member, double q) const {
  const std::vector<double> medians = figures(member, q);
  const auto [least, most] = std::ranges::minmax(medians);
  return most / least - 1;
}

double TimedCell::ratio_to(const TimedCell& other, double TimeSample::*member, double q) const {
  std::vector<double> ratios = figures(member, q);
  const std::vector<double> others = other.figures(member, q);
  ratios.resize(std::min(ratios.size(), others.size()));
  for (std::size_t k = 0; k < ratios.size(); ++k) ratios[k] /= others[k];
  return quantile(std::move(ratios), 0.5);
}

Index TimedCell::copies() const {
  Index all = 0;
  for (const auto& list : quantiles(&TimeSample::wall, 0)) all += std::ssize(list);
  return all;
}

Index TimedCell::fewest_samples() const {
  const auto fewer = [](const auto& a, const auto& b) { return a.size() < b.size(); };
  return static_cast<Index>(std::min_element(processes.begin(), processes.end(), fewer)->size());
}

std::string TimedCell::lines() const {
  std::string text;
  const std::string id = cell.id();
  for (std::size_t k = 0; k < processes.size(); ++k)
    for (const TimeSample& sample : processes[k])
      text += fmt::format("{},{},{},{},{},{},{:.9g},{:.9g},{},{},{:.9g},{}\n", id, what, cell.strategy, cell.threads,
                          sample.order, sample.calls, sample.wall, sample.cpu, sample.context_switches, k, sample.cold,
                          sample.copy);
  return text;
}

nlohmann::json to_json(const TimedCell& timed) {
  nlohmann::json processes = nlohmann::json::array();
  for (const auto& samples : timed.processes) {
    nlohmann::json list = nlohmann::json::array();
    for (const TimeSample& s : samples)
      list.push_back({s.order, s.calls, s.cold, s.wall, s.cpu, s.context_switches, s.copy});
    processes.push_back(std::move(list));
  }
  return {
      {"what", timed.what}, {"cell", to_json(timed.cell)}, {"processes", std::move(processes)}, {"note", timed.note}};
}

TimedCell timed_cell_from_json(const nlohmann::json& json) {
  TimedCell timed{json.at("what"), cell_from_json(json.at("cell")), {}, json.at("note")};
  for (const nlohmann::json& list : json.at("processes")) {
    std::vector<TimeSample>& samples = timed.processes.emplace_back();
    for (const nlohmann::json& s : list)
      samples.push_back({s.at(0), s.at(1), s.at(2), s.at(3), s.at(4), s.at(5), s.at(6)});
  }
  return timed;
}

}  // namespace backprove

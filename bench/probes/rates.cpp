#include "bench/probes/rates.hpp"

#include <algorithm>
#include <stdexcept>

#include "bench/timed_cell.hpp"

namespace backprove {

namespace {

/// What a way takes to do its thing once.
double seconds_of(const MeasuredRates::Way& way, const std::vector<TimeSample>& samples) {
  const TimedCell timed{"", {}, {samples}};
  return timed.figure(&TimeSample::wall, 0.1) / way.times;
}

}  // namespace

std::vector<MeasuredRates::Way> MeasuredRates::ways_of(
    const std::string& key, const std::function<std::vector<Way>(const Wanted&)>& make) const {
  const auto found = chosen.find(key);
  std::vector<Way> ways = make([&](const std::string& name) { return found == chosen.end() || found->second == name; });
  // What another process found the fastest is not to be had here.
  if (ways.empty() && found != chosen.end()) ways = make([](const std::string&) { return true; });
  if (ways.empty()) throw std::logic_error("nothing can be measured for " + key);
  return ways;
}

MeasuredRates::Rate MeasuredRates::fastest(const std::string& key,
                                           const std::function<std::vector<Way>(const Wanted&)>& make) {
  if (const auto known = rates.find(key); known != rates.end()) return known->second;
  if (planning)
    if (const auto asked = std::ranges::find(planned, key); asked != planned.end())
      return {1, planned_ways[static_cast<std::size_t>(asked - planned.begin())].timed.name};
  std::vector<Way> ways = ways_of(key, make);
  Rate best{1, ways.front().timed.name};
  std::size_t place = 0;
  if (!planning || ways.size() > 1) {
    std::vector<Timed> things;
    for (const Way& way : ways) things.push_back(way.timed);
    const Timings samples = interleaved(things, plan, [](Index, Index) {});
    for (std::size_t k = 0; k < ways.size(); ++k) {
      const double seconds = seconds_of(ways[k], samples.of[k]);
      if (k > 0 && seconds >= best.seconds) continue;
      best = {seconds, ways[k].timed.name};
      place = k;
    }
  }
  if (ways.size() > 1) chosen[key] = best.by;
  if (!planning) return rates[key] = best;
  planned.push_back(key);
  planned_ways.push_back(std::move(ways[place]));
  return best;
}

std::vector<MeasuredRates::Way> MeasuredRates::needed(const std::function<void()>& ask) {
  rates.clear();
  planned.clear();
  planned_ways.clear();
  planning = true;
  ask();
  planning = false;
  return planned_ways;
}

void MeasuredRates::know(const std::vector<std::vector<TimeSample>>& samples) {
  for (std::size_t k = 0; k < planned.size(); ++k)
    rates[planned[k]] = {seconds_of(planned_ways[k], samples.at(k)), planned_ways[k].timed.name};
  planned_ways.clear();  // their arrays can be large
}

}  // namespace backprove

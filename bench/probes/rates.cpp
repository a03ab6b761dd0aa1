#include "bench/probes/rates.hpp"

namespace backprove {

MeasuredRates::Rate& MeasuredRates::fastest(const std::string& key, const std::vector<Timed>& ways) {
  const auto found = rates.find(key);
  if (found != rates.end()) return found->second;
  Rate rate;
  const Timings samples = interleaved(ways, plan, [](Index, Index) {});
  for (std::size_t k = 0; k < ways.size(); ++k) {
    std::vector<double> wall;
    wall.reserve(samples.of[k].size());
    for (const TimeSample& sample : samples.of[k]) wall.push_back(sample.wall);
    const double seconds = quantile(std::move(wall), 0.1);
    if (rate.by.empty() || seconds < rate.seconds) rate = {seconds, ways[k].name};
  }
  return rates[key] = rate;
}

}  // namespace backprove

#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "bench/sampling.hpp"

namespace backprove {

/// What was measured on demand in this process, each thing once, under a key.
class MeasuredRates {
 public:
  struct Rate {
    double seconds = 0;  ///< tenth percentile of one call
    std::string by;      ///< the name of what was called
  };
  explicit MeasuredRates(SamplingPlan with) : plan(with) {}

  const SamplingPlan& sampling() const { return plan; }
  bool known(const std::string& key) const { return rates.contains(key); }
  /// The fastest of several ways to do the same.
  Rate& fastest(const std::string& key, const std::vector<Timed>& ways);
  /// Of one thing, which is made where it is not known yet: its arrays can be large.
  double seconds(const std::string& key, const std::function<Timed()>& make) {
    return known(key) ? rates.at(key).seconds : fastest(key, {make()}).seconds;
  }

 private:
  SamplingPlan plan;
  std::map<std::string, Rate> rates;
};

}  // namespace backprove

#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "bench/sampling.hpp"

namespace backprove {

/// What was measured on demand in this process, each thing once, under a key; or (`needed`) what is to be measured
/// together with other things.
class MeasuredRates {
 public:
  /// A way to do something, under a name of its own, and how often a call does it.
  struct Way {
    Timed timed;
    double times = 1;
  };
  struct Rate {
    double seconds = 0;  ///< tenth percentile of a call (the median of its copies'), over `times`
    std::string by;      ///< the name of the way
  };
  /// Name of the fastest of several ways, by key.
  using Fastest = std::map<std::string, std::string>;
  /// Whether a way of that name is wanted: all are until the fastest is known.
  using Wanted = std::function<bool(const std::string& name)>;

  explicit MeasuredRates(SamplingPlan with) : plan(with) {}

  /// The fastest of several ways to do the same. They are made where it is not known: their arrays can be large.
  Rate fastest(const std::string& key, const std::function<std::vector<Way>(const Wanted&)>& make);
  /// Of the only way to do something.
  double seconds(const std::string& key, const std::function<Way()>& make) {
    return fastest(key, [&](const Wanted&) { return std::vector<Way>{make()}; }).seconds;
  }

  /// What `ask` needs, to be measured anew: all that was known is forgotten but which way is the fastest. `ask` is
  /// called once, with rates that mean nothing. Somebody else samples these ways, and gives `know` what came of it.
  std::vector<Way> needed(const std::function<void()>& ask);
  /// The samples of `needed`, in its order.
  void know(const std::vector<std::vector<TimeSample>>& samples);

  const Fastest& fastest_ways() const { return chosen; }
  /// Another process found these out.
  void learn(const Fastest& ways) { chosen.insert(ways.begin(), ways.end()); }

 private:
  SamplingPlan plan;
  std::map<std::string, Rate> rates;
  Fastest chosen;
  bool planning = false;
  std::vector<std::string> planned;  ///< keys
  std::vector<Way> planned_ways;

  std::vector<Way> ways_of(const std::string& key, const std::function<std::vector<Way>(const Wanted&)>& make) const;
};

}  // namespace backprove

#pragma once

#include <ctime>
#include <vector>

namespace backprove {

/// Processor time of the threads that the process has when this is made, in seconds. Each thread is asked by itself:
/// the clock of the whole process counts what runs on another core up to that core's last tick only, some milliseconds
/// ago.
class ProcessorClock {
 public:
  explicit ProcessorClock(bool alone);
  double now() const;

 private:
  std::vector<clockid_t> threads;
};

}  // namespace backprove

#include "bench/processor_clock.hpp"

#include <filesystem>
#include <string>

namespace backprove {

namespace {

/// As pthread_getcpuclockid makes it of a thread's number (bits 0 and 1: what was scheduled; bit 2: of a thread).
clockid_t clock_of_thread(int number) { return static_cast<clockid_t>((~static_cast<unsigned>(number) << 3) | 6U); }

}  // namespace

ProcessorClock::ProcessorClock(bool alone) {
  if (alone) {
    threads.push_back(CLOCK_THREAD_CPUTIME_ID);
    return;
  }
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task"))
    threads.push_back(clock_of_thread(std::stoi(thread.path().filename().string())));
}

double ProcessorClock::now() const {
  double sum = 0;
  for (const clockid_t one : threads) {
    timespec time{};
    if (clock_gettime(one, &time) == 0)  // else it has ended
      sum += static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  }
  return sum;
}

}  // namespace backprove

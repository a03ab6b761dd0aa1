#include "core/instantiate/instantiate.hpp"

namespace backprove {

const Engine& engine_mpfi() {
  static const EngineOf<Interval> engine("mpfi", "MPFI intervals, outward rounded");
  return engine;
}

}  // namespace backprove

#include "core/instantiate/instantiate.hpp"

namespace backprove {

const Engine& engine_running_error() {
  static const EngineOf<RunningError> engine("running_error", "double with a running bound of its rounding error",
                                             false);
  return engine;
}

}  // namespace backprove

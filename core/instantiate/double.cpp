#include "core/instantiate/instantiate.hpp"

namespace backprove {

const Engine& engine_double() {
  static const EngineOf<double> engine("double", "IEEE double precision");
  return engine;
}

}  // namespace backprove

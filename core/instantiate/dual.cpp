#include "core/instantiate/instantiate.hpp"

namespace backprove {

const Engine& engine_dual() {
  static const EngineOf<Dual<double, 1>> engine("dual", "double with one tangent");
  return engine;
}

}  // namespace backprove

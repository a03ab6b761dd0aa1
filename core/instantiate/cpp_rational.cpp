#include "core/instantiate/instantiate.hpp"

namespace backprove {

const Engine& engine_cpp_rational() {
  static const EngineOf<Rational> engine(
      "cpp_rational", "exact rational numbers of any size (piecewise-linear networks, squared error)");
  return engine;
}

}  // namespace backprove

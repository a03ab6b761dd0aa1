#include "core/instantiate/instantiate.hpp"

namespace backprove {

const Engine& engine_long_double() {
  static const EngineOf<long double> engine("long_double", "x87 extended precision, 64 bits");
  return engine;
}

}  // namespace backprove

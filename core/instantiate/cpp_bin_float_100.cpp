#include "core/instantiate/instantiate.hpp"

namespace backprove {

const Engine& engine_cpp_bin_float_100() {
  static const EngineOf<Float100> engine("cpp_bin_float_100",
                                         "Boost.Multiprecision binary floating point, 100 decimal digits");
  return engine;
}

}  // namespace backprove

#include "core/instantiate/instantiate.hpp"

namespace backprove {

const Engine& engine_cpp_bin_float_50() {
  static const EngineOf<Float50> engine("cpp_bin_float_50",
                                        "Boost.Multiprecision binary floating point, 50 decimal digits");
  return engine;
}

}  // namespace backprove

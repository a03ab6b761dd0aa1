#include "core/instantiate/instantiate.hpp"

namespace backprove {

const Engine& engine_mpfr() {
  static const EngineOf<Wide> engine("mpfr", "MPFR through Boost.Multiprecision, digits chosen at run time");
  return engine;
}

}  // namespace backprove

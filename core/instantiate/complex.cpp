#include "core/instantiate/instantiate.hpp"

namespace backprove {

const Engine& engine_complex() {
  static const EngineOf<Complex<double>> engine("complex", "pairs of doubles, holomorphic, never conjugated");
  return engine;
}

}  // namespace backprove

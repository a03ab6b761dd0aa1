#include "core/instantiate/instantiate.hpp"

namespace backprove {

const Engine& engine_float() {
  static const EngineOf<float> engine("float", "IEEE single precision");
  return engine;
}

}  // namespace backprove

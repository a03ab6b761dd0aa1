#include "core/instantiate/instantiate.hpp"

namespace backprove {

const Engine& engine_counting() {
  static const EngineOf<Counting<double>> engine("counting", "double that counts its operations");
  return engine;
}

}  // namespace backprove

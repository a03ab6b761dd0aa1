#pragma once

#include <memory>

#include "verify/stage/record.hpp"

namespace backprove {

/// A mutant of verify/mutants, without templates.
struct MutantInfo {
  std::string_view name, what, report, hint, equivalent;
  bool (*applies_to_layer)(const AnyLayer& layer);
  bool (*fits)(const AnyLayer& layer, Index batch);
  bool (*applies_to_loss)(const AnyLoss& loss, Reduction reduction);
  std::unique_ptr<ReverseSteps<float>> (*in_float)(Index stage);
  std::unique_ptr<ReverseSteps<double>> (*in_double)(Index stage);

  template <class T>
  std::unique_ptr<ReverseSteps<T>> steps(Index stage) const {
    if constexpr (std::same_as<T, float>)
      return in_float(stage);
    else
      return in_double(stage);
  }
};

/// All mutants, by name.
const std::vector<MutantInfo>& all_mutants();

}  // namespace backprove

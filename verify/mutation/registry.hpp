#pragma once

#include <memory>

#include "verify/mutation/path.hpp"
#include "verify/stage/record.hpp"

namespace backprove {

/// A mutant of verify/mutants, without templates.
struct MutantInfo {
  std::string_view name, what, report, hint, equivalent;
  std::string_view replaces;  ///< the strategy that a mutant of another path corrupts; empty for reverse steps
  bool (*applies_to_layer)(const AnyLayer& layer);
  bool (*fits)(const AnyLayer& layer, Index batch);
  bool (*applies_to_loss)(const AnyLoss& loss, Reduction reduction);
  bool (*applies_to_network)(const Network& network);
  std::unique_ptr<ReverseSteps<float>> (*in_float)(Index stage);
  std::unique_ptr<ReverseSteps<double>> (*in_double)(Index stage);
  std::unique_ptr<Path<float>> (*path_in_float)(Index stage);
  std::unique_ptr<Path<double>> (*path_in_double)(Index stage);

  bool of_reverse_step() const { return replaces.empty(); }
  template <class T>
  std::unique_ptr<ReverseSteps<T>> steps(Index stage) const {
    if constexpr (std::same_as<T, float>)
      return in_float(stage);
    else
      return in_double(stage);
  }
  template <class T>
  std::unique_ptr<Path<T>> path(Index stage) const {
    if constexpr (std::same_as<T, float>)
      return path_in_float(stage);
    else
      return path_in_double(stage);
  }
};

/// All mutants, by name.
const std::vector<MutantInfo>& all_mutants();

}  // namespace backprove

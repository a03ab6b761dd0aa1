#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/types.hpp"

namespace backprove {

/// A wrong tensor with all that is known about it, in double. Every matrix has the shape of `got`.
struct Suspect {
  const Matrix<double>&got, &exact, &bound;
  Index batch = 1;
  bool columns_are_samples = false;
  /// What a known mistake would have given, and its name. A factor in front of it is recognised too.
  std::vector<std::pair<std::string, Matrix<double>>> alternatives;
};

/// The pattern that fits: a factor, a transposition, a permutation, one of the alternatives, or where the wrong entries
/// lie. Empty if none does.
std::string hint_of(const Suspect& suspect);

}  // namespace backprove

#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/types.hpp"

/// Optional fast array versions of named formulas, for float and double. Without them everything still works, and gives
/// the same answers within the same bounds.
namespace backprove {

class Network;

template <class T>
struct Primitives;

/// One instruction set's versions. They are compiled in every build and chosen at run time.
struct Kernel {
  std::string_view name, description;
  /// Whether this processor has the instructions.
  bool (*runs_here)();
  const Primitives<float>& (*in_float)();
  const Primitives<double>& (*in_double)();

  template <class T>
  const Primitives<T>& primitives() const {
    if constexpr (std::is_same_v<T, float>)
      return in_float();
    else
      return in_double();
  }
  /// Empty, or what a few small problems showed to be wrong when this process first asked: a kernel is not used then.
  std::string wrong() const;
};

/// All of them, the fastest first.
const std::vector<Kernel>& kernels();
/// nullptr for "plain", the layers' own formulas; "auto" is the first that runs here and is not wrong, if there is one.
/// Throws std::invalid_argument with the known names, or with the reason why this one cannot be used here.
const Kernel* kernel_named(std::string_view name);
/// Empty, or why fused sweeps leave this network to the layers' own formulas.
std::string beyond_kernels(const Network& network);
/// The kernel that a strategy uses in a scalar when `asked` is asked for, at least for its larger products: it, or
/// nullptr (other scalars; strategies that compute in numbers of their own).
const Kernel* kernel_used(const Kernel* asked, std::string_view strategy, std::string_view scalar);
/// The same for whole sweeps by fused tiles: reverse_vjp and jacobian_structured on networks that kernels can serve.
const Kernel* fused_kernel(const Kernel* asked, std::string_view strategy, std::string_view scalar,
                           const Network& network);
inline std::string_view name_of(const Kernel* kernel) { return kernel ? kernel->name : "plain"; }

}  // namespace backprove

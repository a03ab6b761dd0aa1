#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/types.hpp"

/// Matrix products of other libraries, to compare with and to know what is possible on this processor. None is needed:
/// one file of this folder is one library, found when the program is built or when it runs.
namespace backprove {

/// C (m x n) = A (m x k) B (k x n), or A B^T with B n x k; all stored column by column without gaps.
template <class T>
struct ProductTask {
  Index m, k, n;
  const T* a;
  const T* b;
  bool b_transposed;
  T* c;
};

/// A product whose code and layout are ready. `run` computes it; `finish` then sees to it that C is where the task has
/// it. Empty functions: the library has no such product.
struct ReadyProduct {
  std::function<void()> run, finish;
};

struct ProductLibrary {
  std::string_view name;
  /// Empty, or why it cannot be used: "not installed".
  std::string (*missing)();
  /// Its version, and the kind of processor that it takes this one for.
  std::string (*version)();
  /// One thread each. The task's memory must outlive what is returned.
  ReadyProduct (*in_float)(const ProductTask<float>&);
  ReadyProduct (*in_double)(const ProductTask<double>&);

  template <class T>
  ReadyProduct ready(const ProductTask<T>& task) const {
    if constexpr (sizeof(T) == sizeof(float))
      return in_float(task);
    else
      return in_double(task);
  }
  /// Empty, or what its own check found wrong on this processor, in this process and before in a child that may crash:
  /// products of several shapes against long double, within the rounding bound gamma_k |A| |B| (Higham 2002,
  /// section 3.5). Checked once; nothing of a library is trusted before.
  std::string wrong() const;
};

/// All of them, in the order of their files' names.
const std::vector<ProductLibrary>& product_libraries();
/// Throws std::invalid_argument with the known names.
const ProductLibrary& product_library_named(std::string_view name);

/// A function of a shared library that is loaded when it is first asked for, or nullptr. The environment variable
/// `override` may name another file.
void* shared_function(const char* library, const char* override, const char* function);

}  // namespace backprove

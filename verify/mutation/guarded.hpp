#pragma once

#include <cstring>
#include <limits>

#include "core/types.hpp"

namespace backprove {

/// Numbers inside a larger buffer: they begin one number after an address that is aligned for vectors, and lie between
/// two guards.
template <class T>
class Guarded {
 public:
  explicit Guarded(Index n) : all(n + 2) { all.setConstant(guard); }
  Guarded(const T* from, Index n) : Guarded(n) {
    if (n > 0) std::memcpy(data(), from, static_cast<std::size_t>(n) * sizeof(T));
  }

  T* data() { return all.data() + 1; }
  const T* data() const { return all.data() + 1; }
  Index size() const { return all.size() - 2; }
  bool holds(const T* other) const {
    return size() == 0 || std::memcmp(data(), other, static_cast<std::size_t>(size()) * sizeof(T)) == 0;
  }
  bool guards_hold() const { return is_guard(all(0)) && is_guard(all(all.size() - 1)); }

 private:
  static constexpr T guard = std::numeric_limits<T>::quiet_NaN();
  Vector<T> all;

  static bool is_guard(const T& x) { return std::memcmp(&x, &guard, sizeof(T)) == 0; }
};

}  // namespace backprove

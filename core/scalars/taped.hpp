#pragma once

#include <cstdint>
#include <vector>

#include "core/math.hpp"
#include "core/scalars/interval.hpp"
#include "core/scalars/rational.hpp"
#include "core/scalars/running_error.hpp"
#include "core/types.hpp"

/// Reverse mode on a tape of scalar operations. It knows the derivatives of + - * / and of a dozen functions, nothing
/// of layers; sigmoid and softplus (but for intervals) are composed of exp and log1p here.
namespace backprove {

/// Scalars that are sets of numbers, for which a kink inside a composition would widen what is smooth.
template <class T>
inline constexpr bool encloses = std::same_as<T, Interval>;

template <class T>
struct Taped {
  T value = T(0);
  std::int64_t node = -1;  ///< -1 for constants, which leave nothing on the tape

  Taped() = default;
  Taped(int x) : value(x) {}     // NOLINT(google-explicit-constructor): a constant
  Taped(double x) : value(x) {}  // NOLINT(google-explicit-constructor): a constant
  Taped(T x, std::int64_t where) : value(std::move(x)), node(where) {}

  Taped& operator+=(const Taped& b) { return *this = *this + b; }
  Taped& operator-=(const Taped& b) { return *this = *this - b; }
  Taped& operator*=(const Taped& b) { return *this = *this * b; }
  Taped& operator/=(const Taped& b) { return *this = *this / b; }
};

/// This thread's tape: for every operation its arguments, and its partial derivatives where they are not 1 or -1.
template <class T>
class Tape {
 public:
  static Tape& active() {
    static thread_local Tape tape;
    return tape;
  }
  void clear() {
    nodes.clear();
    partials.clear();
  }
  Index size() const { return static_cast<Index>(nodes.size()); }
  Taped<T> input(const T& value) { return {value, add({-1, -1, plain, plain})}; }

  /// A sum or difference: `sign` is the derivative by b.
  Taped<T> linear(T value, std::int64_t a, std::int64_t b, bool minus) {
    if (a < 0 && b < 0) return {std::move(value), -1};
    return {std::move(value), add({a, b, plain, minus ? negative : plain})};
  }
  /// A function with partial derivative da by a, and db by b; derivatives by constants are dropped.
  Taped<T> function(T value, std::int64_t a, const T& da) {
    if (a < 0) return {std::move(value), -1};
    return {std::move(value), add({a, -1, keep(da), plain})};
  }
  Taped<T> function(T value, std::int64_t a, const T& da, std::int64_t b, const T& db) {
    if (a < 0 && b < 0) return {std::move(value), -1};
    return {std::move(value), add({a, b, a < 0 ? plain : keep(da), b < 0 ? plain : keep(db)})};
  }

  /// adjoint (size() entries, seeded by the caller): from the last operation to the first, adds to every argument's
  /// adjoint the operation's times the partial derivative.
  void reverse(std::vector<T>& adjoint) const {
    for (std::size_t n = nodes.size(); n-- > 0;) {
      const Node& node = nodes[n];
      if (node.a >= 0) pass(adjoint, node.a, adjoint[n], node.da);
      if (node.b >= 0) pass(adjoint, node.b, adjoint[n], node.db);
    }
  }

 private:
  static constexpr std::int64_t plain = -1, negative = -2;  // partial derivatives 1 and -1
  struct Node {
    std::int64_t a, b, da, db;
  };
  std::vector<Node> nodes;
  std::vector<T> partials;

  std::int64_t add(const Node& node) {
    nodes.push_back(node);
    return static_cast<std::int64_t>(nodes.size()) - 1;
  }
  std::int64_t keep(const T& partial) {
    partials.push_back(partial);
    return static_cast<std::int64_t>(partials.size()) - 1;
  }
  void pass(std::vector<T>& adjoint, std::int64_t to, const T& from, std::int64_t partial) const {
    T& target = adjoint[static_cast<std::size_t>(to)];
    if (partial == plain)
      target += from;
    else if (partial == negative)
      target -= from;
    else
      target += from * partials[static_cast<std::size_t>(partial)];
  }
};

template <class T>
Taped<T> operator+(const Taped<T>& a, const Taped<T>& b) {
  return Tape<T>::active().linear(a.value + b.value, a.node, b.node, false);
}
template <class T>
Taped<T> operator-(const Taped<T>& a, const Taped<T>& b) {
  return Tape<T>::active().linear(a.value - b.value, a.node, b.node, true);
}
template <class T>
Taped<T> operator-(const Taped<T>& a) {
  return Taped<T>(0) - a;
}
/// An interval times itself is its square: [-1, 2]^2 = [0, 4], where a product of two unknowns would give [-2, 4].
template <class T>
Taped<T> operator*(const Taped<T>& a, const Taped<T>& b) {
  if constexpr (std::same_as<T, Interval>)
    if (a.node >= 0 && a.node == b.node)
      return Tape<T>::active().function(Interval::apply(mpfi_sqr, a.value), a.node, a.value, b.node, a.value);
  return Tape<T>::active().function(a.value * b.value, a.node, b.value, b.node, a.value);
}
/// d(a/b) = da/b - (a/b)/b db.
template <class T>
Taped<T> operator/(const Taped<T>& a, const Taped<T>& b) {
  const T quotient = a.value / b.value;
  return Tape<T>::active().function(quotient, a.node, T(1) / b.value, b.node, -(quotient / b.value));
}

namespace taped_rules {

using namespace math;

template <class T>
Taped<T> record(const Taped<T>& x, const T& value, const T& slope) {
  return Tape<T>::active().function(value, x.node, slope);
}
template <class T>
T erf_slope(const T& x) {
  return T(2) / sqrt(Constants<T>::pi()) * exp(T(-(x * x)));
}
// clang-format off
template <class T> Taped<T> exp_(const Taped<T>& x) { const T y = exp(x.value); return record(x, y, y); }
template <class T> Taped<T> expm1_(const Taped<T>& x) { return record(x, T(expm1(x.value)), T(exp(x.value))); }
template <class T> Taped<T> log_(const Taped<T>& x) { return record(x, T(log(x.value)), T(T(1) / x.value)); }
template <class T> Taped<T> log1p_(const Taped<T>& x) { return record(x, T(log1p(x.value)), T(T(1) / (T(1) + x.value))); }
template <class T> Taped<T> sqrt_(const Taped<T>& x) { const T y = sqrt(x.value); return record(x, y, T(T(1) / (T(2) * y))); }
template <class T> Taped<T> tanh_(const Taped<T>& x) { const T y = tanh(x.value); return record(x, y, T((T(1) - y) * (T(1) + y))); }
template <class T> Taped<T> sin_(const Taped<T>& x) { return record(x, T(sin(x.value)), T(cos(x.value))); }
template <class T> Taped<T> erf_(const Taped<T>& x) { return record(x, T(erf(x.value)), erf_slope(x.value)); }
template <class T> Taped<T> erfc_(const Taped<T>& x) { return record(x, T(erfc(x.value)), T(-erf_slope(x.value))); }
template <class T> Taped<T> max0_(const Taped<T>& x) { return record(x, T(max0(x.value)), T(step(x.value))); }
template <class T> Taped<T> min0_(const Taped<T>& x) { return record(x, T(min0(x.value)), T(T(1) - step(x.value))); }
template <class T> T step_(const Taped<T>& x) { return step(x.value); }
template <class T> T larger_(const Taped<T>& a, const Taped<T>& b) { return larger(a.value, b.value); }
template <class T> T detach_(const Taped<T>& x) { return detach(x.value); }
template <class T> double to_double_(const Taped<T>& x) { return to_double(x.value); }
// clang-format on

}  // namespace taped_rules

// clang-format off
template <class T> Taped<T> exp(const Taped<T>& x) { return taped_rules::exp_(x); }
template <class T> Taped<T> expm1(const Taped<T>& x) { return taped_rules::expm1_(x); }
template <class T> Taped<T> log(const Taped<T>& x) { return taped_rules::log_(x); }
template <class T> Taped<T> log1p(const Taped<T>& x) { return taped_rules::log1p_(x); }
template <class T> Taped<T> sqrt(const Taped<T>& x) { return taped_rules::sqrt_(x); }
template <class T> Taped<T> tanh(const Taped<T>& x) { return taped_rules::tanh_(x); }
template <class T> Taped<T> sin(const Taped<T>& x) { return taped_rules::sin_(x); }
template <class T> Taped<T> erf(const Taped<T>& x) { return taped_rules::erf_(x); }
template <class T> Taped<T> erfc(const Taped<T>& x) { return taped_rules::erfc_(x); }
template <class T> Taped<T> max0(const Taped<T>& x) { return taped_rules::max0_(x); }
template <class T> Taped<T> min0(const Taped<T>& x) { return taped_rules::min0_(x); }
template <class T> Taped<T> step(const Taped<T>& x) { return {taped_rules::step_(x), -1}; }
template <class T> Taped<T> larger(const Taped<T>& a, const Taped<T>& b) { return {taped_rules::larger_(a, b), -1}; }
template <class T> Taped<T> detach(const Taped<T>& x) { return {taped_rules::detach_(x), -1}; }
template <class T> double to_double(const Taped<T>& x) { return taped_rules::to_double_(x); }
// clang-format on

/// 1/(1 + e^-x), for intervals as one function with the slope s(x) s(-x), which stays finite where e^-x overflows even
/// an interval's range; else e^min(x,0)/(1 + e^-|x|), which does not overflow.
template <class T>
Taped<T> sigmoid(const Taped<T>& x) {
  if constexpr (encloses<T>) {
    const T s = sigmoid(x.value);
    return taped_rules::record(x, s, T(s * sigmoid(-x.value)));
  } else {
    return exp(min0(x)) / (Taped<T>(1) + exp(min0(x) - max0(x)));
  }
}
/// log(1 + e^x), likewise; its derivative, for intervals, is the sigmoid.
template <class T>
Taped<T> softplus(const Taped<T>& x) {
  if constexpr (encloses<T>)
    return taped_rules::record(x, softplus(x.value), sigmoid(x.value));
  else
    return max0(x) + log1p(exp(min0(x) - max0(x)));
}

template <class T>
struct math::Constants<Taped<T>> {
  static Taped<T> pi() { return {math::Constants<T>::pi(), -1}; }
  static Taped<T> sqrt2() { return {math::Constants<T>::sqrt2(), -1}; }
};

}  // namespace backprove

template <class T>
struct Eigen::NumTraits<backprove::Taped<T>> : Eigen::NumTraits<double> {
  using Real = backprove::Taped<T>;
  using NonInteger = Real;
  using Nested = Real;
  using Literal = Real;
  enum { IsComplex = 0, RequireInitialization = 1, ReadCost = 8, AddCost = 32, MulCost = 64 };
};

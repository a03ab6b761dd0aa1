#pragma once

#include <array>
#include <cstdint>

#include "core/math.hpp"
#include "core/types.hpp"

/// A number that counts what is done with it, by what it is done for.
namespace backprove {

/// What an operation belongs to.
enum class Term {
  value,             ///< a layer's value
  slope,             ///< an activation's derivative itself
  diagonal,          ///< products with the Jacobians of activations and norms
  product,           ///< matrix products of the chain
  parameter_factor,  ///< products with the parameter factor [I (x) a^T | .]
  cotangent,         ///< products of a finished Jacobian with the loss gradient g
  loss,              ///< the loss, its gradient and the reduction
  bias,              ///< sums for the parameter factor's identity
  other,
  count_
};

struct Counts {
  struct Entry {
    std::int64_t multiplications = 0, additions = 0, divisions = 0, functions = 0;
    bool operator==(const Entry&) const = default;
  };
  std::array<Entry, static_cast<std::size_t>(Term::count_)> terms;

  const Entry& operator[](Term term) const { return terms[static_cast<std::size_t>(term)]; }
  std::int64_t multiplications() const { return total(&Entry::multiplications); }
  std::int64_t additions() const { return total(&Entry::additions); }
  std::int64_t divisions() const { return total(&Entry::divisions); }
  std::int64_t functions() const { return total(&Entry::functions); }

 private:
  std::int64_t total(std::int64_t Entry::*kind) const {
    std::int64_t sum = 0;
    for (const Entry& entry : terms) sum += entry.*kind;
    return sum;
  }
};

/// This thread's counts, and what it is counting for.
inline thread_local Counts thread_counts;
inline thread_local Term thread_term = Term::other;
inline const Counts& counts() { return thread_counts; }
inline void reset_counts() { thread_counts = {}; }
inline Counts::Entry& counted() { return thread_counts.terms[static_cast<std::size_t>(thread_term)]; }

/// T with its operations counted: multiplications, additions (with subtractions), divisions and calls of elementary
/// functions. Construction, copies, negation, comparisons and the piecewise choices max0, min0, step count nothing.
template <class T = double>
struct Counting {
  T value = T(0);

  Counting() = default;
  Counting(int x) : value(x) {}     // NOLINT(google-explicit-constructor): numbers are numbers
  Counting(double x) : value(x) {}  // NOLINT(google-explicit-constructor)

  Counting& operator+=(const Counting& b) { return *this = *this + b; }
  Counting& operator-=(const Counting& b) { return *this = *this - b; }
  Counting& operator*=(const Counting& b) { return *this = *this * b; }
  Counting& operator/=(const Counting& b) { return *this = *this / b; }
  friend Counting operator+(const Counting& a, const Counting& b) {
    return ++counted().additions, Counting(a.value + b.value);
  }
  friend Counting operator-(const Counting& a, const Counting& b) {
    return ++counted().additions, Counting(a.value - b.value);
  }
  friend Counting operator*(const Counting& a, const Counting& b) {
    return ++counted().multiplications, Counting(a.value * b.value);
  }
  friend Counting operator/(const Counting& a, const Counting& b) {
    return ++counted().divisions, Counting(a.value / b.value);
  }
  friend Counting operator-(const Counting& a) { return Counting(-a.value); }
};

// clang-format off
template <class T> Counting<T> exp(const Counting<T>& x) { return ++counted().functions, math::exp(x.value); }
template <class T> Counting<T> expm1(const Counting<T>& x) { return ++counted().functions, math::expm1(x.value); }
template <class T> Counting<T> log(const Counting<T>& x) { return ++counted().functions, math::log(x.value); }
template <class T> Counting<T> log1p(const Counting<T>& x) { return ++counted().functions, math::log1p(x.value); }
template <class T> Counting<T> sqrt(const Counting<T>& x) { return ++counted().functions, math::sqrt(x.value); }
template <class T> Counting<T> sin(const Counting<T>& x) { return ++counted().functions, math::sin(x.value); }
template <class T> Counting<T> cos(const Counting<T>& x) { return ++counted().functions, math::cos(x.value); }
template <class T> Counting<T> atan(const Counting<T>& x) { return ++counted().functions, math::atan(x.value); }
template <class T> Counting<T> tanh(const Counting<T>& x) { return ++counted().functions, math::tanh(x.value); }
template <class T> Counting<T> erf(const Counting<T>& x) { return ++counted().functions, math::erf(x.value); }
template <class T> Counting<T> erfc(const Counting<T>& x) { return ++counted().functions, math::erfc(x.value); }
template <class T> Counting<T> sigmoid(const Counting<T>& x) { return ++counted().functions, math::sigmoid(x.value); }
template <class T> Counting<T> softplus(const Counting<T>& x) { return ++counted().functions, math::softplus(x.value); }
template <class T> Counting<T> max0(const Counting<T>& x) { return math::max0(x.value); }
template <class T> Counting<T> min0(const Counting<T>& x) { return math::min0(x.value); }
template <class T> Counting<T> step(const Counting<T>& x) { return math::step(x.value); }
template <class T> Counting<T> larger(const Counting<T>& a, const Counting<T>& b) { return math::larger(a.value, b.value); }
template <class T> Counting<T> detach(const Counting<T>& x) { return x; }
template <class T> double to_double(const Counting<T>& x) { return math::to_double(x.value); }
// clang-format on

template <class T>
struct math::Constants<Counting<T>> {
  static Counting<T> pi() { return math::Constants<T>::pi(); }
  static Counting<T> sqrt2() { return math::Constants<T>::sqrt2(); }
};

/// Whether a scalar counts, itself or inside.
template <class S>
inline constexpr bool counts_inside = false;
template <class T>
inline constexpr bool counts_inside<Counting<T>> = true;

/// While it lives, operations of this thread count for `term`; nothing at all for scalars that do not count.
template <class S, bool = counts_inside<S>>
struct Tally {
  explicit Tally(Term) {}
};
template <class S>
struct Tally<S, true> {
  explicit Tally(Term term) : before(thread_term) { thread_term = term; }
  ~Tally() { thread_term = before; }
  Tally(const Tally&) = delete;
  Tally& operator=(const Tally&) = delete;

 private:
  Term before;
};

}  // namespace backprove

template <class T>
struct Eigen::NumTraits<backprove::Counting<T>> : Eigen::NumTraits<T> {
  using Real = backprove::Counting<T>;
  using NonInteger = Real;
  using Nested = Real;
  using Literal = Real;
  enum { IsComplex = 0, RequireInitialization = 1, ReadCost = 1, AddCost = 2, MulCost = 2 };
};

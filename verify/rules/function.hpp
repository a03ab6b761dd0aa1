#pragma once

#include <functional>
#include <random>

#include "core/types.hpp"

namespace backprove {

/// A function R^n -> R^m with the vector-Jacobian product that somebody claims for it, at one point: what every
/// published checker asks for. In T throughout, as the checker would see it.
template <class T>
struct ClaimedFunction {
  std::function<Vector<T>(const Vector<T>& x)> value;
  std::function<Vector<T>(const Vector<T>& x, const Vector<T>& v)> vjp;
  Vector<T> x;
  Index outputs = 0;
};

/// Seeded directions; one generator a rule and case, so that no rule depends on another.
template <class T>
class Directions {
 public:
  explicit Directions(unsigned seed) : random(seed) {}
  Vector<T> normal(Index n) {
    std::normal_distribution<double> draw;
    return Vector<T>::NullaryExpr(n, [&](Index) { return static_cast<T>(draw(random)); });
  }
  /// In [low, high).
  Vector<T> uniform(Index n, double low = 0, double high = 1) {
    std::uniform_real_distribution<double> draw(low, high);
    return Vector<T>::NullaryExpr(n, [&](Index) { return static_cast<T>(draw(random)); });
  }

 private:
  std::mt19937_64 random;
};

/// (f(x + h e_k) - f(x - h e_k))/(2h), column k of the numerical Jacobian.
template <class T>
Vector<T> central_column(const ClaimedFunction<T>& f, Index k, T h) {
  Vector<T> up = f.x, down = f.x;
  up(k) += h;
  down(k) -= h;
  return (f.value(up) - f.value(down)) / (T(2) * h);
}

/// The whole claimed Jacobian, m x n, one vjp a row.
template <class T>
Matrix<T> claimed_jacobian(const ClaimedFunction<T>& f) {
  Matrix<T> jacobian(f.outputs, f.x.size());
  for (Index i = 0; i < f.outputs; ++i) jacobian.row(i) = f.vjp(f.x, Vector<T>::Unit(f.outputs, i)).transpose();
  return jacobian;
}

/// <w, f(x)> and its claimed gradient: how rules for scalar functions are applied to others.
template <class T>
struct Projected {
  const ClaimedFunction<T>& f;
  Vector<T> w;

  T value(const Vector<T>& x) const { return w.dot(f.value(x)); }
  Vector<T> gradient() const { return f.vjp(f.x, w); }
  T central(Index k, T h) const {
    Vector<T> up = f.x, down = f.x;
    up(k) += h;
    down(k) -= h;
    return (value(up) - value(down)) / (T(2) * h);
  }
};

/// |a - b| <= absolute + relative |b|, false for NaN.
template <class T>
bool close(T a, T b, double absolute, double relative) {
  return std::abs(static_cast<double>(a) - static_cast<double>(b)) <=
         absolute + relative * std::abs(static_cast<double>(b));
}

}  // namespace backprove

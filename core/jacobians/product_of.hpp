#pragma once

#include "core/jacobian.hpp"

namespace backprove {

/// J = F_k ... F_2 F_1: factors in the order in which they act on a vector, never multiplied out.
template <class T>
struct ProductOf {
  std::vector<Jacobian<T>> factors;

  Index rows() const { return factors.back().rows(); }
  Index cols() const { return factors.front().cols(); }
  void pullback(In<T> g, Out<T> out, Samples samples) const {
    Matrix<T> current = g;
    for (std::size_t k = factors.size(); k-- > 0;) {
      Matrix<T> next(factors[k].cols(), g.cols());
      factors[k].pullback(view(std::as_const(current)), view(next), samples);
      current = std::move(next);
    }
    out = current;
  }
  void pushforward(In<T> v, Out<T> out, Samples samples) const {
    Matrix<T> current = v;
    for (const auto& factor : factors) {
      Matrix<T> next(factor.rows(), v.cols());
      factor.pushforward(view(std::as_const(current)), view(next), samples);
      current = std::move(next);
    }
    out = current;
  }
  void pullback_sum(In<T> g, ParamsOut<T> out) const {
    Matrix<T> current = g;
    for (std::size_t k = factors.size(); k-- > 1;) {
      Matrix<T> next(factors[k].cols(), g.cols());
      factors[k].pullback(view(std::as_const(current)), view(next), Samples::own());
      current = std::move(next);
    }
    factors.front().pullback_sum(view(std::as_const(current)), out);
  }
  Matrix<T> dense(Index s) const {
    Matrix<T> current = factors.front().dense(s);
    for (std::size_t k = 1; k < factors.size(); ++k) {
      Matrix<T> next(factors[k].rows(), current.cols());
      if (current.cols() > 0) factors[k].pushforward(view(std::as_const(current)), view(next), Samples::only(s));
      current = std::move(next);
    }
    return current;
  }
};

}  // namespace backprove

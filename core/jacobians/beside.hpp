#pragma once

#include "core/jacobian.hpp"

namespace backprove {

/// J = [A | B | ...]: parts with the same number of rows, side by side.
template <class T>
struct Beside {
  std::vector<Jacobian<T>> parts;
  Index n;

  Index rows() const { return n; }
  Index cols() const {
    Index sum = 0;
    for (const auto& part : parts) sum += part.cols();
    return sum;
  }
  void pullback(In<T> g, Out<T> out, Samples samples) const {
    // Column by column: a part's rows of a column are neighbours, and need no matrix of their own.
    for (Index c = 0; c < g.cols(); ++c) {
      const In<T> column(g.data() + c * g.rows(), g.rows(), 1);
      T* to = out.data() + c * out.rows();
      for (const auto& part : parts) {
        part.pullback(column, Out<T>(to, part.cols(), 1), Samples::only(samples.of(c)));
        to += part.cols();
      }
    }
  }
  void pushforward(In<T> v, Out<T> out, Samples samples) const {
    Index at = 0;
    for (std::size_t k = 0; k < parts.size(); ++k) {
      const Matrix<T> piece = v.middleRows(at, parts[k].cols());
      at += piece.rows();
      if (k == 0) {
        parts[k].pushforward(view(piece), out, samples);
      } else {
        Matrix<T> term(n, v.cols());
        parts[k].pushforward(view(piece), view(term), samples);
        for (Index i = 0; i < term.size(); ++i) out.data()[i] += term.data()[i];
      }
    }
    if (parts.empty()) out.setConstant(T(0));
  }
  void pullback_sum(In<T> g, ParamsOut<T> out) const {
    Index at = 0;
    for (const auto& part : parts) {
      part.pullback_sum(g, ParamsOut<T>(out.data() + at, part.cols()));
      at += part.cols();
    }
  }
  Matrix<T> dense(Index s) const {
    Matrix<T> m(n, cols());
    Index at = 0;
    for (const auto& part : parts) {
      m.middleCols(at, part.cols()) = part.dense(s);
      at += part.cols();
    }
    return m;
  }
};

}  // namespace backprove

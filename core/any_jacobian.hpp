#pragma once

#include "core/jacobian.hpp"
#include "generated/jacobians.hpp"

namespace backprove {

template <class T>
class Jacobian {
 public:
  template <JacobianOf<T> J>
  Jacobian(J j) : structure(std::move(j)) {}  // NOLINT(google-explicit-constructor): a structure is a Jacobian

  Index rows() const {
    return std::visit([](const auto& j) { return j.rows(); }, structure);
  }
  Index cols() const {
    return std::visit([](const auto& j) { return j.cols(); }, structure);
  }
  void pullback(In<T> g, Out<T> out, Samples samples) const {
    std::visit([&](const auto& j) { j.pullback(g, out, samples); }, structure);
  }
  void pushforward(In<T> v, Out<T> out, Samples samples) const {
    std::visit([&](const auto& j) { j.pushforward(v, out, samples); }, structure);
  }
  void pullback_sum(In<T> g, ParamsOut<T> out) const {
    std::visit([&](const auto& j) { j.pullback_sum(g, out); }, structure);
  }
  Matrix<T> dense(Index s) const {
    return std::visit([&](const auto& j) { return j.dense(s); }, structure);
  }

 private:
  JacobianVariant<T> structure;
};

}  // namespace backprove

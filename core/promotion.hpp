#pragma once

#include "core/strategy.hpp"

namespace backprove {

/// The same numbers in a scalar that can be made from them exactly.
template <class S, class T>
Vector<S> promoted(ParamsIn<T> from) {
  Vector<S> to(from.size());
  for (Index i = 0; i < from.size(); ++i) to(i) = S(from(i));
  return to;
}
template <class S, class T>
Matrix<S> promoted(In<T> from) {
  Matrix<S> to(from.rows(), from.cols());
  for (Index i = 0; i < from.size(); ++i) to.data()[i] = S(from.data()[i]);
  return to;
}

/// The workspace of the problem's tape after a forward sweep; writes the reduced loss.
template <class T>
Vector<T> tape_of(const Problem<T>& problem, T& loss) {
  Vector<T> workspace(problem.network.workspace() * problem.batch());
  const NetworkTape<T> tape = problem.network.tape(At<T>{problem.theta, problem.x, problem.x, view(workspace)});
  tape.forward();
  loss = problem.loss.template reduce<T>(problem.loss.template sum<T>(tape.output(), problem.y), problem.batch());
  return workspace;
}

}  // namespace backprove

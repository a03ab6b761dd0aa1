#include "verify/norms.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "core/network.hpp"

namespace backprove {

namespace {

/// ||J||_2, from the eigenvalues of the smaller of J J^T and J^T J.
double largest_singular_value(const Matrix<double>& j) {
  const Matrix<double> square =
      j.rows() < j.cols() ? Matrix<double>(j * j.transpose()) : Matrix<double>(j.transpose() * j);
  const Eigen::SelfAdjointEigenSolver<Matrix<double>> solver(square, Eigen::EigenvaluesOnly);
  return std::sqrt(std::max(0.0, solver.eigenvalues().maxCoeff()));
}

}  // namespace

std::vector<CotangentNorm> cotangent_norms(const Problem<double>& problem) {
  const Network& network = problem.network;
  const Index batch = problem.batch();
  Vector<double> workspace(network.workspace() * batch);
  const NetworkTape<double> tape = network.tape(At<double>{problem.theta, problem.x, problem.x, view(workspace)});
  tape.forward();
  Matrix<double> g(network.outputs(), batch);
  problem.loss.gradient<double>(tape.output(), problem.y, batch, view(g));
  // Sums of logarithms over the samples: a product over many layers may leave the range of double.
  std::vector<CotangentNorm> sums(static_cast<std::size_t>(network.size() + 1));
  for (Index s = 0; s < batch; ++s) {
    Vector<double> v = g.col(s);
    double frobenius = std::log(v.norm()), singular = frobenius;
    for (Index l = network.size(); l >= 0; --l) {
      CotangentNorm& sum = sums[static_cast<std::size_t>(l)];
      sum.measured += std::log(v.norm());
      sum.by_frobenius += frobenius;
      sum.by_singular_values += singular;
      if (l == 0) break;
      const Matrix<double> j = tape.d_input(l - 1).dense(s);
      frobenius += std::log(j.norm() / std::sqrt(static_cast<double>(j.rows())));
      singular += std::log(largest_singular_value(j));
      v = (j.transpose() * v).eval();
    }
  }
  for (CotangentNorm& sum : sums)
    for (double* one : {&sum.measured, &sum.by_frobenius, &sum.by_singular_values})
      *one = std::exp(*one / static_cast<double>(batch));
  return sums;
}

}  // namespace backprove

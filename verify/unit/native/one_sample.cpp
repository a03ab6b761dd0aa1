#include <algorithm>
#include <limits>
#include <random>
#include <tuple>
#include <vector>

#include "core/kernels/kernel.hpp"
#include "core/kernels/primitives.hpp"
#include "verify/unit/catch.hpp"

namespace backprove::test {
namespace {

template <class T>
Vector<T> random_vector(Index n, std::mt19937& random) {
  std::uniform_real_distribution<double> numbers(-1, 1);
  Vector<T> all(n);
  for (T& one : all) one = static_cast<T>(numbers(random));
  return all;
}

/// All products of one sample with an n_in x n_out matrix that starts `shift` numbers behind a cache line, from feature
/// `from` on.
template <class T>
std::vector<Vector<T>> products(const Kernel& kernel, Index n_in, Index n_out, Index from, Index shift, bool far) {
  const Primitives<T>& fast = kernel.primitives<T>();
  const ArrayRule<T>* rule = &fast.rules[0];
  std::mt19937 random(17);
  const Vector<T> w = random_vector<T>(n_in * n_out + shift, random), bias = random_vector<T>(n_out + 64, random),
                  x = random_vector<T>(n_in + 64, random), g = random_vector<T>(n_out + 64, random);
  const Vector<T> zeros = Vector<T>::Zero(n_in + n_out + 128);
  Vector<T> y = zeros, fused_y = zeros, x_bar = zeros, pulled = zeros, by_jacobian = zeros;
  Vector<T> w_bar = Vector<T>::Zero(n_in * n_out + shift);
  fast.dot_columns[far](w.data() + shift, n_in, from, n_out, x.data(), bias.data(), y.data());
  rule->affine_of_one[far](w.data() + shift, n_in, from, n_out, x.data(), bias.data(), nullptr, fused_y.data());
  fast.combine_columns[far](w.data() + shift, n_in, n_out, from, n_in, g.data(), x_bar.data());
  rule->pull_of_one[far](SweepBy::reverse_rules, w.data() + shift, n_in, n_out, from, n_in, g.data(), nullptr, x.data(),
                         pulled.data());
  rule->pull_of_one[far](SweepBy::jacobians, w.data() + shift, n_in, n_out, from, n_in, g.data(), nullptr, x.data(),
                         by_jacobian.data());
  fast.outer[far](x.data(), g.data(), n_in, from, n_out, w_bar.data() + shift);
  for (Index i = from; i < n_in; ++i) {  // tanh: as its reverse rule has the slope, and as its Jacobian has it
    CHECK(pulled(i) == x_bar(i) * (1 - x(i) * x(i)));
    CHECK(by_jacobian(i) == x_bar(i) * ((1 - x(i)) * (1 + x(i))));
  }
  return {y, fused_y, x_bar, pulled, by_jacobian, w_bar};
}

template <class T>
void check_far(const Kernel& kernel, Index n_in, Index n_out, Index from) {
  for (const Index shift : {0, 1}) {
    CAPTURE(kernel.name, sizeof(T), n_in, n_out, from, shift);
    const auto near = products<T>(kernel, n_in, n_out, from, shift, false),
               far = products<T>(kernel, n_in, n_out, from, shift, true);
    for (std::size_t k = 0; k < near.size(); ++k) {
      CAPTURE(k);
      CHECK(near[k].norm() > 0);
      CHECK((near[k].array() == far[k].array()).all());
    }
  }
}

/// x_bar from 2 or 4 parts of the columns: the bits of the whole.
template <class T>
void check_parts(const Kernel& kernel, Index n_in, Index n_out) {
  const Primitives<T>& fast = kernel.primitives<T>();
  if (!ColumnChain::neighbours(n_out, fast.lanes)) return;
  std::mt19937 random(18);
  const Vector<T> w = random_vector<T>(n_in * n_out, random), g = random_vector<T>(n_out, random);
  const Index room = n_in + 64;
  Vector<T> whole = Vector<T>::Zero(room), added = whole, sums = Vector<T>::Zero(4 * room);
  fast.combine_columns[0](w.data(), n_in, n_out, 0, n_in, g.data(), whole.data());
  for (const int parts : {2, 4})
    for (const bool far : {false, true}) {
      CAPTURE(kernel.name, sizeof(T), n_in, n_out, parts, far);
      sums.setConstant(T(9));
      for (int part = 0; part < parts; ++part)
        fast.combine_part[far](w.data(), n_in, n_out, part, parts, g.data(), sums.data() + part * room);
      fast.add_parts(sums.data(), room, parts, 0, n_in, added.data());
      CHECK((added.head(n_in).array() == whole.head(n_in).array()).all());
      const T largest_sum = n_out * std::numeric_limits<T>::epsilon();
      CHECK((Matrix<T>::Map(w.data(), n_in, n_out) * g - whole.head(n_in)).cwiseAbs().maxCoeff() < largest_sum);
    }
}

TEST_CASE("kernels: parts of one sample's cotangent, from some of the columns each, add up to the same bits",
          "[native][kernels]") {
  for (const Kernel& kernel : kernels()) {
    if (!kernel.runs_here()) continue;
    for (const Index n_out : {16, 32, 64, 128, 130, 200, 511})
      for (const Index n_in : {3, 16, 37, 128, 700}) {
        check_parts<float>(kernel, n_in, n_out);
        check_parts<double>(kernel, n_in, n_out);
      }
  }
}

TEST_CASE("kernels: the chains of a sum have every column once, and a pair of them is half of a team's columns",
          "[native][kernels]") {
  for (const Index lanes : {2, 4, 8, 16})
    for (Index columns = 1; columns < 300; ++columns) {
      std::vector<int> times(static_cast<std::size_t>(columns));
      for (int c = 0; c < column_chains; ++c) {
        const ColumnChain chain = ColumnChain::of(c, columns, lanes);
        for (Index k = 0; k < chain.count; ++k) ++times[static_cast<std::size_t>(chain.first + k * chain.step)];
      }
      CAPTURE(lanes, columns);
      CHECK(std::all_of(times.begin(), times.end(), [](int n) { return n == 1; }));
      if (!ColumnChain::neighbours(columns, lanes)) continue;
      const Index vectors = (columns + lanes - 1) / lanes;
      CHECK(ColumnChain::of(2, columns, lanes).first == vectors / 2 * lanes);
    }
}

TEST_CASE("kernels: matrices that no cache holds are read and written with the same bits", "[native][kernels]") {
  for (const Kernel& kernel : kernels()) {
    if (!kernel.runs_here()) continue;
    // Multiples of vectors and not, fewer columns than a vector has lanes, and more than 512 KB.
    for (const auto& [n_in, n_out, from] :
         {std::tuple<Index, Index, Index>{64, 48, 0}, {37, 21, 0}, {5, 3, 0}, {512, 300, 16}, {700, 311, 64}}) {
      check_far<float>(kernel, n_in, n_out, from);
      check_far<double>(kernel, n_in, n_out, from);
    }
  }
}

}  // namespace
}  // namespace backprove::test

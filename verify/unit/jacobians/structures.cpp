#include <memory>
#include <random>

#include "core/any_jacobian.hpp"
#include "core/scalars/rational.hpp"
#include "verify/unit/catch.hpp"

/// Every structure with random content, exactly: rational numbers leave no room for tolerances.
namespace backprove {
namespace {

using Q = Rational;
using Maps = std::vector<Matrix<Q>>;  // J_s written out, a matrix for each sample

struct Random {
  std::mt19937_64 generator{17};

  Q number() {
    const auto part = [&](int low, int count) {
      return low + static_cast<int>(generator() % static_cast<unsigned>(count));
    };
    return Q(part(-9, 19)) / part(1, 5);
  }
  Matrix<Q> matrix(Index rows, Index cols) {
    Matrix<Q> m(rows, cols);
    for (Index i = 0; i < m.size(); ++i) m.data()[i] = number();
    return m;
  }
};

Matrix<Q> zeros(Index rows, Index cols) { return Matrix<Q>::Constant(rows, cols, Q(0)); }

/// A B, by the definition.
Matrix<Q> times(const Matrix<Q>& a, const Matrix<Q>& b) {
  Matrix<Q> c = zeros(a.rows(), b.cols());
  for (Index i = 0; i < a.rows(); ++i)
    for (Index j = 0; j < b.cols(); ++j)
      for (Index k = 0; k < a.cols(); ++k) c(i, j) += a(i, k) * b(k, j);
  return c;
}
Matrix<Q> column(const Matrix<Q>& m, Index c) { return m.col(c); }
bool equal(const Matrix<Q>& a, const Matrix<Q>& b) {
  return a.rows() == b.rows() && a.cols() == b.cols() && std::equal(a.data(), a.data() + a.size(), b.data());
}
void add(const Matrix<Q>& term, Matrix<Q>& sum) {
  for (Index i = 0; i < sum.size(); ++i) sum.data()[i] += term.data()[i];
}

/// The laws of core/jacobian.hpp for a structure whose maps are known.
template <class J>
void check(const J& j, const Maps& expected, Random& random) {
  const Index batch = static_cast<Index>(expected.size()), rows = expected.front().rows(),
              cols = expected.front().cols();
  REQUIRE(j.rows() == rows);
  REQUIRE(j.cols() == cols);
  for (Index s = 0; s < batch; ++s) {
    const Matrix<Q>& map = expected[static_cast<std::size_t>(s)];
    REQUIRE(equal(j.dense(s), map));
    REQUIRE(equal(dense_of<Q>(j, s), map));
  }
  const auto map_of = [&](Samples samples, Index c) -> const Matrix<Q>& {
    return expected[static_cast<std::size_t>(samples.of(c))];
  };
  const auto check_samples = [&](Samples samples, Index columns) {
    const Matrix<Q> g = random.matrix(rows, columns), v = random.matrix(cols, columns);
    Matrix<Q> pulled = random.matrix(cols, columns), pushed = random.matrix(rows, columns);  // to be overwritten
    j.pullback(view(g), view(pulled), samples);
    j.pushforward(view(v), view(pushed), samples);
    for (Index c = 0; c < columns; ++c) {
      const Matrix<Q>& map = map_of(samples, c);
      REQUIRE(equal(column(pulled, c), times(map.transpose(), column(g, c))));
      REQUIRE(equal(column(pushed, c), times(map, column(v, c))));
    }
  };
  check_samples(Samples::own(), batch);
  for (Index s = 0; s < batch; ++s) {
    check_samples(Samples::only(s), 1);
    check_samples(Samples::only(s), batch + 2);
  }
  const Matrix<Q> g = random.matrix(rows, batch), before = random.matrix(cols, 1);
  Matrix<Q> sum = before;
  j.pullback_sum(view(g), ParamsOut<Q>(sum.data(), cols));
  Matrix<Q> total = before;
  for (Index s = 0; s < batch; ++s) add(times(map_of(Samples::own(), s).transpose(), column(g, s)), total);
  REQUIRE(equal(sum, total));
}
/// The same through the wrapper that networks use.
template <class J>
void check_both(const J& j, const Maps& expected, Random& random) {
  check(j, expected, random);
  check(Jacobian<Q>(j), expected, random);
}

/// A structure with the content that it borrows, and its maps.
struct Sample {
  std::shared_ptr<Matrix<Q>> content;
  Jacobian<Q> jacobian;
  Maps expected;
};

Sample dense(Index rows, Index cols, Index batch, Random& random) {
  auto content = std::make_shared<Matrix<Q>>(random.matrix(cols, rows));
  return {content, Dense<Q>{view(std::as_const(*content))},
          Maps(static_cast<std::size_t>(batch), content->transpose())};
}
Sample diagonal(Index n, Index batch, Random& random) {
  Diagonal<Q> j{random.matrix(n, batch)};
  Maps expected;
  for (Index s = 0; s < batch; ++s) {
    expected.push_back(zeros(n, n));
    for (Index i = 0; i < n; ++i) expected.back()(i, i) = j.d(i, s);
  }
  return {nullptr, j, expected};
}
Sample diagonal_minus_outer(Index n, Index batch, Random& random) {
  DiagonalMinusOuter<Q> j{random.matrix(n, batch)};
  Maps expected;
  for (Index s = 0; s < batch; ++s) {
    const Matrix<Q> p = column(j.p, s);
    Matrix<Q> map = zeros(n, n);
    for (Index i = 0; i < n; ++i)
      for (Index k = 0; k < n; ++k) map(i, k) = (i == k ? p(i, 0) : Q(0)) - p(i, 0) * p(k, 0);
    expected.push_back(map);
  }
  return {nullptr, j, expected};
}
Sample diagonal_plus_low_rank(Index n, Index rank, Index batch, Random& random) {
  DiagonalPlusLowRank<Q> j{rank, random.matrix(n, batch), random.matrix(n, rank * batch),
                           random.matrix(n, rank * batch)};
  Maps expected;
  for (Index s = 0; s < batch; ++s) {
    Matrix<Q> map = zeros(n, n);
    for (Index i = 0; i < n; ++i) map(i, i) = j.d(i, s);
    for (Index q = 0; q < rank; ++q) add(times(column(j.u, rank * s + q), column(j.v, rank * s + q).transpose()), map);
    expected.push_back(map);
  }
  return {nullptr, j, expected};
}
/// I_m (x) x^T, entry by entry: row j has x in the columns [j n, (j + 1) n).
Sample kronecker(Index n, Index m, Index batch, Random& random) {
  auto content = std::make_shared<Matrix<Q>>(random.matrix(n, batch));
  Maps expected;
  for (Index s = 0; s < batch; ++s) {
    Matrix<Q> map = zeros(m, m * n);
    for (Index row = 0; row < m; ++row)
      for (Index c = 0; c < m * n; ++c)
        if (c / n == row) map(row, c) = (*content)(c % n, s);
    expected.push_back(map);
  }
  return {content, Kronecker<Q>{view(std::as_const(*content)), m}, expected};
}

template <class Check>
void for_each_shape(Check&& check_shape) {
  for (const Index n : {1, 2, 5})
    for (const Index batch : {1, 5}) {
      CAPTURE(n, batch);
      check_shape(n, batch);
    }
}

}  // namespace

TEST_CASE("the simple structures obey the laws exactly", "[jacobians]") {
  Random random;
  for_each_shape([&](Index n, Index batch) {
    for (const Sample& sample :
         {dense(n, n + 2, batch, random), dense(n + 1, n, batch, random), diagonal(n, batch, random),
          diagonal_minus_outer(n, batch, random), diagonal_plus_low_rank(n, 1, batch, random),
          diagonal_plus_low_rank(n, 2, batch, random), diagonal_plus_low_rank(n, 3, batch, random),
          kronecker(n, n + 1, batch, random), kronecker(n + 2, n, batch, random)})
      check(sample.jacobian, sample.expected, random);
    Maps identity(static_cast<std::size_t>(batch), zeros(n, n));
    for (Matrix<Q>& map : identity)
      for (Index i = 0; i < n; ++i) map(i, i) = 1;
    check_both(IdentityMap<Q>{n}, identity, random);
  });
}

TEST_CASE("the empty structure has no columns", "[jacobians]") {
  Random random;
  for_each_shape([&](Index n, Index batch) {
    check_both(Empty<Q>{n}, Maps(static_cast<std::size_t>(batch), Matrix<Q>(n, 0)), random);
  });
}

TEST_CASE("structures made of structures obey the laws exactly", "[jacobians]") {
  Random random;
  for_each_shape([&](Index n, Index batch) {
    const Sample first = kronecker(n + 1, n, batch, random), second = diagonal(n, batch, random),
                 third = dense(n + 2, n, batch, random), fourth = diagonal_plus_low_rank(n + 2, 2, batch, random),
                 square = diagonal_minus_outer(n, batch, random);
    Maps product, pair, beside, plus;
    for (std::size_t s = 0; s < first.expected.size(); ++s) {
      pair.push_back(times(second.expected[s], first.expected[s]));
      product.push_back(times(fourth.expected[s], times(third.expected[s], pair.back())));
      Matrix<Q> map(n, first.expected[s].cols() + 2 * n);
      map.leftCols(first.expected[s].cols()) = first.expected[s];
      map.middleCols(first.expected[s].cols(), n) = second.expected[s];
      map.rightCols(n) = square.expected[s];
      beside.push_back(map);
      plus.push_back(square.expected[s]);
      for (Index i = 0; i < n; ++i) plus.back()(i, i) += 1;
    }
    check_both(ProductOf<Q>{{first.jacobian}}, first.expected, random);
    check_both(ProductOf<Q>{{first.jacobian, second.jacobian}}, pair, random);
    const ProductOf<Q> chain{{first.jacobian, second.jacobian, third.jacobian, fourth.jacobian}};
    check_both(chain, product, random);
    check_both(Beside<Q>{{first.jacobian, second.jacobian, square.jacobian}, n}, beside, random);
    check_both(Beside<Q>{{second.jacobian}, n}, second.expected, random);
    check_both(Beside<Q>{{Empty<Q>{n}, second.jacobian, Empty<Q>{n}}, n}, second.expected, random);
    check_both(IdentityPlus<Q>{{square.jacobian}}, plus, random);
    check_both(IdentityPlus<Q>{{ProductOf<Q>{{square.jacobian}}}}, plus, random);
    // A product whose last acting factor has no columns at all, as a layer without parameters gives inside a residual.
    check_both(ProductOf<Q>{{Empty<Q>{n}, square.jacobian}}, Maps(static_cast<std::size_t>(batch), Matrix<Q>(n, 0)),
               random);
    check_both(Beside<Q>{{}, n}, Maps(static_cast<std::size_t>(batch), Matrix<Q>(n, 0)), random);
  });
}

}  // namespace backprove

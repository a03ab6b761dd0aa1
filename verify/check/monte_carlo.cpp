#include "verify/check/monte_carlo.hpp"

#include <fmt/format.h>

#include <boost/math/distributions/students_t.hpp>

#include "core/promotion.hpp"
#include "verify/check/other_formulas.hpp"

namespace backprove {

namespace {

/// In double throughout: Boost's tables for long double overflow while a program starts under valgrind, which has none.
using StudentsT =
    boost::math::students_t_distribution<double,
                                         boost::math::policies::policy<boost::math::policies::promote_double<false>>>;

constexpr int runs = monte_carlo_runs;

/// Sums of squared deviations over some of the runs: of the gradient's entries, and of the kinked layers' inputs. In
/// long double, where squares of numbers down to the smallest double do not vanish.
struct Sums {
  Vector<long double> gradient;
  std::vector<LayerTree<Matrix<long double>>> inputs;
};

/// One problem in noisy numbers.
template <class W>
class Runner {
 public:
  using N = Noisy<W>;

  Runner(const Problem<double>& of, const Gradient<Interval>& exact, bool with_input)
      : source(of), input_gradient(with_input), theta(promoted<N>(of.theta)), x(promoted<N>(of.x)) {
    const Index p = exact.parameters.size();
    centre.resize(p + exact.input.size());
    for (Index i = 0; i < centre.size(); ++i)
      centre(i) =
          mpfr_get_ld(to_wide(i < p ? exact.parameters(i) : exact.input.data()[i - p]).backend().data(), MPFR_RNDN);
    plain = exactly_entering();
  }
  Sums empty() const { return {Vector<long double>::Zero(centre.size()), zeros<Matrix<long double>>()}; }
  /// Adds one run.
  void run(const ForeignArithmetic& arithmetic, std::uint64_t seed, Sums& sums) const {
    thread_noise.start(arithmetic.unit_roundoff, arithmetic.smallest_subnormal, foreign_ulp, seed);
    Inputs difference;
    const Gradient<N> gradient = other_gradient<N>(problem(), input_gradient, foreign_ulp,
                                                   [&](const NetworkTape<N>& tape) { difference = entering(tape); });
    const Index p = gradient.parameters.size();
    for (Index i = 0; i < centre.size(); ++i) {
      const W value = i < p ? gradient.parameters(i).v : gradient.input.data()[i - p].v;
      const long double d = static_cast<long double>(value) - centre(i);
      sums.gradient(i) += d * d;
    }
    for_each_pair(difference, plain, [](Matrix<N>& noisy, const Matrix<N>& exact) {
      for (Index i = 0; i < noisy.size(); ++i) noisy.data()[i] = N::exact(noisy.data()[i].v - exact.data()[i].v);
    });
    for_each_pair(sums.inputs, difference, [](Matrix<long double>& sum, const Matrix<N>& d) {
      for (Index i = 0; i < sum.size(); ++i) {
        const auto distance = static_cast<long double>(d.data()[i].v);
        sum.data()[i] += distance * distance;
      }
    });
  }
  /// Where 0 lies within `quantile` root mean squares of a kinked layer's input.
  std::vector<LayerTree<Matrix<signed char>>> undecided(const Sums& sums, double quantile) const {
    auto squares = sums.inputs;
    for_each_pair(squares, plain, [&](Matrix<long double>& square, const Matrix<N>& at) {
      for (Index i = 0; i < at.size(); ++i)
        square.data()[i] =
            std::abs(static_cast<long double>(at.data()[i].v)) <= quantile * std::sqrt(square.data()[i] / runs) ? 1 : 0;
    });
    auto flags = zeros<Matrix<signed char>>();
    for_each_pair(flags, squares, [](Matrix<signed char>& flag, const Matrix<long double>& near) {
      flag = near.template cast<signed char>();
    });
    return flags;
  }

 private:
  const Problem<double>& source;
  bool input_gradient;
  Vector<N> theta;
  Matrix<N> x;
  Vector<long double> centre;
  using Inputs = std::vector<LayerTree<Matrix<N>>>;
  Inputs plain;

  Problem<N> problem() const { return {source.network, source.loss, view(theta), view(x), source.y}; }
  /// What enters the layers with a kink.
  Inputs entering(const NetworkTape<N>& tape) const {
    return at_kinks<Matrix<N>>(source.network, tape, [](const auto& at) { return Matrix<N>(at); });
  }
  /// The same without noise, by a forward sweep.
  Inputs exactly_entering() const {
    thread_noise.start(0, 0, 0, 1);
    const Network& network = source.network;
    Vector<N> workspace(network.workspace() * source.batch());
    const NetworkTape<N> tape = network.tape(At<N>{view(theta), view(x), view(x), view(workspace)});
    if (has_kink(network)) tape.forward();
    return entering(tape);
  }
  /// Zeros, of another type, in the same shapes.
  template <class M>
  std::vector<LayerTree<M>> zeros() const {
    std::vector<LayerTree<M>> trees = same_tree<M>(plain);
    for_each_pair(trees, plain, [](M& zero, const Matrix<N>& at) { zero.setZero(at.rows(), at.cols()); });
    return trees;
  }
};

/// See Spread::allowed.
void raise_to_floor(Eigen::Map<Matrix<double>> bar) {
  const double norm = bar.norm();
  if (!(norm > 0) || !std::isfinite(norm)) return;
  const Vector<double> rows = bar.rowwise().norm();
  // row_i / sqrt(columns) times column_j / sqrt(rows), over norm / sqrt(rows columns)
  for (Index j = 0; j < bar.cols(); ++j) bar.col(j) = bar.col(j).cwiseMax(rows * (bar.col(j).norm() / norm / 10));
}

/// Runs in fixed groups, added in order: the same numbers for every thread count.
template <class W>
Spread spread_in(const Problem<double>& problem, const Gradient<Interval>& exact, const ForeignArithmetic& arithmetic,
                 const std::vector<BlockShape>& blocks, bool input_gradient, double false_alarms, int threads,
                 const std::function<void()>& done) {
  constexpr int groups = 8;
  const Runner<W> runner(problem, exact, input_gradient);
  std::vector<Sums> parts(groups, runner.empty());
  map_chunks(runs, runs / groups, threads, [&](Index c, Index begin, Index end) {
    for (Index k = begin; k < end; ++k) {
      runner.run(arithmetic, 1000003 * static_cast<std::uint64_t>(k + 1), parts[static_cast<std::size_t>(c)]);
      done();
    }
  });
  Sums sums = runner.empty();
  for (const Sums& part : parts) {
    sums.gradient += part.gradient;
    for_each_pair(sums.inputs, part.inputs,
                  [](Matrix<long double>& sum, const Matrix<long double>& own) { sum += own; });
  }
  Spread spread;
  spread.runs = runs;
  const double entries = static_cast<double>(sums.gradient.size());
  spread.quantile =
      boost::math::quantile(boost::math::complement(StudentsT(runs), false_alarms / (2 * std::max(entries, 1.0))));
  Vector<double> bar = (sums.gradient / runs).cwiseSqrt().cast<double>();
  Index begin = 0;
  for (const BlockShape& block : blocks) {
    raise_to_floor(Eigen::Map<Matrix<double>>(bar.data() + begin, block.rows, block.columns));
    begin += block.rows * block.columns;
  }
  // The exact midpoints were rounded to long double, once. No result is nearer than its arithmetic's smallest number.
  spread.allowed = (spread.quantile * bar).cwiseMax(arithmetic.smallest_subnormal);
  spread.undecided = runner.undecided(sums, spread.quantile);
  return spread;
}

}  // namespace

const ForeignArithmetic& foreign_arithmetic(std::string_view name) {
  static const ForeignArithmetic known[] = {
      {"float", 0x1p-24, 0x1p-149, std::numeric_limits<float>::max()},
      {"double", 0x1p-53, 0x1p-1074, std::numeric_limits<double>::max()},
      {"bfloat16", 0x1p-8, 0x1p-133, 0x1.fep127},
  };
  for (const ForeignArithmetic& one : known)
    if (one.name == name) return one;
  throw std::invalid_argument(
      fmt::format("unknown scalar '{}'; a gradient from elsewhere is in float, double or bfloat16", name));
}

Spread monte_carlo(const Problem<double>& problem, const Gradient<Interval>& exact, const ForeignArithmetic& arithmetic,
                   const std::vector<BlockShape>& blocks, bool input_gradient, double false_alarms, int threads,
                   const std::function<void()>& done) {
  if (arithmetic.name == "double")
    return spread_in<long double>(problem, exact, arithmetic, blocks, input_gradient, false_alarms, threads, done);
  return spread_in<double>(problem, exact, arithmetic, blocks, input_gradient, false_alarms, threads, done);
}

}  // namespace backprove

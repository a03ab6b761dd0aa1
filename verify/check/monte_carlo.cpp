#include "verify/check/monte_carlo.hpp"

#include <fmt/format.h>

#include <boost/math/distributions/students_t.hpp>

#include "core/promotion.hpp"
#include "core/strategies/reverse_vjp.hpp"
#include "verify/check/noisy.hpp"

namespace backprove {

namespace {

constexpr int runs = 64;

template <class L>
constexpr bool has_kink() {
  if constexpr (requires { L::slope_jumps; })
    return L::slope_jumps;
  else
    return false;
}

bool kinked_layer(const AnyLayer& layer) {
  return std::visit([]<class L>(const L&) { return has_kink<L>(); }, layer);
}

/// Sums of squared deviations over some of the runs: of the gradient's entries, and of the kinked layers' inputs.
template <class W>
struct Sums {
  Vector<double> gradient;
  std::vector<Matrix<double>> inputs;
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
    thread_noise.start(0, 0, 0, 1);  // without noise, for the inputs as they are
    plain = layer_inputs();
  }
  Sums<W> empty() const {
    Sums<W> sums{Vector<double>::Zero(centre.size()), {}};
    for (const Matrix<N>& m : plain) sums.inputs.push_back(Matrix<double>::Zero(m.rows(), m.cols()));
    return sums;
  }
  /// Adds one run.
  void run(const ForeignArithmetic& arithmetic, std::uint64_t seed, Sums<W>& sums) const {
    thread_noise.start(arithmetic.unit_roundoff, arithmetic.smallest_subnormal, foreign_ulp, seed);
    Gradient<N> gradient;
    gradient.resize(problem(), input_gradient);
    Options options;
    options.input_gradient = input_gradient;
    ReverseVjp::prepare<N>(problem(), options)(gradient);
    const Index p = gradient.parameters.size();
    for (Index i = 0; i < centre.size(); ++i) {
      const W value = i < p ? gradient.parameters(i).v : gradient.input.data()[i - p].v;
      const double d = static_cast<double>(value - static_cast<W>(centre(i)));
      sums.gradient(i) += d * d;
    }
    const std::vector<Matrix<N>> inputs = layer_inputs();
    for (std::size_t l = 0; l < inputs.size(); ++l)
      for (Index i = 0; i < inputs[l].size(); ++i) {
        const double d = static_cast<double>(inputs[l].data()[i].v - plain[l].data()[i].v);
        sums.inputs[l].data()[i] += d * d;
      }
  }
  /// Where 0 lies within `quantile` root mean squares of a kinked layer's input.
  std::vector<Matrix<signed char>> undecided(const Sums<W>& sums, double quantile) const {
    std::vector<Matrix<signed char>> flags;
    for (std::size_t l = 0; l < plain.size(); ++l) {
      Matrix<signed char> near(plain[l].rows(), plain[l].cols());
      for (Index i = 0; i < near.size(); ++i)
        near.data()[i] =
            std::abs(static_cast<double>(plain[l].data()[i].v)) <= quantile * std::sqrt(sums.inputs[l].data()[i] / runs)
                ? 1
                : 0;
      flags.push_back(std::move(near));
    }
    return flags;
  }

 private:
  const Problem<double>& source;
  bool input_gradient;
  Vector<N> theta;
  Matrix<N> x;
  Vector<long double> centre;
  std::vector<Matrix<N>> plain;

  Problem<N> problem() const { return {source.network, source.loss, view(theta), view(x), source.y}; }
  /// What enters every layer with a kink, by a forward sweep; empty matrices for the others.
  std::vector<Matrix<N>> layer_inputs() const {
    const Network& network = source.network;
    std::vector<Matrix<N>> inputs(static_cast<std::size_t>(network.size()));
    bool any = false;
    for (Index l = 0; l < network.size(); ++l) any = any || kinked_layer(network.layer(l));
    if (!any) return inputs;
    Vector<N> workspace(network.workspace() * source.batch());
    const NetworkTape<N> tape = network.tape(At<N>{view(theta), view(x), view(x), view(workspace)});
    tape.forward();
    for (Index l = 0; l < network.size(); ++l)
      if (kinked_layer(network.layer(l))) inputs[static_cast<std::size_t>(l)] = tape.input(l);
    return inputs;
  }
};

/// Runs in fixed groups, added in order: the same numbers for every thread count.
template <class W>
Spread spread_in(const Problem<double>& problem, const Gradient<Interval>& exact, const ForeignArithmetic& arithmetic,
                 const std::vector<Index>& blocks, bool input_gradient, double false_alarms, int threads) {
  constexpr int groups = 8;
  const Runner<W> runner(problem, exact, input_gradient);
  std::vector<Sums<W>> parts(groups, runner.empty());
  map_chunks(runs, runs / groups, threads, [&](Index c, Index begin, Index end) {
    for (Index k = begin; k < end; ++k)
      runner.run(arithmetic, 1000003 * static_cast<std::uint64_t>(k + 1), parts[static_cast<std::size_t>(c)]);
  });
  Sums<W> sums = runner.empty();
  for (const Sums<W>& part : parts) {
    sums.gradient += part.gradient;
    for (std::size_t l = 0; l < sums.inputs.size(); ++l) sums.inputs[l] += part.inputs[l];
  }
  Spread spread;
  spread.runs = runs;
  const double entries = static_cast<double>(sums.gradient.size());
  spread.quantile = boost::math::quantile(
      boost::math::complement(boost::math::students_t(runs), false_alarms / (2 * std::max(entries, 1.0))));
  Vector<double> bar = (sums.gradient / runs).cwiseSqrt();
  Index begin = 0;
  for (const Index size : blocks) {
    const double floor =
        size > 0 ? std::sqrt(bar.segment(begin, size).squaredNorm() / static_cast<double>(size)) / 10 : 0;
    for (Index i = begin; i < begin + size; ++i) bar(i) = std::max(bar(i), floor);
    begin += size;
  }
  // The exact midpoints were rounded to long double, once.
  spread.allowed = spread.quantile * bar;
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
                   const std::vector<Index>& blocks, bool input_gradient, double false_alarms, int threads) {
  if (arithmetic.name == "double")
    return spread_in<long double>(problem, exact, arithmetic, blocks, input_gradient, false_alarms, threads);
  return spread_in<double>(problem, exact, arithmetic, blocks, input_gradient, false_alarms, threads);
}

}  // namespace backprove

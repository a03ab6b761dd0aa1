#include "verify/check/foreign.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/promotion.hpp"
#include "core/taped_gradient.hpp"
#include "verify/check/other_formulas.hpp"
#include "verify/stage/distance.hpp"
#include "verify/stage/hint.hpp"

namespace backprove {

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr double probability = 1e-9;
/// Another program's formulas may take more operations than ours, or other ones.
constexpr double other_formulas = 4;

/// A block of the flat gradient as a matrix.
struct FlatBlock {
  std::string name;
  Index begin, rows, columns;
  bool samples;
};

/// The tensors of a network, and those inside its residuals, whose parameters begin at `offset`.
void add_pieces(const Network& network, Index offset, const std::string& prefix, std::vector<FlatBlock>& pieces) {
  for (Index l = 0; l < network.size(); ++l) {
    Index begin = offset + network.offset(l);
    const auto add = [&](const auto& layer) {
      for (const ParameterPart& part : parameter_parts(layer)) {
        pieces.push_back({fmt::format("{}layer {}, {}, {}", prefix, l + 1, layer.text(), part.name), begin, part.rows,
                          part.columns, false});
        begin += part.rows * part.columns;
      }
    };
    if (const auto* residual = std::get_if<Residual>(&network.layer(l)))
      add_pieces(*residual->body, begin, fmt::format("{}layer {}, residual, ", prefix, l + 1), pieces);
    else
      std::visit(add, network.layer(l));
  }
}

std::vector<FlatBlock> pieces_of(const Network& network, Index batch, bool with_input) {
  std::vector<FlatBlock> pieces;
  add_pieces(network, 0, "", pieces);
  if (with_input) pieces.push_back({"inputs", network.parameters(), network.inputs(), batch, true});
  return pieces;
}

std::vector<BlockShape> shapes_of(const std::vector<FlatBlock>& pieces) {
  std::vector<BlockShape> shapes;
  shapes.reserve(pieces.size());
  for (const FlatBlock& piece : pieces) shapes.push_back({piece.rows, piece.columns});
  return shapes;
}

/// The running error of reverse mode in an arithmetic with sloppy functions.
Vector<double> certified_bar(const Problem<double>& problem, const ForeignArithmetic& foreign, bool with_input) {
  Arithmetic arithmetic{foreign.name, foreign.unit_roundoff, foreign.smallest_subnormal, foreign.largest};
  for (double Arithmetic::*function : {&Arithmetic::exp, &Arithmetic::expm1, &Arithmetic::log, &Arithmetic::log1p,
                                       &Arithmetic::tanh, &Arithmetic::erf, &Arithmetic::erfc})
    arithmetic.*function = foreign_ulp;
  arithmetic.erfc = std::max(arithmetic.erfc, double_arithmetic.erfc);
  arithmetic.beside_one = 1;
  const ArithmeticScope scope(arithmetic);
  const Vector<RunningError> theta = promoted<RunningError>(problem.theta);
  const Matrix<RunningError> x = promoted<RunningError>(problem.x);
  const Problem<RunningError> same{problem.network, problem.loss, view(theta), view(x), problem.y};
  const Gradient<RunningError> gradient =
      other_gradient<RunningError>(same, with_input, foreign_ulp, [](const auto&) {});
  const Index p = gradient.parameters.size();
  Vector<double> bar(p + gradient.input.size());
  for (Index i = 0; i < bar.size(); ++i) {
    const double e = i < p ? gradient.parameters(i).e : gradient.input.data()[i - p].e;
    bar(i) = std::isnan(e) ? infinite : other_formulas * e;
  }
  return bar;
}

using Undecided = std::vector<LayerTree<Matrix<signed char>>>;

/// The whole set of gradients that either branch at undecided kinks gives, as intervals.
class BothBranches {
 public:
  BothBranches(const Problem<Interval>& of, const Undecided& at) : problem(of), undecided(at) {}

  Gradient<Interval> run(bool with_input) {
    const Network& network = problem.network;
    Gradient<Interval> gradient;
    gradient.resize(problem, with_input);
    gradient.parameters.setConstant(Interval(0));
    Vector<Interval> workspace(network.workspace() * problem.batch());
    const NetworkTape<Interval> tape = network.tape(At<Interval>{problem.theta, problem.x, problem.x, view(workspace)});
    tape.forward();
    for (Index s = 0; s < problem.batch(); ++s) {
      Vector<Interval> cotangent(network.outputs());
      step.loss(problem.loss, column(tape, network.size(), s), problem.y.data() + s * problem.y.rows(), problem.batch(),
                view(cotangent));
      cotangent = backward(network, tape, undecided, s, cotangent, gradient.parameters.data());
      if (with_input) gradient.input.col(s) = cotangent;
    }
    return gradient;
  }

 private:
  const Problem<Interval>& problem;
  const Undecided& undecided;
  TapedStep<Interval> step;

  static In<Interval> column(const NetworkTape<Interval>& tape, Index l, Index s) {
    const Out<Interval> all = tape.input(l);
    return In<Interval>(all.data() + s * all.rows(), all.rows(), 1);
  }
  /// All layers of a network, from the last one down; its parameters' gradient begins at `theta_bar`.
  Vector<Interval> backward(const Network& network, const NetworkTape<Interval>& tape, const Undecided& flags, Index s,
                            Vector<Interval> cotangent, Interval* theta_bar) {
    for (Index l = network.size() - 1; l >= 0; --l) {
      const auto& own = flags[static_cast<std::size_t>(l)];
      Interval* const own_bar = theta_bar + network.offset(l);
      if (const auto* residual = std::get_if<Residual>(&network.layer(l))) {
        // y = x + F(x): the cotangent itself, and what comes back through F.
        const Network& body = *residual->body;
        Vector<Interval> through_body =
            backward(body, body.tape<Interval>(tape.at(l)), own.inside, s, cotangent, own_bar);
        for (Index i = 0; i < cotangent.size(); ++i) cotangent(i) += through_body(i);
      } else {
        cotangent = through(network.layer(l), tape, l, own.own, s, cotangent, own_bar);
      }
    }
    return cotangent;
  }
  Vector<Interval> through(const AnyLayer& any, const NetworkTape<Interval>& tape, Index l,
                           const Matrix<signed char>& flags, Index s, const Vector<Interval>& y_bar,
                           Interval* theta_bar) {
    Matrix<Interval> x = column(tape, l, s);
    for (Index i = 0; i < x.rows(); ++i)
      if (flags.size() > 0 && flags(i, s) != 0) {
        mpfi_put_d(x(i, 0).get(), -0x1p-1000);
        mpfi_put_d(x(i, 0).get(), 0x1p-1000);
      }
    const ParamsIn<Interval> own = tape.at(l).theta;
    const ParamsOut<Interval> own_bar(theta_bar, own.size());
    return std::visit(
        [&](const auto& layer) { return step.layer(layer, own, view(std::as_const(x)), view(y_bar), own_bar); }, any);
  }
};

Index count_of(const Undecided& flags) {
  Index count = 0;
  for (const auto& tree : flags) count += tree.own.cast<Index>().sum() + count_of(tree.inside);
  return count;
}

Gradient<Interval> both_branches(const Problem<double>& problem, const Undecided& undecided, bool with_input) {
  const PrecisionScope precision(256 + 8 * static_cast<unsigned>(std::min<Index>(problem.network.size(), 400)));
  const Vector<Interval> theta = promoted<Interval>(problem.theta);
  const Matrix<Interval> x = promoted<Interval>(problem.x);
  const Problem<Interval> same{problem.network, problem.loss, view(theta), view(x), problem.y};
  return BothBranches(same, undecided).run(with_input);
}

/// Everything that is known about the flat gradient.
struct Evidence {
  const ForeignGradient& got;
  const Gradient<Interval>& exact;
  const Vector<double>&certified, &statistical;
  const ForeignArithmetic& arithmetic;
  Index batch;
  double resolution;

  double value(Index i) const {
    const Index k = i - got.parameters.size();
    return k < 0 ? got.parameters(i) : got.input.data()[k];
  }
  const Interval& interval(Index i) const {
    const Index k = i - exact.parameters.size();
    return k < 0 ? exact.parameters(i) : exact.input.data()[k];
  }
};

std::string pattern(const FlatBlock& piece, const Evidence& evidence) {
  Matrix<double> got(piece.rows, piece.columns), exact = got, bar = got;
  for (Index i = 0; i < got.size(); ++i) {
    got.data()[i] = evidence.value(piece.begin + i);
    exact.data()[i] = to_double(evidence.interval(piece.begin + i));
    bar.data()[i] = std::min(evidence.certified(piece.begin + i), evidence.statistical(piece.begin + i));
  }
  return hint_of({got, exact, bar, evidence.batch, piece.samples, {}});
}

BlockVerdict judge_piece(const FlatBlock& piece, const Evidence& evidence) {
  BlockVerdict verdict;
  verdict.name = piece.name;
  verdict.rows = piece.rows;
  verdict.columns = piece.columns;
  Vector<double> row_largest = Vector<double>::Zero(piece.rows), row_widest = row_largest;
  Vector<double> column_largest = Vector<double>::Zero(piece.columns), column_widest = column_largest;
  double largest = 0, widest = 0, widest_certified = 0, branches = 0, worst = -1, largest_error = 0;
  Index bad = 0, unknown = 0;
  for (Index i = 0; i < verdict.entries(); ++i) {
    const Index k = piece.begin + i;
    const Interval& interval = evidence.interval(k);
    const double got = evidence.value(k), magnitude = interval.magnitude_double();
    const double certified = evidence.certified(k), bar = std::min(certified, evidence.statistical(k));
    if (!std::isfinite(magnitude) || !(bar < infinite)) {
      ++unknown;
      continue;
    }
    largest = std::max(largest, magnitude);
    widest = std::max(widest, bar);
    const auto add = [&](double& most, double& width) {
      most = std::max(most, magnitude);
      width = std::max(width, bar + interval.width_double());
    };
    add(row_largest(i % piece.rows), row_widest(i % piece.rows));
    add(column_largest(i / piece.rows), column_widest(i / piece.rows));
    widest_certified = std::max(widest_certified, certified);
    branches = std::max(branches, interval.width_double());
    bad += std::isfinite(got) ? 0 : 1;
    const double error = std::isfinite(got) ? outside_by(got, interval) : infinite;
    const double ratio = error == 0 ? 0 : bar > 0 ? error / bar : infinite;
    largest_error = std::max(largest_error, error);
    verdict.certified = verdict.certified || error > certified;
    if (ratio <= worst) continue;
    worst = ratio;
    verdict.row = i % piece.rows;
    verdict.column = i / piece.rows;
    verdict.got = got;
    verdict.exact = to_double(interval);
    verdict.error_over_bar = ratio;
  }
  const auto coarse = [&](const Vector<double>& most, const Vector<double>& width) {
    return (most.array() > 0 && width.array() > evidence.resolution * most.array()).count();
  };
  verdict.coarse_rows = coarse(row_largest, row_widest);
  verdict.coarse_columns = coarse(column_largest, column_widest);
  verdict.resolution = largest > 0 ? (widest + branches) / largest : 0;
  verdict.certified_resolution = largest > 0 ? widest_certified / largest : 0;
  verdict.ulps =
      largest > 0 ? largest_error / (2 * evidence.arithmetic.unit_roundoff * std::exp2(std::ilogb(largest))) : 0;
  if (bad > 0)
    verdict.finding = Finding::fail_nonfinite;
  else if (verdict.error_over_bar > 1)
    verdict.finding = Finding::fail_formula;
  else if (unknown > 0) {
    verdict.finding = Finding::inconclusive;
    verdict.reason = fmt::format("domain: {} entries may overflow in {}", unknown, evidence.arithmetic.name);
  } else if (largest == 0)
    verdict.finding = Finding::vacuous;
  else if (!(verdict.resolution <= evidence.resolution)) {
    verdict.finding = Finding::inconclusive;
    verdict.reason = branches > widest ? "kink" : "resolution";
  }
  if (is_failure(verdict.finding)) verdict.hint = pattern(piece, evidence);
  return verdict;
}

}  // namespace

int ForeignVerdict::exit_status() const {
  bool passed = false, open = false;
  for (const BlockVerdict& block : blocks) {
    if (is_failure(block.finding)) return 1;
    passed = passed || block.finding == Finding::pass;
    open = open || block.finding == Finding::inconclusive;
  }
  return passed && !open ? 0 : 3;
}

ForeignVerdict judge_foreign(const Problem<double>& problem, const ForeignGradient& gradient,
                             const ForeignArithmetic& arithmetic, double resolution, int threads,
                             const std::function<void()>& done) {
  const bool with_input = gradient.input.size() > 0;
  Options options;
  options.input_gradient = with_input;
  options.threads = threads;
  Gradient<Interval> exact = enclose_gradient(problem, options);
  const std::vector<FlatBlock> pieces = pieces_of(problem.network, problem.batch(), with_input);
  ForeignVerdict verdict;
  verdict.false_alarms = probability;
  done();
  const Spread spread =
      monte_carlo(problem, exact, arithmetic, shapes_of(pieces), with_input, probability, threads, done);
  verdict.quantile = spread.quantile;
  verdict.runs = spread.runs;
  verdict.undecided_units = count_of(spread.undecided);
  if (verdict.undecided_units > 0) exact = both_branches(problem, spread.undecided, with_input);
  const Vector<double> certified = certified_bar(problem, arithmetic, with_input);
  const Evidence evidence{gradient, exact, certified, spread.allowed, arithmetic, problem.batch(), resolution};
  for (const FlatBlock& piece : pieces) verdict.blocks.push_back(judge_piece(piece, evidence));
  return verdict;
}

}  // namespace backprove

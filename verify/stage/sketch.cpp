#include "verify/stage/sketch.hpp"

#include <fmt/format.h>

#include <cmath>
#include <random>

#include "verify/stage/judge.hpp"

namespace backprove {

namespace {

/// What the exact derivatives are computed in: double has fast products, but no digits to spare beside itself.
template <class T>
using WiderThan = std::conditional_t<std::same_as<T, float>, double, long double>;
constexpr int together = 4;  ///< directions that one sweep of dual numbers carries

/// Signs of one direction, on the entries [begin, end) only.
struct Direction {
  std::vector<signed char> signs;
  Index begin, end;

  double at(Index k) const { return k >= begin && k < end ? signs[static_cast<std::size_t>(k)] : 0; }
};

std::vector<Direction> directions(Index entries, std::mt19937_64& random) {
  std::vector<Direction> all;
  for (int d = 0; d < together; ++d) {
    Direction one{std::vector<signed char>(static_cast<std::size_t>(entries)), 0, entries};
    std::uint64_t bits = 0;
    for (std::size_t k = 0; k < one.signs.size(); ++k) {
      if (k % 64 == 0) bits = random();
      one.signs[k] = (bits >> (k % 64) & 1) != 0 ? 1 : -1;
    }
    all.push_back(std::move(one));
  }
  return all;
}

/// One tensor of one layer's step. What the exact derivatives are computed in must be wider than T: dual numbers, or an
/// affine layer's signed sums.
template <class T, class L>
class Sketch {
 public:
  using Wider = WiderThan<T>;
  using D = Dual<Wider, together>;

  Sketch(const L& of, ParamsIn<T> parameters, const StageRecord<T>& stage, const stage::Bounds& running, bool input)
      : layer(of), theta(parameters), record(stage), by_input(input), bounds(running) {
    if constexpr (std::same_as<L, Affine>) {
      const In<T> weight(theta.data(), layer.n_in, layer.n_out);
      const Matrix<double> fixed = (by_input ? Matrix<T>(weight) : record.x).transpose().template cast<double>();
      sums = stage::SignedSums::of(fixed);
      // W^T R for signs R (n_in x B), or X^T R (B x n_out) for signs in place of W.
      cotangent = stage::in_double(record.y_bar);
      if (!by_input) cotangent.transposeInPlace();
    }
  }

  Index entries() const { return by_input ? record.x_bar.size() : record.theta_bar.size(); }
  double got(Index k) const {
    return static_cast<double>(by_input ? record.x_bar.data()[k] : record.theta_bar.data()[k]);
  }
  double bound(Index k) const { return by_input ? bounds.x_bar.data()[k] : bounds.theta_bar.data()[k]; }

  /// <y_bar, J r> for every direction.
  std::vector<Wider> derivatives(const std::vector<Direction>& along) const {
    if (sums) return affine_derivatives(along);
    const Index batch = record.x.cols();
    Vector<D> parameters(theta.size());
    Matrix<D> x(layer.inputs(), batch), y(layer.outputs(), batch);
    for (Index k = 0; k < theta.size(); ++k) parameters(k) = number(theta(k), k, !by_input, along);
    for (Index k = 0; k < x.size(); ++k) x.data()[k] = number(record.x.data()[k], k, by_input, along);
    Vector<D> workspace(layer.workspace() * batch);
    layer.value(At<D>{view(std::as_const(parameters)), view(std::as_const(x)), view(std::as_const(y)), view(workspace)},
                view(y));
    std::vector<Wider> all(along.size(), 0);
    for (Index i = 0; i < y.size(); ++i)
      for (std::size_t d = 0; d < all.size(); ++d)
        all[d] += static_cast<Wider>(record.y_bar.data()[i]) * y.data()[i].tangent[d];
    return all;
  }
  /// How far <r, computed> is off, over its bound, for every direction.
  std::vector<double> ratios(const std::vector<Direction>& along) const {
    const std::vector<Wider> exact = derivatives(along);
    std::vector<double> all;
    for (std::size_t d = 0; d < along.size(); ++d) {
      Wider computed = 0, squares = 0, sum = 0;
      for (Index k = along[d].begin; k < along[d].end; ++k) {
        const Wider b = bound(k);
        computed += along[d].at(k) * static_cast<Wider>(got(k));
        squares += b * b;
        sum += b;
      }
      // The wider derivative has errors of its own, smaller by the ratio of the unit roundoffs.
      const Wider own = static_cast<Wider>(8 * unit_roundoff<Wider>() / unit_roundoff<T>()) * sum;
      const Wider allowed = sketch_lambda * std::sqrt(squares) + own, error = std::abs(computed - exact[d]);
      all.push_back(error == 0    ? 0
                    : allowed > 0 ? static_cast<double>(error / allowed)
                                  : std::numeric_limits<double>::infinity());
      if (std::isnan(all.back())) all.back() = std::numeric_limits<double>::infinity();
    }
    return all;
  }

 private:
  const L& layer;
  ParamsIn<T> theta;
  const StageRecord<T>& record;
  bool by_input;
  const stage::Bounds& bounds;
  std::optional<stage::SignedSums> sums;  ///< of an affine layer's numbers that are not moved
  Matrix<double> cotangent;               ///< with its products' shape

  /// The same for an affine layer, whose derivative along signs needs neither its value nor dual numbers.
  std::vector<Wider> affine_derivatives(const std::vector<Direction>& along) const {
    const Index terms = layer.inputs(), columns = cotangent.cols(), moved = terms * columns;
    Matrix<double> signs(terms, columns * static_cast<Index>(along.size()));
    for (std::size_t d = 0; d < along.size(); ++d)
      for (Index k = 0; k < moved; ++k) signs.data()[static_cast<Index>(d) * moved + k] = along[d].at(k);
    std::vector<Wider> all;
    for (const long double sum : sums->products(signs, cotangent)) all.push_back(static_cast<Wider>(sum));
    if (by_input) return all;
    for (std::size_t d = 0; d < along.size(); ++d)  // the bias: cotangent is B x n_out
      for (Index j = 0; j < columns; ++j) {
        if (along[d].at(moved + j) == 0) continue;
        Wider sum = 0;
        for (Index s = 0; s < cotangent.rows(); ++s) sum += static_cast<Wider>(cotangent(s, j));
        all[d] += along[d].at(moved + j) * sum;
      }
    return all;
  }
  static D number(T value, Index k, bool moves, const std::vector<Direction>& along) {
    D result;
    result.value = value;
    if (moves)
      for (std::size_t d = 0; d < along.size(); ++d) result.tangent[d] = along[d].at(k);
    return result;
  }
};

/// Halves the entries of the worst direction until one is left.
template <class S>
Index bisect(const S& sketch, Direction direction) {
  while (direction.end - direction.begin > 1) {
    const Index middle = direction.begin + (direction.end - direction.begin) / 2;
    Direction low = direction, high = direction;
    low.end = high.begin = middle;
    const std::vector<double> ratios = sketch.ratios({low, high});
    direction = ratios[0] >= ratios[1] ? low : high;
  }
  return direction.begin;
}

template <class S>
SketchJudgement judge(const S& sketch, std::string stage, std::string tensor, const SketchOptions& options,
                      std::mt19937_64& random) {
  SketchJudgement judgement;
  judgement.stage = std::move(stage);
  judgement.tensor = std::move(tensor);
  double squares = 0, largest = 0;
  for (Index k = 0; k < sketch.entries(); ++k) {
    squares += sketch.bound(k) * sketch.bound(k);
    largest = std::max(largest, std::abs(sketch.got(k)));
  }
  judgement.vacuous = !(largest > 0);
  judgement.smallest_detectable = largest > 0 ? 2 * sketch_lambda * std::sqrt(squares) / largest : 0;
  for (int done = 0; done < options.directions; done += together) {
    const std::vector<Direction> along = directions(sketch.entries(), random);
    const std::vector<double> ratios = sketch.ratios(along);
    for (std::size_t d = 0; d < along.size(); ++d) {
      if (ratios[d] <= judgement.over_bound) continue;
      judgement.over_bound = ratios[d];
      if (!(ratios[d] > 1) || judgement.failed) continue;
      judgement.failed = true;
      judgement.entry = bisect(sketch, along[d]);
      judgement.got = sketch.got(judgement.entry);
      Direction unit{std::vector<signed char>(static_cast<std::size_t>(sketch.entries()), 1), judgement.entry,
                     judgement.entry + 1};
      judgement.exact = static_cast<double>(sketch.derivatives({unit}).front());
    }
  }
  return judgement;
}

}  // namespace

double sketch_miss_probability(int directions) { return std::pow(1 - 3.0 / 16, directions); }

template <class T>
std::vector<SketchJudgement> sketch_stages(const Problem<T>& problem, const SweepRecord<T>& record, bool input_gradient,
                                           const SketchOptions& options) {
  const Network& network = problem.network;
  std::mt19937_64 random(options.seed);
  std::vector<SketchJudgement> all;
  const TensorJudgement loss = judge_loss<T>(problem.loss, record.output, problem.y, record.stages.back().y_bar);
  all.push_back({loss.stage, loss.tensor, is_failure(loss.finding), loss.finding == Finding::vacuous,
                 loss.error_over_bound, loss.resolution, loss.column * record.output.rows() + loss.row, loss.got,
                 loss.reference});
  const Index lowest = input_gradient ? 0 : network.first_parameters();
  for (Index l = network.size() - 1; l >= lowest; --l) {
    const StageRecord<T>& stage = record.stages[static_cast<std::size_t>(l)];
    const ParamsIn<T> theta(problem.theta.data() + network.offset(l), network.parameters(l));
    std::visit(
        [&]<class L>(const L& layer) {
          const std::string name = fmt::format("layer {}, {}", l + 1, layer.text());
          const stage::Bounds bounds = stage::bounds_of<T>(layer, theta, stage);
          const auto judge_by = [&](bool input) {
            all.push_back(judge(Sketch<T, L>(layer, theta, stage, bounds, input), name,
                                input ? "input gradient" : "parameter gradient", options, random));
          };
          if (stage.x_bar.size() > 0) judge_by(true);
          if (layer.parameters() > 0) judge_by(false);
        },
        network.layer(l));
  }
  return all;
}

template std::vector<SketchJudgement> sketch_stages(const Problem<float>&, const SweepRecord<float>&, bool,
                                                    const SketchOptions&);
template std::vector<SketchJudgement> sketch_stages(const Problem<double>&, const SweepRecord<double>&, bool,
                                                    const SketchOptions&);

std::string sentence(const SketchJudgement& j) {
  if (!j.failed && j.vacuous)
    return fmt::format("VACUOUS {}, {}: all entries are zero, and rightly so", j.stage, j.tensor);
  if (!j.failed && !(j.smallest_detectable < 1))
    return fmt::format("INCONCLUSIVE(resolution) {}, {}: one entry's error of {:.2g} of the largest might not be seen",
                       j.stage, j.tensor, j.smallest_detectable);
  if (!j.failed)
    return fmt::format(
        "PASS {}, {}: at most {:.3g} times the bound; one entry's error of {:.2g} of the largest would have "
        "been seen",
        j.stage, j.tensor, j.over_bound, j.smallest_detectable);
  return fmt::format(
      "FAIL(formula) {}, {}: {:.3g} times the bound of random directions; bisection ends at entry {}: got "
      "{:.17g}, exact {:.17g}",
      j.stage, j.tensor, j.over_bound, j.entry, j.got, j.exact);
}

}  // namespace backprove

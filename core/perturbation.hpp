#pragma once

#include <cmath>

#include "core/promotion.hpp"
#include "core/scalars/traits.hpp"

namespace backprove {

/// Consecutive coordinates of the gradient that lie in one place: parameters of layer `layer`, or inputs of sample
/// `sample` (layer = -1).
struct Coordinates {
  Index layer, sample, begin, count;
};

// Whether a displaced number is the undisplaced one; for the scalars whose operations are not counted.
template <std::floating_point T>
bool is_unchanged(const T& displaced, const T& base) {
  return displaced == base;
}
inline bool is_unchanged(const RunningError& displaced, const RunningError& base) {
  return displaced.v == base.v && displaced.e == base.e;
}
template <class T>
requires requires(const T& t) { is_unchanged(t, t); }
bool is_unchanged(const Complex<T>& displaced, const T& base) {
  return is_unchanged(displaced.re, base) && is_unchanged(displaced.im, T(0));
}

/// Losses at points that differ from the problem's in one coordinate each, in scalar S (T itself, or complex). The
/// layers before the perturbed one are not evaluated again, and the columns of many coordinates go through the others
/// as one batch. For an input the loss is its sample's share of the reduced loss: the others do not change.
template <class T, class S>
class Perturbation {
 public:
  Perturbation(const Problem<T>& of, const Vector<T>& base) : problem(of), network(of.network), base_workspace(base) {}

  /// Columns that go through the network at once: enough for fast products, few where every number is an allocation.
  static constexpr Index most_columns = std::is_trivially_copyable_v<T> ? 512 : 64;

  /// All coordinates in pieces, parameters first.
  std::vector<Coordinates> pieces(bool with_inputs) const {
    std::vector<Coordinates> all;
    const Index most = std::max<Index>(1, most_columns / problem.batch());
    for (Index l = 0; l < network.size(); ++l)
      for (Index k = 0; k < network.parameters(l); k += most)
        all.push_back({l, -1, k, std::min(most, network.parameters(l) - k)});
    if (with_inputs)
      for (Index s = 0; s < problem.batch(); ++s)
        for (Index i = 0; i < network.inputs(); i += most_columns)
          all.push_back({-1, s, i, std::min(most_columns, network.inputs() - i)});
    return all;
  }
  /// The coordinate's value.
  const T& value(const Coordinates& at, Index k) const {
    return at.layer < 0 ? problem.x.data()[at.sample * network.inputs() + at.begin + k]
                        : problem.theta.data()[network.offset(at.layer) + at.begin + k];
  }
  /// Where the coordinate's derivative belongs.
  T& target(const Coordinates& at, Index k, Gradient<T>& gradient) const {
    return at.layer < 0 ? gradient.input(at.begin + k, at.sample)
                        : gradient.parameters(network.offset(at.layer) + at.begin + k);
  }
  /// Index of the coordinate in the flat order parameters, then inputs sample by sample.
  Index flat(const Coordinates& at, Index k) const {
    return at.layer < 0 ? network.parameters() + at.sample * network.inputs() + at.begin + k
                        : network.offset(at.layer) + at.begin + k;
  }

  /// losses(k) = loss with coordinate k at displaced(k). If `crossed` is given, crossed(k) is set to 1 where the
  /// branches taken differ from those at the problem's own point. `inspect` gets all numbers that were computed on the
  /// way, layer by layer.
  template <class F = void (*)(const Vector<S>&)>
  Vector<S> losses(
      const Coordinates& at, const Vector<S>& displaced, Vector<signed char>* crossed,
      F&& inspect = [](const Vector<S>&) {}) const {
    const Index from = std::max<Index>(at.layer, 0), group = at.layer < 0 ? 1 : problem.batch();
    const Index columns = at.count * group;
    Vector<S> workspace(network.workspace() * columns);
    const Matrix<S> first = entering<S>(from, at, columns);
    Matrix<S> x = first;
    const Matrix<S>& entry = x;
    const Vector<S> theta = promoted<S>(problem.theta);
    const NetworkTape<S> tape = network.tape(At<S>{view(theta), view(entry), view(entry), view(workspace)});
    BranchSignature signature(columns);
    if (at.layer < 0) {
      for (Index k = 0; k < at.count; ++k) x(at.begin + k, k) = displaced(k);
      tape.forward();
      if (crossed) tape.branches(signature);
    } else {
      perturb_layer(at, tape, first, displaced, crossed ? &signature : nullptr);
      const bool done = from + 1 < network.size() && elementwise_after(from, group, tape);
      tape.forward(from + (done ? 2 : 1), network.size());
      if (crossed) tape.branches(signature, from + 1);
    }
    if (crossed) compare(at, from, group, signature, *crossed);
    inspect(workspace);
    return reduced(at, tape.output(), group);
  }
  /// The loss without displacement, as `losses` reduces it.
  T base(const Coordinates& at, const T& whole) const {
    if (at.layer >= 0) return whole;
    const T* z =
        base_workspace.data() + (network.region(network.size() - 1) * problem.batch() + at.sample * network.outputs());
    return problem.loss.template reduce<T>(
        problem.loss.template sample<T>(z, problem.y.data() + at.sample * problem.y.rows(), network.outputs()),
        problem.batch());
  }

 private:
  const Problem<T>& problem;
  const Network& network;
  const Vector<T>& base_workspace;

  const T* base_input(Index l) const {
    return l == 0 ? problem.x.data() : base_workspace.data() + network.region(l - 1) * problem.batch();
  }
  /// What enters layer `from`: the whole batch, repeated for every coordinate; or one sample's column.
  template <class U>
  Matrix<U> entering(Index from, const Coordinates& at, Index columns) const {
    Matrix<U> x(network.width(from), columns);
    const T* base = base_input(from);
    for (Index c = 0; c < columns; ++c) {
      const Index s = at.layer < 0 ? at.sample : c % problem.batch();
      for (Index i = 0; i < x.rows(); ++i) x(i, c) = U(base[s * x.rows() + i]);
    }
    return x;
  }
  /// One parameter changes few outputs of its layer, often one a sample: if the next layer is elementwise, its value is
  /// copied where nothing changed. Returns whether that was done.
  bool elementwise_after(Index l, Index group, const NetworkTape<S>& tape) const {
    if constexpr (requires(const S& s, const T& t) { is_unchanged(s, t); }) {
      const T* const x_base = base_input(l + 1);
      const T* const y_base = base_workspace.data() + network.region(l + 1) * problem.batch();
      return std::visit(
          [&]<class L>(const L& layer) {
            if constexpr (requires { L::acts_elementwise; }) {
              const At<S> p = tape.at(l + 1);
              const S* const x = p.x.data();
              S* const y = tape.input(l + 2).data();
              const Index rows = p.x.rows(), sample = rows * group;
              for (Index i = 0; i < p.x.size(); ++i)
                if (is_unchanged(x[i], x_base[i % sample]))
                  y[i] = S(y_base[i % sample]);
                else
                  layer.value(At<S>{p.theta, In<S>(x + i, 1, 1), In<S>(y + i, 1, 1), p.workspace}, Out<S>(y + i, 1, 1));
              return true;
            }
            return false;
          },
          network.layer(l + 1));
    }
    return false;
  }
  /// Evaluates the perturbed layer once for every coordinate, each on its own group of columns.
  void perturb_layer(const Coordinates& at, const NetworkTape<S>& tape, const Matrix<S>& x, const Vector<S>& displaced,
                     BranchSignature* signature) const {
    const Index l = at.layer, batch = problem.batch();
    Vector<S> theta = promoted<S>(ParamsIn<T>(problem.theta.data() + network.offset(l), network.parameters(l)));
    Out<S> y = tape.input(l + 1);
    Vector<S> workspace((network.region(l + 1) - network.region(l) - network.width(l + 1)) * batch);
    for (Index k = 0; k < at.count; ++k) {
      const S kept = theta(at.begin + k);
      theta(at.begin + k) = displaced(k);
      Out<S> own(y.data() + k * batch * y.rows(), y.rows(), batch);
      const At<S> p{view(std::as_const(theta)), In<S>(x.data() + k * batch * x.rows(), x.rows(), batch),
                    In<S>(own.data(), own.rows(), batch), view(workspace)};
      std::visit([&](const auto& layer) { evaluate(layer, l, at.begin + k, p, own); }, network.layer(l));
      if (signature) {
        BranchSignature part(batch);
        std::visit([&](const auto& layer) { layer.branches(p, part); }, network.layer(l));
        signature->hash.segment(k * batch, batch) = part.hash;
      }
      theta(at.begin + k) = kept;
    }
  }
  /// The layer's value with parameter k displaced; if that feeds one output alone, the others are copied.
  template <class L>
  void evaluate(const L& layer, Index l, Index k, const At<S>& p, Out<S> y) const {
    if constexpr (requires(const S& s, const T& t) { is_unchanged(s, t), layer.output_of(k); }) {
      const T* const base = base_workspace.data() + network.region(l) * problem.batch();
      for (Index i = 0; i < y.size(); ++i) y.data()[i] = S(base[i]);
      const Index j = layer.output_of(k);
      Matrix<S> row(1, y.cols());
      layer.one_output(p, j, view(row));
      y.row(j) = row;
    } else {
      layer.value(p, y);
    }
  }
  void compare(const Coordinates& at, Index from, Index group, const BranchSignature& signature,
               Vector<signed char>& crossed) const {
    BranchSignature own(problem.batch());
    Vector<T> workspace = base_workspace;
    network.tape(At<T>{problem.theta, problem.x, problem.x, view(workspace)}).branches(own, from);
    for (Index k = 0; k < at.count; ++k)
      for (Index c = 0; c < group; ++c)
        if (signature.hash(k * group + c) != own.hash(at.layer < 0 ? at.sample : c)) crossed(k) = 1;
  }
  Vector<S> reduced(const Coordinates& at, In<S> z, Index group) const {
    Vector<S> out(at.count);
    const double* y = problem.y.data() + std::max<Index>(at.sample, 0) * problem.y.rows();
    for (Index k = 0; k < at.count; ++k) {
      const In<S> outputs(z.data() + k * group * z.rows(), z.rows(), group);
      out(k) = problem.loss.template reduce<S>(
          problem.loss.template sum<S>(outputs, In<double>(y, problem.y.rows(), group)), problem.batch());
    }
    return out;
  }
};

/// Cost of `evaluations` losses a coordinate.
inline Cost difference_cost(const Shape& shape, double evaluations, double numbers_a_scalar) {
  const Network& network = shape.network;
  double sum = 0, above = 0;
  for (Index l = network.size() - 1; l >= 0; --l) {
    above += network.multiplications(l);
    sum += above * static_cast<double>(network.parameters(l));
  }
  if (shape.input_gradient) sum += above * static_cast<double>(network.inputs());
  const auto batch = static_cast<double>(shape.batch), most = std::max(1.0, std::floor(512 / batch));
  double piece = 0;  // a tape of its columns and, twice, what enters the lowest layer that is evaluated
  const auto of_columns = [&](double columns, Index from) {
    piece = std::max(piece, columns * static_cast<double>(network.workspace() + 2 * network.width(from)));
  };
  for (Index l = 0; l < network.size(); ++l)
    of_columns(batch * std::min(most, static_cast<double>(network.parameters(l))), l);
  if (shape.input_gradient) of_columns(std::min(512.0, static_cast<double>(network.inputs())), 0);
  return {evaluations * sum * batch,
          static_cast<double>(network.workspace()) * batch +
              numbers_a_scalar * shape.threads * (piece + static_cast<double>(network.parameters()))};
}

}  // namespace backprove

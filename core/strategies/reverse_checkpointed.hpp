#pragma once

#include <bit>

#include "core/chunked.hpp"
#include "core/revolve.hpp"

namespace backprove {

/// Reverse mode with at most s stored layer inputs (Options::snapshots); what lies between them is evaluated again, in
/// the order of revolve. Every layer is evaluated once more for its own reverse step.
struct ReverseCheckpointed {
  static constexpr std::string_view name = "reverse_checkpointed";
  static constexpr unsigned trusts = formula_value | formula_vjp;

  template <class T>
  static std::string unsupported(const Network&, const Loss&) {
    return "";
  }
  static Cost predict(const Shape& shape) {
    const Network& network = shape.network;
    const Index s = snapshots(network, shape.snapshots);
    const double again =
        Revolve(network.size(), s).extra_steps(network.size(), s) / static_cast<double>(network.size());
    return {reverse_multiplications(shape) + again * network.multiplications() * static_cast<double>(shape.batch),
            chunked_scalars(shape, scalars(network, s))};
  }

  template <class T>
  static Prepared<T> prepare(const Problem<T>& problem, const Options& options) {
    const Index s = snapshots(problem.network, options.snapshots);
    auto revolve = std::make_shared<const Revolve>(problem.network.size(), s);
    return [state = std::make_shared<Chunked<T>>(problem, options, scalars(problem.network, s)), revolve,
            s](Gradient<T>& gradient) {
      state->run(gradient, [&](const Part<T>& part) { return Sweep<T>(state->problem, *revolve, part, s).run(); });
      gradient.extras = {{"recomputed_layers", revolve->extra_steps(state->problem.network.size(), s),
                          "layers evaluated again with " + std::to_string(s) + " snapshots"}};
    };
  }

 private:
  /// The number asked for, or ceil(log2(layers)) + 1; at least 1 and at most one a layer.
  static Index snapshots(const Network& network, Index asked) {
    const auto bits = static_cast<Index>(std::bit_width(static_cast<std::uint64_t>(network.size() - 1)));
    return std::clamp<Index>(asked > 0 ? asked : bits + 1, 1, network.size());
  }
  /// Snapshots but the first (which is x), two states to advance in, an output, two cotangents, the largest workspace.
  static Index scalars(const Network& network, Index s) {
    return (s + 4) * network.max_width() + layer_workspace(network);
  }
  static Index layer_workspace(const Network& network) {
    Index most = 0;
    for (Index l = 0; l < network.size(); ++l)
      most = std::max(most, network.region(l + 1) - network.region(l) - network.width(l + 1));
    return most;
  }

  /// The reversal of one part.
  template <class T>
  class Sweep {
   public:
    Sweep(const Problem<T>& of, const Revolve& with, const Part<T>& on, Index snapshots)
        : problem(of), network(of.network), revolve(with), part(on), s(snapshots) {}

    T run() {
      reverse(0, network.size(), s, part.x.data(), 0);
      return loss;
    }

   private:
    const Problem<T>& problem;
    const Network& network;
    const Revolve& revolve;
    const Part<T>& part;
    const Index s;
    T loss = T(0);

    /// Reverses the layers [begin, end); `x` enters layer `begin`, `used` snapshot slots are taken, `free` may be held.
    void reverse(Index begin, Index end, Index free, const T* x, Index used) {
      if (end - begin == 1) {
        step(begin, x);
      } else if (free == 1) {
        for (Index l = end - 1; l >= begin; --l) step(l, advance(begin, l, x, nullptr));
      } else {
        const Index middle = begin + revolve.advance(end - begin, free);
        T* snapshot = slot(used);
        advance(begin, middle, x, snapshot);
        reverse(middle, end, free - 1, snapshot, used + 1);
        reverse(begin, middle, free, x, used);
      }
    }
    /// Evaluates the layers [begin, end); the result goes to `target`, or stays in one of the two scratch states.
    const T* advance(Index begin, Index end, const T* x, T* target) {
      for (Index l = begin; l < end; ++l) {
        T* y = l == end - 1 && target ? target : slot(s - 1 + l % 2);
        evaluate(l, x, y);
        x = y;
      }
      return x;
    }
    void evaluate(Index l, const T* x, T* y) const {
      const At<T> p = at(l, x, y);
      std::visit([&](const auto& layer) { layer.value(p, Out<T>(y, network.width(l + 1), batch())); },
                 network.layer(l));
    }
    void step(Index l, const T* x) {
      const bool want_input = part.input.size() > 0;
      if (!want_input && l < network.first_parameters() && l < network.size() - 1) return;
      T* y = slot(s + 1);
      evaluate(l, x, y);
      const At<T> p = at(l, x, y);
      Out<T> y_bar(cotangent(l + 1), network.width(l + 1), batch());
      if (l == network.size() - 1) {
        problem.loss.template gradient<T>(p.y, part.y, problem.batch(), y_bar);
        loss = problem.loss.template sum<T>(p.y, part.y);
      }
      Out<T> x_bar(nullptr, 0, 0);
      if (l == 0 && want_input) new (&x_bar) Out<T>(Out<T>(part.input).data(), network.width(0), batch());
      if (l > 0 && (want_input || l > network.first_parameters()))
        new (&x_bar) Out<T>(cotangent(l), network.width(l), batch());
      const ParamsOut<T> own(ParamsOut<T>(part.theta_bar).data() + network.offset(l), network.parameters(l));
      const In<T> above(y_bar.data(), y_bar.rows(), y_bar.cols());
      std::visit([&](const auto& layer) { layer.vjp(p, above, x_bar, own); }, network.layer(l));
    }
    Index batch() const { return part.x.cols(); }
    T* slot(Index k) const { return ParamsOut<T>(part.workspace).data() + k * network.max_width() * batch(); }
    T* cotangent(Index l) const { return slot(s + 2 + l % 2); }
    At<T> at(Index l, const T* x, const T* y) const {
      return {ParamsIn<T>(problem.theta.data() + network.offset(l), network.parameters(l)),
              In<T>(x, network.width(l), batch()), In<T>(y, network.width(l + 1), batch()),
              ParamsOut<T>(slot(s + 4), layer_workspace(network) * batch())};
    }
  };
};

}  // namespace backprove

#pragma once

#include "core/promotion.hpp"
#include "core/scalars/dual.hpp"
#include "core/strategy.hpp"

namespace backprove {

/// Forward mode: tangents in blocks of K through dual numbers, one evaluation of the network for every K parameters,
/// from the layer that holds them on; and for every K input features, of all samples at once.
struct ForwardMode {
  static constexpr std::string_view name = "forward_mode";
  static constexpr unsigned trusts = formula_value | formula_dual_rules;
  static constexpr int block = 4;

  template <class T>
  static std::string unsupported(const Network&, const Loss&) {
    return "";
  }
  static Cost predict(const Shape& shape) {
    const Network& network = shape.network;
    double sum = 0, above = 0;
    for (Index l = network.size() - 1; l >= 0; --l) {
      above += network.multiplications(l);
      sum += above * static_cast<double>(network.parameters(l));
    }
    if (shape.input_gradient) sum += above * static_cast<double>(network.inputs());
    const double dual = static_cast<double>(shape.network.workspace() * shape.batch + shape.network.parameters());
    const auto inputs = static_cast<double>(network.inputs() * shape.batch);
    return {sum * static_cast<double>(shape.batch) * (2 + 1.0 / block),
            dual + shape.threads * (1 + block) * (dual + inputs)};
  }

  template <class T>
  static Prepared<T> prepare(const Problem<T>& problem, const Options& options) {
    return [problem, options](Gradient<T>& gradient) {
      const Vector<T> workspace = tape_of(problem, gradient.loss);
      const Index blocks = (problem.network.parameters() + block - 1) / block + problem.network.size();
      const Index inputs = gradient.input.size() > 0 ? problem.network.inputs() : 0;
      map_chunks(blocks + inputs, (blocks + inputs + 7) / 8, options.threads, [&](Index, Index begin, Index end) {
        Tangents<T> tangents(problem, workspace);
        Index k = 0;
        for (Index l = 0; l < problem.network.size(); ++l)
          for (Index at = 0; at < problem.network.parameters(l); at += block, ++k)
            if (k >= begin && k < end) tangents.parameters(l, at, gradient.parameters);
        for (Index i = 0; i < inputs; i += block, ++k)
          if (k >= begin && k < end) tangents.inputs(i, gradient.input);
      });
    };
  }

 private:
  template <class T>
  class Tangents {
   public:
    using D = Dual<T, block>;

    Tangents(const Problem<T>& of, const Vector<T>& base)
        : problem(of),
          network(of.network),
          base_workspace(base),
          theta(promoted<D>(of.theta)),
          x(promoted<D>(of.x)),
          workspace(network.workspace() * of.batch()),
          tape(network.tape(
              At<D>{view(std::as_const(theta)), view(std::as_const(x)), view(std::as_const(x)), view(workspace)})) {}

    /// The derivatives by the parameters at, ..., at + block - 1 of layer l.
    void parameters(Index l, Index at, Vector<T>& out) {
      if (l > 0) {
        // What enters layer l does not depend on its parameters: the base tape's value, with zero tangents.
        const T* entering = base_workspace.data() + network.region(l - 1) * problem.batch();
        Out<D> input = tape.input(l);
        for (Index i = 0; i < input.size(); ++i) input.data()[i] = D(entering[i]);
      }
      const Index count = std::min<Index>(block, network.parameters(l) - at), first = network.offset(l) + at;
      for (Index k = 0; k < count; ++k) theta(first + k).tangent[static_cast<std::size_t>(k)] = T(1);
      tape.forward(l, network.size());
      const D loss =
          problem.loss.template reduce<D>(problem.loss.template sum<D>(tape.output(), problem.y), problem.batch());
      for (Index k = 0; k < count; ++k) {
        out(first + k) = loss.tangent[static_cast<std::size_t>(k)];
        theta(first + k).tangent[static_cast<std::size_t>(k)] = T(0);
      }
    }
    /// The derivatives by the features i, ..., i + block - 1 of every sample: samples do not mix, so one pass serves
    /// all.
    void inputs(Index i, Matrix<T>& out) {
      const Index count = std::min<Index>(block, network.inputs() - i);
      const auto seed = [&](const T& value) {
        for (Index s = 0; s < problem.batch(); ++s)
          for (Index k = 0; k < count; ++k) x(i + k, s).tangent[static_cast<std::size_t>(k)] = value;
      };
      seed(T(1));
      tape.forward();
      for (Index s = 0; s < problem.batch(); ++s) {
        const D loss = problem.loss.template reduce<D>(
            problem.loss.template sample<D>(tape.output().data() + s * network.outputs(),
                                            problem.y.data() + s * problem.y.rows(), network.outputs()),
            problem.batch());
        for (Index k = 0; k < count; ++k) out(i + k, s) = loss.tangent[static_cast<std::size_t>(k)];
      }
      seed(T(0));
    }

   private:
    const Problem<T>& problem;
    const Network& network;
    const Vector<T>& base_workspace;
    Vector<D> theta;
    Matrix<D> x;
    Vector<D> workspace;
    NetworkTape<D> tape;
  };
};

}  // namespace backprove

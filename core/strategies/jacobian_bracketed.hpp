#pragma once

#include <map>
#include <optional>
#include <set>

#include "core/bracketing.hpp"
#include "core/dense_chain.hpp"

namespace backprove {

/// Explicit products, each in its cheapest order. Every block of the gradient is a chain g^T J_N ... J_{l+1} D_l;
/// dynamic programming over the real shapes chooses the brackets of each chain by itself, and sub-products that several
/// chains need are formed once. For a scalar loss this is reverse order unless a layer of width 1 or a narrow input
/// makes another one cheaper for a chain; all parameters together, which share reverse order's prefixes, it can then
/// cost more.
struct JacobianBracketed {
  static constexpr std::string_view name = "jacobian_bracketed";
  static constexpr unsigned trusts = formula_value | formula_d_input | formula_d_params;

  template <class T>
  static std::string unsupported(const Network&, const Loss&) {
    return "";
  }
  static Cost predict(const Shape& shape) {
    const Plan plan(shape.network, shape.input_gradient);
    return {plan.cost * static_cast<double>(shape.batch), dense_scalars(shape) + shape.threads * plan.scalars};
  }

  template <class T>
  static Prepared<T> prepare(const Problem<T>& problem, const Options& options) {
    auto plan = std::make_shared<const Plan>(problem.network, options.input_gradient);
    return [state = std::make_shared<Chunked<T>>(problem, options, problem.network.workspace()),
            plan](Gradient<T>& gradient) {
      state->run_on_tape(gradient, [&](const NetworkTape<T>& tape, const Part<T>& part) {
        const DenseChain<T> chain(state->problem, tape, part.y);
        for (Index s = 0; s < tape.batch(); ++s) Evaluation<T>{*plan, chain, s, {}}.run(part.input, part.theta_bar);
      });
    };
  }

 private:
  /// The brackets of all blocks. Factor 0 is g^T, factor k is layer N - k, and a block's parameter factor comes last.
  struct Plan {
    const Network& network;
    Bracketing chain;
    std::vector<std::vector<Bracket>> blocks;  ///< per layer, the last column with its parameter factor
    double cost = 0, scalars = 0;

    Plan(const Network& of, bool input_gradient) : network(of), blocks(static_cast<std::size_t>(of.size())) {
      chain.append({1, static_cast<double>(network.outputs()), static_cast<double>(network.outputs()), 0});
      for (Index l = network.size() - 1; l >= 0; --l) {
        const auto rows = static_cast<double>(network.width(l + 1));
        if (network.parameters(l) > 0) {
          const auto cols = static_cast<double>(network.parameters(l));
          blocks[static_cast<std::size_t>(l)] = chain.column(above(l), {rows, cols, cols, 0});
        }
        chain.append({rows, static_cast<double>(network.width(l)), network.multiplications(l), 0});
      }
      std::set<std::pair<Index, Index>> done;
      for (Index l = 0; l < network.size(); ++l)
        if (network.parameters(l) > 0) add_cost(0, above(l), l, done);
      if (input_gradient) add_cost(0, network.size(), -1, done);
    }
    /// Index of the factor that follows the chain above layer l.
    Index above(Index l) const { return network.size() - l; }
    Index layer(Index factor) const { return network.size() - factor; }
    /// The bracket of [i, j]; if `block` >= 0, factor j is that layer's parameter factor.
    const Bracket& bracket(Index i, Index j, Index block) const {
      return block >= 0 ? blocks[static_cast<std::size_t>(block)][static_cast<std::size_t>(i)] : chain.bracket(i, j);
    }

   private:
    /// Cost of [i, j] without the parts that were formed before.
    void add_cost(Index i, Index j, Index block, std::set<std::pair<Index, Index>>& done) {
      if (i == j || (block < 0 && !done.insert({i, j}).second)) return;
      const Bracket& b = bracket(i, j, block);
      double parts = 0;
      if (b.kind != Bracket::Kind::push_forward) {
        parts += chain.bracket(i, b.at).cost;
        add_cost(i, b.at, -1, done);
      }
      if (b.kind != Bracket::Kind::pull_back) {
        parts += bracket(b.at + 1, j, block).cost;
        add_cost(b.at + 1, j, block, done);
        scalars += static_cast<double>(network.max_width()) * static_cast<double>(network.max_width());
      }
      cost += b.cost - parts;
    }
  };

  /// The products of one sample.
  template <class T>
  struct Evaluation {
    const Plan& plan;
    const DenseChain<T>& chain;
    Index s;
    std::map<std::pair<Index, Index>, Matrix<T>> formed;

    void run(Out<T> input, ParamsOut<T> theta_bar) {
      const Network& network = plan.network;
      for (Index l = 0; l < network.size(); ++l) {
        if (network.parameters(l) == 0) continue;
        const Matrix<T> row = product_of(0, plan.above(l), l);
        for (Index k = 0; k < row.size(); ++k) theta_bar(network.offset(l) + k) += row(0, k);
      }
      if (input.size() > 0) input.col(s) = product_of(0, network.size(), -1).transpose();
    }

   private:
    Matrix<T> product_of(Index i, Index j, Index block) {
      if (block >= 0) return form(i, j, block);
      const auto found = formed.find({i, j});
      if (found != formed.end()) return found->second;
      return formed[{i, j}] = form(i, j, block);
    }
    Matrix<T> form(Index i, Index j, Index block) {
      const Bracket& b = plan.bracket(i, j, block);
      switch (b.kind) {
        case Bracket::Kind::factor:
          return i == 0 ? Matrix<T>(chain.g_column(s).transpose()) : factor(i, block).dense(s);
        case Bracket::Kind::split: {
          const Matrix<T> left = product_of(i, b.at, -1), right = product_of(b.at + 1, j, block);
          return times(left, right);
        }
        case Bracket::Kind::push_forward: {
          Matrix<T> current = product_of(b.at + 1, j, block);
          for (Index k = b.at; k >= i; --k)
            current = k == 0 ? times(chain.g_column(s).transpose(), current) : pushed(factor(k, -1), current);
          return current;
        }
        case Bracket::Kind::pull_back:
          break;
      }
      Matrix<T> current = product_of(i, b.at, -1).transpose();
      for (Index k = b.at + 1; k <= j; ++k) {
        const Jacobian<T>& next = factor(k, k == j ? block : -1);
        Matrix<T> pulled(next.cols(), current.cols());
        next.pullback(view(std::as_const(current)), view(pulled), Samples::only(s));
        current = std::move(pulled);
      }
      return current.transpose();
    }
    const Jacobian<T>& factor(Index k, Index block) const {
      return block >= 0 ? chain.d_params(block) : chain.d_input(plan.layer(k));
    }
    Matrix<T> pushed(const Jacobian<T>& j, const Matrix<T>& columns) const {
      Matrix<T> out(j.rows(), columns.cols());
      j.pushforward(view(columns), view(out), Samples::only(s));
      return out;
    }
    static Matrix<T> times(const Matrix<T>& a, const Matrix<T>& b) {
      const Tally<T> tally(Term::product);
      Matrix<T> out(a.rows(), b.cols());
      product<T>(Op::plain, view(a), Op::plain, view(b), view(out));
      return out;
    }
  };
};

}  // namespace backprove

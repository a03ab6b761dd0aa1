#pragma once

#include <concepts>
#include <string>
#include <variant>

#include "core/loss_formulas.hpp"
#include "core/scalars/counting.hpp"
#include "core/types.hpp"
#include "generated/losses.hpp"

/// A loss maps one sample's outputs z (n) and target to a number; core/losses holds one file a loss.
namespace backprove {

enum class Reduction { mean, sum };

/// The formulas of loss K for scalar T; y points to n numbers, or to one class index.
///   value(z, y, n)        the sample's loss
///   gradient(z, y, n, g)  g = its derivative by z
template <class K, class T>
concept LossAt = requires(const T* z, const double* y, Index n, T* g) {
  { K::name } -> std::convertible_to<std::string_view>;
  { K::rational } -> std::convertible_to<std::string_view>;  // empty, or the function that rational numbers lack
  { K::targets } -> std::convertible_to<Targets>;
  { K::template value<T>(z, y, n) } -> std::same_as<T>;
  K::template gradient<T>(z, y, n, g);
};

struct Loss {
  AnyLoss kind;
  Reduction reduction = Reduction::mean;

  /// Throws std::invalid_argument with the known names if there is none of this name.
  static Loss named(std::string_view name, Reduction reduction);
  std::string_view name() const;
  std::string_view rational() const;
  Targets targets() const;
  /// Rows of the target matrix for a network with n outputs.
  Index target_rows(Index outputs) const { return targets() == Targets::classes ? 1 : outputs; }
  /// Checks shape (target_rows x B), class indices in [0, n), probabilities in [0, 1]; throws std::invalid_argument.
  void check(In<double> y, Index outputs, Index batch) const;

  /// The sum of the losses of the columns of z (n x B), not yet reduced.
  template <class T>
  T sum(In<T> z, In<double> y) const {
    const Tally<T> tally(Term::loss);
    T total = T(0);
    for (Index s = 0; s < z.cols(); ++s) {
      const T one = sample<T>(z.data() + s * z.rows(), y.data() + s * y.rows(), z.rows());
      if (s == 0)
        total = one;
      else
        total += one;
    }
    return total;
  }
  template <class T>
  T sample(const T* z, const double* y, Index n) const {
    return std::visit([&]<class K>(const K&) { return K::template value<T>(z, y, n); }, kind);
  }
  /// total / B for the mean, total for the sum.
  template <class T>
  T reduce(const T& total, Index batch) const {
    const Tally<T> tally(Term::loss);
    return reduction == Reduction::mean ? total / T(static_cast<int>(batch)) : total;
  }
  /// g (n x B): derivative of the reduced loss of a batch of `batch` samples by the columns of z.
  template <class T>
  void gradient(In<T> z, In<double> y, Index batch, Out<T> g) const {
    const Tally<T> tally(Term::loss);
    for (Index s = 0; s < z.cols(); ++s)
      std::visit(
          [&]<class K>(const K&) {
            K::template gradient<T>(z.data() + s * z.rows(), y.data() + s * y.rows(), z.rows(),
                                    g.data() + s * g.rows());
          },
          kind);
    if (reduction == Reduction::mean && batch > 1)
      for (Index i = 0; i < g.size(); ++i) g.data()[i] = g.data()[i] / T(static_cast<int>(batch));
  }
};

}  // namespace backprove

#pragma once

#include <fmt/format.h>

#include "core/layer.hpp"

namespace backprove {

/// A layer y_i = f(x_i) made from a rule: name, rational, kink (whether f has one at 0), and three formulas,
///   value(x)             f(x)
///   slope(x, y)          f'(x), for the Jacobian diag(f'(x))
///   reverse_slope(x, y)  f'(x) again, as the fast reverse rule writes it
/// A rule whose slope is not good to a few ulp everywhere says where, in `loses_digits`.
template <class Rule>
struct Elementwise : NoParameters {
  static constexpr std::string_view name = Rule::name;
  static constexpr std::string_view rational = Rule::rational;
  static constexpr std::string_view example = Rule::name;
  /// Output i depends on input i alone.
  static constexpr bool acts_elementwise = true;
  /// Whether the slope itself jumps at 0, so that there is a set of subderivatives.
  static constexpr bool slope_jumps = Rule::kink && !requires { Rule::slope_is_continuous; };
  static constexpr std::string_view loses_digits = [] {
    if constexpr (requires { Rule::loses_digits; })
      return Rule::loses_digits;
    else
      return std::string_view();
  }();
  /// The largest relative error of y_bar f'(x) in units of the unit roundoff, where the rule declares it in a line of
  /// its own; 0: it is derived by running the formulas with RunningError.
  static constexpr double slope_units = [] {
    if constexpr (requires { Rule::slope_units; })
      return static_cast<double>(Rule::slope_units);
    else
      return 0.0;
  }();
  Index n = 0;

  static Elementwise make(const Piece& piece, Index width) {
    Elementwise layer;
    layer.n = kept_width(piece, width);
    return layer;
  }
  Index inputs() const { return n; }
  Index outputs() const { return n; }
  Index workspace() const { return 0; }
  double multiplications() const { return static_cast<double>(n); }
  std::string text() const { return fmt::format("{}({})", name, n); }

  /// f'(x), as the Jacobian has it.
  template <class T>
  static T slope(const T& x, const T& y) {
    return Rule::slope(x, y);
  }
  template <class T>
  void value(const At<T>& p, Out<T> y) const {
    const Tally<T> tally(Term::value);
    for (Index i = 0; i < y.size(); ++i) y.data()[i] = Rule::value(p.x.data()[i]);
  }
  template <class T>
  Diagonal<T> d_input(const At<T>& p) const {
    const Tally<T> tally(Term::slope);
    Diagonal<T> jacobian{Matrix<T>(n, p.x.cols())};
    for (Index i = 0; i < p.x.size(); ++i) jacobian.d.data()[i] = Rule::slope(p.x.data()[i], p.y.data()[i]);
    return jacobian;
  }
  template <class T>
  Empty<T> d_params(const At<T>&) const {
    return {n};
  }
  template <class T>
  void vjp(const At<T>& p, In<T> y_bar, Out<T> x_bar, ParamsOut<T>) const {
    for (Index i = 0; i < x_bar.size(); ++i) {
      const T slope = reverse_slope(p.x.data()[i], p.y.data()[i]);
      const Tally<T> tally(Term::diagonal);
      x_bar.data()[i] = y_bar.data()[i] * slope;
    }
  }
  template <class T>
  void branches(const At<T>& p, BranchSignature& signature) const {
    using namespace math;
    if constexpr (Rule::kink)
      for (Index s = 0; s < p.x.cols(); ++s)
        for (Index i = 0; i < n; ++i) signature.mix(s, to_double(p.x(i, s)) > 0);
  }

 private:
  template <class T>
  static T reverse_slope(const T& x, const T& y) {
    const Tally<T> tally(Term::slope);
    return Rule::reverse_slope(x, y);
  }
};

}  // namespace backprove

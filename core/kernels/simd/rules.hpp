#pragma once

#include "core/kernels/primitives.hpp"
#include "core/kernels/simd/chain_of_one.hpp"
#include "core/kernels/simd/functions.hpp"

/// The elementwise layers that have a vector version. One struct is one layer: value(x), slope(x, y) as its Jacobian
/// has it and reverse_slope(x, y) as its reverse rule has it (core/layers).
namespace backprove::BACKPROVE_ISA {

struct TanhLanes {
  static constexpr std::string_view name = "tanh";
  static constexpr bool reads_x = false;
  template <class T>
  static Vec<T> value(Vec<T> x) {
    return tanh<T>(x);
  }
  template <class T>
  static Vec<T> slope(Vec<T>, Vec<T> y) {
    return (1 - y) * (1 + y);
  }
  template <class T>
  static Vec<T> reverse_slope(Vec<T>, Vec<T> y) {
    return 1 - y * y;
  }
};

struct ReluLanes {
  static constexpr std::string_view name = "relu";
  static constexpr bool reads_x = false;
  template <class T>
  static Vec<T> value(Vec<T> x) {
    return x < Vec<T>{} ? Vec<T>{} : x;
  }
  template <class T>
  static Vec<T> slope(Vec<T> x, Vec<T>) {
    return x > Vec<T>{} ? all<T>(1) : (x <= Vec<T>{} ? Vec<T>{} : x);
  }
  template <class T>
  static Vec<T> reverse_slope(Vec<T>, Vec<T> y) {
    return slope<T>(y, y);  // y > 0 where x > 0
  }
};

struct IdentityLanes {
  static constexpr std::string_view name = "identity";
  static constexpr bool reads_x = false;
  template <class T>
  static Vec<T> value(Vec<T> x) {
    return x;
  }
  template <class T>
  static Vec<T> slope(Vec<T>, Vec<T>) {
    return all<T>(1);
  }
  template <class T>
  static Vec<T> reverse_slope(Vec<T>, Vec<T>) {
    return all<T>(1);
  }
};

struct LeakyReluLanes {
  static constexpr std::string_view name = "leaky_relu";
  static constexpr bool reads_x = false;
  template <class T>
  static Vec<T> value(Vec<T> x) {
    const Vec<T> zero{};
    return (x < zero ? zero : x) + T(1) / T(100) * (x > zero ? zero : x);
  }
  template <class T>
  static Vec<T> slope(Vec<T> x, Vec<T>) {
    const Vec<T> step = ReluLanes::slope<T>(x, x);
    return step + (1 - step) * (T(1) / T(100));
  }
  template <class T>
  static Vec<T> reverse_slope(Vec<T>, Vec<T> y) {
    return T(1) / T(100) + ReluLanes::slope<T>(y, y) * (T(1) - T(1) / T(100));
  }
};

/// 1/(1 + e^-x) and 1/(1 + e^x), without overflow.
template <class T>
struct Sigmoids {
  Vec<T> of_x, of_minus_x;
  explicit Sigmoids(Vec<T> x) {
    const Vec<T> e = exp<T>(-magnitude<T>(x)), large = 1 / (1 + e), small = e / (1 + e);
    of_x = x < Vec<T>{} ? small : large;
    of_minus_x = x < Vec<T>{} ? large : small;
  }
};

struct SigmoidLanes {
  static constexpr std::string_view name = "sigmoid";
  static constexpr bool reads_x = true;
  template <class T>
  static Vec<T> value(Vec<T> x) {
    return Sigmoids<T>(x).of_x;
  }
  template <class T>
  static Vec<T> slope(Vec<T> x, Vec<T>) {
    const Sigmoids<T> s(x);
    return s.of_x * s.of_minus_x;
  }
  template <class T>
  static Vec<T> reverse_slope(Vec<T> x, Vec<T> y) {
    return y * Sigmoids<T>(x).of_minus_x;
  }
};

struct SiluLanes {
  static constexpr std::string_view name = "silu";
  static constexpr bool reads_x = true;
  template <class T>
  static Vec<T> value(Vec<T> x) {
    return x * Sigmoids<T>(x).of_x;
  }
  template <class T>
  static Vec<T> slope(Vec<T> x, Vec<T>) {
    const Sigmoids<T> s(x);
    return s.of_x * (1 + x * s.of_minus_x);
  }
  template <class T>
  static Vec<T> reverse_slope(Vec<T> x, Vec<T> y) {
    const Sigmoids<T> s(x);
    return s.of_x + y * s.of_minus_x;
  }
};

template <class T, class Rule>
void value_of(const T* x, T* y, Index n) {
  constexpr Index lanes = lanes_of<T>;
  Index i = 0;
  for (; i + lanes <= n; i += lanes) store<T>(y + i, Rule::template value<T>(load<T>(x + i)));
  if (i < n) store_first<T>(y + i, Rule::template value<T>(load_first<T>(x + i, n - i)), n - i);
}

template <class T, class Rule, SweepBy by>
void pull_by(const T* g, const T* x, const T* y, T* out, Index n) {
  constexpr Index lanes = lanes_of<T>;
  Index i = 0;
  for (; i + lanes <= n; i += lanes)
    store<T>(out + i, load<T>(g + i) * slope_by<T, Rule>(by, load<T>(x + i), load<T>(y + i)));
  if (i >= n) return;
  const Vec<T> slope = slope_by<T, Rule>(by, load_first<T>(x + i, n - i), load_first<T>(y + i, n - i));
  store_first<T>(out + i, load_first<T>(g + i, n - i) * slope, n - i);
}
template <class T, class Rule>
void pull(SweepBy by, const T* g, const T* given_x, const T* y, T* out, Index n) {
  const T* x = Rule::reads_x ? given_x : y;
  by == SweepBy::jacobians ? pull_by<T, Rule, SweepBy::jacobians>(g, x, y, out, n)
                           : pull_by<T, Rule, SweepBy::reverse_rules>(g, x, y, out, n);
}

template <class T, class Rule, bool far>
void affine_of_one(const T* w, Index n_in, Index from, Index to, const T* x, const T* bias, T* z, T* y) {
  each_dot<T, far>(w, n_in, from, to, x, bias, [&](Index j, Vec<T> sum) {
    if (z) store<T>(z + j, sum);
    store<T>(y + j, Rule::template value<T>(sum));
  });
}

template <class T, class Rule, bool far>
void pull_of_one(SweepBy by, const T* w, Index n_in, Index n_out, Index from, Index to, const T* g, const T* given_x,
                 const T* y, T* x_bar) {
  const T* x = Rule::reads_x ? given_x : y;
  each_combination<T, far, column_chains>(w, n_in, n_out, from, to, g, 0, [&](Index i, Vec<T> sum) {
    store<T>(x_bar + i, sum * slope_by<T, Rule>(by, load<T>(x + i), load<T>(y + i)));
  });
}

template <class T, class Rule>
inline constexpr ArrayRule<T> rule{Rule::name,
                                   value_of<T, Rule>,
                                   pull<T, Rule>,
                                   Rule::reads_x,
                                   {affine_of_one<T, Rule, false>, affine_of_one<T, Rule, true>},
                                   {pull_of_one<T, Rule, false>, pull_of_one<T, Rule, true>},
                                   forward_chain<T, Rule>,
                                   backward_chain<T, Rule>};

template <class T>
inline constexpr ArrayRule<T> rules[] = {rule<T, TanhLanes>,      rule<T, ReluLanes>,    rule<T, IdentityLanes>,
                                         rule<T, LeakyReluLanes>, rule<T, SigmoidLanes>, rule<T, SiluLanes>};

}  // namespace backprove::BACKPROVE_ISA

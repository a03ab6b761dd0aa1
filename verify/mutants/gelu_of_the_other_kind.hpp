#pragma once

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct GeluOfTheOtherKind : LayerMutant {
  static constexpr std::string_view name = "gelu_of_the_other_kind";
  static constexpr std::string_view what = "one approximation forward, the other backward";
  static constexpr std::string_view report = "harvard-edge/cs249r_book#1399";
  template <class L>
  static constexpr bool applies = std::same_as<L, Gelu> || std::same_as<L, GeluTanh>;

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    using Other = std::conditional_t<std::same_as<L, Gelu>, GeluTanh, Gelu>;
    Other other;
    other.n = layer.n;
    other.vjp(s.p, s.y_bar, s.x_bar, s.theta_bar);
  }
};

}  // namespace backprove::mutants

#pragma once

#include <mutex>

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct SecondCallDiffers : LayerMutant {
  static constexpr std::string_view name = "second_call_differs";
  static constexpr std::string_view what = "half of what the previous call gave is added to the parameter gradient";
  static constexpr std::string_view report = "tensorflow/tensorflow#26331";
  template <class L>
  static constexpr bool applies = HasParameters<L>;

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    layer.vjp(s.p, s.y_bar, s.x_bar, s.theta_bar);
  }

  template <class T>
  class sweep : public Mutated<SecondCallDiffers, T> {
   public:
    using Mutated<SecondCallDiffers, T>::Mutated;
    void layer(const Network& network, Index l, const At<T>& p, In<T> y_bar, Out<T> x_bar,
               ParamsOut<T> theta_bar) const override {
      ReverseSteps<T>::layer(network, l, p, y_bar, x_bar, theta_bar);
      if (l != this->stage) return;
      const std::lock_guard lock(guard);
      if (previous.size() > 0) theta_bar += previous / T(2);
      previous = theta_bar;
    }

   private:
    mutable std::mutex guard;
    mutable Vector<T> previous;
  };
};

}  // namespace backprove::mutants

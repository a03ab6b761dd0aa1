#pragma once

#include <atomic>
#include <chrono>
#include <thread>

#include "verify/mutation/mutant.hpp"

namespace backprove::mutants {

struct RaceInTheAccumulation : LayerMutant {
  static constexpr std::string_view name = "race_in_the_accumulation";
  static constexpr std::string_view what = "what other threads than the first add to the parameter gradient is lost";
  template <class L>
  static constexpr bool applies = HasParameters<L>;
  template <class L>
  static bool fits(const L&, Index batch) {
    return batch > sample_chunk(batch);
  }

  template <class T, class L>
  static void step(const L& layer, const Step<T>& s) {
    layer.vjp(s.p, s.y_bar, s.x_bar, s.theta_bar);
  }

  template <class T>
  class sweep : public Mutated<RaceInTheAccumulation, T> {
   public:
    using Mutated<RaceInTheAccumulation, T>::Mutated;
    void layer(const Network& network, Index l, const At<T>& p, In<T> y_bar, Out<T> x_bar,
               ParamsOut<T> theta_bar) const override {
      const Vector<T> before = theta_bar;
      ReverseSteps<T>::layer(network, l, p, y_bar, x_bar, theta_bar);
      if (l != this->stage) return;
      if (std::this_thread::get_id() != first) {
        others = true;
        theta_bar = before;
      }
      // At a chunk of a batch the first thread gives others time to come: the bug shows whenever there are any.
      if (p.x.cols() > sample_chunk(p.x.cols())) return;
      for (int k = 0; k < 200 && !others; ++k) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }

   private:
    const std::thread::id first = std::this_thread::get_id();
    mutable std::atomic<bool> others = false;
  };
};

}  // namespace backprove::mutants

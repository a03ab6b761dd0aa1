#include <cstdint>

#include "verify/mutation/checks.hpp"
#include "verify/unit/catch.hpp"

/// The check of where buffers lie, on steps that are right only where they lie well.
namespace backprove::test {
namespace {

/// Leaves the last entry out where a vector would begin off its alignment.
template <class T>
struct RightWhenAligned : ReverseSteps<T> {
  void layer(const Network& network, Index l, const At<T>& p, In<T> y_bar, Out<T> x_bar,
             ParamsOut<T> theta_bar) const override {
    ReverseSteps<T>::layer(network, l, p, y_bar, x_bar, theta_bar);
    const bool aligned = reinterpret_cast<std::uintptr_t>(y_bar.data()) % (2 * sizeof(T)) == 0;
    if (!aligned && x_bar.size() > 0) x_bar.data()[x_bar.size() - 1] = T(0);
  }
};

/// Puts the number behind the last input gradient back to zero, where there is one.
template <class T>
struct WritesBehind : ReverseSteps<T> {
  void layer(const Network& network, Index l, const At<T>& p, In<T> y_bar, Out<T> x_bar,
             ParamsOut<T> theta_bar) const override {
    ReverseSteps<T>::layer(network, l, p, y_bar, x_bar, theta_bar);
    const bool inside_a_larger_one = reinterpret_cast<std::uintptr_t>(y_bar.data()) % (2 * sizeof(T)) != 0;
    if (inside_a_larger_one && x_bar.size() > 0) x_bar.data()[x_bar.size()] = T(0);
  }
};

template <class T>
void notices() {
  for (const char* name : {"tanh", "affine", "softmax", "layer_norm", "residual"})
    for (const Host& host : hosts_of_layer(name)) {
      if (!host.input_gradient) continue;
      CAPTURE(name, host.name);
      const HostFacts<T> facts(host);
      CHECK(!Checks<T>(facts, ReverseSteps<T>()).placement().caught);
      CHECK(Checks<T>(facts, WritesBehind<T>()).placement().detail == "the step writes beside a buffer");
      // Where the last entry is zero anyway, nothing is wrong.
      const SweepRecord<T> right = record_sweep<T>(facts.problem(), facts.options(), ReverseSteps<T>());
      const Matrix<T>& x_bar = right.stages[static_cast<std::size_t>(host.stage)].x_bar;
      const CheckResult result = Checks<T>(facts, RightWhenAligned<T>()).placement();
      if (std::abs(x_bar.data()[x_bar.size() - 1]) > T(1e-3))
        CHECK(result.detail == "the input gradient depends on where its buffers begin");
    }
}

TEST_CASE("placement: a step that is right on aligned buffers only, or writes beside its own, is noticed") {
  notices<float>();
  notices<double>();
}

}  // namespace
}  // namespace backprove::test

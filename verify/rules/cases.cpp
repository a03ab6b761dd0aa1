#include "verify/rules/network_case.hpp"
#include "verify/rules/rule_case.hpp"
#include "verify/rules/stage_case.hpp"

namespace backprove {

namespace {

template <class T>
Vector<double> ramp(Index n, double low, double high) {
  return Vector<double>::NullaryExpr(n, [&](Index i) {
    const double at = n == 1 ? 0.5 : static_cast<double>(i) / static_cast<double>(n - 1);
    // Not monotone and not symmetric: neighbours are far apart.
    const double mixed = std::fmod(at * 7.31 + 0.13, 1.0);
    return static_cast<double>(static_cast<float>(low + (high - low) * mixed));
  });
}

/// Weights of a small matrix that has no symmetry.
inline double weight(Index i, Index j) { return 0.25 * static_cast<double>((7 * i + 3 * j) % 11) - 1.0; }

/// y_i = scale sum_j weight(i, j) x_j + offset, and its transpose.
struct Matrix3x5 {
  double scale, offset;

  template <class T>
  void operator()(In<T> x, Out<T> y) const {
    for (Index i = 0; i < 3; ++i) {
      y(i, 0) = T(offset);
      for (Index j = 0; j < 5; ++j) y(i, 0) += T(scale * weight(i, j)) * x(j, 0);
    }
  }
};
struct Matrix3x5Transposed {
  double scale;
  bool reversed = false;

  template <class T>
  void operator()(const At<T>&, In<T> v, Out<T> x_bar) const {
    for (Index j = 0; j < 5; ++j) {
      x_bar(j, 0) = T(0);
      for (Index i = 0; i < 3; ++i) x_bar(j, 0) += T(scale * weight(reversed ? 2 - i : i, j)) * v(i, 0);
    }
  }
};

/// y_i = f(x_i) with the claimed slope(x, y).
template <class F>
struct Each {
  F f;
  template <class T>
  void operator()(In<T> x, Out<T> y) const {
    for (Index i = 0; i < x.size(); ++i) y.data()[i] = f(x.data()[i]);
  }
};
template <class F>
struct EachSlope {
  F slope;
  template <class T>
  void operator()(const At<T>& p, In<T> v, Out<T> x_bar) const {
    for (Index i = 0; i < x_bar.size(); ++i) x_bar.data()[i] = v.data()[i] * slope(p.x.data()[i], p.y.data()[i]);
  }
};
template <class F>
Each(F) -> Each<F>;
template <class F>
EachSlope(F) -> EachSlope<F>;

// clang-format off
constexpr auto same = []<class T>(const T& x) { return x; };
constexpr auto absolute = []<class T>(const T& x) { using namespace math; return max0(x) - min0(x); };
constexpr auto sin300 = []<class T>(const T& x) { using namespace math; return sin(T(300) * x); };
constexpr auto cos300 = []<class T>(const T& x, const T&) { using namespace math; return T(300) * cos(T(300) * x); };
constexpr auto cos300_short = []<class T>(const T& x, const T&) { using namespace math; return cos(T(300) * x); };
constexpr auto cube = []<class T>(const T& x) { return x * x * x; };
constexpr auto cube_slope = []<class T>(const T& x, const T&) { return T(3) * x * x; };
constexpr auto inverse = []<class T>(const T& x) { return T(1) / x; };
constexpr auto inverse_slope = []<class T>(const T&, const T& y) { return -(y * y); };
constexpr auto steep = []<class T>(const T& x) { using namespace math; return exp(T(20) * x); };
constexpr auto steep_slope = []<class T>(const T&, const T& y) { return T(20) * y; };
constexpr auto elu_value = []<class T>(const T& x) { using namespace math; return max0(x) + expm1(min0(x)); };
constexpr auto elu_slope = []<class T>(const T& x, const T&) { using namespace math; return exp(min0(x)); };
constexpr auto elu_slope_of_y = []<class T>(const T& x, const T& y) { using namespace math; return step(x) + (T(1) - step(x)) * (y + T(1)); };
constexpr auto tanh_value = []<class T>(const T& x) { using namespace math; return tanh(x); };
constexpr auto tanh_slope = []<class T>(const T&, const T& y) { return (T(1) - y) * (T(1) + y); };
constexpr auto tanh_slope_wrong = []<class T>(const T&, const T& y) { using namespace math; return T(1) - (max0(y) - min0(y)); };
constexpr auto softplus_value = []<class T>(const T& x) { using namespace math; return softplus(x); };
constexpr auto sigmoid_of_x = []<class T>(const T& x, const T&) { using namespace math; return sigmoid(x); };
constexpr auto step_of_x = []<class T>(const T& x, const T&) { using namespace math; return step(x); };
constexpr auto closed_step = []<class T>(const T& x, const T&) { using namespace math; return T(1) - step(-x); };
constexpr auto sign_of_x = []<class T>(const T& x, const T&) { using namespace math; return T(2) * step(x) - T(1); };
constexpr auto one_slope = []<class T>(const T&, const T&) { return T(1); };
constexpr auto off_slope = []<class T>(const T&, const T&) { return T(1.004); };
constexpr auto zero_slope = []<class T>(const T&, const T&) { return T(0); };
constexpr auto millionth = []<class T>(const T& x) { return T(1e-6) * x * x; };
constexpr auto millionth_slope = []<class T>(const T& x, const T&) { return T(2e-6) * x; };
constexpr auto nothing = []<class T>(const T& x) { return T(0) * x; };
// clang-format on

struct SumOfSquares {
  template <class T>
  void operator()(In<T> x, Out<T> y) const {
    y(0, 0) = T(0);
    for (Index i = 0; i < x.size(); ++i) y(0, 0) += x.data()[i] * x.data()[i];
  }
};
struct SumOfSquaresBack {
  int zero_from = 1000000, bad = -1;
  template <class T>
  void operator()(const At<T>& p, In<T> v, Out<T> x_bar) const {
    for (Index i = 0; i < x_bar.size(); ++i)
      x_bar.data()[i] = i >= zero_from ? T(0) : T(i == bad ? std::nan("") : 2.0) * p.x.data()[i] * v(0, 0);
  }
};

/// y = x/|x|, and its right and wrong products: the wrong one forgets that the norm depends on x.
struct Normalise {
  template <class T>
  static T norm(In<T> x) {
    using namespace math;
    T sum = T(0);
    for (Index i = 0; i < x.size(); ++i) sum += x.data()[i] * x.data()[i];
    return sqrt(sum);
  }
  template <class T>
  void operator()(In<T> x, Out<T> y) const {
    const T n = norm(x);
    for (Index i = 0; i < x.size(); ++i) y.data()[i] = x.data()[i] / n;
  }
};
struct NormaliseBack {
  bool constant_norm;
  template <class T>
  void operator()(const At<T>& p, In<T> v, Out<T> x_bar) const {
    const T n = Normalise::norm(p.x);
    T along = T(0);
    for (Index i = 0; i < x_bar.size(); ++i) along += p.y.data()[i] * v.data()[i];
    for (Index i = 0; i < x_bar.size(); ++i)
      x_bar.data()[i] = (constant_norm ? v.data()[i] : v.data()[i] - p.y.data()[i] * along) / n;
  }
};

template <class T>
void add_right(std::vector<RuleCase<T>>& all) {
  const auto add = [&](std::string name, std::string what, auto stage, const Vector<double>& x) {
    all.push_back(stage_case<T>(std::move(name), std::move(what), true, std::move(stage), x));
  };
  const auto each = [&](std::string name, std::string what, auto f, auto slope, const Vector<double>& x) {
    add(std::move(name), std::move(what), FunctionStage(x.size(), x.size(), Each{f}, EachSlope{slope}), x);
  };
  const Vector<double> zero = Vector<double>::Zero(3), some = ramp<T>(7, -2, 2);
  each(
      "relu_at_zero", "ReLU at exactly 0 with slope 0",
      [](const auto& x) {
        using namespace math;
        return max0(x);
      },
      step_of_x, zero);
  each(
      "relu_at_zero_closed", "ReLU at exactly 0 with slope 1",
      [](const auto& x) {
        using namespace math;
        return max0(x);
      },
      closed_step, zero);
  each("kink_nearby", "|x| at 0.003, a kink closer than some steps", absolute, sign_of_x,
       Vector<double>::Constant(3, 0.0029296875));
  add("large_offset", "10^8 + W x: the value hides the digits of the difference",
      FunctionStage(5, 3, Matrix3x5{1, 1e8}, Matrix3x5Transposed{1}), ramp<T>(5, -1, 1));
  each("fast_oscillation", "sin(300 x)", sin300, cos300, some);
  each("wide_identity", "the identity of width 1000", same, one_slope, ramp<T>(1000, -1, 1));
  each("tiny_gradients", "gradients of 10^-6", millionth, millionth_slope, some);
  each("cube_of_thousand", "x^3 at 1000", cube, cube_slope, ramp<T>(5, 900, 1100));
  each("pole", "1/x near 10^-3", inverse, inverse_slope, ramp<T>(5, 0.0009765625, 0.0029296875));
  each("steep_exponential", "exp(20 x)", steep, steep_slope, ramp<T>(5, -1, 1));
  add("elu_far_left", "exponential linear unit at -40: a slope of 10^-18",
      accurate_stage(5, 5, Each{elu_value}, EachSlope{elu_slope}), ramp<T>(5, -41, -39));
  each("elu_at_zero", "a jump of the second derivative", elu_value, elu_slope, zero);
  each("saturated_tanh", "tanh at 6: a slope of 10^-5", tanh_value, tanh_slope, ramp<T>(5, 5.5, 6.5));
  each("softplus_far_right", "softplus at 800", softplus_value, sigmoid_of_x, ramp<T>(5, 700, 800));
  each("constant", "a gradient that is zero", nothing, zero_slope, some);
  add("sum_of_thousand", "the sum of 1000 squares", FunctionStage(1000, 1, SumOfSquares{}, SumOfSquaresBack{}),
      ramp<T>(1000, -1, 1));
  add("normalisation", "x/|x|", FunctionStage(6, 6, Normalise{}, NormaliseBack{false}), ramp<T>(6, -1, 1));
  add("softmax_of_thousand", "softmax of width 1000", layer_stage<Softmax>(1000), ramp<T>(1000, -2, 2));
  add("softmax_saturated", "softmax with logits of +-1000", layer_stage<Softmax>(5), ramp<T>(5, -1000, 1000));
  add("layer_norm_of_a_constant", "layer norm of nearly equal inputs", layer_stage<LayerNorm>(5),
      Vector<double>::Constant(5, 3) + ramp<T>(5, 0, 0.0009765625));
  add("gelu_at_the_root", "GELU where its slope vanishes", layer_stage<Gelu>(3),
      Vector<double>::Constant(3, -0.751953125));
  all.push_back(network_case<T>("deep_net", "tanh network of depth 12", true, deep_net, 0));
  all.push_back(network_case<T>("deep_relu_net", "ReLU network of depth 12", true, deep_relu_net, 0));
  all.push_back(
      network_case<T>("at_the_optimum", "squared error a millionth from its minimum", true, shallow_net, 0, true));
}

template <class T>
void add_wrong(std::vector<RuleCase<T>>& all) {
  const auto add = [&](std::string name, std::string what, auto stage, const Vector<double>& x) {
    all.push_back(stage_case<T>(std::move(name), std::move(what), false, std::move(stage), x));
  };
  const auto each = [&](std::string name, std::string what, auto f, auto slope, const Vector<double>& x) {
    add(std::move(name), std::move(what), FunctionStage(x.size(), x.size(), Each{f}, EachSlope{slope}), x);
  };
  const Vector<double> some = ramp<T>(7, -2, 2);
  add("zero_gradient_of_thousand", "an empty backward step",
      FunctionStage(1000, 1, SumOfSquares{}, SumOfSquaresBack{0}), ramp<T>(1000, -1, 1));
  add("tail_of_thousand", "the last 8 of 1000 entries are zero",
      FunctionStage(1000, 1, SumOfSquares{}, SumOfSquaresBack{992}), ramp<T>(1000, -1, 1));
  add("one_nan", "one entry is not a number", FunctionStage(20, 1, SumOfSquares{}, SumOfSquaresBack{1000000, 7}),
      ramp<T>(20, -1, 1));
  add("permuted_rows", "W^T with the rows of W reversed",
      FunctionStage(5, 3, Matrix3x5{1, 0}, Matrix3x5Transposed{1, true}), ramp<T>(5, -1, 1));
  add("wrong_behind_an_offset", "10^8 + W x, the gradient of 2 W x",
      FunctionStage(5, 3, Matrix3x5{1, 1e8}, Matrix3x5Transposed{2}), ramp<T>(5, -1, 1));
  each("four_tenths_percent", "a scale error of 0.4 %", same, off_slope, some);
  each("tiny_returned_as_zero", "gradients of 10^-6 returned as zero", millionth, zero_slope, some);
  add("elu_slope_from_output", "the slope of e^x - 1 as y + 1, at -40",
      accurate_stage(5, 5, Each{elu_value}, EachSlope{elu_slope_of_y}), ramp<T>(5, -41, -39));
  each("oscillation_without_factor", "the derivative of sin(300 x) without the 300", sin300, cos300_short, some);
  each("tanh_not_squared", "1 - |y| in place of 1 - y^2", tanh_value, tanh_slope_wrong, some);
  each("kink_passes_everything", "|x| with slope 1 on both sides", absolute, one_slope, some);
  add("normalisation_constant_norm", "x/|x| with the norm taken as a constant",
      FunctionStage(6, 6, Normalise{}, NormaliseBack{true}), ramp<T>(6, -1, 1));
  add("softmax_diagonal_of_thousand", "softmax of width 1000 without its off-diagonal terms",
      FunctionStage(1000, 1000, layer_value<Softmax>(1000), SoftmaxDiagonal{}), ramp<T>(1000, -2, 2));
  add("softmax_zero", "softmax with a gradient of zero: right for a cotangent of ones",
      FunctionStage(5, 5, layer_value<Softmax>(5), ZeroBack{}), ramp<T>(5, -2, 2));
  all.push_back(
      network_case<T>("deep_net_one_weight", "depth 12, one layer's weights off by 0.4 %", false, deep_net, 1));
  all.push_back(network_case<T>("deep_net_bias_of_one_sample", "depth 12, one bias gradient from the first sample only",
                                false, deep_net, 2));
  all.push_back(network_case<T>("deep_net_transposed", "depth 12, one weight gradient transposed", false, deep_net, 3));
  all.push_back(network_case<T>("wrong_at_the_optimum", "squared error near its minimum, half of the gradient", false,
                                shallow_net, 4, true));
}

}  // namespace

template <class T>
std::vector<RuleCase<T>> rule_cases() {
  std::vector<RuleCase<T>> all;
  add_right(all);
  add_wrong(all);
  return all;
}

template std::vector<RuleCase<float>> rule_cases<float>();
template std::vector<RuleCase<double>> rule_cases<double>();

}  // namespace backprove

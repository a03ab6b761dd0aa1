#include "core/kernels/balls/kernel.hpp"
#include "verify/unit/catch.hpp"
#include "verify/unit/certified/problems.hpp"

#if __has_include(<arb.h>) && defined(BACKPROVE_ARB)
#include "core/kernels/balls/ball.hpp"
#define BACKPROVE_HAS_ARB
#endif

// Arb's balls as the kernel of the enclosure: against MPFI's intervals, against exact values, and what is done about a
// kernel that is wrong.

namespace backprove {
namespace {

using test::Sample;

Gradient<Interval> enclosed_by(const EnclosureKernel& kernel, const Sample& sample, const Options& options = {}) {
  return enclose_gradient_by(kernel, sample.problem(), options);
}

// Kernels that are wrong on purpose, in one number or in all.
template <auto spoil>
Gradient<Interval> spoiled(const Problem<double>& problem, const Options& options, unsigned bits) {
  Gradient<Interval> gradient = mpfi_enclosure().enclose(problem, options, bits);
  const PrecisionScope scope(bits);
  spoil(gradient);
  return gradient;
}
/// x moved by 2^-90 of itself.
void move(Interval& x) { x *= Interval(1) + Interval(0x1p-90); }
void move_a_parameter(Gradient<Interval>& g) { move(g.parameters(g.parameters.size() / 2)); }
void move_an_input(Gradient<Interval>& g) { move(g.input(0, g.input.cols() - 1)); }
void move_the_loss(Gradient<Interval>& g) { move(g.loss); }
void forget_a_sample(Gradient<Interval>& g) { g.input.rightCols(1).setConstant(Interval(0)); }
void collapse_kinks(Gradient<Interval>& g) {
  for (Index i = 0; i < g.parameters.size(); ++i) {
    Interval& x = g.parameters(i);
    if (x.width_double() == 0 && !x.positive()) x = Interval(0x1p-40);  // what is exactly 0 there
  }
}
void widen(Gradient<Interval>& g) { mpfi_interv_d(g.parameters(0).get(), -1, 1); }
void lose_a_number(Gradient<Interval>& g) { g.parameters(1) = Interval(std::nan("")); }
void lose_a_tensor(Gradient<Interval>& g) { g.input.resize(0, 0); }

template <auto spoil>
EnclosureKernel wrong_kernel() {
  return {"wrong", "for this test", [] { return std::string(); }, spoiled<spoil>};
}

}  // namespace

TEST_CASE("enclosure kernels: one that is wrong is refused, and MPFI serves in its place", "[certified][balls]") {
  const std::vector<std::pair<EnclosureKernel, std::string>> all{{wrong_kernel<move_a_parameter>(), "does not overlap"},
                                                                 {wrong_kernel<move_an_input>(), "does not overlap"},
                                                                 {wrong_kernel<move_the_loss>(), "the loss"},
                                                                 {wrong_kernel<forget_a_sample>(), "input"},
                                                                 {wrong_kernel<collapse_kinks>(), "parameter"},
                                                                 {wrong_kernel<widen>(), "far wider"},
                                                                 {wrong_kernel<lose_a_number>(), "does not"},
                                                                 {wrong_kernel<lose_a_tensor>(), "0 where there are"}};
  const Sample sample("affine(3,4) tanh affine(4,2)", "softmax_cross_entropy", 2, 4);
  const Gradient<Interval> expected = enclosed_by(mpfi_enclosure(), sample);
  for (const auto& [kernel, what] : all) {
    INFO(kernel.wrong());
    CHECK(kernel.wrong().find(what) != std::string::npos);
    const Gradient<Interval> got = enclosed_by(kernel, sample);
    const auto& by_balls = test::extra(got, "enclosure_by_balls");
    CHECK(by_balls.value == 0);
    CHECK(by_balls.note.find("in place of wrong: wrong on this machine: ") != std::string::npos);
    for (Index i = 0; i < test::entries(expected); ++i)
      CHECK(written(test::entry(got, i)) == written(test::entry(expected, i)));
  }
  const EnclosureKernel right{"right", "MPFI once more", [] { return std::string(); },
                              spoiled<[](Gradient<Interval>&) {}>};
  CHECK(right.wrong().empty());
  CHECK(mpfi_enclosure().wrong().empty());
}

TEST_CASE("enclosure kernels: names", "[certified][balls]") {
  CHECK_THROWS_WITH(choose_enclosure("balls"), Catch::Contains("unknown enclosure 'balls'; known are: auto arb mpfi"));
  const Sample sample("affine(3,2)", "squared_error", 1, 4);
  choose_enclosure("mpfi");
  CHECK(test::extra(enclose_gradient(sample.problem(), {}), "enclosure_by_balls").value == 0);
  choose_enclosure("auto");
  const auto by_balls = test::extra(enclose_gradient(sample.problem(), {}), "enclosure_by_balls");
  CHECK(by_balls.value == (arb_enclosure().missing().empty() ? 1 : 0));
  if (!arb_enclosure().missing().empty()) {
    CHECK(by_balls.note == "MPFI's intervals in place of arb: not installed when this was built");
    CHECK_THROWS_WITH(choose_enclosure("arb"), Catch::Contains("enclosure 'arb' is not installed"));
  }
}

#ifdef BACKPROVE_HAS_ARB
namespace {

/// Both enclosures overlap, and both contain the exact entry.
template <class Exact, class Slack>
void check_both(const Sample& sample, const Gradient<Exact>& exact, Slack&& slack) {
  const Gradient<Interval> balls = enclosed_by(arb_enclosure(), sample);
  const Gradient<Interval> intervals = enclosed_by(mpfi_enclosure(), sample);
  const auto& by_balls = test::extra(balls, "enclosure_by_balls");
  CAPTURE(by_balls.note);
  REQUIRE(by_balls.value == 1);
  REQUIRE(test::extra(intervals, "enclosure_by_balls").value == 0);
  REQUIRE(test::extra(balls, "enclosure_bits").value <= test::extra(intervals, "enclosure_bits").value);
  REQUIRE(test::extra(balls, "enclosure_width").value <= 1e-25);
  REQUIRE(test::entries(balls) == test::entries(exact));
  REQUIRE(balls.radius.size() == test::entries(exact));
  const auto overlap = [](const Interval& a, const Interval& b) {
    return mpfr_lessequal_p(&a.get()->left, &b.get()->right) != 0 &&
           mpfr_lessequal_p(&b.get()->left, &a.get()->right) != 0;
  };
  for (Index i = 0; i < test::entries(exact); ++i) {
    const Interval &a = test::entry(balls, i), &b = test::entry(intervals, i);
    const Wide value = to_wide(test::entry(exact, i));
    CAPTURE(i, written(a), written(b), value.str());
    REQUIRE(overlap(a, b));
    REQUIRE(a.contains(value, slack(i)));
    REQUIRE(b.contains(value, slack(i)));
  }
  REQUIRE(overlap(balls.loss, intervals.loss));
}

}  // namespace

TEST_CASE("balls: Arb passes its own check", "[certified][balls]") { CHECK(arb_enclosure().wrong().empty()); }

TEST_CASE("balls: both enclosures overlap and contain the reference, on every layer and loss", "[certified][balls]") {
  const test::Digits digits(60);
  std::mt19937_64 random(71);
  std::uint64_t seed = 200;
  int networks = 0;
  for_each_layer([&]<class L>() {
    if (L::name == "log_softmax" || L::name == "softmax" || L::name == "layer_norm") return;  // below
    for (int k = 0; k < 12; ++k) {
      const auto width = [&] { return 1 + static_cast<int>(random() % 6); };
      const int a = width(), b = width(), c = width();
      const std::string use(L::name == "affine" ? "identity" : L::name == "residual" ? "residual(tanh)" : L::name);
      const std::string text = fmt::format("affine({},{}) {} affine({},{}) {}", a, b, use, b, c, k % 3 ? use : "silu");
      const char* losses[] = {"squared_error", "softmax_cross_entropy", "sigmoid_cross_entropy"};
      const Index batch = k % 4 == 3 ? 18 : 1 + k % 3;
      CAPTURE(text, losses[k % 3], batch, seed);
      const Sample sample(text, losses[k % 3], batch, seed++);
      // A softmax of one output has no gradient, and no width relative to it.
      if (c == 1 && k % 3 == 1) continue;
      const Vector<double> rounding = reference_rounding(sample.problem(), {});
      check_both(sample, reference_gradient(sample.problem(), {}), [&](Index i) { return rounding(i); });
      ++networks;
    }
  });
  for (const char* text :
       {"affine(3,4) softmax affine(4,2)", "affine(3,4) layer_norm affine(4,2)", "affine(3,4) log_softmax",
        "affine(3,3) residual(affine(3,5) gelu affine(5,3)) affine(3,2)"}) {
    const Sample sample(text, "squared_error", 3, seed++);
    const Vector<double> rounding = reference_rounding(sample.problem(), {});
    CAPTURE(text);
    check_both(sample, reference_gradient(sample.problem(), {}), [&](Index i) { return rounding(i); });
    ++networks;
  }
  INFO(networks);
  CHECK(networks >= 120);
}

TEST_CASE("balls: rational gradients lie inside, with nothing to spare", "[certified][balls]") {
  const test::Digits digits(120);
  std::uint64_t seed = 400;
  for (const char* text : {"affine(3,4) relu affine(4,2)", "affine(40,50) relu affine(50,45) leaky_relu affine(45,3)",
                           "affine(3,3) residual(affine(3,2) relu affine(2,3)) affine(3,2)"})
    for (const Index batch : {1, 17}) {
      const Sample sample(text, "squared_error", batch, seed++, Precision::single);
      CAPTURE(text, batch);
      check_both(sample, rational_gradient(sample.problem(), {}), [](Index) { return 0.0; });
    }
}

TEST_CASE("balls: a kink that no precision resolves is left to MPFI, with the reason", "[certified][balls]") {
  const test::Digits digits(60);
  // tanh z - tanh z in front of the kink: 0, but no precision shows that it is not just above, where the slope is 1.
  Sample kink("affine(1,2) tanh affine(2,1) relu", "squared_error", 1, 7);
  kink.data.theta << 0.3, 0.3, 0.1, 0.1, 1, -1, 0;
  kink.data.y(0, 0) = 1;
  Options options;
  options.most_bits = 1024;
  const Gradient<Interval> enclosure = enclosed_by(arb_enclosure(), kink, options);
  const auto& by_balls = test::extra(enclosure, "enclosure_by_balls");
  CAPTURE(by_balls.note);
  CHECK(by_balls.value == 0);
  CHECK(by_balls.note.find("MPFI's intervals in place of arb: they are") != std::string::npos);
  CHECK(test::extra(enclosure, "enclosure_bits").value == 1024);
  const Gradient<Wide> reference = reference_gradient(kink.problem(), options);
  for (Index i = 0; i < test::entries(enclosure); ++i)
    CHECK(test::entry(enclosure, i).contains(test::entry(reference, i), 1e-50));
}

TEST_CASE("balls: exactly on a kink the slope is relu's, near it the whole set", "[certified][balls]") {
  const PrecisionScope scope(53);
  CHECK(step(Ball(0)).interval().magnitude_double() == 0);
  CHECK(step(Ball(0x1p-1000)).interval().contains(Wide(1)));
  Ball near(0x1p-60);
  mag_set_ui_2exp_si(arb_radref(near.get()), 1, -60);
  for (const Ball& slope : {step(near), step(near - Ball(0x1p-60))}) {
    const Interval set = slope.interval();
    CHECK(set.contains(Wide(0)));
    CHECK(set.contains(Wide(1)));
    CHECK(set.width_double() == 1);  // tightened by anything, it loses 0 or 1
  }
  CHECK(max0(near).interval().contains(Wide(0x1p-59)));
  CHECK(max0(-near).interval().contains(Wide(0)));
  CHECK(max0(near).interval().width_double() <= 0x1p-59 * (1 + 0x1p-28));
  CHECK(!step(Ball(std::nan(""))).finite());
}

TEST_CASE("balls: tightened by one ulp, the enclosure of an operation or a function fails", "[certified][balls]") {
  const test::Digits digits(80);
  std::mt19937_64 random(62);
  struct Lost {
    int lower = 0, upper = 0;
    void count(const Ball& ball, const Wide& exact) {
      const PrecisionScope scope(120);  // the ball's ends, exactly
      Interval x = ball.interval();
      REQUIRE(x.contains(exact));
      if (x.width_double() == 0) return;
      const Interval ulp(std::exp2(std::ilogb(std::abs(to_double(ball))) - 52));
      Interval above(x), below(x);
      mpfr_add(&above.get()->left, &x.get()->left, &ulp.get()->left, MPFR_RNDN);
      mpfr_sub(&below.get()->right, &x.get()->right, &ulp.get()->left, MPFR_RNDN);
      lower += above.contains(exact) ? 0 : 1;
      upper += below.contains(exact) ? 0 : 1;
    }
  };
  const PrecisionScope scope(53);
  Lost add, subtract, multiply, divide;
  for (int k = 0; k < 500; ++k) {
    const double a = test::between(random, 1, 2) * (k % 2 ? 1 : -1), b = a * test::between(random, 0.01, 0.5);
    add.count(Ball(a) + Ball(b), Wide(a) + Wide(b));
    subtract.count(Ball(a) - Ball(b), Wide(a) - Wide(b));
    multiply.count(Ball(a) * Ball(k % 4 < 2 ? b : -b), Wide(a) * Wide(k % 4 < 2 ? b : -b));
    divide.count(Ball(a) / Ball(k % 4 < 2 ? b : -b), Wide(a) / Wide(k % 4 < 2 ? b : -b));
  }
  for (const Lost& lost : {add, subtract, multiply, divide}) {
    CHECK(lost.lower > 50);
    CHECK(lost.upper > 50);
  }
  const auto check = [&](const test::Traits& traits, auto f) {
    Lost lost;
    for (int k = 0; k < 200; ++k) {
      const double x = test::argument(random, traits);
      if (std::abs(x) <= 8) lost.count(f(Ball(x)), f(Wide(x)));
    }
    CAPTURE(traits.name, lost.lower, lost.upper);
    CHECK(lost.lower + lost.upper > 0);
  };
  test::for_each_smooth_function(check);
  test::for_each_circular_function(check);
}

TEST_CASE(
    "balls: an enclosure with 53 bits of a gradient with one rounding is a few ulp wide, and moved by its width wrong",
    "[certified][balls]") {
  const test::Digits digits(80);
  // z = w x + b = +-(1 + 2^-52 - 2^-60) is the only rounding; the derivative of z^2 by b is 2 z.
  for (const double sign : {1.0, -1.0}) {
    Sample sample("affine(1,1)", "squared_error", 1, 1);
    sample.data.theta << sign, sign * (0x1p-52 - 0x1p-60);
    sample.data.x(0, 0) = 1;
    sample.data.y(0, 0) = 0;
    Options options;
    options.most_bits = 53;
    const Gradient<Interval> enclosure = enclosed_by(arb_enclosure(), sample, options);
    const Gradient<Rational> exact = rational_gradient(sample.problem(), options);
    const Wide value = to_wide(exact.parameters(1));
    CHECK(value == 2 * Wide(sample.data.theta(0)) + 2 * Wide(sample.data.theta(1)));
    CHECK(test::extra(enclosure, "enclosure_by_balls").value == 1);
    Interval tight(enclosure.parameters(1));
    CAPTURE(written(tight), value.str());
    CHECK(tight.contains(value));
    const double ulp = 0x1p-51, width = tight.width_double();
    REQUIRE(width > 0);
    CHECK(width <= 8 * ulp);
    mpfr_add_d(&tight.get()->right, &tight.get()->right, 2 * width, MPFR_RNDN);
    mpfr_add_d(&tight.get()->left, &tight.get()->left, width, MPFR_RNDU);
    CHECK_FALSE(tight.contains(value));
  }
}

TEST_CASE("balls: functions of huge and tiny arguments still contain their values", "[certified][balls]") {
  const test::Digits digits(60);
  const PrecisionScope scope(128);
  for (const double x : {1e300, 1e30, 800.0, 40.0, 1e-30, 1e-300}) {
    for (const double signed_x : {x, -x}) {
      CAPTURE(signed_x);
      const Interval s = sigmoid(Ball(signed_x)).interval(), p = softplus(Ball(signed_x)).interval();
      const Interval mpfi_s = sigmoid(Interval(signed_x)), mpfi_p = softplus(Interval(signed_x));
      CHECK(mpfr_lessequal_p(&s.get()->left, &mpfi_s.get()->right) != 0);
      CHECK(mpfr_lessequal_p(&mpfi_s.get()->left, &s.get()->right) != 0);
      CHECK(mpfr_lessequal_p(&p.get()->left, &mpfi_p.get()->right) != 0);
      CHECK(mpfr_lessequal_p(&mpfi_p.get()->left, &p.get()->right) != 0);
      CHECK(s.width_double() <= 1e-30);
      CHECK(p.width_double() <= 1e-30 * (1 + std::abs(signed_x)));
    }
  }
}

TEST_CASE("balls: threads change no bit", "[certified][balls]") {
  const Sample sample("affine(3,4) tanh affine(4,3)", "softmax_cross_entropy", 40, 10);
  Options two;
  two.threads = 2;
  const Gradient<Interval> a = enclosed_by(arb_enclosure(), sample), b = enclosed_by(arb_enclosure(), sample, two);
  for (Index i = 0; i < test::entries(a); ++i) {
    CHECK(mpfr_equal_p(&test::entry(a, i).get()->left, &test::entry(b, i).get()->left) != 0);
    CHECK(mpfr_equal_p(&test::entry(a, i).get()->right, &test::entry(b, i).get()->right) != 0);
  }
}

TEST_CASE("balls: the digits that a tanh layer costs are in the first precision", "[certified][balls]") {
  std::string text = "affine(8,8)";
  for (int depth = 1; depth <= 10; ++depth, text += " tanh affine(8,8)") {
    const Sample sample(text, "softmax_cross_entropy", 4, 30);
    for (const EnclosureKernel* kernel : {&arb_enclosure(), &mpfi_enclosure()}) {
      const Gradient<Interval> enclosure = enclosed_by(*kernel, sample);
      CAPTURE(depth, kernel->name, test::extra(enclosure, "enclosure_width").value);
      // -log10(1e-25) + 1.4 a layer + 4 digits, and 16 bits: not doubled once.
      CHECK(test::extra(enclosure, "enclosure_bits").value == std::ceil((25 + 1.4 * depth + 4) * 3.33) + 16);
    }
  }
}
#endif

}  // namespace backprove

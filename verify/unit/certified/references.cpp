#include "core/promotion.hpp"
#include "core/wide_values.hpp"
#include "verify/unit/catch.hpp"
#include "verify/unit/certified/problems.hpp"

namespace backprove {
namespace {

using test::Sample;

/// The loss in T, with entry i of (theta, x) moved by `step`.
template <class T>
T moved_loss(const Sample& sample, Index i, const T& step) {
  Vector<T> theta = promoted<T>(view(sample.data.theta));
  Matrix<T> x = promoted<T>(view(sample.data.x));
  if (i < theta.size())
    theta(i) += step;
  else
    x.data()[i - theta.size()] += step;
  T loss(0);
  static_cast<void>(tape_of<T>(
      {sample.network, sample.loss, view(std::as_const(theta)), view(std::as_const(x)), view(sample.data.y)}, loss));
  return loss;
}

/// The reference against central differences of the loss, which know nothing of derivatives.
void check_by_differences(const Sample& sample) {
  const test::Digits digits(120);
  const Gradient<Wide> reference = reference_gradient(sample.problem(), {});
  const Vector<double> rounding = reference_rounding(sample.problem(), {});
  const auto quotient = [&](Index i, const Wide& h) {
    const Wide minus = -h;
    return Wide((moved_loss<Wide>(sample, i, h) - moved_loss<Wide>(sample, i, minus)) / (2 * h));
  };
  CHECK(test::distance(reference.loss, moved_loss<Wide>(sample, 0, Wide(0))) <= 1e-110);
  for (Index i = 0; i < test::entries(reference); ++i) {
    const Wide h("1e-40"), twice("2e-40"), value = quotient(i, h);
    // Truncation quarters with half the step; the losses' own rounding, some thousand operations of size 10, over h.
    const double error = test::distance(value, quotient(i, twice)) + 1e-116 / 1e-40 + rounding(i);
    CAPTURE(i, value.str(70), test::entry(reference, i).str(70), error);
    REQUIRE(error <= 1e-65 * (1 + std::abs(value.convert_to<double>())));
    REQUIRE(test::distance(value, test::entry(reference, i)) <= error);
  }
}

/// The same number with the digits that Wide has now.
Wide in_current_digits(const Wide& x) {
  Wide result(0);
  mpfr_set(result.backend().data(), x.backend().data(), MPFR_RNDN);
  return result;
}

}  // namespace

TEST_CASE("the reference is the derivative of every layer's value", "[certified]") {
  std::uint64_t seed = 70;
  for_each_layer([&]<class L>() {
    const std::string text = "affine(3,4) " + std::string(L::example) + (L::name == "affine" ? "" : " affine(4,2)");
    CAPTURE(text);
    check_by_differences(Sample(text, "squared_error", 2, seed++));
  });
}

TEST_CASE("the reference is the derivative of every loss", "[certified]") {
  std::uint64_t seed = 90;
  int losses = 0;
  for_each_loss([&]<class K>() {
    for (const Index batch : {1, 3}) {
      // What the loss needs in front of it: probabilities that sum to 1, probabilities, or any numbers.
      const bool of_probabilities = K::name == "cross_entropy" || K::name == "binary_cross_entropy";
      const std::string text = std::string("affine(3,4) gelu affine(4,3)") +
                               (!of_probabilities ? "" : (K::targets == Targets::classes ? " softmax" : " sigmoid"));
      Sample sample(text, K::name, batch, seed++);
      if (K::targets == Targets::probabilities && batch > 1)  // targets between 0 and 1 too
        for (Index i = 0; i < sample.data.y.size(); i += 2) sample.data.y.data()[i] = 0.25;
      CAPTURE(text, K::name, batch);
      check_by_differences(sample);
    }
    ++losses;
  });
  CHECK(losses >= 5);
}

TEST_CASE("references of 50 and 100 digits agree within the bound of their rounding", "[certified]") {
  double largest = 0;
  for (const char* text :
       {"affine(3,5) tanh affine(5,4) gelu affine(4,3)", "affine(4,4) layer_norm affine(4,3) log_softmax",
        "affine(2,6) silu residual(affine(6,6) elu) affine(6,2)", "affine(3,3) softmax affine(3,3) gelu_tanh"}) {
    const Sample sample(text, "softmax_cross_entropy", 20, 110);
    const test::Digits more(100);
    const Gradient<Wide> fine = reference_gradient(sample.problem(), {});
    Gradient<Wide> coarse;
    Vector<double> rounding;
    {
      const test::Digits fewer(50);
      coarse = reference_gradient(sample.problem(), {});
      rounding = reference_rounding(sample.problem(), {});
      REQUIRE(coarse.parameters(0).precision() == 50);
    }
    REQUIRE(fine.parameters(0).precision() == 100);
    for (Index i = 0; i < test::entries(fine); ++i) {
      const double error = test::distance(in_current_digits(test::entry(coarse, i)), test::entry(fine, i));
      CAPTURE(text, i, error, rounding(i));
      REQUIRE(error <= rounding(i));
      REQUIRE(rounding(i) < 1e-44);
      largest = std::max(largest, error / rounding(i));
    }
  }
  INFO("largest error/bound " << largest);
  CHECK(largest > 1e-4);  // else the bound would say nothing
}

TEST_CASE("exact rational gradients are those of the reference", "[certified]") {
  const test::Digits digits(50);
  std::uint64_t seed = 130;
  int networks = 0;
  for (const char* text :
       {"affine(2,1)", "affine(3,4) relu affine(4,2)", "affine(3,4) leaky_relu affine(4,3) relu affine(3,1)",
        "affine(2,3) identity affine(3,2) leaky_relu",
        "affine(3,3) residual(affine(3,2) relu affine(2,3)) affine(3,2)"})
    for (const Index batch : {1, 2, 3, 17}) {
      const Sample sample(text, "squared_error", batch, seed++);
      REQUIRE(irrational_reason(sample.network, sample.loss).empty());
      const Gradient<Rational> exact = rational_gradient(sample.problem(), {});
      const Gradient<Wide> reference = reference_gradient(sample.problem(), {});
      const Vector<double> rounding = reference_rounding(sample.problem(), {});
      CAPTURE(text, batch);
      for (Index i = 0; i < test::entries(exact); ++i) {
        CAPTURE(i, rounding(i), test::entry(reference, i).str());
        const double size = std::abs(test::entry(reference, i).convert_to<double>());
        REQUIRE(test::distance(to_wide(test::entry(exact, i)), test::entry(reference, i)) <=
                rounding(i) + 1e-50 * size);
      }
      ++networks;
    }
  CHECK(networks == 20);
}

TEST_CASE("exact rational gradients are exact differences, since the loss is quadratic in every number",
          "[certified]") {
  std::uint64_t seed = 160;
  for (const char* text : {"affine(2,2) relu affine(2,1)", "affine(2,3) leaky_relu affine(3,2) relu",
                           "affine(2,2) residual(affine(2,2) relu)"})
    for (const Index batch : {1, 2}) {
      const Sample sample(text, "squared_error", batch, seed++, Precision::single);
      const Gradient<Rational> exact = rational_gradient(sample.problem(), {});
      const Rational h = Rational(1) / 1048576 / 1048576, minus = -h;  // too small to cross a kink of these data
      for (Index i = 0; i < test::entries(exact); ++i) {
        const Rational quotient =
            (moved_loss<Rational>(sample, i, h) - moved_loss<Rational>(sample, i, minus)) / (2 * h);
        CAPTURE(text, batch, i);
        REQUIRE(quotient == test::entry(exact, i));
      }
    }
}

TEST_CASE("what rational numbers cannot evaluate is named", "[certified]") {
  const Sample tanh("affine(2,2) tanh", "squared_error", 1, 1), loss("affine(2,2) relu", "softmax_cross_entropy", 1, 1);
  CHECK(irrational_reason(tanh.network, tanh.loss).find("tanh") != std::string::npos);
  CHECK(irrational_reason(loss.network, loss.loss).find("softmax_cross_entropy") != std::string::npos);
  const Sample inner("affine(2,2) residual(affine(2,2) gelu)", "squared_error", 1, 1);
  CHECK(irrational_reason(inner.network, inner.loss).find("gelu") != std::string::npos);
}

TEST_CASE("certified strategies give every scalar their values, rounded", "[certified]") {
  const test::Digits digits(120);
  const Sample sample("affine(3,4) leaky_relu affine(4,2)", "squared_error", 2, 170, Precision::single);
  const Gradient<Wide> reference = reference_gradient(sample.problem(), {});
  for (const std::string_view strategy : {"reference", "enclosure", "exact_rational"})
    for (const std::string_view scalar : {"float", "double", "long_double", "cpp_bin_float_50", "mpfr"}) {
      const Outcome outcome = sample.run(strategy, scalar);
      const double u = engine_named(scalar).unit_roundoff();
      CAPTURE(strategy, scalar, outcome.unsupported);
      REQUIRE(outcome.unsupported.empty());
      for (Index i = 0; i < test::entries(reference); ++i) {
        const double size = std::abs(test::entry(reference, i).convert_to<double>());
        const double inside = strategy == "enclosure" ? outcome.radius(i) : 0, of_reference = 1e-110;
        CHECK(test::distance(wide_entry(outcome.gradient, i), test::entry(reference, i)) <=
              2 * u * size + inside + of_reference);
      }
    }
}

}  // namespace backprove

#include "verify/unit/catch.hpp"
#include "verify/unit/certified/problems.hpp"

namespace backprove {
namespace {

using test::Sample;

/// One to three affine layers of widths 1 to 6 with `activation` between them, and sometimes behind.
std::string random_network(std::string_view activation, std::mt19937_64& random) {
  const auto width = [&] { return 1 + random() % 6; };
  const std::size_t layers = 1 + random() % 3;
  std::size_t before = width();
  std::string text;
  for (std::size_t l = 0; l < layers; ++l) {
    const std::size_t after = width();
    text += fmt::format("{}affine({},{})", l == 0 ? "" : " ", before, after);
    if (l + 1 < layers || layers == 1 || random() % 2 == 0) text += fmt::format(" {}", activation);
    before = after;
  }
  return text;
}

/// Widest entry over the largest one, of a block.
double relative_width(const Gradient<Interval>& gradient, Index begin, Index count) {
  double widest = 0, largest = 0;
  for (Index i = begin; i < begin + count; ++i) {
    widest = std::max(widest, test::entry(gradient, i).width_double());
    largest = std::max(largest, test::entry(gradient, i).magnitude_double());
  }
  return widest == 0 ? 0 : widest / largest;
}
/// A derivative that is 0 everywhere (a softmax of one output, a norm of one feature) has an enclosure around 0 whose
/// width has nothing to be relative to.
bool vanishes(const Gradient<Wide>& reference, Index begin, Index count) {
  for (Index i = begin; i < begin + count; ++i)
    if (abs(test::entry(reference, i)) > Wide("1e-45")) return false;
  return true;
}

struct Totals {
  int networks = 0, reached = 0, vanishing = 0;
  double widest = 0;
};

void check_enclosure(const Sample& sample, Totals& totals) {
  Options options;
  options.most_bits = 1024;
  const Problem<double> problem = sample.problem();
  const Gradient<Interval> enclosure = enclose_gradient(problem, options);
  const Gradient<Wide> reference = reference_gradient(problem, options);
  const Vector<double> rounding = reference_rounding(problem, options);
  const Outcome narrow = sample.run("reverse_vjp", "double"), bound = sample.run("reverse_vjp", "running_error");
  REQUIRE(test::entries(enclosure) == test::entries(reference));
  REQUIRE(test::entries(enclosure) == narrow.gradient.size());
  REQUIRE(enclosure.loss.contains(reference.loss, 1e-45));
  REQUIRE(enclosure.loss.contains(Wide(narrow.loss.as_double(0)), bound.loss_radius));
  for (Index i = 0; i < test::entries(enclosure); ++i) {
    const Interval& interval = test::entry(enclosure, i);
    const Wide& value = test::entry(reference, i);
    CAPTURE(i, written(interval), value.str(), rounding(i), narrow.gradient.as_double(i), bound.radius(i));
    REQUIRE(rounding(i) < 1e-40);
    REQUIRE(interval.contains(value, rounding(i)));
    REQUIRE(interval.contains(Wide(narrow.gradient.as_double(i)), bound.radius(i)));
    REQUIRE(enclosure.radius(i) >= interval.width_double() / 2);
  }
  ++totals.networks;
  const auto& width = test::extra(enclosure, "enclosure_width");
  REQUIRE((width.note.empty() == (width.value <= options.width)));
  if (width.note.empty()) ++totals.reached;
  double worst = 0;
  const auto check_block = [&](Index begin, Index count) {
    if (vanishes(reference, begin, count)) {
      ++totals.vanishing;
      worst = std::numeric_limits<double>::infinity();
      return;
    }
    const double relative = relative_width(enclosure, begin, count);
    totals.widest = std::max(totals.widest, relative);
    worst = std::max(worst, relative);
    REQUIRE(relative <= 1e-20);
    REQUIRE(relative <= width.value * (1 + 1e-9));
  };
  for (Index l = 0; l < sample.network.size(); ++l)
    if (sample.network.parameters(l) > 0) check_block(sample.network.offset(l), sample.network.parameters(l));
  check_block(reference.parameters.size(), reference.input.size());
  REQUIRE(width.value <= worst * (1 + 1e-9));  // the width said is that of the worst block, no more
}

}  // namespace

TEST_CASE("1,000 random networks of gelu, softmax and layer_norm are contained", "[certified]") {
  const test::Digits digits(60);
  std::mt19937_64 random(51);
  Totals totals;
  for (int k = 0; k < 1000; ++k) {
    const std::string_view activation = k % 3 == 0 ? "gelu" : (k % 3 == 1 ? "softmax" : "layer_norm");
    const std::string text = random_network(activation, random);
    const Index batch = 1 + static_cast<Index>(random() % 3);
    const bool probabilities = activation == "softmax" && text.ends_with("softmax");
    const std::string_view loss =
        k % 2 == 0 ? "squared_error" : (probabilities ? "cross_entropy" : "softmax_cross_entropy");
    CAPTURE(k, text, loss, batch);
    check_enclosure(Sample(text, loss, batch, static_cast<std::uint64_t>(1000 + k)), totals);
  }
  INFO("reached " << totals.reached << ", vanishing blocks " << totals.vanishing << ", widest " << totals.widest);
  CHECK(totals.networks == 1000);
  CHECK(totals.reached >= 600);  // the others have a vanishing block
  CHECK(totals.widest > 0);
}

TEST_CASE("every layer and loss is contained", "[certified]") {
  const test::Digits digits(60);
  Totals totals;
  std::uint64_t seed = 3;
  for_each_layer([&]<class L>() {
    const std::string text =
        "affine(3,4) " + std::string(L::example) + (L::name == "affine" ? " affine(3,2)" : " affine(4,2)");
    for (const std::string_view loss : {"squared_error", "sigmoid_cross_entropy", "softmax_cross_entropy"}) {
      CAPTURE(text, loss);
      check_enclosure(Sample(text, loss, 2, seed++), totals);
    }
  });
  check_enclosure(Sample("affine(3,2) sigmoid", "binary_cross_entropy", 2, seed), totals);
  CHECK(totals.reached == totals.networks);
}

TEST_CASE("the precision grows until the width is reached", "[certified]") {
  const test::Digits digits(120);
  const Sample sample("affine(3,4) tanh affine(4,4) gelu affine(4,2)", "softmax_cross_entropy", 2, 5);
  double before = 0;
  for (const double width : {1e-5, 1e-20, 1e-60, 1e-250}) {
    Options options;
    options.width = width;
    const Gradient<Interval> enclosure = enclose_gradient(sample.problem(), options);
    const auto& reached = test::extra(enclosure, "enclosure_width");
    const double bits = test::extra(enclosure, "enclosure_bits").value;
    CAPTURE(width, reached.value, bits);
    CHECK(reached.value <= width);
    CHECK(reached.note.empty());
    CHECK(bits > before);
    CHECK(bits < 8 * -std::log2(width) + 200);  // no more than a doubling too many
    before = bits;
  }
}

TEST_CASE("the cap ends the search, with a note and an enclosure that still holds", "[certified]") {
  const test::Digits digits(60);
  const auto check_capped = [](const Sample& sample, double width, unsigned most_bits, bool shrinks) {
    Options options;
    options.width = width;
    options.most_bits = most_bits;
    const Gradient<Interval> enclosure = enclose_gradient(sample.problem(), options);
    const auto& reached = test::extra(enclosure, "enclosure_width");
    CAPTURE(width, most_bits, reached.value, reached.note);
    CHECK(reached.value > width);
    CHECK(reached.note.find(fmt::format("cap of {} bits reached", most_bits)) != std::string::npos);
    CHECK(test::extra(enclosure, "enclosure_bits").value == most_bits);
    CHECK((reached.value < std::exp2(-static_cast<double>(most_bits) / 2)) == shrinks);
    const Gradient<Wide> reference = reference_gradient(sample.problem(), options);
    const Vector<double> rounding = reference_rounding(sample.problem(), options);
    for (Index i = 0; i < test::entries(enclosure); ++i)
      CHECK(test::entry(enclosure, i).contains(test::entry(reference, i), rounding(i)));
  };
  const Sample smooth("affine(2,3) tanh affine(3,1)", "squared_error", 2, 6);
  check_capped(smooth, 0, 512, true);  // what 1e-3000 is as a double
  check_capped(smooth, 5e-324, 512, true);
  check_capped(smooth, 1e-25, 53, true);

  // tanh z - tanh z in front of the kink: 0, but no precision shows that it is not just above, where the slope is 1.
  Sample kink("affine(1,2) tanh affine(2,1) relu", "squared_error", 1, 7);
  kink.data.theta << 0.3, 0.3, 0.1, 0.1, 1, -1, 0;
  kink.data.y(0, 0) = 1;
  check_capped(kink, 1e-25, 1024, false);
}

TEST_CASE("odd widths and precisions asked for are served", "[certified]") {
  const test::Digits digits(60);
  const Sample sample("affine(2,2) sigmoid", "squared_error", 1, 8);
  for (const double width : {1e3, 1e10, 1.0}) {
    Options options;
    options.width = width;
    const Gradient<Interval> enclosure = enclose_gradient(sample.problem(), options);
    CHECK(test::extra(enclosure, "enclosure_width").value <= width);
    for (Index i = 0; i < test::entries(enclosure); ++i)
      CHECK(test::entry(enclosure, i).contains(test::entry(reference_gradient(sample.problem(), options), i), 1e-50));
  }
}

TEST_CASE("gradients below the smallest double are enclosed as tightly as others", "[certified]") {
  const test::Digits digits(60);
  Sample sample("affine(1,1)", "sigmoid_cross_entropy", 1, 9);
  sample.data.theta << 1000, 1;
  sample.data.x(0, 0) = 1;
  sample.data.y(0, 0) = 1;  // the gradient is -sigmoid(-1001), about -1e-435
  const Gradient<Interval> enclosure = enclose_gradient(sample.problem(), {});
  const auto& width = test::extra(enclosure, "enclosure_width");
  CHECK(width.value > 0);
  CHECK(width.value <= 1e-25);
  CHECK(width.note.empty());
  CHECK(enclosure.parameters(0).contains(-exp(Wide(-1001)) / (1 + exp(Wide(-1001))), 0));
  CHECK(enclosure.radius(0) > 0);
}

TEST_CASE("threads change no bit of certified gradients", "[certified]") {
  const test::Digits digits(60);
  const Sample sample("affine(3,4) layer_norm affine(4,3)", "softmax_cross_entropy", 40, 10);
  Options two;
  two.threads = 2;
  const Gradient<Interval> a = enclose_gradient(sample.problem(), {}), b = enclose_gradient(sample.problem(), two);
  const Gradient<Wide> c = reference_gradient(sample.problem(), {}), d = reference_gradient(sample.problem(), two);
  const Vector<double> e = reference_rounding(sample.problem(), {}), f = reference_rounding(sample.problem(), two);
  for (Index i = 0; i < test::entries(a); ++i) {
    CHECK(mpfr_equal_p(&test::entry(a, i).get()->left, &test::entry(b, i).get()->left) != 0);
    CHECK(mpfr_equal_p(&test::entry(a, i).get()->right, &test::entry(b, i).get()->right) != 0);
    CHECK(test::entry(c, i) == test::entry(d, i));
  }
  CHECK(e == f);
}

}  // namespace backprove

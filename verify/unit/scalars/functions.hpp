#pragma once

#include <random>
#include <string>
#include <vector>

#include "core/scalars/taped.hpp"
#include "core/scalars/traits.hpp"

/// What the tests of the scalars share: digits of Wide for a while, the list of elementary functions, and arguments.
namespace backprove::test {

/// Sets the digits of Wide while it lives.
class Digits {
 public:
  explicit Digits(unsigned digits) : before(wide_digits()) { set_wide_digits(digits); }
  ~Digits() { set_wide_digits(before); }
  Digits(const Digits&) = delete;
  Digits& operator=(const Digits&) = delete;

 private:
  unsigned before;
};

/// Where a function may be asked, and what its formula costs in the units of math.hpp.
struct Traits {
  std::string_view name;
  double lower = -1e300, upper = 1e300;  ///< domain, exclusive
  bool taped = true;                     ///< whether Taped has it
  bool kink = false;                     ///< not differentiable at 0
};

/// Calls use(traits, f) for every elementary function of math.hpp; f takes a number of any scalar.
template <class Use>
void for_each_function(Use&& use) {
  using namespace math;
  constexpr double all = 1e300;
  use(Traits{"exp"}, [](const auto& x) { return exp(x); });
  use(Traits{"expm1"}, [](const auto& x) { return expm1(x); });
  use(Traits{"log", 0}, [](const auto& x) { return log(x); });
  use(Traits{"log1p", -1}, [](const auto& x) { return log1p(x); });
  use(Traits{"sqrt", 0}, [](const auto& x) { return sqrt(x); });
  use(Traits{"tanh"}, [](const auto& x) { return tanh(x); });
  use(Traits{"erf"}, [](const auto& x) { return erf(x); });
  use(Traits{"erfc"}, [](const auto& x) { return erfc(x); });
  use(Traits{"sigmoid"}, [](const auto& x) { return sigmoid(x); });
  use(Traits{"softplus"}, [](const auto& x) { return softplus(x); });
  use(Traits{"max0", -all, all, true, true}, [](const auto& x) { return max0(x); });
  use(Traits{"min0", -all, all, true, true}, [](const auto& x) { return min0(x); });
  use(Traits{"step", -all, all, true, true}, [](const auto& x) { return step(x); });
}
/// Those that only complex numbers need.
template <class Use>
void for_each_circular_function(Use&& use) {
  using namespace math;
  use(Traits{"sin", -1e300, 1e300, false}, [](const auto& x) { return sin(x); });
  use(Traits{"cos", -1e300, 1e300, false}, [](const auto& x) { return cos(x); });
  use(Traits{"atan", -1e300, 1e300, false}, [](const auto& x) { return atan(x); });
}
template <class Use>
void for_each_smooth_function(Use&& use) {
  for_each_function([&](const Traits& traits, auto f) {
    if (!traits.kink) use(traits, f);
  });
}

/// Tiny, moderate and large arguments of either sign, floats all of them.
inline std::vector<double> grid() {
  std::vector<double> all;
  for (const double x :
       {0x1p-120, 0x1p-70, 0x1p-40, 0x1p-20, 0.001953125, 0.09375, 0.4375, 0.5,  0.75, 0.84375, 1.0,   1.25,  1.28125,
        2.8125,   3.0,     5.5,     6.25,    10.0,        19.5,    28.0,   40.0, 90.0, 105.0,   720.0, 746.0, 1000.0})
    for (const double sign : {1.0, -1.0}) all.push_back(sign * x);
  return all;
}
inline bool in_domain(const Traits& traits, double x) { return x > traits.lower && x < traits.upper; }

/// Uniform in (low, high).
inline double between(std::mt19937_64& random, double low, double high) {
  return low + (high - low) * (static_cast<double>(random() >> 11) + 0.5) * 0x1p-53;
}
/// One of many sizes: most about 1, some tiny, some large; inside the function's domain.
inline double argument(std::mt19937_64& random, const Traits& traits) {
  for (;;) {
    const double size = std::exp2(between(random, -3, 3)), sign = random() % 2 == 0 ? 1 : -1;
    const double scale = random() % 4 != 0 ? 1 : std::exp2(between(random, -20, 4));
    if (in_domain(traits, sign * size * scale)) return sign * size * scale;
  }
}

/// |a - b| as a double, rounded.
inline double distance(const Wide& a, const Wide& b) {
  const Wide difference = a - b;
  return std::abs(difference.convert_to<double>());
}

/// Central difference of f at x: error h^2 f'''/6, with the step far above the rounding of Wide.
template <class F>
Wide difference_quotient(F&& f, const Wide& x, const Wide& h) {
  const Wide above = x + h, below = x - h;
  return (f(above) - f(below)) / (above - below);
}

}  // namespace backprove::test

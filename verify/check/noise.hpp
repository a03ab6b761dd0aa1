#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace backprove {

/// The rounding errors of one run of Monte Carlo arithmetic (noisy.hpp). A rounding error is a function of what is
/// rounded: equal samples, or the units of a network whose weights are all zero, err alike, and their errors add up
/// where those of different numbers average out. But another kernel, or the tail of a vector, may round equal numbers
/// differently. So every error is the sum of two independent ones with 3/4 of its standard deviation, nearly normal up
/// to three deviations: one drawn from the operands, in the digits that the arithmetic under test has, and one drawn
/// anew.
class Noise {
 public:
  static constexpr std::size_t functions = 9;
  double u = 0, eta = 0;                   ///< unit roundoff and smallest subnormal; 0: no errors at all
  double own = 0;                          ///< of a function's error each time, in rounding errors
  std::array<double, functions> shared{};  ///< relative errors that functions keep for the whole run

  /// `ulp`: of elementary functions.
  void start(double unit_roundoff, double smallest, double ulp, std::uint64_t run) {
    u = unit_roundoff;
    eta = smallest;
    seed = mixed(run);
    counter = mixed(seed);
    dropped = u > 0 ? 53 + std::ilogb(u) : 0;
    for (double& factor : shared) factor = ulp * u * normal();
    own = 0.75 * ulp;
  }
  /// A number in the digits of the arithmetic under test, without its sign: errors are odd functions.
  template <class W>
  std::uint64_t key(W x) const {
    const std::uint64_t half = dropped > 0 ? std::uint64_t{1} << (dropped - 1) : 0;
    return (std::bit_cast<std::uint64_t>(static_cast<double>(x < 0 ? -x : x)) + half) >> dropped;
  }
  /// The same for two operands, in either order.
  template <class W>
  std::uint64_t key(W a, W b) const {
    const std::uint64_t p = key(a), q = key(b);
    return mixed(p + q) ^ ((p ^ q) * 0x9e3779b97f4a7c15u);
  }
  /// The error of an operation on these operands, in standard deviations. Of variance 2 (3/4)^2.
  double error(std::uint64_t operands) {
    // 8 numbers uniform in [0, 2^16), with a standard deviation of 2^16/sqrt(12) each.
    constexpr double scale = 0.75 / 37837.2;  // sqrt(4) 2^16/sqrt(12)
    return scale * (static_cast<double>(lanes(mixed(operands ^ seed)) + lanes(next())) - 8 * 32767.5);
  }
  /// Uniform in [1, 2), from the operands alone.
  double factor(std::uint64_t operands) const {
    return 1 + static_cast<double>(mixed(operands + seed) >> 11) * 0x1p-53;
  }

 private:
  std::uint64_t seed = 0, counter = 0;
  int dropped = 0;  ///< digits of a double that the arithmetic does not have

  std::uint64_t next() { return mixed(counter += 0x9e3779b97f4a7c15u); }
  double normal() { return (static_cast<double>(lanes(next()) + lanes(next())) - 8 * 32767.5) / 53510; }
  /// The sum of four 16-bit numbers.
  static std::int64_t lanes(std::uint64_t z) {
    const std::uint64_t pairs = (z & 0x0000ffff0000ffffu) + ((z >> 16) & 0x0000ffff0000ffffu);
    return static_cast<std::int64_t>((pairs & 0xffffffffu) + (pairs >> 32));
  }
  /// The finaliser of SplitMix64 (Steele, Lea & Flood 2014).
  static std::uint64_t mixed(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
};

inline thread_local Noise thread_noise;

}  // namespace backprove

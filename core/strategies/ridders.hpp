#pragma once

#include <array>
#include <limits>

#include "core/differences.hpp"

namespace backprove {

/// Ridders' method (Ridders 1982): central differences with steps h, h/2, h/4, ..., extrapolated to h = 0 in powers of
/// h^2; of the tableau the entry with the smallest error estimate is kept, per coordinate. The estimate, the largest
/// difference to the two neighbours of lower order, times 2 stands for the truncation.
struct Ridders {
  static constexpr std::string_view name = "ridders";
  static constexpr unsigned trusts = formula_value;
  static constexpr int levels = 6;

  template <class T>
  static std::string unsupported(const Network&, const Loss&) {
    return "";
  }
  static Cost predict(const Shape& shape) { return difference_cost(shape, 2 * levels, 1); }

  template <class T>
  static Prepared<T> prepare(const Problem<T>& problem, const Options& options) {
    const double relative = relative_step<T>(options, 1.0 / 9);
    return prepare_differences<T>(
        problem, options, [relative](const auto& probe, const Coordinates& at, const T&, Gradient<T>& gradient) {
          using namespace math;
          const auto [x, step] = values_and_steps(probe, at, relative);
          std::array<Vector<T>, levels> quotients;
          std::array<Vector<signed char>, levels> crossed;
          for (int level = 0; level < levels; ++level) {
            const auto l = static_cast<std::size_t>(level);
            const double factor = std::exp2(-level);
            const Moved<T> up(x, step, factor), down(x, step, -factor);
            crossed[l] = Vector<signed char>::Zero(at.count);
            const Vector<T> above = probe.losses(at, up.at, &crossed[l]),
                            below = probe.losses(at, down.at, &crossed[l]);
            quotients[l].resize(at.count);
            for (Index k = 0; k < at.count; ++k)
              quotients[l](k) = (above(k) - below(k)) / (up.distance(k) - down.distance(k));
          }
          for (Index k = 0; k < at.count; ++k) {
            const Index flat = probe.flat(at, k);
            int first = 0;  // steps that cross a kink do not count
            while (first < levels - 2 && crossed[static_cast<std::size_t>(first)](k)) ++first;
            const Choice<T> best = extrapolate<T>(quotients, first, k);
            probe.target(at, k, gradient) = best.value;
            gradient.truncation(flat) = 2 * best.estimate;
            gradient.irregularity(flat) = irregularity<T>(quotients, first, best.level, k);
            gradient.step(flat) = 2 * step(k) * std::exp2(-best.level) / amplification;
            gradient.kinked(flat) = crossed[static_cast<std::size_t>(first)](k);
          }
        });
  }

 private:
  /// Of the three quotients that end with the chosen level; infinite where a kink leaves fewer.
  template <class T>
  static double irregularity(const std::array<Vector<T>, levels>& quotients, int first, int level, Index k) {
    if (level - first < 2) return std::numeric_limits<double>::infinity();
    const auto l = static_cast<std::size_t>(level);
    return Truncation(quotients[l](k), quotients[l - 1](k), quotients[l - 2](k), 2, 4).irregularity;
  }
  /// The weights of an extrapolated entry add up to at most prod (4^m + 1)/(4^m - 1) < 2 in magnitude.
  static constexpr double amplification = 2;
  template <class T>
  struct Choice {
    T value;
    double estimate;
    int level;
  };
  template <class T>
  static Choice<T> extrapolate(const std::array<Vector<T>, levels>& quotients, int first, Index k) {
    using namespace math;
    Choice<T> best{quotients[static_cast<std::size_t>(first)](k), std::numeric_limits<double>::infinity(), first};
    std::vector<T> previous{best.value};
    for (int level = first + 1; level < levels; ++level) {
      std::vector<T> row{quotients[static_cast<std::size_t>(level)](k)};
      int weight = 1;
      for (std::size_t m = 0; m < previous.size(); ++m) {
        weight *= 4;
        row.push_back((T(weight) * row[m] - previous[m]) / T(weight - 1));
        const double estimate =
            std::max(std::abs(to_double(row[m + 1] - row[m])), std::abs(to_double(row[m + 1] - previous[m])));
        if (estimate <= best.estimate) best = {row[m + 1], estimate, level};
      }
      previous = std::move(row);
    }
    return best;
  }
};

}  // namespace backprove

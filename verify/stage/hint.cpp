#include "verify/stage/hint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace backprove {

namespace {

using Numbers = Matrix<double>;

/// |got - k wanted| within the bounds that both may have; nothing fits where nothing is resolved.
bool fits(const Suspect& s, const Numbers& wanted, double k) {
  bool resolved = false;
  for (Index i = 0; i < s.got.size(); ++i) {
    const double w = k * wanted.data()[i];
    const double slack = 4 * (1 + std::abs(k)) * s.bound.data()[i] + 1e-6 * std::abs(w);
    if (!(std::abs(s.got.data()[i] - w) <= slack)) return false;
    resolved = resolved || std::abs(w) > 16 * slack;
  }
  return resolved;
}

/// "" if got is no multiple of `wanted`, else the factor.
std::string factor(const Suspect& s, const Numbers& wanted) {
  const double b = static_cast<double>(s.batch);
  const std::vector<std::pair<std::string, double>> known{
      {"1", 1}, {"-1", -1}, {"2", 2}, {"1/2", 0.5}, {"the batch size", b}, {"1/batch size", 1 / b}};
  for (const auto& [name, k] : known)
    if (fits(s, wanted, k)) return name;
  const double square = wanted.squaredNorm();
  const double k = square > 0 ? (wanted.array() * s.got.array()).sum() / square : 0;
  return std::isfinite(k) && k != 0 && fits(s, wanted, k) ? fmt::format("{:.6g}", k) : "";
}

std::string factor_hint(const Suspect& s) {
  const std::string k = factor(s, s.exact);
  if (!k.empty() && k != "1") return "times " + k;
  // Right up to one small factor, closer to 1 than `fits` resolves.
  const double square = s.exact.squaredNorm();
  const double least = square > 0 ? (s.exact.array() * s.got.array()).sum() / square : 0;
  const bool all = std::isfinite(least) && least != 0 && least != 1 &&
                   ((s.got - least * s.exact).array().abs() <= 4 * s.bound.array()).all();
  return all ? fmt::format("times {:.9g}", least) : "";
}

std::string alternative_hint(const Suspect& s) {
  for (const auto& [name, wanted] : s.alternatives) {
    if (wanted.rows() != s.got.rows() || wanted.cols() != s.got.cols()) continue;
    const std::string k = factor(s, wanted);
    if (!k.empty()) return k == "1" ? name : fmt::format("{}, times {}", name, k);
  }
  return "";
}

std::string order_hint(const Suspect& s) {
  if (s.got.rows() > 1 && s.got.cols() > 1) {
    const Numbers read = Eigen::Map<const Numbers>(s.exact.data(), s.exact.cols(), s.exact.rows()).transpose();
    if (fits(s, read, 1)) return "transposed";
    if (s.exact.rows() == s.exact.cols() && fits(s, Numbers(s.exact.transpose()), 1)) return "transposed";
    const Numbers stored = s.exact.transpose();
    if (fits(s, Numbers(Eigen::Map<const Numbers>(stored.data(), s.exact.rows(), s.exact.cols())), 1))
      return "transposed";
  }
  std::vector<double> got(s.got.data(), s.got.data() + s.got.size());
  std::vector<double> exact(s.exact.data(), s.exact.data() + s.exact.size());
  std::ranges::sort(got);
  std::ranges::sort(exact);
  const double slack = 4 * s.bound.maxCoeff() + 1e-6 * s.exact.cwiseAbs().maxCoeff();
  for (std::size_t i = 0; i < got.size(); ++i)
    if (!(std::abs(got[i] - exact[i]) <= slack)) return "";
  return got.size() > 1 && exact.back() - exact.front() > 64 * slack ? "permuted" : "";
}

/// Where the wrong entries lie, if not everywhere.
std::string place_hint(const Suspect& s) {
  std::vector<Index> rows, columns;
  Index wrong = 0;
  bool zero = true;
  for (Index j = 0; j < s.got.cols(); ++j)
    for (Index i = 0; i < s.got.rows(); ++i)
      if (!(std::abs(s.got(i, j) - s.exact(i, j)) <= s.bound(i, j))) {
        ++wrong;
        zero = zero && s.got(i, j) == 0;
        rows.push_back(i);
        columns.push_back(j);
      }
  if (wrong == 0) return "";
  const auto [row_low, row_high] = std::ranges::minmax(rows);
  const auto [column_low, column_high] = std::ranges::minmax(columns);
  const std::string state = zero ? ", which are zero" : "";
  const Index last_row = s.got.rows() - 1, last_column = s.got.cols() - 1;
  const std::string_view column = s.columns_are_samples ? "sample" : "column";
  if (wrong == s.got.size()) return zero ? "zero everywhere" : "";
  if (s.got.cols() > 1 && column_low == column_high)
    return fmt::format("{} {} {} only{}", column_low == last_column ? "last" : "one", column, column_low, state);
  if (s.got.rows() > 1 && row_low == row_high)
    return fmt::format("{} row {} only{}", row_low == last_row ? "last" : "one", row_low, state);
  if (row_high == last_row && 2 * row_low > last_row)
    return fmt::format("tail: rows {} to {}{}", row_low, row_high, state);
  if (column_high == last_column && 2 * column_low > last_column)
    return fmt::format("tail: {}s {} to {}{}", column, column_low, column_high, state);
  return fmt::format("{} of {} entries{}", wrong, s.got.size(), state);
}

}  // namespace

std::string hint_of(const Suspect& suspect) {
  if (!suspect.got.allFinite()) return "entries that are not finite";
  if ((suspect.got.array() == 0).all()) return "zero everywhere";
  for (const auto& find : {factor_hint, order_hint, alternative_hint, place_hint}) {
    std::string found = find(suspect);
    if (!found.empty()) return found;
  }
  return "";
}

}  // namespace backprove

#include "core/kernels/double_double.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <map>
#include <mutex>
#include <random>

#include "core/kernels/instruction_sets.hpp"
#include "core/scalars/interval.hpp"

namespace backprove {

// core/kernels/simd, one translation unit an instruction set.
namespace avx512 {
void multiply_double_double(const DoubleDoubleProduct& p);
}
namespace avx2 {
void multiply_double_double(const DoubleDoubleProduct& p);
}
namespace portable {
void multiply_double_double(const DoubleDoubleProduct& p);
}

namespace {

constexpr unsigned exact_bits = 4096;  ///< a sum of products of any doubles whose exponents lie within 1,900

/// The product of one shape with numbers of many sizes, of which half cancel, entry by entry against MPFR.
std::string wrong_product(const DoubleDoubleKernel& kernel, Index m, Index n, Index inner) {
  std::mt19937_64 random(static_cast<std::uint64_t>(m * 1000003 + n * 1009 + inner));
  std::uniform_real_distribution<double> mantissa(-1, 1);
  const auto number = [&] { return std::ldexp(mantissa(random), static_cast<int>(random() % 40)); };
  Matrix<double> a(m, inner), b(inner, n), hi(m, n), lo(m, n), size(m, n);
  for (Index i = 0; i < a.size(); ++i) a.data()[i] = number();
  for (Index i = 0; i < b.size(); ++i) b.data()[i] = number();
  for (Index k = 0; k + 1 < inner; k += 2) {  // what the one adds the other takes away, nearly
    a.col(k + 1) = a.col(k);
    b.row(k + 1) = -b.row(k) * (1 + 0x1p-50);
  }
  kernel.multiply({m, n, inner, a.data(), m, b.data(), 1, inner, hi.data(), lo.data(), size.data()});
  const PrecisionScope scope(exact_bits);
  for (Index j = 0; j < n; ++j)
    for (Index i = 0; i < m; ++i) {
      Interval off = Interval(hi(i, j)) + Interval(lo(i, j));
      for (Index k = 0; k < inner; ++k) off -= Interval(a(i, k)) * Interval(b(k, j));
      const double bound = double_double_error(inner, size(i, j), false), found = off.magnitude_double();
      if (!(found <= bound))
        return fmt::format("{}x{}x{}: entry ({},{}) is off by {:.3g}, {:.3g} times its bound", m, inner, n, i, j, found,
                           found / bound);
    }
  return "";
}

std::string first_wrong(const DoubleDoubleKernel& kernel) {
  std::string found;
  for (const auto& [m, n, inner] : {std::tuple<Index, Index, Index>{1, 1, 1}, {8, 4, 6}, {13, 7, 65}, {3, 5, 130}})
    if (found.empty()) found = wrong_product(kernel, m, n, inner);
  return found;
}

}  // namespace

const std::vector<DoubleDoubleKernel>& double_double_kernels() {
  static const std::vector<DoubleDoubleKernel> all{
      {"double_double_avx512", has_avx512, avx512::multiply_double_double},
      {"double_double_avx2", has_avx2, avx2::multiply_double_double},
      {"double_double_portable", [] { return true; }, portable::multiply_double_double},
  };
  return all;
}

std::string DoubleDoubleKernel::wrong() const {
  static std::mutex guard;
  static std::map<void (*)(const DoubleDoubleProduct&), std::string> known;
  const std::lock_guard lock(guard);
  const auto found = known.find(multiply);
  return found != known.end() ? found->second : known.emplace(multiply, first_wrong(*this)).first->second;
}

const DoubleDoubleKernel* double_double_kernel() {
  for (const DoubleDoubleKernel& kernel : double_double_kernels())
    if (kernel.runs_here() && kernel.wrong().empty()) return &kernel;
  return nullptr;
}

DoubleDoubleRange DoubleDoubleRange::of(const double* a, Index a_count, const double* b, Index b_count, Index inner) {
  struct Sizes {
    double least = std::numeric_limits<double>::infinity(), most = 0;
    bool finite = true;
    Sizes(const double* numbers, Index count) {
      for (Index i = 0; i < count; ++i) {
        const double size = std::abs(numbers[i]);
        finite = finite && std::isfinite(size);
        most = std::max(most, size);
        if (size > 0) least = std::min(least, size);
      }
    }
  };
  const Sizes of_a(a, a_count), of_b(b, b_count);
  DoubleDoubleRange range;
  // Dekker's cut multiplies by 2^27 + 1.
  range.overflows = !of_a.finite || !of_b.finite || !(of_a.most < 0x1p990) || !(of_b.most < 0x1p990) ||
                    !(of_a.most * of_b.most * static_cast<double>(inner) < 0x1p1000);
  // A product's error is a multiple of 2^-104 times its factors' powers of two; a cut one's parts are larger.
  if (of_a.most > 0 && of_b.most > 0) range.underflows = !(of_a.least * of_b.least >= 0x1p-960);
  return range;
}

double double_double_error(Index inner, double size, bool underflows) {
  const double n = static_cast<double>(inner), u = 0x1p-53;
  const double most = size * (1 + 8 * (n + 2) * u);  // size itself was rounded 2 n times
  return 24 * n * u * u * most + (underflows ? 8 * n * 0x1p-1074 : 0);
}

}  // namespace backprove

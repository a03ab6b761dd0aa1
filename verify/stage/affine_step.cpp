#include "verify/stage/affine_step.hpp"

#include "core/kernels/double_double.hpp"

namespace backprove::stage {

namespace {

/// hi + lo +- error, rounded outward.
Interval around(double hi, double lo, double error) {
  Interval sum(hi), slack(0);
  mpfi_add_d(sum.get(), sum.get(), lo);
  if (error > 0) {
    mpfi_interv_d(slack.get(), -error, error);
    sum += slack;
  }
  return sum;
}

/// A B^T or A B, entry by entry to `to`; false if some number is out of range.
bool enclose_product(const DoubleDoubleKernel& kernel, const Matrix<double>& a, const Matrix<double>& b,
                     bool b_transposed, Interval* to) {
  const Index m = a.rows(), inner = a.cols(), n = b_transposed ? b.rows() : b.cols();
  const DoubleDoubleRange range = DoubleDoubleRange::of(a.data(), a.size(), b.data(), b.size(), inner);
  if (range.overflows || range.underflows) return false;
  Matrix<double> hi(m, n), lo(m, n), size(m, n);
  kernel.multiply({m, n, inner, a.data(), m, b.data(), b_transposed ? b.rows() : 1, b_transposed ? 1 : b.rows(),
                   hi.data(), lo.data(), size.data()});
  for (Index i = 0; i < hi.size(); ++i)
    to[i] = around(hi.data()[i], lo.data()[i], double_double_error(inner, size.data()[i], false));
  return true;
}

}  // namespace

std::optional<AffineIntervals> affine_intervals(const Matrix<double>& weight, const Matrix<double>& x,
                                                const Matrix<double>& y_bar) {
  const DoubleDoubleKernel* kernel = double_double_kernel();
  if (!kernel) return std::nullopt;
  const Index weights = weight.size(), outputs = weight.cols();
  AffineIntervals exact{Matrix<Interval>(x.rows(), x.cols()), Vector<Interval>(weights + outputs)};
  const Matrix<double> ones = Matrix<double>::Ones(x.cols(), 1);
  if (!enclose_product(*kernel, weight, y_bar, false, exact.x_bar.data()) ||
      !enclose_product(*kernel, x, y_bar, true, exact.theta_bar.data()) ||
      !enclose_product(*kernel, y_bar, ones, false, exact.theta_bar.data() + weights))
    return std::nullopt;
  return exact;
}

std::optional<SignedSums> SignedSums::of(const Matrix<double>& a) {
  const Matrix<long double> numbers = a.cast<long double>();
  if (a.size() == 0 || a.cols() > detail::most_signed_terms || !detail::all_doubles(numbers)) return std::nullopt;
  return SignedSums(numbers);
}

std::vector<long double> SignedSums::products(const Matrix<double>& signs, const Matrix<double>& weights) const {
  static const ProductLibrary& fused = product_library_named("fused");
  static const ProductLibrary& library =
      fused.missing().empty() && fused.wrong().empty() ? fused : product_library_named("plain");
  const Index outputs = parts.coarse.rows(), columns = weights.cols(), count = signs.cols() / columns;
  std::vector<long double> sums(static_cast<std::size_t>(count), 0);
  Matrix<double> result(outputs, signs.cols());
  for (const Matrix<double>* part : {&parts.rest, &parts.coarse}) {
    const ReadyProduct product =
        library.ready<double>({outputs, signs.rows(), signs.cols(), part->data(), signs.data(), false, result.data()});
    product.run();
    product.finish();
    for (Index c = 0; c < count; ++c)
      for (Index i = 0; i < weights.size(); ++i)
        sums[static_cast<std::size_t>(c)] +=
            static_cast<long double>(weights.data()[i]) * result.data()[c * weights.size() + i];
  }
  return sums;
}

}  // namespace backprove::stage

#pragma once

// Included by core/product.hpp, at its end.
#include "core/product.hpp"

/// Products of numbers that consist of several others, by products of those: the same sums, each part's terms together.
namespace backprove::detail {

/// f of every entry.
template <class U, class T, class F>
Matrix<U> part_of(const In<T>& m, F&& f) {
  Matrix<U> part(m.rows(), m.cols());
  for (Index i = 0; i < m.size(); ++i) part.data()[i] = f(m.data()[i]);
  return part;
}

template <class T>
In<T> reading(const Out<T>& m) {
  return In<T>(m.data(), m.rows(), m.cols());
}

template <std::floating_point T>
bool is_nothing(T x) {
  return x == 0;
}
inline bool is_nothing(const RunningError& x) { return x.v == 0 && x.e == 0; }
template <class T>
bool is_nothing(const Complex<T>& x) {
  return is_nothing(x.re) && is_nothing(x.im);
}
template <std::floating_point T>
bool is_finite(T x) {
  return std::isfinite(x);
}
inline bool is_finite(const RunningError& x) { return std::isfinite(x.v) && std::isfinite(x.e); }
template <class T>
bool is_finite(const Complex<T>& x) {
  return is_finite(x.re) && is_finite(x.im);
}
template <class T, int K>
bool is_nothing(const Dual<T, K>& x) {
  return is_nothing(x.value) &&
         std::all_of(x.tangent.begin(), x.tangent.end(), [](const T& t) { return is_nothing(t); });
}
template <class T, int K>
bool is_finite(const Dual<T, K>& x) {
  return is_finite(x.value) && std::all_of(x.tangent.begin(), x.tangent.end(), [](const T& t) { return is_finite(t); });
}
template <class T>
bool all_nothing(const Matrix<T>& m) {
  return std::all_of(m.data(), m.data() + m.size(), [](const T& x) { return is_nothing(x); });
}
template <class T>
bool all_finite(const Matrix<T>& m) {
  return std::all_of(m.data(), m.data() + m.size(), [](const T& x) { return is_finite(x); });
}

/// Sums of up to 2^12 numbers, each with a sign, need no extended precision: multiples of q = 2^-40 of the largest have
/// at most 41 bits, so that they add up exactly in double; what is left of every number is at most q/2, and the sum of
/// that is wrong by less than 2^-70 of the largest.
inline constexpr Index most_signed_terms = 4096;
inline bool all_signs(const Matrix<long double>& m) {
  return std::all_of(m.data(), m.data() + m.size(), [](long double x) { return std::abs(x) == 1; });
}
/// Doubles far from both ends of the range, so that their parts are normal numbers.
inline bool all_doubles(const Matrix<long double>& m) {
  return std::all_of(m.data(), m.data() + m.size(), [](long double x) {
    return static_cast<double>(x) == x && std::abs(x) < 0x1p900L && (x == 0 || std::abs(x) > 0x1p-800L);
  });
}

/// Doubles in two parts, by the largest number of their own row or column.
struct TwoParts {
  Matrix<double> coarse, rest;

  TwoParts(const Matrix<long double>& m, bool by_rows) : coarse(m.cast<double>()), rest(m.rows(), m.cols()) {
    const Matrix<double> all = coarse;
    const Vector<double> largest = by_rows ? Vector<double>(all.cwiseAbs().rowwise().maxCoeff())
                                           : Vector<double>(all.cwiseAbs().colwise().maxCoeff());
    for (Index j = 0; j < m.cols(); ++j)
      for (Index i = 0; i < m.rows(); ++i) {
        const double q = std::ldexp(1.0, std::ilogb(std::max(largest(by_rows ? i : j), 0x1p-800)) - 39);
        coarse(i, j) = std::nearbyint(all(i, j) / q) * q;
        rest(i, j) = all(i, j) - coarse(i, j);
      }
  }
};

/// c += op(a) op(b), where one of them holds signs alone and the other one doubles; false if it is not so.
inline bool add_signed_sums(Op op_a, const Matrix<long double>& a, Op op_b, const Matrix<long double>& b,
                            Matrix<long double>& c) {
  const Index terms = op_a == Op::plain ? a.cols() : a.rows();
  const bool left = all_signs(a);
  if (terms > most_signed_terms || !(left ? all_doubles(b) : all_signs(b) && all_doubles(a))) return false;
  const Matrix<double> signs = (left ? a : b).cast<double>();
  const TwoParts parts = left ? TwoParts(b, op_b == Op::transposed) : TwoParts(a, op_a == Op::plain);
  Matrix<double> sum(c.rows(), c.cols());
  for (const Matrix<double>* part : {&parts.rest, &parts.coarse}) {
    if (left)
      product<double>(op_a, view(signs), op_b, view(*part), view(sum));
    else
      product<double>(op_a, view(*part), op_b, view(signs), view(sum));
    c += sum.cast<long double>();
  }
  return true;
}

/// c += op(a) op(b), unless that adds nothing but zeros.
template <class T>
void add_part(Op op_a, const Matrix<T>& a, Op op_b, const Matrix<T>& b, Matrix<T>& c) {
  if ((all_nothing(a) && all_finite(b)) || (all_nothing(b) && all_finite(a))) return;
  if constexpr (std::same_as<T, long double>)
    if (add_signed_sums(op_a, a, op_b, b, c)) return;
  product<T>(op_a, view(a), op_b, view(b), view(c), true);
}

/// v = a b, e = |a| e_b + e_a (|b| + 3 e_b), and gamma_k (|a| + 2 e_a)(|b| + 2 e_b).
inline void product_by_parts(Op op_a, const In<RunningError>& a, Op op_b, const In<RunningError>& b,
                             Out<RunningError>& c, bool accumulate) {
  const Index terms = (op_a == Op::plain ? a.cols() : a.rows()) + (accumulate ? 1 : 0);
  const auto value = [](const RunningError& x) { return x.v; };
  const auto magnitude = [](const RunningError& x) { return std::abs(x.v); };
  const auto error = [](const RunningError& x) { return x.e; };
  const auto most = [](const RunningError& x) { return x.most(); };
  const Matrix<double> a_error = part_of<double>(a, error), b_error = part_of<double>(b, error);
  Matrix<double> v = part_of<double>(reading(c), value), e = part_of<double>(reading(c), error),
                 m = part_of<double>(reading(c), most);
  if (!accumulate) v.setZero(), e.setZero(), m.setZero();
  add_part(op_a, part_of<double>(a, value), op_b, part_of<double>(b, value), v);
  add_part(op_a, part_of<double>(a, magnitude), op_b, b_error, e);
  add_part(op_a, a_error, op_b, part_of<double>(b, [](const RunningError& x) { return std::abs(x.v) + 3 * x.e; }), e);
  add_part(op_a, part_of<double>(a, most), op_b, part_of<double>(b, most), m);
  for (Index i = 0; i < c.size(); ++i) c.data()[i] = in_any_order(v.data()[i], e.data()[i], m.data()[i], terms);
}

/// re = a.re b.re - a.im b.im, im = a.re b.im + a.im b.re.
template <class T>
void product_by_parts(Op op_a, const In<Complex<T>>& a, Op op_b, const In<Complex<T>>& b, Out<Complex<T>>& c,
                      bool accumulate) {
  const auto real = [](const Complex<T>& z) { return z.re; };
  const auto imaginary = [](const Complex<T>& z) { return z.im; };
  const Matrix<T> a_re = part_of<T>(a, real), a_im = part_of<T>(a, imaginary);
  const Matrix<T> b_re = part_of<T>(b, real), b_im = part_of<T>(b, imaginary);
  const Matrix<T> minus_a_im = part_of<T>(a, [](const Complex<T>& z) { return T(-z.im); });
  Matrix<T> re = part_of<T>(reading(c), real), im = part_of<T>(reading(c), imaginary);
  if (!accumulate) re.setConstant(T(0)), im.setConstant(T(0));
  product<T>(op_a, view(a_re), op_b, view(b_re), view(re), accumulate);
  add_part(op_a, minus_a_im, op_b, b_im, re);
  add_part(op_a, a_re, op_b, b_im, im);
  add_part(op_a, a_im, op_b, b_re, im);
  for (Index i = 0; i < c.size(); ++i) c.data()[i] = Complex<T>(re.data()[i], im.data()[i]);
}

/// Value a b, tangents a b' + a' b.
template <class T, int K>
void product_by_parts(Op op_a, const In<Dual<T, K>>& a, Op op_b, const In<Dual<T, K>>& b, Out<Dual<T, K>>& c,
                      bool accumulate) {
  using D = Dual<T, K>;
  const auto value = [](const D& x) { return x.value; };
  const Matrix<T> a_value = part_of<T>(a, value), b_value = part_of<T>(b, value);
  Matrix<T> sum = part_of<T>(reading(c), value);
  product<T>(op_a, view(a_value), op_b, view(b_value), view(sum), accumulate);
  for (Index i = 0; i < c.size(); ++i) c.data()[i].value = sum.data()[i];
  for (std::size_t k = 0; k < K; ++k) {
    const auto tangent = [k](const D& x) { return x.tangent[k]; };
    sum = part_of<T>(reading(c), tangent);
    if (!accumulate) sum.setConstant(T(0));
    add_part(op_a, a_value, op_b, part_of<T>(b, tangent), sum);
    add_part(op_a, part_of<T>(a, tangent), op_b, b_value, sum);
    for (Index i = 0; i < c.size(); ++i) c.data()[i].tangent[k] = sum.data()[i];
  }
}

}  // namespace backprove::detail

#include <Eigen/QR>
#include <cmath>

#include "core/layer.hpp"

namespace backprove {

double Initialiser::uniform() { return static_cast<double>(static_cast<std::int64_t>(random() >> 11)) * 0x1p-52 - 1.0; }

/// Marsaglia's polar method on the uniform numbers above.
double Initialiser::normal() {
  for (;;) {
    const double a = uniform(), b = uniform(), s = a * a + b * b;
    if (s > 0 && s < 1) return a * std::sqrt(-2 * std::log(s) / s);
  }
}

void Initialiser::weights(Index n_in, Index n_out, double* out) {
  Out<double> w(out, n_in, n_out);
  const double in = static_cast<double>(n_in), both = static_cast<double>(n_in + n_out);
  if (scheme == "orthogonal") {
    const Index rows = std::max(n_in, n_out), cols = std::min(n_in, n_out);
    Matrix<double> full(rows, cols);
    for (Index i = 0; i < full.size(); ++i) full.data()[i] = normal();
    const Eigen::HouseholderQR<Matrix<double>> qr(full);
    const Matrix<double> q = gain * (qr.householderQ() * Matrix<double>::Identity(rows, cols));
    if (n_in >= n_out)
      w = q;
    else
      w = q.transpose();
    return;
  }
  const bool glorot = scheme == "glorot";
  const double scale = gain * (glorot ? std::sqrt(6 / both) : scheme == "he" ? std::sqrt(2 / in) : 1 / std::sqrt(in));
  for (Index i = 0; i < w.size(); ++i) out[i] = scale * (glorot ? uniform() : normal());
}

}  // namespace backprove

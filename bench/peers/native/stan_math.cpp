// Peer of reverse_vjp: Stan Math, needs r-cran-stanheaders libtbb-dev, on one thread
#include <stan/math/rev/core.hpp>
#include <stan/math/rev/mat/fun/Eigen_NumTraits.hpp>
#include <stan/math/rev/scal.hpp>
// The order matters to this library.
#include <memory>
#include <stan/math/rev/mat/fun/log_sum_exp.hpp>
#include <stan/math/rev/mat/fun/multiply.hpp>
#include <stan/math/rev/mat/fun/sum.hpp>
#include <stan/math/rev/mat/vectorize/apply_scalar_unary.hpp>

#include "bench/peers/native/worker.hpp"

namespace backprove::native {
namespace {

using stan::math::var;
using Numbers = Eigen::Matrix<var, Eigen::Dynamic, Eigen::Dynamic>;
using Data = Eigen::MatrixXd;

void activate(const std::string& name, Numbers& a) {
  for (Eigen::Index k = 0; k < a.size(); ++k) {
    var& number = a(k);
    if (name == "tanh")
      number = tanh(number);
    else if (name == "relu")
      number = stan::math::fmax(number, 0.0);
    else if (name == "sigmoid")
      number = stan::math::inv_logit(number);
  }
}

/// Parameters of one affine layer, and then the next one's.
Numbers taken(const double*& at, Eigen::Index rows, Eigen::Index columns, std::vector<var>& theta) {
  Numbers m(rows, columns);
  for (Eigen::Index i = 0; i < rows; ++i)
    for (Eigen::Index j = 0; j < columns; ++j) {
      m(i, j) = *at++;
      theta.push_back(m(i, j));
    }
  return m;
}

/// Mean of the samples' losses, by the columns of z.
var loss_of(const Job& job, const Numbers& z) {
  std::vector<var> losses;
  for (Eigen::Index s = 0; s < z.cols(); ++s) {
    const Eigen::Matrix<var, Eigen::Dynamic, 1> column = z.col(s);
    const double* y = job.y.data() + s * (job.has_classes() ? 1 : z.rows());
    if (job.has_classes()) {
      losses.push_back(stan::math::log_sum_exp(column) - column(static_cast<Eigen::Index>(*y)));
    } else {
      for (Eigen::Index i = 0; i < z.rows(); ++i) losses.push_back(stan::math::square(column(i) - y[i]));
    }
  }
  return stan::math::sum(losses) / static_cast<double>(job.samples);
}

/// Loss and gradient with the library's own matrix product; the tape is made and given back in every call.
void call(const Job& job, std::vector<double>& found) {
  std::vector<var> theta;
  theta.reserve(job.theta.size());
  const double* at = job.theta.data();
  const Eigen::Map<const Data> x(job.x.data(), static_cast<Eigen::Index>(job.inputs),
                                 static_cast<Eigen::Index>(job.samples));
  Numbers a;
  for (const Layer& layer : job.layers) {
    if (layer.n_out == 0) {
      activate(layer.name, a);
      continue;
    }
    const auto n_out = static_cast<Eigen::Index>(layer.n_out), n_in = static_cast<Eigen::Index>(layer.n_in);
    const Numbers weight = taken(at, n_out, n_in, theta), bias = taken(at, n_out, 1, theta);
    a = a.size() == 0 ? stan::math::multiply(weight, Data(x)) : stan::math::multiply(weight, a);
    for (Eigen::Index k = 0; k < a.size(); ++k) a(k) += bias(k % n_out);
  }
  loss_of(job, a).grad();
  for (std::size_t i = 0; i < found.size(); ++i) found[i] = theta[i].adj();
}

/// Of a node for each entry, and what the products keep of their factors.
double bytes(const Job& job) { return 60 * (4 * job.activations() + 1.5 * static_cast<double>(job.theta.size())); }

Ready prepare(const Job& job) {
  if (job.scalar != "double") throw Unsupported("Stan Math has only double");
  auto found = std::make_shared<std::vector<double>>(job.theta.size());
  return {[job, found] {
            call(job, *found);
            stan::math::recover_memory();
          },
          [found] { return *found; }};
}

}  // namespace

System peer() {
  return {"Stan Math " BACKPROVE_PEER_VERSION,
          {"tanh", "relu", "sigmoid", "identity"},
          {{"tape", "made in every call"}, {"products", "stan::math::multiply"}, {"threads", "1"}},
          prepare,
          bytes,
          false};
}

}  // namespace backprove::native

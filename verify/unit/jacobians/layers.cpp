#include <random>

#include "core/network.hpp"
#include "core/promotion.hpp"
#include "core/scalars/taped.hpp"
#include "verify/unit/catch.hpp"
#include "verify/unit/scalars/functions.hpp"

/// Every layer's Jacobians in double: the laws, the reverse rule, and the layer's value differentiated by a tape of
/// high precision. Bounds are the running errors of the same operations.
namespace backprove {
namespace {

using R = RunningError;
using V = Taped<Wide>;

/// L::example with its widths 4 and 3 replaced by n and n + 2, behind an affine layer that feeds it.
template <class L>
std::string text_of(Index n) {
  std::string own;
  for (const char c : std::string(L::example))
    own += c == '4' ? std::to_string(n) : (c == '3' ? std::to_string(n + 2) : std::string(1, c));
  const std::string width = std::to_string(n);
  return "affine(" + width + "," + width + ") " + own;
}

/// A network of an affine layer and the layer in question, with random data, evaluated in T.
template <class T>
struct Evaluated {
  Vector<T> theta;
  Matrix<T> x;
  Vector<T> workspace;
  NetworkTape<T> tape;

  Evaluated(const Network& network, const Vector<double>& of_theta, const Matrix<double>& of_x)
      : theta(promoted<T>(view(of_theta))),
        x(promoted<T>(view(of_x))),
        workspace(network.workspace() * of_x.cols()),
        tape(network.tape(
            At<T>{view(std::as_const(theta)), view(std::as_const(x)), view(std::as_const(x)), view(workspace)})) {
    tape.forward();
  }
};

Matrix<double> random_matrix(std::mt19937_64& random, Index rows, Index cols) {
  Matrix<double> m(rows, cols);
  for (Index i = 0; i < m.size(); ++i) m.data()[i] = static_cast<double>(random() >> 12) * 0x1p-51 - 1;
  return m;
}

/// |a - b| <= bound_a.e + bound_b.e, entry by entry; the v of a bound must be near its number, or it bounds something
/// else.
void check_close(const Matrix<double>& a, const Matrix<R>& bound_a, const Matrix<double>& b, const Matrix<R>& bound_b) {
  REQUIRE((a.rows() == b.rows() && a.cols() == b.cols() && a.rows() == bound_a.rows() && b.cols() == bound_b.cols()));
  for (Index i = 0; i < a.size(); ++i) {
    const R &left = bound_a.data()[i], &right = bound_b.data()[i];
    CAPTURE(i, a.data()[i], b.data()[i], left.e, right.e);
    REQUIRE(std::abs(a.data()[i] - left.v) <= 2 * left.e);
    REQUIRE(std::abs(b.data()[i] - right.v) <= 2 * right.e);
    REQUIRE(std::abs(a.data()[i] - b.data()[i]) <= left.e + right.e);
    REQUIRE(left.e + right.e <= 0x1p-35 * (1 + left.most()));  // says something
  }
}

template <class T>
Matrix<T> pulled(const Jacobian<T>& j, const Matrix<T>& g, Samples samples) {
  Matrix<T> out(j.cols(), g.cols());
  j.pullback(view(g), view(out), samples);
  return out;
}
template <class T>
Matrix<T> pushed(const Jacobian<T>& j, const Matrix<T>& v, Samples samples) {
  Matrix<T> out(j.rows(), v.cols());
  j.pushforward(view(v), view(out), samples);
  return out;
}
template <class T>
Matrix<T> pulled_sum(const Jacobian<T>& j, const Matrix<T>& g) {
  Matrix<T> out = Matrix<T>::Constant(j.cols(), 1, T(0));
  j.pullback_sum(view(g), ParamsOut<T>(out.data(), j.cols()));
  return out;
}
/// Columns op(J_s) g_s from the dense matrices, s = samples.of(column).
template <class T>
Matrix<T> by_dense(const Jacobian<T>& j, const Matrix<T>& g, Samples samples, bool transposed) {
  Matrix<T> out(transposed ? j.cols() : j.rows(), g.cols());
  for (Index c = 0; c < g.cols(); ++c) {
    const Matrix<T> map = j.dense(samples.of(c));
    if (map.size() == 0) continue;
    product<T>(transposed ? Op::transposed : Op::plain, view(map), Op::plain,
               In<T>(g.data() + c * g.rows(), g.rows(), 1), Out<T>(out.data() + c * out.rows(), out.rows(), 1));
  }
  return out;
}
template <class T>
Matrix<T> column_sum(const Matrix<T>& m) {
  Matrix<T> out = Matrix<T>::Constant(m.rows(), 1, T(0));
  sum_columns<T>(view(m), ParamsOut<T>(out.data(), out.size()));
  return out;
}

void check_laws(const Jacobian<double>& j, const Jacobian<R>& bound, Index batch, std::mt19937_64& random) {
  const auto check_samples = [&](Samples samples, Index columns) {
    const Matrix<double> g = random_matrix(random, j.rows(), columns), v = random_matrix(random, j.cols(), columns);
    const Matrix<R> wide_g = promoted<R>(view(g)), wide_v = promoted<R>(view(v));
    check_close(pulled(j, g, samples), pulled(bound, wide_g, samples), by_dense(j, g, samples, true),
                by_dense(bound, wide_g, samples, true));
    if (j.cols() > 0)
      check_close(pushed(j, v, samples), pushed(bound, wide_v, samples), by_dense(j, v, samples, false),
                  by_dense(bound, wide_v, samples, false));
  };
  check_samples(Samples::own(), batch);
  for (Index s = 0; s < batch; ++s) {
    check_samples(Samples::only(s), 3);
    check_close(j.dense(s), bound.dense(s), dense_of<double>(j, s), dense_of<R>(bound, s));
  }
  const Matrix<double> g = random_matrix(random, j.rows(), batch);
  const Matrix<R> wide_g = promoted<R>(view(g));
  check_close(pulled_sum(j, g), pulled_sum(bound, wide_g), column_sum(pulled(j, g, Samples::own())),
              column_sum(pulled(bound, wide_g, Samples::own())));
}

/// d y/d x and d y/d theta of one sample, from a tape over the layer's value alone.
struct Exact {
  Matrix<Wide> by_input, by_params;
};
Exact differentiate(const AnyLayer& layer, const At<Wide>& p, Index s) {
  Tape<Wide>& tape = Tape<Wide>::active();
  tape.clear();
  const auto record = [&](const Wide* from, Index count) {
    Matrix<V> recorded(count, 1);
    for (Index i = 0; i < count; ++i) recorded.data()[i] = tape.input(from[i]);
    return recorded;
  };
  const Matrix<V> theta = record(p.theta.data(), p.theta.size()), x = record(p.x.data() + s * p.x.rows(), p.x.rows());
  Matrix<V> y(p.y.rows(), 1);
  std::visit(
      [&](const auto& own) {
        Vector<V> workspace(own.workspace());
        own.value(At<V>{ParamsIn<V>(theta.data(), theta.size()), view(x), view(std::as_const(y)), view(workspace)},
                  view(y));
      },
      layer);
  Exact exact{Matrix<Wide>(y.rows(), x.rows()), Matrix<Wide>(y.rows(), theta.rows())};
  for (Index i = 0; i < y.rows(); ++i) {
    std::vector<Wide> adjoint(static_cast<std::size_t>(tape.size()), Wide(0));
    if (y(i, 0).node >= 0) adjoint[static_cast<std::size_t>(y(i, 0).node)] = 1;
    tape.reverse(adjoint);
    for (Index k = 0; k < x.rows(); ++k) exact.by_input(i, k) = adjoint[static_cast<std::size_t>(x(k, 0).node)];
    for (Index k = 0; k < theta.rows(); ++k)
      exact.by_params(i, k) = adjoint[static_cast<std::size_t>(theta(k, 0).node)];
  }
  return exact;
}

void check_exact(const Matrix<double>& got, const Matrix<R>& bound, const Matrix<Wide>& exact) {
  REQUIRE((got.rows() == exact.rows() && got.cols() == exact.cols()));
  for (Index i = 0; i < got.size(); ++i) {
    const Wide error = abs(Wide(Wide(got.data()[i]) - exact.data()[i]));
    CAPTURE(i, got.data()[i], exact.data()[i].str(20), bound.data()[i].e);
    REQUIRE(error.convert_to<double>() <= bound.data()[i].e);
  }
}

void check_layer(const std::string& text, Index batch, std::mt19937_64& random) {
  const Network network = Network::parse(text);
  Initialiser initialiser{"glorot", 1, std::mt19937_64(random())};
  Vector<double> theta(network.parameters());
  network.initialise(initialiser, view(theta));
  const Matrix<double> x = random_matrix(random, network.inputs(), batch);
  const Evaluated<double> narrow(network, theta, x);
  const Evaluated<R> bound(network, theta, x);
  const Evaluated<Wide> exact(network, theta, x);
  const Jacobian<double> d_input = narrow.tape.d_input(1), d_params = narrow.tape.d_params(1);
  const Jacobian<R> d_input_bound = bound.tape.d_input(1), d_params_bound = bound.tape.d_params(1);
  REQUIRE(d_params.cols() == network.parameters(1));
  check_laws(d_input, d_input_bound, batch, random);
  check_laws(d_params, d_params_bound, batch, random);

  // The reverse rule, written separately, gives the same products.
  const Matrix<double> y_bar = random_matrix(random, network.outputs(), batch);
  const Matrix<R> y_bar_bound = promoted<R>(view(y_bar));
  const auto reverse = [&]<class T>(const NetworkTape<T>& tape, const Matrix<T>& from) {
    Matrix<T> x_bar(network.width(1), batch), theta_bar = Matrix<T>::Constant(network.parameters(), 1, T(0));
    tape.vjp(1, view(from), view(x_bar), ParamsOut<T>(theta_bar.data(), theta_bar.size()));
    return std::pair<Matrix<T>, Matrix<T>>(x_bar, theta_bar.bottomRows(network.parameters(1)));
  };
  const auto [x_bar, theta_bar] = reverse(narrow.tape, y_bar);
  const auto [x_bar_bound, theta_bar_bound] = reverse(bound.tape, y_bar_bound);
  check_close(x_bar, x_bar_bound, pulled(d_input, y_bar, Samples::own()),
              pulled(d_input_bound, y_bar_bound, Samples::own()));
  check_close(theta_bar, theta_bar_bound, pulled_sum(d_params, y_bar), pulled_sum(d_params_bound, y_bar_bound));

  for (Index s = 0; s < batch; ++s) {
    const Exact witness = differentiate(network.layer(1), exact.tape.at(1), s);
    check_exact(d_input.dense(s), d_input_bound.dense(s), witness.by_input);
    check_exact(d_params.dense(s), d_params_bound.dense(s), witness.by_params);
  }
}

}  // namespace

TEST_CASE("the Jacobians of every layer obey the laws and are its derivatives", "[jacobians]") {
  const test::Digits digits(50);
  std::mt19937_64 random(41);
  int layers = 0;
  for_each_layer([&]<class L>() {
    for (const Index n : {1, 2, 3, 7})
      for (const Index batch : {1, 5}) {
        const std::string text = text_of<L>(n);
        CAPTURE(text, batch);
        check_layer(text, batch, random);
      }
    ++layers;
  });
  CHECK(layers >= 15);
}

TEST_CASE("the Jacobians of nested residual layers obey the laws and are their derivatives", "[jacobians]") {
  const test::Digits digits(50);
  std::mt19937_64 random(42);
  for (const char* inside :
       {"residual(layer_norm(3) affine(3,5) gelu affine(5,3) softmax)", "residual(residual(affine(3,3) tanh) silu)",
        "residual(tanh)", "residual(affine(3,2) residual(affine(2,2) elu) affine(2,3))"})
    for (const Index batch : {1, 5}) {
      CAPTURE(inside, batch);
      check_layer(std::string("affine(3,3) ") + inside, batch, random);
    }
}

}  // namespace backprove

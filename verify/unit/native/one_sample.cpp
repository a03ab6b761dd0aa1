#include <random>
#include <tuple>
#include <vector>

#include "core/kernels/kernel.hpp"
#include "core/kernels/primitives.hpp"
#include "verify/unit/catch.hpp"

namespace backprove::test {
namespace {

template <class T>
Vector<T> random_vector(Index n, std::mt19937& random) {
  std::uniform_real_distribution<double> numbers(-1, 1);
  Vector<T> all(n);
  for (T& one : all) one = static_cast<T>(numbers(random));
  return all;
}

/// All products of one sample with an n_in x n_out matrix that starts `shift` numbers behind a cache line, from feature
/// `from` on.
template <class T>
std::vector<Vector<T>> products(const Kernel& kernel, Index n_in, Index n_out, Index from, Index shift, bool far) {
  const Primitives<T>& fast = kernel.primitives<T>();
  const ArrayRule<T>* rule = &fast.rules[0];
  std::mt19937 random(17);
  const Vector<T> w = random_vector<T>(n_in * n_out + shift, random), bias = random_vector<T>(n_out + 64, random),
                  x = random_vector<T>(n_in + 64, random), g = random_vector<T>(n_out + 64, random),
                  d = random_vector<T>(n_in + 64, random);
  const Vector<T> zeros = Vector<T>::Zero(n_in + n_out + 128);
  Vector<T> y = zeros, fused_y = zeros, x_bar = zeros, fused_x_bar = zeros;
  Vector<T> w_bar = Vector<T>::Zero(n_in * n_out + shift);
  fast.dot_columns[far](w.data() + shift, n_in, from, n_out, x.data(), bias.data(), y.data());
  rule->affine_of_one[far](w.data() + shift, n_in, from, n_out, x.data(), bias.data(), nullptr, fused_y.data(),
                           nullptr);
  fast.combine_columns[far](w.data() + shift, n_in, n_out, from, n_in, g.data(), x_bar.data());
  rule->pull_of_one[far](w.data() + shift, n_in, n_out, from, n_in, g.data(), nullptr, d.data(), d.data(),
                         fused_x_bar.data());
  fast.outer[far](x.data(), g.data(), n_in, from, n_out, w_bar.data() + shift);
  return {y, fused_y, x_bar, fused_x_bar, w_bar};
}

template <class T>
void check_far(const Kernel& kernel, Index n_in, Index n_out, Index from) {
  for (const Index shift : {0, 1}) {
    CAPTURE(kernel.name, sizeof(T), n_in, n_out, from, shift);
    const auto near = products<T>(kernel, n_in, n_out, from, shift, false),
               far = products<T>(kernel, n_in, n_out, from, shift, true);
    for (std::size_t k = 0; k < near.size(); ++k) {
      CAPTURE(k);
      CHECK(near[k].norm() > 0);
      CHECK((near[k].array() == far[k].array()).all());
    }
  }
}

TEST_CASE("kernels: matrices that no cache holds are read and written with the same bits", "[native][kernels]") {
  for (const Kernel& kernel : kernels()) {
    if (!kernel.runs_here()) continue;
    // Multiples of vectors and not, fewer columns than a vector has lanes, and more than 512 KB.
    for (const auto& [n_in, n_out, from] :
         {std::tuple<Index, Index, Index>{64, 48, 0}, {37, 21, 0}, {5, 3, 0}, {512, 300, 16}, {700, 311, 64}}) {
      check_far<float>(kernel, n_in, n_out, from);
      check_far<double>(kernel, n_in, n_out, from);
    }
  }
}

}  // namespace
}  // namespace backprove::test

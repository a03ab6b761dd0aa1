#pragma once

#include "core/kernels/simd/cross_entropy.hpp"
#include "core/kernels/simd/double_double.hpp"
#include "core/kernels/simd/multiply.hpp"
#include "core/kernels/simd/one_sample.hpp"
#include "core/kernels/simd/rules.hpp"
#include "core/kernels/simd/sample_sums.hpp"
#include "core/kernels/simd/transpose.hpp"

namespace backprove::BACKPROVE_ISA {

template <class T, Vec<T> (*function)(Vec<T>)>
void apply_to(const T* x, T* y, Index n) {
  constexpr Index lanes = lanes_of<T>;
  for (Index i = 0; i < n; i += lanes) {
    const Index here = smaller(lanes, n - i);
    store_first<T>(y + i, function(load_first<T>(x + i, here)), here);
  }
}

template <class T>
inline constexpr T largest_number = std::numeric_limits<T>::max();
template <class T>
inline constexpr ArrayFunction<T> functions[] = {
    {"exp", apply_to<T, exp<T>>, -largest_number<T>, largest_number<T>, 1},
    {"tanh", apply_to<T, tanh<T>>, -largest_number<T>, largest_number<T>, 3},
    {"log", apply_to<T, log_from_one<T>>, 1, largest_number<T>, 1},
};

template <class T>
const Primitives<T>& primitives() {
  static constexpr Primitives<T> all_of_them{
      lanes_of<T>,
      BACKPROVE_VECTOR_BYTES == 64 ? 4 : 2,
      BACKPROVE_VECTOR_BYTES == 64 ? (sizeof(T) == 8 ? 16 : 8) : 0,  // elsewhere too few registers
      multiply<T>,
      transpose<T>,
      sum_samples<T>,
      sum_products<T>,
      softmax_cross_entropy_of_one<T>,
      softmax_cross_entropy<T>,
      {dot_columns<T, false>, dot_columns<T, true>},
      {combine_columns<T, false>, combine_columns<T, true>},
      {combine_part<T, false>, combine_part<T, true>},
      add_parts<T>,
      {outer<T, false>, outer<T, true>},
      rules<T>,
      static_cast<Index>(std::size(rules<T>)),
      functions<T>,
      static_cast<Index>(std::size(functions<T>)),
  };
  return all_of_them;
}

template const Primitives<float>& primitives<float>();
template const Primitives<double>& primitives<double>();

}  // namespace backprove::BACKPROVE_ISA

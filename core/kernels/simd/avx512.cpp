#define BACKPROVE_ISA avx512
#define BACKPROVE_VECTOR_BYTES 64
#include "core/kernels/simd/primitives.hpp"

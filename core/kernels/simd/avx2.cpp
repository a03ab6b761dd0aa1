#define BACKPROVE_ISA avx2
#define BACKPROVE_VECTOR_BYTES 32
#include "core/kernels/simd/primitives.hpp"

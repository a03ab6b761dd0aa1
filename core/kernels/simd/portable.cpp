#define BACKPROVE_ISA portable
#define BACKPROVE_VECTOR_BYTES 16
#include "core/kernels/simd/primitives.hpp"

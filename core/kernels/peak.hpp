#pragma once

#include <string_view>
#include <vector>

#include "core/types.hpp"

namespace backprove {

/// A loop that does nothing but multiply and add in vector registers, for one instruction set: as fast as a core can.
struct PeakKernel {
  std::string_view name;
  bool (*runs_here)();
  /// `rounds` rounds on one core; returns a number that depends on all of them.
  float (*in_float)(Index rounds);
  double (*in_double)(Index rounds);
  Index flops_float, flops_double;  ///< of one round: a multiplication and an addition count one each
};

/// From the narrowest to the widest; the first runs everywhere.
const std::vector<PeakKernel>& peak_kernels();

/// a = b + s c in the widest vectors that run here, for bandwidths: 3 n numbers move.
void triad(double* a, const double* b, const double* c, double s, Index n);

/// The sum of n numbers, and n numbers set to s (`past` the caches, if asked), likewise: reading and writing by
/// themselves. a lies at a multiple of 64 bytes.
double read_numbers(const double* a, Index n);
void write_numbers(double* a, double s, Index n, bool past);

}  // namespace backprove

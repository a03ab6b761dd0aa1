#pragma once

#include <cstddef>

/// The memory of GMP's numbers, and of MPFR's, MPFI's and FLINT's, which take theirs from GMP's functions. An interval
/// of 192 bits is two blocks of 24 bytes that live for one operation: from the system's heap they cost more than the
/// arithmetic. Each thread keeps what it freed, by size, and takes it again.
namespace backprove {

/// Once, before any such number is made (core/scalars/multiprecision.hpp sees to it); later calls do nothing. Nothing
/// with sanitizers, which would no longer see what is used after its end.
void keep_memory_of_numbers();

/// What a thread keeps: at most so many blocks of each multiple of 16 bytes up to 256. The rest goes back to the heap,
/// so that a thread that only frees what others made does not hoard.
inline constexpr std::size_t most_kept_blocks = 4096;

/// The blocks for `bytes` that this thread keeps; 0 for more than 256.
std::size_t kept_blocks(std::size_t bytes);

}  // namespace backprove

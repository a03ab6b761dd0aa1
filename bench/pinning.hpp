#pragma once

namespace backprove {

/// Starts the program again with OpenMP's threads bound to cores (OMP_PROC_BIND=close, OMP_PLACES=cores) unless the
/// environment says where they belong: the run-time library reads that once, when it is loaded. The environment file
/// records the settings. Returns when nothing is to be done, or when starting again is not possible.
void pin_threads();

}  // namespace backprove

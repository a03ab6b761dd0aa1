#pragma once

#include <nlohmann/json_fwd.hpp>

namespace backprove {

/// What a result may depend on beside its cell: processor, caches, memory, system, compiler and flags, libraries,
/// thread settings, commit and time (UTC). A fact that cannot be had is null. No names of machines or users, no paths.
///
/// The build tells three facts by macros that are string literals: BACKPROVE_FLAGS, BACKPROVE_BUILD_TYPE and
/// BACKPROVE_COMMIT; the last may stand in generated/commit.hpp instead, so that a commit recompiles one file.
nlohmann::json describe_environment();

}  // namespace backprove

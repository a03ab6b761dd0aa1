#pragma once

#include <nlohmann/json_fwd.hpp>

#include "bench/block.hpp"

namespace backprove {

/// What another process needs to verify and sample a block: its problem, scalar, options, limits and plan; and the
/// digits of high-precision numbers.
nlohmann::json to_json(const BenchBlock& block);

/// The inverse; sets the digits of this process, and makes no data. Its kernel is the one named, or the best if that
/// does not run here. Throws std::exception for anything that to_json does not write.
BenchBlock block_from_json(const nlohmann::json& json);

}  // namespace backprove

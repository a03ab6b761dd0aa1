#pragma once

#include <string>

#include "core/types.hpp"

namespace backprove {

/// affine(inputs,width) activation affine(width,width) activation ... affine(width,outputs) with `depth` affine layers.
std::string generated_network(Index depth, Index width, Index inputs, Index outputs, const std::string& activation);

}  // namespace backprove

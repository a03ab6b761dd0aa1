#pragma once

#include "core/engine.hpp"
#include "core/scalars/counting.hpp"

namespace backprove {

/// Operations of the loss alone, the forward sweep of the whole batch, by the scalar that counts.
Counts counts_of_loss(const Request& request);

}  // namespace backprove

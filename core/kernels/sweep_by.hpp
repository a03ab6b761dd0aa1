#pragma once

namespace backprove {

/// Whose formula a slope follows: the layer's reverse rule, or its Jacobian, whose diagonal is then formed where a
/// cotangent is multiplied by it.
enum class SweepBy { reverse_rules, jacobians };

}  // namespace backprove

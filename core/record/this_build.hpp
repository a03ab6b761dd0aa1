#pragma once

#include <string>

namespace backprove {

/// A hash of the running program (of its build id, or of its file where the linker wrote none), so that a journal never
/// passes off what another build found as this one's.
const std::string& this_build();

}  // namespace backprove

#pragma once

#include <string>

namespace backprove {

/// A hash of the running program's file, so that a journal never passes off what another build found as this one's.
const std::string& this_build();

}  // namespace backprove

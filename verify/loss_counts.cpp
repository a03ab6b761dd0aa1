#include "verify/loss_counts.hpp"

namespace backprove {

Counts counts_of_loss(const Request& request) {
  Request alone = request;
  alone.options.threads = 1;  // counts belong to a thread
  const auto ready = engine_named("counting").prepare("reverse_vjp", alone);
  reset_counts();
  ready->loss();
  return counts();
}

}  // namespace backprove

#include "bench/fraction.hpp"

#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <stdexcept>
#include <utility>

#include "core/kernels/fused_sweep.hpp"

namespace backprove {

void FractionProbe::add_overheads(const BenchBlock& block, const Cell& cell, const LimitTime& limit, double meetings,
                                  std::vector<Row>& rows) {
  const Network& network = block.problem->network();
  const Index batch = block.problem->spec().recipe.batch;
  const Kernel* kernel = fused_kernel(block.options.kernel, cell.strategy, cell.scalar, network);
  if (!kernel) return;
  const LimitTime alone =
      limits.of(network, block.problem->loss(), batch, block.options.input_gradient, cell.scalar, 1);
  OverheadTime time =
      overheads.of(*kernel, network, block.problem->loss(), batch, cell.scalar, cell.threads, limit, alone);
  const auto add = [&](std::string_view quantity, double seconds) {
    // The note tells of all of them, and is long enough to be given once.
    if (seconds > 0) rows.push_back(make_row(cell, quantity, seconds, Status::ok, std::exchange(time.note, "")));
  };
  add("overhead_meetings", meetings);
  add("overhead_serial", time.serial);
  add("overhead_member", time.member);
  add("overhead_memory", time.memory);
  add("overhead_latency", time.latency);
  add("overhead_vectors", time.vectors);
  add("overhead_products", time.products);
  add("overhead_sums", time.sums);
  add("overhead_call", time.call);
}

std::vector<Row> FractionProbe::rows(const BenchBlock& block, const Cell& cell, double seconds, double meetings) {
  const Network& network = block.problem->network();
  const Index batch = block.problem->spec().recipe.batch;
  const bool input_gradient = block.options.input_gradient;
  std::vector<Row> rows;
  const auto limit_of = [&]() -> std::optional<LimitTime> {
    try {
      return limits.of(network, block.problem->loss(), batch, input_gradient, cell.scalar, cell.threads);
    } catch (const std::invalid_argument& reason) {
      rows.push_back(make_row(cell, "fraction_of_limit", std::nan(""), Status::unsupported, reason.what()));
      return std::nullopt;
    }
  };
  const std::optional<LimitTime> limit = limit_of();
  if (!limit) return rows;
  const std::string note = fmt::format(
      "products {:.4g} s, elementwise {:.4g} s, of it the loss {:.2g} s, memory {:.4g} s; best products by {}",
      limit->products, limit->elementwise(), limit->loss, limit->memory, limit->by);
  rows.push_back(make_row(cell, "limit_seconds", limit->total(), Status::ok, note));
  rows.push_back(make_row(cell, "fraction_of_limit", limit->total() / seconds));
  if (cell.strategy != "reverse_vjp") return rows;
  if (batch > 1)
    rows.push_back(make_row(cell, "predicted_ratio_to_loss",
                            limits.ratio_to_loss(network, batch, input_gradient, cell.scalar, cell.threads), Status::ok,
                            "from products and elementwise work measured in this run"));
  add_overheads(block, cell, *limit, meetings, rows);
  return rows;
}

}  // namespace backprove

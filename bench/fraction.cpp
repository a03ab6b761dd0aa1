#include "bench/fraction.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/kernels/fused_sweep.hpp"

namespace backprove {

namespace {

constexpr std::string_view limit_quantity = "limit_seconds";

/// Each is a quotient of what the cells are compared with, and there are many: fewer than of the cells themselves.
constexpr Index samples_of_part = 24;

TimedCell part(const Cell& cell, std::string_view quantity, double value, std::string note = "") {
  TimeSample sample;
  sample.wall = value;
  return {std::string(quantity), cell, {{sample}}, std::move(note)};
}

double figure(const TimedCell& one) { return one.figure(&TimeSample::wall, 0.1); }

const TimedCell* find(const std::vector<TimedCell>& timed, std::string_view what, const Cell& cell) {
  const auto found =
      std::ranges::find_if(timed, [&](const TimedCell& one) { return one.what == what && one.cell == cell; });
  return found == timed.end() ? nullptr : &*found;
}

}  // namespace

void FractionProbe::add_overheads(const BenchBlock& block, const Cell& cell, const LimitTime& limit,
                                  std::vector<TimedCell>& parts) {
  const Network& network = block.problem->network();
  const Loss& loss = block.problem->loss();
  const Index batch = block.problem->spec().recipe.batch;
  const Kernel* kernel = fused_kernel(block.options.kernel, cell.strategy, cell.scalar, network);
  if (!kernel) return;
  const LimitTime alone = limits.of(network, loss, batch, block.options.input_gradient, cell.scalar, 1);
  const OverheadTime time = overheads.of(*kernel, network, loss, batch, cell.scalar, cell.threads, limit, alone);
  if (!time.note.empty()) parts.front().note += "; " + time.note;  // it tells of all of them
  const auto add = [&](std::string_view quantity, double seconds) { parts.push_back(part(cell, quantity, seconds)); };
  add("overhead_serial", time.serial);
  add("overhead_member", time.member);
  add("overhead_contention", time.contention);
  add("overhead_memory", time.memory);
  add("overhead_latency", time.latency);
  add("overhead_vectors", time.vectors);
  add("overhead_products", time.products);
  add("overhead_sums", time.sums);
  add("overhead_call", time.call);
}

std::vector<TimedCell> FractionProbe::parts_of(const BenchBlock& block, const Cell& cell) {
  const Network& network = block.problem->network();
  const Index batch = block.problem->spec().recipe.batch;
  const bool input_gradient = block.options.input_gradient;
  const LimitTime limit = limits.of(network, block.problem->loss(), batch, input_gradient, cell.scalar, cell.threads);
  std::vector<TimedCell> parts{
      part(cell, limit_quantity, limit.total(),
           fmt::format(
               "products {:.4g} s, elementwise {:.4g} s, of it the loss {:.2g} s, memory {:.4g} s; best products by {}",
               limit.products, limit.elementwise(), limit.loss, limit.memory, limit.by))};
  if (cell.strategy != "reverse_vjp") return parts;
  if (batch > 1)
    parts.push_back(part(cell, "predicted_ratio_to_loss",
                         limits.ratio_to_loss(network, batch, input_gradient, cell.scalar, cell.threads),
                         "from products and elementwise work measured in this run"));
  add_overheads(block, cell, limit, parts);
  return parts;
}

std::vector<TimedCell> FractionProbe::parts(const BenchBlock& block, const std::vector<Cell>& cells) {
  std::vector<TimedCell> all;
  if (!unknown_limit(block.problem->network(), std::string(block.engine->name())).empty()) return all;
  for (const Cell& cell : cells)
    for (TimedCell& one : parts_of(block, cell)) all.push_back(std::move(one));
  return all;
}

std::vector<Timed> FractionProbe::begin(const BenchBlock& block, const std::vector<Cell>& cells) {
  std::vector<Timed> things;
  for (MeasuredRates::Way& way : rates.needed([&] { parts(block, cells); })) {
    way.timed.most_samples = samples_of_part;
    things.push_back(std::move(way.timed));
  }
  return things;
}

std::vector<TimedCell> FractionProbe::end(const BenchBlock& block, const std::vector<Cell>& cells,
                                          const std::vector<std::vector<TimeSample>>& samples) {
  rates.know(samples);
  return parts(block, cells);
}

FractionProbe& fraction_probe() {
  static FractionProbe probe;
  return probe;
}

std::vector<Row> fraction_rows(const BenchBlock& block, const TimedCell& gradient,
                               const std::vector<TimedCell>& timed) {
  const Cell& cell = gradient.cell;
  const std::string unknown = unknown_limit(block.problem->network(), cell.scalar);
  if (!unknown.empty()) return {make_row(cell, "fraction_of_limit", std::nan(""), Status::unsupported, unknown)};
  std::vector<Row> rows;
  const auto add = [&](std::string_view quantity, double value, std::string note = "") {
    if (value > 0) rows.push_back(make_row(cell, quantity, value, Status::ok, std::move(note)));
  };
  const TimedCell *meetings = find(timed, "meetings", cell), *apart = find(timed, "apart", cell);
  if (meetings && apart) add("overhead_meetings", figure(*meetings) - figure(*apart));
  for (const TimedCell& one : timed) {
    if (!(one.cell == cell && one.is_part())) continue;
    add(one.what, figure(one), one.note);
    if (one.what == limit_quantity) add("fraction_of_limit", one.ratio_to(gradient, &TimeSample::wall, 0.1));
  }
  return rows;
}

}  // namespace backprove

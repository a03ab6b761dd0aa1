#include "core/record/quantities.hpp"

#include <fmt/format.h>

#include <array>
#include <stdexcept>
#include <string>

#include "core/io/printable.hpp"

namespace backprove {
namespace {

constexpr auto table = std::to_array<Quantity>({
    // Errors: what was measured, without a judgement.
    {"error_max_absolute", "1", "largest |got - reference| over all entries", true},
    {"error_max_relative", "1",
     "largest |got - reference| of a block over the block's largest |reference|, worst block", true},
    {"max_ulp", "ulp",
     "largest distance from the reference rounded to the scalar, in units of that number's last place", true},
    {"mismatched_entries", "entry",
     "entries that differ from the exact gradient on whole numbers, where nothing is rounded; option subject: lattice",
     true},
    // Judgements: a bound, and the error as a fraction of it; accepted up to 1.
    {"bound_relative", "1",
     "largest error that the tolerance's derivation allows, relative to the block's largest |reference|, worst block",
     true},
    {"error_over_bound", "1", "largest |got - reference| over the entry's own bound; accepted when it is at most 1",
     true},
    {"pair_error_over_bound", "1",
     "largest difference between two strategies over the sum of their bounds; option partner names the other", true},
    {"agreeing_strategies", "strategy",
     "other strategies whose results lie within both bounds; failed when most others lie outside", true},
    {"certified_truncations", "entry",
     "entries of a difference whose truncation is bounded by an interval that contains the derivative in its error "
     "term",
     true},
    {"vacuous_conditions", "condition",
     "reasons why some errors could not show at this point (symmetric weights, one sample, a branch never taken)",
     true},
    {"inputs_on_kinks", "input",
     "numbers that enter a layer with a kink exactly on it; failed when strategies took different slopes there", true},
    {"stage_error_over_bound", "1",
     "largest error of a stage's tensor over its local bound; options stage and tensor name it; accepted up to 1",
     true},
    {"stage_median_over_bound", "1", "median of the same over the tensor's entries", true},
    {"stage_resolution", "1", "largest local bound of a tensor over its largest entry: smaller errors are not seen",
     true},
    {"lost_digits", "digit", "decimal digits that the tensor's worst entry has lost against the scalar's own", true},
    {"sketch_over_bound", "1",
     "largest difference of a random direction's derivative over its bound; options stage and tensor; accepted up to 1",
     true},
    {"sketch_smallest_detectable", "1",
     "error of one entry, over the tensor's largest, that every random direction would have seen", true},
    {"per_sample_error_over_bound", "1",
     "largest difference between the batch's parameter gradient and the reduced sum of its samples' over both bounds",
     true},
    {"adversary_rejections", "check",
     "checks that reject a layer or loss (option subject) on odd sizes, saturated and zero inputs, poisoned buffers",
     true},
    {"resolution", "1", "smallest relative error that this comparison could have seen", true},
    {"kinked_entries", "entry", "entries left out because a kink lies within their perturbation or rounding", true},
    {"irregular_entries", "entry",
     "entries left out because difference quotients with several steps do not change as the method's order says", true},
    {"verdict", "1", "1 when everything that is judged in this cell was accepted, else 0", true},
    // Mutants: deliberate bugs; options mutant, subject and check name them.
    {"mutant_killed", "1", "1 when some check rejects the mutant, else 0", true},
    {"mutant_caught", "1", "1 when the check that option check names rejects the mutant, else 0", true},
    {"stage_right", "1", "1 when the stage or the strategy that is blamed is the mutated one, else 0", true},
    {"pattern_right", "1", "1 when the pattern that fits the mutant is named, else 0", true},
    {"rule_mistaken", "1", "1 when the rule that option rule names rejects a right case or accepts a wrong one", true},
    {"rule_caught", "1",
     "1 when the published rule that option rule names rejects the mutant and accepts the right step there, else 0",
     true},
    // Enclosures.
    {"enclosure_width", "1", "largest width of the enclosing intervals over the block's largest |entry|, worst block",
     true},
    {"enclosure_bits", "bit", "working precision at which the enclosure became narrow enough", true},
    {"negligible_blocks", "block", "blocks proven to be 0 or far below the smallest subnormal double", true},
    {"enclosure_by_balls", "1", "1 when Arb's balls made the enclosure, 0 when MPFI's intervals did, as the note says",
     true},
    {"outside_enclosure", "entry", "entries outside the enclosure widened by the rounding bound", true},
    // Operations, counted for one gradient of the whole batch, and predicted from the shapes.
    {"multiplications", "operation", "scalar multiplications", true},
    {"additions", "operation", "scalar additions and subtractions", true},
    {"divisions", "operation", "scalar divisions", true},
    {"functions", "operation", "calls of elementary functions", true},
    {"predicted_multiplications", "operation",
     "scalar multiplications that the shapes predict: of matrix products, after a strategy's own forward sweep", true},
    {"predicted_bytes", "byte", "peak of the memory that the shapes predict", true},
    {"recomputed_layers", "layer", "layers that checkpointing evaluates again, beside once for their own reverse step",
     true},
    // Norms on the way down; option layer counts the layers below.
    {"cotangent_norm", "1", "norm of the cotangent of what enters a layer, geometric mean over the samples", true},
    {"cotangent_norm_frobenius", "1",
     "the same as the norm at the output times ||J||_F / sqrt(rows) of every layer's Jacobian above predicts", true},
    {"cotangent_norm_singular", "1",
     "the norm at the output times the largest singular value of every layer's Jacobian above", true},
    // The run itself.
    {"loss", "1", "value of the loss over the batch", true},
    {"accuracy", "1", "fraction of the samples whose largest output is at the target's class", true},
    {"seconds", "s", "wall time of the cell", false},
    {"verified", "1", "1 when the gradient was accepted before it was timed; the note says by what", true},
    {"seconds_p10", "s",
     "tenth percentile of the wall time of a call, of interleaved samples after calls of the same thing, for each copy "
     "of its memory; the median over the copies of all processes; strategy `loss` is the forward sweep alone",
     false},
    {"seconds_median", "s", "median of the same samples for each copy, the median over the copies", false},
    {"cold_seconds_p10", "s",
     "tenth percentile of the wall time of the first call before each of these samples, in the caches that other calls "
     "left",
     false},
    {"cold_seconds_median", "s", "median of the same first calls", false},
    {"cpu_seconds_p10", "s",
     "tenth percentile of the processor time of the cell's threads in the same samples (of several: with the time that "
     "they wait, spinning)",
     false},
    {"ratio_to_loss", "1", "seconds_p10 of the gradient (and its loss) over that of the loss alone, on as many threads",
     false},
    {"limit_seconds", "s",
     "the shortest time that the machine's measured rates allow: best product of any library at each shape, "
     "elementwise work (the loss included) as fast as on arrays, for one sample the memory in place of products; "
     "sampled in turn with the cell, as overheads are; the median over the processes",
     false},
    {"fraction_of_limit", "1", "limit_seconds over seconds_p10", false},
    // What the limit leaves out, each measured by itself in the same run; they overlap in part.
    {"overhead_meetings", "s",
     "starting a team of threads, its meetings, and reading what another core has written, by themselves: sampled in "
     "turn with the gradient, less the same reading and writing on one thread alone",
     false},
    {"overhead_serial", "s", "work that one thread does alone where a team would cost more than it brings", false},
    {"overhead_member", "s", "of a team: one member's part by itself, without the others, beyond limit_seconds", false},
    {"overhead_contention", "s",
     "of a team: what that part takes longer while every member's core does one on numbers of its own", false},
    {"overhead_memory", "s",
     "several samples: weights read twice, gradient written, activations written and read, at the bandwidth of the "
     "level that holds them; of a team what that takes beyond overhead_member and overhead_contention; one sample on "
     "one thread: weights read, gradient written, weights read again, by themselves, beyond the limit, which reads and "
     "writes at the same time; where the second cache holds them, steps with weights of their own beyond the same "
     "steps with one's",
     false},
    {"overhead_products", "s",
     "several samples on one thread: the products by the fused kernel, beyond those of the fastest library at each "
     "shape",
     false},
    {"overhead_sums", "s",
     "several samples on one thread: turning activations for the parameter gradient, and the biases' sums", false},
    {"overhead_latency", "s",
     "one sample on one thread: waiting for what the step before gives, beyond the same work on numbers at hand",
     false},
    {"overhead_vectors", "s",
     "one sample on one thread: each step on numbers at hand, beyond the limit, since vectors are not filled, their "
     "numbers have to be added up, and small steps have calls",
     false},
    {"overhead_call", "s",
     "one sample on one thread: what any call costs, of the smallest network's time what its loss does not take",
     false},
    {"predicted_ratio_to_loss", "1",
     "[(3 - r) G + e_f + e_b]/(G + e_f): ratio_to_loss as the measured times of the loss's products (G) and of values "
     "and slopes of the elementwise layers (e_f, e_b) have it; r is the first layer's part of the multiplications",
     false},
    {"ratio_to_peer", "1",
     "time of another system (the strategy of the row) over that of its counterpart among ours on as many threads: "
     "median over the turns in which both were sampled of the quotient of their p10",
     false},
    {"best_ratio_to_peer", "1", "the same, each on its best number of threads; the row's threads are 0", false},
    {"noise_floor", "1",
     "how far seconds_p10 of the same cell, prepared and sampled once more, lies from it, relative: median over the "
     "processes of the quotient in each",
     false},
    {"speedup", "1", "seconds_p10 of the strategy on one thread over that of the row, median over the processes",
     false},
    {"ratio_to_reverse", "1",
     "seconds_p10 over that of reverse_vjp on as many threads, median over the processes of the quotient in each",
     false},
    {"restart_spread", "1", "largest of the processes' own seconds_p10 over the smallest, less 1", false},
    {"instructions", "instruction",
     "machine instructions of one call on one thread, counted by valgrind's callgrind; it has no AVX-512, so that the "
     "kernel may be another than the one that was timed",
     true},
    {"peak_flops", "FLOP/s", "multiplications and additions a second that one instruction set reaches in registers",
     false},
    {"bandwidth", "B/s", "bytes a second that a = b + s c moves, in arrays of the size of a cache or of memory", false},
    {"product_flops", "FLOP/s", "multiplications and additions a second of a matrix product of the cell's shape",
     false},
    {"peak_bytes", "B", "largest growth of the resident memory by preparing and computing the gradient", false},
    {"heap_peak_bytes", "B",
     "largest number of bytes allocated at once while the gradient was prepared and computed, with the numbers that it "
     "was given and gave",
     false},
    {"working_bytes", "B", "heap_peak_bytes without the numbers that the gradient was given and gave", false},
    {"activations_bytes", "B", "what the forward sweep keeps of every sample for the reverse one, as the shapes say",
     true},
    {"sketch_seconds", "s", "wall time of the stage-local check by random directions, to compare with `seconds`",
     false},
});

}  // namespace

std::span<const Quantity> quantities() { return table; }

const Quantity& quantity_named(std::string_view name) {
  std::string known;
  for (const Quantity& quantity : table) {
    if (quantity.name == name) return quantity;
    known += fmt::format(" {}", quantity.name);
  }
  throw std::invalid_argument(fmt::format("unknown quantity '{}'; known are:{}", printable(name), known));
}

}  // namespace backprove

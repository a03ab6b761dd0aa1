#include "core/kernels/balls/kernel.hpp"

#include <fmt/format.h>

#include <map>
#include <mutex>
#include <stdexcept>

#include "core/certified.hpp"
#include "core/data.hpp"
#include "core/taped_gradient.hpp"

namespace backprove {

namespace {

struct SmallProblem {
  const char *network, *loss;
  Index batch;
  int threads;
  bool on_kinks = false;  ///< inputs and biases are 0, and so is what enters the kinks
};
constexpr SmallProblem small_problems[] = {
    {"affine(5,7) tanh affine(7,6) relu affine(6,4)", "softmax_cross_entropy", 3, 1},
    {"affine(4,6) gelu_tanh affine(6,5) sigmoid affine(5,3) softplus", "squared_error", 19, 2},
    {"affine(4,5) gelu affine(5,5) silu affine(5,3) elu", "sigmoid_cross_entropy", 2, 1},
    {"layer_norm(4) affine(4,4) residual(affine(4,4) leaky_relu) affine(4,3) softmax", "cross_entropy", 2, 1},
    {"affine(3,4) relu affine(4,4) leaky_relu affine(4,3) elu", "squared_error", 2, 1, true},
};
constexpr unsigned check_bits = 160;

Gradient<Interval> by_tape(const Problem<double>& problem, const Options& options, unsigned bits) {
  return taped_gradient_of<Interval>(problem, options, [bits] { return PrecisionScope(bits); });
}

bool overlap(const Interval& a, const Interval& b) {
  return mpfr_lessequal_p(&a.get()->left, &b.get()->right) != 0 &&
         mpfr_lessequal_p(&b.get()->left, &a.get()->right) != 0;
}

/// What one kernel, MPFI and the reference say about one number.
struct Compared {
  const Interval &got, &expected;
  const Wide& reference;
  double rounding, widest;  ///< of the reference; how wide `got` may be
};
std::string fault_of(const Compared& one) {
  const PrecisionScope scope(check_bits);
  if (!overlap(one.got, one.expected)) return "does not overlap MPFI's interval";
  if (!one.got.contains(one.reference, one.rounding)) return "does not contain the reference";
  if (!(one.got.width_double() <= one.widest)) return "is far wider than MPFI's interval";
  return "";
}

Data data_of(const SmallProblem& small, const Network& network, const Loss& loss) {
  Recipe recipe;
  recipe.batch = small.batch;
  Data data = make_data(network, loss, recipe);
  if (!small.on_kinks) return data;
  data.x.setZero();
  for (Index l = 0; l < network.size(); ++l)
    if (const auto* affine = std::get_if<Affine>(&network.layer(l)))
      data.theta.segment(network.offset(l) + affine->n_in * affine->n_out, affine->n_out).setZero();
  return data;
}

/// A width that no interval of a block may have if the widest and the largest of MPFI's are these entries'.
double far_wider(const Interval* entries, Index count) {
  double widest = 0, largest = 0;
  for (Index i = 0; i < count; ++i) {
    widest = std::max(widest, entries[i].width_double());
    largest = std::max(largest, entries[i].magnitude_double());
  }
  return 0x1p20 * (widest + std::exp2(-static_cast<double>(check_bits)) * largest);
}

std::string difference(const EnclosureKernel& kernel, const SmallProblem& small) {
  const Network network = Network::parse(small.network);
  const Loss loss = Loss::named(small.loss, Reduction::mean);
  const Data data = data_of(small, network, loss);
  const Problem<double> problem{network, loss, view(data.theta), view(data.x), view(data.y)};
  Options options;
  options.threads = small.threads;
  const Gradient<Interval> got = kernel.enclose(problem, options, check_bits);
  const Gradient<Interval> expected = by_tape(problem, options, check_bits);
  const Gradient<Wide> reference = reference_gradient(problem, options);
  const Vector<double> rounding = reference_rounding(problem, options);
  const auto compare = [&](const auto& a, const auto& b, const auto& c, const double* error, const char* what) {
    if (a.size() != b.size()) return fmt::format("{}s: {} where there are {}", what, a.size(), b.size());
    const double widest = far_wider(b.data(), b.size());
    for (Index i = 0; i < a.size(); ++i) {
      const std::string fault = fault_of({a.data()[i], b.data()[i], c.data()[i], error[i], widest});
      if (!fault.empty())
        return fmt::format("{} {} of {} with {} samples {}", what, i, small.network, small.batch, fault);
    }
    return std::string();
  };
  std::string found = compare(got.parameters, expected.parameters, reference.parameters, rounding.data(), "parameter");
  if (found.empty())
    found = compare(got.input, expected.input, reference.input, rounding.data() + expected.parameters.size(), "input");
  if (!found.empty()) return found;
  // The loss of a few small layers, of order 1, by operations that are each good to a rounding.
  const double of_loss = 1e4 * unit_roundoff<Wide>() * (1 + expected.loss.magnitude_double());
  found = fault_of({got.loss, expected.loss, reference.loss, of_loss, far_wider(&expected.loss, 1)});
  return found.empty() ? "" : fmt::format("the loss of {} {}", small.network, found);
}

const EnclosureKernel*& chosen() {
  static const EnclosureKernel* kernel = &arb_enclosure();
  return kernel;
}

}  // namespace

const EnclosureKernel& mpfi_enclosure() {
  static const EnclosureKernel kernel{"mpfi", "a tape over MPFI's intervals", [] { return std::string(); }, by_tape};
  return kernel;
}

std::string difference_from_mpfi(const EnclosureKernel& kernel) {
  std::string found;
  for (const SmallProblem& small : small_problems)
    if (found.empty()) found = difference(kernel, small);
  return found;
}

std::string EnclosureKernel::wrong() const {
  if (enclose == by_tape) return "";
  static std::mutex guard;
  static std::map<decltype(enclose), std::string> known;
  const std::lock_guard lock(guard);
  const auto found = known.find(enclose);
  return found != known.end() ? found->second : known.emplace(enclose, difference_from_mpfi(*this)).first->second;
}

void choose_enclosure(std::string_view name) {
  if (name == "mpfi") {
    chosen() = &mpfi_enclosure();
    return;
  }
  if (name != "auto" && name != "arb")
    throw std::invalid_argument(fmt::format("unknown enclosure '{}'; known are: auto arb mpfi", name));
  const EnclosureKernel& arb = arb_enclosure();
  const std::string missing = arb.missing();
  if (name == "arb" && !missing.empty()) throw std::invalid_argument("enclosure 'arb' is " + missing);
  if (name == "arb" && !arb.wrong().empty())
    throw std::invalid_argument("enclosure 'arb' is wrong on this machine: " + arb.wrong());
  chosen() = &arb;
}

Gradient<Interval> enclose_gradient(const Problem<double>& problem, const Options& options) {
  return enclose_gradient_by(*chosen(), problem, options);
}

}  // namespace backprove

#include "core/kernels/kernel.hpp"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <mutex>
#include <stdexcept>

#include "core/data.hpp"
#include "core/kernels/fused_sweep.hpp"
#include "core/kernels/instruction_sets.hpp"
#include "core/kernels/primitives.hpp"
#include "core/scalars/traits.hpp"
#include "core/strategies/enclosure.hpp"
#include "core/strategies/exact_rational.hpp"
#include "core/strategies/jacobian_structured.hpp"
#include "core/strategies/reference.hpp"
#include "core/strategies/reverse_vjp.hpp"

namespace backprove {

// core/kernels/simd, one translation unit an instruction set.
namespace avx512 {
template <class T>
const Primitives<T>& primitives();
}
namespace avx2 {
template <class T>
const Primitives<T>& primitives();
}
namespace portable {
template <class T>
const Primitives<T>& primitives();
}

namespace {

/// Small problems with odd sizes, several panels, tiles and threads.
struct SmallProblem {
  const char* network;
  Index batch;
  int threads;
};
constexpr SmallProblem small_problems[] = {
    {"affine(13,9) tanh affine(9,21) relu affine(21,5)", 1, 1},
    {"affine(13,9) sigmoid affine(9,21) silu affine(21,5)", 37, 2},
    {"tanh(11) affine(11,70) leaky_relu affine(70,19) identity tanh affine(19,4) softplus", 131, 2},
};

/// The largest difference between the kernel's gradient and that of the layers' formulas, over both rounding bounds.
template <class T>
std::string difference(const Kernel& kernel, const SmallProblem& small) {
  const Network network = Network::parse(small.network);
  const Loss loss = Loss::named("softmax_cross_entropy", Reduction::mean);
  Recipe recipe;
  recipe.batch = small.batch;
  const Data data = make_data(network, loss, recipe);
  const Arithmetic arithmetic = *rounding_of<T>();
  const ArithmeticScope scope(arithmetic);
  Options options;
  options.whole_batch = true;
  const auto gradient_in = [&]<class S>(const Options& with, Gradient<S>& gradient) {
    const Vector<S> theta = data.theta.unaryExpr([](double v) { return S(static_cast<S>(v)); });
    const Matrix<S> x = data.x.unaryExpr([](double v) { return S(static_cast<S>(v)); });
    const Problem<S> problem{network, loss, view(theta), view(x), view(data.y)};
    gradient.resize(problem, true);
    ReverseVjp::prepare<S>(problem, with)(gradient);
  };
  Gradient<RunningError> expected;
  gradient_in(options, expected);
  options.kernel = &kernel;
  options.threads = small.threads;
  Gradient<T> got;
  gradient_in(options, got);
  const auto compare = [&](const auto& a, const auto& b, const char* what) -> std::string {
    for (Index i = 0; i < a.size(); ++i) {
      const RunningError& right = b.data()[i];
      const double off = std::abs(static_cast<double>(a.data()[i]) - right.v);
      if (!(off <= 2 * right.e))
        return fmt::format("{} {} of {} with {} samples is off by {:.3g} times its rounding bound", what, i,
                           small.network, small.batch, off / (2 * right.e));
    }
    return "";
  };
  std::string found = compare(got.parameters, expected.parameters, "parameter");
  if (found.empty()) found = compare(got.input, expected.input, "input");
  return found;
}

std::string known_names() {
  std::string names = "auto plain";
  for (const Kernel& kernel : kernels()) names += fmt::format(" {}", kernel.name);
  return names;
}

}  // namespace

const std::vector<Kernel>& kernels() {
  static const std::vector<Kernel> all{
      {"fused_avx512", "fused tiles with AVX-512 (F, DQ, VL)", has_avx512, avx512::primitives<float>,
       avx512::primitives<double>},
      {"fused_avx2", "fused tiles with AVX2 and FMA", has_avx2, avx2::primitives<float>, avx2::primitives<double>},
      {"fused_portable", "fused tiles in plain C++", [] { return true; }, portable::primitives<float>,
       portable::primitives<double>},
  };
  return all;
}

std::string Kernel::wrong() const {
  static std::mutex guard;
  static std::map<std::string_view, std::string> known;
  const std::lock_guard lock(guard);
  const auto found = known.find(name);
  if (found != known.end()) return found->second;
  std::string reason;
  for (const SmallProblem& small : small_problems) {
    if (reason.empty()) reason = difference<float>(*this, small);
    if (reason.empty()) reason = difference<double>(*this, small);
  }
  known.emplace(name, reason);
  return reason;
}

const Kernel* kernel_named(std::string_view name) {
  if (name == "plain") return nullptr;
  for (const Kernel& kernel : kernels()) {
    if (name != "auto" && name != kernel.name) continue;
    if (kernel.runs_here() && kernel.wrong().empty()) return &kernel;
    if (name == kernel.name)
      throw std::invalid_argument(fmt::format("kernel '{}' {}", name,
                                              kernel.runs_here() ? "is wrong on this machine: " + kernel.wrong()
                                                                 : "needs instructions that this processor lacks"));
  }
  if (name == "auto") return nullptr;
  throw std::invalid_argument(fmt::format("unknown kernel '{}'; known are: {}", name, known_names()));
}

const Kernel* kernel_used(const Kernel* asked, std::string_view strategy, std::string_view scalar) {
  const bool own_numbers =
      strategy == Reference::name || strategy == Enclosure::name || strategy == ExactRational::name;
  return (scalar == "float" || scalar == "double") && !own_numbers ? asked : nullptr;
}

const Kernel* fused_kernel(const Kernel* asked, std::string_view strategy, std::string_view scalar,
                           const Network& network) {
  const bool fused = strategy == ReverseVjp::name || strategy == JacobianStructured::name;
  return fused && beyond_kernels(network).empty() ? kernel_used(asked, strategy, scalar) : nullptr;
}

}  // namespace backprove

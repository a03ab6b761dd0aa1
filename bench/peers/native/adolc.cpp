// Peer of reverse_vjp: ADOL-C, needs libadolc-dev, on one thread
#include <adolc/adolc.h>

#include <memory>

#include "bench/peers/native/by_numbers.hpp"

namespace backprove::native {
namespace {

constexpr short tag = 1;

struct Adolc {
  static adouble max0(const adouble& a) { return fmax(a, 0.0); }
  static double value(const adouble& a) { return a.value(); }
};

/// Operators that are taped: a fused multiplication and addition for each weight and sample.
double operations(const Job& job) {
  return job.multiplications() + 12 * job.activations() + 4 * static_cast<double>(job.theta.size());
}
// Of the buffers of the tape, so many entries an operation: then it needs no files.
constexpr double names = 3, locations = 5, values = 1, taylors = 2;

void tape(const Job& job) {
  const auto buffer = [&](double each) { return static_cast<unsigned>(std::fmin(each * operations(job) + 1e4, 4e9)); };
  trace_on(tag, 0, buffer(names), buffer(locations), buffer(values), buffer(taylors), 0);
  {
    std::vector<adouble> theta(job.theta.size());
    for (std::size_t i = 0; i < theta.size(); ++i) theta[i] <<= job.theta[i];
    double loss;
    loss_by_numbers<Adolc>(job, theta, job.x) >>= loss;
  }
  trace_off();
}

/// The tape is made once; a call runs it forward and back.
Ready prepare(const Job& job) {
  if (job.scalar != "double") throw Unsupported("ADOL-C has only double");
  tape(job);
  auto theta = std::make_shared<std::vector<double>>(job.theta);
  auto found = std::make_shared<std::vector<double>>(job.theta.size());
  return {[theta, found] {
            if (gradient(tag, static_cast<int>(theta->size()), theta->data(), found->data()) < 0)
              throw std::runtime_error("the tape does not hold at its own point");
          },
          [found] { return *found; }};
}

double bytes(const Job& job) {
  const double each = names + locations * sizeof(locint) + values * sizeof(double) + taylors * sizeof(revreal);
  return each * operations(job);
}

}  // namespace

System peer() {
  const std::map<std::string, std::string> settings{{"tape", "made once, reused"}, {"threads", "1"}};
  return {"ADOL-C " BACKPROVE_PEER_VERSION, functions_by_numbers, settings, prepare, bytes, true};
}

}  // namespace backprove::native

// Peer of reverse_vjp: Sacado, needs libtrilinos-sacado-dev libtrilinos-kokkos-dev, on one thread
#include <Sacado_trad.hpp>
#include <memory>

#include "bench/peers/native/by_numbers.hpp"

namespace backprove::native {
namespace {

template <class T>
struct Rad {
  using Number = Sacado::Rad::ADvar<T>;
  static Number max0(const Number& a) { return a.val() > 0 ? a : Number(T(0)); }
  static T value(const Number& a) { return a.val(); }
};

/// Every call tapes anew, as the library is made for: Gradcomp gives the tape's memory to the next one.
template <class T>
Ready prepare_in(const Job& job) {
  using Number = typename Rad<T>::Number;
  auto found = std::make_shared<std::vector<double>>(job.theta.size());
  std::vector<T> theta(job.theta.begin(), job.theta.end()), x(job.x.begin(), job.x.end());
  return {[job, theta, x, found] {
            const std::vector<Number> active(theta.begin(), theta.end());
            const Number loss = loss_by_numbers<Rad<T>>(job, active, x);
            Number::Gradcomp();
            for (std::size_t i = 0; i < active.size(); ++i) (*found)[i] = static_cast<double>(active[i].adj());
          },
          [found] { return *found; }};
}

Ready prepare(const Job& job) { return job.scalar == "float" ? prepare_in<float>(job) : prepare_in<double>(job); }

/// A product and a sum are a node each, with three edges together.
double bytes(const Job& job) {
  return 200 * (job.multiplications() + 12 * job.activations() + static_cast<double>(job.theta.size()));
}

}  // namespace

System peer() {
  const std::map<std::string, std::string> settings{
      {"type", "Rad::ADvar"}, {"tape", "made in every call"}, {"threads", "1"}};
  return {"Sacado " BACKPROVE_PEER_VERSION, functions_by_numbers, settings, prepare, bytes, true};
}

}  // namespace backprove::native

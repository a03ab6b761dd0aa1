#include <cstdio>

#include "bench/peers/peers.hpp"
#include "bench/verified.hpp"
#include "verify/unit/catch.hpp"
#include "verify/unit/io/scratch.hpp"

namespace backprove::test {
namespace {

/// One cell for real peers: ours by both counterparts, with their bounds.
class RealCell {
 public:
  RealCell(const std::string& network, const std::string& loss, const std::string& scalar_name)
      : scalar(scalar_name), problem({network, loss, Reduction::mean, {}, 0}) {
    problem.make([](const std::string&) {});
    Options options;
    options.input_gradient = false;
    const Engine& engine = engine_named(scalar);
    Verifier verifier(problem, engine, {});
    const auto [outcome, bound] = verifier.reverse(options);
    gradient = outcome.gradient;
    for (const char* name : {"reverse_vjp", "jacobian_structured"}) {
      const Data& data = problem.data();
      const Outcome ours =
          engine.run(name, {problem.network(), problem.loss(), view(data.theta), view(data.x), view(data.y), options});
      bounds[name] = verifier.bound(strategy_named(name), options, ours).bound;
    }
  }

  std::vector<Row> rows(Peers& peers, double most_bytes) const {
    Cell cell = problem.cell();
    cell.scalar = scalar;
    Peers::Task task{problem, cell, gradient, bounds.at("reverse_vjp"), {}, 5, 0.1, most_bytes};
    for (const auto& [name, bound] : bounds)
      task.counterparts[name] = {bound, {{1, [](Index, Index, double) { return std::vector{1e-4}; }}}};
    task.parameters = problem.network().parameters();
    std::string samples;
    return peers.rows(task, samples);
  }

  std::string scalar;
  SpecifiedProblem problem;

 private:
  Values gradient;
  std::map<std::string, Vector<double>> bounds;
};

/// Right in float and double for both losses, or no float; refuses what needs more memory than allowed.
void check_peer(const std::string& name, bool has_float) {
  const PeerPlaces places = peer_places();
  const std::vector<PeerInfo> peer = peers_named({name}, places);
  if (const std::string reason = missing(peer.front(), places); !reason.empty()) {
    std::printf("not run: %s is %s\n", name.c_str(), reason.c_str());  // which ctest counts as skipped
    return;
  }
  const Scratch scratch;
  Peers peers(peer, scratch / "work", places);
  for (const char* scalar : {"float", "double"})
    for (const char* loss : {"softmax_cross_entropy", "squared_error"}) {
      CAPTURE(name, scalar, loss);
      const RealCell cell("affine(5,7) tanh affine(7,6) relu affine(6,4) sigmoid affine(4,3)", loss, scalar);
      const std::vector<Row> rows = cell.rows(peers, 1e9);
      REQUIRE_FALSE(rows.empty());
      CAPTURE(rows[0].note);
      if (std::string(scalar) == "float" && !has_float) {
        CHECK(rows[0].status == Status::unsupported);
        CHECK(rows[0].note.find(name == "hips_autograd" ? "float" : "only double") != std::string::npos);
        continue;
      }
      CHECK(rows[0].status == Status::ok);
      CHECK(rows.back().quantity == "best_ratio_to_peer");
      CHECK(rows.back().value > 0);
      const std::vector<Row> refused = cell.rows(peers, 6 * cell.problem.data_bytes() + 1);
      if (peer.front().native || peer.front().counterpart == "jacobian_structured") {
        REQUIRE(refused.size() == 1);
        CHECK(refused[0].status == Status::limit);
        CHECK(refused[0].note.find("needs about") != std::string::npos);
      }
    }
  const RealCell other("affine(5,7) layer_norm(7) affine(7,3)", "squared_error", "double");
  const std::vector<Row> rows = other.rows(peers, 1e9);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].status == Status::unsupported);
  CHECK(rows[0].note == "layer layer_norm is not translated");
}

}  // namespace

TEST_CASE("installed peers: ADOL-C") { check_peer("adolc", false); }
TEST_CASE("installed peers: libtorch") { check_peer("libtorch", true); }
TEST_CASE("installed peers: Sacado") { check_peer("sacado", true); }
TEST_CASE("installed peers: Stan Math") { check_peer("stan_math", false); }
TEST_CASE("installed peers: PyTorch, eager") { check_peer("pytorch_eager", true); }
TEST_CASE("installed peers: PyTorch, compiled") { check_peer("pytorch_compile", true); }
TEST_CASE("installed peers: PyTorch, jacrev") { check_peer("pytorch_jacrev", true); }
TEST_CASE("installed peers: JAX, jit") { check_peer("jax_jit", true); }
TEST_CASE("installed peers: JAX, jacrev") { check_peer("jax_jacrev", true); }
TEST_CASE("installed peers: JAX, jacfwd") { check_peer("jax_jacfwd", true); }
TEST_CASE("installed peers: autograd") { check_peer("hips_autograd", false); }

}  // namespace backprove::test

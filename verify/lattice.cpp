#include "verify/lattice.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/data.hpp"

namespace backprove {

namespace {

constexpr Index samples = 40;  ///< three chunks, the last one smaller

std::vector<Piece> whole_pieces(const std::vector<Piece>& pieces, const Network& network) {
  std::vector<Piece> whole;
  for (std::size_t l = 0; l < pieces.size(); ++l) {
    const AnyLayer& layer = network.layer(static_cast<Index>(l));
    const Index n = std::visit([](const auto& one) { return one.inputs(); }, layer);
    const Index m = std::visit([](const auto& one) { return one.outputs(); }, layer);
    Piece piece = pieces[l];
    if (const auto* residual = std::get_if<Residual>(&layer))
      piece.inside = whole_pieces(piece.inside, *residual->body);
    else if (!std::holds_alternative<Affine>(layer))
      piece = n == m ? Piece{"relu", {n}, {}} : Piece{"affine", {n, m}, {}};
    whole.push_back(std::move(piece));
  }
  return whole;
}

Index count_affine(const std::vector<Piece>& pieces) {
  Index count = 0;
  for (const Piece& piece : pieces) count += (piece.name == "affine" ? 1 : 0) + count_affine(piece.inside);
  return count;
}

/// -1, 0 and 1; a neuron has about `fan_in` weights that are not 0, so that products of all layers stay small.
Data whole_numbers(const Network& network, double fan_in) {
  Data data{Vector<double>(network.parameters()), Matrix<double>(network.inputs(), samples),
            Matrix<double>(network.outputs(), samples)};
  std::mt19937_64 random(17);
  const auto draw = [&](double chance) {
    const auto bits = random();
    const bool zero = static_cast<double>(bits >> 11) * 0x1p-53 >= chance;
    return zero ? 0.0 : (bits & 1) != 0 ? 1.0 : -1.0;
  };
  for (Index l = 0; l < network.size(); ++l) {
    const double chance = std::min(0.9, fan_in / static_cast<double>(network.width(l)));
    for (Index k = network.offset(l); k < network.offset(l + 1); ++k) data.theta(k) = draw(chance);
  }
  for (Index i = 0; i < data.x.size(); ++i) data.x.data()[i] = draw(0.7);
  for (Index i = 0; i < data.y.size(); ++i) data.y.data()[i] = 2 * draw(0.7);
  return data;
}

Request request_of(const Network& network, const Loss& loss, const Data& data, int threads) {
  Options options;
  options.threads = threads;
  return {network, loss, view(data.theta), view(data.x), view(data.y), options};
}

double largest_of(const Values& values) {
  double largest = 0;
  for (Index i = 0; i < values.size(); ++i) largest = std::max(largest, std::abs(values.as_double(i)));
  return largest;
}

/// No less than any partial sum of any strategy: the same gradient with every sign positive.
double largest_sum(const Network& network, const Loss& loss, const Data& data) {
  const Data positive{data.theta.cwiseAbs(), data.x.cwiseAbs(), -data.y.cwiseAbs()};
  const Outcome all = engine_named("double").run("reverse_vjp", request_of(network, loss, positive, 1));
  return std::max(largest_of(all.gradient), std::abs(all.loss.as_double(0)));
}

/// Strategies made of the layers' derivatives. Those of values alone have truncation errors, or an arithmetic of their
/// own.
bool is_exact_on_whole_numbers(const StrategyInfo& strategy) { return strategy.trusts != formula_value; }

LatticeFinding run_strategy(const StrategyInfo& strategy, const Engine& engine, const Network& network,
                            const Loss& loss, const Data& data, const Values& exact) {
  LatticeFinding finding{strategy.name, exact.size(), 0, true, ""};
  Values first;
  for (const int threads : {1, 2, 3}) {
    const Outcome outcome = engine.run(strategy.name, request_of(network, loss, data, threads));
    for (Index i = 0; i < exact.size(); ++i)
      finding.mismatched += outcome.gradient.as_double(i) == exact.as_double(i) ? 0 : 1;
    if (threads == 1) first = outcome.gradient;
    finding.same_bits = finding.same_bits && outcome.gradient.same_bits(first);
  }
  return finding;
}

}  // namespace

std::string lattice_network(const Network& network) {
  return to_text(whole_pieces(parse_network_text(network.text()), network));
}

std::vector<LatticeFinding> try_lattice(const Network& network, const Engine& engine, double most_multiplications) {
  const std::string text = lattice_network(network);
  const Network whole = Network::parse(text);
  const Loss loss = Loss::named("squared_error", Reduction::sum);
  const Index layers = std::max<Index>(count_affine(parse_network_text(text)), 1);
  const Data data = whole_numbers(whole, std::exp2(6.0 / static_cast<double>(layers)));
  const double largest = largest_sum(whole, loss, data), holds = 1 / engine.unit_roundoff();
  if (!(largest <= holds))
    return {{"reverse_vjp", 0, 0, true,
             fmt::format("sums may reach {:.3g}; {} holds every whole number up to {:.3g}", largest, engine.name(),
                         holds)}};
  const Outcome exact = engine_named("double").run("reverse_vjp", request_of(whole, loss, data, 1));
  std::vector<LatticeFinding> findings;
  for (const StrategyInfo& strategy : strategies()) {
    if (!is_exact_on_whole_numbers(strategy)) continue;
    const double cost = strategy.predict({whole, samples, true, 3}).multiplications;
    if (cost > most_multiplications)
      findings.push_back({strategy.name, 0, 0, true, fmt::format("needs about {:.3g} multiplications", cost)});
    else
      findings.push_back(run_strategy(strategy, engine, whole, loss, data, exact.gradient));
  }
  return findings;
}

}  // namespace backprove

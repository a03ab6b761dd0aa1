#include "core/network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "generated/layers.hpp"

namespace backprove {

namespace {

std::string known_layers() {
  std::string all;
  for_each_layer([&]<class L>() { all += fmt::format("{}{}", all.empty() ? "" : " ", L::name); });
  return all;
}

AnyLayer make_layer(const Piece& piece, Index width) {
  std::optional<AnyLayer> made;
  for_each_layer([&]<class L>() {
    if (L::name == piece.name) made = L::make(piece, width);
  });
  if (!made) throw std::invalid_argument("is no known layer; known are: " + known_layers());
  return *made;
}

}  // namespace

Network Network::parse(std::string_view text) { return build(parse_network_text(text)); }

Network Network::build(const std::vector<Piece>& pieces, Index width, const std::string& inside) {
  Network network;
  if (pieces.empty()) throw std::invalid_argument("network text: expected at least one layer, got none");
  network.offsets = {0};
  network.regions = {0};
  for (const Piece& piece : pieces) {
    const std::string place = fmt::format("{}layer {} '{}'", inside, network.size() + 1, to_text({piece}));
    try {
      AnyLayer layer = make_layer(piece, width);
      std::visit(
          [&](const auto& made) {
            if (width != 0 && made.inputs() != width)
              throw std::invalid_argument(fmt::format("expects {} inputs, got {}", made.inputs(), width));
            if (network.widths.empty()) network.widths.push_back(made.inputs());
            width = made.outputs();
            network.widths.push_back(width);
            network.offsets.push_back(network.offsets.back() + made.parameters());
            network.regions.push_back(network.regions.back() + made.outputs() + made.workspace());
          },
          layer);
      network.layers.push_back(std::move(layer));
    } catch (const std::invalid_argument& error) {
      throw std::invalid_argument(place + " " + error.what());
    }
    constexpr Index most = Index(1) << 40;
    if (network.parameters() > most || network.regions.back() > most)
      throw std::invalid_argument(fmt::format("{} makes the network too large: more than 2^40 numbers", place));
  }
  return network;
}

Index Network::max_width() const { return *std::max_element(widths.begin(), widths.end()); }

Index Network::first_parameters() const {
  Index l = 0;
  while (l < size() && parameters(l) == 0) ++l;
  return l;
}

Index Network::depth() const {
  Index count = 0;
  for (Index l = 0; l < size(); ++l) count += parameters(l) > 0 ? 1 : 0;
  return count;
}

std::string Network::text() const {
  std::string all;
  for (const AnyLayer& layer : layers)
    all += (all.empty() ? "" : " ") + std::visit([](const auto& l) { return l.text(); }, layer);
  return all;
}

std::string Network::irrational() const {
  for (const AnyLayer& layer : layers) {
    std::string reason = std::visit(
        []<class L>(const L& l) {
          if constexpr (std::same_as<L, Residual>) return l.body->irrational();
          return L::rational.empty() ? std::string() : fmt::format("{} needs {}", L::name, L::rational);
        },
        layer);
    if (!reason.empty()) return reason;
  }
  return "";
}

double Network::multiplications(Index l) const {
  return std::visit([](const auto& made) { return made.multiplications(); }, layer(l));
}

JacobianSizes Network::jacobian_sizes(Index l) const {
  return std::visit([](const auto& made) { return backprove::jacobian_sizes(made); }, layer(l));
}

double Network::multiplications() const {
  double sum = 0;
  for (Index l = 0; l < size(); ++l) sum += multiplications(l);
  return sum;
}

void Network::initialise(Initialiser& random, ParamsOut<double> theta) const {
  for (Index l = 0; l < size(); ++l)
    std::visit([&](const auto& made) { made.initialise(random, {theta.data() + offset(l), parameters(l)}); }, layer(l));
}

Residual Residual::make(const Piece& piece, Index width) {
  if (piece.inside.empty()) throw std::invalid_argument("expects a sub-network, as in residual(affine(8,8) tanh)");
  Residual residual;
  residual.body = std::make_shared<const Network>(Network::build(piece.inside, width, "inside it: "));
  if (residual.inputs() != residual.outputs())
    throw std::invalid_argument(fmt::format("expects a sub-network of equal width, got {} inputs and {} outputs",
                                            residual.inputs(), residual.outputs()));
  return residual;
}
Index Residual::inputs() const { return body->inputs(); }
Index Residual::outputs() const { return body->outputs(); }
Index Residual::parameters() const { return body->parameters(); }
Index Residual::workspace() const { return body->workspace(); }
double Residual::multiplications() const { return body->multiplications(); }
JacobianSizes Residual::jacobian_sizes() const {
  JacobianSizes sizes{0, 0};
  for (Index l = body->size() - 1; l >= 0; --l) {  // every layer's parameters with the factors of all layers above it
    const JacobianSizes own = body->jacobian_sizes(l);
    sizes.params += own.params + sizes.input;
    sizes.input += own.input;
  }
  return sizes;
}
std::string Residual::text() const { return fmt::format("residual({})", body->text()); }
void Residual::initialise(Initialiser& random, ParamsOut<double> theta) const { body->initialise(random, theta); }

}  // namespace backprove

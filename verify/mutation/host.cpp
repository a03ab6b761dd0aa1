#include "verify/mutation/host.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace backprove {

namespace {

struct Size {
  std::string name;
  Index width, batch;
  double scale;  ///< of the inputs
  bool zeros = false;
};

const std::vector<Size> sizes{
    {"width 5, 3 samples", 5, 3, 1},
    {"width 7, 5 samples", 7, 5, 1},
    {"width 7, 5 samples, saturated", 7, 5, 32},
    {"width 19, 37 samples", 19, 37, 1},
};

Host make(const std::string& name, const std::string& text, const std::string& loss, Reduction reduction, Index stage,
          const Size& size) {
  Host host{name, Network::parse(text), Loss::named(loss, reduction), {}, stage};
  Recipe recipe;
  recipe.batch = size.batch;
  recipe.seed = 7 + static_cast<std::uint64_t>(size.width);
  host.data = make_data(host.network, host.loss, recipe);
  host.data.x *= size.scale;
  return host;
}

/// The text of a layer of width n; of a layer that takes other numbers, its own example, whatever its width.
std::string text_of(std::string_view name, Index n) {
  if (name == "affine") return fmt::format("affine({},{})", n, n + 2);
  if (name == "residual") return fmt::format("residual(affine({0},{1}) tanh affine({1},{0}))", n, n + 2);
  const std::string text = fmt::format("{}({})", name, n);
  try {
    Network::parse(text);
    return text;
  } catch (const std::invalid_argument&) {
    std::string example;
    for_each_layer([&]<class L>() {
      if (L::name == name) example = L::example;
    });
    return example;
  }
}

}  // namespace

std::vector<Host> hosts_of_layer(std::string_view name) {
  std::vector<Host> hosts;
  for (const Size& size : sizes) {
    const std::string layer = text_of(name, size.width);
    const Network alone = Network::parse(layer);
    const Index n = alone.inputs(), out = alone.outputs();
    // In the middle, behind a layer whose outputs have both signs; the saturated one comes first, to get its inputs as
    // they are.
    if (size.scale == 1)
      hosts.push_back(make(size.name, fmt::format("affine({},{}) {} affine({},3)", n + 1, n, layer, out),
                           "squared_error", Reduction::mean, 1, size));
    else
      hosts.push_back(
          make(size.name, fmt::format("{} affine({},3)", layer, out), "squared_error", Reduction::mean, 0, size));
    if (name == "affine" && size.scale == 1)
      hosts.push_back(make(size.name + ", square", fmt::format("tanh({0}) affine({0},{0}) affine({0},3)", n),
                           "squared_error", Reduction::mean, 1, size));
  }
  const Size& odd = sizes[1];
  if (name == "residual")
    hosts.push_back(make(odd.name + ", a norm in the branch",
                         "affine(8,7) residual(layer_norm(7) affine(7,9) tanh affine(9,7)) affine(7,3)",
                         "squared_error", Reduction::mean, 1, odd));
  const std::string first =
      fmt::format("{} affine({},3)", text_of(name, odd.width), Network::parse(text_of(name, odd.width)).outputs());
  Host bottom = make("first layer, no input gradient", first, "squared_error", Reduction::sum, 0, odd);
  bottom.input_gradient = false;
  hosts.push_back(std::move(bottom));
  Host kinks = make("first layer, inputs exactly 0", first, "squared_error", Reduction::sum, 0, odd);
  kinks.data.x.row(1).setZero();
  kinks.kinks = true;
  hosts.push_back(std::move(kinks));
  return hosts;
}

std::vector<Host> hosts_of_loss(std::string_view name) {
  const std::string last = name == "binary_cross_entropy" ? " sigmoid" : name == "cross_entropy" ? " softmax" : "";
  std::vector<Host> hosts;
  for (const Size& size : sizes) {
    const Index n = size.width;
    const bool saturated = size.scale != 1;
    if (saturated && !last.empty()) continue;  // probabilities of exactly 0 have no finite loss
    for (const Reduction reduction : {Reduction::mean, Reduction::sum}) {
      const std::string text = fmt::format("affine({},{}){}", n, saturated ? 3 : n + 1, last);
      Host host = make(fmt::format("{}, {}", size.name, reduction == Reduction::mean ? "mean" : "sum"), text,
                       std::string(name), reduction, 0, size);
      host.stage = host.network.size();
      hosts.push_back(std::move(host));
    }
  }
  Size vast = sizes[1];
  vast.name = "logits of thousands";
  vast.scale = 4096;
  if (last.empty()) {
    hosts.push_back(
        make(vast.name, fmt::format("affine({},3)", vast.width), std::string(name), Reduction::mean, 1, vast));
  }
  return hosts;
}

std::vector<Host> hosts_of_strategies() {
  const auto network = [](const std::string& name, const std::string& text, Reduction reduction, const Size& size) {
    return make(name, text, "squared_error", reduction, Host::whole_network, size);
  };
  const Size& small = sizes[0];
  return {network("equal widths", "affine(4,4) tanh affine(4,4) softplus affine(4,4)", Reduction::mean, small),
          network("unequal widths", "affine(3,6) sigmoid affine(6,5) softmax affine(5,2)", Reduction::sum, small),
          network("residual and norm", "affine(5,6) layer_norm residual(affine(6,3) tanh affine(3,6)) affine(6,3)",
                  Reduction::mean, sizes[1])};
}

}  // namespace backprove

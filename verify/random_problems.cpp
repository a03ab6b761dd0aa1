#include "verify/random_problems.hpp"

#include <fmt/format.h>

#include "generated/layers.hpp"
#include "generated/losses.hpp"

namespace backprove {

namespace {

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : random(seed) {}
  Index below(Index n) { return static_cast<Index>(random() % static_cast<std::uint64_t>(n)); }
  template <class T>
  const T& one_of(const std::vector<T>& from) {
    return from[static_cast<std::size_t>(below(static_cast<Index>(from.size())))];
  }
  std::uint64_t number() { return random() >> 16; }

 private:
  std::mt19937_64 random;
};

/// Layers that keep any width: those that take it as their only number.
std::vector<std::string> keeping_layers() {
  std::vector<std::string> names;
  for_each_layer([&]<class L>() {
    try {
      if (Network::parse(fmt::format("{}(3)", L::name)).outputs() == 3) names.emplace_back(L::name);
    } catch (const std::invalid_argument&) {
    }
  });
  return names;
}

const std::vector<Index> widths{1, 2, 3, 5, 8, 13, 16, 33, 64, 128}, batches{1, 2, 3, 5, 16, 17, 33, 64};

std::string network(Draw& draw, const std::string& last, const std::vector<std::string>& keeping) {
  Index width = draw.one_of(widths);
  std::string text;
  const Index depth = 1 + draw.below(16);
  for (Index l = 0; l < depth; ++l) {
    const Index kind = draw.below(10);
    if (kind < 4 || l == 0) {
      const Index next = draw.one_of(widths);
      text += fmt::format("affine({},{}) ", width, next);
      width = next;
    } else if (kind < 9) {
      text += draw.one_of(keeping) + " ";
    } else {
      text += fmt::format("residual(affine({0},{1}) {2} affine({1},{0})) ", width, 1 + draw.below(16),
                          draw.one_of(keeping));
    }
  }
  return text + last;
}

}  // namespace

std::vector<ProblemSpec> random_problems(Index count, std::uint64_t seed, Precision precision) {
  Draw draw(seed);
  const std::vector<std::string> keeping = keeping_layers();
  std::vector<std::string> losses;
  for_each_loss([&]<class K>() { losses.emplace_back(K::name); });
  std::vector<ProblemSpec> all;
  for (Index k = 0; k < count; ++k) {
    ProblemSpec spec;
    spec.loss = draw.one_of(losses);
    const std::string last = spec.loss == "binary_cross_entropy" ? "sigmoid"
                             : spec.loss == "cross_entropy"      ? "softmax"
                                                                 : "";
    spec.network = network(draw, last, keeping);
    spec.reduction = draw.below(2) == 0 ? Reduction::mean : Reduction::sum;
    spec.recipe.batch = draw.one_of(batches);
    spec.recipe.seed = draw.number();
    spec.recipe.initialisation = draw.one_of(std::vector<std::string>{"glorot", "he", "orthogonal", "scaled"});
    spec.recipe.precision = precision;
    all.push_back(std::move(spec));
  }
  return all;
}

}  // namespace backprove

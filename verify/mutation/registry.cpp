#include "verify/mutation/registry.hpp"

#include "generated/mutants.hpp"

namespace backprove {

namespace {

template <class M>
bool applies_to_layer(const AnyLayer& layer) {
  return std::visit([]<class L>(const L&) { return M::template applies<L>; }, layer);
}

template <class M, class L>
concept ChecksSizes = requires(const L& layer, Index batch) {
  M::fits(layer, batch);
};
template <class M>
concept ChecksReduction = requires(Reduction reduction) {
  M::fits_loss(reduction);
};

template <class M, class L>
bool fits_layer(const L& layer, Index batch) {
  static_cast<void>(layer), static_cast<void>(batch);
  if constexpr (M::template applies<L>) {
    if constexpr (ChecksSizes<M, L>) return M::fits(layer, batch);
  }
  return true;
}

template <class M>
bool fits(const AnyLayer& layer, Index batch) {
  return std::visit([&]<class L>(const L& one) { return fits_layer<M, L>(one, batch); }, layer);
}

template <class M>
bool applies_to_loss(const AnyLoss& loss, Reduction reduction) {
  static_cast<void>(reduction);
  if constexpr (ChecksReduction<M>) {
    if (!M::fits_loss(reduction)) return false;
  }
  return std::visit([]<class K>(const K&) { return M::template applies_to_loss<K>; }, loss);
}

template <class M>
MutantInfo info() {
  return {
      M::name,
      M::what,
      M::report,
      M::hint,
      M::equivalent,
      &applies_to_layer<M>,
      &fits<M>,
      &applies_to_loss<M>,
      [](Index stage) -> std::unique_ptr<ReverseSteps<float>> { return std::make_unique<Mutated<M, float>>(stage); },
      [](Index stage) -> std::unique_ptr<ReverseSteps<double>> { return std::make_unique<Mutated<M, double>>(stage); }};
}

}  // namespace

const std::vector<MutantInfo>& all_mutants() {
  static const std::vector<MutantInfo> list = [] {
    std::vector<MutantInfo> all;
    mutants::for_each_mutant([&]<class M>() { all.push_back(info<M>()); });
    return all;
  }();
  return list;
}

}  // namespace backprove

#include "verify/mutation/registry.hpp"

#include "generated/mutants.hpp"
#include "verify/mutation/path_mutant.hpp"

namespace backprove {

namespace {

// Tables by the variants' indices, as in mutant.hpp.
template <class M, class... L>
bool applies_to_one_of(const std::variant<L...>& layer) {
  constexpr bool applies[] = {M::template applies<L>...};
  return applies[layer.index()];
}
template <class M>
bool applies_to_layer(const AnyLayer& layer) {
  return applies_to_one_of<M>(layer);
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
bool fits_layer(const AnyLayer& layer, Index batch) {
  static_cast<void>(layer), static_cast<void>(batch);
  if constexpr (M::template applies<L>) {
    if constexpr (ChecksSizes<M, L>) return M::fits(std::get<L>(layer), batch);
  }
  return true;
}
template <class M, class... L>
bool fits_one_of(const std::variant<L...>& layer, Index batch) {
  constexpr bool (*all[])(const AnyLayer&, Index) = {fits_layer<M, L>...};
  return all[layer.index()](layer, batch);
}
template <class M>
bool fits(const AnyLayer& layer, Index batch) {
  return fits_one_of<M>(layer, batch);
}

template <class M, class... K>
bool applies_to_one_of_losses(const std::variant<K...>& loss) {
  constexpr bool applies[] = {M::template applies_to_loss<K>...};
  return applies[loss.index()];
}
template <class M>
bool applies_to_loss(const AnyLoss& loss, Reduction reduction) {
  static_cast<void>(reduction);
  if constexpr (ChecksReduction<M>) {
    if (!M::fits_loss(reduction)) return false;
  }
  return applies_to_one_of_losses<M>(loss);
}

/// The reverse steps with the mutant at `stage`, or with its own state if it is a whole sweep.
template <class M, class T>
std::unique_ptr<ReverseSteps<T>> mutated_steps(Index stage) {
  if constexpr (requires { typename M::template sweep<T>; })
    return std::make_unique<typename M::template sweep<T>>(stage);
  else
    return std::make_unique<Mutated<M, T>>(stage);
}

template <class M>
MutantInfo info() {
  MutantInfo one{};
  one.name = M::name;
  one.what = M::what;
  one.report = M::report;
  one.hint = M::hint;
  one.equivalent = M::equivalent;
  one.applies_to_layer = &applies_to_layer<M>;
  one.fits = &fits<M>;
  one.applies_to_loss = &applies_to_loss<M>;
  if constexpr (MutatesPath<M>) {
    one.replaces = M::replaces;
    one.applies_to_network = &M::applies_to_network;
    one.path_in_float = &mutated_path<M, float>;
    one.path_in_double = &mutated_path<M, double>;
  } else {
    one.applies_to_network = [](const Network&) { return false; };
    one.in_float = &mutated_steps<M, float>;
    one.in_double = &mutated_steps<M, double>;
  }
  return one;
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

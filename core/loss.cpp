#include "core/loss.hpp"

#include <fmt/format.h>

#include <optional>
#include <stdexcept>

#include "generated/losses.hpp"

namespace backprove {

Loss Loss::named(std::string_view name, Reduction reduction) {
  std::optional<AnyLoss> found;
  std::string known;
  for_each_loss([&]<class K>() {
    if (K::name == name) found = K{};
    known += fmt::format("{}{}", known.empty() ? "" : " ", K::name);
  });
  if (!found) throw std::invalid_argument(fmt::format("unknown loss '{}'; known are: {}", name, known));
  return {*found, reduction};
}

std::string_view Loss::name() const {
  return std::visit([]<class K>(const K&) -> std::string_view { return K::name; }, kind);
}
std::string_view Loss::rational() const {
  return std::visit([]<class K>(const K&) -> std::string_view { return K::rational; }, kind);
}
Targets Loss::targets() const {
  return std::visit([]<class K>(const K&) { return K::targets; }, kind);
}

void Loss::check(In<double> y, Index outputs, Index batch) const {
  const Index rows = target_rows(outputs);
  if (y.rows() != rows || y.cols() != batch)
    throw std::invalid_argument(
        fmt::format("{} expects targets for {} samples with {} {}, got {} samples with {}", name(), batch, rows,
                    targets() == Targets::classes ? "class index" : "values", y.cols(), y.rows()));
  for (Index s = 0; s < batch; ++s)
    for (Index i = 0; i < rows; ++i) {
      const double t = y(i, s);
      if (targets() == Targets::classes && !(t >= 0 && t < static_cast<double>(outputs) && t == std::floor(t)))
        throw std::invalid_argument(
            fmt::format("{} expects class indices from 0 to {}, got {} for sample {}", name(), outputs - 1, t, s));
      if (targets() == Targets::probabilities && !(t >= 0 && t <= 1))
        throw std::invalid_argument(fmt::format("{} expects targets from 0 to 1, got {} for sample {}", name(), t, s));
      if (!std::isfinite(t))
        throw std::invalid_argument(fmt::format("{} expects finite targets, got {} for sample {}", name(), t, s));
    }
}

}  // namespace backprove

#include "bench/probes/limit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "bench/copies.hpp"
#include "core/kernels/fused_plan.hpp"
#include "core/kernels/kernel.hpp"
#include "core/kernels/peak.hpp"
#include "core/parallel.hpp"

namespace backprove {

namespace {

constexpr Index repeats_of_arrays = 50;

/// A rule's values or slopes on `numbers` neighbours, on every thread, several times.
template <class T>
Timed array_of(const ArrayRule<T>& rule, Index numbers, bool slopes, int threads) {
  struct Arrays {
    Vector<T> x, y, g;
  };
  auto arrays = std::make_shared<std::vector<Arrays>>(threads);
  for (Arrays& one : *arrays) one = {Vector<T>::Random(numbers), Vector<T>::Random(numbers), Vector<T>::Ones(numbers)};
  const auto call = [arrays, &rule, slopes, threads, numbers] {
    on_each(threads, [&](Index thread) {
      Arrays& one = (*arrays)[static_cast<std::size_t>(thread)];
      for (Index k = 0; k < repeats_of_arrays; ++k)
        slopes ? rule.pull(SweepBy::reverse_rules, one.x.data(), one.x.data(), one.y.data(), one.g.data(), numbers)
               : rule.value(one.x.data(), one.y.data(), numbers);
    });
  };
  return {fmt::format("array/{}/{}/{}", rule.name, slopes, threads), {call}};
}

/// Softmax cross-entropy and its gradient, of so many samples of n outputs as fill panels.
template <class T>
MeasuredRates::Way loss_of(const Primitives<T>& fast, Index n, Index batch, int threads) {
  const Panels panels = Panels::of(std::clamp<Index>(2048 / n, 1, batch), fast.lanes, fast.most_vectors);
  struct Arrays {
    Vector<T> z, losses, g;
  };
  auto arrays = std::make_shared<std::vector<Arrays>>(threads);
  const Index numbers = panels.padded() * n, vectors = panels.count * panels.vectors;
  for (Arrays& one : *arrays) one = {Vector<T>::Random(numbers), Vector<T>(panels.padded()), Vector<T>(numbers)};
  const std::vector<int> classes(static_cast<std::size_t>(panels.padded()));
  const auto call = [arrays, &fast, panels, n, vectors, classes, threads] {
    on_each(threads, [&](Index thread) {
      Arrays& one = (*arrays)[static_cast<std::size_t>(thread)];
      for (Index k = 0; k < repeats_of_arrays; ++k)
        fast.softmax_cross_entropy(one.z.data(), panels.width, n, classes.data(), T(1), 0, vectors, one.losses.data(),
                                   one.g.data());
    });
  };
  return {{fmt::format("loss/{}/{}/{}/{}", n, panels.padded(), sizeof(T), threads), {call}},
          static_cast<double>(panels.padded() * repeats_of_arrays * threads)};
}

}  // namespace

std::string unknown_limit(const Network& network, const std::string& scalar) {
  if (scalar != "float" && scalar != "double") return fmt::format("limits are for float and double, not {}", scalar);
  if (!kernel_named("auto")) return "no kernel is right on this processor";
  return beyond_kernels(network);
}

double LimitProbe::bandwidth(double bytes, int threads) {
  const auto numbers = std::max<Index>(64, static_cast<Index>(bytes / threads / (3 * sizeof(double))));
  const Index repeats = std::max<Index>(1, (1 << 16) / numbers);
  const std::string key = fmt::format("triad/{}/{}", numbers, threads);
  const auto triad = [&] {
    MeasuredRates::Way way{triad_of(numbers, repeats, threads)};
    way.timed.another = [=] { return triad_of(numbers, repeats, threads).copies.front(); };
    way.timed.most_copies = copies_of(bytes);
    return way;
  };
  return triad_bytes(numbers, repeats, threads) / rates.seconds(key, triad);
}

template <class T>
double LimitProbe::loss(const Kernel& kernel, Index n, Index batch, int threads) {
  const MeasuredRates::Way samples = loss_of(kernel.primitives<T>(), n, batch, threads);
  return rates.seconds(samples.timed.name, [&] { return samples; }) * static_cast<double>(batch);
}

double LimitProbe::product(Index n_in, Index n_out, Index batch, bool for_parameters, const std::string& scalar,
                           int threads, std::map<std::string, int>& by) {
  // Forward and input products in either orientation; the parameters' sum over the samples.
  std::vector<ProductShape> shapes{{n_in, batch, n_out}};
  if (!for_parameters) shapes = {{batch, n_in, n_out}, {n_out, n_in, batch}};
  const std::string key = fmt::format("{}/{}/{}", name_of(shapes.front()), scalar, threads);
  const MeasuredRates::Rate rate = rates.fastest(key, [&](const MeasuredRates::Wanted& wanted) {
    std::vector<MeasuredRates::Way> ways;
    for (const ProductLibrary& library : product_libraries()) {
      if (!library.missing().empty() || !library.wrong().empty()) continue;
      for (const ProductShape& shape : shapes) {
        const std::string name = fmt::format("{}/{}", library.name, name_of(shape));
        if (!wanted(name)) continue;
        TimedProduct one = product_of(library, shape, scalar, threads);
        one.timed.name = name;
        if (!one.timed.copies.empty()) ways.push_back({std::move(one.timed), one.products});
      }
    }
    return ways;
  });
  ++by[rate.by.substr(0, rate.by.find('/'))];
  return rate.seconds;
}

template <class T>
double LimitProbe::elementwise(const Network& network, Index batch, bool input_gradient, bool slopes, int threads) {
  double seconds = 0;
  for (const FusedStep<T>& step : fused_steps<T>(network, kernel_named("auto")->primitives<T>())) {
    if (!step.rule) continue;
    if (slopes && !input_gradient && step.last_layer() <= network.first_parameters()) continue;
    const Index all = step.n_out * batch, few = std::min<Index>(all, 2048);
    const MeasuredRates::Way numbers{array_of(*step.rule, few, slopes, threads),
                                     static_cast<double>(few * repeats_of_arrays * threads)};
    const std::string key = fmt::format("{}/{}/{}", numbers.timed.name, few, sizeof(T));
    seconds += rates.seconds(key, [&] { return numbers; }) * static_cast<double>(all);
  }
  return seconds;
}

void LimitProbe::elementwise(const Network& network, Index batch, bool input_gradient, const std::string& scalar,
                             int threads, LimitTime& limit) {
  if (const std::string reason = unknown_limit(network, scalar); !reason.empty()) throw std::invalid_argument(reason);
  const auto seconds = [&](bool slopes) {
    return scalar == "float" ? elementwise<float>(network, batch, input_gradient, slopes, threads)
                             : elementwise<double>(network, batch, input_gradient, slopes, threads);
  };
  limit.values = seconds(false);
  limit.slopes = seconds(true);
}

double LimitProbe::fused_product(const ProductShape& shape, const std::string& scalar, int threads) {
  const std::string key = fmt::format("fused alone/{}/{}/{}", name_of(shape), scalar, threads);
  return rates.seconds(key, [&] {
    TimedProduct one = product_of(product_library_named("fused"), shape, scalar, threads);
    return MeasuredRates::Way{std::move(one.timed), one.products};
  });
}

double LimitProbe::ratio_to_loss(const Network& network, Index batch, bool input_gradient, const std::string& scalar,
                                 int threads) {
  LimitTime time;
  elementwise(network, batch, input_gradient, scalar, threads, time);
  double products = 0, first = 0, all = 0;
  for (Index l = 0; l < network.size(); ++l) {
    if (network.parameters(l) == 0) continue;
    const ProductShape shape{batch, network.width(l), network.width(l + 1)};
    products += fused_product(shape, scalar, threads);
    all += shape.flops();
    if (first == 0) first = shape.flops();
  }
  const double r = input_gradient ? 0 : first / all;
  return ((3 - r) * products + time.values + time.slopes) / (products + time.values);
}

LimitTime LimitProbe::of(const Network& network, const Loss& loss_layer, Index batch, bool input_gradient,
                         const std::string& scalar, int threads) {
  LimitTime limit;
  elementwise(network, batch, input_gradient, scalar, threads, limit);
  if (loss_layer.name() == "softmax_cross_entropy") {
    const Kernel& kernel = *kernel_named("auto");
    limit.loss = scalar == "float" ? loss<float>(kernel, network.outputs(), batch, threads)
                                   : loss<double>(kernel, network.outputs(), batch, threads);
  }
  if (batch == 1) {
    const double weights = static_cast<double>(network.parameters()) * (scalar == "float" ? 4 : 8);
    limit.memory = 3 * weights / bandwidth(2 * weights, threads);
    limit.by = "memory";
    return limit;
  }
  std::map<std::string, int> by;
  for (Index l = 0; l < network.size(); ++l) {
    if (network.parameters(l) == 0) continue;
    const Index n_in = network.width(l), n_out = network.width(l + 1);
    limit.products += product(n_in, n_out, batch, false, scalar, threads, by);
    limit.products += product(n_in, n_out, batch, true, scalar, threads, by);
    if (input_gradient || l > network.first_parameters())
      limit.products += product(n_out, n_in, batch, false, scalar, threads, by);
  }
  for (const auto& [name, times] : by) limit.by += fmt::format("{}{} ({})", limit.by.empty() ? "" : ", ", name, times);
  return limit;
}

}  // namespace backprove

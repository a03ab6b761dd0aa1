#include "bench/probes/overhead.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "bench/probes/chain_of_one.hpp"
#include "bench/probes/one_of_team.hpp"
#include "core/caches.hpp"
#include "core/data.hpp"
#include "core/engine.hpp"
#include "core/huge_pages.hpp"
#include "core/kernels/fused_plan.hpp"
#include "core/kernels/fused_sweep.hpp"
#include "core/kernels/peak.hpp"

namespace backprove {

namespace {

/// What a step needs of a batch for its parameter gradient beside a product of the fused kernel: turned activations, or
/// (`products`) the sums that take the product's place where few features enter; and the biases' sums.
template <class T>
Timed batch_sums(const Primitives<T>& fast, Index n_in, Index n_out, Index batch, bool products) {
  struct Numbers {
    Panels samples, features;
    Vector<T> x, g, turned, w_bar;
  };
  const Panels samples = Panels::of(batch, fast.lanes, fast.most_vectors),
               features = Panels::of(n_in, fast.lanes, fast.most_vectors);
  auto of = std::make_shared<Numbers>(
      Numbers{samples, features, Vector<T>::Ones(samples.padded() * n_in), Vector<T>::Ones(samples.padded() * n_out),
              Vector<T>::Zero(samples.padded() * features.padded()), Vector<T>::Zero(n_in * n_out + n_out)});
  return {"sums", {[of, &fast, n_in, n_out, batch, products] {
            const Index width = of->samples.width, to = of->features.width;
            const T *x = of->x.data(), *g = of->g.data();
            fast.sum_samples(g, width, n_out, 0, batch, 0, n_out, false, of->w_bar.data() + n_in * n_out);
            if (products)
              return fast.sum_products({x, g, width, n_in, n_out, 0, batch, 0, n_out, false, of->w_bar.data()});
            for (Index p = 0; p < of->samples.count; ++p)
              fast.transpose(x + p * n_in * width, width, width, n_in, 0, n_in, of->turned.data() + p * width * to, to,
                             of->samples.padded() * to);
          }}};
}

/// Reads `numbers` numbers, writes as many others (past the caches where the fused sweep does), and reads the first
/// again.
Timed passes_of(Index numbers) {
  struct Arrays {
    Vector<double> weights, gradient;
  };
  const bool past = beyond_caches(sizeof(double) * static_cast<double>(numbers));
  const auto make = [numbers, past]() -> std::function<void()> {
    auto of = std::make_shared<Arrays>();
    for (Vector<double>* one : {&of->weights, &of->gradient}) {
      one->resize(numbers);
      prefer_huge_pages(*one);
      one->setOnes();
    }
    return [of, past] {
      double sum = read_numbers(of->weights.data(), of->weights.size());
      write_numbers(of->gradient.data(), sum, of->gradient.size(), past);
      sum += read_numbers(of->weights.data(), of->weights.size());
      asm volatile("" : : "g"(&sum) : "memory");
    };
  };
  return {"passes", {make()}, -1, make, copies_of(2.0 * sizeof(double) * static_cast<double>(numbers))};
}

/// A whole gradient of one sample on one thread, `times` times.
Timed gradient_of(const Kernel& kernel, const Network& network, const Loss& loss, const std::string& scalar,
                  Index times) {
  struct Alone {
    Network network;
    Loss loss;
    Data data = {};
    std::shared_ptr<Ready> ready = nullptr;
  };
  auto alone = std::make_shared<Alone>(Alone{network, loss});
  Recipe one;
  one.batch = 1;
  alone->data = make_data(alone->network, alone->loss, one);
  Options options;
  options.kernel = &kernel;
  options.input_gradient = false;
  const Data& data = alone->data;
  alone->ready = engine_named(scalar).prepare(
      "reverse_vjp", {alone->network, alone->loss, view(data.theta), view(data.x), view(data.y), options});
  return {"gradient", {[alone, times] {
            for (Index k = 0; k < times; ++k) alone->ready->gradient();
          }}};
}

}  // namespace

template <class T>
double OverheadProbe::chain(const Kernel& kernel, const FusedStep<T>& step, bool apart, Index matrices) {
  // A chain's steps are square, and not wider than this: those of other shapes by their multiplications. In a register
  // all take the same time.
  constexpr Index widest = 2048;
  const Index n = std::min(widest, std::max(step.n_in, step.n_out));
  const Primitives<T>& fast = kernel.primitives<T>();
  const double part =
      Chain<T>::fits(fast, step.rule, n) ? 1 : static_cast<double>(step.n_in * step.n_out) / static_cast<double>(n * n);
  const std::string key = fmt::format("chain/{}/{}/{}/{}/{}/{}", kernel.name, step.rule ? step.rule->name : "none", n,
                                      sizeof(T), apart, matrices);
  return part * rates.seconds(key, [&]() -> MeasuredRates::Way {
    const auto one = std::make_shared<Chain<T>>(fast, step, n, matrices);
    return {{key, {[one, apart] { one->run(apart); }}}, static_cast<double>(one->rounds)};
  });
}

template <class T>
std::pair<double, double> OverheadProbe::losses(const Kernel& kernel, Index n) {
  const Primitives<T>& fast = kernel.primitives<T>();
  double seconds[2] = {};
  for (const bool apart : {false, true}) {
    const std::string key = fmt::format("losses/{}/{}/{}/{}", kernel.name, n, sizeof(T), apart);
    const auto make = [&]() -> MeasuredRates::Way {
      auto numbers = std::make_shared<std::array<Vector<T>, 2>>();
      numbers->fill(Vector<T>::Zero(n + 64));
      const auto call = [numbers, apart, n, &fast] {
        for (std::size_t k = 0; k < rounds_of_chain; ++k)
          fast.softmax_cross_entropy_of_one((*numbers)[apart ? 0 : k % 2].data(), n, 0,
                                            (*numbers)[apart ? 1 : (k + 1) % 2].data());
      };
      return {{key, {call}}, rounds_of_chain};
    };
    seconds[apart] = rates.seconds(key, make);
  }
  return {seconds[0], seconds[1]};
}

template <class T>
double OverheadProbe::call(const Kernel& kernel, const std::string& scalar) {
  const std::string key = fmt::format("call/{}/{}", kernel.name, scalar);
  const auto smallest = [&]() -> MeasuredRates::Way {
    const Loss loss = Loss::named("softmax_cross_entropy", Reduction::mean);
    return {gradient_of(kernel, Network::parse("affine(1,2)"), loss, scalar, rounds_of_chain), rounds_of_chain};
  };
  const double all = rates.seconds(key, smallest);
  const auto [chained, apart] = losses<T>(kernel, 2);
  return std::max(0.0, all - std::max(chained, apart));
}

template <class T>
void OverheadProbe::one_sample(const Kernel& kernel, const Network& network, const std::string& scalar,
                               const LimitTime& limit, OverheadTime& time) {
  const Primitives<T>& fast = kernel.primitives<T>();
  double chained = 0, apart = 0, own = 0;
  const auto add = [&](const std::pair<double, double>& one) {
    chained += std::max(one.first, one.second);
    apart += one.second;
  };
  const std::vector<FusedStep<T>> steps = fused_steps<T>(network, fast);
  const Index matrices = std::ranges::count_if(steps, &FusedStep<T>::has_affine);
  const double both = 2 * sizeof(T) * static_cast<double>(network.parameters());
  const bool from_second = both > cache_bytes(1) && both <= cache_bytes(2);
  for (const FusedStep<T>& step : steps) {
    if (!step.has_affine()) continue;
    add({chain(kernel, step, false, 1), chain(kernel, step, true, 1)});
    if (from_second) own += chain(kernel, step, false, matrices);
  }
  if (from_second) {
    time.memory = std::max(0.0, own - chained);
    time.note += fmt::format("{}steps with weights of their own take {:.3g} s", time.note.empty() ? "" : "; ", own);
  }
  if (limit.loss > 0) add(losses<T>(kernel, network.outputs()));
  time.latency = chained - apart;
  time.vectors = std::max(0.0, apart - limit.total());
  time.call = call<T>(kernel, scalar);
  time.note = fmt::format(
      "{}steps one after the other take {:.3g} s, on numbers at hand {:.3g} s, a call with hardly any {:.2g} s",
      time.note.empty() ? "" : time.note + "; ", chained, apart, time.call);
}

template <class T>
void OverheadProbe::several_samples(const Kernel& kernel, const Network& network, Index batch,
                                    const std::string& scalar, const LimitTime& limit, OverheadTime& time) {
  const Primitives<T>& fast = kernel.primitives<T>();
  double products = 0, sums = 0;
  bool first = true;  // nobody asks for the cotangent of what enters there
  for (const FusedStep<T>& step : fused_steps<T>(network, fast)) {
    if (!step.has_affine()) continue;
    const Index n_in = step.n_in, n_out = step.n_out;
    const bool narrow = n_in <= fast.few;
    products += limits.fused_product({batch, n_in, n_out}, scalar, 1);
    if (!narrow) products += limits.fused_product({n_in, batch, n_out}, scalar, 1);
    if (!std::exchange(first, false)) products += limits.fused_product({batch, n_out, n_in, true}, scalar, 1);
    const std::string key = fmt::format("sums/{}/{}/{}/{}/{}", kernel.name, n_in, n_out, batch, scalar);
    const auto make = [&] { return MeasuredRates::Way{batch_sums(fast, n_in, n_out, batch, narrow)}; };
    (narrow ? products : sums) += rates.seconds(key, make);
  }
  time.products = std::max(0.0, products - limit.products);
  time.sums = sums;
  time.note += fmt::format("{}products by the fused kernel {:.3g} s, sums {:.3g} s", time.note.empty() ? "" : "; ",
                           products, sums);
}

template <class T>
void OverheadProbe::member(const Kernel& kernel, const Network& network, const Loss& loss, Index batch, int threads,
                           int members, const LimitTime& limit, OverheadTime& time) {
  const auto seconds = [&](int at_once) {
    const std::string key = fmt::format("member/{}/{}/{}/{}/{}/{}/{}", kernel.name, network.text(), loss.name(), batch,
                                        sizeof(T), threads, at_once);
    return rates.seconds(
        key, [&] { return MeasuredRates::Way{first_member<T>(kernel, network, loss, batch, threads, at_once)}; });
  };
  const double alone = seconds(1);
  time.member = std::max(0.0, alone - limit.total());
  time.note += fmt::format("one member's part takes {:.3g} s by itself, ", alone);
  const double bytes = members * bytes_of_team<T>(kernel, network, batch, threads);
  if (bytes > room) {
    time.note += fmt::format("on every core at once not measured: {:.3g} bytes", bytes);
    return;
  }
  const double together = seconds(members);
  time.contention = std::max(0.0, together - std::max(alone, limit.total()));
  time.note += fmt::format("{:.3g} s on every core at once", together);
}

void OverheadProbe::memory(double weights, double kept, int members, OverheadTime& time) {
  const double all = 2 * weights + kept, moved = 3 * weights + 2 * kept;
  if (all <= cache_bytes(2) * members) return;
  const double rate = limits.bandwidth(all, members);
  time.memory = std::max(0.0, moved / rate - time.member - time.contention);
  time.note += fmt::format("{}{:.3g} bytes at {:.3g} bytes a second", time.note.empty() ? "" : "; ", moved, rate);
}

void OverheadProbe::passes(double weights, const LimitTime& limit, OverheadTime& time) {
  if (2 * weights <= cache_bytes(2)) return;
  const auto numbers = static_cast<Index>(weights / sizeof(double));
  const double seconds =
      rates.seconds(fmt::format("passes/{}", numbers), [&] { return MeasuredRates::Way{passes_of(numbers)}; });
  time.memory = std::max(0.0, seconds - limit.memory);
  time.note += fmt::format("; {:.3g} bytes read, written and read take {:.3g} s", weights, seconds);
}

OverheadTime OverheadProbe::of(const Kernel& kernel, const Network& network, const Loss& loss, Index batch,
                               const std::string& scalar, int threads, const LimitTime& limit, const LimitTime& alone) {
  const FusedTeam members = fused_team(kernel, network, batch, scalar, threads);
  const double bytes = scalar == "float" ? 4 : 8;
  OverheadTime time;
  if (members.members > 1) {
    time.note = fmt::format("{:g} meetings with {:.2g} bytes handed over at each, ", members.meetings,
                            members.handed * bytes / members.meetings);
    scalar == "float" ? member<float>(kernel, network, loss, batch, threads, members.members, limit, time)
                      : member<double>(kernel, network, loss, batch, threads, members.members, limit, time);
  } else {
    if (threads > 1) time.note = "a team would cost more, so that one thread runs";
    time.serial = std::max(0.0, alone.total() - limit.total());
    const auto of_one_thread = [&]<class T>(T) {
      batch > 1 ? several_samples<T>(kernel, network, batch, scalar, alone, time)
                : one_sample<T>(kernel, network, scalar, alone, time);
    };
    scalar == "float" ? of_one_thread(float()) : of_one_thread(double());
  }
  const double weights = static_cast<double>(network.parameters()) * bytes;
  if (batch > 1)
    memory(weights, fused_memory(kernel, network, batch, scalar, threads).kept * bytes, members.members, time);
  else if (members.members == 1)
    passes(weights, alone, time);
  return time;
}

}  // namespace backprove

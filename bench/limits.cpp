#include "bench/limits.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "core/kernels/peak.hpp"
#include "core/parallel.hpp"
#include "core/product.hpp"

namespace backprove {

namespace {

/// One limit: something to call, how much work a call is, and the row that will hold work a second.
struct Measured {
  Timed timed;
  double work;
  Cell cell;
  std::string quantity, note;
};

Cell cell_of(const std::string& what, std::string_view scalar, std::string_view kernel, int threads) {
  Cell cell;
  cell.network = what;
  cell.loss = cell.data = cell.strategy = "none";
  cell.scalar = scalar;
  cell.kernel = kernel;
  cell.threads = threads;
  return cell;
}

/// f(thread) on every thread at once.
template <class F>
void on_all(int threads, F&& f) {
  map_chunks(threads, 1, threads, [&](Index thread, Index, Index) { f(thread); });
}

/// Keeps a result from being left out.
template <class T>
void use(const T& value) {
  asm volatile("" : : "g"(&value) : "memory");
}

void add_peaks(std::vector<Measured>& all, const LimitsPlan& plan) {
  constexpr Index rounds = 20000;
  for (const PeakKernel& kernel : peak_kernels()) {
    if (!kernel.runs_here()) continue;
    for (const std::string& scalar : plan.scalars)
      for (const int threads : plan.threads) {
        const bool single = scalar == "float";
        const double flops = static_cast<double>(single ? kernel.flops_float : kernel.flops_double);
        const auto call = [&kernel, single, threads] {
          on_all(threads, [&](Index) {
            if (single)
              use(kernel.in_float(rounds));
            else
              use(kernel.in_double(rounds));
          });
        };
        all.push_back({{fmt::format("peak/{}/{}/{}", kernel.name, scalar, threads), call},
                       flops * rounds * threads,
                       cell_of("peak", scalar, kernel.name, threads),
                       "peak_flops",
                       "multiplications and additions in registers"});
      }
  }
}

/// Bytes of the caches that the system names, and memory: four times the largest of them.
std::vector<std::pair<std::string, double>> levels() {
  std::vector<std::pair<std::string, double>> found;
  double largest = 8 << 20;
  for (const auto& [name, key] : {std::pair{"L1", _SC_LEVEL1_DCACHE_SIZE}, std::pair{"L2", _SC_LEVEL2_CACHE_SIZE},
                                  std::pair{"L3", _SC_LEVEL3_CACHE_SIZE}}) {
    const double bytes = static_cast<double>(sysconf(key));
    if (bytes <= 0) continue;
    found.emplace_back(name, bytes / 2);
    largest = std::max(largest, bytes);
  }
  found.emplace_back("memory", std::min(4 * largest, 1e9));
  return found;
}

void add_bandwidths(std::vector<Measured>& all, const LimitsPlan& plan) {
  for (const auto& [level, bytes] : levels())
    for (const int threads : plan.threads) {
      // Every thread has arrays of its own: caches that are shared are shared out.
      const double share = level == "L3" || level == "memory" ? bytes / threads : bytes;
      const Index n = std::max<Index>(64, static_cast<Index>(share / (3 * sizeof(double))));
      const Index repeats = std::max<Index>(1, (1 << 17) / n);
      auto arrays = std::make_shared<std::vector<std::array<Vector<double>, 3>>>(threads);
      on_all(threads, [&](Index thread) {
        for (Vector<double>& array : (*arrays)[static_cast<std::size_t>(thread)]) array = Vector<double>::Ones(n);
      });
      const auto call = [arrays, n, repeats, threads] {
        on_all(threads, [&](Index thread) {
          auto& [a, b, c] = (*arrays)[static_cast<std::size_t>(thread)];
          for (Index r = 0; r < repeats; ++r) {
            triad(a.data(), b.data(), c.data(), 0.5, n);
            use(a(0));
          }
        });
      };
      all.push_back({{fmt::format("triad/{}/{}", level, threads), call},
                     static_cast<double>(3 * sizeof(double)) * static_cast<double>(n * repeats) * threads,
                     cell_of("triad in " + level, "double", "plain", threads),
                     "bandwidth",
                     fmt::format("{:.3g} bytes in three arrays a thread", static_cast<double>(n) * 24)});
    }
}

template <class T>
void add_product(std::vector<Measured>& all, const ProductShape& shape, std::string_view scalar, int threads) {
  struct Operands {
    Matrix<T> a, b, c;
  };
  auto operands = std::make_shared<std::vector<Operands>>(threads);
  for (Operands& one : *operands)
    one = {Matrix<T>::Random(shape.m, shape.k), Matrix<T>::Random(shape.k, shape.n), Matrix<T>(shape.m, shape.n)};
  const auto call = [operands, threads] {
    on_all(threads, [&](Index thread) {
      Operands& one = (*operands)[static_cast<std::size_t>(thread)];
      product<T>(Op::plain, view(std::as_const(one.a)), Op::plain, view(std::as_const(one.b)), view(one.c));
    });
  };
  const std::string name = fmt::format("{}x{}x{}", shape.m, shape.k, shape.n);
  all.push_back({{fmt::format("product/{}/{}/{}", name, scalar, threads), call},
                 2.0 * static_cast<double>(shape.m * shape.k * shape.n) * threads,
                 cell_of("product " + name, scalar, "plain", threads),
                 "product_flops",
                 "every thread its own product"});
}

void add_products(std::vector<Measured>& all, const LimitsPlan& plan) {
  for (const ProductShape& shape : plan.shapes)
    for (const std::string& scalar : plan.scalars)
      for (const int threads : plan.threads)
        scalar == "float" ? add_product<float>(all, shape, scalar, threads)
                          : add_product<double>(all, shape, scalar, threads);
}

}  // namespace

ProductShape shape_named(const std::string& text) {
  std::vector<Index> numbers;
  std::size_t begin = 0;
  bool fits = true;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find('x', begin), text.size());
    const std::string digits = text.substr(begin, end - begin);
    fits = fits && !digits.empty() && digits.size() <= 5 && digits.find_first_not_of("0123456789") == std::string::npos;
    numbers.push_back(fits ? std::stol(digits) : 0);
    fits = fits && numbers.back() > 0;
    begin = end + 1;
  }
  if (!fits || numbers.size() != 3)
    throw std::invalid_argument(
        fmt::format("--shape: expected three whole numbers from 1 to 99999 as in 512x32x512, got '{}'", text));
  return {numbers[0], numbers[1], numbers[2]};
}

std::vector<Row> measure_limits(const LimitsPlan& plan, const std::function<void(const std::string&)>& say) {
  std::vector<Measured> all;
  add_peaks(all, plan);
  add_bandwidths(all, plan);
  add_products(all, plan);
  std::vector<Timed> things;
  for (const Measured& one : all) things.push_back(one.timed);
  const Timings samples = interleaved(things, plan.sampling, [&](Index done, Index total) {
    if (done % 64 == 0 || done == total) say(fmt::format("sample {} of {}", done, total));
  });
  std::vector<Row> rows;
  for (std::size_t k = 0; k < all.size(); ++k) {
    std::vector<double> wall;
    wall.reserve(samples.of[k].size());
    for (const TimeSample& sample : samples.of[k]) wall.push_back(sample.wall);
    rows.push_back(make_row(all[k].cell, all[k].quantity, all[k].work / quantile(wall, 0.1), Status::ok,
                            fmt::format("{}; {} rounds", all[k].note, samples.rounds)));
  }
  return rows;
}

std::string limits_table(const std::vector<Row>& rows) {
  std::string text = fmt::format("{:<22}{:<10}{:<10}{:>8}{:>14}\n", "what", "scalar", "kernel", "threads", "limit");
  for (const Row& row : rows)
    text += fmt::format("{:<22}{:<10}{:<10}{:>8}{:>14}\n", row.cell.network, row.cell.scalar, row.cell.kernel,
                        row.cell.threads, fmt::format("{:.4g} G{}", row.value / 1e9, row.unit));
  return text;
}

}  // namespace backprove

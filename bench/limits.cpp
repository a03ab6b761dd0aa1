#include "bench/limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "core/caches.hpp"
#include "core/huge_pages.hpp"
#include "core/kernels/peak.hpp"
#include "core/parallel.hpp"

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
          on_each(threads, [&](Index) {
            if (single)
              use(kernel.in_float(rounds));
            else
              use(kernel.in_double(rounds));
          });
        };
        all.push_back({{fmt::format("peak/{}/{}/{}", kernel.name, scalar, threads), {call}},
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
  for (const ProcessorCache& cache : caches()) {
    if (!cache.holds_data() || cache.bytes() <= 0) continue;
    found.emplace_back(fmt::format("L{}", cache.level), cache.bytes() / 2);
    largest = std::max(largest, cache.bytes());
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
      all.push_back({triad_of(n, repeats, threads), triad_bytes(n, repeats, threads),
                     cell_of("triad in " + level, "double", "plain", threads), "bandwidth",
                     fmt::format("{:.3g} bytes in three arrays a thread", static_cast<double>(n) * 24)});
    }
}

/// Every thread's own product of one shape by one library, so often that the start of the threads does not count.
template <class T>
TimedProduct product_of(const ProductLibrary& library, const ProductShape& shape, int threads) {
  struct Operands {
    Matrix<T> a, b, c;
    ReadyProduct product;
  };
  auto operands = std::make_shared<std::vector<Operands>>(threads);
  for (Operands& one : *operands) {
    one.a = Matrix<T>::Random(shape.m, shape.k);
    one.b = shape.b_transposed ? Matrix<T>::Random(shape.n, shape.k) : Matrix<T>::Random(shape.k, shape.n);
    one.c.resize(shape.m, shape.n);
    for (const Matrix<T>* operand : {&one.a, &one.b, &one.c}) prefer_huge_pages(*operand);
    one.product =
        library.ready<T>({shape.m, shape.k, shape.n, one.a.data(), one.b.data(), shape.b_transposed, one.c.data()});
    if (!one.product.run) return {};
  }
  const Index times = threads == 1 ? 1 : static_cast<Index>(std::ceil(1e7 / shape.flops()));
  const auto call = [operands, threads, times] {
    on_each(threads, [&](Index thread) {
      for (Index k = 0; k < times; ++k) (*operands)[static_cast<std::size_t>(thread)].product.run();
    });
  };
  return {{fmt::format("product/{}/{}/{}/{}", library.name, name_of(shape), sizeof(T), threads), {call}},
          static_cast<double>(times * threads)};
}

/// Products of the trusted libraries; what cannot be trusted becomes a row at once.
void add_products(std::vector<Measured>& all, std::vector<Row>& rows, const LimitsPlan& plan) {
  for (const ProductLibrary* library : plan.libraries) {
    const std::string missing = library->missing(), wrong = missing.empty() ? library->wrong() : "";
    if (!missing.empty() || !wrong.empty()) {
      const Status status = missing.empty() ? Status::failed : Status::unsupported;
      rows.push_back(make_row(cell_of("products", "none", library->name, 1), "product_flops", std::nan(""), status,
                              missing.empty() ? "not used: " + wrong : missing));
      continue;
    }
    for (const ProductShape& shape : plan.shapes)
      for (const std::string& scalar : plan.scalars)
        for (const int threads : plan.threads) {
          TimedProduct timed = product_of(*library, shape, scalar, threads);
          const Cell cell = cell_of("product " + name_of(shape), scalar, library->name, threads);
          if (timed.timed.copies.empty()) {
            rows.push_back(
                make_row(cell, "product_flops", std::nan(""), Status::unsupported, "the library has no such product"));
            continue;
          }
          all.push_back({std::move(timed.timed), shape.flops() * timed.products, cell, "product_flops",
                         fmt::format("every thread its own product; {}", library->version())});
        }
  }
}

}  // namespace

Timed triad_of(Index numbers, Index repeats, int threads) {
  // A third of a page from each other, whatever their length: numbers at the same place of a page wait for each other.
  constexpr Index page = 512, third = 168;
  const Index step = (numbers + page - 1) / page * page + third;
  auto arrays = std::make_shared<std::vector<Vector<double>>>(threads);
  for (Vector<double>& array : *arrays) array.resize(3 * step);  // here, where it may fail
  on_each(threads, [&](Index thread) {
    Vector<double>& array = (*arrays)[static_cast<std::size_t>(thread)];
    array.setOnes();
    prefer_huge_pages(array);
  });
  const auto call = [arrays, numbers, repeats, threads, step] {
    on_each(threads, [&](Index thread) {
      double* a = (*arrays)[static_cast<std::size_t>(thread)].data();
      for (Index r = 0; r < repeats; ++r) {
        triad(a, a + step, a + 2 * step, 0.5, numbers);
        use(a[0]);
      }
    });
  };
  return {fmt::format("triad/{}/{}", numbers, threads), {call}};
}

TimedProduct product_of(const ProductLibrary& library, const ProductShape& shape, const std::string& scalar,
                        int threads) {
  return scalar == "float" ? product_of<float>(library, shape, threads) : product_of<double>(library, shape, threads);
}

std::string name_of(const ProductShape& shape) {
  return fmt::format("{}x{}x{}{}", shape.m, shape.k, shape.n, shape.b_transposed ? "t" : "");
}

ProductShape shape_named(const std::string& whole) {
  const bool transposed = whole.ends_with('t');
  const std::string text = whole.substr(0, whole.size() - (transposed ? 1 : 0));
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
    throw std::invalid_argument(fmt::format(
        "--shape: expected three whole numbers from 1 to 99999 as in 512x32x512, or 512x32x512t, got '{}'", whole));
  return {numbers[0], numbers[1], numbers[2], transposed};
}

std::vector<Row> measure_limits(const LimitsPlan& plan, const std::function<void(const std::string&)>& say) {
  std::vector<Measured> all;
  add_peaks(all, plan);
  add_bandwidths(all, plan);
  std::vector<Row> rows;
  add_products(all, rows, plan);
  std::vector<Timed> things;
  things.reserve(all.size());
  for (const Measured& one : all) things.push_back(one.timed);
  const Timings samples = interleaved(things, plan.sampling, [&](Index done, Index total) {
    if (done % 64 == 0 || done == total) say(fmt::format("sample {} of {}", done, total));
  });
  for (std::size_t k = 0; k < all.size(); ++k) {
    std::vector<double> wall;
    wall.reserve(samples.of[k].size());
    for (const TimeSample& sample : samples.of[k]) wall.push_back(sample.wall);
    rows.push_back(make_row(all[k].cell, all[k].quantity, all[k].work / quantile(wall, 0.1), Status::ok,
                            fmt::format("{}; {} rounds", all[k].note, samples.of[k].size())));
  }
  return rows;
}

std::string limits_table(const std::vector<Row>& rows) {
  std::string text = fmt::format("{:<22}{:<10}{:<10}{:>8}  {:>12}\n", "what", "scalar", "kernel", "threads", "limit");
  for (const Row& row : rows)
    text += fmt::format("{:<22}{:<10}{:<10}{:>8}  {:>12}\n", row.cell.network, row.cell.scalar, row.cell.kernel,
                        row.cell.threads,
                        row.status == Status::ok ? fmt::format("{:.4g} G{}", row.value / 1e9, row.unit)
                                                 : fmt::format("{}: {}", name_of(row.status), row.note));
  return text;
}

}  // namespace backprove

#include <algorithm>

#include "core/kernels/arena.hpp"
#include "core/kernels/fused_plan.hpp"
#include "core/kernels/kernel.hpp"
#include "core/kernels/products/library.hpp"

namespace backprove {

namespace {

const Kernel* kernel() { return kernel_named("auto"); }

/// A and C in panels of rows, as the fused sweep keeps its activations.
template <class T>
struct InPanels {
  ProductTask<T> task;
  const Primitives<T>& fast = kernel()->primitives<T>();
  Panels panels = Panels::of(task.m, fast.lanes, fast.most_vectors);
  Arena<T> arena;
  T *a = nullptr, *c = nullptr;

  explicit InPanels(const ProductTask<T>& of) : task(of) {
    for (int twice = 0; twice < 2; ++twice) {
      a = arena.take(panels.padded() * task.k);
      c = arena.take(panels.padded() * task.n);
      if (twice == 0) arena.allocate();
    }
    for (Index k = 0; k < task.k; ++k)
      for (Index i = 0; i < task.m; ++i) a[place(i, k, task.k)] = task.a[k * task.m + i];
  }
  Index place(Index row, Index column, Index columns) const {
    return (row / panels.width * columns + column) * panels.width + row % panels.width;
  }
  void run() const {
    Multiply<T> m{};
    m.a = a;
    m.a_panel = task.k * panels.width;
    m.a_step = panels.width;
    m.panels = panels.count;
    m.vectors = panels.vectors;
    m.b = task.b;
    m.inner = m.segment = task.k;
    m.b_k = task.b_transposed ? task.n : 1;
    m.b_j = task.b_transposed ? 1 : task.k;
    m.to = task.n;
    m.c = c;
    m.c_panel = task.n * panels.width;
    m.c_j = m.last_rows = panels.width;
    fast.multiply(m);
  }
  void finish() const {
    for (Index j = 0; j < task.n; ++j)
      for (Index i = 0; i < task.m; ++i) task.c[j * task.m + i] = c[place(i, j, task.n)];
  }
};

template <class T>
ReadyProduct ready(const ProductTask<T>& task) {
  const auto product = std::make_shared<InPanels<T>>(task);
  return {[product] { product->run(); }, [product] { product->finish(); }};
}

}  // namespace

/// The products of the fused sweep, in its own layout.
const ProductLibrary& product_fused() {
  static const ProductLibrary library{
      "fused", [] { return std::string(kernel() ? "" : "no kernel is right on this processor"); },
      [] { return std::string(name_of(kernel())); }, ready<float>, ready<double>};
  return library;
}

}  // namespace backprove

#include "core/kernels/products_by.hpp"

#include <algorithm>
#include <vector>

#include "core/kernels/fused_plan.hpp"
#include "core/kernels/kernel.hpp"

namespace backprove {

namespace {

/// Multiplications below which Eigen's call costs no more.
constexpr Index least_multiplications = 1024;

/// Room of this thread, which only grows.
template <class T>
T* room(Index numbers) {
  static thread_local std::vector<T> memory;
  if (memory.size() < static_cast<std::size_t>(numbers)) memory.resize(static_cast<std::size_t>(numbers));
  return memory.data();
}

}  // namespace

template <class T>
bool add_product_by(const Kernel& kernel, bool a_transposed, const T* a, bool b_transposed, const T* b, T* c, Index m,
                    Index n, Index k) {
  const Primitives<T>& fast = kernel.primitives<T>();
  if (m < fast.lanes || m * n * k < least_multiplications) return false;
  const Panels panels = Panels::of(m, fast.lanes, fast.most_vectors);
  Multiply<T> task{};
  task.vectors = panels.vectors;
  task.b = b;
  task.inner = task.segment = k;
  task.b_k = b_transposed ? n : 1;
  task.b_j = b_transposed ? 1 : k;
  task.to = n;
  task.adds = true;
  task.c_panel = panels.width;
  task.c_j = m;
  const Index behind = (panels.count - 1) * panels.width;  // rows before the last panel
  const auto run = [&](const T* from, Index panel, Index step, Index first, Index count, Index last_rows) {
    task.a = from;
    task.a_panel = panel;
    task.a_step = step;
    task.panels = count;
    task.c = c + first * panels.width;
    task.last_rows = last_rows;
    fast.multiply(task);
  };
  if (a_transposed) {
    T* turned = room<T>(panels.padded() * k);
    fast.transpose(a, k, k, m, 0, panels.padded(), turned, panels.width, panels.width * k);
    run(turned, panels.width * k, panels.width, 0, panels.count, m - behind);
    return true;
  }
  // Panels are read where they are, but for a last one that is not whole: it would be read beyond A's end.
  const bool whole = panels.padded() == m;
  const Index direct = whole ? panels.count : panels.count - 1;
  if (direct > 0) run(a, panels.width, m, 0, direct, panels.width);
  if (whole) return true;
  T* packed = room<T>(panels.width * k);
  for (Index l = 0; l < k; ++l) {
    std::copy_n(a + l * m + behind, m - behind, packed + l * panels.width);
    std::fill(packed + l * panels.width + (m - behind), packed + (l + 1) * panels.width, T(0));
  }
  run(packed, 0, panels.width, panels.count - 1, 1, m - behind);
  return true;
}

template bool add_product_by(const Kernel&, bool, const float*, bool, const float*, float*, Index, Index, Index);
template bool add_product_by(const Kernel&, bool, const double*, bool, const double*, double*, Index, Index, Index);

}  // namespace backprove

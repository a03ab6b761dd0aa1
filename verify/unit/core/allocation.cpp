#include <fmt/format.h>
#include <stdlib.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <memory>
#include <new>

#include "core/kernels/kernel.hpp"
#include "core/strategies/reverse_vjp.hpp"
#include "verify/unit/catch.hpp"
#include "verify/unit/core/sample.hpp"

/// reverse_vjp allocates nothing after its first call: every allocation of the process is counted while it runs.
///
/// Sanitizers bring their own malloc, and other C libraries have no __libc_malloc: there the file holds no tests.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define BACKPROVE_SANITIZED
#endif
#endif
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && \
    !defined(BACKPROVE_SANITIZED)

namespace {

std::atomic<bool> counting_allocations{false};
std::atomic<long> allocations{0};

void note() noexcept {
  if (counting_allocations.load(std::memory_order_relaxed)) allocations.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

/// These replace glibc's for the whole program; operator new, Eigen and OpenMP end here. Freeing stays glibc's own.
extern "C" {

void* __libc_malloc(size_t size) noexcept;
void* __libc_calloc(size_t count, size_t size) noexcept;
void* __libc_realloc(void* memory, size_t size) noexcept;
void* __libc_memalign(size_t alignment, size_t size) noexcept;

void* malloc(size_t size) noexcept {
  note();
  return __libc_malloc(size);
}
void* calloc(size_t count, size_t size) noexcept {
  note();
  return __libc_calloc(count, size);
}
void* realloc(void* memory, size_t size) noexcept {
  note();
  return __libc_realloc(memory, size);
}
void* aligned_alloc(size_t alignment, size_t size) noexcept {
  note();
  return __libc_memalign(alignment, size);
}
void* memalign(size_t alignment, size_t size) noexcept {
  note();
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** memory, size_t alignment, size_t size) noexcept {
  note();
  *memory = __libc_memalign(alignment, size);
  return *memory == nullptr ? ENOMEM : 0;
}

}  // extern "C"

namespace backprove::test {

namespace {

/// Allocations of all threads while f runs.
template <class F>
long allocations_of(F&& f) {
  allocations = 0;
  counting_allocations = true;
  f();
  counting_allocations = false;
  return allocations;
}

/// Keeps the compiler from leaving out an allocation that nobody reads.
template <class T>
void use(T* memory) {
  asm volatile("" : : "r"(memory) : "memory");
}

template <class T>
Matrix<T> converted(const Matrix<double>& from) {
  return from.cast<T>();
}

/// Allocations of `calls` further calls after prepare and one call; also compares the bits of the first and the last.
template <class T>
long allocations_after_first_call(const Sample& sample, const Options& options, int calls) {
  const Vector<T> theta = sample.data.theta.cast<T>();
  const Matrix<T> x = converted<T>(sample.data.x);
  const Problem<T> problem{sample.network, sample.loss, view(theta), view(x), view(sample.data.y)};
  Gradient<T> gradient;
  gradient.resize(problem, options.input_gradient);
  const Prepared<T> prepared = ReverseVjp::prepare<T>(problem, options);
  prepared(gradient);
  const Gradient<T> first = gradient;
  const long counted = allocations_of([&] {
    for (int call = 0; call < calls; ++call) prepared(gradient);
  });
  CHECK(gradient.parameters == first.parameters);
  CHECK(gradient.input == first.input);
  CHECK(gradient.loss == first.loss);
  return counted;
}

void check(const std::string& text, std::string_view loss, Index batch, int threads, const Kernel* kernel = nullptr) {
  const Sample sample(text, seeded(batch), loss);
  for (const bool input_gradient : {false, true}) {
    INFO(text << ", " << loss << ", batch " << batch << ", threads " << threads << ", input gradient " << input_gradient
              << ", kernel " << name_of(kernel));
    Options options;
    options.threads = threads;
    options.input_gradient = input_gradient;
    options.kernel = kernel;
    CHECK(allocations_after_first_call<float>(sample, options, 2) == 0);
    CHECK(allocations_after_first_call<double>(sample, options, 2) == 0);
  }
}

/// `depth` affine layers of one width, with the other layers between them.
std::string network(Index width, Index depth) {
  const std::array<std::string, 4> between{" tanh", " layer_norm relu",
                                           fmt::format(" residual(affine({0},{0}) tanh)", width), " softmax"};
  std::string text = fmt::format("affine({0},{0})", width);
  for (Index l = 1; l < depth; ++l)
    text += fmt::format("{0} affine({1},{1})", between[static_cast<std::size_t>(l + depth + width) % 4], width);
  return text + " gelu " + fmt::format("affine({},10)", width);
}

}  // namespace

TEST_CASE("allocation: the counter sees every kind of allocation", "[core][allocation]") {
  CHECK(allocations_of([] {}) == 0);
  void* memory = nullptr;
  CHECK(allocations_of([&] { use(memory = malloc(8)); }) == 1);
  CHECK(allocations_of([&] { use(memory = realloc(memory, 1 << 20)); }) == 1);
  free(memory);
  CHECK(allocations_of([&] { use(memory = calloc(2, 8)); }) == 1);
  free(memory);
  CHECK(allocations_of([&] { use(memory = aligned_alloc(64, 128)); }) == 1);
  free(memory);
  int failed = 1;
  CHECK(allocations_of([&] { failed = posix_memalign(&memory, 64, 128); }) == 1);
  CHECK(failed == 0);
  free(memory);
  CHECK(allocations_of([] { use(std::make_unique<int>(1).get()); }) == 1);
  CHECK(allocations_of([] { use(std::make_unique<int[]>(5).get()); }) == 1);
  struct alignas(128) Wide128 {
    char bytes[128];
  };
  CHECK(allocations_of([] { use(std::make_unique<Wide128>().get()); }) == 1);
  CHECK(allocations_of([] {
          const Matrix<double> matrix(3, 4);
          use(matrix.data());
        }) == 1);
  // Another thread's allocations count as well.
  CHECK(allocations_of([] { map_chunks(2, 1, 2, [](Index, Index, Index) { use(std::make_unique<int>(1).get()); }); }) >=
        2);
}

TEST_CASE("allocation: Eigen's own products of this size would be seen", "[core][allocation]") {
  // Otherwise none of the widths below would show that the tiles are small enough.
  const Matrix<double> a = Matrix<double>::Random(300, 300), b = Matrix<double>::Random(300, 300);
  Matrix<double> c(300, 300);
  CHECK(allocations_of([&] { c.noalias() = a * b; }) > 0);
  Vector<double> sum = Vector<double>::Zero(300);
  CHECK(allocations_of([&] { product<double>(Op::plain, view(a), Op::transposed, view(b), view(c)); }) == 0);
  CHECK(allocations_of([&] { sum_columns<double>(view(a), view(sum)); }) == 0);
  CHECK((c - a * b.transpose()).cwiseAbs().maxCoeff() < 1e-12);
}

TEST_CASE("allocation: reverse_vjp allocates nothing after its first call", "[core][allocation]") {
  for (const Index width : {8, 100, 130, 300, 512})
    for (const Index batch : {1, 5, 32, 200})
      for (Index depth = 1; depth <= (width > 200 ? 2 : 4); ++depth)
        check(network(width, depth), depth % 2 == 0 ? "squared_error" : "softmax_cross_entropy", batch, 1);
}

TEST_CASE("allocation: nor in the deepest of the widest networks", "[core][allocation]") {
  for (const Index width : {300, 512}) {
    check(network(width, 3), "softmax_cross_entropy", 5, 1);
    check(network(width, 4), "squared_error", 32, 1);
  }
}

TEST_CASE("allocation: nor on two threads", "[core][allocation]") {
  for (const Index width : {8, 100, 130, 300})
    for (const Index batch : {1, 32, 200})
      for (const Index depth : {1, 3}) check(network(width, depth), "softmax_cross_entropy", batch, 2);
}

TEST_CASE("allocation: nor for any layer or loss", "[core][allocation]") {
  for_each_layer([&]<class L>() {
    check(fmt::format("affine(4,4) {} affine(4,4)", L::example == "affine(4,3)" ? "affine(4,4)" : L::example),
          "squared_error", 20, 1);
  });
  check("affine(4,3) sigmoid", "binary_cross_entropy", 20, 1);
  check("affine(4,3) softmax", "cross_entropy", 20, 1);
  check("affine(4,3)", "sigmoid_cross_entropy", 20, 1);
  check("affine(4,3)", "softmax_cross_entropy", 20, 1);
}

TEST_CASE("allocation: nor by a kernel", "[core][allocation]") {
  const Kernel* kernel = kernel_named("auto");
  for (const Index batch : {1, 32, 200})
    for (const int threads : {1, 2}) {
      check("affine(30,200) tanh affine(200,40) silu gelu affine(40,10)", "softmax_cross_entropy", batch, threads,
            kernel);
      check("affine(30,20) tanh affine(20,4)", "squared_error", batch, threads, kernel);
    }
}

}  // namespace backprove::test

#endif

#include "core/kernels/products/library.hpp"

#include <dlfcn.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <mutex>
#include <random>
#include <stdexcept>

#include "generated/products.hpp"

namespace backprove {

namespace {

struct CheckedShape {
  Index m, k, n;
  bool b_transposed;
};
constexpr CheckedShape checked_shapes[] = {{1, 1, 1, false},   {5, 3, 7, false},    {32, 32, 32, false},
                                           {33, 65, 17, true}, {64, 130, 31, true}, {96, 40, 128, false},
                                           {8, 257, 8, true}};

/// The worst entry of one product, if it is beyond its bound.
template <class T>
std::string wrong_product(const ProductLibrary& library, const CheckedShape& shape) {
  const auto [m, k, n, transposed] = shape;
  std::mt19937_64 random(static_cast<std::uint64_t>(m * 1000003 + k * 1009 + n));
  std::uniform_real_distribution<T> numbers(-1, 1);
  Matrix<T> a(m, k), b(transposed ? n : k, transposed ? k : n), c(m, n);
  for (Matrix<T>* one : {&a, &b})
    for (Index i = 0; i < one->size(); ++i) one->data()[i] = numbers(random);
  c.setConstant(std::numeric_limits<T>::quiet_NaN());
  const ReadyProduct product = library.ready<T>({m, k, n, a.data(), b.data(), transposed, c.data()});
  if (!product.run) return "";
  product.run();
  product.finish();
  const long double u = std::numeric_limits<T>::epsilon() / 2, terms = static_cast<long double>(k);
  const long double gamma = terms * u / (1 - terms * u);
  for (Index j = 0; j < n; ++j)
    for (Index i = 0; i < m; ++i) {
      long double exact = 0, size = 0;
      for (Index l = 0; l < k; ++l) {
        const long double term =
            static_cast<long double>(a(i, l)) * static_cast<long double>(transposed ? b(j, l) : b(l, j));
        exact += term;
        size += std::abs(term);
      }
      const long double off = std::abs(static_cast<long double>(c(i, j)) - exact), bound = gamma * size;
      if (!(off <= bound))
        return fmt::format("{}x{}x{}{} in {}: entry ({},{}) is {:.9g}, exactly {:.9g}: {:.3g} times the rounding bound",
                           m, k, n, transposed ? " with B^T" : "", sizeof(T) == 4 ? "float" : "double", i, j,
                           static_cast<double>(c(i, j)), static_cast<double>(exact), static_cast<double>(off / bound));
    }
  return "";
}

std::string first_wrong(const ProductLibrary& library) {
  std::string found;
  for (const CheckedShape& shape : checked_shapes) {
    if (found.empty()) found = wrong_product<float>(library, shape);
    if (found.empty()) found = wrong_product<double>(library, shape);
  }
  return found;
}

/// The same in a child process, which a library may end; what it found ends with a full stop.
std::string first_wrong_in_child(const ProductLibrary& library) {
  int ends[2];
  if (pipe(ends) != 0) return "cannot be checked: no pipe";
  const pid_t child = fork();
  if (child < 0) return "cannot be checked: no process";
  if (child == 0) {
    close(ends[0]);
    alarm(60);
    const std::string found = first_wrong(library) + ".";
    _exit(write(ends[1], found.data(), found.size()) == static_cast<ssize_t>(found.size()) ? 0 : 2);
  }
  close(ends[1]);
  std::string found;
  char piece[256];
  for (ssize_t got = 0; (got = read(ends[0], piece, sizeof piece)) > 0 || (got < 0 && errno == EINTR);)
    if (got > 0) found.append(piece, static_cast<std::size_t>(got));
  close(ends[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  if (WIFSIGNALED(status)) return fmt::format("its check ended with signal {}", WTERMSIG(status));
  if (found.empty()) return fmt::format("it ended its check with status {}", WEXITSTATUS(status));
  found.pop_back();
  return found;
}

}  // namespace

std::string ProductLibrary::wrong() const {
  static std::mutex guard;
  static std::map<std::string_view, std::string> known;
  const std::lock_guard lock(guard);
  const auto found = known.find(name);
  if (found != known.end()) return found->second;
  std::string reason = first_wrong_in_child(*this);
  if (reason.empty()) reason = first_wrong(*this);
  known.emplace(name, reason);
  return reason;
}

const std::vector<ProductLibrary>& product_libraries() {
  static const std::vector<ProductLibrary> all = [] {
    std::vector<ProductLibrary> list;
    for_each_product([&](const ProductLibrary& one) { list.push_back(one); });
    return list;
  }();
  return all;
}

const ProductLibrary& product_library_named(std::string_view name) {
  std::string known;
  for (const ProductLibrary& one : product_libraries()) {
    if (one.name == name) return one;
    known += fmt::format(" {}", one.name);
  }
  throw std::invalid_argument(fmt::format("unknown library '{}'; known are:{}", name, known));
}

void* shared_function(const char* library, const char* override, const char* function) {
  const char* chosen = std::getenv(override);
  void* handle = dlopen(chosen ? chosen : library, RTLD_NOW | RTLD_LOCAL);
  return handle ? dlsym(handle, function) : nullptr;
}

}  // namespace backprove

#include "core/record/environment.hpp"

#include <fmt/core.h>
#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <Eigen/Core>
#include <boost/version.hpp>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <string_view>

#include "core/caches.hpp"

#if __has_include(<mpfr.h>)
#include <mpfr.h>
#endif
#if __has_include(<mpfi.h>)
#include <mpfi.h>
#endif
#if __has_include(<gmp.h>)
#include <gmp.h>
#endif
#ifdef __GLIBC__
#include <gnu/libc-version.h>
#endif
#if __has_include("generated/commit.hpp")
#include "generated/commit.hpp"
#endif

namespace backprove {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

#ifdef BACKPROVE_FLAGS
constexpr std::string_view build_flags = BACKPROVE_FLAGS;
#else
constexpr std::string_view build_flags;
#endif
#ifdef BACKPROVE_BUILD_TYPE
constexpr std::string_view build_type = BACKPROVE_BUILD_TYPE;
#else
constexpr std::string_view build_type;
#endif
#ifdef BACKPROVE_COMMIT
constexpr std::string_view build_commit = BACKPROVE_COMMIT;
#else
constexpr std::string_view build_commit;
#endif

/// The first line of a file under /sys or /proc, or null.
json first_line(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line) || line.empty()) return nullptr;
  return line;
}

/// The text behind the first line that begins with `key`, its separator removed, or null.
json value_of(const fs::path& path, std::string_view key, char separator) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(key)) continue;
    const std::size_t at = line.find(separator);
    if (at == std::string::npos) continue;
    const std::size_t begin = line.find_first_not_of(" \t\"", at + 1);
    const std::size_t end = line.find_last_not_of(" \t\"");
    if (begin == std::string::npos || end < begin) return nullptr;
    return line.substr(begin, end - begin + 1);
  }
  return nullptr;
}

json whole_number(const json& text) {
  if (!text.is_string()) return nullptr;
  std::istringstream in(text.get<std::string>());
  unsigned long long number = 0;
  if (!(in >> number)) return nullptr;
  return number;
}

/// The words of a command line, except those that hold a path.
std::string without_paths(std::string_view text) {
  std::istringstream words{std::string(text)};
  std::string kept;
  for (std::string word; words >> word;) {
    if (word.find('/') == std::string::npos) kept += fmt::format("{}{}", kept.empty() ? "" : " ", word);
  }
  return kept;
}

json known(int number) { return number > 0 ? json(number) : json(nullptr); }
json known(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }

json described_caches() {
  json list = json::array();
  for (const ProcessorCache& cache : caches())
    list.push_back({{"level", known(cache.level)},
                    {"type", known(cache.type)},
                    {"size", known(cache.size)},
                    {"line_bytes", known(cache.line_bytes)}});
  return list.empty() ? json(nullptr) : list;
}

json processor() {
  json cores = nullptr;
  if (const long count = ::sysconf(_SC_NPROCESSORS_ONLN); count > 0) cores = count;
  json usable = nullptr;
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof(set), &set) == 0) usable = CPU_COUNT(&set);
  return {{"model", value_of("/proc/cpuinfo", "model name", ':')},
          {"cores", cores},
          {"usable_cores", usable},
          {"caches", described_caches()},
          {"governor", first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")}};
}

json memory() {
  const json kilobytes = whole_number(value_of("/proc/meminfo", "MemTotal", ':'));
  json bytes = nullptr;
  if (!kilobytes.is_null()) bytes = kilobytes.get<unsigned long long>() * 1024;
  return {{"total_bytes", bytes}, {"limit_bytes", whole_number(first_line("/sys/fs/cgroup/memory.max"))}};
}

json operating_system() {
  json kernel = nullptr;
  utsname facts{};
  if (::uname(&facts) == 0) kernel = fmt::format("{} {} {}", facts.sysname, facts.release, facts.machine);
  return {{"name", value_of("/etc/os-release", "PRETTY_NAME", '=')}, {"kernel", kernel}};
}

json text_or_null(std::string_view text) { return text.empty() ? json(nullptr) : json(text); }

json compiler() {
#ifdef __clang__
  const json name = "clang";
#else
  const json name = "gcc";
#endif
  return {{"name", name},
          {"version", __VERSION__},
          {"flags", text_or_null(without_paths(build_flags))},
          {"build_type", text_or_null(build_type)}};
}

json libraries() {
  json list = {{"mpfr", nullptr}, {"mpfi", nullptr}, {"gmp", nullptr}, {"openmp", nullptr}, {"libc", nullptr}};
  list["eigen"] = fmt::format("{}.{}.{}", EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION);
  list["boost"] = BOOST_LIB_VERSION;
  list["fmt"] = fmt::format("{}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100);
  list["nlohmann_json"] =
      fmt::format("{}.{}.{}", NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH);
#ifdef MPFR_VERSION_STRING
  list["mpfr"] = MPFR_VERSION_STRING;
#endif
#ifdef MPFI_VERSION_STRING
  list["mpfi"] = MPFI_VERSION_STRING;
#endif
#ifdef __GNU_MP_VERSION
  list["gmp"] = fmt::format("{}.{}.{}", __GNU_MP_VERSION, __GNU_MP_VERSION_MINOR, __GNU_MP_VERSION_PATCHLEVEL);
#endif
#ifdef _OPENMP
  list["openmp"] = _OPENMP;
#endif
#ifdef __GLIBC__
  list["libc"] = fmt::format("glibc {}", ::gnu_get_libc_version());
#endif
  return list;
}

json thread_settings() {
  json list;
  for (const char* name :
       {"OMP_NUM_THREADS", "OMP_PROC_BIND", "OMP_PLACES", "OMP_DYNAMIC", "OMP_WAIT_POLICY", "GOMP_CPU_AFFINITY",
        "KMP_AFFINITY", "OPENBLAS_CORETYPE", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"}) {
    const char* value = std::getenv(name);
    list[name] = value == nullptr ? json(nullptr) : json(value);
  }
  return list;
}

json date() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  if (::gmtime_r(&now, &utc) == nullptr) return nullptr;
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                     utc.tm_hour, utc.tm_min, utc.tm_sec);
}

}  // namespace

json describe_environment() {
  return {{"environment_version", 1},
          {"processor", processor()},
          {"memory", memory()},
          {"system", operating_system()},
          {"compiler", compiler()},
          {"libraries", libraries()},
          {"thread_settings", thread_settings()},
          {"commit", text_or_null(build_commit)},
          {"date", date()}};
}

}  // namespace backprove

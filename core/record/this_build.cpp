#include "core/record/this_build.hpp"

#include <fmt/format.h>
#include <link.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <string_view>

#include "core/record/hash.hpp"

namespace backprove {

namespace {

/// The linker's hash of what it wrote, in hexadecimal, from the notes of one loaded segment; empty if it has none.
std::string build_id_in(std::string_view notes) {
  const auto aligned = [](std::size_t size) { return (size + 3) / 4 * 4; };
  while (notes.size() > sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) header;
    std::memcpy(&header, notes.data(), sizeof(header));
    notes.remove_prefix(sizeof(header));
    const std::size_t name = aligned(header.n_namesz), size = name + aligned(header.n_descsz);
    if (size > notes.size()) break;
    if (header.n_type == NT_GNU_BUILD_ID && notes.substr(0, header.n_namesz) == std::string_view("GNU", 4)) {
      std::string id;
      for (const char byte : notes.substr(name, header.n_descsz))
        id += fmt::format("{:02x}", static_cast<unsigned char>(byte));
      return id;
    }
    notes.remove_prefix(size);
  }
  return "";
}

std::string build_id() {
  std::string id;
  const auto program = [](dl_phdr_info* info, std::size_t, void* found) {
    for (int i = 0; i < info->dlpi_phnum; ++i) {
      const auto& segment = info->dlpi_phdr[i];
      auto& text = *static_cast<std::string*>(found);
      if (segment.p_type == PT_NOTE && text.empty())
        text = build_id_in({reinterpret_cast<const char*>(info->dlpi_addr + segment.p_vaddr), segment.p_memsz});
    }
    return 1;  // the program comes first, libraries do not matter
  };
  dl_iterate_phdr(program, &id);
  return id;
}

std::string hash_of_file() {
  std::ifstream file("/proc/self/exe", std::ios::binary);
  return hash_text(std::string(std::istreambuf_iterator<char>(file), {}));
}

}  // namespace

const std::string& this_build() {
  static const std::string hash = [] {
    const std::string id = build_id();  // hashing the whole file takes as long as a small sweep
    return id.empty() ? hash_of_file() : hash_text(id);
  }();
  return hash;
}

}  // namespace backprove

#include <cstdlib>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "core/io/file.hpp"
#include "core/io/npy.hpp"
#include "verify/unit/catch.hpp"
#include "verify/unit/io/full_disk.hpp"
#include "verify/unit/io/scratch.hpp"

namespace backprove::test {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Runs a Python program with NumPy in `folder`; true when it ends well.
bool python(const std::filesystem::path& folder, const std::string& program) {
  write_text(folder / "program.py", program);
  const std::string command = "cd '" + folder.string() + "' && /usr/bin/python3 program.py";
  return std::system(command.c_str()) == 0;
}

}  // namespace

TEST_CASE("npy: what is written comes back", "[io][npy]") {
  const Scratch scratch;
  const std::vector<double> values{1.5, -0.0, 5e-324, 1.7976931348623157e308, infinity, 0.1};
  const std::vector<float> floats{1.5F, -0.0F, 1e-45F, 3.4028235e38F, 0.1F, 7};
  for (const std::vector<Index>& shape : std::vector<std::vector<Index>>{{6}, {2, 3}, {6, 1}}) {
    write_npy(scratch / "x.npy", values, shape);
    NpyArray back = read_npy(scratch / "x.npy");
    CHECK(back.values == values);
    CHECK(std::signbit(back.values[1]));
    CHECK(back.shape == shape);
    CHECK_FALSE(back.was_float32);
    write_npy(scratch / "x.npy", floats, shape);
    back = read_npy(scratch / "x.npy");
    CHECK(back.values == std::vector<double>(floats.begin(), floats.end()));
    CHECK(back.was_float32);
  }
  write_npy(scratch / "x.npy", std::vector<double>{2.5}, {});
  CHECK(read_npy(scratch / "x.npy").shape.empty());
  write_npy(scratch / "x.npy", std::vector<double>{}, {0});
  CHECK(read_npy(scratch / "x.npy").shape == std::vector<Index>{0});
  CHECK(std::filesystem::file_size(scratch / "x.npy") % 64 == 0);
  CHECK(scratch.entries() == 1);
}

TEST_CASE("npy: a shape that does not fit the values is refused", "[io][npy]") {
  const Scratch scratch;
  const std::vector<double> six(6);
  for (const std::vector<Index>& shape :
       std::vector<std::vector<Index>>{{}, {5}, {2, 4}, {-2, -3}, {1, 2, 3}, {Index{1} << 62, 4}}) {
    const std::string message = message_of<std::invalid_argument>([&] { write_npy(scratch / "x.npy", six, shape); });
    CAPTURE(message);
    CHECK(message.find("shape (") != std::string::npos);
    CHECK(scratch.entries() == 0);
  }
}

TEST_CASE("file: an error while writing is one line and leaves the old file as it was", "[io][file]") {
  const Scratch scratch;
  const auto path = scratch / "x.npy";
  write_text(path, "old");
  const std::vector<double> values(10000);
  std::string message;
  {
    const FullDisk full(4096);
    message = message_of<std::runtime_error>([&] { write_npy(path, values, {10000}); });
  }
  CHECK(message == "cannot write '" + path.string() + "': File too large");
  CHECK(std::filesystem::file_size(path) == 3);
  CHECK(scratch.entries() == 1);

  const auto text_message = [](const std::filesystem::path& where) {
    return message_of<std::runtime_error>([&] { write_text(where, "new"); });
  };
  CHECK(text_message("/dev/full") == "cannot write '/dev/full': No space left on device");
  CHECK(std::filesystem::is_character_file("/dev/full"));
  CHECK(text_message(scratch / "none/x.txt").ends_with("No such file or directory"));
  CHECK(text_message(scratch / "").ends_with("expected a file, got a directory"));
  CHECK(text_message(path / "x.txt").ends_with("Not a directory"));
  CHECK(scratch.entries() == 1);
}

TEST_CASE("file: devices are written in place and links are followed", "[io][file]") {
  const Scratch scratch;
  CHECK_NOTHROW(write_text("/dev/null", "nothing"));
  CHECK(std::filesystem::is_character_file("/dev/null"));
  write_text(scratch / "real.txt", "old");
  std::filesystem::create_symlink("real.txt", scratch / "link.txt");
  write_text(scratch / "link.txt", "new");
  CHECK(std::filesystem::is_symlink(scratch / "link.txt"));
  CHECK(read_file(scratch / "real.txt").size() == 3);
  CHECK(scratch.entries() == 2);
  CHECK(message_of<std::invalid_argument>([&] {
          read_file(scratch / "real.txt", 2);
        }).ends_with("expected at most 2 bytes, got 3"));
}

TEST_CASE("npy: NumPy reads what is written", "[io][npy][numpy]") {
  const Scratch scratch;
  write_npy(scratch / "a.npy", std::vector<double>{0.1, -0.0, infinity, 4, 5, 6}, {2, 3});
  write_npy(scratch / "b.npy", std::vector<float>{0.1F, 2}, {2});
  write_npy(scratch / "c.npy", std::vector<double>{2.5}, {});
  write_npy(scratch / "d.npy", std::vector<double>{}, {0});
  INFO("this test needs NumPy for /usr/bin/python3 (Debian: python3-numpy)");
  CHECK(python(scratch / "", R"(
import numpy as np
a, b, c, d = (np.load(name + '.npy', allow_pickle=False) for name in 'abcd')
assert a.dtype == '<f8' and a.shape == (2, 3) and a.tolist() == [[0.1, -0.0, np.inf], [4, 5, 6]]
assert np.signbit(a[0, 1])
assert b.dtype == '<f4' and b.tolist() == np.array([0.1, 2], dtype='f4').tolist()
assert c.shape == () and c == 2.5 and d.shape == (0,)
)"));
}

TEST_CASE("npy: what NumPy writes is read", "[io][npy][numpy]") {
  const Scratch scratch;
  INFO("this test needs NumPy for /usr/bin/python3 (Debian: python3-numpy)");
  REQUIRE(python(scratch / "", R"(
import numpy as np
for code in 'f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 b1'.split():
    a = (np.arange(6).reshape(2, 3) % 2 if code == 'b1' else np.arange(6).reshape(2, 3)).astype(code)
    for order in '<>':
        b = a.astype(a.dtype.newbyteorder(order))
        for memory in 'CF':
            c = np.array(b, order=memory)
            np.save(code + ('little' if order == '<' else 'big') + memory, c)
with open('v2.npy', 'wb') as f: np.lib.format.write_array(f, np.array([[1.5, 2]]), version=(2, 0))
with open('v3.npy', 'wb') as f: np.lib.format.write_array(f, np.array([[1.5, 2]]), version=(3, 0))
np.save('scalar', 2.5)
np.save('object', np.array([None]), allow_pickle=True)
np.save('records', np.zeros(2, dtype=[('a', 'f4'), ('b', 'i4')]))
)"));
  for (const std::string code : {"f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"}) {
    for (const std::string order : {"little", "big"}) {
      for (const std::string memory : {"C", "F"}) {
        CAPTURE(code, order, memory);
        const NpyArray array = read_npy(scratch / (code + order + memory + ".npy"));
        CHECK(array.shape == std::vector<Index>{2, 3});
        CHECK(array.values ==
              (code == "b1" ? std::vector<double>{0, 1, 0, 1, 0, 1} : std::vector<double>{0, 1, 2, 3, 4, 5}));
        CHECK((array.kind == NpyArray::Kind::floating) == (code[0] == 'f'));
      }
    }
  }
  for (const std::string name : {"v2.npy", "v3.npy"}) {
    CHECK(read_npy(scratch / name).values == std::vector<double>{1.5, 2});
  }
  CHECK(read_npy(scratch / "scalar.npy").shape.empty());
  CHECK_THROWS_AS(read_npy(scratch / "object.npy"), std::invalid_argument);
  CHECK(message_of<std::invalid_argument>([&] { read_npy(scratch / "records.npy"); }).find("structured dtype") !=
        std::string::npos);
}

}  // namespace backprove::test

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "core/io/npy.hpp"
#include "verify/unit/catch.hpp"
#include "verify/unit/io/npy_bytes.hpp"
#include "verify/unit/io/scratch.hpp"

namespace backprove::test {
namespace {

NpyArray read(const std::string& file) { return parse_npy(bytes_of(file), "x.npy"); }

/// Six items as 2 x 3, in both memory orders, and as a row of six; in the byte order of `descr`.
template <class T>
void reads_everywhere(const std::string& descr, std::initializer_list<T> c_order, std::initializer_list<T> f_order,
                      NpyArray::Kind kind) {
  const bool big = descr[0] == '>';
  std::vector<double> expected;
  for (const T item : c_order) expected.push_back(static_cast<double>(item));
  for (const int version : {1, 2, 3}) {
    INFO(descr << " version " << version);
    const NpyArray c = read(npy_front(npy_dict(descr, "(2, 3)"), version) + raw(c_order, big));
    const NpyArray f = read(npy_front(npy_dict(descr, "(2, 3)", true), version) + raw(f_order, big));
    const NpyArray flat = read(npy_front(npy_dict(descr, "(6,)", version == 2), version) + raw(c_order, big));
    CHECK(c.shape == std::vector<Index>{2, 3});
    CHECK(flat.shape == std::vector<Index>{6});
    for (const NpyArray& array : {c, f, flat}) {
      CHECK(array.values == expected);
      CHECK(array.kind == kind);
      CHECK(array.item_size == sizeof(T));
      CHECK(array.was_float32 == std::is_same_v<T, float>);
    }
  }
}

template <class T>
void reads_integers(const std::string& code) {
  constexpr T low = sizeof(T) == 8 ? T(std::is_signed_v<T> ? -9007199254740992 : 0) : std::numeric_limits<T>::min();
  constexpr T high = sizeof(T) == 8 ? T(9007199254740992) : std::numeric_limits<T>::max();
  for (const std::string order : {"<", ">"}) {
    reads_everywhere<T>(order + code, {T(1), T(2), T(3), low, high, T(6)}, {T(1), low, T(2), high, T(3), T(6)},
                        NpyArray::Kind::integer);
  }
}

}  // namespace

TEST_CASE("npy: every dtype, byte order, memory order and version is read", "[io][npy]") {
  for (const std::string order : {"<", ">"}) {
    reads_everywhere<double>(order + "f8", {1.5, -2, 3e300, -0.0, 5e-324, 6}, {1.5, -0.0, -2, 5e-324, 3e300, 6},
                             NpyArray::Kind::floating);
    reads_everywhere<float>(order + "f4", {1.5F, -2, 3e38F, 4, 1e-45F, 6}, {1.5F, 4, -2, 1e-45F, 3e38F, 6},
                            NpyArray::Kind::floating);
  }
  reads_integers<std::int8_t>("i1");
  reads_integers<std::int16_t>("i2");
  reads_integers<std::int32_t>("i4");
  reads_integers<std::int64_t>("i8");
  reads_integers<std::uint8_t>("u1");
  reads_integers<std::uint16_t>("u2");
  reads_integers<std::uint32_t>("u4");
  reads_integers<std::uint64_t>("u8");
  reads_everywhere<std::uint8_t>("|b1", {0, 1, 1, 0, 0, 1}, {0, 0, 1, 0, 1, 1}, NpyArray::Kind::integer);
  reads_everywhere<std::uint8_t>("|u1", {0, 1, 1, 0, 0, 255}, {0, 0, 1, 0, 1, 255}, NpyArray::Kind::integer);
  reads_everywhere<double>("=f8", {0, 1, 1, 0, 0, 1}, {0, 0, 1, 0, 1, 1}, NpyArray::Kind::floating);
}

TEST_CASE("npy: no dimensions, no elements, large exact integers, NaN", "[io][npy]") {
  const NpyArray scalar = read(npy_front(npy_dict(">f4", "()")) + raw({-2.5F}, true));
  CHECK(scalar.shape.empty());
  CHECK(scalar.values == std::vector<double>{-2.5});
  CHECK(scalar.shape_text() == "()");
  CHECK(read(npy_front(npy_dict("<f8", "(0,)"))).values.empty());
  CHECK(read(npy_front(npy_dict("<f8", "(7, 0)", true))).shape == std::vector<Index>{7, 0});
  CHECK(read(npy_front(npy_dict("<i8", "(2,)")) + raw<std::int64_t>({INT64_MIN, 1LL << 60})).values ==
        std::vector<double>{-9223372036854775808.0, 1152921504606846976.0});
  CHECK(read(npy_front(npy_dict("<u8", "(1,)")) + raw<std::uint64_t>({std::uint64_t{1} << 63})).values ==
        std::vector<double>{9223372036854775808.0});
  const NpyArray nan = read(npy_front(npy_dict("<f8", "(2, 2)")) + raw({1.0, 2.0, std::nan(""), 4.0}));
  CHECK(message_of<std::invalid_argument>([&] { require_finite(nan, "x.npy"); }) ==
        "x.npy: expected finite numbers, got nan at [1, 0]");
  const NpyArray inf = read(npy_front(npy_dict("<f4", "()")) + raw({-std::numeric_limits<float>::infinity()}));
  CHECK(message_of<std::invalid_argument>([&] { require_finite(inf, "x.npy"); }) ==
        "x.npy: expected finite numbers, got -inf at []");
  CHECK_NOTHROW(require_finite(scalar, "x.npy"));
}

TEST_CASE("npy: the header may have any key order, white space, quotes and comma", "[io][npy]") {
  const std::string one = raw({1.0});
  for (const std::string dict : {"{'shape': (1,), 'fortran_order': False, 'descr': '<f8'}",
                                 "{\"descr\":\"<f8\",\"fortran_order\":True,\"shape\":(1,)}",
                                 " \t{ 'descr' :\n'<f8' , 'shape' : ( 1 , ) ,\r\n 'fortran_order' : False , } \n \n",
                                 "{'descr': \"<f8\", 'fortran_order': False, 'shape': (1, 1,)}"}) {
    CAPTURE(dict);
    CHECK(read(npy_front(dict) + one).values == std::vector<double>{1.0});
  }
}

TEST_CASE("npy: whatever is wrong with a file is one clear line", "[io][npy]") {
  struct Case {
    std::string file, expected;
  };
  const std::string data = raw({1.0, 2.0});
  const auto dict = [&](const std::string& text) { return npy_front(text) + data; };
  const auto dtype = [&](const std::string& descr) { return npy_front(npy_dict(descr, "(2,)")) + data; };
  const auto shape = [&](const std::string& text) { return npy_front(npy_dict("<f8", text)) + data; };
  std::string version = shape("(2,)");
  version[6] = 4;
  std::string minor = shape("(2,)");
  minor[7] = 1;
  const std::vector<Case> cases{
      {"", "expected a .npy file"},
      {"PK\x03\x04", "expected a .npy file"},
      {"\x93NUMPX\x01", "expected a .npy file"},
      {"\x93NUM", "cut .npy file: expected at least 7 bytes, got 4"},
      {"\x93NUMPY\x01", "cut .npy file: expected at least 8 bytes, got 7"},
      {version, "version 4.0; expected 1.0, 2.0 or 3.0"},
      {minor, "version 1.1; expected"},
      {std::string("\x93NUMPY\x01\0\xff\xff{", 11), "the header promises 65535 bytes, 1 are there"},
      {std::string("\x93NUMPY\x02\0\xff\xff\xff\xff", 12), "the header promises 4294967295 bytes, 0 are there"},
      {std::string("\x93NUMPY\x03\0\xff", 9), "cut .npy file: expected at least 12 bytes, got 9"},
      {dict(""), "byte 10: expected '{', got the end of the header"},
      {dict("[]"), "expected '{', got '[]'"},
      {dict("{"), "expected a key: 'descr', 'fortran_order' or 'shape', got the end of the header"},
      {dict("{}"), "expected the key 'descr'"},
      {dict("{'descr': '<f8', 'fortran_order': False}"), "expected the key 'shape'"},
      {dict("{'descr': '<f8', 'shape': (2,)}"), "expected the key 'fortran_order'"},
      {dict("{'descr': '<f8', 'descr': '<f8'}"), "byte 27: expected every key once, got ''descr': '<f8'}'"},
      {dict("{'shape': (2,), 'shape': (2,)}"), "expected every key once"},
      {dict("{'fortran_order': False, 'fortran_order': False}"), "expected every key once"},
      {dict("{'order': 'C'}"), "expected one of the keys"},
      {dict("{'descr' '<f8'}"), "expected ':'"},
      {dict("{'descr': '<f8' 'shape': (2,)}"), "expected ',' or '}'"},
      {dict("{'descr': '<f8"), "expected a closing quote"},
      {dict("{'descr': <f8}"), "expected a dtype in quotes"},
      {dict("{'descr': None}"), "expected a dtype in quotes, got 'None}'"},
      {dict("{'fortran_order': true}"), "expected True or False, got 'true}'"},
      {dict("{'fortran_order': 0}"), "expected True or False"},
      {dict(npy_dict("<f8", "(2,)") + "x"), "expected nothing after the closing '}', got 'x'"},
      {dict(npy_dict("<f8", "(2,)") + std::string(1, '\0')), "got '\\x00'"},
      {shape("2"), "expected a tuple of dimensions, got '2, }"},
      {shape("[2]"), "expected a tuple of dimensions"},
      {shape("(2)"), "expected ',' after the only dimension"},
      {dict("{'shape': (2"), "expected ',' after the only dimension"},
      {dict("{'shape': (1, 2"), "expected ',' or ')'"},
      {shape("(,)"), "expected a dimension, got ',)"},
      {shape("(-2,)"), "expected a dimension, got '-2,)"},
      {shape("(2.0,)"), "got '.0,)"},
      {shape("(02,)"), "expected a dimension without leading zeros, got '02,)"},
      {shape("(9223372036854775808,)"), "expected a dimension below 2^63, got '9223372036854775808"},
      {shape("(1, 1, 2)"), "more than 2 dimensions"},
      {shape("(3,)"), "promises 24 bytes of data for shape (3,) with items of 8 bytes, 16 are there"},
      {shape("(1,)"), "promises 8 bytes of data for shape (1,) with items of 8 bytes, 16 are there"},
      {shape("()"), "promises 8 bytes of data for shape () with items of 8 bytes, 16 are there"},
      {shape("(1000000000000,)"), "promises 8000000000000 bytes"},
      {shape("(1000000000000, 64)"), "promises 512000000000000 bytes"},
      {shape("(9223372036854775807, 3)"), "promises shape (9223372036854775807, 3), 16 bytes are there"},
      {shape("(4294967296, 4294967296)"), "promises shape (4294967296, 4294967296), 16 bytes"},
      {npy_front(npy_dict("<f8", "(1000000000000, 0)")), "expected dimensions up to 1000000"},
      {dtype("|O"), "dtype '|O' (Python objects) is not read; expected float32"},
      {dtype("<U5"), "dtype '<U5' (strings)"},
      {dtype("|S8"), "dtype '|S8' (strings)"},
      {dtype("<c16"), "dtype '<c16' (complex)"},
      {dtype("<f2"), "dtype '<f2' (float16)"},
      {dtype("<f16"), "dtype '<f16' (long double)"},
      {dtype("<M8[ns]"), "dtype '<M8[ns]' (dates)"},
      {dtype("|V8"), "dtype '|V8' (raw or structured)"},
      {dtype("<i16"), "dtype '<i16' (unknown)"},
      {dtype("<b2"), "(unknown)"},
      {dtype(""), "dtype '' (unknown)"},
      {dtype("<"), "dtype '<' (unknown)"},
      {dtype("f8"), "dtype 'f8' (without a byte order)"},
      {dtype("|f8"), "dtype '|f8' (without a byte order)"},
      {dict("{'descr': [('a', '<f4'), ('b', '<f4')]}"), "structured dtype '[('a', '<f4'), ('b', '<f4')]}'"},
      {npy_front(npy_dict("<i8", "(2,)")) + raw<std::int64_t>({1, 9007199254740993}),
       "the integer 9007199254740993 at [1] is not exact in double"},
      {npy_front(npy_dict("<i8", "(1, 1)")) + raw<std::int64_t>({INT64_MAX}), "9223372036854775807 at [0, 0]"},
      {npy_front(npy_dict(">u8", "()")) + raw<std::uint64_t>({UINT64_MAX}), "18446744073709551615 at []"},
      {npy_front(npy_dict("|b1", "(2,)")) + raw<std::uint8_t>({1, 2}), "the bool at [1] is the byte 2"},
  };
  for (const Case& bad : cases) {
    const std::string message = message_of<std::invalid_argument>([&] { read(bad.file); });
    CAPTURE(bad.expected, message);
    CHECK(message.starts_with("x.npy: "));
    CHECK(message.find(bad.expected) != std::string::npos);
    CHECK(one_line(message));
  }
}

TEST_CASE("npy: a file cut anywhere is refused, and so is a byte too many", "[io][npy]") {
  const std::string whole = npy_front(npy_dict("<f8", "(2, 2)")) + raw({1.0, 2.0, 3.0, 4.0});
  CHECK_NOTHROW(read(whole));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CAPTURE(length);
    CHECK_THROWS_AS(read(whole.substr(0, length)), std::invalid_argument);
  }
  CHECK_THROWS_AS(read(whole + '\0'), std::invalid_argument);
}

TEST_CASE("npy: what is no readable file is said with its path", "[io][npy]") {
  const Scratch scratch;
  const auto message = [](const std::filesystem::path& path) {
    return message_of<std::invalid_argument>([&] { read_npy(path); });
  };
  CHECK(message(scratch / "none.npy") ==
        "cannot read '" + (scratch / "none.npy").string() + "': No such file or directory");
  CHECK(message(scratch / "").ends_with("expected a file, got a directory"));
  CHECK(message("/dev/zero") == "cannot read '/dev/zero': expected a regular file, got a device or a pipe");
  CHECK(one_line(message(scratch / "line\nend.npy")));
}

}  // namespace backprove::test

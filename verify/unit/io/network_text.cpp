#include "core/io/network_text.hpp"

#include <string>
#include <vector>

#include "verify/unit/catch.hpp"
#include "verify/unit/io/scratch.hpp"

namespace backprove::test {

TEST_CASE("network text: pieces, numbers, networks inside, positions", "[io][network_text]") {
  const std::string text = "affine(64,32)  residual(affine(8,8) tanh) gelu_tanh";
  const std::vector<Piece> pieces = parse_network_text(text);
  REQUIRE(pieces.size() == 3);
  CHECK(pieces[0].name == "affine");
  CHECK(pieces[0].numbers == std::vector<Index>{64, 32});
  CHECK(pieces[0].inside.empty());
  CHECK(text.substr(pieces[0].begin, pieces[0].end - pieces[0].begin) == "affine(64,32)");
  CHECK(text.substr(pieces[1].begin, pieces[1].end - pieces[1].begin) == "residual(affine(8,8) tanh)");
  REQUIRE(pieces[1].inside.size() == 2);
  CHECK(pieces[1].inside[0].numbers == std::vector<Index>{8, 8});
  CHECK(pieces[1].inside[1].name == "tanh");
  CHECK(pieces[1].inside[1].begin == 36);
  CHECK(pieces[2].name == "gelu_tanh");
  CHECK(pieces[2].numbers.empty());
  CHECK(pieces[2].end == text.size());
}

TEST_CASE("network text: white space is free and the canonical form is stable", "[io][network_text]") {
  const std::string canonical = "affine(64,32) tanh residual(layer_norm(32) residual(tanh)) affine(32,1000000)";
  const std::string loose =
      "\n affine ( 64 ,\t32 )tanh  residual\r\n( layer_norm( 0032)residual (tanh ) )\v affine(32,1000000)\f";
  CHECK(to_text(parse_network_text(loose)) == canonical);
  CHECK(to_text(parse_network_text(canonical)) == canonical);
}

TEST_CASE("network text: every mistake is pointed at", "[io][network_text]") {
  struct Case {
    std::string text, expected;
  };
  const std::vector<Case> cases{
      {"", "column 1: expected at least one piece such as 'affine(64,32)', got an empty text"},
      {" \n", "column 3: expected at least one piece"},
      {"residual(tanh", "column 14: expected ')' to close 'residual(' opened at column 1, got the end of the text"},
      {"tanh affine(8,8",
       "column 16: expected ',' or ')' to close 'affine(' opened at column 6, got the end of the text"},
      {"affine(8 8)", "column 10: expected ',' or ')' to close 'affine(' opened at column 1, got '8'"},
      {"affine(0,4)", "column 8: 'affine(0,4)': widths are whole numbers from 1 to 1000000, got '0'"},
      {"tanh affine(4,-4) tanh", "column 15: 'affine(4,-4)': widths are whole numbers from 1 to 1000000, got '-4'"},
      {"affine(100000000000000000000,4)", "from 1 to 1000000, got '100000000000000000000'"},
      {"affine(1000001,4)", "got '1000001'"},
      {"affine(1e3,4)", "'affine(1e3,4)': widths are whole numbers from 1 to 1000000, got '1e3'"},
      {"affine(3.5,4)", "got '3.5'"},
      {"affine(+3,4)", "got '+3'"},
      {"affine(0x8,4)", "got '0x8'"},
      {"affine(4,nan)", "column 10: 'affine(4,nan)': widths are whole numbers from 1 to 1000000, got 'nan'"},
      {"affine()", "column 8: 'affine()': expected a number or a piece, got ')'"},
      {"affine(", "column 8: 'affine(': expected a number or a piece, got the end of the text"},
      {"affine(4,)", "column 10: 'affine(4,)': expected a number, got ')'"},
      {"affine(,4)", "expected a number or a piece, got ','"},
      {"affine(4,,4)", "column 10: 'affine(4,,4)': expected a number, got ','"},
      {"affine((4))", "expected a number or a piece, got '('"},
      {"tanh)", "column 5: expected a piece or the end of the text, got ')' that closes nothing"},
      {")", "column 1: expected a piece"},
      {"tanh, tanh", "column 5: expected a piece, got ','; pieces are separated by spaces"},
      {"residual(tanh, tanh)", "column 14: expected a piece, got ','"},
      {"residual(tanh 8)", "column 15: expected a piece such as 'affine(64,32)' or 'tanh', got '8'"},
      {"64 affine(8,8)", "column 1: expected a piece such as"},
      {"tanh (8)(8)", "column 9: expected a piece such as 'affine(64,32)' or 'tanh', got '('"},
      {"[tanh]", "got '[tanh]'"},
      {"tanh;", "column 5: expected a piece such as 'affine(64,32)' or 'tanh', got ';'"},
      {std::string("tanh\0tanh", 9), "column 5: expected a piece such as 'affine(64,32)' or 'tanh', got '\\x00tanh'"},
      {"affine(4\n,x", "got 'x'"},
      {"affine(" + std::string(2000, '1') + ")", "got '" + std::string(40, '1') + "...'"},
  };
  for (const Case& bad : cases) {
    const std::string message = message_of<std::invalid_argument>([&] { parse_network_text(bad.text); });
    CAPTURE(bad.text, bad.expected, message);
    CHECK(message.starts_with("network text, column "));
    CHECK(message.find(bad.expected) != std::string::npos);
    CHECK(one_line(message));
    CHECK(message.size() < 250);
  }
}

TEST_CASE("network text: depth, pieces and length have limits", "[io][network_text]") {
  const auto nested = [](int depth) {
    std::string text;
    for (int i = 0; i < depth; ++i) text += "r(";
    return text + "tanh" + std::string(static_cast<std::size_t>(depth), ')');
  };
  CHECK_NOTHROW(parse_network_text(nested(NetworkTextLimits::depth)));
  CHECK(message_of<std::invalid_argument>([&] { parse_network_text(nested(NetworkTextLimits::depth + 1)); }) ==
        "network text, column 131: expected networks nested at most 64 deep, got one more");
  CHECK_THROWS_AS(parse_network_text(nested(100000)), std::invalid_argument);

  std::string many;
  for (std::size_t i = 0; i < NetworkTextLimits::pieces; ++i) many += "a ";
  CHECK(parse_network_text(many).size() == NetworkTextLimits::pieces);
  CHECK(message_of<std::invalid_argument>([&] { parse_network_text(many + "a"); }) ==
        "network text, column 200001: expected at most 100000 pieces, got more");
  const std::string length(NetworkTextLimits::length - 1, ' ');
  CHECK_NOTHROW(parse_network_text(length + "a"));
  CHECK(message_of<std::invalid_argument>([&] { parse_network_text(length + " a"); }) ==
        "network text: expected at most 1048576 bytes, got 1048577");
}

}  // namespace backprove::test

#include "verify/rules/serve.hpp"

#include <fmt/format.h>

#include <cstring>
#include <istream>
#include <map>
#include <nlohmann/json.hpp>
#include <ostream>

#include "verify/rules/rule_case.hpp"

namespace backprove {

namespace {

using nlohmann::json;

/// Numbers go as the hexadecimal digits of their bytes in memory, so that every one arrives to the last bit.
template <class T>
std::string hex_of(const Vector<T>& x) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::vector<unsigned char> bytes(sizeof(T) * static_cast<std::size_t>(x.size()));
  if (!bytes.empty()) std::memcpy(bytes.data(), x.data(), bytes.size());
  std::string text;
  text.reserve(2 * bytes.size());
  for (const unsigned char byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

unsigned nibble(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  throw std::invalid_argument(fmt::format("expected hexadecimal digits 0-9 and a-f, got the byte {:#04x}",
                                          static_cast<unsigned>(static_cast<unsigned char>(c))));
}

template <class T>
Vector<T> vector_of(const std::string& text, std::string_view what, Index entries) {
  if (text.size() != 2 * sizeof(T) * static_cast<std::size_t>(entries))
    throw std::invalid_argument(fmt::format("'{}' expects {} hexadecimal digits ({} entries of {} bytes), got {}", what,
                                            2 * sizeof(T) * static_cast<std::size_t>(entries), entries, sizeof(T),
                                            text.size()));
  std::vector<unsigned char> bytes(text.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<unsigned char>(16 * nibble(text[2 * i]) + nibble(text[2 * i + 1]));
  Vector<T> x(entries);
  if (!bytes.empty()) std::memcpy(x.data(), bytes.data(), bytes.size());
  return x;
}

/// The text field `name` of a question.
std::string text_in(const json& question, const char* name) {
  const auto found = question.find(name);
  if (found == question.end() || !found->is_string())
    throw std::invalid_argument(fmt::format("expected a text '{}' in the question", name));
  return found->get<std::string>();
}

template <class T>
class Served {
 public:
  explicit Served(std::string_view scalar) : scalar_name(scalar) {
    for (RuleCase<T>& one : rule_cases<T>()) {
      order.push_back(one.name);
      cases.emplace(one.name, std::move(one));
    }
  }
  void list(json& all) const {
    for (const std::string& name : order) {
      const RuleCase<T>& one = cases.at(name);
      all.push_back({{"case", name},
                     {"scalar", scalar_name},
                     {"right", one.right},
                     {"outputs", one.function.outputs},
                     {"x", hex_of(one.function.x)}});
    }
  }
  json answer(const std::string& op, const json& question) const {
    const std::string name = text_in(question, "case");
    const auto found = cases.find(name);
    if (found == cases.end()) throw std::invalid_argument(fmt::format("there is no case '{}'", name));
    const ClaimedFunction<T>& f = found->second.function;
    const Vector<T> x = vector_of<T>(text_in(question, "x"), "x", f.x.size());
    if (op == "value") return {{"result", hex_of(f.value(x))}};
    if (op == "vjp") return {{"result", hex_of(f.vjp(x, vector_of<T>(text_in(question, "v"), "v", f.outputs)))}};
    if (op != "jvp") throw std::invalid_argument(fmt::format("expected op cases, value, vjp or jvp, got '{}'", op));
    const Vector<T> v = vector_of<T>(text_in(question, "v"), "v", f.x.size());
    ClaimedFunction<T> there = f;
    there.x = x;
    return {{"result", hex_of(Vector<T>(claimed_jacobian(there) * v))}};
  }

 private:
  std::string_view scalar_name;
  std::vector<std::string> order;
  std::map<std::string, RuleCase<T>> cases;
};

}  // namespace

void serve_rule_cases(std::istream& questions, std::ostream& answers) {
  const Served<float> in_float("float");
  const Served<double> in_double("double");
  const auto answer = [&](const std::string& line) -> json {
    const json question = json::parse(line, nullptr, false);
    if (!question.is_object()) throw std::invalid_argument(R"(expected a JSON object such as {"op":"cases"})");
    const std::string op = text_in(question, "op");
    if (op == "cases") {
      json all = json::array();
      in_float.list(all);
      in_double.list(all);
      return {{"cases", all}};
    }
    const std::string scalar = text_in(question, "scalar");
    if (scalar == "float") return in_float.answer(op, question);
    if (scalar == "double") return in_double.answer(op, question);
    throw std::invalid_argument(fmt::format("expected scalar float or double, got '{}'", scalar));
  };
  std::string line;
  for (Index number = 1; std::getline(questions, line); ++number) {
    try {
      answers << answer(line).dump(-1, ' ', false, json::error_handler_t::replace) << std::endl;
    } catch (const std::invalid_argument& error) {
      throw std::invalid_argument(fmt::format("question {}: {}", number, error.what()));
    }
    if (!answers) throw std::runtime_error("cannot write to standard output");
  }
}

}  // namespace backprove

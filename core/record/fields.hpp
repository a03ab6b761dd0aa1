#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

namespace backprove {

/// Strict reading of one JSON object: every field that is asked for must be there, and no others.
/// Errors: std::invalid_argument such as "cell: expected a whole number in 'batch', got null".
class Fields {
 public:
  /// `object` must outlive the reader; `what` names it in messages and is a literal.
  Fields(const nlohmann::json& object, std::string_view what, std::size_t count) : json(object), name(what) {
    if (!json.is_object())
      throw std::invalid_argument(fmt::format("{}: expected an object, got {}", name, shown(json)));
    if (json.size() != count) {
      throw std::invalid_argument(fmt::format("{}: expected {} fields, got {}", name, count, json.size()));
    }
  }

  const nlohmann::json& at(const char* key) const {
    const auto found = json.find(key);
    if (found == json.end()) throw std::invalid_argument(fmt::format("{}: '{}' is missing", name, key));
    return *found;
  }
  const std::string& text(const char* key) const {
    const nlohmann::json& value = at(key);
    if (!value.is_string()) refuse("a text", key, value);
    return value.get_ref<const std::string&>();
  }
  /// A whole number from 0 to `most`.
  std::uint64_t whole(const char* key, std::uint64_t most) const {
    const nlohmann::json& value = at(key);
    // JSON built in memory from a signed number keeps it signed; from text every number without a sign is unsigned.
    const bool negative = value.is_number_integer() && !value.is_number_unsigned() && value.get<std::int64_t>() < 0;
    if (!value.is_number_integer() || negative || value.get<std::uint64_t>() > most) {
      refuse(fmt::format("a whole number from 0 to {}", most), key, value);
    }
    return value.get<std::uint64_t>();
  }

  [[noreturn]] void refuse(std::string_view expected, std::string_view key, const nlohmann::json& value) const {
    throw std::invalid_argument(fmt::format("{}: expected {} in '{}', got {}", name, expected, key, shown(value)));
  }

 private:
  const nlohmann::json& json;
  std::string_view name;

  /// Numbers in full, anything larger by its type.
  static std::string shown(const nlohmann::json& value) {
    return value.is_number() || value.is_boolean() ? value.dump() : value.type_name();
  }
};

}  // namespace backprove

#include "core/record/cell.hpp"

#include <limits>
#include <nlohmann/json.hpp>

#include "core/record/fields.hpp"
#include "core/record/hash.hpp"

namespace backprove {

nlohmann::json to_json(const Cell& cell) {
  return {{"network", cell.network}, {"depth", cell.depth},   {"width", cell.width},     {"batch", cell.batch},
          {"loss", cell.loss},       {"data", cell.data},     {"seed", cell.seed},       {"strategy", cell.strategy},
          {"scalar", cell.scalar},   {"kernel", cell.kernel}, {"threads", cell.threads}, {"options", cell.options}};
}

Cell cell_from_json(const nlohmann::json& json) {
  constexpr auto largest_index = static_cast<std::uint64_t>(std::numeric_limits<Index>::max());
  const Fields fields(json, "cell", 12);
  Cell cell;
  cell.network = fields.text("network");
  cell.depth = static_cast<Index>(fields.whole("depth", largest_index));
  cell.width = static_cast<Index>(fields.whole("width", largest_index));
  cell.batch = static_cast<Index>(fields.whole("batch", largest_index));
  cell.loss = fields.text("loss");
  cell.data = fields.text("data");
  cell.seed = fields.whole("seed", std::numeric_limits<std::uint64_t>::max());
  cell.strategy = fields.text("strategy");
  cell.scalar = fields.text("scalar");
  cell.kernel = fields.text("kernel");
  cell.threads = static_cast<int>(fields.whole("threads", std::numeric_limits<int>::max()));
  const nlohmann::json& options = fields.at("options");
  if (!options.is_object()) fields.refuse("an object", "options", options);
  for (const auto& [key, value] : options.items()) {
    if (!value.is_string()) fields.refuse("texts", "options", value);
    cell.options.emplace(key, value.get_ref<const std::string&>());
  }
  return cell;
}

std::string Cell::id() const {
  return hash_text(to_json(*this).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace backprove

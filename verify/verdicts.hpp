#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/record/row.hpp"

namespace backprove {

/// The judgements among the rows, for other programs: one JSON document (reports/verdicts.md describes it).
nlohmann::json verdict_document(const std::vector<Row>& rows);

/// The same as JUnit XML: a test suite a network, a test case a judgement; what is not decided is skipped.
std::string junit_document(const std::vector<Row>& rows);

}  // namespace backprove

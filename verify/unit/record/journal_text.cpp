#include "core/record/journal_text.hpp"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/record/hash.hpp"
#include "verify/unit/catch.hpp"
#include "verify/unit/io/scratch.hpp"
#include "verify/unit/record/sample_rows.hpp"

namespace backprove::test {
namespace {

std::string journal_of(int records) {
  std::string text(journal_header());
  for (int i = 0; i < records; ++i) text += journal_line("cell " + std::to_string(i), sample_rows(i));
  return text;
}

/// A line whose checksum fits, whatever the body.
std::string signed_line(const std::string& body) { return body + ",\"checksum\":\"" + hash_text(body) + "\"}\n"; }

std::string same_rows(const std::vector<Row>& rows) {
  nlohmann::json list = nlohmann::json::array();
  for (const Row& row : rows) list.push_back(to_json(row));
  return list.dump();
}

}  // namespace

TEST_CASE("journal text: what is written is read, NaN and line ends in notes included", "[record][journal]") {
  const JournalText journal = parse_journal(journal_of(3), "j");
  REQUIRE(journal.records.size() == 3);
  CHECK(journal.notice.empty());
  CHECK(journal.good_length == journal_of(3).size());
  for (int i = 0; i < 3; ++i) {
    CHECK(journal.records[static_cast<std::size_t>(i)].key == "cell " + std::to_string(i));
    CHECK(same_rows(journal.records[static_cast<std::size_t>(i)].rows) == same_rows(sample_rows(i)));
  }
  const std::string empty = std::string(journal_header()) + journal_line("\"quoted\\", {});
  CHECK(parse_journal(empty, "j").records.at(0).key == "\"quoted\\");
  CHECK(parse_journal(empty, "j").records.at(0).rows.empty());
}

TEST_CASE("journal text: a last line that is cut at any byte is forgiven", "[record][journal]") {
  const std::string whole = journal_of(2);
  const std::string kept = journal_of(1);
  for (std::size_t length = kept.size() + 1; length < whole.size(); ++length) {
    const JournalText journal = parse_journal(whole.substr(0, length), "j");
    CHECK(journal.records.size() == 1);
    CHECK(journal.good_length == kept.size());
    CHECK(journal.notice == "j, line 3: torn, its " + std::to_string(length - kept.size()) + " bytes are dropped");
  }
  for (std::size_t length = 1; length < journal_header().size(); ++length) {
    const JournalText journal = parse_journal(journal_header().substr(0, length), "j");
    CHECK(journal.good_length == 0);
    CHECK(journal.notice == "j: the first line was torn and is written again");
  }
  CHECK(parse_journal("", "j").notice.empty());
  CHECK(parse_journal(kept + std::string(5000, '\0'), "j").good_length == kept.size());
}

TEST_CASE("journal text: any other damage is an error that names the line", "[record][journal]") {
  const std::string whole = journal_of(2);
  const std::size_t begin = journal_of(1).size();
  for (std::size_t at = journal_header().size(); at < whole.size() - 1; ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    const std::string message = message_of<std::invalid_argument>([&] { parse_journal(damaged, "j"); });
    CAPTURE(at, message);
    // A byte that turns into a line feed moves the damage to a line of its own.
    CHECK(message.starts_with(at < begin ? "j, line 2: " : "j, line 3: "));
    CHECK(one_line(message));
  }
}

TEST_CASE("journal text: mistakes with a checksum that fits", "[record][journal]") {
  const std::string row = to_json(sample_rows()[0]).dump();
  const auto message = [&](const std::string& lines) {
    return message_of<std::invalid_argument>([&] { parse_journal(std::string(journal_header()) + lines, "j"); });
  };
  CHECK(message("\n").starts_with("j, line 2: expected a checksum at the end of the line, got ''"));
  CHECK(message(signed_line("{\"key\":\"a\",\"rows\":[")) == "j, line 2: the line is not valid JSON");
  CHECK(message(signed_line("{\"key\":\"a\",\"rows\":[{}]")) == "j, line 2: row: expected 6 fields, got 0");
  CHECK(message(signed_line("{\"key\":\"a\",\"rows\":{}")) ==
        "j, line 2: record: expected a list in 'rows', got object");
  CHECK(message(signed_line("{\"key\":1,\"rows\":[]")) == "j, line 2: record: expected a text in 'key', got 1");
  CHECK(message(signed_line("{\"key\":\"a\"")) == "j, line 2: record: expected 3 fields, got 2");
  CHECK(message(signed_line("{\"name\":\"a\",\"rows\":[]")) == "j, line 2: record: 'key' is missing");
  CHECK(message(signed_line("{\"key\":\"a\",\"rows\":" + std::string(100000, '['))) ==
        "j, line 2: expected JSON nested at most 5 deep, got deeper");
  CHECK(message(journal_line("a", {}) + journal_line("b", {}) + journal_line("a", {})) ==
        "j, line 4: the key 'a' was there before, in line 2");
  CHECK(message("{\"key\":\"a\",\"rows\":[],\"checksum\":\"0123456789abcdef\"}\n")
            .starts_with("j, line 2: the line is damaged: its checksum is '0123456789abcdef', its content gives '"));
  CHECK(message(signed_line("{\"key\":\"a\",\"rows\":[" + row + "]")) == "no exception");
}

TEST_CASE("journal text: a file that is no journal is never taken for a torn one", "[record][journal]") {
  for (const std::string text : {"hello", "{\"backprove_journal\":2}\n", "{\"backprove_journal\":1} \n", "\n", "{}\n",
                                 "{\"backprove_journal\":1}\r\n", "cell,network\n"}) {
    const std::string message = message_of<std::invalid_argument>([&] { parse_journal(text, "dir/j"); });
    CAPTURE(text, message);
    CHECK(message.starts_with("dir/j, line 1: expected a journal, which begins with {\"backprove_journal\":1}, got '"));
    CHECK(one_line(message));
  }
  for (const std::string key : {"", "a\nb", "\xc3\xa9"}) CHECK_THROWS_AS(journal_line(key, {}), std::invalid_argument);
}

}  // namespace backprove::test

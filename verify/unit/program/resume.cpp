#include <chrono>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "core/record/journal_text.hpp"
#include "verify/unit/catch.hpp"
#include "verify/unit/program/run_program.hpp"

namespace backprove::test {
namespace {

namespace fs = std::filesystem;

/// A second or two of work. Of the 6 x 3 networks those of depth 1 are one and the same: 16, each in 2 x 2 groups of
/// cells.
const std::string sweep =
    "verify --depth 1,2,3,4,5,6 --width 2,3,4 --inputs 3 --scalar float,double --threads 1,2 --loss squared_error "
    "--batch 2 "
    "--jobs 2 --quiet --out out ";
constexpr std::size_t groups = 64;

/// The lines of rows.csv; those of quantity `seconds` apart.
struct Rows {
  std::vector<std::string> reproducible, times;
};

Rows rows_of(const Scratch& scratch) {
  Rows rows;
  std::istringstream text(content(scratch / "out/rows.csv"));
  for (std::string line; std::getline(text, line);)
    (line.find(",seconds,") == std::string::npos ? rows.reproducible : rows.times).push_back(line);
  return rows;
}

/// One uninterrupted run, shared by all tests.
const Rows& uninterrupted() {
  static const Rows rows = [] {
    const Scratch scratch;
    const Finished run = backprove(sweep, scratch / ".");
    INFO(run.err);
    REQUIRE(run.status == 0);
    return rows_of(scratch);
  }();
  return rows;
}

JournalText journal_of(const Scratch& scratch) {
  return parse_journal(content(scratch / "out/journal.jsonl"), "journal");
}

/// Every row of the uninterrupted run once, in its order.
void check_complete(const Scratch& scratch) {
  const Rows rows = rows_of(scratch);
  CHECK(rows.reproducible == uninterrupted().reproducible);
  CHECK(rows.times.size() == uninterrupted().times.size());
  CHECK(std::set<std::string>(rows.reproducible.begin(), rows.reproducible.end()).size() == rows.reproducible.size());
  const JournalText journal = journal_of(scratch);
  CHECK(journal.notice.empty());
  CHECK(journal.records.size() == groups);
}

TEST_CASE("resume: a sweep that is killed again and again ends with the rows of one that was not",
          "[program][resume]") {
  const Scratch scratch;
  const fs::path journal = scratch / "out/journal.jsonl";
  std::mt19937 random(20241);
  int in_the_middle = 0;
  for (int kill = 0; kill < 8; ++kill) {
    std::error_code missing;
    const auto size_before = fs::exists(journal) ? fs::file_size(journal, missing) : 0;
    Running run(BACKPROVE_PROGRAM, words(sweep), scratch / ".");
    for (int wait = 0; wait < 5000; ++wait) {  // until something was appended, then a little longer
      const auto size = fs::file_size(journal, missing);
      if (!missing && size > size_before + 100) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 60000));
    const int status = run.kill().status;
    const std::size_t done = journal_of(scratch).records.size();
    INFO("kill " << kill << " after " << done << " groups");
    CHECK((status == -SIGKILL || done == groups));
    if (status == -SIGKILL && done > 0 && done < groups) ++in_the_middle;
  }
  CHECK(in_the_middle >= 3);
  const Finished last = backprove(sweep, scratch / ".");
  INFO(last.err);
  CHECK(last.status == 0);
  check_complete(scratch);
}

TEST_CASE("resume: a torn last line of the journal is forgiven", "[program][resume]") {
  const Scratch scratch;
  REQUIRE(backprove(sweep, scratch / ".").status == 0);
  const fs::path journal = scratch / "out/journal.jsonl";
  const std::string whole = content(journal);
  const std::size_t last = whole.rfind('\n', whole.size() - 2) + 1;
  for (const std::string& torn :
       {whole.substr(0, last + (whole.size() - last) / 2), whole.substr(0, whole.size() - 1), whole + "{\"key\":\"tor",
        whole + std::string(3, '\0'), std::string("{\"backprove_jou"), std::string()}) {
    put(journal, torn);
    const Finished run = backprove(sweep, scratch / ".");
    INFO(run.err);
    CHECK(run.status == 0);
    CHECK((torn.empty() ? run.err.empty() : run.err.find("torn") != std::string::npos));
    check_complete(scratch);
  }
}

TEST_CASE("resume: a finished sweep does nothing when it is started again", "[program][resume]") {
  const Scratch scratch;
  REQUIRE(backprove(sweep, scratch / ".").status == 0);
  const std::string rows = content(scratch / "out/rows.csv"), journal = content(scratch / "out/journal.jsonl");
  const Finished again = backprove(sweep, scratch / ".");
  CHECK(again.status == 0);
  CHECK(again.err.empty());
  CHECK(content(scratch / "out/rows.csv") == rows);  // times too: they come from the journal
  CHECK(content(scratch / "out/journal.jsonl") == journal);
  Arguments loud = words(sweep);
  std::erase(loud, "--quiet");
  CHECK(backprove(loud, scratch / ".").err == "64 of 64 cell groups are in the journal already\n");
}

TEST_CASE("resume: cells that a sweep names twice are run once", "[program][resume]") {
  const Scratch scratch;
  const std::string rest = " --loss squared_error --batch 2 --quiet --out ";
  REQUIRE(backprove("verify --depth 1,2,1 --width 3,3 --scalar double,double --threads 1,1 --strategy "
                    "reverse_vjp,forward_mode,reverse_vjp" +
                        rest + "out",
                    scratch / ".")
              .status == 0);
  const Rows twice = rows_of(scratch);
  const Scratch other;
  REQUIRE(backprove("verify --depth 1,2 --width 3 --scalar double --strategy reverse_vjp,forward_mode" + rest + "out",
                    other / ".")
              .status == 0);
  CHECK(twice.reproducible == rows_of(other).reproducible);
}

TEST_CASE("resume: one run at a time", "[program][resume]") {
  const Scratch scratch;
  Running first(BACKPROVE_PROGRAM, words(sweep), scratch / ".");
  const fs::path journal = scratch / "out/journal.jsonl";
  std::error_code missing;
  for (int wait = 0; wait < 5000 && (!fs::exists(journal, missing) || fs::file_size(journal, missing) == 0); ++wait)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  fs::create_directories(scratch / "elsewhere");
  const Finished second = backprove(words("verify --depth 1 --width 2 --quiet --out ../out"), scratch / "elsewhere");
  CHECK(second.status == 2);
  CHECK(second.error_lines() == 1);
  CHECK(second.err.find("is in use by another run; wait for it or choose another --out") != std::string::npos);
  CHECK(first.wait().status == 0);
  check_complete(scratch);
}

TEST_CASE("resume: a full disk ends the run with one line and loses no finished cell", "[program][resume]") {
  const Scratch scratch;
  REQUIRE(backprove(sweep, scratch / ".").status == 0);
  const auto size = fs::file_size(scratch / "out/journal.jsonl");
  for (const auto limit : {size / 2, size - size / 10}) {  // times make the size vary by some bytes
    fs::remove_all(scratch / "out");
    const Finished run = backprove(sweep, scratch / ".", limit);
    INFO(run.err);
    CHECK(run.status == 2);
    CHECK(run.error_lines() == 1);
    CHECK(run.err.find("cannot write 'out/journal.jsonl': File too large") != std::string::npos);
    const JournalText journal = journal_of(scratch);
    CHECK(journal.notice.empty());
    CHECK(journal.records.size() > groups / 4);
    CHECK(journal.records.size() < groups);
    const Finished again = backprove(sweep, scratch / ".");
    INFO(again.err);
    CHECK(again.status == 0);
    check_complete(scratch);
  }
}

TEST_CASE("resume: rows.csv that does not fit on the disk is kept as it was", "[program][resume]") {
  const Scratch scratch;
  REQUIRE(backprove(sweep, scratch / ".").status == 0);
  const std::string rows = content(scratch / "out/rows.csv");
  const Finished run = backprove(sweep, scratch / ".", rows.size() / 2);
  INFO(run.err);
  CHECK(run.status == 2);
  CHECK(run.err == "backprove: cannot write 'out/rows.csv': File too large\n");
  CHECK(content(scratch / "out/rows.csv") == rows);
  check_complete(scratch);
}

}  // namespace
}  // namespace backprove::test

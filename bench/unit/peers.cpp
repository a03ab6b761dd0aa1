#include "bench/peers/peers.hpp"

#include <cmath>
#include <map>

#include "core/io/npy.hpp"
#include "verify/unit/catch.hpp"
#include "verify/unit/program/run_program.hpp"

namespace backprove::test {
namespace {

/// A problem, our gradient of it, and a folder of programs that pretend to be peers.
class Pretenders {
 public:
  Pretenders() : problem({"affine(3,4) tanh affine(4,2)", "softmax_cross_entropy", Reduction::mean, {}, 0}) {
    problem.make([](const std::string&) {});
    Options options;
    options.input_gradient = false;
    const Data& data = problem.data();
    outcome = engine_named("double").run(
        "reverse_vjp", {problem.network(), problem.loss(), view(data.theta), view(data.x), view(data.y), options});
    std::vector<double> right;
    for (Index i = 0; i < outcome.gradient.size(); ++i) right.push_back(outcome.gradient.as_double(i));
    write_npy(scratch / "right.npy", right, {outcome.gradient.size()});
    right[3] += 1e-3;
    write_npy(scratch / "wrong.npy", right, {outcome.gradient.size()});
    right.pop_back();
    write_npy(scratch / "short.npy", right, {outcome.gradient.size() - 1});
    std::filesystem::create_directories(scratch / "programs");
    put(scratch / "programs/worker.py", "");
  }

  /// A program that greets, then answers the first question by `prepare` and the second by `time`.
  void add(const std::string& name, const std::string& prepare, const std::string& time) {
    put(scratch / "programs" / (name + ".py"),
        "import json, shutil, sys, time, os\n"
        "print(json.dumps({'version': 'pretender 1', 'settings': {}}), flush=True)\n"
        "q = json.loads(sys.stdin.readline())\nassert q['op'] == 'prepare'\n" +
            prepare + "\nq = json.loads(sys.stdin.readline())\nassert q['op'] == 'time'\n" + time + "\n");
  }
  std::string gives(const std::string& file) const {
    return "shutil.copy('" + (scratch / file).string() +
           "', q['gradient']); print(json.dumps({'call': 1e-3}), flush=True)";
  }
  std::vector<Row> rows(const std::string& name, double patience = 60) {
    Peers peers({name}, scratch / "work", "/usr/bin/python3", scratch / "programs");
    Cell cell = problem.cell();
    cell.scalar = "double";
    Peers::Task task{
        problem, cell, outcome.gradient, Vector<double>::Constant(outcome.gradient.size(), 1e-14), {{1, 1e-4}}, 20,
        1,       1e9};
    task.parameters = outcome.gradient.size();
    task.patience = patience;
    return peers.rows(task, samples);
  }
  const Row* row(const std::vector<Row>& all, std::string_view quantity) const {
    for (const Row& one : all)
      if (one.quantity == quantity) return &one;
    return nullptr;
  }

  const Scratch scratch;
  SpecifiedProblem problem;
  Outcome outcome;
  std::string samples;
};

const std::string times = "print(json.dumps({'seconds': [3e-4, 2e-4, 2e-4, 2e-4, 2e-4]}), flush=True)";

}  // namespace

TEST_CASE("peers: a right one is compared and timed") {
  Pretenders pretenders;
  pretenders.add("honest", pretenders.gives("right.npy"), times);
  const std::vector<Row> rows = pretenders.rows("honest");
  REQUIRE(pretenders.row(rows, "verified"));
  CHECK(pretenders.row(rows, "verified")->status == Status::ok);
  CHECK(pretenders.row(rows, "verified")->cell.strategy == "honest");
  REQUIRE(pretenders.row(rows, "seconds_p10"));
  CHECK(pretenders.row(rows, "seconds_p10")->value == Approx(2e-4));
  CHECK(pretenders.row(rows, "ratio_to_peer")->value == Approx(2));
  CHECK(pretenders.row(rows, "best_ratio_to_peer")->value == Approx(2));
  CHECK(std::ranges::count(pretenders.samples, '\n') == 5);
}

TEST_CASE("peers: whatever goes wrong is a row, and nothing is timed") {
  Pretenders pretenders;
  pretenders.add("wrong", pretenders.gives("wrong.npy"), times);
  pretenders.add("short", pretenders.gives("short.npy"), times);
  pretenders.add("without_file", "print(json.dumps({'call': 1e-3}), flush=True)", times);
  pretenders.add("garbage", "print('hello', flush=True)", times);
  pretenders.add("crash", "print('I cannot', file=sys.stderr); os._exit(3)", times);
  pretenders.add("silent", "time.sleep(100)", times);
  pretenders.add("modest", "print(json.dumps({'unsupported': 'too hard'}), flush=True)", times);
  pretenders.add("slow",
                 "shutil.copy('" + (pretenders.scratch / "right.npy").string() +
                     "', q['gradient']); print(json.dumps({'call': 100.0}), flush=True)",
                 times);
  put(pretenders.scratch / "programs/absent.py", "import no_such_library\n");
  const std::map<std::string, std::pair<Status, std::string>> expected{
      {"wrong", {Status::failed, "times both bounds"}},
      {"short", {Status::failed, "numbers in place of"}},
      {"without_file", {Status::failed, "gradient.npy"}},
      {"garbage", {Status::failed, "no JSON object"}},
      {"crash", {Status::failed, "it ended; its last words: I cannot"}},
      {"silent", {Status::failed, "no answer within 1 s"}},
      {"modest", {Status::unsupported, "too hard"}},
      {"absent", {Status::unsupported, "not installed: "}},
  };
  for (const auto& [name, wanted] : expected) {
    CAPTURE(name);
    const std::vector<Row> rows = pretenders.rows(name, name == "silent" ? 1 : 60);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].quantity == "verified");
    CHECK(rows[0].status == wanted.first);
    CAPTURE(rows[0].note);
    CHECK(rows[0].note.find(wanted.second) != std::string::npos);
  }
  const std::vector<Row> slow = pretenders.rows("slow");
  REQUIRE(pretenders.row(slow, "seconds_p10"));
  CHECK(pretenders.row(slow, "seconds_p10")->status == Status::limit);
  CHECK_FALSE(pretenders.row(slow, "ratio_to_peer"));
}

TEST_CASE("peers: none installed is a row; unknown ones and missing partners are one line and status 2") {
  const Scratch scratch;
  Peers peers({"pytorch_eager"}, scratch / "work", "");
  Pretenders pretenders;
  std::string samples;
  Cell cell = pretenders.problem.cell();
  const std::vector<Row> rows =
      peers.rows({pretenders.problem, cell, pretenders.outcome.gradient, {}, {{1, 1e-4}}, 20, 1, 1e9}, samples);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].status == Status::unsupported);
  CHECK(rows[0].note == "not installed (scripts/setup --peers)");
  for (const auto& [arguments, expected] :
       {std::pair{"bench --depth 2 --peers fast --out out", "unknown peer 'fast'; known are:"},
        std::pair{"bench --depth 2 --peers jax_jit --strategy forward_mode --out out",
                  "--peers are compared with reverse_vjp"},
        std::pair{"bench --depth 2 --kernel fast --out out", "unknown kernel 'fast'; known are: auto plain"},
        std::pair{"limits --library mkl", "unknown library 'mkl'; known are:"}}) {
    CAPTURE(arguments);
    const Finished run = backprove(arguments, scratch / ".");
    CHECK(run.status == 2);
    CHECK(run.error_lines() == 1);
    CHECK(run.err.find(expected) != std::string::npos);
  }
}

}  // namespace backprove::test

#include "bench/peers/peers.hpp"

#include <cmath>
#include <map>
#include <sstream>

#include "bench/timed_cell.hpp"
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
    put(scratch / "programs/worker.py", "");  // says of nothing that it is a peer
    std::filesystem::create_directories(scratch / "programs/native");
    std::filesystem::create_directories(scratch / "built");
  }

  /// A program that greets, then answers the first question by `prepare` and those that follow by `time`.
  void add(const std::string& name, const std::string& prepare, const std::string& time,
           const std::string& declared = "reverse_vjp: Pretender, needs json") {
    put(scratch / "programs" / (name + ".py"),
        "# Peer of " + declared +
            "\n"
            "import json, shutil, sys, time, os\n"
            "print(json.dumps({'version': 'pretender 1', 'settings': {}}), flush=True)\n"
            "q = json.loads(sys.stdin.readline())\nassert q['op'] == 'prepare'\n" +
            prepare +
            "\nfor turn, line in enumerate(sys.stdin):\n    q = json.loads(line)\n    assert q['op'] == 'time'\n    " +
            time + "\n");
  }
  std::string gives(const std::string& file) const {
    return "shutil.copy('" + (scratch / file).string() +
           "', q['gradient']); print(json.dumps({'call': 1e-3}), flush=True)";
  }
  /// One that the worker of our own peers serves, and whose preparation raises `error`.
  void add_raising(const std::string& name, const std::string& error) {
    put(scratch / "programs" / (name + ".py"),
        "# Peer of reverse_vjp: Pretender, needs numpy\nimport sys\nsys.path.insert(0, '" +
            peer_places().programs.string() + "')\nimport worker\ndef prepare(job):\n    raise " + error +
            "\nworker.serve('pretender 2', {}, prepare)\n");
  }
  PeerPlaces places() const { return {"/usr/bin/python3", scratch / "programs", scratch / "built"}; }
  /// Something that takes so long in every turn.
  static Turn always(double seconds) {
    return [seconds](Index, Index, double) { return std::vector{seconds, 2 * seconds}; };
  }
  /// Ours by reverse_vjp takes 1e-4 s on one thread and 5e-5 s on two, if there are two.
  Peers::Task task(int threads = 1) const {
    Cell cell = problem.cell();
    cell.scalar = "double";
    const Vector<double> bound = Vector<double>::Constant(outcome.gradient.size(), 1e-14);
    Peers::Task one{problem, cell, outcome.gradient, bound, {{"reverse_vjp", {bound, {{1, always(1e-4)}}}}}, 20,
                    1,       1e9};
    if (threads > 1) one.counterparts.at("reverse_vjp").turns[2] = always(5e-5);
    one.parameters = outcome.gradient.size();
    one.patience = 60;
    return one;
  }
  std::vector<Row> rows(const std::string& name, const Peers::Task& of) {
    Peers peers(peers_named({name}, places()), scratch / "work", places());
    return peers.rows(of, samples);
  }
  std::vector<Row> rows(const std::string& name, double patience = 60) {
    Peers::Task one = task();
    one.patience = patience;
    return rows(name, one);
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
  // Of 1e-4 and 2e-4 the p10 is 1.1e-4.
  CHECK(pretenders.row(rows, "ratio_to_peer")->value == Approx(2 / 1.1));
  CHECK(pretenders.row(rows, "best_ratio_to_peer")->value == Approx(2 / 1.1));
  std::istringstream lines(pretenders.samples);
  std::map<std::string, Index> counts;
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    CHECK(std::ranges::count(line, ',') == std::ranges::count(sample_columns, ','));
    const std::size_t at = line.find(',') + 1;
    ++counts[line.substr(at, line.find(',', at) - at)];
  }
  CHECK(counts == std::map<std::string, Index>{{"beside honest", 10}, {"peer", 25}});
}

TEST_CASE("peers: sampled in turns with ours, a slower while of the machine meets both") {
  Pretenders pretenders;
  // The machine does everything three times as slowly from the third turn on; the 20 samples are four a turn.
  pretenders.add("patient", pretenders.gives("right.npy"),
                 "assert q['samples'] == 4 and 0 < q['seconds'] <= 0.2 and q['warming'] == 0.03; "
                 "print(json.dumps({'seconds': [(2e-4 if turn < 2 else 6e-4)] * 4}), flush=True)");
  std::vector<Index> asked;
  Peers::Task task = pretenders.task();
  task.counterparts.at("reverse_vjp").turns[1] = [&](Index turn, Index most, double seconds) {
    CHECK(most == 4);
    CHECK(seconds <= 0.2);
    asked.push_back(turn);
    return std::vector<double>(4, turn < 2 ? 1e-4 : 3e-4);
  };
  const std::vector<Row> rows = pretenders.rows("patient", task);
  CHECK(asked == std::vector<Index>{0, 1, 2, 3, 4});
  REQUIRE(pretenders.row(rows, "ratio_to_peer"));
  CHECK(pretenders.row(rows, "ratio_to_peer")->value == Approx(2));
  CHECK(pretenders.row(rows, "ratio_to_peer")->note ==
        "median of 5 turns (the middle half 2 to 2), its p10 over that of reverse_vjp");
  CHECK(pretenders.row(rows, "seconds_p10")->value == Approx(2e-4));
  CHECK(pretenders.row(rows, "seconds_p10")->note == "pretender 1; 20 samples");
  // One that gives up in its second turn is no longer timed, and a row says so.
  pretenders.add("weary", pretenders.gives("right.npy"),
                 "turn == 0 or os._exit(3); print(json.dumps({'seconds': [1e-4]}), flush=True)");
  Index ours = 0;
  task.counterparts.at("reverse_vjp").turns[1] = [&](Index, Index, double) { return std::vector{1e-4 * ++ours}; };
  const std::vector<Row> lost = pretenders.rows("weary", task);
  CHECK(ours == usual_turns);  // nothing is left to settle
  CHECK_FALSE(pretenders.row(lost, "seconds_p10"));
  CHECK_FALSE(pretenders.row(lost, "best_ratio_to_peer"));
  CHECK(lost.back().status == Status::failed);
  CHECK(lost.back().note.find("the peer failed: it ended") != std::string::npos);
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
  put(pretenders.scratch / "programs/absent.py",
      "# Peer of reverse_vjp: Nobody, needs no_such_library\nimport no_such_library\n");
  pretenders.add("costly", "print(json.dumps({'limit': 'a tape of 5e12 bytes'}), flush=True)", times);
  pretenders.add_raising("greedy", "RuntimeError('RESOURCE_EXHAUSTED: 55 GB')");
  pretenders.add_raising("mistaken", "RuntimeError('no such operator')");
  pretenders.add_raising("heavy", "worker.Beyond('XLA needs about 5e12 bytes')");
  const std::map<std::string, std::pair<Status, std::string>> expected{
      {"greedy", {Status::limit, "it got no more memory: RESOURCE_EXHAUSTED: 55 GB"}},
      {"mistaken", {Status::failed, "no such operator"}},
      {"heavy", {Status::limit, "XLA needs about 5e12 bytes"}},
      {"wrong", {Status::failed, "times both bounds"}},
      {"short", {Status::failed, "numbers in place of"}},
      {"without_file", {Status::failed, "gradient.npy"}},
      {"garbage", {Status::failed, "no JSON object"}},
      {"crash", {Status::failed, "it ended; its last words: I cannot"}},
      {"silent", {Status::limit, "no answer within 1 s"}},
      {"costly", {Status::limit, "a tape of 5e12 bytes"}},
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

TEST_CASE("peers: each is compared with its counterpart, and a row says when that was not timed") {
  Pretenders pretenders;
  pretenders.add("explicit", pretenders.gives("right.npy"), times,
                 "jacobian_structured: Pretender of Jacobians, needs json");
  const PeerInfo peer = peers_named({"explicit"}, pretenders.places()).front();
  CHECK(peer.counterpart == "jacobian_structured");
  CHECK(peer.system == "Pretender of Jacobians");
  CHECK(peer.needs == "json");
  CHECK_FALSE(peer.one_thread);
  std::vector<Row> rows = pretenders.rows("explicit");
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].status == Status::unsupported);
  CHECK(rows[0].note == "compared with jacobian_structured, which was not timed here");
  Peers::Task task = pretenders.task();
  task.counterparts["jacobian_structured"] = {task.bound, {{1, Pretenders::always(4e-4)}}};
  rows = pretenders.rows("explicit", task);
  REQUIRE(pretenders.row(rows, "ratio_to_peer"));
  CHECK(pretenders.row(rows, "ratio_to_peer")->value == Approx(0.5 / 1.1));
  CHECK(pretenders.row(rows, "ratio_to_peer")->note.ends_with("its p10 over that of jacobian_structured"));
  CHECK(pretenders.row(rows, "best_ratio_to_peer")->value == Approx(0.5 / 1.1));
  // Without a bound of the counterpart no error can be called wrong, and none right.
  task.counterparts["jacobian_structured"].bound.resize(0);
  CHECK(pretenders.row(pretenders.rows("explicit", task), "verified")->status == Status::inconclusive);
}

TEST_CASE("peers: one that has one thread is not asked for two, and is compared with our best") {
  Pretenders pretenders;
  pretenders.add("single", pretenders.gives("right.npy"), times, "reverse_vjp: Lone, needs json, on one thread");
  const std::vector<Row> rows = pretenders.rows("single", pretenders.task(2));
  std::map<int, Status> verified;
  for (const Row& row : rows)
    if (row.quantity == "verified") {
      verified[row.cell.threads] = row.status;
      if (row.cell.threads == 2) CHECK(row.note == "Lone runs on one thread");
    }
  CHECK(verified == std::map<int, Status>{{1, Status::ok}, {2, Status::unsupported}});
  CHECK(pretenders.row(rows, "ratio_to_peer")->value == Approx(2e-4 / 1.1e-4));
  CHECK(pretenders.row(rows, "best_ratio_to_peer")->value == Approx(2e-4 / 5.5e-5));
}

TEST_CASE("peers: a native one is the program of its name, or not installed") {
  Pretenders pretenders;
  put(pretenders.scratch / "programs/native/tool.cpp", "// Peer of reverse_vjp: Tool, needs libtool-dev\n");
  put(pretenders.scratch / "programs/native/helper.cpp", "// No peer.\n");
  CHECK(known_peers(pretenders.places()).size() == 1);
  std::vector<Row> rows = pretenders.rows("tool");
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].status == Status::unsupported);
  CHECK(rows[0].note == "not installed: libtool-dev (scripts/setup --peers, then build)");
  const Peers before(peers_named({"tool"}, pretenders.places()), pretenders.scratch / "work", pretenders.places());
  const std::string key = before.key();
  put(pretenders.scratch / "built/tool",
      "#!/bin/sh\necho '{\"version\": \"Tool 1\", \"settings\": {}}'\nread question\ncp '" +
          (pretenders.scratch / "right.npy").string() +
          "' gradient.npy\necho '{\"call\": 1e-3}'\nwhile read question; do echo '{\"seconds\": [2e-4, 2e-4, 2e-4]}'; "
          "done\n");
  std::filesystem::permissions(pretenders.scratch / "built/tool", std::filesystem::perms::owner_all);
  // The script cannot read JSON, so it leaves its gradient where it is: in the folder that it was given as its home.
  put(pretenders.scratch / "built/tool", "#!/bin/sh\ncd \"$HOME\"\n" + content(pretenders.scratch / "built/tool"));
  CHECK(before.key() != key);  // a sweep that goes on does not keep the row
  rows = pretenders.rows("tool");
  REQUIRE(pretenders.row(rows, "verified"));
  CAPTURE(pretenders.row(rows, "verified")->note);
  CHECK(pretenders.row(rows, "verified")->status == Status::ok);
  CHECK(pretenders.row(rows, "ratio_to_peer")->value == Approx(2 / 1.1));
}

TEST_CASE("peers: none installed is a row, unknown ones and missing partners are one line and status 2") {
  const Scratch scratch;
  Pretenders pretenders;
  std::string samples;
  const PeerPlaces nothing{"", peer_places().programs, scratch / "nothing"};
  const std::vector<PeerInfo> all = peers_named({}, nothing);
  REQUIRE(all.size() >= 11);
  Peers peers(all, scratch / "work", nothing);
  const std::vector<Row> rows = peers.rows(pretenders.task(), samples);
  REQUIRE(rows.size() == all.size());
  for (const Row& row : rows) {
    CAPTURE(row.cell.strategy);
    CHECK(row.status == Status::unsupported);
    CHECK(row.note.starts_with("not installed: "));
  }
  for (const auto& [arguments, expected] :
       {std::pair{"bench --depth 2 --peers fast --out out", "unknown peer 'fast'; known are:"},
        std::pair{"bench --depth 2 --peers jax_jit --strategy forward_mode --out out",
                  "peer 'jax_jit' is compared with reverse_vjp, which --strategy leaves out"},
        std::pair{"bench --depth 2 --peers jax_jacfwd --strategy reverse_vjp --out out",
                  "peer 'jax_jacfwd' is compared with jacobian_structured, which --strategy leaves out"},
        std::pair{"bench --depth 2 --kernel fast --out out", "unknown kernel 'fast'; known are: auto plain"},
        std::pair{"limits --library mkl", "unknown library 'mkl'; known are:"}}) {
    CAPTURE(arguments);
    const Finished run = backprove(arguments, scratch / ".");
    CHECK(run.status == 2);
    CHECK(run.error_lines() == 1);
    CHECK(run.err.find(expected) != std::string::npos);
  }
}

TEST_CASE("peers: if none is named all are asked, and a row says what --strategy leaves out") {
  const Scratch scratch;
  const Finished run = backprove(
      "bench --depth 2 --width 4 --batch 2 --scalar double --strategy forward_mode --quick --quiet --peers --out out",
      scratch / ".");
  CAPTURE(run.err);
  REQUIRE(run.status == 0);
  const std::string rows = content(scratch / "out/rows.csv");
  for (const PeerInfo& peer : known_peers(peer_places())) {
    CAPTURE(peer.name);
    const std::size_t at = rows.find("," + peer.name + ",");
    REQUIRE(at != std::string::npos);
    const std::string reason = missing(peer, peer_places());
    CHECK(rows.substr(at, rows.find('\n', at) - at)
              .find(reason.empty() ? "compared with " + peer.counterpart + ", which was not timed" : reason) !=
          std::string::npos);
  }
}

TEST_CASE("peers: of those that are named, a line says at once which are not installed") {
  const Scratch scratch;
  std::string names;
  std::size_t absent = 0;
  for (const PeerInfo& peer : known_peers(peer_places())) {
    if (peer.counterpart != "reverse_vjp") continue;
    const bool gone = !missing(peer, peer_places()).empty();
    absent += gone ? 1 : 0;
    if (gone || names.empty()) names += (names.empty() ? "" : ",") + peer.name;
  }
  const Finished run =
      backprove("bench --depth 2 --width 4 --batch 2 --scalar double --strategy reverse_vjp --quick --quiet --peers " +
                    names + " --out out",
                scratch / ".");
  CAPTURE(run.err);
  CHECK(run.status == 0);
  CHECK(run.error_lines() == absent);
  CHECK((run.err.find("will not be timed: not installed: ") != std::string::npos) == (absent > 0));
}

TEST_CASE("peers: the list and the help name every one, with its system, counterpart and state") {
  const Scratch scratch;
  const Finished list = backprove("list peers", scratch / "."), help = backprove("bench --help", scratch / ".");
  CHECK(list.status == 0);
  for (const PeerInfo& peer : known_peers(peer_places())) {
    CAPTURE(peer.name);
    const std::size_t at = list.out.find("  " + peer.name + " ");
    REQUIRE(at != std::string::npos);
    const std::string line = list.out.substr(at, list.out.find('\n', at) - at);
    CHECK(line.find(peer.system) != std::string::npos);
    CHECK(line.find(" " + peer.counterpart + " ") != std::string::npos);
    CHECK(line.ends_with("installed") == missing(peer, peer_places()).empty());
    CHECK(help.out.find(peer.name) != std::string::npos);
    CHECK_NOTHROW(strategy_named(peer.counterpart));
  }
}

}  // namespace backprove::test

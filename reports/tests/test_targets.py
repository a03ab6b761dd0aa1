"""Targets: cells that hold, cells that miss with each kind of reason, what is not measured, and how it is shown."""

from __future__ import annotations

import csv
import json
import math
import sys
import unittest
from pathlib import Path

REPORTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPORTS), str(REPORTS / "tests")]
sys.dont_write_bytecode = True

import environments  # noqa: E402
import performance  # noqa: E402
import report  # noqa: E402
import synthetic  # noqa: E402
from synthetic_costs import Rows, common, row  # noqa: E402
from target import Held  # noqa: E402
from targets import ORDER  # noqa: E402
from targets.peers_of_prototype import DEPTHS  # noqa: E402
from test_compact import Scratch, ran  # noqa: E402

OTHERS = len(ORDER) - 2  # that these few rows say nothing of
MACHINE = {"processor": {"model": "P", "caches": [{"level": 3, "line_bytes": 64, "size": "1024K", "type": "Unified"}]}}


def ours(depth: int = 8, width: int = 128, strategy: str = "reverse_vjp", scalar: str = "double", *, batch: int = 256, threads: int = 1,
         **values: float) -> Rows:  # fmt: skip
    """The rows of one cell of ours: quantity = value."""
    cell = common(strategy, scalar, depth, width, batch=batch, threads=threads)
    return [row(cell, quantity, value) for quantity, value in values.items()]


def peer(name: str, ratio: float, depth: int = 8, width: int = 128, scalar: str = "double", batch: int = 256, status: str = "ok") -> Rows:
    """A peer's ratio on the best threads of both."""
    return [row(common(name, scalar, depth, width, batch=batch, threads=0, kernel="peer"), "best_ratio_to_peer", ratio, status=status)]


class Runs(Scratch):
    """Runs are written as files, since that is what the command reads."""

    def run_of(self, rows: Rows, name: str = "run", environment: dict[str, object] | None = None) -> Path:
        """A folder with these rows."""
        folder = synthetic.write(self.folder / name, rows)
        if environment is not None:
            (folder / "environment.json").write_text(json.dumps(environment))
        return folder

    def judged(self, *folders: Path) -> dict[str, performance.Judged]:
        """Every target by its name."""
        return {one.target.name: one for one in performance.judge_all(performance.read(folders))}

    def cells(self, target: str, rows: Rows) -> list[Held]:
        """All cells of one target."""
        return list(self.judged(self.run_of(rows))[target].cells)

    def only(self, target: str, rows: Rows) -> Held:
        """The one cell that a target has in these rows."""
        cells = self.cells(target, rows)
        self.assertEqual(len(cells), 1, cells)
        return cells[0]


class Reasons(Runs):
    """What a miss says about the cell's time."""

    def reason(self, **values: float) -> str:
        """Of a cell of 1 s that misses the limit's target."""
        cell = self.only("limit", ours(seconds_p10=1.0, **values))
        self.assertFalse(cell.holds)
        return cell.reason

    def test_overheads_in_their_order(self) -> None:
        said = self.reason(fraction_of_limit=0.7, limit_seconds=0.7, overhead_memory=0.07, overhead_meetings=0.24, overhead_serial=0.01, overhead_new=0.0)
        self.assertEqual(said, "meetings 24 %, memory 7 %; explained 1.02")

    def test_the_largest_is_named_however_small(self) -> None:
        said = self.reason(fraction_of_limit=0.75, limit_seconds=0.75, overhead_serial=0.02, overhead_memory=0.01, restart_spread=0.31, noise_floor=0.02)
        self.assertEqual(said, "serial 2 %; explained 0.78; unexplained 0.22; processes differ by 0.31; the A/A pair by 0.02")

    def test_a_rest_that_is_small_is_not_said(self) -> None:
        said = self.reason(fraction_of_limit=0.75, limit_seconds=0.75, overhead_serial=0.11, restart_spread=0.31)
        self.assertEqual(said, "serial 11 %; explained 0.86")

    def test_a_rest_that_the_bar_leaves_free_is_not_said(self) -> None:
        for limit, said in ((0.5, "call 12 %; explained 0.62"), (0.45, "call 12 %; explained 0.57; unexplained 0.43")):
            cell = self.only("limit", ours(8, 8, seconds_p10=1.0, fraction_of_limit=limit, limit_seconds=limit, overhead_call=0.12))
            self.assertFalse(cell.holds)
            self.assertEqual(cell.reason, said)

    def test_without_overheads(self) -> None:
        self.assertEqual(self.reason(fraction_of_limit=0.7), "not measured in these rows")
        self.assertEqual(self.reason(fraction_of_limit=0.7, restart_spread=0.4), "not measured in these rows; processes differ by 0.4")

    def test_overheads_without_the_limit_itself(self) -> None:
        self.assertEqual(self.reason(fraction_of_limit=0.7, overhead_latency=0.25), "latency 25 %; explained 0.95")


class Limits(Runs):
    """Fractions of the limit, and two threads."""

    def test_the_bar_depends_on_the_width(self) -> None:
        for width, fraction, holds in ((128, 0.8, True), (128, 0.79, False), (32, 0.6, True), (32, 0.59, False), (512, 0.61, False)):
            with self.subTest(width=width, fraction=fraction):
                self.assertEqual(self.only("limit", ours(8, width, seconds_p10=1.0, fraction_of_limit=fraction)).holds, holds)

    def test_only_reverse_mode_that_was_measured(self) -> None:
        rows = ours(strategy="jacobian_literal", seconds_p10=1.0, fraction_of_limit=0.1) + ours(8, 8, seconds_p10=1.0)
        bad = ours(2, 8, seconds_p10=1.0, fraction_of_limit=0.1)
        for one in bad:
            one["status"] = "failed"
        zero = ours(4, 8, seconds_p10=0.0, fraction_of_limit=0.1) + ours(16, 8, seconds_p10="inf", fraction_of_limit=0.1)
        self.assertEqual(self.cells("limit", rows + bad + zero), [])

    def test_thread_scaling(self) -> None:
        one = ours(seconds_p10=1.0, fraction_of_limit=0.9)
        fast = ours(threads=2, seconds_p10=0.5, fraction_of_limit=0.85)
        slow = ours(threads=2, seconds_p10=0.625, fraction_of_limit=0.8, limit_seconds=0.5, overhead_meetings=0.125)
        cell = self.only("thread_scaling", one + fast)
        self.assertEqual((cell.holds, cell.value, cell.threads), (True, 2.0, 2.0))
        cell = self.only("thread_scaling", one + slow)
        self.assertEqual((cell.holds, cell.value, cell.reason), (False, 1.6, "1.80 at the limits of both; meetings 20 %; explained 1.00"))
        paired = ours(threads=2, seconds_p10=0.8, speedup=1.75)  # each process by itself says otherwise than their medians
        self.assertEqual(self.only("thread_scaling", one + paired).value, 1.75)
        slow = ours(threads=2, seconds_p10=0.625)
        self.assertEqual(self.only("thread_scaling", ours(seconds_p10=1.0) + slow).reason, "not measured in these rows")
        self.assertEqual(self.cells("thread_scaling", ours(batch=32, seconds_p10=1.0) + ours(batch=32, threads=2, seconds_p10=0.9)), [])


class Peers(Runs):
    """Cell by cell, and the table of means."""

    def test_the_best_number_of_threads_gives_the_fraction(self) -> None:
        times = ours(seconds_p10=1.0, fraction_of_limit=0.5, overhead_serial=0.5)
        times += ours(threads=2, seconds_p10=0.6, fraction_of_limit=0.93, overhead_memory=0.03, overhead_meetings=0.012)
        holds, misses = self.cells("peers", times + peer("pytorch_eager", 1.2) + peer("jax_jit", 1.163))
        self.assertEqual((holds.peer, holds.holds, holds.reason), ("pytorch_eager", True, ""))
        self.assertEqual((misses.peer, misses.strategy, misses.holds, misses.threads), ("jax_jit", "reverse_vjp", False, 0))
        self.assertEqual(misses.reason, "runs at 0.93 of the limit; at the limit the ratio would be 1.25; beyond it memory 5 %")

    def test_what_no_program_reaches_and_what_is_no_limit(self) -> None:
        def said(fraction: float) -> str:
            return self.only("peers", ours(seconds_p10=1.0, fraction_of_limit=fraction) + peer("jax_jit", 1.1)).reason

        self.assertIn("would be 1.16, below the bar too", said(0.95))
        self.assertIn("runs at 1.10 of the limit, which is no limit there", said(1.1))

    def test_without_a_limit_or_a_value(self) -> None:
        self.assertEqual(self.only("peers", ours(seconds_p10=1.0) + peer("jax_jit", 1.1)).reason, "the limit is not measured in these rows")
        self.assertEqual(self.only("peers", peer("jax_jit", 0.0)).holds, False)
        self.assertEqual(self.cells("peers", peer("jax_jit", "", status="limit") + peer("adolc", 0.5, status="failed")), [])

    def test_means_of_the_prototype(self) -> None:
        def entry(ratios: tuple[float, ...], scalar: str = "float") -> Rows:
            both = [peer("jax_jit", ratio, depth, 512, scalar) + ours(depth, 512, scalar=scalar, seconds_p10=1.0, fraction_of_limit=0.8)
                    for depth, ratio in zip(DEPTHS, ratios)]  # fmt: skip
            both[0] += ours(2, 512, scalar=scalar, overhead_memory=0.6)
            return [one for rows in both for one in rows]

        cell = self.only("peers_of_prototype", entry((1.0, 2.0, 1.0, 2.0)))
        self.assertEqual((cell.low, cell.holds, cell.peer), (1.39, True, "jax_jit"))
        self.assertAlmostEqual(cell.value, math.sqrt(2))
        cell = self.only("peers_of_prototype", entry((1.0, 2.0, 1.0, 2.0), "double"))
        self.assertEqual((cell.low, cell.holds), (1.64, False))
        self.assertEqual(cell.reason, "runs at 0.80 of the limit; at the limit the ratio would be 1.77; beyond it memory 15 %")
        self.assertEqual(self.cells("peers_of_prototype", entry((1.0, 2.0, 1.0))), [])  # a depth is missing
        alone = [one for depth in DEPTHS for one in peer("jax_jit", 1.0, depth, 512, "double")]
        self.assertEqual(self.only("peers_of_prototype", alone).reason, "the limit is not measured in these rows")


class Others(Runs):
    """Ratios to the loss, noise, memory, exponents."""

    def test_ratio_that_is_predicted(self) -> None:
        base = {"seconds_p10": 1.0, "predicted_ratio_to_loss": 2.0}
        self.assertTrue(self.only("loss_ratio_predicted", ours(ratio_to_loss=2.29, **base)).holds)
        for ratio in (2.31, 1.69):
            cell = self.only("loss_ratio_predicted", ours(ratio_to_loss=ratio, limit_seconds=0.9, overhead_memory=0.06, **base))
            self.assertFalse(cell.holds)
            self.assertEqual(cell.reason, f"ratio {ratio}, expected 2; gradient: memory 6 %; explained 0.96")
        self.assertEqual(self.cells("loss_ratio_predicted", ours(batch=1, ratio_to_loss=9, **base) + ours(8, 32, ratio_to_loss=9, **base)), [])

    def test_ratio_that_is_counted(self) -> None:
        expected = 3 - 512 * 512 / (512 * 512 + 512 * 10)  # two affine layers, the second with 10 outputs

        def plain(*cell: int, ratio: float, options: str = "input_gradient=no") -> Rows:
            return [one | {"options": options} for one in ours(*cell, seconds_p10=1.0, ratio_to_loss=ratio)]

        cell = self.only("loss_ratio_counted", plain(2, 512, ratio=2.0))
        self.assertAlmostEqual(cell.value, 2.0 / expected)
        self.assertTrue(cell.holds)
        cell = self.only("loss_ratio_counted", plain(2, 512, ratio=2.4))
        self.assertEqual((cell.holds, cell.reason), (False, "ratio 2.4, expected 2.02; gradient: not measured in these rows"))
        odd = plain(2, 512, ratio=9.0)
        for one in odd:
            one["network"] = "residual(affine(512,512) tanh) affine(512,10)"
        self.assertEqual(self.cells("loss_ratio_counted", odd + plain(8, 128, ratio=9.0)), [])
        both = self.only("loss_ratio_counted", plain(2, 512, ratio=2.9, options="reduction=mean"))  # the input's gradient too
        self.assertAlmostEqual(both.value, 2.9 / 3)

    def test_structured_products(self) -> None:
        def both(time: float, **values: float) -> Rows:
            return ours(seconds_p10=1e-3, noise_floor=0.02) + ours(strategy="jacobian_structured", seconds_p10=time, **values)

        cell = self.only("structured_products", both(1.09e-3))
        self.assertEqual((cell.holds, cell.strategy, round(cell.value, 12)), (True, "jacobian_structured", 1.09))
        self.assertEqual(self.only("structured_products", both(1.2e-3, ratio_to_reverse=1.05)).value, 1.05)
        cell = self.only("structured_products", both(1.2e-3, restart_spread=0.3))
        self.assertEqual((cell.holds, cell.reason), (False, "1.2e+03 against 1e+03 us; processes differ by 0.3; the A/A pair by 0.02"))
        cell = self.only("structured_products", ours(seconds_p10=1.0) + ours(strategy="jacobian_structured", seconds_p10=1.2))
        self.assertTrue(cell.reason.endswith("; not measured in these rows"))
        apart = ours(seconds_p10=1.0) + ours(strategy="jacobian_structured", threads=2, seconds_p10=1.2)
        self.assertEqual(self.cells("structured_products", apart + ours(strategy="jacobian_literal", seconds_p10=9.0)), [])

    def test_noise_of_a_run(self) -> None:
        quiet = [one for depth in range(1, 20) for one in ours(depth, noise_floor=0.002)]
        loud = ours(20, noise_floor=0.05, heap_peak_bytes=2.0**21, restart_spread=0.3)
        judged = self.judged(self.run_of(quiet + loud, environment=MACHINE))["noise"]
        run, cell = judged.cells
        self.assertEqual((judged.outcome, run.holds, run.counts), (performance.HOLDS, True, True))
        self.assertEqual((cell.holds, cell.counts, cell.reason), (False, False, "a copy has 2.1 MB, 2 of the third cache; processes differ by 0.3"))
        judged = self.judged(self.run_of(quiet[:3] + loud, "other"))["noise"]  # no environment: the cache is not known
        self.assertEqual((judged.outcome, judged.cells[1].reason), (performance.MISSED, "a copy has 2.1 MB; processes differ by 0.3"))
        self.assertEqual(judged.cells[0].reason, "1 of 4 cells above 0.01, median 0.002")
        self.assertEqual(self.judged(self.run_of(ours(noise_floor=0.5), "bare"))["noise"].cells[1].reason, "not measured in these rows")

    def test_memory(self) -> None:
        def of(working: float, strategy: str = "reverse_vjp", predicted: float = 2e6) -> Rows:
            return ours(strategy=strategy, heap_peak_bytes=working + 1e6, working_bytes=working, predicted_bytes=predicted)

        self.assertTrue(self.only("memory_predicted", of(2.2e6)).holds)
        cell = self.only("memory_predicted", of(3e6, "jacobian_literal"))
        self.assertEqual((cell.holds, cell.strategy), (False, "jacobian_literal"))
        self.assertEqual(cell.reason, "1 MB more than the 2 MB predicted, beside 1 MB given and taken")
        self.assertFalse(self.only("memory_predicted", of(1.5e6)).holds)
        small = ours(heap_peak_bytes=9e5, working_bytes=8e5, predicted_bytes=1e5)
        self.assertEqual(self.cells("memory_predicted", of(9e6, "forward_difference") + small), [])

    def test_exponents_of_two_runs(self) -> None:
        def sweep(power: float) -> Rows:
            return [one for depth in (4, 6, 8, 16, 32, 64, 128, 192, 256) for one in ours(depth, seconds_p10=1e-6 * depth**power)]

        first, same = (self.run_of(sweep(1.0), name, MACHINE) for name in ("first", "same"))
        judged = self.judged(first, same)["exponents_repeat"]
        self.assertEqual((judged.outcome, [cell.folder for cell in judged.cells]), (performance.HOLDS, ["first, same"]))
        other = self.run_of(sweep(1.05), "other", MACHINE)
        cell, = self.judged(first, other)["exponents_repeat"].cells
        self.assertFalse(cell.holds)
        self.assertRegex(cell.reason, r"depth: 1\.000 .* and 1\.050")
        elsewhere = self.run_of(sweep(1.05), "elsewhere", {"processor": {"model": "Q"}})
        self.assertEqual(self.judged(first, elsewhere)["exponents_repeat"].outcome, performance.NOT_MEASURED)
        self.assertEqual(self.judged(first, first)["exponents_repeat"].outcome, performance.NOT_MEASURED)


class Command(Runs):
    """What is printed and written."""

    MISS = ours(seconds_p10=1.0, fraction_of_limit=0.5) + peer("jax_jit", 2.0)

    def test_status_and_summary(self) -> None:
        status, printed, error = ran(performance, "--rows", str(self.run_of(self.MISS)))
        self.assertEqual((status, error), (1, ""))
        self.assertRegex(printed, r"(?m)^peers +holds +1 +1 +2  at least 1\.2$")
        self.assertRegex(printed, r"(?m)^limit +missed +0 +1 +0\.5  at least 0\.8$")
        self.assertIn("  run: L 8, n 128, B 256, double, 1 thread       0.5  at least 0.8: not measured in these rows\n", printed)
        self.assertIn("noise: not measured; needs backprove bench", printed)
        self.assertTrue(printed.endswith(f"targets: 1 hold, 1 missed, {OTHERS} not measured\n"))
        self.assertEqual(ran(performance, "--rows", str(self.run_of(peer("jax_jit", 2.0))))[0], 0)
        status, printed, _ = ran(performance, "--rows", str(self.made()))
        self.assertEqual((status, printed.splitlines()[-1]), (0, f"targets: 0 hold, 0 missed, {len(ORDER)} not measured"))

    def test_folders_are_judged_by_themselves(self) -> None:
        fast = ours(seconds_p10=0.1, fraction_of_limit=0.9) + peer("jax_jit", 1.1)
        slow = ours(seconds_p10=1.0, fraction_of_limit=0.5) + peer("jax_jit", 1.1)
        folders = self.run_of(fast, "fast", MACHINE), self.run_of(slow, "slow", {"processor": {"model": "Q"}})
        judged = self.judged(*folders)
        self.assertEqual({cell.folder: cell.reason.split(";")[0] for cell in judged["peers"].cells},
                         {"fast": "runs at 0.90 of the limit", "slow": "runs at 0.50 of the limit"})  # fmt: skip
        self.assertEqual([cell.folder for cell in judged["limit"].misses], ["slow"])

    def test_equal_rows_of_two_folders_count_in_both(self) -> None:
        folders = self.run_of(self.MISS, "one"), self.run_of(self.MISS, "two")
        self.assertEqual([cell.folder for cell in self.judged(*folders)["limit"].cells], ["one", "two"])
        self.assertEqual(len(self.judged(folders[0], folders[0])["limit"].cells), 1)

    def test_the_worst_comes_first(self) -> None:
        rows = [one for depth, fraction in ((2, 0.7), (4, 0.3), (8, 0.75)) for one in ours(depth, seconds_p10=1.0, fraction_of_limit=fraction)]
        limit = self.judged(self.run_of(rows))["limit"]
        self.assertEqual([cell.depth for cell in limit.misses], [4, 2, 8])
        self.assertEqual(limit.line()[2:], ["0", "3", "0.3", "at least 0.8"])

    def test_json(self) -> None:
        file = self.folder / "out.json"
        self.assertEqual(ran(performance, "--rows", str(self.run_of(self.MISS)), "--json", str(file))[0], 1)
        found = json.loads(file.read_text())
        self.assertEqual((found["schema"], found["totals"]), ("backprove-targets-1", {"holds": 1, "missed": 1, "not measured": OTHERS}))
        limit = next(one for one in found["targets"] if one["name"] == "limit")
        self.assertEqual({k: limit["cells"][0][k] for k in ("depth", "value", "low", "high", "holds", "reason")},
                         {"depth": 8, "value": 0.5, "low": 0.8, "high": None, "holds": False, "reason": "not measured in these rows"})  # fmt: skip
        self.refused("targets", performance, ["--rows", str(self.folder / "run"), "--json", str(self.folder / "no" / "o.json")], "No such file")

    def test_broken_environment(self) -> None:
        folder = self.run_of(self.MISS)
        (folder / "environment.json").write_text("{")
        self.refused("targets", performance, ["--rows", str(folder)], "environment.json")

    def test_third_cache(self) -> None:
        self.assertEqual(environments.third_cache(environments.flatten(MACHINE)), 2**20)
        self.assertTrue(math.isnan(environments.third_cache(environments.flatten({"processor": {"caches": None}}))))

    def test_every_target_says_what_it_needs(self) -> None:
        self.assertEqual(set(performance.target_names()), {path.stem for path in (REPORTS / "targets").glob("*.py")} - {"__init__"})
        for name, one in self.judged(self.made()).items():
            self.assertIn("backprove bench", one.target.needs)
            self.assertIn(name, performance.target_names())

    def test_report(self) -> None:
        out = self.folder / "out"
        folder = self.run_of([one | {"network": one["network"].replace("tanh", "tanh(128)")} for one in self.MISS])
        status, printed, error = ran(report, "--rows", str(folder), "--out", str(out))
        self.assertEqual((status, error), (0, ""))
        self.assertIn(str(out / "targets.csv"), printed.splitlines())
        with (out / "targets.csv").open(newline="") as file:
            lines = list(csv.DictReader(file))
        self.assertEqual([tuple(line) for line in lines], [performance.COLUMNS] * 2)
        self.assertEqual([(line["target"], line["value"], line["holds"]) for line in lines], [("peers", "2", "yes"), ("limit", "0.5", "no")])
        page = (out / "report.html").read_text()
        section = page[page.index('<section><h2 id="targets"') : page.index('<section><h2 id="figures"')]
        before, folded = section.split("<details>")
        self.assertIn(f"Targets: 1 hold, 1 missed, {OTHERS} not measured", before)
        self.assertIn("The 1 cell beyond a bar", folded)
        self.assertIn("<td>run: L 8, n 128, B 256, double, 1 thread</td><td>0.5</td><td>at least 0.8</td><td>not measured in these rows</td>", folded)
        self.assertIn("| missed | limit | 0 | 1 | 0.5 | at least 0.8 |", (out / "report.md").read_text())


if __name__ == "__main__":
    unittest.main()

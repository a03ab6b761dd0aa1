"""Runs taken together: medians, the worst status, and runs that cannot be taken together."""

from __future__ import annotations

import json
import sys
import unittest
from pathlib import Path

REPORTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPORTS), str(REPORTS / "tests")]
sys.dont_write_bytecode = True

import performance  # noqa: E402
import runs  # noqa: E402
from synthetic_costs import Rows, common, row  # noqa: E402
from test_compact import ran  # noqa: E402
from test_targets import MACHINE, Runs, ours, peer  # noqa: E402


class Together(Runs):
    """Three runs of one sweep."""

    def runs_of(self, *several: Rows) -> list[Path]:
        """A folder for each, of one machine."""
        return [self.run_of(rows, f"run{k}", MACHINE) for k, rows in enumerate(several)]

    def both(self, *several: Rows) -> list[dict[str, object]]:
        """The rows of all, taken together."""
        return runs.together(performance.read(self.runs_of(*several))).to_dict("records")

    def test_medians(self) -> None:
        found = self.both(*(peer("jax_jit", ratio) + ours(seconds_p10=1 / ratio) for ratio in (1.1, 1.4, 1.3)))
        self.assertEqual({one["quantity"]: one["value"] for one in found}, {"best_ratio_to_peer": 1.3, "seconds_p10": 1 / 1.3})
        self.assertEqual({one["folder"] for one in found}, {"3 runs"})
        self.assertIn("median of 3 runs (1.1 to 1.4)", [one["note"] for one in found])

    def test_what_one_run_lacks(self) -> None:
        found = self.both(peer("jax_jit", 2.0), peer("jax_jit", 4.0) + ours(noise_floor=0.5), ours(noise_floor="nan"))
        self.assertEqual({one["quantity"]: (one["value"], one["note"]) for one in found},
                         {"best_ratio_to_peer": (3.0, "median of 2 runs (2 to 4)"), "noise_floor": (0.5, "median of 1 run (0.5 to 0.5)")})  # fmt: skip

    def test_other_cells_stay_apart(self) -> None:
        found = self.both(ours(8, seconds_p10=1.0), ours(2, seconds_p10=2.0), ours(8, threads=2, seconds_p10=3.0))
        self.assertEqual(sorted(one["value"] for one in found), [1.0, 2.0, 3.0])

    def test_what_one_run_rejected_is_rejected(self) -> None:
        cell = common("reverse_vjp", "double", 8, 8)
        bad = [row(cell, "verified", "nan", status="failed", note="differs")]
        for several in ([bad, [row(cell, "verified", 1)]], [[row(cell, "verified", 1)], bad]):
            (one,) = self.both(*several)
            self.assertEqual((one["status"], one["note"]), ("failed", "differs"))

    def test_no_number_at_all(self) -> None:
        cell = common("adolc", "double", 8, 8)
        (one,) = self.both(*[[row(cell, "verified", "nan", status="limit", note="needs more than 60 s")]] * 2)
        self.assertEqual((one["status"], one["note"]), ("limit", "needs more than 60 s"))

    def test_command(self) -> None:
        folders = [str(folder) for folder in self.runs_of(*(peer("jax_jit", ratio) for ratio in (1.1, 1.3, 1.4)))]
        status, printed, error = ran(performance, "--median", "--rows", *folders)
        self.assertEqual((status, error), (0, ""))
        self.assertEqual(printed.splitlines()[0], "Medians of 3 runs: run0, run1, run2.")
        self.assertRegex(printed, r"peers +holds +1 +1 +1\.3 ")
        status, printed, _ = ran(performance, "--rows", *folders)
        self.assertEqual(status, 1)
        self.assertRegex(printed, r"peers +missed +2 +3 +1\.1 ")

    def test_what_cannot_be_taken_together(self) -> None:
        one = str(self.run_of(ours(seconds_p10=1.0), "run0", MACHINE))
        self.refused("targets", performance, ["--median", "--rows", one], "two folders or more, got run0 alone")
        self.refused("targets", performance, ["--median", "--rows", one, one], "two folders or more, got run0 alone")
        other = self.run_of(ours(seconds_p10=1.0), "other", MACHINE)
        (other / "environment.json").write_text(json.dumps({"processor": {"model": "Q"}}))
        self.refused("targets", performance, ["--median", "--rows", one, str(other)], "runs of one machine, got run0 (machine 1), other (machine 2)")


if __name__ == "__main__":
    unittest.main()

"""The rows of a full run that come with the repository."""

from __future__ import annotations

import sys
import unittest
from pathlib import Path

REPORTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPORTS))

import claim  # noqa: E402
import drawings  # noqa: E402
import judge  # noqa: E402
import rows  # noqa: E402

FOLDERS = sorted(path for path in (REPORTS / "rows").iterdir() if path.is_dir())
MOST_BYTES = 512 * 1024


class FullRun(unittest.TestCase):
    def test_every_file_is_small(self) -> None:
        for path in (REPORTS / "rows").rglob("*"):
            with self.subTest(path.name):
                self.assertLessEqual(path.stat().st_size, MOST_BYTES)

    def test_every_claim_has_a_verdict(self) -> None:
        verdicts = judge.judge_all(rows.read(FOLDERS))
        self.assertEqual({v.claim for v in verdicts}, set(judge.claim_names()))
        # A claim may lack one of its sources, never all.
        for name in {v.claim for v in verdicts}:
            with self.subTest(name):
                self.assertTrue(any(v.verdict != claim.NOT_RUN for v in verdicts if v.claim == name))

    def shown(self, figure: str, *folders: str):  # type: ignore[no-untyped-def]
        """What a figure shows of some of the runs."""
        return drawings.load(drawings.FOLDER / f"{figure}.py").plot(rows.read([REPORTS / "rows" / name for name in folders]))

    def test_width_sweeps_are_apart(self) -> None:
        panels = {panel.title: {s.name for s in panel.series} for panel in self.shown("time_against_width", "width").panels}
        self.assertEqual({title for title in panels if title.startswith("double")},
                         {"double, depth 4, batch 16, 10 outputs", "double, depth 4, batch 16, n outputs", "double, depth 4, batch 1, n outputs"})  # fmt: skip
        self.assertNotIn("reverse_vjp", panels["double, depth 4, batch 1, n outputs"])
        self.assertNotIn("jacobian_literal", panels["double, depth 4, batch 16, n outputs"])

    def test_every_cell_stands_beside_the_peers(self) -> None:
        plot = self.shown("ratio_to_peers", "grid_with_peers")
        self.assertEqual(sum(len(panel.y.categories) for panel in plot.panels), 4 * 4 * 3 * 2)
        drawn = {s.name for panel in self.shown("time_against_width", "grid_with_peers").panels for s in panel.series}
        self.assertEqual(drawn, {"reverse_vjp", "loss"})


if __name__ == "__main__":
    unittest.main()

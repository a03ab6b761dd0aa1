"""The rows of a full run that come with the repository."""

from __future__ import annotations

import sys
import unittest
from pathlib import Path

REPORTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPORTS))

import claim  # noqa: E402
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


if __name__ == "__main__":
    unittest.main()

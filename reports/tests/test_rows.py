"""Tests of reading rows: what the schema says is read, anything else is refused with one line."""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
import unittest
from collections.abc import Callable
from pathlib import Path

REPORTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPORTS), str(REPORTS / "tests")]
sys.dont_write_bytecode = True

import report  # noqa: E402
import rows  # noqa: E402
import synthetic  # noqa: E402


class Folder(unittest.TestCase):
    """A scratch folder for each test."""

    def setUp(self) -> None:
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)

    def run_report(self, *folders: Path) -> tuple[int, list[str], str]:
        """Exit status, the lines on stdout, stderr."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = report.main(["--rows", *map(str, folders), "--out", str(self.folder / "out")])
        return status, out.getvalue().splitlines(), err.getvalue()


class Reading(Folder):
    """Rows are read as the schema says, and nothing else is."""

    def test_types_and_folders(self) -> None:
        one = synthetic.write(self.folder / "one", synthetic.made_up((2, 4), (8,), ("double",)))
        two = synthetic.write(self.folder / "two", synthetic.made_up((8,), (8,), ("float",)))
        frame = rows.read([one, two])
        self.assertEqual(set(frame["folder"]), {"one", "two"})
        self.assertEqual(sorted(frame["depth"].unique()), [2, 4, 8])
        self.assertTrue(frame.loc[frame["status"] == "unsupported", "value"].isna().all())
        self.assertEqual(frame["value"].dtype, float)

    def test_folders_of_one_name_are_told_apart(self) -> None:
        self.assertEqual(rows.labels(["a/bench", "b/bench", "b/verify"]), ["a/bench", "b/bench", "verify"])
        self.assertEqual(rows.labels(["a/bench"]), ["bench"])

    def test_a_row_in_two_folders_counts_once(self) -> None:
        made = synthetic.made_up((2,), (8,), ("double",))
        one, two = (synthetic.write(self.folder / name, made) for name in ("one", "two"))
        self.assertEqual(len(rows.read([one, two])), len(rows.read([one])))

    def test_further_columns_and_special_numbers(self) -> None:
        made = synthetic.made_up((2,), (8,), ("double",))[:3]
        for row, value in zip(made, ("inf", "nan", "1e-400")):
            row["value"] = value
        path = synthetic.write(self.folder / "a", made) / "rows.csv"
        lines = path.read_text().splitlines()
        path.write_text("\n".join([lines[0] + ",later", *(line + ",x" for line in lines[1:])]) + "\n")
        values = rows.read([path.parent])["value"]
        self.assertEqual(values[0], float("inf"))
        self.assertTrue(values[1] != values[1])
        self.assertEqual(values[2], 0.0)

    def test_bad_input_is_one_line_and_status_2(self) -> None:
        def field(column: str, text: str) -> Callable[[Path], None]:
            def change(path: Path) -> None:
                made = synthetic.made_up((2,), (8,), ("double",))
                made[1][column] = text
                synthetic.write(path.parent, made)

            return change

        def text(change: Callable[[str], str]) -> Callable[[Path], None]:
            return lambda path: (path.write_text(change(path.read_text())), None)[1]

        cases: dict[str, tuple[Callable[[Path], None], str]] = {
            "no file": (lambda path: path.unlink(), "No such file"),
            "a folder": (lambda path: (path.unlink(), path.mkdir(), None)[2], "Is a directory"),
            "empty": (text(lambda t: ""), "empty file"),
            "only a header": (text(lambda t: t.splitlines()[0] + "\n"), "no rows"),
            "column missing": (text(lambda t: t.replace("strategy", "way", 1)), "missing column strategy"),
            "two columns missing": (text(lambda t: t.replace("unit,status", "a,b", 1)), "missing columns unit, status"),
            "column twice": (text(lambda t: t.replace("options", "options,note", 1).replace("\n", ",\n").replace("note,\n", "note\n", 1)), "named twice"),
            "cut line": (text(lambda t: t[: len(t) - 40]), "fields, the header has 18"),
            "open quote": (text(lambda t: t + '"abc'), "line"),
            "not text": (lambda path: (path.write_bytes(b"\xff\xfe\x00"), None)[1], "not UTF-8"),
            "status": (field("status", "fine"), "line 3: status 'fine' is not one of ok"),
            "value": (field("value", "12,5x"), "line 3: value '12,5x' is not a number"),
            "depth": (field("depth", "2.5"), "line 3: depth '2.5' is not an integer"),
            "seed": (field("seed", "nan"), "line 3: seed 'nan' is not an integer"),
            "no strategy": (field("strategy", ""), "line 3: strategy '' is not a name"),
        }  # fmt: skip
        for name, (break_it, expected) in cases.items():
            with self.subTest(name):
                path = synthetic.write(self.folder / name.replace(" ", "_"), synthetic.made_up((2,), (8,), ("double",))) / "rows.csv"
                break_it(path)
                status, printed, error = self.run_report(path.parent)
                self.assertEqual((status, printed), (2, []))
                self.assertEqual(error.count("\n"), 1, error)
                self.assertIn(expected, error)
                self.assertIn("rows.csv", error)

    def test_status_of_a_cell_is_its_worst(self) -> None:
        made = synthetic.made_up((2,), (8,), ("double",))[:3]
        made[0]["status"], made[2]["status"] = "inconclusive", "failed"
        cells = rows.cell_status(rows.read([synthetic.write(self.folder / "a", made)]))
        self.assertEqual(list(cells["status"]), ["failed"])


if __name__ == "__main__":
    unittest.main()

"""Tests of the reports, on made-up rows. Run: /usr/bin/python3 -m unittest discover --start-directory reports/tests"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import tempfile
import unittest
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

REPORTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPORTS), str(REPORTS / "tests")]
sys.dont_write_bytecode = True

import matplotlib as mpl  # noqa: E402

import rows  # noqa: E402
import style  # noqa: E402
import summary  # noqa: E402
import synthetic  # noqa: E402

Rows = list[dict[str, object]]


class Folder(unittest.TestCase):
    """A scratch folder for each test."""

    def setUp(self) -> None:
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)

    def run_summary(self, *folders: Path) -> tuple[int, list[str], str]:
        """Exit status, the lines on stdout, stderr."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = summary.main(["--rows", *map(str, folders), "--out", str(self.folder / "out")])
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
                status, printed, error = self.run_summary(path.parent)
                self.assertEqual((status, printed), (2, []))
                self.assertEqual(error.count("\n"), 1, error)
                self.assertIn(expected, error)
                self.assertIn("rows.csv", error)

    def test_status_of_a_cell_is_its_worst(self) -> None:
        made = synthetic.made_up((2,), (8,), ("double",))[:3]
        made[0]["status"], made[2]["status"] = "inconclusive", "failed"
        cells = rows.cell_status(rows.read([synthetic.write(self.folder / "a", made)]))
        self.assertEqual(list(cells["status"]), ["failed"])


class NoRequests(HTMLParser):
    """Collects what a browser would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.pictures = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("src", "href") and not (value or "").startswith("data:"):
                self.fetched.append(f"{tag} {value}")
        self.pictures += tag == "img"


class Summary(Folder):
    """The summary is complete, self-contained and the same for the same rows."""

    def test_files_and_page(self) -> None:
        folder = synthetic.write(self.folder / "sweep", synthetic.made_up((2, 4, 8), (8,), ("float", "double")))
        (folder / "environment.json").write_text(json.dumps({"cpu": {"model": "A <b>", "cores": 2}, "governor": None}))
        status, printed, error = self.run_summary(folder)
        self.assertEqual((status, error), (0, ""))
        self.assertTrue(printed[-1].endswith("summary.html"))
        figures = [p.stem for p in (REPORTS / "figures").glob("*.py")]
        for name in [*(f"{f}.{kind}" for f in figures for kind in summary.FORMATS), "summary.md", "summary.html"]:
            self.assertGreater((self.folder / "out" / name).stat().st_size, 1000, name)
            self.assertIn(str(self.folder / "out" / name), printed)
        text = (self.folder / "out" / "summary.html").read_text()
        parser = NoRequests()
        parser.feed(text)
        self.assertEqual((parser.fetched, parser.pictures), ([], len(figures)))
        for expected in ("A &lt;b&gt;", "unknown", "rational numbers have no tanh", "failed"):
            self.assertIn(expected, text)
        markdown = (self.folder / "out" / "summary.md").read_text()
        self.assertIn("| complex_step | float | 2 | 0 | 0 | 0 | 0 | 1 | 3 |", markdown)

    def test_equal_rows_give_equal_files(self) -> None:
        folder = synthetic.write(self.folder / "a", synthetic.made_up((2, 4), (8,), ("double",)))
        contents = []
        for _ in range(2):
            _, printed, _ = self.run_summary(folder)
            contents.append([Path(name).read_bytes() for name in printed])
        self.assertEqual(*contents)

    def test_nothing_to_draw_is_said(self) -> None:
        made = [row for row in synthetic.made_up((2,), (8,), ("double",)) if row["status"] != "ok"]
        status, printed, _ = self.run_summary(synthetic.write(self.folder / "a", made))
        self.assertEqual((status, len(printed)), (0, 2))
        self.assertIn("Not drawn: no row has the quantity", Path(printed[0]).read_text())

    def test_broken_environment_and_unwritable_output(self) -> None:
        folder = synthetic.write(self.folder / "a", synthetic.made_up((2,), (8,), ("double",)))
        (folder / "environment.json").write_text("{")
        status, _, error = self.run_summary(folder)
        self.assertEqual((status, error.count("\n")), (2, 1))
        (folder / "environment.json").unlink()
        (self.folder / "out").write_text("a file where the folder should be")
        status, _, error = self.run_summary(folder)
        self.assertEqual((status, error.count("\n")), (2, 1))


class Figures(Folder):
    """Every figure draws every kind of rows, and says what it is."""

    def draw(self, name: str, made: Rows) -> mpl.figure.Figure:
        """The figure of these rows, rendered."""
        frame = rows.read([synthetic.write(self.folder / "rows", made)])
        with mpl.rc_context(style.SETTINGS):
            figure = summary.load(REPORTS / "figures" / f"{name}.py").draw(frame)
            figure.savefig(io.BytesIO(), format="png")
        return figure

    def test_docstrings(self) -> None:
        for path in (REPORTS / "figures").glob("*.py"):
            words = summary.load(path).__doc__ or ""
            for label in ("Claim", "Columns", "Caption"):
                self.assertGreater(len(summary.section(words, label)), 40, f"{path.name}: {label}")

    def test_every_sort_of_rows(self) -> None:
        made = synthetic.made_up((2, 4), (8,), ("double",))
        odd = [dict(row) for row in made]
        for row, value in zip([r for r in odd if r["quantity"] == "error_max_relative"], ("inf", 0, "nan", 1e300, 1e-320)):
            row["value"] = value
        unknown = [{**row, "strategy": f"new_{k % 9}", "scalar": "bfloat16"} for k, row in enumerate(made)]
        mixed = made + [{**row, "data": "digits", "depth": 4, "width": 64, "batch": 32} for row in made]
        kinds = {
            "one depth": synthetic.made_up((4,), (8,), ("float",)),
            "many": synthetic.made_up((1, 2, 3, 4, 8, 16, 32, 64, 128), (1, 8, 512), ("float", "cpp_bin_float_100")),
            "odd values": odd,
            "unknown names": unknown,
            "several data sets": mixed,
            "no width": [{**row, "width": ""} if row["quantity"] == "bound_relative" else row for row in made],
        }
        for kind, rows_of_kind in kinds.items():
            for path in (REPORTS / "figures").glob("*.py"):
                with self.subTest(kind=kind, figure=path.stem):
                    self.draw(path.stem, rows_of_kind)

    def test_the_points_are_the_rows(self) -> None:
        made = [r for r in synthetic.made_up((2, 4, 8), (8,), ("double",)) if r["strategy"] == "reverse_vjp"]
        drawn = {
            round(float(y), 3)
            for axes in self.draw("operations_against_depth", made).axes
            for line in axes.lines
            for y in line.get_ydata()
        }
        expected = {float(str(r["value"])) for r in made if r["quantity"] == "predicted_multiplications"}
        self.assertLessEqual(expected, drawn)


class Style(unittest.TestCase):
    """The helpers of the figures."""

    def test_strategies_differ(self) -> None:
        names = [name for members in style.MEMBERS.values() for name in members]
        looks = style.styles(names)
        self.assertEqual(list(looks), names)
        self.assertEqual(len({(look.colour, look.marker) for look in looks.values()}), len(names))
        self.assertLessEqual(len(style.FAMILIES), 8)

    def test_spread_keeps_order_gap_and_range(self) -> None:
        for wanted in ([0.5] * 5, [0.0, 0.0, 1.0, 1.0], [0.1, 0.11, 0.5, 0.51, 0.52], [0.97, 0.98, 0.99]):
            placed = style.spread(wanted, 0.1, 0.0, 1.0)
            self.assertTrue(all(b - a >= 0.1 - 1e-12 for a, b in zip(placed, placed[1:])), placed)
            self.assertTrue(all(-1e-12 <= y <= 1 + 1e-12 for y in placed), placed)
        self.assertEqual(style.spread([0.2, 0.8], 0.1, 0.0, 1.0), [0.2, 0.8])


if __name__ == "__main__":
    unittest.main()

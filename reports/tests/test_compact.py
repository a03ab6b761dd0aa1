"""Copies of runs without samples: the same rows, verdicts and figures; equal rows give equal bytes; nothing is written over."""

from __future__ import annotations

import contextlib
import gzip
import io
import lzma
import sys
import tempfile
import unittest
from pathlib import Path
from types import ModuleType

REPORTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPORTS), str(REPORTS / "tests")]
sys.dont_write_bytecode = True

import compact  # noqa: E402
import judge  # noqa: E402
import report  # noqa: E402
import rows  # noqa: E402
import synthetic  # noqa: E402
import synthetic_costs  # noqa: E402


def ran(command: ModuleType, *arguments: str) -> tuple[int, str, str]:
    """Exit status, stdout, stderr."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = command.main(list(arguments))
        except SystemExit as left:
            status = left.code
    return status, out.getvalue(), err.getvalue()


class Scratch(unittest.TestCase):
    """A folder for each test."""

    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def made(self, name: str = "run", count: int = 12) -> Path:
        """A folder with so many rows."""
        return synthetic.write(self.folder / name, synthetic.made_up((2,), (8,), ("double",))[:count])

    def out(self, name: str) -> list[str]:
        """The arguments for output, where a command has any."""
        return ["--out", str(self.folder / f"out_{name}")] if name in ("report", "compact") else []

    def refused(self, name: str, command: ModuleType, arguments: list[str], expected: str) -> None:
        """One line, status 2, nothing on stdout."""
        status, printed, error = ran(command, *arguments)
        self.assertEqual((status, error.count("\n")), (2, 1), error)
        self.assertEqual(printed, "")
        self.assertTrue(error.startswith(f"{name}: ") and expected in error, error)


class Compact(Scratch):
    """`backprove compact`."""

    def runs(self) -> list[Path]:
        """Two folders of one name, one with an environment, and samples."""
        made = {"one/bench": synthetic_costs.bench((2, 4, 8), (8,), (1,)), "two/bench": synthetic.made_up((2, 4), (8,), ("double",))}
        folders = [synthetic.write(self.folder / name, some) for name, some in made.items()]
        (folders[0] / "environment.json").write_text('{"processor": {"model": "P"}}')
        (folders[0] / "samples").mkdir()
        (folders[0] / "samples" / "a.csv").write_text("cell\n")
        return folders

    def packed(self, folders: list[Path], out: Path) -> list[str]:
        """The files that were written, below `out`."""
        status, printed, error = ran(compact, "--rows", *map(str, folders), "--out", str(out))
        self.assertEqual((status, error), (0, ""))
        return sorted(str(Path(line.rsplit(" ", 1)[0]).relative_to(out)) for line in printed.splitlines())

    def test_the_same_rows_verdicts_and_figures(self) -> None:
        folders, out = self.runs(), self.folder / "compact"
        files = self.packed(folders, out)
        self.assertEqual(files, ["one/bench/environment.json", "one/bench/rows.csv.gz", "two/bench/rows.csv.gz"])
        copies = [out / "one" / "bench", out / "two" / "bench"]
        self.assertTrue(rows.read(folders).equals(rows.read(copies)))
        told = [ran(judge, "--rows", *map(str, some)) for some in (folders, copies)]
        self.assertEqual(*told)
        written = []
        for some, name in ((folders, "first"), (copies, "second")):
            self.assertEqual(ran(report, "--rows", *map(str, some), "--out", str(self.folder / name))[0], 0)
            written.append({p.name: p.read_bytes() for p in (self.folder / name).iterdir() if p.name not in ("appendix.tex", "report.html")})
        self.assertEqual(*written)  # those two say how much is on disk
        self.assertGreater(len(written[0]), 20)

    def test_rows_packed_by_xz(self) -> None:
        folder = self.runs()[0]
        found = rows.read([folder])
        (folder / "rows.csv.xz").write_bytes(lzma.compress((folder / "rows.csv").read_bytes()))
        (folder / "rows.csv").unlink()
        self.assertTrue(rows.read([folder]).equals(found))

    def test_equal_rows_give_equal_bytes(self) -> None:
        folders = self.runs()
        files = [[(self.folder / out / name).read_bytes() for name in self.packed(folders, self.folder / out)] for out in ("a", "b")]
        self.assertEqual(*files)
        self.assertEqual(gzip.decompress(files[0][-1]), (folders[1] / "rows.csv").read_bytes())
        self.packed([self.folder / "a" / "one" / "bench"], self.folder / "c")  # a copy of a copy
        self.assertEqual((self.folder / "c" / "bench" / "rows.csv.gz").read_bytes(), files[0][1])

    def test_a_run_is_never_written_over(self) -> None:
        folder = self.made()
        before = (folder / "rows.csv").read_bytes()
        self.refused("compact", compact, ["--rows", str(folder), "--out", str(folder.parent)], "holds rows already")
        self.assertEqual((folder / "rows.csv").read_bytes(), before)
        self.assertFalse((folder / "rows.csv.gz").exists())

    def test_rows_before_packed_rows(self) -> None:
        folder = self.made()
        (folder / "rows.csv.gz").write_bytes(b"never read")
        self.assertEqual(len(rows.read([folder])), 12)


if __name__ == "__main__":
    unittest.main()

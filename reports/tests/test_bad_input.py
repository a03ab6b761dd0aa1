"""Bad input to the commands that read rows: one line that names the place, and status 2. What is odd but not bad is read."""

from __future__ import annotations

import gzip
import json
import lzma
import sys
import unittest
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

REPORTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPORTS), str(REPORTS / "tests")]
sys.dont_write_bytecode = True

import claim  # noqa: E402
import compact  # noqa: E402
import exponents  # noqa: E402
import judge  # noqa: E402
import performance  # noqa: E402
import report  # noqa: E402
import rows  # noqa: E402
import synthetic  # noqa: E402
import synthetic_claims  # noqa: E402
import synthetic_costs  # noqa: E402
from test_compact import Scratch, ran  # noqa: E402

COMMANDS: dict[str, ModuleType] = {"claims": judge, "compact": compact, "exponents": exponents, "report": report, "targets": performance}


class Refused(Scratch):
    """Status 2."""

    def test_rows(self) -> None:
        def text(change: Callable[[str], str]) -> Callable[[Path], object]:
            return lambda path: path.write_text(change(path.read_text()))

        def packed(change: Callable[[bytes], bytes]) -> Callable[[Path], object]:
            return lambda path: (path.with_name("rows.csv.gz").write_bytes(change(gzip.compress(path.read_bytes()))), path.unlink())

        def torn_xz(path: Path) -> None:
            path.with_name("rows.csv.xz").write_bytes(lzma.compress(path.read_bytes())[:-20])
            path.unlink()

        cases: dict[str, tuple[Callable[[Path], object], str]] = {
            "torn last line": (text(lambda t: t[:-30]), "fields, the header has 18"),
            "torn last field": (text(lambda t: t.rstrip()), "line 13: the last line has no end"),
            "empty": (text(lambda t: ""), "empty file"),
            "a folder": (lambda path: (path.unlink(), path.mkdir()), "Is a directory"),
            "no gzip": (packed(lambda b: b"not packed"), "rows.csv.gz: not a whole gzip file"),
            "torn gzip": (packed(lambda b: b[:-20]), "rows.csv.gz: not a whole gzip file"),
            "broken gzip": (packed(lambda b: b[:40] + b"\0" * 9 + b[49:]), "rows.csv.gz: not a whole gzip file"),
            "torn xz": (torn_xz, "rows.csv.xz: not a whole xz file"),
            "torn rows in gzip": (packed(lambda b: gzip.compress(gzip.decompress(b)[:-2])), "line 13: the last line has no end"),
        }  # fmt: skip
        for case, (break_it, expected) in cases.items():
            folder = self.made(case.replace(" ", "_"))
            break_it(folder / "rows.csv")
            for name in COMMANDS:
                with self.subTest(case, command=name):
                    self.refused(name, COMMANDS[name], ["--rows", str(folder), *self.out(name)], expected)

    def test_folders_and_usage(self) -> None:
        folder = self.made()
        for name in COMMANDS:
            with self.subTest(name):
                self.refused(name, COMMANDS[name], ["--rows", str(self.folder / "none"), *self.out(name)], "none/rows.csv: No such file")
                self.refused(name, COMMANDS[name], ["--rows", str(folder), str(folder / "rows.csv"), *self.out(name)], "rows.csv/rows.csv: Not a directory")
                self.refused(name, COMMANDS[name], [], "required")
                self.refused(name, COMMANDS[name], ["--rows", *self.out(name)], "expected at least one")
                self.refused(name, COMMANDS[name], ["--rows", str(folder), "--colour", *self.out(name)], "--colour")

    def test_output(self) -> None:
        folder, file = self.made(), self.folder / "file"
        file.write_text("not a folder")
        for name, option in (("report", "--out"), ("compact", "--out")):
            for place in (file, file / "below"):
                with self.subTest(name, place=place.name):
                    self.refused(name, COMMANDS[name], ["--rows", str(folder), option, str(place)], "file")
        for name, option in (("claims", "--json"), ("exponents", "--csv")):
            for place in (self.folder, file / "below"):  # a folder, and below a file
                status, _, error = ran(COMMANDS[name], "--rows", str(folder), option, str(place))
                self.assertEqual((status, error.count("\n")), (2, 1), error)


class Read(Scratch):
    """Odd, and no error."""

    def test_nothing_but_nan_and_unknown_quantities_are_not_evidence(self) -> None:
        made = synthetic.made_up((2,), (8,), ("double",))[:20]
        for case, change in {"nan": {"value": "nan"}, "unknown": {"quantity": "phlogiston"}, "both": {"value": "", "quantity": "x"}}.items():
            folder = synthetic.write(self.folder / case, [{**row, **change} for row in made])
            with self.subTest(case):
                status, printed, error = ran(judge, "--rows", str(folder))
                self.assertEqual((status, error), (0, ""))
                self.assertIn("0 supported, 0 refuted, 0 inconclusive", printed)

    def test_a_mark_at_the_head_and_a_long_network(self) -> None:
        made = synthetic.made_up((2,), (8,), ("double",))[:3]
        made[1]["network"] = " tanh ".join(["affine(8,8)"] * 20_000)
        path = synthetic.write(self.folder / "a", made) / "rows.csv"
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
        self.assertEqual(len(rows.read([path.parent])), 3)

    def test_rows_that_are_there_twice_count_once(self) -> None:
        right = synthetic_claims.right()
        once = {v.name: (v.verdict, v.estimate, v.interval) for v in judge.judge_all(right)}
        whole = right.assign(**{c: right[c].astype(int) for c in rows.INTEGERS}).drop(columns="folder").to_dict("records")
        twice = rows.read([synthetic.write(self.folder / "run", [*whole, *whole])])
        self.assertEqual(len(twice), len(right.drop_duplicates()))
        again = {v.name: (v.verdict, v.estimate, v.interval) for v in judge.judge_all(twice)}
        self.assertEqual({name: v[0] for name, v in once.items()}, {name: v[0] for name, v in again.items()})

    def test_a_slower_machine_beside_a_fast_one_changes_no_verdict(self) -> None:
        folders = []
        for k, slow in ((1, 1.0), (2, 7.0)):
            folder = synthetic.write(self.folder / f"run{k}", synthetic_costs.bench(threads=(1,), slow=slow))
            (folder / "environment.json").write_text(json.dumps({"processor": {"model": f"P{k}"}}))
            folders.append(folder)
        first, second, both = ({v.name: v.verdict for v in judge.judge_all(rows.read(some))} for some in (folders[:1], folders[1:], folders))
        worst = [claim.REFUTED, claim.INCONCLUSIVE, claim.SUPPORTED, claim.NOT_RUN]
        self.assertIn(claim.SUPPORTED, both.values())
        self.assertEqual(both, {name: min((first[name], second[name]), key=worst.index) for name in first})


if __name__ == "__main__":
    unittest.main()

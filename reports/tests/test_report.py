"""Tests of the report on made-up rows: complete, self-contained, the same for the same rows, honest about what is missing."""

from __future__ import annotations

import base64
import contextlib
import gzip
import io
import json
import lzma
import re
import sys
import tempfile
import unittest
from html.parser import HTMLParser
from pathlib import Path

REPORTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPORTS), str(REPORTS / "tests")]
sys.dont_write_bytecode = True

import pandas as pd  # noqa: E402

import drawings  # noqa: E402
import environments  # noqa: E402
import evidence  # noqa: E402
import page  # noqa: E402
import paper  # noqa: E402
import report  # noqa: E402
import synthetic  # noqa: E402
import synthetic_costs  # noqa: E402
import tables  # noqa: E402
import verdicts_made_up  # noqa: E402
from test_rows import Folder  # noqa: E402

MACHINE = {"processor": {"model": "A <b>", "cores": 2, "governor": None}, "memory": {"total_bytes": 8}, "commit": "abc", "date": "2026-01-01"}


class Page(HTMLParser):
    """Collects what a browser would fetch, what links lead to, and the headings."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.targets: set[str] = set()
        self.links: set[str] = set()
        self.headings: list[int] = []
        self.pictures: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            assert given["id"] not in self.targets, f"id {given['id']} twice"
            self.targets.add(given["id"])
        for name in ("src", "href", "srcset", "action", "data"):
            value = given.get(name, "")
            if value.startswith("#"):
                self.links.add(value[1:])
            elif value and not value.startswith("data:"):
                self.fetched.append(f"{tag} {value}")
        if tag == "img":
            self.pictures.append(given.get("alt", ""))
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))


class Whole(unittest.TestCase):
    """One report of everything, from two folders of one machine and one of another."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.scratch = tempfile.TemporaryDirectory()
        folder = Path(cls.scratch.name)
        cls.out = folder / "out"
        made = {"one/verify": (synthetic.made_up((2, 4, 8), (8,), ("float", "double")), MACHINE), "one/bench": (synthetic_costs.everything(), MACHINE),
                "two/bench": (synthetic_costs.bench(threads=(1,), slow=3), {**MACHINE, "processor": {"model": "B", "cores": 64}})}  # fmt: skip
        for name, (rows, environment) in made.items():
            (synthetic.write(folder / name, rows) / "environment.json").write_text(json.dumps(environment))
        cls.written = report.report([folder / name for name in made], cls.out)
        cls.text = (cls.out / "report.html").read_text()
        cls.page = Page(cls.text)

    @classmethod
    def tearDownClass(cls) -> None:
        cls.scratch.cleanup()

    def test_every_file_is_there_and_named(self) -> None:
        self.assertEqual(self.written[-1].name, "report.html")
        for name in [*(f"{f}.{kind}" for f in drawings.names() for kind in drawings.FORMATS), "claims.md", "claims.tex", "figures.tex", "appendix.tex", "targets.csv", "report.md"]:
            self.assertGreater((self.out / name).stat().st_size, 500, name)
            self.assertIn(self.out / name, self.written)

    def test_one_file_without_requests(self) -> None:
        self.assertEqual(self.page.fetched, [])
        self.assertLess(len(self.text.encode()), page.MOST_BYTES)
        style = (page.ASSETS / "report.css").read_text() + (page.ASSETS / "report.js").read_text()
        self.assertNotRegex(style, r"https?://|url\(|@import|fetch\(")

    def test_links_headings_and_alternative_texts(self) -> None:
        self.assertGreater(len(self.page.links), 20)
        self.assertEqual(self.page.links - self.page.targets, set())
        self.assertEqual(self.page.headings[0], 1)
        self.assertTrue(all(b - a <= 1 for a, b in zip(self.page.headings, self.page.headings[1:])), self.page.headings)
        self.assertEqual(len(self.page.pictures), len(drawings.names()))
        self.assertTrue(all(len(alt) > 40 for alt in self.page.pictures))

    def test_order_of_the_sections(self) -> None:
        places = [self.text.index(f'<h2 id="{name}"') for name in ("claims", "targets", "figures", "methods", "environment", "cells", "provenance")]
        self.assertEqual(places, sorted(places))

    def test_machines_are_kept_apart(self) -> None:
        self.assertIn("several machines", self.text)
        for words in ("A &lt;b&gt;", "unknown", "rational numbers have no tanh", "one/bench", "two/bench"):
            self.assertIn(words, self.text)

    def test_the_rows_inside_are_the_rows(self) -> None:
        found = re.search(r'download="rows.csv.xz" href="data:application/x-xz;base64,([^"]+)"', self.text)
        assert found is not None
        inside = pd.read_csv(io.BytesIO(lzma.decompress(base64.b64decode(found[1]))), keep_default_na=False)
        self.assertEqual(set(inside["folder"]), {"verify", "one/bench", "two/bench"})
        self.assertIn(f"{len(inside):,} rows", self.text)
        self.assertGreater(len(inside), 3000)

    def test_the_charts_inside_hold_every_figure(self) -> None:
        found = re.search(r'id="charts">([^<]+)<', self.text)
        assert found is not None
        charts = json.loads(gzip.decompress(base64.b64decode(found[1])))
        self.assertEqual(set(charts), set(drawings.names()))
        times = charts["time_against_depth"]["data"]
        self.assertIn("jacobian_literal", {t["meta"]["strategy"] for t in times})
        script = re.search(r'id="plotly">([^<]+)<', self.text)
        assert script is not None
        self.assertIn(b"MIT", gzip.decompress(base64.b64decode(script[1]))[:2000])

    def test_claims_are_judged_and_shown(self) -> None:
        self.assertRegex(self.text, r"Claims: \d+ supported, \d+ refuted, \d+ inconclusive, \d+ not run\.")
        self.assertIn('id="evidence-reverse_mode_depth_time"', self.text)
        self.assertIn("reverse mode depth", (self.out / "appendix.tex").read_text())

    def test_markdown_has_the_table_of_cells(self) -> None:
        self.assertRegex((self.out / "report.md").read_text(), r"\| complex_step \| float \| 2 \| 0 \| 0 \| 0 \| 0 \| 1 \| 3 \|")


class Small(Folder):
    """Reports that cost little."""

    def test_equal_rows_give_equal_files(self) -> None:
        folder = synthetic.write(self.folder / "a", synthetic.made_up((2, 4), (8,), ("double",)))
        contents = []
        for _ in range(2):
            status, printed, error = self.run_report(folder)
            self.assertEqual((status, error), (0, ""))
            contents.append([Path(name).read_bytes() for name in printed])
        self.assertEqual(*contents)

    def test_nothing_to_draw_is_said(self) -> None:
        out = self.folder / "out"
        out.mkdir()
        (out / "error_against_depth.png").write_text("of an earlier run")
        made = [row for row in synthetic.made_up((2,), (8,), ("double",)) if row["status"] != "ok"]
        status, printed, _ = self.run_report(synthetic.write(self.folder / "a", made))
        self.assertEqual((status, len(printed)), (0, 7))
        text = (out / "report.html").read_text()
        self.assertEqual(text.count("Not drawn: "), len(drawings.names()))
        self.assertNotIn("<img", text)
        self.assertFalse((out / "error_against_depth.png").exists())

    def test_broken_environment_and_unwritable_output(self) -> None:
        folder = synthetic.write(self.folder / "a", synthetic.made_up((2,), (8,), ("double",)))
        for broken in ("{", "[1]"):
            (folder / "environment.json").write_text(broken)
            status, _, error = self.run_report(folder)
            self.assertEqual((status, error.count("\n")), (2, 1))
            self.assertIn("environment.json", error)
        (folder / "environment.json").unlink()
        (self.folder / "out").write_text("a file where the folder should be")
        status, _, error = self.run_report(folder)
        self.assertEqual((status, error.count("\n")), (2, 1))


    def test_bad_usage_is_one_line(self) -> None:
        for arguments in ([], ["--rows", "a"], ["--rows", "a", "--out", "b", "--color"]):
            error = io.StringIO()
            with contextlib.redirect_stderr(error), self.assertRaises(SystemExit) as left:
                report.main(arguments)
            self.assertEqual((left.exception.code, error.getvalue().count("\n")), (2, 1))


class Environments(unittest.TestCase):
    """Which runs are of one machine."""

    def test_machines(self) -> None:
        one, two = environments.flatten(MACHINE), environments.flatten({**MACHINE, "processor": {"model": "B"}})
        later = one | {"date": "2026-02-02", "commit": "def", "processor.governor": "performance"}
        self.assertEqual(environments.machines({"a": one, "b": later, "c": two}), {"a": "machine 1", "b": "machine 1", "c": "machine 2"})
        self.assertEqual(environments.machines({"a": one, "b": later}), {"a": "", "b": ""})
        self.assertEqual(environments.machines({"a": one, "b": None}), {"a": "machine 1", "b": "machine 2"})


    def test_caches_are_one_line(self) -> None:
        flat = environments.flatten({"processor": {"caches": [{"level": 1, "line_bytes": 64}, {"level": 2, "line_bytes": None}]}})
        self.assertEqual(flat, {"processor.caches": "level 1, line bytes 64; level 2, line bytes unknown"})


class Reasons(unittest.TestCase):
    """What is not ok is listed once, the worst first."""

    def test_numbers_do_not_make_another_reason(self) -> None:
        made = synthetic.made_up((2,), (8,), ("double",))[:4]
        for row, status, note in zip(made, ("limit", "limit", "failed", "ok"), ("needs 1.5e+09 bytes", "needs 20 bytes", "off by inf in layer 3", "fine")):
            row |= {"status": status, "note": note, "strategy": "ridders", "cell": note}
        found = tables.reasons(pd.DataFrame(made))
        self.assertEqual([line[:5] for line in found], [["failed", "ridders", "double", "1", "off by inf in layer 3"], ["limit", "ridders", "double", "2", "needs 1.5e+09 bytes"]])


class Verdicts(unittest.TestCase):
    """Claims on the page, in Markdown and in LaTeX."""

    def test_page(self) -> None:
        made = verdicts_made_up.verdicts()
        text = evidence.claims(made, []) + evidence.all_of(made, {"made_up": verdicts_made_up.CLAIM}, [])
        found = Page(text)
        self.assertEqual(found.links - found.targets, set())
        for kind in ("supported", "refuted", "inconclusive", "not-run"):
            self.assertIn(f'class="chip {kind}"', text)
        for words in ("&lt;linearly&gt; &amp; 100 %", "1 (exact)", "0.9 to 1.14", "expected to be refuted", "by its interval", "The 2 points", "operations"):
            self.assertIn(words, text)

    def test_markdown_and_latex(self) -> None:
        made = verdicts_made_up.verdicts()
        markdown = paper.claims_markdown(made)
        self.assertIn("| \u2713 supported | Costs grow <linearly> & 100 % surely. | counts | 1 | exact | 1 \u00b1 0.05 |", markdown)
        latex = paper.claims_tex(made)
        self.assertIn(r"Costs grow \textless{}linearly\textgreater{} \& 100 \% surely.", latex)
        self.assertEqual(latex.count(r"\begin{longtable}"), latex.count(r"\end{longtable}"))
        appendix = paper.appendix({"made_up": verdicts_made_up.CLAIM}, [["a", "1", "2", "3", "4"]], {"a": environments.flatten(MACHINE)})
        for words in (r"section 2\_b", "backprove bench -{}-sweep depth", "a & 1 & 2 & 3 & 4"):
            self.assertIn(words, appendix)

    def test_special_letters(self) -> None:
        self.assertEqual(paper.tex(r"a\b{c}_^%$#&~<>|"), r"a\textbackslash{}b\{c\}\_\^{}\%\$\#\&\textasciitilde{}\textless{}\textgreater{}\textbar{}")


if __name__ == "__main__":
    unittest.main()

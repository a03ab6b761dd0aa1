"""The files for a paper: nothing in them is read as a command that was meant as text, and LaTeX makes pages of them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

REPORTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPORTS), str(REPORTS / "tests")]
sys.dont_write_bytecode = True

from dataclasses import replace  # noqa: E402

import drawings  # noqa: E402
import judge  # noqa: E402
import paper  # noqa: E402
import rows  # noqa: E402
import synthetic  # noqa: E402
import synthetic_claims  # noqa: E402
import verdict_text  # noqa: E402
import verdicts_made_up  # noqa: E402

NASTY = r"""#1 & 100% of $x_i^2$ {left} \end{document} ~ <a> |b| [c] *d `e` "f" 'g' --rows ---""" + "\n\n\tnext\0 \u00e9\u0142\u0159\u0119 \u65e5\u2264\u00b5\u201cq\u201d\u2028"
LETTERS = "".join(map(chr, [*range(1, 0x250), *range(0x370, 0x3D0), *range(0x2010, 0x2070), 0x65E5, 0x1F600]))


def bare(text: str) -> list[str]:
    """The characters that LaTeX would act on in a text that tex() made, beside its own commands and their braces."""
    rest = re.sub(r"\$\\[a-z]+\$|\\[a-zA-Z]+\{\}|\\\^\{\}|\\[{}$&#%_]|\{[\[\]*]\}|\{\}", ".", text)
    return re.findall(r"[\\{}$&#%_^~\[\]*\"|<>\x00-\x1f]|--|[?!]`", rest)


class Escaping(unittest.TestCase):
    """Without LaTeX."""

    def test_special_letters(self) -> None:
        self.assertEqual(
            paper.tex(r"a\b{c}_^%$#&~<>|*[x]"),
            r"a\textbackslash{}b\{c\}\_\^{}\%\$\#\&\textasciitilde{}\textless{}\textgreater{}\textbar{}{*}{[}x{]}",
        )

    def test_options_keep_their_hyphens_and_quotes_open_and_close(self) -> None:
        self.assertEqual(paper.tex("bench --sweep depth ---"), "bench -{}-sweep depth -{}-{}-")
        self.assertEqual(paper.tex("""'a b', "c" layer's ("d") 3\""""), "`a b', ``c'' layer's (``d'') 3''")

    def test_letters_that_fonts_lack_are_named(self) -> None:
        self.assertEqual(paper.tex("\u00e9\u0142 \u65e5\0"), "\u00e9\u0142 {[}U+65E5{]}{[}U+0000{]}")
        self.assertEqual(paper.tex("a\n\n b\u2028c"), "a b c")

    def test_nothing_is_left_bare(self) -> None:
        for letter in LETTERS:
            self.assertEqual(bare(paper.tex(f"a{letter}b {letter}")), [], hex(ord(letter)))
        self.assertEqual(bare(paper.tex(NASTY)), [])
        self.assertIn("#", bare("a#b"), "the check itself finds something")

    def test_every_text_is_escaped_where_it_stands(self) -> None:
        made = files(Path("unused"))
        for name, text in made.items():
            with self.subTest(name):
                text = re.sub(r"(?ms)^%.*?$|\\begin{verbatim}.*?\\end{verbatim}", "", text)
                self.assertNotIn(r"\end{document}", text)
                self.assertNotRegex(text, r"(?<!\\)#")
                depth = 0
                for brace in re.findall(r"(?<!\\)[{}]", text):
                    depth += 1 if brace == "{" else -1
                    self.assertGreaterEqual(depth, 0)
                self.assertEqual(depth, 0)
                self.assertEqual(*(sorted(re.findall(rf"\\{word}{{(\w+)}}", text)) for word in ("begin", "end")))

    def test_the_packages_are_named_at_the_head(self) -> None:
        for name, text in files(Path("unused")).items():
            first = text.splitlines()[0]
            self.assertRegex(first, r"^% Needs \\usepackage\{[a-z,]+\}", name)
            for environment, package in (("longtable", "longtable"), ("includegraphics", "graphicx"), ("toprule", "booktabs"), ("arraybackslash", "array")):
                self.assertTrue(environment not in text.split("\n", 3)[3] or package in first, f"{name}: {package}")


def files(folder: Path, drawn: list[drawings.Drawing] | None = None) -> dict[str, str]:
    """The three files of made-up verdicts with nasty texts, of every claim, and of the figures given."""
    nasty = [replace(v, sentence=NASTY, name=f"{v.claim}_a_b & c") for v in verdicts_made_up.verdicts()]
    shown = drawn or [drawings.Drawing(name, NASTY, NASTY, NASTY, reason, NASTY) for name, reason in (("error_a", ""), ("error_b", NASTY))]
    claims = verdict_text.claims() | {"nasty": replace(verdicts_made_up.CLAIM, sentence=NASTY, source=NASTY, rule=NASTY, needs=NASTY, name="n_{x} & y")}
    environment = {"a": {"processor.model": NASTY, "processor.cores": 2, "commit": None}}
    runs = [[NASTY, "1", "2", "3", "4"], ["a_folder_with_a_long_name", "1,000,000", "12,345,678", "not recorded", "1,234.5"]]
    return {
        "claims.tex": paper.claims_tex([*nasty, *judge.judge_all(synthetic_claims.right())]),
        "figures.tex": paper.figures_tex(shown),
        "appendix.tex": paper.appendix(claims, runs, environment),
    }


class Pages(unittest.TestCase):
    maxDiff = None
    """With LaTeX, where it is installed."""

    def test_pages_without_a_complaint(self) -> None:
        if not shutil.which("pdflatex"):
            print("test_latex: skipped, pdflatex is not installed (texlive-latex-recommended)", file=sys.stderr)
            self.skipTest("pdflatex is not installed")
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            frame = rows.read([synthetic.write(folder / "rows", synthetic.made_up((2, 4), (8,), ("double",)))])
            drawn = [drawings.draw(drawings.FOLDER / f"{name}.py", frame, folder) for name in ("error_against_depth", "noise_floor")]
            drawn[0] = replace(drawn[0], note=NASTY)
            for name, text in files(folder, drawn).items():
                (folder / name).write_text(text, encoding="utf-8")
            example = [line.removeprefix("% ").replace("FOLDER/", "") for line in (folder / "claims.tex").read_text().splitlines()[1:3]]
            letters = paper.tex(" ".join(LETTERS))
            (folder / "paper.tex").write_text("\n".join([*example[:1], example[1].replace(r"\begin{document}", rf"\begin{{document}}{{\raggedright {letters}\par}}")]))
            for _ in range(3):  # longtable settles its widths
                ran = subprocess.run(["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"], cwd=folder, capture_output=True, check=False)
            log = (folder / "paper.log").read_text(encoding="latin-1")
            self.assertEqual(ran.returncode, 0, log[-1500:])
            self.assertEqual(re.findall(r"(?m)^(?:Overfull|LaTeX Warning|Package .* Warning|Missing character).*\n?.*", log), [])
            self.assertTrue((folder / "paper.pdf").stat().st_size > 10000)


if __name__ == "__main__":
    unittest.main()

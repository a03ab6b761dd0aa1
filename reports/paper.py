"""Files to include in a paper: claims.tex, figures.tex, appendix.tex, and report.md with claims.md inside."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

import environments
import tables
import verdict_text
from claim import Claim, Verdict
from drawings import Drawing

SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_", "^": r"\^{}",
    "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", "*": "{*}", "[": "{[}", "]": "{]}",
    "`": r"\textasciigrave{}", "\u00b1": r"$\pm$", "\u00d7": r"$\times$", "\u00b7": r"$\cdot$", "\u2264": r"$\le$", "\u2265": r"$\ge$",
    "\u00b5": r"$\mu$", "\u03bc": r"$\mu$", "\u2013": r"\textendash{}", "\u2014": r"\textemdash{}", "\u2018": "`", "\u2019": "'", "\u201c": "``", "\u201d": "''",
}  # fmt: skip
# Grave, acute, circumflex, tilde, macron, breve, dot, diaeresis, ring, double acute, caron: the accents of every font encoding.
ACCENTS = "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c"
HEAD = """\
% Needs {packages}. A document that takes all three files:
% \\documentclass{{article}} \\usepackage{{booktabs,longtable,array,graphicx,textcomp}} \\graphicspath{{{{FOLDER/}}}}
% \\begin{{document}} \\input{{FOLDER/claims}} \\input{{FOLDER/figures}} \\clearpage \\input{{FOLDER/appendix}} \\end{{document}}"""


def head(*packages: str) -> str:
    """The first lines of a file: what it needs."""
    return HEAD.format(packages="\\usepackage{" + ",".join(packages) + "}")


def tex(text: object) -> str:
    """Text made safe for LaTeX: no letter is a command, no two hyphens are a dash, and what LaTeX has no letter for is named."""
    made = "".join(map(tex_letter, " ".join(str(text).split())))
    made = re.sub(r"(?<=-)-", "{}-", made)
    made = re.sub(r"""(^|(?<=[\s(]))(['"])(?=\S)""", lambda m: {"'": "`", '"': "``"}[m[2]], made)
    return made.replace('"', "''")


def tex_letter(letter: str) -> str:
    """One letter."""
    if letter in SPECIAL:
        return SPECIAL[letter]
    if " " <= letter <= "~" or letter in "\u00df\u00e6\u00c6\u00f8\u00d8\u0142\u0141":
        return letter
    parts = unicodedata.normalize("NFD", letter)
    composed = len(parts) == 2 and parts[0].isascii() and parts[0].isalpha() and parts[1] in ACCENTS
    return letter if composed and ord(letter) < 0x180 else f"{{[}}U+{ord(letter):04X}{{]}}"


def claims_markdown(verdicts: Sequence[Verdict]) -> str:
    """The table of claims in Markdown, with the reasons below it."""
    lines = [[f"{verdict_text.MARKS[v.verdict]} {v.verdict}", *verdict_text.line(v)[1:], v.source] for v in verdicts]
    parts = [tables.markdown((*verdict_text.HEADER, "source"), lines)]
    notes = [f"- **{v.name}**, {v.verdict}{f' ({verdict_text.expected(v)})' if verdict_text.expected(v) else ''}: {' '.join(v.reason.split())}" for v in verdicts]
    return "\n\n".join([*parts, "\n".join(notes)]) + "\n" if verdicts else "There are no claims to judge.\n"


WIDTHS = (0.18, 0.24, 0.14, 0.27, 0.17)
"""Of the columns of claims.tex, as parts of the line."""


def claims_tex(verdicts: Sequence[Verdict]) -> str:
    """The table of claims: every sentence once, its verdicts below it. It may break over pages, in one column of text."""
    columns = "".join(
        rf">{{\raggedright\arraybackslash}}p{{\dimexpr{w}\linewidth-{round(2 * (len(WIDTHS) - 1) * w, 4)}\tabcolsep\relax}}" for w in WIDTHS
    )
    header = " & ".join(map(tex, ("verdict", "evidence", *verdict_text.HEADER[3:]))) + r" \\"
    lines: list[str] = []
    last = None
    for v in verdicts:
        verdict, sentence, _, *numbers = verdict_text.line(v)
        if (v.claim, sentence) != last:
            lines += [r"\addlinespace"] if lines else []
            lines.append(rf"\multicolumn{{{len(WIDTHS)}}}{{@{{}}p{{\linewidth}}@{{}}}}{{\raggedright {tex(sentence)}}} \\*")
            last = (v.claim, sentence)
        expected = "" if v.should_hold else ", as expected"
        lines.append(f"{tex(verdict)}{expected} & {tex(verdict_text.about(v))} & " + " & ".join(map(tex, numbers)) + r" \\")
    return "\n".join([
        head("booktabs", "longtable", "array", "textcomp"), r"\begingroup\footnotesize\setlength{\tabcolsep}{4pt}",
        rf"\begin{{longtable}}{{@{{}}{columns}@{{}}}}",
        r"\caption{Claims and their verdicts.}\label{tab:claims}\\", r"\toprule", header, r"\midrule", r"\endfirsthead", r"\toprule",
        header, r"\midrule", r"\endhead", r"\bottomrule", r"\endfoot", *lines, r"\end{longtable}\endgroup",
    ]) + "\n"  # fmt: skip


def figures_tex(drawings: Sequence[Drawing]) -> str:
    """Every figure that was drawn, at most as high as leaves room for its caption; this folder must be on \\graphicspath."""
    parts = [head("graphicx", "textcomp")]
    for d in drawings:
        if d.reason:
            parts.append(f"% {d.name}: not drawn, {' '.join(d.reason.split())}")
            continue
        label = d.name.replace("_", "-")
        words = " ".join(filter(None, (rf"\textbf{{{tex(d.title)}.}}", tex(d.caption), tex(d.note))))
        parts.append("\\begin{figure}\n\\centering\n\\includegraphics[width=\\linewidth,height=0.72\\textheight,keepaspectratio]{" + d.name
                     + f".pdf}}\n\\caption[{tex(d.title)}]{{{words}}}\\label{{fig:{label}}}\n\\end{{figure}}")  # fmt: skip
    return "\n\n".join(parts) + "\n"


def measured(folders: Sequence[Path], labels: Sequence[str], rows: pd.DataFrame) -> list[list[str]]:
    """For each run: cells, rows, seconds that the cells took where they say so, and megabytes on disk."""
    lines = []
    for folder, label in zip(folders, labels):
        mine = rows[rows["folder"] == label]
        seconds = mine.loc[mine["quantity"].isin(["seconds"]), "value"].sum()
        size = sum(p.stat().st_size for p in Path(folder).rglob("*") if p.is_file())
        lines.append([label, f"{mine['cell'].nunique():,}", f"{len(mine):,}", duration(seconds), f"{size / 1e6:,.1f}"])
    return lines


def duration(seconds: float) -> str:
    """Seconds as a whole number."""
    return "not recorded" if not seconds else "below 1" if seconds < 1 else f"{seconds:,.0f}"


RUN_HEADER = ("run", "cells", "rows", "time in cells (s)", "disk (MB)")


VERBATIM = r"""\begin{verbatim}
scripts/setup        # Debian's packages
scripts/reproduce    # builds, verifies, measures, judges and
                     # draws; --quick does less
scripts/backprove claims --rows DIR...
scripts/backprove report --rows DIR... --out DIR
\end{verbatim}"""


def appendix(known: dict[str, Claim], runs: Sequence[Sequence[str]], environment: dict[str, environments.Flat | None]) -> str:
    """The artifact appendix, from the claim files and the runs."""
    values = next((v for v in environment.values() if v), {})
    machine = f"{environments.known(values.get('processor.model'))}, {environments.known(values.get('processor.cores'))} cores, " \
              f"{environments.known(values.get('system.name'))}, {environments.known(values.get('compiler.name'))} " \
              f"{environments.known(values.get('compiler.version'))}, commit {environments.known(values.get('commit'))}"  # fmt: skip
    header = " & ".join(map(tex, RUN_HEADER)) + r" \\"
    parts = [
        head("booktabs", "longtable", "array", "textcomp"), r"\section{Artifact appendix}", r"\subsection{What it takes}",
        "Debian 12 with git and apt; two cores and 4~GB of memory are enough. The rows of this paper come from: " + tex(machine) + ".",
        VERBATIM, r"\subsection{Time and disk of the runs}",
        r"\begingroup\small\setlength{\tabcolsep}{4pt}\begin{longtable}{@{}>{\raggedright\arraybackslash}p{0.34\linewidth}rrrr@{}}", r"\toprule", header, r"\midrule", r"\endhead",
        r"\bottomrule", r"\endfoot", *(" & ".join(map(tex, line)) + r" \\" for line in runs), r"\end{longtable}\endgroup",
        r"\subsection{Claims, and how each is decided}", r"\begingroup\sloppy\begin{description}",
    ]  # fmt: skip
    for claim in known.values():
        margin = f" Predicted {claim.predicted:g}, margin {claim.margin:g}." if claim.predicted == claim.predicted else ""
        parts.append(
            f"\\item[{tex(claim.name.replace('_', ' '))}] {tex(claim.sentence)} Source: {tex(claim.source)}. Statistic: {tex(claim.statistic)}."
            f"{margin} Rule: {tex(claim.rule)}. Needs: {tex(claim.needs)}."
        )
    if not known:
        parts.append(r"\item[none] There is no claim file.")
    return "\n".join([*parts, r"\end{description}\endgroup"]) + "\n"

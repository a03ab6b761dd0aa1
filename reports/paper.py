"""Files to include in a paper: claims.tex, figures.tex, appendix.tex, and report.md with claims.md inside."""

from __future__ import annotations

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
    "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", "\u00b1": r"$\pm$", "\u2013": "--", '"': "''",
}  # fmt: skip


def tex(text: object) -> str:
    """Text made safe for LaTeX."""
    return "".join(SPECIAL.get(letter, letter) for letter in str(text))


def claims_markdown(verdicts: Sequence[Verdict]) -> str:
    """The table of claims in Markdown, with the reasons below it."""
    lines = [[f"{verdict_text.MARKS[v.verdict]} {v.verdict}", *verdict_text.line(v)[1:], v.source] for v in verdicts]
    parts = [tables.markdown((*verdict_text.HEADER, "source"), lines)]
    notes = [f"- **{v.name}**, {v.verdict}{f' ({verdict_text.expected(v)})' if verdict_text.expected(v) else ''}: {' '.join(v.reason.split())}" for v in verdicts]
    return "\n\n".join([*parts, "\n".join(notes)]) + "\n" if verdicts else "There are no claims to judge.\n"


def claims_tex(verdicts: Sequence[Verdict]) -> str:
    """The table of claims; needs the packages booktabs, longtable and array."""
    lines = []
    for v in verdicts:
        verdict, sentence, *numbers = verdict_text.line(v)
        expected = r"\newline{\footnotesize expected}" if not v.should_hold else ""
        lines.append(f"{tex(verdict)}{expected} & {tex(sentence)} & " + " & ".join(map(tex, numbers)) + r" \\")
    return "\n".join([
        "% Needs \\usepackage{booktabs,longtable,array}",
        r"\begin{longtable}{@{}>{\raggedright}p{0.13\linewidth}>{\raggedright}p{0.36\linewidth}l>{\raggedright}p{0.09\linewidth}"
        r">{\raggedright}p{0.14\linewidth}>{\raggedright\arraybackslash}p{0.12\linewidth}@{}}",
        r"\caption{Claims and their verdicts.}\label{tab:claims}\\", r"\toprule",
        " & ".join(map(tex, verdict_text.HEADER)) + r" \\", r"\midrule", r"\endfirsthead", r"\toprule",
        " & ".join(map(tex, verdict_text.HEADER)) + r" \\", r"\midrule", r"\endhead", r"\bottomrule", r"\endfoot",
        *lines, r"\end{longtable}",
    ]) + "\n"  # fmt: skip


def figures_tex(drawings: Sequence[Drawing]) -> str:
    """Every figure that was drawn; needs graphicx, and this folder on \\graphicspath."""
    parts = ["% Needs \\usepackage{graphicx} and \\graphicspath{{the folder of this file/}}"]
    for d in drawings:
        if d.reason:
            parts.append(f"% {d.name}: not drawn, {d.reason}")
            continue
        label = d.name.replace("_", "-")
        parts.append("\\begin{figure}\n\\centering\n\\includegraphics[width=\\linewidth]{" + d.name + ".pdf}\n"
                     f"\\caption{{\\textbf{{{tex(d.title)}.}} {tex(d.caption)} {tex(d.note)}}}\\label{{fig:{label}}}\n\\end{{figure}}")  # fmt: skip
    return "\n\n".join(parts) + "\n"


def measured(folders: Sequence[Path], labels: Sequence[str], rows: pd.DataFrame) -> list[list[str]]:
    """For each run: cells, rows, seconds that the cells took where they say so, and megabytes on disk."""
    lines = []
    for folder, label in zip(folders, labels):
        mine = rows[rows["folder"] == label]
        seconds = mine.loc[mine["quantity"].isin(["seconds"]), "value"].sum()
        size = sum(p.stat().st_size for p in Path(folder).rglob("*") if p.is_file())
        lines.append([label, f"{mine['cell'].nunique():,}", f"{len(mine):,}", f"{seconds:,.0f}" if seconds else "not recorded", f"{size / 1e6:,.1f}"])
    return lines


RUN_HEADER = ("run", "cells", "rows", "time in cells (s)", "disk (MB)")


def appendix(known: dict[str, Claim], runs: Sequence[Sequence[str]], environment: dict[str, environments.Flat | None]) -> str:
    """The artifact appendix, from the claim files and the runs; needs hyperref for nothing, only longtable and booktabs."""
    values = next((v for v in environment.values() if v), {})
    machine = f"{environments.known(values.get('processor.model'))}, {environments.known(values.get('processor.cores'))} cores, " \
              f"{environments.known(values.get('system.name'))}, {environments.known(values.get('compiler.name'))} " \
              f"{environments.known(values.get('compiler.version'))}, commit {environments.known(values.get('commit'))}"  # fmt: skip
    parts = [
        r"\section{Artifact appendix}", r"\subsection{What it takes}",
        "Debian 12 with git and apt; two cores and 4~GB of memory are enough. The rows of this paper come from: " + tex(machine) + ".",
        "\\begin{verbatim}\nscripts/setup        # Debian's packages\nscripts/reproduce    # builds, verifies, measures, judges, draws (--quick: less)\n"
        "scripts/backprove claims --rows DIR...\nscripts/backprove report --rows DIR... --out DIR\n\\end{verbatim}",
        r"\subsection{Time and disk of the runs}", r"\begin{tabular}{@{}lrrrr@{}}\toprule",
        " & ".join(map(tex, RUN_HEADER)) + r" \\\midrule", *(" & ".join(map(tex, line)) + r" \\" for line in runs), r"\bottomrule\end{tabular}",
        r"\subsection{Claims, and how each is decided}", r"\begin{description}",
    ]  # fmt: skip
    for claim in known.values():
        margin = f" Predicted {claim.predicted:g}, margin {claim.margin:g}." if claim.predicted == claim.predicted else ""
        parts.append(
            f"\\item[{tex(claim.name.replace('_', ' '))}] {tex(claim.sentence)} Source: {tex(claim.source)}. Statistic: {tex(claim.statistic)}."
            f"{margin} Rule: {tex(claim.rule)} Needs: {tex(claim.needs)}"
        )
    if not known:
        parts.append(r"\item[none] There is no claim file.")
    return "\n".join([*parts, r"\end{description}"]) + "\n"

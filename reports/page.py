"""The report as one self-contained HTML file that makes no request: claims, targets, figures, methods, environment, cells, provenance."""

from __future__ import annotations

import base64
import hashlib
import html as escape_html
import json
import lzma
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

import environments
import evidence
import methods
import performance
import style
import tables
import verdict_text
from claim import Claim, Verdict
from drawings import Drawing, packed

ASSETS = Path(__file__).resolve().parent / "assets"
PLOTLY = Path("/usr/share/python3-plotly/plotly.js")  # where Debian's python3-plotly keeps the script
TITLE = "Backprove: is the gradient right, how right, and what does it cost?"
MOST_BYTES = 8_000_000


@dataclass(frozen=True)
class Content:
    """What the report says, before it has a form."""

    folders: Sequence[str]
    rows: pd.DataFrame
    rows_csv: bytes
    verdicts: Sequence[Verdict]
    claims: dict[str, Claim]
    drawings: Sequence[Drawing]
    environment: dict[str, environments.Flat | None]
    targets: Sequence[performance.Judged]
    summary: str  # how many claims ended in each verdict


def e(text: object) -> str:
    """Text made safe for HTML."""
    return escape_html.escape(str(text))


def plotly_script() -> str:
    """Plotly's script, minified where esbuild is installed (1.5 MB in the page instead of 2.5), packed."""
    script = PLOTLY.read_bytes()
    if esbuild := shutil.which("esbuild"):
        made = subprocess.run([esbuild, "--minify", "--log-level=error"], input=script,
                              capture_output=True, check=False, timeout=120)  # fmt: skip
        if made.returncode == 0 and len(made.stdout) > 1_000_000:
            script = script[: script.index(b"*/") + 3] + made.stdout  # the licence stays
    return packed(script)


def html(content: Content) -> str:
    """The page."""
    figures = [d for d in content.drawings if not d.reason]
    charts = {d.name: d.chart for d in figures}
    titles = (("claims", "Claims"), ("targets", "Targets"), ("figures", "Figures"), ("evidence", "Evidence"), ("methods", "Methods"),
              ("environment", "Environment"), ("cells", "Cells"), ("provenance", "Provenance"))  # fmt: skip
    links = "".join(f'<li><a href="#{name}">{title}</a></li>' for name, title in titles)
    body = "\n".join([
        '<a class="skip" href="#main">Skip to the claims</a>',
        f'<header><h1>{e(TITLE)}</h1>\n<p class="lead">{e(content.summary)}</p>\n<p>{e(tables.headline(content.rows))} '
        f"Rows read from {e(', '.join(content.folders))}.</p>\n<nav aria-label=\"Sections\"><ul>{links}</ul></nav></header>",
        '<main id="main">',
        evidence.claims(content.verdicts, content.drawings),
        targets_section(content.targets),
        figures_section(content),
        evidence.all_of(content.verdicts, content.claims, content.drawings),
        f'<section><h2 id="methods">Methods</h2>{methods.html()}</section>',
        environment_section(content),
        cells_section(content.rows),
        provenance_section(content),
        "</main>",
    ])  # fmt: skip
    script = (ASSETS / "report.js").read_text(encoding="utf-8")
    packs = f'<script type="text/plain" id="plotly">{plotly_script()}</script>\n' if figures else ""
    packs += f'<script type="text/plain" id="charts">{packed(json.dumps(charts, allow_nan=False).encode())}</script>\n' if figures else ""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<link rel="icon" href="data:,">\n<title>{e(TITLE)}</title>\n<style>{(ASSETS / "report.css").read_text(encoding="utf-8")}</style>\n'
        f"</head>\n<body>\n{body}\n{packs}{f'<script>{script}</script>' if figures else ''}\n</body>\n</html>\n"
    )


def targets_section(targets: Sequence[performance.Judged]) -> str:
    """How many cells keep to each performance target; folded away, every one that does not, with its reason."""
    lines = [[one.outcome, one.target.sentence, *one.line()[2:]] for one in targets]
    misses = [f"<h3>{e(one.target.name.replace('_', ' '))}</h3>{table(performance.MISS, [performance.miss(cell) for cell in one.misses])}"
              for one in targets if one.misses]  # fmt: skip
    number = sum(len(one.misses) for one in targets)
    words = f"The {number:,} cell{'s' if number != 1 else ''} beyond a bar, with what was measured about each"
    folded = f"<details><summary>{words}</summary>{''.join(misses)}</details>" if misses else ""
    summary = performance.summary_line(targets)
    return (
        f'<section><h2 id="targets">Targets</h2>\n<p>{e(summary[:1].upper() + summary[1:])}. Each run is held by itself. 0.9 explained means that '
        f"the limit and the named overheads, which overlap in part, are 0.9 of the time. {e(performance.NOTE)}</p>\n"
        f"{table(performance.HEADER, lines)}\n{folded}</section>"
    )


def figures_section(content: Content) -> str:
    """Pickers, then every figure with its picture, caption and numbers; last the ones that could not be drawn."""
    drawn = [d for d in content.drawings if not d.reason]
    parts = ['<section><h2 id="figures">Figures</h2>']
    if drawn:
        traces = [t["meta"] for d in drawn if d.chart for t in d.chart["data"]]
        strategies = list(style.styles({t["strategy"] for t in traces} - {""}))
        scalars = style.scalar_order({t["scalar"] for t in traces} - {""})
        parts.append('<p class="soft script-state" aria-live="polite">Pictures; the interactive charts need scripts.</p>')
        boxes = "".join(
            f'<h3>{title}</h3><div class="pick" id="pick-{kind}" role="group" aria-label="{title} in all charts" data-names="{e(json.dumps(names))}"></div>'
            for kind, title, names in (("strategy", "Strategies", strategies), ("scalar", "Scalars", scalars))
        )
        parts.append(f'<details class="pickers scripted"><summary>Choose strategies and scalars for all charts</summary>{boxes}</details>')
    for number, drawing in enumerate(content.drawings, start=1):
        parts.append(figure(number, drawing, [v for v in content.verdicts if v.figure == drawing.name]))
    return "\n".join(parts) + "</section>"


def figure(number: int, drawing: Drawing, verdicts: Sequence[Verdict]) -> str:
    """One figure, or the sentence that says why it is not there."""
    head = f'<h3 id="figure-{e(drawing.name)}">{number}. {e(drawing.title)}</h3>'
    if drawing.reason:
        return f'{head}\n<p class="soft">Not drawn: {e(drawing.reason)}.</p>'
    chips = evidence.of_figure(verdicts)
    numbers = ""
    if drawing.numbers:
        header, *lines = drawing.numbers
        numbers = f"<details><summary>The numbers</summary>{table(header, lines)}</details>"
    note = f" {e(drawing.note)}" if drawing.note else ""
    return (
        f'{head}\n<p>{e(drawing.claim[:1].upper() + drawing.claim[1:])}</p>\n{chips}\n<figure data-chart="{e(drawing.name)}">\n'
        f'<img alt="{e(drawing.caption)}" src="{drawing.picture()}">\n'
        f"<figcaption>{e(drawing.caption)}{note} For print: {e(drawing.name)}.pdf, .svg and .png beside this page.</figcaption></figure>{numbers}"
    )


def environment_section(content: Content) -> str:
    """Every environment with a column of its own, and which runs are of one machine."""
    parts = ['<section><h2 id="environment">Environment</h2>']
    machines = environments.machines(content.environment)
    if len(set(machines.values())) > 1:
        parts.append("<p>The rows come from several machines. Times are compared within one machine only; counts and errors are those of all.</p>")
        parts.append(table(["run", "machine"], [[label, machine] for label, machine in machines.items()]))
    else:
        parts.append("<p>All rows come from one machine.</p>")
    if absent := environments.without(content.environment):
        parts.append(f'<p class="soft">{e(absent)}</p>')
    if lines := environments.table(content.environment):
        parts.append(table(lines[0], lines[1:]))
    return "\n".join(parts) + "</section>"


def cells_section(rows: pd.DataFrame) -> str:
    """Cells by status, and everything that is not ok with its reason."""
    parts = ['<section><h2 id="cells">Cells</h2>', f"<p>{e(tables.STATUS_NOTE)}</p>", matrix(tables.by_status(rows))]
    parts.append("<h3>What was not ok, and why</h3>")
    lines = tables.reasons(rows)
    if lines:
        parts.append(table(tables.REASON_HEADER, lines[: tables.MOST_REASONS]))
        if len(lines) > tables.MOST_REASONS:
            parts.append(f'<p class="soft">{len(lines) - tables.MOST_REASONS:,} more kinds of reasons: see rows.csv.</p>')
    else:
        parts.append("<p>Nothing.</p>")
    return "\n".join(parts) + "</section>"


def provenance_section(content: Content) -> str:
    """Where the rows come from, when they were measured, by which commit, and the rows themselves."""
    lines = []
    for label in content.folders:
        values = content.environment.get(label) or {}
        mine = content.rows[content.rows["folder"] == label]
        lines.append([label, environments.known(values.get("date")), environments.known(values.get("commit")), f"{len(mine):,}", f"{mine['cell'].nunique():,}"])
    zipped = base64.b64encode(lzma.compress(content.rows_csv, preset=9 | lzma.PRESET_EXTREME)).decode("ascii")
    digest = hashlib.sha256(content.rows_csv).hexdigest()
    return (
        '<section><h2 id="provenance">Provenance</h2>'
        + table(["run", "date", "commit", "rows", "cells"], lines)
        + f'<p><a class="download" download="rows.csv.xz" href="data:application/x-xz;base64,{zipped}">Download all rows (rows.csv.xz, '
        f"{len(zipped) * 3 // 4 / 1e6:.2f} MB)</a></p>"
        f'<p class="soft">{len(content.rows):,} rows, one measured quantity each, without the single samples; columns as in reports/schema.md, '
        f"and the run. SHA-256 of rows.csv: <code>{digest}</code></p>"
        "<p>To draw this report from rows: <code>scripts/backprove report --rows DIR... --out DIR</code>; to measure anew: "
        "<code>scripts/reproduce</code>.</p>"
        '<p class="soft">The charts are drawn by plotly.js, copyright Plotly, Inc., MIT licence, which is inside this file. '
        "This file makes no request.</p></section>"
    )


def matrix(status: pd.DataFrame) -> str:
    """Strategies by scalars; a field has a chip for each status and the largest quotient."""
    scalars = style.scalar_order(status["scalar"])
    fields = {(v.strategy, v.scalar): v for v in status.itertuples()}
    lines = []
    for strategy in dict.fromkeys(status["strategy"]):
        colour = style.FAMILIES[style.family_of(strategy)]
        cells = [f'<th scope="row"><span class="family" style="background:{colour}"></span>{e(strategy)}</th>']
        cells += [f"<td>{field(fields[strategy, scalar]) if (strategy, scalar) in fields else ''}</td>" for scalar in scalars]
        lines.append(f"<tr>{''.join(cells)}</tr>")
    head = "".join(f'<th scope="col">{e(name)}</th>' for name in ["strategy", *scalars])
    return scrolling(f"<table><thead><tr>{head}</tr></thead>\n<tbody>{chr(10).join(lines)}</tbody></table>", "Cells by status")


def field(status: Any) -> str:
    """One strategy in one scalar."""
    chips = "".join(f'<span class="chip {s}">{getattr(status, s)} {s}</span>' for s in tables.STATUSES if getattr(status, s))
    text = tables.ratio(status.ratio)
    over = " over" if status.ratio > 1 else ""
    return chips + (f'<br><span class="ratio{over}">{e(text)} of its bound</span>' if text else "")


def table(header: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A plain table; a first field that is a status becomes a chip."""

    def cell(index: int, text: str) -> str:
        return f'<td><span class="chip {text}">{text}</span></td>' if index == 0 and text in tables.STATUSES else f"<td>{e(text)}</td>"

    head = "".join(f'<th scope="col">{e(name)}</th>' for name in header)
    body = "\n".join(f"<tr>{''.join(cell(i, t) for i, t in enumerate(line))}</tr>" for line in lines)
    return scrolling(f"<table><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>", f"Table: {header[0] or 'what'}, {header[-1]}")


def scrolling(inside: str, label: str) -> str:
    """A wide table scrolls by itself, by keyboard too."""
    return f'<div class="scroll" role="region" tabindex="0" aria-label="{e(label)}">{inside}</div>'

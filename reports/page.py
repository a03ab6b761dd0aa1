"""The summary as text: Markdown for terminals and repositories, and one self-contained HTML file that makes no request."""

from __future__ import annotations

import html as escape_html
import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

import style

TITLE = "Backprove: summary"
STATUS_COLUMNS = ("ok", "unsupported", "limit", "inconclusive", "nonfinite", "failed")
# Shown in both forms; the rows hold the rest.
MOST_REASONS = 200


@dataclass(frozen=True)
class Picture:
    """A figure as data URIs, or the reason why it was not drawn."""

    name: str
    claim: str
    caption: str
    reason: str
    svg: str
    png: str


@dataclass(frozen=True)
class Content:
    """What the summary says, before it has a form."""

    headline: str
    folders: list[str]
    drawings: list[Picture]
    verdicts: pd.DataFrame
    reasons: pd.DataFrame
    environment: dict[str, dict[str, Any] | None]


VERDICT_NOTE = (
    "Cells by status for each strategy and scalar, and the largest error / bound of a cell: the largest relative error "
    "divided by the bound derived from the arithmetic that was carried out. At most 1 is within the bound."
)


def ratio(value: float) -> str:
    """A quotient for people: three digits, never rounded down to 1 or to 0."""
    if math.isnan(value):
        return ""
    if value > 1:
        return f"{value:.3g}" if value >= 1.005 else "> 1"
    return f"{value:.2g}" if value else "0"


def known(value: Any) -> str:
    """A value of the environment; null is unknown."""
    return "unknown" if value is None else str(value)


def environment_table(environment: dict[str, dict[str, Any] | None]) -> list[list[str]]:
    """Header and lines: key, then one value if all folders agree, else one for each folder."""
    present = {name: values for name, values in environment.items() if values is not None}
    keys = list(dict.fromkeys(key for values in present.values() for key in values))
    lines = []
    for key in keys:
        values = [known(values.get(key)) for values in present.values()]
        lines.append([key, values[0] if len(set(values)) == 1 else "; ".join(f"{n}: {v}" for n, v in zip(present, values))])
    return lines


def without_environment(environment: dict[str, dict[str, Any] | None]) -> str:
    """A sentence about folders that have no environment.json, or nothing."""
    absent = [name for name, values in environment.items() if values is None]
    return f"No environment.json in {', '.join(absent)}." if absent else ""


# ---- Markdown -------------------------------------------------------------------------------------------------------


def table(header: list[str], lines: list[list[str]]) -> str:
    """A Markdown table."""

    def row(fields: list[str]) -> str:
        return "| " + " | ".join(" ".join(f.replace("|", "\\|").split()) for f in fields) + " |"

    return "\n".join([row(header), "|" + " --- |" * len(header), *map(row, lines)])


def markdown(content: Content) -> str:
    """The summary in Markdown; pictures are links to the files beside it."""
    parts = [f"# {TITLE}", content.headline, f"Rows read from: {', '.join(content.folders)}.", "## Figures"]
    for number, drawing in enumerate(content.drawings, start=1):
        parts.append(f"### {number}. {drawing.name.replace('_', ' ')}")
        parts.append(f"Claim: {drawing.claim}")
        if drawing.reason:
            parts.append(f"Not drawn: {drawing.reason}.")
        else:
            parts.append(f"![{drawing.name.replace('_', ' ')}]({drawing.name}.png)\n\n*{drawing.caption}*")
    verdicts = [
        [v.strategy, v.scalar, *(str(getattr(v, s)) for s in STATUS_COLUMNS), ratio(v.ratio)] for v in content.verdicts.itertuples()
    ]
    parts += ["## Verdicts", VERDICT_NOTE, table(["strategy", "scalar", *STATUS_COLUMNS, "largest error / bound"], verdicts)]
    parts.append("## What was not ok, and why")
    parts.append(table(REASON_HEADER, reason_lines(content.reasons)) if len(content.reasons) else "Nothing.")
    if len(content.reasons) > MOST_REASONS:
        parts.append(f"{len(content.reasons) - MOST_REASONS} more: see rows.csv.")
    parts.append("## Environment")
    lines = environment_table(content.environment)
    parts += [text for text in (without_environment(content.environment), table(["what", "value"], lines) if lines else "") if text]
    return "\n\n".join(parts) + "\n"


REASON_HEADER = ["status", "strategy", "scalar", "cells", "reason", "for example"]


def reason_lines(reasons: pd.DataFrame) -> list[list[str]]:
    """The lines of the table of reasons, cut at MOST_REASONS."""
    return [[r.status, r.strategy, r.scalar, str(r.cells), r.note, short(r.network)] for r in reasons.head(MOST_REASONS).itertuples()]


def short(network: str, most: int = 60) -> str:
    """A network's text, cut in the middle."""
    return network if len(network) <= most else f"{network[: most // 2]} ... {network[-most // 3 :]}"


# ---- HTML -----------------------------------------------------------------------------------------------------------

CSS = """
:root { color-scheme: light; --ink: #1d2329; --soft: #5b6670; --line: #d9dee3; }
body { margin: 2rem auto; max-width: 62rem; padding: 0 1.2rem; color: var(--ink); background: #fff;
       font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; }
h1 { font-size: 1.6rem; margin-bottom: .2rem; } h2 { font-size: 1.2rem; margin-top: 2.4rem; } h3 { font-size: 1rem; }
.headline { font-size: 1.1rem; } .soft { color: var(--soft); font-size: .88rem; }
figure { margin: 1rem 0 2rem; } figure img { width: 100%; height: auto; border: 1px solid var(--line); border-radius: 4px; }
figcaption { color: var(--soft); font-size: .86rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .84rem; } th, td { padding: .3rem .55rem; text-align: left; vertical-align: top; }
th { border-bottom: 2px solid var(--line); } td { border-bottom: 1px solid var(--line); }
tbody th { border-bottom: 1px solid var(--line); font-weight: 600; white-space: nowrap; }
.family { display: inline-block; width: .7em; height: .7em; border-radius: 2px; margin-right: .45em; }
.chip { display: inline-block; padding: 0 .45em; margin: 0 .2em .15em 0; border-radius: 9px; white-space: nowrap; border: 1px solid; }
.ok { background: #e4f3ee; border-color: #009e73; } .failed { background: #a32500; border-color: #a32500; color: #fff; font-weight: 700; }
.nonfinite { background: #f9dccb; border-color: #d55e00; } .inconclusive { background: #fdf0d5; border-color: #e69f00; }
.limit { background: #e3f1fb; border-color: #56b4e9; } .unsupported { background: #f1f2f4; border-color: #9aa4ad; color: #48525b; }
.ratio { font-variant-numeric: tabular-nums; color: var(--soft); white-space: nowrap; } .over { color: #a32500; font-weight: 700; }
@media print { body { margin: 0; max-width: none; font-size: 11px; } figure { break-inside: avoid; } }
"""


def e(text: object) -> str:
    """Text made safe for HTML."""
    return escape_html.escape(str(text))


def html(content: Content) -> str:
    """The summary as one HTML file: pictures inside, no script, no request."""
    parts = [f"<h1>{e(TITLE)}</h1>", f'<p class="headline">{e(content.headline)}</p>']
    parts.append(f'<p class="soft">Rows read from: {e(", ".join(content.folders))}.</p>')
    parts.append("<h2>Figures</h2>")
    parts += [picture(number, drawing) for number, drawing in enumerate(content.drawings, start=1)]
    parts += ["<h2>Verdicts</h2>", f'<p class="soft">{e(VERDICT_NOTE)}</p>', matrix(content.verdicts)]
    parts.append("<h2>What was not ok, and why</h2>")
    if len(content.reasons):
        parts.append(html_table(REASON_HEADER, reason_lines(content.reasons)))
        if len(content.reasons) > MOST_REASONS:
            parts.append(f'<p class="soft">{len(content.reasons) - MOST_REASONS} more: see rows.csv.</p>')
    else:
        parts.append("<p>Nothing.</p>")
    parts.append("<h2>Environment</h2>")
    if absent := without_environment(content.environment):
        parts.append(f'<p class="soft">{e(absent)}</p>')
    if lines := environment_table(content.environment):
        parts.append(html_table(["what", "value"], lines))
    body = "\n".join(parts)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{e(TITLE)}</title>\n<style>{CSS}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def picture(number: int, drawing: Picture) -> str:
    """A figure with its claim and caption; the PNG stands behind the SVG for saving."""
    title = e(drawing.name.replace("_", " "))
    head = f"<h3>{number}. {title}</h3>\n<p>{e(drawing.claim)}</p>"
    if drawing.reason:
        return f'{head}\n<p class="soft">Not drawn: {e(drawing.reason)}.</p>'
    saved = f'<a download="{e(drawing.name)}.png" href="{drawing.png}">PNG</a>'
    return (
        f'{head}\n<figure><img alt="{title}: {e(drawing.caption)}" src="{drawing.svg}">\n'
        f"<figcaption>{e(drawing.caption)} {saved}</figcaption></figure>"
    )


def matrix(verdicts: pd.DataFrame) -> str:
    """Strategies by scalars; a field has a chip for each status and the largest quotient."""
    scalars = style.scalar_order(verdicts["scalar"])
    fields = {(v.strategy, v.scalar): v for v in verdicts.itertuples()}
    lines = []
    for strategy in dict.fromkeys(verdicts["strategy"]):
        colour = style.FAMILIES[style.family_of(strategy)]
        cells = [f'<th scope="row"><span class="family" style="background:{colour}"></span>{e(strategy)}</th>']
        cells += [f"<td>{field(fields[strategy, scalar]) if (strategy, scalar) in fields else ''}</td>" for scalar in scalars]
        lines.append(f"<tr>{''.join(cells)}</tr>")
    head = "".join(f'<th scope="col">{e(name)}</th>' for name in ["strategy", *scalars])
    families = "".join(
        f'<span style="margin-right:1em"><span class="family" style="background:{colour}"></span>{e(name)}</span>'
        for name, colour in style.FAMILIES.items()
        if name in set(verdicts["family"])
    )
    return (
        f'<p class="soft">{families}</p>\n<div class="scroll"><table><thead><tr>{head}</tr></thead>\n<tbody>'
        + "\n".join(lines)
        + "</tbody></table></div>"
    )


def field(verdict: Any) -> str:
    """One strategy in one scalar."""
    chips = "".join(f'<span class="chip {s}">{getattr(verdict, s)} {s}</span>' for s in STATUS_COLUMNS if getattr(verdict, s))
    text = ratio(verdict.ratio)
    over = " over" if verdict.ratio > 1 else ""
    return chips + (f'<br><span class="ratio{over}">{e(text)} of its bound</span>' if text else "")


def html_table(header: list[str], lines: list[list[str]]) -> str:
    """A plain table; a first field that is a status becomes a chip."""

    def cell(index: int, text: str) -> str:
        return f'<td><span class="chip {text}">{text}</span></td>' if index == 0 and text in STATUS_COLUMNS else f"<td>{e(text)}</td>"

    head = "".join(f'<th scope="col">{e(name)}</th>' for name in header)
    body = "\n".join(f"<tr>{''.join(cell(i, t) for i, t in enumerate(line))}</tr>" for line in lines)
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table></div>'

"""The claims of the page: the table with its chips, and for each verdict the numbers and the figure behind it."""

from __future__ import annotations

import html as escape_html
import math
from collections.abc import Sequence

import verdict_text
from claim import Claim, Verdict
from drawings import Drawing

MOST_POINTS = 40  # lines of a verdict's numbers


def e(text: object) -> str:
    """Text made safe for HTML."""
    return escape_html.escape(str(text))


def chip(verdict: Verdict, target: str, words: str = "") -> str:
    """A verdict as a link; its mark tells verdicts apart without colour."""
    name = verdict.verdict.replace(" ", "-")
    return f'<a class="chip {name}" href="{e(target)}">{verdict_text.MARKS[verdict.verdict]} {e(words or verdict.verdict)}</a>'


def figure_link(verdict: Verdict, drawings: Sequence[Drawing]) -> str:
    """A link to the figure that shows the claim, if there is one."""
    found = next((d for d in drawings if d.name == verdict.figure), None)
    if found is None:
        return ""
    words = "" if not found.reason else " (not drawn)"
    return f'<a href="#figure-{e(found.name)}">{e(found.name.replace("_", " "))}{words}</a>'


def claims(verdicts: Sequence[Verdict], drawings: Sequence[Drawing]) -> str:
    """The section that comes first: one line a claim, with a chip for each source of evidence."""
    parts = ['<section><h2 id="claims">Claims</h2>']
    if not verdicts:
        return parts[0] + "<p>There are no claims to judge.</p></section>"
    parts.append(
        "<p>Every claim is judged by a machine, from the rows alone, by a rule fixed beforehand. Supported: the whole 95 % interval lies within "
        "the margin around the prediction; refuted: it lies outside; inconclusive: neither. A chip leads to the numbers.</p>"
    )
    groups: dict[str, list[Verdict]] = {}
    for v in verdicts:
        groups.setdefault(v.claim, []).append(v)
    lines = []
    for name, mine in groups.items():
        first = mine[0]
        expected = f'<span class="expected">{verdict_text.expected(first)}</span>' if verdict_text.expected(first) else ""
        found = "".join(
            f'<li>{chip(v, f"#evidence-{v.name}", f"{verdict_text.about(v)}: {v.verdict}" if len(mine) > 1 else "")} <span class="number">{e(verdict_text.short(v))}</span></li>'
            for v in mine
        )
        lines.append(
            f'<tr id="claim-{e(name)}"><td>{e(first.sentence)}{expected}</td><td><ul class="chips">{found}</ul></td>'
            f'<td class="number" data-label="predicted">{"<br>".join(dict.fromkeys(e(verdict_text.predicted(v)) for v in mine))}</td><td>{figure_link(first, drawings)}</td></tr>'
        )
    head = "".join(f'<th scope="col">{name}</th>' for name in ("claim", "verdict, estimate, 95 % interval", "predicted", "figure"))
    parts.append(f'<table class="claims"><thead><tr>{head}</tr></thead>\n<tbody>{chr(10).join(lines)}</tbody></table>')
    return "\n".join(parts) + "</section>"


def all_of(verdicts: Sequence[Verdict], known: dict[str, Claim], drawings: Sequence[Drawing]) -> str:
    """The numbers behind each verdict, claim by claim."""
    parts = ['<section><h2 id="evidence">Evidence</h2>']
    if not verdicts:
        parts.append("<p>Nothing was judged.</p>")
    groups: dict[str, list[Verdict]] = {}
    for v in verdicts:
        groups.setdefault(v.claim, []).append(v)
    return "\n".join([*parts, *(of_claim(name, mine, known.get(name), drawings) for name, mine in groups.items())]) + "</section>"


def of_claim(name: str, verdicts: Sequence[Verdict], claim: Claim | None, drawings: Sequence[Drawing]) -> str:
    """What is fixed beforehand, once, and below it every verdict."""
    first = verdicts[0]
    facts = [("formula", first.formula), ("source", first.source), ("statistic", claim.statistic if claim else first.statistic)]
    facts += [("rule", claim.rule), ("needs", claim.needs)] if claim else []
    links = " \u00b7 ".join(x for x in (figure_link(first, drawings), f'<a href="#claim-{e(name)}">back to the table</a>') if x)
    return (
        f'<article class="evidence"><h3>{e(name.replace("_", " "))}</h3>\n<p>{e(first.sentence)}</p>\n{listed(facts)}\n'
        + "\n".join(one(v) for v in verdicts)
        + f"\n<p>{links}</p></article>"
    )


def one(verdict: Verdict) -> str:
    """Estimate, reason and points of one verdict."""
    facts = [("why", verdict.reason)]
    if not math.isnan(verdict.estimate):
        facts = [("estimate", verdict_text.short(verdict)), ("predicted", verdict_text.predicted(verdict)), ("statistic", verdict.statistic), *facts]
    if verdict.p_value is not None:
        facts.append(("p value", f"{verdict.p_value:.2g}, before Holm's correction across all claims"))
    if verdict.cells:
        facts.append(("cells", f"{len(verdict.cells):,}: {', '.join(verdict.cells[:3])}{' ...' if len(verdict.cells) > 3 else ''}"))
    return (
        f'<div class="verdict" id="evidence-{e(verdict.name)}"><h4>{chip(verdict, f"#claim-{verdict.claim}")} {e(verdict_text.about(verdict))}</h4>'
        f"{listed(facts)}{numbers(verdict)}</div>"
    )


def listed(facts: Sequence[tuple[str, str]]) -> str:
    """Names and what they say; empty ones are left out."""
    return "<dl>" + "".join(f"<dt>{name}</dt><dd>{e(text)}</dd>" for name, text in facts if text) + "</dl>"


def of_figure(verdicts: Sequence[Verdict]) -> str:
    """Links from a figure to the verdicts that it shows; what was not run is only counted."""
    decided = [v for v in verdicts if v.verdict != "not run"]
    chips = " ".join(chip(v, f"#evidence-{v.name}", f"{v.name.replace('_', ' ')}: {v.verdict}") for v in decided)
    rest = len(verdicts) - len(decided)
    more = f"{rest} more not run" if rest and decided else f"{rest} verdicts, not run" if rest else ""
    return f'<p class="soft">Claims shown here: {chips} {more}</p>' if verdicts else ""


def numbers(verdict: Verdict) -> str:
    """The points that the estimate rests on."""
    series = verdict.series
    if series is None or series.empty:
        return ""
    head = {"x": verdict.x_label or "x", "y": verdict.y_label or "y", "fit": "fit"}
    columns = [c for c in series.columns if not (c == "fit" and series[c].isna().all())]
    header = "".join(f'<th scope="col">{e(head.get(c, c))}</th>' for c in columns)

    def text(value: object) -> str:
        if isinstance(value, float):
            return "\u2013" if math.isnan(value) else f"{value:.6g}"
        return e(value)

    lines = "".join(f"<tr>{''.join(f'<td>{text(v)}</td>' for v in line)}</tr>" for line in series[columns].head(MOST_POINTS).itertuples(index=False))
    more = f'<p class="soft">{len(series) - MOST_POINTS:,} more points.</p>' if len(series) > MOST_POINTS else ""
    return (
        f'<details><summary>The {len(series):,} points</summary><div class="scroll" role="region" tabindex="0" aria-label="Points of {e(verdict.name)}">'
        f"<table><thead><tr>{header}</tr></thead><tbody>{lines}</tbody></table></div>{more}</details>"
    )

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
    words = "figure" if not found.reason else "figure (not drawn)"
    return f'<a href="#figure-{e(found.name)}">{words}: {e(found.name.replace("_", " "))}</a>'


def claims(verdicts: Sequence[Verdict], drawings: Sequence[Drawing]) -> str:
    """The section that comes first: one line a verdict."""
    parts = ['<section><h2 id="claims">Claims</h2>']
    if not verdicts:
        return parts[0] + "<p>There are no claims to judge.</p></section>"
    parts.append(
        "<p>Every claim is judged by a machine, from the rows alone, by a rule fixed beforehand. Supported: the whole 95 % interval lies within "
        "the margin around the prediction; refuted: it lies outside; inconclusive: neither. A chip leads to the numbers.</p>"
    )
    head = "".join(f'<th scope="col">{name}</th>' for name in ("verdict", "claim", "evidence", "estimate", "95 % interval", "predicted", "figure"))
    lines = []
    for v in verdicts:
        expected = f'<span class="expected">{verdict_text.expected(v)}</span>' if verdict_text.expected(v) else ""
        numbers = "".join(
            f'<td class="number" data-label="{label}">{e(text)}</td>'
            for label, text in (("estimate", verdict_text.number(v.estimate)), ("95 % interval", verdict_text.interval(v)),
                                ("predicted", verdict_text.predicted(v)))
        )  # fmt: skip
        lines.append(
            f'<tr><td>{chip(v, f"#evidence-{v.name}")}{expected}</td><td id="claim-{e(v.name)}">{e(v.sentence)}</td>'
            f'<td data-label="evidence">{e(v.evidence)}</td>{numbers}<td>{figure_link(v, drawings)}</td></tr>'
        )
    parts.append(f'<table class="claims"><thead><tr>{head}</tr></thead>\n<tbody>{chr(10).join(lines)}</tbody></table>')
    return "\n".join(parts) + "</section>"


def all_of(verdicts: Sequence[Verdict], known: dict[str, Claim], drawings: Sequence[Drawing]) -> str:
    """The numbers behind each verdict."""
    parts = ['<section><h2 id="evidence">Evidence</h2>']
    if not verdicts:
        parts.append("<p>Nothing was judged.</p>")
    return "\n".join([*parts, *(one(v, known.get(v.claim), drawings) for v in verdicts)]) + "</section>"


def one(verdict: Verdict, claim: Claim | None, drawings: Sequence[Drawing]) -> str:
    """Sentence, rule, numbers and links of one verdict."""
    facts = [
        ("why", verdict.reason), ("formula", verdict.formula), ("source", verdict.source),
        ("statistic", f"{verdict.statistic}, by {verdict.evidence}"),
        ("estimate", f"{verdict_text.number(verdict.estimate)} ({verdict_text.interval(verdict)})"),
        ("predicted", verdict_text.predicted(verdict)),
    ]  # fmt: skip
    if verdict.p_value is not None:
        facts.append(("p value", f"{verdict.p_value:.2g}, before Holm's correction across all claims"))
    if claim is not None:
        facts += [("rule", claim.rule), ("needs", claim.needs)]
    if verdict.cells:
        facts.append(("cells", f"{len(verdict.cells):,}: {', '.join(verdict.cells[:3])}{' ...' if len(verdict.cells) > 3 else ''}"))
    listed = "".join(f"<dt>{name}</dt><dd>{e(text)}</dd>" for name, text in facts if text)
    links = " \u00b7 ".join(x for x in (figure_link(verdict, drawings), f'<a href="#claim-{e(verdict.name)}">back to the table</a>') if x)
    return (
        f'<article class="evidence" id="evidence-{e(verdict.name)}"><h3>{chip(verdict, f"#claim-{verdict.name}")} '
        f"{e(verdict.name.replace('_', ' '))}</h3>\n<p>{e(verdict.sentence)}</p>\n<dl>{listed}</dl>\n{numbers(verdict)}<p>{links}</p></article>"
    )


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

"""Every exponent with its interval beside the claimed one.

Claim: the exponents in depth and width are the claimed ones, by exact counts of operations, by instructions and by time.
Columns: those of the claims whose statistic is an exponent (reports/claims).
Caption: Estimated exponents with 95 % intervals, one line for each claim and source of evidence: exact operation counts,
    instructions under callgrind, and wall time differ in marker and colour. The wide grey bar is the claimed value with its margin,
    fixed before the run: a claim is supported when the whole interval lies within it.
"""

from __future__ import annotations

import math

import pandas as pd
from matplotlib.figure import Figure

import judged
import render_print
import style
from plot import Axis, Panel, Plot, Series

LOOKS = {
    "counts": style.Style("#0072B2", "s", style.DASHES[0], "other"),
    "instructions": style.Style("#D55E00", "^", style.DASHES[0], "other"),
    "time": style.Style("#009E73", "o", style.DASHES[0], "other"),
    "measured": style.Style("#CC79A7", "D", style.DASHES[0], "other"),
}
CLAIMED = style.Style("#9aa3ab", "d", style.DASHES[0], "other")


def plot(rows: pd.DataFrame) -> Plot:
    """What the figure shows; NothingToDraw without an estimated exponent."""
    found = [v for v in judged.verdicts(rows) if "exponent" in v.statistic.lower() and math.isfinite(v.estimate)]
    if not found:
        raise style.NothingToDraw("no claim about an exponent has an estimate")
    names = [f"{v.name.replace('_', ' ')}: {v.verdict}" for v in found]
    claimed = [(v.predicted, k) for k, v in enumerate(found) if math.isfinite(v.predicted)]
    series = [Series("claimed, with margin", [x for x, _ in claimed], [float(k) for _, k in claimed], CLAIMED, line=False,
                     low=[x - found[k].margin for x, k in claimed], high=[x + found[k].margin for x, k in claimed], faint=True,
                     hover=[f"claimed {x:g}, margin {found[k].margin:g}" for x, k in claimed])]  # fmt: skip
    for source, look in LOOKS.items():
        mine = [(k, v) for k, v in enumerate(found) if v.evidence == source]
        if mine:
            series.append(Series(source if source == "measured" else f"by {source}", [v.estimate for _, v in mine], [float(k) for k, _ in mine], look, line=False,
                                 low=[v.interval[0] for _, v in mine], high=[v.interval[1] for _, v in mine],
                                 hover=[f"{names[k]}: {v.estimate:.3f} ({v.interval[0]:.3f} to {v.interval[1]:.3f})" for k, v in mine]))  # fmt: skip
    ends = [end for v in found for end in (v.estimate, v.predicted, *v.interval) if math.isfinite(end)]
    axis = Axis("exponent (1)", log=False, limits=(max(-1.0, min(ends) - 0.25), min(6.0, max(ends) + 0.25)))
    panel = Panel("", axis, Axis("", log=False, categories=names), series)
    return Plot("Exponents by counts, instructions and time, beside the claimed ones", [panel], columns=1)


def draw(rows: pd.DataFrame) -> Figure:
    """The figure in print."""
    return render_print.figure(plot(rows))

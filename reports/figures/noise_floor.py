"""The noise floor: how far two copies of one cell lie apart.

Claim: differences of times above a few percent are no noise: two copies of the same cell, interleaved in one run, differ by less.
Columns: machine, scalar, depth, width, batch, threads, cell, quantity, value; quantities noise_floor, seconds_p10.
Caption: Relative difference of the tenth percentiles of two copies of one cell against that percentile, with logarithmic axes;
    one marker for each block of cells. Dotted lines: median and 90th percentile. Differences of exactly 0 are left out of the
    picture and counted in its note.
"""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

import render_print
import selection
import style
from plot import Axis, Guide, Panel, Plot, Series, seconds

COLOURS = {"float": "#D55E00", "double": "#0072B2"}


def plot(rows: pd.DataFrame) -> Plot:
    """What the figure shows; NothingToDraw without an A/A pair."""
    found = selection.noise_rows(rows, rows)
    if found.empty:
        raise style.NothingToDraw("no row has the quantity noise_floor")
    times = rows[rows["quantity"] == "seconds_p10"].groupby(["folder", "cell"])["value"].median().rename("time")
    found = found.join(times, on=["folder", "cell"])
    found = found[found["time"] > 0].assign(machine=selection.machine(found))
    if found.empty:
        raise style.NothingToDraw("no A/A pair has a time")
    panels = []
    for machine, group in found.groupby("machine"):
        series = []
        for k, scalar in enumerate(style.scalar_order(group["scalar"])):
            mine = group[(group["scalar"] == scalar) & (group["value"] > 0)]
            look = style.Style(COLOURS.get(scalar, "#555555"), style.MARKERS[k], style.DASHES[0], "other")
            hover = [f"{v:.2%} of {seconds(t)}, depth {d:g}, width {w:g}, {n:g} threads"
                     for v, t, d, w, n in zip(mine["value"], mine["time"], mine["depth"], mine["width"], mine["threads"])]  # fmt: skip
            series.append(Series(str(scalar), list(mine["time"]), list(mine["value"]), look, scalar=str(scalar), line=False, hover=hover))
        middle, upper = float(group["value"].median()), float(group["value"].quantile(0.9))
        guides = [Guide(f"{word} {v:.2%}", y=v) for word, v in (("median", middle), ("90th percentile", upper)) if v > 0]
        panels.append(Panel(str(machine), Axis("time of one gradient (s)"), Axis("relative difference (1)"), series, guides))
    if not any(len(s.x) for p in panels for s in p.series):
        raise style.NothingToDraw("no A/A pair differs")
    zeros = int((found["value"] == 0).sum())
    return Plot("Two copies of one cell differ by the noise floor", panels, f"{len(found)} pairs, {zeros} of them without any difference.")


def draw(rows: pd.DataFrame) -> Figure:
    """The figure in print."""
    return render_print.figure(plot(rows))

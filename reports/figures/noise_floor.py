"""The noise floor: how far one cell lies from itself, prepared once more, and from process to process.

Claim: differences of times above a few percent are no noise: the same cell, prepared once more and sampled in turn with the
    first in one process, differs by less, and so do its times in other processes.
Columns: machine, scalar, depth, width, batch, threads, cell, quantity, value; quantities noise_floor, restart_spread, seconds_p10.
Caption: Against the tenth percentile of a cell's time, with logarithmic axes. Filled: how far the median over copies of its memory
    lies from that of the same cell prepared once more in the same process, relative; one marker for each block of cells. Hollow:
    largest over smallest tenth percentile of several processes, less 1; one marker for each cell. Dotted lines: the 90th
    percentiles, and the median in one process. Differences of exactly 0 are left out of the picture and counted in its note.
"""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

import render_print
import selection
import style
from plot import Axis, Guide, Panel, Plot, Series, seconds

COLOURS = {"float": "#D55E00", "double": "#0072B2"}
KINDS = {"noise_floor": "in one process", "restart_spread": "between processes"}


def plot(rows: pd.DataFrame) -> Plot:
    """What the figure shows; NothingToDraw without an A/A pair and without restarts."""
    found = rows[rows["quantity"].isin(KINDS) & rows["value"].between(0, float("inf"), inclusive="left")]
    if found.empty:
        raise style.NothingToDraw("no row has the quantity noise_floor or restart_spread")
    times = rows[rows["quantity"] == "seconds_p10"].groupby(["folder", "cell"])["value"].median().rename("time")
    found = found.join(times, on=["folder", "cell"])
    found = found[found["time"] > 0].assign(machine=selection.machine(found))
    if not (found["value"] > 0).any():
        raise style.NothingToDraw("no cell with a time differs from itself")
    panels = [panel(str(machine), group) for machine, group in found.groupby("machine")]
    counts = [f"{len(mine)} {what} {KINDS[kind]}, {int((mine['value'] == 0).sum())} of them without any difference"
              for kind, what in (("noise_floor", "pairs"), ("restart_spread", "cells")) if len(mine := found[found["quantity"] == kind])]  # fmt: skip
    return Plot(title(found), panels, "; ".join(counts) + ".")


def title(found: pd.DataFrame) -> str:
    """What nine in ten cells keep to."""
    levels = found.groupby("quantity")["value"].quantile(0.9)
    return "Nine cells in ten repeat within " + ", and within ".join(f"{100 * levels[kind]:.2g} % {words}" for kind, words in KINDS.items() if kind in levels)


def panel(machine: str, group: pd.DataFrame) -> Panel:
    """One machine."""
    series, guides = [], []
    for kind, words in KINDS.items():
        of_kind = group[group["quantity"] == kind]
        for scalar in style.scalar_order(of_kind["scalar"]):
            mine = of_kind[(of_kind["scalar"] == scalar) & (of_kind["value"] > 0)]
            between = kind == "restart_spread"
            marker = style.MARKERS[style.scalar_order(group["scalar"]).index(scalar) + (4 if between else 0)]
            look = style.Style(COLOURS.get(scalar, "#555555"), marker, style.DASHES[0], "other")
            hover = [f"{words}: {v:.2%} of {seconds(t)}, {s}, depth {d:g}, width {w:g}, {n:g} threads" for v, t, s, d, w, n in
                     zip(mine["value"], mine["time"], mine["strategy"], mine["depth"], mine["width"], mine["threads"])]  # fmt: skip
            series.append(Series(f"{scalar}, {words}", list(mine["time"]), list(mine["value"]), look, scalar=str(scalar), line=False, hollow=between, hover=hover))
        if len(of_kind):
            levels = {"90th percentile": float(of_kind["value"].quantile(0.9))}
            levels |= {"median": float(of_kind["value"].median())} if kind == "noise_floor" else {}
            guides += [Guide(f"{words}: {word} {v:.2%}", y=v) for word, v in levels.items() if v > 0]
    return Panel(machine, Axis("time of one gradient (s)"), Axis("relative difference (1)"), series, guides)


def draw(rows: pd.DataFrame) -> Figure:
    """The figure in print."""
    return render_print.figure(plot(rows))

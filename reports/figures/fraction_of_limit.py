"""How close the gradient comes to what the machine could do.

Claim: where the fraction is near 1, the times are those of an implementation at the limits of the machine, so that their exponents are properties of the
    algorithms and not of overhead; small networks stay further below the limit because a call has a fixed cost.
Columns: machine, strategy, scalar, depth, width, batch, threads, quantity, value; quantity fraction_of_limit.
Caption: The shortest time that the measured rates of the machine allow for the cell (best matrix product of any library at
    each shape, elementwise work and, for one sample, the memory) over the measured time, against the width; one curve for each depth. The dotted line
    at 1 is the limit (the roof of a roofline diagram). Rates and times come from the same run.
"""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

import render_print
import selection
import style
from plot import Axis, Guide, Panel, Plot, Series

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")


def plot(rows: pd.DataFrame) -> Plot:
    """What the figure shows; NothingToDraw without a fraction."""
    found = selection.measured(rows, "fraction_of_limit")
    found = found[found["width"].notna()].assign(machine=selection.machine(found))
    if (found["strategy"] == "reverse_vjp").any():  # the others do other work than the limit counts
        found = found[found["strategy"] == "reverse_vjp"]
    kinds = {key: k for k, key in enumerate(sorted(set(zip(found["batch"], found["threads"]))))}
    panels = []
    order = style.scalar_order(found["scalar"])
    for (machine, scalar, strategy), group in sorted(found.groupby(["machine", "scalar", "strategy"]), key=lambda g: order.index(g[0][1])):
        series = []
        for (batch, threads), mine in group.groupby(["batch", "threads"]):
            k = kinds[batch, threads]
            for depth, at in mine.groupby("depth"):
                points = selection.curve(at, "width")
                look = style.Style(COLOURS[k % 6], style.MARKERS[k % 12], style.DASHES[k % 6], "other")
                series.append(Series(f"batch {batch:g}, threads {threads:g}", list(points.index), list(points), look, strategy, scalar,
                                     hover=[f"width {w:g}, depth {depth:g}: {v:.0%} of the limit" for w, v in points.items()]))  # fmt: skip
        widths = sorted(group["width"].unique())
        axis = Axis("width (units of a hidden layer)", ticks=widths, limits=(widths[0] / 1.2, widths[-1] * 1.2))
        title = ", ".join(w for w in (machine, scalar, strategy) if w)
        panels.append(Panel(title, axis, Axis("fraction of the limit (1)", log=False, limits=(0, max(1.2, group["value"].max() * 1.1))),
                            series, [Guide("limit of the machine", y=1.0)]))  # fmt: skip
    return Plot(heading(found), panels[: selection.MOST_PANELS], selection.noise(rows, found))


def heading(found: pd.DataFrame) -> str:
    """Where the cells lie."""
    median, least, most = (f"{value:.2g}" for value in (found["value"].median(), found["value"].min(), found["value"].max()))
    whose = "Reverse mode runs" if (found["strategy"] == "reverse_vjp").all() else "Gradients run"
    return f"{whose} at {median} of the machine's limit in the median, from {least} to {most}"


def draw(rows: pd.DataFrame) -> Figure:
    """The figure in print."""
    return render_print.figure(plot(rows))

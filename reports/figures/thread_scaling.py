"""How much faster a gradient is on more threads.

Claim: the samples of a batch are independent, so the gradient of a batch is up to as many times faster as there are threads;
    networks too small to share stay as they are.
Columns: machine, strategy, scalar, depth, width, data, loss, batch, threads, quantity, value; quantities seconds_p10, noise_floor.
Caption: Time on one thread over the time on several, same cell and run, against the number of threads; one curve for each
    network. The dotted line is as many times faster as there are threads. Bars: the noise floor.
"""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

import render_print
import selection
import style
from plot import Axis, Guide, Panel, Plot, Series

MOST = 9  # curves of a panel, from the smallest network to the largest
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")


def plot(rows: pd.DataFrame) -> Plot:
    """What the figure shows; NothingToDraw without a cell on one and on several threads."""
    found = selection.measured(rows, "seconds_p10")
    found = found[(found["strategy"] == "reverse_vjp") & (found["threads"] > 0) & found["depth"].notna()]
    found = found.assign(machine=selection.machine(found))
    level = selection.noise_level(rows, found)
    panels = []
    order = style.scalar_order(found["scalar"])
    for (machine, scalar), group in sorted(found.groupby(["machine", "scalar"]), key=lambda g: (g[0][0], order.index(g[0][1]))):
        curves = {}
        for key, cells in group.groupby(["width", "depth", "batch", "data"], dropna=False):
            times = selection.curve(cells, "threads")
            if len(times) > 1 and times.index[0] == 1:
                curves[key] = times.iloc[0] / times
        most = max((float(c.index[-1]) for c in curves.values()), default=1.0)
        kept = list(curves.items())
        kept = [kept[round(k * (len(kept) - 1) / (MOST - 1))] for k in range(MOST)] if len(kept) > MOST else kept
        series = []
        for k, ((width, depth, batch, _), curve) in enumerate(kept):
            look = style.Style(COLOURS[k % 6], style.MARKERS[k % 12], style.DASHES[k % 6], "other")
            values = [float(v) for v in curve]
            series.append(Series(f"{width:g} wide, {depth:g} deep, batch {batch:g}", list(curve.index), values, look, "reverse_vjp", str(scalar),
                                 [v * (1 - level) for v in values], [v * (1 + level) for v in values],
                                 hover=[f"{t:g} threads: {v:.2f} times as fast" for t, v in curve.items()]))  # fmt: skip
        if series:
            ticks = sorted({float(x) for s in series for x in s.x})
            top = max(most, *(max(s.y) for s in series)) * 1.12
            panels.append(Panel(", ".join(w for w in (str(machine), str(scalar)) if w), Axis("threads (1)", log=False, ticks=ticks, limits=(0.8, most + 0.2)),
                                Axis("times as fast as one thread (1)", log=False, limits=(0, top)), series,
                                [Guide("ideal", points=((1, 1), (most, most)))]))  # fmt: skip
    if not panels:
        raise style.NothingToDraw("no cell of reverse_vjp was timed on one thread and on several")
    return Plot("Threads share the samples of a batch", panels, selection.noise(rows, found))


def draw(rows: pd.DataFrame) -> Figure:
    """The figure in print."""
    return render_print.figure(plot(rows))

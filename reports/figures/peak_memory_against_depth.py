"""Peak memory of one gradient against depth.

Claim: reverse mode keeps the activations of every layer, so its peak memory grows in proportion to the depth; checkpoints
    bound it at the price of computing layers again.
Columns: strategy, scalar, depth, width, data, loss, batch, threads, quantity, value; quantities heap_peak_bytes, peak_bytes,
    activations_bytes.
Caption: Largest number of bytes allocated at once while a gradient was prepared and computed (filled markers), against the
    number of affine layers, with logarithmic axes. Thin lines: what the forward sweep keeps, as the shapes say. The dotted
    line has the slope 1. Where no allocation was counted, the growth of the resident memory is drawn instead (hollow markers).
"""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

import render_print
import selection
import style
from plot import Axis, Guide, Panel, Plot, Series, number


def plot(rows: pd.DataFrame) -> Plot:
    """What the figure shows; NothingToDraw without a peak along the depth."""
    counted = (rows["quantity"] == "heap_peak_bytes").any()
    wanted = "heap_peak_bytes" if counted else "peak_bytes"
    panels = []
    for name, chosen in selection.swept(rows, [wanted], "depth", "width", timed=False):
        depths = sorted(chosen["depth"].unique())
        kept = rows[(rows["quantity"] == "activations_bytes") & rows["cell"].isin(set(chosen["cell"]))]
        series = []
        for strategy, look in style.styles(chosen["strategy"]).items():
            scalar = str(chosen["scalar"].iloc[0])
            mine = selection.curve(chosen[chosen["strategy"] == strategy], "depth", "max")
            series.append(Series(strategy, list(mine.index), list(mine), look, strategy, scalar, hollow=not counted,
                                 hover=[f"depth {d:g}: {number(v)} bytes" for d, v in mine.items()]))  # fmt: skip
            held = selection.curve(kept[kept["strategy"] == strategy], "depth", "max")
            series.append(Series(f"{strategy}: activations", list(held.index), list(held), look, strategy, scalar, markers=False,
                                 faint=True, legend=False, hover=[f"activations: {number(v)} bytes" for v in held]))  # fmt: skip
        start = min(v for s in series for v in s.y if v > 0) * 0.6
        ends = ((depths[0], start), (depths[-1], start * depths[-1] / depths[0]))
        axis = Axis("depth (affine layers)", ticks=depths, limits=(depths[0] / 1.15, depths[-1] * 1.15))
        panels.append(Panel(name, axis, Axis("peak memory (bytes)"), series, [Guide("slope 1", points=ends)]))
    return Plot("Peak memory of reverse mode grows in proportion to the depth", panels,
                "Filled: allocated at once. Thin lines: activations that the shapes predict." if counted
                else "Hollow: growth of the resident memory.")  # fmt: skip


def draw(rows: pd.DataFrame) -> Figure:
    """The figure in print."""
    return render_print.figure(plot(rows))

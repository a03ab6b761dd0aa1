"""Time of the first call, in the caches that other calls left, over that of the calls after it.

Claim: times are those of warm caches; the first call costs more where a gradient takes microseconds, and no more where it takes
    milliseconds, so that exponents over large sizes do not depend on the choice.
Columns: machine, folder, cell, strategy, scalar, threads, quantity, value; quantities cold_seconds_median, seconds_median,
    working_bytes.
Caption: Median of the first call before each sample over the median of the samples, against the bytes that the gradient works on,
    with logarithmic axes; one marker for each cell. At the dotted line both are equal.
"""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

import render_print
import selection
import style
from plot import Axis, Guide, Panel, Plot, Series, seconds

COLD, WARM, BYTES = "cold_seconds_median", "seconds_median", "working_bytes"
SAME = ["folder", "cell"]
TICKS = (0.1, 0.2, 0.5, 1, 1.5, 2, 3, 5, 10, 20, 50, 100, 1000)


def plot(rows: pd.DataFrame) -> Plot:
    """What the figure shows; NothingToDraw without cold calls of gradients whose bytes are known."""
    found = selection.measured(rows, COLD)
    for name in (WARM, BYTES):
        other = rows[(rows["quantity"] == name) & rows["value"].between(0, float("inf"), inclusive="neither")]
        found = found.join(other.groupby(SAME)["value"].median().rename(name), on=SAME)
    found = found.dropna(subset=[WARM, BYTES]).assign(machine=selection.machine(found))
    if found.empty:
        raise style.NothingToDraw(f"no cell has {COLD}, {WARM} and {BYTES}")
    found = found.assign(ratio=found["value"] / found[WARM])
    low, high = min(0.8, found["ratio"].min()), max(1.25, found["ratio"].max())
    y = Axis("first call over warm ones (1)", ticks=[t for t in TICKS if low <= t <= high], limits=(low / 1.1, high * 1.1))
    panels, order = [], style.scalar_order(found["scalar"])
    for (machine, scalar), group in sorted(found.groupby(["machine", "scalar"]), key=lambda g: (g[0][0], order.index(g[0][1]))):
        series = []
        for strategy, look in style.styles(group["strategy"]).items():
            mine = group[group["strategy"] == strategy].sort_values(BYTES)
            hover = [f"{r:.3g} times {seconds(t)}, {b:,.0f} B, depth {d:g}, width {w:g}, {n:g} threads" for r, t, b, d, w, n in
                     zip(mine["ratio"], mine[WARM], mine[BYTES], mine["depth"], mine["width"], mine["threads"])]  # fmt: skip
            series.append(Series(strategy, list(mine[BYTES]), list(mine["ratio"]), look, strategy, str(scalar), line=False, hover=hover))
        panels.append(Panel(", ".join(w for w in (str(machine), str(scalar)) if w), Axis("bytes that the gradient works on (B)"),
                            y, series, [Guide("equal", y=1.0)]))  # fmt: skip
    return Plot(title(found), panels[: selection.MOST_PANELS], f"{len(found)} cells. {selection.noise(rows, found)}")


def title(found: pd.DataFrame) -> str:
    """How much more a first call takes, and how little where a gradient takes a millisecond or more, if any does."""
    words = f"A first call in cold caches takes {found['ratio'].median():.2f} times a warm one in the median, {found['ratio'].max():.3g} times at most"
    long = found[found[WARM] >= 1e-3]
    return words + (f", {long['ratio'].median():.2f} times where one takes a millisecond" if len(long) else "")


def draw(rows: pd.DataFrame) -> Figure:
    """The figure in print."""
    return render_print.figure(plot(rows))

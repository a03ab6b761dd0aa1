"""Time of other systems over the time of reverse_vjp on the same numbers.

Claim: this reverse mode takes no longer than those of PyTorch, JAX and autograd on the same networks, data and threads, so that
    its exponents and ratios are those of a competitive implementation.
Columns: machine, strategy (the peer), scalar, depth, width, batch, threads, quantity, value; quantities best_ratio_to_peer,
    ratio_to_peer.
Caption: Time of a peer over the time of reverse_vjp, for every measured cell, each on its best number of threads; to the right of the dotted line at 1 the
    peer is slower. The gradients were compared first. Both times come from the same run on the same machine.
"""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

import render_print
import selection
import style
from plot import Axis, Guide, Panel, Plot, Series

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#555555")
MOST = 48  # cells in a panel


def plot(rows: pd.DataFrame) -> Plot:
    """What the figure shows; NothingToDraw without a peer."""
    found = selection.measured(rows, "best_ratio_to_peer", "ratio_to_peer")
    if (found["quantity"] == "best_ratio_to_peer").any():
        found = found[found["quantity"] == "best_ratio_to_peer"]
    found = found.assign(machine=selection.machine(found))
    peers = sorted(found["strategy"].unique())
    panels = []
    for (machine, scalar, width), group in found.groupby(["machine", "scalar", "width"]):
        keys = ["depth", "batch"]
        cells = group[keys].drop_duplicates().sort_values(keys).head(MOST)
        names = [f"{c.depth:g} deep, batch {c.batch:g}" for c in cells.itertuples()]
        place = {tuple(c): k for k, c in enumerate(cells.itertuples(index=False, name=None))}
        series = []
        for k, peer in enumerate(peers):
            mine = group[group["strategy"] == peer].groupby(keys)["value"].median()
            points = [(place[key], float(v)) for key, v in mine.items() if key in place]
            look = style.Style(COLOURS[k % len(COLOURS)], style.MARKERS[k % len(style.MARKERS)], style.DASHES[0], "other")
            series.append(Series(peer, [v for _, v in points], [y for y, _ in points], look, line=False,
                                 hover=[f"{names[y]}: {v:.3g} times the time" for y, v in points]))  # fmt: skip
        title = ", ".join(word for word in (str(machine), str(scalar), f"width {width:g}") if word)
        panels.append(Panel(title, Axis("time of the peer over ours (1)"), Axis("", log=False, categories=names), series,
                            [Guide("equal", x=1.0)]))  # fmt: skip
    return Plot("Beside other systems on the same cells: right of 1 they are slower", panels, selection.noise(rows, found))


def draw(rows: pd.DataFrame) -> Figure:
    """The figure in print."""
    return render_print.figure(plot(rows))

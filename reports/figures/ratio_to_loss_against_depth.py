"""Time of a gradient over the time of its loss, against depth, beside the ratio that operation counts predict.

Claim: a gradient by reverse mode costs a bounded multiple of its loss at every depth; in multiplications the multiple is
    3 - r, with r the share of the first layer, and it never exceeds the 4 of the cheap-gradient theorem.
Columns: machine, network, strategy, scalar, depth, width, data, loss, batch, threads, quantity, value; quantities ratio_to_loss,
    noise_floor.
Caption: Time of the gradient (with its loss) over the time of the loss alone, on as many threads, against the number of
    affine layers. Dashed grey: 3 - r multiplications, r = n_0 n_1 / sum n_(l-1) n_l. Dotted: the bound 4 for all operations
    (Griewank and Walther 2008). Bars: the noise floor. A ratio of times also contains elementwise work, so it follows the
    predicted one but is not equal to it.
"""

from __future__ import annotations

import re

import pandas as pd
from matplotlib.figure import Figure

import render_print
import selection
import style
from plot import Axis, Guide, Panel, Plot, Series

PREDICTED = style.Style("#555555", "", (0, (4.0, 1.5)), "other")


def predicted(network: str) -> float | None:
    """3 - r of a network's text; None where it is no chain of affine layers."""
    shapes = [int(a) * int(b) for a, b in re.findall(r"affine\((\d+),(\d+)\)", network)]
    return 3 - shapes[0] / sum(shapes) if shapes and "residual" not in network else None


def plot(rows: pd.DataFrame) -> Plot:
    """What the figure shows; NothingToDraw without ratios along the depth."""
    panels = []
    for name, chosen in selection.swept(rows, ["ratio_to_loss"], "depth", "width", timed=True):
        depths, level = sorted(chosen["depth"].unique()), selection.noise_level(rows, chosen)
        series = []
        for strategy, look in style.styles(chosen["strategy"]).items():
            mine = selection.curve(chosen[chosen["strategy"] == strategy], "depth")
            values = [float(v) for v in mine]
            series.append(Series(strategy, list(mine.index), values, look, strategy, str(chosen["scalar"].iloc[0]),
                                 [v * (1 - level) for v in values], [v * (1 + level) for v in values],
                                 hover=[f"depth {d:g}: {v:.3g} times the loss" for d, v in zip(mine.index, values)]))  # fmt: skip
        texts = chosen.drop_duplicates("depth").set_index("depth")["network"].sort_index()
        counts = {depth: predicted(text) for depth, text in texts.items()}
        known = {float(d): c for d, c in counts.items() if c is not None}
        series.append(Series("predicted: 3 - r multiplications", list(known), list(known.values()), PREDICTED, markers=False,
                             hover=[f"depth {d:g}: {c:.4g} in multiplications" for d, c in known.items()]))  # fmt: skip
        steep = max(max(s.y, default=0) for s in series) > 12
        axis = Axis("depth (affine layers)", ticks=depths, limits=(depths[0] / 1.15, depths[-1] * 1.15))
        panels.append(Panel(name, axis, Axis("time over the loss (1)", log=steep, limits=None if steep else (0, 6)), series,
                            [Guide("bound 4, all operations", y=4.0)]))  # fmt: skip
    return Plot("A gradient by reverse mode costs a bounded multiple of its loss at every depth", panels, selection.noise(rows, rows))


def draw(rows: pd.DataFrame) -> Figure:
    """The figure in print."""
    return render_print.figure(plot(rows))

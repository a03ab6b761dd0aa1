"""Which strategies agree with which.

Claim: all strategies agree in pairs within the sum of their bounds, although they share no formula for the derivative of a whole
    network.
Columns: strategy, scalar, options (partner), status, quantity, value; quantity pair_error_over_bound.
Caption: For each pair of strategies the share of comparisons whose largest difference lies within the sum of both bounds (dark:
    all of them), with the numbers in the field. Hatched or white: never compared, as a strategy with itself.
"""

from __future__ import annotations

import math

import pandas as pd
from matplotlib.figure import Figure

import render_print
import selection
import style
from plot import Axis, Matrix, Panel, Plot


def plot(rows: pd.DataFrame) -> Plot:
    """What the figure shows; NothingToDraw without pairs."""
    pairs = rows[rows["quantity"] == "pair_error_over_bound"]
    pairs = pairs.assign(partner=selection.option(pairs, "partner"))
    pairs = pairs[(pairs["partner"] != "") & pairs["status"].isin(["ok", "failed", "nonfinite"])]
    if pairs.empty:
        raise style.NothingToDraw("no row has the quantity pair_error_over_bound with a decision")
    names = list(style.styles([*pairs["strategy"], *pairs["partner"]]))
    place = {name: k for k, name in enumerate(names)}
    values = [[math.nan] * len(names) for _ in names]
    texts = [["never compared"] * len(names) for _ in names]
    both = [tuple(sorted((a, b), key=place.__getitem__, reverse=True)) for a, b in zip(pairs["strategy"], pairs["partner"])]
    for (a, b), group in pairs.assign(pair=both).groupby("pair"):
        good = int((group["status"] == "ok").sum())
        i, j = place[a], place[b]
        values[i][j] = values[j][i] = good / len(group)
        texts[i][j] = texts[j][i] = f"{good}" if good == len(group) else f"{good}/{len(group)}"
    short = [["" if text == "never compared" else text for text in line] for line in texts]
    matrix = Matrix(names, names, values, short, "all comparisons agree")
    axis = Axis("", log=False)
    bad = int((pairs["status"] != "ok").sum())
    return Plot("Strategies agree in pairs within the sum of their bounds", [Panel("", axis, axis, matrix=matrix)],
                f"{len(pairs):,} comparisons, {bad:,} outside the bounds. Numbers: comparisons that agree.", columns=1, legend=False)  # fmt: skip


def draw(rows: pd.DataFrame) -> Figure:
    """The figure in print."""
    return render_print.figure(plot(rows))

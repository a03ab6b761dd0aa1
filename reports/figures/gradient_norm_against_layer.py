"""Norm of the cotangent in every layer, measured and predicted by norms of the Jacobians.

Claim: gradients vanish and explode like the product of ||J_l||_F / sqrt(n_l), the mean growth of a vector; the product of the
    largest singular values overestimates by many orders of magnitude at depth.
Columns: network, depth, width, scalar, data, options (layer), quantity, value; quantities cotangent_norm,
    cotangent_norm_frobenius, cotangent_norm_singular.
Caption: Euclidean norm of the cotangent (geometric mean over samples, median over seeds) against the layer, from the loss on the
    right to the input on the left, with a logarithmic vertical axis; the deepest networks. Circles: measured. Dashed:
    predicted by the Frobenius norms of the Jacobians. Dotted: by their largest singular values, an upper bound.
"""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

import render_print
import selection
import style
from plot import Axis, Panel, Plot, Series, number

CURVES = {
    "cotangent_norm": ("measured", style.Style("#111111", "o", style.DASHES[0], "other")),
    "cotangent_norm_frobenius": ("by Frobenius norms", style.Style("#0072B2", "s", style.DASHES[1], "other")),
    "cotangent_norm_singular": ("by largest singular values", style.Style("#D55E00", "^", style.DASHES[2], "other")),
}
MOST = 4  # panels


def plot(rows: pd.DataFrame) -> Plot:
    """What the figure shows; NothingToDraw without norms."""
    found = selection.measured(rows, *CURVES)
    found = found.assign(layer=pd.to_numeric(selection.option(found, "layer"), errors="coerce"))
    groups = [
        (f"{depth:g} layers, {width:g} wide, {scalar}", group)
        for (depth, width, scalar), group in found.groupby(["depth", "width", "scalar"])
        if group["layer"].nunique() > 1
    ]
    if not groups:
        raise style.NothingToDraw("the norms of the cotangent are known at one layer only (option layer)")
    groups.sort(key=lambda g: (-g[1]["depth"].iloc[0], g[1]["width"].iloc[0]))
    panels = []
    for title, group in groups[:MOST]:
        series = []
        for quantity, (name, look) in CURVES.items():
            curve = selection.curve(group[group["quantity"] == quantity], "layer")
            series.append(Series(name, list(curve.index), list(curve), look, hover=[f"{x:g}: {number(v)}" for x, v in curve.items()]))
        panels.append(Panel(title, Axis("layer, counted from the input (1)", log=False), Axis("norm of the cotangent (1)"), series))
    return Plot("Gradients vanish and explode by the Jacobians' Frobenius norms, not by their largest singular values", panels)


def draw(rows: pd.DataFrame) -> Figure:
    """The figure in print."""
    return render_print.figure(plot(rows))

"""Error of difference quotients against their step: the V-curve with its predicted optimum.

Claim: the error of a difference quotient falls with the step until rounding takes over: slope 1 (forward) or 2 (central) on the
    right, -1 on the left, the minimum where truncation and rounding are equal; the complex step has no left branch.
Columns: strategy, scalar, network, data, options (step_factor or step), quantity, value; quantity error_max_relative.
Caption: Largest relative error of the gradient against the step, with logarithmic axes. A step factor of 1 is the
    predicted optimum h* = 2 sqrt(delta / M2) of forward and (3 delta / M3)^(1/3) of central differences (vertical dotted line).
"""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

import render_print
import selection
import style
from plot import Axis, Guide, Panel, Plot, Series, number

LABELS = {"step_factor": "step over the predicted optimum (1)", "step": "step (1)"}


def plot(rows: pd.DataFrame) -> Plot:
    """What the figure shows; NothingToDraw without errors at several steps."""
    errors = rows[(rows["quantity"] == "error_max_relative") & (rows["value"] > 0)]
    for key, label in LABELS.items():
        steps = pd.to_numeric(selection.option(errors, key), errors="coerce")
        found = errors.assign(step=steps)[steps > 0]
        if found.groupby(["strategy", "scalar"])["step"].nunique().max() > 2:
            break
    else:
        raise style.NothingToDraw("no strategy was measured with three or more steps")
    panels = []
    for scalar in style.scalar_order(found["scalar"]):
        here = found[found["scalar"] == scalar]
        network = here.groupby(["network", "data"])["step"].nunique().idxmax()
        here = here[(here["network"] == network[0]) & (here["data"] == network[1])]
        series = []
        for strategy, look in style.styles(here["strategy"]).items():
            mine = here[here["strategy"] == strategy].groupby("step")["value"].max().sort_index()
            series.append(Series(strategy, list(mine.index), list(mine), look, strategy, scalar,
                                 hover=[f"step {number(h)}: error {number(v)}" for h, v in mine.items()]))  # fmt: skip
        guides = [Guide("predicted optimum", x=1.0)] if key == "step_factor" else []
        panels.append(Panel(scalar, Axis(label), Axis("largest relative error (1)"), series, guides))
    return Plot("Differences are most accurate at the predicted step, and lose digits on both sides of it", panels)


def draw(rows: pd.DataFrame) -> Figure:
    """The figure in print."""
    return render_print.figure(plot(rows))

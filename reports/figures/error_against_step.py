"""Error of difference quotients against their step: the V-curve with its predicted optimum.

Claim: the error of a difference quotient falls with the step until rounding takes over: slope 1 (forward) or 2 (central) on the
    right, -1 on the left, and the minimum where the two meet.
Columns: strategy, scalar, network, data, options (step_factor), quantity, value; quantity error_max_absolute.
Caption: Largest error of the gradient's entries against the step, in multiples of the default step, with logarithmic axes. Thin lines (double): D/h + A h^k
    with the predicted slopes, D and A from the two sides alone; the vertical dotted lines stand where that is least, the
    predicted optimum.
"""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

import judged
import render_print
import selection
import style
from plot import Axis, Guide, Panel, Plot, Series, number

FITTED = "double"  # the scalar that the claim is judged in


def plot(rows: pd.DataFrame) -> Plot:
    """What the figure shows; NothingToDraw without errors at several steps."""
    errors = rows[(rows["quantity"] == "error_max_absolute") & rows["value"].between(0, float("inf"), inclusive="neither")]
    steps = pd.to_numeric(selection.option(errors, "step_factor"), errors="coerce")
    found = errors.assign(step=steps)[steps > 0]
    if not len(found) or found.groupby(["strategy", "scalar"])["step"].nunique().max() < 3:
        raise style.NothingToDraw("no strategy was measured with three or more steps (option step_factor)")
    panels = []
    for scalar in style.scalar_order(found["scalar"]):
        here = found[found["scalar"] == scalar]
        network, data = here.groupby(["network", "data"])["step"].nunique().idxmax()
        here = here[(here["network"] == network) & (here["data"] == data)]
        series: list[Series] = []
        least: dict[float, list[str]] = {}
        for strategy, look in style.styles(here["strategy"]).items():
            mine = here[here["strategy"] == strategy].groupby("step")["value"].median().sort_index()
            series.append(Series(strategy, list(mine.index), list(mine), look, strategy, scalar,
                                 hover=[f"step {number(h)}: error {number(v)}" for h, v in mine.items()]))  # fmt: skip
            predicted = model(rows, strategy) if scalar == FITTED else None
            if predicted is not None:
                fine = predicted.dropna(subset=["fit"]).sort_values("x")
                series.append(Series(f"{strategy}: predicted", list(fine["x"]), list(fine["fit"]), look, strategy, scalar, markers=False,
                                     faint=True, legend=False, hover=[f"predicted {number(v)}" for v in fine["fit"]]))  # fmt: skip
                least.setdefault(float(fine.loc[fine["fit"].idxmin(), "x"]), []).append(strategy.split("_")[0])
        guides = [Guide(f"predicted optimum: {', '.join(names)}", x=x) for x, names in least.items()]
        panels.append(Panel(scalar, Axis("step, in multiples of the default (1)"), Axis("largest error (1)"), series, guides))
    return Plot("Differences are most accurate where truncation and rounding meet, and lose digits on both sides", panels)


def model(rows: pd.DataFrame, strategy: str) -> pd.DataFrame | None:
    """The curve that the claim about the minimum predicts, as its verdict carries it."""
    name = f"difference_curve_{strategy.split('_')[0]}_minimum"
    series = next((v.series for v in judged.verdicts(rows) if v.name == name), None)
    return series if series is not None and len(series) else None


def draw(rows: pd.DataFrame) -> Figure:
    """The figure in print."""
    return render_print.figure(plot(rows))

"""Time of one gradient against width, with fitted lines and local slopes.

Claim: with a fixed number of outputs the time of reverse mode grows with the square of the width, as the number of
    parameters does; products of square Jacobian matrices take its cube.
Columns: machine, strategy, scalar, depth, width, data, loss, batch, threads, quantity, value; quantities seconds_p10, noise_floor.
Caption: Tenth percentile of the wall time of one gradient against the width of the hidden layers, with logarithmic axes, for
    every strategy (colour, marker and dash), apart by depth, batch and number of outputs (n: as many as the width). Lines through the markers: the fit t = a + b n^p where at least five widths
    were measured, else straight pieces. On the right: the slopes between neighbouring widths, which tend to p. Bars show the
    noise floor, how far one cell prepared once more lies from it. Each machine has panels of its own.
"""

import pandas as pd
from matplotlib.figure import Figure

import costs
import render_print
from plot import Plot


def plot(rows: pd.DataFrame) -> Plot:
    """What the figure shows; NothingToDraw without times along the width."""
    return costs.times(rows, "width", "Reverse mode costs the square of the width, products of square Jacobians its cube")


def draw(rows: pd.DataFrame) -> Figure:
    """The figure in print."""
    return render_print.figure(plot(rows))

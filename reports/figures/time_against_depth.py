"""Time of one gradient against depth, with fitted lines and local slopes.

Claim: with the Jacobians multiplied from the side of the loss, or never formed, the time of a gradient grows in proportion
    to the depth; Algorithm 1 as printed, forward mode and differences take time in proportion to its square.
Columns: machine, strategy, scalar, depth, width, data, loss, batch, threads, quantity, value; quantities seconds_p10, noise_floor.
Caption: Tenth percentile of the wall time of one gradient against the number of affine layers, with logarithmic axes, for
    every strategy (colour, marker and dash). Lines through the markers: the fit t = a + b L^p where at least five depths
    were measured, else straight pieces. On the right: the slopes between neighbouring depths, which tend to p. Bars show the
    noise floor, how far one cell prepared once more lies from it. Each machine has panels of its own.
"""

import pandas as pd
from matplotlib.figure import Figure

import costs
import render_print
from plot import Plot


def plot(rows: pd.DataFrame) -> Plot:
    """What the figure shows; NothingToDraw without times along the depth."""
    return costs.times(rows, "depth", "Time grows with the depth or with its square: the order of multiplication decides")


def draw(rows: pd.DataFrame) -> Figure:
    """The figure in print."""
    return render_print.figure(plot(rows))

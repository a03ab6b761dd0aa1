"""The ratio of gradient to loss in time is what the multiplications alone have it, where networks are wide."""

from __future__ import annotations

import math

import pandas as pd

import loss_ratio_target
import shapes
import timed_cells
from target import Held, Target

WIDTH = 512
TARGET = Target(
    name="loss_ratio_counted",
    sentence=f"ratio_to_loss is within 15 % of 3 - r, r the first layer's part of the multiplications, from width {WIDTH} and batch "
    f"{loss_ratio_target.BATCH} on.",
    needs="backprove bench with reverse_vjp; ratio_to_loss of plain networks; for the reason --limits: limit_seconds and overhead_*",
)


def judge(rows: pd.DataFrame) -> list[Held]:
    """Every cell of a plain network, on each number of threads."""
    cells = timed_cells.wide(rows, "ratio_to_loss", "seconds_p10")
    expected = pd.Series([counted(*one) for one in zip(cells["network"], cells["options"])], index=cells.index, dtype=float)
    return loss_ratio_target.judge(TARGET, cells, expected, WIDTH)


def counted(network: str, options: str) -> float:
    """3 - r, by the multiplications of one loss and of its gradient, and 3 with the input gradient; NaN for a network that is
    not plain."""
    shape = shapes.shape_of(network)
    if shape is None:
        return math.nan
    return 3 if shapes.option(options, "input_gradient") != "no" else 3 - shape.products[0] / sum(shape.products)

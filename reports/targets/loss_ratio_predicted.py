"""The ratio of gradient to loss in time is what its measured parts predict."""

from __future__ import annotations

import pandas as pd

import loss_ratio_target
import timed_cells
from target import Held, Target

WIDTH = 128
TARGET = Target(
    name="loss_ratio_predicted",
    sentence=f"ratio_to_loss is within 15 % of predicted_ratio_to_loss, from width {WIDTH} and batch {loss_ratio_target.BATCH} on.",
    needs="backprove bench --limits with reverse_vjp; ratio_to_loss, predicted_ratio_to_loss; for the reason limit_seconds and overhead_*",
)


def judge(rows: pd.DataFrame) -> list[Held]:
    """Every cell, on each number of threads."""
    cells = timed_cells.wide(rows, "ratio_to_loss", "predicted_ratio_to_loss", "seconds_p10")
    return loss_ratio_target.judge(TARGET, cells, cells["predicted_ratio_to_loss"], WIDTH)

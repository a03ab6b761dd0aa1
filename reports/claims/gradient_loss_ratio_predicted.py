"""The ratio of gradient to loss in time is what its measured parts predict."""

from __future__ import annotations

import numpy as np
import pandas as pd

import shapes
from claim import REFUTED, SUPPORTED, TIME, Claim, Verdict

QUANTITY = "predicted_ratio_to_loss"
CLAIM = Claim(
    name="gradient_loss_ratio_predicted",
    sentence="The time of loss and gradient over that of the loss is what the measured times of products and elementwise work predict.",
    source="counts of Griewank & Walther 2008, section 3.4, weighted with times measured in the same run",
    formula="[(3 - r) G + e_f + e_b] / (G + e_f); G products, e_f and e_b elementwise work forward and backward",
    statistic="ratio_to_loss over predicted_ratio_to_loss, the cell farthest from 1",
    predicted=1.0,
    margin=0.15,
    needs="backprove bench --limits with reverse_vjp at widths of 128 and more, batches of 32 and more; ratio_to_loss, predicted_ratio_to_loss",
    rule="supported when every such cell lies within the margin, else refuted",
    figure="ratio_to_loss_against_depth",
)
SAME = ["folder", "cell"]


def judge(rows: pd.DataFrame) -> list[Verdict]:
    """From time."""
    found = shapes.measured(rows, "ratio_to_loss", "reverse_vjp")
    found = found[(found["width"] >= 128) & (found["batch"] >= 32)]
    expected = shapes.measured(rows, QUANTITY, "reverse_vjp")
    both = found.merge(expected[[*SAME, "value"]], on=SAME, suffixes=("", "_expected"))
    if both.empty:
        return [CLAIM.not_run(f"no cell of width 128 and batch 32 or more has ratio_to_loss and {QUANTITY}", TIME)]
    over = both["value"] / both["value_expected"]
    worst = float(over.iloc[int(np.argmax(np.abs(np.log(over))))])
    outside = int((np.abs(over - 1) > CLAIM.margin).sum())
    series = pd.DataFrame({"x": both["depth"], "y": both["value"], "fit": both["value_expected"]})
    return [
        CLAIM.verdict(
            REFUTED if outside else SUPPORTED, f"{outside} of {len(over)} cells outside; median {np.median(over):.3f}", TIME,
            estimate=worst, interval=(float(over.min()), float(over.max())), cells=tuple(sorted(set(both["cell"]))),
            series=series, x_label="depth: number of affine layers", y_label="(loss + gradient) / loss, in time",
        )
    ]  # fmt: skip

"""The ratio of gradient to loss in time does not depend on the depth."""

from __future__ import annotations

import pandas as pd

import ratio_claim
import shapes
from claim import TIME, Claim, Verdict

CLAIM = Claim(
    name="gradient_loss_ratio_bounded",
    sentence="The time of loss and gradient over that of the loss alone does not depend on the depth.",
    source="Damadi, Moharrer, Cham, Shen, arXiv 2301.09977, abstract; Griewank & Walther 2008, section 3.4 (cheap gradient)",
    formula="[(3 - r) G + e_f + e_b] / (G + e_f), where only r = n_0 n_1 / sum n_{l-1} n_l depends on the depth, and vanishes",
    statistic="slope of log ratio in log depth, depths from 4 on",
    predicted=0.0,
    margin=0.05,
    needs="backprove bench --sweep depth with reverse_vjp, double, 1 thread, at least 8 sizes over 1.5 decades; ratio_to_loss",
    rule="supported when the 95 % interval of the slope lies inside the margin, refuted when outside, else inconclusive",
    figure="ratio_to_loss_against_depth",
)


def judge(rows: pd.DataFrame) -> list[Verdict]:
    """From time."""
    chosen = shapes.measured(rows, "ratio_to_loss", "reverse_vjp", scalar="double", threads=1)
    return [ratio_claim.bounded(CLAIM, chosen, TIME, "no depth sweep of reverse_vjp with ratio_to_loss")]

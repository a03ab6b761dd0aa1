"""Loss and gradient cost 3 - r times the loss in multiplications of matrix products."""

from __future__ import annotations

import pandas as pd

import ratio_claim
from claim import Claim, Verdict

CLAIM = Claim(
    name="gradient_loss_ratio",
    sentence="Loss and gradient together cost 3 - r times the loss alone, in multiplications of products, whatever the depth and the batch.",
    source="counted from the shapes of Damadi, Moharrer, Cham, Shen, arXiv 2301.09977; Griewank & Walther 2008, section 3.4",
    formula="(loss + gradient)/loss = 3 - r, r = n_0 n_1 / sum n_{l-1} n_l; with the input gradient 3",
    statistic="cells whose count differs from the formula: any",
    predicted=0.0,
    margin=0.0,
    needs="backprove bench --sweep grid or depth and width, or verify --scalar counting, with reverse_vjp; multiplications",
    rule="all multiplications of reverse_vjp equal batch x [(3 - r) sum n_{l-1} n_l + elementwise work], exactly",
    figure="ratio_to_loss_against_depth",
)


def judge(rows: pd.DataFrame) -> list[Verdict]:
    """From counts."""
    return [ratio_claim.by_formulas(CLAIM, rows, ["reverse_vjp"])]

"""Algorithm 1 as printed costs what its dimensions predict, beside reverse mode."""

from __future__ import annotations

import pandas as pd

import ratio_claim
from claim import Claim, Verdict

CLAIM = Claim(
    name="algorithm_1_ratio",
    sentence="Algorithm 1 as printed costs, over reverse mode, what the dimensions predict: a factor that grows in proportion to the depth.",
    source="Damadi, Moharrer, Cham, Shen, arXiv 2301.09977, Algorithm 1, step 2 (costs inferred from its dimensions)",
    formula="c n^2 L (L - 1)/2 over n^2 (2L - 3) + 2 c n: 4.4, 9.6, ..., 159.7 for L = 2, 4, ..., 64 at c = 10, n = 16",
    statistic="exponent in the depth of the ratio of the costs; counts: that both formulas hold exactly",
    predicted=1.0,
    margin=0.05,
    needs="backprove bench --sweep grid or depth and width, with jacobian_literal and reverse_vjp in the same cells; multiplications, seconds_p10",
    rule="counts: both strategies' multiplications equal their formulas exactly in every cell; time: the exponent of the ratio by equivalence",
    figure="operations_against_depth",
)


def judge(rows: pd.DataFrame) -> list[Verdict]:
    """From counts and time."""
    return ratio_claim.judge(CLAIM, rows, "jacobian_literal", "reverse_vjp")

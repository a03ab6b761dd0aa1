"""With its prefix reused, Algorithm 1 costs at most c times reverse mode."""

from __future__ import annotations

import pandas as pd

import ratio_claim
from claim import Claim, Verdict

CLAIM = Claim(
    name="prefix_reuse_ratio",
    sentence="With the prefix reused, Algorithm 1 costs a factor over reverse mode that tends to the number of outputs c as the depth grows.",
    source="Damadi, Moharrer, Cham, Shen, arXiv 2301.09977, Algorithm 1 (reuse is ours; costs inferred from its dimensions)",
    formula="c n^2 (2L - 3) over n^2 (2L - 3) + 2 c n, which tends to c from below",
    statistic="cells whose count differs from the formula: any",
    predicted=0.0,
    margin=0.0,
    needs="backprove bench --sweep grid or depth and width, with jacobian_prefix and reverse_vjp in the same cells; multiplications",
    rule="both strategies' multiplications equal their formulas exactly in every cell, so that the factor is the formulas' own",
    figure="operations_against_depth",
)


def judge(rows: pd.DataFrame) -> list[Verdict]:
    """From counts."""
    return [ratio_claim.by_formulas(CLAIM, rows, ["jacobian_prefix", "reverse_vjp"])]

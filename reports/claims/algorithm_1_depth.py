"""Algorithm 1 as printed costs the square of the depth."""

from __future__ import annotations

import pandas as pd

import exponent_claim
from claim import Claim, Verdict

CLAIM = Claim(
    name="algorithm_1_depth",
    sentence="Algorithm 1 as printed writes the chain of Jacobians anew for every layer: its cost grows like the square of the depth.",
    source="Damadi, Moharrer, Cham, Shen, arXiv 2301.09977, Algorithm 1, step 2 (costs inferred from its dimensions)",
    formula="c n^2 L (L - 1)/2 at n_0 = ... = n_{L-1} = n, n_L = c",
    statistic="exponent of the cost of Algorithm 1 as printed in the depth",
    predicted=2,
    margin=0.05,
    needs="backprove bench --sweep depth with jacobian_literal, scalar double, 1 thread, at least 8 sizes over 1.5 decades; multiplications, instructions (--instructions), seconds_p10",
    rule=exponent_claim.RULE,
    figure="time_against_depth",
)


def judge(rows: pd.DataFrame) -> list[Verdict]:
    """From counts, instructions and time."""
    return exponent_claim.judge(CLAIM, rows, ("jacobian_literal",), "depth")

"""Algorithm 1 with its prefix reused is linear in the depth."""

from __future__ import annotations

import pandas as pd

import exponent_claim
from claim import Claim, Verdict

CLAIM = Claim(
    name="prefix_reuse_depth",
    sentence="With the prefix of the chain reused, Algorithm 1 costs in proportion to the depth.",
    source="Damadi, Moharrer, Cham, Shen, arXiv 2301.09977, Algorithm 1 (reuse is ours; costs inferred from its dimensions)",
    formula="c n^2 (2L - 3)",
    statistic="exponent of the cost of Algorithm 1 with the prefix reused in the depth",
    predicted=1,
    margin=0.05,
    needs="backprove bench --sweep depth with jacobian_prefix, scalar double, 1 thread, at least 8 sizes over 1.5 decades; multiplications, instructions (--instructions), seconds_p10",
    rule=exponent_claim.RULE,
    figure="time_against_depth",
)


def judge(rows: pd.DataFrame) -> list[Verdict]:
    """From counts, instructions and time."""
    return exponent_claim.judge(CLAIM, rows, ("jacobian_prefix",), "depth")

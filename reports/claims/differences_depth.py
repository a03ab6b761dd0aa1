"""Differences cost the square of the depth."""

from __future__ import annotations

import pandas as pd

import exponent_claim
from claim import Claim, Verdict

CLAIM = Claim(
    name="differences_depth",
    sentence="Finite differences by every parameter cost the square of the depth at fixed width.",
    source="P + 1 or 2 P losses of L layers, the unchanged layers below the parameter reused; Griewank & Walther 2008, section 8",
    formula="Theta(L^2 n^4)",
    statistic="exponent of the cost of forward and central differences in the depth",
    predicted=2,
    margin=0.05,
    needs="backprove bench --sweep depth with forward_difference, central_difference, scalar double, 1 thread, at least 8 sizes over 1.5 decades; multiplications, instructions (--instructions), seconds_p10",
    rule=exponent_claim.RULE,
    figure="time_against_depth",
)


def judge(rows: pd.DataFrame) -> list[Verdict]:
    """From counts, instructions and time."""
    return exponent_claim.judge(CLAIM, rows, ("forward_difference", "central_difference"), "depth")

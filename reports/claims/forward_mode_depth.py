"""Forward mode costs the square of the depth."""

from __future__ import annotations

import pandas as pd

import exponent_claim
from claim import Claim, Verdict

CLAIM = Claim(
    name="forward_mode_depth",
    sentence="Forward mode with one tangent for every parameter costs the square of the depth at fixed width.",
    source="Griewank & Walther 2008, Evaluating Derivatives, section 3.2; P = L (n^2 + n) tangents of L layers",
    formula="P tangents of n^2 multiplications a layer above the parameter, Theta(L^2 n^4)",
    statistic="exponent of the cost of forward mode in the depth",
    predicted=2,
    margin=0.05,
    needs="backprove bench --sweep depth with forward_mode, scalar double, 1 thread, at least 8 sizes over 1.5 decades; multiplications, instructions (--instructions), seconds_p10",
    rule=exponent_claim.RULE,
    figure="time_against_depth",
)


def judge(rows: pd.DataFrame) -> list[Verdict]:
    """From counts, instructions and time."""
    return exponent_claim.judge(CLAIM, rows, ("forward_mode",), "depth")

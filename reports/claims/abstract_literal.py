"""The abstract's sentence, taken at its word."""

from __future__ import annotations

import pandas as pd

import exponent_claim
from claim import COUNTS, TIME, Claim, Verdict

CLAIM = Claim(
    name="abstract_literal",
    sentence="'The number of layers in the network does not significantly impact the complexity of the calculation', read as total cost.",
    source="Damadi, Moharrer, Cham, Shen, arXiv 2301.09977, abstract",
    formula="cost independent of L: exponent 0; what the shapes say is 1",
    statistic="exponent of the total cost of reverse mode in the depth",
    predicted=0.0,
    margin=0.05,
    needs="backprove bench --sweep depth with reverse_vjp, double, 1 thread, at least 8 sizes over 1.5 decades; multiplications, seconds_p10",
    rule=exponent_claim.RULE,
    figure="time_against_depth",
    should_hold=False,
)


def judge(rows: pd.DataFrame) -> list[Verdict]:
    """From counts and time."""
    return [v for v in exponent_claim.judge(CLAIM, rows, ("reverse_vjp",), "depth") if v.evidence in (COUNTS, TIME)]

"""Reverse mode costs the square of the width."""

from __future__ import annotations

import pandas as pd

import exponent_claim
from claim import Claim, Verdict

CLAIM = Claim(
    name="reverse_mode_width",
    sentence="Reverse mode costs the square of the width, whatever the outputs.",
    source="Damadi, Moharrer, Cham, Shen, arXiv 2301.09977, abstract; cost of vector products from the shapes",
    formula="n^2 (2L - 3) + 2 c n",
    statistic="exponent of the cost of reverse mode in the width",
    predicted=2,
    margin=0.05,
    needs="backprove bench --sweep width with reverse_vjp, scalar double, 1 thread, at least 8 sizes over 1.5 decades; multiplications, instructions (--instructions), seconds_p10",
    rule=exponent_claim.RULE,
    figure="time_against_width",
)


def judge(rows: pd.DataFrame) -> list[Verdict]:
    """From counts, instructions and time."""
    return exponent_claim.judge(CLAIM, rows, ("reverse_vjp",), "width")

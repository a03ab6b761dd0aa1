"""The cost of a layer in reverse mode does not depend on the depth."""

from __future__ import annotations

import pandas as pd

import exponent_claim
from claim import Claim, Verdict

CLAIM = Claim(
    name="reverse_mode_depth",
    sentence="The number of layers does not change what reverse mode costs a layer: its cost is proportional to the depth.",
    source="Damadi, Moharrer, Cham, Shen, arXiv 2301.09977, abstract; cost of vector products from the shapes",
    formula="sum_{l>=1} n_{l-1} n_l + sum_{l>=2} n_{l-1} n_l, n^2 (2L - 3) + 2 c n",
    statistic="exponent of the cost of reverse mode in the depth",
    predicted=1,
    margin=0.05,
    needs="backprove bench --sweep depth with reverse_vjp, scalar double, 1 thread, at least 8 sizes over 1.5 decades; multiplications, instructions (--instructions), seconds_p10",
    rule=exponent_claim.RULE,
    figure="time_against_depth",
)


def judge(rows: pd.DataFrame) -> list[Verdict]:
    """From counts, instructions and time."""
    return exponent_claim.judge(CLAIM, rows, ("reverse_vjp",), "depth")

"""Dense products cost the square of the width when the outputs are fixed."""

from __future__ import annotations

import pandas as pd

import exponent_claim
from claim import Claim, Verdict

CLAIM = Claim(
    name="dense_products_width_fixed",
    sentence="With a fixed number of outputs, the explicit products of Algorithm 1 cost the square of the width.",
    source="Damadi, Moharrer, Cham, Shen, arXiv 2301.09977, Algorithm 1 (costs inferred from its dimensions)",
    formula="c n^2 L (L - 1)/2 and c n^2 (2L - 3) with c fixed",
    statistic="exponent of the cost of Algorithm 1 as printed and with the prefix reused, n_L fixed, in the width",
    predicted=2,
    margin=0.05,
    needs="backprove bench --sweep width with jacobian_literal, jacobian_prefix, scalar double, 1 thread, at least 8 sizes over 1.5 decades; multiplications, instructions (--instructions), seconds_p10",
    rule=exponent_claim.RULE,
    figure="time_against_width",
)


def judge(rows: pd.DataFrame) -> list[Verdict]:
    """From counts, instructions and time."""
    return exponent_claim.judge(CLAIM, rows, ("jacobian_literal", "jacobian_prefix"), "width", "fixed")

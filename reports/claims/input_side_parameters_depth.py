"""Products from the input side cost the square of the depth for all parameters."""

from __future__ import annotations

import pandas as pd

import exponent_claim
from claim import Claim, Verdict

CLAIM = Claim(
    name="input_side_parameters_depth",
    sentence="Multiplied from the input side, the Jacobians by all parameters cost the square of the depth.",
    source="Griewank & Walther 2008, Evaluating Derivatives, sections 3.2 and 10 (forward accumulation); costs from the shapes",
    formula="n^2 (n^2 + n) L (L - 1)/2 dense, n^3 L (L - 1)/2 with the Kronecker factor",
    statistic="exponent of the cost of products from the input side in the depth",
    predicted=2,
    margin=0.05,
    needs="backprove bench --sweep depth with jacobian_forward_kronecker (and jacobian_forward), scalar double, 1 thread, at least 8 sizes over 1.5 decades; multiplications, instructions (--instructions), seconds_p10",
    rule=exponent_claim.RULE,
    figure="time_against_depth",
)


def judge(rows: pd.DataFrame) -> list[Verdict]:
    """From counts, instructions and time."""
    return exponent_claim.judge(CLAIM, rows, ("jacobian_forward_kronecker",), "depth", also=("jacobian_forward",))

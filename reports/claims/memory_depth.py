"""The peak memory of reverse mode is linear in the depth."""

from __future__ import annotations

import pandas as pd

import exponent_claim
import shapes
from claim import MEASURED, Claim, Verdict

CLAIM = Claim(
    name="memory_depth",
    sentence="The peak memory of reverse mode grows in proportion to the depth.",
    source="Griewank & Walther 2008, section 4.2 (the tape holds every layer's result); shapes of the layers",
    formula="B sum n_l numbers of the tape, and as many derivatives as parameters: a + b L at fixed width",
    statistic="exponent in the depth of the largest number of bytes allocated at once",
    predicted=1.0,
    margin=0.05,
    needs="backprove bench --sweep depth or memory with reverse_vjp, double, 1 thread, at least 8 depths over 1.5 decades; heap_peak_bytes",
    rule="supported when the 95 % interval of p in a + b L^p lies inside the margin, refuted when outside, else inconclusive",
    figure="peak_memory_against_depth",
)


def judge(rows: pd.DataFrame) -> list[Verdict]:
    """From the allocators' peak."""
    chosen = shapes.measured(rows, "heap_peak_bytes", "reverse_vjp", scalar="double", threads=1)
    return [exponent_claim.judge_rows(CLAIM, MEASURED, chosen, ["reverse_vjp"], "depth", "any", "heap_peak_bytes", "bytes allocated at once")]

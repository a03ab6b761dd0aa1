"""The gradient runs near the limit that the machine's measured rates set."""

from __future__ import annotations

import pandas as pd

import timed_cells
from target import Held, Target

WIDE, LEAST_WIDE, LEAST = 128, 0.8, 0.6
TARGET = Target(
    name="limit",
    sentence=f"The gradient runs at {LEAST_WIDE:g} of the machine's limit or more from width {WIDE} on, at {LEAST:g} or more below.",
    needs="backprove bench --limits with reverse_vjp; fraction_of_limit; for the reason limit_seconds and overhead_*",
)


def judge(rows: pd.DataFrame) -> list[Held]:
    """Every cell, on each number of threads."""
    cells = timed_cells.wide(rows, "fraction_of_limit", "seconds_p10").to_dict("records")
    bars = [LEAST_WIDE if cell["width"] >= WIDE else LEAST for cell in cells]
    return [TARGET.held(c, c["fraction_of_limit"], lambda c=c, bar=bar: timed_cells.reason(c, bar), low=bar) for c, bar in zip(cells, bars)]

"""How a target about the ratio of gradient to loss in time is judged: every cell against its own expectation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

import timed_cells
from target import Held, Target

MARGIN, BATCH = 0.15, 32
"""The largest distance of the ratio over its expectation from 1, and the smallest batch."""


def judge(target: Target, cells: pd.DataFrame, expected: "pd.Series[float]", width: int) -> list[Held]:
    """The cells (of timed_cells.wide) from `width` on, whose expectation is a number."""
    chosen = cells.assign(expected=expected)
    chosen = chosen[(chosen["width"] >= width) & (chosen["batch"] >= BATCH) & chosen["expected"].notna()]
    return [
        target.held(c, c["ratio_to_loss"] / c["expected"], lambda c=c: reason(c), low=1 - MARGIN, high=1 + MARGIN) for c in chosen.to_dict("records")
    ]


def reason(cell: Mapping[str, Any]) -> str:
    """Both ratios, and what the gradient spends beyond its limit."""
    return f"ratio {cell['ratio_to_loss']:.3g}, expected {cell['expected']:.3g}; gradient: {timed_cells.reason(cell)}"

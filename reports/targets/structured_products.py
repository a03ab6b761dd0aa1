"""Explicit Jacobians cost no more than vector products where their structure is used."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

import timed_cells
from target import NOT_MEASURED, Held, Target

MOST = 1.1
REVERSE = "_reverse"  # of reverse_vjp on the same cell
TARGET = Target(
    name="structured_products",
    sentence=f"Explicit structured products take at most {MOST:g} times the time of reverse_vjp, on every cell that has both.",
    needs="backprove bench with reverse_vjp and jacobian_structured; ratio_to_reverse or seconds_p10; for the reason restart_spread and noise_floor",
)


def judge(rows: pd.DataFrame) -> list[Held]:
    """Every cell of which both were measured, by one kernel on as many threads."""
    key = [*timed_cells.SAME, "kernel", "threads"]
    reverse = timed_cells.wide(rows, "seconds_p10")[[*key, "seconds_p10", "noise_floor"]]
    both = timed_cells.wide(rows, "seconds_p10", strategy="jacobian_structured").merge(reverse, on=key, suffixes=("", REVERSE)).to_dict("records")
    return [TARGET.held(c, ratio(c), lambda c=c: reason(c), high=MOST) for c in both]


def ratio(cell: Mapping[str, Any]) -> float:
    """As the run has it, from its processes one by one; else by the times."""
    found = cell["ratio_to_reverse"]
    return float(cell["seconds_p10"] / cell["seconds_p10" + REVERSE] if math.isnan(found) else found)


def reason(cell: Mapping[str, Any]) -> str:
    """Both times, and how far processes and two copies of one cell differ: the strategies' multiplications are the same."""
    times = f"{cell['seconds_p10'] * 1e6:.3g} against {cell['seconds_p10' + REVERSE] * 1e6:.3g} us"
    noise = timed_cells.spread({**cell, "noise_floor": cell["noise_floor" + REVERSE]})
    return "; ".join([times, *(noise or [NOT_MEASURED])])

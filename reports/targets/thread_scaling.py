"""Two threads are worth it where there is work for them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

import timed_cells
from target import Held, Target

LEAST, WIDTH, BATCH = 1.7, 128, 256
ONE = "_one"  # of the cell on one thread
TARGET = Target(
    name="thread_scaling",
    sentence=f"Two threads are at least {LEAST:g} times as fast as one, from width {WIDTH} and batch {BATCH} on.",
    needs="backprove bench --threads 1,2 with reverse_vjp; speedup or seconds_p10; for the reason limit_seconds and overhead_*",
)


def judge(rows: pd.DataFrame) -> list[Held]:
    """Every cell that was measured on one thread and on two."""
    cells = timed_cells.wide(rows, "seconds_p10")
    cells = cells[(cells["width"] >= WIDTH) & (cells["batch"] >= BATCH)]
    key = [*timed_cells.SAME, "kernel"]
    one = cells.loc[cells["threads"] == 1, [*key, "seconds_p10", "fraction_of_limit", "limit_seconds"]]
    both = cells[cells["threads"] == 2].merge(one, on=key, suffixes=("", ONE)).to_dict("records")
    return [TARGET.held(c, speedup(c), lambda c=c: reason(c), low=LEAST) for c in both]


def speedup(cell: Mapping[str, Any]) -> float:
    """As the run has it, from its processes one by one; else by the times."""
    return float(cell["seconds_p10" + ONE] / cell["seconds_p10"] if math.isnan(cell["speedup"]) else cell["speedup"])


def reason(cell: Mapping[str, Any]) -> str:
    """How much faster two threads are at the limits of both, and what this cell on two spends beyond its own."""
    one = timed_cells.limit_part({name.removesuffix(ONE): value for name, value in cell.items() if name.endswith(ONE)})
    at_limit = speedup(cell) * one / timed_cells.limit_part(cell)
    return f"{'' if math.isnan(at_limit) else f'{at_limit:.2f} at the limits of both; '}{timed_cells.reason(cell)}"

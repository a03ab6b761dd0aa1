"""No other system is as fast on the same cell."""

from __future__ import annotations

import pandas as pd

import timed_cells
from target import Held, Target

LEAST = 1.2
TARGET = Target(
    name="peers",
    sentence=f"Every other system takes at least {LEAST:g} times as long, each on its best number of threads.",
    needs="backprove bench --peers with reverse_vjp; best_ratio_to_peer; for the reason --limits",
)


def judge(rows: pd.DataFrame) -> list[Held]:
    """A cell for each peer that has a value there."""
    cells = timed_cells.beside_peers(rows).to_dict("records")
    return [TARGET.held(c, c["value"], lambda c=c: timed_cells.at_limit(c["value"], c["part"], LEAST, c["overheads"]), low=LEAST) for c in cells]

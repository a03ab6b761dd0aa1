"""The cells of a run as a table with a column for each quantity, and what their measured overheads say of their time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from target import NOT_MEASURED

SAME = ["folder", "network", "depth", "width", "batch", "loss", "data", "seed", "scalar", "options"]
"""What a cell of reverse_vjp and a peer's have in common, and one cell on several numbers of threads."""
CELL = [*SAME, "strategy", "kernel", "threads", "cell"]
READ = (
    "seconds_p10", "fraction_of_limit", "limit_seconds", "ratio_to_loss", "predicted_ratio_to_loss", "noise_floor", "restart_spread",
    "speedup", "ratio_to_reverse",
    "heap_peak_bytes", "working_bytes", "predicted_bytes",
)  # fmt: skip
OVERHEAD = "overhead_"
LEAST_NAMED, MOST_UNEXPLAINED = 0.05, 0.15
"""Of the time: smaller overheads are not named; a larger rest is said to be unexplained where nothing says how much may be."""


def measured(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with status ok and a finite value that is not negative."""
    value = rows["value"].astype(float)
    return rows[(rows["status"] == "ok") & np.isfinite(value) & (value >= 0)]


def wide(rows: pd.DataFrame, *needed: str, strategy: str = "reverse_vjp") -> pd.DataFrame:
    """One line a cell: CELL, and a column for each quantity that is READ, or an overhead; NaN where it was not measured.

    `strategy` is a regular expression for the whole name. Only cells whose quantities `needed` are all positive; with none of
    those the table is empty, but has the columns.
    """
    named = rows["quantity"].isin(READ) | rows["quantity"].str.startswith(OVERHEAD)
    chosen = measured(rows[named & rows["strategy"].str.fullmatch(strategy)])
    table = chosen.groupby([*CELL, "quantity"], dropna=False)["value"].median().unstack().reset_index()
    table = table.reindex(columns=list(dict.fromkeys([*CELL, *table.columns, *READ])))
    return table[(table[list(needed)] > 0).all(axis=1)]


def beside_peers(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of best_ratio_to_peer: the strategy reverse_vjp, `peer`, `part`, the limit over our time, and our `overheads`.

    These are of the number of threads (and the kernel) with our smallest seconds_p10; the part is NaN where no limit was measured.
    """
    ours = wide(rows, "seconds_p10").sort_values("seconds_p10", kind="stable").drop_duplicates(SAME)
    cells = ours.to_dict("records")
    ours = ours.assign(part=[limit_part(cell) for cell in cells], overheads=[overheads(cell) for cell in cells])
    ratios = measured(rows[rows["quantity"] == "best_ratio_to_peer"])
    both = ratios.merge(ours[[*SAME, "part", "overheads"]], on=SAME, how="left")
    spent = [one if isinstance(one, dict) else {} for one in both["overheads"]]  # a cell may be missing
    return both.assign(overheads=spent, peer=both["strategy"], strategy="reverse_vjp")


def overheads(cell: Mapping[str, Any]) -> dict[str, float]:
    """Name without `overhead_` -> part of the cell's time, the largest first.

    The time is limit_seconds over fraction_of_limit, where both are there: overheads were measured in turn with the limit.
    """
    limit, fraction = float(cell["limit_seconds"]), float(cell["fraction_of_limit"])
    time = cell["seconds_p10"] if math.isnan(limit + fraction) else limit / fraction
    found = {str(name).removeprefix(OVERHEAD): value / time for name, value in cell.items() if str(name).startswith(OVERHEAD)}
    return dict(sorted(((name, part) for name, part in found.items() if not math.isnan(part)), key=lambda item: -item[1]))


def named(parts: Mapping[str, float]) -> str:
    """The largest overhead, and the others of 5 % or more."""
    return ", ".join(f"{name} {part:.0%}".replace("%", " %") for k, (name, part) in enumerate(parts.items()) if k == 0 or part >= LEAST_NAMED)


def mean_overheads(cells: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Arithmetic means over cells, 0 where a cell has not got one; the largest first."""
    names = dict.fromkeys(name for cell in cells for name in cell)
    means = {name: sum(cell.get(name, 0.0) for cell in cells) / len(cells) for name in names}
    return dict(sorted(means.items(), key=lambda item: -item[1]))


def limit_part(cell: Mapping[str, Any]) -> float:
    """The limit over the cell's time; NaN where it was not measured."""
    fraction = float(cell["fraction_of_limit"])
    return float(cell["limit_seconds"]) / float(cell["seconds_p10"]) if math.isnan(fraction) else fraction


def reason(cell: Mapping[str, Any], enough: float = 1 - MOST_UNEXPLAINED) -> str:
    """What a cell spends beyond its limit: the largest overhead, the others of 5 % or more, how much that explains.

    A line of `wide` with seconds_p10. Parts overlap, so that what is explained can pass 1. What is not explained is said
    where less than `enough` is: of a bar that leaves a part of the time free, the bar.
    """
    parts, limit = overheads(cell), limit_part(cell)
    if not parts or math.isnan(limit):
        text, rest = NOT_MEASURED, 1 - limit
    else:
        explained = limit + sum(parts.values())
        text, rest = f"{named(parts)}; explained {explained:.2f}", 1 - explained
        text += f"; unexplained {rest:.2f}" if explained < enough else ""
    return "; ".join([text, *(spread(cell) if rest > 1 - enough else [])])


def spread(cell: Mapping[str, Any]) -> list[str]:
    """How far processes, and the same cell prepared twice, differ: what was measured of the two."""
    named = (("restart_spread", "processes differ by"), ("noise_floor", "the A/A pair by"))
    return [f"{words} {cell[quantity]:.2g}" for quantity, words in named if not math.isnan(cell[quantity])]


def at_limit(ratio: float, part: float, low: float, beyond: Mapping[str, float]) -> str:
    """What a ratio to a peer would be if we ran at the limit, and whether that is enough. `part`: the limit over our time.

    Where it is enough, the overheads `beyond` are what is in the way, as far as they were measured.
    """
    if math.isnan(part):
        return f"the limit is {NOT_MEASURED}"
    if part > 1:
        return f"runs at {part:.2f} of the limit, which is no limit there: more than was measured for it is possible"
    there = ratio / part
    verdict = ", below the bar too" if there < low else f"; beyond it {named(beyond)}" if beyond else ""
    return f"runs at {part:.2f} of the limit; at the limit the ratio would be {there:.3g}{verdict}"

"""A time repeats within one percent when the same cell is prepared twice."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

import timed_cells
from target import NOT_MEASURED, Held, Target

MOST, QUANTILE = 0.01, 0.9
TARGET = Target(
    name="noise",
    sentence=f"The 90th percentile of a run's noise_floor is at most {MOST:g}; cells above are listed, and do not decide.",
    needs="backprove bench with reverse_vjp; noise_floor; for the reason heap_peak_bytes, restart_spread and the caches of environment.json",
)


def judge(rows: pd.DataFrame) -> list[Held]:
    """One verdict for each run, and behind it every cell above the bar."""
    cells = timed_cells.wide(rows)
    cells = cells[cells["noise_floor"].notna()]
    caches = dict(zip(rows["folder"], rows["third_cache"])) if "third_cache" in rows.columns else {}
    judged: list[Held] = []
    for folder, mine in cells.groupby("folder", sort=False):
        above = mine[mine["noise_floor"] > MOST].to_dict("records")
        why = f"{len(above)} of {len(mine)} cells above {MOST:g}, median {mine['noise_floor'].median():.2g}"
        judged.append(TARGET.held({"folder": folder}, mine["noise_floor"].quantile(QUANTILE), lambda why=why: why, high=MOST))
        cache = caches.get(folder, math.nan)
        judged += [TARGET.held(c, c["noise_floor"], lambda c=c, cache=cache: reason(c, cache), high=MOST, counts=False) for c in above]
    return judged


def reason(cell: Mapping[str, Any], cache: float) -> str:
    """The bytes of one copy against the third cache (bytes, NaN if unknown), and how far processes differ."""
    size, apart = cell["heap_peak_bytes"], cell["restart_spread"]
    said = [] if math.isnan(size) else [f"a copy has {size / 1e6:.3g} MB"]
    if said and not math.isnan(cache):
        said[0] += f", {size / cache:.2g} of the third cache"
    said += [] if math.isnan(apart) else [f"processes differ by {apart:.2g}"]
    return "; ".join(said) or NOT_MEASURED

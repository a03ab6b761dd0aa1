"""Several runs of one sweep on one machine, taken together: every figure is its median over them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

import rows as rows_module

SAME = [name for name in rows_module.COLUMNS if name not in ("value", "status", "note")]
"""What two rows of two runs have in common that are about the same figure."""


def together(rows: pd.DataFrame) -> pd.DataFrame:
    """One row for every figure, from rows as performance.read gives them: `value` is the median of those that are finite, `status` the worst.

    The note says of how many runs, and how far they lie apart, or what the worst of them says if it was rejected or not run; `folder` is
    'N runs'. RowsError: fewer than two folders, or several machines.
    """
    folders = list(dict.fromkeys(rows["folder"]))
    if len(folders) < 2:
        raise rows_module.RowsError(f"medians need runs in two folders or more, got {folders[0]} alone")
    if rows["machine"].nunique() > 1:
        named = rows.drop_duplicates("folder")
        listed = ", ".join(f"{folder} ({machine})" for folder, machine in zip(named["folder"], named["machine"]))
        raise rows_module.RowsError(f"medians need runs of one machine, got {listed}")
    rank = {status: k for k, status in enumerate(rows_module.STATUSES)}
    ranked = rows.assign(rank=rows["status"].map(rank), number=rows["value"].where(rows["value"].abs() < float("inf")))
    groups = ranked.sort_values("rank", kind="stable").groupby(SAME, sort=False, dropna=False)
    numbers = groups["number"]
    found = groups.first().reset_index()  # of the worst status
    summary = pd.DataFrame({"value": numbers.median(), "low": numbers.min(), "high": numbers.max(), "of": numbers.count()}).reset_index(drop=True)
    spread = [f"median of {n} run{'s' if n != 1 else ''} ({low:.4g} to {high:.4g})" for n, low, high in zip(summary["of"], summary["low"], summary["high"])]
    measured = (summary["of"] > 0) & found["status"].isin(["ok", "inconclusive"])
    note = [words if good else said for good, words, said in zip(measured, spread, found["note"])]
    return found.assign(value=summary["value"], note=note, folder=f"{len(folders)} runs")[list(rows.columns)]


def sentence(folders: Sequence[str]) -> str:
    """Which runs they are, for people."""
    return f"Medians of {len(folders)} runs: {', '.join(folders)}."

"""Checkpointing holds one state a snapshot: its peak memory grows by exactly that, whatever the depth."""

from __future__ import annotations

import numpy as np
import pandas as pd

import shapes
from claim import REFUTED, SUPPORTED, Claim, Verdict

BYTES = {"float": 4, "double": 8}
SAME = ["network", "scalar", "threads", "batch", "loss"]
CLAIM = Claim(
    name="checkpoint_memory",
    sentence="Every snapshot more costs checkpointing one layer's state of memory, whatever the depth: memory is bought with recomputation alone.",
    source="Griewank & Walther 2000, revolve (algorithm 799): s snapshots reverse l steps with p(l, s) extra steps; Chen et al. 2016",
    formula="peak(s) = peak(0) + s B n numbers, n the width of the widest layer; recomputation p(l, s) as in checkpoint_recomputation",
    statistic="bytes from one number of snapshots to the next, a snapshot, over B n times the bytes of a number; the step farthest from 1",
    predicted=1.0,
    margin=0.1,
    needs="backprove bench --sweep memory (reverse_checkpointed with several --snapshots at each of at least 3 depths); heap_peak_bytes",
    rule="supported when every step of every network lies within the margin, else refuted",
    figure="peak_memory_against_depth",
)


def per_snapshot(rows: pd.DataFrame) -> pd.DataFrame:
    """For every step from one number of snapshots to the next in a network: bytes a snapshot over those of one state; columns depth, over, cells."""
    chosen = shapes.measured(rows, "heap_peak_bytes", "reverse_checkpointed")
    chosen = chosen[chosen["scalar"].isin(BYTES)]
    asked = chosen["options"].map(lambda text: shapes.option(text, "snapshots")).astype(float)
    layers = pd.Series([shape.layers for shape in chosen["shape"]], index=chosen.index, dtype=float)
    chosen = chosen.assign(snapshots=np.minimum(asked, layers))[asked.notna()]
    # Runs with other snapshots may lie in other folders: bytes are no times, they compare.
    found = []
    for key, group in chosen.groupby(SAME):
        at = group.groupby("snapshots")["value"].median()
        if len(at) < 2:
            continue
        shape = shapes.shape_of(key[0])
        assert shape is not None
        state = max(shape.widths) * group["batch"].iloc[0] * BYTES[group["scalar"].iloc[0]]
        found += [(shape.depth, over, tuple(group["cell"])) for over in np.diff(at) / np.diff(at.index) / state]
    return pd.DataFrame(found, columns=["depth", "over", "cells"])


def judge(rows: pd.DataFrame) -> list[Verdict]:
    """From the allocators' peak."""
    found = per_snapshot(rows)
    if found["depth"].nunique() < 3:
        return [CLAIM.not_run(f"{found['depth'].nunique()} depths with heap_peak_bytes of two numbers of snapshots, 3 are needed")]
    outside = int(((found["over"] - CLAIM.predicted).abs() > CLAIM.margin).sum())
    worst = float(found.loc[(found["over"] - CLAIM.predicted).abs().idxmax(), "over"])
    cells = tuple(sorted({cell for some in found["cells"] for cell in some}))
    series = pd.DataFrame({"x": found["depth"], "y": found["over"], "fit": 1.0}).sort_values("x")
    return [
        CLAIM.verdict(
            REFUTED if outside else SUPPORTED, f"{outside} of {len(found)} steps outside the margin", estimate=worst,
            interval=(float(found["over"].min()), float(found["over"].max())), cells=cells, series=series,
            x_label="depth: number of affine layers", y_label="bytes a snapshot over those of one state",
        )
    ]  # fmt: skip

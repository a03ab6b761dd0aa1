"""Checkpointing evaluates as many layers again as revolve predicts."""

from __future__ import annotations

import math

import pandas as pd

import shapes
from claim import COUNTS, REFUTED, SUPPORTED, Claim, Verdict

CLAIM = Claim(
    name="checkpoint_recomputation",
    sentence="Checkpointing with s snapshots evaluates exactly as many layers again as the optimal schedule must.",
    source="Griewank & Walther 2000, revolve (algorithm 799), equation for p(l, s)",
    formula="p(l, s) = r l - beta(s + 1, r - 1), beta(s, r) = C(s + r, s), r the least with beta(s, r) >= l",
    statistic="largest |recomputed layers - p(l, s)|",
    predicted=0.0,
    margin=0.0,
    needs="backprove verify --strategy reverse_checkpointed [--snapshots S] over at least 3 depths; recomputed_layers",
    rule="supported when all are equal, in at least 3 networks",
    figure="peak_memory_against_depth",
)


def extra_steps(steps: int, snapshots: int) -> int:
    """p(l, s): forward steps beyond the one that each reverse step does itself."""
    if steps <= 1:
        return 0
    r = 0
    while math.comb(snapshots + r, snapshots) < steps:
        r += 1
    return r * steps - math.comb(snapshots + r, snapshots + 1)


def judge(rows: pd.DataFrame) -> list[Verdict]:
    """From the layers that were evaluated again."""
    chosen = shapes.measured(rows, "recomputed_layers", "reverse_checkpointed")
    if chosen["network"].nunique() < 3:
        return [CLAIM.not_run(f"{chosen['network'].nunique()} networks with recomputed_layers, 3 are needed", COUNTS)]
    expected = []
    for row in chosen.itertuples(index=False):
        layers = row.shape.layers
        asked = int(shapes.option(row.options, "snapshots") or 0)
        expected.append(extra_steps(layers, min(max(asked or (layers - 1).bit_length() + 1, 1), layers)))
    apart = (chosen["value"] - expected).abs()
    worst = float(apart.max())
    series = pd.DataFrame({"x": chosen["depth"], "y": chosen["value"], "fit": expected}).drop_duplicates().sort_values("x")
    return [
        CLAIM.verdict(
            SUPPORTED if worst == 0 else REFUTED, f"{int((apart > 0).sum())} of {len(apart)} cells differ from p(l, s)", COUNTS,
            estimate=worst, interval=(worst, worst), cells=tuple(sorted(set(chosen["cell"]))), series=series,
            x_label="depth: number of affine layers", y_label="layers evaluated again",
        )
    ]  # fmt: skip

"""A gradient costs at most a small constant times its function, in exact counts."""

from __future__ import annotations

import pandas as pd

import shapes
from claim import COUNTS, REFUTED, SUPPORTED, Claim, Verdict

KINDS = ("multiplications", "additions", "divisions", "functions")
SAME = ["folder", "network", "scalar", "threads", "batch", "loss"]
CLAIM = Claim(
    name="cheap_gradient",
    sentence="Loss and gradient cost at most 4 times the operations of the loss, and at most 3 times its nonscalar ones.",
    source="Baur & Strassen 1983 (nonscalar operations); Griewank & Walther 2008, section 3.4 (all operations)",
    formula="operations(loss and gradient) <= 4 operations(loss); multiplications, divisions and functions, but divisions by the batch, <= 3 times",
    statistic="largest ratio of all operations of reverse_vjp to those of the loss",
    predicted=4.0,
    margin=0.0,
    needs="backprove verify --scalar counting with reverse_vjp and the loss alone (strategy loss); multiplications, additions, divisions, functions",
    rule="supported when both bounds hold in every cell, else refuted",
    figure="operations_against_depth",
)


def operations(rows: pd.DataFrame, strategy: str) -> pd.DataFrame:
    """All operations, and the nonscalar ones, of every cell of the counting scalar that has the four counts."""
    parts = [shapes.measured(rows, kind, strategy, scalar="counting").assign(kind=kind) for kind in KINDS]
    if any(part.empty for part in parts):
        return pd.DataFrame(columns=[*SAME, "cell", "depth", "all", "nonscalar"])
    wide = pd.concat(parts).pivot_table(index=[*SAME, "options", "cell", "depth"], columns="kind", values="value").dropna().reset_index()
    every = sum(wide[kind] for kind in KINDS)
    # A mean divides the loss, and every entry of its gradient by the outputs, by a constant: scalar operations.
    mean = wide["options"].map(lambda text: shapes.option(text, "reduction") == "mean").astype(float)
    outputs = wide["network"].map(shapes.outputs).astype(float)
    by_batch = mean * (1 + (wide["batch"] * outputs if strategy != "loss" else 0))
    return wide.assign(all=every, nonscalar=every - wide["additions"] - by_batch)


def judge(rows: pd.DataFrame) -> list[Verdict]:
    """From exact counts."""
    gradient, loss = operations(rows, "reverse_vjp"), operations(rows, "loss")
    both = gradient
    if not (gradient.empty or loss.empty):
        both = gradient.merge(loss[[*SAME, "all", "nonscalar"]], on=SAME, suffixes=("", "_loss"))
    if loss.empty or both.empty:
        return [CLAIM.not_run(f"no cell of the counting scalar has {', '.join(KINDS)} of reverse_vjp and of the loss alone", COUNTS)]
    every, nonscalar = both["all"] / both["all_loss"], both["nonscalar"] / both["nonscalar_loss"]
    worst = float(every.max())
    holds = worst <= 4 and nonscalar.max() <= 3
    reason = f"{len(both)} cells: all operations {every.min():.3f} to {worst:.3f} times, nonscalar {nonscalar.min():.3f} to {nonscalar.max():.3f} times"
    series = pd.DataFrame({"x": both["depth"], "y": every, "fit": 4.0})
    return [
        CLAIM.verdict(
            SUPPORTED if holds else REFUTED, reason, COUNTS, estimate=worst, interval=(worst, worst), cells=tuple(sorted(set(both["cell"]))),
            series=series, x_label="depth: number of affine layers", y_label="operations of loss and gradient over those of the loss",
        )
    ]  # fmt: skip

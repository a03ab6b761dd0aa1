"""The geometric means over the depth beside PyTorch and JAX are those of the published prototype, or better."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

import timed_cells
from target import Held, Target

DEPTHS = (2, 8, 32, 128)
# (width, batch) -> least mean beside pytorch_eager in double and float, beside jax_jit in double and float.
LEAST = {
    (8, 1): (517, 489, 80, 81), (8, 32): (78, 120, 19, 30), (8, 256): (27, 47, 6.9, 11.7),
    (32, 1): (122, 190, 31, 35), (32, 32): (24, 35, 7.7, 11.4), (32, 256): (7.5, 8.8, 3.6, 4.1),
    (128, 1): (12.7, 20, 10.8, 12.0), (128, 32): (4.7, 6.6, 2.7, 2.9), (128, 256): (3.3, 3.4, 2.9, 2.9),
    (512, 1): (3.1, 3.5, 8.0, 10.2), (512, 32): (2.3, 2.8, 2.1, 2.1), (512, 256): (2.4, 2.5, 1.64, 1.39),
}  # fmt: skip
COLUMNS = {("pytorch_eager", "double"): 0, ("pytorch_eager", "float"): 1, ("jax_jit", "double"): 2, ("jax_jit", "float"): 3}
TARGET = Target(
    name="peers_of_prototype",
    sentence="Geometric means of best_ratio_to_peer over depths 2, 8, 32 and 128 are at least those published for the prototype, "
    "beside pytorch_eager and jax_jit.",
    needs="backprove bench --sweep grid --peers with reverse_vjp; best_ratio_to_peer at all four depths; for the reason --limits",
)


def judge(rows: pd.DataFrame) -> list[Held]:
    """An entry of the table for each run that has all its depths, of one kind of network, data and options."""
    key = ["folder", "strategy", "peer", "scalar", "width", "batch", "threads", "loss", "data", "seed", "options"]
    cells = timed_cells.beside_peers(rows)
    judged = []
    for at, mine in cells[cells["depth"].isin(DEPTHS)].groupby(key, dropna=False, sort=False):
        cell = dict(zip(key, at))
        column, bars = COLUMNS.get((cell["peer"], cell["scalar"])), LEAST.get((cell["width"], cell["batch"]))
        if column is not None and bars is not None and set(mine["depth"]) == set(DEPTHS):
            judged.append(entry(cell, mine, bars[column]))
    return judged


def entry(cell: dict[str, object], mine: pd.DataFrame, low: float) -> Held:
    """One entry of the table."""
    ratio, part = mean(mine["value"]), mean(mine["part"])
    return TARGET.held(cell, ratio, lambda: timed_cells.at_limit(ratio, part, low, timed_cells.mean_overheads(list(mine["overheads"]))), low=low)


def mean(values: "pd.Series[float]") -> float:
    """The geometric mean of positive numbers, NaN if one is missing."""
    return float(np.exp(np.log(values).mean())) if (values > 0).all() else math.nan

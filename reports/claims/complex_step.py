"""The complex step reaches machine precision, which real differences do not."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

import equivalence
from claim import Claim, Verdict, infinite

SAME = ["folder", "network", "scalar", "batch", "loss", "data", "seed"]
CLAIM = Claim(
    name="complex_step",
    sentence="The complex step is as accurate as reverse mode: it reaches machine precision.",
    source="Squire & Trapp 1998; Martins, Sturdza, Alonso 2003",
    formula="truncation h^2 f'''/6 with no subtraction: h may be as small as one likes",
    statistic="mean over networks of log10 of the error of complex_step over that of reverse_vjp, in double",
    predicted=0.0,
    margin=0.5,
    needs="backprove verify --scalar double with complex_step, reverse_vjp and central_difference on at least 4 networks; error_max_relative",
    rule="supported when the 95 % interval of the mean lies inside the margin (a factor of 3), refuted when outside or an error is infinite, else inconclusive",
    figure="error_against_depth",
)


def chosen_rows(rows: pd.DataFrame, strategy: str) -> pd.DataFrame:
    """Relative errors in double with the default step."""
    chosen = rows[(rows["quantity"] == "error_max_relative") & (rows["scalar"] == "double") & (rows["strategy"] == strategy)]
    return chosen[~chosen["options"].str.contains("step_factor=")]


def errors(rows: pd.DataFrame, strategy: str) -> pd.DataFrame:
    """The finite ones, one a network."""
    chosen = chosen_rows(rows, strategy)
    chosen = chosen[(chosen["value"] > 0) & np.isfinite(chosen["value"])]
    return chosen.groupby([*SAME, "depth"], as_index=False).agg(value=("value", "median"), cell=("cell", "first"))


def judge(rows: pd.DataFrame) -> list[Verdict]:
    """From errors."""
    bad = infinite(chosen_rows(rows, "complex_step"))
    if len(bad):
        return [CLAIM.not_finite(bad)]
    step, reverse, central = (errors(rows, name) for name in ("complex_step", "reverse_vjp", "central_difference"))
    both = step.merge(reverse[[*SAME, "value"]], on=SAME, suffixes=("", "_reverse"))
    if len(both) < 4:
        return [CLAIM.not_run(f"{len(both)} networks have error_max_relative of complex_step and reverse_vjp in double, 4 are needed")]
    logs = np.log10(both["value"] / both["value_reverse"])
    mean, error = float(logs.mean()), float(logs.std(ddof=1) / len(logs) ** 0.5)
    verdict, p_value = equivalence.decide(mean, error, len(logs) - 1, CLAIM.predicted, CLAIM.margin)
    half = float(stats.t.ppf(0.975, len(logs) - 1)) * error
    others = step.merge(central[[*SAME, "value"]], on=SAME, suffixes=("", "_central"))
    beside = f"; the central difference errs {np.median(others['value_central'] / others['value']):.2g} times as much" if len(others) else ""
    return [
        CLAIM.verdict(
            verdict, f"{len(logs)} networks, error {10**mean:.2f} times that of reverse_vjp (geometric mean){beside}", estimate=mean,
            interval=(mean - half, mean + half), p_value=p_value, cells=tuple(sorted(set(both["cell"]))),
            series=pd.DataFrame({"x": both["depth"], "y": both["value"], "fit": both["value_reverse"]}),
            x_label="depth: number of affine layers", y_label="largest relative error; fit: of reverse_vjp",
        )
    ]  # fmt: skip

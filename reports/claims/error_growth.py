"""The error of reverse mode grows with the depth no faster than in proportion, in every scalar."""

from __future__ import annotations

import numpy as np
import pandas as pd

import equivalence
import fits
from claim import Claim, Verdict, infinite

SCALARS = ("float", "double", "long_double")
GROUP = ["folder", "width", "batch", "threads", "loss"]
CLAIM = Claim(
    name="error_growth",
    sentence="The rounding error of reverse mode grows with the depth no faster than in proportion, and does not shrink.",
    source="Higham 2002, sections 3.1 and 3.5 (gamma_n grows like n u); Higham & Mary 2019 (like sqrt(n) u, probabilistic)",
    formula="relative error of a block ~ u L^p with p between 0 and 1, 1/2 where roundings are independent; the worst of a growing number of blocks may add a quarter",
    statistic="slope of log error in log depth, of reverse_vjp, each scalar by itself",
    predicted=0.625,
    margin=0.625,
    needs="backprove verify --depth 2,4,8,16,32 --width 4,8,16,32 --batch 1,4 --scalar float,double,long_double --strategy reverse_vjp; error_max_relative",
    rule="supported when the 95 % interval lies between 0 and 1.25, refuted when outside or an error is infinite, else inconclusive",
    figure="error_against_depth",
)


def judge(rows: pd.DataFrame) -> list[Verdict]:
    """From errors."""
    return [judge_scalar(rows, scalar) for scalar in SCALARS]


def judge_scalar(rows: pd.DataFrame, scalar: str) -> Verdict:
    """One scalar: networks of one width, batch and loss share a level; all share the slope."""
    chosen = rows[(rows["quantity"] == "error_max_relative") & (rows["strategy"] == "reverse_vjp") & (rows["scalar"] == scalar)]
    if len(infinite(chosen)):
        return CLAIM.not_finite(infinite(chosen), scalar)
    chosen = chosen[(chosen["value"] > 0) & np.isfinite(chosen["value"]) & (chosen["depth"] >= 2) & (chosen["data"] == "synthetic")]
    chosen = chosen[chosen.groupby(GROUP, dropna=False)["depth"].transform("nunique") >= 4]
    if chosen.empty:
        return CLAIM.not_run(f"no error_max_relative of reverse_vjp in {scalar} at 4 depths of one width", about=scalar)
    keys = [chosen[name] for name in GROUP]
    level = np.exp(np.log(chosen["value"]).groupby(keys, dropna=False).transform("mean"))
    middle = np.exp(np.log(chosen["depth"]).groupby(keys, dropna=False).transform("mean"))
    groups = chosen.groupby(GROUP, dropna=False).ngroups
    try:
        p = fits.slope(chosen["depth"] / middle, chosen["value"] / level, levels=groups)
    except fits.FitError as error:
        return CLAIM.not_run(f"{scalar}: {error}", about=scalar)
    verdict, p_value = equivalence.decide(p.value, p.error, p.degrees, CLAIM.predicted, CLAIM.margin)
    low, high = p.interval()
    return CLAIM.verdict(
        verdict, f"error grows like depth^{p.value:.2f}, interval [{low:.2f}, {high:.2f}], {len(chosen)} cells", about=scalar,
        estimate=p.value, interval=(low, high), p_value=p_value, cells=tuple(sorted(set(chosen["cell"]))),
        series=pd.DataFrame({"x": chosen["depth"], "y": chosen["value"], "fit": p.fitted * level}).sort_values("x"),
        x_label="depth: number of affine layers", y_label="largest relative error",
    )  # fmt: skip

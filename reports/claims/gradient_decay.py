"""Vanishing and exploding gradients follow the Jacobians' Frobenius norms, not their largest singular values."""

from __future__ import annotations

import numpy as np
import pandas as pd

import equivalence
import fits
import shapes
from claim import INCONCLUSIVE, REFUTED, SUPPORTED, Claim, Verdict

MEASURED_NORM, FROBENIUS, SINGULAR = "cotangent_norm", "cotangent_norm_frobenius", "cotangent_norm_singular"
DEEP, WIDE = 32, 32
CLAIM = Claim(
    name="gradient_decay",
    sentence="How a gradient vanishes or explodes with the depth follows prod ||J_l||_F / sqrt(n_l), not the product of the largest singular values.",
    source="mean growth of a random vector: E ||J^T v||^2 = ||J||_F^2 ||v||^2 / n (Golub & Van Loan, section 5; Pennington et al. 2017 for networks)",
    formula="||g_0|| ~ ||g_L|| prod_l ||J_l||_F / sqrt(n_l), J_l of shape n_l x n_{l-1}; a typical norm lies below this mean one by about 1/n nats a layer",
    statistic="slope in the depth of log10 of the cotangent's norm at the input over its prediction, widths of 32 and more",
    predicted=0.0,
    margin=0.027,
    needs=f"backprove norms --depth 4,...,{DEEP} or more; {MEASURED_NORM}, {FROBENIUS}, {SINGULAR} with option layer=0",
    rule=f"supported when the 95 % interval lies inside the margin (2/n nats a layer at n = 32) and the singular values overestimate by 10^4 at depth {DEEP} or more; refuted when it lies outside, or a norm is 0 or infinite where a size is predicted",
    figure="gradient_norm_against_layer",
)
QUANTITIES = (MEASURED_NORM, FROBENIUS, SINGULAR)
SAME = ["folder", "cell", "depth"]


def judge(rows: pd.DataFrame) -> list[Verdict]:
    """From the norms of one gradient in each network."""
    wide = rows[(rows["width"] >= WIDE) & (rows["value"] >= 0)]
    wide = wide[wide["options"].map(lambda text: shapes.option(text, "layer") == "0").astype(bool)]
    norms = [wide[wide["quantity"] == q][[*SAME, "value"]].rename(columns={"value": q}) for q in QUANTITIES]
    both = norms[0].merge(norms[1], on=SAME).merge(norms[2], on=SAME)
    both = both[(both[FROBENIUS] > 0) & (both[SINGULAR] > 0)]
    lost = both[(both[MEASURED_NORM] == 0) | (both[MEASURED_NORM] == np.inf)]
    if both["depth"].nunique() < 4 or not len(both) or both["depth"].max() < DEEP:
        return [CLAIM.not_run(f"{both['depth'].nunique()} depths with {MEASURED_NORM}, {FROBENIUS} and {SINGULAR}; 4 are needed, up to {DEEP} or more")]
    if len(lost):
        reason = f"{len(lost)} norms are 0 or infinite where the Jacobians predict a size, first at depth {lost['depth'].iloc[0]:g}"
        return [CLAIM.verdict(REFUTED, reason, cells=tuple(sorted(set(lost["cell"]))))]
    logs = np.log10(both[MEASURED_NORM] / both[FROBENIUS])
    line = fits.line(both["depth"], logs)
    verdict, p_value = equivalence.decide(line.value, line.error, line.degrees, CLAIM.predicted, CLAIM.margin)
    deep = both[both["depth"] == both["depth"].max()]
    beyond = float(np.median(np.log10(deep[SINGULAR] / deep[MEASURED_NORM])))
    if verdict == SUPPORTED and beyond < 4:
        verdict, p_value = INCONCLUSIVE, None
    reason = f"{len(both)} networks; at depth {deep['depth'].iloc[0]:g} the Frobenius norms are off by 10^{abs(float(logs[deep.index].median())):.2f}, the singular values by 10^{beyond:.1f}"
    return [
        CLAIM.verdict(
            verdict, reason, estimate=line.value, interval=line.interval(), p_value=p_value, cells=tuple(sorted(set(both["cell"]))),
            series=pd.DataFrame({"x": both["depth"], "y": both[MEASURED_NORM], "fit": both[FROBENIUS], "singular": both[SINGULAR]}),
            x_label="depth: number of affine layers", y_label="norm of the cotangent at the input; fit: from Frobenius norms",
        )
    ]  # fmt: skip

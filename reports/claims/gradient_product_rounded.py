"""In floating point the gradient equals the product of the Jacobians within the bounds of its arithmetic."""

from __future__ import annotations

import pandas as pd

from claim import INCONCLUSIVE, REFUTED, SUPPORTED, Claim, Verdict
from claims.gradient_product_exact import PRODUCTS

SCALARS = ("float", "double")
CLAIM = Claim(
    name="gradient_product_rounded",
    sentence="In floating point every product of the layers' Jacobians is the gradient, within the error that its own roundings explain.",
    source="Damadi, Moharrer, Cham, Shen, arXiv 2301.09977, Algorithm 1; Higham 2002, sections 3.1 and 3.3 (running error bounds)",
    formula="|product - gradient| <= bound of its own operations, entry by entry",
    statistic="largest error over its bound; accepted up to 1",
    predicted=1.0,
    margin=0.0,
    needs="backprove verify --depth 2,4,8 --width 8 --scalar float,double; error_over_bound of the product strategies",
    rule="refuted when a cell exceeds its bound; supported when none does and at most half of a scalar's bounds are too wide to exclude anything",
    figure="error_against_depth",
)


def judge(rows: pd.DataFrame) -> list[Verdict]:
    """From errors and bounds."""
    chosen = rows[(rows["quantity"] == "error_over_bound") & rows["scalar"].isin(SCALARS) & rows["strategy"].isin(PRODUCTS)]
    chosen = chosen[~chosen["status"].isin(["limit", "unsupported"])]  # not measured
    pairs = set(zip(chosen["strategy"], chosen["scalar"]))
    missing = [f"{strategy} in {scalar}" for strategy in PRODUCTS for scalar in SCALARS if (strategy, scalar) not in pairs]
    if missing:
        return [CLAIM.not_run(f"no error_over_bound of {', '.join(missing)}")]
    beyond = chosen[~(chosen["value"] <= 1) & (chosen["status"] != "inconclusive")]
    wide = chosen["status"] == "inconclusive"
    worst = float(chosen["value"].max())
    verdict = REFUTED if len(beyond) else INCONCLUSIVE if (wide.groupby(chosen["scalar"]).mean() > 0.5).any() else SUPPORTED
    reason = f"{len(chosen)} cells, {len(beyond)} beyond their bound, {int(wide.sum())} whose bound is wider than the gradient"
    return [CLAIM.verdict(verdict, reason, estimate=worst, interval=(worst, worst), cells=tuple(sorted(set(chosen["cell"]))))]

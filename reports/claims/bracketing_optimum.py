"""The optimal bracketing is never dearer than any other order of products."""

from __future__ import annotations

import pandas as pd

from claim import COUNTS, REFUTED, SUPPORTED, Claim, Verdict

OTHERS = ("jacobian_literal", "jacobian_prefix", "jacobian_structured", "jacobian_forward_kronecker", "reverse_vjp")
SAME = ["folder", "network", "scalar", "threads", "batch", "loss", "options"]
CLAIM = Claim(
    name="bracketing_optimum",
    sentence="Dynamic programming over the brackets gives an order of products that no other order undercuts.",
    source="Griewank & Naumann 2003; Naumann 2020 (matrix-free); Griewank & Walther 2008, section 10.2",
    formula="C(j,i) = min_k C(j,k) + C(k-1,i) + m_j n_k n_i, or applied factor by factor",
    statistic="multiplications of jacobian_bracketed over those of the cheapest other order; the largest",
    predicted=1.0,
    margin=0.0,
    needs="backprove bench or verify with jacobian_bracketed and at least two of " + ", ".join(OTHERS) + "; multiplications",
    rule="supported when it is at most 1 in every network, else refuted",
    figure="operations_against_depth",
)


def judge(rows: pd.DataFrame) -> list[Verdict]:
    """From exact counts."""
    chosen = rows[(rows["quantity"] == "multiplications") & rows["value"].notna()]
    best = chosen[chosen["strategy"].isin(OTHERS)].groupby(SAME, dropna=False)["value"].agg(["min", "count"]).reset_index()
    both = chosen[chosen["strategy"] == "jacobian_bracketed"].merge(best[best["count"] >= 2], on=SAME)
    if both.empty:
        return [CLAIM.not_run("no cell with jacobian_bracketed and two other orders has multiplications", COUNTS)]
    over = both["value"] / both["min"]
    worst, cheaper = float(over.max()), int((over < 1).sum())
    reason = f"{both['network'].nunique()} networks; dearer than another order in {int((over > 1).sum())} cells, cheaper than all in {cheaper}"
    series = pd.DataFrame({"x": both["depth"], "y": both["value"], "fit": both["min"]})
    return [
        CLAIM.verdict(
            SUPPORTED if worst <= 1 else REFUTED, reason, COUNTS, estimate=worst, interval=(worst, worst),
            cells=tuple(sorted(set(both["cell"]))), series=series, x_label="depth: number of affine layers",
            y_label="multiplications; fit: cheapest other order",
        )
    ]  # fmt: skip

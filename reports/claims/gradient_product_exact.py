"""In rational arithmetic the gradient equals the product of the Jacobians, exactly."""

from __future__ import annotations

import pandas as pd

import shapes
from claim import REFUTED, SUPPORTED, Claim, Verdict

PRODUCTS = (
    "jacobian_literal", "jacobian_prefix", "jacobian_forward", "jacobian_forward_kronecker", "jacobian_structured", "jacobian_bracketed",
)  # fmt: skip
DIFFERENT = ("failed", "nonfinite")
"""Status of a difference, with or without its size."""
CLAIM = Claim(
    name="gradient_product_exact",
    sentence="The gradient equals the product of the layers' Jacobians: exactly, where nothing is rounded.",
    source="Damadi, Moharrer, Cham, Shen, arXiv 2301.09977, Algorithm 1, steps 1-3",
    formula="grad = J_theta z[L]^T g with J_theta[l] z[L] = W[L]^T Jf[L-1] ... Jf[l] [I (x) a[l-1]^T | I]",
    statistic="entries in which two results differ, in rational numbers (compared to 50 digits) and on whole numbers: the largest difference",
    predicted=0.0,
    margin=0.0,
    needs="backprove verify --network (relu, no transcendental layers) --loss squared_error --scalar double,cpp_rational; pair_error_over_bound, mismatched_entries",
    rule="supported when every product strategy and reverse_vjp agree in all entries of rational numbers, and are exact on whole numbers in floating point",
    figure=None,
)


def judge(rows: pd.DataFrame) -> list[Verdict]:
    """From exact arithmetic."""
    every = {*PRODUCTS, "reverse_vjp"}
    ours = rows[rows["strategy"].isin(every) & (rows["value"].notna() | rows["status"].isin(DIFFERENT))]
    pairs = ours[(ours["scalar"] == "cpp_rational") & (ours["quantity"] == "pair_error_over_bound")]
    partner = pairs["options"].map(lambda text: shapes.option(text, "partner"))
    pairs = pairs[partner.isin(every)]
    whole = ours[ours["quantity"] == "mismatched_entries"]
    used = pd.concat([pairs, whole])
    differ = used[(used["value"] != 0) | used["status"].isin(DIFFERENT)]
    pairless = sorted(every - set(pairs["strategy"]) - set(partner[partner.isin(every)]))
    unread = sorted(every - set(whole["strategy"]))
    missing = [f"no {what} of {', '.join(names)}" for what, names in (("pair_error_over_bound in cpp_rational", pairless), ("mismatched_entries", unread)) if names]
    if missing and differ.empty:
        return [CLAIM.not_run("; ".join(missing))]
    worst = float(used["value"].max())
    reason = f"{len(pairs)} pairs in rational numbers, {len(whole)} cells on whole numbers: " + (
        f"{len(differ)} differ, first {differ['strategy'].iloc[0]}" if len(differ) else "no entry differs"
    )
    cells = tuple(sorted(set(used["cell"])))
    return [CLAIM.verdict(REFUTED if len(differ) else SUPPORTED, reason, estimate=worst, interval=(worst, worst), cells=cells)]

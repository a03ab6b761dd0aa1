"""In rational arithmetic the gradient equals the product of the Jacobians, exactly."""

from __future__ import annotations

import pandas as pd

from claim import REFUTED, SUPPORTED, Claim, Verdict

PRODUCTS = (
    "jacobian_literal", "jacobian_prefix", "jacobian_forward", "jacobian_forward_kronecker", "jacobian_structured", "jacobian_bracketed",
)  # fmt: skip
CLAIM = Claim(
    name="gradient_product_exact",
    sentence="The gradient equals the product of the layers' Jacobians: exactly, where nothing is rounded.",
    source="Damadi, Moharrer, Cham, Shen, arXiv 2301.09977, Algorithm 1, steps 1-3",
    formula="grad = J_theta z[L]^T g with J_theta[l] z[L] = W[L]^T Jf[L-1] ... Jf[l] [I (x) a[l-1]^T | I]",
    statistic="largest |product - gradient| over all entries, in rational numbers",
    predicted=0.0,
    margin=0.0,
    needs="backprove verify --network (relu, no transcendental layers) --loss squared_error --scalar cpp_rational; error_max_absolute",
    rule="supported when every product strategy and reverse_vjp differ from the exact gradient nowhere, nor on whole numbers in double (mismatched_entries)",
    figure=None,
)


def judge(rows: pd.DataFrame) -> list[Verdict]:
    """From exact arithmetic."""
    ours = rows[rows["strategy"].isin((*PRODUCTS, "reverse_vjp")) & rows["value"].notna()]
    rational = ours[(ours["scalar"] == "cpp_rational") & (ours["quantity"] == "error_max_absolute")]
    missing = sorted({*PRODUCTS, "reverse_vjp"} - set(rational["strategy"]))
    if missing:
        return [CLAIM.not_run(f"no error_max_absolute in cpp_rational of {', '.join(missing)}")]
    whole = ours[ours["quantity"] == "mismatched_entries"]
    used = pd.concat([rational, whole])
    worst = float(used["value"].max())
    differ = used[(used["value"] != 0) | (used["status"] == "failed")]
    reason = f"{len(rational)} cells in rational numbers, {len(whole)} on whole numbers: " + (
        f"{len(differ)} differ, first {differ['strategy'].iloc[0]}" if len(differ) else "no entry differs"
    )
    cells = tuple(sorted(set(used["cell"])))
    return [CLAIM.verdict(REFUTED if len(differ) else SUPPORTED, reason, estimate=worst, interval=(worst, worst), cells=cells)]

"""How a claim about the ratio of two costs is judged: counts by both formulas exactly, time by the exponent of the ratio."""

from __future__ import annotations

import numpy as np
import pandas as pd

import count_identity
import exponent_claim
import fits
import shapes
from claim import COUNTS, REFUTED, SUPPORTED, TIME, Claim, Verdict

SAME = ["folder", "network", "scalar", "threads", "batch", "loss", "options"]


def judge(claim: Claim, rows: pd.DataFrame, above: str, below: str) -> list[Verdict]:
    """Two verdicts on cost(above) / cost(below)."""
    return [by_formulas(claim, rows, [above, below]), by_time(claim, rows, above, below)]


def by_formulas(claim: Claim, rows: pd.DataFrame, strategies: list[str]) -> Verdict:
    """Supported when every strategy's counts equal its formula in every cell."""
    found = [count_identity.check(rows, strategy) for strategy in strategies]
    missing = [one for one in found if isinstance(one, str)]
    if missing:
        return claim.not_run("; ".join(missing), COUNTS)
    identities = [one for one in found if not isinstance(one, str)]
    holds = all(one.holds for one in identities)
    table = identities[0].table
    series = pd.DataFrame({"x": table["depth"], "y": table["count"], "fit": table["products"]})
    return claim.verdict(
        SUPPORTED if holds else REFUTED, "; ".join(one.reason for one in identities), COUNTS,
        statistic="cells whose count differs from the formula: any", predicted=0.0, margin=0.0,
        estimate=0.0 if holds else 1.0, interval=(0.0, 0.0) if holds else (1.0, 1.0),
        cells=tuple(sorted({cell for one in identities for cell in one.cells})), series=series,
        x_label="depth: number of affine layers", y_label="multiplications; fit: those of matrix products",
    )  # fmt: skip


def paired(rows: pd.DataFrame, quantity: str, above: str, below: str, **where: object) -> pd.DataFrame:
    """Rows of `above` whose value is the ratio to `below` in the same cell of the same folder."""
    upper, lower = (shapes.measured(rows, quantity, strategy, **where) for strategy in (above, below))
    both = upper.merge(lower[[*SAME, "value"]], on=SAME, suffixes=("", "_below"))
    return both.assign(value=both["value"] / both["value_below"])


def by_time(claim: Claim, rows: pd.DataFrame, above: str, below: str) -> Verdict:
    """The exponent of the ratio in the depth: as any exponent, or for 0 the slope of the logarithms."""
    chosen = paired(rows, "seconds_p10", above, below, scalar=exponent_claim.SCALAR, threads=exponent_claim.THREADS)
    if claim.predicted != 0:
        return exponent_claim.judge_rows(claim, TIME, chosen, [above], "depth", "any")
    return bounded(claim, chosen, TIME, f"no depth sweep of {above} and {below} with seconds_p10")


def bounded(claim: Claim, chosen: pd.DataFrame, evidence: str, missing: str) -> Verdict:
    """A ratio that does not depend on the depth: its slope in the logarithms is 0."""
    judged, why = [], missing
    for sweep in shapes.sweeps(chosen, "depth"):
        sweep = sweep.above(exponent_claim.LEAST_DEPTH)
        poor = fits.poor_design(sweep.x) if sweep.x.size else "no depth of 4 or more"
        if poor:
            why = f"{sweep.label}: {poor}"
            continue
        p = fits.slope(sweep.x, sweep.y)
        verdict, p_value = exponent_claim.decide(claim, p)
        reason = f"ratio {np.min(sweep.y):.3g} to {np.max(sweep.y):.3g} over depths {sweep.x[0]:g} to {sweep.x[-1]:g}, slope {p.value:.3f}"
        judged.append(exponent_claim.Judged(sweep, verdict, p.value, p.interval(), p_value, p.fitted, reason))
    if not judged:
        return claim.not_run(why, evidence)
    return exponent_claim.combined(claim, evidence, "depth", judged, "ratio of times")

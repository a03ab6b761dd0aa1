"""How a claim about an exponent is judged: by exact counts, by instructions and by time, each giving a verdict of its own.

Counts of multiplications: the sizes' polynomial has exactly the claimed degree, in rational arithmetic. Instructions and time:
the exponent p of t = a + d x^(p0 - 1) + b x^p (for p0 = 1: t = a + b x^p) from at least 8 sizes over 1.5 decades; the term of
the order below p0 is work that every strategy does (the forward sweep, products with the cotangent), and without it an exact
L^2 + 3 L looks like L^1.93. Times of double on one thread, depths from 4 on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

import equivalence
import fits
import polynomials
import shapes
from claim import COUNTS, INCONCLUSIVE, INSTRUCTIONS, REFUTED, SUPPORTED, TIME, Claim, Verdict

QUANTITIES = {COUNTS: "multiplications", INSTRUCTIONS: "instructions", TIME: "seconds_p10"}
UNITS = {COUNTS: "multiplications", INSTRUCTIONS: "instructions", TIME: "seconds (p10)"}
RULE = (
    "counts: the polynomial through them has exactly the claimed degree; instructions, time: supported when the 95 % interval lies "
    "inside prediction +- margin, refuted when outside, else inconclusive, and so with a scatter above 5 %; several sweeps: the worst"
)
SCALAR, THREADS, LEAST_DEPTH = "double", 1, 4
MOST_SCATTER = 0.05
"""Beyond it the sizes lie too far off any curve for the interval's coverage, which is tested up to 3 %."""
# The verdict of several sweeps is the worst of theirs.
WORST = (REFUTED, INCONCLUSIVE, SUPPORTED)


@dataclass(frozen=True)
class Judged:
    """One sweep judged."""

    sweep: shapes.Sweep
    verdict: str
    estimate: float
    interval: tuple[float, float]
    p_value: float | None
    fitted: np.ndarray
    reason: str


def judge(claim: Claim, rows: pd.DataFrame, strategies: Sequence[str], axis: str, outputs: str = "any", also: Sequence[str] = ()) -> list[Verdict]:
    """Three verdicts. `outputs` chooses width sweeps: 'n' (as wide as the network), 'fixed' or 'any'.

    Every one of `strategies` must be there; those of `also` are judged where they are.
    """
    every = (*strategies, *also)
    return [judge_rows(claim, evidence, selected(rows, evidence, every), strategies, axis, outputs, also=also) for evidence in QUANTITIES]


def selected(rows: pd.DataFrame, evidence: str, strategies: Sequence[str]) -> pd.DataFrame:
    """The rows of a source for these strategies."""
    where = {} if evidence == COUNTS else {"scalar": SCALAR, "threads": THREADS}
    return pd.concat([shapes.measured(rows, QUANTITIES[evidence], strategy, **where) for strategy in strategies])


def judge_rows(claim: Claim, evidence: str, chosen: pd.DataFrame, strategies: Sequence[str], axis: str, outputs: str,
               quantity: str = "", y_label: str = "", also: Sequence[str] = ()) -> Verdict:  # fmt: skip
    """One verdict, from rows of one quantity (by default the source's)."""
    quantity = quantity or QUANTITIES[evidence]
    judged: list[Judged] = []
    reasons: list[str] = []
    for strategy in (*strategies, *also):
        mine: list[Judged] = []
        why = f"no {axis} sweep of {strategy} with {quantity}" + ("" if outputs == "any" else f" and {outputs} outputs")
        for sweep in shapes.sweeps(chosen[chosen["strategy"] == strategy], axis):
            if outputs != "any" and (sweep.fixed["outputs"] == "n") != (outputs == "n"):
                continue
            one = by_counts(sweep, claim) if evidence == COUNTS else by_fit(sweep, claim)
            if isinstance(one, str):
                why = f"{strategy}, {sweep.label}: {one}"
            else:
                mine.append(one)
        judged += mine
        reasons += [] if mine or strategy in also else [why]
    if reasons:
        return claim.not_run("; ".join(reasons), evidence)
    return combined(claim, evidence, axis, judged, y_label)


def combined(claim: Claim, evidence: str, axis: str, judged: list[Judged], y_label: str = "") -> Verdict:
    """The verdict of several sweeps: the worst; the estimate shown is the one farthest from the prediction among the worst."""
    worst = min((one.verdict for one in judged), key=WORST.index)
    candidates = [one for one in judged if one.verdict == worst]
    shown = max(candidates, key=lambda one: abs(one.estimate - claim.predicted) if np.isfinite(one.estimate) else np.inf)
    p_values = [one.p_value for one in candidates if one.p_value is not None]
    p_value = None if not p_values else max(p_values) if worst == SUPPORTED else min(p_values)
    strategy = shown.sweep.fixed["strategy"]
    estimates = [one.estimate for one in judged if np.isfinite(one.estimate)] or [float("nan")]
    more = "" if len(judged) == 1 else f"; the worst of {len(judged)} sweeps, whose estimates lie in [{min(estimates):.4g}, {max(estimates):.4g}]"
    series = pd.DataFrame({"x": shown.sweep.x, "y": shown.sweep.y, "fit": shown.fitted})
    cells = tuple(sorted({cell for one in judged for cell in one.sweep.cells}))
    return claim.verdict(
        worst, f"{strategy}, {shown.sweep.label}: {shown.reason}{more}", evidence, estimate=shown.estimate, interval=shown.interval,
        p_value=p_value, cells=cells, series=series,
        x_label={"depth": "depth: number of affine layers", "width": "width: units of a hidden layer"}[axis],
        y_label=y_label or UNITS[evidence],
    )  # fmt: skip


def by_counts(sweep: shapes.Sweep, claim: Claim) -> Judged | str:
    """Exact: the degree of the polynomial through the counts, or why there are too few."""
    if sweep.axis == "depth":
        sweep = sweep.above(2)
    expected = int(claim.predicted)
    if sweep.x.size < expected + 2:
        return f"{sweep.x.size} sizes, at least {expected + 2} are needed to see a polynomial of degree {expected}"
    xs, ys = [int(v) for v in sweep.x], [int(v) for v in sweep.y]
    found = None
    if sweep.apart:
        reason = f"the counts of one size differ, by up to {sweep.apart:g}"
    elif any(v != int(v) for v in sweep.y):
        reason = "a count that is not a whole number"
    else:
        found = polynomials.degree(xs, ys)
        reason = f"polynomial of degree {found} through {len(xs)} counts, exactly"
        if found is None:
            reason = f"no polynomial of degree {len(xs) - 2} or less goes through {len(xs)} counts"
    if found is None:
        slope = float(fits.local_slopes(sweep.x, sweep.y)[-1])
        reason += f"; the last local slope is {slope:.3f}"
        return Judged(sweep, REFUTED, slope, (slope, slope), None, np.full(sweep.x.size, np.nan), reason)
    if found == expected:
        reason += f"; leading coefficient {polynomials.leading_coefficient(xs, ys, found)}"
    verdict = SUPPORTED if found == expected else REFUTED
    return Judged(sweep, verdict, float(found), (float(found), float(found)), None, sweep.y.copy(), reason)


def decide(claim: Claim, p: fits.Exponent) -> tuple[str, float | None]:
    """By equivalence, unless the sizes scatter too much."""
    if p.scatter > MOST_SCATTER:
        return INCONCLUSIVE, None
    return equivalence.decide(p.value, p.error, p.degrees, claim.predicted, claim.margin)


def by_fit(sweep: shapes.Sweep, claim: Claim) -> Judged | str:
    """By equivalence: the fitted exponent and its interval, or why there are too few sizes."""
    if sweep.axis == "depth":
        sweep = sweep.above(LEAST_DEPTH)
    poor = fits.poor_design(sweep.x)
    if poor:
        return poor
    lower = claim.predicted - 1 if claim.predicted > 1 else None
    try:
        p = fits.power(sweep.x, sweep.y, lower)
    except fits.FitError as error:  # enough sizes, and no curve through them: that is an answer too
        nothing = (float("nan"), float("nan"))
        return Judged(sweep, INCONCLUSIVE, nothing[0], nothing, None, np.full(sweep.x.size, np.nan), f"{sweep.x.size} sizes, and no fit: {error}")
    verdict, p_value = decide(claim, p)
    low, high = p.interval()
    place = {SUPPORTED: "inside", REFUTED: "outside", INCONCLUSIVE: "too noisy to be compared with" if p.scatter > MOST_SCATTER else "not inside, nor outside,"}[verdict]
    slopes = fits.local_slopes(sweep.x, sweep.y)
    reason = (
        f"exponent {p.value:.3f}, interval [{low:.3f}, {high:.3f}] {place} {claim.predicted:g} +- {claim.margin:g}; "
        f"{sweep.x.size} sizes, scatter {100 * p.scatter:.2g} %, local slopes {slopes[0]:.2f} to {slopes[-1]:.2f}"
    )
    return Judged(sweep, verdict, p.value, (low, high), p_value, p.fitted, reason)

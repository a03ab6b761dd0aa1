"""Decisions about a number with a margin fixed beforehand: equivalence by two one-sided tests, and Holm's correction.

A claim "the statistic is p0" means |statistic - p0| <= margin. It is supported when the 95 % interval lies inside the margin,
refuted when the interval lies outside, inconclusive else. Two one-sided tests of 2.5 % each (Schuirmann 1987) say the same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from scipy import stats
from statsmodels.stats.multitest import multipletests

from claim import INCONCLUSIVE, REFUTED, SUPPORTED


def tost(estimate: float, error: float, degrees: float, predicted: float, margin: float) -> float:
    """p value of equivalence: the larger of the tests against 'not above p0 - margin' and 'not below p0 + margin'.

    Student's t with `degrees` degrees of freedom; `error` is the standard error.
    """
    above = estimate - (predicted - margin)
    below = (predicted + margin) - estimate
    return tail(min(above, below), error, degrees)


def outside(estimate: float, error: float, degrees: float, predicted: float, margin: float) -> float:
    """p value of the opposite: that the statistic lies outside the margin, twice the one-sided one."""
    return min(1.0, 2 * tail(abs(estimate - predicted) - margin, error, degrees))


def tail(distance: float, error: float, degrees: float) -> float:
    """Probability that Student's t exceeds distance / error; without any error 0, 1/2 or 1."""
    if error == 0:
        return 0.5 if distance == 0 else float(distance < 0)
    return float(stats.t.sf(distance / error, degrees))


def decide(estimate: float, error: float, degrees: float, predicted: float, margin: float) -> tuple[str, float | None]:
    """Verdict, and the p value of the decision (twice the one-sided one, so that 5 % is the interval of 95 %)."""
    if not all(map(math.isfinite, (estimate, error))):
        return INCONCLUSIVE, None
    same = min(1.0, 2 * tost(estimate, error, degrees, predicted, margin))
    other = outside(estimate, error, degrees, predicted, margin)
    if same <= 0.05:
        return SUPPORTED, same
    return (REFUTED, other) if other <= 0.05 else (INCONCLUSIVE, None)


def holm(p_values: Sequence[float | None]) -> list[float]:
    """Holm's (1979) adjusted p values, in the same order."""
    values = [1.0 if p is None else p for p in p_values]
    return [float(p) for p in multipletests(values, method="holm")[1]] if values else []

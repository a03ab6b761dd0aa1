"""Verdicts in words and numbers, the same on the page, in Markdown and in LaTeX."""

from __future__ import annotations

import importlib
import math

import judge
from claim import Claim, Verdict

MARKS = {"supported": "\u2713", "refuted": "\u2717", "inconclusive": "?", "not run": "\u2013"}
HEADER = ("verdict", "claim", "evidence", "estimate", "95 % interval", "predicted")


def number(value: float) -> str:
    """Four digits; a dash where there is none."""
    if not math.isfinite(value):
        return "\u2013" if math.isnan(value) else "infinite"
    return f"{value:,.0f}" if value == int(value) and 1e4 <= abs(value) < 1e15 else f"{value:.4g}"


def interval(verdict: Verdict) -> str:
    """low to high; 'exact' where it has no width."""
    low, high = verdict.interval
    if math.isnan(low) or math.isnan(high):
        return "\u2013"
    return "exact" if low == high else f"{number(low)} to {number(high)}"


def predicted(verdict: Verdict) -> str:
    """The prediction with its margin."""
    if math.isnan(verdict.predicted):
        return "\u2013"
    if not verdict.margin or math.isnan(verdict.margin):
        return number(verdict.predicted)
    return f"{number(verdict.predicted)} \u00b1 {number(verdict.margin)}"


def about(verdict: Verdict) -> str:
    """What tells a verdict from the others on its claim: the source of evidence, or the part that it is about."""
    return verdict.name.removeprefix(verdict.claim).strip("_").replace("_", " ") or verdict.evidence


def expected(verdict: Verdict) -> str:
    """What to add where a refutation is what is expected."""
    return "" if verdict.should_hold else "expected to be refuted as it stands"


def short(verdict: Verdict) -> str:
    """Estimate and interval in a few letters, nothing where there is no estimate."""
    if math.isnan(verdict.estimate):
        return ""
    low, high = verdict.interval
    return f"{number(verdict.estimate)} ({interval(verdict)})" if math.isfinite(low) and math.isfinite(high) else number(verdict.estimate)


def claims() -> dict[str, Claim]:
    """Every claim file's CLAIM by its name."""
    found = {}
    for name in judge.claim_names():
        claim = getattr(importlib.import_module(f"claims.{name}"), "CLAIM", None)
        if isinstance(claim, Claim):
            found[claim.name] = claim
    return found


def line(verdict: Verdict) -> list[str]:
    """The fields of HEADER."""
    return [verdict.verdict, verdict.sentence, verdict.evidence, number(verdict.estimate), interval(verdict), predicted(verdict)]

"""What a claim is, and what a verdict on it says. One file of reports/claims is one claim; judge.py judges them all."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import pandas as pd

SUPPORTED, REFUTED, INCONCLUSIVE, NOT_RUN = VERDICTS = ("supported", "refuted", "inconclusive", "not run")
# Where an estimate comes from: exact counts of operations, instructions under callgrind, wall time, or anything else measured.
COUNTS, INSTRUCTIONS, TIME, MEASURED = SOURCES = ("counts", "instructions", "time", "measured")
EMPTY_SERIES = pd.DataFrame({"x": [], "y": [], "fit": []}, dtype=float)


def infinite(rows: pd.DataFrame) -> pd.DataFrame:
    """Those of the rows that hold infinity, or are nonfinite by their status."""
    return rows[(rows["value"].abs() == math.inf) | (rows["status"] == "nonfinite")]


@dataclass(frozen=True)
class Claim:
    """The part of a claim that is fixed before anything is run."""

    name: str
    """Of its file; a verdict's name adds where its estimate comes from."""
    sentence: str
    source: str
    """Paper with section, or the classical reference."""
    formula: str
    statistic: str
    """What is estimated from the rows."""
    predicted: float
    margin: float
    """Largest distance of the statistic from the prediction that the claim still means; 0 for what is exact."""
    needs: str
    """The cells and quantities, and the command that writes them."""
    rule: str
    """When it is supported and when refuted."""
    figure: str | None = None
    """The figure of reports/figures that shows it."""
    should_hold: bool = True
    """False for a sentence that is expected to be refuted as it stands."""

    def verdict(self, kind: str, reason: str, evidence: str = "", about: str = "", **more: object) -> Verdict:
        """A verdict on this claim; `about` tells several verdicts from the same evidence apart (a scalar)."""
        parts = [self.name, *([about] if about else []), *([evidence] if evidence in (COUNTS, INSTRUCTIONS, TIME) else [])]
        name = "_".join(parts)
        given = {"statistic": self.statistic, "predicted": self.predicted, "margin": self.margin, **more}
        return Verdict(
            name=name, claim=self.name, evidence=evidence or MEASURED, sentence=self.sentence, source=self.source,
            formula=self.formula, verdict=kind, reason=reason, needs=self.needs, rule=self.rule, figure=self.figure,
            should_hold=self.should_hold, **given,
        )  # type: ignore[arg-type]  # fmt: skip

    def not_finite(self, bad: pd.DataFrame, about: str = "") -> Verdict:
        """A claim about sizes is refuted by rows without a finite one where something finite was to be computed."""
        reason = f"{len(bad)} rows without a finite value, first {bad['strategy'].iloc[0]} at depth {bad['depth'].iloc[0]:g}"
        return self.verdict(REFUTED, reason, about=about, estimate=math.inf, cells=tuple(sorted(set(bad["cell"]))))

    def not_run(self, missing: str, evidence: str = "", about: str = "") -> Verdict:
        """What to say when the rows are not there: what is missing."""
        return self.verdict(NOT_RUN, missing, evidence, about)


@dataclass(frozen=True)
class Verdict:
    """A claim judged from rows."""

    name: str
    """Unique among all verdicts: the claim's name, and where the estimate comes from when there are several."""
    claim: str
    """Its file in reports/claims, without .py."""
    evidence: str
    """One of SOURCES."""
    sentence: str
    source: str
    formula: str
    statistic: str
    predicted: float
    margin: float
    verdict: str
    """One of VERDICTS."""
    reason: str
    estimate: float = math.nan
    interval: tuple[float, float] = (math.nan, math.nan)
    """At 95 %; of no width for what is exact; NaN where nothing was estimated."""
    p_value: float | None = None
    """Of the decision, before Holm's correction across all claims; None for what is exact or undecided."""
    needs: str = ""
    """The cells and quantities, and the command that writes them."""
    rule: str = ""
    """When the claim is supported and when refuted."""
    cells: tuple[str, ...] = ()
    """Identifiers of the cells used."""
    figure: str | None = None
    should_hold: bool = True
    series: pd.DataFrame = field(default_factory=lambda: EMPTY_SERIES.copy(), repr=False, compare=False)
    """For the figure: columns x, y, fit (NaN where no fit applies), and perhaps more."""
    x_label: str = ""
    """What x is, with its unit."""
    y_label: str = ""

    @property
    def broken(self) -> bool:
        """A claim that should hold and is refuted."""
        return self.should_hold and self.verdict == REFUTED

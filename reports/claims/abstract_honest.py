"""The abstract's sentence, in the form that can be tested."""

from __future__ import annotations

import pandas as pd

from claim import INCONCLUSIVE, NOT_RUN, REFUTED, SUPPORTED, Claim, Verdict
from claims import algorithm_1_depth, gradient_loss_ratio, gradient_loss_ratio_bounded, prefix_reuse_depth, reverse_mode_depth

PARTS = (reverse_mode_depth, gradient_loss_ratio, gradient_loss_ratio_bounded, algorithm_1_depth, prefix_reuse_depth)
CLAIM = Claim(
    name="abstract_honest",
    sentence="Cost per layer is independent of the depth, gradient over loss is bounded, and how the Jacobians are multiplied decides between exponent 1 and 2.",
    source="Damadi, Moharrer, Cham, Shen, arXiv 2301.09977, abstract, restated",
    formula="the claims " + ", ".join(part.CLAIM.name for part in PARTS),
    statistic="parts that are refuted",
    predicted=0.0,
    margin=0.0,
    needs="what its parts need",
    rule="refuted when a part is; supported when every part has been judged by a source, and all that were judged are supported",
    figure="exponents",
)


def judge(rows: pd.DataFrame) -> list[Verdict]:
    """From the verdicts on its parts."""
    return [combine([v for part in PARTS for v in part.judge(rows)])]


def combine(parts: list[Verdict]) -> Verdict:
    """The verdict that follows from the parts; a source that has not been run does not count where another has."""
    run = [v for v in parts if v.verdict != NOT_RUN]
    refuted = [v.name for v in run if v.verdict == REFUTED]
    undecided = [v.name for v in run if v.verdict == INCONCLUSIVE]
    absent = sorted({part.CLAIM.name for part in PARTS} - {v.claim for v in run})
    cells = tuple(sorted({cell for v in run for cell in v.cells}))
    if refuted:
        return CLAIM.verdict(REFUTED, "refuted: " + ", ".join(refuted), estimate=float(len(refuted)), cells=cells)
    if absent:
        return CLAIM.not_run("parts that were not run: " + ", ".join(absent))
    if undecided:
        return CLAIM.verdict(INCONCLUSIVE, "inconclusive: " + ", ".join(undecided), cells=cells)
    return CLAIM.verdict(SUPPORTED, f"all {len(run)} verdicts on its parts are 'supported'", estimate=0.0, interval=(0.0, 0.0), cells=cells)

"""The error of differences against the step is a V with known slopes, and its minimum where they predict."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

import equivalence
import fits
import shapes
from claim import INCONCLUSIVE, REFUTED, SUPPORTED, Claim, Verdict

ORDERS = {"forward_difference": 1, "central_difference": 2}
APART = 10.0
"""Steps within this factor of the best are neither on the one side nor on the other."""
CLAIM = Claim(
    name="difference_curve",
    sentence="The error of a difference falls like 1/h and rises like h (forward) or h^2 (central), and is least where the two meet.",
    source="Higham 2002, section 1.8 and problem 1.11; Griewank & Walther 2008, section 1; delta the absolute error of the computed loss",
    formula="forward h* = 2 sqrt(delta/M2), E* = 2 sqrt(delta M2); central h* = (3 delta/M3)^(1/3)",
    statistic="slopes of log error in log step on both sides, less their predictions; and log10 of the best step over the predicted one",
    predicted=0.0,
    margin=0.25,
    needs="backprove verify --strategy forward_difference,central_difference --scalar double --step-factor 2^-14,2^-13,...,2^10 (steps are powers of 2); error_max_absolute",
    rule="each slope by equivalence with its margin; the best step within a factor of 10 of where the two sides meet",
    figure="error_against_step",
)


def judge(rows: pd.DataFrame) -> list[Verdict]:
    """Rounding side, truncation side and minimum of both kinds."""
    return [v for strategy, order in ORDERS.items() for v in judge_curve(rows, strategy, order)]


def curve(rows: pd.DataFrame, strategy: str) -> pd.DataFrame:
    """Step factor against the median error over networks, columns x and y, in double, with the cells."""
    chosen = rows[(rows["quantity"] == "error_max_absolute") & (rows["strategy"] == strategy) & (rows["scalar"] == "double") & (rows["value"] > 0)]
    factor = chosen["options"].map(lambda text: shapes.option(text, "step_factor"))
    chosen = chosen.assign(x=factor.fillna("1").astype(float))  # the option is not written for 1
    networks = chosen.groupby("network")["x"].nunique()
    if networks.empty:
        return pd.DataFrame(columns=["x", "y", "cells"])
    chosen = chosen[chosen["network"] == networks.idxmax()]
    return chosen.groupby("x").agg(y=("value", "median"), cells=("cell", tuple)).reset_index()


def judge_curve(rows: pd.DataFrame, strategy: str, order: int) -> list[Verdict]:
    """Three verdicts on one kind of difference."""
    short = strategy.split("_")[0]
    points = curve(rows, strategy)
    if len(points) < 8:
        return [CLAIM.not_run(f"{len(points)} steps of {strategy} (option step_factor) with error_max_absolute, 8 are needed", about=short)]
    best = float(points["x"][points["y"].idxmin()])
    sides = {"rounding": (points[points["x"] <= best / APART], -1), "truncation": (points[points["x"] >= best * APART], order)}
    cells = tuple(sorted({cell for some in points["cells"] for cell in some}))
    verdicts, fitted = [], {}
    for side, (part, predicted) in sides.items():
        about = f"{short}_{side}"
        try:
            p = fits.slope(part["x"], part["y"])
        except fits.FitError as error:
            verdicts.append(CLAIM.not_run(f"{side} side: {error}", about=about))
            continue
        fitted[side] = float(np.exp(np.mean(np.log(part["y"]) - predicted * np.log(part["x"]))))
        verdict, p_value = equivalence.decide(p.value - predicted, p.error, p.degrees, 0.0, CLAIM.margin)
        low, high = p.interval()
        verdicts.append(
            CLAIM.verdict(
                verdict, f"slope {p.value:.3f} over {len(part)} steps, {predicted:+d} is predicted", about=about, predicted=float(predicted),
                estimate=p.value, interval=(low, high), p_value=p_value, cells=cells, statistic="slope of log error in log step",
                series=pd.DataFrame({"x": part["x"], "y": part["y"], "fit": p.fitted}), x_label="step, times the default", y_label="largest error",
            )
        )  # fmt: skip
    found = minimum(points, fitted, order, short, best, cells)
    if any(v.verdict == REFUTED for v in verdicts):
        found = replace(found, verdict=INCONCLUSIVE, reason="a side has another slope than predicted, and predicts no minimum")
    return [*verdicts, found]


def minimum(points: pd.DataFrame, fitted: dict[str, float], order: int, short: str, best: float, cells: tuple[str, ...]) -> Verdict:
    """Where D/h + A h^k is least, (D / (k A))^(1/(k + 1)), with D and A from the two sides, beside where the error is."""
    about = f"{short}_minimum"
    if len(fitted) < 2:
        return CLAIM.not_run("one of the two sides has too few steps", about=about)
    d, a = fitted["rounding"], fitted["truncation"]
    predicted = (d / (order * a)) ** (1 / (order + 1))
    apart = float(np.log10(best / predicted))
    curve_at = d / points["x"] + a * points["x"] ** order
    verdict = SUPPORTED if abs(apart) <= 1 else REFUTED
    # A grid of steps that is coarser than the margin cannot decide.
    spacing = float(np.log10(points["x"]).diff().max())
    if spacing > 1:
        verdict = INCONCLUSIVE
    return CLAIM.verdict(
        verdict, f"least at {best:.3g}, predicted {predicted:.3g} times the default step", about=about, estimate=apart,
        interval=(apart - spacing / 2, apart + spacing / 2), cells=cells, margin=1.0, statistic="log10 of the best step over the predicted one",
        series=pd.DataFrame({"x": points["x"], "y": points["y"], "fit": curve_at}), x_label="step, times the default", y_label="largest error",
    )  # fmt: skip

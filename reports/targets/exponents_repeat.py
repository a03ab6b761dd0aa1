"""Two runs of one sweep give the same exponents."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import pandas as pd

import exponents
import selection
import shapes
from target import Held, Target

SECOND = "_second"  # of the second run
TARGET = Target(
    name="exponents_repeat",
    sentence=f"The exponents of times that two runs of one sweep have in common differ by at most {exponents.MOST_DIFFERENCE:g}; "
    "runs are paired on one machine only.",
    needs="two folders of the same sweep of backprove bench; seconds_p10 at 8 sizes or more; `backprove exponents` prints all of them",
)


def judge(rows: pd.DataFrame) -> list[Held]:
    """Every exponent of a sweep of one size, for every pair of folders of one machine: fits of depth and width together have few sizes."""
    times = rows[rows["quantity"] == "seconds_p10"]
    times = times.assign(machine=selection.machine(times))
    judged: list[Held] = []
    for _, mine in times.groupby("machine", sort=False):
        found = {str(folder): exponents.exponents(one) for folder, one in mine.groupby("folder", sort=False)} if mine["folder"].nunique() > 1 else {}
        for (first, a), (second, b) in itertools.combinations(found.items(), 2):
            found_in_both = exponents.differences(a, b)
            for line in found_in_both[found_in_both["axis"].isin(shapes.OTHER)].to_dict("records"):  # of sweeps of one size alone
                cell = {**line, "folder": f"{first}, {second}", shapes.OTHER.get(line["axis"], ""): line["fixed"]}
                judged.append(TARGET.held(cell, line["difference"], lambda line=line: reason(line), high=exponents.MOST_DIFFERENCE))
    return judged


def reason(line: Mapping[str, Any]) -> str:
    """Both exponents with their 95 % intervals, the scatter of the sizes about the curves, and whether the intervals are narrow enough."""
    one, two = (f"{line['p' + end]:.3f} \u00b1 {half(line, end):.3f} (scatter {line['scatter' + end]:.1%})" for end in ("", SECOND))
    wide = max(half(line, ""), half(line, SECOND)) > exponents.MOST_DIFFERENCE
    return f"{line['axis']}: {one} and {two}{'; an interval alone is wider than the bar' if wide else ''}"


def half(line: Mapping[str, Any], end: str) -> float:
    """Half of the 95 % interval of one of the two exponents."""
    return float(line["high" + end] - line["low" + end]) / 2

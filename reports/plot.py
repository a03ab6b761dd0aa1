"""What a figure shows, before it has a form: panels of series or of a matrix. render_print and render_screen draw it.

A figure's file makes a Plot from rows; the same Plot becomes the picture in print and the interactive chart.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import style


@dataclass(frozen=True)
class Axis:
    """One axis: its label ends with the unit. `ticks` are the values that are labelled, where there are few."""

    label: str
    log: bool = True
    ticks: Sequence[float] = ()
    categories: Sequence[str] = ()
    limits: tuple[float, float] | None = None


@dataclass(frozen=True)
class Series:
    """Points of one curve. low and high: an interval at each point. `group` names the legend's entry it belongs to."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    look: style.Style
    strategy: str = ""
    scalar: str = ""
    low: Sequence[float] | None = None
    high: Sequence[float] | None = None
    line: bool = True
    markers: bool = True
    hollow: bool = False
    faint: bool = False  # a bound, a fit or a prediction that accompanies the measured curve
    legend: bool = True
    hover: Sequence[str] = ()


@dataclass(frozen=True)
class Guide:
    """A straight reference: horizontal at y, vertical at x, or the line through two points."""

    label: str
    y: float | None = None
    x: float | None = None
    points: tuple[tuple[float, float], tuple[float, float]] | None = None
    band: float | None = None  # the horizontal guide is a band from y to this


@dataclass(frozen=True)
class Matrix:
    """Values of rows by columns in [0, 1] (NaN: nothing there), with the text of each field."""

    rows: Sequence[str]
    columns: Sequence[str]
    values: Sequence[Sequence[float]]
    texts: Sequence[Sequence[str]]
    scale: str  # what a value of 1 means


@dataclass(frozen=True)
class Panel:
    """One pair of axes."""

    title: str
    x: Axis
    y: Axis
    series: Sequence[Series] = ()
    guides: Sequence[Guide] = ()
    matrix: Matrix | None = None


@dataclass(frozen=True)
class Plot:
    """A whole figure. `title` is the claim in few words, `note` what was measured beside it (noise floor, selection)."""

    title: str
    panels: Sequence[Panel]
    note: str = ""
    columns: int = 2
    height: float = 2.5  # inches of a panel in print
    legend: bool = True
    share_x: bool = True
    numbers: Sequence[Sequence[str]] = field(default_factory=tuple)  # a table of what the figure says, header first


def number(value: float, digits: int = 3) -> str:
    """A number for people: 1,234 or 0.0123 or 1.2e-9."""
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        return "infinite"
    if value == 0:
        return "0"
    if abs(value) >= 1e6 or abs(value) < 1e-3:
        mantissa, power = f"{value:.{digits - 1}e}".split("e")
        mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        return f"{mantissa}e{int(power)}"
    return f"{value:,.0f}" if abs(value) >= 1e4 else f"{value:.{digits}g}" if abs(value) < 1000 else f"{value:.0f}"


def seconds(value: float) -> str:
    """A time with its unit."""
    for size, unit in ((1, "s"), (1e-3, "ms"), (1e-6, "us")):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value / 1e-9:.3g} ns"

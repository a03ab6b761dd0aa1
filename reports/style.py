"""How every figure looks: colours that colour-blind readers tell apart (Okabe and Ito), one marker and dash a strategy.

A family of strategies has a colour; every strategy has a pair of marker and dash of its own, so that a print in grey still
tells them apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

WIDTH = 7.0  # inches: the text width of an A4 or letter page

SETTINGS = {
    "font.family": "DejaVu Sans",
    "font.size": 7.0,
    "axes.titlesize": 7.5,
    "axes.labelsize": 7.0,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.labelsize": 6.5,
    "ytick.labelsize": 6.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "legend.fontsize": 6.5,
    "legend.frameon": False,
    "lines.linewidth": 1.1,
    "lines.markersize": 4.0,
    "svg.hashsalt": "backprove",  # equal rows give equal files
    "pdf.fonttype": 42,
}

FAMILIES = {
    "dense products": "#0072B2",
    "structured": "#56B4E9",
    "reverse, forward": "#009E73",
    "differences": "#D55E00",
    "certified, exact": "#CC79A7",
    "other": "#555555",
}

MEMBERS = {
    "dense products": (
        "jacobian_literal",
        "jacobian_literal_dense",
        "jacobian_prefix",
        "jacobian_forward",
        "jacobian_forward_kronecker",
    ),
    "structured": ("jacobian_structured", "jacobian_bracketed"),
    "reverse, forward": ("reverse_vjp", "reverse_checkpointed", "forward_mode"),
    "differences": ("forward_difference", "central_difference", "ridders", "complex_step"),
    "certified, exact": ("reference", "enclosure", "exact_rational"),
}

MARKERS = ("o", "s", "^", "v", "D", "P", "X", "<", ">", "p", "h", "d")
DASHES: tuple[tuple[float, tuple[float, ...]], ...] = (
    (0, ()),
    (0, (4.0, 1.5)),
    (0, (1.2, 1.2)),
    (0, (5.0, 1.3, 1.2, 1.3)),
    (0, (2.4, 1.0)),
    (0, (5.0, 1.3, 1.2, 1.3, 1.2, 1.3)),
)

# u = 2^-p for p bits of significand: a property of the arithmetic, not a measurement.
UNIT_ROUNDOFF = {
    "float": 2.0**-24,
    "double": 2.0**-53,
    "complex": 2.0**-53,
    "long_double": 2.0**-64,
    "cpp_bin_float_50": 2.0**-168,
    "cpp_bin_float_100": 2.0**-334,
}
SCALARS = (*("float", "double", "complex", "long_double", "cpp_bin_float_50", "cpp_bin_float_100"), "mpfr", "mpfi", "cpp_rational")


@dataclass(frozen=True)
class Style:
    """How one strategy is drawn."""

    colour: str
    marker: str
    dash: tuple[float, tuple[float, ...]]
    family: str


class NothingToDraw(Exception):
    """The rows hold nothing for this figure; the message says what is missing."""


def family_of(strategy: str) -> str:
    """The family's name, 'other' for a strategy that no family lists."""
    return next((family for family, members in MEMBERS.items() if strategy in members), "other")


def ink(colour: str) -> str:
    """The colour for small text: dark enough to read on white."""
    red, green, blue = (round(int(colour[i : i + 2], 16) * 0.72) for i in (1, 3, 5))
    return f"#{red:02x}{green:02x}{blue:02x}"


def styles(strategies: Iterable[str]) -> dict[str, Style]:
    """Strategy -> style, in the order of the families; a strategy looks the same in every figure unless it is 'other'."""
    names = set(strategies)
    place = {s: i for i, s in enumerate(s for members in MEMBERS.values() for s in members)}
    ordered = [(f, place[s], s) for f, members in MEMBERS.items() for s in members if s in names]
    ordered += [("other", i, s) for i, s in enumerate(sorted(n for n in names if family_of(n) == "other"))]
    return {s: Style(FAMILIES[f], MARKERS[i % len(MARKERS)], DASHES[(i + i // len(MARKERS)) % len(DASHES)], f) for f, i, s in ordered}


def scalar_order(scalars: Iterable[str]) -> list[str]:
    """From the coarsest to the finest arithmetic, then the unknown ones by name."""
    return sorted(set(scalars), key=lambda s: (SCALARS.index(s) if s in SCALARS else len(SCALARS), s))


def figure(width: float, height: float) -> Figure:
    """An empty figure in inches, without pyplot's global state."""
    return Figure(figsize=(width, height), layout="none")


def depth_axis(axes: Axes, depths: Iterable[float], margin: float = 1.25) -> None:
    """A logarithmic axis whose ticks are the depths that were run, thinned where they would touch."""
    ticks = sorted(set(depths))
    axes.set_xscale("log", base=2)
    axes.set_xlim(ticks[0] / margin, ticks[-1] * margin)
    axes.set_xticks(ticks[:: 1 + (len(ticks) - 1) // 8], minor=False)
    axes.set_xticks([], minor=True)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))


def spread(positions: list[float], gap: float, low: float, high: float) -> list[float]:
    """Positions moved as little as needed to be `gap` apart within [low, high], in the same order (given ascending)."""
    if not positions:
        return []
    gap = min(gap, (high - low) / max(1, len(positions) - 1))
    # Pool neighbours that would overlap into blocks; a block sits at the mean of what its members ask for.
    blocks: list[tuple[float, int]] = []  # first position asked for (mean, shifted), members
    for index, wanted in enumerate(positions):
        blocks.append((wanted - gap * index, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (a, m), (b, n) = blocks[-2], blocks[-1]
            blocks[-2:] = [((a * m + b * n) / (m + n), m + n)]
    starts = [start for start, members in blocks for _ in range(members)]
    top = high - gap * (len(positions) - 1)
    return [min(max(start, low), top) + gap * index for index, start in enumerate(starts)]

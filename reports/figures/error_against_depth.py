"""Error of every strategy against depth, one row of panels a scalar, one column a family of strategies.

Claim: every strategy computes the same gradient: its largest relative error stays below the bound derived from its own
    arithmetic at every depth, and grows with the depth no faster than that bound.
Columns: strategy, scalar, depth, width, data, status, quantity, value; quantities error_max_relative, bound_relative.
Caption: Largest relative error of the gradient against the number of layers, for every strategy (marker and dash) and
    scalar, with logarithmic axes. The thin line of the same colour is the bound derived from the arithmetic that the
    strategy executed; the dotted grey line is the unit roundoff u of the scalar. Each point is the largest over the other
    settings of the sweep. In print, markers are shifted sideways so that equal values stay visible; hollow markers at the lower
    edge are exactly 0, at the upper edge not finite; a black ring: judged as failed.
"""

from __future__ import annotations

import math

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

import style
from plot import Axis, Guide, Panel, Plot, Series, number

ERROR, BOUND = "error_max_relative", "bound_relative"
PANEL, GAP, TOP, LEFT, RIGHT = 1.45, 0.16, 0.66, 0.62, 0.2  # inches


TITLE = "Every strategy's error stays below the bound of its own arithmetic at every depth"


def choose(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Errors and bounds, and the errors alone, of one sort of network; NothingToDraw without a measured error."""
    measured = rows[rows["quantity"].isin([ERROR, BOUND]) & rows["depth"].notna() & rows["value"].notna()]
    errors = measured[measured["quantity"] == ERROR]
    if errors.empty:
        raise style.NothingToDraw(f"no row has the quantity {ERROR}")
    # Mixed networks would blur the curve: keep the data and loss with the most depths. The scalars that only wrap double
    # have its errors.
    data, loss = errors.groupby(["data", "loss"])["depth"].nunique().idxmax()
    wrapped = {"counting", "dual", "complex"} if (errors["scalar"] == "double").any() else set()
    measured, errors = (
        frame[(frame["data"] == data) & (frame["loss"] == loss) & ~frame["scalar"].isin(wrapped)]
        for frame in (measured, errors)
    )
    return measured, errors


def plot(rows: pd.DataFrame) -> Plot:
    """The same on the screen: one panel a scalar."""
    measured, errors = choose(rows)
    depths = sorted(errors["depth"].unique())
    axis = Axis("depth (affine layers)", ticks=depths, limits=(depths[0] / 1.15, depths[-1] * 1.15))
    panels = []
    for scalar in style.scalar_order(errors["scalar"]):
        here = measured[(measured["scalar"] == scalar) & (measured["value"] < 1e3)]
        series = []
        for strategy, look in style.styles(here["strategy"]).items():
            mine = here[here["strategy"] == strategy]
            for quantity, word in ((BOUND, "bound"), (ERROR, "error")):
                found = mine[mine["quantity"] == quantity].groupby("depth")["value"].max()
                series.append(Series(strategy, list(found.index), list(found), look, strategy, scalar, markers=quantity == ERROR,
                                     faint=quantity == BOUND, legend=quantity == ERROR,
                                     hover=[f"depth {d:g}: {word} {number(v)}" for d, v in found.items()]))  # fmt: skip
        u = style.UNIT_ROUNDOFF.get(scalar)
        panels.append(Panel(scalar, axis, Axis("largest relative error (1)"), series, [Guide("unit roundoff", y=u)] if u else []))
    return Plot(TITLE, panels, "Thin lines: the bounds.")


def draw(rows: pd.DataFrame) -> Figure:
    """The figure in print; NothingToDraw without a measured error."""
    measured, errors = choose(rows)
    scalars = style.scalar_order(errors["scalar"])
    looks = style.styles(errors["strategy"])
    families = list(dict.fromkeys(look.family for look in looks.values()))
    depths = sorted(errors["depth"].unique())

    members = max(sum(look.family == family for look in looks.values()) for family in families)
    legend = 0.1 + 0.125 * (members + 1)
    height = TOP + len(scalars) * (PANEL + GAP) - GAP + 0.36 + legend
    figure = style.figure(style.WIDTH, height)
    grid = figure.subplots(
        len(scalars), len(families), squeeze=False, sharex=True, sharey="row",
        gridspec_kw={
            "left": LEFT / style.WIDTH, "right": 1 - RIGHT / style.WIDTH, "top": 1 - TOP / height,
            "bottom": (legend + 0.36) / height, "wspace": 0.1, "hspace": GAP / PANEL,
        },
    )  # fmt: skip
    for i, scalar in enumerate(scalars):
        here = measured[measured["scalar"] == scalar]
        u = style.UNIT_ROUNDOFF.get(scalar)
        low, high = limits(here["value"], u)
        for j, family in enumerate(families):
            axes = grid[i, j]
            axes.set_yscale("log")
            axes.set_ylim(10.0**low, 10.0**high)
            style.depth_axis(axes, depths, 1.45)
            panel(axes, here, {s: look for s, look in looks.items() if look.family == family})
            decade_ticks(axes, low, high)
            if u is not None:
                axes.axhline(u, color="0.45", linewidth=0.8, linestyle=(0, (1, 1.6)), zorder=1)
            if i == 0:
                axes.set_title(family, color=style.ink(style.FAMILIES[family]), fontweight="bold")
            if j:
                axes.tick_params(axis="y", length=2, labelleft=False)
        if u is not None:
            grid[i, -1].annotate("u", (1, u), (3, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
                                 va="center", color="0.35", fontsize=6.5, annotation_clip=False)  # fmt: skip
        grid[i, 0].set_ylabel(scalar, fontweight="bold")
    middle = (LEFT + style.WIDTH - RIGHT) / 2 / style.WIDTH
    figure.text(middle, (legend + 0.06) / height, "depth: number of affine layers", ha="center", va="bottom")
    # Top left, above the axes' labels: what the values are, once.
    figure.text(0.05 / style.WIDTH, 1 - 0.06 / height, TITLE, ha="left", va="top", fontsize=8.5, fontweight="bold")
    figure.text(0.05 / style.WIDTH, 1 - 0.27 / height, "largest relative error (no unit)", ha="left", va="top")
    keys(figure, grid[-1], looks, families, (legend - 0.02) / height)
    return figure


def panel(axes: Axes, rows: pd.DataFrame, looks: dict[str, style.Style]) -> None:
    """One family in one scalar."""
    low, high = axes.get_ylim()
    for k, (strategy, look) in enumerate(looks.items()):
        mine = rows[rows["strategy"] == strategy]
        shift = 2.0 ** (0.15 * (k - (len(looks) - 1) / 2))
        bound = mine[mine["quantity"] == BOUND].groupby("depth")["value"].max()
        axes.plot(bound.index, bound.clip(upper=high * 10), color=look.colour, linestyle=look.dash, linewidth=0.7, alpha=0.45, zorder=2)
        error = mine[mine["quantity"] == ERROR].groupby("depth")["value"].max()
        inside = error[(error > 0) & error.map(math.isfinite)]
        axes.plot(inside.index * shift, inside, color=look.colour, linestyle=look.dash, marker=look.marker,
                  markeredgecolor="white", markeredgewidth=0.4, zorder=4)  # fmt: skip
        for edge, outside in ((low, error[error == 0]), (high, error[~error.map(math.isfinite)])):
            axes.plot(outside.index * shift, [edge] * len(outside), linestyle="", color=look.colour, marker=look.marker,
                      markerfacecolor="white", clip_on=False, zorder=5)  # fmt: skip
        failed = mine[(mine["quantity"] == ERROR) & (mine["status"] == "failed")].groupby("depth")["value"].max()
        axes.plot(failed.index * shift, failed.clip(low, high), linestyle="", marker="o", markersize=8,
                  markerfacecolor="none", markeredgecolor="black", markeredgewidth=0.9, clip_on=False, zorder=6)  # fmt: skip


def limits(values: pd.Series, u: float | None) -> tuple[int, int]:
    """Whole decades that hold every positive finite value; bounds far above every sensible error are cut off."""
    inside = [v for v in values if 0 < v < 1e3] + ([u] if u else [])
    if not inside:
        return -1, 1
    return math.floor(math.log10(min(inside)) - 0.2), math.ceil(math.log10(max(inside)) + 0.2)


def decade_ticks(axes: Axes, low: int, high: int) -> None:
    """About four labelled decades, and no minor ticks: the span may be 50 decades."""
    step = max(1, math.ceil((high - low) / 4))
    axes.yaxis.set_major_locator(FixedLocator([10.0**k for k in range(low, high + 1) if k % step == 0]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"$10^{{{round(math.log10(y))}}}$"))
    axes.yaxis.set_minor_locator(NullLocator())


def keys(figure: Figure, bottom: list[Axes], looks: dict[str, style.Style], families: list[str], top: float) -> None:
    """Under each column the legend of its family; the bound's key under the last."""
    for axes, family in zip(bottom, families):
        handles = [
            Line2D([], [], color=look.colour, linestyle=look.dash, marker=look.marker, markeredgecolor="white",
                   markeredgewidth=0.4, label=strategy)
            for strategy, look in looks.items() if look.family == family
        ]  # fmt: skip
        handles.append(Line2D([], [], color=style.FAMILIES[family], linewidth=0.7, alpha=0.45, label="bound of each"))
        box = axes.get_position()
        figure.legend(handles=handles, loc="upper left", bbox_to_anchor=(box.x0 - 0.008, top), handlelength=2.4,
                      handletextpad=0.5, borderaxespad=0, labelspacing=0.35, fontsize=5.8)  # fmt: skip

"""Multiplications of every strategy against depth, one panel a width.

Claim: how the layers' Jacobians are multiplied, not their number, decides whether a gradient costs in proportion to the
    depth or to its square: the exponent is 1 for reverse mode and for the reused prefix, 2 for the literal algorithm,
    forward mode and differences.
Columns: strategy, depth, width, batch, data, quantity, value; quantities predicted_multiplications, multiplications.
Caption: Multiplications for one gradient of the batch against the number of layers, with logarithmic axes, one panel for
    each width. Lines: predicted from the shapes before the run. Filled markers: counted by the scalar that counts every
    operation. The dotted grey lines in the last panel have the slopes 1 and 2. Where strategies cost the same,
    their lines lie on each other (structured products are drawn broader) and their labels lead to the same end.
"""

from __future__ import annotations

import math

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

import style
from plot import Axis, Panel, Plot, Series

PREDICTED, COUNTED = "predicted_multiplications", "multiplications"
PANEL, LABELS, LEFT, TOP, BOTTOM, GAP = 2.9, 1.36, 0.5, 0.46, 0.78, 0.5  # inches; LABELS is the margin for direct labels


TITLE = "How Jacobians are multiplied, not how many there are, decides between L and L^2"


def choose(rows: pd.DataFrame) -> tuple[pd.DataFrame, float]:
    """Predictions and counts of one data set and batch, and that batch; NothingToDraw without any."""
    known = rows["depth"].notna() & rows["width"].notna() & (rows["value"] > 0) & rows["value"].map(math.isfinite)
    counts = rows[rows["quantity"].isin([PREDICTED, COUNTED]) & known]
    if counts.empty:
        raise style.NothingToDraw(f"no row has the quantity {PREDICTED} or {COUNTED}")
    data = counts.groupby("data")["depth"].nunique().idxmax()
    counts = counts[counts["data"] == data]
    batch = counts.groupby("batch", dropna=False).size().idxmax()
    depths = counts.groupby("width")["depth"].transform("nunique")
    counts = counts[depths >= min(2, depths.max())]
    return (counts[counts["batch"] == batch] if not math.isnan(batch) else counts), float(batch)


def plot(rows: pd.DataFrame) -> Plot:
    """The same on the screen."""
    counts, batch = choose(rows)
    panels = []
    for width in sorted(counts["width"].unique()):
        here = counts[counts["width"] == width]
        depths = sorted(here["depth"].unique())
        series = []
        for strategy, look in style.styles(here["strategy"]).items():
            for quantity, word in ((PREDICTED, "predicted"), (COUNTED, "counted")):
                found = here[(here["strategy"] == strategy) & (here["quantity"] == quantity)].groupby("depth")["value"].max()
                series.append(Series(strategy, list(found.index), list(found), look, strategy, line=quantity == PREDICTED,
                                     markers=quantity == COUNTED, legend=quantity == PREDICTED,
                                     hover=[f"depth {d:g}: {word} {v:,.0f}" for d, v in found.items()]))  # fmt: skip
        axis = Axis("depth (affine layers)", ticks=depths, limits=(depths[0] / 1.15, depths[-1] * 1.15))
        panels.append(Panel(f"width {width:g}", axis, Axis("multiplications (1)"), series))
    return Plot(TITLE, panels, f"Lines: predicted from the shapes. Markers: counted. One gradient of a batch of {batch:g}.")


def draw(rows: pd.DataFrame) -> Figure:
    """The figure in print; NothingToDraw without a prediction or a count."""
    counts, batch = choose(rows)
    widths = sorted(counts["width"].unique())
    looks = style.styles(counts["strategy"])

    columns = min(2, len(widths))
    lines = math.ceil(len(widths) / columns)
    height = TOP + lines * (PANEL + GAP) - GAP + BOTTOM
    figure = style.figure(style.WIDTH, height)
    share = style.WIDTH / columns
    shared: Axes | None = None
    for k, width in enumerate(widths):
        row, column = divmod(k, columns)
        left = column * share + (LEFT if columns == 2 else LEFT + 0.6)
        bottom = height - TOP - PANEL - row * (PANEL + GAP)
        size = share - LEFT - LABELS if columns == 2 else share - 2 * 0.6 - LEFT - LABELS
        axes = figure.add_axes(
            (left / style.WIDTH, bottom / height, size / style.WIDTH, PANEL / height), sharex=shared, sharey=shared
        )
        shared = shared or axes
        panel(axes, counts[counts["width"] == width], looks, sorted(counts["depth"].unique()))
        axes.set_title(f"width {width:g}", fontweight="bold", loc="left")
        if column == 0:
            axes.set_ylabel(f"multiplications{'' if math.isnan(batch) else f' for a batch of {batch:g}'}")
        if k >= len(widths) - columns:
            axes.set_xlabel("depth: number of affine layers")
    figure.text(0.05 / style.WIDTH, 1 - 0.06 / height, TITLE, ha="left", va="top", fontsize=8.5, fontweight="bold")
    guides(figure.axes[-1], lonely=len(widths) == 1)
    for k, axes in enumerate(figure.axes):
        labels(axes, counts[counts["width"] == widths[k]], looks)
    keys(figure, [family for family in style.FAMILIES if any(look.family == family for look in looks.values())])
    return figure


def panel(axes: Axes, rows: pd.DataFrame, looks: dict[str, style.Style], depths: list[float]) -> None:
    """Lines and markers of one width. Structured products cost what reverse mode costs: their line is broader, below it."""
    axes.set_yscale("log")
    style.depth_axis(axes, depths, 1.12)
    for k, (strategy, look) in enumerate(looks.items()):
        mine = rows[rows["strategy"] == strategy]
        predicted = mine[mine["quantity"] == PREDICTED].groupby("depth")["value"].max()
        counted = mine[mine["quantity"] == COUNTED].groupby("depth")["value"].max()
        axes.plot(predicted.index, predicted, color=look.colour, linestyle=look.dash, zorder=3 + k / 100,
                  linewidth=2.8 if look.family == "structured" else 1.2)  # fmt: skip
        axes.plot(counted.index, counted, color=look.colour, linestyle="", marker=look.marker, markeredgecolor="white",
                  markeredgewidth=0.4, markersize=6 if look.family == "structured" else 3.8, zorder=4 + k / 100)  # fmt: skip


def ends(rows: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Strategy -> its last point."""
    found = {}
    for strategy, mine in rows.groupby("strategy"):
        last = mine[mine["depth"] == mine["depth"].max()]
        found[str(strategy)] = (float(last["depth"].iloc[0]), float(last["value"].max()))
    return found


def labels(axes: Axes, rows: pd.DataFrame, looks: dict[str, style.Style]) -> None:
    """The strategies' names at the right, moved apart, each with a thin line to its end."""
    low, high = (math.log10(v) for v in axes.get_ylim())
    last = sorted(ends(rows).items(), key=lambda item: (item[1][1], list(looks).index(item[0])))
    heights = [(math.log10(value) - low) / (high - low) for _, (_, value) in last]
    placed = style.spread(heights, 0.115 / PANEL, 0.0, 1.0)
    for (strategy, point), y in zip(last, placed):
        axes.annotate(
            strategy, point, (1.11, y), xycoords="data", textcoords="axes fraction", va="center", fontsize=5.7,
            color=style.ink(looks[strategy].colour), annotation_clip=False,
            arrowprops={"arrowstyle": "-", "linewidth": 0.5, "color": looks[strategy].colour, "shrinkA": 1, "shrinkB": 2,
                        "relpos": (0, 0.5)},
        )  # fmt: skip


def guides(axes: Axes, lonely: bool) -> None:
    """Lines of slope 1 and 2 in the lower right corner, which the largest width leaves free (a lonely panel makes room)."""
    (x0, x1), (y0, y1) = axes.get_xlim(), axes.get_ylim()
    y0 = y0 / (x1 / x0) if lonely else y0
    axes.set_ylim(y0, y1)
    start = (x0 * x1) ** 0.5  # the middle of the axis
    end = x1 / 1.1
    for slope in (1, 2):
        top = y0 * 1.5 * (end / start) ** slope
        axes.plot([start, end], [y0 * 1.5, top], color="0.5", linewidth=0.8, linestyle=(0, (1, 1.6)), zorder=1)
        axes.annotate(f"slope {slope}", (end, top), (2, 0), textcoords="offset points", ha="left", va="center",
                      color="0.35", fontsize=5.8, annotation_clip=False)  # fmt: skip


def keys(figure: Figure, families: list[str]) -> None:
    """What colours, lines and markers mean, below the panels."""
    handles = [Line2D([], [], color=style.FAMILIES[family], linewidth=2.4, label=family) for family in families]
    handles.append(Line2D([], [], color="0.3", linewidth=1.3, label="predicted"))
    handles.append(Line2D([], [], color="0.3", linestyle="", marker="o", label="counted"))
    figure.legend(handles=handles, loc="lower center", ncol=4, handlelength=2.0, columnspacing=1.6, borderaxespad=0.4)

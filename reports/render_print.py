"""A Plot in print: Matplotlib, with markers and dashes that differ in grey too."""

from __future__ import annotations

import math
import textwrap

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.container import ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullLocator

import style
from plot import Axis, Guide, Matrix, Panel, Plot, Series

LEGEND_LINE, TITLE_LINE, NOTE_LINE, LABELS = 0.145, 0.15, 0.12, 0.42  # inches
WRAP_TITLE, WRAP_NOTE = 100, 150  # letters a line


def figure(plot: Plot) -> Figure:
    """The figure, seven inches wide, as high as its panels need."""
    columns = min(plot.columns, len(plot.panels))
    lines = math.ceil(len(plot.panels) / columns)
    title = textwrap.wrap(plot.title, WRAP_TITLE)
    note = textwrap.wrap(plot.note, WRAP_NOTE)
    handles = legend_handles(plot)
    across = 3 if any(len(handle.get_label()) > 24 for handle in handles) else 4
    keys = math.ceil(len(handles) / across)
    top = 0.12 + TITLE_LINE * len(title) + 0.22
    bottom = LABELS + LEGEND_LINE * keys + NOTE_LINE * len(note) + 0.16
    heights = [max(panel_height(p, plot.height) for p in plot.panels[k * columns : (k + 1) * columns]) for k in range(lines)]
    gap = 0.62 if any(p.x.label for p in plot.panels[: -columns or None]) else 0.36
    gap += max(map(slanted, plot.panels)) if lines > 1 else 0
    bottom += max(map(slanted, plot.panels))
    height = top + sum(heights) + gap * (lines - 1) + bottom
    made = style.figure(style.WIDTH, height)
    left = 0.62 if not any(p.y.categories or p.matrix for p in plot.panels) else 0.25 + max(longest_word(p) for p in plot.panels) * 0.068
    share = (style.WIDTH - 0.1) / columns
    above = 0.0
    for k, panel in enumerate(plot.panels):
        line, column = divmod(k, columns)
        if column == 0 and k:
            above += heights[line - 1] + gap
        size = (share - left - 0.12) / style.WIDTH
        place = ((column * share + left) / style.WIDTH, (height - top - above - heights[line]) / height, size, heights[line] / height)
        draw_panel(made.add_axes(place), panel)
    made.text(0.1 / style.WIDTH, 1 - 0.08 / height, "\n".join(title), va="top", ha="left", fontsize=8.5, fontweight="bold", linespacing=1.25)
    if handles:
        made.legend(handles=handles, loc="lower center", bbox_to_anchor=(0.5, (0.06 + NOTE_LINE * len(note)) / height), ncol=across,
                    handlelength=2.6, columnspacing=1.4, labelspacing=0.35, borderaxespad=0)  # fmt: skip
    if note:
        made.text(0.1 / style.WIDTH, 0.06 / height, "\n".join(note), va="bottom", ha="left", fontsize=6, color="0.3", linespacing=1.25)
    return made


def slanted(panel: Panel) -> float:
    """Inches that slanted names need below a panel, or 0."""
    names, letter = (panel.matrix.columns, 0.03) if panel.matrix else (panel.x.categories, 0.052)  # a matrix writes smaller
    return max((len(name) for name in names), default=0) * letter


def longest_word(panel: Panel) -> int:
    """Letters of the longest name on the vertical axis."""
    names = panel.matrix.rows if panel.matrix else panel.y.categories
    return max((len(name) for name in names), default=9)


def panel_height(panel: Panel, wanted: float) -> float:
    """Inches: rows of a matrix and categories get a line each."""
    names = panel.matrix.rows if panel.matrix else panel.y.categories
    return max(0.6, 0.155 * len(names) + 0.1) if names else wanted


def draw_panel(axes: Axes, panel: Panel) -> None:
    """One pair of axes."""
    axes.set_title(panel.title, loc="left", fontweight="bold", pad=5)
    if panel.matrix:
        draw_matrix(axes, panel.matrix)
        axes.set_xlabel(panel.x.label)
        axes.set_ylabel(panel.y.label)
        return
    scale(axes, panel.x, "x")
    scale(axes, panel.y, "y")
    for order, series in enumerate(panel.series):
        draw_series(axes, series, panel, 3 + order / 100)
    limits(axes, panel)
    for guide in panel.guides:
        draw_guide(axes, guide)
    axes.set_xlabel(panel.x.label)
    axes.set_ylabel(panel.y.label)
    axes.grid(True, color="0.92", linewidth=0.5, zorder=0)
    axes.set_axisbelow(True)


def scale(axes: Axes, axis: Axis, which: str) -> None:
    """Scale, ticks and categories of one axis."""
    mine = axes.xaxis if which == "x" else axes.yaxis
    if axis.categories:
        mine.set_major_locator(FixedLocator(list(range(len(axis.categories)))))
        mine.set_ticklabels(list(axis.categories))
        if which == "y":
            axes.set_ylim(len(axis.categories) - 0.4, -0.6)
        else:
            axes.set_xlim(-0.6, len(axis.categories) - 0.4)
            for label in axes.get_xticklabels():
                label.set(rotation=35, ha="right", rotation_mode="anchor")
        return
    if axis.log:
        (axes.set_xscale if which == "x" else axes.set_yscale)("log")
    if axis.ticks:
        ticks = sorted(set(axis.ticks))
        ticks = ticks[:: 1 + (len(ticks) - 1) // 8]
        mine.set_major_locator(FixedLocator(ticks))
        mine.set_minor_locator(NullLocator())
        mine.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    elif axis.log:
        mine.set_major_locator(LogLocator(numticks=6))
        mine.set_minor_locator(NullLocator())
    else:
        mine.set_major_locator(MaxNLocator(5))


def visible(series: Series, log_x: bool, log_y: bool) -> list[int]:
    """Indices of the points that the axes can show."""
    def fine(value: float, log: bool) -> bool:
        return math.isfinite(value) and (value > 0 or not log)

    return [k for k, (x, y) in enumerate(zip(series.x, series.y)) if fine(x, log_x) and fine(y, log_y)]


def draw_series(axes: Axes, series: Series, panel: Panel, order: float) -> None:
    """One curve, with its interval as bars."""
    keep = visible(series, panel.x.log and not panel.x.categories, panel.y.log and not panel.y.categories)
    if not keep:
        return
    x, y = [series.x[k] for k in keep], [series.y[k] for k in keep]
    marker = series.look.marker if series.markers else ""
    axes.plot(x, y, color=series.look.colour, linestyle=series.look.dash if series.line else "", marker=marker, zorder=order,
              linewidth=0.7 if series.faint else 1.1, alpha=0.6 if series.faint else 1,
              markerfacecolor="white" if series.hollow else series.look.colour,
              markeredgecolor=series.look.colour if series.hollow else "white", markeredgewidth=0.8 if series.hollow else 0.4)  # fmt: skip
    if series.low is None or series.high is None:
        return
    low, high = [series.low[k] for k in keep], [series.high[k] for k in keep]
    if panel.y.categories:  # a forest: intervals lie
        axes.hlines(y, low, high, color=series.look.colour, linewidth=6 if series.faint else 1.6, zorder=order)
    elif series.markers:
        bars: ErrorbarContainer = axes.errorbar(x, y, yerr=[[max(0.0, b - a) for a, b in zip(low, y)], [max(0.0, b - a) for a, b in zip(y, high)]],
                                                linestyle="", color=series.look.colour, linewidth=0.7, zorder=order)  # fmt: skip
        del bars
    else:
        axes.fill_between(x, low, high, color=series.look.colour, alpha=0.15, linewidth=0, zorder=1)


def limits(axes: Axes, panel: Panel) -> None:
    """Room for the markers at the ends; a log axis without much span gets a decade."""
    for axis, ends, fix in ((panel.x, axes.get_xlim, axes.set_xlim), (panel.y, axes.get_ylim, axes.set_ylim)):
        if axis.categories:
            continue
        if axis.limits:
            fix(*axis.limits)
        elif axis.log and not axis.ticks:
            low, high = ends()
            if low > 0 and high / low < 12:
                middle = math.sqrt(low * high)
                fix(middle / 4, middle * 4)


def draw_guide(axes: Axes, guide: Guide) -> None:
    """A dotted reference with its name at the right end, inside the axes."""
    looks = {"color": "0.35", "linewidth": 0.8, "linestyle": (0, (1, 1.6)), "zorder": 2}
    words = {"fontsize": 5.8, "color": "0.25", "zorder": 7,
             "bbox": {"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.75}}  # fmt: skip
    if guide.band is not None and guide.y is not None:
        axes.axhspan(guide.y, guide.band, color="0.5", alpha=0.18, linewidth=0, zorder=0.5)
        axes.annotate(guide.label, (0.99, guide.band), (0, 2), xycoords=("axes fraction", "data"), textcoords="offset points",
                      ha="right", va="bottom", **words)  # fmt: skip
    elif guide.y is not None:
        axes.axhline(guide.y, **looks)
        axes.annotate(guide.label, (0.99, guide.y), (0, 2), xycoords=("axes fraction", "data"), textcoords="offset points",
                      ha="right", va="bottom", **words)  # fmt: skip
    elif guide.x is not None:
        axes.axvline(guide.x, **looks)
        axes.annotate(guide.label, (guide.x, 0.98), (2, 0), xycoords=("data", "axes fraction"), textcoords="offset points",
                      ha="left", va="top", **words)  # fmt: skip
    elif guide.points:
        (x0, y0), (x1, y1) = guide.points
        axes.plot([x0, x1], [y0, y1], **looks)
        axes.annotate(guide.label, (x1, y1), (0, 2), textcoords="offset points", ha="right", va="bottom", **words)


def draw_matrix(axes: Axes, matrix: Matrix) -> None:
    """Fields from white to blue; a field without a value is hatched."""
    lines, columns = len(matrix.rows), len(matrix.columns)
    shades = mpl.colormaps["Blues"]
    for i, values in enumerate(matrix.values):
        for j, value in enumerate(values):
            empty = math.isnan(value)
            colour = "white" if empty else shades(0.08 + 0.72 * min(1.0, max(0.0, value)))
            axes.add_patch(Rectangle((j - 0.5, i - 0.5), 1, 1, facecolor=colour, edgecolor="0.85" if not empty else "0.8",
                                     linewidth=0.4, hatch="////" if empty else None))  # fmt: skip
            if columns <= 20:
                axes.text(j, i, matrix.texts[i][j], ha="center", va="center", fontsize=5.2 if columns > 12 else 6,
                          color="white" if not empty and value > 0.75 else "0.15")  # fmt: skip
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_ylim(lines - 0.5, -0.5)
    axes.set_xticks(range(columns), list(matrix.columns), rotation=35, ha="right", rotation_mode="anchor", fontsize=5.8)
    axes.set_yticks(range(lines), list(matrix.rows), fontsize=5.8)
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)


def legend_handles(plot: Plot) -> list[Line2D]:
    """One entry for each name, in the order of the panels."""
    if not plot.legend:
        return []
    found: dict[str, Line2D] = {}
    for panel in plot.panels:
        for s in panel.series:
            if s.legend and s.name not in found:
                found[s.name] = Line2D(
                    [], [], color=s.look.colour, linestyle=s.look.dash if s.line else "", marker=s.look.marker if s.markers else "",
                    linewidth=0.7 if s.faint else 1.1, alpha=0.6 if s.faint else 1, label=s.name,
                    markerfacecolor="white" if s.hollow else s.look.colour,
                    markeredgecolor=s.look.colour if s.hollow else "white", markeredgewidth=0.8 if s.hollow else 0.4)  # fmt: skip
    return list(found.values())

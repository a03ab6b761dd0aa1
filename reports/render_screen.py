"""A Plot on the screen: the data and layout of an interactive Plotly chart, as plain JSON."""

from __future__ import annotations

import math
from typing import Any

from plot import Axis, Guide, Panel, Plot, Series, number

SYMBOLS = {
    "o": "circle", "s": "square", "^": "triangle-up", "v": "triangle-down", "D": "diamond", "P": "cross", "X": "x",
    "<": "triangle-left", ">": "triangle-right", "p": "pentagon", "h": "hexagon", "d": "diamond-tall", "": "circle",
}  # fmt: skip
GREY = "#4a545d"
PANEL_PIXELS, GAP_PIXELS = 300, 92
Json = dict[str, Any]


def chart(plot: Plot) -> Json:
    """`data`, `layout`, and what report.js needs to rearrange the panels on a narrow screen.

    Every series carries meta.strategy and meta.scalar for the pickers; `panels` lists the axes in order with their titles.
    """
    data: list[Json] = []
    axes: Json = {}
    panels, seen = [], set[str]()
    for k, panel in enumerate(plot.panels, start=1):
        suffix = "" if k == 1 else str(k)
        axes[f"xaxis{suffix}"] = axis_of(panel.x, f"y{suffix}", panel, "x")
        axes[f"yaxis{suffix}"] = axis_of(panel.y, f"x{suffix}", panel, "y")
        if panel.matrix:
            data.append(heat(panel, suffix))
        for series in panel.series:
            data += traces(series, panel, suffix, seen)
        data += [guide_trace(guide, panel, suffix) for guide in panel.guides]
        names = (panel.matrix.rows if panel.matrix else panel.y.categories) or ()
        panels.append({"axis": suffix, "title": panel.title, "pixels": max(PANEL_PIXELS, 19 * len(names) + 40) if names else PANEL_PIXELS,
                       "below": max((int(3.8 * len(n)) - 24 for n in (panel.matrix.columns if panel.matrix else panel.x.categories)), default=0)})  # fmt: skip
    return {"data": data, "axes": axes, "panels": panels, "columns": plot.columns, "legend": plot.legend and bool(seen)}


def finite(value: float) -> float | None:
    """JSON knows neither infinity nor NaN."""
    return float(f"{value:.7g}") if math.isfinite(value) else None


def axis_of(axis: Axis, anchor: str, panel: Panel, which: str) -> Json:
    """One axis of one panel."""
    made: Json = {"title": {"text": axis.label, "standoff": 6, "font": {"size": 12}}, "anchor": anchor, "automargin": True,
                  "gridcolor": "#e8ebee", "linecolor": "#8a949d", "ticks": "outside", "tickfont": {"size": 11}, "zeroline": False}  # fmt: skip
    categories = (panel.matrix.columns if which == "x" else panel.matrix.rows) if panel.matrix else axis.categories
    if categories:
        made |= {"tickmode": "array", "tickvals": list(range(len(categories))), "ticktext": list(categories), "showgrid": False,
                 "tickangle": -40 if which == "x" else 0}  # fmt: skip
        made["range"] = [-0.6, len(categories) - 0.4] if which == "x" else [len(categories) - 0.4, -0.6]
        return made
    if axis.log:
        made |= {"type": "log", "exponentformat": "power", "dtick": 1 if not axis.ticks else None}
        values = [v for s in panel.series for v in (s.x if which == "x" else s.y) if math.isfinite(v) and v > 0]
        if values and not axis.ticks:
            low, high = math.log10(min(values)), math.log10(max(values))
            made["dtick"] = max(1, math.ceil((high - low) / 6))
            if high - low < 1:
                made |= {"dtick": "D1", "exponentformat": "none" if low > -3 and high < 4 else "power"}
    if axis.ticks:
        made |= {"tickmode": "array", "tickvals": sorted(set(axis.ticks)), "ticktext": [f"{t:g}" for t in sorted(set(axis.ticks))], "tickangle": 0}
    if axis.limits:
        made["range"] = [math.log10(v) if axis.log else v for v in axis.limits]
    return {key: value for key, value in made.items() if value is not None}


def dash_of(series: Series) -> str:
    """Matplotlib's dash as Plotly's lengths in pixels."""
    return ",".join(f"{length * 1.5:g}px" for length in series.look.dash[1]) or "solid"


def traces(series: Series, panel: Panel, suffix: str, seen: set[str]) -> list[Json]:
    """The curve, and the band of its interval where the curve has no markers."""
    log_y = panel.y.log and not panel.y.categories
    keep = [k for k, (x, y) in enumerate(zip(series.x, series.y)) if math.isfinite(x) and math.isfinite(y) and (y > 0 or not log_y)]
    x, y = [finite(series.x[k]) for k in keep], [finite(series.y[k]) for k in keep]
    mode = "+".join(["lines"] * series.line + ["markers"] * series.markers)
    common: Json = {"type": "scatter", "xaxis": f"x{suffix}", "yaxis": f"y{suffix}", "legendgroup": series.name,
                    "meta": {"strategy": series.strategy, "scalar": series.scalar}}  # fmt: skip
    main: Json = {
        **common, "x": x, "y": y, "mode": mode, "name": series.name, "showlegend": series.legend and series.name not in seen,
        "line": {"color": series.look.colour, "dash": dash_of(series), "width": 1.2 if series.faint else 2},
        "marker": {"color": "#ffffff" if series.hollow else series.look.colour, "size": 8, "symbol": SYMBOLS.get(series.look.marker, "circle"),
                   "line": {"color": series.look.colour if series.hollow else "#ffffff", "width": 1.5 if series.hollow else 0.5}},
        "opacity": 0.65 if series.faint else 1,
        "text": [series.hover[k] if series.hover else f"{number(series.y[k])}" for k in keep],
        "hovertemplate": f"<b>{series.name}</b><br>%{{text}}<extra></extra>",
    }  # fmt: skip
    if series.legend:
        seen.add(series.name)
    if series.low is None or series.high is None:
        return [main]
    low, high = [finite(series.low[k]) for k in keep], [finite(series.high[k]) for k in keep]
    if series.markers:
        across = bool(panel.y.categories)
        middle = x if across else y
        main["error_x" if across else "error_y"] = {
            "type": "data", "symmetric": False, "array": [None if h is None else max(0.0, h - (m or 0)) for h, m in zip(high, middle)],
            "arrayminus": [None if v is None else max(0.0, (m or 0) - v) for v, m in zip(low, middle)], "thickness": 9 if series.faint else 1.8, "width": 0 if series.faint else 4,
        }  # fmt: skip
        return [main]
    hidden = {**common, "mode": "lines", "showlegend": False, "hoverinfo": "skip", "line": {"width": 0, "color": series.look.colour}}
    tint = "rgba({},{},{},0.15)".format(*(int(series.look.colour[i : i + 2], 16) for i in (1, 3, 5)))
    return [{**hidden, "x": x, "y": low}, {**hidden, "x": x, "y": high, "fill": "tonexty", "fillcolor": tint}, main]


def guide_trace(guide: Guide, panel: Panel, suffix: str) -> Json:
    """A reference line as a dotted trace with its label at the end."""
    xs = [v for s in panel.series for v in s.x if math.isfinite(v) and (v > 0 or not panel.x.log)] or [1.0, 2.0]
    ys = [v for s in panel.series for v in s.y if math.isfinite(v) and (v > 0 or not panel.y.log)] or [1.0, 2.0]
    if guide.points:
        (x0, y0), (x1, y1) = guide.points
    elif guide.y is not None:
        (x0, x1), (y0, y1) = (min(xs), max(xs)), (guide.y, guide.y)
    else:
        at = guide.x or 0.0
        (x0, x1), (y0, y1) = (at, at), (min(ys), max(ys))
        if panel.y.categories:
            y0, y1 = len(panel.y.categories) - 0.5, -0.5
    made: Json = {"type": "scatter", "xaxis": f"x{suffix}", "yaxis": f"y{suffix}", "x": [finite(x0), finite(x1)], "y": [finite(y0), finite(y1)],
                  "mode": "lines+text", "line": {"color": GREY, "width": 1.4, "dash": "dot"}, "showlegend": False, "hoverinfo": "skip",
                  "text": ["", guide.label], "textposition": "top left" if guide.x is None else "bottom right",
                  "textfont": {"size": 11, "color": GREY}, "cliponaxis": False, "meta": {"strategy": "", "scalar": ""}}  # fmt: skip
    if guide.band is not None:
        made |= {"x": [finite(x0), finite(x1), finite(x1), finite(x0)], "y": [finite(y0), finite(y1), finite(guide.band), finite(guide.band)],
                 "fill": "toself", "fillcolor": "rgba(90,100,110,0.15)", "line": {"width": 0, "color": GREY},
                 "text": ["", "", guide.label, ""]}  # fmt: skip
    return made


def heat(panel: Panel, suffix: str) -> Json:
    """A matrix as a heat map; the text of a field shows while the pointer is on it."""
    matrix = panel.matrix
    assert matrix is not None
    return {
        "type": "heatmap", "xaxis": f"x{suffix}", "yaxis": f"y{suffix}", "z": [[finite(v) for v in line] for line in matrix.values],
        "x": list(range(len(matrix.columns))), "y": list(range(len(matrix.rows))), "zmin": 0, "zmax": 1, "showscale": False,
        "colorscale": [[0, "#eef4fb"], [0.5, "#6fb0d8"], [1, "#0b4f8a"]], "xgap": 1, "ygap": 1, "hoverongaps": False,
        "text": [[f"{r} / {c}: {t}" for c, t in zip(matrix.columns, texts)] for r, texts in zip(matrix.rows, matrix.texts)],
        "hovertemplate": "%{text}<extra></extra>", "meta": {"strategy": "", "scalar": ""},
    }  # fmt: skip

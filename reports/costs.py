"""The two figures of time against depth and against width are one figure with the axes exchanged."""

from __future__ import annotations

import math

import pandas as pd

import curves
import fits
import selection
import style
from plot import Axis, Panel, Plot, Series, seconds

AXES = {"depth": "depth (affine layers)", "width": "width (units of a hidden layer)"}


def times(rows: pd.DataFrame, x: str, title: str) -> Plot:
    """Panels of time with fitted lines, and below each the local slopes; a table of the exponents."""
    other = "width" if x == "depth" else "depth"
    rows = rows[rows["kernel"] != "peer"]  # they have a figure of their own
    panels, table, used = [], [["panel", "strategy", "exponent", "95 % interval", "sizes"]], []
    for name, chosen in selection.swept(rows, ["seconds_p10"], x, other, timed=True, least=3, most=4 if x == "depth" else 6):
        looks = style.styles(chosen["strategy"])
        sizes = sorted(chosen[x].unique())
        level = selection.noise_level(rows, chosen)
        upper, lower = [], []
        for strategy, look in looks.items():
            mine = selection.curve(chosen[chosen["strategy"] == strategy], x)
            at, values = [float(v) for v in mine.index], [float(v) for v in mine]
            scalar = str(chosen["scalar"].iloc[0])
            fit = curves.fitted(at, values)
            hover = [f"{x} {a:g}: {seconds(v)} (noise {level:.1%})" for a, v in zip(at, values)]
            upper.append(Series(strategy, at, values, look, strategy, scalar, [v * (1 - level) for v in values],
                                [v * (1 + level) for v in values], line=fit is None, hover=hover))  # fmt: skip
            if fit is not None:
                low, high = fit.interval()
                upper.append(Series(strategy, at, [float(v) for v in fit.fitted], look, strategy, scalar, markers=False, legend=False,
                                    hover=[f"fit: exponent {fit.value:.3f} ({low:.3f} to {high:.3f})"] * len(at)))  # fmt: skip
                table.append([name, strategy, f"{fit.value:.3f}", f"{low:.3f} to {high:.3f}", str(len(at))])
            slopes = [float(s) for s in fits.local_slopes(at, values)]
            middles = [math.sqrt(a * b) for a, b in zip(at, at[1:])]
            lower.append(Series(strategy, middles, slopes, look, strategy, scalar, legend=False,
                                hover=[f"between {x} {a:g} and {b:g}: slope {s:.3f}" for a, b, s in zip(at, at[1:], slopes)]))  # fmt: skip
        axis = Axis(AXES[x], ticks=sizes, limits=(sizes[0] / 1.15, sizes[-1] * 1.15))
        panels += [Panel(name, axis, Axis("time of one gradient (s)"), upper),
                   Panel("local slopes", axis, Axis("slope between neighbours (1)", log=False), lower)]  # fmt: skip
        used.append(chosen)
    note = selection.noise(rows, pd.concat(used)) + " Bars: that floor. Times of two machines are in panels of their own."
    return Plot(title, panels, note, numbers=table if len(table) > 1 else ())

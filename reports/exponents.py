#!/usr/bin/python3
"""Prints every exponent that the rows hold: strategy x scalar x threads, over depth and over width, from every source.

usage: backprove exponents --rows DIR... [--csv FILE]

time and instructions: p of t = a + b n^p with its 95 % interval (Student's t over the sizes), and 'with lower' p of
t = a + d n^(k-1) + b n^p, k the whole number next to p; both: p and q of t = a + b L^p n^q over a grid. counts: the degree of
the polynomial through the multiplications, exactly; '-' where there is none. Time needs 8 sizes over 1.5 decades.
Given two folders of the same sweep it prints how far their exponents differ, and how many counts do.
Exit status: 0; with two folders 1 if a time's exponent differs by more than 0.02 or any count differs; 2 bad usage or rows.
"""

from __future__ import annotations

import math
import signal
import sys
import textwrap
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

import command_line  # noqa: E402
import fits  # noqa: E402
import polynomials  # noqa: E402
import rows as rows_module  # noqa: E402
import shapes  # noqa: E402
from claim import COUNTS, INSTRUCTIONS, TIME  # noqa: E402

QUANTITIES = {COUNTS: "multiplications", INSTRUCTIONS: "instructions", TIME: "seconds_p10"}
KEY = ["source", "strategy", "scalar", "kernel", "threads", "axis", "fixed", "batch", "inputs", "outputs", "activation", "loss", "options"]
LEAST_DEPTH, MOST_DIFFERENCE = 4, 0.02


def exponents(rows: pd.DataFrame) -> pd.DataFrame:
    """One line an exponent: KEY, folder, sizes, p, low, high, p_lower, low_lower, high_lower, scatter, note."""
    lines: list[dict[str, Any]] = []
    for source, quantity in QUANTITIES.items():
        chosen = shapes.measured(rows, quantity)
        chosen = chosen[chosen["value"] > 0]
        for axis in ("depth", "width"):
            lines += [of_sweep(source, sweep) for sweep in shapes.sweeps(chosen, axis)]
        if source != COUNTS:
            lines += of_grids(source, chosen)
    columns = [*KEY, "folder", "sizes", "p", "low", "high", "p_lower", "low_lower", "high_lower", "scatter", "note"]
    return pd.DataFrame(lines, columns=columns)


def of_sweep(source: str, sweep: shapes.Sweep) -> dict[str, Any]:
    """One sweep."""
    line = described(source, sweep.axis, sweep.fixed, sweep.fixed[shapes.OTHER[sweep.axis]])
    sweep = sweep.above(2 if source == COUNTS else LEAST_DEPTH) if sweep.axis == "depth" else sweep
    line["sizes"] = sweep.x.size
    if source == COUNTS:
        degree = polynomials.degree([int(x) for x in sweep.x], [int(y) for y in sweep.y]) if sweep.x.size else None
        return line | ({"note": "no polynomial, or too few sizes"} if degree is None else {"p": degree, "low": degree, "high": degree})
    poor = fits.poor_design(sweep.x)
    if poor:
        return line | {"note": poor}
    try:
        plain = fits.power(sweep.x, sweep.y)
        line |= dict(zip(("p", "low", "high"), (plain.value, *plain.interval()))) | {"scatter": plain.scatter}
        whole = round(plain.value + 0.2)  # a lower term makes the plain exponent smaller, not larger
        if whole >= 2:
            both = fits.power(sweep.x, sweep.y, whole - 1)
            line |= dict(zip(("p_lower", "low_lower", "high_lower"), (both.value, *both.interval())))
    except fits.FitError as error:
        line["note"] = str(error)
    return line


def described(source: str, axis: str, fixed: dict[str, object], at: object) -> dict[str, Any]:
    """The key of a line."""
    return {"source": source, "axis": axis, "fixed": at, **{k: v for k, v in fixed.items() if k in (*KEY, "folder")}}


def of_grids(source: str, chosen: pd.DataFrame) -> list[dict[str, Any]]:
    """p and q of t = a + b L^p n^q over all cells that differ in depth and width only."""
    names = ["folder", "strategy", "scalar", "kernel", "threads", "batch", "loss", "options"]
    lines: list[dict[str, Any]] = []
    chosen = chosen.assign(outputs=[str(s.outputs) for s in chosen["shape"]], activation=[s.activation for s in chosen["shape"]])
    chosen = chosen[(chosen["depth"] >= LEAST_DEPTH) & [s.widths[0] == w for s, w in zip(chosen["shape"], chosen["width"])]]
    for key, group in chosen.groupby([*names, "activation", "outputs"], dropna=False):
        cells = group.groupby(["depth", "width"], as_index=False)["value"].median()
        if cells["depth"].nunique() < 3 or cells["width"].nunique() < 3 or len(cells) < fits.SIZES:
            continue
        fixed = dict(zip((*names, "activation", "outputs"), key)) | {"inputs": "n"}
        try:
            found = fits.power_of_two(cells["depth"], cells["width"], cells["value"])
        except fits.FitError:
            continue
        for axis, one in zip(("both: depth", "both: width"), found):
            line = described(source, axis, fixed, math.nan) | {"sizes": len(cells), "scatter": one.scatter}
            lines.append(line | dict(zip(("p", "low", "high"), (one.value, *one.interval()))))
    return lines


def table(found: pd.DataFrame) -> str:
    """For people."""
    text = [f"{'source':13}{'strategy':27}{'scalar':12}{'thr':>3} {'sweep':30}{'exponent':>9}  {'95 % interval':18}{'with lower':>10}  {'95 % interval':18}{'scatter':>8}"]
    for line in found.sort_values(["axis", "source", "strategy", "scalar", "threads", "fixed"]).itertuples():
        at = "" if pd.isna(line.fixed) else f", {shapes.OTHER[line.axis]} {line.fixed:g}"
        where = f"{line.axis}{at}, batch {line.batch:g}"
        shown = f"{line.source:13}{line.strategy:27}{line.scalar:12}{line.threads:>3g} {where:30}"
        if pd.isna(line.p):
            text.append(f"{shown}{'-':>9}  {line.note}")
            continue
        exact = line.source == COUNTS
        text.append(
            f"{shown}{line.p:>9.0f}  exact" if exact else
            f"{shown}{line.p:>9.3f}  {interval(line.low, line.high):18}{number(line.p_lower):>10}  {interval(line.low_lower, line.high_lower):18}"
            f"{100 * line.scatter:>7.2f}%"
        )  # fmt: skip
    return "\n".join(text)


def number(value: float) -> str:
    """Three digits after the point, or nothing."""
    return "" if pd.isna(value) else f"{value:.3f}"


def interval(low: float, high: float) -> str:
    """An interval, or nothing."""
    return "" if pd.isna(low) else f"[{low:.3f}, {high:.3f}]"


def differences(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """The exponents that both runs have, side by side."""
    both = first.merge(second, on=KEY, suffixes=("", "_second")).dropna(subset=["p", "p_second"])
    return both.assign(difference=(both["p"] - both["p_second"]).abs())


def differing_counts(first: pd.DataFrame, second: pd.DataFrame) -> tuple[int, int]:
    """Of the counts that both runs have: how many differ, and how many there are."""
    ones = [rows[rows["quantity"] == "multiplications"][["cell", "value"]].drop_duplicates() for rows in (first, second)]
    both = ones[0].merge(ones[1], on="cell")
    return int((both["value_x"] != both["value_y"]).sum()), len(both)


def compared(frames: list[pd.DataFrame]) -> tuple[str, bool]:
    """What two runs differ in, and whether it is little enough."""
    both = differences(*(exponents(frame) for frame in frames))
    differ, counts = differing_counts(frames[0], frames[1])
    text, little = [], differ == 0
    for source in QUANTITIES:
        mine = both[both["source"] == source]
        if mine.empty:
            text.append(f"{source}: no exponent that both runs have")
            continue
        worst = mine.loc[mine["difference"].idxmax()]
        text.append(
            f"{source}: {len(mine)} exponents, largest difference {worst['difference']:.4f} ({worst['strategy']}, {worst['scalar']}, "
            f"{worst['threads']:g} threads, {worst['axis']}), median {np.median(mine['difference']):.4f}"
        )
        little = little and (source != TIME or worst["difference"] <= MOST_DIFFERENCE)
    text.append(f"counts: {differ} of {counts} multiplications differ")
    return "\n".join(text), little


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    first, rest = (__doc__ or "").split("usage:")
    parser = command_line.Parser(prog="backprove exponents", description=textwrap.dedent(first).strip(), epilog=rest.split("FILE]")[1].strip())
    parser.add_rows()
    parser.add_argument("--csv", type=Path, metavar="FILE", help="also write all exponents there")
    given = parser.parse_args(arguments)
    try:
        frames = [rows_module.read([folder]) for folder in given.rows]
        found = pd.concat([exponents(frame).assign(folder=str(path)) for frame, path in zip(frames, given.rows)], ignore_index=True)
        if given.csv:
            found.to_csv(given.csv, index=False)
    except (rows_module.RowsError, OSError) as error:
        return command_line.refused("exponents", error, given.csv)
    print(table(found))
    if len(frames) != 2:
        return 0
    text, little = compared(frames)
    print(f"\n{text}")
    return 0 if little else 1


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # a reader that closes early, as head does
    sys.exit(main())

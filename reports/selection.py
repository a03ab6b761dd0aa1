"""Chooses rows that may be compared: same data, loss, batch, threads and options, one machine for what is timed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

import shapes
import style

MOST_PANELS = 6


def measured(rows: pd.DataFrame, *quantities: str) -> pd.DataFrame:
    """Rows of these quantities with a positive finite value that was not rejected; NothingToDraw if there is none."""
    good = rows["quantity"].isin(quantities) & rows["value"].between(0, float("inf"), inclusive="neither")
    found = rows[good & ~rows["status"].isin(["failed", "nonfinite"])]
    if found.empty:
        raise style.NothingToDraw(f"no row has the quantity {' or '.join(quantities)}")
    return found


def option(rows: pd.DataFrame, key: str) -> pd.Series:
    """The value of one option of each row, empty where the row has none."""
    return rows["options"].str.extract(rf"(?:^|[;,] ?){key}=([^;,]*)", expand=False).fillna("")


def machine(rows: pd.DataFrame) -> pd.Series:
    """The machine of each row: what is timed on two of them is never compared."""
    return rows["machine"] if "machine" in rows.columns else pd.Series("", index=rows.index)


def outputs_of(network: str, width: float) -> str:
    """Whether a network has as many outputs as it is wide, in words; empty if it is no plain network."""
    shape = shapes.shape_of(network)
    if shape is None:
        return ""
    return "n outputs" if shape.outputs == width else f"{shape.outputs} outputs"


def swept(
    rows: pd.DataFrame, quantities: Sequence[str], x: str, other: str, timed: bool, least: int = 2, most: int = 6
) -> Iterator[tuple[str, pd.DataFrame]]:
    """(title, rows) for each machine, scalar and value of the axis that stays fixed, along the axis x.

    One setting of data, loss, batch and threads: the one with the most points; what is timed along the width has one for each
    batch, with as many outputs as the width and with a fixed number of them. At most `most` of them: every machine and scalar
    in turn gives the one with the most points. Raises NothingToDraw if no strategy has `least` sizes.
    """
    frame = measured(rows, *quantities)
    frame = frame[frame[x].notna() & frame[other].notna()].assign(machine=machine(frame))
    frame = frame.assign(threads=frame["threads"].fillna(0), batch=frame["batch"].fillna(0))
    keys = ["machine", "scalar", other] if timed else ["scalar", other]
    if timed and x == "width":
        frame = frame.assign(outputs=[outputs_of(n, w) for n, w in zip(frame["network"], frame["width"])])
        keys += ["batch", "outputs"]
    setting = [name for name in ("data", "loss", "batch", "threads", "options") if name not in keys]
    found: list[tuple[int, str, pd.DataFrame]] = []
    for key, group in frame.groupby(keys, sort=False):
        points = group.groupby(setting)[["strategy", x]].apply(lambda g: len(g.drop_duplicates())).sort_index(level="threads")
        chosen = group.set_index(setting).sort_index().loc[[points.idxmax()]].reset_index()
        if chosen.groupby("strategy")[x].nunique().max() < least:
            continue
        names = dict(zip(keys, key))
        words = [names.get("machine", ""), names["scalar"], f"{other} {names[other]:g}", f"batch {chosen['batch'].iloc[0]:g}", names.get("outputs", "")]
        if timed and chosen["threads"].iloc[0] > 1:
            words.append(f"{chosen['threads'].iloc[0]:g} threads")
        found.append((len(chosen), ", ".join(w for w in words if w), chosen))
    if not found:
        raise style.NothingToDraw(f"no strategy was measured at {least} or more values of the {x} with the {other} fixed")
    turns: dict[tuple[str, str], int] = {}
    ranked = []
    for entry in sorted(found, key=lambda f: (-f[0], -f[2][other].iloc[0])):
        who = (entry[2]["machine"].iloc[0], entry[2]["scalar"].iloc[0])
        turns[who] = turns.get(who, 0) + 1
        ranked.append((turns[who], entry))
    best = [entry for _, entry in sorted(ranked, key=lambda r: r[0])[:most]]
    order = style.scalar_order(f[2]["scalar"].iloc[0] for f in best)
    best.sort(key=lambda f: (f[2]["machine"].iloc[0], order.index(f[2]["scalar"].iloc[0]), f[2][other].iloc[0]))
    return ((title, chosen) for _, title, chosen in best)


def curve(rows: pd.DataFrame, x: str, how: str = "median") -> pd.Series:
    """value by x, ascending; where several rows share an x, their median (or `how`)."""
    return rows.groupby(x)["value"].agg(how).sort_index()


def noise_rows(rows: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """The A/A pairs of the machines in `frame`."""
    floors = rows[(rows["quantity"] == "noise_floor") & rows["value"].between(0, float("inf"), inclusive="left")]
    return floors[machine(floors).isin(set(machine(frame)))]


def noise(rows: pd.DataFrame, frame: pd.DataFrame) -> str:
    """A sentence with the noise floor of the machines in `frame`, or that it was not measured."""
    floors = noise_rows(rows, frame)
    if floors.empty:
        return "Noise floor: no A/A pair was measured."
    return (
        f"Noise floor (one cell prepared twice in one process, relative): median {floors['value'].median():.2g}, "
        f"90th percentile {floors['value'].quantile(0.9):.2g}, {len(floors)} pairs."
    )


def noise_level(rows: pd.DataFrame, frame: pd.DataFrame) -> float:
    """The 90th percentile of the noise floor of the machines in `frame`, 0 where it was not measured."""
    floors = noise_rows(rows, frame)
    return float(floors["value"].quantile(0.9)) if len(floors) else 0.0

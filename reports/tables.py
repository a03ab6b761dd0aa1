"""Tables of cells by status, shared by the page and the Markdown."""

from __future__ import annotations

import math

import pandas as pd

import rows as rows_module
import style

STATUSES = tuple(reversed(rows_module.STATUSES))
MOST_REASONS = 200  # lines in the page; the rows hold the rest
NUMBER = r"\b(?:[0-9]+(?:\.[0-9]+)?(?:e[-+]?[0-9]+)?|inf)\b"
REASON_HEADER = ("status", "strategy", "scalar", "cells", "reason (numbers of the first)", "for example")
STATUS_NOTE = (
    "Cells by status for each strategy and scalar, and the largest error / bound of a cell: the largest relative error "
    "divided by the bound derived from the arithmetic that was carried out. At most 1 is within the bound."
)


def by_status(rows: pd.DataFrame) -> pd.DataFrame:
    """One line for each strategy and scalar: cells by status, and the largest quotient error / bound of a cell."""
    cells = rows_module.cell_status(rows)
    counts = cells.groupby(["strategy", "scalar", "status"]).size().unstack(fill_value=0)
    counts = counts.reindex(columns=list(STATUSES), fill_value=0)
    wide = {
        quantity: rows[rows["quantity"] == quantity].groupby(["folder", "cell", "strategy", "scalar"])["value"].max()
        for quantity in ("error_max_relative", "bound_relative")
    }
    quotient = (wide["error_max_relative"] / wide["bound_relative"]).dropna()
    table = counts.assign(ratio=quotient.groupby(["strategy", "scalar"]).max()).reset_index()
    place = {name: k for k, name in enumerate(style.styles(table["strategy"]))}
    scalars = style.scalar_order(table["scalar"])
    return table.sort_values(
        ["strategy", "scalar"], key=lambda c: c.map(place if c.name == "strategy" else scalars.index), ignore_index=True
    )


def reasons(rows: pd.DataFrame) -> list[list[str]]:
    """Everything that is not ok: status, strategy, scalar, cells, note, one of the networks; the worst first.

    Notes that differ in their numbers only are one line, with the first of them.
    """
    bad = rows[rows["status"] != "ok"]
    bad = bad.assign(words=bad["note"].str.replace(NUMBER, "0", regex=True))
    grouped = bad.groupby(["status", "strategy", "scalar", "words"], sort=False)
    table = grouped.agg(cells=("cell", "nunique"), network=("network", "first"), note=("note", "first")).reset_index()
    rank = {status: k for k, status in enumerate(rows_module.STATUSES)}
    table = table.sort_values("status", key=lambda c: c.map(rank), kind="stable", ignore_index=True)
    return [[r.status, r.strategy, r.scalar, str(r.cells), r.note, short(r.network)] for r in table.itertuples()]


def headline(rows: pd.DataFrame) -> str:
    """How many cells there are, by status."""
    counts = rows_module.cell_status(rows)["status"].value_counts()
    parts = [f"{counts[status]:,} {status}" for status in STATUSES if counts.get(status, 0)]
    return f"{counts.sum():,} cells: {', '.join(parts)}."


def ratio(value: float) -> str:
    """A quotient for people: three digits, never rounded down to 1 or to 0."""
    if math.isnan(value):
        return ""
    if value > 1:
        return f"{value:.3g}" if value >= 1.005 else "> 1"
    return f"{value:.2g}" if value else "0"


def short(network: str, most: int = 60) -> str:
    """A network's text, cut in the middle."""
    return network if len(network) <= most else f"{network[: most // 2]} ... {network[-most // 3 :]}"


def markdown(header: list[str] | tuple[str, ...], lines: list[list[str]]) -> str:
    """A Markdown table."""

    def row(fields: list[str] | tuple[str, ...]) -> str:
        return "| " + " | ".join(" ".join(str(f).replace("|", "\\|").split()) for f in fields) + " |"

    return "\n".join([row(header), "|" + " --- |" * len(header), *map(row, lines)])

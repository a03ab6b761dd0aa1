"""Which check catches which deliberate bug.

Claim: every deliberate bug that changes a gradient is caught by some check, and most of them by the check of the stage itself.
Columns: options (mutant, check, subject), status, quantity, value; quantities mutant_caught, mutant_killed.
Caption: One line for each deliberate bug, one column for each check; dark: the check rejects the bug in every layer or loss to
    which it applies, lighter: in some; palest: nowhere; hatched or white: it was not tried. Bugs that change no value at all (equivalent ones) are caught by none,
    as they should be.
"""

from __future__ import annotations

import math

import pandas as pd
from matplotlib.figure import Figure

import render_print
import selection
import style
from plot import Axis, Matrix, Panel, Plot


def plot(rows: pd.DataFrame) -> Plot:
    """What the figure shows; NothingToDraw without mutants."""
    caught = rows[(rows["quantity"] == "mutant_caught") & rows["value"].notna()]
    if caught.empty:
        raise style.NothingToDraw("no row has the quantity mutant_caught")
    caught = caught.assign(mutant=selection.option(caught, "mutant"), check=selection.option(caught, "check"))
    share = caught.groupby(["mutant", "check"])["value"].agg(["mean", "sum", "count"])
    checks = list(dict.fromkeys(caught["check"]))
    mutants = list(dict.fromkeys(caught["mutant"]))
    half = math.ceil(len(mutants) / 2) if len(mutants) > 30 else len(mutants)
    panels = []
    for names in (mutants[:half], mutants[half:]):
        if not names:
            continue
        found = [[share.loc[(m, c)] if (m, c) in share.index else None for c in checks] for m in names]
        values = [[math.nan if f is None else float(f["mean"]) for f in line] for line in found]
        texts = [["" if f is None else "all" if f["sum"] == f["count"] else f"{f['sum']:g}/{f['count']:g}" if f["sum"] else "" for f in line] for line in found]
        panels.append(Panel("", Axis("", log=False), Axis("", log=False), matrix=Matrix(names, checks, values, texts, "caught everywhere")))
    killed = rows[(rows["quantity"] == "mutant_killed") & rows["value"].notna()]
    survived = int((killed["status"] == "failed").sum())
    return Plot("Deliberate bugs are caught", panels,
                f"{len(mutants)} bugs in {len(killed):,} places, {int((killed['value'] == 1).sum()):,} caught, "
                f"{survived:,} not judged as expected.", columns=2, legend=False)  # fmt: skip


def draw(rows: pd.DataFrame) -> Figure:
    """The figure in print."""
    return render_print.figure(plot(rows))

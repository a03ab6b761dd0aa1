#!/usr/bin/python3
"""Holds the measured costs against every performance target of reports/targets, and lists each cell that misses one, and why.

usage: backprove targets --rows DIR... [--median] [--json FILE]

The first table has a line for each target: how many cells hold of how many, and the worst value with its bar. Below, for every
target with misses, all of them, the worst first: cell, value, bar, and the reason as far as it was measured:

  meetings 24 %, memory 7 %; explained 0.97
      overheads: parts of the cell's time beyond its limit (bench --limits: limit_seconds, overhead_*), the largest first, others
      from 5 % on. 'explained' is limit and overheads over the time; they overlap in part, so that it can pass 1
  unexplained 0.22; processes differ by 0.31; the A/A pair by 0.02
      more than 0.15 is not explained; restart_spread and noise_floor of the cell, as far as they are there
  runs at 0.93 of the limit; at the limit the ratio would be 1.15, below the bar too
      of ratios to peers: no program that keeps to that limit reaches the bar on this machine
  runs at 0.72 of the limit; at the limit the ratio would be 1.54; beyond it memory 25 %, meetings 9 %
      what is in the way; of geometric means over depths these are arithmetic means over the same cells

'(listed)' marks what does not decide: cells whose noise is above the bar that a run's 90th percentile has to keep.
Rows of several folders are not pooled: each folder is judged by itself and named, so that no two machines are mixed; exponents
of two runs are compared within one machine (`backprove exponents` prints all of them). With --median the folders are runs of one
sweep on one machine, and what is judged is the median of each figure over the runs. A target without its cells is not measured.
The last line is `targets: H hold, M missed, N not measured`.

Exit status: 0 no target is missed, 1 one is, 2 bad usage or rows that cannot be used (one line on stderr).
"""

from __future__ import annotations

import argparse
import csv
import importlib
import io
import json
import math
import pkgutil
import signal
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import pandas as pd  # noqa: E402

import command_line  # noqa: E402
import environments  # noqa: E402
import rows as rows_module  # noqa: E402
import runs  # noqa: E402
import targets  # noqa: E402
from target import Held, Target  # noqa: E402

HOLDS, MISSED, NOT_MEASURED = OUTCOMES = ("holds", "missed", "not measured")
COLUMNS = ("target", "folder", "depth", "width", "batch", "scalar", "threads", "strategy", "peer", "value", "bar", "holds", "counts", "reason")
"""Of targets.csv (schema.md)."""
MISS = ("run and cell", "value", "bar", "reason, as measured")
NOTE = "Every cell with its value, bar and reason is in targets.csv beside this file."
HEADER = ("outcome", "target", "hold", "of", "worst", "bar")


@dataclass(frozen=True)
class Judged:
    """A target and all of its cells."""

    target: Target
    cells: Sequence[Held]

    @property
    def counted(self) -> list[Held]:
        """The cells that decide."""
        return [cell for cell in self.cells if cell.counts]

    @property
    def misses(self) -> list[Held]:
        """All cells beyond their bar, the worst first; those that decide before those that do not."""
        return sorted((cell for cell in self.cells if not cell.holds), key=lambda cell: (not cell.counts, cell.margin))

    @property
    def outcome(self) -> str:
        """One of OUTCOMES."""
        if not self.counted:
            return NOT_MEASURED
        return HOLDS if all(cell.holds for cell in self.counted) else MISSED

    def line(self) -> list[str]:
        """The fields of HEADER."""
        held = self.counted
        worst = min(held, key=lambda cell: cell.margin, default=None)
        ends = [number(worst.value), worst.bar] if worst else ["-", "-"]
        return [self.outcome, self.target.name, str(sum(cell.holds for cell in held)), str(len(held)), *ends]


def read(folders: Sequence[Path]) -> pd.DataFrame:
    """The rows of every folder, each read by itself (none is left out because another folder has it too), with `machine` and `third_cache`."""
    once = list({folder.resolve(): folder for folder in folders}.values())
    labels = rows_module.labels(once)
    rows = pd.concat([rows_module.read([folder]).assign(folder=label) for label, folder in zip(labels, once)], ignore_index=True)
    environment = environments.read(once)
    caches = {label: environments.third_cache(values or {}) for label, values in environment.items()}
    return rows.assign(machine=rows["folder"].map(environments.machines(environment)), third_cache=rows["folder"].map(caches))


def judge_all(rows: pd.DataFrame) -> list[Judged]:
    """Every target with its cells, by the targets' order, from rows as `read` gives them."""
    modules = [importlib.import_module(f"targets.{name}") for name in target_names()]
    return [Judged(module.TARGET, module.judge(rows)) for module in modules]


def target_names() -> list[str]:
    """The files of reports/targets, in the order in which they are shown."""
    return command_line.ordered((module.name for module in pkgutil.iter_modules(targets.__path__)), targets.ORDER)


def number(value: float) -> str:
    """Three digits; '-' for none."""
    return "-" if math.isnan(value) else f"{value:.3g}"


def where(cell: Held, folder: bool = True) -> str:
    """The cell in words, with its folder."""
    threads = "" if math.isnan(cell.threads) else f"{cell.threads:g} thread{'s' if cell.threads != 1 else ''}" if cell.threads else "best threads"
    sizes = [f"{letter} {size:g}" for letter, size in (("L", cell.depth), ("n", cell.width), ("B", cell.batch)) if not math.isnan(size)]
    strategy = cell.strategy if cell.strategy != "reverse_vjp" else ""
    peer = f"beside {cell.peer}" if cell.peer else ""
    words = ", ".join(filter(None, [*sizes, cell.scalar, threads, strategy, peer])) or "whole run"
    return f"{cell.folder}: {words}" if folder else words


def miss(cell: Held) -> list[str]:
    """Cell, value, bar and reason of a miss."""
    return [where(cell), number(cell.value), cell.bar + ("" if cell.counts else " (listed)"), cell.reason]


def summary_line(judged: Sequence[Judged]) -> str:
    """How many of each."""
    hold, missed, absent = (sum(one.outcome == outcome for one in judged) for outcome in OUTCOMES)
    return f"targets: {hold} hold, {missed} missed, {absent} not measured"


def table(judged: Sequence[Judged]) -> str:
    """The summary, then the misses of each target."""
    lines = [f"{'target':22} {'outcome':13} {'hold':>5} {'of':>5} {'worst':>9}  bar"]
    for one in judged:
        outcome, name, hold, of, worst, bar = one.line()
        lines.append(f"{name:22} {outcome:13} {hold:>5} {of:>5} {worst:>9}  {bar}")
    for one in judged:
        if one.misses:
            lines += ["", *textwrap.wrap(f"{one.target.name}: {one.target.sentence}", 120)]
            width = max(len(where(cell)) for cell in one.misses)
            lines += [f"  {place:{width}} {value:>9}  {bar}: {reason}" for place, value, bar, reason in map(miss, one.misses)]
        elif one.outcome == NOT_MEASURED:
            lines += ["", *textwrap.wrap(f"{one.target.name}: not measured; needs {one.target.needs}", 120)]
    return "\n".join(lines)


def as_csv(judged: Sequence[Judged]) -> str:
    """One line for each cell and target; numbers that do not apply are empty."""

    def plain(value: object) -> object:
        if isinstance(value, float):
            return "" if math.isnan(value) else f"{value:.6g}"
        return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([plain(getattr(cell, column)) for column in COLUMNS] for one in judged for cell in one.cells)
    return text.getvalue()


def as_json(judged: Sequence[Judged]) -> str:
    """One document, schema backprove-targets-1; numbers that do not apply or are not finite are null."""

    def plain(cell: Held) -> dict[str, object]:
        fields = {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in asdict(cell).items()}
        return {**fields, "holds": cell.holds}

    listed = [{**asdict(one.target), "outcome": one.outcome, "cells": [plain(cell) for cell in one.cells]} for one in judged]
    totals = {outcome: sum(one.outcome == outcome for one in judged) for outcome in OUTCOMES}
    return json.dumps({"schema": "backprove-targets-1", "totals": totals, "targets": listed}, indent=1) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    first, rest = (__doc__ or "").split("usage:")
    parser = command_line.Parser(prog="backprove targets", description=first.strip(), epilog=rest.split("FILE]")[1].strip(),
                                 formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_rows()
    parser.add_argument("--median", action="store_true", help="the folders are runs of one sweep: judge every figure's median over them")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all cells there, for other programs")
    given = parser.parse_args(arguments)
    try:
        rows = read(given.rows)
        judged = judge_all(runs.together(rows) if given.median else rows)
        if given.json:
            given.json.write_text(as_json(judged), encoding="utf-8")
    except (rows_module.RowsError, OSError) as error:
        return command_line.refused("targets", error, given.json)
    if given.median:
        print(f"{runs.sentence(list(dict.fromkeys(rows['folder'])))}\n")
    print(f"{table(judged)}\n\n{summary_line(judged)}")
    return 1 if any(one.outcome == MISSED for one in judged) else 0


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # a reader that closes early, as head does
    sys.exit(main())

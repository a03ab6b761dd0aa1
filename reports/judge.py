#!/usr/bin/python3
"""Judges every claim of reports/claims from rows alone, and prints the verdicts.

usage: backprove claims --rows DIR... [--json FILE]

The last line is `claims: S supported, R refuted, I inconclusive, N not run`. Decisions that rest on an interval are
corrected for their number by Holm's method. Rows of several folders are never pooled: a claim is judged in each folder
that has the cells, and the worst verdict counts.
Exit status: 0 no claim that should hold is refuted, 1 one is, 2 bad usage or rows that cannot be used (one line on stderr).
"""

from __future__ import annotations

import importlib
import json
import math
import pkgutil
import signal
import sys
import textwrap
from dataclasses import fields, replace
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import pandas as pd  # noqa: E402

import claims  # noqa: E402
import command_line  # noqa: E402
import equivalence  # noqa: E402
import rows as rows_module  # noqa: E402
from claim import INCONCLUSIVE, VERDICTS, Verdict  # noqa: E402

ALPHA = 0.05


def judge_all(rows: pd.DataFrame) -> list[Verdict]:
    """The verdicts on every claim, by the claims' order, from rows as rows.read gives them."""
    verdicts: list[Verdict] = []
    for name in claim_names():
        verdicts += importlib.import_module(f"claims.{name}").judge(rows)
    return corrected(verdicts)


def claim_names() -> list[str]:
    """The files of reports/claims, in the order in which they are shown."""
    return command_line.ordered((module.name for module in pkgutil.iter_modules(claims.__path__)), claims.ORDER)


def corrected(verdicts: list[Verdict]) -> list[Verdict]:
    """Holm across the decisions that have a p value: one that does not survive becomes inconclusive."""
    tested = [k for k, verdict in enumerate(verdicts) if verdict.p_value is not None]
    adjusted = equivalence.holm([verdicts[k].p_value for k in tested])
    result = list(verdicts)
    for k, p in zip(tested, adjusted):
        if p > ALPHA:
            reason = f"{verdicts[k].verdict} by itself (p = {verdicts[k].p_value:.2g}), not after Holm's correction over {len(tested)} decisions"
            result[k] = replace(verdicts[k], verdict=INCONCLUSIVE, reason=reason)
    return result


def summary_line(verdicts: list[Verdict]) -> str:
    """How many of each."""
    counts = ", ".join(f"{sum(v.verdict == kind for v in verdicts)} {kind}" for kind in VERDICTS)
    return f"claims: {counts}"


def number(value: float) -> str:
    """A number for the table, '-' for none."""
    return "-" if math.isnan(value) else f"{value:.4g}"


def table(verdicts: list[Verdict]) -> str:
    """A line for every verdict, and its reason below."""
    lines = [f"{'claim':44} {'verdict':13} {'estimate':>10} {'95 % interval':>22} {'predicted':>10} {'margin':>8}"]
    for v in verdicts:
        low, high = v.interval
        interval = "-" if math.isnan(low) else number(low) if low == high else f"[{number(low)}, {number(high)}]"
        lines.append(f"{v.name:44} {v.verdict:13} {number(v.estimate):>10} {interval:>22} {number(v.predicted):>10} {number(v.margin):>8}")
        note = "" if v.should_hold else " (expected: the sentence does not hold as it stands)"
        lines += textwrap.wrap(v.reason + note, 108, initial_indent="    ", subsequent_indent="    ")
    return "\n".join(lines)


def as_json(verdicts: list[Verdict]) -> str:
    """One document, schema backprove-claims-1; numbers that are not finite are null."""

    def plain(value: object) -> object:
        if isinstance(value, pd.DataFrame):
            return {column: [plain(v) for v in value[column].tolist()] for column in value.columns}
        if isinstance(value, tuple):
            return [plain(v) for v in value]
        return None if isinstance(value, float) and not math.isfinite(value) else value

    listed = [{f.name: plain(getattr(v, f.name)) for f in fields(Verdict)} for v in verdicts]
    totals = {kind: sum(v.verdict == kind for v in verdicts) for kind in VERDICTS}
    return json.dumps({"schema": "backprove-claims-1", "totals": totals, "verdicts": listed}, indent=1) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = command_line.Parser(prog="backprove claims", description=textwrap.dedent((__doc__ or "").split("usage:")[0]).strip(),
                                     epilog=(__doc__ or "").split("FILE]")[1].strip())  # fmt: skip
    parser.add_rows()
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the verdicts there, for other programs")
    given = parser.parse_args(arguments)
    try:
        verdicts = judge_all(rows_module.read(given.rows))
        print(table(verdicts))
        print(f"\n{summary_line(verdicts)}")
        if given.json:
            given.json.write_text(as_json(verdicts), encoding="utf-8")
    except (rows_module.RowsError, OSError) as error:
        return command_line.refused("claims", error, given.json)
    return 1 if any(v.broken for v in verdicts) else 0


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # a reader that closes early, as head does
    sys.exit(main())

#!/usr/bin/python3
"""Judges the claims, draws every figure and writes the report: report.html, one file that opens offline, and files for a paper.

usage: backprove report --rows DIR... --out DIR

Reads DIR/rows.csv (or .gz, .xz) (reports/schema.md) and DIR/environment.json of one or several runs, on one or several machines: times of
two machines are never compared. Prints the files it wrote, one a line, report.html last.
Exit status: 0 written, 2 bad usage, rows that cannot be used or output that cannot be written (one line on stderr).
"""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import command_line  # noqa: E402
import drawings  # noqa: E402
import environments  # noqa: E402
import judge  # noqa: E402
import judged  # noqa: E402
import page  # noqa: E402
import paper  # noqa: E402
import performance  # noqa: E402
import rows as rows_module  # noqa: E402
import tables  # noqa: E402
import verdict_text  # noqa: E402


def report(folders: list[Path], out: Path) -> list[Path]:
    """Writes everything; returns the files, report.html last."""
    labels = rows_module.labels(folders)
    rows = rows_module.read(folders)
    environment = environments.read(folders)
    rows = rows.assign(machine=rows["folder"].map(environments.machines(environment)))
    targets = performance.judge_all(performance.read(folders))
    try:
        out.mkdir(parents=True, exist_ok=True)
        verdicts, known = judged.verdicts(rows), verdict_text.claims()
        drawn = drawings.draw_all(rows, out)
        summary = judge.summary_line(verdicts)
        content = page.Content(
            folders=labels, rows=rows, rows_csv=rows.drop(columns="machine").to_csv(index=False, lineterminator="\n").encode(), verdicts=verdicts,
            claims=known, drawings=drawn, environment=environment, summary=summary[:1].upper() + summary[1:] + ".", targets=targets,
        )  # fmt: skip
        texts = {
            "claims.md": paper.claims_markdown(verdicts),
            "claims.tex": paper.claims_tex(verdicts),
            "figures.tex": paper.figures_tex(drawn),
            "appendix.tex": paper.appendix(known, paper.measured(folders, labels, rows), environment),
            "targets.csv": performance.as_csv(targets),
            "report.md": markdown(content),
            "report.html": page.html(content),
        }
        for name, text in texts.items():
            (out / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise rows_module.RowsError(f"{error.filename or out}: {error.strerror or error}") from None
    size = len(texts["report.html"].encode())
    if size > page.MOST_BYTES:
        print(f"report: report.html has {size / 1e6:.1f} MB, more than {page.MOST_BYTES / 1e6:g}", file=sys.stderr)
    return [*(file for drawing in drawn for file in drawing.files), *(out / name for name in texts)]


def markdown(content: page.Content) -> str:
    """The report for terminals and repositories; pictures are links to the files beside it."""
    parts = [f"# {page.TITLE}", content.summary, tables.headline(content.rows), f"Rows read from: {', '.join(content.folders)}."]
    parts += ["## Claims", paper.claims_markdown(content.verdicts).strip()]
    parts += ["## Targets", tables.markdown(performance.HEADER, [one.line() for one in content.targets]), performance.NOTE, "## Figures"]
    for number, d in enumerate(content.drawings, start=1):
        parts += [f"### {number}. {d.title}", f"Claim: {d.claim}"]
        parts.append(f"Not drawn: {d.reason}." if d.reason else f"![{d.title}]({d.name}.png)\n\n*{' '.join(filter(None, (d.caption, d.note)))}*")
    status = tables.by_status(content.rows)
    lines = [[v.strategy, v.scalar, *(str(getattr(v, s)) for s in tables.STATUSES), tables.ratio(v.ratio)] for v in status.itertuples()]
    parts += ["## Cells", tables.STATUS_NOTE, tables.markdown(["strategy", "scalar", *tables.STATUSES, "largest error / bound"], lines)]
    reasons = tables.reasons(content.rows)
    parts += ["## What was not ok, and why", tables.markdown(tables.REASON_HEADER, reasons[: tables.MOST_REASONS]) if reasons else "Nothing."]
    environment = environments.table(content.environment)
    parts += ["## Environment", *(t for t in (environments.without(content.environment),) if t)]
    parts += [tables.markdown(environment[0], environment[1:])] if environment else []
    return "\n\n".join(parts) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = command_line.Parser(prog="backprove report", description=textwrap.dedent((__doc__ or "").split("usage:")[0]).strip())
    parser.add_rows()
    parser.add_out()
    given = parser.parse_args(arguments)
    try:
        written = report(list(dict.fromkeys(given.rows)), given.out)
    except rows_module.RowsError as error:
        print(f"report: {error}", file=sys.stderr)
        return 2
    print(*written, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

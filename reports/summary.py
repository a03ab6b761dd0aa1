#!/usr/bin/python3
"""Draws every figure and writes the summary: summary.md, and summary.html that opens offline as one file.

usage: reports/summary.py --rows DIR... --out DIR

Reads DIR/rows.csv (schema.md) and DIR/environment.json. Prints the files it wrote, one a line, summary.html last.
Exit status: 0 written, 2 bad usage or rows that cannot be used (one line on stderr).
"""

from __future__ import annotations

import argparse
import ast
import base64
import importlib.util
import json
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import matplotlib as mpl  # noqa: E402
import pandas as pd  # noqa: E402

import page  # noqa: E402
import rows as rows_module  # noqa: E402
import style  # noqa: E402

FORMATS = ("png", "svg", "pdf")


@dataclass(frozen=True)
class Drawing:
    """One figure: its files, or the reason why there are none."""

    name: str
    claim: str
    caption: str
    files: tuple[Path, ...] = ()
    reason: str = ""


def section(docstring: str, label: str) -> str:
    """The paragraph 'Label: text' of a figure's docstring, on one line; its further lines are indented."""
    lines = docstring.splitlines()
    for index, line in enumerate(lines):
        if line.startswith(label + ":"):
            words = [line[len(label) + 1 :]]
            for further in lines[index + 1 :]:
                if not further.startswith(" "):
                    break
                words.append(further)
            return " ".join(" ".join(words).split())
    return ""


def load(path: Path) -> ModuleType:
    """The module of a figure's file."""
    spec = importlib.util.spec_from_file_location(f"figures.{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def draw_all(rows: pd.DataFrame, out: Path, folder: Path = HERE / "figures") -> list[Drawing]:
    """Draws every file of the folder, by name."""
    drawings = []
    for path in sorted(p for p in folder.glob("*.py") if not p.name.startswith("_")):
        words = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        claim, caption = section(words, "Claim"), section(words, "Caption")
        with mpl.rc_context(style.SETTINGS):
            try:
                figure = load(path).draw(rows)
            except style.NothingToDraw as nothing:
                drawings.append(Drawing(path.stem, claim, caption, reason=str(nothing)))
                continue
            files = []
            for kind in FORMATS:
                target = out / f"{path.stem}.{kind}"
                # Without dates, equal rows give equal files.
                metadata = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[kind]
                figure.savefig(target, dpi=200, metadata=metadata)
                files.append(target)
        drawings.append(Drawing(path.stem, claim, caption, tuple(files)))
    return drawings


def verdicts(rows: pd.DataFrame) -> pd.DataFrame:
    """One line for each strategy and scalar: cells by status, and the largest quotient error / bound of a cell."""
    cells = rows_module.cell_status(rows)
    counts = cells.groupby(["strategy", "scalar", "status"]).size().unstack(fill_value=0)
    counts = counts.reindex(columns=list(reversed(rows_module.STATUSES)), fill_value=0)
    wide = {
        quantity: rows[rows["quantity"] == quantity].groupby(["folder", "cell", "strategy", "scalar"])["value"].max()
        for quantity in ("error_max_relative", "bound_relative")
    }
    quotient = (wide["error_max_relative"] / wide["bound_relative"]).dropna()
    table = counts.assign(ratio=quotient.groupby(["strategy", "scalar"]).max()).reset_index()
    table["family"] = table["strategy"].map(style.family_of)
    place = {name: k for k, name in enumerate(style.styles(table["strategy"]))}
    scalars = style.scalar_order(table["scalar"])
    return table.sort_values(
        ["strategy", "scalar"], key=lambda c: c.map(place if c.name == "strategy" else scalars.index), ignore_index=True
    )


def reasons(rows: pd.DataFrame) -> pd.DataFrame:
    """Everything that is not ok: status, strategy, scalar and note, with the number of cells and one of their networks."""
    bad = rows[rows["status"] != "ok"]
    grouped = bad.groupby(["status", "strategy", "scalar", "note"], sort=False)
    table = grouped.agg(cells=("cell", "nunique"), network=("network", "first")).reset_index()
    rank = {status: k for k, status in enumerate(rows_module.STATUSES)}
    return table.sort_values("status", key=lambda c: c.map(rank), kind="stable", ignore_index=True)


def environments(folders: list[Path]) -> dict[str, dict[str, Any] | None]:
    """Folder's name -> its environment.json flattened to 'a.b' keys; None where there is none. RowsError if unreadable."""

    def flatten(value: Any, prefix: str = "") -> dict[str, Any]:
        if not isinstance(value, dict):
            return {prefix: value}
        flat: dict[str, Any] = {}
        for key, inner in value.items():
            flat |= flatten(inner, f"{prefix}.{key}" if prefix else str(key))
        return flat

    found: dict[str, dict[str, Any] | None] = {}
    for folder in folders:
        path = folder / "environment.json"
        try:
            found[folder.name] = flatten(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            found[folder.name] = None
        except (OSError, ValueError) as error:
            raise rows_module.RowsError(f"{path}: {' '.join(str(error).split())}") from None
    return found


def headline(rows: pd.DataFrame) -> str:
    """The result in one sentence."""
    counts = rows_module.cell_status(rows)["status"].value_counts()
    parts = [f"{counts[status]:,} {status}" for status in reversed(rows_module.STATUSES) if counts.get(status, 0)]
    return f"{counts.sum():,} cells: {', '.join(parts)}."


def summarise(folders: list[Path], out: Path) -> list[Path]:
    """Writes everything; returns the files, summary.html last."""
    rows = rows_module.read(folders)
    environment = environments(folders)
    try:
        out.mkdir(parents=True, exist_ok=True)
        drawings = draw_all(rows, out)
        content = page.Content(
            headline=headline(rows),
            folders=[folder.name for folder in folders],
            drawings=[
                page.Picture(d.name, d.claim, d.caption, d.reason, *(picture(d, kind) for kind in ("svg", "png")))
                for d in drawings
            ],
            verdicts=verdicts(rows),
            reasons=reasons(rows),
            environment=environment,
        )
        texts = {out / "summary.md": page.markdown(content), out / "summary.html": page.html(content)}
        for path, text in texts.items():
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise rows_module.RowsError(f"{error.filename or out}: {error.strerror or error}") from None
    return [*(file for drawing in drawings for file in drawing.files), *texts]


def picture(drawing: Drawing, kind: str) -> str:
    """The figure's file of one kind as a data URI, or nothing."""
    path = next((file for file in drawing.files if file.suffix == f".{kind}"), None)
    if path is None:
        return ""
    mime = {"svg": "image/svg+xml", "png": "image/png"}[kind]
    return f"data:{mime};base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="reports/summary.py", description=textwrap.dedent((__doc__ or "").split("usage:")[0]).strip()
    )
    parser.add_argument("--rows", nargs="+", type=Path, required=True, metavar="DIR", help="folders that hold rows.csv")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write to")
    given = parser.parse_args(arguments)
    try:
        written = summarise(given.rows, given.out)
    except rows_module.RowsError as error:
        print(f"summary: {error}", file=sys.stderr)
        return 2
    print(*written, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

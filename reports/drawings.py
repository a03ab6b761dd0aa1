"""Draws every file of reports/figures: PNG, SVG and PDF in print, and the chart for the screen."""

from __future__ import annotations

import ast
import base64
import gzip
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import matplotlib as mpl
import pandas as pd

import plot
import render_screen
import style

FOLDER = Path(__file__).resolve().parent / "figures"
FORMATS = ("png", "svg", "pdf")
# How the reader meets them; further files follow by name.
ORDER = (
    "exponents", "time_against_depth", "time_against_width", "ratio_to_loss_against_depth", "operations_against_depth",
    "ratio_to_peers", "fraction_of_limit", "thread_scaling", "peak_memory_against_depth", "error_against_depth", "error_against_step",
    "gradient_norm_against_layer",
    "agreement_matrix", "mutation_matrix", "cold_over_warm", "noise_floor",
)  # fmt: skip
LARGEST_SVG = 450_000  # bytes: a larger one gives way to the PNG inside the page


@dataclass(frozen=True)
class Drawing:
    """One figure: its files and chart, or the reason why there are none."""

    name: str
    title: str
    claim: str
    caption: str
    reason: str = ""
    note: str = ""
    files: tuple[Path, ...] = ()
    chart: dict[str, Any] | None = None
    numbers: tuple[tuple[str, ...], ...] = ()

    def picture(self) -> str:
        """The figure as a data URI: SVG, or PNG where the SVG would be large."""
        svg, png = (next(f for f in self.files if f.suffix == s) for s in (".svg", ".png"))
        small = svg.stat().st_size <= LARGEST_SVG
        content = svg.read_bytes() if small else png.read_bytes()
        kind = "image/svg+xml" if small else "image/png"
        return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


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


def names(folder: Path = FOLDER) -> list[str]:
    """The figures in the order of the report."""
    found = {p.stem for p in folder.glob("*.py") if not p.name.startswith("_")}
    return [*(n for n in ORDER if n in found), *sorted(found - set(ORDER))]


def draw_all(rows: pd.DataFrame, out: Path, folder: Path = FOLDER) -> list[Drawing]:
    """Draws every file of the folder into `out`."""
    return [draw(folder / f"{name}.py", rows, out) for name in names(folder)]


def draw(path: Path, rows: pd.DataFrame, out: Path) -> Drawing:
    """One figure. Without dates, equal rows give equal files."""
    words = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    claim, caption = section(words, "Claim"), section(words, "Caption")
    heading = words.splitlines()[0].rstrip(".")
    module = load(path)
    with mpl.rc_context(style.SETTINGS):
        try:
            described: plot.Plot = module.plot(rows)
            figure = module.draw(rows)
        except style.NothingToDraw as nothing:
            for kind in FORMATS:  # a picture of an earlier run would contradict the report
                (out / f"{path.stem}.{kind}").unlink(missing_ok=True)
            return Drawing(path.stem, heading, claim, caption, reason=str(nothing))
        files = []
        for kind in FORMATS:
            target = out / f"{path.stem}.{kind}"
            metadata = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[kind]
            figure.savefig(target, dpi=200, metadata=metadata)
            files.append(target)
    table = tuple(tuple(line) for line in described.numbers)
    return Drawing(path.stem, described.title, claim, caption, "", described.note, tuple(files), render_screen.chart(described), table)


def packed(content: bytes) -> str:
    """gzip, then base64: equal content gives equal text."""
    return base64.b64encode(gzip.compress(content, 9, mtime=0)).decode("ascii")

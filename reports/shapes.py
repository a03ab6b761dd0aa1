"""Shapes of plain networks, affine layers with one kind of elementwise layer between them, and sweeps over depth or width in rows."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

AFFINE = re.compile(r"affine\((\d+),(\d+)\)")
BETWEEN = re.compile(r"([a-z_0-9]+)(?:\((\d+)\))?")
NOT_ELEMENTWISE = {"softmax", "log_softmax", "layer_norm", "residual", "affine"}
OTHER = {"depth": "width", "width": "depth"}


@dataclass(frozen=True)
class Shape:
    """Widths n_0, ..., n_L, and what stands between the affine layers."""

    widths: tuple[int, ...]
    activation: str
    layers: int
    """Affine ones and those between them."""

    @property
    def products(self) -> tuple[int, ...]:
        """n_{l-1} n_l for l = 1..L: multiplications of one matrix-vector product by W[l]."""
        return tuple(a * b for a, b in zip(self.widths, self.widths[1:]))

    @property
    def outputs(self) -> int:
        """n_L."""
        return self.widths[-1]

    @property
    def depth(self) -> int:
        """L."""
        return len(self.widths) - 1


@functools.lru_cache(maxsize=None)
def shape_of(network: str) -> Shape | None:
    """The shape of a plain network's text, None for any other."""
    words = network.split()
    sizes = [(int(m[1]), int(m[2])) for m in map(AFFINE.fullmatch, words[::2]) if m]
    between = [(m[1], m[2]) for m in map(BETWEEN.fullmatch, words[1::2]) if m]
    if len(words) % 2 == 0 or len(sizes) + len(between) < len(words):
        return None
    names = {name for name, _ in between}
    fits = all(a[1] == b[0] and size in (None, str(a[1])) for a, b, (_, size) in zip(sizes, sizes[1:], between))
    if len(names) > 1 or names & NOT_ELEMENTWISE or not fits:
        return None
    return Shape((sizes[0][0], *(n for _, n in sizes)), names.pop() if names else "", len(words))


def outputs(network: str) -> int:
    """n_L of a plain network."""
    shape = shape_of(network)
    if shape is None:
        raise ValueError(f"'{network}' is no plain network")
    return shape.outputs


def option(options: str, name: str) -> str | None:
    """The value of one option of a row's `options` text, None if it is not there."""
    return dict(part.split("=", 1) for part in options.split(";") if "=" in part).get(name)


def measured(rows: pd.DataFrame, quantity: str, strategy: str | None = None, **where: object) -> pd.DataFrame:
    """The rows of a quantity that hold a finite number and did not fail, of plain networks, with a further column `shape`."""
    chosen = rows[(rows["quantity"] == quantity) & (rows["status"] == "ok")]
    if strategy is not None:
        chosen = chosen[chosen["strategy"] == strategy]
    for column, value in where.items():
        chosen = chosen[chosen[column] == value]
    chosen = chosen[np.isfinite(chosen["value"].astype(float))].dropna(subset=["batch", "threads"])
    chosen = chosen.assign(shape=[shape_of(text) for text in chosen["network"]])
    return chosen[chosen["shape"].notna()]


@dataclass(frozen=True)
class Sweep:
    """Values of one quantity at increasing sizes, everything else fixed."""

    axis: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    cells: tuple[str, ...]
    fixed: dict[str, object]
    """What does not vary: folder, scalar, threads, batch, the other axis, outputs ..."""
    apart: float = 0.0
    """Largest distance of two values of one size (seeds, restarts); 0 for counts."""

    @property
    def label(self) -> str:
        """What is fixed, for people."""
        f = self.fixed
        ends = "" if self.axis == "depth" else f", {f['outputs']} outputs"
        return f"{f['scalar']}, {f['threads']:g} threads, {OTHER[self.axis]} {f[OTHER[self.axis]]:g}, batch {f['batch']:g}{ends} ({f['folder']})"

    def above(self, smallest: float) -> Sweep:
        """Only sizes from `smallest` on."""
        keep = self.x >= smallest
        return replace(self, x=self.x[keep], y=self.y[keep])


def ends(shape: Shape, width: float) -> Iterator[tuple[str, str]]:
    """In which families of a width sweep a network belongs: inputs and outputs either as wide as the rest or fixed."""
    for inputs in {str(shape.widths[0]), "n" if shape.widths[0] == width else str(shape.widths[0])}:
        for outputs in {str(shape.outputs), "n" if shape.outputs == width else str(shape.outputs)}:
            yield inputs, outputs


def sweeps(chosen: pd.DataFrame, axis: str, least: int = 3) -> list[Sweep]:
    """All sweeps over `axis` ('depth' or 'width') with at least so many sizes in rows of one quantity (of `measured`).

    Several rows of one size (seeds, restarts) give their median. In a width sweep the inputs and the outputs are each either
    'n', as wide as the hidden layers, or fixed.
    """
    groups: dict[tuple[object, ...], list[tuple[float, float, str]]] = {}
    names = ("folder", "strategy", "scalar", "kernel", "threads", "batch", "loss", "options", OTHER[axis])
    for row in chosen.itertuples(index=False):
        shape: Shape = row.shape
        hidden = set(shape.widths[1:-1])
        if len(hidden) > 1 or (axis == "width" and not hidden):
            continue
        common = tuple(getattr(row, name) for name in names) + (shape.activation,)
        size = next(iter(hidden)) if axis == "width" else shape.depth
        families = [(str(shape.widths[0]), str(shape.outputs))] if axis == "depth" else ends(shape, size)
        for family in families:
            groups.setdefault((*common, *family), []).append((float(size), float(row.value), row.cell))
    found = []
    for key, points in groups.items():
        at: dict[float, list[float]] = {}
        for size, value, _ in points:
            at.setdefault(size, []).append(value)
        if len(at) >= least:
            x = sorted(at)
            fixed = dict(zip((*names, "activation", "inputs", "outputs"), key))
            cells = tuple(sorted({cell for _, _, cell in points}))
            apart = max(max(values) - min(values) for values in at.values())
            found.append(Sweep(axis, np.array(x), np.array([np.median(at[size]) for size in x]), cells, fixed, apart))
    return found

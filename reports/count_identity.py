"""Multiplications counted by the scalar that counts, against the formulas for matrix products, by equality of whole numbers.

A count is batch x (products + e_1 s_1 + e_2 s_2 + ...), where `products` is the formula and the s_k are the elementwise work:
sums of widths, outputs, samples. The e_k are whole numbers that the same rows must give in every cell, exactly; there are far
fewer of them than cells, so that a formula that is wrong anywhere has no solution.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd

import polynomials
import shapes
from shapes import Shape

MOST_ELEMENTWISE = 16
"""An elementwise layer and the loss cost no more multiplications a unit than this; more would be products in disguise."""


def forward(shape: Shape) -> int:
    """The products of the loss: sum n_{l-1} n_l."""
    return sum(shape.products)


def reverse(shape: Shape, by_input: bool) -> int:
    """Forward sweep, parameter factors, and products with the cotangent of all layers but the first."""
    return 3 * forward(shape) - (0 if by_input else shape.products[0])


def with_prefix(shape: Shape, by_input: bool) -> int:
    """Forward sweep; c times [parameter factors l < L, chain]; the product of all blocks with g, biases included."""
    p, c = shape.products, shape.outputs
    chain = sum(p[:-1]) + sum(p[:-1] if by_input else p[1:-1])
    return forward(shape) + c * chain + c * parameters(shape) + (c * shape.widths[0] if by_input else 0)


def literal(shape: Shape, by_input: bool) -> int:
    """The same with the chain above every layer written anew: W[L]^T as it is, then W[L-1]^T down to the layer's own."""
    p, c, depth = shape.products, shape.outputs, shape.depth
    chain = sum(p[l] + sum(p[l + 1 : depth - 1]) for l in range(depth - 1)) + (sum(p[:-1]) if by_input else 0)
    return forward(shape) + c * chain + c * parameters(shape) + (c * shape.widths[0] if by_input else 0)


def parameters(shape: Shape) -> int:
    """Weights and biases."""
    return sum(shape.products) + sum(shape.widths[1:])


FORMULAS: dict[str, Callable[[Shape, bool], int]] = {
    "reverse_vjp": reverse,
    "jacobian_prefix": with_prefix,
    "jacobian_literal": literal,
}


def elementwise(shape: Shape) -> list[int]:
    """What elementwise work is proportional to, per sample; where c never varies the later ones are multiples of the earlier."""
    hidden, c = shape.widths[1:-1], shape.outputs
    return [sum(hidden), c * sum(l * n for l, n in enumerate(hidden, 1)), c * sum(hidden), 1, c, c * c]


def most(outputs: int) -> int:
    """The largest coefficient that is still elementwise work."""
    return MOST_ELEMENTWISE * (1 + outputs + outputs**2)


@dataclass(frozen=True)
class Identity:
    """Whether the counts of one strategy are what its formula says."""

    holds: bool
    reason: str
    cells: tuple[str, ...]
    table: pd.DataFrame
    """Columns depth, width, batch, count, products (of the batch)."""


def check(rows: pd.DataFrame, strategy: str) -> Identity | str:
    """The verdict on one strategy, or what is missing."""
    chosen = shapes.measured(rows, "multiplications", strategy)
    chosen = chosen[chosen["depth"] >= 2]
    if chosen.empty:
        return f"no multiplications of {strategy}"
    formula = FORMULAS[strategy]
    seen: dict[tuple[object, ...], list[tuple[Any, int, int]]] = {}
    for row in chosen.itertuples(index=False):
        by_input = shapes.option(row.options, "input_gradient") != "no"
        batch, products = int(row.batch), formula(row.shape, by_input)
        # Per loss and activation the elementwise work has coefficients of its own; all rows of a key share them.
        key = (row.loss, row.shape.activation, by_input)
        seen.setdefault(key, []).append((row, batch, products))
    tables: list[tuple[float, ...]] = []
    cells: list[str] = []
    problems: list[str] = []
    enough = False
    for key, members in seen.items():
        lines = [[batch * v for v in elementwise(row.shape)] for row, batch, _ in members]
        targets = [Fraction(row.value) - batch * products for row, batch, products in members]
        distinct = {(row.shape.widths, batch) for row, batch, _ in members}
        if len(distinct) < 8 or len({row.shape.widths[1] for row, _, _ in members}) < 3:
            continue
        enough = True
        solution = polynomials.combination(targets, lines)
        if solution is None:
            problems.append(f"no elementwise work explains the {len(distinct)} counts with {', '.join(map(str, key[:2]))}")
        elif any(e.denominator != 1 or not 0 <= e <= most(members[0][0].shape.outputs) for e in solution):
            problems.append(f"elementwise work would be {', '.join(map(str, solution))} multiplications, not small whole numbers")
        tables += [(row.shape.depth, row.width, batch, row.value, batch * products) for row, batch, products in members]
        cells += [row.cell for row, _, _ in members]
    if not enough:
        return f"multiplications of {strategy} in fewer than 8 networks of 3 widths with one loss and activation"
    table = pd.DataFrame(tables, columns=["depth", "width", "batch", "count", "products"])
    reason = "; ".join(problems) or f"{strategy}: all {len(table)} counts equal the formula exactly"
    return Identity(not problems, f"{strategy}: {reason}" if problems else reason, tuple(sorted(set(cells))), table)

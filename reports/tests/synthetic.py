"""Rows as a sweep would write them, made up: sizes of errors are plausible, counts follow the formulas for square layers."""

from __future__ import annotations

import csv
import hashlib
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import rows
import style

C = 10  # outputs

COSTS: dict[str, Callable[[int, int], float]] = {
    "jacobian_literal": lambda n, L: C * n * n * L * (L - 1) / 2 + n * n * L,
    "jacobian_literal_dense": lambda n, L: C * n * n * L * (L - 1) / 2 + C * n**3 * L,
    "jacobian_prefix": lambda n, L: C * n * n * (2 * L - 3) + n * n * L,
    "jacobian_forward": lambda n, L: n * n * (n * n + n) * L * (L - 1) / 2,
    "jacobian_forward_kronecker": lambda n, L: n**3 * L * (L - 1) / 2 + n * n * L,
    "jacobian_structured": lambda n, L: n * n * (2 * L - 3) + 2 * C * n,
    "jacobian_bracketed": lambda n, L: n * n * (2 * L - 3) + 2 * C * n,
    "reverse_vjp": lambda n, L: n * n * (2 * L - 3) + 2 * C * n,
    "reverse_checkpointed": lambda n, L: n * n * (3 * L - 3) + 2 * C * n,
    "forward_mode": lambda n, L: (n * n + n) * L * n * n * L,
    "forward_difference": lambda n, L: (n * n + n) * L * n * n * L / 2,
    "central_difference": lambda n, L: (n * n + n) * L * n * n * L,
    "ridders": lambda n, L: 8 * (n * n + n) * L * n * n * L,
    "complex_step": lambda n, L: 4 * (n * n + n) * L * n * n * L / 2,
    "reference": lambda n, L: 9 * n * n * L,
    "enclosure": lambda n, L: 12 * n * n * L,
    "exact_rational": lambda n, L: 8 * n * n * L,
}


def made_up(
    depths: Sequence[int] = (2, 4, 8, 16),
    widths: Sequence[int] = (8, 32),
    scalars: Sequence[str] = ("float", "double", "long_double", "cpp_bin_float_50"),
    seed: int = 1,
) -> list[dict[str, object]]:
    """Rows of every strategy on every network."""
    dice = random.Random(seed)
    made: list[dict[str, object]] = []
    for scalar in (*scalars, "counting"):
        for strategy, cost in COSTS.items():
            for depth in depths:
                for width in widths:
                    made += cell(dice, scalar, strategy, depth, width, cost(width, depth))
    return made


def cell(dice: random.Random, scalar: str, strategy: str, depth: int, width: int, cost: float) -> list[dict[str, object]]:
    """The rows of one cell."""
    common: dict[str, object] = {
        "network": " tanh ".join(["affine(8,8)"] * depth), "depth": depth, "width": width, "batch": 4, "loss": "softmax_cross_entropy",
        "data": "synthetic", "seed": 1, "strategy": strategy, "scalar": scalar, "kernel": "eigen", "threads": 1, "note": "", "options": "",
    }  # fmt: skip
    common["cell"] = hashlib.sha256(repr(sorted(common.items())).encode()).hexdigest()[:16]

    def row(quantity: str, value: object, unit: str = "1", status: str = "ok", note: str = "") -> dict[str, object]:
        return {**common, "quantity": quantity, "value": value, "unit": unit, "status": status, "note": note}

    predicted = row("predicted_multiplications", cost * 4, "multiplications")
    if strategy == "exact_rational":
        return [row("error_max_relative", "", status="unsupported", note="rational numbers have no tanh")]
    if cost > 1e8:
        return [predicted, row("error_max_relative", "", status="limit", note="predicted operations exceed the limit")]
    if scalar == "counting":
        return [predicted, row("multiplications", cost * 4, "multiplications")]
    u = style.UNIT_ROUNDOFF[scalar]
    size = {"forward_difference": u**0.5, "central_difference": u ** (2 / 3), "ridders": u**0.8, "enclosure": u / 40}.get(strategy, u)
    error = size * depth**0.6 * dice.uniform(0.7, 2.5)
    bound = size * (depth * width) ** 1.1 * 3
    status, note = "ok", ""
    if strategy == "reference":
        error, bound = 0.0, u
    if (strategy, scalar, depth) == ("complex_step", "float", 8):
        error, status, note = bound * 3, "failed", "error above the bound in layer 3, entry (1, 2)"
    return [predicted, row("error_max_relative", error, status=status, note=note), row("bound_relative", bound)]


def write(folder: Path, made: list[dict[str, object]]) -> Path:
    """Writes folder/rows.csv and returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "rows.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows.COLUMNS)
        writer.writeheader()
        writer.writerows(made)
    return folder

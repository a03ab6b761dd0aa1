"""Rows on which every claim holds, made up from the closed forms for n_0 = ... = n_{L-1} = n and n_L = c, and ways to damage them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

import rows
import style

Row = dict[str, Any]
DEPTHS = (2, 4, 6, 8, 12, 16, 24, 32, 64, 128)
WIDTHS = (8, 12, 16, 24, 32, 64, 128, 192, 256)
C, BATCH, NOISE = 10, 4, 0.0015
PRODUCTS = ("jacobian_literal", "jacobian_prefix", "jacobian_forward", "jacobian_forward_kronecker", "jacobian_structured", "jacobian_bracketed")


def forward(n: int, L: int, c: int) -> int:
    return n * n * (L - 1) + n * c


def parameters(n: int, L: int, c: int) -> int:
    return forward(n, L, c) + n * (L - 1) + c


def elementwise(n: int, L: int, c: int) -> int:
    return 2 * n * (L - 1) + 3 * c + 1


def reverse(n: int, L: int, c: int) -> int:
    return forward(n, L, c) + n * n * (2 * L - 3) + 2 * c * n + elementwise(n, L, c)


COUNTS: dict[str, Callable[[int, int, int], int]] = {
    "reverse_vjp": reverse,
    "jacobian_structured": lambda n, L, c: reverse(n, L, c) + n * (L - 1),
    "jacobian_bracketed": reverse,
    "jacobian_prefix": lambda n, L, c: (
        forward(n, L, c) + c * n * n * (2 * L - 3) + c * parameters(n, L, c) + c * n * (L - 1) + elementwise(n, L, c)
    ),
    "jacobian_literal": lambda n, L, c: (
        forward(n, L, c) + c * n * (n + 1) * L * (L - 1) // 2 + c * parameters(n, L, c) + elementwise(n, L, c)
    ),
    "jacobian_forward": lambda n, L, c: n * n * (n * n + n) * L * (L - 1) // 2 + 3 * n**3 * L,
    "jacobian_forward_kronecker": lambda n, L, c: n**3 * L * (L - 1) // 2 + 4 * n * n * L,
    "forward_mode": lambda n, L, c: (n * n + n) * n * n * L * (L + 1) // 2 + 7 * n * L,
    "forward_difference": lambda n, L, c: (n * n + n) * n * n * L * (L + 1) // 2 + 5 * n * L,
    "central_difference": lambda n, L, c: (n * n + n) * n * n * L * (L + 1) + 5 * n * L,
}


def network(n: int, L: int, c: int, activation: str = "tanh") -> str:
    layers = [f"affine({n},{n})"] * (L - 1) + [f"affine({n},{c})"]
    return f" {activation}({n}) ".join(layers)


def row(quantity: str, value: float, strategy: str, n: int = 8, L: int = 4, c: int = C, scalar: str = "double", **other: Any) -> Row:
    made = {
        "network": network(n, L, c, other.pop("activation", "tanh")), "depth": float(L), "width": float(max(n, c)), "batch": float(BATCH),
        "loss": "softmax_cross_entropy", "data": "synthetic", "seed": 1.0, "strategy": strategy, "scalar": scalar, "kernel": "plain",
        "threads": 1.0, "quantity": quantity, "value": float(value), "unit": "1", "status": "ok", "note": "", "options": "input_gradient=no",
        "folder": "run", **other,
    }  # fmt: skip
    made["cell"] = f"{strategy}/{scalar}/{n}/{L}/{c}/{made['options']}/{made['seed']:g}"
    return made


def costs(dice: np.random.Generator) -> list[Row]:
    """Counts, instructions and times over depth (n = 16), over width with fixed outputs, and with outputs as wide as the rest."""
    shapes = {(16, L, C) for L in DEPTHS} | {(n, 6, C) for n in WIDTHS} | {(n, 6, n) for n in WIDTHS}
    made = []
    for n, L, c in sorted(shapes):
        for strategy, formula in COUNTS.items():
            count = BATCH * formula(n, L, c)
            noise = 1 + NOISE * dice.standard_normal()
            made += [
                row("multiplications", count, strategy, n, L, c),
                row("instructions", 3 * count + 40000, strategy, n, L, c),
                row("seconds_p10", (count + 3000) * 1e-9 * noise, strategy, n, L, c),
            ]
        slow = 1 + NOISE * dice.standard_normal()
        made.append(row("ratio_to_loss", (3 - 1 / L) * slow, "reverse_vjp", n, L, c))
        made.append(row("heap_peak_bytes", 8 * (BATCH * n * L + 2 * parameters(n, L, c)) + 4096, "reverse_vjp", n, L, c))
    for L in DEPTHS[:6]:
        made.append(row("multiplications", BATCH * (COUNTS["jacobian_forward"](16, L, C) + 16**3 * L), "jacobian_forward", 16, L, options=""))
    for L in (2, 8, 32):
        for quantity, value in (("ratio_to_loss", 2.8), ("predicted_ratio_to_loss", 2.7)):
            made.append(row(quantity, value, "reverse_vjp", 256, L, batch=32.0))
    return made


def exactness(dice: np.random.Generator) -> list[Row]:
    """Errors in rational numbers, on whole numbers and in floating point, and operations of the loss."""
    made = []
    for strategy in (*PRODUCTS, "reverse_vjp"):
        if strategy != "reverse_vjp":
            made.append(row("pair_error_over_bound", 0, strategy, scalar="cpp_rational", activation="relu", options="partner=reverse_vjp"))
        made.append(row("mismatched_entries", 0, strategy, options="subject=lattice"))
    for L in (2, 4, 8, 16, 32):
        for n in (8, 32):
            for scalar in ("float", "double", "long_double"):
                u = style.UNIT_ROUNDOFF[scalar]
                for strategy in (*PRODUCTS, "reverse_vjp", "complex_step"):
                    made.append(row("error_max_relative", u * L**0.5 * dice.uniform(0.8, 1.25), strategy, n, L, scalar=scalar, options=""))
                    made.append(row("error_over_bound", dice.uniform(0.001, 0.1), strategy, n, L, scalar=scalar, options=""))
            made.append(row("error_max_relative", 1e-10, "central_difference", n, L, options=""))
            count = BATCH * reverse(n, L, C)
            for kind, share, ratio in (("multiplications", 1.0, 2.9), ("additions", 0.9, 2.8), ("divisions", 0.01, 2), ("functions", 0.1, 1.1)):
                made.append(row(kind, count * share, "reverse_vjp", n, L, scalar="counting"))
                made.append(row(kind, count * share / ratio, "loss", n, L, scalar="counting"))
    for L, layers_again in ((2, 2), (4, 8), (8, 23)):
        made.append(row("recomputed_layers", layers_again, "reverse_checkpointed", L=L))
    return made


def curves(dice: np.random.Generator) -> list[Row]:
    """Differences with many steps, and norms of gradients at many depths."""
    made = []
    for strategy, order in (("forward_difference", 1), ("central_difference", 2)):
        for factor in 10.0 ** np.arange(-5, 4.01, 0.25):
            error = (1e-9 / factor + 1e-9 * factor**order) * np.exp(0.02 * dice.standard_normal())
            made.append(row("error_max_absolute", error, strategy, options=f"step_factor={factor:g}"))
    for L in (4, 8, 16, 32, 64):
        for seed in range(5):
            frobenius = 0.8**L
            norms = {"cotangent_norm": frobenius * np.exp(0.2 * dice.standard_normal()), "cotangent_norm_frobenius": frobenius,
                     "cotangent_norm_singular": 1.6**L}  # fmt: skip
            made += [row(quantity, value, "reverse_vjp", 32, L, seed=float(seed), options="layer=0") for quantity, value in norms.items()]
        for kept in (2, 3, 6):
            peak = 8 * (BATCH * 16 * (kept + 4) + 2 * parameters(16, L, C))
            made.append(row("heap_peak_bytes", peak, "reverse_checkpointed", 16, L, options=f"snapshots={kept}"))
    return made


@functools.lru_cache(maxsize=1)
def right() -> pd.DataFrame:
    """All rows; copy before changing them."""
    dice = np.random.default_rng(20260101)
    frame = pd.DataFrame(costs(dice) + exactness(dice) + curves(dice))
    return frame[[*rows.COLUMNS, "folder"]]


def damaged(change: Callable[[pd.Series], float], quantity: str, strategies: tuple[str, ...], where: str | None = None) -> pd.DataFrame:
    """The same with one quantity of some strategies changed; `where` is a query that chooses among their rows."""
    frame = right().copy()
    chosen = frame[(frame["quantity"] == quantity) & frame["strategy"].isin(strategies)]
    chosen = chosen.query(where) if where else chosen
    assert len(chosen), "nothing to damage"
    frame.loc[chosen.index, "value"] = chosen.apply(change, axis=1)
    return frame

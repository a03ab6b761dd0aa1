"""Rows as bench, mutants and verify would write them, made up: times follow a + b L^p with a little noise."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence

Rows = list[dict[str, object]]
# Strategy -> time of one layer's worth at width 32 (s), exponent in depth, exponent in width.
TIMES = {
    "reverse_vjp": (2e-6, 1.0, 2.0),
    "jacobian_structured": (3e-6, 1.0, 2.0),
    "jacobian_prefix": (9e-6, 1.0, 2.0),
    "jacobian_literal": (6e-6, 2.0, 2.0),
    "forward_difference": (4e-4, 2.0, 4.0),
}
PEERS = {"pytorch_eager": 6.0, "jax_jit": 3.0, "hips_autograd": 30.0}


def common(strategy: str, scalar: str, depth: int, width: int, **more: object) -> dict[str, object]:
    """The columns of one cell."""
    cell: dict[str, object] = {
        "network": " tanh ".join([*[f"affine({width},{width})"] * (depth - 1), f"affine({width},10)"]), "depth": depth, "width": width, "batch": 32,
        "loss": "softmax_cross_entropy", "data": "synthetic", "seed": 1, "strategy": strategy, "scalar": scalar, "kernel": "auto", "threads": 1,
        "options": "", **more,
    }  # fmt: skip
    cell["cell"] = hashlib.sha256(repr(sorted(cell.items())).encode()).hexdigest()[:16]
    return cell


def row(cell: dict[str, object], quantity: str, value: object, unit: str = "1", status: str = "ok", note: str = "") -> dict[str, object]:
    """One row of a cell."""
    return {**cell, "quantity": quantity, "value": value, "unit": unit, "status": status, "note": note}


DEPTHS = (2, 4, 6, 8, 16, 32, 64, 128, 192, 256)
WIDTHS = (8, 12, 16, 24, 32, 64, 128, 256, 512)


def bench(depths: Sequence[int] = DEPTHS, widths: Sequence[int] = WIDTHS, threads: Sequence[int] = (1, 2), seed: int = 1, slow: float = 1.0) -> Rows:
    """A sweep over depth at width 32 and one over width at depth 8: times, counts, ratios, memory, peers and limits.

    `slow` is how much slower this machine is.
    """
    dice = random.Random(seed)
    sizes = dict.fromkeys([*((depth, 32) for depth in depths), *((8, width) for width in widths)])
    made: Rows = []
    for scalar, factor in (("float", 0.6), ("double", 1.0)):
        for depth, width in sizes:
            for count in threads:
                made += block(dice, scalar, factor * slow, depth, width, count)
    return made


def block(dice: random.Random, scalar: str, factor: float, depth: int, width: int, count: int) -> Rows:
    """One network on so many threads."""
    made: Rows = []
    speed = (1 + 0.8 * (count - 1)) if width > 8 else 1
    loss = factor * (2e-7 + 8e-7 * depth * (width / 32) ** 2) / speed
    for strategy, (unit, p, q) in TIMES.items():
        cell = common(strategy, scalar, depth, width, threads=count)
        seconds = factor * (3e-7 + unit * depth**p * (width / 32) ** q) / speed * dice.uniform(0.996, 1.004)
        if seconds > 0.5:
            made.append(row(cell, "verified", "", status="limit", note="predicted operations exceed the limit"))
            continue
        made += [row(cell, "seconds_p10", seconds, "s"), row(cell, "seconds_median", seconds * 1.01, "s"), row(cell, "ratio_to_loss", seconds / loss)]
        made += [row(cell, "cold_seconds_median", seconds * 1.01 + 1e-6, "s"), row(cell, "restart_spread", abs(dice.gauss(0, 0.01)))]
        size = 4 if scalar == "float" else 8
        made += [row(cell, "heap_peak_bytes", size * (32 * width * depth * 2.2 + 4000), "B"), row(cell, "working_bytes", size * (32 * width * depth * 2 + 900), "B"), row(cell, "activations_bytes", size * 32 * width * depth * 2, "B"),
                 row(cell, "peak_bytes", 4096 * (1 + size * 32 * width * depth // 2048), "B")]  # fmt: skip
        if count == 1:
            layers = depth * (depth - 1) // 2 if p == 2 else 2 * depth - 3
            made.append(row(cell, "multiplications", 32 * (10 if "jacobian" in strategy else 1) * width**2 * layers, "operation"))
        if strategy == "reverse_vjp":
            made += [row(cell, "noise_floor", abs(dice.gauss(0, 0.004))), row(cell, "fraction_of_limit", min(0.97, 0.2 * width**0.4))]
            for peer, times in PEERS.items() if depth in (8, 64) else ():
                theirs = common(peer, scalar, depth, width, threads=0, kernel="peer")
                made.append(row(theirs, "best_ratio_to_peer", times * dice.uniform(0.8, 1.3) * (32 / width) ** 0.5))
    return made


def pairs(strategies: Sequence[str] = ("jacobian_literal", "reverse_vjp", "forward_mode", "complex_step", "enclosure")) -> Rows:
    """Comparisons of strategies in pairs; one of them fails."""
    made: Rows = []
    for depth in (2, 4, 8):
        for k, one in enumerate(strategies):
            for other in strategies[:k]:
                bad = (one, other, depth) == ("complex_step", "reverse_vjp", 8)
                cell = common(one, "double", depth, 8, options=f"partner={other}")
                made.append(row(cell, "pair_error_over_bound", 3.0 if bad else 0.01, status="failed" if bad else "ok"))
    return made


def mutants(number: int = 40) -> Rows:
    """So many deliberate bugs against three checks; the last one survives."""
    made: Rows = []
    for k in range(number):
        for subject in ("affine", "tanh"):
            options = f"mutant=bug_number_{k};subject={subject}"
            alive = k == number - 1
            made.append(row(common("reverse_vjp", "double", 1, 4, options=options), "mutant_killed", 0 if alive else 1, status="failed" if alive else "ok"))
            for c, check in enumerate(("stage", "adversary", "end to end")):
                cell = common("reverse_vjp", "double", 1, 4, options=f"{options};check={check}")
                made.append(row(cell, "mutant_caught", int(not alive and (k + c) % 3 != 2 and (c == 0 or subject == "affine"))))
    return made


def steps() -> Rows:
    """Errors of differences at many steps about the predicted optimum."""
    made: Rows = []
    for strategy, power, best in (("forward_difference", 1, 1e-8), ("central_difference", 2, 1e-11)):
        for k in range(-6, 7):
            factor = 10.0**k
            made.append(row(common(strategy, "double", 4, 8, options=f"step_factor={factor:g}"), "error_max_absolute", best * (factor**power + 1 / factor) / 2))
    return made


def norms() -> Rows:
    """A gradient that vanishes as the Frobenius norms say, at every layer of networks of several depths."""
    made: Rows = []
    for depth in (4, 8, 16, 32, 64):
        for layer in range(depth + 1):
            cell = common("reverse_vjp", "double", depth, 32, options=f"layer={layer}")
            for quantity, shrink in (("cotangent_norm", 0.8), ("cotangent_norm_frobenius", 0.8), ("cotangent_norm_singular", 1.3)):
                made.append(row(cell, quantity, shrink ** (depth - layer)))
    return made


def everything() -> Rows:
    """All of the above."""
    return bench() + pairs() + mutants() + steps() + norms()

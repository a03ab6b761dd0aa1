"""For every claim, rows that are wrong in one thing: they refute it, and change no verdict that does not rest on that thing."""

from __future__ import annotations

import functools
import math
import sys
import unittest
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

REPORTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPORTS), str(REPORTS / "tests")]
sys.dont_write_bytecode = True

import pandas as pd  # noqa: E402

import claim  # noqa: E402
import judge  # noqa: E402
import shapes  # noqa: E402
import synthetic_claims as made  # noqa: E402

Change = Callable[[pd.Series], float]
DEPTH_SWEEP, WIDTH_SWEEP = "width == 16 and depth != 6", "depth == 6 and width != 16"
FIXED, SQUARE = (f"{WIDTH_SWEEP} and network.str.endswith(',10)') == {fixed}" for fixed in (True, False))
HONEST = "abstract_honest"
QUANTITIES = {"time": "seconds_p10", "instructions": "instructions", "counts": "multiplications"}
# Strategy -> its claim about the depth, the exponent, and what else rests on its times and on its counts.
DEPTHS = {
    "reverse_vjp": ("reverse_mode_depth", 1, {HONEST, "algorithm_1_ratio_time"},
                    {HONEST, "gradient_loss_ratio_counts", "algorithm_1_ratio_counts", "prefix_reuse_ratio_counts"}),
    "jacobian_prefix": ("prefix_reuse_depth", 1, {HONEST}, {HONEST, "prefix_reuse_ratio_counts"}),
    "jacobian_literal": ("algorithm_1_depth", 2, {HONEST, "algorithm_1_ratio_time"}, {HONEST, "algorithm_1_ratio_counts"}),
    "jacobian_forward_kronecker": ("input_side_parameters_depth", 2, set(), set()),
    "forward_mode": ("forward_mode_depth", 2, set(), set()),
    "forward_difference": ("differences_depth", 2, set(), set()),
    "central_difference": ("differences_depth", 2, set(), set()),
}  # fmt: skip


class Wrong(NamedTuple):
    """One damage to the right rows, and every verdict that it changes."""

    what: str
    refuted: set[str]
    change: Change
    quantity: str
    strategies: tuple[str, ...]
    where: str | None = None
    undecided: frozenset[str] = frozenset()


def power(axis: str, extra: float, whole: bool = False) -> Change:
    """Multiplies by size^extra, 1 at depth 6 and at width 16, which both sweeps share; a count stays a whole number."""
    middle = {"depth": 6, "width": 16}[axis]

    def change(row: pd.Series) -> float:
        value = row["value"] * (row[axis] / middle) ** extra
        return float(round(value)) if whole else value

    return change


def to_power(axis: str, extra: int) -> Change:
    """Multiplies by size^extra: a count stays a polynomial."""
    return lambda row: row["value"] * row[axis] ** extra


def constant(value: float) -> Change:
    """The same everywhere."""
    return lambda row: value


def times(factor: float) -> Change:
    """Multiplies."""
    return lambda row: row["value"] * factor


def plus(extra: float) -> Change:
    """Adds."""
    return lambda row: row["value"] + extra


def step_of(row: pd.Series) -> float:
    """The step, in multiples of the default one."""
    return float(shapes.option(row["options"], "step_factor") or 1)


def exponents() -> Iterator[Wrong]:
    """Exponents changed by 0.2, and every strategy made cubic in each source."""
    for strategy, (name, p, more_time, more_counts) in DEPTHS.items():
        for source, quantity in QUANTITIES.items():
            counts = source == "counts"
            more = {"time": more_time, "instructions": more_time & {HONEST}, "counts": more_counts}[source]
            refuted = {f"{name}_{source}", *more}
            for extra in {"time": (0.2, -0.2) if p == 1 else (0.2,), "instructions": (), "counts": (0.2,)}[source]:
                # Fewer multiplications than the optimal order has, or more: at the small depths the change makes them fewer.
                beside = {"bracketing_optimum_counts"} if counts and strategy == "reverse_vjp" else set()
                yield Wrong(f"{strategy} {source} {extra:+}", refuted | beside, power("depth", extra, counts), quantity, (strategy,), DEPTH_SWEEP)
            cubic = to_power("depth", 3 - p) if counts else power("depth", 3 - p)
            yield Wrong(f"{strategy} {source} cubic", refuted, cubic, quantity, (strategy,), DEPTH_SWEEP)
    for source, quantity in QUANTITIES.items():
        counts = source == "counts"
        own = {"reverse_vjp": {HONEST, "gradient_loss_ratio_counts", "algorithm_1_ratio_counts", "prefix_reuse_ratio_counts"},
               "jacobian_literal": {"algorithm_1_ratio_counts", HONEST}, "jacobian_prefix": {"prefix_reuse_ratio_counts", HONEST}}  # fmt: skip
        for strategy, name, where in (
            ("reverse_vjp", "reverse_mode_width", WIDTH_SWEEP), ("jacobian_literal", "dense_products_width_fixed", FIXED),
            ("jacobian_prefix", "dense_products_width_square", SQUARE), ("jacobian_prefix", "dense_products_width_fixed", FIXED),
        ):  # fmt: skip
            more = own[strategy] - {HONEST} if counts else set()
            more |= {HONEST, "bracketing_optimum_counts"} if counts and strategy == "reverse_vjp" else set()
            yield Wrong(f"{name} {strategy} {source}", {f"{name}_{source}", *more}, power("width", 0.2, counts), quantity, (strategy,), where)


def others() -> Iterator[Wrong]:
    """Every claim that is not about one exponent of a cost."""
    reverse, errors, counting = ("reverse_vjp",), "error_max_relative", "scalar == 'counting'"
    yield Wrong("added cost quadratic", {"input_side_input_depth_counts"}, lambda r: r["value"] + 4 * 16**3 * r["depth"] ** 2, "multiplications", ("jacobian_forward",), "options == ''")
    yield Wrong("counts of one seed", {"forward_mode_depth_counts"}, plus(1), "multiplications", ("forward_mode",), "seed == 2 and depth == 8 and width == 16")
    yield Wrong("nonscalar operations", {"cheap_gradient_counts"}, times(0.7), "multiplications", ("loss",), counting)
    yield Wrong("all operations", {"cheap_gradient_counts"}, times(2.5), "additions", reverse, counting + " and depth == 8")
    yield Wrong("dearer than another order", {"bracketing_optimum_counts"}, times(0.98), "multiplications", ("jacobian_structured",), "depth == 32 and width == 16")
    yield Wrong("one layer too few", {"checkpoint_recomputation_counts"}, plus(-1), "recomputed_layers", ("reverse_checkpointed",), "depth == 8")
    yield Wrong("ratio grows", {HONEST, "gradient_loss_ratio_bounded_time"}, power("depth", 0.2), "ratio_to_loss", reverse, DEPTH_SWEEP)
    yield Wrong("ratio shrinks", {HONEST, "gradient_loss_ratio_bounded_time"}, power("depth", -0.2), "ratio_to_loss", reverse, DEPTH_SWEEP)
    yield Wrong("another ratio", {"gradient_loss_ratio_predicted_time"}, times(0.8), "ratio_to_loss", reverse, "width == 256 and batch == 32")
    yield Wrong("memory of the square", {"memory_depth"}, power("depth", 1), "heap_peak_bytes", reverse, DEPTH_SWEEP)
    yield Wrong("memory grows less", {"memory_depth"}, power("depth", -0.2), "heap_peak_bytes", reverse, DEPTH_SWEEP)
    peak = "heap_peak_bytes"
    yield Wrong("two states a snapshot", {"checkpoint_memory"}, lambda r: r["value"] + 512 * int(r["options"][10:]), peak, ("reverse_checkpointed",))
    yield Wrong("one snapshot of three", {"checkpoint_memory"}, plus(256), peak, ("reverse_checkpointed",), "options == 'snapshots=3' and depth == 16")
    yield Wrong("an entry differs", {"gradient_product_exact"}, constant(1e-40), "pair_error_over_bound", ("jacobian_bracketed",))
    yield Wrong("a whole number differs", {"gradient_product_exact"}, constant(1), "mismatched_entries", reverse)
    yield Wrong("beyond a bound", {"gradient_product_rounded"}, constant(1.0001), "error_over_bound", ("jacobian_structured",), "scalar == 'double' and depth == 32 and width == 10")
    yield Wrong("error without a number", {"gradient_product_rounded"}, constant(math.nan), "error_over_bound", ("jacobian_prefix",), "scalar == 'float' and depth == 2")
    yield Wrong("complex step at its worst", {"complex_step"}, times(50), errors, ("complex_step",), "scalar == 'double'")
    yield Wrong("complex step too good", {"complex_step"}, times(0.02), errors, ("complex_step",), "scalar == 'double'")
    yield Wrong("complex step infinite", {"complex_step"}, constant(math.inf), errors, ("complex_step",), "scalar == 'double' and depth == 32")
    for scalar in ("float", "double", "long_double"):
        name, where = {f"error_growth_{scalar}"}, f"scalar == '{scalar}'"
        both = (*reverse, "complex_step")  # so that the complex step stays as accurate as it
        yield Wrong(f"error like depth^1.7 {scalar}", name, power("depth", 1.2), errors, both, where)
        yield Wrong(f"error shrinks {scalar}", name, power("depth", -0.9), errors, both, where)
        yield Wrong(f"infinite error {scalar}", name, constant(math.inf), errors, reverse, where + " and depth == 32 and width == 10")
    for norm, change in (("cotangent_norm", lambda r: r["value"] * 1.1 ** r["depth"]), ("cotangent_norm_frobenius", lambda r: r["value"] * 1.1 ** r["depth"])):
        yield Wrong(f"{norm} grows", {"gradient_decay"}, change, norm, reverse)
    yield Wrong("a gradient of zeros", {"gradient_decay"}, constant(0), "cotangent_norm", reverse, "depth == 64")


def curves() -> Iterator[Wrong]:
    """Sides and minima of the errors of differences. A side with another slope predicts no minimum."""
    error = "error_max_absolute"
    for short, order in (("forward", 1), ("central", 2)):
        name, strategy = f"difference_curve_{short}", (f"{short}_difference",)
        undecided = frozenset({f"{name}_minimum"})
        yield Wrong(f"{short} rounding", {f"{name}_rounding"}, lambda r: r["value"] * min(1.0, step_of(r)) ** 0.5, error, strategy, None, undecided)
        yield Wrong(f"{short} truncation", {f"{name}_truncation"}, lambda r: r["value"] * max(1.0, step_of(r)), error, strategy, None, undecided)
        # Without truncation up to 100 times the default step, the least error lies there and not where the sides meet.
        least = lambda r, k=order: 1e-13 / step_of(r) if step_of(r) <= 100 else 1e-9 * step_of(r) ** k  # noqa: E731
        yield Wrong(f"{short} minimum", {f"{name}_minimum"}, least, error, strategy)


def unfit() -> Wrong:
    """Cubic, but for depth 6: no curve goes through the others and it."""
    return Wrong("an outlier", set(), to_power("depth", 2), "seconds_p10", ("reverse_vjp",), DEPTH_SWEEP)


@functools.lru_cache(maxsize=1)
def three_seeds() -> pd.DataFrame:
    """The right rows, with the counts of three seeds."""
    frame = made.right()
    counts = frame[frame["quantity"] == "multiplications"]
    return pd.concat([frame, counts.assign(seed=2.0), counts.assign(seed=3.0)], ignore_index=True)


def damaged(wrong: Wrong) -> pd.DataFrame:
    """The right rows with one thing wrong."""
    frame = (three_seeds() if wrong.where and "seed" in wrong.where else made.right()).copy()
    chosen = frame[(frame["quantity"] == wrong.quantity) & frame["strategy"].isin(wrong.strategies)]
    chosen = chosen.query(wrong.where, engine="python") if wrong.where else chosen
    assert len(chosen), f"{wrong.what}: nothing to damage"
    frame.loc[chosen.index, "value"] = chosen.apply(wrong.change, axis=1)
    return frame


def verdicts(frame: pd.DataFrame) -> dict[str, str]:
    """Name -> verdict."""
    return {v.name: v.verdict for v in judge.judge_all(frame)}


EVERY = {"exponents": exponents, "others": others, "curves": curves}


class Refutations(unittest.TestCase):
    """One thing is wrong: its claims are refuted; of the others none changes."""

    def check(self, table: Callable[[], Iterator[Wrong]]) -> None:
        right = verdicts(made.right())
        for wrong in table():
            with self.subTest(wrong.what):
                found = verdicts(damaged(wrong))
                changed = {name: verdict for name, verdict in found.items() if verdict != right[name]}
                self.assertEqual(changed, dict.fromkeys(wrong.refuted, claim.REFUTED) | dict.fromkeys(wrong.undecided, claim.INCONCLUSIVE))

    def test_exponents(self) -> None:
        self.check(exponents)

    def test_other_claims(self) -> None:
        self.check(others)

    def test_difference_curves(self) -> None:
        self.check(curves)

    def test_sizes_without_a_curve_are_not_supported_by_another_sweep(self) -> None:
        bad = damaged(unfit()).assign(folder="other")
        both = pd.concat([made.right(), bad], ignore_index=True)
        found = next(v for v in judge.judge_all(both) if v.name == "reverse_mode_depth_time")
        self.assertEqual(found.verdict, claim.INCONCLUSIVE)
        self.assertIn("9 sizes, and no fit", found.reason)

    def test_differences_without_a_size_count(self) -> None:
        frame = made.right().copy()
        first = frame.index[(frame["quantity"] == "pair_error_over_bound") & (frame["strategy"] == "jacobian_prefix")][0]
        frame.loc[first, ["value", "status"]] = [math.nan, "failed"]
        self.assertEqual(verdicts(frame)["gradient_product_exact"], claim.REFUTED)

    def test_what_was_not_started_is_no_error_beyond_its_bound(self) -> None:
        frame = made.right()
        first = frame[(frame["quantity"] == "error_over_bound")].head(1).assign(value=math.nan, status="limit")
        self.assertEqual(verdicts(pd.concat([frame, first], ignore_index=True))["gradient_product_rounded"], claim.SUPPORTED)

    def test_half_of_the_evidence_is_not_enough(self) -> None:
        frame = made.right()
        frame = frame[(frame["quantity"] != "mismatched_entries") | (frame["strategy"] != "jacobian_forward")]
        verdict = next(v for v in judge.judge_all(frame) if v.name == "gradient_product_exact")
        self.assertEqual((verdict.verdict, verdict.reason), (claim.NOT_RUN, "no mismatched_entries of jacobian_forward"))

    def test_the_abstract_at_its_word_would_be_supported_by_rows_that_say_so(self) -> None:
        found = verdicts(damaged(Wrong("no growth", set(), constant(1e6), "multiplications", ("reverse_vjp",))))
        self.assertEqual((found["abstract_literal_counts"], found["reverse_mode_depth_counts"]), (claim.SUPPORTED, claim.REFUTED))

    def test_every_claim_is_refuted_by_something(self) -> None:
        refutable = {name for table in EVERY.values() for wrong in table() for name in wrong.refuted}
        self.assertEqual({v.name for v in judge.judge_all(made.right()) if v.should_hold} - refutable, set())


if __name__ == "__main__":
    unittest.main()

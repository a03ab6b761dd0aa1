"""Tests of the claims: right rows support every one, wrong rows refute those that they contradict and no others."""

from __future__ import annotations

import contextlib
import io
import json
import sys
import tempfile
import unittest
from collections.abc import Callable
from pathlib import Path

REPORTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPORTS), str(REPORTS / "tests")]
sys.dont_write_bytecode = True

import pandas as pd  # noqa: E402

import claim  # noqa: E402
import judge  # noqa: E402
import synthetic  # noqa: E402
import synthetic_claims as made  # noqa: E402

LITERAL = {"abstract_literal_counts", "abstract_literal_time"}
HONEST = "abstract_honest"
DEPTH_SWEEP, WIDTH_SWEEP = "width == 16 and depth != 6", "depth == 6 and width != 16"


def refuted(frame: pd.DataFrame) -> set[str]:
    """Names of the claims that are refuted, but the abstract's sentence at its word, which always is."""
    names = {v.name for v in judge.judge_all(frame) if v.verdict == claim.REFUTED}
    return names - LITERAL


def depth_power(extra: float) -> Callable[[pd.Series], float]:
    """Multiplies by depth^extra, leaving depth 6 as it is."""
    return lambda row: row["value"] * (row["depth"] / 6) ** extra


def width_power(extra: float) -> Callable[[pd.Series], float]:
    """Multiplies by width^extra, leaving width 16 as it is."""
    return lambda row: row["value"] * (row["width"] / 16) ** extra


def times(factor: float) -> Callable[[pd.Series], float]:
    """Multiplies."""
    return lambda row: row["value"] * factor


def whole(change: Callable[[pd.Series], float]) -> Callable[[pd.Series], float]:
    """Rounded to a whole number, as a count is."""
    return lambda row: float(round(change(row)))


class RightRows(unittest.TestCase):
    """Rows made by the formulas."""

    def test_everything_that_should_hold_is_supported(self) -> None:
        verdicts = judge.judge_all(made.right())
        self.assertEqual({v.name: v.reason for v in verdicts if v.should_hold and v.verdict != claim.SUPPORTED}, {})
        self.assertEqual({v.name for v in verdicts if not v.should_hold}, LITERAL)
        self.assertTrue(all(v.verdict == claim.REFUTED for v in verdicts if not v.should_hold))

    def test_verdicts_are_complete(self) -> None:
        verdicts = judge.judge_all(made.right())
        names = [v.name for v in verdicts]
        self.assertEqual(len(names), len(set(names)))
        self.assertEqual({v.claim for v in verdicts}, set(judge.claim_names()))
        for v in verdicts:
            with self.subTest(v.name):
                self.assertTrue(v.sentence and v.source and v.formula and v.statistic and v.needs and v.rule and v.reason)
                self.assertTrue(v.cells, "no evidence")
                self.assertLessEqual(v.interval[0], v.interval[1] + 1e-12)
                self.assertIn(v.evidence, claim.SOURCES)

    def test_without_rows_nothing_is_judged(self) -> None:
        frame = made.right()[made.right()["quantity"] == "loss"]
        self.assertEqual({v.verdict for v in judge.judge_all(frame)}, {claim.NOT_RUN})

    def test_a_file_says_what_its_claim_is_called(self) -> None:
        import importlib

        for name in judge.claim_names():
            self.assertEqual(importlib.import_module(f"claims.{name}").CLAIM.name, name)


class WrongRows(unittest.TestCase):
    """One thing is wrong: its claims are refuted, and no others."""

    def refutes(self, expected: set[str], change: Callable[[pd.Series], float], quantity: str, *strategies: str, where: str | None = None) -> None:
        self.assertEqual(refuted(made.damaged(change, quantity, strategies, where)), expected)

    def test_exponents_of_time_changed_by_a_fifth(self) -> None:
        for name, strategies, more in (
            ("algorithm_1_depth", ("jacobian_literal",), {HONEST, "algorithm_1_ratio_time"}),
            ("reverse_mode_depth", ("reverse_vjp",), {HONEST, "algorithm_1_ratio_time"}),
            ("prefix_reuse_depth", ("jacobian_prefix",), {HONEST}),
            ("forward_mode_depth", ("forward_mode",), set()),
            ("differences_depth", ("central_difference",), set()),
            ("input_side_parameters_depth", ("jacobian_forward_kronecker",), set()),
        ):
            with self.subTest(name):
                self.refutes({f"{name}_time", *more}, depth_power(0.2), "seconds_p10", *strategies, where=DEPTH_SWEEP)
        self.refutes({"forward_mode_depth_time"}, depth_power(-0.2), "seconds_p10", "forward_mode", where=DEPTH_SWEEP)

    def test_widths_of_time_changed_by_a_fifth(self) -> None:
        self.refutes({"reverse_mode_width_time"}, width_power(0.2), "seconds_p10", "reverse_vjp", where=WIDTH_SWEEP)
        both = {"dense_products_width_fixed_time", "dense_products_width_square_time"}
        self.refutes(both, width_power(-0.2), "seconds_p10", "jacobian_literal", where=WIDTH_SWEEP)

    def test_a_strategy_made_cubic(self) -> None:
        self.refutes({"forward_mode_depth_time"}, depth_power(1), "seconds_p10", "forward_mode", where=DEPTH_SWEEP)
        self.refutes({"forward_mode_depth_counts"}, whole(lambda row: row["value"] * row["depth"]), "multiplications", "forward_mode", where=DEPTH_SWEEP)
        self.refutes({"forward_mode_depth_instructions"}, depth_power(1), "instructions", "forward_mode", where=DEPTH_SWEEP)

    def test_counts(self) -> None:
        honest = {HONEST, "reverse_mode_depth_counts", "gradient_loss_ratio_counts", "algorithm_1_ratio_counts", "prefix_reuse_ratio_counts"}
        self.refutes(
            {HONEST, "algorithm_1_depth_counts", "algorithm_1_ratio_counts"}, whole(depth_power(0.2)), "multiplications", "jacobian_literal", where=DEPTH_SWEEP
        )  # fmt: skip
        one_more = lambda row: row["value"] + 1  # noqa: E731
        self.refutes(honest, one_more, "multiplications", "reverse_vjp", where="width == 16 and depth == 32 and scalar == 'double'")
        self.refutes({"prefix_reuse_ratio_counts"}, times(2), "multiplications", "jacobian_prefix")
        both = {"input_side_input_depth_counts", "input_side_parameters_depth_counts"}
        self.refutes(both, whole(depth_power(1)), "multiplications", "jacobian_forward", where="options == ''")
        self.refutes({"cheap_gradient_counts"}, times(0.1), "additions", "loss")
        self.refutes({"bracketing_optimum_counts"}, one_more, "multiplications", "jacobian_bracketed", where="width == 8")
        self.refutes({"checkpoint_recomputation_counts"}, one_more, "recomputed_layers", "reverse_checkpointed", where="depth == 4")

    def test_ratios_to_the_loss(self) -> None:
        self.refutes({"gradient_loss_ratio_predicted_time"}, times(1.3), "predicted_ratio_to_loss", "reverse_vjp", where="depth == 8")
        self.refutes({HONEST, "gradient_loss_ratio_bounded_time"}, depth_power(0.2), "ratio_to_loss", "reverse_vjp", where=DEPTH_SWEEP)

    def test_memory(self) -> None:
        self.refutes({"memory_depth"}, depth_power(0.2), "heap_peak_bytes", "reverse_vjp", where=DEPTH_SWEEP)

        self.refutes({"checkpoint_memory"}, depth_power(0.2), "heap_peak_bytes", "reverse_checkpointed")

    def test_errors(self) -> None:
        self.refutes({"gradient_product_exact"}, lambda row: 1e-30, "pair_error_over_bound", "jacobian_prefix", where="scalar == 'cpp_rational'")
        self.refutes({"gradient_product_exact"}, lambda row: 1.0, "mismatched_entries", "jacobian_literal")
        self.refutes({"gradient_product_rounded"}, lambda row: 1.01, "error_over_bound", "jacobian_forward", where="scalar == 'float' and depth == 8")
        self.refutes({"complex_step"}, times(100), "error_max_relative", "complex_step")
        self.refutes({"error_growth_float"}, depth_power(1.5), "error_max_relative", "reverse_vjp", where="scalar == 'float'")

    def test_difference_curves(self) -> None:
        factor = lambda row: float(row["options"].split("=")[1])  # noqa: E731
        steeper = lambda row: row["value"] * max(1.0, factor(row)) ** 1  # noqa: E731
        self.refutes({"difference_curve_forward_truncation"}, steeper, "error_max_absolute", "forward_difference")
        flat = lambda row: row["value"] * min(1.0, factor(row)) ** 0.5  # noqa: E731
        self.refutes({"difference_curve_central_rounding"}, flat, "error_max_absolute", "central_difference")

    def test_decay(self) -> None:
        self.refutes({"gradient_decay"}, lambda row: row["value"] * 1.3 ** row["depth"], "cotangent_norm", "reverse_vjp")


class Undecided(unittest.TestCase):
    """What cannot be decided is not decided."""

    def test_too_much_noise(self) -> None:
        import numpy as np

        dice = np.random.default_rng(3)
        frame = made.damaged(lambda row: row["value"] * (1 + 0.1 * dice.standard_normal()), "seconds_p10", ("forward_mode",))
        verdict = next(v for v in judge.judge_all(frame) if v.name == "forward_mode_depth_time")
        self.assertEqual(verdict.verdict, claim.INCONCLUSIVE)

    def test_too_few_sizes(self) -> None:
        frame = made.right()
        frame = frame[(frame["depth"] <= 32) | (frame["quantity"] != "seconds_p10")]
        verdict = next(v for v in judge.judge_all(frame) if v.name == "forward_mode_depth_time")
        self.assertEqual(verdict.verdict, claim.NOT_RUN)
        self.assertIn("8 over 1.5 are the least", verdict.reason)

    def test_two_runs_are_judged_apart_and_the_worse_counts(self) -> None:
        good = made.right()
        bad = made.damaged(depth_power(0.2), "seconds_p10", ("forward_mode",), DEPTH_SWEEP).assign(folder="other")
        verdict = next(v for v in judge.judge_all(pd.concat([good, bad])) if v.name == "forward_mode_depth_time")
        self.assertEqual(verdict.verdict, claim.REFUTED)
        self.assertIn("(other)", verdict.reason)

    def test_any_rows_are_judged(self) -> None:
        import numpy as np

        dice = np.random.default_rng(7)
        for seed, share in enumerate((0.01, 0.1, 0.1, 0.5, 0.7)):
            frame = made.right().sample(frac=share, random_state=seed).reset_index(drop=True)
            for bad, columns in ((np.nan, ["value"]), (0.0, ["value"]), (-1.0, ["value"]), (np.nan, ["depth", "width", "batch", "threads"])):
                frame.loc[dice.random(len(frame)) < 0.03, columns] = bad
            verdicts = judge.judge_all(frame)
            self.assertTrue(all(v.verdict in claim.VERDICTS for v in verdicts))
            self.assertEqual(judge.summary_line(verdicts).count(","), 3)

    def test_holm_takes_back_what_chance_explains(self) -> None:
        verdicts = [v for v in judge.judge_all(made.right()) if v.p_value is not None and v.should_hold][:2]
        from dataclasses import replace

        weak = [replace(verdicts[0], p_value=0.04), replace(verdicts[1], p_value=0.04)]
        self.assertEqual([v.verdict for v in judge.corrected(weak)], [claim.INCONCLUSIVE] * 2)
        self.assertEqual(judge.corrected(weak[:1])[0].verdict, claim.SUPPORTED)


class CommandLine(unittest.TestCase):
    """`backprove claims`."""

    def setUp(self) -> None:
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)

    def run_claims(self, *arguments: str) -> tuple[int, list[str], str]:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = judge.main(list(arguments))
        return status, out.getvalue().splitlines(), err.getvalue()

    def written(self, name: str, frame: pd.DataFrame) -> str:
        whole_numbers = frame.assign(**{c: frame[c].astype(int) for c in ("depth", "width", "batch", "seed", "threads")})
        return str(synthetic.write(self.folder / name, whole_numbers.drop(columns="folder").to_dict("records")))

    def test_status_and_last_line(self) -> None:
        right = self.written("right", made.right())
        status, lines, _ = self.run_claims("--rows", right, "--json", str(self.folder / "v.json"))
        supported = sum(v.verdict == claim.SUPPORTED for v in judge.judge_all(made.right()))
        self.assertEqual((status, lines[-1]), (0, f"claims: {supported} supported, 2 refuted, 0 inconclusive, 0 not run"))
        document = json.loads((self.folder / "v.json").read_text())
        self.assertEqual((document["schema"], document["totals"]["supported"]), ("backprove-claims-1", supported))
        wrong = self.written("wrong", made.damaged(depth_power(0.2), "seconds_p10", ("forward_mode",), DEPTH_SWEEP))
        status, lines, _ = self.run_claims("--rows", wrong)
        self.assertEqual((status, lines[-1]), (1, f"claims: {supported - 1} supported, 3 refuted, 0 inconclusive, 0 not run"))

    def test_bad_input_is_one_line_and_status_2(self) -> None:
        right = self.written("right", made.right().head(3))
        cases = {
            "missing folder": (["--rows", str(self.folder / "none")], "No such file"),
            "malformed": (["--rows", right], "is not a number"),
            "unknown columns": (["--rows", right], "missing column strategy"),
            "unwritable": (["--rows", right, "--json", str(self.folder / "no" / "v.json")], "No such file"),
        }
        path = Path(right) / "rows.csv"
        text = path.read_text()
        changed = {"malformed": text.replace("1,ok", "1,ok").replace(",multiplications,", ",multiplications,x", 1), "unknown columns": text.replace("strategy", "way", 1)}
        for name, (arguments, expected) in cases.items():
            with self.subTest(name):
                path.write_text(changed.get(name, text))
                status, _, error = self.run_claims(*arguments)
                self.assertEqual(status, 2)
                self.assertEqual(error.count("\n"), 1, error)
                self.assertTrue(error.startswith("claims: ") and expected in error, error)


if __name__ == "__main__":
    unittest.main()

"""Tests of the statistics: coverage of the intervals on made-up data, equivalence, Holm, and exact arithmetic on counts."""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
import unittest
from collections.abc import Callable
from pathlib import Path

REPORTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPORTS), str(REPORTS / "tests")]
sys.dont_write_bytecode = True

import numpy as np  # noqa: E402

import claim  # noqa: E402
import equivalence  # noqa: E402
import exponents  # noqa: E402
import fits  # noqa: E402
import polynomials  # noqa: E402
import rows  # noqa: E402
import shapes  # noqa: E402
import synthetic  # noqa: E402
import synthetic_claims as made  # noqa: E402


class Coverage(unittest.TestCase):
    """Of the intervals for a nominal 95 %: eight geometric sizes over 1.5 decades, each with a relative error of its own."""

    def covered(self, curve: Callable[[np.ndarray], np.ndarray], truth: float, noise: float, count: int, lower: float | None = None) -> float:
        """Fraction of made-up sweeps whose interval holds the true exponent."""
        sizes = np.geomspace(4, 4 * 10**1.5, 8)
        dice = np.random.default_rng(20260102)
        inside = 0
        for _ in range(count):
            found = fits.power(sizes, curve(sizes) * (1 + noise * dice.standard_normal(sizes.size)), lower)
            low, high = found.interval()
            inside += low <= truth <= high
        return inside / count

    def test_fixed_cost_and_a_power(self) -> None:
        # 2000 sweeps: the estimate's own deviation is 0.5 %.
        for noise, curve, truth in ((0.01, lambda n: 3 + n, 1), (0.02, lambda n: 30 + n**2, 2), (0.03, lambda n: 3 + n, 1)):
            with self.subTest(noise=noise, truth=truth):
                self.assertTrue(0.93 <= self.covered(curve, truth, noise, 2000) <= 0.97)

    def test_fixed_cost_a_lower_power_and_a_power(self) -> None:
        self.assertTrue(0.93 <= self.covered(lambda n: 5 + 6 * n + n**2, 2, 0.01, 2000, lower=1) <= 0.97)

    def test_grid(self) -> None:
        depths, widths = (v.ravel() for v in np.meshgrid(np.geomspace(4, 128, 6), np.geomspace(8, 128, 5)))
        dice = np.random.default_rng(20260103)
        inside = np.zeros(2)
        for _ in range(1000):
            costs = (500 + depths * widths**2) * (1 + 0.02 * dice.standard_normal(depths.size))
            for k, (found, truth) in enumerate(zip(fits.power_of_two(depths, widths, costs), (1, 2))):
                low, high = found.interval()
                inside[k] += low <= truth <= high
        self.assertTrue(((inside / 1000 >= 0.93) & (inside / 1000 <= 0.97)).all(), inside)


class Fits(unittest.TestCase):
    """Curves without noise, and what cannot be fitted."""

    def test_exact_curves(self) -> None:
        n = np.geomspace(4, 128, 9)
        for a, b, p in ((0, 1, 1), (100, 2, 1), (1e-6, 3e-9, 2), (5, 1, 3), (1, 1e-3, 2.2)):
            self.assertAlmostEqual(fits.power(n, a + b * n**p).value, p, places=5)
        self.assertAlmostEqual(fits.power(n, 2 + 30 * n + n**2, lower=1).value, 2, places=5)
        p, q = fits.power_of_two(np.tile(n, 3), np.repeat([8, 32, 128], 9), 1e-6 + 1e-9 * np.tile(n, 3) * np.repeat([8, 32, 128], 9) ** 2.0)
        self.assertAlmostEqual(p.value, 1, places=4)
        self.assertAlmostEqual(q.value, 2, places=4)

    def test_a_fixed_cost_bends_a_plain_line(self) -> None:
        n = np.geomspace(4, 128, 8)
        costs = n + n[0]  # one smallest size's worth of overhead
        self.assertLess(fits.slope(n, costs).value, 0.9)
        self.assertAlmostEqual(fits.power(n, costs).value, 1, places=6)

    def test_refusals(self) -> None:
        n = np.geomspace(4, 128, 8)
        for sizes, costs in ((n[:3], n[:3]), (n, -n), (n, n * np.nan), (np.repeat(n[:2], 4), n), (n * 0, n)):
            with self.assertRaises(fits.FitError):
                fits.power(sizes, costs)
        self.assertIn("8 over 1.5", fits.poor_design(n[:7]))
        self.assertIn("8 over 1.5", fits.poor_design(np.linspace(4, 40, 9)))
        self.assertEqual(fits.poor_design(n), "")

    def test_local_slopes(self) -> None:
        np.testing.assert_allclose(fits.local_slopes([1, 2, 8], [5, 20, 320]), [2, 2])


class Equivalence(unittest.TestCase):
    """Interval inside the margin, outside, or neither."""

    def test_agrees_with_the_interval(self) -> None:
        from scipy import stats

        dice = np.random.default_rng(5)
        kinds = set()
        for _ in range(500):
            estimate, error, degrees = dice.uniform(0.85, 1.15), dice.choice([0.001, 0.01, 0.03]), int(dice.integers(2, 12))
            half = stats.t.ppf(0.975, degrees) * error
            low, high = estimate - half, estimate + half
            inside, beyond = 0.95 <= low and high <= 1.05, high < 0.95 or low > 1.05
            expected = claim.SUPPORTED if inside else claim.REFUTED if beyond else claim.INCONCLUSIVE
            verdict, p = equivalence.decide(estimate, error, degrees, 1, 0.05)
            self.assertEqual(verdict, expected)
            self.assertEqual(p is None, verdict == claim.INCONCLUSIVE)
            kinds.add(verdict)
        self.assertEqual(len(kinds), 3)

    def test_without_error(self) -> None:
        self.assertEqual(equivalence.decide(1.0, 0.0, 3, 1, 0.05), (claim.SUPPORTED, 0.0))
        self.assertEqual(equivalence.decide(1.2, 0.0, 3, 1, 0.05), (claim.REFUTED, 0.0))
        self.assertEqual(equivalence.decide(float("nan"), 0.1, 3, 1, 0.05), (claim.INCONCLUSIVE, None))

    def test_false_decisions_are_rare(self) -> None:
        # The truth on the margin's edge: 'supported' and 'refuted' are each wrong at most once in 40.
        dice = np.random.default_rng(6)
        decisions = []
        for _ in range(2000):
            sample = 1.05 + 0.01 * dice.standard_normal(8)
            decisions.append(equivalence.decide(sample.mean(), sample.std(ddof=1) / 8**0.5, 7, 1, 0.05)[0])
        for kind in (claim.SUPPORTED, claim.REFUTED):
            self.assertLess(decisions.count(kind) / 2000, 0.025 + 4 * (0.025 / 2000) ** 0.5)

    def test_holm(self) -> None:
        np.testing.assert_allclose(equivalence.holm([0.01, 0.04, 0.03]), [0.03, 0.06, 0.06])
        self.assertEqual(equivalence.holm([]), [])


class Polynomials(unittest.TestCase):
    """Whole numbers are judged by equality."""

    def test_degree(self) -> None:
        sizes = [2, 4, 8, 16, 32, 64]
        self.assertEqual(polynomials.degree(sizes, [7] * 6), 0)
        self.assertEqual(polynomials.degree(sizes, [2 * n - 3 for n in sizes]), 1)
        self.assertEqual(polynomials.degree(sizes, [n * (n - 1) // 2 for n in sizes]), 2)
        self.assertEqual(polynomials.degree(sizes, [n**3 + 10**15 for n in sizes]), 3)
        self.assertIsNone(polynomials.degree(sizes, [n**5 for n in sizes]))  # needs 7 sizes
        self.assertIsNone(polynomials.degree(sizes, [n * n + (n == 64) for n in sizes]))
        self.assertEqual(polynomials.leading_coefficient(sizes, [5 * n * n + n for n in sizes], 2), 5)

    def test_combination(self) -> None:
        features = [[1, 1, 2], [2, 1, 4], [3, 1, 6], [4, 1, 8]]  # the third is a multiple of the first
        self.assertEqual(polynomials.combination([5, 8, 11, 14], features), [3, 2, 0])
        self.assertIsNone(polynomials.combination([5, 8, 11, 15], features))


class Shapes(unittest.TestCase):
    """Networks' texts and sweeps."""

    def test_plain_networks_only(self) -> None:
        shape = shapes.shape_of("affine(4,8) tanh(8) affine(8,3)")
        self.assertEqual(shape, shapes.shape_of("affine(4,8) tanh affine(8,3)"))
        assert shape is not None
        self.assertEqual((shape.widths, shape.activation, shape.layers, shape.products), ((4, 8, 3), "tanh", 3, (32, 24)))
        for text in ("", "tanh", "affine(4,8) tanh", "affine(4,8) tanh affine(9,3)", "residual(affine(4,4)) tanh affine(4,3)",
                     "affine(4,4) tanh affine(4,4) relu affine(4,4)", "affine(4,8) tanh(4) affine(8,3)", "affine(4,4) softmax affine(4,4)", "affine(4,4) layer_norm(4) affine(4,4)"):  # fmt: skip
            self.assertIsNone(shapes.shape_of(text), text)

    def test_width_sweeps_are_told_apart(self) -> None:
        chosen = shapes.measured(made.right(), "seconds_p10", "reverse_vjp")
        found = {(s.fixed["outputs"], s.x.size) for s in shapes.sweeps(chosen, "width", least=4)}
        self.assertEqual(found, {("n", len(made.WIDTHS)), ("10", len(made.WIDTHS))})


class Exponents(unittest.TestCase):
    """`backprove exponents`."""

    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.frame = made.right()[made.right()["strategy"].isin(("reverse_vjp", "jacobian_literal"))]

    def run_exponents(self, *arguments: str) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = exponents.main(list(arguments))
        return status, out.getvalue(), err.getvalue()

    def written(self, name: str, change: float = 0) -> str:
        frame = self.frame.copy()
        slower = (frame["quantity"] == "seconds_p10") & (frame["depth"] != 6)
        frame.loc[slower, "value"] *= (frame["depth"] / 6) ** change
        whole = frame.assign(**{c: frame[c].astype(int) for c in ("depth", "width", "batch", "seed", "threads")})
        return str(synthetic.write(self.folder / name, whole.drop(columns="folder").to_dict("records")))

    def test_values(self) -> None:
        found = exponents.exponents(self.frame)
        expected = {("reverse_vjp", "depth"): 1, ("jacobian_literal", "depth"): 2, ("reverse_vjp", "width"): 2}
        for (strategy, axis), p in expected.items():
            for source in claim.SOURCES[:3]:
                mine = found[(found["strategy"] == strategy) & (found["axis"] == axis) & (found["source"] == source)].dropna(subset=["p"])
                self.assertGreater(len(mine), 0, (strategy, axis, source))
                best = mine["p_lower"].fillna(mine["p"])
                self.assertLess((best - p).abs().max(), 1e-12 if source == claim.COUNTS else 0.05, (strategy, axis, source))

    def test_two_runs(self) -> None:
        one, same, other = self.written("one"), self.written("same"), self.written("other", 0.1)
        status, out, _ = self.run_exponents("--rows", one, same)
        self.assertEqual(status, 0)
        self.assertIn("largest difference 0.0000", out)
        self.assertRegex(out, r"counts: 0 of \d\d+ multiplications differ")
        status, out, _ = self.run_exponents("--rows", one, other)
        self.assertEqual(status, 1)
        self.assertRegex(out, r"time: \d+ exponents, largest difference 0\.[01]\d")

    def test_bad_input(self) -> None:
        status, out, error = self.run_exponents("--rows", str(self.folder / "none"))
        self.assertEqual((status, out, error.count("\n")), (2, "", 1))
        status, _, error = self.run_exponents("--rows", self.written("one"), "--csv", str(self.folder / "no" / "e.csv"))
        self.assertEqual((status, error.count("\n")), (2, 1))

    def test_folders_of_one_name_are_two_runs(self) -> None:
        frame = rows.read([self.written("a/run"), self.written("b/run", 0.1)])
        self.assertEqual(frame["folder"].nunique(), 2)


if __name__ == "__main__":
    unittest.main()

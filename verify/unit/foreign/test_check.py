"""backprove check on gradients of other programs: NumPy ones written to be sloppy, and scikit-learn's MLPClassifier."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from programs import Habits, Program, to_bfloat16  # noqa: E402

PROGRAM = os.environ["BACKPROVE_PROGRAM"]

NETWORKS = (
    ("affine(4,3)", "softmax_cross_entropy", 5),
    ("affine(4,8) tanh affine(8,3)", "softmax_cross_entropy", 7),
    ("affine(6,5) sigmoid affine(5,2)", "squared_error", 16),
    ("affine(8,16) relu affine(16,4)", "softmax_cross_entropy", 9),
    ("affine(5,7) softplus affine(7,3)", "squared_error", 3),
    ("affine(5,7) silu affine(7,7) silu affine(7,3)", "softmax_cross_entropy", 17),
    ("affine(16,16) tanh affine(16,16) tanh affine(16,10)", "softmax_cross_entropy", 33),
    ("affine(3,9) tanh affine(9,9) sigmoid affine(9,9) tanh affine(9,2)", "squared_error", 4),
    ("affine(20,30) tanh affine(30,10)", "softmax_cross_entropy", 64),
    (" tanh ".join(["affine(8,8)"] * 6), "squared_error", 8),
    (" tanh ".join(["affine(10,10)"] * 12), "squared_error", 6),
    (" tanh ".join(["affine(32,32)"] * 4) + " tanh affine(32,5)", "softmax_cross_entropy", 20),
)


class Case:
    """A network with data, the gradient of one program, and what the checker says about it."""

    def __init__(self, text: str, loss: str, batch: int, habits: Habits, seed: int = 1, gain: float = 1.0) -> None:
        self.text, self.loss, self.habits = text, loss, habits
        self.program = Program(text, loss, habits)
        rng = np.random.default_rng(seed)
        self.theta = self.program.parameters(rng, gain)
        affine = [sizes for name, sizes in self.program.layers if name == "affine"]
        self.x = self.program._round(rng.normal(size=(batch, affine[0][0])))
        outputs = affine[-1][1]
        if loss == "squared_error":
            self.target = self.program._round(rng.normal(size=(batch, outputs)))
        else:
            self.target = rng.integers(0, outputs, batch)
        self.gradient, self.input_gradient = self.program.gradient(self.theta, self.x, self.target)
        self.blocks = []  # begin, rows (outputs), columns (inputs) of every weight; its bias follows
        begin = 0
        for n_in, n_out in affine:
            self.blocks.append((begin, n_out, n_in))
            begin += n_in * n_out + n_out

    def again(self) -> Case:
        """Itself, after its numbers were changed."""
        self.gradient, self.input_gradient = self.program.gradient(self.theta, self.x, self.target)
        return self

    @property
    def scalar(self) -> str:
        return "bfloat16" if self.habits.bfloat16 else "float" if self.habits.dtype is np.float32 else "double"

    def check(self, gradient: np.ndarray | None = None, *more: str) -> tuple[int, dict]:
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder)
            files = {
                "params": self.theta,
                "inputs": self.x,
                "targets": self.target,
                "gradient": self.gradient if gradient is None else gradient,
                "input-gradient": self.input_gradient,
            }
            arguments = [PROGRAM, "check", "--network", self.text, "--loss", self.loss, "--scalar", self.scalar]
            for name, array in files.items():
                np.save(path / f"{name}.npy", array)
                arguments += [f"--{name}", str(path / f"{name}.npy")]
            done = subprocess.run(
                [*arguments, "--json", str(path / "verdict.json"), *more], capture_output=True, text=True, check=False
            )
            if done.returncode == 2:
                raise AssertionError(done.stderr)
            return done.returncode, json.loads((path / "verdict.json").read_text())


def worst(verdict: dict) -> str:
    return "; ".join(f"{b['block']} {b['verdict']} {b['error_over_bar']} {b['resolution']}" for b in verdict["blocks"])


def damages(case: Case) -> dict[str, np.ndarray]:
    """The gradient with one kind of damage each."""
    begin, rows, columns = case.blocks[len(case.blocks) // 2]
    weight = slice(begin, begin + rows * columns)
    bias = slice(begin + rows * columns, begin + rows * columns + rows)
    batch = len(case.x)
    made: dict[str, np.ndarray] = {}

    def damaged(name: str):
        made[name] = case.gradient.astype(np.float64).copy()
        return made[name]

    damaged("negated bias")[bias] *= -1
    damaged("doubled weight")[weight] *= 2
    damaged("mean in place of sum")[:] /= batch
    damaged("sum in place of mean")[:] *= batch
    damaged("zero weight")[weight] = 0
    damaged("transposed weight")[weight] = case.gradient[weight].reshape(rows, columns).T.reshape(-1)
    damaged("reversed rows")[weight] = case.gradient[weight].reshape(rows, columns)[::-1].reshape(-1)
    damaged("last row zero")[begin + (rows - 1) * columns : begin + rows * columns] = 0
    one = damaged("one entry off by 1 %")
    largest = begin + int(np.argmax(np.abs(case.gradient[weight])))
    one[largest] *= 1.01
    damaged("not a number")[begin] = np.nan
    wrong = np.roll(case.target, 1, axis=0)
    made["targets shifted"] = case.program.gradient(case.theta, case.x, wrong)[0].astype(np.float64)
    made["last sample missing"] = (
        case.program.gradient(case.theta, case.x[:-1], case.target[:-1])[0].astype(np.float64) * (batch - 1) / batch
    )
    if case.scalar == "double":
        made["rounded through float"] = case.gradient.astype(np.float32).astype(np.float64)
        damaged("off by 3e-5")[weight] *= 1 + 3e-5
    else:
        made["rounded through bfloat16"] = to_bfloat16(case.gradient).astype(np.float64)
    return made


class Right(unittest.TestCase):
    """Whatever a correct program does is right."""

    def expect_right(self, case: Case, allowed: tuple[int, ...] = (0,)) -> dict:
        status, verdict = case.check()
        self.assertIn(status, allowed, f"{case.text} {case.habits}: {worst(verdict)}")
        return verdict

    def test_plain(self) -> None:
        for text, loss, batch in NETWORKS:
            for dtype in (np.float32, np.float64):
                with self.subTest(network=text, dtype=dtype.__name__):
                    self.expect_right(Case(text, loss, batch, Habits(dtype)))

    def test_sloppy(self) -> None:
        for text, loss, batch in NETWORKS:
            for dtype in (np.float32, np.float64):
                for habits in (
                    Habits(dtype, True),
                    Habits(dtype, False, 4),
                    Habits(dtype, True, -4),
                    Habits(dtype, False, 4, scattered=True),
                ):
                    with self.subTest(network=text, habits=habits):
                        self.expect_right(Case(text, loss, batch, habits, seed=2))

    def test_saturated(self) -> None:
        """p - t with p near 1, s (1 - s) with s near 1: digits are lost there, and rightly so."""
        for text, loss, batch in NETWORKS[:9]:
            for dtype in (np.float32, np.float64):
                for gain in (3, 10, 30):
                    for habits in (Habits(dtype), Habits(dtype, True, 4)):
                        case = Case(text, loss, batch, habits, seed=5, gain=gain)
                        with self.subTest(network=text, habits=habits, gain=gain):
                            status, verdict = case.check()
                            self.assertNotEqual(status, 1, worst(verdict))

    def test_sequential_over_two_thousand_samples(self) -> None:
        for dtype in (np.float32, np.float64):
            case = Case("affine(4,6) tanh affine(6,3)", "softmax_cross_entropy", 2000, Habits(dtype, True))
            self.expect_right(case)

    def test_equal_samples(self) -> None:
        """Equal samples err alike: their errors add up instead of averaging out."""
        for dtype in (np.float32, np.float64):
            for batch in (500, 5000):
                for sequential in (False, True):
                    case = Case("affine(4,6) tanh affine(6,3)", "softmax_cross_entropy", batch, Habits(dtype, sequential))
                    case.x[:] = case.x[0]
                    case.target[:] = case.target[0]
                    with self.subTest(dtype=dtype.__name__, batch=batch, sequential=sequential):
                        self.expect_right(case.again())

    def test_softmax_regression_from_zero(self) -> None:
        """Terms of few different values, as all training begins that starts from zero: pixels of 17 levels, or 2."""
        rng = np.random.default_rng(6)
        for levels in (17, 2):
            for one_class in (False, True):
                for sequential in (False, True):
                    habits = Habits(np.float32, sequential)
                    case = Case("affine(16,10)", "softmax_cross_entropy", 1797, habits)
                    case.theta[:] = 0
                    case.x = (rng.integers(0, levels, case.x.shape) / (levels - 1)).astype(np.float32)
                    if one_class:
                        case.target[:] = 0
                    with self.subTest(levels=levels, one_class=one_class, sequential=sequential):
                        self.expect_right(case.again())

    def test_slopes_and_variances_as_differences(self) -> None:
        for dtype in (np.float32, np.float64):
            habits = Habits(dtype, differences=True)
            elu = Case("affine(1,1) elu affine(1,2)", "softmax_cross_entropy", 4, habits)
            elu.theta[:2] = (1, 0)
            elu.x[:, 0] = (-9, -10, -11, -12)
            norm = Case("affine(6,16) layer_norm(16) tanh affine(16,3)", "softmax_cross_entropy", 8, habits)
            norm.theta[6 * 16 : 7 * 16] += 100
            for case in (elu, norm):
                status, verdict = case.again().check()
                with self.subTest(network=case.text, dtype=dtype.__name__):
                    self.assertIn(status, (0, 3) if dtype is np.float32 else (0,), worst(verdict))

    def test_subnormal(self) -> None:
        """A gradient of 1e-42: nothing but underflow."""
        case = Case("affine(4,5) tanh affine(5,2)", "squared_error", 4, Habits(np.float32))
        case.theta *= np.float32(1e-22)
        case.target *= np.float32(1e-21)
        case.gradient, case.input_gradient = case.program.gradient(case.theta, case.x, case.target)
        status, verdict = case.check()
        self.assertNotEqual(status, 1, worst(verdict))

    def test_tiny(self) -> None:
        """A gradient whose squares are below the smallest double, and one that is itself."""
        for scale in (1e-60, 1e-110):
            case = Case("affine(4,5) tanh affine(5,5) tanh affine(5,2)", "squared_error", 4, Habits(np.float64))
            case.theta *= scale
            case.target *= scale
            status, verdict = case.again().check()
            self.assertNotEqual(status, 1, worst(verdict))

    def test_bfloat16(self) -> None:
        for text, loss, batch in NETWORKS[:6]:
            case = Case(text, loss, batch, Habits(np.float32, False, 0, True))
            with self.subTest(network=text):
                self.expect_right(case, (0, 3))

    def test_relu_at_zero(self) -> None:
        """Any slope between the two sides is a subderivative."""
        case = Case("affine(4,6) relu affine(6,3)", "softmax_cross_entropy", 5, Habits(np.float32))
        case.theta[4 * 3 : 4 * 4] = 0  # the fourth unit's weights, and its bias: its input is exactly zero
        case.theta[4 * 6 + 3] = 0
        case.gradient, case.input_gradient = case.program.gradient(case.theta, case.x, case.target)
        status, verdict = case.check()
        self.assertNotEqual(status, 1, worst(verdict))
        self.assertEqual(verdict["undecided_units"], 5)


class Wrong(unittest.TestCase):
    """Every kind of damage is seen in every network."""

    def test_damaged(self) -> None:
        for text, loss, batch in NETWORKS:
            for dtype in (np.float32, np.float64):
                case = Case(text, loss, batch, Habits(dtype), seed=3)
                for name, gradient in damages(case).items():
                    if np.array_equal(gradient, case.gradient):
                        continue
                    with self.subTest(network=text, dtype=dtype.__name__, damage=name):
                        status, verdict = case.check(gradient)
                        self.assertEqual(status, 1, worst(verdict))

    def test_patterns(self) -> None:
        text, loss, batch = NETWORKS[6]
        case = Case(text, loss, batch, Habits(np.float64), seed=4)
        expected = {
            "negated bias": "times -1",
            "doubled weight": "times 2",
            "mean in place of sum": "1/batch size",
            "sum in place of mean": "the batch size",
            "zero weight": "zero",
            "transposed weight": "transposed",
            "not a number": "not finite",
        }
        made = damages(case)
        for name, pattern in expected.items():
            _, verdict = case.check(made[name])
            hints = " ".join(block["pattern"] for block in verdict["blocks"])
            self.assertIn(pattern, hints, name)

    def test_small_rows_and_columns(self) -> None:
        """An input in other units makes one column of the weight's gradient 1e8 times as large; the others still count."""
        for dtype in (np.float32, np.float64):
            text = "affine(8,16) tanh" + 8 * " affine(16,16) silu" + " affine(16,3)"
            case = Case(text, "softmax_cross_entropy", 32, Habits(dtype))
            case.theta[: 16 * 8].reshape(16, 8)[:, 0] /= dtype(1e8)
            case.x[:, 0] *= dtype(1e8)
            status, verdict = case.again().check()
            self.assertEqual(status, 0, worst(verdict))
            for factor in (0, -1, 1.01):
                gradient = case.gradient.astype(np.float64)
                gradient[: 16 * 8].reshape(16, 8)[:, 1:] *= factor
                self.assertEqual(case.check(gradient)[0], 1, factor)
            gradient = case.gradient.astype(np.float64)
            gradient[: 16 * 8].reshape(16, 8)[:, 0] *= 1.01
            self.assertEqual(case.check(gradient)[0], 1)

    def test_says_which_columns_it_hardly_sees(self) -> None:
        """The third column's sum cancels: what is left of it is small, its error is not."""
        case = Case("affine(3,2)", "softmax_cross_entropy", 64, Habits(np.float32))
        case.x[1::2] = case.x[::2]
        case.target[:] = np.arange(64) % 8 < 2
        case.theta[:] = 0
        case.x[::2, 2], case.x[1::2, 2] = 1, np.float32(-0.99999)
        status, verdict = case.again().check()
        self.assertEqual(status, 0, worst(verdict))
        self.assertEqual((verdict["blocks"][0]["coarse_rows"], verdict["blocks"][0]["coarse_columns"]), (1, 0))
        self.assertEqual((verdict["blocks"][0]["rows"], verdict["blocks"][0]["columns"]), (3, 2))

    def test_resolution_does_not_turn_a_failure_into_a_pass(self) -> None:
        text, loss, batch = NETWORKS[1]
        case = Case(text, loss, batch, Habits(np.float32))
        gradient = damages(case)["one entry off by 1 %"]
        for resolution in ("1e-9", "0.01", "1e9"):
            self.assertEqual(case.check(gradient, "--resolution", resolution)[0], 1)
        self.assertEqual(case.check(None, "--resolution", "1e-12")[0], 3)

    def test_all_zero_is_vacuous(self) -> None:
        case = Case("affine(4,1) relu affine(1,2)", "squared_error", 4, Habits(np.float64))
        case.theta[4] = -1000  # the only unit is dead, and the target is met
        case.target = np.tile(case.theta[-2:], (4, 1))
        case.gradient, case.input_gradient = case.program.gradient(case.theta, case.x, case.target)
        self.assertEqual(case.check()[0], 3)


class Sklearn(unittest.TestCase):
    """The backpropagation of MLPClassifier, which nobody here wrote."""

    MODELS = tuple(
        (hidden, activation)
        for activation in ("tanh", "logistic", "relu", "identity")
        for hidden in ((20,), (12, 8), (9, 9, 7))
    )

    def gradient(self, dtype: type, hidden: tuple[int, ...], activation: str) -> Case:
        from sklearn.datasets import load_digits
        from sklearn.neural_network import MLPClassifier

        digits = load_digits()
        x, labels = (digits.data[:60] / 16).astype(dtype), digits.target[:60]
        model = MLPClassifier(hidden, activation=activation, alpha=0, max_iter=1, random_state=1)
        model.partial_fit(x, labels, classes=range(10))
        model.coefs_ = [np.asarray(c, dtype) for c in model.coefs_]
        model.intercepts_ = [np.asarray(c, dtype) for c in model.intercepts_]
        widths = [64, *hidden, 10]
        activations = [x, *[np.empty((len(x), n), dtype) for n in widths[1:]]]
        deltas = [np.empty_like(a) for a in activations[1:]]
        coefs = [np.empty_like(c) for c in model.coefs_]
        intercepts = [np.empty_like(c) for c in model.intercepts_]
        model._backprop(x, np.eye(10)[labels], activations, deltas, coefs, intercepts)
        name = {"logistic": "sigmoid"}.get(activation, activation)
        text = f" {name} ".join(f"affine({a},{b})" for a, b in zip(widths[:-1], widths[1:]))
        case = Case(text, "softmax_cross_entropy", 60, Habits(dtype))
        flat = lambda w, b: np.concatenate([part for c, i in zip(w, b) for part in (c.T.reshape(-1), i)])  # noqa: E731
        case.theta, case.x, case.target = flat(model.coefs_, model.intercepts_).astype(dtype), x, labels
        case.gradient = flat(coefs, intercepts)
        _, case.input_gradient = case.program.gradient(case.theta, case.x, case.target)
        return case

    def test_right_and_damaged(self) -> None:
        for dtype in (np.float32, np.float64):
            for hidden, activation in self.MODELS:
                case = self.gradient(dtype, hidden, activation)
                with self.subTest(dtype=dtype.__name__, hidden=hidden, activation=activation):
                    status, verdict = case.check()
                    self.assertIn(status, (0, 3) if activation == "relu" else (0,), worst(verdict))
                    for name, gradient in damages(case).items():
                        if name in ("targets shifted", "last sample missing"):
                            continue
                        if np.array_equal(gradient, case.gradient):
                            continue  # the row of a unit that never fires is zero anyway
                        self.assertEqual(case.check(gradient)[0], 1, name)


if __name__ == "__main__":
    unittest.main()

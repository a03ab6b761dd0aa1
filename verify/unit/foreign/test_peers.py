"""backprove check on gradients of PyTorch and JAX, and backprove rules with their own checkers."""

from __future__ import annotations

import csv
import pathlib
import subprocess
import sys
import tempfile
import unittest

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from libraries import Jax, Library, PyTorch, leaves, size  # noqa: E402
from programs import Habits  # noqa: E402
from test_check import NETWORKS, PROGRAM, Case, damages, worst  # noqa: E402

MORE = (
    ("affine(6,9) gelu affine(9,9) gelu_tanh affine(9,4)", "softmax_cross_entropy", 12),
    ("affine(5,8) elu affine(8,8) leaky_relu affine(8,3)", "squared_error", 10),
    ("affine(7,12) layer_norm(12) relu affine(12,6) layer_norm(6) tanh affine(6,4)", "softmax_cross_entropy", 15),
    ("affine(5,8) residual(affine(8,8) tanh affine(8,8)) silu affine(8,4)", "softmax_cross_entropy", 11),
    ("affine(4,7) tanh affine(7,5) log_softmax", "squared_error", 8),
    ("affine(4,7) sigmoid affine(7,5) softmax", "cross_entropy", 9),
    ("affine(6,8) softplus affine(8,3)", "sigmoid_cross_entropy", 13),
    ("affine(6,8) tanh affine(8,3) sigmoid", "binary_cross_entropy", 13),
)


class PeerCase(Case):
    """A case whose gradient is a library's."""

    def __init__(self, library: type[Library], text: str, loss: str, batch: int, dtype: type, seed: int) -> None:
        self.text, self.loss, self.habits = text, loss, Habits(dtype)
        self.program = library(text, loss, dtype)
        rng = np.random.default_rng(seed)
        self.theta = self.program.parameters(rng)
        self.blocks, begin = [], 0
        for name, content in leaves(self.program.tree):
            if name == "affine":
                self.blocks.append((begin, content[1], content[0]))
            begin += size(name, content)
        inputs, outputs = self.blocks[0][2], self.blocks[-1][1]
        self.x = rng.normal(size=(batch, inputs)).astype(dtype)
        if loss == "squared_error":
            self.target = rng.normal(size=(batch, outputs)).astype(dtype)
        elif loss in ("sigmoid_cross_entropy", "binary_cross_entropy"):
            self.target = rng.uniform(size=(batch, outputs)).astype(dtype)
        else:
            self.target = rng.integers(0, outputs, batch)
        self.gradient, self.input_gradient = self.program.gradient(self.theta, self.x, self.target)


class Check(unittest.TestCase):
    """What the libraries compute is right; with any kind of damage it is wrong."""

    def check(self, library: type[Library], dtype: type) -> None:
        for seed, (text, loss, batch) in enumerate((*NETWORKS, *MORE)):
            case = PeerCase(library, text, loss, batch, dtype, seed)
            self.assertEqual(case.gradient.dtype, dtype)
            with self.subTest(network=text):
                status, verdict = case.check()
                self.assertEqual(status, 0, worst(verdict))
            for name, gradient in damages(case).items():
                if np.array_equal(gradient, case.gradient):
                    continue
                with self.subTest(network=text, damage=name):
                    status, verdict = case.check(gradient)
                    self.assertEqual(status, 1, worst(verdict))

    def test_pytorch_float(self) -> None:
        self.check(PyTorch, np.float32)

    def test_pytorch_double(self) -> None:
        self.check(PyTorch, np.float64)

    def test_jax_float(self) -> None:
        self.check(Jax, np.float32)

    def test_jax_double(self) -> None:
        self.check(Jax, np.float64)


class Rules(unittest.TestCase):
    """The real checkers judge every case, and stand in the table and in the rows."""

    def test_table_and_rows(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                [PROGRAM, "rules", "--out", folder, "--peers", sys.executable],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertNotIn("left out", done.stdout)
            self.assertTrue(done.stdout.splitlines()[-1].startswith("rules: ours 0 false alarms of "))
            with (pathlib.Path(folder) / "rows.csv").open(newline="") as file:
                rows = list(csv.DictReader(file))
        judged: dict[tuple[str, str], set[str]] = {}
        for row in rows:
            self.assertNotIn("broke off", row["note"], row["options"])
            rule = dict(part.split("=", 1) for part in row["options"].split(";"))["rule"]
            judged.setdefault((rule, row["scalar"]), set()).add(row["network"])
        real = {key for key in judged if "(PyTorch " in key[0] or "(JAX " in key[0]}
        self.assertEqual(len(real), 8, sorted(judged))
        for key in real:
            self.assertEqual(judged[key], judged["backprove", key[1]], key)
            self.assertIn(key[0], done.stdout)


if __name__ == "__main__":
    unittest.main()

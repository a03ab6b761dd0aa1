"""backprove rules --serve, and what backprove rules says about checkers that cannot run."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "peers"))
from oracle import Oracle, encoded  # noqa: E402

PROGRAM = os.environ["BACKPROVE_PROGRAM"]
LAST = "rules: ours 0 false alarms of 48, 0 misses of 36"


def rules(*arguments: str, questions: str = "") -> subprocess.CompletedProcess:
    """backprove rules, with text on its standard input."""
    return subprocess.run(
        [PROGRAM, "rules", *arguments], input=questions, capture_output=True, text=True, check=False
    )  # fmt: skip


class Answers(unittest.TestCase):
    """Every number arrives to the last bit, and the products are the claimed ones."""

    def setUp(self) -> None:
        self.oracle = Oracle(PROGRAM)
        self.cases = self.oracle.cases()

    def tearDown(self) -> None:
        self.assertEqual(self.oracle.close(), 0)

    def case(self, name: str, scalar: str):
        (found,) = [one for one in self.cases if (one.name, one.scalar) == (name, scalar)]
        return found

    def test_both_scalars_have_the_same_cases(self) -> None:
        names = {scalar: [one.name for one in self.cases if one.scalar == scalar] for scalar in ("float", "double")}
        self.assertEqual(names["float"], names["double"])
        self.assertEqual(len(set(names["float"])), 42)

    def test_values_and_products(self) -> None:
        for scalar, dtype in (("float", np.float32), ("double", np.float64)):
            case = self.case("sum_of_thousand", scalar)
            total = dtype(0)
            for entry in case.x:
                total = total + entry * entry
            self.assertEqual(case.value(case.x)[0], total)
            three = np.full(1, 3, dtype)
            np.testing.assert_array_equal(case.vjp(case.x, three), dtype(2) * case.x * three)

    def test_the_point_and_not_numbers_go_through(self) -> None:
        case = self.case("wide_identity", "double")
        x = case.x * np.pi
        x[:3] = np.nan, -np.inf, 5e-324
        np.testing.assert_array_equal(case.value(x), x)

    def test_jvp_has_the_rows_of_the_claimed_products(self) -> None:
        for name in ("large_offset", "permuted_rows", "normalisation"):
            case = self.case(name, "double")
            rows = np.array([case.vjp(case.x, row) for row in np.eye(case.outputs)])
            v = np.arange(1.0, case.x.size + 1)
            bound = v.size * np.finfo(float).eps * (np.abs(rows) @ np.abs(v))
            self.assertTrue((np.abs(case.jvp(case.x, v) - rows @ v) <= bound).all(), name)


class Malformed(unittest.TestCase):
    """One line, and exit status 2."""

    def test_questions(self) -> None:
        x = encoded(np.zeros(3), "double")
        good = f'"op":"value","scalar":"double","case":"relu_at_zero","x":"{x}"'
        for line, message in (
            ("", "expected a JSON object"),
            ("hello", "expected a JSON object"),
            ("[1]", "expected a JSON object"),
            ("{}", "expected a text 'op'"),
            ('{"op":7}', "expected a text 'op'"),
            ('{"op":"value"}', "expected a text 'scalar'"),
            ("{" + good.replace("double", "half") + "}", "expected scalar float or double, got 'half'"),
            ("{" + good.replace("relu_at_zero", "nothing") + "}", "there is no case 'nothing'"),
            ("{" + good.replace('"value"', '"hessian"') + "}", "got 'hessian'"),
            ("{" + good.replace('"value"', '"vjp"') + "}", "expected a text 'v'"),
            ("{" + good.replace("double", "float") + "}", "24 hexadecimal digits (3 entries of 4 bytes), got 48"),
            ("{" + good.replace(x, x[:-1] + "G") + "}", "got the byte 0x47"),
            ("[" * 100000, "expected a JSON object"),
            ("\0\xff{}", "expected a JSON object"),
        ):
            with self.subTest(question=line[:80]):
                done = rules("--serve", questions='{"op":"cases"}\n' + line + "\n")
                self.assertEqual(done.returncode, 2)
                self.assertIn(message, done.stderr)
                self.assertTrue(done.stderr.startswith("backprove: question 2: "))
                self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
                self.assertEqual(done.stdout.count("\n"), 1)

    def test_the_end_of_the_input_is_the_end(self) -> None:
        done = rules("--serve")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_arguments(self) -> None:
        for arguments in (
            ("--serve", "--out", "nowhere"),
            ("--no-peers", "--peers", sys.executable, "--out", "nowhere"),
            ("--peers", "no_such_python", "--out", "nowhere"),
            ("--peers", ""),
        ):
            with self.subTest(arguments=arguments):
                done = rules(*arguments)
                self.assertEqual((done.returncode, done.stderr.count("\n")), (2, 1), done.stderr)


class Broken(unittest.TestCase):
    """A checker that cannot run is never left out quietly, and never changes what is said about ours."""

    def said(self, script: str) -> str:
        """What rules prints when this stands in the place of Python."""
        with tempfile.TemporaryDirectory() as folder:
            python = pathlib.Path(folder) / "python"
            python.write_text(f"#!/bin/sh\n{script}\n")
            python.chmod(0o755)
            done = rules("--out", folder, "--peers", str(python))
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertEqual(done.stdout.splitlines()[-1], LAST)
            return done.stdout

    def test_reasons(self) -> None:
        one = '{"rule":"r","source":"s","scalar":"float","case":"pole","accepts":true,"note":""}'
        for script, reason in (
            ("exit 3", "it ended with status 3"),
            ("kill -9 $$", "signal 9 ended it"),
            ("exit 0", "it judged nothing"),
            ("echo hello", "it wrote a line that is no JSON object"),
            (f"echo '{one}'", "r in float judged 1 of 42 cases"),
            (f"echo '{one}'; echo '{one}'", "it judged pole in float twice"),
        ):
            with self.subTest(script=script):
                said = self.said(script)
                for checker in ("jax_check_grads.py", "pytorch_gradcheck.py"):
                    self.assertIn(f"peers: {checker} is left out: {reason}", said)
                self.assertIn("peers: 0 rules of real checkers ran", said)

    def test_left_out_on_request(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            done = rules("--out", folder, "--no-peers")
        self.assertEqual(done.returncode, 0)
        self.assertIn("peers: PyTorch and JAX themselves were not run (--no-peers)", done.stdout)
        self.assertEqual(done.stdout.splitlines()[-1], LAST)


if __name__ == "__main__":
    unittest.main()

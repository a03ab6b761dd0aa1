"""The cases of the rule suite, asked of `backprove rules --serve`, and the form in which a checker answers for them."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from collections.abc import Callable

import numpy as np

DTYPES = {"float": np.dtype("<f4"), "double": np.dtype("<f8")}


class Oracle:
    """A running `backprove rules --serve`. Every number goes there and back to the last bit."""

    def __init__(self, program: str) -> None:
        self.process = subprocess.Popen(
            [program, "rules", "--serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, **question: str) -> dict:
        """One question, one answer; a program that has ended is an error here."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"backprove rules --serve ended with status {self.process.wait()}")
        return json.loads(answer)

    def cases(self) -> list[Case]:
        """All of them, first in float, then in double."""
        return [
            Case(self, one["case"], one["scalar"], one["outputs"], decoded(one["x"], one["scalar"]))
            for one in self.ask(op="cases")["cases"]
        ]

    def close(self) -> int:
        """Ends the program; its exit status."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait()


@dataclasses.dataclass
class Case:
    """A function with the products that somebody claims for it, at one point. It may be right or wrong."""

    oracle: Oracle
    name: str
    scalar: str
    outputs: int
    x: np.ndarray

    def value(self, x: np.ndarray) -> np.ndarray:
        """f(x)."""
        return self._ask("value", x)

    def vjp(self, x: np.ndarray, v: np.ndarray) -> np.ndarray:
        """The claimed J^T v."""
        return self._ask("vjp", x, v)

    def jvp(self, x: np.ndarray, v: np.ndarray) -> np.ndarray:
        """J v with the J of the claimed products, one for each row."""
        return self._ask("jvp", x, v)

    def _ask(self, op: str, x: np.ndarray, v: np.ndarray | None = None) -> np.ndarray:
        question = {"op": op, "case": self.name, "scalar": self.scalar, "x": encoded(x, self.scalar)}
        if v is not None:
            question["v"] = encoded(v, self.scalar)
        return decoded(self.oracle.ask(**question)["result"], self.scalar)


def encoded(x: np.ndarray, scalar: str) -> str:
    """The bytes in hexadecimal digits. Another precision than the case's would be rounded silently: an error."""
    x = np.asarray(x)
    if x.dtype != DTYPES[scalar]:
        raise TypeError(f"the case is in {scalar}, the checker gave {x.dtype}")
    return np.ascontiguousarray(x).tobytes().hex()


def decoded(text: str, scalar: str) -> np.ndarray:
    """The inverse."""
    return np.frombuffer(bytes.fromhex(text), DTYPES[scalar]).copy()


@dataclasses.dataclass
class Rule:
    """A real checker with one choice of its arguments. `judge` raises one of `rejections` for what it rejects."""

    name: str
    source: str
    judge: Callable[[Case], None]
    rejections: tuple[type[Exception], ...]


def run(rules: list[Rule], program: str) -> int:
    """Every rule on every case, one line each. A rule that breaks off has not accepted; the note names the error."""
    oracle = Oracle(program)
    cases = oracle.cases()
    for rule in rules:
        for case in cases:
            accepts, note = True, ""
            try:
                rule.judge(case)
            except rule.rejections:
                accepts = False
            except Exception as error:  # whatever it is, the checker did not say that the gradient is right
                accepts, note = False, f"broke off with {type(error).__name__}: {' '.join(str(error).split())[:200]}"
            ruling = {"rule": rule.name, "source": rule.source, "scalar": case.scalar, "case": case.name}
            print(json.dumps({**ruling, "accepts": accepts, "note": note}), flush=True)
    return oracle.close()


def main(rules: list[Rule]) -> None:
    """The program of one checker: its only argument is backprove."""
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} BACKPROVE")
    sys.exit(run(rules, sys.argv[1]))

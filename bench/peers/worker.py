"""What every peer of `backprove bench --peers` shares: it is asked one JSON line at a time and answers with one."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

DTYPES = {"float": np.float32, "double": np.float64}


class Unsupported(Exception):
    """The peer cannot serve this cell; the text says why."""


class Beyond(Exception):
    """The cell would cost more than the question allows; the text says how much."""


class Layer(NamedTuple):
    """A layer of the network's text: its name and the numbers in its parentheses."""

    name: str
    numbers: tuple[int, ...]


class Job(NamedTuple):
    """One cell: theta flat in the network's order, x samples x features, y class indices or samples x outputs."""

    layers: list[Layer]
    loss: str
    scalar: str
    theta: np.ndarray
    x: np.ndarray
    y: np.ndarray
    most_bytes: float
    most_seconds: float

    def affine_parameters(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Weight (n_out x n_in) and bias of every affine layer."""
        at, found = 0, []
        for layer in self.layers:
            if layer.name == "affine":
                n_in, n_out = layer.numbers
                weight = self.theta[at : at + n_in * n_out].reshape(n_out, n_in)
                at += n_in * n_out
                found.append((weight, self.theta[at : at + n_out]))
                at += n_out
        return found

    def check_bytes(self, what: str, size: float) -> None:
        """Raises Beyond if that is more than the cell may have."""
        if size > self.most_bytes:
            raise Beyond(f"{what} needs about {size:.3g} bytes, the limit is {self.most_bytes:.3g}")

    def check_jacobian(self, forward: bool) -> None:
        """Raises Beyond if the Jacobian of the outputs of every sample by all parameters (n_L x P x B numbers, twice: as
        it is made and as it is kept) or the tangents of its columns (P x B x width) are too large, or if its products
        would take too long at an optimistic 10^10 multiplications a second."""
        affine = [layer.numbers for layer in self.layers if layer.name == "affine"]
        outputs, widest = affine[-1][1] if affine else 0, max((max(pair) for pair in affine), default=0)
        parameters, batch = self.theta.size, self.x.shape[0]
        numbers = parameters * batch * (2.0 * outputs + (2.0 * widest if forward else 0.0))
        self.check_bytes("the Jacobian", numbers * self.theta.itemsize)
        seconds = 1e-10 * batch * parameters * (parameters if forward else 2.0 * outputs)
        if seconds > self.most_seconds:
            raise Beyond(f"a call takes at least about {seconds:.3g} s, the limit is {self.most_seconds:.3g}")


def out_of_memory(error: Exception) -> bool:
    """Whether a library says that it was given no memory: by its own words, which have no class of their own."""
    words = ("RESOURCE_EXHAUSTED", "can't allocate memory")  # XLA's, PyTorch's
    return isinstance(error, MemoryError) or any(said in str(error) for said in words)


class Ready(NamedTuple):
    """A prepared cell: `call` computes loss and gradient and waits for them, `flat` gives the last gradient."""

    call: Callable[[], object]
    flat: Callable[[object], np.ndarray]


def layers_of(text: str) -> list[Layer]:
    """The layers of a network's text; only flat networks."""
    if "residual" in text:
        raise Unsupported("residual networks are not translated")
    found = re.findall(r"(\w+)(?:\(([\d,]*)\))?", text)
    return [Layer(name, tuple(int(n) for n in numbers.split(",") if n)) for name, numbers in found]


def job_of(question: dict) -> Job:
    """Reads the arrays that a question names."""
    dtype = DTYPES.get(question["scalar"])
    if dtype is None:
        raise Unsupported(f"scalar {question['scalar']} has no counterpart")
    if question["reduction"] != "mean":
        raise Unsupported("only the mean over the samples is translated")
    theta, x, y = (np.load(question[name]) for name in ("theta", "x", "y"))
    y = y.astype(np.int64) if y.ndim == 1 else y.astype(dtype)
    return Job(
        layers_of(question["network"]), question["loss"], question["scalar"], theta.astype(dtype), x.astype(dtype), y,
        question["most_bytes"], question["most_seconds"],
    )  # fmt: skip


def seconds_of(call: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def samples(call: Callable[[], object], warming: float, most: int, seconds: float) -> list[float]:
    """Wall times of single calls: at least one, at most `most`, none begun later than `seconds` after the warming: calls
    for so many seconds that do not count, unless the first takes longer."""
    warm = time.perf_counter() + warming
    times = [first] if (first := seconds_of(call)) >= warming else []
    while time.perf_counter() < warm:
        call()
    end = time.perf_counter() + seconds
    while not times or (len(times) < most and time.perf_counter() < end):
        times.append(seconds_of(call))
    return times


def answer(question: dict, prepare: Callable[[Job], Ready], current: list[Ready]) -> dict:
    """One answer. `prepare` also makes the first calls, so that whatever is compiled is compiled."""
    if question["op"] == "time":
        return {"seconds": samples(current[0].call, question["warming"], question["samples"], question["seconds"])}
    current.clear()
    current.append(prepare(job_of(question)))
    current[0].call()
    start = time.perf_counter()
    result = current[0].call()
    seconds = time.perf_counter() - start
    np.save(question["gradient"], np.asarray(current[0].flat(result), dtype=np.float64))
    return {"call": seconds}


def serve(version: str, settings: dict, prepare: Callable[[Job], Ready]) -> None:
    """Says what it is, then answers until there are no more questions."""
    out, sys.stdout = sys.stdout, sys.stderr  # what a library prints is no answer
    current: list[Ready] = []
    print(json.dumps({"version": version, "settings": settings}), file=out, flush=True)
    for line in sys.stdin:
        try:
            reply = answer(json.loads(line), prepare, current)
        except Unsupported as reason:
            reply = {"unsupported": str(reason)}
        except Beyond as reason:
            reply = {"limit": str(reason)}
        except Exception as error:
            if not out_of_memory(error):
                raise
            current.clear()
            reply = {"limit": f"it got no more memory: {error}"}
        print(json.dumps(reply), file=out, flush=True)

"""The peak memory is what the shapes predict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

import timed_cells
from target import Held, Target

MARGIN, BYTES = 0.1, 1e6
STRATEGIES = "reverse_.*|jacobian_.*"
TARGET = Target(
    name="memory_predicted",
    sentence="heap_peak_bytes is within 10 % of predicted_bytes and the numbers given to and taken from the gradient, which it includes, "
    "from 1 MB on; reverse mode and explicit Jacobians.",
    needs="backprove bench; heap_peak_bytes, working_bytes, predicted_bytes",
)


def judge(rows: pd.DataFrame) -> list[Held]:
    """Every cell of these strategies."""
    cells = timed_cells.wide(rows, "heap_peak_bytes", "working_bytes", "predicted_bytes", strategy=STRATEGIES)
    cells = cells[cells["heap_peak_bytes"] >= BYTES].assign(given=lambda c: c["heap_peak_bytes"] - c["working_bytes"])
    return [
        TARGET.held(c, c["heap_peak_bytes"] / (c["predicted_bytes"] + c["given"]), lambda c=c: reason(c), low=1 - MARGIN, high=1 + MARGIN)
        for c in cells.to_dict("records")
    ]


def reason(cell: Mapping[str, Any]) -> str:
    """How many bytes came beside the predicted ones."""
    more = cell["working_bytes"] - cell["predicted_bytes"]
    return (
        f"{abs(more) / 1e6:.3g} MB {'more' if more > 0 else 'less'} than the {cell['predicted_bytes'] / 1e6:.3g} MB predicted, beside "
        f"{cell['given'] / 1e6:.3g} MB given and taken"
    )

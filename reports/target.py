"""What a performance target is, and what it says of a cell. One file of reports/targets is one target; performance.py judges them all."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

NOT_MEASURED = "not measured in these rows"


@dataclass(frozen=True)
class Held:
    """One cell held against one target. Numbers that do not apply are NaN."""

    target: str
    """Its file in reports/targets, without .py."""
    folder: str
    depth: float
    width: float
    batch: float
    scalar: str
    threads: float
    """0 where the best number of threads was taken."""
    strategy: str
    peer: str
    """The other system, empty where the target compares with none."""
    value: float
    low: float
    """The bar is low <= value <= high; -inf or inf where there is none."""
    high: float
    reason: str
    """Of a miss: what was measured about it; empty where the target holds."""
    counts: bool = True
    """False for a cell that is listed, but does not decide whether the target holds."""

    @property
    def holds(self) -> bool:
        """Whether the value keeps to the bar."""
        return self.low <= self.value <= self.high

    @property
    def bar(self) -> str:
        """The bar in words."""
        if math.isinf(self.high):
            return f"at least {self.low:g}"
        return f"at most {self.high:g}" if math.isinf(self.low) else f"{self.low:.4g} to {self.high:.4g}"

    @property
    def margin(self) -> float:
        """How many times the value keeps to its bar: below 1 is a miss, and the smaller the worse."""
        if self.value <= 0:
            return 0.0 if self.low > 0 else math.inf
        below = self.high / self.value if math.isfinite(self.high) else math.inf
        return min(self.value / self.low if self.low > 0 else math.inf, below)


@dataclass(frozen=True)
class Target:
    """The part of a target that is fixed before anything is run."""

    name: str
    """Of its file."""
    sentence: str
    """Value, bar and cells, in words."""
    needs: str
    """The quantities, and the command that writes them."""

    def held(
        self, cell: Mapping[str, Any], value: float, why: Callable[[], str], *, low: float = -math.inf, high: float = math.inf, **other: Any
    ) -> Held:
        """The cell held against low <= value <= high; `why` is asked for the reason of a miss. `other` replaces fields of the cell."""
        numbers = {name: float(cell.get(name, math.nan)) for name in ("depth", "width", "batch", "threads")}
        texts = {name: str(cell.get(name, "")) for name in ("folder", "scalar", "strategy", "peer")}
        kept = low <= value <= high
        fields = {**numbers, **texts, "reason": "" if kept else why(), **other}
        return Held(target=self.name, value=float(value), low=low, high=high, **fields)

"""One verdict of every kind, made up."""

from __future__ import annotations

import pandas as pd

from claim import Claim, Verdict

CLAIM = Claim(
    name="made_up", sentence="Costs grow <linearly> & 100 % surely.", source="Somebody 1999, section 2_b", formula="a + b L^p",
    statistic="exponent of the cost in the depth", predicted=1.0, margin=0.05, needs="backprove bench --sweep depth", rule="by its interval",
    figure="time_against_depth",
)  # fmt: skip


def verdicts() -> list[Verdict]:
    """Supported, refuted, inconclusive and not run, the refuted one as expected."""
    points = pd.DataFrame({"x": [2.0, 4.0], "y": [1.5, 3.0], "fit": [1.6, 2.9]})
    return [
        CLAIM.verdict("supported", "exactly", "counts", estimate=1.0, interval=(1.0, 1.0), cells=("a1", "b2"), series=points, x_label="depth", y_label="operations"),
        CLAIM.verdict("inconclusive", "too wide", "time", estimate=1.02, interval=(0.9, 1.14), p_value=0.3),
        CLAIM.not_run("no rows", "instructions"),
        Verdict(name="literal", claim="literal", evidence="measured", sentence="Depth does not matter.", source="s", formula="", statistic="ratio", predicted=float("nan"),
                margin=0.0, verdict="refuted", reason="it does", estimate=127.0, interval=(120.0, 130.0), figure=None, should_hold=False),
    ]  # fmt: skip

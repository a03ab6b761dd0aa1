"""Products from the input side are linear in the depth for the input Jacobian alone."""

from __future__ import annotations

import pandas as pd

import exponent_claim
import shapes
from claim import COUNTS, Claim, Verdict

STRATEGY = "jacobian_forward"
CLAIM = Claim(
    name="input_side_input_depth",
    sentence="Multiplied from the input side, the Jacobian by the input alone costs in proportion to the depth.",
    source="Griewank & Walther 2008, section 3.2; costs from the shapes",
    formula="Theta(L n^3): n_0 columns through every layer",
    statistic="exponent in the depth of what the input gradient adds to the cost of jacobian_forward",
    predicted=1.0,
    margin=0.05,
    needs="backprove bench over at least 4 depths with jacobian_forward, once with and once without --input-gradient; multiplications",
    rule="the polynomial through the differences of the counts has exactly degree 1; the difference of two times would be noise",
    figure="operations_against_depth",
)


def added(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows whose value is the count with the input gradient less the count without, in cells that are alike else."""
    chosen = shapes.measured(rows, "multiplications", STRATEGY)
    without = chosen["options"].map(lambda text: shapes.option(text, "input_gradient") == "no").astype(bool)
    rest = chosen["options"].map(lambda text: ";".join(o for o in text.split(";") if not o.startswith(("input_gradient=", "digits="))))
    chosen = chosen.assign(rest=rest)
    same = ["network", "loss", "batch", "data", "rest"]
    alone = chosen[without].groupby(same, as_index=False)["value"].first()
    both = chosen[~without].merge(alone, on=same, suffixes=("", "_without"))
    return both.assign(value=both["value"] - both["value_without"])


def judge(rows: pd.DataFrame) -> list[Verdict]:
    """From counts."""
    chosen = added(rows)
    if chosen.empty:
        return [CLAIM.not_run("no cells of jacobian_forward with and without the input gradient have multiplications", COUNTS)]
    return [exponent_claim.judge_rows(CLAIM, COUNTS, chosen, [STRATEGY], "depth", "any")]

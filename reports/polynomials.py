"""Exact arithmetic on counts of operations: whole numbers are judged by equality, never by a fit."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction


def degree(sizes: Sequence[int], counts: Sequence[int]) -> int | None:
    """The degree of the polynomial through all points, if at least one of them is not needed to find it; else None.

    By Newton's divided differences in rational numbers: those of order d + 1 and more are all exactly 0.
    """
    differences = [Fraction(c) for c in counts]
    leading = [differences[0]]
    for order in range(1, len(sizes)):
        differences = [
            (b - a) / (sizes[k + order] - sizes[k]) for k, (a, b) in enumerate(zip(differences, differences[1:]))
        ]
        leading.append(differences[0])
    nonzero = [k for k, value in enumerate(leading) if value != 0]
    top = nonzero[-1] if nonzero else 0
    return top if top + 1 < len(sizes) else None


def leading_coefficient(sizes: Sequence[int], counts: Sequence[int], order: int) -> Fraction:
    """The divided difference over the first order + 1 sizes: the coefficient of x^order of a polynomial of that degree."""
    differences = [Fraction(c) for c in counts[: order + 1]]
    for step in range(1, order + 1):
        differences = [(b - a) / (sizes[k + step] - sizes[k]) for k, (a, b) in enumerate(zip(differences, differences[1:]))]
    return differences[0]


def combination(targets: Sequence[int | Fraction], features: Sequence[Sequence[int]]) -> list[Fraction] | None:
    """Coefficients with target = sum_k coefficient_k feature_k in every line, exactly; None if there are none.

    Gaussian elimination in rational numbers; a feature that the lines cannot tell from earlier ones gets 0.
    """
    lines = [[*map(Fraction, line), Fraction(target)] for line, target in zip(features, targets)]
    width = len(features[0])
    pivots: list[int] = []
    for column in range(width):
        row = len(pivots)
        found = next((k for k in range(row, len(lines)) if lines[k][column] != 0), None)
        if found is None:
            continue
        lines[row], lines[found] = lines[found], lines[row]
        lines[row] = [value / lines[row][column] for value in lines[row]]
        for k, line in enumerate(lines):
            if k != row and line[column] != 0:
                lines[k] = [a - line[column] * b for a, b in zip(line, lines[row])]
        pivots.append(column)
    if any(line[width] != 0 for line in lines[len(pivots) :]):
        return None
    answer = [Fraction(0)] * width
    for row, column in enumerate(pivots):
        answer[column] = lines[row][width]
    return answer

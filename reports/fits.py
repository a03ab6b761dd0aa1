"""Fits of a cost to powers of sizes, with intervals from the sizes' own scatter.

    t = a + b n^p                 power(n, t)
    t = a + d n^q + b n^p         power(n, t, lower=q)      q < p fixed: work of a lower order that everybody does
    t = a + b L^p n^q             power_of_two(L, n, t)

Residuals are relative (a time's noise is). The interval is Student's, with K - parameters degrees of freedom, from the scatter
of the K sizes about the curve: repetitions of one size say nothing about how far a size lies off the curve.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, stats

Array = NDArray[np.float64]
SIZES, DECADES = 8, 1.5
"""The least design for an exponent of a time: so many geometric sizes over so many decades."""


class FitError(ValueError):
    """These numbers do not determine an exponent; the message says why."""


@dataclass(frozen=True)
class Exponent:
    """An exponent with its standard error, degrees of freedom and the fitted curve at the data."""

    value: float
    error: float
    degrees: int
    fitted: Array
    scatter: float
    """Root of the mean square relative residual, over the degrees of freedom."""

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Two-sided."""
        half = float(stats.t.ppf((1 + level) / 2, self.degrees)) * self.error
        return self.value - half, self.value + half


def power(sizes: ArrayLike, costs: ArrayLike, lower: float | None = None) -> Exponent:
    """The exponent p of t = a + b n^p, or of t = a + d n^lower + b n^p."""
    return of_form([sizes], costs, lower)[0]


def power_of_two(depths: ArrayLike, widths: ArrayLike, costs: ArrayLike) -> tuple[Exponent, Exponent]:
    """The exponents p and q of t = a + b L^p n^q."""
    p, q = of_form([depths, widths], costs)
    return p, q


def of_form(variables: list[ArrayLike], costs: ArrayLike, lower: float | None = None) -> list[Exponent]:
    """Exponents of all variables of t = a + b prod x_k^p_k; with `lower`, of one variable, also + d x^lower."""
    x = np.array([scaled(v) for v in variables])
    y = np.asarray(costs, dtype=float)
    extra = np.empty((0, y.size)) if lower is None else x**lower
    unknowns = 1 + len(extra) + 1 + len(x)
    degrees = y.size - unknowns
    if degrees < 1:
        raise FitError(f"{y.size} sizes do not determine {unknowns} parameters")
    if not (np.isfinite(y).all() and (y > 0).all()):
        raise FitError("a cost that is not a positive number")
    for values in x:
        if np.unique(values).size < 3:
            raise FitError("fewer than 3 different sizes")
    at, weights = start(x, y, extra), y
    for _ in range(2):  # the second time relative to the curve: relative to noisy data the fit is biased low
        at, jacobian, residuals = solve(x, y, extra, weights, at)
        weights = model(x, extra, at)
        if not (weights > 0).all():
            raise FitError("the fitted curve is not positive")
    variance = float(residuals @ residuals) / degrees
    scale = np.linalg.norm(jacobian, axis=0)
    covariance = np.linalg.pinv((jacobian / scale).T @ (jacobian / scale)) * variance / np.outer(scale, scale)
    errors = np.sqrt(np.diag(covariance))
    fitted = model(x, extra, at)
    first = unknowns - len(x)
    return [Exponent(float(at[k]), float(errors[k]), degrees, fitted, variance**0.5) for k in range(first, unknowns)]


def scaled(values: ArrayLike) -> Array:
    """Sizes over their geometric mean, which leaves exponents alone."""
    v = np.asarray(values, dtype=float)
    if not (np.isfinite(v).all() and (v > 0).all()):
        raise FitError("a size that is not a positive number")
    return v / np.exp(np.log(v).mean())


def term(x: Array, exponents: Array) -> Array:
    """prod x_k^p_k."""
    return np.exp(exponents @ np.log(x))


def model(x: Array, extra: Array, at: Array) -> Array:
    """The curve; `at` is (a, d..., b, p...)."""
    m = 1 + len(extra)
    return at[0] + at[1:m] @ extra + at[m] * term(x, at[m + 1 :])


def start(x: Array, y: Array, extra: Array) -> Array:
    """The best of a grid of exponents, the linear parameters by least squares; a single one may be negative (a ratio that falls)."""
    grid = np.linspace(0.15, 4.05, 27)
    choices = np.concatenate([grid, -grid[::2]])[:, None] if len(x) == 1 else np.array([(p, q) for p in grid[::2] for q in grid[::2]])
    powers = np.exp(choices @ np.log(x))
    same = np.broadcast_to(np.vstack([np.ones_like(y), extra]), (len(choices), 1 + len(extra), y.size))
    columns = (np.concatenate([same, powers[:, None, :]], axis=1) / y).transpose(0, 2, 1)
    linear = np.linalg.pinv(columns).sum(axis=2)  # times a column of ones: relative costs
    left = ((np.einsum("kij,kj->ki", columns, linear) - 1) ** 2).sum(axis=1)
    best = int(np.argmin(left))
    return np.concatenate([linear[best], choices[best]])


def solve(x: Array, y: Array, extra: Array, weights: Array, at: Array) -> tuple[Array, Array, Array]:
    """Least squares of (curve - y) / weights from `at`: parameters, Jacobian, residuals."""
    m = 1 + len(extra)

    def residuals(q: Array) -> Array:
        return (model(x, extra, q) - y) / weights

    def jacobian(q: Array) -> Array:
        power_term = term(x, q[m + 1 :])
        return (np.vstack([np.ones_like(y), extra, power_term, q[m] * power_term * np.log(x)]) / weights).T

    typical = float(np.median(y))
    units = np.concatenate([np.full(m + 1, typical), np.ones(len(x))])
    with warnings.catch_warnings(), np.errstate(over="ignore", invalid="ignore"):
        warnings.simplefilter("ignore")
        try:
            found = optimize.least_squares(residuals, at, jacobian, method="lm", x_scale=units, xtol=1e-11)
        except (ValueError, np.linalg.LinAlgError) as error:
            raise FitError(f"no fit: {error}") from None
    return found.x, jacobian(found.x), residuals(found.x)


def slope(sizes: ArrayLike, values: ArrayLike, levels: int = 1) -> Exponent:
    """The exponent p of v = b n^p, by least squares of the logarithms: for ratios and errors, which no fixed cost shifts.

    `levels`: of how many groups the own level b has been divided out beforehand, each of which costs a degree of freedom.
    """
    y = np.asarray(values, dtype=float)
    if not (np.isfinite(y).all() and (y > 0).all()):
        raise FitError("a value that is not a positive number")
    found = line(np.log(scaled(sizes)), np.log(y), levels)
    return Exponent(found.value, found.error, found.degrees, np.exp(found.fitted), found.scatter)


def line(x: ArrayLike, y: ArrayLike, levels: int = 1) -> Exponent:
    """The slope of a straight line by least squares; the scatter is absolute."""
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    degrees = y.size - 1 - levels
    if np.unique(x).size < 3 or degrees < 2:
        raise FitError("fewer than 3 different sizes or 4 values")
    found = stats.linregress(x, y)
    fitted = found.intercept + found.slope * x
    correction = ((y.size - 2) / degrees) ** 0.5
    scatter = float(((y - fitted) @ (y - fitted) / degrees) ** 0.5)
    return Exponent(float(found.slope), float(found.stderr) * correction, degrees, fitted, scatter)


def local_slopes(sizes: ArrayLike, costs: ArrayLike) -> Array:
    """d log t / d log n between neighbouring sizes, one fewer than sizes."""
    with np.errstate(invalid="ignore", divide="ignore"):  # a cost of 0 or below has no slope
        n, t = np.log(np.asarray(sizes, dtype=float)), np.log(np.asarray(costs, dtype=float))
        return np.diff(t) / np.diff(n)


def poor_design(sizes: ArrayLike) -> str:
    """Why these sizes are too few for an exponent of a measured cost, or nothing."""
    n = np.unique(np.asarray(sizes, dtype=float))
    decades = float(np.log10(n[-1] / n[0])) if n.size else 0.0
    if n.size < SIZES or decades < DECADES - 1e-9:
        return f"{n.size} sizes over {decades:.2f} decades, {SIZES} over {DECADES} are the least"
    return ""

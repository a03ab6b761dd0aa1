"""Fitted lines and local slopes of the curves in the figures, by the fits that judge the claims."""

from __future__ import annotations

from collections.abc import Sequence

import fits


def fitted(x: Sequence[float], y: Sequence[float]) -> fits.Exponent | None:
    """The fit t = a + b n^p; None where the sizes do not determine it with an interval."""
    try:
        found = fits.power(x, y)
    except fits.FitError:
        return None
    return found if found.error < 2 else None

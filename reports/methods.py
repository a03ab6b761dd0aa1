"""How the rows were measured and judged, in few words."""

from __future__ import annotations

PARAGRAPHS = (
    ("Right or wrong", "Every gradient is compared with a reference of more digits that trusts no layer's derivative, must lie in an enclosure by "
     "intervals, and must agree with every other strategy. The tolerance is a bound on the rounding of the operations that were carried out, "
     "never a number that somebody chose. What was not decided, not possible or too large is a row with a status and a reason."),
    ("Counts", "Operations are counted by a scalar that counts them, so they are exact and the same on every machine. Instructions are counted "
     "under callgrind and repeat to the bit. Both are judged without any interval."),
    ("Time", "Nothing is timed before its gradient was verified in the same process. One short call is one sample, after an untimed call; all cells "
     "of a block are interleaved in a new random order each round, so that a slow minute hits all alike. The tenth percentile and the median are "
     "reported, never the mean. Two copies of one cell in every block give the noise floor. Threads are pinned. Times of two machines are never compared."),
    ("Exponents", "Fits of t = a + b L^p (and of t = a + b L^p n^q), with a for the fixed cost of a call; the interval comes from the scatter of the sizes "
     "about the curve. A claim about an exponent is judged by two one-sided tests of equivalence with a margin fixed beforehand; decisions "
     "are corrected for their number by Holm's method across all claims."),
    ("Memory", "The peak of the live allocations, counted in a pass of its own, and the growth of the resident memory as the system reports it."),
)  # fmt: skip


def html() -> str:
    """The paragraphs for the page."""
    return "\n".join(f"<h3>{title}</h3><p>{text}</p>" for title, text in PARAGRAPHS)

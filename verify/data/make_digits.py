#!/usr/bin/python3
"""Writes digits.csv from the copy of the UCI optical digits that Debian's python3-sklearn package holds.

usage: verify/data/make_digits.py [OUTPUT]        (default: digits.csv beside this file)

The package's file has 65 integers a line without a header; this adds the header p0..p63,label, checks shape and ranges,
and changes nothing else. The result is the same, byte for byte, every time. See README.md for origin and licence.
"""

from __future__ import annotations

import gzip
import importlib.util
import sys
from pathlib import Path

SAMPLES, PIXELS, LARGEST, CLASSES = 1797, 64, 16, 10


def source() -> Path:
    """The compressed file in the installed package; the package itself is not imported."""
    package = importlib.util.find_spec("sklearn")
    if package is None or package.origin is None:
        raise SystemExit("make_digits: python3-sklearn is not installed (scripts/setup installs it)")
    return Path(package.origin).parent / "datasets" / "data" / "digits.csv.gz"


def digits(text: str) -> list[list[int]]:
    """The rows of the package's file: 64 pixels of 0..16, then the class 0..9."""
    rows = [[int(field) for field in line.split(",")] for line in text.splitlines()]
    if len(rows) != SAMPLES:
        raise SystemExit(f"make_digits: expected {SAMPLES} rows, got {len(rows)}")
    for number, row in enumerate(rows, start=1):
        if len(row) != PIXELS + 1 or not all(0 <= p <= LARGEST for p in row[:PIXELS]) or not 0 <= row[PIXELS] < CLASSES:
            raise SystemExit(f"make_digits: row {number} is not {PIXELS} pixels of 0..{LARGEST} and a class of 0..{CLASSES - 1}")
    return rows


def main(arguments: list[str]) -> None:
    """Reads, checks, writes."""
    output = Path(arguments[0]) if arguments else Path(__file__).resolve().parent / "digits.csv"
    with gzip.open(source(), "rt", encoding="ascii") as file:
        rows = digits(file.read())
    header = ",".join([*(f"p{i}" for i in range(PIXELS)), "label"])
    output.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows), ""]), encoding="ascii")
    print(f"{output}: {len(rows)} images")


if __name__ == "__main__":
    main(sys.argv[1:])

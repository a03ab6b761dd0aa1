"""What the commands of the reports share: bad usage is one line and status 2; files that are found come in an order."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, and where help is."""

    def error(self, message: str) -> NoReturn:
        name = self.prog.split()[-1]
        self.exit(2, f"{name}: {' '.join(message.split())}; see {self.prog} --help\n")

    def add_rows(self) -> None:
        """The runs that every one of them reads."""
        self.add_argument("--rows", nargs="+", type=Path, required=True, metavar="DIR", help="folders that hold rows.csv, rows.csv.gz or rows.csv.xz")

    def add_out(self) -> None:
        """Where some of them write."""
        self.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write to")


def refused(command: str, error: Exception, written: Path | None) -> int:
    """Says in one line on stderr what cannot be read, or what cannot be written (`written`, if the error has no name); exit status 2."""
    why = f"{error.filename or written}: {error.strerror or error}" if isinstance(error, OSError) else str(error)
    print(f"{command}: {why}", file=sys.stderr)
    return 2


def ordered(names: Iterable[str], order: Sequence[str]) -> list[str]:
    """The names without those that begin with '_': first as `order` has them, then the rest by the alphabet."""
    found = {name for name in names if not name.startswith("_")}
    return [*(name for name in order if name in found), *sorted(found - set(order))]

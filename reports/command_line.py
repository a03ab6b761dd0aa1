"""What the commands of the reports share: bad usage is one line and status 2."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, and where help is."""

    def error(self, message: str) -> NoReturn:
        name = self.prog.split()[-1]
        self.exit(2, f"{name}: {' '.join(message.split())}; see {self.prog} --help\n")

    def add_rows(self) -> None:
        """The runs that every one of them reads."""
        self.add_argument("--rows", nargs="+", type=Path, required=True, metavar="DIR", help="folders that hold rows.csv or rows.csv.gz")

    def add_out(self) -> None:
        """Where some of them write."""
        self.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write to")

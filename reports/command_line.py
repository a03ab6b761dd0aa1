"""What the commands of the reports share: bad usage is one line and status 2."""

from __future__ import annotations

import argparse
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, and where help is."""

    def error(self, message: str) -> NoReturn:
        name = self.prog.split()[-1]
        self.exit(2, f"{name}: {' '.join(message.split())}; see {self.prog} --help\n")

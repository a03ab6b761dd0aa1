#!/usr/bin/python3
"""Copies runs without their samples, packed: what claims, figures and tables read, and nothing else.

usage: backprove compact --rows DIR... --out DIR

Writes OUT/NAME/rows.csv.gz and OUT/NAME/environment.json of every folder DIR, NAME being the name that reports show for it. All
rows are kept, byte by byte; equal rows give equal files. `claims`, `report` and `exponents` read such folders as they read runs.
Prints the files it wrote, one a line, with their sizes in bytes.
Exit status: 0 written, 2 bad usage, rows that cannot be used or output that cannot be written (one line on stderr).
"""

from __future__ import annotations

import gzip
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import command_line  # noqa: E402
import environments  # noqa: E402
import rows as rows_module  # noqa: E402

LARGE = 512 * 1024
"""Bytes of one file from which on a repository had better not hold it: said on stderr."""


def compact(folders: Sequence[Path], out: Path) -> list[Path]:
    """Packs every folder and returns the files. RowsError: a folder cannot be used, or a run lies where a copy would go."""
    rows_module.read(folders)
    environments.read(folders)
    written = []
    for label, folder in zip(rows_module.labels(folders), folders):
        target = out / label
        if (target / "rows.csv").exists() or target.resolve() == folder.resolve():
            raise rows_module.RowsError(f"{target}: holds rows already that are no copy")
        try:
            target.mkdir(parents=True, exist_ok=True)
            contents = {"rows.csv.gz": gzip.compress(rows_module.content(folder / "rows.csv")[1], 9, mtime=0)}
            environment = folder / "environment.json"
            if environment.is_file():
                contents["environment.json"] = environment.read_bytes()
            (target / "environment.json").unlink(missing_ok=True)  # of an earlier copy
            for name, bytes_ in contents.items():
                (target / name).write_bytes(bytes_)
                written.append(target / name)
        except OSError as error:
            raise rows_module.RowsError(f"{error.filename or target}: {error.strerror or error}") from None
    return written


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    first, rest = (__doc__ or "").split("usage:")
    parser = command_line.Parser(prog="backprove compact", description=textwrap.dedent(first).strip(), epilog=rest.split("--out DIR")[1].strip())
    parser.add_rows()
    parser.add_out()
    given = parser.parse_args(arguments)
    try:
        written = compact(list(dict.fromkeys(given.rows)), given.out)
    except rows_module.RowsError as error:
        print(f"compact: {error}", file=sys.stderr)
        return 2
    for path in written:
        size = path.stat().st_size
        print(path, size)
        if size > LARGE:
            print(f"compact: {path} has {size} bytes, more than {LARGE}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Reads rows (schema.md) from one or several folders into one frame, and refuses what is not in the schema."""

from __future__ import annotations

import csv
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

INTEGERS = ("depth", "width", "batch", "seed", "threads")
COLUMNS = (
    "cell", "network", "depth", "width", "batch", "loss", "data", "seed", "strategy", "scalar", "kernel", "threads",
    "quantity", "value", "unit", "status", "note", "options",
)  # fmt: skip
# From the worst to the best: the status of a cell is the worst of its rows.
STATUSES = ("failed", "nonfinite", "inconclusive", "limit", "unsupported", "ok")


csv.field_size_limit(1 << 24)  # characters: the text of a network is long where it is deep


class RowsError(ValueError):
    """The rows cannot be used; the message is one line that names the file and the place."""


def read(folders: Sequence[Path | str]) -> pd.DataFrame:
    """The rows of FOLDER/rows.csv (or rows.csv.gz, rows.csv.xz) of every folder, with the columns of the schema and one more, `folder` (its label).

    Text columns are text (empty where empty), `value` is a float (NaN where empty), integer columns are floats with NaN
    where empty. A row that two folders have in common is kept once. RowsError: nothing to read, or not in the schema.
    """
    if not folders:
        raise RowsError("no folder of rows was given")
    frame = pd.concat(
        [read_file(Path(folder) / "rows.csv").assign(folder=label) for label, folder in zip(labels(folders), folders)], ignore_index=True
    )
    return frame.drop_duplicates(subset=list(COLUMNS), ignore_index=True)


def labels(folders: Sequence[Path | str]) -> list[str]:
    """A name for each folder: its own, with as many of its parents as it takes to tell folders of one name apart."""
    parts = [Path(folder).resolve().parts for folder in dict.fromkeys(map(Path, folders))]
    named = {}
    for mine in parts:
        length = 1
        while length < len(mine) and sum(other[-length:] == mine[-length:] for other in parts) > 1 and parts.count(mine) == 1:
            length += 1
        named[mine] = "/".join(mine[-length:])
    return [named[Path(folder).resolve().parts] for folder in folders]


def read_file(path: Path) -> pd.DataFrame:
    """The rows of one file, or of the same with .gz behind its name where only that is there."""
    path, text = content(path)
    header, records, lines = records_of(path, text)
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        raise RowsError(f"{path}: missing column{'s' if len(missing) > 1 else ''} {', '.join(missing)}")
    if len(set(header)) != len(header):
        raise RowsError(f"{path}: a column is named twice")
    if not records:
        raise RowsError(f"{path}: no rows")
    frame = pd.DataFrame(records, columns=header, dtype=str)[list(COLUMNS)]

    def refuse(bad: "pd.Series[bool]", column: str, expected: str) -> None:
        if bad.any():
            first = int(bad.to_numpy().argmax())
            raise RowsError(f"{path}: line {lines[first]}: {column} '{frame[column].iloc[first]}' is not {expected}")

    refuse(~frame["status"].isin(STATUSES), "status", "one of " + ", ".join(reversed(STATUSES)))
    for column in ("cell", "strategy", "scalar", "quantity"):
        refuse(frame[column] == "", column, "a name")
    for column in (*INTEGERS, "value"):
        text = frame[column].str.strip()
        numbers = pd.to_numeric(text, errors="coerce")
        nan = text.str.lower().isin(["", "nan", "-nan"])
        refuse(numbers.isna() & ~nan, column, "a number")
        if column != "value":
            refuse((numbers.notna() & (numbers % 1 != 0)) | (nan & (text != "")), column, "an integer")
        frame[column] = numbers.astype(float)
    return frame


def content(path: Path) -> tuple[Path, bytes]:
    """The file that is read and its bytes: `path` itself, or else `path`.gz or `path`.xz unpacked."""
    files = [(path, "", bytes), *packed_files(path)]
    file, kind, unpack = next((one for one in files if one[0].exists()), files[0])
    try:
        return file, unpack(file.read_bytes())
    except (EOFError, zlib.error, gzip.BadGzipFile, lzma.LZMAError):
        raise RowsError(f"{file}: not a whole {kind} file") from None
    except OSError as error:
        raise RowsError(f"{error.filename or path}: {error.strerror or error}") from None


def packed_files(path: Path) -> list[tuple[Path, str, Callable[[bytes], bytes]]]:
    """Names that `path` has when it is packed, how, and what unpacks it."""
    return [(path.with_name(path.name + ".gz"), "gzip", gzip.decompress), (path.with_name(path.name + ".xz"), "xz", lzma.decompress)]


def records_of(path: Path, text: bytes) -> tuple[list[str], list[list[str]], list[int]]:
    """Header, records, and the line on which each record ends."""
    try:
        reader = csv.reader(io.StringIO(text.decode("utf-8-sig"), newline=""), strict=True)
        header = next(reader, [])
        records, lines = [], []
        for record in reader:
            if len(record) != len(header):
                raise RowsError(f"{path}: line {reader.line_num}: {len(record)} fields, the header has {len(header)}")
            records.append(record)
            lines.append(reader.line_num)
    except UnicodeDecodeError:
        raise RowsError(f"{path}: not UTF-8 text") from None
    except csv.Error as error:
        raise RowsError(f"{path}: line {reader.line_num}: {error}") from None
    if not header:
        raise RowsError(f"{path}: empty file")
    if not text.endswith(b"\n"):
        raise RowsError(f"{path}: line {reader.line_num}: the last line has no end, so a part of it may be missing")
    return header, records, lines


def cell_status(rows: pd.DataFrame) -> pd.DataFrame:
    """One line a cell: folder, strategy, scalar and its status, the worst of its rows."""
    order = {status: rank for rank, status in enumerate(STATUSES)}
    ranked = rows.assign(rank=rows["status"].map(order))
    worst = ranked.groupby(["folder", "strategy", "scalar", "cell"], sort=False)["rank"].min().reset_index()
    return worst.assign(status=worst["rank"].map(dict(enumerate(STATUSES)))).drop(columns="rank")

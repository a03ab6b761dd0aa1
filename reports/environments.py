"""The environments of the runs: read, flattened, and sorted into machines, whose times are never compared."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import rows as rows_module

Flat = dict[str, Any]


def read(folders: Sequence[Path]) -> dict[str, Flat | None]:
    """Folder's label -> its environment.json flattened to 'a.b' keys; None where there is none. RowsError if unreadable."""
    found: dict[str, Flat | None] = {}
    for label, folder in zip(rows_module.labels(folders), folders):
        path = Path(folder) / "environment.json"
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            found[label] = None
            continue
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or " ".join(str(error).split())
            raise rows_module.RowsError(f"{path}: {why}") from None
        if not isinstance(content, dict):
            raise rows_module.RowsError(f"{path}: not a JSON object but {type(content).__name__}")
        found[label] = flatten(content)
    return found


def flatten(value: Any, prefix: str = "") -> Flat:
    """Nested objects as one level of 'a.b' keys; a list of objects is one text."""
    if isinstance(value, list) and value and all(isinstance(v, dict) for v in value):
        value = "; ".join(", ".join(f"{k.replace('_', ' ')} {known(v)}" for k, v in one.items()) for one in value)
    if not isinstance(value, dict):
        return {prefix: value}
    flat: Flat = {}
    for key, inner in value.items():
        flat |= flatten(inner, f"{prefix}.{key}" if prefix else str(key))
    return flat


def machines(environments: dict[str, Flat | None]) -> dict[str, str]:
    """Folder's label -> machine. Two runs are of one machine when processor, memory and system are the same.

    A folder without an environment is a machine of its own: nothing says that its times may be compared.
    """
    known: dict[Any, str] = {}
    result: dict[str, str] = {}
    for label, values in environments.items():
        key = label if values is None else identity(values)
        if key not in known:
            known[key] = f"machine {len(known) + 1}"
        result[label] = known[key]
    # With one machine there is nothing to tell apart.
    return {label: "" for label in result} if len(known) == 1 else result


def identity(values: Flat) -> tuple[tuple[str, str], ...]:
    """What makes a machine: the keys of processor, memory and system that do not change from run to run."""
    changing = ("governor", "usable_cores", "limit_bytes")
    return tuple(sorted((k, str(v)) for k, v in values.items() if k.startswith(("processor.", "memory.", "system.")) and not k.endswith(changing)))


def known(value: Any) -> str:
    """A value for people; null is unknown."""
    return "unknown" if value is None else str(value)


def third_cache(values: Flat) -> float:
    """Bytes of the third cache, NaN where the environment does not say."""
    found = re.search(r"level 3, [^;]*\bsize (\d+)([KM])", str(values.get("processor.caches", "")))
    return int(found[1]) * {"K": 2**10, "M": 2**20}[found[2]] if found else math.nan


def table(environments: dict[str, Flat | None]) -> list[list[str]]:
    """Header and lines: key, then one column for each group of runs that agree in everything but the date."""
    groups: dict[str, list[str]] = {}
    first: dict[str, Flat] = {}
    for label, values in environments.items():
        if values is None:
            continue
        key = json.dumps({k: v for k, v in values.items() if k != "date"}, sort_keys=True)
        groups.setdefault(key, []).append(label)
        first.setdefault(key, values)
    if not groups:
        return []
    keys = list(dict.fromkeys(k for values in first.values() for k in values if k != "date"))
    # OMP_NUM_THREADS and the like: what is not set anywhere takes one line, not ten.
    unset = [k for k in keys if k.startswith("thread_settings.") and all(v.get(k) is None for v in first.values())]
    lines = [["", *(", ".join(group) for group in groups.values())]]
    lines += [[k.replace(".", " "), *(known(values.get(k)) for values in first.values())] for k in keys if k not in unset]
    if unset:
        lines.append(["thread settings not set", *[", ".join(k.split(".", 1)[1] for k in unset)] * len(first)])
    return lines


def without(environments: dict[str, Flat | None]) -> str:
    """A sentence about folders that have no environment.json, or nothing."""
    absent = [name for name, values in environments.items() if values is None]
    return f"No environment.json in {', '.join(absent)}: each counts as a machine of its own." if absent else ""

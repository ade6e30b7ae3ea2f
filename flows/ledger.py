"""The ledger: what was done, published and named, kept where no rebuild can lose it.

The warehouse holds it in ``run``, ``fetch``, ``correction``, ``supplier_given`` and ``supplier_redirect``.
The files of the same names in ``data/state``, all but ``fetch``, hold a row on each line and are only ever added to:
a warehouse that is made anew gets its past from there.
"""

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from warehouse import schema
from warehouse.publish import corrections, editions
from warehouse.store import Warehouse

COUNTED = ("requests", "documents", "used", "rejected", "releases_new", "awards", "award_lines")
"""The counts of a night that its row keeps."""

_ROWS = 20_000
"""Corrections that are Python objects at a time."""

NAMED = ("supplier_given", "supplier_redirect")
"""The tables by which ids of suppliers in print keep their meaning; of the lines of one key the last one counts."""


def note(
    warehouse: Warehouse,
    run: Mapping[str, Any],
    counts: Mapping[str, int],
    fetches: Sequence[Mapping[str, Any]],
) -> None:
    """Write the row of a run, and those of its requests.

    Args:
        warehouse: the open warehouse.
        run: the columns of table ``run`` that are known, counts left out: at least run_id, kind and status.
        counts: what the night has counted; of these, the columns of the table are kept.
        fetches: rows of table ``fetch``.
    """
    row = {**run, **{name: counts.get(name) for name in COUNTED}}
    warehouse.bulk_upsert("run", pl.DataFrame([row], schema=schema.frame_schema("run")))
    warehouse.bulk_upsert("fetch", pl.DataFrame(list(fetches), schema=schema.frame_schema("fetch")))


def close_orphans(warehouse: Warehouse, run_id: str) -> None:
    """Mark runs that were cut short: this one holds the lock, so none of the others is at work."""
    runs = warehouse.read("run")
    orphans = runs.filter((pl.col("status") == "running") & (pl.col("run_id") != run_id)).with_columns(
        status=pl.lit("failed"), reason=pl.lit("it was cut short; a later run has taken up its work")
    )
    warehouse.bulk_upsert("run", orphans)


def remember(warehouse: Warehouse, data_dir: Path) -> None:
    """Add to the state that no rebuild loses every ended run, published correction and supplier id it does not hold.

    Corrections of what ``data/snapshots/latest`` shows are not published before another snapshot stands in its place:
    a run that was held or failed finds them again, and they may be others then.

    Raises:
        OSError: the disk is full or not writable.
    """
    path = _state(data_dir, "run")
    known = set(_lines(path))
    ended = warehouse.read("run").filter(pl.col("status") != "running").sort("run_id")
    _append(path, (line for line in map(_line, ended.iter_rows(named=True)) if line not in known))
    shown = corrections.published_run(editions.latest(data_dir / "snapshots"))
    _remember_corrections(warehouse, _state(data_dir, "correction"), shown)
    for table in NAMED:
        _remember_rows(warehouse, table, _state(data_dir, table))


def _remember_rows(warehouse: Warehouse, table: str, path: Path) -> None:
    """Add the rows of a table that the file does not hold as they are, and the keys of those that are gone."""
    held, told = warehouse.read(table), _last(table, path)
    new = held.join(told, on=held.columns, how="anti", nulls_equal=True)
    gone = told.drop_nulls().join(held, on=schema.key_columns(table), how="anti").select(schema.key_columns(table))
    rows = pl.concat([new, gone], how="diagonal").sort(schema.key_columns(table))
    if rows.height:
        _append(path, map(_line, rows.iter_rows(named=True)))


def _last(table: str, path: Path) -> pl.DataFrame:
    """Read what a file says last of each key; all else is null where the row is gone."""
    types = schema.frame_schema(table)
    rows = [row for line in _lines(path) if (row := _told(line)) is not None]
    told = pl.DataFrame(rows, schema=types)
    return told.unique(schema.key_columns(table), keep="last", maintain_order=True)


def _told(line: bytes) -> dict[str, Any] | None:
    """Read a line; one that a crash cut short tells of something whose end nobody saw."""
    try:
        row = json.loads(line)
    except ValueError:
        return None
    return row if isinstance(row, dict) else None


def _remember_corrections(warehouse: Warehouse, path: Path, shown: str | None) -> None:
    """Add the corrections of every snapshot that another has followed, where the file does not hold all of them."""
    held = warehouse.query(
        "SELECT since_run_id, count(*) AS n FROM correction GROUP BY since_run_id",
        {"since_run_id": pl.String(), "n": pl.Int64()},
    )
    told = Counter(matched[1] for line in _lines(path) if (matched := _WHOLE.fullmatch(line)))
    for since, number in held.sort("since_run_id").iter_rows():
        # What was told once does not change any more: only counting is left to do, night after night.
        if since == shown or told[json.dumps(since).encode()] >= number:
            continue
        rows = warehouse.read("correction", keys=pl.DataFrame({"since_run_id": [since]}))
        rows = rows.sort(schema.key_columns("correction"))
        known = set(_lines(path))
        _append(path, (line for line in map(_line, rows.iter_rows(named=True)) if line not in known))


_WHOLE = re.compile(rb'\{"since_run_id": ("(?:[^"\\]|\\.)*"), .*"run_id": "(?:[^"\\]|\\.)*"\}', re.DOTALL)
"""A line that no crash cut short, with the run whose figures it corrects."""


def recall(warehouse: Warehouse, data_dir: Path) -> None:
    """Bring back runs, published corrections and the ids of suppliers into a warehouse that was made anew."""
    path = _state(data_dir, "run")
    if path.exists() and not warehouse.count("run"):
        _bring_back(warehouse, "run", _lines(path))
    path = _state(data_dir, "correction")
    if path.exists() and not warehouse.count("correction"):
        lines = _lines(path)
        while part := list(islice(lines, _ROWS)):
            _bring_back(warehouse, "correction", part)
    for table in NAMED:
        path = _state(data_dir, table)
        if path.exists() and not warehouse.count(table):
            warehouse.bulk_upsert(table, _last(table, path).drop_nulls())


def _bring_back(warehouse: Warehouse, table: str, lines: Iterable[bytes]) -> None:
    types, key = schema.frame_schema(table), schema.key_columns(table)
    rows = []
    for line in lines:
        row = _told(line)
        if row is None:
            continue
        times = {
            name: datetime.fromisoformat(row[name])
            for name, dtype in types.items()
            if isinstance(dtype, pl.Datetime) and row.get(name)
        }
        rows.append({**row, **times})
    told = pl.DataFrame(rows, schema=types)
    warehouse.bulk_upsert(table, told.unique(key, keep="last", maintain_order=True))


def _state(data_dir: Path, table: str) -> Path:
    return data_dir / "state" / f"{table}.jsonl"


def _line(row: Mapping[str, Any]) -> bytes:
    return json.dumps(row, default=str).encode()


def _lines(path: Path) -> Iterator[bytes]:
    """Read the lines of a file, none where it does not exist."""
    if path.exists():
        with path.open("rb") as lines:
            for line in lines:
                yield line.rstrip(b"\n")


def _append(path: Path, lines: Iterable[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - 1))
        if file.read(1) not in (b"", b"\n"):
            file.write(b"\n")  # a crash cut the last line short: this one must not be lost with it
        for line in lines:
            file.write(line + b"\n")

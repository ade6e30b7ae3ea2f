"""Publish a Parquet snapshot of the warehouse: ``snapshots/<night>/<table>/<partition>.parquet``.

Tables that grow with the notices are parted by month of publication, the others are one partition named ``all``.
A partition that did not change since the last snapshot is the same file, linked; so a night costs what it changed.
Beside the tables stands ``snapshot.json`` with the night, its facts and the rows, length and SHA-256 of every file.
"""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from warehouse import schema
from warehouse.publish import editions

MANIFEST, METHODOLOGY = "snapshot.json", "METHODOLOGY.md"

PART_ROWS = 50_000
"""Rows in one Parquet file, at most: the most that is held in memory at a time."""

_GROUP_ROWS = 20_000
"""Rows in one row group: rows lie in the order of the key, so a reader of a few keys skips the other groups."""

_SCANNED_ROWS = 20_000
"""Rows asked for at a time: as the driver's Python objects they take several times the room of a frame."""


class Readable(Protocol):
    """What a warehouse must offer to be published."""

    def scan(self, table: str, rows: int = PART_ROWS, partition: str | None = None) -> Iterator[pl.DataFrame]:
        """Read a table, or one of its months of publication, in parts and in the order of its key."""

    def partitions(self, table: str) -> list[str]:
        """Name the months of publication of a table, or ``all``."""

    def unpublished(self) -> Collection[tuple[str, str]]:
        """Name the partitions that changed since the last snapshot, as (table, partition)."""


def publish_snapshot(
    warehouse: Readable,
    snapshots: Path,
    night: str,
    facts: Mapping[str, object] | None = None,
    pages: Mapping[str, str] | None = None,
) -> Path:
    """Write the snapshot of a finished night and point ``latest`` at it.

    The marks of ``unpublished()`` may be cleared once this has returned, not before.

    Args:
        warehouse: the open warehouse.
        snapshots: the folder of snapshots.
        night: its name, beginning with a London day, such as ``2026-03-29``.
        facts: what to tell beside the tables, such as ``cut_off``, ``code_version``, ``rules_version``, ``sources``.
        pages: texts to keep beside the tables, by the names of their files: what was true of these tables when they
            were written, such as ``METHODOLOGY``. The export needs that one.

    Returns:
        The folder of the snapshot.

    Raises:
        ValueError: the name is not that of a night.
        OSError: the disk is full or not writable; earlier snapshots and ``latest`` are as they were.
    """
    made = partial(_fill, warehouse, editions.latest(snapshots), night, facts or {}, pages or {})
    return editions.publish(snapshots, night, made)


def read_manifest(snapshot: Path) -> dict[str, Any]:
    """Return what ``snapshot.json`` tells.

    Raises:
        ValueError: the folder holds no readable manifest, so it is no complete snapshot.
    """
    try:
        told: dict[str, Any] = json.loads((snapshot / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = f"{snapshot} is no complete snapshot ({error}): publish the night again, then use the new one"
        raise ValueError(message) from error
    return told


def check_version(manifest: Mapping[str, Any]) -> None:
    """See that a snapshot holds every table as this version of Noticeboard knows it, and how figures are worked out.

    Args:
        manifest: what ``read_manifest`` returned.

    Raises:
        ValueError: another version made the snapshot: a table is not in it, or has other columns there, or
            the page on methods is not.
    """
    ours = [table for table in schema.TABLES if table not in schema.INTERNAL]
    absent = [table for table in ours if table not in manifest["tables"]]
    other = [
        table for table in ours if table not in absent and manifest["tables"][table].get("schema") != _shape(table)
    ]
    is_explained = METHODOLOGY in manifest.get("pages", {})
    if absent or other or not is_explained:
        told = [f"it has no table {', '.join(absent)}"] if absent else []
        told += [f"the columns of {', '.join(other)} are others there"] if other else []
        told += [] if is_explained else [f"it has no {METHODOLOGY}"]
        message = (
            f"The snapshot of {manifest['night']} was made by another version of Noticeboard: {', and '.join(told)}. "
            "Run 'noticeboard rebuild' first: it makes everything again from the archive, and the export with it"
        )
        raise ValueError(message)


def files(manifest: Mapping[str, Any], table: str) -> list[dict[str, Any]]:
    """Return ``path, rows, bytes, sha256`` of each file of a table, in the order of its partitions."""
    return [file for partition in manifest["tables"][table]["partitions"].values() for file in partition]


def digest(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _fill(
    warehouse: Readable,
    previous: Path | None,
    night: str,
    facts: Mapping[str, object],
    pages: Mapping[str, str],
    folder: Path,
) -> None:
    changed, told = set(warehouse.unpublished()), _previously(previous)
    tables = {}
    for table in schema.TABLES:
        if table in schema.INTERNAL:
            continue
        shape = _shape(table)
        before = told.get(table, {})
        held = before["partitions"] if before.get("schema") == shape else {}
        partitions: dict[str, list[dict[str, Any]]] = {}
        for partition in warehouse.partitions(table):
            kept = None if previous is None or (table, partition) in changed else held.get(partition)
            linked = kept is not None and previous is not None and _link(kept, previous, folder)
            partitions[partition] = kept if kept is not None and linked else _write(warehouse, table, partition, folder)
        if not any(partitions.values()):
            none = [file for file in held.get("all", []) if file["rows"] == 0]
            if not (none and previous is not None and _link(none, previous, folder)):
                none = [_write_file(schema.empty(table), folder / table / "all.parquet", folder)]
            partitions["all"] = none
        rows = sum(file["rows"] for written in partitions.values() for file in written)
        tables[table] = {"rows": rows, "schema": shape, "partitions": partitions}
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")
    told_pages = {name: {"bytes": (folder / name).stat().st_size, "sha256": digest(folder / name)} for name in pages}
    manifest = {"night": night, "facts": dict(facts), "pages": told_pages, "tables": tables}
    text = json.dumps(manifest, indent=1, default=str, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def _previously(previous: Path | None) -> Mapping[str, Any]:
    if previous is None:
        return {}
    try:
        told: Mapping[str, Any] = read_manifest(previous)["tables"]
    except ValueError:
        # Damaged by hand: everything is written anew, which repairs it.
        return {}
    return told


def _shape(table: str) -> str:
    """Return a short hash of a table's columns and types: files of another shape are not linked."""
    return hashlib.sha256(repr(list(schema.frame_schema(table).items())).encode()).hexdigest()[:16]


def _link(kept: list[dict[str, Any]], previous: Path, folder: Path) -> bool:
    """Take over the files of an unchanged partition; false where one is gone or has another length."""
    sources = [previous / file["path"] for file in kept]
    if not all(
        source.is_file() and source.stat().st_size == file["bytes"] for source, file in zip(sources, kept, strict=True)
    ):
        return False
    for source, file in zip(sources, kept, strict=True):
        editions.link_or_copy(source, folder / file["path"])
    return True


def _write(warehouse: Readable, table: str, partition: str, folder: Path) -> list[dict[str, Any]]:
    """Write a partition in one file, or in numbered ones where it has more rows than one part; none where empty."""
    frames = warehouse.scan(table, _SCANNED_ROWS, None if partition == "all" else partition)
    written = []
    for number, part in enumerate(_in_parts(frames), start=1):
        written.append(_write_file(part, folder / table / f"{partition}-{number:04d}.parquet", folder))
    if len(written) == 1:
        only = f"{table}/{partition}.parquet"
        (folder / written[0]["path"]).rename(folder / only)
        written[0]["path"] = only
    return written


def _in_parts(frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Gather frames of any height into parts of ``PART_ROWS`` rows, the last one smaller, none empty."""
    waiting: list[pl.DataFrame] = []
    for frame in frames:
        waiting.append(frame)
        while sum(part.height for part in waiting) >= PART_ROWS:
            gathered = pl.concat(waiting)
            waiting = [gathered[PART_ROWS:]]
            yield gathered[:PART_ROWS]
    rest = pl.concat(waiting) if waiting else pl.DataFrame()
    if not rest.is_empty():
        yield rest


def _write_file(frame: pl.DataFrame, path: Path, folder: Path) -> dict[str, Any]:
    path.parent.mkdir(exist_ok=True)
    frame.write_parquet(path, compression="zstd", statistics=True, row_group_size=_GROUP_ROWS)
    return {
        "path": path.relative_to(folder).as_posix(),
        "rows": frame.height,
        "bytes": path.stat().st_size,
        "sha256": digest(path),
    }

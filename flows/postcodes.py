"""Load a newer postcode directory, and hand the one in force to the night.

    <data>/registers/postcodes/<vintage>/ranges.parquet, outwards.parquet, sectors.parquet, places.parquet,
                                         near.parquet, manifest.json

A vintage is placed at once and whole, and stays. The newest is in force; the one that Noticeboard brings counts too.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from extractors import postcodes
from extractors.registers import UnexpectedFile
from extractors.windows import LONDON
from flows import registers
from transforms import places
from transforms.places import Directory
from warehouse.store import Warehouse

REGISTER = "postcodes"

LEAST_SHARE = 0.9
"""A directory with a smaller share of the postcodes of the one in force is refused: it keeps terminated ones."""

_VINTAGE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MANIFEST = "manifest.json"
_TABLES = Directory._fields[1:]


class Loaded(NamedTuple):
    """A vintage that is loaded; ``unknown`` are the codes of authorities that the table of areas does not know."""

    vintage: date
    rows: int
    files: tuple[str, ...]
    unknown: tuple[str, ...]


def load(
    data_dir: Path,
    files: Sequence[Path],
    clock: Callable[[], datetime],
    *,
    on: date | None = None,
    accept_fewer: bool = False,
    progress: Callable[[str, int, int], None] | None = None,
) -> Loaded:
    """Derive the tables of a directory as the Office for National Statistics publishes it.

    Args:
        data_dir: Where everything is kept.
        files: The one zip of the ONS Postcode Directory, or the CSV that it holds.
        clock: Gives the time in UTC.
        on: The date of the directory, where no name tells it.
        accept_fewer: Whether it may have far fewer postcodes than the one in force.
        progress: Is told what is being done, how much of it is done, and of how much.

    Returns:
        The vintage as it is now loaded.

    Raises:
        extractors.web.SourceError: the file is not as expected, has no date, or another load is at work. What was
            loaded stays in use.
    """
    if len(files) != 1:
        raise UnexpectedFile(
            f"The postcode directory is one file, and {len(files)} were given. Get ONSPD_..._UK.zip from"
            f" {postcodes.SOURCE} (search for 'ONS Postcode Directory'), and give it with --file."
        )
    [path] = files
    if not path.is_file():
        raise UnexpectedFile(f"{path} is not there. Give the zip of the ONS Postcode Directory with --file.")
    vintage = on or postcodes.published_month(path)
    if vintage is None:
        raise UnexpectedFile(
            f"{path.name}: no name tells the month of the directory. Give its first day with --on, such as"
            " --on 2026-05-01."
        )
    today = clock().astimezone(LONDON).date()
    if vintage > today:
        raise UnexpectedFile(
            f"{path.name}: the directory would be of {vintage}, and today is {today}. Nothing was loaded: give the"
            " month in which it was published with --on."
        )
    told = progress or _silent
    root = data_dir / "registers" / REGISTER
    with registers.alone(root, REGISTER):
        try:
            told_of = postcodes.published(path, lambda done, total: told("read MB", done >> 20, total >> 20))
            rows = told_of.height
            _check(path, rows, _in_force(data_dir), accept_fewer)
            told("derive", 0, 0)
            derived = postcodes.derive(told_of)
        except ValueError as problem:
            raise UnexpectedFile(str(problem)) from problem
        tables = dict(zip(_TABLES, derived, strict=True))
        known = places.areas()["area_code"]
        unknown = sorted(set(derived.areas["area_code"]) - set(known))
        manifest = {
            "register": REGISTER,
            "vintage": str(vintage),
            "rows": rows,
            "tables": {name: table.height for name, table in tables.items()},
            "unknown": unknown,
            "source": postcodes.SOURCE,
            "licence": postcodes.LICENCE,
            "files": [{"name": path.name, "bytes": path.stat().st_size, "sha256": _sha256(path)}],
        }
        _place(root, str(vintage), tables, manifest)
    return next(one for one in loaded(data_dir) if one.vintage == vintage)


def loaded(data_dir: Path) -> list[Loaded]:
    """Return every vintage that is loaded, newest first."""
    return [
        Loaded(
            date.fromisoformat(folder.name),
            int(told["rows"]),
            tuple(file["name"] for file in told["files"]),
            tuple(told["unknown"]),
        )
        for folder, told in _vintages(data_dir)
    ]


def directory(data_dir: Path) -> Directory:
    """Return the newest directory: of those that are loaded, and of the one that Noticeboard brings."""
    own = places.shipped()
    folder = next((folder for folder, _ in _vintages(data_dir)), None)
    if folder is None or date.fromisoformat(folder.name) <= own.vintage:
        return own
    tables = {
        name: pl.read_parquet(folder / f"{name}.parquet").cast(dict(getattr(own, name).schema)) for name in _TABLES
    }
    return Directory(date.fromisoformat(folder.name), **tables)


def keep(warehouse: Warehouse, directory: Directory) -> None:
    """Make tables ``area`` and ``area_neighbour`` what a directory and the table of areas say."""
    for table, key, rows in (
        ("area", ["area_code"], places.areas(directory)),
        ("area_neighbour", ["area_code", "neighbour_code"], places.neighbours(directory)),
    ):
        warehouse.delete(table, warehouse.read(table, key).join(rows, on=key, how="anti"))
        warehouse.bulk_upsert(table, rows)


def said(one: Loaded) -> str:
    """Say in words what was loaded, and what is to be done."""
    own = places.shipped().vintage
    words = f"{REGISTER}: {one.rows:,} postcodes of {one.vintage}"
    if one.vintage <= own:
        return f"{words}; kept beside the directory of {own}, which Noticeboard brings and which stays in force"
    odd = (
        f". {len(one.unknown)} of its authorities are not in the table of areas, and nobody there can be local:"
        f" {', '.join(one.unknown)}"
        if one.unknown
        else ""
    )
    return f"{words}; the next night uses it, and 'noticeboard rebuild' places every supplier by it{odd}"


def _silent(_step: str, _done: int, _total: int) -> None:
    """Show nothing."""


def _in_force(data_dir: Path) -> int:
    """Return how many postcodes the newest loaded directory has; 0 without one."""
    return next((int(told["rows"]) for _, told in _vintages(data_dir)), 0)


def _check(path: Path, rows: int, before: int, accept_fewer: bool) -> None:
    if not rows:
        raise UnexpectedFile(f"{path.name} holds no postcode. Nothing was loaded: get it again.")
    if rows < LEAST_SHARE * before and not accept_fewer:
        raise UnexpectedFile(
            f"{path.name} holds {rows:,} postcodes, where the newest loaded directory held {before:,}. Nothing was"
            " loaded: see whether the file is whole. If it is, run again with --accept-fewer."
        )


def _place(root: Path, vintage: str, tables: dict[str, pl.DataFrame], manifest: dict[str, Any]) -> None:
    """Write a vintage into a folder of its own, and put that in its place at once."""
    fresh, place, old = root / f"{vintage}.new", root / vintage, root / f"{vintage}.old"
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)
    fresh.mkdir(parents=True)
    try:
        for name, table in tables.items():
            table.write_parquet(fresh / f"{name}.parquet", compression="zstd")
        (fresh / _MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
        if place.exists():
            place.rename(old)
        fresh.rename(place)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _vintages(data_dir: Path) -> list[tuple[Path, dict[str, Any]]]:
    """Return the folders of the vintages that are whole, newest first, each with its manifest."""
    root = data_dir / "registers" / REGISTER
    if not root.is_dir():
        return []
    folders = sorted((path for path in root.iterdir() if _VINTAGE.fullmatch(path.name)), reverse=True)
    return [(folder, _manifest(folder)) for folder in folders if (folder / _MANIFEST).is_file()]


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((folder / _MANIFEST).read_text(encoding="utf-8")))
    except ValueError as problem:
        raise UnexpectedFile(
            f"{folder / _MANIFEST} cannot be read ({problem}). Move {folder} away, and load that vintage again."
        ) from problem


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""What figures are compared with: councils like a council, a network's members, and what others have published.

    <data>/registers/neighbours/<vintage>/neighbours.parquet, manifest.json

Statistical nearest neighbours are loaded from a file; the newest vintage is used, and older ones stay.
"""

import hashlib
import json
import logging
import re
import shutil
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

import polars as pl

from extractors import neighbours
from extractors.registers import UnexpectedFile
from extractors.windows import LONDON
from flows import registers
from transforms import comparison, places
from warehouse import schema
from warehouse.store import Warehouse

log = logging.getLogger("noticeboard")

_VINTAGE = re.compile(r"\d{4}-\d{2}-\d{2}")
_LIST, _MANIFEST = "neighbours.parquet", "manifest.json"


class Loaded(NamedTuple):
    """A vintage of neighbours that is loaded; ``unknown`` are its codes that the table of areas does not know."""

    vintage: date
    rows: int
    areas: int
    unknown: tuple[str, ...]


def load(data_dir: Path, files: Sequence[Path], clock: Callable[[], datetime], *, on: date | None = None) -> Loaded:
    """Load the statistical nearest neighbours from a file of the Office for National Statistics.

    Args:
        data_dir: Where everything is kept.
        files: The sheets with the neighbours, saved as CSV.
        clock: Gives the time in UTC.
        on: The date of the files, where none of their names tells it.

    Returns:
        The vintage as it is now loaded.

    Raises:
        extractors.web.SourceError: a file is not as expected, has no date, or another load is at work. What was loaded
            stays in use.
    """
    given = ", ".join(path.name for path in files)
    if not files:
        raise UnexpectedFile(
            f"The neighbours are loaded from a file: get it from {neighbours.SOURCE}, save the sheet with the"
            " neighbours as CSV, and give it with --file."
        )
    vintage = on or neighbours.vintage(files)
    if vintage is None:
        raise UnexpectedFile(
            f"{given}: no name tells the date of the neighbours. Give the day on which they were published with --on,"
            " such as --on 2024-11-05."
        )
    today = clock().astimezone(LONDON).date()
    if vintage > today:
        raise UnexpectedFile(
            f"{given}: the neighbours would be of {vintage}, and today is {today}. Nothing was loaded: give the date on"
            " which they were published with --on."
        )
    root = data_dir / "registers" / neighbours.REGISTER
    with registers.alone(root, neighbours.REGISTER):
        told = neighbours.read(files)
        manifest = {
            "register": neighbours.REGISTER,
            "vintage": str(vintage),
            "rows": told.height,
            "source": neighbours.SOURCE,
            "licence": neighbours.LICENCE,
            "files": [{"name": path.name, "bytes": path.stat().st_size, "sha256": _sha256(path)} for path in files],
        }
        _place(root, str(vintage), told, manifest)
    return next(one for one in loaded(data_dir) if one.vintage == vintage)


def loaded(data_dir: Path) -> list[Loaded]:
    """Return every vintage of neighbours that is loaded, newest first."""
    known = places.areas()["area_code"]
    found = []
    for folder in _vintages(data_dir):
        told = pl.read_parquet(folder / _LIST)
        codes = pl.concat([told["area_code"], told["peer_code"]]).unique().sort()
        unknown = tuple(codes.filter(~codes.is_in(known.implode())))
        found.append(Loaded(date.fromisoformat(folder.name), told.height, told["area_code"].n_unique(), unknown))
    return found


def held(data_dir: Path) -> pl.DataFrame | None:
    """Return the newest neighbours that are loaded, as ``transforms.comparison.NEIGHBOUR``; null without."""
    folders = _vintages(data_dir)
    if not folders:
        return None
    source = f"statistical nearest neighbours of the Office for National Statistics, {folders[0].name}"
    return pl.read_parquet(folders[0] / _LIST).with_columns(source=pl.lit(source)).select(list(comparison.NEIGHBOUR))


def refresh(warehouse: Warehouse, data_dir: Path) -> bool:
    """Make the tables of peers, networks and published figures what the reference and the loaded file say.

    Args:
        warehouse: the open warehouse, in a transaction; its table ``area`` is up to date.
        data_dir: where the loaded neighbours are kept.

    Returns:
        Whether the peers of some council are others than before, so that every comparison is to be worked out anew.
    """
    rows = {
        "peer": comparison.peers(warehouse.read("area"), held(data_dir)),
        "network_member": comparison.network(),
        "published_figure": comparison.published(),
    }
    changed = {table: _replace(warehouse, table, told) for table, told in rows.items()}
    return changed["peer"] > 0


def agree(warehouse: Warehouse, newest_on: date) -> list[str]:
    """Put the figures of the warehouse beside the published ones, in table ``agreement``.

    Args:
        warehouse: the open warehouse, in a transaction, measured.
        newest_on: the day up to which notices were read.

    Returns:
        What looks implausible, in words: one sentence for each figure outside its band. Each is logged as a warning.
    """
    # Version and slice besides: so the rows are found by their key, however many others there are.
    versions = warehouse.read("indicator", ["indicator_id", "version"])
    wanted = comparison.compared().join(versions, on="indicator_id")
    values = warehouse.read("indicator_value", keys=wanted.select("indicator_id", "version", "grain", "slice"))
    read = warehouse.read("coverage").filter(pl.col("complete")).select("source", "day")
    told = comparison.agreement(values, warehouse.read("period"), read, newest_on)
    _replace(warehouse, "agreement", told)
    found = comparison.warnings(told)
    for words in found:
        log.warning("%s", words)
    return found


def _replace(warehouse: Warehouse, table: str, rows: pl.DataFrame) -> int:
    """Make a small table consist of these rows; return how many changed or went."""
    key = schema.key_columns(table)
    gone = warehouse.read(table, key).join(rows, on=key, how="anti")
    return warehouse.bulk_upsert(table, rows) + warehouse.delete(table, gone)


# --- files ------------------------------------------------------------------------------------------------------------


def _vintages(data_dir: Path) -> list[Path]:
    """Return the folders of the vintages that are whole, newest first."""
    root = data_dir / "registers" / neighbours.REGISTER
    if not root.is_dir():
        return []
    found = [path for path in root.iterdir() if _VINTAGE.fullmatch(path.name) and (path / _MANIFEST).is_file()]
    return sorted(found, reverse=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _place(root: Path, vintage: str, rows: pl.DataFrame, manifest: dict[str, object]) -> None:
    """Put a vintage in its place at once and whole."""
    fresh, place, old = root / f"{vintage}.new", root / vintage, root / f"{vintage}.old"
    for left in (fresh, old):
        shutil.rmtree(left, ignore_errors=True)
    fresh.mkdir(parents=True)
    try:
        rows.write_parquet(fresh / _LIST, compression="zstd")
        (fresh / _MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
        if place.exists():
            place.rename(old)
        fresh.rename(place)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)

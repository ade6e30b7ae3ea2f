"""Load grants from files that councils publish, and keep them in the warehouse beside the awards.

    <data>/registers/grants/<vintage>/grants.parquet, manifest.json

Councils publish one file a year, each on a page of its own: all files of all vintages together are what is known. Of a
grant that several of them tell, the newest vintage decides, and within one what was loaded last.
To take grants back, move their vintage away: the next night forgets them.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from extractors import grants as files_of_grants
from extractors.grants import SCHEMA
from extractors.registers import UnexpectedFile
from extractors.windows import LONDON
from flows import registers, suppliers
from transforms import places
from transforms.suppliers import identifiers, names, voluntary
from warehouse import schema
from warehouse.store import Warehouse

TABLE = "grant_award"

_VINTAGE = re.compile(r"\d{4}-\d{2}-\d{2}")
_GRANTS, _MANIFEST = "grants.parquet", "manifest.json"


class Loaded(NamedTuple):
    """A vintage of grants that is loaded; ``files`` tell where it is from, ``left_out`` what was not used, and why."""

    vintage: date
    rows: int
    funders: int
    files: tuple[str, ...]
    left_out: dict[str, int]


def load(data_dir: Path, files: Sequence[Path], clock: Callable[[], datetime], *, on: date | None = None) -> Loaded:
    """Load files of grants in the 360Giving standard, beside those that are loaded.

    Args:
        data_dir: Where everything is kept.
        files: CSV files, or zips of them.
        clock: Gives the time in UTC.
        on: The date of the files, where none of their names tells it.

    Returns:
        The vintage as it is now loaded: a second load of the same date adds to it.

    Raises:
        extractors.web.SourceError: a file is not as expected, has no date, or another load is at work. What was loaded
            stays in use.
    """
    if not files:
        raise UnexpectedFile(
            "There is no one place to fetch grants from: give the files that councils and other funders publish in the"
            f" 360Giving standard ({files_of_grants.SOURCE}), each with --file."
        )
    given = ", ".join(path.name for path in files)
    vintage = on or files_of_grants.vintage(files)
    if vintage is None:
        raise UnexpectedFile(
            f"{given}: no name tells the date of the grants. Give the day on which they were published with --on, such"
            " as --on 2026-06-30."
        )
    today = clock().astimezone(LONDON).date()
    if vintage > today:
        raise UnexpectedFile(
            f"{given}: the grants would be of {vintage}, and today is {today}. Nothing was loaded: give the date on"
            " which they were published with --on."
        )
    root = data_dir / "registers" / files_of_grants.REGISTER
    with registers.alone(root, files_of_grants.REGISTER):
        told = files_of_grants.read(files)
        before = _manifest(root / str(vintage)) if (root / str(vintage) / _MANIFEST).is_file() else {"files": []}
        rows = told.rows
        if before["files"]:
            held = pl.read_parquet(root / str(vintage) / _GRANTS)
            rows = pl.concat([held, rows]).unique("grant_id", keep="last", maintain_order=True).sort("grant_id")
        now = [_described(path, told.left_out if path == files[-1] else {}) for path in files]
        names_now = {file["name"] for file in now}
        manifest = {
            "register": files_of_grants.REGISTER,
            "vintage": str(vintage),
            "rows": rows.height,
            "source": files_of_grants.SOURCE,
            "licence": files_of_grants.LICENCE,
            "files": [file for file in before["files"] if file["name"] not in names_now] + now,
        }
        _place(root, str(vintage), rows, manifest)
    return next(one for one in loaded(data_dir) if one.vintage == vintage)


def said(one: Loaded) -> str:
    """Say in words what was loaded, and what was not used."""
    givers = f"{one.funders:,} giver{'' if one.funders == 1 else 's'}"
    words = f"grants: {one.rows:,} of {givers}, {one.vintage}; the next night uses them"
    if one.left_out:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(one.left_out.items()))
        words += f". Left out: {reasons}"
    return words


def loaded(data_dir: Path) -> list[Loaded]:
    """Return every vintage of grants that is loaded, newest first."""
    found = []
    for folder in _vintages(data_dir):
        told = _manifest(folder)
        left_out: dict[str, int] = {}
        for file in told["files"]:
            for reason, count in file["left_out"].items():
                left_out[reason] = left_out.get(reason, 0) + count
        funders = pl.scan_parquet(folder / _GRANTS).select(pl.coalesce("funder_org_id", "funder_name").n_unique())
        found.append(
            Loaded(
                date.fromisoformat(folder.name),
                int(told["rows"]),
                int(funders.collect().item()),
                tuple(file["name"] for file in told["files"]),
                left_out,
            )
        )
    return found


def held(data_dir: Path) -> pl.DataFrame:
    """Return every grant that is loaded, as its newest vintage tells it: ``extractors.grants.SCHEMA`` and vintage."""
    parts = [
        pl.read_parquet(folder / _GRANTS).with_columns(vintage=pl.lit(date.fromisoformat(folder.name)))
        for folder in _vintages(data_dir)
    ]
    empty = pl.DataFrame(schema=SCHEMA | {"vintage": pl.Date()})
    return pl.concat([empty, *parts]).unique("grant_id", keep="first", maintain_order=True).sort("grant_id")


def update(warehouse: Warehouse, data_dir: Path, known: suppliers.Known, decided: pl.DataFrame) -> pl.DataFrame:
    """Make table ``grant_award`` what the loaded files say.

    Args:
        warehouse: the open warehouse, in a transaction.
        data_dir: where grants and registers are kept.
        known: decisions and registers, by which recipients are classed as suppliers are.
        decided: what people decided about buyers.

    Returns:
        The grants that changed, as they were and as they are: ``buyer_id, area_code, awarded_on``.
    """
    rows = described(held(data_dir), data_dir, known, decided)
    before = warehouse.read(TABLE)
    gone = before.join(rows, on=rows.columns, how="anti", nulls_equal=True)
    new = rows.join(before, on=rows.columns, how="anti", nulls_equal=True)
    warehouse.delete(TABLE, gone.join(new, on="grant_id", how="anti").select("grant_id"))
    warehouse.bulk_upsert(TABLE, new)
    return pl.concat([gone, new]).select("buyer_id", "awarded_on", area_code="buyer_area_code").unique()


def described(told: pl.DataFrame, data_dir: Path, known: suppliers.Known, decided: pl.DataFrame) -> pl.DataFrame:
    """Return table ``grant_award``: who gave each grant, as buyers are known, and of what kind its recipient is.

    Args:
        told: grants as ``held`` returns them.
        data_dir: where the registers are kept.
        known: people's decisions about suppliers, and the registers that were asked.
        decided: what people decided about buyers.
    """
    if told.is_empty():
        return schema.empty(TABLE)
    funder = (
        places.buyers(told.select(buyer_party_id="funder_org_id", buyer_name="funder_name"), decided)
        .rename({"buyer_party_id": "funder_org_id", "buyer_name": "funder_name"})
        .select(
            "funder_org_id",
            "funder_name",
            "buyer_id",
            buyer_area_code="area_code",
            buyer_kind="kind",
            buyer_match_method="match_method",
        )
    )
    numbered = told.with_columns(
        pl.Series("recipient_org_id", [_number(*row) for row in told.select(_NUMBERS).iter_rows()], pl.String)
    )
    key = ["recipient_name", "recipient_org_id"]
    recipient = _classed(numbered.select(key).unique().sort(key), data_dir, known)
    return (
        numbered.join(funder, on=["funder_org_id", "funder_name"], how="left", nulls_equal=True)
        .join(recipient, on=key, how="left", nulls_equal=True)
        .select(pl.col(name).cast(dtype) for name, dtype in schema.frame_schema(TABLE).items())
        .sort("grant_id")
    )


_NUMBERS = ("recipient_org_id", "charity_number", "company_number")


def _number(org_id: str | None, charity: str | None, company: str | None) -> str | None:
    """Return a recipient's identifier: the one that is given, else its charity number, else its company number."""
    if org_id:
        scheme, _, number = org_id.partition("-")[2].partition("-")
        found = identifiers.clean(f"{org_id.partition('-')[0]}-{scheme}", number)
        if found.status in identifiers.USABLE and found.org_id:
            return found.org_id
    register = {"SC": "GB-SC", "NI": "GB-NIC"}.get((charity or "").strip().upper()[:2], "GB-CHC")
    for written, code in ((charity, register), (company, "GB-COH")):
        found = identifiers.clean(code, written or "")
        if found.status in identifiers.USABLE and found.org_id:
            return found.org_id
    return None


def _classed(recipient: pl.DataFrame, data_dir: Path, known: suppliers.Known) -> pl.DataFrame:
    """Say of what kind recipients are, by the rules by which suppliers are classed."""
    read = [names.parse(name or "") for name in recipient["recipient_name"]]
    supplier = recipient.with_row_index("number").select(
        "recipient_name",
        "recipient_org_id",
        # No supplier_id: a decision about a supplier reaches a recipient by its number or name.
        supplier_id=pl.concat_str(pl.lit("recipient "), pl.col("number").cast(pl.String).str.zfill(10)),
        supplier_name=pl.col("recipient_name").fill_null(""),
        org_id="recipient_org_id",
        org_ids="recipient_org_id",
        core_name=pl.Series([one.core or None for one in read], dtype=pl.String),
        legal_form=pl.Series([one.legal_form for one in read], dtype=pl.String),
    )
    asked = registers.relevant(
        data_dir, pl.Series("key", [], pl.String), recipient["recipient_org_id"].drop_nulls().unique()
    )
    kind = voluntary.classify(
        supplier.drop("recipient_name", "recipient_org_id"),
        asked.organisation,
        asked.relation,
        known.override,
        known.register,
    )
    return supplier.join(kind, on="supplier_id", how="left").select(
        "recipient_name",
        "recipient_org_id",
        recipient_vcse_status="vcse_status",
        recipient_vcse_type="vcse_type",
        recipient_vcse_evidence="vcse_evidence",
        is_quasi_public="is_quasi_public",
    )


# --- files ------------------------------------------------------------------------------------------------------------


def _vintages(data_dir: Path) -> list[Path]:
    """Return the folders of the vintages that are whole, newest first."""
    root = data_dir / "registers" / files_of_grants.REGISTER
    if not root.is_dir():
        return []
    found = [path for path in root.iterdir() if _VINTAGE.fullmatch(path.name) and (path / _MANIFEST).is_file()]
    return sorted(found, reverse=True)


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((folder / _MANIFEST).read_text(encoding="utf-8")))
    except ValueError as problem:
        raise UnexpectedFile(
            f"{folder / _MANIFEST} cannot be read ({problem}). Move {folder} away, and load its files again."
        ) from problem


def _described(path: Path, left_out: Mapping[str, int]) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"name": path.name, "bytes": path.stat().st_size, "sha256": digest, "left_out": dict(left_out)}


def _place(root: Path, vintage: str, rows: pl.DataFrame, manifest: dict[str, Any]) -> None:
    """Put a vintage in its place at once and whole."""
    fresh, place, old = root / f"{vintage}.new", root / vintage, root / f"{vintage}.old"
    for left in (fresh, old):
        shutil.rmtree(left, ignore_errors=True)
    fresh.mkdir(parents=True)
    try:
        rows.write_parquet(fresh / _GRANTS, compression="zstd")
        (fresh / _MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
        if place.exists():
            place.rename(old)
        fresh.rename(place)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)

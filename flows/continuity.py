"""The continuity list of a supplier or group: who holds what, until when, and who else ever won the like nearby.

It is read from the warehouse (view ``out_continuity``) and says what was published; it says nothing about any company's
finances, and not every contract is published.
"""

import csv
import os
import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import polars as pl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from flows.settings import Settings
from transforms.suppliers import identifiers, names
from warehouse import dictionary, schema
from warehouse.publish.export import neutral
from warehouse.store import NotThere, Warehouse

DISCLAIMER = (
    "This list says who holds what until when, by published notices, of which some are lacking. It says nothing about"
    " any company's finances or work."
)

COLUMNS = (
    "supplier_id", "supplier_name", "org_id", "group_id", "group_name", "buyer_name", "buyer_area_name", "cpv_code",
    "title", "value_gbp", "annualised_gbp", "supplier_count", "awarded_on", "starts_on", "ends_on", "ends_latest_on",
    "months_left", "as_of_on", "others_nearby", "notice_url", "note",
)  # fmt: skip
"""The columns of the file: those of ``out_continuity`` that a reader needs, who else won the like nearby, and what the
list does not say."""

_SHOWN = 5
"""Others who won the like that are named on a terminal."""

_LISTED = 10
"""Suppliers that are listed where several are meant, and others nearby that are named in the file."""


class UnclearSupplier(Exception):
    """Raised when what was asked for is no supplier or group of the warehouse, or several: the message lists them."""


class UnusableTarget(Exception):
    """Raised when the file that is asked for cannot be written there."""


class Wanted(NamedTuple):
    """Whose contracts are listed: ``name`` as a reader knows it, and the suppliers."""

    name: str
    suppliers: pl.Series
    group_id: str | None


class Outcome(NamedTuple):
    """What came of a list: for whom, how many contracts, worth how much a year as far as known, and where it is."""

    name: str
    suppliers: int
    group_id: str | None
    as_of_on: date | None
    contracts: int
    buyers: int
    annualised_gbp: float | None
    out: Path | None
    rows: tuple[dict[str, Any], ...]


def continuity(settings: Settings, supplier: str, out: Path | None = None) -> Outcome:
    """List what a supplier or group holds, until when, and who else ever won the like nearby.

    Args:
        settings: where the warehouse is.
        supplier: a supplier_id (one that was replaced leads on), an identifier such as GB-COH-01234567, a group_id, or
            a name.
        out: the file to be written, XLSX where its name ends so, else CSV; none when left out.

    Raises:
        UnclearSupplier: nobody is called so, or several are.
        UnusableTarget: the file cannot be written there.
        warehouse.store.NotThere: there is no warehouse.
    """
    _check(out)
    url = settings.warehouse_url.get_secret_value()
    path = url.removeprefix("sqlite:///")
    # SQLite would make the file.
    if path != url and not Path(path).is_file():
        raise NotThere(f"{path} is not there yet: run 'noticeboard nightly' first")
    with Warehouse.open(url, make=False) as warehouse:
        wanted = _wanted(warehouse, supplier.strip())
        held = _held(warehouse, wanted.suppliers)
        others = _others(warehouse, held, _kin(warehouse, wanted.suppliers))
    rows = tuple(_rows(held, others))
    if out is not None:
        _write(out, rows)
    annual = held["annual"].drop_nulls()
    return Outcome(
        wanted.name,
        wanted.suppliers.len(),
        wanted.group_id,
        held["as_of_on"].max() if held.height else None,  # type: ignore[arg-type]  # the largest of days is a day
        held["award_id"].n_unique(),
        held["buyer_id"].n_unique(),
        round(float(annual.sum()), 2) if annual.len() else None,
        out,
        rows,
    )


def said(outcome: Outcome) -> str:
    """Return a continuity list in words, for a terminal."""
    who = f"{outcome.name}" + (f" (group {outcome.group_id})" if outcome.group_id else "")
    if not outcome.contracts:
        return _plain(f"{who}: no published award that is not past its published end date.") + f"\n{DISCLAIMER}"
    worth = "" if outcome.annualised_gbp is None else f", £{outcome.annualised_gbp:,.0f} a year as far as published"
    lines = [
        f"{who}: {_counted(outcome.contracts, 'award')} of {_counted(outcome.buyers, 'buyer')}, not past the published"
        f" end date on {outcome.as_of_on}{worth}"
    ]
    for row in outcome.rows:
        left = row["months_left"]
        until = f"until {row['ends_on']} ({_counted(left, 'month')} left)" if row["ends_on"] else "no end published"
        amount = "amount not known" if row["value_gbp"] is None else f"£{row['value_gbp']:,.0f} in all"
        lines.append(
            f"- {until}: {row['buyer_name'] or 'buyer not known'}, {row['title'] or 'no title'}"
            f" (CPV {row['cpv_code'] or 'not known'}), {amount}, {row['supplier_name']} {row['notice_url'] or ''}"
        )
        named = row["others"][:_SHOWN]
        if row["region"] is None:
            lines.append("  others nearby: not known, for the buyer has no area of its own")
        elif not named:
            lines.append("  others nearby: no one else won the like in that region, by published awards")
        else:
            more = len(row["others"]) - len(named)
            lines.append(f"  others nearby: {'; '.join(named)}{f'; and {more:,} more' if more else ''}")
    groups = sorted({(row["group_id"], row["group_name"]) for row in outcome.rows if row["group_id"]})
    if outcome.group_id is None:
        lines += [f"It belongs to {name}: 'noticeboard continuity {group}' lists all of it" for group, name in groups]
    if outcome.out is not None:
        lines.append(f"Written to {outcome.out}")
    return "\n".join(_plain(line) for line in lines) + f"\n{DISCLAIMER}"


# --- whom it is about -------------------------------------------------------------------------------------------------


def _wanted(warehouse: Warehouse, told: str) -> Wanted:
    """Find the one supplier or group that is meant."""
    if not told:
        raise UnclearSupplier("no supplier is given. Give a supplier_id, an identifier, a group_id or a name")
    for find in (_by_id, _by_group, _by_identifier, _by_name):
        if (found := find(warehouse, told)) is not None:
            return found
    near = warehouse.query(
        "SELECT supplier_id, supplier_name, org_id FROM supplier WHERE lower(supplier_name) LIKE :like ESCAPE '\\' "
        "ORDER BY mentions DESC, supplier_id LIMIT :few",
        _types("supplier_id", "supplier_name", "org_id"),
        {"like": f"%{_escaped(told.lower())}%", "few": _LISTED},
    )
    advice = "" if near.is_empty() else f" Perhaps one of these is meant:{_listed(near)}"
    raise UnclearSupplier(f"no supplier or group of the warehouse is {told!r}.{advice}")


def _types(*columns: str) -> dict[str, pl.DataType]:
    return {column: schema.frame_schema("supplier")[column] for column in columns}


def _by_id(warehouse: Warehouse, told: str) -> Wanted | None:
    """Return the supplier of a supplier_id, redirects followed."""
    supplier_id = told.upper()
    redirect = dict(warehouse.read("supplier_redirect", ["old_id", "supplier_id"]).iter_rows())
    seen = {supplier_id}
    while (later := redirect.get(supplier_id)) is not None and later not in seen:
        supplier_id = later
        seen.add(later)
    found = warehouse.read("supplier", ["supplier_id", "supplier_name"], pl.DataFrame({"supplier_id": [supplier_id]}))
    return None if found.is_empty() else Wanted(found["supplier_name"][0] or supplier_id, found["supplier_id"], None)


def _by_group(warehouse: Warehouse, told: str) -> Wanted | None:
    """Return the suppliers of a group_id."""
    found = warehouse.read("supplier_group", ["group_id", "group_name"], pl.DataFrame({"group_id": [told]}))
    if found.is_empty():
        return None
    return _group(warehouse, found["group_id"][0], found["group_name"][0])


def _group(warehouse: Warehouse, group_id: str, name: str) -> Wanted:
    member = warehouse.read("supplier_group_member", ["supplier_id"], pl.DataFrame({"group_id": [group_id]}))
    return Wanted(name, member["supplier_id"].sort(), group_id)


def _by_identifier(warehouse: Warehouse, told: str) -> Wanted | None:
    """Return the suppliers of an identifier with a prefix, such as GB-COH-01234567."""
    if not re.match(r"[A-Za-z]{2}-[A-Za-z]+-", told):
        return None
    found = identifiers.org_id(told)
    if found.status not in identifiers.USABLE or not found.org_id:
        return None
    rows = warehouse.query(
        "SELECT supplier_id, supplier_name, org_id FROM supplier WHERE ' ' || org_ids || ' ' LIKE :like ESCAPE '\\' "
        "ORDER BY supplier_id",
        _types("supplier_id", "supplier_name", "org_id"),
        {"like": f"% {_escaped(found.org_id)} %"},
    )
    return _only(rows, told)


def _by_name(warehouse: Warehouse, told: str) -> Wanted | None:
    """Return the supplier or the group of a name, its legal form left out of account unless it is given."""
    read = names.parse(told)
    key = names.comparable(read.core)
    if not key:
        return None
    supplier = warehouse.read("supplier", ["supplier_id", "supplier_name", "org_id", "core_name", "legal_form"])
    cores = supplier.select("core_name").drop_nulls().unique()
    same = [core for core in cores["core_name"] if names.comparable(core) == key]
    found = supplier.filter(pl.col("core_name").is_in(same)).sort("supplier_id")
    if read.legal_form and found.filter(pl.col("legal_form") == read.legal_form).height:
        found = found.filter(pl.col("legal_form") == read.legal_form)
    group = warehouse.read("supplier_group", ["group_id", "group_name"])
    groups = group.filter(pl.col("group_name").str.to_lowercase() == told.lower())
    if groups.height == 1 and found.is_empty():
        return _group(warehouse, *groups.row(0))
    if groups.height:
        rows = pl.concat(
            [
                groups.select(supplier_id="group_id", supplier_name="group_name", org_id=pl.lit("group")),
                found.select("supplier_id", "supplier_name", "org_id"),
            ]
        )
        raise UnclearSupplier(f"{told!r} may be several; give one of these ids:{_listed(rows)}")
    return _only(found, told)


def _only(rows: pl.DataFrame, told: str) -> Wanted | None:
    if rows.is_empty():
        return None
    if rows.height > 1:
        raise UnclearSupplier(f"{told!r} may be several; give one of these ids:{_listed(rows)}")
    return Wanted(rows["supplier_name"][0] or rows["supplier_id"][0], rows["supplier_id"], None)


def _listed(rows: pl.DataFrame) -> str:
    """Return ids with their names, one to a line."""
    shown = rows.head(_LISTED).select("supplier_id", "supplier_name", "org_id").iter_rows()
    lines = [
        f"\n  {supplier_id}  {_plain(name or '')}{f'  {org_id}' if org_id else ''}"
        for supplier_id, name, org_id in shown
    ]
    more = rows.height - _LISTED
    return "".join(lines) + (f"\n  and {more:,} more" if more > 0 else "")


def _escaped(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)


# --- what they hold ---------------------------------------------------------------------------------------------------


def _held(warehouse: Warehouse, suppliers: pl.Series) -> pl.DataFrame:
    """Return the rows of ``out_continuity`` of some suppliers, what ends first at the top."""
    types = dictionary.frame_schema("out_continuity")
    parts = [
        warehouse.query(
            f"SELECT * FROM out_continuity WHERE supplier_id IN ({marks})",  # noqa: S608 - names of parameters
            types,
            named,
        )
        for marks, named in _named(suppliers)
    ]
    rows = pl.concat([pl.DataFrame(schema=types), *parts])
    # A supplier's part of a shared award, of what the award is a year.
    annual = pl.col("annualised_gbp").cast(pl.Float64) * (pl.col("value_gbp") / pl.col("amount_gbp")).cast(pl.Float64)
    return rows.with_columns(annual=annual).sort("ends_on", "buyer_name", "award_id", "mention_id", nulls_last=True)


def _kin(warehouse: Warehouse, suppliers: pl.Series) -> pl.Series:
    """Return these suppliers and all others of their groups: none of them stands in for another."""
    member = warehouse.read("supplier_group_member", ["supplier_id", "group_id"])
    groups = member.filter(pl.col("supplier_id").is_in(suppliers.implode())).select("group_id")
    return pl.concat([suppliers, member.join(groups, on="group_id", how="semi")["supplier_id"]]).unique()


def _others(warehouse: Warehouse, held: pl.DataFrame, suppliers: pl.Series) -> dict[tuple[str, str], list[str]]:
    """Return who else ever won an award with the same three digits of the classification in the same region.

    Args:
        warehouse: the open warehouse.
        held: rows of ``out_continuity``.
        suppliers: those that are nobody else.

    Returns:
        By group of the classification and region: names with their number of awards, most awards first.
    """
    wanted = held.select("cpv_group", region_code="buyer_region_code").drop_nulls().unique()
    # Step by step: one query would be worked out award line by award line.
    area = warehouse.read("area", ["area_code", "region_code"]).join(wanted, on="region_code", how="semi")
    buyer = warehouse.read("buyer", ["buyer_id", "area_code"]).join(area, on="area_code")
    award = warehouse.read("award", ["award_id", "buyer_id", "cpv_code", "is_core"], buyer.select("buyer_id"))
    like = (
        award.filter(pl.col("is_core").fill_null(value=False))
        .with_columns(cpv_group=pl.col("cpv_code").str.slice(0, 3))
        .join(buyer, on="buyer_id")
        .join(wanted, on=["cpv_group", "region_code"], how="semi")
    )
    line = warehouse.read("award_line", ["award_id", "supplier_id"], like.select("award_id"))
    won = line.filter(~pl.col("supplier_id").is_in(suppliers.implode())).unique().join(like, on="award_id")
    named = warehouse.read("supplier", ["supplier_id", "supplier_name"], won.select("supplier_id"))
    counted = (
        won.group_by("cpv_group", "region_code", "supplier_id")
        .agg(awards=pl.len())
        .join(named, on="supplier_id")
        .sort("awards", "supplier_name", "supplier_id", descending=[True, False, False])
    )
    found: dict[tuple[str, str], list[str]] = {}
    for group, region, name, awards in counted.select(
        "cpv_group", "region_code", "supplier_name", "awards"
    ).iter_rows():
        found.setdefault((group, region), []).append(f"{name} ({_counted(awards, 'award')})")
    return found


def _named(values: pl.Series) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield values as named parameters, some hundreds at a time."""
    for start in range(0, values.len(), 500):
        part = values.slice(start, 500).to_list()
        named = {f"v{number}": value for number, value in enumerate(part)}
        yield ", ".join(f":{name}" for name in named), named


def _rows(held: pl.DataFrame, others: dict[tuple[str, str], list[str]]) -> Iterator[dict[str, Any]]:
    """Yield the rows of the list: what is held, and who else won the like nearby."""
    for row in held.iter_rows(named=True):
        region, group = row["buyer_region_code"], row["cpv_group"]
        named = others.get((group, region), [])
        more = len(named) - _LISTED
        nearby = "; ".join(named[:_LISTED]) + (f"; and {more:,} more" if more > 0 else "")
        told = {name: row[name] for name in COLUMNS if name in row}
        yield told | {"others_nearby": nearby or None, "note": DISCLAIMER, "others": named, "region": region}


# --- the file ---------------------------------------------------------------------------------------------------------


def _check(out: Path | None) -> None:
    if out is not None and (out.is_dir() or not out.parent.is_dir()):
        raise UnusableTarget(f"{out} is a folder, or stands in one that is not there. Give a file's name with --out")


def _write(out: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Write the list to a file that takes its place when all is written."""
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    table = [list(COLUMNS), *([_safe(row[name]) for name in COLUMNS] for row in rows)]
    try:
        if out.suffix.lower() == ".xlsx":
            book = openpyxl.Workbook(write_only=True)
            sheet = book.create_sheet("continuity")
            for cells in table:
                sheet.append([ILLEGAL_CHARACTERS_RE.sub("", cell) if isinstance(cell, str) else cell for cell in cells])
            book.save(part)
        else:
            with part.open("w", encoding="utf-8-sig", newline="") as handle:
                csv.writer(handle, lineterminator="\n").writerows(table)
        part.replace(out)
    except OSError as problem:
        raise UnusableTarget(f"{out} cannot be written ({problem}). Give another file with --out") from None
    finally:
        part.unlink(missing_ok=True)


def _safe(cell: Any) -> Any:
    """Return a cell so that no spreadsheet takes it for a formula."""
    return neutral(cell) if isinstance(cell, str) else cell


def _plain(text: str) -> str:
    """Return a text without what a terminal would obey."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"

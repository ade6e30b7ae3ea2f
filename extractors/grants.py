"""Grants that councils and others gave, from files in the 360Giving Data Standard; there is no one place to ask.

https://standard.threesixtygiving.org: one row per grant, in CSV. Its titles are those of the standard's spreadsheet
("Recipient Org:Name", "Recipient Org:0:Name") or the paths of its JSON ("recipientOrganization/0/name"); both are read.
The Local Government Transparency Code 2015 has councils publish every grant to the voluntary, community and social
enterprise sector once a year, with date, beneficiary, registration number and amount; GOV.UK recommends this standard
for it (https://www.gov.uk/government/publications/recommended-open-standards-for-government/tabular-data-standard).
Councils publish on their own pages, under licences of their own; whoever loads a file has looked at its terms.

A file may hold whatever else its publisher likes: further columns are not read, and so nothing of them is kept.
Grants to individuals are left out: where a column of individual recipients is filled, where no organisation is named,
and where the name is a person's by its title and carries no number of a register. Titles and descriptions of grants are
not kept, since they may name persons.
Amounts are of the whole grant, whatever years it runs for. An amount in another currency is left out, never converted.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import polars as pl

from extractors import registers
from extractors.registers import Published, UnexpectedFile

REGISTER = "grants"
SOURCE = "https://standard.threesixtygiving.org"
LICENCE = "as its publisher says"

SCHEMA: dict[str, pl.DataType] = {
    "grant_id": pl.String(),
    "funder_org_id": pl.String(),
    "funder_name": pl.String(),
    "recipient_org_id": pl.String(),
    "recipient_name": pl.String(),
    "charity_number": pl.String(),
    "company_number": pl.String(),
    "programme": pl.String(),
    "amount_gbp": pl.Decimal(18, 2),
    "awarded_on": pl.Date(),
    "source_file": pl.String(),
}
"""One row per grant to an organisation, as its publisher writes it; ``source_file`` is the name of the file."""

LARGEST_AMOUNT_GBP = 10**10
"""No grant of a council comes near ten thousand million pounds: such an amount is a slip."""

# What the standard calls each field: as the title of a spreadsheet's column, and as the path in JSON.
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "grant_id": ("identifier", "id"),
    "currency": ("currency",),
    "amount_gbp": ("amount awarded", "amountawarded"),
    "awarded_on": ("award date", "awarddate"),
    "funder_org_id": ("funding org:identifier", "fundingorganization:id"),
    "funder_name": ("funding org:name", "fundingorganization:name"),
    "recipient_org_id": ("recipient org:identifier", "recipientorganization:id"),
    "recipient_name": ("recipient org:name", "recipientorganization:name"),
    "charity_number": ("recipient org:charity number", "recipientorganization:charitynumber"),
    "company_number": ("recipient org:company number", "recipientorganization:companynumber"),
    "programme": ("grant programme:title", "grantprogramme:title"),
}
_READ = tuple(_FIELDS)
_NEEDED = ("grant_id", "amount_gbp", "awarded_on", "funder_name", "recipient_name")
_OF_INDIVIDUALS = (
    *("recipient ind:", "recipient individual:", "to individuals details:"),
    *("recipientindividual:", "toindividualsdetails:"),
)

_FILE = re.compile(r"\.csv$", re.IGNORECASE)
_REGISTERED = re.compile(r"(?:GB-(?:CHC|SC|NIC|COH|MPR|EDU|UKPRN|LAE|LAS|PLA|NHS)|XI-|US-EIN)-?\w", re.IGNORECASE)
_PERSON = re.compile(r"(?:mr|mrs|miss|ms|mx|dr|prof|professor|rev|reverend|sir|dame|lady)\b\.?\s+\w", re.IGNORECASE)
_NOBODY = re.compile(
    r"(?:an? )?(?:private )?(?:individuals?|individual recipients?|person|redacted.*|withheld|anonymous|n/?a)",
    re.IGNORECASE,
)
_DAYS = ("%Y-%m-%d", "%d/%m/%Y")


class Grants(NamedTuple):
    """What files tell: the grants in the columns ``SCHEMA``, and how many rows were left out, by reason."""

    rows: pl.DataFrame
    left_out: Mapping[str, int]


def vintage(files: Sequence[Path]) -> date | None:
    """Return the latest date that the files' names tell, such as ``2026-06-30-grants.csv``; null where none does."""
    return max(filter(None, (registers.vintage_of(file.name) for file in files)), default=None)


def read(files: Sequence[Path]) -> Grants:
    """Read the grants to organisations in files of the 360Giving standard, CSV or a zip of them.

    A grant that is told twice with the same identifier is taken once: the last file given, and its last row, decide.

    Raises:
        UnexpectedFile: a column that is needed is lacking or there twice, a row has not as many fields as the header,
            or no row is left.
    """
    found = registers.published(files, _FILE)
    if not found:
        registers.one(found, files, "CSV file of grants")
    left_out: Counter[str] = Counter()
    frames = [_grants(file, left_out) for file in found]
    rows = pl.concat([pl.DataFrame(schema=SCHEMA), *frames])
    once = rows.unique("grant_id", keep="last", maintain_order=True).sort("grant_id")
    left_out["told twice"] += rows.height - once.height
    if once.is_empty():
        given = ", ".join(path.name for path in files)
        raise UnexpectedFile(
            f"{given} holds no grant to an organisation with identifier, funder, amount in pounds and date"
            f" ({_words(left_out)}). Nothing was loaded: see whether it is a file of grants in the 360Giving standard."
        )
    return Grants(once, {reason: count for reason, count in sorted(left_out.items()) if count})


def _grants(file: Published, left_out: Counter[str]) -> pl.DataFrame:
    """Read one file; rows that cannot be used are counted by reason."""
    columns = dict.fromkeys((*_READ, "is_individual"), pl.String())
    told = pl.DataFrame(list(_rows(file)), schema=columns, orient="row")
    is_organisation = pl.col("recipient_name").is_not_null() | pl.col("recipient_org_id").is_not_null()
    is_registered = (
        pl.col("recipient_org_id").str.contains(f"^(?i)(?:{_REGISTERED.pattern})").fill_null(value=False)
        | pl.col("charity_number").is_not_null()
        | pl.col("company_number").is_not_null()
    )
    name = pl.col("recipient_name").fill_null("")
    is_person = ~is_registered & (
        name.str.contains(f"^(?i)(?:{_PERSON.pattern})") | name.str.contains(f"^(?i)(?:{_NOBODY.pattern})$")
    )
    read = told.with_columns(
        amount_gbp=registers.pounds(pl.col("amount_gbp")),
        awarded_on=registers.day(pl.col("awarded_on").str.slice(0, 10), *_DAYS),
    )
    reasons = (
        ("to a person", (pl.col("is_individual") == "yes") | ~is_organisation | is_person),
        ("without identifier", pl.col("grant_id").is_null()),
        ("without funder", pl.col("funder_name").is_null() & pl.col("funder_org_id").is_null()),
        ("not in pounds", pl.col("currency").str.to_uppercase().fill_null("GBP") != "GBP"),
        (
            "without a credible amount",
            ~((pl.col("amount_gbp") > 0) & (pl.col("amount_gbp") < LARGEST_AMOUNT_GBP)).fill_null(value=False),
        ),
        ("without a date", pl.col("awarded_on").is_null()),
    )
    for reason, applies in reasons:
        before = read.height
        read = read.filter(~applies)
        left_out[reason] += before - read.height
    return read.with_columns(source_file=pl.lit(file.name)).select(
        pl.col(column).cast(kind) for column, kind in SCHEMA.items()
    )


def _rows(file: Published) -> Iterator[list[str | None]]:
    """Yield the fields that are read of each row, the last one telling whether a column of individuals is filled."""
    with registers.opened(file, largest=1 << 30) as source:
        body = source.read()
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = body.decode("cp1252", "replace")
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        header = next(reader, [])
        places, individuals = _layout(header, file.name)
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(header):
                raise UnexpectedFile(
                    f"{file.name}, line {reader.line_num}: {len(row)} fields where the header names {len(header)}."
                    " Nothing was loaded. Open the file, see that line, and save it again as CSV."
                )
            fields = [None if place is None else row[place].strip() or None for place in places]
            yield [*fields, "yes" if any(row[place].strip() for place in individuals) else "no"]
    except csv.Error as problem:
        raise UnexpectedFile(f"{file.name}, line {reader.line_num}: {problem}. Save it again as CSV.") from problem


def _layout(header: Sequence[str], name: str) -> tuple[list[int | None], list[int]]:
    """Return where each field stands, null for one that is not there, and the columns that tell of individuals."""
    titles = [_title(column) for column in header]
    found: dict[str, list[int]] = {
        field: [place for place, title in enumerate(titles) if title in _FIELDS[field]] for field in _FIELDS
    }
    lacking = [field for field in _NEEDED if not found[field]]
    twice = [field for field, places in found.items() if len(places) > 1]
    for what, fields in (("lacks the column", lacking), ("has more than one column", twice)):
        if fields:
            wanted = ", ".join(repr(_SHOWN.get(field, field)) for field in fields)
            raise UnexpectedFile(
                f"{name} {what} {wanted}. Nothing was loaded. Give a file of grants in the 360Giving standard, as CSV"
                " with one row per grant; where it is a workbook, save its sheet of grants as CSV."
            )
    individuals = [place for place, title in enumerate(titles) if title.startswith(_OF_INDIVIDUALS)]
    return [found[field][0] if found[field] else None for field in _READ], individuals


_SHOWN = {
    "grant_id": "Identifier",
    "amount_gbp": "Amount Awarded",
    "awarded_on": "Award Date",
    "currency": "Currency",
    "funder_org_id": "Funding Org:Identifier",
    "funder_name": "Funding Org:Name",
    "recipient_org_id": "Recipient Org:Identifier",
    "recipient_name": "Recipient Org:Name",
}
"""What a message calls the fields."""


def _title(column: str) -> str:
    """Return a column's title in small letters, "/" read as ":", without the number of the first of several.

    "Recipient Org:0:Name" is "recipient org:name"; a second recipient's columns keep their number, and are not read.
    """
    parts = [" ".join(part.split()).lower() for part in column.replace("/", ":").split(":")]
    return ":".join(part for part in parts if part and part != "0")


def _words(left_out: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {reason}" for reason, count in sorted(left_out.items()) if count) or "it has no rows"

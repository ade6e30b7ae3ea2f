"""Companies House: every live company of the United Kingdom, monthly, and who controls them, daily.

Two products, both free and under the Open Government Licence v3.0:

- Basic company data (https://download.companieshouse.gov.uk/en_output.html): one CSV of some 5.5 million rows, packed
  to 0.5 GB, 2.7 GB unpacked. Some headers begin with a blank, dates are DD/MM/YYYY, and a company has up to ten former
  names. Only live companies are in it: who is not found is not "invalid", and earlier months stay in use for them.
- Persons with significant control (https://download.companieshouse.gov.uk/en_pscdata.html): one JSON object a line,
  some 16 million, packed to 2.2 GB. Most are people: their lines are skipped unread. Kept are companies and other legal
  bodies that hold at least three quarters of shares, votes or surplus assets of another, which makes them its parent
  (https://www.gov.uk/guidance/people-with-significant-control-pscs). Who only appoints directors, holds as a trustee
  or as a member of a firm is not taken for a parent.

Columns: https://resources.companieshouse.gov.uk/toolsToHelp/pdf/freeDataProductDataset.pdf
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import msgspec
import polars as pl

from extractors import registers
from extractors.registers import Layout, Order, Sessions, UnexpectedFile

HOST = "https://download.companieshouse.gov.uk"
MODULE = "extractors/companies_house.py"

REGISTER = "companies-house"
PAGE = "/en_output.html"
SOURCE = f"{HOST}{PAGE}"
LICENCE = registers.OGL

CONTROL_REGISTER = "companies-house-control"
CONTROL_PAGE = "/en_pscdata.html"
CONTROL_SOURCE = f"{HOST}{CONTROL_PAGE}"

_FORMER = range(1, 11)
LAYOUT = Layout(
    needed=(
        "CompanyName",
        "CompanyNumber",
        "RegAddress.PostCode",
        "CompanyCategory",
        "CompanyStatus",
        "DissolutionDate",
        "IncorporationDate",
        *(f"SICCode.SicText_{place}" for place in range(1, 5)),
        *(f"PreviousName_{place}.{part}" for place in _FORMER for part in ("CONDATE", "CompanyName")),
    ),
    known=(
        *(
            f"RegAddress.{part}"
            for part in ("CareOf", "POBox", "AddressLine1", "AddressLine2", "PostTown", "County", "Country")
        ),
        "CountryOfOrigin",
        *(
            f"Accounts.{part}"
            for part in ("AccountRefDay", "AccountRefMonth", "NextDueDate", "LastMadeUpDate", "AccountCategory")
        ),
        *(f"Returns.{part}" for part in ("NextDueDate", "LastMadeUpDate")),
        *(
            f"Mortgages.{part}"
            for part in ("NumMortCharges", "NumMortOutstanding", "NumMortPartSatisfied", "NumMortSatisfied")
        ),
        *(f"LimitedPartnerships.{part}" for part in ("NumGenPartners", "NumLimPartners")),
        "URI",
        "ConfStmtNextDueDate",
        "ConfStmtLastMadeUpDate",
    ),
)

_COMPANIES = re.compile(r"^BasicCompanyData.*\.(?:zip|csv)$|\.csv$", re.IGNORECASE)
_COMPANIES_LINK = re.compile(r"BasicCompanyDataAsOneFile-\d{4}-\d{2}-\d{2}\.zip")
_CONTROL = re.compile(r"(?:persons-with-significant-control|psc)-snapshot.*\.(?:zip|txt|jsonl?)$|\.(?:txt|jsonl)$")
_CONTROL_LINK = re.compile(r"persons-with-significant-control-snapshot-\d{4}-\d{2}-\d{2}\.zip")

LOT_BYTES = 32 * 1024**2
"""What is read of the companies at a time; it bounds the memory."""

_BATCH = 50_000
_LEGAL_BODIES = (b"corporate-entity-person-with-significant-control", b"legal-person-person-with-significant-control")
_WHOLLY = re.compile(
    r"(?:ownership-of-shares|voting-rights|right-to-share-surplus-assets|part-right-to-share-surplus-assets)"
    r"-75-to-100-percent(?:-limited-liability-partnership)?"
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def fetch(sessions: Sessions, order: Order) -> list[Path]:
    """Fetch the newest one-file product that the download page links to; nothing where it is loaded already."""
    return _fetch(sessions, order, PAGE, _COMPANIES_LINK)


def _fetch(sessions: Sessions, order: Order, page: str, link: re.Pattern[str]) -> list[Path]:
    with sessions(HOST) as session:
        address = registers.newest(registers.links(session, page, link))
    name = address.rsplit("/", 1)[-1]
    if name in order.held:
        return []
    return [registers.download(sessions, HOST, address, order.folder / name, order)]


def vintage(files: Sequence[Path]) -> date | None:
    """Return the date of the snapshot, as its name tells it; null where it does not."""
    names = [file.name for file in files]
    names += [found.name for found in registers.published(files, _COMPANIES)]
    return next((found for found in map(registers.vintage_of, names) if found), None)


def read(files: Sequence[Path], folder: Path, vintage: date) -> None:
    """Write organisation.parquet, name.parquet and relation.parquet of the companies into a folder.

    Streamed: the memory does not depend on the number of companies. Several parts, as Companies House also publishes
    them, are read one after the other. Raises ``UnexpectedFile`` for another layout, a damaged file, and one whose
    rows cannot be told apart.
    """
    found = registers.published(files, _COMPANIES)
    if not found:
        registers.one(found, files, "BasicCompanyData CSV")
    parts: dict[str, list[Path]] = {"organisation": [], "name": []}
    for file in found:
        columns = registers.header(file)
        LAYOUT.check(columns, file.name, MODULE)
        for lines in _lots(file):
            rows = _parsed(lines, columns, file.name).with_columns(
                org_id="GB-COH-" + pl.col("CompanyNumber").str.to_uppercase().str.replace_all(r"\s", "")
            )
            rows = rows.filter(pl.col("org_id").is_not_null())
            for table, frame in (("organisation", _organisations(rows, vintage)), ("name", _names(rows))):
                part = folder / f"{table}-{len(parts[table])}.part"
                frame.write_parquet(part, compression="lz4")
                parts[table].append(part)
    registers.write({table: pl.scan_parquet(written) for table, written in parts.items() if written}, folder)
    for written in parts.values():
        for part in written:
            part.unlink()


def _lots(file: registers.Published) -> Iterator[bytes]:
    """Generate the lines behind the header, some tens of megabytes at a time, never parting a line.

    polars' own streamed reading of this file took 6 GB of memory for 5 million rows; this takes what a lot takes.
    """
    with registers.opened(file) as source:
        source.readline()
        left = b""
        while chunk := source.read(LOT_BYTES):
            lot = left + chunk
            end = lot.rfind(b"\n") + 1
            quotes = lot.count(b'"', 0, end)
            # A line's break may stand inside quotation marks: in front of it their number is odd.
            while end and quotes % 2:
                before = lot.rfind(b"\n", 0, end - 1) + 1
                quotes -= lot.count(b'"', before, end)
                end = before
            left = lot[end:]
            if end:
                yield lot[:end]
            elif len(left) > 8 * LOT_BYTES:
                raise UnexpectedFile(f"{file.name} opens a quotation mark that it does not close. Get the file again.")
        if left.strip():
            yield left


def _parsed(lines: bytes, columns: list[str], name: str) -> pl.DataFrame:
    """Return the needed columns of some lines as text, blanks at the ends taken away, empty ones null."""
    try:
        rows = pl.read_csv(lines, has_header=False, schema=dict.fromkeys(columns, pl.String), encoding="utf8-lossy")
    except pl.exceptions.PolarsError as problem:
        said = " ".join(str(problem).split())[:300]
        raise UnexpectedFile(f"{name} cannot be read as CSV: {said}. Get the file again.") from problem
    rows = rows.select(pl.col(column).str.strip_chars().replace("", None) for column in LAYOUT.needed)
    if short := rows["CompanyCategory"].null_count():
        raise UnexpectedFile(
            f"{name} holds {short:,} lines that break off before the category of the company."
            " Nothing was loaded: get the file again."
        )
    return rows


def _organisations(rows: pl.DataFrame, vintage: date) -> pl.DataFrame:
    status = pl.col("CompanyStatus").str.to_lowercase()
    codes = [pl.col(f"SICCode.SicText_{place}").str.extract(r"^(\d{4,5})\b") for place in range(1, 5)]
    return rows.select(
        org_id="org_id",
        register=pl.lit(REGISTER),
        name="CompanyName",
        # "Active - Proposal to Strike off" is live, and says nothing about the company's finances.
        status=pl.when(status.str.starts_with("active")).then(pl.lit("active")).otherwise(status),
        category="CompanyCategory",
        postcode=registers.postcode(pl.col("RegAddress.PostCode")),
        started_on=registers.day(pl.col("IncorporationDate"), "%d/%m/%Y"),
        ended_on=registers.day(pl.col("DissolutionDate"), "%d/%m/%Y"),
        income_gbp=pl.lit(None, pl.Decimal(18, 2)),
        income_on=pl.lit(None, pl.Date),
        activities=pl.concat_str(codes, separator=";", ignore_nulls=True).replace("", None),
        vintage=pl.lit(vintage, pl.Date),
    )


def _names(rows: pl.DataFrame) -> pl.DataFrame:
    current = rows.select("org_id", name="CompanyName", kind=pl.lit("current"), until_on=pl.lit(None, pl.Date)).filter(
        pl.col("name").is_not_null()
    )
    former = [
        rows.select(
            "org_id",
            name=f"PreviousName_{place}.CompanyName",
            kind=pl.lit("previous"),
            until_on=registers.day(pl.col(f"PreviousName_{place}.CONDATE"), "%d/%m/%Y"),
        ).filter(pl.col("name").is_not_null())
        for place in _FORMER
    ]
    return pl.concat([current, *former])


# --- who controls them -------------------------------------------------------------------------------------------


class _Registered(msgspec.Struct):
    registration_number: str | None = None
    country_registered: str | None = None
    place_registered: str | None = None
    legal_authority: str | None = None


class _Control(msgspec.Struct):
    kind: str | None = None
    name: str | None = None
    natures_of_control: list[str] | None = None
    notified_on: str | None = None
    ceased_on: str | None = None
    identification: _Registered | None = None


class _Line(msgspec.Struct):
    company_number: str | None = None
    data: _Control | None = None


PARENT: dict[str, pl.DataType] = {
    "org_id": pl.String(),
    "register": pl.String(),
    "number": pl.String(),
    "name": pl.String(),
    "valid_from": pl.Date(),
    "valid_to": pl.Date(),
}
"""A parent as a company named it: its number and name, and the register that it is said to stand in.

``register`` is ``company`` or ``charity`` for one of the UK, ``foreign``, ``none`` for a legal body without a number
(a council, a minister), or null where nothing is said. What org-id that is, is for the rules on identifiers to say.
"""

_UK = re.compile(
    r"\b(?:united kingdom|u\.?k|england|wales|scotland|northern ireland|great britain|gb|companies house|cardiff"
    r"|edinburgh|belfast|london)\b",
    re.IGNORECASE,
)
_NOT_UK = re.compile(r"\b(?:new south wales|republic of ireland|jersey|guernsey|isle of man|ontario)\b", re.IGNORECASE)


def fetch_control(sessions: Sessions, order: Order) -> list[Path]:
    """Fetch the newest snapshot of persons with significant control; nothing where it is loaded already."""
    return _fetch(sessions, order, CONTROL_PAGE, _CONTROL_LINK)


def control_vintage(files: Sequence[Path]) -> date | None:
    """Return the date of the snapshot, as its name tells it; null where it does not."""
    names = [file.name for file in files]
    names += [found.name for found in registers.published(files, _CONTROL)]
    return next((found for found in map(registers.vintage_of, names) if found), None)


def read_control(files: Sequence[Path], folder: Path, vintage: date) -> None:  # noqa: ARG001 - as every reader is called
    """Write parent.parquet, with the columns of ``PARENT``, into a folder; nobody's name but legal bodies' is read.

    Raises ``UnexpectedFile`` for a file without any line of the kind, and for a line that cannot be read.
    """
    found = registers.published(files, _CONTROL)
    if not found:
        registers.one(found, files, "snapshot of persons with significant control")
    lines = 0
    frames = []
    batch: list[tuple[object, ...]] = []
    for file in found:
        for parent in _parents(file):
            lines += 1
            if parent is not None:
                batch.append(parent)
            if len(batch) >= _BATCH:
                frames.append(pl.DataFrame(batch, schema=PARENT, orient="row"))
                batch = []
    if not lines:
        raise UnexpectedFile(
            f"{found[0].name} holds no line on a company that controls another. See whether it is the snapshot of"
            f" {CONTROL_SOURCE}; if its layout has changed, compare it with {MODULE}."
        )
    frames.append(pl.DataFrame(batch, schema=PARENT, orient="row"))
    pl.concat(frames).write_parquet(folder / "parent.parquet")


def _parents(file: registers.Published) -> Iterator[tuple[object, ...] | None]:
    """Generate, for each line on a legal body, the parent that it tells of; null where it tells of none."""
    decoder = msgspec.json.Decoder(_Line)
    with registers.opened(file) as source:
        for number, raw in enumerate(source, start=1):
            if not any(kind in raw for kind in _LEGAL_BODIES):
                continue
            if b"-75-to-100-percent" not in raw:
                yield None
                continue
            try:
                line = decoder.decode(raw)
            except msgspec.DecodeError as problem:
                raise UnexpectedFile(
                    f"{file.name}, line {number}: {problem}. Get the file again; if it stays so, compare it with"
                    f" {MODULE}."
                ) from problem
            yield _parent(line)


def _parent(line: _Line) -> tuple[object, ...] | None:
    data = line.data
    if data is None or not line.company_number or not data.name:
        return None
    if not any(_WHOLLY.fullmatch(nature) for nature in data.natures_of_control or ()):
        return None
    if (data.kind or "").encode() not in _LEGAL_BODIES:
        return None
    registered = data.identification or _Registered()
    places = (registered.country_registered, registered.place_registered, registered.legal_authority)
    number = (registered.registration_number or "").strip() or None
    return (
        f"GB-COH-{line.company_number.strip().upper()}",
        _register_told([text for text in places if text and text.strip()], number),
        number,
        " ".join(data.name.split()),
        _day(data.notified_on),
        _day(data.ceased_on),
    )


def _register_told(places: list[str], number: str | None) -> str | None:
    """Return the kind of register that a parent is said to stand in."""
    if number is None or not any(letter.isdigit() for letter in number):
        return "none"
    if any("charity" in place.lower() for place in places):
        return "charity"
    if not places:
        return None
    # The country decides; only where it is silent does the register or the law that is named.
    return "company" if _UK.search(places[0]) and not _NOT_UK.search(places[0]) else "foreign"


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text and _DAY.fullmatch(text) else None
    except ValueError:
        return None

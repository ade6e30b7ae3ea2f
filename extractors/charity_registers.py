"""The three registers of charities: England and Wales, Scotland, Northern Ireland.

- The Charity Commission (https://register-of-charities.charitycommission.gov.uk/register/full-register-download)
  publishes its register every day as zips of JSON and of tab-separated text, with removed charities, with linked
  charities (subsidiaries under the number of the main one, told apart by a suffix), and with working and former names
  in a table of their own. Of the company number that a charity gave, leading noughts may be lost.
- OSCR (https://www.oscr.org.uk/about-charities/search-the-register/download-the-scottish-charity-register/) publishes
  the register and the former register every day, each as a zip with one CSV whose name tells its date.
  It may not be presented as the Scottish Charity Register itself.
- The Charity Commission for Northern Ireland (https://www.charitycommissionni.org.uk/charity-search/) exports the
  results of its search as one CSV, in the encoding of Windows, without dates of removal.

Telephone numbers, e-mail addresses and trustees' names, which are in these files, are never read.
Terms: Open Government Licence v3.0, all three.
"""

import html
import json
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from extractors import registers
from extractors.registers import Layout, Order, Published, Sessions, UnexpectedFile

MODULE = "extractors/charity_registers.py"
LICENCE = registers.OGL

# --- England and Wales -------------------------------------------------------------------------------------------

COMMISSION_REGISTER = "charity-commission"
COMMISSION_HOST = "https://register-of-charities.charitycommission.gov.uk"
COMMISSION_PAGE = "/register/full-register-download"
COMMISSION_SOURCE = f"{COMMISSION_HOST}{COMMISSION_PAGE}"
COMMISSION_FILES = ("https://ccewuksprdoneregsadata1.blob.core.windows.net",)
"""Where the page's links lead to."""

COMMISSION_LAYOUT = Layout(
    needed=(
        "date_of_extract",
        "registered_charity_number",
        "linked_charity_number",
        "charity_name",
        "charity_type",
        "charity_registration_status",
        "date_of_registration",
        "date_of_removal",
        "latest_acc_fin_period_end_date",
        "latest_income",
        "charity_contact_postcode",
        "charity_company_registration_number",
        "charity_in_administration",
        "charity_is_cio",
    ),
    known=(
        "organisation_number",
        "charity_reporting_status",
        "latest_acc_fin_period_start_date",
        "latest_expenditure",
        *(f"charity_contact_address{line}" for line in range(1, 6)),
        "charity_contact_phone",
        "charity_contact_email",
        "charity_contact_web",
        "charity_insolvent",
        "charity_previously_excepted",
        "charity_is_cdf_or_cif",
        "cio_is_dissolved",
        "date_cio_dissolution_notice",
        "charity_activities",
        "charity_gift_aid",
        "charity_has_land",
    ),
)
OTHER_NAMES_LAYOUT = Layout(
    needed=("registered_charity_number", "linked_charity_number", "charity_name_type", "charity_name"),
    known=("date_of_extract", "organisation_number", "charity_name_id"),
)

_MAIN = re.compile(r"publicextract\.charity\.(?:zip|json|txt|tsv)$", re.IGNORECASE)
_OTHER = re.compile(r"publicextract\.charity_other_names\.(?:zip|json|txt|tsv)$", re.IGNORECASE)
_COMMISSION_LINK = re.compile(r"publicextract\.(?:charity|charity_other_names)\.zip")
_BATCH = 20_000


def fetch_commission(sessions: Sessions, order: Order) -> list[Path]:
    """Fetch the tables of charities and of their other names that the download page links to, as JSON."""
    with sessions(COMMISSION_HOST) as session:
        addresses = registers.links(session, COMMISSION_PAGE, _COMMISSION_LINK)
    chosen = {}
    for address in addresses:
        name = address.rsplit("/", 1)[-1]
        if name not in chosen or "/json/" in address:
            chosen[name] = address
    if len(chosen) != 2:
        raise UnexpectedFile(
            f"{COMMISSION_SOURCE} links to {', '.join(sorted(chosen))} only, not to the other table of charities and"
            " their other names. Look at the page: download both by hand and give them with --file."
        )
    return [
        registers.download(sessions, COMMISSION_HOST, address, order.folder / name, order, COMMISSION_FILES)
        for name, address in sorted(chosen.items())
    ]


def commission_vintage(files: Sequence[Path]) -> date | None:
    """Return the date of the extract, which stands in its rows."""
    for file in registers.published(files, _MAIN):
        for row in _rows(file, COMMISSION_LAYOUT):
            try:
                return datetime.fromisoformat(str(row["date_of_extract"])[:10]).date()
            except ValueError:
                return None
    return None


def read_commission(files: Sequence[Path], folder: Path, vintage: date) -> None:
    """Write organisation.parquet, name.parquet and relation.parquet of the Charity Commission into a folder.

    Without the table of other names, the charities' own names are all there are. Raises ``UnexpectedFile`` for another
    layout and for a damaged file.
    """
    main = registers.one(registers.published(files, _MAIN), files, "publicextract.charity")
    charities = _frame(_rows(main, COMMISSION_LAYOUT), COMMISSION_LAYOUT).with_columns(_commission_id())
    others = registers.published(files, _OTHER)
    frames = [_frame(_rows(other, OTHER_NAMES_LAYOUT), OTHER_NAMES_LAYOUT) for other in others]
    names = pl.concat([pl.DataFrame(schema=dict.fromkeys(OTHER_NAMES_LAYOUT.needed, pl.String())), *frames])
    names = names.with_columns(_commission_id())
    registered = pl.col("charity_registration_status").str.to_lowercase()
    is_main = pl.col("linked_charity_number").fill_null("0") == "0"
    is_cio = pl.col("charity_is_cio").str.to_lowercase() == "true"
    organisation = charities.lazy().select(
        org_id="org_id",
        register=pl.lit(COMMISSION_REGISTER),
        name="charity_name",
        status=pl.when(registered != "registered")
        .then(registered)
        .when(pl.col("charity_in_administration").str.to_lowercase() == "true")
        .then(pl.lit("in administration"))
        .otherwise(pl.when(registered.is_not_null()).then(pl.lit("active"))),
        category=pl.when(is_main & is_cio).then(pl.lit("CIO")).otherwise("charity_type"),
        postcode=registers.postcode(pl.col("charity_contact_postcode")),
        started_on=registers.day(pl.col("date_of_registration"), "%Y-%m-%d"),
        ended_on=registers.day(pl.col("date_of_removal"), "%Y-%m-%d"),
        income_gbp=registers.pounds(pl.col("latest_income")),
        income_on=registers.day(pl.col("latest_acc_fin_period_end_date"), "%Y-%m-%d"),
        activities=pl.lit(None, pl.String),
        vintage=pl.lit(vintage, pl.Date),
    )
    kind = pl.col("charity_name_type").str.to_lowercase()
    name = pl.concat(
        [
            charities.lazy().select("org_id", name="charity_name", kind=pl.lit("current"), until_on=None),
            names.lazy().select(
                "org_id",
                name="charity_name",
                kind=pl.when(kind.str.contains("previous")).then(pl.lit("previous")).otherwise(pl.lit("other")),
                until_on=None,
            ),
        ]
    )
    number = pl.col("charity_company_registration_number").str.to_uppercase().str.replace_all(r"[^A-Z0-9]", "")
    companies = charities.lazy().select(
        "org_id", number.alias("number"), is_main=is_main, main=pl.col("org_id").str.extract(r"^(GB-CHC-\d+)")
    )
    relation = pl.concat(
        [
            # The main charity's company number stands in the rows of its linked ones, too, where it is not theirs.
            companies.filter(pl.col("is_main") & pl.col("number").str.contains("[1-9]")).select(
                "org_id", _company(pl.col("number")).alias("other_org_id"), kind=pl.lit("same_as")
            ),
            companies.filter(~pl.col("is_main")).select("org_id", other_org_id="main", kind=pl.lit("parent")),
        ]
    ).with_columns(source=pl.lit("Charity Commission register"), valid_from=None, valid_to=None)
    registers.write(
        {
            "organisation": organisation.unique("org_id", keep="first", maintain_order=True),
            "name": name.filter(pl.col("name").is_not_null()).unique(maintain_order=True),
            "relation": relation.filter(pl.col("other_org_id").is_not_null()).unique(maintain_order=True),
        },
        folder,
    )


def _commission_id() -> pl.Expr:
    number, linked = (pl.col(name).str.strip_chars() for name in ("registered_charity_number", "linked_charity_number"))
    suffix = pl.when(linked.fill_null("0") == "0").then(pl.lit("")).otherwise("-" + linked)
    return ("GB-CHC-" + number + suffix).alias("org_id")


def _company(number: pl.Expr) -> pl.Expr:
    """Return the org-id of a company number whose leading noughts may be lost; what it is worth is judged later."""
    return "GB-COH-" + pl.when(number.str.contains(r"^\d{5,8}$")).then(number.str.zfill(8)).otherwise(number)


def _frame(rows: Iterator[dict[str, Any]], layout: Layout) -> pl.DataFrame:
    """Return rows as a frame of text with the needed columns, in batches so that no row is held twice for long."""
    schema = dict.fromkeys(layout.needed, pl.String())
    frames = [pl.DataFrame(schema=schema)]
    batch: list[tuple[str | None, ...]] = []
    for row in rows:
        batch.append(tuple(_text(row.get(name)) for name in layout.needed))
        if len(batch) == _BATCH:
            frames.append(pl.DataFrame(batch, schema=schema, orient="row"))
            batch = []
    frames.append(pl.DataFrame(batch, schema=schema, orient="row"))
    return pl.concat(frames)


def _text(value: Any) -> str | None:
    text = "" if value is None else str(value).strip()
    return None if text in ("", "NULL", "null") else text


def _rows(file: Published, layout: Layout) -> Iterator[dict[str, Any]]:
    """Generate the rows of an extract, JSON or tab-separated, each checked against the layout."""
    if _begins_as_json(file):
        yield from _objects(file, layout)
        return
    columns: list[str] = []
    with registers.opened(file) as source:
        for number, raw in enumerate(source, start=1):
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8", "replace").rstrip("\r\n")
            fields = line.split("\t")
            if not columns:
                columns = [field.strip() for field in fields]
                layout.check(columns, file.name, MODULE)
            elif len(fields) == len(columns):
                yield dict(zip(columns, fields, strict=True))
            elif line:
                raise UnexpectedFile(
                    f"{file.name}, line {number}: {len(fields)} fields where the header names {len(columns)}, perhaps"
                    " since a text holds a line break. Nothing was loaded: take the JSON extract instead."
                )


def _begins_as_json(file: Published) -> bool:
    with registers.opened(file) as source:
        return source.read(16).removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"[", b"{")


def _objects(file: Published, layout: Layout) -> Iterator[dict[str, Any]]:
    """Generate the objects of a JSON array without holding more than a few of them."""
    decoder = json.JSONDecoder()
    expected = {*layout.needed, *layout.known}
    text, place, is_last = "", 0, False
    with registers.opened(file) as source:
        bytes_left = b""
        while True:
            while place < len(text) and text[place] in " \t\r\n,[\ufeff":
                place += 1
            if text.startswith("]", place):
                return
            try:
                row, end = decoder.raw_decode(text, place)
            except json.JSONDecodeError as problem:
                if is_last:
                    raise UnexpectedFile(
                        f"{file.name} ends in the middle of a row ({problem.msg}). Get the file again."
                    ) from problem
                chunk = bytes_left + source.read(1 << 20)
                is_last = len(chunk) == len(bytes_left)
                # Half a character at the end waits for its other half.
                cut = len(chunk) if is_last else len(chunk) - _unfinished(chunk)
                bytes_left = chunk[cut:]
                text, place = text[place:] + chunk[:cut].decode("utf-8", "replace"), 0
                if len(text) > 64 << 20:
                    raise UnexpectedFile(
                        f"{file.name} is no array of rows. See whether it is the right file."
                    ) from None
                continue
            if not isinstance(row, dict):
                raise UnexpectedFile(f"{file.name} holds {row!r:.40} where a row was expected. Get the file again.")
            if row.keys() != expected:
                layout.check(list(row), file.name, MODULE)
            yield row
            place = end


def _unfinished(chunk: bytes) -> int:
    """Return how many bytes at the end of a chunk belong to a character of UTF-8 that is not complete."""
    for back in range(1, min(4, len(chunk)) + 1):
        byte = chunk[-back]
        if byte & 0xC0 != 0x80:
            needs = 1 if byte < 0x80 else 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return back if needs > back else 0
    return 0


# --- Scotland ----------------------------------------------------------------------------------------------------

OSCR_REGISTER = "oscr"
OSCR_HOST = "https://www.oscr.org.uk"
OSCR_SOURCE = f"{OSCR_HOST}/about-charities/search-the-register/download-the-scottish-charity-register/"
OSCR_PATHS = ("/download/charity-register", "/download/charity-former-register")

OSCR_LAYOUT = Layout(
    needed=(
        "Charity Number",
        "Charity Name",
        "Registered Date",
        "Known As",
        "Charity Status",
        "Postcode",
        "Constitutional Form",
        "Purposes",
        "Most recent year income",
        "Year End",
        "Parent charity number",
        "Parent charity country of registration",
    ),
    known=(
        "Notes",
        "Ceased Date",
        "Previous Constitutional Form 1",
        "Geographical Spread",
        "Main Operating Location",
        "Beneficiaries",
        "Activities",
        "Objectives",
        "Principal Office/Trustees Address",
        "Website",
        "Most recent year expenditure",
        "Mailing cycle",
        "Date annual return received",
        "Next year end date",
        "Donations and legacies income",
        "Charitable activities income",
        "Other trading activities income",
        "Investments income",
        "Other income",
        "Raising funds spending",
        "Charitable activities spending",
        "Other spending",
        "Parent charity name",
        "Designated religious body",
        "Regulatory Type",
    ),
)
_FORMER_LAYOUT = Layout(
    needed=(*OSCR_LAYOUT.needed, "Ceased Date"),
    known=tuple(column for column in OSCR_LAYOUT.known if column != "Ceased Date"),
)
_OSCR = re.compile(r"\.csv$", re.IGNORECASE)


def fetch_oscr(sessions: Sessions, order: Order) -> list[Path]:
    """Fetch the register and the former register of Scotland."""
    return [
        registers.download(sessions, OSCR_HOST, path, order.folder / f"{path.rsplit('/', 1)[-1]}.zip", order)
        for path in OSCR_PATHS
    ]


def oscr_vintage(files: Sequence[Path]) -> date | None:
    """Return the date that the newest file's name tells, in a zip or outside; null where none does."""
    names = [found.name for found in registers.published(files, _OSCR)] + [file.name for file in files]
    return max(filter(None, map(registers.vintage_of, names)), default=None)


def read_oscr(files: Sequence[Path], folder: Path, vintage: date) -> None:
    """Write organisation.parquet, name.parquet and relation.parquet of Scotland's charities into a folder.

    Raises ``UnexpectedFile`` for another layout and for a damaged file.
    """
    found = registers.published(files, _OSCR)
    if not found:
        registers.one(found, files, "CharityExport CSV")
    frames = []
    for file in found:
        has_ended = "Ceased Date" in registers.header(file)
        frame = registers.table(file, _FORMER_LAYOUT if has_ended else OSCR_LAYOUT, MODULE)
        frames.append(frame if has_ended else frame.with_columns(pl.lit(None, pl.String).alias("Ceased Date")))
    rows = pl.concat(frames, how="diagonal").with_columns(
        org_id="GB-SC-" + pl.col("Charity Number").str.to_uppercase().str.replace_all(r"\s", "")
    )
    rows = rows.filter(pl.col("org_id").is_not_null())
    forms = ("%d/%m/%Y", "%Y-%m-%d")
    status = pl.col("Charity Status").str.to_lowercase()
    organisation = rows.lazy().select(
        org_id="org_id",
        register=pl.lit(OSCR_REGISTER),
        name="Charity Name",
        status=pl.when(pl.col("Ceased Date").is_not_null() | (status == "removed"))
        .then(pl.lit("removed"))
        .otherwise(status),
        category="Constitutional Form",
        postcode=registers.postcode(pl.col("Postcode")),
        started_on=registers.day(pl.col("Registered Date"), *forms),
        ended_on=registers.day(pl.col("Ceased Date"), *forms),
        income_gbp=registers.pounds(pl.col("Most recent year income")),
        income_on=registers.day(pl.col("Year End"), *forms),
        # 'the advancement of education','the advancement of health'
        activities=pl.col("Purposes").str.strip_chars("'").str.replace_all(r"'\s*,\s*'", ";"),
        vintage=pl.lit(vintage, pl.Date),
    )
    parent = pl.col("Parent charity number").str.to_uppercase().str.replace_all(r"[^A-Z0-9]", "")
    relation = rows.lazy().select(
        "org_id",
        pl.when(parent.str.contains(r"^SC\d{6}$"))
        .then("GB-SC-" + parent)
        .when(
            parent.str.contains(r"^\d{6,7}$")
            & pl.col("Parent charity country of registration").str.contains(r"(?i)england|wales")
        )
        .then("GB-CHC-" + parent)
        .alias("other_org_id"),
        kind=pl.lit("parent"),
        source=pl.lit("Scottish Charity Register"),
        valid_from=None,
        valid_to=None,
    )
    registers.write(
        {
            "organisation": organisation.unique("org_id", keep="first", maintain_order=True),
            "name": _two_names(rows, "Charity Name", "Known As"),
            "relation": relation.filter(pl.col("other_org_id").is_not_null()).unique(maintain_order=True),
        },
        folder,
    )


def _two_names(rows: pl.DataFrame, current: str, other: str) -> pl.LazyFrame:
    """Return the names of charities that state at most one other name each."""
    both = [
        rows.lazy().select("org_id", name=column, kind=pl.lit(kind), until_on=None)
        for column, kind in ((current, "current"), (other, "other"))
    ]
    return pl.concat(both).filter(pl.col("name").is_not_null()).unique(maintain_order=True)


# --- Northern Ireland --------------------------------------------------------------------------------------------

CCNI_REGISTER = "ccni"
CCNI_HOST = "https://www.charitycommissionni.org.uk"
CCNI_PAGE = "/charity-search/"
CCNI_EXPORT = "/api/charity-search/exportSearchResultsToCsv/"
CCNI_SOURCE = f"{CCNI_HOST}{CCNI_PAGE}"

CCNI_LAYOUT = Layout(
    needed=(
        "Reg charity number",
        "Charity name",
        "Date registered",
        "Status",
        "Date for financial year ending",
        "Total income",
        "Public address",
        "Company number",
        "What the charity does",
    ),
    known=(
        "Sub charity number",
        "Other name",
        "Total spending",
        "Charitable spending",
        "Income generation and governance",
        "Retained for future use",
        "Website",
        "Email",
        "Telephone",
        "Who the charity helps",
        "How the charity works",
        "Charitable purposes",
        "Type of governing document",
        "Financial period start",
        "Financial period end",
        "Total income. Previous financial period.",
        "Employed staff",
        "UK and Ireland volunteers",
        "Income from donations and legacies",
        "Income from charitable activities",
        "Income from other trading activities",
        "Income from investments",
        "Income from other",
        "Total income and endowments",
        "Expenditure on Raising funds",
        "Expenditure on Charitable activities",
        "Expenditure on Governance",
        "Expenditure on Other",
        "Total expenditure",
        "Assets and liabilities - Total fixed assets",
        "Total net assets and liabilities",
    ),
)
_CCNI = re.compile(r"\.csv$", re.IGNORECASE)
_HOME = re.compile(r'"homePageId"\s*:\s*"([0-9a-fA-F-]{36})"')


def fetch_ccni(sessions: Sessions, order: Order) -> list[Path]:
    """Fetch the export of the whole register of Northern Ireland, removed charities included.

    The export wants the number of the site's home page, which stands in the search page, escaped twice.
    Raises ``UnexpectedFile`` where it is not there.
    """
    path = order.folder / f"charitydetails_{order.today:%Y_%m_%d}.csv"
    with sessions(CCNI_HOST) as session:
        answer, page = session.read(CCNI_PAGE, None, registers.html)
        home = _HOME.search(html.unescape(html.unescape(str(page))))
        if home is None:
            raise UnexpectedFile(
                f"{answer.requested_at:%Y-%m-%d %H:%M} UTC: {answer.url} no longer tells the homePageId that its export"
                " wants. Export the register by hand from that page, and give it with --file."
            )
        session.download(
            CCNI_EXPORT,
            path,
            params={
                "homePageId": home[1],
                "pageNumber": "1",
                "sortOption": "Rank;asc",
                "searchText": "",
                "include": "Removed",
            },
            progress=lambda have, total: order.progress(path.name, have, total),
        )
    return [path]


def ccni_vintage(files: Sequence[Path]) -> date | None:
    """Return the date that a file's name tells, such as ``charitydetails_2026_11_22.csv``; null where none does."""
    return max(filter(None, (registers.vintage_of(file.name) for file in files)), default=None)


def read_ccni(files: Sequence[Path], folder: Path, vintage: date) -> None:
    """Write organisation.parquet, name.parquet and relation.parquet of Northern Ireland's charities into a folder.

    Raises ``UnexpectedFile`` for another layout and for a damaged file.
    """
    file = registers.one(registers.published(files, _CCNI), files, "export of the register")
    columns = registers.header(file, "cp1252")
    extra = tuple(column for column in ("Other name", "Sub charity number") if column in columns)
    known = tuple(column for column in CCNI_LAYOUT.known if column not in extra)
    rows = registers.table(file, Layout((*CCNI_LAYOUT.needed, *extra), known), MODULE, encoding="cp1252")
    rows = rows.with_columns(
        pl.lit(None, pl.String).alias(column) for column in ("Other name", "Sub charity number") if column not in extra
    )
    sub = pl.col("Sub charity number").fill_null("0")
    rows = rows.with_columns(
        pl.col("Charity name", "Other name").str.replace_all("`", "'"),
        org_id="GB-NIC-"
        + pl.col("Reg charity number").str.to_uppercase().str.strip_prefix("NIC")
        + pl.when(sub == "0").then(pl.lit("")).otherwise("-" + sub),
    ).filter(pl.col("org_id").is_not_null())
    forms = ("%d/%m/%Y", "%d %B %Y", "%Y-%m-%d")
    organisation = rows.lazy().select(
        org_id="org_id",
        register=pl.lit(CCNI_REGISTER),
        name="Charity name",
        # Every other status tells of annual returns that came, are due or are late.
        status=pl.when(pl.col("Status").str.to_lowercase().str.starts_with("removed"))
        .then(pl.lit("removed"))
        .when(pl.col("Status").is_not_null())
        .then(pl.lit("active")),
        category=pl.lit(None, pl.String),
        postcode=registers.last_postcode(pl.col("Public address")),
        started_on=registers.day(pl.col("Date registered"), *forms),
        ended_on=pl.lit(None, pl.Date),
        income_gbp=registers.pounds(pl.col("Total income")),
        income_on=registers.day(pl.col("Date for financial year ending"), *forms),
        # A comma without a blank behind it stands between two purposes; with one, inside a purpose.
        activities=pl.col("What the charity does").str.replace_all(r",(\S)", ";$1"),
        vintage=pl.lit(vintage, pl.Date),
    )
    number = pl.col("Company number").str.to_uppercase().str.replace_all(r"[^A-Z0-9]", "")
    relation = (
        rows.lazy()
        # Noughts and nines are what is entered where there is no company.
        .filter(number.str.contains("[1-9]") & (number != "999999"))
        .select(
            "org_id",
            other_org_id="GB-COH-"
            + pl.when(number.str.contains(r"^\d{1,6}$")).then("NI" + number.str.zfill(6)).otherwise(number),
            kind=pl.lit("same_as"),
            source=pl.lit("Charity Commission for Northern Ireland"),
            valid_from=None,
            valid_to=None,
        )
    )
    registers.write(
        {
            "organisation": organisation.unique("org_id", keep="first", maintain_order=True),
            "name": _two_names(rows, "Charity name", "Other name"),
            "relation": relation.unique(maintain_order=True),
        },
        folder,
    )

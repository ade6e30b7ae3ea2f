"""Publish the export for readers, made from the Parquet snapshot of the same night alone.

Every CSV file is one of the views of ``views.sql``, or the rows of one that a condition keeps: its very text is run
over the Parquet files, slice by slice, so that the memory is bounded whatever the size of the warehouse.
Beside them: ``datapackage.json`` (Frictionless Data Package), ``data_dictionary.csv``, ``README.md``,
``METHODOLOGY.md``, ``checksums.txt`` and ``parquet/``, the snapshot itself under a second name.

A file that has more rows than a sheet goes on in further files, ``award_lines-2.csv`` and so on, each with the header:
a spreadsheet would leave out what is beyond without a word that anybody reads.
Of the figures, which are the most rows by far, the CSV files hold what people look up; the README says which of them
stand in the Parquet files alone, and how many.

Text cells that a spreadsheet could take for a formula get an apostrophe in front (``neutral``): see OWASP,
https://owasp.org/www-community/attacks/CSV_Injection.
The CSV is RFC 4180 with LF at the end of each line, in UTF-8, with a header row; an empty cell is "not known".
"""

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import sqlalchemy as sa

from warehouse import dictionary, schema, store
from warehouse.publish import editions
from warehouse.publish.snapshot import METHODOLOGY, check_version, digest, files, read_manifest

PACKAGE, DICTIONARY, README, CHECKSUMS = "datapackage.json", "data_dictionary.csv", "README.md", "checksums.txt"

FORMULA = r"^(?:[\t\r\n]|[\s\x00-\x20\u00A0\u2000-\u200F\u2028-\u202F\u3000\uFEFF'\x22]*[=+\-@＝＋－＠])"
"""What a cell must not begin with: a formula's first character, after any blanks and quotation marks.

An apostrophe counts as blank, so that taking one apostrophe away from such a cell always gives the text as it was.
"""

SHEET_ROWS = 1_048_575
"""Rows that a sheet holds below its header: https://support.microsoft.com/office/excel-specifications-and-limits."""

SLICE_ROWS = 10_000
"""Awards joined at a time."""

BUCKET_ROWS = 125_000
"""Awards summed at a time, where sums run over all awards of a supplier or buyer."""

Slice = dict[str, pl.LazyFrame]
"""The tables of the snapshot, some of them restricted to what belongs together."""


class Table(NamedTuple):
    """One CSV file: the view that it is, what its slices follow, and the order of its rows."""

    path: str
    view: str
    title: str
    sliced_by: str
    order: tuple[str, ...]
    """From A to Z, or the largest first after a minus."""
    sorted_whole: bool = False
    """Whether the rows are few enough to be put in order across slices."""
    keep: str = ""
    """Which rows of the view it holds, as SQL for a WHERE; all of them when left out."""
    says: str = ""
    """What it holds, where that is not the whole view."""


class Written(NamedTuple):
    """A CSV file as it was written: a table, or a part of one that has more rows than a sheet."""

    path: str
    table: Table
    part: int
    rows: int


HEADLINES = (
    "L1", "L2", "L3.county", "L3.statutory", "L3.region", "O1.strict", "O2.strict", "O1.broad", "O1.declared", "O3",
    "O6", "M1", "M2", "M3", "M6", "C1", "C3", "P1", "P3", "P5", "X1", "X3.suppliers", "D2", "G1", "O4", "E4", "Q1",
    "Q2.kind", "Q3",
)  # fmt: skip
"""The figures that people ask for first: one of each question, by value, and what is known of it."""

_HEADLINE = f"indicator_id IN ({', '.join(repr(one) for one in HEADLINES)})"
_UNDIVIDED = "cpv_division IS NULL AND (tier IS NULL OR indicator_id IN ('M1', 'M1.value'))"
"""Of all sizes and divisions together; contracts by size are told by size alone."""
_OF_AREAS = f"grain IN ('all', 'england', 'region', 'county', 'authority') AND {_UNDIVIDED}"
_BY_KEY = ("indicator_id", "version", "grain", "slice", "period")

TABLES = (
    Table("award_lines.csv", "out_award_line", "Award lines", "award", ("award_id", "mention_id")),
    Table(
        "indicators.csv",
        "out_indicator",
        "Indicators: headline figures of areas",
        "indicator_value",
        _BY_KEY,
        keep=f"{_OF_AREAS} AND {_HEADLINE}",
        says="The headline figures of all buyers, of English councils, and of each region, county and authority, for "
        "every period, each with its bounds, its coverage and the number of awards behind it.",
    ),
    Table(
        "comparison.csv",
        "out_comparison",
        "Councils beside councils like them",
        "figure",
        ("indicator_id", "period", "kind", "rank_in_kind", "area_name", "area_code"),
        True,
    ),
    Table(
        "trend.csv", "out_trend", "Headline shares over time", "figure", ("indicator_id", "grain", "slice", "period")
    ),
    Table("mega_contracts.csv", "out_mega", "Mega-contracts", "award", ("-amount_gbp", "award_id"), True),
    Table("large_for_buyer.csv", "out_large_for_buyer", "Awards large for their buyer", "award", ("award_id",)),
    Table("continuity.csv", "out_continuity", "Who holds what, until when", "award", ("award_id", "mention_id")),
    Table("suppliers.csv", "out_supplier", "Suppliers", "supplier_id", ("-value_gbp", "supplier_id"), True),
    Table("groups.csv", "out_group", "Supplier groups", "group_id", ("-value_gbp", "group_id"), True),
    Table(
        "buyer_years.csv",
        "out_buyer_year",
        "Buyers by year",
        "buyer_id",
        ("buyer_name", "buyer_id", "financial_year"),
        True,
    ),
    Table(
        "indicators_buyers.csv",
        "out_indicator",
        "Indicators: headline figures of single buyers",
        "indicator_value",
        _BY_KEY,
        keep=f"grain = 'buyer' AND {_UNDIVIDED} AND {_HEADLINE} AND (period = 'ALL' OR period LIKE 'FY%')",
        says="The headline figures of each single buyer, councils and others, by financial year and of all dates.",
    ),
    Table(
        "indicators_groups.csv",
        "out_indicator",
        "Indicators: suppliers on whom several buyers rely",
        "indicator_value",
        _BY_KEY,
        keep="grain = 'group'",
        says="The suppliers, and groups of suppliers, on whom several buyers rely, by published awards.",
    ),
    Table(
        "indicators_more.csv",
        "out_indicator",
        "Indicators: the other figures of areas",
        "indicator_value",
        _BY_KEY,
        keep=f"{_OF_AREAS} AND NOT {_HEADLINE}",
        says="The other figures of the same places and periods as indicators.csv, such as shares by number and parts "
        "of a whole.",
    ),
    Table(
        "agreement.csv",
        "out_agreement",
        "Published figures beside ours",
        "agreement",
        ("topic", "figure_id", "compared"),
        True,
    ),
    Table("ceilings.csv", "out_ceiling", "Framework ceilings", "award", ("award_id",)),
    Table("excluded.csv", "out_excluded", "Awards left out of value shares", "award", ("award_id",)),
    Table("duplicates.csv", "out_duplicate", "Awards told twice", "duplicate_of", ("award_id",)),
    Table("matched.csv", "out_matched", "Awards found on both services", "source", ("source", "financial_year"), True),
    Table(
        "supplier_review.csv",
        "out_supplier_review",
        "Suppliers that may be one",
        "supplier_review",
        ("-value_gbp", "a_supplier_id", "b_supplier_id"),
        True,
    ),
    Table(
        "vcse_disagreements.csv",
        "out_vcse_disagreement",
        "Marks of the voluntary sector that the records deny",
        "award",
        ("award_id", "mention_id"),
    ),
    Table(
        "text_matches.csv",
        "out_text_match",
        "Phrases in notices",
        "text_match",
        ("family", "procurement_id", "rule_id"),
    ),
    Table("coverage.csv", "out_coverage", "Days and services covered", "coverage", ()),
    Table("corrections.csv", "out_correction", "Corrections", "correction", ("-run_id", "award_id", "row_id", "field")),
    Table("rejected.csv", "out_rejected", "Documents that could not be used", "rejected", ()),
)

_OF_AWARDS = ("award_line", "ceiling", "supplier_mention")
"""The tables that are parted by the month of publication of the award."""

_FIELD_TYPES: tuple[tuple[type[pl.DataType], str], ...] = (
    (pl.String, "string"),
    (pl.Int64, "integer"),
    (pl.Boolean, "boolean"),
    (pl.Date, "date"),
    (pl.Datetime, "datetime"),
    (pl.Decimal, "number"),
    (pl.Float64, "number"),
)

_SERVICES = {
    "contracts-finder": ("Contracts Finder", "https://www.contractsfinder.service.gov.uk"),
    "find-a-tender": ("Find a Tender", "https://www.find-tender.service.gov.uk"),
}
_LICENCE = {
    "name": "OGL-UK-3.0",
    "title": "Open Government Licence v3.0",
    "path": "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
}
_ATTRIBUTION = (
    "Contains public sector information licensed under the Open Government Licence v3.0 (Contracts Finder, Find a "
    "Tender: Cabinet Office/Crown Commercial Service; ONS Postcode Directory: contains OS data © Crown copyright and "
    "database right, Royal Mail data © Royal Mail copyright and database right, National Statistics data).",
    "Local authority names and codes: mySociety, CC BY 4.0.",
)


_REGISTERS = {
    "companies-house": "the register of companies (Companies House)",
    "companies-house-control": "the register of people with significant control (Companies House)",
    "charity-commission": "the register of charities (Charity Commission for England and Wales)",
    "oscr": "the Scottish Charity Register (Office of the Scottish Charity Regulator)",
    "ccni": "the register of charities (Charity Commission for Northern Ireland)",
    "mutuals": "the Mutuals Public Register (Financial Conduct Authority)",
    "charity-lookups": "charity-lookups",
}
"""The registers as a sentence names them."""

_LICENCES = {
    "Open Government Licence v3.0": _LICENCE["path"],
    "Open Database Licence 1.0": "https://opendatacommons.org/licenses/odbl/1-0/",
}
"""Where the licences of registers are found."""


class Asked(NamedTuple):
    """A register that was asked about suppliers."""

    name: str
    on: str
    rows: int
    source: str
    licence: str


def publish_export(snapshot: Path, exports: Path, night: str, facts: Mapping[str, object]) -> Path:
    """Write the export of a finished night and point ``latest`` at it.

    Args:
        snapshot: the folder of the night's snapshot.
        exports: the folder of exports.
        night: its name, beginning with a London day, such as ``2026-03-29``.
        facts: what the README tells, each as text, all optional: ``cut_off`` (newest publication held), ``window_from``
            and ``window_to`` (first and last day of publication read in full), ``days_read`` (how many between them),
            ``code_version``, ``rules_version``, ``postcodes`` (whose postcodes and boundaries are in force),
            ``sources`` (a sequence of service names),
            ``note`` (a sentence that readers must see first, such as that the notices are made up).

    Returns:
        The folder of the export.

    Raises:
        ValueError: the snapshot is not complete, was made by another version, or the name is not that of a night.
        OSError: the disk is full or not writable; earlier exports and ``latest`` are as they were.
        polars.exceptions.PolarsError: a Parquet file of the snapshot cannot be read.
    """
    # Resolved once: a `latest` that is switched in between must not mix two nights.
    made = partial(_fill, snapshot.resolve(), editions.latest(exports), night, facts)
    return editions.publish(exports, night, made)


def export_again(snapshots: Path, exports: Path) -> Path:
    """Write the export of the last finished night anew, from its snapshot.

    Args:
        snapshots: the folder of snapshots.
        exports: the folder of exports, the usual one or another.

    Returns:
        The folder of the export.

    Raises:
        ValueError: there is no complete snapshot, or another version made it.
        OSError: the disk is full or not writable; earlier exports and ``latest`` are as they were.
    """
    latest = editions.latest(snapshots)
    if latest is None:
        message = f"{snapshots} holds no snapshot yet: run 'noticeboard nightly' or 'noticeboard rebuild' first"
        raise ValueError(message)
    manifest = read_manifest(latest)
    return publish_export(latest, exports, manifest["night"], manifest["facts"])


def neutral(cell: str) -> str:
    """Return a text cell so that no spreadsheet takes it for a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


_FORMULA = re.compile(FORMULA)


def _fill(snapshot: Path, previous: Path | None, night: str, facts: Mapping[str, object], folder: Path) -> None:
    manifest, views = read_manifest(snapshot), {view.name: view for view in dictionary.views()}
    check_version(manifest)
    parquet = _give_parquet(snapshot, manifest, previous, folder)
    written = _write_csv(snapshot, manifest, views, folder)
    editions.link_or_copy(snapshot / METHODOLOGY, folder / METHODOLOGY)
    described = list(_described(views))
    cells = [[neutral(cell) for cell in row] for row in described]
    pl.DataFrame(cells, schema=list(_DICTIONARY), orient="row").write_csv(folder / DICTIONARY)

    resources = [_resource(folder, one, views[one.table.view]) for one in written]
    resources.append(_dictionary_resource(folder, len(described)))
    registers = pl.read_parquet([snapshot / file["path"] for file in files(manifest, "register")], glob=False)
    asked = _asked(registers)
    package = _package(night, facts, asked, resources, parquet)
    (folder / PACKAGE).write_text(json.dumps(package, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    figures = manifest["tables"]["indicator_value"]["rows"]
    readme = _readme(night, facts, asked, resources, figures)
    (folder / README).write_text(readme, encoding="utf-8")
    sums = {resource["path"]: resource["hash"].removeprefix("sha256:") for resource in resources}
    sums |= {name: digest(folder / name) for name in (PACKAGE, README, METHODOLOGY)}
    sums |= {file["path"]: file["sha256"] for file in parquet}
    (folder / CHECKSUMS).write_text("".join(f"{sums[path]}  {path}\n" for path in sorted(sums)), encoding="utf-8")


# --- Parquet ----------------------------------------------------------------------------------------------------------


def _give_parquet(
    snapshot: Path, manifest: Mapping[str, Any], previous: Path | None, folder: Path
) -> list[dict[str, Any]]:
    """Link the snapshot's files below ``parquet/``, those of addresses without the addresses of individuals."""
    before = {}
    if previous is not None and (previous / PACKAGE).is_file():
        told = json.loads((previous / PACKAGE).read_text(encoding="utf-8"))
        before = {(file["path"], file["made_from"]): file for file in told.get("parquet", ())}
    given = []
    for table in manifest["tables"]:
        for file in files(manifest, table):
            name = f"parquet/{file['path']}"
            target = folder / name
            held = before.get((name, file["sha256"]))
            entry = {"path": name, "rows": file["rows"], "sha256": file["sha256"], "made_from": file["sha256"]}
            if table != "supplier_mention":
                editions.link_or_copy(snapshot / file["path"], target)
            elif held is not None and previous is not None and (previous / name).is_file():
                editions.link_or_copy(previous / name, target)
                entry["sha256"] = held["sha256"]
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                mention = pl.read_parquet(snapshot / file["path"], glob=False)
                _without_homes(mention).write_parquet(target, compression="zstd")
                entry["sha256"] = digest(target)
            given.append(entry)
    return given


def _without_homes(mention: pl.DataFrame) -> pl.DataFrame:
    """Blank the address where neither a register number nor a legal form shows that the supplier is an organisation."""
    organisation = pl.col("org_id").is_not_null() | pl.col("legal_form").is_not_null()
    return mention.with_columns(pl.when(organisation).then(pl.col("address", "postcode")))


# --- CSV --------------------------------------------------------------------------------------------------------------


def _write_csv(
    snapshot: Path, manifest: Mapping[str, Any], views: Mapping[str, dictionary.View], folder: Path
) -> list[Written]:
    """Write every table to its file, or files; return them in the order of ``TABLES``."""
    stored = {table: _scan(table, snapshot, files(manifest, table)) for table in manifest["tables"]}
    # Joined with every slice, so read once.
    near: Slice = stored | {
        name: stored[name].collect().lazy() for name in ("area", "buyer", "supplier", "supplier_group")
    }
    ways: dict[str, Iterator[Slice]] = {
        "supplier_id": _by_hash(near, "supplier_id", "supplier", views["out_supplier"].select, snapshot, manifest),
        "buyer_id": _by_hash(near, "buyer_id", "buyer", views["out_buyer_year"].select, snapshot, manifest),
        "group_id": _by_group(near, views["out_group"].select, snapshot, manifest),
        "supplier_review": _of_review(near, views["out_supplier_review"].select, snapshot, manifest),
        "award": _by_award(near, _queries("award", views), snapshot, manifest),
        "duplicate_of": _by_pair(near, _queries("duplicate_of", views), snapshot, manifest),
        "source": _by_service(near, snapshot, manifest),
        "text_match": _by_month(near, snapshot, manifest),
        "correction": _by_correction(near, _queries("correction", views), snapshot, manifest),
        "figure": _of_councils(near, snapshot, manifest),
        **{
            table: _by_file(near, table, snapshot, manifest)
            for table in ("indicator_value", "coverage", "rejected", "agreement")
        },
    }
    written = [
        one
        for way, slices in ways.items()
        for one in _write_together([table for table in TABLES if table.sliced_by == way], slices, views, folder)
    ]
    return sorted(written, key=lambda one: (TABLES.index(one.table), one.part))


def _queries(way: str, views: Mapping[str, dictionary.View]) -> str:
    """Return the queries of all files that are sliced in one way."""
    return "\n".join(views[table.view].select for table in TABLES if table.sliced_by == way)


@cache
def _named(table: str, queries: str) -> list[str]:
    """Return the columns of a table that queries may speak of: any that has a name which stands in them."""
    return [name for name in schema.frame_schema(table) if re.search(rf"\b{name}\b", queries)]


class _Sheets:
    """The CSV file of a table at work, and those in which it goes on: none has more rows than a sheet holds."""

    def __init__(self, table: Table, columns: Iterable[str], folder: Path) -> None:
        """Begin the first file, with its header."""
        self.table, self.folder = table, folder
        self.header = (",".join(columns) + "\n").encode()
        self.rows: list[int] = []
        self._begin()

    def _begin(self) -> None:
        self.rows.append(0)
        self.handle = (self.folder / self._path(len(self.rows))).open("wb")
        self.handle.write(self.header)

    def _path(self, part: int) -> str:
        return self.table.path if part == 1 else self.table.path.replace(".csv", f"-{part}.csv")

    def append(self, frame: pl.DataFrame) -> None:
        """Add rows, going on in a further file where this one is full."""
        while not frame.is_empty():
            if self.rows[-1] == SHEET_ROWS:
                self.close()
                self._begin()
            fitting = frame.head(SHEET_ROWS - self.rows[-1])
            _append(self.handle, fitting)
            self.rows[-1] += fitting.height
            frame = frame.slice(fitting.height)

    def close(self) -> None:
        """Close the file that is open."""
        self.handle.close()

    def written(self) -> list[Written]:
        """Return the files with their rows."""
        return [Written(self._path(part), self.table, part, rows) for part, rows in enumerate(self.rows, start=1)]


def _write_together(
    tables: Sequence[Table], slices: Iterable[Slice], views: Mapping[str, dictionary.View], folder: Path
) -> list[Written]:
    """Walk the slices once, writing what each view makes of them to its files."""
    whole: dict[str, list[pl.DataFrame]] = {table.path: [] for table in tables}
    with ExitStack() as stack:
        sheets = {
            table.path: stack.enter_context(closing(_Sheets(table, views[table.view].columns, folder)))
            for table in tables
        }
        for slice_ in slices:
            # Several files may be of one view, which is asked once.
            told = {name: _run(views[name], slice_) for name in dict.fromkeys(table.view for table in tables)}
            for table in tables:
                found = told[table.view]
                if table.keep:
                    found = found.filter(pl.sql_expr(table.keep))
                if table.sorted_whole:
                    whole[table.path].append(found)
                else:
                    sheets[table.path].append(_sorted(found, table.order))
        for table in tables:
            if whole[table.path]:
                sheets[table.path].append(_sorted(pl.concat(whole[table.path]), table.order))
    return [one for sheet in sheets.values() for one in sheet.written()]


def _sorted(found: pl.DataFrame, order: Sequence[str]) -> pl.DataFrame:
    names = [name.removeprefix("-") for name in order]
    # What has no amount is not the largest, and what has no rank is not the first.
    return found.sort(names, descending=[one.startswith("-") for one in order], nulls_last=True) if order else found


def _append(handle: Any, frame: pl.DataFrame) -> None:
    text = pl.col(pl.String)
    safe = frame.with_columns(pl.when(text.str.contains(FORMULA)).then(pl.lit("'") + text).otherwise(text).name.keep())
    safe.write_csv(handle, include_header=False, datetime_format="%Y-%m-%dT%H:%M:%SZ")


def _run(view: dictionary.View, slice_: Slice) -> pl.DataFrame:
    """Run a view's query over frames; return its rows in its columns' types."""
    types = dictionary.frame_schema(view.name)
    if "RECURSIVE" in view.select:
        return _run_in_sqlite(view.select, slice_, types)
    with pl.SQLContext(slice_) as context:
        # How a part of a query is kept is for databases; polars does not read the word.
        return context.execute(view.select.replace(" AS MATERIALIZED ", " AS ")).collect().cast(types)  # type: ignore[arg-type]  # names to types is a mapping that cast takes


def _run_in_sqlite(select: str, slice_: Slice, types: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Run a query about mega-contracts in SQLite, since polars knows no recursion: few awards, and what they need."""
    award = slice_["award"].filter(pl.col("is_mega")).collect()
    if award.is_empty():
        return pl.DataFrame(schema=dict(types))
    frames = {"award": award, "area": slice_["area"].collect()}
    for name, owner, key in (
        ("award_line", "award", "award_id"),
        ("supplier_mention", "award", "award_id"),
        ("procurement", "award", "procurement_id"),
        ("buyer", "award", "buyer_id"),
        ("supplier", "award_line", "supplier_id"),
    ):
        of_owner = slice_[name].join(frames[owner].lazy(), on=key, how="semi")
        frames[name] = of_owner.select(_named(name, select)).collect()
    with closing(sqlite3.connect(":memory:")) as database:
        for name, frame in frames.items():
            columns = ", ".join(f'"{column}"' for column in frame.columns)
            database.execute(f'CREATE TABLE "{name}" ({columns})')
            marks = ", ".join("?" * frame.width)
            # Names come from the schema alone; values travel as parameters.
            database.executemany(f'INSERT INTO "{name}" VALUES ({marks})', store.for_sqlite(frame).rows())
        return store.from_rows(database.execute(select).fetchall(), types)


def _of_councils(near: Slice, snapshot: Path, manifest: Mapping[str, Any]) -> Iterator[Slice]:
    """Give the headline shares, with what stands beside them: few of all figures, but ranked among each other."""
    wanted = pl.col("indicator_id").str.replace(r"^T[13]\.", "").is_in(COMPARED)
    is_undivided = pl.col("tier").is_null() & pl.col("cpv_division").is_null() & (pl.col("grain") != "buyer")
    found = [
        _scan("indicator_value", snapshot, [file]).filter(wanted & is_undivided).collect()
        for file in files(manifest, "indicator_value")
    ]
    yield near | {"indicator_value": pl.concat(found).lazy()}


COMPARED = ("L1", "L2", "O1.strict", "O2.strict")
"""The shares of which ``out_comparison`` and ``out_trend`` speak."""


def _by_month(near: Slice, snapshot: Path, manifest: Mapping[str, Any]) -> Iterator[Slice]:
    """Part the phrases of notices by the month of the release that tells them, which tells their procurements too."""
    for month in manifest["tables"]["text_match"]["partitions"]:
        yield near | {
            table: _scan(table, snapshot, manifest["tables"][table]["partitions"].get(month, []))
            for table in ("text_match", "procurement")
        }


def _by_award(near: Slice, queries: str, snapshot: Path, manifest: Mapping[str, Any]) -> Iterator[Slice]:
    """Part the awards, and what hangs on them, into runs of ``SLICE_ROWS``, by month of publication, then id.

    What hangs on an award lies in the month of the award; its procurement lies where its own latest release put it.
    """
    named = _named("procurement", queries)
    elsewhere = _elsewhere(named, snapshot, manifest)
    for month in manifest["tables"]["award"]["partitions"]:
        of_month = {
            table: _scan(table, snapshot, manifest["tables"][table]["partitions"].get(month, []))
            for table in ("award", "procurement", *_OF_AWARDS)
        }
        awards = of_month["award"].select("award_id", "procurement_id").sort("award_id").collect()
        procurement = pl.concat([of_month["procurement"].select(named).collect(), elsewhere])
        procurement = procurement.join(awards, on="procurement_id", how="semi").unique("procurement_id")
        ids = awards.get_column("award_id")
        for start in range(0, ids.len(), SLICE_ROWS):
            first, last = ids[start], ids[min(start + SLICE_ROWS, ids.len()) - 1]
            run = pl.col("award_id").is_between(pl.lit(first), pl.lit(last))
            award = of_month["award"].filter(run).collect().lazy()
            of_run = {table: of_month[table].filter(run) for table in _OF_AWARDS}
            link = near["supplier_link"].select(_named("supplier_link", queries))
            yield near | {
                "award": award,
                **of_run,
                "supplier_link": link.join(of_run["supplier_mention"], on="unit_id", how="semi").collect().lazy(),
                "procurement": procurement.lazy().join(award, on="procurement_id", how="semi"),
            }


def _elsewhere(named: Sequence[str], snapshot: Path, manifest: Mapping[str, Any]) -> pl.DataFrame:
    """Return some columns of the procurements that lie in another month than one of their awards.

    Each file is read once: looking through all of them for every month would take as many times as long.
    """
    # Awards by the hash of their procurement: one too many does no harm, and it takes a tenth of the room.
    key = pl.col("procurement_id").hash().alias("key")
    awards = pl.concat(
        [
            _scan("award", snapshot, written)
            .select(key.unique(), pl.lit(month).cast(pl.Categorical()).alias("month"))
            .collect()
            for month, written in manifest["tables"]["award"]["partitions"].items()
        ]
        or [pl.DataFrame(schema={"key": pl.UInt64(), "month": pl.Categorical()})]
    )
    found = [schema.empty("procurement").select(named)]
    for month, written in manifest["tables"]["procurement"]["partitions"].items():
        apart = awards.lazy().filter(pl.col("month").cast(pl.String) != month)
        for file in written:
            rows = _scan("procurement", snapshot, [file]).select(*named, key)
            found.append(rows.join(apart, on="key", how="semi").drop("key").collect())
    return pl.concat(found)


def _by_hash(
    near: Slice, column: str, owner: str, select: str, snapshot: Path, manifest: Mapping[str, Any]
) -> Iterator[Slice]:
    """Part the rows of some tables by the hash of a column, so that all rows of one supplier or buyer are together."""
    slim = {table: _slim(table, select, snapshot, manifest) for table in ("award", "award_line")}
    led, leading = ("award", "award_line") if column == "supplier_id" else ("award_line", "award")
    buckets = manifest["tables"]["award"]["rows"] // BUCKET_ROWS + 1
    for bucket in range(buckets):
        mine = pl.col(column).hash() % buckets == bucket
        leader = slim[leading].filter(mine).collect().lazy()
        others = slim[led].join(leader, on="award_id", how="semi")
        yield near | {leading: leader, led: others, owner: near[owner].filter(mine)}


def _slim(table: str, select: str, snapshot: Path, manifest: Mapping[str, Any]) -> pl.LazyFrame:
    """Return what a query may ask of all awards or award lines, the ids of awards as their hashes."""
    named = _named(table, select)
    # File by file: the engine would read several at once. Two awards of one 64-bit hash are less likely than a
    # fault of the memory, and the ids take a tenth of the room.
    hashed = [
        _scan(table, snapshot, [file]).select(named).with_columns(pl.col("award_id").hash()).collect()
        for file in files(manifest, table)
    ]
    return pl.concat(hashed).lazy()


def _by_group(near: Slice, select: str, snapshot: Path, manifest: Mapping[str, Any]) -> Iterator[Slice]:
    """Part the groups by their hash, each with what its suppliers won."""
    award, line = (_slim(table, select, snapshot, manifest) for table in ("award", "award_line"))
    buckets = manifest["tables"]["award"]["rows"] // BUCKET_ROWS + 1
    for bucket in range(buckets):
        mine = pl.col("group_id").hash() % buckets == bucket
        supplier = near["supplier"].filter(pl.col("group_id").is_not_null() & mine)
        won = line.join(supplier, on="supplier_id", how="semi").collect().lazy()
        yield near | {
            "supplier_group": near["supplier_group"].filter(mine),
            "supplier": supplier,
            "award_line": won,
            "award": award.join(won, on="award_id", how="semi"),
        }


def _of_review(near: Slice, select: str, snapshot: Path, manifest: Mapping[str, Any]) -> Iterator[Slice]:
    """Give the pairs that wait for a person, all at once: they are few beside the awards; and what theirs won."""
    review = near["supplier_review"].select(_named("supplier_review", select)).collect()
    unit = pl.concat([review["a_unit_id"], review["b_unit_id"]]).unique().to_frame("unit_id").lazy()
    link = near["supplier_link"].select("unit_id", "supplier_id").join(unit, on="unit_id", how="semi").collect()
    award, line = (_slim(table, select, snapshot, manifest) for table in ("award", "award_line"))
    won = line.join(link.lazy(), on="supplier_id", how="semi").collect().lazy()
    yield near | {
        "supplier_review": review.lazy(),
        "supplier_link": link.lazy(),
        "award_line": won,
        "award": award.join(won, on="award_id", how="semi"),
    }


def _by_pair(near: Slice, queries: str, snapshot: Path, manifest: Mapping[str, Any]) -> Iterator[Slice]:
    """Part the awards that repeat another one into runs of ``SLICE_ROWS``, each with the awards that are counted."""
    repeated = pl.col("duplicate_of").is_not_null()
    found = [_scan("award", snapshot, [file]).filter(repeated).select(_IDS) for file in files(manifest, "award")]
    pairs = pl.concat([part.collect() for part in found]).sort("award_id")
    for run in pairs.iter_slices(SLICE_ROWS):
        mine, counted = run.select("award_id"), run.select(award_id="duplicate_of").unique()
        award = _among("award", pl.concat([mine, counted]).unique(), queries, snapshot, manifest)
        # An award that is counted for one of this run and repeats another itself has its row in its own run alone.
        own = pl.col("award_id").is_in(mine["award_id"].implode())
        award = award.with_columns(duplicate_of=pl.when(own).then("duplicate_of"))
        procurement = _among("procurement", award.select("procurement_id").unique(), queries, snapshot, manifest)
        yield near | {"award": award.lazy(), "procurement": procurement.lazy()}


def _by_service(near: Slice, snapshot: Path, manifest: Mapping[str, Any]) -> Iterator[Slice]:
    """Give what counts by service and year need of all awards at once: ids as their hashes, words as numbers."""
    slim = [
        _scan("award", snapshot, [file])
        .select(
            # The hash of null is a number like any other.
            *(pl.when(pl.col(name).is_not_null()).then(pl.col(name).hash()).alias(name) for name in _IDS),
            pl.col("source", "tier", "status", "value_kind").cast(pl.Categorical()),
            "awarded_on",
            "is_core",
        )
        .collect()
        for file in files(manifest, "award")
    ]
    yield near | {"award": pl.concat(slim).lazy()}


_IDS = ("award_id", "duplicate_of")


def _by_correction(near: Slice, queries: str, snapshot: Path, manifest: Mapping[str, Any]) -> Iterator[Slice]:
    """Part the corrections by their files, newest first, each with the awards that it speaks of."""
    for file in reversed(files(manifest, "correction")):
        told = _scan("correction", snapshot, [file]).collect()
        mention = told.filter(pl.col("table_name") == "award_line").select(mention_id="row_id").unique()
        award = told.filter(pl.col("table_name") == "award").select(award_id="row_id")
        owner = mention.select(award_id=pl.col("mention_id").str.strip_chars_end("0123456789").str.strip_chars_end("#"))
        awards = _among("award", pl.concat([award, owner]).unique(), queries, snapshot, manifest)
        procurement = _among("procurement", awards.select("procurement_id").unique(), queries, snapshot, manifest)
        yield near | {
            "correction": told.lazy(),
            "award": awards.lazy(),
            "procurement": procurement.lazy(),
        }


def _among(table: str, keys: pl.DataFrame, queries: str, snapshot: Path, manifest: Mapping[str, Any]) -> pl.DataFrame:
    """Return what queries may ask of the rows that have one of the keys, looked for in one file after the other."""
    named = _named(table, queries)
    if keys.is_empty():
        return schema.empty(table).select(named)
    found = [
        _scan(table, snapshot, [file]).join(keys.lazy(), on=keys.columns, how="semi").select(named).collect()
        for file in files(manifest, table)
    ]
    return pl.concat(found)


def _by_file(stored: Slice, table: str, snapshot: Path, manifest: Mapping[str, Any]) -> Iterator[Slice]:
    """Part a table by its files, which follow each other in the order of its key."""
    for file in files(manifest, table):
        yield stored | {table: _scan(table, snapshot, [file])}


def _scan(table: str, snapshot: Path, stored: Sequence[Mapping[str, Any]]) -> pl.LazyFrame:
    """Return a lazy frame of some files of a table, empty without any."""
    if not stored:
        return schema.empty(table).lazy()
    # Brackets in the name of a folder are no pattern, and "a=b" is no column.
    paths = [snapshot / file["path"] for file in stored]
    return pl.scan_parquet(paths, glob=False, hive_partitioning=False)


# --- words ------------------------------------------------------------------------------------------------------------

_DICTIONARY = {
    "file": "The file, or the folder of Parquet files.",
    "column": "The column.",
    "type": "Its type, in the words of the Frictionless Table Schema.",
    "description": "What it says.",
}

_DICTIONARY_COMMENT = "Every column of every file, with its type and its sentence."


def _described(views: Mapping[str, dictionary.View]) -> Iterator[tuple[str, str, str, str]]:
    """Describe every column of every file: file, column, type, sentence."""
    for table in TABLES:
        for column in views[table.view].described:
            yield table.path, column.name, _field_type(column), column.comment or ""
    for name, stored in schema.TABLES.items():
        for column in () if name in schema.INTERNAL else stored.columns:
            yield f"parquet/{name}", column.name, _field_type(column), column.comment or ""


def _field_type(column: sa.Column[Any]) -> str:
    dtype = schema.dtype(column)
    return next(word for kind, word in _FIELD_TYPES if isinstance(dtype, kind))


def _resource(folder: Path, one: Written, view: dictionary.View) -> dict[str, Any]:
    fields = [_field(column, view.key) for column in view.described]
    table_schema: dict[str, Any] = {"fields": fields, "missingValues": [""]}
    if view.key:
        table_schema["primaryKey"] = list(view.key)
    table, first = one.table, one.table.path
    title, description = table.title, table.says or view.comment
    if one.part > 1:
        title, description = f"{title}, part {one.part}", f"`{first}` goes on here: a sheet holds no more rows."
    told = _file(folder, one.path, title, description, table_schema, one.rows)
    return told | {"view": table.view} | ({"where": table.keep} if table.keep else {})


def _dictionary_resource(folder: Path, rows: int) -> dict[str, Any]:
    fields = [{"name": name, "type": "string", "description": sentence} for name, sentence in _DICTIONARY.items()]
    table_schema = {"fields": fields, "missingValues": [""], "primaryKey": ["file", "column"]}
    return _file(folder, DICTIONARY, "Data dictionary", _DICTIONARY_COMMENT, table_schema, rows)


def _file(
    folder: Path, path: str, title: str, description: str, table_schema: Mapping[str, Any], rows: int
) -> dict[str, Any]:
    return {
        "name": path.removesuffix(".csv").replace("_", "-"),
        "title": title,
        "description": description,
        "path": path,
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\n", "quoteChar": '"', "doubleQuote": True, "header": True},
        "bytes": (folder / path).stat().st_size,
        "hash": f"sha256:{digest(folder / path)}",
        "rows": rows,
        "schema": table_schema,
    }


def _field(column: sa.Column[Any], key: Sequence[str]) -> dict[str, Any]:
    kind = _field_type(column)
    constraints: dict[str, Any] = {"required": True} if column.name in key else {}
    if column.name.endswith("_share"):
        constraints |= {"minimum": 0, "maximum": 1}
    elif kind == "integer":
        constraints |= {"minimum": 0}
    field = {"name": column.name, "type": kind, "description": column.comment}
    return field | ({"constraints": constraints} if constraints else {})


def _asked(register: pl.DataFrame) -> list[Asked]:
    """Return the registers that were asked, each with its newest date: older ones only add what has left it since."""
    newest = register.sort("register", "vintage").unique("register", keep="last", maintain_order=True)
    return [
        Asked(
            _REGISTERS.get(one["register"], one["register"]),
            str(one["vintage"]),
            one["rows"] or 0,
            one["source"] or "",
            one["licence"] or "",
        )
        for one in newest.iter_rows(named=True)
    ]


def _attribution(asked: Sequence[Asked]) -> list[str]:
    """Return the lines that the licences ask for."""
    lines = []
    for one in asked:
        place = f" ({_LICENCES[one.licence]})" if one.licence in _LICENCES else ""
        lines.append(
            f"Contains information from {one.name}, edition of {one.on}, {one.source}, "
            f"which is made available here under the {one.licence}{place}."
        )
    return [*_ATTRIBUTION, *lines]


def _package(
    night: str,
    facts: Mapping[str, object],
    asked: Sequence[Asked],
    resources: Sequence[Mapping[str, Any]],
    parquet: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    services = [_SERVICES[name] for name in _sources(facts)]
    return {
        "name": "noticeboard",
        "title": "Noticeboard: who wins public contracts in the UK, by published notices",
        "description": " ".join(filter(None, (_text(facts, "note"), *_WHAT))),
        "profile": "tabular-data-package",
        "version": night,
        "licenses": [_LICENCE],
        "sources": [
            *({"title": title, "path": path} for title, path in services),
            *({"title": f"{one.name[0].upper()}{one.name[1:]}, {one.on}", "path": one.source} for one in asked),
        ],
        "attribution": _attribution(asked),
        "facts": {name: _text(facts, name) for name in facts if name != "sources"} | {"sources": _sources(facts)},
        "resources": list(resources),
        "parquet": list(parquet),
    }


def _sources(facts: Mapping[str, object]) -> list[str]:
    told = facts.get("sources")
    named = [str(name) for name in told] if isinstance(told, (list, tuple, set, frozenset)) else []
    return sorted(name for name in named if name in _SERVICES) or list(_SERVICES)


def _text(facts: Mapping[str, object], name: str) -> str:
    value = facts.get(name)
    return "" if value is None else str(value)


_WHAT = (
    "Noticeboard reads the official notices of public contracts in the UK every night.",
    "These files say who won them, how much of the money stayed local and how much went to the voluntary sector, and "
    "which contracts are the largest.",
    "Every figure comes with its bounds and its coverage, and every award with a link to its official notice.",
)


def _readme(
    night: str,
    facts: Mapping[str, object],
    asked: Sequence[Asked],
    resources: Sequence[Mapping[str, Any]],
    figures: int,
) -> str:
    """Return the README: what of it changes from night to night stands between braces in ``readme.md``."""
    services = " and ".join(_SERVICES[name][0] for name in _sources(facts))
    told = {
        "Data cut-off (newest notice held)": _text(facts, "cut_off"),
        "First day of publication read in full": _text(facts, "window_from"),
        "Last day of publication read in full": _text(facts, "window_to"),
        "Days read in full between these two (the gaps are in `coverage.csv`)": _text(facts, "days_read"),
        "Services": services,
        "Registers asked about suppliers": "; ".join(f"{one.name}, of {one.on}, {one.rows:,} rows" for one in asked)
        or "none, so that who and what suppliers are rests on the notices alone",
        "Postcodes and boundaries": _text(facts, "postcodes"),
        "Edition": night,
        "Noticeboard": _text(facts, "code_version"),
        "Rules": _text(facts, "rules_version"),
    }
    given = {one["path"]: one["rows"] for one in resources if one["path"].startswith("indicators")}
    note, cut_off = _text(facts, "note"), _text(facts, "cut_off") or "not stated"
    template = Path(__file__).with_name("readme.md").read_text(encoding="utf-8")
    return template.format(
        note=f"\n**{note}**\n" if note else "",
        what="\n".join(_WHAT),
        facts="\n".join(f"- {name}: {value}" for name, value in told.items() if value),
        files="\n".join(f"| `{one['path']}` | {one['rows']:,} | {one['description']} |" for one in resources),
        figures=f"{figures:,}",
        figures_here=f"{sum(given.values()):,}",
        figures_elsewhere=f"{figures - sum(given.values()):,}",
        sheet_rows=f"{SHEET_ROWS:,}",
        attribution="\n".join((f"[{_LICENCE['title']}]({_LICENCE['path']}).", *_attribution(asked))),
        citation=f"Noticeboard, published contract notices of {services}, cut-off {cut_off}, edition {night}.",
    )

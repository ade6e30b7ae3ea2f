"""Publish the export for readers, made from the Parquet snapshot of the same night alone.

Every CSV file is one of the views of ``views.sql``, run by DuckDB over the Parquet files in bounded memory.
Beside them: ``datapackage.json`` (Frictionless Data Package), ``data_dictionary.csv``, ``README.md``,
``checksums.txt`` and ``parquet/``, the snapshot itself under a second name.

Text cells that a spreadsheet could take for a formula get an apostrophe in front (``neutral``): see OWASP,
https://owasp.org/www-community/attacks/CSV_Injection.
The CSV is RFC 4180 with LF at the end of each line, in UTF-8, with a header row; an empty cell is "not known".
"""

import json
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import polars as pl
import sqlalchemy as sa

from warehouse import dictionary, schema
from warehouse.publish import editions
from warehouse.publish.snapshot import MANIFEST, digest, files, read_manifest

PACKAGE, DICTIONARY, README, CHECKSUMS = "datapackage.json", "data_dictionary.csv", "README.md", "checksums.txt"

FORMULA = r"^(?:[\t\r\n]|[\s\x{00}-\x{20}\x{A0}\x{2000}-\x{200F}\x{2028}-\x{202F}\x{3000}\x{FEFF}'\x{22}]*[=+\-@＝＋－＠])"
"""What a cell must not begin with, in RE2: a formula's first character, after any blanks and quotation marks.

An apostrophe counts as blank, so that taking one apostrophe away from such a cell always gives the text as it was.
"""

SLICE_ROWS = 20_000
"""Awards joined at a time where a view has a row per award: the joins of a slice fit the memory."""

_MEMORY = "160MB"

_OF_AWARDS = ("award", "award_line", "ceiling", "supplier_link", "supplier_mention")
"""The tables of the snapshot that are parted by the month of publication of the award."""

Slice = Mapping[str, str]
"""For each table that hangs on awards, the FROM clause that reads a run of them."""


class Table(NamedTuple):
    """One CSV file: the view that it is, and the order of its rows."""

    path: str
    view: str
    title: str
    order: tuple[str, ...]
    by_award: bool = False


TABLES = (
    Table("award_lines.csv", "out_award_line", "Award lines", ("award_id", "mention_id"), by_award=True),
    Table("indicators.csv", "out_indicator", "Indicators", ("indicator_id", "version", "grain", "slice", "period")),
    Table("mega_contracts.csv", "out_mega", "Mega-contracts", ("amount_gbp DESC", "award_id")),
    Table("suppliers.csv", "out_supplier", "Suppliers", ("supplier_id",)),
    Table("buyer_years.csv", "out_buyer_year", "Buyers by financial year", ("buyer_id", "financial_year")),
    Table("ceilings.csv", "out_ceiling", "Framework ceilings", ("award_id",), by_award=True),
    Table("excluded.csv", "out_excluded", "Awards left out of value shares", ("award_id",), by_award=True),
    Table("rejected.csv", "out_rejected", "Documents that could not be used", ("source", "document_id")),
)

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
    "Contains public sector information licensed under the Open Government Licence v3.0 (Contracts Finder, Find a Tender: "
    "Cabinet Office/Crown Commercial Service; ONS Postcode Directory: contains OS data © Crown copyright and database right, "
    "Royal Mail data © Royal Mail copyright and database right, National Statistics data).",
    "Local authority names and codes: mySociety, CC BY 4.0.",
)


def publish_export(snapshot: Path, exports: Path, night: str, facts: Mapping[str, object]) -> Path:
    """Write the export of a finished night and point ``latest`` at it.

    Args:
        snapshot: the folder of the night's snapshot.
        exports: the folder of exports.
        night: its name, beginning with a London day, such as ``2026-03-29``.
        facts: what the README tells, each as text, all optional: ``cut_off`` (newest publication held), ``window_from``
            and ``window_to`` (of publication), ``code_version``, ``rules_version``, ``sources`` (a sequence of service
            names), ``note`` (a sentence that readers must see first, such as that the notices are made up).

    Returns:
        The folder of the export.

    Raises:
        ValueError: the snapshot is not complete, or the name is not that of a night.
        OSError: the disk is full or not writable; earlier exports and ``latest`` are as they were.
        duckdb.Error: a Parquet file of the snapshot cannot be read.
    """
    # Resolved once: a `latest` that is switched in between must not mix two nights.
    made = partial(_fill, snapshot.resolve(), editions.latest(exports), night, facts)
    return editions.publish(exports, night, made)


def neutral(cell: str) -> str:
    """Return a text cell so that no spreadsheet takes it for a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


_FORMULA = re.compile(re.sub(r"\\x\{([0-9A-F]+)\}", lambda code: f"\\u{code[1]:0>4}", FORMULA))


def _fill(snapshot: Path, previous: Path | None, night: str, facts: Mapping[str, object], folder: Path) -> None:
    manifest, views = read_manifest(snapshot), {view.name: view for view in dictionary.views()}
    parquet = _give_parquet(snapshot, manifest, previous, folder)
    spill = folder / ".spill"
    with _reader(snapshot, manifest, spill) as reader:
        slices = list(_slices(reader, snapshot, manifest))
        counts = {table.path: _write_csv(reader, table, views[table.view], slices, folder) for table in TABLES}
        indicators = reader.execute(
            "SELECT indicator_id, version, title, unit, methodology FROM indicator ORDER BY indicator_id, version"
        ).fetchall()
    shutil.rmtree(spill, ignore_errors=True)
    described = list(_described(views))
    with (folder / DICTIONARY).open("w", encoding="utf-8", newline="") as handle:
        # Its columns are texts, but nothing is taken on trust: the same rule as everywhere.
        lines = pl.DataFrame([[neutral(cell) for cell in line] for line in described], schema=list(_DICTIONARY), orient="row")
        handle.write(lines.write_csv())
    counts[DICTIONARY] = len(described)

    resources = [_resource(folder, table.path, table.title, views[table.view], counts) for table in TABLES]
    resources.append(_dictionary_resource(folder, counts))
    package = _package(night, facts, resources, parquet)
    (folder / PACKAGE).write_text(json.dumps(package, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / README).write_text(_readme(night, facts, counts, views, indicators), encoding="utf-8")
    sums = {resource["path"]: resource["hash"].removeprefix("sha256:") for resource in resources}
    sums |= {name: digest(folder / name) for name in (PACKAGE, README)} | {file["path"]: file["sha256"] for file in parquet}
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
                _without_homes(pl.read_parquet(snapshot / file["path"], glob=False)).write_parquet(target, compression="zstd")
                entry["sha256"] = digest(target)
            given.append(entry)
    return given


def _without_homes(mention: pl.DataFrame) -> pl.DataFrame:
    """Blank the address where neither a register number nor a legal form shows that the supplier is an organisation."""
    organisation = pl.col("org_id").is_not_null() | pl.col("legal_form").is_not_null()
    return mention.with_columns(pl.when(organisation).then(pl.col("address", "postcode")))


# --- CSV --------------------------------------------------------------------------------------------------------------


def _reader(snapshot: Path, manifest: Mapping[str, Any], spill: Path) -> duckdb.DuckDBPyConnection:
    """Open DuckDB in memory with a view for each table of the snapshot, bounded, and without a way to load more code."""
    reader = duckdb.connect(
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "memory_limit": _MEMORY,
            "threads": "2",
            "temp_directory": str(spill),
        }
    )
    reader.execute("SET TimeZone = 'UTC'")
    for table in manifest["tables"]:
        paths = [snapshot / file["path"] for file in files(manifest, table)]
        reader.execute(f'CREATE VIEW "{table}" AS {_from(paths)}')
    return reader


def _write_csv(
    reader: duckdb.DuckDBPyConnection, table: Table, view: dictionary.View, slices: Iterable[Slice], folder: Path
) -> int:
    """Write a view to its file, slice after slice where it has a row per award; return the number of rows."""
    cells = ", ".join(
        f"CASE WHEN regexp_matches({name}, {_literal(FORMULA)}) THEN '''' || {name} ELSE {name} END AS {name}"
        if isinstance(view.types[name], sa.Text)
        else name
        for name in view.columns
    )
    query = f"SELECT {cells} FROM ({view.select}) ORDER BY {', '.join(table.order)}"
    part, rows, header = folder / f".{table.path}.part", 0, True
    with (folder / table.path).open("wb") as whole:
        for awards in slices if table.by_award else ({},):
            for name, source in awards.items():
                # Before the view of the same name, since DuckDB looks among what is temporary first.
                reader.execute(f'CREATE TEMP VIEW "{name}" AS {source}')
            options = f"FORMAT csv, HEADER {header}, DELIMITER ',', TIMESTAMPFORMAT '%Y-%m-%dT%H:%M:%SZ'"
            written = reader.execute(f"COPY ({query}) TO {_literal(str(part))} ({options})").fetchone()
            for name in awards:
                reader.execute(f'DROP VIEW temp."{name}"')
            rows += written[0] if written else 0
            with part.open("rb") as handle:
                shutil.copyfileobj(handle, whole, 1 << 20)
            part.unlink()
            header = False
    return rows


def _slices(reader: duckdb.DuckDBPyConnection, snapshot: Path, manifest: Mapping[str, Any]) -> Iterator[Slice]:
    """Part the awards, and what hangs on them, into runs of about ``SLICE_ROWS``, by month of publication, then id.

    What hangs on an award lies in the month of the award; its procurement lies where its own latest release put it.
    """
    homes = _homes(snapshot, manifest)
    for partition, stored in manifest["tables"]["award"]["partitions"].items():
        awards = {
            table: _from([snapshot / file["path"] for file in manifest["tables"][table]["partitions"].get(partition, ())])
            or f"FROM main.{table} LIMIT 0"
            for table in _OF_AWARDS
        }
        procurements = _from([snapshot / path for path in homes[partition]]) or "FROM main.procurement LIMIT 0"
        for bounds in _bounds(reader, awards["award"], sum(file["rows"] for file in stored)):
            slice_ = {table: f"{source} WHERE {bounds}" for table, source in awards.items() if "LIMIT" not in source}
            wanted = f"SELECT procurement_id FROM ({slice_.get('award', awards['award'])})"
            yield {**awards, **slice_, "procurement": f"FROM ({procurements}) WHERE procurement_id IN ({wanted})"}


def _bounds(reader: duckdb.DuckDBPyConnection, awards: str, rows: int) -> Iterator[str]:
    """Name the borders of runs of about ``SLICE_ROWS`` awards, each as a condition on ``award_id``."""
    if rows <= SLICE_ROWS:
        yield "true"
        return
    # A sixteenth of the ids, the same every time, gives the borders without sorting them all.
    sample = reader.execute(f"SELECT award_id FROM ({awards}) WHERE hash(award_id) % 16 = 0 ORDER BY award_id").fetchall()
    borders = [_literal(row[0]) for row in sample[SLICE_ROWS // 16 :: SLICE_ROWS // 16]]
    for first, following in zip([None, *borders], [*borders, None], strict=True):
        conditions = [f"award_id >= {first}"] if first else []
        conditions += [f"award_id < {following}"] if following else []
        yield " AND ".join(conditions) or "true"


def _homes(snapshot: Path, manifest: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the files that hold the procurements of each partition of awards, by hashes: a file too many does no harm."""

    def hashed(path: str) -> pl.Series:
        ids = pl.read_parquet(snapshot / path, columns=["procurement_id"], glob=False)
        return ids.get_column("procurement_id").hash().unique()

    stored = [file["path"] for file in files(manifest, "procurement")]
    held = pl.concat(
        [pl.DataFrame({"id": hashed(path), "file": number}, schema_overrides={"file": pl.UInt16}) for number, path in enumerate(stored)]
    )
    found = {}
    for partition, written in manifest["tables"]["award"]["partitions"].items():
        ids = pl.concat([hashed(file["path"]) for file in written]) if written else pl.Series([], dtype=pl.UInt64)
        numbers = held.filter(pl.col("id").is_in(ids.implode())).get_column("file").unique().sort()
        found[partition] = [stored[number] for number in numbers]
    return found


def _from(paths: Sequence[Path]) -> str:
    """Return the FROM clause that reads some Parquet files; empty without any."""
    # Hive partitioning would read "a=b" in the name of a folder as a column.
    names = ", ".join(_literal(_no_glob(str(path))) for path in paths)
    return f"FROM read_parquet([{names}], hive_partitioning = false)" if names else ""


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _no_glob(path: str) -> str:
    return re.sub(r"([\[*?])", r"[\1]", path)


# --- words ------------------------------------------------------------------------------------------------------------

_DICTIONARY = {
    "file": "The file, or the folder of Parquet files.",
    "column": "The column.",
    "type": "Its type, in the words of the Frictionless Table Schema.",
    "description": "What it says.",
}


def _described(views: Mapping[str, dictionary.View]) -> Iterator[tuple[str, str, str, str]]:
    """Describe every column of every file: file, column, type, sentence."""
    for table in TABLES:
        for column in views[table.view].described:
            yield table.path, column.name, _field_type(column), column.comment or ""
    for name, stored in schema.TABLES.items():
        for column in stored.columns:
            yield f"parquet/{name}", column.name, _field_type(column), column.comment or ""


def _field_type(column: sa.Column[Any]) -> str:
    dtype = schema.dtype(column)
    return next(word for kind, word in _FIELD_TYPES if isinstance(dtype, kind))


def _resource(
    folder: Path, path: str, title: str, view: dictionary.View, counts: Mapping[str, int]
) -> dict[str, Any]:
    fields = [_field(column, view.key) for column in view.described]
    table_schema: dict[str, Any] = {"fields": fields, "missingValues": [""]}
    if view.key:
        table_schema["primaryKey"] = list(view.key)
    return _file(folder, path, title, view.comment, table_schema, counts)


def _dictionary_resource(folder: Path, counts: Mapping[str, int]) -> dict[str, Any]:
    fields = [{"name": name, "type": "string", "description": sentence} for name, sentence in _DICTIONARY.items()]
    table_schema = {"fields": fields, "missingValues": [""], "primaryKey": ["file", "column"]}
    comment = "Every column of every file, with its type and its sentence."
    return _file(folder, DICTIONARY, "Data dictionary", comment, table_schema, counts)


def _file(
    folder: Path, path: str, title: str, description: str, table_schema: Mapping[str, Any], counts: Mapping[str, int]
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
        "rows": counts[path],
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


def _package(
    night: str, facts: Mapping[str, object], resources: Sequence[Mapping[str, Any]], parquet: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    services = [_SERVICES[name] for name in _sources(facts)]
    return {
        "name": "noticeboard",
        "title": "Noticeboard: who wins public contracts in the UK, by published notices",
        "description": " ".join(filter(None, (_text(facts, "note"), *_WHAT))),
        "profile": "tabular-data-package",
        "version": night,
        "licenses": [_LICENCE],
        "sources": [{"title": title, "path": path} for title, path in services],
        "attribution": list(_ATTRIBUTION),
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
    "These files say who won them, whether the winner's address is in the buyer's area, and whether the notice marks it as a voluntary organisation.",
    "Every figure comes with its bounds and its coverage, and every award with a link to its official notice.",
)

_LIMITS = (
    "Every figure speaks of *published notices*, never of spend and never of all contracts.",
    "The bounds cover missing information only: a wrong address or a wrong tick in a notice moves a figure beyond them.",
    "`vcse_declared` is what the buyer ticked: awards that the notice marks as going to a voluntary, community or social enterprise. It is not a share of the voluntary sector, for which a register is needed.",
    "Local figures have councils and other bodies with an area of their own in scope; for departments, the NHS and national bodies they are not applicable. \"England\" means English councils.",
    "Local means that the address in the notice lies in the buyer's area: a head office or a branch alike. Large areas are local by construction, so compare only buyers of one kind, and years only where both are covered.",
    "Amounts that are not credible (zero, placeholder, implausible, foreign, missing) are left out of value shares, counted in `n_excluded`, and stay in count shares; `priced_share` says how many awards have a credible amount.",
    "An award to several suppliers gives each an equal part; `low` counts it only where all of them qualify, `high` where any may.",
    "An amount that looks like a framework's ceiling is in no sum and no share: see `ceilings.csv`. The rule reads the notice's words and the number of suppliers, since Contracts Finder does not mark frameworks.",
    "A mega-contract is an award published at £100m or more, value as published: Contracts Finder does not say whether extensions are included. Where `is_core` is false the award is no longer active, or its amount looks like a ceiling.",
    "Two breaks: health services leave for the Provider Selection Regime on 1 January 2024, and the Procurement Act applies from 24 February 2025. Awards are published weeks late: the last two quarters are provisional.",
    "Names are linked by identifier or by name; `link_method` and `link_reason` say how. Two organisations of one name can be taken for one, and one of two names for two.",
    "No addresses of individuals: `award_lines.csv` gives the area of every supplier and no address; the Parquet files give the address only where a register number or a legal form shows an organisation.",
)

_GRAINS = {
    "award_lines.csv": "one row per award and supplier, and one per award that names no supplier; sum `value_gbp`, never `amount_gbp`, which is repeated on each line of its award",
    "indicators.csv": "one row per indicator, version, grain, area or buyer, and period",
    "mega_contracts.csv": "one row per award of £100m and more, with its suppliers",
    "suppliers.csv": "one row per supplier",
    "buyer_years.csv": "one row per buyer and financial year of award",
    "ceilings.csv": "one row per award whose amount looks like a framework's ceiling",
    "excluded.csv": "one row per award that stays outside value shares, with the reason",
    "rejected.csv": "one row per document that could not be used, with the reason",
    DICTIONARY: "one row per column of every file, with its sentence",
}


def _readme(
    night: str,
    facts: Mapping[str, object],
    counts: Mapping[str, int],
    views: Mapping[str, dictionary.View],
    indicators: Sequence[tuple[Any, ...]],
) -> str:
    services = " and ".join(_SERVICES[name][0] for name in _sources(facts))
    told = (
        ("Data cut-off (newest notice held)", _text(facts, "cut_off")),
        ("Notices published from", _text(facts, "window_from")),
        ("Notices published before", _text(facts, "window_to")),
        ("Services", services),
        ("Edition", night),
        ("Noticeboard", _text(facts, "code_version")),
        ("Rules", _text(facts, "rules_version")),
    )
    note = _text(facts, "note")
    cut_off = _text(facts, "cut_off") or "date not stated"
    lines = [
        "# Noticeboard: who wins public contracts, by published notices",
        "",
        *([f"**{note}**", ""] if note else []),
        *_WHAT,
        "",
        *(f"- {name}: {value}" for name, value in told if value),
        "",
        "## The files",
        "",
        "| file | rows | one row is |",
        "|---|---|---|",
        *(f"| `{path}` | {counts[path]:,} | {grain} |" for path, grain in _GRAINS.items()),
        "",
        "`datapackage.json` describes every column (`frictionless validate datapackage.json` checks the files against it), and `checksums.txt` is for `sha256sum -c`.",
        "`parquet/` holds the whole warehouse, one folder per table: it is the lossless copy.",
        "In the CSV files, a text that a spreadsheet could take for a formula (it begins with `=`, `+`, `-`, `@`, a tab or a line break, or their full-width forms) has an apostrophe in front; take one away to get the text as published. Numbers are never changed.",
        "An empty cell means \"not known\", never 0 and never \"no\".",
        "",
        "## How to read a share",
        "",
        "`known_share` is yes over those with a known answer; `low_share` counts every unknown answer as no, `high_share` as yes; `coverage_share` is the part with a known answer; `n` is the number of awards behind it.",
        "Write it so: \"38 % (31–49 % depending on the awards whose place is not known; missing information only)\".",
        "Where coverage is low the bounds are wide: then the bounds are the finding, not the share.",
        "",
        "## The indicators",
        "",
    ]
    for indicator, version, title, unit, methodology in indicators:
        told_lines = [line.rstrip() for line in str(methodology).strip().splitlines()]
        lines += [f"### {indicator}: {title} ({unit}; methodology version {version})", "", *told_lines, ""]
    if not indicators:
        lines += ["None has been worked out yet.", ""]
    lines += [
        "## Known limits",
        "",
        *(f"- {limit}" for limit in _LIMITS),
        "",
        "## Words",
        "",
        "An *award* is a decision to give a contract; an *award line* is one award to one supplier; the *core* is every active award that is no framework ceiling.",
        "",
        "## Licence and attribution",
        "",
        f"[{_LICENCE['title']}]({_LICENCE['path']}).",
        *_ATTRIBUTION,
        "",
        "## How to cite",
        "",
        f"Noticeboard, published contract notices of {services}, cut-off {cut_off}, edition {night}.",
        "Before you publish a finding about one award, open its `notice_url`: the official notice is what counts.",
        "",
    ]
    return "\n".join(lines)

"""The export: what a reader opens is complete, true to the snapshot, safe to open, and described."""

import csv
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.postgres import postgres_database
from tests.warehouse import filled
from warehouse import dictionary, schema
from warehouse.publish import corrections, export, snapshot
from warehouse.publish.export import TABLES, export_again, neutral, publish_export
from warehouse.publish.snapshot import digest, publish_snapshot
from warehouse.store import Warehouse

METHODS = {"METHODOLOGY.md": "# Methodology\n\nPlanted methodology.\n"}
FACTS = {"cut_off": "2025-08-31", "code_version": "0.1.0", "sources": ["contracts-finder"], "note": "Made-up notices."}
VIEWS = {view.name: view for view in dictionary.views()}


def make(url: str, folder: Path, night: str = "2025-09-01", **others: pl.DataFrame) -> Path:
    """Fill a warehouse, publish its snapshot and its export; return the export."""
    with Warehouse.open(url) as warehouse:
        filled.fill(warehouse, **(filled.figures() | others))
        snapshot = publish_snapshot(warehouse, folder / "snapshots", night, FACTS, METHODS)
    return publish_export(snapshot, folder / "export", night, FACTS)


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    """Read a CSV file as anybody's program would."""
    with (folder / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, strict=True))


def package(folder: Path) -> dict[str, Any]:
    """Return the datapackage."""
    told: dict[str, Any] = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    return told


def validate(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the validator's command as a reader would."""
    command = [str(Path(sys.executable).with_name("frictionless")), "validate", "datapackage.json"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an export of the made-up warehouse."""
    folder = tmp_path_factory.mktemp("exported")
    return make(f"sqlite:///{folder / 'noticeboard.db'}", folder)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Return the URL of the made-up warehouse and its export, once on each engine; nobody changes them."""
    folder = tmp_path_factory.mktemp("made")
    with ExitStack() as opened:
        url = f"sqlite:///{folder / 'noticeboard.db'}"
        if request.param == "postgresql":
            url = opened.enter_context(postgres_database(request.getfixturevalue("postgres_url")))
        yield url, make(url, folder)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an export whose titles, one per award, are what spreadsheets take for formulas, and what they do not."""
    folder = tmp_path_factory.mktemp("hostile")
    titles = (*filled.HOSTILE, *filled.HARMLESS)
    awards = [filled.award(f"t{number:03d}", amount_gbp=Decimal("-12.50")) for number in range(len(titles))]
    procurements = [
        {key: one[key] for key in ("procurement_id", "source", "ocid", "published_at")} | {"title": title}
        for one, title in zip(awards, titles, strict=True)
    ]
    return make(
        f"sqlite:///{folder / 'noticeboard.db'}",
        folder,
        award=filled.frame("award", *awards),
        procurement=filled.frame("procurement", *procurements),
    )


def test_frictionless_finds_it_valid(exported: Path) -> None:
    """The validator's own command finds package and files valid: types, keys, constraints, lengths and hashes."""
    done = validate(exported)

    assert done.returncode == 0, done.stdout
    assert "INVALID" not in done.stdout


def test_hostile_texts_are_valid_too(hostile: Path) -> None:
    """Texts with quotes, line breaks and formulas leave the package valid."""
    done = validate(hostile)

    assert done.returncode == 0, done.stdout


def test_the_validator_would_notice(exported: Path, tmp_path: Path) -> None:
    """A changed cell is noticed, so that being valid means something."""
    for name in ("datapackage.json", *(table.path for table in TABLES), "data_dictionary.csv"):
        (tmp_path / name).write_bytes((exported / name).read_bytes())
    changed = (tmp_path / "buyer_years.csv").read_text().replace("E09000016,Havering,4", "E09000016,Havering,four")
    (tmp_path / "buyer_years.csv").write_text(changed)

    assert validate(tmp_path).returncode == 1


def test_an_empty_warehouse_can_be_exported(fresh_sqlite: str, tmp_path: Path) -> None:
    """Without a single row every file is there with its header, and the package is valid."""
    with Warehouse.open(fresh_sqlite) as warehouse:
        snapshot = publish_snapshot(warehouse, tmp_path / "snapshots", "2025-09-01", pages=METHODS)
    folder = publish_export(snapshot, tmp_path / "export", "2025-09-01", {})

    assert validate(folder).returncode == 0
    assert [rows(folder, table.path) for table in TABLES] == [[] for _ in TABLES]
    assert (folder / "award_lines.csv").read_text().startswith("awarded_on,buyer_name,")


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.path)
def test_view_file_and_package_have_the_same_columns(exported: Path, table: export.Table) -> None:
    """A view, its CSV file and its resource name the same columns in the same order, each with its sentence."""
    view = VIEWS[table.view]
    (resource,) = [one for one in package(exported)["resources"] if one["path"] == table.path]
    with (exported / table.path).open(newline="") as handle:
        header = next(csv.reader(handle))

    assert header == list(view.columns) == [field["name"] for field in resource["schema"]["fields"]]
    assert [field["description"] for field in resource["schema"]["fields"]] == list(view.columns.values())


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.path)
def test_a_file_holds_what_its_view_answers(made: tuple[str, Path], table: export.Table) -> None:
    """On both engines the view gives the cells that stand in the file."""
    url, folder = made
    view = VIEWS[table.view]
    types = {column.name: schema.dtype(column) for column in view.described}
    with Warehouse.open(url) as warehouse:
        asked = warehouse.query(f"SELECT * FROM {table.view} WHERE {table.keep or '1 = 1'}", types)
    read = typed(pl.read_csv(folder / table.path, infer_schema=False), types)

    assert asked.height > 0
    assert_frame_equal(read.sort(*types), asked.sort(*types))


@pytest.fixture(scope="module")
def reader(exported: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Return DuckDB with every table of the export's Parquet files under its name."""
    with duckdb.connect() as opened:
        for name in schema.TABLES.keys() - set(schema.INTERNAL):
            opened.execute(f"CREATE VIEW \"{name}\" AS FROM read_parquet('{exported}/parquet/{name}/*.parquet')")
        opened.execute("SET TimeZone = 'UTC'")
        yield opened


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.path)
def test_duckdb_answers_alike_over_the_parquet_files(
    exported: Path, reader: duckdb.DuckDBPyConnection, table: export.Table
) -> None:
    """An analyst who runs a view's text in DuckDB, over the Parquet files, gets the cells of the file."""
    view = VIEWS[table.view]
    types = {column.name: schema.dtype(column) for column in view.described}
    texts = [
        f"strftime({name}, '%Y-%m-%dT%H:%M:%SZ')" if isinstance(kind, pl.Datetime) else f"CAST({name} AS VARCHAR)"
        for name, kind in types.items()
    ]
    found = reader.execute(f"SELECT {', '.join(texts)} FROM ({view.select}) WHERE {table.keep or '1 = 1'}").fetchall()
    asked = typed(pl.DataFrame(found, schema=dict.fromkeys(types, pl.String()), orient="row"), types)
    read = typed(pl.read_csv(exported / table.path, infer_schema=False), types)

    assert_frame_equal(asked.sort(*types), read.sort(*types))


def typed(texts: pl.DataFrame, types: dict[str, pl.DataType]) -> pl.DataFrame:
    """Give the texts of a CSV file the types of its columns."""
    columns = []
    for name, kind in types.items():
        text = pl.col(name)
        if isinstance(kind, pl.Datetime):
            columns.append(text.str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="us").dt.replace_time_zone("UTC"))
        elif kind == pl.Date:
            columns.append(text.str.to_date("%Y-%m-%d"))
        elif kind == pl.Boolean:
            columns.append(text == "true")
        else:
            columns.append(text.cast(kind))
    return texts.select(columns)


def test_slices_give_the_same_file(
    fresh_sqlite: str, tmp_path: Path, exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However small the runs that are joined or summed at a time, the files are the same."""
    monkeypatch.setattr(export, "SLICE_ROWS", 1)
    monkeypatch.setattr(export, "BUCKET_ROWS", 2)
    folder = make(fresh_sqlite, tmp_path)

    for table in TABLES:
        assert (folder / table.path).read_bytes() == (exported / table.path).read_bytes()


def test_corrections_are_told_in_words_newest_first(exported: Path) -> None:
    """Every correction names the award, its buyer, the supplier and the field in words, the latest edition's first."""
    columns = ("award_id", "title", "buyer_name", "field_name", "old", "new", "run_id")
    told = [tuple(row[name] for name in columns) for row in rows(exported, "corrections.csv")]
    newest, oldest = "2025-08-30-021500000-rebuild", "2025-08-20-021500000-rebuild"

    assert told == [
        ("a1", "Title of a1", "Havering", "published amount, net of VAT where stated", "900.00", "1000.10", newest),
        ("a3", "Title of a3", "Havering", "supplier", "Planted Joiner (S1)", "Office Supplies Ltd (S2)", newest),
        ("a3", "Title of a3", "Havering", "the supplier in the award", "Gone Ltd", "", newest),
        ("a9", "Title of a9", "", "the whole award", "Title of a9", "", newest),
        ("a2", "Title of a2", "Havering", "buyer", "Royal Hospital (royal hospital)", "Havering (GB-LAE-HAV)", oldest),
    ]


def test_every_watched_column_has_words(fresh_sqlite: str, tmp_path: Path) -> None:
    """No correction is told by the bare name of its column."""
    told = [
        filled.correction("a1", field, "x", "y", table=table)
        for table, fields in corrections.WATCHED.items()
        for field in (*fields, corrections.ROW)
    ]
    folder = make(fresh_sqlite, tmp_path, correction=filled.frame("correction", *told))
    words = [(row["field"], row["field_name"]) for row in rows(folder, "corrections.csv")]

    assert len(words) == len(told)
    assert [name for name, word in words if name == word and name not in {"status"}] == []


def test_corrections_go_on_over_files(
    fresh_sqlite: str, tmp_path: Path, exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the snapshot holds the corrections in several files, the newest edition is still the first."""
    monkeypatch.setattr(snapshot, "PART_ROWS", 2)
    folder = make(fresh_sqlite, tmp_path)
    runs = [row["run_id"] for row in rows(folder, "corrections.csv")]

    assert sorted(map(str, rows(folder, "corrections.csv"))) == sorted(map(str, rows(exported, "corrections.csv")))
    assert runs == sorted(runs, reverse=True)


def test_a_repeated_award_stands_once_beside_the_one_that_counts(fresh_sqlite: str, tmp_path: Path) -> None:
    """Each repetition is one row, even where it repeats an award that is itself said to repeat another."""
    told = [
        filled.award("a1"),
        filled.award("a2", duplicate_of="a1", source="find-a-tender"),
        filled.award("a3", duplicate_of="a2"),
        filled.award("a4", duplicate_of="gone"),
    ]
    folder = make(fresh_sqlite, tmp_path, award=filled.frame("award", *told))
    pairs = [(row["award_id"], row["duplicate_of"], row["counted_source"]) for row in rows(folder, "duplicates.csv")]

    assert pairs == [
        ("a2", "a1", "contracts-finder"),
        ("a3", "a2", "find-a-tender"),
        ("a4", "gone", ""),
    ]


def test_what_only_the_night_needs_is_not_handed_out(exported: Path) -> None:
    """Tables that only the night works with are neither among the Parquet files nor in their dictionary."""
    told = {row["file"] for row in rows(exported, "data_dictionary.csv")}

    assert not [name for name in schema.INTERNAL if (exported / "parquet" / name).exists()]
    assert not [name for name in schema.INTERNAL if f"parquet/{name}" in told]


def test_formulas_are_neutralised(hostile: Path) -> None:
    """No cell begins as a formula does, and taking the apostrophe away gives the text as published."""
    by_id = {row["award_id"]: row["title"] for row in rows(hostile, "award_lines.csv")}
    told = [by_id[f"t{number:03d}"] for number in range(len(by_id))]

    assert told[: len(filled.HOSTILE)] == [f"'{text}" for text in filled.HOSTILE]
    assert told[len(filled.HOSTILE) :] == list(filled.HARMLESS)


def test_negative_numbers_stay_numbers(hostile: Path) -> None:
    """A minus in a column of numbers is no formula."""
    assert {row["amount_gbp"] for row in rows(hostile, "award_lines.csv")} == {"-12.50"}


def test_parquet_is_the_lossless_copy(hostile: Path) -> None:
    """Parquet keeps every text as published."""
    told = pl.read_parquet(hostile / "parquet/procurement/2025-07.parquet").sort("procurement_id")["title"].to_list()

    assert told == [*filled.HOSTILE, *filled.HARMLESS]


@pytest.mark.parametrize("text", filled.HOSTILE)
def test_python_and_polars_neutralise_alike(text: str) -> None:
    """One rule, two regular expression engines: what one finds the other finds."""
    assert neutral(text) == f"'{text}"
    assert pl.Series([text]).str.contains(export.FORMULA).item()


@pytest.mark.parametrize("text", ["", *filled.HARMLESS])
def test_harmless_texts_are_left_alone(text: str) -> None:
    """Text that no spreadsheet takes for a formula is not touched."""
    assert neutral(text) == text
    assert not pl.Series([text]).str.contains(export.FORMULA).item()


def test_files_are_rfc_4180_in_utf_8(hostile: Path) -> None:
    """UTF-8 without a mark, lines ended by LF, every row as wide as the header, no NUL."""
    for table in TABLES:
        body = (hostile / table.path).read_bytes()
        with (hostile / table.path).open(encoding="utf-8", newline="") as handle:
            widths = {len(row) for row in csv.reader(handle, strict=True)}

        assert not body.startswith(b"\xef\xbb\xbf")
        assert body.endswith(b"\n")
        assert not body.endswith(b"\r\n")
        assert b"\0" not in body
        assert len(widths) == 1


def test_every_file_is_told_with_its_true_length_hash_and_rows(exported: Path) -> None:
    """The package and checksums.txt tell the truth of every file, and no file is left out."""
    sums = {line[66:]: line[:64] for line in (exported / "checksums.txt").read_text().splitlines()}
    there = {path.relative_to(exported).as_posix(): path for path in exported.rglob("*") if path.is_file()}

    assert sums.keys() == there.keys() - {"checksums.txt"}
    assert all(digest(there[name]) == told for name, told in sums.items())
    for resource in package(exported)["resources"]:
        assert resource["bytes"] == there[resource["path"]].stat().st_size
        assert resource["rows"] == len(rows(exported, resource["path"]))
        assert resource["hash"] == f"sha256:{sums[resource['path']]}"


def test_every_column_of_every_file_stands_in_the_dictionary(exported: Path) -> None:
    """data_dictionary.csv explains every column of every CSV file and of every Parquet table."""
    told = {(row["file"], row["column"]) for row in rows(exported, "data_dictionary.csv") if row["description"]}
    files = {(table.path, name) for table in TABLES for name in VIEWS[table.view].columns}
    stored = {
        (f"parquet/{path.parent.name}", name)
        for path in (exported / "parquet").rglob("*.parquet")
        for name in pl.read_parquet_schema(path)
    }

    assert files | stored <= told


def test_no_home_address_leaves_the_house(exported: Path) -> None:
    """A supplier that may be an individual has an area and no address; an organisation keeps its address in Parquet."""
    mentions = pl.concat([pl.read_parquet(path) for path in (exported / "parquet/supplier_mention").iterdir()])
    texts = [path.read_text(encoding="utf-8") for path in exported.iterdir() if path.is_file()]

    assert mentions.filter(pl.col("address").is_not_null())["address"].unique().to_list() == [filled.OFFICE_ADDRESS]
    assert mentions.filter(pl.col("postcode").is_not_null())["postcode"].unique().to_list() == ["RM1 1AA"]
    assert not [text for text in texts if "Planted Cottage" in text or "AB1 2CD" in text or "Office Park" in text]


def test_no_path_of_this_machine_is_told(exported: Path) -> None:
    """Nothing in the files tells where they were made."""
    root = str(exported.parent.parent)

    assert not [path for path in exported.rglob("*") if path.is_file() and root.encode() in path.read_bytes()]
    assert not list(exported.rglob(".*"))


def test_the_readme_says_what_a_reader_must_know(exported: Path) -> None:
    """Cut-off, note, limits, attribution, citation and the way to the methodology stand in the README."""
    text = (exported / "README.md").read_text(encoding="utf-8")

    for words in (
        "Data cut-off (newest notice held): 2025-08-31",
        "**Made-up notices.**",
        "never of spend",
        "missing information only",
        "Contains public sector information licensed under the Open Government Licence v3.0",
        "mySociety, CC BY 4.0",
        "lossless copy",
        "stands in `METHODOLOGY.md`",
        "cut-off 2025-08-31, edition 2025-09-01",
        "| `award_lines.csv` | 7 |",
    ):
        assert words in text
    assert all(f"`{table.path}`" in text for table in TABLES)


def test_the_readme_is_short_and_the_methods_have_a_page_of_their_own(exported: Path) -> None:
    """The README is read in minutes; the methodology is the page that the night gave, to the letter."""
    assert (exported / "METHODOLOGY.md").read_text(encoding="utf-8") == METHODS["METHODOLOGY.md"]
    assert "Planted methodology." not in (exported / "README.md").read_text(encoding="utf-8")
    assert (exported / "README.md").stat().st_size < 30_000


def test_every_figure_stands_in_one_file_or_is_said_to_stand_in_parquet(exported: Path) -> None:
    """No figure stands in two CSV files, and the README says how many stand in none."""
    names = [table.path for table in TABLES if table.view == "out_indicator"]
    key = ("indicator_id", "version", "grain", "slice", "period")
    told = [tuple(row[name] for name in key) for path in names for row in rows(exported, path)]
    text = (exported / "README.md").read_text(encoding="utf-8")

    assert names == ["indicators.csv", "indicators_buyers.csv", "indicators_groups.csv", "indicators_more.csv"]
    assert [len(rows(exported, name)) for name in names] == [5, 1, 1, 3]
    assert len(told) == len(set(told))
    assert "Of the 13 figures of this edition, 10 stand in the four files" in text
    assert "The other 3 are in `parquet/indicator_value` alone" in text


def test_the_command_that_the_readme_gives_for_the_rest_runs(exported: Path, tmp_path: Path) -> None:
    """Whoever copies the README's statement into DuckDB gets a file of all figures of one buyer."""
    text = (exported / "README.md").read_text(encoding="utf-8")
    statement = text.partition("```sql\n")[2].partition("```")[0]
    statement = statement.replace("'parquet/", f"'{exported}/parquet/").replace("GB-LAE-LDS", "GB-LAE-HAV")
    with duckdb.connect() as opened:
        opened.execute(statement.replace("leeds.csv", str(tmp_path / "havering.csv")))

    assert len(rows(tmp_path, "havering.csv")) == 3


@pytest.mark.parametrize(("sheet", "parts"), [(3, [3, 3, 1]), (7, [7]), (6, [6, 1])])
def test_a_file_goes_on_in_another_where_a_sheet_ends(
    fresh_sqlite: str, tmp_path: Path, exported: Path, monkeypatch: pytest.MonkeyPatch, sheet: int, parts: list[int]
) -> None:
    """No file has more rows than a sheet, no row is lost, every part has the header and its line in the README."""
    monkeypatch.setattr(export, "SHEET_ROWS", sheet)
    folder = make(fresh_sqlite, tmp_path)
    names = ["award_lines.csv", *(f"award_lines-{part}.csv" for part in range(2, len(parts) + 1))]
    text = (folder / "README.md").read_text(encoding="utf-8")

    assert [len(rows(folder, name)) for name in names] == parts
    assert sorted(path.name for path in folder.glob("award_lines*")) == sorted(names)
    assert [row for name in names for row in rows(folder, name)] == rows(exported, "award_lines.csv")
    assert [f"| `{name}` | {part} |" in text for name, part in zip(names, parts, strict=True)] == [True] * len(parts)
    assert {one["path"]: one["rows"] for one in package(folder)["resources"]}.items() >= dict(
        zip(names, parts, strict=True)
    ).items()
    assert validate(folder).returncode == 0


def test_no_file_of_an_edition_is_longer_than_a_sheet(tmp_path: Path) -> None:
    """The rows of a file are what a spreadsheet shows below the header, no fewer and no more."""
    table = TABLES[0]
    sheets = export._Sheets(table, ["number"], tmp_path)
    sheets.append(pl.DataFrame({"number": range(export.SHEET_ROWS + 2)}))
    sheets.close()

    assert [(one.path, one.rows) for one in sheets.written()] == [
        ("award_lines.csv", 1_048_575),
        ("award_lines-2.csv", 2),
    ]
    assert (tmp_path / "award_lines.csv").read_bytes().count(b"\n") == 1_048_576
    assert (tmp_path / "award_lines-2.csv").read_text() == "number\n1048575\n1048576\n"


@pytest.mark.parametrize(
    ("told", "answer"),
    [
        ({}, "yes"),
        ({"coverage_share": 0.7}, "with_care"),
        ({"coverage_share": 0.5}, "no"),
        ({"n": 9}, "no"),
        ({"value": None, "coverage_share": None}, "no"),
        ({"unit": "pounds"}, ""),
    ],
)
def test_a_share_says_whether_it_may_be_printed(
    fresh_sqlite: str, tmp_path: Path, told: dict[str, Any], answer: str
) -> None:
    """With fewer than 10 awards or less than 60 % known a share is none to print, up to 80 % with care."""
    figure = filled.figure("L1", "england", "England", "ALL", 0.5) | told
    folder = make(fresh_sqlite, tmp_path, indicator_value=filled.frame("indicator_value", figure))

    assert [row["headline"] for row in rows(folder, "indicators.csv")] == [answer]


def test_shares_in_the_package_lie_between_0_and_1(exported: Path) -> None:
    """Every column that is a share is bound to 0–1, so that a validator sees another value."""
    fields = [field for one in package(exported)["resources"] for field in one["schema"]["fields"]]
    shares = [field["constraints"] for field in fields if field["name"].endswith("_share")]

    assert len(shares) == 29
    assert all(constraints == {"minimum": 0, "maximum": 1} for constraints in shares)


def test_the_readme_says_which_registers_were_asked(exported: Path) -> None:
    """Each register stands there once, with its newest date, its rows, its page and its licence; so in the package."""
    text = (exported / "README.md").read_text(encoding="utf-8")
    told = package(exported)
    company = "the register of companies (Companies House)"
    lookups = (
        "Contains information from charity-lookups, edition of 2025-08-01, https://registers.example/charity-lookups, "
        "which is made available here under the Open Database Licence 1.0 "
        "(https://opendatacommons.org/licenses/odbl/1-0/)."
    )

    assert f"asked about suppliers: charity-lookups, of 2025-08-01, 12 rows; {company}, of 2025-08-01, 5,600" in text
    assert f"Contains information from {company}, edition of 2025-08-01" in text
    assert lookups in text
    assert lookups in told["attribution"]
    assert "https://registers.example/companies-house" in [one["path"] for one in told["sources"]]
    assert "2025-07-01" not in " ".join(told["attribution"])


def test_without_a_register_the_readme_says_so(fresh_sqlite: str, tmp_path: Path) -> None:
    """Where no register was asked, the README says that suppliers rest on the notices, and thanks none for it."""
    folder = make(fresh_sqlite, tmp_path, register=schema.empty("register"))
    text = (folder / "README.md").read_text(encoding="utf-8")

    assert "Registers asked about suppliers: none, so that who and what suppliers are rests on the notices" in text
    assert "Contains information from" not in text


def test_the_pair_with_the_most_money_stands_first(fresh_sqlite: str, tmp_path: Path) -> None:
    """The pairs to be looked at follow each other by the money at stake; those without an amount come last."""
    suppliers = [{"supplier_id": name, "supplier_name": name} for name in ("S1", "S2", "S3", "S4")]
    folder = make(
        fresh_sqlite,
        tmp_path,
        supplier=filled.frame("supplier", *suppliers),
        supplier_link=filled.frame("supplier_link", *(filled.link(f"u{n}", f"S{n}") for n in (1, 2, 3, 4))),
        supplier_review=filled.frame(
            "supplier_review", *(filled.review(*pair) for pair in (("u1", "u2"), ("u1", "u4"), ("u2", "u3")))
        ),
        award_line=filled.frame(
            "award_line",
            *(
                filled.line("a1", number, f"S{number}", value_gbp=Decimal(pounds))
                for number, pounds in ((1, 500), (2, 7), (3, 90))
            ),
        ),
    )
    told = [
        (row["a_supplier_id"], row["b_supplier_id"], row["value_gbp"]) for row in rows(folder, "supplier_review.csv")
    ]

    assert told == [("S1", "S2", "7.00"), ("S2", "S3", "7.00"), ("S1", "S4", "")]


@pytest.fixture
def nights(fresh_sqlite: str, tmp_path: Path) -> tuple[Path, Path]:
    """Return the exports of two nights, between which nothing changed."""
    first = make(fresh_sqlite, tmp_path)
    with Warehouse.open(fresh_sqlite) as warehouse:
        warehouse.mark_published(warehouse.unpublished())
        snapshot = publish_snapshot(warehouse, tmp_path / "snapshots", "2025-09-02", FACTS, METHODS)
    return first, publish_export(snapshot, tmp_path / "export", "2025-09-02", FACTS)


def test_parquet_is_linked_from_night_to_night(nights: tuple[Path, Path]) -> None:
    """Files that did not change take no room again, those without home addresses included."""
    first, second = nights
    names = [path.relative_to(first) for path in (first / "parquet").rglob("*.parquet")]

    assert [name for name in names if not (first / name).samefile(second / name)] == []
    assert (second.parent / "latest").resolve() == second.resolve()


def test_a_failed_export_leaves_the_last_one(
    nights: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the disk is full in the middle, ``latest`` stays and the draft is gone."""
    _, second = nights

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pl.DataFrame, "write_csv", full)
    with pytest.raises(OSError, match="No space left"):
        export_again(tmp_path / "snapshots", tmp_path / "export")

    assert (tmp_path / "export/latest").resolve() == second.resolve()
    assert not list((tmp_path / "export").glob(".draft*"))


def test_an_export_can_be_made_again_elsewhere(nights: tuple[Path, Path], tmp_path: Path) -> None:
    """The last snapshot is enough to make the same files in another folder, with odd characters in its name."""
    again = export_again(tmp_path / "snapshots", tmp_path / "od[d] *na'me? a=b")

    for path in nights[1].iterdir():
        if path.is_file():
            assert (again / path.name).read_bytes() == path.read_bytes()


def test_a_snapshot_in_an_odd_folder_is_read(fresh_sqlite: str, tmp_path: Path) -> None:
    """Brackets, quotes and equals signs in the folder's name are no patterns and no columns."""
    folder = make(fresh_sqlite, tmp_path / "od[d] na'me a=b")

    assert len(rows(folder, "award_lines.csv")) == 7
    assert "od[d] na'me a" not in (folder / "award_lines.csv").read_text()


def test_without_a_snapshot_there_is_a_next_step(tmp_path: Path) -> None:
    """Asked for an export before the first night, it says what to run."""
    with pytest.raises(ValueError, match="holds no snapshot yet: run 'noticeboard nightly'"):
        export_again(tmp_path / "snapshots", tmp_path / "export")


def _without_a_table(manifest: dict[str, Any]) -> None:
    del manifest["tables"]["text_match"]


def _with_other_columns(manifest: dict[str, Any]) -> None:
    manifest["tables"]["text_match"]["schema"] = "of another version"


def _without_methods(manifest: dict[str, Any]) -> None:
    del manifest["pages"]


@pytest.mark.parametrize(
    ("age", "told"),
    [
        (_without_a_table, "it has no table text_match"),
        (_with_other_columns, "the columns of text_match are others"),
        (_without_methods, "it has no METHODOLOGY.md"),
    ],
)
def test_a_snapshot_of_another_version_is_refused(
    nights: tuple[Path, Path], tmp_path: Path, age: Callable[[dict[str, Any]], None], told: str
) -> None:
    """A snapshot made before a table was what it is now is not exported: the table is named, and what to run."""
    made = tmp_path / "snapshots/latest/snapshot.json"
    manifest = json.loads(made.read_text(encoding="utf-8"))
    age(manifest)
    made.write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ValueError, match=rf"snapshot of 2025-09-02 .*{told}.*Run 'noticeboard rebuild' first"):
        export_again(tmp_path / "snapshots", tmp_path / "export")

    assert (tmp_path / "export/latest").resolve() == nights[1].resolve()

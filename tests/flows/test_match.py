"""What a user's own spreadsheet gets back: its rows as they stand, and whom each names."""

import csv
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from extractors.made_up_registers import OSCR, published
from extractors.overrides import COLUMNS, UnusableOverrides
from extractors.standin.registers import RegistersStandin
from flows import match, registers
from flows.match import ADDED, Columns, Outcome, UnusableFile
from flows.settings import Settings
from transforms.suppliers import resolve
from transforms.suppliers.registers import NOTHING
from warehouse import schema
from warehouse.store import NotThere, Warehouse

BOTH = Columns("Supplier", "Postcode", "Number")
HEADER = "Supplier,Postcode,Number"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings that keep everything in a folder of the test's own."""
    return Settings().with_folder(tmp_path / "data")


@pytest.fixture
def spend(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a CSV file of lines."""

    def write(*lines: str, encoding: str = "utf-8", name: str = "spend.csv") -> Path:
        file = tmp_path / name
        file.write_bytes("\n".join([*lines, ""]).encode(encoding))
        return file

    return write


def rows(out: Path, delimiter: str = ",") -> list[dict[str, str]]:
    """Read a result as a user's program would."""
    with out.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle, delimiter=delimiter))


def alone(settings: Settings, file: Path, columns: Columns = BOTH, **options: Any) -> Outcome:
    """Match a file against itself."""
    return match.match(settings, file, columns, against_itself=True, **options)


# --- a file against itself --------------------------------------------------------------------------------------------


def test_rows_and_columns_stay_as_they_are_and_in_order(settings: Settings, spend: Callable[..., Path]) -> None:
    """Every row comes back in its place with its own cells, and the added columns stand behind them."""
    file = spend("Day,Supplier,Sum", '1 May,"Acme, Son\nand Co Ltd",-5.00', "2 May,Various,7", "1 May,,£8")

    outcome = alone(settings, file, Columns("Supplier"))

    found = rows(outcome.out)
    assert list(found[0]) == ["Day", "Supplier", "Sum", *ADDED]
    assert [(row["Day"], row["Supplier"], row["Sum"]) for row in found] == [
        ("1 May", "Acme, Son\nand Co Ltd", "-5.00"),
        ("2 May", "Various", "7"),
        ("1 May", "", "£8"),
    ]
    assert outcome[:3] == (3, 1, 1)


def test_two_spellings_are_one_supplier(settings: Settings, spend: Callable[..., Path]) -> None:
    """Against itself, the same id means the same supplier; each row says by what it was found."""
    file = spend(
        HEADER,
        "Acme Building Limited,LS1 4AB,01234567",
        "ACME BUILDING LTD.,,",
        "Borage Care Ltd,,",
    )

    first, second, other = rows(alone(settings, file).out)

    assert first["supplier_id"] == second["supplier_id"] != other["supplier_id"]
    assert first["method"] == "identifier"
    assert first["reason"] == "The row gives the company number 01234567."
    assert second["method"] == "same_name"
    assert second["org_id"] == "GB-COH-01234567"
    assert second["reason"] == "No usable identifier. Other rows write the name 'acme building' (ltd) likewise."


def test_the_order_of_rows_does_not_matter(settings: Settings, spend: Callable[..., Path]) -> None:
    """The same rows in another order lead to the same suppliers, by the same words."""
    lines = [
        "Acme Building Ltd,LS1 4AB,",
        "Acme Building,LS1 4AC,",
        "Acme Bilding Ltd,,",
        "Various,,",
        "Acme Ltd,,1234567",
    ]

    one = rows(alone(settings, spend(HEADER, *lines)).out)
    other = rows(alone(settings, spend(HEADER, *reversed(lines), name="other.csv")).out)

    assert one == other[::-1]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",,", "The row gives no name."),
        ("Various,,", "'Various' names no organisation."),
        ("REDACTED PERSONAL DATA,,", "'REDACTED PERSONAL DATA' names no organisation."),
    ],
)
def test_who_is_nobody_gets_no_supplier(settings: Settings, spend: Callable[..., Path], line: str, reason: str) -> None:
    """An empty name and a placeholder lead nowhere, and the reason says why."""
    (found,) = rows(alone(settings, spend(HEADER, line)).out)

    assert (found["supplier_id"], found["method"], found["score"]) == ("", "none", "")
    assert (found["reason"], found["needs_review"]) == (reason, "false")


@pytest.mark.parametrize(
    "name", ["Mr J. Smith", "Mr and Mrs Smith", "Smith J Miss", "Dr Martens", "Mrs Browns Cafe", "Rev It Up"]
)
def test_who_may_be_a_person_asks_for_a_look(settings: Settings, spend: Callable[..., Path], name: str) -> None:
    """A title makes a person of a name, or a brand: no supplier is chosen, and somebody should look."""
    outcome = alone(settings, spend(HEADER, f"{name},,"))

    (found,) = rows(outcome.out)
    assert (found["supplier_id"], found["method"], found["needs_review"]) == ("", "none", "true")
    assert found["reason"] == f"'{name}' may be a person's name, and names do not tell people apart."
    assert outcome.to_review == 1


@pytest.mark.parametrize("name", ["Dr Jones & Partners", "Mr Clean Ltd", "Miss Daisy Cars", "Rev Motors 24 7"])
def test_a_title_in_a_firms_name_makes_no_person(settings: Settings, spend: Callable[..., Path], name: str) -> None:
    """A firm whose name begins as a person's is a supplier like others."""
    (found,) = rows(alone(settings, spend(HEADER, f"{name},,")).out)

    assert found["supplier_id"]


@pytest.mark.parametrize(
    ("written", "identifier"),
    [
        ("01234567", "GB-COH-01234567"),
        ("1234567", "GB-COH-01234567"),
        ("GB-COH-01234567", "GB-COH-01234567"),
        ("gb-coh-1234567", "GB-COH-01234567"),
        ("GB-CHC-202918", "GB-CHC-202918"),
        ("sc123456", "GB-COH-SC123456"),
    ],
)
def test_numbers_are_read_as_they_are_written(
    settings: Settings, spend: Callable[..., Path], written: str, identifier: str
) -> None:
    """An org-id or a bare company number says who it is, with lost noughts and small letters set right."""
    (found,) = rows(alone(settings, spend(HEADER, f"Acme Ltd,,{written}")).out)

    assert found["org_id"] == identifier


def test_a_number_that_is_none_is_named(settings: Settings, spend: Callable[..., Path]) -> None:
    """A number that cannot be used is not guessed at, and the reason says that it was not used."""
    (found,) = rows(alone(settings, spend(HEADER, "Acme Ltd,,see invoice")).out)

    assert found["org_id"] == ""
    assert " The number 'see invoice' was not used: " in found["reason"]


def test_what_a_rule_doubts_asks_for_a_look(settings: Settings, spend: Callable[..., Path]) -> None:
    """Two rows that no rule joins with certainty stay two, and each names the other."""
    file = spend(HEADER, "Acme Building Ltd,,", "Acme Building LLP,,")

    outcome = alone(settings, file)

    first, second = rows(outcome.out)
    assert first["supplier_id"] != second["supplier_id"]
    assert (first["needs_review"], second["needs_review"]) == ("true", "true")
    assert f"It may also be 'Acme Building LLP' ({second['supplier_id']})." in first["reason"]
    assert outcome.to_review == 2


def test_a_persons_decision_holds(settings: Settings, spend: Callable[..., Path], tmp_path: Path) -> None:
    """Names that a person said are the same are one supplier."""
    decided = tmp_path / "decisions.csv"
    decided.write_text(
        ",".join(COLUMNS) + "\n1,same,Acme Building Ltd,Borage Care Ltd,,It was renamed,J. Smith,2026-11-22,\n"
    )
    file = spend(HEADER, "Acme Building Ltd,,", "Borage Care Ltd,,")

    first, second = rows(alone(settings.model_copy(update={"overrides": decided}), file).out)

    assert first["supplier_id"] == second["supplier_id"]
    assert "override" in {first["method"], second["method"]}


def decided(settings: Settings, tmp_path: Path, *lines: str) -> Settings:
    """Return settings with a file of decisions."""
    file = tmp_path / "decisions.csv"
    file.write_text("\n".join([",".join(COLUMNS), *lines, ""]))
    return settings.model_copy(update={"overrides": file})


@pytest.mark.parametrize("who", ["GB-COH-01234567", "Acme Building Ltd", "acme building"])
def test_a_name_that_a_person_gave_is_the_suppliers(
    settings: Settings, spend: Callable[..., Path], tmp_path: Path, who: str
) -> None:
    """A supplier is called as a person decided, whether a number or a name says which."""
    own = decided(settings, tmp_path, f"1,name,{who},,Acme of Leeds,Its own way of writing,J. Smith,2026-11-22,")
    file = spend(HEADER, "ACME BUILDING LIMITED,,01234567", "Acme Building Ltd,,", "Borage Care Ltd,,")

    outcome = alone(own, file)

    assert [row["supplier_name"] for row in rows(outcome.out)] == ["Acme of Leeds", "Acme of Leeds", "Borage Care Ltd"]
    assert outcome.decisions == ()


@pytest.mark.parametrize(
    ("line", "is_told"),
    [
        ("7,same,Acme Building Ltd,Borage Care Ltd,,Why,J. Smith,2026-11-22,", False),
        ("7,same,Acme Building Ltd,Elderflower Ltd,,Why,J. Smith,2026-11-22,", True),
        ("7,different,GB-COH-09999999,Acme Building Ltd,,Why,J. Smith,2026-11-22,", True),
        ("7,name,Elderflower Ltd,,Elder,Why,J. Smith,2026-11-22,", True),
        ("7,name,Acme Building LLP,,Acme,Why,J. Smith,2026-11-22,", True),
        ("7,group,GB-COH-01234567,,Acme Group,Why,J. Smith,2026-11-22,", False),
        ("7,group,S0000000000,,Acme Group,Why,J. Smith,2026-11-22,", True),
        ("7,buyer,Some Desk,,portal,Why,J. Smith,2026-11-22,", False),
    ],
)
def test_a_decision_that_addresses_nobody_is_told(
    settings: Settings, spend: Callable[..., Path], tmp_path: Path, line: str, is_told: bool
) -> None:
    """Whoever mistypes a name in a decision about a supplier learns that it had no effect; nights tell of buyers'."""
    file = spend(HEADER, "Acme Building Ltd,,01234567", "Borage Care Ltd,,")

    outcome = alone(decided(settings, tmp_path, line), file)

    assert outcome.decisions == (("7",) if is_told else ())
    assert ("1 decisions address nobody, by override_id: 7." in match.said(outcome)) == is_told


def test_a_reason_speaks_of_its_own_row(settings: Settings, spend: Callable[..., Path]) -> None:
    """Of two names that a rule joins, each is told of the other and never as if it were the other."""
    file = spend(HEADER, "Acme Building Ltd,LS1 4AB,", "Acme Building,LS1 4AC,")

    first, second = rows(alone(settings, file).out)

    assert first["supplier_id"] == second["supplier_id"]
    assert first["reason"].startswith("Another row, 'acme building', was compared with this name: ")
    assert second["reason"].startswith("No usable identifier. ")
    assert "Another row" not in second["reason"]


def test_decisions_that_cannot_be_read_stop_it(settings: Settings, spend: Callable[..., Path], tmp_path: Path) -> None:
    """A decision is never dropped silently."""
    own = settings.model_copy(update={"overrides": tmp_path / "none.csv"})

    with pytest.raises(UnusableOverrides, match=r"none\.csv cannot be read"):
        alone(own, spend(HEADER, "Acme Ltd,,"))


def test_what_a_register_tells_begins_as_a_sentence(settings: Settings, spend: Callable[..., Path]) -> None:
    """A reason that begins with the name of a register has a capital there."""
    with RegistersStandin(published()) as server:
        registers.load(
            settings.data_dir, "oscr", lambda: datetime(2026, 11, 22, tzinfo=UTC), service=server.url, wait_seconds=0
        )
    name = OSCR[0]["Charity Name"]

    (found,) = rows(alone(settings, spend(HEADER, f'"{name}",,')).out)
    assert found["reason"].startswith(f"The Scottish Charity Register lists '{name}' as the name of ")


# --- how files are written --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", False), ("utf-8-sig", True), ("cp1252", True), ("utf-16", True)],
)
def test_text_is_read_as_spreadsheets_write_it(
    settings: Settings, spend: Callable[..., Path], delimiter: str, encoding: str, mark: bool
) -> None:
    """Encoding and delimiter are found out; the result is UTF-8, marked as such where the file was not plain UTF-8."""
    file = spend(delimiter.join(["Supplier", "£"]), delimiter.join(["Café Rosé Ltd", "5"]), encoding=encoding)

    out = alone(settings, file, Columns("Supplier")).out

    (found,) = rows(out, delimiter)
    assert (found["Supplier"], found["£"]) == ("Café Rosé Ltd", "5")
    assert out.read_bytes().startswith(b"\xef\xbb\xbf") == mark


def test_blank_lines_count_but_for_the_last(settings: Settings, spend: Callable[..., Path]) -> None:
    """A blank line between rows keeps its place, so that row numbers still agree; those at the end are none."""
    outcome = alone(settings, spend(HEADER, "Acme Ltd,,", "", "Borage Ltd,,", "", ""))

    assert [row["Supplier"] for row in rows(outcome.out)] == ["Acme Ltd", "", "Borage Ltd"]
    assert outcome.rows == 3


def test_ragged_rows_keep_every_cell(settings: Settings, spend: Callable[..., Path]) -> None:
    """Cells beyond the header stay, and what is missing is empty: added columns stand in one place."""
    out = alone(settings, spend("Supplier,Sum", "Acme Ltd,5,late", "Borage Ltd"), Columns("Supplier")).out

    with out.open(newline="") as handle:
        header, first, second = csv.reader(handle)
    assert header[:4] == ["Supplier", "Sum", "", "supplier_id"]
    assert first[:3] == ["Acme Ltd", "5", "late"]
    assert second[:3] == ["Borage Ltd", "", ""]
    assert len(header) == len(first) == len(second)


def test_added_columns_never_take_a_users_name(settings: Settings, spend: Callable[..., Path]) -> None:
    """A column that the file has already keeps its name, and the added one gets a number."""
    out = alone(settings, spend("Supplier_Name,score,score_2", "Acme Ltd,9,8"), Columns("supplier_name")).out

    (found,) = rows(out)
    assert (found["Supplier_Name"], found["score"], found["score_2"]) == ("Acme Ltd", "9", "8")
    assert (found["supplier_name_2"], found["score_3"]) == ("Acme Ltd", "1")


@pytest.mark.parametrize("cell", ["=1+1", "@SUM(A1)", "+44 20 7946 0000", " =1", "\t=1", "-2+3", "=cmd|' /C calc'!A0"])
def test_formulas_are_made_text(settings: Settings, spend: Callable[..., Path], cell: str) -> None:
    """What a spreadsheet could run gets an apostrophe in front, in the user's columns and in the added ones."""
    out = alone(settings, spend("Supplier;Note", f"{cell};{cell}"), Columns("Supplier")).out

    (found,) = rows(out, ";")
    assert found["Supplier"] == found["Note"] == f"'{cell}"
    assert not any(value.lstrip().startswith(("=", "+", "@")) for value in found.values())


@pytest.mark.parametrize("cell", ["-5", "-1,234.50", "+7", "-£12.00", "-", "-1.5E+07", "-3%", " -2.00 "])
def test_amounts_stay_numbers(settings: Settings, spend: Callable[..., Path], cell: str) -> None:
    """A negative amount begins as a formula does, and is none."""
    (found,) = rows(alone(settings, spend("Supplier;Sum", f"Acme Ltd;{cell}"), Columns("Supplier")).out, ";")

    assert found["Sum"] == cell


def test_a_missing_column_is_said_with_those_there_are(settings: Settings, spend: Callable[..., Path]) -> None:
    """The error lists the columns, so that the right one can be named."""
    file = spend("Vendor;Sum", "Acme Ltd;5")

    with pytest.raises(UnusableFile, match=r"has no column 'Supplier'\. Its columns are: 'Vendor', 'Sum'"):
        alone(settings, file, Columns("Supplier"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "has no column 'Supplier'. Its columns are: none"),
        (b"Supplier,supplier,Supplier\na,b,c\n", "has 2 columns 'Supplier'"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Excel 97-2003, or has a password"),
        (b"PK\x03\x04 and no more", "cannot be read as XLSX"),
        (b"Supplier\n\x81\xff\n", "neither UTF-8 nor Windows-1252"),
        (b'Supplier\nAcme\n"Borage\nClover\n', "behind line 2: the file ends within quotation marks"),
    ],
)
def test_what_cannot_be_read_is_said(settings: Settings, tmp_path: Path, content: bytes, words: str) -> None:
    """A file that is none of those gives an error that says what to do, and leaves nothing behind."""
    file = tmp_path / "spend.csv"
    file.write_bytes(content)

    with pytest.raises(UnusableFile) as caught:
        alone(settings, file, Columns("Supplier"))

    assert words in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["spend.csv"]


def test_a_quotation_mark_that_may_be_left_open_is_told(settings: Settings, spend: Callable[..., Path]) -> None:
    """A mark that the next one closes takes in rows: the line in which it begins is named."""
    outcome = alone(settings, spend(HEADER, "Acme Ltd,,", '"Borage Ltd,,', "Clover Ltd,,", '"Dill Ltd",,'))

    assert outcome.rows == 2
    assert outcome.spanning == (3,)
    assert "1 rows have a cell of several lines with the delimiter in it, the first in line 3." in match.said(outcome)


def test_a_name_on_two_lines_is_no_open_quotation_mark(settings: Settings, spend: Callable[..., Path]) -> None:
    """A cell of several lines without the delimiter has taken in nothing."""
    outcome = alone(settings, spend(HEADER, '"Acme\nLtd",,'))

    assert outcome.spanning == ()
    assert "quotation mark" not in match.said(outcome)


def test_the_file_itself_is_never_overwritten(settings: Settings, spend: Callable[..., Path]) -> None:
    """The result cannot be put where the input stands."""
    file = spend(HEADER, "Acme Ltd,,")

    with pytest.raises(UnusableFile, match="is the file that is read"):
        alone(settings, file, out=file)


def test_a_file_without_rows_gives_a_header(settings: Settings, spend: Callable[..., Path]) -> None:
    """No rows in, no rows out."""
    outcome = alone(settings, spend(HEADER))

    assert outcome.rows == 0
    assert outcome.out.read_text() == ",".join([HEADER, *ADDED]) + "\n"


def test_progress_ends_at_a_hundred(settings: Settings, spend: Callable[..., Path]) -> None:
    """Each step is told from nothing to all of it."""
    told: list[tuple[str, int, int]] = []

    alone(settings, spend(HEADER, "Acme Ltd,,"), progress=lambda *step: told.append(step))

    assert list(dict.fromkeys(step for step, _, _ in told)) == ["reading", "matching", "writing"]
    assert [done for step, done, _ in told if step == "matching"][-1] == 100
    assert {total for _, _, total in told} == {100}


# --- workbooks --------------------------------------------------------------------------------------------------------


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    """Write a workbook: a sheet of notes, then one of payments with numbers and days."""
    book = openpyxl.Workbook()
    book.worksheets[0].append(["Notes"])
    sheet = book.create_sheet("Payments")
    sheet.append(["Paid", "Supplier", "Number", "Sum", "Note"])
    sheet.append([date(2026, 5, 1), "Acme Building Ltd", 1234567, -5.25, "a\nb"])
    sheet.append([datetime.fromisoformat("2026-05-02T09:30"), "ACME BUILDING LIMITED", None, 7, "=1+1"])
    sheet["E3"].data_type = "s"
    sheet.append([None, None, None, None, None])
    sheet.append([date(2026, 5, 3), "Various", None, 8, True])
    file = tmp_path / "spend.xlsx"
    book.save(file)
    return file


def test_a_workbook_comes_back_as_one(settings: Settings, workbook: Path) -> None:
    """The sheet that has the columns is read; numbers and days stay what they are, and formulas are made text."""
    outcome = alone(settings, workbook, Columns("Supplier", number="Number"))

    sheet = openpyxl.load_workbook(outcome.out).worksheets[0]
    header, first, second, blank, last = sheet.iter_rows(values_only=True)
    assert outcome.out.name == "spend-matched.xlsx"
    assert header == ("Paid", "Supplier", "Number", "Sum", "Note", *ADDED)
    assert first[:5] == (datetime.fromisoformat("2026-05-01"), "Acme Building Ltd", 1234567, -5.25, "a\nb")
    assert first[7:10] == ("GB-COH-01234567", "identifier", 1)
    assert second[4] == "'=1+1"
    assert second[5] == first[5]
    assert blank[:5] == (None,) * 5
    assert last[5] is None
    assert last[-1] is False


def test_formulas_without_a_result_are_counted(settings: Settings, tmp_path: Path) -> None:
    """A program that only writes workbooks saves formulas without what they come to: they are empty, and it is said."""
    book = openpyxl.Workbook()
    for cells in (["Supplier", "Sum"], ["Acme Ltd", 5], ['="Borage"&" Ltd"', "=B2*2"], ["Clover Ltd", 7]):
        book.worksheets[0].append(cells)
    file = tmp_path / "spend.xlsx"
    book.save(file)

    outcome = alone(settings, file, Columns("Supplier"))

    assert outcome.formulas == 2
    assert "2 formulas have no saved result and count as empty." in match.said(outcome)


def test_a_workbook_without_formulas_tells_of_none(settings: Settings, workbook: Path) -> None:
    """Text that only looks like a formula is none, and empty cells are no formulas."""
    outcome = alone(settings, workbook, Columns("Supplier"))

    assert outcome.formulas == 0
    assert "formulas" not in match.said(outcome)


def test_a_workbook_can_be_written_as_text(settings: Settings, workbook: Path, tmp_path: Path) -> None:
    """The name of the result says how it is written: days as ISO, whole numbers without a point."""
    out = alone(settings, workbook, Columns("Supplier", number="Number"), out=tmp_path / "out.csv").out

    found = rows(out)
    assert [row["Paid"] for row in found] == ["2026-05-01", "2026-05-02 09:30:00", "", "2026-05-03"]
    assert [row["Number"] for row in found] == ["1234567", "", "", ""]
    assert found[3]["Note"] == "true"


def test_text_can_be_written_as_a_workbook(settings: Settings, spend: Callable[..., Path], tmp_path: Path) -> None:
    """Signs that a workbook cannot hold are left out."""
    out = alone(settings, spend("Supplier", "Acme\x07 Ltd"), Columns("Supplier"), out=tmp_path / "out.XLSX").out

    assert openpyxl.load_workbook(out).worksheets[0]["A2"].value == "Acme Ltd"


# --- a file against the warehouse -------------------------------------------------------------------------------------


@pytest.fixture
def held(settings: Settings) -> Settings:
    """Fill a warehouse with a few suppliers, resolved as a night does it."""
    told = [
        ("m1", "Acme Building Limited", "LS1 4AB", "01234567"),
        ("m2", "ACME BUILDING LTD", None, None),
        ("m3", "Borage Care CIC", "M1 1AE", None),
        ("m4", "Clover Services Ltd", None, None),
        ("m5", "Dill Research Ltd", None, "07654321"),
    ]
    mention = pl.DataFrame(
        [(name, f"award-{name}", written, postcode) for name, written, postcode, _ in told],
        schema=["mention_id", "award_id", "supplier_name", "postcode"],
        orient="row",
    )
    identifier = pl.DataFrame(
        [(name, "GB-COH", number) for name, _, _, number in told if number],
        schema=["mention_id", "scheme", "raw"],
        orient="row",
    )
    read = resolve.read(mention, identifier)
    found = resolve.partition(read.unit, NOTHING, resolve.NO_OVERRIDES)
    nobody = pl.DataFrame(schema={"unit_id": pl.String, "supplier_id": pl.String})
    member, _ = resolve.identify(found.member, read.unit, nobody, pl.Series([], dtype=pl.String))
    mentions = read.mention.join(member.select("unit_id", "supplier_id"), on="unit_id")
    supplier = (
        mentions.join(member.select("unit_id", "cluster"), on="unit_id")
        .group_by("supplier_id", "cluster")
        .agg(pl.col("supplier_name").sort().last())
        .join(found.cluster.select("cluster", "org_id"), on="cluster", how="left")
    )
    unit = read.unit.join(member.select("unit_id", "component"), on="unit_id").with_columns(
        pl.col("org_ids", "others").list.join(" ")
    )
    with Warehouse.open(settings.warehouse_url.get_secret_value()) as warehouse:
        for table, frame in {
            "supplier_unit": unit,
            "supplier_link": member,
            "supplier": supplier,
            "supplier_mention": mentions.with_columns(published_at=pl.lit(datetime(2026, 1, 1, tzinfo=UTC))),
        }.items():
            columns = [
                (pl.col(name) if name in frame.columns else pl.lit(None)).cast(dtype).alias(name)
                for name, dtype in schema.frame_schema(table).items()
            ]
            warehouse.bulk_upsert(table, frame.select(columns))
    return settings


def against(held: Settings, file: Path, columns: Columns = BOTH) -> list[dict[str, str]]:
    """Match a file against the warehouse."""
    return rows(match.match(held, file, columns).out)


def suppliers(held: Settings) -> dict[str, str]:
    """Return the warehouse's suppliers, by name."""
    with Warehouse.open(held.warehouse_url.get_secret_value()) as warehouse:
        return dict(warehouse.read("supplier", ["supplier_name", "supplier_id"]).iter_rows())


@pytest.mark.parametrize(
    ("line", "name", "method", "reason"),
    [
        (
            "Acme Building Ltd,,",
            "Acme Building Limited",
            "same_name",
            "No usable identifier. Notices write the name 'acme building' (ltd) likewise.",
        ),
        (
            "Some Other Words,LS1 4AB,01234567",
            "Acme Building Limited",
            "identifier",
            "The row gives the company number 01234567, as notices do.",
        ),
        (
            "borage care community interest company,,",
            "Borage Care CIC",
            "same_name",
            "No usable identifier. Notices write the name 'borage care' (cic) likewise.",
        ),
        (
            "Borage Care,M1 1AE,",
            "Borage Care CIC",
            "form_missing_nearby",
            None,
        ),
        (
            "Clover Services Ltd,,09999999",
            "Clover Services Ltd",
            "same_name",
            "Notices write the name 'clover services' (ltd) likewise.",
        ),
    ],
)
def test_rows_lead_to_the_warehouses_suppliers(
    held: Settings, spend: Callable[..., Path], line: str, name: str | None, method: str, reason: str | None
) -> None:
    """A row takes the id, the name and the number of the supplier that it leads to, with the evidence they share."""
    (found,) = against(held, spend(HEADER, line))

    assert found["supplier_id"] == (suppliers(held)[name] if name else "")
    assert found["supplier_name"] == (name or "")
    assert found["method"] == method
    assert reason is None or found["reason"] == reason


def test_a_row_without_a_supplier_names_the_nearest(held: Settings, spend: Callable[..., Path]) -> None:
    """What a rule doubts leads nowhere, names the supplier to look at, and asks for a look."""
    (found,) = against(held, spend(HEADER, "Clover Services LLP,,"))

    assert (found["supplier_id"], found["method"], found["score"]) == ("", "none", "")
    assert found["needs_review"] == "true"
    assert f"the nearest is 'Clover Services Ltd' ({suppliers(held)['Clover Services Ltd']})." in found["reason"]


def test_a_stranger_gets_no_supplier(held: Settings, spend: Callable[..., Path]) -> None:
    """A name that is like none leads nowhere, and nobody need look."""
    (found,) = against(held, spend(HEADER, "Elderflower Farm Ltd,,"))

    assert (found["supplier_id"], found["reason"], found["needs_review"]) == ("", "No supplier was found.", "false")


@pytest.mark.parametrize(
    ("line", "name", "words"),
    [
        ("Clover Services Ltd,,07654321", "Clover Services Ltd", "It may also be 'Dill Research Ltd' (S"),
        ("Acme Building Ltd,,07000000", "Acme Building Limited", "carries two numbers of one register."),
    ],
)
def test_a_name_and_a_number_that_disagree_ask_for_a_look(
    held: Settings, spend: Callable[..., Path], line: str, name: str, words: str
) -> None:
    """A full legal name decides against a number, and the row says which other supplier or number there is."""
    (found,) = against(held, spend(HEADER, line))

    assert (found["supplier_name"], found["needs_review"]) == (name, "true")
    assert words in found["reason"]


def test_decisions_are_sought_in_the_whole_warehouse(
    held: Settings, spend: Callable[..., Path], tmp_path: Path
) -> None:
    """A decision about suppliers that the file does not name addresses somebody all the same."""
    own = decided(
        held,
        tmp_path,
        "1,different,Borage Care CIC,Dill Research Ltd,,Why,J. Smith,2026-11-22,",
        "2,name,Elderflower Farm Ltd,,Elder,Why,J. Smith,2026-11-22,",
        f"3,name,{suppliers(held)['Dill Research Ltd']},,Dill,Why,J. Smith,2026-11-22,",
    )

    assert match.match(own, spend(HEADER, "Acme Building Ltd,,"), BOTH).decisions == ("2",)


def test_the_warehouse_is_left_as_it_was(held: Settings, spend: Callable[..., Path]) -> None:
    """Matching writes nothing but its result."""

    def tables() -> dict[str, pl.DataFrame]:
        with Warehouse.open(held.warehouse_url.get_secret_value()) as warehouse:
            return {name: warehouse.read(name).sort(pl.all()) for name in schema.TABLES}

    before = tables()
    against(held, spend(HEADER, "Acme Building,LS1 4AB,", "Elderflower Farm Ltd,,"))

    after = tables()
    assert [name for name in before if not before[name].equals(after[name])] == []


def test_without_a_warehouse_it_is_said(settings: Settings, spend: Callable[..., Path]) -> None:
    """The error says how to get one, or how to do without; no file is made."""
    with pytest.raises(NotThere, match="--self"):
        match.match(settings, spend(HEADER, "Acme Ltd,,"), BOTH)

    assert not settings.data_dir.exists()


def test_what_came_of_it_is_said_in_words(settings: Settings, spend: Callable[..., Path]) -> None:
    """The counts, the result's place, and that no register was asked."""
    outcome = alone(settings, spend(HEADER, "Acme Ltd,,", "Various,,"))

    words = match.said(outcome)
    assert words.startswith("1 of 2 rows lead to 1 suppliers; 0 rows need a person's look. Written to ")
    assert "No register is loaded" in words

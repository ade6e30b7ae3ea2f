"""Tests of what the extractors of registers share: layouts, dates in names, files in zips, and values."""

import re
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from extractors import registers
from extractors.registers import Layout, UnexpectedFile

LAYOUT = Layout(needed=("number", "name"), known=("note",))


def packed(path: Path, members: dict[str, bytes]) -> Path:
    """Write a zip."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, body in members.items():
            file.writestr(name, body)
    return path


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (["number"], "lacks the column 'name'"),
        (["number", "name", "surprise"], "has the unknown column 'surprise'"),
        (["number", "name", "name"], "repeats 'name'"),
    ],
)
def test_another_layout_is_told_with_file_column_and_next_action(columns: list[str], said: str) -> None:
    """Whoever reads the message knows which file and column it is about, and what to compare."""
    with pytest.raises(UnexpectedFile, match=said) as caught:
        LAYOUT.check(columns, "List.csv", "extractors/lists.py")

    assert "List.csv" in str(caught.value)
    assert "compare it with extractors/lists.py" in str(caught.value)


def test_blanks_around_a_column_and_a_lacking_column_that_nobody_needs_are_fine() -> None:
    """Published headers begin with blanks here and there, and a column that is not read may go."""
    LAYOUT.check([" number", "name "], "List.csv", "extractors/lists.py")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("BasicCompanyDataAsOneFile-2026-11-01.zip", date(2026, 11, 1)),
        ("charitydetails_2026_09_20_01_10_06.csv", date(2026, 9, 20)),
        ("CharityExport-Removed-17-Jul-2026.csv", date(2026, 7, 17)),
        ("20261122.csv", date(2026, 11, 22)),
        ("2026-13-45.csv", None),
        ("SocietyList.csv", None),
        ("number-123456789.csv", None),
    ],
)
def test_the_date_of_a_file_is_read_from_its_name(name: str, expected: date | None) -> None:
    """The forms are those of the registers; a number that is no date is none."""
    assert registers.vintage_of(name) == expected


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    """A member that would become far more than its packed size is refused before a byte of it is written."""
    path = packed(tmp_path / "list.zip", {"list.csv": b"0" * 5_000_000})
    [file] = registers.published([path], re.compile("csv"))

    with pytest.raises(UnexpectedFile, match="not unpacked"), registers.opened(file):
        pass


def test_a_member_over_the_cap_is_not_unpacked(tmp_path: Path) -> None:
    """What is larger than the register can be is refused, however well it is packed."""
    path = packed(tmp_path / "list.zip", {"list.csv": b"number,name\n" + bytes(range(256)) * 100})
    [file] = registers.published([path], re.compile("csv"))

    with pytest.raises(UnexpectedFile, match="not unpacked"), registers.opened(file, largest=1_000):
        pass


def test_a_zip_whose_bytes_are_damaged_is_told(tmp_path: Path) -> None:
    """The checksum inside the zip is compared, and the message says to get the file again."""
    path = tmp_path / "list.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as file:
        file.writestr("list.csv", b"number,name\n1,One\n")
    path.write_bytes(path.read_bytes().replace(b"1,One", b"1,Two"))
    [found] = registers.published([path], re.compile("csv"))

    with pytest.raises(UnexpectedFile, match=r"damaged .* Get it again"):
        registers.table(found, LAYOUT, "extractors/lists.py")


def test_a_zip_that_was_cut_short_is_told(tmp_path: Path) -> None:
    """Half a zip is no zip."""
    path = packed(tmp_path / "list.zip", {"list.csv": b"number,name\n"})
    path.write_bytes(path.read_bytes()[:-30])

    with pytest.raises(UnexpectedFile, match="no readable zip"):
        registers.published([path], re.compile("csv"))


def test_what_an_archiver_leaves_in_a_zip_is_passed_over(tmp_path: Path) -> None:
    """A zip made by hand on a Mac holds the register and litter beside it."""
    path = packed(tmp_path / "list.zip", {"__MACOSX/._list.csv": b"x", "folder/list.csv": b"number,name\n", ".DS": b""})

    assert [file.name for file in registers.published([path], re.compile("csv"))] == ["list.csv"]


def test_a_row_with_other_fields_than_the_header_names_its_line(tmp_path: Path) -> None:
    """A row that is not as wide as the header is not guessed at."""
    path = tmp_path / "list.csv"
    path.write_text("number,name\n1,One\n2\n")
    [file] = registers.published([path], re.compile("csv"))

    with pytest.raises(UnexpectedFile, match=r"list\.csv, line 3: 1 fields where the header names 2"):
        registers.table(file, LAYOUT, "extractors/lists.py")


def test_values_are_read_or_null_and_never_guessed() -> None:
    """Postcodes, dates and amounts that are none become null, not something else."""
    frame = pl.DataFrame(
        {
            "postcode": ["ls14ab", "EC1A 1BB", "n/a", None],
            "address": ["1 Road, Leeds, LS1 4AB", "LS1 4AB House, York", "York YO1 1AA.", None],
            "day": ["02/03/2015", "31/02/2015", "2015-03-02T00:00:00", ""],
            "amount": ["£1,250.50", "4200000", "unknown", None],
        }
    ).select(
        registers.postcode(pl.col("postcode")),
        registers.last_postcode(pl.col("address")),
        registers.day(pl.col("day"), "%d/%m/%Y", "%Y-%m-%d"),
        registers.pounds(pl.col("amount")),
    )

    assert frame["postcode"].to_list() == ["LS1 4AB", "EC1A 1BB", None, None]
    assert frame["address"].to_list() == ["LS1 4AB", None, "YO1 1AA", None]
    assert frame["day"].to_list() == [date(2015, 3, 2), None, date(2015, 3, 2), None]
    assert frame["amount"].to_list() == [Decimal("1250.50"), Decimal(4200000), None, None]

"""Tests of the registers of charities, on made-up files in the published forms."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from extractors import charity_registers, made_up_registers
from extractors.made_up_registers import (
    CCNI,
    CCNI_COLUMNS,
    COMMISSION,
    OSCR,
    OSCR_COLUMNS,
    OSCR_FORMER,
    OSCR_FORMER_COLUMNS,
    OTHER_NAMES,
    as_csv,
    as_json,
    as_tabs,
    zipped,
)
from extractors.registers import UnexpectedFile

VINTAGE = date(2026, 11, 20)
Tables = dict[str, pl.DataFrame]
Read = Callable[[Sequence[Path], Path, date], None]


def read(reader: Read, folder: Path, files: dict[str, bytes]) -> Tables:
    """Write the files, read them, return the tables."""
    paths = [folder / name for name in files]
    for path, body in zip(paths, files.values(), strict=True):
        path.write_bytes(body)
    reader(paths, folder, VINTAGE)
    return {table: pl.read_parquet(folder / f"{table}.parquet") for table in ("organisation", "name", "relation")}


def commission(folder: Path, form: str = "json") -> Tables:
    """Read the made-up extract of the Charity Commission in one of its forms."""
    write = {"json": as_json, "txt": as_tabs}[form]
    return read(
        charity_registers.read_commission,
        folder,
        {
            "publicextract.charity.zip": zipped(f"publicextract.charity.{form}", write(COMMISSION)),
            "publicextract.charity_other_names.zip": zipped(
                f"publicextract.charity_other_names.{form}", write(OTHER_NAMES)
            ),
        },
    )


def test_a_charity_is_told_with_income_and_company_number(tmp_path: Path) -> None:
    """The company number that had lost its noughts leads to the company."""
    tables = commission(tmp_path)
    charity = tables["organisation"].row(by_predicate=pl.col("org_id") == "GB-CHC-1190001", named=True)

    assert charity["name"] == "WENTWORTH TRUST"
    assert charity["income_gbp"] == Decimal("125000.00")
    assert charity["income_on"] == date(2026, 3, 31)
    assert ("GB-CHC-1190001", "GB-COH-00900005", "same_as") in tables["relation"].select(
        "org_id", "other_org_id", "kind"
    ).rows()


def test_a_linked_charity_has_its_suffix_and_its_parent_and_not_its_parents_company(tmp_path: Path) -> None:
    """The main charity's company number stands in the linked one's row, and is not its own."""
    relation = commission(tmp_path)["relation"].filter(pl.col("org_id") == "GB-CHC-1190001-1")

    assert relation.select("other_org_id", "kind").rows() == [("GB-CHC-1190001", "parent")]


def test_working_and_previous_names_are_told_apart(tmp_path: Path) -> None:
    """A charity known only by its working name is found."""
    name = commission(tmp_path)["name"]

    assert set(name.filter(pl.col("org_id") == "GB-CHC-1190001").select("name", "kind").rows()) == {
        ("WENTWORTH TRUST", "current"),
        ("Wentworth Advice Line", "other"),
        ("WENTWORTH CITIZENS' BUREAU", "previous"),
    }


def test_a_removed_charity_stays_with_its_last_day_and_no_company_of_noughts(tmp_path: Path) -> None:
    """A nought is what is entered where there is no company."""
    tables = commission(tmp_path)
    removed = tables["organisation"].row(by_predicate=pl.col("org_id") == "GB-CHC-219990", named=True)

    assert (removed["status"], removed["ended_on"]) == ("removed", date(2021, 6, 30))
    assert tables["relation"].filter(pl.col("org_id") == "GB-CHC-219990").is_empty()


def test_json_and_text_tell_the_same(tmp_path: Path) -> None:
    """Whichever form of the extract is at hand will do."""
    (tmp_path / "json").mkdir()
    (tmp_path / "txt").mkdir()

    assert {name: frame.rows() for name, frame in commission(tmp_path / "json").items()} == {
        name: frame.rows() for name, frame in commission(tmp_path / "txt", "txt").items()
    }


def test_without_the_other_names_the_charities_own_names_are_read(tmp_path: Path) -> None:
    """The table of other names may be absent."""
    tables = read(charity_registers.read_commission, tmp_path, {"publicextract.charity.json": as_json(COMMISSION)})

    assert tables["name"]["kind"].unique().to_list() == ["current"]


def test_the_date_of_the_extract_stands_in_its_rows(tmp_path: Path) -> None:
    """The files carry no date in their names."""
    path = tmp_path / "publicextract.charity.zip"
    path.write_bytes(zipped("publicextract.charity.json", as_json(COMMISSION)))

    assert charity_registers.commission_vintage([path]) == date(2026, 11, 20)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (as_json(COMMISSION)[:-40], "ends in the middle of a row"),
        (as_json([dict(row) | {"charity_mood": "good"} for row in COMMISSION]), "unknown column 'charity_mood'"),
        (as_json([{"charity_name": "X"}]), "lacks the column"),
        (b"[1, 2]", "where a row was expected"),
        (as_tabs(COMMISSION) + b"half\ta row\r\n", "take the JSON extract instead"),
    ],
)
def test_an_extract_that_is_damaged_or_of_another_layout_is_refused(tmp_path: Path, body: bytes, said: str) -> None:
    """Nothing is read of a file that is not as it was."""
    with pytest.raises(UnexpectedFile, match=said):
        read(charity_registers.read_commission, tmp_path, {"publicextract.charity.json": body})


def test_an_array_longer_than_what_is_read_at_a_time_is_read_whole(tmp_path: Path) -> None:
    """Rows that lie across the border between two readings are neither lost nor torn, nor are letters of two bytes."""
    rows = [
        dict(COMMISSION[0]) | {"registered_charity_number": 1_100_000 + n, "charity_name": "é" * 301}
        for n in range(2_000)
    ]
    organisation = read(charity_registers.read_commission, tmp_path, {"publicextract.charity.json": as_json(rows)})[
        "organisation"
    ]

    assert organisation.height == 2_000
    assert organisation["name"].unique().to_list() == ["é" * 301]


# --- Scotland ----------------------------------------------------------------------------------------------------


def oscr(folder: Path) -> Tables:
    """Read the made-up register and former register of Scotland."""
    return read(
        charity_registers.read_oscr,
        folder,
        {
            "charity-register.zip": zipped("CharityExport-22-Nov-2026.csv", as_csv(OSCR_COLUMNS, OSCR)),
            "charity-former-register.zip": zipped(
                "CharityExport-Removed-22-Nov-2026.csv", as_csv(OSCR_FORMER_COLUMNS, OSCR_FORMER)
            ),
        },
    )


def test_scotlands_charities_come_with_those_that_were_removed(tmp_path: Path) -> None:
    """The two files are one register."""
    organisation = oscr(tmp_path)["organisation"].select("org_id", "status", "ended_on").rows()

    assert organisation == [
        ("GB-SC-SC090001", "active", None),
        ("GB-SC-SC090002", "active", None),
        ("GB-SC-SC080009", "removed", date(2019, 6, 5)),
    ]


def test_a_scottish_charity_has_its_form_purposes_other_name_and_parent(tmp_path: Path) -> None:
    """A parent in England and Wales is told by its number there."""
    tables = oscr(tmp_path)
    charity = tables["organisation"].row(0, named=True)

    assert charity["category"] == "SCIO (Scottish Charitable Incorporated Organisation)"
    assert charity["activities"] == "The advancement of education;The relief of those in need"
    assert charity["income_gbp"] == Decimal(54321)
    assert ("GB-SC-SC090001", "The Glen Trust", "other", None) in tables["name"].rows()
    assert tables["relation"].select("org_id", "other_org_id", "kind").rows() == [
        ("GB-SC-SC090002", "GB-CHC-1190001", "parent")
    ]


def test_the_date_of_scotlands_register_is_in_the_name_inside_the_zip(tmp_path: Path) -> None:
    """The address that it is fetched from tells none."""
    path = tmp_path / "charity-register.zip"
    path.write_bytes(zipped("CharityExport-22-Nov-2026.csv", as_csv(OSCR_COLUMNS, OSCR)))

    assert charity_registers.oscr_vintage([path]) == date(2026, 11, 22)


# --- Northern Ireland --------------------------------------------------------------------------------------------


def ccni(folder: Path, body: bytes | None = None) -> Tables:
    """Read the made-up export of Northern Ireland."""
    export = as_csv(CCNI_COLUMNS, CCNI, "cp1252") if body is None else body
    return read(charity_registers.read_ccni, folder, {"charitydetails_2026_11_22.csv": export})


def test_northern_irelands_charities_are_read_from_the_encoding_of_windows(tmp_path: Path) -> None:
    """Accents come through, and a grave accent stands for an apostrophe."""
    name = ccni(tmp_path)["name"].select("name", "kind").rows()

    assert name == [("Lagan Made'up Centre", "current"), ("Foyle Relief", "current"), ("The Café Centre", "other")]


def test_a_northern_irish_company_number_gets_its_letters(tmp_path: Path) -> None:
    """The export tells digits only, and a nought for no company."""
    assert ccni(tmp_path)["relation"].select("org_id", "other_org_id").rows() == [("GB-NIC-109001", "GB-COH-NI090123")]


def test_northern_irelands_status_income_and_postcode(tmp_path: Path) -> None:
    """Every status but removed is one of annual returns."""
    first, second = ccni(tmp_path)["organisation"].to_dicts()

    assert (first["status"], first["income_gbp"], first["income_on"], first["postcode"]) == (
        "active",
        Decimal(250000),
        date(2026, 3, 31),
        "BT1 1AA",
    )
    assert (second["status"], second["postcode"]) == ("removed", None)


@pytest.mark.parametrize("form", [commission, oscr, ccni])
def test_no_contact_details_reach_the_tables(tmp_path: Path, form: Callable[[Path], Tables]) -> None:
    """Telephone numbers, e-mail addresses and people's names stand in the files, and in nothing that is kept."""
    told = "".join(str(frame.rows()) for frame in form(tmp_path).values())

    assert [secret for secret in made_up_registers.SECRETS if secret in told] == []

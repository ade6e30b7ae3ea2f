"""Tests of the Mutuals Public Register, on a made-up list in the published form."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from extractors import mutuals
from extractors.made_up_registers import MUTUAL_COLUMNS, MUTUALS, as_csv
from extractors.registers import UnexpectedFile


def read(folder: Path, body: bytes | None = None) -> dict[str, pl.DataFrame]:
    """Read a list of societies; return the tables."""
    path = folder / "SocietyList-2026-11-22.csv"
    path.write_bytes(as_csv(MUTUAL_COLUMNS, MUTUALS, "cp1252") if body is None else body)
    mutuals.read([path], folder, date(2026, 11, 22))
    return {table: pl.read_parquet(folder / f"{table}.parquet") for table in ("organisation", "name", "relation")}


def test_a_society_is_told_with_what_it_is_registered_as(tmp_path: Path) -> None:
    """What tells a community benefit society from a co-operative is kept as published."""
    rows = read(tmp_path)["organisation"].select("org_id", "name", "status", "category", "postcode", "ended_on").rows()

    assert rows == [
        ("GB-MPR-9007R", "Newton Mutual Energy Limited", "active", "Registered Society", "YO1 1AA", None),
        ("GB-MPR-7900", "Fenland Café Society Limited", "active", "Community Benefit Society", "PE1 1AA", None),
        ("GB-MPR-1234R", "Gone Allotments Limited", "deregistered", "Registered Society", None, date(2011, 5, 4)),
    ]


def test_only_numbers_that_end_in_r_are_taken_to_companies_house(tmp_path: Path) -> None:
    """Under which letters Companies House keeps the others cannot be derived."""
    relation = read(tmp_path)["relation"].select("org_id", "other_org_id", "kind").rows()

    assert relation == [
        ("GB-MPR-9007R", "GB-COH-IP09007R", "same_as"),
        ("GB-MPR-1234R", "GB-COH-IP01234R", "same_as"),
    ]


def test_the_registers_own_spelling_of_its_header_is_needed(tmp_path: Path) -> None:
    """Should the register mend its spelling, the load says so instead of reading nothing."""
    body = as_csv(MUTUAL_COLUMNS, MUTUALS, "cp1252").replace(b"Registation", b"Registration")

    with pytest.raises(UnexpectedFile, match="lacks the column 'Full Registation Number'"):
        read(tmp_path, body)

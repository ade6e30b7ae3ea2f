"""The golden night: recorded notices go in, and every table comes out as it was when somebody last looked at it."""

import os
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from extractors import companies_house
from extractors.made_up_registers import Company, company_file, control, control_file
from extractors.standin import Fault, Kind
from flows import night, registers
from tests.flows import nights

GOLDEN = Path(__file__).resolve().parent.parent / "golden"
SHIPPED = ("area", "area_neighbour", "network_member", "peer", "published_figure")
NOTHING = ("buyer_override", "grant_award", "unpublished")
TABLES = [name for name in nights.MEANING if name not in (*SHIPPED, *NOTHING)]
"""What is shipped, or made of it, is looked at by tests of its own; so is what is nothing after this night."""

RENEW = "RENEW_GOLDEN"
"""Set to anything, this makes the tests write the tables instead of comparing them: see tests/golden/README.md."""


COMPANIES = (
    Company("FOSKAEVALE SUPPORTED LIVING LIMITED", "01902000", postcode="M20 2WZ"),
    Company("HELMSWARD DAY CARE C.I.C.", "07451236", "Community Interest Company", postcode="CV10 7RF"),
    Company(
        "PELLOW HOLDINGS LIMITED", "08812345", former=(("16/10/2025", "PELLOW PUMPS LIMITED"),), postcode="LA9 6NS"
    ),
    Company("WROTHIVFOLD HOMECARE LIMITED", "03628000", status="Liquidation", postcode="M20 2WZ"),
    Company("FOSKAEVALE GROUP PLC", "00900003", "Public Limited Company", postcode="EC1A 1BB"),
)
"""What Companies House says of some suppliers: an office elsewhere, a former name, a parent."""

CONTROL = (
    control("01902000", "Foskaevale Group Plc", "00900003", "England", "ownership-of-shares-75-to-100-percent"),
    control("03628000", "Foskaevale Group Plc", "00900003", "England", "ownership-of-shares-75-to-100-percent"),
)


def known(folder: Path) -> None:
    """Load what the registers say of suppliers of the golden night."""
    asked = nights.clock("2026-10-02 03:00")
    for name, register, body in (
        ("BasicCompanyDataAsOneFile-2026-10-01.csv", companies_house.REGISTER, company_file(COMPANIES)),
        (
            "persons-with-significant-control-snapshot-2026-10-01.txt",
            companies_house.CONTROL_REGISTER,
            control_file(CONTROL),
        ),
    ):
        path = folder / name
        path.write_bytes(body)
        registers.load(folder, register, asked, files=[path])


@pytest.fixture(scope="session")
def golden_tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    """Return the tables of the golden night, read from a service that loses rows and refuses now and then."""
    notices = (GOLDEN / "notices.jsonl").read_bytes().splitlines()
    folder = tmp_path_factory.mktemp("golden")
    known(folder)
    with nights.service(notices, Fault(Kind.ROWS_LOST), Fault(Kind.FORBIDDEN, every=4)) as server:
        own = nights.settings(folder, server.url).model_copy(update={"overrides": GOLDEN / "overrides.csv"})
        night.run(own, "backfill", nights.clock("2026-10-05 02:15"), first=date(2026, 9, 28), last=date(2026, 10, 4))
    found = nights.tables(own)
    # One period is enough to read: the others are made alike.
    return found | {"indicator_value": found["indicator_value"].filter(pl.col("period") == "ALL")}


@pytest.mark.parametrize("table", TABLES)
def test_the_golden_night_gives_the_golden_table(table: str, golden_tables: dict[str, pl.DataFrame]) -> None:
    """A table is, row by row, what is kept beside the tests; what differs is shown line by line."""
    path = GOLDEN / f"{table}.csv"
    # A row a line, whatever its texts hold, so that a change is one line of a diff.
    found = golden_tables[table].with_columns(pl.col(pl.String).str.replace_all(r"\r?\n", "⏎")).write_csv()
    if RENEW in os.environ:
        path.write_text(found, encoding="utf-8")
        pytest.skip(f"{path.name} was written anew: look at it with git diff")

    assert found.splitlines() == path.read_text(encoding="utf-8").splitlines()


def test_the_golden_night_has_something_to_show(golden_tables: dict[str, pl.DataFrame]) -> None:
    """Every golden table has rows of both services; kinds and statuses of amounts and of awards are among them."""
    award = golden_tables["award"]

    assert [table for table in TABLES if golden_tables[table].is_empty()] == []
    assert set(award["source"]) == set(night.SOURCES)
    assert set(award["value_status"]) >= {"ok", "zero", "placeholder", "missing", "foreign_currency"}
    assert set(award["value_kind"]) >= {"contract", "call_off", "framework_ceiling", "suspected_ceiling"}
    assert set(award["status"]) >= {"active", "cancelled", "unsuccessful"}
    assert set(golden_tables["award_version"]["status"]) >= {"intended", "active"}
    assert (
        award["duplicate_of"].drop_nulls().len() == golden_tables["procurement"]["duplicate_of"].drop_nulls().len() == 1
    )

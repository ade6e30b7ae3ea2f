"""Where suppliers are, night by night: notices, registers and buyers in any order, and a rebuild finds the same."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from extractors.made_up_registers import Company, company_file
from flows import night, postcodes, registers
from flows.settings import Settings
from tests.flows import nights
from tests.flows.test_postcodes import zipped
from transforms import places

FIRST = date(2026, 10, 1)

PLACING = (night.digest, night.link, night.name, night.match, night.size, night.settle)
"""The night as far as it says where suppliers are."""

TOLD = ("award_line", "supplier", "supplier_mention", "buyer")

LEEDS, YORK = "E08000035", "E06000014"

QUENNER = Company("QUENNER SUPPLIES LIMITED", "19000301", postcode="LS1 4AB")


def notice(number: int, day: str, address: str, *, buyer: str = "Leeds City Council") -> nights.Told:
    """Make up a notice: a council awards a contract to Quenner Supplies at this address."""
    told = nights.award(number, day, {"name": "Quenner Supplies Ltd", "id": "GB-COH-19000301"})
    told["parties"][0] |= {"id": f"GB-CFS-{900 + number}", "name": buyer, "identifier": {}}
    told["buyer"] = {"id": f"GB-CFS-{900 + number}", "name": buyer}
    told["parties"][1]["address"]["streetAddress"] = address
    return told


class Placed:
    """A warehouse at work, each night at a time of its own."""

    def __init__(self, folder: Path) -> None:
        """Begin with nothing."""
        self.own: Settings = nights.settings(folder)
        self.number = 0

    def run(self, kind: Any, **days: date) -> None:
        """Run a night."""
        self.number += 1
        night.run(self.own, kind, nights.clock(f"2026-12-01 02:{self.number:02}"), PLACING, **days)

    def tell(self, *notices: nights.Told) -> None:
        """Archive notices under a day of their own, and run its night."""
        day = FIRST + timedelta(days=self.number)
        nights.bring(self.own, day, notices)
        self.run("backfill", first=day, last=day)

    def load(self, *companies: Company) -> None:
        """Load a register of companies, and run a night that brings nothing else."""
        path = self.own.data_dir / "BasicCompanyDataAsOneFile-2026-11-01.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(company_file(companies))
        registers.load(self.own.data_dir, "companies-house", nights.clock("2026-11-22 03:00"), files=[path])
        self.tell()

    def tables(self) -> dict[str, pl.DataFrame]:
        """Read what says where suppliers are."""
        return nights.tables(self.own, TOLD)

    def line(self, number: int) -> Mapping[str, Any]:
        """Return the line of an award."""
        lines = self.tables()["award_line"]
        return lines.row(by_predicate=pl.col("award_id").str.ends_with(f"-{number:012}-1"), named=True)

    def supplier(self, number: int) -> Mapping[str, Any]:
        """Return the supplier of an award."""
        suppliers = self.tables()["supplier"]
        return suppliers.row(by_predicate=pl.col("supplier_id") == self.line(number)["supplier_id"], named=True)


@pytest.fixture
def placed(tmp_path: Path) -> Placed:
    """Return a warehouse of its own."""
    return Placed(tmp_path)


NOTICES = (
    notice(1, "2026-10-01", "1 Quay Street, Mellowby"),
    notice(2, "2026-10-01", "1 Quay Street, YO1 7EP", buyer="City of York Council"),
    notice(3, "2026-10-01", "1 Quay Street, London"),
)


def test_a_line_says_where_its_notice_has_the_supplier(placed: Placed) -> None:
    """Postcode, region and nothing are told apart, each with its basis; without a register no head office is known."""
    placed.tell(*NOTICES)
    bases = [placed.line(number)["location_basis"] for number in (1, 2, 3)]

    assert bases == ["unknown", "notice_address_postcode", "notice_address_town"]
    assert [placed.line(number)["is_local_authority"] for number in (1, 2, 3)] == [None, True, False]
    assert [placed.line(number)["is_local_county"] for number in (1, 2, 3)] == [None, True, False]
    assert [placed.line(number)["is_head_office_local"] for number in (1, 2, 3)] == [None, None, None]
    assert placed.line(2)["distance_km"] < 10
    assert placed.line(2)["location_vintage"] == places.shipped().vintage


def test_a_register_fills_in_and_never_moves(placed: Placed) -> None:
    """Loaded later, a register tells where the notice does not, and where the head office is; the rest stays."""
    placed.tell(*NOTICES)
    placed.load(QUENNER)
    told = [placed.line(number) for number in (1, 2, 3)]

    assert [line["location_basis"] for line in told] == [
        "registered_office", "notice_address_postcode", "notice_address_town",
    ]  # fmt: skip
    assert [line["supplier_area_code"] for line in told] == [LEEDS, YORK, None]
    assert [line["is_local_authority"] for line in told] == [True, True, False]
    assert [line["is_head_office_local"] for line in told] == [True, False, True]
    assert placed.supplier(1)["place_basis"] == "registered_office"


@pytest.mark.parametrize("is_early", [True, False])
def test_a_rebuild_and_a_repetition_find_the_same(placed: Placed, is_early: bool) -> None:
    """Whenever the register came, notices told again change nothing, and a rebuild says the same of every line."""
    if is_early:
        placed.load(QUENNER)
    placed.tell(*NOTICES)
    if not is_early:
        placed.load(QUENNER)
    before = placed.tables()
    placed.tell(*NOTICES)
    again = placed.tables()
    placed.run("rebuild")

    assert before["award_line"]["location_basis"].n_unique() == 3
    assert not nights.differences(before, again)
    assert not nights.differences(before, placed.tables())


def test_a_supplier_of_five_regions_is_national(placed: Placed) -> None:
    """The regions of the buyers that it won from are counted, each once, and five make a national footprint."""
    buyers = (
        "Leeds City Council",
        "City of York Council",
        "London Borough of Camden",
        "Kent County Council",
        "Cornwall Council",
        "Department of Nothing",
    )
    told = [notice(n, "2026-10-01", "1 Quay Street", buyer=buyer) for n, buyer in enumerate(buyers, 1)]
    placed.tell(*told)
    before = placed.supplier(1)
    placed.tell(notice(7, "2026-10-02", "1 Quay Street", buyer="Cardiff Council"))
    now = placed.supplier(1)

    assert (before["regions"], before["is_national"]) == (4, False)
    assert (now["regions"], now["is_national"]) == (5, True)


def test_another_buyer_changes_what_is_local(placed: Placed) -> None:
    """Told again with another buyer, a line says what is local to that one."""
    placed.tell(notice(1, "2026-10-01", "1 Quay Street, YO1 7EP"))
    before = placed.line(1)
    later = notice(1, "2026-10-02", "1 Quay Street, YO1 7EP", buyer="City of York Council")
    placed.tell(later | {"id": later["id"].removesuffix("1") + "2"})
    now = placed.line(1)

    assert (before["is_local_authority"], now["is_local_authority"]) == (False, True)
    assert now["distance_km"] < before["distance_km"]


def test_the_region_beside_an_address_reaches_mention_and_line(placed: Placed) -> None:
    """A region code is kept with the mention as written, and tells the region where no postcode does."""
    told = notice(1, "2026-10-01", "1 Quay Street, Mellowby")
    told["parties"][1]["address"]["region"] = "UKE42"
    placed.tell(told)
    line = placed.line(1)

    assert placed.tables()["supplier_mention"]["region"].to_list() == ["UKE42"]
    assert (line["supplier_region_code"], line["location_basis"]) == ("E12000003", "notice_region")
    assert (line["is_local_region"], line["is_local_authority"]) == (True, None)


def test_a_newer_directory_says_who_borders_on_whom(placed: Placed, tmp_path: Path) -> None:
    """With another postcode directory the statutory area is what borders by that one, in a rebuild and in a night."""
    told = notice(1, "2026-10-01", "1 Quay Street, NW1 1AA")
    placed.tell(told)
    before = placed.line(1)["is_local_statutory"]
    beside = zipped(tmp_path, ("LS1 4AB", LEEDS, 430_000, 433_000), ("NW1 1AA", "E09000007", 430_900, 433_000))
    postcodes.load(placed.own.data_dir, [beside], nights.clock("2026-11-22 03:00"))
    placed.run("rebuild")
    rebuilt = placed.line(1)
    placed.tell(told, notice(2, "2026-10-02", "1 Quay Street, NW1 1AA"))
    night_after = placed.line(2)

    assert before is False
    assert (rebuilt["is_local_statutory"], rebuilt["distance_km"]) == (True, 1)
    assert (night_after["is_local_statutory"], night_after["distance_km"]) == (True, 1)

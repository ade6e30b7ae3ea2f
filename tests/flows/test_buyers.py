"""Decisions of people about buyers: what they move is what a rebuild finds, and they can be taken back."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from extractors.overrides import COLUMNS, UnusableOverrides
from flows import buyers, night
from flows.settings import Settings
from tests.flows import nights
from warehouse.store import Warehouse

DAYS = (date(2026, 10, 1), date(2026, 10, 2), date(2026, 10, 30))
WITHOUT_ASKING = night.STEPS[1:-1]
TOLD = [name for name in nights.MEANING if name != "unpublished"]
"""The tables to compare; what readers have not been given yet is another matter."""


def by(name: str, number: int, published: str, *suppliers: nights.Told) -> nights.Told:
    """Return a notice of an award by a buyer of this name, under an id that is good for this notice only."""
    told = nights.award(number, published, *suppliers)
    for party in told["parties"]:
        if "buyer" in party["roles"]:
            party.update({"name": name, "id": f"GB-CFS-{number}"})
    return {**told, "buyer": {"name": name, "id": f"GB-CFS-{number}"}}


def notices() -> dict[date, list[nights.Told]]:
    """Return notices by the day on which they appear."""
    near, far = {"name": "Tarn Signs", "postcode": "LE4 2BR"}, {"name": "Pellow Pumps", "postcode": "LA9 6NS"}
    return {
        DAYS[0]: [
            by("Harlow Supplies Desk", 1, "2026-10-01", near),
            by("Leicester City Council", 2, "2026-10-01", far),
        ],
        DAYS[1]: [by("Harlow Supplies Desk", 3, "2026-10-02", far), by("Tender Box Online", 4, "2026-10-02", near)],
    }


class Nights:
    """Nights of one warehouse, over notices that are in its archive, with decisions of people."""

    def __init__(self, folder: Path) -> None:
        """Archive the notices and read them."""
        folder.mkdir()
        self.own: Settings = nights.settings(folder)
        self.number = 0
        for day, releases in notices().items():
            nights.bring(self.own, day, releases)
            self.run("backfill", first=day, last=day)

    def run(self, kind: night.Kind, **days: date) -> None:
        """Run a night, each at a time of its own."""
        self.number += 1
        night.run(self.own, kind, nights.clock(f"2026-12-01 02:{self.number:02}"), WITHOUT_ASKING, **days)

    def decide(self, *decisions: Mapping[str, str]) -> None:
        """Write decisions, and run a night on a day without notices."""
        path = self.own.data_dir / "overrides.csv"
        base = {"override_id": "1", "kind": "buyer", "reason": "Seen", "who": "A. Reader", "at": "2026-11-22"}
        lines = [",".join({**base, **told}.get(column, "") for column in COLUMNS) for told in decisions]
        path.write_text("\n".join([",".join(COLUMNS), *lines]) + "\n", encoding="utf-8")
        self.own = self.own.model_copy(update={"overrides": path})
        nights.bring(self.own, DAYS[2], [])
        self.run("backfill", first=DAYS[2], last=DAYS[2])

    def tables(self) -> dict[str, pl.DataFrame]:
        """Read the tables."""
        return nights.tables(self.own, TOLD)

    def line(self, number: int) -> dict[str, object]:
        """Return the line of an award with its buyer."""
        told = self.tables()
        award = told["award"].filter(pl.col("award_id").str.ends_with(f"-{number:012}-1"))
        joined = award.join(told["award_line"], on="award_id").join(told["buyer"], on="buyer_id")
        return joined.row(0, named=True)


@pytest.fixture
def begin(tmp_path: Path) -> Callable[[str], Nights]:
    """Return a function that begins a warehouse of its own."""
    return lambda name: Nights(tmp_path / name)


IS_COUNCIL = {"a": "Harlow Supplies Desk", "value": "E06000016"}
IS_PORTAL = {"override_id": "2", "a": "name:tender box online", "value": "portal"}


def test_a_decision_moves_what_its_buyer_published(begin: Callable[[str], Nights]) -> None:
    """A desk that a person knows for a council's is that council, and its suppliers are local to it or not."""
    own = begin("own")
    before = own.line(1)
    own.decide(IS_COUNCIL, IS_PORTAL)

    assert (before["buyer_id"], before["local_scope"]) == ("name:harlow supplies desk", "not_applicable")
    found = [own.line(number) for number in (1, 3)]
    assert [line["buyer_id"] for line in found] == ["GB-LAE-LCE", "GB-LAE-LCE"]
    assert [line["is_local_authority"] for line in found] == [True, False]
    assert found[0]["kind_reason"] == "decided by a person: Seen"
    assert own.line(4)["kind"] == "portal"


def test_a_decision_gives_what_a_rebuild_gives_and_its_revocation_what_was(begin: Callable[[str], Nights]) -> None:
    """Whatever is decided, and taken back, the tables are those of one rebuild with what stands."""
    own, other = begin("own"), begin("other")
    before = own.tables()
    own.decide(IS_COUNCIL, IS_PORTAL)
    decided = own.tables()
    own.run("rebuild")
    rebuilt = own.tables()
    other.decide(IS_COUNCIL, IS_PORTAL, {**IS_COUNCIL, "revoked_at": "2026-11-23"})
    other.decide(*({**one, "revoked_at": "2026-11-23"} for one in (IS_COUNCIL, IS_PORTAL)))

    assert nights.differences(decided, rebuilt) == {}
    after = other.tables()
    for told in (before, after):
        told.pop("coverage")
    assert nights.differences(before, after) == {}


def test_a_decision_that_stands_moves_nothing_again(begin: Callable[[str], Nights]) -> None:
    """A second night with the same decisions reads nothing again."""
    own = begin("own")
    own.decide(IS_COUNCIL)
    with Warehouse.open(own.own.warehouse_url.get_secret_value()) as warehouse:
        moved = buyers.moved(warehouse, buyers.known(own.own.overrides))

    assert (moved.buyers, moved.award.height, moved.file.height) == ([], 0, 0)


def test_a_decision_that_fits_nobody_is_told_by_the_night(
    begin: Callable[[str], Nights], caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever mistypes a buyer's name or a supplier's learns it from the night's warnings and its log."""
    own = begin("own")
    mistyped = {"override_id": "7", "a": "Harlow Suplies Desk", "value": "portal"}
    nobody = {"override_id": "8", "kind": "name", "a": "Tarn Sings", "value": "Tarn"}
    own.decide(IS_COUNCIL, IS_PORTAL, mistyped, nobody, {**nobody, "override_id": "9", "a": "Tarn Signs"})
    with Warehouse.open(own.own.warehouse_url.get_secret_value()) as warehouse:
        (told,) = warehouse.read("run").sort("started_at")["warnings"].tail(1)

    buyer, supplier = told.splitlines()
    assert (
        "1 decision about buyers in NOTICEBOARD_OVERRIDES had no effect, for nobody fits, by override_id: 7. See"
        in buyer
    )
    assert (
        "1 decision about suppliers in NOTICEBOARD_OVERRIDES had no effect, for nobody fits, by override_id: 8. See"
        in supplier
    )
    assert {buyer, supplier} <= {record.message for record in caplog.records if record.levelname == "WARNING"}


def test_an_agent_s_notice_for_one_council_is_that_council_s(begin: Callable[[str], Nights]) -> None:
    """What a portal published, with the council's name at the end of the title, is the council's; the rest is not."""
    own = begin("own")
    for number, title in ((7, "Works for Leicester City Council"), (8, "Works at site 8")):
        told = by("In-Tend e-Tendering", number, "2026-10-05", {"name": "Tarn Signs", "postcode": "LE4 2BR"})
        told["tender"]["title"] = title
        nights.bring(own.own, date(2026, 10, number), [told])
        own.run("backfill", first=date(2026, 10, number), last=date(2026, 10, number))
    found = own.tables()

    assert [own.line(number)["buyer_id"] for number in (7, 8)] == ["GB-LAE-LCE", "name:in tend e tendering"]
    assert [own.line(number)["is_local_authority"] for number in (7, 8)] == [True, None]
    assert [own.line(number)["kind"] for number in (7, 8)] == ["council", "portal"]
    assert found["procurement"].filter(pl.col("buyer_id") == "GB-LAE-LCE").height == 2
    own.run("rebuild")
    assert nights.differences(found, own.tables()) == {}


@pytest.mark.parametrize("value", ["ministry", "E99999999", "E12000007"])
def test_a_decision_for_what_there_is_not_stops_the_night(tmp_path: Path, value: str) -> None:
    """A kind or area that there is not must not be dropped silently; the error says what may be given."""
    path = tmp_path / "overrides.csv"
    path.write_text(f"{','.join(COLUMNS)}\n1,buyer,Some Desk,,{value},Seen,A,2026-11-22,\n", encoding="utf-8")

    with pytest.raises(UnusableOverrides, match="Give one of: council, combined_authority"):
        buyers.known(path)

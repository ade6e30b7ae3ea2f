"""The phrases of notices, as whole nights leave them: what the latest notice says, in whatever order notices came."""

import csv
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from flows import night
from flows.settings import Settings
from tests.flows import nights
from warehouse.store import Warehouse

FIRST, DAYS = date(2026, 9, 7), 4
"""A Monday, and the days on which the notices below are published."""

AFTER = "2026-10-01 02:15"

HOSTILE = "=cmd|'/C calc'!A0 bids from consortia are welcome"


def tender(number: int, day: int, description: str, version: int = 1) -> nights.Told:
    """Make up a notice of Contracts Finder that says all there is to say."""
    told = nights.award(number, f"2026-09-{day:02}", {"name": "Rowan Ltd"})
    told["tender"]["description"] = description
    told["id"] = told["id"][:-1] + str(version)
    return told


def change(number: int, day: int, **told: object) -> nights.Told:
    """Make up a notice of Find a Tender that says what changed of one procurement."""
    page = f"https://www.find-tender.service.gov.uk/Notice/{number:06}-2026"
    document = {"id": f"{number:06}-2026", "noticeType": "UK4", "url": page, "datePublished": f"2026-09-{day:02}"}
    return {
        "ocid": "ocds-h6vhtk-0c0001",
        "id": f"{number:06}-2026",
        "date": f"2026-09-{day:02}T11:00:00+01:00",
        "tag": ["tender" if number == 1 else "tenderUpdate"],
        "tender": {"id": "T1", "legalBasis": {"id": "2023/54"}, "documents": [document], **told},
        "parties": [{"id": "GB-PPON-1", "name": "Leeds City Council", "roles": ["buyer"]}],
        "buyer": {"id": "GB-PPON-1", "name": "Leeds City Council"},
    }


def lot(number: int, description: str, *criteria: str) -> nights.Told:
    """Make up a lot of Find a Tender."""
    told = {"criteria": [{"name": name, "description": "10"} for name in criteria]}
    return {"id": str(number), "title": f"Lot {number}", "description": description, "awardCriteria": told}


NOTICES = (
    tender(1, 7, "An alliance contract with providers."),
    tender(1, 9, "Works at the depot.", version=2),
    tender(2, 7, "Works at the depot."),
    tender(2, 10, "Co-designed with tenants.", version=2),
    tender(3, 8, HOSTILE),
    tender(4, 8, "Scanning by Alliance Medical Limited."),
    change(1, 7, title="Day care", lots=[lot(1, "A reserved contract.", "Price", "Social value"), lot(2, "Meals.")]),
    change(2, 8, lots=[lot(1, "Day care in town.", "Price", "Social value")]),
    change(3, 10, title="Day care, co-produced"),
)

LEFT = [
    ("ocds-b5fd17-00000000-0000-4000-8000-000000000002", "co_design.design", "description", None),
    ("ocds-b5fd17-00000000-0000-4000-8000-000000000003", "consortium.bids", "description", None),
    ("ocds-h6vhtk-0c0001", "co_design.production", "title", None),
    ("ocds-h6vhtk-0c0001", "social_value.term", "award_criteria", "1"),
]
"""What is left of these phrases when all notices are read."""


MATCHING = tuple(step for step in night.STEPS if step not in (night.measure, night.publish))
"""The night as far as phrases need it: no figure is made of them."""


def phrases(own: Settings) -> list[tuple[str, ...]]:
    """Return what a warehouse holds of phrases."""
    told = nights.tables(own, ["text_match"])["text_match"]
    return told.select("procurement_id", "rule_id", "field", "lot_id").rows()


def backfill(own: Settings, first: date, last: date, *, publish: bool = False) -> None:
    """Read some days from the stand-in."""
    night.run(own, "backfill", nights.clock(AFTER), night.STEPS if publish else MATCHING, first=first, last=last)


@pytest.mark.parametrize("order", [range(DAYS), range(DAYS - 1, -1, -1)], ids=["forwards", "backwards"])
def test_the_latest_notice_decides_whatever_the_order(order: Sequence[int], tmp_path: Path) -> None:
    """Days read in any order, one at a time, leave the phrases of the latest notices, and so does a rebuild."""
    with nights.service(NOTICES) as server:
        own = nights.settings(tmp_path, server.url)
        for number in order:
            backfill(own, FIRST + timedelta(days=number), FIRST + timedelta(days=number))
    one_by_one = nights.tables(own, ["text_match"])
    night.run(own, "rebuild", nights.clock("2026-10-02 02:15"), MATCHING)

    assert one_by_one["text_match"].select("procurement_id", "rule_id", "field", "lot_id").rows() == LEFT
    assert nights.differences(one_by_one, nights.tables(own, ["text_match"])) == {}


def test_both_engines_hold_and_count_the_same_phrases(tmp_path: Path, warehouse_url: str) -> None:
    """All days at once, and then the first again, leave the phrases of the latest notices on each engine."""
    types = {"family": pl.String(), "source": pl.String(), "procurements": pl.Int64(), "phrases": pl.Int64()}
    with nights.service(NOTICES) as server:
        own = nights.settings(tmp_path, server.url, warehouse_url)
        backfill(own, FIRST, FIRST + timedelta(days=DAYS - 1))
        backfill(own, FIRST, FIRST)
    with Warehouse.open(warehouse_url) as warehouse:
        counts = warehouse.query(f"SELECT {', '.join(types)} FROM out_text_match_count", types)

    assert phrases(own) == LEFT
    assert counts.sort("family", "source").rows() == [
        ("co_design", "contracts-finder", 1, 1),
        ("co_design", "find-a-tender", 1, 1),
        ("consortium", "contracts-finder", 1, 1),
        ("social_value", "find-a-tender", 1, 1),
    ]


def test_a_phrase_lives_as_long_as_the_notice_that_tells_it(tmp_path: Path) -> None:
    """What the first day says is there after it, and gone when a later notice says otherwise."""
    with nights.service(NOTICES) as server:
        own = nights.settings(tmp_path, server.url)
        backfill(own, FIRST, FIRST)
        first = phrases(own)
        backfill(own, FIRST, FIRST + timedelta(days=DAYS - 1))

    assert {rule for _, rule, *_ in first} == {"alliance.contract", "reserved.contract", "social_value.term"}
    assert phrases(own) == LEFT


def test_snapshot_and_export_follow(tmp_path: Path) -> None:
    """A night that takes phrases away writes the months of both anew; the export neutralises excerpts."""
    with nights.service(NOTICES) as server:
        own = nights.settings(tmp_path, server.url)
        backfill(own, FIRST, FIRST, publish=True)
        backfill(own, FIRST, FIRST + timedelta(days=DAYS - 1), publish=True)
    kept = nights.tables(own, ["text_match"])
    with (own.export_dir / "latest" / "text_matches.csv").open(encoding="utf-8", newline="") as file:
        rows = {(row["procurement_id"], row["rule_id"]): row for row in csv.DictReader(file)}

    assert nights.differences(kept, nights.published(own, ["text_match"])) == {}
    assert sorted(rows) == [(key, rule) for key, rule, *_ in LEFT]
    assert rows[LEFT[1][:2]]["excerpt"] == f"'{HOSTILE}"
    assert all(row["notice_url"].startswith("https://www.") for row in rows.values())


def test_a_second_reading_changes_nothing(tmp_path: Path) -> None:
    """A night that reads the same days again leaves every row as it was, and marks no month of them."""
    with nights.service(NOTICES) as server:
        own = nights.settings(tmp_path, server.url)
        for _ in range(2):
            backfill(own, FIRST, FIRST + timedelta(days=DAYS - 1), publish=True)
        backfill(own, FIRST, FIRST + timedelta(days=DAYS - 1))
    marks = nights.tables(own, ["unpublished"])["unpublished"]

    assert phrases(own) == LEFT
    assert marks.filter(pl.col("table_name") == "text_match").is_empty()

"""Who stands as buyer for others, and how many awards have a known buyer: counted by hand, on both engines."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from tests.warehouse import filled
from warehouse.store import Warehouse

BUYERS = (
    {"buyer_id": "c", "name": "Leeds", "area_code": "E08000035", "kind": "council", "match_method": "name"},
    {"buyer_id": "p", "name": "EU Supply", "kind": "portal", "kind_reason": "reviewed name: EU Supply"},
    {"buyer_id": "s", "name": "Kent Police", "area_code": "E23000032", "kind": "police", "match_method": "override"},
    {"buyer_id": "h", "name": "A Trust", "kind": "health", "match_method": "none"},
    {"buyer_id": "o", "name": "Mellow Council", "kind": "other", "match_method": "none"},
)
AWARDS = (
    filled.award("a1", buyer_id="c", buyer_name="Leeds City Council"),
    filled.award("a2", buyer_id="c", buyer_name="Leeds City Council"),
    filled.award("a3", buyer_id="p", buyer_name="EU Supply", amount_gbp=Decimal(70)),
    filled.award("a4", buyer_id="p", buyer_name="EU Supply", is_core=False, value_kind="framework_ceiling"),
    filled.award("a5", buyer_id="s", buyer_name="Kent Police"),
    filled.award("a6", buyer_id="h", buyer_name="A Trust"),
    filled.award("a7", buyer_id="o", buyer_name="MELLOW COUNCIL"),
    filled.award("a8", buyer_id=None, buyer_name=None, awarded_on=date(2025, 4, 1)),
)
RELEASES = tuple(
    {"source": "contracts-finder", "ocid": "ocds-b5fd17-a3", "release_id": number, "content_hash": "h"}
    for number in ("1", "2")
)


@pytest.fixture(name="filled_url")
def _filled_url(warehouse_url: str) -> str:
    procurements = [
        {"procurement_id": f"p-a{n}", "source": "contracts-finder", "ocid": f"ocds-b5fd17-a{n}", "buyer_id": "p"}
        for n in (3, 4)
    ]
    tables = {"buyer": BUYERS, "award": AWARDS, "procurement": procurements, "release": RELEASES}
    with Warehouse.open(warehouse_url) as warehouse, warehouse.transaction():
        for table, rows in tables.items():
            whole = [{"release_id": "1", "tag": "award", **row} if table == "release" else row for row in rows]
            warehouse.bulk_upsert(table, filled.frame(table, *whole))
        warehouse.bulk_upsert(
            "ceiling",
            filled.frame(
                "ceiling",
                {"award_id": "a4", "procurement_id": "p-a4", "value_kind": "framework_ceiling", "reason": "framework"},
            ),
        )
    return warehouse_url


def test_who_buys_for_others_is_told_with_what_it_published(filled_url: str) -> None:
    """A portal's procurements, notices, awards and pounds, and why it is taken for one; nobody else is there."""
    counts = ("procurements", "notices", "awards", "core_awards", "priced_awards", "ceilings")
    types = {"buyer_id": pl.String(), "kind_reason": pl.String(), "value_gbp": pl.Decimal(18, 2)}
    with Warehouse.open(filled_url) as warehouse:
        (row,) = warehouse.query(
            f"SELECT buyer_id, kind_reason, value_gbp, {', '.join(counts)} FROM out_not_buyer",
            {**types, **dict.fromkeys(counts, pl.Int64())},
        ).iter_rows(named=True)

    assert (row["buyer_id"], row["kind_reason"]) == ("p", "reviewed name: EU Supply")
    assert [row[name] for name in counts] == [2, 3, 2, 1, 1, 1]
    assert row["value_gbp"] == Decimal(70)


def test_every_award_has_a_buyer_that_is_known_or_is_counted_as_unknown(filled_url: str) -> None:
    """Awards by what is known of their buyer, by year; the parts add up."""
    counts = (
        "awards", "council_awards", "police_fire_awards", "other_kind_awards", "not_buyer_awards", "unmatched_awards",
        "like_council_awards", "by_name_awards", "by_decision_awards",
    )  # fmt: skip
    with Warehouse.open(filled_url) as warehouse:
        rows = warehouse.query(
            f"SELECT financial_year, council_match_share, {', '.join(counts)} FROM out_buyer_match ORDER BY 1",
            {
                "financial_year": pl.String(),
                "council_match_share": pl.Float64(),
                **dict.fromkeys(counts, pl.Int64()),
            },
        ).rows(named=True)

    assert [[row[name] for name in counts] for row in rows] == [
        [7, 2, 1, 1, 2, 1, 1, 2, 1],
        [1, 0, 0, 0, 0, 1, 0, 0, 0],
    ]
    assert [row["financial_year"] for row in rows] == ["FY2024-25", "FY2025-26"]
    assert rows[0]["council_match_share"] == pytest.approx(2 / 3)
    assert rows[1]["council_match_share"] is None

"""Corrections: what readers hold beside what they are about to get, each difference once and with its reason."""

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.warehouse import filled
from warehouse import schema
from warehouse.publish import corrections, snapshot
from warehouse.publish.snapshot import files, read_manifest
from warehouse.store import Warehouse

FIRST, NOW = "2025-09-01-021500000-nightly", "2025-09-02-021500000-nightly"
AMENDED = "a later notice amends it: release r2"
LINKED = "the supplier was linked otherwise, by other notices"
ANEW = "it was worked out anew from other notices"

Row = dict[str, Any]
Change = Callable[[Warehouse], None]


def award(name: str, **told: Any) -> Row:
    """Return an award that release r1 tells."""
    return filled.award(name, release_id="r1", content_hash="h1", **told)


def again(name: str, **told: Any) -> Row:
    """Return an award that release r2 tells two months later."""
    later = filled.JULY + timedelta(days=70)
    return filled.award(name, **{"release_id": "r2", "content_hash": "h2", "published_at": later} | told)


def line(owner: str, number: int, supplier: str | None, **told: Any) -> Row:
    """Return an award line."""
    return filled.line(owner, number, supplier, mention_id=f"{owner}#{number}", **told)


def frames() -> dict[str, pl.DataFrame]:
    """Return the awards that were published."""
    return {
        "award": filled.frame("award", award("a1"), award("a2", published_at=filled.AUGUST), award("a3", tier=None)),
        "award_line": filled.frame(
            "award_line",
            line("a1", 1, "S1", value_gbp=Decimal("1000.10"), is_local_authority=True),
            line("a1", 2, "S2"),
            line("a2", 1, None, vcse_declared=True),
        ),
        "supplier_mention": filled.frame(
            "supplier_mention",
            *(
                {"mention_id": f"a1#{n}", "award_id": "a1", "supplier_name": f"Name {n}", "published_at": filled.JULY}
                for n in (1, 2)
            ),
        ),
    }


def write(warehouse: Warehouse, *rows: Row) -> None:
    """Write rows of award and award_line, and mark every month that is or was touched."""
    for table in ("award", "award_line"):
        of_table = [row for row in rows if ("mention_id" in row) == (table == "award_line")]
        warehouse.bulk_upsert(table, filled.frame(table, *of_table))


def marks(warehouse: Warehouse) -> set[tuple[str, str]]:
    """Mark every month that is held."""
    return {(table, month) for table in corrections.WATCHED for month in warehouse.partitions(table)}


@pytest.fixture
def warehouse(warehouse_url: str) -> Iterator[Warehouse]:
    """Return a warehouse with the awards that were published, on each engine."""
    with Warehouse.open(warehouse_url) as opened:
        filled.fill(opened, **frames())
        yield opened


@pytest.fixture
def published(warehouse: Warehouse, tmp_path: Path) -> Path:
    """Return the snapshot of that warehouse."""
    return publish(warehouse, tmp_path)


def publish(warehouse: Warehouse, root: Path) -> Path:
    """Publish a snapshot by the rules 1."""
    return snapshot.publish_snapshot(warehouse, root, FIRST, {"run_id": FIRST, "rules_version": "1"})


def found(
    published: Path | None, warehouse: Warehouse, marked: set[tuple[str, str]] | None = None, rules: str = "1"
) -> list[tuple[Any, ...]]:
    """Return ``row_id, field, old, new, reason`` of every correction, in order."""
    parts = list(corrections.find(published, warehouse, marks(warehouse) if marked is None else marked, NOW, rules))
    told = pl.concat([schema.empty("correction"), *parts])
    return sorted(told.select("row_id", "field", "old", "new", "reason").rows(), key=lambda row: row[:2])


def test_a_first_snapshot_corrects_nothing(warehouse: Warehouse) -> None:
    """Before the first publication there is nothing to correct."""
    assert found(None, warehouse) == []


def test_what_did_not_change_is_no_correction(warehouse: Warehouse, published: Path) -> None:
    """The same warehouse again, every month marked, gives no row."""
    assert found(published, warehouse) == []


def test_a_new_row_is_no_correction(warehouse: Warehouse, published: Path) -> None:
    """An award that was not published before, with its line, corrects nothing."""
    write(warehouse, award("a4"), line("a4", 1, "S1"), line("a3", 1, "S1"))

    assert found(published, warehouse) == []


AWARD: dict[str, tuple[Any, str | None, str | None]] = {
    "status": ("terminated", "active", "terminated"),
    "awarded_on": (date(2025, 4, 1), "2025-03-31", "2025-04-01"),
    "signed_on": (date(2025, 4, 2), None, "2025-04-02"),
    "starts_on": (date(2026, 1, 1), None, "2026-01-01"),
    "ends_on": (date(2122, 1, 1), None, "2122-01-01"),
    "ends_latest_on": (date(2124, 1, 1), None, "2124-01-01"),
    "cpv_code": ("45000000", None, "45000000"),
    "currency": ("EUR", None, "EUR"),
    "amount_gbp": (Decimal("0.00"), "1000.10", "0.00"),
    "amount_gross_gbp": (Decimal("1200.12"), None, "1200.12"),
    "amount_basis": ("gross_only", None, "gross_only"),
    "annualised_gbp": (Decimal("10.50"), None, "10.50"),
    "value_kind": ("call_off", "contract", "call_off"),
    "value_status": (None, "ok", None),
    "tier": ("large", "small", "large"),
    "is_mega": (True, "false", "true"),
    "is_large_for_buyer": (False, None, "false"),
    "is_core": (None, "true", None),
    "duplicate_of": ("a2", None, "a2"),
    "buyer_id": ("royal hospital", "GB-LAE-HAV", "royal hospital"),
    "supplier_count": (12, "1", "12"),
    "bids": (9, None, "9"),
    "bids_sme": (0, None, "0"),
    "bids_vcse": (1, None, "1"),
}
LINE: dict[str, tuple[Any, str | None, str | None]] = {
    "supplier_id": (None, "S1", None),
    "supplier_area_code": ("E09000016", None, "E09000016"),
    "supplier_region_code": ("E12000007", None, "E12000007"),
    "is_local_authority": (False, "true", "false"),
    "is_local_county": (True, None, "true"),
    "is_local_statutory": (True, None, "true"),
    "is_local_region": (True, None, "true"),
    "is_uk": (True, None, "true"),
    "is_head_office_local": (False, None, "false"),
    "location_basis": ("unknown", None, "unknown"),
    "vcse_declared": (True, None, "true"),
    "vcse_status": ("yes", None, "yes"),
    "scale_declared": ("sme", None, "sme"),
    "value_gbp": (Decimal("999.90"), "1000.10", "999.90"),
}


def test_every_watched_column_is_compared(warehouse: Warehouse, published: Path) -> None:
    """Each watched column that a later notice in another month changed is one row, with both values as text."""
    write(
        warehouse,
        again("a1", **{field: value for field, (value, _, _) in AWARD.items()}),
        line("a1", 1, None) | {field: value for field, (value, _, _) in LINE.items()},
    )
    of_award = {(row[1], row[2], row[3]) for row in found(published, warehouse) if row[0] == "a1"}
    of_line = {(row[1], row[2], row[3]) for row in found(published, warehouse) if row[0] == "a1#1"}

    assert {"award": tuple(AWARD), "award_line": tuple(LINE)} == corrections.WATCHED
    assert of_award == {(field, old, new) for field, (_, old, new) in AWARD.items()}
    assert of_line == {(field, old, new) for field, (_, old, new) in LINE.items()}


def test_a_line_has_reasons_of_its_own(warehouse: Warehouse, published: Path) -> None:
    """Another supplier was linked otherwise, another place was worked out anew, where no notice tells of either."""
    write(warehouse, line("a1", 1, "S9", value_gbp=Decimal("1000.10")))
    write(warehouse, award("a3", buyer_id="royal hospital", tier=None))

    assert found(published, warehouse) == [
        ("a1#1", "is_local_authority", "true", None, ANEW),
        ("a1#1", "supplier_id", "S1", "S9", LINKED),
        ("a3", "buyer_id", "GB-LAE-HAV", "royal hospital", "the buyer was matched differently"),
    ]


def test_a_column_that_is_not_watched_is_left_alone(warehouse: Warehouse, published: Path) -> None:
    """Another release, weight or link alone corrects nothing."""
    write(warehouse, again("a1", notice_url="https://www.contractsfinder.service.gov.uk/Notice/other"))
    write(warehouse, line("a1", 2, "S2", weight=0.5))

    assert found(published, warehouse) == []


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (again("a1", status="terminated"), AMENDED),
        (
            award("a1", status="terminated") | {"content_hash": "h9"},
            "the notice was published again with other contents: release r1",
        ),
        (
            again("a1", status="terminated", published_at=filled.JULY - timedelta(days=90)),
            "another notice tells it now: release r2",
        ),
        (award("a1", status="terminated"), ANEW),
    ],
    ids=["amended", "again", "earlier", "same"],
)
def test_the_reason_is_the_nearest_cause(warehouse: Warehouse, published: Path, told: Row, reason: str) -> None:
    """An amendment, a second version of one release, another release, or nothing of these: each is said in words."""
    write(warehouse, told)

    assert found(published, warehouse) == [("a1", "status", "active", "terminated", reason)]


def test_an_award_found_to_be_another_says_so(warehouse: Warehouse, published: Path) -> None:
    """What changes because an award repeats another is told with that award, even where a notice amends it too."""
    write(
        warehouse,
        again("a1", is_core=False, duplicate_of="a2", status="terminated"),
        line("a1", 1, "S1", is_local_authority=True),
    )
    same = "it was found to be the same as award a2"

    assert found(published, warehouse) == [
        ("a1", "duplicate_of", None, "a2", same),
        ("a1", "is_core", "true", "false", same),
        ("a1", "status", "active", "terminated", AMENDED),
        ("a1#1", "value_gbp", "1000.10", None, same),
    ]


def test_a_repetition_that_is_none_any_more_says_so(warehouse: Warehouse, tmp_path: Path) -> None:
    """Where a later match parts two awards again, the reason names the one that it was taken for."""
    write(warehouse, award("a1", is_core=False, duplicate_of="a2"))
    published = publish(warehouse, tmp_path)
    write(warehouse, award("a1"))
    parted = "it is no longer taken for the same as award a2"

    assert found(published, warehouse) == [
        ("a1", "duplicate_of", "a2", None, parted),
        ("a1", "is_core", "false", "true", parted),
    ]


def test_changed_rules_are_a_reason(warehouse: Warehouse, published: Path) -> None:
    """Where no notice and no repetition explains a change, other rules do, and both versions are named."""
    write(warehouse, award("a1", tier="medium"), again("a3", tier="small"), line("a1", 2, "S7"))
    rules = "the rules changed from 1 to 2"

    assert found(published, warehouse, rules="2") == [
        ("a1", "tier", "small", "medium", rules),
        ("a1#2", "supplier_id", "S2", "S7", rules),
        ("a3", "tier", None, "small", AMENDED),
    ]


def test_a_column_that_no_rule_worked_out_before_is_not_corrected(warehouse: Warehouse, published: Path) -> None:
    """What was not known for any award becomes known with new rules: by the same rules it would be a change."""
    write(
        warehouse,
        award("a1", is_large_for_buyer=True, annualised_gbp=Decimal("1.00")),
        award("a3", is_large_for_buyer=False, tier=None),
    )

    assert found(published, warehouse, rules="2") == []
    assert [row[:2] for row in found(published, warehouse)] == [
        ("a1", "annualised_gbp"),
        ("a1", "is_large_for_buyer"),
        ("a3", "is_large_for_buyer"),
    ]


def test_the_first_repetitions_are_corrected_by_new_rules_too(warehouse: Warehouse, published: Path) -> None:
    """That no award repeated another was an answer: new rules that find a repetition correct it."""
    write(warehouse, award("a1", duplicate_of="a2"))

    assert found(published, warehouse, rules="2") == [
        ("a1", "duplicate_of", None, "a2", "it was found to be the same as award a2")
    ]


# --- what is known of suppliers -----------------------------------------------------------------------------------


@pytest.fixture
def known(warehouse: Warehouse, tmp_path: Path) -> Path:
    """Return the snapshot in which the supplier of a1 is one way of writing, of unknown kind; no register was asked."""
    write(warehouse, line("a1", 1, "S1", vcse_status="unknown"), line("a1", 2, "S2", vcse_status="possible"))
    say(warehouse, "u1")
    for table in ("register", "supplier_override"):
        warehouse.delete(table, warehouse.read(table, schema.key_columns(table)))
    return publish(warehouse, tmp_path)


def say(warehouse: Warehouse, unit: str) -> None:
    """Let the first supplier of a1 be written in one way."""
    told = {"mention_id": "a1#1", "award_id": "a1", "supplier_name": "Name 1", "published_at": filled.JULY}
    warehouse.bulk_upsert("supplier_mention", filled.frame("supplier_mention", told | {"unit_id": unit}))


def ask(warehouse: Warehouse, *registers: tuple[str, date]) -> None:
    """Let registers be loaded."""
    rows = [filled.register(*one) for one in registers]
    warehouse.bulk_upsert("register", filled.frame("register", *rows))


def test_a_supplier_linked_otherwise_says_by_what(warehouse: Warehouse, known: Path) -> None:
    """Registers and decisions that are new stand in the reason, even where a notice amends the award too."""
    ask(warehouse, ("companies-house", date(2025, 9, 1)), ("oscr", date(2025, 8, 30)))
    decided = {"override_id": "d1", "kind": "same", "a": "S1", "b": "S9", "reason": "one address"}
    warehouse.bulk_upsert("supplier_override", filled.frame("supplier_override", decided))
    write(warehouse, again("a1", status="terminated"), line("a1", 1, "S9", vcse_status="unknown"))

    assert found(known, warehouse) == [
        ("a1", "status", "active", "terminated", AMENDED),
        (
            "a1#1",
            "supplier_id",
            "S1",
            "S9",
            "the supplier was linked otherwise, by registers loaded since (companies-house of 2025-09-01, oscr of "
            "2025-08-30) or decisions of people since or other notices",
        ),
    ]


def test_a_supplier_written_otherwise_is_the_notice_s_doing(warehouse: Warehouse, known: Path) -> None:
    """Where the later notice writes the supplier in another way, the notice is the cause."""
    write(warehouse, again("a1"), line("a1", 1, "S9", vcse_status="unknown"))
    say(warehouse, "u9")

    assert found(known, warehouse) == [("a1#1", "supplier_id", "S1", "S9", AMENDED)]


def test_what_a_supplier_is_is_no_notice_s_doing(warehouse: Warehouse, known: Path) -> None:
    """The same supplier marked as before is known otherwise by other things than the notice that amends the award."""
    write(warehouse, again("a1"), line("a1", 2, "S2", vcse_status="no"))

    assert found(known, warehouse) == [
        ("a1#2", "vcse_status", "possible", "no", "the supplier is known otherwise, by other notices")
    ]


def test_a_mark_that_the_records_deny_is_the_notice_s_doing(warehouse: Warehouse, known: Path) -> None:
    """Where the later notice marks the supplier, that the records disagree comes from it."""
    write(warehouse, again("a1"), line("a1", 2, "S2", vcse_status="records_disagree", vcse_declared=True))

    assert found(known, warehouse) == [
        ("a1#2", "vcse_declared", None, "true", AMENDED),
        ("a1#2", "vcse_status", "possible", "records_disagree", AMENDED),
    ]


def test_the_first_register_corrects_nothing_that_was_unknown(warehouse: Warehouse, known: Path) -> None:
    """What was unknown without any register is no correction when one tells it; what was said before is."""
    ask(warehouse, ("companies-house", date(2025, 9, 1)))
    write(warehouse, line("a1", 1, "S1", vcse_status="no"), line("a1", 2, "S2", vcse_status="no"))
    reason = (
        "the supplier is known otherwise, by registers loaded since (companies-house of 2025-09-01) or other notices"
    )

    assert found(known, warehouse) == [("a1#2", "vcse_status", "possible", "no", reason)]


@pytest.mark.usefixtures("known")
def test_a_later_register_corrects_what_was_unknown(warehouse: Warehouse, tmp_path: Path) -> None:
    """Once a register was asked, unknown was an answer; a date of it that is gone is named as well."""
    ask(warehouse, ("companies-house", date(2025, 8, 1)))
    published = publish(warehouse, tmp_path / "later")
    warehouse.delete("register", pl.DataFrame({"register": ["companies-house"]}))
    ask(warehouse, ("companies-house", date(2025, 9, 1)))
    write(warehouse, line("a1", 1, "S1", vcse_status="no"))
    reason = (
        "the supplier is known otherwise, by registers loaded since (companies-house of 2025-09-01) or registers taken "
        "away since (companies-house of 2025-08-01) or other notices"
    )

    assert found(published, warehouse) == [("a1#1", "vcse_status", "unknown", "no", reason)]


# --- the suppliers of one award -----------------------------------------------------------------------------------

HAVERING, LEEDS = "E09000016", "E08000035"

Named = tuple[str | None, str | None, str | None]
"""The supplier, its name as the notice writes it, and its area."""


def tell(warehouse: Warehouse, owner: str, *named: Named) -> None:
    """Let an award name these suppliers, in this order, and no others."""
    for table in ("award_line", "supplier_mention"):
        warehouse.delete(table, pl.DataFrame({"award_id": [owner]}))
    lines = [line(owner, n, told[0], supplier_area_code=told[2]) for n, told in enumerate(named, 1)]
    mentions = [
        {"mention_id": f"{owner}#{n}", "award_id": owner, "supplier_name": told[1], "published_at": filled.JULY}
        for n, told in enumerate(named, 1)
    ]
    write(warehouse, *lines)
    warehouse.bulk_upsert("supplier_mention", filled.frame("supplier_mention", *mentions))


ACME, BETA = ("S1", "Acme", HAVERING), ("S2", "Beta", LEEDS)
VARIOUS, UNNAMED = (None, "Various", None), ("S3", None, LEEDS)


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        ([ACME, BETA], [BETA, ACME], []),
        ([ACME, BETA], [BETA], [("a1#1", "row", "Acme", None)]),
        ([ACME], [("S9", "Gamma", LEEDS), ACME], []),
        ([ACME], [BETA], [("a1#1", "row", "Acme", None)]),
        ([ACME, BETA], [BETA, ("S1", "Acme Ltd", LEEDS)], [("a1#2", "supplier_area_code", HAVERING, LEEDS)]),
        ([ACME, BETA], [("S9", "Acme", HAVERING), BETA], [("a1#1", "supplier_id", "S1", "S9")]),
        ([ACME, BETA], [BETA, ("S9", "Acme", HAVERING)], [("a1#2", "supplier_id", "S1", "S9")]),
        (
            [ACME, ("S2", "Beta", HAVERING)],
            [("S2", "Acme", HAVERING), ("S3", "Beta", HAVERING)],
            [("a1#1", "supplier_id", "S1", "S2"), ("a1#2", "supplier_id", "S2", "S3")],
        ),
        ([ACME, BETA, ("S1", "Acme", LEEDS)], [ACME, ("S1", "Acme", LEEDS)], [("a1#2", "row", "Beta", None)]),
        ([ACME, BETA, ("S1", "Acme North", LEEDS)], [("S1", "Acme North", LEEDS), BETA, ACME], []),
        ([VARIOUS, ACME], [ACME, VARIOUS], []),
        ([VARIOUS, (None, "Others", LEEDS)], [(None, "Others", LEEDS)], [("a1#1", "row", "Various", None)]),
        ([VARIOUS], [("S4", "Various", None)], [("a1#1", "supplier_id", None, "S4")]),
        ([UNNAMED], [("S4", None, LEEDS)], [("a1#1", "supplier_id", "S3", "S4")]),
    ],
    ids=[
        "another order", "first is gone", "one before it", "another one", "moved and in another order",
        "matched differently", "matched differently, in another order", "matched to a neighbour", "repeated, one gone",
        "repeated, in another order", "placeholder", "one placeholder gone", "placeholder matched", "no names",
    ],
)  # fmt: skip
def test_only_what_changed_about_a_supplier_is_told(
    warehouse: Warehouse, tmp_path: Path, before: list[Named], now: list[Named], told: list[tuple[Any, ...]]
) -> None:
    """The lines of an award are compared by supplier, then by name: the order in which it names them says nothing."""
    tell(warehouse, "a1", *before)
    published = publish(warehouse, tmp_path)
    write(warehouse, again("a1"))
    tell(warehouse, "a1", *now)

    assert [row[:4] for row in found(published, warehouse)] == told


def test_the_lines_of_an_award_in_two_files_are_compared_together(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A supplier that stands in a second file of the snapshot is not taken for one in the first."""
    monkeypatch.setattr(snapshot, "PART_ROWS", 1)
    tell(warehouse, "a1", ACME, ACME, BETA)
    published = publish(warehouse, tmp_path)
    tell(warehouse, "a1", BETA, ACME)

    assert [row[:4] for row in found(published, warehouse)] == [("a1#1", "row", "Acme", None)]


# --- an award on its way ------------------------------------------------------------------------------------------

CONCLUDED = "the contract was published (notice r2)"


@pytest.fixture
def intended(warehouse: Warehouse, tmp_path: Path) -> Path:
    """Return the snapshot in which a1 is intended: not in the core, of one supplier, who is in its buyer's area."""
    write(warehouse, award("a1", status="intended", is_core=False))
    tell(warehouse, "a1", ACME)
    return publish(warehouse, tmp_path)


def version(name: str, release: str, days: int, status: str) -> pl.DataFrame:
    """Return an earlier state of an award."""
    at = filled.JULY + timedelta(days=days)
    told = award(name, status=status, published_at=at) | {"release_id": release, "content_hash": release}
    return filled.frame("award_version", told)


def test_a_contract_that_follows_its_award_is_no_amendment(warehouse: Warehouse, intended: Path) -> None:
    """From intended to active the status is told, and what reads otherwise; what was open before is not."""
    tell(warehouse, "a1", ("S1", "Acme", LEEDS))
    write(
        warehouse,
        again("a1", amount_gbp=Decimal("900.00"), starts_on=date(2026, 1, 1), bids=3),
        line("a1", 1, "S1", supplier_area_code=LEEDS, value_gbp=Decimal("900.00"), is_local_authority=False),
    )

    assert found(intended, warehouse) == [
        ("a1", "amount_gbp", "1000.10", "900.00", CONCLUDED),
        ("a1", "is_core", "false", "true", CONCLUDED),
        ("a1", "status", "intended", "active", CONCLUDED),
        ("a1#1", "supplier_area_code", HAVERING, LEEDS, CONCLUDED),
    ]


def test_a_contract_tells_of_what_is_lost(warehouse: Warehouse, tmp_path: Path) -> None:
    """A value that the contract does not state any more, a supplier without a name that is gone: both are told."""
    write(warehouse, award("a1", status="intended", is_core=False))
    tell(warehouse, "a1", UNNAMED)
    intended = publish(warehouse, tmp_path)
    warehouse.delete("award_line", pl.DataFrame({"award_id": ["a1"]}))
    write(warehouse, again("a1", is_core=False, amount_gbp=None))

    assert found(intended, warehouse) == [
        ("a1", "amount_gbp", "1000.10", None, CONCLUDED),
        ("a1", "status", "intended", "active", CONCLUDED),
        ("a1#1", "row", None, None, CONCLUDED),
    ]


def test_a_contract_that_was_amended_at_once_says_so(warehouse: Warehouse, intended: Path) -> None:
    """Where a later notice amends the contract before it is compared, both are named and nothing is left out."""
    for earlier in (
        version("a1", "r8", 1, "intended"),
        version("a1", "r9", 2, "active"),
        version("a1", "r91", 3, "active"),
    ):
        warehouse.bulk_upsert("award_version", earlier)
    write(warehouse, again("a1", is_core=False, starts_on=date(2026, 1, 1)))
    both = "the contract was published (notice r9) and a later notice amends it: release r2"

    assert found(intended, warehouse) == [
        ("a1", "starts_on", None, "2026-01-01", both),
        ("a1", "status", "intended", "active", both),
    ]


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (again("a1", status="terminated", is_core=False, starts_on=date(2026, 1, 1)), AMENDED),
        (award("a1", is_core=False, starts_on=date(2026, 1, 1)), ANEW),
        (
            again("a1", is_core=False, starts_on=date(2026, 1, 1), published_at=filled.JULY - timedelta(days=90)),
            "another notice tells it now: release r2",
        ),
    ],
    ids=["ended", "same notice", "earlier notice"],
)
def test_only_a_later_notice_of_a_contract_publishes_it(
    warehouse: Warehouse, intended: Path, told: Row, reason: str
) -> None:
    """An award that ended, or is active by the same notice or an earlier one, is corrected in full."""
    write(warehouse, told)

    assert found(intended, warehouse) == [
        ("a1", "starts_on", None, "2026-01-01", reason),
        ("a1", "status", "intended", told["status"], reason),
    ]


def test_a_contract_that_repeats_another_says_so(warehouse: Warehouse, intended: Path) -> None:
    """What an award repeats is told even where its contract was published in the same night."""
    write(warehouse, again("a1", is_core=False, duplicate_of="a2"))

    assert found(intended, warehouse) == [
        ("a1", "duplicate_of", None, "a2", "it was found to be the same as award a2"),
        ("a1", "status", "intended", "active", CONCLUDED),
    ]


def test_a_contract_that_ended_corrects_its_status_alone(warehouse: Warehouse, published: Path) -> None:
    """A contract that ended was still awarded: where the core and the value stay, neither is corrected."""
    write(warehouse, again("a1", status="terminated", end_reason="by agreement"))

    assert found(published, warehouse) == [("a1", "status", "active", "terminated", AMENDED)]


# --- what is gone, and what is looked at ----------------------------------------------------------------------------


def test_rows_that_are_gone_are_told_with_their_names(warehouse: Warehouse, published: Path) -> None:
    """An award that no notice tells any more, and a supplier that a later notice leaves out, are told by name."""
    warehouse.delete("award", pl.DataFrame({"award_id": ["a2"]}))
    warehouse.delete("award_line", pl.DataFrame({"mention_id": ["a2#1", "a1#2"]}))
    warehouse.delete("supplier_mention", pl.DataFrame({"mention_id": ["a1#2"]}))
    write(warehouse, again("a1"))
    gone = "the notices tell no such award any more"

    assert found(published, warehouse) == [
        ("a1#2", "row", "Name 2", None, AMENDED),
        ("a2", "row", "Title of a2", None, gone),
        ("a2#1", "row", None, None, gone),
    ]


def test_only_marked_months_are_compared(warehouse: Warehouse, published: Path) -> None:
    """A month that nobody marked is not looked at; a month that holds nothing any more is, marked or not."""
    write(warehouse, award("a1", status="terminated"), award("a2", status="terminated", published_at=filled.AUGUST))
    august = found(published, warehouse, {("award", "2025-08")})
    for table in corrections.WATCHED:
        warehouse.delete(table, pl.DataFrame({"award_id": ["a2"]}))

    assert august == [("a2", "status", "active", "terminated", ANEW)]
    assert [row[:2] for row in found(published, warehouse, set())] == [("a2", "row"), ("a2#1", "row")]


def test_rows_fit_the_table_and_are_stored_once(warehouse: Warehouse, published: Path) -> None:
    """The frames fit table correction, name both runs, and storing them again changes nothing."""
    write(warehouse, again("a1", status="terminated", amount_gbp=None), line("a1", 2, "S7"))
    (told,) = [part for part in corrections.find(published, warehouse, marks(warehouse), NOW, "1") if part.height == 2]

    assert dict(told.schema) == schema.frame_schema("correction")
    assert told["since_run_id"].unique().to_list() == [FIRST]
    assert told["run_id"].unique().to_list() == [NOW]
    assert (warehouse.bulk_upsert("correction", told), warehouse.bulk_upsert("correction", told)) == (2, 0)


def test_it_works_inside_the_night_s_transaction(warehouse: Warehouse, published: Path) -> None:
    """What the night has written and not yet made final is compared."""
    with warehouse.transaction():
        write(warehouse, again("a1", status="terminated"))

        assert found(published, warehouse) == [("a1", "status", "active", "terminated", AMENDED)]


def older(published: Path, table: str, change: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
    """Give the files of a table in a snapshot the shape of another version."""
    for file in files(read_manifest(published), table):
        path = published / file["path"]
        frame = change(pl.read_parquet(path, glob=False))
        path.unlink()
        frame.write_parquet(path)


def test_an_older_snapshot_is_compared_in_the_columns_that_both_have(warehouse: Warehouse, published: Path) -> None:
    """Columns that did not exist, or had another type, are left out; the others are compared."""
    older(
        published,
        "award",
        lambda frame: frame.drop("release_id", "duplicate_of", "procurement_id", "is_core").with_columns(
            pl.col("supplier_count").cast(pl.String)
        ),
    )
    older(published, "award_line", lambda frame: frame.drop("supplier_area_code", "vcse_declared"))
    write(
        warehouse,
        again("a1", status="terminated", is_core=False, duplicate_of="a2", supplier_count=5),
        line("a2", 1, "S1", supplier_area_code="E09000016"),
    )

    assert found(published, warehouse) == [
        ("a1", "status", "active", "terminated", ANEW),
        ("a2#1", "supplier_id", None, "S1", LINKED),
    ]


@pytest.mark.parametrize("damage", ["no manifest", "no facts", "not a manifest", "cut", "gone"])
def test_a_damaged_snapshot_does_not_fail_the_night(
    warehouse: Warehouse, published: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    """What cannot be read of the last snapshot is said in the log and compared with nothing."""
    manifest, file = published / "snapshot.json", published / "award/2025-07.parquet"
    told = json.loads(manifest.read_text())
    if damage == "no manifest":
        manifest.unlink()
    elif damage == "no facts":
        del told["facts"]
        manifest.write_text(json.dumps(told))
    elif damage == "not a manifest":
        manifest.write_text("[1]")
    elif damage == "cut":
        file.write_bytes(file.read_bytes()[:-10])
    else:
        file.unlink()
    write(warehouse, award("a1", status="terminated"))

    assert found(published, warehouse) == []
    assert "cannot be read" in caplog.text


def test_large_months_are_compared_file_by_file(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However small the files of the snapshot, every change is found once."""
    monkeypatch.setattr(snapshot, "PART_ROWS", 1)
    write(warehouse, *(award(f"b{number}") for number in range(5)))
    published = publish(warehouse, tmp_path)
    write(warehouse, *(award(f"b{number}", status="terminated") for number in range(5)), line("a1", 2, "S7"))

    assert [row[:2] for row in found(published, warehouse)] == [
        ("a1#2", "supplier_id"),
        *((f"b{number}", "status") for number in range(5)),
    ]


def test_hostile_values_travel_as_they_are(warehouse: Warehouse, published: Path) -> None:
    """Quotes, braces and line breaks in ids and values change nothing about the comparison."""
    write(warehouse, again("a1", buyer_id="{}'; DROP TABLE award; --\n", release_id="{r}"))

    assert found(published, warehouse) == [
        ("a1", "buyer_id", "GB-LAE-HAV", "{}'; DROP TABLE award; --\n", "a later notice amends it: release {r}")
    ]


def test_a_snapshot_in_an_odd_folder_is_read(warehouse: Warehouse, tmp_path: Path) -> None:
    """Brackets and equals signs in the folder's name are no patterns and no columns."""
    published = publish(warehouse, tmp_path / "od[d] na'me a=b")
    write(warehouse, award("a1", status="terminated"))

    assert [row[:2] for row in found(published, warehouse)] == [("a1", "status")]


def in_words(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    """Return ``row_id, field_name, supplier_name, old`` of the corrections of the first run, as they are published."""
    columns = ("row_id", "field_name", "supplier_name", "old")
    told = warehouse.query(
        f"SELECT {', '.join(columns)} FROM out_correction WHERE since_run_id = '{FIRST}'",
        dict.fromkeys(columns, pl.String()),
    )
    return sorted(told.rows())


def correct(warehouse: Warehouse, published: Path) -> None:
    """Store what has changed since the snapshot."""
    for part in corrections.find(published, warehouse, marks(warehouse), NOW, "1"):
        warehouse.bulk_upsert("correction", part)


def test_a_supplier_that_is_gone_is_named_where_another_took_its_place(warehouse: Warehouse, tmp_path: Path) -> None:
    """In the published words, the supplier that is gone is the one that was named then."""
    tell(warehouse, "a1", ACME, BETA)
    published = publish(warehouse, tmp_path)
    write(warehouse, again("a1"))
    tell(warehouse, "a1", ("S2", "Beta", HAVERING))
    correct(warehouse, published)

    assert in_words(warehouse) == [
        ("a1#1", "area of the supplier", "Beta", LEEDS),
        ("a1#1", "the supplier in the award", "Acme", "Acme"),
    ]


@pytest.mark.parametrize("later", [[ACME, BETA], [ACME], []], ids=["another order", "gone", "nobody is named"])
def test_a_later_notice_does_not_change_whom_a_correction_is_about(
    warehouse: Warehouse, tmp_path: Path, later: list[Named]
) -> None:
    """A correction keeps the name that stood in the notice then, whoever is named in its place afterwards."""
    tell(warehouse, "a1", ACME, BETA)
    published = publish(warehouse, tmp_path)
    write(warehouse, again("a1", status="terminated"))
    tell(warehouse, "a1", ("S2", "Beta plc", HAVERING), ACME)
    correct(warehouse, published)
    tell(warehouse, "a1", *later)

    assert in_words(warehouse) == [
        ("a1", "status", None, "active"),
        ("a1#1", "area of the supplier", "Beta plc", LEEDS),
    ]

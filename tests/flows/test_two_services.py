"""One truth about each award, whatever the two services say of it: whole nights against the stand-in."""

import csv
import gzip
import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from extractors import completeness, contracts_finder, find_a_tender, made_up_find_a_tender
from extractors.made_up_find_a_tender import Twins
from extractors.standin import Standin
from flows import night
from flows.settings import Settings
from tests.flows import nights

AT = "2026-10-20 02:15"
MONDAY = date(2026, 9, 7)

Notice = nights.Told


def backfill(own: Settings, first: date, last: date, at: str = AT) -> night.Outcome:
    """Run a backfill without handing it to readers."""
    return night.run(own, "backfill", nights.clock(at), night.STEPS[:-1], first=first, last=last)


def held(folder: Path, notices: Sequence[Any], first: date = MONDAY, days: int = 7) -> dict[str, pl.DataFrame]:
    """Return the tables of a warehouse that read some notices in one run."""
    with nights.service(notices) as server:
        own = nights.settings(folder, server.url)
        backfill(own, first, first + timedelta(days=days - 1))
    return nights.tables(own)


def rows_of(own: Settings, sql: str) -> list[tuple[Any, ...]]:
    """Return what a query of an analyst says."""
    with closing(sqlite3.connect(own.data_dir / "noticeboard.db")) as database:
        return list(database.execute(sql))


# --- notices made for the purpose ---------------------------------------------------------------------------------

COUNCIL = {
    "id": "GB-PPON-PHBX-1234-LMNP",
    "name": "Leeds City Council",
    "identifier": {"scheme": "GB-PPON", "id": "PHBX-1234-LMNP"},
    "address": {"streetAddress": "Civic Hall", "locality": "Leeds", "postalCode": "LS1 1UR", "countryName": "UK"},
    "roles": ["buyer"],
}
WINNER = {
    "id": "GB-COH-09876543",
    "name": "Harewood Kitchens Ltd",
    "identifier": {"scheme": "GB-COH", "id": "09876543"},
    "address": {"streetAddress": "1 Mill Lane", "locality": "Leeds", "postalCode": "LS2 7EW", "countryName": "UK"},
    "roles": ["supplier"],
    "details": {"scale": "sme", "vcse": False},
}
ACT = {"id": "2023/54", "scheme": "UKPGA"}
OLD = {"id": "32014L0024", "scheme": "CELEX"}
OCID = "ocds-h6vhtk-0a0001"
AWARD = f"{OCID}/1"


def pounds(net: float) -> Notice:
    """Return an amount as the Act's notices write it, with and without VAT."""
    return {"amountGross": round(net * 1.2, 2), "amount": net, "currency": "GBP"}


def document(number: int, kind: str) -> Notice:
    """Return the document that tells the type of a notice."""
    notice_id = f"{number:06}-2026"
    url = f"https://www.find-tender.service.gov.uk/Notice/{notice_id}"
    return {"id": notice_id, "documentType": "awardNotice", "noticeType": kind, "url": url, "format": "text/html"}


def release(number: int, day: date, tags: Sequence[str], ocid: str = OCID, **told: Any) -> Notice:
    """Return a release of Find a Tender, at noon in London."""
    tender = {
        "id": "KIT-7",
        "legalBasis": ACT,
        "title": "School kitchen refurbishment",
        "status": "complete",
        "procurementMethod": "open",
        "procurementMethodDetails": "Open procedure",
        "lots": [{"id": "1", "status": "complete"}],
    } | told.pop("tender", {})
    return {
        "ocid": ocid,
        "id": f"{number:06}-2026",
        "tag": list(tags),
        "date": f"{day}T12:00:00+01:00",
        "initiationType": "tender",
        "parties": told.pop("parties", [COUNCIL, WINNER]),
        "buyer": {"id": COUNCIL["id"], "name": COUNCIL["name"]},
        "tender": tender,
        "language": "en",
    } | told


def award_of(**told: Any) -> Notice:
    """Return the award that the notices tell of."""
    item = {"id": "1", "additionalClassifications": [{"scheme": "CPV", "id": "45421151"}], "relatedLot": "1"}
    return {
        "id": "1",
        "status": "active",
        "suppliers": [{"id": WINNER["id"], "name": WINNER["name"]}],
        "items": [item],
        "relatedLots": ["1"],
    } | told


def uk6(day: date, net: float, number: int = 1, **told: Any) -> Notice:
    """Return a notice of the intention to award."""
    award = award_of(
        date=f"{MONDAY}T00:00:00+01:00", value=pounds(net), documents=[document(number, "UK6")],
        contractPeriod={"startDate": "2026-11-01T00:00:00Z", "endDate": "2028-10-31T23:59:59Z"},
    )  # fmt: skip
    return release(number, day, ["award"], awards=[award], **told)


def contract_of(kind: str, number: int, **told: Any) -> Notice:
    """Return the contract of the award, as one type of notice tells it."""
    return {
        "id": "1",
        "awardID": "1",
        "title": "School kitchen refurbishment",
        "status": "active",
        "period": {"startDate": "2026-11-01T00:00:00Z", "endDate": "2028-10-31T23:59:59Z"},
        "documents": [document(number, kind)],
    } | told


def uk7(day: date, net: float, number: int = 2, **told: Any) -> Notice:
    """Return a notice of the contract that was signed."""
    signed = contract_of("UK7", number, value=pounds(net), dateSigned=f"{day}T00:00:00+01:00")
    return release(number, day, ["award", "contract"], awards=[award_of()], contracts=[signed], **told)


def uk10(day: date, net: float, number: int = 3) -> Notice:
    """Return a notice of a change of the contract."""
    change = {
        "id": f"{number:06}-2026",
        "date": f"{day}T00:00:00+01:00",
        "rationale": "Two more kitchens were found to need the same work.",
        "rationaleClassifications": [{"scheme": "UK_AMENDMENT_RATIONALE", "id": "additional"}],
    }
    changed = contract_of("UK10", number, value=pounds(net), amendments=[change])
    return release(number, day, ["contractAmendment"], awards=[award_of()], contracts=[changed])


def uk11(day: date, net: float, number: int = 4) -> Notice:
    """Return a notice of the end of the contract."""
    ended = contract_of(
        "UK11", number, status="terminated", value=pounds(net), period={"endDate": f"{day}T23:59:59+01:00"},
        statusDetails="Both sides agreed to end it.",
        terminationRationaleClassifications=[{"scheme": "UK_CONTRACT_TERMINATION", "id": "mutualAgreement"}],
    )  # fmt: skip
    return release(number, day, ["contractTermination"], awards=[award_of()], contracts=[ended])


# --- the same award on both services ------------------------------------------------------------------------------

TWINS_FIRST, TWINS_DAYS = date(2023, 3, 1), 80
"""The days of the pairs: Find a Tender tells them up to twenty days after Contracts Finder."""


@pytest.fixture(scope="session")
def twins() -> Twins:
    """Return 300 awards of each service, of which 200 are the same and 100 only look alike."""
    return made_up_find_a_tender.twins(300, TWINS_FIRST, 60, 3)


@pytest.fixture(scope="session")
def on_both(twins: Twins, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return a warehouse that has read both services."""
    return _read([*twins.contracts_finder, *twins.find_a_tender], tmp_path_factory.mktemp("both"))


@pytest.fixture(scope="session")
def on_each(twins: Twins, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    """Return the awards of two warehouses that have each read one service alone."""
    alone = {contracts_finder.SOURCE: twins.contracts_finder, find_a_tender.SOURCE: twins.find_a_tender}
    return {
        source: nights.tables(_read(told, tmp_path_factory.mktemp(source)), ("award",))["award"]
        for source, told in alone.items()
    }


def _read(told: Sequence[bytes], folder: Path) -> Settings:
    with nights.service(told) as server:
        own = nights.settings(folder, server.url)
        backfill(own, TWINS_FIRST, TWINS_FIRST + timedelta(days=TWINS_DAYS))
    return own


def award_id(ocid: str, own: str) -> str:
    """Return the key of an award."""
    return own if own.startswith(ocid) else f"{ocid}/{own}"


def found_pairs(award: pl.DataFrame) -> set[tuple[str, str]]:
    """Return the awards found to be the same, Contracts Finder's first."""
    told = award.drop_nulls("duplicate_of").select("award_id", "duplicate_of").rows()
    return {(min(one, other), max(one, other)) for one, other in told}


def test_awards_told_on_both_services_are_found_and_others_left_alone(twins: Twins, on_both: Settings) -> None:
    """Of the pairs found at least 98 in 100 are true, and of the true ones at least 90 in 100 are found."""
    award = nights.tables(on_both, ("award",))["award"]
    found = found_pairs(award)
    true = {
        (award_id(pair.contracts_finder_ocid, pair.contracts_finder_award),
         award_id(pair.find_a_tender_ocid, pair.find_a_tender_award))
        for pair in twins.pairs
    }  # fmt: skip

    assert len(true) == 200
    assert len(found & true) >= 0.98 * len(found)
    assert len(found & true) >= 0.90 * len(true)


def test_of_each_pair_one_award_is_counted_with_its_own_amount(
    on_both: Settings, on_each: dict[str, pl.DataFrame]
) -> None:
    """The counted one has the figures that its service alone would give; the other one is in no sum and no count."""
    told = nights.tables(on_both, ("award", "award_line"))
    award = told["award"]
    repeated = award.drop_nulls("duplicate_of")
    summed = told["award_line"].group_by("award_id").agg(pl.col("value_gbp").sum().alias("summed"))
    counted = award.filter("is_core", pl.col("value_status") == "ok").join(summed, on="award_id")
    alone = pl.concat(list(on_each.values())).join(counted, on="award_id", how="semi").sort("award_id")
    columns = ["award_id", "amount_gbp", "value_kind", "value_status", "tier", "is_core"]
    every = pl.concat(list(on_each.values())).filter("is_core", pl.col("value_status") == "ok")
    total = every.join(repeated, on="award_id", how="anti")["amount_gbp"].sum()

    assert repeated["is_core"].any() is False
    assert repeated.join(award, left_on="duplicate_of", right_on="award_id").height == repeated.height > 150
    assert set(repeated["duplicate_of"]).isdisjoint(repeated["award_id"])
    assert told["award_line"].join(repeated, on="award_id", how="semi")["value_gbp"].drop_nulls().is_empty()
    assert counted.sort("award_id").select(columns).equals(alone.select(columns))
    assert counted["summed"].sum() == counted["amount_gbp"].sum() == total


def test_readers_are_told_what_is_counted_once(on_both: Settings) -> None:
    """The lists of pairs and of what is left out name every repeated award, and the shares matched count them."""
    repeated = nights.tables(on_both, ("award",))["award"].drop_nulls("duplicate_of")
    pairs = rows_of(
        on_both,
        "SELECT award_id, duplicate_of, duplicate_confidence, duplicate_reason, source, counted_source"
        " FROM out_duplicate",
    )
    excluded = dict(rows_of(on_both, "SELECT award_id, reason FROM out_excluded WHERE left_out_of = 'every share'"))
    matched = rows_of(on_both, "SELECT source, sum(matched_awards), max(known_share) FROM out_matched GROUP BY source")
    across = [row for row in pairs if row[4] != row[5]]

    assert sorted(row[0] for row in pairs) == sorted(repeated["award_id"])
    assert all(0.5 < row[2] <= 1 and len(row[3]) > 20 for row in pairs)
    assert len(across) > 150
    assert all("told twice" in excluded[row[0]] for row in pairs if row[0] in excluded)
    assert set(repeated.filter(pl.col("status") == "active")["award_id"]) <= set(excluded)
    assert [source for source, _, _ in sorted(matched)] == list(night.SOURCES)
    assert all(count > 0 and 0 < share <= 1 for _, count, share in matched)


def test_the_procurements_of_a_pair_lead_to_each_other(on_both: Settings) -> None:
    """Where an award is told twice, so is its procurement; the one with lots and bids is kept."""
    told = nights.tables(on_both, ("award", "procurement"))
    procurement_of = dict(told["award"].select("award_id", "procurement_id").rows())
    expected = {frozenset((procurement_of[one], procurement_of[other])) for one, other in found_pairs(told["award"])}
    said = told["procurement"].drop_nulls("duplicate_of")
    pairs = said.select("procurement_id", "duplicate_of").rows()

    assert {frozenset(pair) for pair in pairs} == expected
    assert len(pairs) == len(expected)
    assert said["source"].unique().to_list() == [contracts_finder.SOURCE]
    assert said["duplicate_reason"].str.starts_with("an award of it is told twice").all()


# --- sums never move ----------------------------------------------------------------------------------------------


def old_award(number: int, ocid: str, net: float, title: str, **tender: Any) -> Notice:
    """Return a notice of an award under the old rules."""
    own = f"{number:06}-2026"
    told = {"legalBasis": OLD, "title": title, "id": f"REF-{number}", "description": title} | tender
    suppliers = tender.pop("suppliers", [WINNER])
    return release(
        number, MONDAY, ["award", "contract"], ocid, tender=told, parties=[COUNCIL, *suppliers],
        awards=[
            {"id": f"{own}-1", "status": "active", "relatedLots": ["1"],
             "suppliers": [{"id": one["id"], "name": one["name"]} for one in suppliers]},
        ],
        contracts=[
            {"id": f"{own}-1", "awardID": f"{own}-1", "status": "active", "dateSigned": f"{MONDAY}T00:00:00+01:00",
             "value": {"amount": net, "currency": "GBP"}},
        ],
    )  # fmt: skip


def on_contracts_finder(number: int, title: str, amount: float, supplier: Notice = WINNER, **told: Any) -> Notice:
    """Return an award notice of Contracts Finder."""
    own = f"0000000a-0000-4000-8000-{number:012}"
    buyer = COUNCIL | {"id": "GB-CFS-20001"}
    return {
        "ocid": f"ocds-b5fd17-{own}",
        "id": f"{own}-900001",
        "date": f"{MONDAY}T09:00:00+01:00",
        "tag": ["award"],
        "tender": {
            "id": f"CF-{number}", "title": title, "description": title, "procurementMethodDetails": "Open procedure",
            "classification": {"scheme": "CPV", "id": "45421151"},
        },
        "parties": [buyer, supplier],
        "buyer": {"id": buyer["id"], "name": buyer["name"]},
        "awards": [
            {
                "id": f"ocds-b5fd17-{own}-1",
                "status": "active",
                "date": f"{MONDAY}T00:00:00+01:00",
                "value": {"amount": amount, "currency": "GBP"},
                "suppliers": [{"id": supplier["id"], "name": supplier["name"]}],
                "contractPeriod": {"startDate": "2026-10-01T00:00:00+01:00", "endDate": "2028-09-30T00:00:00+01:00"},
            }
        ],
    } | told  # fmt: skip


TWICE = "Repair of the roof of Kirkgate market hall"
SET = [
    uk6(MONDAY, 900_000.0),
    uk7(MONDAY + timedelta(days=1), 912_345.67),
    old_award(20, "ocds-h6vhtk-0a0020", 2_400_000.0, "Refuse vehicles for the east of the city"),
    on_contracts_finder(1, TWICE, 6_543_210.99),
    on_contracts_finder(2, "Grounds maintenance of cemeteries", 18_000.0),
]
RIVALS = [WINNER | {"id": f"GB-FTS-{number}", "name": f"Rival {number} Works Ltd"} for number in range(4)]
MARKET = {"hasDynamicPurchasingSystem": True, "dynamicPurchasingSystem": {"type": "closed"}}
AGREEMENT = {"hasFrameworkAgreement": True, "frameworkAgreement": {"maximumParticipants": 4}}

ADDED: dict[str, list[Notice]] = {
    "the ceiling of a framework under the old rules": [
        old_award(
            30, "ocds-h6vhtk-0a0030", 30_000_000_000.0, "Building materials", techniques=AGREEMENT, suppliers=RIVALS
        )
    ],
    "the ceiling of a framework on Contracts Finder": [
        on_contracts_finder(3, "Framework agreement for building materials", 80_000_000.0)
    ],
    "the same award on the other service": [old_award(31, "ocds-h6vhtk-0a0031", 6_543_210.99, TWICE)],
    "a release that is repeated": [SET[1]],
    "a release that is repeated under another id": [uk7(MONDAY + timedelta(days=2), 912_345.67, 5)],
    "an update that tells the same again": [
        uk7(MONDAY + timedelta(days=3), 912_345.67, 6) | {"tag": ["awardUpdate", "contractUpdate"]}
    ],
    "an intention that comes in after its contract": [uk6(MONDAY, 900_000.0, 7)],
    "a dynamic market": [
        old_award(32, "ocds-h6vhtk-0a0032", 45_000_000.0, "Supported transport", techniques=MARKET)
    ],
    "a notice of a dynamic market under the Act": [
        release(
            33, MONDAY, ["tender"], "ocds-h6vhtk-0a0033", parties=[COUNCIL],
            tender={"title": "Home care market", "status": "active", "value": pounds(90_000_000.0),
                    "techniques": {"hasDynamicPurchasingSystem": True}, "documents": [document(33, "UK14")]},
        )
    ],
    "an intention without a contract": [
        uk6(MONDAY, 77_000_000.0, 34, ocid="ocds-h6vhtk-0a0034", tender={"title": "Leisure centre roofs"})
    ],
}  # fmt: skip


def figures(told: dict[str, pl.DataFrame]) -> dict[str, Any]:
    """Return the sums and counts that may not move."""
    award = told["award"]
    shares = told["indicator_value"].filter(
        pl.col("indicator_id").is_in(["L1", "M1", "M2", "M3"]),
        pl.col("grain").is_in(["all", "authority", "england"]),
        # Of two notices of one award the one that stays may state another division.
        pl.col("cpv_division").is_null(),
    )
    return {
        "sum": told["award_line"]["value_gbp"].sum(),
        "core": award.filter("is_core").height,
        "priced": award.filter("is_core", pl.col("value_status") == "ok")["amount_gbp"].sum(),
        "shares": shares.select(
            "indicator_id", "grain", "slice", "period", "tier", "value", "numerator", "denominator", "n"
        ).rows(),
    }


@pytest.fixture(scope="session")
def unmoved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the figures of the notices to which others are added."""
    return figures(held(tmp_path_factory.mktemp("unmoved"), SET))


def test_the_notices_that_others_are_added_to_say_what_they_should(unmoved: dict[str, Any]) -> None:
    """Four awards count, each with its own amount, and the shares of the council are known."""
    assert unmoved["sum"] == unmoved["priced"] == Decimal("9873556.66")
    assert unmoved["core"] == 4
    assert {"L1", "M1", "M2"} <= {row[0] for row in unmoved["shares"]}


@pytest.mark.parametrize("added", ADDED.values(), ids=ADDED)
def test_sums_never_move_when_what_is_no_new_award_is_added(
    added: list[Notice], unmoved: dict[str, Any], tmp_path: Path
) -> None:
    """Sums, counts of core awards, and the shares of value and of mega-contracts stay exactly what they were."""
    assert figures(held(tmp_path, [*SET, *added])) == unmoved


def test_sums_never_move_when_it_comes_in_a_night_of_its_own(unmoved: dict[str, Any], tmp_path: Path) -> None:
    """All of it together, read after the rest, changes no figure, and neither does the rebuild that follows."""
    more = [one for added in ADDED.values() for one in added]
    with nights.service(SET) as server:
        backfill(nights.settings(tmp_path, server.url), MONDAY, MONDAY + timedelta(days=1), "2026-09-08 12:00")
    with nights.service([*SET, *more]) as server:
        own = nights.settings(tmp_path, server.url).model_copy(update={"first_day": MONDAY})
        night.run(own, "nightly", nights.clock("2026-09-11 02:15"), night.STEPS[:-1])
    by_nights = nights.tables(own)
    night.run(own, "rebuild", nights.clock("2026-09-11 03:15"), night.STEPS[:-1])

    assert figures(by_nights) == unmoved
    assert not nights.differences(by_nights, nights.tables(own))


def test_of_a_framework_and_its_call_offs_only_the_call_offs_count(tmp_path: Path) -> None:
    """The ceiling is listed and never summed; what was bought under it is."""
    parent = "ocds-h6vhtk-0a0040"
    ceiling = old_award(40, parent, 50_000_000.0, "Framework for kitchen equipment", techniques=AGREEMENT)
    call_offs = [
        old_award(
            41 + number, f"ocds-h6vhtk-0a004{1 + number}", 250_000.0 * (number + 1), f"Ovens for {place} school",
            procurementMethodDetails="Call-off from a framework agreement",
        )
        | {"relatedProcesses": [{"id": "1", "relationship": ["framework"], "scheme": "ocid", "identifier": parent}]}
        for number, place in enumerate(("Headingley", "Otley", "Morley"))
    ]  # fmt: skip
    told = held(tmp_path, [ceiling, *call_offs])
    kinds = dict(told["award"].select("ocid", "value_kind").rows())

    assert kinds == {parent: "framework_ceiling"} | {one["ocid"]: "call_off" for one in call_offs}
    assert told["award_line"]["value_gbp"].sum() == Decimal(1_500_000)
    assert told["ceiling"].select("amount_gbp", "value_kind").rows() == [(Decimal(50_000_000), "framework_ceiling")]
    assert told["award"].filter("is_core").height == 3


# --- what did we know on that day ---------------------------------------------------------------------------------

TUESDAY, WEDNESDAY, THURSDAY = (MONDAY + timedelta(days=number) for number in (1, 2, 3))
TOLD_IN_TURN = [
    uk6(MONDAY, 500_000.0),
    uk7(TUESDAY, 510_000.0),
    uk10(WEDNESDAY, 640_000.0),
    uk11(THURSDAY, 640_000.0),
]


@pytest.fixture(scope="session")
def in_turn(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return a warehouse that read four notices of one award, night by night."""
    folder = tmp_path_factory.mktemp("in-turn")
    with nights.service(TOLD_IN_TURN) as server:
        own = nights.settings(folder, server.url).model_copy(update={"first_day": MONDAY})
        for day in (TUESDAY, WEDNESDAY, THURSDAY, MONDAY + timedelta(days=4)):
            night.run(own, "nightly", nights.clock(f"{day} 02:15"))
    return own


KNOWN = {
    "nothing before the first notice": (f"{MONDAY}T10:59:59Z", []),
    "an intention from its publication on": (f"{MONDAY}T11:00:00Z", [("UK6", "intended", 500_000.0)]),
    "an intention until the contract is published": (f"{TUESDAY}T10:59:59Z", [("UK6", "intended", 500_000.0)]),
    "the contract": (f"{TUESDAY}T11:00:00Z", [("UK7", "active", 510_000.0)]),
    "the contract, changed": (f"{WEDNESDAY}T23:00:00Z", [("UK10", "active", 640_000.0)]),
    "its end": ("2026-12-31T00:00:00Z", [("UK11", "terminated", 640_000.0)]),
}


@pytest.mark.parametrize(("moment", "expected"), KNOWN.values(), ids=KNOWN)
def test_one_query_tells_what_was_known_at_a_moment(
    moment: str, expected: list[tuple[Any, ...]], in_turn: Settings
) -> None:
    """The history holds for every moment the one state that had been published by then."""
    found = rows_of(
        in_turn,
        "SELECT notice_type, status, amount_gbp FROM out_award_history"
        f" WHERE valid_from_at <= '{moment}' AND (valid_to_at IS NULL OR valid_to_at > '{moment}')",
    )

    assert found == expected


def test_the_award_shows_its_last_state(in_turn: Settings) -> None:
    """The present state tells the end, the change before it, and the days of signature, start and end."""
    told = nights.tables(in_turn, ("award", "award_version", "release"))
    row = told["award"].row(0, named=True)

    assert told["release"].height == 4
    assert (told["award"].height, told["award_version"].height) == (1, 3)
    assert (row["award_id"], row["status"], row["notice_type"]) == (AWARD, "terminated", "UK11")
    assert (row["amount_gbp"], row["amount_gross_gbp"]) == (Decimal(640_000), Decimal(768_000))
    assert (row["signed_on"], row["starts_on"], row["changed_on"]) == (TUESDAY, date(2026, 11, 1), WEDNESDAY)
    assert "Two more kitchens" in row["change_reason"]
    assert "agreed to end it" in row["end_reason"]
    assert row["is_core"] is True  # it was awarded, whatever became of it


def test_a_rebuild_tells_the_same_history(in_turn: Settings, tmp_path: Path) -> None:
    """Archive in, every state out: the nights and one rebuild hold the same tables."""
    own = nights.settings(in_turn.data_dir, warehouse_url=f"sqlite:///{tmp_path / 'rebuilt.db'}")
    night.run(own, "rebuild", nights.clock("2026-10-01 02:15"), night.STEPS[:-1])
    names = [name for name in nights.MEANING if name != "unpublished"]

    assert not nights.differences(nights.tables(in_turn, names), nights.tables(own, names))


# --- corrections --------------------------------------------------------------------------------------------------


@pytest.fixture
def corrected(warehouse_url: str, tmp_path: Path) -> Settings:
    """Return a warehouse that published a contract, and in the next night a change of it."""
    told = TOLD_IN_TURN[1:3]
    for served, at in ((told[:1], "2026-09-09 02:15"), (told, "2026-09-10 02:15")):
        with nights.service(served) as server:
            own = nights.settings(tmp_path, server.url, warehouse_url).model_copy(update={"first_day": TUESDAY})
            night.run(own, "nightly", nights.clock(at))
    return own


def test_a_change_of_a_published_award_is_a_correction_that_the_next_export_carries(corrected: Settings) -> None:
    """Old, new and reason stand in the table and in the file, and a rebuild adds none and loses none."""
    found = nights.tables(corrected, ("correction",))["correction"]
    path = corrected.export_dir / "latest" / "corrections.csv"
    exported = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    by_field = {row["field"]: row for row in found.filter(table_name="award").rows(named=True)}
    night.run(corrected, "rebuild", nights.clock("2026-09-10 03:15"))
    after = nights.tables(corrected, ("correction",))["correction"]

    assert (by_field["amount_gbp"]["old"], by_field["amount_gbp"]["new"]) == ("510000.00", "640000.00")
    assert by_field["amount_gbp"]["row_id"] == AWARD
    assert "000003-2026" in by_field["amount_gbp"]["reason"]
    assert set(found["table_name"]) == {"award", "award_line"}
    assert [(row["field"], row["old"], row["new"], row["reason"]) for row in exported if row["row_id"] == AWARD] == [
        (row["field"], row["old"], row["new"], row["reason"]) for row in by_field.values()
    ]
    assert after.equals(found)


def test_corrections_come_back_into_a_new_warehouse(corrected: Settings, new_postgres: Callable[[], str]) -> None:
    """What was corrected stands in the state beside the warehouse: a rebuild in an empty one has it again."""
    before = nights.tables(corrected, ("correction",))["correction"]
    own = nights.settings(corrected.data_dir, warehouse_url=new_postgres())
    night.run(own, "rebuild", nights.clock("2026-09-11 02:15"))
    after = nights.tables(own, ("correction",))["correction"]

    assert before.height > 1
    assert after.equals(before)


# --- every notice of a busy day -----------------------------------------------------------------------------------


def test_a_day_behind_the_cursor_that_loses_rows_arrives_whole(tmp_path: Path) -> None:
    """Of 152 notices of one day the cursor would yield fewer: all are held, none is missing by their numbers."""
    told = list(made_up_find_a_tender.releases(152, MONDAY, 1, 9))
    for number, one in enumerate(told, 1):
        one["id"] = f"{70_000 + number:06}-2026"
    with nights.service(nights.bodies(_finite(told))) as server:
        by_cursor = _following_the_cursor(server)
        own = nights.settings(tmp_path, server.url)
        outcome = backfill(own, MONDAY, MONDAY)
    found = nights.tables(own, ("coverage", "release"))
    covered = found["coverage"].filter(source=find_a_tender.SOURCE, day=MONDAY)

    assert by_cursor < 152
    assert outcome.counts["releases_new"] == found["release"].height == 152
    assert covered.select("releases", "expected", "missing", "complete").rows() == [(152, 152, 0, True)]


def _finite(told: Sequence[Notice]) -> list[Notice]:
    return json.loads(json.dumps(list(told)).replace("Infinity", "100"))  # type: ignore[no-any-return]  # json tells nothing of types


def _following_the_cursor(server: Standin) -> int:
    """Return how many releases of the day come to one who trusts the cursor."""
    target = f"/api/1.0/ocdsReleasePackages?updatedFrom={MONDAY}T00:00:00&updatedTo={MONDAY}T23:59:59&limit=100"
    found: set[str] = set()
    while target:
        package = json.loads(server.answer(target).body)
        found |= {told["id"] for told in package["releases"]}
        target = package.get("links", {}).get("next", "").removeprefix(server.url)
    return len(found)


def test_a_notice_that_no_listing_brings_is_asked_for_by_its_number(tmp_path: Path) -> None:
    """A gap in the numbers of a covered day is asked for once; what the service does not have is not missing."""
    told = [
        uk7(MONDAY, 100_000.0 + number, number, ocid=f"ocds-h6vhtk-0b{number:04}") for number in (501, 502, 504, 505)
    ]
    with nights.service(told) as server:
        own = nights.settings(tmp_path, server.url)
        first = backfill(own, MONDAY, MONDAY)
        asked = [request.path for request in server.requests if "/000503-2026" in request.path]
    covered = nights.tables(own, ("coverage",))["coverage"].filter(source=find_a_tender.SOURCE, day=MONDAY)

    assert completeness.gaps({MONDAY: [one["id"] for one in told]}, {MONDAY}) == {MONDAY: ["000503-2026"]}
    assert first.counts["asked_by_id"] == len(asked) == 1
    assert covered.select("releases", "missing").rows() == [(4, 0)]


# --- real releases, read by hand ----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def real(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, pl.DataFrame], dict[str, int]]:
    """Return what the night makes of 13 real releases of both regimes: its tables, and its counts."""
    told = gzip.decompress((shared / "data" / "find_a_tender" / "releases.jsonl.gz").read_bytes()).splitlines()
    counts = {"documents": 0, "used": 0, "rejected": 0}
    with nights.service(told) as server:
        own = nights.settings(tmp_path_factory.mktemp("real"), server.url)
        for day in sorted({date.fromisoformat(json.loads(one)["date"][:10]) for one in told}):
            outcome = backfill(own, day, day)
            counts = {name: number + outcome.counts[name] for name, number in counts.items()}
    return nights.tables(own), counts


def day(text: str | None) -> date | None:
    """Return a date."""
    return date.fromisoformat(text) if text else None


REAL = {
    # One penny for a contract of transport under the light touch: a price per journey, no amount.
    "ocds-h6vhtk-06f19e/1": (
        "UK7", "active", "contract", "placeholder", "0.01", "0.01", "2026-09-03", "2026-09-04", "2026-09-20", "2760",
    ),
    # "Direct Award for Lease"; the reason for awarding directly says "under a framework".
    "ocds-h6vhtk-06f0ca/083257-2026-1": (
        None, "active", "call_off", "ok", "109801.97", None, "2026-09-03", None, None, "1",
    ),
    # Cancelled before the award: nobody, nothing.
    "ocds-h6vhtk-05f9f4/1": ("UK12", "cancelled", "concession", "missing", None, None, None, None, None, "1"),
    # Bids between £286,084 and £858,252 are stated, but no amount of the contract.
    "ocds-h6vhtk-04dd22/029615-2025-1": (
        None, "active", "contract", "missing", None, None, None, None, None, "1",
    ),
    "ocds-h6vhtk-06f1a9/1": (
        "UK6", "intended", "contract", "ok", "32800.00", "37440.00", "2026-09-03", "2026-09-18", "2027-03-31", "1",
    ),
    # Health services: an intention, to two of the bidders for a framework.
    **{
        f"ocds-h6vhtk-059c19/083468-2026-{number}": (
            None, "intended", "suspected_ceiling", "missing", None, None, "2026-09-02", None, None, "1",
        )
        for number in (1, 2)
    },
    # A framework of a water company, in six awards that name no lot.
    **{
        f"ocds-h6vhtk-02874c/052408-2025-{number}": (
            None, "active", "framework_ceiling", "missing", None, None, "2025-08-22", None, None, None,
        )
        for number in ("1-1", "2-2", "3-3", "1-4", "1-5", "1-6")
    },
}  # fmt: skip


@pytest.mark.parametrize("award", REAL)
def test_a_real_award_is_read_as_a_careful_reader_reads_it(
    award: str, real: tuple[dict[str, pl.DataFrame], dict[str, int]]
) -> None:
    """Notice type, status, kind, amounts, dates and lot are those of the notice."""
    kind, status, value_kind, value_status, net, gross, awarded, starts, ends, lot = REAL[award]
    row = real[0]["award"].row(by_predicate=pl.col("award_id") == award, named=True)

    assert (row["notice_type"], row["status"], row["lot_id"]) == (kind, status, lot)
    assert (row["value_kind"], row["value_status"]) == (value_kind, value_status)
    assert (row["amount_gbp"], row["amount_gross_gbp"]) == tuple(
        None if amount is None else Decimal(amount) for amount in (net, gross)
    )
    assert (row["awarded_on"], row["starts_on"], row["ends_on"]) == (day(awarded), day(starts), day(ends))


def test_no_real_release_is_rejected(real: tuple[dict[str, pl.DataFrame], dict[str, int]]) -> None:
    """All 13 are used, each is one procurement, and they tell of 13 awards."""
    told, counts = real

    assert counts == {"documents": 13, "used": 13, "rejected": 0}
    assert told["release"].height == told["procurement"].height == 13
    assert sorted(told["award"]["award_id"]) == sorted(REAL)


def test_real_lots_are_read(real: tuple[dict[str, pl.DataFrame], dict[str, int]]) -> None:
    """Amounts, dates and suitability of lots are those of the notices; one in dirhams has no amount in pounds."""
    lot = real[0]["lot"]
    five = lot.filter(procurement_id="ocds-h6vhtk-06f17d").select("lot_id", "amount_gbp", "amount_gross_gbp", "ends_on")
    dirhams = lot.row(by_predicate=pl.col("procurement_id") == "ocds-h6vhtk-078219", named=True)

    assert lot.height == 20
    assert five.rows() == [
        ("1", Decimal(50_000), Decimal(60_000), date(2028, 11, 3)),
        ("2", Decimal(16_000), Decimal(19_200), date(2028, 11, 3)),
        ("3", Decimal(30_000), Decimal(36_000), date(2028, 11, 9)),
        ("4", Decimal(35_000), Decimal(42_000), date(2028, 11, 9)),
        ("5", Decimal(51_500), Decimal(61_800), date(2028, 11, 16)),
    ]
    assert (dirhams["amount_gbp"], dirhams["ends_on"], dirhams["ends_latest_on"]) == (
        None, date(2030, 10, 31), date(2034, 10, 31),
    )  # fmt: skip
    assert lot.filter("suitable_sme").height == 7
    assert lot.filter(procurement_id="ocds-h6vhtk-04dd22").select("bids", "bids_sme").rows() == [(6, 6)]


def test_real_suppliers_are_read(real: tuple[dict[str, pl.DataFrame], dict[str, int]]) -> None:
    """Who won, with the identifiers that the notices give."""
    mention = real[0]["supplier_mention"].select("supplier_name", "org_id").unique().sort("supplier_name")

    assert mention.rows() == [
        ("Airedale Chemical Company Ltd", None),
        ("Brenntag UK Limited ", None),
        ("Daisy Chain Project Teeside", "GB-CHC-1109792"),
        ("Industrial Chemicals Ltd", None),
        ("KYOCERA DOCUMENT SOLUTIONS (U.K.) LIMITED", "GB-COH-02150688"),
        ("Mind Balance Center Ltd", "GB-COH-16622568"),
        ("OASIS HOMECARE LIMITED", "GB-COH-15482425"),
        ("Oxford Brookes Enterprises Limited", "GB-PPON-PYDR-3797-LZLJ"),
        ("star cab daventry limited", None),
    ]


REAL_PROCUREMENTS = {
    "ocds-h6vhtk-067fb8": ("pa2023", "open", "33721.00", "40465.20", "tendered_on", "2026-04-10"),
    "ocds-h6vhtk-078219": ("pa2023", "open", "2772000.00", "3326400.00", "tendered_on", "2026-10-06"),
    "ocds-h6vhtk-06f1b4": ("pa2023", "selective", "2500000.00", "3000000.00", "pipeline_on", "2026-09-03"),
    "ocds-h6vhtk-06f1ad": ("pa2023", None, "360000.00", "432000.00", "engaged_on", "2026-09-03"),
    "ocds-h6vhtk-06f17d": ("pa2023", "open", "182500.00", "219000.00", "tendered_on", "2026-09-03"),
    "ocds-h6vhtk-028f93": ("pcr2015", "selective", "5000000.00", None, "tendered_on", "2021-02-02"),
    "ocds-h6vhtk-059c19": ("psr2023", "open", None, None, "tendered_on", None),
    "ocds-h6vhtk-02874c": ("ucr2016", "selective", None, None, "tendered_on", None),
}


@pytest.mark.parametrize("ocid", REAL_PROCUREMENTS)
def test_a_real_procurement_is_read_as_a_careful_reader_reads_it(
    ocid: str, real: tuple[dict[str, pl.DataFrame], dict[str, int]]
) -> None:
    """The law, the method, the estimate, and the day of the notice that opened it are those of the release."""
    regime, method, net, gross, column, on = REAL_PROCUREMENTS[ocid]
    row = real[0]["procurement"].row(by_predicate=pl.col("procurement_id") == ocid, named=True)

    assert (row["regime"], row["method"], row[column]) == (regime, method, day(on))
    assert (row["estimate_gbp"], row["estimate_gross_gbp"]) == tuple(
        None if amount is None else Decimal(amount) for amount in (net, gross)
    )

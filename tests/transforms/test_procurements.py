"""One truth about each procurement and each award, in whatever order and parts it was told."""

import copy
import gzip
import json
import random
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.test_releases import OCID, anything, flat, release
from transforms import procurements, releases, values
from warehouse import schema

FTS = "find-a-tender"
ID = "ocds-h6vhtk-0a1b2c"
ACT = {"id": "2023/54", "scheme": "UKPGA"}
DIRECTIVE = {"id": "32014L0024", "scheme": "CELEX"}
COUNCIL = {"id": "GB-PPON-PAAA-1111-AAAA", "name": "Alderbrook Council"}
NOTHING = {table: schema.empty(table) for table in ("award", "award_version", "telling")}
TOLD = ("procurement", "lot", "award", "supplier_mention", "supplier_identifier")


def change(number: int, day: str, *tags: str, **fields: Any) -> dict[str, Any]:
    """Return a made-up release of Find a Tender: its number, its day, its tags, and what it tells."""
    told = {
        "ocid": ID,
        "id": f"{number:06d}-2025",
        "date": f"{day}T10:00:00+00:00",
        "tag": list(tags),
        "buyer": COUNCIL,
        "tender": {"id": "REF-1", "title": "Home care", "legalBasis": ACT},
    }
    return {name: value for name, value in (told | fields).items() if value is not ...}


def notice(kind: str, number: int, published: str | None = None) -> list[dict[str, Any]]:
    """Return the document by which a notice states its type."""
    page = f"https://www.find-tender.service.gov.uk/Notice/{number:06d}-2025"
    found = {"id": f"{number:06d}-2025", "noticeType": kind, "url": page}
    return [found | ({"datePublished": f"{published}T10:00:00+00:00"} if published else {})]


def pounds(net: float | None = None, gross: float | None = None, currency: str = "GBP") -> dict[str, Any]:
    """Return a value of the shape that the Act's notices have."""
    stated = {"amount": net, "amountGross": gross, "currency": currency}
    return {name: value for name, value in stated.items() if value is not None}


def supplier(party_id: str, name: str, **details: Any) -> dict[str, Any]:
    """Return a supplier among the parties."""
    return {"id": party_id, "name": name, "roles": ["supplier"], **details}


def lines(*documents: Any) -> list[bytes]:
    """Return documents as they stand in the archive."""
    return [found if isinstance(found, bytes) else json.dumps(found).encode() for found in documents]


def tellings(*documents: Any) -> pl.DataFrame:
    """Return what releases of Find a Tender tell."""
    return releases.flatten(FTS, [("find-a-tender/2025.jsonl.zst", lines(*documents))]).frames["telling"]


def merged(*documents: Any) -> dict[str, pl.DataFrame]:
    """Put together what releases of Find a Tender tell."""
    return procurements.merge(tellings(*documents))


def told(frames: schema.Frames, held: schema.Frames = NOTHING) -> procurements.States:
    """Believe and rank the told awards beside held ones."""
    award = values.believe(frames["award"]).with_columns(pl.lit("b1").alias("buyer_id"))
    return procurements.states(award, held["award"], held["award_version"])


def stored(states: procurements.States) -> dict[str, pl.DataFrame]:
    """Return the states as the warehouse would hold them."""
    missing = [name for name in schema.frame_schema("award") if name not in states.award.columns]
    types = schema.frame_schema("award")
    award = states.award.with_columns(pl.lit(None, types[name]).alias(name) for name in missing)
    return {"award": award.select(list(types)), "award_version": states.award_version}


def only(frame: pl.DataFrame, **where: Any) -> dict[str, Any]:
    """Return the one row for which some columns have some values."""
    found = frame.filter(pl.col(name) == value for name, value in where.items()) if where else frame
    assert found.height == 1, found

    return found.row(0, named=True)


def by_release(frames: schema.Frames, column: str) -> list[Any]:
    """Return a column of the told awards in the order of their releases."""
    return frames["award"].sort("published_at", "release_id", "award_id")[column].to_list()


def issues(frames: schema.Frames) -> set[tuple[str, str]]:
    """Return pointer and kind of the issues that were noted."""
    return set(frames["field_issue"].select("pointer", "issue").iter_rows())


# --- real releases, read by hand ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real(shared: Path) -> tuple[releases.Flat, dict[str, pl.DataFrame]]:
    """Return the real releases of Find a Tender that lie beside the project, flattened and merged."""
    with gzip.open(shared / "data" / "find_a_tender" / "releases.jsonl.gz") as file:
        flattened = releases.flatten(FTS, [("real", [line.rstrip(b"\n") for line in file])])
    return flattened, procurements.merge(flattened.frames["telling"])


P, D = "procurement", Decimal
REAL_PROCUREMENTS: dict[str, dict[str, Any]] = {
    "032703-2026": {
        "procurement_id": "ocds-h6vhtk-067fb8", "buyer_party_id": "GB-PPON-PDTL-7248-GWZW",
        "buyer_name": "Harrogate Town Council", "reference": None, "status": "active", "cpv_code": "09323000",
        "regime": "pa2023", "special_regime": None, "method": "open",
        "method_details": "Below threshold - open competition", "announced_on": None, "tendered_on": date(2026, 4, 10),
        "deadline_at": datetime(2026, 5, 8, 22, 59, 59, tzinfo=UTC), "lots": 1, "is_framework": None,
        "is_above_threshold": False, "estimate_gbp": D("33721.00"), "estimate_gross_gbp": D("40465.20"),
        "suitable_sme": None, "notice_url": "https://www.find-tender.service.gov.uk/Notice/032703-2026",
    },
    "094476-2026": {
        "procurement_id": "ocds-h6vhtk-078219", "buyer_name": "Central Bedfordshire Council",
        "reference": "CBC-2074-CFP-SK", "cpv_code": "85311000", "special_regime": "lightTouch",
        "tendered_on": date(2026, 10, 6), "deadline_at": datetime(2026, 11, 5, 12, tzinfo=UTC),
        "is_above_threshold": True, "estimate_gbp": D("2772000.00"), "estimate_gross_gbp": D("3326400.00"),
    },
    "083664-2026": {
        "buyer_name": "Government Property Agency", "reference": "C1001396", "status": "planned",
        "cpv_code": "72261000", "method": "selective", "method_details": "Award under framework",
        "announced_on": date(2026, 9, 3), "pipeline_on": date(2026, 9, 3), "engaged_on": None, "planned_on": None,
        "tendered_on": None, "deadline_at": None, "estimate_gbp": D("2500000.00"), "suitable_sme": True,
        "suitable_vcse": None,
    },
    "083655-2026": {
        "buyer_name": "Leeds City Council", "reference": None, "status": "planning", "cpv_code": "50712000",
        "announced_on": date(2026, 9, 3), "pipeline_on": None, "engaged_on": date(2026, 9, 3), "tendered_on": None,
        "estimate_gross_gbp": D("432000.00"), "suitable_sme": True,
    },
    "083608-2026": {
        "buyer_name": "West Northamptonshire Council", "reference": "SA1391329", "status": "complete",
        "cpv_code": "60000000", "special_regime": "lightTouch", "method": "limited", "estimate_gbp": None,
        "announced_on": None, "tendered_on": None, "lots": 1,
    },
    "083257-2026": {
        "buyer_party_id": "GB-FTS-141340", "buyer_name": "The Police and Crime Commissioner for Surrey",
        "reference": "JPS3186A", "cpv_code": "30232100", "regime": "pcr2015", "method": "limited",
        "direct_award_reason": (
            "Direct award under a framework due to cost of change and resource to be able to implement a new supplier."
            "; The procurement falls outside the scope of application of the directive"
        ),
        "is_above_threshold": None, "estimate_gbp": None,
    },
    "083256-2026": {
        "buyer_party_id": "GB-PPON-PGWC-7578-LYDG", "buyer_name": "Solihull Metropolitan Borough Council",
        "reference": "SOL30024", "status": "withdrawn", "regime": "pa2023", "cpv_code": None, "lots": 1,
    },
    "029615-2025": {
        "buyer_name": "Durham County Council", "reference": "001186", "cpv_code": "85000000", "regime": "pcr2015",
        "method": "open", "lots": 1,
    },
    "083563-2026": {
        "buyer_name": "Science Museum Group", "reference": "SIM4117M", "cpv_code": "92521000", "lots": 5,
        "tendered_on": date(2026, 9, 3), "deadline_at": datetime(2026, 10, 2, 22, 59, tzinfo=UTC),
        "estimate_gbp": D("182500.00"), "suitable_sme": True, "suitable_vcse": None,
    },
    "083650-2026": {
        "buyer_name": "Wiltshire Council", "reference": "HC2645", "cpv_code": "80500000", "method": None,
        "method_details": "Below threshold - unknown", "is_above_threshold": None, "estimate_gbp": None,
    },
    "083468-2026": {
        "buyer_party_id": "GB-COH-RJR", "buyer_name": "COUNTESS OF CHESTER HOSPITAL NHS FOUNDATION TRUST",
        "reference": "F/102/MHWS/25/SB", "cpv_code": "85100000", "regime": "psr2023", "is_framework": None,
    },
    "052408-2025": {
        "procurement_id": "ocds-h6vhtk-02874c", "buyer_party_id": "GB-FTS-4736", "reference": "PRO004269",
        "regime": "ucr2016", "cpv_code": "24311521", "method": "selective", "is_framework": True, "lots": 4,
    },
    "002109-2021": {
        "buyer_name": "The British Broadcasting Corporation (BBC)", "reference": None, "regime": "pcr2015",
        "status": "active", "tendered_on": date(2021, 2, 2), "deadline_at": datetime(2021, 3, 9, 12, tzinfo=UTC),
        "estimate_gbp": D("5000000.00"), "estimate_gross_gbp": None, "lots": 1,
    },
}  # fmt: skip


@pytest.mark.parametrize("release_id", REAL_PROCUREMENTS)
def test_real_procurements_say_what_a_reader_of_the_notice_finds(
    real: tuple[releases.Flat, dict[str, pl.DataFrame]], release_id: str
) -> None:
    """Of each real release the procurement agrees with a reading of the notice by hand."""
    row = only(real[1]["procurement"], release_id=release_id)

    assert {name: row[name] for name in REAL_PROCUREMENTS[release_id]} == REAL_PROCUREMENTS[release_id]


REAL_AWARDS: dict[str, dict[str, Any]] = {
    "ocds-h6vhtk-06f19e/1": {
        "notice_type": "UK7", "lot_id": "2760", "status": "active", "awarded_on": date(2026, 9, 3),
        "signed_on": date(2026, 9, 3), "starts_on": date(2026, 9, 4), "ends_on": date(2026, 9, 20),
        "ends_latest_on": None, "currency": "GBP", "amount_gbp": D("0.01"), "amount_gross_gbp": D("0.01"),
        "supplier_count": 1, "bids": None, "is_above_threshold": False, "regime": "pa2023",
        "notice_url": "https://www.find-tender.service.gov.uk/Notice/083608-2026",
    },
    "ocds-h6vhtk-06f0ca/083257-2026-1": {
        "notice_type": None, "lot_id": "1", "status": "active", "awarded_on": date(2026, 9, 3),
        "signed_on": date(2026, 9, 3), "starts_on": None, "amount_gbp": D("109801.97"), "amount_gross_gbp": None,
        "bids": 1, "bids_sme": 0, "bids_vcse": None,
        "notice_url": "https://www.find-tender.service.gov.uk/Notice/083257-2026",
    },
    "ocds-h6vhtk-05f9f4/1": {
        "notice_type": "UK12", "lot_id": "1", "status": "cancelled", "supplier_count": 0, "amount_gbp": None,
        "awarded_on": None, "buyer_name": "Solihull Metropolitan Borough Council",
    },
    "ocds-h6vhtk-04dd22/029615-2025-1": {
        "lot_id": "1", "status": "active", "amount_gbp": None, "currency": None, "awarded_on": None, "bids": 6,
        "bids_sme": 6, "supplier_count": 1,
    },
    "ocds-h6vhtk-06f1a9/1": {
        "notice_type": "UK6", "lot_id": "1", "status": "intended", "awarded_on": date(2026, 9, 3), "signed_on": None,
        "starts_on": date(2026, 9, 18), "ends_on": date(2027, 3, 31), "amount_gbp": D("32800.00"),
        "amount_gross_gbp": D("37440.00"), "supplier_count": 1, "is_above_threshold": False,
    },
    "ocds-h6vhtk-059c19/083468-2026-1": {
        "status": "intended", "signed_on": date(2026, 9, 2), "regime": "psr2023", "amount_gbp": None, "bids": 2,
        "supplier_count": 1,
    },
    "ocds-h6vhtk-059c19/083468-2026-2": {"status": "intended", "lot_id": "1", "supplier_count": 1},
    "ocds-h6vhtk-02874c/052408-2025-1-1": {
        "status": "active", "lot_id": None, "signed_on": date(2025, 8, 22), "bids": None, "is_framework": True,
        "amount_gbp": None,
    },
    "ocds-h6vhtk-02874c/052408-2025-2-2": {"supplier_count": 1},
    "ocds-h6vhtk-02874c/052408-2025-3-3": {"supplier_count": 1},
    "ocds-h6vhtk-02874c/052408-2025-1-4": {"supplier_count": 1},
    "ocds-h6vhtk-02874c/052408-2025-1-5": {"supplier_count": 1},
    "ocds-h6vhtk-02874c/052408-2025-1-6": {"supplier_count": 1},
}  # fmt: skip


@pytest.mark.parametrize("award_id", REAL_AWARDS)
def test_real_awards_say_what_a_reader_of_the_notice_finds(
    real: tuple[releases.Flat, dict[str, pl.DataFrame]], award_id: str
) -> None:
    """Of each real award status, dates, amounts, lot and bids agree with a reading of the notice by hand."""
    row = only(real[1]["award"], award_id=award_id)

    assert {name: row[name] for name in REAL_AWARDS[award_id]} == REAL_AWARDS[award_id]


def test_real_releases_tell_nothing_else(real: tuple[releases.Flat, dict[str, pl.DataFrame]]) -> None:
    """No real release is rejected or repaired, none tells an award more, and their suppliers are all there."""
    flattened, frames = real

    assert (flattened.documents, flattened.used, flattened.rejected) == (13, 13, 0)
    assert flattened.frames["field_issue"].is_empty()
    assert set(frames["award"]["award_id"]) == set(REAL_AWARDS)
    assert frames["procurement"].height == len(REAL_PROCUREMENTS)
    mentions = frames["supplier_mention"].select("supplier_name", "address", "scale_declared", "vcse_declared")
    assert set(mentions.rows()) == {
        ("star cab daventry limited", "152 Morning Star Road, Daventry, NN119AA, United Kingdom", "large", False),
        ("KYOCERA DOCUMENT SOLUTIONS (U.K.) LIMITED", "Reading, United Kingdom", "large", None),
        ("Daisy Chain Project Teeside", "Stockton on Tees, United Kingdom", None, None),
        ("Oxford Brookes Enterprises Limited", "Gypsy Lane, Oxford, OX3 0BP, United Kingdom", "sme", False),
        ("Mind Balance Center Ltd", "Liverpool, United Kingdom", "sme", None),
        ("OASIS HOMECARE LIMITED", "Huddersfield, United Kingdom", "large", None),
        ("Brenntag UK Limited ", "Leeds, United Kingdom", "large", None),
        ("Airedale Chemical Company Ltd", "Keighley, United Kingdom", "large", None),
        ("Industrial Chemicals Ltd", "Brentwood, United Kingdom", "large", None),
    }
    assert set(frames["supplier_identifier"].select("scheme", "raw").rows()) == {
        ("GB-CHC", "1109792"), ("GB-COH", "16622568"), ("GB-COH", "15482425"), ("GB-COH", "02150688"),
        ("GB-PPON", "PYDR-3797-LZLJ"),
    }  # fmt: skip


def test_real_lots_keep_their_amounts_periods_and_bids(real: tuple[releases.Flat, dict[str, pl.DataFrame]]) -> None:
    """Lots are those of the notices; an amount in dirhams is no amount in pounds, and an issue says so."""
    lots = real[1]["lot"]
    museum = lots.filter(pl.col("procurement_id") == "ocds-h6vhtk-06f17d").sort("lot_id")
    dirhams = only(lots, procurement_id="ocds-h6vhtk-078219")

    assert lots.height == 20
    assert museum["amount_gbp"].to_list() == [D(50000), D(16000), D(30000), D(35000), D(51500)]
    assert museum["ends_on"].to_list()[0] == date(2028, 11, 3)
    assert museum["suitable_sme"].to_list() == [True] * 5
    assert museum["suitable_vcse"].to_list() == [None] * 5
    assert (dirhams["amount_gbp"], dirhams["ends_latest_on"]) == (None, date(2034, 10, 31))
    assert ("/tender/lots/0/value/amount", "foreign_currency") in issues(real[1])
    assert only(lots, procurement_id="ocds-h6vhtk-04dd22")["bids"] == 6
    assert only(lots, procurement_id="ocds-h6vhtk-028f93")["ends_on"] == date(2026, 11, 30)


# --- a procurement under the Act, notice by notice ------------------------------------------------------------------

FIRM = supplier("GB-PPON-PBBB-2222-BBBB", "Rowan Care CIC", details={"scale": "sme", "vcse": True})
SAME_FIRM = supplier("GB-COH-01234567", "Rowan Care CIC", identifier={"scheme": "GB-COH", "id": "01234567"})
STORY = [
    change(
        1, "2025-03-01", "planning",
        planning={"documents": notice("UK2", 1, "2025-03-01"), "noEngagementNoticeRationale": None},
    ),
    change(
        2, "2025-04-01", "tender",
        tender={
            "id": "REF-1", "title": "Home care", "description": "Care at home.", "legalBasis": ACT,
            "specialRegime": ["lightTouch"], "status": "active", "procurementMethod": "open",
            "value": pounds(100000, 120000), "aboveThreshold": True, "documents": notice("UK4", 2, "2025-04-01"),
            "otherRequirements": {
                "reservedParticipation": ["smeVcse", "publicServiceMissionOrganization"],
                "reservedParticipationLocation": {"gazetteer": {"scheme": "ISO", "identifiers": ["GB-DUR"]}},
            },
            "lotDetails": {"noLotsDivisionRationale": "One route only."},
            "lots": [{
                "id": "1", "status": "active", "suitability": {"vcse": True}, "value": pounds(100000, 120000),
                "contractPeriod": {"startDate": "2025-07-01T00:00:00+01:00", "endDate": "2026-06-30T23:59:59+01:00"},
            }],
            "items": [{
                "id": "1", "relatedLot": "1",
                "additionalClassifications": [{"scheme": "UNSPSC", "id": "1"}, {"scheme": "CPV", "id": "85312000"}],
            }],
        },
    ),
    change(
        3, "2025-05-01", "award", "contract", parties=[FIRM],
        tender={"id": "REF-1", "title": "Home care", "legalBasis": ACT, "status": "complete"},
        awards=[{
            "id": "1", "status": "active", "date": "2025-04-28T00:00:00+01:00", "value": pounds(90000, 108000),
            "suppliers": [{"id": FIRM["id"], "name": FIRM["name"]}], "relatedLots": ["1"],
            "documents": notice("UK6", 3, "2025-05-01"),
        }],
        bids={"statistics": [
            {"id": "1", "measure": "bids", "value": 9, "relatedLot": "1"},
            {"id": "2", "measure": "finalStageBids", "value": 4, "relatedLot": "1"},
            {"id": "3", "measure": "vcseFinalStageBids", "value": 1, "relatedLot": "1"},
        ]},
    ),
    change(
        4, "2025-06-01", "award", "contract", parties=[SAME_FIRM],
        awards=[{"id": "1", "status": "active", "suppliers": [{"id": SAME_FIRM["id"], "name": SAME_FIRM["name"]}]}],
        contracts=[{
            "id": "1", "awardID": "1", "status": "active", "value": pounds(91000.5, 109200.6),
            "dateSigned": "2025-05-30T00:00:00+01:00", "documents": notice("UK7", 4),
            "period": {"startDate": "2025-07-02T00:00:00+01:00", "endDate": "2026-06-30T23:59:59Z",
                       "maxExtentDate": "2027-06-30T23:59:59Z"},
        }],
    ),
    change(
        5, "2025-09-01", "contractAmendment",
        contracts=[{
            "id": "1", "awardID": "1", "documents": notice("UK10", 5),
            "amendments": [{
                "id": "5", "date": "2025-08-25T00:00:00+01:00", "rationale": "More hours.", "value": pounds(120000),
                "rationaleClassifications": [{"id": "needs", "description": "Unforeseeable circumstances"}],
                "suppliersAdded": [{"id": "GB-FTS-9", "name": "Elm Trust"}],
            }],
        }],
        parties=[supplier("GB-FTS-9", "Elm Trust")],
    ),
    change(
        6, "2026-01-10", "contractTermination",
        contracts=[{
            "id": "1", "awardID": "1", "status": "terminated", "documents": notice("UK11", 6),
            "terminationRationaleClassifications": [{"id": "agreement", "description": "Ended by agreement"}],
        }],
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def story() -> dict[str, pl.DataFrame]:
    """Return what the notices of one procurement under the Act tell together."""
    return merged(*STORY)


def test_an_award_is_intended_until_its_contract_is_published(story: dict[str, pl.DataFrame]) -> None:
    """An award notice states an intention, the contract notice a contract, the termination notice its end."""
    assert by_release(story, "notice_type") == ["UK6", "UK7", "UK10", "UK11"]
    assert by_release(story, "status") == ["intended", "active", "active", "terminated"]
    assert by_release(story, "end_reason") == [None, None, None, "Ended by agreement"]
    assert set(story["award"]["award_id"]) == {f"{ID}/1"}


def test_the_amount_is_where_each_notice_puts_it(story: dict[str, pl.DataFrame]) -> None:
    """The award's value counts until a contract states one; an amendment states the new total, and drops the gross."""
    assert by_release(story, "amount_gbp") == [D("90000.00"), D("91000.50"), D("120000.00"), D("120000.00")]
    assert by_release(story, "amount_gross_gbp") == [D("108000.00"), D("109200.60"), None, None]


def test_dates_come_from_the_contract_else_the_award_else_the_lot(story: dict[str, pl.DataFrame]) -> None:
    """Before the contract notice the lot tells the period; the last second of a day in UTC belongs to that day."""
    assert by_release(story, "awarded_on") == [date(2025, 4, 28)] * 4
    assert by_release(story, "signed_on") == [None, *[date(2025, 5, 30)] * 3]
    assert by_release(story, "starts_on") == [date(2025, 7, 1), *[date(2025, 7, 2)] * 3]
    assert by_release(story, "ends_on") == [date(2026, 6, 30)] * 4
    assert by_release(story, "ends_latest_on") == [None, *[date(2027, 6, 30)] * 3]
    assert by_release(story, "changed_on") == [None, None, *[date(2025, 8, 25)] * 2]
    assert by_release(story, "change_reason")[2] == "Unforeseeable circumstances; More hours."


def test_the_procurement_keeps_what_a_later_notice_leaves_out(story: dict[str, pl.DataFrame]) -> None:
    """What only the tender notice told stays; title and status are those told last; the notices' days are kept."""
    row = only(story["procurement"])
    expected = {
        "procurement_id": ID, "release_id": "000006-2025", "reference": "REF-1", "status": "complete",
        "cpv_code": "85312000", "regime": "pa2023", "special_regime": "lightTouch", "method": "open",
        "engaged_on": date(2025, 3, 1), "announced_on": date(2025, 3, 1), "tendered_on": date(2025, 4, 1), "lots": 1,
        "reserved_for": "smeVcse,publicServiceMissionOrganization", "reserved_location": "GB-DUR",
        "no_lots_reason": "One route only.", "is_above_threshold": True, "suitable_vcse": True, "suitable_sme": None,
        "estimate_gbp": D("100000.00"), "is_framework": None, "is_dynamic": None,
        "notice_url": "https://www.find-tender.service.gov.uk/Notice/000006-2025",
    }  # fmt: skip

    assert {name: row[name] for name in expected} == expected


def test_bids_of_the_last_stage_count_where_they_are_told(story: dict[str, pl.DataFrame]) -> None:
    """Bids received and bids of the last stage are not mixed, and both lot and award tell them."""
    lot, award = only(story["lot"]), story["award"].row(0, named=True)

    assert (lot["bids"], lot["bids_sme"], lot["bids_vcse"]) == (4, None, 1)
    assert (award["bids"], award["bids_sme"], award["bids_vcse"]) == (4, None, 1)


def test_suppliers_are_those_named_last_and_not_the_same_firm_twice(story: dict[str, pl.DataFrame]) -> None:
    """The contract notice names the firm under another id: it is one supplier; an amendment adds another."""
    mentions = story["supplier_mention"].sort("published_at", "mention_id")

    assert by_release(story, "supplier_count") == [1, 1, 2, 2]
    assert mentions["supplier_name"].to_list() == ["Rowan Care CIC"] * 3 + ["Elm Trust", "Rowan Care CIC", "Elm Trust"]
    assert mentions["party_id"].to_list()[:2] == [FIRM["id"], SAME_FIRM["id"]]
    assert mentions["vcse_declared"].to_list()[:2] == [True, None]
    assert set(story["supplier_identifier"]["raw"]) == {"01234567"}


def test_what_was_known_on_a_day_is_one_query(story: dict[str, pl.DataFrame]) -> None:
    """The last state is the award, the others are versions that follow each other without a gap."""
    found = told(story)
    version = found.award_version.sort("valid_from_at")

    assert only(found.award)["status"] == "terminated"
    assert version["status"].to_list() == ["intended", "active", "active"]
    assert version["valid_to_at"].to_list()[:-1] == version["valid_from_at"].to_list()[1:]
    assert version["valid_to_at"].to_list()[-1] == only(found.award)["published_at"]
    assert version["is_large_for_buyer"].null_count() == version["is_core"].null_count() == 3


# --- single rules ---------------------------------------------------------------------------------------------------


def award_of(*documents: Any) -> dict[str, Any]:
    """Return the last state of the only award that is told."""
    return merged(*documents)["award"].sort("published_at", "release_id").row(-1, named=True)


ONE = {"id": "1", "status": "active", "suppliers": [{"id": "GB-FTS-1", "name": "Elm Ltd"}], "relatedLots": ["1"]}
STATUSES: dict[str, tuple[Any, dict[str, Any], list[dict[str, Any]], str | None]] = {
    "transparency notice": (ACT, {"status": "pending"}, [], "intended"),
    "award notice": (ACT, {"status": "active"}, [], "intended"),
    "award notice without a status": (ACT, {"status": None}, [], "intended"),
    "contract notice": (ACT, {"status": "pending"}, [{"status": "active"}], "active"),
    "contract without a status": (ACT, {"status": "active"}, [{}], "active"),
    "cancelled contract": (ACT, {"status": "active"}, [{"status": "cancelled"}], "cancelled"),
    "one of two contracts cancelled": (ACT, {}, [{"status": "cancelled"}, {"status": "active"}], "active"),
    "terminated contract": (ACT, {}, [{"status": "terminated"}, {"status": "cancelled"}], "terminated"),
    "nobody won": (ACT, {"status": "unsuccessful"}, [], "unsuccessful"),
    "withdrawn": (ACT, {"status": "cancelled"}, [], "cancelled"),
    "old regime": (DIRECTIVE, {"status": "active"}, [], "active"),
    "old regime, signed": (DIRECTIVE, {"status": "active"}, [{"status": "active"}], "active"),
    "old regime, pending": (DIRECTIVE, {"status": "pending"}, [], "intended"),
    "old regime, no status": (DIRECTIVE, {"status": None}, [], None),
}


@pytest.mark.parametrize(("law", "award", "contracts", "expected"), STATUSES.values(), ids=STATUSES)
def test_the_status_follows_from_law_award_and_contracts(
    law: Any, award: dict[str, Any], contracts: list[dict[str, Any]], expected: str | None
) -> None:
    """Under the Act an award without a contract is intended; before it, an award is what it is called."""
    made = [{"id": str(n), "awardID": "1", **contract} for n, contract in enumerate(contracts)]
    tender = {"id": "R", "legalBasis": law, "lots": [{"id": "1", "status": "cancelled"}]}
    found = award_of(change(1, "2025-05-01", "award", "contract", tender=tender, awards=[ONE | award], contracts=made))

    assert found["status"] == expected


INTENDED = "This is a Provider Selection Regime (PSR) intention to award notice."
AWARDED = "Awarded under the Provider Selection Regime Regulations 2023."
HEALTH = {
    INTENDED: "intended",
    "Health Care Services (Provider Selection Regime) Regulations 2023. The publication of this notice marks the start "
    "of the standstill period. A confirmation of contract award notice follows.": "intended",
    "Under the Provider Selection Regime the Board intends to award a contract to the present provider.": "intended",
    "This notice is to confirm the intention to award. Provider Selection Regime: this is an intention to award "
    "notice.": "intended",
    "This is a Provider Selection Regime (PSR) confirmation of contract award notice. An intention to award notice was "
    "published before.": "active",
    "Following publication of its intention to award under the Provider Selection Regime, the standstill period has "
    "ended.": "active",
    AWARDED: "active",
}


@pytest.mark.parametrize(("text", "expected"), HEALTH.items())
@pytest.mark.parametrize("place", ["tender", "release", "lot"])
def test_a_notice_of_the_health_services_is_told_by_its_words(text: str, expected: str, place: str) -> None:
    """Wherever the words stand, the regime is the health services' own, and an intention is not an award."""
    tender: dict[str, Any] = {"id": "R", "title": "Care", "legalBasis": DIRECTIVE, "lots": [{"id": "1"}]}
    fields: dict[str, Any] = {"tender": tender, "awards": [ONE]}
    if place == "release":
        fields["description"] = text
    else:
        (tender if place == "tender" else tender["lots"][0])["description"] = text
    found = award_of(change(1, "2025-05-01", "award", "contract", **fields))

    assert (found["regime"], found["status"]) == ("psr2023", expected)


def test_the_words_of_an_earlier_notice_do_not_undo_an_award() -> None:
    """After the intention, the notice of the award itself makes it active; the regime stays."""
    notices = [
        change(n, f"2025-05-0{n}", "award", "contract", awards=[ONE], tender={"id": "R", "legalBasis": DIRECTIVE, "description": text})  # noqa: E501 - one row of a table
        for n, text in ((1, INTENDED), (2, AWARDED))
    ]  # fmt: skip

    assert by_release(merged(*notices), "status") == ["intended", "active"]


def test_the_regime_of_the_health_services_is_told_on_contracts_finder_too() -> None:
    """The same words in a notice of Contracts Finder have the same meaning, on its lines of one award."""
    made = release()
    made["tender"]["description"] = INTENDED
    found = flat(made).frames["award"].row(0, named=True)

    assert (found["regime"], found["status"]) == ("psr2023", "intended")


VALUES: dict[str, tuple[dict[str, Any] | None, list[dict[str, Any]], tuple[Any, ...]]] = {
    "only the award": (pounds(10, 12), [], (D(10), D(12), "GBP")),
    "the contract counts": (pounds(10, 12), [{"value": pounds(11)}], (D(11), None, "GBP")),
    "contracts are added": (None, [{"value": pounds(0.1, 0.12)}, {"value": pounds(0.2, 0.24)}], (D("0.3"), D("0.36"), "GBP")),  # noqa: E501 - one row of a table
    "a cancelled one is not": (None, [{"value": pounds(5), "status": "cancelled"}, {"value": pounds(2)}], (D(2), None, "GBP")),  # noqa: E501 - one row of a table
    "a contract without a value": (pounds(10), [{}], (D(10), None, "GBP")),
    "gross only": (pounds(None, 12), [], (None, D(12), "GBP")),
    "gross of nothing": (None, [{"value": pounds(None, 0)}], (None, D(0), "GBP")),
    "dirhams": (pounds(10, 12, "AED"), [], (None, None, "AED")),
    "pounds and dirhams": (None, [{"value": pounds(1)}, {"value": pounds(1, None, "AED")}], (None, None, None)),
    "one net, one gross": (None, [{"value": pounds(1)}, {"value": pounds(None, 2)}], (None, None, "GBP")),
}  # fmt: skip


@pytest.mark.parametrize(("value", "contracts", "expected"), VALUES.values(), ids=VALUES)
def test_an_award_is_worth_its_contracts(
    value: dict[str, Any] | None, contracts: list[dict[str, Any]], expected: tuple[Any, ...]
) -> None:
    """The contracts' values are added where they are stated in one currency; else the award's own counts."""
    made = [{"id": str(n), "awardID": "1", **contract} for n, contract in enumerate(contracts)]
    found = award_of(change(1, "2025-05-01", "award", awards=[ONE | {"value": value}], contracts=made))

    assert (found["amount_gbp"], found["amount_gross_gbp"], found["currency"]) == expected


def test_lots_in_another_currency_are_told_beside_the_award() -> None:
    """A lot in dirhams under an award in pounds is told, so that the contradiction can be flagged."""
    tender = {"id": "R", "legalBasis": ACT, "lots": [{"id": "1", "value": pounds(5, None, "AED")}]}
    found = award_of(change(1, "2025-05-01", "award", tender=tender, awards=[ONE | {"value": pounds(5)}]))

    assert (found["currency"], found["lot_currencies"]) == ("GBP", "AED")


def test_null_takes_back_and_absence_keeps() -> None:
    """A field that a later release does not tell stays, and one that it tells as null is known no more."""
    tender = {
        "id": "R",
        "legalBasis": ACT,
        "title": "Care",
        "value": pounds(5),
        "lots": [{"id": "1", "title": "North"}],
    }
    later = {"id": "R", "value": None, "lots": [{"id": "1", "title": None, "status": "active"}, {"id": "2"}]}
    found = merged(
        change(1, "2025-05-01", "tender", tender=tender), change(2, "2025-05-02", "tenderUpdate", tender=later)
    )
    row = only(found["procurement"])

    assert (row["title"], row["estimate_gbp"], row["regime"]) == ("Care", None, "pa2023")
    assert found["lot"].sort("lot_id").select("lot_id", "title", "status").rows() == [
        ("1", None, "active"),
        ("2", None, None),
    ]


def test_what_cannot_be_read_takes_nothing_back() -> None:
    """A value of the wrong type is noted and says nothing: what was told before stays."""
    documents = [
        change(1, "2025-05-01", "tender", tender={"id": "R", "title": "Care", "legalBasis": ACT}),
        change(2, "2025-05-02", "tenderUpdate", tender={"id": "R", "title": {"en": 1}, "status": ["complete"]}),
    ]
    flattened = releases.flatten(FTS, [("a", lines(*documents))])
    row = only(procurements.merge(flattened.frames["telling"])["procurement"])

    assert (row["title"], row["status"]) == ("Care", "complete")
    assert issues(flattened.frames) == {("/tender/title", "wrong_type"), ("/tender/status", "list_for_text")}


def test_an_award_that_was_never_told_is_no_award() -> None:
    """A list of award ids with their amendments tells no award, until a release that tells them arrives."""
    skeleton = change(5, "2025-06-01", "award", "contract", awards=[{"id": "7", "amendments": [{"id": "5"}]}])
    whole = change(3, "2025-05-01", "award", "contract", awards=[ONE | {"id": "7"}])
    alone, together = merged(skeleton), merged(skeleton, whole)

    assert alone["award"].is_empty()
    assert ("/awards/0/id", "nothing_told") in issues(alone)
    assert by_release(together, "release_id") == ["000003-2025", "000005-2025"]
    assert not issues(together)


def test_two_awards_under_one_id_are_both_kept() -> None:
    """Repeated ids in one release are told apart by their order, and so are their contracts."""
    pair = [{"id": "9", "status": "active", "suppliers": [{"id": f"GB-FTS-{n}", "name": n}]} for n in ("Elm", "Oak")]
    contracts = [{"id": f"c{n}", "awardID": "9", "value": pounds(n)} for n in (1, 2)]
    made = change(1, "2021-05-01", "award", tender={"legalBasis": DIRECTIVE}, awards=pair, contracts=contracts)
    found = merged(made)

    assert found["award"].sort("award_id").select("award_id", "amount_gbp").rows() == [
        (f"{ID}/9", D(1)),
        (f"{ID}/9~2", D(2)),
    ]
    assert dict(found["supplier_mention"].select("award_id", "supplier_name").rows()) == {
        f"{ID}/9": "Elm",
        f"{ID}/9~2": "Oak",
    }
    assert ("/awards/1/id", "repeated_id") in issues(found)


def test_an_id_given_out_again_is_another_award() -> None:
    """Another release, other lots, other suppliers: not the same award; an update of the same id still is."""
    first = change(1, "2025-05-01", "award", awards=[ONE | {"value": pounds(5)}])
    other = ONE | {"relatedLots": ["2"], "suppliers": [{"id": "GB-FTS-2", "name": "Oak Ltd"}], "value": pounds(7)}
    again = merged(first, change(2, "2025-06-01", "award", awards=[other]))
    updated = merged(first, change(2, "2025-06-01", "awardUpdate", awards=[other]))
    more = merged(
        first, change(2, "2025-06-01", "award", awards=[other]),
        change(3, "2025-07-01", "contract", awards=[ONE], contracts=[{"id": "c", "awardID": "1", "value": pounds(6)}]),
    )  # fmt: skip

    assert set(again["award"]["award_id"]) == {f"{ID}/1", f"{ID}/1~000002-2025"}
    assert ("/awards/0/id", "other_award") in issues(again)
    assert set(updated["award"]["award_id"]) == {f"{ID}/1"}
    assert only(more["award"], release_id="000003-2025")["award_id"] == f"{ID}/1"


def test_a_contract_without_its_award_finds_it() -> None:
    """A change of a contract tells of the award that it names, or of the only one, or makes one known."""
    first = change(1, "2025-05-01", "award", awards=[ONE])
    named = change(2, "2025-06-01", "contract", contracts=[{"id": "c", "awardID": "1", "value": pounds(6)}])
    nameless = change(2, "2025-06-01", "contract", contracts=[{"id": "c", "value": pounds(6)}])

    assert only(merged(first, named)["award"], release_id="000002-2025")["amount_gbp"] == D(6)
    assert only(merged(first, nameless)["award"], release_id="000002-2025")["award_id"] == f"{ID}/1"
    assert only(merged(named)["award"])["award_id"] == f"{ID}/1"


def test_amendments_take_suppliers_away_and_count_once() -> None:
    """A supplier that an amendment removes is gone; the same amendment told again changes nothing."""
    pair = [{"id": "GB-FTS-1", "name": "Elm Ltd"}, {"id": "GB-FTS-2", "name": "Oak Ltd"}]
    amendment = {"id": "a", "value": pounds(8), "suppliersRemoved": [{"id": "GB-FTS-77", "name": "ELM LTD."}]}
    contract = {"id": "c", "awardID": "1", "amendments": [amendment]}
    notices = [
        change(1, "2025-05-01", "award", awards=[ONE | {"suppliers": pair}], contracts=[{"id": "c", "awardID": "1"}]),
        change(2, "2025-06-01", "contractAmendment", contracts=[contract]),
        change(3, "2025-07-01", "contractUpdate", contracts=[contract | {"value": pounds(9)}]),
    ]
    found = merged(*notices)

    assert by_release(found, "supplier_count") == [2, 1, 1]
    assert by_release(found, "amount_gbp") == [None, D(8), D(9)]
    assert by_release(found, "changed_on") == [None, date(2025, 6, 1), date(2025, 6, 1)]


def test_a_party_told_again_adds_to_what_is_known_unless_it_is_somebody_else() -> None:
    """A later release of the same party adds its address; the same id with another name is not the supplier."""
    parties = [
        [supplier("GB-FTS-1", "Elm Ltd", details={"scale": "sme"})],
        [supplier("GB-FTS-1", "Elm Ltd", address={"locality": "Leeds"})],
        [supplier("GB-FTS-1", "Quite Another plc", address={"locality": "Hull"}, details={"scale": "large"})],
    ]
    notices = [change(n, f"2025-05-0{n}", "award", awards=[ONE], parties=told) for n, told in enumerate(parties[:2], 1)]
    notices.append(change(3, "2025-05-03", "awardUpdate", awards=[{"id": "1", "status": "active"}], parties=parties[2]))
    mentions = merged(*notices)["supplier_mention"].sort("published_at")

    assert mentions.select("address", "scale_declared").rows()[:2] == [(None, "sme"), ("Leeds", "sme")]
    assert mentions.select("supplier_name", "address").rows()[2] == ("Elm Ltd", "Leeds")


BIDS: dict[str, tuple[list[tuple[str, int, str | None]], list[str], tuple[Any, ...]]] = {
    "for the lot": ([("bids", 3, "1"), ("smeBids", 2, "1"), ("bids", 9, "2")], ["1"], (3, 2, None)),
    "without a lot, several lots": ([("bids", 3, None)], ["1"], (None, None, None)),
    "more than anybody counts": ([("bids", 10**300, "1"), ("smeBids", 2, "1")], ["1"], (None, 2, None)),
    "the same twice": ([("bids", 3, "1"), ("bids", 3, "1")], ["1"], (3, None, None)),
    "two numbers": ([("bids", 3, "1"), ("bids", 4, "1")], ["1"], (None, None, None)),
    "two lots, one number": ([("bids", 3, "1"), ("bids", 3, "2")], ["1", "2"], (3, None, None)),
    "two lots, two numbers": ([("bids", 3, "1"), ("bids", 4, "2")], ["1", "2"], (None, None, None)),
}


@pytest.mark.parametrize(("statistics", "lots", "expected"), BIDS.values(), ids=BIDS)
def test_bids_are_those_of_the_lot(
    statistics: list[tuple[str, int, str | None]], lots: list[str], expected: tuple[Any, ...]
) -> None:
    """A number of bids belongs to the award whose lot it names; where two disagree, it is not known."""
    made = [{"id": str(n), "measure": m, "value": v, "relatedLot": lot} for n, (m, v, lot) in enumerate(statistics)]
    tender = {"legalBasis": DIRECTIVE, "lots": [{"id": "1"}, {"id": "2"}]}
    awards = [ONE | {"relatedLots": lots}]
    found = award_of(change(1, "2025-05-01", "award", tender=tender, awards=awards, bids={"statistics": made}))

    assert (found["bids"], found["bids_sme"], found["bids_vcse"]) == expected


def test_bids_told_again_replace_what_was_told() -> None:
    """The ids of statistics are given out anew in every release: the later number counts, and nothing is doubled."""
    notices = [
        change(
            n, f"2025-05-0{n}", "awardUpdate", awards=[ONE],
            tender={"legalBasis": DIRECTIVE, "lots": [{"id": "1"}]},
            bids={"statistics": [{"id": str(n * 10), "measure": "bids", "value": n}]},
        )
        for n in (1, 2)
    ]  # fmt: skip

    assert by_release(merged(*notices), "bids") == [1, 2]


TECHNIQUES: dict[str, tuple[dict[str, Any], str | None, tuple[Any, ...]]] = {
    "nothing said": ({}, None, (None, None)),
    "no framework": ({"techniques": {"hasFrameworkAgreement": False}}, "UK4", (False, None)),
    "a framework": ({"techniques": {"hasFrameworkAgreement": True}}, "UK4", (True, None)),
    "a framework by its terms": ({"techniques": {"frameworkAgreement": {"type": "open"}}}, "UK4", (True, None)),
    "a framework by lot": ({"lots": [{"id": "1", "techniques": {"hasFrameworkAgreement": True}}]}, "UK4", (True, None)),
    "a purchasing system": ({"techniques": {"hasDynamicPurchasingSystem": True}}, None, (None, True)),
    "a dynamic market": ({}, "UK13", (None, True)),
}


@pytest.mark.parametrize(("tender", "kind", "expected"), TECHNIQUES.values(), ids=TECHNIQUES)
def test_frameworks_and_dynamic_markets_are_told(
    tender: dict[str, Any], kind: str | None, expected: tuple[Any, ...]
) -> None:
    """A framework or dynamic market is what a notice says it sets up; silence is not no."""
    documents = {"documents": notice(kind, 1)} if kind else {}
    row = only(
        merged(change(1, "2025-05-01", "tender", tender={"legalBasis": ACT} | tender | documents))["procurement"]
    )

    assert (row["is_framework"], row["is_dynamic"]) == expected


def test_a_call_off_names_its_framework() -> None:
    """A related process that is a framework or a parent is told by its ocid; others are not."""
    related = [
        {"id": "1", "relationship": ["planning"], "scheme": "ocid", "identifier": "ocds-h6vhtk-000001"},
        {"id": "2", "relationship": ["framework"], "scheme": "ocid", "identifier": "ocds-h6vhtk-000002"},
    ]
    found = merged(change(1, "2025-05-01", "award", awards=[ONE], relatedProcesses=related))

    assert only(found["procurement"])["parent_ocid"] == only(found["award"])["parent_ocid"] == "ocds-h6vhtk-000002"


# --- an award told again, or another under the same id --------------------------------------------------------------


def old(number: int, *awards: dict[str, Any], tags: tuple[str, ...] = ("award", "contract"), **fields: Any) -> Any:
    """Return a release under the regulations before the Act: its awards have ids that begin with its own.

    Each award is what differs from ``ONE``; ``value`` and ``signed`` stand in its contract.
    """
    made, contracts = [], []
    for place, award in enumerate(awards, 1):
        award_id = f"{number:06d}-2025-{place}"
        made.append(ONE | {"id": award_id} | {k: v for k, v in award.items() if k not in ("value", "signed")})
        contract = {"id": award_id, "awardID": award_id, "status": "active", "value": award.get("value")}
        if award.get("signed"):
            contract["dateSigned"] = f"{award['signed']}T00:00:00Z"
        contracts.append({name: value for name, value in contract.items() if value is not None})
    tender = {"id": "R", "title": "Home care", "legalBasis": DIRECTIVE, "lots": [{"id": "1"}, {"id": "2"}]}
    day = f"2025-05-{number:02d}"
    return change(number, day, *tags, **{"tender": tender, "awards": made, "contracts": contracts, **fields})


def now(frames: schema.Frames) -> dict[str, Decimal | None]:
    """Return the amount of each award as it stands last."""
    last = frames["award"].sort("published_at", "release_id").unique("award_id", keep="last")
    return dict(last.sort("award_id").select("award_id", "amount_gbp").iter_rows())


def suppliers(*names: str) -> dict[str, Any]:
    """Return suppliers of an award, with ids that depend on their names."""
    return {"suppliers": [{"id": f"GB-FTS-{name}", "name": f"{name} Ltd"} for name in names]}


FIRST, AGAIN = f"{ID}/000001-2025-1", f"{ID}/000002-2025-1"
MILLION = {"value": pounds(1e6), "signed": "2025-04-30"}
UPDATE = ("awardUpdate", "contractUpdate")
RENAMED = {"suppliers": [{"id": "GB-COH-1", "name": "ELM LTD"}]}
NEW_TITLE: dict[str, Any] = {"tender": {"id": "R", "title": "Another matter", "legalBasis": DIRECTIVE}}
PSR: dict[str, Any] = {"tender": {"id": "R", "title": "Home care", "legalBasis": DIRECTIVE, "description": INTENDED}}
RETOLD: dict[str, tuple[Any, Any, dict[str, Decimal | None]]] = {
    "published again": (old(1, MILLION), old(2, MILLION), {FIRST: D(10**6)}),
    "under another id of the firm": (old(1, MILLION), old(2, MILLION | RENAMED), {FIRST: D(10**6)}),
    "an amount told later": (old(1, {}), old(2, MILLION), {FIRST: D(10**6)}),
    "an update of the amount": (
        old(1, MILLION), old(2, {"value": pounds(2e6), "signed": "2025-05-02"}, tags=UPDATE), {FIRST: D(2 * 10**6)},
    ),
    "an update without suppliers": (
        old(1, MILLION), old(2, {"suppliers": [], "value": pounds(2e6)}, tags=UPDATE), {FIRST: D(2 * 10**6)},
    ),
    "an update of the contract alone": (
        old(1, MILLION), old(2, {"value": pounds(2e6)}, tags=UPDATE, awards=...), {FIRST: D(2 * 10**6)},
    ),
    "an update by another firm": (
        old(1, MILLION), old(2, MILLION | suppliers("Oak"), tags=UPDATE), {FIRST: D(10**6), AGAIN: D(10**6)},
    ),
    "confirmed after the intention": (
        old(1, MILLION, **PSR), old(2, {"value": pounds(1e6), "signed": "2025-05-02"}, description=AWARDED),
        {FIRST: D(10**6)},
    ),
    "no lots in either": (
        old(1, MILLION | {"relatedLots": None}), old(2, MILLION | {"relatedLots": None}), {FIRST: D(10**6)},
    ),
    "another amount": (
        old(1, MILLION), old(2, MILLION | {"value": pounds(2e6)}), {FIRST: D(10**6), AGAIN: D(2 * 10**6)},
    ),
    "signed on another day": (
        old(1, MILLION), old(2, MILLION | {"signed": "2025-05-01"}), {FIRST: D(10**6), AGAIN: D(10**6)},
    ),
    "another lot": (
        old(1, MILLION), old(2, MILLION | {"relatedLots": ["2"]}), {FIRST: D(10**6), AGAIN: D(10**6)},
    ),
    "a lot not told": (
        old(1, MILLION), old(2, MILLION | {"relatedLots": None}), {FIRST: D(10**6), AGAIN: D(10**6)},
    ),
    "another firm": (old(1, MILLION), old(2, MILLION | suppliers("Oak")), {FIRST: D(10**6), AGAIN: D(10**6)}),
    "a firm more": (
        old(1, MILLION | suppliers("Elm")), old(2, MILLION | suppliers("Elm", "Oak")),
        {FIRST: D(10**6), AGAIN: D(10**6)},
    ),
    "another title": (old(1, MILLION), old(2, MILLION, **NEW_TITLE), {FIRST: D(10**6), AGAIN: D(10**6)}),
    "another title of the award": (
        old(1, MILLION | {"title": "North"}), old(2, MILLION | {"title": "South"}),
        {FIRST: D(10**6), AGAIN: D(10**6)},
    ),
    "another currency": (
        old(1, {"value": pounds(1e6)}), old(2, {"value": pounds(1e6, None, "AED")}), {FIRST: D(10**6), AGAIN: None},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("first", "second", "expected"), RETOLD.values(), ids=RETOLD)
def test_an_award_told_again_under_another_id_counts_once(
    first: dict[str, Any], second: dict[str, Any], expected: dict[str, Decimal | None]
) -> None:
    """Of the same firm, lot and title, and as far as known the same amount and day, it is the same; an update anyhow.

    What is found to be the same is noted.
    """
    found = merged(first, second)

    assert now(found) == expected
    kinds = {kind for _, kind in issues(found)}
    assert ("retold_award" in kinds) is (len(expected) == 1)


def test_awards_told_again_go_each_to_its_own() -> None:
    """Of three awards to one firm each is told again once: by amount before number, and never two by one."""
    amounts = [{"value": pounds(n * 1e6), "relatedLots": None} for n in (1, 2, 3)]
    turned = old(2, amounts[2], amounts[0], {"relatedLots": None}, {"relatedLots": None})
    found = merged(old(1, *amounts), turned)

    assert now(found) == {
        **{f"{ID}/000001-2025-{n}": D(n * 10**6) for n in (1, 2, 3)}, f"{ID}/000002-2025-4": None,
    }  # fmt: skip
    assert found["award"].filter(release_id="000002-2025").height == 4


def test_an_id_told_again_stays_known() -> None:
    """A later release that names an award by its second id tells of the first; one that names both tells two."""
    contract = [{"id": "000002-2025-1", "awardID": "000002-2025-1", "value": pounds(3e6)}]
    later = change(3, "2025-05-03", "contractUpdate", contracts=contract, tender={"title": "Home care"})
    both = old(4, MILLION, MILLION, tags=UPDATE)
    for place, award_id in enumerate(("000001-2025-1", "000002-2025-1")):
        both["awards"][place]["id"] = both["contracts"][place]["awardID"] = award_id
    found = merged(old(1, MILLION), old(2, MILLION), later)
    apart = merged(old(1, MILLION), old(2, MILLION), both)

    assert now(found) == {FIRST: D(3 * 10**6)}
    assert set(now(apart)) == {FIRST, AGAIN}
    assert ("/awards/1/id", "other_award") in issues(apart)


def test_call_offs_of_one_qualification_system_stay_apart() -> None:
    """Awards under one ocid that have titles of their own are not told again, whatever else they share."""
    notices = [
        old(n, MILLION, buyer=WATER, tender={"id": f"R{n}", "title": f"Works {n}", "legalBasis": {"id": "32014L0025"}})
        for n in (1, 2, 3)
    ]

    assert now(merged(*notices)) == {f"{ID}/00000{n}-2025-1": D(10**6) for n in (1, 2, 3)}


def act(number: int, kind: str, value: float | None, signed: str | None = None, **award: Any) -> dict[str, Any]:
    """Return an award notice or a contract notice under the Act of an award with id 1."""
    told = ONE | {"documents": notice(kind, number)} | award
    fields: dict[str, Any] = {"awards": [{k: v for k, v in told.items() if v is not None}]}
    if kind == "UK6":
        fields["awards"][0]["value"] = pounds(value)
    else:
        contract = {"id": award.get("contract", "1"), "awardID": "1", "status": "active", "value": pounds(value)}
        fields["contracts"] = [contract | ({"dateSigned": f"{signed}T00:00:00Z"} if signed else {})]
    return change(number, f"2025-05-{number:02d}", "award", "contract", **fields)


NO_LOT: dict[str, Any] = {"relatedLots": None}
OAK = suppliers("Oak")
OTHERS: dict[str, tuple[Any, Any, int]] = {
    "another lot, same firm": (act(1, "UK6", 1e6), act(2, "UK6", 2e6, relatedLots=["2"]), 2),
    "another firm and amount, nothing signed": (act(1, "UK7", 1e6, **NO_LOT), act(2, "UK7", 3e6, **NO_LOT, **OAK), 2),
    "another firm and day": (
        act(1, "UK7", 1e6, "2025-04-01", **NO_LOT), act(2, "UK7", 1e6, "2025-04-02", **NO_LOT, **OAK), 2,
    ),
    "another firm and day, one lot": (act(1, "UK7", 1e6, "2025-04-01"), act(2, "UK7", 1e6, "2025-04-02", **OAK), 2),
    "another firm and amount, one day": (
        act(1, "UK7", 1e6, "2025-04-01"), act(2, "UK7", 2e6, "2025-04-01", **OAK), 2,
    ),
    "another firm, one day, one amount": (
        act(1, "UK7", 1e6, "2025-04-01"), act(2, "UK7", 1e6, "2025-04-01", **OAK), 1,
    ),
    "the contract after the award": (act(1, "UK6", 1e6), act(2, "UK7", 2e6, "2025-04-02"), 1),
    "the contract with another firm": (act(1, "UK6", 1e6, **NO_LOT), act(2, "UK7", 2e6, "2025-04-02", **OAK), 1),
    "another firm, same amount, nothing signed": (act(1, "UK6", 1e6, **NO_LOT), act(2, "UK6", 1e6, **NO_LOT, **OAK), 1),
    "decided anew for its lot": (act(1, "UK6", 1e6), act(2, "UK6", 2e6, **OAK), 1),
}  # fmt: skip


@pytest.mark.parametrize(("first", "second", "awards"), OTHERS.values(), ids=OTHERS)
def test_awards_under_one_id_are_told_apart_by_lots_or_by_firm_and_contract(
    first: dict[str, Any], second: dict[str, Any], awards: int
) -> None:
    """No award takes the place of another, an award and its contract stay one, and it is noted what was told apart."""
    found = merged(first, second)

    assert found["award"]["award_id"].n_unique() == awards
    assert (("/awards/0/id", "other_award") in issues(found)) is (awards == 2)


def test_a_contract_notice_finds_its_award_among_those_of_one_id() -> None:
    """Two awards for two lots under one id: the contract of each goes to its own, by lot, else by firm or amount."""
    intended = [act(1, "UK6", 1e6), act(2, "UK6", 2e6, relatedLots=["2"])]
    by_lot = merged(*intended, act(3, "UK7", 1.1e6, "2025-05-03"))
    by_amount = merged(*intended, act(3, "UK7", 1e6, "2025-05-03", **NO_LOT))
    other = f"{ID}/1~000002-2025"

    assert now(by_lot) == {f"{ID}/1": D(1_100_000), other: D(2 * 10**6)}
    assert by_release(by_lot, "status") == ["intended", "intended", "active"]
    assert only(by_amount["award"], release_id="000003-2025")["award_id"] == f"{ID}/1"


def test_two_versions_of_one_release_are_one_award() -> None:
    """A release that is published again under its own id corrects itself, even in who won and how much."""
    found = merged(act(1, "UK7", 1e6, "2025-04-01"), act(1, "UK7", 3e6, "2025-04-02", **OAK))

    assert found["award"]["award_id"].unique().to_list() == [f"{ID}/1"]


def contract_of(number: int, **contract: Any) -> dict[str, Any]:
    """Return a contract notice of the same award, with the contract's fields."""
    period = {"startDate": "2025-06-01T00:00:00Z", "endDate": "2026-05-31T23:59:59Z"}
    told = {"id": "c", "awardID": "1", "value": pounds(1e6), "dateSigned": "2025-05-01T00:00:00Z", "period": period}
    told = {name: value for name, value in (told | contract).items() if value is not None}
    return change(number, f"2025-05-{number:02d}", "contract", awards=[ONE], contracts=[told])


def test_a_contract_told_twice_by_one_release_counts_once_whatever_it_takes_back() -> None:
    """A contract repeated word for word is the same contract, also where one of its fields is an explicit null."""
    told = {"id": "c", "awardID": "1", "status": "active", "statusDetails": None, "value": pounds(1e6)}
    frames = merged(change(1, "2025-05-01", "contract", awards=[ONE], contracts=[told, told]))

    assert only(frames["award"])["amount_gbp"] == 1_000_000
    assert not issues(frames)


CONTRACTS: dict[str, tuple[dict[str, Any], int, bool]] = {
    "published again": ({}, 1, True),
    "of another day": ({"dateSigned": "2025-05-02T00:00:00Z"}, 2, False),
    "of another amount": ({"value": pounds(2e6)}, 3, False),
    "for another time": ({"period": {"startDate": "2025-07-01T00:00:00Z"}}, 2, False),
}


@pytest.mark.parametrize(("changed", "millions", "is_noted"), CONTRACTS.values(), ids=CONTRACTS)
def test_a_contract_published_again_under_another_id_counts_once(
    changed: dict[str, Any], millions: int, is_noted: bool
) -> None:
    """Equal in value, day and period it is the same, and that is noted; otherwise it is another, and is added."""
    found = merged(contract_of(1), contract_of(2, id="d", **changed))

    assert by_release(found, "amount_gbp") == [D(10**6), D(millions * 10**6)]
    assert (("/contracts/0/id", "retold_contract") in issues(found)) is is_noted


def test_a_contract_told_again_keeps_its_second_id() -> None:
    """A change under the second id changes the one contract; where a release tells both ids, they are two."""
    twice = [contract_of(1), contract_of(2, id="d")]
    later = contract_of(3, id="d", value=pounds(3e6))
    both = contract_of(3, id="d")
    both["contracts"].append(both["contracts"][0] | {"id": "c"})

    assert by_release(merged(*twice, later), "amount_gbp")[-1] == D(3 * 10**6)
    assert by_release(merged(*twice, both), "amount_gbp")[-1] == D(2 * 10**6)


def test_contracts_without_dates_are_not_taken_for_one() -> None:
    """An equal amount alone does not make two contracts one."""
    bare = {"dateSigned": None, "period": None}

    assert by_release(merged(contract_of(1, **bare), contract_of(2, id="d", **bare)), "amount_gbp")[-1] == D(2 * 10**6)


NETS: dict[str, tuple[dict[str, Any], tuple[Any, Any]]] = {
    "the same with VAT": (pounds(None, 1.2e6), (D(10**6), D(1_200_000))),
    "the same without": (pounds(1e6), (D(10**6), D(1_200_000))),
    "another with VAT": (pounds(None, 1.8e6), (None, D(1_800_000))),
    "the same number of dirhams": (pounds(None, 1.2e6, "AED"), (None, None)),
    "net taken back": ({"amount": None, "amountGross": 1.2e6, "currency": "GBP"}, (None, D(1_200_000))),
}


@pytest.mark.parametrize(("value", "expected"), NETS.values(), ids=NETS)
@pytest.mark.parametrize("place", ["contract", "amendment"])
def test_an_amount_said_again_with_vat_only_keeps_what_it_was_without(
    value: dict[str, Any], expected: tuple[Any, Any], place: str
) -> None:
    """A change that repeats one of two amounts does not take the other back; another amount does."""
    told = {"value": value} if place == "contract" else {"value": None, "amendments": [{"id": "a", "value": value}]}
    found = award_of(contract_of(1, value=pounds(1e6, 1.2e6)), contract_of(2, **told))

    assert (found["amount_gbp"], found["amount_gross_gbp"]) == expected


def test_a_contract_told_with_vat_only_is_worth_its_award() -> None:
    """Where the award notice states the same amount with and without VAT, the contract's is the one without too."""
    awards = [ONE | {"value": pounds(1e6, 1.2e6)}]
    contract = {"id": "c", "awardID": "1", "value": pounds(None, 1.2e6)}
    found = award_of(change(1, "2025-05-01", "award", awards=awards, contracts=[contract]))

    assert (found["amount_gbp"], found["amount_gross_gbp"]) == (D(10**6), D(1_200_000))


FLAGS: dict[str, tuple[dict[str, Any], list[str] | None, tuple[Any, Any]]] = {
    "its own lot": ({}, ["1"], (True, None)),
    "another lot": ({}, ["2"], (None, True)),
    "both lots": ({}, ["1", "2"], (True, True)),
    "no lot named": ({}, None, (True, True)),
    "a lot nobody knows": ({}, ["9"], (True, True)),
    "the tender itself": ({"techniques": {"hasFrameworkAgreement": True}}, ["2"], (True, True)),
}


@pytest.mark.parametrize(("tender", "lots", "expected"), FLAGS.values(), ids=FLAGS)
def test_an_award_is_of_a_framework_by_its_own_lots(
    tender: dict[str, Any], lots: list[str] | None, expected: tuple[Any, Any]
) -> None:
    """A framework or dynamic market of one lot makes none of the awards of the others."""
    made = [
        {"id": "1", "techniques": {"hasFrameworkAgreement": True}},
        {"id": "2", "techniques": {"hasDynamicPurchasingSystem": True}},
    ]
    told = {"id": "R", "legalBasis": ACT, "lots": made} | tender
    found = award_of(change(1, "2025-05-01", "award", tender=told, awards=[ONE | {"relatedLots": lots}]))

    assert (found["is_framework"], found["is_dynamic"]) == expected


@pytest.mark.parametrize(
    ("description", "expected"), [("Printers.", "Printers.\nUnder a framework."), (None, "Under a framework.")]
)
def test_the_reason_for_a_direct_award_is_read_with_the_description(description: str | None, expected: str) -> None:
    """A rationale that tells of buying under a framework makes a call-off, whatever the description says."""
    tender = {"id": "R", "title": "Home care", "legalBasis": DIRECTIVE, "description": description}
    reason = {"procurementMethodRationale": "Under a framework."}
    found = merged(change(1, "2025-05-01", "award", tender=tender | reason, awards=[ONE]))
    silent = merged(change(1, "2025-05-01", "award", tender=tender, awards=[ONE]))

    assert only(found["award"])["description"] == expected
    assert only(values.believe(found["award"]))["value_kind"] == "call_off"
    assert only(silent["award"])["description"] == description


@pytest.mark.parametrize(
    ("status", "ends"), [("unsuccessful", None), ("cancelled", None), ("active", date(2026, 6, 30))]
)
def test_what_came_to_nothing_has_no_period_of_its_lot(status: str, ends: date | None) -> None:
    """The lot's period is that of an award, but not of one that was cancelled or that nobody won."""
    lots = [{"id": "1", "contractPeriod": {"startDate": "2025-07-01T00:00:00Z", "endDate": "2026-06-30T00:00:00Z"}}]
    tender = {"id": "R", "legalBasis": ACT, "lots": lots}
    found = award_of(change(1, "2025-05-01", "award", tender=tender, awards=[ONE | {"status": status}]))

    assert found["ends_on"] == ends
    assert (found["starts_on"] is None) is (ends is None)


# --- several buyers, several releases -------------------------------------------------------------------------------


def utility(number: int, day: str, buyer: dict[str, Any] | None, award: str, **fields: Any) -> dict[str, Any]:
    """Return an award under a qualification system of utilities."""
    awards = [{"id": award, "status": "active", "suppliers": [{"id": "GB-FTS-1", "name": "Elm Ltd"}]}]
    tender = {"id": award, "title": f"Works {award}", "legalBasis": {"id": "32014L0025", "scheme": "CELEX"}}
    return change(number, day, "award", "contract", buyer=buyer or ..., awards=awards, tender=tender, **fields)


WATER, POWER = {"id": "GB-FTS-10", "name": "Thames Water"}, {"id": "GB-FTS-20", "name": "Northern Powergrid"}


def test_one_ocid_of_many_buyers_is_many_procurements() -> None:
    """The earliest buyer keeps the ocid; another buyer's releases are a procurement of their own."""
    found = merged(
        utility(3, "2025-05-03", POWER, "c"), utility(1, "2025-05-01", WATER, "a"),
        utility(2, "2025-05-02", WATER | {"id": "GB-PPON-PCCC-3333-CCCC", "name": "THAMES WATER (Utilities)"}, "b"),
        utility(4, "2025-05-04", None, "c", parties=[{"id": "x", "name": "Court", "roles": ["reviewBody"]}]),
    )  # fmt: skip
    other = f"{ID}/GB-FTS-20"

    assert dict(found["procurement"].select("procurement_id", "title").rows()) == {ID: "Works b", other: "Works c"}
    assert by_release(found, "award_id") == [f"{ID}/a", f"{ID}/b", f"{other}/c", f"{other}/c"]
    assert by_release(found, "buyer_name")[2:] == ["Northern Powergrid"] * 2
    assert set(found["award"]["ocid"]) == {ID}


def test_award_ids_of_several_buyers_do_not_collide() -> None:
    """An id that begins with the ocid is given out by two buyers: their awards are two."""
    found = merged(utility(1, "2025-05-01", WATER, f"{ID}-1"), utility(2, "2025-05-02", POWER, f"{ID}-1"))

    assert by_release(found, "award_id") == [f"{ID}-1", f"{ID}/GB-FTS-20/{ID}-1"]


def test_the_buyer_may_stand_among_the_parties_only() -> None:
    """A release without a buyer has the party whose role that is."""
    party = {"id": WATER["id"], "name": WATER["name"], "roles": ["buyer"]}

    assert award_of(utility(1, "2025-05-01", None, "a", parties=[party]))["buyer_party_id"] == "GB-FTS-10"


def test_an_intention_and_an_award_under_two_ocids_stay_two() -> None:
    """Notices of one decision under two ocids are two procurements here: finding them the same is another step."""
    health = {"id": "R", "title": "Sexual health", "legalBasis": DIRECTIVE}
    intention = change(1, "2025-05-01", "award", awards=[ONE], tender=health | {"description": INTENDED}, ocid=f"{ID}d")
    award = change(2, "2025-06-01", "award", awards=[ONE], tender=health | {"description": AWARDED}, ocid=f"{ID}e")
    found = merged(intention, award)

    assert by_release(found, "status") == ["intended", "active"]
    assert found["procurement"]["procurement_id"].n_unique() == 2


def test_a_telling_holds_only_what_is_read() -> None:
    """Contact points, review bodies, attachments and criteria are gone from a telling."""
    made = copy.deepcopy(STORY[2])
    made["parties"] += [{"id": "c", "name": "High Court", "roles": ["reviewBody"]}]
    made["parties"][0]["contactPoint"] = {"email": "officer@example.org"}
    made["tender"]["documents"] = [{"id": "a", "url": "https://example.org/specification.pdf"}]
    made["tender"]["awardCriteria"] = {"criteria": [{"name": "Price"}]}
    body = only(tellings(made))["body"]

    assert "Rowan Care CIC" in body
    assert not [word for word in ("officer", "High Court", "specification", "Price") if word in body]


# --- order, repetition, hostility -----------------------------------------------------------------------------------

TALES = [
    *STORY,
    change(7, "2025-05-01", "award", awards=[ONE | {"relatedLots": ["2"], "suppliers": [{"id": "x", "name": "Oak"}]}]),
    change(8, "2025-05-01", "awardUpdate", awards=[{"id": "1", "status": None, "amendments": [{"id": "8"}]}]),
    change(8, "2025-05-01", "awardUpdate", awards=[{"id": "1", "title": "Told twice"}]),
    change(9, "2025-04-02", "award", awards=[{"id": "9", "amendments": [{"id": "9"}]}]),
    utility(10, "2025-03-15", POWER, "1"),
    utility(11, "2025-05-15", None, "c"),
    change(12, "2024-01-01", "award", awards=[ONE, ONE], ocid=f"{ID}f", date=...),
    old(13, MILLION, {}, {"relatedLots": None}), old(14, {}, MILLION), old(15, MILLION, OAK, tags=UPDATE),
    old(16, {"value": pounds(2e6)}, tags=UPDATE, awards=...), contract_of(17), contract_of(18, id="d"),
    act(19, "UK7", 2e6, relatedLots=["2"]), act(20, "UK7", 3e6, **NO_LOT, **OAK),
]  # fmt: skip


@settings(max_examples=60)
@given(st.lists(st.sampled_from(TALES), min_size=1, max_size=9), st.randoms(use_true_random=False), st.integers(0, 9))
def test_the_order_of_arrival_does_not_matter(documents: list[dict[str, Any]], order: random.Random, cut: int) -> None:
    """Told in any order, at once or in two nights, and some of it twice, the same rows result."""
    shuffled = [*order.sample(documents, len(documents)), documents[0]]
    first = releases.flatten(FTS, [("a", lines(*shuffled[:cut]))]).frames["telling"]
    second = releases.flatten(FTS, [("a", lines(*shuffled[cut:]))]).frames
    ocids = set(second["telling"]["ocid"])
    again = procurements.put_together(FTS, second, first.filter(pl.col("ocid").is_in(ocids)))
    once = merged(*(document for document in documents if document["ocid"] in ocids))

    for table in TOLD:
        assert again[table].sort(pl.all()).equals(once[table].sort(pl.all())), table


@given(st.lists(st.tuples(st.sampled_from(range(6)), st.integers(0, 40), anything), min_size=1, max_size=4))
def test_merging_never_raises_and_loses_no_release(changes: list[tuple[int, int, Any]]) -> None:
    """Whatever stands anywhere in a release, what is used is told, and no row has an empty or repeated key."""
    documents = []
    for number, place, value in changes:
        made = copy.deepcopy(STORY[number])
        spots = list(spots_of(made))
        holder, key = spots[place % len(spots)]
        holder[key] = value
        documents.append(made)
    flattened = releases.flatten(FTS, [("a", lines(*documents))])
    found = procurements.merge(flattened.frames["telling"])

    assert flattened.used + flattened.rejected == len(changes)
    for table, key in (("procurement", ["procurement_id"]), ("lot", ["procurement_id", "lot_id"])):
        assert not found[table].select(key).is_duplicated().any()
    assert not found["award"].select("award_id", "release_id", "content_hash").is_duplicated().any()
    assert found["award"]["award_id"].null_count() == 0
    assert set(found["procurement"]["ocid"]) == set(flattened.frames["telling"]["ocid"])


def spots_of(value: Any) -> Any:
    """Yield every place inside a JSON value: what holds it, and its key or position."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(inside):
        yield value, key
        yield from spots_of(inner)


# --- Contracts Finder: snapshots, and states over nights ------------------------------------------------------------


def telling(version: int, day: int, amount: float, *names: str, award: int = 1) -> dict[str, Any]:
    """Return one version of an award notice of Contracts Finder."""
    made = release(id=f"c3e5344a-741a-4f7e-92af-f401b5c8209a-{version}", date=f"2022-10-{day:02d}T10:00:00+01:00")
    made["awards"][0] |= {
        "id": f"{OCID}-{award}",
        "value": {"amount": amount, "currency": "GBP"},
        "suppliers": [{"id": "GB-CFS-1", "name": name} for name in names],
    }
    return made


def test_the_latest_telling_of_an_award_counts() -> None:
    """Of two tellings of one award the later is the award, and the earlier a version of it."""
    found = told(flat(telling(2, 20, 200.0, "Elm Ltd"), telling(1, 10, 100.0, "Elm Ltd", "Oak Ltd")).frames)

    assert only(found.award)["amount_gbp"] == D(200)
    assert only(found.award_version)["amount_gbp"] == D(100)
    assert only(found.award_version)["valid_to_at"] == only(found.award)["published_at"]


def test_several_awards_under_one_ocid_stay_apart() -> None:
    """Awards of one procurement told by different releases are all kept; the procurement is told by the latest."""
    frames = flat(telling(1, 10, 100.0, "Elm Ltd"), telling(2, 20, 50.0, "Oak Ltd", award=2)).frames
    procurement = procurements.latest(frames["procurement"], "procurement_id", schema.empty("procurement"))

    assert sorted(told(frames).award["award_id"]) == [f"{OCID}-1", f"{OCID}-2"]
    assert only(procurement)["release_id"] == "c3e5344a-741a-4f7e-92af-f401b5c8209a-2"


@pytest.mark.parametrize(("version", "day", "counts"), [(3, 5, False), (1, 10, True), (9, 10, True), (0, 10, False)])
def test_what_the_warehouse_holds_yields_only_to_a_later_telling(version: int, day: int, counts: bool) -> None:
    """A telling older than the held one is a version of it; an equal or later one is the award."""
    held = stored(told(flat(telling(1, 10, 100.0, "Elm Ltd")).frames))
    again = told(flat(telling(version, day, 100.0 if (version, day) == (1, 10) else 7.0, "Oak Ltd")).frames, held)

    assert (again.award.height == 1) is counts
    assert again.award_version.height == 1


def test_a_flag_that_depends_on_other_awards_is_known_of_no_version() -> None:
    """A held award that was large for its buyer becomes a version that says nothing of that."""
    held = stored(told(flat(telling(1, 10, 2e8, "Elm Ltd")).frames))
    rule = only(held["award"])["mega_rule"]
    held["award"] = held["award"].with_columns(
        pl.lit(value=True).alias("is_large_for_buyer"), pl.lit(f"{rule}; large").alias("mega_rule")
    )
    version = only(told(flat(telling(2, 20, 7.0, "Elm Ltd")).frames, held).award_version)

    assert rule is not None
    assert (version["is_large_for_buyer"], version["mega_rule"], version["is_mega"]) == (None, rule, True)


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 3), st.integers(1, 2)), min_size=1, max_size=8
    ),
    st.randoms(use_true_random=False),
    st.integers(0, 8),
)
def test_the_order_of_nights_does_not_matter(
    versions: list[tuple[int, int, int, int]], order: random.Random, cut: int
) -> None:
    """Told in any order, in one night or in two, and some of it twice, the same awards and versions result."""
    documents = [telling(v, d, float(a), f"Supplier {a} Ltd", award=n) for v, d, a, n in versions]
    once = stored(told(flat(*documents).frames))
    shuffled = [*order.sample(documents, len(documents)), documents[0]]
    held = stored(told(flat(*shuffled[:cut]).frames)) if cut else NOTHING
    again = stored(told(flat(*shuffled[cut:]).frames, dict(held)))

    for table in ("award", "award_version"):
        key = schema.key_columns(table)
        kept = held[table].join(again[table], on=key, how="anti")
        if table == "award_version":
            kept = kept.join(again["award"].select("award_id"), on="award_id", how="anti")
        assert pl.concat([again[table], kept]).sort(key).equals(once[table].sort(key)), table


def test_a_document_archived_twice_is_one_release() -> None:
    """A release that stands in two archive files is one row, one telling and one state, and leads to the first."""
    document = json.dumps(release()).encode()
    change_of = lines(STORY[2])
    twice = [("b.jsonl.zst", [document]), ("a.jsonl.zst", [document])]
    frames = releases.flatten("contracts-finder", twice).frames
    tales = releases.flatten(FTS, [("b.jsonl.zst", change_of), ("a.jsonl.zst", change_of)]).frames

    assert (
        only(procurements.latest_releases(frames["release"], schema.empty("release")))["archive_path"] == "a.jsonl.zst"
    )
    assert told(frames).award.height == 1
    assert told(frames).award_version.is_empty()
    assert only(tales["telling"])["archive_path"] == "a.jsonl.zst"


def test_nothing_told_is_nothing() -> None:
    """Without a single telling there are the same columns, and no rows."""
    found, some = merged(), merged(*STORY)

    assert {table: frame.schema for table, frame in found.items()} == {t: frame.schema for t, frame in some.items()}
    assert not any(frame.height for frame in found.values())
    assert told(found).award.is_empty()


def test_states_of_an_ocid_told_anew_replace_what_was_held_of_it() -> None:
    """When an earlier buyer's release arrives late, held states under keys that moved do not count."""
    late, early = utility(2, "2025-05-02", POWER, "1"), utility(1, "2025-05-01", WATER, "1")
    held = stored(told(merged(late)))
    found = told(merged(late, early), held)

    assert sorted(found.award.select("award_id", "release_id").rows()) == [
        (f"{ID}/1", "000001-2025"),
        (f"{ID}/GB-FTS-20/1", "000002-2025"),
    ]
    assert found.award_version.is_empty()

"""A small made-up warehouse that the tests of this folder publish: two councils, a hospital, six awards."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from warehouse import schema
from warehouse.store import Warehouse

HOSTILE = (
    "=1+1",
    "+44",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "\u00a0=1",
    "\ufeff=1",
    "\u3000=1",
    '"=1',
    "'=1",
    "''-1",
    "＝1",
    "＋1",
    "－1",
    "＠a",
    '=cmd|"/C calc"!A0',
)
HARMLESS = (
    "a=1",
    "1-2",
    "O'Brien & Sons",
    "'quoted'",
    'say "yes", twice',
    "two\nlines",
    "£5",
    "a;b",
    "é😀",
    " padded ",
)

HOME_ADDRESS = "1 Planted Cottage, Nowhere Lane, AB1 2CD"
OFFICE_ADDRESS = "2 Office Park, Havering, RM1 1AA"

REGISTER_ON = date(2025, 8, 1)
JULY, AUGUST = datetime(2025, 7, 1, 12, 30, tzinfo=UTC), datetime(2025, 8, 31, 23, 30, tzinfo=UTC)


def frame(table: str, *rows: dict[str, Any]) -> pl.DataFrame:
    """Return a frame of a table, columns that are left out being null."""
    return pl.DataFrame(list(rows), schema=schema.frame_schema(table), orient="row")


def award(name: str, **told: Any) -> dict[str, Any]:
    """Return a row of table award: active, credible, July, by the first council."""
    usual = {
        "award_id": name,
        "procurement_id": f"p-{name}",
        "source": "contracts-finder",
        "ocid": f"ocds-b5fd17-{name}",
        "published_at": JULY,
        "buyer_id": "GB-LAE-HAV",
        "status": "active",
        "awarded_on": date(2025, 3, 31),
        "amount_gbp": Decimal("1000.10"),
        "value_kind": "contract",
        "value_status": "ok",
        "is_core": True,
        "tier": "small",
        "is_mega": False,
        "supplier_count": 1,
        "notice_url": f"https://www.contractsfinder.service.gov.uk/Notice/{name}",
    }
    return usual | told


def line(owner: str, number: int, supplier: str | None, **told: Any) -> dict[str, Any]:
    """Return a row of table award_line."""
    return {"award_id": owner, "mention_id": f"{owner}/{number}", "supplier_id": supplier, "weight": 1.0} | told


def link(unit: str, supplier: str, **told: Any) -> dict[str, Any]:
    """Return a row of table supplier_link."""
    return {"unit_id": unit, "supplier_id": supplier, "method": "name", "score": 1.0, "reason": "alike"} | told


def review(one: str, other: str, **told: Any) -> dict[str, Any]:
    """Return a row of table supplier_review."""
    usual = {"a_unit_id": one, "b_unit_id": other, "method": "spelling", "score": 0.6, "decision": "review"}
    return usual | {"reason": "Two letters differ."} | told


def register(name: str, on: date, **told: Any) -> dict[str, Any]:
    """Return a row of table register."""
    usual = {"register": name, "vintage": on, "rows": 5_600_000, "licence": "Open Government Licence v3.0"}
    return usual | {"source": f"https://registers.example/{name}"} | told


def correction(
    row: str,
    field: str,
    old: str | None,
    new: str | None,
    *,
    table: str = "award",
    supplier: str | None = None,
    since: str = "2025-08-30-021500000-nightly",
) -> dict[str, Any]:
    """Return a row of table correction."""
    told = {"since_run_id": since, "table_name": table, "row_id": row, "field": field, "old": old, "new": new}
    told |= {"reason": "a later notice amends it: release r2", "run_id": since.replace("nightly", "rebuild")}
    return told | {"supplier_name": supplier}


def frames() -> dict[str, pl.DataFrame]:
    """Return the frames of the made-up warehouse."""
    lines = [
        line("a1", 1, "S1", value_gbp=Decimal("1000.10"), is_local_authority=True, vcse_declared=True),
        line("a2", 1, "S1", value_gbp=Decimal("0.20"), is_local_authority=False),
        line("a3", 1, "S1", weight=0.5, value_gbp=Decimal("150000000.00"), is_local_authority=True),
        line("a3", 2, "S2", weight=0.5, value_gbp=Decimal("150000000.00"), is_local_authority=False)
        | {"vcse_declared": True, "vcse_status": "records_disagree"},
        line("a5", 1, None, vcse_status="unknown"),
        line("a6", 1, "S2", vcse_status="no"),
    ]
    names = {"S1": "Planted Joiner", "S2": "Office Supplies Ltd", None: "Various"}
    units = {"S1": "u1", "S2": "u2", None: None}
    home = {"address": HOME_ADDRESS, "postcode": "AB1 2CD"}
    office = {"address": OFFICE_ADDRESS, "postcode": "RM1 1AA", "legal_form": "ltd", "org_id": "GB-COH-01234567"}
    return {
        "award": frame(
            "award",
            award("a1"),
            award("a2", awarded_on=date(2025, 4, 1), amount_gbp=Decimal("0.20"), published_at=AUGUST),
            award(
                "a3",
                tier="mega",
                is_mega=True,
                is_large_for_buyer=True,
                mega_rule="£300m is in the tier mega",
                amount_gbp=Decimal("300000000.00"),
                supplier_count=2,
            ),
            award("a4", buyer_id="royal hospital", supplier_count=0, awarded_on=None, published_at=AUGUST),
            award("a5", value_status="zero", value_reason="the amount is zero", amount_gbp=Decimal("0.00")),
            award(
                "a6",
                status="cancelled",
                is_core=False,
                published_at=None,
                duplicate_of="a1",
                duplicate_confidence=0.99,
                duplicate_reason="the same reference",
            ),
        ),
        "procurement": frame(
            "procurement",
            *(
                {
                    "procurement_id": f"p-{name}",
                    "source": "contracts-finder",
                    "ocid": f"ocds-b5fd17-{name}",
                    # A later release tells of the first procurement: it lies in another month than its award.
                    "published_at": AUGUST,
                    "title": f"Title of {name}",
                }
                for name in ("a1", "a2", "a3", "a4", "a5", "a6")
            ),
        ),
        "award_line": frame("award_line", *lines),
        "supplier_mention": frame(
            "supplier_mention",
            *(
                {
                    "mention_id": one["mention_id"],
                    "award_id": one["award_id"],
                    "supplier_id": one["supplier_id"],
                    "unit_id": units[one["supplier_id"]],
                    "supplier_name": names[one["supplier_id"]],
                    "published_at": {"a2": AUGUST, "a6": None}.get(one["award_id"], JULY),
                }
                | (office if one["supplier_id"] == "S2" else home)
                for one in lines
            ),
        ),
        "supplier_link": frame(
            "supplier_link",
            link("u1", "S1"),
            link("u2", "S2", method="identifier", reason="The notice gives the company number 01234567."),
            link("u3", "S2", method="spelling", score=0.95),
        ),
        "supplier": frame(
            "supplier",
            {"supplier_id": "S1", "supplier_name": "Planted Joiner", "vcse_status": "unknown", "mentions": 3}
            | {"group_id": "G1"},
            {
                "supplier_id": "S2",
                "supplier_name": "Office Supplies Ltd",
                "org_id": "GB-COH-01234567",
                "register_status": "active",
                "vcse_status": "no",
                "vcse_type": "company",
                "vcse_evidence": "Companies House lists it as a private limited company.",
                "vcse_register_on": REGISTER_ON,
                "group_id": "G1",
                "mentions": 2,
            },
        ),
        "supplier_review": frame(
            "supplier_review",
            review("u1", "u2", score=0.6),
            review("u1", "u3", score=0.8, method="shorter_name"),
            review("u2", "u3", score=0.9),
        ),
        "supplier_redirect": frame("supplier_redirect", {"old_id": "S9", "supplier_id": "S2", "run_id": "r"}),
        "supplier_group": frame(
            "supplier_group",
            {"group_id": "G1", "group_name": "Planted Group", "parent_org_id": "GB-COH-07654321"}
            | {"method": "control", "source": "the register of people with significant control of 2025-08-01"}
            | {"is_national_provider": False, "is_strategic_supplier": True},
        ),
        "supplier_group_member": frame(
            "supplier_group_member",
            *(
                {"supplier_id": name, "group_id": "G1", "method": "control", "reason": "Planted Group controls it."}
                for name in ("S1", "S2")
            ),
        ),
        "organisation": frame(
            "organisation",
            {"org_id": "GB-COH-01234567", "register": "companies-house", "name": "OFFICE SUPPLIES LIMITED"}
            | {"status": "active", "vintage": REGISTER_ON},
        ),
        "register": frame(
            "register",
            register("companies-house", REGISTER_ON),
            register("companies-house", date(2025, 7, 1)),
            register("charity-lookups", REGISTER_ON, rows=12, licence="Open Database Licence 1.0"),
        ),
        "supplier_override": frame(
            "supplier_override",
            {"override_id": "d1", "kind": "different", "a": "S1", "b": "S2", "reason": "two trades", "at": REGISTER_ON},
        ),
        "buyer": frame(
            "buyer",
            {"buyer_id": "GB-LAE-HAV", "name": "Havering", "area_code": "E09000016", "kind": "council"},
            {"buyer_id": "royal hospital", "name": "Royal Hospital", "kind": "other"},
        ),
        "area": frame("area", {"area_code": "E09000016", "name": "Havering", "region_code": "E12000007"}),
        "ceiling": frame(
            "ceiling",
            {"award_id": "a6", "procurement_id": "p-a6", "amount_gbp": Decimal("5.00")}
            | {"value_kind": "suspected_ceiling", "reason": "framework wording"},
        ),
        "indicator": frame(
            "indicator",
            {
                "indicator_id": "L1",
                "version": 1,
                "title": "Local share",
                "methodology": "Planted methodology.\nOver two lines.",
                "unit": "share of value",
                "base": "award lines",
                "scope_sql": "is_core AND (local_scope = 'in_scope')",
                "answer_sql": "is_local_authority",
            },
        ),
        "indicator_value": frame(
            "indicator_value",
            {
                "indicator_id": "L1",
                "version": 1,
                "grain": "buyer",
                "slice": "GB-LAE-HAV",
                "period": "ALL",
                "buyer_id": "GB-LAE-HAV",
                "unit": "share of value",
                "value": 0.5,
                "known_share": 0.5,
                "low_share": 1 / 3,
                "high_share": 2 / 3,
                "n": 3,
            },
        ),
        "lot": frame(
            "lot",
            {"procurement_id": "p-a1", "lot_id": "1", "title": "Lot of a1", "published_at": AUGUST},
        ),
        "text_match": frame(
            "text_match",
            *(
                {"procurement_id": f"p-{name}", "rule_id": "alliance.contract", "rule_version": 1, "release_id": "r1"}
                | {"published_at": AUGUST, "family": "alliance", "phrase": "Alliance Contract", "field": "title"}
                | {"excerpt": "…to enter into an Alliance Contract with eight providers…"}
                for name in ("a1", "a2")
            ),
        ),
        "award_version": frame(
            "award_version",
            {
                key: value
                for key, value in award("a2", amount_gbp=Decimal("0.10")).items()
                if key in schema.frame_schema("award_version")
            }
            | {"release_id": "r1", "content_hash": "h1", "valid_from_at": JULY, "valid_to_at": AUGUST},
        ),
        "coverage": frame(
            "coverage",
            {"source": "contracts-finder", "day": date(2025, 7, 1), "releases": 4, "expected": 5, "missing": 1},
        ),
        "correction": frame(
            "correction",
            correction("a1", "amount_gbp", "900.00", "1000.10"),
            correction("a2", "buyer_id", "royal hospital", "GB-LAE-HAV", since="2025-08-20-021500000-nightly"),
            correction("a9", "row", "Title of a9", None),
            correction("a3#2", "supplier_id", "S1", "S2", table="award_line", supplier="Office Supplies"),
            correction("a3#3", "row", "Gone Ltd", None, table="award_line", supplier="Gone Ltd"),
        ),
        "rejected": frame(
            "rejected",
            {"source": "contracts-finder", "document_id": "d1", "pointer": "", "reason": "no JSON", "bytes": 10},
        ),
    }


def figure(indicator: str, grain: str, part: str, period: str, value: float, **told: Any) -> dict[str, Any]:
    """Return a row of table indicator_value, well covered, of the area or group that it is for."""
    place = {"authority": {"area_code": part}, "buyer": {"buyer_id": part}, "group": {"group_id": part}}
    usual = {"indicator_id": indicator, "version": 1, "grain": grain, "slice": part, "period": period}
    usual |= {"unit": "share of value", "value": value, "value_low": value - 0.1, "value_high": value + 0.1, "n": 30}
    return usual | {"coverage_share": 0.9, "is_provisional": False} | place.get(grain, {}) | told


def figures() -> dict[str, pl.DataFrame]:
    """Return frames with figures for every file that has some, and one for each that stands in none."""
    known = frames()
    titles = {"L4.own_area": "Where awards went", "X3": "Reliance", "T1.L1": "Gap", "T3.L1": "Change"}
    havering, points = "E09000016", {"unit": "percentage points"}
    told = [
        figure("L1", "england", "England", "FY2024-25", 0.4),
        figure("L1", "authority", havering, "FY2024-25", 0.3, coverage_share=0.7),
        figure("L1", "authority", havering, "2025Q1", 0.3, n=9),
        figure("L1", "authority", havering, "T12-2025-03", 0.5),
        figure("L1", "authority", "E09000026", "FY2024-25", 0.2),
        figure("L1", "authority", f"{havering} small", "FY2024-25", 0.3, area_code=havering, tier="small"),
        figure("L1", "buyer", "GB-LAE-HAV", "T12-2025-03", 0.5),
        figure("L4.own_area", "authority", havering, "FY2024-25", 0.3),
        figure("L4.own_area", "buyer", "GB-LAE-HAV", "FY2024-25", 0.3),
        figure("T1.L1", "authority", havering, "FY2024-25", 5.0, numerator=1.0, denominator=2.0, **points),
        figure("T3.L1", "authority", havering, "T12-2025-03", -2.0, **points),
        figure("X3", "group", "G1", "ALL", 2.0, unit="buyers", coverage_share=None),
    ]
    published = {
        "figure_id": "f1",
        "topic": "local",
        "says": "A third",
        "published_value": 0.33,
        "unit": "share of value",
    }
    published |= {"base": "notices", "source": "A body", "indicator_id": "L1", "grain": "england", "likeness": "same"}
    period = {"is_provisional": False, "first_on": date(2024, 4, 1), "last_on": date(2025, 3, 31)}
    borough = {"kind": "london_borough", "region_code": "E12000007"}
    return {
        "area": frame(
            "area",
            {"area_code": havering, "name": "Havering", **borough},
            {"area_code": "E09000026", "name": "Redbridge", **borough},
        ),
        "indicator": pl.concat(
            [
                known["indicator"],
                frame(
                    "indicator",
                    *(
                        {"indicator_id": name, "version": 1, "title": title, "methodology": "Planted."}
                        | {"unit": "share of value", "base": "award lines"}
                        for name, title in titles.items()
                    ),
                ),
            ]
        ),
        "indicator_value": pl.concat([known["indicator_value"], frame("indicator_value", *told)]),
        "period": frame(
            "period",
            {"period": "FY2024-25", "kind": "financial_year", **period},
            {"period": "T12-2025-03", "kind": "trailing_12", **period},
            {"period": "2025Q1", "kind": "quarter", **period, "first_on": date(2025, 1, 1)},
        ),
        "peer": frame(
            "peer",
            {"area_code": havering, "peer_code": "E09000026", "model": "simple", "rank": 1, "source": "Planted"},
        ),
        "published_figure": frame("published_figure", {**published, "why_different": "Another base."}),
        "agreement": frame(
            "agreement",
            {"figure_id": "f1", "compared": "same_period", "periods": "FY2024-25", "value": 0.4, "n": 30}
            | {"verdict": "no_band"},
        ),
    }


def fill(warehouse: Warehouse, **others: pl.DataFrame) -> None:
    """Write the made-up frames, or others of the same tables, and mark all of them as changed."""
    filled = frames() | others
    with warehouse.transaction():
        for table, rows in filled.items():
            warehouse.bulk_upsert(table, rows)
        marks = {(table, part) for table in schema.TABLES for part in warehouse.partitions(table)}
        warehouse.mark_unpublished(marks)

"""What an amount is worth believing."""

import datetime as dt
import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms import values

AWARD: dict[str, Any] = {
    "award_id": pl.String,
    "procurement_id": pl.String,
    "status": pl.String,
    "awarded_on": pl.Date,
    "published_at": pl.Datetime("us", "UTC"),
    "currency": pl.String,
    "amount_gbp": pl.Decimal(18, 2),
    "amount_gross_gbp": pl.Decimal(18, 2),
    "supplier_count": pl.Int64,
    "buyer_party_id": pl.String,
    "buyer_name": pl.String,
    "title": pl.String,
    "description": pl.String,
    "method_details": pl.String,
    "method": pl.String,
    "cpv_code": pl.String,
}


def awards(*told: dict[str, Any]) -> pl.DataFrame:
    """Return told awards: plain contracts of £50,000 but for what is given."""
    plain = {
        "award_id": "a",
        "procurement_id": "p",
        "status": "active",
        "awarded_on": dt.date(2024, 6, 1),
        "published_at": dt.datetime(2024, 6, 2, tzinfo=dt.UTC),
        "currency": "GBP",
        "amount_gbp": Decimal("50000"),
        "supplier_count": 1,
        "buyer_party_id": "GB-LAE-HAV",
        "buyer_name": "Havering",
        "title": "Grass cutting",
        "description": "Cutting of grass.",
        "method_details": "Open procedure",
        "cpv_code": "77310000",
    }
    return pl.DataFrame([plain | one for one in told], schema=AWARD)


def judged(**told: Any) -> dict[str, Any]:
    """Return one award as believed."""
    return values.believe(awards(told)).row(0, named=True)


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"amount_gbp": Decimal("50000")}, "ok"),
        ({"amount_gbp": Decimal("100")}, "ok"),
        ({"amount_gbp": Decimal("333333")}, "ok"),
        ({"amount_gbp": Decimal("0")}, "zero"),
        ({"amount_gbp": Decimal("0.01"), "method_details": "Call-off from a framework agreement"}, "placeholder"),
        ({"amount_gbp": Decimal("1")}, "placeholder"),
        ({"amount_gbp": Decimal("29")}, "placeholder"),
        ({"amount_gbp": Decimal("98")}, "placeholder"),
        ({"amount_gbp": Decimal("999999999")}, "placeholder"),
        ({"amount_gbp": Decimal("999999.99")}, "placeholder"),
        ({"amount_gbp": Decimal("11111111")}, "placeholder"),
        ({"amount_gbp": Decimal("123456.78")}, "placeholder"),
        ({"amount_gbp": Decimal("1234567890")}, "placeholder"),
        ({"amount_gbp": Decimal("-5000")}, "implausible"),
        ({"amount_gbp": Decimal("30000000000")}, "implausible"),
        ({"amount_gbp": None}, "missing"),
        ({"amount_gbp": None, "currency": None}, "missing"),
        ({"amount_gbp": Decimal("50000"), "currency": None}, "missing"),
        ({"amount_gbp": None, "currency": "AED"}, "foreign_currency"),
    ],
)
def test_amounts_that_nobody_paid_are_told_apart(told: dict[str, Any], status: str) -> None:
    """Zeros, placeholders, impossible and foreign amounts have their own status, and no size."""
    believed = judged(**told)

    assert believed["value_status"] == status
    assert believed["value_reason"]
    assert (believed["tier"] is not None) == (status == "ok")
    assert (believed["is_mega"] is not None) == (status == "ok")
    assert believed["is_core"]


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({}, "contract"),
        ({"method_details": "Call-off from a framework agreement"}, "call_off"),
        ({"method_details": "Call-off from a dynamic purchasing system"}, "call_off"),
        ({"method_details": "Award under framework"}, "call_off"),
        ({"title": "Defra Noise Modelling Service - Call-Off Contract 4"}, "call_off"),
        ({"title": "NMS Framework call-off"}, "call_off"),
        ({"title": "Framework agreement lot 3 call off"}, "call_off"),
        ({"title": "Fire Remedial Works via the CHIC Framework"}, "call_off"),
        ({"title": "RM6068 - Software Licence Renewal"}, "call_off"),
        ({"description": "Procured via the CCS framework RM6187."}, "call_off"),
        ({"description": "This contract was awarded under the CCS Framework."}, "call_off"),
        ({"description": "Mini-competition under Lot 3 of the Councils Framework Agreement."}, "call_off"),
        ({"description": "Seeking a mini competition against the following Dynamic Purchasing System: X"}, "call_off"),
        ({"description": "Awarded under the transport DPS. Two vehicles."}, "call_off"),
        ({"title": "Repairs and Planned Works Framework"}, "suspected_ceiling"),
        ({"title": "Passenger Transport Dynamic Purchasing System"}, "suspected_ceiling"),
        ({"description": "The Council wishes to establish a framework agreement for meals."}, "suspected_ceiling"),
        ({"description": "Renewal of a national framework for vehicles."}, "suspected_ceiling"),
        (
            {
                "title": "Lintel Framework",
                "description": "The objective is to establish a Framework Agreement. "
                "Other landlords will be entitled to call off under the Framework Agreement.",
            },
            "suspected_ceiling",
        ),
        (
            {
                "title": "Works Framework",
                "description": "An eAuction may be used to award subsequent call off contracts.",
            },
            "suspected_ceiling",
        ),
        ({"supplier_count": 3}, "suspected_ceiling"),
        ({"supplier_count": 35, "amount_gbp": Decimal("400000000")}, "suspected_ceiling"),
        ({"supplier_count": 3, "method_details": "Call-off from a framework agreement"}, "suspected_ceiling"),
        ({"supplier_count": 2}, "contract"),
        ({"supplier_count": 17, "amount_gbp": Decimal("0")}, "contract"),
        ({"supplier_count": 17, "amount_gbp": None}, "contract"),
        ({"title": "Review of the National Planning Policy Framework"}, "contract"),
        ({"description": "Developed an evaluation framework and a theory of change."}, "contract"),
        ({"description": "Works within the framework of the Care Act."}, "contract"),
        ({"description": "Placements of DPS Education Ltd."}, "contract"),
        ({"description": "A dynamic environment with several campuses."}, "contract"),
        ({"title": None, "description": "", "method_details": " "}, "unknown"),
    ],
)
def test_ceilings_and_call_offs_are_told_by_their_wording(told: dict[str, Any], kind: str) -> None:
    """A framework set up is a suspected ceiling, one made use of a call-off, and the word in another sense neither."""
    believed = judged(**told)

    assert believed["value_kind"] == kind, believed["value_reason"]
    assert believed["is_core"] == (kind in ("contract", "call_off"))


def test_a_ceiling_keeps_its_amount_and_has_no_size() -> None:
    """A suspected ceiling of £400m keeps its amount, is listed, and is no mega-contract."""
    believed = values.believe(awards({"supplier_count": 35, "amount_gbp": Decimal("400000000")}))
    listed = values.ceilings(believed)

    assert believed["amount_gbp"].to_list() == [Decimal("400000000.00")]
    assert believed.select("tier", "is_mega", "mega_rule", "is_core").row(0) == (None, None, None, False)
    assert listed.row(0, named=True)["reason"].startswith("35 suppliers share one amount")
    assert listed.columns == ["award_id", "procurement_id", "amount_gbp", "supplier_count", "reason"]


@pytest.mark.parametrize("status", ["cancelled", "unsuccessful", "terminated", "intended", None])
def test_only_active_awards_are_core(status: str | None) -> None:
    """An award that is not active is outside the core, whatever its amount."""
    assert judged(status=status)["is_core"] is False


@pytest.mark.parametrize(
    ("pounds", "tier"),
    [
        ("179086.66", "below_threshold"),  # With VAT at 20 % just under £214,904.
        ("179086.67", "small"),
        ("999999.98", "small"),
        ("1000000", "medium"),
        ("4999999.98", "medium"),
        ("5000000", "large"),
        ("10000000", "major"),
        ("99999999.98", "major"),
        ("100000000", "mega"),
        ("1000000000", "mega"),
        ("1000000000.01", "over_1bn"),
    ],
)
def test_sizes_begin_with_the_amount_that_names_them(pounds: str, tier: str) -> None:
    """Fences are inclusive below; only "over £1bn" begins above it. Mega from £100m on, and nothing else."""
    believed = judged(amount_gbp=Decimal(pounds))

    assert believed["tier"] == tier
    assert believed["is_mega"] == (tier in ("mega", "over_1bn"))
    assert (believed["mega_rule"] is not None) == believed["is_mega"]


@pytest.mark.parametrize(
    ("told", "tier"),
    [
        ({"amount_gbp": Decimal("150000"), "awarded_on": dt.date(2021, 6, 1)}, "below_threshold"),
        ({"amount_gbp": Decimal("189330"), "awarded_on": dt.date(2021, 12, 31)}, "small"),
        ({"amount_gbp": Decimal("178000"), "awarded_on": dt.date(2025, 12, 31)}, "below_threshold"),
        ({"amount_gbp": Decimal("178000"), "awarded_on": dt.date(2026, 1, 1)}, "small"),
        ({"amount_gbp": Decimal("190000"), "amount_gross_gbp": Decimal("190000")}, "below_threshold"),
        ({"amount_gbp": Decimal("4000000"), "cpv_code": "45000000"}, "below_threshold"),
        ({"amount_gbp": Decimal("500000"), "cpv_code": "85311000"}, "below_threshold"),
        ({"amount_gbp": Decimal("500000"), "cpv_code": "92350000"}, "small"),
        ({"amount_gbp": Decimal("150000"), "buyer_party_id": "GB-CFS-1", "buyer_name": "Home Office"}, "small"),
        ({"amount_gbp": Decimal("50000"), "awarded_on": dt.date(2014, 1, 1)}, "small"),
    ],
)
def test_the_statutory_threshold_is_the_one_in_force(told: dict[str, Any], tier: str) -> None:
    """Below threshold depends on the date, the kind of contract, VAT, and who buys."""
    assert judged(**told)["tier"] == tier


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"amount_gbp": Decimal("1100000")}, "size medium, but small if the amount includes VAT"),
        ({"amount_gbp": Decimal("110000000")}, "size mega, but major if the amount includes VAT"),
        ({"amount_gbp": Decimal("190000")}, "size small, but below_threshold if the amount includes VAT"),
        (
            {"amount_gbp": Decimal("150000"), "buyer_party_id": "GB-CFS-1", "buyer_name": "Home Office"},
            "below the threshold if the buyer is no central government body",
        ),
    ],
)
def test_the_reason_says_where_the_size_is_in_doubt(told: dict[str, Any], words: str) -> None:
    """Where VAT or the kind of buyer could move an award to another size, its reason says so."""
    assert words in judged(**told)["value_reason"]


def test_an_amount_stated_with_and_without_vat_leaves_no_doubt() -> None:
    """Where the notice states the amount with VAT as well, nothing is said of VAT."""
    believed = judged(amount_gbp=Decimal("1100000"), amount_gross_gbp=Decimal("1320000"))

    assert "VAT" not in believed["value_reason"]


def test_believing_nothing_gives_the_columns() -> None:
    """No awards are believed as no rows with all columns."""
    believed = values.believe(awards())

    assert believed.height == 0
    assert {"value_kind", "value_status", "value_reason", "is_core", "tier", "is_mega", "mega_rule"} <= set(
        believed.columns
    )


def test_the_order_of_awards_is_kept() -> None:
    """Believing keeps rows in their order, whichever rule fires."""
    told = awards(*({"award_id": str(n), "title": "Framework" if n % 2 else "Desks"} for n in range(9)))

    believed = values.believe(told)

    assert believed.drop(set(believed.columns) - set(told.columns)).equals(told)
    assert believed["value_kind"].to_list() == ["contract", "suspected_ceiling"] * 4 + ["contract"]


@settings(max_examples=50, deadline=None)
@given(pence=st.integers(min_value=10_000, max_value=10**11), count=st.integers(min_value=1, max_value=40))
def test_the_lines_of_an_award_sum_exactly_to_it(pence: int, count: int) -> None:
    """Pennies are neither lost nor made when an award is divided among its suppliers, and nobody is a penny ahead."""
    award = pl.DataFrame(
        {"award_id": ["a"], "is_core": [True], "value_status": ["ok"], "amount_gbp": [Decimal(pence) / 100]},
        schema_overrides={"amount_gbp": pl.Decimal(18, 2)},
    )
    lines = pl.DataFrame({"award_id": ["a"] * count, "mention_id": [f"a/{n}" for n in range(count)]})

    weighed = values.weigh(lines, award)
    parts = weighed["value_gbp"].to_list()

    assert sum(parts) == Decimal(pence) / 100
    assert max(parts) - min(parts) <= Decimal("0.01")
    assert parts == sorted(parts, reverse=True)
    assert weighed["weight"].to_list() == [1 / count] * count
    assert values.weigh(lines.reverse(), award).reverse().equals(weighed)


@pytest.mark.parametrize(("is_core", "status"), [(False, "ok"), (True, "zero"), (True, "missing")])
def test_what_may_not_enter_a_sum_has_no_value(is_core: bool, status: str) -> None:
    """Lines of ceilings, cancelled awards and amounts that are not credible have a weight and no value."""
    award = pl.DataFrame(
        {"award_id": ["a"], "is_core": [is_core], "value_status": [status], "amount_gbp": [Decimal("5.00")]},
        schema_overrides={"amount_gbp": pl.Decimal(18, 2)},
    )

    weighed = values.weigh(pl.DataFrame({"award_id": ["a", "a"], "mention_id": ["a/1", "a/2"]}), award)

    assert weighed["value_gbp"].to_list() == [None, None]
    assert weighed["weight"].to_list() == [0.5, 0.5]


@pytest.fixture(scope="module")
def real(shared: Path) -> pl.DataFrame:
    """Return the awards of the real notices, as believed."""
    told: list[dict[str, Any]] = []
    for path in sorted((shared / "data" / "contracts_finder").glob("*.gz")):
        if ".csv" in path.name:
            continue
        text = gzip.decompress(path.read_bytes()).decode()
        releases = (
            [json.loads(line) for line in text.splitlines()] if ".jsonl" in path.name else json.loads(text)["releases"]
        )
        for release in releases:
            tender = release.get("tender") or {}
            told += [
                {
                    "award_id": award["id"],
                    "status": award["status"],
                    "currency": award["value"]["currency"],
                    "amount_gbp": Decimal(str(award["value"]["amount"])).quantize(Decimal("0.01")),
                    "supplier_count": len(award["suppliers"]),
                    "buyer_name": release["buyer"]["name"],
                    "title": tender.get("title"),
                    "description": tender.get("description"),
                    "method_details": tender.get("procurementMethodDetails"),
                }
                for award in release.get("awards") or []
            ]
    return values.believe(awards(*told))


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("215_24 Specialist Vehicles (outright purchase)", "suspected_ceiling"),
        ("Repairs and Planned Works Framework", "suspected_ceiling"),
        ("Power and Data Works Framework", "suspected_ceiling"),
        ("Standard Network Cabling Framework", "suspected_ceiling"),
        ("Defra Noise Modelling Service - Call-Off Contract 4", "call_off"),
        ("Incident Response Retainer", "call_off"),
        ("NUN - Armson Road - EA and QS Services - AWARD", "call_off"),
        ("Surface Dressing 2025", "call_off"),
        ("Road Markings, Road Studs & Crack Sealing_2025", "call_off"),
        ("35998 - FOSSE PRIMARY SCHOOL", "call_off"),
        ("RHUL-25024 Asbestos Surveys and Testing", "call_off"),
        ("IMSORTS", "contract"),
    ],
)
def test_real_framework_wording_is_read_as_a_person_reads_it(real: pl.DataFrame, title: str, kind: str) -> None:
    """Real notices with framework wording, read by eye, have the kind that the reader gave them."""
    found = real.filter(pl.col("title") == title)["value_kind"].unique().to_list()

    assert found == [kind]

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
from transforms.reference import facts
from warehouse import schema

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

FIND_A_TENDER: dict[str, Any] = {
    "notice_type": pl.String,
    "regime": pl.String,
    "special_regime": pl.String,
    "parent_ocid": pl.String,
    "lot_currencies": pl.String,
    "release_id": pl.String,
    "content_hash": pl.String,
    "lot_id": pl.String,
    "is_framework": pl.Boolean,
    "is_dynamic": pl.Boolean,
    "is_above_threshold": pl.Boolean,
    "estimate_gbp": pl.Decimal(18, 2),
    "estimate_low_gbp": pl.Decimal(18, 2),
    "starts_on": pl.Date,
    "ends_on": pl.Date,
    "ends_latest_on": pl.Date,
}
"""Columns that Contracts Finder may leave out: a frame has those that one of its awards tells of."""


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
    more = {name: dtype for name, dtype in FIND_A_TENDER.items() if any(name in one for one in told)}
    return pl.DataFrame([plain | one for one in told], schema=AWARD | more)


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
    assert listed.schema == schema.frame_schema("ceiling")


@pytest.mark.parametrize("status", ["cancelled", "unsuccessful", "intended", None])
def test_only_awards_that_were_given_are_core(status: str | None) -> None:
    """An award that nobody was given, or not yet, is outside the core, whatever its amount."""
    assert judged(status=status)["is_core"] is False


def test_a_contract_that_has_ended_was_awarded_all_the_same() -> None:
    """A notice is due whenever a contract ends: past figures do not shrink for it."""
    assert judged(status="terminated")["is_core"] is True


def several(*told: tuple[str | None, int, int | None]) -> pl.DataFrame:
    """Return awards of one release as judged: lot, amount in pounds, estimate of the whole tender in pounds."""
    rows = [
        {
            "award_id": f"a{place}",
            "release_id": "r",
            "content_hash": "h",
            "lot_id": lot,
            "amount_gbp": Decimal(amount),
            "estimate_gbp": None if estimate is None else Decimal(estimate),
        }
        for place, (lot, amount, estimate) in enumerate(told)
    ]
    return values.believe(awards(*rows))


def test_suppliers_that_share_one_amount_in_awards_of_their_own_are_a_suspected_ceiling() -> None:
    """A framework that states one figure on the award of each supplier is counted as one that states it once."""
    found = several(*[("1", 5_000_000, None)] * 5)

    assert found["value_kind"].unique().to_list() == ["suspected_ceiling"]
    assert found["value_reason"][0].startswith("5 suppliers share one amount")


def test_two_awards_of_one_lot_with_one_amount_contradict_each_other() -> None:
    """Two suppliers may have been given as much each, so the amounts stay, and the doubt is told."""
    found = several(("1", 5_000_000, None), ("1", 5_000_000, None), ("2", 7_000_000, None))

    assert found["is_core"].to_list() == [True] * 3
    assert ["of one lot" in (told or "") for told in found["contradictions"]] == [True, True, False]


def test_awards_that_each_state_the_amount_of_the_whole_tender_are_suspected() -> None:
    """The value of a tender is not multiplied by its lots."""
    found = several(("1", 1_000_000, 1_000_000), ("2", 1_000_000, 1_000_000))

    assert found["value_kind"].unique().to_list() == ["suspected_ceiling"]
    assert several(("1", 400_000, 1_000_000), ("2", 600_000, 1_000_000))["is_core"].all()


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


@settings(max_examples=50)
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


PA2023 = {"regime": "pa2023", "method_details": "Open procedure"}


def pounds(amount: str) -> Decimal:
    """Return an amount as the frames hold it."""
    return Decimal(amount).quantize(Decimal("0.01"))


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        # Said by the notice.
        ({"is_framework": True}, "framework_ceiling"),
        ({"is_framework": True, "supplier_count": 35}, "framework_ceiling"),
        ({"is_framework": True, "title": "Surface Dressing under the Highways Framework"}, "framework_ceiling"),
        ({"is_framework": True, "method_details": "Award under framework"}, "call_off"),
        ({"is_framework": True, "method_details": "Award under framework", "supplier_count": 3}, "suspected_ceiling"),
        ({"is_dynamic": True}, "dynamic_market"),
        ({"is_dynamic": True, "is_framework": True}, "dynamic_market"),
        ({"is_dynamic": True, "method_details": "Call-off from a dynamic purchasing system"}, "call_off"),
        *(({"notice_type": notice}, "dynamic_market") for notice in ("UK13", "UK14", "UK15", "UK16")),
        ({"notice_type": "UK7"}, "contract"),
        # Concessions.
        ({"regime": "ccr2016"}, "concession"),
        ({"regime": "ccr2016", "supplier_count": 3}, "concession"),
        ({"regime": "ccr2016", "is_framework": True}, "framework_ceiling"),
        ({"regime": "pa2023", "special_regime": "lightTouch,concession"}, "concession"),
        ({"regime": "pa2023", "title": "Catering Concessions in Parks"}, "concession"),
        ({"regime": "pcr2015", "method_details": "Concession award procedure"}, "concession"),
        ({"regime": "pa2023", "title": "Bus concessions and concessionary travel"}, "contract"),
        ({"regime": "pa2023", "title": "Catering (not a concession)"}, "contract"),
        ({"title": "Catering Concessions in Parks"}, "contract"),
        # Said to be none.
        ({"is_framework": False, "supplier_count": 35}, "contract"),
        ({"is_framework": False, "title": "Repairs Framework"}, "contract"),
        ({"is_framework": False, "title": "Repairs via the CHIC Framework"}, "call_off"),
        # Not said: words count, and under the Act, where the procedure is named, less.
        (PA2023 | {"title": "Repairs Framework"}, "suspected_ceiling"),
        (PA2023 | {"description": "To establish a framework agreement for meals."}, "suspected_ceiling"),
        (PA2023 | {"description": "Meals. A framework agreement is in place."}, "contract"),
        (
            PA2023 | {"description": "Meals. A framework agreement is in place.", "supplier_count": 3},
            "suspected_ceiling",
        ),
        ({"regime": "pcr2015", "description": "Meals. A framework agreement is in place."}, "suspected_ceiling"),
        (
            {
                "regime": "pa2023",
                "method_details": "Below threshold - unknown",
                "description": "Meals. A framework agreement is in place.",
            },
            "suspected_ceiling",
        ),
        # Call-offs by what the notice belongs to.
        ({"parent_ocid": "ocds-h6vhtk-0513a8"}, "call_off"),
        ({"parent_ocid": "ocds-h6vhtk-0513a8", "title": "Repairs Framework"}, "suspected_ceiling"),
        ({"parent_ocid": " "}, "contract"),
        # Ranges.
        ({"amount_gbp": None, "estimate_low_gbp": pounds("80"), "estimate_gbp": pounds("230")}, "range"),
        ({"amount_gbp": None, "estimate_low_gbp": pounds("230"), "estimate_gbp": pounds("230")}, "contract"),
        ({"amount_gbp": None, "estimate_gbp": pounds("230")}, "contract"),
        ({"estimate_low_gbp": pounds("80"), "estimate_gbp": pounds("230")}, "contract"),
        (
            {
                "amount_gbp": None,
                "estimate_low_gbp": pounds("80"),
                "estimate_gbp": pounds("230"),
                "title": "Repairs Framework",
            },
            "suspected_ceiling",
        ),
    ],
)
def test_what_the_notice_says_of_itself_comes_before_its_words(told: dict[str, Any], kind: str) -> None:
    """Flags, the law and the notice type tell the kind; words only where the notice leaves it open."""
    believed = judged(**told)

    assert believed["value_kind"] == kind, believed["value_reason"]
    assert believed["is_core"] == (kind in ("contract", "call_off", "range"))
    assert believed["tier"] is None or kind in ("contract", "call_off")
    assert believed["value_reason"]


@pytest.mark.parametrize("kind", [{"is_framework": True}, {"is_dynamic": True}, {"supplier_count": 35}])
def test_ceilings_and_markets_are_listed_with_their_kind(kind: dict[str, Any]) -> None:
    """Every kind of ceiling is listed as table ceiling wants it; concessions and contracts are not."""
    believed = values.believe(awards(kind, {}, {"regime": "ccr2016"}))
    listed = values.ceilings(believed)

    assert listed.schema == schema.frame_schema("ceiling")
    assert listed["value_kind"].to_list() == believed["value_kind"].to_list()[:1]


@pytest.mark.parametrize(
    ("told", "amount", "basis"),
    [
        ({"amount_gross_gbp": pounds("60000")}, "50000", "net_stated"),
        ({"amount_gbp": None, "amount_gross_gbp": pounds("60000")}, "60000", "gross_only"),
        ({"amount_gbp": None, "amount_gross_gbp": pounds("60000"), "currency": None}, None, None),
        ({"amount_gbp": None, "amount_gross_gbp": pounds("60000"), "currency": "AED"}, None, None),
        ({"regime": "pa2023"}, "50000", "net_stated"),
        ({"regime": "pcr2015"}, "50000", "not_stated"),
        ({}, "50000", "not_stated"),
        ({"amount_gbp": None}, None, None),
    ],
)
def test_the_basis_says_what_vat_means(told: dict[str, Any], amount: str | None, basis: str | None) -> None:
    """An amount stands as net where stated, as gross where only that is stated, and the basis says which."""
    believed = judged(**told)

    assert believed["amount_gbp"] == (amount and Decimal(amount))
    assert believed["amount_basis"] == basis
    assert ("it includes VAT" in believed["value_reason"]) == (basis == "gross_only")


@pytest.mark.parametrize(
    ("told", "yearly"),
    [
        ({"starts_on": dt.date(2024, 4, 1), "ends_on": dt.date(2027, 3, 31)}, "16666.67"),
        ({"starts_on": dt.date(2024, 4, 1), "ends_on": dt.date(2025, 9, 30)}, "33333.33"),
        ({"starts_on": dt.date(2024, 4, 1), "ends_on": dt.date(2024, 4, 1)}, "50000.00"),
        ({"starts_on": dt.date(2024, 4, 1), "ends_on": dt.date(2025, 3, 31)}, "50000.00"),
        ({"starts_on": dt.date(2024, 4, 1), "ends_on": dt.date(2074, 3, 31)}, "1000.00"),
        ({"starts_on": dt.date(2024, 4, 1), "ends_on": dt.date(2074, 5, 31)}, None),
        ({"starts_on": dt.date(2024, 4, 1), "ends_on": dt.date(2122, 3, 31)}, None),
        ({"starts_on": dt.date(2024, 4, 1), "ends_on": dt.date(2024, 3, 31)}, None),
        ({"starts_on": None, "ends_on": dt.date(2024, 3, 31)}, None),
        ({}, None),
        ({"starts_on": dt.date(2024, 4, 1), "ends_on": dt.date(2027, 3, 31), "is_framework": True}, None),
        ({"starts_on": dt.date(2024, 4, 1), "ends_on": dt.date(2027, 3, 31), "amount_gbp": pounds("1")}, None),
    ],
)
def test_an_amount_is_spread_over_the_years_of_its_contract(told: dict[str, Any], yearly: str | None) -> None:
    """A credible amount is divided by its years, at least one; without a credible length there is no yearly amount."""
    assert judged(**told)["annualised_gbp"] == (yearly and Decimal(yearly))


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (
            {"amount_gross_gbp": pounds("40000")},
            "the amount without VAT, £50,000.00, is above the one with VAT, £40,000.00",
        ),
        ({"amount_gross_gbp": pounds("62500")}, None),
        ({"amount_gross_gbp": pounds("62501")}, "the amount with VAT, £62,501.00, is more than VAT above"),
        ({"amount_gbp": pounds("0"), "amount_gross_gbp": pounds("900")}, "is more than VAT above"),
        ({"currency": "AED", "lot_currencies": "GBP"}, "the award is in AED, its lots in GBP"),
        ({"lot_currencies": "USD, <b>,aed"}, "the award is in GBP, its lots in AED, USD"),
        (
            {"currency": "AED", "estimate_gbp": pounds("50000")},
            "the award is in AED, the estimate of its tender in pounds",
        ),
        (
            {"starts_on": dt.date(2024, 6, 1), "ends_on": dt.date(2024, 5, 1)},
            "it ends on 2024-05-01, before it starts on 2024-06-01",
        ),
        ({"ends_on": dt.date(2026, 6, 1), "ends_latest_on": dt.date(2026, 5, 1)}, "with every extension it ends on"),
        (
            {"starts_on": dt.date(2024, 6, 1), "ends_on": dt.date(2122, 5, 31)},
            "it ends on 2122-05-31, more than 50 years",
        ),
        ({"ends_latest_on": dt.date(2122, 5, 31)}, "more than 50 years after 2024-06-01"),
        ({"starts_on": dt.date(2024, 6, 1), "ends_on": dt.date(2074, 5, 31)}, None),
        ({"awarded_on": dt.date(2024, 6, 3)}, None),
        ({"awarded_on": dt.date(2024, 6, 4)}, "awarded on 2024-06-04, after it was published on 2024-06-02"),
        ({"awarded_on": dt.date(2014, 6, 3)}, None),
        ({"awarded_on": dt.date(2014, 5, 1)}, "over 10 years before it was published"),
        (
            {"amount_gbp": pounds("300000"), "is_above_threshold": False},
            "called below the threshold beside £300,000.00; the threshold is £214,904.00 or less",
        ),
        ({"amount_gbp": pounds("220000"), "is_above_threshold": False}, None),
        ({"amount_gbp": pounds("300000"), "method_details": "Below threshold - open competition"}, "called below"),
        ({"amount_gbp": pounds("300000"), "is_above_threshold": False, "cpv_code": "45000000"}, None),
        ({"amount_gbp": pounds("300000"), "is_above_threshold": False, "special_regime": "lightTouch"}, None),
        (
            {"is_above_threshold": True},
            "called above the threshold beside £50,000.00; the threshold is £214,904.00 or more",
        ),
        ({"is_above_threshold": True, "estimate_gbp": pounds("5000000")}, None),
        ({"is_above_threshold": True, "regime": "ccr2016"}, None),
        (
            {"is_above_threshold": True, "method_details": "Below threshold - unknown", "amount_gbp": pounds("190000")},
            "the procedure and the flag disagree on whether it is above the threshold",
        ),
        (
            {"amount_gbp": pounds("10000000"), "method_details": "Direct award"},
            "called a direct award or single tender beside £10,000,000.00",
        ),
        ({"amount_gbp": pounds("9999999.99"), "method_details": "Direct award"}, None),
        ({"amount_gbp": pounds("20000000"), "method_details": "Direct award", "regime": "psr2023"}, None),
        ({"amount_gbp": pounds("20000000"), "method_details": "Call-off (direct award) from a framework"}, None),
        ({"method": "open", "method_details": "Direct award"}, "the procedure is called open in one place"),
        ({"method": "limited", "method_details": "Open procedure"}, "the procedure is called limited in one place"),
        ({"is_framework": True, "method_details": "Award under framework"}, "said to set up a framework, beside"),
        ({"is_framework": True, "title": "Call-Off Contract 4"}, "said to set up a framework, beside"),
        (
            {"is_framework": False, "title": "Repairs Framework"},
            "said to set up no framework, while the text tells of one",
        ),
        (
            {"estimate_low_gbp": pounds("10000"), "estimate_gbp": pounds("50000")},
            "the amount is the upper end of the range £10,000.00 to £50,000.00",
        ),
        ({"estimate_gbp": pounds("50000")}, None),
        ({"estimate_gbp": pounds("5000")}, None),
        ({"estimate_gbp": pounds("4999.99")}, "the amount £50,000.00 is over 10 times the estimate of £4,999.99"),
        ({"estimate_gbp": pounds("1")}, None),
        ({}, None),
    ],
)
def test_fields_that_contradict_each_other_are_told_and_not_corrected(told: dict[str, Any], words: str | None) -> None:
    """What cannot all be right is told in words with its numbers, and the amount stays as it was."""
    believed = judged(**told)

    assert (believed["contradictions"] is None) == (words is None), believed["contradictions"]
    assert words is None or words in believed["contradictions"]
    assert believed["amount_gbp"] == told.get("amount_gbp", pounds("50000"))


def test_several_contradictions_stand_side_by_side() -> None:
    """Contradictions are joined in a fixed order."""
    believed = judged(
        amount_gross_gbp=pounds("40000"),
        starts_on=dt.date(2024, 6, 1),
        ends_on=dt.date(2024, 5, 1),
        lot_currencies="AED",
    )

    assert believed["contradictions"] == (
        "the amount without VAT, £50,000.00, is above the one with VAT, £40,000.00; "
        "the award is in GBP, its lots in AED; it ends on 2024-05-01, before it starts on 2024-06-01"
    )


@pytest.mark.parametrize(
    ("told", "tier"),
    [
        ({"amount_gbp": pounds("400000"), "special_regime": "lightTouch"}, "below_threshold"),
        ({"amount_gbp": pounds("400000"), "regime": "pa2023", "method_details": "Light touch"}, "below_threshold"),
        ({"amount_gbp": pounds("400000")}, "small"),
        ({"amount_gbp": pounds("300000"), "regime": "ucr2016"}, "below_threshold"),
        ({"amount_gbp": pounds("300000"), "regime": "pa2023", "special_regime": "utilities"}, "below_threshold"),
        ({"amount_gbp": pounds("300000"), "regime": "dspcr2011"}, "below_threshold"),
        ({"amount_gbp": pounds("700000"), "special_regime": "lightTouch,utilities"}, "below_threshold"),
        ({"amount_gbp": pounds("700000"), "special_regime": "lightTouch"}, "small"),
        (
            {
                "amount_gbp": pounds("150000"),
                "buyer_name": "Agency",
                "buyer_party_id": "x",
                "is_above_threshold": False,
            },
            "below_threshold",
        ),
        (
            {"amount_gbp": pounds("110000"), "buyer_name": "Agency", "buyer_party_id": "x", "is_above_threshold": True},
            "below_threshold",
        ),
        (
            {"amount_gbp": pounds("150000"), "buyer_name": "Agency", "buyer_party_id": "x", "is_above_threshold": True},
            "small",
        ),
        ({"amount_gbp": None, "amount_gross_gbp": pounds("214903.99")}, "below_threshold"),
        ({"amount_gbp": None, "amount_gross_gbp": pounds("214904")}, "small"),
    ],
)
def test_the_threshold_follows_the_law_and_the_buyer(told: dict[str, Any], tier: str) -> None:
    """Light touch, utilities and defence have thresholds of their own; between two, the notice's own word decides."""
    believed = judged(**told)

    assert believed["tier"] == tier, believed["value_reason"]


def test_a_size_with_vat_only_says_what_it_is_without() -> None:
    """An amount of £110m with VAT is mega as published, and the reason says that it is major without."""
    believed = judged(amount_gbp=None, amount_gross_gbp=pounds("110000000"))

    assert believed["is_mega"] is True
    assert "size mega with VAT, but major without" in believed["value_reason"]


@pytest.mark.parametrize(("year", "in_doubt"), [(2009, False), (2010, False), (2011, True)])
def test_rules_are_those_in_force_on_the_day(year: int, in_doubt: bool) -> None:
    """At 17.5 % or less, £1,190,000 is over a million without VAT; at 20 %, from January 2011, it is not."""
    believed = judged(amount_gbp=pounds("1190000"), awarded_on=dt.date(year, 6, 1))

    # At 15 % in 2009 and 17.5 % in 2010.
    assert ("if the amount includes VAT" in believed["value_reason"]) is in_doubt


@pytest.mark.parametrize(
    ("told", "flag"),
    [
        ({}, False),
        ({"method_details": "Award under framework"}, False),
        ({"amount_gbp": pounds("0")}, None),
        ({"is_framework": True}, None),
        ({"regime": "ccr2016"}, None),
        ({"status": "cancelled"}, None),
    ],
)
def test_large_for_the_buyer_is_no_until_compared(told: dict[str, Any], flag: bool | None) -> None:
    """Only a core award with a credible amount can be large for its buyer: no until compared, else not known."""
    assert judged(**told)["is_large_for_buyer"] is flag


def test_the_mega_rule_gives_its_numbers() -> None:
    """The rule behind a mega-contract names the amount and the fence, and can be told again from the believed award."""
    believed = values.believe(awards({"amount_gbp": pounds("123000000.5")}, {}, {"amount_gbp": pounds("2000000000")}))

    assert believed["mega_rule"].to_list() == [
        "mega: £123,000,000.50 is at least £100,000,000.00",
        None,
        "over_1bn: £2,000,000,000.00 is at least £1,000,000,000.01",
    ]
    assert values.mega_rule(believed.reverse()).reverse().equals(believed["mega_rule"])


def test_a_row_is_believed_alike_in_any_company_and_order() -> None:
    """What is believed of an award depends on nothing but the award."""
    told = awards(
        *(
            {
                "award_id": str(n),
                "amount_gbp": pounds(str(10**n)),
                "is_framework": (True, False, None)[n % 3],
                "lot_currencies": "AED" if n % 2 else None,
                "regime": ("pa2023", "ccr2016", None, "ucr2016")[n % 4],
                "ends_on": dt.date(2024 + n, 1, 1),
                "starts_on": dt.date(2024, 3, 1),
            }
            for n in range(12)
        )
    )

    together = values.believe(told)

    assert values.believe(told.reverse()).reverse().equals(together)
    assert pl.concat(values.believe(one) for one in told.iter_slices(1)).equals(together)


def summed(*told: dict[str, Any]) -> Decimal:
    """Return what a sum over the lines of these awards holds."""
    award = values.believe(awards(*({"award_id": str(n)} | one for n, one in enumerate(told))))
    lines = award.select("award_id", pl.int_ranges("supplier_count").alias("n")).explode("n")
    lines = lines.select("award_id", pl.format("{}#{}", "award_id", "n").alias("mention_id"))
    return sum(values.weigh(lines, award)["value_gbp"].drop_nulls(), Decimal(0))


CALL_OFFS = (
    {"amount_gbp": pounds("2000000"), "method_details": "Call-off from a framework agreement"},
    {"amount_gbp": pounds("3000000"), "method_details": "Award under framework", "supplier_count": 2},
)


@pytest.mark.parametrize(
    "ceiling",
    [
        pytest.param({"amount_gbp": pounds("400000000"), "supplier_count": 35}, id="framework ceilings counted"),
        pytest.param({"amount_gbp": pounds("30000000000"), "is_framework": True}, id="a ceiling of 30 billion"),
        pytest.param({"amount_gbp": pounds("12500000000"), "is_framework": True}, id="a ceiling below the bound"),
        pytest.param({"amount_gbp": pounds("26000000000"), "title": "Developer Framework"}, id="by its words"),
        pytest.param({"amount_gbp": pounds("5000000"), "is_framework": True}, id="framework and its call-offs"),
        pytest.param({"amount_gbp": pounds("5000000"), "is_dynamic": True}, id="dynamic purchasing system"),
        pytest.param({"amount_gbp": pounds("5000000"), "notice_type": "UK15"}, id="dynamic market"),
        pytest.param({"amount_gbp": pounds("5000000"), "regime": "ccr2016"}, id="concession"),
        pytest.param({"amount_gbp": pounds("1234567890")}, id="digits in a row"),
        pytest.param({"amount_gbp": pounds("30000000000")}, id="implausible"),
        pytest.param({"amount_gbp": pounds("0.01"), "method_details": "Award under framework"}, id="a penny"),
        pytest.param({"amount_gbp": None, "currency": "AED", "lot_currencies": "GBP"}, id="dirhams by mistake"),
        pytest.param(
            {"amount_gbp": None, "estimate_low_gbp": pounds("80000000"), "estimate_gbp": pounds("230000000")},
            id="only a range",
        ),
    ],
)
def test_sums_never_move_when_a_ceiling_or_a_false_amount_is_added(ceiling: dict[str, Any]) -> None:
    """Beside two call-offs of £5m no ceiling, framework of theirs, dynamic market or placeholder moves the sum.

    Framework ceilings counted as contracts; framework and its call-offs double count; dynamic market, open framework:
    no meaningful value; placeholder values.
    """
    assert summed(*CALL_OFFS) == pounds("5000000")
    assert summed(*CALL_OFFS, ceiling) == pounds("5000000")
    assert summed(ceiling) == 0


@pytest.mark.parametrize(("suppliers", "kind"), [(2, "contract"), (35, "contract")])
def test_multi_supplier_award_value_not_split(suppliers: int, kind: str) -> None:
    """Multi-supplier award, value not split: the notice sets up no framework, and the award counts once in a total."""
    told = {"amount_gbp": pounds("1000000"), "supplier_count": suppliers, "is_framework": False}

    assert judged(**told)["value_kind"] == kind
    assert summed(told) == pounds("1000000")


def test_thirty_five_suppliers_sharing_one_figure() -> None:
    """Thirty-five suppliers that share one figure are a suspected ceiling where the notice says nothing of it."""
    believed = judged(amount_gbp=pounds("400000000"), supplier_count=35, regime="pa2023", is_framework=None)

    assert believed["value_kind"] == "suspected_ceiling"
    assert believed["value_reason"].startswith("35 suppliers share one amount")


@pytest.mark.parametrize("amount", ["0", "0.01", "1", "999999999"])
def test_placeholder_values(amount: str) -> None:
    """Placeholder values 0, 0.01, 1 and 999,999,999 stay in counts and in no sum."""
    told = {"amount_gbp": pounds(amount)}

    assert judged(**told)["value_status"] in ("zero", "placeholder")
    assert judged(**told)["is_core"]
    assert summed(told) == 0


def test_vat_is_kept_apart() -> None:
    """VAT: of an amount stated without and with it the sum takes the first, and the threshold the second."""
    told = {"amount_gbp": pounds("179086.66"), "amount_gross_gbp": pounds("214904")}

    assert judged(**told)["tier"] == "small"
    assert summed({"amount_gbp": pounds("250273"), "amount_gross_gbp": pounds("300327")}) == pounds("250273")


@pytest.mark.parametrize("lots", ["GBP", None])
def test_currency_is_never_assumed(lots: str | None) -> None:
    """Currency: dirhams by mistake are foreign, even beside lots in pounds, and no currency is no amount."""
    believed = judged(currency="AED", amount_gbp=None, lot_currencies=lots)

    assert believed["value_status"] == "foreign_currency"
    assert believed["value_reason"].endswith("the amount is not in pounds but in AED")
    assert (believed["contradictions"] is not None) == (lots is not None)
    assert judged(currency=None)["value_status"] == "missing"


def test_contract_length() -> None:
    """Contract length: £80m over ten years is £8m a year, and no flag comes of the yearly amount."""
    believed = judged(amount_gbp=pounds("80000000"), starts_on=dt.date(2024, 4, 1), ends_on=dt.date(2034, 3, 31))

    assert believed["annualised_gbp"] == pounds("8000000")
    assert believed["tier"] == "major"
    assert believed["is_large_for_buyer"] is False


def test_extensions_and_change_notices() -> None:
    """Extensions, options and change notices: a yearly amount leaves extensions out; every state has its own amount."""
    told = {"starts_on": dt.date(2019, 4, 1), "ends_on": dt.date(2024, 3, 31), "ends_latest_on": dt.date(2029, 3, 31)}
    believed = values.believe(awards(told, told | {"amount_gbp": pounds("60000"), "notice_type": "UK10"}))

    assert believed["annualised_gbp"].to_list() == [pounds("10000"), pounds("12000")]


def test_value_ranges() -> None:
    """Value ranges: an award that states none of its own between £80m and £230m counts, has no price and no size."""
    told = {"amount_gbp": None, "estimate_low_gbp": pounds("80000000"), "estimate_gbp": pounds("230000000")}
    believed = judged(**told)

    assert believed["value_reason"].startswith("the notice states a range")
    assert (believed["is_core"], believed["value_status"], believed["tier"]) == (True, "missing", None)
    assert summed(told) == 0
    assert summed(told | {"amount_gbp": pounds("90000000")}) == pounds("90000000")


@pytest.mark.parametrize(
    ("amount", "method", "words"),
    [
        ("39200000", "Single tender action (below threshold)", ("called below the threshold", "called a direct award")),
        ("400000000", "Competitive quotation (below threshold)", ("called below the threshold",)),
    ],
)
def test_contradictory_method_fields(amount: str, method: str, words: tuple[str, ...]) -> None:
    """Contradictory method fields are told, and neither the kind nor the amount is corrected for them."""
    believed = judged(amount_gbp=pounds(amount), method_details=method)

    assert all(one in believed["contradictions"] for one in words)
    assert (believed["value_kind"], believed["value_status"]) == ("contract", "ok")


def test_an_end_date_in_2122_is_told_and_not_believed() -> None:
    """A contract that ends in 2122 keeps its amount and its size, has no yearly amount, and says why."""
    believed = judged(starts_on=dt.date(2024, 6, 1), ends_on=dt.date(2122, 5, 31))

    assert believed["annualised_gbp"] is None
    assert believed["value_status"] == "ok"
    assert "2122-05-31" in believed["contradictions"]


@pytest.mark.parametrize("name", ["amount_rules.csv", "thresholds.csv", "tiers.csv"])
def test_every_dated_number_has_its_source(name: str) -> None:
    """A rule that is a number has a day from which it holds, and says where it comes from."""
    rows = facts(name)

    assert rows["from_on"].str.to_date(strict=True).null_count() == 0
    assert rows["source"].str.len_chars().min() > 10  # type: ignore[operator]  # stubs: min is any scalar


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


LAWS = {"2023/54": "pa2023", "32014L0024": "pcr2015", "32014L0025": "ucr2016"}


@pytest.fixture(scope="module")
def real_find_a_tender(shared: Path) -> pl.DataFrame:
    """Return the awards of the real notices of Find a Tender, read as simply as these few allow, as believed."""
    text = gzip.decompress((shared / "data" / "find_a_tender" / "releases.jsonl.gz").read_bytes()).decode()
    told: list[dict[str, Any]] = []
    for release in map(json.loads, text.splitlines()):
        tender = release["tender"]
        buyer = release.get("buyer") or {}
        contracts = {contract["awardID"]: contract for contract in release.get("contracts") or []}
        for award in release.get("awards") or []:
            contract = contracts.get(award["id"], {})
            value = award.get("value") or contract.get("value") or {}
            told.append(
                {
                    "award_id": release["id"],
                    "status": award["status"],
                    "awarded_on": None,
                    "published_at": dt.datetime.fromisoformat(release["date"]).astimezone(dt.UTC),
                    "currency": value.get("currency"),
                    "amount_gbp": value.get("amount") and pounds(str(value["amount"])),
                    "amount_gross_gbp": value.get("amountGross") and pounds(str(value["amountGross"])),
                    "supplier_count": len(award.get("suppliers") or []),
                    "buyer_party_id": buyer.get("id"),
                    "buyer_name": buyer.get("name"),
                    "title": tender.get("title"),
                    "description": tender.get("description"),
                    "method_details": tender.get("procurementMethodDetails"),
                    "method": tender.get("procurementMethod"),
                    "cpv_code": (tender.get("classification") or {}).get("id"),
                    "regime": LAWS[tender["legalBasis"]["id"]] if "legalBasis" in tender else None,
                    "special_regime": ",".join(tender.get("specialRegime") or []) or None,
                    "is_framework": (tender.get("techniques") or {}).get("hasFrameworkAgreement"),
                    "is_above_threshold": contract.get("aboveThreshold", award.get("aboveThreshold")),
                }
            )
    return values.believe(awards(*told))


@pytest.mark.parametrize(
    ("notice", "kind", "status", "basis", "tier"),
    [
        ("083608-2026", "contract", "placeholder", "net_stated", None),
        ("083257-2026", "contract", "ok", "not_stated", "below_threshold"),
        ("083650-2026", "contract", "ok", "net_stated", "below_threshold"),
        ("029615-2025", "contract", "missing", None, None),
        ("083256-2026", "concession", "missing", None, None),
        ("083468-2026", "suspected_ceiling", "missing", None, None),
        ("052408-2025", "framework_ceiling", "missing", None, None),
    ],
)
def test_real_notices_of_find_a_tender_are_believed_as_a_person_reads_them(
    real_find_a_tender: pl.DataFrame, notice: str, kind: str, status: str, basis: str | None, tier: str | None
) -> None:
    """Real notices of both regimes have the kind, status, VAT and size that a reader gave them."""
    found = real_find_a_tender.filter(pl.col("award_id") == notice)

    assert found.select("value_kind", "value_status", "amount_basis", "tier").unique().rows() == [
        (kind, status, basis, tier)
    ]

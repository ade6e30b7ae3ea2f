"""Mega-contracts, awards that are large for their buyer, and the register of ceilings: figures worked out by hand."""

import datetime as dt
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from tests.transforms.indicators.test_share import AREA, NEWEST, award, figure, measured
from transforms import indicators, values
from warehouse import schema

M = 1_000_000


def sized(number: int, pounds: int | None, *regions: bool | None, **told: Any) -> list[dict[str, Any]]:
    """Return the lines of one award in the size that its amount has."""
    fences = ((100 * M, "mega"), (10 * M, "major"), (5 * M, "large"), (M, "medium"), (0, "small"))
    tier = None if pounds is None else next(name for lower, name in fences if pounds >= lower)
    is_mega = None if pounds is None else tier == "mega"
    return award(
        number, None if pounds is None else str(pounds), *regions, **({"tier": tier, "is_mega": is_mega} | told)
    )


COUNCIL = (
    # The answer is whether the address lies in the buyer's region.
    sized(1, 100 * M, False),
    sized(2, 200 * M, True),
    sized(3, 300 * M, True, False),  # Shared: half of it outside in the middle, none below, all above.
    sized(4, 400 * M, None),
    sized(5, 50 * M, False),  # Between the two groups.
    sized(6, M, False),
    sized(7, 3 * M, True),
    sized(8, 4 * M, None),
    sized(9, None, False),  # Without a credible amount it may be of any size.
)


def test_where_mega_contracts_went() -> None:
    """Of £1,000m: outside £100m and half of £300m, inside £200m and the other half, unknown £400m."""
    mega = figure(measured(*COUNCIL, only="^[LM]"), "M2.mega", "authority", "E09000016")

    assert (mega["numerator"], mega["denominator"]) == (250.0 * M, 1000.0 * M)
    assert mega["known_share"] == pytest.approx(250 / 600)
    assert mega["low_share"] == pytest.approx(100 / 1000)
    assert mega["high_share"] == pytest.approx((100 + 300 + 400) / 1000)
    assert mega["coverage_share"] == pytest.approx(600 / 1000)
    assert (mega["n"], mega["n_excluded"], mega["priced_share"]) == (4, 1, pytest.approx(4 / 5))


def test_where_contracts_below_five_million_went() -> None:
    """Of £8m: outside £1m, inside £3m, unknown £4m; contracts between £5m and £100m are in neither group."""
    small = figure(measured(*COUNCIL, only="^[LM]"), "M2.small", "authority", "E09000016")

    assert (small["numerator"], small["denominator"]) == (1.0 * M, 8.0 * M)
    assert small["known_share"] == pytest.approx(1 / 4)
    assert (small["low_share"], small["high_share"]) == (pytest.approx(1 / 8), pytest.approx(5 / 8))
    assert (small["n"], small["n_excluded"]) == (3, 1)


def test_the_difference_of_the_two_in_percentage_points() -> None:
    """41.7 % less 25 %, and its bounds are those of the one less the opposite ones of the other."""
    points = figure(measured(*COUNCIL, only="^[LM]"), "M2", "authority", "E09000016")

    assert points["value"] == pytest.approx(100 * (250 / 600 - 1 / 4))
    assert points["value_low"] == pytest.approx(10.0 - 62.5)
    assert points["value_high"] == pytest.approx(80.0 - 12.5)
    assert (points["n"], points["n_excluded"]) == (3, 1)
    assert points["coverage_share"] == pytest.approx(4 / 8)
    assert (points["numerator"], points["denominator"], points["known_share"]) == (None, None, None)
    assert points["unit"] == "percentage points"


@pytest.mark.parametrize(
    ("indicator_id", "known", "low", "high", "n"),
    [("M2.mega_count", 1.5 / 3, 1 / 4, 3 / 4, 4), ("M2.small_count", 1 / 2, 1 / 3, 2 / 3, 3)],
)
def test_the_same_by_number(indicator_id: str, known: float, low: float, high: float, n: int) -> None:
    """Every award of the size counts one; those without a size are left out of it and counted beside."""
    count = figure(measured(*COUNCIL, only="^[LM]"), indicator_id, "authority", "E09000016")

    assert [count[c] for c in ("known_share", "low_share", "high_share")] == pytest.approx([known, low, high])
    assert (count["n"], count["n_excluded"]) == (n, 1)


def test_a_share_outside_the_region_is_the_rest_of_the_share_inside() -> None:
    """Over awards below £5m only, the share outside and the share inside make up the whole, bounds included."""
    awards = COUNCIL[5:8]
    outside = figure(measured(*awards), "M2.small", "authority", "E09000016")
    inside = figure(measured(*awards), "L3.region", "authority", "E09000016")

    assert outside["known_share"] == pytest.approx(1 - inside["known_share"])
    assert outside["low_share"] == pytest.approx(1 - inside["high_share"])
    assert outside["high_share"] == pytest.approx(1 - inside["low_share"])
    assert outside["coverage_share"] == inside["coverage_share"]


def test_local_has_no_meaning_for_a_department_here_either() -> None:
    """A department's mega-contract enters no figure about regions."""
    department = sized(
        1, 100 * M, None, buyer_id="dft", buyer_kind="other", buyer_area_code=None, local_scope="not_applicable"
    )
    values_ = measured(department)

    assert values_.filter(pl.col("indicator_id").str.starts_with("M2") & (pl.col("n") > 0)).height == 0
    assert figure(values_, "M1", "all", "all|mega")["n"] == 1


def test_without_a_mega_contract_there_is_nothing_to_compare() -> None:
    """A slice without awards of one group has no row of it, and none of the difference; England's has no value."""
    values_ = measured(*COUNCIL[5:8])
    kept = values_.filter(pl.col("grain") == "authority")["indicator_id"].unique()
    england = figure(values_, "M2", "england", "England")

    assert "M2.small" in kept
    assert not {"M2", "M2.mega", "M2.mega_count"} & set(kept)
    assert (england["value"], england["value_low"], england["value_high"], england["n"]) == (None, None, None, 0)


def test_awards_large_for_their_buyer_are_counted_with_what_may_be() -> None:
    """Two are large, one is not, and one without a credible amount may be: two, or three."""
    values_ = measured(
        sized(1, 2 * M, True, is_large_for_buyer=True),
        sized(2, 3 * M, True, False, is_large_for_buyer=True),
        sized(3, M, True, is_large_for_buyer=False),
        sized(4, None, True, is_large_for_buyer=None),
    )
    council = figure(values_, "M3", "buyer", "GB-LAE-HAV")

    assert [council[c] for c in ("value", "value_low", "value_high", "denominator")] == [2, 2, 3, 4]
    assert (council["n"], council["n_excluded"], council["unit"]) == (2, 1, "awards")


def test_where_no_award_can_be_large_there_is_no_row_but_for_england() -> None:
    """A council whose awards are all known to be of ordinary size has no row; England's says none of them."""
    values_ = measured(sized(1, M, True, is_large_for_buyer=False))
    england = figure(values_, "M3", "england", "England")

    assert values_.filter((pl.col("indicator_id") == "M3") & (pl.col("grain") != "england")).height == 0
    assert (england["value"], england["value_high"], england["denominator"], england["n"]) == (0, 0, 1, 0)


def ceiling(number: int, pounds: int | None, kind: str, *, suppliers: int = 1, **told: Any) -> list[dict[str, Any]]:
    """Return the lines of one notice outside the core, whose amount is a ceiling."""
    return award(
        number,
        None if pounds is None else str(pounds),
        *[True] * suppliers,
        **(
            {
                "is_core": False,
                "value_kind": kind,
                "tier": None,
                "is_mega": None,
                "value_gbp": None,
                "supplier_count": suppliers,
                "is_large_for_buyer": None,
            }
            | told
        ),
    )


CEILINGS = (
    ceiling(11, 40 * M, "framework_ceiling", suppliers=3),
    ceiling(12, 60 * M, "dynamic_market", suppliers=2),
    ceiling(13, 500 * M, "suspected_ceiling", suppliers=35),
)


def register(*awards: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """Return value, bounds, n and n_excluded of the register of ceilings of one council."""
    found = measured(*awards).filter(
        pl.col("indicator_id").str.starts_with("M6") & (pl.col("grain") == "authority") & (pl.col("period") == "ALL")
    )
    told = found.select("indicator_id", "value", "value_low", "value_high", "n", "n_excluded")
    return {one: row for one, *row in told.rows()}


def test_the_register_of_ceilings() -> None:
    """Two are stated and one only looks like a ceiling: it is in the upper figures alone."""
    assert register(*CEILINGS) == {
        "M6": [2, 2, 3, 2, 1],
        "M6.value": [100.0 * M, 100.0 * M, 600.0 * M, 2, 0],
        "M6.largest": [60.0 * M, 60.0 * M, 500.0 * M, 2, 0],
        "M6.suppliers": [5, 5, 40, 2, 0],
    }


def test_a_ceiling_without_a_credible_amount_leaves_the_pounds_open_above() -> None:
    """A ceiling of £30bn is counted, but no money: beside the sum, which has no upper figure any more."""
    huge = ceiling(14, 30_000 * M, "framework_ceiling", value_status="implausible")
    found = register(*CEILINGS, huge)

    assert found["M6"] == [3, 3, 4, 3, 1]
    assert found["M6.value"] == [100.0 * M, 100.0 * M, None, 2, 1]
    assert found["M6.largest"] == [60.0 * M, 60.0 * M, None, 2, 1]


def test_of_suspected_ceilings_alone_none_is_stated() -> None:
    """Where no notice says that it is a framework, there are none for certain, and at most those that look so."""
    assert register(CEILINGS[2]) == {
        "M6": [0, 0, 1, 0, 1],
        "M6.value": [0.0, 0.0, 500.0 * M, 0, 0],
        "M6.largest": [None, None, 500.0 * M, 0, 0],
        "M6.suppliers": [0, 0, 35, 0, 0],
    }


@pytest.mark.parametrize(
    "told",
    [{"is_duplicate": True}, {"status": "cancelled"}, {"value_kind": "contract"}],
    ids=["duplicate", "cancelled", "contract"],
)
def test_what_is_no_ceiling_of_its_own_is_not_in_the_register(told: dict[str, Any]) -> None:
    """A ceiling told twice, one that is not active, and a contract outside the core leave the register as it was."""
    assert register(*CEILINGS, ceiling(14, 70 * M, "framework_ceiling", **told)) == register(*CEILINGS)


def test_ceilings_move_no_other_figure() -> None:
    """With or without the ceilings, every figure but those of the register is the same."""
    others = pl.col("indicator_id").str.starts_with("M6").not_()

    assert (
        measured(*COUNCIL, *CEILINGS, only="^[LM]")
        .filter(others)
        .equals(measured(*COUNCIL, only="^[LM]").filter(others))
    )


def test_the_order_of_lines_does_not_show() -> None:
    """Awards and ceilings in any order, and so in other parts, give the very same figures."""
    awards = [*COUNCIL, *CEILINGS]

    assert measured(*awards[::-1]).equals(measured(*awards))


def test_ceilings_that_a_change_touches_are_measured_anew() -> None:
    """Measuring the slices of a new ceiling alone gives their rows as measuring everything does."""
    new = ceiling(14, 5 * M, "framework_ceiling", awarded_on=dt.date(2023, 5, 1), buyer_id="other")
    everything = measured(*COUNCIL, *CEILINGS, new, only="^(M|L1)")
    lines = pl.DataFrame([line for one in (*COUNCIL, *CEILINGS, new) for line in one], schema=indicators.LINES)
    period, _ = indicators.measure([lines], NEWEST, area=AREA)
    touched = indicators.reach(pl.DataFrame(new, schema=indicators.LINES), AREA, period["period"], NEWEST)
    key = schema.key_columns("indicator_value")

    anew = measured(*COUNCIL, *CEILINGS, new, touched=touched, only="^(M|L1)")

    assert anew.sort(key).equals(indicators.replaced(everything, touched, period).sort(key))


def test_of_a_framework_and_its_call_offs_only_the_call_offs_count() -> None:
    """A framework of £120m of which £100m and £2m were called off is one mega-contract and £102m."""
    framework = ceiling(20, 120 * M, "framework_ceiling", suppliers=4)
    called_off = (sized(21, 100 * M, True, value_kind="call_off"), sized(22, 2 * M, False, value_kind="call_off"))
    values_ = measured(framework, *called_off)

    assert figure(values_, "M1", "england", "England|mega")["value"] == 1
    assert figure(values_, "M1.value", "england", "England|mega")["denominator"] == 102.0 * M
    assert figure(values_, "M6.value", "england", "England")["value"] == 120.0 * M
    assert figure(values_, "M2.mega", "england", "England")["denominator"] == 100.0 * M


TYPES = {
    **schema.frame_schema("award"),
    **dict.fromkeys(
        ("title", "description", "method_details", "method", "cpv_code", "regime", "special_regime", "parent_ocid"),
        pl.String(),
    ),
    "lot_currencies": pl.String(),
    **dict.fromkeys(("is_framework", "is_dynamic", "is_above_threshold"), pl.Boolean()),
    **dict.fromkeys(("estimate_gbp", "estimate_low_gbp"), pl.Decimal(18, 2)),
}
"""What is told of an award, as far as believing it needs."""

TOLD = {
    "source": "contracts-finder",
    "award_id": "a",
    "status": "active",
    "awarded_on": dt.date(2025, 1, 15),
    "published_at": dt.datetime(2025, 1, 20, tzinfo=dt.UTC),
    "buyer_party_id": "GB-LAE-HAV",
    "buyer_name": "London Borough of Havering",
    "title": "Home care",
    "description": "Care at home.",
    "method_details": "Open procedure",
    "cpv_code": "85000000",
    "currency": "GBP",
    "amount_gbp": Decimal("150000000"),
    "amount_gross_gbp": None,
    "supplier_count": 1,
}


@pytest.mark.parametrize(
    ("told", "mega", "ceilings"),
    [
        ({}, 1, None),
        ({"supplier_count": 35}, None, [0, 1]),
        ({"amount_gbp": Decimal("30000000000"), "title": "Framework agreement for care"}, None, [0, 1]),
        ({"amount_gbp": Decimal("30000000000")}, None, None),
        ({"amount_gbp": Decimal("1234567890")}, None, None),
        ({"amount_gbp": Decimal("0.01"), "title": "Call-off under a framework"}, None, None),
        ({"amount_gbp": None, "currency": "AED"}, None, None),
    ],
    ids=["contract", "35 suppliers", "ceiling of £30bn", "£30bn", "placeholder", "penny", "foreign"],
)
def test_only_a_credible_contract_is_a_mega_contract(
    told: dict[str, Any], mega: int | None, ceilings: list[int] | None
) -> None:
    """From what a notice tells to the figures: shared, huge, placeholder and foreign amounts are no mega-contracts."""
    believed = values.believe(pl.DataFrame([TOLD | told], schema=TYPES)).row(0, named=True)
    kept = {name: believed[name] for name in ("is_core", "value_kind", "value_status", "tier", "is_mega")}
    amount = believed["amount_gbp"]
    suppliers = believed["supplier_count"]
    values_ = measured(
        award(1, None if amount is None else str(amount), *[True] * suppliers, supplier_count=suppliers, **kept),
        sized(2, M, True),
    )
    found = {
        (row["indicator_id"], row["tier"]): row
        for row in values_.filter((pl.col("grain") == "authority") & (pl.col("period") == "ALL")).iter_rows(named=True)
    }

    assert (found[("M1", "mega")]["value"] if ("M1", "mega") in found else None) == mega
    assert found[("M1.value", "medium")]["denominator"] == (151.0 * M if mega else 1.0 * M)
    listed = found.get(("M6", None))
    assert (listed and [listed["value"], listed["value_high"]]) == ceilings

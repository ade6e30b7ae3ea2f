"""Awards that are large for their buyer: beside its awards, its market, its residents."""

import datetime as dt
from decimal import Decimal
from random import Random
from typing import Any

import polars as pl
import pytest

from transforms import sizes

TYPES = {
    **{name: pl.String() for name in ("award_id", "buyer_id", "buyer_kind", "buyer_area_code", "cpv_division")},
    "awarded_on": pl.Date(),
    "amount_gbp": pl.Decimal(18, 2),
    "annualised_gbp": pl.Decimal(18, 2),
}
AREA = pl.DataFrame(
    {"area_code": ["E09000016", "E09000002"], "population": [260_651, None]},
    schema_overrides={"population": pl.Int64},
)
DAY = dt.date(2025, 3, 31)


def award(name: str, pounds: str, day: dt.date | None = DAY, **told: Any) -> dict[str, Any]:
    """Return one core award with a credible amount, of a council."""
    return {
        "award_id": name,
        "buyer_id": "GB-LAE-HAV",
        "buyer_kind": "council",
        "buyer_area_code": "E09000016",
        "cpv_division": "85",
        "awarded_on": day,
        "amount_gbp": Decimal(pounds),
        "annualised_gbp": None,
    } | told


def large(*awards: dict[str, Any]) -> dict[str, str]:
    """Return the large ones among these awards, with their rules."""
    return dict(sizes.large(pl.DataFrame(list(awards), schema=TYPES), AREA).rows())


def others(count: int = 10, pounds: str = "900000", first_on: dt.date = dt.date(2022, 4, 1), **told: Any) -> list[Any]:
    """Return earlier awards of the buyer, one every four weeks."""
    return [award(f"earlier-{n}", pounds, first_on + dt.timedelta(weeks=4 * n), **told) for n in range(count)]


def test_a_tenth_of_what_the_buyer_awarded_is_large() -> None:
    """£1,000,000 beside ten awards of £900,000 is 10 % of £10,000,000, and the rule says so."""
    found = large(*others(), award("big", "1000000"))

    assert found == {"big": "£1,000,000 is 10 % of the buyer's £10,000,000 in 36 months (11 awards)"}


@pytest.mark.parametrize(
    ("awards", "why"),
    [
        ([*others(), award("big", "999999.99")], "under £1m"),
        ([*others(pounds="900000.01"), award("big", "1000000")], "a hair under a tenth"),
        ([*others(9, pounds="100"), award("big", "5000000")], "nine other awards"),
        ([award("big", "5000000")], "the first award of a buyer is all of its history"),
        ([*others(first_on=dt.date(2024, 1, 1)), award("big", "5000000")], "a history of 15 months"),
        ([*others(first_on=dt.date(2020, 1, 1)), award("big", "5000000")], "other awards before the 36 months"),
        ([*others(buyer_id="other"), award("big", "5000000")], "another buyer's awards"),
        ([*others(buyer_id=None), award("big", "5000000", buyer_id=None)], "a buyer that is not known"),
        ([*others(), award("big", "5000000", None)], "no date"),
    ],
)
def test_what_is_not_known_to_be_a_tenth_is_not_large(awards: list[dict[str, Any]], why: str) -> None:
    """Too little money, too little history, no buyer and no date keep the buyer's rule from firing."""
    assert "big" not in large(*awards), why


@pytest.mark.parametrize(
    ("oldest_on", "counts"),
    [(dt.date(2022, 3, 31), False), (dt.date(2022, 4, 1), True)],
)
def test_thirty_six_months_end_with_the_award(oldest_on: dt.date, counts: bool) -> None:
    """The window begins the day after the same day three years before; the day itself is outside."""
    enough = [award(f"n{n}", "100", dt.date(2022, 5, 1)) for n in range(10)]
    found = large(*enough, award("oldest", "8000000", oldest_on), award("big", "1000000"))

    assert found.get("big") == (
        "£1,000,000 is 11 % of the buyer's £9,001,000 in 36 months (12 awards)"
        if counts
        else "£1,000,000 is 99 % of the buyer's £1,001,000 in 36 months (11 awards)"
    )


def test_awards_of_the_same_day_and_none_of_a_later_one_are_counted() -> None:
    """All awards of the day are in the window, whichever is told first; what came later is not."""
    same = award("same", "2000000")
    later = award("later", "90000000", dt.date(2025, 4, 1))
    found = large(*others(pounds="100000"), later, same, award("big", "1000000"))

    assert found["big"] == "£1,000,000 is 25 % of the buyer's £4,000,000 in 36 months (12 awards)"
    assert found["same"] == "£2,000,000 is 50 % of the buyer's £4,000,000 in 36 months (12 awards)"


def market(count: int, **told: Any) -> list[dict[str, Any]]:
    """Return awards of £1, £2 and so on, each of another buyer."""
    return [award(f"a{n:03}", str(n), **({"buyer_id": f"buyer-{n}"} | told)) for n in range(1, count + 1)]


@pytest.mark.parametrize(
    ("count", "found"),
    [
        (99, set()),
        (100, {"a099", "a100"}),
        (199, {"a198", "a199"}),
        (200, {"a198", "a199", "a200"}),
    ],
)
def test_the_percentile_is_the_nearest_rank(count: int, found: set[str]) -> None:
    """Of 100 awards the 99th percentile is the 99th; of 200 the 198th; of 99 there is none."""
    assert set(large(*market(count))) == found


def test_the_market_rule_says_its_numbers() -> None:
    """The rule names the percentile, the number of awards, the division, the kind of buyer and the quarters."""
    assert large(*market(100))["a100"] == (
        "£100 is at or above the 99th percentile, £99, of 100 awards of division 85 by councils "
        "in the 12 quarters to 2025Q1"
    )


@pytest.mark.parametrize(
    "told",
    [{"cpv_division": None}, {"buyer_kind": None}, {"awarded_on": None}],
    ids=["division", "kind", "date"],
)
def test_no_market_without_division_kind_and_date(told: dict[str, Any]) -> None:
    """Awards of which one of the three is not known are no market of their own."""
    assert large(*market(100, **told)) == {}


@pytest.mark.parametrize("told", [{"cpv_division": "45"}, {"buyer_kind": "other"}], ids=["division", "kind"])
def test_markets_are_kept_apart(told: dict[str, Any]) -> None:
    """An award of another division, or of another kind of buyer, is in another market."""
    assert "big" not in large(*market(100), award("big", "1000000", buyer_id="x", **told))


@pytest.mark.parametrize(
    ("day", "is_found"),
    [(dt.date(2027, 12, 31), True), (dt.date(2028, 1, 1), False)],
)
def test_a_market_is_twelve_quarters(day: dt.date, is_found: bool) -> None:
    """The quarter of the award and the eleven before it make its market."""
    assert ("big" in large(*market(100), award("big", "1000", day, buyer_id="x"))) is is_found


def test_fifty_pounds_a_resident_and_year_is_large_for_a_council() -> None:
    """£13,032,550 a year is £50 for each of 260,651 residents."""
    found = large(award("big", "65162750", annualised_gbp=Decimal("13032550")))

    assert found == {"big": "£13,032,550 a year is £50.00 for each of 260,651 residents"}


@pytest.mark.parametrize(
    "told",
    [
        {"annualised_gbp": Decimal("13032549.99")},
        {"buyer_kind": "other_local"},
        {"buyer_kind": None},
        {"buyer_area_code": "E09000002"},
        {"buyer_area_code": None},
        {"annualised_gbp": None},
    ],
    ids=["under", "no council", "kind not known", "population not known", "area not known", "amount not known"],
)
def test_residents_count_for_councils_with_a_known_population(told: dict[str, Any]) -> None:
    """A penny less, another body, an unknown area or population keep the rule from firing."""
    assert large(award("big", "65162750", **({"annualised_gbp": Decimal("13032550")} | told))) == {}


def test_all_rules_that_fire_are_said() -> None:
    """An award that is large by several rules has them all, in their order."""
    found = large(*others(), *market(100), award("big", "65162750", annualised_gbp=Decimal("13032550")))

    assert found["big"].split("; ") == [
        "£65,162,750 is 87 % of the buyer's £74,162,750 in 36 months (11 awards)",
        "£65,162,750 is at or above the 99th percentile, £900,000, of 111 awards of division 85 by councils "
        "in the 12 quarters to 2025Q1",
        "£13,032,550 a year is £50.00 for each of 260,651 residents",
    ]


def test_without_awards_nothing_is_large() -> None:
    """No awards give no rows, in the right columns."""
    found = sizes.large(pl.DataFrame(schema=TYPES), AREA)

    assert found.schema == {"award_id": pl.String, "rule": pl.String}
    assert found.height == 0


def by_hand(awards: list[dict[str, Any]]) -> set[str]:
    """Return what the buyer's and the market's rule find, worked out one award at a time."""
    found = set()
    for one in awards:
        start = one["awarded_on"].replace(year=one["awarded_on"].year - 3)
        window = [
            other
            for other in awards
            if other["buyer_id"] == one["buyer_id"] and start < other["awarded_on"] <= one["awarded_on"]
        ]
        two_years = one["awarded_on"].replace(year=one["awarded_on"].year - 2)
        if (
            one["amount_gbp"] >= 1_000_000
            and len(window) > 10
            and min(other["awarded_on"] for other in window) <= two_years
            and one["amount_gbp"] * 10 >= sum(other["amount_gbp"] for other in window)
        ):
            found.add(one["award_id"])
        quarter = one["awarded_on"].year * 4 + (one["awarded_on"].month - 1) // 3
        amounts = sorted(
            other["amount_gbp"]
            for other in awards
            if other["cpv_division"] == one["cpv_division"]
            and 0 <= quarter - (other["awarded_on"].year * 4 + (other["awarded_on"].month - 1) // 3) < 12
        )
        if len(amounts) >= 100 and one["amount_gbp"] >= amounts[-(-99 * len(amounts) // 100) - 1]:
            found.add(one["award_id"])
    return found


@pytest.mark.parametrize("number", range(8))
def test_it_is_what_one_finds_award_by_award_in_any_order(number: int) -> None:
    """The rules find what a plain reading of them finds, whatever the order of the awards."""
    seed = Random(number)  # noqa: S311 - awards to try, not a secret
    awards = [
        award(
            f"a{number}",
            str(Decimal(seed.choice([100, 10_000, 300_000, 1_000_000, 4_000_000])) + seed.randrange(3)),
            dt.date(2015, 1, 1) + dt.timedelta(days=28 * seed.randrange(120)),
            buyer_id=f"b{seed.randrange(6)}",
            cpv_division=str(seed.choice([45, 85])),
        )
        for number in range(400)
    ]
    told = large(*awards)

    assert told
    assert set(told) == by_hand(awards)
    assert large(*seed.sample(awards, len(awards))) == told

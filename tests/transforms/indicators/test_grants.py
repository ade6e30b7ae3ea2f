"""Grants beside contracts: a figure worked out by hand, and nothing where nothing was collected."""

import datetime as dt
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from tests.transforms.indicators.test_reliance import AREA, NEWEST, award, frame
from transforms import indicators
from transforms.indicators import Touched, grants
from warehouse import schema

Line = dict[str, Any]


def grant(number: int, pounds: str, status: str | None = "yes", **told: Any) -> dict[str, Any]:
    """Return a row of ``grant_award``: given by Havering in June 2024, to a charity unless told otherwise."""
    usual = {
        "grant_id": f"360G-havering-{number}",
        "buyer_id": "GB-LAE-HAV",
        "buyer_area_code": "E09000016",
        "buyer_kind": "council",
        "recipient_vcse_status": status,
        "recipient_vcse_type": "registered_charity" if status == "yes" else None,
        "amount_gbp": Decimal(pounds),
        "awarded_on": dt.date(2024, 6, 30),
    }
    return usual | told


def measured(
    awards: list[list[Line]], *given: dict[str, Any], touched: Touched | None = None
) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Return the figures that have a value, or stand for England, by grain, slice and period."""
    table = pl.DataFrame(list(given), schema=schema.frame_schema("grant_award"), orient="row")
    facts = {"grant_award": table, "area": AREA}
    _, found = indicators.measure([frame(*awards)], NEWEST, touched, area=AREA, facts=facts, asked=grants.INDICATORS)
    return {(row["grain"], row["slice"], row["period"]): row for row in pl.concat(found).iter_rows(named=True)}


CONTRACTS = [
    award(1, "400.00", "S1", vcse_status="yes"),  # £200 a year
    award(2, "200.00", "S2", vcse_status="no"),  # £100
    award(3, "100.00", "S3", vcse_status="unknown"),  # £50
    award(4, None, "S4", vcse_status="yes"),
    award(5, "8000.00", "S5", vcse_status="yes", awarded_on=dt.date(2023, 6, 1)),  # of another year
    award(6, "8000.00", "S6", vcse_status="yes", buyer_id="GB-LAE-LDS", buyer_area_code="E08000035"),
]
GRANTS = (
    grant(1, "300.00"),
    grant(2, "60.00", "unknown"),
    grant(3, "500.00", "no"),
    grant(4, "700.00", "yes", is_quasi_public=True, recipient_vcse_type="university"),
    grant(5, "900.00", awarded_on=dt.date(2025, 4, 1)),
)


@pytest.mark.parametrize(
    "place",
    [("buyer", "GB-LAE-HAV"), ("authority", "E09000016"), ("region", "E12000007"), ("england", "England")],
    ids=lambda place: place[0],
)
def test_grants_beside_contracts_by_hand(place: tuple[str, str]) -> None:
    """£300 of grants beside £200 a year of contracts; Leeds, whose grants were not collected, is in no figure."""
    value = measured(CONTRACTS, *GRANTS)[*place, "FY2024-25"]

    assert value["known_share"] == pytest.approx(300 / 500)
    assert value["low_share"] == pytest.approx(300 / (300 + 250))
    assert value["high_share"] == pytest.approx(360 / (360 + 200))
    assert (value["numerator"], value["denominator"]) == (300.0, 500.0)
    assert value["coverage_share"] == pytest.approx((300 + 500 + 700 + 300) / (1560 + 350))
    assert (value["n"], value["n_excluded"]) == (2, 2)


def test_a_council_that_published_no_notice_has_given_grants_all_the_same() -> None:
    """Its share is all grants, and its lower and upper figures are the same."""
    value = measured(CONTRACTS[:5], grant(1, "5.00", buyer_id="GB-LAE-X", buyer_area_code="E08000035"))

    assert value["buyer", "GB-LAE-X", "FY2024-25"]["known_share"] == 1.0
    assert value["authority", "E08000035", "FY2024-25"]["low_share"] == 1.0


def test_a_foundation_is_no_buyer() -> None:
    """Whoever has no area of its own gives grants that are in no figure."""
    values = measured(CONTRACTS, grant(1, "5.00", buyer_id="GB-CHC-1", buyer_area_code=None, buyer_kind="other"))

    assert {grain for grain, _, _ in values} == {"england"}


def test_a_night_that_touched_little_says_the_same() -> None:
    """Of a giver that was not touched a figure is told as if everything was worked out, or none is."""
    more = (*GRANTS, grant(6, "50.00", buyer_id="GB-LAE-LDS", buyer_area_code="E08000035"))
    everything = measured(CONTRACTS, *more)
    quarter = frozenset({2024 * 4 + 1})
    told = frozenset(period for _, _, period in everything)
    touched = Touched(frozenset({"GB-LAE-HAV"}), frozenset({"E09000016", "E12000007"}), quarter, told)
    little = measured(CONTRACTS, *more, touched=touched)

    assert ("buyer", "GB-LAE-HAV", "FY2024-25") in little
    assert {place: everything[place] for place in little} == little


def test_without_grants_nothing_is_said() -> None:
    """Not collected is not none: England has rows with n = 0 and no value, and nobody else has any."""
    values = measured(CONTRACTS)

    assert {grain for grain, _, _ in values} == {"england"}
    assert {(row["value"], row["value_high"], row["n"]) for row in values.values()} == {(None, None, 0)}


def test_a_year_without_grants_is_not_collected() -> None:
    """The year of which no grant was loaded has no figure, however many contracts it has."""
    values = measured(CONTRACTS, *GRANTS)

    assert ("buyer", "GB-LAE-HAV", "FY2023-24") not in values
    assert values["england", "England", "FY2023-24"]["value"] is None


def test_a_shared_award_counts_by_parts() -> None:
    """Half of the middle, none of the low contracts, all of the high ones."""
    shared = award(1, "400.00", "S1", "S2")
    shared[0]["vcse_status"], shared[1]["vcse_status"] = "yes", "no"
    value = measured([shared], grant(1, "100.00"))["buyer", "GB-LAE-HAV", "FY2024-25"]

    assert value["known_share"] == pytest.approx(100 / 200)
    assert value["low_share"] == pytest.approx(100 / 300)
    assert value["high_share"] == 1.0


def test_the_title_says_that_it_may_not_be_collected() -> None:
    """A reader of titles alone is not told that there are no grants."""
    (one,) = grants.INDICATORS

    assert "not collected" in one.title
    assert "Not collected is not none" in one.methodology

"""Local awards, and whose head office is local, too."""

from typing import Any

import polars as pl
import pytest

from tests.transforms.indicators.test_share import LINES, award, figure, measured
from transforms.indicators import local

HAVERING, BARKING, CARDIFF = "E09000016", "E09000002", "W06000015"


def at(head_offices: list[str | None], lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the lines of one award with the areas of their suppliers' head offices."""
    return [line | {"head_office_area_code": code} for line, code in zip(lines, head_offices, strict=True)]


AWARDS = (
    at([HAVERING], award(1, "100.00", True)),
    at([CARDIFF], award(2, "300.00", True)),
    at([None], award(3, "400.00", True)),  # No register tells its head office.
    at([HAVERING, BARKING], award(4, "200.00", True, True)),
    at([HAVERING, HAVERING], award(5, "1000.00", True, False)),  # Shared with an address elsewhere.
    at([HAVERING], award(6, "1000.00", False)),
    at([HAVERING], award(7, "1000.00", None)),
    at([HAVERING], award(8, None, True)),
)


def test_head_offices_of_local_suppliers_by_hand() -> None:
    """Of £1,000 to local addresses: inside £100 and half of £200, outside £300 and the other half, unknown £400."""
    value = figure(measured(*AWARDS), "L6", "buyer", "GB-LAE-HAV")
    count = figure(measured(*AWARDS), "L6.count", "buyer", "GB-LAE-HAV")

    assert (value["numerator"], value["denominator"]) == (200.0, 1000.0)
    assert value["known_share"] == pytest.approx(200 / 600)
    assert (value["low_share"], value["high_share"]) == pytest.approx((100 / 1000, 700 / 1000))
    assert (value["n"], value["n_excluded"], value["coverage_share"]) == (4, 1, pytest.approx(0.6))
    assert (count["n"], count["known_share"]) == (5, pytest.approx(2.5 / 4))


def test_an_award_shared_with_an_address_elsewhere_is_out_of_scope() -> None:
    """Only awards all of whose suppliers are local are asked for their head office."""
    values = measured(AWARDS[4], AWARDS[5], AWARDS[6])

    assert values.filter(pl.col("indicator_id").str.starts_with("L6") & (pl.col("grain") != "england")).is_empty()


def test_without_a_register_nothing_is_known() -> None:
    """No head office is known: the share may be anything, and its coverage says so."""
    values = measured(*(at([None] * len(lines), lines) for lines in AWARDS))
    value = figure(values, "L6", "buyer", "GB-LAE-HAV")

    assert (value["known_share"], value["low_share"], value["high_share"]) == (None, 0.0, 1.0)
    assert value["coverage_share"] == 0.0


@pytest.mark.parametrize(
    ("buyer", "head_office", "expected"),
    [
        ("E10000016", "E07000105", True),  # Kent, and Ashford in it
        ("E10000016", HAVERING, False),
        (HAVERING, HAVERING, True),
        (HAVERING, None, None),
        (None, HAVERING, None),
    ],
)
def test_a_head_office_is_placed_as_an_address_is(
    buyer: str | None, head_office: str | None, expected: bool | None
) -> None:
    """For a county council, one of its districts is inside."""
    lines = at([head_office], award(1, "1.00", True, buyer_area_code=buyer))

    assert local.with_head_office(pl.DataFrame(lines, schema=LINES))["is_head_office_local"].to_list() == [expected]

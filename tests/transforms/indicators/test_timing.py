"""Early announcements, and how long tenders are open."""

import datetime as dt
import statistics
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.indicators.told import every_engine_agrees, figure, measured, named, said, shares, tender
from transforms.indicators import timing
from transforms.indicators.share import Indicator


def one_of(indicator_id: str) -> Indicator:
    """Return an indicator of this family."""
    return named(timing.INDICATORS, indicator_id)


MARCH = dt.date(2025, 3, 3)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"announced_on": dt.date(2025, 1, 3)}, (True, True)),
        ({"announced_on": dt.date(2025, 3, 2)}, (True, True)),
        ({"announced_on": MARCH}, (True, False)),
        ({"announced_on": dt.date(2025, 4, 1)}, (True, False)),
        ({"announced_on": None}, (True, False)),
        ({"announced_on": dt.date(2025, 1, 3), "regime": "pcr2015"}, (False, True)),
        ({"announced_on": None, "regime": None}, (False, False)),
    ],
)
def test_an_earlier_notice_is_found_or_is_not(told: dict[str, Any], expected: tuple[bool, bool]) -> None:
    """Under the Act a tender has an earlier notice or none is found: it is never not known."""
    assert said(one_of("E1"), tender(1, tendered_on=MARCH, **told)) == [expected]


def test_early_announcements_by_hand() -> None:
    """Of three tenders under the Act one was announced before; nothing is left open."""
    tenders = [
        tender(1, announced_on=dt.date(2025, 1, 3)),
        tender(2),
        tender(3, announced_on=dt.date(2025, 3, 3)),
        tender(4, announced_on=dt.date(2025, 1, 3), regime="pcr2015"),
    ]

    assert shares(measured(timing.INDICATORS, tenders=tenders), "E1") == pytest.approx([1 / 3, 1 / 3, 1 / 3, 1])


@pytest.mark.parametrize(
    ("days", "under_15", "under_25"),
    [(0, True, True), (14, True, True), (15, False, True), (24, False, True), (25, False, False),
     (None, None, None)],
)  # fmt: skip
def test_short_times_are_short_up_to_their_fences(
    days: int | None, under_15: bool | None, under_25: bool | None
) -> None:
    """15 and 25 days are no longer short; without a closing time it is not known."""
    row = tender(1, days_open=days, is_competitive=True)

    assert said(one_of("E4.under_15"), row) == [(True, under_15)]
    assert said(one_of("E4.under_25"), row) == [(True, under_25)]


@pytest.mark.parametrize("name", ["E4.under_15", "E4.under_25"])
@pytest.mark.parametrize("competitive", [False, None])
def test_only_competitions_are_open(name: str, competitive: bool | None) -> None:
    """Direct awards, call-offs and tenders without a named method are out of scope."""
    assert said(one_of(name), tender(1, days_open=3, is_competitive=competitive)) == [(False, True)]


@pytest.mark.parametrize("name", ["E1", "E4.under_15", "E4.under_25"])
def test_every_engine_reads_the_text_alike(name: str) -> None:
    """An analyst who puts scope and answer into a query gets the answers that the figures are made of."""
    rows = [
        tender(1, regime=regime, announced_on=day, days_open=days, is_competitive=flag)
        for regime in ("pa2023", None)
        for day in (dt.date(2025, 1, 3), MARCH, dt.date(2025, 9, 9), None)
        for days in (0, 14, 15, 24, 25, None)
        for flag in (True, False, None)
    ]

    assert every_engine_agrees(one_of(name), *rows)


def opened(*days: int | None, **told: Any) -> list[dict[str, Any]]:
    """Return competitive tenders that were open for so many days."""
    return [tender(number, days_open=one, is_competitive=True, **told) for number, one in enumerate(days)]


@pytest.mark.parametrize(
    ("days", "median", "n", "excluded"),
    [
        ((30,), 30.0, 1, 0),
        ((10, 30), 20.0, 2, 0),
        ((10, 30, 31), 30.0, 3, 0),
        ((10, 10, 30, 40), 20.0, 4, 0),
        ((10, None, 30, None), 20.0, 2, 2),
        ((None,), None, 0, 1),
    ],
)
def test_the_median_of_days_open(days: tuple[int | None, ...], median: float | None, n: int, excluded: int) -> None:
    """The middle one, or the mean of the two middle ones; what is not known is left out and counted."""
    row = figure(measured(timing.INDICATORS, tenders=opened(*days)), "E4")

    assert (row["value"], row["n"], row["n_excluded"]) == (median, n, excluded)
    assert (row["value_low"], row["value_high"], row["known_share"], row["numerator"]) == (None, None, None, None)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=30))
def test_the_median_is_that_of_the_textbook(days: list[int]) -> None:
    """Counting equal numbers first changes nothing."""
    row = figure(measured([one_of("E4")], tenders=opened(*days)), "E4")

    assert row["value"] == statistics.median(days)


def test_medians_stand_at_every_grain_and_in_every_period() -> None:
    """A tender of March 2025 is in its quarter, its year and all; a department's only where every buyer is."""
    of_department = opened(90, 90, 90, buyer_id="dft", buyer_kind="central", buyer_area_code=None)
    of_department = [row | {"procurement_id": f"d{row['procurement_id']}"} for row in of_department]
    values = measured([one_of("E4")], tenders=[*opened(10, 20), *of_department])

    assert figure(values, "E4", "all", "all")["value"] == 90.0
    assert figure(values, "E4", "england", "England", "2025Q1")["value"] == 15.0
    assert figure(values, "E4", "region", "E12000007", "FY2024-25")["value"] == 15.0
    assert figure(values, "E4", "county", "E13000001")["value"] == 15.0
    assert figure(values, "E4", "buyer", "dft")["value"] == 90.0
    assert set(values["unit"]) == {"days"}


def test_england_has_a_row_without_any_competition() -> None:
    """Where no tender had a competition England's row has n = 0 and nulls."""
    row = figure(measured([one_of("E4")], tenders=[tender(1)]), "E4", "england", "England")

    assert (row["value"], row["n"], row["n_excluded"]) == (None, 0, 0)


@pytest.mark.parametrize("one", timing.INDICATORS, ids=lambda one: one.indicator_id)
def test_the_methodology_is_complete(one: Indicator) -> None:
    """Each says how it is worked out, what is left out and assumed, and that tenders are what it speaks of."""
    headings = [text for text in one.methodology.splitlines() if text in ("Methodology", "Excluded", "Assumed")]

    assert headings == ["Methodology", "Excluded", "Assumed"]
    assert "published tenders" in one.methodology
    assert pl.sql_expr(one.answer) is not None

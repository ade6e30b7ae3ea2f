"""What must hold of figures of winners, of procedures and of parts, whatever was awarded."""

import datetime as dt
from decimal import Decimal
from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.indicators import told
from transforms.indicators import INDICATORS

SUPPLIERS = {
    "S1": {"supplier_id": "S1", "group_id": "G"},
    "S2": {"supplier_id": "S2", "group_id": "G"},
    "S3": {"supplier_id": "S3", "candidate_group_id": "G"},
    "S4": {"supplier_id": "S4"},
    "nobody": {},
}
"""Two of one group, one that may belong to it, one by itself, and nobody known."""

WINNERS = [one for one in INDICATORS if one.by_winner]
IN_FORCE = [told.named(INDICATORS, name) for name in ("X1", "X1.end_published")]
OF_PROCEDURES = [one for one in INDICATORS if one.is_share and one.of == "procedures"]
BY_PART = [told.named(INDICATORS, name) for name in ("L1", "O1.declared", "O2.declared", "O6")]

POUNDS = st.one_of(st.none(), st.integers(min_value=1, max_value=10**10).map(lambda pence: str(Decimal(pence) / 100)))
DRAWN = st.lists(st.tuples(POUNDS, st.lists(st.sampled_from(list(SUPPLIERS)), max_size=7)), min_size=1, max_size=12)
Drawn = list[tuple[str | None, list[str]]]


def won(drawn: Drawn) -> list[list[dict[str, Any]]]:
    """Return awards to these suppliers, each for a year that is not over."""
    return [
        told.award(number, pounds, *(SUPPLIERS[name] for name in names), starts_on=dt.date(2024, 9, 1),
                   ends_on=dt.date(2025, 8, 31), annualised_gbp=None if pounds is None else Decimal(pounds))
        for number, (pounds, names) in enumerate(drawn)
    ]  # fmt: skip


def rows(values: pl.DataFrame, grain: str) -> dict[str, dict[str, Any]]:
    """Return the figures over everything at a grain, by indicator."""
    whole = values.filter(pl.col("tier").is_null() & pl.col("cpv_division").is_null() & (pl.col("period") == "ALL"))
    return {row["indicator_id"]: row for row in whole.filter(pl.col("grain") == grain).iter_rows(named=True)}


def of_winners(drawn: Drawn) -> dict[str, dict[str, Any]]:
    """Return the figures of winners in the region, and of reliance of the buyer."""
    values = told.measured([*WINNERS, *IN_FORCE], won(drawn))
    return rows(values, "region") | rows(values, "buyer")


def in_order(row: dict[str, Any]) -> bool:
    """Tell whether low, known and high are in order, but for the last digits of a float."""
    numbers = [row[name] for name in ("value_low", "value", "value_high") if row[name] is not None]
    return all(one <= other * (1 + 1e-12) for one, other in pairwise(numbers))


@settings(max_examples=40, deadline=None)
@given(drawn=DRAWN)
def test_low_known_and_high_of_winners_are_in_order(drawn: Drawn) -> None:
    """Whatever was won by whom, the bounds hold the figure, and shares lie between 0 and 1."""
    for name, row in of_winners(drawn).items():
        assert in_order(row), name
        assert all(0 <= row[c] <= 1 for c in row if c.endswith("_share") and row[c] is not None), name
        if row["unit"] == "index points":
            assert all(0 <= row[c] <= 10_000 * (1 + 1e-12) for c in ("value_low", "value_high") if row[c] is not None)


@settings(max_examples=25, deadline=None)
@given(drawn=DRAWN, pence=st.integers(min_value=1, max_value=10**10))
def test_an_award_to_nobody_known_widens_the_bounds_of_winners(drawn: Drawn, pence: int) -> None:
    """One more award that names nobody moves nothing that is known; shares may be lower and higher than before."""
    before, after = of_winners(drawn), of_winners([*drawn, (str(Decimal(pence) / 100), [])])

    for name, row in before.items():
        assert after[name]["value"] == row["value"], name
        if row["unit"] == "share of value" and row["value_low"] is not None:
            assert after[name]["value_low"] <= row["value_low"], name
            assert after[name]["value_high"] >= row["value_high"], name
            assert after[name]["coverage_share"] <= row["coverage_share"], name


@settings(max_examples=25, deadline=None)
@given(drawn=DRAWN, count=st.integers(min_value=2, max_value=20))
def test_naming_a_supplier_several_times_moves_no_figure_of_winners(drawn: Drawn, count: int) -> None:
    """An award divided among entries of one supplier counts as it did whole."""
    whole = [(pounds, names[:1]) for pounds, names in drawn]

    assert of_winners([(pounds, names * count) for pounds, names in whole]) == of_winners(whole)


@settings(max_examples=20, deadline=None)
@given(drawn=DRAWN, seed=st.randoms(use_true_random=False))
def test_the_order_of_awards_does_not_show_in_figures_of_winners(drawn: Drawn, seed: Any) -> None:
    """Lines in any order give the very same figures."""
    awards = won(drawn)
    asked = [*WINNERS, *IN_FORCE]

    assert told.measured(asked, seed.sample(awards, len(awards))).equals(told.measured(asked, awards))


MAYBE = st.sampled_from([True, False, None])
TENDER = st.fixed_dictionaries(
    {
        "source": st.sampled_from(["find-a-tender", "contracts-finder"]),
        "regime": st.sampled_from(["pa2023", None]),
        "lots": st.sampled_from([None, 1, 5]),
        "days_open": st.sampled_from([None, 5, 20, 60]),
        "is_competitive": MAYBE,
        "is_below_threshold": MAYBE,
        "is_reserved": MAYBE,
    }
)
UNKNOWN = {"is_below_threshold": True, "is_competitive": True}
"""A tender under the Act on Find a Tender, a competition below the threshold, of which nothing else is known."""


def of_procedures(drawn: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the shares of procedures of the borough."""
    tenders = [told.tender(number, **one) for number, one in enumerate(drawn)]
    return rows(told.measured(OF_PROCEDURES, (), tenders), "authority")


@settings(max_examples=40, deadline=None)
@given(drawn=st.lists(TENDER, min_size=1, max_size=12))
def test_shares_of_procedures_are_in_order_and_an_unknown_one_widens_them(drawn: list[dict[str, Any]]) -> None:
    """Bounds hold the share; one more tender of which nothing is known moves no known share where it is unknown."""
    before, after = of_procedures(drawn), of_procedures([*drawn, UNKNOWN])

    for name, row in before.items():
        numbers = [row[c] for c in ("low_share", "known_share", "high_share") if row[c] is not None]
        assert numbers == sorted(numbers), name
        assert all(0 <= number <= 1 for number in numbers), name
        assert row["priced_share"] is None, name
        if name != "E1":
            # Where no earlier notice is found, that is an answer.
            assert after[name]["known_share"] == row["known_share"], name
            assert after[name]["low_share"] <= row["low_share"], name
            assert after[name]["high_share"] >= row["high_share"], name
        assert after[name]["n"] == row["n"] + 1, name


SCALES = {True: "sme", False: "large", None: None}
PART = st.tuples(
    POUNDS, st.lists(MAYBE, max_size=5), st.sampled_from(["small", "large"]), st.sampled_from(["45", "85"])
)


@settings(max_examples=40, deadline=None)
@given(drawn=st.lists(PART, min_size=1, max_size=12))
def test_parts_of_a_share_add_up_and_are_in_order(
    drawn: list[tuple[str | None, list[bool | None], str, str]],
) -> None:
    """Divisions make up the whole, and sizes what has an amount; the bounds hold each share of a part."""
    awards = [
        told.award(
            number, pounds, *(
                {"is_local_authority": answer, "vcse_declared": answer,
                 "scale_declared": SCALES[answer]} for answer in answers
            ), tier=None if pounds is None else tier, cpv_division=division,
        )
        for number, (pounds, answers, tier, division) in enumerate(drawn)
    ]  # fmt: skip
    values = told.measured(BY_PART, awards).filter((pl.col("grain") == "region") & (pl.col("period") == "ALL"))
    whole = rows(values, "region")

    for row in values.iter_rows(named=True):
        numbers = [row[c] for c in ("low_share", "known_share", "high_share") if row[c] is not None]
        assert numbers == sorted(numbers)
        assert all(0 <= number <= 1 for number in numbers)
    for one in BY_PART:
        own = values.filter(pl.col("indicator_id") == one.indicator_id)
        for dimension in ("tier", "cpv_division"):
            parts = own.filter(pl.col(dimension).is_not_null())
            if dimension == "tier" and one.unit != "share of value":
                continue
            for column in ("numerator", "denominator", "n"):
                total = float(whole[one.indicator_id][column] or 0)
                assert float(parts[column].sum()) == pytest.approx(total, abs=1e-6), (one.indicator_id, column)

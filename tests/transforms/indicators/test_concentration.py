"""How much the largest winners have: figures worked out by hand, and what must hold whatever the awards."""

import itertools
import random
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.indicators.test_share import AREA, NEWEST, award, figure, measured
from transforms import indicators
from transforms.indicators import share

Lines = list[dict[str, Any]]
Told = tuple[int | None, list[str | None]]


def won(number: int, pounds: str | None, *suppliers: str | None, **told: Any) -> Lines:
    """Return the lines of one award by these suppliers: "group/supplier", or "group?candidate/supplier"."""
    lines = award(number, pounds, *(None for _ in suppliers), **told)
    for line, written in zip(lines, suppliers, strict=False):
        if written is not None:
            groups, _, supplier_id = written.rpartition("/")
            group_id, _, candidate = groups.partition("?")
            line |= {"supplier_id": supplier_id, "group_id": group_id or None, "candidate_group_id": candidate or None}
    return lines


def of(awards: list[Lines], indicator_id: str, grain: str = "region", slice_: str = "E12000007") -> dict[str, Any]:
    """Return one figure of all periods together."""
    return figure(measured(*awards, only="^C"), indicator_id, grain, slice_)


COUNCILS = [
    won(1, "400.00", "mitie/S1"),
    won(2, "200.00", "mitie/S2"),
    won(3, "100.00", "S3"),
    won(4, "100.00", "S3", "S4"),  # Shared: £50 each in the middle.
    won(5, "50.00", "?c/S5"),
    won(6, "50.00", "?c/S6"),
    won(7, "100.00", None),  # A placeholder, or nobody is named.
    won(8, None, "mitie/S1"),  # No credible amount.
    won(9, "9000.00", "mitie/S1", is_core=False),  # A ceiling.
    won(10, "9000.00", "mitie/S1", buyer_kind="other", buyer_area_code=None, local_scope="not_applicable"),
]


def test_the_four_largest_suppliers_by_hand() -> None:
    """Of £900 known: S1 £400, S2 £200, S3 £150, then £50; a shared award counts for nobody in the lower figure."""
    value = of(COUNCILS, "C1.cr4_supplier")

    assert value["known_share"] == pytest.approx((400 + 200 + 150 + 50) / 900)
    assert value["low_share"] == pytest.approx((400 + 200 + 100 + 50) / 1000)
    assert value["high_share"] == pytest.approx((400 + 200 + 200 + 100 + 100) / 1000)
    assert value["coverage_share"] == pytest.approx(900 / 1000)
    assert (value["numerator"], value["denominator"]) == (800.0, 1000.0)
    assert (value["n"], value["n_excluded"], value["priced_share"]) == (7, 1, pytest.approx(7 / 8))


def test_companies_of_one_group_count_together() -> None:
    """By groups: Mitie £600, S3 £150, then twice £50; the upper figure joins S5 and S6, which may belong together."""
    value = of(COUNCILS, "C1.cr4")

    assert value["known_share"] == pytest.approx((600 + 150 + 50 + 50) / 900)
    assert value["low_share"] == pytest.approx((600 + 100 + 50 + 50) / 1000)
    assert value["high_share"] == 1.0


def test_the_index_by_hand() -> None:
    """The squares of the shares of the known value; with everything else spread out, or given to the largest."""
    index = of(COUNCILS, "C2.supplier")
    number = of(COUNCILS, "C2.number_supplier")
    middle = (400**2 + 200**2 + 150**2 + 3 * 50**2) / 900**2
    low = (400**2 + 200**2 + 100**2 + 2 * 50**2) / 1000**2
    high = (500**2 + 200**2 + 200**2 + 100**2 + 2 * 50**2) / 1000**2

    assert [index[c] for c in ("value", "value_low", "value_high")] == pytest.approx(
        [10_000 * middle, 10_000 * low, 10_000 * high]
    )
    assert [number[c] for c in ("value", "value_low", "value_high")] == pytest.approx([1 / middle, 1 / high, 1 / low])
    assert (index["unit"], number["unit"]) == ("index points", "suppliers of equal size")
    assert (index["known_share"], index["numerator"], index["denominator"]) == (None, None, None)
    assert (index["n"], index["n_excluded"], index["coverage_share"]) == (7, 1, pytest.approx(0.9))


def test_the_index_of_groups_joins_what_may_belong_together_above_only() -> None:
    """S5 and S6 are two in the middle and in the lower figure, and one in the upper."""
    apart, joined = (of([*COUNCILS[4:6], won(1, "100.00", "S1")], name) for name in ("C2.supplier", "C2"))

    assert (apart["value"], apart["value_low"]) == (joined["value"], joined["value_low"])
    assert apart["value_high"] == pytest.approx(10_000 * (100**2 + 2 * 50**2) / 200**2)
    assert joined["value_high"] == pytest.approx(10_000 * (100**2 + 100**2) / 200**2)


def test_an_award_shared_by_one_group_is_the_groups() -> None:
    """Two companies of one group that share an award leave nothing open about the group."""
    shared = [won(1, "100.01", "mitie/S1", "mitie/S2"), won(2, "100.01", "S3")]
    by_group, by_supplier = (of(shared, name) for name in ("C2", "C2.supplier"))

    assert by_group["value"] == by_group["value_low"] == by_group["value_high"] == pytest.approx(5000)
    assert by_supplier["value_low"] < by_supplier["value"] < by_supplier["value_high"]


def test_only_councils_of_england_and_of_regions_are_measured() -> None:
    """A department's awards, and single buyers or areas, have no such figure; England's stands in every period."""
    values = measured(*COUNCILS, only="^C[12]")

    assert set(values["grain"]) == {"england", "region"}
    assert values["denominator"].max() == 1000.0
    assert values.filter(pl.col("grain") == "england").height == 8 * 5


def test_without_awards_there_is_no_figure_and_a_row_for_england() -> None:
    """England has a row with n = 0 and nothing known; bounds of nothing are not known either."""
    rows = pl.concat(indicators.measure([], NEWEST)[1])
    row = rows.row(by_predicate=pl.col("indicator_id") == "C1", named=True)

    assert (row["n"], row["value"], row["value_low"], row["value_high"]) == (0, None, None, None)


def test_nothing_known_is_everything_possible() -> None:
    """Where no supplier is known, one may have all of it, or none of the ten anything."""
    unknown = [won(1, "100.00", None), won(2, "100.00")]
    share_, index, number = (of(unknown, name) for name in ("C1", "C2", "C2.number"))

    assert (share_["known_share"], share_["low_share"], share_["high_share"]) == (None, 0.0, 1.0)
    assert (index["value"], index["value_low"], index["value_high"]) == (None, 0.0, 10_000.0)
    assert (number["value"], number["value_low"], number["value_high"]) == (None, 1.0, None)
    assert share_["coverage_share"] == 0.0


def test_strategic_suppliers_are_an_ordinary_share() -> None:
    """Yes for a listed firm, no for another, unknown without a supplier; every buyer is in "all"."""
    awards = [
        won(1, "100.00", "mitie/S1", is_strategic=True),
        won(2, "200.00", "S2", is_strategic=False),
        won(3, "100.00", None),
        won(4, "600.00", "S1", is_strategic=True, buyer_kind="other", buyer_area_code=None),
    ]
    england, every = of(awards, "C3", "england", "England"), of(awards, "C3", "all", "all")

    assert [england[c] for c in ("known_share", "low_share", "high_share")] == pytest.approx([1 / 3, 1 / 4, 1 / 2])
    assert every["known_share"] == pytest.approx(700 / 900)


# A whole group may belong together with others, never a part of it.
SUPPLIERS = [None, "S1", "S2", "S3", "g/S4", "g/S5", "l?h/S6", "l?h/S9", "?h/S7", "k?h/S8"]
AWARDS = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(1, 10**13)),
        st.lists(st.sampled_from(SUPPLIERS), max_size=4),
    ),
    min_size=1,
    max_size=14,
)


@settings(max_examples=25, deadline=None)
@given(AWARDS, st.randoms())
def test_bounds_hold_and_order_never_shows(
    told: list[tuple[int | None, list[str | None]]], chance: random.Random
) -> None:
    """Low <= value <= high for every figure, within its scale, and the same from any order of the lines."""
    awards = [
        won(number, None if pence is None else str(Decimal(pence) / 100), *suppliers)
        for number, (pence, suppliers) in enumerate(told)
    ]
    lines = pl.DataFrame(list(itertools.chain(*awards)), schema=dict(indicators.LINES))
    asked = [one for one in indicators.INDICATORS if one.by_winner]
    rows = concentration(lines, asked)

    tops = {"share of value": 1.0, "index points": 10_000.0, "suppliers of equal size": float("inf")}
    close = 1 + 1e-9
    for row in rows.iter_rows(named=True):
        if row["value_high"] is not None:
            assert row["value_high"] <= tops[row["unit"]] * close
        if row["value"] is not None:
            assert row["value_low"] <= row["value"] * close
            assert row["value_high"] is None or row["value"] <= row["value_high"] * close
    assert concentration(lines.sample(fraction=1, shuffle=True, seed=chance.randrange(2**31)), asked).equals(rows)


def concentration(lines: pl.DataFrame, asked: list[share.Indicator]) -> pl.DataFrame:
    """Return the figures of these indicators."""
    return pl.concat(indicators.measure([lines], NEWEST, area=AREA, asked=asked)[1])


@pytest.mark.parametrize(
    ("told", "match"),
    [
        ({"unit": "pounds", "grains": ("england",)}, "is of winners in the unit"),
        ({"unit": "index points", "grains": ("england", "buyer")}, "not kept by buyer"),
    ],
)
def test_a_figure_of_winners_that_cannot_be_is_refused(told: dict[str, Any], match: str) -> None:
    """An indicator of winners has a unit of its own, and is not of single buyers."""
    with pytest.raises(ValueError, match=match):
        share.indicator("X", version=1, title="", missing="", by_winner=True, **told)


INDEX = {
    "indicator_id": "C2",
    "n": 214,
    "value": 812.4,
    "value_low": 700.2,
    "value_high": 1900.1,
    "coverage_share": 0.829,
}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "812 of 10,000 (700–1,901 depending on the awards whose supplier is not known"),
        ({"indicator_id": "C2.number", "value": 12.3, "value_low": 5.3, "value_high": None}, "12 suppliers of equal"),
        ({"indicator_id": "C2.number", "value": 12.3, "value_low": 5.3, "value_high": None}, "(5 or more depending"),
        ({"n": 9}, "too little is known for a figure: 9 awards, supplier known for 82 % of the value"),
        ({"coverage_share": 0.5}, "too little is known for a figure: 214 awards"),
        ({"n": 0, "value": None}, "too little is known for a figure: no awards"),
        ({}, "214 awards, supplier known for 82 % of the value)"),
    ],
)
def test_an_index_is_said_in_words(changed: dict[str, Any], said: str) -> None:
    """The figure stands with its bounds, rounded outwards, and with what it rests on."""
    assert said in indicators.sentence(INDEX | changed)

"""Shares with bounds: the hand-worked council, and what must hold whatever the awards."""

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms import indicators
from transforms.indicators import slices
from warehouse import schema

LINES = dict(indicators.LINES)
AREA = pl.DataFrame(
    {
        "area_code": ["E09000016", "E09000002", "W06000015"],
        "county_code": ["E12000007", "E12000007", "W06000015"],
        "region_code": ["E12000007", "E12000007", "W92000004"],
    }
)
NEWEST = dt.date(2025, 5, 20)


def award(number: int, pounds: str | None, *answers: bool | None, **told: Any) -> list[dict[str, Any]]:
    """Return the lines of one award: one for each answer to "local?" and "VCSE?", or the line of no named supplier."""
    amount = None if pounds is None else Decimal(pounds)
    count = max(len(answers), 1)
    pence = None if amount is None else int(amount * 100)
    return [
        {
            "award_id": f"a{number}",
            "mention_id": f"a{number}/{place}" if answers else None,
            "buyer_id": "GB-LAE-HAV",
            "buyer_kind": "council",
            "buyer_area_code": "E09000016",
            "awarded_on": dt.date(2025, 1, 15),
            "status": "active",
            "is_core": True,
            "value_kind": "contract",
            "value_status": "missing" if amount is None else "ok",
            "tier": None if amount is None else "small",
            "is_mega": None if amount is None else False,
            "amount_gbp": amount,
            "weight": 1 / count,
            "value_gbp": None
            if pence is None or not answers
            else Decimal(pence // count + (place < pence % count)) / 100,
            "local_scope": "in_scope",
            "is_local_authority": answer,
            "is_local_region": answer,
            "vcse_declared": answer,
        }
        | told
        for place, answer in enumerate(answers or (None,))
    ]


def measured(*awards: list[dict[str, Any]], touched: slices.Touched | None = None, only: str = "") -> pl.DataFrame:
    """Return the figures of some awards, read in two parts: all, or those whose id matches."""
    parts = [pl.DataFrame([line for one in part for line in one], schema=LINES) for part in (awards[::2], awards[1::2])]
    asked = [one for one in indicators.INDICATORS if re.search(only, one.indicator_id)]
    _, found = indicators.measure(parts, NEWEST, touched, AREA, asked=asked)
    return pl.concat(found)


def figure(values: pl.DataFrame, indicator_id: str, grain: str, slice_: str, period: str = "ALL") -> dict[str, Any]:
    """Return one figure."""
    return values.row(
        by_predicate=(pl.col("indicator_id") == indicator_id)
        & (pl.col("grain") == grain)
        & (pl.col("slice") == slice_)
        & (pl.col("period") == period),
        named=True,
    )


COUNCIL = (
    award(1, "100.00", True),
    award(2, "300.00", False),
    award(3, "100.00", None),
    award(4, "200.00", True, False),  # Shared: half of it in the middle, none below, all above.
    award(5, "100.00"),  # No supplier is named.
    award(6, None, True),  # No credible amount.
    award(7, "5000.00", True, is_core=False),  # A ceiling.
)


def test_a_council_whose_awards_are_known_by_hand() -> None:
    """Known, low, high, coverage, priced share and counts equal the figures worked out by hand."""
    value = figure(measured(*COUNCIL), "L1", "buyer", "GB-LAE-HAV")
    count = figure(measured(*COUNCIL), "L2", "buyer", "GB-LAE-HAV")

    # £800 in scope; yes £100 + £100, no £300 + £100, unknown £200.
    assert (value["numerator"], value["denominator"]) == (200.0, 800.0)
    assert value["known_share"] == pytest.approx(200 / 600)
    assert value["low_share"] == pytest.approx(100 / 800)
    assert value["high_share"] == pytest.approx((100 + 100 + 200 + 100) / 800)
    assert value["coverage_share"] == pytest.approx(600 / 800)
    assert (value["n"], value["n_excluded"], value["priced_share"]) == (5, 1, pytest.approx(5 / 6))
    # Six awards: yes 1 + ½ + 1, no 1 + ½, unknown 2.
    assert (count["numerator"], count["denominator"]) == (2.5, 6.0)
    assert count["known_share"] == pytest.approx(2.5 / 4)
    assert count["low_share"] == pytest.approx(2 / 6)
    assert count["high_share"] == pytest.approx(5 / 6)
    assert (count["n"], count["n_excluded"]) == (6, 0)


def test_value_and_bounds_of_a_share_are_its_shares() -> None:
    """For a share, value, value_low and value_high repeat the known, low and high share."""
    values = measured(*COUNCIL).filter(pl.col("unit").str.starts_with("share"))

    assert values["value"].equals(values["known_share"].alias("value"), null_equal=True)
    assert values["value_low"].equals(values["low_share"].alias("value_low"), null_equal=True)
    assert values["value_high"].equals(values["high_share"].alias("value_high"), null_equal=True)


def test_the_same_awards_stand_in_quarter_year_trailing_months_and_all() -> None:
    """An award of January 2025 is in all periods around it, at every grain that its buyer belongs to."""
    values = measured(*COUNCIL, only="^O1.declared$").filter(
        pl.col("tier").is_null() & pl.col("cpv_division").is_null()
    )

    told = {"2025Q1", "FY2024-25", "T12-2025-03", "T36-2025-03", "ALL"}
    slices_ = {
        ("all", "all"): told,
        ("england", "England"): told,
        ("region", "E12000007"): told,
        ("county", "E12000007"): told - {"2025Q1"},
        ("authority", "E09000016"): told - {"2025Q1"},
        ("buyer", "GB-LAE-HAV"): told - {"2025Q1"},
    }
    assert set(values.select("grain", "slice", "period").rows()) == {
        (*key, period) for key, periods_ in slices_.items() for period in periods_
    }
    assert set(values["n"]) == {5}


def test_headlines_are_told_by_quarter_of_every_slice() -> None:
    """What is printed most is told by quarter of a single buyer, too."""
    values = measured(*COUNCIL, only="^(L1|L2|O1.strict|O2.strict|M1)$").filter(pl.col("period") == "2025Q1")

    assert set(values.filter(pl.col("grain") == "buyer")["indicator_id"]) == {
        "L1",
        "L2",
        "O1.strict",
        "O2.strict",
        "M1",
    }


def test_shares_of_sizes_and_divisions_add_up_to_the_whole() -> None:
    """A share stands there for each size and each division, of all buyers, of England and of its regions."""
    lines = [award(1, "100", True, cpv_division="85"), award(2, "300", False, cpv_division="45", tier="large")]
    values = measured(*lines, only="^L1$").filter((pl.col("grain") == "region") & (pl.col("period") == "ALL"))

    assert {(row["slice"], row["known_share"], row["n"]) for row in values.iter_rows(named=True)} == {
        ("E12000007", 0.25, 2),
        ("E12000007|small", 1.0, 1),
        ("E12000007|large", 0.0, 1),
        ("E12000007|85", 1.0, 1),
        ("E12000007|45", 0.0, 1),
    }
    assert set(values["cpv_division"].drop_nulls()) == {"85", "45"}
    assert set(values["tier"].drop_nulls()) == {"small", "large"}


def windows(year: int, quarter: int, ended: int) -> set[str]:
    """Return the trailing months that hold a quarter, where as many quarters have ended since its beginning."""
    ends = [(year + (quarter - 1 + later) // 4, (quarter - 1 + later) % 4 * 3 + 3) for later in range(ended)]
    return {f"T{months}-{year}-{month:02d}" for months, most in ((12, 4), (36, 12)) for year, month in ends[:most]}


@pytest.mark.parametrize(
    ("awarded_on", "periods"),
    [
        (dt.date(2024, 3, 31), {"2024Q1", "FY2023-24", "ALL", *windows(2024, 1, 5)}),
        (dt.date(2024, 4, 1), {"2024Q2", "FY2024-25", "ALL", *windows(2024, 2, 4)}),
        (None, {"ALL"}),
        (dt.date(2122, 1, 1), {"ALL"}),
        (dt.date(1900, 1, 1), {"ALL"}),
    ],
)
def test_an_award_without_a_credible_date_enters_all_only(awarded_on: dt.date | None, periods: set[str]) -> None:
    """Financial years begin in April, and a date that cannot be is no date."""
    values = measured(award(1, "100", True, awarded_on=awarded_on), only="^L")

    assert set(values.filter(pl.col("n") > 0)["period"]) == periods
    assert set(values["period"]) == periods


@pytest.mark.parametrize(
    ("period", "provisional"),
    [
        ("2025Q2", True),
        ("2025Q1", True),
        ("2024Q4", False),
        ("FY2025-26", True),
        ("FY2024-25", True),
        ("FY2023-24", False),
        ("ALL", True),
    ],
)
def test_the_last_two_quarters_are_provisional(period: str, provisional: bool) -> None:
    """The two quarters up to the newest notice, the years that hold them, and ALL, may still grow."""
    days = (dt.date(2025, 5, 1), dt.date(2025, 2, 1), dt.date(2024, 11, 1), dt.date(2023, 11, 1))
    values = measured(*(award(number, "100", True, awarded_on=day) for number, day in enumerate(days)))

    assert figure(values, "L1", "england", "England", period)["is_provisional"] is provisional


def test_local_has_no_meaning_for_a_department() -> None:
    """A department is outside every local figure, and inside those of all buyers."""
    department = award(
        1, "100", None, buyer_id="dft", buyer_kind="other", buyer_area_code=None, local_scope="not_applicable"
    )
    values = measured(department)

    assert values.filter((pl.col("n") > 0) & pl.col("indicator_id").str.starts_with("L")).height == 0
    assert figure(values, "O2.declared", "all", "all")["n"] == 1
    assert figure(values, "O2.declared", "buyer", "dft")["n"] == 1


def test_england_is_english_councils() -> None:
    """Neither a Welsh council nor an English body that is no council enters the figures for England."""
    welsh = award(1, "100", True, buyer_id="cardiff", buyer_area_code="W06000015")
    police = award(2, "100", True, buyer_id="police", buyer_kind="other_local")
    values = measured(welsh, police)

    assert figure(values, "L1", "england", "England")["n"] == 0
    assert figure(values, "L1", "region", "W92000004")["n"] == 1


def test_england_has_a_row_for_every_indicator_in_every_period() -> None:
    """Where nothing is known, England's row stands there with n = 0 and nulls."""
    department = award(1, "100", None, buyer_id="dft", buyer_kind="other", buyer_area_code=None)
    values = measured(department).filter(pl.col("grain") == "england")

    assert set(values.select("indicator_id", "period").rows()) == {
        (one.indicator_id, period)
        for one in indicators.INDICATORS
        if "england" in one.grains
        for period in ("2025Q1", "FY2024-25", "T12-2025-03", "T36-2025-03", "ALL")
    }
    assert values["n"].to_list() == [0] * values.height
    assert values["value"].null_count() == values.height


def test_without_any_award_england_still_has_its_rows() -> None:
    """An empty warehouse measures to rows for England over everything, with n = 0."""
    values = measured()

    assert set(values["grain"]) == {"england"}
    assert set(values["indicator_id"]) == {one.indicator_id for one in indicators.INDICATORS if "england" in one.grains}
    assert values.schema == pl.Schema(schema.frame_schema("indicator_value"))


def test_contracts_by_size_count_what_is_not_priced_above() -> None:
    """An award without a credible amount may be of any size: it widens the count, and leaves the pounds open."""
    values = measured(
        award(1, "100", True),
        award(2, "200000000", True, tier="mega", is_mega=True),
        award(3, None, True),
    )
    small = figure(values, "M1", "england", "England|small")
    mega = figure(values, "M1", "authority", "E09000016|mega")
    none = figure(values, "M1", "england", "England|large")
    pounds = figure(values, "M1.value", "authority", "E09000016|mega")

    assert [small[c] for c in ("value", "value_low", "value_high", "n", "n_excluded")] == [1, 1, 2, 1, 1]
    assert (mega["value"], mega["tier"], mega["denominator"], mega["known_share"]) == (1, "mega", 3, None)
    assert [none[c] for c in ("value", "value_low", "value_high", "n", "n_excluded")] == [0, 0, 1, 0, 1]
    assert (pounds["value"], pounds["value_high"], pounds["denominator"]) == (2e8, None, 200000100.0)


def test_a_buyer_without_an_id_is_counted_among_all() -> None:
    """An award of an unknown buyer enters the figures of all buyers and no slice of its own."""
    values = measured(award(1, "100", True, buyer_id=None, buyer_kind=None, buyer_area_code=None))

    assert figure(values, "O1.declared", "all", "all")["n"] == 1
    assert values.filter(pl.col("grain") == "buyer").height == 0


ANSWERS = st.lists(st.sampled_from([True, False, None]), max_size=20)
AWARDS = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(min_value=1, max_value=10**10).map(lambda pence: str(Decimal(pence) / 100))),
        ANSWERS,
    ),
    min_size=1,
    max_size=12,
)


def tallied(*parts: list[dict[str, Any]]) -> pl.DataFrame:
    """Return the two local figures for England of some lines, read in parts."""
    asked = [one for one in indicators.INDICATORS if one.indicator_id in ("L1", "L2")]
    _, found = indicators.measure([pl.DataFrame(part, schema=LINES) for part in parts], NEWEST, area=AREA, asked=asked)
    england = (pl.col("grain") == "england") & pl.col("tier").is_null() & pl.col("cpv_division").is_null()
    return pl.concat(found).filter(england & (pl.col("period") == "ALL"))


def of(drawn: list[tuple[str | None, list[bool | None]]]) -> pl.DataFrame:
    """Return the two local figures of some drawn awards."""
    return tallied([line for number, (pounds, answers) in enumerate(drawn) for line in award(number, pounds, *answers)])


@settings(max_examples=30)
@given(drawn=AWARDS)
def test_low_known_and_high_are_in_order(drawn: list[tuple[str | None, list[bool | None]]]) -> None:
    """Whatever the awards, 0 <= low <= known <= high <= 1, without clamping, shared awards included."""
    for row in of(drawn).iter_rows(named=True):
        told = [row[column] for column in ("low_share", "known_share", "high_share") if row[column] is not None]

        assert told == sorted(told)
        assert all(0 <= row[c] <= 1 for c in row if c.endswith("_share") and row[c] is not None)


@settings(max_examples=30)
@given(drawn=AWARDS, pence=st.integers(min_value=1, max_value=10**10))
def test_an_unknown_award_widens_the_bounds_and_moves_no_known_share(
    drawn: list[tuple[str | None, list[bool | None]]], pence: int
) -> None:
    """One more award of which nothing is known leaves the known share and widens what is possible."""
    before, after = of(drawn), of([*drawn, (str(Decimal(pence) / 100), [None])])

    assert after["known_share"].to_list() == before["known_share"].to_list()
    for less, more in zip(before.iter_rows(named=True), after.iter_rows(named=True), strict=True):
        assert less["low_share"] is None or more["low_share"] <= less["low_share"]
        assert less["high_share"] is None or more["high_share"] >= less["high_share"]
        assert less["coverage_share"] is None or more["coverage_share"] <= less["coverage_share"]


@settings(max_examples=30)
@given(drawn=AWARDS, count=st.integers(min_value=2, max_value=20))
def test_splitting_an_award_among_suppliers_moves_no_total(
    drawn: list[tuple[str | None, list[bool | None]]], count: int
) -> None:
    """An award divided among suppliers with its own answer counts as it did whole."""
    whole = [(pounds, answers[:1]) for pounds, answers in drawn]
    split = [(pounds, answers * count) for pounds, answers in whole]

    assert of(split).equals(of(whole))


@settings(max_examples=30)
@given(drawn=AWARDS, seed=st.randoms(use_true_random=False))
def test_the_order_of_lines_does_not_show(drawn: list[tuple[str | None, list[bool | None]]], seed: Any) -> None:
    """Lines in any order, and tallies of parts added up, give the very same figures."""
    lines = [award(number, pounds, *answers) for number, (pounds, answers) in enumerate(drawn)]
    shuffled = seed.sample(lines, len(lines))

    assert tallied(*shuffled).equals(tallied([line for one in lines for line in one]))


def test_touched_slices_are_the_very_rows_that_measuring_everything_gives() -> None:
    """Measuring what a change touches, in place of the rows it replaces, gives what measuring everything gives."""
    other = award(8, "70", True, buyer_id="barking", buyer_area_code="E09000002", awarded_on=dt.date(2023, 1, 1))
    late = award(9, "50", False, awarded_on=dt.date(2025, 4, 2))
    gone = award(10, "60", True, buyer_id="GB-LAE-HAV", awarded_on=dt.date(2022, 4, 2))
    before, after = measured(*COUNCIL, other, gone), measured(*COUNCIL, other, late)
    touched = indicators.reach(pl.DataFrame([*late, *gone], schema=LINES), AREA, before["period"].unique(), NEWEST)

    period, _ = indicators.measure(
        [pl.DataFrame([line for one in (*COUNCIL, other, late) for line in one], schema=LINES)], NEWEST, area=AREA
    )
    kept = before.join(
        indicators.replaced(before, touched, period),
        on=schema.key_columns("indicator_value"),
        how="anti",
        nulls_equal=True,
    )
    key = schema.key_columns("indicator_value")
    told = measured(*COUNCIL, other, late, touched=touched)
    # As the warehouse stores them: what is told again takes the place of what was.
    anew = pl.concat([kept.join(told, on=key, how="anti"), told])

    assert anew.sort(key).equals(after.sort(key))
    assert kept.height > 0

"""Reliance on one supplier and what ends soon: figures worked out by hand, and what must hold whatever the awards."""

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms import indicators
from transforms.indicators import reliance, share
from transforms.indicators.lines import LINES
from transforms.indicators.share import Base, Cells
from warehouse import schema

NEWEST = dt.date(2025, 11, 22)
AREA = pl.DataFrame(
    {
        "area_code": ["E09000016", "E08000035", "S12000033"],
        "county_code": [None, "E11000006", None],
        "region_code": ["E12000007", "E12000003", "S92000003"],
    }
)
Line = dict[str, Any]


def award(number: int, pounds: str | None, *suppliers: str | None, **told: Any) -> list[Line]:
    """Return the lines of an award of Havering by these suppliers ("group?candidate/supplier"), or by nobody known.

    It runs for the two years from 1 July 2024 on, unless told otherwise.
    """
    named = suppliers or (None,)
    usual: Line = {
        "award_id": f"a{number}",
        "source": "contracts-finder",
        "buyer_id": "GB-LAE-HAV",
        "buyer_kind": "council",
        "buyer_area_code": "E09000016",
        "status": "active",
        "is_core": True,
        "value_kind": "contract",
        "value_status": "ok" if pounds else "zero",
        "amount_gbp": None if pounds is None else Decimal(pounds),
        "awarded_on": dt.date(2024, 6, 1),
        "starts_on": dt.date(2024, 7, 1),
        "ends_on": dt.date(2026, 6, 30),
        "annualised_gbp": None if pounds is None else Decimal(pounds) / 2,
        "local_scope": "in_scope",
        "supplier_count": len(suppliers),
    }
    usual |= told
    whole = usual["amount_gbp"]
    lines = []
    for place, written in enumerate(named):
        groups, _, supplier_id = (written or "").rpartition("/")
        group_id, _, candidate = groups.partition("?")
        pence = None if whole is None else int(whole * 100)
        part = None if pence is None else pence // len(named) + (place < pence % len(named))
        lines.append(
            usual
            | {
                "supplier_id": supplier_id or None,
                "group_id": group_id or None,
                "candidate_group_id": candidate or None,
                "weight": 1 / len(named),
                "value_gbp": None if part is None else Decimal(part) / 100,
            }
        )
    return lines


def frame(*awards: list[Line]) -> pl.DataFrame:
    """Return awards as the lines that indicators read."""
    return pl.DataFrame([line for lines in awards for line in lines], schema=dict(LINES), orient="row")


def measured(*awards: list[Line], newest_on: dt.date = NEWEST) -> pl.DataFrame:
    """Return every figure of reliance and renewals."""
    _, found = indicators.measure([frame(*awards)], newest_on, area=AREA, asked=reliance.INDICATORS)
    return pl.concat(found)


def figure(values: pl.DataFrame, indicator_id: str, grain: str, slice_: str, period: str = "ALL") -> dict[str, Any]:
    """Return one figure."""
    wanted = {"indicator_id": indicator_id, "grain": grain, "slice": slice_, "period": period}
    return values.row(by_predicate=pl.all_horizontal(pl.col(n) == v for n, v in wanted.items()), named=True)


HAVERING = [
    award(1, "400.00", "mitie/S1"),  # £200 a year, until June 2026
    award(2, "200.00", "mitie/S2"),  # £100
    award(3, "120.00", "S3", ends_on=None, annualised_gbp=None),  # £40: a third, as if for three years
    award(4, "60.00", "S3", starts_on=None, ends_on=dt.date(2026, 5, 31), annualised_gbp=None),  # from 1 June 2024
    award(5, "100.00", "S3", "S4"),  # £50, shared
    award(6, "80.00", None),  # £40 to nobody knows whom
    award(7, None, "S3"),  # no credible amount
    award(8, "9000.00", "S3", ends_on=dt.date(2025, 6, 30)),  # past its end
    award(9, "9000.00", "S3", starts_on=dt.date(2026, 1, 1)),  # not begun
    award(10, "9000.00", "S3", is_core=False),  # a ceiling
    award(11, "9000.00", "S3", status="terminated"),
    award(12, "9000.00", "S3", starts_on=None, awarded_on=None),
    award(13, "9000.00", "S3", starts_on=dt.date(2022, 11, 22), ends_on=None, annualised_gbp=None),  # three years over
]
"""In force on 22 November 2025: £460 a year, of which £420 by known suppliers and £390 with a published end."""


def test_the_largest_supplier_by_hand() -> None:
    """Mitie's two companies hold £300 of the £420 whose supplier is known, of £460; all of the rest may be theirs."""
    value = figure(measured(*HAVERING), "X1", "buyer", "GB-LAE-HAV")

    assert value["known_share"] == value["value"] == pytest.approx(300 / 420)
    assert value["low_share"] == pytest.approx(300 / 460)
    assert value["high_share"] == pytest.approx(340 / 460)
    assert value["coverage_share"] == pytest.approx(420 / 460)
    assert (value["numerator"], value["denominator"]) == (300.0, 460.0)
    assert (value["n"], value["n_excluded"], value["priced_share"]) == (6, 1, pytest.approx(6 / 7))
    assert value["is_provisional"]


def test_without_the_scenario_only_published_ends_count() -> None:
    """The contract without an end date is left out: £300 of £380 known, of £420."""
    value = figure(measured(*HAVERING), "X1.end_published", "buyer", "GB-LAE-HAV")

    assert value["known_share"] == pytest.approx(300 / 380)
    assert (value["denominator"], value["n"], value["n_excluded"]) == (420.0, 5, 1)


@pytest.mark.parametrize(
    ("grain", "slice_"), [("all", "all"), ("england", "England"), ("authority", "E09000016"), ("buyer", "GB-LAE-HAV")]
)
def test_every_grain_tells_the_same_of_the_same(grain: str, slice_: str) -> None:
    """One council is its area, England and all buyers while there is no other."""
    value = figure(measured(*HAVERING), "X1", grain, slice_)

    assert value["known_share"] == pytest.approx(300 / 420)


def test_a_period_is_of_its_last_day() -> None:
    """On 31 March 2025 the contract that ended in June was in force; on 30 June 2024 few contracts had begun."""
    values = measured(*HAVERING)
    march, june = (figure(values, "X1", "all", "all", period) for period in ("FY2024-25", "2024Q2"))

    # Besides the £460: £4,500 of S3 until June 2025, and £3,000 by the scenario that began in 2022.
    assert march["denominator"] == 460 + 4500 + 3000
    assert march["value"] == pytest.approx((40 + 30 + 25 + 4500 + 3000) / (420 + 7500))
    assert june["denominator"] == 30 + 3000
    assert figure(values, "X1", "all", "all", "T12-2025-03")["value"] == march["value"]


def test_suppliers_of_one_brand_and_postcode_may_be_one() -> None:
    """The upper figure joins those that may belong together; the others do not."""
    value = figure(
        measured(award(1, "200.00", "?c/S1"), award(2, "200.00", "?c/S2"), award(3, "200.00", "S3")),
        "X1", "buyer", "GB-LAE-HAV",
    )  # fmt: skip

    assert [value[name] for name in ("low_share", "known_share", "high_share")] == pytest.approx([1 / 3, 1 / 3, 2 / 3])


def test_a_shared_award_may_be_all_of_each_of_its_suppliers() -> None:
    """Half of it in the middle, none of it in the lower figure, all of it in the upper one; whole if all are one."""
    apart = figure(measured(award(1, "200.00", "S1", "S2"), award(2, "200.00", "S3")), "X1", "buyer", "GB-LAE-HAV")
    one = figure(measured(award(1, "200.01", "g/S1", "g/S2"), award(2, "200.00", "S3")), "X1", "buyer", "GB-LAE-HAV")

    assert [apart[name] for name in ("low_share", "known_share", "high_share")] == [0.5, 0.5, 0.5]
    assert one["low_share"] == one["known_share"] == one["high_share"]
    assert one["coverage_share"] == 1.0


@pytest.mark.parametrize("length", [(dt.date(2024, 7, 1), dt.date(2099, 1, 1)), (dt.date(2026, 7, 1), NEWEST)])
def test_a_length_that_is_not_credible_gives_no_pounds(length: tuple[dt.date, dt.date]) -> None:
    """Until 2099 is in force without a yearly value; an end before the start is never in force."""
    lines = award(1, "200.00", "S1", starts_on=length[0], ends_on=length[1], annualised_gbp=None)
    values = measured(lines, award(2, "200.00", "S2"))
    value = figure(values, "X1", "buyer", "GB-LAE-HAV")

    assert value["known_share"] == 1.0
    assert (value["n"], value["n_excluded"]) == (1, int(length[1] > NEWEST))


def several_buyers() -> list[list[Line]]:
    """Return ten awards of each of three councils: G holds half of the first two, and a ninth of the third."""
    found = []
    for council, (code, of_group) in enumerate((("GB-LAE-HAV", 5), ("GB-LAE-LDS", 5), ("GB-LAS-EDI", 1))):
        area = AREA["area_code"][council]
        for number in range(10 if council < 2 else 9):
            supplier = "G/S1" if number < of_group else f"S{council}{number}"
            told = {"buyer_id": code, "buyer_area_code": area}
            found.append(award(council * 100 + number, "200.00", supplier, **told))
    return found


def test_suppliers_on_whom_several_buyers_rely() -> None:
    """Of a buyer with nine awards nothing is said; two rely on G, for a quarter or more; the contracts are all G's."""
    values = measured(*several_buyers())
    group = {one: figure(values, one, "group", "G") for one in ("X3", "X3.quarter", "X3.contracts", "X3.pounds")}
    tenths = [figure(values, "X3.suppliers", *place)["value"] for place in (("all", "all"), ("england", "England"))]

    assert values.filter(pl.col("grain") == "group")["slice"].unique().to_list() == ["G"]
    assert {name: (one["value"], one["value_low"]) for name, one in group.items()} == {
        "X3": (2, 2),
        "X3.quarter": (2, 2),
        "X3.contracts": (11, 11),
        "X3.pounds": (1100, 1100),
    }
    assert {one["value_high"] for one in group.values()} == {None}
    assert {one["group_id"] for one in group.values()} == {"G"}
    assert tenths == [1, 1]


def test_a_third_buyer_with_ten_awards_counts() -> None:
    """With a tenth award the third buyer relies on G for a tenth, exactly, and not for a quarter."""
    more = award(300, "200.00", "S9", buyer_id="GB-LAS-EDI", buyer_area_code="S12000033")
    values = measured(*several_buyers(), more)

    assert figure(values, "X3", "group", "G")["value"] == 3
    assert figure(values, "X3.quarter", "group", "G")["value"] == 2


def test_a_supplier_without_a_group_is_one_of_its_own() -> None:
    """It stands under its own id."""
    renamed = [[line | {"group_id": None} for line in lines] for lines in several_buyers()]

    assert figure(measured(*renamed), "X3", "group", "S1")["value"] == 2


RENEWALS = [
    award(1, "400.00", "S1", is_local_authority=True),  # £200 a year until June 2026
    award(2, "200.00", "S2", is_local_authority=False),  # £100
    award(3, "100.00", "S3"),  # £50: the place is not known
    award(4, "300.00", "S4", ends_on=dt.date(2027, 6, 30), annualised_gbp=Decimal(100), is_local_authority=False),
    award(5, "120.00", "S5", ends_on=None, annualised_gbp=None, is_local_authority=True),
    award(6, None, "S6", is_local_authority=True),
    award(7, "900.00", "S7", ends_on=NEWEST, annualised_gbp=Decimal(645), is_local_authority=True),  # ends today
    award(8, "900.00", "S8", ends_on=dt.date(2028, 1, 1), annualised_gbp=Decimal(257), is_local_authority=True),
]


@pytest.mark.parametrize(
    ("indicator_id", "value", "excluded"), [("D2", 350.0, 2), ("D2.eight", 450.0, 2)], ids=["four", "eight"]
)
def test_what_ends_soon_by_hand(indicator_id: str, value: float, excluded: int) -> None:
    """What ends in the year after the newest day, and in the two years; without an end or amount there is no bound."""
    found = figure(measured(*RENEWALS), indicator_id, "buyer", "GB-LAE-HAV")

    assert (found["value"], found["value_low"], found["value_high"]) == (value, value, None)
    assert (found["n"], found["n_excluded"]) == (3 + (indicator_id == "D2.eight"), excluded)


def test_who_holds_what_ends_soon_by_hand() -> None:
    """£200 of £300 with a known address is local, of £350; in two years of £400, of £450."""
    values = measured(*RENEWALS)
    four, eight = (figure(values, name, "region", "E12000007") for name in ("D2.local", "D2.local_eight"))

    assert four["known_share"] == pytest.approx(200 / 300)
    assert (four["low_share"], four["high_share"]) == (pytest.approx(200 / 350), pytest.approx(250 / 350))
    assert (four["numerator"], four["denominator"]) == (200.0, 350.0)
    assert (four["n"], four["n_excluded"]) == (3, 1)
    assert eight["known_share"] == pytest.approx(200 / 400)


def test_of_the_past_what_ended_soon_after_is_told() -> None:
    """On 31 March 2025 the contract that ends in November 2025 is among those of the four quarters to come."""
    values = measured(*RENEWALS)

    assert figure(values, "D2", "all", "all", "FY2024-25")["value"] == 645.0
    assert figure(values, "D2.eight", "all", "all", "FY2024-25")["value"] == 645.0 + 350.0
    assert figure(values, "D2", "all", "all", "T36-2025-09")["value"] == 645.0 + 350.0


def test_where_everything_is_known_there_is_an_upper_figure() -> None:
    """Nothing in force lacks an end or an amount: the sum has an upper bound, and where nothing ends it is nought."""
    soon = figure(measured(award(1, "400.00", "S1")), "D2", "all", "all")
    later = award(1, "400.00", "S1", ends_on=dt.date(2029, 6, 30), annualised_gbp=Decimal(80))

    assert (soon["value"], soon["value_high"]) == (200.0, 200.0)
    assert measured(later).filter(pl.col("indicator_id") == "D2", pl.col("grain") == "all").is_empty()


def test_without_awards_england_is_told_all_the_same() -> None:
    """Nothing is known: n is 0, and there is no value."""
    values = measured()

    assert set(values["grain"]) == {"england"}
    assert set(values["indicator_id"]) >= {"X1", "X3.suppliers", "D2", "D2.local"}
    assert values.select("value", "value_low", "value_high").null_count().row(0) == (values.height,) * 3
    assert values["n"].to_list() == [0] * values.height


# --- whatever the awards ---------------------------------------------------------------------------------------------

WINNERS = (None, "S1", "g/S2", "g/S3", "?c/S4", "?c/S5")
DAYS = st.dates(dt.date(2023, 1, 1), dt.date(2027, 12, 31))


@st.composite
def made_up(draw: st.DrawFn) -> list[Line]:
    """Return any award; its number is put in later."""
    suppliers = draw(st.lists(st.sampled_from(WINNERS), min_size=1, max_size=3))
    pounds = draw(st.one_of(st.none(), st.integers(1, 5_000_000).map(lambda pence: str(Decimal(pence) / 100))))
    council = draw(st.sampled_from([("GB-LAE-HAV", "E09000016"), ("GB-LAE-LDS", "E08000035")]))
    lines = award(
        0, pounds, *suppliers,
        buyer_id=council[0], buyer_area_code=council[1],
        starts_on=draw(st.one_of(st.none(), DAYS)), ends_on=draw(st.one_of(st.none(), DAYS)),
        annualised_gbp=None, awarded_on=draw(DAYS.filter(lambda day: day <= NEWEST)),
    )  # fmt: skip
    return [line | {"is_local_authority": draw(st.sampled_from([True, False, None]))} for line in lines]


def numbered(awards: list[list[Line]]) -> list[list[Line]]:
    """Give every award a name of its own."""
    return [[line | {"award_id": f"a{place}"} for line in lines] for place, lines in enumerate(awards)]


@settings(max_examples=10)
@given(st.lists(made_up(), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_shares_keep_their_order_and_bounds_whatever_the_awards(awards: list[list[Line]], chance: Any) -> None:
    """Low is at most known, known at most high, all within 0 and 1, in whatever order the lines come."""
    named = numbered(awards)
    values = measured(*named)
    shuffled = [line for lines in named for line in lines]
    chance.shuffle(shuffled)
    shares = values.filter(pl.col("unit") == "share of value")

    assert measured(shuffled).equals(values)
    for low, known, high in shares.select("low_share", "known_share", "high_share").iter_rows():
        told = [one for one in (low, known, high) if one is not None]
        assert all(0 <= one <= 1 for one in told)
        assert all(one <= other for one, other in itertools.pairwise(told))


@settings(max_examples=10)
@given(st.lists(made_up(), min_size=1, max_size=30), st.integers(1, 3))
def test_leaving_out_who_never_leads_changes_nothing(awards: list[list[Line]], leaders: int) -> None:
    """Of England only the winners that may lead are added up: the figures are those of adding up all of them."""
    stock = reliance.in_force(_base(frame(*numbered(awards))).lines)
    held = stock.won.filter(pl.col("whole") > 0).with_columns(
        place=pl.lit(1, pl.UInt32),
        begin=(pl.col("award") % 5).cast(pl.UInt32),
        end=(pl.col("award") % 5 + pl.col("award") % 3 + 1).cast(pl.UInt32),
    )
    two = pl.concat([held, held.with_columns(place=pl.lit(2, pl.UInt32))])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reliance, "_LEADERS", leaders)
        alone = reliance._largest(held, 8)
        beside = reliance._largest(two, 8)

    assert alone.sort("day").equals(beside.filter(pl.col("place") == 1).sort("day"))


@pytest.mark.parametrize(
    ("starts_on", "first"),
    [
        (dt.date(2024, 9, 30), "T12-2024-09"),  # in force on the last day of September
        (dt.date(2024, 10, 1), "T12-2024-12"),  # a day too late for it
        (dt.date(2023, 3, 1), "T12-2024-03"),  # long before its award, and before the first period
        (None, "T12-2024-09"),  # from the day of its award on
        (dt.date(2026, 1, 1), None),  # not begun on any day that is told
    ],
)
def test_periods_that_were_over_before_an_award_began_are_left_alone(starts_on: dt.date | None, first: str) -> None:
    """A night measures what stands at the end of a period only from the first start on, and is right everywhere."""
    early = award(20, "70.00", "S9", awarded_on=dt.date(2024, 2, 1), starts_on=dt.date(2024, 2, 1))
    late = {"awarded_on": dt.date(2024, 9, 1), "ends_on": dt.date(2026, 12, 31), "annualised_gbp": None}
    changed = award(21, "5000.00", "mitie/S1", "S5", "S6", starts_on=starts_on, **late)
    every = (*HAVERING, *several_buyers(), early, award(22, "9.00", "S9", **late))
    before, after = measured(*every), measured(*every, changed)
    key = schema.key_columns("indicator_value")

    touched = indicators.reach(frame(changed), AREA, before["period"].unique(), NEWEST)
    period, found = indicators.measure([frame(*every, changed)], NEWEST, touched, AREA, asked=reliance.INDICATORS)
    told = pl.concat(found)
    kept = before.join(indicators.replaced(before, touched, period), on=key, how="anti", nulls_equal=True)
    years = told.filter((pl.col("indicator_id") == "X1") & pl.col("period").str.starts_with("T12"))["period"]

    assert pl.concat([kept, told]).sort(key).equals(after.sort(key))
    assert years.min() == first


def _base(lines: pl.DataFrame) -> Base:
    """Return the base that figures are given for some lines."""
    caught: list[Base] = []

    def rows(base: Base, _cells: Cells) -> pl.DataFrame:
        caught.append(base)
        return pl.DataFrame(schema={"slice": pl.String, "period": pl.String})

    one = share.figure("X", version=1, title="", unit="buyers", missing="", grains=("all",))(rows)
    _, found = indicators.measure([lines], NEWEST, area=AREA, asked=[one])
    list(found)
    return caught[0]


def test_what_is_found_out_once_gives_the_same_figures() -> None:
    """What the first figure of a grain finds out serves the others: each is as it is alone."""
    base = _base(frame(*HAVERING, *several_buyers()))
    every = pl.DataFrame({"buyer": base.lines["buyer"].unique()}).with_columns(slice=pl.lit("all"))
    made: dict[str, Any] = {}
    order = ["slice", "period"]

    for one in reliance.INDICATORS:
        assert one.rows is not None
        together, alone = (
            one.rows(base, Cells("all", every, base.periods, pl.DataFrame(), pl.DataFrame(), kept)).sort(order)
            for kept in (made, {})
        )
        assert together.equals(alone), one.indicator_id
    assert {name.split(" on ")[0] for name in made} == {"in force", "names of winners", "relied"}

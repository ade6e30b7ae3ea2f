"""Councils beside councils like them, and years beside years."""

import datetime as dt
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms import indicators
from transforms.indicators import comparison, periods
from transforms.indicators.share import FIGURE, Base, Cells

PEERS = [f"P{number:02d}" for number in range(10)]


def share(area: str, known: float | None, low: float, high: float, **told: Any) -> dict[str, Any]:
    """Return one figure of a share, with enough awards and answers to be printed."""
    usual = {"slice": area, "period": "T12-2025-03", "n": 20, "n_excluded": 1, "coverage_share": 0.8}
    return usual | {"value": known, "known_share": known, "low_share": low, "high_share": high} | told


def figures(*rows: dict[str, Any]) -> pl.DataFrame:
    """Return figures of one share, what is left out being null."""
    types = {"slice": pl.String, "period": pl.String, **dict.fromkeys(FIGURE, pl.Float64), "n": pl.Int64}
    return pl.DataFrame(list(rows), schema=types | {"n_excluded": pl.Int64}, orient="row")


def peers(*codes: str) -> pl.DataFrame:
    """Return these as the peers of area A."""
    return pl.DataFrame({"area_code": ["A"] * len(codes), "peer_code": list(codes)})


def of_peers(*known: float, **told: Any) -> list[dict[str, Any]]:
    """Return the figures of the first peers, each with bounds of a tenth to both sides."""
    return [share(code, part, part - 0.1, part + 0.1, **told) for code, part in zip(PEERS, known, strict=False)]


EIGHT = (0.2, 0.2, 0.3, 0.4, 0.4, 0.5, 0.6, 0.7)


def the_gap(*rows: dict[str, Any]) -> dict[str, Any]:
    """Return the gap of area A to the peers P00 to P09."""
    told = comparison.gaps(figures(*rows), peers(*PEERS)).filter(pl.col("slice") == "A")
    (row,) = told.iter_rows(named=True)
    return row


def test_a_gap_is_the_share_less_the_median_of_the_peers() -> None:
    """Worked out by hand: 0.45 beside a median of 0.4; bounds cross over; four peers are lower, none equal."""
    told = the_gap(share("A", 0.45, 0.4, 0.6), *of_peers(*EIGHT))

    assert told["value"] == pytest.approx(5)
    assert told["value_low"] == pytest.approx(-10)
    assert told["value_high"] == pytest.approx(30)
    assert (told["numerator"], told["denominator"]) == (5, 8)
    assert (told["n"], told["n_excluded"], told["coverage_share"]) == (20, 1, 0.8)
    assert told["known_share"] is told["priced_share"] is None


def test_an_equal_peer_counts_one_half() -> None:
    """The place among peers is that of the middle of those that are equal."""
    told = the_gap(share("A", 0.4, 0.4, 0.4), *of_peers(*EIGHT))

    assert (told["value"], told["numerator"]) == (pytest.approx(0), 4)


@pytest.mark.parametrize(
    "less", [{"n": 9}, {"coverage_share": 0.59}, {"known_share": None, "coverage_share": 0.0}], ids=str
)
def test_a_peer_of_which_too_little_is_known_does_not_count(less: dict[str, Any]) -> None:
    """Below 10 awards or 60 % a peer is left out; with seven peers left there is no gap, and the row says seven."""
    rows = of_peers(*EIGHT)
    told = the_gap(share("A", 0.45, 0.4, 0.6), *rows[:7], rows[7] | less)

    assert (told["value"], told["value_low"], told["value_high"], told["numerator"]) == (None, None, None, None)
    assert told["denominator"] == 7


def test_an_area_without_an_answer_has_no_gap() -> None:
    """Where nothing is known of the council's own awards, the row stands with nulls."""
    told = the_gap(share("A", None, 0.0, 1.0, coverage_share=0.0), *of_peers(*EIGHT))

    assert (told["value"], told["numerator"], told["denominator"]) == (None, None, 8)


def test_an_area_without_peers_has_no_row() -> None:
    """Whoever is no council is not compared."""
    told = comparison.gaps(figures(share("Z", 0.5, 0.5, 0.5), *of_peers(*EIGHT)), peers(*PEERS))

    assert told.is_empty()


def test_peers_are_compared_in_the_same_period() -> None:
    """A peer's figure of another period says nothing."""
    told = the_gap(share("A", 0.45, 0.4, 0.6), *of_peers(*EIGHT, period="FY2023-24"))

    assert (told["value"], told["denominator"]) == (None, 0)


part = st.floats(0, 1)


@given(st.lists(st.tuples(part, part, part).map(sorted), min_size=9, max_size=11))
def test_a_gap_lies_between_its_bounds(shares: list[list[float]]) -> None:
    """Whatever the shares are: low <= value <= high, all between -100 and 100, and the place between 0 and 1."""
    own, *others = shares
    told = the_gap(
        share("A", own[1], own[0], own[2]),
        *(share(code, known, low, high) for code, (low, known, high) in zip(PEERS, others, strict=False)),
    )

    assert -100 <= told["value_low"] <= told["value"] <= told["value_high"] <= 100
    assert 0 <= told["numerator"] <= told["denominator"]


PERIODS = periods.of([2023 * 4 + number for number in range(10)], dt.date(2025, 7, 20))


def test_a_change_is_the_share_less_that_of_the_year_before() -> None:
    """Twelve months to March 2025 beside those to March 2024; n and coverage are of the weaker year."""
    told = comparison.changes(
        figures(
            share("A", 0.5, 0.4, 0.6, n=30),
            share("A", 0.3, 0.2, 0.5, period="T12-2024-03", coverage_share=0.7),
            share("A", 0.9, 0.9, 0.9, period="T12-2024-06"),
            share("A", 0.9, 0.9, 0.9, period="FY2023-24"),
        ),
        PERIODS,
    )
    (row,) = told.iter_rows(named=True)

    assert (row["slice"], row["period"], row["n"], row["n_excluded"]) == ("A", "T12-2025-03", 20, 2)
    assert row["value"] == pytest.approx(20)
    assert (row["value_low"], row["value_high"]) == (pytest.approx(-10), pytest.approx(40))
    assert row["coverage_share"] == 0.7


def test_a_change_from_a_year_of_which_nothing_is_known_is_not_known() -> None:
    """The row stands, with nulls: an unknown share is not 0."""
    told = comparison.changes(
        figures(share("A", 0.5, 0.4, 0.6), share("A", None, 0.0, 1.0, period="T12-2024-03", coverage_share=0.0)),
        PERIODS,
    )

    assert told.select("value", "value_low", "value_high", "coverage_share").row(0) == (None, None, None, None)


@pytest.mark.parametrize("one", comparison.INDICATORS[:8], ids=lambda one: one.indicator_id)
@pytest.mark.parametrize("grain", ["england", "authority"])
def test_each_is_worked_out_of_its_own_share(one: Any, grain: str) -> None:
    """The function of each indicator reads the share that it is named after, and asks for it."""
    base_id = one.indicator_id.partition(".")[2]
    rows = [share("A", 0.45, 0.4, 0.6), share("A", 0.3, 0.2, 0.5, period="T12-2024-03"), *of_peers(*EIGHT)]
    values = pl.concat(
        [
            figures(*rows).with_columns(indicator_id=pl.lit(base_id)),
            figures(share("A", 0.9, 0.9, 0.9)).with_columns(indicator_id=pl.lit("L3.region")),
        ]
    )
    peer = peers(*PEERS).with_columns(model=pl.lit("simple"), rank=pl.lit(1), source=pl.lit("x"))
    base = Base(pl.DataFrame(), pl.DataFrame(), dt.date(2025, 7, 20), PERIODS, {"peer": peer})
    told = one.rows(base, Cells(grain, pl.DataFrame(), PERIODS, pl.DataFrame(), values, {}))
    values_of_a = told.filter((pl.col("slice") == "A") & (pl.col("period") == "T12-2025-03"))["value"].to_list()

    assert one.of_values == (base_id,)
    if one.indicator_id.startswith("T3"):
        assert values_of_a == [pytest.approx(15)]
    else:
        assert values_of_a == ([pytest.approx(5)] if grain == "authority" else [])


def test_what_is_compared_is_named_in_its_words() -> None:
    """Titles and methodology are readable text, one for each of the four headline shares, without holes."""
    titles = [one.title for one in comparison.INDICATORS[:8]]

    assert len(set(titles)) == 8
    assert {one.indicator_id for one in comparison.INDICATORS[:8]} == {
        f"T{number}.{name}" for number in (1, 3) for name in ("L1", "L2", "O1.strict", "O2.strict")
    }
    assert not any("{" in one.methodology for one in comparison.INDICATORS)


def line(award: str, status: str | None, pounds: int | None, **told: Any) -> dict[str, Any]:
    """Return an award line of one council, of one supplier with an amount, unless told otherwise."""
    usual: dict[str, Any] = {
        "award_id": award,
        "buyer_id": "b",
        "buyer_kind": "council",
        "buyer_area_code": "E09000012",
    }
    usual |= {"is_core": True, "awarded_on": dt.date(2024, 5, 1), "weight": 1.0, "vcse_status": status}
    usual |= {"amount_gbp": pounds, "value_gbp": pounds, "value_status": "missing" if pounds is None else "ok"}
    return usual | told


def measured(*lines: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the figures of size of all buyers together, by indicator and period."""
    frame = pl.DataFrame(list(lines), schema_overrides=indicators.LINES, infer_schema_length=None).with_columns(
        pl.lit(None, kind).alias(name) for name, kind in indicators.LINES.items() if name not in lines[0]
    )
    _, found = indicators.measure(
        [frame.select(pl.col(name).cast(kind) for name, kind in indicators.LINES.items())],
        dt.date(2025, 7, 20),
        asked=comparison.INDICATORS[8:],
    )
    return {
        (row["indicator_id"], row["period"]): row
        for row in pl.concat(found).filter(pl.col("grain") == "all").iter_rows(named=True)
    }


def test_the_median_is_of_awards_to_voluntary_organisations() -> None:
    """By hand: 10, 20, 60 and 2,000,000 pounds; no for a company, unknown kinds, one partner of two that is none."""
    half = {"weight": 0.5}
    told = measured(
        line("a", "yes", 10),
        line("b", "possible", 20),
        line("c", "yes", 2_000_000),
        line("d", "no", 7),
        line("e", "unknown", 7),
        line("f", "yes", None),
        line("g", "yes", 5, is_core=False),
        line("h", "yes", 60, **half),
        line("h", "yes", 60, **half),
        line("i", "yes", 9, **half),
        line("i", "no", 9, **half),
        line("j", "unknown", 9, vcse_declared=False, is_quasi_public=True),
    )

    assert told["O4", "FY2024-25"]["value"] == 40
    assert (told["O4", "ALL"]["n"], told["O4", "ALL"]["n_excluded"]) == (4, 1)
    assert told["O4.million", "ALL"]["value"] == told["O4.million", "ALL"]["value_high"] == 0.25
    assert told["O4.million", "ALL"]["n"] == 4


def test_a_notice_s_mark_counts_where_no_record_speaks() -> None:
    """The sector is the one of the broad share."""
    told = measured(line("a", "unknown", 10, vcse_declared=True), line("b", "records_disagree", 30, vcse_declared=True))

    assert (told["O4", "ALL"]["value"], told["O4", "ALL"]["n"]) == (10, 1)

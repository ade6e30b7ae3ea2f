"""The slices of figures: who bought, from one buyer to all of England, and which of them a night touches."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import polars as pl

from transforms.indicators import periods

ENGLAND = "E92000001"
"""The code of England; the codes of its areas begin with E, too."""

GRAINS = ("all", "england", "region", "county", "authority", "buyer")
"""``all`` is every buyer; ``england``, ``region`` and ``county`` are councils only; ``authority`` is whoever has that
area as its own. Figures of groups of suppliers have the grain ``group`` besides."""

WIDE = ("all", "england", "region")
"""The grains that are told for each size of contract and each CPV division besides, and for every trailing period."""

RECENT_WINDOWS = 5
"""Of counties and authorities the trailing months up to the newest ended quarter and the four before it are told: one
year's change; of single buyers only the newest."""

BEGINS = pl.coalesce("starts_on", "awarded_on")
"""The day from which a contract stands: its start, or the day of its award."""

BUYER = ("buyer_id", "buyer_kind", "buyer_area_code", "buyer_county_code", "buyer_region_code")


def of_buyers(buyer: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return which slice of each grain each buyer belongs to.

    Args:
        buyer: the columns ``BUYER`` and ``buyer``, a number.

    Returns:
        For each grain ``buyer``, ``slice``; buyers that belong to none are left out.
    """
    is_council = (pl.col("buyer_kind").cast(pl.String) == "council").fill_null(value=False)
    is_english = pl.col("buyer_area_code").cast(pl.String).str.starts_with("E").fill_null(value=False)
    slices = {
        "all": pl.lit("all"),
        "england": pl.when(is_council & is_english).then(pl.lit("England")),
        "region": pl.when(is_council).then("buyer_region_code"),
        "county": pl.when(is_council).then("buyer_county_code"),
        "authority": pl.col("buyer_area_code"),
        "buyer": pl.col("buyer_id"),
    }
    return {
        grain: buyer.select("buyer", slice=told.cast(pl.String)).drop_nulls("slice") for grain, told in slices.items()
    }


def area_code(grain: str, name: str = "slice") -> pl.Expr:
    """Return the area of each slice of a grain; null where the grain is no area."""
    if grain in ("region", "county", "authority"):
        return pl.col(name)
    return pl.lit(ENGLAND if grain == "england" else None, pl.String)


def told_of(grain: str, known: pl.DataFrame, newest_on: dt.date, *, by_quarter: bool) -> pl.DataFrame:
    """Return the periods that are told at a grain.

    All, England and its regions are told for every period. Of the smaller slices most quarters hold too few awards for
    a figure: they are told by financial year, by the newest trailing months, and, for a few headline figures, by
    quarter.

    Args:
        grain: one of ``GRAINS``.
        known: the periods, as ``periods.of`` returns them.
        newest_on: the day up to which notices were read.
        by_quarter: whether the figure is told by quarter at every grain.
    """
    if grain in WIDE:
        return known
    windows = 1 if grain in ("buyer", "group") else RECENT_WINDOWS
    is_window = pl.col("kind").str.starts_with("trailing_")
    is_recent = pl.col("last_quarter") > periods.newest_ended(newest_on) - windows
    return known.filter(
        pl.col("kind").is_in(["financial_year", "all"])
        | (is_window & is_recent)
        | ((pl.col("kind") == "quarter") & pl.lit(by_quarter))
    )


@dataclass(frozen=True)
class Touched:
    """The slices to measure anew: those of these buyers, or areas, in the periods of these quarters, or ``ALL``.

    ``all`` and ``england`` are always among them. ``told`` are the periods that were told before, and ``read_until`` is
    the day up to which notices had been read: what stands at the end of a new period, or of one that was not over then,
    is measured of every slice. ``since`` is the first day on which one of the awards may stand, before or after the
    change: at the end of a period that was over by then nothing else stands.
    """

    buyers: frozenset[str]
    areas: frozenset[str]
    quarters: frozenset[int]
    told: frozenset[str] = frozenset()
    read_until: dt.date | None = None
    since: dt.date = dt.date.min


def reach(
    awards: pl.DataFrame, area: pl.DataFrame, told: Iterable[str] = (), read_until: dt.date | None = None
) -> Touched:
    """Return the slices that a change in these awards or procurements touches.

    Args:
        awards: before and after the change: ``buyer_id, buyer_area_code``, and the days that place them in a period:
            ``awarded_on``, and ``tendered_on`` where it is at hand. With ``starts_on`` of every award, what stands at
            the end of periods that were over before the first one began is left as it is.
        area: ``area_code``, ``county_code``, ``region_code``.
        told: the periods that are told already.
        read_until: the day up to which notices had been read when they were told.
    """
    codes = set(awards["buyer_area_code"].drop_nulls())
    around = area.filter(pl.col("area_code").is_in(codes))
    days: set[dt.date] = set()
    for column in {"awarded_on", "tendered_on"} & set(awards.columns):
        days |= set(awards[column].drop_nulls().unique())
    since = dt.date.min
    if "starts_on" in awards.columns:
        # An award without any date never stands.
        since = awards.select(BEGINS.min()).item() or dt.date.max
    return Touched(
        buyers=frozenset(awards["buyer_id"].drop_nulls()),
        areas=frozenset(codes)
        | frozenset(around["region_code"].drop_nulls())
        | frozenset(around["county_code"].drop_nulls()),
        quarters=frozenset(periods.quarter_of(day) for day in days),
        told=frozenset(told),
        read_until=read_until,
        since=since,
    )


def touches(touched: Touched | None, grain: str) -> pl.Expr:
    """Return whether a slice of a grain is touched."""
    if touched is None or grain in ("all", "england"):
        return pl.lit(value=True)
    return pl.col("slice").is_in(touched.buyers if grain == "buyer" else touched.areas)


def enters(touched: Touched | None, known: pl.DataFrame) -> pl.DataFrame:
    """Return the periods that hold a touched quarter, and ``ALL``."""
    if touched is None:
        return known
    holds = [
        pl.lit(one, pl.Int32).is_between(pl.col("first_quarter"), pl.col("last_quarter"))
        for one in sorted(touched.quarters)
    ]
    return known.filter(pl.any_horizontal(pl.col("kind") == "all", *holds))


def moved(touched: Touched, known: pl.DataFrame) -> pl.DataFrame:
    """Return the periods at whose end other contracts may stand than when figures were told last, in any slice."""
    was_over = pl.col("last_on") < touched.read_until if touched.read_until is not None else pl.lit(value=False)
    return known.filter(~was_over.fill_null(value=False) | ~pl.col("period").is_in(sorted(touched.told)))


def stands(touched: Touched, known: pl.DataFrame) -> pl.DataFrame:
    """Return the periods at whose end a touched award may stand."""
    return known.filter((pl.col("last_on") >= touched.since).fill_null(value=True))


def replaced(
    values: pl.DataFrame,
    touched: Touched,
    known: pl.DataFrame,
    everywhere: Collection[str],
    stocks: Collection[str],
) -> pl.DataFrame:
    """Return the rows of ``indicator_value`` that figures for these touched slices take the place of.

    A slice of which nothing is left has no new row: these rows are to be removed before the new ones are stored.

    Args:
        values: the key of ``indicator_value``, with ``area_code`` and ``buyer_id``.
        touched: the slices measured anew.
        known: the periods that there are.
        everywhere: the indicators that are measured anew in every slice and period, since a figure of one moves others.
        stocks: those of what stands at the end of a period: an award moves the figures of every period from its start
            on (see ``stands``), and time those of every slice in some periods (see ``moved``).
    """
    place = (
        pl.col("grain").is_in(["all", "england", "group"])
        | (pl.col("grain").is_in(["region", "county", "authority"]) & pl.col("area_code").is_in(touched.areas))
        | ((pl.col("grain") == "buyer") & pl.col("buyer_id").is_in(touched.buyers))
    )
    entered, standing, moving = (
        pl.col("period").is_in(some["period"].implode())
        for some in (enters(touched, known), stands(touched, known), moved(touched, known))
    )
    is_stock = pl.col("indicator_id").is_in(list(stocks))
    return values.filter(
        (place & pl.when(is_stock).then(standing).otherwise(entered))
        | (is_stock & moving)
        | pl.col("indicator_id").is_in(list(everywhere))
        # A period that is not told any more, as when a year's trailing months are no longer among the newest.
        | ~pl.col("period").is_in(known["period"].implode())
    )

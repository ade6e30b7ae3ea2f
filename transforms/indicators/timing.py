"""How early contracts are announced, and how long bidders have."""

from collections.abc import Sequence

import polars as pl

from transforms.indicators.share import Base, Cells, Indicator, figure, indicator
from transforms.indicators.slices import GRAINS

_COMPETITIVE = "is_competitive"


@indicator(
    "E1",
    version=1,
    title="Tenders under the Procurement Act of which an earlier notice is found",
    unit="share of procedures",
    missing="day of the tender notice",
    in_scope="regime = 'pa2023'",
    of="procedures",
)
def announced_early() -> str:
    """Share of published tenders under the Procurement Act 2023 of which an earlier notice of the same buyer is found.

    Methodology
        Tenders whose tender notice (UK4) was published under the Act of 2023, by its day. One counts when the same
        procurement, by its number on Find a Tender, had a pipeline notice (UK1), a preliminary market engagement notice
        (UK2) or a planned procurement notice (UK3) on an earlier day.
        Where none is found, this says "no earlier notice found", not that nothing was announced: early notices under
        another number, on a web site or at a meeting are not seen. The share is a lower bound.
        The bounds cover missing information only, and here nothing counts as missing.
    Excluded
        Tenders under older laws, and those on Contracts Finder; tenders told twice.
        For England, its regions and counties, whoever is not a council; "all" is every buyer.
    Assumed
        A pipeline notice is required of few buyers, for contracts of over £2m; the other two only where there is
        something to tell.
    """
    return "CASE WHEN announced_on < tendered_on THEN TRUE ELSE FALSE END"


@indicator(
    "E4.under_15",
    version=1,
    title="Tenders that were open for less than 15 days",
    unit="share of procedures",
    missing="closing time",
    in_scope=_COMPETITIVE,
    of="procedures",
)
def open_under_15_days() -> str:
    """Share of published tenders with a competition that were open for less than 15 days.

    Methodology
        From the day of the tender notice to the day of the closing time, as the latest notice gives it, for tenders
        whose notice names a method with competition.
        15 days is the mark at which the Open Contracting Partnership's red flag of short tender periods is set.
        The bounds cover missing information only.
    Excluded
        Direct awards, call-offs, and tenders whose method is not named; tenders told twice.
        For England, its regions and counties, whoever is not a council; "all" is every buyer.
    Assumed
        A closing time before the tender notice is a mistake: how long the tender was open is then not known.
        Of a procedure in stages it is the first closing time: that for taking part.
    """
    return "days_open < 15"


@indicator(
    "E4.under_25",
    version=1,
    title="Tenders that were open for less than 25 days",
    unit="share of procedures",
    missing="closing time",
    in_scope=_COMPETITIVE,
    of="procedures",
)
def open_under_25_days() -> str:
    """Share of published tenders with a competition that were open for less than 25 days.

    Methodology
        As the share of those open for less than 15 days.
        Under the Act of 2023 25 days is the shortest time for most tenders above the threshold.
        The bounds cover missing information only.
    Excluded
        Direct awards, call-offs, and tenders whose method is not named; tenders told twice.
        For England, its regions and counties, whoever is not a council; "all" is every buyer.
    Assumed
        A closing time before the tender notice is a mistake: how long the tender was open is then not known.
    """
    return "days_open < 25"


def counted(rows: pl.LazyFrame, *keys: str) -> pl.DataFrame:
    """Return how many rows are alike: ``times``, beside the columns in which they are."""
    return rows.group_by(keys).agg(pl.len().cast(pl.Int64).alias("times")).collect()


def medians(cells: Cells, told: pl.DataFrame, days: str) -> pl.DataFrame:
    """Return the median of some whole numbers in every slice and period.

    Equal numbers are counted before they are spread over the periods: there are few different ones.

    Args:
        cells: where the figures stand.
        told: ``buyer, quarter``, the number, and ``times``: how many there are of what is counted.
        days: the column of the number; rows in which it is null are counted as left out.

    Returns:
        ``slice, period, value, n, n_excluded``: the middle number, or the mean of the two middle ones.
    """
    keys = ["slice", "period"]
    of_quarter = cells.placed(told).group_by("slice", "quarter", days).agg(pl.col("times").sum())
    of_period = (
        of_quarter.join(cells.entered.lazy(), on="quarter", nulls_equal=True)
        .group_by(*keys, days)
        .agg(pl.col("times").sum())
        .sort(*keys, days, nulls_last=True)
        .collect()
    )
    is_known = pl.col(days).is_not_null()
    n = pl.col("times").filter(is_known).sum()
    upto = pl.col("times").filter(is_known).cum_sum()
    number = pl.col(days).filter(is_known)
    return of_period.group_by(keys, maintain_order=True).agg(
        value=(number.filter(upto > (n - 1) // 2).first() + number.filter(upto > n // 2).first()) / 2,
        n=n,
        n_excluded=pl.col("times").filter(~is_known).sum(),
    )


@figure(
    "E4",
    version=1,
    title="Days for which tenders were open (median)",
    unit="days",
    missing="closing time",
    grains=GRAINS,
    of="procedures",
)
def days_open(base: Base, cells: Cells) -> pl.DataFrame:
    """Median of the days for which published tenders with a competition were open.

    Methodology
        Half of the tenders were open for no longer, half for no shorter. From the day of the tender notice to the day
        of the closing time, as the latest notice gives it, for tenders whose notice names a method with competition.
        There are no bounds: tenders without a closing time are left out, and counted beside the figure.
    Excluded
        Direct awards, call-offs, and tenders whose method is not named; tenders told twice.
        For England, its regions and counties, whoever is not a council; "all" is every buyer.
    Assumed
        A closing time before the tender notice is a mistake: how long the tender was open is then not known.
        Of a procedure in stages it is the first closing time: that for taking part.
    """
    told = base.procedures.lazy().filter(pl.col("is_competitive").fill_null(value=False))
    return medians(cells, counted(told, "buyer", "quarter", "days_open"), "days_open")


INDICATORS: Sequence[Indicator] = (announced_early, days_open, open_under_15_days, open_under_25_days)
"""Everything that this module measures, in the order in which it is published."""

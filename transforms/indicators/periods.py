"""The periods of figures: quarters, financial years, trailing 12 and 36 months, and all that was read.

Quarters are numbered since the year 0 (2026Q1 is 2026 * 4), so that a period is a range of whole numbers.
"""

import datetime as dt
from collections.abc import Iterable

import polars as pl

from warehouse import schema

EARLIEST_QUARTER = 2000 * 4
"""An award dated before the year 2000 has no credible date: it enters ``ALL`` only."""

BREAKS = (dt.date(2024, 1, 1), dt.date(2025, 2, 24))
"""Days on which what must be published changed: health services left for the Provider Selection Regime, and the
Procurement Act 2023 came into force. Figures from before and after are of different sets of contracts."""

KINDS = ("quarter", "financial_year", "trailing_12", "trailing_36", "all")

_TRAILING = {"trailing_12": 4, "trailing_36": 12}


def quarter_of(day: dt.date) -> int:
    """Return the number of the quarter that holds a day."""
    return day.year * 4 + (day.month - 1) // 3


def quarter(day: pl.Expr) -> pl.Expr:
    """Return the number of the quarter that holds each day; null without a credible date."""
    number = day.dt.year().cast(pl.Int32) * 4 + (day.dt.month().cast(pl.Int32) - 1) // 3
    return pl.when(number >= EARLIEST_QUARTER).then(number)


def first_day(number: int) -> dt.date:
    """Return the first day of a quarter."""
    return dt.date(number // 4, number % 4 * 3 + 1, 1)


def last_day(number: int) -> dt.date:
    """Return the last day of a quarter."""
    return first_day(number + 1) - dt.timedelta(days=1)


def year_of(number: int) -> int:
    """Return the year in which the financial year, April to March, of a quarter began."""
    return (number - 1) // 4


def of(quarters: Iterable[int], newest_on: dt.date) -> pl.DataFrame:
    """Return every period that these quarters enter.

    The last two quarters, the financial years that hold them, the trailing months that end with them, and ``ALL`` are
    provisional: awards are published weeks late. All of it depends on the quarter of ``newest_on`` alone. Trailing
    months end with a quarter that has ended.

    Args:
        quarters: the quarters in which something was awarded, none of them after that of ``newest_on``.
        newest_on: the day up to which notices were read.

    Returns:
        Table ``period``, with ``first_quarter`` and ``last_quarter`` besides (null for ``ALL``), in the order of time.
    """
    newest = quarter_of(newest_on)
    told = sorted(set(quarters))
    rows: list[tuple[str, str, int | None, int | None, bool]] = []
    rows += [(f"{one // 4}Q{one % 4 + 1}", "quarter", one, one, one >= newest - 1) for one in told]
    for year in sorted({year_of(one) for one in told}):
        # The financial year of the last but one quarter is the first one that may still grow.
        label = f"FY{year}-{(year + 1) % 100:02d}"
        rows.append((label, "financial_year", year * 4 + 1, year * 4 + 4, year >= year_of(newest - 1)))
    for kind, length in _TRAILING.items():
        ends = sorted({end for one in told for end in range(one, min(one + length, newest))})
        rows += [
            (f"T{length * 3}-{last_day(end):%Y-%m}", kind, end - length + 1, end, end >= newest - 1) for end in ends
        ]
    rows.append(("ALL", "all", None, None, True))
    return pl.DataFrame(
        [
            (
                period,
                kind,
                None if first is None else first_day(first),
                None if last is None else last_day(last),
                provisional,
                _breaks(first, last, newest_on),
                first,
                last,
            )
            for period, kind, first, last, provisional in rows
        ],
        schema=schema.frame_schema("period") | {"first_quarter": pl.Int32(), "last_quarter": pl.Int32()},
        orient="row",
    )


def _breaks(first: int | None, last: int | None, newest_on: dt.date) -> str | None:
    """Return the breaks that lie inside a period, not at its beginning, joined by a comma."""
    begins = dt.date.min if first is None else first_day(first)
    ends = newest_on if last is None else last_day(last)
    return ", ".join(day.isoformat() for day in BREAKS if begins < day <= ends) or None


def numbered(period: pl.DataFrame) -> pl.DataFrame:
    """Return table ``period`` with ``first_quarter`` and ``last_quarter``."""
    return period.with_columns(first_quarter=quarter(pl.col("first_on")), last_quarter=quarter(pl.col("last_on")))


def newest_ended(newest_on: dt.date) -> int:
    """Return the quarter with which the newest trailing months end: the last one that has ended."""
    return quarter_of(newest_on) - 1


def entered(known: pl.DataFrame) -> pl.DataFrame:
    """Return which quarters enter which periods.

    Args:
        known: the periods, as ``of`` returns them.

    Returns:
        ``quarter`` (null: not known, or after the newest one; it enters ``ALL`` only), ``period``.
    """
    held = (
        known.filter(pl.col("kind") != "all")
        .select("period", quarter=pl.int_ranges("first_quarter", pl.col("last_quarter") + 1, dtype=pl.Int32))
        .explode("quarter", empty_as_null=True)
    )
    every = held.select("quarter").unique().vstack(pl.DataFrame({"quarter": [None]}, schema={"quarter": pl.Int32}))
    return pl.concat([held.select("quarter", "period"), every.select("quarter", pl.lit("ALL").alias("period"))])

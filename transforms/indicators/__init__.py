"""The indicators: one module per family, registered in one tuple, each with its published methodology."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from transforms import places
from transforms.indicators import (
    comparison,
    concentration,
    figures,
    grants,
    local,
    lots,
    mega,
    periods,
    procedure,
    quality,
    reliance,
    slices,
    timing,
    voluntary,
    words,
)
from transforms.indicators.lines import LINES, PROCEDURES
from transforms.indicators.share import Base, Indicator
from transforms.indicators.slices import Touched, reach
from warehouse import schema

__all__ = [
    "FACTS",
    "INDICATORS",
    "LINES",
    "PROCEDURES",
    "Touched",
    "catalogue",
    "measure",
    "reach",
    "replaced",
    "sentence",
    "words",
]

INDICATORS: tuple[Indicator, ...] = (
    *local.INDICATORS,
    *voluntary.INDICATORS,
    mega.contracts_by_size,
    mega.pounds_by_size,
    mega.mega_outside_region,
    mega.small_outside_region,
    mega.outside_region_compared,
    mega.mega_outside_region_by_count,
    mega.small_outside_region_by_count,
    mega.large_for_their_buyer,
    mega.ceilings_stated,
    mega.ceilings_in_pounds,
    mega.largest_ceiling,
    mega.suppliers_admitted,
    *concentration.INDICATORS,
    *lots.INDICATORS,
    *procedure.INDICATORS,
    *timing.INDICATORS,
    *reliance.INDICATORS,
    *grants.INDICATORS,
    *comparison.INDICATORS,
    *quality.INDICATORS,
)

FACTS = ("area", "peer", "grant_award")
"""The tables that figures are made of besides lines and procedures."""


def measure(
    lines: Iterable[pl.DataFrame],
    newest_on: dt.date,
    touched: Touched | None = None,
    area: pl.DataFrame | None = None,
    procedures: Iterable[pl.DataFrame] = (),
    facts: Mapping[str, pl.DataFrame] | None = None,
    asked: Sequence[Indicator] | None = None,
) -> tuple[pl.DataFrame, Iterator[pl.DataFrame]]:
    """Work out every indicator at every grain for every period.

    A row stands for every slice with an award in scope (of the right size where the share is of some sizes only, and
    counted or unknown where awards are counted), and for England for every indicator in every period in which any buyer
    awarded a contract, set up a framework or asked for tenders, with n = 0 and nulls where nothing is known.
    Awards dated after the quarter of ``newest_on``, or without a credible date, enter ``ALL`` only.

    Args:
        lines: award lines in parts, and one line without a mention for each award without a named supplier, with the
            columns ``LINES``. All awards that there are.
        newest_on: the day up to which notices were read. When its quarter changes, measure everything, not only what
            was touched: what is provisional, and which trailing months are told, depends on it.
        touched: the slices wanted (see ``slices.reach``); all when left out.
        area: table ``area``; the shipped one when left out.
        procedures: procurements with a tender notice in parts, with the columns ``PROCEDURES``.
        facts: further tables that figures are made of, such as ``peer`` and ``grant_award``.
        asked: the indicators wanted; all when left out.

    Returns:
        Table ``period``, and an iterator of rows of table ``indicator_value``, each frame sorted by key.
    """
    told = INDICATORS if asked is None else asked
    known = places.areas() if area is None else area
    base = [
        figures.gathered(lines, LINES, "awarded_on", newest_on),
        figures.gathered(procedures, PROCEDURES, "tendered_on", newest_on),
    ]
    (line, procedure), buyer = figures.numbered(base, known)
    del base
    counts = [pl.sql_expr(one.in_scope).fill_null(value=False) for one in told if one.is_count and not one.is_core]
    is_told = pl.any_horizontal(pl.col("is_core").fill_null(value=False), *counts)
    quarters = pl.concat([line.filter(is_told)["quarter"], procedure["quarter"]]).drop_nulls().unique()
    period = periods.of(quarters, newest_on)
    whole = Base(line, procedure, newest_on, period, facts or {})
    table = period.select(list(schema.frame_schema("period")))
    return table, figures.measure(whole, buyer, told, touched)


def replaced(values: pl.DataFrame, touched: Touched, period: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of ``indicator_value`` that figures for these touched slices take the place of.

    Args:
        values: the key of ``indicator_value``, with ``area_code`` and ``buyer_id``.
        touched: the slices measured anew.
        period: table ``period``, as ``measure`` returns it.
    """
    everywhere = [one.indicator_id for one in INDICATORS if one.of_values]
    stocks = [one.indicator_id for one in INDICATORS if one.is_stock]
    return slices.replaced(values, touched, periods.numbered(period), everywhere, stocks)


def catalogue() -> pl.DataFrame:
    """Return table ``indicator``: every indicator with its title, unit and published methodology."""
    return pl.DataFrame(
        [
            (one.indicator_id, one.version, one.title, one.methodology, one.unit, one.of, one.scope_sql, one.answer_sql)
            for one in INDICATORS
        ],
        schema=schema.frame_schema("indicator"),
        orient="row",
    )


def sentence(row: Mapping[str, Any]) -> str:
    """Say one row of ``indicator_value`` in words, with its bounds, or say that too little is known.

    Raises:
        KeyError: when the row's indicator is none of those registered here.
    """
    return words.said({one.indicator_id: one for one in INDICATORS}[row["indicator_id"]], row)

"""The indicators: one module per family, registered in one tuple, each with its published methodology."""

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import polars as pl

from transforms import places
from transforms.indicators import concentration, local, mega, share, voluntary
from transforms.indicators.share import Indicator, Touched
from warehouse import schema

INDICATORS: tuple[Indicator, ...] = (
    local.own_area_by_value,
    local.own_area_by_count,
    local.own_region_by_value,
    local.own_region_by_count,
    local.head_office_by_value,
    local.head_office_by_count,
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
)

ENOUGH_COVERAGE = 0.6
ENOUGH_AWARDS = 10

_PARTS_AT_ONCE = 6
"""Tallies are added up in batches: one by one, the growing total would be added up anew with every part."""


def measure(
    lines: Iterable[pl.DataFrame],
    newest_on: dt.date,
    touched: Touched | None = None,
    area: pl.DataFrame | None = None,
) -> Iterator[pl.DataFrame]:
    """Work out every indicator at every grain for every period.

    Args:
        lines: award lines in parts, the lines of an award together, and one line without a mention for each award
            without a named supplier; see ``share.tally``. All awards that there are.
        newest_on: the day up to which notices were read; the two quarters up to it are provisional.
        touched: the slices wanted (see ``share.reach`` and ``share.figures``); all when left out.
        area: table ``area``; the shipped one when left out.

    Yields:
        Rows of table ``indicator_value``: one frame per grain and kind of period.
    """
    known = places.areas() if area is None else area
    # A warehouse without awards has no part at all, and figures all the same: England's, with n = 0.
    tallies = [share.tally(local.with_head_office(pl.DataFrame(schema=share.LINES)), INDICATORS)]
    for part in lines:
        tallies.append(share.tally(local.with_head_office(part), INDICATORS))
        if len(tallies) > _PARTS_AT_ONCE:
            tallies = [share.added(tallies)]
    yield from share.figures(share.added(tallies), INDICATORS, known, newest_on, touched)


def catalogue() -> pl.DataFrame:
    """Return table ``indicator``: every indicator with its title, unit and published methodology."""
    return pl.DataFrame(
        [(one.indicator_id, one.version, one.title, one.methodology, one.unit) for one in INDICATORS],
        schema=schema.frame_schema("indicator"),
        orient="row",
    )


def sentence(row: Mapping[str, Any]) -> str:
    """Say one row of ``indicator_value`` in words, with its bounds, or say that too little is known.

    A share is a figure from 10 awards and a coverage of 60 % on; bounds are rounded outwards, coverage downwards.

    Raises:
        KeyError: when the row's indicator is none of those registered here.
    """
    one = {one.indicator_id: one for one in INDICATORS}[row["indicator_id"]]
    if one.unit == "percentage points":
        return _points(one, row)
    if one.by_winner and one.unit not in share.SHARES:
        return _index(one, row)
    if one.unit not in share.SHARES:
        return _number(one, row)
    n = _counted(row["n"], "award")
    what = "value" if one.unit == "share of value" else "awards"
    if not row["n"]:
        return "too little is known for a figure: no awards"
    # A hair is added before rounding outwards, so that 0.29 does not become 28.999… and then 28.
    covered = f"{one.missing} known for {math.floor(row['coverage_share'] * 100 + 1e-9)} % of the {what}"
    if row["known_share"] is None or row["coverage_share"] < ENOUGH_COVERAGE or row["n"] < ENOUGH_AWARDS:
        return f"too little is known for a figure: {n}, {covered}"
    low = math.floor(row["low_share"] * 100 + 1e-9)
    high = math.ceil(row["high_share"] * 100 - 1e-9)
    return (
        f"{row['known_share'] * 100:.0f} % ({low}–{high} % "
        f"depending on the awards whose {one.missing} is not known; missing information only; {n}, {covered})"
    )


def _number(one: Indicator, row: Mapping[str, Any]) -> str:
    """Say a count, or a sum of pounds or suppliers."""
    noun = "award" if one.is_core else "ceiling"
    if row["value"] is None:
        return f"too little is known for a figure: no {noun}s"
    n = _counted(row["n"], noun)
    left_out = row["n_excluded"]
    if one.unit in ("awards", "ceilings"):
        if not left_out:
            return n
        unknown = "awards without a credible amount" if one.is_core else "notices that only look like a ceiling"
        bounds = f"{row['value_low']:,.0f}–{row['value_high']:,.0f}"
        return f"{n} ({bounds} depending on the {unknown}; missing information only)"
    what = "credible amount" if one.unit == "pounds" else "supplier named"
    said = f"£{row['value']:,.2f}" if one.unit == "pounds" else _counted(int(row["value"]), "supplier")
    return f"{said} ({n}{f'; {_counted(left_out, noun)} without a {what} left out' if left_out else ''})"


def _index(one: Indicator, row: Mapping[str, Any]) -> str:
    """Say an index of concentration, or the number of suppliers of equal size that it stands for."""
    n = _counted(row["n"], "award")
    if not row["n"]:
        return "too little is known for a figure: no awards"
    covered = f"{one.missing} known for {math.floor(row['coverage_share'] * 100 + 1e-9)} % of the value"
    if row["value"] is None or row["coverage_share"] < ENOUGH_COVERAGE or row["n"] < ENOUGH_AWARDS:
        return f"too little is known for a figure: {n}, {covered}"
    what = "of 10,000" if one.unit == "index points" else "suppliers of equal size"
    low = math.floor(row["value_low"] + 1e-9)
    # Where no award is known to have gone to one supplier alone, their number has no upper bound.
    bounds = f"{low:,} or more" if row["value_high"] is None else f"{low:,}–{math.ceil(row['value_high'] - 1e-9):,}"
    return (
        f"{row['value']:,.0f} {what} ({bounds} depending on the awards whose {one.missing} is not known, and on how "
        f"shared awards were divided; missing information only; {n}, {covered})"
    )


def _points(one: Indicator, row: Mapping[str, Any]) -> str:
    """Say a difference of two shares, its bounds rounded outwards."""
    fewer = f"{_counted(row['n'], 'award')} in the smaller group"
    if row["value"] is None or not row["n"]:
        return "too little is known for a figure: no awards in one of the groups, or nothing known of them"
    covered = f"{one.missing} known for at least {math.floor(row['coverage_share'] * 100 + 1e-9)} % of the value"
    if row["coverage_share"] < ENOUGH_COVERAGE or row["n"] < ENOUGH_AWARDS:
        return f"too little is known for a figure: {fewer}, {covered}"
    low, high = math.floor(row["value_low"] + 1e-9), math.ceil(row["value_high"] - 1e-9)
    return (
        f"{row['value']:+.0f} percentage points ({low:+d} to {high:+d} "
        f"depending on the awards whose {one.missing} is not known; missing information only; {fewer}, {covered})"
    )


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"

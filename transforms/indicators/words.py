"""Say a figure in a sentence that may be printed, or say that too little is known."""

import math
from collections.abc import Mapping
from typing import Any

from transforms.indicators import share
from transforms.indicators.share import BASES, Indicator

ENOUGH_COVERAGE = 0.6
ENOUGH_AWARDS = 10
GOOD_COVERAGE = 0.8
"""A figure is a headline from the first coverage and so many awards on; up to the second it is to be read with care."""

WITH_CARE = ": to be read with care"


def said(one: Indicator, row: Mapping[str, Any]) -> str:
    """Say one row of ``indicator_value`` in words, with its bounds, or say that too little is known.

    A share is a figure from 10 awards and a coverage of 60 % on, and to be read with care below 80 %.
    Bounds are rounded outwards, coverage downwards.
    """
    if one.unit == "percentage points":
        return _points(one, row)
    if one.by_winner and one.unit not in share.SHARES:
        return _index(one, row)
    if one.unit not in share.SHARES:
        return _number(one, row)
    noun = "procedure" if one.unit == "share of procedures" else "award"
    n = _counted(row["n"], noun)
    what = "value" if one.unit == "share of value" else f"{noun}s"
    if not row["n"]:
        return f"too little is known for a figure: no {noun}s"
    covered = _covered(one, row, what)
    if row["known_share"] is None or _is_too_little(row):
        return f"too little is known for a figure: {n}, {covered}"
    known = f"{row['known_share'] * 100:.0f} %"
    if row["low_share"] is None or row["high_share"] is None:
        return f"{known} ({n}, {covered}{_care(row)})"
    # A hair is added before rounding outwards, so that 0.29 does not become 28.999… and then 28.
    low = math.floor(row["low_share"] * 100 + 1e-9)
    high = math.ceil(row["high_share"] * 100 - 1e-9)
    return (
        f"{known} ({low}–{high} % depending on the {noun}s whose {one.missing} is not known; missing information only; "
        f"{n}, {covered}{_care(row)})"
    )


def _covered(one: Indicator, row: Mapping[str, Any], what: str, least: str = "") -> str:
    return f"{one.missing} known for {least}{math.floor((row['coverage_share'] or 0) * 100 + 1e-9)} % of the {what}"


def _is_too_little(row: Mapping[str, Any]) -> bool:
    return bool((row["coverage_share"] or 0) < ENOUGH_COVERAGE or row["n"] < ENOUGH_AWARDS)


def _care(row: Mapping[str, Any]) -> str:
    return WITH_CARE if (row["coverage_share"] or 0) < GOOD_COVERAGE else ""


def _number(one: Indicator, row: Mapping[str, Any]) -> str:
    """Say a count, a sum of pounds or suppliers, or a number of days."""
    noun = "ceiling" if not one.is_core else "procedure" if one.of == BASES[1] else "award"
    if row["value"] is None:
        return f"too little is known for a figure: no {noun}s"
    n = _counted(row["n"], noun)
    left_out = row["n_excluded"]
    if one.unit in ("awards", "ceilings", "procedures"):
        told = _counted(int(row["value"]), noun)
        if not left_out or row["value_high"] is None:
            return told
        unknown = f"{noun}s whose {one.missing} is not known"
        if one.unit == "awards" and one.by_size:
            unknown = "awards without a credible amount"
        if one.unit == "ceilings":
            unknown = "notices that only look like a ceiling"
        bounds = f"{row['value_low']:,.0f}–{row['value_high']:,.0f}"
        return f"{told} ({bounds} depending on the {unknown}; missing information only)"
    without = {"pounds": "a credible amount", "suppliers": "a supplier named"}.get(one.unit, f"a known {one.missing}")
    nouns = {"days": "day", "groups": "group", "buyers": "buyer", "suppliers": "supplier"}
    told = f"£{row['value']:,.2f}" if one.unit == "pounds" else _counted(round(row["value"]), nouns.get(one.unit, ""))
    return f"{told} ({n}{f'; {_counted(left_out, noun)} without {without} left out' if left_out else ''})"


def _index(one: Indicator, row: Mapping[str, Any]) -> str:
    """Say an index of concentration, or the number of suppliers of equal size that it stands for."""
    n = _counted(row["n"], "award")
    if not row["n"]:
        return "too little is known for a figure: no awards"
    covered = _covered(one, row, "value")
    if row["value"] is None or _is_too_little(row):
        return f"too little is known for a figure: {n}, {covered}"
    what = "of 10,000" if one.unit == "index points" else "suppliers of equal size"
    low = math.floor(row["value_low"] + 1e-9)
    # Where no award is known to have gone to one supplier alone, their number has no upper bound.
    bounds = f"{low:,} or more" if row["value_high"] is None else f"{low:,}–{math.ceil(row['value_high'] - 1e-9):,}"
    return (
        f"{row['value']:,.0f} {what} ({bounds} depending on the awards whose {one.missing} is not known, and on how "
        f"shared awards were divided; missing information only; {n}, {covered}{_care(row)})"
    )


def _points(one: Indicator, row: Mapping[str, Any]) -> str:
    """Say a difference of two shares, its bounds rounded outwards."""
    fewer = f"{_counted(row['n'], 'award')} in the smaller group"
    nothing = "no awards in one of the groups, or nothing known of them"
    covered = "" if row["coverage_share"] is None else _covered(one, row, "value", "at least ")
    if one.of_values:
        # A council beside its peers, or a year beside the one before.
        is_gap = row.get("denominator") is not None
        fewer = f"{_counted(row['n'], 'award')} {'of its own' if is_gap else 'in the year with fewer'}"
        fewer += f", {_counted(round(row['denominator']), 'peer')}" if is_gap else ""
        nothing = "no share of its own, or too few peers" if is_gap else "no share in one of the years"
        covered = covered.removesuffix(" of the value")
    if row["value"] is None or not row["n"]:
        return f"too little is known for a figure: {nothing}"
    if _is_too_little(row):
        return f"too little is known for a figure: {fewer}, {covered}"
    low, high = math.floor(row["value_low"] + 1e-9), math.ceil(row["value_high"] - 1e-9)
    return (
        f"{row['value']:+.0f} percentage points ({low:+d} to {high:+d} depending on the awards whose {one.missing} is "
        f"not known; missing information only; {fewer}, {covered}{_care(row)})"
    )


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"

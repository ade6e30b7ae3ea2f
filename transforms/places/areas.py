"""The areas of the United Kingdom that have a body of their own, what lies in what, and what borders on what."""

from datetime import date
from functools import cache
from typing import NamedTuple

import polars as pl

from transforms.reference import facts
from warehouse.schema import frame_schema

COUNCILS = (
    "district",
    "unitary",
    "metropolitan",
    "london_borough",
    "county",
    "council_area",
    "principal_area",
    "local_government_district",
)  # fmt: skip - a list of words reads better in two lines
"""The kinds of area that have a council of their own."""

DEPENDENCIES = ("L99999999", "M99999999")
"""The Channel Islands and the Isle of Man: not in the United Kingdom, though their postcodes look like it."""

_TABLES: dict[str, dict[str, pl.DataType]] = {
    "postcode_ranges.csv.gz": {"first_postcode": pl.String(), "area_code": pl.String()},
    "postcode_outwards.csv.gz": {
        "outward": pl.String(),
        "area_code": pl.String(),
        "postcodes": pl.Int64(),
        "share": pl.Float64(),
    },
    "postcode_sectors.csv.gz": {"sector": pl.String(), "east_m": pl.Int64(), "north_m": pl.Int64()},
    "postcode_areas.csv.gz": {
        "area_code": pl.String(),
        "postcodes": pl.Int64(),
        "settled_km2": pl.Float64(),
        "east_m": pl.Int64(),
        "north_m": pl.Int64(),
    },
    "area_neighbours.csv": {"area_code": pl.String(), "neighbour_code": pl.String(), "distance_m": pl.Int64()},
}  # fmt: skip - a table in one or two lines
"""The shipped tables of a directory, in the order of its fields, with their columns."""


class Directory(NamedTuple):
    """What one vintage of the ONS Postcode Directory tells, as ``extractors.postcodes`` derives it.

    ``vintage``: the first day of its month. ``ranges``: ``first_postcode`` (outward code padded to four, then the
    inward code), ``area_code``; sorted. ``outwards``: ``outward`` (as in "IG1"), ``area_code``, ``postcodes``,
    ``share`` of those with an authority; the largest first, null for an outward code without any. ``sectors``:
    ``sector`` (as in "IG1 1"), ``east_m``, ``north_m``; sorted. ``places``: ``area_code``, ``postcodes``,
    ``settled_km2``, ``east_m``, ``north_m`` of each authority. ``near``: ``area_code``, ``neighbour_code`` (each pair
    once), ``distance_m``. Metres are those of the grid of Great Britain, in Northern Ireland too.
    """

    vintage: date
    ranges: pl.DataFrame
    outwards: pl.DataFrame
    sectors: pl.DataFrame
    places: pl.DataFrame
    near: pl.DataFrame


@cache
def shipped() -> Directory:
    """Return the directory of November 2025, from which the shipped tables were made."""
    tables = [
        facts(name).select(pl.col(column).cast(kind) for column, kind in columns.items())
        for name, columns in _TABLES.items()
    ]
    return Directory(date(2025, 11, 1), *tables)


def leaves() -> pl.DataFrame:
    """Return which district in force lies in which area.

    Returns:
        ``area_code`` (a council in force, county, region, nation, combined authority, police or fire area, or what
        ended), ``leaf_code`` (a district, unitary authority, borough and so on in force; of a district itself) and
        ``extent``: ``whole``, or ``partial`` where the area was only a part of it. Sorted.
    """
    known = _told()
    leaf = known.filter(pl.col("valid_to").is_null(), pl.col("kind").is_in(COUNCILS), pl.col("kind") != "county")
    nations = known.filter(pl.col("kind") == "nation").select("nation", nation_code="area_code")
    within = (
        pl.concat(
            [
                leaf.select(area_code="area_code", leaf_code="area_code"),
                leaf.select(area_code="county_code", leaf_code="area_code"),
                leaf.select(area_code="region_code", leaf_code="area_code"),
                leaf.join(nations, on="nation").select(area_code="nation_code", leaf_code="area_code"),
            ]
        )
        .drop_nulls()
        .unique()
    )
    of_parts = facts("area_parts.csv").join(
        within.rename({"area_code": "part_code"}), on="part_code", maintain_order="left"
    )
    return (
        pl.concat([within.with_columns(extent=pl.lit("whole")), of_parts.select("area_code", "leaf_code", "extent")])
        # Where both are told, the whole of it holds: "partial" comes first in the alphabet.
        .group_by("area_code", "leaf_code")
        .agg(pl.col("extent").max())
        .sort("area_code", "leaf_code")
    )


def areas(directory: Directory | None = None) -> pl.DataFrame:
    """Return the project's table of areas.

    Args:
        directory: Where the settled squares and centroids are from; the shipped one when left out.

    Returns:
        The columns of table ``area``, one row per code, sorted by code: what is in force, and what ended since 2019.
        ``county_code`` is the county of a district, itself for a unitary authority and for every authority outside
        England, the metropolitan county (E11) of a metropolitan district, and the region London (E12000007), which
        stands for Greater London, of a London borough and the City.
        ``region_code`` is null where an authority lies in two regions (Greater Lincolnshire).
        ``population`` is the mid-2020 estimate of the Office for National Statistics; null for most authorities that
        ended before 2021 and outside the United Kingdom.
        ``settled_km2``, ``east_m`` and ``north_m`` of a larger area are sum and weighted mean of its districts; null
        where it was only a part of what lies there now, and where a district has no postcode with a grid reference.
    """
    placed = leaves().join((directory or shipped()).places, left_on="leaf_code", right_on="area_code", how="left")
    is_known = ((pl.col("extent") == "whole") & pl.col("east_m").is_not_null()).all()
    mean = {
        name: ((pl.col(name) * pl.col("postcodes")).sum() / pl.col("postcodes").sum() / 100).round() * 100
        for name in ("east_m", "north_m")
    }
    of_districts = placed.group_by("area_code").agg(
        settled_km2=pl.when(is_known).then(pl.col("settled_km2").sum().round(1)),
        **{name: pl.when(is_known).then(value).cast(pl.Int64) for name, value in mean.items()},
    )
    return (
        _told()
        .join(of_districts, on="area_code", how="left")
        .select(pl.col(name).cast(dtype) for name, dtype in frame_schema("area").items())
        .sort("area_code")
    )


def neighbours(directory: Directory | None = None) -> pl.DataFrame:
    """Return which authority borders on which, on land.

    Districts, unitary authorities and boroughs are neighbours when postcodes of both lie within 1 km, but for the
    exceptions of ``area_neighbour_exceptions.csv``. A county, metropolitan counties included, borders on what its
    districts border on outside it: on another county, or on an authority that is in none.
    Authorities that ended have no neighbours, nor have regions, nations and combined authorities.

    Args:
        directory: Whose postcodes count; the shipped ones when left out.

    Returns:
        The columns of table ``area_neighbour``, each pair both ways, sorted. ``method`` is ``postcodes``, ``by_hand``
        or ``members`` (a county, by its districts).
    """
    pair = ["area_code", "neighbour_code"]
    checked = facts("area_neighbour_exceptions.csv")
    found = (directory or shipped()).near.select(*pair, method=pl.lit("postcodes"))
    present = _told().filter(pl.col("valid_to").is_null()).select("area_code", "kind", "county_code")
    wanted = checked.filter(
        pl.col("is_neighbour") == "yes", *(pl.col(code).is_in(present["area_code"].implode()) for code in pair)
    )
    kept = pl.concat([found, wanted.select(*pair, method=pl.lit("by_hand"))]).join(
        checked.filter(pl.col("is_neighbour") == "no"), on=pair, how="anti"
    ).unique(pair, keep="first", maintain_order=True)  # fmt: skip
    both = pl.concat([kept, kept.select(area_code="neighbour_code", neighbour_code="area_code", method="method")])
    # The county of a London borough is not one that anything could border on: its boroughs are.
    above = present.filter(pl.col("kind") != "london_borough").select("area_code", "county_code")
    unit = pl.coalesce("county_code", "leaf_code")
    upper = both.select(pair)
    for code in pair:
        upper = (
            upper.rename({code: "leaf_code"})
            .join(above, left_on="leaf_code", right_on="area_code", how="left")
            .select(*(name for name in pair if name != code), unit.alias(code))
        )
    of_counties = (
        upper.select(*pair, method=pl.lit("members"))
        .filter(pl.col("area_code") != pl.col("neighbour_code"))
        .join(both, on=pair, how="anti")
        .unique()
    )
    return pl.concat([both, of_counties]).select(*frame_schema("area_neighbour")).sort(pair)


def region_code(written: pl.Expr) -> pl.Expr:
    """Tell the region of a code of an international territorial level, or of a region's name.

    Args:
        written: Such as "UKD63", "TLI", "South East" or "Yorkshire and The Humber", in any case.

    Returns:
        The code of the English region or of the nation, such as "E12000002"; null for anything else, such as "UK".
    """
    told = facts("itl_regions.csv")
    code = written.str.strip_chars().str.to_uppercase().str.extract("^((?:UK|TL)[A-Z])[A-Z0-9]{0,2}$")
    name = written.str.to_lowercase().str.replace_all(r"\s+", " ").str.strip_chars(" .,;")
    known = dict(told.select("written", "region_code").iter_rows())
    return pl.coalesce(
        code.replace_strict(known, default=None, return_dtype=pl.String),
        name.replace_strict(known, default=None, return_dtype=pl.String),
    )


@cache
def _told() -> pl.DataFrame:
    """Return ``areas.csv`` with its types."""
    schema = frame_schema("area")
    told = facts("areas.csv")
    return told.select(
        pl.col(name).cast(schema[name]) if schema[name] != pl.Date else pl.col(name).str.to_date("%Y-%m-%d")
        for name in told.columns
    ).sort("area_code")

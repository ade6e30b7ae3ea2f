"""The areas of the United Kingdom that have a body of their own, and what lies in what."""

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


def areas() -> pl.DataFrame:
    """Return the project's table of areas.

    Returns:
        The columns of table ``area``, one row per code, sorted by code: what is in force, and what ended since 2019.
        ``county_code`` is the county of a district, itself for a unitary authority and for every authority outside
        England, the metropolitan county (E11) of a metropolitan district, and the region London (E12000007), which
        stands for Greater London, of a London borough and the City.
        ``region_code`` is null where an authority lies in two regions (Greater Lincolnshire).
        ``population`` is the mid-2020 estimate of the Office for National Statistics; null for most authorities that
        ended before 2021 and outside the United Kingdom.
    """
    told = facts("areas.csv")
    return told.select(
        pl.col(name).cast(dtype) if dtype != pl.Date else pl.col(name).str.to_date("%Y-%m-%d")
        for name, dtype in frame_schema("area").items()
    ).sort("area_code")

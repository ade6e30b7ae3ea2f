"""From the place of a supplier and the area of a buyer to yes, no or not known, for several meanings of local."""

from functools import cache, lru_cache

import polars as pl

from transforms.places.addresses import PLACE, settle
from transforms.places.areas import Directory, areas, leaves, neighbours
from transforms.reference import facts

SCOPE = ("council", "combined_authority", "police", "fire")
"""The kinds of buyer for which local has a meaning, where their area is known."""

FLAGS = ("is_local_authority", "is_local_county", "is_local_statutory")
"""What is told of the place alone: inside the buyer's own area, its county, and what it could have chosen by law."""

Borders = tuple[tuple[str, str], ...]
"""Pairs of authorities that border on each other, each both ways, sorted."""

NATIONAL_REGIONS = 5
"""A supplier that won from buyers in so many English regions and nations is a national one."""


@cache
def _units() -> pl.DataFrame:
    """Return what each authority in force lies in: ``leaf, county_code, region_code, unit``.

    ``unit`` is what the law on reserved competitions calls a county or London borough; see ``statutory_counties.csv``.
    """
    known = areas().join(leaves().filter(pl.col("area_code") == pl.col("leaf_code")), on="area_code", how="semi")
    of_itself = pl.when(pl.col("kind") == "london_borough").then("area_code").otherwise("county_code")
    return known.join(facts("statutory_counties.csv"), on="area_code", how="left").select(
        "county_code", "region_code", unit=pl.coalesce("statutory_county", of_itself), leaf="area_code"
    )


@cache
def _own() -> pl.DataFrame:
    """Return which authority in force lies within which area: ``area_code, leaf, is_whole``.

    ``is_whole`` is true where all of it does, null where the area was only a part of it.
    A pair that is absent does not overlap.
    """
    return leaves().select(
        "area_code", leaf="leaf_code", is_whole=pl.when(pl.col("extent") == "whole").then(pl.lit(True))
    )


def _either(pairs: pl.DataFrame) -> pl.DataFrame:
    """Keep each pair once: true where any of its rows is."""
    return pairs.group_by("area_code", "leaf").agg(
        is_whole=pl.when(pl.col("is_whole").any(ignore_nulls=True)).then(True).first()
    )


@cache
def _county() -> pl.DataFrame:
    """Return which authority lies in the county, or the counties, that an area lies in; columns as ``_own``."""
    own, units = _own(), _units()
    # An authority that ended names the county of its time, which may have ended with it.
    named = areas().filter(pl.col("county_code").is_not_null()).select("area_code", "county_code")
    of_named = named.join(own.rename({"area_code": "county_code"}), on="county_code")
    of_others = (
        own.join(named, on="area_code", how="anti")
        .join(units.select("leaf", "county_code"), on="leaf")
        .select("area_code", "county_code", "is_whole")
        .join(units.select("county_code", "leaf"), on="county_code")
    )
    return _either(pl.concat([found.select("area_code", "leaf", "is_whole") for found in (of_named, of_others)]))


def _borders(directory: Directory | None) -> Borders:
    """Return who borders on whom by the postcodes of a directory, the shipped one when left out."""
    return tuple(neighbours(directory).select("area_code", "neighbour_code").iter_rows())


def _statutory(borders: Borders) -> pl.DataFrame:
    """Return which authority lies inside the widest area that an English body could choose; columns as ``_own``.

    Its own area; with it any bordering county or London borough; or the county or London borough that contains it.
    ``is_whole`` is null for what borders in Wales or Scotland, of which the Order does not speak.
    """
    own = _own().filter(pl.col("area_code").str.starts_with("E"))
    units = _units().select("leaf", "unit")
    bordering = pl.DataFrame(borders, schema={"leaf": pl.String(), "neighbour_code": pl.String()}, orient="row")
    is_english = pl.col("leaf").str.starts_with("E")
    beside = (
        own.filter(pl.col("is_whole").fill_null(False))
        .join(bordering, on="leaf")
        .select("area_code", leaf="neighbour_code")
        .unique()
        .join(units, on="leaf")
    )
    containing = (
        own.join(units, on="leaf")
        .group_by("area_code")
        .agg(pl.col("unit").first(), units=pl.col("unit").n_unique())
        .filter(pl.col("units") == 1)
    )
    chosen = pl.concat([beside.filter(is_english).select("area_code", "unit"), containing.select("area_code", "unit")])
    return _either(
        pl.concat(
            [
                own,
                chosen.unique().join(units, on="unit").select("area_code", "leaf", is_whole=pl.lit(True)),
                beside.filter(~is_english).select("area_code", "leaf", is_whole=pl.lit(None, pl.Boolean)),
            ]
        )
    )


@lru_cache(maxsize=2)
def _answers(borders: Borders) -> pl.DataFrame:
    """Return what is told of each pair of a buyer's area and a supplier's place, be it authority, county or region.

    Args:
        borders: who borders on whom, as ``_borders`` returns it.

    Returns:
        ``buyer_area_code, place_code``, and for each of ``FLAGS`` itself (true, or null: only a part is inside, or it
        is not known) and ``overlaps_``: whether the place overlaps at all. A pair that is absent is wholly outside.
    """
    place = _places()
    sizes = place.group_by("place_code").agg(everything=pl.len())
    found = []
    for flag, territory in zip(FLAGS, (_own(), _county(), _statutory(borders)), strict=True):
        inside = (
            territory.join(place, on="leaf")
            .group_by("place_code", buyer_area_code="area_code")
            .agg(sure=pl.col("is_whole").fill_null(False).sum())
            .join(sizes, on="place_code")
            .select(
                "buyer_area_code", "place_code",
                pl.when(pl.col("sure") == pl.col("everything")).then(True).alias(flag),
                pl.lit(True).alias(f"overlaps_{flag}"),
            )
        )  # fmt: skip
        found.append(inside)
    # An authority that ended is in force for nobody, but itself for itself.
    ended = areas().filter(pl.col("valid_to").is_not_null()).select(buyer_area_code="area_code", place_code="area_code")
    own, county, statutory = found
    own = pl.concat(
        [own, ended.join(own, on=["buyer_area_code", "place_code"], how="anti").with_columns(
            pl.lit(True).alias(FLAGS[0]), pl.lit(True).alias(f"overlaps_{FLAGS[0]}")
        )]
    )  # fmt: skip
    key = ["buyer_area_code", "place_code"]
    return own.join(county, on=key, how="full", coalesce=True).join(statutory, on=key, how="full", coalesce=True)


@cache
def _places() -> pl.DataFrame:
    """Return what lies in an authority in force, in a county and in a region: ``leaf, place_code``."""
    levels = [_units().select("leaf", place_code=name) for name in ("leaf", "county_code", "region_code")]
    return pl.concat(levels).drop_nulls().unique()


@cache
def _facts_of_areas() -> pl.DataFrame:
    """Return what is asked of every area: ``area_code, kind, region_code``."""
    return areas().select("area_code", "kind", "region_code")


def place(lines: pl.DataFrame, directory: Directory | None = None) -> pl.DataFrame:
    """Tell of each award line whether the supplier is local to the buyer, in each meaning of the word, and how far.

    Own area: the supplier's authority is the buyer's; for a county council, one of its districts; for a combined
    authority, a police or a fire authority, one of those that make it up; for an authority that ended, what lies there
    now, and not known where the authority was only a part of that.
    County: the county that contains the buyer's area; a unitary authority and every authority outside England is its
    own, London boroughs are in Greater London, and a body whose area spans counties has them all.
    Statutory: inside the widest area that an English body could choose for a reserved competition below the threshold
    from 4 February 2026 on (Local Government (Exclusion of Non-commercial Considerations) (England) Order 2026): its
    own area with any bordering county or London borough, or the county or London borough that contains it.
    Region: the English region, or the nation elsewhere.
    A supplier of whom only a county or region is known is local where all of it is, is not where none of it is, and is
    not known where some of it is. A supplier in a Crown dependency or abroad is elsewhere.

    Args:
        lines: ``award_id``, ``mention_id``, ``supplier_area_code``, ``buyer_area_code``, ``buyer_kind``, and where they
            are at hand ``supplier_county_code``, ``supplier_region_code``, ``is_uk``, ``east_m``, ``north_m`` of
            ``locate``, and ``head_office_area_code``: the authority of the registered head office.
        directory: the postcodes by which authorities border on each other and have a middle; the shipped ones when
            left out.

    Returns:
        The same rows in the same order: ``award_id``, ``mention_id``, ``is_local_authority``, ``is_local_county``,
        ``is_local_statutory``, ``is_local_region``, ``is_head_office_local`` (true, false or null: not known; all null
        where out of scope, the statutory one outside England, too), ``distance_km`` from the middle of the postcode's
        sector (half of all postcodes lie within 0.7 km of it, 95 % within 5 km) to that of the buyer's area, in whole
        kilometres, and ``local_scope``: ``in_scope`` for councils,
        combined, police and fire authorities with an area, else ``not_applicable``.
    """
    optional = {
        "supplier_county_code": pl.String, "supplier_region_code": pl.String, "is_uk": pl.Boolean, "east_m": pl.Int64,
        "north_m": pl.Int64, "head_office_area_code": pl.String,
    }  # fmt: skip
    told = lines.with_columns(
        pl.lit(None, dtype).alias(name) for name, dtype in optional.items() if name not in lines.columns
    ).select("award_id", "mention_id", "supplier_area_code", "buyer_area_code", "buyer_kind", *optional)
    pair = ["supplier_area_code", "supplier_county_code", "supplier_region_code", "is_uk", "buyer_area_code"]
    is_in_scope = pl.col("buyer_kind").is_in(SCOPE).fill_null(False) & pl.col("buyer_area_code").is_not_null()
    borders = _borders(directory)
    answers = _told_of(borders, told.select(pair).unique())
    offices = _told_of(
        borders,
        told.select(
            "buyer_area_code",
            supplier_area_code="head_office_area_code",
            supplier_county_code=pl.lit(None, pl.String),
            supplier_region_code=pl.lit(None, pl.String),
            is_uk=pl.lit(None, pl.Boolean),
        ).unique(),
    ).select("buyer_area_code", head_office_area_code="supplier_area_code", is_head_office_local="is_local_authority")
    centre = areas(directory).select(buyer_area_code="area_code", buyer_east_m="east_m", buyer_north_m="north_m")
    metres = (
        (pl.col("east_m") - pl.col("buyer_east_m")).cast(pl.Float64).pow(2)
        + (pl.col("north_m") - pl.col("buyer_north_m")).cast(pl.Float64).pow(2)
    ).sqrt()
    joined = (
        told.join(answers, on=pair, how="left", nulls_equal=True, maintain_order="left")
        .join(
            offices,
            on=["buyer_area_code", "head_office_area_code"],
            how="left",
            nulls_equal=True,
            maintain_order="left",
        )
        .join(centre, on="buyer_area_code", how="left", maintain_order="left")
    )
    flags = ["is_local_authority", "is_local_county", "is_local_statutory", "is_local_region", "is_head_office_local"]
    return joined.select(
        "award_id",
        "mention_id",
        *(pl.when(is_in_scope).then(flag).alias(flag) for flag in flags),
        distance_km=pl.when(is_in_scope).then((metres / 1000).round()),
        local_scope=pl.when(is_in_scope).then(pl.lit("in_scope")).otherwise(pl.lit("not_applicable")),
    )


def _told_of(borders: Borders, pairs: pl.DataFrame) -> pl.DataFrame:
    """Answer for distinct pairs of a supplier's place and a buyer's area: the pairs and every flag but the office's."""
    region = _facts_of_areas().select("area_code", "region_code", "kind")
    # The narrowest place that is told; an area that is in force for nobody tells only that it is itself.
    return (
        pairs.with_columns(place_code=pl.coalesce("supplier_area_code", "supplier_county_code", "supplier_region_code"))
        .join(region, left_on="supplier_area_code", right_on="area_code", how="left")
        .join(region, left_on="buyer_area_code", right_on="area_code", how="left", suffix="_of_buyer")
        .join(_answers(borders), on=["buyer_area_code", "place_code"], how="left")
        .join(_places().select("place_code", is_placed=pl.lit(True)).unique(), on="place_code", how="left")
        .with_columns(
            _elsewhere=(pl.col("kind") == "crown_dependency").fill_null(False) | ~pl.col("is_uk").fill_null(True),
            region_code=pl.coalesce("region_code", "supplier_region_code"),
        )
        .select(
            *pairs.columns,
            *(
                pl.when(pl.col(f"overlaps_{flag}").is_not_null())
                .then(flag)
                .when((pl.col("is_placed").is_not_null() | pl.col("_elsewhere")) & _is_told(flag))
                .then(pl.lit(False))
                .alias(flag)
                for flag in FLAGS
            ),
            is_local_region=pl.when(pl.col("_elsewhere") & pl.col("region_code_of_buyer").is_not_null())
            .then(pl.lit(False))
            .otherwise(pl.col("region_code") == pl.col("region_code_of_buyer")),
        )
    )


def _is_told(flag: str) -> pl.Expr:
    """Tell whether a flag has a meaning for the buyer's area: that of the Order in England alone."""
    is_known = pl.col("kind_of_buyer").is_not_null()
    return is_known & pl.col("buyer_area_code").str.starts_with("E") if flag == "is_local_statutory" else is_known


def site(lines: pl.DataFrame, office: pl.DataFrame, directory: Directory | None = None) -> pl.DataFrame:
    """Say of award lines where the supplier is and whether that is local, with what the registers know of it.

    Args:
        lines: ``award_id``, ``mention_id``, ``supplier_id``, ``buyer_area_code``, ``buyer_kind`` and the place that the
            notice tells, as ``locate`` returns it.
        office: ``supplier_id``, ``place_basis`` (``registered_office`` or ``charity_register_contact``), and the place
            of that office, as ``locate`` returns it; one row per supplier.
        directory: the postcodes, as ``place`` takes them.

    Returns:
        The same rows in the same order: ``award_id``, ``mention_id``, the columns of ``PLACE`` (see ``settle``) and
        those of ``place``.
    """
    settled = settle(lines, office)
    head = office.select("supplier_id", head_office_area_code="supplier_area_code")
    placed = place(settled.join(head, on="supplier_id", how="left", maintain_order="left"), directory)
    return pl.concat(
        [settled.select("award_id", "mention_id", *PLACE), placed.drop("award_id", "mention_id")], how="horizontal"
    )

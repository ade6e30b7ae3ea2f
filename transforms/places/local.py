"""From the area of a supplier and that of a buyer to yes, no or not known."""

from functools import cache

import polars as pl

from transforms.places.areas import COUNCILS, areas
from transforms.reference import facts


@cache
def _within() -> pl.DataFrame:
    """Return which authority in force lies within which buyer's area.

    Returns:
        ``buyer_area_code``, ``supplier_area_code`` and ``_inside``: true where all of it does, null where the buyer was
        only a part of it. A pair that is absent does not overlap.
    """
    known = areas()
    leaves = known.filter(
        pl.col("valid_to").is_null(), pl.col("kind").is_in(COUNCILS), pl.col("kind") != "county"
    ).select("area_code", "county_code")
    own = known.select(buyer_area_code="area_code", supplier_area_code="area_code", _inside=pl.lit(True))
    districts = (
        pl.concat(
            [
                leaves.select(part_code="area_code", supplier_area_code="area_code"),
                leaves.select(part_code="county_code", supplier_area_code="area_code"),
            ]
        )
        .drop_nulls()
        .unique()
    )
    of_county = districts.select(
        buyer_area_code="part_code", supplier_area_code="supplier_area_code", _inside=pl.lit(True)
    )
    of_parts = (
        facts("area_parts.csv")
        .join(districts, on="part_code")
        .select(
            buyer_area_code="area_code",
            supplier_area_code="supplier_area_code",
            _inside=pl.when(pl.col("extent") == "whole").then(pl.lit(True)),
        )
    )
    return (
        pl.concat([own, of_county, of_parts])
        .group_by("buyer_area_code", "supplier_area_code")
        .agg(pl.when(pl.col("_inside").any()).then(pl.lit(True)).first().alias("_inside"))
        .with_columns(_overlaps=pl.lit(True))
    )


def place(lines: pl.DataFrame) -> pl.DataFrame:
    """Tell of each award line whether the supplier's address is in the buyer's own area, and in its region.

    Local is: the supplier's authority is the buyer's; for a county council, one of its districts; for a combined
    authority, one of its members; for an authority that ended, what lies there now, and not known where the
    authority was only a part of that. A supplier in a Crown dependency is elsewhere.

    Args:
        lines: ``award_id``, ``mention_id``, ``supplier_area_code``, ``buyer_area_code``, ``buyer_kind``, and where it
            is at hand ``is_uk`` of ``locate``: false makes a supplier without an area one from elsewhere.

    Returns:
        The same rows in the same order: ``award_id``, ``mention_id``, ``is_local_authority``, ``is_local_region``
        (true, false or null: not known; both null where out of scope) and ``local_scope``: ``in_scope`` for councils
        and combined authorities with an area, else ``not_applicable``.
    """
    known = areas()
    region = known.select("area_code", "region_code", "kind", ended=pl.col("valid_to").is_not_null())
    pair = ["supplier_area_code", "buyer_area_code"]
    told = lines if "is_uk" in lines.columns else lines.with_columns(is_uk=pl.lit(None, pl.Boolean))
    answers = (
        told.select(*pair, "is_uk")
        .unique()
        .join(region, left_on="supplier_area_code", right_on="area_code", how="left")
        .join(region, left_on="buyer_area_code", right_on="area_code", how="left", suffix="_of_buyer")
        .join(_within(), on=pair, how="left")
        .with_columns(
            _elsewhere=(pl.col("kind") == "crown_dependency").fill_null(False) | ~pl.col("is_uk").fill_null(True),
            # A code that is no district in force (ended, a county, not known) tells only that it is itself.
            _is_placed=pl.col("kind").is_in(COUNCILS) & (pl.col("kind") != "county") & ~pl.col("ended"),
        )
        .select(
            *pair,
            "is_uk",
            is_local_authority=pl.when(pl.col("_overlaps").is_not_null())
            .then("_inside")
            .when((pl.col("_is_placed") | pl.col("_elsewhere")) & pl.col("kind_of_buyer").is_not_null())
            .then(pl.lit(False)),
            is_local_region=pl.when(pl.col("_elsewhere") & pl.col("region_code_of_buyer").is_not_null())
            .then(pl.lit(False))
            .otherwise(pl.col("region_code") == pl.col("region_code_of_buyer")),
        )
    )
    is_in_scope = (
        pl.col("buyer_kind").is_in(["council", "combined_authority"]).fill_null(False)
        & pl.col("buyer_area_code").is_not_null()
    )
    return told.join(answers, on=[*pair, "is_uk"], how="left", nulls_equal=True, maintain_order="left").select(
        "award_id",
        "mention_id",
        is_local_authority=pl.when(is_in_scope).then("is_local_authority"),
        is_local_region=pl.when(is_in_scope).then("is_local_region"),
        local_scope=pl.when(is_in_scope).then(pl.lit("in_scope")).otherwise(pl.lit("not_applicable")),
    )

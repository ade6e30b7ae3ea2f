"""How much of what councils award goes to suppliers with an address in their own area, or in their region."""

import polars as pl

from transforms import places
from transforms.indicators.share import indicator

IN_SCOPE = pl.col("local_scope") == "in_scope"
"""Buyers with an area of their own: for departments, health bodies and national bodies "local" has no meaning."""

GRAINS = ("england", "region", "authority", "buyer")
WIDER_GRAINS = ("england", "region", "authority")


def with_head_office(lines: pl.DataFrame) -> pl.DataFrame:
    """Add ``is_head_office_local``: whether the registered head office lies in the buyer's own area, as places tell it.

    Args:
        lines: ``award_id, mention_id, buyer_area_code, buyer_kind, head_office_area_code`` and whatever else.

    Returns:
        The same rows in the same order; null where no register tells the head office, or "local" has no meaning.
    """
    told = places.place(
        lines.select(
            *("award_id", "mention_id", "buyer_area_code", "buyer_kind"),
            pl.col("head_office_area_code").alias("supplier_area_code"),
        )
    )
    return lines.with_columns(told["is_local_authority"].alias("is_head_office_local"))


@indicator(
    "L1",
    version=1,
    title="Value awarded to suppliers with an address in the buyer's own area",
    unit="share of value",
    missing="place",
    in_scope=IN_SCOPE,
    grains=GRAINS,
)
def own_area_by_value() -> pl.Expr:
    """Share of the value of published awards that went to suppliers with an address in the buyer's own area.

    Methodology
        A supplier counts when the local authority of its address in the award notice is the buyer's own area;
        for a county council, one of its districts; for a combined authority, one of its members.
        An award to several suppliers is shared evenly among them in the middle figure; the lower figure counts it only
        if all of them have an address in the area, the upper one if any may have.
        The bounds cover missing information only, not wrong addresses.
    Excluded
        Buyers without an area of their own, such as departments and health bodies, and, for England and its regions,
        whoever is not a council.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        Awards without a credible amount (zero, placeholder, implausible, not in pounds, missing): they are counted
        beside the figure, and stay in the share of awards.
    Assumed
        The address in the notice is where the supplier works from.
        The published value is what the award is worth; it is not what was spent.
    """
    return pl.col("is_local_authority")


@indicator(
    "L2",
    version=1,
    title="Awards that went to suppliers with an address in the buyer's own area",
    unit="share of awards",
    missing="place",
    in_scope=IN_SCOPE,
    grains=GRAINS,
)
def own_area_by_count() -> pl.Expr:
    """Share of the number of published awards that went to suppliers with an address in the buyer's own area.

    Methodology
        As the share of value, with every award counting one, whatever its amount.
        An award to several suppliers is shared evenly among them in the middle figure.
        The bounds cover missing information only, not wrong addresses.
    Excluded
        Buyers without an area of their own, and, for England and its regions, whoever is not a council.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
    Assumed
        The address in the notice is where the supplier works from.
    """
    return pl.col("is_local_authority")


@indicator(
    "L3.region",
    version=1,
    title="Value awarded to suppliers with an address in the buyer's region",
    unit="share of value",
    missing="region",
    in_scope=IN_SCOPE,
    grains=WIDER_GRAINS,
)
def own_region_by_value() -> pl.Expr:
    """Share of the value of published awards that went to suppliers with an address in the buyer's region.

    Methodology
        As the share of the buyer's own area, with the English region, or the nation elsewhere, in place of the area.
        The bounds cover missing information only, not wrong addresses.
    Excluded
        Buyers without an area of their own, and, for England and its regions, whoever is not a council.
        Ceilings, awards told twice or not given, and awards without a credible amount, which are
        counted beside the figure.
    Assumed
        The address in the notice is where the supplier works from.
        Published shares of council spending by region rest on invoices, not on notices, and differ for that reason.
    """
    return pl.col("is_local_region")


@indicator(
    "L3.region_count",
    version=1,
    title="Awards that went to suppliers with an address in the buyer's region",
    unit="share of awards",
    missing="region",
    in_scope=IN_SCOPE,
    grains=WIDER_GRAINS,
)
def own_region_by_count() -> pl.Expr:
    """Share of the number of published awards that went to suppliers with an address in the buyer's region.

    Methodology
        As the share of value in the region, with every award counting one, whatever its amount.
        The bounds cover missing information only, not wrong addresses.
    Excluded
        Buyers without an area of their own, and, for England and its regions, whoever is not a council.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
    Assumed
        The address in the notice is where the supplier works from.
    """
    return pl.col("is_local_region")


@indicator(
    "L6",
    version=1,
    title="Of what went to addresses in the buyer's own area: value with the head office there, too",
    unit="share of value",
    missing="head office",
    in_scope=IN_SCOPE & pl.col("is_local_authority"),
    grains=GRAINS,
)
def head_office_by_value() -> pl.Expr:
    """Of published awards to addresses in the buyer's own area, the share of value whose head office is there, too.

    Methodology
        Awards all of whose suppliers have an address in the buyer's own area, as the award notices give it.
        Of these, a supplier counts when its head office by register (the registered office of a company, the contact of
        a charity) lies in that area, too; the rest have their head office outside of it: many are branches.
        It is not known where no register was loaded, or none holds the supplier.
        An award to several suppliers is shared evenly among them in the middle figure; the lower figure counts it only
        if all of them count, the upper one if any may.
        The bounds cover missing information only, not addresses of agents that registers hold.
    Excluded
        Buyers without an area of their own, such as departments and health bodies, and, for England and its regions,
        whoever is not a council.
        Awards with a supplier whose address is outside the area, or not known.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        Awards without a credible amount: they are counted beside the figure.
    Assumed
        The head office at the date of the register was the head office when the award was made.
        A registered office may be that of an accountant or of a parent; it says nothing of where the owners are.
    """
    return pl.col("is_head_office_local")


@indicator(
    "L6.count",
    version=1,
    title="Of awards to addresses in the buyer's own area: those with the head office there, too",
    unit="share of awards",
    missing="head office",
    in_scope=IN_SCOPE & pl.col("is_local_authority"),
    grains=GRAINS,
)
def head_office_by_count() -> pl.Expr:
    """Of published awards to addresses in the buyer's own area, the share of awards whose head office is there, too.

    Methodology
        As the share of value, with every award counting one, whatever its amount.
        The bounds cover missing information only, not addresses of agents that registers hold.
    Excluded
        Buyers without an area of their own, and, for England and its regions, whoever is not a council.
        Awards with a supplier whose address is outside the area, or not known.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
    Assumed
        The head office at the date of the register was the head office when the award was made.
    """
    return pl.col("is_head_office_local")

"""What notices themselves say about voluntary, community and social enterprises (VCSEs) among the suppliers."""

import polars as pl

from transforms.indicators.share import indicator


@indicator(
    "O1.declared",
    version=1,
    title="Awards that the notice marks as going to a VCSE, by value",
    unit="share of value",
    missing="mark",
    in_scope=pl.lit(True),
)
def declared_by_value() -> pl.Expr:
    """Share of the value of published awards that the notice marks as going to a VCSE.

    Methodology
        A supplier counts when the buyer ticked "voluntary, community or social enterprise" for it in the award notice.
        A supplier without any tick, yes or no, is unknown.
        An award to several suppliers is shared evenly among them in the middle figure; the lower figure counts it only
        if all of them are marked, the upper one if any may be.
        This is not the share of the voluntary sector: ticks are often wrong, and no register was asked.
        The bounds cover missing information only, not wrong ticks.
    Excluded
        For England and its regions, whoever is not a council, so that the figure compares with the local ones;
        "all" is every buyer.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        Awards without a credible amount: they are counted beside the figure, and stay in the share of awards.
        Whether the tender was thought suitable for such organisations: that says nothing of the supplier.
    Assumed
        The tick belongs to the supplier of this award.
    """
    return pl.col("vcse_declared")


@indicator(
    "O2.declared",
    version=1,
    title="Awards that the notice marks as going to a VCSE, by number",
    unit="share of awards",
    missing="mark",
    in_scope=pl.lit(True),
)
def declared_by_count() -> pl.Expr:
    """Share of the number of published awards that the notice marks as going to a VCSE.

    Methodology
        As the share of value, with every award counting one, whatever its amount.
        This is not the share of the voluntary sector: ticks are often wrong, and no register was asked.
        The bounds cover missing information only, not wrong ticks.
    Excluded
        For England and its regions, whoever is not a council; "all" is every buyer.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
    Assumed
        The tick belongs to the supplier of this award.
    """
    return pl.col("vcse_declared")

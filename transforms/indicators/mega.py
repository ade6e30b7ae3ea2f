"""Contracts by the size of their published value, up to the mega-contracts."""

import polars as pl

from transforms.indicators.share import indicator


@indicator(
    "M1",
    version=1,
    title="Contracts by size of their published value: how many",
    unit="awards",
    missing="amount",
    in_scope=pl.lit(True),
)
def contracts_by_size() -> pl.Expr:
    """Number of published awards in each size of contract.

    Methodology
        Sizes by published value, net of VAT where stated: below the statutory threshold in force for the kind of
        contract (with VAT); then to £1m, £1m to £5m, £5m to £10m, £10m to £100m, £100m to £1bn, and over £1bn.
        A size begins with the amount that names it; exactly £1bn is not yet over £1bn.
        A mega-contract is one of £100m or more.
        An award to several suppliers is one award.
        The upper figure adds every award without a credible amount, since it may be of any size.
    Excluded
        Suspected framework ceilings, which are listed by themselves, and awards that are not active.
        For England and its regions, whoever is not a council; "all" is every buyer.
        Outside England as a whole, a size without any award has no row.
    Assumed
        Contracts Finder's amounts are net of VAT; where VAT could move an award to another size, its reason says so.
        The value is as published: the notice does not say whether extensions are included.
        Where thresholds of central and other bodies differ and the notice does not tell which applies, the lower one.
    """
    return pl.col("tier")


@indicator(
    "M1.value",
    version=1,
    title="Contracts by size of their published value: pounds",
    unit="pounds",
    missing="amount",
    in_scope=pl.lit(True),
    grains=("all", "england", "region", "authority"),
)
def pounds_by_size() -> pl.Expr:
    """Sum of the published values of awards in each size of contract, in pounds.

    Methodology
        Sizes as for the number of contracts.
        The published value of the whole contract is counted at the date of the award; it is not what was spent.
        There is an upper figure only where every award has a credible amount.
    Excluded
        Awards without a credible amount: they are counted beside the figure.
        Suspected framework ceilings, which are listed by themselves, and awards that are not active.
        For England and its regions, whoever is not a council; "all" is every buyer.
        Outside England as a whole, a size without any award has no row.
    Assumed
        Contracts Finder's amounts are net of VAT.
    """
    return pl.col("tier")

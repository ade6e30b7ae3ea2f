"""Grants to the voluntary sector beside contracts, where somebody loaded what a council gave; else not collected."""

import polars as pl

from transforms.indicators import periods, reliance, slices, voluntary
from transforms.indicators.share import Base, Cells, Indicator, figure, ratio

GRAINS = ("england", "region", "county", "authority", "buyer")

_PENCE = ("yes", "no", "low", "high", "whole")


def _years(cells: Cells) -> pl.DataFrame:
    """Return the quarters of the financial years that are told: ``quarter, period``."""
    years = cells.periods.filter(pl.col("kind") == "financial_year").select("period")
    return cells.entered.join(years, on="period", how="semi")


def _grants(base: Base, cells: Cells, years: pl.DataFrame) -> pl.DataFrame:
    """Return grants by giver and year, with the slice: pence to voluntary organisations, not known, and of all."""
    told, area = (base.facts.get(name, pl.DataFrame()) for name in ("grant_award", "area"))
    if told.is_empty() or area.is_empty():
        return pl.DataFrame()
    # Foundations give grants, too, and buy nothing that notices tell of.
    told = told.filter(pl.col("buyer_area_code").is_not_null())
    around = area.select(
        buyer_area_code="area_code", buyer_county_code="county_code", buyer_region_code="region_code"
    ).unique("buyer_area_code")
    giver = told.select(slices.BUYER[:3]).unique(maintain_order=True).with_row_index("buyer")
    # A council may have given grants and published no notice.
    of_slice = slices.of_buyers(giver.join(around, on="buyer_area_code", how="left"))[cells.grain]
    amount = pl.col("amount_gbp").cast(pl.Decimal(18, 2)).to_physical().cast(pl.Int64)
    placed = (
        told.filter(pl.col("amount_gbp") > 0)
        .join(giver, on=slices.BUYER[:3], nulls_equal=True)
        .join(of_slice, on="buyer")
        .rename({"recipient_vcse_status": "vcse_status", "recipient_vcse_type": "vcse_type"})
    )
    return (
        placed.select(
            "slice",
            giver="buyer_area_code",
            pence=amount,
            quarter=periods.quarter(pl.col("awarded_on")),
            answer=pl.sql_expr(voluntary.STRICT),
        )
        .join(years, on="quarter")
        .group_by("slice", "giver", "period")
        .agg(
            given=pl.col("pence").filter(pl.col("answer")).sum(),
            given_unknown=pl.col("pence").filter(pl.col("answer").is_null()).sum(),
            given_all=pl.col("pence").sum(),
            grants=pl.col("answer").sum().cast(pl.Int64),
            grants_unknown=pl.col("answer").is_null().sum().cast(pl.Int64),
        )
    )


def _contracts(base: Base, years: pl.DataFrame, givers: pl.Series) -> pl.DataFrame:
    """Return a year's value of the contracts that givers awarded, by year, and what went to the voluntary sector.

    A giver is known by its own area: nobody else has that.
    """
    answer, whole = pl.col("answer"), pl.col("whole")
    yes, no = answer.fill_null(value=False), (~answer).fill_null(value=False)
    lines = base.lines.lazy().with_columns(giver=pl.col("buyer_area_code").cast(pl.String))
    of_award = (
        reliance.yearly(lines.filter(pl.col("giver").is_in(givers.implode())))
        .with_columns(answer=pl.sql_expr(voluntary.STRICT))
        .group_by("award", "giver", "quarter")
        .agg(
            pl.col("whole", "is_priced").first(),
            yes=pl.col("part").filter(yes).sum(),
            no=pl.col("part").filter(no).sum(),
            all_yes=yes.all(),
            all_no=no.all(),
        )
    )
    return (
        of_award.with_columns(
            yes=pl.when("all_yes").then(whole).otherwise(pl.min_horizontal("yes", whole)),
            low=pl.when("all_yes").then(whole).otherwise(0),
            high=pl.when("all_no").then(0).otherwise(whole),
        )
        .join(years.lazy(), on="quarter")
        .group_by("giver", "period")
        .agg(
            pl.col(_PENCE).sum(),
            awards=((pl.col("yes") > 0) & pl.col("is_priced")).sum().cast(pl.Int64),
            unpriced=(~pl.col("is_priced")).sum().cast(pl.Int64),
        )
        .collect()
    )


@figure(
    "G1",
    version=1,
    title="Grants to the voluntary sector, as a share of grants and contracts to it; not collected unless told",
    unit="share of value",
    missing="kind of recipient or supplier",
    grains=GRAINS,
)
def grants_beside_contracts(base: Base, cells: Cells) -> pl.DataFrame:
    """Of what a council gave and awarded to voluntary organisations in a financial year, the share given as grants.

    Methodology
        Grants are outside of procurement law, and no notice tells of them: this figure is not collected, and says
        nothing, unless files of grants in the 360Giving standard were loaded. Not collected is not none.
        Grants to voluntary organisations, by the date of the award, divided by these and a year's value of the
        contracts awarded to voluntary organisations in the same year: the published value divided by the years of the
        contract, at least one, and by three where no end date is published.
        Whether a recipient or supplier is a voluntary organisation is told by register and law, as for the share of
        value awarded to them.
        Areas, regions and England take in those councils alone of which grants of that year were loaded, with their
        contracts: they are no figure of all councils.
        The lower figure takes every contract that may have gone to a voluntary organisation for one that did; the upper
        one every grant whose recipient may be one, and only contracts that went to none but such organisations.
        The bounds cover missing information only, not grants that the files leave out.
    Excluded
        Grants to persons, which are never kept; grants to universities, schools, health bodies and housing
        associations; grants in another currency, without a date or without a credible amount.
        Whoever has no area of its own, such as foundations; for counties, regions and England, whoever is not a
        council.
        Ceilings, stated or suspected, awards told twice, awards that were not given, or not yet, and awards without a
        credible amount, which are counted beside the figure with the grants whose recipient's kind is not known.
    Assumed
        The files tell all grants of the years that they tell of.
        A grant counts whole in the year of its award, also where it runs for several years.
    """
    years = _years(cells)
    given = _grants(base, cells, years)
    if given.is_empty():
        return pl.DataFrame(schema={"slice": pl.String(), "period": pl.String()})
    contracts = _contracts(base, years, given["giver"].unique())
    both = given.join(contracts, on=["giver", "period"], how="left").drop("giver")
    rows = both.group_by("slice", "period").agg(pl.all().fill_null(0).sum())
    grants, unknown = pl.col("given"), pl.col("given_unknown")
    known = ratio(grants, grants + pl.col("yes"))
    low = ratio(grants, grants + pl.col("high"))
    high = ratio(grants + unknown, grants + unknown + pl.col("low"))
    answered = pl.col("given_all") - unknown + pl.min_horizontal(pl.col("yes") + pl.col("no"), pl.col("whole"))
    hundred = pl.int_range(pl.len()) * 0 + 100
    n = pl.col("grants") + pl.col("awards")
    return rows.select(
        "slice",
        "period",
        value=known,
        value_low=low,
        value_high=high,
        numerator=pl.when(n > 0).then(grants / hundred),
        denominator=pl.when(n > 0).then((grants + pl.col("yes")) / hundred),
        known_share=known,
        low_share=low,
        high_share=high,
        coverage_share=ratio(answered, pl.col("given_all") + pl.col("whole")),
        n=n,
        n_excluded=pl.col("grants_unknown") + pl.col("unpriced"),
    )


INDICATORS: tuple[Indicator, ...] = (grants_beside_contracts,)
"""The indicators of this module, in the order in which they are published."""

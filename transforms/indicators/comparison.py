"""How a council compares with councils like it, how figures change in a year, and how large the sector's awards are.

The last are there to be put beside figures that others have published.
"""

from typing import NamedTuple

import polars as pl

from transforms import comparison, places
from transforms.indicators import voluntary
from transforms.indicators.share import FIGURE, KEY, Base, Cells, Indicator, Rows, figure, indicator, parted
from transforms.indicators.words import ENOUGH_AWARDS, ENOUGH_COVERAGE

FEWEST_PEERS = 8
"""A median of fewer peers is none."""

GAP_GRAINS = ("england", "authority")
CHANGE_GRAINS = ("all", "england", "region", "county", "authority")

_YEAR = 4
"""Quarters in a year."""


class Compared(NamedTuple):
    """A share that is compared: its indicator, its title in lower case, and what its answer rests on."""

    indicator_id: str
    words: str
    missing: str
    is_local: bool


COMPARED = (
    Compared("L1", "value awarded to suppliers with an address in the buyer's own area", "place", True),
    Compared("L2", "awards that went to suppliers with an address in the buyer's own area", "place", True),
    Compared("O1.strict", "value awarded to voluntary organisations, by register and law", "kind of supplier", False),
    Compared(
        "O2.strict", "awards that went to voluntary organisations, by register and law", "kind of supplier", False
    ),
)
"""The headline shares: of a council's own area and of the voluntary sector, by value and by number."""

_GAP = """Share of published awards of one council less the median share of the councils like it: {words}.

Methodology
    The council's share less the median of its peers' shares in the same period, in percentage points.
    Its peers are the 15 councils of its kind whose population and density are nearest (simple peers, not the model of
    the Office for National Statistics), or the nearest neighbours of that office, where a file of them was loaded.
    A peer counts where its own share may be printed: at least {awards} awards, and an answer for at least 60 % of what
    the share is of. There is a gap from {peers} such peers on.
    The lower bound is the council's lowest share less the median of its peers' highest shares, the upper bound its
    highest share less the median of their lowest: missing information only.
    Beside the gap stand how many peers count (denominator) and how many of these have a lower share, an equal one
    counting one half (numerator): the one over the other is the council's place among its peers.
Excluded
    Peers of which too little is known; councils with too few peers that count; whoever is no council.
    England as a whole has no peers: its row holds nothing.
    What the share itself leaves out.
Assumed
    Councils of one kind, of like size and density buy like things. Districts buy no social care, and counties do: kinds
    are never mixed by simple peers.{local}
    A gap describes; it does not say why.
"""

_OF_AREA = """
    A large area holds more suppliers than a small one, so that more of its awards are local by construction."""

_CHANGE = """Share of published awards in twelve months less the share in the twelve months before: {words}.

Methodology
    The share of the trailing twelve months less that of the twelve months that end a year earlier, in percentage
    points.
    The lower bound is the lowest share now less the highest share then, the upper bound the reverse: missing
    information only. n is that of the year with fewer awards, coverage that of the year that is known less.
Excluded
    What the share itself leaves out. Years of which nothing is known.
Assumed
    Both years were read alike. Where only a part of one was read, the two hold other months: the trend's table tells
    for each period how many of its days were read.
    Two changes of what must be published break every series: on 1 January 2024 health services left for rules of their
    own, and on 24 February 2025 the Procurement Act 2023 came into force. Across them a change may be one of
    publication. The trend's table marks them.
    A change describes; it does not say why.
"""


def gaps(of: pl.DataFrame, peer: pl.DataFrame) -> pl.DataFrame:
    """Compare each council's share with the shares of its peers.

    Args:
        of: the figures of one share at the grain authority: ``slice`` (the area), ``period`` and ``FIGURE``.
        peer: ``area_code, peer_code``: those that are used.

    Returns:
        ``slice``, ``period`` and ``FIGURE``: a row for each council that has peers and a figure of its own.
    """
    # A peer counts from here on: below, its own share is not printed either.
    is_enough = (pl.col("n") >= ENOUGH_AWARDS) & (pl.col("coverage_share") >= ENOUGH_COVERAGE)
    others = of.filter(is_enough & pl.col("known_share").is_not_null()).select(
        peer_code="slice", period="period", known="known_share", low="low_share", high="high_share"
    )
    own = of.join(peer.select(slice="area_code").unique(), on="slice", how="semi")
    beside = (
        own.select(*KEY, "known_share")
        .join(peer.select("peer_code", slice="area_code"), on="slice")
        .join(others, on=["peer_code", "period"])
    )
    lower = (pl.col("known") < pl.col("known_share")).cast(pl.Float64)
    equal = (pl.col("known") == pl.col("known_share")).cast(pl.Float64)
    peers = beside.group_by(KEY).agg(
        pl.col("known", "low", "high").median(),
        counted=pl.len().cast(pl.Int64),
        # Not known where the council's own share is not.
        lower=pl.when(pl.col("known_share").is_not_null().all()).then((lower + equal / 2).sum()),
    )
    told = own.join(peers, on=list(KEY), how="left").with_columns(pl.col("counted").fill_null(0))
    is_told = (pl.col("counted") >= FEWEST_PEERS) & pl.col("known_share").is_not_null()
    points = {
        "value": pl.col("known_share") - pl.col("known"),
        "value_low": pl.col("low_share") - pl.col("high"),
        "value_high": pl.col("high_share") - pl.col("low"),
    }
    return told.select(
        *KEY,
        *(pl.when(is_told).then(100 * point).alias(name) for name, point in points.items()),
        pl.when(is_told).then("lower").alias("numerator"),
        pl.col("counted").cast(pl.Float64).alias("denominator"),
        *(pl.lit(None, pl.Float64).alias(name) for name in ("known_share", "low_share", "high_share")),
        "coverage_share",
        pl.lit(None, pl.Float64).alias("priced_share"),
        "n",
        "n_excluded",
    ).select(*KEY, *FIGURE)


def changes(of: pl.DataFrame, periods: pl.DataFrame) -> pl.DataFrame:
    """Compare each slice's share of twelve months with that of the twelve months before.

    Args:
        of: the figures of one share: ``slice``, ``period`` and ``FIGURE``.
        periods: ``period``, ``kind``, ``last_quarter``.

    Returns:
        ``slice``, ``period`` and ``FIGURE``: a row for each slice with a figure in both years.
    """
    year = periods.filter(pl.col("kind") == "trailing_12")
    before = year.select(period_before="period", last_quarter=pl.col("last_quarter") + _YEAR)
    pairs = year.select("period", "last_quarter").join(before, on="last_quarter").drop("last_quarter")
    both = of.join(pairs, on="period").join(
        of.select(pl.all().name.suffix("_before")), left_on=["slice", "period_before"],
        right_on=["slice_before", "period_before"],
    )  # fmt: skip
    is_told = pl.col("known_share").is_not_null() & pl.col("known_share_before").is_not_null()
    points = {
        "value": pl.col("known_share") - pl.col("known_share_before"),
        "value_low": pl.col("low_share") - pl.col("high_share_before"),
        "value_high": pl.col("high_share") - pl.col("low_share_before"),
    }
    return both.select(
        *KEY,
        *(pl.when(is_told).then(100 * point).alias(name) for name, point in points.items()),
        *(
            pl.lit(None, pl.Float64).alias(name)
            for name in ("numerator", "denominator", "known_share", "low_share", "high_share", "priced_share")
        ),
        pl.when(is_told).then(pl.min_horizontal("coverage_share", "coverage_share_before")).alias("coverage_share"),
        pl.min_horizontal("n", "n_before").alias("n"),
        pl.sum_horizontal("n_excluded", "n_excluded_before").alias("n_excluded"),
    ).select(*KEY, *FIGURE)


def _values(cells: Cells, indicator_id: str) -> pl.DataFrame:
    # A headline is told by quarter besides, in which a council awards too little to be compared.
    told = cells.values.join(cells.periods.select("period"), on="period", how="semi")
    return told.filter(pl.col("indicator_id") == indicator_id).select(*KEY, *FIGURE)


def _gap_of(one: Compared) -> Indicator:
    def rows(base: Base, cells: Cells) -> pl.DataFrame:
        of = _values(cells, one.indicator_id)
        if cells.grain != "authority":
            return of.clear()
        known = base.facts.get("peer")
        peer = comparison.peers(places.areas()) if known is None else known
        return gaps(of, comparison.chosen(peer))

    local = _OF_AREA if one.is_local else ""
    rows.__doc__ = _GAP.format(words=one.words, awards=ENOUGH_AWARDS, peers=FEWEST_PEERS, local=local)
    return figure(
        f"T1.{one.indicator_id}",
        version=1,
        title=f"Difference from councils like it: {one.words}",
        unit="percentage points",
        missing=one.missing,
        grains=GAP_GRAINS,
        of_values=(one.indicator_id,),
    )(rows)


def _change_of(one: Compared) -> Indicator:
    def rows(base: Base, cells: Cells) -> pl.DataFrame:
        return changes(_values(cells, one.indicator_id), base.periods)

    rows.__doc__ = _CHANGE.format(words=one.words)
    made: Rows = rows
    return figure(
        f"T3.{one.indicator_id}",
        version=1,
        title=f"Change in a year: {one.words}",
        unit="percentage points",
        missing=one.missing,
        grains=CHANGE_GRAINS if not one.is_local else CHANGE_GRAINS[1:],
        of_values=(one.indicator_id,),
    )(made)


SIZE_GRAINS = ("all", "england", "region")


@figure(
    "O4",
    version=1,
    title="Half of the awards to voluntary organisations are below this amount",
    unit="pounds",
    missing="kind of supplier",
    grains=SIZE_GRAINS,
)
def median_award(base: Base, cells: Cells) -> pl.DataFrame:
    """Median of the published amounts of awards to voluntary organisations, and to those that may be.

    Methodology
        Awards with a credible amount all of whose suppliers are voluntary organisations, or may be: as the broad share
        counts them. An award to several suppliers is one award, with its whole amount.
        The median is the middle one by size; of an even number, the mean of the two in the middle.
        It has no bounds: which of the awards to suppliers of an unknown kind would enter is not known.
    Excluded
        Awards with a supplier that is none, or whose kind is not known.
        For England and its regions, whoever is not a council; "all" is every buyer.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        Awards without a credible amount: they are counted beside the figure.
    Assumed
        The published amount is of the whole contract, for all its years.
        What stays below the amounts from which a notice is published is not seen: the true median is lower.
    """
    is_core = pl.col("is_core").fill_null(value=False)
    told = base.lines.lazy().filter(is_core).select(
        "award", "buyer", "quarter", "weight", "priced", "pence",
        counts=pl.sql_expr(voluntary.BROAD).cast(pl.Boolean).fill_null(value=False),
    )  # fmt: skip
    whole = told.filter((pl.col("weight") >= 1) & pl.col("counts"))
    shared = told.filter(pl.col("weight") < 1).group_by("award").agg(
        *(pl.col(name).first() for name in ("buyer", "quarter", "weight", "priced", "pence")), pl.col("counts").all()
    )  # fmt: skip
    columns = ("buyer", "quarter", "priced", "pence")
    awards = pl.concat([whole.select(columns), shared.filter("counts").select(columns)])
    n = pl.col("priced").sum().cast(pl.Int64)
    median = pl.col("pence").filter("priced").median()
    return (
        cells.spread(awards)
        .group_by(KEY)
        .agg(value=median, n=n, n_excluded=pl.len().cast(pl.Int64) - n)
        .with_columns(value=parted(pl.col("value"), 100))
        .collect()
    )  # fmt: skip


@indicator(
    "O4.million",
    version=1,
    title="Of the awards to voluntary organisations, those of £1m and more",
    unit="share of awards",
    missing="amount",
    in_scope=f"({voluntary.BROAD}) AND value_status = 'ok'",
    grains=SIZE_GRAINS,
    by_part=False,
)
def million_by_count() -> str:
    """Of published awards to voluntary organisations, or to those that may be, the share of £1m and more.

    Methodology
        Awards with a credible amount all of whose suppliers are voluntary organisations, or may be: as the broad share
        counts them. An award counts when its whole published amount is £1m or more, without VAT where stated.
        Among these awards nothing is unknown, so that all bounds are equal.
    Excluded
        Awards with a supplier that is none, or whose kind is not known, and awards without a credible amount.
        For England and its regions, whoever is not a council; "all" is every buyer.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
    Assumed
        The published amount is of the whole contract, for all its years.
        What stays below the amounts from which a notice is published is not seen: the true share is lower.
    """
    return "amount_gbp >= 1000000"


INDICATORS: tuple[Indicator, ...] = (
    *map(_gap_of, COMPARED),
    *map(_change_of, COMPARED),
    median_award,
    million_by_count,
)
"""Everything that this module measures, in the order in which it is published."""

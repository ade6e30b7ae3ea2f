"""How much of what a buyer has in force, by published awards, rests on one supplier, and what ends soon.

These figures are of a day, not of a period of award: of contracts that have begun and are not past their published end
date on the last day of each period, or on the newest day read where that comes first.
"""

import datetime as dt
from functools import partial
from typing import NamedTuple

import polars as pl

from transforms.indicators import slices
from transforms.indicators.share import KEY, Base, Cells, Indicator, figure, parted, ratio
from transforms.reference import facts

SCENARIO_YEARS = 3
"""Where no end is published, a contract is taken to run for so many years from its start: a scenario, and said so."""

TENTH, QUARTER = (1, 10), (1, 4)
"""Parts of what a buyer has in force, as fractions of whole numbers."""

SEVERAL = 2
"""Buyers from which on a supplier is one on whom several rely."""

ENOUGH_AWARDS = 10
"""Awards in force without which nothing is said of whom a buyer relies on: any supplier has a tenth of nine."""

GRAINS = ("all", "england", "authority", "buyer")
RENEWAL_GRAINS = ("all", "england", "region", "county", "authority", "buyer")
LOCAL_GRAINS = RENEWAL_GRAINS[1:]

_OF_AWARD = ("award", "buyer", "starts_on", "ends_on", "is_end_told", "is_priced", "whole")
_MONTH, _YEAR = 487, 5_844
"""A month and a year of the Julian calendar in sixteenths of a day, as ``transforms.values`` measures contracts."""


class InForce(NamedTuple):
    """Who holds what until when, in pence a year.

    ``award``: one row per award: ``award, buyer, starts_on, ends_on`` (told, or of the scenario), ``is_end_told,
    is_priced, whole`` (0 where not known), ``known`` (of these, what known suppliers hold), ``in_scope``, and what is
    known of addresses: ``yes, no`` (even parts), ``low, high`` (if all suppliers have one in the area, if any may).
    ``won``: one row per award and winner: ``award`` to ``whole`` as above, ``winner, together`` (texts as numbers),
    ``pence`` (even parts), ``least`` (whole awards only), ``most`` (whole, once for those that may belong together) and
    ``is_first`` (one row of each award and winner).
    """

    award: pl.DataFrame
    won: pl.DataFrame


# --- what is in force ------------------------------------------------------------------------------------------------


def in_force(lines: pl.DataFrame) -> InForce:
    """Find out who holds what until when.

    Args:
        lines: lines as ``share.Base`` holds them.
    """
    # Since when a contract that was ended early is no longer in force is not among the lines.
    is_over = (pl.col("status") == "terminated").fill_null(value=False)
    timed = (
        yearly(lines.lazy().filter(~is_over))
        .select(
            *("award", "buyer", "starts_on", "ends_on", "is_end_told", "is_priced", "whole", "is_whole", "part"),
            winner=pl.coalesce("group_id", "supplier_id"),
            together=pl.coalesce("candidate_group_id", "group_id", "supplier_id"),
            in_scope=(pl.col("local_scope") == "in_scope").fill_null(value=False),
            is_local="is_local_authority",
        )
        .collect()
    )
    one, shared = timed.filter("is_whole"), timed.filter(~pl.col("is_whole"))
    return InForce(
        pl.concat([_award_of_one(one), _award_of_several(shared)]),
        pl.concat([_won_by_one(one), _won_by_several(shared)]),
    )


def yearly(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Say of core lines from when to when they run, and how much they are a year.

    Args:
        lines: lines as ``share.Base`` holds them.

    Returns:
        Those that begin, and do not end before: their columns, ``starts_on`` (or the day of the award), ``ends_on`` (or
        that of the scenario), ``is_end_told``, ``is_priced``, ``whole`` (pence a year of the award, 0 where not known),
        ``is_whole`` (whether the line is all of the award) and ``part`` (the line's even part of ``whole``).
    """
    return (
        lines.filter(pl.col("is_core").fill_null(value=False))
        .with_columns(
            starts_on=slices.BEGINS,
            is_end_told=pl.col("ends_on").is_not_null(),
            annual=pl.col("annualised_gbp").cast(pl.Decimal(18, 2)).to_physical().cast(pl.Int64),
        )
        .with_columns(
            ends_on=pl.coalesce("ends_on", pl.col("starts_on").dt.offset_by(f"{SCENARIO_YEARS}y").dt.offset_by("-1d"))
        )
        .filter(pl.col("ends_on") >= pl.col("starts_on"))
        .with_columns(annual=pl.when("priced").then(_a_year()), is_whole=pl.col("weight") >= 1)
        .with_columns(
            is_priced=pl.col("annual").is_not_null(),
            whole=pl.col("annual").fill_null(0),
            part=pl.when("is_whole")
            .then("annual")
            .otherwise(_of_amount(pl.col("annual"), pl.col("part_pence"), pl.col("pence")))
            .fill_null(0),
        )
        .drop("annual")
    )


def _a_year() -> pl.Expr:
    """Return the pence of a year: the amount over its years, at least one; null where the length is not credible.

    Where the award's own figure is lacking (a range, a start that is only the day of the award, an end of the scenario)
    it is worked out as that is: by whole months and parts of a month, both days included, in sixteenths of a day.
    """
    first, end = pl.col("starts_on"), pl.col("ends_on").dt.offset_by("1d")
    months = (end.dt.year() - first.dt.year()) * 12 + (end.dt.month().cast(pl.Int32) - first.dt.month())
    length = months.cast(pl.Int64) * _MONTH + (end.dt.day().cast(pl.Int64) - first.dt.day()) * 16
    longest = facts("amount_rules.csv").filter(pl.col("rule") == "longest_contract_years")["amount"].cast(pl.Int64)[0]
    own = pl.when(length <= longest * _YEAR).then(
        _of_amount(pl.col("pence"), pl.lit(_YEAR), pl.max_horizontal(length, pl.lit(_YEAR)))
    )
    return pl.coalesce("annual", own)


def _of_amount(amount: pl.Expr, part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """Return amount * part / whole, rounded; the product may outgrow 64 bits."""
    twice = 2 * amount.cast(pl.Int128) * part.cast(pl.Int128) + whole
    return pl.when(whole > 0).then(twice // (2 * whole.cast(pl.Int128))).cast(pl.Int64)


def _award_of_one(lines: pl.DataFrame) -> pl.DataFrame:
    """Return awards with one supplier, or none, as ``InForce.award``."""
    whole, nothing = pl.col("whole"), pl.lit(0, pl.Int64)
    is_yes, is_no = pl.col("is_local").fill_null(value=False), (~pl.col("is_local")).fill_null(value=False)
    return lines.select(
        *_OF_AWARD,
        known=pl.when(pl.col("winner").is_not_null()).then(whole).otherwise(nothing),
        in_scope="in_scope",
        yes=pl.when(is_yes).then(whole).otherwise(nothing),
        no=pl.when(is_no).then(whole).otherwise(nothing),
        low=pl.when(is_yes).then(whole).otherwise(nothing),
        high=pl.when(is_no).then(nothing).otherwise(whole),
    )


def _award_of_several(lines: pl.DataFrame) -> pl.DataFrame:
    """Return awards with several suppliers as ``InForce.award``.

    Where all are known, or all answer alike, it is the whole award: a penny lost in rounding would show.
    """
    yes, no = pl.col("is_local").fill_null(value=False), (~pl.col("is_local")).fill_null(value=False)
    same = [name for name in _OF_AWARD if name != "award"]
    told = lines.group_by("award").agg(
        *(pl.col(name).first() for name in same),
        pl.col("in_scope").all(),
        all_known=pl.col("winner").is_not_null().all(),
        part_known=pl.col("part").filter(pl.col("winner").is_not_null()).sum(),
        all_yes=yes.all(),
        all_no=no.all(),
        some_unknown=pl.col("is_local").is_null().any(),
        part_yes=pl.col("part").filter(yes).sum(),
        part_no=pl.col("part").filter(no).sum(),
    )
    whole, nothing = pl.col("whole"), pl.lit(0, pl.Int64)
    of_yes = pl.when("all_yes").then(whole).when("all_no").then(nothing).otherwise("part_yes")
    return told.select(
        *_OF_AWARD,
        known=pl.when("all_known").then(whole).otherwise(pl.min_horizontal("part_known", whole)),
        in_scope="in_scope",
        yes=pl.min_horizontal(of_yes, whole),
        no=pl.when("all_no").then(whole).when("some_unknown").then("part_no").otherwise(whole - of_yes),
        low=pl.when("all_yes").then(whole).otherwise(nothing),
        high=pl.when("all_no").then(nothing).otherwise(whole),
    )


_WON = (*_OF_AWARD, "winner", "together")


def _won_by_one(lines: pl.DataFrame) -> pl.DataFrame:
    """Return awards with one supplier as ``InForce.won``."""
    return lines.filter(pl.col("winner").is_not_null()).select(
        *_numbered_winners(), pence="whole", least="whole", most="whole", is_first=pl.lit(value=True)
    )


def _won_by_several(lines: pl.DataFrame) -> pl.DataFrame:
    """Return awards with several suppliers as ``InForce.won``."""
    is_one = pl.col("is_one")
    return (
        lines.with_columns(
            # One that is not known may be another.
            is_one=(pl.col("winner").n_unique() == 1).over("award"),
            is_first=pl.struct("award", "winner").is_first_distinct(),
            is_first_of=pl.struct("award", "together").is_first_distinct(),
        )
        .filter(pl.col("winner").is_not_null())
        .select(
            *_numbered_winners(),
            pence=pl.when(is_one & pl.col("is_first")).then("whole").when(is_one).then(0).otherwise("part"),
            least=pl.when(is_one & pl.col("is_first")).then("whole").otherwise(0),
            most=pl.when("is_first_of").then("whole").otherwise(0),
            is_first="is_first",
        )
    )


def _numbered_winners() -> list[pl.Expr]:
    """Return the columns of a winner's row; texts are numbers of their categories, which are quick to add up by."""
    return [*map(pl.col, _OF_AWARD), pl.col("winner").to_physical(), pl.col("together").to_physical()]


# --- days and slices -------------------------------------------------------------------------------------------------


class Stock(NamedTuple):
    """What is in force on which of the days that are told, by buyer; what is alike is one row.

    ``days``: every day that any period's figure is of, in order. A day is told by its place among them.
    ``award``: ``begin`` and ``end`` (from which day and until before which it is in force), ``last`` (the first day
    that is not before the published end), ``within_4`` and ``within_8`` (the first day whose next four, or eight,
    quarters reach it), ``is_end_told``, ``in_scope``, the sums of ``InForce.award``, ``awards`` and ``n`` (with a
    credible amount).
    ``won``: ``begin, end, is_end_told, winner, together``, the sums of ``InForce.won``, and the same two counts, of
    each award once for each of its winners.
    """

    days: pl.Series
    award: pl.DataFrame
    won: pl.DataFrame


_AMOUNTS = ("whole", "known", "yes", "no", "low", "high")
_HELD = ("pence", "least", "most")
_WINNER = ("is_end_told", "winner", "together")
_AHEAD = {"last": 0, "within_4": 4, "within_8": 8}
"""So many quarters after a day a published end is looked for."""

_PLACES = ("begin", "end", *_AHEAD)


def _stock(base: Base, cells: Cells) -> Stock:
    """Return what is in force on every day, found out by the first figure that asks for it."""
    return cells.once("in force", lambda: dated(in_force(base.lines), _each(_days(base, base.periods))))


def dated(found: InForce, days: pl.Series) -> Stock:
    """Say on which of some days, which are in order, each award is in force, and add up those that are alike."""
    starts_on, ends_on = pl.col("starts_on"), pl.col("ends_on")
    begin = pl.lit(days).search_sorted(starts_on, side="left")
    end = pl.lit(days).search_sorted(ends_on, side="right")
    ahead = {name: pl.lit(days.dt.offset_by(f"{quarters}q")) for name, quarters in _AHEAD.items()}
    ending = {name: reached.search_sorted(ends_on, side="left") for name, reached in ahead.items()}
    is_counted, is_priced = pl.col("is_first").cast(pl.Int64), pl.col("is_priced").cast(pl.Int64)
    timed = [place.cast(pl.UInt32).alias(name) for name, place in {"begin": begin, "end": end, **ending}.items()]
    award = (
        found.award.lazy()
        .select("buyer", *timed, "is_end_told", "in_scope", *_AMOUNTS, n=is_priced, awards=pl.lit(1, pl.Int64))
        .group_by("buyer", *_PLACES, "is_end_told", "in_scope")
    )
    won = (
        found.won.lazy()
        .select("buyer", *timed[:2], *_WINNER, *_HELD, n=is_counted * is_priced, awards=is_counted)
        .group_by("buyer", "begin", "end", *_WINNER)
    )
    return Stock(
        days, *(rows.agg(pl.all().sum()).filter(pl.col("begin") < pl.col("end")).collect() for rows in (award, won))
    )


def _days(base: Base, known: pl.DataFrame) -> pl.DataFrame:
    """Return the day that each period's figure is of: ``period, on, day`` (its number), in the order of days."""
    return (
        known.select("period", on=_day(base))
        .with_columns(day=pl.col("on").rank("dense").cast(pl.UInt32) - 1)
        .sort("day", "period")
    )


def _day(base: Base) -> pl.Expr:
    """Return the last day of a period, and the newest day read of one that is not over."""
    return pl.min_horizontal(pl.col("last_on").fill_null(base.newest_on), pl.lit(base.newest_on))


def _each(days: pl.DataFrame) -> pl.Series:
    """Return the different days in order: the one numbered 0 comes first."""
    return days["on"].unique().sort()


def _timed(frame: pl.DataFrame, stock: Stock, days: pl.DataFrame) -> pl.LazyFrame:
    """Tell the days of rows by their place among some of the stock's days; rows in force on none are left out."""
    is_told = stock.days.is_in(_each(days).implode())
    place = pl.concat([pl.Series([0], dtype=pl.UInt32), is_told.cast(pl.UInt32).cum_sum()])
    told = [pl.lit(place).gather(name).alias(name) for name in _PLACES if name in frame.columns]
    return frame.lazy().with_columns(told).filter(pl.col("begin") < pl.col("end"))


def _numbered(cells: Cells) -> pl.DataFrame:
    """Return ``buyer, place, slice``: a number of each slice, by which rows are quickly added up."""
    return cells.slices.with_columns(place=pl.col("slice").rank("dense").cast(pl.UInt32))


def _on_days(rows: pl.LazyFrame, *names: str) -> pl.DataFrame:
    """Add up numbers of rows with ``place, begin, end`` for each place and day: ``place, day``, and the numbers."""
    return (
        rows.group_by("place", "begin", "end")
        .agg(pl.col(names).sum())
        .with_columns(day=pl.int_ranges("begin", "end", dtype=pl.UInt32))
        .explode("day", empty_as_null=False)
        .group_by("place", "day")
        .agg(pl.col(names).sum())
        .collect()
    )


def _named(rows: pl.DataFrame, days: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """Put slice and period in the place of their numbers."""
    named = places.select("place", "slice").unique()
    return rows.join(days.select("day", "period"), on="day").join(named, on="place")


# --- reliance on one supplier ----------------------------------------------------------------------------------------

_COUNTED = ("whole", "known", "n", "awards")


def largest(base: Base, cells: Cells, *, end_told: bool = False) -> pl.DataFrame:
    """Return the part of what is in force that the largest supplier of each slice holds, with its bounds.

    Args:
        base: the lines.
        cells: slices and periods.
        end_told: whether only contracts with a published end date count.
    """
    stock = _stock(base, cells)
    days, places = _days(base, cells.periods), _numbered(cells)
    of_buyer = places.lazy().select("buyer", "place")
    is_asked = pl.col("is_end_told") if end_told else pl.lit(value=True)
    award, won = (
        _timed(frame, stock, days).filter(is_asked).join(of_buyer, on="buyer") for frame in (stock.award, stock.won)
    )
    of_all = _on_days(award, *_COUNTED)
    keys = ("place", "begin", "end", "winner", "together")
    held = won.filter(pl.max_horizontal(_HELD) > 0).group_by(keys).agg(pl.col(_HELD).sum()).collect()
    found = of_all.join(_largest(held, _each(days).len()), on=["place", "day"], how="left")
    rows = _named(found.with_columns(pl.col("pence", "least", "most").fill_null(0)), days, places)
    whole, known = pl.col("whole"), pl.col("known")
    # All that nobody is known to hold may be the largest one's; a shared award may be all of each of its suppliers'.
    most = pl.min_horizontal(pl.col("most") + whole - known, whole)
    middle = pl.min_horizontal("pence", known)
    shares = {
        "known_share": ratio(middle, known),
        "low_share": ratio(pl.col("least"), whole),
        "high_share": ratio(most, whole),
        "coverage_share": ratio(known, whole),
        "priced_share": ratio(pl.col("n"), pl.col("awards")),
    }
    some = pl.when(pl.col("n") > 0)
    return rows.select(
        "slice",
        "period",
        value=shares["known_share"],
        value_low=shares["low_share"],
        value_high=shares["high_share"],
        numerator=some.then(parted(middle, 100)),
        denominator=some.then(parted(whole, 100)),
        **shares,
        n="n",
        n_excluded=pl.col("awards") - pl.col("n"),
    )


def _largest(held: pl.DataFrame, days: int) -> pl.DataFrame:
    """Return what the largest winners have: ``place, day``, and the largest ``pence``, ``least`` and ``most`` of any.

    Where there is one place, such as England, most winners never come near the largest one. They are left out of the
    adding up: on no day can they have more than all that they ever have in force, of which the largest has more.
    """
    if held["place"].n_unique() == 1:
        total = held.group_by("together").agg(ever=pl.col("most").sum())
        held = held.join(total, on="together")
        first = _on_each(held.filter(pl.col("ever") >= total["ever"].top_k(_LEADERS).min()), days)
        least = dict(first.select("day", "least").iter_rows())
        within = held.select("begin", "end").unique()
        bound = [min(least.get(day, 0) for day in range(*one)) for one in within.iter_rows()]
        held = held.join(within.with_columns(bound=pl.Series(bound, dtype=pl.Int64)), on=["begin", "end"])
        held = held.filter(pl.col("ever") >= pl.col("bound"))
    return _on_each(held, days)


_LEADERS = 200
"""Winners that are looked at first, to learn how much the largest has at least."""


def _on_each(held: pl.DataFrame, days: int) -> pl.DataFrame:
    """Return the largest of each day, one after the other: all at once would fill the memory."""
    found = [_tops(held.clear()).with_columns(day=pl.lit(None, pl.UInt32))]
    for day in range(days):
        now = held.filter((pl.col("begin") <= day) & (pl.col("end") > day))
        found.append(_tops(now).with_columns(day=pl.lit(day, pl.UInt32)))
    return pl.concat(found)


def _tops(held: pl.DataFrame) -> pl.DataFrame:
    both = held.group_by("place", "winner", "together").agg(pl.col("pence", "least", "most").sum())
    by_winner = both.group_by("place", "winner").agg(pl.col("pence", "least").sum())
    by_together = both.group_by("place", "together").agg(pl.col("most").sum())
    tops = by_winner.group_by("place").agg(pl.col("pence", "least").max())
    return tops.join(by_together.group_by("place").agg(pl.col("most").max()), on="place")


@figure(
    "X1",
    is_stock=True,
    version=1,
    title="Reliance on one supplier, by published awards",
    unit="share of value",
    missing="supplier",
    grains=GRAINS,
)
def on_one_supplier(base: Base, cells: Cells) -> pl.DataFrame:
    """Part of the yearly value of a buyer's contracts in force that one supplier holds, by published awards.

    Methodology
        Of contracts that have begun and are not past their published end date on the last day of the period (for
        everything that was read: on the newest day read), the yearly value is the published value divided by the years
        of the contract, at least one. The figure is the part of it that the largest supplier holds.
        Where no end date is published, the contract is taken to run for three years from its start: that is a scenario,
        and the figure of contracts with a published end date stands beside it.
        Where no start is published, the contract begins on the day of its award.
        Suppliers of one group count together, as in the figure of the groups that won most; a supplier without a known
        group is a group of its own.
        The middle figure is a part of the value whose supplier is known; the lower one of all value, as if none of the
        rest went to that supplier; the upper one as if all of the rest did, and as if suppliers with one brand and
        postcode were one group. An award to several suppliers is shared evenly among them in the middle figure; the
        lower figure leaves it out unless all of them are one, the upper one counts it whole.
        The pounds that the supplier holds are the least: not every contract is published, or was read. The percentage
        is neither a least nor a most, for what it is a percentage of is incomplete as well.
    Excluded
        For England, whoever is not a council; "all" is every buyer, taken together.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, not yet, or ended
        early; extensions.
        Awards without a credible amount, or of a length that is not credible: they are counted beside the figure.
        Awards published before the days that were read: of early periods much is lacking.
    Assumed
        A contract runs until its published end date, and is paid evenly.
        What was in one group at the date of the list or register is so on the day of the figure.
        The figure says how much rests on one supplier, by what was published; it says nothing of that supplier's
        finances or work.
    """
    return largest(base, cells)


@figure(
    "X1.end_published",
    is_stock=True,
    version=1,
    title="Reliance on one supplier, by awards with a published end date",
    unit="share of value",
    missing="supplier",
    grains=GRAINS,
)
def on_one_supplier_by_published_ends(base: Base, cells: Cells) -> pl.DataFrame:
    """Part of the yearly value of contracts with a published end date that one supplier holds, by published awards.

    Methodology
        As the reliance on one supplier, of those contracts alone whose end date is published and not past: without the
        scenario of three years for the others.
        The bounds cover missing information only, not wrong groups or dates.
    Excluded
        For England, whoever is not a council; contracts without a published end date.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, not yet, or ended
        early; extensions.
        Awards without a credible amount, or of a length that is not credible: they are counted beside the figure.
    Assumed
        A contract runs until its published end date, and is paid evenly.
        What was in one group at the date of the list or register is so on the day of the figure.
    """
    return largest(base, cells, end_told=True)


# --- suppliers on whom several buyers rely ---------------------------------------------------------------------------


class ReliedOn(NamedTuple):
    """Who relies on whom, at the ends of financial years and of the newest trailing months, and on the newest day.

    ``buyer``: ``on, buyer, winner`` and whether the winner holds such a part of what the buyer has in force:
    ``is_tenth, is_quarter``, and ``is_surely_tenth, is_surely_quarter`` (by whole awards, of all value).
    ``winner``: of those on whom several rely ``on, winner, slice`` (the name), ``buyers, surely`` (a tenth),
    ``buyers_quarter, surely_quarter``, and of all buyers ``awards, ends_told, n`` (with a credible amount), ``pence,
    least``.
    """

    buyer: pl.DataFrame
    winner: pl.DataFrame


def relied_on(stock: Stock, names: pl.DataFrame, on: dt.date) -> ReliedOn:
    """Find out who relies on whom, of what is in force on one of the stock's days."""
    day = stock.days.to_list().index(on)
    award, won = (frame.filter((pl.col("begin") <= day) & (pl.col("end") > day)) for frame in (stock.award, stock.won))
    reliant = _reliant(award, won)
    told = reliant.group_by("winner").agg(
        buyers=pl.len().cast(pl.Int64),
        surely=pl.col("is_surely_tenth").sum().cast(pl.Int64),
        buyers_quarter=pl.col("is_quarter").sum().cast(pl.Int64),
        surely_quarter=(pl.col("is_surely_quarter") & pl.col("is_quarter")).sum().cast(pl.Int64),
    )
    several = told.filter(pl.col("buyers") >= SEVERAL)
    held = (
        won.join(several, on="winner", how="semi")
        .group_by("winner")
        .agg(
            pl.col("pence").sum(),
            least=pl.col("least").filter(pl.col("is_end_told")).sum(),
            awards=pl.col("awards").sum(),
            ends_told=pl.col("awards").filter(pl.col("is_end_told")).sum(),
            n=pl.col("n").sum(),
        )
    )
    winner = several.join(held, on="winner").join(names, on="winner")
    return ReliedOn(*(frame.with_columns(on=pl.lit(on)) for frame in (reliant, winner)))


def _reliant(award: pl.DataFrame, won: pl.DataFrame) -> pl.DataFrame:
    """Return which buyers rely on which winner for a tenth or more, of what is in force on one day."""
    of_buyer = award.group_by("buyer").agg(pl.col("whole", "known", "n").sum())
    enough = of_buyer.filter((pl.col("n") >= ENOUGH_AWARDS) & (pl.col("whole") > 0))
    held = won.group_by("buyer", "winner").agg(pl.col("pence", "least").sum()).join(enough, on="buyer")
    return held.select(
        "buyer",
        "winner",
        is_tenth=_is_part("pence", "known", TENTH),
        is_quarter=_is_part("pence", "known", QUARTER),
        is_surely_tenth=_is_part("least", "whole", TENTH),
        is_surely_quarter=_is_part("least", "whole", QUARTER),
    ).filter("is_tenth")


def _relied_on(base: Base, cells: Cells, days: pl.DataFrame) -> ReliedOn:
    """Return who relies on whom on some days, each found out by the first figure that asks for it."""
    stock = _stock(base, cells)
    names = cells.once("names of winners", lambda: _winner_names(base.lines))
    found = [cells.once(f"relied on {on}", partial(relied_on, stock, names, on)) for on in _each(days)]
    return ReliedOn(*map(pl.concat, zip(*found, strict=True)))


def _is_part(amount: str, of: str, part: tuple[int, int]) -> pl.Expr:
    """Return whether an amount is at least such a part of another, in whole numbers."""
    above, below = part
    return (pl.col(of) > 0) & (pl.col(amount).cast(pl.Int128) * below >= pl.col(of).cast(pl.Int128) * above)


def _winner_names(lines: pl.DataFrame) -> pl.DataFrame:
    """Return the name of each winner's number: ``winner, slice``."""
    named = lines.select(slice=pl.coalesce("group_id", "supplier_id")).drop_nulls().unique()
    return named.select(winner=pl.col("slice").to_physical(), slice=pl.col("slice").cast(pl.String))


def _of_suppliers(base: Base, cells: Cells) -> pl.DataFrame:
    """Return what is told of each supplier on whom several buyers rely, by period."""
    days = _days(base, cells.periods)
    return _relied_on(base, cells, days).winner.join(days, on="on")


def _number_of_suppliers(base: Base, cells: Cells, part: str) -> pl.DataFrame:
    """Return how many suppliers there are on whom several buyers of each slice rely, on the days that are told."""
    told_on = _days(base, slices.told_of("group", base.periods, base.newest_on, by_quarter=False))["on"].unique()
    days = _days(base, cells.periods.filter(_day(base).is_in(told_on.implode())))
    if days.is_empty():
        return pl.DataFrame(schema=dict.fromkeys(KEY, pl.String()))
    found = _relied_on(base, cells, days)
    places = _numbered(cells)
    of_buyer = places.select("buyer", "place")
    stock = _stock(base, cells)
    award = _timed(stock.award, stock, days).join(of_buyer.lazy(), on="buyer")
    of_all = _on_days(award, *_COUNTED)
    reliant = (
        found.buyer.filter(f"is_{part}")
        .join(of_buyer, on="buyer")
        .group_by("place", "on", "winner")
        .agg(buyers=pl.len(), surely=pl.col(f"is_surely_{part}").sum())
        .group_by("place", "on")
        .agg(value=(pl.col("buyers") >= SEVERAL).sum(), surely=(pl.col("surely") >= SEVERAL).sum())
        .join(days.select("on", "day").unique(), on="on")
        .drop("on")
    )
    rows = _named(of_all.join(reliant, on=["place", "day"], how="left"), days, places)
    value, surely = (pl.col(name).fill_null(0).cast(pl.Int64) for name in ("value", "surely"))
    return rows.select(
        "slice",
        "period",
        value=value,
        value_low=surely,
        numerator=value,
        n="n",
        n_excluded=pl.col("awards") - pl.col("n"),
    )


@figure(
    "X3",
    is_stock=True,
    version=1,
    title="Buyers of whose contracts in force a supplier holds a tenth or more, by published awards",
    unit="buyers",
    missing="supplier",
    grains=("group",),
)
def buyers_by_a_tenth(base: Base, cells: Cells) -> pl.DataFrame:
    """Number of buyers that rely on a supplier for a tenth or more of the yearly value of their contracts in force.

    Methodology
        For each buyer, the yearly value of contracts in force is divided among suppliers as for the reliance on one
        supplier, the scenario of three years for contracts without a published end date included. A buyer counts when
        the supplier's group holds at least a tenth of the value whose supplier is known.
        A row stands for every group (or supplier without a known group) on whom two or more buyers so rely.
        The lower figure counts a buyer only if whole awards alone make a tenth of all its value. There is no upper
        figure: not every contract is published, or was read.
    Excluded
        Buyers with fewer than ten awards in force that have a credible amount.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, not yet, or ended
        early; extensions.
        Awards without a credible amount: those of the supplier are counted beside the figure.
    Assumed
        A contract runs until its published end date, and is paid evenly.
        What was in one group at the date of the list or register is so on the day of the figure.
        The figure says who holds what, by published awards; it says nothing of any supplier's finances or work.
    """
    return _of_suppliers(base, cells).select(
        "slice",
        "period",
        value="buyers",
        value_low="surely",
        numerator="buyers",
        n="n",
        n_excluded=pl.col("awards") - pl.col("n"),
    )


@figure(
    "X3.quarter",
    is_stock=True,
    version=1,
    title="Buyers of whose contracts in force a supplier holds a quarter or more, by published awards",
    unit="buyers",
    missing="supplier",
    grains=("group",),
)
def buyers_by_a_quarter(base: Base, cells: Cells) -> pl.DataFrame:
    """Number of buyers that rely on a supplier for a quarter or more of the yearly value of their contracts in force.

    Methodology
        As for a tenth, with a quarter in its place, for the same suppliers.
        There is no upper figure: not every contract is published, or was read.
    Excluded
        Buyers with fewer than ten awards in force that have a credible amount.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, not yet, or ended
        early; extensions.
        Awards without a credible amount: those of the supplier are counted beside the figure.
    Assumed
        A contract runs until its published end date, and is paid evenly.
        What was in one group at the date of the list or register is so on the day of the figure.
    """
    return _of_suppliers(base, cells).select(
        "slice",
        "period",
        value="buyers_quarter",
        value_low="surely_quarter",
        numerator="buyers_quarter",
        n="n",
        n_excluded=pl.col("awards") - pl.col("n"),
    )


@figure(
    "X3.contracts",
    is_stock=True,
    version=1,
    title="Contracts in force of a supplier on whom several buyers rely, by published awards",
    unit="awards",
    missing="supplier",
    grains=("group",),
)
def contracts_held(base: Base, cells: Cells) -> pl.DataFrame:
    """Number of published awards in force of a supplier on whom two or more buyers rely for a tenth or more.

    Methodology
        The awards of the suppliers of the group that have begun and are not past their end date, of all buyers; where
        no end date is published, for three years from the start. The lower figure counts those alone whose end date is
        published. There is no upper figure: not every contract is published, or was read.
    Excluded
        Ceilings, stated or suspected, awards told twice, and awards that were not given, not yet, or ended
        early; extensions.
        Suppliers on whom fewer than two buyers rely.
    Assumed
        A contract runs until its published end date.
        What was in one group at the date of the list or register is so on the day of the figure.
    """
    return _of_suppliers(base, cells).select(
        "slice",
        "period",
        value="awards",
        value_low="ends_told",
        numerator="awards",
        n="awards",
        n_excluded=pl.lit(0, pl.Int64),
    )


@figure(
    "X3.pounds",
    is_stock=True,
    version=1,
    title="Yearly value of contracts in force of a supplier on whom several buyers rely, by published awards",
    unit="pounds",
    missing="supplier",
    grains=("group",),
)
def pounds_held(base: Base, cells: Cells) -> pl.DataFrame:
    """Yearly value of published awards in force of a supplier on whom two or more buyers rely for a tenth or more.

    Methodology
        The published values divided by the years of the contracts, at least one, of all buyers, for the contracts that
        the number of contracts counts; an award to several suppliers is shared evenly. The lower figure takes only
        awards to the group alone whose end date is published.
        There is no upper figure: not every contract is published, or was read.
    Excluded
        Ceilings, stated or suspected, awards told twice, and awards that were not given, not yet, or ended
        early; extensions.
        Awards without a credible amount: they are counted beside the figure.
        Suppliers on whom fewer than two buyers rely.
    Assumed
        A contract runs until its published end date, and is paid evenly.
        What was in one group at the date of the list or register is so on the day of the figure.
    """
    return _of_suppliers(base, cells).select(
        "slice",
        "period",
        value=parted(pl.col("pence"), 100),
        value_low=parted(pl.min_horizontal("least", "pence"), 100),
        numerator=parted(pl.col("pence"), 100),
        n="n",
        n_excluded=pl.col("awards") - pl.col("n"),
    )


@figure(
    "X3.suppliers",
    is_stock=True,
    version=1,
    title="Suppliers on whom several buyers rely for a tenth or more, by published awards",
    unit="groups",
    missing="supplier",
    grains=("all", "england"),
)
def suppliers_by_a_tenth(base: Base, cells: Cells) -> pl.DataFrame:
    """Number of suppliers on whom two or more buyers rely for a tenth or more of their contracts in force.

    Methodology
        The groups (or suppliers without a known group) of which at least two buyers have a tenth or more of the yearly
        value of their contracts in force, as the figure of each group tells; for England, two councils.
        The lower figure counts by whole awards alone. There is no upper figure: not every contract is published, or
        was read.
    Excluded
        Buyers with fewer than ten awards in force that have a credible amount; for England, whoever is not a council.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, not yet, or ended
        early; extensions.
        Awards without a credible amount: they are counted beside the figure.
    Assumed
        A contract runs until its published end date, and is paid evenly.
        What was in one group at the date of the list or register is so on the day of the figure.
    """
    return _number_of_suppliers(base, cells, "tenth")


@figure(
    "X3.suppliers_quarter",
    is_stock=True,
    version=1,
    title="Suppliers on whom several buyers rely for a quarter or more, by published awards",
    unit="groups",
    missing="supplier",
    grains=("all", "england"),
)
def suppliers_by_a_quarter(base: Base, cells: Cells) -> pl.DataFrame:
    """Number of suppliers on whom two or more buyers rely for a quarter or more of their contracts in force.

    Methodology
        As for a tenth, with a quarter in its place.
        There is no upper figure: not every contract is published, or was read.
    Excluded
        Buyers with fewer than ten awards in force that have a credible amount; for England, whoever is not a council.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, not yet, or ended
        early; extensions.
        Awards without a credible amount: they are counted beside the figure.
    Assumed
        A contract runs until its published end date, and is paid evenly.
        What was in one group at the date of the list or register is so on the day of the figure.
    """
    return _number_of_suppliers(base, cells, "quarter")


# --- what ends soon --------------------------------------------------------------------------------------------------


def _ending(base: Base, cells: Cells, quarters: int, *, is_local: bool) -> pl.DataFrame:
    """Add up the contracts in force that end within four or eight quarters after each day, by slice and period.

    ``endless`` are those in force without a published end date; what is local among them enters no figure.
    """
    days, places = _days(base, cells.periods), _numbered(cells)
    scope = pl.col("in_scope") if is_local else pl.lit(value=True)
    stock = _stock(base, cells)
    award = _timed(stock.award, stock, days).filter(scope).join(places.lazy().select("buyer", "place"), on="buyer")
    is_told = pl.col("is_end_told")
    # From the first day whose months to come hold the end, to the last one before the end.
    ends = (
        award.filter(is_told)
        .with_columns(begin=pl.max_horizontal("begin", f"within_{quarters}"), end=pl.min_horizontal("end", "last"))
        .filter(pl.col("begin") < pl.col("end"))
    )
    numbers = (*_AMOUNTS, "n", "awards")
    rows = _on_days(ends, *numbers)
    if not is_local:
        endless = _on_days(award.filter(~is_told), "awards").rename({"awards": "endless"})
        rows = rows.join(endless, on=["place", "day"], how="full", coalesce=True)
        rows = rows.with_columns(pl.col(*numbers, "endless").fill_null(0))
    return _named(rows.with_columns(unpriced=pl.col("awards") - pl.col("n")), days, places)


def _renewals(base: Base, cells: Cells, quarters: int) -> pl.DataFrame:
    """Return the yearly value of the contracts that end soon."""
    rows = _ending(base, cells, quarters, is_local=False)
    excluded = pl.col("unpriced") + pl.col("endless")
    value = parted(pl.col("whole"), 100)
    return rows.filter(pl.col("n") + excluded > 0).select(
        "slice",
        "period",
        # Where every contract that ends has no credible amount, the sum is not known; where none ends, it is nought.
        value=pl.when((pl.col("n") > 0) | (pl.col("unpriced") == 0)).then(value),
        value_low=value,
        value_high=pl.when(excluded == 0).then(value),
        numerator=value,
        n="n",
        n_excluded=excluded,
    )


def _renewals_local(base: Base, cells: Cells, quarters: int) -> pl.DataFrame:
    """Return the part of the contracts that end soon that suppliers with an address in the area hold."""
    rows = _ending(base, cells, quarters, is_local=True)
    yes, no, whole = pl.col("yes"), pl.col("no"), pl.col("whole")
    shares = {
        "known_share": ratio(yes, yes + no),
        "low_share": ratio(pl.col("low"), whole),
        "high_share": ratio(pl.col("high"), whole),
        "coverage_share": ratio(yes + no, whole),
        "priced_share": ratio(pl.col("n"), pl.col("n") + pl.col("unpriced")),
    }
    some = pl.when(pl.col("n") > 0)
    return rows.filter(pl.col("n") + pl.col("unpriced") > 0).select(
        "slice",
        "period",
        value=shares["known_share"],
        value_low=shares["low_share"],
        value_high=shares["high_share"],
        numerator=some.then(parted(yes, 100)),
        denominator=some.then(parted(whole, 100)),
        **shares,
        n="n",
        n_excluded="unpriced",
    )


@figure(
    "D2",
    is_stock=True,
    version=1,
    title="Yearly value of contracts in force that end within four quarters",
    unit="pounds",
    missing="end date",
    grains=RENEWAL_GRAINS,
)
def ending_in_four_quarters(base: Base, cells: Cells) -> pl.DataFrame:
    """Yearly value of the contracts in force that end within four quarters after the last day of the period.

    Methodology
        Contracts that have begun and whose published end date lies in the twelve months after the last day of the
        period (for everything that was read: after the newest day read). The yearly value is the published value
        divided by the years of the contract, at least one.
        It is what may be bought anew: the list of these contracts, with who holds them, is in the continuity list.
        There is an upper figure only where every contract in force has a published end date and a credible amount.
    Excluded
        For England, its regions and counties, whoever is not a council; "all" is every buyer.
        Contracts without a published end date, in force or begun less than three years ago, and contracts that end and
        have no credible amount: they are counted beside the figure.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
    Assumed
        Extensions are left out: a contract that may be extended counts as ending on the date published for its end.
        Not every contract is published, or was read.
    """
    return _renewals(base, cells, 4)


@figure(
    "D2.eight",
    is_stock=True,
    version=1,
    title="Yearly value of contracts in force that end within eight quarters",
    unit="pounds",
    missing="end date",
    grains=RENEWAL_GRAINS,
)
def ending_in_eight_quarters(base: Base, cells: Cells) -> pl.DataFrame:
    """Yearly value of the contracts in force that end within eight quarters after the last day of the period.

    Methodology
        As within four quarters, with twenty-four months in place of twelve; those of four quarters are among them.
    Excluded
        For England, its regions and counties, whoever is not a council; "all" is every buyer.
        Contracts without a published end date, and contracts that end and have no credible amount: they are counted
        beside the figure.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
    Assumed
        Extensions are left out: a contract that may be extended counts as ending on the date published for its end.
        Not every contract is published, or was read.
    """
    return _renewals(base, cells, 8)


@figure(
    "D2.local",
    is_stock=True,
    version=1,
    title="Contracts that end within four quarters: value held by suppliers with an address in the buyer's own area",
    unit="share of value",
    missing="place",
    grains=LOCAL_GRAINS,
)
def ending_local_in_four_quarters(base: Base, cells: Cells) -> pl.DataFrame:
    """Of the contracts in force that end within four quarters, the share of value held by suppliers of the own area.

    Methodology
        Of the yearly value of contracts that end within four quarters, the part whose supplier has an address in the
        buyer's own area, as the award notices give it. The rest is where an own supplier could win for the first time.
        An award to several suppliers is shared evenly among them in the middle figure; the lower figure counts it only
        if all of them have an address in the area, the upper one if any may.
        The bounds cover missing information only, not wrong addresses.
    Excluded
        Buyers without an area of their own, and, for England, its regions and counties, whoever is not a council.
        Contracts without a published end date.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        Awards without a credible amount: they are counted beside the figure.
    Assumed
        The address in the notice is where the supplier works from.
        Extensions are left out: a contract that may be extended counts as ending on the date published for its end.
    """
    return _renewals_local(base, cells, 4)


@figure(
    "D2.local_eight",
    is_stock=True,
    version=1,
    title="Contracts that end within eight quarters: value held by suppliers with an address in the buyer's own area",
    unit="share of value",
    missing="place",
    grains=LOCAL_GRAINS,
)
def ending_local_in_eight_quarters(base: Base, cells: Cells) -> pl.DataFrame:
    """Of the contracts in force that end within eight quarters, the share of value held by suppliers of the own area.

    Methodology
        As within four quarters, with twenty-four months in place of twelve; those of four quarters are among them.
        The bounds cover missing information only, not wrong addresses.
    Excluded
        Buyers without an area of their own, and, for England, its regions and counties, whoever is not a council.
        Contracts without a published end date.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        Awards without a credible amount: they are counted beside the figure.
    Assumed
        The address in the notice is where the supplier works from.
        Extensions are left out: a contract that may be extended counts as ending on the date published for its end.
    """
    return _renewals_local(base, cells, 8)


INDICATORS: tuple[Indicator, ...] = (
    on_one_supplier,
    on_one_supplier_by_published_ends,
    buyers_by_a_tenth,
    buyers_by_a_quarter,
    contracts_held,
    pounds_held,
    suppliers_by_a_tenth,
    suppliers_by_a_quarter,
    ending_in_four_quarters,
    ending_in_eight_quarters,
    ending_local_in_four_quarters,
    ending_local_in_eight_quarters,
)
"""The indicators of this module, in the order in which they are published."""

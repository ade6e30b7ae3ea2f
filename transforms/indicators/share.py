"""Turn yes, no and unknown into figures with bounds, once, for every indicator and every grain.

An indicator is two expressions over award lines: is the line in scope, and is the answer yes, no or unknown.
All sums are whole numbers (pence, and fixed fractions of an award), so that the order of the rows never shows.

For awards of weight m (1, or pence), of which a part y is answered yes, n no, and the rest u is unknown:

- known share = sum of y / sum of (y + n): suppliers of one award count evenly, unknown ones not at all;
- low share = sum of the m whose suppliers *all* qualify / sum of m;
- high share = sum of the m of which *any* supplier may qualify (yes or unknown) / sum of m;
- coverage = sum of (y + n) / sum of m.

A difference of two shares lies between the low share of the one less the high share of the other, and the reverse.
A count is of the awards answered yes; low is the same, high adds the unknown ones.

How much the largest winners have is worked out of what each winner has: for each, w pence of whole awards and of its
even parts of shared ones, at least l (whole awards only) and at most h (shared awards whole). K is the sum of all w,
T the pence of all awards, and U = T - K what went to nobody knows whom.

- known share of the k largest = the k largest w / K; coverage = K / T;
- low share = the k largest l / T: none of U, and no part of a shared award, went to them;
- high share = (the k largest h + U) / T, at most 1: all of U went to the largest;
- the sum of squared shares likewise: of w / K, of l / T, and of h / T with U added to the largest.

Then low <= known <= high, wherever known exists. Low: what qualifies whole is at most y, and y + n is at most m.
High: what may qualify is at least y + u, and (Y + U) / (Y + N + U) is at least Y / (Y + N), since adding as much to
both parts of a fraction that is at most one never lowers it.
"""

import datetime as dt
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl
import polars.selectors as cs

from transforms.values import TIERS
from warehouse import schema

GRAINS = ("all", "england", "region", "authority", "buyer")
"""``all`` is every buyer; ``england`` and ``region`` are councils only; ``authority`` is whoever has that area."""

SHARES = ("share of value", "share of awards")
WINNER_UNITS = ("share of value", "index points", "suppliers of equal size")
"""What can be said of the values of winners: the share of the largest, the Herfindahl-Hirschman index, its inverse."""

UNITS = (*SHARES, "percentage points", "awards", "pounds", "ceilings", "suppliers", *WINNER_UNITS[1:])

ENGLAND = "E92000001"
"""The code of England; the codes of its areas begin with E, too."""

WHOLE_AWARD = 720_720_000
"""Fractions of an award are counted in these: exact for up to 16 suppliers of one award."""

EARLIEST_QUARTER = 2000 * 4
"""An award dated before the year 2000 has no credible date: it enters ``ALL`` only."""

LINES: Mapping[str, pl.DataType] = {
    **{name: pl.String() for name in ("award_id", "mention_id", "buyer_id", "buyer_kind", "buyer_area_code")},
    **{name: pl.String() for name in ("status", "value_kind", "value_status", "tier", "local_scope")},
    **{name: pl.String() for name in ("source", "cpv_division", "scale_declared")},
    **{name: pl.String() for name in ("vcse_status", "vcse_type", "income_band", "group_id")},
    **{name: pl.String() for name in ("supplier_id", "candidate_group_id", "head_office_area_code")},
    **{name: pl.Boolean() for name in ("is_core", "is_mega", "is_local_authority", "is_local_region", "vcse_declared")},
    **{name: pl.Boolean() for name in ("is_large_for_buyer", "is_duplicate", "is_quasi_public")},
    "is_strategic": pl.Boolean(),
    **{name: pl.Decimal(18, 2) for name in ("amount_gbp", "value_gbp")},
    "awarded_on": pl.Date(),
    "supplier_count": pl.Int64(),
    "weight": pl.Float64(),
}
"""The columns of the lines that are tallied, in any order; further indicators may ask for more."""

_SLICE = ["slice", "period", "is_provisional"]
_BUYER = ("buyer_id", "buyer_kind", "buyer_area_code")
_OF_WINNER = ("question", "winner", "together")
_SHARE_COLUMNS = ("known_share", "low_share", "high_share", "coverage_share", "priced_share")
_ADDED = (cs.ends_with("_largest").max(), (pl.exclude("^.*_largest$")).sum())
_SIZE = (
    pl.lit(1, pl.Int64).alias("awards"),
    pl.col("priced").cast(pl.Int64).alias("awards_priced"),
    pl.col("pence"),
)


@dataclass(frozen=True)
class Indicator:
    """One indicator: what is counted, for whom, and the methodology that is published with it.

    ``answer`` is true, false or null (unknown) for each line; with ``by_size`` it is the name of the size into which
    the award falls, or null. A share takes an award in if all of its lines are ``in_scope``; of a count ``in_scope``
    and the answer must be the same for all lines of an award.
    ``missing`` names, for the sentence, what is not known where the answer is unknown.
    ``is_reverse`` makes a share of the awards answered no: it needs no tally of its own.
    ``tiers`` are the only sizes of contract in a share, all when empty.
    ``is_core`` is false where what is counted is the awards outside the core, such as ceilings.
    ``is_largest`` asks for the largest amount in place of the sum.
    ``between`` holds the two shares whose difference it is.
    With ``by_winner`` the answer is who won the line, or null, and the figure is of the value of the ``largest``
    winners, or of all of them where that is 0; ``together`` is who won it if all that may belong together do: the
    same for all lines of one winner.
    """

    indicator_id: str
    version: int
    title: str
    unit: str
    missing: str
    in_scope: pl.Expr
    answer: pl.Expr
    grains: Sequence[str]
    methodology: str
    by_size: bool = False
    is_reverse: bool = False
    tiers: Sequence[str] = ()
    is_core: bool = True
    is_largest: bool = False
    between: tuple[str, str] | None = None
    by_winner: bool = False
    largest: int = 0
    together: pl.Expr | None = None


@dataclass(frozen=True)
class Touched:
    """The slices to measure anew: those of these buyers, or of these areas and regions, in these periods or ``ALL``.

    ``all`` and ``england`` are always among them.
    """

    buyers: frozenset[str]
    areas: frozenset[str]
    periods: frozenset[str]


def indicator(
    indicator_id: str,
    *,
    version: int,
    title: str,
    unit: str,
    missing: str,
    in_scope: pl.Expr,
    grains: Sequence[str] = GRAINS,
    by_size: bool = False,
    is_reverse: bool = False,
    tiers: Sequence[str] = (),
    is_core: bool = True,
    is_largest: bool = False,
    by_winner: bool = False,
    largest: int = 0,
    together: pl.Expr | None = None,
) -> Callable[[Callable[[], pl.Expr]], Indicator]:
    """Make an indicator of a function that returns its answer and whose docstring is its published methodology.

    Raises:
        ValueError: when the unit is none of ``UNITS``, or none of ``WINNER_UNITS`` for the value of winners, or when
            that is asked for single buyers.
    """
    if unit not in UNITS:
        raise ValueError(f"Indicator {indicator_id} has the unit {unit!r}; give one of: {', '.join(UNITS)}.")
    if by_winner and unit not in WINNER_UNITS:
        raise ValueError(
            f"Indicator {indicator_id} is of winners in the unit {unit!r}; give one of: {', '.join(WINNER_UNITS)}."
        )
    if by_winner and "buyer" in grains:
        raise ValueError(f"Indicator {indicator_id} is of winners, which is not kept by buyer; leave out that grain.")

    def made(answer: Callable[[], pl.Expr]) -> Indicator:
        return Indicator(
            indicator_id,
            version,
            title,
            unit,
            missing,
            in_scope,
            answer(),
            tuple(grains),
            inspect.getdoc(answer) or "",
            by_size,
            is_reverse,
            tuple(tiers),
            is_core,
            is_largest,
            by_winner=by_winner,
            largest=largest,
            together=together,
        )

    return made


def difference(
    indicator_id: str, *, version: int, title: str, of: Indicator, less: Indicator
) -> Callable[[Callable[[], None]], Indicator]:
    """Make an indicator of two shares: the first less the second, in percentage points, at the grains of the first.

    The function it is put on does nothing; its docstring is the published methodology.
    """

    def made(told: Callable[[], None]) -> Indicator:
        return replace(
            of,
            indicator_id=indicator_id,
            version=version,
            title=title,
            unit="percentage points",
            methodology=inspect.getdoc(told) or "",
            tiers=(),
            between=(of.indicator_id, less.indicator_id),
        )

    return made


@dataclass(frozen=True)
class Tally:
    """What is known of the awards of each buyer and quarter, in whole numbers: the base of every figure.

    ``core`` is by tier as well: awards, awards with a credible amount, pence, what is counted, and for each question
    awards, fractions of awards in ``WHOLE_AWARD``, and pence.
    ``others`` is what is counted of the awards outside the core.
    ``won`` is what each winner won of awards with a credible amount, without the buyer: pence, and the least and the
    most that it may be.
    """

    core: pl.DataFrame
    others: pl.DataFrame
    won: pl.DataFrame


def tally(lines: pl.DataFrame, indicators: Iterable[Indicator]) -> Tally:
    """Count the awards of each buyer, quarter and size, and what is known of them.

    Args:
        lines: award lines, and one line without ``mention_id``, of weight 1.0, for each award without a named supplier:
            ``award_id, buyer_id, buyer_kind, buyer_area_code, awarded_on, is_core, value_status, tier, amount_gbp``
            (pounds, of the award), ``weight``, ``value_gbp`` (pounds, of the line), and what the indicators ask for.
        indicators: those to be measured.

    Returns:
        The tally, by buyer and quarter (quarters since the year 0; null without a credible date).
    """
    asked_of = list(indicators)
    core = lines.lazy().filter(pl.col("is_core"))
    priced = (pl.col("value_status") == "ok") & pl.col("amount_gbp").is_not_null()
    day = pl.col("awarded_on")
    quarter = day.dt.year().cast(pl.Int32) * 4 + (day.dt.month().cast(pl.Int32) - 1) // 3
    told: list[str | pl.Expr] = [
        *_BUYER,
        pl.when(quarter >= EARLIEST_QUARTER).then(quarter).alias("quarter"),
        "tier",
        priced.fill_null(False).alias("priced"),
        pl.when(priced).then(_pence("amount_gbp")).otherwise(0).alias("pence"),
    ]
    questions = _questions(asked_of)
    asked = [
        expression
        for name, question in questions.items()
        for expression in (
            question.in_scope.fill_null(False).alias(f"{name}_scope"),
            question.answer.cast(pl.Boolean).alias(f"{name}_answer"),
        )
    ]
    counted = [expression for one in _counts(asked_of, is_core=True) for expression in _counted(one)]
    counts = [expression.meta.output_name() for expression in counted]
    whole = core.filter(pl.col("weight") >= 1).select(*told, *asked, *counted)
    parts = core.filter(pl.col("weight") < 1).select(
        "award_id",
        *told,
        *asked,
        *counted,
        (pl.col("weight") * WHOLE_AWARD).round(0).cast(pl.Int64).alias("part"),
        pl.when(priced).then(_pence("value_gbp")).otherwise(0).alias("part_pence"),
    )
    # The shared awards are few, and are needed twice.
    shared = _shared(parts, questions, counts).collect(engine="streaming").lazy()
    cells = [_of_whole(whole, questions, counts), _of_shared(shared, questions, counts)]
    others = _others(lines, told, _counts(asked_of, is_core=False))
    won = _won(core, told, _winners(asked_of))
    return added(
        [
            # The streaming engine never holds the wide frame of all awards at once.
            Tally(found.collect(engine="streaming"), besides, of_winners)
            for found, besides, of_winners in zip(cells, (others, others.clear()), (won, won.clear()), strict=True)
        ]
    )


def added(tallies: Sequence[Tally]) -> Tally:
    """Add up the tallies of several sets of lines, so that a long history can be read in parts.

    All lines of an award must have been in the same part.
    """
    core = pl.concat([one.core for one in tallies], how="diagonal")
    return Tally(
        core.group_by(*_BUYER, "quarter", "tier").agg(pl.all().sum()),
        pl.concat([one.others for one in tallies]).group_by(*_BUYER, "quarter").agg(_ADDED),
        pl.concat([one.won for one in tallies]).group_by(*_BUYER, "quarter", *_OF_WINNER).agg(pl.all().sum()),
    )


def figures(
    tallied: Tally,
    indicators: Sequence[Indicator],
    area: pl.DataFrame,
    newest_on: dt.date,
    touched: Touched | None = None,
) -> Iterator[pl.DataFrame]:
    """Work out every figure from a tally.

    A row stands for every slice with an award in scope (of the right size where the share is of some sizes only, and
    counted or unknown where awards are counted), and for England for every indicator in every period in which any buyer
    awarded a contract or set up a framework, with n = 0 and nulls where nothing is known.
    Awards dated after the quarter of ``newest_on``, or without a credible date, enter ``ALL`` only.
    The last two quarters, the financial years that hold them, and ``ALL`` are provisional. All three rules depend on
    the quarter of ``newest_on`` alone: when it changes, measure everything, not only what was touched.

    Args:
        tallied: the tally of all lines.
        indicators: those to be worked out.
        area: ``area_code``, ``region_code``.
        newest_on: the day up to which notices were read.
        touched: the slices wanted; all when left out.

    Yields:
        Rows of table ``indicator_value``: one frame per grain and kind of period, sorted by key; always in this order.
    """
    newest = newest_on.year * 4 + (newest_on.month - 1) // 3
    regions = area.select(pl.col("area_code").alias("buyer_area_code"), "region_code").unique("buyer_area_code")
    quarters = pl.concat([tallied.core["quarter"], tallied.others["quarter"]]).drop_nulls().unique()
    quarters = quarters.filter(quarters <= newest).sort()
    questions = _questions(indicators)
    for grain in GRAINS:
        core, others = (_of_grain(cells, grain, regions, newest, touched) for cells in (tallied.core, tallied.others))
        asked = [one for one in indicators if grain in one.grains]
        winners = _winners(asked)
        won = _of_grain(tallied.won, grain, regions, newest, touched) if winners else None
        unasked = tuple(f"{name}_" for name in questions.keys() - _questions(asked).keys())
        core = core.drop(name for name in tallied.core.columns if name.startswith(unasked))
        for kind in ("quarter", "year", "ALL"):
            periods = _labels(quarters, kind, newest)
            if touched is not None and kind != "ALL":
                periods = periods.filter(pl.col("period").is_in(touched.periods))
            by_size = _summed(core, periods, ["tier"])
            whole = by_size.drop("tier").group_by(_SLICE).agg(pl.all().sum())
            besides = _summed(others, periods, [])
            every = None
            if grain == "england":
                every = periods.select(pl.lit("England").alias("slice"), "period", "is_provisional").unique()
                whole, besides = _filled(whole, every), _filled(besides, every)
                besides = besides.join(whole.select(*_SLICE, "awards"), on=_SLICE)
            of_winner = None if won is None else _summed(won, periods, _OF_WINNER)
            found: dict[str, pl.DataFrame] = {}
            for one in asked:
                if of_winner is not None and one.by_winner:
                    rows = _concentration(
                        one, of_winner.filter(pl.col("question") == _number_of(_who(one))), whole, grain
                    )
                elif one.between is not None:
                    rows = _difference(one, *(found[share] for share in one.between))
                elif one.by_size:
                    rows = _sizes(one, by_size, whole, grain)
                elif one.unit not in SHARES:
                    rows = _count(one, whole if one.is_core else besides, grain)
                else:
                    name = _name(one, questions)
                    summed = _filled(_of_tiers(by_size, name, one.tiers), every) if one.tiers else whole
                    rows = _shares(one, name, summed, grain)
                found[one.indicator_id] = rows
            yield _rows(grain, list(found.values()))


def replaced(values: pl.DataFrame, touched: Touched) -> pl.DataFrame:
    """Return the rows of ``indicator_value`` that figures for these touched slices take the place of.

    A slice of which nothing is left has no new row: these rows are to be removed before the new ones are stored.
    """
    place = (
        pl.col("grain").is_in(["all", "england"])
        | (pl.col("grain").is_in(["region", "authority"]) & pl.col("area_code").is_in(touched.areas))
        | ((pl.col("grain") == "buyer") & pl.col("buyer_id").is_in(touched.buyers))
    )
    return values.filter(place & ((pl.col("period") == "ALL") | pl.col("period").is_in(touched.periods)))


def reach(awards: pl.DataFrame, area: pl.DataFrame) -> Touched:
    """Return the slices that a change in these awards touches.

    Args:
        awards: the awards before and after the change: ``buyer_id, buyer_area_code, awarded_on``.
        area: ``area_code``, ``region_code``.
    """
    codes = set(awards["buyer_area_code"].drop_nulls())
    regions = area.filter(pl.col("area_code").is_in(codes))["region_code"].drop_nulls()
    days = awards["awarded_on"].drop_nulls().unique()
    quarters = {day.year * 4 + (day.month - 1) // 3 for day in days}
    return Touched(
        buyers=frozenset(awards["buyer_id"].drop_nulls()),
        areas=frozenset(codes) | frozenset(regions),
        periods=frozenset(label(quarter) for quarter in quarters for label in (_quarter_label, _year_label)),
    )


def _pence(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.Decimal(18, 2)).to_physical().cast(pl.Int64)


def _quarter_label(quarter: int) -> str:
    return f"{quarter // 4}Q{quarter % 4 + 1}"


def _year_label(quarter: int) -> str:
    """Return the financial year, April to March, that holds a quarter."""
    year = (quarter - 1) // 4
    return f"FY{year}-{(year + 1) % 100:02d}"


def _labels(quarter: pl.Series, kind: str, newest: int) -> pl.DataFrame:
    """Return the period, and whether it is provisional, of each of these quarters."""
    if kind == "ALL":
        told = [(found, "ALL", True) for found in [None, *quarter]]
    elif kind == "quarter":
        told = [(found, _quarter_label(found), found >= newest - 1) for found in quarter]
    else:
        # The financial year of the last but one quarter is the first one that may still grow.
        told = [(found, _year_label(found), (found - 1) // 4 >= (newest - 2) // 4) for found in quarter]
    return pl.DataFrame(
        told, schema={"quarter": pl.Int32, "period": pl.String, "is_provisional": pl.Boolean}, orient="row"
    )


def _counts(indicators: Iterable[Indicator], *, is_core: bool) -> list[Indicator]:
    """Return the indicators that count awards (or what they hold) in the core, or outside of it."""
    return [
        one
        for one in indicators
        if one.unit not in SHARES
        and not one.by_size
        and not one.by_winner
        and one.between is None
        and one.is_core == is_core
    ]


def _counted(one: Indicator) -> list[pl.Expr]:
    """Return what is added up for a count, for each award: in scope, yes and unknown, and the quantities of both."""
    name = one.indicator_id
    scope = one.in_scope.fill_null(False)
    answer = one.answer.cast(pl.Boolean)
    flags = {"yes": (scope & answer).fill_null(False), "unknown": scope & answer.is_null()}
    counts = [scope.alias(f"{name}_scope"), *(flag.alias(f"{name}_{told}") for told, flag in flags.items())]
    if one.unit in ("awards", "ceilings"):
        return counts
    if one.unit == "pounds":
        quantity = pl.when(pl.col("value_status") == "ok").then(_pence("amount_gbp"))
    else:
        quantity = pl.when(pl.col("supplier_count") > 0).then(pl.col("supplier_count"))
    total = "largest" if one.is_largest else "total"
    for told, flag in flags.items():
        counts += [
            (flag & quantity.is_null()).alias(f"{name}_{told}_missing"),
            pl.when(flag).then(quantity).fill_null(0).alias(f"{name}_{told}_{total}"),
        ]
    return counts


def _others(lines: pl.DataFrame, told: Sequence[str | pl.Expr], counts: Sequence[Indicator]) -> pl.DataFrame:
    """Add up what is counted of the awards outside the core, by buyer and quarter."""
    scopes = [one.in_scope.fill_null(False) for one in counts] or [pl.lit(False)]
    asked = [expression for one in counts for expression in _counted(one)]
    keys = (*_BUYER, "quarter")
    return (
        lines.lazy()
        .filter(~pl.col("is_core").fill_null(False) & pl.any_horizontal(scopes))
        .select("award_id", *told, *(expression.cast(pl.Int64) for expression in asked))
        # What is counted is the same for all lines of an award.
        .unique("award_id")
        .select(*keys, *(expression.meta.output_name() for expression in asked))
        .group_by(keys)
        .agg(_ADDED)
        .collect()
    )


def _questions(indicators: Iterable[Indicator]) -> dict[str, Indicator]:
    """Return one indicator for each different question about lines: value and count of the same share one tally."""
    shares = [one for one in indicators if one.unit in SHARES and not one.by_winner]
    return {name: one for one in reversed(shares) for name in [_fingerprint(one)]}


def _fingerprint(one: Indicator) -> str:
    return f"{one.in_scope} {one.answer}"


def _name(one: Indicator, questions: dict[str, Indicator]) -> str:
    name = _fingerprint(one)
    if name not in questions:
        raise KeyError(f"Indicator {one.indicator_id} was not tallied; tally it with the others.")
    return name


def _of_whole(awards: pl.LazyFrame, questions: Iterable[str], counts: Sequence[str]) -> pl.LazyFrame:
    """Add up awards with one supplier (or none), by buyer, quarter and tier.

    Flags are added up first and made into fractions of awards after: these are most awards, and flags are small.
    """
    flags: list[pl.Expr] = [*_SIZE, *(pl.col(name) for name in counts)]
    told_of = [expression.meta.output_name() for expression in _SIZE]
    cells: list[pl.Expr] = [*(pl.col(name).cast(pl.Int64) for name in (*told_of, *counts))]
    for name in questions:
        scope = pl.col(f"{name}_scope")
        yes = (scope & pl.col(f"{name}_answer")).fill_null(False)
        no = (scope & ~pl.col(f"{name}_answer")).fill_null(False)
        flags += [
            scope.alias(f"{name}_awards"),
            (scope & pl.col("priced")).alias(f"{name}_awards_priced"),
            yes.alias(f"{name}_yes"),
            no.alias(f"{name}_no"),
            *(
                pl.when(flag).then(pl.col("pence")).otherwise(0).alias(f"{name}_pence{suffix}")
                for flag, suffix in ((scope, ""), (yes, "_yes"), (no, "_no"))
            ),
        ]
        told = {
            suffix: pl.col(f"{name}_{suffix}").cast(pl.Int64) for suffix in ("awards", "awards_priced", "yes", "no")
        }
        pence = {suffix: pl.col(f"{name}_{suffix}") for suffix in ("pence", "pence_yes", "pence_no")}
        one = {
            **told,
            **pence,
            "yes": told["yes"] * WHOLE_AWARD,
            "no": told["no"] * WHOLE_AWARD,
            "low": told["yes"],
            "high": told["awards"] - told["no"],
            "pence_low": pence["pence_yes"],
            "pence_high": pence["pence"] - pence["pence_no"],
        }
        cells += [count.alias(f"{name}_{suffix}") for suffix, count in one.items()]
    keys = (*_BUYER, "quarter", "tier")
    return awards.select(*keys, *flags).group_by(keys).agg(pl.all().sum()).select(*keys, *cells)


def _shared(parts: pl.LazyFrame, questions: Iterable[str], counts: Iterable[str]) -> pl.LazyFrame:
    """Reduce the lines of awards with several suppliers to one row per award."""
    same = (*_BUYER, "quarter", "tier", "priced", "pence", *counts)
    reduced: list[pl.Expr] = [pl.col(column).first() for column in same]
    for name in questions:
        answer = pl.col(f"{name}_answer")
        yes = answer.fill_null(False)
        no = (~answer).fill_null(False)
        reduced += [
            pl.col(f"{name}_scope").all(),
            yes.all().alias(f"{name}_all"),
            no.all().alias(f"{name}_none"),
            pl.col("part").filter(yes).sum().alias(f"{name}_yes"),
            pl.col("part").filter(no).sum().alias(f"{name}_no"),
            pl.col("part_pence").filter(yes).sum().alias(f"{name}_pence_yes"),
            pl.col("part_pence").filter(no).sum().alias(f"{name}_pence_no"),
            answer.is_null().any().alias(f"{name}_unknown"),
        ]
    return parts.group_by("award_id").agg(reduced)


def _of_shared(awards: pl.LazyFrame, questions: Iterable[str], counts: Sequence[str]) -> pl.LazyFrame:
    """Add up awards with several suppliers, one row each, by buyer, quarter and tier."""
    pence = pl.col("pence")
    cells: list[pl.Expr] = [*_SIZE, *(pl.col(name).cast(pl.Int64) for name in counts)]
    for name in questions:
        scope = pl.col(f"{name}_scope")
        every, none, unknown = (pl.col(f"{name}_{part}") for part in ("all", "none", "unknown"))
        one: dict[str, pl.Expr] = {"awards": pl.lit(1), "awards_priced": pl.col("priced").cast(pl.Int64)}
        for infix, whole in (("", pl.lit(WHOLE_AWARD)), ("pence_", pence)):
            # Where all answer alike it is the whole award, and where none is unknown the two parts make up the whole:
            # a third of a penny or of an award lost in rounding would push a share over its bound.
            yes = pl.when(every).then(whole).otherwise(pl.col(f"{name}_{infix}yes"))
            one[f"{infix}yes"] = yes
            one[f"{infix}no"] = (
                pl.when(none).then(whole).when(unknown).then(pl.col(f"{name}_{infix}no")).otherwise(whole - yes)
            )
        one |= {
            "low": every.cast(pl.Int64),
            "high": (~none).cast(pl.Int64),
            "pence": pence,
            "pence_low": pl.when(every).then(pence).otherwise(0),
            "pence_high": pl.when(none).then(0).otherwise(pence),
        }
        cells += [
            pl.when(scope).then(count).otherwise(0).cast(pl.Int64).alias(f"{name}_{suffix}")
            for suffix, count in one.items()
        ]
    keys = (*_BUYER, "quarter", "tier")
    return awards.select(*keys, *cells).group_by(keys).agg(pl.all().sum())


def _winners(indicators: Iterable[Indicator]) -> dict[str, Indicator]:
    """Return one indicator for each different way to tell who won: figures of the same winners share one tally."""
    return {_who(one): one for one in indicators if one.by_winner}


def _who(one: Indicator) -> str:
    return f"{one.in_scope} {one.answer} {one.together}"


def _won(core: pl.LazyFrame, told: Sequence[str | pl.Expr], asked: Mapping[str, Indicator]) -> pl.DataFrame:
    """Add up what each winner won, by kind and area of the buyer and quarter: even parts, least and most, in pence.

    The most is told once for each award and those that may belong together, so that it adds up by ``together`` only.
    """
    keys = (*_BUYER, "quarter", *_OF_WINNER)
    parts = []
    for question, one in asked.items():
        together = one.answer if one.together is None else pl.coalesce(one.together, one.answer)
        within = core.filter(one.in_scope.fill_null(False)).select(
            *told,
            "award_id",
            pl.col("weight") >= 1,
            pl.when(one.answer.is_not_null()).then(_number(one.answer)).alias("winner"),
            pl.when(one.answer.is_not_null()).then(_number(together)).alias("together"),
            _pence("value_gbp").alias("part"),
            pl.lit(_number_of(question), pl.UInt64).alias("question"),
        )
        within = within.filter("priced").with_columns(pl.lit(None, pl.String).alias("buyer_id"))
        whole = within.filter("weight").select(
            *keys, *(pl.col("pence").alias(f"pence{suffix}") for suffix in ("", "_least", "_most"))
        )
        shared = (
            within.filter(~pl.col("weight"))
            .with_columns(
                is_first=pl.col("award_id").is_first_distinct(),
                is_first_of=pl.struct("award_id", "together").is_first_distinct(),
                is_one=pl.col("winner").n_unique().over("award_id") == 1,
            )
            .with_columns(least=pl.when(pl.col("is_one") & pl.col("is_first")).then("pence").otherwise(0))
            .select(
                *keys,
                pl.when("is_one").then("least").otherwise("part").alias("pence"),
                pl.col("least").alias("pence_least"),
                pl.when("is_first_of").then("pence").otherwise(0).alias("pence_most"),
            )
        )
        # What nobody is known to have won is the rest: all awards less these.
        parts.append(pl.concat([whole, shared]).filter(pl.col("winner").is_not_null()))
    if not parts:
        kinds: dict[str, pl.DataType] = {key: pl.String() for key in _BUYER} | {"quarter": pl.Int32()}
        kinds |= {key: pl.UInt64() for key in _OF_WINNER}
        return pl.DataFrame(schema=kinds | {f"pence{suffix}": pl.Int64() for suffix in ("", "_least", "_most")})
    return pl.concat([part.group_by(keys).agg(pl.all().sum()).collect() for part in parts])


def _number(name: pl.Expr) -> pl.Expr:
    """Return a number for each different text: there are as many winners as lines, and numbers are quick and small.

    That two of a million share a number is less likely than one in ten million.
    """
    return name.cast(pl.String).hash(seed=0)


def _number_of(text: str) -> int:
    return int(pl.Series([text]).hash(seed=0).item())


def _concentration(one: Indicator, won: pl.DataFrame, whole: pl.DataFrame, grain: str) -> pl.DataFrame:
    """Return the rows of a figure of the largest winners, or of the squared shares of all of them."""
    if grain != "england":
        whole = whole.filter(pl.col("awards") > 0)
    found = whole.select(*_SLICE, "awards", "awards_priced", total="pence")
    for key, names in (("winner", ("pence", "pence_least")), ("together", ("pence_most",))):
        by_key = won.group_by(*_SLICE, key).agg(pl.col(names).sum())
        # Squares of pence outgrow 64 bits.
        squares = pl.col(names).cast(pl.Int128).pow(2).sum()
        told = pl.col(names).top_k(one.largest).sum() if one.largest else squares
        besides = pl.col(names[0]).sum().alias("known") if key == "winner" else pl.col(names[0]).max().alias("first")
        found = found.join(by_key.group_by(_SLICE).agg(told, besides), on=_SLICE, how="left")
    found = found.with_columns(pl.exclude(_SLICE).fill_null(0))
    known, total, first = (pl.col(name).cast(pl.Int128) for name in ("known", "total", "first"))
    middle, least, most = (pl.col(name).cast(pl.Int128) for name in ("pence", "pence_least", "pence_most"))
    if one.largest:
        of_known, of_all = known, total
        most = most + total - known
    else:
        of_known, of_all = known * known, total * total
        most = most - first * first + (first + total - known) * (first + total - known)
    # A shared award counts whole for each of its winners in the most: together they may pass all that there is.
    most = pl.min_horizontal(most, of_all)
    numbers = [(middle, of_known), (least, of_all), (most, of_all)]
    if one.unit == "suppliers of equal size":
        numbers = [(whole_of, part) for part, whole_of in (numbers[0], numbers[2], numbers[1])]
    factor = 10_000.0 if one.unit == "index points" else 1.0
    values = [factor * _ratio(part.cast(pl.Float64), of.cast(pl.Float64)) for part, of in numbers]
    is_share = one.unit in SHARES
    coverage, priced = (
        _ratio(pl.col(part).cast(pl.Float64), pl.col(of).cast(pl.Float64))
        for part, of in (("known", "total"), ("awards_priced", "awards"))
    )
    shares = dict(zip(("known_share", "low_share", "high_share"), values, strict=True)) if is_share else {}
    shares |= {"coverage_share": coverage} | ({"priced_share": priced} if is_share else {})
    # The squares of an index are no pounds.
    some = pl.when(pl.col("awards_priced") > 0)
    pounds = [_parted(pl.col(name), 100) if is_share else pl.lit(None, pl.Float64) for name in ("pence", "total")]
    return found.select(
        pl.lit(one.indicator_id).alias("indicator_id"),
        pl.lit(one.version, pl.Int64).alias("version"),
        "slice",
        "period",
        _code(grain).alias("area_code"),
        _buyer(grain).alias("buyer_id"),
        pl.lit(None, pl.String).alias("tier"),
        pl.lit(one.unit).alias("unit"),
        *(value.alias(column) for value, column in zip(values, ("value", "value_low", "value_high"), strict=True)),
        *(some.then(told).alias(name) for told, name in zip(pounds, ("numerator", "denominator"), strict=True)),
        *(shares.get(column, pl.lit(None, pl.Float64)).alias(column) for column in _SHARE_COLUMNS),
        pl.col("awards_priced").alias("n"),
        (pl.col("awards") - pl.col("awards_priced")).alias("n_excluded"),
        "is_provisional",
    )


def _of_grain(
    cells: pl.DataFrame, grain: str, regions: pl.DataFrame, newest: int, touched: Touched | None
) -> pl.LazyFrame:
    """Return the cells that enter a grain, with the slice that each belongs to in place of its buyer."""
    within = cells.lazy().with_columns(pl.when(pl.col("quarter") <= newest).then(pl.col("quarter")))
    is_council = (pl.col("buyer_kind") == "council").fill_null(False)
    if grain == "all":
        within = within.with_columns(pl.lit("all").alias("slice"))
    elif grain == "england":
        within = within.filter(is_council & pl.col("buyer_area_code").str.starts_with("E"))
        within = within.with_columns(pl.lit("England").alias("slice"))
    elif grain == "region":
        within = within.filter(is_council).join(regions.lazy(), on="buyer_area_code").rename({"region_code": "slice"})
    else:
        within = within.with_columns(pl.col("buyer_id" if grain == "buyer" else "buyer_area_code").alias("slice"))
    if touched is not None and grain not in ("all", "england"):
        within = within.filter(pl.col("slice").is_in(touched.buyers if grain == "buyer" else touched.areas))
    return within.filter(pl.col("slice").is_not_null()).drop(_BUYER)


def _summed(cells: pl.LazyFrame, periods: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Add up cells by slice and period."""
    # A quarter that is not known is in the one period that takes everything.
    placed = cells.join(periods.lazy(), on="quarter", nulls_equal=True).drop("quarter")
    return placed.group_by(*_SLICE, *keys).agg(_ADDED).collect(engine="streaming")


def _filled(counted: pl.DataFrame, every: pl.DataFrame | None) -> pl.DataFrame:
    """Give every one of these slices a row, with zeros where nothing was counted; all as it is without slices."""
    if every is None:
        return counted
    return every.join(counted, on=_SLICE, how="left").with_columns(pl.exclude(_SLICE).fill_null(0))


def _of_tiers(by_size: pl.DataFrame, name: str, tiers: Sequence[str]) -> pl.DataFrame:
    """Add up a question over these sizes; ``*_unsized`` are the awards in scope that may be of any size."""
    unsized = by_size.filter(pl.col("tier").is_null()).select(
        *_SLICE, pl.col(f"{name}_awards").alias(f"{name}_unsized")
    )
    return (
        by_size.filter(pl.col("tier").is_in(tiers))
        .select(*_SLICE, *(column for column in by_size.columns if column.startswith(f"{name}_")))
        .group_by(_SLICE)
        .agg(pl.all().sum())
        # Null is one size like the others: a slice has one row of it, or none.
        .join(unsized, on=_SLICE, how="left")
        .with_columns(pl.col(f"{name}_unsized").fill_null(0))
    )


def _shares(one: Indicator, name: str, summed: pl.DataFrame, grain: str) -> pl.DataFrame:
    """Return the rows of a share."""
    awards, priced = pl.col(f"{name}_awards"), pl.col(f"{name}_awards_priced")
    if one.unit == "share of value":
        unit, n, excluded, infix = 100, priced, awards - priced, "pence_"
        total, low, high = (pl.col(f"{name}_{part}") for part in ("pence", "pence_low", "pence_high"))
    else:
        unit, n, excluded, infix = WHOLE_AWARD, awards, pl.lit(0, pl.Int64), ""
        # Fractions of awards are counted in WHOLE_AWARD, awards as a whole in ones.
        total, low, high = (pl.col(f"{name}_{part}") * WHOLE_AWARD for part in ("awards", "low", "high"))
    yes, no = pl.col(f"{name}_{infix}yes"), pl.col(f"{name}_{infix}no")
    if one.is_reverse:
        # What is no throughout is what cannot be yes.
        yes, no, low, high = no, yes, total - high, total - low
    in_scope = awards
    if one.tiers:
        # Only awards with a credible amount have a size; those without one are left out, and may be of this size.
        excluded = pl.col(f"{name}_unsized")
        in_scope = awards + excluded
    shares = {
        "known_share": _ratio(yes, yes + no),
        "low_share": _ratio(low, total),
        "high_share": _ratio(high, total),
        "coverage_share": _ratio(yes + no, total),
        "priced_share": _ratio(priced, in_scope),
    }
    found = summed if grain == "england" else summed.filter(awards > 0)
    return found.select(
        pl.lit(one.indicator_id).alias("indicator_id"),
        pl.lit(one.version, pl.Int64).alias("version"),
        "slice",
        "period",
        _code(grain).alias("area_code"),
        _buyer(grain).alias("buyer_id"),
        pl.lit(None, pl.String).alias("tier"),
        pl.lit(one.unit).alias("unit"),
        shares["known_share"].alias("value"),
        shares["low_share"].alias("value_low"),
        shares["high_share"].alias("value_high"),
        pl.when(n > 0).then(_parted(yes, unit)).alias("numerator"),
        pl.when(n > 0).then(_parted(total, unit)).alias("denominator"),
        *(share.alias(column) for column, share in shares.items()),
        n.alias("n"),
        excluded.alias("n_excluded"),
        "is_provisional",
    )


def _sizes(one: Indicator, by_size: pl.DataFrame, whole: pl.DataFrame, grain: str) -> pl.DataFrame:
    """Return the rows of a count, or of a sum of pounds, one for each size of contract."""
    counted = by_size.filter(pl.col("tier").is_not_null()).select(
        *_SLICE, "tier", pl.col("awards_priced").alias("n"), pl.col("pence").alias("pence_of_tier")
    )
    if grain == "england":
        # Every size stands there for England, also where no contract of that size was awarded.
        sizes = pl.DataFrame({"tier": list(TIERS)})
        found = whole.join(sizes, how="cross").join(counted, on=[*_SLICE, "tier"], how="left")
        found = found.with_columns(pl.col("n").fill_null(0), pl.col("pence_of_tier").fill_null(0))
    else:
        found = whole.join(counted, on=_SLICE)
    unpriced = pl.col("awards") - pl.col("awards_priced")
    some = pl.col("awards") > 0
    if one.unit == "awards":
        value, high, whole_value = pl.col("n"), pl.col("n") + unpriced, pl.col("awards")
    else:
        value, whole_value = _parted(pl.col("pence_of_tier"), 100), _parted(pl.col("pence"), 100)
        # An award without a credible amount may be of any size: there is an upper bound only where there is none.
        high = pl.when(unpriced == 0).then(value)
    return found.select(
        pl.lit(one.indicator_id).alias("indicator_id"),
        pl.lit(one.version, pl.Int64).alias("version"),
        pl.concat_str("slice", "tier", separator="|").alias("slice"),
        "period",
        _code(grain).alias("area_code"),
        _buyer(grain).alias("buyer_id"),
        "tier",
        pl.lit(one.unit).alias("unit"),
        pl.when(some).then(value).cast(pl.Float64).alias("value"),
        pl.when(some).then(value).cast(pl.Float64).alias("value_low"),
        pl.when(some).then(high).cast(pl.Float64).alias("value_high"),
        pl.when(some).then(value).cast(pl.Float64).alias("numerator"),
        pl.when(some).then(whole_value).cast(pl.Float64).alias("denominator"),
        *(pl.lit(None, pl.Float64).alias(column) for column in _SHARE_COLUMNS),
        "n",
        unpriced.alias("n_excluded"),
        "is_provisional",
    )


def _count(one: Indicator, summed: pl.DataFrame, grain: str) -> pl.DataFrame:
    """Return the rows of a count of awards, or of what they hold: yes, and in the upper figure what may be yes."""
    name = one.indicator_id
    yes, unknown, scope = (pl.col(f"{name}_{told}") for told in ("yes", "unknown", "scope"))
    some = pl.lit(True)
    if grain == "england":
        some = (pl.col("awards") > 0) | (scope > 0)
    else:
        summed = summed.filter(yes + unknown > 0)
    if one.unit in ("awards", "ceilings"):
        value, low, high, whole, n, excluded = yes, yes, yes + unknown, scope, yes, unknown
    else:
        missing, doubtful = pl.col(f"{name}_yes_missing"), pl.col(f"{name}_unknown_missing")
        n, excluded = yes - missing, missing
        told = "largest" if one.is_largest else "total"
        divisor = 100 if one.unit == "pounds" else 1
        known, possible = (pl.col(f"{name}_{part}_{told}") / divisor for part in ("yes", "unknown"))
        whole = pl.max_horizontal(known, possible) if one.is_largest else known + possible
        # Of what is not known at all there is no sum; of none there is one, but no largest.
        none = pl.lit(not one.is_largest)
        value = pl.when((n > 0) | (none & (yes == 0))).then(known)
        low, high = value, pl.when((missing + doubtful == 0) & (none | (yes + unknown > 0))).then(whole)
    numbers = {"value": value, "value_low": low, "value_high": high, "numerator": value, "denominator": whole}
    return summed.select(
        pl.lit(name).alias("indicator_id"),
        pl.lit(one.version, pl.Int64).alias("version"),
        "slice",
        "period",
        _code(grain).alias("area_code"),
        _buyer(grain).alias("buyer_id"),
        pl.lit(None, pl.String).alias("tier"),
        pl.lit(one.unit).alias("unit"),
        *(pl.when(some).then(number).cast(pl.Float64).alias(column) for column, number in numbers.items()),
        *(pl.lit(None, pl.Float64).alias(column) for column in _SHARE_COLUMNS),
        n.alias("n"),
        excluded.alias("n_excluded"),
        "is_provisional",
    )


def _difference(one: Indicator, of: pl.DataFrame, less: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of a difference of two shares, in percentage points, where both have an award."""
    other = less.select(*_SLICE, pl.exclude(_SLICE).name.suffix("_less"))
    points = {
        "value": pl.col("value") - pl.col("value_less"),
        "value_low": pl.col("value_low") - pl.col("value_high_less"),
        "value_high": pl.col("value_high") - pl.col("value_low_less"),
    }
    unknown = [name for name in ("numerator", "denominator", *_SHARE_COLUMNS) if name != "coverage_share"]
    return (
        of.join(other, on=_SLICE)
        .with_columns(
            pl.lit(one.indicator_id).alias("indicator_id"),
            pl.lit(one.version, pl.Int64).alias("version"),
            pl.lit(one.unit).alias("unit"),
            *((100 * point).alias(column) for column, point in points.items()),
            *(pl.lit(None, pl.Float64).alias(column) for column in unknown),
            # It is known as well as the share that is known less, and rests on the fewer awards of the two.
            pl.when(pl.col("value_less").is_not_null() & pl.col("value").is_not_null())
            .then(pl.min_horizontal("coverage_share", "coverage_share_less"))
            .alias("coverage_share"),
            pl.min_horizontal("n", "n_less").alias("n"),
        )
        .select(of.columns)
    )


def _parted(amount: pl.Expr, by: int) -> pl.Expr:
    """Divide by a whole number.

    Polars takes a shorter way where it divides many rows by one number, whose last digit differs from that of one row
    alone: divided by a column, a figure is the same whatever it is worked out with.
    """
    return amount / (pl.int_range(pl.len()) * 0 + by)


def _ratio(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    return pl.when(whole > 0).then(part / whole)


def _code(grain: str) -> pl.Expr:
    if grain in ("region", "authority"):
        return pl.col("slice")
    return pl.lit(ENGLAND if grain == "england" else None, pl.String)


def _buyer(grain: str) -> pl.Expr:
    return pl.col("slice") if grain == "buyer" else pl.lit(None, pl.String)


def _rows(grain: str, found: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Put the rows found for one grain together as table ``indicator_value``."""
    columns = schema.frame_schema("indicator_value")
    if not found:
        return schema.empty("indicator_value")
    return (
        pl.concat(found)
        .with_columns(
            pl.lit(grain).alias("grain"),
            pl.lit(None, pl.String).alias("group_id"),
            pl.lit(None, pl.String).alias("cpv_division"),
        )
        .select(pl.col(column).cast(kind) for column, kind in columns.items())
        .sort(schema.key_columns("indicator_value"))
    )

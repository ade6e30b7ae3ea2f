"""Work out every figure, at every grain, for every period, in one pass over the lines.

The lines are kept as categories and whole numbers, so that a million of them fit; figures are worked out a few at a
time, so that what they need besides stays small.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from typing import Any, NamedTuple

import polars as pl

from transforms.indicators import periods, share, slices
from transforms.indicators.share import BASES, KEY, WHOLE_AWARD, Base, Cells, Indicator
from transforms.indicators.slices import GRAINS, WIDE, Touched
from warehouse import schema

_AT_ONCE = 6
"""Questions that are worked out together: more are quicker, and need more memory."""

_FEW = 200_000
"""Up to so many lines all questions are worked out together."""

_NUMBERED = ("award_id", "mention_id", "procurement_id")
"""Identifiers that differ from line to line: a number of each is enough, or nothing."""

_PERIODS_AT_ONCE = 6
"""Periods of which the winners are worked out together: every winner of three years stands in each."""

_ROW_TYPES: dict[str, pl.DataType] = {
    **dict.fromkeys(KEY, pl.String()),
    **dict.fromkeys(share.FIGURE, pl.Float64()),
    **dict.fromkeys(("n", "n_excluded"), pl.Int64()),
}


def _encoded(part: pl.DataFrame, day: str) -> pl.DataFrame:
    """Give lines what every figure needs, in few bytes: see ``share.Base``."""
    texts = [name for name in part.columns if part.schema[name] == pl.String and name not in _NUMBERED]
    priced = pl.lit(value=False)
    amounts: dict[str, pl.Expr] = {"pence": pl.lit(0, pl.Int64), "part_pence": pl.lit(0, pl.Int64)}
    if "value_status" in part.columns:
        priced = ((pl.col("value_status") == "ok") & pl.col("amount_gbp").is_not_null()).fill_null(value=False)
        amounts = {
            name: pl.when(priced).then(share.pence(column)).otherwise(0).fill_null(0)
            for name, column in (("pence", "amount_gbp"), ("part_pence", "value_gbp"))
        }
    # Procedures have no size: their estimates are too often missing.
    tier = [] if "tier" in part.columns else [pl.lit(None, pl.Categorical).alias("tier")]
    number = "award_id" if "award_id" in part.columns else "procurement_id"
    return part.select(
        pl.exclude(*_NUMBERED, *texts),
        *(pl.col(name).cast(pl.Categorical) for name in texts),
        *tier,
        pl.col(number).hash(seed=0).alias("award"),
        periods.quarter(pl.col(day)).alias("quarter"),
        priced.alias("priced"),
        *(amount.alias(name) for name, amount in amounts.items()),
        (pl.col("weight") * WHOLE_AWARD).round(0).cast(pl.Int64).alias("part"),
    )


def gathered(
    parts: Iterable[pl.DataFrame], columns: Mapping[str, pl.DataType], day: str, newest_on: dt.date
) -> pl.DataFrame:
    """Read lines into one frame, as ``share.Base`` holds them, but for ``buyer``.

    Args:
        parts: lines with at least these columns.
        columns: those that are kept.
        day: the column that places a line in a period.
        newest_on: a line dated after its quarter has no quarter.
    """
    nothing = pl.DataFrame(schema=dict(columns))
    every = pl.concat([_encoded(nothing, day), *(_encoded(part.select(list(columns)), day) for part in parts)])
    newest = periods.quarter_of(newest_on)
    return every.with_columns(quarter=pl.when(pl.col("quarter") <= newest).then("quarter"))


def numbered(base: Sequence[pl.DataFrame], area: pl.DataFrame) -> tuple[list[pl.DataFrame], pl.DataFrame]:
    """Give every buyer a number.

    Args:
        base: lines, and procedures, with ``buyer_id, buyer_kind, buyer_area_code``.
        area: ``area_code, county_code, region_code``.

    Returns:
        The same frames with ``buyer`` added; and ``buyer`` with the columns ``slices.BUYER``.
    """
    key = list(slices.BUYER[:3])
    buyer = pl.concat([frame.select(key) for frame in base]).unique(maintain_order=True).with_row_index("buyer")
    around = area.select(
        buyer_area_code="area_code", buyer_county_code="county_code", buyer_region_code="region_code"
    ).unique("buyer_area_code")
    # Whole awards of a buyer side by side are quicker to add up, and so are the lines of a shared one.
    order = (pl.when(pl.col("weight") < 1).then("award"), "buyer", "quarter")
    with_buyer = [
        frame.drop("buyer_id")
        .with_columns(frame.select(key).join(buyer, on=key, how="left", nulls_equal=True)["buyer"])
        .sort(order)
        for frame in base
    ]
    told = buyer.with_columns(pl.col(key).cast(pl.String)).join(around, on="buyer_area_code", how="left")
    return with_buyer, told


class _Sums(NamedTuple):
    """What lines add up to: by buyer, and by sets of buyers with the size and with the division of the contract."""

    by_buyer: pl.DataFrame
    by_tier: pl.DataFrame
    by_division: pl.DataFrame


class _Lines(NamedTuple):
    """The lines of one base that shares and counts are made of: filters over one frame, which is held once."""

    whole: pl.LazyFrame
    shared: pl.LazyFrame
    others: pl.LazyFrame


_KEYS = (("buyer", "quarter"), ("among", "quarter", "tier"), ("among", "quarter", "cpv_division"))


def _tallied(lines: _Lines, asked: Sequence[Indicator]) -> _Sums:
    """Add up the lines for some questions."""
    named = share.questions(asked)
    # Most shares are not told by size and division.
    parted = share.questions(one for one in asked if one.by_part)
    tallies = tuple(zip(_KEYS, (named, parted, parted), strict=True))
    exprs = share.asked(named)
    carried = list(dict.fromkeys(key for keys in _KEYS for key in keys))
    whole = lines.whole.select(*carried, "priced", "pence", *exprs).collect()
    parts = share.of_whole(whole, tallies)
    del whole
    shared = lines.shared.select(*carried, "award", "priced", "pence", "part", "part_pence", *exprs).collect()
    if not shared.is_empty():
        of_shared = share.of_shared(shared, tallies)
        parts = [
            pl.concat([one, other.select(one.columns)]).group_by(keys).agg(pl.all().sum())
            for one, other, keys in zip(parts, of_shared, _KEYS, strict=True)
        ]
    return _Sums(*parts)


class _Place(NamedTuple):
    """Where the figures of one grain stand: in which wanted slice each buyer is, and each set of buyers."""

    slices: pl.DataFrame
    among: pl.DataFrame

    def summed(self, cells: pl.DataFrame, entered: pl.DataFrame, by: str = "buyer") -> pl.DataFrame:
        """Add up cells by slice and period: first by quarter, since a quarter enters many periods."""
        besides = [name for name in share.DIMENSIONS if name in cells.columns]
        of_slice = self.slices if by == "buyer" else self.among
        placed = cells.lazy().join(of_slice.lazy(), on=by).drop(by)
        # What is told as the largest is kept as such.
        add_up = (pl.col("^.*_largest$").max(), pl.exclude("^.*_largest$").sum())
        by_quarter = placed.group_by("slice", "quarter", *besides).agg(add_up)
        return (
            by_quarter.join(entered.lazy(), on="quarter", nulls_equal=True)
            .drop("quarter")
            .group_by(*KEY, *besides)
            .agg(add_up)
            .collect()
        )


def _alike(
    of_buyer: Mapping[str, pl.DataFrame], grains: Sequence[str], buyer: pl.DataFrame
) -> tuple[pl.Series, dict[str, pl.DataFrame]]:
    """Take buyers for one that are in the same slices of some grains: of few slices there are few of them.

    Returns:
        The number of each buyer's set, in the order of buyers; and for each grain ``number, slice``.
    """
    columns = [f"of_{grain}" for grain in grains]
    placed = reduce(
        lambda one, grain: one.join(of_buyer[grain].rename({"slice": f"of_{grain}"}), on="buyer", how="left"),
        grains,
        buyer.select("buyer"),
    )
    sets = placed.select(columns).unique(maintain_order=True).with_row_index("number")
    numbers = placed.join(sets, on=columns, nulls_equal=True).sort("buyer")["number"]
    return numbers, {
        grain: sets.select("number", slice=column).drop_nulls("slice")
        for grain, column in zip(grains, columns, strict=True)
    }


def _alike_quarters(entered: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
    """Take quarters for one that enter the same periods of those wanted: of a night's periods most are alike.

    Returns:
        ``quarter, alike``: the first of those that are alike, for each quarter and for null.
    """
    enters = entered.join(wanted.select("period"), on="period", how="semi").group_by("quarter")
    periods_of = enters.agg(pl.col("period").sort().str.join(","))
    return periods_of.select("quarter", alike=pl.col("quarter").min().over("period"))


class _Work:
    """One measuring: the base, the buyers' slices, and what is wanted."""

    def __init__(
        self,
        base: Base,
        buyer: pl.DataFrame,
        indicators: Sequence[Indicator],
        touched: Touched | None,
    ) -> None:
        self.base = base
        self.indicators = indicators
        self.touched = touched
        self.known: dict[tuple[str, bool, bool], pl.DataFrame] = {}
        self.entered = periods.entered(base.periods)
        self.entered_by: dict[tuple[str, ...], pl.DataFrame] = {}
        self.of_buyer = slices.of_buyers(buyer)
        wanted = {grain: told.filter(slices.touches(touched, grain)) for grain, told in self.of_buyer.items()}
        self.quarters = _alike_quarters(self.entered, slices.enters(touched, base.periods))
        self.alike, of_alike = _alike(wanted, GRAINS, buyer)
        self.among, of_among = _alike(wanted, WIDE, buyer)
        nobody = pl.DataFrame(schema={"among": pl.UInt32, "slice": pl.String})
        self.places = {
            grain: _Place(
                of_alike[grain].rename({"number": "buyer"}),
                of_among[grain].rename({"number": "among"}) if grain in WIDE else nobody,
            )
            for grain in GRAINS
        }
        self.lines = {of: self.lines_of(of) for of in BASES}
        self.core = pl.concat([self.lines[BASES[0]].whole, self.lines[BASES[0]].shared])

    def lines_of(self, of: str, *, everywhere: bool = False) -> _Lines:
        """Return the lines of one base, with buyers and quarters as they are added up; everywhere each is itself."""
        lines, is_core = self.base.procedures, pl.lit(value=True)
        if of == BASES[0]:
            lines, is_core = self.base.lines, pl.col("is_core").fill_null(value=False)
        # Buyers are numbered from 0 on: a number is a place.
        added = [pl.lit(self.among).gather("buyer").alias("among")]
        if not everywhere:
            added.append(pl.lit(self.alike).gather("buyer").alias("buyer"))
            added.append(pl.col("quarter").replace(self.quarters["quarter"], self.quarters["alike"]))
        # Worked out once: every question reads them.
        told = lines.with_columns(added).lazy()
        is_whole = pl.col("weight") >= 1
        shared = told.filter(is_core & ~is_whole).with_columns(pl.col("award").set_sorted())
        return _Lines(told.filter(is_core & is_whole), shared, told.filter(~is_core))

    def place(self, grain: str, *, everywhere: bool = False) -> _Place:
        place = self.places[grain]
        return place._replace(slices=self.of_buyer[grain]) if everywhere else place

    def periods_of(self, grain: str, *, by_quarter: bool, everywhere: bool = False) -> pl.DataFrame:
        """Return the periods that are told at a grain, worked out for the first that asks."""
        asked = grain, by_quarter, everywhere
        if asked not in self.known:
            told = slices.told_of(grain, self.base.periods, self.base.newest_on, by_quarter=by_quarter)
            self.known[asked] = told if everywhere else slices.enters(self.touched, told)
        return self.known[asked]

    def entered_of(self, known: pl.DataFrame) -> pl.DataFrame:
        """Return which quarters enter some periods, worked out for the first that asks: most figures ask alike."""
        asked = tuple(known["period"])
        if asked not in self.entered_by:
            self.entered_by[asked] = self.entered.join(known.select("period"), on="period", how="semi")
        return self.entered_by[asked]

    def every(self, grain: str, known: pl.DataFrame) -> pl.DataFrame | None:
        """Return the slices and periods that stand there whatever is known of them: England's."""
        if grain != "england":
            return None
        return known.select(pl.lit("England").alias("slice"), "period")


def measure(
    base: Base,
    buyer: pl.DataFrame,
    indicators: Sequence[Indicator],
    touched: Touched | None = None,
) -> Iterator[pl.DataFrame]:
    """Work out the figures of indicators; see ``transforms.indicators.measure``.

    Args:
        base: the lines, procedures, periods and facts.
        buyer: ``buyer`` (the number), and the columns ``slices.BUYER``.
        indicators: those to be worked out.
        touched: the slices wanted; all when left out.

    Yields:
        Rows of table ``indicator_value``, each frame sorted by key; always in this order.
    """
    work = _Work(base, buyer, indicators, touched)
    rows = _Rows(indicators, base.periods)
    # These first, while the least is held: they need the most memory besides the lines.
    yield from _of_figures(work, rows)
    groups = _by_question(indicators)
    at_once = _AT_ONCE if base.lines.height + base.procedures.height > _FEW else len(groups)
    for start in range(0, len(groups), max(at_once, 1)):
        found: dict[str, list[pl.DataFrame]] = {}
        for of in BASES:
            asked = [one for group in groups[start : start + at_once] for one in group if one.of == of]
            if asked:
                sums = _tallied(work.lines[of], asked)
                for grain in GRAINS:
                    found.setdefault(grain, []).extend(_shares(work, sums, grain, asked))
        for grain, parts in found.items():
            if parts:
                yield rows.shaped(grain, parts)
    others: dict[str, list[pl.DataFrame]] = {}
    for grain, one, part in (*_sizes(work), *_counts(work), *_winners(work)):
        others.setdefault(grain, []).append(part.with_columns(pl.lit(one.indicator_id).alias("indicator_id")))
    for grain, parts in others.items():
        yield rows.shaped(grain, parts)
    for one in indicators:
        if one.between is not None:
            for grain in one.grains:
                minuend, subtrahend = (rows.of(grain, name) for name in one.between)
                part = share.differences(minuend, subtrahend)
                yield rows.shaped(grain, [part.with_columns(pl.lit(one.indicator_id).alias("indicator_id"))])


def _of_figures(work: _Work, rows: "_Rows") -> Iterator[pl.DataFrame]:
    """Work out the figures that are no sums over lines."""
    anew = _everywhere(work)
    made: dict[str, Any] = {}
    for grain in (*GRAINS, "group"):
        if parts := list(_figures(work, grain, anew, made)):
            yield rows.shaped(grain, parts)


class _Rows:
    """Gives figures the shape of table ``indicator_value``, and keeps those that others are made of."""

    def __init__(self, indicators: Sequence[Indicator], known: pl.DataFrame) -> None:
        self.known = known.select("period", "is_provisional")
        self.told = pl.DataFrame(
            [(one.indicator_id, one.version, one.unit) for one in indicators],
            schema={"indicator_id": pl.String, "version": pl.Int64, "unit": pl.String},
            orient="row",
        )
        self.needed = {name for one in indicators for name in one.between or ()}
        self.kept: dict[str, list[pl.DataFrame]] = {}

    def of(self, grain: str, indicator_id: str) -> pl.DataFrame:
        """Return the figures of one share that a difference is made of."""
        every = pl.concat([pl.DataFrame(schema={"indicator_id": pl.String, **_ROW_TYPES}), *self.kept.get(grain, [])])
        return every.filter(pl.col("indicator_id") == indicator_id).drop("indicator_id")

    def shaped(self, grain: str, parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
        """Return the rows of some figures at one grain, sorted by key."""
        found = pl.concat(parts, how="diagonal")
        if self.needed:
            kept = found.filter(pl.col("indicator_id").is_in(sorted(self.needed)))
            self.kept.setdefault(grain, []).append(kept.select("indicator_id", *_ROW_TYPES))
        nothing = pl.lit(None, pl.String)
        dimensions = [pl.col(name) if name in found.columns else nothing.alias(name) for name in share.DIMENSIONS]
        told = (
            found.lazy()
            .join(self.told.lazy(), on="indicator_id")
            .join(self.known.lazy(), on="period", how="left")
            .with_columns(*dimensions, pl.lit(grain).alias("grain"), slices.area_code(grain).alias("area_code"))
            .with_columns(
                (pl.col("slice") if grain == "buyer" else nothing).alias("buyer_id"),
                (pl.col("slice") if grain == "group" else nothing).alias("group_id"),
                pl.concat_str("slice", *share.DIMENSIONS, separator="|", ignore_nulls=True).alias("slice"),
            )
        )
        columns = schema.frame_schema("indicator_value")
        return (
            told.select(pl.col(name).cast(kind) for name, kind in columns.items())
            .sort(schema.key_columns("indicator_value"))
            .collect()
        )


def _by_question(indicators: Iterable[Indicator]) -> list[list[Indicator]]:
    """Return the shares, those with the same question together: value and count need one tally."""
    groups: dict[tuple[str, str], list[Indicator]] = {}
    for one in indicators:
        if one.is_share:
            groups.setdefault((one.of, share.question(one)), []).append(one)
    return list(groups.values())


def _filled(rows: pl.DataFrame, every: pl.DataFrame | None) -> pl.DataFrame:
    """Give every one of these slices a row, with zeros where nothing was counted; all as it is without slices."""
    if every is None:
        return rows
    return every.join(rows, on=KEY, how="left").with_columns(pl.exclude(KEY).fill_null(0))


def _shares(
    work: _Work, sums: _Sums, grain: str, asked: Sequence[Indicator], *, everywhere: bool = False
) -> Iterator[pl.DataFrame]:
    """Work out shares at one grain, whole, and by size and division where they are told so."""
    place = work.place(grain, everywhere=everywhere)
    # Where quarters are told of everything, headlines and others are told together.
    for by_quarter in (None,) if grain in WIDE else (False, True):
        told = [one for one in asked if grain in one.grains and by_quarter in (None, one.by_quarter)]
        if not told:
            continue
        known = work.periods_of(grain, by_quarter=bool(by_quarter), everywhere=everywhere)
        every = work.every(grain, known)
        if every is None and sums.by_buyer.is_empty():
            continue
        wanted = _columns(sums.by_buyer, told)
        summed = _filled(place.summed(sums.by_buyer.select("buyer", "quarter", *wanted), work.entered_of(known)), every)
        yield share.shares(told, summed, keep_empty=every is not None)
        parted = [one for one in told if one.by_part]
        if not parted or grain not in WIDE or everywhere:
            continue
        entered = work.entered_of(_of_parts(known, grain, work.base.newest_on))
        for cells in (sums.by_tier, sums.by_division):
            dimension = next(name for name in share.DIMENSIONS if name in cells.columns)
            wanted = _columns(cells, parted)
            narrow = cells.filter(pl.col(dimension).is_not_null()).select("among", "quarter", dimension, *wanted)
            if not narrow.is_empty():
                summed = place.summed(narrow, entered, "among").with_columns(pl.col(dimension).cast(pl.String))
                yield share.shares(parted, summed, keep_empty=False)


def _of_parts(known: pl.DataFrame, grain: str, newest_on: dt.date) -> pl.DataFrame:
    """Return the periods for which sizes and divisions are told: the newest, ``ALL``, and above regions every year."""
    ended = periods.newest_ended(newest_on)
    is_newest = pl.col("kind").str.starts_with("trailing_") & (pl.col("last_quarter") == ended)
    is_year = (pl.col("kind") == "financial_year") & pl.lit(grain != "region")
    return known.filter((pl.col("kind") == "all") | is_newest | is_year)


def _columns(cells: pl.DataFrame, asked: Sequence[Indicator]) -> list[str]:
    """Return the columns of a tally that these shares are made of."""
    names = tuple(f"{share.question(one)}_" for one in asked)
    return [column for column in cells.columns if column.startswith(names)]


def _sizes(work: _Work) -> Iterator[tuple[str, Indicator, pl.DataFrame]]:
    """Work out counts and sums by size of contract, at every grain."""
    asked = [one for one in work.indicators if one.by_size]
    if not asked:
        return
    lines = work.lines[BASES[0]]
    cells = _awards(lines, "buyer", "quarter", "tier").collect()
    for grain in GRAINS:
        place = work.place(grain)
        for by_quarter in (False, True):
            known = work.periods_of(grain, by_quarter=by_quarter)
            told = [one for one in asked if grain in one.grains and one.by_quarter == by_quarter]
            if told and not (cells.is_empty() and grain != "england"):
                summed = place.summed(cells, work.entered_of(known))
                for one in told:
                    yield grain, one, share.sizes(one, summed, every=work.every(grain, known))


def _first(lines: _Lines) -> pl.LazyFrame:
    """Return one line of every award: of what is told of the award it holds all."""
    return pl.concat([lines.whole, lines.shared.unique("award", keep="any")])


def _awards(lines: _Lines, *keys: str, in_scope: pl.Expr | None = None) -> pl.LazyFrame:
    """Count awards, those with a credible amount, and their pence."""
    told = _first(lines) if in_scope is None else _first(lines).filter(in_scope)
    return told.group_by(keys).agg(
        pl.len().cast(pl.Int64).alias("awards"), pl.col("priced").sum().cast(pl.Int64), pl.col("pence").sum()
    )


def _counts(work: _Work) -> Iterator[tuple[str, Indicator, pl.DataFrame]]:
    """Work out counts of awards and procedures, or of what they hold, at every grain."""
    for of in BASES:
        for is_core in (True, False):
            asked = [one for one in work.indicators if one.is_count and one.is_core == is_core and one.of == of]
            if not asked:
                continue
            lines = work.lines[of]
            if is_core:
                first = _first(lines)
            else:
                in_scope = pl.any_horizontal(pl.sql_expr(one.in_scope).fill_null(value=False) for one in asked)
                # What is counted is the same for all lines of an award.
                first = lines.others.filter(in_scope).unique("award", keep="any")
            told = [expression for one in asked for expression in share.counted(one)]
            awards = pl.lit(1, pl.Int64).alias("awards")
            cells = (
                first.select("buyer", "quarter", awards, *told)
                .group_by("buyer", "quarter")
                .agg(pl.col("^.*_largest$").max(), pl.exclude("^.*_largest$").sum())
                .collect()
            )
            for grain in GRAINS:
                place = work.place(grain)
                for by_quarter in (False, True):
                    here = [one for one in asked if grain in one.grains and one.by_quarter == by_quarter]
                    if not here:
                        continue
                    known = work.periods_of(grain, by_quarter=by_quarter)
                    every = work.every(grain, known)
                    if every is None and cells.is_empty():
                        continue
                    summed = _filled(place.summed(cells, work.entered_of(known)), every)
                    for one in here:
                        yield grain, one, share.counts(one, summed, keep_empty=every is not None)


def _winners(work: _Work) -> Iterator[tuple[str, Indicator, pl.DataFrame]]:
    """Work out figures of the largest winners, a few periods at a time: every winner stands in each."""
    for name, told in share.winners(work.indicators).items():
        asked = [one for one in work.indicators if one.by_winner and share.who(one) == name]
        cells = share.won(work.core, told)
        in_scope = pl.sql_expr(told.in_scope).fill_null(value=False)
        whole_of = _awards(work.lines[BASES[0]], "buyer", "quarter", in_scope=in_scope).collect()
        for grain in dict.fromkeys(grain for one in asked for grain in one.grains):
            place = work.place(grain)
            known = work.periods_of(grain, by_quarter=True)
            if grain != "england":
                # Every winner stands in each of them: all trailing months are told of England only.
                is_trailing = pl.col("kind").str.starts_with("trailing_")
                is_newest = pl.col("last_quarter") == periods.newest_ended(work.base.newest_on)
                known = known.filter(~is_trailing | is_newest)
            every = work.every(grain, known)
            codes = place.slices.select("slice").unique(maintain_order=True).with_row_index("code")
            by_quarter = (
                cells.lazy()
                .join(place.slices.lazy(), on="buyer")
                .join(codes.lazy(), on="slice")
                .group_by("code", "quarter", "winner", "together")
                .agg(pl.col("pence", "pence_least", "pence_most").sum())
                .collect()
            )
            found: dict[str, list[pl.DataFrame]] = {}
            for some in known.iter_slices(_PERIODS_AT_ONCE):
                entered = work.entered_of(some)
                whole = place.summed(whole_of, entered)
                if every is not None:
                    whole = _filled(whole, every.join(some.select("period"), on="period", how="semi"))
                whole = whole.with_row_index("cell")
                cell_of = (
                    whole.select("cell", *KEY).join(codes, on="slice").join(entered, on="period")
                    .select("cell", "code", "quarter").lazy()
                )  # fmt: skip
                in_cell = by_quarter.lazy().join(cell_of, on=["code", "quarter"], nulls_equal=True)
                of_winner, of_together = (
                    in_cell.group_by("cell", key).agg(pl.col(names).sum()).select("cell", *names).collect()
                    for key, names in (("winner", ("pence", "pence_least")), ("together", ("pence_most",)))
                )
                reduced = share.of_winners(asked, of_winner, of_together)
                for one in asked:
                    if grain in one.grains:
                        found.setdefault(one.indicator_id, []).append(share.concentration(one, reduced, whole))
            for one in asked:
                if grain in one.grains and one.indicator_id in found:
                    yield grain, one, pl.concat(found[one.indicator_id])


def _everywhere(work: _Work) -> dict[str, pl.DataFrame]:
    """Work out the shares that other figures are made of, in every slice and period whatever was touched."""
    wanted = {name for one in work.indicators for name in one.of_values}
    grains = {grain for one in work.indicators if one.of_values for grain in one.grains}
    found: dict[str, list[pl.DataFrame]] = {}
    for of in BASES:
        asked = [one for one in work.indicators if one.indicator_id in wanted and one.of == of]
        if asked:
            sums = _tallied(work.lines_of(of, everywhere=True), asked)
            for grain in sorted(grains):
                found.setdefault(grain, []).extend(_shares(work, sums, grain, asked, everywhere=True))
    return {grain: pl.concat(parts) for grain, parts in found.items() if parts}


def _figures(
    work: _Work, grain: str, values: Mapping[str, pl.DataFrame], made: dict[str, Any]
) -> Iterator[pl.DataFrame]:
    """Work out the rows of figures that are no sum over lines, at one grain."""
    for one in work.indicators:
        if one.rows is None or grain not in one.grains:
            continue
        everywhere = bool(one.of_values)
        known = work.periods_of(grain, by_quarter=one.by_quarter, everywhere=everywhere or one.is_stock)
        every_slice = work.of_buyer.get(grain, pl.DataFrame(schema={"buyer": pl.UInt32, "slice": pl.String}))
        wanted = every_slice.filter(slices.touches(None if everywhere else work.touched, grain))
        of = pl.DataFrame(schema={"indicator_id": pl.String, **_ROW_TYPES})
        if everywhere and grain in values:
            of = values[grain].filter(pl.col("indicator_id").is_in(list(one.of_values)))
        asked = [(wanted, known)]
        if one.is_stock and work.touched is not None:
            # Time moves what stands at the end of a period that is not over, of whoever was not touched, too.
            moved = slices.moved(work.touched, known)
            standing = slices.stands(work.touched, known)
            asked = [(every_slice, moved), (wanted, standing.join(moved, on="period", how="anti"))]
        rows = pl.concat(
            [
                one.rows(work.base, Cells(grain, told, some, work.entered_of(some), of, made))
                for told, some in asked
                if not some.is_empty()
            ]
            or [pl.DataFrame(schema=_ROW_TYPES)],
            how="diagonal_relaxed",
        )
        rows = rows.select(
            (pl.col(name).cast(kind) if name in rows.columns else pl.lit(None, kind).alias(name))
            for name, kind in _ROW_TYPES.items()
        )
        if (every := work.every(grain, pl.concat([some for _, some in asked]))) is not None:
            rows = every.join(rows, on=KEY, how="left").with_columns(pl.col("n", "n_excluded").fill_null(0))
        yield rows.with_columns(pl.lit(one.indicator_id).alias("indicator_id"))

"""With whom a council is compared, and whether our figures agree with those that others have published."""

import datetime as dt
from functools import cache

import polars as pl

from transforms import places
from transforms.reference import facts
from warehouse import schema

PEERS = 15
"""Peers of each council."""

SIMPLE, STATISTICAL = "simple", "ons"
"""Models of peers: our own, and the statistical nearest neighbours of the Office for National Statistics."""

NEIGHBOUR: dict[str, pl.DataType] = {
    "area_code": pl.String(),
    "peer_code": pl.String(),
    "rank": pl.Int64(),
    "source": pl.String(),
}
"""Statistical nearest neighbours as they are loaded: 1 is the most like the area."""

ENOUGH_AWARDS, ENOUGH_COVERAGE = 100, 0.6
"""From here on a figure of ours is compared with a published one: bounds, and a few large awards, say too little."""

SERVICES_SINCE = {"contracts-finder": dt.date(2015, 2, 26), "find-a-tender": dt.date(2021, 1, 1)}
"""The first day of each service: a day was read when all services of that day were."""

_SIMPLE_SOURCE = (
    "simple peers, not the model of the Office for National Statistics: the same kind of council, "
    "the nearest {of} (population: its mid-2020 estimates)"
)


def peers(area: pl.DataFrame, neighbour: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return the councils with which each council is compared.

    Simple peers are councils of the same kind whose population and density are nearest: both by ratio (twice as many is
    as far as half as many), in units of how much councils of that kind differ. Density is the population over the
    square kilometres that hold an address; where these are not known of every council of a kind, population decides.

    Args:
        area: table ``area``: those in force are taken. ``settled_km2`` may be lacking.
        neighbour: statistical nearest neighbours, in the columns of ``NEIGHBOUR``; none when left out.

    Returns:
        Table ``peer``, sorted by key. A council whose population is not known has no simple peers, and is none.
    """
    settled = pl.col("settled_km2") if "settled_km2" in area.columns else pl.lit(None, pl.Float64)
    council = (
        area.filter(pl.col("kind").is_in(places.COUNCILS) & pl.col("valid_to").is_null() & (pl.col("population") > 0))
        .select(
            "area_code",
            "kind",
            people=pl.col("population").log(),
            # A density is of every council of a kind, or of none: else two measures would be mixed.
            density=pl.when((settled > 0).fill_null(value=False).all().over("kind")).then(
                (pl.col("population") / settled).log()
            ),
        )
        .with_columns(of=pl.when(pl.col("density").is_null()).then(pl.lit("population")).otherwise(pl.lit(_BOTH)))
    )
    # Of a kind that has but one council, or only equal ones, nothing differs.
    scaled = council.with_columns(
        ((pl.col(name) - pl.col(name).mean()) / pl.when(pl.col(name).std() > 0).then(pl.col(name).std()))
        .over("kind")
        .fill_null(0.0)
        for name in ("people", "density")
    )
    pairs = scaled.join(scaled.drop("of"), on="kind", suffix="_peer").filter(
        pl.col("area_code") != pl.col("area_code_peer")
    )
    away = (pl.col("people") - pl.col("people_peer")).pow(2) + (pl.col("density") - pl.col("density_peer")).pow(2)
    simple = (
        # Rounded, so that no last digit of a floating-point number decides between two peers.
        pairs.with_columns(away=away.round(9))
        .sort("area_code", "away", "area_code_peer")
        .with_columns(rank=pl.int_range(1, pl.len() + 1).over("area_code"))
        .filter(pl.col("rank") <= PEERS)
        .select(
            "area_code",
            peer_code="area_code_peer",
            model=pl.lit(SIMPLE),
            rank=pl.col("rank").cast(pl.Int64),
            source=pl.col("of").replace_strict(
                {words: _SIMPLE_SOURCE.format(of=words) for words in ("population", _BOTH)}, return_dtype=pl.String
            ),
        )
    )
    told = simple.select(list(schema.frame_schema("peer")))
    if neighbour is not None:
        listed = neighbour.filter((pl.col("rank") <= PEERS) & (pl.col("area_code") != pl.col("peer_code")))
        listed = listed.with_columns(model=pl.lit(STATISTICAL)).select(told.columns)
        told = pl.concat([told, listed])
    return told.sort(schema.key_columns("peer"))


_BOTH = "population and density"


def chosen(peer: pl.DataFrame) -> pl.DataFrame:
    """Return the peers that are used: a council's statistical neighbours where they were loaded, else its simple peers.

    Args:
        peer: table ``peer``.
    """
    is_listed = (pl.col("model") == STATISTICAL).any().over("area_code")
    return peer.filter(pl.col("model") == pl.when(is_listed).then(pl.lit(STATISTICAL)).otherwise(pl.lit(SIMPLE)))


@cache
def network() -> pl.DataFrame:
    """Return table ``network_member``: the councils that joined a network, with the day where a source tells it."""
    return _typed("network_members.csv", "network_member")


@cache
def published() -> pl.DataFrame:
    """Return table ``published_figure``: what others have published, with base, period and source."""
    return _typed("published_figures.csv", "published_figure")


def _typed(name: str, table: str) -> pl.DataFrame:
    told = facts(name)
    return told.select(
        pl.col(column).str.to_date("%Y-%m-%d") if dtype == pl.Date else pl.col(column).cast(dtype)
        for column, dtype in schema.frame_schema(table).items()
    ).sort(schema.key_columns(table))


def agreement(values: pl.DataFrame, period: pl.DataFrame, read: pl.DataFrame, newest_on: dt.date) -> pl.DataFrame:
    """Put our figures beside the published ones.

    Of a published figure of several years ours is of all our periods within it together: of shares the sums over them,
    of a median only where one period is the whole of it.

    Args:
        values: table ``indicator_value``, at least the rows of ``compared``.
        period: table ``period``.
        read: ``source, day`` of the days of which all notices were read.
        newest_on: the day up to which notices were read.

    Returns:
        Table ``agreement``, sorted by key.
    """
    whole_days = _whole_days(read)
    dated = period.select("period", "kind", "first_on", "last_on", is_settled=~pl.col("is_provisional"))
    undivided = values.filter(pl.col("tier").is_null() & pl.col("cpv_division").is_null()).join(dated, on="period")
    by_figure = undivided.partition_by("indicator_id", "grain", as_dict=True)
    nothing = undivided.clear()
    rows = []
    for figure in published().iter_rows(named=True):
        own = by_figure.get((figure["indicator_id"], figure["grain"]), nothing)
        for compared, chosen_of in (("same_period", _within(own, figure)), ("latest_year", _latest(own, newest_on))):
            if figure["indicator_id"] is None and compared == "latest_year":
                continue
            pooled = _pooled(chosen_of.sort("first_on"))
            rows.append(
                {
                    "figure_id": figure["figure_id"],
                    "compared": compared,
                    **pooled,
                    "read_share": _read_share(chosen_of, whole_days),
                    "verdict": _verdict(figure, pooled),
                }
            )
    return pl.DataFrame(rows, schema=schema.frame_schema("agreement"), orient="row").sort(
        schema.key_columns("agreement")
    )


def compared() -> pl.DataFrame:
    """Return which of our figures are put beside published ones: ``indicator_id, grain, slice``."""
    told = published().select("indicator_id", "grain").drop_nulls().unique().sort("indicator_id", "grain")
    return told.with_columns(slice=pl.col("grain").replace_strict({"all": "all", "england": "England"}))


def warnings(told: pl.DataFrame) -> list[str]:
    """Say in words which figures of ours are outside their plausible band, in the period of the published figure.

    Args:
        told: table ``agreement``.
    """
    beside = told.filter((pl.col("compared") == "same_period") & (pl.col("verdict") == "outside")).join(
        published(), on="figure_id", suffix="_of_others"
    )
    return [_warning(row) for row in beside.sort("figure_id").iter_rows(named=True)]


def _warning(row: dict[str, object]) -> str:
    is_share = str(row["unit"]).startswith("share")
    value, low, high = (
        f"{100 * float(str(row[name])):.1f} %" if is_share else f"£{float(str(row[name])):,.0f}"
        for name in ("value", "plausible_low", "plausible_high")
    )
    return (
        f"{row['indicator_id']} ({row['grain']}) is {value} for {row['periods']}, outside {low} to {high}, which is "
        f"plausible beside {row['source']}: {row['says']}. Look at the data behind it before it is printed "
        f"({row['n']:,} awards; {100 * float(str(row['coverage_share'])):.0f} % known; see out_agreement)"
    )


def _within(own: pl.DataFrame, figure: dict[str, object]) -> pl.DataFrame:
    """Return our rows of the periods within that of a published figure: of years where it is of such, else quarters."""
    first, last = figure["first_on"], figure["last_on"]
    if own.is_empty() or not isinstance(first, dt.date) or not isinstance(last, dt.date):
        return own.clear()
    kind = "financial_year" if (first.month, last.month) == (4, 3) else "quarter"
    inside = own.filter((pl.col("kind") == kind) & (pl.col("first_on") >= first) & (pl.col("last_on") <= last))
    is_part = inside.height > 0 and (inside["first_on"].min() != first or inside["last_on"].max() != last)
    if not str(figure["unit"]).startswith("share") and (inside.height != 1 or is_part):
        return own.clear()
    return inside


def _latest(own: pl.DataFrame, newest_on: dt.date) -> pl.DataFrame:
    """Return our row of the newest twelve months that are no longer provisional."""
    if own.is_empty():
        return own
    settled = own.filter((pl.col("kind") == "trailing_12") & (pl.col("last_on") <= newest_on) & pl.col("is_settled"))
    return settled.filter(pl.col("last_on") == pl.col("last_on").max())


def _pooled(own: pl.DataFrame) -> dict[str, object]:
    """Add up the rows of several periods: a share is over their sums, anything else is that of the one row."""
    none = dict.fromkeys(("value", "value_low", "value_high", "coverage_share"))
    if own.is_empty():
        return {"periods": None, **none, "n": 0}
    known = own.filter(pl.col("n") > 0)
    told: dict[str, object] = {"periods": ", ".join(own["period"]) or None, **none, "n": int(known["n"].sum())}
    if known.is_empty():
        return told
    if known["known_share"].is_null().all():
        return {**told, **{name: known[name][0] for name in none}} if known.height == 1 else told
    of = pl.col("denominator")
    whole, yes, answered, low, high = known.select(
        of.sum(),
        pl.col("numerator").sum(),
        answered=(pl.col("coverage_share") * of).sum(),
        low=(pl.col("low_share") * of).sum(),
        high=(pl.col("high_share") * of).sum(),
    ).row(0)
    if not whole:
        return told
    return {
        **told,
        "value": yes / answered if answered else None,
        "value_low": low / whole,
        "value_high": high / whole,
        "coverage_share": answered / whole,
    }


def _verdict(figure: dict[str, object], pooled: dict[str, object]) -> str:
    if figure["indicator_id"] is None:
        return "not_measured"
    value, n, coverage = pooled["value"], pooled["n"], pooled["coverage_share"]
    if (
        not isinstance(value, float)
        or not isinstance(n, int)
        or n < ENOUGH_AWARDS
        # A median has no coverage: it is of what is known.
        or (isinstance(coverage, float) and coverage < ENOUGH_COVERAGE)
    ):
        return "too_little_known"
    low, high = figure["plausible_low"], figure["plausible_high"]
    if not isinstance(low, float) or not isinstance(high, float):
        return "no_band"
    return "within" if low <= value <= high else "outside"


def _whole_days(read: pl.DataFrame) -> pl.Series:
    """Return the days on which all that the services of that day published was read."""
    since = pl.DataFrame(list(SERVICES_SINCE.items()), schema={"source": pl.String, "since": pl.Date}, orient="row")
    days = read.select("source", "day").unique().join(since, on="source").filter(pl.col("day") >= pl.col("since"))
    held = days.group_by("day").len("held")
    expected = pl.sum_horizontal((pl.col("day") >= pl.lit(day)).cast(pl.UInt32) for day in SERVICES_SINCE.values())
    return held.filter(pl.col("held") >= expected)["day"].sort()


def _read_share(own: pl.DataFrame, whole_days: pl.Series) -> float | None:
    if own.is_empty():
        return None
    spans = own.select("first_on", "last_on").drop_nulls()
    if spans.is_empty():
        return None
    days = sum((last - first).days + 1 for first, last in spans.iter_rows())
    read = sum(whole_days.is_between(first, last).cast(pl.Int64).sum() for first, last in spans.iter_rows())
    return float(read / days)

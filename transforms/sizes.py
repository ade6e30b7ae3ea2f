"""Which awards are large for their buyer: beside its other awards, beside its market, or beside its residents.

A contract of £5m is nothing for a ministry and everything for a district council: fixed sizes do not tell.
The numbers of the rules are dated data, ``transforms/reference/large_rules.csv``; those in force on the date of the
award count. All sums are of whole pence, and whatever is told depends on which awards there are, not on their order.
"""

import datetime as dt

import polars as pl

from transforms.reference import facts
from warehouse import schema

_RULES = ("buyer", "market", "residents")

_KINDS = {
    "council": "councils",
    "combined_authority": "combined authorities",
    "police": "police forces and commissioners",
    "fire": "fire and rescue authorities",
    "health": "health bodies",
    "school": "schools and colleges",
    "university": "universities",
    "housing": "housing associations",
    "central": "central government bodies",
    "central_purchasing_body": "central purchasing bodies",
    "portal": "portals and agents",
    "shared_service": "shared services",
    "other_local": "other local bodies",
    "other": "other public bodies",
}

_FOUND = {"row": pl.UInt32(), "place": pl.Int32(), "rule": pl.String()}


def large(award: pl.DataFrame, area: pl.DataFrame) -> pl.DataFrame:
    """Find the awards that are large for their buyer, with the rules that say so.

    An award is large by any of these (ruling 9 of the methodology):
    it is of £1m or more and at least 10 % of what its buyer awarded in the 36 months that end with its date, itself
    included, where at least 10 other awards are known in those months, the first of them 24 months older or more;
    it is at or above the 99th percentile (nearest rank) of its market, a division of the classification and a kind of
    buyer, over the 12 quarters that end with its own, of 100 awards or more;
    its buyer is a council, and its annualised amount is at least £50 for each resident of the buyer's area.
    The annualised amount alone decides nothing else.

    The first of a buyer's awards are all of its history, and one in a short history easily a tenth: hence the 10 others
    and the 24 months, without which a history read in part would make every larger award look large.

    Args:
        award: every core award with a credible amount, each once: ``award_id``, ``buyer_id``, ``buyer_kind``,
            ``buyer_area_code``, ``cpv_division`` (two digits), ``awarded_on``, ``amount_gbp`` and ``annualised_gbp``
            (pounds). Where one is null, the rules that need it do not fire.
        area: table ``area``: ``area_code``, ``population``.

    Returns:
        ``award_id`` and ``rule``, the rules that fired in words with their numbers, one row per large award, sorted by
        ``award_id``. Who is not here is not large, as far as the awards given tell.
    """
    told = award.select(
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"),
        _number("buyer_id").alias("buyer"),
        _pence("amount_gbp").alias("pence"),
        pl.col("awarded_on").cast(pl.Int32).alias("day"),
    )
    # A market is one number, so that it is sorted and joined as one.
    market = award.select(
        pl.when(pl.col("cpv_division").is_not_null() & pl.col("buyer_kind").is_not_null()).then(
            _number("cpv_division") * 1_000 + _number("buyer_kind")
        )
    ).to_series()
    day = pl.col("awarded_on")
    quarter = award.select(day.dt.year().cast(pl.Int32) * 4 + (day.dt.month().cast(pl.Int32) - 1) // 3).to_series()
    told = told.with_columns(market.alias("market"), quarter.alias("quarter"))
    found: list[pl.DataFrame] = []
    for from_on, until_on, rules in _editions():
        # An award without a date falls under the first edition.
        within = pl.col("awarded_on").fill_null(dt.date.min).is_between(from_on, until_on, closed="left")
        rows = award.select(within).to_series()
        found += [
            _beside_buyer(told, rows, rules),
            _beside_market(told, rows, award, rules),
            _beside_residents(told, rows, award, area, rules),
        ]
    rules_of = pl.concat([pl.DataFrame(schema=_FOUND), *found]).sort("row", "place").group_by("row").agg("rule")
    return rules_of.select(
        award["award_id"].gather(rules_of["row"]).alias("award_id"), pl.col("rule").list.join("; ")
    ).sort("award_id")


def _editions() -> list[tuple[dt.date, dt.date, dict[str, int]]]:
    """Return from when, until when (not included) and with which numbers the rules are in force; the first for ever."""
    told = facts("large_rules.csv").select(
        pl.col("from_on").str.to_date("%Y-%m-%d"), pl.col("rule") + "." + pl.col("setting"), pl.col("number").cast(int)
    )
    starts = told["from_on"].unique().sort().to_list()
    editions = []
    numbers: dict[str, int] = {}
    for place, start in enumerate(starts):
        numbers = numbers | dict(told.filter(pl.col("from_on") == start).select("rule", "number").rows())
        until = starts[place + 1] if place + 1 < len(starts) else dt.date.max
        editions.append((start if place else dt.date.min, until, numbers))
    return editions


def _beside_buyer(told: pl.DataFrame, rows: pl.Series, rules: dict[str, int]) -> pl.DataFrame:
    """Find awards that are a large part of what their buyer awarded in the months before."""
    # One ascending number for buyer and day: a window of a buyer is then between two places in one sorted column.
    key = (pl.col("buyer").cast(pl.Int64) * 2**32 + pl.col("day")).alias("key")
    dated = told.filter(pl.col("buyer").is_not_null() & pl.col("day").is_not_null())
    history = dated.select(key, "day", "pence").sort("key")
    total = pl.concat([pl.Series("pence", [0], dtype=pl.Int64), history["pence"].cum_sum()])
    asked = told.filter(
        rows & (pl.col("pence") >= rules["buyer.smallest_gbp"] * 100) & pl.col("buyer").is_not_null()
    ).drop_nulls("day")
    first_day = pl.col("day").cast(pl.Date).dt.offset_by(f"-{rules['buyer.months']}mo").cast(pl.Int32) + 1
    old_enough = pl.col("day").cast(pl.Date).dt.offset_by(f"-{rules['buyer.history_months']}mo").cast(pl.Int32)
    asked = asked.with_columns(
        key, (pl.col("buyer").cast(pl.Int64) * 2**32 + first_day).alias("first_key"), old_enough.alias("old_enough")
    )
    start = history["key"].search_sorted(asked["first_key"], "left")
    end = history["key"].search_sorted(asked["key"], "right")
    asked = asked.with_columns(
        (end - start).cast(pl.Int64).alias("awards"),
        (total.gather(end) - total.gather(start)).alias("total"),
        history["day"].gather(start).alias("oldest"),
    ).filter(
        (pl.col("awards") > rules["buyer.other_awards"])
        & (pl.col("oldest") <= pl.col("old_enough"))
        # As a division, so that no product is too large for 64 bits.
        & (pl.col("total") <= pl.col("pence") * 100 // rules["buyer.percent"])
    )
    texts = [
        f"{_pounds(pence)} is {pence * 100 // total} % of the buyer's {_pounds(total)} in "
        f"{rules['buyer.months']} months ({awards:,} awards)"
        for pence, total, awards in asked.select("pence", "total", "awards").iter_rows()
    ]
    return _found(asked["row"], "buyer", texts)


def _beside_market(told: pl.DataFrame, rows: pl.Series, award: pl.DataFrame, rules: dict[str, int]) -> pl.DataFrame:
    """Find awards at or above a high percentile of their market."""
    placed = told.select("row", "market", "quarter", "pence").drop_nulls()
    quarters = placed.group_by("market", "quarter").agg(pl.len().cast(pl.Int64).alias("n"))
    # Every quarter of a market is in the windows that end with it and with the quarters after it.
    windows = quarters.join(
        pl.DataFrame({"after": range(rules["market.quarters"])}, schema={"after": pl.Int32}), how="cross"
    ).with_columns((pl.col("quarter") + pl.col("after")).alias("until"))
    # Only windows that end with a quarter in which something was awarded are asked for.
    windows = windows.join(
        quarters.select("market", pl.col("quarter").alias("until")), on=["market", "until"], how="semi"
    )
    n = pl.col("n").sum().over("market", "until")
    windows = windows.with_columns(n.alias("awards")).filter(pl.col("awards") >= rules["market.awards"])
    # The nearest rank counted from the top: 2 of 100, 2 of 199, 3 of 200.
    percentile = rules["market.percentile"]
    rank = pl.col("awards") - (pl.col("awards") * percentile + 99) // 100 + 1
    windows = windows.with_columns(rank.alias("rank"))
    # No window looks further down a quarter than its own rank: most awards never enter one.
    deepest = windows.group_by("market", "quarter").agg(pl.col("rank").max())
    top = (
        placed.join(deepest, on=["market", "quarter"])
        .sort("market", "quarter", "pence", descending=[False, False, True])
        .filter(pl.int_range(pl.len()).over("market", "quarter") < pl.col("rank"))
        .select("market", "quarter", "pence")
    )
    fences = (
        windows.select("market", "quarter", "until", "rank", "awards")
        .join(top, on=["market", "quarter"])
        .group_by("market", "until")
        .agg(
            pl.col("pence").sort(descending=True).get(pl.col("rank").first() - 1).alias("fence"),
            pl.col("awards").first(),
        )
    )
    asked = (
        told.filter(rows)
        .join(fences, left_on=["market", "quarter"], right_on=["market", "until"])
        .filter(pl.col("pence") >= pl.col("fence"))
    )
    named = award.select("cpv_division", "buyer_kind").select(pl.all().gather(asked["row"]))
    texts = [
        f"{_pounds(pence)} is at or above the {percentile}th percentile, {_pounds(fence)}, of {awards:,} awards of "
        f"division {division} by {_KINDS.get(kind, kind)} in the {rules['market.quarters']} quarters to "
        f"{quarter // 4}Q{quarter % 4 + 1}"
        for (pence, fence, awards, quarter), (division, kind) in zip(
            asked.select("pence", "fence", "awards", "quarter").iter_rows(), named.iter_rows(), strict=True
        )
    ]
    return _found(asked["row"], "market", texts)


def _beside_residents(
    told: pl.DataFrame, rows: pl.Series, award: pl.DataFrame, area: pl.DataFrame, rules: dict[str, int]
) -> pl.DataFrame:
    """Find awards of councils that are large for each resident and year."""
    residents = area.select(pl.col("area_code").alias("buyer_area_code"), "population").drop_nulls()
    asked = (
        award.select(
            told["row"],
            pl.when(rows & (pl.col("buyer_kind") == "council")).then("buyer_area_code").alias("buyer_area_code"),
            _pence("annualised_gbp").alias("yearly"),
        )
        .drop_nulls()
        .join(residents.filter(pl.col("population") > 0).unique("buyer_area_code"), on="buyer_area_code")
        .filter(pl.col("yearly") >= pl.col("population") * rules["residents.gbp_a_year"] * 100)
    )
    texts = [
        f"{_pounds(yearly)} a year is £{yearly // population / 100:,.2f} for each of {population:,} residents"
        for yearly, population in asked.select("yearly", "population").iter_rows()
    ]
    return _found(asked["row"], "residents", texts)


def _found(rows: pl.Series, rule: str, texts: list[str]) -> pl.DataFrame:
    return pl.DataFrame(
        {"row": rows, "place": pl.repeat(_RULES.index(rule), rows.len(), dtype=pl.Int32, eager=True), "rule": texts},
        schema=_FOUND,
    )


def _number(column: str) -> pl.Expr:
    """Number the values of a column; null stays null, and which number it is never shows."""
    return pl.col(column).rank("dense").cast(pl.Int32)


def _pence(column: str) -> pl.Expr:
    return pl.col(column).cast(schema.dtype(schema.TABLES["award"].c[column])).to_physical().cast(pl.Int64)


def _pounds(pence: int) -> str:
    """Write pence as whole pounds, what is under a pound left out."""
    return f"£{pence // 100:,}"

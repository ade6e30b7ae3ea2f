"""What an amount is worth believing: its kind, its status, its size, and the share of each supplier.

Contracts Finder has no flag for frameworks, states one amount for all suppliers of an award, and carries
amounts that nobody paid: ceilings, zeros, placeholders and unit prices.
Two notices that set up frameworks carried 59 % of the value in a sample of 147 awards, so every amount is judged
before it may enter a sum.
Find a Tender says more (frameworks, dynamic markets, the law, amounts with VAT), and contradicts itself more often:
what disagrees is told in ``contradictions``, and nothing is corrected.

Rules that are numbers or words are data, in ``transforms/reference``: ``amount_rules.csv``,
``placeholder_amounts.csv``, ``tiers.csv``, ``thresholds.csv``, ``contract_kinds.csv``, ``framework_phrases.csv`` and
``concession_phrases.csv``.
"""

from collections.abc import Sequence
from functools import cache
from string import Formatter

import polars as pl

from transforms.reference import facts

TIERS = ("below_threshold", "small", "medium", "large", "major", "mega", "over_1bn")
"""Sizes of contract, from the smallest; ``tiers.csv`` holds their fences."""

_ROLES = ("other_sense", "neutral", "call_off", "agreement", "framework", "reference", "done", "setting_up", "using")
_MARKS = {role: chr(0xE000 + place) for place, role in enumerate(_ROLES)}  # Private use: no notice is written in these.

# What a text must hold, in any case, before its wording is looked at closely: a phrase of every role that decides.
# fmt: off
_HINTS = [
    "framework", "dynamic", "dps", "cloud", "rm1", "rm3", "rm6", "rm 1", "rm 3", "rm 6", "callof", "call of", "call-of",
    "calls of", "calls-of", "called of", "called-of", "calling of", "calling-of", "mini comp", "mini-comp", "minicomp",
    "further com", "further-com",
]
# fmt: on
_TEXTS_AT_ONCE = 20_000

_KINDS = {
    "market_notice": ("dynamic_market", "the notice is one about a dynamic market"),
    "market": ("dynamic_market", "the notice says that it sets up a dynamic market or purchasing system"),
    "framework": ("framework_ceiling", "the notice says that it sets up a framework"),
    "concession_law": ("concession", "the notice is one of a concession: its amount is what users are expected to pay"),
    "concession_words": ("concession", "the title or the procedure tells of a concession"),
    "shared": ("suspected_ceiling", "{} suppliers share one amount, as in a framework"),
    "procedure": ("call_off", "the procedure is a call-off"),
    "title_using": ("call_off", "the title tells of buying under a framework"),
    "text_used": ("call_off", "the description says that it was bought under a framework"),
    "setting_up": ("suspected_ceiling", "the notice tells of setting up a framework"),
    "title": ("suspected_ceiling", "the title speaks of a framework, and nothing of a call-off"),
    "text_using": ("call_off", "the description tells of buying under a framework"),
    "parent": ("call_off", "the notice names the framework or procurement that it belongs to"),
    "text": ("suspected_ceiling", "the description speaks of a framework, and nothing of a call-off"),
    "silent": (
        "contract",
        "the description speaks of a framework, but the notice has a place of its own for that and states none",
    ),
    "denied": ("contract", "the text speaks of a framework, but the notice says that it sets up none"),
    "whole": ("suspected_ceiling", "several awards of the notice state one amount, that of the whole tender"),
    "untold": ("unknown", "without title, description and procedure it cannot be told what the amount is"),
    "range": ("range", "the notice states a range, and no amount of the award itself"),
    "none": ("contract", "no framework wording"),
}

_STATUSES = {
    "ok": ("ok", "amount as published"),
    "foreign": ("foreign_currency", "the amount is not in pounds but in {}"),
    "no_currency": ("missing", "no amount with a stated currency; pounds are not assumed"),
    "missing": ("missing", "no amount in pounds, net of VAT, that can be read"),
    "zero": ("zero", "the amount is zero"),
    "negative": ("implausible", "the amount is negative"),
    "small": ("placeholder", "under {}: a placeholder or the price of one unit"),
    "fake": ("placeholder", "digits in a row or all alike: a placeholder"),
    "huge": ("implausible", "over {}: larger than any single award known"),
}

_CORE_KINDS = ("contract", "call_off", "range")

_GIVEN = ("active", "terminated")

IS_CORE = (
    pl.col("status").is_in(_GIVEN).fill_null(False)
    & pl.col("value_kind").is_in(_CORE_KINDS)
    & pl.col("duplicate_of").is_null()
).alias("is_core")
"""Whether an award is in the core once it is known whether it repeats another: see ``believe``."""

_PRICED_KINDS = ("contract", "call_off")
_CEILING_KINDS = ("framework_ceiling", "suspected_ceiling", "dynamic_market")

_MARKET_NOTICES = ("UK13", "UK14", "UK15", "UK16")

_OPTIONAL: dict[str, pl.DataType] = {
    "procurement_id": pl.String(),
    "release_id": pl.String(),
    "content_hash": pl.String(),
    "lot_id": pl.String(),
    "notice_type": pl.String(),
    "regime": pl.String(),
    "special_regime": pl.String(),
    "method": pl.String(),
    "parent_ocid": pl.String(),
    "lot_currencies": pl.String(),
    "is_framework": pl.Boolean(),
    "is_dynamic": pl.Boolean(),
    "is_above_threshold": pl.Boolean(),
    "estimate_gbp": pl.Decimal(18, 2),
    "estimate_low_gbp": pl.Decimal(18, 2),
    "starts_on": pl.Date(),
    "ends_on": pl.Date(),
    "ends_latest_on": pl.Date(),
}

_CONTRADICTIONS = {
    "net_over_gross": "the amount without VAT, {net}, is above the one with VAT, {gross}",
    "gross_far_over_net": "the amount with VAT, {gross}, is more than VAT above the one without, {net}",
    "lot_currency": "the award is in {currency}, its lots in {lot_currencies}",
    "estimate_currency": "the award is in {currency}, the estimate of its tender in pounds",
    "ends_before_start": "it ends on {ends_on}, before it starts on {starts_on}",
    "extended_before_end": "with every extension it ends on {ends_latest_on}, before its end on {ends_on}",
    "ends_far_off": "it ends on {last_on}, more than {years:g} years after {first_on}",
    "alike_in_lot": "{awards_alike} awards of one lot state the same amount, {amount}",
    "awarded_after_publication": "awarded on {awarded_on}, after it was published on {published_on}",
    "awarded_long_before": "awarded on {awarded_on}, over {back:g} years before it was published on {published_on}",
    "called_below": "called below the threshold beside {amount}; the threshold is {upper} or less",
    "called_above": "called above the threshold beside {amount}; the threshold is {lower} or more",
    "above_and_below": "the procedure and the flag disagree on whether it is above the threshold",
    "direct_and_large": "called a direct award or single tender beside {amount}",
    "direct_and_open": "the procedure is called {method} in one place and open or direct in the other",
    "framework_and_call_off": "said to set up a framework, beside the words of a call-off",
    "no_framework_but_words": "said to set up no framework, while the text tells of one",
    "upper_end_of_range": "the amount is the upper end of the range {estimate_low} to {estimate}",
    "far_over_estimate": "the amount {amount} is over {times:g} times the estimate of {estimate}",
}


def believe(award: pl.DataFrame) -> pl.DataFrame:
    """Judge the amount of every award.

    Kind, the first rule that holds:
    a notice about a dynamic market (UK13 to UK16), or one that says that it sets up a dynamic market, is one;
    a notice that says that it sets up a framework states a ceiling (``framework_ceiling``), unless its procedure is a
    call-off;
    a concession by its law, by its special regime, or (where the notice names its law) by title or procedure is one;
    three or more suppliers that share one amount, in one award or in several of one lot and release, are a suspected
    ceiling, whatever the words, unless the notice says that it sets up no framework;
    so are several awards of a release that each state the amount of the whole tender;
    a procedure that is a call-off is one;
    a title that tells of a call-off, or of buying under a framework, is one;
    so is a description that says it *was* bought under one;
    words that set up a framework make a suspected ceiling, in title or description;
    so does any other framework wording in the title;
    a description that otherwise tells of buying under a framework is a call-off,
    and so is a notice that names the procurement it belongs to;
    one that speaks of a framework agreement without that is a suspected ceiling;
    all else is a contract, and an award without any text is ``unknown``.
    "Framework" in another sense (of policy, of evaluation, "within the framework of") does not count.
    Where the notice says that it sets up no framework, words make no suspected ceiling.
    Where it says nothing of it, though it is under the Act of 2023, whose forms ask for frameworks in a place of their
    own, and names its procedure, a description that merely speaks of a framework makes none either.
    A title that speaks of one, and words that set one up, still do: a ceiling taken for a contract does more harm to a
    sum than a contract left out.
    A contract or call-off without an amount of its own, beside a range in the tender, is a ``range``.

    Amount: where only the amount with VAT is stated, that one stands in ``amount_gbp``, and the reason says so.

    Status: ``ok``, ``zero``, ``placeholder`` (under £100, 999,999,999, 1,234,567,890 and their like), ``implausible``
    (negative, or over £20 billion), ``foreign_currency``, and ``missing``, which includes an amount without a currency.

    Core: awards that were given (active, or ended since) and are contracts, call-offs or ranges, whether or not their
    amount is credible: a contract whose price is only a range was given to someone, so it counts, and no sum holds it.
    Tier and ``is_mega``: by the fences of ``tiers.csv`` in force on the date of the award (else of publication);
    null but for contracts and call-offs with a credible amount, since the size of the others is not known.
    ``below_threshold`` means below the statutory threshold for the kind of contract, with VAT (added where the
    notice does not state it). Where buyers' thresholds differ and nothing tells which applies, what the notice itself
    says of the threshold decides, else the lower one counts.
    Light-touch services are told by the special regime, else by the procedure, else by provisional classification
    prefixes; utilities and defence by the law or the special regime.
    ``value_reason`` says where VAT or the buyer's kind could move the award to another tier.

    Contradictions: fields of the notice that cannot all be right, or seldom are, in a fixed order; nothing is
    corrected for them. Where the direct award of a large contract is the rule, as in health services under the
    Provider Selection Regime, it is none.

    Args:
        award: told awards: ``amount_gbp`` (pounds, net where stated, null when missing or foreign),
            ``amount_gross_gbp``, ``currency``, ``supplier_count``, ``status``, ``awarded_on``, ``published_at``,
            ``buyer_party_id``, ``buyer_name``, ``title``, ``description``, ``method_details``, ``cpv_code``.
            Where they are there, also ``notice_type``, ``regime``, ``special_regime``, ``method``, ``parent_ocid``,
            ``lot_currencies``, ``is_framework``, ``is_dynamic``, ``is_above_threshold``, ``estimate_gbp``,
            ``estimate_low_gbp``, ``starts_on``, ``ends_on``, ``ends_latest_on``; a column that is not there is
            not known.

    Returns:
        The same rows in the same order, with ``value_kind``, ``value_status``, ``value_reason``, ``amount_basis``
        (null without an amount), ``annualised_gbp`` (a credible amount of a contract or call-off over its years, at
        least one, without extensions; null where its length is not known or not credible), ``contradictions``,
        ``is_core``, ``tier``, ``is_mega``, ``is_large_for_buyer`` (false where core and credible, else null: set by
        comparison with other awards later) and ``mega_rule``.
    """
    told = award.with_columns(
        pl.lit(None, dtype).alias(name) for name, dtype in _OPTIONAL.items() if name not in award.columns
    )
    judged = _read(told.with_columns(_alike(told)))
    judged = judged.with_columns(_status_rule().alias("status_rule"), _kind_rule().alias("kind_rule"))
    judged = _with_thresholds(judged)
    judged = _sized(judged)
    judged = _explained(judged)
    credible = pl.col("value_kind").is_in(_PRICED_KINDS) & (pl.col("status_rule") == "ok")
    judged = judged.with_columns(
        pl.when(credible).then(_annualised()).alias("annualised_gbp"),
        pl.when(pl.col("is_core") & credible).then(pl.lit(False)).alias("is_large_for_buyer"),
    )
    # fmt: off
    columns = (
        "value_kind", "value_status", "value_reason", "amount_basis", "annualised_gbp", "is_core", "tier", "is_mega",
        "is_large_for_buyer",
    )
    # fmt: on
    believed = award.with_columns(
        *(judged[column] for column in columns),
        pl.when(judged["is_gross_only"]).then("amount_gross_gbp").otherwise("amount_gbp").alias("amount_gbp"),
        _contradictions(judged),
    )
    return believed.with_columns(mega_rule(believed))


def mega_rule(award: pl.DataFrame) -> pl.Series:
    """Tell the rule behind ``is_mega``, with its numbers.

    Args:
        award: believed awards: ``is_mega``, ``tier``, ``amount_gbp``, ``awarded_on``, ``published_at``.

    Returns:
        ``mega_rule``: text, null where ``is_mega`` is not true.
    """
    rows = (
        award.with_row_index("row")
        .filter(pl.col("is_mega").fill_null(False))
        .select("row", "tier", _pence("amount_gbp"), _awarded_or_published_on().alias("on"))
    )
    fences = _fences().sort("from_on", descending=True, maintain_order=True).select("tier", "from_on", "lower").rows()
    texts = [
        f"{tier}: {_money(pence)} is at least "
        + _money(next(lower for name, from_on, lower in fences if name == tier and (on is None or from_on <= on)))
        for _, tier, pence, on in rows.iter_rows()
    ]
    told = rows.select("row", pl.Series("mega_rule", texts, dtype=pl.String))
    return award.select(pl.int_range(pl.len(), dtype=pl.get_index_type()).alias("row")).join(
        told, on="row", how="left", maintain_order="left"
    )["mega_rule"]


def ceilings(award: pl.DataFrame) -> pl.DataFrame:
    """List the ceilings among believed awards, stated or suspected, and the dynamic markets.

    Args:
        award: believed awards, whatever their status: ``award_id``, ``procurement_id``, ``amount_gbp``,
            ``supplier_count``, ``value_kind``, ``value_reason``.

    Returns:
        Rows of table ``ceiling``.
    """
    return award.filter(pl.col("value_kind").is_in(_CEILING_KINDS)).select(
        "award_id",
        "procurement_id",
        "amount_gbp",
        pl.col("supplier_count").cast(pl.Int64),
        "value_kind",
        pl.col("value_reason").alias("reason"),
    )


def weigh(lines: pl.DataFrame, award: pl.DataFrame) -> pl.DataFrame:
    """Divide each award evenly among its named suppliers.

    The pennies that do not divide go one each to the first suppliers, so the lines of an award sum exactly to it.

    Args:
        lines: one row per award line: ``award_id``, ``mention_id``.
        award: believed awards that hold all of those lines: ``award_id``, ``is_core``, ``value_status``,
            ``amount_gbp``.

    Returns:
        The same rows in the same order: ``award_id``, ``mention_id``, ``weight`` (one over the number of lines of the
        award) and ``value_gbp`` (pounds, null unless the award is core and its amount credible).
    """
    summed = pl.col("is_core").fill_null(False) & (pl.col("value_status") == "ok")
    count = pl.len().over("award_id")
    # Mentions are numbered within their award, so that 10 comes after 9: by length first.
    order = pl.struct(pl.col("mention_id").str.len_bytes().alias("length"), "mention_id")
    place = order.rank("ordinal").over("award_id").cast(pl.Int64)
    return (
        lines.select("award_id", "mention_id")
        .join(
            award.select("award_id", pl.when(summed).then(_pence("amount_gbp")).alias("pence")),
            on="award_id",
            how="left",
            maintain_order="left",
        )
        .with_columns(count.cast(pl.Int64).alias("count"))
        .with_columns(pl.when(pl.col("count") > 1).then(place).otherwise(1).alias("place"))
        .select(
            "award_id",
            "mention_id",
            (1.0 / pl.col("count")).alias("weight"),
            _pounds(
                pl.col("pence") // pl.col("count")
                + (pl.col("place") <= pl.col("pence") % pl.col("count")).cast(pl.Int64)
            ).alias("value_gbp"),
        )
    )


def is_below_threshold(tender: pl.DataFrame) -> pl.Series:
    """Tell estimates below the statutory threshold, with VAT, from those at or above it.

    The thresholds are those in force when the tender was published, for its kind of contract and of buyer; an answer
    is given where every threshold that may apply gives the same. Where VAT is not stated it is added; of light-touch
    services, which are often exempt, the answer must be the same with it and without.
    Not known without a credible estimate, of health services under the Provider Selection Regime, which has no
    threshold, and, without a classification, above the lowest threshold.

    Args:
        tender: rows of table ``procurement`` with ``is_light_touch``.

    Returns:
        True, false or null, in the same order.
    """
    law = pl.col("special_regime").fill_null("").str.to_lowercase().str.replace_all(" ", "", literal=True)
    told = tender.select(
        pl.coalesce("tendered_on", _published_on()).alias("on"),
        _pence("estimate_gbp").alias("pence"),
        _pence("estimate_gross_gbp").alias("gross"),
        _buyer_kind(law).alias("buyer_kind"),
        pl.when("is_light_touch")
        .then(pl.lit("light_touch"))
        .otherwise(_contract_kind(tender["cpv_code"]))
        .alias("contract_kind"),
        pl.col("cpv_code").is_not_null().alias("is_classified"),
        (pl.col("regime") == "psr2023").fill_null(value=False).alias("has_no_threshold"),
    )
    stated = pl.coalesce("gross", "pence")
    told = _with_thresholds(told).with_columns(
        pl.when(pl.col("gross").is_null() & (pl.col("contract_kind") == "light_touch"))
        .then("pence")
        .otherwise("with_vat")
        .alias("at_least"),
        (stated >= _rule("smallest_credible_gbp") * 100).alias("is_credible"),
    )
    return told.select(
        pl.when(~pl.col("is_credible") | pl.col("has_no_threshold"))
        .then(None)
        .when(pl.col("with_vat") < pl.col("lower"))
        .then(pl.lit(value=True))
        .when("is_classified", pl.col("at_least") >= pl.col("upper"))
        .then(pl.lit(value=False))
        .alias("is_below_threshold")
    ).to_series()


def _pence(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.Decimal(18, 2)).to_physical().cast(pl.Int64)


def _pounds(pence: pl.Expr) -> pl.Expr:
    return (pence.cast(pl.Decimal(18, 0)) * pl.lit("0.01").cast(pl.Decimal(3, 2))).cast(pl.Decimal(18, 2))


def _money(pence: float) -> str:
    return f"{'-' if pence < 0 else ''}£{abs(pence) / 100:,.2f}"


def _round_money(pounds: float) -> str:
    """Write a limit as people say it: £100, £20 billion."""
    return f"£{pounds / 1e9:g} billion" if pounds >= 1e9 else f"£{pounds:,.0f}"


def _published_on() -> pl.Expr:
    return pl.col("published_at").dt.convert_time_zone("Europe/London").dt.date()


def _awarded_or_published_on() -> pl.Expr:
    return pl.coalesce("awarded_on", _published_on()).cast(pl.Date)


def _rule(name: str) -> pl.Expr:
    """Return the number of ``amount_rules.csv`` in force on the day ``on``; without a day, the latest."""
    first, *later = facts("amount_rules.csv").filter(pl.col("rule") == name).sort("from_on").rows(named=True)
    number = pl.lit(float(first["amount"]))
    for row in later:
        in_force = pl.col("on").is_null() | (pl.col("on") >= pl.lit(row["from_on"]).str.to_date())
        number = pl.when(in_force).then(pl.lit(float(row["amount"]))).otherwise(number)
    return number


def _alike(told: pl.DataFrame) -> list[pl.Series]:
    """Count, for each award, those of its release that state the same amount: for its lot, and for the whole tender.

    A framework may give each of its suppliers an award of its own, and state one figure on all of them.
    """
    release = ["procurement_id", "release_id", "content_hash"]
    lot = [*release, "lot_id", "amount"]
    rows = told.select(
        *release,
        "lot_id",
        "award_id",
        "estimate_gbp",
        pl.col("supplier_count").fill_null(0).cast(pl.Int64),
        pl.coalesce("amount_gbp", "amount_gross_gbp").alias("amount"),
        pl.int_range(pl.len()).alias("row"),
    ).filter(pl.col("release_id").is_not_null(), pl.col("amount") > 0)
    # Most releases tell of one award: only the others are looked at. One may stand in the archive twice.
    rows = rows.filter(pl.struct(release).is_duplicated())
    awards = rows.unique([*lot, "award_id"])
    alike = awards.group_by(lot).agg(
        pl.len().cast(pl.Int32).alias("awards_alike"), pl.col("supplier_count").sum().alias("suppliers_alike")
    )
    whole = awards.group_by(*release, "amount").agg(pl.len().alias("awards_whole"))
    found = rows.join(alike, on=lot, nulls_equal=True).join(whole, on=[*release, "amount"], nulls_equal=True)
    is_whole = (pl.col("amount") == pl.col("estimate_gbp")) & (pl.col("awards_whole") > 1)
    joined = pl.DataFrame({"row": pl.int_range(told.height, eager=True)}).join(
        found.select("row", "awards_alike", "suppliers_alike", is_whole.alias("is_whole")),
        on="row", how="left", maintain_order="left",
    )  # fmt: skip
    return joined.select(
        pl.col("awards_alike").fill_null(1),
        pl.when(pl.col("awards_alike") > 1).then("suppliers_alike").otherwise(0).alias("suppliers_alike"),
        pl.col("is_whole").fill_null(False),
    ).get_columns()


def _read(told: pl.DataFrame) -> pl.DataFrame:
    """Read what the rules look at: amounts in pence, days, who buys under which law, what is said."""
    law = pl.col("special_regime").fill_null("").str.to_lowercase().str.replace_all(" ", "", literal=True)
    method = pl.col("method_details").fill_null("").str.to_lowercase().str.strip_chars()
    currencies = pl.col("lot_currencies").str.to_uppercase().str.extract_all(r"\b[A-Z]{3}\b").list.unique().list.sort()
    judged = told.select(
        "awarded_on",
        "starts_on",
        "ends_on",
        "ends_latest_on",
        "method",
        "regime",
        "is_framework",
        "is_dynamic",
        "is_above_threshold",
        _pence("amount_gbp").alias("pence"),
        _pence("amount_gross_gbp").alias("gross"),
        _pence("estimate_gbp").alias("estimate"),
        _pence("estimate_low_gbp").alias("estimate_low"),
        pl.col("currency").str.strip_chars().str.to_uppercase().replace("", None),
        currencies.list.join(", ").replace("", None),
        pl.max_horizontal(pl.col("supplier_count").fill_null(0), "suppliers_alike").alias("supplier_count"),
        "awards_alike",
        "is_whole",
        _published_on().alias("published_on"),
        _awarded_or_published_on().alias("on"),
        pl.col("status").is_in(_GIVEN).fill_null(False).alias("is_active"),
        _buyer_kind(law).alias("buyer_kind"),
        _contract_kind(told["cpv_code"]),
        # The words "light touch" are looked for only where the notice names its law, as those of Find a Tender do.
        (
            law.str.contains("lighttouch") | (pl.col("regime").is_not_null() & method.str.contains("light[- ]touch"))
        ).alias("is_light_touch"),
        (pl.col("regime").eq("ccr2016").fill_null(False) | law.str.contains("concession")).alias("is_concession"),
        pl.col("notice_type").is_in(_MARKET_NOTICES).fill_null(False).alias("is_market_notice"),
        pl.col("parent_ocid").fill_null("").str.strip_chars().ne("").alias("has_parent"),
        (method.ne("") & ~method.str.contains(r"\bunknown\b|not specified")).alias("is_method_stated"),
        method.str.contains(r"\bdirect(?:ly)?\b|single tender|without (?:prior )?(?:publication|competition)").alias(
            "is_direct"
        ),
        method.str.starts_with("open procedure").alias("is_open"),
        method.str.contains("below[- ]threshold").alias("is_called_below"),
        method.str.contains("above[- ]threshold").alias("is_called_above"),
        _framework_rule(told).alias("text_rule"),
        _has_concession_words(told),
    )
    gross_only = pl.col("pence").is_null() & pl.col("gross").is_not_null() & (pl.col("currency") == "GBP")
    return judged.with_columns(
        gross_only.fill_null(False).alias("is_gross_only"),
        pl.when(gross_only).then("gross").otherwise("pence").alias("pence"),
        pl.when("is_light_touch").then(pl.lit("light_touch")).otherwise("contract_kind").alias("contract_kind"),
    ).with_columns(
        pl.when("is_gross_only")
        .then(pl.lit("gross_only"))
        # The Act's forms name the amount without VAT as such, even where it stands alone.
        .when(pl.col("pence").is_not_null() & (pl.col("gross").is_not_null() | (pl.col("regime") == "pa2023")))
        .then(pl.lit("net_stated"))
        .when(pl.col("pence").is_not_null())
        .then(pl.lit("not_stated"))
        .alias("amount_basis")
    )


def _buyer_kind(law: pl.Expr) -> pl.Expr:
    """Tell whose threshold applies: utilities and defence by the law, councils by register code or by name."""
    is_council = pl.col("buyer_party_id").str.starts_with("GB-LAE-").fill_null(False) | pl.col(
        "buyer_name"
    ).str.contains(r"(?i)\b(?:council|borough of)\b").fill_null(False)
    return (
        pl.when(pl.col("regime").eq("ucr2016").fill_null(False) | law.str.contains("utilit"))
        .then(pl.lit("utility"))
        .when(pl.col("regime").eq("dspcr2011").fill_null(False) | law.str.contains("defence"))
        .then(pl.lit("defence"))
        .when(is_council)
        .then(pl.lit("council"))
        .otherwise(pl.lit("unknown"))
    )


def _has_concession_words(told: pl.DataFrame) -> pl.Series:
    """Tell titles and procedures that speak of a concession in law, where the notice names its law."""
    phrases = facts("concession_phrases.csv")
    patterns = {
        role: "|".join(phrases.filter(pl.col("role") == role)["pattern"].to_list())
        for role in ("other_sense", "concession")
    }
    text = pl.concat_str("title", "method_details", separator="\n", ignore_nulls=True)
    found = (
        told.select("regime", text.alias("text"))
        .with_row_index("row")
        .filter(
            pl.col("regime").is_not_null()
            & pl.col("text").str.contains_any(["concession"], ascii_case_insensitive=True)
        )
        .filter(
            pl.col("text")
            .str.to_lowercase()
            .str.replace_all(patterns["other_sense"], " ")
            .str.contains(patterns["concession"])
        )
    )
    return (
        pl.int_range(told.height, eager=True, dtype=pl.get_index_type())
        .is_in(found["row"].implode())
        .alias("has_concession_words")
    )


def _status_rule() -> pl.Expr:
    pence = pl.col("pence")
    fakes = [round(float(pounds) * 100) for pounds in facts("placeholder_amounts.csv")["amount_gbp"]]
    return (
        pl.when(pl.col("currency").is_null())
        .then(pl.lit("no_currency"))
        .when(pl.col("currency") != "GBP")
        .then(pl.lit("foreign"))
        .when(pence.is_null())
        .then(pl.lit("missing"))
        .when(pence == 0)
        .then(pl.lit("zero"))
        .when(pence < 0)
        .then(pl.lit("negative"))
        .when(pence < _rule("smallest_credible_gbp") * 100)
        .then(pl.lit("small"))
        .when(pence.is_in(fakes))
        .then(pl.lit("fake"))
        .when(pence > _rule("implausible_over_gbp") * 100)
        .then(pl.lit("huge"))
        .otherwise(pl.lit("ok"))
    )


def _kind_rule() -> pl.Expr:
    text = pl.col("text_rule")
    is_procedure = text == "procedure"
    is_denied = pl.col("is_framework").eq(False).fill_null(False)
    # Zeros and pennies are no amount that suppliers could share.
    shares = (pl.col("supplier_count") >= _rule("shared_by_suppliers")) & (
        pl.col("pence") >= _rule("smallest_credible_gbp") * 100
    )
    told = (
        pl.when(is_denied & text.is_in(["setting_up", "title", "text"]))
        .then(pl.lit("denied"))
        .when(pl.col("has_parent") & text.is_in(["none", "untold", "text"]))
        .then(pl.lit("parent"))
        .when((text == "text") & (pl.col("regime") == "pa2023") & pl.col("is_method_stated"))
        .then(pl.lit("silent"))
        .otherwise(text)
    )
    has_only_range = (
        (pl.col("estimate_low") < pl.col("estimate"))
        & pl.col("pence").is_null()
        & pl.col("gross").is_null()
        & pl.col("currency").fill_null("GBP").eq("GBP")
    )
    return (
        pl.when("is_market_notice")
        .then(pl.lit("market_notice"))
        .when(pl.col("is_dynamic") & ~is_procedure)
        .then(pl.lit("market"))
        .when(pl.col("is_framework") & ~is_procedure)
        .then(pl.lit("framework"))
        .when("is_concession")
        .then(pl.lit("concession_law"))
        .when("has_concession_words")
        .then(pl.lit("concession_words"))
        .when(shares & ~is_denied)
        .then(pl.lit("shared"))
        .when("is_whole")
        .then(pl.lit("whole"))
        .when(has_only_range & told.is_in(_rules_of(_PRICED_KINDS)))
        .then(pl.lit("range"))
        .otherwise(told)
    )


def _rules_of(kinds: Sequence[str]) -> list[str]:
    return [rule for rule, (kind, _) in _KINDS.items() if kind in kinds]


@cache
def _fences() -> pl.DataFrame:
    return (
        facts("tiers.csv")
        .select(
            pl.col("from_on").str.to_date(),
            "tier",
            (pl.col("lower_gbp").cast(pl.Float64) * 100).round().cast(pl.Int64).alias("lower"),
            (pl.col("is_mega") == "true").alias("is_mega"),
        )
        .sort("from_on", maintain_order=True)
    )


def _sized(judged: pl.DataFrame) -> pl.DataFrame:
    """Add tier, ``is_mega``, and the tiers that VAT or the buyer's kind could make of it."""
    known = pl.col("kind_rule").is_in(_rules_of(_PRICED_KINDS)) & (pl.col("status_rule") == "ok")
    # What the notice says of the threshold settles which of two it is; it never overrules both.
    threshold = pl.when(pl.col("is_above_threshold").eq(False)).then("upper").otherwise("lower")
    vat = _rule("vat_percent")
    sized = (
        judged.with_row_index("row")
        .filter(known)
        .with_columns((pl.col("pence") * 100 / (100 + vat)).floor().alias("net"))
    )
    sized = sized.with_columns(
        _tier(pl.col("pence"), pl.col("with_vat"), threshold).alias("tier"),
        # Where the notice does not name the amount without VAT, the one that it states may include it.
        pl.when(pl.col("amount_basis") != "net_stated")
        .then(_tier(pl.col("net"), pl.col("pence"), threshold))
        .alias("tier_if_gross"),
        pl.when(pl.col("with_vat").is_between("lower", "upper", closed="left") & pl.col("is_above_threshold").is_null())
        .then(pl.lit("buyer"))
        .when(pl.col("lower").is_null() & (pl.col("with_vat") < 10_000_000_00))
        .then(pl.lit("date"))
        .alias("doubt"),
    ).select("row", "tier", "tier_if_gross", "doubt")
    mega = _fences().filter(pl.col("is_mega"))["tier"].unique().to_list()
    return (
        judged.with_row_index("row")
        .join(sized, on="row", how="left", maintain_order="left")
        .with_columns(pl.col("tier").is_in(mega).alias("is_mega"))
        .drop("row")
    )


def _tier(net: pl.Expr, gross: pl.Expr, threshold: pl.Expr) -> pl.Expr:
    """Return the tier of an amount in pence: below the threshold by the gross amount, otherwise by the net one."""
    tier = pl.lit(None, pl.String)
    for from_on, name, lower in _fences().select("from_on", "tier", "lower").rows():
        in_force = pl.col("on").is_null() | (pl.col("on") >= from_on)
        tier = pl.when(in_force & (net >= lower)).then(pl.lit(name)).otherwise(tier)
    return pl.when((gross < threshold).fill_null(False)).then(pl.lit("below_threshold")).otherwise(tier)


def _with_thresholds(judged: pl.DataFrame) -> pl.DataFrame:
    """Add the lowest and highest threshold that may apply, in pence, and the amount ``with_vat`` to hold against it."""
    thresholds = facts("thresholds.csv").with_columns(
        pl.col("from_on").str.to_date(), (pl.col("amount_gbp").cast(pl.Int64) * 100).alias("pence")
    )
    buyers = {
        "council": ["sub_central", "any"],
        "utility": ["utility", "any"],
        "defence": ["defence", "any"],
        "unknown": ["central", "sub_central", "any"],
    }
    is_any = pl.col("buyer_kind") == "any"
    applies = pl.concat(
        thresholds.filter(pl.col("buyer_kind").is_in(kinds))
        # A threshold of this buyer's own comes before that of any buyer.
        .filter(~is_any | is_any.all().over("from_on", "contract_kind"))
        .group_by("from_on", "contract_kind")
        .agg(
            pl.col("pence").min().alias("lower"),
            pl.col("pence").max().alias("upper"),
            (pl.col("vat").first() == "gross").alias("is_gross"),
        )
        .with_columns(pl.lit(buyer).alias("buyer_kind"))
        for buyer, kinds in buyers.items()
    ).sort("from_on")
    by = ["buyer_kind", "contract_kind"]
    keys = judged.select("on", *by).unique().sort("on", nulls_last=False)
    found = keys.join_asof(applies, left_on="on", right_on="from_on", by=by, check_sortedness=False).drop("from_on")
    added = pl.when(pl.col("is_gross").fill_null(True)).then(_rule("vat_percent")).otherwise(0)
    return judged.join(found, on=["on", *by], how="left", maintain_order="left", nulls_equal=True).with_columns(
        pl.coalesce("gross", pl.col("pence") * (100 + added).cast(pl.Int64) // 100).alias("with_vat")
    )


def _contract_kind(cpv_code: pl.Series) -> pl.Series:
    """Return works, light_touch or goods_services by the longest prefix known; goods_services without a code."""
    kinds = dict(facts("contract_kinds.csv").select("cpv_prefix", "contract_kind").rows())
    lengths = sorted({len(prefix) for prefix in kinds}, reverse=True)
    codes = cpv_code.unique().drop_nulls()
    found = [next((kinds[code[:n]] for n in lengths if code[:n] in kinds), "goods_services") for code in codes]
    return (
        cpv_code.replace_strict(
            codes, pl.Series(found, dtype=pl.String), default="goods_services", return_dtype=pl.String
        )
        .fill_null("goods_services")
        .rename("contract_kind")
    )


def _annualised() -> pl.Expr:
    """Divide the amount by the years of the contract, both days included, in whole months and parts of a month."""
    first, end = pl.col("starts_on"), pl.col("ends_on").dt.offset_by("1d")
    months = (end.dt.year() - first.dt.year()) * 12 + (end.dt.month().cast(pl.Int32) - first.dt.month())
    # In sixteenths of a day: 487 are a month of the Julian year, 5,844 a year. Whole numbers and division by a column:
    # polars' division by one number depends on how many rows there are.
    length = months.cast(pl.Int64) * 487 + (end.dt.day().cast(pl.Int64) - first.dt.day()) * 16
    believed = (pl.col("ends_on") >= first) & (length <= 5_844 * _rule("longest_contract_years"))
    years = pl.max_horizontal(length, (5_844 * _rule("shortest_year_count")).cast(pl.Int64))
    return _pounds(pl.when(believed).then(pl.col("pence") * 5_844 / years).round().cast(pl.Int64))


def _explained(judged: pl.DataFrame) -> pl.DataFrame:
    """Add kind, status, core and the reason in words, worked out once per combination of rules."""
    judged = judged.with_columns(
        pl.when(pl.col("kind_rule") == "shared").then("supplier_count").alias("sharing"),
        pl.when(pl.col("status_rule") == "foreign").then(_currency()).alias("stated_in"),
        pl.when(pl.col("status_rule") == "small")
        .then(_rule("smallest_credible_gbp"))
        .when(pl.col("status_rule") == "huge")
        .then(_rule("implausible_over_gbp"))
        .alias("limit"),
    )
    # fmt: off
    keys = [
        "kind_rule", "status_rule", "tier", "tier_if_gross", "doubt", "is_gross_only", "sharing", "stated_in", "limit",
    ]
    # fmt: on
    distinct = judged.select(keys).unique()
    words = pl.DataFrame(
        [_words(**combination) for combination in distinct.iter_rows(named=True)],
        schema={"value_kind": pl.String, "value_status": pl.String, "value_reason": pl.String},
        orient="row",
    )
    return judged.join(
        distinct.hstack(words), on=keys, how="left", maintain_order="left", nulls_equal=True
    ).with_columns((pl.col("is_active") & pl.col("value_kind").is_in(_CORE_KINDS)).alias("is_core"))


def _currency() -> pl.Expr:
    """Return the code of a currency, and no other text of the notice."""
    return pl.when(pl.col("currency").str.contains("^[A-Z]{3}$")).then("currency").otherwise(pl.lit("another currency"))


def _words(
    kind_rule: str,
    status_rule: str,
    tier: str | None,
    tier_if_gross: str | None,
    doubt: str | None,
    is_gross_only: bool,
    sharing: int | None,
    stated_in: str | None,
    limit: float | None,
) -> tuple[str, str, str]:
    """Return kind, status and reason of one combination of rules."""
    kind, why = _KINDS[kind_rule]
    status, believed = _STATUSES[status_rule]
    reasons = [why.format(sharing), believed.format(stated_in if limit is None else _round_money(limit))]
    if is_gross_only:
        reasons.append("it includes VAT, as no amount without VAT is stated")
    if tier_if_gross is not None and tier_if_gross != tier:
        reasons.append(
            f"size {tier} with VAT, but {tier_if_gross} without"
            if is_gross_only
            else f"size {tier}, but {tier_if_gross} if the amount includes VAT"
        )
    if doubt == "buyer":
        reasons.append("below the threshold if the buyer is no central government body")
    if doubt == "date":
        reasons.append("the threshold in force is not known")
    return kind, status, "; ".join(reasons)


def _contradictions(judged: pl.DataFrame) -> pl.Series:
    """Return what disagrees in each notice, in words, in the order of ``_CONTRADICTIONS``; null where nothing does."""
    said = judged.with_row_index("row").with_columns(
        _currency().alias("currency"),
        pl.max_horizontal("ends_on", "ends_latest_on").alias("last_on"),
        pl.coalesce("starts_on", "on").alias("first_on"),
        _rule("longest_contract_years").alias("years"),
        _rule("award_before_publication_years").alias("back"),
        _rule("estimate_times_over").alias("times"),
        pl.when(pl.col("currency") == "GBP").then("pence").alias("amount"),
        pl.when(~pl.col("is_gross_only")).then("pence").alias("net"),
    )
    said = said.with_columns(flag.fill_null(False).alias(name) for name, flag in _disagreements().items())
    said = said.filter(pl.any_horizontal(*_CONTRADICTIONS))
    told = [
        said.filter(name).select("row", pl.lit(place, pl.Int32).alias("place"), _filled(said.filter(name), template))
        for place, (name, template) in enumerate(_CONTRADICTIONS.items())
    ]
    joined = (
        pl.concat(told).sort("row", "place").group_by("row", maintain_order=True).agg(pl.col("text").str.join("; "))
    )
    return (
        judged.select(pl.int_range(pl.len(), dtype=pl.get_index_type()).alias("row"))
        .join(joined, on="row", how="left", maintain_order="left")["text"]
        .rename("contradictions")
    )


def _filled(rows: pl.DataFrame, template: str) -> pl.Series:
    """Fill one template for every row: pence as pounds, numbers and days as they are."""
    fields = [field for _, field, _, _ in Formatter().parse(template) if field]
    columns = [
        [_money(value) for value in rows[field]] if rows.schema[field] == pl.Int64 else rows[field].to_list()
        for field in fields
    ]
    texts = [template.format(**dict(zip(fields, values, strict=True))) for values in zip(*columns, strict=True)]
    return pl.Series("text", texts if fields else [template] * rows.height, dtype=pl.String)


def _disagreements() -> dict[str, pl.Expr]:
    """Return the condition of each of ``_CONTRADICTIONS``."""
    col = pl.col
    amount, estimate, net, gross = col("amount"), col("estimate"), col("net"), col("gross")
    clear = _rule("clear_of_threshold_times")
    is_ok = col("status_rule") == "ok"
    is_procedure = col("text_rule") == "procedure"
    is_direct = col("is_direct") & ~is_procedure
    late = (col("awarded_on") - col("published_on")).dt.total_days()
    # The threshold of a concession is another one, and a lot of a large procurement may be small.
    has_threshold = ~(col("is_concession") | col("has_concession_words"))
    is_small_whole = estimate.is_null() | (estimate * (100 + _rule("vat_percent")) / 100 * clear < col("lower"))
    return {
        "net_over_gross": net > gross,
        "gross_far_over_net": (net >= 0) & (gross > net * _rule("gross_over_net_times")),
        "lot_currency": col("currency").is_not_null() & col("lot_currencies").is_not_null(),
        "estimate_currency": (col("status_rule") == "foreign") & estimate.is_not_null(),
        "ends_before_start": col("ends_on") < col("starts_on"),
        "extended_before_end": col("ends_latest_on") < col("ends_on"),
        "ends_far_off": (col("last_on") - col("first_on")).dt.total_days() > col("years") * 365.25,
        "alike_in_lot": (col("awards_alike") > 1) & ~col("kind_rule").is_in(["shared", "whole"]),
        "awarded_after_publication": late > _rule("award_after_publication_days"),
        "awarded_long_before": -late > col("back") * 365.25,
        "called_below": has_threshold
        & (col("is_above_threshold").eq(False).fill_null(False) | col("is_called_below"))
        & (amount > col("upper") * clear),
        "called_above": has_threshold
        & (col("is_above_threshold").fill_null(False) | col("is_called_above"))
        & is_ok
        & is_small_whole
        & (col("with_vat") * clear < col("lower")),
        "above_and_below": (col("is_above_threshold") & col("is_called_below")).fill_null(False)
        | (~col("is_above_threshold") & col("is_called_above")).fill_null(False),
        "direct_and_large": is_direct
        & col("regime").ne_missing("psr2023")
        & (amount >= _rule("direct_award_from_gbp") * 100),
        "direct_and_open": (is_direct & (col("method") == "open")).fill_null(False)
        | (col("is_open") & col("method").is_in(["limited", "direct"])).fill_null(False),
        "framework_and_call_off": col("is_framework") & col("text_rule").is_in(["procedure", "title_using"]),
        "no_framework_but_words": ~col("is_framework") & col("text_rule").is_in(["setting_up", "title"]),
        "upper_end_of_range": is_ok & (col("estimate_low") < estimate) & (amount == estimate),
        "far_over_estimate": (estimate >= _rule("smallest_credible_gbp") * 100) & (amount > estimate * col("times")),
    }


@cache
def _phrases() -> Sequence[tuple[str, str]]:
    """Return the patterns of ``framework_phrases.csv``, joined by role, in the order in which they are marked."""
    phrases = facts("framework_phrases.csv")
    return tuple(
        (_MARKS[role], "|".join(phrases.filter(pl.col("role") == role)["pattern"].to_list())) for role in _ROLES
    )


def _framework_rule(award: pl.DataFrame) -> pl.Series:
    """Return the rule of ``_KINDS`` that the words of each award fire, whatever its suppliers.

    Every phrase is first replaced by a mark of its role; the nearest word that governs a framework in its clause
    (a word of setting up, or a word of using) then decides. Only texts that hold a hint are looked at closely.
    """
    columns = ("title", "description", "method_details")
    texts = award.select(columns).with_row_index("row")
    hinted = texts.with_columns(
        award["buyer_name"].str.contains("(?i)crown commercial service").fill_null(False).alias("is_publisher")
    ).filter(
        pl.any_horizontal(pl.col(column).str.contains_any(_HINTS, ascii_case_insensitive=True) for column in columns)
    )
    ruled = pl.concat(
        [
            part.with_columns(_marked(column) for column in columns).select("row", _wording_rule().alias("rule"))
            for part in hinted.iter_slices(_TEXTS_AT_ONCE)
        ]
        or [pl.DataFrame(schema={"row": pl.get_index_type(), "rule": pl.String})]
    )
    empty = pl.all_horizontal(pl.col(column).fill_null("").str.strip_chars() == "" for column in columns)
    return (
        texts.select("row", pl.when(empty).then(pl.lit("untold")).otherwise(pl.lit("none")).alias("none"))
        .join(ruled, on="row", how="left", maintain_order="left")
        .select(pl.coalesce("rule", "none"))
        .to_series()
    )


def _marked(column: str) -> pl.Expr:
    # DPS in capitals is a dynamic purchasing system; in small letters it is part of a name or of nothing.
    text = pl.col(column).fill_null("").str.replace_all(r"\bDPS\b", " framework ").str.to_lowercase()
    for mark, pattern in _phrases():
        text = text.str.replace_all(pattern, mark)
    return text.alias(column)


def _wording_rule() -> pl.Expr:
    _, neutral, call_off, agreement, framework, reference, done, setting_up, using = _MARKS.values()
    noun = f"[{agreement}{framework}]"
    gap = f"[^.;\n{neutral}{call_off}{agreement}{framework}{setting_up}{using}]"
    under = f"[{using}{call_off}]{gap}*{noun}"
    was_under = f"{done}[^.;\n{setting_up}{agreement}{framework}]*{under}|{call_off}[^.;\n]{{0,40}}{using}{gap}*{noun}"
    set_up = f"{setting_up}{gap}{{0,90}}{noun}"
    title, text, method = pl.col("title"), pl.col("description"), pl.col("method_details")
    # The Crown Commercial Service names its own frameworks so when it sets them up; all others when they use them.
    refers = ~pl.col("is_publisher")
    return (
        pl.when(method.str.contains(f"{call_off}|{under}"))
        .then(pl.lit("procedure"))
        .when(title.str.contains(f"{call_off}|{under}") | (refers & title.str.contains(reference)))
        .then(pl.lit("title_using"))
        .when(text.str.contains(was_under) | (refers & text.str.contains(reference)))
        .then(pl.lit("text_used"))
        .when(title.str.contains(set_up) | text.str.contains(set_up))
        .then(pl.lit("setting_up"))
        .when(title.str.contains(noun))
        .then(pl.lit("title"))
        .when(text.str.contains(f"{call_off}|{under}"))
        .then(pl.lit("text_using"))
        .when(text.str.contains(agreement) | method.str.contains(noun))
        .then(pl.lit("text"))
    )

"""What an amount is worth believing: its kind, its status, its size, and the share of each supplier.

Contracts Finder has no flag for frameworks, states one amount for all suppliers of an award, and carries
amounts that nobody paid: ceilings, zeros, placeholders and unit prices.
Two notices that set up frameworks carried 59 % of the value in a sample of 147 awards, so every amount is judged
before it may enter a sum.

Rules that are numbers or words are data, in ``transforms/reference``: ``tiers.csv``, ``thresholds.csv``,
``contract_kinds.csv`` and ``framework_phrases.csv``.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import polars as pl

REFERENCE = Path(__file__).parent / "reference"

SMALLEST_CREDIBLE_GBP = 100
"""Amounts below are placeholders or the price of one unit: what must be published begins at £10,000."""

IMPLAUSIBLE_OVER_GBP = 20_000_000_000
"""A judgement: no single award is known to be larger, so a larger amount is a ceiling or a slip of the pen."""

SHARED_BY_MANY = 3
"""From this number of suppliers on, one shared amount is taken for a framework's ceiling."""

TIERS = ("below_threshold", "small", "medium", "large", "major", "mega", "over_1bn")
"""Sizes of contract, from the smallest; ``tiers.csv`` holds their fences."""

_PENCE_FAKES = sorted(
    # £123,456, £1,234,567,890 and the like, whole or with pence that go on counting.
    {int("1234567890"[:digits]) * 100 for digits in range(5, 11)}
    | {int("1234567890"[:digits]) for digits in range(6, 11)}
    | {int("9876543210"[:digits]) * 100 for digits in range(6, 11)}
    # £999,999,999 and the like. Threes and sixes are left out: £333,333 is a third of a million.
    | {int(digit * length) * 100 for digit in "1245789" for length in range(6, 11)}
    | {int("9" * length) for length in range(8, 13)}
)

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
    "shared": ("suspected_ceiling", "{} suppliers share one amount, as in a framework"),
    "procedure": ("call_off", "the procedure is a call-off"),
    "title_using": ("call_off", "the title tells of buying under a framework"),
    "text_used": ("call_off", "the description says that it was bought under a framework"),
    "setting_up": ("suspected_ceiling", "the notice tells of setting up a framework"),
    "title": ("suspected_ceiling", "the title speaks of a framework, and nothing of a call-off"),
    "text_using": ("call_off", "the description tells of buying under a framework"),
    "text": ("suspected_ceiling", "the description speaks of a framework, and nothing of a call-off"),
    "untold": ("unknown", "without title, description and procedure it cannot be told what the amount is"),
    "none": ("contract", "no framework wording"),
}

_STATUSES = {
    "ok": ("ok", "amount as published"),
    "foreign": ("foreign_currency", "the amount is not in pounds but in {}"),
    "no_currency": ("missing", "no amount with a stated currency; pounds are not assumed"),
    "missing": ("missing", "no amount in pounds, net of VAT, that can be read"),
    "zero": ("zero", "the amount is zero"),
    "negative": ("implausible", "the amount is negative"),
    "small": ("placeholder", "under £100: a placeholder or the price of one unit"),
    "fake": ("placeholder", "digits in a row or all alike: a placeholder"),
    "huge": ("implausible", "over £20 billion: larger than any single award known"),
}

_CORE_KINDS = ("contract", "call_off")


def believe(award: pl.DataFrame) -> pl.DataFrame:
    """Judge the amount of every award.

    Kind (ruling 7 of the methodology), the first rule that holds:
    three or more suppliers that share one amount are a suspected ceiling, whatever the words;
    a procedure that is a call-off is one;
    a title that tells of a call-off, or of buying under a framework, is one;
    so is a description that says it *was* bought under one;
    words that set up a framework make a suspected ceiling, in title or description;
    so does any other framework wording in the title;
    a description that otherwise tells of buying under a framework is a call-off;
    one that speaks of a framework agreement without that is a suspected ceiling;
    all else is a contract, and an award without any text is ``unknown``.
    "Framework" in another sense (of policy, of evaluation, "within the framework of") does not count.

    Status: ``ok``, ``zero``, ``placeholder`` (under £100, 999,999,999, 1,234,567,890 and their like), ``implausible``
    (negative, or over £20 billion), ``foreign_currency``, and ``missing``, which includes an amount without a currency.

    Core: active awards that are contracts or call-offs, whether or not their amount is credible.
    Tier and ``is_mega``: by the fences of ``tiers.csv`` in force on the date of the award (else of publication);
    null for a suspected ceiling, an unknown kind and an amount that is not credible, since the size is not known.
    ``below_threshold`` means below the statutory threshold for the kind of contract, with VAT (added at 20 % where the
    notice does not state it), whoever buys: where buyers' thresholds differ and the notice does not tell which applies,
    the lower one counts. Light-touch services are told by provisional classification prefixes.
    ``value_reason`` says where VAT or the buyer's kind could move the award to another tier.

    Args:
        award: told awards: ``amount_gbp`` (pounds, net where stated, null when missing or foreign),
            ``amount_gross_gbp``, ``currency``, ``supplier_count``, ``status``, ``awarded_on``, ``published_at``,
            ``buyer_party_id``, ``buyer_name``, ``title``, ``description``, ``method_details``, ``cpv_code``.

    Returns:
        The same rows in the same order, with ``value_kind``, ``value_status``, ``value_reason``, ``is_core``, ``tier``,
        ``is_mega``, ``is_large_for_buyer`` (null: not worked out yet) and ``mega_rule``.
    """
    judged = award.select(
        _pence("amount_gbp").alias("pence"),
        _pence("amount_gross_gbp").alias("gross"),
        pl.col("currency").str.strip_chars().str.to_uppercase().replace("", None),
        pl.col("supplier_count").fill_null(0),
        pl.coalesce("awarded_on", pl.col("published_at").dt.convert_time_zone("Europe/London").dt.date())
        .cast(pl.Date)
        .alias("on"),
        _is_council().alias("is_council"),
        _contract_kind(award["cpv_code"]),
        _framework_rule(award).alias("text_rule"),
        pl.col("status").eq("active").fill_null(False).alias("is_active"),
    )
    judged = judged.with_columns(_status_rule().alias("status_rule"), _kind_rule().alias("kind_rule"))
    judged = _sized(judged)
    judged = _explained(judged)
    return award.with_columns(
        *(judged[column] for column in ("value_kind", "value_status", "value_reason", "is_core", "tier", "is_mega")),
        pl.lit(None, pl.Boolean).alias("is_large_for_buyer"),
        _mega_rule(judged).alias("mega_rule"),
    )


def ceilings(award: pl.DataFrame) -> pl.DataFrame:
    """List the suspected ceilings among believed awards, whatever their status, as rows of table ``ceiling``."""
    return award.filter(pl.col("value_kind") == "suspected_ceiling").select(
        "award_id",
        "procurement_id",
        "amount_gbp",
        pl.col("supplier_count").cast(pl.Int64),
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


def _pence(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.Decimal(18, 2)).to_physical().cast(pl.Int64)


def _pounds(pence: pl.Expr) -> pl.Expr:
    return (pence.cast(pl.Decimal(18, 0)) * pl.lit("0.01").cast(pl.Decimal(3, 2))).cast(pl.Decimal(18, 2))


def _is_council() -> pl.Expr:
    """Tell councils, whose threshold is the one of sub-central bodies, by register code or by name."""
    return pl.col("buyer_party_id").str.starts_with("GB-LAE-").fill_null(False) | pl.col("buyer_name").str.contains(
        r"(?i)\b(?:council|borough of)\b"
    ).fill_null(False)


def _status_rule() -> pl.Expr:
    pence = pl.col("pence")
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
        .when(pence < SMALLEST_CREDIBLE_GBP * 100)
        .then(pl.lit("small"))
        .when(pence.is_in(_PENCE_FAKES))
        .then(pl.lit("fake"))
        .when(pence > IMPLAUSIBLE_OVER_GBP * 100)
        .then(pl.lit("huge"))
        .otherwise(pl.lit("ok"))
    )


def _kind_rule() -> pl.Expr:
    # Zeros and pennies are no amount that suppliers could share.
    shares = (pl.col("supplier_count") >= SHARED_BY_MANY) & (pl.col("pence") >= SMALLEST_CREDIBLE_GBP * 100)
    return pl.when(shares.fill_null(False)).then(pl.lit("shared")).otherwise(pl.col("text_rule"))


def _sized(judged: pl.DataFrame) -> pl.DataFrame:
    """Add tier, ``is_mega``, and the tiers that VAT or the buyer's kind could make of it."""
    fences = pl.read_csv(REFERENCE / "tiers.csv", try_parse_dates=True, schema_overrides={"lower_gbp": pl.String})
    known = pl.col("kind_rule").is_in([rule for rule, (kind, _) in _KINDS.items() if kind in _CORE_KINDS]) & (
        pl.col("status_rule") == "ok"
    )
    sized = (
        judged.with_row_index("row").filter(known).select("row", "pence", "gross", "on", "is_council", "contract_kind")
    )
    sized = _with_thresholds(sized)
    gross = pl.coalesce("gross", pl.when(pl.col("is_gross")).then(pl.col("pence") * 6 // 5).otherwise(pl.col("pence")))
    sized = sized.with_columns(
        _tier(fences, pl.col("pence"), gross, pl.col("lower")).alias("tier"),
        # Where the notice states no amount with VAT, the one that it states may include it.
        pl.when(pl.col("gross").is_null())
        .then(_tier(fences, pl.col("pence") * 5 // 6, pl.col("pence"), pl.col("lower")))
        .alias("tier_if_gross"),
        pl.when(gross.is_between(pl.col("lower"), pl.col("upper"), closed="left"))
        .then(pl.lit("buyer"))
        .when(pl.col("lower").is_null() & (gross < 10_000_000_00))
        .then(pl.lit("date"))
        .alias("doubt"),
    ).select("row", "tier", "tier_if_gross", "doubt")
    mega = fences.filter(pl.col("is_mega"))["tier"].unique().to_list()
    return (
        judged.with_row_index("row")
        .join(sized, on="row", how="left", maintain_order="left")
        .with_columns(pl.col("tier").is_in(mega).alias("is_mega"))
        .drop("row")
    )


def _tier(fences: pl.DataFrame, net: pl.Expr, gross: pl.Expr, threshold: pl.Expr) -> pl.Expr:
    """Return the tier of an amount in pence: below the threshold by the gross amount, otherwise by the net one."""
    tier = pl.lit(None, pl.String)
    for from_on, name, lower in (
        fences.select("from_on", "tier", "lower_gbp").sort("from_on", maintain_order=True).rows()
    ):
        in_force = pl.col("on").is_null() | (pl.col("on") >= from_on)
        tier = pl.when(in_force & (net >= round(float(lower) * 100))).then(pl.lit(name)).otherwise(tier)
    return pl.when((gross < threshold).fill_null(False)).then(pl.lit("below_threshold")).otherwise(tier)


def _with_thresholds(sized: pl.DataFrame) -> pl.DataFrame:
    """Add the lowest and highest statutory threshold that may apply, in pence, and whether it includes VAT."""
    thresholds = pl.read_csv(REFERENCE / "thresholds.csv", try_parse_dates=True)
    applies = pl.concat(
        thresholds.filter(pl.col("buyer_kind").is_in(kinds))
        .group_by("from_on", "contract_kind")
        .agg(
            (pl.col("amount_gbp").min() * 100).alias("lower"),
            (pl.col("amount_gbp").max() * 100).alias("upper"),
            (pl.col("vat").first() == "gross").alias("is_gross"),
        )
        .with_columns(pl.lit(council).alias("is_council"))
        for council, kinds in ((True, ["sub_central", "any"]), (False, ["central", "sub_central", "any"]))
    ).sort("from_on")
    keys = sized.select("on", "is_council", "contract_kind").unique().sort("on", nulls_last=False)
    found = keys.join_asof(
        applies, left_on="on", right_on="from_on", by=["is_council", "contract_kind"], check_sortedness=False
    ).drop("from_on")
    return sized.join(
        found, on=["on", "is_council", "contract_kind"], how="left", maintain_order="left", nulls_equal=True
    ).with_columns(pl.col("is_gross").fill_null(True))


def _contract_kind(cpv_code: pl.Series) -> pl.Series:
    """Return works, light_touch or goods_services by the longest prefix known; goods_services without a code."""
    kinds = dict(
        pl.read_csv(REFERENCE / "contract_kinds.csv", schema_overrides={"cpv_prefix": pl.String})
        .select("cpv_prefix", "contract_kind")
        .rows()
    )
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


def _explained(judged: pl.DataFrame) -> pl.DataFrame:
    """Add kind, status, core and the reason in words, worked out once per combination of rules."""
    rules = ["kind_rule", "status_rule", "tier", "tier_if_gross", "doubt"]
    judged = judged.with_columns(
        pl.when(pl.col("kind_rule") == "shared").then("supplier_count").alias("sharing"),
        pl.when(pl.col("status_rule") == "foreign").then("currency").alias("stated_in"),
    )
    keys = [*rules, "sharing", "stated_in"]
    distinct = judged.select(keys).unique()
    words = pl.DataFrame(
        [_words(**combination) for combination in distinct.iter_rows(named=True)],
        schema={"value_kind": pl.String, "value_status": pl.String, "value_reason": pl.String},
        orient="row",
    )
    return judged.join(
        distinct.hstack(words), on=keys, how="left", maintain_order="left", nulls_equal=True
    ).with_columns((pl.col("is_active") & pl.col("value_kind").is_in(_CORE_KINDS)).alias("is_core"))


def _words(
    kind_rule: str,
    status_rule: str,
    tier: str | None,
    tier_if_gross: str | None,
    doubt: str | None,
    sharing: int | None,
    stated_in: str | None,
) -> tuple[str, str, str]:
    """Return kind, status and reason of one combination of rules."""
    kind, why = _KINDS[kind_rule]
    status, believed = _STATUSES[status_rule]
    reasons = [why.format(sharing), believed.format(stated_in)]
    if tier_if_gross is not None and tier_if_gross != tier:
        reasons.append(f"size {tier}, but {tier_if_gross} if the amount includes VAT")
    if doubt == "buyer":
        reasons.append("below the threshold if the buyer is no central government body")
    if doubt == "date":
        reasons.append("the threshold in force is not known")
    return kind, status, "; ".join(reasons)


def _mega_rule(judged: pl.DataFrame) -> pl.Series:
    """Return the rule behind ``is_mega``, with its numbers, or null."""
    fences = dict(
        pl.read_csv(REFERENCE / "tiers.csv", try_parse_dates=True).sort("from_on").select("tier", "lower_gbp").rows()
    )
    rows = judged.select("is_mega", "tier", "pence").with_row_index("row").filter(pl.col("is_mega").fill_null(False))
    texts = [f"{tier}: £{pence / 100:,.2f} is at least £{fences[tier]:,.2f}" for _, _, tier, pence in rows.iter_rows()]
    rule = pl.Series("mega_rule", texts, dtype=pl.String)
    return pl.int_range(judged.height, eager=True, dtype=pl.UInt32).replace_strict(
        rows["row"], rule, default=None, return_dtype=pl.String
    )


@cache
def _phrases() -> Sequence[tuple[str, str]]:
    """Return the patterns of ``framework_phrases.csv``, joined by role, in the order in which they are marked."""
    phrases = pl.read_csv(REFERENCE / "framework_phrases.csv")
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

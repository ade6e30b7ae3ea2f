"""What a procurement is, as its latest notice tells it: how it was awarded, under which rules, what for, for whom.

Contracts Finder names the method in one text and nothing else; Find a Tender names special regimes, reservations and
which side of the threshold a contract lies on in fields of their own, under the Act of 2023.
What neither says is not known, but for two things: services under the light-touch rules are told by their
classification, provisionally, and the side of the threshold by the estimate, where every threshold that may apply
gives the same answer.

Words and codes are data, in ``transforms/reference``: ``procedure_methods.csv``, ``light_touch.csv``,
``people_services.csv`` and ``thresholds.csv``. Phrases that reserve a tender are found by ``transforms.phrases``.
"""

import re
from functools import cache

import polars as pl

from transforms import values
from transforms.reference import facts


def described(procurement: pl.DataFrame, match: pl.DataFrame | None = None) -> pl.DataFrame:
    """Say what each procurement is.

    ``is_direct``: true where the method's name says that there was no competition (direct award, single tender action,
    negotiated without publication, below threshold without competition), false where it says that there was one.
    "Limited" competition is competition. Not known where no method is named ("Other", "Not specified"), where the name
    says nothing of it, and of call-offs, which are made with competition and without. What follows "Other" counts where
    it is the name of a method. ``is_competitive`` is the same question, asked the other way round.

    ``is_light_touch``: the first that tells, which ``light_touch_basis`` names: ``law`` (no: health services under the
    Provider Selection Regime are outside the Act), ``declared`` (the special regime), ``text`` (the notice's words),
    ``cpv`` (the classification, by a provisional table). Not known without any of them.

    ``is_people_services``: by the classification, and by words of the title among codes that tell too little. Not known
    without a classification.

    ``is_reserved``: true where a field or a phrase in the texts says that only some suppliers may take part; false
    where a tender notice on Find a Tender, which has a field for it, says nothing; else not known.

    ``is_below_threshold``: as the notice says, in its flag or in the name of its method; where they disagree it is not
    known. Where it says nothing, by the estimate; see ``values.is_below_threshold``.

    ``days_open``: from the day of the tender notice to that of the closing time, in London; not known where the closing
    time is before the notice.

    Args:
        procurement: rows of table ``procurement``, these columns left out. Where they are there, also ``description``
            and ``wording``: the texts of the release that tells the row.
        match: rows of table ``text_match`` of these procurements; none when left out.

    Returns:
        The same rows in the same order, with ``is_direct, is_competitive, is_light_touch, light_touch_basis,
        is_people_services, is_reserved, is_below_threshold, days_open``.
    """
    told = procurement.with_columns(
        pl.lit(None, pl.String).alias(name) for name in ("description", "wording") if name not in procurement.columns
    )
    light = _light_touch(told)
    kind = _method_kinds(told["method_details"])
    closing = pl.col("deadline_at").dt.convert_time_zone("Europe/London").dt.date()
    days = (closing - pl.col("tendered_on")).dt.total_days()
    return procurement.with_columns(
        _either(kind, "direct", "competitive").alias("is_direct"),
        _either(kind, "competitive", "direct").alias("is_competitive"),
        *light.get_columns(),
        _people_services(told),
        _reserved(told, match),
        _below_threshold(told.hstack(light)),
        pl.when(days >= 0).then(days).alias("days_open"),
    )


def method(text: str | None) -> str | None:
    """Return what the name of a method says of competition: direct, competitive or call_off; else None.

    Args:
        text: the method in the service's words, or as a code of its export ("SingleTenderActionNonOJEU").
    """
    name = " ".join(text.split()) if text else ""
    if " " not in name:
        name = _JOINED_WORDS.sub(" ", name)
    name = _SIZE.sub("", _OTHER.sub("", name.lower(), count=1)).strip(" .")
    kind = next((kind for kind, pattern in _methods() if pattern.search(name)), None) if name else None
    return None if kind == "unknown" else kind


_OTHER = re.compile(r"^other\b[ :–-]*")
_SIZE = re.compile(r"[ ,]*(?:\((?:above|below) threshold\)|,? (?:above|below) threshold|\b(?:non )?ojeu)$")
_JOINED_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")


@cache
def _methods() -> tuple[tuple[str, re.Pattern[str]], ...]:
    rows = facts("procedure_methods.csv").select("kind", "pattern").rows()
    return tuple((kind, re.compile(pattern)) for kind, pattern in rows)


def _method_kinds(details: pl.Series) -> pl.Series:
    """Return ``method`` of every text; there are few different ones."""
    texts = details.drop_nulls().unique()
    kinds = pl.Series([method(text) for text in texts], dtype=pl.String)
    return details.replace_strict(texts, kinds, default=None, return_dtype=pl.String)


def _either(told: pl.Series, yes: str, no: str) -> pl.Series:
    """Return true where the first is told, false where the second is, else null."""
    return told.replace_strict([yes, no], [True, False], default=None, return_dtype=pl.Boolean)


def _light_touch(told: pl.DataFrame) -> pl.DataFrame:
    """Return ``is_light_touch`` and ``light_touch_basis``."""
    rules = facts("light_touch.csv")
    codes = rules.filter(pl.col("role") == "regime")["pattern"].to_list()
    regime = pl.col("special_regime").str.to_lowercase().str.replace_all("[ _-]", "").str.contains_any(codes)
    said = _said(told, _LIGHT_TOUCH_HINTS, "light_touch.csv", "phrase", "denial")
    denied = _said(told, _LIGHT_TOUCH_HINTS, "light_touch.csv", "denial", None)
    prefixes = rules.filter(pl.col("role") == "cpv_prefix").select("pattern", pl.col("is_light_touch") == "true")
    by_code = _by_prefix(told["cpv_code"], dict(prefixes.rows()), default=False)
    basis = (
        pl.when(pl.col("regime") == "psr2023")
        .then(pl.lit("law"))
        .when(regime)
        .then(pl.lit("declared"))
        .when(said | denied)
        .then(pl.lit("text"))
        .when(by_code.is_not_null())
        .then(pl.lit("cpv"))
    )
    answer = (
        pl.when(pl.col("basis").is_in(["law"]))
        .then(pl.lit(value=False))
        .when(pl.col("basis") == "declared")
        .then(pl.lit(value=True))
        .when(pl.col("basis") == "text")
        .then(said)
        .when(pl.col("basis") == "cpv")
        .then(by_code)
    )
    return told.select("regime", "special_regime", basis=basis).select(is_light_touch=answer, light_touch_basis="basis")


def _by_prefix(codes: pl.Series, known: dict[str, bool], *, default: bool) -> pl.Series:
    """Return the answer of the longest prefix of each code that is known, else the default; null without a code."""
    lengths = sorted({len(prefix) for prefix in known}, reverse=True)
    distinct = codes.drop_nulls().unique()
    answers = [next((known[code[:n]] for n in lengths if code[:n] in known), default) for code in distinct]
    return codes.replace_strict(distinct, pl.Series(answers, dtype=pl.Boolean), default=None, return_dtype=pl.Boolean)


_LIGHT_TOUCH_HINTS = ["light touch", "light-touch", "regulation 7", "regulations 7"]
"""What a text must hold, in any case, before its wording is looked at closely."""


def _said(told: pl.DataFrame, hints: list[str], name: str, role: str, besides: str | None) -> pl.Series:
    """Tell the notices of which some text holds a phrase of this role, those of the other role taken out before."""
    phrases = facts(name)
    pattern, without = (
        "|".join(phrases.filter(pl.col("role") == wanted)["pattern"].to_list()) for wanted in (role, besides or "")
    )
    columns = ("title", "description", "wording", "method_details")
    found = (
        told.select(columns)
        .with_row_index("row")
        .filter(
            pl.any_horizontal(pl.col(text).str.contains_any(hints, ascii_case_insensitive=True) for text in columns)
        )
    )
    texts = [pl.col(text).str.to_lowercase().str.replace_all(r"\s+", " ") for text in columns]
    if without:
        texts = [text.str.replace_all(without, " ") for text in texts]
    found = found.filter(pl.any_horizontal(text.str.contains(pattern) for text in texts))
    return pl.int_range(told.height, eager=True, dtype=pl.get_index_type()).is_in(found["row"].implode())


def _people_services(told: pl.DataFrame) -> pl.Series:
    """Return ``is_people_services``."""
    rules = facts("people_services.csv")
    codes = dict.fromkeys(rules.filter(pl.col("role") == "code")["pattern"].to_list(), True)
    by_code = _by_prefix(told["cpv_code"], codes, default=False)
    other = "|".join(rules.filter(pl.col("role") == "other_sense")["pattern"].to_list())
    title = pl.col("title").str.to_lowercase()
    words = pl.any_horizontal(
        title.str.contains(pattern)
        & pl.any_horizontal(pl.col("cpv_code").str.starts_with(prefix) for prefix in within.split())
        for pattern, within in rules.filter(pl.col("role") == "term").select("pattern", "within").iter_rows()
    )
    within = sorted({prefix for part in rules["within"].drop_nulls() for prefix in part.split()})
    # Words are looked at where they may count only: among the codes that tell too little.
    likely = (
        told.select("title", "cpv_code")
        .with_row_index("row")
        .filter(~by_code & pl.any_horizontal(pl.col("cpv_code").str.starts_with(prefix) for prefix in within))
    )
    found = likely.filter(~title.str.contains(other)).filter(words)
    rows = pl.int_range(told.height, eager=True, dtype=pl.get_index_type())
    return (by_code | (rows.is_in(found["row"].implode()) & by_code.is_not_null())).alias("is_people_services")


def _reserved(told: pl.DataFrame, match: pl.DataFrame | None) -> pl.Series:
    """Return ``is_reserved``."""
    said = pl.lit(value=False)
    if match is not None:
        phrases = match.filter(pl.col("family") == "reserved")
        said = pl.col("procurement_id").is_in(phrases["procurement_id"].unique().implode())
    fields = ("reserved_for", "reserved_location")
    marked = pl.any_horizontal(pl.col(field).fill_null("").str.strip_chars() != "" for field in fields)
    is_silent = (pl.col("source") == "find-a-tender") & pl.col("tendered_on").is_not_null()
    return told.select(
        pl.when(marked | said).then(pl.lit(value=True)).when(is_silent).then(pl.lit(value=False)).alias("is_reserved")
    ).to_series()


def _below_threshold(told: pl.DataFrame) -> pl.Series:
    """Return ``is_below_threshold``."""
    name = pl.col("method_details").str.to_lowercase()
    called_below, called_above = (
        name.str.contains(f"{side}[- ]threshold").fill_null(value=False) for side in ("below", "above")
    )
    flag = pl.col("is_above_threshold")
    says_below = (called_below & ~called_above) | (flag == False).fill_null(value=False)  # noqa: E712 - a column
    says_above = (called_above & ~called_below) | flag.fill_null(value=False)
    return told.select(
        pl.when(says_below & says_above)
        .then(None)
        .when(says_below | says_above)
        .then(says_below)
        .otherwise(values.is_below_threshold(told))
        .alias("is_below_threshold")
    ).to_series()

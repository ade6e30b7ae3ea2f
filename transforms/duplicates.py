"""Tell where two notices speak of one contract: on both services, or on one service under two ocids.

Contracts Finder and Find a Tender share no identifier, yet procurements above the thresholds stand on both from 2021 to
February 2025 (the guidance on PPN 01/23 asked for Find a Tender first and Contracts Finder within a day):
https://www.gov.uk/government/publications/ppn-0123-requirements-to-publish-on-contracts-finder
An intention under the Provider Selection Regime and the award that follows it may stand under two ocids.

Two awards are compared only where the buyer is the same, and both kinds of error do harm: a pair that is missed counts
twice, a pair that is wrongly made hides a contract.
So a match needs at least two kinds of evidence (reference, title, supplier, amount, dates), nothing that speaks against
it (another supplier, another amount, another lot, phase or year), and each of the two must be the other's best.
Where two candidates cannot be told apart, there is no match.

``reference/duplicate_rules.csv`` holds how often each rule was right on labelled pairs: the confidence.
Nothing here depends on the order of rows, nor on awards of other blocks.
"""

import html
import re
from collections.abc import Iterable
from functools import cache

import polars as pl
from rapidfuzz import fuzz

from transforms.reference import facts

ALIKE_TITLE = 0.85
"""Titles are alike from here on, once references, numbers and words of every notice are taken out."""

RELATED_TITLE = 0.6
"""Titles are about one thing from here on: they share a word of substance."""

SAME_TITLE = 0.95
"""Titles are taken for the same from here on."""

ALIKE_NAME = 88
"""Suppliers' names are spellings of one from here on (0 to 100)."""

AMOUNT_TOLERANCE = 0.01
"""Amounts are equal within one per cent: one service rounds what the other states to the penny."""

VAT_TOLERANCE = 0.002
"""How near to 20 % two amounts must differ to differ by VAT."""

NEAR_DAYS = 60
"""Two tellings of one award are dated within two months of each other."""

INTENTION_DAYS = 120
"""An intention is followed by its award within this time."""

REACH_DAYS = 120
"""Nothing that was decided, or else published, further apart is taken for one."""

AT_ONCE = 50_000
"""Awards that are compared at a time, more only where one buyer has more."""

BUSY_KEY = 2_500
"""A piece of evidence that would make more pairs than this tells nothing apart, and is not used to find candidates."""

_LIVE = ("active", "intended", "terminated")
_COUNTED = ("contract", "call_off", "range")
_STATED_CEILINGS = ("framework_ceiling", "dynamic_market")
_NO_PAIRS = {"left": pl.UInt32, "right": pl.UInt32}
_RESULT = {
    "duplicate_of": pl.String,
    "duplicate_confidence": pl.Float64,
    "duplicate_reason": pl.String,
}

# What a buyer's name may hold beside the name itself.
_BUYER_FORMS = frozenset(
    {"the", "of", "for", "and", "ltd", "limited", "plc", "llp", "council", "councils", "corporation", "city", "borough"}
    | {"district", "metropolitan", "royal", "county", "lb", "rb", "bc", "cc", "dc", "mbc", "mdc", "cbc", "nhs"}
    | {"foundation", "trust", "ft", "nhsft", "office"}
)
_BUYER_WORDS = {
    "icb": "integrated care board",
    "ccg": "clinical commissioning group",
    "pcc": "police crime commissioner",
    "csu": "commissioning support unit",
    "univ": "university",
    "uni": "university",
    "hosp": "hospital",
    "hospitals": "hospital",
    "dept": "department",
    "&": "and",
    "st.": "st",
    "saint": "st",
    "authorities": "authority",
    "services": "service",
    "uk": "united kingdom",
}
# Departments that sign with their initials.
_BUYER_INITIALS = {
    "defra": "department environment food rural affairs",
    "desnz": "department energy security net zero",
    "dfe": "department education",
    "dft": "department transport",
    "dhsc": "department health social care",
    "dwp": "department work pensions",
    "fcdo": "foreign commonwealth development",
    "hmrc": "hm revenue customs",
    "mod": "ministry defence",
    "moj": "ministry justice",
    "ukhsa": "united kingdom health security agency",
    "ukri": "united kingdom research innovation",
    "cps": "crown prosecution service",
    "ons": "national statistics",
    "gpa": "government property agency",
    "espo": "eastern shires purchasing organisation",
    "tfl": "transport london",
    "tfgm": "transport greater manchester",
    "tfwm": "transport west midlands",
}

# Text that was read in the wrong encoding before it was published, and signs that mean a word.
_REPAIRS = {
    "â€™": "'",
    "â€˜": "'",
    "â€œ": '"',
    "â€\x9d": '"',
    "â€“": "-",
    "â€”": "-",
    "â€¢": " ",
    "â€¯": " ",
    "Â£": "£",
    "Â ": " ",
    "Ã©": "é",
    "Ã¨": "è",
    "Ã¤": "ä",
    "Ã¶": "ö",
    "Ã¼": "ü",
    "Ã¡": "á",
    "Ã³": "ó",
    "Ã´": "ô",
    "Ã±": "ñ",
    "&amp;": " and ",
    "&#39;": "'",
    "&quot;": '"',
    "&nbsp;": " ",
    "&": " and ",
    "’": "",
    "'": "",
    "‘": "",
}  # fmt: skip - one line each would hide that this is one small table

# Words that a notice adds to the name of the thing that is bought.
_NOTICE_WORDS = (
    r"\b(?:awarded|award|awards|notice|notices|contract|contracts|tender|tenders|itt|rfq|rfp|invitation|procurement|"
    r"provision|supply|delivery|appointment|purchase|the|a|an|of|for|to|and|in|at|on|by|with|ref|reference|no|number|"
    r"direct|call ?off|re|retender|new|uk[1-9]\d?|contract award notice|opportunity|various|service|services|"
    r"agreement|can|intention|intended)\b"
)
_PART = (
    r"\b(?:lot|lots|phase|stage|tranche|part|package|zone|area|batch|year|yr|round|block|section|volume|category|wave|"
    r"call ?off|order|contract|group|unit|plot|cohort)"
)
_ROMAN = {
    "i": "1",
    "ii": "2",
    "iii": "3",
    "iv": "4",
    "v": "5",
    "vi": "6",
    "vii": "7",
    "viii": "8",
    "ix": "9",
    "x": "10",
}
_NUMERALS = _ROMAN | {
    word: str(place)
    for place, word in enumerate(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), 1)
}
_SIDES = (
    r"\b(?:north|south|east|west|central|northern|southern|eastern|western|adults?|children|childrens|male|female)\b"
)
_CODE = r"\b(?:[a-z]{1,8}\d{3,}[a-z0-9]*|\d{5,}[a-z0-9]*)\b"
# Frameworks of the Crown Commercial Service and days are shared by many contracts.
_NO_CODE = r"^(?:rm\d{3,4}|20[0-4]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|20\d\d20\d\d)$"
_SHARED_CODE = 6
# The last sign, or "at", that parts a title.
_PARTED = r"^(.*)(?:\s[-–—]+\s|:\s|\s?\(|,\s|\sat\s)(.*)$"


def buyer_key(name: pl.Series) -> pl.Series:
    """Return the block of every buyer: the words of the name that are left without form, case and punctuation.

    "The London Borough of Camden", "LB Camden" and "Camden Council" are one block, and so are "X NHS Foundation Trust"
    and "X NHS FT". Town and parish councils keep their kind, because the borough of the same name is another body.

    Args:
        name: Buyers' names as published.

    Returns:
        A series of the same length and name; null where there is no name with any letter or digit.
    """
    known = name.drop_nulls().unique()
    keys = pl.Series([_buyer_words(one) for one in known.to_list()], dtype=pl.String)
    return (
        name.replace_strict(known, keys, default=None, return_dtype=pl.String) if len(known) else name.cast(pl.String)
    )


def blocks(buyer: pl.DataFrame) -> pl.DataFrame:
    """Put buyers that may be one body into one block: those that share a key, as they are called or as they write.

    Args:
        buyer: ``buyer_id``, ``name`` and ``name_as_written``, one row each.

    Returns:
        ``buyer_id`` and ``block``: a name of the block's that has its key, the same whatever the order of the rows;
        buyers without a name are left out.
    """
    told = _keyed(buyer).drop_nulls("key").sort("key", "buyer_id")
    parent: dict[str, str] = {}

    def root(one: str) -> str:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for buyer_id, key in told.select("buyer_id", "key").iter_rows():
        for one in (f"b{buyer_id}", f"k{key}"):
            parent.setdefault(one, one)
        ends = sorted((root(f"b{buyer_id}"), root(f"k{key}")))
        parent[ends[1]] = ends[0]
    ids = told["buyer_id"].unique(maintain_order=True)
    rooted = pl.DataFrame(
        {"buyer_id": ids, "root": [root(f"b{one}") for one in ids]}, schema_overrides={"root": pl.String}
    )
    block = told.join(rooted, on="buyer_id").group_by("root").agg(block=pl.col("name").sort_by("key", "name").first())
    return rooted.join(block, on="root").select("buyer_id", "block").sort("buyer_id")


def blocks_of(buyer: pl.DataFrame, name: pl.Series) -> list[str]:
    """Return the blocks that hold a buyer with the key of one of these names.

    Args:
        buyer: ``buyer_id``, ``name``, ``name_as_written`` and ``block``.
        name: names of buyers, as they are now or as they were.
    """
    keys = buyer_key(name).drop_nulls().unique()
    found = _keyed(buyer).filter(pl.col("key").is_in(keys.implode())).select("buyer_id").unique()
    return buyer.join(found, on="buyer_id", how="semi")["block"].drop_nulls().unique().sort().to_list()


def _keyed(buyer: pl.DataFrame) -> pl.DataFrame:
    """Return ``buyer_id``, ``name`` and ``key`` for each of the two names of each buyer."""
    names = pl.concat([buyer.select("buyer_id", name=column) for column in ("name", "name_as_written")])
    names = names.drop_nulls("name").unique().sort("buyer_id", "name")
    return names.with_columns(key=buyer_key(names["name"]))


def match(award: pl.DataFrame, line: pl.DataFrame) -> pl.DataFrame:
    """Find the awards that repeat another award.

    On the two services, the first rule that holds:
    the same reference, supplier and amount; the same reference and supplier, where one has no credible amount;
    the same reference and amount, where one names no supplier; the same title, supplier and amount;
    the same title, supplier and days, where one has no credible amount;
    the same title, amount and days, where one names no supplier;
    the same supplier, amount, first and last day under a title that is worded otherwise.
    One award may also be told as several by the other service: then the sum and all the suppliers must agree, and the
    single one repeats the first of the several.
    On one service under two ocids: everything equal (published twice), or an intention under the Provider Selection
    Regime followed by its award.

    Of the two, the one kept is in force rather than intended; then it is a ceiling or a concession where the other
    looks like a contract; then it has a credible amount, the places of its suppliers and their mark as voluntary
    organisations, and is on Find a Tender. Chains lead to one award.
    Cancelled and unsuccessful awards are not compared.

    Args:
        award: awards of whole blocks (see `buyer_key`), in any order: ``award_id``, ``procurement_id``, ``source``,
            ``ocid``, ``buyer_id``, ``buyer_name``, ``title``, ``reference``, ``cpv_code``, ``status``, ``value_kind``,
            ``value_status``, ``amount_gbp`` and ``amount_gross_gbp`` (pounds), ``awarded_on``, ``starts_on``,
            ``ends_on``, ``published_at``, ``lot_id``, ``notice_type``, ``regime``, ``supplier_count``.
        line: their award lines: ``award_id``, ``supplier_id`` (null for a placeholder), ``org_id``, ``core_name``,
            ``supplier_area_code``, ``vcse_declared``.

    Returns:
        One row per award that repeats another, sorted by ``award_id``: ``award_id``, ``duplicate_of``,
        ``duplicate_confidence`` (0 to 1; see ``reference/duplicate_rules.csv``) and ``duplicate_reason`` (in words).
    """
    return compare(award, line).drop("rule")


def compare(award: pl.DataFrame, line: pl.DataFrame) -> pl.DataFrame:
    """Find the awards that repeat another award, with the rule that found them: what the rules are measured by.

    Args:
        award: as for `match`.
        line: as for `match`.

    Returns:
        What `match` returns, with ``rule``: a rule of ``reference/duplicate_rules.csv``.
    """
    blocked = award.with_columns(block=buyer_key(award["buyer_name"])).filter(
        pl.col("block").is_not_null(), pl.col("status").fill_null("active").is_in(_LIVE)
    )
    # Blocks know nothing of each other, so that a few at a time keep memory small; one award alone repeats nothing.
    sizes = blocked.group_by("block").agg(pl.len()).filter(pl.col("len") > 1).sort("block")
    parts = sizes.select("block", part=(pl.col("len").cum_sum() - pl.col("len")) // AT_ONCE)
    found = [_matched(one.drop("part"), line) for one in blocked.join(parts, on="block").partition_by("part")]
    empty = pl.DataFrame(schema={"award_id": pl.String, **_RESULT, "rule": pl.String})
    return pl.concat([empty, *found]).sort("award_id")


def _matched(award: pl.DataFrame, line: pl.DataFrame) -> pl.DataFrame:
    """Find what repeats another award among the awards of some blocks."""
    line = line.join(award.select("award_id"), on="award_id", how="semi")
    told = _told(award, line)
    names = _names(told, line)
    again = pl.concat([_published_twice(told, names), _intentions(told, names)])
    kept = _kept(told, again)
    across = _across(kept, names)
    several = _several(kept.join(_ends(across), on="award_id", how="anti"), names)
    return _rooted(told, pl.concat([again, across]), several)


def near_tenders(tender: pl.DataFrame, place: pl.DataFrame) -> pl.DataFrame:
    """Find the tenders that may be one with a tender at some place, as far as buyers and days tell.

    Args:
        tender: ``procurement_id``, ``block``, ``tendered_on`` and ``deadline_at`` of whole blocks.
        place: ``block``, ``tendered_on`` and ``deadline_at`` of tenders as they are, or as they were.

    Returns:
        The rows of ``tender`` that are in the block of one of them, and were published within a week of it or close
        within a day of it.
    """
    days = (
        _days("tendered_on").alias("tendered"),
        pl.col("deadline_at").dt.convert_time_zone("Europe/London").dt.date().cast(pl.Int32).alias("closing"),
    )
    dated, around = tender.with_columns(days), place.select("block", *days)
    found = []
    for day, reach in (("tendered", 7), ("closing", 1)):
        steps = pl.DataFrame({"step": range(-reach, reach + 1)}, schema={"step": pl.Int32})
        wanted = around.select("block", day).drop_nulls().unique().join(steps, how="cross")
        wanted = wanted.select("block", pl.col(day) + pl.col("step")).unique()
        found.append(dated.join(wanted, on=["block", day], how="semi"))
    return pl.concat(found).unique("procurement_id").select(tender.columns)


def match_procurements(procurement: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Find the procurements that repeat another procurement.

    Those whose awards repeat each other are one. Of the rest, two on different services are one where buyer and
    reference or title agree, bids close within a day of each other or the tenders were published within a week, and no
    estimate contradicts; each must be the other's only best.
    Of several, the one on Find a Tender is kept, since only that service publishes lots and bids; then the one whose
    awards are repeated rather than repeat.

    Args:
        procurement: procurements of whole blocks (see `buyer_key`), in any order: ``procurement_id``, ``source``,
            ``ocid``, ``buyer_id``, ``buyer_name``, ``title``, ``reference``, ``cpv_code``, ``tendered_on``,
            ``deadline_at``, ``announced_on``, ``estimate_gbp``, ``published_at``.
        pairs: what `match` returned, with ``procurement_id`` (of the award that repeats) and
            ``duplicate_procurement_id`` (of the award that it repeats); only these two, ``duplicate_confidence`` and
            ``duplicate_reason`` are read.

    Returns:
        One row per procurement that repeats another, sorted by ``procurement_id``: ``procurement_id``,
        ``duplicate_of``, ``duplicate_confidence`` and ``duplicate_reason``.
    """
    by_award = (
        pairs.filter(pl.col("procurement_id") != pl.col("duplicate_procurement_id"))
        .sort("duplicate_confidence", "duplicate_reason", descending=[True, False])
        .unique(["procurement_id", "duplicate_procurement_id"], keep="first", maintain_order=True)
        .select(
            left="procurement_id",
            right="duplicate_procurement_id",
            rule=pl.lit("awards"),
            confidence="duplicate_confidence",
            reason=pl.format("an award of it is told twice: {}", "duplicate_reason"),
        )
    )
    matched = pl.concat([by_award["left"], by_award["right"]]).unique()
    by_tender = _tenders(procurement.filter(~pl.col("procurement_id").is_in(matched.implode())))
    edges = pl.concat([by_award, by_tender])
    votes = by_award.group_by(procurement_id="right").agg(votes=pl.len())
    rank = (
        procurement.select("procurement_id", "source", "estimate_gbp", "published_at")
        .join(votes, on="procurement_id", how="left")
        .select(
            "procurement_id",
            pl.concat_list(
                pl.col("source").eq("find-a-tender").fill_null(False).cast(pl.Int64),
                pl.col("votes").fill_null(0).cast(pl.Int64),
                pl.col("estimate_gbp").is_not_null().cast(pl.Int64),
                pl.col("published_at").dt.epoch("s").fill_null(0),
            ),
        )
    )
    ranks = dict(rank.iter_rows())
    roots = _roots(((left, right) for left, right, *_ in edges.iter_rows()), ranks)
    return (
        _told_of(edges.sort("left", "right", "reason"), roots)
        .rename({"award_id": "procurement_id"})
        .drop("rule")
        .sort("procurement_id")
    )


def _buyer_words(name: str) -> str | None:
    """Return the words of one buyer's name that tell it from others."""
    text = html.unescape(name).casefold()
    text = re.sub(r"\([^)]*\)|\bacting (?:as|by|through|on behalf of)\b.*|\bt/a\b.*", " ", text)
    text = re.sub(r"['’‘`.]", "", text.replace("&", " and "))
    # A department of the council buys for the council.
    text = re.sub(r"^(.+\b(?:county|city|borough|district|metropolitan) council)\b.*", r"\1", text)
    text = re.sub(r"^(.+\bcouncil)\s*[-–,:/].*", r"\1", text)
    text = re.sub(r"\b(?:london borough|royal borough) of\b", " ", text)
    text = re.sub(r"\blondon borough\b", " ", text)
    text = re.sub(r"\bcity of london corporation\b", "city of london", text)
    text = re.sub(r"\bfire (?:and rescue )?(?:authority|service)\b", "fire rescue", text)
    words = re.findall(r"\w+", text)
    if len(words) == 1 and words[0] in _BUYER_INITIALS:
        return _BUYER_INITIALS[words[0]]
    # The form may open a department's name ("NHS", "Office"), so that a name of forms alone is kept whole.
    words = [part for word in words for part in _BUYER_WORDS.get(word, word).split()]
    return " ".join([word for word in words if word not in _BUYER_FORMS] or words) or None


def _days(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.Date).cast(pl.Int32)


def _pence(column: str) -> pl.Expr:
    """Return pounds as whole pence, where there is at least a pound."""
    pence = (pl.col(column).cast(pl.Float64) * 100).round().cast(pl.Int64)
    return pl.when(pence >= 100).then(pence)


def _told(award: pl.DataFrame, line: pl.DataFrame) -> pl.DataFrame:
    """Return the awards that may be compared, one row each, sorted, with what is compared in comparable form.

    ``words``: the title without references, numbers and words of every notice; ``marks``: its numbers and sides;
    ``codes``: the references in it and beside it; amounts in pence where credible; days since 1970.
    """
    known = line.group_by("award_id").agg(
        placed=pl.col("supplier_area_code").is_not_null().all(),
        marked=pl.col("vcse_declared").is_not_null().any(),
    )
    told = (
        award.join(known, on="award_id", how="left")
        .select(
            "award_id",
            "procurement_id",
            "source",
            "ocid",
            "block",
            "title",
            "status",
            "regime",
            "value_kind",
            "reference",
            pl.when(pl.col("value_status") == "ok").then(_pence("amount_gbp")).alias("net"),
            pl.when(pl.col("value_status").is_in(["ok", "missing"])).then(_pence("amount_gross_gbp")).alias("gross"),
            _days("awarded_on").alias("awarded"),
            _days("starts_on").alias("starts"),
            _days("ends_on").alias("ends"),
            pl.col("published_at").dt.convert_time_zone("Europe/London").dt.date().cast(pl.Int32).alias("published"),
            rank=pl.concat_list(
                pl.col("status").is_in(["active", "terminated"]).fill_null(True).cast(pl.Int64),
                (~pl.col("value_kind").is_in(_COUNTED)).fill_null(False).cast(pl.Int64),
                (pl.col("value_status") == "ok").fill_null(False).cast(pl.Int64),
                pl.col("placed").fill_null(False).cast(pl.Int64),
                pl.col("marked").fill_null(False).cast(pl.Int64),
                (pl.col("source") == "find-a-tender").cast(pl.Int64),
            ),
        )
        .sort("award_id")
    )
    return _with_words(told)


def _with_words(told: pl.DataFrame) -> pl.DataFrame:
    """Add ``words``, ``marks``, ``title_codes``, ``codes``, ``ref_key`` and ``squashed``, per distinct text."""
    texts = pl.concat([told["title"], told["reference"]]).drop_nulls().unique().sort()
    plain = (
        texts.rename("raw")
        .to_frame()
        .with_columns(
            pl.col("raw")
            .str.slice(0, 2_000)
            .str.replace_many(list(_REPAIRS), list(_REPAIRS.values()))
            # The initials of a buyer or of an officer before the title.
            .str.replace(r"^\s*(?:[A-Z]{2,6} - )+", "")
            .str.normalize("NFKD")
            .str.to_lowercase()
            .str.replace_all(r"\p{M}", "")
            .str.replace_all(r"\b(20\d\d) ?[-/–] ?(\d\d)\b", "$1 20$2")
            .str.replace_all(r"\b20\d\d-\d\d-\d\d(?:[ t]\d\d:?\d\d)?\b", " ")
            .alias("clean")
        )
        .with_columns(
            plain=_only_words(pl.col("clean")),
            # "Grounds maintenance - parks": what the contract is, and which of several it is.
            head=_wording(_only_words(pl.col("clean").str.extract(_PARTED, 1))),
            tail=_wording(_only_words(pl.col("clean").str.extract(_PARTED, 2))),
        )
        .with_columns(
            all_codes=pl.col("plain")
            .str.extract_all(_CODE)
            .list.eval(pl.element().filter(~pl.element().str.contains(_NO_CODE))),
            squashed=pl.col("plain").str.replace_all(" ", ""),
            labelled=pl.col("plain")
            .str.extract_all(
                _PART + r" (?:no |number )?(?:[a-h]|[ivx]+|one|two|three|four|five|six|seven|eight|nine|ten)\b"
            )
            .list.eval(pl.element().str.extract(r"(\w+)$").replace(_NUMERALS)),
            sides=pl.col("plain").str.extract_all(_SIDES),
            numbers=pl.col("plain")
            .str.replace_all(_CODE, " ")
            .str.extract_all(r"\b[a-z]{0,2}\d{1,4}[a-z]{0,2}\b")
            .list.eval(pl.element().str.strip_chars_start("0").replace("", "0")),
        )
        .with_columns(
            words=_wording(pl.col("plain")),
            marks=pl.concat_list("numbers", "labelled", "sides").list.unique().list.sort(),
        )
        .select("raw", "plain", "squashed", "all_codes", "words", "marks", "head", "tail")
    )
    told = told.join(
        plain.select(
            pl.col("raw").alias("title"),
            pl.col("plain").alias("title_plain"),
            pl.col("all_codes").alias("title_codes"),
            "squashed",
            "words",
            "marks",
            "head",
            "tail",
        ),
        on="title",
        how="left",
    ).join(plain.select(reference="raw", ref_squashed="squashed", ref_codes="all_codes"), on="reference", how="left")
    ref_key = pl.col("ref_squashed").str.strip_suffix("award")
    # An ocid is the service's own number, and a bare "1" is nobody's.
    is_reference = (
        (ref_key.str.len_chars() >= 4)
        & (ref_key.str.count_matches(r"\d") >= 3)
        & ~ref_key.str.starts_with("ocds")
        & ~ref_key.str.contains(r"^(?:(?:19|20)\d\d|rm\d+)$")
    )
    empty = pl.lit([], dtype=pl.List(pl.String))
    return _without_shared_codes(
        told.with_columns(
            pl.when(is_reference).then(ref_key).alias("ref_key"),
            pl.when(is_reference).then("ref_codes").otherwise(empty).fill_null(empty).alias("ref_codes"),
            pl.col("title_codes").fill_null(empty),
            pl.col("marks").fill_null(empty),
            pl.when(pl.col("words").str.len_chars() > 0).then("words").alias("words"),
        ).with_columns(
            codes=pl.concat_list("title_codes", "ref_codes", pl.concat_list("ref_key").list.drop_nulls())
            .list.unique()
            .list.sort()
        )
    ).sort("award_id")


def _only_words(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars()


def _wording(plain: pl.Expr) -> pl.Expr:
    """Return a title without references, numbers and the words of every notice."""
    return (
        plain.str.replace_all(_CODE, " ")
        .str.replace_all(_PART + r" (?:no |number )?(?:[a-h]|[ivx]+|\d+|one|two|three|four|five)\b", " ")
        .str.replace_all(r"\b\w*\d\w*\b", " ")
        .str.replace_all(_NOTICE_WORDS, " ")
        .str.replace_all(r" +", " ")
        .str.strip_chars()
    )


def _without_shared_codes(told: pl.DataFrame) -> pl.DataFrame:
    """Take out of ``codes`` what many titles of a block share: the number of a framework or of the buyer's account.

    Only titles within reach of the award count: a longer history says nothing else of it.
    """
    codes = (
        told.select("award_id", "block", "words", "codes", day=pl.coalesce("awarded", "published").cast(pl.Int64))
        .explode("codes")
        .drop_nulls("codes")
        .sort("day")
    )
    key = ["block", "codes", "day"]
    near = (
        codes.drop_nulls("day")
        .rolling("day", period=f"{2 * REACH_DAYS + 1}i", offset=f"-{REACH_DAYS + 1}i", group_by=key[:2])
        .agg(titles=pl.col("words").n_unique())
        .unique(key)
    )
    own = codes.join(near, on=key, how="left").filter(pl.col("titles").fill_null(0) <= _SHARED_CODE)
    kept = own.group_by("award_id").agg(pl.col("codes").sort())
    return (
        told.drop("codes")
        .join(kept, on="award_id", how="left")
        .with_columns(pl.col("codes").fill_null(pl.lit([], dtype=pl.List(pl.String))))
    )


def _names(told: pl.DataFrame, line: pl.DataFrame) -> pl.DataFrame:
    """Return the named suppliers of the awards: one row per award, supplier and key by which it may be recognised.

    A placeholder such as "Various" has neither supplier nor identifier, and names nobody.
    """
    named = (
        line.filter(pl.col("supplier_id").is_not_null() | pl.col("org_id").is_not_null())
        .join(told.select("award_id"), on="award_id", how="semi")
        .with_columns(supplier=pl.coalesce("supplier_id", "org_id"))
        .sort("award_id", "supplier", "org_id", "core_name", nulls_last=True)
        .unique(["award_id", "supplier"], keep="first", maintain_order=True)
    )
    keys = pl.concat_list(
        pl.format("s:{}", "supplier_id"),
        pl.format("o:{}", "org_id"),
        pl.format("n:{}", pl.col("core_name").str.replace_all(" ", "")),
    )
    return (
        named.select("award_id", "supplier", pl.col("core_name").alias("name"), keys.list.drop_nulls().alias("key"))
        .explode("key")
        .drop_nulls("key")
        .unique(maintain_order=True)
    )


def _published_twice(told: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Pair awards of one service that are equal in everything but the ocid, the reference included.

    A round amount may be agreed twice for two things of one name, so that there the reference must be known as well.
    """
    who = names.group_by("award_id").agg(who=pl.col("name").unique().sort().str.join("|"))
    same = ["source", "block", "title_plain", "who", "net", "starts", "ends", "ref_key", "nth"]
    decided = pl.coalesce("awarded", "published")
    alike = (
        told.join(who, on="award_id")
        .drop_nulls(["title_plain", "net", "starts", "ends"])
        .filter((pl.col("net") % 10_000 != 0) | pl.col("ref_key").is_not_null())
        .sort("award_id")
        # Two equal awards of one ocid are two awards: the first pairs with the first, the second with the second.
        .with_columns(nth=pl.int_range(pl.len()).over("ocid", *same[:-1]))
        .with_columns(
            right=pl.col("award_id").first().over(same, order_by="award_id"),
            apart=(decided - decided.first().over(same, order_by="award_id")).abs(),
        )
        .filter(pl.col("right") != pl.col("award_id"), (pl.col("apart") <= NEAR_DAYS).fill_null(False))
    )
    return alike.select(
        left="award_id",
        right="right",
        rule=pl.lit("published_twice"),
        reason=pl.format(
            "published twice on one service: same buyer, title and supplier, {} on both, same first and last day",
            _pounds(alike["net"]),
        ),
    )


def _intentions(told: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Pair each intention under the Provider Selection Regime with its award under another ocid."""
    health = pl.col("regime").is_null() | (pl.col("regime") == "psr2023")
    intended = told.filter(pl.col("status") == "intended", health)
    given = told.filter(pl.col("status") != "intended", health)
    pairs = _candidates(intended, given, names, ["block", "source"])
    if pairs.is_empty():
        return _no_edges()
    found = _evidence(pairs, told, names).filter(
        pl.col("ocid") != pl.col("ocid_right"),
        (pl.col("published_right") - pl.col("published")).is_between(0, INTENTION_DAYS),
        _may_be_one(NEAR_DAYS * 2),
        pl.col("suppliers").is_in(["same", "alike"]),
        pl.col("reference").is_not_null() | (pl.col("likeness") >= ALIKE_TITLE),
        (pl.col("amounts") != "missing")
        | pl.col("reference").is_not_null()
        | pl.col("starts_gap").eq(0).fill_null(False),
    )
    reason = pl.concat_str(pl.lit("an intention and the award that followed: "), _reason(found))
    return _paired(found.with_columns(rule=pl.lit("intention"), reason=reason))


def _across(told: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Pair awards of the two services, one to one."""
    pairs = _between(told, names)
    if pairs.is_empty():
        return _no_edges()
    found = _evidence(pairs, told, names)
    return _paired(found.with_columns(rule=_rule(), reason=_reason(found)).drop_nulls("rule"))


def _several(told: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Pair one award of one service with the several that tell it on the other: all of a procurement, or of a supplier.

    The sum is that of the several, or none of them has an amount; the suppliers are all of theirs.
    """
    who = names.group_by("award_id").agg(who=pl.col("supplier").unique().sort().str.join("|"))
    grouped = told.join(who, on="award_id", how="left")
    groups = pl.concat(
        [
            _put_together(grouped.with_columns(group=pl.format("p:{}|{}", "block", "procurement_id"))),
            _put_together(
                grouped.drop_nulls("who").with_columns(group=pl.format("w:{}|{}|{}", "block", "procurement_id", "who"))
            ),
        ]
    ).unique("members", keep="first", maintain_order=True)
    if groups.is_empty():
        return _no_edges()
    members = groups.select("award_id", member="members").explode("member")
    group_names = (
        members.join(names.rename({"award_id": "member"}), on="member").drop("member").unique(maintain_order=True)
    )
    everyone = pl.concat([told, groups.select(told.columns)])
    everyones = pl.concat([names, group_names.select(names.columns)])
    pairs = pl.concat(
        [
            _candidates(
                told.filter(pl.col("source") == one), groups.filter(pl.col("source") == other), everyones, ["block"]
            )
            for one, other in (("contracts-finder", "find-a-tender"), ("find-a-tender", "contracts-finder"))
        ]
    )
    exact = pl.col("amounts") == "exact"
    found = _evidence(pairs, everyone, everyones).filter(
        _may_be_one(NEAR_DAYS),
        pl.col("suppliers") == "same",
        pl.col("reference").is_not_null()
        | (pl.col("likeness") >= ALIKE_TITLE)
        # A sum to the penny and every one of several suppliers are evidence enough, whatever the lots are called.
        | (exact & (pl.col("named") > 1)),
        pl.col("amounts").is_in(["exact", "equal", "vat"])
        | ((pl.col("amounts") == "missing") & pl.col("reference").is_not_null() & (pl.col("named") > 1)),
    )
    best = _paired(found.with_columns(rule=pl.lit("several_awards"), reason=_reason(found)))
    # A procurement and its only supplier may be matched at once by two awards: the larger group was told first.
    chosen = best.join(groups.select(right="award_id", members="members", status="status"), on="right").sort(
        "left", "right"
    )
    taken: set[str] = set()
    edges = []
    live = dict(told.select("award_id", "status").iter_rows())
    for single, _, rule, reason, ids, status in chosen.iter_rows():
        if taken.intersection(ids) or single in taken:
            continue
        taken.update(ids, [single])
        why = f"told as one award on one service and as {len(ids)} on the other: {reason}"
        if status == "intended" and live[single] != "intended":
            edges += [(member, single, rule, why) for member in ids]
        else:
            edges.append((single, ids[0], rule, why))
    return pl.DataFrame(edges, schema=_no_edges().schema, orient="row")


def _put_together(told: pl.DataFrame) -> pl.DataFrame:
    """Return every group of two or more awards as if it were one award, with its members."""
    groups = (
        told.sort("award_id")
        .group_by("group", maintain_order=True)
        .agg(
            pl.col("procurement_id", "source", "ocid", "block", "regime", "value_kind", "reference", "rank").first(),
            pl.col("title", "title_plain", "squashed", "ref_squashed", "ref_key").first(),
            head=pl.lit(None, pl.String),
            tail=pl.lit(None, pl.String),
            # All are intended, or the group is in force.
            status=pl.when((pl.col("status") == "intended").all()).then(pl.lit("intended")).otherwise(pl.lit("active")),
            net=pl.when(pl.col("net").is_not_null().all()).then(pl.col("net").sum()),
            gross=pl.when(pl.col("gross").is_not_null().all()).then(pl.col("gross").sum()),
            priced=pl.col("net").is_not_null().any(),
            awarded=pl.col("awarded").min(),
            starts=pl.col("starts").min(),
            ends=pl.col("ends").max(),
            published=pl.col("published").min(),
            codes=pl.col("codes").explode().drop_nulls().unique().sort(),
            ref_codes=pl.col("ref_codes").explode().drop_nulls().unique().sort(),
            members="award_id",
        )
        .filter(pl.col("members").list.len() > 1, pl.col("net").is_not_null() | ~pl.col("priced"))
    )
    # What all of them share: lots are told apart by the rest.
    for column, parts in (
        ("words", pl.col("words").str.split(" ")),
        ("marks", pl.col("marks")),
        ("title_codes", pl.col("title_codes")),
    ):
        shared = (
            told.select("group", "award_id", parts.alias("part"), size=pl.len().over("group"))
            .explode("part")
            .drop_nulls("part")
            .unique()
            .group_by("group", "size", "part")
            .agg(pl.len())
            .filter(pl.col("len") == pl.col("size"))
            .group_by("group")
            .agg(pl.col("part").sort().alias(column))
        )
        groups = groups.join(shared, on="group", how="left")
    empty = pl.lit([], dtype=pl.List(pl.String))
    return groups.with_columns(
        pl.col("words").list.join(" "),
        pl.col("marks", "title_codes").fill_null(empty),
        award_id=pl.format("group {}", "group"),
    )


def _between(told: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Return the candidates across the two services."""
    on_finder = told.filter(pl.col("source") == "contracts-finder")
    on_tender = told.filter(pl.col("source") == "find-a-tender")
    return _candidates(on_finder, on_tender, names, ["block"])


def _candidates(left: pl.DataFrame, right: pl.DataFrame, names: pl.DataFrame, scope: list[str]) -> pl.DataFrame:
    """Return the pairs of award ids that two kinds of evidence together suggest, within one scope such as the block."""
    if left.is_empty() or right.is_empty():
        return _no_edges().select("left", "right")
    found = [pl.DataFrame(schema=_NO_PAIRS)]
    for ours, theirs in zip(_keys(left, names, scope), _keys(right, names, scope), strict=True):
        ours_counted = ours.group_by("key").agg(ours=pl.len())
        busy = theirs.group_by("key").agg(theirs=pl.len()).join(ours_counted, on="key")
        useful = busy.filter(pl.col("ours").cast(pl.Int64) * pl.col("theirs") <= BUSY_KEY).select("key")
        pairs = ours.join(useful, on="key", how="semi").join(theirs, on="key").select(left="row", right="row_right")
        found.append(pairs.unique())
    pairs = pl.concat(found).unique()
    return pairs.select(
        left["award_id"].gather(pairs["left"]).alias("left"), right["award_id"].gather(pairs["right"]).alias("right")
    ).filter(pl.col("left") != pl.col("right"))


def _keys(told: pl.DataFrame, names: pl.DataFrame, scope: list[str]) -> list[pl.DataFrame]:
    """Return, for each two kinds of evidence, the rows with the key that any two rows must share to be compared."""
    rows = told.with_row_index("row").with_columns(scope=pl.concat_str(scope, separator="|").hash())

    def kind(frame: pl.DataFrame, column: str) -> pl.DataFrame:
        return frame.drop_nulls(column).select("row", part=pl.struct("scope", column).hash()).unique()

    # Two amounts within the tolerance share a cell of at least one of two grids, half a cell apart.
    grid = pl.col("pence").log() / (2.1 * AMOUNT_TOLERANCE)
    amounts = (
        rows.select(
            "row",
            "scope",
            pence=pl.concat_list(
                pl.col(one).cast(pl.Float64) * rate for one, rate in (("net", 1), ("net", 1.2), ("gross", 1))
            ),
        )
        .explode("pence")
        .drop_nulls("pence")
        .with_columns(cell=pl.concat_list(grid.floor() * 2, (grid + 0.5).floor() * 2 + 1).cast(pl.List(pl.Int64)))
        .explode("cell")
    )
    title = kind(rows, "words")
    code = kind(rows.select("row", "scope", "codes").explode("codes"), "codes")
    supplier = kind(rows.select("row", "scope", "award_id").join(names, on="award_id"), "key")
    amount = kind(amounts, "cell")
    start = kind(rows, "starts")
    award = kind(rows, "awarded")
    end = kind(rows, "ends")
    return [
        one.join(other, on="row").select("row", key=pl.struct("part", "part_right").hash())
        for one, other in (
            (title, supplier),
            (title, amount),
            (title, start),
            (title, award),
            (code, supplier),
            (code, amount),
            (code, title),
            (code, start),
            (supplier, amount),
            (supplier, start),
            (amount, award),
            (amount, end),
        )
    ]


def _evidence(pairs: pl.DataFrame, told: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Return pairs of awards with what speaks for and against their being one.

    ``reference``: what both call it; ``likeness`` of the titles (0 to 1); ``suppliers``: same, alike, part, none or
    unknown; ``amounts``: exact, equal, vat, missing or different; ``awarded_gap``, ``starts_gap``, ``ends_gap``:
    days apart; ``contradicted``: another lot, phase, year or number, or a ceiling and a call-off; ``score``.
    """
    told = told.drop("title", "reference", "rank", "ref_squashed", strict=False)
    found = (
        pairs.sort("left", "right")
        .join(told.with_columns(left="award_id"), on="left", how="left", maintain_order="left")
        .join(told.with_columns(right="award_id"), on="right", how="left", suffix="_right", maintain_order="left")
    )
    found = _with_suppliers(_with_likeness(found), names)
    common = pl.col("codes").list.set_intersection("codes_right")
    said = pl.coalesce(
        common.list.sort().list.eval(pl.element().sort_by(pl.element().str.len_chars(), descending=True)).list.first(),
        *(
            pl.when(
                (pl.col(f"ref_key{one}").str.len_chars() >= 6)
                & pl.col(f"squashed{other}").str.contains(pl.col(f"ref_key{one}"), literal=True)
            ).then(f"ref_key{one}")
            for one, other in (("", "_right"), ("_right", ""))
        ),
    )
    # Two numbers of one series, such as QOC472 and QOC473, are two contracts.
    shape = pl.element().filter(pl.element().str.contains(r"^[a-z]")).str.replace_all(r"\d", "0")
    in_series = pl.any_horizontal(
        pl.col(field).list.eval(shape).list.set_intersection(pl.col(f"{field}_right").list.eval(shape)).list.len() > 0
        for field in ("title_codes", "ref_codes")
    )
    tails = [
        pl.when(pl.col(one).str.len_chars() > 0).then(pl.col(one).str.split(" ")) for one in ("tail", "tail_right")
    ]
    other_part = (
        (pl.col("head") == pl.col("head_right"))
        & (pl.col("head").str.len_chars() > 0)
        & (tails[0].list.set_intersection(tails[1]).list.len() == 0)
    ).fill_null(False)
    more, fewer = (
        pl.col(f"marks{one}").list.set_difference(f"marks{other}").list.len() > 0
        for one, other in (("", "_right"), ("_right", ""))
    )
    framework, call_off = (
        (pl.col(f"value_kind{one}").is_in(_STATED_CEILINGS) & (pl.col(f"value_kind{other}") == "call_off")).fill_null(
            False
        )
        for one, other in (("", "_right"), ("_right", ""))
    )
    found = found.with_columns(
        said.alias("reference"),
        _amounts().alias("amounts"),
        *(
            (pl.col(day) - pl.col(f"{day}_right")).abs().alias(f"{day}_gap")
            for day in ("awarded", "starts", "ends", "published")
        ),
        same_marks=pl.col("marks") == pl.col("marks_right"),
    )
    decided, decided_right = (pl.coalesce(f"awarded{one}", f"published{one}") for one in ("", "_right"))
    found = found.filter(((decided - decided_right).abs() <= REACH_DAYS).fill_null(True)).with_columns(
        contradicted=(more & fewer) | framework | call_off | other_part | (pl.col("reference").is_null() & in_series)
    )
    points = pl.sum_horizontal(
        pl.col("reference").is_not_null() * 4_000,
        pl.col("likeness") * 3_000,
        pl.col("suppliers").replace_strict(
            {"same": 4_000, "alike": 3_000, "part": 2_000}, default=0, return_dtype=pl.Int64
        ),
        pl.col("amounts").replace_strict(
            {"exact": 4_000, "equal": 3_000, "vat": 2_000}, default=0, return_dtype=pl.Int64
        ),
        (pl.col("starts_gap") <= 1).fill_null(False) * 1_000,
        (pl.col("ends_gap") <= 1).fill_null(False) * 1_000,
        pl.max_horizontal(1_000 - pl.col("awarded_gap") * 16, 0).fill_null(0),
        pl.col("same_marks").fill_null(False) * 500,
    )
    return found.with_columns(score=points.round().cast(pl.Int64))


def _with_likeness(found: pl.DataFrame) -> pl.DataFrame:
    """Add how alike the titles are, worked out once per distinct pair of titles."""
    distinct = found.select("words", "words_right").unique().drop_nulls().sort("words", "words_right")
    likeness = [_likeness(one, other) for one, other in distinct.iter_rows()]
    alike = distinct.with_columns(pl.Series("likeness", likeness, pl.Float64))
    same = (pl.col("title_plain") == pl.col("title_plain_right")).fill_null(False).cast(pl.Float64)
    return found.join(alike, on=["words", "words_right"], how="left", maintain_order="left").with_columns(
        pl.max_horizontal("likeness", same).fill_null(0.0)
    )


def _likeness(one: str, other: str) -> float:
    """Return how alike two titles are: by their letters, or because one is the other cut short or with words added."""
    if one == other:
        return 1.0
    short, long = sorted((one, other), key=len)
    found = fuzz.token_sort_ratio(one, other) / 100
    few, many = set(short.split()), set(long.split())
    if len(short) >= 20 and long.startswith(short):
        found = max(found, SAME_TITLE)
    elif len(few) >= 2 and few < many:
        found = max(found, 0.9 if len(few) > 2 else ALIKE_TITLE)
    elif {word[:5] for word in few if len(word) >= 5} & {word[:5] for word in many}:
        found = max(found, RELATED_TITLE)
    return found


def _with_suppliers(found: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Add ``named`` suppliers of each side and whether they are the same.

    The same by identifier or name; else alike where the names are spellings of one, or one is the beginning of the
    other ("Edenred" and "Edenred (UK Group)").
    """
    pairs = found.select("left", "right")
    lines = names.select("award_id", "supplier", "name").unique(["award_id", "supplier"], maintain_order=True)
    named = lines.group_by("award_id").agg(named=pl.len())
    hits = (
        pairs.join(names, left_on="left", right_on="award_id")
        .join(names, left_on=["right", "key"], right_on=["award_id", "key"])
        .group_by("left", "right")
        .agg(hit=pl.col("supplier").n_unique(), hit_right=pl.col("supplier_right").n_unique())
    )
    counted = (
        pairs.join(named.rename({"award_id": "left"}), on="left", how="left")
        .join(named.rename({"award_id": "right", "named": "named_right"}), on="right", how="left")
        .join(hits, on=["left", "right"], how="left")
        .with_columns(pl.col("named", "named_right", "hit", "hit_right").fill_null(0).cast(pl.Int64))
    )
    # Spelling is looked at only where keys do not settle it, and not for the long lists of frameworks.
    open_pairs = counted.filter(
        pl.col("named").is_between(1, 5),
        pl.col("named_right").is_between(1, 5),
        (pl.col("hit") < pl.col("named")) | (pl.col("hit_right") < pl.col("named_right")),
    ).select("left", "right")
    crossed = open_pairs.join(lines, left_on="left", right_on="award_id").join(
        lines, left_on="right", right_on="award_id", suffix="_right"
    )
    spelt = crossed.select("name", "name_right").drop_nulls().unique().sort("name", "name_right")
    is_alike = [_is_spelling(one, other) for one, other in spelt.iter_rows()]
    alike = (
        crossed.join(
            spelt.with_columns(alike=pl.Series(is_alike, dtype=pl.Boolean)), on=["name", "name_right"], how="left"
        )
        .filter(pl.col("alike").fill_null(False) | (pl.col("supplier") == pl.col("supplier_right")))
        .group_by("left", "right")
        .agg(like=pl.col("supplier").n_unique(), like_right=pl.col("supplier_right").n_unique())
    )
    counted = counted.join(alike, on=["left", "right"], how="left").with_columns(
        pl.col("like", "like_right").fill_null(0)
    )
    relation = (
        pl.when((pl.col("named") == 0) | (pl.col("named_right") == 0))
        .then(pl.lit("unknown"))
        .when((pl.col("hit") == pl.col("named")) & (pl.col("hit_right") == pl.col("named_right")))
        .then(pl.lit("same"))
        .when((pl.col("like") >= pl.col("named")) & (pl.col("like_right") >= pl.col("named_right")))
        .then(pl.lit("alike"))
        .when((pl.col("hit") > 0) | (pl.col("like") > 0))
        .then(pl.lit("part"))
        .otherwise(pl.lit("none"))
    )
    return found.join(
        counted.select("left", "right", "named", "named_right", relation.alias("suppliers")),
        on=["left", "right"],
        how="left",
        maintain_order="left",
    )


def _is_spelling(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    few, many = short.split(), long.split()
    begins = len(short) >= 5 and many[: len(few)] == few
    return begins or fuzz.token_sort_ratio(one, other) >= ALIKE_NAME


def _amounts() -> pl.Expr:
    """Return how the amounts of two awards stand to each other."""

    def within(one: pl.Expr, other: pl.Expr, tolerance: float) -> pl.Expr:
        return ((one - other).abs() <= tolerance * pl.max_horizontal(one, other)).fill_null(False)

    net, gross, net_right, gross_right = (
        pl.col(one).cast(pl.Float64) for one in ("net", "gross", "net_right", "gross_right")
    )
    near = [(net, net_right), (gross, gross_right)]
    vat = [(net, gross_right), (gross, net_right), (net * 1.2, net_right), (net, net_right * 1.2)]
    vat += [(net * 1.2, gross_right), (gross, net_right * 1.2)]
    nothing = (net.is_null() & gross.is_null()) | (net_right.is_null() & gross_right.is_null())
    return (
        pl.when(nothing)
        .then(pl.lit("missing"))
        .when(pl.any_horizontal(((one - other).abs() <= 100).fill_null(False) for one, other in near))
        .then(pl.lit("exact"))
        .when(pl.any_horizontal(within(one, other, AMOUNT_TOLERANCE) for one, other in near))
        .then(pl.lit("equal"))
        .when(pl.any_horizontal(within(one, other, VAT_TOLERANCE) for one, other in vat))
        .then(pl.lit("vat"))
        .otherwise(pl.lit("different"))
    )


def _may_be_one(days: int) -> pl.Expr:
    """Return whether nothing speaks against two awards being one, tellings of one lying at most so many days apart."""
    same_end = (pl.col("ends_gap") <= 1).fill_null(False)
    awarded, starts, named = pl.col("awarded_gap"), pl.col("starts_gap"), pl.col("reference").is_not_null()
    # Orders of one kind, month after month: without a shared reference, everything has moved on.
    moved_on = ((starts > 10) & (pl.col("ends_gap") > 10)).fill_null(False) & (awarded > 10).fill_null(True) & ~named
    is_near = ~moved_on & (
        # The day of the award is told loosely: the decision, the signature, or the day of publication.
        ((awarded <= days).fill_null(True) | ((same_end | named) & (awarded <= 4 * days)))
        & (starts <= days).fill_null(True)
        & (awarded.is_not_null() | starts.is_not_null() | (pl.col("published_gap") <= 3 * days))
    )
    return is_near & (pl.col("suppliers") != "none") & (pl.col("amounts") != "different") & ~pl.col("contradicted")


def _rule() -> pl.Expr:
    """Return the name of the first rule by which two awards of the two services are one, or null."""
    named = pl.col("reference").is_not_null()
    title, suppliers = pl.col("likeness"), pl.col("suppliers")
    same, alike = suppliers == "same", suppliers.is_in(["same", "alike"])
    priced, unpriced = pl.col("amounts").is_in(["exact", "equal", "vat"]), pl.col("amounts") == "missing"
    starts, ends, awarded = (pl.col(f"{day}_gap") for day in ("starts", "ends", "awarded"))
    same_term = ((starts <= 1) & (ends <= 1)).fill_null(False)
    same_end = (starts <= 3).fill_null(False) | (ends <= 1).fill_null(False)
    same_days = same_end | (awarded <= 14).fill_null(False)
    near_term = ((starts <= 10) & (ends <= 1)).fill_null(False)
    exact = pl.col("amounts") == "exact"
    is_round = (pl.coalesce("net", "gross") % 100_000 == 0).fill_null(True)
    some_priced = suppliers.is_in(["same", "alike", "part"]) & priced
    rules = (
        ("reference", named & some_priced),
        ("reference_unpriced", named & alike & unpriced & ((title >= ALIKE_TITLE) | same_end)),
        ("reference_unnamed", named & (suppliers == "unknown") & priced & (title >= RELATED_TITLE)),
        ("title", some_priced & ((alike & (title >= ALIKE_TITLE)) | ((title >= SAME_TITLE) & same_term))),
        ("title_unpriced", alike & unpriced & (title >= 0.9) & same_days),
        ("title_unnamed", (suppliers == "unknown") & priced & (title >= SAME_TITLE) & same_days),
        (
            "amount_and_days",
            (alike & exact & (same_term | (near_term & ~is_round)) & ((title >= RELATED_TITLE) | (same & ~is_round)))
            | (same & priced & same_term & (title >= RELATED_TITLE)),
        ),
    )
    found = pl.lit(None, pl.String)
    for name, holds in reversed(rules):
        found = pl.when(_may_be_one(NEAR_DAYS) & holds).then(pl.lit(name)).otherwise(found)
    return found


def _pounds(pence: pl.Series) -> pl.Series:
    """Return whole pence as pounds in words, such as £1,200,000 or £1,983.50."""
    known = pence.drop_nulls().unique().sort()
    words = [f"£{one // 100:,}" if one % 100 == 0 else f"£{one / 100:,.2f}" for one in known.to_list()]
    if known.is_empty():
        return pl.Series(pence.name, [None] * len(pence), pl.String)
    return pence.replace_strict(known, pl.Series(words), default=None, return_dtype=pl.String)


def _apart(column: str, what: str) -> pl.Expr:
    gap = pl.col(column)
    return (
        pl.when(gap == 0)
        .then(pl.lit(f"{what} on the same day"))
        .when(gap == 1)
        .then(pl.lit(f"{what} 1 day apart"))
        .when(gap > 1)
        .then(pl.format(what + " {} days apart", gap))
    )


def _reason(found: pl.DataFrame) -> pl.Series:
    """Return the evidence of every pair in words that may be printed, the same whichever award is named first."""
    shown = found.with_columns(
        money=_pounds(pl.Series(found["net"].fill_null(found["gross"]))),
        money_right=_pounds(pl.Series(found["net_right"].fill_null(found["gross_right"]))),
    )
    amounts = pl.col("amounts")
    two = pl.when(pl.coalesce("net", "gross") <= pl.coalesce("net_right", "gross_right"))
    first, second = two.then("money").otherwise("money_right"), two.then("money_right").otherwise("money")
    suppliers = pl.col("suppliers")
    return shown.select(
        reason=pl.concat_str(
            pl.lit("same buyer"),
            pl.format("same reference {}", pl.col("reference").str.to_uppercase()),
            pl.when(pl.col("likeness") >= SAME_TITLE)
            .then(pl.lit("same title"))
            .when(pl.col("likeness") >= ALIKE_TITLE)
            .then(pl.lit("nearly the same title"))
            .otherwise(pl.lit("another title")),
            pl.when((suppliers == "same") & (pl.col("named") == 1))
            .then(pl.lit("same supplier"))
            .when(suppliers == "same")
            .then(pl.format("same {} suppliers", "named"))
            .when(suppliers == "alike")
            .then(pl.lit("suppliers' names are spellings of one"))
            .when(suppliers == "part")
            .then(pl.lit("suppliers in common"))
            .otherwise(pl.lit("supplier not named on both")),
            pl.when(amounts == "missing")
            .then(pl.lit("no credible amount on one or both"))
            .when((amounts == "exact") & (pl.col("money") == pl.col("money_right")))
            .then(pl.format("{} on both", "money"))
            .when(amounts == "vat")
            .then(pl.format("{} and {}, which differ by VAT", first, second))
            .otherwise(pl.format("{} and {}", first, second)),
            pl.when(((pl.col("starts_gap") == 0) & (pl.col("ends_gap") == 0)).fill_null(False))
            .then(pl.lit("same first and last day"))
            .otherwise(_apart("starts_gap", "begun")),
            _apart("awarded_gap", "awarded"),
            separator=", ",
            ignore_nulls=True,
        )
    )["reason"]


def _no_edges() -> pl.DataFrame:
    return pl.DataFrame(schema={"left": pl.String, "right": pl.String, "rule": pl.String, "reason": pl.String})


def _paired(found: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs that are each other's only best, round after round among those that are left.

    Awards of one procurement that nothing tells apart, equal in all that is compared, are paired by their ids.
    """
    told = ("procurement_id", "title_plain", "net", "gross", "awarded", "starts", "ends", "status")
    left = found.select(
        "left",
        "right",
        "score",
        "rule",
        "reason",
        twin_left=pl.struct(*told, "suppliers", "score").hash(),
        twin_right=pl.struct(*(f"{one}_right" for one in told), "suppliers", "score").hash(),
    )
    twins = [
        pl.col(side).rank("dense").over(f"twin_{side}", other).alias(f"nth_{side}")
        for side, other in (("left", "right"), ("right", "left"))
    ]
    left = left.with_columns(twins).filter(pl.col("nth_left") == pl.col("nth_right"))
    paired = [_no_edges()]
    while not left.is_empty():
        # Best for both sides, and for both the only one: an award with two best candidates has none.
        is_best = [(pl.col("score") == pl.col("score").max().over(side)) for side in ("left", "right")]
        best = left.filter(
            *is_best, *(one.sum().over(side) == 1 for one, side in zip(is_best, ("left", "right"), strict=True))
        )
        if best.is_empty():
            break
        paired.append(best.select("left", "right", "rule", "reason"))
        left = left.join(best.select("left"), on="left", how="anti").join(best.select("right"), on="right", how="anti")
    return pl.concat(paired).sort("left", "right")


def _ends(edges: pl.DataFrame) -> pl.DataFrame:
    """Return every award that stands in an edge."""
    return pl.DataFrame({"award_id": pl.concat([edges["left"], edges["right"]])}).unique()


def _kept(told: pl.DataFrame, again: pl.DataFrame) -> pl.DataFrame:
    """Return the awards that are left when those told twice on one service are counted once."""
    ranks = dict(told.join(_ends(again), on="award_id", how="semi").select("award_id", "rank").iter_rows())
    roots = _roots(again.select("left", "right").iter_rows(), ranks)
    repeated = [one for one, root in roots.items() if one != root]
    return told.filter(~pl.col("award_id").is_in(repeated))


def _roots(edges: Iterable[tuple[str, ...]], ranks: dict[str, list[int]]) -> dict[str, str]:
    """Return, for everything that stands in an edge, the best ranked of all that it is connected with."""
    parent: dict[str, str] = {}

    def find(one: str) -> str:
        while parent.setdefault(one, one) != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    def order(one: str) -> tuple[list[int], str]:
        return [-points for points in ranks[one]], one

    for left, right in edges:
        best, other = sorted((find(left), find(right)), key=order)
        parent[other] = best
    return {one: find(one) for one in sorted(parent)}


def _rooted(told: pl.DataFrame, edges: pl.DataFrame, several: pl.DataFrame) -> pl.DataFrame:
    """Return what every award repeats, chains led to one award: pairs first, then those told as several."""
    everything = pl.concat([edges, several])
    ranks = dict(told.join(_ends(everything), on="award_id", how="semi").select("award_id", "rank").iter_rows())
    roots = _roots(edges.select("left", "right").iter_rows(), ranks)
    instead = dict(several.select("left", "right").iter_rows())
    roots |= {one: one for one in [*several["left"], *several["right"]] if one not in roots}
    roots = {one: instead.get(root, root) for one, root in roots.items()}
    confidence = _confidences()
    rated = everything.with_columns(
        confidence=pl.col("rule").replace_strict(confidence, default=None, return_dtype=pl.Float64)
    )
    return _told_of(rated, roots).sort("award_id")


def _told_of(edges: pl.DataFrame, roots: dict[str, str]) -> pl.DataFrame:
    """Return, for all but the roots, the root with confidence and reason of the surest edge, one to the root first."""
    root = pl.DataFrame(
        {"award_id": list(roots), "duplicate_of": list(roots.values())},
        schema={"award_id": pl.String, "duplicate_of": pl.String},
    ).filter(pl.col("award_id") != pl.col("duplicate_of"))
    both = pl.concat(
        [
            edges.select(
                "rule", award_id=one, other=other, duplicate_confidence="confidence", duplicate_reason="reason"
            )
            for one, other in (("left", "right"), ("right", "left"))
        ]
    )
    return (
        root.join(both, on="award_id")
        .with_columns(direct=pl.col("other") == pl.col("duplicate_of"))
        .sort(
            "award_id",
            "direct",
            "duplicate_confidence",
            "duplicate_reason",
            "other",
            descending=[False, True, True, False, False],
        )
        .unique("award_id", keep="first", maintain_order=True)
        .select("award_id", *_RESULT, "rule")
    )


@cache
def _confidences() -> dict[str, float]:
    """Return how sure each rule is, as measured."""
    rules = facts("duplicate_rules.csv").sort("from_on")
    return dict(rules.select("rule", pl.col("confidence").cast(pl.Float64)).iter_rows())


def _tenders(procurement: pl.DataFrame) -> pl.DataFrame:
    """Pair procurements of the two services by what their tenders tell, one to one."""
    told = _with_words(
        procurement.with_columns(block=buyer_key(procurement["buyer_name"]))
        .filter(pl.col("block").is_not_null())
        .select(
            "procurement_id",
            "source",
            "block",
            "title",
            "reference",
            pl.col("procurement_id").alias("award_id"),
            pl.lit(None, pl.String).alias("status"),
            pl.lit(None, pl.String).alias("value_kind"),
            _pence("estimate_gbp").alias("net"),
            pl.lit(None, pl.Int64).alias("gross"),
            _days("tendered_on").alias("awarded"),
            pl.col("deadline_at").dt.convert_time_zone("Europe/London").dt.date().cast(pl.Int32).alias("starts"),
            pl.lit(None, pl.Int32).alias("ends"),
            pl.lit(None, pl.Int32).alias("published"),
        )
    )
    nobody = pl.DataFrame(schema={"award_id": pl.String, "supplier": pl.String, "name": pl.String, "key": pl.String})
    closing = told.select("award_id", "source", "block", "starts").drop_nulls("starts")
    on_finder, on_tender = (closing.filter(pl.col("source") == one) for one in ("contracts-finder", "find-a-tender"))
    same_day = on_finder.join(on_tender, on=["block", "starts"]).select(left="award_id", right="award_id_right")
    pairs = pl.concat([_between(told, nobody), same_day]).unique()
    if pairs.is_empty():
        return _no_edges().select("left", "right", "rule", pl.lit(None, pl.Float64).alias("confidence"), "reason")
    closes, tendered = pl.col("starts_gap"), pl.col("awarded_gap")
    found = _evidence(pairs, told, nobody).filter(
        pl.col("reference").is_not_null() | (pl.col("likeness") >= SAME_TITLE),
        (closes <= 1).fill_null(False) | (tendered <= 7).fill_null(False),
        pl.col("amounts") != "different",
        ~pl.col("contradicted"),
    )
    named = pl.col("reference").is_not_null()
    found = found.with_columns(
        rule=pl.when(named).then(pl.lit("tender_reference")).otherwise(pl.lit("tender_title")),
        reason=pl.concat_str(
            pl.lit("same buyer"),
            pl.format("same reference {}", pl.col("reference").str.to_uppercase()),
            pl.when(pl.col("likeness") >= SAME_TITLE).then(pl.lit("same title")),
            _apart("starts_gap", "closing"),
            _apart("awarded_gap", "published"),
            separator=", ",
            ignore_nulls=True,
        ),
    )
    return _paired(found).select(
        "left",
        "right",
        "rule",
        pl.col("rule").replace_strict(_confidences(), default=None, return_dtype=pl.Float64).alias("confidence"),
        "reason",
    )

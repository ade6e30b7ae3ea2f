"""Say which readings of a supplier may be the same organisation, by which rule, and with what score.

Every rule looks at two readings and the loaded registers only, never at how frequent a name is or how many others
there are: so what holds between two of them holds whatever else is known, and a night's work on the touched ones gives
what a full rebuild gives.
Two readings that any rule could link share a key of ``keys``.

The rules follow Companies House's sense of "same as" (Companies Act 2006 section 66,
https://www.legislation.gov.uk/uksi/2015/17/schedule/3), and one law above all: two names that both carry a legal form
and differ by a word are two companies, however alike they look.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import polars as pl
from rapidfuzz.distance import OSA

AUTOMATIC = 0.85
"""The score from which a link is made without a person."""


class Rule(NamedTuple):
    """A rule: its score, and whether it may join two different names that both carry a legal form."""

    score: float
    is_strong: bool


RULES = {
    "override": Rule(1.0, True),
    "identifier": Rule(1.0, True),
    "register_same_as": Rule(0.99, True),
    "same_name": Rule(0.98, True),
    "register_name": Rule(0.96, True),
    "form_varies": Rule(0.957, True),
    "form_missing_nearby": Rule(0.955, False),
    "form_missing": Rule(0.95, False),
    "spelling_nearby": Rule(0.94, True),
    "loose_name": Rule(0.93, True),
    "loose_name_form_missing": Rule(0.925, False),
    "other_name_same_postcode": Rule(0.92, True),
    "spelling": Rule(0.91, True),
    "spellings_same_postcode": Rule(0.89, True),
    "other_name_nearby": Rule(0.88, False),
    "group_words": Rule(0.875, False),
    "shorter_name": Rule(0.87, False),
    "initials": Rule(0.865, False),
    "longer_name": Rule(0.86, False),
    "trade_words": Rule(0.855, False),
    "form_differs": Rule(0.84, True),
    "loose_name_doubtful": Rule(0.83, True),
    "loose_name_form_differs": Rule(0.82, True),
    "shared_words": Rule(0.81, False),
    "other_name": Rule(0.80, False),
    "numbers_differ": Rule(0.79, True),
    "register_name_doubtful": Rule(0.785, False),
    "identifier_doubtful": Rule(0.78, True),
    "spelling_doubtful": Rule(0.70, False),
}
"""Every rule, from the most to the least certain; those below ``AUTOMATIC`` only ask for a person's look."""

BY_WRITING = ("spelling_nearby", "loose_name", "spelling", "spellings_same_postcode")
"""Rules that join two names with a legal form each only where these are the very two that were compared."""

EXCLUSIVE = ("GB-COH", "GB-CHC", "GB-SC", "GB-NIC", "GB-MPR", "GB-UKPRN", "GB-PPON", "XI-LEI")
"""Registers that give an organisation one number: two numbers of one of them are two organisations."""

# Companies are written with each other's forms by mistake more often than two of them share one name.
_CONFUSED_FORMS = ("ltd", "plc", "clg", "unlimited", "cic")

_LOOSE_WORDS = r"\b(?:and|of|the|uk|gb|company)\b"
_REGION = r"\b(uk|gb)\b"
_SPELLINGS = {
    "united kingdom": "uk", "great britain": "gb", "north east": "ne", "north eastern": "ne", "north west": "nw",
    "north western": "nw", "south east": "se", "south eastern": "se", "south west": "sw", "south western": "sw",
    "saint": "st", "intl": "international", "internat": "international", "mgmt": "management", "mgt": "management",
    "mngt": "management", "comms": "communication", "communications": "communication", "svcs": "service",
    "svs": "service", "services": "service", "soln": "solution", "solns": "solution", "solutions": "solution",
    "assn": "association", "assocn": "association", "assocs": "associates", "associate": "associates",
    "univ": "university", "dept": "department", "govt": "government", "bros": "brothers", "grp": "group",
    "hldgs": "holding", "holdings": "holding", "mfg": "manufacturing", "natl": "national", "labs": "laboratories",
    "equip": "equipment", "centres": "centre", "centers": "centre", "center": "centre",
    "organization": "organisation", "technologies": "technology", "industries": "industry", "properties": "property",
    "consultants": "consultant", "contractors": "contractor", "engineers": "engineer", "builders": "builder",
    "systems": "system", "supplies": "supply", "products": "product", "partners": "partner",
    "specialists": "specialist", "architects": "architect", "surveyors": "surveyor",
}  # fmt: skip
"""Ways of writing that make no other word: what is found, and what is read instead."""

# One letter of "limited" less or another one, or the number of a footnote, has kept the form in the core name.
_ENDING = (
    r" (?:co uk|com|org uk|org|net|"
    r"[a-z]?imited|l[a-z]?mited|li[a-z]?ited|lim[a-z]?ted|limi[a-z]?ed|limit[a-z]?d|limite[a-z]?|(?:ltd|llp|plc)\d)$"
)

_SHORTEST_LOOSE = 4
"""Letters of a loose name below which it says too little."""

_SHORTEST_MISSPELT = 4
"""Letters of a word below which another letter makes another word."""

_SHORTEST_MISSPELT_NAME = 6
"""Likewise for a name of one word, which nothing else supports."""

_SHORTEST_HALF = 2
"""Letters of a half word by which two spellings of it meet."""

_SHORTEST_INFLECTED = 6
"""Letters of a word that is the same with one or two letters more behind it: "Europe" and "European"."""

_SHORTEST_MISSPELT_TWICE = 14
_SAME_BEGINNING = 4
"""Letters of a name of which several words may be misspelt, and those of its beginning that may not."""

_SHARED_NAME = (
    r"\b(?:school|academy|church|chapel|parish|surgery|nursery|preschool|playgroup|pharmacy|village|scouts?|"
    r"medical (?:centre|practice|group)|health centre|community (?:centre|association)|town council)\b"
)
"""Names that stand in many places for many organisations, unless a legal form makes them one."""


def nodes(unit: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Gather the units that say the same but for their postcode.

    Args:
        unit: Units as ``resolve.read`` returns them, with a ``tag`` (null, or what a human decision calls them).

    Returns:
        ``node``, one row per distinct name, form, other names, identifiers and tag, numbered by ``node`` in the order
        of what it says; and ``node, unit_id, postcode`` for every unit.
    """
    is_shared = is_shared_name(pl.col("legal_form"), pl.col("core_name"))
    said = unit.with_columns(
        place=pl.when(is_shared).then(outcode(pl.col("postcode")).fill_null("")).otherwise(pl.lit("")),
        ids=pl.col("org_ids").list.join(";"),
        found_ids=pl.col("register_ids").list.join(";"),
        asked=pl.col("asked_ids").list.join(";"),
        aliases=pl.col("others").list.join(";"),
    )
    by = ["key", "legal_form", "place", "several", "ids", "found_ids", "asked", "aliases", "tag"]
    node = (
        said.group_by(by)
        .agg(
            pl.col("core_name").min(),
            pl.col("org_ids", "register_ids", "asked_ids", "others").first(),
            pl.col("mentions").sum(),
        )
        .sort(by, nulls_last=False)
        .with_row_index("node")
    )
    of_unit = said.select(*by, "unit_id", "postcode").join(node.select("node", *by), on=by, nulls_equal=True)
    return node.drop("ids", "found_ids", "asked", "aliases"), of_unit.select("node", "unit_id", "postcode")


def is_shared_name(legal_form: pl.Expr, core: pl.Expr) -> pl.Expr:
    """Tell names that stand in many places for many organisations, such as a parish church's."""
    return legal_form.is_null() & core.str.contains(_SHARED_NAME).fill_null(False)


def is_confused(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    """Tell whether two legal forms are among those that buyers write for each other."""
    return one.is_in(_CONFUSED_FORMS) & other.is_in(_CONFUSED_FORMS)


def outcode(postcode: pl.Expr) -> pl.Expr:
    """Return the first half of a postcode, such as LS1."""
    return postcode.str.split(" ").list.first()


def loose(core: pl.Expr) -> pl.Expr:
    """Return the loose form of a core name: without "and", "of", "the", "UK", "company" and spaces.

    Common abbreviations, and a trade in the singular or the plural, count as the same word; ".com" and the like and a
    misspelt "Limited" at the end count for nothing; "University of Elmet" is "Elmet University".
    No other words change places, and a letter of its own keeps the "and" beside it: "B&E", "E&B" and "BE" are three.
    Where almost nothing would be left, every word is kept, and only "United Kingdom" and "UK" are the same.
    """
    spelt = _spelt(core)
    turned = (
        spelt.str.replace_all(r"\s+", " ")
        .str.replace(r"^ (?:the )?(\w+) of ((?:\w+ )+)$", " $2$1 ")
        .str.replace_all(r" (\w) and ", " $1+")
        .str.replace_all(r" and (\w) ", "+$1 ")
    )
    words = turned.str.replace_all(_LOOSE_WORDS, " ").str.replace_all(" ", "", literal=True)
    kept = spelt.str.replace_all(" ", "", literal=True)
    return pl.when(words.str.len_chars() >= _SHORTEST_LOOSE).then(words).otherwise(pl.concat_str(pl.lit("="), kept))


def _spelt(core: pl.Expr) -> pl.Expr:
    """Return a core name in the one way of writing of abbreviations and plurals, between spaces."""
    # Each word stands between spaces of its own, so that all are replaced at once, which is quick.
    parted = pl.concat_str(
        pl.lit(" "), core.str.replace(_ENDING, "").str.replace_all(" ", "  ", literal=True), pl.lit(" ")
    )
    return parted.str.replace_many({f" {said.replace(' ', '  ')} ": f" {read} " for said, read in _SPELLINGS.items()})


def keys(unit: pl.DataFrame) -> Iterator[pl.LazyFrame]:
    """Yield the keys of units, a kind at a time since they are many: ``row`` (the unit's place in the frame), ``key``.

    Two units share a key of one kind where any rule could link them.
    """
    named = unit.lazy().with_row_index("row").filter(pl.col("core_name").is_not_null())
    # A kind is whole in itself: a name and another's other name meet in the first one.
    stated = named.select("row", key="others").explode("key", keep_nulls=False, empty_as_null=False)
    yield pl.concat([named.select("row", "key"), stated]).with_columns(key=pl.lit("n:") + pl.col("key"))
    yield named.select("row", key=pl.lit("l:") + loose(pl.col("core_name")))
    core = pl.col("core_name").rank("dense").alias("core")
    spelt = named.with_columns(core, at=outcode(pl.col("postcode"))).collect()
    distinct = _spelling_keys(spelt.select("core", "core_name", "at").unique())
    yield (
        spelt.lazy()
        .select("row", "core", at=_matters(pl.col("core_name"), pl.col("at")))
        .join(distinct, on=["core", "at"], nulls_equal=True)
        .select("row", "key")
    )
    given = unit.lazy().with_row_index("row").select("row", key=pl.concat_list("org_ids", "register_ids", "asked_ids"))
    yield given.explode("key", keep_nulls=False, empty_as_null=False).with_columns(key=pl.lit("i:") + pl.col("key"))
    yield _beginning_keys(named.select("row", "key", "postcode")).select("row", "key")
    placed = named.select("row", "core_name", "postcode", is_bare=pl.col("legal_form").is_null())
    yield _postcode_keys(placed).select("row", "key")


def candidates(node: pl.DataFrame, place: pl.DataFrame) -> pl.DataFrame:
    """Return every pair of nodes that a rule links, with the rule of the highest score.

    Args:
        node: Nodes as ``nodes`` returns them.
        place: Node and postcode of every unit.

    Returns:
        ``a, b, method, near, detail`` with a below b; ``near`` is 2 where units of both share a postcode, 1 where they
        share its first half; ``detail`` is the identifier, or the other name, that both share.
    """
    places = place.select("node", "postcode").drop_nulls().unique()
    named = node.filter(pl.col("core_name").is_not_null()).select(
        "node", "key", "core_name", "legal_form", "place", "several", "others"
    )
    found = [
        _by_identifier(node, places),
        _by_name(named, places),
        _by_loose_name(named.filter(~pl.col("several")), places),
        _by_other_name(named.filter(~pl.col("several")), places),
        _by_spelling(named.filter(~pl.col("several")), places),
        _by_spellings(named.filter(~pl.col("several")), places),
        _by_postcode(named.filter(~pl.col("several")), places),
    ]
    rank = {method: number for number, method in enumerate(RULES)}
    return (
        pl.concat(found)
        .select(
            pl.min_horizontal("a", "b").alias("a"), pl.max_horizontal("a", "b").alias("b"), "method", "near", "detail"
        )
        .sort(
            pl.col("method").replace_strict(rank, return_dtype=pl.Int32),
            "a",
            "b",
            "near",
            "detail",
            descending=[False, False, False, True, False],
        )
        .unique(["a", "b"], keep="first", maintain_order=True)
    )


def _pairs(keyed: pl.DataFrame, *carried: str) -> pl.DataFrame:
    """Pair the nodes that share a key, each pair once: ``a, b`` and of each the carried columns."""
    left = keyed.select("key", a="node", **{name + "_a": name for name in carried})
    right = keyed.select("key", b="node", **{name + "_b": name for name in carried})
    return left.lazy().join(right.lazy(), on="key").filter(pl.col("a") < pl.col("b")).collect()


def _near(pairs: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """Add ``near``: 2 where units of both nodes share a postcode, 1 where they share its first half, else 0."""
    distinct = pairs.select("a", "b").unique().lazy()
    one, other = places.lazy().rename({"node": "a"}), places.lazy().rename({"node": "b", "postcode": "other"})
    near = (
        distinct.join(one, on="a")
        .join(
            other.with_columns(half=outcode(pl.col("other"))),
            left_on=["b", outcode(pl.col("postcode"))],
            right_on=["b", "half"],
        )
        .group_by("a", "b")
        .agg(near=(1 + (pl.col("postcode") == pl.col("other")).any().cast(pl.Int8)).cast(pl.Int8))
    )
    return (
        pairs.lazy()
        .join(near, on=["a", "b"], how="left")
        .with_columns(pl.col("near").fill_null(0).cast(pl.Int8))
        .collect()
    )


def _by_identifier(node: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    keyed = pl.concat(
        [
            node.select("node", "core_name", key=name, via=pl.lit(via)).explode(
                "key", keep_nulls=False, empty_as_null=False
            )
            for name, via in (("org_ids", "own"), ("register_ids", "register"), ("asked_ids", "asked"))
        ]
    ).join(node.select("node", "legal_form", is_own=pl.col("org_ids").list.len() > 0), on="node")
    met = _pairs(keyed, "core_name", "via", "is_own", "legal_form")
    is_asked = (pl.col("via_a") == "asked") | (pl.col("via_b") == "asked")
    pairs = _near(met.filter((pl.col("via_a") != "asked") | (pl.col("via_b") != "asked")), places)
    form, other_form = pl.col("legal_form_a"), pl.col("legal_form_b")
    # A register that states no form for a name does not make one of two names with different forms.
    are_forms_apart = (form != other_form).fill_null(False) & ~is_confused(form, other_form).fill_null(False)
    alike = [
        near == 2 or a is None or b is None or is_alike(a, b)
        for a, b, near in pairs.select("core_name_a", "core_name_b", "near").iter_rows()
    ]
    is_own = (pl.col("via_a") == "own") & (pl.col("via_b") == "own")
    return pairs.select(
        "a",
        "b",
        method=pl.when(is_asked)
        .then(pl.lit("register_name_doubtful"))
        .when(are_forms_apart & (pl.col("via_a") == "register") & (pl.col("via_b") == "register"))
        .then(pl.lit("form_differs"))
        .when(~pl.col("is_own_a") | ~pl.col("is_own_b"))
        .then(pl.lit("register_name"))
        .when(~is_own)
        .then(pl.lit("register_same_as"))
        .when(pl.Series(alike, dtype=pl.Boolean))
        .then(pl.lit("identifier"))
        .otherwise(pl.lit("identifier_doubtful")),
        near="near",
        detail="key",
    )


def is_alike(one: str, other: str) -> bool:
    """Tell whether two core names share a word of weight, or one holds the other's letters or initials."""
    words, others = one.split(), other.split()
    if {word for word in words if len(word) > 2 and word not in _WEIGHTLESS} & set(others):
        return True
    joined, other_joined = "".join(words), "".join(others)
    if len(joined) > 3 and len(other_joined) > 3 and (joined in other_joined or other_joined in joined):
        return True
    if _initials(words) in others or _initials(others) in words:
        return True
    weighty = [word for word in words if len(word) > 4 and word not in _WEIGHTLESS]
    return any(OSA.distance(word, ending) <= 1 for word in weighty for ending in others)


_WEIGHTLESS = frozenset(
    [
        "and",
        "the",
        "for",
        "uk",
        "group",
        "services",
        "service",
        "limited",
        "company",
        "solutions",
        "international",
        "consulting",
        "management",
        "systems",
        "consultancy",
        "consultants",
        "associates",
        "partners",
        "partnership",
        "trust",
        "council",
    ]
)


def _initials(words: Sequence[str]) -> str:
    return "".join(word[0] for word in words if word not in ("and", "of", "the", "for", "in", "at"))


def _by_name(named: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    pairs = _near(_pairs(named, "legal_form", "place", "several"), places)
    one, other = pl.col("legal_form_a"), pl.col("legal_form_b")
    near = pl.col("near")
    return pairs.filter(
        (pl.col("place_a") == pl.col("place_b")) | (near > 0), pl.col("several_a") == pl.col("several_b")
    ).select(
        "a",
        "b",
        method=pl.when(one.eq_missing(other))
        .then(pl.lit("same_name"))
        .when(one.is_null() | other.is_null())
        .then(pl.when(near > 0).then(pl.lit("form_missing_nearby")).otherwise(pl.lit("form_missing")))
        .when(is_confused(one, other) | (near == 2))
        .then(pl.lit("form_varies"))
        .otherwise(pl.lit("form_differs")),
        near="near",
        detail=pl.lit(None, pl.String),
    )


def _by_loose_name(named: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    plain = _spelt(pl.col("core_name")).str.replace_all(" ", "", literal=True)
    region = pl.col("core_name").str.extract(_REGION, 1)
    keyed = named.with_columns(name="key", key=loose(pl.col("core_name")), plain=plain, region=region).drop_nulls("key")
    pairs = _near(
        _pairs(keyed, "name", "plain", "region", "legal_form", "place").filter(pl.col("name_a") != pl.col("name_b")),
        places,
    )
    # Members of one group hold names that differ by "UK" (see names.loose); at one postcode more often a buyer left it
    # out. "UK" and "GB" both stated are two.
    one_region, other_region = pl.col("region_a"), pl.col("region_b")
    is_plain = (pl.col("near") > 0) & (pl.col("plain_a") == pl.col("plain_b"))
    is_left_out = (pl.col("near") == 2) & ~(one_region != other_region).fill_null(False)
    is_doubtful = (pl.col("legal_form_a") == pl.col("legal_form_b")) & ~(is_plain | is_left_out)
    one, other = pl.col("legal_form_a"), pl.col("legal_form_b")
    return pairs.filter((pl.col("place_a") == pl.col("place_b")) | (pl.col("near") > 0)).select(
        "a",
        "b",
        method=pl.when(is_doubtful)
        .then(pl.lit("loose_name_doubtful"))
        .when(one.eq_missing(other))
        .then(pl.lit("loose_name"))
        .when(one.is_null() | other.is_null())
        .then(pl.lit("loose_name_form_missing"))
        .otherwise(pl.lit("loose_name_form_differs")),
        near="near",
        detail=pl.lit(None, pl.String),
    )


def _by_other_name(named: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    stated = (
        named.select("others", a="node", name="key")
        .explode("others", keep_nulls=False, empty_as_null=False)
        .filter(pl.col("others") != pl.col("name"), pl.col("others").str.len_chars() > 1)
    )
    pairs = _near(
        stated.join(named.select(b="node", others="key"), on="others").filter(pl.col("a") != pl.col("b")), places
    )
    return pairs.select(
        "a",
        "b",
        method=pl.when(pl.col("near") == 2)
        .then(pl.lit("other_name_same_postcode"))
        .when(pl.col("near") == 1)
        .then(pl.lit("other_name_nearby"))
        .otherwise(pl.lit("other_name")),
        near="near",
        detail="others",
    )


def _matters(core: pl.Expr, at: pl.Expr) -> pl.Expr:
    """Keep the postcode district of a name of one word: nothing else supports another spelling of it."""
    return pl.when(~core.str.contains(" ", literal=True)).then(at)


def _spelling_keys(name: pl.DataFrame) -> pl.LazyFrame:
    """Return ``core, at, key``: a name without one word, and the first or the last half of that word.

    Two names that differ in one letter of one word share one of them: a letter is in one half only.
    ``name`` has ``core`` (a number), ``core_name`` and ``at``, the postcode district.
    """
    words = (
        name.lazy()
        .with_columns(at=_matters(pl.col("core_name"), pl.col("at")), words=pl.col("core_name").str.split(" "))
        .unique(["core", "at"])
        .filter((pl.col("words").list.len() > 1) | pl.col("at").is_not_null())
        .with_columns(place=pl.int_ranges(pl.col("words").list.len(), dtype=pl.UInt32))
        .explode("place")
        .with_columns(word=pl.col("words").list.get(pl.col("place")))
        .filter(
            pl.col("word").str.len_chars()
            >= pl.when(pl.col("words").list.len() == 1).then(_SHORTEST_MISSPELT_NAME).otherwise(_SHORTEST_MISSPELT),
            ~pl.col("word").str.contains(r"\d"),
        )
        .select(
            "core",
            "at",
            "word",
            rest=pl.concat_list(
                pl.col("words").list.head(pl.col("place")),
                pl.lit("*"),
                pl.col("words").list.slice(pl.col("place") + 1),
                pl.col("at").fill_null(""),
            ).list.join(" "),
            length=pl.col("word").str.len_chars(),
        )
        .collect()
        .lazy()
    )
    # A word with a letter more or less has its halves as well, as long as those of the shorter one.
    halves = [pl.col("length") // 2, pl.when(pl.col("length") % 2 == 0).then(pl.col("length") // 2 - 1)]
    return pl.concat(
        [
            words.filter(half >= _SHORTEST_HALF).select(
                "core", "at", key=pl.concat_str(pl.lit(kind), "rest", pl.lit("|"), part)
            )
            for half in halves
            for kind, part in (("s:", pl.col("word").str.head(half)), ("t:", pl.col("word").str.tail(half)))
        ]
    )


def _by_spelling(named: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    cores = named.select("core_name", "key").unique("core_name").sort("core_name").with_row_index("core")
    districts = places.select("node", at=outcode(pl.col("postcode"))).unique()
    placed = named.select("node", "core_name").join(districts, on="node", how="left").select("core_name", "at").unique()
    # Hashes are smaller than the text, and whatever meets is compared letter by letter.
    spelt = _spelling_keys(placed.join(cores.select("core", "core_name"), on="core_name"))
    keyed = spelt.select("core", pl.col("key").hash()).collect().lazy()
    met = (
        keyed.select("key", one="core")
        .join(keyed.select("key", two="core"), on="key")
        .filter(pl.col("one") < pl.col("two"))
        .select("one", "two")
        .unique()
        .collect()
    )
    names, joined = cores["core_name"].to_list(), cores["key"].to_list()
    variants = [
        (one, two, distance, _are_slips(names[one], names[two]))
        for one, two in met.iter_rows()
        if joined[one] != joined[two] and (distance := _misspelling(names[one], names[two]))
    ]
    alike = pl.DataFrame(
        variants,
        schema={"one": pl.UInt32, "two": pl.UInt32, "distance": pl.Int8, "is_slip": pl.Boolean},
        orient="row",
    )
    of_core = named.select("node", "core_name", "legal_form", "place").join(
        cores.select("core", "core_name"), on="core_name"
    )
    pairs = _near(
        alike.join(
            of_core.select(one="core", a="node", form_a="legal_form", place_a="place", core_a="core_name"), on="one"
        ).join(of_core.select(two="core", b="node", form_b="legal_form", place_b="place"), on="two"),
        places,
    )
    near = pl.col("near")
    one_bare = pl.col("form_a").is_null() | pl.col("form_b").is_null()
    is_long = pl.col("core_a").str.len_chars() >= 14
    is_slip = pl.col("is_slip")
    # Two names with a legal form each are two companies unless the word can hardly be another one, at a shared address.
    is_one_company = (pl.col("form_a") == pl.col("form_b")).fill_null(False) & is_slip & (near > 0)
    nearby = is_one_company | (one_bare & ((near == 2) | ((near == 1) & (pl.col("distance") == 1))))
    far = one_bare & is_long & is_slip
    # Of two short names far apart that differ by a letter, a person could not tell more than the rule.
    asked = is_long & (pl.col("distance") == 1) & (one_bare | (pl.col("form_a") == pl.col("form_b")))
    return pairs.filter(pl.col("place_a") == pl.col("place_b"), asked | (near > 0)).select(
        "a",
        "b",
        method=pl.when(nearby)
        .then(pl.lit("spelling_nearby"))
        .when(far)
        .then(pl.lit("spelling"))
        .otherwise(pl.lit("spelling_doubtful")),
        near="near",
        detail=pl.lit(None, pl.String),
    )


def _are_inflections(one: str, other: str) -> bool:
    """Tell whether two names differ by the endings of several long words: "Europe Economics", "European Economic"."""
    differing = [sorted((a, b), key=len) for a, b in zip(one.split(), other.split(), strict=False) if a != b]
    return len(differing) > 1 and all(
        len(short) >= _SHORTEST_INFLECTED and long.startswith(short) and len(long) - len(short) <= 2
        for short, long in differing
    )


_SHORTEST_SLIP = 6
_COMPASS = frozenset(
    direction + ending for direction in ("north", "south", "east", "west") for ending in ("", "ern", "gate", "field")
)


def _are_slips(one: str, other: str) -> bool:
    """Tell whether two names differ by slips of the pen alone: see ``_is_slip``."""
    words, others = one.split(), other.split()
    return len(words) == len(others) and all(_is_slip(a, b) for a, b in zip(words, others, strict=True) if a != b)


def _is_slip(one: str, other: str) -> bool:
    """Tell whether two long words differ by two letters in the other order, or a letter left out, within the word.

    Another letter in place of one makes another word too often: "project" and "protect".
    """
    if min(len(one), len(other)) < _SHORTEST_SLIP or not (one + other).isalpha() or {one, other} & _COMPASS:
        return False
    if one[0] != other[0] or one[-1] != other[-1] or OSA.distance(one, other, score_cutoff=1) > 1:
        return False
    return len(one) != len(other) or sorted(one) == sorted(other)


def _misspelling(one: str, other: str) -> int:
    """Return how far two names are apart that differ in the spelling of one word: 1, 2, or 0 for another word."""
    differing = [(a, b) for a, b in zip(one.split(), other.split(), strict=False) if a != b]
    if len(differing) != 1:
        return 0
    a, b = differing[0]
    shorter = min(len(a), len(b))
    shortest = _SHORTEST_MISSPELT if " " in one else _SHORTEST_MISSPELT_NAME
    if shorter < shortest or any(letter.isdigit() for letter in a + b):
        return 0
    allowed = 1 if shorter < 8 else 2
    distance = OSA.distance(a, b, score_cutoff=allowed)
    return distance if distance <= allowed else 0


def _beginning_keys(row: pl.LazyFrame) -> pl.LazyFrame:
    """Return ``row, name, key``: at a postcode the first letters of a name that is long enough to be misspelt twice."""
    return row.filter(
        pl.col("postcode").is_not_null(), pl.col("key").str.len_chars() >= _SHORTEST_MISSPELT_TWICE
    ).select("row", name="key", key=_at("m:", pl.col("key").str.head(_SAME_BEGINNING)))


def _by_spellings(named: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """Find names at one postcode that differ in the spelling of several words, or in spelling and spaces."""
    placed = named.lazy().select("key", row="node").join(places.lazy().rename({"node": "row"}), on="row")
    keyed = _beginning_keys(placed).unique()
    of_node = named.lazy().select("node", "core_name", "legal_form")
    form, other = pl.col("form_a"), pl.col("form_b")
    met = (
        keyed.select("key", "name", a="row")
        .join(keyed.select("key", other="name", b="row"), on="key")
        .filter(pl.col("a") < pl.col("b"), pl.col("name") != pl.col("other"))
        .select("a", "b")
        .unique()
        .join(of_node.select(a="node", core_a="core_name", form_a="legal_form"), on="a")
        .join(of_node.select(b="node", core_b="core_name", form_b="legal_form"), on="b")
        .filter(form.eq_missing(other) | form.is_null() | other.is_null() | is_confused(form, other))
        .collect()
    )
    alike = [_are_misspellings(one, two) for one, two in met.select("core_a", "core_b").iter_rows()]
    slips = [
        _are_slips(one, two) or _are_inflections(one, two) for one, two in met.select("core_a", "core_b").iter_rows()
    ]
    is_one_company = (form == other) & pl.Series(slips, dtype=pl.Boolean)
    method = (
        pl.when(form.is_null() | other.is_null() | is_one_company)
        .then(pl.lit("spellings_same_postcode"))
        .otherwise(pl.lit("spelling_doubtful"))
    )
    return (
        met.with_columns(method=method)
        .filter(pl.Series(alike, dtype=pl.Boolean))
        .select(
            "a",
            "b",
            "method",
            near=pl.lit(2, pl.Int8),
            detail=pl.lit(None, pl.String),
        )
    )


def _are_misspellings(one: str, other: str) -> bool:
    """Tell whether two names are one that is spelt in two ways: each word of it, or all but for the spaces."""
    words, others = one.split(), other.split()
    if len(words) == len(others):
        return all(_is_misspelling(a, b) for a, b in zip(words, others, strict=True) if a != b)
    joined, other_joined = "".join(words), "".join(others)
    if not (joined + other_joined).isalpha() or any(len(word) == 1 for word in {*words} ^ {*others}):
        return False  # A letter of its own tells sisters apart: "Vale Funding A".
    return OSA.distance(joined, other_joined, score_cutoff=1) <= 1


def _is_misspelling(one: str, other: str) -> bool:
    """Tell whether two words are one that is spelt, or inflected, in two ways, such as "economic" and "economics"."""
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) < _SHORTEST_MISSPELT or one[0] != other[0] or not (one + other).isalpha():
        return False
    if len(shorter) >= _SHORTEST_INFLECTED and longer.startswith(shorter) and len(longer) - len(shorter) <= 2:
        return True
    allowed = 1 if len(shorter) < 8 else 2
    return OSA.distance(one, other, score_cutoff=allowed) <= allowed


def _at(kind: str, said: pl.Expr) -> pl.Expr:
    # Not pl.format: in lazy queries of polars 2.1 it fails now and then, when what it joins lies in several chunks.
    return pl.concat_str(pl.lit(kind), "postcode", pl.lit("|"), said)


def _postcode_keys(row: pl.LazyFrame) -> pl.LazyFrame:
    """Return ``row, key, is_bare, part`` of names that a shared place makes one.

    At a postcode these are the first word of each name and its others but for common ones (p), and the initials of long
    names with the short ones that may be some (a); at a postcode district the first word (q).
    ``part`` tells the ``long`` names from the ``short`` ones.
    """
    placed = row.filter(pl.col("postcode").is_not_null()).with_columns(words=pl.col("core_name").str.split(" "))
    # Of "T & B Contractors" the letter alone says nothing.
    first = (
        pl.when(pl.col("words").list.first().str.len_chars() > 1)
        .then(pl.col("words").list.first())
        .otherwise(pl.col("words").list.head(3).list.join(" "))
    )
    heads = placed.filter(pl.col("core_name").str.len_chars() > 1).with_columns(word=first)
    at_postcode = heads.select("row", "is_bare", key=_at("p:", pl.col("word")), part=pl.lit("long"))
    near = heads.select(
        "row",
        "is_bare",
        key=pl.concat_str(pl.lit("q:"), outcode(pl.col("postcode")), pl.lit("|"), "word"),
        part=pl.lit("long"),
    )
    behind = (
        placed.select("row", "postcode", "is_bare", word=pl.col("words").list.slice(1))
        .explode("word", keep_nulls=False, empty_as_null=False)
        .filter(pl.col("word").str.len_chars() >= _SHORTEST_TELLING, ~pl.col("word").is_in(_COMMON_WORDS))
        .select("row", "is_bare", key=_at("p:", pl.col("word")), part=pl.lit("long"))
    )
    every = pl.col("core_name").str.extract_all(r"\b\w").list.join("")
    telling = pl.col("core_name").str.replace_all(_SMALL_WORDS, " ").str.extract_all(r"\b\w").list.join("")
    long = placed.filter(pl.col("words").list.len() > 1)
    initials = [
        long.filter(letters.str.len_chars() >= least).select(
            "row", "is_bare", key=_at("a:", letters), part=pl.lit("long")
        )
        for letters, least in (
            (telling, 2),
            (every, 3),
            (pl.concat_str(telling, pl.lit("l")), 3),
            (telling.str.head(3), 3),
            (telling.str.head(4), 4),
        )
    ]
    left = pl.col("words").list.filter(~pl.element().is_in(_COMMON_WORDS))
    short = (
        placed.with_columns(left=left)
        .filter(
            pl.col("left").list.len() == 1,
            pl.col("left").list.first().str.len_chars().is_between(2, 6),
            pl.col("words").list.first() == pl.col("left").list.first(),
        )
        .select("row", "is_bare", key=_at("a:", pl.col("left").list.first()), part=pl.lit("short"))
    )
    return pl.concat([at_postcode, near, behind, *initials, short])


_SMALL_WORDS = r"\b(?:and|of|the|for|in|at)\b"
_SISTER_WORDS = (
    "trading", "enterprise", "enterprises", "holding", "holdings", "foundation", "trust", "trustee", "trustees",
    "pension", "pensions", "finance", "audit", "investments", "property", "properties", "leasing", "north", "south",
    "east", "west", "northern", "southern", "eastern", "western", "scotland", "wales", "ireland",
)  # fmt: skip
"""Words by which the companies of one group differ: a name that has one of them is not the shorter name's."""

_GROUP_WORDS = ["group", "uk", "gb", "the", "and", "of", "company", "united", "kingdom"]
"""Words that a buyer adds or leaves out without meaning another company."""

_GROUP_WORD = rf"\b(?:{'|'.join(_GROUP_WORDS)})\b"

_TRADE_WORDS = (
    "advisory", "analytics", "architects", "associates", "builders", "building", "business", "care", "catering",
    "cleaning", "commercial", "communications", "construction", "consultancy", "consultant", "consultants",
    "consulting", "contractors", "data", "design", "development", "developments", "digital", "education",
    "electrical", "energy", "engineering", "engineers", "environmental", "equipment", "facilities", "flooring",
    "furniture", "health", "healthcare", "homes", "housing", "industries", "instruments", "interiors", "laboratories",
    "landscapes", "learning", "logistics", "maintenance", "management", "mechanical", "media", "medical", "motors",
    "networks", "partners", "partnership", "print", "printing", "products", "professional", "publishing",
    "recruitment", "research", "roofing", "scaffolding", "scientific", "security", "service", "services", "software",
    "solicitors", "solution", "solutions", "supplies", "support", "surveyors", "system", "systems", "technologies",
    "technology", "telecom", "telecommunications", "training", "transport", "travel", "vehicles",
)  # fmt: skip
"""Words for what a firm does."""

_COMMON_WORDS = (*_TRADE_WORDS, *_GROUP_WORDS, "centre", "limited", "council", "community", "with")
_SHORTEST_TELLING = 4
"""Letters of a word behind the first one below which it says too little."""


def _by_postcode(named: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    placed = named.select(row="node", core_name="core_name", is_bare=pl.col("legal_form").is_null()).join(
        places.rename({"node": "row"}), on="row"
    )
    keyed = _postcode_keys(placed.lazy()).unique().collect()
    of_node = named.select("node", "core_name", "key", "legal_form")
    group = pl.lit(_GROUP_WORDS)
    beyond = pl.col("words_a").list.set_difference(group).list.set_difference("words_b").list.len()
    beyond_b = pl.col("words_b").list.set_difference(group).list.set_difference("words_a").list.len()
    differing = pl.col("words_a").list.set_symmetric_difference("words_b")
    tells_sisters = differing.list.set_intersection(pl.lit(list(_SISTER_WORDS))).list.len() > 0
    holds_digits = differing.list.join(" ").str.contains(r"\d")
    only_trade = differing.list.set_difference(group).list.set_difference(pl.lit(list(_TRADE_WORDS))).list.len() == 0
    only_group = (pl.col("told_a") == pl.col("told_b")).fill_null(False)
    # What is left out or added must stand behind: words that two names share somewhere are a brand's.
    begins = pl.concat_str("whole_b", pl.lit(" ")).str.starts_with(pl.concat_str("whole_a", pl.lit(" ")))
    is_begun = pl.concat_str("whole_a", pl.lit(" ")).str.starts_with(pl.concat_str("whole_b", pl.lit(" ")))
    # "Vale Group" at the postcode of "Vale Software Ltd" is mostly the company itself.
    without = pl.col("whole_a").str.replace(" group$", "")
    is_trading = (
        (without != pl.col("whole_a"))
        & only_trade
        & pl.col("form_b").is_not_null()
        & pl.col("whole_b").str.starts_with(pl.concat_str(without, pl.lit(" ")))
    )
    added = (
        pl.when(begins)
        .then(pl.col("whole_b").str.slice(pl.col("whole_a").str.len_chars() + 1))
        .when(is_begun)
        .then(pl.col("whole_a").str.slice(pl.col("whole_b").str.len_chars() + 1))
        .when(is_trading)
        .then(pl.concat_str(pl.lit("group' and '"), pl.col("whole_b").str.slice(without.str.len_chars() + 1)))
    )
    is_first = pl.col("words_a").list.first() == pl.col("words_b").list.first()
    kind = pl.col("kind")
    pairs = (
        keyed.lazy()
        .filter("is_bare")
        .select("key", "part", a="row")
        .join(keyed.lazy().select("key", b="row", other="part"), on="key")
        .with_columns(kind=pl.col("key").str.head(1))
        .filter(pl.col("a") != pl.col("b"), (pl.col("kind") != "a") | (pl.col("part") != pl.col("other")))
        .select("a", "b", "kind")
        .unique()
        .join(of_node.lazy().select(a="node", core_a="core_name", key_a="key"), on="a")
        .join(of_node.lazy().select(b="node", core_b="core_name", key_b="key", form_b="legal_form"), on="b")
        .filter(pl.col("key_a") != pl.col("key_b"))
        .with_columns(words_a=pl.col("core_a").str.split(" "), words_b=pl.col("core_b").str.split(" "))
        .with_columns(
            beyond=beyond,
            beyond_b=beyond_b,
            told_a=pl.col("core_a").str.replace_all(_GROUP_WORD, " ").str.replace_all(r"\s+", " ").str.strip_chars(),
            told_b=pl.col("core_b").str.replace_all(_GROUP_WORD, " ").str.replace_all(r"\s+", " ").str.strip_chars(),
            whole_a=pl.col("core_a").str.replace("^the ", ""),
            whole_b=pl.col("core_b").str.replace("^the ", ""),
        )
        .filter((kind == "a") | ~(tells_sisters | holds_digits))
        .filter(
            pl.when(kind == "p")
            .then(
                (pl.col("beyond") == 0)
                | (
                    (pl.col("beyond_b") == 0)
                    & pl.col("form_b").is_not_null()
                    & (is_first | (pl.col("words_b").list.set_difference(group).list.len() > 1))
                )
            )
            .when(kind == "q")
            .then(only_group | ((pl.col("beyond") == 0) & only_trade & begins))
            .otherwise(pl.lit(value=True))
        )
        .with_columns(
            method=pl.when(kind == "a")
            .then(pl.lit("initials"))
            .when(only_group)
            .then(pl.lit("group_words"))
            .when((kind == "q") | is_trading)
            .then(pl.lit("trade_words"))
            .when(begins)
            .then(pl.lit("shorter_name"))
            .when(is_begun & pl.col("form_b").is_not_null())
            .then(pl.lit("longer_name"))
            .otherwise(pl.lit("shared_words")),
            added=pl.when(kind != "a").then(added),
        )
        .collect()
    )
    return pairs.select(
        "a",
        "b",
        "method",
        near=pl.when(pl.col("kind") == "q").then(1).otherwise(2).cast(pl.Int8),
        detail=pl.when(pl.col("method").is_in(["shorter_name", "longer_name", "trade_words"])).then("added"),
    )

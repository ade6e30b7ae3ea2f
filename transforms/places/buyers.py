"""Who buys: from a code or a name to an authority, or to a kind of body.

What a person decided goes first, then codes, then the name of an authority, then the list of names
(``buyer_names.csv``), then words in the name (``buyer_kinds.csv``).
Precision goes before recall: who is not unmistakably a council is none, and "other" is said where nothing tells.

Portals and agents stand in notices as buyers and buy nothing: what they publish is others'. Central purchasing bodies
buy for others. Both have kinds of their own and no area. Where the name says on whose behalf, and that is one
authority, the authority is the buyer.
"""

import html
import re
import unicodedata
from functools import cache
from typing import NamedTuple

import polars as pl

from transforms.places.areas import COUNCILS, areas
from transforms.reference import facts
from warehouse.schema import frame_schema


class _Authority(NamedTuple):
    """An authority as names are matched to it: the styles under which its council may go, its own one first."""

    area_code: str
    name: str
    is_present: bool
    style: str
    styles: frozenset[str]


_COUNTIES = {
    "beds": "bedfordshire",
    "berks": "berkshire",
    "bucks": "buckinghamshire",
    "cambs": "cambridgeshire",
    "glos": "gloucestershire",
    "hants": "hampshire",
    "herts": "hertfordshire",
    "lancs": "lancashire",
    "leics": "leicestershire",
    "lincs": "lincolnshire",
    "northants": "northamptonshire",
    "notts": "nottinghamshire",
    "oxon": "oxfordshire",
    "staffs": "staffordshire",
    "warks": "warwickshire",
    "wilts": "wiltshire",
    "worcs": "worcestershire",
    "yorks": "yorkshire",
}  # fmt: skip - a table of words reads better dense

_STYLES = {
    # kind: the styles under which councils of this kind are written; "plain" is "X Council".
    "district": {"district", "borough", "plain", "bare"},
    "unitary": {"unitary", "borough", "district", "plain", "bare"},
    "metropolitan": {"metropolitan", "borough", "district", "plain", "bare"},
    "london_borough": {"london", "borough", "plain", "bare"},
    "county": {"county", "plain", "bare"},
    "council_area": {"plain", "bare"},
    "principal_area": {"county", "county borough", "borough", "plain", "bare"},
    "local_government_district": {"district", "borough", "plain", "bare"},
    "combined_authority": {"combined"},
}

_STYLE_WORDS = {
    "metropolitan borough": "metropolitan",
    "metropolitan district": "metropolitan",
    "metropolitan": "metropolitan",
    "metropolitan city": "metropolitan",
    "county borough": "county borough",
    "city and county": "city",
    "city and district": "city",
    "city and borough": "city",
    "non metropolitan district": "district",
    "london borough": "london",
    "royal borough": "london",
    "royal london borough": "london",
    "unitary": "unitary",
    "city": "city",
    "county": "county",
    "borough": "borough",
    "district": "district",
}  # fmt: skip - a table of words reads better dense
_STYLE = "|".join(sorted(_STYLE_WORDS, key=len, reverse=True))

_ABBREVIATED = {
    "mbc": ("metropolitan",),
    "mdc": ("metropolitan",),
    "bc": ("borough",),
    "dc": ("district",),
    "cbc": ("county borough", "borough"),
    "cc": ("county", "city"),
}  # fmt: skip - a table of words reads better dense

_FORMS: tuple[re.Pattern[str], ...] = tuple(
    re.compile(rf"^(?:the )?{form}$")
    for form in (
        r"(?:mayor and burgesses of (?:the )?)?(?P<style>london borough|royal borough|royal london borough|lb)"
        r"(?: council)? (?:of )?(?:the )?(?P<stem>.+?)(?: (?:borough )?council)?",
        r"(?P<stem>.+?) (?P<style>london borough|royal borough)(?: council)?",
        rf"(?P<style>{_STYLE}) council of (?:the )?(?P<stem>.+)",
        rf"council of (?:the )?(?P<style>{_STYLE}) of (?P<stem>.+)",
        rf"(?:{_STYLE}) of (?P<stem>.+?) (?P<style>{_STYLE}) council",
        rf"(?P<style>{_STYLE}) of (?P<stem>.+?)(?: council| corporation)?",
        rf"(?P<stem>.+?) (?P<style>{_STYLE}) council",
        rf"(?:(?:{_STYLE}) of )?(?P<stem>.+?) (?P<short>mbc|mdc|cbc|bc|dc|cc)",
        r"council of (?:the )?(?P<stem>.+)",
        r"(?P<stem>.+?) council",
        r"(?P<stem>.+?) (?:mayoral |strategic )*(?P<style>combined) (?:county )?authority",
    )
)

_FORM_WORDS = frozenset(
    ("council", "authority", "lb", *_ABBREVIATED, *(word for style in _STYLE_WORDS for word in style.split()))
) - {"and", "non"}
"""Words of which each form has one."""

_BARE = re.compile(r"^(?:the )?(?P<stem>\w+(?: \w+)+)$")
"""The bare name of a place: only the whole name, and only of two words or more: "West Berkshire", never "Eden"."""

_ENDS = re.compile(
    r"\s+[-\u2013\u2014|/]+\s*|[-\u2013\u2014]+\s+|\s*[:;]\s+|,\s+"
    r"|\s+\bon behalf of\b\s*|\s+\b(?:t/a|trading as)\b\s*",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\s*[(\[][^()\[\]]*[)\]]?")
_AFTER = re.compile(
    r"^(?P<body>.+? (?:council|combined (?:county )?authority|mbc|city corporation|london corporation))\b(?P<rest>.*)$"
)
_OTHER_BODY = re.compile(
    r"\b(?:ltd|limited|llp|plc|cic|cio|inc|company|companies|school|schools|academy|academies|college|university|nhs|"
    r"hospital|police|constabulary|fire|trust|association|federation|union|club|charity|society|partnership|employees)\b"
)
_COUNCIL = re.compile(r"\bcouncils?\b(?! (?:housing|tax))|\bborough of\b")
_DEPARTMENT = re.compile(
    r"\b(?:services?|team|department|dept|directorate|division|unit|office|procurement|commissioning|highways|resources|"
    r"environment|property|finance|legal|housing|education|adults?|childrens?|schools|public health)\b"
)
_TAIL = re.compile(
    r"(?: (?:corporate|central|strategic|procurement|commissioning|purchasing|team|unit|department|dept|directorate|"
    r"office|services?|and))+$"
)
_BEHALF = re.compile(
    r"\b(?:on behalf of|(?:acting )?as (?:an )?agents? (?:for|of)|acting for|representing)\b"
    r"[\s:]*(?:the\s+)?(?P<user>.+)",
    re.IGNORECASE | re.DOTALL,
)
_FOR = re.compile(r"(?:\bon behalf of\b|\bfor\b|\s[-\u2013]\s)\s*(?:the\s+)?", re.IGNORECASE)
_CARE_OF = re.compile(r"^(?P<user>.+?)\s*\bc\s?/\s?o\b", re.IGNORECASE | re.DOTALL)
_INNER = re.compile(r"[(\[]([^()\[\]]+)[)\]]?")
_SYSTEM = re.compile(r"\s*[-\u2013]?\s*\be-?\s?tendering\s*$", re.IGNORECASE)
"""What one vendor's system adds to the name of the body that uses it."""
_ARTICLE_AND_FORM = re.compile(r"^the |(?: (?:ltd|limited|llp|plc|cic|inc))+$")
_LETTERS = re.compile(r"\b[a-z](?: [a-z])+\b")
_ID = re.compile(r"^(?:GB-[A-Z]+-\S+|area:\S+)$")
_NOT_STABLE = ("GB-CFS-", "GB-FTS-")

KINDS = (
    "council",
    "combined_authority",
    "police",
    "fire",
    "health",
    "school",
    "university",
    "housing",
    "central",
    "central_purchasing_body",
    "portal",
    "shared_service",
    "other_local",
    "other",
)  # fmt: skip - a list of words reads better in lines
"""What a buyer may be: school with academy trusts and colleges of further education; central with agencies and other
bodies at arm's length, and the devolved governments; portal with agents; other_local parish and town councils."""

NOT_BUYERS = ("portal", "central_purchasing_body", "shared_service")
"""The kinds of those who stand as buyer in notices and buy for others, or not at all."""

_SERVICE_AREAS = {"police_area": "police", "fire_area": "fire"}
_SERVICE_WORDS = re.compile(
    r"\b(?:the|police|and|fire|crime|commissioners?|office|of|for|opcc|pcc|pfcc|opfcc|constabulary|service|authority|"
    r"force|area|headquarters|hq|chief constable|rescue|brigade|combined|procurement|team|city|county|greater)\b"
)


_NO_APOSTROPHES = str.maketrans("", "", "'`\u00b4\u2018\u2019")
_NOT_PLAIN = re.compile(r"[^0-9a-z]+")


def _plain(name: str) -> str:
    """Return a name in small letters without accents and punctuation, "&" written out, "&amp;" read as "&"."""
    text = html.unescape(name)
    if not text.isascii():
        text = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return " ".join(_NOT_PLAIN.sub(" ", text.lower().replace("&", " and ").translate(_NO_APOSTROPHES)).split())


def _spelt_out(plain: str) -> str:
    """Return a plain name with its county written out: "east herts" is "east hertfordshire"."""
    return " ".join(_COUNTIES.get(word, word) for word in plain.replace(" cncl", " council").split())


def _own_style(official: str) -> str:
    """Return the style in an authority's own name, as a word of ``_STYLES``."""
    plain = _plain(official)
    if plain.endswith("authority"):
        return "combined"
    found = re.search(rf"\b({_STYLE})(?: council)?$|^({_STYLE}) ", plain)
    return _STYLE_WORDS[found.group(1) or found.group(2)] if found else "plain"


class _Register(NamedTuple):
    """What buyers are matched against."""

    by_code: dict[str, str]
    by_whole: dict[str, set[str]]
    by_stem: dict[str, set[str]]
    authorities: dict[str, _Authority]


@cache
def _register() -> _Register:
    """Index the authorities by register code, by complete name, and by the words for the place."""
    known = areas().filter(pl.col("kind").is_in([*COUNCILS, "combined_authority"]))
    names = facts("area_names.csv")
    official = dict(names.filter(pl.col("use") == "official").select("area_code", "name").iter_rows())
    by_code, authorities = {}, {}
    by_whole: dict[str, set[str]] = {}
    by_stem: dict[str, set[str]] = {}
    for row in known.iter_rows(named=True):
        code, called = row["area_code"], official[row["area_code"]]
        style = _own_style(called)
        styles = _STYLES[row["kind"]] | {style}
        if row["kind"] == "unitary" and style == "plain":
            styles |= {"county"}  # Cornwall and Herefordshire were, and are still written as, county councils.
        authorities[code] = _Authority(code, called, row["valid_to"] is None, style, frozenset(styles))
        if row["register_code"]:
            by_code[row["register_code"]] = code
        by_stem.setdefault(_spelt_out(_plain(row["name"])), set()).add(code)
    for code, name, use in names.iter_rows():
        index = by_stem if use == "stem" else by_whole
        index.setdefault(_spelt_out(_plain(name)), set()).add(code)
    return _Register(by_code, by_whole, by_stem, authorities)


def _one(codes: set[str], style: str | None = None) -> str | None:
    """Choose the one authority that is meant: of the style written, then in force; null where two remain."""
    known = _register().authorities
    codes = {code for code in codes if known[code].style == style} or codes
    codes = {code for code in codes if known[code].is_present} or codes
    return next(iter(codes)) if len(codes) == 1 else None


def _named(plain: str, *, may_be_bare: bool = False) -> str | None:
    """Return the authority whose complete name this is, or null."""
    register = _register()
    written = _spelt_out(plain)
    for whole in (written, written.removeprefix("the ")):
        if whole in register.by_whole:
            return _one(register.by_whole[whole])
    # A form without one of its own words fits nothing.
    forms = () if _FORM_WORDS.isdisjoint(written.split()) else _FORMS
    for form in (*forms, _BARE) if may_be_bare else forms:
        if not (read := form.match(written)):
            continue
        parts = read.groupdict()
        if parts.get("short"):
            styles = _ABBREVIATED[parts["short"]]
        elif style := parts.get("style"):
            styles = ({"lb": "london", "combined": "combined"}.get(style) or _STYLE_WORDS[style],)
        else:
            styles = ("plain" if "council" in written.split() else "bare",)
        stem = parts["stem"]
        for style in styles:
            fitting = {
                code
                for code in register.by_stem.get(stem, set()) | register.by_stem.get(stem.removeprefix("the "), set())
                if style in register.authorities[code].styles
            }
            if fitting and (chosen := _one(fitting, style)):
                return chosen
    return None


def _authority(name: str) -> str | None:
    """Return the area code of the one authority that a buyer's name means, or null.

    For whom somebody says to act goes first; then the complete name, then what stands before a bracket, a dash, a comma
    or "on behalf of", then what ends in "Council", then what stands after a dash. What is cut off may name a
    department, but no other body.
    """
    # "Council- On Behalf of …" and ".East Riding": strays around the name.
    text = _SYSTEM.sub("", html.unescape(html.unescape(name))).strip(" .,;:-*\t\r\n")
    without = _BRACKETS.sub(" ", text).strip()
    if (user := _end_user(name)) and (found := _named(_plain(user)) or _named(_plain(_BRACKETS.sub(" ", user)))):
        return found
    for whole in dict.fromkeys((text, without)):
        if found := _named(_plain(whole), may_be_bare=True):
            return found
    parts = [part for part in _ENDS.split(without) if part and part.strip()]
    if not parts:
        return None
    rest = _plain(" ".join(parts[1:]))
    behalf = re.search(r"\bon behalf of\b", without, re.IGNORECASE)
    if not _OTHER_BODY.search(rest) or (behalf and not re.search(r"\b(?:ltd|limited)\b", rest)):
        if found := _named(_plain(parts[0])):
            return found
        if len(parts) > 1 and not behalf:
            last, before = _plain(parts[-1]), _plain(" ".join(parts[:-1]))
            if last.startswith(("london borough of", "royal borough")) or _DEPARTMENT.search(before):
                return None if _OTHER_BODY.search(before) or _COUNCIL.search(before) else _named(last)
    cut = _AFTER.match(_plain(without))
    if cut and not _OTHER_BODY.search(cut["rest"]) and not _COUNCIL.search(cut["rest"]):
        return _named(cut["body"])
    # "London Borough of Camden Procurement Team" has no "Council" at which to cut.
    whole = _plain(without)
    return _named(shorter) if (shorter := _TAIL.sub("", whole)) != whole else None


def _end_user(name: str) -> str | None:
    """Return for whom a buyer says to act: "X on behalf of Y" is for Y, "Y c/o X" too; null where nothing is said."""
    text = html.unescape(html.unescape(name))
    if found := _BEHALF.search(text):
        return found["user"].strip()
    if found := _CARE_OF.search(text):
        return found["user"].strip()
    return None


class _Bodies(NamedTuple):
    """The reviewed names: the kind and the area of each, those of complete names and those that may go on."""

    listed: pl.DataFrame
    starts: str


@cache
def _bodies() -> _Bodies:
    told = facts("buyer_names.csv")
    listed = told.with_columns(key=pl.Series([_key(name) for name in told["name"]], dtype=pl.String))
    starts = sorted(listed.filter(pl.col("use") == "start")["key"], key=len, reverse=True)
    return _Bodies(
        listed.select("key", "kind", "area_code", listed_name="name").unique("key", keep="first", maintain_order=True),
        rf"^({'|'.join(starts)})(?: |$)",
    )


def _key(name: str) -> str:
    """Return a name as the reviewed ones are compared: plain, without an article in front or a legal form behind."""
    return _ARTICLE_AND_FORM.sub("", _joined(_plain(name)).replace("united kingdom", "uk"))


def _joined(plain: str) -> str:
    """Return a plain name with letters that stand apart brought together: "n h s trust" is "nhs trust"."""
    return _LETTERS.sub(lambda found: found[0].replace(" ", ""), plain)


def _sorted_out(names: pl.Series) -> pl.DataFrame:
    """Tell the kind of bodies by their names alone: by the reviewed names, then by words.

    Args:
        names: Names as written, distinct.

    Returns:
        ``text``, ``kind`` (``other`` where nothing tells, null for what is no name), ``area_code`` (of those that
        are known by another name than their area's) and ``why``, one row per name.
    """
    bodies = _bodies()
    written = []
    bodied = [_SYSTEM.sub("", html.unescape(html.unescape(name))) or name for name in names]
    for number, text in enumerate(bodied):
        bare = _BRACKETS.sub(" ", text)
        inner = _INNER.findall(text)
        parts = [part for part in _ENDS.split(bare) if part and part.strip()]
        # In this order: the name as a whole, its first part, what stands in brackets, its last part.
        chosen = dict.fromkeys((text, bare.strip(), *parts[:1], *inner[:1], *parts[-1:]))
        keys = dict.fromkeys(map(_key, chosen))
        written += [(number, place, key) for place, key in enumerate(keys) if key]
    key = pl.DataFrame(written, schema={"name": pl.UInt32, "place": pl.UInt32, "key": pl.String}, orient="row")
    started = key.with_columns(key=pl.col("key").str.extract(bodies.starts)).drop_nulls("key")
    known = (
        pl.concat([key.with_columns(by=pl.lit(0)), started.with_columns(by=pl.lit(1))])
        .join(bodies.listed, on="key")
        # What stands in brackets or behind, such as the department that a body belongs to, tells least.
        .sort("name", pl.col("place") > 1, "by", "place", "key")
        .unique("name", keep="first", maintain_order=True)
        .select("name", "area_code", listed_kind="kind", listed_name="listed_name")
    )
    rules = facts("buyer_kinds.csv").with_row_index("rule")
    plain = pl.DataFrame(
        {"text": names, "plain": [_joined(_plain(name)) for name in bodied]},
        schema={"text": pl.String, "plain": pl.String},
    ).with_row_index("name")
    rule = pl.coalesce(
        pl.when(pl.col("plain").str.contains(pattern.replace(r"\b", r"(?-u:\b)"))).then(pl.lit(number, pl.UInt32))
        for number, pattern in rules.select("rule", "pattern").iter_rows()
    )
    is_listed = pl.col("listed_kind").is_not_null()
    return (
        plain.lazy()
        .with_columns(rule=rule)
        .collect()
        .join(rules.select("rule", ruled="kind", note="note"), on="rule", how="left")
        .join(known, on="name", how="left", maintain_order="left")
        .select(
            "text",
            kind=pl.when(is_listed)
            .then("listed_kind")
            .when(pl.col("rule").is_not_null())
            .then("ruled")
            .when(pl.col("plain") != "")
            .then(pl.lit("other")),
            area_code="area_code",
            why=pl.when(is_listed)
            .then(pl.concat_str(pl.lit("reviewed name: "), "listed_name"))
            .otherwise(pl.concat_str(pl.lit("words in the name: "), "note")),
        )
    )


@cache
def _services() -> dict[tuple[str, str], str]:
    """Return the areas of police and fire authorities by kind and by the plain name of the place."""
    known = areas().filter(pl.col("kind").is_in(list(_SERVICE_AREAS)), pl.col("valid_to").is_null())
    found: dict[tuple[str, str], str] = {}
    for code, name, kind in known.select("area_code", "name", "kind").iter_rows():
        found[_SERVICE_AREAS[kind], _place_of_service(_plain(name))] = code
    return found


def _place_of_service(plain: str) -> str:
    """Return the words for the place in the name of a police force or fire authority, once where they stand twice."""
    words = _SERVICE_WORDS.sub(" ", _spelt_out(plain)).split()
    half = len(words) // 2
    return " ".join(words[:half] if half and words[:half] == words[half:] else words)


def _service_area(name: str, kind: str | None) -> str | None:
    """Return the area of the police force or the fire authority that a name means, or null."""
    if kind not in _SERVICE_AREAS.values():
        return None
    text = _BRACKETS.sub(" ", html.unescape(html.unescape(name)))
    for part in dict.fromkeys([text, *(part for part in _ENDS.split(text) if part)]):
        if found := _services().get((str(kind), _place_of_service(_plain(part)))):
            return found
    return None


def _by_name(names: pl.Series) -> pl.DataFrame:
    """Tell who buys by the names as written: one row per distinct name that is not null.

    Returns:
        ``buyer_name, _plain``; ``_named``, the authority; ``_kind`` and ``_why`` of the name, and ``_service``, the
        area of a police force or fire authority.
    """
    distinct = names.drop_nulls().unique().sort()
    user = pl.Series("user", [_end_user(name) for name in distinct], dtype=pl.String)
    of_text = _sorted_out(pl.concat([distinct.alias("text"), user.alias("text")]).drop_nulls().unique().sort())
    told = (
        pl.DataFrame({"buyer_name": distinct, "user": user})
        .join(of_text, left_on="buyer_name", right_on="text", how="left", maintain_order="left")
        .join(of_text, left_on="user", right_on="text", how="left", maintain_order="left", suffix="_of_user")
    )
    is_for_user = pl.col("kind_of_user").is_not_null() & (pl.col("kind_of_user") != "other")
    kind = told.select(kind=pl.when(is_for_user).then("kind_of_user").otherwise("kind"))["kind"]
    why = pl.when(is_for_user).then(pl.concat_str(pl.lit("acts for another: "), "why_of_user")).otherwise("why")
    return told.select(
        "buyer_name",
        _plain=pl.Series([_plain(name) or None for name in distinct], dtype=pl.String),
        _named=pl.coalesce(
            pl.Series([_authority(name) for name in distinct], dtype=pl.String),
            pl.when(is_for_user).then("area_code_of_user").otherwise("area_code"),
        ),
        _kind=kind,
        _why=why,
        _service=pl.Series(
            [
                _service_area(name, of_kind)
                for name, of_kind in zip(told["user"].fill_null(distinct), kind, strict=True)
            ],
            dtype=pl.String,
        ),
    )


@cache
def _authorities() -> pl.DataFrame:
    """Return ``area_code, _code, _official, _area_kind`` of councils and combined authorities, and of services."""
    own = pl.DataFrame(
        [(one.area_code, one.name) for one in _register().authorities.values()],
        schema={"area_code": pl.String, "_official": pl.String},
        orient="row",
    )
    return (
        areas()
        .filter(pl.col("kind").is_in([*COUNCILS, "combined_authority", *_SERVICE_AREAS]))
        .join(own, on="area_code", how="left")
        .select(
            "area_code",
            "_official",
            _code=pl.coalesce("register_code", pl.concat_str(pl.lit("area:"), "area_code")),
            _area_kind=pl.col("kind").replace_strict(
                {"combined_authority": "combined_authority", **_SERVICE_AREAS}, default="council"
            ),
        )
    )


def decidable() -> list[str]:
    """Return what a person may decide a buyer to be: a kind, or the code of an area that has a body of its own."""
    return [*KINDS, *_authorities()["area_code"].sort()]


def _about(decided: pl.DataFrame) -> pl.DataFrame:
    """Add to decisions whom they are about: ``key``, an id, or ``name:`` and the plain name."""
    about = [
        one.strip() if _ID.match(one.strip()) else f"name:{_plain(one.removeprefix('name:'))}" for one in decided["a"]
    ]
    return decided.with_columns(key=pl.Series(about, dtype=pl.String))


def _decisions(decided: pl.DataFrame | None) -> pl.DataFrame:
    """Return what is decided by what it is about: ``key``, ``_value``, ``_reason``."""
    if decided is None or decided.is_empty():
        return pl.DataFrame(schema=dict.fromkeys(("key", "_value", "_reason"), pl.String()))
    return (
        _about(decided)
        .sort("at", "override_id", nulls_last=False)
        .unique("key", keep="last", maintain_order=True)
        .select("key", _value="value", _reason="reason")
    )


def buyers(told: pl.DataFrame, decided: pl.DataFrame | None = None) -> pl.DataFrame:
    """Tell who buys, of what kind that is, and which area is the buyer's own.

    What a person decided goes first, then a code in the party id (such as GB-LAE-HAV), then the name.
    A name must mean exactly one authority, of the kind that it states: a town council is no district.
    An authority that ended is matched to its own former code; of two of one name the one in force is meant.

    Args:
        told: ``buyer_party_id`` and ``buyer_name``, as the notices write them; repetitions and nulls are allowed.
        decided: what people decided: ``override_id``, ``a`` (a buyer_id, a party id or a name as written), ``value`` (a
            kind, or the code of an area: one of ``decidable``), ``reason``, ``at``. Of two about one buyer the later
            counts; one about the name goes before one about the id.

    Returns:
        One row per distinct pair, sorted: the pair; ``buyer_id`` (a matched authority's register code, or ``area:``
        and its code where it has none; else the party id where it is a stable one; else ``name:`` and the plain name;
        null where nothing is told); ``name`` (the authority's own, else as written); ``area_code`` (of councils and
        combined authorities, and of police and fire authorities whose area is known); ``kind`` (one of ``KINDS``, or
        null without a name); ``match_method`` (how the area was found: ``override``, ``register_code``, ``stable_id``,
        ``name`` or ``none``); ``kind_reason`` (why it is of this kind, in words; null where nothing tells).
    """
    return (
        _decided(_found(told), decided)
        .join(_authorities(), on="area_code", how="left")
        .select(
            "buyer_party_id",
            "buyer_name",
            buyer_id=pl.coalesce(pl.when(pl.col("_official").is_not_null()).then("_code"), "_own_id"),
            name=pl.coalesce("_official", pl.col("buyer_name").str.strip_chars()),
            area_code="area_code",
            kind=pl.coalesce("_area_kind", "_decided_kind", "_kind"),
            match_method="match_method",
            kind_reason=pl.coalesce(
                "_decided_why",
                pl.when(pl.col("match_method").is_in(["register_code", "stable_id"])).then(
                    pl.concat_str(pl.lit("code in the notice: "), pl.col("buyer_party_id").str.strip_chars())
                ),
                pl.when(pl.col("_official").is_not_null()).then(pl.lit("name of the authority")),
                "_why",
            ),
        )
        .sort("buyer_party_id", "buyer_name", nulls_last=True)
    )


def _found(told: pl.DataFrame) -> pl.DataFrame:
    """Tell who buys by codes and names alone: one row per distinct pair, sorted, with what ``_decided`` asks."""
    register = _register()
    pairs = told.select(pl.col("buyer_party_id", "buyer_name").cast(pl.String)).unique().sort(pl.all(), nulls_last=True)
    codes = list(register.by_code)
    by_code = pl.DataFrame(
        {"_register_code": codes, "_coded": [register.by_code[code] for code in codes]},
        schema={"_register_code": pl.String, "_coded": pl.String},
    )
    ids = facts("buyer_codes.csv")
    by_id = ids.filter(pl.col("use") == "whole").select(
        _register_code="party_id", _id_area="area_code", _id_kind="kind"
    )
    of_scheme = pl.coalesce(
        pl.when(pl.col("_register_code").str.starts_with(begins)).then(pl.lit(kind))
        for begins, kind in ids.filter(pl.col("use") == "start").select("party_id", "kind").iter_rows()
    )
    party = pl.col("buyer_party_id").str.strip_chars()
    is_stable = party.str.contains(r"^[0-9A-Za-z]+-[0-9A-Za-z]+-.+") & ~pl.any_horizontal(
        party.str.starts_with(prefix) for prefix in _NOT_STABLE
    )
    own_id = pl.coalesce(pl.when(is_stable).then(party), pl.concat_str(pl.lit("name:"), "_plain"))
    has_code = pl.col("_coded").is_not_null() | pl.col("_id_kind").is_not_null()
    return (
        pairs.with_columns(_register_code=party.str.to_uppercase())
        .join(by_code, on="_register_code", how="left")
        .join(by_id, on="_register_code", how="left")
        .with_columns(pl.coalesce("_id_kind", of_scheme))
        .join(_by_name(pairs["buyer_name"]), on="buyer_name", how="left")
        .with_columns(
            area_code=pl.when(has_code).then(pl.coalesce("_coded", "_id_area")).otherwise("_named"),
            _own_id=own_id,
            match_method=pl.when(pl.col("_coded").is_not_null())
            .then(pl.lit("register_code"))
            .when(pl.col("_id_kind").is_not_null())
            .then(pl.lit("stable_id"))
            .when(pl.coalesce("_named", "_service").is_not_null())
            .then(pl.lit("name"))
            .otherwise(pl.lit("none")),
        )
    )


_ABOUT = ("_by_written", "_by_party", "_by_id")
"""By what a decision may address a buyer: its name as written, its id in a notice, its ``buyer_id`` without decisions;
of several decisions the first of these goes before the others."""


def _addressable(found: pl.DataFrame) -> pl.DataFrame:
    """Add what decisions may address buyers by: the columns ``_ABOUT``; and the area of a service."""
    stands = found.with_columns(
        _kind=pl.coalesce("_id_kind", "_kind"),
        # The area of a service goes with its kind; a code that tells another kind leaves none.
        area_code=pl.coalesce(
            "area_code",
            pl.when(pl.coalesce("_id_kind", "_kind").is_in(list(_SERVICE_AREAS.values()))).then("_service"),
        ),
    )
    return stands.join(_authorities(), on="area_code", how="left").with_columns(
        _by_written=pl.concat_str(pl.lit("name:"), "_plain"),
        _by_party=pl.col("buyer_party_id").str.strip_chars(),
        _by_id=pl.coalesce(pl.when(pl.col("_official").is_not_null()).then("_code"), "_own_id"),
    )


def unaddressed(told: pl.DataFrame, decided: pl.DataFrame) -> tuple[str, ...]:
    """Return the decisions about buyers that fit nobody, by ``override_id``, in their order.

    Args:
        told: ``buyer_party_id`` and ``buyer_name``, as the notices write them, as ``buyers`` takes them.
        decided: what people decided, as ``buyers`` takes it.
    """
    if decided.is_empty():
        return ()
    keyed = _addressable(_found(told))
    known = pl.concat([keyed[name].rename("key") for name in _ABOUT]).drop_nulls().unique()
    about = _about(decided)
    return (*about.filter(~pl.col("key").is_in(known.implode()))["override_id"],)


def _decided(found: pl.DataFrame, decided: pl.DataFrame | None) -> pl.DataFrame:
    """Let what people decided go before what codes and names tell."""
    decisions = _decisions(decided)
    known = _authorities()
    keyed = _addressable(found)
    for number, key in enumerate(_ABOUT):
        keyed = keyed.join(
            decisions.rename({"_value": f"_value_{number}", "_reason": f"_reason_{number}"}),
            left_on=key, right_on="key", how="left", maintain_order="left",
        )  # fmt: skip
    value = pl.coalesce(f"_value_{number}" for number in range(3))
    reason = pl.coalesce(f"_reason_{number}" for number in range(3))
    is_area = value.is_in(known["area_code"].implode())
    return keyed.select(
        *found.columns[:2],
        "_own_id",
        "_kind",
        "_why",
        # Who is decided to be of a kind keeps the area only where it has it by that kind.
        area_code=pl.when(is_area)
        .then(value)
        .when(value.is_null() | (value == pl.col("_area_kind")).fill_null(False))
        .then("area_code"),
        _decided_kind=pl.when(~is_area).then(value),
        _decided_why=pl.when(value.is_not_null()).then(pl.concat_str(pl.lit("decided by a person: "), reason)),
        match_method=pl.when(value.is_not_null()).then(pl.lit("override")).otherwise("match_method"),
    )


def for_end_users(told: pl.DataFrame) -> pl.DataFrame:
    """Put an authority in the place of a portal, a purchasing body or a shared service that published a notice for it.

    Only the end of a title is believed, behind "on behalf of", "for" or a dash, and only where it is the complete name
    of one authority: "Reprographics for Bassetlaw District Council".

    Args:
        told: ``title``, ``buyer_id``, ``buyer_area_code``, ``buyer_kind`` and whatever else.

    Returns:
        The same rows and columns; of some rows the three columns of the buyer are the authority's.
    """
    is_agent = pl.col("buyer_kind").is_in(NOT_BUYERS).fill_null(False)
    titles = told.filter(is_agent)["title"].drop_nulls().unique().sort()
    found = pl.DataFrame(
        [(title, _titled(title)) for title in titles],
        schema={"title": pl.String, "area_code": pl.String},
        orient="row",
    )
    user = found.join(_authorities(), on="area_code").select(
        "title", _area="area_code", _id="_code", _of_kind="_area_kind"
    )
    if user.is_empty():
        return told
    columns = {"buyer_id": "_id", "buyer_area_code": "_area", "buyer_kind": "_of_kind"}
    joined = told.join(user, on="title", how="left", maintain_order="left")
    is_for = is_agent & pl.col("_id").is_not_null()
    return joined.with_columns(
        pl.when(is_for).then(new).otherwise(old).alias(old) for old, new in columns.items()
    ).select(told.columns)


def _titled(title: str) -> str | None:
    """Return the authority whose complete name ends a title, or null."""
    text = html.unescape(html.unescape(title)).strip(" .,;:-*\t\r\n")
    for whole in (text, _BRACKETS.sub(" ", text).strip()):
        ends = [whole[found.end() :] for found in _FOR.finditer(whole)]
        named = {code for end in ends if (code := _named(_plain(end)))}
        if len(named) == 1:
            return named.pop()
    return None


def name_buyers(told: pl.DataFrame, decided: pl.DataFrame | None = None) -> pl.DataFrame:
    """Name buyers as their latest notice does, or as their authority is called.

    Args:
        told: every present telling of some buyers: ``buyer_id``, ``buyer_party_id``, ``buyer_name``, ``published_at``,
            ``release_id`` and ``content_hash``.
        decided: what people decided, as ``buyers`` takes it.

    Returns:
        Table ``buyer``, one row per ``buyer_id``.
    """
    pair = ["buyer_party_id", "buyer_name"]
    latest = (
        told.drop_nulls("buyer_id")
        .sort("buyer_id", "published_at", "release_id", "content_hash", *pair)
        .unique("buyer_id", keep="last", maintain_order=True)
        .select("buyer_id", *pair)
    )
    now = latest.join(buyers(latest, decided).rename({"buyer_id": "now_id"}), on=pair, how="left", nulls_equal=True)
    # Whom only the title of an agent's notice names is called as its authority is.
    titled = (
        now.filter(pl.col("buyer_id").ne_missing(pl.col("now_id")))
        .select("buyer_id", *pair)
        .join(_authorities().drop_nulls("_official"), left_on="buyer_id", right_on="_code")
        .with_columns(
            name="_official",
            kind="_area_kind",
            match_method=pl.lit("title"),
            kind_reason=pl.lit("named in the title of a notice that another published for it"),
        )
    )
    own = now.join(titled, on="buyer_id", how="anti")
    columns = list(frame_schema("buyer"))
    both = [frame.rename({"buyer_name": "name_as_written"}).select(columns) for frame in (own, titled)]
    return pl.concat(both).sort("buyer_id")

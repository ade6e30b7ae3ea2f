"""Who buys: from a code or a name to an authority, or to a kind of body."""

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
_SHARED = re.compile(r"\bcouncils\b|\bcouncil and .+ council\b|\bborough and .+ councils?\b")
_LOCAL = re.compile(r"\b(?:parish|town|community|village|city) council\b|\bparish meeting\b|^(?:parish|town) of\b")
_NOT_STABLE = ("GB-CFS-", "GB-FTS-")


_APOSTROPHES = "'`\u00b4\u2018\u2019"


def _plain(name: str) -> str:
    """Return a name in small letters without accents and punctuation, "&" written out, "&amp;" read as "&"."""
    text = unicodedata.normalize("NFKD", html.unescape(name)).lower().replace("&", " and ")
    text = "".join(sign for sign in text if not unicodedata.combining(sign) and sign not in _APOSTROPHES)
    return " ".join(re.sub(r"[^0-9a-z]+", " ", text).split())


def _spelt_out(plain: str) -> str:
    """Return a plain name with its county written out: "east herts" is "east hertfordshire"."""
    return " ".join(_COUNTIES.get(word, word) for word in plain.split())


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
    for form in (*_FORMS, _BARE) if may_be_bare else _FORMS:
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

    The complete name is tried first, then what stands before a bracket, a dash, a comma or "on behalf of", then what
    ends in "Council", then what stands after a dash. What is cut off may name a department, but no other body.
    """
    # "Council- On Behalf of …" and ".East Riding": strays around the name.
    text = html.unescape(html.unescape(name)).strip(" .,;:-*\t\r\n")
    without = _BRACKETS.sub(" ", text).strip()
    for whole in (text, without):
        if found := _named(_plain(whole), may_be_bare=True):
            return found
    parts = [part for part in _ENDS.split(without) if part and part.strip()]
    if not parts:
        return None
    rest = _plain(" ".join(parts[1:]))
    behalf = re.search(r"\bon behalf of\b", without, re.I)
    if not _OTHER_BODY.search(rest) or (behalf and not re.search(r"\b(?:ltd|limited)\b", rest)):
        if found := _named(_plain(parts[0])):
            return found
        if (
            len(parts) > 1
            and not behalf
            and (last := _plain(parts[-1])).startswith(("london borough of", "royal borough"))
        ):
            return None if _OTHER_BODY.search(_plain(" ".join(parts[:-1]))) else _named(last)
    cut = _AFTER.match(_plain(without))
    if cut and not _OTHER_BODY.search(cut["rest"]) and not re.search(r"\bcouncils?\b|\bborough of\b", cut["rest"]):
        return _named(cut["body"])
    return None


def _kind(name: str) -> str:
    """Tell what a named body without an area of its own is: other_local or other."""
    plain = _plain(_BRACKETS.sub(" ", html.unescape(name)))
    if _OTHER_BODY.search(plain):
        return "other"
    return "other_local" if _LOCAL.search(plain) or _SHARED.search(plain) else "other"


def buyers(told: pl.DataFrame) -> pl.DataFrame:
    """Tell who buys, and which area is the buyer's own.

    The register code in the party id (such as GB-LAE-HAV) goes first, then the name.
    A name must mean exactly one authority, of the kind that it states: a town council is no district.
    An authority that ended is matched to its own former code; of two of one name the one in force is meant.

    Args:
        told: ``buyer_party_id`` and ``buyer_name``, as the notices write them; repetitions and nulls are allowed.

    Returns:
        One row per distinct pair, sorted: the pair; ``buyer_id`` (a matched authority's register code, or ``area:``
        and its code where it has none; else the party id where it is a stable one; else ``name:`` and the plain name;
        null where nothing is told); ``name`` (the authority's own, else as written); ``area_code``; ``kind``
        (``council``, ``combined_authority``, ``other_local``: parish and town councils and services shared by several
        councils, ``other``, or null without a name); ``match_method`` (``register_code``, ``name`` or ``none``).
    """
    register = _register()
    pairs = told.select(pl.col("buyer_party_id", "buyer_name").cast(pl.String)).unique().sort(pl.all(), nulls_last=True)
    named = pairs.select(buyer_name="buyer_name").drop_nulls().unique().sort("buyer_name")
    rows = [(name, _authority(name), _plain(name), _kind(name)) for name in named["buyer_name"]]
    by_name = pl.DataFrame(
        rows,
        schema={"buyer_name": pl.String, "_named": pl.String, "_plain": pl.String, "_kind": pl.String},
        orient="row",
    ).with_columns(pl.col("_plain").replace("", None))
    codes = list(register.by_code)
    by_code = pl.DataFrame(
        {"_register_code": codes, "_coded": [register.by_code[code] for code in codes]},
        schema={"_register_code": pl.String, "_coded": pl.String},
    )
    facts_of = (
        areas()
        .select(area_code="area_code", _area_kind="kind", _code="register_code")
        .join(
            pl.DataFrame(
                [(one.area_code, one.name) for one in register.authorities.values()],
                schema={"area_code": pl.String, "_official": pl.String},
                orient="row",
            ),
            on="area_code",
            how="inner",
        )
    )
    party = pl.col("buyer_party_id").str.strip_chars()
    is_stable = party.str.contains(r"^[0-9A-Za-z]+-[0-9A-Za-z]+-.+") & ~pl.any_horizontal(
        party.str.starts_with(prefix) for prefix in _NOT_STABLE
    )
    return (
        pairs.with_columns(_register_code=party.str.to_uppercase())
        .join(by_code, on="_register_code", how="left")
        .join(by_name, on="buyer_name", how="left")
        .with_columns(area_code=pl.coalesce("_coded", "_named"))
        .join(facts_of, on="area_code", how="left")
        .select(
            "buyer_party_id",
            "buyer_name",
            buyer_id=pl.coalesce(
                pl.when(pl.col("area_code").is_not_null()).then(
                    pl.coalesce("_code", pl.format("area:{}", "area_code"))
                ),
                pl.when(is_stable).then(party),
                pl.format("name:{}", "_plain"),
            ),
            name=pl.coalesce("_official", pl.col("buyer_name").str.strip_chars()),
            area_code="area_code",
            kind=pl.when(pl.col("_area_kind") == "combined_authority")
            .then(pl.lit("combined_authority"))
            .when(pl.col("area_code").is_not_null())
            .then(pl.lit("council"))
            .otherwise(pl.when(pl.col("_plain").is_not_null()).then("_kind")),
            match_method=pl.when(pl.col("_coded").is_not_null())
            .then(pl.lit("register_code"))
            .when(pl.col("_named").is_not_null())
            .then(pl.lit("name"))
            .otherwise(pl.lit("none")),
        )
        .sort("buyer_party_id", "buyer_name", nulls_last=True)
    )


def name_buyers(told: pl.DataFrame) -> pl.DataFrame:
    """Name buyers as their latest notice does, or as their authority is called.

    Args:
        told: every present telling of some buyers: ``buyer_id``, ``buyer_party_id``, ``buyer_name``, ``published_at``,
            ``release_id`` and ``content_hash``.

    Returns:
        Table ``buyer``, one row per ``buyer_id``.
    """
    latest = (
        told.drop_nulls("buyer_id")
        .sort("buyer_id", "published_at", "release_id", "content_hash", "buyer_party_id", "buyer_name")
        .unique("buyer_id", keep="last", maintain_order=True)
        .select("buyer_party_id", "buyer_name")
    )
    return buyers(latest).rename({"buyer_name": "name_as_written"}).select(list(frame_schema("buyer")))

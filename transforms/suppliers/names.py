"""Read a supplier's name as written: what is the name itself, and what stands around it.

Two spellings of one name have one core name.
What may be disregarded is what Companies House disregards when it tells whether two names are the same: legal form,
case, punctuation, accents, a leading "the", "&" for "and", "co" for "company"
(Companies Act 2006 section 66 and https://www.legislation.gov.uk/uksi/2015/17/schedule/3).
Words such as "UK", "Group", "Holdings" or "Services" are kept: they tell sister companies apart.

``reference/legal_forms.csv`` and ``reference/placeholder_names.csv`` hold the forms and the placeholders as data.
"""

import csv
import html
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import NamedTuple

_REFERENCE = Path(__file__).parents[1] / "reference"


LONGEST_NAME = 1_000
"""Characters of a name that are read; a company's name has 160 at most (SI 2015/17, regulation 2)."""


class Name(NamedTuple):
    """A name as read.

    ``core`` is the name in small letters without legal form, punctuation and trading name; it is empty only where the
    name holds no letter and no digit. ``legal_form`` is a code such as ``ltd``, ``trading_name`` is as written.
    ``placeholder`` is true where the words name no organisation. ``parted`` are the words that were parted as legal
    form, and ``placeholder_kind`` is ``many``, ``none`` (nothing was awarded), ``withheld`` or ``unstated``.
    """

    core: str
    legal_form: str | None
    trading_name: str | None
    placeholder: bool
    parted: str | None = None
    placeholder_kind: str | None = None


class _Form(NamedTuple):
    code: str
    rank: int
    min_words: int
    is_parted: bool


# With its semicolon only: "Planning&regeneration" holds no sign for a registered trade mark.
_ENTITIES = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});|&amp(?![A-Za-z])")
_SIGNS = re.compile(r"[™®©℠℗]")
# Dashes, apostrophes and quotation marks of every kind, as typewriters have them.
_MARKS = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d", "-")
    | dict.fromkeys("\u2018\u2019\u201a\u201b\u02bc\u00b4\u0060\uff07", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb", '"')
    | dict.fromkeys("\u200b\u200d\u2060\ufeff\u00ad", "")
    | {"_": " "}
)
_LETTERS = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "\u0131": "i"}
    | {"&": " and ", "_": " ", "'": ""}
)
_BREAKS = re.compile(r"[^\w]+")
_DOTTED = re.compile(r"\b(?:\w\.){2,}(?:\w\b)?")
_COOPERATIVE = re.compile(r"\b(?:co op|co operative|coop|co ops|co operatives)\b")

_FORM_WORDS = r"(?:ltd|limited|limted|plc|llp|cic|c\.i\.c|p\.l\.c|l\.l\.p|community interest company|inc|gmbh)\b\.?"
# "TA" and "DBA" are also initials: they part a name only behind a legal form or an opening bracket.
_BEHIND = r"(?:(?<=\()|(?<=ltd\s)|(?<=limited\s)|(?<=ltd\.\s)|(?<=plc\s)|(?<=llp\s)|(?<=cic\s)|(?<=inc\s)|(?<=inc\.\s))"
_TRADING = re.compile(
    r"(?:\bt\s?[/\\]\s?as?\b[/.:]?|\bt\.a\.|\btrading\s(?:name\s|style\s)?as\b:?|\btrading\sname\b:?"
    r"|\bdoing\sbusiness\sas\b|\balso\sknown\sas\b|\ba[./]?k[./]?a\b\.?|\boperating\sas\b"
    rf"|{_BEHIND}(?:t\s?a|d[/.]?b[/.]?a)\b\.?)",
    re.IGNORECASE,
)
_DIVISION = re.compile(
    r"[\s,;:(-]+(?:trading\sas\s)?(?:is\s)?an?\s(?:trading\s|operating\s|wholly\sowned\s)?"
    r"(?:division|name|style|branch|brand)\sof\s",
    re.IGNORECASE,
)
_BEHALF = re.compile(r"[\s,;:(-]*(?:for\sand\s)?\bon\sbehalf\sof\b[\s:]*", re.IGNORECASE)
_FORMER = re.compile(
    r"[\s,;:-]*\b(?:formerly|previously)\b(?:\s(?:known\sas|trading\sas|called|named))?"
    r"|[\s,;:-]*\(\s?(?:formally|was|previously|now|originally|f/?k/?a)\s|\bf/k/a\b",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"\(\s?(?:(?:a\s)?(?:part|subsidiary|member)\sof\b|(?:company|charity|registered|registration|reg)"
    r"\s?(?:company\s|charity\s)?(?:no|number|num|reg)\b|in\s(?:administration|liquidation)\b)[^)]*\)?",
    re.IGNORECASE,
)
_AFTER_FORM = re.compile(
    rf"(\b{_FORM_WORDS})\s?(?:\(|[\s,;:]+[:|-]+\s|[\s,(]*\ba?\s?subsidiary\sof\s)(.*)$", re.IGNORECASE
)
_ANY_FORM = re.compile(rf"\b{_FORM_WORDS}|\bcompany\b|\b&\b.*\b&\b", re.IGNORECASE)
_ENUMERATED = re.compile(r"^\(\d{1,2}\)\s?")
_TRIGGERS = re.compile(
    r"[/\\(]|\bt\.a\.|trading|\bt\s?a\b|behalf|division|\b(?:name|style|branch|brand)\sof|formerly|previously|known\sas|a\.?k\.?a|d\.?b\.?a"
    r"|doing\sbusiness|operating\sas|subsidiary|[|:-]\s",
    re.IGNORECASE,
)


def parse(name: str) -> Name:
    """Return a supplier's name parted into core name, legal form and trading name, and whether it names anybody.

    A name with any letter or digit keeps a core name that is not empty.
    Where one company trades under another name, or is a division of, or acts on behalf of another, the core name is
    that of the company behind it. Reading a core name again gives the same core name. Never raises.
    """
    text = _readable(name)
    found = _part(text)
    while found.core and _TRIGGERS.search(found.core):
        # What punctuation had hidden ("trading-as") is plain in the core; every round makes it shorter.
        again = _part(found.core)
        if again.core == found.core:
            break
        found = found._replace(
            core=again.core,
            legal_form=found.legal_form or again.legal_form,
            trading_name=found.trading_name or again.trading_name,
            parted=found.parted or again.parted,
        )
    kind = None
    if not found.legal_form and not found.trading_name:
        kind = _placeholder_kind(found.core)
    return found if kind is None else found._replace(placeholder=True, placeholder_kind=kind)


def comparable(core: str) -> str:
    """Return the form of a core name under which two names compare equal: spaces, too, are disregarded."""
    return core.replace(" ", "")


def _readable(name: str) -> str:
    """Undo HTML entities (some twice encoded), compatibility characters and odd white space."""
    text = name[:LONGEST_NAME]
    for _ in range(4):
        if "&" not in text:
            break
        plain = _ENTITIES.sub(lambda match: html.unescape(match[0]), text)
        if plain == text:
            break
        text = plain
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _SIGNS.sub(" ", text).translate(_MARKS))
    return " ".join(text.translate(_MARKS).split())


def _part(text: str) -> Name:
    """Part one name; rules that need punctuation come first, then those on words."""
    whole = text
    trading: str | None = None
    if text.startswith("("):
        text = _ENUMERATED.sub("", text) or text
    if _TRIGGERS.search(text):
        text, trading = _around(text)
    words, codes, parted = _without_form(_words(text))
    if not words:
        words, codes, parted = _without_form(_words(whole))
    form = min(codes, key=lambda code: _forms()[1][code]) if codes else None
    return Name(" ".join(words), form, trading, False, parted)


def _around(text: str) -> tuple[str, str | None]:
    """Set aside what stands around the name: other names, former names, notes. Return the name and the trading name."""
    trading: str | None = None
    if match := _BEHALF.search(text):
        behind = _bare(text[match.end() :])
        text = behind if _has_word(behind) else _bare(text[: match.start()])
    text = _NOTE.sub(" ", text)
    if match := _DIVISION.search(text):
        front, behind = _bare(text[: match.start()]), _bare(text[match.end() :])
        if _has_word(behind):
            return behind, front if _has_word(front) else None
    if (match := _FORMER.search(text)) and _has_word(text[: match.start()]):
        text = text[: match.start()]
    if match := _TRADING.search(text):
        front, behind = _bare(text[: match.start()]), _bare(text[match.end() :])
        if _has_word(front):
            # "Foo t/a Ltd": what is only a legal form is no trading name.
            text, trading = front, behind if _has_word(behind) and " ".join(_words(behind)) not in _forms()[0] else None
        else:
            text = behind
    if (match := _AFTER_FORM.search(text)) and _has_word(text[: match.start()]) and not _ANY_FORM.search(match[2]):
        text = text[: match.end(1)]
    return text, trading


def _bare(text: str) -> str:
    """Strip the marks that are left where a text was cut."""
    text = text.strip(" \t,;:/\\|-\"'")
    if text.endswith(")") and "(" not in text:
        text = text[:-1]
    if text.endswith("("):
        text = text[:-1]
    if text.startswith("(") and ")" not in text:
        text = text[1:]
    return text.strip(" ,;:/\\|-\"'")


def _has_word(text: str) -> bool:
    return any(letter.isalnum() for letter in text)


def _words(text: str) -> list[str]:
    """Return the words of a text in small letters, without accents and punctuation; initials are one word."""
    plain = text.casefold()
    if not plain.isascii():
        plain = unicodedata.normalize("NFKC", plain).casefold()
        plain = "".join(letter for letter in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(letter))
        plain = plain.casefold()
    plain = plain.translate(_LETTERS)
    if "." in plain:
        plain = _DOTTED.sub(lambda match: match[0].replace(".", "") + " ", plain)
    if "+" in plain or "@" in plain:
        marked = plain.replace("+", " plus ").replace("@", " at ")
        plain = marked if _has_word(plain) else plain
    plain = _BREAKS.sub(" ", plain).strip()
    if "co" in plain:
        plain = _COOPERATIVE.sub(lambda match: "cooperatives" if match[0].endswith("s") else "cooperative", plain)
    words = plain.split()
    if not any(len(word) == 1 for word in words):
        return words
    joined: list[str] = []
    run = False
    for word in words:
        single = len(word) == 1 and word.isalpha()
        if single and run:
            joined[-1] += word
        else:
            joined.append(word)
        run = single
    return joined


def _without_form(words: list[str]) -> tuple[list[str], list[str], str | None]:
    """Take legal forms and articles from the ends until nothing changes: words left, codes found, words parted."""
    forms = _forms()[0]
    longest = _forms()[2]
    codes: list[str] = []
    parted: list[str] = []
    words = _without_lot(words)
    changed = True
    while changed and words:
        changed = False
        if len(words) > 1 and words[0] == "the":
            words, changed = words[1:], True
        elif len(words) > 1 and words[-1] == "the":
            words, changed = words[:-1], True
        else:
            renamed = len(words) > 1 and words[-1] == "co"
            for length in range(min(longest, len(words)), 0, -1):
                form = forms.get(" ".join(words[-length:]))
                if form is None or (form.is_parted and len(words) - length < form.min_words):
                    continue
                if form.code not in codes:
                    codes.append(form.code)
                if form.is_parted:
                    parted.insert(0, " ".join(words[-length:]))
                    words, changed = words[:-length], True
                break
            if renamed and not changed:
                words, changed = [*words[:-1], "company"], True
    return words, codes, " ".join(parted) or None


def _without_lot(words: list[str]) -> list[str]:
    """Cut "lot 4 (cleaning materials)" from behind a legal form."""
    forms = _forms()[0]
    for place in range(2, len(words) - 1):
        if words[place] in ("lot", "lots") and words[place + 1][0].isdigit() and words[place - 1] in forms:
            return words[:place]
    return words


@cache
def _forms() -> tuple[dict[str, _Form], dict[str, int], int]:
    """Load the legal forms: by their words, the rank of each code (the most telling first), the longest in words."""
    forms: dict[str, _Form] = {}
    ranks: dict[str, int] = {}
    with (_REFERENCE / "legal_forms.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rank = ranks.setdefault(row["legal_form"], len(ranks))
            forms[row["words"]] = _Form(row["legal_form"], rank, int(row["min_words"]), row["is_parted"] == "1")
    return forms, ranks, max(len(words.split()) for words in forms)


def _placeholder_kind(core: str) -> str | None:
    if core.replace(" ", "").isdigit() or not core:
        return "unstated"
    match = _placeholders().fullmatch(core)
    return match.lastgroup.rstrip("0123456789") if match and match.lastgroup else None


@cache
def _placeholders() -> re.Pattern[str]:
    """Load the placeholders as one pattern whose named groups are kind and row number."""
    with (_REFERENCE / "placeholder_names.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return re.compile("|".join(f"(?P<{row['kind']}{number}>{row['pattern']})" for number, row in enumerate(rows)))

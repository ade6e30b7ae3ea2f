"""Read a supplier's name as written: what is the name itself, and what stands around it.

Two spellings of one name have one core name.
What may be disregarded is what Companies House disregards when it tells whether two names are the same: legal form,
case, punctuation, accents, a leading "the", "&" for "and", "co" for "company"
(Companies Act 2006 section 66 and https://www.legislation.gov.uk/uksi/2015/17/schedule/3).
Words such as "UK", "Group", "Holdings" or "Services" are kept: they tell sister companies apart.

``reference/legal_forms.csv`` and ``reference/placeholder_names.csv`` hold the forms and the placeholders as data.
"""

import html
import re
import unicodedata
from functools import cache
from typing import NamedTuple

from transforms.reference import facts

LONGEST_NAME = 1_000
"""Characters of a name that are read; a company's name has 160 at most (SI 2015/17, regulation 2)."""


class Name(NamedTuple):
    """A name as read.

    ``core`` is the name in small letters without legal form, punctuation and trading name; it is empty only where the
    name holds no letter and no digit. ``legal_form`` is a code such as ``ltd``, ``trading_name`` is as written.
    ``placeholder`` is true where the words name no organisation. ``parted`` are the words that were parted as legal
    form, and ``placeholder_kind`` is ``many``, ``none`` (nothing was awarded), ``withheld`` or ``unstated``.
    ``others`` are the other names that the field states for the same organisation, as written: the trading name, a
    former or present name, an alias in brackets behind the legal form, an acronym beside the words it stands for.
    ``several`` is true where the field names several organisations; then the core name is of all of them together,
    and no one of them may be linked by it.
    """

    core: str
    legal_form: str | None
    trading_name: str | None
    placeholder: bool
    parted: str | None = None
    placeholder_kind: str | None = None
    others: tuple[str, ...] = ()
    several: bool = False


class _Around(NamedTuple):
    """What is left of a text when other names and notes are set aside."""

    text: str
    trading: str | None = None
    others: tuple[str, ...] = ()


class _Form(NamedTuple):
    code: str
    rank: int
    min_words: int
    is_parted: bool


# With its semicolon only: "Planning&regeneration" holds no sign for a registered trade mark.
_ENTITIES = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});|&amp(?![A-Za-z])")
_ENTITY_LEFT = re.compile(r"&#?\w{1,10}$")
_SIGNS = re.compile(r"[™®©℠℗]")
# Dashes, apostrophes and quotation marks of every kind, as typewriters have them.
_MARKS = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d", "-")
    | dict.fromkeys("\u2018\u2019\u201a\u201b\u02bc\u00b4\u0060\uff07", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb", '"')
    | dict.fromkeys("\u200b\u200d\u2060\ufeff\u00ad", "")
    | {"_": " ", "[": "(", "{": "(", "]": ")", "}": ")"}
)
_LETTERS = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "\u0131": "i"}
    | {"&": " and ", "_": " ", "'": ""}
)
# Schedule 3 of SI 2015/17 takes these signs for the words.
_SPOKEN = str.maketrans(
    {"+": " plus ", "@": " at ", "\u00a3": " pound ", "\u20ac": " euro ", "$": " dollar ", "%": " percent "}
)
_SPOKEN_SIGNS = re.compile("[+@\u00a3\u20ac$%]")
_BREAKS = re.compile(r"[^\w]+")
_DOTTED = re.compile(r"\b(?:\w\.){2,}(?:\w\b)?")
_FIGURES = {
    "zero": "0",
    "o": "0",
    "one": "1",
    "two": "2",
    "to": "2",
    "too": "2",
    "three": "3",
    "four": "4",
    "for": "4",
} | {"five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9"}
# Paragraph 5 of the schedule, as read by core names: what is disregarded at the end of a name.
_ENDINGS = frozenset(
    {"and co", "and company", "ai gwmni", "ar cwmni", "ai gymdeithion", "biz", "co", "co uk", "com", "company", "cwmni"}
    | {"cym", "cymru", "du", "eu", "gb", "great britain", "gr britain", "net", "ni", "northern ireland", "org"}
    | {"gogledd iwerddon", "org uk", "pf", "prydain fawr", "uk", "united kingdom", "y deyrnas unedig", "wales"}
)
_COMPARED = 60
_COOPERATIVE = re.compile(r"\b(?:co op|co operative|coop|co ops|co operatives)\b")

_FORM_WORDS = r"(?:ltd|limited|limted|plc|llp|cic|c\.i\.c|p\.l\.c|l\.l\.p|community interest company|inc|gmbh)\b\.?"
_MORE_FORM_WORDS = (
    r"(?:ltd|limited|limted|plc|llp|cic|c\.i\.c|p\.l\.c|l\.l\.p|community\sinterest\scompany|inc|gmbh|cyf|cyfyngedig"
    r"|cio|scio|llc|b\.?v|s\.?[aá]\.?\s?r\.?l)\b\.?"
)
# "TA" and "DBA" are also initials: they part a name only behind a legal form or an opening bracket.
_BEHIND = r"(?:(?<=\()|(?<=ltd\s)|(?<=limited\s)|(?<=ltd\.\s)|(?<=plc\s)|(?<=llp\s)|(?<=cic\s)|(?<=inc\s)|(?<=inc\.\s))"
_TRADING = re.compile(
    r"(?:\bt\s?[/\\]\s?as?\b[/.:]?|\bt/a(?=\w{4})|\bt\.a\.|\btrading\s(?:name\s|style\s)?as\b:?|\btrading\sname\b:?"
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
_CARE_OF = re.compile(r"[\s,;:(-]*\bc\s?/\s?o\b[\s.:]*", re.IGNORECASE)
_FORMER = re.compile(
    r"[\s,;:-]*\b(?:formerly|previously)\b(?:\s(?:known\sas|trading\sas|called|named))?"
    r"|[\s,;:-]*\(\s?(?:formally|was|previously|now|originally|f/?k/?a)\s(?:(?:known|trading)\sas\b)?"
    r"|[\s,;:-]+now\sknown\sas\b|[\s,;:-]+formally\s(?:known|trading)\sas\b|\bf/k/a\b",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"\(\s?(?:(?:a\s)?(?:part|subsidiary|member)\sof\b|(?:company|charity|registered|registration|reg)"
    r"\s?(?:company\s|charity\s)?(?:no|number|num|reg)\b|in\s(?:administration|liquidation)\b|an?\s[\w\s&.-]*?\s(?:company|business|brand|firm)\s?\)|cqc\sregistered\b"
    r"|(?:an?\s)?(?:registered\s|uk\s)?charity\s?(?=\))"
    r"|(?:the\s)?lead\s(?:supplier|provider|partner|contractor|bidder|federation|member)\b)[^)]*\)?",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"[\s,;:(-]*\b(?:(?:(?:registered\s)?(?:company|charity|society)|co|crn|reg(?:istration|istered)?)\b\.?\s?"
    r"(?:(?:registration|reg)\b\.?\s?)?(?:(?:no|num|number|in\sengland)\b)?|(?:no|num|number)\b)[.\s:#]*"
    r"(?:SC|NI|OC|RC|CE|IP)?\d{5,8}\b\s?\)?",
    re.IGNORECASE,
)
_AFTER_FORM = re.compile(
    rf"(\b{_FORM_WORDS})\s?(?:\(|[\s,;:]+[:|-]+\s?|[\s,(]*\ba?\s?subsidiary\sof\s|/\s?|,\s|\s?(?=\")|\s(?<!inc\s)(?<!inc\.\s)(?=(?:uk|gb)\W*$)|\s(?=\+?\d\d+\s\d\d))(.*)$",
    re.IGNORECASE,
)
_ANY_FORM = re.compile(rf"\b{_FORM_WORDS}|\bcompany\b|\b&\b.*\b&\b", re.IGNORECASE)
# What a bracket behind the legal form may hold that is no name: a place, a part of the firm, a role.
_NO_ALIAS = re.compile(
    r"(?:uk|u\.k\.?|gb|ni|eu|us|usa|emea|europe|england|scotland|wales|ireland|northern\sireland|united\skingdom"
    r"|(?:north|south|east|west|northern|southern|eastern|western|midlands|central)(?:\s(?:east|west|england))?|london"
    r"|international|group|holdings|lots?\b.*|sme|vcse|ltd|limited|lead|the|primary|secondary|part\sof\b.*|subject\sto\b.*|ref\b.*|.*\d{5}.*|vat\b.*"
    r"|(?:reg|no)\b.*|\W*\d.*"
    r"|(?:main|sub|lead|preferred|framework|successful|reserve)[\s-]?(?:supplier|contractor|provider|bidder).*"
    r"|cqc\b.*|for\s.*|on\s.*|see\s.*|as\s.*|including\b.*|incorporating\b.*|inc\.?\s.*|all\s.*"
    r"|and\s.*|&.*)",
    re.IGNORECASE,
)
_DASHED = re.compile(r"(.+?)\s-\s([\w.]{2,8})")
_PARENTHESES = re.compile(r"[()]")
_BRACKET = re.compile(r"\(\s?([^()]+?)\s?\)")
_PLACE_LETTERS = frozenset({"uk", "gb", "ni", "eu", "us", "ne", "nw", "se", "sw", "usa", "emea", "iom"})
_SMALL_WORDS = frozenset({"of", "and", "the", "for", "in", "to", "at", "on", "a", "de"})
_OTHER_NAME_WORDS = (
    r"(?:t\s?[/.]?\s?as?\b|trading\b|formerly\b|formally\b|previously\b|originally\b|was\b|also\b|known\b|now\b"
    r"|a\.?/?k\.?/?a\b|f/?k/?a\b|d\.?/?b\.?/?a\b|an?\s|(?:is\s)?part\sof\b|(?:member|subsidiary|division)\b"
    r"|on\sbehalf\b|for\sand\b|incorporating\b|company\b|registered\b)"
)
_NOT_ANOTHER = re.compile(_OTHER_NAME_WORDS, re.IGNORECASE)
# Between two legal forms: the second organisation must not be introduced as another name of the first.
_TWO_FORMS = re.compile(
    rf"\b(?:{_MORE_FORM_WORDS}(?:\s?\([^()]*\)|\))?\s?(?:(?:[;,|+&/\\]|-\s|\band\b|\bplus\b|\bwith\b)\s?)+|(?:ltd|plc)\b\.?\s)"
    rf"(?!{_OTHER_NAME_WORDS}|co\b|trustees?\b|\()(\w.*?)\b{_MORE_FORM_WORDS}",
    re.IGNORECASE,
)
# "Vale Ltd (Brook Ltd)": whether the second is the parent, the former name or a partner cannot be told.
_FORM_IN_BRACKET = re.compile(
    rf"\b{_MORE_FORM_WORDS}\s?\(\s?((?:\w[^()]*?\s|\w+\.)\b{_MORE_FORM_WORDS})(?=\W|$)", re.IGNORECASE
)
_TOGETHER = re.compile(
    r"\bconsorti(?:um|a)\s?(?:of|with|between|comprising|consisting|led\sby|made\sup|:)"
    r"|\(\s?(?:(?:a|the|as|in)\s)?consortium\s?\)"
    r"|\bin\s(?:a\s)?(?:consortium|partnership|association|collaboration|conjunction|joint\sventure)\swith\b"
    r"|\bjoint\s(?:venture|bid)\s(?:of|with|between|:)|(?:[/\\&+,]|\s-\s|\band\b).*\b(?:jv|joint\sventure)\W*$"
    r"|\b(?:ltd|limited|plc|llp|cic)\b\.?\s?(?:&|\+|and\b)\s?(?!co\b|company\b|its\b|sons?\b|partners?\b|associates?\b"
    r"|subsid|others?\b|the\s|all\b)\w{3}"
    r"|^\W?1\s?[.):]\s?\S.*\s\W?2\s?[.):]\s?\S",
    re.IGNORECASE,
)
# What is looked for first, because it is quick: without these a name is of one organisation.
_SEVERAL_SIGNS = re.compile(
    r"[;,|+&/\\(-]|\b(?:and|with|plus|behalf|joint|in|[12])\b|\b(?:ltd|plc)\b\.?\s", re.IGNORECASE
)
_SEVERAL_WORDS = (
    "ltd and",
    "ltd &",
    "limited and",
    "limited &",
    "plc and",
    "llp and",
    "cic and",
    "behalf",
    "consorti",
    "venture",
    "jv",
    "with",
    "2.",
    "2)",
    "2:",
)
_FORM_PARTS = (
    "lt",
    "limi",
    "plc",
    "llp",
    "cic",
    "c.",
    "l.",
    "inc",
    "gmbh",
    "cyf",
    "cio",
    "llc",
    "bv",
    ".v",
    "s.",
    "sarl",
    "com",
)
_BEHALF_OF_ALL = re.compile(
    r"(?:(?:the|a|an|its|all|our|other|their)\s)*(?:\w+\s){0,3}?(?:consorti(?:um|a)|members|partners|partnership"
    r"|joint\sventure|jv)\b(?!.*\b(?:ltd|limited|cic|llp|plc)\b)",
    re.IGNORECASE,
)
_NO_SECOND_NAME = re.compile(rf"\W*(?:lots?\b|{_OTHER_NAME_WORDS}|$)", re.IGNORECASE)
_LINES = re.compile(rf"(\b{_MORE_FORM_WORDS})\s*[\r\n]+\s*(?=\S)", re.IGNORECASE)
# Contracts Finder keeps 64 characters of a name: "Limited" may have lost its end.
_CUT_AT = 64
_CUT_FORM = re.compile(r"\s(?:li|lim|limi|limit|limite|lt)$", re.IGNORECASE)
_ENUMERATED = re.compile(r"^\(\d{1,2}\)\s?")
# What is looked for first, because it is quick: nine names in ten have nothing around them.
_MARKED = re.compile(r'[/\\(;"|:,.-]|\d{3}')
_MARKED_SO = re.compile(
    r"[/\\(;\"]|[|:-]\s|\s-|\bt\.a|a\.k\.a|d\.b\.a|\d{5}|\s\d{3,5}\s\d\d|[dmcp]\.?,\s", re.IGNORECASE
)
_SURROUNDED = (
    *("trading", "behalf", "division", "formerly", "previously", "known as", "doing business", "operating as"),
    *(
        " ta ",
        " t a ",
        " aka ",
        " a k a ",
        " dba ",
        " d b a ",
        "subsidiary",
        "name of",
        "style of",
        "branch of",
        "brand of",
    ),
    *("ltd uk", "ltd. uk", "limited uk", "llp uk", "plc uk", "ltd gb", "limited gb"),
)


def parse(name: str) -> Name:
    """Return a supplier's name parted into core name, legal form and trading name, and whether it names anybody.

    A name with any letter or digit keeps a core name that is not empty.
    Where one company trades under another name, or is a division of, or acts on behalf of another, the core name is
    that of the company behind it. Reading a core name again gives the same core name. Never raises.
    """
    text = readable(name)
    if len(name) == _CUT_AT:
        text = _CUT_FORM.sub(" limited", text)
    found = _part(text)
    several = _names_several(text)
    while found.core and _is_surrounded(found.core):
        # What punctuation had hidden ("trading-as") is plain in the core; every round makes it shorter.
        again = _part(found.core)
        if again.core == found.core:
            break
        found = found._replace(
            core=again.core,
            legal_form=found.legal_form or again.legal_form,
            trading_name=found.trading_name or again.trading_name,
            parted=found.parted or again.parted,
            others=(*found.others, *again.others),
        )
    if several or found.others:
        found = found._replace(others=() if several else _distinct(found.others, found.core), several=several)
    kind = None
    if not found.legal_form and not found.trading_name:
        kind = _placeholder_kind(found.core)
    return found if kind is None else found._replace(placeholder=True, placeholder_kind=kind)


def comparable(core: str) -> str:
    """Return the form of a core name under which two names compare equal.

    Spaces are disregarded, and words count as the figures that Companies House takes for the same: "two", "too" and
    "to" as 2, "for" as 4 (https://www.legislation.gov.uk/uksi/2015/17/schedule/3).
    Two companies of one comparable name do not stand in the register at the same time, save by consent within a group.
    """
    return "".join([_FIGURES.get(word, word) for word in core.split()])


def loose(core: str) -> str:
    """Return the form of a core name under which Companies House calls two names the same, with all it disregards.

    Beyond ``comparable``: endings such as "UK", "(GB)", ".co.uk", "and Company" or "Cymru", a last "s", a leading
    "www", and whatever stands beyond 60 characters (https://www.legislation.gov.uk/uksi/2015/17/schedule/3).
    Members of one group hold such names side by side ("Vale Ltd" and "Vale UK Ltd"), so a loose name alone is no
    evidence where both names carry a legal form. Empty only where ``core`` is empty.
    """
    words = core.split()
    if len(words) > 1 and words[0] in ("www", "the"):
        words = words[1:]
    cut = True
    while cut:
        cut = False
        for length in range(min(3, len(words) - 1), 0, -1):
            if " ".join(words[-length:]) in _ENDINGS:
                words, cut = words[:-length], True
                break
    key = comparable(" ".join(words))
    return (key[:-1] if key.endswith("s") and len(key) > 1 else key)[:_COMPARED]


def readable(name: str) -> str:
    """Undo HTML entities (some twice encoded), compatibility characters and odd white space."""
    text = name[:LONGEST_NAME]
    if "\n" in text:
        text = _LINES.sub(r"\1; ", text)
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
    around = _Around(text)
    if text.startswith("("):
        around = _Around(_ENUMERATED.sub("", text) or text)
    if _is_surrounded(around.text):
        around = _around(around.text)
    words, codes, parted = _without_form(_words(around.text))
    if not words:
        words, codes, parted = _without_form(_words(whole))
    form = min(codes, key=lambda code: _forms()[1][code]) if codes else None
    return Name(" ".join(words), form, around.trading, False, parted, None, around.others)


def _is_surrounded(text: str) -> bool:
    """Tell whether anything may stand around the name, so that it is worth a look."""
    if _MARKED.search(text) and _MARKED_SO.search(text):
        return True
    return any(map(text.casefold().__contains__, _SURROUNDED))


def _names_several(text: str) -> bool:
    """Tell whether a text names several organisations: two legal forms with a sign between, a list, a joint venture."""
    if ";" in text:
        front, behind = text.split(";", 1)
        if (
            _words(front)
            and not _ENTITY_LEFT.search(front)
            and _has_letters(behind)
            and not _NO_SECOND_NAME.match(behind)
        ):
            return True
    if not _SEVERAL_SIGNS.search(text):
        return False
    small = text.casefold()
    if not any(word in small for word in _SEVERAL_WORDS) and sum(map(small.count, _FORM_PARTS)) < 2:
        return False
    if (match := _BEHALF.search(text)) and _has_word(text[: match.start()]):
        return bool(_BEHALF_OF_ALL.match(text[match.end() :]))
    if any(_has_word(match[1]) and _has_word(text[: match.start()]) for match in _TWO_FORMS.finditer(text)):
        return True
    if (match := _FORM_IN_BRACKET.search(text)) and _has_word(text[: match.start()]):
        inner = _bare(match[1])
        return not _NOT_ANOTHER.match(inner) and not _stands_for(inner, text[: match.start()])
    return bool((match := _TOGETHER.search(text)) and (match.start() == 0 or _has_word(text[: match.start()])))


def _around(text: str) -> _Around:
    """Set aside what stands around the name: other names, former names, notes."""
    others: list[str] = []
    trading: str | None = None
    if match := _BEHALF.search(text):
        front, behind = _bare(text[: match.start()]), _bare(text[match.end() :])
        text = front if not _has_word(behind) or (_has_word(front) and _BEHALF_OF_ALL.match(behind)) else behind
    if match := _CARE_OF.search(text):
        front, behind = _bare(text[: match.start()]), _bare(text[match.end() :])
        text = front if _has_word(front) else behind
    text = _NUMBERED.sub(" ", _NOTE.sub(" ", text))
    if match := _DIVISION.search(text):
        front, behind = _bare(text[: match.start()]), _bare(text[match.end() :])
        if _has_word(behind):
            named = front if _has_word(front) else None
            return _Around(behind, named, (named,) if named else ())
    if (match := _FORMER.search(text)) and _has_word(text[: match.start()]):
        front, behind = text[: match.start()], text[match.end() :]
        rest = ""
        if "(" in match[0] or front.rstrip().endswith("("):
            # What follows the closing bracket belongs to the name: "Vale (formerly Brook) Ltd".
            behind, _, rest = behind.partition(")")
        others.append(_bare(_TRADING.split(behind, maxsplit=1)[0]))
        text = front.rstrip().removesuffix("(") + " " + rest
    if match := _TRADING.search(text):
        front, behind = _bare(text[: match.start()]), _bare(text[match.end() :])
        if _has_word(front):
            # "Foo t/a Ltd": what is only a legal form is no trading name.
            text, trading = front, behind if _has_word(behind) and " ".join(_words(behind)) not in _forms()[0] else None
            if trading:
                others.insert(0, trading)
        else:
            text = behind
    if "(" in text or "- " in text:
        text, stated = _without_acronym(text)
        others.extend(stated)
    if (match := _AFTER_FORM.search(text)) and _has_word(text[: match.start()]) and not _ANY_FORM.search(match[2]):
        sign = text[match.end(1) : match.start(2)].strip()
        if sign in ("(", "/") or match[2].startswith('"'):
            others.append(_bare(_PARENTHESES.split(match[2])[0] if sign == "(" else match[2]))
        text = text[: match.end(1)]
    return _Around(text, trading, tuple(others))


def _without_acronym(text: str) -> tuple[str, list[str]]:
    """Set aside an acronym in brackets, or behind a dash, after the words it stands for, or words in brackets.

    Where more follows the bracket, the text is the registered name as it stands; its two halves are other names.
    """
    for match in _BRACKET.finditer(text):
        front, inner, rest = _bare(text[: match.start()]), match[1], text[match.end() :]
        if _stands_for(inner, front):
            long, short = front, inner
        elif _stands_for(front, inner):
            long, short = inner, front
        else:
            continue
        if not _has_word(rest):
            return long, [short]
        if " ".join(_words(rest)) in _forms()[0]:
            return text, [f"{long} {_bare(rest)}", short]
    if (dashed := _DASHED.fullmatch(text)) and _stands_for(dashed[2], dashed[1]):
        return dashed[1], [dashed[2]]
    return text, []


def _stands_for(short: str, long: str) -> bool:
    """Tell whether a short text is made of the first letters of the words of a long one, or says the same words."""
    bare = _without_form(_words(long))[0]
    words = _without_form(_words(short))[0]
    if words == bare:
        return True
    letters = "".join(words)
    if not 2 <= len(letters) <= 8 or len(words) > 2 or not letters.isalpha() or letters in _PLACE_LETTERS:
        return False
    for plain in (bare, _words(long), _words(long.replace("-", ""))):
        initials = "".join(word[0] for word in plain)
        telling = "".join(word[0] for word in plain if word not in _SMALL_WORDS)
        if len(plain) > 1 and letters in (initials, telling, telling + "l"):
            return True
        if len(letters) > 2 and (initials.startswith(letters) or telling.startswith(letters)):
            return True
    return False


def _distinct(others: tuple[str, ...], core: str) -> tuple[str, ...]:
    """Keep the other names that are names: no place, no role, no placeholder, and not the name itself."""
    kept: dict[str, str] = {}
    for other in others:
        key = " ".join(_without_form(_words(other))[0])
        if key and key != core and key not in kept and not _NO_ALIAS.fullmatch(other) and not _placeholder_kind(key):
            kept[key] = other
    return tuple(kept.values())


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


def _has_letters(text: str) -> bool:
    return sum(letter.isalpha() for letter in text[:200]) > 1


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
    if _SPOKEN_SIGNS.search(plain) and _has_word(plain):
        plain = plain.translate(_SPOKEN)
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
    for row in facts("legal_forms.csv").iter_rows(named=True):
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
    rows = facts("placeholder_names.csv").iter_rows(named=True)
    return re.compile("|".join(f"(?P<{row['kind']}{number}>{row['pattern']})" for number, row in enumerate(rows)))

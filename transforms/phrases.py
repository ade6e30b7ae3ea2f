"""Find the phrases in notices that tell how something is bought, as lists for people to read.

Families: ``social_value``, ``alliance``, ``innovation_partnership``, ``consortium`` (suppliers that bid or deliver
together), ``co_design``, ``reserved`` (for a kind or a place of supplier) and ``grant`` (the notice gives a grant, or
has grants given).
The rules are data: ``phrases.csv`` holds for each family its stems (what a text must hold to be read at all), its other
senses (names of bodies, rights reserved, films produced together), its phrases, and weak phrases that count only in a
text without another sense.
How often they are right is measured on real notices: see ``docs/phrases.md``. Until that is known for a family, its
matches are a list and no share.

Only title, description, procedure, award criteria and lots are read, never the documents beside a notice: what a notice
does not say may still be asked for.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

import polars as pl

from transforms.reference import facts

REACH = 100
"""A rule reads so many characters before and after its stem."""

LONGEST_EXCERPT = 200
"""An excerpt has at most so many characters, the phrase among them."""

Text = tuple[int, str, str | None, str]
"""A text as published: number of its document, what it is (such as title), the lot that it is of, and the words."""

FOUND = {
    "document": pl.UInt32(), "rule_id": pl.String(), "rule_version": pl.Int64(), "family": pl.String(),
    "phrase": pl.String(), "excerpt": pl.String(), "field": pl.String(), "lot_id": pl.String(),
}  # fmt: skip
"""The columns of what is found."""


class Wording(NamedTuple):
    """What a rule reads: a pattern for texts in small letters, and one for texts as written where capitals count."""

    small: re.Pattern[str] | None
    written: re.Pattern[str] | None


class Rule(NamedTuple):
    """One phrase: its id, version, wording, and whether another sense anywhere in the text rules it out."""

    rule_id: str
    version: int
    wording: Wording
    is_weak: bool


class Family(NamedTuple):
    """What is looked for under one heading; ``hint`` is what polars reads, the others are Python's."""

    name: str
    hint: str
    stem: re.Pattern[str]
    other_sense: Wording
    rules: tuple[Rule, ...]


class Match(NamedTuple):
    """A phrase found in a text: by which rule, as written, and with the words around it."""

    rule_id: str
    rule_version: int
    family: str
    phrase: str
    excerpt: str


@cache
def families() -> tuple[Family, ...]:
    """Return the rules of ``phrases.csv``, family by family."""
    found = []
    rows = facts("phrases.csv")
    for (name,), own in rows.group_by("family", maintain_order=True):
        by_role = {role: part.rows(named=True) for (role,), part in own.group_by("role", maintain_order=True)}
        other = _wording([row["pattern"] for row in by_role["other_sense"]])
        rules = tuple(
            Rule(row["rule_id"], int(row["version"]), _wording([row["pattern"]]), row["role"] == "weak")
            for row in own.filter(pl.col("role").is_in(["phrase", "weak"])).rows(named=True)
        )
        stem = re.compile("|".join(row["pattern"] for row in by_role["stem"]))
        hint = "(?i)" + "|".join(row["pattern"] for row in by_role["hint"])
        found.append(Family(str(name), hint, stem, other, rules))
    return tuple(found)


_CAPITALS_COUNT = "(?-i:"


def _wording(patterns: Sequence[str]) -> Wording:
    """Compile patterns: those in which no capital counts are read in small letters, in a third of the time."""
    small = "|".join(pattern for pattern in patterns if _CAPITALS_COUNT not in pattern)
    written = "|".join(pattern for pattern in patterns if _CAPITALS_COUNT in pattern)
    return Wording(re.compile(small) if small else None, re.compile(written, re.IGNORECASE) if written else None)


@cache
def likely() -> str:
    """Return one pattern, as polars reads it, that every text with a phrase holds as it was published."""
    return "(?i)" + "|".join(facts("phrases.csv").filter(pl.col("role") == "hint")["pattern"])


def find(texts: Sequence[Text]) -> pl.DataFrame:
    """Find the phrases of some texts: the first place of each rule in each document.

    Args:
        texts: the texts, those of a document in the order in which they are to be searched.

    Returns:
        Rows with the columns of ``FOUND``, in the order of the texts and of the rules.
    """
    told: dict[tuple[int, str], tuple[Any, ...]] = {}
    words = pl.Series([text[-1] for text in texts], dtype=pl.String)
    # One plain search passes over nearly every text; few of the others hold more than one family.
    places = words.str.contains(likely()).arg_true()
    words = words[places]
    held = [words.str.contains(family.hint).to_list() for family in families()]
    for place, text, *hints in zip(places, words, *held, strict=True):
        document, field, lot_id, _ = texts[place]
        for match in matches(text, [family for family, is_held in zip(families(), hints, strict=True) if is_held]):
            told.setdefault((document, match.rule_id), (document, *match, field, lot_id))
    return pl.DataFrame(list(told.values()), schema=FOUND, orient="row")


def matches(text: str, wanted: Iterable[Family] | None = None) -> list[Match]:
    """Return the phrases of one text: the first of each rule.

    A word in another sense is passed over, and the next one is looked at.

    Args:
        text: the text as published.
        wanted: the families to look for; all when left out.
    """
    plain = _plain(text)
    small = plain.lower()
    found: list[Match] = []
    for family in families() if wanted is None else wanted:
        waiting = list(family.rules)
        for stem in family.stem.finditer(small):
            near = slice(max(0, stem.start() - REACH), stem.end() + REACH)
            around = plain[near], small[near], stem.start() - near.start
            told = [(rule, span) for rule in waiting if (span := _covering(rule.wording, *around))]
            if not told or _covering(family.other_sense, *around):
                continue
            for rule, (first, last) in told:
                if rule.is_weak and _says(family.other_sense, plain, small):
                    continue
                waiting.remove(rule)
                where = near.start + first, near.start + last
                phrase = plain[slice(*where)].strip()
                found.append(Match(rule.rule_id, rule.version, family.name, phrase, _excerpt(plain, *where)))
            if not waiting:
                break
    return found


def _covering(wording: Wording, written: str, small: str, at: int) -> tuple[int, int] | None:
    """Return where the first match of a wording stands in which a place of the text lies."""
    for pattern, text in ((wording.small, small), (wording.written, written)):
        if pattern is not None:
            for found in pattern.finditer(text):
                if found.end() > at:
                    if found.start() <= at:
                        return found.span()
                    break
    return None


def _says(wording: Wording, written: str, small: str) -> bool:
    """Tell whether a wording stands anywhere in a text."""
    return bool(
        (wording.small and wording.small.search(small)) or (wording.written and wording.written.search(written))
    )


_PLAINER = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    **dict.fromkeys("\u2018\u2019\u02bc", "'"),
    "\u0130": "I",  # the one letter that is not as long in small
}


def _plain(text: str) -> str:
    """Return a text in one line: single spaces, plain hyphens, nothing that a screen does not show."""
    line = " ".join(text.split())
    if not line.isascii():
        # One plain search for each: a pattern of them all looks at every sign, and takes ten times as long.
        for sign, plainer in _PLAINER.items():
            line = line.replace(sign, plainer)
    if line.isprintable():
        return line
    return "".join(sign for sign in line if sign == " " or unicodedata.category(sign)[0] not in "CZ")


def _excerpt(text: str, start: int, end: int) -> str:
    """Return the words around a phrase, cut between words, with an ellipsis where something is left out."""
    end = min(end, start + LONGEST_EXCERPT - 2)
    spare = LONGEST_EXCERPT - 2 - (end - start)
    first = max(0, start - spare // 2)
    last = min(len(text), end + spare - (start - first))
    if first > 0:
        first = next((place + 1 for place in range(first, start) if text[place] == " "), start)
    if last < len(text):
        last = next((place for place in range(last, end, -1) if text[place : place + 1] == " "), end)
    return f"{'…' if first > 0 else ''}{text[first:last].strip()}{'…' if last < len(text) else ''}"

"""Measure how often the phrases found in real notices are what their family says, by labels that a person gave.

    make evaluate
    .venv/bin/python bench/phrases.py --list       what is found, passed over and not labelled yet

The texts are those of the real notices beside the checkout.
What the rules find is judged by reading the words around it; so is every other place where a word of the family stands
(``WORDS``), to see what the rules miss.
``labels/phrases.csv`` holds the judgements, each under a hash of the rule and of the words, which are not in it.
The intervals are Wilson's, of 95 in 100: https://doi.org/10.1080/01621459.1927.10502953.
"""

import argparse
import csv
import gzip
import hashlib
import json
import math
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from transforms import phrases, releases

LABELS = Path(__file__).parent / "labels" / "phrases.csv"
SHARED = Path(__file__).parents[2] / "shared" / "data"
EXPORT = "contracts_finder/web_export_awarded_2020-09.csv.gz"
FILES = (
    "contracts_finder/package_2022-10-19_limit5.json.gz",
    "contracts_finder/package_2022-10-22.json.gz",
    "contracts_finder/releases_2025-03-11_backslashes_lost.jsonl.gz",
    "find_a_tender/releases.jsonl.gz",
)
MARK_BEGIN, MARK_END = "<!-- measured: begin -->", "<!-- measured: end -->"

WORDS = {
    "social_value": r"social\W{1,3}(?:value|impact|benefit)|community benefit",
    "alliance": r"allianc",
    "innovation_partnership": r"innovat\w+\W{1,3}partner",
    "consortium": r"consorti",
    "co_design": r"\bco\W{0,2}(?:design|produc|creat)",
    "reserved": r"reserv|restricted to|ring\W?fence|only open to|open only to",
    "grant": r"\bgrant",
}
"""Where a person looks for what the rules miss: every place that holds such a word, in any case."""

PASSED_OVER = "none"
"""In the place of a rule: a word of the family stands there, and no rule finds a phrase."""


class Place(NamedTuple):
    """A phrase that was found, or a word that was passed over, with the words around it."""

    key: str
    family: str
    rule: str
    words: str


def texts(shared: Path) -> Iterator[str]:
    """Yield the texts of real notices that the night reads, and those of the web site's export."""
    for name in FILES:
        raw = gzip.decompress((shared / name).read_bytes())
        lines = raw.splitlines() if name.endswith("jsonl.gz") else map(_packed, json.loads(raw)["releases"])
        for line in lines:
            rows = releases.no_rows()
            rows.documents.append(())
            releases.tell_texts(rows, releases.decode(line)[0].tender or releases.Tender())
            yield from (words for *_, words in rows.texts)
    with gzip.open(shared / EXPORT, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield from filter(None, (row["Title"], row["Description"], row["Additional Text"]))


def _packed(release: object) -> bytes:
    return json.dumps(release).encode()


def places(told: Iterable[str]) -> list[Place]:
    """Return what the rules find in some texts, and the words that they pass over, each once."""
    found: dict[str, Place] = {}
    for text in told:
        matched = phrases.matches(text)
        for match in matched:
            place = _place(match.family, match.rule_id, match.excerpt)
            found.setdefault(place.key, place)
        line = " ".join(text.split())
        for family, pattern in WORDS.items():
            if any(match.family == family for match in matched):
                continue
            for word in re.finditer(pattern, line, re.IGNORECASE):
                place = _place(family, PASSED_OVER, line[max(0, word.start() - 80) : word.end() + 80])
                found.setdefault(place.key, place)
    return list(found.values())


def _place(family: str, rule: str, words: str) -> Place:
    letters = "".join(sign for sign in words.casefold() if sign.isalnum())
    return Place(hashlib.sha256(f"{family}|{rule}|{letters}".encode()).hexdigest()[:16], family, rule, words)


def labels(path: Path) -> dict[str, bool]:
    """Return of each labelled place whether the words tell of what the family says."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return {row["key"]: row["tells"] == "yes" for row in rows}


def wilson(part: int, whole: int) -> str:
    """Return a share with its interval, as a cell."""
    if not whole:
        return "not known"
    z = 1.959964
    share = part / whole
    middle = (share + z * z / (2 * whole)) / (1 + z * z / whole)
    reach = z * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole)) / (1 + z * z / whole)
    return f"{share:.2f} [{max(0.0, middle - reach):.2f}–{min(1.0, middle + reach):.2f}]"


def table(found: Iterable[Place], told: dict[str, bool]) -> Iterator[str]:
    """Yield the table as lines of Markdown."""
    counts: Counter[tuple[str, bool, bool | None]] = Counter(
        (place.family, place.rule != PASSED_OVER, told.get(place.key)) for place in found
    )
    yield "| family | found | of these right | precision | passed over | of these missed | recall |"
    yield "|---|---|---|---|---|---|---|"
    for family in WORDS:
        right, wrong = counts[family, True, True], counts[family, True, False]
        missed, rightly = counts[family, False, True], counts[family, False, False]
        precision, recall = wilson(right, right + wrong), wilson(right, right + missed)
        yield f"| {family} | {right + wrong} | {right} | {precision} | {missed + rightly} | {missed} | {recall} |"
    right, wrong = (sum(counts[family, True, tells] for family in WORDS) for tells in (True, False))
    missed, rightly = (sum(counts[family, False, tells] for family in WORDS) for tells in (True, False))
    precision, recall = wilson(right, right + wrong), wilson(right, right + missed)
    yield f"| all | {right + wrong} | {right} | {precision} | {missed + rightly} | {missed} | {recall} |"


def main() -> None:
    """Print the table, and write it into a page between two marks where ``--into`` names one."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--shared", type=Path, default=SHARED, help="the folder of real notices")
    parser.add_argument("--list", action="store_true", help="print every place with its key, label and words")
    parser.add_argument("--into", type=Path, help="a page of Markdown to write the table into")
    chosen = parser.parse_args()
    if not (chosen.shared / EXPORT).is_file():
        raise SystemExit(f"phrases: there are no notices in {chosen.shared}; say where they are with --shared")
    found, told = places(texts(chosen.shared)), labels(LABELS)
    if chosen.list:
        for place in found:
            sys.stdout.write(f"{place.key} {told.get(place.key)} {place.family} {place.rule} | {place.words}\n")
    unknown = [place for place in found if place.key not in told]
    lines = list(table(found, told))
    sys.stdout.write("\n".join(lines) + f"\n{len(unknown)} places without a label\n")
    if chosen.into:
        if unknown:
            raise SystemExit(f"phrases: {len(unknown)} places have no label; look at them with --list, then add them")
        page = chosen.into.read_text(encoding="utf-8")
        before, _, rest = page.partition(MARK_BEGIN)
        _, _, after = rest.partition(MARK_END)
        body = "\n".join(lines)
        chosen.into.write_text(f"{before}{MARK_BEGIN}\n{body}\n{MARK_END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()

"""Made-up Find a Tender releases for the demo, the tests and the benchmark.

Buyers and suppliers are those of `extractors.made_up`, so that the same invented council is told by both services.
Real are only the codes that the pipeline resolves against (CPV, postcode sectors, ITL regions) and the words of the
procedures.
Party numbers are drawn; every title ends in `made_up.MARK`, and every ocid is far above those given out so far.

Key order and value formats are those of real releases of 2021, 2025 and 2026, and so are the field's oddities: money in
awards of UK6 and in contracts of UK7, gross amounts alone, dirhams by mistake, one penny, ``1e9999``, an empty
``buyerID``, delivery addresses as an object, descriptions that are null, releases without an id or a buyer.
Shapes that no real release was at hand for (UK8, UK9, UK13, UK14, UK16, UK17) follow the extension of the standard:
https://github.com/cabinetoffice/ocds_uk_extension

A procurement is a story told by several notices under one ocid: announced, tendered, awarded, signed, changed, ended.
What follows is drawn from a few hundred stories kept in hand, each once its time has come, or belongs to one that began
before the first day, as much of what is published does.

The same arguments give the same bytes on every machine; memory does not grow with the number of releases.

    python -m extractors.made_up_find_a_tender --count 3000 --first 2026-09-01 --days 30 --out notices.jsonl.gz
"""

import json
import math
import re
from bisect import bisect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache
from itertools import accumulate
from random import Random
from typing import Any, NamedTuple
from zlib import crc32

import msgspec

from extractors import made_up
from extractors.made_up import AREAS, MARK, Buyer, Desk, Subject, Supplier, day_end, day_start, pick

_packed = msgspec.json.Encoder().encode

NOTICE_URL = "https://www.find-tender.service.gov.uk/Notice/"

# Shares. Those of notice types, currencies, identifiers and empty buyer ids were counted in 1,735 releases of four days
# of September 2026 or in 23 releases looked at by hand; the others are judged from these, for want of a count.
TWINS = 0.04  # of awards under the old rules, when made beside Contracts Finder's releases
BEFORE = 0.25  # of follow-ups: the story began before the first day
EMPTY_BUYER_ID = 0.3  # of releases under the Act
DIRHAMS, DOLLARS = 0.01, 0.001  # of stories
GROSS_ONLY, ZERO_GROSS, PENNY, PLACEHOLDER = 0.012, 0.006, 0.006, 0.003  # of awards
MEGA = 0.012  # of stories that are no framework
FRAMEWORKS, OPEN_FRAMEWORKS, PURCHASING_SYSTEMS = 0.09, 0.02, 0.01  # of new stories under the Act
CALL_OFFS = 0.18  # of awards that were not told before
ABOVE_THRESHOLD = 0.46  # of stories under the Act
SEVERAL_LOTS = 0.22  # of stories
SEVERAL_AWARDS = 0.5  # of awards of procurements in lots
NULL_DESCRIPTION = 0.45  # of lots under the Act
ODDITY_EVERY = 173  # one release in so many carries hostile text
NO_ID_EVERY = 601  # one release in so many has no id of its own
INVALID_EVERY = 701  # one release in so many is no JSON, where asked for

RECENT = 400
"""How many stories of each kind are kept to be continued: this bounds the memory."""

WORDINESS = 2.8
"""How much buyers write, which sets the mean size of a release."""

# Stands for "no limit" until the line is written: msgspec cannot write a number beyond all floats.
_ENDLESS = 8_888_888_888_888_888
_FIRST_OCID, _OCIDS = 0x200000, 0xDFFFFF

_ACT = {"id": "2023/54", "scheme": "UKPGA", "uri": "https://www.legislation.gov.uk/ukpga/2023/54/contents"}
_CLASSIC, _UTILITIES, _CONCESSIONS = "32014L0024", "32014L0025", "32014L0023"

# ITL 2021: first level by region, third level for authorities that lie in one unit known for certain.
_REGION_CODES = {
    "North East": "UKC", "North West": "UKD", "Yorkshire and the Humber": "UKE", "East Midlands": "UKF",
    "West Midlands": "UKG", "East of England": "UKH", "London": "UKI", "South East": "UKJ", "South West": "UKK",
    "Wales": "UKL", "Scotland": "UKM", "Northern Ireland": "UKN",
}  # fmt: skip
_UNITS = {
    "BIR": "UKG31", "BNH": "UKJ21", "BRD": "UKE41", "BST": "UKK11", "CMD": "UKI31", "CON": "UKK30", "COV": "UKG33",
    "DER": "UKF11", "DUR": "UKC14", "HRT": "UKH23", "KHL": "UKE11", "LCE": "UKF21", "LDS": "UKE42", "LIV": "UKD72",
    "LUT": "UKH21", "MAN": "UKD33", "MIK": "UKJ12", "NGM": "UKF14", "PLY": "UKK41", "PTE": "UKH11", "RDG": "UKJ11",
    "SND": "UKC23", "WIL": "UKK15", "WNT": "UKF24", "YOR": "UKE21",
}  # fmt: skip


class Pair(NamedTuple):
    """One award told on both services."""

    contracts_finder_ocid: str
    contracts_finder_award: str
    find_a_tender_ocid: str
    find_a_tender_award: str


class Twins(NamedTuple):
    """Releases of both services, and which awards in them are the same."""

    contracts_finder: list[bytes]
    find_a_tender: list[bytes]
    pairs: list[Pair]


class _Notice(NamedTuple):
    id: str
    stamp: str
    today: int


class _Winner(NamedTuple):
    party_id: str
    name: str
    supplier: Supplier
    identifier: dict[str, str] | None
    further: dict[str, str] | None
    details: tuple[tuple[str, Any], ...]


class _Lot(NamedTuple):
    id: str
    title: str
    description: str
    net: float
    criteria: tuple[tuple[str, str, str, int], ...]
    is_for_sme: bool
    is_for_vcse: bool


@dataclass(slots=True)
class _Award:
    id: str
    lots: tuple[str, ...]
    winners: tuple[_Winner, ...]
    net: float
    oddity: str
    decided: int
    start: int
    end: int
    latest: int
    contract: str = "1"


@dataclass(slots=True)
class _Story:
    """One procurement: what all its notices agree on, and what was decided so far."""

    ocid: str
    buyer: Buyer
    buyer_name: str
    officer: int
    reference: str
    title: str
    description: str
    subject: Subject
    kind: str  # contract, call_off, framework, open_framework, purchasing_system, market, concession
    method: str | None
    details: str
    is_above: bool
    special: tuple[str, ...]
    vat: float
    currency: str
    zulu: bool  # writes midnights as Z in summer too
    net: float
    lots: tuple[_Lot, ...]
    start: int
    end: int
    latest: int
    closes: int = 0
    ready: int = 0
    parent: tuple[str, str] = ("", "")
    awards: list[_Award] = field(default_factory=list)
    told: int = 0


@dataclass
class _Office:
    """What the making of one set keeps in hand: random numbers, counters and the stories that may go on."""

    desk: Desk
    seed: int
    shelves: dict[str, list[_Story]]
    frameworks: list[tuple[str, str, Subject, tuple[_Winner, ...]]] = field(default_factory=list)
    procurements: int = 0
    parties: int = 190_000
    beside: "_Beside | None" = None


def releases(
    count: int, first: date, days: int, seed: int = 1, *, beside: int = 0, twins: float = TWINS
) -> Iterator[dict[str, Any]]:
    """Make up releases in the order of their publication.

    Args:
        count: how many.
        first: the first London calendar day of publication.
        days: how many days they spread over, most of them on weekdays.
        seed: another seed tells another story about the same buyers and suppliers.
        beside: how many Contracts Finder releases `made_up` makes for the same days and seed; 0 for none.
        twins: share of the awards under the old rules that tell one of these again.

    Yields:
        One release each, as Find a Tender would serve it; the caller may change it.
        "No limit" is infinity, as Python reads ``1e9999``.

    Raises:
        ValueError: when count is negative or days is not positive.
    """
    for release in _made(count, first, days, seed, beside, twins):
        details = release["tender"].get("lotDetails", {})
        for key in [key for key, number in details.items() if number == _ENDLESS]:
            details[key] = math.inf
        yield release


def lines(
    count: int,
    first: date,
    days: int,
    seed: int = 1,
    *,
    beside: int = 0,
    twins: float = TWINS,
    has_invalid: bool = False,
) -> Iterator[bytes]:
    r"""Make up the same releases as compact JSON, one a line, each with its ``\n``; arguments as for `releases`.

    With has_invalid one line in `INVALID_EVERY` holds a number written ``000``, which is no JSON.
    """
    for number, release in enumerate(_made(count, first, days, seed, beside, twins), 1):
        endless = b":1e9999"
        if has_invalid and number % INVALID_EVERY == 0:
            release["tender"]["lotDetails"] = {
                "maximumLotsBidPerSupplier": _ENDLESS,
                "maximumLotsAwardedPerSupplier": 1,
            }
            endless = b": 000"
        try:
            line = _packed(release)
        except UnicodeEncodeError:  # a lone surrogate, which only an escape can carry
            line = json.dumps(release, separators=(",", ":")).encode()
        if "lotDetails" in release["tender"]:
            line = line.replace(b":%d" % _ENDLESS, endless)
        yield line + b"\n"


def twins(count: int, first: date, days: int, seed: int = 1) -> Twins:
    """Make up awards that are told on Contracts Finder, and on Find a Tender with other ids.

    Args:
        count: how many releases on each service.
        first: the first day of publication on Contracts Finder.
        days: how many days they spread over; Find a Tender tells them up to 20 days later.
        seed: as for `releases`.

    Returns:
        The lines of each service, and the pairs that are the same award.
        One release in three on Find a Tender is a near miss: what the same buyer awarded for the like the year
        before, or another lot of it, to another supplier or for another amount.
    """
    office = _opened(count, seed)
    r = office.desk.rng.random
    found = [release for release in made_up.releases(count * 4 + 60, first, days, seed) if _is_fit(release)][:count]
    if len(found) < count:
        raise ValueError(f"Only {len(found)} of {count} awards can be told twice: ask for fewer, or another seed.")
    # Sorted by day, then as on Contracts Finder, so that the numbers count up with publication.
    days_later = sorted((_ordinal(release["date"]) + int(r() * 20), i) for i, release in enumerate(found))
    told, pairs = [], []
    numbers: dict[int, int] = {}
    for order, (today, i) in enumerate(days_later):
        seconds = 30_000 + order * 30_000 // count
        notice = _Notice(_notice_id(numbers, today), f"{day_start(today)[:11]}{_clock(seconds)}", today)
        notice = notice._replace(stamp=notice.stamp + day_end(today)[19:])
        is_same = i % 3 != 2
        release = _retold(office, notice, found[i], is_same)
        told.append(_packed(release) + b"\n")
        if is_same:
            award = found[i]["awards"][0]["id"]
            pairs.append(Pair(found[i]["ocid"], award, release["ocid"], release["awards"][0]["id"]))
    return Twins([_packed(release) + b"\n" for release in found], told, pairs)


def _made(count: int, first: date, days: int, seed: int, beside: int, twins: float) -> Iterator[dict[str, Any]]:
    if count < 0 or days < 1:
        raise ValueError(f"Cannot make {count} releases over {days} days: ask for at least 0 over at least 1 day.")
    office = _opened(count, seed)
    if beside:
        office.beside = _Beside(made_up.releases(beside, first, days, seed), twins)
    numbers: dict[int, int] = {}
    r, last = office.desk.rng.random, _WEIGHTS[-1]
    for day, stamp in made_up.stamps(office.desk.rng, count, first, days):
        desk = office.desk
        desk.number += 1
        desk.today = day
        notice = _Notice(_notice_id(numbers, day.toordinal()), stamp, day.toordinal())
        release = _KINDS[bisect(_WEIGHTS, r() * last)][1](office, notice)
        if desk.number % ODDITY_EVERY == 0:
            _spoil(release, desk.number // ODDITY_EVERY)
        if desk.number % NO_ID_EVERY == 0 and release["tender"]["legalBasis"]["scheme"] == "UKPGA":
            del release["id"]
        yield release


def _opened(count: int, seed: int) -> _Office:
    rng = Random(seed * 1_000_033 + 29)  # noqa: S311 - must repeat, no secret
    shelves: dict[str, list[_Story]] = {name: [] for name in _SHELVES}
    return _Office(Desk(rng, max(4, min(120, count // 1600))), seed, shelves)


_SHELVES = ("planned", "open", "decided", "signed", "markets", "old_open", "old_signed", "intended")


def _notice_id(numbers: dict[int, int], today: int) -> str:
    """Give the next number of the year: in the first year as if some 339 notices a day had gone before."""
    day = date.fromordinal(today)
    year = day.year
    if year not in numbers:
        numbers[year] = 339 * (day.timetuple().tm_yday - 1) if not numbers else 0
    numbers[year] += 1
    return f"{numbers[year]:06}-{year}"


def _ocid(office: _Office) -> str:
    office.procurements += 1
    return f"ocds-h6vhtk-{_FIRST_OCID + (office.seed * 742_231 + office.procurements) % _OCIDS:06x}"


def _clock(second: int) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"


def _ordinal(stamp: str) -> int:
    return date.fromisoformat(stamp[:10]).toordinal()


# Stories


def _take(office: _Office, shelf: str, today: int) -> _Story | None:
    """Take a story whose time has come; none now and then, so that some follow-ups belong to what began earlier."""
    kept, r = office.shelves[shelf], office.desk.rng.random
    if not kept or r() < BEFORE:
        return None
    for _ in range(4):
        index = int(r() * len(kept))
        if kept[index].ready <= today:
            kept[index], kept[-1] = kept[-1], kept[index]
            return kept.pop()
    return None


def _keep(office: _Office, shelf: str, story: _Story, ready: int) -> None:
    """Keep a story to be continued from a day on, unless enough are kept: then it ends here."""
    if len(office.shelves[shelf]) < RECENT:
        story.ready = ready
        office.shelves[shelf].append(story)


@cache
def _sentences() -> tuple[str, ...]:
    """Make up the sentences that texts are put together from: making each anew would take most of the time."""
    rng = Random(41)  # noqa: S311 - the same sentences every time, no secret
    endings = (" ",) * 9 + ("\n", "\n\n", "\n- ")
    return tuple(made_up.sentence(rng.random) + endings[int(rng.random() * 12)] for _ in range(16_000))


def _text(r: Callable[[], float], count: int) -> str:
    """Put sentences together, more of them where several are asked for; about 95 characters each."""
    pool = _sentences()
    size = count if count == 1 else int(count * WORDINESS)
    return "".join([pool[int(r() * 16_000)] for _ in range(size)]).rstrip("\n- ")


def _net(office: _Office, kind: str) -> float:
    r, rng = office.desk.rng.random, office.desk.rng
    if kind in ("framework", "open_framework", "purchasing_system", "market"):
        # Ceilings: most from £1m to £300m, a fifth from £50m to £30bn.
        size = 10 ** (7.7 + 2.78 * r() ** 1.5) if r() < 0.2 else rng.lognormvariate(16, 1.4)
        return int(size / 100_000 + 1) * 100_000
    if kind == "contract" and r() < MEGA:
        return int(100 + 900 * r() ** 2) * 1_000_000 if r() < 0.85 else int(1_000 + 3_000 * r()) * 1_000_000
    size = min(rng.lognormvariate(12.1, 1.75), 9e7)
    if r() < 0.3:
        return round(size, 2)
    step = 1000 if size > 50_000 else 100
    return int(size / step) * step or 500


_PROCEDURES: tuple[tuple[str | None, str, float, bool], ...] = (
    ("open", "Open procedure", 22, True),
    ("open", "Competitive flexible procedure", 10, True),
    ("selective", "Competitive flexible procedure", 6, True),
    ("direct", "Direct award", 8, True),
    ("open", "Below threshold - open competition", 26, False),
    ("limited", "Below threshold - limited competition", 13, False),
    ("direct", "Below threshold - without competition", 9, False),
    (None, "Below threshold - unknown", 6, False),
)
_ABOVE = tuple(row for row in _PROCEDURES if row[3])
_BELOW = tuple(row for row in _PROCEDURES if not row[3])
_ABOVE_WEIGHTS = tuple(accumulate(row[2] for row in _ABOVE))
_BELOW_WEIGHTS = tuple(accumulate(row[2] for row in _BELOW))
_CRITERIA = (
    "Quality", "Technical", "Method statements", "Delivery and mobilisation", "Service model", "Safeguarding",
    "Sustainability", "Innovation", "Partnership working",
)  # fmt: skip
_SPECIAL = ("lightTouch",) * 22 + ("utilities", "utilities", "concession", "defence")


def _begin(office: _Office, today: int, kind: str = "") -> _Story:
    """Begin a procurement under the Act, or one under the old rules where kind begins with old."""
    desk = office.desk
    r = desk.rng.random
    buyer = made_up.choose_buyer(desk)
    subject = made_up.SUBJECTS[int(r() ** 1.1 * len(made_up.SUBJECTS))]
    is_old = kind.startswith("old")
    u = r()
    if not kind or kind == "old":
        kind = (
            "framework"
            if u < FRAMEWORKS
            else "contract"
            if is_old
            else "open_framework"
            if u < FRAMEWORKS + OPEN_FRAMEWORKS
            else "purchasing_system"
            if u < FRAMEWORKS + OPEN_FRAMEWORKS + PURCHASING_SYSTEMS
            else "contract"
        )
    is_framework = kind in ("framework", "open_framework")
    topic = pick(r, subject.topics)
    title = made_up.procurement_title(r, topic, "framework" if is_framework else "award")
    if kind == "market":
        title = f"Dynamic market for {topic}"
    elif kind == "call_off":
        title += f" - Call-Off Contract {1 + int(r() * 9)}"
    is_above = is_framework or kind in ("market", "purchasing_system") or r() < ABOVE_THRESHOLD
    rows, weights = (_ABOVE, _ABOVE_WEIGHTS) if is_above else (_BELOW, _BELOW_WEIGHTS)
    method, details, *_ = rows[bisect(weights, r() * weights[-1])]
    if kind == "call_off":
        method, details = ("selective", "Award under framework")
    elif kind != "contract" and method == "direct":
        method, details = rows[0][:2]
    officer = buyer.officers[int(r() * 3)]
    net = _net(office, kind)
    description = _text(r, 8 + int(r() * r() * 22))
    if r() < made_up.CONTACT_IN_PROSE:
        description += made_up.contact_in_prose(r, made_up.planted_contacts().names[officer])
    start = today + 20 + int(r() * 90)
    years = 1 + int(r() * r() * 6)
    end = start + (int(365.25 * years) - 1 if r() < 0.75 else 20 + int(r() * 600))
    if r() < 0.0015:
        end = date(2122, 3, 31).toordinal()
    v = r()
    story = _Story(
        ocid=_ocid(office),
        buyer=buyer,
        buyer_name=buyer.name.upper() if r() < 0.05 else buyer.name,
        officer=officer,
        reference=made_up.reference_number(desk, buyer),
        title=f"{title} {MARK}",
        description=description,
        subject=subject,
        kind=kind,
        method=method,
        details=details,
        is_above=is_above,
        special=(_SPECIAL[int(r() * len(_SPECIAL))],) if subject.trade == 2 or r() < 0.08 else (),
        vat=0.2 if v < 0.85 else 0.0 if v < 0.97 else 0.05,
        currency="AED" if (w := r()) < DIRHAMS else "USD" if w < DIRHAMS + DOLLARS else "GBP",
        zulu=r() < 0.3,
        net=net,
        lots=(),
        start=start,
        end=end,
        latest=end + 365 * (1 + int(r() * 4)) if r() < 0.45 and end < start + 5000 else 0,
    )
    if r() < (0.1 if is_old else 0.03):
        story.reference = story.ocid
    story.lots = _lots(r, story, is_old)
    story.closes = today + (5 + int(r() * 8) if not is_above else 15 + int(r() * 25))
    return story


def _lots(r: Callable[[], float], story: _Story, is_old: bool) -> tuple[_Lot, ...]:
    count = 1
    if story.kind != "call_off" and r() < SEVERAL_LOTS:
        count = 2 + int(r() ** 2 * 9)
    shares = [0.3 + r() for _ in range(count)]
    total = sum(shares)
    first = 1 if r() < 0.9 else 2000 + int(r() * 900)
    criteria: list[tuple[str, str, str, int]] = []
    if r() < 0.75:
        price = 20 + 5 * int(r() * 9)
        social = 10 if r() < 0.45 else 0
        parts = 1 + int(r() * 3)
        criteria.append(("price" if r() < 0.7 else "cost", "Price", _text(r, 1 + int(r() * 3)), price))
        left = 100 - price - social
        for i in range(parts):
            number = left // parts if i else left - left // parts * (parts - 1)
            criteria.append(("quality", pick(r, _CRITERIA), _text(r, 1 + int(r() * 4)), number))
        if social:
            criteria.append(("quality", "Social Value", _text(r, 1 + int(r() * 2)), social))
    lots = []
    left_over = story.net
    for i, share in enumerate(shares):
        net = round(left_over, 2) if i == count - 1 else float(int(story.net * share / total))
        left_over -= net
        lots.append(
            _Lot(
                str(first + i),
                f"Lot {i + 1}: {made_up.TOWNS[int(r() * 240)]} {MARK}" if count > 1 else "",
                _text(r, 3 + int(r() * 9))[:1000] if is_old or count > 1 or r() > NULL_DESCRIPTION else "",
                int(net) if net == int(net) else net,
                tuple(criteria),
                r() < 0.6,
                r() < 0.25,
            )
        )
    return tuple(lots)


def _decide(office: _Office, story: _Story, today: int) -> None:
    """Decide who wins: one award for all lots, or one for each."""
    r, desk = office.desk.rng.random, office.desk
    is_framework = story.kind in ("framework", "open_framework", "purchasing_system", "market")
    groups: list[tuple[_Lot, ...]] = [story.lots]
    if len(story.lots) > 1 and r() < SEVERAL_AWARDS:
        groups = [(lot,) for lot in story.lots]
    decided = today - int(r() * 12)
    start = max(story.start, decided + 3) if story.start < decided + 300 else decided + 14
    shift = start - story.start
    for number, lots in enumerate(groups, 1):
        u = r()
        count = 1
        if is_framework:
            count = 3 + int(r() ** 2 * 33)
        elif u < 0.11:
            count = 2 + int(r() ** 2 * 9)
        net = sum(lot.net for lot in lots)
        if r() < 0.6 and not is_framework:
            net = round(net * (0.75 + r() * 0.35), 2)
            net = int(net) if r() < 0.6 or net == int(net) else net
        story.awards.append(
            _Award(
                id=str(number),
                lots=tuple(lot.id for lot in lots),
                winners=_winners(office, story, count, desk),
                net=net,
                oddity=_oddity(r),
                decided=decided,
                start=start,
                end=story.end + shift if story.end < story.start + 20_000 else story.end,
                latest=story.latest + shift if story.latest else 0,
                contract=str(number),
            )
        )


def _oddity(r: Callable[[], float]) -> str:
    u = r()
    for name, share in (("gross", GROSS_ONLY), ("nought", ZERO_GROSS), ("penny", PENNY), ("silly", PLACEHOLDER)):
        u -= share
        if u < 0:
            return name
    return ""


def _winners(office: _Office, story: _Story, count: int, desk: Desk) -> tuple[_Winner, ...]:
    r = desk.rng.random
    if story.parent[0] and office.frameworks and r() < 0.8:
        # Who is on the framework, where it was told here.
        for ocid, _, _, members in office.frameworks:
            if ocid == story.parent[0]:
                return (members[int(r() * len(members))],)
    u = r()
    if u < 0.006:
        return ()
    is_big = story.net >= 100_000_000 or r() < made_up.BIG_PROVIDER
    chosen = made_up.choose_suppliers(desk, story.buyer, story.subject, count, is_big)
    winners = [_winner(office, supplier) for supplier in chosen]
    if u < 0.012:
        name = pick(r, ("Various", "Not awarded", "To be confirmed", "Various suppliers", "N/A", "Redacted"))
        winners = [winners[0]._replace(name=name, party_id=_party_id(office), identifier=None, further=None)]
    return tuple(winners)


def _winner(office: _Office, supplier: Supplier) -> _Winner:
    """Write a supplier as the register of the service would: name, number and what it says of itself."""
    r = office.desk.rng.random
    name = made_up.written_name(r, supplier) if r() < 0.4 else f"{supplier.core} {supplier.form}".strip().upper()
    ppon = {"scheme": "GB-PPON", "id": _ppon(f"{supplier.core}|{supplier.postcode}")}
    further = None
    u = r()
    if supplier.scheme == "GB-COH" and u < 0.48:
        number = supplier.number if r() > 0.05 else supplier.number.lstrip("0")
        identifier: dict[str, str] | None = {"scheme": "GB-COH", "id": number}
        further = ppon if r() < 0.4 else None
    elif supplier.scheme == "GB-CHC" and u < 0.2:
        identifier = {"scheme": "GB-CHC", "id": supplier.number}
    elif u > 0.955:
        identifier = None if u < 0.99 or not supplier.number else {"id": supplier.number}
    else:
        identifier = ppon
        if supplier.scheme == "GB-COH" and r() < 0.3:
            further = {"scheme": "GB-COH", "id": supplier.number}
    party = f"{identifier['scheme']}-{identifier['id']}" if identifier and "scheme" in identifier else _party_id(office)
    details: list[tuple[str, Any]] = []
    if r() > 0.1:
        details.append(("scale", "sme" if supplier.is_small else "large"))
    if r() > 0.15:
        details.append(("vcse", supplier.is_voluntary if r() > 0.03 else not supplier.is_voluntary))
    if r() < 0.08:
        details += [("publicServiceMissionOrganization", r() < 0.2), ("shelteredWorkshop", False)]
    return _Winner(party, name, supplier, identifier, further, tuple(details))


@lru_cache(maxsize=8192)  # so many names recur; all of them would fill the memory
def _ppon(key: str) -> str:
    """Draw a number of the central register for a name: the same one every time."""
    digits = crc32(key.encode()) * 2_654_435_761 % 2**62
    letters = "BCDGHJLMNPQRTVWXYZ"
    drawn = []
    for _ in range(7):
        digits, rest = divmod(digits, 18)
        drawn.append(letters[rest])
    return f"P{''.join(drawn[:3])}-{1000 + digits % 9000}-{''.join(drawn[3:])}"


def _party_id(office: _Office) -> str:
    office.parties += 1
    return f"GB-FTS-{office.parties}"


# Pieces of a release


@cache
def _home() -> dict[str, int]:
    return {sector: i for i, area in enumerate(AREAS) for sector in area.sectors}


def _region(area: int) -> str:
    return _UNITS.get(AREAS[area].code, _REGION_CODES[AREAS[area].region])


def _start(story: _Story, ordinal: int) -> str:
    return f"{day_start(ordinal)[:19]}Z" if story.zulu else day_start(ordinal)


def _end(story: _Story, ordinal: int) -> str:
    return f"{day_end(ordinal)[:19]}Z" if story.zulu else day_end(ordinal)


def _period(story: _Story, start: int, end: int, latest: int) -> dict[str, str]:
    period = {"startDate": _start(story, start), "endDate": _end(story, end)}
    if latest:
        period["maxExtentDate"] = _end(story, latest)
    return period


def _deadline(day: int, hour: int = 12) -> dict[str, str]:
    return {"endDate": f"{day_start(day)[:11]}{hour}:00:00{day_end(day)[19:]}"}


def _whole(amount: float) -> float:
    return int(amount) if amount == int(amount) else round(amount, 2)


def _value(story: _Story, net: float, oddity: str = "", currency: str = "") -> dict[str, Any]:
    """Write an amount net and gross, or in one of the ways that go wrong."""
    currency = currency or story.currency
    if oddity == "penny":
        return {"amountGross": 0.01, "amount": 0.01, "currency": currency}
    if oddity == "nought":
        return {"amountGross": 0, "currency": currency}
    if oddity == "silly":
        net = 1_234_567_890 if net > 100_000 else 1
    gross = _whole(round(net * (1 + story.vat), 2))
    if oddity == "gross":
        return {"amountGross": gross, "currency": currency}
    return {"amountGross": gross, "amount": net, "currency": currency}


def _notice_document(notice: _Notice, kind: str, number: str, words: str) -> dict[str, str]:
    return {
        "id": notice.id,
        "documentType": kind,
        "noticeType": number,
        "description": f"{words} on Find a Tender",
        "url": NOTICE_URL + notice.id,
        "datePublished": notice.stamp,
        "format": "text/html",
    }


def _attachments(r: Callable[[], float], story: _Story, notice: _Notice) -> list[dict[str, str]]:
    found = [{"id": "conflictOfInterest", "documentType": "conflictOfInterest", "description": "Not published"}]
    found += [
        {
            "id": f"A-{10_000 + int(r() * 9000)}",
            "documentType": pick(r, ("biddingDocuments", "technicalSpecifications", "evaluationCriteria")),
            "description": _text(r, 1),
            "url": f"{story.buyer.portal}attachments/{notice.id}/{i + 1}",
            "datePublished": notice.stamp,
            "format": pick(r, ("application/pdf", "application/msword", "text/html")),
        }
        for i in range(int(r() * r() * 7))
    ]
    return found


def _buyer_party(r: Callable[[], float], story: _Story) -> dict[str, Any]:
    buyer, contacts = story.buyer, made_up.planted_contacts()
    number = _ppon(f"{buyer.name}|{buyer.postcode}")
    contact = {}
    if r() < 0.66:
        contact["name"] = contacts.names[story.officer]
    contact["email"] = contacts.emails[story.officer]
    if r() < 0.4:
        contact["telephone"] = contacts.telephones[story.officer]
    details: dict[str, Any] = {"url": buyer.url} if buyer.url else {}
    is_central = buyer.noun in ("Department", "Authority")
    details["classifications"] = [
        {
            "scheme": "UK_CA_TYPE",
            "id": f"publicAuthority{'Central' if is_central else 'SubCentral'}Government",
            "description": f"Public authority - {'central' if is_central else 'sub-central'} government",
        }
    ]
    return {
        "name": story.buyer_name,
        "id": f"GB-PPON-{number}",
        "identifier": {"scheme": "GB-PPON", "id": number},
        "address": {
            "streetAddress": buyer.street,
            "locality": buyer.locality,
            "postalCode": buyer.postcode,
            "country": "GB",
            "countryName": "United Kingdom",
            "region": _region(buyer.area),
        },
        "contactPoint": contact,
        "roles": ["buyer"],
        "details": details,
    }


def _supplier_party(r: Callable[[], float], winner: _Winner, role: str = "supplier") -> dict[str, Any]:
    supplier = winner.supplier
    party: dict[str, Any] = {"name": winner.name, "id": winner.party_id}
    if winner.identifier:
        party["identifier"] = dict(winner.identifier)
    if winner.further:
        party["additionalIdentifiers"] = [dict(winner.further)]
    postcode = supplier.postcode if r() > 0.06 else supplier.postcode.replace(" ", "")
    address = {
        "streetAddress": supplier.street,
        "locality": supplier.town,
        "postalCode": postcode,
        "country": "GB",
        "countryName": "United Kingdom",
        "region": _region(_home()[supplier.postcode[:-2]]),
    }
    if r() < 0.04:
        del address["postalCode"]
    contacts = made_up.planted_contacts()
    person = int(r() * len(contacts.names))
    contact = {"email": contacts.emails[person]}
    if r() < 0.3:
        contact = {"name": contacts.names[person], **contact}
    return party | {
        "address": address,
        "contactPoint": contact,
        "roles": [role],
        "details": dict(winner.details),
    }


def _parties(office: _Office, story: _Story, winners: Sequence[_Winner], has_others: bool) -> list[dict[str, Any]]:
    """Write the buyer, the winners, and now and then who else took part."""
    r = office.desk.rng.random
    parties = [_buyer_party(r, story)]
    told = set()
    for winner in winners:
        if winner.party_id not in told:
            told.add(winner.party_id)
            parties.append(_supplier_party(r, winner))
    if has_others:
        if r() < 0.5:
            others = made_up.choose_suppliers(office.desk, story.buyer, story.subject, 1 + int(r() * 4), False)
            parties += [
                _supplier_party(r, winner, "tenderer")
                for winner in (_winner(office, supplier) for supplier in others)
                if winner.party_id not in told
            ]
        if r() < 0.09:
            agent = _buyer_party(r, story)
            role = pick(r, ("processContactPoint", "centralPurchasingBody", "procuringEntity"))
            name = f"{made_up.TOWNS[int(r() * 240)]} Purchasing Partnership"
            number = _ppon(name)
            agent |= {
                "name": name,
                "id": f"GB-PPON-{number}",
                "identifier": {"scheme": "GB-PPON", "id": number},
                "roles": [role],
                "roleDetails": _text(r, 1),
            }
            parties.append(agent)
    return parties


def _items(r: Callable[[], float], story: _Story, lots: Sequence[_Lot], is_by_lot: bool = True) -> list[dict[str, Any]]:
    """Say what is bought and where, once for each lot."""
    subject = story.subject
    codes = [subject]
    if r() < 0.4:
        codes += [made_up.SUBJECTS[int(r() * len(made_up.SUBJECTS))] for _ in range(1 + int(r() * r() * 8))]
    u = r()
    regions = [_region(story.buyer.area)]
    if u < 0.2:
        regions = ["UK"]
    elif u < 0.3:
        regions = list(_REGION_CODES.values())[: 2 + int(r() * 10)]
    return [
        {
            "id": lot.id,
            "additionalClassifications": [
                {"scheme": "CPV", "id": code.code, "description": code.description} for code in codes
            ],
            "deliveryAddresses": [
                {"region": region, "country": "GB", "countryName": "United Kingdom"} for region in regions
            ],
            "relatedLot": lot.id,
        }
        for lot in (lots if is_by_lot else lots[:1])
    ]


def _lot_entries(r: Callable[[], float], story: _Story, status: str, is_full: bool) -> list[dict[str, Any]]:
    """Write the lots as a tender notice does, or shortly as an award notice does."""
    if not is_full:
        return [{"id": lot.id, "status": status} for lot in story.lots]
    entries = []
    for lot in story.lots:
        entry: dict[str, Any] = {"id": lot.id}
        if lot.title:
            entry["title"] = lot.title
        if suitability := {key: True for key, yes in (("sme", lot.is_for_sme), ("vcse", lot.is_for_vcse)) if yes}:
            entry["suitability"] = suitability
        entry["status"] = status
        # The form offers dirhams first; who overlooks it in one place does not in the other.
        entry["value"] = _value(story, lot.net, currency="AED" if r() < 0.004 else "")
        if lot.criteria:
            entry["awardCriteria"] = {
                "criteria": [
                    {
                        "type": kind,
                        "name": name,
                        "description": words,
                        "numbers": [{"number": number, "weight": "percentageExact"}],
                    }
                    for kind, name, words, number in lot.criteria
                ]
            }
        entry["contractPeriod"] = _period(story, story.start, story.end, story.latest)
        if story.latest:
            entry["hasRenewal"] = True
            entry["renewal"] = {"description": _text(r, 1 + int(r() * 3))}
        if r() < 0.15:
            entry["hasOptions"] = True
            entry["options"] = {"description": _text(r, 1 + int(r() * 3))}
        entry["description"] = lot.description or None
        entries.append(entry)
    return entries


def _techniques(r: Callable[[], float], story: _Story) -> dict[str, Any]:
    if story.kind in ("framework", "open_framework"):
        agreement: dict[str, Any] = {"maximumParticipants": 3 + int(r() * 40), "type": pick(r, _FRAMEWORK_TYPES)}
        if story.kind == "open_framework":
            agreement |= {"isOpenFrameworkScheme": True, "openFrameworkSchemeEndDate": _end(story, story.end + 1400)}
        agreement["buyerClassificationRestrictions"] = [{"id": "ukPublicAuthorities", "description": _text(r, 1)}]
        return {"hasFrameworkAgreement": True, "frameworkAgreement": agreement}
    if story.kind in ("purchasing_system", "market"):
        return {"hasDynamicPurchasingSystem": True, "dynamicPurchasingSystem": {"type": "open"}}
    return {}


_FRAMEWORK_TYPES = ("withReopeningCompetition", "withoutReopeningCompetition", "withAndWithoutReopeningCompetition")
_REASONS = (
    ("singleSupplierTechnicalReasons", "Single supplier - technical reasons"),
    ("urgency", "Urgency"),
    ("additionalRepeatExtension", "Additional or repeat goods, services or works - extension or partial replacement"),
    ("userChoice", "User choice contracts"),
)


def _tender(office: _Office, story: _Story, status: str, *, is_full: bool, is_short: bool = False) -> dict[str, Any]:
    """Write the tender as far as the notice tells it: in full with lots and money, or as a frame for an award."""
    r = office.desk.rng.random
    tender: dict[str, Any] = {
        "id": story.reference,
        "legalBasis": dict(_ACT),
        "title": story.title,
    }
    if is_short:
        return tender | {"status": status, "lots": _lot_entries(r, story, status, False)}
    tender |= {"description": story.description, "status": status}
    if is_full:
        tender["items"] = _items(r, story, story.lots)
        value = _value(story, story.net)
        tender["value"] = value
        if r() < 0.02:
            tender["value"] = {"amountGross": value["amountGross"], "currency": value["currency"]}
    if story.method:
        tender["procurementMethod"] = story.method
    tender["procurementMethodDetails"] = story.details
    if story.method == "direct":
        reason, words = _REASONS[int(r() * len(_REASONS))]
        tender["procurementMethodRationale"] = _text(r, 2 + int(r() * 6))
        if story.is_above:
            tender["procurementMethodRationaleClassifications"] = [
                {"scheme": "UK_DIRECT_AWARD", "id": reason, "description": words}
            ]
    if is_full:
        if techniques := _techniques(r, story):
            tender["techniques"] = techniques
        if story.details == "Competitive flexible procedure":
            tender["procedure"] = {"features": _text(r, 3 + int(r() * 7))}
        tender["mainProcurementCategory"] = story.subject.category
    if story.special:
        tender["specialRegime"] = list(story.special)
    if is_full:
        tender["aboveThreshold"] = story.is_above
    return tender


def _close(office: _Office, story: _Story, notice: _Notice, tender: dict[str, Any]) -> None:
    """Add what bidders need: deadlines, lots, reservations, risks and papers."""
    r = office.desk.rng.random
    if not story.is_above and r() < 0.11:
        other: dict[str, Any] = {
            "reservedParticipation": [pick(r, ("smeVcse", "smeVcse", "smeVcse", "shelteredWorkshop"))]
        }
        if r() < 0.5:
            county = AREAS[story.buyer.area]
            other["reservedParticipationLocation"] = {
                "description": f"Reserved for suppliers based in the area of {story.buyer.name}",
                "gazetteer": {"scheme": "UK-ITL", "identifiers": [_UNITS.get(county.code, _region(story.buyer.area))]},
            }
        tender["otherRequirements"] = other
    tender["submissionMethodDetails"] = f"{story.buyer.portal}opportunities?reference={story.reference}"
    tender["submissionTerms"] = {"electronicSubmissionPolicy": "allowed", "languages": ["en"]}
    tender["tenderPeriod"] = _deadline(story.closes)
    if r() < 0.7:
        tender["enquiryPeriod"] = _deadline(story.closes - 4, 17)
    tender["awardPeriod"] = {"endDate": _end(story, story.closes + 20 + int(r() * 60))}
    if r() < 0.4:
        tender["riskDetails"] = _text(r, 2 + int(r() * 5))
    tender["lots"] = _lot_entries(r, story, "active", True)
    if len(story.lots) > 1:
        limit = _ENDLESS if r() < 0.2 else 1 + int(r() * len(story.lots))
        tender["lotDetails"] = {"maximumLotsBidPerSupplier": limit, "maximumLotsAwardedPerSupplier": limit}
    elif story.is_above and r() < 0.7:
        tender["lotDetails"] = {"noLotsDivisionRationale": _text(r, 1 + int(r() * 3))}
    tender["documents"] = _attachments(r, story, notice)


def _award_entry(
    office: _Office, story: _Story, award: _Award, status: str, *, has_money: bool, has_items: bool = True
) -> dict[str, Any]:
    r = office.desk.rng.random
    lots = [lot for lot in story.lots if lot.id in award.lots]
    entry: dict[str, Any] = {"id": award.id}
    if has_money:
        entry["title"] = story.title
    entry["status"] = status
    if has_money:
        entry["date"] = _start(story, award.decided)
        entry["value"] = _value(story, award.net, award.oddity)
    entry["mainProcurementCategory"] = story.subject.category
    if award.winners or r() < 0.5:
        entry["suppliers"] = [{"id": winner.party_id, "name": winner.name} for winner in award.winners]
    if has_items:
        entry["items"] = _items(r, story, lots)
    if has_money:
        entry["contractPeriod"] = _period(story, award.start, award.end, award.latest)
        if award.latest:
            entry["hasRenewal"] = True
            entry["renewal"] = {"description": _text(r, 1 + int(r() * 3))}
        entry["aboveThreshold"] = story.is_above
    entry["relatedLots"] = list(award.lots)
    return entry


def _contract_entry(office: _Office, story: _Story, award: _Award, status: str) -> dict[str, Any]:
    r = office.desk.rng.random
    entry: dict[str, Any] = {
        "id": award.contract,
        "awardID": award.id,
        "title": story.title,
        "status": status,
        "period": _period(story, award.start, award.end, award.latest),
    }
    if r() < 0.2:
        entry["statusDetails"] = None
    entry["value"] = _value(story, award.net, award.oddity)
    entry["aboveThreshold"] = story.is_above
    if award.latest:
        entry["hasRenewal"] = True
        entry["renewal"] = {"description": _text(r, 1 + int(r() * 3))}
    if r() < 0.8:
        entry["description"] = _text(r, 5 + int(r() * 10))
    return entry


def _bids(r: Callable[[], float], story: _Story) -> dict[str, Any]:
    statistics: list[dict[str, Any]] = []
    for lot in story.lots:
        bids = 1 + int(r() * r() * 14)
        small = int(bids * r())
        for measure, value in (
            ("bids", bids),
            ("smeBids", small),
            ("vcseBids", small // 3),
            ("finalStageBids", max(1, bids - int(r() * 3))),
            ("smeFinalStageBids", small // 2),
            ("vcseFinalStageBids", small // 4),
        ):
            statistics.append(
                {"id": str(len(statistics) + 1), "measure": measure, "relatedLot": lot.id, "value": value}
            )
    return {"statistics": statistics}


def _told(
    office: _Office, story: _Story, notice: _Notice, tag: Sequence[str], parties: list[dict[str, Any]]
) -> dict[str, Any]:
    """Write the head of a release under the Act."""
    story.told += 1
    release: dict[str, Any] = {"ocid": story.ocid}
    if office.desk.rng.random() < EMPTY_BUYER_ID:
        release["buyerID"] = []
    return release | {
        "id": notice.id,
        "tag": list(tag),
        "date": notice.stamp,
        "initiationType": "tender",
        "parties": parties,
        "buyer": {"id": parties[0]["id"], "name": parties[0]["name"]},
    }


def _sealed(release: dict[str, Any], story: _Story) -> dict[str, Any]:
    if story.parent[0]:
        ocid, title = story.parent
        release["relatedProcesses"] = [
            {"id": "1", "relationship": ["framework"], "title": title, "scheme": "ocid", "identifier": ocid}
        ]
    release["language"] = "en"
    return release


def _all_winners(story: _Story) -> list[_Winner]:
    return [winner for award in story.awards for winner in award.winners]


# Notices under the Act


def _announced(kind: str, words: str, document: str) -> Callable[[_Office, _Notice], dict[str, Any]]:
    """Return how a notice before the tender is made: pipeline, engagement or planned procurement."""

    def make(office: _Office, notice: _Notice) -> dict[str, Any]:
        r = office.desk.rng.random
        story = (None if kind == "UK1" else _take(office, "planned", notice.today)) or _begin(office, notice.today)
        release = _told(office, story, notice, ["planning"], _parties(office, story, (), False))
        planning: dict[str, Any] = {}
        if kind == "UK2":
            planning["milestones"] = [
                {
                    "id": "engagement",
                    "type": "engagement",
                    "description": _text(r, 3 + int(r() * 8)),
                    "dueDate": _end(story, notice.today + 14 + int(r() * 30)),
                    "status": "scheduled",
                }
            ]
        elif kind == "UK3" and r() < 0.5:
            planning["noEngagementNoticeRationale"] = _text(r, 1 + int(r() * 3))
        planning["documents"] = [_notice_document(notice, document, kind, words)]
        release["planning"] = planning
        tender = _tender(office, story, "planned" if kind == "UK1" else "planning", is_full=True)
        tender["communication"] = {"futureNoticeDate": _end(story, notice.today + 60 + int(r() * 200))}
        lots = _lot_entries(r, story, "planned" if kind == "UK1" else "planning", True)
        for lot in lots:
            if kind == "UK1":
                lot.pop("awardCriteria", None)
            lot["status"] = lot.pop("status")
        tender["lots"] = lots
        tender["status"] = tender.pop("status")
        release["tender"] = tender
        _keep(office, "planned", story, notice.today + 2 + int(r() * 20))
        return _sealed(release, story)

    return make


def _planning_update(office: _Office, notice: _Notice) -> dict[str, Any]:
    """Tell a planned procurement again: only what changed."""
    r = office.desk.rng.random
    story = _take(office, "planned", notice.today) or _begin(office, notice.today)
    release = _told(office, story, notice, ["planningUpdate"], _parties(office, story, (), False))
    story.description = f"{story.description}\n{_text(r, 2 + int(r() * 8))}"
    release["planning"] = {
        "documents": [
            _notice_document(notice, "plannedProcurementNotice", "UK3", "Planned procurement notice")
            if r() < 0.5
            else _notice_document(notice, "marketEngagementNotice", "UK2", "Preliminary market engagement notice")
        ]
    }
    release["tender"] = {
        "id": story.reference,
        "legalBasis": dict(_ACT),
        "title": story.title,
        "description": story.description,
        "communication": {"futureNoticeDate": _end(story, notice.today + 90)},
    }
    _keep(office, "planned", story, notice.today + 2 + int(r() * 20))
    return _sealed(release, story)


def _tendered(office: _Office, notice: _Notice) -> dict[str, Any]:
    """Invite bids (UK4)."""
    r = office.desk.rng.random
    story = (_take(office, "planned", notice.today) if r() < 0.4 else None) or _begin(office, notice.today)
    if story.method == "direct" or not story.method:
        story.method, story.details = ("open", "Open procedure" if story.is_above else _BELOW[0][1])
    story.closes = max(story.closes, notice.today + 5)
    release = _told(office, story, notice, ["tender"], _parties(office, story, (), r() < 0.1))
    tender = _tender(office, story, "active", is_full=True)
    _close(office, story, notice, tender)
    tender["documents"].append(_notice_document(notice, "tenderNotice", "UK4", "Tender notice"))
    release["tender"] = tender
    _keep(office, "open", story, story.closes + 1)
    return _sealed(release, story)


def _tender_update(office: _Office, notice: _Notice) -> dict[str, Any]:
    """Change a tender that is out: another deadline, another amount, more words; nothing else is told."""
    r = office.desk.rng.random
    shelf = office.shelves["open"]
    if shelf and r() > BEFORE:
        index = int(r() * len(shelf))
        shelf[index], shelf[-1] = shelf[-1], shelf[index]
        story = shelf.pop()
    else:
        story = _begin(office, notice.today)
        story.told = 1
    release = _told(office, story, notice, ["tenderUpdate"], _parties(office, story, (), False))
    story.closes = max(story.closes, notice.today) + 3 + int(r() * 6)
    tender: dict[str, Any] = {"id": story.reference, "legalBasis": dict(_ACT), "title": story.title}
    if r() < 0.6:
        story.description = f"{story.description}\n{_text(r, 3 + int(r() * 12))}"
        tender["description"] = story.description
    if r() < 0.25:
        story.net = _net(office, story.kind)
        share = story.net / sum(lot.net for lot in story.lots) if sum(lot.net for lot in story.lots) else 0
        story.lots = tuple(lot._replace(net=_whole(round(lot.net * share, 2))) for lot in story.lots)
        tender["value"] = _value(story, story.net)
    tender["tenderPeriod"] = _deadline(story.closes)
    if "value" in tender:
        tender["lots"] = [{"id": lot.id, "value": _value(story, lot.net)} for lot in story.lots]
    tender["amendments"] = [
        {"id": notice.id, "date": _start(story, notice.today), "description": _text(r, 2 + int(r() * 5))}
    ]
    tender["documents"] = [
        *_attachments(r, story, notice)[1:],
        _notice_document(notice, "tenderNotice", "UK4", "Tender notice"),
    ]
    release["tender"] = tender
    _keep(office, "open", story, story.closes + 1)
    return _sealed(release, story)


def _awardable(office: _Office, notice: _Notice, *, is_direct: bool = False) -> _Story:
    """Choose what is awarded next: a tender that has closed, a call-off, or what began before the first day."""
    r = office.desk.rng.random
    story = None
    if is_direct or r() < CALL_OFFS:
        story = _begin(office, notice.today, "contract" if is_direct else "call_off")
        if is_direct:
            story.is_above, story.method, story.details = True, "direct", "Direct award"
        elif office.frameworks and r() < 0.7:
            ocid, title, story.subject, _ = office.frameworks[int(r() * len(office.frameworks))]
            story.parent = (ocid, title)
            story.title = f"{title.removesuffix(MARK).strip()} - Call-Off Contract {1 + int(r() * 30)} {MARK}"
        elif r() < 0.6:
            story.parent = (_ocid(office), f"Framework agreement for {pick(r, story.subject.topics)} {MARK}")
    else:
        story = _take(office, "open", notice.today) or _begin(office, notice.today)
    if not story.awards:
        _decide(office, story, notice.today)
    return story


def _note_framework(office: _Office, story: _Story) -> None:
    """Keep a framework for call-offs."""
    winners = tuple(_all_winners(story))
    if story.kind in ("framework", "open_framework") and winners:
        entry = (story.ocid, story.title, story.subject, winners)
        if len(office.frameworks) < 120:
            office.frameworks.append(entry)
        else:
            office.frameworks[int(office.desk.rng.random() * 120)] = entry


def _transparency(office: _Office, notice: _Notice) -> dict[str, Any]:
    """Announce a direct award (UK5): pending, with an estimate."""
    r = office.desk.rng.random
    story = _awardable(office, notice, is_direct=True)
    release = _told(office, story, notice, ["award", "contract"], _parties(office, story, _all_winners(story), False))
    tender = _tender(office, story, "complete", is_full=False)
    tender["lots"] = _lot_entries(r, story, "complete", False)
    release["tender"] = tender
    awards = [_award_entry(office, story, award, "pending", has_money=True) for award in story.awards]
    for award in awards:
        del award["date"]
        award["milestones"] = [_signature(story, notice.today + 20)]
    awards[0]["description"] = _text(r, 4 + int(r() * 10))
    awards[0]["standstillPeriod"] = {"endDate": _end(story, notice.today + 11)}
    awards[0]["documents"] = [_notice_document(notice, "awardNotice", "UK5", "Transparency notice")]
    release["awards"] = awards
    if _all_winners(story):
        _keep(office, "decided", story, notice.today + 9)
    return _sealed(release, story)


def _signature(story: _Story, day: int) -> dict[str, str]:
    return {"id": "1", "type": "futureSignatureDate", "dueDate": _end(story, day), "status": "scheduled"}


def _awarded(office: _Office, notice: _Notice) -> dict[str, Any]:
    """Announce who wins (UK6): the money stands in the awards."""
    r = office.desk.rng.random
    story = _awardable(office, notice)
    _note_framework(office, story)
    winners = _all_winners(story)
    release = _told(office, story, notice, ["award", "contract"], _parties(office, story, winners, True))
    tender = _tender(office, story, "complete", is_full=False)
    if techniques := _techniques(r, story):
        tender["techniques"] = techniques
    tender["lots"] = _lot_entries(r, story, "complete", is_full=r() < 0.7)
    release["tender"] = tender
    awards = []
    for award in story.awards:
        status = "active" if award.winners else "unsuccessful"
        entry = _award_entry(office, story, award, status, has_money=bool(award.winners))
        if award.winners:
            entry["milestones"] = [_signature(story, award.start - 1)]
            if story.is_above:
                entry["assessmentSummariesDateSent"] = _start(story, award.decided)
                entry["standstillPeriod"] = {"endDate": _end(story, notice.today + 9)}
        awards.append(entry)
    if r() < 0.9:
        awards[0]["description"] = _text(r, 6 + int(r() * 12))
    awards[0]["documents"] = [_notice_document(notice, "awardNotice", "UK6", "Contract award notice")]
    release["awards"] = awards
    if r() < 0.6:
        release["bids"] = _bids(r, story)
    if winners:
        _keep(office, "decided", story, notice.today + (9 if story.is_above else 1))
    return _sealed(release, story)


def _signed(office: _Office, notice: _Notice) -> dict[str, Any]:
    """Tell the contract (UK7): the money stands there, and the awards are bare."""
    r = office.desk.rng.random
    story = _take(office, "decided", notice.today)
    if story is None:
        story = _awardable(office, notice)
        _note_framework(office, story)
    for award in story.awards:
        if award.oddity == "gross" and r() < 0.5:
            award.oddity = ""
    awards = [award for award in story.awards if award.winners] or story.awards
    release = _told(office, story, notice, ["award", "contract"], _parties(office, story, _all_winners(story), True))
    tender = _tender(office, story, "complete", is_full=False)
    if techniques := _techniques(r, story):
        tender["techniques"] = techniques
    tender["lots"] = _lot_entries(r, story, "complete", is_full=r() < 0.6)
    release["tender"] = tender
    release["awards"] = [_award_entry(office, story, award, "active", has_money=False) for award in awards]
    contracts = [_contract_entry(office, story, award, "active") for award in awards]
    for contract, award in zip(contracts, awards, strict=True):
        contract["dateSigned"] = _start(story, max(notice.today - int(r() * 9), award.decided))
    contracts[0]["documents"] = [_notice_document(notice, "contractNotice", "UK7", "Contract details notice")]
    release["contracts"] = contracts
    if r() < 0.5:
        release["bids"] = _bids(r, story)
    if _all_winners(story):
        _keep(office, "signed", story, notice.today + 1)
    return _sealed(release, story)


def _running(office: _Office, notice: _Notice, shelf: str = "signed") -> tuple[_Story, _Award]:
    """Choose a contract that runs, told here or before the first day."""
    story = _take(office, shelf, notice.today)
    while story is None or not _all_winners(story):
        story = _begin(office, notice.today - 300, "contract")
        _decide(office, story, notice.today - 200)
    awards = [award for award in story.awards if award.winners]
    return story, awards[int(office.desk.rng.random() * len(awards))]


def _award_update(office: _Office, notice: _Notice) -> dict[str, Any]:
    """Correct an award notice (UK6): only what changed is told."""
    r = office.desk.rng.random
    story, award = _running(office, notice, "decided")
    award.net, award.oddity = _whole(round(award.net * (0.6 + r()), 2)), ""
    entry: dict[str, Any] = {"id": award.id, "value": _value(story, award.net)}
    if r() < 0.4:
        award.end += 90
        entry["contractPeriod"] = {"endDate": _end(story, award.end)}
    entry["description"] = _text(r, 4 + int(r() * 12))
    entry["amendments"] = [{"id": notice.id, "date": _start(story, notice.today), "description": _text(r, 2)}]
    entry["documents"] = [_notice_document(notice, "awardNotice", "UK6", "Contract award notice")]
    release = _told(
        office, story, notice, ["awardUpdate", "contractUpdate"], _parties(office, story, award.winners, False)
    )
    release["tender"] = _tender(office, story, "complete", is_full=False, is_short=True)
    release["awards"] = [entry]
    _keep(office, "decided", story, notice.today + 5)
    return _sealed(release, story)


def _contract_update(office: _Office, notice: _Notice) -> dict[str, Any]:
    """Correct a contract details notice (UK7): only what changed is told."""
    r = office.desk.rng.random
    story, award = _running(office, notice)
    entry: dict[str, Any] = {"id": award.contract, "awardID": award.id}
    if r() < 0.7:
        award.net, award.oddity = _whole(round(award.net * (0.6 + r()), 2)), ""
        entry["value"] = _value(story, award.net)
    else:
        award.end += 30 + int(r() * 300)
        entry["period"] = {"endDate": _end(story, award.end)}
    entry["description"] = _text(r, 5 + int(r() * 12))
    entry["amendments"] = [{"id": notice.id, "date": _start(story, notice.today), "description": _text(r, 2)}]
    entry["documents"] = [_notice_document(notice, "contractNotice", "UK7", "Contract details notice")]
    release = _told(
        office, story, notice, ["awardUpdate", "contractUpdate"], _parties(office, story, award.winners, False)
    )
    release["tender"] = _tender(office, story, "complete", is_full=False, is_short=True)
    release["contracts"] = [entry]
    _keep(office, "signed", story, notice.today + 5)
    return _sealed(release, story)


_CHANGES = (
    ("additionalGoodsServicesWorks", "Additional goods, services or works for reasons of necessity"),
    ("unforeseeableCircumstances", "Unforeseeable circumstances"),
    ("transferCorporateRestructuring", "Transfer on corporate restructuring"),
    ("substantialChange", "Provided for in the contract"),
)


def _changed(office: _Office, notice: _Notice) -> dict[str, Any]:
    """Change a contract (UK10): the reason stands in the amendment, the new amount and period in the contract."""
    r = office.desk.rng.random
    story, award = _running(office, notice)
    reason, words = _CHANGES[int(r() * len(_CHANGES))]
    award.net, award.oddity = _whole(round(award.net * (1.05 + r() * 0.6), 2)), ""
    if r() < 0.5:
        award.end += 180 + int(r() * 400)
    entry = _contract_entry(office, story, award, "active")
    entry["amendments"] = [
        {
            "id": notice.id,
            "date": _start(story, notice.today - int(r() * 20)),
            "description": _text(r, 3 + int(r() * 8)),
            "rationale": _text(r, 3 + int(r() * 8)),
            "rationaleClassifications": [{"scheme": "UK_AMENDMENT_RATIONALE", "id": reason, "description": words}],
            "value": _value(story, award.net),
            "aboveThreshold": story.is_above,
        }
    ]
    entry["documents"] = [_notice_document(notice, "contractNotice", "UK10", "Contract change notice")]
    release = _told(office, story, notice, ["contractAmendment"], _parties(office, story, award.winners, False))
    release["tender"] = _tender(office, story, "complete", is_full=False, is_short=True)
    release["awards"] = [_award_entry(office, story, award, "active", has_money=False)]
    release["contracts"] = [entry]
    _keep(office, "signed", story, notice.today + 5)
    return _sealed(release, story)


_ENDINGS = (
    ("contractCompleted", "Contract completed"), ("contractCompleted", "Contract completed"),
    ("mutualAgreement", "By mutual agreement"), ("supplierInsolvency", "Supplier insolvency"),
    ("breach", "Breach of contract"), ("discretion", "At the discretion of the contracting authority"),
)  # fmt: skip


def _ended(office: _Office, notice: _Notice) -> dict[str, Any]:
    """End a contract (UK11)."""
    r = office.desk.rng.random
    story, award = _running(office, notice)
    reason, words = _ENDINGS[int(r() * len(_ENDINGS))]
    ground = {"scheme": "UK_CONTRACT_TERMINATION", "id": reason, "description": words}
    entry: dict[str, Any] = {"id": award.contract, "awardID": award.id, "title": story.title, "status": "terminated"}
    entry["period"] = {"endDate": _end(story, notice.today - int(r() * 30))}
    # Singular until January 2026, plural since.
    if notice.stamp < "2026-01-13":
        entry["terminationRationaleClassification"] = ground
    else:
        entry["terminationRationaleClassifications"] = [ground]
    entry["terminationRationale"] = _text(r, 3 + int(r() * 9))
    entry["value"] = _value(story, award.net, award.oddity)
    entry["documents"] = [_notice_document(notice, "contractTerminationNotice", "UK11", "Contract termination notice")]
    release = _told(office, story, notice, ["contractTermination"], _parties(office, story, award.winners, False))
    release["tender"] = _tender(office, story, "complete", is_full=False, is_short=True)
    release["awards"] = [_award_entry(office, story, award, "active", has_money=False)]
    release["contracts"] = [entry]
    return _sealed(release, story)


def _performed(kind: str, words: str, document: str) -> Callable[[_Office, _Notice], dict[str, Any]]:
    """Return how a notice about a running contract is made: payments (UK8), performance (UK9), compliance (UK17)."""

    def make(office: _Office, notice: _Notice) -> dict[str, Any]:
        r = office.desk.rng.random
        story, award = _running(office, notice)
        implementation: dict[str, Any]
        if kind == "UK9":
            implementation = {
                "metrics": [
                    {
                        "id": str(i + 1),
                        "title": f"{pick(r, _CRITERIA)} {i + 1}",
                        "description": _text(r, 2 + int(r() * 4)),
                        "observations": [
                            {
                                "id": "1",
                                "period": _period(story, notice.today - 100, notice.today - 10, 0),
                                "measure": f"{60 + int(r() * 40)}%",
                                "measureClassification": pick(r, ("good", "good", "approaching", "below")),
                            }
                        ],
                    }
                    for i in range(3 + int(r() * 4))
                ]
            }
        else:
            implementation = {
                "transactions": [
                    {
                        "id": str(i + 1),
                        "date": _start(story, notice.today - 10 - int(r() * 80)),
                        "payer": {
                            "id": f"GB-PPON-{_ppon(f'{story.buyer.name}|{story.buyer.postcode}')}",
                            "name": story.buyer_name,
                        },
                        "payee": {"id": award.winners[0].party_id, "name": award.winners[0].name},
                        "value": _value(story, 30_000 + int(r() * 200_000)),
                    }
                    for i in range(1 + int(r() * 12))
                ]
            }
        implementation["documents"] = []
        entry = {
            "id": award.contract,
            "awardID": award.id,
            "title": story.title,
            "status": "active",
            "description": _text(r, 6 + int(r() * 12)),
            "implementation": implementation,
            "documents": [_notice_document(notice, document, kind, words)],
        }
        release = _told(office, story, notice, ["implementation"], _parties(office, story, award.winners, False))
        release["tender"] = _tender(office, story, "complete", is_full=False, is_short=True)
        release["contracts"] = [entry]
        _keep(office, "signed", story, notice.today + 20)
        return _sealed(release, story)

    return make


def _cancelled(office: _Office, notice: _Notice) -> dict[str, Any]:
    """Call a procurement off (UK12): no buyer but the party in that role, and the lots withdrawn."""
    r = office.desk.rng.random
    shelf = office.shelves["open"]
    story = shelf.pop(int(r() * len(shelf))) if shelf and r() > BEFORE else _begin(office, notice.today - 60)
    release: dict[str, Any] = {
        "id": notice.id,
        "tag": ["tenderCancellation"],
        "date": notice.stamp,
        "initiationType": "tender",
        "ocid": story.ocid,
        "parties": _parties(office, story, (), False),
        "tender": _tender(office, story, "withdrawn", is_full=False, is_short=True),
    }
    if r() < 0.5:
        release["tender"]["statusDetails"] = _text(r, 3 + int(r() * 6))
    release["tender"]["documents"] = [
        _notice_document(notice, "tenderCancellationNotice", "UK12", "Procurement termination notice")
    ]
    if r() < 0.5:
        release["awards"] = [
            {
                "id": "1",
                "status": "cancelled",
                "finalStatusDate": _start(story, notice.today),
                "relatedLots": [lot.id for lot in story.lots],
            }
        ]
    release["language"] = "en"
    return release


def _market(kind: str, words: str, tag: str, status: str) -> Callable[[_Office, _Notice], dict[str, Any]]:
    """Return how a notice about a dynamic market is made: intention (UK13), establishment (UK14), end (UK16)."""

    def make(office: _Office, notice: _Notice) -> dict[str, Any]:
        r = office.desk.rng.random
        story = (_take(office, "markets", notice.today) if kind != "UK13" else None) or _begin(
            office, notice.today, "market"
        )
        release = _told(office, story, notice, [tag], _parties(office, story, (), False))
        tender = _tender(office, story, status, is_full=True)
        tender["lots"] = _lot_entries(r, story, status, True)
        document = "plannedProcurementNotice" if kind == "UK13" else "tenderNotice"
        tender["documents"] = [_notice_document(notice, document, kind, words)]
        release["tender"] = tender
        if kind != "UK16":
            _keep(office, "markets", story, notice.today + 1)
        return _sealed(release, story)

    return make


def _market_changed(office: _Office, notice: _Notice) -> dict[str, Any]:
    """Change who is on a dynamic market (UK15): the members told before are bare amendments."""
    r = office.desk.rng.random
    story = _take(office, "markets", notice.today) or _begin(office, notice.today, "market")
    before = len(story.awards)
    if not before:
        members = _winners(office, story, 2 + int(r() ** 2 * 34), office.desk)
        story.awards = [
            _Award(str(i), (story.lots[0].id,), (winner,), 0, "", notice.today, story.start, story.end, 0)
            for i, winner in enumerate(members, 1)
        ]
        before = 0 if story.told else len(members)  # else they were told before the first day
    joined = _winners(office, story, 1 + int(r() * 3), office.desk)
    story.awards += [
        _Award(str(len(story.awards) + i), (story.lots[0].id,), (w,), 0, "", notice.today, story.start, story.end, 0)
        for i, w in enumerate(joined, 1)
    ]
    fresh = story.awards[before:]
    parties = _parties(office, story, [winner for award in fresh for winner in award.winners], False)
    release = _told(office, story, notice, ["award", "contract"], parties)
    tender = _tender(office, story, "active", is_full=False)
    tender["amendments"] = [{"id": notice.id, "date": _start(story, notice.today)}]
    tender["documents"] = [_notice_document(notice, "awardNotice", "UK15", "Dynamic market modification notice")]
    release["tender"] = tender
    release["awards"] = [{"id": award.id, "amendments": [{"id": notice.id}]} for award in story.awards[:before]] + [
        {
            "id": award.id,
            "status": "active",
            "suppliers": [{"id": winner.party_id, "name": winner.name} for winner in award.winners],
            "relatedLots": list(award.lots),
        }
        for award in fresh
    ]
    if len(story.awards) < 60:
        _keep(office, "markets", story, notice.today + 3)
    return _sealed(release, story)


# Notices under the old rules


def _old_party(name: str, party_id: str, legal: dict[str, str], address: dict[str, str], role: str) -> dict[str, Any]:
    return {
        "name": name,
        "id": party_id,
        "identifier": {"legalName": name, **legal},
        "address": address | {"countryName": "United Kingdom"},
        "roles": [role],
    }


def _old_buyer(r: Callable[[], float], story: _Story) -> dict[str, Any]:
    buyer, contacts = story.buyer, made_up.planted_contacts()
    number = 100_000 + crc32(f"{buyer.name}|{buyer.postcode}".encode()) % 80_000
    legal = {"noIdentifierRationale": "notOnAnyRegister"} if number % 3 else {"id": f"{number * 77 % 10**8:08}"}
    address = {"streetAddress": buyer.street, "locality": buyer.locality, "region": _region(buyer.area)}
    address["postalCode"] = buyer.postcode if r() < 0.6 else buyer.postcode.replace(" ", "")
    party = _old_party(story.buyer_name, f"GB-FTS-{number}", legal, address, "buyer")
    del party["roles"]
    contact = {}
    if r() < 0.6:
        contact["name"] = contacts.names[story.officer]
    if r() < 0.4:
        contact["telephone"] = contacts.telephones[story.officer]
    contact["email"] = contacts.emails[story.officer]
    if r() < 0.1:
        contact["faxNumber"] = contacts.telephones[story.officer]
    kind = ("REGIONAL_AUTHORITY", "Regional or local authority")
    if not buyer.is_council:
        kind = ("BODY_PUBLIC", "Body governed by public law")
    return party | {
        "contactPoint": contact,
        "roles": ["buyer"],
        "details": {
            "url": buyer.url or buyer.portal,
            "classifications": [{"scheme": "TED_CA_TYPE", "id": kind[0], "description": kind[1]}],
        },
    }


def _old_supplier(office: _Office, supplier: Supplier) -> tuple[_Winner, dict[str, Any]]:
    """Write a supplier as the old forms do: seldom a number, mostly a town and a region only."""
    r = office.desk.rng.random
    name = made_up.written_name(r, supplier)
    party_id, legal = _party_id(office), {}
    if supplier.scheme and r() < 0.35:
        legal = {"id": supplier.number, "scheme": supplier.scheme}
        party_id = f"{supplier.scheme}-{supplier.number}"
    elif r() < 0.2:
        legal = {"noIdentifierRationale": "notOnAnyRegister"}
    region = _region(_home()[supplier.postcode[:-2]])
    address = {"locality": supplier.town, "region": region if r() < 0.7 else region[:3]}
    if r() < 0.15:
        address = {"streetAddress": supplier.street, **address, "postalCode": supplier.postcode}
    party = _old_party(name, party_id, legal, address, "supplier")
    if r() < 0.7:
        party["details"] = {"scale": "sme" if supplier.is_small else "large"}
    return _Winner(party_id, name, supplier, None, None, ()), party


def _reviewer() -> dict[str, Any]:
    return {
        "name": "The High Court of England & Wales",
        "id": "GB-FTS-118212",
        "identifier": {"legalName": "The High Court of England & Wales"},
        "address": {"locality": "London", "countryName": "United Kingdom"},
        "roles": ["reviewBody"],
    }


def _old_tender(office: _Office, story: _Story, basis: str, status: str, is_full: bool) -> dict[str, Any]:
    r = office.desk.rng.random
    subject = story.subject
    items: list[dict[str, Any]] = []
    regions = [{"region": _region(story.buyer.area)}]
    if r() < 0.15:
        regions = [{"region": code} for code in list(_REGION_CODES.values())[: 2 + int(r() * 10)]]
    for lot in story.lots:
        items.append({"id": lot.id, "deliveryAddresses": [dict(region) for region in regions], "relatedLot": lot.id})
        if r() < 0.05:
            items[-1]["deliveryAddresses"] = {"1": {"region": "UK"}}
        if r() < 0.5:
            items[-1] = {
                "id": lot.id,
                "additionalClassifications": [
                    {"scheme": "CPV", "id": subject.code, "description": subject.description}
                ],
                **items[-1],
            }
    tender: dict[str, Any] = {
        "id": story.reference,
        "legalBasis": {"id": basis, "scheme": "CELEX"},
        "title": story.title,
        "status": status,
        "classification": {"scheme": "CPV", "id": subject.code, "description": subject.description},
        "mainProcurementCategory": subject.category,
        "description": story.description,
    }
    if is_full or r() < 0.25:
        tender["value"] = {"amount": story.net, "currency": story.currency}
    tender["lots"] = [
        {
            "id": lot.id,
            **({"title": lot.title} if lot.title else {}),
            "description": lot.description or story.description[:1000],
            "awardCriteria": {
                "criteria": [
                    {"name": name, "type": kind, "description": str(number)} for kind, name, _, number in lot.criteria
                ]
                or [{"type": "price"}]
            },
            "hasOptions": bool(story.latest),
            **({"options": {"description": _text(r, 2 + int(r() * 4))}} if story.latest else {}),
            "status": "active" if is_full else "cancelled" if r() < 0.5 else "complete",
        }
        for lot in story.lots
    ]
    tender["items"] = items
    if is_full:
        criterion = {"type": "suitability", "description": _text(r, 6 + int(r() * 10)), "appliesTo": ["supplier"]}
        if r() < 0.4:
            criterion["appliesTo"] = "supplier"
        tender["submissionMethod"] = ["electronicSubmission"]
        tender["submissionMethodDetails"] = story.buyer.portal
        tender["selectionCriteria"] = {"criteria": [criterion]}
    tender["procurementMethod"], tender["procurementMethodDetails"] = _OLD_PROCEDURES[story.kind == "call_off"][
        int(r() * 6)
    ]
    if tender["procurementMethod"] == "limited":
        tender["procurementMethodRationaleClassifications"] = [
            {
                "scheme": "TED_PT_AWARD_CONTRACT_WITHOUT_CALL",
                "id": "D_OUTSIDE_SCOPE",
                "description": "The procurement falls outside the scope of application of the directive",
            }
        ]
        tender["procurementMethodRationale"] = _text(r, 2 + int(r() * 5))
    if story.kind == "framework":
        tender["techniques"] = {"hasFrameworkAgreement": True}
    if is_full:
        tender["tenderPeriod"] = _deadline(story.closes)
        tender["reviewDetails"] = _text(r, 1 + int(r() * 4))
    return tender


_OLD_PROCEDURES = (
    (("open", "Open procedure"),) * 3
    + (
        ("selective", "Restricted procedure"),
        ("selective", "Competitive procedure with negotiation"),
        ("limited", "Award procedure without prior publication of a call for competition"),
    ),
    (("selective", "Restricted procedure"),) * 3
    + (("limited", "Award procedure without prior publication of a call for competition"),) * 3,
)


def _old_release(
    story: _Story,
    notice: _Notice,
    tag: Sequence[str],
    tender: dict[str, Any],
    awards: list[dict[str, Any]] | None,
    parties: list[dict[str, Any]],
) -> dict[str, Any]:
    story.told += 1
    release: dict[str, Any] = {
        "ocid": story.ocid,
        "id": notice.id,
        "date": notice.stamp,
        "tag": list(tag),
        "initiationType": "tender",
        "tender": tender,
    }
    if awards is not None:
        release["awards"] = awards
    release["parties"] = parties
    release["buyer"] = {"id": parties[0]["id"], "name": parties[0]["name"]}
    return release


def _old_tendered(office: _Office, notice: _Notice) -> dict[str, Any]:
    """Invite bids under the old rules."""
    r = office.desk.rng.random
    story = _begin(office, notice.today, "old")
    tender = _old_tender(office, story, _CONCESSIONS if r() < 0.04 else _CLASSIC, "active", True)
    release = _old_release(story, notice, ["tender"], tender, None, [_old_buyer(r, story), _reviewer()])
    _keep(office, "old_open", story, story.closes + 1)
    return release | {"language": "en"}


def _old_planned(office: _Office, notice: _Notice) -> dict[str, Any]:
    """Announce a procurement under the old rules."""
    r = office.desk.rng.random
    story = _begin(office, notice.today, "old")
    tender = _old_tender(office, story, _CLASSIC, "planned", False)
    for lot in tender["lots"]:
        lot["status"] = "planned"
    tender["communication"] = {"futureNoticeDate": _end(story, notice.today + 60)}
    return _old_release(story, notice, ["planning"], tender, None, [_old_buyer(r, story)]) | {"language": "en"}


def _old_tender_update(office: _Office, notice: _Notice) -> dict[str, Any]:
    """Correct a tender under the old rules: only the deadline is told."""
    r = office.desk.rng.random
    story = _begin(office, notice.today, "old")
    story.closes += 7
    tender = {
        "id": story.reference,
        "legalBasis": {"id": _CLASSIC, "scheme": "CELEX"},
        "title": story.title,
        "tenderPeriod": _deadline(story.closes),
        "amendments": [
            {"id": "1", "description": _text(r, 2 + int(r() * 6)), "unstructuredChanges": [{"where": "IV.2.2"}]}
        ],
    }
    return _old_release(story, notice, ["tenderUpdate"], tender, None, [_old_buyer(r, story)]) | {"language": "en"}


def _old_awarded(office: _Office, notice: _Notice) -> dict[str, Any]:
    """Award under the old rules: one contract a supplier, the money there if anywhere."""
    r = office.desk.rng.random
    if office.beside and (found := office.beside.take(r, notice.stamp)):
        return _retold(office, notice, found, True)
    story = _take(office, "old_open", notice.today) or _begin(
        office, notice.today, "old_call_off" if r() < 0.15 else "old"
    )
    if story.kind == "old_call_off":
        story.kind = "call_off"
    return _old_award(office, notice, story, _CLASSIC, "old_signed")


def _old_award(office: _Office, notice: _Notice, story: _Story, basis: str, shelf: str) -> dict[str, Any]:
    r, desk = office.desk.rng.random, office.desk
    is_framework = story.kind == "framework"
    count = 3 + int(r() ** 2 * 33) if is_framework else 1 if r() < 0.9 else 2 + int(r() * 4)
    chosen = made_up.choose_suppliers(desk, story.buyer, story.subject, count, r() < made_up.BIG_PROVIDER)
    parties = [_old_buyer(r, story)]
    awards, contracts = [], []
    signed = notice.today - int(r() * 30)
    is_shared = is_framework and r() < 0.5  # one award to all of them, else one for each
    groups = [chosen] if is_shared else [[supplier] for supplier in chosen]
    has_double_number = not is_shared and r() < 0.1
    for number, group in enumerate(groups, 1):
        winners = [_old_supplier(office, supplier) for supplier in group]
        parties += [party for _, party in winners]
        award_id = (
            f"{notice.id}-{1 + number % len(story.lots)}-{number}" if has_double_number else f"{notice.id}-{number}"
        )
        lot = story.lots[number % len(story.lots)]
        net = story.net if is_framework or len(groups) == 1 else _whole(round(story.net / len(groups), 2))
        contract: dict[str, Any] = {"id": award_id, "awardID": award_id, "title": story.title, "status": "active"}
        if r() < 0.8:
            contract["value"] = {"amount": net, "currency": story.currency}
        contract["dateSigned"] = day_start(signed)
        contracts.append(contract)
        awards.append(
            {
                "id": award_id,
                "title": story.title,
                "relatedLots": [lot.id],
                "status": "active",
                "suppliers": [{"id": winner.party_id, "name": winner.name} for winner, _ in winners],
            }
        )
        winner = tuple(one for one, _ in winners)
        story.awards.append(_Award(award_id, (lot.id,), winner, net, "", signed, story.start, story.end, 0, award_id))
    parties.append(_reviewer())
    tender = _old_tender(office, story, basis, "complete", False)
    release = _old_release(story, notice, ["award", "contract"], tender, awards, parties)
    release["contracts"] = contracts
    release["bids"] = {"statistics": _old_statistics(r, story)}
    if shelf:
        _keep(office, shelf, story, notice.today + 4)
    return release | {"language": "en"}


def _old_statistics(r: Callable[[], float], story: _Story) -> list[dict[str, Any]]:
    statistics: list[dict[str, Any]] = []
    for lot in story.lots:
        bids = 1 + int(r() * r() * 14)
        rows: list[tuple[str, float]] = [("bids", bids), ("smeBids", int(bids * r())), ("electronicBids", bids)]
        if r() < 0.3:
            rows += [("lowestValidBidValue", 0.01 if r() < 0.1 else lot.net), ("highestValidBidValue", lot.net * 2)]
        for measure, value in rows:
            row = {"id": str(len(statistics) + 1), "measure": measure, "relatedLot": lot.id, "value": value}
            if measure.endswith("Value"):
                row["currency"] = "GBP"
            statistics.append(row)
    return statistics


def _old_update(office: _Office, notice: _Notice) -> dict[str, Any]:
    """Correct an award under the old rules: another amount in the contract, nothing else."""
    r = office.desk.rng.random
    story = _take(office, "old_signed", notice.today)
    if story is None:
        story = _begin(office, notice.today - 100, "old")
        award_id = f"{int(r() * 80_000) + 1:06}-{date.fromordinal(notice.today).year - 1}-1"
        story.awards = [_Award(award_id, ("1",), (), story.net, "", notice.today, story.start, story.end, 0, award_id)]
    award = story.awards[0]
    award.net = _whole(round(award.net * (0.7 + r() * 0.8), 2))
    tender = {
        "id": story.reference,
        "legalBasis": {"id": _CLASSIC, "scheme": "CELEX"},
        "title": story.title,
        "amendments": [{"id": "1", "description": _text(r, 4 + int(r() * 12))}],
    }
    release = _old_release(story, notice, ["awardUpdate", "contractUpdate"], tender, None, [_old_buyer(r, story)])
    release["contracts"] = [
        {"id": award.contract, "awardID": award.id, "value": {"amount": award.net, "currency": story.currency}}
    ]
    _keep(office, "old_signed", story, notice.today + 4)
    return release | {"language": "en"}


_PSR = (
    "This is a Provider Selection Regime (PSR) {} notice. The awarding of this contract is subject to the Health Care "
    "Services (Provider Selection Regime) Regulations 2023. For the avoidance of doubt, the provisions of the Public "
    "Contracts Regulations 2015 and the Procurement Act 2023 do not apply to this award.\n"
)


def _health_intended(office: _Office, notice: _Notice) -> dict[str, Any]:
    """Announce the award of a health service; it is confirmed later, under another ocid."""
    story = _begin(office, notice.today, "old_call_off")
    story.kind = "contract"
    story.title = f"PSR - {story.title}"
    story.subject = next(subject for subject in made_up.SUBJECTS if subject.code == "85100000")
    base, story.description = story.description, _PSR.format("intention to award") + story.description
    release = _old_award(office, notice, story, _CLASSIC, "")
    story.description = base
    _keep(office, "intended", story, notice.today + 12)
    return release


def _health_confirmed(office: _Office, notice: _Notice) -> dict[str, Any]:
    """Confirm the award of a health service under an ocid of its own."""
    desk = office.desk
    r = desk.rng.random
    story = _take(office, "intended", notice.today)
    if story is None:
        story = _begin(office, notice.today, "old_call_off")
        story.kind = "contract"
        winners = tuple(
            _old_supplier(office, supplier)[0]
            for supplier in made_up.choose_suppliers(desk, story.buyer, story.subject, 1, False)
        )
        story.awards = [
            _Award("", (story.lots[0].id,), winners, story.net, "", notice.today, story.start, story.end, 0)
        ]
    story.ocid = _ocid(office)
    story.description = _PSR.format("confirmation of contract award") + story.description
    parties = [_old_buyer(r, story)]
    awards, contracts = [], []
    for number, award in enumerate(story.awards, 1):
        award_id = f"{notice.id}-{number}"
        for winner in award.winners:
            region = _region(_home()[winner.supplier.postcode[:-2]])
            address = {"locality": winner.supplier.town, "region": region}
            parties.append(_old_party(winner.name, winner.party_id, {}, address, "supplier"))
        suppliers = [{"id": winner.party_id, "name": winner.name} for winner in award.winners]
        awards.append({"id": award_id, "relatedLots": list(award.lots), "status": "active", "suppliers": suppliers})
        contracts.append(
            {
                "id": award_id,
                "awardID": award_id,
                "status": "active",
                "value": {"amount": award.net, "currency": story.currency},
                "dateSigned": day_start(notice.today - 2),
            }
        )
    tender = _old_tender(office, story, _CLASSIC, "complete", False)
    release = _old_release(story, notice, ["award", "contract"], tender, awards, parties)
    release["contracts"] = contracts
    return release | {"language": "en"}


def _qualified(office: _Office, notice: _Notice) -> dict[str, Any]:
    """Award under a qualification system of utilities: one of two ocids, whoever the buyer is."""
    r = office.desk.rng.random
    story = _begin(office, notice.today, "old_call_off")
    number = int(r() * 16)
    kind = ("Water Limited", "Power Networks plc", "Gas Distribution Limited", "Rail Infrastructure Limited")[
        number % 4
    ]
    story.buyer = story.buyer._replace(
        name=f"{made_up.TOWNS[100 + number * 5]} {kind}", is_council=False, noun="Utility"
    )
    story.buyer_name, story.kind = story.buyer.name, "contract"
    story.ocid = f"ocds-h6vhtk-{_FIRST_OCID - 1 - (office.seed * 2 + (r() < 0.3)) % 9000:06x}"
    return _old_award(office, notice, story, _UTILITIES, "")


# What Contracts Finder told too


class _Beside:
    """Contracts Finder's releases of the same days, read along, with the last awards that can be told again."""

    def __init__(self, told: Iterator[dict[str, Any]], share: float) -> None:
        self._told = told
        self._share = share
        self._ahead = next(told, None)
        self._kept: list[dict[str, Any]] = []

    def take(self, r: Callable[[], float], stamp: str) -> dict[str, Any] | None:
        """Return an award published there up to this time, each once; none most of the time."""
        while self._ahead is not None and self._ahead["date"] <= stamp:
            if _is_fit(self._ahead):
                self._kept = [*self._kept[-49:], self._ahead]
            self._ahead = next(self._told, None)
        if not self._kept or r() >= self._share:
            return None
        return self._kept.pop(int(r() * len(self._kept)))


def _is_fit(release: dict[str, Any]) -> bool:
    """Tell whether an award of Contracts Finder could stand on the other service too: new, credible, supplier named."""
    if release["tag"] != ["award"]:
        return False
    award = release["awards"][0]
    amount = award["value"]["amount"]
    parties = release["parties"][1:]
    return (
        award["id"].endswith("-1")
        and 20_000 <= amount < 99_000_000
        and len({party["id"] for party in parties}) == len(parties) <= 4
        and all(party["identifier"].get("legalName", "")[:1].isalnum() for party in parties if "identifier" in party)
        and all("name" in party and len(party["name"]) > 14 for party in parties)
    )


def _retitled(r: Callable[[], float], title: str, reference: str) -> str:
    """Write the title a little differently, as the same officer does on another form."""
    title = re.sub(r"\s*\(contact [^)]*\)$", "", title).removesuffix(MARK).strip()
    u = r()
    if u < 0.25:
        pass
    elif u < 0.4:
        title = title.upper()
    elif u < 0.55:
        title = f"{title} - Contract Award"
    elif u < 0.7:
        title = f"{reference} {title}"
    elif u < 0.8:
        title = f"Award of contract: {title}"
    elif u < 0.9:
        title = title.replace(" and ", " & ").replace(" - ", ", ")
    else:
        title = re.sub(r"^(Provision of |The )", "", title)
    return f"{title} {MARK}"


def _retold(office: _Office, notice: _Notice, other: dict[str, Any], is_same: bool) -> dict[str, Any]:
    """Tell an award of Contracts Finder on Find a Tender: the same one, or one that only looks like it."""
    desk = office.desk
    r = desk.rng.random
    story = _begin(office, notice.today, "old_call_off")
    story.kind, story.currency, story.parent = "contract", "GBP", ("", "")
    buyer, tender, award = other["parties"][0], other["tender"], other["awards"][0]
    story.buyer_name = buyer["name"].upper() if r() < 0.15 else buyer["name"]
    story.reference = tender["id"] if r() < 0.4 else f"{tender['id'][-6:]}/{int(r() * 99)}"
    story.title = _retitled(r, tender["title"], story.reference)
    code = tender["classification"]["id"]
    story.subject = next(subject for subject in made_up.SUBJECTS if subject.code == code)
    story.description = tender["description"] if r() < 0.4 else f"{tender['description'][:300]} {_text(r, 3)}"
    amount = award["value"]["amount"]
    signed = min(_ordinal(award["date"]) + int(r() * 4), notice.today)
    suppliers = other["parties"][1:]
    if not is_same:
        u = r()
        if u < 0.4:  # the year before, of the same supplier
            signed -= 365
            amount = _whole(round(amount * (0.7 + r() * 0.2), 2))
            story.title = f"{story.title.removesuffix(MARK).strip()} {date.fromordinal(signed).year} {MARK}"
        elif u < 0.7:  # another lot, of another supplier
            amount = _whole(round(amount * (1.3 + r()), 2))
            suppliers = []
            story.title = f"{story.title.removesuffix(MARK).strip()} - Lot {2 + int(r() * 6)} {MARK}"
        else:  # another supplier for another thing of the kind
            suppliers = []
            amount = _whole(round(amount * (0.3 + r() * 0.3), 2))
            topic = f"{pick(r, story.subject.topics)} for {pick(r, made_up.TOWNS)}"
            story.title = f"{topic[0].upper()}{topic[1:]} {MARK}"
    elif r() < 0.2:
        amount = _whole(round(amount * 1.2, 2))  # gross there, net here, or the other way round
    party = _old_buyer(r, story)
    party["name"] = party["identifier"]["legalName"] = story.buyer_name
    party["id"] = f"GB-FTS-{100_000 + crc32(buyer['name'].encode()) % 80_000}"
    party["address"] = {
        "streetAddress": buyer["address"]["streetAddress"],
        "locality": buyer["address"]["locality"],
        "postalCode": buyer["address"]["postalCode"],
        "countryName": "United Kingdom",
    }
    parties = [party]
    for supplier in suppliers:
        legal = {key: supplier["identifier"][key] for key in ("id", "scheme") if key in supplier.get("identifier", {})}
        name = supplier["name"].strip()
        if r() < 0.3:
            name = re.sub(r"\bltd\.?$", "Limited", name, flags=re.IGNORECASE)
        if r() < 0.5:
            legal = {}
        party_id = f"{legal['scheme']}-{legal['id']}" if legal else _party_id(office)
        parties.append(_old_party(name, party_id, legal, {"locality": pick(r, made_up.TOWNS)}, "supplier"))
    if not suppliers:
        story.buyer = made_up.choose_buyer(desk)
        chosen = made_up.choose_suppliers(desk, story.buyer, story.subject, 1, False)
        parties.append(_old_supplier(office, chosen[0])[1])
    award_id = f"{notice.id}-1"
    story.lots = story.lots[:1]
    told = [
        {
            "id": award_id,
            "title": story.title,
            "relatedLots": [story.lots[0].id],
            "status": "active",
            "suppliers": [{"id": one["id"], "name": one["name"]} for one in parties[1:]],
        }
    ]
    story.net = amount
    release = _old_release(
        story, notice, ["award", "contract"], _old_tender(office, story, _CLASSIC, "complete", False), told,
        [*parties, _reviewer()],
    )  # fmt: skip
    release["contracts"] = [
        {
            "id": award_id,
            "awardID": award_id,
            "title": story.title,
            "status": "active",
            "value": {"amount": amount, "currency": "GBP"},
            "dateSigned": day_start(signed),
        }
    ]
    release["bids"] = {"statistics": _old_statistics(r, story)}
    return release | {"language": "en"}


def _spoil(release: dict[str, Any], turn: int) -> None:
    """Put the next piece of hostile or broken text into a release: its first supplier's name, or else its title."""
    supplier = next((party for party in release["parties"] if party["roles"] == ["supplier"]), None)
    awards = [award for award in release.get("awards", ()) if award.get("suppliers")]
    if supplier and awards and turn % 3:
        name = made_up.HOSTILE_NAMES[turn % len(made_up.HOSTILE_NAMES)]
        supplier["name"] = name
        for award in awards:
            for entry in award["suppliers"]:
                if entry["id"] == supplier["id"]:
                    entry["name"] = name
    else:
        release["tender"]["title"] = f"{made_up.HOSTILE_TITLES[turn % len(made_up.HOSTILE_TITLES)]} {MARK}"
        broken = "\udc00" if turn % 2 else "\x00"
        release["tender"]["description"] = release["tender"].get("description", "") + broken


_PLANNED = ("Planned procurement notice", "plannedProcurementNotice")

# In hundredths of all releases. The Act's add up to 90, the old rules' to 10.
_KINDS: tuple[tuple[float, Callable[[_Office, _Notice], dict[str, Any]]], ...] = (
    (1.6, _announced("UK1", "Pipeline notice", "plannedProcurementNotice")),
    (4.2, _announced("UK2", "Preliminary market engagement notice", "marketEngagementNotice")),
    (2.6, _announced("UK3", *_PLANNED)),
    (2.3, _planning_update),
    (17.0, _tendered),
    (4.4, _tender_update),
    (5.5, _transparency),
    (16.2, _awarded),
    (27.0, _signed),
    (1.2, _award_update),
    (2.5, _contract_update),
    (0.15, _performed("UK8", "Contract payment notice", "contractPaymentNotice")),
    (0.2, _performed("UK9", "Contract performance notice", "implementationNotice")),
    (0.9, _changed),
    (0.7, _ended),
    (1.7, _cancelled),
    (0.4, _market("UK13", "Dynamic market intention notice", "planning", "planned")),
    (0.4, _market("UK14", "Dynamic market establishment notice", "tender", "active")),
    (0.75, _market_changed),
    (0.15, _market("UK16", "Dynamic market cessation notice", "tenderUpdate", "complete")),
    (0.15, _performed("UK17", "Payments compliance notice", "paymentsComplianceNotice")),
    (6.4, _old_awarded),
    (0.8, _old_tendered),
    (0.3, _old_planned),
    (0.2, _old_tender_update),
    (0.6, _old_update),
    (0.8, _health_intended),
    (0.5, _health_confirmed),
    (0.4, _qualified),
)
_WEIGHTS = tuple(accumulate(weight for weight, _ in _KINDS))


if __name__ == "__main__":
    raise SystemExit(made_up.command("extractors.made_up_find_a_tender", "Find a Tender", lines, None))

"""Ask a service for everything that was published in a period, although its pages lose rows.

Both services page by a cursor on a hidden key that is not in the order of the listing, so that rows at page borders are
dropped and others repeated, and the short page that results looks like a last one
(https://github.com/open-contracting/kingfisher-collect/issues/968, /1203 and /1306).
A page that was asked for without a cursor and is not full was complete whenever it was checked.
So a window is asked for without a cursor, and halved while its page is full, down to one second.
Only within the shortest window the cursor is followed, more than once with pages of other sizes, until nothing new
comes, and refused when it repeats rows.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from typing import Protocol, TypeVar
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from extractors.packages import Package, split
from extractors.web import Answer, UnexpectedAnswer

LONDON = ZoneInfo("Europe/London")
MOST_REQUESTS = 5_000
"""Requests in one walk; the busiest day known needs about forty."""
MOST_IDLE_PAGES = 100
"""Pages in a row that promise more and bring nothing new; halving a day down to a second needs seventeen."""

_SECOND = timedelta(seconds=1)
_PARTS_OF_A_PAGE = (1.0, 0.89, 0.79, 0.71, 0.61, 0.53, 0.47, 0.41)
_Read = TypeVar("_Read")


class Asker(Protocol):
    """What a walk needs of a session: see ``extractors.web.Session.read``."""

    def read(
        self, url: str, params: Mapping[str, str] | None, reader: Callable[[bytes], _Read]
    ) -> tuple[Answer, _Read]:
        """Ask, and return the answer with what the reader makes of its body."""
        ...


@dataclass(frozen=True, slots=True)
class Page:
    """One page as answered.

    ``package`` holds only what this walk had not met before; ``served`` counts what was on the page.
    ``start`` and ``end`` are the window asked for, in UTC, both included by the service.
    """

    answer: Answer
    package: Package
    start: datetime
    end: datetime
    served: int


def london_day(day: date) -> tuple[datetime, datetime]:
    """Return the start of a London calendar day and of the day after it, in UTC: 23, 24 or 25 hours apart."""
    start = datetime.combine(day, clock_time(), LONDON)
    end = datetime.combine(day + timedelta(days=1), clock_time(), LONDON)
    return start.astimezone(UTC), end.astimezone(UTC)


def halfway(start: datetime, end: datetime) -> datetime | None:
    """Return the whole second in the middle of a window of whole seconds, or null where there is none."""
    middle = start + (end - start) // _SECOND // 2 * _SECOND
    return middle if middle > start else None


def walk(
    session: Asker,
    path: str,
    query: Callable[[datetime, datetime, int], Mapping[str, str]],
    start: datetime,
    end: datetime,
    page_size: int,
    middle: Callable[[datetime, datetime], datetime | None] = halfway,
) -> Iterator[Page]:
    """Generate pages until everything published from ``start`` to ``end`` has been met, each release once.

    ``query`` makes the parameters of a request from a window in UTC and a page size. ``middle`` says where a window is
    cut in two, strictly inside it, or that it cannot be cut. Both bounds are included, and
    neighbouring windows share their border second: what is met again is dropped, told by ocid, id and content, so that
    an edit between two pages is kept. Parts of seconds widen the window. Raises ``ValueError`` for a window without
    time zones or without length, ``UnexpectedAnswer`` when the service pages without end, in a circle, to another host,
    or so that completeness within the shortest window cannot be shown; and what ``session`` raises.
    """
    if start.tzinfo is None or end.tzinfo is None or start >= end:
        raise ValueError(f"no window: {start} to {end}. Give two times with time zones, the earlier first.")
    first, last = start.astimezone(UTC).replace(microsecond=0), end.astimezone(UTC)
    if last.microsecond:
        last = last.replace(microsecond=0) + _SECOND
    met = _Met()
    windows = [(first, last)]
    while windows:
        first, last = windows.pop()
        page = met.ask(session, path, query(first, last, page_size), first, last)
        yield page
        if page.served < page_size and page.package.next_url is None:
            continue
        cut = middle(first, last)
        if cut is None:
            yield from _within_the_shortest(session, path, query, page, page_size, met)
        else:
            windows += [(cut, last), (first, cut)]


class _Met:
    """What a walk has met so far, by hash, and how long it has gone on."""

    def __init__(self) -> None:
        self._hashes: set[bytes] = set()
        self._requests = 0
        self._idle = 0
        self._on_earlier_pages: set[bytes] = set()
        self.has_repeats = False

    def ask(self, session: Asker, url: str, params: Mapping[str, str] | None, start: datetime, end: datetime) -> Page:
        """Ask for one page, the first of a listing when it has parameters, and keep what is new of it."""
        self._requests += 1
        if self._requests > MOST_REQUESTS:
            raise _endless(start, end, f"{MOST_REQUESTS:,} requests were not enough")
        answer, package = session.read(url, params, split)
        served = len(package.releases) + len(package.unreadable)
        names = [_hash(repr((r.ocid, r.release_id)).encode(), r.body) for r in package.releases]
        if params is not None:
            self._on_earlier_pages, self.has_repeats = set(), False
        self.has_repeats = self.has_repeats or not self._on_earlier_pages.isdisjoint(names)
        self._on_earlier_pages.update(names)
        releases = [r for r, name in zip(package.releases, names, strict=True) if self._is_new(name)]
        unreadable = [u for u in package.unreadable if self._is_new(_hash(b"unreadable", u.sha256.encode()))]
        self._idle = 0 if releases or unreadable or package.next_url is None else self._idle + 1
        if self._idle > MOST_IDLE_PAGES:
            raise _endless(start, end, f"{MOST_IDLE_PAGES} pages in a row promised more and brought nothing new")
        return Page(answer, replace(package, releases=releases, unreadable=unreadable), start, end, served)

    def _is_new(self, name: bytes) -> bool:
        if name in self._hashes:
            return False
        self._hashes.add(name)
        return True


def _within_the_shortest(
    session: Asker,
    path: str,
    query: Callable[[datetime, datetime, int], Mapping[str, str]],
    page: Page,
    page_size: int,
    met: _Met,
) -> Iterator[Page]:
    """Follow the cursor, with pages of one size after another, until two of them bring nothing new and end short.

    Other sizes put the page borders elsewhere, so that other rows are lost there. A full last page proves nothing: the
    link to the next one may be missing. Nor does a listing that repeats a row of an earlier page, which is how lost
    rows show: such a window is refused, since its completeness cannot be shown.
    """
    start, end = page.start, page.end
    doubt, quiet = "a full page had no link to the next one", 0
    for part in _PARTS_OF_A_PAGE:
        size = max(1, int(page_size * part))
        fresh = 0
        if size != page_size:
            page = met.ask(session, path, query(start, end, size), start, end)
            fresh = len(page.package.releases)
            yield page
        asked = {unquote(page.answer.url)}
        while page.package.next_url is not None:
            following = page.package.next_url
            if unquote(following) in asked:
                raise _endless(start, end, f"the page at {following[:300]} leads to one that was read before")
            asked.add(unquote(following))
            page = met.ask(session, following, None, start, end)
            fresh += len(page.package.releases)
            yield page
        if met.has_repeats:
            raise _endless(start, end, "rows came again on a later page, which is how the cursor loses others")
        if page.served < size:
            doubt = "new rows kept coming with each size of page"
            quiet = quiet + 1 if fresh == 0 and size != page_size else 0
        if quiet == 2:
            return
    raise _endless(start, end, doubt)


def _hash(*parts: bytes) -> bytes:
    return hashlib.blake2b(b"\0".join(parts), digest_size=16).digest()


def _endless(start: datetime, end: datetime, why: str) -> UnexpectedAnswer:
    return UnexpectedAnswer(
        f"The window {start:%Y-%m-%d %H:%M:%S} to {end:%Y-%m-%d %H:%M:%S} UTC could not be read to its end: {why}. "
        "Run again later; if it stays, compare the day with the service's own list of the day."
    )

"""Ask the services for days, and for what their own lists show to be missing, and archive what they say.

Contracts Finder lists the releases of each day in a file of its own; the notice numbers of Find a Tender are one
sequence per year, so that a gap in it is a notice that was not listed.
What is found missing is asked for by its id, each id once, some per night: the manifests remember what was asked.
Such a check never stops a night: where it cannot be made, how much is missing stays not known.
"""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from types import ModuleType

import msgspec

from extractors import contracts_finder, find_a_tender
from extractors.archive import Archive
from extractors.archive import Collection as Collecting
from extractors.packages import Package
from extractors.web import Answer, Session, SourceError
from extractors.windows import london_day

log = logging.getLogger("noticeboard")

SERVICES: Mapping[str, ModuleType] = {module.SOURCE: module for module in (contracts_finder, find_a_tender)}
"""The services that are read, in order, each with the extractor that knows it."""

MOST_BY_ID = 60
"""Notices of one service that a night asks for by their id: ten minutes at the services' pace."""


def read_day(
    archive: Archive,
    session: Session,
    source: str,
    day: date,
    now: Callable[[], datetime],
    served: Callable[[int], None],
) -> int:
    """Ask a service for everything that it published on a London day, and archive it.

    Args:
        archive: where it is kept.
        session: the service, open.
        source: the service's name.
        day: the London day; of one that is not over, what has been published so far.
        now: the clock.
        served: is told the number of releases on each page.

    Returns:
        The number of releases that came, those known before included.
    """
    start, end = london_day(day)
    asked_at = now()
    until = min(end, asked_at)
    found = 0
    with archive.collecting(source, day) as collection:
        for page in SERVICES[source].pages(session, start, until):
            _add(collection, page.answer, page.package, (page.start, page.end))
            found += len(page.package.releases)
            served(page.served)
        collection.complete(start, until, asked_at)
    return found


def check_days(archive: Archive, session: Session, days: Collection[date], now: Callable[[], datetime]) -> int:
    """Compare what is archived of Contracts Finder with its own lists of these days, and ask for what is missing.

    Returns:
        The number of releases that were asked for by their id.
    """
    source, asked = contracts_finder.SOURCE, 0
    known = archive.asked_ids(source)
    try:
        for day in sorted(days, reverse=True):
            asked_at = now()
            if london_day(day)[1] > asked_at:
                continue
            answer, listed = contracts_finder.listed(session, day)
            with archive.collecting(source, day) as collection:
                _add(collection, answer)
                if listed is None:
                    continue
                # What was published around midnight may stand under the day before or after.
                held = {own for near in (-1, 0, 1) for own in ids(archive, source, day + timedelta(days=near))}
                missing = [names for names in listed if names not in held]
                wanted = [own for _, own in missing if own not in known][: MOST_BY_ID - asked]
                brought = _ask(collection, wanted, partial(contracts_finder.release, session))
                asked += len(wanted)
                collection.listed(asked_at, len(listed), [names for names in missing if names not in brought])
    except SourceError as error:
        log.warning("%s: its lists could not be compared with what is held: %s", source, error)
    return asked


def fill_gaps(archive: Archive, session: Session, missing: Mapping[date, Collection[str]]) -> tuple[set[date], int]:
    """Ask Find a Tender for notices that must exist by their numbers and are not held, the newest days first.

    Args:
        archive: where they are kept, and what was asked before is told.
        session: the service, open.
        missing: notice ids by the London day to which they belong: see ``completeness.gaps``.

    Returns:
        The days for which something came, and the number of notices asked for.
    """
    source, found, asked = find_a_tender.SOURCE, set(), 0
    known = archive.asked_ids(source)
    for day in sorted(missing, reverse=True):
        wanted = [one for one in missing[day] if one not in known][: MOST_BY_ID - asked]
        if not wanted:
            continue
        with archive.collecting(source, day) as collection:
            if _ask(collection, wanted, partial(find_a_tender.release, session)):
                found.add(day)
        asked += len(wanted)
    return found, asked


def _ask(
    collection: Collecting, wanted: Sequence[str], release: Callable[[str], tuple[Answer, Package | None]]
) -> set[tuple[str | None, str | None]]:
    """Ask for releases by their ids and archive what comes, until the service refuses; return what came."""
    brought: set[tuple[str | None, str | None]] = set()
    for number, one in enumerate(wanted):
        try:
            answer, package = release(one)
        except SourceError as error:
            log.warning("%s of %s missing notices could not be asked for: %s", len(wanted) - number, len(wanted), error)
            break
        if package is None and not answer.body.lstrip().startswith((b"{", b"[")):
            # A page of HTML says that the address is wrong, not that the notice does not exist.
            log.warning("%s is not answered as a service answers that has no such notice", answer.url)
            break
        _add(collection, answer, package)
        if package is not None:
            brought |= {(told.ocid, told.release_id) for told in package.releases}
    return brought


def held_numbers(
    archive: Archive, known: Mapping[date, Collection[str]], days: Collection[date]
) -> dict[date, Collection[str]]:
    """Return the notice ids of Find a Tender by the London day under which they are archived.

    Args:
        archive: the archive.
        known: what the warehouse holds.
        days: days that the warehouse may not hold yet: these are read from the archive.
    """
    return {**known, **{day: [own for _, own in ids(archive, find_a_tender.SOURCE, day)] for day in days}}


class _Ids(msgspec.Struct):
    ocid: str | None = None
    id: str | None = None


_decode = msgspec.json.Decoder(_Ids).decode


def ids(archive: Archive, source: str, day: date) -> list[tuple[str, str]]:
    """Return ocid and id of every release that is archived under a day; one without either is left out."""
    found = []
    for line in archive.lines(source, day):
        try:
            told = _decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            continue  # the digest sets it aside, and says why
        if told.ocid and told.id:
            found.append((told.ocid, told.id))
    return found


def _add(
    collection: Collecting,
    answer: Answer,
    package: Package | None = None,
    window: tuple[datetime, datetime] | None = None,
) -> int:
    """Archive an answer, and return how many releases it brought."""
    releases = package.releases if package is not None else []
    collection.add(
        url=answer.url,
        requested_at=answer.requested_at,
        status=answer.status,
        sha256=answer.sha256,
        bytes=len(answer.body),
        window=window,
        releases=[release.body for release in releases],
        unreadable=[(part.offset, part.length, part.sha256, part.reason) for part in package.unreadable]
        if package is not None
        else (),
        repaired=package.repaired if package is not None else (),
    )
    return len(releases)

"""Ask the services for days, and for what their own lists show to be missing, and archive what they say.

Contracts Finder lists the releases of each day in a file of its own; the notice numbers of Find a Tender are one
sequence per year, so that a gap in it is a notice that was not listed.
What is found missing is asked for by its id, each id once, some per night: the manifests remember what was asked.
Such a check never stops a night: where it cannot be made, how much is missing stays not known.
"""

import json
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


def compare_days(archive: Archive, session: Session, days: Collection[date], now: Callable[[], datetime]) -> None:
    """Compare what is archived of Contracts Finder with its own lists of these days, and note what is missing."""
    source = contracts_finder.SOURCE
    try:
        for day in sorted(days, reverse=True):
            asked_at = now()
            if london_day(day)[1] > asked_at:
                continue
            answer, listed = contracts_finder.listed(session, day)
            with archive.collecting(source, day) as collection:
                _add(collection, answer)
                if listed is not None:
                    # What was published around midnight may stand under the day before or after.
                    held = {own for near in (-1, 0, 1) for own in ids(archive, source, day + timedelta(days=near))}
                    collection.listed(asked_at, len(listed), [names for names in listed if names not in held])
    except SourceError as error:
        log.warning("%s: its lists could not be compared with what is held: %s", source, error)


def uncompared_days(archive: Archive, days: Collection[date]) -> set[date]:
    """Return those of some days that no list of Contracts Finder was asked for after they had ended."""
    source, path = contracts_finder.SOURCE, contracts_finder.LIST_PATH
    return {
        day
        for day in days
        if not any(
            path in request.url and request.requested_at >= london_day(day)[1]
            for request in archive.requests(source, day)
        )
    }


def missing_from_lists(archive: Archive) -> dict[date, list[str]]:
    """Return the ids that Contracts Finder's lists told of and that were not held then, by day."""
    source = contracts_finder.SOURCE
    told = {day: archive.listed(source, day) for day in archive.days(source)}
    return {day: [own for _, own in listed.missing] for day, listed in told.items() if listed and listed.missing}


def fill_gaps(
    archive: Archive, session: Session, source: str, missing: Mapping[date, Collection[str]]
) -> tuple[set[date], int]:
    """Ask a service for notices that must exist by its own account and are not held, the newest days first.

    Args:
        archive: where they are kept, and what was asked before is told: each id is asked for once.
        session: the service, open.
        source: the service's name.
        missing: ids by the London day to which they belong: see ``missing_from_lists`` and ``completeness.gaps``.

    Returns:
        The days for which something came, and the number of notices that were asked for, and answered.
    """
    found, asked = set(), 0
    known = archive.asked_ids(source)
    for day in sorted(missing, reverse=True):
        wanted = [one for one in missing[day] if one not in known][: MOST_BY_ID - asked]
        if not wanted:
            continue
        with archive.collecting(source, day) as collection:
            brought, answered = _ask(collection, wanted, partial(SERVICES[source].release, session))
        if brought:
            found.add(day)
        asked += answered
        if answered < len(wanted):
            # Who refuses one id refuses the others: they wait for another night.
            break
    return found, asked


def _ask(
    collection: Collecting, wanted: Sequence[str], release: Callable[[str], tuple[Answer, Package | None]]
) -> tuple[int, int]:
    """Ask for releases by their ids and archive what comes, until the service refuses.

    Returns:
        How many releases came, and how many ids were answered: fewer than were wanted when the service refused.
    """
    brought = 0
    for number, one in enumerate(wanted):
        try:
            answer, package = release(one)
        except SourceError as error:
            log.warning("%s of %s missing notices could not be asked for: %s", len(wanted) - number, len(wanted), error)
            return brought, number
        if package is None and not answer.body.lstrip().startswith((b"{", b"[")):
            # A page of HTML says that the address is wrong, not that the notice does not exist.
            log.warning("%s is not answered as a service answers that has no such notice", answer.url)
            return brought, number
        brought += _add(collection, answer, package)
    return brought, len(wanted)


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
            told = _decode_tolerantly(line)
        if told.ocid and told.id:
            found.append((told.ocid, told.id))
    return found


def _decode_tolerantly(line: bytes) -> _Ids:
    """Read ocid and id of a release that the strict reading refuses, as for half a surrogate pair in a title."""
    try:
        told = json.loads(line.decode("utf-8", "replace"), parse_int=str)
    except (ValueError, RecursionError):
        return _Ids()  # the digest sets it aside, and says why
    named = [told.get(name) for name in ("ocid", "id")] if isinstance(told, dict) else []
    return _Ids(*(name if isinstance(name, str) else None for name in named))


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

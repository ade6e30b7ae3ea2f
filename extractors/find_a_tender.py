"""Find a Tender: UK notices above the thresholds since 2021, and of all new procurements since 24 February 2025.

Documentation: https://www.find-tender.service.gov.uk/apidocumentation/1.0/GET-ocdsReleasePackages

Caveats
    - No token is needed. There are five parameters, and any other is refused with 400.
    - 429 comes after some twelve requests in two minutes, with or without ``Retry-After``; 503 says how long, too.
    - At most 100 releases on a page, the highest notice id first. The cursor loses rows, always: it is on a hidden key
      that is not in the order of the listing, and the short page that follows looks like a last one
      (https://github.com/open-contracting/kingfisher-collect/issues/968, /1203 and /1306). It is not trusted: see
      ``extractors.windows``.
    - ``stages`` is never sent: it drops notices of the stages that it names.
    - Times are London wall-clock times, without an offset, and both ends of a window are included. The hour that comes
      twice in October is therefore ambiguous: a window that begins or ends in it is asked from the second before it or
      to the second after it, and is never cut within it.
    - A window selects on the moment of publication, which is not told: a release's ``date`` may be months later.
    - A window must end after it begins, or it is refused with 400.
    - One notice is one release. Its id, ``nnnnnn-yyyy``, counts the notices of a year, so that what is missing shows:
      see ``extractors.completeness``. Not every number was published.
    - Notices below the threshold of bodies in Scotland are not published here.
    - Nothing is published before January 2021. In 2021 ``deliveryAddresses`` may be an object where a list belongs.
    - Numbers such as ``1e9999`` ("no limit") occur, and ``000``, which is not JSON: see ``extractors.packages``.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from extractors.packages import Package, split
from extractors.web import Answer, Session
from extractors.windows import LONDON, Page, halfway, walk

SOURCE = "find-a-tender"
HOST = "https://www.find-tender.service.gov.uk"
SEARCH_PATH = "/api/1.0/ocdsReleasePackages"
PAGE_SIZE = 100
PACING_SECONDS = 10.0

_NOTICE_ID = re.compile(r"[0-9]{6}-[0-9]{4}")


def pages(session: Session, start: datetime, end: datetime) -> Iterator[Page]:
    """Generate the pages that hold everything published from ``start`` to ``end``, both included, each release once.

    See ``extractors.windows.walk`` for what is raised.
    """
    return walk(session, SEARCH_PATH, _query, start, end, PAGE_SIZE, _middle)


def release(session: Session, notice_id: str) -> tuple[Answer, Package | None]:
    """Ask for one notice by its id, ``nnnnnn-yyyy``; null when the service has none of that id.

    Raises ``ValueError`` for a text that is no notice id, and what ``Session.find`` raises.
    """
    if not _NOTICE_ID.fullmatch(notice_id):
        raise ValueError(f"{notice_id[:80]!r} is not the id of a notice: give one such as 083608-2026.")
    return session.find(f"{SEARCH_PATH}/{notice_id}", split)


def _query(start: datetime, end: datetime, size: int) -> Mapping[str, str]:
    first, last = start.astimezone(LONDON), end.astimezone(LONDON)
    if _comes_twice(first):
        first = _last_before(first)
    if _comes_twice(last):
        last = _first_after(last)
    return {
        "updatedFrom": first.strftime("%Y-%m-%dT%H:%M:%S"),
        "updatedTo": last.strftime("%Y-%m-%dT%H:%M:%S"),
        "limit": str(size),
    }


def _middle(start: datetime, end: datetime) -> datetime | None:
    """Cut a window in two, outside the hour that comes twice; null where it cannot be cut."""
    middle = halfway(start, end)
    if middle is None or not _comes_twice(middle.astimezone(LONDON)):
        return middle
    wall = middle.astimezone(LONDON)
    edges = (_last_before(wall).astimezone(UTC), _first_after(wall).astimezone(UTC))
    return next((edge for edge in edges if start < edge < end), None)


def _comes_twice(wall: datetime) -> bool:
    """Tell whether a London time stands in the hour that the clocks go back over."""
    return wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset()


# London's clocks go back at 02:00 summer time to 01:00: https://www.legislation.gov.uk/ukpga/1972/6/section/1
def _last_before(wall: datetime) -> datetime:
    return wall.replace(hour=0, minute=59, second=59, fold=0)


def _first_after(wall: datetime) -> datetime:
    return wall.replace(hour=2, minute=0, second=0, fold=0)

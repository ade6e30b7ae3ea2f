"""Contracts Finder: notices of English and reserved bodies, most of them below the thresholds, since 2015.

Documentation: https://www.contractsfinder.service.gov.uk/apidocumentation/Notices/1/GET-Published-Notice-OCDS-Search

Caveats
    - No token is needed. Unknown parameters are ignored silently.
    - A 403 with a page of HTML means "no further requests for five minutes"; 429 says how long, in its text at least.
      "Rate limit of 12" goes with 120 seconds, hence one request in ten seconds.
    - At most 100 releases on a page, the newest first. The cursor is not trusted: see ``extractors.windows``.
    - Both ends of the window are included. A time without an offset would be read as London time and be ambiguous in
      the repeated hour of October, so the London offset is always sent.
    - Notices appear late, under a date before their appearance: a nightly run reads the last three days again.
    - One notice appears once per edit, each with an id of its own; one procurement may have several awards, each in
      releases of its own. Withdrawn notices stop being listed, without a trace.
    - Earlier releases of a procurement are not all found by the search; some are reachable by its record only.
    - Some releases hold bytes that are not UTF-8.
    - Procurements begun since 24 February 2025 are published on Find a Tender instead, and nothing links the two.
    - A list of each day, one release a row, is published beside the search. It tells what the search should have
      brought. Its columns are those of the day's widest release; a rare row is malformed, and is skipped here. A day
      without a list answers otherwise than with CSV, so that "not known" must not be read as "none".
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from urllib.parse import quote

from extractors.packages import Package, split
from extractors.web import LARGEST_BODY_BYTES, Answer, Session
from extractors.windows import LONDON, Page, walk

SOURCE = "contracts-finder"
HOST = "https://www.contractsfinder.service.gov.uk"
SEARCH_PATH = "/Published/Notices/OCDS/Search"
RELEASE_PATH = "/Published/OCDS/Release/"
LIST_PATH = "/Harvester/Notices/Data/CSV/"
PAGE_SIZE = 100
PACING_SECONDS = 10.0


_OCID_COLUMN, _ID_COLUMN = "releases/0/ocid", "releases/0/id"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,199}")
_NO_LIST = (204, 400, 404)

csv.field_size_limit(LARGEST_BODY_BYTES)  # A description may be longer than the 128 kB that Python allows a field.


def pages(session: Session, start: datetime, end: datetime) -> Iterator[Page]:
    """Generate the pages that hold everything published from ``start`` to ``end``, both included, each release once.

    See ``extractors.windows.walk`` for what is raised.
    """
    return walk(session, SEARCH_PATH, _query, start, end, PAGE_SIZE)


def release(session: Session, release_id: str) -> tuple[Answer, Package | None]:
    """Ask for one release by its id; null when the service has none of that id.

    Raises ``ValueError`` for a text that cannot be an id, and what ``Session.find`` raises.
    Documentation: https://www.contractsfinder.service.gov.uk/apidocumentation/Notices/1/GET-Published-OCDS-Release
    """
    if not _ID.fullmatch(release_id):
        raise ValueError(f"{release_id[:80]!r} cannot be the id of a release: give one as the service lists it.")
    return session.find(RELEASE_PATH + quote(release_id, safe=""), split)


def listed(session: Session, day: date) -> tuple[Answer, list[tuple[str, str]] | None]:
    """Ask for the service's own list of a London day: (ocid, release id) of each release in it, each once.

    Null when the day has no list: an answer that says so, that is empty, or that is no such list.
    Raises what ``Session.find`` raises.
    Documentation: https://www.contractsfinder.service.gov.uk/apidocumentation/Notices/1/GET-Harvester-Notices-Data-CSV
    """
    return session.find(f"{LIST_PATH}{day.year}/{day.month}/{day.day}", _rows, _NO_LIST)


def _rows(body: bytes) -> list[tuple[str, str]] | None:
    """Return the ids in a list of a day, or null when the body is no such list."""
    rows = csv.reader(io.StringIO(body.decode("utf-8-sig", "replace"), newline=""))
    try:
        header = next(rows, [])
        if _OCID_COLUMN not in header or _ID_COLUMN not in header:
            return None
        ocid, own = header.index(_OCID_COLUMN), header.index(_ID_COLUMN)
        told = [(row[ocid].strip(), row[own].strip()) for row in rows if len(row) > max(ocid, own)]
    except csv.Error:
        return None
    return list(dict.fromkeys(row for row in told if row[0].startswith("ocds-") and _ID.fullmatch(row[1])))


def _query(start: datetime, end: datetime, size: int) -> Mapping[str, str]:
    return {
        "publishedFrom": start.astimezone(LONDON).isoformat(timespec="seconds"),
        "publishedTo": end.astimezone(LONDON).isoformat(timespec="seconds"),
        "limit": str(size),
    }

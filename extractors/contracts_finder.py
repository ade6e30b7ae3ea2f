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
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from extractors.web import Session
from extractors.windows import LONDON, Page, walk

SOURCE = "contracts-finder"
HOST = "https://www.contractsfinder.service.gov.uk"
SEARCH_PATH = "/Published/Notices/OCDS/Search"
PAGE_SIZE = 100
PACING_SECONDS = 10.0


def pages(session: Session, start: datetime, end: datetime) -> Iterator[Page]:
    """Generate the pages that hold everything published from ``start`` to ``end``, both included, each release once.

    See ``extractors.windows.walk`` for what is raised.
    """
    return walk(session, SEARCH_PATH, _query, start, end, PAGE_SIZE)


def _query(start: datetime, end: datetime, size: int) -> Mapping[str, str]:
    return {
        "publishedFrom": start.astimezone(LONDON).isoformat(timespec="seconds"),
        "publishedTo": end.astimezone(LONDON).isoformat(timespec="seconds"),
        "limit": str(size),
    }

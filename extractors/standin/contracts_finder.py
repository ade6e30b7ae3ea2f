"""Contracts Finder's side of the stand-in: search, release, record and the list of a day."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from extractors.packages import split
from extractors.standin.faults import Kind, Reply
from extractors.standin.listing import (
    LONDON,
    Listing,
    cursor_of,
    encoded,
    host_of_next,
    inside_of,
    instant,
    query,
)

SEARCH_PATH = "/Published/Notices/OCDS/Search"
RELEASE_PATH = "/Published/OCDS/Release/"
RECORD_PATH = "/Published/OCDS/Record/"
CSV_PATH = "/Harvester/Notices/Data/CSV/"
LARGEST_PAGE = 100

_HOME = "https://www.contractsfinder.service.gov.uk"
_EXTENSIONS = [
    "https://standard.open-contracting.org/profiles/eu/master/en/extension.json",
    "https://raw.githubusercontent.com/portaledcahn/ocds_tenderDatePublished_extension/master/extension.json",
    "https://raw.githubusercontent.com/open-contracting-extensions/ocds_budget_breakdown_extension/master/extension.json",
    "https://raw.githubusercontent.com/Crown-Commercial-Service/ocds_awards_datePublished_extension/main/extension.json",
    "https://raw.githubusercontent.com/Crown-Commercial-Service/ocds_partyDetails_vcse_extension/main/extension.json",
    "https://raw.githubusercontent.com/Crown-Commercial-Service/ocds_tender_suitability_extension/main/extension.json",
    "https://raw.githubusercontent.com/open-contracting-extensions/ocds_pagination_extension/master/extension.json",
]
PUBLISHER = {
    "name": "Cabinet Office",
    "scheme": "GB-GOR",
    "uid": "D2",
    "uri": "https://www.gov.uk/government/organisations/cabinet-office",
}
LICENSE = "http://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
_POLICY = "https://www.contractsfinder.service.gov.uk/apidocumentation"
_STAGES = ("planning", "tender", "award", "contract", "implementation")


class ContractsFinder:
    """Answer as Contracts Finder from a listing, at an address, where it is ``now``."""

    def __init__(self, listing: Listing, url: str, now: datetime) -> None:
        self._listing = listing
        self._url = url
        self._now = now.astimezone(LONDON).isoformat(timespec="seconds")

    def is_search(self, path: str) -> bool:
        """Tell whether a path is that of the search, in whatever case."""
        return path.lower() == SEARCH_PATH.lower()

    def answer(self, path: str, params: Mapping[str, str], *, is_empty: bool) -> Reply:
        """Answer a request; ``is_empty`` leaves the releases out of a page."""
        lowered = path.lower()
        if self.is_search(path):
            return self._search(params, is_empty=is_empty)
        if lowered.startswith(RELEASE_PATH.lower()):
            return self._one_release(path[len(RELEASE_PATH) :])
        if lowered.startswith(RECORD_PATH.lower()):
            return self._record(path[len(RECORD_PATH) :])
        if lowered.startswith(CSV_PATH.lower()):
            return self._daily(lowered[len(CSV_PATH) :])
        return Reply(404, b"Not found\n", "text/plain")

    def _search(self, asked: Mapping[str, str], *, is_empty: bool) -> Reply:
        names = ("publishedFrom", "publishedTo", "stages", "limit", "cursor")
        known = {name.lower(): name for name in names}
        params = {known[name.lower()]: value for name, value in asked.items() if name.lower() in known}
        cursor, ceiling = params.pop("cursor", ""), None
        if cursor:
            try:
                inside, ceiling = inside_of(cursor)
            except ValueError:
                return _invalid("cursor", "The cursor is not valid.")
            params |= inside
        params.setdefault("publishedTo", self._now)
        params.setdefault("limit", str(LARGEST_PAGE))
        if not params["limit"].isdigit() or not 1 <= int(params["limit"]) <= LARGEST_PAGE:
            return _invalid("limit", f"The limit must be between 1 and {LARGEST_PAGE}.")
        try:
            newest = instant(params["publishedTo"]).timestamp()
            oldest = instant(params["publishedFrom"]).timestamp() if "publishedFrom" in params else None
        except ValueError:
            return _invalid("publishedFrom, publishedTo", "The date is not valid.")
        stages = [stage.strip().lower() for stage in params.get("stages", "").split(",") if stage.strip()]
        tags = {row.tag for row in self._listing.rows if _stage(row.tag) in stages} if stages else None
        places, key = self._listing.page(oldest, newest, int(params["limit"]), tags=tags, ceiling=ceiling)
        following = None
        if key is not None:
            if not (cursor and Kind.CURSOR_TO_ITSELF in self._listing.kinds):
                cursor = cursor_of(params, names[:4], key)
            host = host_of_next(self._url, _HOME, self._listing.kinds)
            following = f"{host}{SEARCH_PATH}?{query(params)}&cursor={cursor}"
        body = self._package(f"{self._url}{SEARCH_PATH}?{query(params)}", [] if is_empty else places, following)
        return Reply(200, body, headers=(("Cache-Control", "no-store"),))

    def _package(self, uri: str, places: Sequence[int], following: str | None) -> bytes:
        """Join releases, as the bytes that they are, to a release package."""
        published = self._listing.newest_date(places, self._now)
        links = b', "links": ' + encoded({"next": following}) if following else b""
        releases = b", ".join(self._listing.raw[place] for place in places)
        return b"".join([_opening(uri, published), b', "releases": [', releases, b"]", links, b"}"])

    def _one_release(self, release_id: str) -> Reply:
        places = self._listing.of_id(release_id)
        if not places:
            return Reply(404, encoded({"code": "ValidationError", "errors": 3200}))
        return Reply(200, self._package(f"{self._url}{RELEASE_PATH}{release_id}", places, None))

    def _record(self, ocid: str) -> Reply:
        """Return a record package: unverified, made from the documentation."""
        places = self._listing.of_ocid(ocid)
        if not places:
            return Reply(404, encoded({"code": "ValidationError", "errors": 3200}))
        raw = self._listing.raw
        releases, latest = b", ".join(raw[place] for place in reversed(places)), raw[places[0]]
        record = b'{"ocid": %b, "releases": [%b], "compiledRelease": %b}' % (encoded(ocid), releases, latest)
        opening = _opening(f"{self._url}{RECORD_PATH}{ocid}", self._listing.rows[places[0]].date)
        return Reply(200, opening + b', "records": [' + record + b"]}")

    def _daily(self, rest: str) -> Reply:
        """Return the list of a London day, one row per release, flattened: unverified, made from the documentation."""
        try:
            day = instant(self._now).astimezone(LONDON).date() if rest == "daily" else date(*map(int, rest.split("/")))
        except (TypeError, ValueError):
            return Reply(404, b"Not found\n", "text/plain")
        start = datetime(day.year, day.month, day.day, tzinfo=LONDON)
        end = datetime.combine(day + timedelta(days=1), start.time(), LONDON) - timedelta(microseconds=1)
        places = self._listing.places(start.timestamp(), end.timestamp())
        if not places:
            return Reply(404, b"Not found\n", "text/plain")
        rows = [self._flat(place) for place in places]
        columns = list(dict.fromkeys(name for row in rows for name in row))
        lines = [",".join(columns), *(",".join(_cell(row.get(name, "")) for name in columns) for row in rows)]
        body = "".join(f"{line}\r\n" for line in lines).encode("utf-8", "replace")
        return Reply(200, body, "text/csv")

    def _flat(self, place: int) -> dict[str, str]:
        row = self._listing.rows[place]
        head = {"uri": f"{self._url}{RELEASE_PATH}{row.id}", "publishedDate": row.date}
        head |= {"publisher/name": PUBLISHER["name"], "publisher/scheme": PUBLISHER["scheme"]}
        package = split(b'{"releases": [' + self._listing.raw[place] + b"]}")
        for release in package.releases:
            told = json.loads(release.body, parse_int=str, parse_float=str)  # 1e9999 is read by no strict reader
            head |= dict(_leaves("releases/0", told))
        return head


def _stage(tag: str) -> str:
    """Return the stage that a tag belongs to: awardUpdate to award."""
    return next((stage for stage in _STAGES if tag.startswith(stage)), "")


def _opening(uri: str, published: str) -> bytes:
    """Return a package's metadata in the service's order, up to its releases."""
    head = {
        "uri": uri,
        "version": "1.1",
        "extensions": _EXTENSIONS,
        "publishedDate": published,
        "publisher": PUBLISHER,
        "license": LICENSE,
        "publicationPolicy": _POLICY,
    }
    return encoded(head)[:-1]


def _invalid(name: str, message: str) -> Reply:
    return Reply(400, encoded([{"Message": message, "Code": "ValidationError", "Property": name}]))


def _leaves(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(f"{path}/{key}", inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _leaves(f"{path}/{number}", inner)
    elif value is not None:
        yield path, str(value).lower() if isinstance(value, bool) else str(value)


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if re.search(r'[",\r\n]', text) else text

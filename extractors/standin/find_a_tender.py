"""Find a Tender's side of the stand-in: release packages by window and by id, and records."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from extractors.standin.contracts_finder import LICENSE, PUBLISHER
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

ROOT = re.compile(r"/api/(?:1\.0|latest)/(ocdsReleasePackages|ocdsRecordPackages)(?:/([^/]+))?")
LARGEST_PAGE = 100

_HOME = "https://www.find-tender.service.gov.uk"
_PARAMETERS = ("stages", "limit", "cursor", "updatedFrom", "updatedTo")
_STAGES = ("planning", "tender", "award")
_CURSOR = re.compile(r"[A-Za-z0-9=]{1,300}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z?")  # a Z is taken, and means nothing
_EXTENSIONS = [
    "https://standard.open-contracting.org/profiles/eu/latest/en/extension.json",
    *(
        f"https://raw.githubusercontent.com/{name}/extension.json"
        for name in (
            "open-contracting-extensions/ocds_amendment_rationale_classifications_extension/master",
            "open-contracting-extensions/ocds_budget_breakdown_extension/master",
            "open-contracting-extensions/ocds_contract_completion_extension/master",
            "open-contracting-extensions/ocds_documentation_extension/master",
            "open-contracting-extensions/ocds_pagination_extension/master",
            "open-contracting-extensions/ocds_suitability_extension/master",
            "portaledcahn/ocds_Links_extension/main",
            "cabinetoffice/ocds_uk_extension/main",
        )
    ),
]
_POLICY = "https://www.gov.uk/government/publications/open-contracting"


class FindATender:
    """Answer as Find a Tender from a listing, at an address, where it is ``now``."""

    def __init__(self, listing: Listing, url: str, now: datetime) -> None:
        self._listing = listing
        self._url = url
        self._now = now.astimezone(LONDON)
        self._fold = int(Kind.LATER_HOUR in listing.kinds)

    def is_search(self, path: str) -> bool:
        """Tell whether a path is that of the release packages of a window."""
        found = ROOT.fullmatch(path)
        return found is not None and found[1] == "ocdsReleasePackages" and found[2] is None

    def answer(self, path: str, params: Mapping[str, str], *, is_empty: bool) -> Reply:
        """Answer a request; ``is_empty`` leaves the releases out of a page."""
        found = ROOT.fullmatch(path)
        if found is None or (found[1] == "ocdsRecordPackages" and found[2] is None):
            return self._error(404, path, "Not found", "", "'identifier' is not found")
        known = _PARAMETERS if found[2] is None else ()
        if unknown := [name for name in params if name not in known]:
            allowed = f", allowed parameters are: {', '.join(known)}" if known else ""
            exception = f"Request parameter '{unknown[0]}' is not recognised{allowed}"
            return self._error(400, path, "Bad Request", "Request parameters unknown", exception)
        if found[2] is None:
            return self._window(path, params, is_empty=is_empty)
        by_ocid = self._listing.of_ocid(found[2])
        if found[1] == "ocdsRecordPackages":
            return self._record(path, found[2], by_ocid)
        places = self._listing.of_id(found[2]) or by_ocid
        if not places:
            return self._error(404, path, "Not found", "", "'identifier' is not found")
        return self._ok(self._package(f"{self._url}{path}", places, None))

    def _window(self, path: str, asked: Mapping[str, str], *, is_empty: bool) -> Reply:
        params, cursor, ceiling = dict(asked), asked.get("cursor", ""), None
        params.pop("cursor", None)
        if "cursor" in asked:
            try:
                inside, ceiling = inside_of(cursor if _CURSOR.fullmatch(cursor) else "!")
            except ValueError:
                return self._invalid(path, "'cursor' is not valid")
            params |= inside
        params.setdefault("updatedTo", self._now.strftime("%Y-%m-%dT%H:%M:%S"))
        limit = params.get("limit", str(LARGEST_PAGE))
        if not re.fullmatch("[0-9]{1,9}", limit):
            return self._invalid(path, "'limit' must be a number")
        if not 0 < int(limit) <= LARGEST_PAGE:
            wrong = "greater than 0" if int(limit) == 0 else f"at most {LARGEST_PAGE}"
            return self._invalid(path, f"'limit' must be {wrong}")
        stages = params["stages"].split(",") if "stages" in params else None
        if stages is not None and not set(stages) <= set(_STAGES):
            return self._invalid(path, f"'stages' must be among {', '.join(_STAGES)}")
        times: dict[str, float] = {}
        for name in ("updatedFrom", "updatedTo"):
            if name not in params:
                continue
            try:
                times[name] = self._moment(params[name])
            except ValueError:
                return self._invalid(path, f"'{name}' must be in the format YYYY-MM-DDTHH:MM:SS")
        # The wall-clock times are compared, as they stand.
        if params.get("updatedFrom", "")[:19] >= params["updatedTo"][:19]:
            return self._invalid(path, "'updatedTo' must be later than 'updatedFrom'")
        places, key = self._listing.page(
            times.get("updatedFrom"), times["updatedTo"], int(limit), tags=stages, ceiling=ceiling
        )
        following = None
        if key is not None:
            if not (cursor and Kind.CURSOR_TO_ITSELF in self._listing.kinds):
                cursor = cursor_of(params, ("updatedFrom", "updatedTo"), key)
            host = host_of_next(self._url, _HOME, self._listing.kinds)
            following = f"{host}{path}?{query(params)}&cursor={cursor}"
        return self._ok(
            self._package(f"{self._url}{path}?{query(params)}", [] if is_empty else places, following),
        )

    def _moment(self, text: str) -> float:
        """Return a London wall-clock time, without or with a meaningless Z, in UTC seconds."""
        if not _TIME.fullmatch(text):
            raise ValueError(text)
        return instant(text[:19], self._fold).timestamp()

    def _package(self, uri: str, places: Sequence[int], following: str | None) -> bytes:
        """Join releases, as the bytes that they are, to a release package."""
        head = {
            "uri": uri,
            "version": "1.1",
            "extensions": _EXTENSIONS,
            "publishedDate": self._listing.newest_date(places, self._now.isoformat(timespec="seconds")),
            "publisher": PUBLISHER,
            "license": LICENSE,
            "publicationPolicy": _POLICY,
        }
        links = b', "links": ' + encoded({"next": following}) if following else b""
        releases = b", ".join(self._listing.raw[place] for place in places)
        return b"".join([encoded(head)[:-1], b', "releases": [', releases, b"]", links, b"}"])

    def _record(self, path: str, ocid: str, places: Sequence[int]) -> Reply:
        """Return a record package: the compiled release is the latest one as it is, and there is no versioned one."""
        if not places:
            return self._error(404, path, "Not found", "", "'identifier' is not found")
        uri, raw = f"{self._url}{path}", self._listing.raw
        head = {
            "uri": uri,
            "publisher": PUBLISHER,
            "publishedDate": self._listing.newest_date(places, ""),
            "license": LICENSE,
            "publicationPolicy": _POLICY,
            "version": "1.1",
            "extensions": _EXTENSIONS,
            "packages": [uri],
        }
        releases, latest = b", ".join(raw[place] for place in reversed(places)), raw[places[0]]
        record = b'{"ocid": %b, "releases": [%b], "compiledRelease": %b}' % (encoded(ocid), releases, latest)
        return self._ok(encoded(head)[:-1] + b', "records": [' + record + b"]}")

    def _ok(self, body: bytes) -> Reply:
        return Reply(200, body, headers=(("Cache-Control", "no-store"),))

    def _invalid(self, path: str, exception: str) -> Reply:
        return self._error(400, path, "Bad Request", "Request parameters invalid", exception)

    def _error(self, status: int, path: str, error: str, message: str, exception: str) -> Reply:
        told = {
            "timestamp": self._now.strftime("%Y-%m-%dT%H:%M:%S"),
            "status": status,
            "error": error,
            "message": message,
            "path": re.sub(r"(Packages)/.*", r"\1", path),
            "exception": exception,
        }
        return Reply(status, encoded(told))

"""A local server that behaves as Contracts Finder does, so that nothing has to be tried on the real one.

    python -m extractors.standin notices.json.gz more.jsonl.zst --port 8080 --fault forbidden --fault rows_lost

Serves the releases of files (packages ``.json``, ``.json.gz``; one release a line ``.jsonl``, ``.jsonl.gz``,
``.jsonl.zst``) as the search, the release, the record and the daily list of Contracts Finder would, and misbehaves on
request in every way that was seen in the field: see ``Kind``. Listens on 127.0.0.1 only.

How faithful it is
    - Order of keys, echo of the effective request in ``uri``, ``publishedDate`` of the newest release, newest first,
      the cursor's inside, and ``links.next`` only when there is more: as in answers that were published.
    - The cursor of an undisturbed stand-in loses no rows. That Contracts Finder's does is suspected, not shown; Find a
      Tender's does, and ``rows_lost`` does as that one does.
    - Times without an offset are London time, and a window that ends before it starts is empty: assumed.
    - Record packages and the daily list are made from the documentation: unverified, no real one was found.
    - Find a Tender's side answers 501 so far.
"""

import argparse
import base64
import gzip
import io
import json
import re
import signal
import sys
import threading
import time
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlsplit
from zlib import crc32
from zoneinfo import ZoneInfo

import msgspec
import zstandard

from extractors.packages import split

LONDON = ZoneInfo("Europe/London")
SEARCH_PATH = "/Published/Notices/OCDS/Search"
RELEASE_PATH = "/Published/OCDS/Release/"
RECORD_PATH = "/Published/OCDS/Record/"
CSV_PATH = "/Harvester/Notices/Data/CSV/"
FIND_A_TENDER_PATH = "/api/"
LARGEST_PAGE = 100

_EXTENSIONS = [
    "https://standard.open-contracting.org/profiles/eu/master/en/extension.json",
    "https://raw.githubusercontent.com/portaledcahn/ocds_tenderDatePublished_extension/master/extension.json",
    "https://raw.githubusercontent.com/open-contracting-extensions/ocds_budget_breakdown_extension/master/extension.json",
    "https://raw.githubusercontent.com/Crown-Commercial-Service/ocds_awards_datePublished_extension/main/extension.json",
    "https://raw.githubusercontent.com/Crown-Commercial-Service/ocds_partyDetails_vcse_extension/main/extension.json",
    "https://raw.githubusercontent.com/Crown-Commercial-Service/ocds_tender_suitability_extension/main/extension.json",
    "https://raw.githubusercontent.com/open-contracting-extensions/ocds_pagination_extension/master/extension.json",
]
_PUBLISHER = {
    "name": "Cabinet Office",
    "scheme": "GB-GOR",
    "uid": "D2",
    "uri": "https://www.gov.uk/government/organisations/cabinet-office",
}
_LICENSE = "http://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
_POLICY = "https://www.contractsfinder.service.gov.uk/apidocumentation"
_FORBIDDEN = (
    b"<html><head><title>Forbidden - Contracts Finder</title></head><body><p><h1><strong>Request forbidden</strong>"
    b"</h1></p><p>The request rate limit may have been exceeded. No further requests should be made until after "
    b"5 minutes.</p></body></html>"
)
_STAGE_OF_TAG = re.compile(r"planning|tender|award|contract|implementation")


class Kind(StrEnum):
    """Ways to misbehave; what an answer does in turn, what a release holds, and what the paging does."""

    # An answer in turn: applies to each ``every``-th search, ``times`` times.
    FORBIDDEN = "forbidden"  # 403 with HTML
    RATE_LIMIT = "rate_limit"  # 429 with Retry-After
    RATE_LIMIT_TEXT = "rate_limit_text"  # 429 that says the seconds in its text only
    HUGE_RETRY_AFTER = "huge_retry_after"  # 429 with Retry-After: 999999999
    UNAVAILABLE = "unavailable"  # 503 with Retry-After
    ERROR = "error"  # 500
    TRUNCATED = "truncated"  # half of the length that was announced
    CUT_SHORT = "cut_short"  # half of a body whose length was not announced
    NOT_JSON = "not_json"  # 200 with HTML
    EMPTY_PAGE = "empty_page"  # no releases on the page; a link to the next if there would have been one
    BOMB = "bomb"  # 0.3 MB that inflate to 300 MB
    REDIRECT = "redirect"  # 302 to another host
    # A release in turn: applies to each ``every``-th release, the newest first, ``times`` times, whenever it is served.
    NOT_UTF8 = "not_utf8"  # a byte 0x92 in a title
    HUGE_NUMBER = "huge_number"  # 1e9999
    LEADING_ZEROS = "leading_zeros"  # 000 as a number
    NOT_A_NUMBER = "not_a_number"  # NaN, which makes the release unreadable
    NULLS = "nulls"  # null values, and a supplier without a name
    REPEATED = "repeated"  # the release stands twice on its page
    APPEARS = "appears"  # the release appears only after its window was asked for once
    # The paging: always.
    ROWS_LOST = "rows_lost"  # the cursor is on a hidden key that is not in the order of the listing
    CURSOR_TO_ITSELF = "cursor_to_itself"  # a page reached by a cursor links to itself
    NO_NEXT = "no_next"  # a full page without a link to the next
    FOREIGN_NEXT = "foreign_next"  # the next page is said to be on another host
    HTTP_NEXT = "http_next"  # the same, over plain http
    ENDLESS = "endless"  # every page links to one more


_ANSWERS = frozenset(list(Kind)[: list(Kind).index(Kind.NOT_UTF8)])
_SHAPED = frozenset((Kind.EMPTY_PAGE, Kind.TRUNCATED, Kind.CUT_SHORT))
_RELEASES = frozenset(list(Kind)[list(Kind).index(Kind.NOT_UTF8) : list(Kind).index(Kind.ROWS_LOST)])


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to misbehave: each ``every``-th time, at most ``times`` times (null: without end), saying ``seconds``.

    ``enforced``: after such an answer, every request within ``seconds`` is answered so again.
    """

    kind: Kind
    times: int | None = None
    every: int = 1
    seconds: int = 120
    enforced: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``NAME`` or ``NAME:times=2,every=3,seconds=5,enforced=1``; raises ``ValueError`` for anything else."""
        name, _, rest = text.partition(":")
        values = dict(part.split("=", 1) for part in rest.split(",") if part)
        unknown = values.keys() - {"times", "every", "seconds", "enforced"}
        if unknown:
            raise ValueError(f"{text!r} has unknown parts {sorted(unknown)}; known are times, every, seconds, enforced")
        numbers = {key: int(value) for key, value in values.items()}
        return cls(
            Kind(name), numbers.get("times"), numbers.get("every", 1), numbers.get("seconds", 120),
            bool(numbers.get("enforced", 0)),
        )  # fmt: skip

    def strikes(self, turn: int) -> bool:
        """Tell whether this fault applies to a turn, counted from 1."""
        return turn % self.every == 0 and (self.times is None or turn // self.every <= self.times)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that was answered: path, its parameters, the status given, and the fault that shaped it, if any."""

    path: str
    params: Mapping[str, str]
    status: int
    fault: Kind | None


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    body: bytes
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    sent: int | None = None  # bytes of the body that really go out
    announced: bool = True
    fault: Kind | None = None


class _Fields(msgspec.Struct):
    ocid: Any = None
    id: Any = None
    date: Any = None
    tag: Any = None


class Standin:
    """Serve releases on a port of 127.0.0.1 while the context is open.

    ``releases`` are paths of files, or releases as bytes of JSON or as mappings. ``now`` is what ``publishedTo`` is
    filled with where a request leaves it out: the newest release's date unless given. ``port`` 0 takes any free one.
    ``url`` is the address, ``requests`` what was asked so far. Raises ``ValueError`` for a release without a date.
    """

    def __init__(
        self,
        releases: Iterable[str | Path | bytes | Mapping[str, Any]],
        *,
        faults: Sequence[Fault | Kind] = (),
        now: datetime | None = None,
        port: int = 0,
    ) -> None:
        """Load and sort the releases; the server starts with the context."""
        self.requests: list[Asked] = []
        self.faults = [fault if isinstance(fault, Fault) else Fault(fault) for fault in faults]
        self._kinds = {fault.kind for fault in self.faults}
        self._load(body for item in releases for body in _bodies(item))
        newest = self._dates[0] if self._dates else "1970-01-01T00:00:00Z"
        self._now = (now or _instant(newest)).astimezone(LONDON).isoformat(timespec="seconds")
        self._searches = 0
        self._refusing_until: tuple[float, Fault] | None = None
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.standin = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        """Start answering."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()

    def __len__(self) -> int:
        """Return the number of releases."""
        return len(self._raw)

    def _load(self, bodies: Iterable[bytes]) -> None:
        rows = []
        for number, body in enumerate(bodies):
            fields = _fields(body)
            if not isinstance(fields.date, str):
                raise ValueError(f"release {number + 1} ({fields.ocid}) has no date to be listed by. Give it one.")
            tag = str(fields.tag[0]) if isinstance(fields.tag, list) and fields.tag else ""
            instant = _instant(fields.date).timestamp()
            rows.append((instant, -number, fields.date, fields.ocid, fields.id, tag, body))
        rows.sort(key=lambda row: row[:2], reverse=True)
        self._raw = [row[6] for row in rows]
        self._dates = [row[2] for row in rows]
        self._ocids = [row[3] for row in rows]
        self._ids = [row[4] for row in rows]
        self._tags = [row[5] for row in rows]
        self._ages = [-row[0] for row in rows]  # ascending, for bisection
        self._by_id = {release_id: place for place, release_id in enumerate(self._ids)}
        lost = Kind.ROWS_LOST in self._kinds
        count = len(rows)
        # The hidden key falls with the listing; where rows are lost it jumps about by up to sixty places.
        self._keys = [count - p + (crc32(str(self._ids[p]).encode()) % 60 if lost else 0) for p in range(count)]
        struck = {kind: set[int]() for kind in _RELEASES}
        for fault in self.faults:
            if fault.kind in _RELEASES:
                struck[fault.kind].update(p for p in range(count) if fault.strikes(p + 1))
        self._repeated = struck.pop(Kind.REPEATED)
        self._hidden = struck.pop(Kind.APPEARS)
        for kind, places in struck.items():
            for place in places:
                self._raw[place] = _spoil(self._raw[place], kind)

    # --- answering ---------------------------------------------------------------------------------------------

    def answer(self, target: str) -> _Reply:
        """Return the answer to a request's path and query, and record it."""
        parts = urlsplit(target)
        params = dict(_pair(part) for part in parts.query.split("&") if part)
        path = unquote(parts.path).rstrip("/")
        with self._lock:
            reply = self._route(path, params)
            self.requests.append(Asked(path, params, reply.status, reply.fault))
        return reply

    def _route(self, path: str, params: Mapping[str, str]) -> _Reply:
        lowered = path.lower()
        if lowered.startswith(FIND_A_TENDER_PATH):
            text = b"This stand-in does not play Find a Tender yet; it plays Contracts Finder only.\n"
            return _Reply(501, text, "text/plain")
        is_search = lowered == SEARCH_PATH.lower()
        fault = self._turn(is_search=is_search)
        if fault is not None and fault.kind not in _SHAPED:
            return _misbehave(fault)
        if is_search:
            reply = self._search(params, is_empty=fault is not None and fault.kind is Kind.EMPTY_PAGE)
            if fault is None or reply.status != 200:
                return reply
            if fault.kind is Kind.EMPTY_PAGE:
                return replace(reply, fault=fault.kind)
            half, announced = len(reply.body) // 2, fault.kind is Kind.TRUNCATED
            return replace(reply, sent=half, announced=announced, fault=fault.kind)
        if lowered.startswith(RELEASE_PATH.lower()):
            return self._one_release(path[len(RELEASE_PATH) :])
        if lowered.startswith(RECORD_PATH.lower()):
            return self._record(path[len(RECORD_PATH) :])
        if lowered.startswith(CSV_PATH.lower()):
            return self._daily(lowered[len(CSV_PATH) :])
        return _Reply(404, b"Not found\n", "text/plain")

    def _turn(self, *, is_search: bool) -> Fault | None:
        """Return the fault whose turn it is, one that is still enforced first."""
        if self._refusing_until is not None:
            until, fault = self._refusing_until
            if time.monotonic() < until:
                return fault
            self._refusing_until = None
        if not is_search:
            return None
        self._searches += 1
        for fault in self.faults:
            if fault.kind in _ANSWERS and fault.strikes(self._searches):
                if fault.enforced:
                    self._refusing_until = time.monotonic() + fault.seconds, fault
                return fault
        return None

    def _search(self, asked: Mapping[str, str], *, is_empty: bool) -> _Reply:
        known = {name.lower(): name for name in ("publishedFrom", "publishedTo", "stages", "limit", "cursor")}
        params = {known[name.lower()]: value for name, value in asked.items() if name.lower() in known}
        cursor, ceiling = params.pop("cursor", ""), None
        if cursor:
            try:
                inside = base64.b64decode(cursor, validate=True).decode()
                params |= dict(part.split("=", 1) for part in inside.split("|"))
                ceiling = int(params.pop("nextCursor"))
            except (ValueError, KeyError):
                return _invalid("cursor", "The cursor is not valid.")
        params.setdefault("publishedTo", self._now)
        params.setdefault("limit", str(LARGEST_PAGE))
        if not params["limit"].isdigit() or not 1 <= int(params["limit"]) <= LARGEST_PAGE:
            return _invalid("limit", f"The limit must be between 1 and {LARGEST_PAGE}.")
        limit = int(params["limit"])
        try:
            newest = _instant(params["publishedTo"])
            oldest = _instant(params["publishedFrom"]) if "publishedFrom" in params else None
        except ValueError:
            return _invalid("publishedFrom, publishedTo", "The date is not valid.")
        places = self._listed(oldest, newest, params.get("stages", ""), ceiling, limit + 1)
        shown, left = places[:limit], places[limit:]
        if Kind.ENDLESS in self._kinds:
            left = left or shown[:1] or [0]
        following = None
        if left and not (Kind.NO_NEXT in self._kinds and len(shown) == limit):
            following = self._following(params, cursor, left[0])
        self._appear(oldest, newest)
        shown = [] if is_empty else [p for place in shown for p in [place] * (2 if place in self._repeated else 1)]
        body = self._package(f"{self.url}{SEARCH_PATH}?{_query(params)}", shown, following)
        return _Reply(200, body, headers=(("Cache-Control", "no-store"),))

    def _listed(
        self, oldest: datetime | None, newest: datetime, stages: str, ceiling: int | None, most: int
    ) -> list[int]:
        """Return the places of the first rows of a listing, the newest first."""
        first = bisect_left(self._ages, -newest.timestamp())
        last = len(self._ages) if oldest is None else bisect_right(self._ages, -oldest.timestamp())
        wanted = {stage.strip().lower() for stage in stages.split(",") if stage.strip()}
        places: list[int] = []
        for place in range(first, last):
            stage = _STAGE_OF_TAG.match(self._tags[place])
            if (
                place not in self._hidden
                and (ceiling is None or self._keys[place] <= ceiling or Kind.ENDLESS in self._kinds)
                and (not wanted or (stage is not None and stage[0] in wanted))
            ):
                places.append(place)
                if len(places) == most:
                    break
        return places

    def _appear(self, oldest: datetime | None, newest: datetime) -> None:
        """Let the releases appear that stayed hidden while their window was asked for."""
        for place in list(self._hidden):
            instant = -self._ages[place]
            if instant <= newest.timestamp() and (oldest is None or instant >= oldest.timestamp()):
                self._hidden.discard(place)

    def _following(self, params: Mapping[str, str], cursor: str, place: int) -> str:
        host = self.url
        if Kind.FOREIGN_NEXT in self._kinds:
            host = "https://elsewhere.invalid"
        elif Kind.HTTP_NEXT in self._kinds:
            host = "http://www.contractsfinder.service.gov.uk"
        if not (cursor and Kind.CURSOR_TO_ITSELF in self._kinds):
            names = ("publishedFrom", "publishedTo", "stages", "limit")
            inside = [f"{name}={params[name]}" for name in names if name in params]
            key = self._searches if Kind.ENDLESS in self._kinds else self._keys[place]
            cursor = base64.b64encode("|".join([*inside, f"nextCursor={key}"]).encode()).decode()
        return f"{host}{SEARCH_PATH}?{_query(params)}&cursor={cursor}"

    def _package(self, uri: str, places: Sequence[int], following: str | None) -> bytes:
        """Join releases, as the bytes that they are, to a release package."""
        published = max((self._dates[p] for p in places), key=_instant, default=self._now)
        links = b', "links": ' + _json({"next": following}) if following else b""
        releases = b", ".join(self._raw[place] for place in places)
        return b"".join([_opening(uri, published), b', "releases": [', releases, b"]", links, b"}"])

    def _one_release(self, release_id: str) -> _Reply:
        place = self._by_id.get(release_id)
        if place is None:
            return _Reply(404, _json({"code": "ValidationError", "errors": 3200}))
        return _Reply(200, self._package(f"{self.url}{RELEASE_PATH}{release_id}", [place], None))

    def _record(self, ocid: str) -> _Reply:
        """Return a record package: unverified, made from the documentation."""
        places = [place for place, known in enumerate(self._ocids) if known == ocid]
        if not places:
            return _Reply(404, _json({"code": "ValidationError", "errors": 3200}))
        releases, latest = b", ".join(self._raw[place] for place in reversed(places)), self._raw[places[0]]
        record = b'{"ocid": %b, "releases": [%b], "compiledRelease": %b}' % (_json(ocid), releases, latest)
        opening = _opening(f"{self.url}{RECORD_PATH}{ocid}", self._dates[places[0]])
        return _Reply(200, opening + b', "records": [' + record + b"]}")

    def _daily(self, rest: str) -> _Reply:
        """Return the list of a London day, one row per release, flattened: unverified, made from the documentation."""
        try:
            day = _instant(self._now).astimezone(LONDON).date() if rest == "daily" else date(*map(int, rest.split("/")))
        except (TypeError, ValueError):
            return _Reply(404, b"Not found\n", "text/plain")
        start = datetime(day.year, day.month, day.day, tzinfo=LONDON)
        end = datetime.combine(day + timedelta(days=1), start.time(), LONDON) - timedelta(microseconds=1)
        places = self._listed(start, end, "", None, len(self._raw))
        if not places:
            return _Reply(404, b"Not found\n", "text/plain")
        rows = [self._flat(place) for place in places]
        columns = list(dict.fromkeys(name for row in rows for name in row))
        lines = [",".join(columns), *(",".join(_cell(row.get(name, "")) for name in columns) for row in rows)]
        body = "".join(f"{line}\r\n" for line in lines).encode("utf-8", "replace")
        return _Reply(200, body, "text/csv")

    def _flat(self, place: int) -> dict[str, str]:
        head = {"uri": f"{self.url}{RELEASE_PATH}{self._ids[place]}", "publishedDate": self._dates[place]}
        head |= {"publisher/name": _PUBLISHER["name"], "publisher/scheme": _PUBLISHER["scheme"]}
        package = split(b'{"releases": [' + self._raw[place] + b"]}")
        for release in package.releases:
            head |= dict(_leaves("releases/0", msgspec.json.decode(release.body)))
        return head


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    standin: Standin


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms for the client's delayed acknowledgement
    server: _Server

    def do_GET(self) -> None:
        """Answer one request."""
        reply = self.server.standin.answer(self.path)
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        for name, value in reply.headers:
            self.send_header(name, value)
        if reply.announced:
            self.send_header("Content-Length", str(len(reply.body)))
        if reply.sent is not None:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(reply.body[: reply.sent])

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent: ``Standin.requests`` is the record."""


def _misbehave(fault: Fault) -> _Reply:
    """Return the answer of a fault that needs no page."""
    kind, wait = fault.kind, ("Retry-After", str(fault.seconds))
    text = f"Rate limit of 12 exceeded. Please retry after {fault.seconds} seconds.".encode()
    match kind:
        case Kind.FORBIDDEN:
            return _Reply(403, _FORBIDDEN, "text/plain", fault=kind)
        case Kind.RATE_LIMIT:
            return _Reply(429, text, "text/plain", (wait,), fault=kind)
        case Kind.RATE_LIMIT_TEXT:
            return _Reply(429, text, "text/plain", fault=kind)
        case Kind.HUGE_RETRY_AFTER:
            return _Reply(429, b"Too Many Requests", "text/plain", (("Retry-After", "999999999"),), fault=kind)
        case Kind.UNAVAILABLE:
            return _Reply(503, b"Service Unavailaible", "text/plain", (wait,), fault=kind)
        case Kind.ERROR:
            return _Reply(500, b"Internal Server Error", "text/plain", fault=kind)
        case Kind.NOT_JSON:
            return _Reply(200, b"<html><body>Sorry, there is a problem with the service</body></html>", fault=kind)
        case Kind.BOMB:
            return _Reply(200, _bomb(), headers=(("Content-Encoding", "gzip"),), fault=kind)
        case Kind.REDIRECT:
            return _Reply(302, b"", headers=(("Location", "https://elsewhere.invalid/"),), fault=kind)
    raise ValueError(f"{kind} is not an answer of its own")


def _bomb() -> bytes:
    """Return 0.3 MB of gzip that inflate to a package of 300 MB, nearly all of it blanks."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    blanks = b" " * 1_000_000
    parts = [packer.compress(b'{"releases": [')]
    parts += [packer.compress(blanks) for _ in range(300)]
    return b"".join([*parts, packer.compress(b"]}"), packer.flush()])


def _spoil(body: bytes, kind: Kind) -> bytes:
    """Return a release with a fault in it; where it has no place for the fault, a field is added at its end."""
    match kind:
        case Kind.NOT_UTF8:
            spoilt, count = re.subn(rb'("title"\s*:\s*")', b"\\1Buyer\x92s ", body, count=1)
            return spoilt if count else _add(body, b'"title": "Buyer\x92s"')
        case Kind.HUGE_NUMBER:
            return _add(body, b'"lotDetails": {"maximumLotsBidPerSupplier": 1e9999}')
        case Kind.LEADING_ZEROS:
            return _add(body, b'"lotDetails": {"maximumLotsBidPerSupplier": 000, "noLotsDivisionRationale": ""}')
        case Kind.NOT_A_NUMBER:
            return _add(body, b'"lotDetails": {"maximumLotsBidPerSupplier": NaN}')
        case Kind.NULLS:
            nameless = rb'\1{"id": "GB-CFS-173", "name": null}, '
            body = re.sub(rb'("suppliers"\s*:\s*\[)(?=\s*\{)', nameless, body, count=1)
            return _add(body, b'"relatedProcesses": null, "contracts": [{"statusDetails": null}]')
    raise ValueError(f"{kind} is not a fault of a release")


def _add(body: bytes, member: bytes) -> bytes:
    rest = body.rstrip().removesuffix(b"}").rstrip()
    return rest + (b"" if rest.endswith(b"{") else b", ") + member + b"}"


def _bodies(item: str | Path | bytes | Mapping[str, Any]) -> Iterator[bytes]:
    """Generate the releases that a file holds, or the one that is given."""
    if isinstance(item, bytes):
        yield item
    elif isinstance(item, Mapping):
        yield _json(item)
    else:
        path = Path(item)
        if ".jsonl" in path.suffixes:
            with path.open("rb") as file:
                for line in _inflated(path, file):
                    if line.strip():
                        yield line.strip()
        else:
            with path.open("rb") as file:
                package = split(_inflated(path, file).read())
            if package.unreadable:
                raise ValueError(f"{path} holds a release that cannot be read: {package.unreadable[0].reason}")
            yield from (release.body for release in package.releases)


def _fields(body: bytes) -> _Fields:
    try:
        return msgspec.json.decode(body, type=_Fields)
    except msgspec.DecodeError:  # half a surrogate pair, which the strict reader refuses
        value = json.loads(body.decode("utf-8", "replace"))
        return _Fields(value.get("ocid"), value.get("id"), value.get("date"), value.get("tag"))


def _inflated(path: Path, file: io.BufferedReader) -> io.BufferedIOBase:
    match path.suffix:
        case ".gz":
            return gzip.GzipFile(fileobj=file)
        case ".zst":
            return io.BufferedReader(zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True), 1 << 20)
    return file


def _opening(uri: str, published: str) -> bytes:
    """Return a package's metadata in the service's order, up to its releases."""
    head = {
        "uri": uri,
        "version": "1.1",
        "extensions": _EXTENSIONS,
        "publishedDate": published,
        "publisher": _PUBLISHER,
        "license": _LICENSE,
        "publicationPolicy": _POLICY,
    }
    return _json(head)[:-1]


def _json(value: Any) -> bytes:
    return msgspec.json.encode(value)


def _pair(part: str) -> tuple[str, str]:
    """Return a query parameter; a plus sign stays one, since offsets are sent both as ``+01:00`` and ``%2B01:00``."""
    name, _, value = part.partition("=")
    return unquote(name), unquote(value)


def _query(params: Mapping[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in params.items())


def _instant(text: str) -> datetime:
    """Return a date or time; without an offset it is London's. Raises ``ValueError`` when it is neither."""
    instant = datetime.fromisoformat(text)
    return instant.replace(tzinfo=LONDON).astimezone(UTC) if instant.tzinfo is None else instant


def _invalid(name: str, message: str) -> _Reply:
    return _Reply(400, _json([{"Message": message, "Code": "ValidationError", "Property": name}]))


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


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve files until interrupted; prints the address. Returns 2 for files or faults that cannot be used."""
    description = (__doc__ or "").partition("\n")[0]
    parser = argparse.ArgumentParser(prog="python -m extractors.standin", description=description)
    parser.add_argument("files", nargs="+", metavar="FILE", help="release packages, or releases one a line")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; any free one when left out")
    parser.add_argument(
        "--fault", action="append", default=[], metavar="NAME[:times=N,every=N,seconds=N,enforced=1]",
        help=f"misbehave; NAME is one of {', '.join(Kind)}",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    try:
        standin = Standin(options.files, faults=[Fault.parse(text) for text in options.fault], port=options.port)
    except (OSError, ValueError) as problem:
        sys.stderr.write(f"The stand-in cannot start: {problem}\n")
        return 2
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with standin:
        sys.stdout.write(f"{standin.url} serves {len(standin):,} releases; stop with Ctrl-C\n")
        sys.stdout.flush()
        stopped.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())

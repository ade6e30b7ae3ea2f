"""A local server that behaves as Contracts Finder and Find a Tender do, so that nothing is tried on the real ones.

    python -m extractors.standin notices.json.gz more.jsonl.zst --port 8080 --fault forbidden --fault rows_lost

Serves the releases of files (packages ``.json``, ``.json.gz``; one release a line ``.jsonl``, ``.jsonl.gz``,
``.jsonl.zst``): those whose ocid begins with ``ocds-h6vhtk-`` as Find a Tender's release and record packages, all
others as the search, the release, the record and the daily list of Contracts Finder. Misbehaves on request in every way
that was seen in the field: see ``Kind``. Listens on 127.0.0.1 only.

How faithful it is
    - Order of keys, echo of the effective request in ``uri``, ``publishedDate`` of the newest release, the cursor's
      inside, and ``links.next`` only when there is more: as in answers that were published.
    - Contracts Finder lists the newest first, and the cursor of an undisturbed stand-in loses no rows there: that the
      real one does is suspected, not shown, and ``rows_lost`` is for that.
    - Find a Tender lists the highest notice id first, selects on a moment of publication that is not told, and its
      cursor always loses rows, as the real one does. Nine of the ten extensions that it declares are named in its
      documentation; the tenth is not known, and left out. Its refusals are worded as documented where they are
      documented: unknown parameters, ids that are not found, 429 and 503.
    - Which of the two readings Find a Tender takes of a time that comes twice in October is not known: ``later_hour``.
    - ``stages`` drops notices of the stages that it names on the real Find a Tender; here it goes by the first tag, so
      that releases tagged as an update are dropped.
    - On Contracts Finder times without an offset are London time, and a window that ends before it starts is empty:
      assumed.
    - Record packages and the daily list are made from the documentation: unverified, no real one was found.
"""

import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from extractors.standin.contracts_finder import SEARCH_PATH, ContractsFinder
from extractors.standin.faults import ANSWERS, LIMITERS, SHAPED, Fault, Kind, Reply, misbehave
from extractors.standin.find_a_tender import FindATender
from extractors.standin.listing import Listing, rows_of

__all__ = ["SEARCH_PATH", "Asked", "Fault", "Kind", "Standin"]

MOST_REQUESTS = 12
"""Requests that a limiter lets through within its seconds: "Rate limit of 12 exceeded"."""

_FIND_A_TENDER_PATH = "/api/"
_SHAKEN = 600  # places: with it, following the cursor brings about what it brought on the real service


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that was answered: path, its parameters, the status given, and the fault that shaped it, if any."""

    path: str
    params: Mapping[str, str]
    status: int
    fault: Kind | None


class Standin:
    """Serve releases on a port of 127.0.0.1 while the context is open.

    ``releases`` are paths of files, or releases as bytes of JSON or as mappings. ``published`` gives the moments under
    which Find a Tender lists releases, by release id; the release's own date counts where it has none. ``now`` is what
    the end of a window is filled with where a request leaves it out: the newest such moment unless given. ``port`` 0
    takes any free one. ``url`` is the address of both services, ``requests`` what was asked so far. Raises
    ``ValueError`` for a release without a date.
    """

    def __init__(
        self,
        releases: Iterable[str | Path | bytes | Mapping[str, Any]],
        *,
        faults: Sequence[Fault | Kind] = (),
        published: Mapping[str, datetime] | None = None,
        now: datetime | None = None,
        port: int = 0,
    ) -> None:
        """Load and sort the releases; the server starts with the context."""
        self.requests: list[Asked] = []
        self.faults = [fault if isinstance(fault, Fault) else Fault(fault) for fault in faults]
        finder, tender = rows_of(releases, published or {})
        self._count = len(finder) + len(tender)
        newest = max((row.moment for rows in (finder, tender) for row in rows), default=0.0)
        now = now or datetime.fromtimestamp(newest, UTC)
        lost = any(fault.kind is Kind.ROWS_LOST for fault in self.faults)
        self._searches = 0
        self._limiter = next((fault for fault in self.faults if fault.kind in LIMITERS), None)
        self._refusing_until: tuple[float, Fault] | None = None
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.standin = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._finder = ContractsFinder(Listing(finder, self.faults, 60 if lost else 0), self.url, now)
        self._tender = FindATender(Listing(tender, self.faults, _SHAKEN), self.url, now)
        self._let_through: dict[object, deque[float]] = {self._finder: deque(), self._tender: deque()}
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
        return self._count

    def answer(self, target: str) -> Reply:
        """Return the answer to a request's path and query, and record it."""
        parts = urlsplit(target)
        params = dict(_pair(part) for part in parts.query.split("&") if part)
        path = unquote(parts.path).rstrip("/")
        with self._lock:
            reply = self._route(path, params)
            self.requests.append(Asked(path, params, reply.status, reply.fault))
        return reply

    def _route(self, path: str, params: Mapping[str, str]) -> Reply:
        service = self._tender if path.lower().startswith(_FIND_A_TENDER_PATH) else self._finder
        fault = self._turn(service, is_search=service.is_search(path))
        if fault is not None and fault.kind not in SHAPED:
            return misbehave(fault)
        reply = service.answer(path, params, is_empty=fault is not None and fault.kind is Kind.EMPTY_PAGE)
        if fault is None or reply.status != 200:
            return reply
        if fault.kind is Kind.EMPTY_PAGE:
            return replace(reply, fault=fault.kind)
        half, announced = len(reply.body) // 2, fault.kind is Kind.TRUNCATED
        return replace(reply, sent=half, announced=announced, fault=fault.kind)

    def _turn(self, service: object, *, is_search: bool) -> Fault | None:
        """Return the fault whose turn it is, one that is still enforced first."""
        if self._refusing_until is not None:
            until, fault = self._refusing_until
            if time.monotonic() < until:
                return fault
            self._refusing_until = None
        if self._limiter is not None and self._is_over(service, self._limiter.seconds):
            return self._limiter
        if not is_search:
            return None
        self._searches += 1
        for fault in self.faults:
            if fault.kind in ANSWERS and fault.strikes(self._searches):
                if fault.enforced:
                    self._refusing_until = time.monotonic() + fault.seconds, fault
                return fault
        return None

    def _is_over(self, service: object, seconds: float) -> bool:
        """Tell whether a service has let its most requests through already, and count the one that it lets through."""
        recent, moment = self._let_through[service], time.monotonic()
        while recent and recent[0] <= moment - seconds:
            recent.popleft()
        if len(recent) >= MOST_REQUESTS:
            return True
        recent.append(moment)
        return False


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


def _pair(part: str) -> tuple[str, str]:
    """Return a query parameter; a plus sign stays one, since offsets are sent both as ``+01:00`` and ``%2B01:00``."""
    name, _, value = part.partition("=")
    return unquote(name), unquote(value)

"""Ask an official service politely: one request at a time, paced, waiting as long as the service says.

What the services document, and what was seen of them:

- 403 with a page of HTML: no further request for five minutes (Contracts Finder's documentation of its search).
- 429 ``Rate limit of 12 exceeded. Please retry after 120 seconds.``, with or without ``Retry-After``.
- 503 with ``Retry-After`` (Find a Tender's documentation).
- Bodies cut short, and pages of HTML with status 200, which are asked for again.

Nothing leaves for another host than the one that was named, nor over plain http except to this machine itself.
Proxies, credentials and certificates named in the environment are not used, and no cookie is kept.
"""

import hashlib
import json
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar, cast
from urllib.parse import urljoin, urlsplit

import requests

AFTER_FORBIDDEN_SECONDS = 300.0
AFTER_RATE_LIMIT_SECONDS = 120.0
AFTER_UNAVAILABLE_SECONDS = 30.0
FIRST_BACKOFF_SECONDS = 5.0
LONGEST_BACKOFF_SECONDS = 300.0
LONGEST_WAIT_SECONDS = 3600.0
"""A service that asks for more than this is not waited for: the run stops and says so."""
LARGEST_BODY_BYTES = 64 * 1024 * 1024
LONGEST_BODY_SECONDS = 600.0
LONGEST_REDIRECTION = 5
LARGEST_FILE_BYTES = 6 * 1024**3
LONGEST_FILE_SECONDS = 6 * 3600.0

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_PORTS = {"http": 80, "https": 443}
_REDIRECTIONS = {301, 302, 303, 307, 308}
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
_RETRY_TEXT = re.compile(rb"retry after (\d+) second", re.IGNORECASE)

Read = TypeVar("Read")


class SourceError(Exception):
    """Something that a service did or did not do keeps a run from going on; the message says what to do next."""


class RateLimited(SourceError):
    """Raised when a service still refuses after all retries, or asks for a longer wait than is sensible.

    ``wait_seconds`` is the time that the service asked for.
    """

    def __init__(self, wait_seconds: float, reason: str) -> None:
        """Keep the wait beside the reason; both are arguments, so that the error can be pickled."""
        super().__init__(wait_seconds, reason)
        self.wait_seconds = wait_seconds
        self.reason = reason

    def __str__(self) -> str:
        """Say the reason."""
        return self.reason


class SourceUnavailable(SourceError):
    """Raised when a service could not be reached, or failed or broke off, each time it was asked."""


class UnexpectedAnswer(SourceError):
    """Raised at once when an answer is wrong in a way that asking again cannot mend, such as a foreign address.

    Also raised when a body could not be read any of the times that it was asked for.
    """


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of a service, or the lack of one.

    ``status`` is null when no answer came. ``body`` is what arrived, decompressed, and ``sha256`` the hexadecimal hash
    of it; a body over the cap is not kept. The body may hold personal data, so it is never printed.
    """

    url: str
    requested_at: datetime
    status: int | None
    body: bytes = field(repr=False)
    sha256: str
    content_type: str


@dataclass(frozen=True, slots=True)
class _Trouble:
    """Why an answer cannot be used, the time to wait before asking again, and what to raise when it goes on."""

    what: str
    wait_seconds: float
    error: type[SourceError]


def json_body(body: bytes) -> None:
    """Raise ``ValueError`` unless a body looks like a JSON object or array; error pages in HTML do not."""
    if body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] not in (b"{", b"["):
        raise ValueError("the body is not JSON")


class Session:
    """Ask one service, one request at a time, over one connection.

    Use as a context manager. ``base_url`` is the scheme and host of the service: every request, link and redirect has
    to stay there. ``now`` gives the time in UTC and is asked once per request. ``on_answer`` is told every answer,
    failures included, for the ledger of requests. ``retries`` is the budget of each request. ``wait_seconds``, when
    given, replaces the pacing and every wait; it is meant for tests. Raises ``ValueError`` for a base address that is
    neither https nor this machine.
    """

    def __init__(
        self,
        base_url: str,
        *,
        now: Callable[[], datetime],
        pacing_seconds: float = 10.0,
        wait_seconds: float | None = None,
        retries: int = 5,
        largest_body: int = LARGEST_BODY_BYTES,
        connect_seconds: float = 15.0,
        read_seconds: float = 60.0,
        on_answer: Callable[[Answer], None] | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Prepare the session; nothing is sent yet."""
        self._origin = _origin(base_url)
        scheme, host, _ = self._origin
        if not host or (scheme != "https" and not (scheme == "http" and host in _LOOPBACK)):
            raise ValueError(
                f"{base_url!r} is not the https address of a service. Give one such as https://example.gov.uk"
            )
        self._base_url = base_url.rstrip("/")
        self._now = now
        self._pacing = pacing_seconds if wait_seconds is None else wait_seconds
        self._wait_seconds = wait_seconds
        self._retries = retries
        self._largest_body = largest_body
        self._timeout = (connect_seconds, read_seconds)
        self._on_answer = on_answer
        self._sleep = sleep
        self._last_asked: float | None = None
        self._one_at_a_time = threading.Lock()
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._http.headers.update(
            {
                "User-Agent": "Noticeboard (nightly reader of published procurement notices)",
                "Accept-Encoding": "gzip",
            }
        )

    def __enter__(self) -> Self:
        """Open the session."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        self._http.close()

    def get(self, url: str, params: Mapping[str, str] | None = None) -> Answer:
        """Ask for a JSON document; see ``read``."""
        return self.read(url, params, json_body)[0]

    def read(self, url: str, params: Mapping[str, str] | None, reader: Callable[[bytes], Read]) -> tuple[Answer, Read]:
        """Ask for an address or a path, and return the answer with what ``reader`` makes of its body.

        A reader that raises ``ValueError`` says that the body is not what was asked for: it is asked for again.
        Raises ``RateLimited`` or ``SourceUnavailable`` when the retries are used up, and ``UnexpectedAnswer`` for an
        address on another host or over plain http, a body over the cap, a status that asking again cannot mend, and
        a body that no attempt could read.
        """
        answer, found = self._until_read(url, params, reader, ())
        return answer, cast("Read", found)  # nothing may be absent here

    def find(
        self, url: str, reader: Callable[[bytes], Read], absent: Sequence[int] = (404,)
    ) -> tuple[Answer, Read | None]:
        """Ask for something that the service may not have: an answer with a status in ``absent`` comes with null.

        Otherwise as ``read``.
        """
        return self._until_read(url, None, reader, absent)

    def download(
        self,
        url: str,
        path: Path,
        *,
        params: Mapping[str, str] | None = None,
        largest: int = LARGEST_FILE_BYTES,
        progress: Callable[[int, int | None], None] | None = None,
    ) -> None:
        """Fetch a large file into ``path``, which is there only once the file is whole.

        What arrives is kept beside it, in ``path.part``, and taken up by the next attempt or the next run as long as
        the service says that the file is still the same one (RFC 9110 §13.1.5, ``If-Range``). ``progress`` is told the
        bytes that are there and the bytes that were announced. An attempt that brought anything resets the budget of
        retries. Raises as ``read`` does, and ``UnexpectedAnswer`` for a file of more than ``largest`` bytes.
        """
        told = progress or _nothing
        with self._one_at_a_time:
            address = self._address(url, params)
            part = _Part(path)
            attempt, deadline = 0, time.monotonic() + LONGEST_FILE_SECONDS
            while True:
                self._pace()
                before = part.size()
                answer, trouble = self._transfer(address, part, largest, told, attempt)
                if trouble is None:
                    part.whole()
                    return
                attempt = 0 if part.size() > before and time.monotonic() < deadline else attempt
                self._give_up_or_wait(answer, trouble, attempt)
                attempt += 1

    def _transfer(
        self, address: str, part: "_Part", largest: int, progress: Callable[[int, int | None], None], attempt: int
    ) -> tuple[Answer, _Trouble | None]:
        """Ask once for what lacks of a file, and write what comes."""
        first = address
        for _ in range(LONGEST_REDIRECTION + 1):
            requested_at, status, kind = self._now(), None, ""
            trouble: _Trouble | None = None
            location: str | None = None
            try:
                with self._http.get(
                    address, headers=part.headers(first), timeout=self._timeout, stream=True, allow_redirects=False
                ) as response:
                    status, kind = response.status_code, response.headers.get("Content-Type", "")
                    if status in _REDIRECTIONS:
                        location = response.headers.get("Location", "")
                    elif status == 416:
                        part.forget()
                        trouble = _Trouble(
                            "has no such part of the file any more", _backoff(attempt), SourceUnavailable
                        )
                    elif status not in (200, 206):
                        body = next(response.iter_content(10_000), b"")
                        said = Answer(address, requested_at, status, body, hashlib.sha256(body).hexdigest(), kind)
                        trouble = self._judge(said, response.headers, attempt)
                    else:
                        what = self._keep(response, first, part, largest, progress)
                        trouble = _Trouble(what, _backoff(attempt), SourceUnavailable) if what else None
            except requests.RequestException as problem:
                trouble = _Trouble(f"could not be read ({problem})", _backoff(attempt), SourceUnavailable)
            answer = Answer(address, requested_at, status, b"", hashlib.sha256().hexdigest(), kind)
            if self._on_answer is not None:
                self._on_answer(answer)
            if location is None:
                return answer, trouble
            address = self._address(urljoin(address, location), None)
        raise UnexpectedAnswer(f"{address} redirects without end. Look at the service's web page for its new address.")

    def _keep(
        self,
        response: requests.Response,
        address: str,
        part: "_Part",
        largest: int,
        progress: Callable[[int, int | None], None],
    ) -> str | None:
        """Write the body of an answer behind what is there, or anew; return what keeps it from being whole."""
        headers = response.headers
        length = headers.get("Content-Length", "")
        total = int(length) if length.isascii() and length.isdigit() else None
        start = 0
        if response.status_code == 206:
            sent = _CONTENT_RANGE.fullmatch(headers.get("Content-Range", "").strip())
            if sent is None or int(sent[1]) != part.size():
                part.forget()
                return "sent another part of the file than the one that lacks"
            start, total = int(sent[1]), None if sent[2] == "*" else int(sent[2])
        if (total or 0) > largest:
            raise UnexpectedAnswer(
                f"{response.url} announces {total:,} bytes, more than the {largest:,} that are accepted. "
                "Look at the address before running again."
            )
        part.begin(address, start, headers)
        have, deadline = start, time.monotonic() + LONGEST_FILE_SECONDS
        with part.path.open("ab") as file:
            # What breaks off inside a chunk is lost with it, so that chunks are small.
            for chunk in response.iter_content(64 * 1024):
                have += len(chunk)
                if have > largest:
                    part.forget()
                    raise UnexpectedAnswer(
                        f"{response.url} sent more than {largest:,} bytes, which is refused. "
                        "Look at the address before running again."
                    )
                file.write(chunk)
                progress(have, total)
                if time.monotonic() > deadline:
                    return f"took longer than {LONGEST_FILE_SECONDS:.0f} seconds"
        if total is not None and have != total:
            return f"sent {have:,} of {total:,} bytes"
        return None

    def _until_read(
        self, url: str, params: Mapping[str, str] | None, reader: Callable[[bytes], Read], absent: Sequence[int]
    ) -> tuple[Answer, Read | None]:
        with self._one_at_a_time:
            address = self._address(url, params)
            for attempt in range(self._retries + 1):
                self._pace()
                answer, trouble = self._ask(address, attempt, absent)
                if trouble is None and answer.status in absent:
                    return answer, None
                if trouble is None:
                    try:
                        return answer, reader(answer.body)
                    except ValueError as problem:
                        what = f"sent a body that cannot be read ({problem})"
                        trouble = _Trouble(what, _backoff(attempt), UnexpectedAnswer)
                self._give_up_or_wait(answer, trouble, attempt)
        raise AssertionError("the last attempt either returns or raises")

    def _give_up_or_wait(self, answer: Answer, trouble: _Trouble, attempt: int) -> None:
        facts = f"{answer.requested_at:%Y-%m-%d %H:%M:%S} UTC: {answer.url} {trouble.what}"
        if trouble.wait_seconds > LONGEST_WAIT_SECONDS:
            wait = f"{trouble.wait_seconds:.0f} seconds"
            reason = f"{facts} and asks to wait {wait}, which is not waited for. Run again after that time."
            raise RateLimited(trouble.wait_seconds, reason)
        if attempt == self._retries:
            reason = f"{facts}, {attempt + 1} times in a row. What was fetched is kept; run again later."
            if trouble.error is RateLimited:
                raise RateLimited(trouble.wait_seconds, reason)
            raise trouble.error(reason)
        self._sleep(trouble.wait_seconds if self._wait_seconds is None else self._wait_seconds)

    def _pace(self) -> None:
        if self._last_asked is not None:
            left = self._last_asked + self._pacing - time.monotonic()
            if left > 0:
                self._sleep(left)
        self._last_asked = time.monotonic()

    def _address(self, url: str, params: Mapping[str, str] | None) -> str:
        """Return the full address to ask, once it is known to stay with the service."""
        full = url if "://" in url else f"{self._base_url}/{url.lstrip('/')}"
        try:
            prepared = requests.Request("GET", full, params=params).prepare().url or ""
            origin = _origin(prepared)
        except ValueError as problem:
            raise UnexpectedAnswer(
                f"{full[:300]!r} is not an address ({problem}). Look at what the service linked to."
            ) from problem
        if origin != self._origin or "@" in urlsplit(prepared).netloc:
            raise UnexpectedAnswer(
                f"{full[:300]!r} is not at {self._base_url}, so it is not asked. "
                "If the service has moved, set its new address; if not, look at what it linked to."
            )
        return prepared

    def _ask(self, address: str, attempt: int, absent: Sequence[int]) -> tuple[Answer, _Trouble | None]:
        """Send the request, follow redirections within the service, tell the ledger, and judge the answer."""
        for _ in range(LONGEST_REDIRECTION + 1):
            answer, headers, broken = self._send(address)
            if self._on_answer is not None:
                self._on_answer(answer)
            if isinstance(broken, UnexpectedAnswer):
                raise broken
            if broken is not None or answer.status is None:
                return answer, _Trouble(f"could not be read ({broken})", _backoff(attempt), SourceUnavailable)
            if answer.status in absent:
                return answer, None
            if answer.status not in _REDIRECTIONS:
                return answer, self._judge(answer, headers, attempt)
            address = self._address(urljoin(address, headers.get("Location", "")), None)
        raise UnexpectedAnswer(f"{address} redirects without end. Look at the service's web page for its new address.")

    def _send(self, address: str) -> tuple[Answer, Mapping[str, str], Exception | None]:
        requested_at = self._now()
        status: int | None = None
        headers: Mapping[str, str] = {}
        content_type, body = "", bytearray()
        broken: Exception | None = None
        try:
            with self._http.get(address, timeout=self._timeout, stream=True, allow_redirects=False) as response:
                status, headers = response.status_code, response.headers
                content_type = headers.get("Content-Type", "")
                deadline = time.monotonic() + LONGEST_BODY_SECONDS
                for chunk in response.iter_content(64 * 1024):
                    body += chunk
                    if len(body) > self._largest_body:
                        body.clear()
                        broken = UnexpectedAnswer(
                            f"{requested_at:%Y-%m-%d %H:%M:%S} UTC: {address} sent more than {self._largest_body:,} "
                            "bytes (decompressed), which is refused. Look at the address before running again."
                        )
                        break
                    if time.monotonic() > deadline:
                        broken = TimeoutError(f"the body took longer than {LONGEST_BODY_SECONDS:.0f} seconds")
                        break
        except requests.RequestException as problem:
            broken = problem
        served = bytes(body)
        answer = Answer(address, requested_at, status, served, hashlib.sha256(served).hexdigest(), content_type)
        return answer, headers, broken

    def _judge(self, answer: Answer, headers: Mapping[str, str], attempt: int) -> _Trouble | None:
        """Return what keeps a complete answer from being used, or null when its status is 200."""
        status = answer.status or 0
        if status == 200:
            return None
        asked = self._retry_after(headers.get("Retry-After", ""), answer)
        what = f"answered with status {status}"
        match status:
            case 403:
                return _Trouble(what, AFTER_FORBIDDEN_SECONDS if asked is None else asked, RateLimited)
            case 429:
                return _Trouble(what, AFTER_RATE_LIMIT_SECONDS if asked is None else asked, RateLimited)
            case 503:
                return _Trouble(what, AFTER_UNAVAILABLE_SECONDS if asked is None else asked, SourceUnavailable)
            case _ if status == 408 or status >= 500:
                return _Trouble(what, _backoff(attempt) if asked is None else asked, SourceUnavailable)
        raise UnexpectedAnswer(
            f"{answer.requested_at:%Y-%m-%d %H:%M:%S} UTC: {answer.url} {what}: {_excerpt(answer.body)}. "
            "Asking again will not help; look at the service's documentation."
        )

    def _retry_after(self, header: str, answer: Answer) -> float | None:
        """Return the seconds that an answer asks for, from its header (seconds or a date) or from its text."""
        header = header.strip()
        if header.isascii() and header.isdigit():
            return float(header[:15])
        if header:
            try:
                return max(0.0, (parsedate_to_datetime(header) - answer.requested_at).total_seconds())
            except (TypeError, ValueError):
                pass  # neither form of RFC 9110 §10.2.3: fall back to the text, then to the documented wait
        text = _RETRY_TEXT.search(answer.body[:10_000])
        return float(text[1][:15]) if text else None


class _Part:
    """What has arrived of a file, beside the place it is meant for, with the marks of the version that it is of."""

    def __init__(self, path: Path) -> None:
        self._end = path
        self.path = path.with_name(path.name + ".part")
        self._marks = path.with_name(path.name + ".part.json")

    def size(self) -> int:
        return self.path.stat().st_size if self.path.is_file() else 0

    def headers(self, address: str) -> dict[str, str]:
        """Return the headers that ask for what lacks; for the whole file where its version has no mark."""
        asked = {"Accept-Encoding": "identity"}
        try:
            marks = json.loads(self._marks.read_bytes())
        except (OSError, ValueError):
            marks = {}
        mark = marks.get("mark") if isinstance(marks, dict) and marks.get("address") == address else None
        if isinstance(mark, str) and self.size():
            asked |= {"Range": f"bytes={self.size()}-", "If-Range": mark}
        return asked

    def begin(self, address: str, start: int, headers: Mapping[str, str]) -> None:
        """Note the version that is coming; what is there of another one goes."""
        if start:
            return
        self.forget()
        tag = headers.get("ETag", "")
        # A weak tag may not be used for a part of a file: RFC 9110 §13.1.5.
        mark = tag if tag.startswith('"') else headers.get("Last-Modified")
        self._marks.write_text(json.dumps({"address": address, "mark": mark}), encoding="utf-8")

    def forget(self) -> None:
        self.path.unlink(missing_ok=True)
        self._marks.unlink(missing_ok=True)

    def whole(self) -> None:
        self.path.replace(self._end)
        self._marks.unlink(missing_ok=True)


def _nothing(_have: int, _total: int | None) -> None:
    """Tell nobody."""


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or ""), parts.port or _PORTS.get(parts.scheme)


def _backoff(attempt: int) -> float:
    return min(FIRST_BACKOFF_SECONDS * 2.0**attempt, LONGEST_BACKOFF_SECONDS)


def _excerpt(body: bytes) -> str:
    """Return the beginning of an error's text on one line, quoted."""
    return json.dumps(" ".join(body[:300].decode("utf-8", "replace").split()))

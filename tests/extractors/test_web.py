"""The session waits as it is told, gives up with a reason, and stays with its service."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from extractors.packages import split
from extractors.standin import SEARCH_PATH, Fault, Kind, Standin
from extractors.web import Answer, RateLimited, Session, SourceUnavailable, UnexpectedAnswer

NOW = datetime(2026, 9, 3, 2, 15, tzinfo=UTC)
RELEASES = [
    {"ocid": f"ocds-b5fd17-{n}", "id": f"{n}-1", "date": f"2026-09-03T10:00:{n:02}+01:00", "tag": ["award"]}
    for n in range(3)
]


@contextmanager
def serving(status: int, headers: dict[str, str], body: bytes) -> Iterator[str]:
    """Serve one fixed answer to every request, and yield the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def session(url: str, sleep: Callable[[float], None] = lambda _: None, **options: Any) -> Session:
    """Return a session that does not really sleep."""
    return Session(url, now=lambda: NOW, sleep=sleep, **({"pacing_seconds": 0.0} | options))


@pytest.mark.parametrize(
    ("fault", "waits"),
    [
        (Fault(Kind.FORBIDDEN, times=2), [300, 300]),
        (Fault(Kind.RATE_LIMIT, times=1, seconds=77), [77]),
        (Fault(Kind.RATE_LIMIT_TEXT, times=1, seconds=45), [45]),
        (Fault(Kind.UNAVAILABLE, times=1, seconds=11), [11]),
        (Fault(Kind.ERROR, times=3), [5, 10, 20]),
        (Fault(Kind.TRUNCATED, times=2), [5, 10]),
        (Fault(Kind.NOT_JSON, times=1), [5]),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else "",
)
def test_the_time_asked_for_is_waited(fault: Fault, waits: list[float]) -> None:
    """After a refusal or failure the session waits as documented or as told, and then gets its answer."""
    slept: list[float] = []
    with Standin(RELEASES, faults=[fault]) as server, session(server.url, slept.append) as web:
        answer = web.get(SEARCH_PATH)

    assert slept == waits
    assert answer.status == 200
    assert answer.sha256 == hashlib.sha256(answer.body).hexdigest()
    assert answer.content_type == "application/json"
    assert answer.requested_at == NOW


@pytest.mark.parametrize(
    ("status", "headers", "body", "wait"),
    [
        (429, {}, b"Too Many Requests", 120),
        (429, {"Retry-After": "Thu, 03 Sep 2026 02:16:30 GMT"}, b"", 90),
        (429, {"Retry-After": "Thu, 03 Sep 2026 01:00:00 GMT"}, b"", 0),
        (429, {"Retry-After": "soon"}, b"", 120),
        (429, {"Retry-After": "-5"}, b"", 120),
        (403, {}, b"Please retry after 7 seconds.", 7),
        (503, {}, b"", 30),
        (502, {}, b"", 5),
    ],
)
def test_every_form_of_asking_for_time_is_understood(
    status: int, headers: dict[str, str], body: bytes, wait: float
) -> None:
    """Seconds, a date, the words of the text, and else the documented wait decide how long to wait."""
    slept: list[float] = []
    with (
        serving(status, headers, body) as url,
        session(url, slept.append, retries=1) as web,
        pytest.raises((RateLimited, SourceUnavailable)),
    ):
        web.get("/")

    assert slept == [wait]


@pytest.mark.parametrize("wait_seconds", [None, 0.0])
@pytest.mark.parametrize("asked", ["999999999", "9" * 5000, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_an_absurd_wait_stops_the_run(asked: str, wait_seconds: float | None) -> None:
    """A service that asks for more than an hour is not waited for, not even where waits are replaced."""
    slept: list[float] = []
    with (
        serving(429, {"Retry-After": asked}, b"") as url,
        session(url, slept.append, wait_seconds=wait_seconds) as web,
        pytest.raises(RateLimited, match="Run again after") as stopped,
    ):
        web.get("/")

    assert slept == []
    assert stopped.value.wait_seconds > 3600


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (Kind.FORBIDDEN, RateLimited),
        (Kind.RATE_LIMIT, RateLimited),
        (Kind.UNAVAILABLE, SourceUnavailable),
        (Kind.ERROR, SourceUnavailable),
        (Kind.TRUNCATED, SourceUnavailable),
        (Kind.NOT_JSON, UnexpectedAnswer),
    ],
)
def test_the_budget_ends(kind: Kind, error: type[Exception]) -> None:
    """When the retries are used up, the error says when, what, and what to do next; every answer reached the ledger."""
    ledger: list[Answer] = []
    with (
        Standin(RELEASES, faults=[kind]) as server,
        session(server.url, retries=2, on_answer=ledger.append) as web,
        pytest.raises(error, match=r"2026-09-03 02:15:00 UTC.*3 times in a row.*run again later"),
    ):
        web.get(SEARCH_PATH)

    assert len(ledger) == len(server.requests) == 3


def test_a_success_resets_the_budget() -> None:
    """Failures of earlier requests do not count against later ones."""
    faults = [Fault(Kind.ERROR, every=2)]
    with Standin(RELEASES, faults=faults) as server, session(server.url, retries=1) as web:
        statuses = [web.get(SEARCH_PATH).status for _ in range(6)]

    assert statuses == [200] * 6


def test_a_service_that_does_not_answer_is_unavailable() -> None:
    """A refused connection is retried, put into the ledger without a status, and then given up."""
    with Standin(RELEASES) as server:
        url = server.url
    ledger: list[Answer] = []
    with (
        session(url, retries=1, on_answer=ledger.append) as web,
        pytest.raises(SourceUnavailable, match="could not be read"),
    ):
        web.get(SEARCH_PATH)

    assert [(answer.status, answer.body) for answer in ledger] == [(None, b"")] * 2


def test_a_decompression_bomb_is_refused() -> None:
    """A body of 0.3 MB that inflates to 300 MB is refused at the cap, at once."""
    ledger: list[Answer] = []
    with (
        Standin(RELEASES, faults=[Kind.BOMB]) as server,
        session(server.url, largest_body=5_000_000, on_answer=ledger.append) as web,
        pytest.raises(UnexpectedAnswer, match="more than 5,000,000 bytes"),
    ):
        web.get(SEARCH_PATH)

    assert [answer.body for answer in ledger] == [b""]


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.invalid/Published",
        "http://elsewhere.invalid/",
        "https://127.0.0.1:{port}/",
        "http://127.0.0.1:1/",
        "http://user:word@127.0.0.1:{port}/",
        "http://127.0.0.1:{port}@elsewhere.invalid/",
        "http://elsewhere.invalid\\@127.0.0.1:{port}/",
        "file:///etc/passwd",
        "http://[broken/",
        "http://127.0.0.1:notaport/",
    ],
)
def test_foreign_addresses_are_never_asked(address: str) -> None:
    """Only the service's own scheme, host and port are asked, whatever an answer links to."""
    with Standin(RELEASES) as server, session(server.url) as web:
        port = server.url.rpartition(":")[2]
        with pytest.raises(UnexpectedAnswer):
            web.get(address.replace("{port}", port))

    assert server.requests == []


@pytest.mark.parametrize("base", ["http://example.gov.uk", "ftp://127.0.0.1", "example.gov.uk", "https://", ""])
def test_a_service_needs_an_https_address(base: str) -> None:
    """Plain http is for this machine only."""
    with pytest.raises(ValueError, match="https address"):
        Session(base, now=lambda: NOW)


def test_a_redirect_to_another_host_is_refused() -> None:
    """A redirect is checked as any other address is."""
    with (
        Standin(RELEASES, faults=[Kind.REDIRECT]) as server,
        session(server.url) as web,
        pytest.raises(UnexpectedAnswer, match=r"elsewhere\.invalid"),
    ):
        web.get(SEARCH_PATH)


def test_a_redirect_without_end_is_refused() -> None:
    """A service that redirects to itself is not followed for ever."""
    with (
        serving(301, {"Location": "/again"}, b"") as url,
        session(url) as web,
        pytest.raises(UnexpectedAnswer, match="without end"),
    ):
        web.get("/")


@pytest.mark.parametrize("status", [400, 404, 418])
def test_a_wrong_request_is_not_repeated(status: int) -> None:
    """A status that asking again cannot mend stops at once, with the service's own words."""
    slept: list[float] = []
    with (
        serving(status, {}, b'[{"Message":"bad limit"}]') as url,
        session(url, slept.append) as web,
        pytest.raises(UnexpectedAnswer, match=f"status {status}.*bad limit"),
    ):
        web.get("/")

    assert slept == []


def test_what_a_service_does_not_have_is_no_error() -> None:
    """Something that may be absent is asked for once, and comes as null with its answer, which the ledger holds too."""
    ledger: list[Answer] = []
    slept: list[float] = []
    with (
        serving(404, {}, b"<html>Not found</html>") as url,
        session(url, slept.append, on_answer=ledger.append) as web,
    ):
        answer, found = web.find("/one", len)

    assert (answer.status, found, slept) == (404, None, [])
    assert ledger == [answer]


@pytest.mark.parametrize(("absent", "raises"), [((404,), True), ((204, 400, 404), False)])
def test_only_the_statuses_named_mean_absent(absent: tuple[int, ...], raises: bool) -> None:
    """Another status is as wrong as for any request."""
    with serving(400, {}, b"bad id") as url, session(url) as web:
        if raises:
            with pytest.raises(UnexpectedAnswer, match="status 400"):
                web.find("/one", len, absent)
        else:
            assert web.find("/one", len, absent)[1] is None


def test_what_may_be_absent_is_read_and_waited_for_as_anything_else() -> None:
    """Refusals are waited for, bodies that cannot be read are asked for again, and the reader's result is returned."""
    slept: list[float] = []
    faults = [Fault(Kind.RATE_LIMIT, times=1, seconds=9), Fault(Kind.NOT_JSON, every=2, times=1)]
    with Standin(RELEASES, faults=faults) as server, session(server.url, slept.append) as web:
        answer, found = web.find(SEARCH_PATH, split)

    assert slept == [9, 10]
    assert answer.status == 200
    assert found is not None
    assert len(found.releases) == 3


def test_requests_are_paced() -> None:
    """Between the starts of two requests lies the pacing."""
    slept: list[float] = []
    with Standin(RELEASES) as server, session(server.url, slept.append, pacing_seconds=10.0) as web:
        for _ in range(3):
            web.get(SEARCH_PATH)

    assert [round(seconds) for seconds in slept] == [10, 10]


def test_waits_can_be_replaced() -> None:
    """One number takes the place of pacing, documented waits and Retry-After."""
    slept: list[float] = []
    faults = [Fault(Kind.RATE_LIMIT, times=1), Fault(Kind.FORBIDDEN, every=2, times=1)]
    with (
        Standin(RELEASES, faults=faults) as server,
        session(server.url, slept.append, pacing_seconds=10.0, wait_seconds=0.5) as web,
    ):
        web.get(SEARCH_PATH)

    assert {round(seconds, 1) for seconds in slept} == {0.5}


def test_a_rate_limit_that_is_enforced_is_outwaited() -> None:
    """Really waiting the seconds asked for is enough for a service that refuses until they have passed."""
    faults = [Fault(Kind.RATE_LIMIT, times=1, seconds=1, enforced=True)]
    with (
        Standin(RELEASES, faults=faults) as server,
        Session(server.url, now=lambda: NOW, pacing_seconds=0.0, retries=1) as web,
    ):
        answer = web.get(SEARCH_PATH)

    assert answer.status == 200
    assert [asked.status for asked in server.requests] == [429, 200]


def test_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy named in the environment is not asked, and parameters arrive as they were given."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")
    with Standin(RELEASES) as server, session(server.url) as web:
        web.get(SEARCH_PATH, {"publishedTo": "2026-09-03T10:00:00+01:00", "limit": "2"})

    assert server.requests[0].params == {"publishedTo": "2026-09-03T10:00:00+01:00", "limit": "2"}


def test_bodies_are_not_printed() -> None:
    """An answer's body, which may name persons, does not show where the answer is printed."""
    with serving(200, {}, b'{"name": "Jane Doe"}') as url, session(url) as web:
        answer = web.get("/")

    assert answer.body == b'{"name": "Jane Doe"}'
    assert "Jane" not in repr(answer)

"""Ways in which the stand-in misbehaves on request, each as it was seen of one service or the other."""

import re
import zlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Kind(StrEnum):
    """Ways to misbehave; what an answer does in turn, what a release holds, and what the paging does."""

    # An answer in turn: applies to each ``every``-th search, ``times`` times.
    FORBIDDEN = "forbidden"  # 403 with HTML
    RATE_LIMIT = "rate_limit"  # 429 with Retry-After
    RATE_LIMIT_TEXT = "rate_limit_text"  # 429 that says the seconds in its text only
    HUGE_RETRY_AFTER = "huge_retry_after"  # 429 with Retry-After: 999999999
    UNAVAILABLE = "unavailable"  # 503 with Retry-After, and its text misspelt
    ERROR = "error"  # 500
    TRUNCATED = "truncated"  # half of the length that was announced
    CUT_SHORT = "cut_short"  # half of a body whose length was not announced
    NOT_JSON = "not_json"  # 200 with HTML
    EMPTY_PAGE = "empty_page"  # no releases on the page; a link to the next if there would have been one
    BOMB = "bomb"  # 0.3 MB that inflate to 300 MB
    REDIRECT = "redirect"  # 302 to another host
    # A release in turn: applies to each ``every``-th release of a service, the first of its listing first, ``times``
    # times, whenever it is served.
    NOT_UTF8 = "not_utf8"  # a byte 0x92 in a title
    HUGE_NUMBER = "huge_number"  # 1e9999
    LEADING_ZEROS = "leading_zeros"  # 000 as a number
    NOT_A_NUMBER = "not_a_number"  # NaN, which makes the release unreadable
    NULLS = "nulls"  # null values, and a supplier without a name
    REPEATED = "repeated"  # the release stands twice on its page
    APPEARS = "appears"  # the release appears only after its window was asked for once
    # The paging, and what else concerns every request: always.
    ROWS_LOST = "rows_lost"  # the cursor is on a hidden key that is not in the order of the listing
    CURSOR_TO_ITSELF = "cursor_to_itself"  # a page reached by a cursor links to itself
    NO_NEXT = "no_next"  # a full page without a link to the next
    FOREIGN_NEXT = "foreign_next"  # the next page is said to be on another host
    HTTP_NEXT = "http_next"  # the same, over plain http
    ENDLESS = "endless"  # every page links to one more
    LATER_HOUR = "later_hour"  # a time without an offset that comes twice in October is read as the second
    LIMITER = "limiter"  # 429 with Retry-After to whoever asks more than twelve times within ``seconds``
    LIMITER_TEXT = "limiter_text"  # the same, the seconds in the text only


ANSWERS = frozenset(list(Kind)[: list(Kind).index(Kind.NOT_UTF8)])
SHAPED = frozenset((Kind.EMPTY_PAGE, Kind.TRUNCATED, Kind.CUT_SHORT))
RELEASES = frozenset(list(Kind)[list(Kind).index(Kind.NOT_UTF8) : list(Kind).index(Kind.ROWS_LOST)])
LIMITERS = frozenset((Kind.LIMITER, Kind.LIMITER_TEXT))

_FORBIDDEN = (
    b"<html><head><title>Forbidden - Contracts Finder</title></head><body><p><h1><strong>Request forbidden</strong>"
    b"</h1></p><p>The request rate limit may have been exceeded. No further requests should be made until after "
    b"5 minutes.</p></body></html>"
)


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
class Reply:
    """What is sent back: of ``body`` only ``sent`` bytes where that is given, its length ``announced`` or not."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    sent: int | None = None
    announced: bool = True
    fault: Kind | None = None


def misbehave(fault: Fault) -> Reply:
    """Return the answer of a fault that needs no page."""
    kind, wait = fault.kind, ("Retry-After", str(fault.seconds))
    text = f"Rate limit of 12 exceeded. Please retry after {fault.seconds} seconds.".encode()
    match kind:
        case Kind.FORBIDDEN:
            return Reply(403, _FORBIDDEN, "text/plain", fault=kind)
        case Kind.RATE_LIMIT | Kind.LIMITER:
            return Reply(429, text, "text/plain", (wait,), fault=kind)
        case Kind.RATE_LIMIT_TEXT | Kind.LIMITER_TEXT:
            return Reply(429, text, "text/plain", fault=kind)
        case Kind.HUGE_RETRY_AFTER:
            return Reply(429, b"Too Many Requests", "text/plain", (("Retry-After", "999999999"),), fault=kind)
        case Kind.UNAVAILABLE:
            return Reply(503, b"Service Unavailaible", "text/plain", (wait,), fault=kind)
        case Kind.ERROR:
            return Reply(500, b"Internal Server Error", "text/plain", fault=kind)
        case Kind.NOT_JSON:
            return Reply(200, b"<html><body>Sorry, there is a problem with the service</body></html>", fault=kind)
        case Kind.BOMB:
            return Reply(200, _bomb(), headers=(("Content-Encoding", "gzip"),), fault=kind)
        case Kind.REDIRECT:
            return Reply(302, b"", headers=(("Location", "https://elsewhere.invalid/"),), fault=kind)
    raise ValueError(f"{kind} is not an answer of its own")


def _bomb() -> bytes:
    """Return 0.3 MB of gzip that inflate to a package of 300 MB, nearly all of it blanks."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    blanks = b" " * 1_000_000
    parts = [packer.compress(b'{"releases": [')]
    parts += [packer.compress(blanks) for _ in range(300)]
    return b"".join([*parts, packer.compress(b"]}"), packer.flush()])


def spoil(body: bytes, kind: Kind) -> bytes:
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

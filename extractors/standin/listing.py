"""The releases of one service as the stand-in holds them, and their paging."""

import base64
import gzip
import io
import json
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

import msgspec
import zstandard

from extractors.packages import split
from extractors.standin.faults import RELEASES, Fault, Kind, spoil

LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True, slots=True)
class Row:
    """One release: its own bytes, the fields that it is found by, and the moment (UTC seconds) it is listed under."""

    body: bytes
    ocid: Any
    id: Any
    date: str
    tag: str
    moment: float
    number: int


class Listing:
    """The releases of one service in the order of its listing, with the faults of releases and of paging.

    The hidden key that its cursor is on falls along the listing, and is shaken by up to ``shaken`` places: 0 loses
    nothing, anything else drops rows at page borders and repeats others.
    """

    def __init__(self, rows: Sequence[Row], faults: Sequence[Fault], shaken: int) -> None:
        self.rows = rows
        self.raw = [row.body for row in rows]
        self.kinds = {fault.kind for fault in faults}
        self._by_moment = sorted(range(len(rows)), key=lambda place: rows[place].moment)
        self._moments = [rows[place].moment for place in self._by_moment]
        self._by_id = {row.id: place for place, row in enumerate(rows)}
        count = len(rows)
        jump = [crc32(str(row.id).encode()) % shaken if shaken else 0 for row in rows]
        self._keys = [count - place + jump[place] for place in range(count)]
        self._asked = 0
        struck = {kind: set[int]() for kind in RELEASES}
        for fault in faults:
            if fault.kind in RELEASES:
                struck[fault.kind].update(place for place in range(count) if fault.strikes(place + 1))
        self._repeated = struck.pop(Kind.REPEATED)
        self._hidden = struck.pop(Kind.APPEARS)
        for kind, places in struck.items():
            for place in places:
                self.raw[place] = spoil(self.raw[place], kind)

    def places(
        self,
        oldest: float | None,
        newest: float,
        *,
        tags: Collection[str] | None = None,
        ceiling: int | None = None,
        most: int | None = None,
    ) -> list[int]:
        """Return the places of the first rows of a window, both ends of it included, of all tags or of some."""
        first = 0 if oldest is None else bisect_left(self._moments, oldest)
        last = bisect_right(self._moments, newest)
        found: list[int] = []
        for place in sorted(self._by_moment[first:last]):
            if (
                place not in self._hidden
                and (ceiling is None or self._keys[place] <= ceiling or Kind.ENDLESS in self.kinds)
                and (tags is None or self.rows[place].tag in tags)
            ):
                found.append(place)
                if len(found) == most:
                    break
        return found

    def page(
        self, oldest: float | None, newest: float, limit: int, *, tags: Collection[str] | None, ceiling: int | None
    ) -> tuple[list[int], int | None]:
        """Return the places on a page, and the key of the next one, null where none follows."""
        self._asked += 1
        places = self.places(oldest, newest, tags=tags, ceiling=ceiling, most=limit + 1)
        shown, left = places[:limit], places[limit:]
        if Kind.ENDLESS in self.kinds:
            left = left or shown[:1] or [0]
        following = None
        if left and not (Kind.NO_NEXT in self.kinds and len(shown) == limit):
            following = self._asked if Kind.ENDLESS in self.kinds else self._keys[left[0]]
        self._appear(oldest, newest)
        return [place for shown_place in shown for place in self._as_served(shown_place)], following

    def of_id(self, release_id: str) -> list[int]:
        """Return the place of a release, if there is one of that id."""
        return [self._by_id[release_id]] if release_id in self._by_id else []

    def of_ocid(self, ocid: str) -> list[int]:
        """Return the places of the releases of a procurement, in the order of the listing."""
        return [place for place, row in enumerate(self.rows) if row.ocid == ocid]

    def newest_date(self, places: Iterable[int], otherwise: str) -> str:
        """Return the date of the newest of some releases, as it stands in it."""
        return max((self.rows[place].date for place in places), key=instant, default=otherwise)

    def _as_served(self, place: int) -> list[int]:
        return [place] * (2 if place in self._repeated else 1)

    def _appear(self, oldest: float | None, newest: float) -> None:
        """Let the releases appear that stayed hidden while their window was asked for."""
        for place in list(self._hidden):
            moment = self.rows[place].moment
            if moment <= newest and (oldest is None or moment >= oldest):
                self._hidden.discard(place)


def cursor_of(params: Mapping[str, str], names: Iterable[str], key: int) -> str:
    """Return a cursor as both services write it: the request's own parameters and the key, in base64."""
    inside = [f"{name}={params[name]}" for name in names if name in params]
    return base64.b64encode("|".join([*inside, f"nextCursor={key}"]).encode()).decode()


def inside_of(cursor: str) -> tuple[dict[str, str], int]:
    """Return the parameters in a cursor, and its key; raises ``ValueError`` where it is none."""
    inside = dict(part.split("=", 1) for part in base64.b64decode(cursor, validate=True).decode().split("|"))
    if "nextCursor" not in inside:
        raise ValueError("a cursor without its key")
    return inside, int(inside.pop("nextCursor"))


def host_of_next(url: str, home: str, kinds: Iterable[Kind]) -> str:
    """Return the host that the next page is said to be on."""
    if Kind.FOREIGN_NEXT in kinds:
        return "https://elsewhere.invalid"
    return home.replace("https:", "http:") if Kind.HTTP_NEXT in kinds else url


def query(params: Mapping[str, str]) -> str:
    """Join parameters as the services echo them, unescaped."""
    return "&".join(f"{name}={value}" for name, value in params.items())


def encoded(value: Any) -> bytes:
    """Return a value as JSON."""
    return msgspec.json.encode(value)


def instant(text: str, fold: int = 0) -> datetime:
    """Return a date or time; without an offset it is London's. Raises ``ValueError`` when it is neither."""
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=LONDON, fold=fold).astimezone(UTC) if found.tzinfo is None else found


# --- reading releases

_FIND_A_TENDER = "ocds-h6vhtk-"


class _Fields(msgspec.Struct):
    ocid: Any = None
    id: Any = None
    date: Any = None
    tag: Any = None


def rows_of(
    releases: Iterable[str | Path | bytes | Mapping[str, Any]], published: Mapping[str, datetime]
) -> tuple[list[Row], list[Row]]:
    """Return the releases of Contracts Finder and those of Find a Tender, told apart by ocid, each as listed.

    Contracts Finder lists the newest first; Find a Tender the highest notice id first, under the moment in
    ``published`` where its id has one. Raises ``ValueError`` for a release without a date.
    """
    finder: list[Row] = []
    tender: list[Row] = []
    for number, body in enumerate(body for item in releases for body in _bodies(item)):
        fields = _fields(body)
        if not isinstance(fields.date, str):
            raise ValueError(f"release {number + 1} ({fields.ocid}) has no date to be listed by. Give it one.")
        tag = str(fields.tag[0]) if isinstance(fields.tag, list) and fields.tag else ""
        is_tender = isinstance(fields.ocid, str) and fields.ocid.startswith(_FIND_A_TENDER)
        moment = instant(fields.date)
        if is_tender and fields.id in published:
            moment = instant(published[fields.id].isoformat()).replace(microsecond=0)
        row = Row(body, fields.ocid, fields.id, fields.date, tag, moment.timestamp(), number)
        (tender if is_tender else finder).append(row)
    finder.sort(key=lambda row: (-row.moment, row.number))
    tender.sort(key=lambda row: (_year_and_number(row.id), -row.number), reverse=True)
    return finder, tender


def _year_and_number(notice_id: Any) -> tuple[str, str]:
    number, _, year = str(notice_id).partition("-")
    return year, number


def _bodies(item: str | Path | bytes | Mapping[str, Any]) -> Iterator[bytes]:
    """Generate the releases that a file holds, or the one that is given."""
    if isinstance(item, bytes):
        yield item
    elif isinstance(item, Mapping):
        yield encoded(item)
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

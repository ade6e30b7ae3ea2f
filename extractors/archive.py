"""Keep releases as published, without contact details: compressed, append-only, with a manifest.

Under the root, one pair of files per source and London day that was asked for::

    contracts-finder/2022/2022-10-22.jsonl.zst           releases, one a line (``zstdcat`` reads it)
    contracts-finder/2022/2022-10-22.manifest.jsonl      what was asked, when, and what came

Each collection adds one zstd frame with the releases that the day did not hold yet (by SHA-256 of the cleaned line).
The data file is replaced in one rename, its old bytes first; only then the manifest gets its lines. A run killed
between the two leaves releases that the next run counts as repeated, and a window that it asks again.

The manifest has four kinds of lines: ``request`` (one answer of the service, with its counts), ``window`` (a period
that was asked in full: ``coverage`` can be recomputed from these alone), ``listed`` (what the service's own list of the
day told, and what of it was not held then) and ``data`` (the length of the data file that stands beside it, so that a
file cut short is noticed). Times are UTC.

One process writes at a time (the night's lock sees to it); readers need no lock.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Self
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

import zstandard

from extractors.contacts import Unreadable, clean

LEVEL: Final = 6
"""zstd's level: a day is written once and read at every rebuild."""

PUBLIC_PARAMETERS: Final = frozenset(
    {"publishedfrom", "publishedto", "updatedfrom", "updatedto", "limit", "cursor", "stages", "ocid", "id"}
)
"""Query parameters of the two services, in lower case; the value of any other might be a secret and is not kept."""

_CHUNK = 1 << 20
_ASKED_ID = re.compile(r"/(?:Release|ocdsReleasePackages)/([^/]+)/?\Z")
"""The end of the path of a request for one release: the two services' own (their API documentation)."""
_SOURCE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_DATA = ".jsonl.zst"
_MANIFEST = ".manifest.jsonl"


class DamagedArchive(Exception):
    """Raised when a file of the archive cannot be what this module wrote: on reading it, and before adding to it."""

    def __init__(self, path: Path, fact: str, action: str) -> None:
        """Name the file, what is wrong with it, and what to do next."""
        self.path = path
        super().__init__(f"{path} is damaged: {fact}. {action}")


@dataclass(frozen=True, slots=True)
class UnreadablePart:
    """A part of an answer that could not be decoded: where it stood, its hash and why; its body is not kept."""

    offset: int | None
    length: int
    sha256: str
    reason: str


@dataclass(frozen=True, slots=True)
class Request:
    """One request to a service and its answer, as the manifest tells it; ``new + repeated`` is what was kept."""

    url: str
    requested_at: datetime
    status: int | None
    sha256: str | None
    bytes: int | None
    window_from: datetime | None
    window_to: datetime | None
    releases: int
    new: int
    repeated: int
    contacts_removed: int
    emails_masked: int
    telephones_masked: int
    names_masked: int
    unreadable: tuple[UnreadablePart, ...]
    repaired: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """What a service's own list of a day told: how many releases, and which of them were not held when it was asked.

    ``missing`` holds (ocid, release id).
    """

    day: date
    asked_at: datetime
    expected: int
    missing: tuple[tuple[str, str], ...]


class Archive:
    """The releases of all sources under one folder.

    ``source`` is a name such as ``contracts-finder``; anything that is not lower-case words joined by hyphens is
    refused with ``ValueError``, so that no name leads out of the folder. ``day`` is the London day that was asked for.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def sources(self) -> list[str]:
        """List the sources that the archive holds days of, in order."""
        if not self.root.is_dir():
            return []
        return sorted(
            entry.name for entry in self.root.iterdir() if _SOURCE.fullmatch(entry.name) and self.days(entry.name)
        )

    def days(self, source: str) -> list[date]:
        """List the days of a source that were asked for, with or without releases, in order."""
        return sorted({_day_of(path) for path in self._folder(source).glob("[0-9]*/*.*") if _is_ours(path)})

    def path(self, source: str, day: date) -> str:
        """Name the data file of a day, relative to the root, with forward slashes; it may not exist."""
        return self._file(source, day, _DATA).relative_to(self.root).as_posix()

    def lines(self, source: str, day: date) -> Iterator[bytes]:
        """Yield the releases of a day, each one line of JSON without its line end, in the order they were added.

        Memory stays bounded by the longest line, whatever the length of the file.

        Raises:
            DamagedArchive: The file is cut short, missing, or not what was written.
        """
        path = self._file(source, day, _DATA)
        expected = max((entry["bytes"] for entry in self._entries(source, day) if entry["kind"] == "data"), default=0)
        return _lines(path, expected)

    def batches(
        self, days: Mapping[str, Sequence[date]], size: int
    ) -> Iterator[tuple[str, list[tuple[str, list[bytes]]], int]]:
        """Yield the releases of some days of some sources, ``size`` at a time.

        Yields:
            The source; path and releases of each file; how many days have been begun.
        """
        begun = 0
        for source, wanted in days.items():
            files: list[tuple[str, list[bytes]]] = []
            held = 0
            for day in wanted:
                begun += 1
                lines = self.lines(source, day)
                while part := list(islice(lines, size - held)):
                    files.append((self.path(source, day), part))
                    held += len(part)
                    if held == size:
                        yield source, files, begun
                        files, held = [], 0
            if files:
                yield source, files, begun

    def requests(self, source: str, day: date) -> list[Request]:
        """List the requests that were made for a day, in the order they were archived.

        Raises:
            DamagedArchive: The manifest holds a line that is not its own.
        """
        return [_request(entry) for entry in self._entries(source, day) if entry["kind"] == "request"]

    def windows(self, source: str) -> list[tuple[datetime, datetime, datetime]]:
        """List the periods that were asked in full, as (from, to, asked at) in UTC, in order of period and asking.

        Raises:
            DamagedArchive: A manifest holds a line that is not its own.
        """
        return sorted(
            (_time(entry["from"]), _time(entry["to"]), _time(entry["asked_at"]))
            for day in self.days(source)
            for entry in self._entries(source, day)
            if entry["kind"] == "window"
        )

    def listed(self, source: str, day: date) -> Listed | None:
        """Return what the service's own list of a day told when it was asked last, or null where it never was.

        Raises:
            DamagedArchive: The manifest holds a line that is not its own.
        """
        told = [entry for entry in self._entries(source, day) if entry["kind"] == "listed"]
        if not told:
            return None
        latest = max(told, key=lambda entry: _time(entry["asked_at"]))
        missing = tuple((ocid, release_id) for ocid, release_id in latest["missing"])
        return Listed(date.fromisoformat(latest["day"]), _time(latest["asked_at"]), latest["expected"], missing)

    def asked_ids(self, source: str) -> dict[str, int | None]:
        """Return every id that was asked for by itself, with the status of the latest answer, in order of id.

        Raises:
            DamagedArchive: A manifest holds a line that is not its own.
        """
        told = [
            (unquote(asked[1]), _time(entry["requested_at"]), entry["status"])
            for day in self.days(source)
            for entry in self._entries(source, day)
            if entry["kind"] == "request" and (asked := _ASKED_ID.search(urlsplit(entry["url"]).path))
        ]
        return {asked_id: status for asked_id, _, status in sorted(told, key=lambda row: row[:2])}

    def unreadable(self, source: str, day: date) -> list[UnreadablePart]:
        """List what could not be decoded in the answers for a day, each body once, in the order it came.

        Raises:
            DamagedArchive: The manifest holds a line that is not its own.
        """
        parts = (part for request in self.requests(source, day) for part in request.unreadable)
        return list({(part.sha256, part.length): part for part in reversed(list(parts))}.values())[::-1]

    def collecting(self, source: str, day: date) -> "Collection":
        """Open a day for adding, as a context manager: all of it is kept on leaving it, or nothing on an exception."""
        return Collection(self, source, day)

    def _folder(self, source: str) -> Path:
        if not _SOURCE.fullmatch(source):
            raise ValueError(
                f"{source!r} cannot name a source: use lower-case words joined by hyphens, such as contracts-finder."
            )
        return self.root / source

    def _file(self, source: str, day: date, suffix: str) -> Path:
        return self._folder(source) / f"{day.year:04}" / f"{day:%Y-%m-%d}{suffix}"

    def _entries(self, source: str, day: date) -> list[dict[str, Any]]:
        return _entries(self._file(source, day, _MANIFEST))


class Collection:
    """What is being added to one day of one source; nothing is seen by readers before it is left without exception."""

    def __init__(self, archive: Archive, source: str, day: date) -> None:
        self.data_path = archive._file(source, day, _DATA)
        self.manifest_path = archive._file(source, day, _MANIFEST)
        self._root = archive.root
        self._day = day
        self._known: set[bytes] | None = None
        self._entries: list[dict[str, Any]] = []
        self._part: BinaryIO | None = None
        self._frame: zstandard.ZstdCompressionWriter | None = None
        self._recorded = 0

    def __enter__(self) -> Self:
        _make_folder(self.data_path.parent, self._root)
        # What a killed run left; the night's lock keeps other writers away.
        for leftover in self.data_path.parent.glob(".*.part"):
            leftover.unlink(missing_ok=True)
        self._recorded = max(
            (entry["bytes"] for entry in _entries(self.manifest_path) if entry["kind"] == "data"), default=0
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._keep()
        finally:
            if self._part is not None:
                self._part.close()
                self._part_path.unlink(missing_ok=True)

    def add(
        self,
        *,
        url: str,
        requested_at: datetime,
        status: int | None,
        sha256: str | None,
        bytes: int | None,
        window: tuple[datetime, datetime] | None = None,
        releases: Iterable[bytes] = (),
        unreadable: Iterable[tuple[int | None, int, str, str]] = (),
        repaired: Sequence[str] = (),
    ) -> Request:
        """Add one answer of the service, and return what the manifest will say of it.

        Contact details are removed here, before anything is written. A release that cannot be read is noted among the
        unreadable, and its body dropped.

        Args:
            url: The address asked, with the id at its end where one release was asked for; credentials and values of
                parameters that the services do not know are dropped.
            requested_at: When it was asked; like all times here it must have an offset.
            status: The HTTP status, if an answer came; 404 where the service has no release of that id.
            sha256: SHA-256 of the body as served, in hexadecimal, if an answer came.
            bytes: Length of that body, decompressed.
            window: The period that was asked, from and to.
            releases: The releases of the answer, each as its own bytes of JSON.
            unreadable: Parts that could not be told apart: offset in the body, length, SHA-256, reason.
            repaired: What was mended before decoding, in words that quote nothing of the body.

        Raises:
            ValueError: A time has no offset.
            DamagedArchive: What the day holds already cannot be read.
            OSError: The disk is full or fails; nothing has changed then.
        """
        parts = [UnreadablePart(*part) for part in unreadable]
        counts = {"contacts_removed": 0, "emails_masked": 0, "telephones_masked": 0, "names_masked": 0}
        total = new = failed = 0
        for body in releases:
            total += 1
            try:
                cleaned = clean(body)
            except Unreadable as error:
                parts.append(UnreadablePart(None, error.length, error.sha256, error.reason))
                failed += 1
                continue
            for name in counts:
                counts[name] += getattr(cleaned, name)
            new += self._write(cleaned.line)
        request = Request(
            url=_public(url),
            requested_at=_utc(requested_at),
            status=status,
            sha256=sha256,
            bytes=bytes,
            window_from=_utc(window[0]) if window else None,
            window_to=_utc(window[1]) if window else None,
            releases=total,
            new=new,
            repeated=total - new - failed,
            unreadable=tuple(parts),
            repaired=tuple(repaired),
            **counts,
        )
        self._entries.append({"kind": "request", **asdict(request)})
        return request

    def complete(self, window_from: datetime, window_to: datetime, asked_at: datetime) -> None:
        """State that a period was asked in full: every release that the service listed in it has been added.

        Raises:
            ValueError: A time has no offset, or the period ends before it starts.
        """
        if _utc(window_to) < _utc(window_from):
            raise ValueError(f"A window cannot end ({window_to}) before it starts ({window_from}): swap the two.")
        self._entries.append(
            {"kind": "window", "from": _utc(window_from), "to": _utc(window_to), "asked_at": _utc(asked_at)}
        )

    def listed(self, asked_at: datetime, expected: int, missing: Iterable[tuple[str, str]]) -> None:
        """Note what the service's own list of the day told: how many releases, and (ocid, id) of those not held.

        Raises:
            ValueError: The time has no offset.
        """
        told = {"day": self._day.isoformat(), "asked_at": _utc(asked_at), "expected": expected}
        self._entries.append({"kind": "listed", **told, "missing": [list(names) for names in missing]})

    @property
    def _part_path(self) -> Path:
        return self.data_path.with_name(f".{self.data_path.name}.{os.getpid()}.part")

    def _write(self, line: bytes) -> bool:
        """Write a line into the new frame unless the day holds it; say whether it was new."""
        if self._known is None:
            self._known = {hashlib.sha256(old).digest() for old in _lines(self.data_path, self._recorded)}
        digest = hashlib.sha256(line).digest()
        if digest in self._known:
            return False
        if self._frame is None:
            descriptor = os.open(self._part_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
            self._part = os.fdopen(descriptor, "wb")
            if self.data_path.exists():
                with self.data_path.open("rb") as old:
                    while chunk := old.read(_CHUNK):
                        self._part.write(chunk)
            compressor = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
            self._frame = compressor.stream_writer(self._part, closefd=False)
        self._frame.write(line + b"\n")
        self._known.add(digest)
        return True

    def _keep(self) -> None:
        """Put the data in its place, then the manifest's lines."""
        if self._frame is not None and self._part is not None:
            self._frame.close()  # type: ignore[no-untyped-call]  # zstandard leaves it out of its types.
            self._part.flush()
            os.fsync(self._part.fileno())
            # First, so that a window's line, being last, stands only where everything before it does.
            self._entries.insert(0, {"kind": "data", "bytes": self._part.tell()})
            self._part_path.replace(self.data_path)
            _settle(self.data_path.parent)
        if self._entries:
            _append(self.manifest_path, b"".join(_dump(entry) for entry in self._entries))


def _lines(path: Path, expected: int) -> Iterator[bytes]:
    """Yield the lines of a data file that is at least as long as its manifest says."""
    again = "Restore it from a copy, or move it away with its manifest and fetch the day again (noticeboard backfill)."
    try:
        file = path.open("rb")
    except FileNotFoundError:
        if expected:
            raise DamagedArchive(path, f"it is missing, and its manifest tells of {expected} bytes", again) from None
        return
    with file:
        length = os.fstat(file.fileno()).st_size
        if length < expected:
            raise DamagedArchive(path, f"it has {length} bytes, and its manifest tells of {expected}", again)
        rest: list[bytes] = []
        try:
            with zstandard.ZstdDecompressor().stream_reader(file, read_size=_CHUNK, read_across_frames=True) as reader:
                while chunk := reader.read(_CHUNK):
                    first, *others = chunk.split(b"\n")
                    rest.append(first)
                    if others:
                        yield b"".join(rest)
                        rest = [others.pop()]
                        yield from others
        except zstandard.ZstdError as error:
            raise DamagedArchive(path, f"it is not zstd as it was written ({error})", again) from error
        if any(rest):
            raise DamagedArchive(path, "its last release is cut short", again)


def _entries(path: Path) -> list[dict[str, Any]]:
    """Read a manifest; a last line without its line end was cut off by a kill or a full disk, and does not count."""
    try:
        *lines, _ = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    entries = []
    for number, line in enumerate(lines, start=1):
        try:
            entry = json.loads(line)
            known = entry["kind"]
        except (ValueError, KeyError, TypeError):
            known = None
        if not isinstance(known, str):
            raise DamagedArchive(
                path,
                f"its line {number} is not a line of a manifest",
                "Restore it from a copy, or delete that line: its requests are then asked again.",
            )
        entries.append(entry)
    return entries


def _append(path: Path, lines: bytes) -> None:
    """Append lines to a manifest durably, after dropping what a kill left of a last line; undo it if the disk fails."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    with os.fdopen(descriptor, "r+b", buffering=0) as file:
        end = file.seek(0, os.SEEK_END)
        sound = end
        while sound:
            start = max(0, sound - 4096)
            file.seek(start)
            at = file.read(sound - start).rfind(b"\n")
            sound = start + at + 1 if at >= 0 else start
            if at >= 0:
                break
        if sound != end:
            file.truncate(sound)
        file.seek(sound)
        try:
            view = memoryview(lines)
            while view:
                view = view[file.write(view) :]
            os.fsync(file.fileno())
        except OSError:
            file.truncate(sound)
            raise
    _settle(path.parent)


def _settle(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make_folder(folder: Path, root: Path) -> None:
    """Make a folder under the root, durably."""
    if folder.is_dir():
        return
    folder.mkdir(parents=True, exist_ok=True)
    above = folder.parent
    while above.is_relative_to(root):
        _settle(above)
        above = above.parent


def _is_ours(path: Path) -> bool:
    return re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:\.jsonl\.zst|\.manifest\.jsonl)", path.name) is not None


def _day_of(path: Path) -> date:
    return date.fromisoformat(path.name[:10])


def _utc(time: datetime) -> datetime:
    if time.tzinfo is None:
        raise ValueError(f"{time.isoformat()} has no offset: give the time with its time zone.")
    return time.astimezone(UTC)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _dump(entry: dict[str, Any]) -> bytes:
    def plain(value: object) -> str:
        if isinstance(value, datetime):
            return value.isoformat().replace("+00:00", "Z")
        raise TypeError(f"A manifest cannot hold {type(value).__name__}: give text, numbers or times.")

    return json.dumps(entry, default=plain, separators=(",", ":")).encode() + b"\n"


def _request(entry: dict[str, Any]) -> Request:
    told: dict[str, Any] = {name: entry.get(name) for name in Request.__dataclass_fields__}
    for name in ("requested_at", "window_from", "window_to"):
        told[name] = _time(told[name]) if told[name] else None
    told["unreadable"] = tuple(UnreadablePart(**part) for part in told["unreadable"] or ())
    told["repaired"] = tuple(told["repaired"] or ())
    return Request(**told)


def _public(url: str) -> str:
    """Keep of an address the scheme, host, path and the services' own parameters."""
    parts = urlsplit(url)
    query = [
        (name, value if name.lower() in PUBLIC_PARAMETERS else "removed")
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    ]
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, urlencode(query, safe=":+/,"), ""))

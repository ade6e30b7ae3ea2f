"""Take a release package apart without losing a release.

A package is one JSON document with some hundred releases in it, so one bad character would cost them all.
Each release is therefore kept as the bytes that were served, and only a release that is itself unreadable is set aside,
with its place, its hash and the reason. Releases in = ``releases`` + ``unreadable``, always.

What was seen in the field (https://github.com/open-contracting/kingfisher-collect, its two spiders for the UK):

- Bytes that are not UTF-8. Only such bytes are read as Windows-1252; the text around them is left as it is, and text
  that the publisher garbled before publishing it is left garbled.
- ``1e9999``, which is valid JSON and passes untouched.
- ``000`` as a number, which is not: the leading zeros are removed.
- ``NaN``, missing brackets and other breakage, which costs the release that holds it and no other.
"""

import codecs
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

import msgspec

DEEPEST = 200
"""Levels of nesting in a release; real ones have about ten, and deeper ones exhaust the stack of JSON readers."""

_BOM = "\u00ef\u00bb\u00bf"  # the UTF-8 byte order mark, each byte as one character
_MOST_ATTEMPTS = 20_000
_MOST_BROKEN = 1_000  # each one costs a look at the rest of the body


class UnreadablePackage(ValueError):
    """Raised by ``split`` when a body is no package, or is cut short, so that its releases cannot be told apart."""


@dataclass(frozen=True, slots=True)
class Release:
    """One release as served, in UTF-8; its ids are null where it gives no text for them."""

    ocid: str | None
    release_id: str | None
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Where a release stood in the body that cannot be read (bytes from its start), its hash, and the reason."""

    offset: int
    length: int
    sha256: str
    reason: str


@dataclass(frozen=True, slots=True)
class Package:
    """The releases of one package in the order served, the address of the next one, and notes on what was repaired."""

    releases: list[Release]
    unreadable: list[Unreadable]
    next_url: str | None
    repaired: list[str]


class _Served(msgspec.Struct):
    releases: list[msgspec.Raw]
    links: msgspec.Raw | None = None


class _Ids(msgspec.Struct):
    ocid: msgspec.Raw | None = None
    id: msgspec.Raw | None = None


def split(body: bytes) -> Package:
    """Take the body of a release package apart.

    A missing, empty or non-text ``links.next`` means that no page follows. Raises ``UnreadablePackage`` when the body
    is not a JSON object with a list of ``releases``, or does not come to its end.
    """
    package = Package([], [], None, [])
    try:
        # A name that is given twice hides the first list from a strict reader, so such a body is scanned.
        served = None if body.count(b'"releases"') > 1 else msgspec.json.decode(body, type=_Served)
    except (msgspec.DecodeError, RecursionError):
        served = None
    if served is None:
        return _scan(body)
    offset = 0
    for raw in served.releases:
        text = bytes(raw)
        if text.startswith(b"{"):
            package.releases.append(_release(text, package.repaired))
        else:
            offset = body.find(text, offset)
            package.unreadable.append(_set_aside(body, offset, offset + len(text), "not an object"))
    return Package(package.releases, package.unreadable, _next(bytes(served.links or b"null")), package.repaired)


def _release(raw: bytes, repaired: list[str]) -> Release:
    """Return a release of valid JSON, in UTF-8."""
    try:
        raw.decode()
    except UnicodeDecodeError as problem:
        repaired.append(f"bytes that are not UTF-8 read as Windows-1252, the first 0x{raw[problem.start]:02x}")
        raw = raw.decode("utf-8", "noticeboard_windows_1252").encode()
    try:
        ids = msgspec.json.decode(raw, type=_Ids)
        return Release(_text(bytes(ids.ocid or b"null")), _text(bytes(ids.id or b"null")), raw)
    except (msgspec.DecodeError, RecursionError):
        value = _strict(raw.decode())
        return Release(_text(json.dumps(value.get("ocid")).encode()), _text(json.dumps(value.get("id")).encode()), raw)


def _text(raw: bytes) -> str | None:
    """Return the text that a JSON value is, or null when it is no text or holds half a surrogate pair."""
    try:
        return str(msgspec.json.decode(raw, type=str))
    except msgspec.DecodeError:
        return None


def _next(raw: bytes) -> str | None:
    try:
        links = json.loads(raw)
    except (ValueError, RecursionError) as problem:
        raise UnreadablePackage("its links cannot be read, so whether more follows is not known") from problem
    following = links.get("next") if isinstance(links, dict) else None
    return following if isinstance(following, str) and following.strip() else None


def _set_aside(body: bytes, start: int, end: int, reason: str) -> Unreadable:
    return Unreadable(start, end - start, hashlib.sha256(body[start:end]).hexdigest(), reason)


# --- the slow way, for a body that a strict reader refuses ---------------------------------------------------------
# The body is looked at as Latin-1: a byte is then one character, places are those of the body as served, and no byte
# of a longer UTF-8 sequence can be mistaken for a bracket or a quotation mark.

_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_STRUCTURE = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+("?)|[][{},]', re.DOTALL)
_REPAIRABLE = re.compile(r'("[^"\\]*+(?:\\.[^"\\]*+)*+")|(?<![\w.+-])(-?)0+(?=[0-9])', re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f]")
_RELEASE_START = re.compile(r',\s*\{\s*"ocid"\s*:')
_NAMES = frozenset(
    ("uri", "version", "extensions", "publishedDate", "publisher", "license", "publicationPolicy", "releases", "links")
)
_BORDER = re.compile(r",\s*\{|\](?=\s*[,}])")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


# Numbers stay text: a number of 5,000 digits is valid JSON, and Python refuses to make an int of it.
_decoder = json.JSONDecoder(parse_constant=_refuse_constant, parse_int=str, parse_float=str)


def _strict(text: str) -> Any:
    return _decoder.decode(text)


def _scan(body: bytes) -> Package:
    """Take apart a body that a strict reader refuses, by its brackets and strings."""
    text = body.decode("latin-1")
    package = Package([], [], None, [])
    position = 0
    if text.startswith(_BOM):
        position = len(_BOM)
        package.repaired.append("byte order mark removed")
    position = _skip(text, position)
    if text[position : position + 1] != "{":
        raise UnreadablePackage("it is not a JSON object")
    next_url, lists = None, 0
    position += 1
    while True:
        key, position = _key(text, position)
        if key is None:
            break
        if key == "releases":
            lists += 1
            position = _scan_releases(body, text, position, package)
        else:
            bounds = _bounds(text, position)
            if bounds is None:
                raise UnreadablePackage(f"its {key[:40]!r} is broken or cut short, at byte {position:,}")
            if key == "links":
                next_url = _next(body[position : bounds[0]]) or next_url
            position = bounds[0]
    if position != len(text):
        raise UnreadablePackage(f"something follows its end, at byte {position:,}")
    if lists == 0:
        raise UnreadablePackage("it has no list of releases")
    if lists > 1:
        package.repaired.append(f"{lists} lists of releases read as one")
    return Package(package.releases, package.unreadable, next_url, package.repaired)


def _skip(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position


def _key(text: str, position: int) -> tuple[str | None, int]:
    """Return the next name of the outermost object and where its value starts; null at the end of the body."""
    position = _skip(text, position)
    if text[position : position + 1] == ",":
        position = _skip(text, position + 1)
    if text[position : position + 1] == "}":
        return None, _skip(text, position + 1)
    name = _STRING.match(text, position)
    if name is None:
        raise UnreadablePackage(f"it is broken or cut short, at byte {position:,}")
    colon = _skip(text, name.end())
    if text[colon : colon + 1] != ":":
        raise UnreadablePackage(f"it is broken or cut short, at byte {colon:,}")
    try:
        return str(json.loads(name[0])), _skip(text, colon + 1)
    except ValueError:
        return name[0], _skip(text, colon + 1)


def _bounds(text: str, start: int) -> tuple[int, int] | None:
    """Return where the value that starts here ends, and how deep it nests; null when its brackets do not match."""
    closers: list[str] = []
    deepest, closed = 0, None
    for found in _STRUCTURE.finditer(text, start):
        character = text[found.start()]
        if character == '"':
            if not found[1]:
                return None
        elif character in "{[":
            closers.append("}" if character == "{" else "]")
            deepest = max(deepest, len(closers))
        elif not closers:
            sound = closed is None or _skip(text, closed) == found.start()
            return (found.start(), deepest) if sound else None
        elif character != ",":
            if closers.pop() != character:
                return None
            if not closers:
                closed = found.end()
    return None


def _scan_releases(body: bytes, text: str, position: int, package: Package) -> int:
    """Read the list of releases that starts here into the package, and return where it ends."""
    if text[position : position + 1] != "[":
        raise UnreadablePackage(f"its releases are not a list, at byte {position:,}")
    position += 1
    while True:
        position = _skip(text, position)
        if text[position : position + 1] == ",":
            position += 1
            continue
        reason = "its brackets or quotation marks do not match"
        if text[position : position + 1] == "]":
            end = None if _comes_to_its_end(text, position + 1) else _next_border(text, position)
            if end is None:
                return position + 1
            package.unreadable.append(_set_aside(body, position, end, reason))
            position = end
            continue
        bounds = _bounds(text, position)
        end = None
        if bounds is not None and text[bounds[0]] in ",]":
            chunk = text[position : bounds[0]].rstrip(" \t\r\n")
            found, reason = _readable(chunk, bounds[1], position, package.repaired)
            if found is not None:
                package.releases.append(_release(found.encode("latin-1"), package.repaired))
                position = bounds[0]
                continue
            if _is_followed_well(text, bounds[0]) or (reason == "not an object" and chunk[0] not in "[{"):
                end = _swallowed(text, position, bounds[0]) or position + len(chunk)
        if end is None:
            end = _next_border(text, position)
        if end is None:
            raise UnreadablePackage(f"it is broken or cut short, in the release at byte {position:,}")
        package.unreadable.append(_set_aside(body, position, end, reason))
        if len(package.unreadable) > _MOST_BROKEN:
            raise UnreadablePackage(f"more than {_MOST_BROKEN:,} of its releases are broken")
        position = end


def _readable(chunk: str, deepest: int, position: int, repaired: list[str]) -> tuple[str | None, str]:
    """Return a release as valid JSON, repaired where that is safe; or null and the reason."""
    if deepest > DEEPEST:
        return None, f"nested {deepest:,} levels deep, more than {DEEPEST}"
    notes: list[str] = []
    reason = ""
    for text in _attempts(chunk, position, notes):
        try:
            value = _strict(text)
        except (ValueError, RecursionError) as problem:
            if isinstance(problem, json.JSONDecodeError):
                reason = reason or f"{problem.msg} at byte {position + problem.pos:,}"
            reason = reason or str(problem)
            continue
        if not isinstance(value, dict):
            return None, "not an object"
        if text is not chunk:
            repaired.extend(notes)
        return text, ""
    return None, reason


def _attempts(chunk: str, position: int, notes: list[str]) -> Iterator[str]:
    """Generate the text as it is, and then with leading zeros removed and control characters in strings escaped."""
    yield chunk

    def mend(found: re.Match[str]) -> str:
        string = found[1]
        if string is None:
            notes.append(f"leading zeros removed from a number at byte {position + found.start():,}")
            return found[2]
        if _CONTROL.search(string):
            notes.append(f"control characters escaped in a text at byte {position + found.start():,}")
            return _CONTROL.sub(lambda control: f"\\u{ord(control[0]):04x}", string)
        return string

    mended = _REPAIRABLE.sub(mend, chunk)
    if notes:
        yield mended


def _swallowed(text: str, start: int, end: int) -> int | None:
    """Return where another release starts that a broken one took for a part of itself."""
    starts = (found for found in _RELEASE_START.finditer(text, start + 1, end))
    return next((s.start() for s in starts if _starts_a_release(text, s.start(), text.index("{", s.start()))), None)


def _is_followed_well(text: str, border: int) -> bool:
    """Tell whether a broken release is followed by another release or by the end of the list."""
    if text[border] == "]":
        return _comes_to_its_end(text, border + 1)
    return _starts_a_release(text, border, _skip(text, border + 1))


def _next_border(text: str, start: int) -> int | None:
    """Return where a release ends whose own brackets do not tell: before the next release, or the end of the list."""
    for attempt, found in enumerate(_BORDER.finditer(text, start + 1)):
        if attempt == _MOST_ATTEMPTS:
            break
        border = found.start()
        if text[border] == "]":
            if _comes_to_its_end(text, border + 1):
                return border
        elif _starts_a_release(text, border, found.end() - 1):
            return border
    return None


def _starts_a_release(text: str, comma: int, start: int) -> bool:
    """Tell whether an object is a release by its fields, or where it is broken too, by its first one."""
    try:
        value, _ = _decoder.raw_decode(text, start)
    except (ValueError, RecursionError):
        return _RELEASE_START.match(text, comma) is not None
    return isinstance(value, dict) and "ocid" in value and ("tag" in value or "date" in value)


def _comes_to_its_end(text: str, position: int) -> bool:
    """Tell whether what follows the list of releases is the rest of the package, strictly read.

    A second package right behind it counts as the end too: the caller refuses both then.
    """
    try:
        while True:
            key, position = _key(text, position)
            if key is None:
                return position == len(text) or (text[position] == "{" and text.find('"releases"', position) > 0)
            if key not in _NAMES:  # a broken release may have taken the rest of the list into one of its own fields
                return False
            _, position = _decoder.raw_decode(text, position)
    except (ValueError, RecursionError):
        return False


# Each byte that is not UTF-8, as Windows-1252 has it, or as Latin-1 where Windows-1252 has nothing.
_WINDOWS_1252 = [bytes([code]).decode("windows-1252", "ignore") or chr(code) for code in range(256)]


def _as_windows_1252(problem: UnicodeError) -> tuple[str, int]:
    if not isinstance(problem, UnicodeDecodeError):
        raise problem
    return "".join(_WINDOWS_1252[code] for code in problem.object[problem.start : problem.end]), problem.end


codecs.register_error("noticeboard_windows_1252", _as_windows_1252)

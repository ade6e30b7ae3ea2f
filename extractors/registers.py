"""What the extractors of registers share: the tables that they write, and the reading of the files they are given.

Every register becomes three tables, one Parquet file each: ``organisation``, ``name`` and ``relation``.
Only the columns named here are kept: no address but the postcode, no telephone number, no e-mail address, and nobody's
name but an organisation's.
What a register publishes is read whole or not at all: a column that is lacking or that is not known stops the load,
since a layout that has changed silently would be worse than a register that is a month old.
"""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import IO, NamedTuple
from urllib.parse import urljoin, urlsplit

import polars as pl
from bs4 import BeautifulSoup

from extractors.web import Session, SourceError

ORGANISATION: dict[str, pl.DataType] = {
    "org_id": pl.String(),
    "register": pl.String(),
    "name": pl.String(),
    "status": pl.String(),
    "category": pl.String(),
    "postcode": pl.String(),
    "started_on": pl.Date(),
    "ended_on": pl.Date(),
    "income_gbp": pl.Decimal(18, 2),
    "income_on": pl.Date(),
    "activities": pl.String(),
    "vintage": pl.Date(),
}
"""One row per organisation of a register, by org-id (https://org-id.guide), as its newest vintage tells it."""

NAME: dict[str, pl.DataType] = {
    "org_id": pl.String(),
    "name": pl.String(),
    "kind": pl.String(),
    "until_on": pl.Date(),
}
"""Every name that a register gives to an organisation; ``kind`` is ``current``, ``previous`` or ``other``."""

RELATION: dict[str, pl.DataType] = {
    "org_id": pl.String(),
    "other_org_id": pl.String(),
    "kind": pl.String(),
    "source": pl.String(),
    "valid_from": pl.Date(),
    "valid_to": pl.Date(),
}
"""``kind`` is ``same_as``, or ``parent``: then ``other_org_id`` is the parent of ``org_id``."""

TABLES: dict[str, dict[str, pl.DataType]] = {"organisation": ORGANISATION, "name": NAME, "relation": RELATION}

OGL = "Open Government Licence v3.0"

LARGEST_RATIO = 200
"""Bytes that one byte of a zip may become; registers reach 15."""

LARGEST_UNPACKED = 24 * 1024**3

_VINTAGES = (
    (re.compile(r"(?<!\d)(\d{4}-\d{2}-\d{2})(?!\d)"), "%Y-%m-%d"),
    (re.compile(r"(?<!\d)(\d{4}_\d{2}_\d{2})(?!\d)"), "%Y_%m_%d"),
    (re.compile(r"(?<!\d)(\d{1,2}-[A-Z][a-z]{2}-\d{4})(?!\d)"), "%d-%b-%Y"),
    (re.compile(r"(?<!\d)(\d{8})(?!\d)"), "%Y%m%d"),
)
_POSTCODE = r"^[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}$"

Sessions = Callable[[str], Session]
"""Opens a polite session with the service at a scheme and host."""


class Order(NamedTuple):
    """What is to be fetched for: the folder that files go to, today in London, and the files that are loaded already.

    ``progress`` is told the file that is fetched, the bytes that are there, and the bytes that were announced.
    """

    folder: Path
    today: date
    held: frozenset[str]
    progress: Callable[[str, int, int | None], None]


class UnexpectedFile(SourceError):
    """Raised when a register's file is not what was expected; the message names file, facts and next action."""


class Layout(NamedTuple):
    """The columns of a published file: those that are read, and the others that it is known to have."""

    needed: tuple[str, ...]
    known: tuple[str, ...]

    def check(self, columns: Sequence[str], file: str, module: str) -> None:
        """Raise ``UnexpectedFile`` where a needed column is lacking, twice there, or a column is not known."""
        found = [column.strip() for column in columns]
        lacking = [column for column in self.needed if column not in found]
        unknown = [column for column in found if column not in self.needed and column not in self.known]
        twice = sorted({column for column in found if found.count(column) > 1})
        for what, names in (("lacks the column", lacking), ("has the unknown column", unknown), ("repeats", twice)):
            if names:
                raise UnexpectedFile(
                    f"{file} {what} {', '.join(map(repr, names[:5]))}"
                    + (f" and {len(names) - 5} more" if len(names) > 5 else "")
                    + ". Nothing was loaded, and what is loaded stays in use. See whether it is the right file; if the"
                    f" register has changed its layout, compare it with {module}."
                )


class Published(NamedTuple):
    """A file inside what a register publishes, which may be a zip or the plain file.

    ``path`` is where it is, ``member`` its name inside a zip (null for a plain file), ``name`` how it is called.
    """

    path: Path
    member: str | None
    name: str


# --- finding and fetching ----------------------------------------------------------------------------------------


def links(session: Session, page: str, pattern: re.Pattern[str]) -> list[str]:
    """Return the full addresses that a web page links to and whose last part fits a pattern, in the page's order.

    Raises ``UnexpectedFile`` when there is none, and what ``Session.read`` raises.
    """
    answer, soup = session.read(page, None, html)
    found = []
    for anchor in soup.find_all("a", href=True):
        address = urljoin(answer.url, str(anchor["href"]).strip())
        if answer.url.startswith("https://") and address.startswith("http://"):
            address = "https://" + address.removeprefix("http://")  # nothing is fetched over plain http
        if pattern.fullmatch(urlsplit(address).path.rsplit("/", 1)[-1]) and address not in found:
            found.append(address)
    if not found:
        raise UnexpectedFile(
            f"{answer.requested_at:%Y-%m-%d %H:%M} UTC: {answer.url} links to no file that is called like"
            f" {pattern.pattern!r}. Look at the page: download the file by hand and give it with --file."
        )
    return found


def html(body: bytes) -> BeautifulSoup:
    """Read a web page; raises ``ValueError`` where the body holds no element at all."""
    soup = BeautifulSoup(body, "html.parser")
    if soup.find() is None:
        raise ValueError("the body is not a web page")
    return soup


def newest(addresses: Sequence[str]) -> str:
    """Return the address whose name carries the latest date; the last one where none has a date."""
    return max(enumerate(addresses), key=lambda item: (vintage_of(item[1]) or date.min, item[0]))[1]


def download(sessions: Sessions, host: str, address: str, path: Path, order: Order, hosts: Sequence[str] = ()) -> Path:
    """Fetch a file that ``host`` linked to, from that host or one of ``hosts`` (scheme and host), into ``path``.

    ``host`` is what was asked for, by a path or a full address; both may be at whatever stands in its place. Raises
    ``extractors.web.UnexpectedAnswer`` for an address on any other host, and what ``Session.download`` raises.
    """
    parts = urlsplit(address)
    there = f"{parts.scheme}://{parts.netloc}"
    with sessions(there if there in hosts else host) as session:
        session.download(address, path, progress=lambda have, total: order.progress(path.name, have, total))
    return path


# --- files and what is in them -----------------------------------------------------------------------------------


def vintage_of(name: str) -> date | None:
    """Return the date that a file's name carries, such as ``2026-11-01``, ``2026_11_01`` or ``01-Nov-2026``."""
    for pattern, form in _VINTAGES:
        for text in pattern.findall(name):
            try:
                return datetime.strptime(text, form).date()  # noqa: DTZ007 - a calendar date, no moment
            except ValueError:
                continue
    return None


def published(files: Sequence[Path], pattern: re.Pattern[str]) -> list[Published]:
    """Return what fits a pattern by its name, in plain files and inside zips, in the order given.

    A zip with one file inside, or a plain file, is also known by the name of the outer file.
    Raises ``UnexpectedFile`` for a file that is not there, or is a broken zip.
    """
    found = []
    for path in files:
        if not path.is_file():
            raise UnexpectedFile(f"{path} is not there. Give the file that the register publishes, zip or plain.")
        if not zipfile.is_zipfile(path):
            if path.suffix.lower() == ".zip":
                raise UnexpectedFile(
                    f"{path} is no readable zip: it was cut short, or is something else. Get it again."
                )
            if pattern.search(path.name):
                found.append(Published(path, None, path.name))
            continue
        with zipfile.ZipFile(path) as packed:
            members = [info for info in packed.infolist() if not info.is_dir() and not _is_litter(info.filename)]
        for info in members:
            name = info.filename.rsplit("/", 1)[-1]
            if pattern.search(name) or (len(members) == 1 and pattern.search(path.name)):
                found.append(Published(path, info.filename, name))
    return found


def one(found: Sequence[Published], files: Sequence[Path], what: str) -> Published:
    """Return the only one of what was found; raises ``UnexpectedFile`` where there is none, or several."""
    given = ", ".join(path.name for path in files)
    if not found:
        raise UnexpectedFile(f"{given} holds no {what}. Give the file as the register publishes it, zip or plain.")
    if len(found) > 1:
        names = ", ".join(item.name for item in found[:5])
        raise UnexpectedFile(f"{given} holds several of {what}: {names}. Give one of them.")
    return found[0]


@contextmanager
def opened(file: Published, largest: int = LARGEST_UNPACKED) -> Iterator[IO[bytes]]:
    """Open a published file for reading, unpacked as it is read, and never beyond what a register can be.

    A zip's own checksum is compared at its end. Raises ``UnexpectedFile`` for an encrypted member, one that would
    become more than ``largest`` bytes or more than 200 times its packed size, and one whose bytes are damaged.
    """
    try:
        if file.member is None:
            with file.path.open("rb") as plain:
                yield plain
            return
        with zipfile.ZipFile(file.path) as packed:
            info = packed.getinfo(file.member)
            if info.flag_bits & 1:
                raise UnexpectedFile(f"{file.path.name} is encrypted, which no register's file is. Get it again.")
            if info.file_size > min(largest, LARGEST_RATIO * max(info.compress_size, 1 << 10)):
                raise UnexpectedFile(
                    f"{file.name} in {file.path.name} would become {info.file_size:,} bytes from"
                    f" {info.compress_size:,}: it is not unpacked. See whether it is the register's own file."
                )
            # zipfile reads no further than file_size, so that what was judged is what comes.
            with packed.open(info) as member:
                yield member
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError) as problem:
        raise UnexpectedFile(f"{file.path.name} is damaged ({problem}). Get it again.") from problem
    except OSError as problem:
        raise UnexpectedFile(f"{file.path} cannot be read ({problem}). See whether the disk is full.") from problem


def header(file: Published, encoding: str = "utf-8-sig", delimiter: str = ",") -> list[str]:
    """Return the columns that the first line of a file names, stripped of blanks."""
    with opened(file) as source:
        line = source.readline(1 << 20).decode(encoding, "replace")
    return [column.strip() for column in next(csv.reader([line], delimiter=delimiter), [])]


def table(file: Published, layout: Layout, module: str, encoding: str = "utf-8-sig") -> pl.DataFrame:
    """Read a small CSV: the needed columns as text, blanks at the ends taken away, empty ones null.

    Raises ``UnexpectedFile`` for another layout, and for a row that has not as many fields as the header.
    """
    with opened(file, largest=1 << 30) as source:
        reader = csv.reader(io.TextIOWrapper(source, encoding=encoding, errors="replace", newline=""))
        columns = [column.strip() for column in next(reader, [])]
        layout.check(columns, file.name, module)
        places = [columns.index(column) for column in layout.needed]
        rows = []
        try:
            for row in reader:
                if not row:
                    continue
                if len(row) != len(columns):
                    raise UnexpectedFile(
                        f"{file.name}, line {reader.line_num}: {len(row)} fields where the header names {len(columns)}."
                        " Nothing was loaded. Get the file again; if it stays so, tell the register."
                    )
                rows.append([row[place].strip() or None for place in places])
        except csv.Error as problem:
            raise UnexpectedFile(f"{file.name}, line {reader.line_num}: {problem}. Get the file again.") from problem
    return pl.DataFrame(rows, schema=dict.fromkeys(layout.needed, pl.String()), orient="row")


# --- values ------------------------------------------------------------------------------------------------------


def postcode(text: pl.Expr) -> pl.Expr:
    """Return a postcode as it is written, such as ``LS1 4AB``; null for anything that has not the shape of one."""
    bare = text.str.to_uppercase().str.replace_all(r"[^A-Z0-9]", "")
    return (
        pl.when(bare.str.contains(_POSTCODE))
        .then(bare.str.slice(0, bare.str.len_chars() - 3) + " " + bare.str.tail(3))
        .otherwise(None)
    )


def last_postcode(text: pl.Expr) -> pl.Expr:
    """Return the postcode at the end of an address, if there is one."""
    return postcode(text.str.to_uppercase().str.extract(r"\b([A-Z]{1,2}[0-9][A-Z0-9]?\s*[0-9][A-Z]{2})[\s,.]*$"))


def day(text: pl.Expr, *forms: str) -> pl.Expr:
    """Return the calendar date of a text, by the first form that fits; what stands behind the date is left out."""
    bare = text.str.strip_chars()
    found = [bare.str.to_date(form, strict=False, exact=True) for form in forms]
    date_only = bare.str.extract(r"^(\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{4})[ T]")
    found += [date_only.str.to_date(form, strict=False, exact=True) for form in forms if " " not in form]
    return pl.coalesce(found)


def pounds(text: pl.Expr) -> pl.Expr:
    """Return an amount in pounds; null for what is none."""
    bare = text.str.replace_all(r"[£,\s]", "")
    return pl.when(bare.str.contains(r"^-?\d{1,15}(\.\d{1,2})?$")).then(bare).cast(pl.Decimal(18, 2), strict=False)


def write(tables: Mapping[str, pl.LazyFrame], folder: Path) -> None:
    """Write the tables of a register into a folder, streamed; a table that is not given is written without rows."""
    for name, schema in TABLES.items():
        frame = tables.get(name, pl.LazyFrame(schema=schema))
        frame.select(pl.col(column).cast(kind) for column, kind in schema.items()).sink_parquet(
            folder / f"{name}.parquet", compression="zstd", row_group_size=250_000
        )


def _is_litter(member: str) -> bool:
    """Tell whether a member of a zip is what an archiver left in it."""
    return member.startswith("__MACOSX/") or member.rsplit("/", 1)[-1].startswith(".")

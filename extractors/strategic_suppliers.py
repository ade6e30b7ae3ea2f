"""The government's list of strategic suppliers, from the Cabinet Office's page on GOV.UK, which has no open-data file.

https://www.gov.uk/government/publications/strategic-suppliers tells which firms have a Crown Representative: those with
contracts across departments worth more than about £100m a year, or otherwise significant to government.
The publication links to the list itself, at times as a page of its own, at times as a document, and the address has
moved before; GOV.UK redirects the old ones.
The list is a table with one row per firm, or one per Crown Representative with several firms in a cell.

It names brands ("Serco") and not companies, without any number, so that it is not a register of organisations: which
suppliers are meant is for ``transforms.suppliers.groups``. Names of persons are not kept.
Terms: Open Government Licence v3.0.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import polars as pl
from bs4 import BeautifulSoup, Tag

from extractors import registers
from extractors.registers import Order, Sessions, UnexpectedFile

REGISTER = "strategic-suppliers"
HOST = "https://www.gov.uk"
PAGE = "/government/publications/strategic-suppliers"
SOURCE = f"{HOST}{PAGE}"
LICENCE = registers.OGL

SCHEMA: dict[str, pl.DataType] = {"name": pl.String(), "listed_on": pl.Date(), "source": pl.String()}
"""One row per firm: its name as published, the date of the list, and the address that it is from."""

FEWEST = 10
"""A list of fewer firms than this is none: there have been 30 to 40 since 2012."""

LONGEST_NAME = 100

_HEADING = re.compile(r"strategic suppliers?|suppliers?|compan(?:y|ies)|supplier name", re.IGNORECASE)
_DATES = (
    re.compile(r"(?:Last updated|Updated):?\s+(\d{1,2} [A-Z][a-z]+ \d{4})"),
    re.compile(r"Published:?\s+(\d{1,2} [A-Z][a-z]+ \d{4})"),
)
# What GOV.UK writes behind or before a name that is none of it.
_NOTE = re.compile(r"\s*(?:\[\d+\]|\*+|\(new\))\s*$", re.IGNORECASE)


def fetch(sessions: Sessions, order: Order) -> list[Path]:
    """Fetch the page that holds the list: the publication's own, or the one that it links to.

    Raises ``UnexpectedFile`` where neither holds it, and what ``Session.read`` raises.
    """
    with sessions(HOST) as session:
        answer, soup = session.read(PAGE, None, registers.html)
        if not list(_named(soup)):
            # GOV.UK may have led from an address that has moved, and what belongs to a publication is below its own.
            pages = list(_pages(answer.url, soup))
            for address in pages:
                answer, soup = session.read(address, None, registers.html)
                if list(_named(soup)):
                    break
            else:
                raise UnexpectedFile(
                    f"{answer.requested_at:%Y-%m-%d %H:%M} UTC: {SOURCE} holds no table of suppliers, nor does"
                    f" any of the {len(pages)} pages that it links to. Look at the page: where the list is a document,"
                    ' save its table as CSV with the column "Strategic supplier", and give it with --file.'
                )
        told = _listed_on(soup) or order.today
    path = order.folder / f"{REGISTER}-{told}.html"
    path.write_bytes(answer.body)
    return [path]


def vintage(files: Sequence[Path]) -> date | None:
    """Return the date of the list: the one in the file's name, else the one that the page tells; null without."""
    named = max(filter(None, (registers.vintage_of(file.name) for file in files)), default=None)
    if named is not None:
        return named
    pages = [file for file in files if file.is_file() and file.suffix.lower() != ".csv"]
    return max(filter(None, (_listed_on(_soup(file)) for file in pages)), default=None)


def read(files: Sequence[Path], vintage: date) -> pl.DataFrame:
    """Return the firms of a list: a page of GOV.UK as it was saved, or its table as CSV; in the columns ``SCHEMA``.

    Raises ``UnexpectedFile`` for anything else, and for a list of fewer than ``FEWEST`` firms.
    """
    names: set[str] = set()
    for file in files:
        if not file.is_file():
            raise UnexpectedFile(f"{file} is not there. Give the page as a web browser saves it, or its table as CSV.")
        names.update(_of_csv(file) if file.suffix.lower() == ".csv" else _named(_soup(file)))
    if len(names) < FEWEST:
        given = ", ".join(file.name for file in files)
        raise UnexpectedFile(
            f"{given} names {len(names)} strategic suppliers in a table with the column 'Strategic supplier', which is"
            f" too few for the list. Nothing was loaded. Compare the page with extractors/strategic_suppliers.py."
        )
    return pl.DataFrame([(name, vintage, SOURCE) for name in sorted(names)], schema=SCHEMA, orient="row")


def _soup(file: Path) -> BeautifulSoup:
    try:
        return registers.html(file.read_bytes())
    except ValueError:
        raise UnexpectedFile(f"{file} is no web page. Give the page as a web browser saves it.") from None


def _pages(address: str, soup: BeautifulSoup) -> Iterator[str]:
    """Return the pages of GOV.UK that belong to a publication: its attachments in HTML, in the page's order."""
    below = urlsplit(address).path.rstrip("/") + "/"
    seen = set()
    for anchor in soup.find_all("a", href=True):
        link = urljoin(address, str(anchor["href"]).strip())
        path = urlsplit(link).path
        if path.startswith(below) and path.rsplit("/", 1)[-1] != "print" and "." not in path and path not in seen:
            seen.add(path)
            yield path


def _listed_on(soup: BeautifulSoup) -> date | None:
    """Return the day on which a page says that it was last updated, else published."""
    text = " ".join(soup.get_text(" ").split())
    for pattern in _DATES:
        for told in pattern.findall(text):
            try:
                return datetime.strptime(told, "%d %B %Y").date()  # noqa: DTZ007 - a calendar date, no moment
            except ValueError:
                continue
    return None


def _named(soup: BeautifulSoup) -> Iterator[str]:
    """Return the firms in the tables of a page, as written."""
    for table in soup.find_all("table"):
        rows = [row.find_all(["th", "td"]) for row in table.find_all("tr")]
        if not rows:
            continue
        headings = [_HEADING.fullmatch(" ".join(cell.get_text(" ").split())) for cell in rows[0]]
        place = next((number for number, found in enumerate(headings) if found), None)
        if place is None:
            continue
        for cells in rows[1:]:
            # A cell that spans rows is lacking in the next ones: then nobody can say which column a cell is of.
            if len(cells) == len(rows[0]):
                yield from _parts(cells[place])


def _parts(cell: Tag) -> Iterator[str]:
    """Return the names in one cell: one to a line."""
    for end in cell.find_all(["br", "p", "li"]):
        end.insert_before("\n")
    for line in cell.get_text("").split("\n"):
        yield from _name(line)


def _name(written: str) -> Iterator[str]:
    name = _NOTE.sub("", " ".join(written.split()))
    if 1 < len(name) <= LONGEST_NAME and name.upper() not in ("TBC", "N/A", "NONE"):
        yield name


def _of_csv(file: Path) -> Iterator[str]:
    """Return the firms in a table that was saved as CSV."""
    try:
        rows = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error) as problem:
        raise UnexpectedFile(f"{file} cannot be read as CSV ({problem}). Save it as CSV in UTF-8.") from None
    headings = [_HEADING.fullmatch(heading.strip()) for heading in rows[0]] if rows else []
    place = next((number for number, found in enumerate(headings) if found), None)
    for row in rows[1:]:
        if place is not None and len(row) > place:
            yield from _name(row[place])

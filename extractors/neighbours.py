"""The statistical nearest neighbours of local authorities, from a file of the Office for National Statistics.

The office's methodology (``SOURCE``) tells how they are found: by 29 indicators, for lower-tier and upper-tier
authorities and combined authorities, each with an ordered list of the authorities that are most like it.
It is the open counterpart of the nearest neighbours model of the Chartered Institute of Public Finance and Accountancy,
which needs a licence.

The office publishes a workbook: save the sheet with the neighbours as CSV. No edition of it was at hand when this was
written, so that two shapes are read, whatever the headings are called: one row per pair (the code of the authority, the
code of a neighbour, and a column "rank", or rows in order), or one row per authority, with a column of codes for each
neighbour. Authorities are told by their nine-character codes; names are not read. Titles above the headings are passed
over. Terms: Open Government Licence v3.0.
"""

import csv
import io
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl

from extractors import registers
from extractors.registers import UnexpectedFile

REGISTER = "neighbours"
SOURCE = (
    "https://www.ons.gov.uk/peoplepopulationandcommunity/wellbeing/methodologies/"
    "clusteringsimilarlocalauthoritiesandstatisticalnearestneighboursintheuk"
)
LICENCE = registers.OGL

SCHEMA: dict[str, pl.DataType] = {"area_code": pl.String(), "peer_code": pl.String(), "rank": pl.Int64()}
"""One row per authority and neighbour; 1 is the most like it."""

FEWEST_AREAS = 100
"""A file of fewer authorities than this is no list of the country's neighbours."""

_CODE = re.compile(r"(?:E0[6-9]|E10|E47|E61|W06|S12|N09)\d{6}")
"""Districts, counties, combined authorities and their like elsewhere: a region's code beside them is no neighbour."""

_RANK = re.compile(r"\b(?:rank|order|position|neighbou?r (?:number|no))\b", re.IGNORECASE)
_NUMBER = re.compile(r"(\d+)\D*$")


def vintage(files: Sequence[Path]) -> date | None:
    """Return the date in the files' names, the newest; null without."""
    return max(filter(None, (registers.vintage_of(file.name) for file in files)), default=None)


def read(files: Sequence[Path]) -> pl.DataFrame:
    """Return the neighbours that files hold, in the columns ``SCHEMA``, sorted.

    Raises:
        UnexpectedFile: a file is not there, is no CSV, or is in neither of the two shapes; an authority has two
            different lists; there are too few authorities.
    """
    rows = [row for file in files for row in _neighbours(file)]
    told = pl.DataFrame(rows, schema=SCHEMA, orient="row").unique().sort(*SCHEMA)
    twice = told.filter(
        pl.struct("area_code", "rank").is_duplicated() | pl.struct("area_code", "peer_code").is_duplicated()
    )
    if twice.height:
        raise UnexpectedFile(
            f"{_names(files)}: {twice['area_code'][0]} has two lists of neighbours, or one of them twice. Nothing was"
            " loaded: give one edition, and one sheet of each kind of authority."
        )
    areas = told["area_code"].n_unique()
    if areas < FEWEST_AREAS:
        raise UnexpectedFile(
            f"{_names(files)} tells the neighbours of {areas} authorities, which is too few for the list of the Office"
            " for National Statistics. Nothing was loaded: see whether the file is whole."
        )
    return told


def _names(files: Sequence[Path]) -> str:
    return ", ".join(file.name for file in files)


def _neighbours(file: Path) -> list[tuple[str, str, int]]:
    header, rows = _table(file)
    # A column of codes is one in which nearly every filled cell is a code.
    places = [place for place in range(len(header)) if _holds_codes([row[place] for row in rows])]
    if len(places) == 2:
        return _of_pairs(file, header, rows, (places[0], places[1]))
    if len(places) > 2:
        first, *others = places
        numbers = [_NUMBER.search(header[place]) for place in others]
        ranks = [int(found[1]) if found else 0 for found in numbers]
        # Headings that count from 1 tell the rank; else the order of the columns does.
        if sorted(ranks) != list(range(1, len(others) + 1)):
            ranks = list(range(1, len(others) + 1))
        return [
            (row[first], row[place], rank)
            for row in rows
            for place, rank in zip(others, ranks, strict=True)
            if _CODE.fullmatch(row[first]) and _CODE.fullmatch(row[place]) and row[first] != row[place]
        ]
    raise UnexpectedFile(
        f"{file.name} has {len(places)} columns with codes of authorities such as E09000012, and needs two or more:"
        f" one for the authority, one for each neighbour. Its columns are: {', '.join(header)}. Save the sheet that"
        " holds codes, not only names, as CSV."
    )


def _of_pairs(
    file: Path, header: Sequence[str], rows: Sequence[Sequence[str]], places: tuple[int, int]
) -> list[tuple[str, str, int]]:
    """Read one row per pair."""
    first, second = places
    ranked = next((place for place, name in enumerate(header) if _RANK.search(name)), None)
    found = []
    seen: dict[str, int] = {}
    for row in rows:
        if not (_CODE.fullmatch(row[first]) and _CODE.fullmatch(row[second])) or row[first] == row[second]:
            continue
        seen[row[first]] = seen.get(row[first], 0) + 1
        rank = seen[row[first]]
        if ranked is not None:
            try:
                rank = int(row[ranked])
            except ValueError:
                raise UnexpectedFile(
                    f"{file.name}: the column {header[ranked]!r} holds {row[ranked]!r} for {row[first]}, and not a"
                    " rank. Nothing was loaded."
                ) from None
        found.append((row[first], row[second], rank))
    return found


def _table(file: Path) -> tuple[list[str], list[list[str]]]:
    """Return the headings and the rows of a CSV file: the headings stand above the first row with codes."""
    if not file.is_file():
        raise UnexpectedFile(f"{file} is not there. Give the sheet with the neighbours, saved as CSV.")
    try:
        lines = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error) as problem:
        raise UnexpectedFile(f"{file.name} cannot be read as CSV ({problem}). Save it as CSV in UTF-8.") from None
    lines = [[cell.strip() for cell in line] for line in lines if any(cell.strip() for cell in line)]
    begin = next((number for number, line in enumerate(lines) if sum(map(_is_code, line)) >= 1), 0)
    if begin == 0:
        raise UnexpectedFile(
            f"{file.name} has no codes of authorities below a row of headings. Give the sheet with the neighbours,"
            " saved as CSV."
        )
    header = lines[begin - 1]
    width = max(len(header), *(len(line) for line in lines[begin:]))
    return [*header, *[""] * (width - len(header))], [line + [""] * (width - len(line)) for line in lines[begin:]]


def _is_code(cell: str) -> bool:
    return _CODE.fullmatch(cell) is not None


def _holds_codes(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell]
    return bool(filled) and sum(map(_is_code, filled)) >= 0.9 * len(filled)

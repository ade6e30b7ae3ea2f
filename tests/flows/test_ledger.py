"""The ledger: runs and corrections stand in the warehouse and in the state that no rebuild loses."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows import ledger
from warehouse import schema
from warehouse.publish import snapshot
from warehouse.store import Warehouse

STARTED = datetime(2026, 10, 1, 1, 15, tzinfo=UTC)
ONE, TWO, THREE = (f"2026-10-0{day}-021500010-nightly" for day in (1, 2, 3))

Row = dict[str, Any]


@pytest.fixture
def warehouse(warehouse_url: str) -> Iterator[Warehouse]:
    """Return an empty warehouse, on each engine."""
    with Warehouse.open(warehouse_url) as opened:
        yield opened


@pytest.fixture
def another(new_postgres: Callable[[], str], tmp_path: Path, warehouse: Warehouse) -> Iterator[Warehouse]:
    """Return a second empty warehouse of the same engine: the one that is made anew."""
    url = f"sqlite:///{tmp_path / 'anew.db'}" if warehouse.is_sqlite else new_postgres()
    with Warehouse.open(url) as opened:
        yield opened


def run(run_id: str, status: str = "finished", **told: Any) -> Row:
    """Return what is known of a run, counts left out."""
    usual = {"run_id": run_id, "kind": "nightly", "status": status, "started_at": STARTED, "window_from": STARTED}
    return usual | {"ended_at": None if status == "running" else STARTED} | told


def note(warehouse: Warehouse, *runs: Row) -> None:
    """Note some runs, without requests."""
    for row in runs:
        ledger.note(warehouse, row, {"used": 3, "days": 7}, [])


def correct(
    warehouse: Warehouse,
    since: str,
    run_id: str,
    *rows: str,
    reason: str = "a later notice amends it",
    supplier_name: str | None = None,
) -> None:
    """Store corrections of what one run published, found by another."""
    told = [
        {"since_run_id": since, "table_name": "award", "row_id": row, "field": "status", "old": "active", "new": None}
        | {"reason": reason, "run_id": run_id, "supplier_name": supplier_name}
        for row in rows
    ]
    warehouse.bulk_upsert("correction", pl.DataFrame(told, schema=schema.frame_schema("correction")))


def publish(warehouse: Warehouse, data_dir: Path, run_id: str) -> None:
    """Publish a snapshot as that run."""
    snapshot.publish_snapshot(warehouse, data_dir / "snapshots", run_id, {"run_id": run_id})


def read(warehouse: Warehouse, table: str) -> list[tuple[Any, ...]]:
    """Return a table's rows in the order of its key."""
    return warehouse.read(table).sort(schema.key_columns(table)).rows()


def lines(data_dir: Path, table: str) -> list[str]:
    """Return the lines of a state file."""
    return (data_dir / "state" / f"{table}.jsonl").read_text().splitlines()


def test_a_run_and_its_requests_are_noted(warehouse: Warehouse) -> None:
    """A run has one row, with the counts that the table knows, however often it is noted; so has each request."""
    fetch = dict.fromkeys(schema.frame_schema("fetch")) | {
        "fetch_id": f"{ONE}/00001", "run_id": ONE, "source": "find-a-tender", "url": "https://example.org/",
        "requested_at": STARTED, "status": 200,
    }  # fmt: skip
    ledger.note(warehouse, run(ONE, "running"), {}, [])
    ledger.note(warehouse, run(ONE), {"used": 3, "days": 7}, [fetch])
    (row,) = warehouse.read("run").iter_rows(named=True)
    (asked,) = warehouse.read("fetch").iter_rows(named=True)

    assert row == {**dict.fromkeys(schema.frame_schema("run")), **run(ONE), "used": 3}
    assert asked == fetch


def test_a_run_that_was_cut_short_is_closed(warehouse: Warehouse) -> None:
    """Runs that still say that they run are marked as failed, but for the one that holds the lock."""
    note(warehouse, run(ONE), run(TWO, "running"), run(THREE, "running"))
    ledger.close_orphans(warehouse, THREE)
    told = {row["run_id"]: (row["status"], row["reason"]) for row in warehouse.read("run").iter_rows(named=True)}

    assert told == {
        ONE: ("finished", None),
        TWO: ("failed", "it was cut short; a later run has taken up its work"),
        THREE: ("running", None),
    }


def test_a_new_warehouse_gets_its_past_back(warehouse: Warehouse, another: Warehouse, tmp_path: Path) -> None:
    """Runs that ended and corrections that were published come back, row by row, hostile texts included."""
    note(warehouse, run(ONE), run(TWO, "held", reason='a gate: "x"\n\u2028 {}'), run(THREE, "failed", ended_at=None))
    correct(warehouse, ONE, TWO, "a1", 'a"2\n\u2028}', reason='"run_id": "x"}')
    ledger.remember(warehouse, tmp_path)
    ledger.recall(another, tmp_path)

    assert read(another, "run") == read(warehouse, "run")
    assert read(another, "correction") == read(warehouse, "correction")


def test_a_correction_without_a_later_column_comes_back(
    warehouse: Warehouse, another: Warehouse, tmp_path: Path
) -> None:
    """A row that was written before the table had names of suppliers is read with none, beside one that has a name."""
    correct(warehouse, ONE, TWO, "a1", "a2", supplier_name="Acme")
    ledger.remember(warehouse, tmp_path)
    path = tmp_path / "state" / "correction.jsonl"
    first, second = path.read_text().splitlines(keepends=True)
    path.write_text(first.replace('"supplier_name": "Acme", ', "") + second)
    ledger.remember(warehouse, tmp_path)
    ledger.recall(another, tmp_path)
    told = another.read("correction").sort("row_id").select("row_id", "supplier_name", "run_id")

    assert told.rows() == [("a1", None, TWO), ("a2", "Acme", TWO)]
    assert len(lines(tmp_path, "correction")) == 2


def test_a_run_that_still_runs_is_not_remembered(warehouse: Warehouse, tmp_path: Path) -> None:
    """Only a run that has ended enters the state."""
    note(warehouse, run(ONE), run(TWO, "running"))
    ledger.remember(warehouse, tmp_path)

    assert [json.loads(line)["run_id"] for line in lines(tmp_path, "run")] == [ONE]


def test_remembering_again_adds_nothing(warehouse: Warehouse, tmp_path: Path) -> None:
    """What the files hold already is not added to them; what is new is, below it."""
    note(warehouse, run(ONE))
    correct(warehouse, ONE, TWO, "a1", "a2")
    ledger.remember(warehouse, tmp_path)
    before = {table: lines(tmp_path, table) for table in ("run", "correction")}
    ledger.remember(warehouse, tmp_path)
    again = {table: lines(tmp_path, table) for table in before}
    note(warehouse, run(TWO))
    correct(warehouse, TWO, THREE, "a1")
    ledger.remember(warehouse, tmp_path)
    after = {table: lines(tmp_path, table) for table in before}

    assert again == before
    assert {table: len(told) for table, told in after.items()} == {"run": 2, "correction": 3}
    assert all(after[table][: len(told)] == told for table, told in before.items())


def test_corrections_that_are_not_published_are_not_remembered(
    warehouse: Warehouse, another: Warehouse, tmp_path: Path
) -> None:
    """What a held run found is found again by the next one: the state holds what another snapshot has published."""
    publish(warehouse, tmp_path, ONE)
    note(warehouse, run(ONE), run(TWO, "held"))
    correct(warehouse, ONE, TWO, "a1", "a2")
    ledger.remember(warehouse, tmp_path)
    held = (tmp_path / "state" / "correction.jsonl").exists()
    warehouse.delete("correction", pl.DataFrame({"since_run_id": [ONE]}))
    correct(warehouse, ONE, THREE, "a2")
    publish(warehouse, tmp_path, THREE)
    ledger.remember(warehouse, tmp_path)
    ledger.recall(another, tmp_path)

    assert not held
    assert [(row[0], row[2], row[-1]) for row in read(another, "correction")] == [(ONE, "a2", THREE)]


@pytest.mark.parametrize("cut", [1, 20, 10_000], ids=["line end", "in the middle", "all of it"])
def test_a_torn_last_line_costs_no_other(warehouse: Warehouse, another: Warehouse, tmp_path: Path, cut: int) -> None:
    """After a crash in the middle of a line nothing is lost, and the next row stands on a line of its own."""
    note(warehouse, run(ONE), run(TWO))
    correct(warehouse, ONE, TWO, "a1", "a2")
    ledger.remember(warehouse, tmp_path)
    for table in ("run", "correction"):
        path = tmp_path / "state" / f"{table}.jsonl"
        whole = path.read_bytes()
        path.write_bytes(whole[: max(0, len(whole) - cut)])
    note(warehouse, run(THREE))
    correct(warehouse, TWO, THREE, "a3")
    ledger.remember(warehouse, tmp_path)
    ledger.recall(another, tmp_path)

    assert read(another, "run") == read(warehouse, "run")
    assert read(another, "correction") == read(warehouse, "correction")


def test_the_later_telling_of_a_run_counts(warehouse: Warehouse, another: Warehouse, tmp_path: Path) -> None:
    """A run that was told twice, as one that was published and then failed, comes back as it was told last."""
    note(warehouse, run(ONE))
    ledger.remember(warehouse, tmp_path)
    note(warehouse, run(ONE, "failed", reason="the disk was full"))
    ledger.remember(warehouse, tmp_path)
    ledger.recall(another, tmp_path)

    assert another.read("run")["reason"].to_list() == ["the disk was full"]


def test_a_warehouse_with_a_past_keeps_it(warehouse: Warehouse, tmp_path: Path) -> None:
    """Nothing is brought back into a warehouse that has runs and corrections of its own."""
    note(warehouse, run(ONE))
    correct(warehouse, ONE, TWO, "a1")
    ledger.remember(warehouse, tmp_path)
    warehouse.clear(["run", "correction"])
    note(warehouse, run(TWO))
    correct(warehouse, TWO, THREE, "a2")
    before = [read(warehouse, table) for table in ("run", "correction")]
    ledger.recall(warehouse, tmp_path)

    assert [read(warehouse, table) for table in ("run", "correction")] == before


def test_without_state_nothing_comes_back(warehouse: Warehouse, tmp_path: Path) -> None:
    """A first run has no past, and says nothing about it."""
    ledger.recall(warehouse, tmp_path)

    assert read(warehouse, "run") == []


def test_many_corrections_come_back(
    warehouse: Warehouse, another: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many are read at a time, every correction comes back."""
    monkeypatch.setattr(ledger, "_ROWS", 2)
    correct(warehouse, ONE, TWO, *(f"a{number}" for number in range(5)))
    ledger.remember(warehouse, tmp_path)
    ledger.recall(another, tmp_path)

    assert read(another, "correction") == read(warehouse, "correction")

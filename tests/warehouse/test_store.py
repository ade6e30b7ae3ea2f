"""The store: bulk rows by key, one transaction, the same tables on SQLite and PostgreSQL."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from warehouse import schema
from warehouse.store import AnotherRun, FrameMismatch, OtherSchema, Warehouse

HOSTILE_TEXTS = (
    "",
    " ",
    "'); drop table award; --",
    'a "quoted", cell',
    "two\nlines\r\n",
    "\\N",
    "\\.",
    "NULL",
    "é–ﬁ😀",
    ":x %s {0}",
)


def awards(*rows: dict[str, Any]) -> pl.DataFrame:
    """Return a frame of table award, with what a row must have filled in."""
    filled = [{"procurement_id": "p", "source": "contracts-finder", "ocid": "o", **row} for row in rows]
    return pl.DataFrame(filled, schema=schema.frame_schema("award"))


WHOLE = {
    "award_id": "a1",
    "published_at": datetime(2025, 7, 1, 12, 30, 1, tzinfo=UTC),
    "awarded_on": date(2025, 6, 30),
    "amount_gbp": Decimal("9999999999999.99"),
    "is_core": True,
    "is_mega": False,
    "supplier_count": 3,
}


def test_rows_come_back_as_they_were_written(warehouse_url: str) -> None:
    """Every type survives the round trip, money to the penny and null as null."""
    written = awards(WHOLE, {"award_id": "a2"})
    with Warehouse.open(warehouse_url) as warehouse:
        warehouse.bulk_upsert("award", written)
        read = warehouse.read("award").sort("award_id")

    assert read.equals(written)


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_hostile_texts_survive(warehouse_url: str, text: str) -> None:
    """Texts that look like SQL, CSV or nothing at all come back as they are, as value and as key."""
    written = awards({"award_id": f"k{text}", "buyer_name": text})
    with Warehouse.open(warehouse_url) as warehouse:
        warehouse.bulk_upsert("award", written)
        read = warehouse.read("award", keys=written.select("award_id"))

    assert read.equals(written)


def test_a_replay_writes_nothing(warehouse_url: str) -> None:
    """Rows that are there already are not touched; one that differs is."""
    with Warehouse.open(warehouse_url) as warehouse:
        counts = [warehouse.bulk_upsert("award", awards(WHOLE, {"award_id": "a2"})) for _ in range(2)]
        counts.append(warehouse.bulk_upsert("award", awards(WHOLE, {"award_id": "a2", "is_core": False})))
        counts.append(warehouse.bulk_upsert("unpublished", pl.DataFrame({"table_name": ["t"], "partition": ["p"]})))
        counts.append(warehouse.bulk_upsert("unpublished", pl.DataFrame({"table_name": ["t"], "partition": ["p"]})))

    assert counts == [2, 0, 1, 1, 0]


row = st.fixed_dictionaries(
    {"award_id": st.sampled_from(["a", "b", "c"])},
    optional={
        "buyer_name": st.none() | st.sampled_from(HOSTILE_TEXTS),
        "amount_gbp": st.none() | st.decimals(-(10**12), 10**12, places=2),
        "is_core": st.none() | st.booleans(),
        "awarded_on": st.none() | st.dates(date(1900, 1, 1), date(2999, 12, 31)),
        "published_at": st.none() | st.datetimes(datetime(1900, 1, 2), datetime(2999, 1, 1)).map(  # noqa: DTZ001 - the zone is added

            lambda time: time.replace(microsecond=0, tzinfo=UTC)
        ),
        "supplier_count": st.none() | st.integers(0, 10**9),
    },
)  # fmt: skip
batch = st.lists(row, max_size=3, unique_by=lambda made: made["award_id"])


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(batches=st.lists(batch, min_size=1, max_size=3))
def test_the_fast_paths_do_what_the_slow_one_does(warehouse_url: str, batches: list[list[dict[str, Any]]]) -> None:
    """Batch after batch, the bulk path counts and leaves the same rows as SQLAlchemy row by row."""
    frames = [awards(*rows) for rows in batches]
    with Warehouse.open(warehouse_url) as warehouse:
        results = []
        for write in (warehouse.bulk_upsert, warehouse.generic_upsert):
            with warehouse.transaction():
                warehouse.clear(["award"])
                counts = [write("award", frame) for frame in frames]
            results.append((counts, warehouse.read("award").sort("award_id")))

    assert results[0][0] == results[1][0]
    assert results[0][1].equals(results[1][1])


def write_half(warehouse: Warehouse) -> None:
    """Write one row in a transaction that then fails."""
    with warehouse.transaction():
        warehouse.bulk_upsert("award", awards(WHOLE))
        warehouse.bulk_upsert("award", awards(WHOLE).drop("status"))


def test_a_transaction_is_all_or_nothing(warehouse_url: str) -> None:
    """A block that fails leaves no row behind, and the connection goes on working."""
    with Warehouse.open(warehouse_url) as warehouse:
        with pytest.raises(FrameMismatch):
            write_half(warehouse)
        rows = warehouse.count("award")
        warehouse.bulk_upsert("award", awards(WHOLE))
        after = warehouse.count("award")

    assert (rows, after) == (0, 1)


def test_readers_see_the_last_finished_state_while_a_night_writes(warehouse_url: str) -> None:
    """A second connection reads on, unblocked, and sees nothing of what is not finished."""
    with Warehouse.open(warehouse_url) as writer, Warehouse.open(warehouse_url) as reader:
        writer.bulk_upsert("award", awards(WHOLE))
        with writer.transaction():
            writer.bulk_upsert("award", awards({"award_id": "a2"}))
            during = reader.count("award")
        after = reader.count("award")

    assert (during, after) == (1, 2)


@pytest.mark.parametrize(
    "frame",
    [
        awards(WHOLE).drop("status"),
        awards(WHOLE).with_columns(extra=pl.lit(1)),
        awards(WHOLE).with_columns(pl.col("amount_gbp").cast(pl.Float64)),
    ],
    ids=["missing", "extra", "type"],
)
def test_a_frame_that_does_not_fit_is_refused(warehouse_url: str, frame: pl.DataFrame) -> None:
    """A frame with other columns or types is an error that names them, and nothing is written."""
    with Warehouse.open(warehouse_url) as warehouse:
        with pytest.raises(FrameMismatch, match=r"status|extra|amount_gbp"):
            warehouse.bulk_upsert("award", frame)

        assert warehouse.count("award") == 0


def test_rows_are_deleted_by_key_and_by_part_of_it(warehouse_url: str) -> None:
    """Deleting takes any columns of a table, and says how many rows went."""
    lines = [{"award_id": a, "mention_id": f"{a}#{n}"} for a in "xy" for n in (1, 2)]
    with Warehouse.open(warehouse_url) as warehouse:
        warehouse.bulk_upsert("award_line", pl.DataFrame(lines, schema=schema.frame_schema("award_line")))
        one = warehouse.delete("award_line", pl.DataFrame({"award_id": ["x"], "mention_id": ["x#2"]}))
        two = warehouse.delete("award_line", pl.DataFrame({"award_id": ["y", "z"]}))
        left = warehouse.read("award_line", ["mention_id"])["mention_id"].to_list()

    assert (one, two, left) == (1, 2, ["x#1"])


def test_months_of_publication_part_the_large_tables(warehouse_url: str) -> None:
    """Every row of a partitioned table is in exactly one of its partitions, those without a date included."""
    midnight = datetime(2025, 7, 31, 23, 59, 59, tzinfo=UTC)
    rows: list[dict[str, Any]] = [
        {"award_id": "a", "published_at": midnight},
        {"award_id": "b", "published_at": midnight + timedelta(seconds=1)},
        {"award_id": "c"},
    ]
    line = pl.DataFrame([{"award_id": "b", "mention_id": "b#1"}], schema=schema.frame_schema("award_line"))
    with Warehouse.open(warehouse_url) as warehouse:
        warehouse.bulk_upsert("award", awards(*rows))
        warehouse.bulk_upsert("award_line", line)
        parts = {
            month: [key for part in warehouse.scan("award", partition=month) for key in part["award_id"]]
            for month in warehouse.partitions("award")
        }
        lines = [part.height for part in warehouse.scan("award_line", partition="2025-08")]

    assert parts == {"2025-07": ["a"], "2025-08": ["b"], "undated": ["c"]}
    assert lines == [1]


def test_only_one_run_at_a_time(warehouse_url: str) -> None:
    """A second run is refused while the first one holds the lock, and admitted afterwards."""
    with Warehouse.open(warehouse_url) as one, Warehouse.open(warehouse_url) as other:
        with one.lock(), pytest.raises(AnotherRun, match="another run"), other.lock():
            pass
        with other.lock():
            admitted = True

    assert admitted


def test_the_lock_of_a_killed_run_is_free(fresh_sqlite: str) -> None:
    """The lock dies with the process that holds it: nothing has to be cleaned by hand."""
    script = (
        "import os, sys; from warehouse.store import Warehouse\n"
        "with Warehouse.open(sys.argv[1]) as w, w.lock(): print('held', flush=True); os.kill(os.getpid(), 9)"
    )
    killed = subprocess.run([sys.executable, "-c", script, fresh_sqlite], capture_output=True, text=True, check=False)
    with Warehouse.open(fresh_sqlite) as warehouse, warehouse.lock():
        admitted = True

    assert killed.stdout == "held\n"
    assert admitted


def test_a_warehouse_of_another_version_is_refused(warehouse_url: str) -> None:
    """Opening a warehouse with other columns says which, what to do next, and never a password."""
    with Warehouse.open(warehouse_url):
        pass
    engine = sa.create_engine(warehouse_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE award ADD COLUMN colour text")
    engine.dispose()

    with (
        pytest.raises(OtherSchema, match=r"table award differs in .*colour.*noticeboard rebuild"),
        Warehouse.open(warehouse_url),
    ):
        pass


def test_postgresql_tells_what_every_table_and_column_means(fresh_postgres: str) -> None:
    """Tables and columns carry their sentences as comments of the database."""
    with Warehouse.open(fresh_postgres):
        engine = sa.create_engine(fresh_postgres, poolclass=sa.NullPool)
        inspector = sa.inspect(engine)
        comments = {table: inspector.get_table_comment(table)["text"] for table in schema.TABLES}
        columns = {table: {c["name"]: c["comment"] for c in inspector.get_columns(table)} for table in schema.TABLES}

    assert all(comments.values())
    assert all(comment for found in columns.values() for comment in found.values())


@pytest.mark.parametrize("table", schema.TABLES)
def test_every_table_and_column_has_its_sentence(table: str) -> None:
    """Nothing is kept that is not explained in a sentence."""
    described = schema.TABLES[table]

    assert described.comment
    assert described.comment.endswith(".")
    for column in described.columns:
        assert column.comment, column.name
        assert column.comment.endswith("."), column.name


def test_both_engines_hold_equal_tables(fresh_sqlite: str, new_postgres: Callable[[], str]) -> None:
    """The same rows written to both engines read back equal, penny by penny."""
    pennies = awards(*({"award_id": str(n), "amount_gbp": Decimal(n * 7919 + n) / 100} for n in range(500)))
    read = []
    for url in (fresh_sqlite, new_postgres()):
        with Warehouse.open(url) as warehouse:
            warehouse.bulk_upsert("award", pennies)
            read.append(warehouse.read("award").sort("award_id"))

    assert read[0].equals(read[1])

"""Open the warehouse, write a night into it in one transaction, and read it.

SQLite (in WAL mode, so that readers never wait) and PostgreSQL hold the same tables.
Rows are written in bulk by each engine's fast path: the driver's ``executemany`` with tuples on SQLite, ``COPY`` into
a staging table on PostgreSQL; only rows that differ are touched, so that a replay writes nothing.
``generic_upsert`` does the same row by row through SQLAlchemy: it is the tests' oracle.
"""

import fcntl
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import Any, Self

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, make_url

from warehouse import dictionary, schema

UNDATED = "undated"
"""The partition of rows whose release has no date of publication."""


class AnotherRun(Exception):
    """Raised when another run holds the lock: it works, this one leaves."""


class FrameMismatch(Exception):
    """Raised when a frame does not have the columns and types of its table: the night stops, nothing is written."""


class OtherSchema(Exception):
    """Raised on opening a warehouse whose tables are not those of this version."""


class NotThere(Exception):
    """Raised on opening a warehouse that has no tables yet, where none are to be made."""


class Warehouse:
    """An open warehouse: one connection, used by one run or one reader."""

    def __init__(self, engine: Engine, connection: Connection) -> None:
        """Keep the open connection; use ``Warehouse.open``."""
        self._engine, self._connection = engine, connection
        self.is_sqlite = engine.dialect.name == "sqlite"
        self._writing = False

    @classmethod
    @contextmanager
    def open(cls, url: str, *, make: bool = True) -> Iterator[Self]:
        """Open a warehouse, making its tables and views where they are missing.

        Args:
            url: an SQLAlchemy URL such as ``sqlite:///data/noticeboard.db`` or ``postgresql+psycopg://…``.
            make: whether tables are made where there are none.

        Raises:
            OtherSchema: its tables were made by a version with other columns.
            NotThere: it has no tables yet, and none are to be made.
        """
        parsed = make_url(url)
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(parsed, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool, hide_parameters=True)
        try:
            with engine.connect() as connection:
                warehouse = cls(engine, connection)
                if warehouse.is_sqlite:
                    for pragma in _SQLITE_PRAGMAS:
                        connection.exec_driver_sql(f"PRAGMA {pragma}")
                else:
                    connection.exec_driver_sql("SET TIME ZONE 'UTC'")
                warehouse._prepare(parsed, make)
                yield warehouse
        finally:
            engine.dispose()

    def _prepare(self, url: URL, make: bool) -> None:
        inspector = sa.inspect(self._connection)
        present = set(inspector.get_table_names())
        for name, table in schema.TABLES.items():
            columns = {column["name"] for column in inspector.get_columns(name)} if name in present else None
            if columns is not None and columns != set(table.columns.keys()):
                differing = ", ".join(sorted(columns ^ set(table.columns.keys())))
                raise OtherSchema(
                    f"the warehouse {url.render_as_string(hide_password=True)} was made by another version: table "
                    f"{name} differs in {differing}. Move it away, then run 'noticeboard rebuild': the archive holds "
                    "everything that is needed"
                )
        if present >= set(schema.TABLES):
            return
        if not make:
            raise NotThere("the warehouse has no tables yet: run 'noticeboard nightly'")
        with self.transaction():
            schema.metadata.create_all(self._connection)
            self.make_views()

    def make_views(self) -> None:
        """Make the views for analysts anew."""
        for view in dictionary.views():
            self._connection.exec_driver_sql(f'DROP VIEW IF EXISTS "{view.name}"')
            self._connection.exec_driver_sql(view.sql.replace("%", "%%") if not self.is_sqlite else view.sql)
            if not self.is_sqlite:
                for target, sentence in (
                    (f'VIEW "{view.name}"', view.comment),
                    *((f'COLUMN "{view.name}"."{name}"', comment) for name, comment in view.columns.items()),
                ):
                    quoted = sentence.replace("'", "''").replace("%", "%%")
                    self._connection.exec_driver_sql(f"COMMENT ON {target} IS '{quoted}'")

    # --- one night, one transaction -------------------------------------------------------------------------------

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run a block in one transaction: all of it, or nothing of it."""
        self._connection.exec_driver_sql("BEGIN IMMEDIATE" if self.is_sqlite else "BEGIN")
        self._writing = True
        try:
            yield
        except BaseException:
            # A connection that is gone rolls back by itself: the first error is the one to show.
            with suppress(sa.exc.SQLAlchemyError):
                self._connection.exec_driver_sql("ROLLBACK")
            raise
        else:
            self._connection.exec_driver_sql("COMMIT")
        finally:
            self._writing = False

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the run lock of this warehouse.

        Raises:
            AnotherRun: somebody else holds it.
        """
        message = "another run is working on this warehouse; it goes on, this one stops. Try again when it has ended"
        if not self.is_sqlite:
            with self._engine.connect() as connection:
                if not connection.scalar(sa.text("SELECT pg_try_advisory_lock(:key)"), {"key": _LOCK_KEY}):
                    raise AnotherRun(message)
                yield
            return
        database = self._engine.url.database
        if not database or database == ":memory:":
            yield
            return
        with Path(f"{database}.lock").open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise AnotherRun(message) from None
            yield

    def bulk_upsert(self, table: str, frame: pl.DataFrame, held: pl.DataFrame | None = None) -> int:
        """Write rows by their key, touching only those that are new or differ.

        Args:
            table: the table's name.
            frame: exactly the table's columns and types, one row per key.
            held: columns of the table, with the values of all rows that may be there already; every other row of the
                frame is known to be new. Anything may be there when left out.

        Returns:
            The number of rows inserted or changed.

        Raises:
            FrameMismatch: the frame has other columns or types.
        """
        self._check(table, frame)
        if frame.is_empty():
            return 0
        with self._within():
            if held is None:
                return self._upsert(table, frame)
            old = frame.join(held, on=held.columns, how="semi")
            new = frame if old.is_empty() else frame.join(held, on=held.columns, how="anti")
            return self._insert(table, new) + self._upsert(table, old)

    def _upsert(self, table: str, frame: pl.DataFrame) -> int:
        if frame.is_empty():
            return 0
        return self._upsert_sqlite(table, frame) if self.is_sqlite else self._upsert_postgresql(table, frame)

    def _insert(self, table: str, frame: pl.DataFrame) -> int:
        """Write rows that are known to be new; one that is not is an error of the engine, and ends the night."""
        if frame.is_empty():
            return 0
        if self.is_sqlite:
            self._execute_many(table, frame.select(_not_empty(frame)).sort(schema.key_columns(table)))
        else:
            self._copy(_quoted([table]), frame)
        return frame.height

    def _within(self) -> AbstractContextManager[None]:
        """Return the open transaction, or one of its own for a single statement."""
        return nullcontext() if self._writing else self.transaction()

    @staticmethod
    def _check(table: str, frame: pl.DataFrame) -> None:
        expected = schema.frame_schema(table)
        if dict(frame.schema) != expected:
            wrong = [
                f"{name}: {frame.schema.get(name, 'missing')} for {expected.get(name, 'no such column')}"
                for name in {**expected, **frame.schema}
                if frame.schema.get(name) != expected.get(name)
            ]
            raise FrameMismatch(
                f"the frame for table {table} does not fit it: {'; '.join(wrong) or 'order of columns'}"
            )

    def _upsert_sqlite(self, table: str, frame: pl.DataFrame) -> int:
        key = schema.key_columns(table)
        rest = [name for name in frame.columns if name not in key]
        columns = _not_empty(frame)
        empty = set(frame.columns) - set(columns)
        if rest:
            new = {name: "NULL" if name in empty else f'excluded."{name}"' for name in rest}
            changed = " OR ".join(f'"{name}" IS NOT {value}' for name, value in new.items())
            updates = ", ".join(f'"{name}" = {value}' for name, value in new.items())
            ending = f"ON CONFLICT ({_quoted(key)}) DO UPDATE SET {updates} WHERE {changed}"
        else:
            ending = "ON CONFLICT DO NOTHING"
        return self._execute_many(table, frame.select(columns).sort(key), ending)

    def _execute_many(self, table: str, frame: pl.DataFrame, ending: str = "") -> int:
        """Run an INSERT for every row, by SQLite's driver, and return how many rows it changed.

        In the order of the key, neighbouring rows go to neighbouring pages: sort them so before.
        """
        driver: Any = self._connection.connection.driver_connection
        before = driver.total_changes
        marks = ", ".join("?" * frame.width)
        sql = f"INSERT INTO {_quoted([table])} ({_quoted(frame.columns)}) VALUES ({marks}) {ending}"
        for part in frame.iter_slices(_SLICE):
            driver.executemany(sql, for_sqlite(part).rows())
        return int(driver.total_changes - before)

    def _upsert_postgresql(self, table: str, frame: pl.DataFrame) -> int:
        columns, key = frame.columns, schema.key_columns(table)
        rest = [name for name in columns if name not in key]
        stage = f"stage_{table}"
        self._connection.exec_driver_sql(
            f"CREATE TEMP TABLE IF NOT EXISTS {stage} ON COMMIT DROP AS SELECT * FROM {_quoted([table])} WITH NO DATA"
        )
        self._connection.exec_driver_sql(f"TRUNCATE {stage}")
        self._copy(stage, frame)
        sql = f"INSERT INTO {_quoted([table])} ({_quoted(columns)}) SELECT {_quoted(columns)} FROM {stage} AS s"
        if rest:
            updates = ", ".join(f'"{name}" = excluded."{name}"' for name in rest)
            mine, theirs = (", ".join(f'{owner}."{name}"' for name in rest) for owner in (f'"{table}"', "excluded"))
            sql += f" ON CONFLICT ({_quoted(key)}) DO UPDATE SET {updates} WHERE ({mine}) IS DISTINCT FROM ({theirs})"
        else:
            sql += " ON CONFLICT DO NOTHING"
        return self._connection.exec_driver_sql(sql).rowcount

    def _copy(self, target: str, frame: pl.DataFrame) -> None:
        """Send a frame to PostgreSQL as CSV: texts always quoted, so that an empty text is no null."""
        driver: Any = self._connection.connection.driver_connection
        with (
            driver.cursor() as cursor,
            cursor.copy(f"COPY {target} ({_quoted(frame.columns)}) FROM STDIN (FORMAT csv)") as copy,
        ):
            for part in frame.iter_slices(_SLICE):
                copy.write(
                    part.write_csv(
                        include_header=False, quote_style="non_numeric", datetime_format="%Y-%m-%dT%H:%M:%S%.6fZ"
                    ).encode()
                )

    def generic_upsert(self, table: str, frame: pl.DataFrame) -> int:
        """Do what ``bulk_upsert`` does, row by row and by SQLAlchemy alone: correct on any engine, and slow."""
        self._check(table, frame)
        described, key, changed = schema.TABLES[table], schema.key_columns(table), 0
        for row in frame.iter_rows(named=True):
            same = sa.and_(*(described.c[name] == row[name] for name in key))
            held = self._connection.execute(sa.select(described).where(same)).mappings().one_or_none()
            if held is None:
                self._connection.execute(described.insert().values(row))
                changed += 1
            elif {name: _as_stored(held[name]) for name in row} != {name: _as_stored(row[name]) for name in row}:
                self._connection.execute(described.update().where(same).values(row))
                changed += 1
        return changed

    def delete(self, table: str, keys: pl.DataFrame) -> int:
        """Delete the rows whose columns equal those of ``keys``, any columns of the table; return how many."""
        if keys.is_empty():
            return 0
        with self._within(), self._keys(table, keys):
            named = _quoted(keys.columns)
            return self._connection.exec_driver_sql(
                f"DELETE FROM {_quoted([table])} WHERE ({named}) IN (SELECT {named} FROM wanted)"
            ).rowcount

    def clear(self, tables: Sequence[str]) -> None:
        """Delete every row of some tables."""
        for table in tables:
            self._connection.exec_driver_sql(
                f"DELETE FROM {_quoted([table])}" if self.is_sqlite else f"TRUNCATE {_quoted([table])}"
            )

    def drop_indexes(self) -> None:
        """Drop what only serves readers, before a bulk load."""
        for index in schema.INDEXES:
            if index.name not in schema.READ_WHILE_LOADING:
                index.drop(self._connection, checkfirst=True)

    def make_indexes(self) -> None:
        """Make again what ``drop_indexes`` dropped."""
        for index in schema.INDEXES:
            index.create(self._connection, checkfirst=True)

    @contextmanager
    def _keys(self, table: str, keys: pl.DataFrame) -> Iterator[None]:
        """Hold wanted keys in a temporary table ``wanted``, in the types of a table's columns."""
        described = schema.TABLES[table]
        columns = ", ".join(f'"{name}" {described.c[name].type.compile(self._engine.dialect)}' for name in keys.columns)
        self._connection.exec_driver_sql(f"CREATE TEMP TABLE wanted ({columns})")
        try:
            if self.is_sqlite:
                self._execute_many("wanted", keys)
            else:
                self._copy("wanted", keys)
                self._connection.exec_driver_sql("ANALYZE wanted")
            yield
        finally:
            with suppress(sa.exc.SQLAlchemyError):
                self._connection.exec_driver_sql("DROP TABLE wanted")

    # --- read -----------------------------------------------------------------------------------------------------

    def read(self, table: str, columns: Sequence[str] | None = None, keys: pl.DataFrame | None = None) -> pl.DataFrame:
        """Read a table, or the rows whose columns equal those of ``keys``, in the types of its frames."""
        types = schema.frame_schema(table)
        names = list(columns or types)
        wanted = {name: types[name] for name in names}
        if keys is None:
            chosen = ", ".join(self._selected(f'"{name}"', types[name]) for name in names)
            return _gathered(self._stream(f"SELECT {chosen} FROM {_quoted([table])}", wanted), wanted)
        keys = keys.drop_nulls().unique()
        if keys.is_empty():
            return pl.DataFrame(schema=wanted)
        # One list of values goes to the index; a second column that varies is sifted here.
        order = [name for name in types if name in keys.columns]
        varying = [name for name in order if keys[name].n_unique() > 1] or order[-1:]
        fixed = [name for name in order if name not in varying]
        among = "IN (SELECT value FROM json_each(:many))" if self.is_sqlite else "= ANY(:many)"
        conditions = [*(f'"{name}" = :{name}' for name in fixed), f'"{varying[0]}" {among}']
        many = keys[varying[0]].unique().to_list()
        bound = {name: keys[name][0] for name in fixed} | {"many": json.dumps(many) if self.is_sqlite else many}
        read = {**wanted, **{name: types[name] for name in varying[1:]}}
        chosen = ", ".join(self._selected(f'"{name}"', dtype) for name, dtype in read.items())
        sql = f"SELECT {chosen} FROM {_quoted([table])} WHERE {' AND '.join(conditions)}"
        found = self.query(sql, read, bound)
        return found.join(keys, on=varying, how="semi").select(names) if len(varying) > 1 else found

    def held(self, told: schema.Frames) -> dict[str, pl.DataFrame]:
        """Read what is held of the releases, procurements and awards that some told frames speak of.

        Returns:
            ``telling``: what every held release says of the ocids that ``telling`` of the told frames names.
            ``release`` and ``award`` whole, ``award_version`` whole for those awards, ``lot`` by its key, and of
            ``procurement`` the key, what makes one telling later than another, buyer, days, and what it repeats; all
            those of an ocid that is put together from tellings.
        """
        ocids = told["telling"].select("source", "ocid").unique()
        procurements = told["procurement"].select("procurement_id").unique()
        awards = self.read("award", keys=told["award"].select("award_id"))
        put_together = self._procurements_of(ocids)
        if put_together.height:
            procurements = pl.concat([procurements, put_together]).unique()
            awards = pl.concat([awards, self.read("award", keys=put_together)]).unique("award_id")
        return {
            "telling": self.read("telling", keys=ocids),
            "release": self.read("release", keys=told["release"].select("source", "ocid", "release_id")),
            "procurement": self.read("procurement", [*_HELD_PROCUREMENT, *_SAID], procurements),
            "lot": self.read("lot", ["procurement_id", "lot_id"], put_together),
            "award": awards,
            "award_version": self.read("award_version", keys=awards.select("award_id")),
        }

    def _procurements_of(self, ocids: pl.DataFrame) -> pl.DataFrame:
        """Return the procurement ids that some ocids may have: the ocid, and where it was split, more."""
        own = ocids.select(procurement_id="ocid")
        if own.is_empty():
            return own
        # Few ocids are split by buyer; a small index holds just these.
        split = self.query(
            "SELECT ocid, procurement_id FROM procurement WHERE procurement_id <> ocid",
            {"ocid": pl.String(), "procurement_id": pl.String()},
        )
        return pl.concat([own, split.join(ocids, on="ocid", how="semi").select("procurement_id")]).unique()

    def awards_among(self, buyers: pl.DataFrame, periods: pl.DataFrame | None) -> dict[str, pl.DataFrame]:
        """Read what is needed to find awards that repeat each other: those of some buyers, decided in some periods.

        Args:
            buyers: the ``buyer_id`` wanted, the ``block`` of each, and ``is_alike_only`` where an award of the block
                can only repeat one of the same amount and days: of these, only such awards are read.
            periods: the first and last day wanted, of the award or else of its publication: ``starts_on`` and
                ``ends_on`` of each ``block``, any number that do not overlap; all there are when left out.

        Returns:
            ``award`` with its ``block``, and the title, reference and regime of its procurement, and ``line`` with what
            tells the suppliers of these awards apart.
        """
        day = "substr(t.published_at, 1, 10)" if self.is_sqlite else "(t.published_at AT TIME ZONE 'UTC')::date"
        period, sought = "", buyers.select("buyer_id", "is_alike_only")
        if periods is not None:
            sought = buyers.join(periods, on="block").select(*sought.columns, "starts_on", "ends_on")
            period = f" AND coalesce(t.awarded_on, {day}) BETWEEN w.starts_on AND w.ends_on"
        own, told, alike, line, mention = (
            {name: schema.frame_schema(table)[name] for name in names}
            for table, names in (
                ("award", _MATCHED_AWARD),
                ("procurement", ("title", "reference", "regime")),
                ("award", ("award_id", "buyer_id", *_ALIKE)),
                ("award_line", _MATCHED_LINE),
                ("supplier_mention", ("org_id", "core_name")),
            )
        )
        awards = []
        with self._keys("award", sought.filter("is_alike_only").drop("is_alike_only")):
            few = self.query(
                f"SELECT {self._chosen('t', alike)} FROM wanted AS w JOIN award AS t ON t.buyer_id = w.buyer_id "
                f"WHERE t.amount_gbp IS NOT NULL{period}",
                alike,
            )
        few = few.join(buyers.select("buyer_id", "block"), on="buyer_id")
        few = few.filter(pl.struct("block", *_ALIKE).is_duplicated()).select("award_id")
        rest = sought.filter(~pl.col("is_alike_only")).drop("is_alike_only")
        for wanted, within in ((few, ""), (rest, period)):
            with self._keys("award", wanted):
                awards.append(
                    self.query(
                        f"SELECT {self._chosen('t', own)}, {self._chosen('p', told)} FROM wanted AS w "
                        f"JOIN award AS t ON t.{wanted.columns[0]} = w.{wanted.columns[0]} "
                        f"LEFT JOIN procurement AS p ON p.procurement_id = t.procurement_id WHERE true{within}",
                        {**own, **told},
                    )
                )
        award = pl.concat(awards).join(buyers.select("buyer_id", "block"), on="buyer_id", how="left")
        with self._keys("award", award.select("award_id")):
            lines = self.query(
                f"SELECT {self._chosen('t', line)}, {self._chosen('m', mention)} FROM wanted AS w "
                "JOIN award_line AS t ON t.award_id = w.award_id "
                "LEFT JOIN supplier_mention AS m ON m.mention_id = t.mention_id",
                {**line, **mention},
            )
        return {"award": award, "line": lines}

    def tenders_among(self, buyers: pl.DataFrame) -> pl.DataFrame:
        """Read the days of the procurements of some buyers.

        Returns:
            ``procurement_id, buyer_id, tendered_on, deadline_at``.
        """
        types = {
            name: schema.frame_schema("procurement")[name]
            for name in ("procurement_id", "buyer_id", "tendered_on", "deadline_at")
        }
        with self._keys("procurement", buyers.select("buyer_id")):
            sql = f"SELECT {self._chosen('t', types)} FROM wanted AS w JOIN procurement AS t ON t.buyer_id = w.buyer_id"
            return self.query(sql, types)

    def repeated_among(self, buyers: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Read which procurements of some buyers repeat another: by their awards, and as it is held.

        Returns:
            ``procurement_id, duplicate_procurement_id, duplicate_confidence, duplicate_reason`` of awards that repeat
            one; and ``procurement_id`` of these, of what they repeat, and of procurements that are held to repeat one.
        """
        pair = {
            "procurement_id": pl.String(), "duplicate_procurement_id": pl.String(),
            "duplicate_confidence": pl.Float64(), "duplicate_reason": pl.String(),
        }  # fmt: skip
        with self._keys("award", buyers.select("buyer_id")):
            pairs = self.query(
                "SELECT a.procurement_id, d.procurement_id AS duplicate_procurement_id, a.duplicate_confidence, "
                "a.duplicate_reason FROM wanted AS w JOIN award AS a ON a.buyer_id = w.buyer_id "
                "JOIN award AS d ON d.award_id = a.duplicate_of WHERE a.duplicate_of IS NOT NULL",
                pair,
            )
            held = self.query(
                "SELECT p.procurement_id FROM wanted AS w JOIN procurement AS p ON p.buyer_id = w.buyer_id "
                "WHERE p.duplicate_of IS NOT NULL",
                {"procurement_id": pl.String()},
            )
        ends = [
            pairs["procurement_id"],
            pairs["duplicate_procurement_id"].alias("procurement_id"),
            held["procurement_id"],
        ]
        return pairs, pl.concat(ends).unique().to_frame()

    def procurements_compared(self, procurements: pl.DataFrame) -> pl.DataFrame:
        """Read of some procurements, by ``procurement_id``, what is needed to tell whether they repeat each other."""
        return self.read("procurement", list(_MATCHED_PROCUREMENT), procurements.select("procurement_id"))

    def awards_by_buyer(self) -> pl.DataFrame:
        """Count the awards of each buyer, and tell who is on both services.

        Returns:
            ``buyer_id, name, name_as_written``, ``awards``, ``first_source``, ``last_source``.
        """
        names = {name: pl.String() for name in ("buyer_id", "name", "name_as_written")}
        types = {**names, "awards": pl.Int64()}
        return self.query(
            "SELECT b.buyer_id, b.name, b.name_as_written, coalesce(a.awards, 0) AS awards, p.first_source, "
            "p.last_source FROM buyer AS b "
            "LEFT JOIN (SELECT buyer_id, count(*) AS awards FROM award GROUP BY buyer_id) AS a "
            "ON a.buyer_id = b.buyer_id "
            "LEFT JOIN (SELECT buyer_id, min(source) AS first_source, max(source) AS last_source FROM procurement "
            "GROUP BY buyer_id) AS p ON p.buyer_id = b.buyer_id",
            {**types, "first_source": pl.String(), "last_source": pl.String()},
        )

    def awards_published(self, buyers: pl.DataFrame, periods: pl.DataFrame) -> pl.DataFrame:
        """Count the awards of buyers that were published in periods, by the index alone.

        Args:
            buyers: ``buyer_id`` and ``block``.
            periods: ``block``, ``starts_on`` and ``ends_on``.

        Returns:
            ``buyer_id`` and ``awards``, one row per buyer.
        """
        sought = buyers.join(periods, on="block").select("buyer_id", "starts_on", "ends_on")
        with self._keys("award", sought):
            found = self.query(
                "SELECT t.buyer_id, count(*) AS awards FROM wanted AS w JOIN award AS t ON t.buyer_id = w.buyer_id "
                "AND t.published_at BETWEEN w.starts_on AND w.ends_on GROUP BY 1",
                {"buyer_id": pl.String(), "awards": pl.Int64()},
            )
        return (
            buyers.select("buyer_id").join(found, on="buyer_id", how="left").with_columns(pl.col("awards").fill_null(0))
        )

    def count_duplicates(self) -> int:
        """Return the number of awards that repeat another one."""
        return int(
            self._connection.exec_driver_sql("SELECT count(*) FROM award WHERE duplicate_of IS NOT NULL").scalar_one()
        )

    def _chosen(self, owner: str, types: Mapping[str, pl.DataType]) -> str:
        return ", ".join(self._selected(f'{owner}."{name}"', dtype) for name, dtype in types.items())

    def priced(self, rows: int = 100_000) -> Iterator[pl.DataFrame]:
        """Read every core award with a credible amount, as far as its size beside others needs it.

        Yields:
            Frames with ``award_id, buyer_id, buyer_kind, buyer_area_code, cpv_division, awarded_on, starts_on,
            amount_gbp, annualised_gbp, is_large_for_buyer, mega_rule, tier, is_mega, published_at``.
        """
        double = "REAL" if self.is_sqlite else "double precision"
        yield from self._stream(
            "SELECT a.award_id, a.buyer_id, b.kind AS buyer_kind, b.area_code AS buyer_area_code, "
            "substr(a.cpv_code, 1, 2) AS cpv_division, a.awarded_on, a.starts_on, "
            f"CAST(a.amount_gbp AS {double}) AS amount_gbp, CAST(a.annualised_gbp AS {double}) AS annualised_gbp, "
            "a.is_large_for_buyer, a.mega_rule, a.tier, a.is_mega, a.published_at FROM award AS a "
            "LEFT JOIN buyer AS b ON b.buyer_id = a.buyer_id "
            "WHERE a.is_core AND a.value_status = 'ok'",
            _PRICED_TYPES,
            rows,
        )

    def change(self, table: str, frame: pl.DataFrame) -> int:
        """Change some columns of rows that are there, told by their key; return how many rows differed.

        Args:
            table: the table's name.
            frame: the key columns, and those to be changed, in the types of the table.
        """
        if frame.is_empty():
            return 0
        key = schema.key_columns(table)
        rest = [name for name in frame.columns if name not in key]
        differs = " OR ".join(
            f't."{name}" IS {"NOT" if self.is_sqlite else "DISTINCT FROM"} w."{name}"' for name in rest
        )
        with self._within(), self._keys(table, frame):
            same = " AND ".join(f't."{name}" = w."{name}"' for name in key)
            updates = ", ".join(f'"{name}" = w."{name}"' for name in rest)
            return self._connection.exec_driver_sql(
                f"UPDATE {_quoted([table])} AS t SET {updates} FROM wanted AS w WHERE {same} AND ({differs})"
            ).rowcount

    def scan(self, table: str, rows: int = 100_000, partition: str | None = None) -> Iterator[pl.DataFrame]:
        """Read a table in parts, or one month of publication of a partitioned table, in the order of its key."""
        types = schema.frame_schema(table)
        chosen = ", ".join(self._selected(f't."{name}"', dtype) for name, dtype in types.items())
        sql = f"SELECT {chosen} FROM {_quoted([table])} AS t"
        if partition is not None and table in schema.PARTITIONED:
            sql += self._of_month(table, partition)
        order = ", ".join(
            f't."{name}"' + ("" if self.is_sqlite else _bytewise(table, name)) for name in schema.key_columns(table)
        )
        yield from self._stream(f"{sql} ORDER BY {order}", types, rows)

    def _of_month(self, table: str, partition: str) -> str:
        through = schema.PARTITIONED[table]
        owner = {"": "t", "award_id": "a", "mention_id": "m"}[through]
        join = {
            "": "",
            "award_id": ' JOIN "award" AS a ON a."award_id" = t."award_id"',
            "mention_id": ' JOIN "supplier_mention" AS m ON m."mention_id" = t."mention_id"',
        }[through]
        if partition == UNDATED:
            return f'{join} WHERE {owner}."published_at" IS NULL'
        year, month = (int(part) for part in partition.split("-"))
        following = f"{year + month // 12:04d}-{month % 12 + 1:02d}"
        return (
            f"{join} WHERE {owner}.\"published_at\" >= '{partition}-01T00:00:00Z'"
            f" AND {owner}.\"published_at\" < '{following}-01T00:00:00Z'"
        )

    def partitions(self, table: str) -> list[str]:
        """Return the months of publication that a table holds, or ``all`` for a table that is not parted by month."""
        if table not in schema.PARTITIONED:
            return ["all"]
        owner = table if not schema.PARTITIONED[table] else "award"
        month = "substr(published_at, 1, 7)" if self.is_sqlite else "to_char(published_at, 'YYYY-MM')"
        found = self._connection.exec_driver_sql(f"SELECT DISTINCT {month} FROM {_quoted([owner])}").scalars()
        return sorted(month or UNDATED for month in found)

    def unpublished(self) -> set[tuple[str, str]]:
        """Return the partitions, as (table, partition), that changed since the last snapshot."""
        return set(self.read("unpublished").iter_rows())

    def mark_unpublished(self, marks: set[tuple[str, str]]) -> None:
        """Note that partitions have changed."""
        self.bulk_upsert(
            "unpublished", pl.DataFrame(sorted(marks), schema=schema.frame_schema("unpublished"), orient="row")
        )

    def mark_published(self, marks: set[tuple[str, str]]) -> None:
        """Forget the changes that a snapshot now holds."""
        self.delete("unpublished", pl.DataFrame(sorted(marks), schema=schema.frame_schema("unpublished"), orient="row"))

    def in_groups(self, table: str, columns: Sequence[str], by: str, prefixes: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Read some columns of a table in parts, all rows whose ``by`` begins with one prefix together."""
        types = {name: schema.frame_schema(table)[name] for name in columns}
        column = f'"{by}"' + ("" if self.is_sqlite else ' COLLATE "C"')
        for prefix in prefixes:
            following = prefix[:-1] + chr(ord(prefix[-1]) + 1)
            found = self.query(
                f"SELECT {_quoted(columns)} FROM {_quoted([table])} WHERE {column} >= :first AND {column} < :following",
                types, {"first": prefix, "following": following},
            )  # fmt: skip
            if found.height:
                yield found

    def mentions_of_units(self) -> pl.DataFrame:
        """Count the mentions of each way of writing a supplier: ``unit_id, mentions``."""
        return self.query(
            "SELECT unit_id, count(*) AS mentions FROM supplier_mention WHERE unit_id IS NOT NULL GROUP BY unit_id",
            {"unit_id": pl.String(), "mentions": pl.Int64()},
        )

    def lead_mentions(self, led: pl.DataFrame, *, tell: bool) -> pl.DataFrame:
        """Let mentions and award lines lead where their way of writing leads.

        Args:
            led: ``unit_id, supplier_id``.
            tell: whether to return what changes, which may be everything.

        Returns:
            ``award_id, mention_id`` of what led elsewhere before; nothing where it is not to be told.
        """
        types: dict[str, pl.DataType] = {"award_id": pl.String(), "mention_id": pl.String()}
        moved = pl.DataFrame(schema=types)
        if led.is_empty():
            return moved
        other = "IS NOT" if self.is_sqlite else "IS DISTINCT FROM"
        with self._within(), self._keys("supplier_link", led):
            if tell:
                moved = self.query(
                    "SELECT m.award_id, m.mention_id FROM supplier_mention AS m JOIN wanted AS w"
                    f" ON w.unit_id = m.unit_id WHERE m.supplier_id {other} w.supplier_id",
                    types,
                )
            self._connection.exec_driver_sql(
                "UPDATE supplier_mention AS m SET supplier_id = w.supplier_id FROM wanted AS w"
                f" WHERE w.unit_id = m.unit_id AND m.supplier_id {other} w.supplier_id"
            )
            self._connection.exec_driver_sql(
                "UPDATE award_line AS l SET supplier_id = m.supplier_id FROM supplier_mention AS m, wanted AS w"
                " WHERE w.unit_id = m.unit_id AND l.mention_id = m.mention_id AND l.award_id = m.award_id"
                f" AND l.supplier_id {other} m.supplier_id"
            )
        return moved

    def latest_names(self, table: str, buyers: pl.DataFrame | None) -> pl.DataFrame:
        """Read the latest telling of each buyer in ``procurement`` or ``award``.

        Args:
            table: one of the two.
            buyers: the ``buyer_id`` wanted; all when left out.

        Returns:
            One row per buyer: ``buyer_id, buyer_party_id, buyer_name, published_at, release_id, content_hash``.
        """
        names = ["buyer_id", "buyer_party_id", "buyer_name", "published_at", "release_id", "content_hash"]
        types = {name: schema.frame_schema(table)[name] for name in names}
        wanted = self.query(
            f"SELECT DISTINCT buyer_id FROM {_quoted([table])} WHERE buyer_id IS NOT NULL", {"buyer_id": pl.String()}
        )
        if buyers is not None:
            wanted = wanted.join(buyers, on="buyer_id", how="semi")
        if wanted.is_empty():
            return pl.DataFrame(schema=types)
        key = _quoted(schema.key_columns(table))
        with self._keys(table, wanted):
            # One look into the index per buyer, where a join would read every notice of the large ones.
            return self.query(
                f"SELECT {', '.join(f't.{name}' for name in names)} FROM wanted AS w JOIN {_quoted([table])} AS t "
                f"ON t.{key} = (SELECT s.{key} FROM {_quoted([table])} AS s WHERE s.buyer_id = w.buyer_id "
                "ORDER BY s.published_at DESC NULLS LAST, s.release_id DESC, s.content_hash DESC LIMIT 1)",
                types,
            )

    def newest_release(self, until: datetime) -> datetime | None:
        """Return the latest time of publication that is held, up to a time: a later one is a slip of the service."""
        newest = self.query(
            'SELECT max("published_at") AS newest FROM "release" WHERE "published_at" <= :until',
            {"newest": _INSTANT}, {"until": self._bound(until)},
        )["newest"]  # fmt: skip
        return newest.item() if newest.len() else None

    def archived_ids(self, source: str) -> pl.DataFrame:
        """Return ``release_id`` and ``archive_path`` of every release of a source."""
        types = {"release_id": pl.String(), "archive_path": pl.String()}
        return self.query(
            "SELECT release_id, archive_path FROM release WHERE source = :source", types, {"source": source}
        )

    def releases_by_hour(self, start: datetime, end: datetime) -> pl.DataFrame:
        """Count the releases published from ``start`` to before ``end``.

        Returns:
            ``source, hour`` (UTC, as a time) and ``releases``: London days begin and end on the hour.
        """
        hour = "substr(published_at, 1, 13) || ':00:00Z'" if self.is_sqlite else "date_trunc('hour', published_at)"
        return self.query(
            f"SELECT source, {hour} AS hour, count(*) AS releases FROM release "
            "WHERE published_at >= :start AND published_at < :end GROUP BY 1, 2",
            {"source": pl.String(), "hour": _INSTANT, "releases": pl.Int64()},
            {"start": self._bound(start), "end": self._bound(end)},
        )

    def _bound(self, time: datetime) -> str | datetime:
        """Return a time as the engine compares it."""
        return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if self.is_sqlite else time

    def count(self, table: str) -> int:
        """Return the number of rows of a table."""
        return int(self._connection.exec_driver_sql(f"SELECT count(*) FROM {_quoted([table])}").scalar_one())

    def viewed(self, view: str, columns: Iterable[str], rows: int = 50_000) -> Iterator[pl.DataFrame]:
        """Read columns of a view for analysts, in no order, ``rows`` at a time."""
        of = dictionary.frame_schema(view)
        types = {name: of[name] for name in columns}
        selected = ", ".join(self._selected(name, dtype) for name, dtype in types.items())
        yield from self._stream(f"SELECT {selected} FROM {view}", types, rows)

    def query(
        self, sql: str, types: Mapping[str, pl.DataType], parameters: Mapping[str, Any] | None = None
    ) -> pl.DataFrame:
        """Read what a SELECT with named parameters returns, in the given types."""
        return _gathered(self._stream(sql, types, parameters=parameters), dict(types))

    def lines_won(self, suppliers: pl.Series | str) -> pl.DataFrame:
        """Read the award lines of some suppliers, with who bought.

        Args:
            suppliers: their ids, or the letters that they begin with.

        Returns:
            ``award_id, mention_id, supplier_id, vcse_declared, vcse_status, is_head_office_local, location_basis``,
            ``status, value_kind`` of the award, ``buyer_area_code, buyer_kind``.
        """
        if isinstance(suppliers, str):
            column = "l.supplier_id" + ("" if self.is_sqlite else ' COLLATE "C"')
            following = suppliers[:-1] + chr(ord(suppliers[-1]) + 1)
            chosen, bound = (
                f"{column} >= :first AND {column} < :following",
                {"first": suppliers, "following": following},
            )
            return self.query(_WON.format(chosen=chosen), _WON_TYPES, bound)
        chosen, many = self._among("l.supplier_id", suppliers)
        return self.query(_WON.format(chosen=chosen), _WON_TYPES, many)

    def sited_lines(self, by: str, wanted: pl.Series) -> pl.DataFrame:
        """Read what award lines say of places, with what tells where their suppliers and buyers are.

        Args:
            by: ``mention_id`` or ``buyer_id``.
            wanted: its values.

        Returns:
            ``award_id, mention_id, supplier_id``; all that ``award_line`` says of places; ``buyer_area_code,
            buyer_kind``; ``address`` (the postcode that was found in it, else all of it) and ``region`` of the mention.
        """
        chosen, many = self._among(f"{'a' if by == 'buyer_id' else 'l'}.{by}", wanted)
        return self.query(_SITED.format(chosen=chosen), _SITED_TYPES, many)

    def _among(self, column: str, wanted: pl.Series) -> tuple[str, dict[str, Any]]:
        """Return a condition that a column has one of these values, and what it is bound to."""
        many = wanted.drop_nulls().unique().to_list()
        if self.is_sqlite:
            return f"{column} IN (SELECT value FROM json_each(:many))", {"many": json.dumps(many)}
        return f"{column} = ANY(:many)", {"many": many}

    def _selected(self, name: str, dtype: pl.DataType) -> str:
        # A double names every penny that is kept, and is far quicker to read than PostgreSQL's decimals.
        return f"CAST({name} AS double precision)" if dtype == pl.Decimal(18, 2) and not self.is_sqlite else name

    def _stream(
        self,
        sql: str,
        types: Mapping[str, pl.DataType],
        rows: int = 50_000,
        parameters: Mapping[str, Any] | None = None,
    ) -> Iterator[pl.DataFrame]:
        """Run a SELECT and yield what it returns, ``rows`` at a time."""
        # PostgreSQL only streams inside a transaction; outside of one this opens its own.
        with ExitStack() as own:
            if not self.is_sqlite and not self._writing:
                own.enter_context(self.transaction())
            # The driver's own cursor: SQLAlchemy's rows would take as long again as the reading itself.
            driver: Any = self._connection.connection.driver_connection
            if self.is_sqlite:
                cursor = driver.execute(sql, parameters or {})
                own.callback(cursor.close)
            else:
                cursor = driver.cursor(name=f"reader_{next(_readers)}")
                own.callback(cursor.close)
                statement = str(sa.text(sql).compile(dialect=self._engine.dialect)) if parameters else sql
                cursor.execute(statement, parameters)
            gathered: list[pl.DataFrame] = []
            # Few rows at a time are Python objects, whatever the size of the frames.
            while part := cursor.fetchmany(min(rows, _SLICE)):
                gathered.append(from_rows(part, types))
                if sum(frame.height for frame in gathered) >= rows:
                    yield pl.concat(gathered)
                    gathered = []
            if gathered:
                yield pl.concat(gathered)

    def buyers_told(self) -> pl.DataFrame:
        """Read how the notices tell who buys: ``buyer_party_id, buyer_name, buyer_id``, each once."""
        names = ["buyer_party_id", "buyer_name", "buyer_id"]
        told = " UNION ".join(
            f"SELECT {', '.join(names)} FROM {table}" for table in ("procurement", "award", "award_version")
        )
        return self.query(told, dict.fromkeys(names, pl.String()))


_WON = """
SELECT l.award_id, l.mention_id, l.supplier_id, l.vcse_declared, l.vcse_status, l.is_head_office_local,
    l.location_basis, a.status, a.value_kind, b.area_code AS buyer_area_code, b.kind AS buyer_kind
FROM award_line AS l
JOIN award AS a ON a.award_id = l.award_id
LEFT JOIN buyer AS b ON b.buyer_id = a.buyer_id
WHERE {chosen}
"""

_SITED = """
SELECT l.award_id, l.mention_id, l.supplier_id, l.supplier_area_code, l.supplier_county_code, l.supplier_region_code,
    l.is_uk, l.location_basis, l.location_method, l.location_confidence, l.location_vintage, l.location_candidates,
    l.is_local_authority, l.is_local_county, l.is_local_statutory, l.is_local_region, l.is_head_office_local,
    l.distance_km, l.local_scope, b.area_code AS buyer_area_code, b.kind AS buyer_kind,
    coalesce(m.postcode, m.address) AS address, m.region
FROM award_line AS l
JOIN award AS a ON a.award_id = l.award_id
LEFT JOIN buyer AS b ON b.buyer_id = a.buyer_id
LEFT JOIN supplier_mention AS m ON m.mention_id = l.mention_id
WHERE {chosen}
"""

_readers = count(1)
"""Numbers for PostgreSQL's cursors, which need names of their own while several are open."""

_SLICE = 5_000
"""Rows that are Python objects, or text, at a time."""

_SQLITE_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = NORMAL",  # in WAL mode a power cut can lose the last night, never damage the file
    "busy_timeout = 30000",
    "cache_size = -32768",
    "temp_store = MEMORY",
)

_SAID = ("duplicate_of", "duplicate_confidence", "duplicate_reason")
_HELD_PROCUREMENT = (
    "procurement_id", "published_at", "release_id", "content_hash", "buyer_id", "tendered_on", "deadline_at",
)  # fmt: skip

_MATCHED_AWARD = (
    "award_id", "procurement_id", "source", "ocid", "buyer_id", "buyer_name", "status", "value_kind", "value_status",
    "amount_gbp", "amount_gross_gbp", "awarded_on", "starts_on", "ends_on", "published_at", "lot_id", "notice_type",
    "cpv_code", "supplier_count", "tier", "is_mega", *_SAID,
)  # fmt: skip
_MATCHED_PROCUREMENT = (
    "procurement_id", "source", "ocid", "buyer_id", "buyer_name", "title", "reference", "cpv_code", "regime",
    "tendered_on", "deadline_at", "announced_on", "estimate_gbp", "published_at", "duplicate_of",
    "duplicate_confidence", "duplicate_reason",
)  # fmt: skip
_ALIKE = ("amount_gbp", "starts_on", "ends_on")
_MATCHED_LINE = ("award_id", "mention_id", "supplier_id", "supplier_area_code", "vcse_declared")

_INSTANT = pl.Datetime("us", "UTC")

_WON_TYPES: dict[str, pl.DataType] = {
    name: schema.frame_schema(table)[column]
    for name, table, column in (
        *((name, "award_line", name) for name in (
            "award_id", "mention_id", "supplier_id", "vcse_declared", "vcse_status", "is_head_office_local",
            "location_basis",
        )),
        ("status", "award", "status"),
        ("value_kind", "award", "value_kind"),
        ("buyer_area_code", "buyer", "area_code"),
        ("buyer_kind", "buyer", "kind"),
    )
}  # fmt: skip

_SITED_TYPES: dict[str, pl.DataType] = {
    **{
        name: schema.frame_schema("award_line")[name]
        for name in (
            "award_id", "mention_id", "supplier_id", "supplier_area_code", "supplier_county_code",
            "supplier_region_code", "is_uk", "location_basis", "location_method", "location_confidence",
            "location_vintage", "location_candidates", "is_local_authority", "is_local_county", "is_local_statutory",
            "is_local_region", "is_head_office_local", "distance_km", "local_scope",
        )
    },
    **dict.fromkeys(("buyer_area_code", "buyer_kind", "address", "region"), pl.String()),
}  # fmt: skip

_PRICED_TYPES: dict[str, pl.DataType] = {
    name: schema.frame_schema("award").get(name) or pl.String()
    for name in (
        "award_id", "buyer_id", "buyer_kind", "buyer_area_code", "cpv_division", "awarded_on", "starts_on",
        "amount_gbp", "annualised_gbp", "is_large_for_buyer", "mega_rule", "tier", "is_mega", "published_at",
    )
}  # fmt: skip

_LOCK_KEY = int.from_bytes(hashlib.sha256(b"noticeboard run").digest()[:8], "big", signed=True)


def _not_empty(frame: pl.DataFrame) -> list[str]:
    """Return the columns that hold a value: the others need none bound for every row, since a new row's are null."""
    return [name for name in frame.columns if frame[name].null_count() < frame.height]


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _bytewise(table: str, name: str) -> str:
    return ' COLLATE "C"' if schema.frame_schema(table)[name] == pl.String() else ""


def _as_stored(value: Any) -> Any:
    """Make a value comparable: a time in UTC to the second, money to the penny."""
    if isinstance(value, datetime):
        return value.timestamp()
    return value if isinstance(value, (date, str, bool)) or value is None else float(value)


def for_sqlite(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame in the types that SQLite stores: times and dates as text, money as the nearest double."""
    stored = []
    for name, dtype in frame.schema.items():
        column = pl.col(name)
        if isinstance(dtype, pl.Datetime):
            stored.append(column.dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
        elif dtype == pl.Date:
            stored.append(column.dt.strftime("%Y-%m-%d"))
        elif isinstance(dtype, pl.Decimal):
            stored.append(column.cast(pl.Float64))
        elif dtype == pl.Boolean:
            stored.append(column.cast(pl.Int8))
    return frame.with_columns(stored)


def from_rows(rows: Sequence[tuple[Any, ...]], types: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Make a frame of rows as either engine returns them."""
    return pl.DataFrame(
        [
            _series(name, cells, dtype)
            for (name, dtype), cells in zip(types.items(), zip(*rows, strict=True), strict=True)
        ]
    )


def _series(name: str, cells: tuple[Any, ...], dtype: pl.DataType) -> pl.Series:
    first = next((cell for cell in cells if cell is not None), None)
    if isinstance(dtype, pl.Decimal):
        pence = (pl.Series(name, cells, dtype=pl.Float64, strict=False) * 100).round(0).cast(pl.Int64)
        return (pence.cast(pl.Decimal(38, 2)) / 100).cast(dtype).alias(name)
    if isinstance(first, str) and isinstance(dtype, pl.Datetime):
        return (
            pl.Series(name, cells, dtype=pl.String)
            .str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="us")
            .dt.replace_time_zone("UTC")
        )
    if isinstance(first, str) and dtype == pl.Date:
        return pl.Series(name, cells, dtype=pl.String).str.to_date("%Y-%m-%d")
    if dtype == pl.Boolean and not isinstance(first, bool):
        return pl.Series(name, cells, dtype=pl.Int64).cast(pl.Boolean)
    return pl.Series(name, cells, dtype=dtype, strict=False)


def _gathered(parts: Iterator[pl.DataFrame], types: Mapping[str, pl.DataType]) -> pl.DataFrame:
    frames = list(parts)
    return pl.concat(frames) if frames else pl.DataFrame(schema=dict(types))

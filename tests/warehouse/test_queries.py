"""The questions of docs/queries.md: each answered alike by SQLite, PostgreSQL and DuckDB over the Parquet files."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import psycopg
import pytest

from tests.postgres import postgres_database
from tests.warehouse import filled
from transforms import comparison, indicators, places
from transforms.indicators.share import Indicator
from transforms.indicators.slices import Touched
from warehouse import schema
from warehouse.publish.snapshot import publish_snapshot
from warehouse.store import Warehouse

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
PAGE = (DOCS / "queries.md").read_text(encoding="utf-8")
QUESTIONS = [
    (f"{title} ({number})", sql.strip().rstrip(";"))
    for title, section in re.findall(r"^## (\d+\. .+?)$(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    for number, sql in enumerate(re.findall(r"^```sql\n(.*?)^```", section, re.MULTILINE | re.DOTALL), start=1)
]

NUMBER = re.compile(r"^(\d+)\. .* \((\d+)\)$")
NEWEST = datetime(2025, 10, 5, 12, tzinfo=UTC)
HAVERING = "E09000016"
AREAS = places.areas()
BOROUGHS = AREAS.filter((pl.col("kind") == "london_borough") & pl.col("valid_to").is_null())["area_code"].to_list()
CHARITIES = ("charity", "cic")


def frames() -> dict[str, pl.DataFrame]:
    """Return a made-up history: twelve awards a year by each London borough, and by no other council."""
    awards: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    mentions: list[dict[str, Any]] = []
    for place, code in enumerate(BOROUGHS):
        for number in range(42):
            name = f"ocds-b5fd17-{code}-{number:02d}"
            suppliers = 2 if number % 10 == 3 else 1
            pounds = Decimal(1000 * (number + 1) + place) / 100 * 100
            awarded_on = date(2022, 4, 15) + timedelta(days=30 * number)
            tier = "medium" if number % 7 == 0 else "small"
            awards.append(
                filled.award(name, buyer_id=f"council {code}", awarded_on=awarded_on, supplier_count=suppliers)
                | {"amount_gbp": pounds, "tier": tier, "cpv_code": ("85311000", "45000000")[number % 2]}
                | {"published_at": datetime(2025, 7, 1, tzinfo=UTC), "ends_on": date(2026, 1, 1 + number % 20)}
                | {"starts_on": awarded_on}
            )
            for part in range(suppliers):
                # One in ten has no place; the more populous boroughs award more to their own area.
                at = None if number % 10 == 7 else code if (number + place + part) % 3 else BOROUGHS[place - 1]
                supplier = f"S{(number + part) % 5}"
                lines.append(
                    filled.line(name, part, supplier, weight=1 / suppliers, value_gbp=pounds / suppliers)
                    | {"supplier_area_code": at, "local_scope": "in_scope", "is_local_region": at and True}
                    | {"is_local_authority": None if at is None else at == code, "location_basis": "unknown"}
                    | {"vcse_status": "yes" if supplier == "S1" else "no", "is_uk": True}
                )
                mentions.append(
                    {"mention_id": f"{name}/{part}", "award_id": name, "supplier_id": supplier}
                    | {"supplier_name": f"Supplier {supplier}", "published_at": datetime(2025, 7, 1, tzinfo=UTC)}
                )
    return {
        "area": AREAS,
        "award": filled.frame("award", *awards),
        "award_line": filled.frame("award_line", *lines),
        "supplier_mention": filled.frame("supplier_mention", *mentions),
        "procurement": filled.frame(
            "procurement",
            *(
                {"procurement_id": one["procurement_id"], "source": one["source"], "ocid": one["ocid"]}
                | {"title": f"Title of {one['award_id']}", "published_at": one["published_at"]}
                for one in awards
            ),
        ),
        "supplier": filled.frame(
            "supplier",
            *(
                {"supplier_id": f"S{number}", "supplier_name": f"Supplier {number}", "is_quasi_public": False}
                | {"vcse_status": "yes" if number == 1 else "no", "group_id": "G1" if number > 2 else None}
                for number in range(5)
            ),
        ),
        "supplier_group": filled.frame(
            "supplier_group", {"group_id": "G1", "group_name": "The Group", "method": "list", "source": "x"}
        ),
        "buyer": filled.frame(
            "buyer",
            *(
                {"buyer_id": f"council {code}", "name": name, "area_code": code, "kind": "council"}
                for code, name in AREAS.filter(pl.col("area_code").is_in(BOROUGHS))
                .select("area_code", "name")
                .iter_rows()
            ),
        ),
        "coverage": filled.frame(
            "coverage",
            *(
                {"source": source, "day": date(2022, 4, 1) + timedelta(days=number), "releases": 9, "complete": True}
                for number in range(1284)
                for source in ("contracts-finder", "find-a-tender")
            ),
        ),
        "network_member": comparison.network(),
        "published_figure": comparison.published(),
        "peer": comparison.peers(AREAS),
    }


@pytest.fixture(scope="module", name="lite")
def _lite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """Return a SQLite warehouse with the history, measured as a night measures it."""
    path = tmp_path_factory.mktemp("queries") / "noticeboard.db"
    with Warehouse.open(f"sqlite:///{path}") as warehouse:
        held = frames()
        with warehouse.transaction():
            for table, rows in held.items():
                warehouse.bulk_upsert(table, rows)
            warehouse.bulk_upsert("indicator", indicators.catalogue())
            lines = [warehouse.query(f"SELECT {', '.join(indicators.LINES)} FROM out_line", indicators.LINES)]
            asked = [
                one for one in indicators.INDICATORS if one.indicator_id.split(".")[0] in ("L1", "L2", "O1", "T1", "T3")
            ]
            period, found = indicators.measure(
                lines, NEWEST.date(), area=AREAS, facts={"peer": held["peer"]}, asked=asked
            )
            warehouse.bulk_upsert("period", period)
            for rows in found:
                warehouse.bulk_upsert("indicator_value", rows)
            told = comparison.agreement(
                warehouse.read("indicator_value"),
                period,
                warehouse.read("coverage").select("source", "day"),
                NEWEST.date(),
            )
            warehouse.bulk_upsert("agreement", told)
            marks = {(table, part) for table in schema.TABLES for part in warehouse.partitions(table)}
            warehouse.mark_unpublished(marks)
        yield warehouse


@pytest.fixture(scope="module", name="measured")
def _measured(lite: Warehouse) -> pl.DataFrame:
    """Return every share of one council and year, as the night works it out."""
    touched = Touched(frozenset(), frozenset({HAVERING}), frozenset({2024 * 4 + 1}))
    lines = [lite.query(f"SELECT {', '.join(indicators.LINES)} FROM out_line", indicators.LINES)]
    _, found = indicators.measure(lines, NEWEST.date(), touched, AREAS, asked=SHARES)
    rows = [part.filter((pl.col("slice") == HAVERING) & (pl.col("period") == "FY2024-25")) for part in found]
    return pl.concat(rows).filter(pl.col("tier").is_null() & pl.col("cpv_division").is_null())


@pytest.fixture(scope="module", name="snapshot")
def _snapshot(lite: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the snapshot of that warehouse."""
    return publish_snapshot(lite, tmp_path_factory.mktemp("snapshots"), "2025-10-05", {})


@pytest.fixture(scope="module", name="duck")
def _duck(snapshot: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Return DuckDB over that snapshot, made as the page says: by docs/duckdb.sql, in the snapshot's folder."""
    with pytest.MonkeyPatch.context() as patch, duckdb.connect() as reader:
        patch.chdir(snapshot)
        reader.execute((DOCS / "duckdb.sql").read_text(encoding="utf-8"))
        yield reader


@pytest.fixture(scope="module", name="postgres")
def _postgres(lite: Warehouse, postgres_url: str, prepared_postgres: str) -> Iterator[psycopg.Connection[Any]]:
    """Return PostgreSQL with the same rows."""
    with postgres_database(postgres_url, prepared_postgres) as url:
        with Warehouse.open(url) as warehouse, warehouse.transaction():
            for table in schema.TABLES:
                warehouse.bulk_upsert(table, lite.read(table))
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            yield connection


def plain(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return rows as every engine means them: flags as 1 and 0, pounds and shares to eight places, days as text."""

    def cell(value: Any) -> Any:
        if isinstance(value, bool):
            return int(value)
        if isinstance(value, float | Decimal | int):
            return round(float(value), 8)
        return None if value is None else str(value)

    return [tuple(cell(value) for value in row) for row in rows]


def test_there_are_a_dozen_questions() -> None:
    """The page holds at least twelve, each with a query."""
    assert len({title.split(".")[0] for title, _ in QUESTIONS}) >= 12
    assert len(re.findall(r"^## \d+\. ", PAGE, re.MULTILINE)) == len({title.split(".")[0] for title, _ in QUESTIONS})


@pytest.mark.parametrize(("title", "sql"), QUESTIONS, ids=[NUMBER.sub(r"\1-\2", title) for title, _ in QUESTIONS])
def test_every_question_is_answered_alike(
    title: str, sql: str, lite: Warehouse, duck: duckdb.DuckDBPyConnection, postgres: psycopg.Connection[Any]
) -> None:
    """One text gives the same rows in the same order on all three, and there are some."""
    cursor: Any = lite._connection.connection.driver_connection  # the engine itself, as an analyst would ask it
    answers = {
        "SQLite": plain(cursor.execute(sql).fetchall()),
        "DuckDB": plain(duck.execute(sql).fetchall()),
        "PostgreSQL": plain(postgres.execute(sql.encode()).fetchall()),
    }

    assert answers["SQLite"], title
    assert answers["DuckDB"] == answers["SQLite"]
    assert answers["PostgreSQL"] == answers["SQLite"]


def asked(question: int, lite: Warehouse, number: int = 1) -> list[tuple[Any, ...]]:
    """Return what SQLite answers to a question by its number."""
    (sql,) = [sql for title, sql in QUESTIONS if title.startswith(f"{question}. ") and title.endswith(f"({number})")]
    cursor: Any = lite._connection.connection.driver_connection
    rows: list[tuple[Any, ...]] = cursor.execute(sql).fetchall()
    return rows


def test_a_figure_leads_to_its_lines(lite: Warehouse) -> None:
    """The numerator, the denominator and the number of awards are those of the lines that the query joins."""
    ((numerator, numerator_again, denominator, denominator_again, n, n_again),) = asked(8, lite)

    assert numerator == pytest.approx(numerator_again, abs=0.01)
    assert denominator == pytest.approx(denominator_again, abs=0.01)
    assert n == n_again == 13


def test_a_council_is_beside_its_peers(lite: Warehouse) -> None:
    """The gap of L2 is the share less the median of the fifteen peers that the second query lists."""
    gap = next(row for row in asked(4, lite) if row[0].startswith("Awards that went to suppliers"))
    listed = asked(4, lite, 2)
    shares = pl.Series([row[2] for row in listed])

    assert len(listed) == gap[7] == 15
    assert gap[2] == pytest.approx(shares.median())
    assert gap[3] == pytest.approx(100 * (gap[1] - gap[2]))
    assert gap[6] == pytest.approx(((shares < gap[1]).sum() + (shares == gap[1]).sum() / 2) / 15)
    assert gap[8:] == ("simple", "yes")


def test_ranks_are_within_a_kind(lite: Warehouse) -> None:
    """The boroughs of London are ranked among boroughs, the highest share first, equal shares alike."""
    rows = asked(2, lite)
    shares = [row[2] for row in rows]

    assert {row[1] for row in rows} == {"london_borough"}
    assert shares == sorted(shares, reverse=True)
    assert [row[8] for row in rows] == [1 + sum(other > share for other in shares) for share in shares]
    assert {row[9] for row in rows} == {len(rows)} == {33}


def test_a_trend_marks_what_breaks_it(lite: Warehouse) -> None:
    """Years with a break in one of the two, and years that were read in part, are not like the year before."""
    told = {row[0]: row for row in asked(6, lite)}

    assert told["T12-2024-06"][10] == "2024-01-01"
    assert told["T12-2025-03"][10] == "2025-02-24"
    assert told["T12-2023-12"][11] == 365
    assert told["T12-2023-12"][6] is told["T12-2022-06"][6] is None or told["T12-2022-06"][6] is None
    assert told["T12-2024-03"][9] == 0
    assert told["T12-2025-03"][9] == 0
    # The year to December 2023 is like the one before only where that was read, too.
    assert told["T12-2023-12"][9] == 0
    assert told["T12-2022-06"][9] is None


SHARES = [
    one for one in indicators.INDICATORS if one.is_share and one.of == "award lines" and "authority" in one.grains
]


@pytest.mark.parametrize("one", SHARES, ids=lambda one: one.indicator_id)
def test_every_share_is_repeated_by_the_page_s_query(
    one: Indicator,
    measured: pl.DataFrame,
    lite: Warehouse,
    duck: duckdb.DuckDBPyConnection,
    postgres: psycopg.Connection[Any],
) -> None:
    """With an indicator's own two texts the query gives what the night stores, bounds and all, on every engine."""
    (sql,) = [sql for title, sql in QUESTIONS if title.startswith("15. ")]
    sql = sql.replace("is_core AND local_scope = 'in_scope' AS is_in", f"{one.scope_sql} AS is_in")
    sql = sql.replace("is_local_authority AS answer", f"{one.answer_sql} AS answer")
    sql = sql.replace("sum(yes) / sum(known)", "sum(yes) / nullif(sum(known), 0)")
    if one.unit == "share of awards":
        sql = (
            sql.replace("value_gbp", "weight")
            .replace("amount_gbp", "1.0 AS amount_gbp", 1)
            .replace("value_status = 'ok' AND ", "")
        )
    stored = measured.filter(pl.col("indicator_id") == one.indicator_id)
    (told,) = stored.select("known_share", "low_share", "high_share", "coverage_share", "n").rows() or [(None,) * 5]
    cursor: Any = lite._connection.connection.driver_connection
    answers = [
        cursor.execute(sql).fetchall(),
        duck.execute(sql).fetchall(),
        postgres.execute(sql.encode()).fetchall(),
    ]

    for (answer,) in answers:
        found = [None if value is None else float(value) for value in answer]
        assert found == (pytest.approx(list(told), abs=1e-9) if told[4] else [None, None, None, None, 0])

"""Every figure leads to its lines: sums over ``out_answer``, joined to ``indicator_value`` once, are what it tells."""

import random
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
from transforms import indicators, places
from transforms.indicators.share import SHARES, Indicator
from warehouse import schema
from warehouse.publish.snapshot import publish_snapshot
from warehouse.store import Warehouse

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
NEWEST = datetime(2025, 10, 5, 12, tzinfo=UTC)
FIRST = date(2023, 1, 1)
COUNCILS = ("E09000016", "E09000002", "E07000105", "E10000016", "E08000035", "W06000015")
"""Two London boroughs, a district, its county, a metropolitan borough, and a council in Wales."""

BUYERS = {
    **{f"council {code}": ("council", code) for code in COUNCILS},
    "second name": ("council", COUNCILS[0]),
    "department": ("central", None),
    "other": ("other", None),
}
AREAS = places.areas()


def frames() -> dict[str, pl.DataFrame]:
    """Return a made-up history in which everything that an indicator asks is now yes, now no, now not known."""
    draw = random.Random(20250101)  # noqa: S311 - the same history every time
    maybe = (True, False, None)
    rows: dict[str, list[dict[str, Any]]] = {table: [] for table in ("award", "award_line", "procurement")}
    for number in range(400):
        name, buyer = f"a{number}", draw.choice(list(BUYERS))
        code = BUYERS[buyer][1]
        on = FIRST + timedelta(days=draw.randrange(1_000))
        source = draw.choice(("contracts-finder", "find-a-tender"))
        kind = draw.choices(("contract", "call_off", "framework_ceiling", "suspected_ceiling"), weights=(80, 10, 5, 5))[
            0
        ]
        is_core, priced = kind in ("contract", "call_off"), draw.random() < 0.85
        pounds = Decimal(draw.randrange(1_000_000, 900_000_000)) / 100 if priced else None
        if draw.random() < 0.02 and priced:
            pounds = Decimal("150000000.00")
        suppliers = draw.choices((0, 1, 2, 3, 7), weights=(1, 14, 3, 2, 1))[0]
        tier = None
        if pounds is not None and is_core:
            tier = "mega" if pounds >= 10**8 else "large" if pounds >= 5 * 10**6 else "medium"
        rows["award"].append(
            filled.award(name, buyer_id=buyer, source=source, awarded_on=on, supplier_count=suppliers)
            | {"value_kind": kind, "is_core": is_core, "amount_gbp": pounds, "tier": tier, "is_mega": tier == "mega"}
            | {"value_status": "ok" if priced else "missing", "bids": draw.choice((None, 1, 2, 5))}
            | {"is_large_for_buyer": draw.choice(maybe), "cpv_code": draw.choice(("85311000", "45000000", None))}
            | {"published_at": datetime.combine(on + timedelta(days=20), datetime.min.time(), UTC)}
        )
        rows["procurement"].append(
            {"procurement_id": f"p-{name}", "source": source, "ocid": f"o-{name}", "buyer_id": buyer}
            | {"published_at": datetime(2025, 7, 1, tzinfo=UTC), "regime": draw.choice(("pa2023", "psr2023", None))}
            | {"tendered_on": draw.choice((None, on - timedelta(days=60))), "lots": draw.choice((None, 1, 4))}
            | {"announced_on": draw.choice((None, on - timedelta(days=90))), "is_framework": False}
            | {"cpv_code": draw.choice(("85311000", None)), "days_open": draw.choice((None, 9, 20, 40))}
            | {
                flag: draw.choice(maybe)
                for flag in (
                    "is_direct", "is_competitive", "is_light_touch", "is_people_services", "is_reserved",
                    "is_below_threshold", "suitable_vcse",
                )
            }
        )  # fmt: skip
        pence = None if pounds is None or not is_core else int(pounds * 100)
        for place in range(suppliers):
            part = None if pence is None else Decimal(pence // suppliers + (place < pence % suppliers)) / 100
            rows["award_line"].append(
                filled.line(name, place, f"S{draw.randrange(40)}", weight=1 / suppliers, value_gbp=part)
                | {"local_scope": "in_scope" if code else "not_applicable", "location_basis": "unknown"}
                | {
                    "vcse_status": draw.choice(("yes", "no", "possible", "unknown")),
                    "vcse_declared": draw.choice(maybe),
                }
                | {"scale_declared": draw.choice(("sme", "large", None)), "is_head_office_local": draw.choice(maybe)}
                | {
                    "supplier_area_code": draw.choice((COUNCILS[0], None)),
                    "is_uk": draw.choice((True, True, False, None)),
                }
                | {
                    flag: draw.choice(maybe) if code else None
                    for flag in ("is_local_authority", "is_local_county", "is_local_statutory", "is_local_region")
                }
            )
    suppliers_of = [
        {"supplier_id": f"S{number}", "supplier_name": f"Supplier {number}", "org_id": draw.choice((None, "GB-COH-1"))}
        | {
            "vcse_type": draw.choice(("cic", "guarantee_company", None)),
            "is_quasi_public": draw.choice((True, False, None)),
        }
        | {"income_band": draw.choice(("under_100k", "over_10m", None)), "group_id": draw.choice(("G1", "G2", None))}
        for number in range(40)
    ]
    return {
        "area": AREAS,
        **{table: filled.frame(table, *told) for table, told in rows.items()},
        "supplier": filled.frame("supplier", *suppliers_of),
        "supplier_group": filled.frame(
            "supplier_group",
            {"group_id": "G1", "group_name": "One", "is_strategic_supplier": True, "method": "list", "source": "x"},
            {"group_id": "G2", "group_name": "Two", "is_strategic_supplier": False, "method": "list", "source": "x"},
        ),
        "buyer": filled.frame(
            "buyer",
            *(
                {"buyer_id": buyer, "name": buyer, "kind": kind, "area_code": code}
                for buyer, (kind, code) in BUYERS.items()
            ),
        ),
    }


@pytest.fixture(scope="module", name="lite")
def _lite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """Return a SQLite warehouse with the history, measured as a night measures it."""
    path = tmp_path_factory.mktemp("answers") / "noticeboard.db"
    with Warehouse.open(f"sqlite:///{path}") as warehouse:
        with warehouse.transaction():
            for table, rows in frames().items():
                warehouse.bulk_upsert(table, rows)
            warehouse.bulk_upsert("indicator", indicators.catalogue())
            lines, procedures = (
                [warehouse.query(f"SELECT {', '.join(columns)} FROM {view}", columns)]
                for view, columns in (("out_line", indicators.LINES), ("out_procedure", indicators.PROCEDURES))
            )
            period, found = indicators.measure(
                lines, NEWEST.date(), area=AREAS, procedures=procedures, asked=list(TRACED.values())
            )
            warehouse.bulk_upsert("period", period)
            for rows in found:
                warehouse.bulk_upsert("indicator_value", rows)
            marks = {(table, part) for table in schema.TABLES for part in warehouse.partitions(table)}
            warehouse.mark_unpublished(marks)
        cursor: Any = warehouse._connection.connection.driver_connection
        cursor.execute(ANSWERED)
        cursor.execute(INDEXED)
        yield warehouse


@pytest.fixture(scope="module", name="duck")
def _duck(lite: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Return DuckDB over the Parquet snapshot of that warehouse."""
    snapshot = publish_snapshot(lite, tmp_path_factory.mktemp("snapshots"), "2025-10-05", {})
    with pytest.MonkeyPatch.context() as patch, duckdb.connect() as reader:
        patch.chdir(snapshot)
        reader.execute((DOCS / "duckdb.sql").read_text(encoding="utf-8"))
        reader.execute(ANSWERED)
        yield reader


@pytest.fixture(scope="module", name="postgres")
def _postgres(lite: Warehouse, postgres_url: str, prepared_postgres: str) -> Iterator[psycopg.Connection[Any]]:
    """Return PostgreSQL with the same rows."""
    with postgres_database(postgres_url, prepared_postgres) as url:
        with Warehouse.open(url) as warehouse, warehouse.transaction():
            for table in schema.TABLES:
                warehouse.bulk_upsert(table, lite.read(table))
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            connection.execute(ANSWERED.encode())
            connection.execute(INDEXED.encode())
            connection.execute(b"ANALYZE answered")
            yield connection


def is_traced(one: Indicator) -> bool:
    """Tell whether a figure is a sum over ``out_answer``: a share, or a number of awards or procedures."""
    return one.is_share or one.indicator_id in ("M1", "M1.value", "M3", "M6", "P5.number")


TRACED = {one.indicator_id: one for one in indicators.INDICATORS if is_traced(one)}

PLACES = {
    "all": "figure.grain = 'all'",
    "england": "figure.grain = 'england' AND answer.is_english_council",
    "region": "figure.grain = 'region' AND answer.is_english_council AND answer.buyer_region_code = figure.area_code",
    "county": "figure.grain = 'county' AND answer.is_english_council AND answer.buyer_county_code = figure.area_code",
    "authority": "figure.grain = 'authority' AND answer.buyer_area_code = figure.area_code",
    "buyer": "figure.grain = 'buyer' AND answer.buyer_id = figure.buyer_id",
}
PERIODS = {
    "quarter": "answer.quarter = figure.period",
    "financial_year": "answer.financial_year = figure.period",
    "trailing_12": "answer.awarded_on BETWEEN period.first_on AND period.last_on",
    "trailing_36": "answer.awarded_on BETWEEN period.first_on AND period.last_on",
    "all": "figure.period = 'ALL'",
}
QUERY = """
SELECT figure.indicator_id, figure.slice, figure.period, figure.numerator, figure.denominator, figure.n,
    sum(answer.value_gbp) AS all_pounds,
    sum(CASE WHEN answer.answer = 'yes' OR answer.answer = figure.tier THEN answer.value_gbp ELSE 0 END) AS pounds,
    sum(CASE WHEN answer.answer = 'yes' THEN answer.weight ELSE 0 END) AS weights,
    count(DISTINCT COALESCE(answer.award_id, answer.procurement_id)) AS whole,
    count(DISTINCT CASE WHEN answer.value_gbp IS NOT NULL THEN answer.award_id END) AS priced,
    count(DISTINCT CASE WHEN answer.answer = 'yes' OR answer.answer = figure.tier
        THEN COALESCE(answer.award_id, answer.procurement_id) END) AS counted
FROM indicator_value AS figure
JOIN period ON period.period = figure.period
JOIN answered AS answer ON answer.indicator_id = figure.indicator_id AND {place} AND {period}
WHERE period.kind = '{kind}' AND figure.cpv_division IS NULL
    AND (figure.tier IS NULL OR figure.indicator_id IN ('M1', 'M1.value'))
GROUP BY figure.indicator_id, figure.slice, figure.period, figure.numerator, figure.denominator, figure.n
"""
"""One join leads from figures to lines; the view is read once, into ``answered``, since it is asked of all figures."""

ANSWERED = """
CREATE TEMPORARY TABLE answered AS SELECT * FROM (
    SELECT *, sum(weight) OVER (PARTITION BY indicator_id, COALESCE(award_id, procurement_id)) AS held FROM out_answer
) AS line WHERE held > 0.999999
"""
"""A share takes an award in if all of its lines are in scope: then their parts make up the whole."""

INDEXED = "CREATE INDEX answered_by_indicator ON answered (indicator_id)"


def again(row: tuple[Any, ...]) -> tuple[Any, Any, Any]:
    """Return the numerator, the denominator and n that the sums over the lines of a figure make."""
    all_pounds, pounds, weights, whole, priced, counted = row[6:]
    one = TRACED[row[0]]
    if one.unit == "share of value":
        return pounds, all_pounds, priced
    if one.unit in SHARES:
        return weights, whole, whole
    return (pounds, all_pounds, counted) if one.unit == "pounds" else (counted, whole, counted)


ENGLISH = ("region", "county")
"""Grains of which the view tells English councils only."""


@pytest.mark.parametrize("kind", PERIODS)
@pytest.mark.parametrize("grain", PLACES)
def test_sums_over_the_lines_are_the_figures(
    grain: str, kind: str, lite: Warehouse, duck: duckdb.DuckDBPyConnection, postgres: psycopg.Connection[Any]
) -> None:
    """Numerator, denominator and n of every figure are those of its lines, on every engine; none is without lines."""
    sql = QUERY.format(place=PLACES[grain], period=PERIODS[kind], kind=kind)
    cursor: Any = lite._connection.connection.driver_connection  # the engine itself, as an analyst would ask it
    stored = lite.read("indicator_value").join(
        lite.read("period").filter(pl.col("kind") == kind).select("period"), on="period"
    )
    stored = stored.filter(
        (pl.col("grain") == grain) & pl.col("cpv_division").is_null() & (pl.col("n") > 0),
        pl.col("tier").is_null() | pl.col("indicator_id").is_in(["M1", "M1.value"]),
        pl.lit(grain not in ENGLISH) | pl.col("slice").str.starts_with("E"),
    )
    keys = set(stored.select("indicator_id", "slice", "period").rows())

    assert keys or (kind == "quarter" and grain in ("county", "authority", "buyer"))
    for rows in (
        cursor.execute(sql).fetchall(),
        duck.execute(sql).fetchall(),
        postgres.execute(sql.encode()).fetchall(),
    ):
        found = [row for row in rows if row[5]]
        for row in found:
            *sums, n = again(row)

            assert [float(one or 0) for one in sums] == pytest.approx([float(one or 0) for one in row[3:5]], abs=0.005)
            assert n == row[5], row
        assert {row[:3] for row in found} == keys

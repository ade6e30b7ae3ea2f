"""Award lines and tenders made by hand, and what indicators say of them."""

import datetime as dt
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl

from transforms import indicators
from transforms.indicators.lines import LINES, PROCEDURES
from transforms.indicators.share import Indicator

AREA = pl.DataFrame(
    {
        "area_code": ["E09000016", "E07000105", "W06000015"],
        "county_code": ["E13000001", "E10000016", "W06000015"],
        "region_code": ["E12000007", "E12000008", "W92000004"],
    }
)
"""Havering in Greater London, Ashford in Kent, Cardiff."""

NEWEST = dt.date(2025, 5, 20)


def named(asked: Sequence[Indicator], indicator_id: str) -> Indicator:
    """Return the indicator of this code."""
    return next(one for one in asked if one.indicator_id == indicator_id)


def said(one: Indicator, *rows: dict[str, Any]) -> list[tuple[bool, bool | None]]:
    """Return, for each row, whether it is in scope and what the answer is, by the SQL text alone.

    Texts are categories, as they are where figures are worked out.
    """
    types = LINES if one.of == "award lines" else PROCEDURES
    texts = [name for name, kind in types.items() if kind == pl.String()]
    frame = pl.DataFrame(list(rows), schema=dict(types)).with_columns(pl.col(texts).cast(pl.Categorical))
    return frame.select(
        scope=pl.sql_expr(one.in_scope).fill_null(value=False), answer=pl.sql_expr(one.answer).cast(pl.Boolean)
    ).rows()


def award(number: int, pounds: str | None, *suppliers: dict[str, Any], **told: Any) -> list[dict[str, Any]]:
    """Return the lines of one award of a London borough: one for each supplier, or the one of no named supplier."""
    amount = None if pounds is None else Decimal(pounds)
    count = max(len(suppliers), 1)
    pence = None if amount is None else int(amount * 100)
    return [
        {
            "award_id": f"a{number}",
            "source": "find-a-tender",
            "buyer_id": "GB-LAE-HAV",
            "buyer_kind": "council",
            "buyer_area_code": "E09000016",
            "buyer_region_code": "E12000007",
            "awarded_on": dt.date(2025, 1, 15),
            "status": "active",
            "is_core": True,
            "value_kind": "contract",
            "value_status": "missing" if amount is None else "ok",
            "tier": None if amount is None else "small",
            "amount_gbp": amount,
            "gross_gbp": None if amount is None else amount * Decimal("1.2"),
            "weight": 1 / count,
            "value_gbp": None if pence is None else Decimal(pence // count + (place < pence % count)) / 100,
            "local_scope": "in_scope",
        }
        | told
        | supplier
        for place, supplier in enumerate(suppliers or ({},))
    ]


def tender(number: int, **told: Any) -> dict[str, Any]:
    """Return a tender of a London borough on Find a Tender, under the Act of 2023."""
    return {
        "procurement_id": f"p{number}",
        "source": "find-a-tender",
        "buyer_id": "GB-LAE-HAV",
        "buyer_kind": "council",
        "buyer_area_code": "E09000016",
        "regime": "pa2023",
        "tendered_on": dt.date(2025, 3, 3),
        "weight": 1.0,
    } | told


def measured(
    asked: Sequence[Indicator],
    awards: Sequence[list[dict[str, Any]]] = (),
    tenders: Sequence[dict[str, Any]] = (),
) -> pl.DataFrame:
    """Return the figures of some indicators."""
    lines = [line for one in awards for line in one]
    _, values = indicators.measure(
        [pl.DataFrame(lines, schema=dict(LINES))], NEWEST, area=AREA,
        procedures=[pl.DataFrame(list(tenders), schema=dict(PROCEDURES))], asked=asked,
    )  # fmt: skip
    return pl.concat(values)


def figure(
    values: pl.DataFrame, indicator_id: str, grain: str = "authority", slice_: str = "E09000016", period: str = "ALL"
) -> dict[str, Any]:
    """Return one figure: by default of the borough, of all that was read."""
    return values.row(
        by_predicate=(pl.col("indicator_id") == indicator_id)
        & (pl.col("grain") == grain)
        & (pl.col("slice") == slice_)
        & (pl.col("period") == period),
        named=True,
    )


def shares(values: pl.DataFrame, indicator_id: str, grain: str = "authority", slice_: str = "E09000016") -> list[Any]:
    """Return the known, low and high share and the coverage of one figure, of all that was read."""
    row = figure(values, indicator_id, grain, slice_)
    return [row[f"{name}_share"] for name in ("known", "low", "high", "coverage")]


def every_engine_agrees(one: Indicator, *rows: dict[str, Any]) -> bool:
    """Tell whether SQLite and DuckDB read scope and answer of these rows as they are read here."""
    types = LINES if one.of == "award lines" else PROCEDURES
    expected = said(one, *rows)
    columns = {name: _DUCKDB[kind] for name, kind in types.items()}
    query = f"SELECT COALESCE({one.in_scope}, FALSE), {one.answer} FROM told ORDER BY row"
    cells: list[list[Any]] = [list(range(len(rows))), *([row.get(name) for row in rows] for name in columns)]
    with duckdb.connect() as typed:
        told = ", ".join(f"UNNEST(?::{kind}[]) AS {name}" for name, kind in {"row": "INTEGER", **columns}.items())
        typed.execute(f"CREATE TABLE told AS SELECT {told}", cells)
        found = typed.execute(query).fetchall()
    with closing(sqlite3.connect(":memory:")) as untyped:
        untyped.execute(f"CREATE TABLE told (row INTEGER, {', '.join(columns)})")
        # SQLite holds days as text and amounts as numbers.
        plain = zip(*([_of_sqlite(cell) for cell in column] for column in cells), strict=True)
        untyped.executemany(f"INSERT INTO told VALUES ({', '.join('?' * len(cells))})", plain)
        read = [tuple(None if cell is None else bool(cell) for cell in row) for row in untyped.execute(query)]
    return found == expected == read


_DUCKDB = {
    pl.String(): "VARCHAR",
    pl.Boolean(): "BOOLEAN",
    pl.Int64(): "BIGINT",
    pl.Float64(): "DOUBLE",
    pl.Date(): "DATE",
    pl.Datetime("us", "UTC"): "TIMESTAMPTZ",
    pl.Decimal(18, 2): "DECIMAL(18, 2)",
}


def _of_sqlite(cell: Any) -> Any:
    if isinstance(cell, Decimal):
        return float(cell)
    return str(cell) if isinstance(cell, dt.date) else cell

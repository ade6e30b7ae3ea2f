"""The views for analysts: the same answers on SQLite, on PostgreSQL and over the Parquet files."""

from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest
import sqlalchemy as sa

from tests.warehouse import filled
from warehouse import dictionary, schema
from warehouse.dictionary import View
from warehouse.store import Warehouse

VIEWS = dictionary.views()


def answers(warehouse: Warehouse, view: str, key: str) -> dict[str, dict[str, object]]:
    """Return the rows of a view by their key."""
    (found,) = [one for one in VIEWS if one.name == view]
    types = {column.name: schema.dtype(column) for column in found.described}
    rows = warehouse.query(f"SELECT * FROM {view}", types)
    return {row[key]: row for row in rows.iter_rows(named=True)}


@pytest.fixture(name="warehouse_of")
def _warehouse_of(warehouse_url: str) -> str:
    with Warehouse.open(warehouse_url) as warehouse:
        filled.fill(warehouse)
    return warehouse_url


def test_the_promised_views_are_there() -> None:
    """The views that analysts rely on are defined, and no name is used twice."""
    names = [view.name for view in VIEWS]

    assert {"out_award_line", "out_supplier", "out_buyer_year", "out_mega", "out_group"} <= set(names)
    assert len(names) == len(set(names))


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_every_view_and_column_has_a_sentence(view: View) -> None:
    """What readers see is explained, in sentences."""
    assert view.comment.endswith(".")
    assert [name for name, sentence in view.columns.items() if not sentence.endswith(".")] == []


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_declared_columns_and_types_are_those_of_the_query(view: View) -> None:
    """The notation above a view names exactly the columns that its query returns, with types that hold them."""
    words = {"VARCHAR": pl.String(), "DOUBLE": pl.Float64(), "BOOLEAN": pl.Boolean(), "DATE": pl.Date()}
    words |= {"BIGINT": pl.Int64(), "TIMESTAMP WITH TIME ZONE": pl.Datetime("us", "UTC")}
    words |= {name: pl.Decimal(18, 2) for name in ("DECIMAL(18,2)", "DECIMAL(38,2)")}
    with duckdb.connect() as reader:
        for table in schema.TABLES.values():
            columns = ", ".join(f'"{column.name}" {duck_type(column)}' for column in table.columns)
            reader.execute(f'CREATE TABLE "{table.name}" ({columns})')
        for base in VIEWS[: VIEWS.index(view)]:
            reader.execute(base.sql)
        told = {row[0]: words[row[1]] for row in reader.execute(f"DESCRIBE {view.select}").fetchall()}

    assert list(told.items()) == [(column.name, schema.dtype(column)) for column in view.described]


def duck_type(column: sa.Column[object]) -> str:
    """Return DuckDB's name of a column's type."""
    dtype = schema.dtype(column)
    if isinstance(dtype, pl.Datetime):
        return "TIMESTAMPTZ"
    names = {pl.String(): "VARCHAR", pl.Int64(): "BIGINT", pl.Float64(): "DOUBLE", pl.Boolean(): "BOOLEAN"}
    return {**names, pl.Date(): "DATE", pl.Decimal(18, 2): "DECIMAL(18,2)"}[dtype]


def test_an_award_has_a_row_per_line_or_one(warehouse_of: str) -> None:
    """Every award stands in out_award_line: once per supplier entry, and once where it names none."""
    with Warehouse.open(warehouse_of) as warehouse:
        rows = warehouse.query(
            "SELECT award_id, count(*) AS n, count(mention_id) AS named FROM out_award_line GROUP BY award_id",
            {"award_id": pl.String(), "n": pl.Int64(), "named": pl.Int64()},
        )
    one_line = [(name, 1, 1) for name in ("a1", "a2", "a5", "a6")]

    assert sorted(rows.iter_rows()) == sorted([*one_line, ("a3", 2, 2), ("a4", 1, 0)])


def test_a_supplier_s_awards_are_counted_once(warehouse_of: str) -> None:
    """Awards of a supplier are counted by award, its pounds summed to the penny, other awards left out of the core."""
    with Warehouse.open(warehouse_of) as warehouse:
        rows = answers(warehouse, "out_supplier", "supplier_id")

    assert rows["S1"]["awards"] == rows["S1"]["core_awards"] == rows["S1"]["priced_awards"] == 3
    assert rows["S1"]["value_gbp"] == Decimal("150001000.30")
    assert (rows["S1"]["buyers"], rows["S1"]["vcse_declared_awards"]) == (1, 1)
    assert str(rows["S1"]["first_awarded_on"]) == "2025-03-31"
    assert (rows["S2"]["awards"], rows["S2"]["core_awards"], rows["S2"]["value_gbp"]) == (2, 1, Decimal("150000000.00"))


def test_a_group_s_awards_are_counted_once(warehouse_of: str) -> None:
    """An award to two suppliers of one group is one award of the group, its pounds those of both; others are not."""
    with Warehouse.open(warehouse_of) as warehouse:
        warehouse.bulk_upsert(
            "supplier_group",
            filled.frame("supplier_group", {"group_id": "G2", "group_name": "None", "method": "list", "source": "x"}),
        )
        rows = answers(warehouse, "out_group", "group_id")
    counts = ["suppliers", "core_awards", "priced_awards", "value_gbp", "buyers"]

    assert [rows["G1"][name] for name in counts] == [2, 3, 3, Decimal("300001000.30"), 1]
    assert [rows["G2"][name] for name in counts] == [0, 0, 0, None, 0]
    assert (rows["G1"]["is_strategic_supplier"], rows["G1"]["is_national_provider"]) == (True, False)


def test_a_group_s_awards_without_an_amount_are_not_priced(warehouse_url: str) -> None:
    """Awards without a credible amount are counted and not summed; no amount at all is not known, never zero."""
    with Warehouse.open(warehouse_url) as warehouse:
        filled.fill(
            warehouse,
            award_line=filled.frame("award_line", filled.line("a1", 1, "S1"), filled.line("a2", 1, "S2")),
        )
        rows = answers(warehouse, "out_group", "group_id")

    assert [rows["G1"][name] for name in ("core_awards", "priced_awards", "value_gbp")] == [2, 0, None]


def test_two_suppliers_to_look_at_are_one_pair(warehouse_of: str) -> None:
    """However many ways of writing bring two suppliers together, they are one row, told by the surest; one is none."""
    with Warehouse.open(warehouse_of) as warehouse:
        rows = answers(warehouse, "out_supplier_review", "a_supplier_id")

    assert list(rows) == ["S1"]
    assert rows["S1"]["b_supplier_id"] == "S2"
    assert (rows["S1"]["method"], rows["S1"]["score"]) == ("shorter_name", 0.8)
    assert rows["S1"]["value_gbp"] == Decimal("150000000.00")


def test_money_of_no_core_award_is_not_at_stake(warehouse_url: str) -> None:
    """What a mistake would move is counted as shares are: an award that was cancelled moves nothing."""
    with Warehouse.open(warehouse_url) as warehouse:
        filled.fill(
            warehouse,
            award_line=filled.frame(
                "award_line",
                filled.line("a1", 1, "S1", value_gbp=Decimal(9)),
                filled.line("a6", 1, "S2", value_gbp=Decimal(5)),
            ),
        )
        rows = answers(warehouse, "out_supplier_review", "a_supplier_id")

    assert rows["S1"]["value_gbp"] is None


@pytest.mark.parametrize(
    ("declared", "status", "is_quasi_public", "told"),
    [
        (True, "records_disagree", False, "marked_but_not"),
        (True, "records_disagree", None, "marked_but_not"),
        (True, "records_disagree", True, "marked_but_set_apart"),
        (False, "yes", False, "not_marked_but_is"),
        (None, "yes", False, None),
        (True, "yes", False, None),
        (False, "possible", False, None),
        (True, "unknown", False, None),
    ],
)
def test_a_disagreement_about_the_voluntary_sector_goes_both_ways(
    warehouse_url: str, declared: bool | None, status: str, is_quasi_public: bool | None, told: str | None
) -> None:
    """A line is listed where mark and records differ, and how; a missing mark and a doubt are no difference."""
    line = filled.line("a1", 1, "S1", vcse_declared=declared, vcse_status=status)
    supplier = {"supplier_id": "S1", "supplier_name": "Planted", "is_quasi_public": is_quasi_public}
    with Warehouse.open(warehouse_url) as warehouse:
        filled.fill(
            warehouse,
            award_line=filled.frame("award_line", line),
            supplier=filled.frame("supplier", supplier),
        )
        rows = answers(warehouse, "out_vcse_disagreement", "mention_id")

    assert [row["disagreement"] for row in rows.values()] == ([told] if told else [])


def test_an_award_line_says_who_its_supplier_is_and_why(warehouse_of: str) -> None:
    """A line tells of the supplier's link, kind and group; a placeholder has none of these."""
    with Warehouse.open(warehouse_of) as warehouse:
        rows = answers(warehouse, "out_award_line", "mention_id")
    columns = ["link_method", "link_reason", "vcse_status", "vcse_type", "group_name"]

    assert [rows["a3/2"][name] for name in columns] == [
        "identifier",
        "The notice gives the company number 01234567.",
        "records_disagree",
        "company",
        "Planted Group",
    ]
    assert [rows["a5/1"][name] for name in columns] == [None, None, "unknown", None, None]


def test_the_financial_year_turns_on_the_first_of_april(warehouse_of: str) -> None:
    """31 March ends a financial year, 1 April begins one, and an award without a date has none."""
    with Warehouse.open(warehouse_of) as warehouse:
        rows = answers(warehouse, "out_buyer_year", "financial_year")
    last, first, never = rows["FY2024-25"], rows["FY2025-26"], rows[None]  # type: ignore[index]  # no date, no year
    local = ["local_awards", "outside_awards", "local_unknown_awards"]

    assert (last["awards"], last["core_awards"], last["priced_awards"]) == (4, 3, 2)
    assert last["value_gbp"] == Decimal("300001000.10")
    assert last["mega_awards"] == 1
    assert [last[name] for name in local] == [1, 0, 2]
    assert [first[name] for name in local] == [0, 1, 0]
    assert [never[name] for name in ("buyer_name", *local)] == ["Royal Hospital", None, None, None]


def test_suppliers_of_a_mega_contract_stand_in_one_cell(warehouse_url: str) -> None:
    """Names are joined in the order of the notice, whose tenth supplier comes after the ninth."""
    lines = [filled.line("a3", number, None) for number in range(1, 12)]
    mentions = [
        {"mention_id": f"a3/{number}", "award_id": "a3", "supplier_name": f"N{number}", "published_at": filled.JULY}
        for number in range(1, 12)
    ]
    with Warehouse.open(warehouse_url) as warehouse:
        filled.fill(
            warehouse,
            award_line=filled.frame("award_line", *lines),
            supplier_mention=filled.frame("supplier_mention", *mentions),
        )
        rows = answers(warehouse, "out_mega", "award_id")

    assert list(rows) == ["a3"]
    assert rows["a3"]["supplier_names"] == "; ".join(f"N{number}" for number in range(1, 12))


def test_every_award_left_out_has_a_reason(warehouse_of: str) -> None:
    """An award without a credible amount and one that is not active are listed with what they are left out of."""
    with Warehouse.open(warehouse_of) as warehouse:
        rows = answers(warehouse, "out_excluded", "award_id")

    assert {name: (row["left_out_of"], row["reason"]) for name, row in rows.items()} == {
        "a5": ("value shares", "the amount is zero"),
        "a6": ("every share", "the award is cancelled"),
    }


def test_a_line_out_of_the_notation_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A column without a sentence or of an unknown type stops the reading of views.sql with its line."""
    lines = ["-- Head.", "", "-- A view.", "--   x (colour): A colour.", "CREATE VIEW v AS", "SELECT 1 AS x;", ""]
    for name in ("views.sql", "answers.sql"):
        (tmp_path / name).write_text("\n".join(lines))
    monkeypatch.setattr(dictionary, "__file__", str(tmp_path / "dictionary.py"))

    with pytest.raises(ValueError, match=r"'x \(colour\): A colour.' of v is not in the notation"):
        dictionary.views.__wrapped__()

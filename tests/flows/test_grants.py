"""Grants: files beside files, what becomes of them in the warehouse, and who gave and received them."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from extractors.registers import UnexpectedFile
from flows import __main__ as command_line
from flows import grants, night, registers, suppliers
from flows.settings import Settings
from tests.extractors.test_grants import body, grant
from tests.flows import nights
from warehouse import schema
from warehouse.store import Warehouse

Load = Callable[..., grants.Loaded]


def clock() -> datetime:
    """Return a day in November 2026."""
    return datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Return a function that loads a file of grants under a name."""

    def one(name: str, *rows: dict[str, str], **options: Any) -> grants.Loaded:
        (tmp_path / name).write_bytes(body(*rows))
        return grants.load(tmp_path / "data", [tmp_path / name], clock, **options)

    return one


def ids(data_dir: Path) -> list[tuple[str, date]]:
    """Return every grant that is loaded, with the date of the file that tells it."""
    return list(grants.held(data_dir).select("grant_id", "vintage").iter_rows())


def known(data_dir: Path) -> suppliers.Known:
    """Return what is known beside the files: no decision, and the registers that are loaded."""
    return suppliers.known(data_dir, None)


def table(data_dir: Path) -> dict[str, dict[str, Any]]:
    """Return table ``grant_award`` by grant."""
    rows = grants.described(grants.held(data_dir), data_dir, known(data_dir), schema.empty("buyer_override"))
    assert dict(rows.schema) == schema.frame_schema("grant_award")
    return {row["grant_id"]: row for row in rows.iter_rows(named=True)}


def test_files_of_several_councils_stand_beside_each_other(load: Load, tmp_path: Path) -> None:
    """A second file of the same date adds to the first, and one of another date to both."""
    load("leeds-2026-06-30.csv", grant(1))
    both = load("bristol-2026-06-30.csv", grant(2, **{"Funding Org:Name": "Bristol", "Funding Org:Identifier": ""}))
    load("leeds-2025-06-30.csv", grant(3))

    assert (both.rows, both.funders) == (2, 2)
    assert both.files == ("leeds-2026-06-30.csv", "bristol-2026-06-30.csv")
    assert ids(tmp_path / "data") == [
        ("360G-wharfedale-1", date(2026, 6, 30)),
        ("360G-wharfedale-2", date(2026, 6, 30)),
        ("360G-wharfedale-3", date(2025, 6, 30)),
    ]


def test_the_newest_file_decides_whatever_the_order_of_loading(load: Load, tmp_path: Path) -> None:
    """What an older file says of a grant is not told any more; the same file again changes nothing."""
    load("leeds-2026-06-30.csv", grant(1, **{"Amount Awarded": "2"}))
    load("leeds-2025-06-30.csv", grant(1, **{"Amount Awarded": "1"}))
    again = load("leeds-2026-06-30.csv", grant(1, **{"Amount Awarded": "2"}))

    assert grants.held(tmp_path / "data")["amount_gbp"].to_list() == [2]
    assert again.files == ("leeds-2026-06-30.csv",)


def test_a_vintage_that_is_moved_away_is_taken_back(load: Load, tmp_path: Path) -> None:
    """The next night forgets its grants."""
    load("leeds-2026-06-30.csv", grant(1))
    load("leeds-2025-06-30.csv", grant(2))
    (tmp_path / "data" / "registers" / "grants" / "2026-06-30").rename(tmp_path / "elsewhere")

    assert [name for name, _ in ids(tmp_path / "data")] == ["360G-wharfedale-2"]


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("leeds.csv", {}, r"leeds.csv: no name tells the date of the grants\. .*--on 2026-06-30"),
        ("leeds-2027-06-30.csv", {}, r"would be of 2027-06-30, and today is 2026-11-22"),
        ("leeds.csv", {"on": date(2026, 11, 23)}, r"would be of 2026-11-23"),
    ],
)
def test_a_date_is_never_guessed(load: Load, tmp_path: Path, name: str, options: dict[str, Any], told: str) -> None:
    """Nothing is loaded without one, nor with one that lies ahead."""
    with pytest.raises(UnexpectedFile, match=told):
        load(name, grant(1), **options)

    assert grants.loaded(tmp_path / "data") == []


def test_a_load_that_fails_leaves_what_was_loaded(load: Load, tmp_path: Path) -> None:
    """Neither half of a file nor a folder without manifest is left behind."""
    load("leeds-2026-06-30.csv", grant(1))
    with pytest.raises(UnexpectedFile, match="holds no grant"):
        load("bristol-2026-06-30.csv")

    root = tmp_path / "data" / "registers" / "grants"
    assert sorted(path.name for path in root.iterdir()) == [".lock", "2026-06-30"]
    assert len(ids(tmp_path / "data")) == 1


def test_another_load_at_work_is_left_alone(load: Load, tmp_path: Path) -> None:
    """Two loads of grants would tread on each other."""
    root = tmp_path / "data" / "registers" / "grants"
    with registers.alone(root, "grants"), pytest.raises(registers.BusyRegister, match="Another load of grants"):
        load("leeds-2026-06-30.csv", grant(1))


def test_nobody_s_name_is_kept(load: Load, tmp_path: Path) -> None:
    """Titles, descriptions and grants to persons reach neither the disk nor the table."""
    load("leeds-2026-06-30.csv", grant(1), grant(2, **{"Recipient Org:Name": "", "Recipient Org:Identifier": ""}))
    folder = tmp_path / "data" / "registers" / "grants" / "2026-06-30"
    kept = str(pl.read_parquet(folder / "grants.parquet").rows()) + (folder / "manifest.json").read_text()

    assert "Planted" not in kept
    assert "01632" not in kept
    assert json.loads((folder / "manifest.json").read_text())["files"][0]["left_out"] == {"to a person": 1}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, ("GB-LAE-LDS", "E08000035", "council")),
        ({"Funding Org:Identifier": "360G-leeds"}, ("GB-LAE-LDS", "E08000035", "council")),
        (
            {"Funding Org:Identifier": "GB-CHC-1000147", "Funding Org:Name": "A Planted Foundation"},
            ("GB-CHC-1000147", None, "other"),
        ),
    ],
)
def test_a_giver_is_matched_as_buyers_are(
    load: Load, tmp_path: Path, told: dict[str, str], expected: tuple[str, str | None, str]
) -> None:
    """By its register code, else by its name; a foundation is no council."""
    load("grants-2026-06-30.csv", grant(1, **told))
    [row] = table(tmp_path / "data").values()

    assert (row["buyer_id"], row["buyer_area_code"], row["buyer_kind"]) == expected


@pytest.mark.parametrize(
    ("told", "number", "status", "kind"),
    [
        ({}, "GB-CHC-1190001", "yes", "registered_charity"),
        (
            {"Recipient Org:Identifier": "360G-org-7", "Recipient Org:Charity Number": "1190001"},
            "GB-CHC-1190001",
            "yes",
            "registered_charity",
        ),
        (
            {"Recipient Org:Identifier": "", "Recipient Org:Charity Number": "SC012345"},
            "GB-SC-SC012345",
            "yes",
            "registered_charity",
        ),
        ({"Recipient Org:Identifier": "", "Recipient Org:Name": "Elmet Village Hall"}, None, "unknown", None),
        ({"Recipient Org:Identifier": "", "Recipient Org:Name": "Elmet Homes C.I.C."}, None, "yes", "cic"),
        ({"Recipient Org:Identifier": "", "Recipient Org:Name": "University of Elmet"}, None, "no", "university"),
    ],
)
def test_a_recipient_is_classed_as_suppliers_are(
    load: Load, tmp_path: Path, told: dict[str, str], number: str | None, status: str, kind: str | None
) -> None:
    """By its number, else by what its name states in law; a village hall without either may be anything."""
    load("grants-2026-06-30.csv", grant(1, **told))
    [row] = table(tmp_path / "data").values()

    assert (row["recipient_org_id"], row["recipient_vcse_status"]) == (number, status)
    assert kind is None or row["recipient_vcse_type"] == kind


def test_the_warehouse_follows_the_files(load: Load, tmp_path: Path, warehouse_url: str) -> None:
    """What is loaded is written once, what changes is changed, and what is taken back goes."""
    data_dir = tmp_path / "data"
    decided = schema.empty("buyer_override")
    with Warehouse.open(warehouse_url) as warehouse:

        def update() -> list[tuple[Any, ...]]:
            return sorted(grants.update(warehouse, data_dir, known(data_dir), decided).rows())

        june, leeds = date(2025, 6, 30), ("GB-LAE-LDS", "E08000035")
        assert update() == []
        load("leeds-2026-06-30.csv", grant(1), grant(2, **{"Award Date": "2024-05-01"}))
        assert update() == [(leeds[0], date(2024, 5, 1), leeds[1]), (leeds[0], june, leeds[1])]
        assert update() == []
        load("leeds-2026-06-30.csv", grant(1, **{"Amount Awarded": "7"}))
        assert update() == [(leeds[0], june, leeds[1])]
        assert warehouse.read("grant_award")["amount_gbp"].sum() == Decimal("12007.50")
        (data_dir / "registers" / "grants" / "2026-06-30").rename(tmp_path / "elsewhere")
        assert len(update()) == 2
        assert warehouse.count("grant_award") == 0


def test_the_command_loads_and_says_what_it_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several files at once; without a file the next action is told, with code 1."""
    monkeypatch.setenv("NOTICEBOARD_DATA_DIR", str(tmp_path / "data"))
    first, second = tmp_path / "a-2026-06-30.csv", tmp_path / "b.csv"
    first.write_bytes(body(grant(1)))
    second.write_bytes(body(grant(2), grant(3, Currency="EUR")))
    runner = CliRunner()
    loaded = runner.invoke(command_line.app, ["registers", "grants", "--file", str(first), "--file", str(second)])
    without = runner.invoke(command_line.app, ["registers", "grants"])

    assert loaded.exit_code == 0, loaded.output
    assert loaded.stdout.strip() == (
        "grants: 2 of 1 giver, 2026-06-30; the next night uses them. Left out: 1 not in pounds"
    )
    assert without.exit_code == 1
    assert "each with --file" in without.stderr


def test_a_night_after_a_load_tells_the_figures_that_a_rebuild_tells(tmp_path: Path) -> None:
    """Grants loaded between two nights reach the figures of the giver and its region, also where no award is new."""
    meals = {"name": "Quay Meals of Ostrey", "id": "GB-CHC-1190301", "postcode": "M20 2WZ"}
    path = tmp_path / "leeds-2026-10-01.csv"
    path.write_bytes(body(grant(1, **{"Award Date": "2026-05-01", "Amount Awarded": "50000"})))
    with nights.service([nights.award(1, "2026-10-01", meals, amount=150_000.0)]) as server:
        own = nights.settings(tmp_path / "data", server.url).model_copy(update={"first_day": date(2026, 9, 30)})
        night.run(own, "nightly", nights.clock("2026-10-02 02:15"))
        before = figures(own)
        grants.load(own.data_dir, [path], nights.clock("2026-10-02 12:00"))
        night.run(own, "nightly", nights.clock("2026-10-03 02:15"))
        after = figures(own)
        night.run(own, "rebuild", nights.clock("2026-10-03 12:00"))

    assert {(grain, value) for (grain, _), value in before.items()} == {("england", None)}
    # £50,000 of grants beside a contract of £150,000 that, without a published end, counts a third a year.
    assert {place: value for place, value in after.items() if value is not None} == {
        ("buyer", "GB-LAE-LDS"): 0.5,
        ("authority", "E08000035"): 0.5,
        ("county", "E11000006"): 0.5,
        ("region", "E12000003"): 0.5,
        ("england", "England"): 0.5,
    }
    assert figures(own) == after


def figures(own: Settings) -> dict[tuple[str, str], float | None]:
    """Return the share of grants of the financial year, by grain and slice."""
    rows = nights.tables(own, ["indicator_value"])["indicator_value"]
    wanted = rows.filter(pl.col("indicator_id") == "G1", pl.col("period") == "FY2026-27")
    return {(grain, slice_): value for grain, slice_, value in wanted.select("grain", "slice", "value").iter_rows()}

"""Peers, networks and published figures in the warehouse, and what a night says of figures that look implausible."""

import logging
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from extractors.registers import UnexpectedFile
from flows import __main__ as command
from flows import comparison, doctor, night
from flows.settings import Settings
from tests.flows import nights
from tests.warehouse import filled
from transforms import indicators, places
from warehouse import schema
from warehouse.store import Warehouse

TODAY = datetime(2026, 11, 22, 12, tzinfo=UTC)
COUNCILS = places.areas().filter(pl.col("kind").is_in(["unitary", "district"]) & pl.col("valid_to").is_null())
CODES = COUNCILS["area_code"].to_list()


def clock() -> datetime:
    """Return a fixed time."""
    return TODAY


def sheet(folder: Path, *codes: str, steps: int = 1, name: str = "neighbours-2024-11-05.csv") -> Path:
    """Write a sheet in which each area's neighbours are the next twenty of the list."""
    path = folder / name
    rows = [
        f"{code},{codes[(place + number * steps) % len(codes)]},{number}"
        for place, code in enumerate(codes)
        for number in range(1, 21)
    ]
    path.write_text("\n".join(["Code,Neighbour,Rank", *rows]) + "\n", encoding="utf-8")
    return path


@pytest.fixture(name="warehouse")
def _warehouse(warehouse_url: str) -> Any:
    with Warehouse.open(warehouse_url) as warehouse, warehouse.transaction():
        warehouse.bulk_upsert("area", places.areas())
        yield warehouse


def test_the_tables_are_filled_once(warehouse: Warehouse, tmp_path: Path) -> None:
    """Peers, network and published figures stand in the warehouse; a second refresh changes nothing."""
    assert comparison.refresh(warehouse, tmp_path)
    before = {table: warehouse.read(table) for table in ("peer", "network_member", "published_figure")}

    assert not comparison.refresh(warehouse, tmp_path)
    assert {table: warehouse.read(table).height for table in before} == {t: rows.height for t, rows in before.items()}
    assert before["network_member"].height == 17
    assert before["peer"]["model"].unique().to_list() == ["simple"]
    assert before["published_figure"].height > 50


def test_loaded_neighbours_stand_beside_the_simple_peers(warehouse: Warehouse, tmp_path: Path) -> None:
    """The fifteen nearest of the file are peers of their own model, and go when the file is moved away."""
    comparison.refresh(warehouse, tmp_path)
    simple = warehouse.read("peer").height
    loaded = comparison.load(tmp_path, [sheet(tmp_path, *CODES)], clock)

    assert (loaded.vintage, loaded.areas, loaded.unknown) == (date(2024, 11, 5), len(CODES), ())
    assert comparison.refresh(warehouse, tmp_path)
    told = warehouse.read("peer").filter(pl.col("model") == "ons")
    assert told.height == 15 * len(CODES)
    assert told.filter(pl.col("area_code") == CODES[0]).sort("rank")["peer_code"].to_list() == CODES[1:16]
    assert "2024-11-05" in told["source"][0]

    (tmp_path / "registers/neighbours/2024-11-05").rename(tmp_path / "away")
    assert comparison.refresh(warehouse, tmp_path)
    assert warehouse.read("peer").height == simple


def test_the_newest_file_is_used_and_the_older_one_stays(tmp_path: Path) -> None:
    """A new vintage takes the place of the one before; both are listed."""
    comparison.load(tmp_path, [sheet(tmp_path, *CODES)], clock)
    comparison.load(tmp_path, [sheet(tmp_path, *CODES, steps=2)], clock, on=date(2026, 1, 2))
    held = comparison.held(tmp_path)

    assert [one.vintage for one in comparison.loaded(tmp_path)] == [date(2026, 1, 2), date(2024, 11, 5)]
    assert held is not None
    assert held.filter((pl.col("area_code") == CODES[0]) & (pl.col("rank") == 1))["peer_code"].to_list() == [CODES[2]]


def test_codes_that_no_table_of_areas_has_are_told(tmp_path: Path) -> None:
    """An area that the project does not know is reported, and is nobody's peer in a figure."""
    loaded = comparison.load(tmp_path, [sheet(tmp_path, *CODES, "E07999999")], clock)

    assert loaded.unknown == ("E07999999",)


@pytest.mark.parametrize(
    ("name", "on", "says"),
    [("neighbours.csv", None, "--on"), ("neighbours.csv", date(2026, 11, 23), "and today is"), (None, None, "--file")],
)
def test_what_cannot_be_dated_is_not_loaded(tmp_path: Path, name: str | None, on: date | None, says: str) -> None:
    """Without a date, or with one ahead, or without a file, the message says what to give."""
    files = [sheet(tmp_path, *CODES, name=name)] if name else []

    with pytest.raises(UnexpectedFile, match=says):
        comparison.load(tmp_path, files, clock, on=on)
    assert comparison.held(tmp_path) is None


def test_the_command_loads_neighbours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``noticeboard registers neighbours --file`` says what was loaded, and which codes are not known."""
    monkeypatch.setenv("NOTICEBOARD_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(command, "clock", clock)
    path = sheet(tmp_path, *CODES, "E07999999")
    done = CliRunner().invoke(command.app, ["registers", "neighbours", "--file", str(path)])

    assert done.exit_code == 0, done.output
    assert f"{20 * (len(CODES) + 1):,} of {len(CODES) + 1:,} areas, 2024-11-05" in done.output
    assert "E07999999" in done.output
    assert CliRunner().invoke(command.app, ["registers", "neighbours"]).exit_code == 1


def value(indicator_id: str, period: str, known: float, **told: Any) -> dict[str, Any]:
    """Return a row of table indicator_value for all buyers: a share of a thousand pounds, wholly known."""
    (version,) = [one.version for one in indicators.INDICATORS if one.indicator_id == indicator_id]
    usual = {"indicator_id": indicator_id, "version": version, "grain": "all", "slice": "all", "period": period}
    usual |= {"unit": "share of value", "value": known, "known_share": known, "low_share": known, "high_share": known}
    usual |= {"numerator": 1000 * known, "denominator": 1000.0, "coverage_share": 1.0, "n": 500, "n_excluded": 0}
    return usual | {"is_provisional": False} | told


YEARS = [f"FY{year}-{(year + 1) % 100:02d}" for year in range(2019, 2024)]
PERIODS = filled.frame(
    "period",
    *(
        {"period": label, "kind": "financial_year", "first_on": date(year, 4, 1), "last_on": date(year + 1, 3, 31)}
        | {"is_provisional": False}
        for year, label in zip(range(2019, 2024), YEARS, strict=True)
    ),
)


@pytest.mark.parametrize(("known", "warned"), [(0.5, True), (0.04, False)])
def test_a_figure_outside_its_band_is_a_warning(
    warehouse: Warehouse, caplog: pytest.LogCaptureFixture, known: float, warned: bool
) -> None:
    """Half of the value to the voluntary sector is told with the published figure; 4 % is not."""
    warehouse.bulk_upsert("period", PERIODS)
    warehouse.bulk_upsert("indicator", indicators.catalogue())
    rows = [value("O1.broad", year, known) for year in YEARS]
    # By size and by division there are rows, too, which are no part of the whole.
    rows += [value("O1.broad", YEARS[0], 0.9, slice="all|mega", tier="mega")]
    warehouse.bulk_upsert("indicator_value", filled.frame("indicator_value", *rows))
    with caplog.at_level(logging.WARNING, logger="noticeboard"):
        found = comparison.agree(warehouse, TODAY.date())
    told = {
        row["figure_id"]: row
        for row in warehouse.read("agreement").filter(pl.col("compared") == "same_period").iter_rows(named=True)
    }

    assert told["dcms_value"]["verdict"] == ("outside" if warned else "within")
    assert told["dcms_value"]["n"] == 2500
    assert told["dcms_value"]["value"] == pytest.approx(known)
    assert told["fsb_survey_2012"]["verdict"] == "too_little_known"
    assert caplog.messages == found
    beginnings = [
        "O1.broad (all) is 50.0 % for FY2019-20, FY2020-21,",
        "O1.broad (all) is 50.0 % for FY2019-20, outside",
    ]
    assert len(found) == (2 if warned else 0)
    assert all(words.startswith(begins) for words, begins in zip(found, beginnings, strict=False))
    # The same again, without the figures: nothing is left of the comparison.
    warehouse.delete("indicator_value", warehouse.read("indicator_value", schema.key_columns("indicator_value")))
    assert comparison.agree(warehouse, TODAY.date()) == []
    assert warehouse.read("agreement").filter(pl.col("value").is_not_null()).is_empty()


def test_a_run_keeps_its_warnings(new_postgres: Callable[[], str]) -> None:
    """The row of a run has room for what looked implausible."""
    assert "warnings" in schema.frame_schema("run")
    with Warehouse.open(new_postgres()) as warehouse:
        row = {"run_id": "x", "kind": "nightly", "status": "finished", "warnings": "O1 is 50 %\nO2 is 60 %"}
        warehouse.bulk_upsert("run", filled.frame("run", row))

        assert warehouse.read("run")["warnings"].to_list() == ["O1 is 50 %\nO2 is 60 %"]


@pytest.mark.parametrize(("told", "fact"), [(None, None), ("A is 50 %", "A is 50 %."), ("A\nB\nC", "A. And 2 more")])
def test_the_doctor_tells_what_the_night_warned_of(told: str | None, fact: str | None) -> None:
    """What the newest finished night warned of is a note with what to do; without a warning nothing is said."""
    run = {"run_id": "x", "kind": "nightly", "status": "finished", "warnings": told, "rules_version": "1"}
    runs = filled.frame("run", run | {"started_at": TODAY, "ended_at": TODAY})
    found = {finding.what: finding for finding in doctor._nights(runs, TODAY)}

    assert ("warnings" in found) == (fact is not None)
    if fact is not None:
        assert found["warnings"].sound is None
        assert found["warnings"].fact == f"the night warned: {fact}"


def test_the_doctor_tells_whether_neighbours_are_loaded(tmp_path: Path) -> None:
    """Without them it is a note; with them their date is told."""

    def found() -> doctor.Finding:
        settings = Settings(data_dir=tmp_path)
        return next(one for one in doctor._registers(settings, clock) if one.what == "register neighbours")

    assert found().sound is None
    comparison.load(tmp_path, [sheet(tmp_path, *CODES)], clock)

    assert (found().sound, found().fact) == (True, f"of 2024-11-05, {len(CODES)} areas")


def test_loading_neighbours_moves_every_comparison(
    by_nights: Settings, copied: Callable[[Settings], Settings], tmp_path: Path
) -> None:
    """The next night compares anew though no award changed, and leaves what a rebuild leaves."""

    def compared() -> dict[str, pl.DataFrame]:
        held = nights.tables(own, ["peer", "network_member", "published_figure", "agreement", "indicator_value"])
        of_ours = pl.col("indicator_id").str.starts_with("T")
        return {**held, "indicator_value": held["indicator_value"].filter(of_ours)}

    own = copied(by_nights)
    before = compared()
    comparison.load(own.data_dir, [sheet(tmp_path, *CODES)], clock)
    day = date(2026, 9, 25)
    night.run(own, "backfill", nights.clock("2026-11-22 02:15"), steps=night.STEPS[1:-1], first=day, last=day)
    after = compared()
    night.run(own, "rebuild", nights.clock("2026-11-22 03:15"), steps=night.STEPS[1:-1])

    assert before["peer"]["model"].unique().to_list() == ["simple"]
    assert set(after["peer"]["model"].unique()) == {"simple", "ons"}
    assert not after["indicator_value"].filter(grain="authority").is_empty()
    assert nights.differences(after, compared()) == {}

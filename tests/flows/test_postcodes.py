"""A newer postcode directory takes the place of the one that Noticeboard brings; old ones stay."""

import json
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from extractors.registers import UnexpectedFile
from flows import __main__ as command
from flows import doctor, postcodes, registers
from flows.settings import Settings
from transforms import places
from warehouse.store import Warehouse

TODAY = datetime(2026, 11, 22, 12, tzinfo=UTC)
HEADER = "pcd7,pcds,dointr,doterm,lad26cd,east1m,north1m,rgn26cd,itl26cd,lat,long"
ROWS = (
    # Ilford, Romford 900 m east of it, and a new authority far off.
    ("IG1 1YS", "E09000026", 543_800, 186_500),
    ("IG1 1AA", "E09000026", 543_900, 186_500),
    ("RM1 1AA", "E09000016", 544_800, 186_500),
    ("GU1 1AA", "E06000099", 499_000, 149_000),
)


def clock() -> datetime:
    """Return a fixed time."""
    return TODAY


def zipped(
    folder: Path, *rows: tuple[str, str, int, int], header: str = HEADER, name: str = "ONSPD_MAY_2026_UK"
) -> Path:
    """Write a made-up directory as it is published."""
    lines = [
        f"{outward:<4}{inward},{outward} {inward},198001,,{area},{east},{north},E12000007,TLI53,51.5,0.1"
        for outward, inward, area, east, north in ((*postcode.split(), *rest) for postcode, *rest in rows)
    ]
    path = folder / f"{name}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(f"Data/{name}.csv", "\r\n".join([header, *lines]) + "\r\n")
        packed.writestr(f"Data/multi_csv/{name}_IG.csv", header)
    return path


def test_without_a_load_the_shipped_directory_is_in_force(tmp_path: Path) -> None:
    """Nothing needs to be loaded."""
    assert postcodes.loaded(tmp_path) == []
    assert postcodes.directory(tmp_path) is places.shipped()


def test_a_newer_directory_is_in_force(tmp_path: Path) -> None:
    """Its tables are those of the shipped one in names and types; codes that no area has are told."""
    loaded = postcodes.load(tmp_path, [zipped(tmp_path, *ROWS)], clock)
    told = postcodes.directory(tmp_path)

    said = postcodes.said(loaded)

    assert tuple(loaded) == (date(2026, 5, 1), 4, ("ONSPD_MAY_2026_UK.zip",), ("E06000099",))
    assert "E06000099" in said
    assert "noticeboard rebuild" in said
    assert told.vintage == date(2026, 5, 1)
    assert [frame.schema for frame in told[1:]] == [frame.schema for frame in places.shipped()[1:]]
    assert told.ranges.rows() == [("GU1 0AA", "E06000099"), ("IG1 0AA", "E09000026"), ("RM1 0AA", "E09000016")]
    assert told.outwards.row(1) == ("IG1", "E09000026", 2, 1.0)
    assert told.sectors.row(1) == ("IG1 1", 543_800, 186_500)
    assert told.places.filter(pl.col("area_code") == "E09000026").row(0) == ("E09000026", 2, 1.0, 543_800, 186_500)
    assert told.near.rows() == [("E09000016", "E09000026", 900)]


def test_the_newest_counts_and_older_ones_stay(tmp_path: Path) -> None:
    """An older directory is kept without being used, and a vintage that is loaded again is replaced."""
    for name in ("ONSPD_MAY_2026_UK", "ONSPD_AUG_2026_UK", "ONSPD_FEB_2026_UK", "ONSPD_AUG_2026_UK"):
        postcodes.load(tmp_path, [zipped(tmp_path, *ROWS, name=name)], clock)
    old = postcodes.load(tmp_path, [zipped(tmp_path, *ROWS, name="ONSPD_FEB_2025_UK")], clock)

    assert [one.vintage.month for one in postcodes.loaded(tmp_path)] == [8, 5, 2, 2]
    assert postcodes.directory(tmp_path).vintage == date(2026, 8, 1)
    assert "stays in force" in postcodes.said(old)
    assert sorted(path.name for path in (tmp_path / "registers/postcodes").iterdir() if path.name != ".lock") == [
        "2025-02-01",
        "2026-02-01",
        "2026-05-01",
        "2026-08-01",
    ]  # fmt: skip - a list in one line


def test_what_is_not_whole_is_not_used(tmp_path: Path) -> None:
    """A folder without its manifest, as a killed load may leave it, does not count."""
    postcodes.load(tmp_path, [zipped(tmp_path, *ROWS)], clock)
    (tmp_path / "registers/postcodes/2026-05-01/manifest.json").unlink()

    assert postcodes.directory(tmp_path) is places.shipped()


def test_a_directory_with_far_fewer_postcodes_is_refused(tmp_path: Path) -> None:
    """Half a file is no new vintage, unless somebody says so."""
    postcodes.load(tmp_path, [zipped(tmp_path, *ROWS)], clock)
    half = zipped(tmp_path, *ROWS[:2], name="ONSPD_AUG_2026_UK")
    with pytest.raises(UnexpectedFile, match=r"holds 2 postcodes.*held 4.*--accept-fewer"):
        postcodes.load(tmp_path, [half], clock)

    assert postcodes.directory(tmp_path).vintage == date(2026, 5, 1)
    assert postcodes.load(tmp_path, [half], clock, accept_fewer=True).rows == 2


@pytest.mark.parametrize(
    ("header", "name", "told"),
    [
        (HEADER.replace("lad26cd", "lad"), "ONSPD_MAY_2026_UK", "lacks area .*Columns that are not known: lad\\."),
        (HEADER.replace("doterm", "gone"), "ONSPD_MAY_2026_UK", "lacks terminated.*not known: gone"),
        (HEADER.replace("rgn26cd", "shire"), "ONSPD_MAY_2026_UK", "Columns that are not known: shire"),
        (HEADER, "ONSPD_UK", "no name tells the month.*--on"),
        (HEADER, "ONSPD_DEC_2026_UK", "would be of 2026-12-01, and today is 2026-11-22"),
    ],
)
def test_what_is_not_as_expected_is_refused(header: str, name: str, told: str, tmp_path: Path) -> None:
    """The message says what is wrong and what to do; what was in force stays."""
    with pytest.raises(UnexpectedFile, match=told):
        postcodes.load(tmp_path, [zipped(tmp_path, *ROWS, header=header, name=name)], clock)

    assert postcodes.directory(tmp_path) is places.shipped()


def test_it_takes_one_file_that_is_there(tmp_path: Path) -> None:
    """No file, two files and a file that is not there are refused, as is a directory without a postcode."""
    path = zipped(tmp_path, *ROWS)
    for files, told in (
        ([], "0 were given.*geoportal"),
        ([path, path], "2 were given"),
        ([tmp_path / "nowhere.zip"], "is not there"),
        ([zipped(tmp_path, name="ONSPD_AUG_2026_UK")], "holds no postcode"),
    ):
        with pytest.raises(UnexpectedFile, match=told):
            postcodes.load(tmp_path, files, clock)


def test_two_loads_at_a_time_are_refused(tmp_path: Path) -> None:
    """The second one says that another is at work."""
    path = zipped(tmp_path, *ROWS)
    with (
        registers.alone(tmp_path / "registers" / postcodes.REGISTER, postcodes.REGISTER),
        pytest.raises(registers.BusyRegister, match="Another load of postcodes"),
    ):
        postcodes.load(tmp_path, [path], clock)


def test_the_warehouse_follows_the_directory(warehouse_url: str, tmp_path: Path) -> None:
    """Areas and neighbours are what the directory says, and pairs that it does not know go."""
    postcodes.load(tmp_path, [zipped(tmp_path, *ROWS)], clock)
    with Warehouse.open(warehouse_url) as warehouse, warehouse.transaction():
        postcodes.keep(warehouse, places.shipped())
        before = warehouse.count("area_neighbour")
        area = warehouse.read("area")
        postcodes.keep(warehouse, postcodes.directory(tmp_path))
        pairs = warehouse.read("area_neighbour").filter(pl.col("method") == "postcodes")
        moved = warehouse.read("area").filter(pl.col("east_m").is_not_null())

    assert before > 2000
    assert area.sort("area_code").equals(places.areas())
    assert pairs.select("area_code", "neighbour_code").sort("area_code").rows() == [
        ("E09000016", "E09000026"),
        ("E09000026", "E09000016"),
    ]  # fmt: skip - a pair, both ways
    assert {"E09000016", "E09000026"} <= set(moved["area_code"])


def test_the_command_says_what_it_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends with 0 and one line, with 1 and the reason; the summary is readable by machines."""
    monkeypatch.setenv("NOTICEBOARD_DATA_DIR", str(tmp_path))
    done = CliRunner().invoke(command.app, ["registers", "postcodes", "--file", str(zipped(tmp_path, *ROWS)), "--json"])
    failed = CliRunner().invoke(command.app, ["registers", "postcodes"])

    assert done.exit_code == 0
    assert json.loads(done.stdout) == {
        "command": "registers",
        "register": "postcodes",
        "vintage": "2026-05-01",
        "rows": 4,
        "files": ["ONSPD_MAY_2026_UK.zip"],
        "unknown": ["E06000099"],
    }  # fmt: skip - the summary in few lines
    assert failed.exit_code == command.FAILED
    assert "give it with --file" in failed.stderr


@pytest.mark.parametrize(
    ("names", "at", "is_sound", "told"),
    [
        ([], TODAY, True, "of November 2025, as Noticeboard brings it"),
        ([], datetime(2027, 1, 1, tzinfo=UTC), None, "more than a year old"),
        (["ONSPD_AUG_2026_UK"], datetime(2027, 1, 1, tzinfo=UTC), None, "of August 2026, 4 postcodes; 1 authorities"),
    ],
)
def test_doctor_tells_which_directory_is_in_force(
    names: list[str], at: datetime, is_sound: bool | None, told: str, tmp_path: Path
) -> None:
    """It tells the month, codes that no area has, and when to get a newer one."""
    for name in names:
        postcodes.load(tmp_path, [zipped(tmp_path, *ROWS, name=name)], clock)
    settings = Settings(data_dir=tmp_path, warehouse_url=f"sqlite:///{tmp_path / 'none.db'}")  # type: ignore[arg-type]  # a secret is read from text
    [found] = [one for one in doctor.examine(settings, lambda: at) if one.what == "register postcodes"]

    assert found.sound is is_sound
    assert told in found.fact
    assert found.next_action is None or "Noticeboard" in found.next_action or "registers postcodes" in found.next_action

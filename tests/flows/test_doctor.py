"""The examination: what it says of a fresh machine, of a sound one, and of everything that can be wrong.

The stand-in answers over loopback, nights are real, and what is wrong is made wrong in real files and tables.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from extractors import contracts_finder, find_a_tender, made_up, made_up_find_a_tender
from extractors.standin import Fault, Kind, Standin
from flows import doctor, night
from flows.settings import Settings
from transforms import RULES_VERSION
from warehouse import schema
from warehouse.store import Warehouse

FIRST = date(2026, 9, 1)
NIGHT = datetime(2026, 9, 6, 1, 15, tzinfo=UTC)
"""When the nights of these tests run: all notices are of the days before."""

SOURCES = ("contracts-finder", "find-a-tender")
NOTICES = [*made_up.lines(40, FIRST, 4), *made_up_find_a_tender.lines(50, FIRST, 4)]


@pytest.fixture
def standin() -> Iterator[Standin]:
    """Serve a few made-up notices of both services."""
    with Standin(NOTICES) as server:
        yield server


@pytest.fixture
def settings(tmp_path: Path, standin: Standin, warehouse_url: str) -> Settings:
    """Return settings of this test's own, on both engines."""
    return planned(tmp_path, standin.url, warehouse_url)


@pytest.fixture
def sqlite_settings(tmp_path: Path, standin: Standin, fresh_sqlite: str) -> Settings:
    """Return settings of this test's own on SQLite, where the engine makes no difference."""
    return planned(tmp_path, standin.url, fresh_sqlite)


@pytest.fixture(scope="module")
def night_before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which a night has finished, on SQLite; nobody changes it."""
    folder = tmp_path_factory.mktemp("night-before")
    with Standin(NOTICES) as server:
        night.run(planned(folder, server.url, f"sqlite:///{folder / 'noticeboard.db'}"), "nightly", at(NIGHT))
    return folder


@pytest.fixture
def after_a_night(night_before: Path, tmp_path: Path, sqlite_settings: Settings) -> Settings:
    """Return settings of this test's own on SQLite, with a night that has finished."""
    shutil.copytree(night_before, tmp_path, symlinks=True, dirs_exist_ok=True)
    return sqlite_settings


def planned(folder: Path, source: str, warehouse_url: str) -> Settings:
    """Return settings that keep everything in a folder and wait for nobody."""
    return Settings.model_validate(
        {
            "warehouse_url": warehouse_url, "data_dir": folder / "data", "export_dir": folder / "data" / "export",
            "contracts_finder_url": source, "find_a_tender_url": source, "rate_limit_wait": 0, "first_day": FIRST,
        }
    )  # fmt: skip


def at(moment: datetime) -> Callable[[], datetime]:
    """Return a clock that stands."""
    return lambda: moment


def examined(settings: Settings, now: datetime = NIGHT + timedelta(hours=7)) -> dict[str, doctor.Finding]:
    """Return the findings by what they are of."""
    found = doctor.examine(settings, at(now))
    assert len({finding.what for finding in found}) == len(found)
    return {finding.what: finding for finding in found}


def wrong(found: dict[str, doctor.Finding]) -> set[str]:
    """Return what is not sound."""
    return {what for what, finding in found.items() if finding.sound is False}


def run_row(**told: Any) -> pl.DataFrame:
    """Return a row of the ledger of runs."""
    row = dict.fromkeys(schema.frame_schema("run")) | {
        "run_id": "2026-09-06-021500000-nightly", "kind": "nightly", "status": "finished",
        "started_at": NIGHT, "ended_at": NIGHT + timedelta(minutes=5), "rules_version": RULES_VERSION,
    }  # fmt: skip
    return pl.DataFrame([row | told], schema=schema.frame_schema("run"))


def write(settings: Settings, table: str, *frames: pl.DataFrame) -> None:
    """Write rows into the warehouse."""
    with Warehouse.open(settings.warehouse_url.get_secret_value()) as warehouse:
        for frame in frames:
            warehouse.bulk_upsert(table, frame)


def test_a_finding_is_data() -> None:
    """A finding cannot be changed once it is made."""
    finding = doctor.Finding("x", True, "y")

    with pytest.raises(FrozenInstanceError):
        finding.fact = "z"  # type: ignore[misc]  # that is what is tried


def test_a_fresh_machine_is_sound_and_stays_fresh(tmp_path: Path, standin: Standin) -> None:
    """Where nothing exists yet, the notes say which command to run, and nothing is made."""
    folder = tmp_path / "new"
    settings = planned(folder, standin.url, f"sqlite:///{folder / 'noticeboard.db'}")
    found = examined(settings)

    assert wrong(found) == set()
    for what in ("warehouse", "last finished night", "archive", "latest snapshot", "latest export"):
        assert found[what].sound is None
        assert "noticeboard nightly" in (found[what].next_action or "")
    assert not folder.exists()
    assert [(asked.path, asked.params) for asked in standin.requests] == [
        (contracts_finder.SEARCH_PATH, {"limit": "1"}), (find_a_tender.SEARCH_PATH, {"limit": "1"}),
    ]  # fmt: skip


def test_after_a_night_all_is_sound(settings: Settings) -> None:
    """After a finished night every check is sound, and says what it looked at."""
    night.run(settings, "nightly", at(NIGHT))
    found = examined(settings)

    assert wrong(found) == set()
    assert "holds" in found["warehouse"].fact
    assert "7 hours ago" in found["last finished night"].fact
    assert "is complete" in found["latest snapshot"].fact
    assert "is complete" in found["latest export"].fact
    for source, held in (("contracts-finder", 40), ("find-a-tender", 50)):
        assert "5 days, 2026-09-01 to 2026-09-05, without a gap" in found[f"coverage of {source}"].fact
        assert f"all {held} are held" in found[f"notices of {source}"].fact
        assert all(found[f"{what} of {source}"].sound for what in ("archive", "coverage", "notices"))
        assert found[f"service {source}"].sound
    assert found["rules"].fact.startswith(f"version {RULES_VERSION}; postcodes and areas as of November 2025")


def test_the_examination_changes_nothing_and_needs_no_lock(after_a_night: Settings) -> None:
    """A run at work is no obstacle, and no file is another one afterwards."""
    before = sorted(str(path) for path in after_a_night.data_dir.rglob("*"))
    with Warehouse.open(after_a_night.warehouse_url.get_secret_value()) as warehouse, warehouse.lock():
        found = examined(after_a_night)

    assert wrong(found) == set()
    assert sorted(str(path) for path in after_a_night.data_dir.rglob("*")) == before


@pytest.mark.parametrize(("hours", "is_sound"), [(25, True), (26, True), (26.1, False), (1000, False)])
def test_a_night_older_than_26_hours_is_told(sqlite_settings: Settings, hours: float, is_sound: bool) -> None:
    """A schedule that is silently dead is found by the age of the last finished night."""
    write(sqlite_settings, "run", run_row(ended_at=NIGHT))
    found = examined(sqlite_settings, NIGHT + timedelta(hours=hours))["last finished night"]

    assert found.sound is is_sound
    assert is_sound or "noticeboard nightly" in (found.next_action or "")


@pytest.mark.parametrize("status", ["held", "failed"])
def test_what_became_of_the_last_run_is_told_with_its_reason(settings: Settings, status: str) -> None:
    """A run that was held back or failed is not sound, even when the night before it finished well."""
    write(settings, "run", run_row())
    later = NIGHT + timedelta(hours=3)
    write(settings, "run", run_row(run_id="later", started_at=later, ended_at=later, status=status, reason="no room"))
    found = examined(settings)

    assert wrong(found) == {"last run"}
    assert found["last run"].fact == f"later {status}: no room"
    assert found["last run"].next_action


@pytest.mark.parametrize(("hours", "sound"), [(1, None), (30, False)])
def test_a_run_without_an_end_is_told(sqlite_settings: Settings, hours: int, sound: bool | None) -> None:
    """A run that has begun is a note; one that began more than a day ago was cut short."""
    now = NIGHT + timedelta(days=3)
    earlier = run_row(run_id="earlier", started_at=now - timedelta(hours=50), ended_at=now - timedelta(hours=20))
    write(sqlite_settings, "run", earlier)
    begun = now - timedelta(hours=hours)
    write(sqlite_settings, "run", run_row(run_id="begun", status="running", started_at=begun, ended_at=None))
    found = examined(sqlite_settings, now)

    assert found["last run"].sound is sound
    assert "begun is at work since" in found["last run"].fact
    assert found["last finished night"].sound


@pytest.mark.parametrize(
    ("runs", "is_sound"),
    [
        ([("nightly", RULES_VERSION)], True),
        ([("nightly", "0")], False),
        ([("nightly", "0"), ("nightly", RULES_VERSION)], False),
        ([("nightly", "0"), ("rebuild", RULES_VERSION)], True),
        ([("nightly", "0"), ("rebuild", RULES_VERSION), ("nightly", RULES_VERSION)], True),
        ([("rebuild", RULES_VERSION), ("nightly", "0")], False),
    ],
)
def test_awards_made_by_other_rules_are_told(
    sqlite_settings: Settings, runs: list[tuple[str, str]], is_sound: bool
) -> None:
    """New rules reach older awards by a rebuild only, so a later night does not make good for it."""
    for number, (kind, rules) in enumerate(runs):
        started_at = NIGHT + timedelta(minutes=number)
        row = run_row(run_id=str(number), kind=kind, rules_version=rules, started_at=started_at, ended_at=started_at)
        write(sqlite_settings, "run", row)
    found = examined(sqlite_settings)["rules in the warehouse"]

    assert found.sound is is_sound
    assert found.next_action == (None if is_sound else "run 'noticeboard rebuild'")


def test_days_missing_inside_the_covered_period_are_told(sqlite_settings: Settings) -> None:
    """Days that are missing or not complete are named, with the command that reads them."""
    complete = {1: True, 2: True, 4: False, 5: True, 8: True, 9: False}
    rows = [
        {"source": "contracts-finder", "day": date(2026, 9, day), "releases": 1, "complete": whole}
        for day, whole in complete.items()
    ]
    write(sqlite_settings, "coverage", pl.DataFrame(rows, schema=schema.frame_schema("coverage")))
    found = examined(sqlite_settings)["coverage of contracts-finder"]

    assert found.sound is None
    assert "2026-09-03 to 2026-09-04, 2026-09-06 to 2026-09-07" in found.fact
    assert "2026-09-09" not in found.fact
    assert "noticeboard backfill 2026-09-03 2026-09-04 --source contracts-finder" in (found.next_action or "")


LACKING = [
    ([(1, 7, 0), (2, 5, 0)], True, "all 12 are held that the service tells of"),
    ([(1, 7, 0), (2, None, None)], True, "all 7 are held that the service tells of"),
    ([(1, 7, 1), (2, 5, 3), (3, 1_000, 0)], None, "4 of 1,012 lack by"),
    ([(1, 7, 2), (2, 5, 2), (3, None, None)], None, "most of them on 2026-09-01 (2 of 7)"),
]
"""Day of September, how many its service tells of, how many lack; whether it is sound; and what is said."""


@pytest.mark.parametrize(("days", "sound", "said"), LACKING)
@pytest.mark.parametrize("source", SOURCES)
def test_notices_that_lack_by_the_service_s_own_account_are_told(
    sqlite_settings: Settings, source: str, days: list[tuple[int, int | None, int | None]], sound: bool, said: str
) -> None:
    """What lacks is a note with its numbers and the worst day; days without an account of the service say nothing."""
    write(sqlite_settings, "coverage", covered(source, days))
    found = examined(sqlite_settings)

    assert found[f"notices of {source}"].sound is sound
    assert said in found[f"notices of {source}"].fact
    assert sound or "out_coverage" in (found[f"notices of {source}"].next_action or "")
    assert found[f"coverage of {source}"].sound
    assert [what for what in found if what.startswith("notices of ")] == [f"notices of {source}"]


def test_without_an_account_of_the_service_nothing_is_said_to_lack(sqlite_settings: Settings) -> None:
    """Where no completeness check was made, it is neither said that all is held nor that something lacks."""
    write(sqlite_settings, "coverage", covered("contracts-finder", [(1, None, None), (2, None, None), (3, 0, 0)]))

    assert "notices of contracts-finder" not in examined(sqlite_settings)


def covered(source: str, days: list[tuple[int, int | None, int | None]]) -> pl.DataFrame:
    """Return rows of coverage: of each day what was expected and what is missing."""
    rows = [
        {"source": source, "day": date(2026, 9, day), "releases": 1, "expected": expected, "missing": missing,
         "complete": True}
        for day, expected, missing in days
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=schema.frame_schema("coverage"))


@pytest.mark.parametrize("source", SOURCES)
def test_a_damaged_archive_is_told(sqlite_settings: Settings, source: str) -> None:
    """A newest file that was cut short is named, with what to do."""
    night.run(sqlite_settings, "backfill", at(NIGHT), first=FIRST, last=FIRST)
    [data] = (sqlite_settings.data_dir / "archive" / source).rglob("*.zst")
    data.write_bytes(data.read_bytes()[:-20])
    found = examined(sqlite_settings)

    assert wrong(found) == {f"archive of {source}"}
    assert str(data) in found[f"archive of {source}"].fact
    assert f"noticeboard backfill {FIRST} {FIRST} --source {source}" in (
        found[f"archive of {source}"].next_action or ""
    )


@pytest.mark.parametrize(("what", "root"), [("snapshot", "snapshots"), ("export", "export")])
@pytest.mark.parametrize("harm", ["link", "file", "manifest"])
def test_an_edition_that_is_not_whole_is_told(after_a_night: Settings, what: str, root: str, harm: str) -> None:
    """A link to nowhere, a missing file and a missing manifest are found, and nothing else is."""
    folder = after_a_night.data_dir / root
    edition = (folder / "latest").resolve()
    if harm == "link":
        (folder / "latest").unlink()
        (folder / "latest").symlink_to("2020-01-01")
    elif harm == "file":
        next(edition.rglob("*.parquet")).unlink()
    else:
        (edition / {"snapshot": "snapshot.json", "export": "datapackage.json"}[what]).unlink()
    found = examined(after_a_night)

    assert wrong(found) == {f"latest {what}"}
    assert "noticeboard" in (found[f"latest {what}"].next_action or "")


def test_little_room_is_told(sqlite_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """When less is free than a night may need, it is said before the night finds out."""
    monkeypatch.setattr(doctor, "LEAST_FREE_BYTES", 1 << 60)

    assert examined(sqlite_settings)["disk of data"].sound is False


@pytest.mark.parametrize(
    ("fault", "sound", "asked"),
    [
        (Fault(Kind.UNAVAILABLE, times=1, seconds=0), True, 2),
        (Fault(Kind.UNAVAILABLE, seconds=0), False, 2),
        (Fault(Kind.ERROR), False, 2),
        (Fault(Kind.FORBIDDEN), None, 1),
        (Fault(Kind.RATE_LIMIT), None, 1),
        (Fault(Kind.REDIRECT), False, 1),
    ],
)
@pytest.mark.parametrize("source", SOURCES)
def test_a_service_is_asked_once_and_once_more_when_it_was_away(
    sqlite_settings: Settings, source: str, fault: Fault, sound: bool | None, asked: int
) -> None:
    """A service that asks to be left alone is left alone; one that is away is a failure, and nothing is waited for.

    Nothing of it is said of the other service.
    """
    with Standin([], faults=[fault]) as ailing:
        settings = sqlite_settings.model_copy(update={setting_of(source): ailing.url})
        found = examined(settings)
    [other] = set(SOURCES) - {source}

    assert (found[f"service {source}"].sound, len(ailing.requests)) == (sound, asked)
    assert sound or found[f"service {source}"].next_action
    assert found[f"service {other}"].sound


@pytest.mark.parametrize("source", SOURCES)
def test_a_service_that_cannot_be_reached_is_told(sqlite_settings: Settings, source: str) -> None:
    """Where nobody listens, it is that service's finding that fails, naming its setting, and the others stand."""
    settings = sqlite_settings.model_copy(update={setting_of(source): "http://127.0.0.1:9"})
    found = examined(settings)

    assert wrong(found) == {f"service {source}"}
    assert f"NOTICEBOARD_{setting_of(source).upper()}" in (found[f"service {source}"].next_action or "")


@pytest.mark.parametrize("source", SOURCES)
def test_the_password_in_the_address_of_a_service_is_never_told(sqlite_settings: Settings, source: str) -> None:
    """An address with a password is shown without it, also where the service cannot be reached."""
    settings = sqlite_settings.model_copy(update={setting_of(source): "http://joe:hu%40sh@127.0.0.1:9"})
    found = examined(settings)

    assert wrong(found) == {f"service {source}"}
    assert not [finding for finding in found.values() if "hu@sh" in repr(finding) or "hu%40sh" in repr(finding)]


def setting_of(source: str) -> str:
    """Return the name of the setting that holds a service's address."""
    return f"{source.replace('-', '_')}_url"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://joe:hu%40sh@127.0.0.1:9/notices",
        "postgresql+psycopg://joe:hu%40sh@127.0.0.1:9/notices?connect_timeout=2",
        "postgresql://joe@127.0.0.1:9/notices?password=hu%40sh",
        "nonsense://joe:hu%40sh@127.0.0.1/notices",
        "postgresql://joe:hu%40sh@127.0.0.1:port/notices",
    ],
)
def test_a_warehouse_that_cannot_be_reached_is_told_without_its_password(sqlite_settings: Settings, url: str) -> None:
    """The failure is the warehouse's, and the password stands nowhere, written either way."""
    settings = planned(sqlite_settings.data_dir, str(sqlite_settings.contracts_finder_url), url)
    found = examined(settings)

    assert wrong(found) == {"warehouse"}
    assert "joe" in found["NOTICEBOARD_WAREHOUSE_URL"].fact
    assert not [finding for finding in found.values() if "hu@sh" in repr(finding) or "hu%40sh" in repr(finding)]


def test_a_warehouse_of_another_version_is_told(sqlite_settings: Settings, fresh_sqlite: str) -> None:
    """Tables with other columns are not taken for ours: the next action is to make them again."""
    import sqlite3  # the tests' own look at the file, from outside

    write(sqlite_settings, "run")
    with sqlite3.connect(fresh_sqlite.removeprefix("sqlite:///")) as connection:
        connection.execute("ALTER TABLE coverage ADD COLUMN novelty TEXT")
    connection.close()
    found = examined(sqlite_settings)["warehouse"]

    assert found.sound is False
    assert "table coverage differs in novelty" in found.fact
    assert "noticeboard rebuild" in (found.next_action or "")


def test_the_settings_in_force_are_told(monkeypatch: pytest.MonkeyPatch, standin: Standin, tmp_path: Path) -> None:
    """Each setting stands there under its own name, and it is said which are defaults."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NOTICEBOARD_CONTRACTS_FINDER_URL", standin.url)
    monkeypatch.setenv("NOTICEBOARD_FIND_A_TENDER_URL", standin.url)
    monkeypatch.setenv("NOTICEBOARD_DATA_DIR", "elsewhere")
    found = examined(Settings())

    assert found["NOTICEBOARD_DATA_DIR"].fact == "elsewhere"
    assert found["NOTICEBOARD_WAREHOUSE_URL"].fact == "sqlite:///data/noticeboard.db (default)"
    assert {f"NOTICEBOARD_{name.upper()}" for name in Settings.model_fields} <= set(found)
    assert not list(tmp_path.iterdir())


def test_a_check_that_breaks_down_is_a_finding(sqlite_settings: Settings) -> None:
    """Where a folder is a file, the check that trips over it says so, and the others go on."""
    sqlite_settings.data_dir.mkdir()
    (sqlite_settings.data_dir / "snapshots").write_text("not a folder")
    found = examined(sqlite_settings)

    assert [found[f"service {source}"].sound for source in SOURCES] == [True, True]
    assert found["disk of data"].sound
    assert replace(found["version"], fact="") == doctor.Finding("version", True, "")

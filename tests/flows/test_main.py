"""The command line: what each command says of itself, its exit codes, and its one line for machines.

Commands run in this process, against the stand-in; one runs as a user starts it.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner, Result

from extractors import contracts_finder, find_a_tender, made_up, made_up_find_a_tender
from extractors.standin import Kind, Standin
from extractors.windows import LONDON
from flows import __main__ as command_line
from flows import night
from tests.conftest import CHECKOUT
from warehouse.store import Warehouse

COMMANDS = ("nightly", "backfill", "rebuild", "export", "demo", "serve", "registers", "match", "continuity", "doctor")
FIRST = datetime.now(LONDON).date() - timedelta(days=5)
COUNT, TENDERS = 40, 50
"""How many notices Contracts Finder and Find a Tender publish in these tests."""


@pytest.fixture
def standin() -> Iterator[Standin]:
    """Serve a few made-up notices of both services."""
    both = [*made_up.lines(COUNT, FIRST, 3), *made_up_find_a_tender.lines(TENDERS, FIRST, 3)]
    with Standin(both) as server:
        yield server


@pytest.fixture
def home(tmp_path: Path, standin: Standin, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Set the environment as a user would, with everything below one folder, and return the folder."""
    for setting, value in {
        "NOTICEBOARD_DATA_DIR": str(tmp_path / "data"),
        "NOTICEBOARD_EXPORT_DIR": str(tmp_path / "data" / "export"),
        "NOTICEBOARD_WAREHOUSE_URL": f"sqlite:///{tmp_path / 'data' / 'noticeboard.db'}",
        "NOTICEBOARD_CONTRACTS_FINDER_URL": standin.url,
        "NOTICEBOARD_FIND_A_TENDER_URL": standin.url,
        "NOTICEBOARD_RATE_LIMIT_WAIT": "0",
        "NOTICEBOARD_FIRST_DAY": str(FIRST),
    }.items():
        monkeypatch.setenv(setting, value)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "data"


def run(*words: str) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(command_line.app, list(words), terminal_width=200)


def summary(result: Result) -> dict[str, Any]:
    """Return the one line that a command prints for machines; fail where there are others."""
    [line] = result.stdout.splitlines()
    told: dict[str, Any] = json.loads(line)
    return told


def serve_both(standin: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the settings name one stand-in as both services."""
    monkeypatch.setenv("NOTICEBOARD_CONTRACTS_FINDER_URL", standin.url)
    monkeypatch.setenv("NOTICEBOARD_FIND_A_TENDER_URL", standin.url)


def test_the_commands_are_those_that_are_promised() -> None:
    """No command is missing here, so that none goes untested."""
    group = get_command(command_line.app)

    assert set(COMMANDS) == set(group.commands)  # type: ignore[attr-defined]  # the app has several commands


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    """Each command has a sentence, an example that begins with its own name, and a word on every option."""
    shown = run(command, "--help")
    described = get_command(command_line.app).commands[command]  # type: ignore[attr-defined]  # as above

    assert shown.exit_code == 0
    assert (described.help or "").rstrip().endswith(".")
    assert f"Example: noticeboard {command}" in shown.stdout
    assert all(getattr(option, "help", None) for option in described.params)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_list_of_commands_names_each(command: str) -> None:
    """Without a command, the list of them is shown."""
    shown = run("--help")

    assert shown.exit_code == 0
    assert f"\n  {command} " in shown.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "Usage"),
        (("nightfall",), "No such command 'nightfall'"),
        (("nightly", "--source", "gazette"), "'gazette' is not a source; there is contracts-finder, find-a-tender"),
        (("backfill", "2026-09-01", "2026-09-02", "--source", "fts"), "'fts' is not a source"),
        (("nightly", "--quickly"), "No such option"),
        (("backfill", "2026-09-02"), "Missing argument 'LAST'"),
        (("backfill", "2026-09-02", "2026-09-01"), "the last day, 2026-09-01, is before the first, 2026-09-02"),
        (("backfill", "02/09/2026", "03/09/2026"), "'02/09/2026' does not match the format"),
        (("serve", "--cron", "often"), "'often' is no time to run at"),
    ],
)
def test_wrong_use_is_told_with_code_2(home: Path, words: tuple[str, ...], told: str) -> None:
    """What was meant cannot be guessed: the command says what is wrong, and does nothing."""
    result = run(*words)

    assert result.exit_code == 2
    assert told.lower() in " ".join(result.output.split()).lower()
    assert not home.exists()


@pytest.mark.parametrize(
    "words", [("companies",), ("all", "--file", "BasicCompanyData.zip")], ids=["unknown", "all from a file"]
)
def test_a_wrong_register_is_answered_with_every_register(home: Path, words: tuple[str, ...]) -> None:
    """Whoever mistypes a register is told each name that the README lists, those that need a file included."""
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    table = readme.partition("| NAME | what it adds |\n|---|---|\n")[2].partition("\n\n")[0]
    names = [name for line in table.splitlines() for name in re.findall(r"`([a-z-]+)`", line.split("|")[1])]
    result = run("registers", *words)

    told = set(re.findall(r"[a-z-]+", result.output))
    assert result.exit_code == 2
    assert len(names) > 9
    assert [name for name in names if name not in told] == []
    assert not home.exists()


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("NOTICEBOARD_RATE_LIMIT_WAIT", "soon"),
        ("NOTICEBOARD_FIRST_DAY", "yesterday"),
        ("NOTICEBOARD_CONTRACTS_FINDER_URL", "not an address"),
        ("NOTICEBOARD_FIND_A_TENDER_URL", "www.find-tender.example"),
        ("NOTICEBOARD_LOG_LEVEL", "LOUD"),
    ],
)
@pytest.mark.parametrize("command", ["nightly", "rebuild", "export", "doctor"])
def test_a_setting_that_cannot_be_used_is_named(
    home: Path, monkeypatch: pytest.MonkeyPatch, command: str, setting: str, value: str
) -> None:
    """A wrong setting is wrong use: its full name is told, and nothing is done."""
    monkeypatch.setenv(setting, value)
    result = run(command)

    assert result.exit_code == 2
    assert f"{setting} is not usable" in result.stderr
    assert not home.exists()


def test_a_night_prints_one_line_for_machines(home: Path) -> None:
    """``nightly --json`` ends with code 0 and one line: what became of the run, its counts and its files."""
    result = run("nightly", "--json")
    told = summary(result)

    assert result.exit_code == 0, result.output
    assert (told["command"], told["kind"], told["status"], told["reason"]) == ("nightly", "nightly", "finished", None)
    assert told["counts"]["documents"] == COUNT + TENDERS
    assert Path(told["export"]).parent == home / "export"
    assert (Path(told["export"]) / "README.md").is_file()


@pytest.mark.parametrize(
    ("source", "path", "count"),
    [
        ("contracts-finder", contracts_finder.SEARCH_PATH, COUNT),
        ("find-a-tender", find_a_tender.SEARCH_PATH, TENDERS),
    ],
)
@pytest.mark.parametrize("words", [("nightly",), ("backfill", str(FIRST), str(FIRST + timedelta(days=2)))])
def test_one_service_can_be_asked_alone(
    home: Path, standin: Standin, words: tuple[str, ...], source: str, path: str, count: int
) -> None:
    """With ``--source`` the other service is not asked at all, and nothing of it is stored."""
    result = run(*words, "--source", source, "--json")
    with Warehouse.open(os.environ["NOTICEBOARD_WAREHOUSE_URL"]) as warehouse:
        sources = {table: set(warehouse.read(table)["source"]) for table in ("release", "coverage", "fetch")}
    asked = {asked.path for asked in standin.requests}
    others = {contracts_finder.SEARCH_PATH, find_a_tender.SEARCH_PATH} - {path}

    assert result.exit_code == 0, result.output
    assert summary(result)["counts"]["documents"] == count
    assert path in asked
    assert not asked & others
    assert list(sources.values()) == [{source}] * 3
    assert [folder.name for folder in (home / "archive").iterdir()] == [source]


def test_a_night_says_in_words_what_became_of_it(home: Path) -> None:
    """Without ``--json`` one sentence says where the readers' files are."""
    result = run("nightly", "--source", "contracts-finder")

    assert result.exit_code == 0, result.output
    assert "finished. Readers' files: " in result.stdout
    assert str(home / "export") in result.stdout


def test_backfill_rebuild_and_export_follow_each_other(home: Path, standin: Standin, tmp_path: Path) -> None:
    """History is read, made again from the archive without asking, and handed out where the user wants it."""
    filled = run("backfill", str(FIRST), str(FIRST + timedelta(days=2)), "--json")
    asked = len(standin.requests)
    again = run("backfill", str(FIRST), str(FIRST + timedelta(days=2)), "--json")
    rebuilt = run("rebuild", "--json")
    handed = run("export", "--out", str(tmp_path / "mine"), "--json")

    assert [result.exit_code for result in (filled, again, rebuilt, handed)] == [0, 0, 0, 0]
    assert len(standin.requests) == asked
    assert summary(filled)["counts"]["documents"] == COUNT + TENDERS
    assert summary(rebuilt)["counts"]["awards"] == summary(filled)["counts"]["awards"]
    assert Path(summary(handed)["export"]).parent == tmp_path / "mine"
    assert (tmp_path / "mine" / "latest" / "README.md").is_file()
    assert home.is_dir()


def test_an_export_of_nothing_fails_with_the_next_action(home: Path) -> None:
    """Before the first finished night there is nothing to hand out: code 1, and the command that helps."""
    result = run("export")

    assert result.exit_code == 1
    assert "run 'noticeboard nightly'" in result.stderr
    assert not (home / "export").exists()


@pytest.mark.parametrize("words", [("nightly",), ("rebuild",), ("backfill", str(FIRST), str(FIRST))])
def test_another_run_is_left_alone_with_code_3(home: Path, words: tuple[str, ...]) -> None:
    """While another run holds the lock, this one leaves at once, and notes nothing."""
    with Warehouse.open(os.environ["NOTICEBOARD_WAREHOUSE_URL"]) as warehouse, warehouse.lock():
        result = run(*words)
        noted = warehouse.count("run")

    assert result.exit_code == 3
    assert "another run is working on this warehouse" in result.stderr
    assert noted == 0
    assert not (home / "archive").exists()


def test_a_night_held_back_ends_with_code_4(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the gate holds publication back, the code says so, the reason is told, and readers keep the last night."""
    with Standin(list(made_up.releases(300, FIRST, 5))) as full:
        serve_both(full, monkeypatch)
        before = summary(run("nightly", "--json"))
    with Standin([]) as empty:
        serve_both(empty, monkeypatch)
        result = run("nightly", "--json")

    assert result.exit_code == 4
    assert summary(result)["status"] == "held"
    assert "nothing is published" in result.stderr
    assert (home / "export" / "latest").resolve() == Path(before["export"])


def test_a_service_that_leads_elsewhere_fails_the_night_with_code_1(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failure is one line on stderr with its reason and what to do, and no trace of the program."""
    with Standin(list(made_up.releases(3, FIRST, 1)), faults=[Kind.REDIRECT]) as misled:
        monkeypatch.setenv("NOTICEBOARD_CONTRACTS_FINDER_URL", misled.url)
        result = run("nightly")

    assert result.exit_code == 1
    assert "failed: UnexpectedAnswer" in result.stderr
    assert "Traceback" not in result.output
    assert not (home / "export").exists()


def test_the_password_of_the_warehouse_is_never_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A warehouse that cannot be reached fails the night; its password stands in no output."""
    monkeypatch.setenv("NOTICEBOARD_WAREHOUSE_URL", "postgresql://joe:hush@127.0.0.1:9/notices")
    monkeypatch.setenv("NOTICEBOARD_LOG_LEVEL", "DEBUG")
    results = [run("nightly"), run("doctor"), run("doctor", "--json")]

    assert [result.exit_code for result in results] == [1, 1, 1]
    assert not [result.output for result in results if "hush" in result.output]
    assert not home.exists()


def test_doctor_tells_people_and_machines_the_same(home: Path) -> None:
    """The findings are lines with a mark for people, one line of JSON for machines, and code 0 while all is sound."""
    run("nightly")
    people, machines = run("doctor"), run("doctor", "--json")
    told = summary(machines)

    assert (people.exit_code, machines.exit_code, told["sound"]) == (0, 0, True)
    for finding in told["findings"]:
        mark = {True: "ok  ", False: "FAIL", None: "note"}[finding["sound"]]
        assert f"{mark}  {finding['what']}: " in people.stdout
    assert home.is_dir()


def test_doctor_fails_when_the_last_night_is_old(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A watcher of the exit code learns that the schedule is dead."""
    run("nightly")
    monkeypatch.setattr(command_line, "clock", lambda: datetime.now(UTC) + timedelta(hours=27))
    result = run("doctor")

    assert result.exit_code == 1
    assert "FAIL  last finished night: " in result.stdout
    assert home.is_dir()


def test_the_command_runs_as_a_user_starts_it(home: Path) -> None:
    """In a process of its own, the line for machines is alone on stdout, and the log on stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "flows", "nightly", "--json"],
        cwd=CHECKOUT, capture_output=True, text=True, check=False, env={**os.environ},
    )  # fmt: skip
    [line] = done.stdout.splitlines()

    assert done.returncode == 0, done.stderr
    assert json.loads(line)["status"] == "finished"
    for step in night.STEPS:
        assert f" {step.__name__}: " in done.stderr
    assert (home / "export" / "latest").is_symlink()

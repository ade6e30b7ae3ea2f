"""Prefect around the night: the same tables as the plain command, retries, states, and a schedule that really fires.

A real Prefect server and the stand-in answer over loopback; nothing is replaced.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import requests
import typer
from polars.testing import assert_frame_equal
from prefect.settings import PREFECT_API_URL, temporary_settings

from extractors import made_up, made_up_find_a_tender
from extractors.standin import Fault, Kind, Standin
from extractors.windows import LONDON
from flows import night, schedule
from flows.settings import Settings
from tests.conftest import CHECKOUT
from warehouse import schema
from warehouse.store import Warehouse

FIRST = datetime.now(LONDON).date() - timedelta(days=5)
"""Nights look at the days up to today, so the made-up notices are of the days before it."""

COUNT = 60
OWN = set(schema.LEDGER) | {"unpublished"}
"""Tables that tell of the runs themselves."""

PATIENCE_SECONDS = 300.0
"""How long what must come is waited for: up to a minute until the next cron, and whatever a busy machine adds."""

Plan = Callable[..., Settings]


@pytest.fixture(scope="module")
def notices() -> list[dict[str, Any]]:
    """Return a few made-up notices of both services, of the last days before yesterday."""
    return [*made_up.releases(COUNT // 2, FIRST, 3), *made_up_find_a_tender.releases(COUNT // 2, FIRST, 3)]


@pytest.fixture(scope="module")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run one Prefect server for the tests of this file, and return the address of its API."""
    with schedule.server(tmp_path_factory.mktemp("prefect")) as api, temporary_settings({PREFECT_API_URL: api}):
        yield api


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """Return a function that sets the environment, as a user does, and returns the settings that come of it."""

    def make(source: str, name: str = "flow", warehouse_url: str | None = None) -> Settings:
        for setting, value in environment(tmp_path / name, source, warehouse_url).items():
            monkeypatch.setenv(setting, value)
        return Settings()

    return make


def environment(folder: Path, source: str, warehouse_url: str | None = None) -> dict[str, str]:
    """Return the settings of a night of its own, kept in a folder, without waiting for anybody."""
    return {
        "NOTICEBOARD_DATA_DIR": str(folder),
        "NOTICEBOARD_EXPORT_DIR": str(folder / "export"),
        "NOTICEBOARD_WAREHOUSE_URL": warehouse_url or f"sqlite:///{folder / 'noticeboard.db'}",
        "NOTICEBOARD_CONTRACTS_FINDER_URL": source,
        "NOTICEBOARD_FIND_A_TENDER_URL": source,
        "NOTICEBOARD_RATE_LIMIT_WAIT": "0",
        "NOTICEBOARD_FIRST_DAY": str(FIRST),
    }


def read(settings: Settings) -> dict[str, pl.DataFrame]:
    """Return every table of a warehouse, each in the order of its key."""
    with Warehouse.open(settings.warehouse_url.get_secret_value()) as warehouse:
        return {table: warehouse.read(table).sort(schema.key_columns(table)) for table in schema.TABLES}


def assert_equal_tables(one: dict[str, pl.DataFrame], other: dict[str, pl.DataFrame]) -> None:
    """Fail unless all tables but those that tell of runs are equal, and something is in them."""
    for table in schema.TABLES:
        if table not in OWN:
            assert_frame_equal(one[table], other[table])
    assert one["release"].height == COUNT
    assert one["award_line"].height > 0
    assert set(one["release"]["source"]) == set(night.SOURCES)


def ran_at(tables: dict[str, pl.DataFrame]) -> Callable[[], datetime]:
    """Return a clock that stands at the start of the only run."""
    started_at: datetime = tables["run"]["started_at"].item()
    return lambda: started_at


@pytest.mark.usefixtures("prefect_server")
def test_the_flow_and_the_plain_command_end_with_equal_tables(
    notices: list[dict[str, Any]], plan: Plan, warehouse_url: str
) -> None:
    """Whether Prefect runs the steps or the command line does, the warehouse is the same, on either engine."""
    with Standin(notices) as standin:
        settings = plan(standin.url, "flow", warehouse_url)
        summary: Any = schedule.nightly(return_state=True).result()
        by_flow = read(settings)
        plain = plan(standin.url, "plain")
        night.run(plain, "nightly", ran_at(by_flow))

    assert_equal_tables(by_flow, read(plain))
    assert summary["status"] == "finished"
    assert json.loads(json.dumps(summary)) == summary
    assert by_flow["run"]["status"].to_list() == ["finished"]


@pytest.mark.usefixtures("prefect_server")
def test_backfill_and_rebuild_are_flows_too(notices: list[dict[str, Any]], plan: Plan) -> None:
    """A backfill reads its days, and a rebuild makes the same tables from the archive, without the service."""
    with Standin(notices) as standin:
        settings = plan(standin.url)
        schedule.backfill(FIRST, FIRST + timedelta(days=2))
        asked, filled = len(standin.requests), read(settings)
        schedule.rebuild()

    assert len(standin.requests) == asked
    assert_equal_tables(filled, read(settings))
    assert read(settings)["run"]["kind"].sort().to_list() == ["backfill", "rebuild"]


@pytest.mark.usefixtures("prefect_server")
def test_a_night_held_back_is_named_so(notices: list[dict[str, Any]], plan: Plan) -> None:
    """When the gate holds publication back, the flow's state says so, with the reason, and is no failure."""
    many = list(made_up.releases(300, FIRST, 5))
    with Standin(many) as standin:
        settings = plan(standin.url)
        night.run(settings, "nightly", lambda: datetime.now(UTC))
    with Standin(notices[:1]) as standin:
        settings = plan(standin.url)
        state = schedule.nightly(return_state=True)
    summary: Any = state.result()

    assert (state.type.value, state.name) == ("COMPLETED", "Held back")
    assert "nothing is published" in (state.message or "")
    assert summary["status"] == "held"


@pytest.mark.usefixtures("prefect_server")
def test_a_service_that_is_away_is_asked_again_later(notices: list[dict[str, Any]], plan: Plan) -> None:
    """When a service is away for longer than the session waits, the collection is tried again, within the same run."""
    with Standin(notices, faults=[Fault(Kind.UNAVAILABLE, times=8, seconds=0)]) as standin:
        settings = plan(standin.url)
        state = schedule.nightly(return_state=True)

    assert state.is_completed()
    assert read(settings)["release"].height == COUNT
    assert read(settings)["run"]["status"].to_list() == ["finished"]


@pytest.mark.usefixtures("prefect_server")
def test_what_waiting_cannot_mend_is_not_tried_again(notices: list[dict[str, Any]], plan: Plan) -> None:
    """A service that leads elsewhere fails the flow at once: a person looks."""
    with Standin(notices, faults=[Kind.REDIRECT]) as standin:
        settings = plan(standin.url)
        state = schedule.nightly(return_state=True)

    assert state.is_failed()
    assert len(standin.requests) == 1
    [run] = read(settings)["run"].iter_rows(named=True)
    assert (run["status"], run["reason"].split(":")[0]) == ("failed", "UnexpectedAnswer")


@pytest.mark.usefixtures("prefect_server")
def test_a_flow_leaves_a_run_at_work_alone(plan: Plan) -> None:
    """While somebody else holds the lock, the flow fails in words, and notes nothing."""
    settings = plan("http://127.0.0.1:9")
    with Warehouse.open(settings.warehouse_url.get_secret_value()) as warehouse, warehouse.lock():
        state = schedule.nightly(return_state=True)

    assert state.is_failed()
    assert "another run is working on this warehouse" in (state.message or "")
    assert read(settings)["run"].is_empty()


@pytest.mark.usefixtures("prefect_server")
def test_no_password_reaches_prefect(plan: Plan, capfd: pytest.CaptureFixture[str]) -> None:
    """A warehouse that cannot be reached fails the flow, and its password stands in no state and no log."""
    plan("http://127.0.0.1:9", warehouse_url="postgresql://joe:hush@127.0.0.1:9/notices")
    state = schedule.nightly(return_state=True)

    logged = "".join(capfd.readouterr())
    assert state.is_failed()
    assert "connection" in (state.message or "")
    assert "hush" not in (state.message or "") + repr(state.data) + logged


@pytest.mark.parametrize("cron", ["", "often", "99 2 * * *", "* * * * * *", "@daily", "0 0 31 2 *"])
def test_what_is_no_cron_is_refused(cron: str) -> None:
    """A cron that cannot be read, has seconds or never comes is refused before anything starts."""
    with pytest.raises(typer.BadParameter, match="no time to run at"):
        schedule.serve(cron)


@pytest.mark.parametrize(
    ("cron", "now", "due"),
    [
        ("15 2 * * *", datetime(2026, 1, 5, 3, 0, tzinfo=UTC), datetime(2026, 1, 6, 2, 15, tzinfo=UTC)),
        ("15 2 * * *", datetime(2026, 7, 5, 3, 0, tzinfo=UTC), datetime(2026, 7, 6, 1, 15, tzinfo=UTC)),
    ],
)
def test_the_cron_is_in_london_time(cron: str, now: datetime, due: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """A quarter past two is London's, in winter and in summer."""
    monkeypatch.setattr(schedule, "_now", lambda: now)

    planned, at = schedule._schedule(cron)

    assert planned.timezone == "Europe/London"
    assert at == due


def test_a_server_that_cannot_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Prefect's server ends at once, the error holds the end of its log."""
    monkeypatch.setattr(schedule, "_SERVER", "import sys; sys.exit('no room for a server')")

    with pytest.raises(RuntimeError, match=r"(?s)ended with code 1.*no room for a server"), schedule.server(tmp_path):
        pass


def test_a_server_that_does_not_answer_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A configured server that is away is named, without its password, with what to do."""
    monkeypatch.setattr(schedule, "START_SECONDS", 0.0)
    before = signal.getsignal(signal.SIGTERM)

    with (
        temporary_settings({PREFECT_API_URL: "http://joe:hush@127.0.0.1:9/api"}),
        pytest.raises(RuntimeError, match=r"http://127\.0\.0\.1:9/api does not answer.*unset PREFECT_API_URL"),
    ):
        schedule.serve("15 2 * * *")

    assert signal.getsignal(signal.SIGTERM) == before


def test_a_cron_really_produces_a_run_and_nothing_outlives_it(
    notices: list[dict[str, Any]], tmp_path: Path, plan: Plan
) -> None:
    """``noticeboard serve`` alone, on a fresh machine: its scheduler makes a run, which fills and publishes.

    Then a night at work is killed with the command that serves it, and no process is left.
    """
    with Standin(notices) as standin:
        given = environment(tmp_path / "served", standin.url) | {
            "NOTICEBOARD_RATE_LIMIT_WAIT": "1",
            "PREFECT_RUNNER_POLL_FREQUENCY": "1",
        }
        with serving("* * * * *", given, tmp_path) as (process, api):
            run = wait_for(lambda: next(iter(runs(api, "COMPLETED", "FAILED", "CRASHED")), None))
            tasks = ask(api, "task_runs/filter", {"flow_runs": {"id": {"any_": [run["id"]]}}})
            served = plan(standin.url, "served")
            by_schedule = read(served)
            plain = plan(standin.url, "plain")
            night.run(plain, "nightly", ran_at(by_schedule))

            standin.faults.append(Fault(Kind.UNAVAILABLE, seconds=0))
            ask(api, f"deployments/{run['deployment_id']}/create_flow_run", {"state": {"type": "SCHEDULED"}})
            wait_for(lambda: runs(api, "RUNNING"))
            at_work = processes_below(process.pid)
            process.kill()
            process.wait()
            gone = wait_for(lambda: not any(is_alive(pid) for pid in at_work))

    assert (run["auto_scheduled"], run["state_type"]) == (True, "COMPLETED"), run["state"]
    assert {task["name"].rpartition("-")[0] for task in tasks} == {step.__name__ for step in night.STEPS}
    assert_equal_tables(by_schedule, read(plain))
    assert (tmp_path / "served" / "export" / "latest" / "README.md").is_file()
    assert len(at_work) >= 2
    assert gone


def test_stopping_the_schedule_ends_a_night_at_work_and_the_server(
    notices: list[dict[str, Any]], tmp_path: Path
) -> None:
    """On SIGTERM the night is noted as failed and the server ends; pages and next run have been told."""
    with Standin(notices, faults=[Fault(Kind.UNAVAILABLE, seconds=0)]) as standin:
        given = environment(tmp_path / "served", standin.url) | {
            "NOTICEBOARD_RATE_LIMIT_WAIT": "1",
            "PREFECT_RUNNER_POLL_FREQUENCY": "1",
        }
        with serving("15 2 * * *", given, tmp_path) as (process, api):
            [deployment] = [one for one in ask(api, "deployments/filter", {}) if one["name"] == "nightly"]
            ask(api, f"deployments/{deployment['id']}/create_flow_run", {"state": {"type": "SCHEDULED"}})
            wait_for(lambda: runs(api, "RUNNING"))
            wait_for(lambda: standin.requests)
            below = processes_below(process.pid)
            process.terminate()
            process.wait(PATIENCE_SECONDS)

    said = (tmp_path / "said").read_text()
    with Warehouse.open(given["NOTICEBOARD_WAREHOUSE_URL"]) as warehouse:
        noted = warehouse.read("run")["status"].to_list()

    assert noted == ["failed"]
    assert process.returncode == 0
    assert len(below) >= 2
    assert not any(is_alive(pid) for pid in below)
    assert f"Prefect's pages: {api.removesuffix('/api')}" in said
    assert " 02:15 London time" in said


# --- serving, as a user does --------------------------------------------------------------------------------------


@contextmanager
def serving(cron: str, given: dict[str, str], folder: Path) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """Run ``noticeboard serve`` until its server answers; yield the process and the address of Prefect's API."""
    said = folder / "said"
    with said.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "flows", "serve", "--cron", cron],
            cwd=CHECKOUT, env=os.environ | given, stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:

        def pages() -> str | None:
            assert process.poll() is None, said.read_text()
            _, found, rest = said.read_text().partition("Prefect's pages: ")
            return rest.split()[0] if found and "Next run" in rest else None

        yield process, f"{wait_for(pages)}/api"
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(PATIENCE_SECONDS)


def wait_for(found: Callable[[], Any]) -> Any:
    """Return what a function finds, once it finds something; fail when it does not in time."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not (what := found()):
        assert time.monotonic() < until, f"nothing found within {PATIENCE_SECONDS} seconds"
        time.sleep(0.3)
    return what


def ask(api: str, path: str, body: dict[str, Any]) -> Any:
    """Ask Prefect's API for something, again as long as it says 503: its database is busy."""

    def answered() -> list[requests.Response]:
        answer = requests.post(f"{api}/{path}", json=body, timeout=PATIENCE_SECONDS)
        return [] if answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE else [answer]

    [answer] = wait_for(answered)
    answer.raise_for_status()
    return answer.json()


def runs(api: str, *states: str) -> list[dict[str, Any]]:
    """Return the flow runs that are in one of some types of state."""
    found: list[dict[str, Any]] = ask(
        api, "flow_runs/filter", {"flow_runs": {"state": {"type": {"any_": list(states)}}}}
    )
    return found


def processes_below(parent: int) -> list[int]:
    """Return the processes that a process started, and those that they started."""
    told = subprocess.run(["ps", "-axo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [(int(pid), int(ppid)) for pid, ppid in (line.split() for line in told.splitlines())]
    found = [parent]
    for above in found:
        found += [pid for pid, ppid in pairs if ppid == above]
    return found[1:]


def is_alive(pid: int) -> bool:
    """Tell whether a process is at work; one that has ended and that nobody asked about is not."""
    told = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(told.strip()) and not told.startswith("Z")


def test_the_days_of_the_notices_are_past() -> None:
    """The made-up notices end before today, so that no run is in the middle of one of their days."""
    assert FIRST + timedelta(days=3) < datetime.now(LONDON).date()
    assert isinstance(FIRST, date)

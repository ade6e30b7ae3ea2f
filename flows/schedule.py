"""The Prefect flows around the night, and the schedule that runs them unattended.

``nightly``, ``backfill`` and ``rebuild`` are windows over one night, whose steps become tasks of the same name.
``serve`` runs ``nightly`` by a cron in London time until it is stopped.

Prefect starts a temporary server where none is configured, but its scheduler does not run there (only services marked
``RunInEphemeralServers`` do): a cron deployment would look active and never fire.
So ``serve`` brings a full server of its own, on this machine only, unless ``PREFECT_API_URL`` names another.
"""

import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

import typer

DEFAULTS = {
    # Nothing that we start reports its use to anyone.
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    # A cold start takes longer than Prefect's own 20 seconds.
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    # The lines that the night logs stand beside its run in Prefect's pages.
    "PREFECT_LOGGING_EXTRA_LOGGERS": "noticeboard",
    # A night that the command line runs in the same process belongs to no flow: its lines go to stderr alone.
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
}
for _name, _value in DEFAULTS.items():
    os.environ.setdefault(_name, _value)

# Prefect reads its settings when it is imported, so the defaults above come first.
from prefect import Flow, flow, task  # noqa: E402 - see above
from prefect.cache_policies import NO_CACHE  # noqa: E402 - see above
from prefect.client.orchestration import get_client  # noqa: E402 - see above
from prefect.client.schemas.objects import State  # noqa: E402 - see above
from prefect.deployments.runner import RunnerDeployment  # noqa: E402 - see above
from prefect.runner import Runner  # noqa: E402 - see above
from prefect.schedules import Cron, Schedule  # noqa: E402 - see above
from prefect.settings import PREFECT_API_URL, PREFECT_HOME, PREFECT_UI_URL, temporary_settings  # noqa: E402 - see above
from prefect.states import Completed  # noqa: E402 - see above
from prefect.types.entrypoint import EntrypointType  # noqa: E402 - see above

from extractors.web import RateLimited, SourceUnavailable  # noqa: E402 - see above
from flows import night  # noqa: E402 - see above
from flows.settings import Settings  # noqa: E402 - see above

log = logging.getLogger("noticeboard")

RETRIES, RETRY_SECONDS = 2, 1800.0
"""How often, and after how long, a service is asked again that refuses or is away in spite of the session's waits."""

PORT = 4200
"""Where Prefect's pages are looked for by habit; another port is taken when somebody has it."""

START_SECONDS, STOP_SECONDS, LAST_SECONDS = 120.0, 15.0, 5.0
"""How long a server may take to answer and to end, and a night whose runner was killed to note its end."""


# --- the flows ----------------------------------------------------------------------------------------------------


@flow(name="nightly", persist_result=False)
def nightly(source: str | None = None) -> State[dict[str, Any]]:
    """Read everything since the last finished night, with an overlap; catch up by itself; publish.

    Args:
        source: only this service; all of them when left out.
    """
    return _walk("nightly", sources=(source,) if source else night.SOURCES)


@flow(name="backfill", persist_result=False)
def backfill(first: date, last: date, source: str | None = None) -> State[dict[str, Any]]:
    """Read history by London days, both included; days that are already archived are not asked for again.

    Args:
        first: the first day.
        last: the last day.
        source: only this service; all of them when left out.
    """
    return _walk("backfill", first=first, last=last, sources=(source,) if source else night.SOURCES)


@flow(name="rebuild", persist_result=False)
def rebuild() -> State[dict[str, Any]]:
    """Make the warehouse again from the archive alone, without asking any service."""
    return _walk("rebuild")


def _walk(kind: night.Kind, **options: Any) -> State[dict[str, Any]]:
    """Run a night, each of its steps as a task; the state says what became of it, its data is the summary."""
    settings = Settings()
    log.setLevel(settings.log_level)
    if "PREFECT__FLOW_RUN_ID" in os.environ:
        threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    wait = RETRY_SECONDS if settings.rate_limit_wait is None else settings.rate_limit_wait
    with night.open_night(settings, kind, _now, **options) as opened:
        for step in night.STEPS:
            _as_task(step, opened, wait)()
        outcome = night.outcome(opened)
    summary = asdict(outcome)
    if outcome.status == "held":
        return Completed(name="Held back", message=outcome.reason, data=summary)
    return Completed(message=f"{outcome.run_id} finished; readers' files: {outcome.export}", data=summary)


def _as_task(step: night.Step, opened: night.Night, wait: float) -> Callable[[], None]:
    """Wrap a step; a night is open connections, so nothing of it is handed to Prefect, hashed, copied or kept.

    Prefect runs such a task in the thread that calls it, which is the one that SQLite's connection belongs to.
    """

    def walk() -> None:
        night.take(step, opened)

    return task(
        name=step.__name__,
        description=(step.__doc__ or "").partition("\n")[0],
        cache_policy=NO_CACHE,
        persist_result=False,
        retries=RETRIES,
        retry_delay_seconds=wait,
        retry_condition_fn=_may_pass,
    )(walk)


def _may_pass(_task: Any, _run: Any, state: State[Any]) -> bool:
    """Tell whether a failure is the service's and may pass; whatever else goes wrong, a person looks."""
    return isinstance(state.result(raise_on_failure=False), RateLimited | SourceUnavailable)


def _end_with_parent(parent: int) -> None:
    """End this process, which a runner started, when the runner was killed: nothing outlives what started it."""
    while os.getppid() == parent:
        time.sleep(1.0)
    # First so that the night notes its end; then for good, since nobody is left to report to.
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(LAST_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)


def _now() -> datetime:
    return datetime.now(UTC)


# --- the schedule -------------------------------------------------------------------------------------------------


def serve(cron: str) -> None:
    """Run ``nightly`` by a cron in London time until stopped; backfill and rebuild can be started from Prefect's pages.

    Args:
        cron: five fields, such as ``15 2 * * *``.

    Raises:
        typer.BadParameter: it is no cron.
        RuntimeError: Prefect's server does not start or does not answer.
    """
    schedule, due = _schedule(cron)
    settings = Settings()
    with ExitStack() as stack:
        # Before the runner takes the signal over, and after it, whoever stops us stops the server as well.
        before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        stack.callback(signal.signal, signal.SIGTERM, before)
        api = PREFECT_API_URL.value()
        if api is None:
            home = (settings.data_dir / "prefect").resolve()
            api = stack.enter_context(server(home))
            changed = {PREFECT_API_URL: api, PREFECT_UI_URL: api.removesuffix("/api"), PREFECT_HOME: home}
            stack.enter_context(temporary_settings(changed))
        else:
            _wait_until_healthy(api, lambda: None)
        runner = Runner(
            name="noticeboard",
            # A limit of this process, not of the server: there, a run that was killed would hold its place for ever.
            limit=1,
            # A schedule that is paused on leaving must be resumed by somebody: it would be silently dead.
            pause_on_shutdown=False,
        )
        runner.add_deployment(_deployment(nightly, schedule=schedule, paused=False))
        runner.add_deployment(_deployment(backfill))
        runner.add_deployment(_deployment(rebuild))
        pages = str(PREFECT_UI_URL.value() or api.removesuffix("/api"))
        _say(f"Prefect's pages: {_without_password(pages)}")
        _say(f"Next run: {due:%A %d %B %Y %H:%M} London time ({cron}). Stop with Ctrl-C")
        asyncio.run(_run_until_stopped(runner))


async def _run_until_stopped(runner: Runner) -> None:
    """Run what is due until an interrupt or SIGTERM; a night at work is ended first, so that it can note its end."""
    loop = asyncio.get_running_loop()
    stopping: set[asyncio.Task[None]] = set()

    def stop(*_: object) -> None:
        if not runner.started:
            sys.exit(0)
        if not stopping:
            loop.call_soon_threadsafe(lambda: stopping.add(loop.create_task(runner.astop())))

    # Prefect's own handler forgets to wait for its `astop` (3.8.8), and leaves the night to be killed.
    vars(runner)["handle_sigterm"] = stop
    loop.add_signal_handler(signal.SIGINT, stop)
    await runner.start()


def _deployment(of: Flow[..., Any], **options: Any) -> RunnerDeployment:
    """Say how the runner finds a flow: by its module, wherever the command was started."""
    made = of.to_deployment(of.name, entrypoint_type=EntrypointType.MODULE_PATH, **options)
    return cast(RunnerDeployment, made)  # a coroutine only where it is called from one


def _schedule(cron: str) -> tuple[Schedule, datetime]:
    """Return the schedule that a cron means, and when it is next due."""
    from prefect.server.schemas.schedules import CronSchedule  # the client's own schedules cannot tell when

    try:
        if len(cron.split()) != 5:
            # Prefect takes six as well, the last for seconds: a night every second.
            raise ValueError("it has not five fields")
        [due] = asyncio.run(CronSchedule(cron=cron, timezone="Europe/London").get_dates(1, _now()))
        return Cron(cron, timezone="Europe/London"), due
    except ValueError:
        raise typer.BadParameter(
            f"{cron!r} is no time to run at. Give minute, hour, day, month and weekday, such as '15 2 * * *'",
            param_hint="--cron",
        ) from None


def _say(words: str) -> None:
    typer.echo(words)
    sys.stdout.flush()


def _without_password(address: str) -> str:
    scheme, _, rest = address.rpartition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}" if scheme else rest


_SERVER = """
import os, runpy, signal, sys, threading

def end_with_parent():
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)

threading.Thread(target=end_with_parent, daemon=True).start()
sys.argv = ["prefect", *sys.argv[1:]]
runpy.run_module("prefect", run_name="__main__")
"""
"""Prefect's own command, which ends as soon as its input does: nothing outlives a parent that was killed."""


@contextmanager
def server(home: Path) -> Iterator[str]:
    """Run a Prefect server on this machine only, scheduler and pages included.

    Args:
        home: where it keeps its database and its log.

    Yields:
        The address of its API.

    Raises:
        RuntimeError: it does not start.
    """
    home.mkdir(parents=True, exist_ok=True)
    port = _free_port()
    api = f"http://127.0.0.1:{port}/api"
    written = home / "server.log"
    arguments = ["server", "start", "--host", "127.0.0.1", "--port", str(port), "--analytics-off"]
    with written.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and Prefect's command
            [sys.executable, "-c", _SERVER, *arguments, "--log-level", "WARNING"],
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PREFECT_HOME": str(home), "PREFECT_API_URL": api},
            # Ctrl-C is for us alone: the runner still has something to tell the server.
            start_new_session=True,
        )
    try:
        _wait_until_healthy(api, lambda: _check_at_work(process, written))
        yield api
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdin:
            process.stdin.close()


def _free_port() -> int:
    for port in (PORT, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise RuntimeError("no free port on 127.0.0.1 for Prefect's server: end what holds them, then run again")


def _check_at_work(process: "subprocess.Popen[bytes]", written: Path) -> None:
    if process.poll() is not None:
        end = written.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise RuntimeError(f"Prefect's server ended with code {process.returncode}; {written} ends with:\n{end}")


def _wait_until_healthy(api: str, check: Callable[[], None]) -> None:
    """Wait for a server to answer; ``check`` raises when there is nothing to wait for."""
    until = time.monotonic() + START_SECONDS
    with temporary_settings({PREFECT_API_URL: api}):
        while True:
            check()
            with get_client(sync_client=True) as client:
                problem = client.api_healthcheck()
            if problem is None:
                return
            if time.monotonic() > until:
                raise RuntimeError(
                    f"Prefect's server at {_without_password(api)} does not answer ({type(problem).__name__}). "
                    "Start it, or unset PREFECT_API_URL to have one of Noticeboard's own"
                )
            time.sleep(0.25)

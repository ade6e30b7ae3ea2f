"""Measure speed and memory beside a bare parse and beside flatterer, on made-up notices, in one run.

    make bench                                  200,000 releases of both services, about 30 minutes
    .venv/bin/python bench/run.py --releases 20000 --runs 1
    .venv/bin/python bench/run.py --only million     a night of 600 releases on top of 1,000,000 archived ones

Every line is a process of its own, run several times in turn with the others; medians are shown.
What is compared is the ratio of lines of one run: times of another machine, or of another hour, say nothing.
Memory is the largest resident set of any one process; CPU counts user and system time of all its processes, and that
of the PostgreSQL server where it works.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path

import msgspec
import psutil
import tasks
from pydantic import AnyHttpUrl

from extractors import contracts_finder, find_a_tender, made_up, made_up_find_a_tender
from extractors.archive import Archive
from extractors.standin import Standin
from extractors.windows import LONDON, london_day
from flows import night
from tests.postgres import postgres_server

FIRST = date(2025, 1, 1)
A_DAY = 1_000
"""Releases a day in the made-up history: busier than any real day, so that a day is no small file."""

FIND_A_TENDER = 0.2
"""The part of the releases that is Find a Tender's: each is some three times as long as one of Contracts Finder."""

# --- the input ----------------------------------------------------------------------------------------------------


def make_input(folder: Path, count: int) -> None:
    """Archive made-up releases as a night does, and write the same lines as one plain file for the other tools."""
    days = max(1, count // A_DAY)
    archive = Archive(folder / "archive")
    others = int(count * FIND_A_TENDER)
    made = {
        contracts_finder.SOURCE: _by_day(made_up.lines(count - others, FIRST, days)),
        find_a_tender.SOURCE: _by_day(made_up_find_a_tender.lines(others, FIRST, days)),
    }
    with (folder / "in.jsonl").open("wb") as plain:
        for number in range(days):
            day = FIRST + timedelta(days=number)
            start, end = london_day(day)
            for source, told in made.items():
                with archive.collecting(source, day) as collection:
                    collection.add(
                        url=f"https://{source}.invalid/", requested_at=end, status=200, sha256="0" * 64, bytes=0,
                        window=(start, end), releases=told(day),
                    )  # fmt: skip
                    collection.complete(start, end, end)
                plain.writelines(line + b"\n" for line in archive.lines(source, day))


def _by_day(lines: Iterator[bytes]) -> Callable[[date], list[bytes]]:
    """Deal made-up lines, which come in the order of their publication, to the London days of it."""
    # The other tools stop at a lone surrogate and at a number without end, which a few made-up notices hold to be
    # hostile.
    read = (line for line in lines if b"\\ud" not in line and b"1e9999" not in line)
    days = groupby(read, key=lambda line: datetime.fromisoformat(_published(line).date).astimezone(LONDON).date())
    waiting = next(days, None)

    def told(day: date) -> list[bytes]:
        nonlocal waiting
        found: list[bytes] = []
        while waiting is not None and waiting[0] <= day:
            found += waiting[1]
            waiting = next(days, None)
        return found

    return told


class _Published(msgspec.Struct):
    date: str


_published = msgspec.json.Decoder(_Published).decode


def say(line: str) -> None:
    """Print a line of the result."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


# --- measuring ----------------------------------------------------------------------------------------------------


@dataclass
class Taken:
    """What one run of a task took: seconds by the wall, CPU seconds, MiB of the largest process."""

    wall: float
    cpu: float
    memory: float


def take(task: str, folder: Path, server: psutil.Process | None) -> Taken:
    """Run one task in a process of its own and measure it."""
    before = _server_cpu(server)
    began = time.perf_counter()
    process = subprocess.Popen(_command(task, folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - our own commands and the tool that is compared
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    if status:
        raise SystemExit(f"{task} failed")
    return Taken(wall, used.ru_utime + used.ru_stime + _server_cpu(server) - before, used.ru_maxrss / 1024)


def _command(task: str, folder: Path) -> list[str]:
    """Return the command that does a task: ours, or flatterer's own."""
    options = tasks.TASKS.get(task)
    if not isinstance(options, tuple):
        return [sys.executable, str(Path(tasks.__file__)), task, str(folder)]
    program = shutil.which("flatterer", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    paths = [str(folder / "in.jsonl"), str(folder / "flatterer")]
    return [program or "flatterer", "--ndjson", "--nocsv", "--force", *options, *paths]


def _server_cpu(server: psutil.Process | None) -> float:
    """Return the CPU seconds of a server and of its processes, those that have ended included."""
    total = 0.0
    for process in [server, *server.children(recursive=True)] if server else []:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def _server_process() -> psutil.Process | None:
    """Find the PostgreSQL server that this process has started."""
    return next(
        (child for child in psutil.Process().children(recursive=True) if child.name().startswith("postgres")), None
    )


def compare(folder: Path, count: int, runs: int) -> dict[str, Taken]:
    """Measure every task several times in turn; return the medians."""
    taken: dict[str, list[Taken]] = {}
    with postgres_server(durable=True) as url:
        (folder / "postgresql.url").write_text(url)
        server = _server_process()
        for _ in range(runs):
            for task in tasks.TASKS:
                taken.setdefault(task, []).append(take(task, folder, server if "PostgreSQL" in task else None))
    for task in tasks.AFTERWARDS:
        taken[task] = [take(task, folder, None) for _ in range(runs)]
    medians = {
        task: Taken(*(statistics.median(getattr(one, name) for one in found) for name in ("wall", "cpu", "memory")))
        for task, found in taken.items()
    }
    _print(medians, count, (folder / "in.jsonl").stat().st_size / 1e6, runs)
    return medians


def _print(medians: dict[str, Taken], count: int, megabytes: float, runs: int) -> None:
    say(f"\n{count:,} releases, {megabytes:,.0f} MB, medians of {runs}\n")
    say("| what | wall s | CPU s | MB/s | releases/s | MiB |\n|---|---:|---:|---:|---:|---:|")
    for task, one in medians.items():
        cells = (
            f"{one.wall:.1f} | {one.cpu:.1f} | {megabytes / one.wall:,.0f} | {count / one.wall:,.0f} | {one.memory:.0f}"
        )
        say(f"| {task} | {cells} |")
    say("\n| reach | wanted | got |\n|---|---|---|")
    for words, wanted, got in _reach(medians):
        say(f"| {words} | {wanted} | {got} |")


def _reach(medians: dict[str, Taken]) -> Iterator[tuple[str, str, str]]:
    theirs, ours = medians["flatterer to Parquet"], medians["archive to Parquet (2 processes)"]
    yield "Parquet, wall, times flatterer", "≥ 5", f"{theirs.wall / ours.wall:.1f}"
    theirs = medians["flatterer to SQLite"]
    for engine in ("SQLite", "PostgreSQL"):
        ours = medians[f"archive to {engine}"]
        yield f"{engine}, CPU, times flatterer to SQLite", "≥ 3", f"{theirs.cpu / ours.cpu:.1f}"
        yield f"{engine}, wall, times flatterer to SQLite", "≥ 2", f"{theirs.wall / ours.wall:.1f}"
    # Rows alone are read whole: that is no part of the product.
    own = (task for task in medians if "flatterer" not in task and "alone" not in task)
    largest = max((medians[task].memory, task) for task in own)
    yield "MiB of the largest process", "≤ 400", f"{largest[0]:.0f} ({largest[1]})"


# --- a night on top of a long history ------------------------------------------------------------------------------


def million(folder: Path, count: int, fresh: int) -> None:
    """Measure a nightly run of some hundred releases on top of a long archived history."""
    if not (folder / "archive").exists():
        make_input(folder, count)
    (folder / "in.jsonl").unlink(missing_ok=True)
    settings = tasks.settings(folder)
    began = time.perf_counter()
    night.run(settings, "rebuild", tasks.now)
    say(f"rebuild of {count:,} releases: {time.perf_counter() - began:.0f} s")
    newest = FIRST + timedelta(days=max(1, count // A_DAY) - 1)
    tonight = newest + timedelta(days=1)
    overlap = [newest - timedelta(days=number) for number in range(4 * night.OVERLAP_DAYS)]
    archive = Archive(folder / "archive")
    lines = [line for source in archive.sources() for day in overlap for line in archive.lines(source, day)]
    lines += made_up.lines(fresh // 2, tonight, 1, seed=2)
    lines += made_up_find_a_tender.lines(fresh - fresh // 2, tonight, 1, seed=2)
    with Standin(lines) as server:
        url = AnyHttpUrl(server.url)
        changes = {"contracts_finder_url": url, "find_a_tender_url": url, "rate_limit_wait": 0.0}
        own = settings.model_copy(update=changes)
        spent: dict[str, float] = {}
        late = datetime(tonight.year, tonight.month, tonight.day, 23, 59, tzinfo=UTC) + timedelta(hours=3)
        with night.open_night(own, "nightly", lambda: late) as opened:
            for step in night.STEPS:
                began = time.perf_counter()
                step(opened)
                spent[step.__name__] = time.perf_counter() - began
    own_time = sum(seconds for name, seconds in spent.items() if name != "collect")
    say(json.dumps({name: round(seconds, 1) for name, seconds in spent.items()}))
    say(f"a night of {fresh} releases on top of {count:,}: {own_time:.1f} s of its own (wanted: ≤ 60 s)")


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--releases", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", choices=("compare", "million"))
    parser.add_argument("--history", type=int, default=1_000_000, help="archived releases below the night")
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    with ExitStack() as stack:
        if asked.only != "million":
            folder = asked.folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="noticeboard-bench-")))
            if not (folder / "in.jsonl").exists():
                make_input(folder, asked.releases)
            compare(folder, asked.releases, asked.runs)
        if asked.only != "compare":
            million(
                asked.folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="noticeboard-bench-"))),
                asked.history,
                600,
            )


if __name__ == "__main__":
    main()

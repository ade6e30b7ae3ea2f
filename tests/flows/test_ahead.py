"""A second process reads a batch ahead: what comes out is the same, and nothing outlives the one that asked."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from extractors import made_up
from extractors.archive import Archive, DamagedArchive
from extractors.windows import london_day
from flows import ahead

SOURCE = "contracts-finder"
DAYS = [date(2026, 9, 1), date(2026, 9, 2)]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """Return an archive of two days, together more than one batch."""
    made = Archive(tmp_path_factory.mktemp("ahead"))
    lines = list(made_up.lines(ahead.BATCH + 500, DAYS[0], 2))
    for day, part in zip(DAYS, (lines[:3000], lines[3000:]), strict=True):
        with made.collecting(SOURCE, day) as collection:
            at = datetime(2026, 9, 3, tzinfo=UTC)
            collection.add(url="http://127.0.0.1/", requested_at=at, status=200, sha256="0", bytes=0, releases=part)
            collection.complete(*london_day(day), at)
    return made


def test_a_second_process_changes_nothing(archive: Archive) -> None:
    """The same batches come in the same order, whether read here or in a second process."""
    here = list(ahead.flattened(archive.root, {SOURCE: DAYS}))
    there = list(ahead.flattened(archive.root, {SOURCE: DAYS}, many_bytes=0))

    assert [batch.flat.documents for batch in here] == [batch.flat.documents for batch in there]
    assert len(here) == 2
    for mine, theirs in zip(here, there, strict=True):
        assert (mine.source, mine.days_begun) == (theirs.source, theirs.days_begun)
        for table, frame in mine.flat.frames.items():
            assert frame.equals(theirs.flat.frames[table]), table


def test_an_error_of_the_second_process_is_met_as_it_is(archive: Archive, tmp_path: Path) -> None:
    """A damaged file raises the archive's own error, after the batches before it."""
    damaged = Archive(tmp_path)
    for day in DAYS:
        for path in (archive.root / archive.path(SOURCE, day)).parent.glob(f"{day}*"):
            target = tmp_path / path.relative_to(archive.root)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    last = tmp_path / damaged.path(SOURCE, DAYS[1])
    last.write_bytes(last.read_bytes()[:-100])

    with pytest.raises(DamagedArchive, match=r"2026-09-02.*damaged"):
        list(ahead.flattened(tmp_path, {SOURCE: DAYS}, many_bytes=0))


SCRIPT = """
import sys, time
from datetime import date
from pathlib import Path
from flows import ahead
if __name__ == "__main__":
    days = [date(2026, 9, 1), date(2026, 9, 2)]
    batches = ahead.flattened(Path(sys.argv[1]), {"contracts-finder": days}, many_bytes=0)
    next(batches)
    print("reading", flush=True)
    time.sleep(60)
"""


def test_the_second_process_ends_when_the_first_is_killed(archive: Archive, tmp_path: Path) -> None:
    """After a kill -9 of the one that asked, the one that reads ahead ends by itself."""
    script = tmp_path / "asks.py"
    script.write_text(SCRIPT)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    with subprocess.Popen(
        [sys.executable, script, archive.root], stdout=subprocess.PIPE, start_new_session=True, env=environment
    ) as asking:
        assert asking.stdout is not None
        said = asking.stdout.readline()
        during = members(asking.pid)
        os.kill(asking.pid, signal.SIGKILL)
    until = time.monotonic() + 20
    while members(asking.pid) and time.monotonic() < until:
        time.sleep(0.1)

    assert said == b"reading\n"
    assert len(during) > 1
    assert members(asking.pid) == []


def test_a_second_process_that_is_killed_is_done_without(archive: Archive) -> None:
    """When the second process is killed in the middle of a batch, the first reads on by itself."""
    batches = ahead.flattened(archive.root, {SOURCE: DAYS}, many_bytes=0)
    first = next(batches)
    time.sleep(1)  # by now it waits for its next batch to be taken
    for child in multiprocessing.active_children():
        child.kill()
    rest = list(batches)

    assert first.flat.documents + sum(batch.flat.documents for batch in rest) == ahead.BATCH + 500


def members(session: int) -> list[int]:
    """Return the processes of a session that are alive."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == session and fields[0] != "Z":
                found.append(int(entry.name))
    return found


def test_nothing_archived_gives_nothing(tmp_path: Path) -> None:
    """Days without a file give no batch, in either way."""
    asked = {SOURCE: DAYS}

    assert list(ahead.flattened(tmp_path, asked)) == list(ahead.flattened(tmp_path, asked, many_bytes=0)) == []

"""The demonstration: two commands after a fresh clone, this is what somebody sees first."""

import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from flows import demo, night
from flows.settings import Settings
from tests.flows import nights

AT = "2026-11-01 12:00"


def silent(step: str, done: int, total: int) -> None:
    """Show no progress."""


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the demonstration keeps its files."""
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="session")
def said(folder: Path) -> str:
    """Run the demonstration and return what it says."""
    return demo.run(Settings(), folder, nights.clock(AT), silent)


def test_the_demonstration_tells_three_figures_for_a_council_and_for_england(said: str) -> None:
    """Its end is the three figures, each a sentence with its bounds, for one council and for English councils."""
    lines = [line.strip() for line in said.splitlines()]
    council, england = (
        next(n for n, line in enumerate(lines) if line.startswith(who)) for who in ("A council", "English")
    )
    bounded = re.compile(r"\d+ % \(\d+–\d+ % depending on .*missing information only; \d+ awards")

    assert lines[0] == demo.NOTE
    assert re.search(r"^4,000 notices: \d,\d{3} used", lines[1])
    assert [bool(bounded.search(line)) for line in lines[england + 1 : england + 3]] == [True, True]
    assert bounded.search(lines[council + 1])
    assert all(
        re.search(r"below threshold \d+( \(\d+–\d+\))?, small \d+", lines[place + 3]) for place in (council, england)
    )


def test_the_files_that_the_demonstration_names_are_there(said: str, folder: Path) -> None:
    """Each path that it prints leads to something, and the readers' README says first that nothing of it is real."""
    paths = [Path(found) for found in re.findall(r":\s+(/\S+)$", said, re.MULTILINE)]

    assert len(paths) >= 3
    assert [path for path in paths if not path.exists()] == []
    assert demo.NOTE in (folder / "export" / "latest" / "README.md").read_text(encoding="utf-8")[:400]


def test_every_notice_of_the_sample_is_stored(said: str, folder: Path) -> None:
    """The sample's notices are all used but for those that are hostile on purpose, over thirty days."""
    found = nights.tables(nights.settings(folder), ("release", "rejected", "coverage"))

    assert said
    assert found["release"].height + found["rejected"].height == sum(demo.NOTICES)
    assert found["rejected"].height < 30
    for source in night.SOURCES:
        days = found["coverage"].filter(pl.col("source") == source)
        assert days.filter("complete").height == demo.DAYS
        assert days["day"].min() == date(2026, 9, 1)
        assert days["missing"].sum() == 0


def test_a_second_demonstration_asks_nothing_and_says_the_same(said: str, folder: Path) -> None:
    """Repeated, it reads its archive, changes no table and tells the same figures."""
    before = nights.digests(nights.tables(nights.settings(folder)))
    again = demo.run(Settings(), folder, nights.clock("2026-11-01 13:00"), silent)
    runs = nights.tables(nights.settings(folder), ("run",))["run"].sort("started_at")

    assert again == said
    assert nights.digests(nights.tables(nights.settings(folder))) == before
    assert runs["requests"].to_list()[1:] == [0]


def test_the_demonstration_does_not_depend_on_the_calendar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine whose clock stands before the sample's days it tells the same figures."""
    monkeypatch.setattr(demo, "NOTICES", (300, 300))  # the clock makes the difference here, not the size
    late = demo.run(Settings(), tmp_path / "late", nights.clock(AT), silent)
    early = demo.run(Settings(), tmp_path / "early", nights.clock("2025-01-15 12:00"), silent)
    covered = nights.tables(nights.settings(tmp_path / "early"), ("coverage",))["coverage"]

    assert early.splitlines()[:-4] == late.splitlines()[:-4]
    assert covered.height > 0
    assert covered["complete"].all()

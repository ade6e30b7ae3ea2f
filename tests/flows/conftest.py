"""Nights that several tests look at: each is run once, and nobody changes its folder."""

import fcntl
import shutil
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from flows import night
from flows.settings import Settings
from tests.flows import nights

STORY_FIRST, STORY_DAYS = date(2026, 9, 25), 10
"""The days of the story that is told night by night: over the end of a month, of a quarter and of a weekend."""


@pytest.fixture(scope="session")
def story() -> list[nights.Told]:
    """Return releases in which awards and tenders are told again with other contents."""
    return nights.story(first=STORY_FIRST, days=STORY_DAYS)


@pytest.fixture(scope="session")
def story_service(story: list[nights.Told]) -> Iterator[str]:
    """Serve the story for the whole session; return the address."""
    with nights.service(story) as server:
        yield server.url


@pytest.fixture(scope="session")
def by_nights(story_service: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return the settings of a warehouse that read the story in ten nightly runs, once for all workers."""
    own_base = tmp_path_factory.getbasetemp()
    # Every worker has a folder of its own in the one of the whole session.
    base = own_base.parent if own_base.name.startswith("popen-") else own_base
    own = nights.settings(base / "by-nights", story_service).model_copy(update={"first_day": STORY_FIRST})
    done = base / "by-nights.done"
    with (base / "by-nights.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            # What another worker left behind that failed in mid-story is no beginning.
            shutil.rmtree(base / "by-nights", ignore_errors=True)
            for number in range(1, STORY_DAYS + 1):
                night.run(own, "nightly", nights.clock(f"{STORY_FIRST + timedelta(days=number)} 02:15"))
            done.touch()
    return own


@pytest.fixture(scope="session")
def told_by_nights(by_nights: Settings) -> dict[str, pl.DataFrame]:
    """Return the tables of that warehouse."""
    return nights.tables(by_nights)


@pytest.fixture
def copied(tmp_path: Path) -> Callable[[Settings], Settings]:
    """Return a function that copies everything a warehouse keeps into a folder of this test's own."""

    def copy(own: Settings) -> Settings:
        folder = tmp_path / "copy"
        shutil.copytree(own.data_dir, folder, symlinks=True)
        return nights.settings(folder, str(own.contracts_finder_url)).model_copy(update={"first_day": own.first_day})

    return copy

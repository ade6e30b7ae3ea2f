"""Tests of fetching registers from the stand-in: links, resumed downloads, and what large files suffer from."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from extractors import charity_registers, companies_house, mutuals
from extractors.made_up_registers import published
from extractors.registers import Order, UnexpectedFile
from extractors.standin.registers import RegistersStandin, Trouble
from extractors.web import Session, SourceUnavailable, UnexpectedAnswer

FILE = "BasicCompanyDataAsOneFile-2026-11-01.zip"
BODY = bytes(range(256)) * 4_096
NOW = datetime(2026, 11, 22, tzinfo=UTC)


@contextmanager
def session(server: RegistersStandin, retries: int = 3) -> Iterator[Session]:
    """Open a session with the stand-in that waits for nothing."""
    with Session(server.url, now=lambda: NOW, wait_seconds=0, retries=retries) as opened:
        yield opened


def order(folder: Path, held: frozenset[str] = frozenset()) -> Order:
    """Return an order into a folder that shows no progress."""
    return Order(folder, date(2026, 11, 22), held, lambda _name, _have, _total: None)


def fetched(server: RegistersStandin, folder: Path, held: frozenset[str] = frozenset()) -> list[Path]:
    """Fetch the companies from the stand-in."""
    return companies_house.fetch(
        lambda _host: Session(server.url, now=lambda: NOW, wait_seconds=0, retries=3), order(folder, held)
    )


@pytest.mark.parametrize(
    "troubles", [{}, {Trouble.CUT: 3}, {Trouble.CUT: 1, Trouble.NO_RANGES: 1}, {Trouble.CUT: 2, Trouble.WRONG_PART: 1}]
)
def test_a_download_ends_whole_whatever_cuts_it(tmp_path: Path, troubles: Mapping[Trouble, int]) -> None:
    """It is taken up where it broke off, and begun anew where the service sends something else."""
    with RegistersStandin({"a.zip": BODY}, troubles) as server, session(server) as opened:
        opened.download("/a.zip", tmp_path / "a.zip")

    assert (tmp_path / "a.zip").read_bytes() == BODY
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


def test_only_what_lacks_is_asked_for(tmp_path: Path) -> None:
    """Half of the file is there after the first attempt, three quarters after the second."""
    with RegistersStandin({"a.zip": BODY}, {Trouble.CUT: 2}) as server, session(server) as opened:
        opened.download("/a.zip", tmp_path / "a.zip")

    assert [(asked.start, asked.status) for asked in server.requests] == [
        (None, 200),
        (len(BODY) // 2, 206),
        (len(BODY) * 3 // 4, 206),
    ]


def test_the_next_run_takes_up_what_an_earlier_one_left(tmp_path: Path) -> None:
    """A run that gave up leaves its part, and the next one asks for the rest only."""
    with RegistersStandin({"a.zip": BODY}, {Trouble.CUT: 1}) as server:
        with session(server, retries=0) as first, pytest.raises(SourceUnavailable, match="What was fetched is kept"):
            first.download("/a.zip", tmp_path / "a.zip")
        with session(server) as second:
            second.download("/a.zip", tmp_path / "a.zip")

    assert server.requests[-1].start == len(BODY) // 2
    assert (tmp_path / "a.zip").read_bytes() == BODY


def test_a_file_that_has_changed_meanwhile_is_fetched_anew(tmp_path: Path) -> None:
    """The halves of two versions are never put together."""
    troubles = {Trouble.CUT: 1, Trouble.CHANGED: 1}
    with RegistersStandin({"a.zip": BODY}, troubles) as server, session(server) as opened:
        opened.download("/a.zip", tmp_path / "a.zip")

    assert (tmp_path / "a.zip").read_bytes() == BODY + b"\n"


def test_progress_tells_what_is_there_and_what_was_announced(tmp_path: Path) -> None:
    """The last word is the whole file."""
    told: list[tuple[int, int | None]] = []
    with RegistersStandin({"a.zip": BODY}) as server, session(server) as opened:
        opened.download("/a.zip", tmp_path / "a.zip", progress=lambda have, total: told.append((have, total)))

    assert told[-1] == (len(BODY), len(BODY))


def test_a_file_over_the_cap_is_refused_before_it_is_fetched(tmp_path: Path) -> None:
    """What is announced as too large is not begun."""
    with (
        RegistersStandin({"a.zip": BODY}) as server,
        session(server) as opened,
        pytest.raises(UnexpectedAnswer, match="announces 1,048,576 bytes"),
    ):
        opened.download("/a.zip", tmp_path / "a.zip", largest=1_000)

    assert list(tmp_path.iterdir()) == []


def test_a_file_that_does_not_tell_its_length_is_capped_too(tmp_path: Path) -> None:
    """The cap holds for what comes, and what came goes."""
    files = {"exportSearchResultsToCsv": BODY}
    with (
        RegistersStandin(files) as server,
        pytest.raises(UnexpectedAnswer, match="sent more than"),
        session(server) as opened,
    ):
        opened.download(
            f"{charity_registers.CCNI_EXPORT}?homePageId=c0ffee00-0000-4000-8000-000000000000&include=Removed",
            tmp_path / "a.csv",
            largest=1_000,
        )

    assert list(tmp_path.iterdir()) == []


def test_an_unavailable_service_is_asked_again(tmp_path: Path) -> None:
    """503 is waited for, as everywhere."""
    with RegistersStandin({"a.zip": BODY}, {Trouble.UNAVAILABLE: 2}) as server, session(server) as opened:
        opened.download("/a.zip", tmp_path / "a.zip")

    assert [asked.status for asked in server.requests] == [503, 503, 200]


def test_a_file_that_is_not_there_is_told_at_once(tmp_path: Path) -> None:
    """404 will not mend by asking again."""
    with (
        RegistersStandin({}) as server,
        session(server) as opened,
        pytest.raises(UnexpectedAnswer, match="status 404"),
    ):
        opened.download("/a.zip", tmp_path / "a.zip")

    assert len(server.requests) == 1


def test_the_one_file_is_chosen_among_the_links_of_the_page(tmp_path: Path) -> None:
    """The page links to the file in parts, too, and may still link to the one of last month."""
    files = {FILE: b"new", "BasicCompanyDataAsOneFile-2026-10-01.zip": b"old"}
    with RegistersStandin(files) as server:
        [path] = fetched(server, tmp_path)

    assert (path.name, path.read_bytes()) == (FILE, b"new")


def test_a_file_that_is_loaded_already_is_not_fetched_again(tmp_path: Path) -> None:
    """Half a gigabyte is asked for once a month, however often the command runs."""
    with RegistersStandin(published()) as server:
        paths = fetched(server, tmp_path, frozenset({FILE}))

    assert paths == []
    assert [asked.path for asked in server.requests] == ["/en_output.html"]


@pytest.mark.parametrize(
    ("trouble", "error", "said"),
    [
        (Trouble.NO_LINK, UnexpectedFile, "give it with --file"),
        (Trouble.FOREIGN_LINK, UnexpectedAnswer, "is not at"),
    ],
)
def test_a_page_that_has_changed_is_told(tmp_path: Path, trouble: Trouble, error: type[Exception], said: str) -> None:
    """Neither is a file guessed at, nor another host asked."""
    with RegistersStandin(published(), {trouble: 1}) as server, pytest.raises(error, match=said):
        fetched(server, tmp_path)


def test_the_json_extract_is_chosen_and_the_societies_are_found_by_a_link_without_scheme(tmp_path: Path) -> None:
    """The Charity Commission links to each table twice; the mutuals' link begins with two slashes."""
    with RegistersStandin(published()) as server:

        def sessions(_host: str) -> Session:
            return Session(server.url, now=lambda: NOW, wait_seconds=0)

        charity_registers.fetch_commission(sessions, order(tmp_path))
        mutuals.fetch(sessions, order(tmp_path))

    assert [asked.path for asked in server.requests if "." in asked.path] == [
        "/data/json/publicextract.charity.zip",
        "/data/json/publicextract.charity_other_names.zip",
        "/societylist/SocietyList.csv",
    ]


def test_northern_irelands_export_is_asked_for_with_the_number_of_its_search_page(tmp_path: Path) -> None:
    """The number is escaped twice; without it the message says how to go on by hand."""
    with RegistersStandin(published(), {Trouble.NO_HOME_PAGE_ID: 0}) as server:
        [path] = charity_registers.fetch_ccni(
            lambda _host: Session(server.url, now=lambda: NOW, wait_seconds=0), order(tmp_path)
        )

    assert path.read_bytes() == published()["exportSearchResultsToCsv"]


def test_a_search_page_without_its_number_is_told(tmp_path: Path) -> None:
    """The export cannot be asked for without it."""
    with (
        RegistersStandin(published(), {Trouble.NO_HOME_PAGE_ID: 1}) as server,
        pytest.raises(UnexpectedFile, match="no longer tells the homePageId"),
    ):
        charity_registers.fetch_ccni(
            lambda _host: Session(server.url, now=lambda: NOW, wait_seconds=0), order(tmp_path)
        )

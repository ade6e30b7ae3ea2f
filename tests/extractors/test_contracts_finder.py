"""Everything that was published in a window arrives exactly once, however the service misbehaves."""

import gzip
import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from extractors import contracts_finder
from extractors.contracts_finder import _rows, listed, pages, release
from extractors.standin import SEARCH_PATH, Fault, Kind, Standin
from extractors.web import Session, UnexpectedAnswer
from extractors.windows import LONDON, Page, london_day

DAY = date(2026, 9, 3)


def releases(count: int, start: datetime, end: datetime, seed: int = 1) -> list[dict[str, Any]]:
    """Return made-up releases, spread over a period, its two ends included."""
    random = Random(seed)  # noqa: S311 - made-up notices, nothing secret
    seconds = int((end - start).total_seconds())
    places = [0, seconds, *(random.randrange(seconds) for _ in range(count - 2))]
    return [
        {
            "ocid": f"ocds-b5fd17-{seed}-{n // 2}",
            "id": f"{seed}-{n}",
            "date": (start + timedelta(seconds=place)).astimezone(LONDON).isoformat(),
            "tag": ["award"],
            "tender": {"title": f"Grounds maintenance {n}"},
            "awards": [{"suppliers": [{"id": "1", "name": "Acorn Gardens"}]}],
        }
        for n, place in enumerate(places)
    ]


def walked(server: Standin, start: datetime, end: datetime) -> list[Page]:
    """Return the pages of a window, without waiting."""
    clock = datetime(2026, 9, 4, 2, 15, tzinfo=UTC)
    with Session(server.url, now=lambda: clock, wait_seconds=0.0) as session:
        return list(pages(session, start, end))


def met(found: Sequence[Page]) -> Counter[str | None]:
    """Return how often each release arrived."""
    return Counter(release.release_id for page in found for release in page.package.releases)


def ids(served: Sequence[dict[str, Any]]) -> Counter[str | None]:
    """Return each release once."""
    return Counter(release["id"] for release in served)


def test_a_quiet_day_is_one_request() -> None:
    """A page that is not full is the whole window."""
    start, end = london_day(DAY)
    served = releases(60, start, end)
    with Standin(served) as server:
        found = walked(server, start, end)

    assert met(found) == ids(served)
    assert [(page.start, page.end, page.served) for page in found] == [(start, end, 60)]
    assert server.requests[0].path == SEARCH_PATH
    assert server.requests[0].params == {
        "publishedFrom": "2026-09-03T00:00:00+01:00",
        "publishedTo": "2026-09-04T00:00:00+01:00",
        "limit": "100",
    }


FAULTS: dict[str, list[Fault | Kind]] = {
    "none": [],
    "rows lost": [Kind.ROWS_LOST],
    "403": [Kind.ROWS_LOST, Fault(Kind.FORBIDDEN, every=3)],
    "429": [Kind.ROWS_LOST, Fault(Kind.RATE_LIMIT, every=4), Fault(Kind.RATE_LIMIT_TEXT, every=5)],
    "5xx": [Kind.ROWS_LOST, Fault(Kind.UNAVAILABLE, every=3), Fault(Kind.ERROR, every=4)],
    "broken bodies": [Fault(Kind.TRUNCATED, every=3), Fault(Kind.CUT_SHORT, every=4), Fault(Kind.NOT_JSON, every=5)],
    "odd releases": [
        Fault(Kind.NOT_UTF8, every=7),
        Fault(Kind.HUGE_NUMBER, every=11),
        Fault(Kind.LEADING_ZEROS, every=13),
        Fault(Kind.NULLS, every=5),
    ],
    "repeated releases": [Fault(Kind.REPEATED, every=3)],
    "a release that appears between pages": [Fault(Kind.APPEARS, every=40)],
    "no next link": [Kind.NO_NEXT],
    "cursor to itself": [Kind.CURSOR_TO_ITSELF],
    "next on another host": [Kind.FOREIGN_NEXT],
    "next over http": [Kind.HTTP_NEXT],
    "an empty page that has a next link": [Fault(Kind.EMPTY_PAGE, times=1)],
}


@pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS.keys())
def test_every_release_arrives_exactly_once(faults: list[Fault | Kind]) -> None:
    """A busy day arrives whole and without repetition, whatever goes wrong on the way."""
    start, end = london_day(DAY)
    served = releases(480, start, end)
    with Standin(served, faults=faults) as server:
        found = walked(server, start, end)

    assert met(found) == ids(served)
    assert [lost for page in found for lost in page.package.unreadable] == []


def test_rows_really_are_lost_by_the_cursor() -> None:
    """The stand-in's cursor loses rows, so that following it would not do."""
    start, end = london_day(DAY)
    served = releases(480, start, end)
    followed: set[str] = set()
    url: str | None = f"{SEARCH_PATH}?limit=100"
    with (
        Standin(served, faults=[Kind.ROWS_LOST]) as server,
        Session(server.url, now=lambda: end, wait_seconds=0.0) as session,
    ):
        while url:
            told = json.loads(session.get(url).body)
            followed |= {release["id"] for release in told["releases"]}
            url = told.get("links", {}).get("next")

    assert len(followed) < 480


def test_an_unreadable_release_costs_no_other() -> None:
    """Releases served = releases + unreadable, each counted once although windows are asked again."""
    start, end = london_day(DAY)
    served = releases(300, start, end)
    with Standin(served, faults=[Fault(Kind.NOT_A_NUMBER, every=30)]) as server:
        found = walked(server, start, end)
    lost = {unreadable.sha256 for page in found for unreadable in page.package.unreadable}

    assert len(lost) == sum(len(page.package.unreadable) for page in found) == 10
    assert sum(met(found).values()) == 290
    assert set(met(found).values()) == {1}


def test_an_edit_between_two_pages_is_kept() -> None:
    """Two contents under one id both arrive; the same content arrives once."""
    start, end = london_day(DAY)
    served = releases(10, start, end)
    edited = {**served[4], "tender": {"title": "Grounds maintenance, corrected"}}
    with Standin([*served, edited, served[5]]) as server:
        found = walked(server, start, end)

    assert met(found) == ids([*served, edited])


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)], ids=str)
def test_a_day_on_which_the_clocks_change_is_whole(day: date) -> None:
    """The hour that is repeated in October and the one left out in March leave no gap."""
    start, end = london_day(day)
    change = datetime(day.year, day.month, day.day, 1, tzinfo=UTC)
    around = releases(250, change - timedelta(hours=1), change + timedelta(hours=1), seed=2)
    served = [*releases(250, start, end), *around]
    with Standin(served, faults=[Kind.ROWS_LOST]) as server:
        found = walked(server, start, end)

    assert met(found) == ids(served)


def test_neighbouring_days_leave_no_gap() -> None:
    """Every release of a week with a change of the clocks is in the day asked for, the border second in both."""
    days = [date(2026, 10, 22) + timedelta(days=n) for n in range(6)]
    served = releases(600, london_day(days[0])[0], london_day(days[-1])[1])
    with Standin(served) as server:
        found = [walked(server, *london_day(day)) for day in days]

    assert set().union(*(met(pages) for pages in found)) == set(ids(served))
    assert sum(sum(met(pages).values()) for pages in found) - 600 <= len(days)


@pytest.mark.parametrize("count", [100, 101, 200, 350])
def test_more_than_a_page_within_one_second_arrives_whole(count: int) -> None:
    """Within one second the cursor is followed, and also where the last page is just full, nothing is missing."""
    start, end = london_day(DAY)
    moment = start + timedelta(hours=9)
    served = [{**r, "date": moment.astimezone(LONDON).isoformat()} for r in releases(count, start, end)]
    with Standin([*served, *releases(50, start, end, seed=2)]) as server:
        found = walked(server, start, end)

    assert sum(met(found).values()) == count + 50


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        (Kind.ROWS_LOST, "rows came again"),
        (Kind.NO_NEXT, "no link to the next"),
        (Kind.CURSOR_TO_ITSELF, "leads to one that was read before"),
        (Kind.FOREIGN_NEXT, "is not at"),
        (Kind.HTTP_NEXT, "is not at"),
    ],
)
def test_a_second_that_cannot_be_read_to_its_end_is_an_error(kind: Kind, why: str) -> None:
    """Where only the cursor could tell the rest, and it does not, the walk stops with the reason."""
    start, end = london_day(DAY)
    served = [{**r, "date": "2026-09-03T09:00:00+01:00"} for r in releases(250, start, end)]
    with Standin(served, faults=[kind]) as server, pytest.raises(UnexpectedAnswer, match=why):
        walked(server, start, end)


def test_a_repeated_cursor_is_noticed_within_two_pages() -> None:
    """A page that leads to itself is read once."""
    start = datetime(2026, 9, 3, 8, tzinfo=UTC)
    served = [{**r, "date": start.isoformat()} for r in releases(350, start, start + timedelta(days=1))]
    with (
        Standin(served, faults=[Kind.CURSOR_TO_ITSELF]) as server,
        pytest.raises(UnexpectedAnswer),
    ):
        walked(server, start, start + timedelta(seconds=1))

    assert len(server.requests) == 2


def test_pages_without_end_are_bounded() -> None:
    """A service whose every page promises one more is given up on."""
    start, end = london_day(DAY)
    with (
        Standin(releases(150, start, end), faults=[Kind.ENDLESS]) as server,
        pytest.raises(UnexpectedAnswer, match="brought nothing new"),
    ):
        walked(server, start, end)

    assert len(server.requests) < 1000


def test_a_window_needs_time_zones_and_length() -> None:
    """Times without a zone, and a window that ends before it starts, are refused."""
    start, end = london_day(DAY)
    with Standin([]) as server:
        with pytest.raises(ValueError, match="time zones"):
            walked(server, start.replace(tzinfo=None), end.replace(tzinfo=None))
        with pytest.raises(ValueError, match="earlier first"):
            walked(server, end, start)


def test_parts_of_a_second_widen_the_window() -> None:
    """The window asked for is of whole seconds and holds the one given."""
    start, end = london_day(DAY)
    with Standin([]) as server:
        walked(server, start + timedelta(milliseconds=1), end + timedelta(milliseconds=1))

    assert server.requests[0].params["publishedFrom"] == "2026-09-03T00:00:00+01:00"
    assert server.requests[0].params["publishedTo"] == "2026-09-04T00:00:01+01:00"


def session(url: str) -> Session:
    """Return a session that waits for nothing."""
    return Session(url, now=lambda: datetime(2026, 9, 4, 2, 15, tzinfo=UTC), wait_seconds=0.0)


@pytest.mark.parametrize("day", [DAY, date(2026, 10, 25)], ids=str)
def test_the_list_of_a_day_tells_what_the_search_should_bring(day: date) -> None:
    """Each release of the London day is in its list once; the path has no padding."""
    start, end = london_day(day)
    served = releases(137, start, end - timedelta(seconds=1))
    faults = [Fault(Kind.HUGE_NUMBER, every=9), Fault(Kind.NOT_UTF8, every=7), Fault(Kind.NULLS, every=5)]
    beside = releases(9, end, end + timedelta(hours=1), seed=2)
    with Standin([*served, *beside], faults=faults) as server, session(server.url) as web:
        answer, rows = listed(web, day)

    assert rows is not None
    assert len(rows) == 137
    assert set(rows) == {(one["ocid"], one["id"]) for one in served}
    assert answer.status == 200
    assert server.requests[0].path == f"/Harvester/Notices/Data/CSV/{day.year}/{day.month}/{day.day}"


def test_a_day_without_a_list_is_not_known() -> None:
    """Where the service has no list of a day, null is returned and nothing is asked again."""
    with Standin(releases(3, *london_day(DAY))) as server, session(server.url) as web:
        answer, rows = listed(web, date(2026, 12, 25))

    assert (answer.status, rows) == (404, None)
    assert len(server.requests) == 1


HEADER = "uri,publishedDate,releases/0/ocid,releases/0/id,releases/0/tender/description"


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        ("", None),
        ("<html>Sorry</html>", None),
        ("uri,publishedDate", None),
        (HEADER, []),
        (f"\ufeff{HEADER}\r\nu,d,ocds-b5fd17-1,1-1,x\r\n", [("ocds-b5fd17-1", "1-1")]),
        (f'{HEADER}\nu,d,ocds-b5fd17-1,1-1,"two\nlines, ""quoted"""\nu,d,ocds-b5fd17-2,2-1,', [
            ("ocds-b5fd17-1", "1-1"), ("ocds-b5fd17-2", "2-1"),
        ]),
        (f"{HEADER}\nu,d,ocds-b5fd17-1,1-1,x\nu,d,ocds-b5fd17-1,1-1,x", [("ocds-b5fd17-1", "1-1")]),
        (f"{HEADER}\nrest of a text,d,,,\nshort\n\nu,d,ocds-b5fd17-1,../../x#,x", []),
        (f'{HEADER}\nu,d,ocds-b5fd17-1,1-1,"{"long " * 60_000}"', [("ocds-b5fd17-1", "1-1")]),
        (f'{HEADER}\nu,d,ocds-b5fd17-1,1-1,"not closed', [("ocds-b5fd17-1", "1-1")]),
    ],
    ids=["empty", "html", "other columns", "no rows", "bom", "quoted", "repeated", "malformed", "long", "not closed"],
)  # fmt: skip
def test_only_whole_rows_of_a_list_count(body: str, rows: list[tuple[str, str]] | None) -> None:
    """A body that is no list is not known; malformed rows, and ids that could not be asked for, are skipped."""
    assert _rows(body.encode()) == rows


def test_a_release_is_found_by_its_id() -> None:
    """One request brings the release; where the service has none of that id the answer says so."""
    served = releases(3, *london_day(DAY))
    with Standin(served) as server, session(server.url) as web:
        _, package = release(web, "1-2")
        absent, none = release(web, "1-9")

    assert package is not None
    assert [(found.ocid, found.release_id) for found in package.releases] == [("ocds-b5fd17-1-1", "1-2")]
    assert (absent.status, none) == (404, None)


@pytest.mark.parametrize("text", ["", "..", "../Record/x", "a#b", "a b", "a?b", "a%2Fb", "x" * 300, "\u00e9"])
def test_only_what_can_be_an_id_is_asked_for(text: str) -> None:
    """A text from elsewhere that would lead to another address is refused before anything is sent."""
    with Standin([]) as server, session(server.url) as web, pytest.raises(ValueError, match="cannot be the id"):
        release(web, text)

    assert server.requests == []


def test_what_is_known_about_the_source_is_written_down() -> None:
    """A source states its address over https and its caveats."""
    assert contracts_finder.HOST.startswith("https://")
    assert "Caveats" in (contracts_finder.__doc__ or "")


@pytest.mark.parametrize("faults", [[], [Kind.ROWS_LOST, Fault(Kind.FORBIDDEN, every=4)]], ids=["plain", "faults"])
def test_real_releases_arrive_exactly_once(shared: Path, faults: list[Fault | Kind]) -> None:
    """Real pages, served by the stand-in, arrive as the bytes that they are, each release once."""
    folder = shared / "data" / "contracts_finder"
    files = [*folder.glob("package_*.json.gz"), *folder.glob("releases_*.jsonl.gz")]
    told: dict[str, Any] = {}
    for path in files:
        text = gzip.decompress(path.read_bytes()).decode()
        found = json.loads(text)["releases"] if "package" in path.name else map(json.loads, text.splitlines())
        told |= {release["id"]: release for release in found}
    with Standin(files, faults=faults) as server:
        walk = [
            *walked(server, datetime(2022, 10, 1, tzinfo=UTC), datetime(2022, 11, 1, tzinfo=UTC)),
            *walked(server, datetime(2025, 3, 1, tzinfo=UTC), datetime(2025, 4, 1, tzinfo=UTC)),
        ]

    assert met(walk) == Counter(told.keys())
    assert all(json.loads(r.body) == told[r.release_id or ""] for page in walk for r in page.package.releases)

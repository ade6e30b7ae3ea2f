"""Everything that Find a Tender published in a window arrives exactly once, although its cursor loses rows."""

import gzip
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors import find_a_tender
from extractors.find_a_tender import SEARCH_PATH, _middle, _query, pages, release
from extractors.standin import Fault, Kind, Standin
from extractors.web import Session, UnexpectedAnswer
from extractors.windows import LONDON, Page, london_day

DAY = date(2026, 9, 3)
CLOCKS_GO_BACK = date(2026, 10, 25)


def notices(count: int, first: int, start: datetime, end: datetime, seed: int = 1) -> list[dict[str, Any]]:
    """Return made-up notices, numbered from ``first`` in the order of their dates, spread over a period."""
    random = Random(seed)  # noqa: S311 - made-up notices, nothing secret
    seconds = int((end - start).total_seconds())
    places = sorted([0, seconds, *(random.randrange(seconds) for _ in range(count - 2))])
    return [
        {
            "ocid": f"ocds-h6vhtk-{(first + n) // 2:06x}",
            "id": f"{first + n:06}-{start.astimezone(LONDON).year}",
            "date": (start + timedelta(seconds=place)).astimezone(LONDON).isoformat(),
            "tag": ["award", "contract"],
            "tender": {"title": f"Grounds maintenance {n}"},
            "awards": [{"id": "1", "suppliers": [{"id": "GB-FTS-1", "name": "Acorn Gardens"}]}],
        }
        for n, place in enumerate(places)
    ]


def session(server: Standin) -> Session:
    """Return a session that waits for nothing."""
    return Session(server.url, now=lambda: datetime(2026, 9, 4, 2, 15, tzinfo=UTC), wait_seconds=0.0)


def walked(server: Standin, start: datetime, end: datetime) -> list[Page]:
    """Return the pages of a window, without waiting."""
    with session(server) as web:
        return list(pages(web, start, end))


def met(found: Iterable[Page]) -> Counter[str | None]:
    """Return how often each release arrived."""
    return Counter(release.release_id for page in found for release in page.package.releases)


def ids(served: Iterable[Mapping[str, Any]]) -> Counter[str | None]:
    """Return each release once."""
    return Counter(release["id"] for release in served)


def followed(server: Standin, url: str | None) -> set[str]:
    """Return the ids that following the cursor brings."""
    found: set[str] = set()
    with session(server) as web:
        while url:
            told = json.loads(web.get(url).body)
            found |= {release["id"] for release in told["releases"]}
            url = told.get("links", {}).get("next")
    return found


def test_a_day_of_152_notices_arrives_whole_behind_a_cursor_that_yields_103() -> None:
    """Following the cursor brings 103 of a day's 152 notices and looks complete; the walk brings all of them."""
    start, end = london_day(date(2021, 5, 7))
    served = notices(152, 9951, start + timedelta(hours=6), end - timedelta(hours=6))
    served[40]["date"] = "2021-07-27T11:00:00+01:00"  # dated long after the day under which it is listed
    published = {served[40]["id"]: start + timedelta(hours=9)}
    with Standin(served, published=published) as server:
        naive = followed(server, f"{SEARCH_PATH}?updatedFrom=2021-05-07T00:00:00&updatedTo=2021-05-07T23:59:59")
        found = walked(server, start, end)

    assert len(naive) == 103
    assert met(found) == ids(served)


def test_a_quiet_day_is_one_request_in_wall_clock_time() -> None:
    """A page that is not full is the whole window; three parameters are sent, and no stages."""
    start, end = london_day(DAY)
    served = notices(60, 83_200, start, end)
    with Standin(served) as server:
        found = walked(server, start, end)

    assert met(found) == ids(served)
    assert [(page.start, page.end, page.served) for page in found] == [(start, end, 60)]
    assert [(asked.path, asked.params) for asked in server.requests] == [
        (SEARCH_PATH, {"updatedFrom": "2026-09-03T00:00:00", "updatedTo": "2026-09-04T00:00:00", "limit": "100"})
    ]


FAULTS: dict[str, list[Fault | Kind]] = {
    "none": [],
    "429": [Fault(Kind.RATE_LIMIT, every=4), Fault(Kind.RATE_LIMIT_TEXT, every=5)],
    "5xx": [Fault(Kind.UNAVAILABLE, every=3), Fault(Kind.ERROR, every=4)],
    "broken bodies": [Fault(Kind.TRUNCATED, every=3), Fault(Kind.CUT_SHORT, every=4), Fault(Kind.NOT_JSON, every=5)],
    "odd numbers and nulls": [
        Fault(Kind.HUGE_NUMBER, every=11),
        Fault(Kind.LEADING_ZEROS, every=13),
        Fault(Kind.NULLS, every=5),
        Fault(Kind.NOT_UTF8, every=7),
    ],
    "repeated releases": [Fault(Kind.REPEATED, every=3)],
    "a release that appears between pages": [Fault(Kind.APPEARS, every=40)],
    "no next link": [Kind.NO_NEXT],
    "cursor to itself": [Kind.CURSOR_TO_ITSELF],
    "next on another host": [Kind.FOREIGN_NEXT],
    "an empty page that has a next link": [Fault(Kind.EMPTY_PAGE, times=1)],
}


@pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS.keys())
def test_every_release_arrives_exactly_once(faults: list[Fault | Kind]) -> None:
    """A busy day arrives whole and without repetition, whatever goes wrong on the way."""
    start, end = london_day(DAY)
    served = notices(471, 83_200, start, end)
    with Standin(served, faults=faults) as server:
        found = walked(server, start, end)

    assert met(found) == ids(served)
    assert [lost for page in found for lost in page.package.unreadable] == []
    assert {asked.status for asked in server.requests} <= {200, 429, 500, 503}


def test_odd_numbers_are_kept_or_repaired_and_noted() -> None:
    """``1e9999`` passes as it is; ``000`` becomes 0 with a note; the releases beside them are untouched."""
    start, end = london_day(DAY)
    served = notices(3, 83_200, start, end)
    faults = [Fault(Kind.HUGE_NUMBER, times=1), Fault(Kind.LEADING_ZEROS, every=2, times=1)]
    with Standin(served, faults=faults) as server:
        [page] = walked(server, start, end)
    bodies = [release.body for release in page.package.releases]

    assert b'"maximumLotsBidPerSupplier": 1e9999' in bodies[0]
    assert b'"maximumLotsBidPerSupplier": 0,' in bodies[1]
    assert json.loads(bodies[2]) == served[0]
    assert [note.partition(" at byte")[0] for note in page.package.repaired] == ["leading zeros removed from a number"]


def test_each_release_is_listed_under_the_moment_of_its_publication() -> None:
    """A window selects on the moment of publication, not on the release's date, both ends included."""
    start, end = london_day(DAY)
    served = notices(4, 83_200, start, start + timedelta(hours=1))
    moments = [start - timedelta(seconds=1), start, end, end + timedelta(seconds=1)]
    published = {notice["id"]: moment for notice, moment in zip(served, moments, strict=True)}
    with Standin(served, published=published) as server:
        found = walked(server, start, end)

    assert met(found) == ids(served[1:3])


@pytest.mark.parametrize("faults", [[], [Kind.LATER_HOUR]], ids=["first reading", "second reading"])
@pytest.mark.parametrize("day", [date(2026, 3, 29), CLOCKS_GO_BACK], ids=str)
def test_a_day_on_which_the_clocks_change_is_whole(day: date, faults: list[Kind]) -> None:
    """Whichever way the service reads a time that comes twice, nothing of the day is lost."""
    start, end = london_day(day)
    change = datetime(day.year, day.month, day.day, 1, tzinfo=UTC)
    around = notices(90, 95_000, change - timedelta(hours=1), change + timedelta(hours=1), seed=2)
    served = [*notices(250, 94_000, start, start + timedelta(minutes=59)), *around]
    served += notices(250, 96_000, change + timedelta(hours=1), end, seed=3)
    with Standin(served, faults=faults) as server:
        found = walked(server, start, end)

    assert met(found) == ids(served)


@pytest.mark.parametrize("faults", [[], [Kind.LATER_HOUR]], ids=["first reading", "second reading"])
def test_a_window_within_the_hour_that_comes_twice_is_widened(faults: list[Kind]) -> None:
    """A window of seconds within either of the two hours brings what was published in it, without a refusal."""
    change = datetime(2026, 10, 25, 1, tzinfo=UTC)
    served = notices(60, 95_000, change - timedelta(minutes=59), change + timedelta(minutes=59))
    with Standin(served, faults=faults) as server:
        met_of = {
            shift: set(met(walked(server, change + shift, change + shift + timedelta(seconds=1))))
            for shift in (timedelta(minutes=-30), timedelta(), timedelta(minutes=30))
        }

    assert all(found == set(ids(served)) for found in met_of.values())
    assert {asked.status for asked in server.requests} == {200}
    assert {(asked.params["updatedFrom"], asked.params["updatedTo"]) for asked in server.requests} == {
        ("2026-10-25T00:59:59", "2026-10-25T02:00:00")
    }


def test_an_hour_that_cannot_be_told_apart_is_refused_within_a_few_requests() -> None:
    """More than a page in the hour that comes twice cannot be shown to be whole: the walk stops with the reason."""
    change = datetime(2026, 10, 25, 1, tzinfo=UTC)
    served = notices(250, 95_000, change - timedelta(minutes=59), change + timedelta(minutes=59))
    with Standin(served) as server, pytest.raises(UnexpectedAnswer, match="rows came again"):
        walked(server, *london_day(CLOCKS_GO_BACK))

    assert len(server.requests) < 20


SECONDS = st.integers(0, 4 * 3600)


@given(SECONDS, st.integers(1, 7200))
def test_every_window_asked_holds_the_one_meant_and_ends_after_it_begins(offset: int, length: int) -> None:
    """Whichever reading is taken, the window asked for around the change of clocks holds the one that was meant."""
    start = datetime(2026, 10, 24, 23, tzinfo=UTC) + timedelta(seconds=offset)
    end = start + timedelta(seconds=length)
    asked = _query(start, end, 100)
    first, last = (datetime.fromisoformat(asked[name]).replace(tzinfo=LONDON) for name in ("updatedFrom", "updatedTo"))

    assert asked["updatedFrom"] < asked["updatedTo"]
    assert all(first.replace(fold=fold).astimezone(UTC) <= start for fold in (0, 1))
    assert all(last.replace(fold=fold).astimezone(UTC) >= end for fold in (0, 1))


@given(SECONDS, st.integers(1, 7200))
def test_a_window_is_cut_strictly_inside_and_into_narrower_ones(offset: int, length: int) -> None:
    """A cut gives two windows that both ask for less than the whole, so that cutting comes to an end."""
    start = datetime(2026, 10, 24, 23, tzinfo=UTC) + timedelta(seconds=offset)
    end = start + timedelta(seconds=length)
    cut = _middle(start, end)
    parts = [] if cut is None else [_query(start, cut, 100), _query(cut, end, 100)]

    assert cut is None or start < cut < end
    assert _query(start, end, 100) not in parts


def test_the_shortest_windows_are_not_refused() -> None:
    """Down to the second no window is asked that ends where it begins."""
    start, end = london_day(DAY)
    moment = start + timedelta(hours=9)
    served = [
        *notices(80, 83_200, moment, moment + timedelta(seconds=2)),
        *notices(90, 84_000, moment + timedelta(seconds=3), moment + timedelta(seconds=6), seed=2),
    ]
    with Standin(served) as server:
        found = walked(server, start, end)

    assert met(found) == ids(served)
    assert {asked.status for asked in server.requests} == {200}


@pytest.mark.parametrize("kind", [Kind.LIMITER, Kind.LIMITER_TEXT])
def test_the_limit_on_requests_is_waited_for(kind: Kind) -> None:
    """Where twelve requests are let through within some seconds the walk waits as told and brings everything."""
    start, end = london_day(DAY)
    served = notices(500, 83_200, start, end)
    with (
        Standin(served, faults=[Fault(kind, seconds=1)]) as server,
        Session(server.url, now=lambda: end, pacing_seconds=0.0) as web,
    ):
        found = list(pages(web, start, end))

    assert met(found) == ids(served)
    assert Counter(asked.status for asked in server.requests)[429] == 1


def test_a_notice_is_found_by_its_id() -> None:
    """One request brings the notice; where the service has none of that id the answer says so, without asking again."""
    start, end = london_day(DAY)
    served = notices(3, 83_200, start, end)
    with Standin(served) as server, session(server) as web:
        told, package = release(web, "083201-2026")
        absent, none = release(web, "083999-2026")

    assert package is not None
    assert [found.release_id for found in package.releases] == ["083201-2026"]
    assert (told.status, absent.status, none) == (200, 404, None)
    assert [asked.path for asked in server.requests] == [
        f"{SEARCH_PATH}/083201-2026",
        f"{SEARCH_PATH}/083999-2026",
    ]


@pytest.mark.parametrize("text", ["", "83201-2026", "083201-2026/x", "../083201-2026", "083201-2026?a=1", "x" * 500])
def test_only_a_notice_id_is_asked_for(text: str) -> None:
    """What is no notice id is refused before anything is sent."""
    with Standin([]) as server, session(server) as web, pytest.raises(ValueError, match="is not the id of a notice"):
        release(web, text)

    assert server.requests == []


def test_a_refused_request_for_an_id_is_asked_again() -> None:
    """Only "not found" means that there is none: a refusal is waited for."""
    start, end = london_day(DAY)
    with (
        Standin(notices(3, 83_200, start, end), faults=[Fault(Kind.LIMITER, seconds=1)]) as server,
        Session(server.url, now=lambda: end, pacing_seconds=0.0) as web,
    ):
        found = [release(web, "083201-2026")[1] for _ in range(14)]

    assert None not in found
    assert 429 in {asked.status for asked in server.requests}


def test_what_is_known_about_the_source_is_written_down() -> None:
    """A source states its address over https and its caveats."""
    assert find_a_tender.HOST.startswith("https://")
    assert "Caveats" in (find_a_tender.__doc__ or "")


def test_real_releases_arrive_exactly_once(shared: Path) -> None:
    """Real releases of both regimes, served by the stand-in, arrive as the bytes that they are."""
    path = shared / "data" / "find_a_tender" / "releases.jsonl.gz"
    told = {release["id"]: release for release in map(json.loads, gzip.decompress(path.read_bytes()).splitlines())}
    with Standin([path]) as server:
        walk = walked(server, datetime(2021, 1, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))

    assert met(walk) == Counter(told.keys())
    assert all(json.loads(r.body) == told[r.release_id or ""] for page in walk for r in page.package.releases)

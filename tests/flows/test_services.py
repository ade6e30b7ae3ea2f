"""What a service's listing does not bring is seen by the service's own account, and asked for by its id, each once.

Nights are real, and the stand-in answers over loopback: Contracts Finder's search hides what its list of the day tells,
and Find a Tender's numbers have gaps.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from extractors import contracts_finder, find_a_tender, made_up, made_up_find_a_tender
from extractors.archive import Archive
from extractors.standin import Asked, Fault, Kind, Standin
from extractors.standin.faults import Reply
from flows import night, services
from flows.settings import Settings
from tests.flows import nights

FIRST, DAYS = date(2026, 9, 1), 4
"""Four weekdays."""

LAST = FIRST + timedelta(days=DAYS - 1)
AFTER = datetime(2027, 3, 1, tzinfo=UTC)
"""Under this moment a notice is listed that no window of these tests shows."""

CF, FTS = contracts_finder.SOURCE, find_a_tender.SOURCE
BY_ID = {CF: contracts_finder.RELEASE_PATH, FTS: f"{find_a_tender.SEARCH_PATH}/"}
"""How the address of one release begins."""

HTML = Reply(404, b"<!doctype html><html><body><h1>Page not found</h1></body></html>", "text/html")
NO_SUCH_RELEASE = Reply(404, b'{"code":"ValidationError","errors":3200}')
REFUSED = Reply(429, b"Rate limit of 12 exceeded. Please retry after 120 seconds.", "text/plain")

Release = dict[str, Any]


class Answering(Standin):
    """The stand-in, save that paths that begin in one of some ways are answered as given."""

    answers: dict[str, Reply]

    def answer(self, target: str) -> Reply:
        """Return the answer to a request's path and query, and record it."""
        for beginning, reply in self.answers.items():
            if target.startswith(beginning):
                self.requests.append(Asked(target, {}, reply.status, None))
                return reply
        return super().answer(target)


@contextmanager
def service(
    releases: Sequence[Release],
    *faults: Fault | Kind,
    hidden: Sequence[str] = (),
    answers: dict[str, Reply] | None = None,
) -> Iterator[Answering]:
    """Serve releases; those of Find a Tender whose ids are hidden are in no listing, and are there by their id."""
    # A number without limit, as Find a Tender writes it.
    bodies = [body.replace(b": Infinity", b": 1e9999") for body in nights.bodies(releases)]
    server = Answering(bodies, faults=faults, published=dict.fromkeys(hidden, AFTER))
    server.answers = answers or {}
    with server:
        yield server


def finder(count: int = 60) -> list[Release]:
    """Return made-up releases of Contracts Finder."""
    return list(made_up.releases(count, FIRST, DAYS))


def tender(count: int = 200) -> list[Release]:
    """Return made-up releases of Find a Tender, all of them usable, whose numbers follow each other."""
    told = made_up_find_a_tender.releases(count, FIRST, DAYS)
    return [json.loads(json.dumps(release, ensure_ascii=False).encode("utf-8", "replace")) for release in told]


def inner(releases: Sequence[Release], every: int) -> list[str]:
    """Return the ids of each so-manieth release, not of the first and the last: before and after them no gap shows."""
    return [release["id"] for release in releases[1:-1][::every]]


def filled(
    own: Settings, at: str = "2026-09-07 02:15", first: date = FIRST, last: date = LAST, **options: Any
) -> night.Outcome:
    """Backfill days, all those of these tests if none are named."""
    return run(own, "backfill", at, first=first, last=last, **options)


READING = (night.collect, night.digest, night.check, night.settle)
"""The night as far as releases and coverage need it, where nothing else is looked at."""


def run(
    own: Settings, kind: night.Kind, at: str, steps: Sequence[night.Step] = night.STEPS[:-1], **options: Any
) -> night.Outcome:
    """Run a night that hands nothing to readers: what they are given is not looked at here."""
    return night.run(own, kind, nights.clock(at), steps, **options)


def by_id(server: Standin, source: str) -> list[str]:
    """Return the ids that a service was asked for, in order."""
    return [asked.path.removeprefix(BY_ID[source]) for asked in server.requests if asked.path.startswith(BY_ID[source])]


def held(own: Settings, source: str) -> list[str]:
    """Return the ids of the releases of a service that the warehouse holds, in order."""
    told = nights.tables(own, ("release",))["release"]
    return sorted(told.filter(pl.col("source") == source)["release_id"])


def coverage(own: Settings, source: str) -> list[tuple[date, int | None, int | None, int | None]]:
    """Return day, releases, expected and missing of each day, in order."""
    told = nights.tables(own, ("coverage",))["coverage"].filter(pl.col("source") == source)
    return list(told.select("day", "releases", "expected", "missing").iter_rows())


def missing(own: Settings, source: str) -> list[int | None]:
    """Return how many are missing on each day, in order."""
    return [row[3] for row in coverage(own, source)]


def assert_rebuilt_alike(own: Settings) -> None:
    """Fail unless a rebuild, which asks nobody, leaves every table as it is."""
    names = [name for name in nights.MEANING if name != "unpublished"]
    before = nights.tables(own, names)
    away = own.model_copy(update=dict.fromkeys(("contracts_finder_url", "find_a_tender_url"), "http://127.0.0.1:9"))
    run(away, "rebuild", "2026-09-20 02:15")

    assert nights.differences(before, nights.tables(own, names)) == {}


def test_the_services_are_known_by_the_names_of_their_sources() -> None:
    """Each source of the night is a service that the settings have an address for."""
    assert list(services.SERVICES) == [CF, FTS] == list(night.SOURCES)
    assert all(Settings().service_url(source) for source in services.SERVICES)


# --- Contracts Finder: its list of the day ------------------------------------------------------------------------


def test_a_release_that_the_search_hides_and_the_list_tells_is_asked_for_by_its_id(
    tmp_path: Path, warehouse_url: str
) -> None:
    """It is archived and stored in the same night, and nothing is said to be missing of its day."""
    releases = finder()
    with service(releases, Fault(Kind.APPEARS, every=10)) as server:
        own = nights.settings(tmp_path, server.url, warehouse_url)
        outcome = filled(own)
        asked = by_id(server, CF)

    assert len(asked) == len(set(asked)) == 6
    assert set(asked) <= {release["id"] for release in releases}
    assert outcome.counts["asked_by_id"] == 6
    assert held(own, CF) == sorted(release["id"] for release in releases)
    assert [(told, lack) for _, told, _, lack in coverage(own, CF)] == [
        (expected, 0) for _, _, expected, _ in coverage(own, CF)
    ]
    assert sum(row[2] or 0 for row in coverage(own, CF)) == len(releases)
    assert_rebuilt_alike(own)


def test_a_listed_release_that_the_service_does_not_give_is_missing_and_asked_for_once(tmp_path: Path) -> None:
    """What is listed and answered with 404 stays missing, and no later night asks for it again."""
    releases = finder()
    with service(releases, Fault(Kind.APPEARS, every=10), answers={BY_ID[CF]: NO_SUCH_RELEASE}) as server:
        own = nights.settings(tmp_path, server.url).model_copy(update={"first_day": FIRST})
        filled(own)
        first, lacking = by_id(server, CF), missing(own, CF)
        # From now on the search lists them, so the days that it is asked for again are whole.
        run(own, "nightly", "2026-09-07 03:15")

    assert len(first) == 6
    assert sum(number or 0 for number in lacking) == 6
    assert sum(row[1] or 0 for row in coverage(own, CF)[:DAYS]) == len(releases) - sum(
        number or 0 for number in missing(own, CF)
    )
    assert by_id(server, CF) == first
    assert_rebuilt_alike(own)


@pytest.mark.parametrize("answer", [HTML, REFUSED, Reply(500, b"Internal Server Error", "text/plain")])
def test_a_check_that_breaks_down_at_an_id_stops_there_and_the_night_goes_on(tmp_path: Path, answer: Reply) -> None:
    """A page of HTML, a refusal or an error leaves the release missing and not recorded as asked: it is tried again."""
    releases = finder()
    with service(releases, Fault(Kind.APPEARS, every=10), answers={BY_ID[CF]: answer}) as server:
        own = nights.settings(tmp_path, server.url)
        outcome = filled(own)

    assert outcome.status == "finished"
    assert Archive(own.data_dir / "archive").asked_ids(CF) == {}
    assert sum(number or 0 for number in missing(own, CF)) == 6
    assert_rebuilt_alike(own)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Reply(404, b"Not found\n", "text/plain"), None),
        (Reply(204, b"", "text/csv"), None),
        (Reply(200, b"<html><body>Sorry</body></html>", "text/html"), None),
        (REFUSED, None),
    ],
)
def test_a_day_without_a_list_is_not_known_to_be_whole(tmp_path: Path, answer: Reply, expected: int | None) -> None:
    """Where the list is not there or is refused, the night finishes, and how much is missing stays not known."""
    with service(finder(), answers={contracts_finder.LIST_PATH: answer}) as server:
        own = nights.settings(tmp_path, server.url)
        outcome = filled(own, steps=READING)

    assert outcome.status == "finished"
    assert by_id(server, CF) == []
    assert {row[2:] for row in coverage(own, CF)} == {(expected, expected)}
    assert sum(row[1] or 0 for row in coverage(own, CF)) == 60


def test_a_day_that_is_not_over_is_not_compared_with_its_list(tmp_path: Path) -> None:
    """The list of today would tell less than will be published: it is not asked for."""
    with service(finder()) as server:
        own = nights.settings(tmp_path, server.url)
        filled(own, f"{LAST} 12:00", sources=(CF,))
    lists = [asked.path for asked in server.requests if asked.path.startswith(contracts_finder.LIST_PATH)]

    assert lists == [f"{contracts_finder.LIST_PATH}2026/9/{day}" for day in (3, 2, 1)]
    assert missing(own, CF) == [0, 0, 0, None]


# --- Find a Tender: the numbers of its notices --------------------------------------------------------------------


def test_a_gap_in_the_numbers_is_asked_for_by_its_id(tmp_path: Path, warehouse_url: str) -> None:
    """A notice that no window lists is archived and stored in the same night, and nothing is missing."""
    releases = tender()
    hidden = inner(releases, 20)
    with service(releases, hidden=hidden) as server:
        own = nights.settings(tmp_path, server.url, warehouse_url)
        outcome = filled(own)

    assert sorted(by_id(server, FTS)) == hidden
    assert outcome.counts["asked_by_id"] == len(hidden)
    assert held(own, FTS) == sorted(release["id"] for release in releases)
    assert missing(own, FTS) == [0] * DAYS
    assert sum(row[2] or 0 for row in coverage(own, FTS)) == len(releases)
    assert set(Archive(own.data_dir / "archive").asked_ids(FTS).values()) == {200}
    assert_rebuilt_alike(own)


def test_what_appears_late_is_found_by_its_number(tmp_path: Path) -> None:
    """A notice that its window did not list when it was asked, and that is listed later, is not waited for."""
    releases = tender()
    with service(releases, Fault(Kind.APPEARS, every=25)) as server:
        own = nights.settings(tmp_path, server.url)
        filled(own, steps=READING)
    lacking = {release["id"] for release in releases} - set(held(own, FTS))

    assert len(by_id(server, FTS)) >= 6
    # Before the first and after the last number that is held, no gap shows.
    assert lacking <= {releases[0]["id"], releases[-1]["id"]}
    assert missing(own, FTS) == [0] * DAYS


def test_a_number_that_was_never_published_is_asked_for_once_and_is_not_missing(tmp_path: Path) -> None:
    """The service's 404 in JSON says that there is no such notice: nothing lacks, and no later night asks again."""
    releases = tender()
    never = inner(releases, 20)
    with service([release for release in releases if release["id"] not in never]) as server:
        own = nights.settings(tmp_path, server.url)
        filled(own)
        first = by_id(server, FTS)
        run(own, "nightly", "2026-09-07 03:15")

    assert sorted(first) == never
    assert by_id(server, FTS) == first
    assert Archive(own.data_dir / "archive").asked_ids(FTS) == dict.fromkeys(never, 404)
    assert {row[3] for row in coverage(own, FTS) if row[0] <= LAST} == {0}
    assert_rebuilt_alike(own)


def test_no_night_asks_for_more_ids_than_it_may_and_each_is_asked_for_once(tmp_path: Path) -> None:
    """With more gaps than one night may ask for, the newest days come first, and later nights do the rest."""
    releases = tender(300)
    hidden = inner(releases, 2)
    in_nights, lacking = [], []
    with service(releases, hidden=hidden) as server:
        own = nights.settings(tmp_path, server.url)
        filled(own)
        in_nights.append(by_id(server, FTS))
        lacking.append(sum(number or 0 for number in missing(own, FTS)))
        for hour in (3, 4, 5):
            run(own, "nightly", f"2026-09-07 0{hour}:15")
            in_nights.append(by_id(server, FTS)[sum(map(len, in_nights)) :])
            lacking.append(sum(number or 0 for number in missing(own, FTS)))

    assert [len(asked) for asked in in_nights] == [60, 60, len(hidden) - 120, 0]
    assert lacking == [len(hidden) - 60, len(hidden) - 120, 0, 0]
    assert services.MOST_BY_ID == 60
    assert sorted(one for asked in in_nights for one in asked) == hidden
    assert min(in_nights[0]) > max(in_nights[2])
    assert held(own, FTS) == sorted(release["id"] for release in releases)
    assert_rebuilt_alike(own)


@pytest.mark.parametrize("answer", [HTML, REFUSED, Reply(500, b"Internal Server Error", "text/plain")])
def test_a_night_whose_gaps_cannot_be_asked_for_goes_on_and_the_next_one_asks(tmp_path: Path, answer: Reply) -> None:
    """A page of HTML, a refusal or an error is no answer about a notice: it stays missing, and is asked for later."""
    releases = tender()
    hidden = inner(releases, 20)
    with service(releases, hidden=hidden, answers={BY_ID[FTS]: answer}) as server:
        own = nights.settings(tmp_path, server.url)
        outcome = filled(own)
        recorded, lacking = Archive(own.data_dir / "archive").asked_ids(FTS), missing(own, FTS)
        before = len(server.requests)
        server.answers = {}
        run(own, "nightly", "2026-09-07 03:15")
        again = [asked.path for asked in server.requests[before:] if asked.path.startswith(BY_ID[FTS])]

    assert outcome.status == "finished"
    assert recorded == {}
    assert sum(number or 0 for number in lacking) == len(hidden)
    assert sorted(path.removeprefix(BY_ID[FTS]) for path in again) == hidden
    assert {row[3] for row in coverage(own, FTS) if row[0] <= LAST} == {0}
    assert_rebuilt_alike(own)


@pytest.mark.parametrize("source", [CF, FTS])
def test_a_notice_with_broken_text_is_held_and_not_asked_for(tmp_path: Path, source: str) -> None:
    """Half a surrogate pair in a title, which a strict reader refuses, does not hide that the notice is there."""
    releases = {CF: finder(), FTS: tender()}[source]
    releases[30]["tender"]["title"] = "half a pair: \udc00"
    with service(releases) as server:
        own = nights.settings(tmp_path, server.url)
        filled(own, steps=READING)

    assert by_id(server, source) == []
    assert missing(own, source) == [0] * DAYS
    assert held(own, source) == sorted(release["id"] for release in releases)


def test_a_notice_that_cannot_be_used_is_asked_for_once_more_and_is_missing(tmp_path: Path) -> None:
    """A notice whose body is set aside is not held: it may come better by its id, and is not asked for every night."""
    releases = tender()
    broken = releases[100]["id"]
    releases[100]["tender"] = {"value": {"amount": float("nan")}}
    with service(releases) as server:
        own = nights.settings(tmp_path, server.url)
        filled(own)
        run(own, "nightly", "2026-09-07 03:15")
    rejected = nights.tables(own, ("rejected",))["rejected"]

    assert by_id(server, FTS) == [broken]
    assert rejected.height == 1
    assert sum(row[3] or 0 for row in coverage(own, FTS)) == 1
    assert_rebuilt_alike(own)


@pytest.mark.parametrize("source", [CF, FTS])
@pytest.mark.parametrize("answer", [HTML, REFUSED])
def test_a_service_that_refuses_one_id_is_not_asked_for_another(tmp_path: Path, source: str, answer: Reply) -> None:
    """Each refusal costs minutes of waiting: what else is missing, on whichever day, waits for another night."""
    releases = {CF: finder(), FTS: tender()}[source]
    hidden, faults = (inner(releases, 4), ()) if source == FTS else ((), (Fault(Kind.APPEARS, every=4),))
    with service(releases, *faults, hidden=hidden, answers={BY_ID[source]: answer}) as server:
        own = nights.settings(tmp_path, server.url)
        outcome = filled(own, steps=READING)

    assert len(set(by_id(server, source))) == 1
    assert outcome.counts["asked_by_id"] == 0
    assert sum(number or 0 for number in missing(own, source)) == len(releases) - len(held(own, source)) > 10


def test_a_day_beside_one_that_was_not_read_is_not_asked_about(tmp_path: Path) -> None:
    """What may have been published on a day that was not asked for is not missing, until that day was read."""
    releases = tender()
    days = {release["id"]: datetime.fromisoformat(release["date"]).date() for release in releases}
    with service(releases) as server:
        own = nights.settings(tmp_path, server.url)
        for day in (FIRST, LAST):
            filled(own, first=day, last=day, steps=READING)
        apart = by_id(server, FTS)
        filled(own, "2026-09-07 03:15", steps=READING)

    assert set(days.values()) == {FIRST + timedelta(days=number) for number in range(DAYS)}
    assert apart == by_id(server, FTS) == []
    assert missing(own, FTS) == [0] * DAYS


def test_the_order_in_which_days_are_read_leaves_the_same_coverage(tmp_path: Path) -> None:
    """Whether the days are read at once or one by one, newest first, the same is held, expected and missing."""
    releases = [*tender(), *finder()]
    hidden = inner(tender(), 20)
    found = []
    for name, days in (("together", [(FIRST, LAST)]), ("apart", one_by_one())):
        with service(releases, Fault(Kind.APPEARS, every=15), hidden=hidden) as server:
            own = nights.settings(tmp_path / name, server.url)
            for first, last in days:
                filled(own, first=first, last=last, steps=READING)
        found.append([coverage(own, source) for source in (CF, FTS)])

    assert found[0] == found[1]


def one_by_one() -> list[tuple[date, date]]:
    """Return each day as a period of its own, the newest first."""
    return [(day, day) for day in (LAST - timedelta(days=number) for number in range(DAYS))]

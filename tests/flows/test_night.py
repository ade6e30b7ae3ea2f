"""A night, end to end: real HTTP, real files, real databases."""

import contextlib
import copy
import csv
import hashlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import polars as pl
import psycopg
import pytest
import sqlalchemy as sa

from extractors import contracts_finder, find_a_tender, made_up
from extractors.standin import Fault, Kind, Standin
from extractors.web import SourceError
from extractors.windows import LONDON
from flows import night
from flows.settings import Settings
from tests.flows import nights
from tests.flows.conftest import STORY_DAYS, STORY_FIRST
from warehouse.store import AnotherRun

CHECKOUT = Path(__file__).resolve().parent.parent.parent
BUSY_DAY = date(2026, 9, 1)
LAST_OF_STORY = STORY_FIRST + timedelta(days=STORY_DAYS)
AFTER = "2026-10-05 02:15"


STORED = night.STEPS[:-1]
"""The night up to its last step, for tests of what is in the warehouse and not of what readers are given."""


def backfill(
    own: Settings, first: date, last: date, at: str = AFTER, steps: Sequence[night.Step] = night.STEPS
) -> night.Outcome:
    """Run a backfill."""
    return night.run(own, "backfill", nights.clock(at), steps, first=first, last=last)


# --- every release, exactly once ----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def busy() -> list[bytes]:
    """Return the releases of two days, several pages each."""
    return list(made_up.lines(560, BUSY_DAY, 2))


@pytest.fixture(scope="session")
def undisturbed(busy: list[bytes], tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    """Return the tables that an undisturbed run makes of the two days."""
    with nights.service(busy) as server:
        own = nights.settings(tmp_path_factory.mktemp("undisturbed"), server.url)
        backfill(own, BUSY_DAY, BUSY_DAY + timedelta(days=1), steps=STORED)
    found = nights.tables(own)

    assert found["release"].height == 560
    return found


FAULTS: dict[str, list[Fault]] = {
    "rows lost at page borders": [Fault(Kind.ROWS_LOST)],
    "403 with HTML": [Fault(Kind.FORBIDDEN, every=3)],
    "429": [Fault(Kind.RATE_LIMIT, every=3, seconds=1)],
    "429 that says it in its text": [Fault(Kind.RATE_LIMIT_TEXT, every=4, seconds=1)],
    "503": [Fault(Kind.UNAVAILABLE, every=3, seconds=1)],
    "500": [Fault(Kind.ERROR, every=2)],
    "truncated bodies": [Fault(Kind.TRUNCATED, every=3)],
    "bodies cut short": [Fault(Kind.CUT_SHORT, every=3)],
    "HTML with status 200": [Fault(Kind.NOT_JSON, every=3)],
    "repeated releases": [Fault(Kind.REPEATED, every=7)],
    "releases that appear between pages": [Fault(Kind.APPEARS, every=5)],
    "no next link on a full page": [Fault(Kind.NO_NEXT)],
    "next link to another host": [Fault(Kind.FOREIGN_NEXT)],
    "next link over http": [Fault(Kind.HTTP_NEXT)],
    "all at once": [
        Fault(Kind.ROWS_LOST), Fault(Kind.FORBIDDEN, every=5), Fault(Kind.RATE_LIMIT, every=7, seconds=1),
        Fault(Kind.UNAVAILABLE, every=11), Fault(Kind.TRUNCATED, every=4), Fault(Kind.REPEATED, every=9),
    ],
}  # fmt: skip


@pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS)
def test_every_release_arrives_once_whatever_the_service_does(
    faults: list[Fault], busy: list[bytes], undisturbed: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    """A service that loses rows, refuses, breaks off or repeats itself gives the warehouse of an undisturbed one."""
    with nights.service(busy, *faults) as server:
        own = nights.settings(tmp_path, server.url)
        backfill(own, BUSY_DAY, BUSY_DAY + timedelta(days=1), steps=STORED)

    assert not nights.differences(undisturbed, nights.tables(own))


def test_releases_that_the_search_does_not_bring_come_by_the_list_of_their_day(tmp_path: Path) -> None:
    """What was not found yet when its day was read stands in the day's list, and comes by its id, exactly once."""
    told = list(made_up.lines(90, BUSY_DAY, 2))
    with nights.service(told, Fault(Kind.APPEARS, every=5)) as server:
        own = nights.settings(tmp_path, server.url).model_copy(update={"first_day": BUSY_DAY})
        outcomes = [
            night.run(own, "nightly", nights.clock(f"{day} 02:15"))
            for day in ("2026-09-03", "2026-09-04", "2026-09-05")
        ]

    assert [outcome.counts["releases_new"] for outcome in outcomes] == [90, 0, 0]
    assert [outcome.counts["asked_by_id"] for outcome in outcomes] == [18, 0, 0]
    assert nights.tables(own, ("release",))["release"].height == 90


SPOILT = {
    "bytes that are not UTF-8": (Kind.NOT_UTF8, 0),
    "1e9999": (Kind.HUGE_NUMBER, 0),
    "000 as a number": (Kind.LEADING_ZEROS, 0),
    "NaN": (Kind.NOT_A_NUMBER, 11),
    "nulls": (Kind.NULLS, 0),
}


@pytest.mark.parametrize(("kind", "rejected"), SPOILT.values(), ids=SPOILT)
def test_spoilt_releases_are_used_or_set_aside_and_counted(
    kind: Kind, rejected: int, busy: list[bytes], tmp_path: Path
) -> None:
    """A release with a broken value is used, or stands in rejected; documents in are used + rejected."""
    with nights.service(busy, Fault(kind, every=50)) as server:
        own = nights.settings(tmp_path, server.url)
        outcome = backfill(own, BUSY_DAY, BUSY_DAY + timedelta(days=1), steps=STORED)
    found = nights.tables(own, ("release", "rejected"))

    assert (outcome.counts["documents"], outcome.counts["rejected"]) == (560, rejected)
    assert (found["release"].height, found["rejected"].height) == (560 - rejected, rejected)


STOPS = {
    "a wait that is too long": Kind.HUGE_RETRY_AFTER,
    "a redirection to another host": Kind.REDIRECT,
    "a decompression bomb": Kind.BOMB,
    "pages without end": Kind.ENDLESS,
}


@pytest.mark.parametrize("kind", STOPS.values(), ids=STOPS)
def test_a_service_that_cannot_be_read_stops_the_run_and_the_next_one_repairs(
    kind: Kind, busy: list[bytes], undisturbed: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    """The run fails with a reason, no table has rows, nothing is published; the next run gives the whole warehouse."""
    own = nights.settings(tmp_path)
    with nights.service(busy, kind) as server, pytest.raises(SourceError, match=r"[Rr]un again|[Ll]ook at"):
        backfill(nights.settings(tmp_path, server.url), BUSY_DAY, BUSY_DAY + timedelta(days=1))
    runs, left = nights.tables(own, ("run",))["run"], nights.tables(own)
    with nights.service(busy) as server:
        repaired = nights.settings(tmp_path, server.url)
        backfill(repaired, BUSY_DAY, BUSY_DAY + timedelta(days=1), "2026-10-05 03:15", STORED)

    assert runs["status"].to_list() == ["failed"]
    assert not own.export_dir.exists()
    assert runs["reason"].str.len_chars().to_list()[0] > 40
    assert not any(frame.height for frame in left.values())
    assert not nights.differences(undisturbed, nights.tables(repaired))


# --- the same notices, told in any way, give the same tables -------------------------------------------------------


def test_one_backfill_gives_what_the_nights_gave_on_both_engines(
    warehouse_url: str, story_service: str, told_by_nights: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    """Ten nights on SQLite and one backfill on either engine end with equal tables, edits of awards included."""
    own = nights.settings(tmp_path, story_service, warehouse_url)
    backfill(own, STORY_FIRST, LAST_OF_STORY)

    assert not nights.differences(told_by_nights, nights.tables(own), one_past=False)


def test_nights_on_postgresql_give_what_nights_on_sqlite_gave(
    fresh_postgres: str, story_service: str, told_by_nights: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    """Every second night on PostgreSQL, each catching up, ends with the tables of ten nights on SQLite."""
    own = nights.settings(tmp_path, story_service, fresh_postgres).model_copy(update={"first_day": STORY_FIRST})
    for number in range(2, STORY_DAYS + 1, 2):
        # Readers are given the last night only: to publish comes after the tables, and leaves them as they are.
        steps = night.STEPS if number == STORY_DAYS else STORED
        night.run(own, "nightly", nights.clock(f"{STORY_FIRST + timedelta(days=number)} 02:15"), steps)

    assert not nights.differences(told_by_nights, nights.tables(own), one_past=False)


def test_days_in_any_order_give_the_same_tables(
    story_service: str, told_by_nights: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    """Backfills of single days, in no order, end with the tables of the nights: later tellings win, not later loads."""
    own = nights.settings(tmp_path, story_service)
    days = [STORY_FIRST + timedelta(days=number) for number in range(STORY_DAYS + 1)]
    random.Random(7).shuffle(days)  # noqa: S311 - must repeat, no secret
    for day in days:
        night.run(own, "backfill", nights.clock(AFTER), night.STEPS[:-1], first=day, last=day)
    found = nights.tables(own)

    assert not nights.differences(
        {name: frame for name, frame in told_by_nights.items() if name != "unpublished"}, found, one_past=False
    )


AGAIN: dict[str, Callable[[Settings], night.Outcome]] = {
    "the same night": lambda own: night.run(own, "nightly", nights.clock(AFTER)),
    "a backfill of the same days": lambda own: backfill(own, STORY_FIRST, LAST_OF_STORY),
    "a rebuild": lambda own: night.run(own, "rebuild", nights.clock(AFTER)),
}


@pytest.mark.parametrize("again", AGAIN.values(), ids=AGAIN)
def test_a_second_run_changes_no_table_but_those_of_runs(
    again: Callable[[Settings], night.Outcome],
    by_nights: Settings,
    told_by_nights: dict[str, pl.DataFrame],
    copied: Callable[[Settings], Settings],
) -> None:
    """Reading the same notices once more, from the service or from the archive, leaves every table's hash as it was."""
    own = copied(by_nights)
    again(own)

    assert nights.digests(nights.tables(own)) == nights.digests(told_by_nights)


def test_a_rebuild_needs_archive_and_state_alone(
    by_nights: Settings, told_by_nights: dict[str, pl.DataFrame], warehouse_url: str, tmp_path: Path
) -> None:
    """A fresh database, with archive and state beside it, is made again with every table and the ledger of runs."""
    for folder in ("archive", "state"):
        shutil.copytree(by_nights.data_dir / folder, tmp_path / folder)
    own = nights.settings(tmp_path, warehouse_url=warehouse_url)
    night.run(own, "rebuild", nights.clock(AFTER))
    runs = {place: nights.tables(settings, ("run",))["run"] for place, settings in (("old", by_nights), ("new", own))}

    assert not nights.differences(told_by_nights, nights.tables(own))
    assert runs["new"].filter(pl.col("kind") == "nightly").equals(runs["old"])
    assert runs["new"].filter(pl.col("kind") == "rebuild")["status"].to_list() == ["finished"]


def test_a_line_of_the_ledger_that_a_crash_cut_short_costs_no_other_run(
    by_nights: Settings, copied: Callable[[Settings], Settings]
) -> None:
    """The run after a torn line of the ledger stands on a line of its own, and comes back with a rebuild."""
    own = copied(by_nights)
    ledger = own.data_dir / "state" / "run.jsonl"
    ledger.write_bytes(ledger.read_bytes()[:-40])
    night.run(own, "nightly", nights.clock(AFTER))
    (own.data_dir / "noticeboard.db").unlink()
    night.run(own, "rebuild", nights.clock("2026-10-06 02:15"))
    runs = nights.tables(own, ("run",))["run"]

    # Ten nights, of which one line was torn; the last one was run again under the same name.
    assert runs["kind"].value_counts().sort("kind").rows() == [("nightly", STORY_DAYS), ("rebuild", 1)]


def test_a_snapshot_holds_what_the_warehouse_holds(
    by_nights: Settings, told_by_nights: dict[str, pl.DataFrame]
) -> None:
    """After nights that linked unchanged months, the Parquet files tell the tables row by row."""
    assert not nights.differences(nights.published(by_nights), told_by_nights)


def one_tender(day: str, number: int, **changes: Any) -> nights.Told:
    """Return a tender notice of one procurement as it stood on a day."""
    return {
        "ocid": "ocds-b5fd17-00000000-0000-4000-8000-000000000001",
        "id": f"00000000-0000-4000-8000-000000000001-{number}",
        "date": f"{day}T10:00:00Z",
        "tag": ["tender"],
        "tender": {"title": "Bandstand repairs"},
        "parties": [{"id": "GB-CFS-1", "name": "Alder Vale Trust"}],
        "buyer": {"id": "GB-CFS-1", "name": "Alder Vale Trust"},
    } | changes


def test_a_night_writes_only_the_months_in_which_something_changed(tmp_path: Path) -> None:
    """A day that is read again and says the same keeps the very Parquet files of its month, whatever else is new."""
    told = [*made_up.lines(60, BUSY_DAY, 1), json.dumps(one_tender("2026-11-02", 1)).encode()]
    with nights.service(told) as server:
        own = nights.settings(tmp_path, server.url)
        backfill(own, BUSY_DAY, BUSY_DAY, "2026-11-03 02:15")
        before = own.data_dir / "snapshots" / "latest"
        kept = {path.stat().st_ino for path in before.resolve().rglob("*.parquet")}
        backfill(own, BUSY_DAY, date(2026, 11, 2), "2026-11-04 02:15")
    months = before.resolve().rglob("20*.parquet")
    written = {f"{path.parent.name}/{path.name}" for path in months if path.stat().st_ino not in kept}

    assert nights.tables(own, ("award_line",))["award_line"].height > 20
    assert written == {"release/2026-11.parquet", "procurement/2026-11.parquet"}


def test_a_tender_told_again_in_another_month_by_another_buyer_leaves_nothing_behind(tmp_path: Path) -> None:
    """A procurement moves from the month of its old notice to that of its new one, and its old buyer is gone."""
    told = [
        one_tender("2026-09-01", 1),
        one_tender("2026-09-01", 3, ocid=f"{GOOD['ocid'][:-1]}9", buyer={"id": "GB-CFS-3", "name": "Beech Vale Trust"}),
        one_tender("2026-11-02", 2, buyer={"id": "GB-CFS-2", "name": "Hazel Vale Trust"}),
    ]
    with nights.service(told) as server:
        own = nights.settings(tmp_path, server.url)
        for day in (date(2026, 9, 1), date(2026, 11, 2)):
            backfill(own, day, day, "2026-11-03 02:15")
    stored, files = nights.tables(own), nights.published(own)

    assert stored["procurement"]["release_id"].to_list() == [told[2]["id"], told[1]["id"]]
    assert sorted(stored["buyer"]["name"]) == ["Beech Vale Trust", "Hazel Vale Trust"]
    assert not nights.differences(files, stored)


def test_two_awards_under_one_id_in_one_notice_are_two_awards(tmp_path: Path) -> None:
    """Neither is lost, and an amount never meets the suppliers of another award."""
    awards = [
        {"id": "X-1", "value": {"amount": amount, "currency": "GBP"}, "suppliers": [{"id": "a", "name": name}] * times}
        for amount, name, times in ((1, "Alpha Works Ltd", 2), (200, "Beta Works Ltd", 1))
    ]
    with nights.service([one_tender("2026-09-01", 1, tag=["award"], awards=awards)]) as server:
        own = nights.settings(tmp_path, server.url)
        backfill(own, BUSY_DAY, BUSY_DAY)
    found = nights.tables(own)
    ids = [f"{GOOD['ocid']}/X-1", f"{GOOD['ocid']}/X-1~2"]
    named = found["supplier_mention"].select("award_id", "supplier_name")

    assert found["award"].select("award_id", "amount_gbp", "supplier_count").rows() == [
        (ids[0], Decimal(1), 2), (ids[1], Decimal(200), 1),
    ]  # fmt: skip
    assert sorted(named.unique().rows()) == [(ids[0], "Alpha Works Ltd"), (ids[1], "Beta Works Ltd")]
    assert found["field_issue"].select("pointer", "issue").rows() == [("/awards/1/id", "repeated_id")]


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_a_document_that_cannot_be_used_is_told_from_its_first_day(order: tuple[int, int], tmp_path: Path) -> None:
    """One that stands in the archive of two days is listed alike, whatever the order of the days, and by a rebuild."""
    bad = (json.dumps(GOOD | {"ocid": None}).encode(), b"null")
    days = {date(2026, 9, day): among(usual(f"2026-09-{day:02}", 30), *bad) for day in order}
    with serving(days) as url:
        own = nights.settings(tmp_path, url)
        for day in order:
            backfill(own, date(2026, 9, day), date(2026, 9, day))
    before = nights.tables(own, ("rejected",))
    night.run(own, "rebuild", nights.clock("2026-10-06 02:15"))

    assert before["rejected"]["archive_path"].to_list() == ["contracts-finder/2026/2026-09-01.jsonl.zst"] * 2
    assert not nights.differences(before, nights.tables(own, ("rejected",)))


# --- two runs, a lost database, a broken night ---------------------------------------------------------------------


def test_a_second_run_at_the_same_time_leaves(warehouse_url: str, tmp_path: Path) -> None:
    """While one run is at work another one stops at once, and the first one ends as if it had been alone."""
    with nights.service([]) as server:
        own = nights.settings(tmp_path, server.url, warehouse_url)
        with night.open_night(own, "backfill", nights.clock(AFTER), first=BUSY_DAY, last=BUSY_DAY) as first:
            with pytest.raises(AnotherRun, match="Try again"):
                backfill(own, BUSY_DAY, BUSY_DAY, "2026-10-05 03:15")
            for step in night.STEPS:
                step(first)
    runs = nights.tables(own, ("run",))["run"]

    assert runs["status"].to_list() == ["finished"]


def test_a_database_that_goes_away_in_mid_load_leaves_nothing_half_done(
    fresh_postgres: str, story_service: str, told_by_nights: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    """A run whose connections are cut fails; what it had written is rolled back, and the next run gives everything."""
    own = nights.settings(tmp_path, story_service, fresh_postgres)

    def cut(_: night.Night) -> None:
        with psycopg.connect(fresh_postgres.replace("+psycopg", ""), autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    steps = (*night.STEPS[:3], cut, *night.STEPS[3:])
    with pytest.raises((sa.exc.DBAPIError, psycopg.Error), match=r"terminat|closed"):
        night.run(own, "backfill", nights.clock(AFTER), steps, first=STORY_FIRST, last=LAST_OF_STORY)
    left = nights.tables(own)
    backfill(own, STORY_FIRST, LAST_OF_STORY, "2026-10-05 03:15")
    runs = nights.tables(own, ("run",))["run"]

    assert not any(frame.height for frame in left.values())
    assert runs["status"].to_list() == ["failed", "finished"]
    assert not nights.differences(told_by_nights, nights.tables(own), one_past=False)


# --- documents that cannot be used ---------------------------------------------------------------------------------

GOOD = one_tender("2026-09-01", 1)
HOSTILE_BODIES = {
    "a list": b"[1, 2]",
    "null": b"null",
    "a text": b'"release"',
    "depth 100,000": b'{"ocid": ' + b"[" * 100_000 + b"]" * 100_000 + b', "date": "2026-09-01T10:00:00Z", "tag": []}',
    "no ocid": json.dumps(GOOD | {"ocid": None, "id": "a-1"}).encode(),
    "bare prefix": json.dumps(GOOD | {"ocid": "ocds-b5fd17-", "id": "a-2"}).encode(),
    "no id": json.dumps(GOOD | {"id": None}).encode(),
    "NaN": json.dumps(GOOD | {"id": "a-3", "tender": {"value": float("nan")}}).encode(),
}
REPAIRED_BODIES = {
    "NUL in a title": json.dumps(GOOD | {"id": "b-1", "tender": {"title": "a\x00b"}}).encode(),
    "half a surrogate": json.dumps(GOOD | {"id": "b-2", "tender": {"title": "a\ud800b"}}).encode(),
    "title an object": json.dumps(GOOD | {"id": "b-3", "tender": {"title": {"a": 1}}}).encode(),
    "1e9999": json.dumps(GOOD | {"id": "b-4", "awards": [{"id": "x", "value": {"amount": 53, "currency": "GBP"}}]})
    .replace("53", "1e9999").encode(),
    "a huge integer": json.dumps(GOOD | {"id": "b-5", "awards": [{"id": "y", "value": {"amount": 10**400}}]}).encode(),
    "release date in words": json.dumps(GOOD | {"id": "b-6", "date": "today"}).encode(),
    "20 MB title": json.dumps(GOOD | {"id": "b-7", "tender": {"title": "x" * 20_000_000}}).encode(),
    "windows-1252": json.dumps(GOOD | {"id": "b-8", "tender": {"title": "Buyer@s"}}).encode().replace(b"@", b"\x92"),
    "suppliers an object": json.dumps(
        GOOD | {"id": "b-9", "awards": [{"id": "z", "suppliers": {"1": {"id": "GB-CFS-1", "name": "Rowan Ltd"}}}]}
    ).encode(),
}  # fmt: skip


@contextmanager
def serving(days: dict[date, bytes]) -> Iterator[str]:
    """Answer a search with the body of the London day that its window begins on, whatever that body is.

    Of Contracts Finder, that is: Find a Tender has nothing to say, and there are no lists of days.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            day = parse_qs(asked.query).get("publishedFrom", ["2000-01-01"])[0][:10]
            body = days.get(date.fromisoformat(day), package())
            self.send_response(404 if asked.path.startswith(contracts_finder.LIST_PATH) else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def package(*releases: bytes) -> bytes:
    """Return a package that holds bodies as they are."""
    return b'{"version": "1.1", "releases": [' + b", ".join(releases) + b"]}"


def among(others: list[bytes], *odd: bytes) -> bytes:
    """Return a package of odd bodies, each between two of the others."""
    parted = [part for other, one in zip(others, odd, strict=False) for part in (other, one)]
    return package(*parted, *others[len(odd) :])


def usual(day: str, count: int) -> list[bytes]:
    """Return tender notices that nothing is wrong with, each of a procurement of its own."""
    return nights.bodies(
        [
            one_tender(day, number, ocid=f"ocds-b5fd17-{day}-0000-4000-8000-{number:012}", id=f"{day}/{number}")
            for number in range(count)
        ]
    )


def test_hostile_documents_are_used_or_set_aside_in_a_whole_night(warehouse_url: str, tmp_path: Path) -> None:
    """Of documents that no reader would expect, each is used or rejected with a reason, on both engines alike."""
    hostile, repaired = list(HOSTILE_BODIES.values()), list(REPAIRED_BODIES.values())
    days = {
        date(2026, 9, 1): among(usual("2026-09-01", 80), *hostile[:4], *repaired[:4]),
        date(2026, 9, 2): among(usual("2026-09-02", 80), *hostile[4:], *repaired[4:]),
    }
    with serving(days) as url:
        own = nights.settings(tmp_path, url, warehouse_url)
        outcome = backfill(own, date(2026, 9, 1), date(2026, 9, 2))
    found = nights.tables(own)

    rejected = found["rejected"]
    assert outcome.counts["documents"] == 160 + len(hostile) + len(repaired)
    assert outcome.counts["used"] == found["release"].height == 160 + len(repaired)
    assert outcome.counts["rejected"] == rejected.height == len(hostile)
    assert (rejected["reason"].str.len_chars() > 10).all()
    assert set(found["field_issue"]["issue"]) >= {
        "scrubbed", "wrong_type", "out_of_range", "not_a_date", "cut", "object_for_list",
    }  # fmt: skip
    # Two tellings of the same second are in the order of their ids: the last one tells the procurement.
    assert found["procurement"].filter(pl.col("ocid") == GOOD["ocid"])["release_id"].to_list() == ["b-9"]


def test_too_many_documents_that_cannot_be_used_stop_the_night(
    by_nights: Settings, told_by_nights: dict[str, pl.DataFrame], copied: Callable[[Settings], Settings]
) -> None:
    """Over the bound nothing is stored, what was published stays, and the ledger says why."""
    own = copied(by_nights)
    latest = {place: (place / "latest").readlink() for place in (own.data_dir / "snapshots", own.export_dir)}
    with (
        serving({date(2026, 10, 5): among(usual("2026-10-05", 20), *HOSTILE_BODIES.values())}) as url,
        pytest.raises(night.ImplausibleNight, match=r"8 of \d+ documents"),
    ):
        night.run(nights.settings(own.data_dir, url), "nightly", nights.clock("2026-10-06 02:15"))
    last = nights.tables(own, ("run",))["run"].row(-1, named=True)

    assert not nights.differences(told_by_nights, nights.tables(own))
    assert latest == {place: (place / "latest").readlink() for place in latest}
    assert last["status"] == "failed"
    assert "could not be used" in last["reason"]


# --- a run that is killed ------------------------------------------------------------------------------------------

MOMENTS = ("nothing", "collect", "digest", "name", "measure", "settle", "settle", "digest")
"""After which step's line in the log a run is killed, some milliseconds later, one run after the other."""


def started(own: Settings, *arguments: str) -> subprocess.Popen[str]:
    """Start the command line."""
    return started_with(own, "-m", "flows", *arguments)


def started_with(own: Settings, *arguments: str) -> subprocess.Popen[str]:
    """Start Python in a session of its own, so that whatever it starts can be found and ended."""
    environment = os.environ | {
        "NOTICEBOARD_WAREHOUSE_URL": own.warehouse_url.get_secret_value(),
        "NOTICEBOARD_DATA_DIR": str(own.data_dir),
        "NOTICEBOARD_EXPORT_DIR": str(own.export_dir),
        "NOTICEBOARD_CONTRACTS_FINDER_URL": str(own.contracts_finder_url),
        "NOTICEBOARD_FIND_A_TENDER_URL": str(own.find_a_tender_url),
        "NOTICEBOARD_RATE_LIMIT_WAIT": "0",
    }
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=CHECKOUT, env=environment, text=True, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def killed(run: subprocess.Popen[str], server: Standin, moment: str, seconds: float) -> None:
    """Kill a run, and all that it started, some time after a step's line in its log, or after its first request."""
    asked = len(server.requests)
    if moment == "nothing":
        while len(server.requests) == asked and run.poll() is None:
            time.sleep(0.005)
    else:
        for line in run.stderr or ():
            if f" {moment}: " in line:
                break
    time.sleep(seconds)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(run.pid, signal.SIGKILL)
    run.communicate()


def whole_days(told: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Return the tables of the nights as a run by the real clock tells them: without the day that had not ended."""
    return told | {"coverage": told["coverage"].filter("complete")}


def is_complete(root: Path) -> bool:
    """Tell whether ``latest`` in a folder of editions is absent or leads to files that are what they say they are."""
    latest = root / "latest"
    if not latest.is_symlink():
        return True
    if (latest / "checksums.txt").exists():
        sums = (latest / "checksums.txt").read_text(encoding="utf-8").splitlines()
        told = {latest / line[66:]: line[:64] for line in sums}
    else:
        manifest = json.loads((latest / "snapshot.json").read_text(encoding="utf-8"))
        told = {
            latest / file["path"]: file["sha256"]
            for table in manifest["tables"].values()
            for files in table["partitions"].values()
            for file in files
        }
    return all(hashlib.sha256(path.read_bytes()).hexdigest() == digest for path, digest in told.items())


def test_a_run_killed_at_any_moment_is_repaired_by_the_next(
    warehouse_url: str, story: list[nights.Told], told_by_nights: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    """After kills in every step the next run gives the undisturbed warehouse; readers only saw whole editions."""
    chance = random.Random(11)  # noqa: S311 - must repeat, no secret
    moments = MOMENTS if warehouse_url.startswith("sqlite") else ("collect", "digest", "settle")
    arguments = ("backfill", str(STORY_FIRST), str(LAST_OF_STORY - timedelta(days=1)))
    expected = whole_days(told_by_nights)
    whole = []
    with nights.service(story) as server:
        own = nights.settings(tmp_path, server.url, warehouse_url)
        for moment in moments:
            run = started(own, *arguments)
            killed(run, server, moment, chance.uniform(0.0, 0.25))
            whole.append(is_complete(own.data_dir / "snapshots") and is_complete(own.export_dir))
            with pytest.raises(ProcessLookupError):
                os.killpg(run.pid, 0)
        last = started(own, *arguments, "--json")
        output, errors = last.communicate()
    runs = nights.tables(own, ("run",))["run"]

    assert all(whole)
    assert last.returncode == 0, errors
    assert json.loads(output)["status"] == "finished"
    assert not nights.differences(expected, nights.tables(own), one_past=False)
    assert not nights.differences(nights.published(own), expected, one_past=False)
    assert set(runs["status"]) <= {"finished", "failed"}
    assert not list(tmp_path.rglob("*.part"))


def test_a_rebuild_that_is_killed_leaves_the_warehouse_as_it_was(
    warehouse_url: str, by_nights: Settings, told_by_nights: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    """Until a rebuild is finished, readers and the next run find every row of before."""
    shutil.copytree(by_nights.data_dir / "archive", tmp_path / "archive")
    with nights.service([]) as server:
        own = nights.settings(tmp_path, server.url, warehouse_url)
        night.run(own, "rebuild", nights.clock(AFTER))
        before, held = editions_of(own), nights.tables(own)
        killed(started(own, "rebuild"), server, "digest", 0.05)

    assert not nights.differences(held, nights.tables(own))
    assert not nights.differences(told_by_nights, held, one_past=False)
    assert editions_of(own) == before


def test_a_full_disk_is_said_and_the_next_run_repairs(
    story: list[nights.Told], told_by_nights: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    """A run that may only write some kilobytes into one file fails with words; the next one gives everything."""
    with nights.service(story) as server:
        own = nights.settings(tmp_path, server.url)
        arguments = (str(STORY_FIRST), str(LAST_OF_STORY - timedelta(days=1)))
        code = (
            "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000));"
            "from flows.__main__ import main; sys.argv[1:] = ['backfill', *sys.argv[1:]]; main()"
        )
        full = started_with(own, "-c", code, *arguments)
        _, errors = full.communicate()
        published = (own.export_dir / "latest").exists()
        repaired = started(own, "backfill", *arguments)
        _, later = repaired.communicate()

    assert full.returncode == 1, errors
    assert "failed: " in errors
    assert "Traceback" not in errors
    assert not published
    assert repaired.returncode == 0, later
    assert not nights.differences(whole_days(told_by_nights), nights.tables(own), one_past=False)


# --- gates ---------------------------------------------------------------------------------------------------------

THURSDAY = date(2026, 10, 1)
"""A weekday that follows eight usual weeks."""


def after_eight_weeks(folder: Path, day: date) -> Settings:
    """Return a warehouse that knows eight weeks with forty notices on the weekday of a day, up to the day before."""
    told = [body for week in range(1, 9) for body in usual(str(day - timedelta(weeks=week)), 40)]
    with nights.service(told) as server:
        own = nights.settings(folder, server.url)
        backfill(own, day - timedelta(weeks=8), day - timedelta(days=1), f"{day} 02:15")
    return own


@pytest.fixture(scope="session")
def usual_weeks(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return a warehouse that knows eight weeks with forty notices on every Thursday, up to the day before one."""
    return after_eight_weeks(tmp_path_factory.mktemp("usual-weeks"), THURSDAY)


def nightly(own: Settings, told: list[bytes], at: str) -> night.Outcome:
    """Run a nightly run against a service that holds some notices."""
    with nights.service(told) as server:
        return night.run(nights.settings(own.data_dir, server.url), "nightly", nights.clock(at))


def editions_of(own: Settings) -> list[Path]:
    """Return where ``latest`` leads, for snapshots and exports."""
    return [(folder / "latest").readlink() for folder in (own.data_dir / "snapshots", own.export_dir)]


@pytest.mark.parametrize("answered", [0, 3])
def test_a_weekday_without_its_usual_notices_is_held_back_until_the_next_usual_night(
    answered: int, usual_weeks: Settings, copied: Callable[[Settings], Settings]
) -> None:
    """A night in which the service says nothing, or a tenth, keeps its data, publishes nothing; the next one does."""
    own = copied(usual_weeks)
    before = editions_of(own)
    thursday = usual(str(THURSDAY), answered)
    held = nightly(own, thursday, "2026-10-02 02:15")
    at_hold = editions_of(own)
    stored = nights.tables(own, ("run", "release", "coverage"))
    following = nightly(own, thursday + usual("2026-10-02", 40), "2026-10-03 02:15")

    assert held.status == "held"
    assert held.reason is not None
    assert f"gave {answered} releases for {THURSDAY}, where 40 are usual" in held.reason
    assert held.snapshot is None
    assert at_hold == before
    assert stored["run"].sort("started_at")["status"].to_list()[-1] == "held"
    assert stored["release"].height == 320 + answered
    assert stored["coverage"].filter(pl.col("day") == THURSDAY)["complete"].to_list() == [True, True]
    assert following.status == "finished"
    assert editions_of(own) != before
    assert nights.published(own)["release"].height == 360 + answered


def test_a_usual_weekday_is_published(usual_weeks: Settings, copied: Callable[[Settings], Settings]) -> None:
    """The gate lets a night pass that says no less than a tenth of what is usual, and a day that has not ended."""
    own = copied(usual_weeks)
    outcome = nightly(own, usual(str(THURSDAY), 4), "2026-10-02 02:15")

    assert outcome.status == "finished"
    assert outcome.counts["releases_new"] == 4


def test_a_covered_day_that_says_nothing_when_asked_again_is_held_back(
    usual_weeks: Settings, copied: Callable[[Settings], Settings]
) -> None:
    """A service that has lost a day of the overlap is noticed, although the warehouse still holds that day."""
    own = copied(usual_weeks)
    first = nightly(own, usual(str(THURSDAY), 40), "2026-10-02 02:15")
    second = nightly(own, usual("2026-10-02", 40), "2026-10-03 02:15")

    assert (first.status, second.status) == ("finished", "held")
    assert nights.tables(own, ("release",))["release"].height == 400


def test_a_backfill_and_a_rebuild_have_no_gate(usual_weeks: Settings, copied: Callable[[Settings], Settings]) -> None:
    """History may be as quiet as it was: only nightly runs are held back."""
    own = copied(usual_weeks)
    with nights.service([]) as server:
        service = nights.settings(own.data_dir, server.url)
        outcomes = [
            backfill(service, THURSDAY, THURSDAY, "2026-10-02 02:15"),
            night.run(service, "rebuild", nights.clock("2026-10-02 03:15")),
        ]

    assert [outcome.status for outcome in outcomes] == ["finished", "finished"]


def test_the_command_says_that_a_night_was_held_back(tmp_path: Path) -> None:
    """The command line ends with its own exit code, and says the reason on stderr and as JSON."""
    own = after_eight_weeks(tmp_path, datetime.now(LONDON).date() - timedelta(days=1))
    with nights.service([]) as server:
        run = started(nights.settings(own.data_dir, server.url), "nightly", "--json")
        output, errors = run.communicate()

    assert run.returncode == 4, errors
    assert json.loads(output)["status"] == "held"
    assert "nothing is published" in errors


# --- the days of a nightly run -------------------------------------------------------------------------------------


WINDOW_FROM = {contracts_finder.SOURCE: "publishedFrom", find_a_tender.SOURCE: "updatedFrom"}


def asked_days(outcome_of: Callable[[Settings], object], own: Settings) -> list[str]:
    """Return the London days that a run asked for, of both services alike."""
    with nights.service([]) as server:
        outcome_of(nights.settings(own.data_dir, server.url).model_copy(update={"first_day": own.first_day}))
        found = [
            [request.params[name][:10] for request in server.requests if name in request.params]
            for name in WINDOW_FROM.values()
        ]

    assert found[0] == found[1]
    return found[0]


def span(first: str, last: str) -> list[str]:
    """Return all days from first to last."""
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return [str(start + timedelta(days=number)) for number in range((end - start).days + 1)]


def at(text: str) -> Callable[[Settings], object]:
    """Return a nightly run at a London time."""
    return lambda own: night.run(own, "nightly", nights.clock(text), night.STEPS[:-1])


def test_nightly_runs_ask_from_the_newest_covered_day_with_an_overlap(tmp_path: Path) -> None:
    """A first run asks for thirty days, the next ones for the new days and three old ones, missed nights included."""
    own = nights.settings(tmp_path)
    first = asked_days(at("2026-10-20 02:15"), own)
    next_night = asked_days(at("2026-10-21 02:15"), own)
    after_a_gap = asked_days(at("2026-10-27 02:15"), own)
    twice = asked_days(at("2026-10-27 12:00"), own)

    assert first == span("2026-09-20", "2026-10-20")
    assert next_night == span("2026-10-17", "2026-10-21")
    assert after_a_gap == span("2026-10-18", "2026-10-27")
    assert twice == span("2026-10-24", "2026-10-27")


def test_a_first_day_can_be_set(tmp_path: Path) -> None:
    """A first run begins on the day that the user names, however long ago."""
    own = nights.settings(tmp_path).model_copy(update={"first_day": date(2026, 8, 1)})

    assert asked_days(at("2026-10-20 02:15"), own) == span("2026-08-01", "2026-10-20")


def test_a_nightly_run_never_asks_for_the_gap_between_two_backfills(tmp_path: Path) -> None:
    """What lies between two backfills is the user's to ask for: not even the overlap reaches into it."""
    own = nights.settings(tmp_path)
    for first, last in ((date(2026, 9, 1), date(2026, 9, 5)), (date(2026, 10, 10), date(2026, 10, 10))):
        asked_days(lambda it, a=first, b=last: backfill(it, a, b, "2026-10-12 02:15"), own)  # type: ignore[misc]  # mypy cannot infer a lambda with defaults

    assert asked_days(at("2026-10-12 02:15"), own) == span("2026-10-10", "2026-10-12")


def test_a_day_of_25_hours_is_asked_for_whole(tmp_path: Path) -> None:
    """The night after the clocks went back reads a window of 25 hours, and both of its hours from one to two."""
    told = [
        one_tender("2026-10-25", 1, id="a", date="2026-10-25T01:30:00+01:00"),
        one_tender("2026-10-25", 2, id="b", date="2026-10-25T01:30:00Z"),
        one_tender("2026-10-25", 3, id="c", date="2026-10-25T23:59:59Z"),
    ]
    with nights.service(told) as server:
        own = nights.settings(tmp_path, server.url).model_copy(update={"first_day": date(2026, 10, 25)})
        night.run(own, "nightly", nights.clock("2026-10-26 02:15"))
    found = nights.tables(own, ("release", "coverage"))

    assert found["release"]["release_id"].to_list() == ["a", "b", "c"]
    covered = found["coverage"].filter("complete", source=contracts_finder.SOURCE)
    assert covered.select("day", "releases", "expected", "missing").rows() == [(date(2026, 10, 25), 3, 3, 0)]


def test_a_late_notice_is_picked_up_within_the_overlap(tmp_path: Path) -> None:
    """A notice that appears two days after its date comes in, and the day's count says so."""
    early, late = usual("2026-10-01", 3), usual("2026-10-01", 4)
    own = nights.settings(tmp_path).model_copy(update={"first_day": date(2026, 10, 1)})
    counts = []
    for day, told in (("2026-10-02", early), ("2026-10-03", early), ("2026-10-04", late)):
        with nights.service(told) as server:
            service = nights.settings(tmp_path, server.url).model_copy(update={"first_day": own.first_day})
            counts.append(night.run(service, "nightly", nights.clock(f"{day} 02:15")).counts["releases_new"])
    coverage = nights.tables(own, ("coverage",))["coverage"].filter(source=contracts_finder.SOURCE)

    assert counts == [3, 0, 1]
    assert coverage.filter(pl.col("day") == date(2026, 10, 1))["releases"].to_list() == [4]


# --- what readers are given ----------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def exported(by_nights: Settings) -> Path:
    """Return the folder of the latest export."""
    return by_nights.export_dir / "latest"


CSV = {
    "award_lines.csv": ("out_award_line", ["award_id", "mention_id"]),
    "mega_contracts.csv": ("out_mega", ["award_id"]),
    "suppliers.csv": ("out_supplier", ["supplier_id"]),
    "buyer_years.csv": ("out_buyer_year", ["buyer_id", "financial_year"]),
}


@pytest.mark.parametrize(("file", "view", "key"), [(name, *told) for name, told in CSV.items()], ids=CSV)
def test_a_csv_file_tells_what_the_warehouse_tells(
    file: str, view: str, key: list[str], exported: Path, by_nights: Settings
) -> None:
    """Every cell of a CSV file is that of its view in the warehouse, but for apostrophes before formulas."""
    rows = list(csv.DictReader(lines_of(exported / file)))
    with closing(sqlite3.connect(by_nights.data_dir / "noticeboard.db")) as database:
        database.row_factory = sqlite3.Row
        stored = [dict(row) for row in database.execute(f'SELECT * FROM "{view}"')]

    def order(row: dict[str, Any]) -> list[str]:
        return [str(row[name] or "") for name in key]

    assert len(rows) == len(stored)
    for mine, theirs in zip(sorted(rows, key=order), sorted(stored, key=order), strict=True):
        assert [same(mine[name], theirs[name]) for name in mine] == [True] * len(theirs), (mine, theirs)


def same(cell: str, value: Any) -> bool:
    """Tell whether a cell of a CSV file says what a value of SQLite says."""
    if value is None or cell == "":
        return value in (None, "") and cell == ""
    if cell in ("true", "false"):
        return bool(value) == (cell == "true")
    if isinstance(value, (int, float)):
        return abs(float(cell) - value) < 1e-9 * max(1.0, abs(value))
    return cell in (value, f"'{value}")


def lines_of(path: Path) -> list[str]:
    """Return the lines of a file with their ends, which a reader of CSV wants."""
    return path.read_bytes().decode().splitlines(keepends=True)


FORMULAS = (
    "=1+1 Ltd",
    "+Plus Homecare Ltd",
    "-Tech Systems Ltd",
    "@Homefold Learning",
    "\uff1dSUM(A1:A9) Supplies",
    "\tTab Ltd",
)


def test_no_cell_of_an_export_begins_as_a_formula(tmp_path: Path, story: list[nights.Told]) -> None:
    """Names and titles that a spreadsheet would take for formulas get an apostrophe in front, in every file."""
    awards = [release for release in story if release["tag"] == ["award"] and release["awards"][0].get("suppliers")]
    told = copy.deepcopy(awards[: len(FORMULAS)])
    for release, formula in zip(told, FORMULAS, strict=True):
        release["awards"][0]["suppliers"] = [release["awards"][0]["suppliers"][0] | {"name": formula}]
        release["tender"]["title"] = release["buyer"]["name"] = formula
    with nights.service(nights.bodies(told)) as server:
        own = nights.settings(tmp_path, server.url)
        backfill(own, STORY_FIRST, LAST_OF_STORY)
    files = {file.name: list(csv.reader(lines_of(file))) for file in (own.export_dir / "latest").glob("*.csv")}
    cells = {cell for rows in files.values() for row in rows for cell in row}

    assert {f"'{formula}" for formula in FORMULAS} <= cells
    assert not [cell for cell in cells if cell[:1] in set("=+@\uff1d\t\r\n") and cell]
    assert not [cell for cell in cells if cell.startswith("-") and not cell[1:].replace(".", "", 1).isdigit()]


def test_shares_stay_in_their_bounds(told_by_nights: dict[str, pl.DataFrame]) -> None:
    """Every share is between its low and its high one, and all of them between 0 and 1."""
    values = told_by_nights["indicator_value"].filter(pl.col("low_share").is_not_null())
    shares = values.select("low_share", "high_share", "coverage_share", "priced_share", "known_share")
    known = values.drop_nulls("known_share")

    assert values.height > 100
    assert shares.select(pl.all().is_between(0, 1).fill_null(True).all()).row(0) == (True,) * 5
    assert known.filter(pl.col("low_share") <= pl.col("known_share") + 1e-12).height == known.height
    assert known.filter(pl.col("known_share") <= pl.col("high_share") + 1e-12).height == known.height


@pytest.mark.parametrize("table", ["release", "procurement", "award"])
def test_links_lead_to_the_official_service(table: str, told_by_nights: dict[str, pl.DataFrame]) -> None:
    """Every link to a notice is to the service's own host."""
    links = told_by_nights[table]["notice_url"].drop_nulls()

    assert links.len() > 50
    assert links.str.starts_with("https://www.contractsfinder.service.gov.uk/Notice/").all()

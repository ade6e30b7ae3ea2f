"""The stand-in answers as Contracts Finder and Find a Tender do, faults included."""

import base64
import csv
import gzip
import io
import json
import re
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import zstandard

from extractors.standin import Fault, Kind, Standin

CHECKOUT = Path(__file__).resolve().parents[2]
SEARCH = "/Published/Notices/OCDS/Search"
RELEASES: list[dict[str, Any]] = [
    {
        "ocid": f"ocds-b5fd17-{n // 2}",
        "id": f"guid-{n}",
        "date": f"2026-0{8 + n // 6}-0{1 + n % 6}T10:00:00+01:00",
        "tag": ["tender" if n % 3 else "award"],
        "tender": {"title": f'Lot "{n}", north', "items": [{"id": "1"}]},
    }
    for n in range(10)
]


def ask(server: Standin, path: str) -> requests.Response:
    """Ask the stand-in with a plain client."""
    with requests.Session() as client:
        client.trust_env = False
        return client.get(server.url + path, timeout=10, allow_redirects=False)


def found(response: requests.Response) -> list[str]:
    """Return the ids of the releases of an answer, in order."""
    assert response.status_code == 200
    return [release["id"] for release in response.json()["releases"]]


def test_a_package_looks_like_the_real_one(shared: Path) -> None:
    """Names come in the order of a real answer, and so do extensions and publisher."""
    path = shared / "data" / "contracts_finder" / "package_2022-10-19_limit5.json.gz"
    real = json.loads(gzip.decompress(path.read_bytes()))
    older = {**RELEASES[0], "date": "2022-10-01T00:00:00+01:00"}
    with Standin([path, older, *RELEASES]) as server:
        answer = ask(server, f"{SEARCH}?limit=5&publishedTo=2022-10-19T06:13:38+01:00")
    told = answer.json()

    assert list(told) == list(real)
    assert told["releases"] == real["releases"]
    assert told["publishedDate"] == real["publishedDate"]
    assert told["version"] == real["version"]
    assert told["extensions"] == real["extensions"]
    assert list(told["publisher"]) == list(real["publisher"])
    assert answer.headers["Content-Type"] == "application/json"


def test_the_effective_request_is_echoed() -> None:
    """What the request leaves out is filled in and echoed: the end of the window and the limit."""
    with Standin(RELEASES) as server:
        uri = ask(server, f"{SEARCH}?publishedFrom=2026-08-01&size=2").json()["uri"]

    newest = "2026-09-04T10:00:00+01:00"
    assert uri == f"{server.url}{SEARCH}?publishedFrom=2026-08-01&publishedTo={newest}&limit=100"


def test_the_newest_come_first_and_the_cursor_leads_through() -> None:
    """Pages go from the newest to the oldest; the cursor's inside is as documented; the last page has no links."""
    with Standin(reversed(RELEASES)) as server:
        url, ids, cursors = f"{SEARCH}?publishedFrom=2026-08-01&limit=4", [], []
        while url:
            answer = ask(server, url)
            ids.append(found(answer))
            url = answer.json().get("links", {}).get("next", "").removeprefix(server.url)
            cursors += parse_qs(urlsplit(url).query).get("cursor", [])

    assert [len(page) for page in ids] == [4, 4, 2]
    assert sum(ids, []) == [f"guid-{n}" for n in range(9, -1, -1)]  # noqa: RUF017 - three short lists
    assert "links" not in answer.json()
    inside = base64.b64decode(cursors[0]).decode()
    assert inside == "publishedFrom=2026-08-01|publishedTo=2026-09-04T10:00:00+01:00|limit=4|nextCursor=6"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("publishedFrom=2026-09-04T10:00:00%2B01:00", 1),
        ("publishedFrom=2026-09-04T10:00:00", 1),
        ("publishedFrom=2026-09-04T09:00:00Z&publishedTo=2026-09-04T09:00:00Z", 1),
        ("publishedFrom=2026-09-04T10:00:01", 0),
        ("publishedFrom=2026-09-04", 1),
        ("publishedTo=2026-08-01T09:59:59", 0),
        ("publishedFrom=2026-09-04&publishedTo=2026-08-01", 0),
        ("stages=award", 4),
        ("stages=tender,award", 10),
        ("unknown=1", 10),
        ("LIMIT=3", 3),
    ],
)
def test_windows_are_london_time_and_both_ends_belong(query: str, expected: int) -> None:
    """Times without an offset are London time, both bounds are included, unknown parameters are ignored."""
    with Standin(RELEASES) as server:
        answer = ask(server, f"{SEARCH}?{query}")

    assert len(found(answer)) == expected


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "cursor=%21", "cursor=YQ==", "publishedFrom=yesterday"]
)
def test_a_bad_request_is_told_as_a_list(query: str) -> None:
    """Validation errors are a JSON list of Message, Code and Property."""
    with Standin(RELEASES) as server:
        answer = ask(server, f"{SEARCH}?{query}")

    assert answer.status_code == 400
    assert [sorted(error) for error in answer.json()] == [["Code", "Message", "Property"]]


def test_paths_ignore_case() -> None:
    """The search answers whatever the case of its path."""
    with Standin(RELEASES) as server:
        assert len(found(ask(server, SEARCH.lower()))) == 10


def test_single_releases_and_records() -> None:
    """A release is found by its id, a record by its ocid, the oldest release first."""
    with Standin(RELEASES) as server:
        release = ask(server, "/Published/OCDS/Release/guid-3")
        record = ask(server, "/Published/OCDS/Record/ocds-b5fd17-2").json()["records"][0]
        missing = [ask(server, f"/Published/OCDS/{kind}/none").status_code for kind in ("Release", "Record")]

    assert found(release) == ["guid-3"]
    assert [r["id"] for r in record["releases"]] == ["guid-4", "guid-5"]
    assert record["compiledRelease"]["id"] == "guid-5"
    assert missing == [404, 404]


def test_the_daily_list_is_flattened() -> None:
    """The list of a London day has one row per release and its fields by path."""
    with Standin(RELEASES) as server:
        answer = ask(server, "/Harvester/Notices/Data/CSV/2026/8/2")
        newest = ask(server, "/Harvester/Notices/Data/CSV/Daily")
        empty = ask(server, "/Harvester/Notices/Data/CSV/2026/8/31").status_code
    rows = list(csv.DictReader(io.StringIO(answer.text)))

    assert answer.headers["Content-Type"] == "text/csv"
    assert list(rows[0])[:6] == [
        "uri", "publishedDate", "publisher/name", "publisher/scheme", "releases/0/ocid", "releases/0/id",
    ]  # fmt: skip
    assert [row["releases/0/tender/title"] for row in rows] == ['Lot "1", north']
    assert "guid-9" in newest.text
    assert empty == 404


PACKAGES = "/api/1.0/ocdsReleasePackages"
NOTICES: list[dict[str, Any]] = [
    {
        "ocid": f"ocds-h6vhtk-{n // 2:06x}",
        "id": f"{83_600 + n:06}-2026",
        "date": f"2026-09-03T10:00:{59 - n:02}+01:00",  # the numbers run against the dates
        "tag": ["tender" if n % 3 else "tenderUpdate"],
        "tender": {"title": f"Lot {n}"},
    }
    for n in range(10)
]


def test_each_service_has_its_own_releases() -> None:
    """The ocid tells whose a release is, and neither service lists the other's."""
    with Standin([*RELEASES, *NOTICES]) as server:
        finder, tender, latest = (found(ask(server, p)) for p in (SEARCH, PACKAGES, PACKAGES.replace("1.0", "latest")))

    assert sorted(finder) == sorted(release["id"] for release in RELEASES)
    assert tender == latest == [notice["id"] for notice in reversed(NOTICES)]
    assert len(server) == 20


def test_a_package_of_find_a_tender_looks_like_the_real_one() -> None:
    """Names come in the real order; the effective request is echoed; the cursor's inside is as observed."""
    url = f"{PACKAGES}?updatedFrom=2026-09-03T00:00:00&limit=4"
    with Standin(NOTICES) as server:
        answer = ask(server, url)
        last = ask(server, f"{PACKAGES}?updatedFrom=2026-09-03T00:00:00").json()
    told = answer.json()
    following = urlsplit(told["links"]["next"])
    inside = base64.b64decode(parse_qs(following.query)["cursor"][0]).decode()

    assert list(told) == [
        "uri", "version", "extensions", "publishedDate", "publisher", "license", "publicationPolicy", "releases",
        "links",
    ]  # fmt: skip
    assert told["uri"] == f"{server.url}{url}&updatedTo=2026-09-03T10:00:59"
    assert told["publishedDate"] == "2026-09-03T10:00:53+01:00"
    assert answer.headers["Cache-Control"] == "no-store"
    assert following.path == PACKAGES
    assert re.fullmatch(r"updatedFrom=2026-09-03T00:00:00\|updatedTo=2026-09-03T10:00:59\|nextCursor=\d+", inside)
    assert "links" not in last


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("updatedFrom=2026-09-03T10:00:50&updatedTo=2026-09-03T10:00:52", 3),
        ("updatedFrom=2026-09-03T10:00:58", 2),
        ("updatedFrom=2026-09-03T10:00:50Z&updatedTo=2026-09-03T10:00:52Z", 3),
        ("updatedTo=2026-09-03T10:00:49", 0),
        ("stages=tender", 6),
    ],
)
def test_windows_of_find_a_tender_are_wall_clock_time(query: str, expected: int) -> None:
    """Both ends belong, a Z means nothing, the end may be left out, and stages drop notices of their own stage."""
    with Standin(NOTICES, now=datetime(2026, 9, 4, tzinfo=UTC)) as server:
        assert len(found(ask(server, f"{PACKAGES}?{query}"))) == expected


@pytest.mark.parametrize(
    ("query", "exception"),
    [
        (
            "?statuses=x",
            "Request parameter 'statuses' is not recognised, allowed parameters are: "
            "stages, limit, cursor, updatedFrom, updatedTo",
        ),
        ("?Limit=5", "Request parameter 'Limit' is not recognised, "),
        ("?limit=0", "'limit' must be greater than 0"),
        ("?limit=101", "'limit' must be at most 100"),
        ("?limit=x", "'limit' must be a number"),
        ("?stages=pipeline", "'stages' must be among planning, tender, award"),
        ("?updatedFrom=2026-09-03", "'updatedFrom' must be in the format"),
        ("?updatedFrom=2026-09-03T10:00:00%2B01:00", "'updatedFrom' must be in the format"),
        ("?updatedTo=2026-13-03T10:00:00", "'updatedTo' must be in the format"),
        ("?updatedFrom=2026-09-03T10:00:00&updatedTo=2026-09-03T10:00:00", "'updatedTo' must be later than "),
        ("?updatedFrom=2026-09-03T10:00:01&updatedTo=2026-09-03T10:00:00", "'updatedTo' must be later than "),
        ("?cursor=%21", "'cursor' is not valid"),
        ("?cursor=YQ==", "'cursor' is not valid"),
        ("/083600-2026?limit=1", "Request parameter 'limit' is not recognised"),
    ],
)
def test_find_a_tender_refuses_what_it_does_not_know(query: str, exception: str) -> None:
    """A bad request is told as an object, the same for unknown parameters and bad values."""
    with Standin(NOTICES) as server:
        answer = ask(server, f"{PACKAGES}{query}")
    told = answer.json()

    assert answer.status_code == 400
    assert list(told) == ["timestamp", "status", "error", "message", "path", "exception"]
    assert (told["status"], told["error"], told["path"]) == (400, "Bad Request", PACKAGES)
    assert told["exception"].startswith(exception)


def test_single_notices_and_records_of_find_a_tender() -> None:
    """A notice is found by its id, a procurement by its ocid; a record holds the oldest first; others are not found."""
    records = PACKAGES.replace("Release", "Record")
    with Standin(NOTICES) as server:
        by_id, by_ocid = (found(ask(server, f"{PACKAGES}/{name}")) for name in ("083603-2026", "ocds-h6vhtk-000001"))
        record = ask(server, f"{records}/ocds-h6vhtk-000001").json()
        missing = [ask(server, path) for path in (f"{PACKAGES}/083999-2026", f"{records}/ocds-h6vhtk-0000ff", records)]

    assert by_id == ["083603-2026"]
    assert by_ocid == ["083603-2026", "083602-2026"]
    assert list(record) == [
        "uri", "publisher", "publishedDate", "license", "publicationPolicy", "version", "extensions", "packages",
        "records",
    ]  # fmt: skip
    assert [release["id"] for release in record["records"][0]["releases"]] == ["083602-2026", "083603-2026"]
    assert [(answer.status_code, answer.json()["exception"]) for answer in missing] == [
        (404, "'identifier' is not found")
    ] * 3


@pytest.mark.parametrize(("kind", "wait"), [(Kind.LIMITER, "1"), (Kind.LIMITER_TEXT, None)])
def test_a_limiter_lets_twelve_requests_through(kind: Kind, wait: str | None) -> None:
    """The thirteenth request within the seconds is refused, whatever it asks for; each service counts its own."""
    with Standin([*RELEASES, *NOTICES], faults=[Fault(kind, seconds=1)]) as server:
        statuses = [ask(server, f"{PACKAGES}/083603-2026").status_code for _ in range(12)]
        refused = ask(server, PACKAGES)
        other = ask(server, SEARCH).status_code
        time.sleep(1.05)
        after = ask(server, PACKAGES).status_code

    assert (statuses, other, after) == ([200] * 12, 200, 200)
    assert (refused.status_code, refused.headers.get("Retry-After")) == (429, wait)
    assert refused.text == "Rate limit of 12 exceeded. Please retry after 1 seconds."


def test_a_list_holds_releases_with_numbers_beyond_measure() -> None:
    """The list of a day holds what no strict reader takes, as it is written."""
    with Standin(RELEASES, faults=[Kind.HUGE_NUMBER]) as server:
        assert "1e9999" in ask(server, "/Harvester/Notices/Data/CSV/2026/8/2").text


@pytest.mark.parametrize("name", ["x.json", "x.json.gz", "x.jsonl", "x.jsonl.gz", "x.jsonl.zst"])
def test_every_kind_of_file_is_served(tmp_path: Path, name: str) -> None:
    """Packages and releases one a line, plain and compressed, are served as the bytes that they are."""
    lines = [json.dumps(release, ensure_ascii=False).encode() for release in RELEASES]
    text = b"\n".join(lines) + b"\n\n" if "jsonl" in name else b'{"releases": [' + b",\n".join(lines) + b"]}"
    packed = {"gz": gzip.compress, "zst": zstandard.ZstdCompressor().compress}.get(name.rpartition(".")[2], bytes)
    (tmp_path / name).write_bytes(packed(text))
    with Standin([tmp_path / name]) as server:
        body = ask(server, SEARCH).content

    assert b", ".join(reversed(lines)) in body


def test_a_release_without_a_date_is_refused() -> None:
    """What cannot be listed is not dropped silently."""
    with pytest.raises(ValueError, match="no date"):
        Standin([{"ocid": "ocds-b5fd17-1"}])


REFUSALS = [
    (Kind.FORBIDDEN, 403, None, b"Forbidden - Contracts Finder"),
    (Kind.RATE_LIMIT, 429, "120", b"Please retry after 120 seconds."),
    (Kind.RATE_LIMIT_TEXT, 429, None, b"Rate limit of 12 exceeded. Please retry after 120 seconds."),
    (Kind.HUGE_RETRY_AFTER, 429, "999999999", b""),
    (Kind.UNAVAILABLE, 503, "120", b""),
    (Kind.ERROR, 500, None, b""),
    (Kind.NOT_JSON, 200, None, b"<html>"),
]


@pytest.mark.parametrize(("kind", "status", "wait", "text"), REFUSALS, ids=[kind for kind, *_ in REFUSALS])
def test_refusals_look_like_the_real_ones(kind: Kind, status: int, wait: str | None, text: bytes) -> None:
    """A refusal has the status, the text and the header of the real one; each is recorded."""
    with Standin(RELEASES, faults=[Fault(kind, times=1)]) as server:
        answer, after = ask(server, SEARCH), ask(server, SEARCH)

    assert (answer.status_code, answer.headers.get("Retry-After")) == (status, wait)
    assert text in answer.content
    assert len(found(after)) == 10
    assert [asked.fault for asked in server.requests] == [kind, None]


@pytest.mark.parametrize(
    ("kind", "trace"),
    [
        (Kind.NOT_UTF8, b"\x92"),
        (Kind.HUGE_NUMBER, b"1e9999"),
        (Kind.LEADING_ZEROS, b" 000,"),
        (Kind.NOT_A_NUMBER, b"NaN"),
        (Kind.NULLS, b"null"),
    ],
)
def test_faults_of_a_release_stay_with_it(kind: Kind, trace: bytes) -> None:
    """An odd release is odd each time that it is served, and the others are not."""
    with Standin(RELEASES, faults=[Fault(kind, every=5)]) as server:
        bodies = [ask(server, SEARCH).content for _ in range(2)]
        other = ask(server, "/Published/OCDS/Release/guid-9").content

    assert bodies[0] == bodies[1]
    assert trace in bodies[0]
    assert trace not in other


def test_the_faults_of_the_paging() -> None:
    """Each fault of the paging does what it says."""
    url = f"{SEARCH}?limit=4"
    links = {}
    for kind in (Kind.NO_NEXT, Kind.FOREIGN_NEXT, Kind.HTTP_NEXT, Kind.CURSOR_TO_ITSELF, Kind.ENDLESS):
        with Standin(RELEASES, faults=[kind]) as server:
            first = ask(server, url).json().get("links", {}).get("next", "")
            second = ""
            if first.startswith(server.url):
                second = ask(server, first.removeprefix(server.url)).json()["links"]["next"]
            links[kind] = (first.partition("/Published")[0].replace(server.url, ""), first == second, bool(second))

    assert links == {
        Kind.NO_NEXT: ("", True, False),
        Kind.FOREIGN_NEXT: ("https://elsewhere.invalid", False, False),
        Kind.HTTP_NEXT: ("http://www.contractsfinder.service.gov.uk", False, False),
        Kind.CURSOR_TO_ITSELF: ("", True, True),
        Kind.ENDLESS: ("", False, True),
    }


def test_a_release_can_repeat_and_appear_late() -> None:
    """One release stands twice on its page, another is missing on the first request only."""
    faults = [Fault(Kind.REPEATED, times=1), Fault(Kind.APPEARS, every=3, times=1)]
    with Standin(RELEASES, faults=faults) as server:
        first, second = found(ask(server, SEARCH)), found(ask(server, SEARCH))

    assert first[:3] == ["guid-9", "guid-9", "guid-8"]
    assert "guid-7" not in first
    assert "guid-7" in second


@pytest.mark.parametrize("text", ["", "nonsense", "forbidden:often=1", "error:times=x"])
def test_unknown_faults_are_refused(text: str) -> None:
    """A switch that is not known is an error, not ignored."""
    with pytest.raises(ValueError, match=r".+"):
        Fault.parse(text)


def test_faults_are_read_from_switches() -> None:
    """A switch names a fault and how often it strikes."""
    assert Fault.parse("rows_lost") == Fault(Kind.ROWS_LOST)
    assert Fault.parse("rate_limit:times=2,every=3,seconds=5,enforced=1") == Fault(Kind.RATE_LIMIT, 2, 3, 5, True)


def test_many_releases_are_served_fast() -> None:
    """A page out of 20,000 releases takes milliseconds, since bytes are joined and not encoded again."""
    filler = "x" * 500
    many = [
        f'{{"ocid": "o{n}", "id": "{n}", "date": "2026-09-03T{n % 24:02}:00:00Z", "d": "{filler}"}}'.encode()
        for n in range(20_000)
    ]
    with Standin(many) as server:
        began = time.process_time()
        for hour in range(10):
            moment = f"2026-09-03T{hour:02}:00:00Z"
            ask(server, f"{SEARCH}?publishedFrom={moment}&publishedTo={moment}")

    assert time.process_time() - began < 2


def test_it_runs_from_the_command_line(tmp_path: Path) -> None:
    """The command prints its address, answers with the faults asked for, and stops on a signal."""
    (tmp_path / "x.jsonl").write_text("\n".join(map(json.dumps, RELEASES)))
    command = [sys.executable, "-m", "extractors.standin", str(tmp_path / "x.jsonl"), "--fault", "forbidden:times=1"]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            with requests.Session() as client:
                statuses = [client.get(line.split()[0] + SEARCH, timeout=10).status_code for _ in range(2)]
        finally:
            process.send_signal(signal.SIGTERM)
        process.wait(10)

    assert "10 releases" in line
    assert statuses == [403, 200]
    assert process.returncode == 0


@pytest.mark.parametrize("arguments", [["missing.json"], ["pyproject.toml"], ["pyproject.toml", "--fault", "odd"]])
def test_wrong_use_is_told(arguments: list[str]) -> None:
    """Files and faults that cannot be used end the command with 2 and the reason."""
    command = [sys.executable, "-m", "extractors.standin", *arguments]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=30, check=False)

    assert done.returncode == 2
    assert "cannot start" in done.stderr

"""The archive keeps every release once, without contact details, through kills, full disks and replays."""

import gzip
import hashlib
import json
import random
import shutil
import signal
import stat
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extractors.archive import Archive, DamagedArchive, Listed, Request, UnreadablePart

CHECKOUT = Path(__file__).resolve().parents[2]
SHARED = CHECKOUT.parent / "shared" / "data"
SOURCE = "contracts-finder"
DAY = date(2026, 3, 29)
NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
WINDOW = (datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 3, 29, 23, tzinfo=timezone(timedelta(hours=1))))


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """Give an archive with nothing in it."""
    return Archive(tmp_path / "archive")


def put(archive: Archive, releases: list[bytes], day: date = DAY, source: str = SOURCE, **told: Any) -> Request:
    """Archive one answer for a day, and state its window."""
    answer: dict[str, Any] = {
        "url": "https://example.org/Search?limit=100",
        "requested_at": NOON,
        "status": 200,
        "sha256": "ab" * 32,
        "bytes": 1234,
        "window": WINDOW,
    }
    with archive.collecting(source, day) as collection:
        request = collection.add(releases=releases, **(answer | told))
        collection.complete(*WINDOW, asked_at=NOON)
    return request


def release(number: int, **more: object) -> bytes:
    """Write a small release."""
    return json.dumps({"ocid": f"ocds-b5fd17-{number}", "id": str(number), "value": {"amount": 1.5}, **more}).encode()


def files(archive: Archive) -> dict[str, bytes]:
    """Read every file under the root, hidden ones included."""
    return {
        str(path.relative_to(archive.root)): path.read_bytes() for path in archive.root.rglob("*") if path.is_file()
    }


def test_what_was_added_is_read_back(archive: Archive) -> None:
    """Lines, request, window and names of files are as added, times in UTC."""
    request = put(archive, [release(1), release(2), b'{"ocid": '], repaired=["one number mended"])

    assert list(archive.lines(SOURCE, DAY)) == [release(n).replace(b" ", b"") for n in (1, 2)]
    assert archive.requests(SOURCE, DAY) == [request]
    assert (request.releases, request.new, request.repeated) == (3, 2, 0)
    assert request.repaired == ("one number mended",)
    assert request.window_to == datetime(2026, 3, 29, 22, tzinfo=UTC)
    assert archive.windows(SOURCE) == [(WINDOW[0], WINDOW[1], NOON)]
    assert archive.sources() == [SOURCE]
    assert archive.days(SOURCE) == [DAY]
    assert archive.path(SOURCE, DAY) == "contracts-finder/2026/2026-03-29.jsonl.zst"
    assert sorted(files(archive)) == [
        "contracts-finder/2026/2026-03-29.jsonl.zst",
        "contracts-finder/2026/2026-03-29.manifest.jsonl",
    ]


def test_an_archive_that_is_not_there_is_empty(archive: Archive) -> None:
    """Reading before the first night gives nothing and makes nothing."""
    assert archive.sources() == []
    assert archive.days(SOURCE) == []
    assert list(archive.lines(SOURCE, DAY)) == []
    assert archive.requests(SOURCE, DAY) == []
    assert archive.windows(SOURCE) == []
    assert not archive.root.exists()


def test_a_day_without_releases_is_still_covered(archive: Archive) -> None:
    """An empty answer leaves no data file, and its window counts."""
    put(archive, [])

    assert archive.days(SOURCE) == [DAY]
    assert len(archive.windows(SOURCE)) == 1
    assert list(archive.lines(SOURCE, DAY)) == []
    assert not (archive.root / archive.path(SOURCE, DAY)).exists()


def test_a_replay_leaves_the_data_file_untouched(archive: Archive) -> None:
    """Releases that the day holds, and those repeated within one answer, are not written again."""
    first = put(archive, [release(1), release(2), release(1)])
    data = archive.root / archive.path(SOURCE, DAY)
    before = data.read_bytes(), data.stat().st_ino
    second = put(archive, [release(2), b" " + release(1)])

    assert (first.new, first.repeated) == (2, 1)
    assert (second.new, second.repeated) == (0, 2)
    assert (data.read_bytes(), data.stat().st_ino) == before
    assert len(archive.requests(SOURCE, DAY)) == 2


def test_new_releases_are_added_behind_the_old_bytes(archive: Archive) -> None:
    """A later night adds one frame; what stood there before is the same, byte for byte."""
    put(archive, [release(1)])
    data = archive.root / archive.path(SOURCE, DAY)
    before = data.read_bytes()
    put(archive, [release(2), release(1)])

    assert data.read_bytes().startswith(before)
    assert [json.loads(line)["id"] for line in archive.lines(SOURCE, DAY)] == ["1", "2"]


def test_zstdcat_reads_a_day(archive: Archive) -> None:
    """The data file is plain zstd: the usual tool prints it."""
    if not (zstdcat := shutil.which("zstdcat")):
        pytest.skip("zstdcat is not installed")
    put(archive, [release(1)])
    put(archive, [release(2)])
    read = subprocess.run([zstdcat, archive.root / archive.path(SOURCE, DAY)], capture_output=True, check=True)

    assert read.stdout.splitlines() == list(archive.lines(SOURCE, DAY))


def test_an_exception_changes_nothing(archive: Archive) -> None:
    """When the night fails while collecting, data, manifest and folder are as they were."""
    put(archive, [release(1)])
    before = files(archive)
    with pytest.raises(ValueError, match="swap"), archive.collecting(SOURCE, DAY) as collection:  # noqa: PT012  a night that fails half-way
        collection.add(url="u", requested_at=NOON, status=200, sha256="", bytes=1, releases=[release(2)])
        collection.complete(WINDOW[1], WINDOW[0], NOON)

    assert files(archive) == before


ROOT = "https://www.find-tender.service.gov.uk/api/1.0/ocdsReleasePackages"


def test_ids_asked_for_by_themselves_are_told_with_their_latest_status(archive: Archive) -> None:
    """Of every request for one release the id and status are found again; requests for windows are not among them."""
    put(archive, [release(1)], source="find-a-tender", url=f"{ROOT}?updatedFrom=2026-03-29T00:00:00&limit=100")
    for url, status, hours in (
        (f"{ROOT}/083600-2026", 404, 2),
        (f"{ROOT}/083600-2026", 503, 1),
        (f"{ROOT}/083601-2026?limit=1", 200, 0),
        ("https://www.contractsfinder.service.gov.uk/Published/OCDS/Release/c3e5344a-741a%7E5-583186", 404, 0),
        (f"{ROOT}/083602-2026", None, 0),
    ):
        with archive.collecting("find-a-tender", DAY + timedelta(days=hours)) as collection:
            collection.add(
                url=url, requested_at=NOON + timedelta(hours=hours), status=status, sha256=None, bytes=None,
                releases=[release(2)] if status == 200 else [],
            )  # fmt: skip

    assert archive.asked_ids("find-a-tender") == {
        "083600-2026": 404, "083601-2026": 200, "083602-2026": None, "c3e5344a-741a~5-583186": 404,
    }  # fmt: skip
    assert archive.asked_ids(SOURCE) == {}
    assert len(list(archive.lines("find-a-tender", DAY))) == 2


def test_the_latest_list_of_a_day_is_told(archive: Archive) -> None:
    """What a service's own list of a day told is kept, and the one asked last counts, in whatever order they came."""
    assert archive.listed(SOURCE, DAY) is None
    for hours, expected, missing in ((5, 140, [("ocds-b5fd17-1", "1-1")]), (2, 137, [("ocds-b5fd17-9", "9")])):
        with archive.collecting(SOURCE, DAY) as collection:
            collection.listed(NOON + timedelta(hours=hours), expected, missing)

    assert archive.listed(SOURCE, DAY) == Listed(DAY, NOON + timedelta(hours=5), 140, (("ocds-b5fd17-1", "1-1"),))
    assert archive.listed(SOURCE, DAY + timedelta(days=1)) is None
    assert (archive.windows(SOURCE), archive.requests(SOURCE, DAY)) == ([], [])


def test_a_list_of_nothing_is_not_an_unknown_one(archive: Archive) -> None:
    """A list that named no release that was missing is told as such."""
    with archive.collecting(SOURCE, DAY) as collection:
        collection.listed(NOON, 0, [])

    assert archive.listed(SOURCE, DAY) == Listed(DAY, NOON, 0, ())


def test_what_cannot_be_decoded_is_noted_once_without_its_body(archive: Archive) -> None:
    """Hash, length, offset and reason are kept; the same body asked again the next night is listed once."""
    broken = b'{"description": "call Jane Smith", '
    noted = (17, 5, "cd" * 32, "cut short")
    for _ in range(2):
        put(archive, [broken, release(1)], unreadable=[noted])
    parts = archive.unreadable(SOURCE, DAY)

    assert parts[0] == UnreadablePart(*noted)
    assert (parts[1].length, parts[1].sha256) == (len(broken), hashlib.sha256(broken).hexdigest())
    assert len(parts) == 2
    assert not any(b"Jane" in content for content in files(archive).values())


@pytest.mark.parametrize(
    "source", ["../x", "..", "", "a/b", "a\\b", "/etc", "A", "a\0b", "a.b", "-a", "a\n", "x" + "/" * 3]
)
def test_a_source_cannot_lead_out_of_the_folder(archive: Archive, source: str) -> None:
    """Names that are not lower-case words are refused before anything is touched."""
    with pytest.raises(ValueError, match="source"):
        archive.collecting(source, DAY)

    assert not archive.root.exists()


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        (
            "https://example.org/Published/Notices/OCDS/Search?publishedFrom=2026-03-29T00:00:00%2B01:00&limit=100&cursor=YWI=",
            "https://example.org/Published/Notices/OCDS/Search?publishedFrom=2026-03-29T00:00:00+01:00&limit=100&cursor=YWI%3D",
        ),
        ("https://user:hush@example.org:8080/a?api_key=hush&limit=5#hush", "https://example.org:8080/a?api_key=removed&limit=5"),
        ("http://127.0.0.1:8000/a", "http://127.0.0.1:8000/a"),
    ],
)  # fmt: skip
def test_addresses_in_the_manifest_hold_no_secret(archive: Archive, url: str, kept: str) -> None:
    """Credentials, fragments and values of parameters that the services do not know are dropped."""
    put(archive, [], url=url)

    assert archive.requests(SOURCE, DAY)[0].url == kept
    assert not any(b"hush" in content for content in files(archive).values())


@pytest.mark.parametrize("told", [{"requested_at": datetime(2026, 1, 1)}, {"window": (datetime(2026, 1, 1), NOON)}])  # noqa: DTZ001  what is refused
def test_a_time_without_offset_is_refused(archive: Archive, told: dict[str, Any]) -> None:
    """A wall-clock time is ambiguous at the end of summer time, so it cannot enter the manifest."""
    with pytest.raises(ValueError, match="offset"):
        put(archive, [release(1)], **told)

    assert files(archive) == {}


@pytest.mark.parametrize("torn", [b'{"kind":"request","url":"htt', b"{", b'{"kind":"window"}', b"x" * 10_000])
def test_a_torn_last_manifest_line_is_tolerated_and_repaired(archive: Archive, torn: bytes) -> None:
    """A line without its end, left by a kill or a full disk, does not count, and the next night drops it."""
    put(archive, [release(1)])
    manifest = archive.root / "contracts-finder" / "2026" / "2026-03-29.manifest.jsonl"
    whole = manifest.read_bytes()
    manifest.write_bytes(whole + torn)
    read = archive.requests(SOURCE, DAY), archive.windows(SOURCE)
    put(archive, [release(2)])

    assert [len(found) for found in read] == [1, 1]
    assert manifest.read_bytes().startswith(whole)
    assert [json.loads(line)["kind"] for line in manifest.read_bytes()[len(whole) :].splitlines()] == [
        "data",
        "request",
        "window",
    ]
    assert len(archive.requests(SOURCE, DAY)) == 2


def test_a_manifest_that_is_only_a_torn_line_is_repaired(archive: Archive) -> None:
    """A kill during the very first line leaves a manifest without a single line end."""
    put(archive, [])
    manifest = archive.root / "contracts-finder" / "2026" / "2026-03-29.manifest.jsonl"
    manifest.write_bytes(b'{"kind":' + b"x" * 9000)
    put(archive, [release(1)])

    assert len(archive.requests(SOURCE, DAY)) == 1


def flip(content: bytes) -> bytes:
    """Change one byte in the middle."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 0xFF]) + content[middle + 1 :]


@pytest.mark.parametrize(
    "damage",
    [
        flip,
        lambda content: content[:-1],
        lambda content: content[: len(content) // 2],
        lambda _: b"",
        lambda content: content + b"garbage",
        lambda _: b"plain text" * 999,
    ],
    ids=["flipped", "cut", "half", "empty", "longer", "text"],
)
def test_a_damaged_data_file_is_named_and_never_written_over(
    archive: Archive, damage: Callable[[bytes], bytes]
) -> None:
    """Reading and adding both stop with the file, the fact and the next action, and leave the file as it is."""
    put(archive, FILLER[:200])
    data = archive.root / archive.path(SOURCE, DAY)
    data.write_bytes(damage(data.read_bytes()))
    before = files(archive)
    with pytest.raises(DamagedArchive, match=r"2026-03-29\.jsonl\.zst is damaged: .+\. Restore it"):
        list(archive.lines(SOURCE, DAY))
    with pytest.raises(DamagedArchive):
        put(archive, [release(1000)])

    assert files(archive) == before


def test_a_missing_data_file_is_noticed(archive: Archive) -> None:
    """A manifest that tells of data without a data file is damage, not an empty day."""
    put(archive, [release(1)])
    (archive.root / archive.path(SOURCE, DAY)).unlink()
    with pytest.raises(DamagedArchive, match="missing"):
        list(archive.lines(SOURCE, DAY))


def test_a_damaged_manifest_is_named_with_its_line(archive: Archive) -> None:
    """A line in the middle that is no manifest line is damage: nothing this module does can cause it."""
    put(archive, [release(1)])
    manifest = archive.root / "contracts-finder" / "2026" / "2026-03-29.manifest.jsonl"
    first, *others = manifest.read_bytes().splitlines(keepends=True)
    manifest.write_bytes(b"".join([first, b"nonsense\n", *others]))
    with pytest.raises(DamagedArchive, match="line 2"):
        archive.requests(SOURCE, DAY)


def test_what_a_killed_run_left_is_cleaned_and_never_read(archive: Archive) -> None:
    """A leftover part of a killed run is not a day, and the next collection of its folder removes it."""
    put(archive, [release(1)])
    leftover = archive.root / "contracts-finder" / "2026" / ".2026-03-28.jsonl.zst.99.part"
    leftover.write_bytes(b"half")
    days = archive.days(SOURCE)
    put(archive, [release(1)])

    assert days == [DAY]
    assert not leftover.exists()


def test_files_are_readable_by_others_and_written_by_the_owner(archive: Archive) -> None:
    """The archive holds published data only: analysts may read it."""
    put(archive, [release(1)])
    modes = {stat.S_IMODE(path.stat().st_mode) for path in archive.root.rglob("*.*") if path.is_file()}

    assert all(mode & 0o600 == 0o600 and not mode & 0o133 for mode in modes)


def test_windows_of_several_days_come_in_order(archive: Archive) -> None:
    """Coverage can be told from the manifests of all days alone."""
    for day in (date(2026, 3, 30), date(2025, 12, 31), DAY):
        start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        with archive.collecting(SOURCE, day) as collection:
            collection.complete(start, start + timedelta(days=1), NOON)

    assert [window[0].date() for window in archive.windows(SOURCE)] == archive.days(SOURCE)
    assert archive.days(SOURCE) == [date(2025, 12, 31), DAY, date(2026, 3, 30)]


FILLER = [release(n, title=hashlib.sha512(str(n).encode()).hexdigest()) for n in range(2000)]


@pytest.mark.parametrize(
    ("releases", "unreadable"),
    [(FILLER, 0), ([], 500)],
    ids=["data", "manifest"],
)
def test_a_full_disk_leaves_the_day_as_it_was(archive: Archive, releases: list[bytes], unreadable: int) -> None:
    """When the system refuses a write, the error goes up, and data and manifest are as before."""
    resource = pytest.importorskip("resource")
    put(archive, [release(1)])
    before = files(archive)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    heeded = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            put(archive, releases, unreadable=[(0, 1, "ab" * 32, "cut short")] * unreadable)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, heeded)

    assert files(archive) == before


KILLED = """
import json, sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from extractors.archive import Archive
archive, start = Archive(Path(sys.argv[1])), datetime(2026, 3, 29, tzinfo=UTC)
print("ready", flush=True)
for hour in range(24):
    window = start + timedelta(hours=hour), start + timedelta(hours=hour + 1)
    if any(window == found[:2] for found in archive.windows("contracts-finder")):
        continue
    with archive.collecting("contracts-finder", date(2026, 3, 29)) as collection:
        for page in range(4):
            releases = [json.dumps({"id": f"{hour}-{page}-{n}", "t": "x" * 500}).encode() for n in range(50)]
            answer = {"url": "u", "requested_at": start, "status": 200, "sha256": "", "bytes": 1, "window": window}
            collection.add(**answer, releases=releases)
        collection.complete(*window, start)
"""


def test_a_kill_at_any_moment_loses_nothing_that_was_stated(archive: Archive) -> None:
    """After kill -9, every stated window has all its releases; the rerun completes the day, each release once."""
    dice = random.Random(20260329)  # noqa: S311  reproducible moments, not secrets
    command = [sys.executable, "-c", KILLED, str(archive.root)]
    kills = 0
    for _ in range(12):
        with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(dice.uniform(0.0, 0.06))
            process.send_signal(signal.SIGKILL)
        kills += process.returncode == -signal.SIGKILL
        held = [json.loads(line)["id"] for line in archive.lines(SOURCE, DAY)]
        stated = {window[0].hour for window in archive.windows(SOURCE)}
        wanted = {f"{hour}-{page}-{n}" for hour in stated for page in range(4) for n in range(50)}

        assert len(held) == len(set(held))
        assert wanted <= set(held)
    subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True)

    assert kills
    assert len(list(archive.lines(SOURCE, DAY))) == 24 * 4 * 50
    assert len(archive.windows(SOURCE)) == 24
    assert not [name for name in files(archive) if name.endswith(".part")]


NAMES = ["Jane Smith", "Bob O'Brien", "Zoë Müller-Jones", "Mary Ann Lee"]
EMAILS = ["jane.smith@havering.example.gov.uk", "bids@example.org", "zoë@example.co.uk"]
TELEPHONES = ["020 7946 0018", "01632 960123", "+44 7700 900456", "0808 157 0987", "(0113) 496 0777"]
PLANTED = st.sampled_from(NAMES + EMAILS + TELEPHONES)
WORDS = st.sampled_from(["please contact", "on", "or", "before 1 May.", "\r\n", "£1,000,000"])
PROSE = st.lists(st.one_of(PLANTED, WORDS)).map(" ".join)


CONTACT = st.fixed_dictionaries({"name": PLANTED, "email": PLANTED, "telephone": PLANTED, "faxNumber": PLANTED})
PARTY = st.fixed_dictionaries(
    {"id": st.just("GB-COH-02079460018"), "name": st.just("Havering Council")},
    optional={
        "contactPoint": CONTACT,
        "details": st.fixed_dictionaries({"url": st.sampled_from(EMAILS).map("mailto:".__add__)}),
    },
)
RELEASE = st.fixed_dictionaries(
    {
        "ocid": st.just("ocds-b5fd17-020-7946"),
        "parties": st.lists(PARTY, min_size=1, max_size=3),
        "planning": st.fixed_dictionaries({"contactPoint": st.just([{"name": name} for name in NAMES])}),
        "tender": st.fixed_dictionaries({"id": st.just("REF 02079460018"), "title": PROSE, "description": PROSE}),
        "awards": st.lists(
            st.fixed_dictionaries({"description": PROSE, "value": st.just({"amount": 7946.0018})}), max_size=2
        ),
    }
)


@given(st.lists(RELEASE, min_size=1, max_size=3))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_no_planted_contact_is_in_any_file(tmp_path: Path, releases: list[dict[str, Any]]) -> None:
    """Names, e-mail addresses and numbers planted in contact points and prose are in no file; identifiers are."""
    archive = Archive(tmp_path / "planted")
    shutil.rmtree(archive.root, ignore_errors=True)
    put(archive, [json.dumps(release, ensure_ascii=False).encode() for release in releases])
    lines = b"\n".join(archive.lines(SOURCE, DAY)).decode()
    everything = lines + "".join(content.decode("latin-1") for content in files(archive).values())

    assert [planted for planted in NAMES + EMAILS + TELEPHONES if planted.lower() in everything.lower()] == []
    assert "contactPoint" not in lines
    assert all(kept in lines for kept in ("ocds-b5fd17-020-7946", "GB-COH-02079460018", "REF 02079460018"))
    assert ("7946.0018" in lines) == any(release["awards"] for release in releases)


def test_real_notices_are_archived_without_their_officers(archive: Archive) -> None:
    """Real releases keep every ocid, id and amount, and no placeholder of an officer is left in any file."""
    folder = SHARED / "contracts_finder"
    if not folder.is_dir():
        pytest.skip("the shared folder with real notices is not there")
    packages = [json.loads(gzip.decompress(path.read_bytes())) for path in sorted(folder.glob("package_*.json.gz"))]
    served = [release for package in packages for release in package["releases"]]
    for path in folder.glob("*.jsonl.gz"):
        served += [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    request = put(archive, [json.dumps(release).encode() for release in served])
    kept = [json.loads(line) for line in archive.lines(SOURCE, DAY)]
    text = "".join(map(json.dumps, kept)) + "".join(content.decode("latin-1") for content in files(archive).values())

    assert (request.new, request.unreadable) == (len(served) - request.repeated, ())
    assert list(told(kept)) == list(told(list({json.dumps(release): release for release in served}.values())))
    assert [name for name in ("Procurement Officer", "officer@example.gov.uk", "020 7946 0000") if name in text] == []


def told(releases: list[dict[str, Any]]) -> Iterator[object]:
    """Tell of each release what the figures rest on."""
    for each in releases:
        yield each["ocid"], each["id"], each["tender"]["id"], each["tender"].get("value"), each["buyer"]
        yield [(award["id"], award.get("value"), award["suppliers"]) for award in each.get("awards", [])]
        yield [(party["id"], party.get("identifier"), party.get("address")) for party in each["parties"]]


def test_a_long_day_is_read_in_little_memory(archive: Archive) -> None:
    """Reading holds a few chunks, not the day: 200 MB of lines, one of them 20 MB, in under 64 MiB."""
    data = archive.root / archive.path(SOURCE, DAY)
    data.parent.mkdir(parents=True)
    lines = [b'{"t":"' + b"x" * 3000 + b'"}\n'] * 60_000
    lines[500] = b'{"t":"' + b"y" * 20_000_000 + b'"}\n'
    with data.open("wb") as file, zstandard.ZstdCompressor().stream_writer(file) as frame:
        for line in lines:
            frame.write(line)
    length = sum(map(len, lines))
    tracemalloc.start()
    count = size = 0
    for line in archive.lines(SOURCE, DAY):
        count += 1
        size += len(line) + 1
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert (count, size) == (60_000, length)
    assert peak < 64 << 20

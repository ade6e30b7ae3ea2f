"""No officer's name, e-mail address or telephone number is in anything that a night leaves behind."""

import io
import logging
import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
import zstandard

from extractors import made_up, made_up_find_a_tender
from extractors.windows import LONDON
from flows import night
from tests.flows import nights
from tests.flows.test_night import started
from tests.flows.test_totals import FILES, releases_of
from warehouse import schema

FIRST, DAYS, COUNT = date(2026, 9, 1), 5, 300
"""Each of the two services publishes so many notices from this day on, within so many days."""

PLACEHOLDERS = ("Procurement Officer", "officer@example.gov.uk", "020 7946 0000")
"""What the files of real notices hold in place of officers' names, addresses and numbers."""


def texts(root: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every file below a folder as it lies on the disk, and what is packed in it unpacked."""
    for path in sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink()):
        raw = path.read_bytes()
        yield str(path), raw
        if path.suffix == ".zst":
            reader = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(raw), read_across_frames=True)
            yield f"{path} unpacked", reader.read()
        elif path.suffix == ".parquet":
            yield f"{path} read back", pl.read_parquet(io.BytesIO(raw)).write_ndjson().encode()
        elif path.suffix in (".zip", ".xlsx"):
            with zipfile.ZipFile(io.BytesIO(raw)) as packed:
                for name in packed.namelist():
                    yield f"{path} {name}", packed.read(name)


def found(root: Path, planted: Iterable[str], others: Iterable[tuple[str, bytes]] = ()) -> list[tuple[str, str]]:
    """Return where planted texts stand, in any case.

    A file is searched for all of them at once, byte for byte: for one after the other, or by a regular expression, it
    would take minutes.
    """
    wanted = [(text, text.lower().encode()) for text in planted]
    # Of this encoding every byte is one letter.
    forms = pl.Series([form.decode("latin-1") for _, form in wanted])
    return [
        (place, text)
        for place, content in (*texts(root), *others)
        for lowered in (content.lower(),)
        if pl.Series([lowered.decode("latin-1")]).str.contains_any(forms.implode()).item()
        for text, form in wanted
        if form in lowered
    ]


def planted() -> list[str]:
    """Return every officer's name, address and number that made-up notices hold."""
    contacts = made_up.planted_contacts()
    return [*contacts.names, *contacts.emails, *contacts.telephones]


@pytest.fixture(scope="session")
def notices() -> list[bytes]:
    """Return made-up notices of both services, with contact points, and with contacts in their prose."""
    return [*made_up.lines(COUNT, FIRST, DAYS), *made_up_find_a_tender.lines(COUNT, FIRST, DAYS)]


@pytest.mark.parametrize("prefix", ["ocds-b5fd17-", "ocds-h6vhtk-"])
def test_the_notices_of_this_test_do_hold_contacts(notices: list[bytes], prefix: str) -> None:
    """What is looked for below is really there: hundreds of names, addresses and numbers in what each service tells."""
    own = [line for line in notices if prefix.encode() in line[:200]]
    served = b"\n".join(own).decode()
    prose = re.findall(r'"description":"[^"]*(?:@|Tel|tel)[^"]*"', served)

    assert len(own) == COUNT
    assert sum(text in served for text in planted()) > 200
    assert len(prose) > 20


def test_nothing_that_a_night_leaves_behind_names_an_officer(
    notices: list[bytes], tmp_path: Path, caplog: pytest.LogCaptureFixture, warehouse_url: str
) -> None:
    """Archive, state, database, snapshots, exports, logs and output hold no planted contact after two runs."""
    with nights.service(notices) as server, caplog.at_level(logging.DEBUG):
        own = nights.settings(tmp_path, server.url, warehouse_url)
        outcome = night.run(
            own, "backfill", nights.clock("2026-10-01 02:15"), first=FIRST, last=FIRST + timedelta(days=DAYS)
        )
        run = started(own, "backfill", str(FIRST), str(FIRST + timedelta(days=DAYS)), "--json")
        output, errors = run.communicate()
    said = [("log", caplog.text.encode()), ("output", output.encode()), ("errors", errors.encode())]
    told = nights.tables(own, list(schema.TABLES))
    rows = [(f"table {name}", frame.write_ndjson().encode()) for name, frame in told.items()]
    read = {Path(place.split(" ")[0]).suffix for place, _ in texts(tmp_path)}

    assert outcome.counts["used"] + outcome.counts["rejected"] == 2 * COUNT
    assert outcome.counts["rejected"] < 5
    assert run.returncode == 0, errors
    assert {".zst", ".jsonl", ".parquet", ".csv", ".json", ".md"} <= read
    assert set(told["release"]["source"]) == set(night.SOURCES)
    assert told["telling"].height > COUNT / 2
    assert found(tmp_path, planted(), [*said, *rows]) == []


def test_a_contact_that_was_left_would_be_found(tmp_path: Path) -> None:
    """The search of these tests sees into packed files: archive, Parquet and database."""
    name = planted()[0]
    (tmp_path / "day.jsonl.zst").write_bytes(zstandard.compress(f'{{"a": "{name}"}}\n'.encode()))
    pl.DataFrame({"a": [name.upper()]}).write_parquet(tmp_path / "a.parquet", compression="zstd")

    assert {Path(place.split(" ")[0]).name for place, _ in found(tmp_path, planted())} == {"day.jsonl.zst", "a.parquet"}


def test_real_notices_of_find_a_tender_leave_no_placeholder_of_an_officer(shared: Path, tmp_path: Path) -> None:
    """The placeholders in real notices of both regimes are gone from everything that is kept, warehouse included."""
    path = shared / "data" / "find_a_tender" / "releases.jsonl.gz"
    if not path.exists():
        pytest.skip(f"these real notices are not on this machine: {path}")
    real = list(releases_of(path))
    served = "\n".join(body.decode() for body in nights.bodies(real))
    days = {datetime.fromisoformat(release["date"]).astimezone(LONDON).date() for release in real}
    with nights.service(nights.bodies(real)) as server:
        own = nights.settings(tmp_path, server.url)
        for day in sorted(days):
            night.run(own, "backfill", nights.clock("2026-11-01 02:15"), first=day, last=day)
    told = nights.tables(own, ("release", "telling", "rejected"))

    assert all(text in served for text in PLACEHOLDERS)
    assert (told["release"].height, told["telling"].height, told["rejected"].height) == (len(real), len(real), 0)
    assert found(tmp_path, PLACEHOLDERS) == []


def test_real_notices_leave_no_placeholder_of_an_officer(shared: Path, tmp_path: Path) -> None:
    """The placeholders of names, addresses and numbers in real notices are gone from everything that is kept."""
    folder = shared / "data" / "contracts_finder"
    real = [release for name in FILES if (folder / name).exists() for release in releases_of(folder / name)]
    if not real:
        pytest.skip(f"there are no real notices in {folder}")
    served = "\n".join(body.decode() for body in nights.bodies(real))
    with nights.service(nights.bodies(real)) as server:
        own = nights.settings(tmp_path, server.url)
        for first, last in ((date(2022, 10, 17), date(2022, 10, 22)), (date(2025, 3, 9), date(2025, 3, 12))):
            night.run(own, "backfill", nights.clock("2026-10-01 02:15"), first=first, last=last)

    assert all(text in served for text in PLACEHOLDERS)
    assert nights.tables(own, ("release",))["release"].height == len({(r["ocid"], r["id"]) for r in real})
    assert found(tmp_path, PLACEHOLDERS) == []


def test_a_broken_body_leaves_no_contact_behind(notices: list[bytes], tmp_path: Path) -> None:
    """Of a release that cannot be decoded nothing but hash, length, place and reason is kept."""
    beside = notices[COUNT : COUNT + 120]
    broken = [line.strip()[:-1] + b', "x": NaN}' for line in [*notices[:3], *beside[:3]]]
    with nights.service([*broken, *notices[30:150], *beside[3:]]) as server:
        own = nights.settings(tmp_path, server.url)
        outcome = night.run(
            own, "backfill", nights.clock("2026-10-01 02:15"), first=FIRST, last=FIRST + timedelta(days=DAYS)
        )

    assert outcome.counts["rejected"] == len(broken)
    assert found(tmp_path, planted()) == []


def test_an_error_names_no_password(tmp_path: Path) -> None:
    """A warehouse that cannot be reached is reported without its password."""
    own = nights.settings(tmp_path, warehouse_url="postgresql://clerk:hush-hush@127.0.0.1:9/noticeboard")
    run = started(own, "rebuild")
    output, errors = run.communicate()

    assert run.returncode == 1
    assert "failed: " in errors
    assert "hush-hush" not in output + errors

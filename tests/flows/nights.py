"""What the tests of a whole night share: a clock to set, a service to ask, tables to look into, a story to tell."""

import copy
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import AnyHttpUrl, SecretStr

from extractors import made_up
from extractors.standin import Fault, Kind, Standin
from extractors.windows import LONDON
from flows.settings import Settings
from warehouse import schema
from warehouse.store import Warehouse

MEANING = tuple(name for name in schema.TABLES if name not in schema.LEDGER)
"""The tables that a replay, a rebuild and another engine must leave equal: all but those that tell of runs."""

Told = dict[str, Any]


@dataclass
class Clock:
    """A clock that moves by a hundredth of a second each time that it is read."""

    time: datetime

    def __call__(self) -> datetime:
        """Return the time, and move on."""
        self.time += timedelta(milliseconds=10)
        return self.time


def clock(text: str) -> Clock:
    """Return a clock set to a London date and time such as ``2026-10-01 02:15``."""
    return Clock(datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC))


def settings(folder: Path, service: str = "http://127.0.0.1:9", warehouse_url: str | None = None) -> Settings:
    """Return settings that keep everything below a folder and ask a stand-in without pacing."""
    own = Settings().with_folder(folder)
    address = AnyHttpUrl(service)
    changes: Told = {"contracts_finder_url": address, "find_a_tender_url": address, "rate_limit_wait": 0.0}
    if warehouse_url is not None:
        changes["warehouse_url"] = SecretStr(warehouse_url)
    return own.model_copy(update=changes)


@contextmanager
def service(releases: Sequence[Any], *faults: Fault | Kind) -> Iterator[Standin]:
    """Serve releases as the two services would, with faults."""
    served = [release if isinstance(release, bytes) else json.dumps(release).encode() for release in releases]
    with Standin(served, faults=faults) as server:
        yield server


def tables(own: Settings, names: Sequence[str] = MEANING) -> dict[str, pl.DataFrame]:
    """Read tables of a warehouse, each in the order of its key."""
    with Warehouse.open(own.warehouse_url.get_secret_value()) as warehouse:
        return {name: warehouse.read(name).sort(schema.key_columns(name)) for name in names}


def digests(found: Mapping[str, pl.DataFrame]) -> dict[str, str]:
    """Return a hash of each table's rows."""
    return {name: hashlib.sha256(frame.write_ndjson().encode()).hexdigest() for name, frame in found.items()}


def differences(some: Mapping[str, pl.DataFrame], others: Mapping[str, pl.DataFrame]) -> dict[str, list[str]]:
    """Return, for each table that differs, up to three rows that only one side holds; nothing when all are equal."""
    found = {}
    for name in some:
        if some[name].equals(others[name]):
            continue
        mine, theirs = set(some[name].write_ndjson().splitlines()), set(others[name].write_ndjson().splitlines())
        only = [f"- {row}" for row in sorted(mine - theirs)[:3]] + [f"+ {row}" for row in sorted(theirs - mine)[:3]]
        found[name] = only or ["the same rows in another number or order"]
    return found


def published(own: Settings, names: Sequence[str] = MEANING) -> dict[str, pl.DataFrame]:
    """Read the Parquet files of the latest snapshot, each table in the order of its key."""
    latest = own.data_dir / "snapshots" / "latest"
    kept = [name for name in names if name not in schema.INTERNAL]
    return {
        name: pl.read_parquet(sorted((latest / name).glob("*.parquet"))).sort(schema.key_columns(name)) for name in kept
    }


def bodies(releases: Sequence[Mapping[str, Any]]) -> list[bytes]:
    """Return releases as the bytes that a service would send."""
    return [json.dumps(release).encode() for release in releases]


def story(count: int = 260, first: date = date(2026, 9, 25), days: int = 10) -> list[Told]:
    """Make up releases whose awards and tenders are told again later, with other contents, over the end of a quarter.

    Every third award is told again, in turn with fewer suppliers, another supplier, another date (and quarter), another
    buyer, another status, many suppliers, a placeholder, and no date; every third tender with another buyer.
    """
    told = list(made_up.releases(count, first, days))
    awards = [release for release in told if release["tag"] == ["award"]]
    tenders = [release for release in told if release["tag"] == ["tender"]]
    last = datetime.combine(first + timedelta(days=days - 1), datetime.min.time(), LONDON)
    retold = []
    for number, release in enumerate(awards[::3]):
        again = _later(release, "awardUpdate", number, last)
        _CHANGES[number % len(_CHANGES)](again, awards[-1 - number])
        retold.append(again)
    for number, release in enumerate(tenders[::3]):
        again = _later(release, "tenderAmendment", 5_000 + number, last)
        _another_buyer(again, tenders[-1 - number])
        again["tender"]["title"] += " (amended)"
        retold.append(again)
    return sorted([*told, *retold], key=lambda release: datetime.fromisoformat(release["date"]))


def _later(release: Told, tag: str, number: int, last: datetime) -> Told:
    """Return a copy of a release, published some days later under an id of its own."""
    again = copy.deepcopy(release)
    published = datetime.fromisoformat(release["date"]) + timedelta(days=1 + number % 6, minutes=number % 50)
    published = min(published.astimezone(LONDON), last + timedelta(hours=12, seconds=number))
    again["date"], again["tag"] = published.isoformat(), [tag]
    again["id"] = f"{release['id'][:36]}-{990_000 + number}"
    return again


def _suppliers(release: Told) -> list[Told]:
    return list(release["awards"][0].get("suppliers") or [])


def _fewer_suppliers(release: Told, _: Told) -> None:
    release["awards"][0]["suppliers"] = _suppliers(release)[:-1]


def _another_supplier(release: Told, other: Told) -> None:
    release["awards"][0]["suppliers"] = _suppliers(other)[:1]
    _bring_parties(release, other)


def _another_date(release: Told, _: Told) -> None:
    release["awards"][0]["date"] = "2026-03-02T00:00:00Z"


def _another_buyer(release: Told, other: Told) -> None:
    release["buyer"] = other["buyer"]
    release["parties"] = [other["parties"][0], *release["parties"][1:]]


def _another_status(release: Told, _: Told) -> None:
    release["awards"][0]["status"] = "cancelled"


def _many_suppliers(release: Told, other: Told) -> None:
    named = [{"id": f"GB-CFS-77000{place}", "name": f"Quillmoor Works {place} Ltd"} for place in range(4)]
    release["awards"][0]["suppliers"] = [*_suppliers(release), *named]
    _bring_parties(release, other)


def _a_placeholder(release: Told, _: Told) -> None:
    release["awards"][0]["suppliers"] = [{"id": "GB-CFS-1", "name": "Various"}]


def _no_date(release: Told, _: Told) -> None:
    release["awards"][0].pop("date", None)


def _bring_parties(release: Told, other: Told) -> None:
    known = {party["id"] for party in release["parties"]}
    release["parties"] = [*release["parties"], *(party for party in other["parties"] if party["id"] not in known)]


_CHANGES = (
    _fewer_suppliers, _another_supplier, _another_date, _another_buyer, _another_status, _many_suppliers,
    _a_placeholder, _no_date,
)  # fmt: skip

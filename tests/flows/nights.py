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

from extractors import contracts_finder, find_a_tender, made_up
from extractors.archive import Archive
from extractors.standin import Fault, Kind, Standin
from extractors.windows import LONDON, london_day
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


def differences(
    some: Mapping[str, pl.DataFrame], others: Mapping[str, pl.DataFrame], *, one_past: bool = True
) -> dict[str, list[str]]:
    """Return, for each table that differs, up to three rows that only one side holds; nothing when all are equal.

    Args:
        some: tables.
        others: tables of the same names.
        one_past: whether both have the same past, so that suppliers must bear the same ids; where they have not, who is
            one supplier must be equal, and everything that is said of it.
    """
    if not one_past:
        some, others = _renamed(some), _renamed(others)
    found = {}
    for name in some:
        if some[name].equals(others[name]):
            continue
        mine, theirs = set(some[name].write_ndjson().splitlines()), set(others[name].write_ndjson().splitlines())
        only = [f"- {row}" for row in sorted(mine - theirs)[:3]] + [f"+ {row}" for row in sorted(theirs - mine)[:3]]
        found[name] = only or ["the same rows in another number or order"]
    return found


def _renamed(tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Put in the place of each supplier id the lowest way of writing that leads to it, and the like for candidates.

    An id is given once and stays: which one it is tells which notice came first, and nothing else.
    """
    lowest = tables["supplier_link"].group_by("supplier_id").agg(pl.col("unit_id").min())
    names = dict(lowest.iter_rows())
    told = {
        name: frame.with_columns(
            pl.col(column).replace(names)
            for column in ("supplier_id", "a_supplier_id", "b_supplier_id")
            if column in frame.columns
        )
        for name, frame in tables.items()
    }
    first = pl.col("supplier_id").min().over("candidate_group_id")
    told["supplier"] = told["supplier"].with_columns(
        candidate_group_id=pl.when(pl.col("candidate_group_id").is_not_null()).then(first)
    )
    # Of several suppliers at one place each is paired with the one of the lowest id: the groups tell who they are.
    told.pop("supplier_group_candidate", None)
    return {name: frame.sort(schema.key_columns(name)) for name, frame in told.items()}


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


def award(number: int, published: str, *suppliers: Told, amount: float = 50_000.0) -> Told:
    """Make up a notice of Contracts Finder: a council awards a contract to these suppliers.

    Args:
        number: tells the notice from others.
        published: the day of publication, such as ``2026-10-01``.
        suppliers: ``name``, and where wanted ``id`` (an org-id), ``postcode`` and ``ticked`` (the "VCSE" box).
        amount: in pounds.
    """
    ocid = f"ocds-b5fd17-00000000-0000-4000-8000-{number:012}"
    parties = [
        {
            "id": f"GB-CFS-{number * 100 + place}",
            "name": told["name"],
            "address": {"streetAddress": f"1 Quay Street, Mellowby, {told['postcode']}" if "postcode" in told else ""},
            "details": {"scale": "sme", **({"vcse": told["ticked"]} if "ticked" in told else {})},
            "additionalIdentifiers": [
                {"scheme": "-".join(org_id.split("-")[:2]), "id": "-".join(org_id.split("-")[2:])}
                for org_id in told.get("id", "").split()
            ],
            "roles": ["supplier"],
        }
        for place, told in enumerate(suppliers)
    ]
    council = {
        "id": "GB-LAE-LDS",
        "name": "Mellowby City Council",
        "identifier": {"scheme": "GB-LAE", "id": "LDS"},
        "address": {"streetAddress": "Civic Hall", "locality": "Mellowby", "postalCode": "LS1 1UR"},
        "roles": ["buyer"],
    }
    return {
        "ocid": ocid,
        "id": f"00000000-0000-4000-8000-{number:012}-1",
        "date": f"{published}T10:00:00+01:00",
        "tag": ["award"],
        "tender": {"id": f"tender_{number}", "title": f"Works at site {number}", "status": "complete"},
        "parties": [council, *parties],
        "buyer": {"id": council["id"], "name": council["name"]},
        "awards": [
            {
                "id": f"{ocid}-1",
                "status": "active",
                "date": f"{published}T00:00:00+01:00",
                "datePublished": f"{published}T10:00:00+01:00",
                "value": {"amount": amount, "currency": "GBP"},
                "suppliers": [{"id": party["id"], "name": party["name"]} for party in parties],
            }
        ],
    }


def bring(own: Settings, day: date, releases: Sequence[Told], asked: str = "2026-12-01 02:15") -> None:
    """Put releases of Contracts Finder, and none of Find a Tender, into the archive under a day, as a run would."""
    asked_at = clock(asked)()
    start, end = london_day(day)
    for source, told in ((contracts_finder.SOURCE, bodies(releases)), (find_a_tender.SOURCE, [])):
        with Archive(own.data_dir / "archive").collecting(source, day) as collection:
            collection.add(
                url="http://127.0.0.1/", requested_at=asked_at, status=200, sha256=None, bytes=None,
                window=(start, end), releases=told,
            )  # fmt: skip
            collection.complete(start, end, asked_at)


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

"""Known totals: what a whole night stores agrees with counts that were made of the same files in another way."""

import gzip
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from extractors import made_up
from extractors.standin import Fault, Kind
from extractors.windows import LONDON
from flows import night
from tests.flows import nights

FILES = (
    "package_2022-10-22.json.gz",
    "package_2022-10-19_limit5.json.gz",
    "releases_2025-03-11_backslashes_lost.jsonl.gz",
)
MISCHIEF = (
    Fault(Kind.ROWS_LOST),
    Fault(Kind.FORBIDDEN, every=5),
    Fault(Kind.TRUNCATED, every=4),
    Fault(Kind.REPEATED, every=9),
)
Tables = dict[str, pl.DataFrame]


def releases_of(path: Path) -> Iterator[dict[str, Any]]:
    """Read the releases of a file in the plainest way."""
    text = gzip.decompress(path.read_bytes()).decode()
    if ".jsonl" in path.name:
        yield from (json.loads(line) for line in text.splitlines() if line.strip())
    else:
        yield from json.loads(text)["releases"]


def collected(folder: Path, releases: list[Any], *faults: Fault) -> Tables:
    """Run a backfill over each run of days on which releases were published; return the tables."""
    days = sorted({datetime.fromisoformat(release["date"]).astimezone(LONDON).date() for release in releases})
    with nights.service(nights.bodies(releases), *faults) as server:
        own = nights.settings(folder, server.url)
        for year in sorted({day.year for day in days}):
            first, last = (pick(day for day in days if day.year == year) for pick in (min, max))
            night.run(own, "backfill", nights.clock("2026-11-20 02:15"), first=first, last=last)
    return nights.tables(own)


@pytest.fixture(scope="session")
def files(shared: Path) -> list[Path]:
    """Return the files of real notices; skip where one is absent."""
    found = [shared / "data" / "contracts_finder" / name for name in FILES]
    if missing := [path.name for path in found if not path.exists()]:
        pytest.skip(f"these real notices are not on this machine: {', '.join(missing)}")
    return found


@pytest.fixture(scope="session")
def real(files: list[Path]) -> list[dict[str, Any]]:
    """Return the real releases."""
    return [release for path in files for release in releases_of(path)]


@pytest.fixture(scope="session")
def real_tables(real: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """Return what a night makes of the real releases, served with rows lost, refusals, broken bodies and repeats."""
    return collected(tmp_path_factory.mktemp("real"), real, *MISCHIEF)


@pytest.fixture(scope="session")
def invented() -> list[dict[str, Any]]:
    """Return made-up releases, whose dates and amounts a plain count can read: the oddities of text are kept."""
    return list(made_up.releases(1_200, date(2026, 9, 1), 8))


@pytest.fixture(scope="session")
def invented_tables(invented: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """Return what a night makes of the made-up releases."""
    return collected(tmp_path_factory.mktemp("invented"), invented, *MISCHIEF)


@pytest.fixture(params=["real", "invented"])
def told(request: pytest.FixtureRequest) -> tuple[list[dict[str, Any]], Tables]:
    """Return releases and what a night made of them, for real and for made-up notices."""
    return request.getfixturevalue(request.param), request.getfixturevalue(f"{request.param}_tables")


def latest_awards(releases: list[dict[str, Any]]) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Return each award as its latest release tells it, with that release's parties."""
    distinct = {(release["ocid"], release["id"]): release for release in releases}
    awards = {}
    for release in sorted(distinct.values(), key=lambda r: (datetime.fromisoformat(r["date"]), r["id"])):
        for award in release.get("awards", []):
            awards[release["ocid"], award["id"]] = award, release.get("parties", [])
    return list(awards.values())


def suppliers(releases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the party of each supplier with a name in the latest awards; two may share an id, but not a name."""
    found = []
    for award, parties in latest_awards(releases):
        for entry in award.get("suppliers", []):
            if entry.get("name"):
                own = [party for party in parties if party["id"] == entry.get("id")]
                named = [party for party in own if party.get("name") == entry["name"]]
                found.append((named or own or [{}])[0])
    return found


def test_the_shipped_count_agrees(shared: Path, files: list[Path], real_tables: Tables) -> None:
    """Releases, awards, award lines, amounts and declared flags are those of the independent count of the files."""
    script = shared / "checks" / "expected_totals.py"
    counted = json.loads(subprocess.check_output([sys.executable, script, *files]))
    award, line = real_tables["award"], real_tables["award_line"]

    assert totals(real_tables["release"], award, line) == counted


def totals(release: pl.DataFrame, award: pl.DataFrame, line: pl.DataFrame) -> dict[str, Any]:
    """Return the totals of the tables under the names of the independent count."""
    scale, vcse = Counter(line["scale_declared"]), Counter(line["vcse_declared"])
    return {
        "releases": release.height,
        "awards": award.height,
        "award_lines": line.height,
        "amount_gbp": float(sum(award["amount_gbp"].drop_nulls(), Decimal(0))),
        "sme": scale["sme"],
        "large": scale["large"],
        "scale_null": scale[None],
        "vcse_true": vcse[True],
        "vcse_false": vcse[False],
        "vcse_null": vcse[None],
    }


def test_made_up_notices_agree_with_a_plain_count(invented: list[dict[str, Any]], invented_tables: Tables) -> None:
    """The same totals of made-up notices are those of a count that reads the notices one by one."""
    details = [party.get("details") or {} for party in suppliers(invented)]
    scale, vcse = (Counter(detail.get(name) for detail in details) for name in ("scale", "vcse"))
    amounts = [Decimal(str(award["value"]["amount"])) for award, _ in latest_awards(invented) if award.get("value")]
    line = invented_tables["award_line"]

    assert totals(invented_tables["release"], invented_tables["award"], line) == {
        "releases": len({(release["ocid"], release["id"]) for release in invented}),
        "awards": len(latest_awards(invented)),
        "award_lines": len(details),
        "amount_gbp": float(sum(amounts)),
        "sme": scale["sme"],
        "large": scale["large"],
        "scale_null": scale[None],
        "vcse_true": vcse[True],
        "vcse_false": vcse[False],
        "vcse_null": vcse[None],
    }


def test_every_release_arrives_exactly_once(told: tuple[list[dict[str, Any]], Tables]) -> None:
    """The keys of the stored releases are those of the served ones, no more and no less."""
    releases, tables = told

    assert tables["release"].select("ocid", "release_id").rows() == sorted({(r["ocid"], r["id"]) for r in releases})


def test_identifiers_agree(told: tuple[list[dict[str, Any]], Tables]) -> None:
    """As many identifiers are stored as suppliers carry; company numbers of eight characters are all usable."""
    releases, tables = told
    written = [
        (identifier.get("scheme", ""), identifier["id"])
        for party in suppliers(releases)
        for identifier in (party.get("identifier") or {}, *(party.get("additionalIdentifiers") or []))
        if identifier.get("id")
    ]
    sound = [
        raw for scheme, raw in written
        if scheme == "GB-COH" and re.fullmatch(r"(?:0[0-9]|1[0-9]|SC|NI|OC)[0-9]{6}", raw) and raw != "00000000"
    ]  # fmt: skip
    stored = tables["supplier_identifier"]
    used = stored.filter((pl.col("scheme") == "GB-COH") & (pl.col("status") == "ok"))

    assert Counter(stored.select("scheme", "raw").rows()) == Counter(written)
    assert len(sound) > 20
    assert not Counter(sound) - Counter(used["raw"])


# Ruling 9 of the methodology: fences in pounds, the lower one belongs to the upper size.
FENCES = ((10**9, "over_1bn"), (10**8, "mega"), (10**7, "major"), (5 * 10**6, "large"), (10**6, "medium"))


def test_tiers_agree(told: tuple[list[dict[str, Any]], Tables]) -> None:
    """Each believed award from a million pounds on has the size that ruling 9 of the methodology gives its amount."""
    releases, tables = told
    amounts = {award["id"]: award["value"]["amount"] for award, _ in latest_awards(releases) if award.get("value")}
    # Works below their threshold of some five million pounds are below threshold, whatever their size.
    works = tables["procurement"].filter(pl.col("cpv_code").str.starts_with("45"))["procurement_id"].implode()
    stored = tables["award"].filter(
        (pl.col("value_kind") != "suspected_ceiling") & (pl.col("value_status") == "ok"), pl.col("amount_gbp") >= 10**6
    )
    told_by_amount = stored.filter(~pl.col("procurement_id").is_in(works) | (pl.col("amount_gbp") >= 6 * 10**6))
    expected = {
        award_id: next(name for fence, name in FENCES if amounts[award_id] >= fence)
        for award_id in told_by_amount["award_id"]
    }

    assert stored.height > 8
    assert dict(told_by_amount.select("award_id", "tier").rows()) == expected
    assert stored.filter(pl.col("is_mega"))["tier"].is_in(["mega", "over_1bn"]).all()
    assert stored.filter(pl.col("amount_gbp") >= 10**8)["is_mega"].all()


# As published, or behind a line break whose backslash the collector lost ("Londonn" for "London\\n").
POSTCODE = re.compile(
    r"(?:(?<![A-Z0-9])[A-Z]{1,2}[0-9][0-9A-Z]? *[0-9O][A-Z]{2}|\b(?i:[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}))\b"
)


def test_located_suppliers_agree(told: tuple[list[dict[str, Any]], Tables]) -> None:
    """As many suppliers have a place as have an address that holds a postcode, but for those that no area holds."""
    releases, tables = told
    addresses = [
        " ".join(str(part) for part in (party.get("address") or {}).values() if part) for party in suppliers(releases)
    ]
    with_postcode = sum(bool(POSTCODE.search(address)) for address in addresses)
    line = tables["award_line"]
    by_postcode = line.filter(pl.col("location_basis") == "notice_address_postcode")
    located = by_postcode["supplier_area_code"].drop_nulls().len()

    assert located > 50
    assert 0.97 * with_postcode <= located <= 1.01 * with_postcode
    assert by_postcode.height == located
    assert line.filter(pl.col("location_basis") == "unknown")["supplier_region_code"].drop_nulls().is_empty()


def test_every_line_has_its_award_and_its_part_of_the_amount(told: tuple[list[dict[str, Any]], Tables]) -> None:
    """The parts of the believed core awards sum to their amounts, to the penny."""
    _, tables = told
    core = tables["award"].filter(pl.col("is_core") & (pl.col("value_status") == "ok") & (pl.col("supplier_count") > 0))
    parts = tables["award_line"].group_by("award_id").agg(pl.col("value_gbp").sum(), pl.col("weight").sum())
    joined = core.join(parts, on="award_id", how="left")

    assert joined.filter(pl.col("value_gbp") != pl.col("amount_gbp")).is_empty()
    assert joined.filter((pl.col("weight") - 1).abs() > 1e-9).is_empty()

"""Made-up Find a Tender releases look like real ones, repeat exactly, tell stories and name nobody real."""

import gzip
import json
import math
import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import cache
from itertools import islice, pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from extractors import made_up
from extractors.made_up import AREAS, MARK, planted_contacts
from extractors.made_up_find_a_tender import INVALID_EVERY, lines, releases, twins

COUNT, FIRST, DAYS = 6000, date(2026, 9, 1), 30
LONDON = ZoneInfo("Europe/London")
NOTICE_TYPES = [f"UK{number}" for number in range(1, 18)]


@cache
def sample() -> tuple[dict[str, Any], ...]:
    """Return the releases that most tests look at; they are read, never changed."""
    return tuple(json.loads(line) for line in lines(COUNT, FIRST, DAYS))


def acts() -> list[dict[str, Any]]:
    """Return the releases under the Act."""
    return [release for release in sample() if release["tender"]["legalBasis"]["scheme"] == "UKPGA"]


def old() -> list[dict[str, Any]]:
    """Return the releases under the old rules."""
    return [release for release in sample() if release["tender"]["legalBasis"]["scheme"] == "CELEX"]


def notice_documents(release: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the documents that state a notice type, wherever they stand."""
    holders = [
        release.get("planning", {}),
        release["tender"],
        *release.get("awards", []),
        *release.get("contracts", []),
    ]
    return [document for holder in holders for document in holder.get("documents", []) if "noticeType" in document]


def of_type(notice_type: str) -> list[dict[str, Any]]:
    """Return the releases of one notice type."""
    return [release for release in acts() if notice_documents(release)[0]["noticeType"] == notice_type]


def suppliers() -> list[dict[str, Any]]:
    """Return every supplier as a party."""
    return [party for release in sample() for party in release["parties"] if party["roles"] == ["supplier"]]


def objects(value: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each object of a JSON value with its path, entries of a list under one path."""
    if isinstance(value, dict):
        yield path, value
        for key, inner in value.items():
            yield from objects(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from objects(inner, f"{path}[]")


def real_releases(shared: Path) -> list[dict[str, Any]]:
    """Return real releases of both regimes whose keys stand as the service wrote them."""
    data = gzip.decompress((shared / "data" / "find_a_tender" / "releases.jsonl.gz").read_bytes())
    found = [json.loads(line) for line in data.splitlines()]
    return [release for release in found if list(release) != sorted(release)]


def test_repeats_exactly() -> None:
    """The same arguments give the same bytes, beside Contracts Finder's releases too."""
    assert list(lines(400, FIRST, DAYS, seed=7)) == list(lines(400, FIRST, DAYS, seed=7))
    assert list(lines(400, FIRST, DAYS, beside=300)) == list(lines(400, FIRST, DAYS, beside=300))


def test_another_seed_tells_another_story() -> None:
    """Two seeds share no procurement, but buyers."""
    one, two = list(releases(400, FIRST, DAYS, seed=1)), list(releases(400, FIRST, DAYS, seed=2))

    assert not {release["ocid"] for release in one} & {release["ocid"] for release in two}
    assert {r["buyer"]["id"] for r in one if "buyer" in r} & {r["buyer"]["id"] for r in two if "buyer" in r}


def test_lines_are_the_releases_as_json() -> None:
    """Each line is one release and ends with a line feed; "no limit" is written 1e9999 and lone surrogates escaped."""
    made = list(lines(2000, FIRST, DAYS))

    assert all(line.endswith(b"\n") and line.count(b"\n") == 1 for line in made)
    assert list(releases(2000, FIRST, DAYS)) == [json.loads(line) for line in made]
    assert sum(b'"maximumLotsBidPerSupplier":1e9999' in line for line in made) > 10
    assert any(b"\\udc00" in line or b"\\ud83d" in line for line in made)


def test_changing_a_release_changes_no_other() -> None:
    """What the caller does to a release has no effect on those that follow."""
    untouched = list(releases(600, FIRST, DAYS))
    spoilt = []
    for release in releases(600, FIRST, DAYS):
        spoilt.append(json.loads(json.dumps(release)))
        for _, each in list(objects(release)):
            each.clear()

    assert spoilt == untouched


def test_memory_does_not_wait_for_the_end() -> None:
    """The first of ten million releases comes at once."""
    assert len(list(islice(lines(10_000_000, FIRST, 1), 3))) == 3


@pytest.mark.parametrize(
    ("count", "first", "days"),
    [
        (0, FIRST, 30),
        (1, FIRST, 1),
        (700, FIRST, 30),
        (90, date(2026, 9, 5), 2),  # a weekend
        (400, date(2026, 3, 29), 1),  # the day of 23 hours
        (400, date(2026, 10, 25), 1),  # the day of 25 hours
        (300, date(2025, 12, 1), 365),
    ],
)
def test_count_and_window_are_honoured_in_order(count: int, first: date, days: int) -> None:
    """Exactly so many releases come, each on a London day of the window, none before the one it follows."""
    times = [datetime.fromisoformat(release["date"]) for release in releases(count, first, days)]

    assert len(times) == count
    assert all(first <= time.astimezone(LONDON).date() < first + timedelta(days) for time in times)
    assert all(earlier <= later for earlier, later in pairwise(times))


@pytest.mark.parametrize(("count", "days"), [(-1, 30), (10, 0)])
def test_refuses_what_cannot_be_made(count: int, days: int) -> None:
    """A negative count or a window without days is refused."""
    with pytest.raises(ValueError, match="ask for at least"):
        next(releases(count, FIRST, days), None)


def number_of(release: dict[str, Any]) -> str:
    """Return the number of a notice, which its document tells where the release does not."""
    return str(release["id"] if "id" in release else notice_documents(release)[0]["id"])


def test_notice_numbers_have_no_gap() -> None:
    """The numbers count up by one in the order of publication."""
    numbers = [number_of(release) for release in sample()]

    assert all(re.fullmatch(r"\d{6}-2026", number) for number in numbers)
    assert [int(number[:6]) for number in numbers] == list(range(int(numbers[0][:6]), int(numbers[0][:6]) + COUNT))


def test_notice_numbers_begin_again_with_the_year() -> None:
    """The first notice of a new London year has the number 000001."""
    made = list(releases(1500, date(2026, 12, 20), 25))
    by_year = defaultdict(list)
    for release in made:
        by_year[datetime.fromisoformat(release["date"]).astimezone(LONDON).year].append(number_of(release))

    assert by_year[2027][0] == "000001-2027"
    assert by_year[2027] == [f"{i + 1:06}-2027" for i in range(len(by_year[2027]))]
    assert all(number.endswith("-2026") for number in by_year[2026])


def test_releases_without_an_id_are_told_by_their_document() -> None:
    """A few releases have no id, and their notice type's document carries it."""
    without = [release for release in sample() if "id" not in release]

    assert 3 <= len(without) <= 12
    assert all(notice_documents(release)[0]["id"] for release in without)


@pytest.mark.parametrize("notice_type", NOTICE_TYPES)
def test_every_notice_type_occurs(notice_type: str) -> None:
    """Each of the Act's notices is among 6,000 releases."""
    assert of_type(notice_type)


def test_one_document_states_the_notice_type() -> None:
    """A release under the Act has exactly one such document, with its own number; the old forms have none."""
    assert all(len(notice_documents(release)) == 1 for release in acts())
    assert all(notice_documents(release)[0]["id"] == release.get("id", number_of(release)) for release in acts())
    assert not any(notice_documents(release) for release in old())


def test_size_and_compression_are_lifelike() -> None:
    """A release takes 10 to 22 kB, and compresses three to six times as real pages do."""
    sizes = [len(json.dumps(release, separators=(",", ":"))) for release in sample()]
    data = b"".join(islice(lines(COUNT, FIRST, DAYS), 800))

    assert 10_000 < statistics.median(sizes) < 22_000
    assert 10_000 < statistics.mean(sizes) < 22_000
    assert 3 < len(data) / len(gzip.compress(data)) < 6


def test_keys_stand_in_the_order_of_real_releases(shared: Path) -> None:
    """No two keys of a release or a party stand the other way round than in all real releases of the same rules."""
    before: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for release in real_releases(shared):
        scheme = release["tender"]["legalBasis"]["scheme"]
        for path, found in objects(release):
            keys = list(found)
            before[scheme, path] |= {(a, b) for i, a in enumerate(keys) for b in keys[i + 1 :]}
    wrong = set()
    for release in sample()[:3000]:
        scheme = release["tender"]["legalBasis"]["scheme"]
        for path, found in objects(release):
            keys, order = list(found), before.get((scheme, path), set())
            wrong |= {
                (scheme, path, a, b)
                for i, a in enumerate(keys)
                for b in keys[i + 1 :]
                # A status stands early in tenders and last in the notices before them.
                if (b, a) in order and (a, b) not in order and "status" not in (a, b)
            }

    assert not wrong


def test_what_real_releases_hold_is_of_the_same_type(shared: Path) -> None:
    """A field that real releases have is of a type that it has there, and most of their fields are made up too."""
    types: dict[str, set[str]] = defaultdict(set)
    for release in real_releases(shared):
        for path, found in objects(release):
            for key, value in found.items():
                types[f"{path}.{key}"].add(type(value).__name__.replace("int", "float"))
    ours: dict[str, set[str]] = defaultdict(set)
    for release in sample():
        for path, found in objects(release):
            for key, value in found.items():
                ours[f"{path}.{key}"].add(type(value).__name__.replace("int", "float"))
    # Seen in other releases: these are lists in one and strings in another, null or absent, an object or a list.
    known = {
        ".tender.selectionCriteria.criteria[].appliesTo",
        ".tender.lots[].description",
        ".tender.items[].deliveryAddresses",
    }
    wrong = {path: (kinds, types[path]) for path, kinds in ours.items() if path in types and not kinds <= types[path]}

    assert set(wrong) <= known
    assert len(set(types) & set(ours)) > 0.8 * len(types)


def test_money_stands_where_each_notice_puts_it() -> None:
    """UK6 tells the amount in its awards, UK7 in its contracts, beside bare awards; the old forms net in contracts."""
    awarded = [
        award for release in of_type("UK6") if release["tag"] == ["award", "contract"] for award in release["awards"]
    ]
    signed = [release for release in of_type("UK7") if release["tag"] == ["award", "contract"]]
    old_awards = [award for release in old() for award in release.get("awards", [])]
    old_values = [c["value"] for release in old() for c in release.get("contracts", []) if "value" in c]

    assert all(("value" in award and "date" in award) == (award["status"] == "active") for award in awarded)
    assert not any("value" in award or "date" in award for release in signed for award in release["awards"])
    assert all("value" in c and "dateSigned" in c for release in signed for c in release["contracts"])
    assert not any("value" in award for award in old_awards)
    assert all("amountGross" not in value for value in old_values)


def test_transparency_notices_are_pending() -> None:
    """UK5 announces a direct award that is not yet decided."""
    made = of_type("UK5")

    assert all(award["status"] == "pending" for release in made for award in release["awards"])
    assert all(release["tender"]["procurementMethodDetails"] == "Direct award" for release in made)


def test_cancellations_have_no_buyer() -> None:
    """UK12 names the buyer as a party only."""
    made = of_type("UK12")

    assert not any("buyer" in release for release in made)
    assert all(release["parties"][0]["roles"] == ["buyer"] for release in made)
    assert all("buyer" in release for release in acts() if release not in made)


@pytest.mark.parametrize(
    ("tag", "inside", "absent"),
    [
        ("tenderUpdate", "tender", ("items", "procurementMethod", "status", "awardPeriod")),
        ("planningUpdate", "tender", ("items", "procurementMethod", "status", "lots")),
    ],
)
def test_updates_hold_only_what_changed(tag: str, inside: str, absent: tuple[str, ...]) -> None:
    """An update of a tender or a plan leaves out what stays as it was."""
    made = [r for r in acts() if r["tag"] == [tag] and notice_documents(r)[0]["noticeType"] not in ("UK14", "UK16")]

    assert len(made) > 20
    assert not any(key in release[inside] for release in made for key in absent)


def test_updates_of_awards_name_them_and_little_else() -> None:
    """An update of an award or a contract tells its id and what changed, not who won."""
    made = [release for release in sample() if release["tag"] == ["awardUpdate", "contractUpdate"]]

    assert len(made) > 100
    assert all(len(release.get("awards", [])) + len(release.get("contracts", [])) == 1 for release in made)
    assert not any("suppliers" in award for release in made for award in release.get("awards", []))


def test_changes_and_ends_give_their_reason() -> None:
    """UK10 tells why in an amendment, UK11 in a classification, plural since January 2026 and singular before."""
    changes = [c["amendments"][0] for release in of_type("UK10") for c in release["contracts"]]
    ends = [contract for release in of_type("UK11") for contract in release["contracts"]]
    before = [contract for r in releases(3000, date(2025, 9, 1), 20) for contract in r.get("contracts", [])]

    assert changes
    assert all(change["rationale"] and change["rationaleClassifications"][0]["id"] for change in changes)
    assert ends
    assert all(end["status"] == "terminated" and end["terminationRationaleClassifications"] for end in ends)
    assert any("terminationRationaleClassification" in contract for contract in before)
    assert not any("terminationRationaleClassifications" in contract for contract in before)


def test_markets_tell_their_members_as_bare_amendments() -> None:
    """UK15 holds an id and an amendment for each member told before, and the new ones in full."""
    entries = [award for release in of_type("UK15") for award in release["awards"]]

    assert sum(set(entry) == {"id", "amendments"} for entry in entries) > 30
    assert sum("suppliers" in entry for entry in entries) > 30


def test_stories_go_on_under_one_ocid() -> None:
    """A third of the releases continue a story told before, in the order of a procurement's life."""
    stories = defaultdict(list)
    for release in acts():
        stories[release["ocid"]].append(notice_documents(release)[0]["noticeType"])
    steps = Counter(pair for types in stories.values() for pair in pairwise(types))

    assert sum(len(types) - 1 for types in stories.values()) > 0.25 * len(acts())
    assert {("UK3", "UK4"), ("UK4", "UK6"), ("UK4", "UK12"), ("UK5", "UK7"), ("UK6", "UK7"), ("UK7", "UK10")} <= set(
        steps
    )
    assert not {("UK7", "UK4"), ("UK12", "UK6"), ("UK6", "UK4"), ("UK11", "UK10")} & set(steps)


def test_a_story_keeps_its_awards_and_lots() -> None:
    """A contract signed after its award names the same award, the same suppliers and the same lots."""
    told: dict[str, dict[str, Any]] = {}
    followed = 0
    for release in acts():
        kind = notice_documents(release)[0]["noticeType"]
        if kind == "UK6" and release["tag"] == ["award", "contract"]:
            told[release["ocid"]] = release
        elif kind == "UK7" and release["tag"] == ["award", "contract"] and release["ocid"] in told:
            followed += 1
            before = {award["id"]: award for award in told[release["ocid"]]["awards"]}
            for award in release["awards"]:
                names = {s["name"] for s in award["suppliers"]}
                known = {s["name"] for s in before[award["id"]]["suppliers"]}
                assert award["relatedLots"] == before[award["id"]]["relatedLots"]
                assert len(names & known) >= len(names) - 1  # hostile text may stand in for one of them

    assert followed > 100


def test_frameworks_have_ceilings_and_call_offs() -> None:
    """Frameworks reach billions and many suppliers; call-offs below them name the framework."""
    frameworks = [
        release for release in of_type("UK6") if release["tender"].get("techniques", {}).get("hasFrameworkAgreement")
    ]
    ceilings = [award["value"].get("amount", 0) for r in frameworks for award in r["awards"] if "value" in award]
    call_offs = [release for release in acts() if "relatedProcesses" in release]
    ocids = {release["ocid"] for release in frameworks}

    assert sum(ceiling >= 50_000_000 for ceiling in ceilings) > 20
    assert max(ceilings) > 2_000_000_000
    assert max(len(a["suppliers"]) for r in frameworks for a in r["awards"] if "suppliers" in a) > 20
    assert all(
        r["tender"].get("procurementMethodDetails", "Award under framework") == "Award under framework"
        for r in call_offs
    )
    assert sum(release["relatedProcesses"][0]["identifier"] in ocids for release in call_offs) > 50


def test_one_ocid_carries_awards_of_several_utilities() -> None:
    """A qualification system of utilities is one ocid with awards of many buyers."""
    buyers = defaultdict(set)
    for release in old():
        if release["tender"]["legalBasis"]["id"] == "32014L0025":
            buyers[release["ocid"]].add(release["buyer"]["name"])

    assert 1 <= len(buyers) <= 2
    assert max(len(names) for names in buyers.values()) > 4


def test_health_services_are_confirmed_under_another_ocid() -> None:
    """An intention to award and its confirmation share title and suppliers, not the ocid."""
    made = {
        kind: [r for r in old() if kind in r["tender"].get("description", "")[:120]]
        for kind in ("intention", "confirmation")
    }
    intended = {release["tender"]["title"]: release for release in made["intention"]}
    again = [release for release in made["confirmation"] if release["tender"]["title"] in intended]

    assert len(again) > 2
    assert all(release["ocid"] != intended[release["tender"]["title"]]["ocid"] for release in again)


def contract_values() -> list[dict[str, Any]]:
    """Return every amount of an award or a contract."""
    holders = [each for r in sample() for each in (*r.get("awards", []), *r.get("contracts", []))]
    return [holder["value"] for holder in holders if "value" in holder]


def share(answers: list[bool]) -> float:
    """Return the share of yes."""
    return sum(answers) / len(answers)


def supplier_schemes() -> list[str | None]:
    """Return the scheme of every supplier's number under the Act, null without one."""
    parties = [party for release in acts() for party in release["parties"] if party["roles"] == ["supplier"]]
    return [party.get("identifier", {}).get("scheme") for party in parties]


RATES: dict[str, tuple[float, float, Callable[[], list[bool]]]] = {
    "old rules": (0.10, 0.02, lambda: [r["tender"]["legalBasis"]["scheme"] == "CELEX" for r in sample()]),
    "dirhams": (0.011, 0.008, lambda: [value["currency"] == "AED" for value in contract_values()]),
    "gross alone": (0.014, 0.008, lambda: ["amount" not in value for value in contract_values()]),
    "one penny": (0.005, 0.004, lambda: [value.get("amount") == 0.01 for value in contract_values()]),
    "empty buyerID": (0.3, 0.03, lambda: [release.get("buyerID") == [] for release in acts()]),
    "central register": (0.69, 0.05, lambda: [scheme == "GB-PPON" for scheme in supplier_schemes()]),
    "company number": (0.25, 0.04, lambda: [scheme == "GB-COH" for scheme in supplier_schemes()]),
    "awards": (0.58, 0.04, lambda: ["award" in r["tag"] for r in sample()]),
    "tenders": (0.18, 0.02, lambda: ["tender" in r["tag"] for r in sample()]),
    "weekends": (0.006, 0.006, lambda: [datetime.fromisoformat(r["date"]).weekday() > 4 for r in sample()]),
}


@pytest.mark.parametrize("what", RATES)
def test_oddities_occur_at_the_rates_of_real_releases(what: str) -> None:
    """Among 6,000 releases each oddity occurs about as often as it was counted in real ones."""
    expected, tolerance, answers = RATES[what]

    assert share(answers()) == pytest.approx(expected, abs=tolerance)


ODDITIES: dict[str, Callable[[dict[str, Any]], bool]] = {
    "null description": lambda r: any(lot.get("description", "") is None for lot in r["tender"].get("lots", [])),
    "addresses as an object": lambda r: any(
        isinstance(item.get("deliveryAddresses"), dict) for item in r["tender"].get("items", [])
    ),
    "no limit of lots": lambda r: r["tender"].get("lotDetails", {}).get("maximumLotsBidPerSupplier") == math.inf,
    "no lots, with a reason": lambda r: "noLotsDivisionRationale" in r["tender"].get("lotDetails", {}),
    "nought gross": lambda r: any(a.get("value", {}).get("amountGross") == 0 for a in r.get("awards", [])),
    "placeholder amount": lambda r: any(
        contract.get("value", {}).get("amount") == 1_234_567_890 for contract in r.get("contracts", [])
    ),
    "nobody won": lambda r: any(award.get("status") == "unsuccessful" for award in r.get("awards", [])),
    "placeholder supplier": lambda r: any(
        party["name"] in ("Various", "Not awarded", "To be confirmed", "N/A", "Redacted") for party in r["parties"]
    ),
    "end in 2122": lambda r: '"2122-03-31' in json.dumps(r),
    "light touch": lambda r: r["tender"].get("specialRegime") == ["lightTouch"],
    "reserved": lambda r: "reservedParticipation" in r["tender"].get("otherRequirements", {}),
    "reserved place": lambda r: "reservedParticipationLocation" in r["tender"].get("otherRequirements", {}),
    "open framework": lambda r: bool(
        r["tender"].get("techniques", {}).get("frameworkAgreement", {}).get("isOpenFrameworkScheme")
    ),
    "dynamic purchasing": lambda r: bool(r["tender"].get("techniques", {}).get("hasDynamicPurchasingSystem")),
    "social value": lambda r: '"Social Value"' in json.dumps(r["tender"].get("lots", [])),
    "lot in another currency": lambda r: any(
        lot.get("value", {}).get("currency") not in (None, r["tender"].get("value", {}).get("currency"))
        for lot in r["tender"].get("lots", [])
        if "value" in r["tender"]
    ),
    "midnight in UTC": lambda r: any(
        contract.get("period", {}).get("startDate", "").endswith("T00:00:00Z") for contract in r.get("contracts", [])
    ),
    "number without a scheme": lambda r: any(
        "id" in party.get("identifier", {}) and "scheme" not in party["identifier"] for party in r["parties"]
    ),
    "supplier without a number": lambda r: any(
        party["roles"] == ["supplier"] and "identifier" not in party for party in r["parties"]
    ),
    "charity": lambda r: any(party.get("identifier", {}).get("scheme") == "GB-CHC" for party in r["parties"]),
    "formula": lambda r: any(party["name"].startswith(("=", "+", "@")) for party in r["parties"]),
    "script": lambda r: "<script>" in json.dumps(r),
    "NUL": lambda r: "\x00" in r["tender"].get("description", ""),
    "mega contract": lambda r: any(c.get("value", {}).get("amount", 0) >= 100_000_000 for c in r.get("contracts", [])),
}


@pytest.mark.parametrize("what", ODDITIES)
def test_what_trips_a_careless_reader_occurs(what: str) -> None:
    """Each of the field's oddities is among 6,000 releases, in a minority of them."""
    found = sum(ODDITIES[what](release) for release in sample())

    assert 1 <= found < COUNT / 2


def test_broken_numbers_come_only_when_asked_for() -> None:
    """Asked for, one line in some hundreds holds the number 000, which is no JSON; all others stay as they are."""
    count = INVALID_EVERY * 2 + 10
    made = list(lines(count, FIRST, DAYS, has_invalid=True))
    broken = [line for line in made if b" 000," in line]

    assert len(broken) == 2
    assert all(json.loads(line.replace(b" 000,", b" 0,")) for line in broken)
    assert [a for a in made if a not in broken] == [
        b for i, b in enumerate(lines(count, FIRST, DAYS), 1) if i % INVALID_EVERY
    ]
    with pytest.raises(json.JSONDecodeError):
        json.loads(broken[0])


def test_every_title_says_that_it_is_made_up() -> None:
    """No title of a procurement, a lot, an award or a contract can be taken for a real one."""
    for release in sample():
        holders = [release["tender"], *release["tender"].get("lots", [])]
        holders += [*release.get("awards", []), *release.get("contracts", [])]
        assert all(holder["title"].endswith(MARK) for holder in holders if "title" in holder)


def test_all_contact_details_are_planted_ones() -> None:
    """No name, address or number stands in a contact point but those that `planted_contacts` lists."""
    planted = planted_contacts()
    contacts = [
        party["contactPoint"] for release in sample() for party in release["parties"] if "contactPoint" in party
    ]

    assert len(contacts) > COUNT
    assert {contact["name"] for contact in contacts if "name" in contact} <= set(planted.names)
    assert {contact["email"] for contact in contacts} <= set(planted.emails)
    numbers = {contact[key] for contact in contacts for key in ("telephone", "faxNumber") if key in contact}
    assert numbers <= set(planted.telephones)


def test_contact_details_in_prose_are_planted_ones() -> None:
    """E-mail addresses stand in some descriptions, and each is a planted one."""
    prose = [release["tender"].get("description", "") for release in sample()]
    emails = [email for text in prose for email in re.findall(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", text)]

    assert len(emails) > 0.02 * COUNT
    assert set(emails) <= set(planted_contacts().emails)


def test_postcodes_lie_in_the_region_stated() -> None:
    """A supplier's postcode lies in an authority of the region that its address states."""
    home = {sector.replace(" ", ""): area for area in AREAS for sector in area.sectors}
    letters = {region: f"UK{code}" for region, code in zip(
        ("North East", "North West", "Yorkshire and the Humber", "East Midlands", "West Midlands", "East of England",
         "London", "South East", "South West", "Wales", "Scotland", "Northern Ireland"), "CDEFGHIJKLMN", strict=True,
    )}  # fmt: skip
    located = [party["address"] for party in suppliers() if "postalCode" in party["address"]]

    assert len(located) > COUNT
    assert all(
        address["region"].startswith(letters[home[address["postalCode"].replace(" ", "")[:-2]].region])
        for address in located
    )


def test_suppliers_and_buyers_are_those_of_the_other_service() -> None:
    """Councils are told by both services under one name, and so are company numbers."""
    theirs = list(made_up.releases(3000, FIRST, DAYS))
    names = {release["buyer"]["name"] for release in theirs}
    numbers = {party["id"] for release in theirs for party in release["parties"] if party["id"].startswith("GB-COH-")}

    assert len({release["buyer"]["name"] for release in sample() if "buyer" in release} & names) > 60
    assert len({party["id"] for party in suppliers()} & numbers) > 50


def test_a_party_number_means_one_party() -> None:
    """A number of the central register is of the right shape and belongs to one name, spelling apart."""
    found = defaultdict(set)
    for release in sample():
        for party in release["parties"]:
            if party["id"].startswith("GB-PPON-"):
                found[party["id"]].add(re.sub(r"[^a-z]", "", party["name"].lower())[:6])

    assert all(re.fullmatch(r"GB-PPON-[A-Z]{4}-\d{4}-[A-Z]{4}", number) for number in found)
    assert share([len(names) > 1 for names in found.values()]) < 0.02  # hostile text, and "children&#039;s"


def test_no_ocid_is_real() -> None:
    """Every ocid has the service's shape and lies far above those given out by the end of 2026."""
    ocids = {release["ocid"] for release in sample()}

    assert all(re.fullmatch(r"ocds-h6vhtk-[0-9a-f]{6}", ocid) for ocid in ocids)
    assert min(int(ocid[-6:], 16) for ocid in ocids) > 0x1F0000


def test_beside_the_other_service_some_awards_are_told_twice() -> None:
    """Made beside Contracts Finder's releases, some awards under the old rules tell these again, after them."""
    theirs = {
        (release["buyer"]["name"].upper(), release["awards"][0]["value"]["amount"]): release["date"]
        for release in made_up.releases(1500, FIRST, DAYS)
        if "awards" in release
    }
    made = [
        (theirs[key], release["date"])
        for release in releases(1500, FIRST, DAYS, beside=1500, twins=0.5)
        if release["tender"]["legalBasis"]["scheme"] == "CELEX"
        for contract in release.get("contracts", [])
        if (key := (release["buyer"]["name"].upper(), contract.get("value", {}).get("amount"))) in theirs
    ]

    assert len(made) > 15
    assert share([theirs_at <= ours_at for theirs_at, ours_at in made]) > 0.9  # chance pairs of round amounts apart


def test_twins_tell_one_award_on_both_services() -> None:
    """Each pair has the same buyer and suppliers, an amount net or gross, other ids and often another title."""
    made = twins(120, FIRST, 20)
    theirs = {release["ocid"]: release for release in map(json.loads, made.contracts_finder)}
    ours = {release["ocid"]: release for release in map(json.loads, made.find_a_tender)}
    titles = []
    for pair in made.pairs:
        one, two = theirs[pair.contracts_finder_ocid], ours[pair.find_a_tender_ocid]
        amount = one["awards"][0]["value"]["amount"]
        titles.append(one["tender"]["title"] == two["tender"]["title"])
        assert one["awards"][0]["id"] == pair.contracts_finder_award
        assert two["awards"][0]["id"] == pair.find_a_tender_award
        assert one["buyer"]["name"].upper() == two["buyer"]["name"].upper()
        assert two["contracts"][0]["value"]["amount"] in (amount, pytest.approx(amount * 1.2, abs=0.01))
        assert len(one["awards"][0]["suppliers"]) == len(two["awards"][0]["suppliers"])

    assert len(theirs) == len(ours) == 120
    assert len(made.pairs) == 80
    assert len({pair.find_a_tender_ocid for pair in made.pairs}) == 80
    assert 0 < sum(titles) < 60


def test_near_misses_are_no_pairs() -> None:
    """What only looks like a twin has another amount, under the same buyer."""
    made = twins(120, FIRST, 20)
    paired = {pair.find_a_tender_ocid for pair in made.pairs}
    amounts = {
        (release["buyer"]["name"].upper(), release["awards"][0]["value"]["amount"])
        for release in map(json.loads, made.contracts_finder)
    }
    others = [release for release in map(json.loads, made.find_a_tender) if release["ocid"] not in paired]

    assert len(others) == 40
    assert not any((r["buyer"]["name"].upper(), r["contracts"][0]["value"]["amount"]) in amounts for r in others)


def test_twins_repeat_exactly_and_number_their_notices() -> None:
    """The same arguments give the same twins, whose notices on Find a Tender are numbered without a gap."""
    made = twins(60, FIRST, 20, seed=3)
    numbers = [int(json.loads(line)["id"][:6]) for line in made.find_a_tender]
    dates = [json.loads(line)["date"] for line in made.find_a_tender]

    assert made == twins(60, FIRST, 20, seed=3)
    assert numbers == list(range(numbers[0], numbers[0] + 60))
    assert dates == sorted(dates)

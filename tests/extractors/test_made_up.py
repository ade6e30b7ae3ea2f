"""Made-up releases look like real ones, repeat exactly and name nobody real."""

import csv
import gzip
import io
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import cache
from itertools import islice, pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import zstandard

from extractors.made_up import AREAS, lines, planted_contacts, releases, write

COUNT, FIRST, DAYS = 5000, date(2026, 9, 1), 30
LONDON = ZoneInfo("Europe/London")
POSTCODE = re.compile(r"\b([A-Z]{1,2}\d[A-Z\d]? ?\d)[A-Z]{2}\b", re.IGNORECASE)

# The paths that real releases have (the field inventory of 405 of them, October 2022 and January and March 2025).
TYPES: dict[str, type | tuple[type, ...]] = {
    "awards": list,
    "awards[].contractPeriod": dict,
    "awards[].contractPeriod.endDate": str,
    "awards[].contractPeriod.startDate": str,
    "awards[].date": str,
    "awards[].datePublished": str,
    "awards[].description": str,
    "awards[].documents": list,
    "awards[].documents[].dateModified": str,
    "awards[].documents[].datePublished": str,
    "awards[].documents[].description": str,
    "awards[].documents[].documentType": str,
    "awards[].documents[].format": str,
    "awards[].documents[].id": str,
    "awards[].documents[].language": str,
    "awards[].documents[].url": str,
    "awards[].id": str,
    "awards[].status": str,
    "awards[].suppliers": list,
    "awards[].suppliers[].id": str,
    "awards[].suppliers[].name": (str, type(None)),
    "awards[].value": dict,
    "awards[].value.amount": (int, float),
    "awards[].value.currency": str,
    "buyer": dict,
    "buyer.id": str,
    "buyer.name": str,
    "date": str,
    "id": str,
    "initiationType": str,
    "language": str,
    "ocid": str,
    "parties": list,
    "parties[].address": dict,
    "parties[].address.countryName": str,
    "parties[].address.locality": str,
    "parties[].address.postalCode": str,
    "parties[].address.streetAddress": str,
    "parties[].contactPoint": dict,
    "parties[].contactPoint.email": str,
    "parties[].contactPoint.name": str,
    "parties[].contactPoint.telephone": str,
    "parties[].details": dict,
    "parties[].details.scale": str,
    "parties[].details.url": str,
    "parties[].details.vcse": bool,
    "parties[].id": str,
    "parties[].identifier": dict,
    "parties[].identifier.id": str,
    "parties[].identifier.legalName": str,
    "parties[].identifier.scheme": str,
    "parties[].name": str,
    "parties[].roles": list,
    "planning": dict,
    "planning.budget": dict,
    "planning.budget.budgetBreakdown": list,
    "planning.budget.budgetBreakdown[].amount": dict,
    "planning.budget.budgetBreakdown[].amount.amount": int,
    "planning.budget.budgetBreakdown[].amount.currency": str,
    "planning.budget.budgetBreakdown[].description": str,
    "planning.budget.budgetBreakdown[].id": str,
    "planning.budget.budgetBreakdown[].period": dict,
    "planning.budget.budgetBreakdown[].period.endDate": str,
    "planning.budget.budgetBreakdown[].period.startDate": str,
    "planning.documents": list,
    "planning.documents[].dateModified": str,
    "planning.documents[].datePublished": str,
    "planning.documents[].description": str,
    "planning.documents[].documentType": str,
    "planning.documents[].format": str,
    "planning.documents[].id": str,
    "planning.documents[].language": str,
    "planning.documents[].url": str,
    "planning.milestones": list,
    "planning.milestones[].dueDate": str,
    "planning.milestones[].id": str,
    "planning.milestones[].title": str,
    "planning.milestones[].type": str,
    "tag": list,
    "tender": dict,
    "tender.additionalClassifications": list,
    "tender.additionalClassifications[].description": str,
    "tender.additionalClassifications[].id": str,
    "tender.additionalClassifications[].scheme": str,
    "tender.classification": dict,
    "tender.classification.description": str,
    "tender.classification.id": str,
    "tender.classification.scheme": str,
    "tender.communication": dict,
    "tender.communication.futureNoticeDate": str,
    "tender.contractPeriod": dict,
    "tender.contractPeriod.endDate": str,
    "tender.contractPeriod.startDate": str,
    "tender.datePublished": str,
    "tender.description": str,
    "tender.documents": list,
    "tender.documents[].dateModified": str,
    "tender.documents[].datePublished": str,
    "tender.documents[].description": str,
    "tender.documents[].documentType": str,
    "tender.documents[].format": str,
    "tender.documents[].id": str,
    "tender.documents[].language": str,
    "tender.documents[].url": str,
    "tender.id": str,
    "tender.items": list,
    "tender.items[].deliveryAddresses": list,
    "tender.items[].deliveryAddresses[].countryName": str,
    "tender.items[].deliveryAddresses[].postalCode": str,
    "tender.items[].deliveryAddresses[].region": str,
    "tender.items[].id": str,
    "tender.mainProcurementCategory": str,
    "tender.minValue": dict,
    "tender.minValue.amount": (int, float),
    "tender.minValue.currency": str,
    "tender.procurementMethod": str,
    "tender.procurementMethodDetails": str,
    "tender.status": str,
    "tender.suitability": dict,
    "tender.suitability.sme": bool,
    "tender.suitability.vcse": bool,
    "tender.tenderPeriod": dict,
    "tender.tenderPeriod.endDate": str,
    "tender.title": str,
    "tender.value": dict,
    "tender.value.amount": (int, float),
    "tender.value.currency": str,
    "title": str,
}
ALWAYS = {
    "ocid", "id", "language", "date", "tag", "initiationType", "parties", "buyer.id", "buyer.name",
    "tender.id", "tender.title", "tender.description", "tender.status", "tender.classification", "tender.items",
    "tender.suitability.sme", "tender.suitability.vcse",
}  # fmt: skip


@cache
def sample() -> tuple[dict[str, Any], ...]:
    """Return the releases that most tests look at; they are read, never changed."""
    return tuple(releases(COUNT, FIRST, DAYS))


def awards() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return each award of the sample with its release."""
    return [(release, award) for release in sample() for award in release.get("awards", [])]


def suppliers() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return each supplier's party of the sample with its release."""
    return [(release, party) for release in sample() for party in release["parties"] if party["roles"] == ["supplier"]]


def walk(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every path of a JSON value with what stands there, entries of a list under one path."""
    if path and not path.endswith("[]"):
        yield path, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from walk(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner, f"{path}[]")


def real_releases(shared: Path) -> list[dict[str, Any]]:
    """Return real releases of 2022 and 2025."""
    folder = shared / "data" / "contracts_finder"
    package = json.loads(gzip.decompress((folder / "package_2022-10-22.json.gz").read_bytes()))
    later = gzip.decompress((folder / "releases_2025-03-11_backslashes_lost.jsonl.gz").read_bytes())
    found: list[dict[str, Any]] = package["releases"] + [json.loads(line) for line in later.splitlines()]
    return found


def rows(path: Path) -> list[dict[str, str]]:
    """Read a CSV file."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def bare(name: str) -> str:
    """Reduce a name to its letters, so that spelling does not hide a real one."""
    return re.sub(r"[^a-z]", "", name.lower())


def test_repeats_exactly() -> None:
    """The same arguments give the same bytes."""
    assert list(lines(500, FIRST, DAYS, seed=7)) == list(lines(500, FIRST, DAYS, seed=7))


def test_another_seed_tells_another_story() -> None:
    """Two seeds share no procurement, but the councils."""
    one, two = list(releases(500, FIRST, DAYS, seed=1)), list(releases(500, FIRST, DAYS, seed=2))

    assert not {release["ocid"] for release in one} & {release["ocid"] for release in two}
    assert {release["buyer"]["id"] for release in one} & {release["buyer"]["id"] for release in two}


def test_lines_are_the_releases_as_json() -> None:
    """Each line is one release and ends with a line feed; lone surrogates travel as escapes."""
    made = list(lines(COUNT, FIRST, DAYS))

    assert all(line.endswith(b"\n") and line.count(b"\n") == 1 for line in made)
    assert [json.loads(line) for line in made] == list(sample())
    assert any(b"\\ud83d" in line or b"\\udc00" in line for line in made)


def test_changing_a_release_changes_no_other() -> None:
    """What the caller does to a release has no effect on those that follow."""
    untouched = list(releases(300, FIRST, DAYS))
    spoilt = []
    for release in releases(300, FIRST, DAYS):
        spoilt.append(json.loads(json.dumps(release)))
        release["parties"].clear()
        release["tender"].clear()
        release.get("awards", []).clear()

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
    """A negative count or a window without days is refused, whatever the first day."""
    with pytest.raises(ValueError, match="ask for at least"):
        next(releases(count, FIRST, days), None)


@pytest.mark.parametrize("first", [FIRST, date(2026, 3, 20), date(2026, 10, 20)])
def test_times_carry_the_offset_of_london(first: date) -> None:
    """Every date and time is written as London's clocks showed it: Z in winter, +01:00 in summer, nothing else."""
    written = {
        value
        for release in releases(400, first, 14)
        for path, value in walk(release)
        if path.endswith(("ate", "datePublished", "dateModified"))
    }

    assert written
    for text in written:
        time = datetime.fromisoformat(text)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|\+01:00)", text)
        assert time.utcoffset() == time.astimezone(LONDON).utcoffset() or time.year > 2090, text


def test_shape_is_that_of_real_releases() -> None:
    """Every path and type of a made-up release occurs in real ones, and what real ones always have is always there."""
    seen = Counter[str]()
    for release in sample():
        paths = set()
        for path, value in walk(release):
            assert path in TYPES, path
            assert isinstance(value, TYPES[path]), (path, value)
            paths.add(path)
        assert paths >= ALWAYS
        seen.update(paths)

    assert set(TYPES) - set(seen) <= {"planning.documents[].dateModified"}


def test_keys_stand_in_the_order_of_real_releases(shared: Path) -> None:
    """No two keys of an object stand the other way round than in a real release."""
    before: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for release in real_releases(shared):
        for path, keys in objects(release):
            before[path] |= {(a, b) for i, a in enumerate(keys) for b in keys[i + 1 :]}
    wrong = {
        (path, a, b)
        for release in sample()
        for path, keys in objects(release)
        for i, a in enumerate(keys)
        for b in keys[i + 1 :]
        if (b, a) in before[path]
    }

    assert not wrong


def objects(release: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Yield the keys of each object of a release, in order, with the object's path."""
    yield "", list(release)
    for path, value in walk(release):
        for entry in value if isinstance(value, list) else [value]:
            if isinstance(entry, dict):
                yield path, list(entry)


def test_no_release_comes_twice() -> None:
    """A procurement's id and a release's id together are unique, and so is an award's id among notices."""
    keys = [(release["ocid"], release["id"]) for release in sample()]
    notices = defaultdict(set)
    for release, award in awards():
        notices[award["id"]].add(release["id"].rsplit("-", 1)[0])

    assert len(set(keys)) == COUNT
    assert all(len(notice) == 1 for notice in notices.values())


def test_edits_are_later_releases_of_the_same_notice() -> None:
    """A notice published again has a later date, a higher tail and a tag that says so."""
    notices = defaultdict(list)
    for release in sample():
        notice, tail = release["id"].rsplit("-", 1)
        notices[notice].append((release["date"], int(tail), release["tag"][0]))
    edited = [versions for versions in notices.values() if len(versions) > 1]

    assert len(edited) > 0.02 * COUNT
    for versions in edited:
        assert all(earlier[1] < later[1] for earlier, later in pairwise(versions))
        assert all(tag in ("tenderAmendment", "awardUpdate") for _, _, tag in versions[1:])


def test_one_procurement_may_hold_several_awards() -> None:
    """Awards -1, -2, … of one procurement come in different releases, one in each."""
    found = defaultdict(set)
    for release, award in awards():
        assert len(release["awards"]) == 1
        assert re.fullmatch(re.escape(release["ocid"]) + r"-\d{1,2}", award["id"])
        found[release["ocid"]].add(award["id"])

    assert sum(len(ids) > 1 for ids in found.values()) > 30


def share(questions: Callable[[], Iterator[bool]]) -> float:
    """Return the share of yes."""
    answers = list(questions())
    return sum(answers) / len(answers)


def tag(*names: str) -> Callable[[], Iterator[bool]]:
    """Ask of each release whether it carries one of the tags."""
    return lambda: (release["tag"][0] in names for release in sample())


def tender(key: str) -> Callable[[], Iterator[bool]]:
    """Ask of each release whether its tender has the key."""
    return lambda: (key in release["tender"] for release in sample())


RATES: dict[str, tuple[float, float, Callable[[], Iterator[bool]]]] = {
    "awards": (0.565, 0.03, tag("award", "awardUpdate")),
    "tenders": (0.398, 0.03, tag("tender", "tenderAmendment")),
    "planning": (0.037, 0.01, tag("planning")),
    "edits": (0.105, 0.03, tag("tenderAmendment", "awardUpdate")),
    "no VCSE flag": (0.31, 0.03, lambda: ("vcse" not in party.get("details", {}) for _, party in suppliers())),
    "flagged VCSE": (0.022, 0.01, lambda: (party.get("details", {}).get("vcse") is True for _, party in suppliers())),
    "no scale": (0.157, 0.02, lambda: ("scale" not in party.get("details", {}) for _, party in suppliers())),
    "no identifier": (0.68, 0.03, lambda: ("scheme" not in party.get("identifier", {}) for _, party in suppliers())),
    "clean identifier": (
        0.86,
        0.04,
        lambda: (
            bool(re.fullmatch(r"\d{8}|(SC|OC)\d{6}|\d{6,7}", party["identifier"]["id"]))
            and party["id"] == f"GB-COH-{party['identifier']['id'].zfill(8)}"
            for _, party in suppliers()
            if party.get("identifier", {}).get("scheme") == "GB-COH"
        ),
    ),
    "several suppliers": (0.06, 0.015, lambda: (len(award["suppliers"]) > 1 for _, award in awards())),
    "amount of zero": (0.042, 0.012, lambda: (award["value"]["amount"] == 0 for _, award in awards())),
    "placeholder amount": (
        0.01,
        0.006,
        lambda: (award["value"]["amount"] in (0.01, 1, 100, 999_999_999, 1_234_567_890) for _, award in awards()),
    ),
    "pence": (0.22, 0.04, lambda: (isinstance(award["value"]["amount"], float) for _, award in awards())),
    "call-offs": (
        0.22,
        0.03,
        lambda: (release["tender"]["procurementMethodDetails"].startswith("Call-off") for release, _ in awards()),
    ),
    "award after publication": (
        0.014,
        0.007,
        lambda: (award["date"][:10] > award["datePublished"][:10] for _, award in awards()),
    ),
    "any region": (
        0.32,
        0.04,
        lambda: (
            {"countryName": "Europe"} in release["tender"]["items"][0]["deliveryAddresses"] for release in sample()
        ),
    ),
    "no category": (0.039, 0.01, lambda: ("mainProcurementCategory" not in release["tender"] for release in sample())),
    "mojibake": (
        0.015,
        0.007,
        lambda: (bool(re.search("â€|Ã¤", release["tender"]["description"])) for release in sample()),
    ),
    "no authority": (
        0.45,
        0.03,
        lambda: (not release["buyer"]["id"].startswith("GB-LAE-") for release in sample()),
    ),
    "postcode in address": (
        0.89,
        0.02,
        lambda: (bool(POSTCODE.search(party.get("address", {}).get("streetAddress", ""))) for _, party in suppliers()),
    ),
    "HTML entities in names": (
        0.053,
        0.025,
        lambda: (bool(re.search("&amp;|&#039;", party.get("name", ""))) for _, party in suppliers()),
    ),
    "trading as": (
        0.019,
        0.01,
        lambda: (bool(re.search(" t/a | trading as ", party.get("name", "").lower())) for _, party in suppliers()),
    ),
    "officer's name": (0.743, 0.03, lambda: ("name" in release["parties"][0]["contactPoint"] for release in sample())),
    "officer's telephone": (
        0.598,
        0.03,
        lambda: ("telephone" in release["parties"][0]["contactPoint"] for release in sample()),
    ),
    "tender value": (0.728, 0.03, tender("value")),
    "procurement method": (0.80, 0.03, tender("procurementMethod")),
    "method details": (0.968, 0.015, tender("procurementMethodDetails")),
    "tender period": (0.963, 0.015, tender("tenderPeriod")),
    "more CPV codes": (0.269, 0.03, tender("additionalClassifications")),
    "weekends": (0.006, 0.006, lambda: (datetime.fromisoformat(release["date"]).weekday() > 4 for release in sample())),
}


@pytest.mark.parametrize("what", RATES)
def test_oddities_occur_at_the_rates_of_real_releases(what: str) -> None:
    """Among 5,000 releases each oddity occurs about as often as it was counted in real ones."""
    expected, tolerance, questions = RATES[what]

    assert share(questions) == pytest.approx(expected, abs=tolerance)


def test_rare_oddities_occur() -> None:
    """What real releases show once in hundreds is there too: nameless and twin suppliers, far dates, odd months."""
    named = [[supplier["name"] for supplier in award["suppliers"]] for _, award in awards()]

    assert [None] in named
    assert any("various" in str(names[0]).lower() for names in named)
    assert any(len({s["id"] for s in award["suppliers"]}) < len(award["suppliers"]) for _, award in awards())
    assert any(award["contractPeriod"]["endDate"][:4] in ("2099", "2122") for _, award in awards())
    assert any("T01:00:00" in award["contractPeriod"]["startDate"] for _, award in awards())
    assert max(len(names) for names in named) in range(20, 37)


def test_amounts_are_skewed_as_in_life() -> None:
    """Half the awards are below about £100,000, few reach £100m, and some of these go to a single supplier."""
    amounts = sorted(award["value"]["amount"] for _, award in awards())
    mega = [award for _, award in awards() if award["value"]["amount"] >= 100_000_000]

    assert 60_000 < amounts[len(amounts) // 2] < 140_000
    assert 5 <= len(mega) < 0.02 * len(amounts)
    assert any(len(award["suppliers"]) == 1 for award in mega)


def test_a_few_suppliers_win_across_many_areas() -> None:
    """Some suppliers win from ten councils and more, while most win from one or two."""
    buyers = defaultdict(set)
    for release, party in suppliers():
        if "name" in party and release["buyer"]["id"].startswith("GB-LAE-"):
            buyers[bare(party["name"])[:16]].add(release["buyer"]["id"])
    reach = sorted(len(councils) for councils in buyers.values())

    assert reach[-3] >= 10
    assert reach[len(reach) // 2] <= 2


def test_councils_buy_locally_about_as_often_as_in_life() -> None:
    """Of councils' suppliers with a postcode 30 % sit in the own area, 47 % in the region."""
    home = {sector.replace(" ", ""): area for area in AREAS for sector in area.sectors}
    region = {area.code: area.region for area in AREAS}
    own, near = [], []
    for release, party in suppliers():
        found = POSTCODE.findall(party.get("address", {}).get("streetAddress", ""))
        if found and release["buyer"]["id"].startswith("GB-LAE-"):
            area, code = home[found[-1].replace(" ", "").upper()], release["buyer"]["id"][7:]
            own.append(area.code == code)
            near.append(area.region == region[code])

    assert sum(own) / len(own) == pytest.approx(0.30, abs=0.05)
    assert sum(near) / len(near) == pytest.approx(0.47, abs=0.05)


def test_hostile_text_occurs_in_names_and_titles() -> None:
    """Formulas, script, SQL, NUL and lone surrogates are among the texts, in a handful of releases."""
    texts = [release["tender"]["title"] + release["tender"]["description"] for release in sample()]
    names = [party.get("name", "") for _, party in suppliers()]

    assert {name[0] for name in names if name} >= {"=", "+", "@", "-", "\uff1d", '"'}
    assert any("<script>" in name for name in names)
    assert any("DROP TABLE" in name for name in names)
    assert any("\x00" in text for text in texts)
    assert any(re.search("[\ud800-\udfff]", text) for text in texts)
    assert sum(bool(re.search("[\x00\ud800-\udfff]", text)) for text in texts) < 0.01 * COUNT


def test_all_contact_details_are_planted_ones() -> None:
    """No name, address or number stands in a contact point but those that `planted_contacts` lists."""
    planted = planted_contacts()
    contacts = [release["parties"][0]["contactPoint"] for release in sample()]

    assert {contact["name"] for contact in contacts if "name" in contact} <= set(planted.names)
    assert {contact["email"] for contact in contacts} <= set(planted.emails)
    assert {contact["telephone"] for contact in contacts if "telephone" in contact} <= {*planted.telephones, "00"}


def test_contact_details_stand_in_prose_too() -> None:
    """E-mail addresses and numbers stand in some descriptions, and any e-mail address there is a planted one."""
    planted = planted_contacts()
    prose = [release["tender"]["title"] + "\n" + release["tender"]["description"] for release in sample()]
    emails = [email for text in prose for email in re.findall(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", text)]

    assert len(emails) > 0.02 * COUNT
    assert set(emails) <= set(planted.emails)
    assert sum(any(number in text for number in planted.telephones) for text in prose) > 0.02 * COUNT
    assert sum(any(name in text for name in planted.names) for text in prose) > 0.005 * COUNT


@pytest.mark.parametrize("number", planted_contacts().telephones)
def test_numbers_are_kept_for_drama(number: str) -> None:
    """Each number is in a range that Ofcom keeps for drama, so that nobody answers.

    https://www.ofcom.org.uk/phones-and-broadband/phone-numbers/numbers-for-drama
    """
    digits = re.sub(r"^(?:\+44(?:\(0\))?)", "0", re.sub(r"[^\d+()]", "", number)).replace("(", "").replace(")", "")

    assert re.fullmatch(
        r"02079460\d{3}|01632960\d{3}|01134960\d{3}|07700900\d{3}|01614960\d{3}|08081570\d{3}|01914980\d{3}", digits
    )


@pytest.mark.parametrize("email", planted_contacts().emails)
def test_addresses_are_kept_for_examples(email: str) -> None:
    """Each e-mail address is under a domain that RFC 2606 keeps for examples."""
    assert re.search(r"@(?:[\w-]+\.)*(?:example\.(?:com|net|org)|\w+\.example)$", email)


def test_area_codes_are_real(shared: Path) -> None:
    """Each register code stands for a living authority of the kind and nation stated."""
    real = {row["local-authority-code"]: row for row in rows(shared / "data" / "areas" / "uk_la.csv")}
    nations = {"Scotland": "Scotland", "Wales": "Wales", "Northern Ireland": "Northern Ireland"}

    assert len({area.code for area in AREAS}) == len(AREAS) >= 60
    for area in AREAS:
        assert real[area.code]["current-authority"] == "True", area
        assert real[area.code]["local-authority-type"] == area.kind, area
        assert real[area.code]["nation"] == nations.get(area.region, "England"), area


def test_council_codes_are_areas() -> None:
    """Each council among the buyers carries the code of an English area, and nearly all of them publish."""
    codes = {release["buyer"]["id"][7:] for release in sample() if release["buyer"]["id"].startswith("GB-LAE-")}
    english = {area.code for area in AREAS if area.region not in ("Scotland", "Wales", "Northern Ireland")}

    assert codes <= english
    assert len(codes) >= 60


def test_no_sector_serves_two_areas() -> None:
    """A postcode sector tells one area."""
    sectors = [sector for area in AREAS for sector in area.sectors]

    assert len(sectors) == len(set(sectors))


def test_no_buyer_is_real(shared: Path) -> None:
    """No buyer has the name of a real authority, nor its invented place that of a real one."""
    real = {bare(row["la-name"]) for row in rows(shared / "data" / "areas" / "la_names.csv")}
    real |= {bare(release["buyer"]["name"]) for release in real_releases(shared)}
    kinds = r" (?:metropolitan|borough|city|county|district|parish|council|corporation)\b.*| - .*|^london borough of "
    for release in sample():
        name = release["buyer"]["name"]
        assert bare(name) not in real, name
        assert bare(re.sub(kinds, "", name.lower())) not in real, name


def test_no_supplier_is_real(shared: Path) -> None:
    """No supplier has the name, legal form apart, of one of 12,967 real ones."""
    form = re.compile(r" (?:limited|ltd|plc|llp|cic)\.?$")
    listed = rows(shared / "data" / "suppliers" / "contracts_finder_award_suppliers_2022.csv.gz")
    real = {bare(form.sub("", row["supplier_name"].lower().strip())) for row in listed}
    ours = {bare(form.sub("", party["name"].lower().strip())) for _, party in suppliers() if "name" in party}

    assert ours & real <= {"various", "varioussuppliers", "notawarded", "noawardmade", "na", "notawardedtosupplier"}


def test_codes_mean_what_real_releases_say(shared: Path) -> None:
    """CPV codes, procedures and regions that real releases use carry the same words there."""
    real = [release["tender"] for release in real_releases(shared)]
    cpv = {entry["id"]: entry["description"] for tender in real for entry in classifications(tender)}
    procedures = {
        (t["procurementMethodDetails"], t.get("procurementMethod")) for t in real if "procurementMethodDetails" in t
    }
    ours = [release["tender"] for release in sample()]
    used = {entry["id"]: entry["description"] for tender in ours for entry in classifications(tender)}
    shared_codes = used.keys() & cpv.keys()
    texts = {text for text, _ in procedures}

    assert len(used) >= 60
    assert len(shared_codes) >= 40
    assert {code: used[code] for code in shared_codes} == {code: cpv[code] for code in shared_codes}
    for tender in ours:
        if (text := tender.get("procurementMethodDetails")) in texts:
            assert (text, tender.get("procurementMethod")) in procedures


def classifications(tender: dict[str, Any]) -> list[dict[str, str]]:
    """Return a tender's CPV codes."""
    found: list[dict[str, str]] = [tender["classification"], *tender.get("additionalClassifications", [])]
    return found


def test_size_and_compression_are_lifelike() -> None:
    """A release takes about 4 kB, and compresses four to six times as real pages do."""
    data = b"".join(islice(lines(COUNT, FIRST, DAYS), 1000))

    assert 3_600 < len(data) / 1000 < 4_400
    assert 3.8 < len(data) / len(gzip.compress(data)) < 6


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("notices.jsonl", bytes),
        ("notices.jsonl.gz", gzip.decompress),
        ("notices.jsonl.zst", lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data)),
    ],
)
def test_files_hold_the_same_lines(tmp_path: Path, name: str, read: Callable[[bytes], bytes]) -> None:
    """A file holds the lines, compressed as its name says, and is the same when written again."""
    made = b"".join(lines(200, FIRST, DAYS))
    size = write(tmp_path / name, 200, FIRST, DAYS)
    first = (tmp_path / name).read_bytes()
    write(tmp_path / name, 200, FIRST, DAYS)

    assert read(first) == made
    assert size == len(made)
    assert (tmp_path / name).read_bytes() == first


def test_refuses_a_file_name_it_cannot_serve(tmp_path: Path) -> None:
    """A file name without a known ending is refused, and nothing is written."""
    with pytest.raises(ValueError, match=r"ends in \.jsonl"):
        write(tmp_path / "notices.parquet", 10, FIRST, DAYS)

    assert list(tmp_path.iterdir()) == []

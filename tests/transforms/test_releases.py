"""Every document becomes rows or a rejection with its place and reason."""

import gzip
import json
import random
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms import releases

OCID = "ocds-b5fd17-8285423e-94ba-40a7-aaba-e26cb1a5c8ff"
GUID = "c3e5344a-741a-4f7e-92af-f401b5c8209a"


def release(**changes: Any) -> dict[str, Any]:
    """Return a made-up award release in the shape of Contracts Finder, with some fields changed."""
    made: dict[str, Any] = {
        "ocid": OCID,
        "id": f"{GUID}-583186",
        "language": "en",
        "date": "2022-10-22T10:01:26+01:00",
        "tag": ["award"],
        "initiationType": "tender",
        "tender": {
            "id": "tender_1/1",
            "title": "Lift maintenance",
            "description": "Lifts in four libraries.",
            "classification": {"scheme": "CPV", "id": "50750000", "description": "Lift-maintenance services"},
            "procurementMethod": "open",
            "procurementMethodDetails": "Open procedure",
            "tenderPeriod": {"endDate": "2022-10-07T23:59:59+01:00"},
            "suitability": {"sme": True, "vcse": False},
        },
        "parties": [
            {"id": "GB-LAE-XYZ", "name": "Alderbrook Council", "address": {"streetAddress": "1 High Street"}},
            {
                "id": "GB-CFS-1",
                "name": "Rowan Lifts Ltd",
                "identifier": {"legalName": "Rowan Lifts Ltd", "scheme": "GB-COH", "id": "1234567"},
                "address": {"streetAddress": "2 Mill Lane, Halifax, HX1 1AA"},
                "details": {"scale": "sme", "vcse": False},
                "roles": ["supplier"],
            },
        ],
        "buyer": {"id": "GB-LAE-XYZ", "name": "Alderbrook Council"},
        "awards": [
            {
                "id": f"{OCID}-1",
                "status": "active",
                "date": "2022-07-01T00:00:00+01:00",
                "value": {"amount": 53500.25, "currency": "GBP"},
                "suppliers": [{"id": "GB-CFS-1", "name": "Rowan Lifts Ltd"}],
                "contractPeriod": {"startDate": "2022-10-10T00:00:00+01:00", "endDate": "2023-03-31T23:59:59+01:00"},
                "documents": [
                    {
                        "documentType": "awardNotice",
                        "url": f"https://www.contractsfinder.service.gov.uk/Notice/{GUID}",
                    }
                ],
            }
        ],
    }
    return made | changes


def flat(*documents: Any, source: str = "contracts-finder") -> releases.Flat:
    """Flatten documents given as objects or as bytes."""
    lines = [document if isinstance(document, bytes) else json.dumps(document).encode() for document in documents]
    return releases.flatten(source, [(f"{source}/2022/2022-10-22.jsonl.zst", lines)])


def issues(told: releases.Flat) -> set[tuple[str, str]]:
    """Return pointer and kind of the issues that were noted."""
    return set(told.frames["field_issue"].select("pointer", "issue").iter_rows())


def test_an_award_release_becomes_its_rows() -> None:
    """An award release tells a release, a procurement, an award, a mention and an identifier, in their own types."""
    told = flat(release())

    award = told.frames["award"].row(0, named=True)
    assert award["award_id"] == f"{OCID}-1"
    assert award["amount_gbp"] == Decimal("53500.25")
    assert award["awarded_on"] == date(2022, 7, 1)
    assert award["ends_on"] == date(2023, 3, 31)
    assert award["published_at"] == datetime(2022, 10, 22, 9, 1, 26, tzinfo=UTC)
    assert award["notice_url"] == f"https://www.contractsfinder.service.gov.uk/Notice/{GUID}"
    mention = told.frames["supplier_mention"].row(0, named=True)
    assert (mention["mention_id"], mention["scale_declared"], mention["vcse_declared"]) == (f"{OCID}-1#1", "sme", False)
    assert mention["address"] == "2 Mill Lane, Halifax, HX1 1AA"
    assert told.frames["supplier_identifier"].select("scheme", "raw").rows() == [("GB-COH", "1234567")]
    assert told.frames["procurement"].row(0, named=True)["buyer_party_id"] == "GB-LAE-XYZ"
    assert (told.documents, told.used, told.rejected) == (1, 1, 0)
    assert not issues(told)


HOSTILE = {
    "not JSON": (b'{"ocid": ', "it is not JSON"),
    "no object": (b"[1, 2]", "no JSON object"),
    "null": (b"null", "no JSON object"),
    "depth": (b'{"ocid":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
    "no ocid": (json.dumps(release(ocid=None)).encode(), "no complete ocid"),
    "bare prefix": (json.dumps(release(ocid="ocds-b5fd17-")).encode(), "no complete ocid"),
    "no id": (json.dumps(release(id=None)).encode(), "no release id"),
    "empty": (b"", "it is not JSON"),
    "NUL bytes": (b"\x00\x00", "it is not JSON"),
}


@pytest.mark.parametrize(("document", "reason"), HOSTILE.values(), ids=HOSTILE)
def test_what_cannot_be_used_is_rejected_with_its_reason(document: bytes, reason: str) -> None:
    """A document that cannot be used is set aside with place and reason, and its neighbours are used."""
    told = flat(document, release())

    rejected = told.frames["rejected"].row(0, named=True)
    assert reason in rejected["reason"]
    assert (told.documents, told.used, told.rejected) == (2, 1, 1)
    assert told.frames["award"].height == 1


def changed(path: str, value: Any) -> dict[str, Any]:
    """Return the made-up release with the value at a JSON pointer replaced."""
    made = release()
    *parents, last = path.strip("/").split("/")
    place: Any = made
    for step in parents:
        place = place[int(step)] if isinstance(place, list) else place[step]
    place[last] = value
    return made


REPAIRED: dict[str, tuple[str, Any, str, str, Any, str]] = {
    "amount as text": ("/awards/0/value/amount", "1,250.50", "award", "amount_gbp", Decimal("1250.5"), "text_for_number"),  # noqa: E501 - one row of a table
    "amount a list": ("/awards/0/value/amount", [1], "award", "amount_gbp", None, "wrong_type"),
    "amount true": ("/awards/0/value/amount", True, "award", "amount_gbp", None, "wrong_type"),
    "amount too large": ("/awards/0/value/amount", 1e14, "award", "amount_gbp", None, "out_of_range"),
    "amount of half a penny": ("/awards/0/value/amount", 10.125, "award", "amount_gbp", Decimal("10.12"), "rounded"),
    "dirhams": ("/awards/0/value/currency", "AED", "award", "amount_gbp", None, "foreign_currency"),
    "no currency": ("/awards/0/value/currency", None, "award", "amount_gbp", None, "foreign_currency"),
    "title a number": ("/tender/title", 7, "procurement", "title", "7", "number_for_text"),
    "title an object": ("/tender/title", {"a": 1}, "procurement", "title", None, "wrong_type"),
    "NUL in a title": ("/tender/title", "a\x00b", "procurement", "title", "ab", "scrubbed"),
    "lone surrogate": ("/tender/title", "a\ud800b", "procurement", "title", "a\ufffdb", "scrubbed"),
    "flag as text": ("/parties/1/details/vcse", "true", "supplier_mention", "vcse_declared", True, "text_for_flag"),
    "flag as a word": ("/parties/1/details/vcse", "maybe", "supplier_mention", "vcse_declared", None, "wrong_type"),
    "unknown scale": ("/parties/1/details/scale", "huge", "supplier_mention", "scale_declared", None, "unknown_code"),
    "unknown status": ("/awards/0/status", "lost", "award", "status", None, "unknown_code"),
    "award date in words": ("/awards/0/date", "soon", "award", "awarded_on", None, "not_a_date"),
    "award date of year one": ("/awards/0/date", "0001-01-01T00:00:00Z", "award", "awarded_on", None, "not_a_date"),
    "release date in words": ("/date", "today", "release", "published_at", None, "not_a_date"),
    "suppliers an object": (
        "/awards/0/suppliers", {"1": {"id": "GB-CFS-1", "name": "Rowan Lifts Ltd"}},
        "award", "supplier_count", 1, "object_for_list",
    ),
    "status a list": ("/tender/status", ["complete"], "procurement", "status", "complete", "list_for_text"),
    "award without id": ("/awards/0/id", None, "award", "award_id", f"{OCID}/{GUID}-583186/0", "missing_id"),
    "20 MB title": ("/tender/title", "x" * 20_000_000, "procurement", "title", "x" * releases.LONGEST_TEXT, "cut"),
}  # fmt: skip


@pytest.mark.parametrize(("path", "value", "table", "column", "expected", "issue"), REPAIRED.values(), ids=REPAIRED)
def test_a_field_that_does_not_fit_is_repaired_or_left_out_and_noted(
    path: str, value: Any, table: str, column: str, expected: Any, issue: str
) -> None:
    """A field of the wrong kind never costs the release: it is repaired or left out, and an issue says so."""
    told = flat(changed(path, value))

    assert told.frames[table][column].to_list() == [expected]
    assert issue in {kind for _, kind in issues(told)}
    assert told.used == 1


LONG_TEXTS = {
    "plain": "x" * 70_000,
    "quotation marks": '"' * 70_000,
    "backslashes": "\\" * 70_000,
    "backslashes and quotation marks": '\\"' * 35_000,
    "words in quotation marks": 'so called "lifts", ' * 4_000,
    "a character too many": "x" * (releases.LONGEST_TEXT + 1),
}


@pytest.mark.parametrize("text", LONG_TEXTS.values(), ids=LONG_TEXTS)
def test_long_texts_of_a_large_document_are_cut(text: str) -> None:
    """Whatever a long text consists of, it is cut where its document is large, and an issue says so."""
    made = release(relatedProcesses=[{"id": "x" * 100}] * 1_000)
    made["tender"]["title"] = text
    told = flat(made)

    assert told.frames["procurement"]["title"].to_list() == [text[: releases.LONGEST_TEXT]]
    assert issues(told) == {("/tender/title", "cut")}


def test_a_large_document_of_short_texts_is_as_it_is() -> None:
    """A text of the greatest length is not cut, in however large a document."""
    made = release(relatedProcesses=[{"id": "x" * 100}] * 1_000)
    made["tender"]["title"] = "x" * releases.LONGEST_TEXT
    told = flat(made)

    assert told.frames["procurement"]["title"].to_list() == [made["tender"]["title"]]
    assert not issues(told)


def test_a_number_that_overflows_is_noted() -> None:
    """``1e9999`` is JSON and no amount: the release is used, the amount is not known, the issue is noted."""
    told = flat(json.dumps(release()).replace("53500.25", "1e9999").encode())

    assert told.frames["award"]["amount_gbp"].to_list() == [None]
    assert ("/awards/0/value/amount", "out_of_range") in issues(told)


DATES = {
    "2025-07-01T00:00:00+01:00": datetime(2025, 6, 30, 23, tzinfo=UTC),
    "2025-01-01T10:00:00Z": datetime(2025, 1, 1, 10, tzinfo=UTC),
    "2025-01-01T10:00:00.123Z": datetime(2025, 1, 1, 10, tzinfo=UTC),
    "2025-01-01T10:00:00-05:30": datetime(2025, 1, 1, 15, 30, tzinfo=UTC),
    "2025-07-01": datetime(2025, 6, 30, 23, tzinfo=UTC),
    "2025-07-01T10:00:00": datetime(2025, 7, 1, 9, tzinfo=UTC),
    "2025-10-26T01:30:00": datetime(2025, 10, 26, 0, 30, tzinfo=UTC),
    "2122-01-01T00:00:00Z": datetime(2122, 1, 1, tzinfo=UTC),
    "2025-03-30T01:30:00": None,
    "2025-02-30T00:00:00Z": None,
    "0001-01-01T00:00:00Z": None,
    "yesterday": None,
    "": None,
}


@pytest.mark.parametrize(("text", "expected"), DATES.items(), ids=[text or "empty" for text in DATES])
def test_times_are_read_with_their_offset_and_as_london_time_without_one(text: str, expected: datetime | None) -> None:
    """A time keeps its instant whatever its offset; the hour that summer time skips is no time."""
    alone = releases.instants(pl.Series([text]))
    among = releases.instants(pl.Series(["2025-01-01T10:00:00Z", text, None]))

    assert alone.to_list() == [expected]
    assert among.to_list()[1:] == [expected, None]


def test_midnight_in_july_is_the_first_of_july() -> None:
    """A date is taken after conversion to London time."""
    days = releases.days(releases.instants(pl.Series(["2025-07-01T00:00:00+01:00", "2025-01-31T23:59:59Z"])))

    assert days.to_list() == [date(2025, 7, 1), date(2025, 1, 31)]


def test_two_suppliers_under_one_party_id_are_told_apart_by_name() -> None:
    """Where two suppliers share a party id, each mention carries the flags of its own party."""
    first, second = release()["parties"][1], {**release()["parties"][1], "name": "Elm Trust", "details": {"vcse": True}}
    award = {
        **release()["awards"][0],
        "suppliers": [{"id": "GB-CFS-1", "name": n} for n in ("Elm Trust", "Rowan Lifts Ltd")],
    }
    told = flat(release(parties=[second, first], awards=[award]))

    assert told.frames["supplier_mention"].select("supplier_name", "vcse_declared").rows() == [
        ("Elm Trust", True),
        ("Rowan Lifts Ltd", False),
    ]


def test_a_supplier_without_a_name_is_no_mention() -> None:
    """The service's nameless placeholder supplier is counted nowhere."""
    award = {**release()["awards"][0], "suppliers": [{"id": "GB-CFS-173", "name": None}]}
    told = flat(release(awards=[award]))

    assert told.frames["supplier_mention"].is_empty()
    assert told.frames["award"]["supplier_count"].to_list() == [0]
    assert issues(told) == {("/awards/0/suppliers/0/name", "missing_name")}


def test_a_supplier_without_an_id_is_nobody_in_the_list_of_parties() -> None:
    """A supplier without a party id takes no address and no mark from a party without one."""
    nameless = {"name": "Town Hall", "address": {"streetAddress": "Romford RM1 3BB"}, "details": {"vcse": True}}
    award = {**release()["awards"][0], "suppliers": [{"name": "Far Away Ltd"}]}
    told = flat(release(parties=[nameless], awards=[award]))

    mention = told.frames["supplier_mention"].row(0, named=True)
    assert (mention["address"], mention["vcse_declared"]) == (None, None)


def test_two_awards_under_one_id_are_both_told() -> None:
    """The second award under an id of its release has a key of its own, and its own supplier and amount."""
    first = release()["awards"][0]
    second = {**first, "value": {"amount": 7, "currency": "GBP"}, "suppliers": [{"id": "GB-CFS-2", "name": "Elm Ltd"}]}
    told = flat(release(awards=[first, second]))

    award = told.frames["award"].sort("award_id")
    assert award["award_id"].to_list() == [f"{OCID}-1", f"{OCID}-1~2"]
    assert award["amount_gbp"].to_list() == [Decimal("53500.25"), Decimal(7)]
    assert told.frames["supplier_mention"].sort("mention_id")["supplier_name"].to_list() == [
        "Rowan Lifts Ltd",
        "Elm Ltd",
    ]
    assert issues(told) == {("/awards/1/id", "repeated_id")}


def test_a_snapshot_tells_its_estimate_and_reference() -> None:
    """The value of the tender is the estimate, its least value the lower end, its id the buyer's reference."""
    made = release()
    made["tender"] |= {"value": {"amount": 90, "currency": "GBP"}, "minValue": {"amount": 10, "currency": "GBP"}}
    told = flat(made)

    procurement, award = (told.frames[table].row(0, named=True) for table in ("procurement", "award"))
    assert (procurement["reference"], procurement["estimate_gbp"]) == ("tender_1/1", Decimal(90))
    assert procurement["estimate_low_gbp"] == award["estimate_low_gbp"] == Decimal(10)
    assert (procurement["lots"], procurement["is_framework"], award["notice_type"]) == (None, None, None)


NOTICE = {
    "ocid": "ocds-h6vhtk-0a1b2c",
    "id": "000123-2025",
    "date": "2025-05-01T10:00:00+01:00",
    "tag": ["award", "contract"],
    "buyerID": [],
    "tender": {"id": "R", "title": "Care", "maximumLotsBidPerSupplier": 3, "items": [{"deliveryAddresses": {"1": {}}}]},
    "awards": [{"id": "1", "status": "active", "suppliers": [{"id": "GB-FTS-1", "name": "Elm Ltd"}]}],
    "contracts": [{"id": "1", "awardID": "1", "documents": [{"id": "000123-2025", "noticeType": "UK7"}]}],
}


def test_a_release_of_changes_becomes_a_telling() -> None:
    """A release of Find a Tender becomes a release and a telling; its rows are made when tellings are put together."""
    told = flat(NOTICE, source="find-a-tender")
    snapshot = flat(release())

    row = told.frames["release"].row(0, named=True)
    telling = told.frames["telling"].row(0, named=True)
    assert (row["tag"], row["notice_type"]) == ("award,contract", "UK7")
    assert row["notice_url"] == "https://www.find-tender.service.gov.uk/Notice/000123-2025"
    assert telling["content_hash"] == row["content_hash"]
    assert telling["published_at"] == row["published_at"] == datetime(2025, 5, 1, 9, tzinfo=UTC)
    assert json.loads(telling["body"])["awards"] == NOTICE["awards"]
    assert {table: frame.schema for table, frame in told.frames.items()} == {
        table: frame.schema for table, frame in snapshot.frames.items()
    }
    assert not issues(told)
    assert snapshot.frames["telling"].is_empty()
    assert {table for table, frame in told.frames.items() if frame.height} == {"release", "telling"}


UNDATED: dict[str, dict[str, Any]] = {"null": {"date": None}, "absent": {}}


@pytest.mark.parametrize("date_told", UNDATED.values(), ids=UNDATED)
def test_a_change_keeps_null_apart_from_absent(date_told: dict[str, Any]) -> None:
    """A null takes something back and stays in the telling; what is absent stays absent, and the date is not known."""
    undated = {name: value for name, value in NOTICE.items() if name != "date"}
    told = flat(undated | date_told, source="find-a-tender")
    body = json.loads(told.frames["telling"]["body"][0])

    assert {name: value for name, value in body.items() if name == "date"} == date_told
    assert told.frames["release"]["published_at"].to_list() == [None]
    assert not issues(told)


CHANGES: dict[str, tuple[dict[str, Any], str, str | None]] = {
    "no id but that of its notice": ({"id": None}, "000123-2025", "missing_id"),
    "a tag for a list of tags": ({"tag": "award"}, "000123-2025", "one_for_list"),
    "one award for a list of awards": ({"awards": NOTICE["awards"][0]}, "000123-2025", "one_for_list"),  # type: ignore[index]  # a list
    "awards by number": ({"awards": {"1": NOTICE["awards"][0]}}, "000123-2025", "object_for_list"),  # type: ignore[index]  # a list
    "a description in a list": ({"description": ["More."]}, "000123-2025", "list_for_text"),
}


@pytest.mark.parametrize(("fields", "release_id", "issue"), CHANGES.values(), ids=CHANGES)
def test_a_change_that_a_reader_could_use_is_used(fields: dict[str, Any], release_id: str, issue: str) -> None:
    """Whatever shape a release of Find a Tender has, it is used, and what was repaired is noted."""
    told = flat({**NOTICE, **fields}, source="find-a-tender")

    assert told.frames["telling"]["release_id"].to_list() == [release_id]
    assert json.loads(told.frames["telling"]["body"][0])["awards"] == NOTICE["awards"]
    assert {kind for _, kind in issues(told)} == {issue}


@pytest.mark.parametrize(("document", "reason"), HOSTILE.values(), ids=HOSTILE)
def test_a_change_that_cannot_be_used_is_rejected(document: bytes, reason: str) -> None:
    """What is no release at all is set aside from Find a Tender as from Contracts Finder."""
    told = flat(document, NOTICE, source="find-a-tender")

    assert reason in told.frames["rejected"]["reason"][0]
    assert (told.documents, told.used, told.rejected) == (2, 1, 1)


def test_the_last_second_of_a_day_in_utc_is_that_day() -> None:
    """A period that ends in summer at 23:59:59 in UTC ends on the day as written, not on the next in London."""
    award = {**release()["awards"][0], "contractPeriod": {"endDate": "2026-09-20T23:59:59Z"}}

    assert flat(release(awards=[award])).frames["award"]["ends_on"].to_list() == [date(2026, 9, 20)]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://example.org/Notice/1", "http://www.contractsfinder.service.gov.uk/Notice/1"]
)
def test_a_notice_link_leads_to_the_official_service_or_nowhere(url: str) -> None:
    """A hostile link is not kept; the official page is worked out from the release id instead."""
    award = {**release()["awards"][0], "documents": [{"documentType": "awardNotice", "url": url}]}
    told = flat(release(awards=[award]))

    assert told.frames["award"]["notice_url"].to_list() == [f"https://www.contractsfinder.service.gov.uk/Notice/{GUID}"]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
PATHS = (
    "/ocid", "/id", "/date", "/tag", "/tender", "/tender/title", "/tender/classification", "/parties", "/parties/0",
    "/parties/1/identifier", "/parties/1/identifier/id", "/parties/1/details/vcse", "/buyer", "/buyer/name", "/awards",
    "/awards/0", "/awards/0/id", "/awards/0/value", "/awards/0/value/amount", "/awards/0/suppliers",
    "/awards/0/suppliers/0", "/awards/0/contractPeriod", "/awards/0/documents",
)  # fmt: skip


def put(path: str, value: Any) -> dict[str, Any]:
    """Return the made-up release with anything at all at a pointer, list positions included."""
    made = release()
    *parents, last = path.strip("/").split("/")
    place: Any = made
    for step in parents:
        place = place[int(step)] if isinstance(place, list) else place[step]
    place[int(last) if isinstance(place, list) else last] = value
    return made


@given(st.lists(st.tuples(st.sampled_from(PATHS), anything), min_size=1, max_size=4), st.binary(max_size=40))
def test_decoding_never_raises_and_loses_nothing(changes: list[tuple[str, Any]], noise: bytes) -> None:
    """Whatever stands in a document, documents in are used + rejected, and texts can be stored."""
    documents = [json.dumps(put(path, value)).encode() for path, value in changes]
    told = flat(*documents, noise)

    assert told.documents == len(changes) + 1 == told.used + told.rejected
    assert told.frames["release"].height == told.used
    for frame in told.frames.values():
        for text in frame.select(pl.col(pl.String)).iter_columns():
            assert not any("\x00" in cell for cell in text.drop_nulls())


def real_documents(shared: Path) -> list[bytes]:
    """Return the real releases that lie beside the project."""
    folder = shared / "data" / "contracts_finder"
    with gzip.open(folder / "package_2022-10-22.json.gz") as package:
        documents = [json.dumps(found).encode() for found in json.load(package)["releases"]]
    with gzip.open(folder / "releases_2025-03-11_backslashes_lost.jsonl.gz") as lines:
        documents += [line.rstrip(b"\n") for line in lines]
    with gzip.open(shared / "data" / "find_a_tender" / "releases.jsonl.gz") as lines:
        documents += [line.rstrip(b"\n") for line in lines]
    return documents


def test_both_readings_agree_on_real_releases(shared: Path) -> None:
    """The strict reading and the reading field by field say the same of every real release that needs no repair."""
    agreed = 0
    for document in real_documents(shared):
        slow, found = releases.decode_tolerantly(document)
        fast, _ = releases.decode(document)
        if not found:
            assert fast == slow
            agreed += 1

    assert agreed > 200


def test_real_releases_are_all_used(shared: Path) -> None:
    """No real release is rejected, and their award amounts are what a plain sum of the documents gives."""
    documents = real_documents(shared)[:200]
    told = flat(*documents)

    amounts = [a["value"]["amount"] for d in documents for a in json.loads(d).get("awards", [])]
    assert told.rejected == 0
    assert told.frames["award"]["amount_gbp"].sum() == sum(Decimal(str(amount)) for amount in amounts)


def test_the_order_of_documents_does_not_matter(shared: Path) -> None:
    """Documents in another order give the same rows."""
    documents = real_documents(shared)[:60]
    shuffled = random.Random(4).sample(  # noqa: S311 - no secret
        documents, len(documents)
    )
    one, other = flat(*documents).frames, flat(*shuffled).frames

    for table, frame in one.items():
        assert frame.sort(pl.all()).equals(other[table].sort(pl.all())), table

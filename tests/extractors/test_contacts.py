"""Contact details leave a release before it is written; everything else stays to the last digit."""

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from extractors.contacts import EMAIL_REMOVED, NAME_REMOVED, TELEPHONE_REMOVED, Cleaned, Unreadable, clean

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
PLACEHOLDERS = ("Procurement Officer", "officer@example.gov.uk", "020 7946 0000")


def cleaned(release: object) -> Any:
    """Clean a release given as Python values and read it back."""
    return json.loads(clean(json.dumps(release).encode()).line)


def prose(text: str, key: str = "description") -> str:
    """Clean one text under a key."""
    return str(cleaned({key: text})[key])


# Numbers from Ofcom's ranges for use in drama (https://www.ofcom.org.uk/phones-and-broadband/phone-numbers/
# numbers-for-drama), and from ranges kept for fiction abroad.
TELEPHONES = [
    "020 7946 0000",
    "(020) 7946 0000",
    "0207 946 0000",
    "02079460000",
    "020-7946-0000",
    "020.7946.0000",
    "020\u00a07946\u00a00000",
    "020&nbsp;7946&nbsp;0000",
    "(0)20 7946 0000",
    "+44 20 7946 0000",
    "+44 (0)20 7946 0000",
    "+44(0)2079460000",
    "(+44) 20 7946 0000",
    "0044 20 7946 0000",
    "0113 496 0123",
    "0116-496-0123",
    "0191 498 0123",
    "028 9649 6123",
    "029 2018 0123",
    "01632 960123",
    "(01632) 960 123",
    "01632 96012",
    "07700 900123",
    "07700 900 123",
    "07700900123",
    "0300 123 4567",
    "0808 157 0123",
    "0800 111 111",
    "+353 20 913 1234",
    "+33 1 99 00 12 34",
    "+1 202-555-0123",
    "020 7946 0000 ext 1234",
    "020 7946 0000, extension 12",
    "02079460000x123",
    "07700 900123/900124",
    "Tel: 960123",
    "Tel 7946 0000",
    "tel:02079460000",
    "Telephone No. 1632 960123",
    "contact number 01632960123",
    "call 7946 0000",
    "T: 01632 960123",
    "T 01632 960123",
    "(tel) 01632960123",
    "Tel+442079460000",
    "our number: 01632960123",
    "mobile no. 07700900123",
    "07700-900-123",
]


@pytest.mark.parametrize("frame", ["{}", "Questions to {} before 1 May.", "\r\n\t{};"])
@pytest.mark.parametrize("number", TELEPHONES)
def test_a_telephone_number_in_prose_is_masked(number: str, frame: str) -> None:
    """However a number of the United Kingdom or of another country is written, no digit of it stays."""
    text = prose(frame.format(number))

    assert TELEPHONE_REMOVED in text
    assert not any(character.isdigit() for character in text.replace("1 May", ""))


@pytest.mark.parametrize("frame", ["{}", "Lot for {} please.", "({})", "See {}, and so on"])
@pytest.mark.parametrize(
    "written",
    [
        "DN512345",
        "DN02079460000",
        "RM6187",
        "ref 20221022001",
        "Ref 07700900123",
        "contract no 02079460000",
        "Purchase order number: 02079460000",
        "project 02079460000",
        "ref: 020-7946-0000",
        "Contract ID - 18130003644",
        "ocds-b5fd17-8285423e-94ba-40a7-aaba-e26cb1a5c8ff",
        "tender_317298/1116759",
        "2018/S 031-067685",
        "2023/S 000-020857",
        "0216/20220728",
        "CPV 71313100",
        "03111000-2 45000000-7",
        "£1,234,567,890",
        "£200,000 £140,000 £0.10",
        "20 000 000",
        "12345678901234567890.12",
        "2022-10-22T10:01:26+01:00",
        "0900 2025-03-10",
        "11-11-2022 at 18:00",
        "2025/2026 2026/2027",
        "phone 2022-2025",
        "call 20221022",
        "call 2024 2025",
        "telephone hours 0900-1700",
        "company number 01234567",
        "01234567",
        "lots 011 012 013 01",
        "GB 123 4567 89",
        "978-0-12-345678-9",
        "SW1P 3JR",
        "https://example.org/Advert?id=02079460000",
        "www.example.org/020-7946-0000",
        "Care@Home",
        "3 @ £5.00",
        "2200 / 2201 / 1208 / 2202",
    ],
)
def test_what_only_looks_like_a_number_to_call_stays(written: str, frame: str) -> None:
    """References, dates, amounts, codes and addresses of pages in prose are left as they were."""
    text = frame.format(written)

    assert prose(text) == text


@pytest.mark.parametrize(
    "address",
    [
        "jane.smith@example.gov.uk",
        "Jane.O'Brien+bids@sub.example.co.uk",
        "JANE@EXAMPLE.GOV.UK",
        "jane @ example.gov.uk",
        "jane@ example.org",
        "jane[at]example.gov.uk",
        "jane (at) example.gov.uk",
        "mailto:jane@example.gov.uk",
        "jane%40example.gov.uk",
        "zoë@exämple.org",
    ],
)
@pytest.mark.parametrize("key", ["description", "title", "streetAddress", "name", "newExtensionField"])
def test_an_email_address_is_masked(address: str, key: str) -> None:
    """An e-mail address goes from titles, descriptions, names, postal addresses and fields never seen before."""
    assert prose(f"Write to {address}, please", key) == f"Write to {EMAIL_REMOVED}, please"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.org/a?email=jane@example.org&id=02079460000", f"https://example.org/a?email={EMAIL_REMOVED}&id=02079460000"),
        ("https://example.org/a?email=jane%40example.org", f"https://example.org/a?email={EMAIL_REMOVED}"),
        ("mailto:jane@example.org?subject=bid", EMAIL_REMOVED),
        ("MAILTO:jane", EMAIL_REMOVED),
        ("tel:+442079460000", TELEPHONE_REMOVED),
        ("https://www.contractsfinder.service.gov.uk/Notice/0207946-0000", None),
    ],
)  # fmt: skip
def test_a_page_address_loses_only_contact_data(url: str, expected: str | None) -> None:
    """E-mail addresses inside an address of a page and links to write or call are masked; the rest is a reference."""
    assert prose(url, "url") == (expected or url)


@pytest.mark.parametrize(
    "key",
    ["id", "ocid", "scheme", "awardID", "relatedLot", "noticeIdentifier", "date", "datePublished", "endDate", "code"],
)
def test_identifiers_references_and_dates_are_never_masked(key: str) -> None:
    """A value that looks like a telephone number stays where the key says that it is none."""
    assert prose("020 7946 0000", key) == "020 7946 0000"
    assert cleaned({key: ["020 7946 0000"]}) == {key: ["020 7946 0000"]}


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("Unit 12, 020 7946 0000 Way, Leeds LS1 4PL", None),
        ("1 High St\nTel: 01608 670664\nLeeds", f"1 High St\nTel: {TELEPHONE_REMOVED}\nLeeds"),
        ("1 High St, +44 1632 960123", f"1 High St, {TELEPHONE_REMOVED}"),
        ("Studio 5 253-255 Belgrave Gate, LE1 3HU", None),
    ],
)
def test_a_postal_address_loses_only_announced_numbers(address: str, expected: str | None) -> None:
    """In an address only a number after a word such as Tel, or with +44, is taken for a telephone."""
    assert prose(address, "streetAddress") == (expected or address)


def test_contact_points_are_removed_wherever_they_stand() -> None:
    """Contact points, their lists, contact fields outside them and lists of persons go; their neighbours stay."""
    point = {"name": "Jane Smith", "email": "j@x.uk", "telephone": "960123", "faxNumber": "1", "url": "http://x.uk"}
    release = {
        "contactPoint": point,
        "parties": [
            {"id": "1", "contactPoint": point, "additionalContactPoints": [point], "roles": ["buyer"]},
            {"id": "2", "persones": [{"name": "Bob Jones"}], "details": {"email": "j@x.uk", "scale": "sme"}},
        ],
        "tender": {"procuringEntity": {"contactPoint": [point], "name": "X"}, "ContactPoint": "Jane", "lots": []},
    }
    result = clean(json.dumps(release).encode())

    assert json.loads(result.line) == {
        "parties": [{"id": "1", "roles": ["buyer"]}, {"id": "2", "details": {"scale": "sme"}}],
        "tender": {"procuringEntity": {"name": "X"}, "lots": []},
    }
    assert result.contacts_removed == 7


def find_a_tender_release() -> dict[str, Any]:
    """Return a made-up release of Find a Tender with every path on which contact details were seen or may stand."""
    point = {
        "name": "Jane Smith", "email": "jane.smith@example.gov.uk", "telephone": "+44 2079460000",
        "faxNumber": "+44 2079460001", "url": "mailto:jane.smith@example.gov.uk",
    }  # fmt: skip
    supplier = {"id": "GB-PPON-PDTL-7248-GWZW", "name": "Acorn Gardens", "roles": ["tenderer", "supplier"]}
    return {
        "ocid": "ocds-h6vhtk-06f19e",
        "id": "083608-2026",
        "description": "Ask Jane Smith, or Smith, Jane.",
        "parties": [
            {"id": "1", "name": "Harrogate Town Council", "contactPoint": point, "roles": ["buyer"]},
            {**supplier, "contactPoint": {"email": "b@x.org"}, "control": {"description": "Bob Jones owns all of it"}},
            {
                "id": "3",
                "name": "Priya Patel",
                "identifier": {"legalName": "Priya Patel"},
                "contactPoint": point,
                "roles": ["processContactPoint", "reviewContactPoint"],
            },
            {"id": "4", "name": "The High Court", "contactPoint": point, "roles": ["reviewContactPoint"]},
            {"id": "5", "name": "Priya Shah", "contactPoint": point, "roles": ["supplier", "reviewContactPoint"]},
        ],
        "planning": {"milestones": [{"id": "1", "description": "Mail Jane Smith: jane.smith@example.gov.uk"}]},
        "tender": {
            "submissionMethodDetails": "jane.smith@example.gov.uk or 020 7946 0000, Ms Smith",
            "reviewDetails": "Priya Patel decides",
            "lots": [{"id": "1", "contactPoint": point, "description": "Tel 020 7946 0000 for a site visit"}],
            "communication": {"futureNoticeRecipients": "jane.smith@example.gov.uk"},
            "documents": [{"id": "083608-2026", "noticeType": "UK4", "description": "J. Smith, 07700 900123"}],
        },
        "contracts": [{"id": "1", "implementation": {"milestones": [{"description": "call Jane Smith"}]}}],
    }


def test_every_contact_path_of_find_a_tender_is_emptied() -> None:
    """Contact points of every role go; names, addresses and numbers go from details, milestones, lots and documents."""
    after = cleaned(find_a_tender_release())
    text = json.dumps(after)

    assert [word for word in ("Jane", "Smith", "Patel", "Bob", "@", "7946", "900123") if word in text] == []
    assert "contactPoint" not in {key for party in after["parties"] for key in party}
    assert after["tender"]["submissionMethodDetails"] == f"{EMAIL_REMOVED} or {TELEPHONE_REMOVED}, {NAME_REMOVED}"
    assert after["planning"]["milestones"][0]["description"] == f"Mail {NAME_REMOVED}: {EMAIL_REMOVED}"


def test_what_is_no_contact_in_find_a_tender_stays() -> None:
    """Organisations, roles, suppliers who are people, ids and types of notices are left as they are."""
    after = cleaned(find_a_tender_release())

    assert [party["name"] for party in after["parties"]] == [
        "Harrogate Town Council", "Acorn Gardens", NAME_REMOVED, "The High Court", "Priya Shah",
    ]  # fmt: skip
    assert after["parties"][2]["roles"] == ["processContactPoint", "reviewContactPoint"]
    assert after["parties"][2]["identifier"] == {"legalName": NAME_REMOVED}
    assert (after["id"], after["tender"]["documents"][0]["noticeType"]) == ("083608-2026", "UK4")


def told(contact: str, text: str, organisation: str = "Havering Council") -> str:
    """Clean a release of an organisation with a contact, and return its description."""
    parties = [{"name": organisation, "contactPoint": {"name": contact}}]
    return str(cleaned({"parties": parties, "tender": {"description": text}})["tender"]["description"])


@pytest.mark.parametrize(
    ("contact", "text", "expected"),
    [
        ("Jane Smith", "contact Jane Smith on site", "contact {} on site"),
        ("Mrs Jane Smith", "JANE  SMITH; Ms Smith; J. Smith; Smith, Jane; Jane A Smith", "{}; {}; {}; {}; {}"),
        ("Smith, Jane", "Ask Jane Smith.", "Ask {}."),
        ("Jane Smith - Procurement Officer", "Jane Smith, Procurement Officer", "{}, Procurement Officer"),
        ("Jane Smith / Bob Jones", "Bob Jones and Jane\nSmith", "{} and {}"),
        ("Anne-Marie O'Neil", "Anne-Marie O'Neil's list", "{}'s list"),
        ("Kate Young", "Young people; Kate Young", "Young people; {}"),
        ("Procurement Team", "the Procurement Team", None),
        ("Adult Social Care", "Adult Social Care", None),
        ("Jane", "Jane Street", None),
        ("Havering Council", "Havering Council", None),
        ("Ann Lee", "planning leeway; Joann Leeds", None),
    ],
)
def test_the_contacts_name_is_masked_in_the_prose_of_its_release(contact: str, text: str, expected: str | None) -> None:
    """A personal name that a contact point held goes from the prose too; an office's name stays."""
    assert told(contact, text) == (expected or text).replace("{}", NAME_REMOVED)


def test_an_organisations_own_name_is_not_masked() -> None:
    """A contact named like the organisation, or part of its name, is not taken for a person."""
    assert told("Wilko Johnson", "for Wilko Johnson", "Wilko Johnson Ltd") == "for Wilko Johnson"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Contact: Brian Brown 020 7946 0000", f"Contact: {NAME_REMOVED} {TELEPHONE_REMOVED}"),
        ("contact Mrs Jane A. Smith (j@x.uk)", f"contact {NAME_REMOVED} ({EMAIL_REMOVED})"),
        ("contact the Procurement Team on 020 7946 0000", f"contact the Procurement Team on {TELEPHONE_REMOVED}"),
        ("contact MultiQuote on 020 7946 0000.", f"contact MultiQuote on {TELEPHONE_REMOVED}."),
    ],
)
def test_a_name_between_a_cue_and_a_masked_number_is_masked(text: str, expected: str) -> None:
    """Where prose itself introduces a person with a number or address, the name goes with it."""
    assert prose(text) == expected


def test_counts_tell_what_was_taken_out() -> None:
    """The counts are those of contact points, addresses, numbers and names."""
    text = "Jane Smith, j@x.uk or k@x.uk, 020 7946 0000"
    release = {"contactPoint": {"name": "Jane Smith"}, "description": text, "url": "mailto:j@x.uk"}

    assert clean(json.dumps(release).encode()) == Cleaned(
        json.dumps(
            {
                "description": f"{NAME_REMOVED}, {EMAIL_REMOVED} or {EMAIL_REMOVED}, {TELEPHONE_REMOVED}",
                "url": EMAIL_REMOVED,
            },
            separators=(",", ":"),
        ).encode(),
        contacts_removed=1,
        emails_masked=3,
        telephones_masked=1,
        names_masked=1,
    )


@pytest.mark.parametrize(
    "number",
    ["1e9999", "0.10", "-0.0", "1E5", "12345678901234567890.12", "1" * 30, "-" + "9" * 25, "7" * 5000, "0"],
)
def test_numbers_stay_numbers_to_the_last_digit(number: str) -> None:
    """No number is rounded, written otherwise or turned into text."""
    assert clean(f'{{"amount": {number}, "z": 1}}'.encode()).line == f'{{"amount":{number},"z":1}}'.encode()


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (rb'{"t": "a\u0000b"}', rb'{"t":"a\u0000b"}'),
        (rb'{"t": "a\ud800b", "\udfff": [1.50]}', rb'{"t":"a\ud800b","\udfff":[1.50]}'),
        (b'\xef\xbb\xbf{"t": 1}\r\n', b'{"t":1}'),
        (b'{"t": "a\tb\nc"}', rb'{"t":"a\tb\nc"}'),
        (b'{"t": NaN, "u": -Infinity}', b'{"t":"NaN","u":"-Infinity"}'),
        (b'{"b": 1, "a": {"d": [], "c": null}}', b'{"b":1,"a":{"d":[],"c":null}}'),
        ('{"t": "Â£5 â€¢ £"}'.encode(), '{"t":"Â£5 â€¢ £"}'.encode()),
        (b"[]", b"[]"),
        (b'"j@x.uk or so"', b'"[e-mail removed] or so"'),
    ],
)
def test_oddities_become_one_line_of_valid_json(body: bytes, line: bytes) -> None:
    """Escapes, key order and mojibake stay; what readers refuse is written so that they accept it."""
    assert clean(body).line == line


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON"),
        (b'{"description": "j@x.uk', "not JSON"),
        (b'{"amount": 000}', "not JSON"),
        (b'{"description": "secret\x92s"}', "not UTF-8"),
        (b"[" * 100_000, "nested"),
        (b"[" * 100_000 + b"]" * 100_000, "nested"),
        (b"[" * 400 + b"]" * 400, "nested"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested"),
        (b'{"contactPointName":' * 500 + b"1" + b"}" * 500, "nested"),
    ],
)
def test_what_cannot_be_read_leaves_only_hash_length_and_reason(body: bytes, reason: str) -> None:
    """The error names hash, length and reason, and holds nothing of the body."""
    with pytest.raises(Unreadable, match=reason) as caught:
        clean(body)

    assert caught.value.length == len(body)
    assert len(caught.value.sha256) == 64
    assert "secret" not in str(caught.value)
    assert "j@x" not in str(caught.value)
    assert caught.value.__cause__ is None


@given(st.binary(max_size=200))
@settings(max_examples=200)
def test_any_bytes_are_cleaned_or_unreadable(body: bytes) -> None:
    """No other exception leaves the function, and a line holds no line end."""
    try:
        line = clean(body).line
    except Unreadable:
        return

    assert b"\n" not in line


PIECES = st.sampled_from(
    [
        *TELEPHONES, "j@x.uk", "a.b@c.d.org", "@", "(at)", "Tel", "call ", "ref ", "0", "00", "+", "44", "2022",
        " ", "-",
        "/", ".", "x12", "Jane Smith", "contact ",
    ]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=30), st.lists(PIECES, max_size=8).map("".join))
KEYS = st.sampled_from(["id", "description", "contactPoint", "name", "url", "streetAddress", "date", "x"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            KEYS | st.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)  # fmt: skip


@given(VALUES)
@example({"description": "a@b.com02079460000 Tel Tel 123456 123456"})
@settings(max_examples=300)
def test_cleaning_twice_is_cleaning_once(release: object) -> None:
    """A cleaned line, cleaned again, is the same bytes, and nothing is counted."""
    once = clean(json.dumps(release).encode())

    assert clean(once.line) == Cleaned(once.line, 0, 0, 0, 0)


@given(st.lists(st.decimals(allow_nan=False, allow_infinity=False).map(str) | st.integers().map(str)))
@settings(max_examples=200)
def test_every_number_keeps_its_exact_value(numbers: list[str]) -> None:
    """Numbers of any size and precision are equal before and after."""
    body = f'{{"description": [{",".join(numbers)}]}}'
    after = json.loads(clean(body.encode()).line, parse_float=Decimal, parse_int=Decimal)

    assert after["description"] == [Decimal(number) for number in numbers]


@pytest.mark.parametrize(
    "text",
    [
        "a" * 2_000_000,
        "a." * 1_000_000,
        "@" * 1_000_000,
        "a@" * 500_000,
        "a@" + "b." * 500_000,
        "1 " * 500_000,
        "0" * 1_000_000,
        "020 7946 000 " * 100_000,
        "Jane " * 300_000,
        "(((((" * 300_000,
        "https://" + "1" * 1_000_000,
    ],
    ids=lambda text: text[:8],
)
def test_a_huge_text_costs_time_in_proportion(text: str) -> None:
    """Texts made to slow a search down are cleaned without getting stuck: the whole test would outlast any patience."""
    release = {"contactPoint": {"name": "Jane Jane"}, "description": text}

    assert clean(json.dumps(release).encode()).contacts_removed == 1


def real_releases() -> list[dict[str, Any]]:
    """Read the real releases of Contracts Finder and Find a Tender, or skip."""
    folder = SHARED / "contracts_finder"
    if not folder.is_dir():
        pytest.skip("the shared folder with real notices is not there")
    found: list[dict[str, Any]] = []
    for path in sorted(folder.glob("package_*.json.gz")):
        found += json.loads(gzip.decompress(path.read_bytes()))["releases"]
    for path in [*folder.glob("*.jsonl.gz"), SHARED / "find_a_tender" / "releases.jsonl.gz"]:
        found += [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    return found


def without_contacts(value: object) -> object:
    """Drop contact points and put masks for the placeholders, by plain replacement: an independent cleaning."""
    if isinstance(value, dict):
        return {key: without_contacts(item) for key, item in value.items() if key != "contactPoint"}
    if isinstance(value, list):
        return [without_contacts(item) for item in value]
    if isinstance(value, str):
        return value.replace(PLACEHOLDERS[1], EMAIL_REMOVED).replace(PLACEHOLDERS[2], TELEPHONE_REMOVED)
    return value


def test_real_notices_lose_their_contacts_and_nothing_else() -> None:
    """Real releases come out as they went in, key by key, but for contact points and the placeholders in prose."""
    releases = real_releases()
    after = [cleaned(release) for release in releases]
    text = json.dumps(after)

    assert len(releases) > 200
    assert after == [without_contacts(release) for release in releases]
    assert [name for name in PLACEHOLDERS if name in text] == []
    assert "contactPoint" not in text

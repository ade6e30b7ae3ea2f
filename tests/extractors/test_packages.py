"""A package is taken apart without losing a release, whatever is in it."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.packages import Package, Release, Unreadable, UnreadablePackage, split


def release(number: int, **more: Any) -> bytes:
    """Return a made-up release, with brackets and quotation marks in its text and nested objects."""
    return json.dumps(
        {
            "ocid": f"ocds-b5fd17-{number}",
            "id": f"{number}-1",
            "date": "2026-09-03T10:00:00+01:00",
            "tag": ["award"],
            "tender": {"title": f'Lot {number}: "walls]}}, {{"', "items": [{"id": "1"}, {"id": [1, 2]}]},
            "awards": [{"value": {"amount": 12.5}}, {"ocid": "nested"}],
            **more,
        },
        ensure_ascii=False,
    ).encode()


def package(*releases: bytes, links: bytes = b'{"next": "https://example.gov.uk/next"}') -> bytes:
    """Return the body of a package."""
    return b'{"uri": "x", "releases": [' + b", ".join(releases) + b'], "links": ' + links + b"}"


GOOD = [release(number) for number in range(3)]


def test_releases_arrive_as_served_with_their_ids() -> None:
    """Releases keep their bytes and their order, with their ids beside them."""
    found = split(package(*GOOD))

    assert found.releases == [Release(f"ocds-b5fd17-{n}", f"{n}-1", GOOD[n]) for n in range(3)]
    assert (found.unreadable, found.repaired) == ([], [])
    assert found.next_url == "https://example.gov.uk/next"


@pytest.mark.parametrize(
    "links", [b"null", b"{}", b"[]", b'""', b'{"next": ""}', b'{"next": null}', b'{"next": 5}', b'{"next": ["x"]}']
)
@pytest.mark.parametrize("spoiler", [b"1", b"NaN"])
def test_a_next_link_that_is_no_text_is_the_end(links: bytes, spoiler: bytes) -> None:
    """A missing, empty or non-text next link means that no page follows, on either path."""
    found = split(package(*GOOD, b'{"ocid": "z", "x": ' + spoiler + b"}", links=links))

    assert found.next_url is None


def test_no_links_at_all_is_the_end() -> None:
    """A package without links is the last one."""
    assert split(b'{"releases": []}') == Package([], [], None, [])


# What a release may hold, and whether it survives.
ODDITIES = {
    "1e9999 is valid": (release(9, n=1).replace(b'"n": 1', b'"n": 1e9999'), True),
    "a number of 5,000 digits": (release(9, n=1).replace(b'"n": 1', b'"n": ' + b"7" * 5000), True),
    "leading zeros": (release(9, n=1).replace(b'"n": 1', b'"n": 000, "m": -007.50'), True),
    "half a surrogate pair": (release(9, n="x").replace(b'"x"', rb'"\ud83d"'), True),
    "half a surrogate pair as ocid": (release(9).replace(b"ocds-b5fd17-9", rb"\ud83d"), True),
    "an escaped NUL": (release(9, n="x").replace(b'"x"', rb'"\u0000"'), True),
    "a raw NUL in a text": (release(9, n="x").replace(b'"x"', b'"\x00"'), True),
    "a raw line break in a text": (release(9, n="x").replace(b'"x"', b'"a\r\nb\tc"'), True),
    "a Windows-1252 byte": (release(9, n="x").replace(b'"x"', b'"Buyer\x92s"'), True),
    "a byte that is nothing in Windows-1252": (release(9, n="x").replace(b'"x"', b'"\x81"'), True),
    "NaN": (release(9, n=1).replace(b'"n": 1', b'"n": NaN'), False),
    "Infinity": (release(9, n=1).replace(b'"n": 1', b'"n": -Infinity'), False),
    "garbage": (release(9, n=1).replace(b'"n": 1', b'"n": <br>'), False),
    "a NUL outside a text": (release(9, n=1).replace(b'"n": 1', b'"n": \x00 1'), False),
    "depth 100,000": (release(9, n=1).replace(b'"n": 1', b'"n": ' + b"[" * 100_000 + b"]" * 100_000), False),
    "no closing brace": (release(9)[:-1], False),
    "one bracket too many": (release(9, n=1).replace(b'"n": 1', b'"n": [1]]'), False),
    "no closing quotation mark": (release(9, n="x").replace(b'"x"', b'"x'), False),
    "an unescaped quotation mark": (release(9, n="x").replace(b'"x"', b'"6" pipe"'), False),
    "cut in its middle": (release(9)[:120], False),
    "null": (b"null", False),
    "a number": (b"7", False),
    "a text": (b'"x"', False),
    "a list": (b"[1, {}]", False),
}


@pytest.mark.parametrize("place", [0, 1, 3], ids=["first", "between", "last"])
@pytest.mark.parametrize("oddity", ODDITIES)
def test_an_odd_release_costs_no_other(oddity: str, place: int) -> None:
    """Releases in = releases + unreadable: an odd release is kept or set aside, and all others arrive untouched."""
    odd, survives = ODDITIES[oddity]
    served = [*GOOD[:place], odd, *GOOD[place:]]
    body = package(*served)

    found = split(body)

    assert len(found.releases) + len(found.unreadable) == len(served)
    assert [r.body for r in found.releases if r.body in GOOD] == GOOD
    assert len(found.unreadable) == (0 if survives else 1)
    assert found.next_url == "https://example.gov.uk/next"
    for kept in found.releases:
        json.loads(kept.body, parse_int=str)
    for lost in found.unreadable:
        assert body[lost.offset : lost.offset + lost.length] == odd
        assert lost.reason


@pytest.mark.parametrize(
    ("served", "kept"),
    [
        (b'{"ocid": "a", "n": [000, -007.50, 0.0, 10, 1e05]}', b'{"ocid": "a", "n": [0, -7.50, 0.0, 10, 1e05]}'),
        (b'{"ocid": "a", "n": 000, "ref": "no 007, 000"}', b'{"ocid": "a", "n": 0, "ref": "no 007, 000"}'),
        (b'{"ocid": "a", "n": "x\x00\x1f"}', rb'{"ocid": "a", "n": "x\u0000\u001f"}'),
        (
            b'{"ocid": "a", "n": "\xc2\xa35 and \x9c5 \x81"}',
            b'{"ocid": "a", "n": "\xc2\xa35 and \xc5\x935 \xc2\x81"}',
        ),
    ],
)
def test_a_repair_changes_nothing_else_and_is_noted(served: bytes, kept: bytes) -> None:
    """Only the broken number, character or byte is mended; text around it stays, and each repair leaves a note."""
    found = split(package(GOOD[0], served, GOOD[1]))

    assert [r.body for r in found.releases] == [GOOD[0], kept, GOOD[1]]
    assert found.repaired


@pytest.mark.parametrize(
    ("number", "kept", "notes"),
    [
        (b"1e9999", b"1e9999", 0),
        (b"9999999", b"9999999", 0),
        (b"000", b"0", 1),
        (b"-007", b"-7", 1),
        (b"00.5", b"0.5", 1),
    ],
)
def test_numbers_of_find_a_tender_are_kept_or_repaired(number: bytes, kept: bytes, notes: int) -> None:
    """``1e9999`` is valid and passes; leading zeros go, with a note; a number in a text, an id and a time stay."""
    shape = (
        b'{"ocid": "ocds-h6vhtk-06f19e", "id": "083608-2026", "date": "2026-09-03T16:12:41+01:00", "tag": ["tender"], '
        b'"tender": {"description": "up to 000, or 007,", "lotDetails": {"maximumLotsBidPerSupplier": %b, '
        b'"maximumLotsAwardedPerSupplier": 2}, "value": {"amount": 0.01, "amountGross": 120000.00}}}'
    )
    found = split(package(GOOD[0], shape % number, GOOD[1]))

    assert [one.body for one in found.releases] == [GOOD[0], shape % kept, GOOD[1]]
    assert found.releases[1].release_id == "083608-2026"
    assert [note.partition(" at byte")[0] for note in found.repaired] == ["leading zeros removed from a number"] * notes


def test_text_garbled_before_publication_stays_garbled() -> None:
    """Mojibake of the publisher's own is kept as published, without a note."""
    garbled = release(1, title="KÃ¤rcher â€¢ House")

    assert split(package(garbled)) == Package(
        [Release("ocds-b5fd17-1", "1-1", garbled)], [], split(package()).next_url, []
    )


def test_a_byte_order_mark_is_removed() -> None:
    """A byte order mark does no harm, and places count from the start of the body as served."""
    body = b"\xef\xbb\xbf" + package(GOOD[0], b"{]}", GOOD[1])

    found = split(body)

    assert [r.body for r in found.releases] == GOOD[:2]
    assert body[found.unreadable[0].offset :].startswith(b"{]}")


def test_two_lists_of_releases_are_both_read() -> None:
    """A name given twice does not hide the first list."""
    body = b'{"releases": [' + GOOD[0] + b'], "releases": [' + GOOD[1] + b"]}"

    assert [r.body for r in split(body).releases] == GOOD[:2]


def test_several_broken_releases_in_a_row_are_told_apart() -> None:
    """Neighbours that are both broken are set aside one by one."""
    bad = [release(8)[:-1], release(9, n="x").replace(b'"x"', b'"x'), b'{"ocid": "q", "n": NaN}']

    found = split(package(GOOD[0], *bad, GOOD[1]))

    assert [r.body for r in found.releases] == GOOD[:2]
    assert len(found.unreadable) == 3


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"<html></html>",
        b'{"releases": null}',
        b'{"releases": {"0": {}}}',
        b'{"releases": "x"}',
        b'{"links": {"next": "x"}}',
        b'{"releases": []} {"releases": []}',
        b'{"releases": [], "links": {"next": tru}}',
        '{"releases": []}'.encode("utf-16"),
        package(*GOOD)[:-1],
        package(*GOOD)[:-40],
        package(*GOOD)[:700],
        package(*GOOD)[:60],
        b"\x00" * 100,
        b"[" * 100_000,
        b'{"releases": [' * 20_000,
    ],
    ids=lambda body: repr(body[:24]),
)
def test_a_body_that_is_no_whole_package_is_refused(body: bytes) -> None:
    """What is no package, or is cut short, is refused: how many releases are missing cannot be told."""
    with pytest.raises(UnreadablePackage):
        split(body)


def test_texts_of_releases_are_not_printed() -> None:
    """A release's text, which may name persons, does not show where the objects are printed."""
    shown = repr(split(package(release(1, title="Jane Doe"), b'{"name": "Jane Doe", "n": NaN}')))

    assert "Jane" not in shown
    assert "ocds-b5fd17-1" in shown


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
BODIES = st.dictionaries(st.text(max_size=6), JSON, max_size=5)


@settings(max_examples=150, derandomize=True)
@given(st.lists(BODIES, max_size=6), st.booleans(), st.sampled_from([None, " ", "\n", "\t"]))
def test_any_valid_package_comes_apart_into_its_releases(
    releases: list[Any], escaped: bool, indent: str | None
) -> None:
    """Whatever valid JSON the releases are, they come out equal and in order."""
    body = json.dumps({"releases": releases, "links": {}}, ensure_ascii=escaped, indent=indent)

    found = split(body.encode("utf-8", "surrogatepass"))

    assert [json.loads(r.body) for r in found.releases] == [json.loads(json.dumps(r)) for r in releases]
    assert found.unreadable == []


@settings(max_examples=500, derandomize=True)
@given(st.data())
def test_one_damaged_release_never_costs_another(data: st.DataObject) -> None:
    """Bytes changed, lost or added within one release leave every other one as it was, and nothing uncounted."""
    served = [release(number) for number in range(4)]
    which = data.draw(st.integers(0, 3))
    place = data.draw(st.integers(0, len(served[which]) - 1))
    cut = data.draw(st.integers(0, 20))
    added = data.draw(st.text('{}[]",:\\ x01', max_size=1) | st.binary(max_size=1))
    raw = added if isinstance(added, bytes) else added.encode()
    damaged = served[which][:place] + raw + served[which][place + cut :]

    found = split(package(*[damaged if n == which else body for n, body in enumerate(served)]))

    others = [body for number, body in enumerate(served) if number != which]
    assert [r.body for r in found.releases if r.body in others] == others
    assert len(found.releases) + len(found.unreadable) >= (4 if damaged.strip(b" ,") else 3)
    assert found.next_url == "https://example.gov.uk/next"


@settings(max_examples=300, derandomize=True)
@given(st.binary(max_size=200) | st.text('{}[]",:releas \\0NaN', max_size=200).map(str.encode))
def test_any_bytes_either_come_apart_or_are_refused(noise: bytes) -> None:
    """Nothing but ``UnreadablePackage`` is ever raised."""
    for body in (noise, package(noise), b'{"releases": [' + noise):
        try:
            found = split(body)
        except UnreadablePackage:
            continue

        assert all(isinstance(lost, Unreadable) for lost in found.unreadable)


@pytest.mark.parametrize("name", ["package_2022-10-22.json.gz", "package_2022-10-19_limit5.json.gz"])
def test_a_real_page_comes_apart_whole(shared: Path, name: str) -> None:
    """Every release of a real page arrives, with the link to the next page."""
    body = gzip.decompress((shared / "data" / "contracts_finder" / name).read_bytes())
    told = json.loads(body)

    found = split(body)

    assert [(r.ocid, r.release_id) for r in found.releases] == [(r["ocid"], r["id"]) for r in told["releases"]]
    assert [json.loads(r.body) for r in found.releases] == told["releases"]
    assert found.next_url == told["links"]["next"]

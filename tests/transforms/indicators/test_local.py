"""Local awards, at every distance, and whose head office is local, too."""

import itertools
from typing import Any

import polars as pl
import pytest

from tests.transforms.indicators.told import award, every_engine_agrees, figure, measured, named, said, shares
from transforms.indicators import local
from transforms.indicators.share import Indicator

HERE: dict[str, Any] = {
    "is_local_authority": True,
    "is_local_county": True,
    "is_local_statutory": True,
    "is_local_region": True,
}
NEAR = HERE | {"is_local_authority": False}
RING = NEAR | {"is_local_county": False}
REGION = RING | {"is_local_statutory": False}
FAR = REGION | {"is_local_region": False}
NOTHING: dict[str, Any] = dict.fromkeys(HERE)

UK, ABROAD = {"is_uk": True}, {"is_uk": False}

PLACES: dict[str, dict[str, Any]] = {
    "own_area": HERE | UK,
    "county": NEAR | UK,
    "statutory": RING | UK,
    "region": REGION | UK,
    "uk": FAR | UK,
    "abroad": FAR | ABROAD,
}
"""One place for each part of where awards went."""


def one_of(indicator_id: str) -> Indicator:
    """Return a local indicator."""
    return named(local.INDICATORS, indicator_id)


@pytest.mark.parametrize("one", local.INDICATORS, ids=lambda one: one.indicator_id)
def test_only_buyers_with_an_area_of_their_own_are_in_scope(one: Indicator) -> None:
    """A department, a body of which nothing is known, and a council: the last alone is asked."""
    rows = [HERE | UK | {"local_scope": scope} for scope in ("not_applicable", None, "in_scope")]

    assert [scope for scope, _ in said(one, *rows)] == [False, False, True]


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("L1", "is_local_authority"),
        ("L2", "is_local_authority"),
        ("L3.county", "is_local_county"),
        ("L3.county_count", "is_local_county"),
        ("L3.statutory", "is_local_statutory"),
        ("L3.statutory_count", "is_local_statutory"),
        ("L3.region", "is_local_region"),
        ("L3.region_count", "is_local_region"),
        ("L3.uk", "is_uk"),
        ("L3.uk_count", "is_uk"),
        ("L6", "is_head_office_local"),
        ("L6.count", "is_head_office_local"),
    ],
)
def test_the_answer_is_what_is_known_of_the_place(name: str, column: str) -> None:
    """Yes, no and not known stay what they are: what is not known never becomes a no."""
    rows = [
        {"local_scope": "in_scope", "is_local_authority": True} | {column: answer} for answer in (True, False, None)
    ]

    assert [answer for _, answer in said(one_of(name), *rows)] == [True, False, None]


@pytest.mark.parametrize("name", ["L3.statutory", "L3.statutory_count"])
@pytest.mark.parametrize(
    ("region", "expected"), [("E12000007", True), ("W92000004", False), ("S92000003", False), (None, True)]
)
def test_the_order_of_2026_speaks_of_english_buyers(name: str, region: str | None, expected: bool) -> None:
    """A council in Wales is outside the denominator, not a council of which it is not known."""
    assert said(one_of(name), {"local_scope": "in_scope", "buyer_region_code": region})[0][0] is expected


@pytest.mark.parametrize("part", local.WHERE_AWARDS_WENT, ids=lambda one: one.indicator_id)
@pytest.mark.parametrize("place", PLACES)
def test_every_known_place_falls_into_one_part(part: Indicator, place: str) -> None:
    """The part that holds it answers yes, every other one no."""
    ((_, answer),) = said(part, PLACES[place] | {"buyer_region_code": "E12000007"})

    assert answer is (part.indicator_id == f"L4.{place}")


UNKNOWN: tuple[dict[str, Any], ...] = (
    NOTHING,
    NOTHING | UK,
    NEAR | {"is_local_county": None} | UK,
    RING | {"is_local_statutory": None} | UK,
    REGION | {"is_local_region": None} | UK,
    FAR | {"is_uk": None},
)
"""Places of which it is not known into which part they fall."""


@pytest.mark.parametrize("place", UNKNOWN)
def test_what_is_not_known_falls_into_no_part(place: dict[str, Any]) -> None:
    """Every part answers that it is not known, so that all have the same coverage."""
    rows = place | {"buyer_region_code": "E12000007"}

    assert [said(part, rows)[0][1] for part in local.WHERE_AWARDS_WENT] == [None] * 6


def test_a_buyer_outside_england_lacks_one_part() -> None:
    """In Wales nothing lies in the area that could be reserved to, and the rest of the region is known all the same."""
    row = REGION | UK | {"is_local_statutory": None, "buyer_region_code": "W92000004"}

    assert [said(part, row)[0][1] for part in local.WHERE_AWARDS_WENT] == [False, False, False, True, False, False]


MIXTURES: list[dict[str, Any]] = [
    {
        **dict(zip((*HERE, "is_uk"), mixture, strict=True)),
        "buyer_region_code": region,
        "local_scope": scope,
        "is_head_office_local": office,
    }
    for mixture in itertools.product((True, False, None), repeat=5)
    for region, scope, office in (("E12000007", "in_scope", True), ("W92000004", "in_scope", None), (None, None, False))
]
"""Every mixture of yes, no and not known."""


@pytest.mark.parametrize("one", local.INDICATORS, ids=lambda one: one.indicator_id)
def test_every_engine_reads_the_text_alike(one: Indicator) -> None:
    """An analyst who puts scope and answer into a query gets the answers that the figures are made of."""
    assert every_engine_agrees(one, *MIXTURES)


def test_no_line_falls_into_two_parts_whatever_is_known() -> None:
    """Over every mixture of yes, no and not known: one yes and five noes, or six times not known."""
    answers = [[answer for _, answer in said(part, *MIXTURES)] for part in local.WHERE_AWARDS_WENT]

    for of_row in zip(*answers, strict=True):
        assert sorted(map(str, of_row)) in (["False"] * 5 + ["True"], ["None"] * 6)


def test_the_parts_add_up_to_what_is_known() -> None:
    """Of £1,500 one part of each size, and £400 of which nothing is known: the six shares add up to one."""
    awards = [award(number, f"{100 * number}.00", place) for number, place in enumerate(PLACES.values(), 1)]
    awards = [*awards[:5], award(6, "400.00", NOTHING), award(7, None, PLACES["abroad"])]
    values = measured(local.WHERE_AWARDS_WENT, awards)
    rows = [figure(values, one.indicator_id) for one in local.WHERE_AWARDS_WENT]

    assert [row["numerator"] for row in rows] == [100.0, 200.0, 300.0, 400.0, 500.0, 0.0]
    assert sum(row["known_share"] for row in rows) == pytest.approx(1)
    assert [row["coverage_share"] for row in rows] == pytest.approx([1500 / 1900] * 6)
    assert {(row["n"], row["n_excluded"]) for row in rows} == {(6, 1)}


def test_a_nearer_area_never_holds_more_than_the_next_but_for_the_ring() -> None:
    """Own area, county and region are nested; what is inside the area of the Order may be outside the region."""
    awards = [award(number, "100.00", place) for number, place in enumerate(PLACES.values(), 1)]
    across = award(7, "100.00", RING | UK | {"is_local_region": False})
    values = measured(local.INDICATORS, [*awards, across])
    known = {name: shares(values, name)[0] for name in ("L1", "L3.county", "L3.statutory", "L3.region", "L3.uk")}

    assert known == pytest.approx(
        {"L1": 1 / 7, "L3.county": 2 / 7, "L3.statutory": 4 / 7, "L3.region": 4 / 7, "L3.uk": 6 / 7}
    )
    assert known["L1"] <= known["L3.county"] <= known["L3.region"] <= known["L3.uk"]


def test_a_council_whose_awards_are_known_by_hand() -> None:
    """£800 in scope: yes £100 and half of £200, no £300 and the other half, not known £200."""
    awards = [
        award(1, "100.00", HERE),
        award(2, "300.00", FAR),
        award(3, "100.00", NOTHING),
        award(4, "200.00", HERE, FAR),
        award(5, "100.00"),
        award(6, None, HERE),
        award(7, "5000.00", HERE, is_core=False),
        award(8, "5000.00", HERE, local_scope="not_applicable", buyer_kind="central", buyer_area_code=None),
    ]
    values = measured(local.INDICATORS, awards)
    value, count = figure(values, "L1"), figure(values, "L2")

    assert shares(values, "L1") == pytest.approx([200 / 600, 100 / 800, 500 / 800, 600 / 800])
    assert (value["n"], value["n_excluded"], value["priced_share"]) == (5, 1, pytest.approx(5 / 6))
    assert shares(values, "L2") == pytest.approx([2.5 / 4, 2 / 6, 5 / 6, 4 / 6])
    assert (count["numerator"], count["denominator"], count["n"]) == (2.5, 6.0, 6)
    assert shares(values, "L1", "county", "E13000001") == shares(values, "L1")
    assert shares(values, "L1", "england", "England") == shares(values, "L1")


AWARDS = (
    award(1, "100.00", HERE | {"is_head_office_local": True}),
    award(2, "300.00", HERE | {"is_head_office_local": False}),
    award(3, "400.00", HERE | {"is_head_office_local": None}),  # No register tells its head office.
    award(4, "200.00", HERE | {"is_head_office_local": True}, HERE | {"is_head_office_local": False}),
    award(5, "1000.00", HERE | {"is_head_office_local": True}, FAR | {"is_head_office_local": True}),
    award(6, "1000.00", FAR | {"is_head_office_local": True}),
    award(7, "1000.00", NOTHING | {"is_head_office_local": True}),
    award(8, None, HERE | {"is_head_office_local": True}),
)


def test_head_offices_of_local_suppliers_by_hand() -> None:
    """Of £1,000 to local addresses: inside £100 and half of £200, outside £300 and the other half, unknown £400."""
    values = measured(local.INDICATORS, AWARDS)
    value, count = figure(values, "L6"), figure(values, "L6.count")

    assert (value["numerator"], value["denominator"]) == (200.0, 1000.0)
    assert shares(values, "L6") == pytest.approx([200 / 600, 100 / 1000, 700 / 1000, 0.6])
    assert (value["n"], value["n_excluded"]) == (4, 1)
    assert (count["n"], count["known_share"]) == (5, pytest.approx(2.5 / 4))


def test_an_award_shared_with_an_address_elsewhere_is_out_of_scope() -> None:
    """Only awards all of whose suppliers are local are asked for their head office."""
    values = measured(local.INDICATORS, AWARDS[4:7])

    assert values.filter(pl.col("indicator_id").str.starts_with("L6") & (pl.col("grain") != "england")).is_empty()


def test_every_definition_has_its_code_and_value_and_number_share_a_question() -> None:
    """L1 to L4 and L6 are there, each once."""
    codes = [one.indicator_id for one in local.INDICATORS]
    questions = {(one.in_scope, one.answer) for one in local.INDICATORS}

    assert len(set(codes)) == len(codes) == 18
    assert {code[:2] for code in codes} == {"L1", "L2", "L3", "L4", "L6"}
    assert len(questions) == 12


@pytest.mark.parametrize("one", local.INDICATORS, ids=lambda one: one.indicator_id)
def test_the_methodology_is_complete_and_neutral(one: Indicator) -> None:
    """Each says how it is worked out, what is left out and assumed, of published awards, with what bounds cover."""
    headings = [text for text in one.methodology.splitlines() if text in ("Methodology", "Excluded", "Assumed")]

    assert headings == ["Methodology", "Excluded", "Assumed"]
    assert "published awards" in one.methodology
    assert "missing information only" in one.methodology
    assert not {"{", "}"} & set(one.methodology)
    assert all(word not in f"{one.title} {one.methodology}".lower() for word in ("leak", "non-local", "exposure"))

"""How much goes to voluntary organisations: figures worked out by hand, in every reading."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.transforms.indicators.told import award, every_engine_agrees, figure, measured, named, said, shares
from transforms.indicators import voluntary
from transforms.indicators.share import Indicator


def line(number: int, status: str | None, kind: str | None = None, **told: Any) -> list[dict[str, Any]]:
    """Return an award of £100 to one supplier of this status and kind, with an address in the buyer's own area."""
    known = {"vcse_status": status, "vcse_type": kind, "is_quasi_public": None if status == "unknown" else False}
    return award(number, "100.00", {"is_local_authority": True} | known | told)


def share_of(indicator_id: str, *awards: list[dict[str, Any]]) -> tuple[float | None, float, float, float]:
    """Return what is known, low, high and covered of the buyer's awards."""
    known, low, high, covered = shares(measured([named(voluntary.INDICATORS, indicator_id)], awards), indicator_id)
    return known, low, high, covered


@pytest.mark.parametrize(
    ("status", "kind", "told", "strict", "broad", "apart"),
    [
        ("yes", "registered_charity", {}, True, True, False),
        ("yes", "registered_charity", {"vcse_declared": False}, True, True, False),
        ("possible", "guarantee_company", {}, False, True, False),
        ("possible", "cooperative", {}, False, True, False),
        ("possible", "mutual", {}, False, True, False),
        ("possible", "guarantee_company_unchecked", {"is_quasi_public": None}, None, True, None),
        ("possible", "name_only", {"is_quasi_public": None}, None, True, None),
        ("possible", "number_not_found", {"is_quasi_public": None}, None, True, None),
        ("possible", "formerly_registered", {}, None, True, False),
        ("no", "share_company", {}, False, False, False),
        ("records_disagree", "share_company", {"vcse_declared": True}, None, None, False),
        ("no", "university", {"is_quasi_public": True}, False, False, True),
        ("records_disagree", "university", {"is_quasi_public": True, "vcse_declared": True}, False, False, True),
        ("unknown", None, {}, None, None, None),
        ("unknown", None, {"vcse_declared": False}, None, None, None),
        ("unknown", None, {"vcse_declared": True}, None, True, None),
        (None, None, {"is_quasi_public": None, "vcse_declared": True}, None, None, None),
    ],
)
def test_what_counts_in_each_reading(
    status: str | None,
    kind: str | None,
    told: Mapping[str, Any],
    strict: bool | None,
    broad: bool | None,
    apart: bool | None,
) -> None:
    """Each status and kind is yes, no or not known in the strict reading, in the broad one, and as a body set apart."""
    asked = [named(voluntary.INDICATORS, f"O1.{reading}") for reading in ("strict", "broad", "quasi_public")]
    values = measured(asked, [line(1, status, kind, **told)])
    known = [
        figure(values, f"O1.{reading}", "all", "all")["known_share"] for reading in ("strict", "broad", "quasi_public")
    ]

    assert known == [None if answer is None else float(answer) for answer in (strict, broad, apart)]


AWARDS = (
    line(1, "yes", "registered_charity", income_band="under_100k", vcse_declared=False),
    line(2, "yes", "cic", is_local_authority=False),
    line(3, "possible", "guarantee_company"),
    line(4, "no", "share_company", is_local_authority=None, vcse_declared=True),
    line(5, "unknown", is_local_authority=False),
    line(6, "unknown", vcse_declared=True),
    line(7, "records_disagree", "partnership", vcse_declared=True),
    line(8, "no", "housing_association", is_quasi_public=True),
)


@pytest.mark.parametrize("indicator_id", ["O1.strict", "O2.strict"])
def test_the_strict_share(indicator_id: str) -> None:
    """Two yes, three no, three not known of eight: 2 of 5, between 2 of 8 and 5 of 8."""
    assert share_of(indicator_id, *AWARDS) == pytest.approx((2 / 5, 2 / 8, 5 / 8, 5 / 8))


@pytest.mark.parametrize("indicator_id", ["O1.broad", "O2.broad"])
def test_the_broad_share(indicator_id: str) -> None:
    """With the guarantee company and the uncontradicted tick: four yes, two no, two not known."""
    assert share_of(indicator_id, *AWARDS) == pytest.approx((4 / 6, 4 / 8, 6 / 8, 6 / 8))


@pytest.mark.parametrize("indicator_id", ["O1.declared", "O2.declared"])
def test_the_declared_share_asks_no_register(indicator_id: str) -> None:
    """Three ticks, one negative, four without."""
    assert share_of(indicator_id, *AWARDS) == pytest.approx((3 / 4, 3 / 8, 7 / 8, 4 / 8))


@pytest.mark.parametrize("indicator_id", ["O1.quasi_public", "O2.quasi_public"])
def test_bodies_set_apart_have_a_share_of_their_own(indicator_id: str) -> None:
    """One of the six awards whose supplier's kind is known."""
    assert share_of(indicator_id, *AWARDS) == pytest.approx((1 / 6, 1 / 8, 3 / 8, 6 / 8))


@pytest.mark.parametrize("indicator_id", ["O3", "O3.count"])
def test_the_local_share_needs_one_no_or_both_yes(indicator_id: str) -> None:
    """One is local and voluntary; elsewhere, or no voluntary organisation, is a no; the ticked two are not known."""
    assert share_of(indicator_id, *AWARDS) == pytest.approx((1 / 6, 1 / 8, 3 / 8, 6 / 8))


def test_for_a_department_local_has_no_meaning() -> None:
    """A department's awards are in the share of voluntary organisations, and in no local one."""
    nowhere = {"buyer_area_code": None, "local_scope": "not_applicable"}
    values = measured(voluntary.INDICATORS, [line(1, "yes", "cic", buyer_id="dft", buyer_kind="central", **nowhere)])

    assert figure(values, "O1.strict", "all", "all")["known_share"] == 1.0
    assert values.filter(values["indicator_id"].str.contains("^O[38]") & (values["n"] > 0)).is_empty()


def test_an_award_shared_by_a_charity_and_a_firm() -> None:
    """Half of it counts in the middle, none below, all above."""
    charity = {"vcse_status": "yes", "vcse_type": "registered_charity", "is_quasi_public": False}
    firm = {"vcse_status": "no", "vcse_type": "share_company", "is_quasi_public": False}
    shared = award(1, "200.00", charity, firm)

    assert share_of("O1.strict", shared) == pytest.approx((1 / 2, 0, 1, 1))


@pytest.mark.parametrize("indicator_id", ["O6", "O6.count"])
def test_small_firms_are_what_the_notice_marks(indicator_id: str) -> None:
    """Of three awards one is marked as small, one as large, one not at all."""
    awards = [line(number, "unknown", scale_declared=scale) for number, scale in enumerate(("sme", "large", None))]

    assert share_of(indicator_id, *awards) == pytest.approx((1 / 2, 1 / 3, 2 / 3, 2 / 3))


SIZES = (
    line(1, "yes", "registered_charity", income_band="under_100k"),
    line(2, "yes", "registered_charity", income_band="over_10m"),
    line(3, "yes", "cic"),
    line(4, "no", "share_company"),
    line(5, "unknown"),
    line(6, "no", "university", is_quasi_public=True, income_band="over_10m"),
)


KINDS = (("yes", "cic"), ("possible", "guarantee_company"), ("unknown", None), ("records_disagree", "partnership"))


@pytest.mark.parametrize(
    ("band", "known", "low", "high"),
    [
        ("under_100k", 1 / 5, 1 / 6, 2 / 6),
        ("100k_to_1m", 0, 0, 1 / 6),
        ("1m_to_10m", 0, 0, 1 / 6),
        ("over_10m", 1 / 5, 1 / 6, 2 / 6),
        ("income_unknown", 1 / 5, 1 / 6, 2 / 6),
    ],
)
@pytest.mark.parametrize("suffix", ["", "_count"])
def test_awards_by_the_income_of_voluntary_organisations(
    band: str, known: float, low: float, high: float, suffix: str
) -> None:
    """A voluntary organisation without a known income is of none of the sizes, but of the unknown income."""
    assert share_of(f"O9.{band}{suffix}", *SIZES)[:3] == pytest.approx((known, low, high))


@pytest.mark.parametrize(("suffix", "whole"), [("", "O1.strict"), ("_count", "O2.strict")])
def test_the_sizes_add_up_to_the_strict_share(suffix: str, whole: str) -> None:
    """The sizes and the unknown income together are what went to voluntary organisations, in sum and in share."""
    doubtful = line(9, "possible", "name_only", is_quasi_public=None, income_band="over_10m")
    more = [line(10 + number, *told) for number, told in enumerate(KINDS)]
    values = measured(voluntary.INDICATORS, [*SIZES, *more, doubtful])
    parts = [figure(values, f"O9.{band}{suffix}", "all", "all") for band in voluntary.BANDS]
    strict = figure(values, whole, "all", "all")

    assert sum(part["numerator"] for part in parts) == strict["numerator"]
    assert sum(part["known_share"] for part in parts) == pytest.approx(strict["known_share"])
    assert {part["coverage_share"] for part in parts} == {strict["coverage_share"]}


STATUSES = ("yes", "possible", "no", "unknown", "records_disagree", None)
TYPES = ("registered_charity", "guarantee_company", "cooperative", "name_only", "formerly_registered", None)
EVERY = [
    {"vcse_status": status, "vcse_type": kind, "is_quasi_public": apart, "vcse_declared": declared,
     "is_local_authority": local, "income_band": band, "local_scope": "in_scope", "suitable_vcse": True,
     "is_people_services": True, "scale_declared": None}
    for status in STATUSES
    for kind in TYPES
    for apart in (True, False, None)
    for declared in (True, None)
    for local, band in ((True, "under_100k"), (False, None), (None, "over_10m"))
]  # fmt: skip
"""Suppliers of every kind, whatever is known of them."""


@pytest.mark.parametrize("one", voluntary.INDICATORS, ids=lambda one: one.indicator_id)
def test_every_engine_reads_the_text_alike(one: Indicator) -> None:
    """An analyst who puts scope and answer into a query gets the answers that the figures are made of."""
    assert every_engine_agrees(one, *EVERY)


@pytest.mark.parametrize("indicator_id", ["O5", "O5.broad"])
def test_awards_marked_as_suitable_are_asked_who_won_them(indicator_id: str) -> None:
    """Of four awards two are marked; one of these went to a charity, of the other it is not known."""
    awards = [
        line(1, "yes", "registered_charity", suitable_vcse=True),
        line(2, "unknown", suitable_vcse=True),
        line(3, "yes", "registered_charity", suitable_vcse=False),
        line(4, "yes", "registered_charity", suitable_vcse=None),
    ]

    assert share_of(indicator_id, *awards) == pytest.approx((1, 1 / 2, 1, 1 / 2))


def test_the_gap_is_wider_in_the_strict_reading() -> None:
    """A company limited by guarantee is a no by law, and may be one in the broad reading."""
    row = {"vcse_status": "possible", "vcse_type": "guarantee_company", "suitable_vcse": True}

    assert [said(named(voluntary.INDICATORS, name), row)[0][1] for name in ("O5", "O5.broad")] == [False, True]


@pytest.mark.parametrize("indicator_id", ["O8", "O8.count"])
def test_people_services_of_local_voluntary_organisations(indicator_id: str) -> None:
    """Of five awards four are of people services: one local and voluntary, one elsewhere, one a firm, one not known."""
    people: dict[str, Any] = {"is_people_services": True}
    awards = [
        line(1, "yes", "registered_charity", **people),
        line(2, "yes", "registered_charity", is_local_authority=False, **people),
        line(3, "no", "share_company", is_local_authority=None, **people),
        line(4, "unknown", **people),
        line(5, "yes", "registered_charity", is_people_services=False),
        line(6, "yes", "registered_charity", is_people_services=None),
    ]

    assert share_of(indicator_id, *awards) == pytest.approx((1 / 3, 1 / 4, 2 / 4, 3 / 4))


def test_no_shares_are_said_to_add_up_that_do_not() -> None:
    """The share of bodies set apart and the strict one rest on different awards, and the text says so."""
    methodology = {one.indicator_id: one.methodology for one in voluntary.INDICATORS}["O1.quasi_public"]

    assert "Added to the strict share" not in methodology
    assert "are not to be added" in methodology


def test_each_indicator_has_its_own_code_and_question() -> None:
    """No two have one code, and value and number of one question share one tally."""
    codes = [one.indicator_id for one in voluntary.INDICATORS]
    questions = {(one.in_scope, one.answer) for one in voluntary.INDICATORS}

    assert len(set(codes)) == len(codes) == 26
    assert len(questions) == 14


@pytest.mark.parametrize("one", voluntary.INDICATORS, ids=lambda one: one.indicator_id)
def test_the_methodology_is_complete_and_neutral(one: Indicator) -> None:
    """Each says how it is worked out, what is left out and assumed, of published awards, with what bounds cover."""
    headings = [text for text in one.methodology.splitlines() if text in ("Methodology", "Excluded", "Assumed")]

    assert headings == ["Methodology", "Excluded", "Assumed"]
    assert "published awards" in one.methodology
    assert "missing information only" in one.methodology
    assert "voluntary-sector share" not in f"{one.title} {one.methodology}".lower()

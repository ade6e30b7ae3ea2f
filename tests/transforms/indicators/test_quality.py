"""How much of what the figures rest on is known."""

import datetime as dt
from typing import Any

import pytest

from tests.transforms.indicators.told import award, every_engine_agrees, figure, measured, named, said, shares
from transforms.indicators import quality
from transforms.indicators.share import Indicator

SHARES = [one for one in quality.INDICATORS if one.is_share]


@pytest.mark.parametrize("one", SHARES, ids=lambda one: one.indicator_id)
def test_the_answer_is_never_unknown(one: Indicator) -> None:
    """Of a line of which nothing at all is known the answer is no."""
    ((_, answer),) = said(one, {})

    assert answer is False


@pytest.mark.parametrize(
    ("name", "row", "answer"),
    [
        ("Q1", {"supplier_area_code": "E09000016", "is_uk": True}, True),
        ("Q1", {"supplier_area_code": None, "is_uk": False}, True),
        ("Q1", {"supplier_area_code": "JE", "is_uk": False}, True),
        ("Q1", {"supplier_area_code": None, "is_uk": True, "location_basis": "notice_region"}, False),
        ("Q1", {"supplier_area_code": None, "is_uk": None}, False),
        ("Q2", {"has_org_id": True}, True),
        ("Q2", {"has_org_id": False}, False),
        ("Q2", {"has_org_id": None}, False),
        ("Q2.kind", {"vcse_status": "yes"}, True),
        ("Q2.kind", {"vcse_status": "no"}, True),
        ("Q2.kind", {"is_quasi_public": True}, True),
        ("Q2.kind", {"vcse_status": "possible", "vcse_type": "guarantee_company"}, True),
        ("Q2.kind", {"vcse_status": "possible", "vcse_type": "name_only"}, False),
        ("Q2.kind", {"vcse_status": "records_disagree"}, False),
        ("Q2.kind", {"vcse_status": "unknown", "vcse_declared": True}, False),
        ("Q3", {"value_status": "ok"}, True),
        ("Q3", {"value_status": "placeholder"}, False),
        ("Q3", {"value_status": "missing"}, False),
        ("Q4", {"buyer_kind": "council"}, True),
        ("Q4", {"buyer_kind": "portal"}, True),
        ("Q4", {"buyer_kind": "other_local"}, True),
        ("Q4", {"buyer_kind": "other"}, False),
        ("Q4", {"buyer_kind": None}, False),
        ("Q5", {"bids": 1}, True),
        ("Q5", {"bids": 0}, True),
        ("Q5", {"bids": None}, False),
    ],
)
def test_what_is_known_and_what_is_not(name: str, row: dict[str, Any], answer: bool) -> None:
    """Each asks for one thing, and takes what is not known for a no."""
    assert said(named(quality.INDICATORS, name), row) == [(True, answer)]


@pytest.mark.parametrize("name", ["Q1", "Q2", "Q2.kind", "Q3", "Q4", "Q5"])
@pytest.mark.parametrize("source", ["contracts-finder", "find-a-tender"])
def test_each_service_has_a_figure_of_its_own(name: str, source: str) -> None:
    """The same answer, of the awards on one service."""
    whole, part = named(quality.INDICATORS, name), named(quality.INDICATORS, f"{name}.{source}")
    rows: list[dict[str, Any]] = [{"source": "contracts-finder"}, {"source": "find-a-tender"}, {"source": None}]

    assert part.answer == whole.answer
    assert [scope for scope, _ in said(part, *rows)] == [row["source"] == source for row in rows]
    assert "buyer" not in part.grains


@pytest.mark.parametrize("one", SHARES, ids=lambda one: one.indicator_id)
def test_every_engine_reads_the_text_alike(one: Indicator) -> None:
    """An analyst who puts scope and answer into a query gets the answers that the figures are made of."""
    rows = [
        {"source": source, "supplier_area_code": area, "is_uk": flag, "has_org_id": flag, "is_quasi_public": flag,
         "vcse_status": status, "vcse_type": "mutual" if area else None, "value_status": "ok" if area else None,
         "buyer_kind": kind, "bids": bids}
        for source in ("find-a-tender", "contracts-finder", None)
        for area in ("E09000016", None)
        for flag in (True, False, None)
        for status in ("yes", "possible", "unknown", None)
        for kind, bids in (("council", 0), ("other", 3), (None, None))
    ]  # fmt: skip

    assert every_engine_agrees(one, *rows)


def noon(year: int, month: int, day: int) -> dt.datetime:
    """Return the noon of a day."""
    return dt.datetime(year, month, day, 12, tzinfo=dt.UTC)


AWARDS = (
    award(1, "100.00", {"supplier_area_code": "E09000016", "has_org_id": True}, published_at=noon(2025, 1, 20)),
    award(2, None, {"is_uk": False}, published_at=noon(2025, 3, 15), source="contracts-finder"),
    award(
        3, "100.00", {"has_org_id": True}, {"supplier_area_code": "E07000105"}, published_at=noon(2025, 1, 15), bids=3
    ),
    award(4, "100.00", published_at=noon(2025, 1, 1)),
)


def test_the_scoreboard_by_hand() -> None:
    """Four awards, one of them shared: half of it in the middle, none below, all above; nothing is left open."""
    values = measured(quality.INDICATORS, AWARDS)

    assert shares(values, "Q1") == pytest.approx([2.5 / 4, 2 / 4, 3 / 4, 1])
    assert shares(values, "Q2") == pytest.approx([1.5 / 4, 1 / 4, 2 / 4, 1])
    assert shares(values, "Q3") == pytest.approx([3 / 4, 3 / 4, 3 / 4, 1])
    assert shares(values, "Q3.contracts-finder") == pytest.approx([0, 0, 0, 1])
    assert shares(values, "Q3.find-a-tender") == pytest.approx([1, 1, 1, 1])
    assert shares(values, "Q4", "all", "all") == pytest.approx([1, 1, 1, 1])
    assert shares(values, "Q5") == pytest.approx([1 / 4, 1 / 4, 1 / 4, 1])


def test_days_from_award_to_publication() -> None:
    """Five days, 59 and none: five in the middle. An award published before its date is left out and counted."""
    values = measured(quality.INDICATORS, AWARDS)
    row = figure(values, "Q5.lag")

    assert (row["value"], row["n"], row["n_excluded"]) == (5.0, 3, 1)
    assert figure(values, "Q5.lag.contracts-finder", "all", "all")["value"] == 59.0
    assert figure(values, "Q5.lag.find-a-tender", "all", "all")["value"] == 2.5


def test_what_is_outside_the_core_is_not_looked_at() -> None:
    """A ceiling and an award told twice are in no figure."""
    values = measured(quality.INDICATORS, [*AWARDS, award(9, "1.00", is_core=False, published_at=noon(2026, 1, 1))])

    assert figure(values, "Q3")["n"] == 4
    assert figure(values, "Q5.lag")["value"] == 5.0


@pytest.mark.parametrize("one", quality.INDICATORS, ids=lambda one: one.indicator_id)
def test_the_methodology_is_complete(one: Indicator) -> None:
    """Each says how it is worked out, what is left out and assumed; its title names the service it is of."""
    headings = [text for text in one.methodology.splitlines() if text in ("Methodology", "Excluded", "Assumed")]
    service = quality.SOURCES.get(one.indicator_id.rpartition(".")[2])

    assert headings == ["Methodology", "Excluded", "Assumed"]
    assert "published awards" in one.methodology
    assert not {"{", "}"} & set(one.methodology)
    assert service is None or service in one.title

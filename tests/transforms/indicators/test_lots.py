"""How often tenders are divided into lots."""

import pytest

from tests.transforms.indicators.told import every_engine_agrees, figure, measured, said, shares, tender
from transforms.indicators import lots

(B1,) = lots.INDICATORS


@pytest.mark.parametrize(("count", "answer"), [(0, False), (1, False), (2, True), (40, True), (None, None)])
def test_two_lots_are_lots(count: int | None, answer: bool | None) -> None:
    """One lot is none; where the notice tells of no lots it is not known."""
    assert said(B1, tender(1, lots=count)) == [(True, answer)]


@pytest.mark.parametrize("source", ["contracts-finder", None])
def test_contracts_finder_has_no_place_for_lots(source: str | None) -> None:
    """Its tenders are outside the denominator: nothing would ever be known of them."""
    assert said(B1, tender(1, source=source)) == [(False, None)]


def test_every_engine_reads_the_text_alike() -> None:
    """An analyst who puts scope and answer into a query gets the answers that the figure is made of."""
    rows = [tender(1, source=source, lots=count) for source in ("find-a-tender", None) for count in (0, 1, 2, None)]

    assert every_engine_agrees(B1, *rows)


def test_the_share_by_hand() -> None:
    """Of four tenders on Find a Tender one has lots, one has none, of two it is not known."""
    tenders = [
        tender(1, lots=3),
        tender(2, lots=1),
        tender(3),
        tender(4),
        tender(5, source="contracts-finder"),
        tender(6, lots=2, buyer_id="nhs", buyer_kind="health", buyer_area_code=None),
    ]
    values = measured(lots.INDICATORS, tenders=tenders)

    assert shares(values, "B1") == pytest.approx([1 / 2, 1 / 4, 3 / 4, 2 / 4])
    assert shares(values, "B1", "all", "all") == pytest.approx([2 / 3, 2 / 5, 4 / 5, 3 / 5])
    assert figure(values, "B1", "england", "England")["n"] == 4


def test_england_has_a_row_where_nothing_is_known() -> None:
    """A period in which councils tendered on Contracts Finder alone has n = 0 and nulls."""
    row = figure(measured(lots.INDICATORS, tenders=[tender(1, source="contracts-finder")]), "B1", "england", "England")

    assert (row["n"], row["value"], row["denominator"], row["priced_share"]) == (0, None, None, None)

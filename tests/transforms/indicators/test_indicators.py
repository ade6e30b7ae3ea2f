"""What is published in words about the indicators."""

from typing import Any

import pytest

from transforms import indicators
from transforms.indicators import INDICATORS, share, slices
from warehouse import schema


def test_the_catalogue_holds_every_indicator() -> None:
    """Every registered indicator is in the catalogue once, with the columns of its table."""
    catalogue = indicators.catalogue()

    assert catalogue.columns == list(schema.frame_schema("indicator"))
    assert catalogue["indicator_id"].to_list() == [one.indicator_id for one in INDICATORS]
    assert catalogue["indicator_id"].is_unique().all()
    assert {"L1", "L2", "O1.declared", "O2.declared", "M1", "M1.value", "M2", "M3", "M6", "M6.value"} <= set(
        catalogue["indicator_id"]
    )


@pytest.mark.parametrize("one", INDICATORS, ids=lambda one: one.indicator_id)
def test_every_indicator_publishes_its_methodology(one: share.Indicator) -> None:
    """Each says how it is worked out, what is left out, what is assumed, and that notices are what it speaks of."""
    assert [line for line in one.methodology.splitlines() if line in ("Methodology", "Excluded", "Assumed")] == [
        "Methodology",
        "Excluded",
        "Assumed",
    ]
    assert "published" in one.methodology
    assert one.unit in share.UNITS
    assert set(one.grains) <= {*slices.GRAINS, "group"}


@pytest.mark.parametrize("one", INDICATORS, ids=lambda one: one.indicator_id)
@pytest.mark.parametrize(
    "word", ["non-local", "leak", "contested", "exposure", "voluntary-sector share", " live contract", " live award"]
)
def test_words_that_judge_are_not_used(one: share.Indicator, word: str) -> None:
    """Titles and methodology keep to neutral words."""
    assert word not in f"{one.title} {one.methodology}".lower()


def test_a_declared_mark_is_called_that() -> None:
    """The declared figures are of awards that the notice marks; those by register and law never say so."""
    voluntary = {one.indicator_id: one.title for one in INDICATORS if one.indicator_id.startswith("O")}
    declared = {title for name, title in voluntary.items() if name.endswith(".declared")}
    marked = {name for name, title in voluntary.items() if "the notice marks" in title}

    assert all(title.startswith("Awards that the notice marks as going to a VCSE") for title in declared)
    assert marked == {"O1.declared", "O2.declared", "O6", "O6.count"}


def test_an_unknown_unit_is_refused() -> None:
    """An indicator in a unit that no reader knows cannot be made."""
    with pytest.raises(ValueError, match="give one of"):
        share.indicator("X", version=1, title="", unit="euros", missing="")


SHARE = {
    "indicator_id": "L1",
    "value": 0.38,
    "known_share": 0.38,
    "low_share": 0.31,
    "high_share": 0.49,
    "coverage_share": 0.82,
    "n": 214,
    "n_excluded": 3,
}
COUNT = {"indicator_id": "M1", "value": 12.0, "value_low": 12.0, "value_high": 40.0, "n": 12, "n_excluded": 28}

POINTS = {
    "indicator_id": "M2",
    "value": 23.4,
    "value_low": 11.0,
    "value_high": 34.2,
    "coverage_share": 0.82,
    "n": 14,
}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (
            SHARE,
            "38 % (31–49 % depending on the awards whose place is not known; missing information only; "
            "214 awards, place known for 82 % of the value)",
        ),
        (
            SHARE | {"indicator_id": "O2.declared", "low_share": 0.305, "high_share": 0.491, "n": 1214},
            "38 % (30–50 % depending on the awards whose mark is not known; missing information only; "
            "1,214 awards, mark known for 82 % of the awards)",
        ),
        (
            SHARE | {"coverage_share": 0.79},
            "38 % (31–49 % depending on the awards whose place is not known; missing information only; "
            "214 awards, place known for 79 % of the value: to be read with care)",
        ),
        (
            SHARE | {"indicator_id": "B1"},
            "38 % (31–49 % depending on the procedures whose number of lots is not known; missing information only; "
            "214 procedures, number of lots known for 82 % of the procedures)",
        ),
        (
            COUNT | {"indicator_id": "E4", "value": 31.5, "n_excluded": 2},
            "32 days (12 procedures; 2 procedures without a known closing time left out)",
        ),
        (
            SHARE | {"coverage_share": 0.599},
            "too little is known for a figure: 214 awards, place known for 59 % of the value",
        ),
        (SHARE | {"n": 9}, "too little is known for a figure: 9 awards, place known for 82 % of the value"),
        (
            SHARE | {"n": 1, "known_share": None, "coverage_share": 0.0},
            "too little is known for a figure: 1 award, place known for 0 % of the value",
        ),
        (SHARE | {"n": 0, "coverage_share": None}, "too little is known for a figure: no awards"),
        (
            COUNT,
            "12 awards (12–40 depending on the awards without a credible amount; missing information only)",
        ),
        (COUNT | {"n_excluded": 0}, "12 awards"),
        (COUNT | {"value": None}, "too little is known for a figure: no awards"),
        (
            COUNT | {"indicator_id": "M6"},
            "12 ceilings (12–40 depending on the notices that only look like a ceiling; missing information only)",
        ),
        (COUNT | {"indicator_id": "M6", "value": None}, "too little is known for a figure: no ceilings"),
        (
            COUNT | {"indicator_id": "M6.value", "value": 4e9, "n_excluded": 1},
            "£4,000,000,000.00 (12 ceilings; 1 ceiling without a credible amount left out)",
        ),
        (COUNT | {"indicator_id": "M6.suppliers", "value": 1234.0, "n_excluded": 0}, "1,234 suppliers (12 ceilings)"),
        (
            COUNT | {"indicator_id": "M6.suppliers", "value": 1.0, "n": 1, "n_excluded": 2},
            "1 supplier (1 ceiling; 2 ceilings without a supplier named left out)",
        ),
        (
            POINTS,
            "+23 percentage points (+11 to +35 depending on the awards whose region is not known; "
            "missing information only; 14 awards in the smaller group, region known for at least 82 % of the value)",
        ),
        (
            POINTS | {"value": -3.0, "value_low": -12.5, "value_high": 4.2},
            "-3 percentage points (-13 to +5 depending on the awards whose region is not known; "
            "missing information only; 14 awards in the smaller group, region known for at least 82 % of the value)",
        ),
        (
            POINTS | {"indicator_id": "T1.L1", "denominator": 15.0},
            "+23 percentage points (+11 to +35 depending on the awards whose place is not known; "
            "missing information only; 14 awards of its own, 15 peers, place known for at least 82 %)",
        ),
        (
            POINTS | {"indicator_id": "T3.L1", "denominator": None},
            "+23 percentage points (+11 to +35 depending on the awards whose place is not known; "
            "missing information only; 14 awards in the year with fewer, place known for at least 82 %)",
        ),
        (
            POINTS | {"n": 9},
            "too little is known for a figure: 9 awards in the smaller group, "
            "region known for at least 82 % of the value",
        ),
        (
            POINTS | {"coverage_share": 0.59},
            "too little is known for a figure: 14 awards in the smaller group, "
            "region known for at least 59 % of the value",
        ),
        (
            POINTS | {"n": 0, "value": None, "coverage_share": None},
            "too little is known for a figure: no awards in one of the groups, or nothing known of them",
        ),
        (
            COUNT | {"indicator_id": "M1.value", "value": 1234567.5},
            "£1,234,567.50 (12 awards; 28 awards without a credible amount left out)",
        ),
    ],
)
def test_a_figure_is_said_with_its_bounds_or_not_at_all(row: dict[str, Any], words: str) -> None:
    """A sentence gives the figure, its bounds, what they cover, n and coverage; below 60 % or n = 10 no figure."""
    assert indicators.sentence(row) == words

"""Single bids, direct awards, reserved tenders and the light-touch rules."""

import datetime as dt
import gzip
import itertools
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.transforms.indicators.told import award, every_engine_agrees, figure, measured, named, said, shares, tender
from transforms import indicators, procedures, releases, values
from transforms.indicators import procedure
from transforms.indicators.lines import LINES
from transforms.indicators.share import Indicator


def one_of(indicator_id: str) -> Indicator:
    """Return an indicator of this family."""
    return named(procedure.INDICATORS, indicator_id)


COMPETED = {"source": "find-a-tender", "is_competitive": True}


@pytest.mark.parametrize("name", ["P1", "P1.value"])
@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (COMPETED | {"bids": 1}, (True, True)),
        (COMPETED | {"bids": 2}, (True, False)),
        (COMPETED | {"bids": 0}, (True, None)),
        (COMPETED | {"bids": None}, (True, None)),
        (COMPETED | {"is_competitive": False, "bids": 1}, (False, True)),
        (COMPETED | {"is_competitive": None, "bids": 1}, (False, True)),
        (COMPETED | {"source": "contracts-finder", "bids": None}, (False, None)),
    ],
)
def test_single_bids_are_of_competitions_on_find_a_tender(
    name: str, row: dict[str, Any], expected: tuple[bool, bool | None]
) -> None:
    """No bids beside an award are a mistake; direct awards, call-offs and Contracts Finder are out of scope."""
    assert said(one_of(name), row) == [expected]


def test_single_bids_are_told_at_wide_grains_only() -> None:
    """Too few notices of one buyer tell the number of bids."""
    assert set(one_of("P1").grains) == set(one_of("P1.value").grains) == {"all", "england", "region"}


def test_single_bids_by_hand() -> None:
    """Of four awards after a competition one had a single bid, two had more, of one it is not known."""
    awards = [
        award(1, "100.00", **COMPETED, bids=1),
        award(2, "200.00", **COMPETED, bids=4),
        award(3, "300.00", {}, {}, **COMPETED, bids=2),
        award(4, "400.00", **COMPETED),
        award(5, "500.00", source="find-a-tender", is_competitive=False, bids=1),
    ]
    values = measured(procedure.INDICATORS, awards)

    assert shares(values, "P1", "england", "England") == pytest.approx([1 / 3, 1 / 4, 2 / 4, 3 / 4])
    assert shares(values, "P1.value", "england", "England") == pytest.approx([1 / 6, 1 / 10, 5 / 10, 6 / 10])


@pytest.mark.parametrize("name", ["P3", "P3.value"])
@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"is_direct": True}, (True, True)),
        ({"is_direct": False}, (True, False)),
        ({"is_direct": None}, (True, None)),
        ({"is_direct": True, "is_call_off": False, "regime": "pa2023"}, (True, True)),
        ({"is_direct": True, "is_call_off": True}, (False, True)),
        ({"is_direct": True, "regime": "psr2023"}, (False, True)),
    ],
)
def test_direct_awards_leave_call_offs_and_health_services_apart(
    name: str, row: dict[str, Any], expected: tuple[bool, bool | None]
) -> None:
    """An award whose method is not named stays in scope, and is not known."""
    assert said(one_of(name), row) == [expected]


@pytest.mark.parametrize(
    ("row", "scope"),
    [
        ({"regime": "psr2023"}, True),
        ({"regime": "psr2023", "is_call_off": True}, False),
        ({"regime": "pcr2015"}, False),
        ({"regime": None}, False),
    ],
)
def test_health_services_have_a_figure_of_their_own(row: dict[str, Any], scope: bool) -> None:
    """Only notices that name the Provider Selection Regime are in it."""
    assert said(one_of("P3.health"), row | {"is_direct": True}) == [(scope, True)]


def test_no_award_is_in_both_figures_of_direct_awards() -> None:
    """Every award but a call-off is in one of the two, whatever its law."""
    rows = [{"regime": regime, "is_call_off": False} for regime in ("pa2023", "psr2023", "pcr2015", "other", None)]
    both = zip(said(one_of("P3"), *rows), said(one_of("P3.health"), *rows), strict=True)

    assert all(one[0] != other[0] for one, other in both)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"is_below_threshold": True, "is_reserved": True}, (True, True)),
        ({"is_below_threshold": True, "is_reserved": False}, (True, False)),
        ({"is_below_threshold": True, "is_reserved": None}, (True, None)),
        ({"is_below_threshold": False, "is_reserved": True}, (False, True)),
        ({"is_below_threshold": None, "is_reserved": True}, (False, True)),
        ({"is_below_threshold": True, "is_reserved": True, "source": "contracts-finder"}, (False, True)),
    ],
)
def test_reserved_tenders_are_asked_of_those_below_the_threshold(
    told: dict[str, Any], expected: tuple[bool, bool | None]
) -> None:
    """On Contracts Finder, where only yes can be told, a share would be of nothing but yes."""
    assert said(one_of("P5"), tender(1, **told)) == [expected]


def test_the_number_of_reserved_tenders_takes_in_contracts_finder() -> None:
    """Two are reserved, one of them by its words on Contracts Finder; at most three, for of one it is not known."""
    tenders = [
        tender(1, is_below_threshold=True, is_reserved=True),
        tender(2, is_below_threshold=True, is_reserved=False),
        tender(3, is_below_threshold=True, is_reserved=True, source="contracts-finder"),
        tender(4, is_below_threshold=True, source="contracts-finder"),
        tender(5, is_below_threshold=False, is_reserved=True),
    ]
    values = measured(procedure.INDICATORS, tenders=tenders)
    row = figure(values, "P5.number")

    assert (row["value"], row["value_low"], row["value_high"], row["denominator"]) == (2.0, 2.0, 3.0, 4.0)
    assert shares(values, "P5") == pytest.approx([1 / 2, 1 / 2, 1 / 2, 1])


def test_light_touch_by_hand() -> None:
    """£300,000 of £1.5m; £100,000 is not known. Nothing of it is at the threshold with VAT."""
    awards = [
        award(1, "300000.00", is_light_touch=True),
        award(2, "1100000.00", is_light_touch=False),
        award(3, "100000.00"),
        award(4, None, is_light_touch=True),
    ]
    values = measured(procedure.INDICATORS, awards)

    assert shares(values, "P7") == pytest.approx([3 / 14, 3 / 15, 4 / 15, 14 / 15])
    assert shares(values, "P7.count") == pytest.approx([2 / 3, 2 / 4, 3 / 4, 3 / 4])
    assert shares(values, "P7.above") == pytest.approx([0, 0, 0, 1])
    assert shares(values, "P7.above_count") == pytest.approx([0, 0, 1 / 2, 1 / 2])


@pytest.mark.parametrize("name", ["P7.above", "P7.above_count"])
@pytest.mark.parametrize(
    ("gross", "status", "answer"),
    [
        ("663540.00", "ok", True),
        ("663539.99", "ok", False),
        ("999999999.00", "placeholder", None),
        (None, "missing", None),
    ],
)
def test_the_threshold_of_light_touch_contracts_is_inclusive(
    name: str, gross: str | None, status: str, answer: bool | None
) -> None:
    """From £663,540 with VAT on; an amount that is not credible tells nothing."""
    row = {"is_light_touch": True, "value_status": status, "gross_gbp": None if gross is None else Decimal(gross)}

    assert said(one_of(name), row) == [(True, answer)]


def test_the_threshold_in_the_text_is_the_one_that_is_asked() -> None:
    """The latest threshold of the reference data stands in title, methodology and query."""
    one = one_of("P7.above")

    assert procedure.LIGHT_TOUCH_THRESHOLD == 663_540
    assert "£663,540" in one.title
    assert "£663,540" in one.methodology
    assert "663540" in one.answer


TOLD = (True, False, None)
AWARDS = [
    {"source": source, "is_competitive": flag, "is_direct": flag, "is_call_off": other, "is_light_touch": other,
     "bids": bids, "regime": regime, "value_status": "ok" if bids else None,
     "gross_gbp": None if bids is None else Decimal(663_539 + bids)}
    for source in ("find-a-tender", "contracts-finder", None)
    for flag, other in itertools.product(TOLD, TOLD)
    for bids in (0, 1, 7, None)
    for regime in ("psr2023", "pa2023", None)
]  # fmt: skip
TENDERS = [
    tender(1, source=source, is_below_threshold=below, is_reserved=reserved)
    for source in ("find-a-tender", "contracts-finder", None)
    for below, reserved in itertools.product(TOLD, TOLD)
]


@pytest.mark.parametrize("one", procedure.INDICATORS, ids=lambda one: one.indicator_id)
def test_every_engine_reads_the_text_alike(one: Indicator) -> None:
    """An analyst who puts scope and answer into a query gets the answers that the figures are made of."""
    assert every_engine_agrees(one, *(AWARDS if one.of == "award lines" else TENDERS))


@pytest.mark.parametrize("one", procedure.INDICATORS, ids=lambda one: one.indicator_id)
def test_the_methodology_is_complete(one: Indicator) -> None:
    """Each says how it is worked out, what is left out and assumed, and what bounds cover."""
    headings = [text for text in one.methodology.splitlines() if text in ("Methodology", "Excluded", "Assumed")]

    assert headings == ["Methodology", "Excluded", "Assumed"]
    assert "published" in one.methodology
    assert "missing information only" in one.methodology


@pytest.fixture(scope="module")
def real(shared: Path) -> tuple[list[dict[str, Any]], pl.DataFrame]:
    """Return the real award releases of Contracts Finder, the latest of each award, and their lines."""
    raw: list[bytes] = []
    for path in sorted((shared / "data" / "contracts_finder").glob("*.json*.gz")):
        text = gzip.decompress(path.read_bytes())
        lines = path.name.endswith(".jsonl.gz")
        raw += (
            [line for line in text.splitlines() if line.strip()]
            if lines
            else [json.dumps(release).encode() for release in json.loads(text)["releases"]]
        )
    latest: dict[str, dict[str, Any]] = {}
    for release in sorted(map(json.loads, raw), key=lambda release: (release["date"], release["id"])):
        latest |= {award["id"]: release for award in release.get("awards") or []}
    releases_read = [json.dumps(release).encode() for release in {one["id"]: one for one in latest.values()}.values()]
    told = releases.flatten("contracts-finder", [("file", releases_read)]).frames
    award = values.believe(told["award"]).unique("award_id", keep="last", maintain_order=True)
    said_of = procedures.described(told["procurement"]).unique("release_id")
    lines_told = award.join(said_of.select("release_id", "is_direct", "is_light_touch"), on="release_id").select(
        *("award_id", "source", "awarded_on", "is_core", "value_status", "amount_gbp", "tier", "is_direct"),
        "is_light_touch", is_call_off=pl.col("value_kind") == "call_off", weight=pl.lit(1.0), value_gbp="amount_gbp",
    )  # fmt: skip
    empty = pl.DataFrame(schema=dict(LINES))
    return list(latest.values()), pl.concat([empty, lines_told], how="diagonal_relaxed").select(empty.columns)


DIRECT = ("direct award", "single tender", "without prior publication", "without competition")
COMPETED_NAMES = ("open procedure", "restricted procedure", "competitive")


def test_direct_awards_of_real_notices_equal_a_plain_count(real: tuple[list[dict[str, Any]], pl.DataFrame]) -> None:
    """Read off the notices without any of our rules for methods: how many say direct, how many competed, the rest."""
    notices, lines = real
    core = lines.filter(pl.col("is_core").fill_null(value=False) & ~pl.col("is_call_off"))
    wanted = set(core["award_id"])
    yes = no = total = 0
    for release in notices:
        for told in release["awards"]:
            if told["id"] in wanted:
                name = (release["tender"].get("procurementMethodDetails") or "").lower()
                total += 1
                yes += any(phrase in name for phrase in DIRECT)
                no += any(phrase in name for phrase in COMPETED_NAMES)
    _, found = indicators.measure([lines], dt.date(2025, 3, 20), asked=[one_of("P3")])
    row = figure(pl.concat(found), "P3", "all", "all")

    assert total == row["n"] >= 50
    assert (row["numerator"], row["denominator"]) == (float(yes), float(total))
    assert row["known_share"] == pytest.approx(yes / (yes + no))
    assert (row["low_share"], row["high_share"]) == pytest.approx((yes / total, (total - no) / total))
    assert row["coverage_share"] == pytest.approx((yes + no) / total)

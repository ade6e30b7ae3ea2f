"""A made-up council whose every award is known by hand: each indicator equals the figure worked out on paper.

The figures stand in council_figures.csv, with how each was worked out; no code that mirrors the project's made them.
"""

import csv
import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from transforms import indicators
from transforms.indicators import INDICATORS
from transforms.indicators.lines import LINES, PROCEDURES
from warehouse import schema

FIGURES = Path(__file__).with_name("council_figures.csv")
NEWEST = dt.date(2025, 5, 20)
UNIT = 500_000
"""Pounds in a u of the figures."""

BUYER = "GB-LAE-HAV"
OWN, COUNTY, REGION = "E09000016", "E13000001", "E12000007"
OTHERS = tuple(f"E0800000{number}" for number in range(1, 9))
"""Eight other councils, outside the region: whom the council is compared with."""

AREA = pl.DataFrame(
    {
        "area_code": [OWN, *OTHERS],
        "county_code": [COUNTY, *("E11000001" for _ in OTHERS)],
        "region_code": [REGION, *("E12000002" for _ in OTHERS)],
    }
)
PEER = pl.DataFrame(
    [(OWN, code, rank, "simple") for rank, code in enumerate(OTHERS, start=1)],
    schema=["area_code", "peer_code", "rank", "model"],
    orient="row",
)

PLACES = ("is_local_authority", "is_local_county", "is_local_statutory", "is_local_region", "is_uk")
Line = dict[str, Any]


def supplier(name: str, near: str, area: str | None, status: str, kind: str | None = None, **told: Any) -> Line:
    """Return what a line says of its supplier; ``near`` is t, f or ? for each of ``PLACES``."""
    known = {"t": True, "f": False}
    return {
        "supplier_id": f"S-{name}",
        "supplier_area_code": area,
        "vcse_status": status,
        "vcse_type": kind,
        "has_org_id": True,
        "is_quasi_public": False,
        "is_strategic": False,
        **{place: known.get(letter) for place, letter in zip(PLACES, near, strict=True)},
        **told,
    }


A = supplier("A", "ttttt", OWN, "yes", "cic")
B = supplier("B", "ftttt", "E09000033", "yes", "registered_charity", is_quasi_public=True)
C = supplier("C", "fftft", "E07000072", "yes", "registered_charity", income_band="100k_to_1m")
D = supplier("D", "ffftt", "E09000001", "possible", "guarantee_company", has_org_id=False, candidate_group_id="K")
E = supplier("E", "fffft", "E08000035", "no", "company", is_strategic=True, group_id="G")
F = supplier("F", "ttttt", OWN, "yes", "cio", income_band="under_100k")
H = supplier("H", "ttttt", OWN, "yes", "registered_charity", income_band="1m_to_10m")
J = supplier("J", "ttttt", OWN, "yes", "registered_charity", income_band="over_10m")
N = supplier("N", "?????", None, "no", "company", is_strategic=True, group_id="G")
U = supplier("U", "?????", None, "unknown", has_org_id=False, is_quasi_public=None)
X = supplier("X", "fffff", None, "no", "company", has_org_id=False, candidate_group_id="K")
NOBODY: Line = {"has_org_id": False}
"""Suppliers: A, F, H and J are charities of the area; B is a university; C is a charity of the next county; D is a
company by guarantee of the region, which may belong to X, who is abroad; E and N are of one group on the list of
strategic suppliers; of U next to nothing is known, and of N not the place."""


def award(name: str, units: float | None, awarded_on: str, days: int | None, *lines: Line, **told: Any) -> list[Line]:
    """Return the lines of one award of the council, of so many u, published so many days after it."""
    on = dt.date.fromisoformat(awarded_on)
    published_on = on + dt.timedelta(days=-1 if days is None else days)
    pence = None if units is None else round(units * UNIT * 100)
    amount = None if pence is None else Decimal(pence) / 100
    suppliers = lines or (NOBODY,)
    count = len(suppliers)
    usual = {
        "award_id": name,
        "buyer_id": BUYER,
        "buyer_kind": "council",
        "buyer_area_code": OWN,
        "buyer_region_code": REGION,
        "awarded_on": on,
        "published_at": dt.datetime.combine(published_on, dt.time(12), dt.UTC),
        "status": "active",
        "is_core": True,
        "is_duplicate": False,
        "value_kind": "contract",
        "value_status": "missing" if amount is None else "ok",
        "tier": None if amount is None else "medium",
        "is_large_for_buyer": None if amount is None else False,
        "amount_gbp": amount,
        "gross_gbp": None if amount is None else amount * Decimal("1.2"),
        "supplier_count": len(lines),
        "weight": 1 / count,
        "local_scope": "in_scope",
        "is_call_off": False,
        "is_light_touch": False,
        "is_people_services": False,
        "suitable_vcse": False,
    }
    values = [None if pence is None else Decimal(pence // count + (at < pence % count)) / 100 for at in range(count)]
    return [{**usual, "value_gbp": part, **told, **line} for part, line in zip(values, suppliers, strict=True)]


def runs(first: str, last: str | None, units: float | None) -> dict[str, Any]:
    """Return when a contract runs, and its u a year."""
    return {
        "starts_on": dt.date.fromisoformat(first),
        "ends_on": None if last is None else dt.date.fromisoformat(last),
        "annualised_gbp": None if units is None else Decimal(round(units * UNIT * 100)) / 100,
    }


CF, FTS = {"source": "contracts-finder"}, {"source": "find-a-tender"}
COMPETED = {"is_competitive": True, "is_direct": False}
DIRECT = {"is_competitive": False, "is_direct": True}
CARE = {"is_people_services": True, "is_light_touch": True, "suitable_vcse": True}
YES, NO = {"vcse_declared": True}, {"vcse_declared": False}
SME, LARGE = {"scale_declared": "sme"}, {"scale_declared": "large"}

AWARDS = (
    award("a1", 1, "2024-05-10", 10, A | YES | SME | {"is_head_office_local": True}, tier="small",
          **CF, **COMPETED, **CARE, **runs("2024-06-01", "2025-05-31", 1)),
    award("a2", 2, "2024-08-01", 20, B | NO | LARGE, bids=1,
          **FTS, **DIRECT, **runs("2024-09-01", "2025-08-31", 2)),
    award("a3", 3, "2024-09-01", 30, C | YES | SME, E | NO | LARGE, bids=1,
          **FTS, **COMPETED, **CARE, **runs("2024-10-01", "2026-09-30", 1.5)),
    award("a4", 4, "2024-06-15", 40, is_light_touch=None, is_people_services=None,
          **CF, **runs("2024-07-01", "2026-06-30", 2)),
    award("a5", None, "2024-12-01", 50, F | SME | {"is_head_office_local": False}, bids=3,
          **FTS, **COMPETED, **CARE, **runs("2025-01-01", "2025-12-31", None)),
    award("a6", 200, "2024-07-01", 60, E | NO | LARGE, bids=2, tier="mega", is_mega=True, is_large_for_buyer=True,
          **FTS, **COMPETED, **runs("2024-08-01", "2034-07-31", 20)),
    award("a7", 6, "2024-06-20", 70, D, value_kind="call_off", is_call_off=True,
          **FTS, **runs("2024-07-01", None, None)),
    award("a8", 4, "2024-10-15", 80, X | NO | LARGE,
          **CF, **COMPETED, **runs("2024-11-01", "2025-10-31", 4)),
    award("a9", 10, "2024-12-15", 90, U | YES, tier="large", regime="psr2023", is_people_services=True,
          suitable_vcse=True, **FTS, **DIRECT, **runs("2025-01-01", "2026-12-31", 5)),
    award("a10", 9, "2025-01-15", 100, H | YES | SME, D | YES, U | SME, is_people_services=True, is_light_touch=None,
          **FTS, **COMPETED, **runs("2025-02-01", "2028-01-31", 3)),
    award("a11", 1, "2023-06-01", None, N | NO | SME, tier="small",
          **CF, **DIRECT, **runs("2023-07-01", "2024-06-30", 1)),
    award("a12", 2, "2023-06-20", 0, J, is_light_touch=None,
          **CF, **runs("2023-07-01", "2027-06-30", 0.5)),
)  # fmt: skip
"""The council's awards: a3 and a10 to several suppliers, a4 to nobody named, a5 without an amount, a6 a mega-contract,
a7 a call-off without a published end, a9 a health service, a11 a contract that has ended."""

BESIDE = (
    award("c1", 100, "2024-05-01", 1, A, is_core=False, value_kind="framework_ceiling", supplier_count=4, **FTS),
    award("c2", 40, "2024-05-01", 1, B, is_core=False, value_kind="suspected_ceiling", supplier_count=3, **CF),
    award("c3", None, "2024-05-01", 1, is_core=False, value_kind="dynamic_market", **FTS),
    award("c4", 100, "2024-05-01", 1, A, is_core=False, value_kind="framework_ceiling", is_duplicate=True, **CF),
    award("d1", 10, "2024-05-01", 1, A, is_core=False, is_duplicate=True, **CF),
    award("i1", 14, "2025-04-01", 1, A, is_core=False, status="intended", **FTS),
)
"""Outside the core: three ceilings and one told twice, a contract told twice, and an award that is only intended."""


def tender(number: int, **told: Any) -> Line:
    """Return a tender of the council."""
    usual = {"buyer_id": BUYER, "buyer_kind": "council", "buyer_area_code": OWN, "source": "find-a-tender"}
    rest = {"regime": "pa2023", "tendered_on": dt.date(2025, 3, 3), "weight": 1.0, "is_below_threshold": True}
    return {"procurement_id": f"p{number}", **usual, **rest, "is_competitive": True, **told}


TENDERS = (
    tender(1, announced_on=dt.date(2025, 2, 1), lots=3, days_open=30, is_below_threshold=False, is_reserved=False),
    tender(2, announced_on=dt.date(2025, 3, 3), lots=1, days_open=10, is_reserved=True),
    tender(3),
    tender(4, source="contracts-finder", regime=None, days_open=20),
    tender(5, regime="pcr2015", lots=1, days_open=5, is_competitive=False, is_reserved=False),
)
"""Tenders: p1 in lots and announced, p2 reserved, p3 of which little is known, p4 on Contracts Finder, p5 direct."""


def awards_of(place: int) -> Iterator[list[Line]]:
    """Return ten awards of £100 of another council: as many to its own charity as it is far in the list.

    The rest go to E. The fourth and the fifth made two more awards to nobody named, the seventh three, and the
    contracts of the eighth have no published end.
    """
    code = OTHERS[place - 1]
    own = supplier(f"P{place}", "ttttt", code, "yes", "registered_charity")
    buyer = {"buyer_id": f"other {place}", "buyer_area_code": code, "buyer_region_code": "E12000002"}
    for number in range(10 + {4: 2, 5: 2, 7: 3}.get(place, 0)):
        lines = [own if number < place else E] if number < 10 else []
        years = runs("2024-10-01", None if place == 8 else "2025-09-30", None if place == 8 else 100 / UNIT)
        yield award(f"o{place}-{number}", 100 / UNIT, "2024-09-15", 9, *lines, tier="below_threshold",
                    **FTS, **buyer, **years)  # fmt: skip


DEPARTMENT = award("x1", 1, "2024-09-15", 9, E, buyer_id="dft", buyer_kind="other", buyer_area_code=None,
                   buyer_region_code=None, local_scope="not_applicable", **FTS)  # fmt: skip


def grant(number: int, units: float, status: str, *, is_quasi_public: bool = False) -> dict[str, Any]:
    """Return a grant of the council."""
    return {
        "grant_id": f"360G-{number}", "buyer_id": BUYER, "buyer_area_code": OWN, "buyer_kind": "council",
        "recipient_vcse_status": status, "is_quasi_public": is_quasi_public, "awarded_on": dt.date(2024, 9, 1),
        "amount_gbp": Decimal(round(units * UNIT)),
    }  # fmt: skip


GRANTS = (grant(1, 1.25, "yes"), grant(2, 0.5, "unknown"), grant(3, 0.25, "yes", is_quasi_public=True))

AT = {
    "council": [("authority", OWN), ("buyer", BUYER), ("county", COUNTY), ("region", REGION)],
    "area": [("authority", OWN), ("county", COUNTY), ("region", REGION)],
    "authority": [("authority", OWN)],
    "region": [("region", REGION)],
    "england": [("england", "England")],
    "all": [("all", "all")],
    "group": [("group", "G")],
}
"""Where a figure stands: the council is the only one of its county and of its region, so that all of them agree."""

NUMBERS = ("value", "low", "high", "coverage", "priced", "numerator", "denominator", "n", "n_excluded")
COLUMNS = {"low": "value_low", "high": "value_high", "coverage": "coverage_share", "priced": "priced_share"}


def number(written: str) -> float | None:
    """Return a number of the table, such as 9.5/224, 20-50, 6u or nothing."""
    if not written:
        return None
    minuend, _, subtrahend = written.partition("-")
    if subtrahend:
        return float(fraction(minuend) - fraction(subtrahend))
    return float(fraction(written))


def fraction(written: str) -> Fraction:
    """Return a fraction exactly."""
    above, _, below = written.removesuffix("u").partition("/")
    return Fraction(above) / Fraction(below or "1") * (UNIT if written.endswith("u") else 1)


def figures() -> list[dict[str, str]]:
    """Return the rows of the table."""
    lines = FIGURES.read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


EXPECTED = figures()
BY_ID = {one.indicator_id: one for one in INDICATORS}


@pytest.fixture(scope="module", name="values")
def _values() -> dict[tuple[str, str, str, str], dict[str, Any]]:
    """Return every figure, by indicator, grain, slice and period."""
    made = [*AWARDS, *BESIDE, *(one for place in range(1, 9) for one in awards_of(place)), DEPARTMENT]
    _, found = indicators.measure(
        [pl.DataFrame([line for one in made for line in one], schema=dict(LINES))],
        NEWEST,
        area=AREA,
        procedures=[pl.DataFrame(TENDERS, schema=dict(PROCEDURES))],
        facts={
            "area": AREA,
            "peer": PEER,
            "grant_award": pl.DataFrame(GRANTS, schema=schema.frame_schema("grant_award"), orient="row"),
        },
    )
    rows = pl.concat(found).iter_rows(named=True)
    return {(row["indicator_id"], row["grain"], row["slice"], row["period"]): row for row in rows}


@pytest.mark.parametrize(
    "expected", EXPECTED, ids=lambda row: " ".join(filter(None, [row["indicator_id"], row["tier"]]))
)
def test_a_figure_equals_the_one_worked_out_by_hand(
    expected: dict[str, str], values: dict[tuple[str, str, str, str], dict[str, Any]]
) -> None:
    """Value, bounds, coverage, priced share, numerator, denominator, n and n_excluded, at each grain it stands at."""
    one = BY_ID[expected["indicator_id"]]
    told = [number(expected[column]) for column in NUMBERS]
    places = [(grain, slice_) for grain, slice_ in AT[expected["at"]] if grain in one.grains]

    assert places
    for grain, slice_ in places:
        size = f"|{expected['tier']}" if expected["tier"] else ""
        row = values[one.indicator_id, grain, slice_ + size, expected["period"]]
        found = [row[COLUMNS.get(column, column)] for column in NUMBERS]

        assert found == [None if cell is None else pytest.approx(cell, rel=1e-9, abs=1e-12) for cell in told], (
            grain,
            expected["how"],
        )
        if one.unit in ("share of value", "share of awards", "share of procedures"):
            shares = [row["known_share"], row["low_share"], row["high_share"]]
            assert shares == [row["value"], row["value_low"], row["value_high"]]


def test_every_indicator_has_a_figure_worked_out_by_hand() -> None:
    """Whoever registers an indicator works out by hand what it says of the made-up council."""
    assert {row["indicator_id"] for row in EXPECTED} == set(BY_ID)


def test_the_parts_of_where_awards_went_add_up_to_what_is_known() -> None:
    """In the table itself: six parts make up 224 of 242."""
    parts = [fraction(row["numerator"]) for row in EXPECTED if row["indicator_id"].startswith("L4.")]

    assert sum(parts) == 224 * UNIT

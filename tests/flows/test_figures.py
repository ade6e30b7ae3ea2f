"""Figures of real notices agree with a calculation that was made in another way, by dictionaries and fractions."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from extractors import made_up, made_up_find_a_tender
from extractors.windows import LONDON
from tests.flows.test_totals import FILES, Tables, collected, releases_of

Row = dict[str, Any]
Answer = bool | None


class Line(NamedTuple):
    """One supplier of an award, or nobody, with everything that is known of award, buyer, supplier and procurement."""

    award: Row
    line: Row
    buyer: Row
    area: Row
    supplier: Row
    procurement: Row


class Asked(NamedTuple):
    """A share: of value or of awards, for whom it is told, what is in scope and what is answered."""

    by_value: bool
    of_all: bool
    in_scope: Callable[[Line], bool]
    answer: Callable[[Line], Answer]


def has_area(one: Line) -> bool:
    """Tell whether the buyer has an area of its own."""
    return one.buyer.get("kind") in ("council", "combined_authority", "police", "fire") and bool(
        one.buyer.get("area_code")
    )


def voluntary(one: Line) -> Answer:
    """Tell whether a supplier is a voluntary organisation, by register and law."""
    status = one.line.get("vcse_status")
    if one.supplier.get("is_quasi_public") or status == "no":
        return False
    by_law_only = one.supplier.get("vcse_type") in ("guarantee_company", "exempt_company", "cooperative", "mutual")
    return {"yes": True, "possible": False if by_law_only else None}.get(status or "")


def may_be_voluntary(one: Line) -> Answer:
    """Tell whether a supplier is a voluntary organisation or may be one."""
    status = one.line.get("vcse_status")
    if one.supplier.get("is_quasi_public") or status == "no":
        return False
    if status in ("yes", "possible") or (status == "unknown" and one.line.get("vcse_declared")):
        return True
    return None


def both(first: Answer, second: Answer) -> Answer:
    """Say yes if both are so, no if either is not."""
    if first is False or second is False:
        return False
    return True if first and second else None


def small(one: Line) -> Answer:
    """Tell whether the notice marks a supplier as small."""
    scale = one.line.get("scale_declared")
    return None if scale is None else scale == "sme"


def told(name: str) -> Callable[[Line], Answer]:
    """Read the answer off a column of the award line."""
    return lambda one: one.line.get(name)


def in_order(one: Line) -> bool:
    """Tell whether the Order of 2026 may apply to the buyer."""
    return has_area(one) and one.area.get("nation") not in ("Wales", "Scotland", "Northern Ireland")


def everyone(_: Line) -> bool:
    """Take every award."""
    return True


def may_be_direct(one: Line) -> bool:
    """Leave out call-offs and health services."""
    return one.award["value_kind"] != "call_off" and one.procurement.get("regime") != "psr2023"


def pair(value: str, count: str, *rest: Any) -> dict[str, Asked]:
    """Return the share of value and the share of awards of one question."""
    return {value: Asked(True, *rest), count: Asked(False, *rest)}


SHARES: dict[str, Asked] = {
    **pair("L1", "L2", False, has_area, told("is_local_authority")),
    **pair("L3.county", "L3.county_count", False, has_area, told("is_local_county")),
    **pair("L3.statutory", "L3.statutory_count", False, in_order, told("is_local_statutory")),
    **pair("L3.region", "L3.region_count", False, has_area, told("is_local_region")),
    **pair("L3.uk", "L3.uk_count", False, has_area, told("is_uk")),
    **pair("O1.strict", "O2.strict", True, everyone, voluntary),
    **pair("O1.broad", "O2.broad", True, everyone, may_be_voluntary),
    **pair("O1.declared", "O2.declared", True, everyone, told("vcse_declared")),
    **pair("O1.quasi_public", "O2.quasi_public", True, everyone, lambda one: one.supplier.get("is_quasi_public")),
    **pair(
        "O3", "O3.count", False, has_area, lambda one: both(voluntary(one), one.line.get("is_local_authority"))
    ),
    **pair("O6", "O6.count", True, everyone, small),
    **pair("P3.value", "P3", True, may_be_direct, lambda one: one.procurement.get("is_direct")),
}  # fmt: skip

Cell = tuple[str, str, str, str]
"""Indicator, grain, slice and period."""


def lines(tables: Tables) -> Iterator[list[Line]]:
    """Return the core awards, each with its lines, or with the one of nobody."""
    found = {name: {row[key]: row for row in tables[name].to_dicts()} for name, key in
             (("buyer", "buyer_id"), ("area", "area_code"), ("supplier", "supplier_id"),
              ("procurement", "procurement_id"))}  # fmt: skip
    of_award = defaultdict(list)
    for row in tables["award_line"].to_dicts():
        of_award[row["award_id"]].append(row)
    for award in tables["award"].to_dicts():
        if award["is_core"]:
            buyer = found["buyer"].get(award["buyer_id"], {})
            area = found["area"].get(buyer.get("area_code"), {})
            procurement = found["procurement"].get(award["procurement_id"], {})
            yield [
                Line(award, line, buyer, area, found["supplier"].get(line.get("supplier_id"), {}), procurement)
                for line in of_award[award["award_id"]] or [{}]
            ]


def cells(one: Line, newest_on: date) -> list[tuple[str, str, str]]:
    """Return where an award is told: grain, slice and period."""
    buyer = one.buyer
    slices = [("all", "all"), ("buyer", one.award["buyer_id"]), ("authority", buyer.get("area_code"))]
    if buyer.get("kind") == "council" and (buyer.get("area_code") or "").startswith("E"):
        slices.append(("england", "England"))
    day = one.award["awarded_on"]
    quarter = day and (day.year, (day.month - 1) // 3 + 1)
    known = quarter and (2000, 1) <= quarter <= (newest_on.year, (newest_on.month - 1) // 3 + 1)
    periods = ["ALL", f"{quarter[0]}Q{quarter[1]}"] if known else ["ALL"]
    return [(grain, slice_, period) for grain, slice_ in slices if slice_ for period in periods]


class Sums:
    """What the awards of one cell add up to, exactly."""

    def __init__(self) -> None:
        self.yes = self.no = self.low = self.high = self.whole = Fraction(0)
        self.awards = self.priced = 0

    def add(self, award: list[Line], asked: Asked) -> None:
        """Add one award."""
        amount = award[0].award["amount_gbp"]
        is_priced = award[0].award["value_status"] == "ok" and amount is not None
        self.awards += 1
        self.priced += is_priced
        if asked.by_value and not is_priced:
            return
        whole = Fraction(amount) if asked.by_value else Fraction(1)
        answers = [asked.answer(one) for one in award]
        for one, answer in zip(award, answers, strict=True):
            part = Fraction(one.line.get("value_gbp") or amount or 0) if asked.by_value else Fraction(1, len(award))
            self.yes += part if answer is True else 0
            self.no += part if answer is False else 0
        self.whole += whole
        self.low += whole if all(answer is True for answer in answers) else 0
        self.high += 0 if all(answer is False for answer in answers) else whole

    def figure(self, *, by_value: bool) -> dict[str, Any]:
        """Return the figure that these sums make."""
        n = self.priced if by_value else self.awards
        known = self.yes + self.no
        return {
            "numerator": float(self.yes) if n else None,
            "denominator": float(self.whole) if n else None,
            "known_share": float(self.yes / known) if known else None,
            "low_share": float(self.low / self.whole) if self.whole else None,
            "high_share": float(self.high / self.whole) if self.whole else None,
            "coverage_share": float(known / self.whole) if self.whole else None,
            "priced_share": self.priced / self.awards,
            "n": n,
            "n_excluded": self.awards - self.priced if by_value else 0,
        }


def expected_shares(tables: Tables, newest_on: date) -> dict[Cell, dict[str, Any]]:
    """Work out every share of ``SHARES``, wherever there is an award in scope."""
    sums: dict[Cell, Sums] = defaultdict(Sums)
    for award in lines(tables):
        for name, asked in SHARES.items():
            if all(asked.in_scope(one) for one in award):
                for grain, slice_, period in cells(award[0], newest_on):
                    if grain != "all" or asked.of_all:
                        sums[name, grain, slice_, period].add(award, asked)
    return {cell: one.figure(by_value=SHARES[cell[0]].by_value) for cell, one in sums.items()}


def expected_sizes(tables: Tables, newest_on: date) -> dict[Cell, dict[str, Any]]:
    """Count the awards of each size, wherever there is one."""
    sizes: dict[tuple[str, str, str], Counter[str | None]] = defaultdict(Counter)
    for award in lines(tables):
        for cell in cells(award[0], newest_on):
            is_priced = award[0].award["value_status"] == "ok"
            sizes[cell][award[0].award["tier"] if is_priced else None] += 1
    return {
        ("M1", grain, f"{slice_}|{tier}", period): {
            "value": count,
            "value_low": count,
            "value_high": count + counted[None],
            "numerator": count,
            "denominator": counted.total(),
            "n": count,
            "n_excluded": counted[None],
        }
        for (grain, slice_, period), counted in sizes.items()
        for tier, count in counted.items()
        if tier
    }


@pytest.fixture(scope="session", name="tables", params=["real", "made up"])
def _tables(request: pytest.FixtureRequest, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """Return what a night makes of the real notices, and of made-up ones of both services."""
    if request.param == "made up":
        first = date(2025, 2, 3)
        made = [*made_up.releases(500, first, 5), *made_up_find_a_tender.releases(250, first, 5)]
        return collected(tmp_path_factory.mktemp("figures"), made)
    paths = [shared / "data" / "contracts_finder" / name for name in FILES]
    if missing := [path.name for path in paths if not path.exists()]:
        pytest.skip(f"these real notices are not on this machine: {', '.join(missing)}")
    real = [release for path in paths for release in releases_of(path)]
    return collected(tmp_path_factory.mktemp("figures"), real)


def newest(tables: Tables) -> date:
    """Return the day of the newest notice."""
    days: list[date] = [moment.astimezone(LONDON).date() for moment in tables["release"]["published_at"]]
    return max(days)


def stored(tables: Tables, names: set[str]) -> dict[Cell, Row]:
    """Return the stored figures of some indicators, of all sizes and divisions together, at four grains."""
    return {
        (row["indicator_id"], row["grain"], row["slice"], row["period"]): row
        for row in tables["indicator_value"].to_dicts()
        if row["indicator_id"] in names
        and row["grain"] in ("all", "england", "authority", "buyer")
        and (row["period"] == "ALL" or "Q" in row["period"])
        and row["cpv_division"] is None
        and (row["tier"] is None or row["indicator_id"] == "M1")
    }


def test_shares_agree_with_an_independent_calculation(tables: Tables) -> None:
    """Numerator, denominator, shares, bounds, coverage, priced share and counts are those of the plain calculation."""
    expected = expected_shares(tables, newest(tables))
    found = stored(tables, set(SHARES))
    some = {cell: row for cell, row in found.items() if row["n"] or row["n_excluded"]}
    told_at = {(name, grain) for name, grain, _, _ in found}

    assert len(some) > 400
    assert set(some) <= set(expected)
    for cell, row in some.items():
        numbers = [None if value is None else pytest.approx(value, rel=1e-9) for value in expected[cell].values()]
        assert [row[column] for column in expected[cell]] == numbers, cell
    # What has no row is told at no such grain, or not by quarter.
    missing = {cell for cell in expected if cell not in found and (cell[0], cell[1]) in told_at}
    assert {period for *_, period in missing if period == "ALL"} == set()
    assert not {cell for cell in missing if cell[0] in ("L1", "L2", "O1.strict", "O2.strict") or cell[1] == "england"}


def test_shares_of_real_notices_say_something(tables: Tables) -> None:
    """Yes, no and unknown, shared awards and awards without an amount are all among the notices compared."""
    england = stored(tables, set(SHARES))["L1", "england", "England", "ALL"]

    assert 0 < england["low_share"] < england["known_share"] < england["high_share"] < 1
    assert any(len(award) > 1 for award in lines(tables))
    assert any(award[0].award["value_status"] != "ok" for award in lines(tables))


def test_contracts_by_size_agree_with_an_independent_count(tables: Tables) -> None:
    """How many awards there are of each size, and how many may be, is what the plain count says."""
    expected = expected_sizes(tables, newest(tables))
    found = stored(tables, {"M1"})

    assert {cell for cell, row in found.items() if row["n"]} == set(expected)
    for cell, numbers in expected.items():
        assert {column: found[cell][column] for column in numbers} == numbers, cell

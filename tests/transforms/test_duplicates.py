"""Two notices, one contract: found where it is so, and left alone where it only looks so."""

import datetime as dt
import json
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from transforms import duplicates
from transforms.reference import facts
from transforms.suppliers import names

LABELLED = Path(__file__).with_name("duplicate_pairs.jsonl")

AWARD: dict[str, Any] = {
    "award_id": pl.String,
    "procurement_id": pl.String,
    "source": pl.String,
    "ocid": pl.String,
    "buyer_id": pl.String,
    "buyer_name": pl.String,
    "title": pl.String,
    "reference": pl.String,
    "cpv_code": pl.String,
    "status": pl.String,
    "value_kind": pl.String,
    "value_status": pl.String,
    "amount_gbp": pl.Decimal(18, 2),
    "amount_gross_gbp": pl.Decimal(18, 2),
    "awarded_on": pl.Date,
    "starts_on": pl.Date,
    "ends_on": pl.Date,
    "published_at": pl.Datetime("us", "UTC"),
    "lot_id": pl.String,
    "notice_type": pl.String,
    "regime": pl.String,
    "supplier_count": pl.Int64,
}
LINE: dict[str, Any] = {
    "award_id": pl.String,
    "supplier_id": pl.String,
    "org_id": pl.String,
    "core_name": pl.String,
    "supplier_area_code": pl.String,
    "vcse_declared": pl.Boolean,
}
TENDER: dict[str, Any] = {
    "procurement_id": pl.String,
    "source": pl.String,
    "ocid": pl.String,
    "buyer_id": pl.String,
    "buyer_name": pl.String,
    "title": pl.String,
    "reference": pl.String,
    "cpv_code": pl.String,
    "tendered_on": pl.Date,
    "deadline_at": pl.Datetime("us", "UTC"),
    "announced_on": pl.Date,
    "estimate_gbp": pl.Decimal(18, 2),
    "published_at": pl.Datetime("us", "UTC"),
}
SOURCES = {"cf": "contracts-finder", "fts": "find-a-tender"}


class Told(NamedTuple):
    """Awards with their lines."""

    award: pl.DataFrame
    line: pl.DataFrame

    def matched(self) -> pl.DataFrame:
        """Return what is found to repeat another."""
        return duplicates.match(self.award, self.line)

    def pairs(self) -> dict[str, str]:
        """Return what is found to repeat another, by award."""
        return dict(self.matched().select("award_id", "duplicate_of").iter_rows())

    def found(self) -> dict[str, Any]:
        """Return the only row that is found."""
        return self.matched().row(0, named=True)


def day(text: str | None) -> dt.date | None:
    """Read a day."""
    return dt.date.fromisoformat(text) if text else None


def noon(text: str | None) -> dt.datetime | None:
    """Return noon of a day."""
    return dt.datetime.fromisoformat(f"{text}T12:00:00+00:00") if text else None


def money(amount: float | None) -> Decimal | None:
    """Return pounds to the penny."""
    return None if amount is None else Decimal(str(amount)).quantize(Decimal("0.01"))


def status_of(amount: float | None) -> str:
    """Return how far an amount is believed."""
    if amount is None:
        return "missing"
    return "zero" if amount == 0 else "placeholder" if amount < 100 else "ok"


def told(*cases: Iterable[dict[str, Any]]) -> Told:
    """Return the awards of all cases in one frame; an award's id is its case, then its place in it.

    An award is written in short: ``source`` (cf or fts), ``ocid``, ``buyer``, ``title``, ``reference``, ``suppliers``
    (name and identifier, or PLACEHOLDER), ``amount``, ``gross``, ``awarded``, ``starts``, ``ends``, ``published``.
    """
    awards, lines = [], []
    for number, case in enumerate(cases):
        for place, one in enumerate(case):
            award_id = one.get("id", f"{number:03d}-{place}")
            source = SOURCES[one["source"]]
            suppliers = one.get("suppliers", [])
            ocid = one.get("ocid", f"ocds-{award_id}")
            awards.append(
                {
                    "award_id": award_id,
                    "procurement_id": ocid,
                    "source": source,
                    "ocid": ocid,
                    "buyer_name": one["buyer"],
                    "title": one.get("title"),
                    "reference": one.get("reference"),
                    "status": one.get("status", "active"),
                    "value_kind": one.get("kind", "contract"),
                    "value_status": status_of(one.get("amount")),
                    "amount_gbp": money(one.get("amount")),
                    "amount_gross_gbp": money(one.get("gross")),
                    "awarded_on": day(one.get("awarded")),
                    "starts_on": day(one.get("starts")),
                    "ends_on": day(one.get("ends")),
                    "published_at": noon(one.get("published")),
                    "lot_id": one.get("lot"),
                    "regime": one.get("regime"),
                    "supplier_count": len(suppliers),
                }
            )
            for name, identifier in suppliers:
                named = identifier != "PLACEHOLDER"
                core = names.parse(name).core
                lines.append(
                    {
                        "award_id": award_id,
                        "supplier_id": (identifier or f"name:{core}") if named else None,
                        "org_id": identifier if named else None,
                        "core_name": core,
                        "supplier_area_code": one.get("area"),
                        "vcse_declared": one.get("vcse"),
                    }
                )
    return Told(pl.DataFrame(awards, schema=AWARD), pl.DataFrame(lines, schema=LINE))


def tenders(*cases: Iterable[dict[str, Any]]) -> pl.DataFrame:
    """Return the procurements of all cases in one frame, as `told` does awards."""
    rows = [
        {
            "procurement_id": f"{number:03d}-{place}",
            "source": SOURCES[one["source"]],
            "ocid": one.get("ocid", f"ocds-{number:03d}-{place}"),
            "buyer_name": one["buyer"],
            "title": one.get("title"),
            "reference": one.get("reference"),
            "tendered_on": day(one.get("tendered")),
            "deadline_at": noon(one.get("closes")),
            "estimate_gbp": money(one.get("estimate")),
            "published_at": noon(one.get("published")),
        }
        for number, case in enumerate(cases)
        for place, one in enumerate(case)
    ]
    return pl.DataFrame(rows, schema=TENDER)


NO_PAIRS = pl.DataFrame(
    schema={
        "procurement_id": pl.String,
        "duplicate_procurement_id": pl.String,
        "duplicate_confidence": pl.Float64,
        "duplicate_reason": pl.String,
    }
)


class Measured(NamedTuple):
    """What was found among the labelled pairs, with its rule, beside what is labelled to be one."""

    found: dict[frozenset[str], str]
    labelled: dict[frozenset[str], str]

    def precision(self) -> float:
        """Return the share of what was found that is labelled so."""
        return len(self.found.keys() & self.labelled.keys()) / len(self.found)

    def recall(self) -> float:
        """Return the share of what is labelled that was found."""
        return len(self.found.keys() & self.labelled.keys()) / len(self.labelled)

    def table(self) -> str:
        """Return, by kind of case, how many were to be found and were missed, and every wrong match."""
        missed = [self.labelled[pair] for pair in self.labelled.keys() - self.found.keys()]
        kinds = sorted(set(self.labelled.values()))
        rows = [f"{kind}: {missed.count(kind)} of {list(self.labelled.values()).count(kind)} missed" for kind in kinds]
        wrong = [f"wrong by {self.found[pair]}: {sorted(pair)}" for pair in self.found.keys() - self.labelled.keys()]
        return "\n".join([*rows, *sorted(wrong)])


@cache
def labelled_cases(record: str) -> list[dict[str, Any]]:
    """Return the labelled cases of awards or of tenders."""
    cases = [json.loads(line) for line in LABELLED.read_text(encoding="utf-8").splitlines()]
    return [case for case in cases if record in case]


@cache
def all_labelled() -> tuple[Told, pl.DataFrame]:
    """Return the awards of all labelled cases together, and what is found to repeat another."""
    together = told(*(case["awards"] for case in labelled_cases("awards")))
    return together, together.matched()


def labels(cases: list[dict[str, Any]], *, same: bool) -> dict[frozenset[str], str]:
    """Return the labelled pairs that are one contract, or that are not, with the kind of their case."""
    return {
        frozenset((f"{number:03d}-{one}", f"{number:03d}-{other}")): case["kind"]
        for number, case in enumerate(cases)
        if case["same"] is same
        for one, other in case["pairs"]
    }


@cache
def measured_awards() -> Measured:
    """Return what `compare` finds among all labelled awards at once."""
    cases = labelled_cases("awards")
    everything = told(*(case["awards"] for case in cases))
    found = duplicates.compare(everything.award, everything.line).select("award_id", "duplicate_of", "rule")
    return Measured({frozenset((one, other)): rule for one, other, rule in found.iter_rows()}, labels(cases, same=True))


@cache
def measured_tenders() -> Measured:
    """Return what is found among all labelled tenders at once."""
    cases = labelled_cases("tenders")
    found = duplicates.match_procurements(tenders(*(case["tenders"] for case in cases)), NO_PAIRS)
    rules = {
        frozenset((one, other)): "tender_reference" if "reference" in reason else "tender_title"
        for one, other, _, reason in found.iter_rows()
    }
    return Measured(rules, labels(cases, same=True))


def test_the_labelled_set_is_large_enough_to_measure_by() -> None:
    """At least 150 pairs are one contract, 150 are not, and a hundred of these only look alike."""
    cases = labelled_cases("awards")
    apart = labels(cases, same=False)

    assert len(labels(cases, same=True)) >= 150
    assert len(apart) >= 150
    assert sum(kind != "unrelated" for kind in apart.values()) >= 100


def test_awards_are_matched_with_few_errors() -> None:
    """Of all labelled awards thrown together, 98 % of the matches are right and 90 % of the pairs are found."""
    measured = measured_awards()

    assert measured.precision() >= 0.98, measured.table()
    assert measured.recall() >= 0.90, measured.table()


def test_tenders_are_matched_with_few_errors() -> None:
    """Of all labelled tenders thrown together, 98 % of the matches are right and 90 % of the pairs are found."""
    measured = measured_tenders()

    assert measured.precision() >= 0.98, measured.table()
    assert measured.recall() >= 0.90, measured.table()


@pytest.mark.parametrize("rule", facts("duplicate_rules.csv").to_dicts(), ids=lambda rule: rule["rule"])
def test_a_confidence_is_what_was_measured(rule: dict[str, str]) -> None:
    """The published confidence of a rule follows from how often it is right on the labelled pairs."""
    right = wrong = 0
    for measured in (measured_awards(), measured_tenders()):
        fired = {pair for pair, name in measured.found.items() if name == rule["rule"]}
        right += len(fired & measured.labelled.keys())
        wrong += len(fired - measured.labelled.keys())

    assert (int(rule["right"]), int(rule["wrong"])) == (right, wrong)
    assert float(rule["confidence"]) == pytest.approx((right + 1) / (right + wrong + 2), abs=0.0006)


def test_every_rule_has_a_confidence() -> None:
    """No match is published without saying how sure it is."""
    _, matched = all_labelled()

    assert matched["duplicate_confidence"].is_between(0.5, 1).all()
    assert matched["duplicate_reason"].str.starts_with("same buyer").sum() > 100
    assert matched.null_count().sum_horizontal().item() == 0


ONE: dict[str, Any] = {
    "source": "cf",
    "buyer": "Ashmere City Council",
    "title": "Lift maintenance",
    "reference": "DN123456",
    "suppliers": [["Abbot Liftcare Ltd", None]],
    "amount": 1_200_000,
    "awarded": "2023-03-01",
    "starts": "2023-04-01",
    "ends": "2026-03-31",
    "published": "2023-03-10",
    "id": "cf",
}
OTHER = ONE | {"source": "fts", "awarded": "2023-03-04", "published": "2023-03-09", "id": "fts"}


def test_the_reason_is_fit_to_print() -> None:
    """The reason names the evidence with its numbers."""
    reason = told([ONE, OTHER]).found()["duplicate_reason"]

    assert reason == (
        "same buyer, same reference DN123456, same title, same supplier, £1,200,000 on both, "
        "same first and last day, awarded 3 days apart"
    )


def test_evidence_is_symmetric() -> None:
    """Which notice stands on which service changes neither the match nor its reason nor its confidence."""
    here = told([ONE, OTHER | {"amount": 1_000_000}]).found()
    there = told([ONE | {"source": "fts"}, OTHER | {"source": "cf", "amount": 1_000_000}]).found()

    assert here["duplicate_reason"] == there["duplicate_reason"]
    assert "£1,000,000 and £1,200,000, which differ by VAT" in here["duplicate_reason"]
    assert here["duplicate_confidence"] == there["duplicate_confidence"]
    assert {here["award_id"], here["duplicate_of"]} == {there["award_id"], there["duplicate_of"]}


@pytest.mark.parametrize(
    "told_otherwise",
    [
        pytest.param({"amount": 1_000_000}, id="net and gross"),
        pytest.param({"amount": None, "gross": 1_440_000}, id="gross only"),
        pytest.param({"amount": 1_195_000}, id="rounded"),
        pytest.param({"amount": 0}, id="zero"),
        pytest.param({"amount": None}, id="no amount"),
        pytest.param({"title": "LIFT MAINTENANCE - AWARD"}, id="award in the title"),
        pytest.param({"title": "ACC - DN123456 Provision of Lift Maintenance"}, id="reference in the title"),
        pytest.param({"suppliers": [["ABBOT LIFTCARE LIMITED", "GB-COH-01234567"]]}, id="legal form and number"),
        pytest.param({"suppliers": [["Abott Liftcare Ltd", None]]}, id="misspelt supplier"),
        pytest.param({"suppliers": [["Various", "PLACEHOLDER"]]}, id="supplier not named"),
        pytest.param({"reference": "ACC001-DN123456-87654321"}, id="the portal's form of the reference"),
        pytest.param({"reference": "ocds-h6vhtk-04a675"}, id="an ocid for a reference"),
        pytest.param({"ends": "2028-03-31"}, id="end with extensions"),
        pytest.param({"awarded": "2023-04-12"}, id="award dated by its signature"),
        pytest.param({"buyer": "CITY OF ASHMERE COUNCIL"}, id="the buyer written otherwise"),
        pytest.param({"status": "intended"}, id="intended on the other service"),
    ],
)
def test_one_contract_told_otherwise_is_one(told_otherwise: dict[str, Any]) -> None:
    """A contract is recognised however the other service tells it."""
    assert len(told([ONE, OTHER | told_otherwise]).pairs()) == 1


@pytest.mark.parametrize(
    "another",
    [
        pytest.param({"suppliers": [["Greenways Ltd", None]]}, id="another lot to another supplier"),
        pytest.param({"amount": 450_000}, id="another lot for another amount"),
        pytest.param({"title": "Lift maintenance - Lot 2"}, id="one of several lots beside the whole, other amount"),
        pytest.param({"starts": "2026-04-01", "ends": "2029-03-31", "awarded": "2026-03-01"}, id="the next contract"),
        pytest.param({"buyer": "Fallowby Borough Council"}, id="another buyer"),
        pytest.param({"buyer": "Ashmere Town Council"}, id="the town council beside the city council"),
        pytest.param({"title": "Roof repairs", "reference": "DN999999"}, id="another thing by number"),
        pytest.param({"status": "cancelled"}, id="cancelled"),
        pytest.param({"status": "unsuccessful"}, id="unsuccessful"),
        pytest.param({"buyer": " "}, id="no buyer"),
    ],
)
def test_another_contract_is_another(another: dict[str, Any]) -> None:
    """A contract that only looks alike is left alone."""
    if "Lot 2" in another.get("title", ""):
        another = another | {"amount": 300_000}

    assert told([ONE, OTHER | another]).pairs() == {}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Roof repairs Phase 1", "Roof repairs Phase 2"),
        ("Roof repairs Phase One", "Roof repairs Phase Two"),
        ("Roof repairs Stage II", "Roof repairs Stage III"),
        ("Roof repairs 2022", "Roof repairs 2023"),
        ("Roof repairs 2022/23", "Roof repairs 2023-24"),
        ("Roof repairs (Lot A)", "Roof repairs (Lot B)"),
        ("Roof repairs - North", "Roof repairs - South"),
        ("Roof repairs - libraries", "Roof repairs - schools"),
        ("Roof repairs at Marsh Lane", "Roof repairs at Quay House"),
        ("M25 resurfacing", "M26 resurfacing"),
    ],
)
@pytest.mark.parametrize("reference", ["DN123456", None])
def test_numbers_and_sides_tell_contracts_apart(one: str, other: str, reference: str | None) -> None:
    """Two phases, years, lots or places are two contracts, though supplier, amount and days are the same."""
    pair = [ONE | {"title": one, "reference": reference}, OTHER | {"title": other, "reference": reference}]

    assert told(pair).pairs() == {}


def test_numbers_of_one_series_tell_contracts_apart() -> None:
    """Two routes with numbers of their own are two contracts, as are two references of one series."""
    routes = [ONE | {"title": "QOC472 Marsh Lane to Oakfield"}, OTHER | {"title": "QOC473 Marsh Lane to Oakfield"}]
    series = [ONE | {"reference": "DN123457"}, OTHER]

    assert told([one | {"reference": None} for one in routes]).pairs() == {}
    assert told(series).pairs() == {}


def test_a_framework_is_not_its_call_off() -> None:
    """A stated ceiling and a call-off under it are two, though all else is equal."""
    pair = [ONE | {"kind": "call_off"}, OTHER | {"kind": "framework_ceiling"}]

    assert told(pair).pairs() == {}


def test_a_ceiling_stated_on_one_service_counts() -> None:
    """Where one service states a framework and the other shows its ceiling as a contract, the framework is kept."""
    assert told([ONE, OTHER | {"kind": "framework_ceiling", "amount": 1_200_000}]).pairs() == {"cf": "fts"}


@pytest.mark.parametrize(
    ("here", "there", "kept"),
    [
        pytest.param({}, {}, "fts", id="alike, and Find a Tender is kept"),
        pytest.param({}, {"amount": None}, "cf", id="the credible amount"),
        pytest.param({}, {"status": "intended"}, "cf", id="in force"),
        pytest.param({"amount": 0}, {"status": "intended"}, "cf", id="in force before a credible amount"),
        pytest.param({"area": "E06000001"}, {}, "cf", id="the place of the supplier"),
        pytest.param({"vcse": True}, {}, "cf", id="the mark of voluntary organisations"),
        pytest.param({"area": "E06000001"}, {"vcse": False}, "cf", id="the place before the mark"),
    ],
)
def test_the_more_complete_telling_is_kept(here: dict[str, Any], there: dict[str, Any], kept: str) -> None:
    """Of two tellings the more complete one counts."""
    assert told([ONE | here, OTHER | there]).found()["duplicate_of"] == kept


def test_two_lots_are_paired_each_with_its_own() -> None:
    """Awards of one procurement with the same title are paired by supplier and amount."""
    names_and_amounts = (("Aardvark Cars", 40_000), ("Beeline Taxis", 52_000), ("Comet Cabs", 31_000))
    awards = [
        ONE | {"source": source, "ocid": source, "id": f"{source}{n}", "suppliers": [[name, None]], "amount": amount}
        for source in ("cf", "fts")
        for n, (name, amount) in enumerate(names_and_amounts)
    ]

    assert told(awards).pairs() == {"cf0": "fts0", "cf1": "fts1", "cf2": "fts2"}


def test_equal_awards_are_paired_one_to_one() -> None:
    """Where nothing tells two awards of one procurement apart, each is told twice, and none is lost."""
    awards = [
        ONE | {"source": source, "ocid": source, "id": f"{source}{n}"} for source in ("cf", "fts") for n in (0, 1)
    ]

    assert told(awards).pairs() == {"cf0": "fts0", "cf1": "fts1"}


def test_candidates_that_cannot_be_told_apart_are_left_alone() -> None:
    """An award that could be either of two different ones is matched with neither."""
    bare = {"amount": None, "reference": None}
    awards = [
        ONE,
        OTHER | bare | {"id": "b", "ends": "2027-03-31"},
        OTHER | bare | {"id": "c", "ends": "2028-03-31"},
    ]

    assert told(awards).pairs() == {}


LOTS: list[dict[str, Any]] = [
    OTHER
    | {
        "ocid": "lots",
        "id": f"fts{n}",
        "title": f"Lift maintenance - Lot {n}",
        "suppliers": [[name, None]],
        "amount": amount,
        "lot": str(n),
    }
    for n, name, amount in ((1, "Aardvark Lifts", 200_000), (2, "Beeline Lifts", 400_000), (3, "Comet Lifts", 600_000))
]
ALL_LOTS = ONE | {"suppliers": [[name, None] for lot in LOTS for name, _ in lot["suppliers"]]}


def test_one_award_may_be_told_as_several_lots() -> None:
    """The single award repeats the first of the lots whose sum and suppliers it has; the lots all count."""
    found = told([ALL_LOTS, *LOTS]).found()

    assert (found["award_id"], found["duplicate_of"]) == ("cf", "fts1")
    assert found["duplicate_reason"].startswith("told as one award on one service and as 3 on the other: same buyer")


def test_one_award_on_find_a_tender_may_be_several_on_contracts_finder() -> None:
    """The reverse holds as well: what is told in parts counts."""
    swapped = [ALL_LOTS | {"source": "fts", "id": "one"}, *(lot | {"source": "cf"} for lot in LOTS)]

    assert told(swapped).pairs() == {"one": "fts1"}


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"amount": 1_100_000}, id="another sum"),
        pytest.param({"suppliers": [["Aardvark Lifts", None]]}, id="not all suppliers"),
    ],
)
def test_lots_with_another_sum_or_other_suppliers_are_others(changed: dict[str, Any]) -> None:
    """A single award is not the lots when the sum or the suppliers differ."""
    assert told([ALL_LOTS | changed, *LOTS]).pairs() == {}


TWICE = {"amount": 1_234_567.89}


def test_an_award_published_twice_on_one_service_counts_once() -> None:
    """Two ocids of one service that are equal in title, supplier, amount, first and last day are one."""
    found = told([ONE | TWICE, ONE | TWICE | {"id": "cf2", "published": "2023-05-01"}]).found()

    assert (found["award_id"], found["duplicate_of"]) == ("cf2", "cf")
    assert found["duplicate_reason"].startswith("published twice on one service")


@pytest.mark.parametrize(
    "another",
    [
        {"starts": "2023-04-02"},
        {"amount": 1_234_568.89},
        {"suppliers": [["Greenways Ltd", None]]},
        {"title": "Lift maintenance 2"},
        {"ends": None},
        {"amount": 0},
        {"ocid": "ocds-cf"},
        {"amount": 1_200_000, "reference": "DN123457"},
    ],
    ids=str,
)
def test_awards_of_one_service_that_differ_are_two(another: dict[str, Any]) -> None:
    """On one service, any difference makes two contracts; round amounts need the reference as well."""
    same = ONE | TWICE | ({"amount": another["amount"]} if "reference" in another else {})

    assert told([same, same | {"id": "cf2"} | another]).pairs() == {}


INTENTION = OTHER | {
    "id": "intent",
    "status": "intended",
    "regime": "psr2023",
    "reference": None,
    "awarded": None,
    "title": "Social prescribing",
    "published": "2023-02-01",
}
CONFIRMED = INTENTION | {"id": "award", "status": "active", "awarded": "2023-02-20", "published": "2023-03-01"}


def test_an_intention_is_repeated_by_its_award() -> None:
    """An intention under the Provider Selection Regime and the award under another ocid count once, as the award."""
    found = told([INTENTION, CONFIRMED]).found()

    assert (found["award_id"], found["duplicate_of"]) == ("intent", "award")
    assert found["duplicate_reason"].startswith("an intention and the award that followed: same buyer")


@pytest.mark.parametrize(
    "another",
    [
        {"published": "2023-01-01", "amount": 1_195_000},
        {"suppliers": [["Greenways Ltd", None]]},
        {"amount": 5_000_000},
        {"regime": "pa2023", "ends": "2027-03-31"},
        {"status": "intended", "ends": "2027-03-31"},
    ],
    ids=str,
)
def test_an_intention_is_not_repeated_by_another_award(another: dict[str, Any]) -> None:
    """An earlier award, another supplier, amount or law, or a second intention is something else."""
    assert told([INTENTION, CONFIRMED | another]).pairs() == {}


def test_chains_lead_to_one_award() -> None:
    """An intention, its award and the award on the other service are one, and the award in force is its root."""
    on_finder = CONFIRMED | {"id": "cf", "source": "cf", "regime": None}

    assert told([INTENTION, CONFIRMED, on_finder]).pairs() == {"cf": "award", "intent": "award"}


def shuffled(frame: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Return the rows in another order."""
    return frame.sample(fraction=1, shuffle=True, seed=seed)


@settings(max_examples=5)
@given(seed=st.integers(0, 10**6))
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    """However the rows come, the matches are the same, to the word."""
    everything, matched = all_labelled()
    mixed = Told(shuffled(everything.award, seed), shuffled(everything.line, seed))

    assert_frame_equal(mixed.matched(), matched)


@settings(max_examples=5)
@given(seed=st.integers(0, 10**6), share=st.floats(0.1, 0.9))
def test_blocks_know_nothing_of_each_other(seed: int, share: float) -> None:
    """What is found among the awards of some buyers is the same whether or not other buyers are read."""
    everything, matched = all_labelled()
    blocks = duplicates.buyer_key(everything.award["buyer_name"])
    chosen = blocks.unique().sort().sample(fraction=share, seed=seed)
    some = Told(everything.award.filter(blocks.is_in(chosen.implode())), everything.line)
    whole = matched.join(some.award.select("award_id"), on="award_id", how="semi")

    assert_frame_equal(some.matched(), whole)


def test_blocks_may_be_compared_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """How many awards are compared at a time changes nothing."""
    everything, matched = all_labelled()
    monkeypatch.setattr(duplicates, "AT_ONCE", 20)

    assert_frame_equal(everything.matched(), matched)


@pytest.mark.parametrize(("year", "tells"), [("2019", True), ("2023", False)])
def test_a_longer_history_changes_no_verdict(year: str, tells: bool) -> None:
    """A reference under many titles tells nothing, but only titles near in time count: a night reads no others."""
    works = ["roofs", "drains", "boilers", "fences", "gutters", "windows", "paths", "gates"]
    others = [
        ONE | {"title": f"Mending of {work}", "suppliers": [], "amount": 10_000 + place, "id": f"cf {work}"}
        | dict.fromkeys(("awarded", "published"), f"{year}-03-{place + 1:02}")
        for place, work in enumerate(works)
    ]  # fmt: skip
    pair = (ONE, OTHER | {"title": "Lift upkeep"})

    assert told(pair).pairs() == {"cf": "fts"}
    assert bool(told((*pair, *others)).pairs()) is tells


def test_what_is_left_holds_no_further_duplicates() -> None:
    """Matching the awards that count finds nothing more: once is enough."""
    everything, matched = all_labelled()
    left = everything.award.join(matched, on="award_id", how="anti")

    # A single award that repeats several is gone, and each of the several is left alone.
    assert Told(left, everything.line).pairs() == {}


def test_nothing_is_made_of_nothing() -> None:
    """Without awards there are no matches, in the same columns."""
    found = told().matched()

    assert found.is_empty()
    assert found.columns == ["award_id", "duplicate_of", "duplicate_confidence", "duplicate_reason"]


def test_an_award_without_anything_is_matched_with_nothing() -> None:
    """Awards of which only the buyer is known are not one."""
    bare = {"buyer": "Ashmere City Council"}

    assert told([bare | {"source": "cf"}, bare | {"source": "fts"}]).pairs() == {}


@pytest.mark.parametrize(
    "text",
    ["{}", "{} {}", "$1 \\1", "((((", "\x00", "=HYPERLINK(1)", "a" * 5_000, "٣٤٥", "&#x0;", "Lot " * 500, "‮evil"],
)
def test_hostile_text_harms_nothing(text: str) -> None:
    """Text from notices is never read as a pattern or a template, and no reason quotes a title."""
    found = told([ONE | {"title": text, "reference": text}, OTHER | {"title": text, "reference": text}]).matched()

    assert found.height == 1
    assert found["duplicate_reason"].str.contains(r"^[\w £,.'-]+$").all()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The London Borough of Camden", "CAMDEN COUNCIL"),
        ("LB Camden", "London Borough of Camden"),
        ("Nuneaton & Bedworth BC (NUN)", "Nuneaton and Bedworth Borough Council"),
        ("Hertfordshire County Council - Children's Services", "Hertfordshire County Council"),
        ("Suffolk County Council Passenger Transport", "Suffolk County Council"),
        ("City of Bradford Metropolitan District Council", "Bradford Council"),
        ("Royal Borough of Kensington and Chelsea", "The Royal Borough of Kensington & Chelsea Council"),
        ("Countess of Chester Hospital NHS Foundation Trust", "COUNTESS OF CHESTER HOSPITAL NHS FT"),
        ("NHS Sussex ICB", "NHS Sussex Integrated Care Board"),
        ("DEFRA", "Department for Environment, Food & Rural Affairs"),
        ("Police & Crime Commissioner for Surrey", "The Office of the Police and Crime Commissioner for Surrey"),
        ("East Sussex Fire Authority", "East Sussex Fire and Rescue Service"),
        ("City of London Corporation", "City of London"),
    ],
)
def test_a_buyer_is_known_under_its_names(one: str, other: str) -> None:
    """Two ways to write one buyer are one block."""
    key, same = duplicates.buyer_key(pl.Series([one, other]))

    assert key == same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Derby City Council", "Derbyshire County Council"),
        ("Harrogate Borough Council", "Harrogate Town Council"),
        ("Surrey County Council", "Surrey Heath Borough Council"),
        ("University of Leeds", "Leeds City Council"),
        ("NHS England", "Sport England"),
        ("Department for Education", "Department for Transport"),
        ("Transport for London", "City of London"),
        ("West Northamptonshire Council", "North Northamptonshire Council"),
    ],
)
def test_two_buyers_are_two_blocks(one: str, other: str) -> None:
    """Bodies that only share a place are compared with nobody but themselves."""
    key, another = duplicates.buyer_key(pl.Series([one, other]))

    assert key != another


@settings(max_examples=200)
@given(name=st.text(max_size=80))
def test_a_block_is_settled(name: str) -> None:
    """The block of a block is the block, and a name with a letter or digit has one."""
    key = duplicates.buyer_key(pl.Series([name, None]))
    again = duplicates.buyer_key(key)

    assert key[1] is None
    assert (key[0] is not None) or not any(letter.isalnum() and letter.isascii() for letter in name)
    assert again.to_list() == key.to_list()


TENDERS: list[dict[str, Any]] = [
    {
        "source": "cf",
        "buyer": "Ashmere City Council",
        "title": "Lift maintenance",
        "reference": "DN123456",
        "estimate": 1_200_000,
        "tendered": "2023-01-02",
        "closes": "2023-02-01",
        "published": "2023-01-02",
    }
]
TENDERS.append(TENDERS[0] | {"source": "fts", "tendered": "2023-01-01", "closes": "2023-02-02"})


def test_tenders_without_awards_are_matched() -> None:
    """Buyer, reference or title, and closing day make two tenders one; Find a Tender is kept."""
    found = duplicates.match_procurements(tenders(TENDERS), NO_PAIRS).row(0, named=True)

    assert (found["procurement_id"], found["duplicate_of"]) == ("000-0", "000-1")
    assert found["duplicate_reason"] == (
        "same buyer, same reference DN123456, same title, closing 1 day apart, published 1 day apart"
    )


@pytest.mark.parametrize(
    "another",
    [
        {"closes": "2023-06-01", "tendered": "2023-05-01"},
        {"estimate": 2_000_000},
        {"title": "Roof repairs", "reference": None},
        {"title": "Lift maintenance Phase 2", "reference": None},
        {"buyer": "Fallowby Borough Council"},
        {"closes": None, "tendered": None},
        {"source": "cf"},
    ],
    ids=str,
)
def test_another_tender_is_another(another: dict[str, Any]) -> None:
    """Another time, estimate, title or buyer is another tender."""
    one = TENDERS[0] | ({"title": "Lift maintenance Phase 1"} if "Phase" in (another.get("title") or "") else {})

    assert duplicates.match_procurements(tenders([one, TENDERS[1] | another]), NO_PAIRS).is_empty()


def test_procurements_of_matched_awards_are_one() -> None:
    """Where awards repeat each other their procurements do, with the reason, whatever their tenders tell."""
    pairs = pl.DataFrame([["000-1", "000-0", 0.97, "same buyer"]], schema=NO_PAIRS.schema, orient="row")
    unlike = tenders([TENDERS[0], TENDERS[1] | {"title": "Something else", "reference": None, "estimate": 5}])
    found = duplicates.match_procurements(unlike, pairs)

    assert found.rows() == [("000-0", "000-1", 0.97, "an award of it is told twice: same buyer")]

"""What a procurement is: its method, its rules, what it is for, and for whom it is reserved."""

import csv
import datetime as dt
import gzip
import io
import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from transforms import procedures, procurements, releases
from transforms.reference import facts
from warehouse import schema

TELLS = ("description", "wording")
DESCRIBED = (
    "is_direct", "is_competitive", "is_light_touch", "light_touch_basis", "is_people_services", "is_reserved",
    "is_below_threshold", "days_open",
)  # fmt: skip
TYPES = {name: kind for name, kind in schema.frame_schema("procurement").items() if name not in DESCRIBED}
TYPES |= dict.fromkeys(TELLS, pl.String())


def described(**told: Any) -> dict[str, Any]:
    """Return what is said of one procurement of Contracts Finder, a contract for desks but for what is given."""
    row = {
        "procurement_id": "p", "source": "contracts-finder", "title": "Desks", "cpv_code": "39121000",
        "tendered_on": dt.date(2025, 3, 1), "buyer_name": "Anywhere Council",
    } | told  # fmt: skip
    return procedures.described(pl.DataFrame([row], schema=TYPES)).row(0, named=True)


@pytest.mark.parametrize(
    ("details", "kind"),
    [
        ("Direct award", "direct"),
        ("Direct award (above threshold)", "direct"),
        ("Single tender action (below threshold)", "direct"),
        ("Negotiated procedure without prior publication (above threshold)", "direct"),
        ("Negotiated without publication of a contract notice", "direct"),
        ("Award procedure without prior publication of a call for competition", "direct"),
        ("Concession award without prior concession notice", "direct"),
        ("Below threshold - without competition", "direct"),
        ("Below Threshold -  Without Competition", "direct"),
        ("Other - Direct Award", "direct"),
        ("SingleTenderActionNonOJEU ", "direct"),
        ("Open procedure", "competitive"),
        ("Open procedure (below threshold)", "competitive"),
        ("OpenOJEU", "competitive"),
        ("Restricted procedure (above threshold)", "competitive"),
        ("Other - Restricted procedure, below threshold", "competitive"),
        ("Competitive quotation (below threshold)", "competitive"),
        ("Competitive flexible procedure", "competitive"),
        ("Below threshold - limited competition", "competitive"),
        ("Below threshold - open competition", "competitive"),
        ("Negotiated procedure with prior call for competition", "competitive"),
        ("CompetitiveProcedureWithNegotiationAcceleratedOJEU", "competitive"),
        ("Competitive dialogue", "competitive"),
        ("Innovation partnership", "competitive"),
        ("Call-off from a framework agreement", "call_off"),
        ("Call-off from a dynamic purchasing system", "call_off"),
        ("Award under framework", "call_off"),
        ("Other - CCS Further Competition", "call_off"),
        ("Below threshold - unknown", None),
        ("Negotiated procedure", None),
        ("Other - ", None),
        ("Other - renewal", None),
        ("Other", None),
        ("Other - Not specified", None),
        ("Not specified", None),
        ("Not applicable", None),
        ("", None),
        ("  ", None),
        (None, None),
        ("Open to offers", None),
        ("Directory of open procedures", None),
    ],
)
def test_the_name_of_a_method_tells_of_competition(details: str | None, kind: str | None) -> None:
    """Each of the services' own names is direct, competitive or a call-off; what names no method is not known."""
    told = described(method_details=details)

    assert procedures.method(details) == kind
    assert told["is_direct"] == {"direct": True, "competitive": False}.get(kind or "")
    assert told["is_competitive"] == {"direct": False, "competitive": True}.get(kind or "")


@pytest.mark.parametrize("method", ["limited", "direct", "open", "selective", None])
def test_the_broad_method_alone_tells_nothing(method: str | None) -> None:
    """Most notices that call their method limited are competitive quotations: only the method's name counts."""
    told = described(method=method, method_details="Not specified")

    assert (told["is_direct"], told["is_competitive"]) == (None, None)


def test_every_method_pattern_finds_some_name() -> None:
    """No row of the vocabulary is hidden behind the rows before it."""
    names = [
        "Call-off from a framework agreement", "Award under framework", "Mini-competition", "Below threshold - unknown",
        "Not applicable", "Direct award", "Single tender action", "Below threshold - without competition",
        "Negotiated without competition", "Award of a contract without prior publication", "Open procedure",
        "Restricted", "Accelerated restricted procedure", "Competitive procedure with negotiation",
        "Negotiated procedure with prior call for competition", "Competitive dialogue",
        "Below threshold - limited competition", "Innovation partnership", "Concession award procedure",
        "Award procedure with prior publication of a call for competition",
    ]  # fmt: skip
    patterns = [pattern for _, pattern in procedures._methods()]
    first = {next(place for place, one in enumerate(patterns) if one.search(name.lower())) for name in names}

    assert first == set(range(len(patterns)))


@pytest.mark.parametrize(
    ("told", "answer", "basis"),
    [
        ({"special_regime": "lightTouch", "cpv_code": "45000000"}, True, "declared"),
        ({"special_regime": "concession,light_touch"}, True, "declared"),
        ({"special_regime": "utilities"}, False, "cpv"),
        ({"description": "It is let under the \"light touch\" arrangements of the PCR 2015."}, True, "text"),
        ({"title": "Care homes (Light-Touch Regime)"}, True, "text"),
        ({"method_details": "Other - Light Touch Regime"}, True, "text"),
        ({"wording": "Procured in line with Regulations 74 to 76 of the Public Contracts Regulations"}, True, "text"),
        ({"description": "They provide brief, light touch interventions to families."}, False, "cpv"),
        ({"description": "This is not subject to the light touch regime.", "cpv_code": "85000000"}, False, "text"),
        ({"cpv_code": "85300000"}, True, "cpv"),
        ({"cpv_code": "92350000"}, False, "cpv"),
        ({"cpv_code": "92000000"}, True, "cpv"),
        ({"cpv_code": "45000000"}, False, "cpv"),
        ({"cpv_code": None}, None, None),
        ({"cpv_code": None, "special_regime": "lightTouch"}, True, "declared"),
        ({"cpv_code": "85100000", "regime": "psr2023", "description": "light touch regime"}, False, "law"),
    ],
)  # fmt: skip
def test_light_touch_is_told_by_the_first_that_tells(
    told: dict[str, Any], answer: bool | None, basis: str | None
) -> None:
    """The law, the special regime, the notice's words, the classification, in this order; else it is not known."""
    found = described(**told)

    assert (found["is_light_touch"], found["light_touch_basis"]) == (answer, basis)


def test_the_prefixes_of_light_touch_are_those_that_thresholds_rest_on_and_provisional() -> None:
    """One list of services decides both which threshold applies and what is light touch, and nobody has checked it."""
    prefixes = facts("light_touch.csv").filter(pl.col("role") == "cpv_prefix")
    kinds = facts("contract_kinds.csv").filter(pl.col("contract_kind") != "works")

    assert set(prefixes["verified"]) == {"false"}
    assert dict(prefixes.select("pattern", "is_light_touch").rows()) == {
        prefix: "true" if kind == "light_touch" else "false"
        for prefix, kind in kinds.select("cpv_prefix", "contract_kind").iter_rows()
    }


@pytest.mark.parametrize(
    ("cpv_code", "title", "answer"),
    [
        ("85311000", "Extra care", True),
        ("80500000", "Training", True),
        ("98133100", "Civic betterment", True),
        ("98133000", None, True),
        ("98000000", "Support for Children Affected by Parental Imprisonment", True),
        ("75200000", "Domestic abuse refuge and outreach", True),
        ("79611000", "Employability programme", True),
        ("70333000", "Supported accommodation for rough sleepers", True),
        ("98000000", "Pest control", False),
        ("98000000", "Evaluation of the homelessness service", False),
        ("79611000", "Youth bus", False),
        ("45210000", "Homeless hostel", False),
        ("72000000", "Domestic abuse case management", False),
        ("39121000", "Desks", False),
        (None, "Homelessness support", None),
        (None, None, None),
    ],
)
def test_people_services_by_code_and_by_the_words_of_a_title(
    cpv_code: str | None, title: str | None, answer: bool | None
) -> None:
    """The codes tell; words count among codes that tell too little, and not where they stand over something else."""
    assert described(cpv_code=cpv_code, title=title)["is_people_services"] is answer


@pytest.mark.parametrize(
    ("told", "answer"),
    [
        ({"reserved_for": "smeVcse"}, True),
        ({"reserved_location": "UKF24"}, True),
        ({"reserved_for": "", "reserved_location": " "}, None),
        ({"source": "find-a-tender"}, False),
        ({"source": "find-a-tender", "reserved_for": "shelteredWorkshop"}, True),
        ({"source": "find-a-tender", "tendered_on": None}, None),
    ],
)
def test_a_reservation_is_told_by_a_field(told: dict[str, Any], answer: bool | None) -> None:
    """Silence is a no only where a tender notice has a field for it; Contracts Finder has none."""
    assert described(**told)["is_reserved"] is answer


def test_a_reservation_is_told_by_a_phrase() -> None:
    """A phrase of that family makes it reserved; one of another family says nothing of it."""
    rows = [{"procurement_id": name, "source": "contracts-finder"} for name in ("reserved", "social_value", "none")]
    match = pl.DataFrame({"procurement_id": ["social_value", "reserved"], "family": ["social_value", "reserved"]})
    found = procedures.described(pl.DataFrame(rows, schema=TYPES), match)

    assert dict(found.select("procurement_id", "is_reserved").rows()) == {
        "reserved": True, "social_value": None, "none": None,
    }  # fmt: skip


def pounds(net: str | None, gross: str | None = None) -> dict[str, Any]:
    """Return an estimate without and with VAT."""
    return {
        "estimate_gbp": None if net is None else Decimal(net),
        "estimate_gross_gbp": None if gross is None else Decimal(gross),
    }


@pytest.mark.parametrize(
    ("told", "answer"),
    [
        # What the notice says goes before any amount.
        ({"is_above_threshold": False, **pounds("9000000.00")}, True),
        ({"is_above_threshold": True, **pounds("100.00")}, False),
        ({"method_details": "Open procedure (below threshold)"}, True),
        ({"method_details": "Open procedure (above threshold)", **pounds("500.00")}, False),
        ({"method_details": "Below threshold - open competition", "is_above_threshold": True}, None),
        ({"method_details": "Below threshold - open competition", "is_above_threshold": False}, True),
        # A council's threshold for goods of 2024, £214,904 with VAT, is £179,086.66 without.
        (pounds("179086.66"), True),
        (pounds("179086.67"), False),
        (pounds("200000.00", "214903.99"), True),
        (pounds("200000.00", "214904.00"), False),
        ({"tendered_on": dt.date(2026, 1, 1), **pounds("173100.00")}, False),
        # Central bodies have a lower one: between the two it depends on the buyer.
        ({"buyer_name": "Some Body", **pounds("150000.00")}, None),
        ({"buyer_name": "Some Body", **pounds("100000.00")}, True),
        ({"buyer_name": "Some Body", **pounds("180000.00")}, False),
        # Works and light-touch services have thresholds of their own; the latter are often exempt from VAT.
        ({"cpv_code": "45000000", **pounds("4000000.00")}, True),
        ({"cpv_code": "45000000", **pounds("5000000.00")}, False),
        ({"cpv_code": "85300000", **pounds("552949.00")}, True),
        ({"cpv_code": "85300000", **pounds("600000.00")}, None),
        ({"cpv_code": "85300000", **pounds("663540.00")}, False),
        ({"cpv_code": "85300000", **pounds("600000.00", "600000.00")}, True),
        ({"special_regime": "lightTouch", **pounds("300000.00")}, True),
        # Without a code it may be any of these.
        ({"cpv_code": None, **pounds("100000.00")}, True),
        ({"cpv_code": None, **pounds("500000.00")}, None),
        # Nothing is believed of no amount, of a placeholder, and of health services, which have no threshold.
        (pounds(None), None),
        (pounds("0.00"), None),
        (pounds("1.00"), None),
        ({"regime": "psr2023", "cpv_code": "85100000", **pounds("1000.00")}, None),
        # Before 2016 no threshold is known.
        ({"tendered_on": dt.date(2015, 6, 1), **pounds("1000.00")}, None),
    ],
)
def test_which_side_of_the_threshold(told: dict[str, Any], answer: bool | None) -> None:
    """As the notice says, else by the estimate with VAT where every threshold that may apply agrees."""
    assert described(**told)["is_below_threshold"] is answer


def test_without_a_tender_notice_the_day_of_publication_counts() -> None:
    """The threshold is that of the day on which the latest notice was published."""
    published = dt.datetime(2026, 1, 1, 0, 30, tzinfo=dt.UTC)

    assert described(tendered_on=None, published_at=published, **pounds("173100.00"))["is_below_threshold"] is False


@pytest.mark.parametrize(
    ("tendered_on", "deadline_at", "days"),
    [
        (dt.date(2025, 3, 1), dt.datetime(2025, 3, 31, 11, tzinfo=dt.UTC), 30),
        # Half past eleven at night in London is the same day; half past midnight in summer is the next one.
        (dt.date(2025, 3, 1), dt.datetime(2025, 3, 1, 23, 30, tzinfo=dt.UTC), 0),
        (dt.date(2025, 6, 1), dt.datetime(2025, 6, 15, 23, 30, tzinfo=dt.UTC), 15),
        (dt.date(2025, 3, 2), dt.datetime(2025, 3, 1, 12, tzinfo=dt.UTC), None),
        (None, dt.datetime(2025, 3, 1, 12, tzinfo=dt.UTC), None),
        (dt.date(2025, 3, 2), None, None),
    ],
)
def test_days_open_are_london_days(
    tendered_on: dt.date | None, deadline_at: dt.datetime | None, days: int | None
) -> None:
    """From the tender notice to the closing time; a closing time before the notice is a mistake."""
    assert described(tendered_on=tendered_on, deadline_at=deadline_at)["days_open"] == days


def test_rows_keep_their_order_and_columns() -> None:
    """Descriptions stand beside the rows they are of; an empty frame is no mistake, and texts may lack."""
    rows = [{"procurement_id": str(number), "cpv_code": code} for number, code in enumerate(["85", None, "45"])]
    told = pl.DataFrame(rows, schema=TYPES)
    found = procedures.described(told)

    assert found.drop(DESCRIBED).equals(told)
    assert found["is_people_services"].to_list() == [True, None, False]
    assert procedures.described(told.drop(TELLS)).select(DESCRIBED).equals(found.select(DESCRIBED))
    assert procedures.described(told.clear()).columns == found.columns
    assert {name: found.schema[name] for name in DESCRIBED} == {
        name: schema.frame_schema("procurement")[name] for name in DESCRIBED
    }


def test_what_is_said_does_not_depend_on_the_other_rows() -> None:
    """One row described alone says what it says among others, in whatever order."""
    rows = [
        {"procurement_id": str(number), "method_details": details, "cpv_code": code, "title": title}
        for number, (details, code, title) in enumerate(
            [("Direct award", "85000000", "Care"), ("Other", None, None), ("Open procedure", "98000000", "Youth work")]
        )
    ]
    together = procedures.described(pl.DataFrame(rows[::-1], schema=TYPES)).sort("procurement_id")
    alone = pl.concat(procedures.described(pl.DataFrame([row], schema=TYPES)) for row in rows)

    assert together.equals(alone)


@pytest.fixture(scope="module")
def real(shared: Path) -> pl.DataFrame:
    """Return the real procurements, described."""
    found = []
    for source, folder in (("contracts-finder", "contracts_finder"), ("find-a-tender", "find_a_tender")):
        documents: list[bytes] = []
        for path in sorted((shared / "data" / folder).glob("*.json*.gz")):
            text = gzip.decompress(path.read_bytes())
            if path.name.endswith(".jsonl.gz"):
                documents += [line for line in text.splitlines() if line.strip()]
            else:
                documents += [json.dumps(release).encode() for release in json.loads(text)["releases"]]
        flat = releases.flatten(source, [("file", documents)])
        told = procurements.put_together(source, flat.frames, flat.frames["telling"].clear())
        found.append(told["procurement"])
    return procedures.described(pl.concat(found))


def test_real_methods_agree_with_a_plain_reading(real: pl.DataFrame) -> None:
    """Of real notices the direct awards are those whose method's name holds one of the four phrases, and no others."""
    phrases = ("direct award", "single tender", "without prior publication", "without competition")
    expected = [any(phrase in (text or "").lower() for phrase in phrases) for text in real["method_details"]]

    assert real["is_direct"].fill_null(value=False).to_list() == expected
    assert sum(expected) >= 10
    assert real.filter(pl.col("method_details").str.starts_with("Call-off"))["is_direct"].null_count() >= 30


def test_real_exports_name_no_method_that_is_not_read(shared: Path) -> None:
    """Of 380 real awards in the web site's export all name a method that is read, but for those that name none."""
    path = shared / "data" / "contracts_finder" / "web_export_awarded_2020-09.csv.gz"
    text = gzip.decompress(path.read_bytes()).decode("utf-8-sig")
    named = [row["OJEU Procedure Type"] for row in csv.DictReader(io.StringIO(text))]
    kinds = Counter(procedures.method(name) for name in named)
    unread = {name.strip() for name in named if procedures.method(name) is None}

    assert kinds == {"direct": 126, "competitive": 134, "call_off": 86, None: 34}
    assert {name for name in unread if not name.startswith("Other")} == {"NotSpecified", "Negotiated", "NotApplicable"}


def test_real_people_services_were_read_one_by_one(real: pl.DataFrame) -> None:
    """Outside the codes, the titles of real notices that count are those that a person took for people services."""
    by_word = real.filter("is_people_services", ~pl.col("cpv_code").str.contains("^(?:80|85|98133)"))

    assert {title.split()[0] for title in by_word["title"]} == {"Support", "Programme", "Family", "Tender"}
    assert by_word.height == 8

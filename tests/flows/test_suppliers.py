"""Who the suppliers are, night by night: notices, registers and people's decisions come in any order, or twice."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from extractors.made_up_registers import (
    COMMISSION,
    OTHER_NAME_COLUMNS,
    Company,
    as_json,
    company_file,
)
from extractors.overrides import COLUMNS, UnusableOverrides
from flows import night, registers, suppliers
from flows.settings import Settings
from tests.flows import nights

FIRST = date(2026, 10, 1)

WITHOUT_ASKING = night.STEPS[1:-1]
"""The night without its first step, since the notices are in the archive already, and without its last."""

LINKING = tuple(step for step in WITHOUT_ASKING if step is not night.measure)
"""The night as far as it says who suppliers are, where no figure is looked at."""

TOLD = [name for name in nights.MEANING if name != "unpublished"]
"""The tables to compare; what readers have not been given yet is another matter."""

Days = Mapping[int, Sequence[nights.Told]]
"""Notices by the number of the day on which they appear."""

QUIET: Days = {60: []}
"""A day on which nothing is published."""


class Nights:
    """Nights of one warehouse, each at a time of its own, with what is known beside the notices."""

    def __init__(self, own: Settings, steps: Sequence[night.Step]) -> None:
        """Begin with nothing."""
        self.own, self.steps = own, steps
        self.number = 0

    def clock(self) -> nights.Clock:
        """Return the time of the next run."""
        self.number += 1
        return nights.clock(f"2026-12-01 02:{self.number:02}")

    def tell(self, days: Days) -> None:
        """Archive the notices of some days, and run a night for each, in the order given."""
        for number, releases in days.items():
            day = FIRST + timedelta(days=number)
            nights.bring(self.own, day, releases)
            night.run(self.own, "backfill", self.clock(), self.steps, first=day, last=day)

    def rebuild(self) -> None:
        """Make everything anew from the archive."""
        night.run(self.own, "rebuild", self.clock(), self.steps)

    def tables(self, names: Sequence[str] = TOLD) -> dict[str, pl.DataFrame]:
        """Read tables."""
        return nights.tables(self.own, names)

    def suppliers(self) -> dict[str, str | None]:
        """Return the supplier id to which each award's first mention leads, by the last digits of the award's ocid."""
        found = self.tables(["supplier_mention"])["supplier_mention"]
        return {
            str(int(award_id.split("-")[-2])): supplier_id
            for award_id, supplier_id in found.select("award_id", "supplier_id").iter_rows()
        }

    def reason(self, award: int) -> str:
        """Return why the first mention of an award leads where it does."""
        told = self.tables(["supplier_mention", "supplier_link"])
        mine = told["supplier_mention"].filter(pl.col("award_id").str.ends_with(f"-{award:012}-1"))
        return str(mine.join(told["supplier_link"], on="unit_id").item(0, "reason"))

    def supplier(self, award: int) -> dict[str, object]:
        """Return the row of the supplier of an award's first mention."""
        wanted = self.suppliers()[str(award)]
        return self.tables(["supplier"])["supplier"].row(by_predicate=pl.col("supplier_id") == wanted, named=True)

    def line(self, award: int) -> dict[str, object]:
        """Return the first line of an award."""
        lines = self.tables(["award_line"])["award_line"]
        return lines.row(by_predicate=pl.col("award_id").str.ends_with(f"-{award:012}-1"), named=True)

    def decide(self, *decisions: Mapping[str, str]) -> None:
        """Write people's decisions, and run a night that brings nothing else."""
        path = self.own.data_dir / "overrides.csv"
        rows = [
            {"override_id": "1", "who": "A. Reader", "reason": "Seen", "at": "2026-11-22", **told} for told in decisions
        ]
        lines = [",".join(COLUMNS), *(",".join(row.get(column, "") for column in COLUMNS) for row in rows)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.own = self.own.model_copy(update={"overrides": path})
        self.tell(QUIET)

    def load(self, register: str, **files: bytes) -> None:
        """Load a register from files, named by their first part, and run a night that brings nothing else."""
        paths = []
        for name, body in files.items():
            path = self.own.data_dir / f"{register}-files" / _FILES[name]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
            paths.append(path)
        registers.load(self.own.data_dir, register, nights.clock("2026-11-22 03:00"), files=paths)
        self.tell(QUIET)


_FILES = {
    "companies": "BasicCompanyDataAsOneFile-2026-11-01.csv",
    "charity": "publicextract.charity.json",
    "charity_other_names": "publicextract.charity_other_names.json",
}


@pytest.fixture
def begin(tmp_path: Path) -> Callable[..., Nights]:
    """Return a function that begins a warehouse of its own in a folder, on SQLite unless told otherwise."""

    def started(
        name: str = "own", warehouse_url: str | None = None, steps: Sequence[night.Step] = WITHOUT_ASKING
    ) -> Nights:
        folder = tmp_path / name
        folder.mkdir()
        return Nights(nights.settings(folder, warehouse_url=warehouse_url), steps)

    return started


# --- notices ----------------------------------------------------------------------------------------------------------

PELLOW = {"name": "Pellow Pumps Limited", "id": "GB-COH-19000101", "postcode": "LA9 6NS"}
TARN = {"name": "Tarn Signs", "postcode": "LE4 2BR"}
PELLOW_BARE = {"name": "PELLOW PUMPS LTD", "postcode": "LA9 6NS"}
DAYS: Days = {
    0: [
        nights.award(1, "2026-10-01", PELLOW_BARE),
        nights.award(2, "2026-10-01", {"name": "Tarn Signs", "postcode": "LE4 2BR"}),
    ],
    1: [nights.award(3, "2026-10-02", PELLOW), nights.award(4, "2026-10-02", {"name": "Various"})],
    2: [nights.award(5, "2026-10-03", {"name": "Pellow Pumps", "postcode": "LA9 6NS", "ticked": True})],
}


def test_a_firm_with_and_without_its_number_is_one_supplier_and_the_reason_says_why(
    begin: Callable[..., Nights],
) -> None:
    """A notice without the number follows one with it, on whichever night each appears, and says so in words."""
    own = begin(steps=LINKING)
    own.tell(DAYS)
    led = own.suppliers()

    assert led["1"] == led["3"] == led["5"] != led["2"]
    assert led["4"] is None
    assert own.supplier(1)["org_id"] == "GB-COH-19000101"
    assert own.supplier(1)["mentions"] == 3
    assert "19000101" in own.reason(3)
    assert "PELLOW PUMPS" in own.reason(1).upper()
    assert "19000101" in own.reason(1)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_nights_in_any_order_give_the_partition_and_the_tables_of_one_rebuild(
    order: tuple[int, ...], begin: Callable[..., Nights]
) -> None:
    """Which night brings what does not matter: a rebuild of the same archive finds nothing to change."""
    own = begin()
    own.tell({day: DAYS[day] for day in order})
    before = own.tables()
    own.rebuild()

    assert not nights.differences(before, own.tables())


def test_an_id_stays_over_a_rebuild_into_a_new_database(begin: Callable[..., Nights], tmp_path: Path) -> None:
    """With archive and state alone, every id in print comes back, and so does every redirect."""
    own = begin()
    own.tell(MERGED)
    told, redirect = own.tables(), own.tables(["supplier_redirect"])
    (tmp_path / "elsewhere").mkdir()
    for kept in ("archive", "state"):
        shutil.copytree(own.own.data_dir / kept, tmp_path / "elsewhere" / kept)
    other = Nights(nights.settings(tmp_path / "elsewhere"), WITHOUT_ASKING)
    other.rebuild()

    assert redirect["supplier_redirect"].height == 1
    assert not nights.differences(told, other.tables())
    assert not nights.differences(redirect, other.tables(["supplier_redirect"]))


MEALS = {"name": "Quay Meals of Ostrey", "id": "GB-CHC-1190301", "postcode": "M20 2WZ"}
BOTH = "GB-COH-19000201 GB-CHC-1190301"
MERGED: Days = {
    0: [nights.award(1, "2026-10-01", {"name": "Ostrey Kitchens", "id": "GB-COH-19000201", "postcode": "LE4 2BR"})],
    1: [nights.award(2, "2026-10-02", MEALS)],
    2: [nights.award(3, "2026-10-03", {"name": "Ostrey Kitchens", "id": BOTH, "postcode": "LE4 2BR"})],
}
"""Two suppliers under two numbers, until a night brings a notice that gives both."""


def test_a_merge_leaves_a_redirect_that_resolves(begin: Callable[..., Nights]) -> None:
    """An id in print that was given up leads to the supplier that stays, which exists."""
    own = begin(steps=LINKING)
    own.tell({0: MERGED[0], 1: MERGED[1]})
    before = own.suppliers()
    own.tell({2: MERGED[2]})
    redirect = own.tables(["supplier_redirect"])["supplier_redirect"]
    [stays] = set(own.suppliers().values())
    [gone] = set(before.values()) - {stays}

    assert len(set(before.values())) == 2
    assert redirect.select("old_id", "supplier_id").rows() == [(gone, stays)]
    assert own.tables(["supplier"])["supplier"]["supplier_id"].to_list() == [stays]


def test_an_id_in_print_is_never_given_to_another(begin: Callable[..., Nights]) -> None:
    """A supplier whose only award is retold with somebody else takes its id with it, and gets it back on return."""
    own = begin(steps=LINKING)
    own.tell({0: [nights.award(1, "2026-10-01", PELLOW)]})
    [printed] = set(own.suppliers().values())
    own.tell({3: [again(1, TARN)]})
    [other] = set(own.suppliers().values())
    own.tell({4: [nights.award(2, "2026-10-05", PELLOW)]})

    assert other != printed
    assert own.suppliers() == {"1": other, "2": printed}


def test_of_two_that_were_one_supplier_only_one_keeps_the_id(begin: Callable[..., Nights]) -> None:
    """What joined them is told otherwise later and one of them goes and comes back: it gets an id of its own."""
    own = begin()
    own.tell({0: [release for day in MERGED.values() for release in day]})
    [printed] = set(own.suppliers().values())
    own.tell({3: [again(2, TARN), again(3, TARN)]})
    kept = own.suppliers()["1"]
    own.tell({4: [nights.award(4, "2026-10-05", MEALS)]})
    led, before = own.suppliers(), own.tables()
    own.rebuild()

    assert kept == printed
    assert len({led["1"], led["2"], led["4"]}) == 3
    assert printed in (led["1"], led["4"])
    assert not nights.differences(before, own.tables())


def again(number: int, supplier: nights.Told) -> nights.Told:
    """Return a notice that tells an award with another supplier."""
    told = nights.award(number, "2026-10-04", supplier)
    return told | {"id": f"00000000-0000-4000-8000-{number:012}-2", "tag": ["awardUpdate"]}


# --- decisions --------------------------------------------------------------------------------------------------------

SISTERS: Days = {
    0: [
        nights.award(1, "2026-10-01", {"name": "Mossley Holdings Limited", "postcode": "EC1A 1BB"}, amount=900_000.0),
        nights.award(2, "2026-10-01", {"name": "Mossley Facilities Limited", "postcode": "EC1A 1BB"}),
        nights.award(3, "2026-10-01", PELLOW),
        nights.award(4, "2026-10-01", PELLOW_BARE),
    ],
}


JOINED = {"kind": "same", "a": "Mossley Holdings Limited", "b": "Mossley Facilities Limited"}


@pytest.mark.parametrize(
    ("decision", "together"),
    [
        (
            {"kind": "same", "a": "Mossley Holdings Limited", "b": "Mossley Facilities Limited"},
            {("1", "2"), ("3", "4")},
        ),
        ({"kind": "different", "a": "GB-COH-19000101", "b": "PELLOW PUMPS LTD"}, set()),
    ],
    ids=["same", "different"],
)
def test_a_decision_changes_who_is_one_supplier_and_taking_it_back_returns_the_first(
    decision: dict[str, str], together: set[tuple[str, str]], begin: Callable[..., Nights]
) -> None:
    """A person's word joins or parts; a line that takes it back leaves every table as it was, ids included."""
    own = begin()
    own.tell(SISTERS)
    own.tell(QUIET)
    before = own.tables()
    own.decide(decision)
    led = own.suppliers()
    joined = {(a, b) for a in led for b in led if a < b and led[a] == led[b]}
    decided = own.tables()
    own.rebuild()
    rebuilt = own.tables()
    own.decide(decision, decision | {"revoked_at": "2026-11-23"})

    assert joined == together
    assert not nights.differences(decided, rebuilt)
    assert decided["supplier_override"].height == 1
    assert not nights.differences(before, own.tables())


def test_a_decision_is_the_reason_that_is_told(begin: Callable[..., Nights]) -> None:
    """Who was joined by hand is told by hand."""
    own = begin(steps=LINKING)
    own.tell(SISTERS)
    own.decide(JOINED)

    assert any("decision" in own.reason(award).lower() or "decided" in own.reason(award).lower() for award in (1, 2))


def test_a_name_by_hand_goes_before_all_others(begin: Callable[..., Nights]) -> None:
    """The supplier bears the name that a person gave it, and says where it comes from."""
    own = begin(steps=LINKING)
    own.tell(SISTERS)
    own.decide({"kind": "name", "a": "GB-COH-19000101", "value": "Pellow Pumps (Kendal)"})

    assert own.supplier(4)["supplier_name"] == "Pellow Pumps (Kendal)"
    assert own.supplier(4)["name_source"] == "override"
    assert own.supplier(1)["name_source"] == "notice"


def test_a_name_by_hand_may_be_given_to_a_supplier_that_is_told_by_its_name(begin: Callable[..., Nights]) -> None:
    """Two in three suppliers carry no number: they are addressed by their name as notices write it."""
    own = begin(steps=LINKING)
    own.tell(SISTERS)
    own.decide({"kind": "name", "a": "Mossley Facilities Ltd", "value": "Mossley FM"})

    assert own.supplier(2)["supplier_name"] == "Mossley FM"
    assert own.supplier(1)["supplier_name"] == "Mossley Holdings Limited"


def test_a_class_by_hand_changes_supplier_and_line(begin: Callable[..., Nights]) -> None:
    """What a person knows of a supplier goes before register and name, and the evidence names who said so."""
    own = begin(steps=LINKING)
    own.tell(SISTERS)
    before = own.line(2)["vcse_status"]
    own.decide({"kind": "class", "a": "Mossley Facilities Limited", "value": "registered_charity"})

    assert before == "unknown"
    assert own.supplier(2)["vcse_status"] == own.line(2)["vcse_status"] == "yes"
    assert "A. Reader" in str(own.supplier(2)["vcse_evidence"])


def test_a_group_by_hand_brings_sisters_together_without_making_them_one(begin: Callable[..., Nights]) -> None:
    """Members of a group stay two suppliers; the group is told with its reason, and goes with the decision."""
    own = begin(steps=LINKING)
    own.tell(SISTERS)
    both = [
        {"override_id": str(place), "kind": "group", "a": f"Mossley {word} Limited", "value": "Mossley"}
        for place, word in enumerate(("Holdings", "Facilities"))
    ]
    own.decide(*both)
    told = own.tables(["supplier_group", "supplier_group_member"])
    one, other = own.supplier(1), own.supplier(2)
    own.decide(*(decision | {"revoked_at": "2026-11-23"} for decision in both))

    assert one["group_id"] == other["group_id"] is not None
    assert one["supplier_id"] != other["supplier_id"]
    assert told["supplier_group"].select("group_name", "method").rows() == [("Mossley", "override")]
    assert told["supplier_group_member"]["reason"].str.contains("A. Reader").all()
    assert own.tables(["supplier_group"])["supplier_group"].is_empty()


# --- registers --------------------------------------------------------------------------------------------------------

COMPANY = (
    Company(
        "QUENNER SUPPLIES LIMITED", "19000301", former=(("16/10/2019", "OLD HELM TRADING LIMITED"),), postcode="LS1 4AB"
    ),
    Company("ELMET BOOTHS LIMITED", "19000302", postcode="LE4 2BR"),
)


def other_names(*named: tuple[int, str, str]) -> bytes:
    """Return the Charity Commission's file of other names: number, kind, name."""
    rows = [
        dict(zip(OTHER_NAME_COLUMNS, ("2026-11-20T00:00:00", 5_000_001, number, 0, place, kind, name), strict=True))
        for place, (number, kind, name) in enumerate(named)
    ]
    return as_json(rows)


ASKED: Days = {
    0: [
        nights.award(1, "2026-10-01", {"name": "The Elmet Hospice CIO", "postcode": "LS1 4AB"}),
        nights.award(2, "2026-10-01", {"name": "Quayside Befriending", "postcode": "LS1 4AB"}),
        nights.award(3, "2026-10-01", {"name": "Old Helm Trading Limited", "postcode": "LS1 4AB"}),
        nights.award(4, "2026-10-01", {"name": "Quenner Supplies Ltd", "id": "GB-COH-19000301", "postcode": "LS1 4AB"}),
        nights.award(5, "2026-10-01", {"name": "Wentworth Citizens Bureau", "postcode": "LS1 4AB"}, amount=250_000.0),
    ],
}


def test_a_charity_known_by_its_working_name_is_found_with_its_evidence(begin: Callable[..., Nights]) -> None:
    """Once the register is loaded, the next night knows who it is and what it is, without any new notice."""
    own = begin(steps=LINKING)
    own.tell(ASKED)
    before = own.supplier(2)
    own.load(
        "charity-commission",
        charity=as_json(COMMISSION),
        charity_other_names=other_names((1190002, "Working Name", "Quayside Befriending")),
    )
    now = own.supplier(2)

    assert before["vcse_status"] != "yes"
    assert before["vcse_register_on"] is None
    assert now["vcse_status"] == own.line(2)["vcse_status"] == "yes"
    assert now["supplier_name"] == "THE ELMET HOSPICE CIO"
    assert now["vcse_register_on"] == date(2026, 11, 20)
    assert "1190002" in str(now["vcse_evidence"])
    assert "working name" in own.reason(2).lower() or "Charity Commission" in own.reason(2)
    assert own.suppliers()["1"] == own.suppliers()["2"]
    assert own.tables(["organisation"])["organisation"]["org_id"].to_list() == ["GB-CHC-1190002"]


def test_a_renamed_company_is_found_by_its_former_name(begin: Callable[..., Nights]) -> None:
    """The old name leads to the company that bears another now, and says so; its redirect resolves."""
    own = begin(steps=LINKING)
    own.tell(ASKED)
    before = own.suppliers()
    own.load("companies-house", companies=company_file(COMPANY))
    now = own.suppliers()
    redirect = dict(own.tables(["supplier_redirect"])["supplier_redirect"].select("old_id", "supplier_id").iter_rows())
    gone = {before["3"], before["4"]} - {now["4"]}

    assert before["3"] != before["4"]
    assert now["3"] == now["4"]
    assert {redirect[old] for old in gone} == {now["4"]}
    assert own.supplier(3)["supplier_name"] == "QUENNER SUPPLIES LIMITED"
    assert own.supplier(3)["name_source"] == "register"
    assert "QUENNER" in own.reason(3) or "19000301" in own.reason(3)


def test_what_a_register_changes_reaches_the_indicators_and_is_what_a_rebuild_finds(
    begin: Callable[..., Nights],
) -> None:
    """The figures for the voluntary sector move on the next night, and every table is that of a rebuild."""
    own = begin()
    own.tell(ASKED)
    before = own.tables(["indicator_value"])["indicator_value"]
    own.load(
        "charity-commission",
        charity=as_json(COMMISSION),
        charity_other_names=other_names((1190001, "Previous Name", "WENTWORTH CITIZENS' BUREAU")),
    )
    now = own.tables()
    own.rebuild()
    strict = pl.col("indicator_id") == "O1.strict"

    assert own.line(5)["vcse_status"] == "yes"
    assert not before.filter(strict).equals(now["indicator_value"].filter(strict))
    assert not nights.differences(now, own.tables())


def test_a_register_that_is_there_from_the_first_night_gives_what_a_later_one_gives(
    begin: Callable[..., Nights],
) -> None:
    """When the register came does not matter to who is one supplier and what it is."""
    early, late = begin("early"), begin("late")
    early.load("companies-house", companies=company_file(COMPANY))
    early.tell(ASKED)
    early.tell(QUIET)
    late.tell(ASKED)
    late.load("companies-house", companies=company_file(COMPANY))
    some, others = early.suppliers(), late.suppliers()

    assert partition(some) == partition(others)
    assert [early.supplier(award)["vcse_evidence"] for award in range(1, 6)] == [
        late.supplier(award)["vcse_evidence"] for award in range(1, 6)
    ]


def partition(led: Mapping[str, str | None]) -> set[frozenset[str]]:
    """Return which awards lead to one supplier, whatever its id."""
    return {frozenset(award for award in led if led[award] == one) for one in led.values()}


def test_without_registers_the_evidence_says_that_none_was_asked(begin: Callable[..., Nights]) -> None:
    """Everything works on the notices alone, at lower coverage, and says so."""
    own = begin()
    own.tell(ASKED)
    told = own.tables()

    assert told["register"].is_empty()
    assert told["organisation"].is_empty()
    assert told["supplier"]["vcse_status"].null_count() == 0
    assert told["supplier"]["vcse_evidence"].null_count() == 0
    assert own.supplier(1)["vcse_status"] == "yes"
    assert own.supplier(5)["vcse_status"] in ("unknown", "possible")


# --- judged cases -----------------------------------------------------------------------------------------------------

BOOTHS = {"name": "Elmet Booths Limited", "id": "GB-COH-19000302", "postcode": "LE4 2BR", "ticked": True}
HEALTH = {"name": "HARROWGATE HEALTH COMMUNITY INTEREST COMPANY", "postcode": "LS1 4AB"}
JUDGED: Days = {
    0: [
        nights.award(1, "2026-10-01", {"name": "Elmet Care (North) Limited", "postcode": "EC1A 1BB"}),
        nights.award(2, "2026-10-01", {"name": "Elmet Care (South) Limited", "postcode": "EC1A 1BB"}),
        nights.award(3, "2026-10-01", {"name": "University of Mellowby", "postcode": "LS1 4AB", "ticked": True}),
        nights.award(
            4,
            "2026-10-01",
            {"name": "Elmet Booths Limited", "id": "GB-COH-19000302", "postcode": "LE4 2BR", "ticked": True},
        ),
        nights.award(5, "2026-10-01", {"name": "Harrowgate Health C.I.C.", "postcode": "LS1 4AB"}),
        nights.award(
            6,
            "2026-10-01",
            {"name": "HARROWGATE HEALTH COMMUNITY INTEREST COMPANY", "postcode": "LS1 4AB", "ticked": False},
        ),
    ],
}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    """Return a warehouse in which the cases were told, with companies loaded."""
    own = Nights(nights.settings(tmp_path_factory.mktemp("judged")), LINKING)
    own.tell(JUDGED)
    own.load("companies-house", companies=company_file(COMPANY))
    return own


def test_sister_companies_at_one_postcode_stay_two(judged: Nights) -> None:
    """Names that both carry a legal form and differ by a word are two suppliers; if at all, a person is asked."""
    led = judged.suppliers()

    assert led["1"] != led["2"]


def test_a_university_that_is_ticked_is_set_apart(judged: Nights) -> None:
    """It is no voluntary organisation whatever the box says, and the line tells that the two disagree."""
    told = judged.supplier(3)

    assert (told["vcse_status"], told["vcse_type"], told["is_quasi_public"]) == ("no", "university", True)
    assert judged.line(3)["vcse_status"] == "records_disagree"
    assert "university" in str(told["vcse_evidence"]).lower()


def test_a_limited_company_that_is_ticked_is_told_as_a_disagreement(judged: Nights) -> None:
    """By register it is a company limited by shares; the buyer's tick stands beside that, and does not win."""
    told = judged.supplier(4)

    assert (told["vcse_status"], told["vcse_type"]) == ("no", "share_company")
    assert (judged.line(4)["vcse_declared"], judged.line(4)["vcse_status"]) == (True, "records_disagree")
    assert "Companies House" in str(told["vcse_evidence"])


def test_a_community_interest_company_without_a_number_is_one(judged: Nights) -> None:
    """The law reserves the ending: however it is written, it is one supplier and of the voluntary sector."""
    led, told = judged.suppliers(), judged.supplier(5)

    assert led["5"] == led["6"]
    assert (told["vcse_status"], told["vcse_type"]) == ("yes", "cic")
    assert judged.line(6)["vcse_status"] == "yes"
    assert "community interest company" in str(told["vcse_evidence"]).lower()


def test_every_link_has_its_reason(judged: Nights) -> None:
    """No mention leads anywhere without a sentence, a method and a score."""
    told = judged.tables(["supplier_link", "supplier_mention"])
    link = told["supplier_link"]

    assert link.select("reason", "method", "score", "evidence").null_count().row(0) == (0, 0, 0, 0)
    assert link["reason"].str.ends_with(".").all()
    assert set(told["supplier_mention"]["unit_id"].drop_nulls()) == set(link["unit_id"])


# --- engines ----------------------------------------------------------------------------------------------------------


def test_sqlite_and_postgresql_agree_on_suppliers(
    begin: Callable[..., Nights], new_postgres: Callable[[], str]
) -> None:
    """The same nights, a register and a decision among them, give the same rows on both engines."""
    both = [begin("sqlite"), begin("postgresql", new_postgres())]
    for own in both:
        own.tell({**MERGED, 3: [nights.award(4, "2026-10-04", PELLOW), nights.award(5, "2026-10-04", PELLOW_BARE)]})
        own.tell({4: [nights.award(6, "2026-10-05", BOOTHS), nights.award(7, "2026-10-05", HEALTH)]})
        own.load("companies-house", companies=company_file(COMPANY))
        own.decide({"kind": "different", "a": "GB-COH-19000101", "b": "PELLOW PUMPS LTD"})
    names = [*TOLD, "supplier_redirect"]
    found = both[0].tables(names)

    assert not nights.differences(found, both[1].tables(names))
    assert [name for name in ("organisation", "supplier_redirect", "supplier_override") if found[name].is_empty()] == []


def test_a_decision_of_an_unknown_class_stops_the_night(tmp_path: Path) -> None:
    """The error names the decision and what it may say, before anything is resolved."""
    path = tmp_path / "overrides.csv"
    path.write_text(f"{','.join(COLUMNS)}\n2,class,GB-COH-01234567,,registered charity,why,A,2026-11-22,\n")

    with pytest.raises(UnusableOverrides, match=r"'2'.*registered_charity"):
        suppliers.known(tmp_path, path)

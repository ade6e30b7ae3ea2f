"""Which suppliers belong to one group, and why."""

import datetime as dt
from typing import Any

import polars as pl
import pytest

from transforms.reference import facts
from transforms.suppliers import groups
from transforms.suppliers.names import parse
from transforms.suppliers.registers import ORGANISATION, RELATION

CONTROL = "Companies House: person with significant control, at least three quarters"
LOOKUPS = "charity-lookups: branches"
SUPPLIER = dict.fromkeys(("supplier_id", "supplier_name", "org_id", "org_ids", "core_name", "legal_form"), pl.String())
OVERRIDE = dict.fromkeys(("override_id", "kind", "a", "value", "reason", "who"), pl.String()) | {
    "at": pl.Date(),
    "revoked_at": pl.Date(),
}
MITIE_FM, MITIE_GROUP, CAPITA = "GB-COH-07281729", "GB-COH-SC019230", "GB-COH-02299747"


def suppliers(*told: tuple[str, str] | tuple[str, str, str]) -> pl.DataFrame:
    """Return suppliers by id, name, and org-ids parted by spaces."""
    rows = []
    for supplier_id, name, *ids in told:
        read = parse(name)
        org_ids = ids[0] if ids else None
        rows.append((supplier_id, name, org_ids and org_ids.split()[0], org_ids, read.core, read.legal_form))
    return pl.DataFrame(rows, schema=SUPPLIER, orient="row")


def relations(*told: tuple[str, str, str], **more: Any) -> pl.DataFrame:
    """Return relations by kind or source, child and parent."""
    rows = [
        {
            "org_id": child,
            "other_org_id": parent,
            "kind": "same_as" if source == "same_as" else "parent",
            "source": source,
        }
        | more
        for child, parent, source in told
    ]
    return pl.DataFrame(rows, schema=RELATION)


def organisations(**names: str) -> pl.DataFrame:
    """Return what Companies House calls these numbers, written with an underscore for each hyphen."""
    rows = [
        {"org_id": org_id.replace("_", "-"), "name": name, "vintage": dt.date(2026, 11, 1)}
        for org_id, name in names.items()
    ]
    return pl.DataFrame(rows, schema=ORGANISATION)


def decided(*told: tuple[str, str], **more: Any) -> pl.DataFrame:
    """Return decisions about groups, by supplier and group."""
    rows = [
        {
            "override_id": str(number),
            "kind": "group",
            "a": a,
            "value": value,
            "reason": "The annual report says so.",
            "who": "a reader",
            "at": dt.date(2026, 11, number + 1),
        }
        | more
        for number, (a, value) in enumerate(told)
    ]
    return pl.DataFrame(rows, schema=OVERRIDE)


def grouped(
    supplier: pl.DataFrame,
    organisation: pl.DataFrame | None = None,
    relation: pl.DataFrame | None = None,
    override: pl.DataFrame | None = None,
    strategic: pl.DataFrame | None = None,
) -> groups.Groups:
    """Return the groups of these suppliers."""
    return groups.grouped(
        supplier,
        organisations() if organisation is None else organisation,
        relations() if relation is None else relation,
        decided() if override is None else override,
        strategic,
    )


def of(found: groups.Groups) -> dict[str, tuple[str, str]]:
    """Return group and method of each supplier."""
    return {row[0]: (row[1], row[2]) for row in found.member.iter_rows()}


def test_without_registers_the_list_speaks_by_number_and_by_name() -> None:
    """A listed number, or a listed name without any number, tells the group; nothing else does."""
    found = grouped(
        suppliers(
            ("S1", "Mitie FM", MITIE_FM),
            ("S2", "MITIE (DEFENCE) LTD."),
            ("S3", "Mitie (Defence) Limited", "GB-COH-19000001"),
            ("S4", "Mitie (Defence) LLP"),
            ("S5", "Wates Bros Ltd"),
            ("S6", "SODEXO LIMITED"),
        )
    )

    assert of(found) == {"S1": ("mitie", "list"), "S2": ("mitie", "list"), "S6": ("sodexo", "list")}
    assert found.member["reason"][0] == (
        "Its number 07281729 is listed under Mitie: Award notices on Contracts Finder: name and company number as they"
        " give them (https://www.contractsfinder.service.gov.uk/), 2022-05-27."
    )
    assert found.group.filter(pl.col("group_id") == "mitie").row(0)[:2] == ("mitie", "Mitie")


def test_a_chain_of_control_leads_to_its_head() -> None:
    """Child and grandchild are in the group of the head, and so is the head itself, each with its reason."""
    supplier = suppliers(
        ("S1", "Calder Homes Ltd", "GB-COH-19000001"),
        ("S2", "Dearne Ltd", "GB-COH-19000002"),
        ("S3", "Mossley Holdings plc", "GB-COH-19000003"),
        ("S4", "Elmet Ltd", "GB-COH-19000004"),
    )
    relation = relations(
        ("GB-COH-19000001", "GB-COH-19000002", CONTROL), ("GB-COH-19000002", "GB-COH-19000003", CONTROL)
    )
    found = grouped(supplier, organisations(GB_COH_19000003="MOSSLEY HOLDINGS PLC"), relation)

    assert of(found) == dict.fromkeys(("S1", "S2", "S3"), ("GB-COH-19000003", "control"))
    assert found.member["reason"].to_list() == [
        "Its parent is GB-COH-19000002, and at the head of that stands MOSSLEY HOLDINGS PLC (GB-COH-19000003),"
        " by the register of persons with significant control.",
        "Its parent is MOSSLEY HOLDINGS PLC (GB-COH-19000003), by the register of persons with significant control.",
        "It is itself at the head of the group of MOSSLEY HOLDINGS PLC (GB-COH-19000003).",
    ]
    assert found.group.rows() == [
        (
            "GB-COH-19000003",
            "MOSSLEY HOLDINGS PLC",
            "GB-COH-19000003",
            "control",
            "the register of persons with significant control",
            False,
            False,
        )
    ]


def test_a_company_that_a_listed_one_controls_joins_the_listed_group() -> None:
    """The group of the list, by the register's chain; what its brand's own head controls, too."""
    supplier = suppliers(("S1", "Ebor Cleaning Ltd", "GB-COH-19000001"), ("S2", "Ripon Guards Ltd", "GB-COH-19000002"))
    relation = relations(
        ("GB-COH-19000001", MITIE_FM, CONTROL),
        (MITIE_FM, MITIE_GROUP, CONTROL),
        ("GB-COH-19000002", MITIE_GROUP, CONTROL),
    )
    known = organisations(GB_COH_SC019230="MITIE GROUP PLC", GB_COH_07281729="MITIE FM LTD")

    assert of(grouped(supplier, known, relation)) == dict.fromkeys(("S1", "S2"), ("mitie", "control"))
    assert of(grouped(supplier, organisations(), relation))["S2"] == (MITIE_GROUP, "control")


def test_a_listed_company_that_was_sold_follows_the_register() -> None:
    """Where the register leads to another listed group, that is newer than the list."""
    supplier = suppliers(("S1", "Capita Business Services Ltd", CAPITA))
    sold = relations((CAPITA, MITIE_FM, CONTROL))

    assert of(grouped(supplier, relation=sold)) == {"S1": ("mitie", "control")}
    assert of(grouped(supplier)) == {"S1": ("capita", "list")}


@pytest.mark.parametrize(
    "relation",
    [
        relations(("GB-COH-19000001", "GB-COH-19000002", CONTROL), ("GB-COH-19000001", "GB-COH-19000003", CONTROL)),
        relations(("GB-COH-19000001", "GB-COH-19000002", CONTROL), valid_to=dt.date(2020, 1, 31)),
        relations(("GB-COH-19000001", "GB-COH-19000002", "same_as")),
        relations(("GB-COH-19000001", "GB-COH-19000001", CONTROL)),
    ],
    ids=["two parents", "ended", "the same", "itself"],
)
def test_what_tells_no_parent(relation: pl.DataFrame) -> None:
    """Of two parents none is chosen; control that has ended, another register's number and oneself are none."""
    assert of(grouped(suppliers(("S1", "Calder Homes Ltd", "GB-COH-19000001")), relation=relation)) == {}


def test_companies_that_control_each_other_are_one_group() -> None:
    """A circle ends, and from wherever the way begins it has the same head."""
    ids = [f"GB-COH-1900000{number}" for number in (1, 2, 3, 4)]
    supplier = suppliers(*((f"S{place}", f"Calder {place} Ltd", org_id) for place, org_id in enumerate(ids)))
    circle = relations((ids[0], ids[1], CONTROL), (ids[1], ids[2], CONTROL), (ids[2], ids[1], CONTROL))

    assert of(grouped(supplier, relation=circle)) == dict.fromkeys(("S0", "S1", "S2"), (ids[1], "control"))


def test_a_branch_of_a_federation_says_that_it_may_be_a_charity_of_its_own() -> None:
    """A charity's parent makes a group, by its company's number as well; a controlling body goes before it."""
    supplier = suppliers(
        ("S1", "Citizens Advice Elmet", "GB-CHC-1900001"),
        ("S2", "Citizens Advice Calder", "GB-COH-19000002"),
        ("S3", "Dearne Advice", "GB-CHC-1900003 GB-COH-19000003"),
    )
    relation = relations(
        ("GB-CHC-1900001", "GB-CHC-279057", LOOKUPS),
        ("GB-CHC-1900002", "GB-CHC-279057", LOOKUPS),
        ("GB-CHC-1900002", "GB-COH-19000002", "same_as"),
        ("GB-CHC-1900003", "GB-CHC-279057", LOOKUPS),
        ("GB-COH-19000003", "GB-COH-19000009", CONTROL),
    )
    found = grouped(supplier, organisations(GB_CHC_279057="Citizens Advice"), relation)

    assert of(found) == {
        "S1": ("GB-CHC-279057", "charity_parent"),
        "S2": ("GB-CHC-279057", "charity_parent"),
        "S3": ("GB-COH-19000009", "control"),
    }
    assert found.member["reason"][0] == (
        "Its parent is Citizens Advice (GB-CHC-279057), by charity-lookups; it may be a charity of its own."
    )


def test_a_foreign_head_is_a_group_without_an_org_id() -> None:
    """What has no number in the UK is told by the name that the register of control gives."""
    supplier = suppliers(("S1", "Mossley UK Ltd", "GB-COH-19000001"))
    head = "PSC-5786925-globalmossley"
    known = pl.DataFrame([{"org_id": head, "name": "Global Mossley, Inc."}], schema=ORGANISATION)
    found = grouped(supplier, known, relations(("GB-COH-19000001", head, CONTROL)))

    assert found.group.row(0)[:3] == (head, "Global Mossley, Inc.", None)
    assert found.member["reason"][0].startswith("Its parent is Global Mossley, Inc., by the register")


@pytest.mark.parametrize("a", ["S1", MITIE_FM, "mitie fm"])
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("capita", "capita"),
        ("Capita", "capita"),
        ("Ebor Group", "ebor-group"),
        ("GB-COH-19000009", "GB-COH-19000009"),
        ("none", None),
    ],
)
def test_a_person_decides_before_everything(a: str, value: str, expected: str | None) -> None:
    """By supplier, number or name, into a group that is there, a new one, or none; the latest decision counts."""
    supplier = suppliers(("S1", "Mitie FM", MITIE_FM), ("S2", "Capita", CAPITA))
    found = grouped(supplier, override=decided((a, "serco"), (a, value)))

    assert of(found).get("S1") == (expected and (expected, "override"))
    assert of(found)["S2"] == ("capita", "list")


def test_a_revoked_decision_leaves_what_was() -> None:
    """Taken back, it says nothing; and it leaves no group behind."""
    supplier = suppliers(("S1", "Mitie FM", MITIE_FM))
    revoked = decided(("S1", "Ebor Group"), revoked_at=dt.date(2026, 11, 22))
    first, after = grouped(supplier), grouped(supplier, override=revoked)

    assert after.member.equals(first.member)
    assert after.group.equals(first.group)


def test_strategic_suppliers_are_those_of_the_loaded_list() -> None:
    """The list that comes with the project is replaced whole; a firm that is no known group is one by its name."""
    supplier = suppliers(("S1", "Mitie FM", MITIE_FM), ("S2", "Serco Ltd", "GB-COH-00242246"), ("S3", "Ebor Rail Ltd"))
    shipped = grouped(supplier)
    loaded = pl.DataFrame(
        [
            ("SERCO GROUP", dt.date(2026, 9, 1), "https://www.gov.uk/x"),
            ("Serco", None, None),
            ("Ebor Rail", None, None),
        ],
        schema=groups.STRATEGIC,
        orient="row",
    )
    after = grouped(supplier, strategic=loaded)

    assert dict(shipped.group.select("group_id", "is_strategic_supplier").iter_rows()) == {"mitie": True, "serco": True}
    assert dict(after.group.select("group_id", "is_strategic_supplier").iter_rows()) == {
        "ebor-rail": True,
        "mitie": False,
        "serco": True,
    }
    assert dict(after.group.select("group_id", "is_national_provider").iter_rows())["ebor-rail"] is False


def test_the_order_of_the_rows_never_shows() -> None:
    """Whatever the order of suppliers, relations and decisions, the groups are the same."""
    supplier = suppliers(
        ("S1", "Mitie FM", MITIE_FM), ("S2", "Calder Ltd", "GB-COH-19000001"), ("S3", "Dearne Ltd", "GB-COH-19000002")
    )
    relation = relations(
        ("GB-COH-19000001", MITIE_FM, CONTROL), (MITIE_FM, MITIE_GROUP, CONTROL), ("GB-COH-19000002", "X", CONTROL)
    )
    decisions = decided(("S3", "Ebor"), ("S3", "Elmet"))
    one = grouped(supplier, relation=relation, override=decisions)
    other = grouped(supplier.reverse(), relation=relation.reverse(), override=decisions.reverse())

    assert one.member.equals(other.member)
    assert one.group.equals(other.group)


CARE = suppliers(
    ("S1", "Ebor Care Ltd"), ("S2", "Ebor Homecare Ltd"), ("S3", "Ebor Training CIC"), ("S4", "Dearne Ltd")
)
AT = pl.DataFrame(
    {
        "supplier_id": ["S1", "S2", "S3", "S3", "S4", "S4"],
        "postcode": ["YO1 1AA", "yo11aa", "YO1 1AA", "LS1 4AB", None, "YO1 1AA"],
    }
)


def test_one_brand_at_one_postcode_is_for_a_person_to_look_at() -> None:
    """Each is paired with the first of them, with a reason; another word or postcode is no candidate."""
    pairs = groups.candidates(CARE, AT, pl.DataFrame(schema=groups.MEMBER))

    assert pairs.select("a_supplier_id", "b_supplier_id", "decision").rows() == [
        ("S1", "S2", "review"),
        ("S1", "S3", "review"),
    ]
    assert pairs["reason"][0] == (
        "Ebor Care Ltd and Ebor Homecare Ltd begin with the same word and share the postcode YO1 1AA: they may belong"
        " to one group, which neither the list nor a register says."
    )
    assert pairs["evidence"][0] == '{"brand": "ebor", "postcode": "YO1 1AA"}'


@pytest.mark.parametrize("word", ["Leeds", "Royal", "The Community", "24 7", "AB", "Saint"])
def test_ordinary_words_and_places_are_no_brand(word: str) -> None:
    """Neighbours that begin with the name of their town are not candidates."""
    supplier = suppliers(("S1", f"{word} Care Ltd"), ("S2", f"{word} Homes Ltd"))

    assert groups.candidates(supplier, AT, pl.DataFrame(schema=groups.MEMBER)).is_empty()


def test_candidates_never_make_a_group_and_join_in_the_upper_figure_only() -> None:
    """Whoever would be joined has one common name for it; a group that is known takes its members along."""
    member = pl.DataFrame([("S3", "g", "list", ""), ("S9", "g", "list", "")], schema=groups.MEMBER, orient="row")
    pairs = groups.candidates(CARE, AT, member)
    joined = dict(groups.together(member, pairs).iter_rows())

    assert set(joined) == {"S1", "S2", "S3", "S9"}
    assert len(set(joined.values())) == 1
    assert groups.together(member, pairs.clear()).is_empty()


def test_two_of_one_group_are_no_candidates() -> None:
    """What is known needs no review."""
    member = pl.DataFrame([(f"S{n}", "g", "list", "") for n in (1, 2, 3)], schema=groups.MEMBER, orient="row")

    assert groups.candidates(CARE, AT, member).is_empty()


def test_the_lists_are_dated_facts_with_sources() -> None:
    """Every row has its group, a number that Companies House may have given, its source and its day."""
    providers, strategic = facts("national_providers.csv"), facts("strategic_suppliers.csv")

    assert providers["org_id"].str.contains(r"^GB-COH-([A-Z]{2}\d{6}|\d{8})$").all()
    assert providers.group_by("org_id").agg(pl.col("group_id").n_unique())["group_id"].max() == 1
    assert providers.group_by("group_id").agg(pl.col("group_name").n_unique())["group_name"].max() == 1
    assert providers["group_id"].n_unique() >= 40
    assert providers.drop("parent_org_id").null_count().sum_horizontal().item() == 0
    assert strategic.null_count().sum_horizontal().item() == 0
    assert strategic.filter(pl.col("listed_on") == "2017-05-01").height == 31
    assert providers["recorded_on"].str.to_date().is_not_null().all()
    assert strategic["source_url"].str.starts_with("https://").all()

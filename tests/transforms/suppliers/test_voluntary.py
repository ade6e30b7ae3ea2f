"""Which suppliers belong to the voluntary sector, each with the reason in words. All organisations are made up."""

import datetime as dt
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from transforms.reference import facts
from transforms.suppliers import registers, voluntary
from transforms.suppliers.names import parse

CHECKED = dt.date(2026, 11, 1)
GUARANTEE = "PRI/LTD BY GUAR/NSC (Private, limited by guarantee, no share capital)"
OVERRIDE = dict.fromkeys(("override_id", "kind", "a", "b", "value", "reason", "who", "at", "revoked_at"), pl.String)


def supplier(name: str, *org_ids: str, **told: Any) -> dict[str, Any]:
    """Return one supplier as the notices write it, with the org-ids that are known of it."""
    read = parse(name)
    return {
        "supplier_id": "S1",
        "supplier_name": name,
        "org_id": org_ids[0] if org_ids else None,
        "org_ids": " ".join(org_ids) or None,
        "core_name": read.core,
        "legal_form": read.legal_form,
    } | told


def held(org_id: str, category: str | None, **told: Any) -> dict[str, Any]:
    """Return one entry of the register that an org-id belongs to."""
    register = voluntary.REGISTER_OF["-".join(org_id.split("-")[:2])]
    return {
        "org_id": org_id,
        "register": register,
        "name": "THE MADE UP NAME",
        "status": "active",
        "category": category,
        "vintage": CHECKED,
    } | told


def loaded(*names: str) -> pl.DataFrame:
    """Return these registers as loaded."""
    return pl.DataFrame(
        [(name, CHECKED) for name in names], schema={"register": pl.String, "vintage": pl.Date}, orient="row"
    )


EVERY_REGISTER = loaded(*voluntary.REGISTER_NAMES)
NO_REGISTER = loaded()


def classified(
    suppliers: list[dict[str, Any]],
    entries: tuple[dict[str, Any], ...] = (),
    links: tuple[tuple[str, str], ...] = (),
    overrides: tuple[dict[str, Any], ...] = (),
    register: pl.DataFrame = EVERY_REGISTER,
) -> pl.DataFrame:
    """Return what is told of these suppliers."""
    return voluntary.classify(
        pl.DataFrame(suppliers, schema=dict.fromkeys(supplier("Foo"), pl.String)),
        pl.DataFrame(list(entries), schema=registers.ORGANISATION),
        pl.DataFrame(
            [{"org_id": a, "other_org_id": b, "kind": "same_as"} for a, b in links], schema=registers.RELATION
        ),
        pl.DataFrame(list(overrides), schema=OVERRIDE),
        register,
    )


def told(
    one: dict[str, Any],
    *entries: dict[str, Any],
    links: tuple[tuple[str, str], ...] = (),
    register: pl.DataFrame = EVERY_REGISTER,
) -> dict[str, Any]:
    """Return what is told of one supplier."""
    return classified([one], entries, links, register=register).row(0, named=True)


def test_a_charity_known_by_its_working_name() -> None:
    """A charity whose number was found by its working name is one, under the name that the register has for it."""
    row = told(
        supplier("Sunny Days", "GB-CHC-1112223"),
        held(
            "GB-CHC-1112223",
            "Charitable company",
            name="THE EXAMPLE TRUST FOR CHILDREN",
            income_gbp=Decimal("250000.00"),
            income_on=dt.date(2026, 3, 31),
        ),
    )

    assert row == {
        "supplier_id": "S1",
        "vcse_status": "yes",
        "vcse_type": "registered_charity",
        "vcse_evidence": (
            "A registered charity: number 1112223 in the register of the Charity Commission for England and Wales "
            "as 'THE EXAMPLE TRUST FOR CHILDREN' (registers checked on 1 November 2026)."
        ),
        "vcse_register_on": CHECKED,
        "is_quasi_public": False,
        "income_gbp": Decimal("250000.00"),
        "income_band": "100k_to_1m",
    }


@pytest.mark.parametrize("register", [NO_REGISTER, EVERY_REGISTER], ids=["without registers", "with registers"])
@pytest.mark.parametrize(
    "name", ["Helping Hands CIC", "Helping Hands C.I.C.", "Helping Hands Community Interest Company"]
)
def test_a_cic_without_an_identifier(name: str, register: pl.DataFrame) -> None:
    """A name that ends in CIC is one by law, with or without a register and an identifier."""
    row = told(supplier(name), register=register)

    assert (row["vcse_status"], row["vcse_type"], row["is_quasi_public"]) == ("yes", "cic", False)
    assert row["vcse_evidence"] == (
        "A community interest company by its name: only a community interest company may end its name so."
    )
    assert row["vcse_register_on"] is None


@pytest.mark.parametrize(
    ("entries", "evidence"),
    [
        ((), "A university by its name, set apart from the voluntary sector."),
        (
            (held("GB-SC-SC012345", "Statutory corporation", name="UNIVERSITY OF NOWHERE"),),
            "A university by its name, set apart from the voluntary sector; in law a registered charity, number "
            "SC012345 in the Scottish Charity Register as 'UNIVERSITY OF NOWHERE' "
            "(registers checked on 1 November 2026).",
        ),
    ],
)
def test_a_university_ticked_as_vcse(entries: tuple[dict[str, Any], ...], evidence: str) -> None:
    """A university stands apart, also where it is a charity in law, and a tick for it disagrees with that."""
    row = told(supplier("University of Nowhere", *(entry["org_id"] for entry in entries)), *entries)

    assert (row["vcse_status"], row["vcse_type"], row["is_quasi_public"]) == ("no", "university", True)
    assert row["vcse_evidence"] == evidence
    assert line(row["vcse_status"], ticked=True) == "records_disagree"


def test_a_limited_company_ticked_as_vcse() -> None:
    """A company that the register has as limited by shares is none, and a tick for it disagrees with that."""
    row = told(
        supplier("Example Roofing Ltd", "GB-COH-01234567"),
        held("GB-COH-01234567", "Private Limited Company", name="EXAMPLE ROOFING LIMITED"),
    )

    assert (row["vcse_status"], row["vcse_type"]) == ("no", "share_company")
    assert row["vcse_evidence"] == (
        "A company limited by shares: number 01234567 at Companies House as 'EXAMPLE ROOFING LIMITED' "
        "(registers checked on 1 November 2026)."
    )
    assert line(row["vcse_status"], ticked=True) == "records_disagree"


@pytest.mark.parametrize("org_ids", [(), ("GB-COH-01234567",)])
def test_a_limited_company_without_a_register_is_unknown(org_ids: tuple[str, ...]) -> None:
    """A charity may be a company named Limited: without a register nobody can tell, whatever is ticked."""
    row = told(supplier("Example Roofing Ltd", *org_ids), register=NO_REGISTER)

    assert (row["vcse_status"], row["vcse_type"], row["is_quasi_public"]) == ("unknown", None, None)
    assert row["vcse_evidence"] == "Not known: the name does not tell, and no register is loaded."
    assert line(row["vcse_status"], ticked=True) == "unknown"


@pytest.mark.parametrize(
    ("org_id", "category", "status", "kind"),
    [
        ("GB-COH-01234567", "Private Limited Company", "no", "share_company"),
        ("GB-COH-01234567", "  private  limited company", "no", "share_company"),
        ("GB-COH-01234567", "Public Limited Company", "no", "share_company"),
        ("GB-COH-OC301234", "Limited Liability Partnership", "no", "partnership"),
        ("GB-COH-01234567", "Community Interest Company", "yes", "cic"),
        ("GB-COH-CE012345", "Charitable Incorporated Organisation", "yes", "cio"),
        ("GB-COH-CS001234", "Scottish Charitable Incorporated Organisation", "yes", "scio"),
        ("GB-COH-01234567", GUARANTEE, "possible", "guarantee_company"),
        (
            "GB-COH-01234567",
            "PRI/LBG/NSC (Private, Limited by guarantee, no share capital, use of 'Limited' exemption)",
            "possible",
            "guarantee_company",
        ),
        (
            "GB-COH-00123456",
            "PRIV LTD SECT. 30 (Private limited company, section 30 of the Companies Act)",
            "possible",
            "exempt_company",
        ),
        ("GB-COH-IP12345R", "Registered Society", "possible", "registered_society"),
        ("GB-COH-RC000123", "Royal Charter Company", "unknown", None),
        ("GB-COH-FC012345", "Overseas Entity", "unknown", None),
        ("GB-COH-01234567", "A category of the future", "unknown", None),
        ("GB-MPR-7654", "Community Benefit Society", "yes", "community_benefit_society"),
        ("GB-MPR-4321", "Co-operative Society", "possible", "cooperative"),
        ("GB-MPR-123", "Credit Union", "possible", "mutual"),
        ("GB-CHC-1112223", "CIO", "yes", "cio"),
        ("GB-CHC-1112223", "Trust", "yes", "registered_charity"),
        ("GB-CHC-1112223-2", "Other", "yes", "registered_charity"),
        ("GB-SC-SC012345", "SCIO (Scottish Charitable Incorporated Organisation)", "yes", "scio"),
        ("GB-NIC-101234", None, "yes", "registered_charity"),
    ],
)
def test_what_the_categories_of_the_registers_mean(
    org_id: str, category: str | None, status: str, kind: str | None
) -> None:
    """Each category, as the register writes it, leads to one status and kind."""
    row = told(supplier("Anybody", org_id), held(org_id, category))

    assert (row["vcse_status"], row["vcse_type"]) == (status, kind)
    assert row["vcse_register_on"] == CHECKED
    assert row["vcse_evidence"].endswith("(registers checked on 1 November 2026).")


def test_a_category_that_does_not_tell_is_named() -> None:
    """Where the register has a category that says nothing of the voluntary sector, the evidence names it."""
    row = told(supplier("Anybody", "GB-COH-RC000123"), held("GB-COH-RC000123", "Royal Charter Company"))

    assert row["vcse_evidence"] == (
        "Not known: the name does not tell, and at Companies House it is a 'Royal Charter Company', which does not "
        "tell (registers checked on 1 November 2026)."
    )


@pytest.mark.parametrize("activities", ["98000", "68209;98000", "68209; 98000 - Residents property management"])
def test_a_company_that_manages_the_members_building_is_none(activities: str) -> None:
    """A guarantee company for residents' property management is no voluntary organisation."""
    row = told(
        supplier("Tower Court Ltd", "GB-COH-01234567"), held("GB-COH-01234567", GUARANTEE, activities=activities)
    )

    assert (row["vcse_status"], row["vcse_type"]) == ("no", "property_management")


@pytest.mark.parametrize(
    ("number", "register", "kind"),
    [
        ("01234567", "charity-commission", "guarantee_company"),
        ("01234567", "oscr", "guarantee_company_unchecked"),
        ("SC123456", "oscr", "guarantee_company"),
        ("SC123456", "charity-commission", "guarantee_company_unchecked"),
        ("NI612345", "ccni", "guarantee_company"),
        ("NI612345", "charity-commission", "guarantee_company_unchecked"),
    ],
)
def test_a_guarantee_company_is_looked_up_among_the_charities_of_its_nation(
    number: str, register: str, kind: str
) -> None:
    """Only with the register of charities of its nation is it known that a guarantee company has no charity number."""
    row = told(
        supplier("Anybody", f"GB-COH-{number}"),
        held(f"GB-COH-{number}", GUARANTEE),
        register=loaded("companies-house", register),
    )

    assert (row["vcse_status"], row["vcse_type"]) == ("possible", kind)


def test_the_oldest_register_asked_gives_the_date() -> None:
    """What rests on two registers is as old as the older of them."""
    registers_ = loaded("companies-house", "charity-commission").with_columns(
        vintage=pl.when(pl.col("register") == "charity-commission").then(dt.date(2026, 8, 31)).otherwise("vintage")
    )
    row = told(supplier("Anybody", "GB-COH-01234567"), held("GB-COH-01234567", GUARANTEE), register=registers_)

    assert row["vcse_register_on"] == dt.date(2026, 8, 31)
    assert row["vcse_evidence"].endswith("(registers checked on 31 August 2026).")


def test_a_charity_is_found_through_its_company_number() -> None:
    """A company that a register links to a charity is that charity, and has the charity's income."""
    row = told(
        supplier("Helpers Ltd", "GB-COH-01234567"),
        held("GB-COH-01234567", GUARANTEE),
        held("GB-CHC-1112223", "Charitable company", income_gbp=Decimal(99_999), income_on=dt.date(2026, 3, 31)),
        links=(("GB-CHC-1112223", "GB-COH-01234567"),),
    )

    assert (row["vcse_status"], row["vcse_type"], row["income_band"]) == ("yes", "registered_charity", "under_100k")
    assert "which the registers link to the number given" in row["vcse_evidence"]


def test_a_number_of_a_charity_beside_one_of_a_commercial_company() -> None:
    """Numbers of a charity and of a company by shares that no register links leave it at possible, with both facts."""
    entries = (held("GB-CHC-1112223", "Trust"), held("GB-COH-01234567", "Private Limited Company"))
    numbers = ("GB-COH-01234567", "GB-CHC-1112223")
    apart = told(supplier("Helpers Trading Ltd", *numbers), *entries)
    linked = told(supplier("Helpers Ltd", *numbers), *entries, links=((numbers[1], numbers[0]),))

    assert (apart["vcse_status"], apart["vcse_type"]) == ("possible", "records_differ")
    assert "number 1112223" in apart["vcse_evidence"]
    assert "number 01234567" in apart["vcse_evidence"]
    assert (linked["vcse_status"], linked["vcse_type"]) == ("yes", "registered_charity")


def test_a_name_that_says_cic_beside_the_number_of_a_company_by_shares() -> None:
    """Where the name and the register say two things neither is believed alone."""
    row = told(supplier("Acme CIC", "GB-COH-01234567"), held("GB-COH-01234567", "Private Limited Company"))

    assert (row["vcse_status"], row["vcse_type"]) == ("possible", "records_differ")
    assert row["vcse_evidence"].startswith("Records differ: the name says a community interest company, but its number")


@pytest.mark.parametrize("name", ["Phoenix plc", "Phoenix LLP"])
def test_a_commercial_name_beside_the_number_of_a_charity(name: str) -> None:
    """A name that the law keeps for business beside a charity's record is believed as little as the record."""
    row = told(supplier(name, "GB-CHC-1112223"), held("GB-CHC-1112223", "Trust", name="PHOENIX"))

    assert (row["vcse_status"], row["vcse_type"]) == ("possible", "records_differ")
    assert row["vcse_evidence"].startswith("Records differ: the name says a ")
    assert "but its number is that of a registered charity, number 1112223" in row["vcse_evidence"]


@pytest.mark.parametrize(("name", "registered"), [("Phoenix Ltd", "PHOENIX"), ("Phoenix plc", "PHOENIX PLC")])
def test_a_name_that_does_not_contradict_the_charity(name: str, registered: str) -> None:
    """A charity may be named Limited, and one that its register names alike is what the register says."""
    row = told(supplier(name, "GB-CHC-1112223"), held("GB-CHC-1112223", "Trust", name=registered))

    assert (row["vcse_status"], row["vcse_type"]) == ("yes", "registered_charity")


@pytest.mark.parametrize(
    ("org_id", "category", "status", "law"),
    [
        ("GB-CHC-1112223", "Trust", "removed", "a registered charity"),
        ("GB-CHC-1112223", "CIO", "removed", "a charitable incorporated organisation"),
        ("GB-COH-01234567", "Community Interest Company", "dissolved", "a community interest company"),
        ("GB-MPR-7654", "Community Benefit Society", "deregistered", "a community benefit society"),
    ],
)
def test_what_has_ended_is_no_more_than_possible(org_id: str, category: str, status: str, law: str) -> None:
    """An organisation that its register has removed may have been one when the award was made, and is told as such."""
    row = told(supplier("Old Care", org_id), held(org_id, category, status=status, ended_on=dt.date(2009, 1, 1)))

    assert (row["vcse_status"], row["vcse_type"]) == ("possible", "formerly_registered")
    assert row["vcse_evidence"].startswith(f"Formerly {law}: number ")
    assert f", {status} on 1 January 2009 (registers checked on 1 November 2026)." in row["vcse_evidence"]


@pytest.mark.parametrize(
    ("other", "category", "status", "kind"),
    [
        ("GB-CHC-2223334", "CIO", "yes", "cio"),
        ("GB-COH-01234567", "Community Interest Company", "yes", "cic"),
        ("GB-COH-01234567", "Private Limited Company", "no", "share_company"),
        ("GB-COH-01234567", GUARANTEE, "possible", "formerly_registered"),
    ],
)
def test_a_live_record_beside_one_that_has_ended(other: str, category: str, status: str, kind: str) -> None:
    """What a live record tells goes before what was, but for a guarantee company, which may be anything."""
    old = held("GB-CHC-1112223", "Trust", status="removed", ended_on=dt.date(2009, 1, 1))
    row = told(supplier("Old Care", "GB-CHC-1112223", other), old, held(other, category))

    assert (row["vcse_status"], row["vcse_type"]) == (status, kind)


@pytest.mark.parametrize(
    ("org_ids", "entries", "links", "because"),
    [
        (("GB-COH-IP12345R",), (), (), "by its number and its name"),
        (("GB-COH-IP12345R", "GB-SHPE-4321"), (), (), "by its number and its name"),
        (("GB-COH-IP12345R",), (held("GB-COH-IP12345R", "Registered Society"),), (), "by the registers"),
        (("GB-COH-IP12345R",), (), (("GB-SHPE-4321", "GB-COH-IP12345R"),), "by the registers"),
    ],
)
def test_by_the_registers_only_where_one_was_asked(
    org_ids: tuple[str, ...], entries: tuple[dict[str, Any], ...], links: tuple[tuple[str, str], ...], because: str
) -> None:
    """A number that no register was asked for is not said to be what the registers tell."""
    register = EVERY_REGISTER if entries else NO_REGISTER
    row = told(supplier("Foo Homes Ltd", *org_ids), *entries, links=links, register=register)

    assert row["vcse_type"] == "housing_association"
    assert row["vcse_evidence"].startswith(f"A housing association {because}, set apart from the voluntary sector")


@pytest.mark.parametrize(
    ("org_id", "entries", "kind"),
    [
        ("GB-COH-01234567", (), None),
        ("GB-COH-01234567", (held("GB-COH-01234567", GUARANTEE),), "guarantee_company"),
        ("GB-COH-RC000123", (), "college"),
        ("GB-CHC-1112223", (held("GB-CHC-1112223", "Trust"),), "college"),
    ],
)
def test_a_company_is_no_college_by_its_last_word(
    org_id: str, entries: tuple[dict[str, Any], ...], kind: str | None
) -> None:
    """Any company may call itself a college; a charity, or a body by charter, of that name is one."""
    row = told(supplier("Contingency Planning College", org_id), *entries)

    assert row["vcse_type"] == kind


def test_the_register_beats_words_in_the_name() -> None:
    """A company by shares that is named like a charity is none."""
    row = told(supplier("Age UK Somewhere Ltd", "GB-COH-01234567"), held("GB-COH-01234567", "Private Limited Company"))

    assert (row["vcse_status"], row["vcse_type"]) == ("no", "share_company")


@pytest.mark.parametrize(
    ("org_id", "register", "status", "kind"),
    [
        ("GB-CHC-1112223", NO_REGISTER, "yes", "registered_charity"),
        ("GB-SC-SC012345", loaded("companies-house"), "yes", "registered_charity"),
        ("GB-CHC-1112223", EVERY_REGISTER, "possible", "number_not_found"),
        ("GB-MPR-7654", NO_REGISTER, "possible", "registered_society"),
        ("GB-COH-CE012345", NO_REGISTER, "yes", "cio"),
        ("GB-COH-CS001234", EVERY_REGISTER, "yes", "scio"),
        ("GB-COH-OC301234", NO_REGISTER, "no", "partnership"),
        ("GB-COH-IP12345R", NO_REGISTER, "possible", "registered_society"),
        ("GB-COH-01234567", EVERY_REGISTER, "unknown", None),
        ("XI-DUNS-123456789", EVERY_REGISTER, "unknown", None),
    ],
)
def test_numbers_that_no_loaded_register_holds(
    org_id: str, register: pl.DataFrame, status: str, kind: str | None
) -> None:
    """A charity number is believed where it could not be looked up; a prefix tells the kind; nothing is invalid."""
    row = told(supplier("Anybody", org_id), register=register)

    assert (row["vcse_status"], row["vcse_type"]) == (status, kind)


def test_what_was_not_looked_up_is_said_so() -> None:
    """A number is told from one that a register does not hold."""
    unasked = told(supplier("Anybody", "GB-CHC-1112223"), register=NO_REGISTER)
    not_there = told(supplier("Anybody", "GB-CHC-1112223"))

    assert unasked["vcse_evidence"] == (
        "A registered charity: number 1112223, with no register loaded to look it up in."
    )
    assert unasked["vcse_register_on"] is None
    assert "which is not in the register of the Charity Commission" in not_there["vcse_evidence"]
    assert not_there["vcse_register_on"] == CHECKED


@pytest.mark.parametrize(
    ("name", "status", "kind", "is_apart"),
    [
        ("Foo CIO", "yes", "cio", False),
        ("Foo SCIO", "yes", "scio", False),
        ("Foo plc", "no", "share_company", False),
        ("Foo LLP", "no", "partnership", False),
        ("Hospice Partners LLP", "no", "partnership", False),
        ("Foo Ltd", "unknown", None, None),
        ("Foo", "unknown", None, None),
        ("Foo Company Limited by Guarantee", "possible", "name_only", None),
        ("Age UK Sometown", "possible", "name_only", None),
        ("Sometown Hospice Ltd", "possible", "name_only", None),
        ("Sometown Hospice Trading Ltd", "unknown", None, None),
        ("Sometown Mind", "possible", "name_only", None),
        ("Creative Mind Ltd", "unknown", None, None),
        ("Citizens Advice Sometown", "possible", "name_only", None),
        ("The Sometown Trust", "possible", "name_only", None),
        ("Sometown Trust Services Ltd", "unknown", None, None),
        ("Nowhere University", "no", "university", True),
        ("Nowhere University Ltd", "unknown", None, None),
        ("Nowhere University Students' Union", "unknown", None, None),
        ("Nowhere University of the Third Age", "unknown", None, None),
        ("Friends of Nowhere Primary School", "unknown", None, None),
        ("Nowhere Primary School", "no", "school", True),
        ("Nowhere Multi-Academy Trust", "no", "school", True),
        ("Nowhere Further Education College", "no", "college", True),
        ("Nowhere Hospitals NHS Foundation Trust", "no", "nhs", True),
        ("Nowhere Integrated Care Board", "no", "nhs", True),
        ("N&N UNIVERSITY HOSPITALS NHS FOUNDATION", "no", "nhs", True),
        ("Nowhere College", "no", "college", True),
        ("NHS Confederation", "unknown", None, None),
        ("Nowhere Housing Association Ltd", "no", "housing_association", True),
        ("Nowhere Borough Council", "no", "public_body", False),
        ("Nowhere Community Council", "possible", "name_only", None),
        ("Refugee Council", "unknown", None, None),
    ],
)
def test_what_a_name_says_by_itself(name: str, status: str, kind: str | None, is_apart: bool | None) -> None:
    """Reserved legal forms tell, words of the voluntary sector are never more than possible, Limited tells nothing."""
    row = told(supplier(name), register=NO_REGISTER)

    assert (row["vcse_status"], row["vcse_type"], row["is_quasi_public"]) == (status, kind, is_apart)


@pytest.mark.parametrize(
    ("name", "entries", "links", "kind"),
    [
        (
            "Foo Homes Ltd",
            (held("GB-COH-RS007000", "Registered Society"), held("GB-MPR-7000", "Community Benefit Society")),
            (("GB-MPR-7000", "GB-COH-RS007000"),),
            "housing_association",
        ),
        (
            "Foo Group Ltd",
            (held("GB-COH-RS007000", "Registered Society"),),
            (("GB-SHPE-4321", "GB-COH-RS007000"),),
            "housing_association",
        ),
        ("Foo Homes", (held("GB-COH-01234567", GUARANTEE, activities="68201"),), (), "housing_association"),
        ("Foo Hostel", (held("GB-COH-01234567", GUARANTEE, activities="68201"),), (), "guarantee_company"),
        (
            "Foo Homes Ltd",
            (held("GB-COH-01234567", "Private Limited Company", activities="68201"),),
            (),
            "share_company",
        ),
        ("Foo", (held("GB-COH-RC000123", "Further Education and Sixth Form College Corps"),), (), "college"),
        ("Foo", (held("GB-SC-SC012345", "Other"),), (("GB-HESA-0999", "GB-SC-SC012345"),), "university"),
        ("Nowhere University Ltd", (held("GB-COH-01234567", GUARANTEE),), (), "university"),
        ("Nowhere University Ltd", (held("GB-COH-01234567", "Private Limited Company"),), (), "share_company"),
        ("UoN", (held("GB-COH-01234567", GUARANTEE, name="UNIVERSITY OF NOWHERE"),), (), "university"),
    ],
)
def test_bodies_set_apart_by_the_registers(
    name: str, entries: tuple[dict[str, Any], ...], links: tuple[tuple[str, str], ...], kind: str
) -> None:
    """Societies that let homes, colleges and universities are set apart; a hostel's company or a firm is not."""
    row = told(supplier(name, entries[0]["org_id"]), *entries, links=links)

    assert row["vcse_type"] == kind
    assert row["is_quasi_public"] is (kind in {"housing_association", "college", "university"})


def test_the_newest_vintage_counts_and_old_ones_stay() -> None:
    """Of two vintages the newer tells, and an organisation that only an old one knows has not vanished."""
    older = dt.date(2024, 1, 1)
    converted = told(
        supplier("Foo", "GB-COH-01234567"),
        held("GB-COH-01234567", "Private Limited Company", vintage=older),
        held("GB-COH-01234567", "Community Interest Company"),
    )
    gone = told(
        supplier("Foo", "GB-CHC-1112223"),
        held("GB-CHC-1112223", "Trust", vintage=older, status="removed", ended_on=dt.date(2023, 5, 4)),
    )

    assert converted["vcse_type"] == "cic"
    assert (gone["vcse_status"], gone["vcse_register_on"]) == ("possible", older)
    assert ", removed on 4 May 2023 (registers checked on 1 January 2024)" in gone["vcse_evidence"]


@pytest.mark.parametrize(
    ("pounds", "band"),
    [
        ("0", "under_100k"),
        ("99999.99", "under_100k"),
        ("100000", "100k_to_1m"),
        ("999999.99", "100k_to_1m"),
        ("1000000", "1m_to_10m"),
        ("10000000", "1m_to_10m"),
        ("10000000.01", "over_10m"),
        (None, None),
    ],
)
def test_bands_of_income(pounds: str | None, band: str | None) -> None:
    """A band begins with the amount that names it; exactly £10m is not over £10m; not known stays not known."""
    amount = pl.DataFrame(
        {"income": [None if pounds is None else Decimal(pounds)]}, schema={"income": pl.Decimal(18, 2)}
    )

    assert amount.select(voluntary.income_band(pl.col("income"))).item() == band


def test_the_latest_income_counts() -> None:
    """Of several records with an income the one of the latest year counts, whichever is named first."""
    row = told(
        supplier("Foo", "GB-CHC-1112223", "GB-SC-SC012345"),
        held("GB-CHC-1112223", "Trust", income_gbp=Decimal(5_000_000), income_on=dt.date(2024, 3, 31)),
        held("GB-SC-SC012345", "Trust", income_gbp=Decimal(20_000), income_on=dt.date(2026, 3, 31)),
    )

    assert (row["income_gbp"], row["income_band"]) == (Decimal(20_000), "under_100k")


def override(number: int, a: str, value: str, **told: Any) -> dict[str, Any]:
    """Return one decision on the class of a supplier."""
    return {
        "override_id": f"o{number}",
        "kind": "class",
        "a": a,
        "value": value,
        "reason": "Its annual report says so.",
        "who": "the editor",
        "at": "2026-11-03",
        "revoked_at": None,
    } | told


@pytest.mark.parametrize("a", ["S1", "GB-COH-01234567", "acme limited", "The ACME Ltd."])
def test_a_decision_by_hand_comes_first(a: str) -> None:
    """A supplier is named by its id, an org-id or its name as written, and the decision is printed with its reason."""
    one = supplier("Acme Ltd", "GB-COH-01234567")
    entry = held("GB-COH-01234567", "Private Limited Company")
    row = classified([one], (entry,), overrides=(override(1, a, "cooperative"),)).row(0, named=True)

    assert (row["vcse_status"], row["vcse_type"]) == ("possible", "cooperative")
    assert row["vcse_evidence"] == "Decided by the editor on 3 November 2026: Its annual report says so."


@pytest.mark.parametrize(
    "decided",
    [
        override(1, "S1", "cic", revoked_at="2026-11-04"),
        override(1, "S2", "cic"),
        override(1, "Acme plc", "cic"),
        override(1, "S1", "cic", kind="name"),
    ],
)
def test_a_decision_that_does_not_apply_changes_nothing(decided: dict[str, Any]) -> None:
    """A decision that is revoked, of another kind, or on another supplier or legal form leaves all as it was."""
    one = supplier("Acme Ltd", "GB-COH-01234567")
    entry = held("GB-COH-01234567", "Private Limited Company")

    assert classified([one], (entry,), overrides=(decided,)).equals(classified([one], (entry,)))


def test_the_latest_of_several_decisions_counts() -> None:
    """A later decision takes the place of an earlier one; a bare status leaves the kind open."""
    decisions = (override(2, "S1", "cic"), override(1, "S1", "no", at="2026-11-09"))
    row = classified([supplier("Acme Ltd")], overrides=decisions).row(0, named=True)

    assert (row["vcse_status"], row["vcse_type"], row["is_quasi_public"]) == ("no", None, False)


@pytest.mark.parametrize("value", ["charitable", "", None, "records_disagree"])
def test_a_decision_for_an_unknown_class_is_refused(value: str | None) -> None:
    """A class that nobody knows stops the night with what may be given instead."""
    with pytest.raises(ValueError, match=r"override 'o1'.*give one of: yes, possible, no, unknown, registered_charity"):
        classified([supplier("Acme Ltd")], overrides=(override(1, "S1", "cic") | {"value": value},))


def test_every_class_that_may_be_decided_is_taken() -> None:
    """What is offered to a person as a class is accepted as one."""
    values = voluntary.decidable()
    suppliers = [supplier("Acme Ltd", supplier_id=f"S{number}") for number in range(len(values))]
    decisions = tuple(override(number, f"S{number}", value) for number, value in enumerate(values))
    rows = classified(suppliers, overrides=decisions)

    assert rows["vcse_evidence"].str.starts_with("Decided by the editor").all()
    assert {"yes", "possible", "no", "unknown", "registered_charity", "university"} <= set(values)
    assert "records_disagree" not in values


def line(status: str | None, *, ticked: bool | None) -> str:
    """Return the status of one award line."""
    frame = pl.DataFrame({"status": [status], "ticked": [ticked]}, schema={"status": pl.String, "ticked": pl.Boolean})
    return str(frame.select(voluntary.of_line(pl.col("status"), pl.col("ticked"))).item())


@pytest.mark.parametrize(
    ("status", "ticked", "of_line"),
    [
        ("yes", True, "yes"),
        ("yes", False, "yes"),
        ("yes", None, "yes"),
        ("possible", True, "possible"),
        ("possible", False, "possible"),
        ("no", True, "records_disagree"),
        ("no", False, "no"),
        ("no", None, "no"),
        ("unknown", True, "unknown"),
        ("unknown", None, "unknown"),
        (None, True, "unknown"),
    ],
)
def test_the_tick_never_makes_and_never_unmakes(status: str | None, ticked: bool | None, of_line: str) -> None:
    """A tick changes nothing but a no, which it turns into records that disagree."""
    assert line(status, ticked=ticked) == of_line


def test_the_order_of_rows_never_matters() -> None:
    """Suppliers, entries and links in any order give the same table, one row for each supplier."""
    suppliers = [
        supplier("Helpers Trading Ltd", "GB-COH-01234567", "GB-CHC-1112223", supplier_id="S3"),
        supplier("University of Nowhere", "GB-SC-SC012345", supplier_id="S2"),
        supplier("Foo", "GB-COH-00000001", "GB-COH-00000002", supplier_id="S1"),
        supplier("Bar", supplier_id="S4"),
    ]
    entries = (
        held("GB-CHC-1112223", "Trust"),
        held("GB-COH-01234567", "Private Limited Company"),
        held("GB-SC-SC012345", "Other"),
        held("GB-COH-00000001", GUARANTEE),
        held("GB-COH-00000002", "Community Interest Company"),
    )
    links = (("GB-COH-00000001", "GB-CHC-7"), ("GB-CHC-7", "GB-COH-00000009"))
    forth = classified(suppliers, entries, links)

    assert classified(suppliers[::-1], entries[::-1], links[::-1]).equals(forth)
    assert forth["supplier_id"].to_list() == ["S1", "S2", "S3", "S4"]
    assert dict(forth.schema) == dict(voluntary.COLUMNS)
    assert forth["vcse_evidence"].null_count() == 0


def test_nothing_gives_nothing() -> None:
    """Without suppliers the table is empty and has its columns."""
    assert dict(classified([]).schema) == dict(voluntary.COLUMNS)


def test_every_class_and_kind_has_its_meaning() -> None:
    """Kinds have a known status, and classes, forms and names lead to known kinds."""
    kinds = facts("voluntary_kinds.csv")
    known = set(kinds["vcse_type"])
    forms = set(facts("legal_forms.csv")["legal_form"])

    assert kinds["vcse_type"].is_unique().all()
    assert set(kinds["vcse_status"]) == {"yes", "possible", "no"}
    assert set(facts("voluntary_forms.csv")["vcse_type"]) <= known
    assert set(facts("voluntary_forms.csv")["legal_form"]) <= forms
    assert set(facts("voluntary_names.csv")["vcse_type"].drop_nulls()) <= known
    assert set(facts("company_categories.csv")["legal_form"].drop_nulls()) <= forms
    assert voluntary.classes()["category_key"].is_unique().all()

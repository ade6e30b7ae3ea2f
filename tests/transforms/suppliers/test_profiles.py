"""Tests of what a supplier is called, which form it has, where its registered office is, and who says so."""

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from extractors.overrides import SCHEMA as OVERRIDE
from transforms.suppliers import profiles
from transforms.suppliers.registers import ORGANISATION

MENTION = {
    **dict.fromkeys(("mention_id", "supplier_id", "supplier_name", "core_name", "legal_form"), pl.String()),
    "published_at": pl.Datetime("us", "UTC"),
}
NUMBER = dict.fromkeys(("supplier_id", "org_id", "org_ids"), pl.String())


def mention(number: int, name: str | None, core: str | None, form: str | None = None, **more: Any) -> dict[str, Any]:
    """Return a mention of supplier S1, published on a day of October."""
    told = {"mention_id": f"m{number}", "supplier_id": "S1", "supplier_name": name, "core_name": core}
    return told | {"legal_form": form, "published_at": datetime(2026, 10, number, tzinfo=UTC)} | more


def company(org_id: str = "GB-COH-01234567", **more: Any) -> dict[str, Any]:
    """Return what a register says of an organisation."""
    told = {"org_id": org_id, "register": "companies-house", "name": "PELLOW PUMPS LIMITED", "status": "active"}
    return told | {"category": "Private Limited Company", "postcode": "LS1 4AB", "vintage": date(2026, 11, 1)} | more


def decision(a: str, value: str, **more: Any) -> dict[str, Any]:
    """Return a person's word on what a supplier is called."""
    told = {"override_id": "1", "kind": "name", "a": a, "value": value, "reason": "Seen"}
    return told | {"at": date(2026, 11, 22)} | more


def profiled(
    *mentions: dict[str, Any],
    numbers: str | None = None,
    known: tuple[dict[str, Any], ...] = (),
    decisions: tuple[dict[str, Any], ...] = (),
) -> dict[str, Any]:
    """Return what is told of S1."""
    told = mentions or (mention(1, "Pellow Pumps Ltd", "pellow pumps", "ltd"),)
    number = [{"supplier_id": "S1", "org_id": numbers.split()[0], "org_ids": numbers}] if numbers else []
    found = profiles.profiles(
        pl.DataFrame(list(told), schema=MENTION),
        pl.DataFrame(number, schema=NUMBER),
        pl.DataFrame(list(known), schema=ORGANISATION),
        pl.DataFrame(list(decisions), schema=OVERRIDE),
    )
    return found.row(by_predicate=pl.col("supplier_id") == "S1", named=True)


def test_the_latest_mention_names_a_supplier() -> None:
    """Without register and decision it is called what the latest notice writes, in whatever order they come."""
    told = [mention(3, "PELLOW PUMPS LTD", "pellow pumps", "ltd"), mention(2, "Pellow Pumps", "pellow pumps")]
    found = profiled(*told)

    assert found == profiled(*reversed(told))
    assert (found["supplier_name"], found["name_source"], found["mentions"]) == ("PELLOW PUMPS LTD", "notice", 2)
    assert (found["legal_form"], found["legal_form_source"]) == ("ltd", "name")


def test_a_name_that_says_nothing_names_nobody_who_has_another() -> None:
    """A later mention whose name cannot be read stands behind an earlier one that can; a form is not forgotten."""
    found = profiled(mention(1, "Pellow Pumps Ltd", "pellow pumps", "ltd"), mention(2, "-", None))

    assert (found["supplier_name"], found["core_name"], found["legal_form"]) == (
        "Pellow Pumps Ltd",
        "pellow pumps",
        "ltd",
    )


def test_entities_of_html_are_not_shown() -> None:
    """A name is printed as a reader writes it."""
    assert profiled(mention(1, "Pellow &amp;  Sons", "pellow and sons"))["supplier_name"] == "Pellow & Sons"


def test_the_register_goes_before_the_notices() -> None:
    """Name, form, status and place are the register's where it knows the number."""
    found = profiled(numbers="GB-COH-01234567", known=(company(status="dissolved"),))

    assert (found["supplier_name"], found["name_source"]) == ("PELLOW PUMPS LIMITED", "register")
    assert (found["legal_form"], found["legal_form_source"]) == ("ltd", "register")
    assert (found["register_status"], found["postcode"]) == ("dissolved", "LS1 4AB")
    assert (found["area_code"], found["region_code"]) == ("E08000035", "E12000003")


def test_the_first_number_that_a_register_lists_speaks() -> None:
    """A charity's company number may be known and not looked up: then the charity register says what it is called."""
    charity = company("GB-CHC-1190002", register="charity-commission", name="THE ELMET HOSPICE", category="CIO")
    found = profiled(numbers="GB-COH-CE900010 GB-CHC-1190002", known=(charity,))

    assert (found["supplier_name"], found["org_id"]) == ("THE ELMET HOSPICE", "GB-COH-CE900010")
    assert found["register_status"] == "active"


@pytest.mark.parametrize(
    ("number", "form"), [("GB-COH-OC300001", "llp"), ("GB-COH-CE900010", "cio"), ("GB-COH-CS000001", "scio")]
)
def test_some_numbers_tell_the_form(number: str, form: str) -> None:
    """Where no register is loaded, the prefix of a company number may say what the name does not."""
    found = profiled(mention(1, "Elmet Care", "elmet care"), numbers=number)

    assert (found["legal_form"], found["legal_form_source"]) == (form, "identifier")


def test_a_number_that_no_register_knows_leaves_its_facts_unknown() -> None:
    """Not known is null: neither a status nor a place is made up."""
    found = profiled(numbers="GB-COH-01234567")

    assert found["org_id"] == "GB-COH-01234567"
    assert [found[name] for name in ("register_status", "postcode", "area_code", "region_code")] == [None] * 4


@pytest.mark.parametrize(
    "who", ["S1", "GB-COH-01234567", "GB-CHC-1190002", "Pellow Pumps", "PELLOW PUMPS LIMITED", "Pellow-Pumps Ltd."]
)
def test_a_decision_goes_before_the_register(who: str) -> None:
    """A supplier is addressed by its id, any of its numbers, or its name as it is written."""
    found = profiled(
        numbers="GB-COH-01234567 GB-CHC-1190002", known=(company(),), decisions=(decision(who, "Pellow (Kendal)"),)
    )

    assert (found["supplier_name"], found["name_source"]) == ("Pellow (Kendal)", "override")


@pytest.mark.parametrize("who", ["S2", "GB-COH-07654321", "Pellow", "Pellow Pumps LLP", "Various", "-"])
def test_a_decision_on_another_supplier_says_nothing(who: str) -> None:
    """Another id, number, name or legal form means somebody else, and a placeholder nobody."""
    found = profiled(numbers="GB-COH-01234567", decisions=(decision(who, "Pellow (Kendal)"),))

    assert (found["supplier_name"], found["name_source"]) == ("Pellow Pumps Ltd", "notice")


def test_the_latest_decision_counts() -> None:
    """Of two words on one supplier the later one stands, whatever their ids, and whatever each is addressed by."""
    later = decision("Pellow Pumps", "Later", override_id="1", at=date(2026, 11, 23))
    earlier = decision("GB-COH-01234567", "Earlier", override_id="2")
    found = profiled(numbers="GB-COH-01234567", decisions=(later, earlier))

    assert found["supplier_name"] == "Later"


def test_mentions_of_nobody_make_no_supplier() -> None:
    """A placeholder's mention is left out, and nothing comes of nothing."""
    nobody = pl.DataFrame([mention(1, "Various", None, supplier_id=None)], schema=MENTION)
    number, organisation, override = (pl.DataFrame(schema=columns) for columns in (NUMBER, ORGANISATION, OVERRIDE))
    found = profiles.profiles(nobody, number, organisation, override)

    assert found.columns == list(profiles.COLUMNS)
    assert found.is_empty()

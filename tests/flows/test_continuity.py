"""The continuity list: whom it is about, what they hold, who else won the like nearby, and what it never says."""

import csv
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pydantic import SecretStr
from typer.testing import CliRunner, Result

from flows import __main__ as command_line
from flows import continuity
from flows.continuity import COLUMNS, DISCLAIMER, UnclearSupplier, UnusableTarget
from flows.settings import Settings
from tests.warehouse.filled import award, frame, line
from warehouse.store import NotThere, Warehouse

ELMET, ELMET_TOO, RIPON, OTHER, HOSTILE = "SAAAAAAAAA2", "SAAAAAAAAA3", "SAAAAAAAAA4", "SAAAAAAAAA5", "SAAAAAAAAA6"
NEWEST = date(2025, 7, 15)


def held(name: str, ends_on: date | None, **told: Any) -> dict[str, Any]:
    """Return an award of Leeds for cleaning that began in July 2024."""
    usual = {
        "buyer_id": "GB-LAE-LDS",
        "cpv_code": "90910000",
        "starts_on": date(2024, 7, 1),
        "ends_on": ends_on,
        "amount_gbp": Decimal("400.00"),
        "annualised_gbp": None if ends_on is None else Decimal("200.00"),
    }
    return award(name, **(usual | told))


AWARDS = [
    (held("a1", date(2026, 6, 30)), [ELMET]),
    (held("a2", NEWEST, supplier_count=2), [ELMET_TOO, RIPON]),
    (held("a3", None), [ELMET]),
    (held("a4", None, starts_on=date(2022, 7, 15)), [ELMET]),  # three years over
    (held("a5", date(2025, 7, 14)), [ELMET]),  # past its end
    (held("a6", date(2026, 6, 30), is_core=False), [ELMET]),
    (held("a7", date(2026, 6, 30), status="terminated"), [ELMET]),
    (held("a8", date(2026, 6, 30), buyer_id="royal hospital"), [ELMET]),
    (held("b1", date(2020, 1, 1), buyer_id="GB-LAE-WKF"), [RIPON]),
    (held("b2", date(2020, 1, 1), buyer_id="GB-LAE-WKF", cpv_code="90919200"), [OTHER]),
    (held("b3", date(2020, 1, 1), buyer_id="GB-LAE-WKF", cpv_code="90511000"), [HOSTILE]),  # another kind
    (held("b4", date(2020, 1, 1), buyer_id="GB-LAE-HAV"), [HOSTILE]),  # another region
    (held("b5", date(2030, 1, 1), buyer_id="GB-LAE-HAV"), [HOSTILE]),
    (held("b6", date(2020, 1, 1), buyer_id="GB-LAE-WKF"), [RIPON]),
]
SUPPLIERS = [
    (ELMET, "Elmet Cleaning Ltd", "elmet cleaning", "ltd", "GB-COH-19000001", "elmet"),
    (ELMET_TOO, "Elmet Cleaning (North) Ltd", "elmet cleaning north", "ltd", "GB-COH-19000002", "elmet"),
    (RIPON, "Ripon Facilities", "ripon facilities", None, None, None),
    (OTHER, "Ripon Facilities Ltd", "ripon facilities", "ltd", None, None),
    (HOSTILE, "=cmd|'/C calc'!A0\x1b[31m", "cmd", None, None, None),
]


@pytest.fixture
def own(warehouse_url: str, tmp_path: Path) -> Settings:
    """Return the settings of a small warehouse."""
    with Warehouse.open(warehouse_url) as warehouse, warehouse.transaction():
        tables = {
            "award": [one for one, _ in AWARDS],
            "award_line": [
                line(one["award_id"], number, supplier)
                | {"weight": 1 / len(named), "value_gbp": one["amount_gbp"] / len(named)}
                for one, named in AWARDS
                for number, supplier in enumerate(named)
            ],
            "procurement": [
                {"procurement_id": one["procurement_id"], "source": "contracts-finder", "ocid": one["ocid"]}
                | {"title": f"=Cleaning {one['award_id']}"}
                for one, _ in AWARDS
            ],
            "supplier": [
                dict(zip(("supplier_id", "supplier_name", "core_name", "legal_form", "org_id"), row[:5], strict=True))
                | {"org_ids": row[4], "group_id": row[5]}
                for row in SUPPLIERS
            ],
            "supplier_group": [{"group_id": "elmet", "group_name": "Elmet", "method": "list", "source": "x"}],
            "supplier_group_member": [
                {"supplier_id": one, "group_id": "elmet", "method": "list", "reason": "x"} for one in (ELMET, ELMET_TOO)
            ],
            "supplier_redirect": [
                {"old_id": "SAAAAAAAAAA", "supplier_id": "SAAAAAAAAAB", "run_id": "r"},
                {"old_id": "SAAAAAAAAAB", "supplier_id": ELMET, "run_id": "r"},
            ],
            "buyer": [
                {"buyer_id": "GB-LAE-LDS", "name": "Leeds City Council", "area_code": "E08000035", "kind": "council"},
                {"buyer_id": "GB-LAE-WKF", "name": "Wakefield", "area_code": "E08000036", "kind": "council"},
                {"buyer_id": "GB-LAE-HAV", "name": "Havering", "area_code": "E09000016", "kind": "council"},
                {"buyer_id": "royal hospital", "name": "Royal Hospital", "kind": "health"},
            ],
            "area": [
                {"area_code": "E08000035", "name": "Leeds", "region_code": "E12000003"},
                {"area_code": "E08000036", "name": "Wakefield", "region_code": "E12000003"},
                {"area_code": "E09000016", "name": "Havering", "region_code": "E12000007"},
            ],
            "coverage": [
                {"source": "contracts-finder", "day": NEWEST, "releases": 3},
                {"source": "contracts-finder", "day": date(2025, 7, 16), "releases": 0},
            ],
        }
        for table, rows in tables.items():
            warehouse.bulk_upsert(table, frame(table, *rows))
    return Settings().model_copy(update={"warehouse_url": SecretStr(warehouse_url), "data_dir": tmp_path})


@pytest.mark.parametrize(
    "told", [ELMET, ELMET.lower(), "SAAAAAAAAAA", "GB-COH-19000001", "gb-coh-19000001", "Elmet Cleaning Limited"]
)
def test_one_supplier_is_found_by_id_number_and_name(own: Settings, told: str) -> None:
    """An id that was replaced leads on; a name is read without its legal form."""
    found = continuity.continuity(own, told)

    assert (found.name, found.suppliers, found.group_id) == ("Elmet Cleaning Ltd", 1, None)
    assert [(row["ends_on"], row["months_left"], row["title"]) for row in found.rows] == [
        (date(2026, 6, 30), 11, "=Cleaning a1"),
        (date(2026, 6, 30), 11, "=Cleaning a8"),
        (None, None, "=Cleaning a3"),
    ]
    assert (found.contracts, found.buyers, found.annualised_gbp, found.as_of_on) == (3, 2, 400.0, NEWEST)


@pytest.mark.parametrize("told", ["elmet", "ELMET", "Elmet"])
def test_a_group_is_all_of_its_suppliers(own: Settings, told: str) -> None:
    """By its id or its name; a shared award counts by the supplier's part, and on its last day it is not past."""
    found = continuity.continuity(own, told)

    assert (found.name, found.suppliers, found.group_id) == ("Elmet", 2, "elmet")
    assert [row["title"] for row in found.rows] == ["=Cleaning a2", "=Cleaning a1", "=Cleaning a8", "=Cleaning a3"]
    assert found.rows[0]["months_left"] == 0
    assert found.annualised_gbp == 500.0


def test_who_else_ever_won_the_like_nearby(own: Settings) -> None:
    """The same three digits in the same region, ended awards included, most awards first; nobody of one's own group."""
    first, second, third = continuity.continuity(own, ELMET).rows

    assert first["others"] == third["others"] == ["Ripon Facilities (3 awards)", "Ripon Facilities Ltd (1 award)"]
    assert (second["others"], second["region"]) == ([], None)
    assert continuity.continuity(own, "elmet").rows[1]["others"] == first["others"]


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("Ripon Facilities", rf"may be several; give one of these ids:\n  {RIPON}  .*\n  {OTHER}  "),
        ("facilities", rf"no supplier or group of the warehouse is 'facilities'\. Perhaps .*\n  {RIPON}"),
        ("100%", r"no supplier or group of the warehouse is '100%'\.$"),
        ("SAAAAAAAAA7", r"no supplier or group of the warehouse is 'SAAAAAAAAA7'\.$"),
        ("GB-COH-09999999", "no supplier or group"),
        ("  ", "no supplier is given"),
    ],
)
def test_an_unclear_name_is_refused_with_those_that_may_be_meant(own: Settings, told: str, why: str) -> None:
    """Nobody is guessed: several are listed with their ids, and so is what comes near."""
    with pytest.raises(UnclearSupplier, match=why):
        continuity.continuity(own, told)


def test_a_legal_form_tells_two_of_one_name_apart(own: Settings) -> None:
    """With its form, the name is one supplier's."""
    assert continuity.continuity(own, "Ripon Facilities Ltd").name == "Ripon Facilities Ltd"


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_the_file_holds_no_formula_and_says_what_it_does_not_say(own: Settings, tmp_path: Path, suffix: str) -> None:
    """Every cell that a spreadsheet would obey begins with an apostrophe; every row says that it is no forecast."""
    out = tmp_path / f"list{suffix}"
    continuity.continuity(own, HOSTILE, out)
    if suffix == ".csv":
        with out.open(encoding="utf-8-sig", newline="") as handle:
            [header, *rows] = list(csv.reader(handle))
    else:
        sheet = openpyxl.load_workbook(out)["continuity"]
        [header, *rows] = [["" if cell is None else str(cell) for cell in row] for row in sheet.values]

    assert header == list(COLUMNS)
    assert len(rows) == 1
    assert rows[0][COLUMNS.index("supplier_name")].startswith("'=cmd")
    assert rows[0][COLUMNS.index("title")] == "'=Cleaning b5"
    assert rows[0][COLUMNS.index("note")] == DISCLAIMER
    assert not [cell for cell in rows[0] if cell.startswith(("=", "+", "@"))]
    assert [path.name for path in tmp_path.glob("*list*")] == [out.name]


def test_a_terminal_is_told_nothing_that_it_would_obey(own: Settings) -> None:
    """Control signs in names are left out, and the last line says what the list does not."""
    said = continuity.said(continuity.continuity(own, HOSTILE))

    assert "\x1b" not in said
    assert said.splitlines()[-1] == DISCLAIMER
    assert "It says nothing about any company's finances" in DISCLAIMER


def test_in_words_it_says_who_holds_what_until_when(own: Settings) -> None:
    """Each contract with its end, buyer, amount and notice; what is not known is said to be so."""
    said = continuity.said(continuity.continuity(own, ELMET))

    assert (
        "3 awards of 2 buyers, not past the published end date on 2025-07-15, £400 a year as far as published" in said
    )
    assert "- until 2026-06-30 (11 months left): Leeds City Council, =Cleaning a1 (CPV 90910000), £400 in all" in said
    assert "- no end published: Leeds City Council" in said
    assert "  others nearby: Ripon Facilities (3 awards); Ripon Facilities Ltd (1 award)" in said
    assert "It belongs to Elmet: 'noticeboard continuity elmet' lists all of it" in said
    assert "  others nearby: not known, for the buyer has no area of its own" in said


def test_a_supplier_that_holds_nothing_is_said_to_hold_nothing(own: Settings) -> None:
    """No published award that is not past its end is not the same as no contract."""
    found = continuity.continuity(own, OTHER)

    assert (found.contracts, found.rows, found.annualised_gbp) == (0, (), None)
    assert "no published award that is not past its published end date" in continuity.said(found)


def test_a_file_that_cannot_be_written_there_is_refused(own: Settings, tmp_path: Path) -> None:
    """Before anything is read."""
    with pytest.raises(UnusableTarget, match="Give a file's name with --out"):
        continuity.continuity(own, ELMET, tmp_path / "nowhere" / "list.csv")


def test_without_a_warehouse_the_next_action_is_told(tmp_path: Path) -> None:
    """No file of a warehouse is made."""
    with pytest.raises(NotThere, match="run 'noticeboard nightly' first"):
        continuity.continuity(Settings().with_folder(tmp_path), ELMET)

    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def run(own: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Return a function that runs the command in this process, on the small warehouse."""
    monkeypatch.setenv("NOTICEBOARD_WAREHOUSE_URL", own.warehouse_url.get_secret_value())

    def command(*words: str) -> Result:
        return CliRunner().invoke(command_line.app, ["continuity", *words], terminal_width=200)

    return command


def test_the_command_prints_and_writes_the_list(run: Callable[..., Result], tmp_path: Path) -> None:
    """Words for people, one line for machines, and wrong use with code 2."""
    out = tmp_path / "elmet.csv"
    people, machines, unclear = run("elmet", "--out", str(out)), run("elmet", "--json"), run("Ripon Facilities")

    assert (people.exit_code, machines.exit_code, unclear.exit_code) == (0, 0, 2)
    assert f"Written to {out}" in people.stdout
    assert people.stdout.splitlines()[-1] == DISCLAIMER
    assert '"contracts": 4' in machines.stdout
    assert len(machines.stdout.splitlines()) == 1
    assert "may be several" in unclear.output

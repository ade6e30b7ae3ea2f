"""Tests of the companies and of who controls them, on made-up files in the published form."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from extractors import companies_house, made_up_registers
from extractors.made_up_registers import Company, company_file, control, control_file, zipped
from extractors.registers import NAME, ORGANISATION, UnexpectedFile

VINTAGE = date(2026, 11, 1)
NAME_OF_FILE = "BasicCompanyDataAsOneFile-2026-11-01"


def companies(folder: Path, body: bytes | None = None) -> dict[str, pl.DataFrame]:
    """Read a company file; return the tables."""
    path = folder / f"{NAME_OF_FILE}.csv"
    path.write_bytes(company_file() if body is None else body)
    companies_house.read([path], folder, VINTAGE)
    return {table: pl.read_parquet(folder / f"{table}.parquet") for table in ("organisation", "name", "relation")}


def test_a_company_is_told_with_its_status_category_dates_and_codes(tmp_path: Path) -> None:
    """Every column that is kept comes from the published one, blanks in front of headers or not."""
    organisation = companies(tmp_path)["organisation"]
    company = organisation.row(by_predicate=pl.col("org_id") == "GB-COH-00900005", named=True)

    assert organisation.schema == ORGANISATION
    assert company["name"] == "WENTWORTH ADVICE"
    assert company["category"].startswith("PRI/LBG/NSC (Private, Limited by guarantee")
    assert company["status"] == "active"
    assert company["started_on"] == date(2015, 3, 2)
    assert company["activities"] == "88990;94990"
    assert company["vintage"] == VINTAGE


def test_a_company_about_to_be_struck_off_is_live_and_one_in_liquidation_says_so(tmp_path: Path) -> None:
    """The status is 'active' where a company is live, and else what the register says, in small letters."""
    status = dict(companies(tmp_path)["organisation"].select("org_id", "status").iter_rows())

    assert status["GB-COH-19000004"] == "active"
    assert status["GB-COH-OC900006"] == "liquidation"


def test_former_names_stand_beside_the_current_one_with_their_last_day(tmp_path: Path) -> None:
    """A company that was renamed is found under either name."""
    name = companies(tmp_path)["name"].filter(pl.col("org_id") == "GB-COH-19000001")

    assert name.schema == NAME
    assert set(name.iter_rows()) == {
        ("GB-COH-19000001", '! "BRIGHTSIDE" CLEANING LTD', "current", None),
        ("GB-COH-19000001", "ELMET CLEANING LIMITED", "previous", date(2019, 10, 16)),
    }


def test_all_ten_former_names_are_read(tmp_path: Path) -> None:
    """The published file has room for ten."""
    former = tuple(("01/02/2018", f"OLD NAME {place} LTD") for place in range(10))
    name = companies(tmp_path, company_file([Company("NEW NAME LTD", "19000001", former=former)]))["name"]

    assert sorted(name.filter(pl.col("kind") == "previous")["name"]) == [f"OLD NAME {place} LTD" for place in range(10)]


def test_nothing_personal_is_kept_of_a_company(tmp_path: Path) -> None:
    """The person "care of" whom a company has its office stands in no file that is left."""
    companies(tmp_path, company_file())
    (tmp_path / f"{NAME_OF_FILE}.csv").unlink()
    left = "".join(str(pl.read_parquet(path).rows()) for path in tmp_path.iterdir())

    assert [secret for secret in made_up_registers.SECRETS if secret in left] == []


def test_zip_and_plain_file_tell_the_same_and_leave_nothing_unpacked(tmp_path: Path) -> None:
    """The zip is read as it is unpacked: nothing but the tables is written."""
    plain = companies(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    path = tmp_path / f"{NAME_OF_FILE}.zip"
    path.write_bytes(zipped(f"{NAME_OF_FILE}.csv", company_file()))
    companies_house.read([path], other, VINTAGE)

    assert {table: pl.read_parquet(other / f"{table}.parquet").rows() for table in plain} == {
        table: frame.rows() for table, frame in plain.items()
    }
    assert sorted(path.name for path in other.iterdir()) == ["name.parquet", "organisation.parquet", "relation.parquet"]


@pytest.mark.parametrize(
    "name", [f"{NAME_OF_FILE}.zip", f"{NAME_OF_FILE}.csv", "BasicCompanyData-2026-11-01-part1_7.csv"]
)
def test_the_date_of_the_companies_is_in_the_name(tmp_path: Path, name: str) -> None:
    """One file or a part of it, zip or plain."""
    path = tmp_path / name
    path.write_bytes(zipped("x.csv", company_file()) if name.endswith("zip") else company_file())

    assert companies_house.vintage([path]) == VINTAGE


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"CompanyCategory", b"LegalForm", "lacks the column 'CompanyCategory'"),
        (b",URI,", b",URI,CompanyMood,", "has the unknown column 'CompanyMood'"),
    ],
)
def test_another_layout_of_companies_is_refused(tmp_path: Path, old: bytes, new: bytes, said: str) -> None:
    """Nothing is read from a file whose columns are not the known ones."""
    with pytest.raises(UnexpectedFile, match=said):
        companies(tmp_path, company_file().replace(old, new, 1))


@pytest.mark.parametrize(("fields", "said"), [(82, "cannot be read as CSV"), (3, "1 lines that break off")])
def test_a_line_with_too_many_or_too_few_fields_is_told(tmp_path: Path, fields: int, said: str) -> None:
    """What cannot be parted into fields is not half read."""
    with pytest.raises(UnexpectedFile, match=said):
        companies(tmp_path, company_file() + b",".join([b'"x"'] * fields) + b"\r\n")


def test_quoted_commas_and_quotation_marks_stay_in_a_name(tmp_path: Path) -> None:
    """Names hold whatever a keyboard has."""
    odd = 'SMITH, "JONES" & SONS; CAFÉ LTD'

    assert companies(tmp_path, company_file([Company(odd, "19000001")]))["organisation"]["name"].to_list() == [odd]


def test_a_name_over_two_lines_is_one_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is read in lots that end at a line's end, and not at a line's break inside a name."""
    monkeypatch.setattr(companies_house, "LOT_BYTES", 700)
    some = [Company(f"ODD\nNAME {place} LTD", f"1900{place:04}") for place in range(20)]
    names = companies(tmp_path, company_file(some))["organisation"]["name"].to_list()

    assert names == [company.name for company in some]


def test_a_quotation_mark_that_is_never_closed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the whole register would be one name."""
    monkeypatch.setattr(companies_house, "LOT_BYTES", 100)
    broken = company_file().replace(b'"HARROWGATE', b'"HARROWGATE "" " ', 1)

    with pytest.raises(UnexpectedFile, match="does not close"):
        companies(tmp_path, broken)


# --- who controls them -------------------------------------------------------------------------------------------


def parents(folder: Path, lines: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    """Read a snapshot; return the parents that it tells of."""
    path = folder / "persons-with-significant-control-snapshot-2026-11-22.txt"
    path.write_bytes(control_file(lines))
    companies_house.read_control([path], folder, date(2026, 11, 22))
    return pl.read_parquet(folder / "parent.parquet").to_dicts()


def test_only_legal_bodies_with_three_quarters_are_parents(tmp_path: Path) -> None:
    """Half the shares, a trustee's shares and people make no parent."""
    found = {(parent["org_id"], parent["register"], parent["number"]) for parent in parents(tmp_path)}

    assert found == {
        ("GB-COH-19000004", "company", "900003"),
        ("GB-COH-00900003", "foreign", "5786925"),
        ("GB-COH-19000002", "none", None),
        ("GB-COH-00900005", "charity", "1190001"),
    }


def test_a_control_that_has_ended_keeps_its_days(tmp_path: Path) -> None:
    """Who was the parent until when may matter for an award of that time."""
    [ended] = [parent for parent in parents(tmp_path) if parent["valid_to"]]

    assert (ended["valid_from"], ended["valid_to"]) == (date(2016, 4, 6), date(2020, 1, 31))


@pytest.mark.parametrize(
    ("nature", "is_parent"),
    [
        ("ownership-of-shares-75-to-100-percent", True),
        ("voting-rights-75-to-100-percent", True),
        ("right-to-share-surplus-assets-75-to-100-percent-limited-liability-partnership", True),
        ("voting-rights-75-to-100-percent-limited-liability-partnership", True),
        ("ownership-of-shares-50-to-75-percent", False),
        ("ownership-of-shares-75-to-100-percent-as-firm", False),
        ("voting-rights-75-to-100-percent-as-trust", False),
        ("right-to-appoint-and-remove-directors", False),
        ("significant-influence-or-control", False),
    ],
)
def test_what_makes_a_parent(tmp_path: Path, nature: str, is_parent: bool) -> None:
    """Three quarters of shares, of votes or of surplus assets in its own right do, and nothing else."""
    line = control("19000001", "Parent Ltd", "19000002", "England", nature)

    assert len(parents(tmp_path, [line])) == int(is_parent)


@pytest.mark.parametrize(
    ("country", "register"),
    [
        ("England", "company"),
        ("UNITED KINGDOM", "company"),
        ("Uk", "company"),
        ("Scotland", "company"),
        ("Jersey", "foreign"),
        ("New South Wales, Australia", "foreign"),
        ("Republic Of Ireland", "foreign"),
        ("Delaware, Usa", "foreign"),
    ],
)
def test_the_country_tells_the_register(tmp_path: Path, country: str, register: str) -> None:
    """Companies write the country as they like; the islands have registers of their own."""
    line = control("19000001", "Parent Ltd", "19000002", country, "voting-rights-75-to-100-percent")

    assert [parent["register"] for parent in parents(tmp_path, [line])] == [register]


def test_no_person_reaches_the_disk(tmp_path: Path) -> None:
    """People's lines are skipped unread."""
    told = json.dumps(parents(tmp_path), default=str)

    assert [secret for secret in made_up_registers.SECRETS if secret in told] == []


def test_a_file_without_any_legal_body_is_refused(tmp_path: Path) -> None:
    """A snapshot without a single company that controls another is not the snapshot."""
    with pytest.raises(UnexpectedFile, match="no line on a company that controls another"):
        parents(tmp_path, [{"company_number": "1", "data": {"kind": "exemptions"}}])


def test_a_line_that_is_cut_is_told_by_its_number(tmp_path: Path) -> None:
    """Half a line means half a file."""
    path = tmp_path / "psc-snapshot-2026-11-22_1of32.txt"
    path.write_bytes(control_file().splitlines()[0][:-9])

    with pytest.raises(UnexpectedFile, match="line 1"):
        companies_house.read_control([path], tmp_path, date(2026, 11, 22))

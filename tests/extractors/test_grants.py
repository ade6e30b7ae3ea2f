"""Tests of the reader of grants, on made-up files in the shape of the 360Giving Data Standard."""

import csv
import io
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from extractors import grants
from extractors.registers import UnexpectedFile

TITLES = (
    "Identifier",
    "Title",
    "Description",
    "Currency",
    "Amount Awarded",
    "Award Date",
    "Recipient Org:Identifier",
    "Recipient Org:Name",
    "Recipient Org:Charity Number",
    "Recipient Org:Postal Code",
    "Funding Org:Identifier",
    "Funding Org:Name",
    "Grant Programme:Title",
    "Recipient Ind:Name",
)
PATHS = {
    "Identifier": "id",
    "Title": "title",
    "Description": "description",
    "Currency": "currency",
    "Amount Awarded": "amountAwarded",
    "Award Date": "awardDate",
    "Recipient Org:Identifier": "recipientOrganization/0/id",
    "Recipient Org:Name": "recipientOrganization/0/name",
    "Recipient Org:Charity Number": "recipientOrganization/0/charityNumber",
    "Recipient Org:Postal Code": "recipientOrganization/0/postalCode",
    "Funding Org:Identifier": "fundingOrganization/0/id",
    "Funding Org:Name": "fundingOrganization/0/name",
    "Grant Programme:Title": "grantProgramme/0/title",
    "Recipient Ind:Name": "recipientIndividual/name",
}


def grant(number: int, **told: Any) -> dict[str, str]:
    """Return a row: a council's grant to a charity; other fields by their title, underscores being read as written."""
    usual = {
        "Identifier": f"360G-wharfedale-{number}",
        "Title": "Grant to Jane Planted",
        "Description": "Ring Jane on 01632 960123.",
        "Currency": "GBP",
        "Amount Awarded": "12000.50",
        "Award Date": "2025-06-30",
        "Recipient Org:Identifier": "GB-CHC-1190001",
        "Recipient Org:Name": "Wentworth Advice Line",
        "Funding Org:Identifier": "GB-LAE-LDS",
        "Funding Org:Name": "Leeds City Council",
        "Grant Programme:Title": "Neighbourhood fund",
    }
    return usual | told


def body(*rows: dict[str, str], titles: dict[str, str] | None = None, encoding: str = "utf-8") -> bytes:
    """Return rows as a CSV file; ``titles`` renames columns."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([(titles or {}).get(title, title) for title in TITLES])
    writer.writerows([[row.get(title, "") for title in TITLES] for row in rows])
    return text.getvalue().encode(encoding)


def saved(folder: Path, content: bytes, name: str = "grants-2026-06-30.csv") -> list[Path]:
    """Return a file with this content."""
    (folder / name).write_bytes(content)
    return [folder / name]


@pytest.mark.parametrize(
    "titles",
    [
        None,
        PATHS,
        {title: title.replace("Org:", "Org:0:") for title in TITLES},
        {title: title.replace(":", "/").upper() for title in TITLES},
    ],
    ids=["titles", "paths", "numbered", "slashes"],
)
def test_both_forms_of_headings_are_read(tmp_path: Path, titles: dict[str, str] | None) -> None:
    """The standard's titles and the paths of its JSON give the same rows, and nothing that may name a person."""
    found = grants.read(saved(tmp_path, body(grant(1), titles=titles)))

    assert found.left_out == {}
    assert found.rows.schema == grants.SCHEMA
    assert found.rows.rows(named=True) == [
        {
            "grant_id": "360G-wharfedale-1",
            "funder_org_id": "GB-LAE-LDS",
            "funder_name": "Leeds City Council",
            "recipient_org_id": "GB-CHC-1190001",
            "recipient_name": "Wentworth Advice Line",
            "charity_number": None,
            "company_number": None,
            "programme": "Neighbourhood fund",
            "amount_gbp": Decimal("12000.50"),
            "awarded_on": date(2025, 6, 30),
            "source_file": "grants-2026-06-30.csv",
        }
    ]


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"Recipient Ind:Name": "J. P."}, "to a person"),
        ({"Recipient Org:Identifier": "", "Recipient Org:Name": ""}, "to a person"),
        ({"Recipient Org:Identifier": "360G-wharfedale-org-1", "Recipient Org:Name": "Mrs J Planted"}, "to a person"),
        ({"Recipient Org:Identifier": "", "Recipient Org:Name": "Dr. Jane Planted"}, "to a person"),
        ({"Recipient Org:Identifier": "", "Recipient Org:Name": "Private individual"}, "to a person"),
        ({"Recipient Org:Identifier": "", "Recipient Org:Name": "REDACTED personal data"}, "to a person"),
        ({"Identifier": ""}, "without identifier"),
        ({"Funding Org:Identifier": "", "Funding Org:Name": ""}, "without funder"),
        ({"Currency": "EUR"}, "not in pounds"),
        ({"Amount Awarded": "0"}, "without a credible amount"),
        ({"Amount Awarded": "-5"}, "without a credible amount"),
        ({"Amount Awarded": "about 500"}, "without a credible amount"),
        ({"Amount Awarded": "10000000000"}, "without a credible amount"),
        ({"Award Date": "2025"}, "without a date"),
        ({"Award Date": "31/02/2025"}, "without a date"),
    ],
)
def test_what_cannot_be_counted_is_left_out_with_its_reason(tmp_path: Path, told: dict[str, str], reason: str) -> None:
    """Grants to persons are dropped, and so is what has no amount in pounds, no date or no funder; it is counted."""
    found = grants.read(saved(tmp_path, body(grant(1), grant(2, **told))))

    assert found.rows["grant_id"].to_list() == ["360G-wharfedale-1"]
    assert found.left_out == {reason: 1}


@pytest.mark.parametrize(
    "told",
    [
        {"Recipient Org:Name": "Mrs Beeton's Kitchen"},
        {"Recipient Org:Identifier": "", "Recipient Org:Name": "Msgr Planted Community Hall"},
        {"Recipient Org:Identifier": "", "Recipient Org:Charity Number": "1190001", "Recipient Org:Name": "Dr Barn"},
        {"Award Date": "30/06/2025"},
        {"Award Date": "2025-06-30T00:00:00+00:00"},
        {"Amount Awarded": "£12,000.50"},
        {"Currency": "gbp"},
        {"Currency": ""},
    ],
)
def test_what_is_written_otherwise_is_read_all_the_same(tmp_path: Path, told: dict[str, str]) -> None:
    """A registered name is no person's, and dates and amounts are read as councils write them."""
    found = grants.read(saved(tmp_path, body(grant(1, **told))))

    assert found.left_out == {}
    assert found.rows.select("amount_gbp", "awarded_on").rows() == [(Decimal("12000.50"), date(2025, 6, 30))]


def test_several_files_are_one_set_of_grants(tmp_path: Path) -> None:
    """The last file decides on a grant that two of them tell, and a zip is read like the file in it."""
    first = saved(tmp_path, body(grant(1), grant(2)), "2025-06-30.csv")
    packed = tmp_path / "grants.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("later-2026-06-30.csv", body(grant(2, **{"Amount Awarded": "7"}), grant(3)))
    found = grants.read([*first, packed])

    assert found.rows.select("grant_id", "amount_gbp").rows() == [
        ("360G-wharfedale-1", Decimal("12000.50")),
        ("360G-wharfedale-2", Decimal("7.00")),
        ("360G-wharfedale-3", Decimal("12000.50")),
    ]
    assert found.left_out == {"told twice": 1}
    assert grants.vintage([*first, packed]) == date(2025, 6, 30)
    assert grants.vintage([packed]) is None


def test_a_file_that_a_spreadsheet_saved_is_read(tmp_path: Path) -> None:
    """Text of Windows-1252, and empty lines at the end, are no trouble."""
    content = body(grant(1, **{"Recipient Org:Name": "Café Côté"}), encoding="cp1252") + b",,,,,,,,,,,,,\r\n\r\n"

    assert grants.read(saved(tmp_path, content)).rows["recipient_name"].to_list() == ["Café Côté"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"Date,Supplier,Amount\r\n", "lacks the column 'Identifier', 'Amount Awarded', 'Award Date'"),
        (b"", "lacks the column"),
        (body(grant(1), titles={"Title": "Award Date"}), "has more than one column 'Award Date'"),
        (body(grant(1)) + b"one,two\r\n", r"line 3: 2 fields where the header names 14"),
        (body(), "holds no grant to an organisation .*it has no rows"),
        (body(grant(1, Currency="EUR")), r"holds no grant to an organisation .*1 not in pounds"),
    ],
)
def test_another_file_is_refused_with_what_to_do(tmp_path: Path, content: bytes, told: str) -> None:
    """A council's spending, a broken row or a file without grants loads nothing."""
    with pytest.raises(UnexpectedFile, match=told):
        grants.read(saved(tmp_path, content))


def test_a_file_that_is_no_csv_is_refused(tmp_path: Path) -> None:
    """The workbook has to be saved as CSV first."""
    with pytest.raises(UnexpectedFile, match="holds no CSV file of grants"):
        grants.read(saved(tmp_path, b"", "grants.ods"))

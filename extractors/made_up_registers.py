"""Registers that are made up, in the exact form in which the real ones are published.

Every organisation and every number is invented; a number that a real organisation may have too stands for it no more
than a name in a novel does. ``published`` gives the files of every register by name, and ``companies`` writes a company
file of any length, for measuring.
"""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

COMPANY_HEADER = (
    "CompanyName, CompanyNumber,RegAddress.CareOf,RegAddress.POBox,RegAddress.AddressLine1, RegAddress.AddressLine2,"
    "RegAddress.PostTown,RegAddress.County,RegAddress.Country,RegAddress.PostCode,CompanyCategory,CompanyStatus,"
    "CountryOfOrigin,DissolutionDate,IncorporationDate,Accounts.AccountRefDay,Accounts.AccountRefMonth,"
    "Accounts.NextDueDate,Accounts.LastMadeUpDate,Accounts.AccountCategory,Returns.NextDueDate,Returns.LastMadeUpDate,"
    "Mortgages.NumMortCharges,Mortgages.NumMortOutstanding,Mortgages.NumMortPartSatisfied,Mortgages.NumMortSatisfied,"
    "SICCode.SicText_1,SICCode.SicText_2,SICCode.SicText_3,SICCode.SicText_4,LimitedPartnerships.NumGenPartners,"
    "LimitedPartnerships.NumLimPartners,URI,PreviousName_1.CONDATE, PreviousName_1.CompanyName,"
    " PreviousName_2.CONDATE, PreviousName_2.CompanyName,"
    + ",".join(f"PreviousName_{place}.CONDATE, PreviousName_{place}.CompanyName" for place in range(3, 11))
    + ",ConfStmtNextDueDate, ConfStmtLastMadeUpDate"
)
"""The first line of Companies House's file, with the blanks that some of its columns begin with."""

_COMPANY_COLUMNS = tuple(column.strip() for column in COMPANY_HEADER.split(","))

COMMISSION_COLUMNS = (
    "date_of_extract",
    "organisation_number",
    "registered_charity_number",
    "linked_charity_number",
    "charity_name",
    "charity_type",
    "charity_registration_status",
    "date_of_registration",
    "date_of_removal",
    "charity_reporting_status",
    "latest_acc_fin_period_start_date",
    "latest_acc_fin_period_end_date",
    "latest_income",
    "latest_expenditure",
    "charity_contact_address1",
    "charity_contact_address2",
    "charity_contact_address3",
    "charity_contact_address4",
    "charity_contact_address5",
    "charity_contact_postcode",
    "charity_contact_phone",
    "charity_contact_email",
    "charity_contact_web",
    "charity_company_registration_number",
    "charity_insolvent",
    "charity_in_administration",
    "charity_previously_excepted",
    "charity_is_cdf_or_cif",
    "charity_is_cio",
    "cio_is_dissolved",
    "date_cio_dissolution_notice",
    "charity_activities",
    "charity_gift_aid",
    "charity_has_land",
)  # fmt: skip - the columns in the order of the extract read better than thirty-four lines

OTHER_NAME_COLUMNS = (
    "date_of_extract",
    "organisation_number",
    "registered_charity_number",
    "linked_charity_number",
    "charity_name_id",
    "charity_name_type",
    "charity_name",
)  # fmt: skip - likewise

OSCR_COLUMNS = (
    "Charity Number",
    "Charity Name",
    "Registered Date",
    "Known As",
    "Charity Status",
    "Notes",
    "Postcode",
    "Constitutional Form",
    "Previous Constitutional Form 1",
    "Geographical Spread",
    "Main Operating Location",
    "Purposes",
    "Beneficiaries",
    "Activities",
    "Objectives",
    "Principal Office/Trustees Address",
    "Website",
    "Most recent year income",
    "Most recent year expenditure",
    "Mailing cycle",
    "Year End",
    "Date annual return received",
    " Next year end date",
    " Donations and legacies income",
    "Charitable activities income",
    "Other trading activities income",
    "Investments income",
    "Other income",
    "Raising funds spending",
    "Charitable activities spending",
    "Other spending",
    "Parent charity name",
    "Parent charity number",
    "Parent charity country of registration",
    "Designated religious body",
    "Regulatory Type",
)  # fmt: skip - likewise; two columns begin with a blank

OSCR_FORMER_COLUMNS = (*OSCR_COLUMNS[:5], "Ceased Date", *OSCR_COLUMNS[5:])

CCNI_COLUMNS = (
    "Reg charity number",
    "Charity name",
    "Date registered",
    "Status",
    "Date for financial year ending",
    "Total income",
    "Total spending",
    "Charitable spending",
    "Income generation and governance",
    "Public address",
    "Website",
    "Email",
    "Telephone",
    "Company number",
    "What the charity does",
    "Who the charity helps",
    "How the charity works",
    "Charitable purposes",
    "Other name",
    "Type of governing document",
    "Financial period start",
    "Financial period end",
    "Total income. Previous financial period.",
    "Employed staff",
    "UK and Ireland volunteers",
    "Income from donations and legacies",
    "Income from charitable activities",
    "Income from other trading activities",
    "Income from investments",
    "Income from other",
    "Total income and endowments",
    "Expenditure on Raising funds",
    "Expenditure on Charitable activities",
    "Expenditure on Governance",
    "Expenditure on Other",
    "Total expenditure",
    "Assets and liabilities - Total fixed assets",
    "Total net assets and liabilities",
)  # fmt: skip - likewise

MUTUAL_COLUMNS = (
    "Society Number",
    "Society Suffix",
    "Full Registation Number",
    "Society Name",
    "Registered As",
    "Society Address",
    "Registration Date",
    "Deregistration Date",
    "Registration Act",
    "Standard Industrial Classification Code (SIC)",
    "Reporting Classification",
    "Society Status",
)  # fmt: skip - likewise

LOOKUP_COLUMNS = (
    "org_id_a",
    "org_id_b",
    "relationship",
    "source",
    "valid_from",
    "valid_to",
    "org_name",
    "org_name_a",
    "org_name_b",
)  # fmt: skip - likewise

SECRETS = ("020 7946 0999", "trustee@example.org", "Winifred Madeup", "1957")
"""Contact details and a person's name that stand in the made-up files, and may stand in nothing that is kept."""


class Company(NamedTuple):
    """A company as Companies House's file tells it; ``former`` are dates (DD/MM/YYYY) and names, the latest first."""

    name: str
    number: str
    category: str = "Private Limited Company"
    status: str = "Active"
    postcode: str = "LS1 4AB"
    started: str = "02/03/2015"
    sic: tuple[str, ...] = ("81210 - General cleaning of buildings",)
    former: tuple[tuple[str, str], ...] = ()

    def line(self) -> str:
        """Return the company's line in the file, every field in quotation marks."""
        named = {
            "CompanyName": self.name,
            "CompanyNumber": self.number,
            "RegAddress.CareOf": SECRETS[2],
            "RegAddress.AddressLine1": "1 MADE UP STREET",
            "RegAddress.PostTown": "LEEDS",
            "RegAddress.PostCode": self.postcode,
            "CompanyCategory": self.category,
            "CompanyStatus": self.status,
            "CountryOfOrigin": "United Kingdom",
            "IncorporationDate": self.started,
            "Mortgages.NumMortCharges": "0",
            "URI": f"http://business.data.gov.uk/id/company/{self.number}",
        }
        named |= {f"SICCode.SicText_{place}": text for place, text in enumerate(self.sic, start=1)}
        for place, (until, name) in enumerate(self.former, start=1):
            named |= {f"PreviousName_{place}.CONDATE": until, f"PreviousName_{place}.CompanyName": name}
        return ",".join('"' + named.get(column, "").replace('"', '""') + '"' for column in _COMPANY_COLUMNS)


COMPANIES = (
    Company('! "BRIGHTSIDE" CLEANING LTD', "19000001", former=(("16/10/2019", "ELMET CLEANING LIMITED"),)),
    Company("HARROWGATE HEALTH C.I.C.", "19000002", "Community Interest Company", sic=("86900 - Other human health",)),
    Company("MOSSLEY HOLDINGS PLC", "00900003", "Public Limited Company", postcode="EC1A 1BB"),
    Company("MOSSLEY FACILITIES LIMITED", "19000004", status="Active - Proposal to Strike off", postcode="EC1A 1BB"),
    Company(
        "WENTWORTH ADVICE",
        "00900005",
        "PRI/LBG/NSC (Private, Limited by guarantee, no share capital, use of 'Limited' exemption)",
        sic=("88990 - Other social work", "94990 - Other membership organisations"),
    ),
    Company(
        "CALDER VALLEY CARE LLP", "OC900006", "Limited Liability Partnership", status="Liquidation", postcode="n/a"
    ),
    Company("NEWTON MUTUAL ENERGY LIMITED", "IP09007R", "Registered Society", sic=("None Supplied",)),
)  # fmt: skip - a company a line


def company_file(companies: Iterable[Company] = COMPANIES) -> bytes:
    """Return Companies House's CSV."""
    return "".join(f"{line}\r\n" for line in (COMPANY_HEADER, *(company.line() for company in companies))).encode()


def control_file(lines: Iterable[Mapping[str, Any]] | None = None) -> bytes:
    """Return the snapshot of persons with significant control, one JSON object a line."""
    return b"".join(json.dumps(line).encode() + b"\n" for line in (CONTROL if lines is None else lines))


def control(
    company: str, name: str, number: str | None, country: str | None, *natures: str, **more: Any
) -> dict[str, Any]:
    """Return a line on a legal body that controls a company."""
    identification = {
        "legal_form": "Limited",
        "legal_authority": "Companies Act 2006",
        "registration_number": number,
        "country_registered": country,
        "place_registered": "Companies House",
    }  # fmt: skip - one line
    data = {
        "address": {"premises": "1", "address_line_1": "Made Up Street", "postal_code": "EC1A 1BB"},
        "etag": "0" * 40,
        "identification": {key: value for key, value in identification.items() if value is not None},
        "kind": "corporate-entity-person-with-significant-control",
        "links": {"self": f"/company/{company}/persons-with-significant-control/corporate-entity/x"},
        "name": name,
        "natures_of_control": list(natures),
        "notified_on": "2016-04-06",
        **more,
    }
    return {"company_number": company, "data": data}


CONTROL: tuple[dict[str, Any], ...] = (
    control("19000004", "Mossley Holdings Plc", "900003", "England", "ownership-of-shares-75-to-100-percent"),
    control("00900003", "Global Mossley, Inc.", "5786925", "Delaware", "voting-rights-75-to-100-percent"),
    control("19000001", "Halfway Investments Ltd", "19000099", "England", "ownership-of-shares-50-to-75-percent"),
    control(
        "OC900006", "Trust Corporation Ltd", "19000098", "England", "ownership-of-shares-75-to-100-percent-as-trust"
    ),
    control(
        "19000002",
        "Elmet Borough Council",
        None,
        "England",
        "right-to-appoint-and-remove-directors",
        "voting-rights-75-to-100-percent",
        kind="legal-person-person-with-significant-control",
    ),
    control(
        "00900005",
        "Wentworth Trust",
        "1900001",
        "England",
        "voting-rights-75-to-100-percent",
        ceased_on="2020-01-31",
        identification={
            "registration_number": "1190001",
            "country_registered": "England",
            "place_registered": "Charity Commission",
        },
    ),
    {
        "company_number": "19000001",
        "data": {
            "kind": "individual-person-with-significant-control",
            "name": SECRETS[2],
            "name_elements": {"forename": "Winifred", "surname": "Madeup"},
            "date_of_birth": {"month": 5, "year": 1957},
            "natures_of_control": ["ownership-of-shares-75-to-100-percent"],
        },
    },
    {"company_number": "19000002", "data": {"kind": "persons-with-significant-control-statement"}},
    {"data": {"kind": "totals#persons-of-significant-control-snapshot", "persons_of_significant_control_count": 7}},
)  # fmt: skip - what each line tells stands together


def _commission(number: int, linked: int, name: str, **more: Any) -> dict[str, Any]:
    row = dict.fromkeys(COMMISSION_COLUMNS) | {
        "date_of_extract": "2026-11-20T00:00:00",
        "organisation_number": 5_000_000 + number % 1000 + linked,
        "registered_charity_number": number,
        "linked_charity_number": linked,
        "charity_name": name,
        "charity_registration_status": "Registered",
        "date_of_registration": "2015-03-02T00:00:00",
        "charity_contact_postcode": "LS1 4AB",
        "charity_contact_phone": SECRETS[0],
        "charity_contact_email": SECRETS[1],
        "charity_insolvent": False,
        "charity_in_administration": False,
        "charity_is_cio": False,
    }
    return row | more


COMMISSION: tuple[dict[str, Any], ...] = (
    _commission(
        1190001,
        0,
        "WENTWORTH TRUST",
        charity_type="Charitable company",
        latest_income=125000.0,
        latest_acc_fin_period_end_date="2026-03-31T00:00:00",
        charity_company_registration_number="900005",
        charity_activities="Advice, “free”, to\tanybody.\nAnd more.",
    ),
    _commission(1190001, 1, "WENTWORTH YOUTH WING", charity_company_registration_number="900005"),
    _commission(
        1190002,
        0,
        "THE ELMET HOSPICE CIO",
        charity_type="CIO",
        charity_is_cio=True,
        latest_income=4200000,
        charity_company_registration_number="CE900010",
    ),
    _commission(
        219990,
        0,
        "OLD HALL RELIEF FUND",
        charity_type="Trust",
        charity_registration_status="Removed",
        date_of_removal="2021-06-30T00:00:00",
        charity_company_registration_number="0",
    ),
)  # fmt: skip - what each charity is stands together

OTHER_NAMES: tuple[dict[str, Any], ...] = tuple(
    dict(zip(OTHER_NAME_COLUMNS, ("2026-11-20T00:00:00", 5_000_001, number, 0, place, kind, name), strict=True))
    for place, (number, kind, name) in enumerate(
        [
            (1190001, "Working Name", "Wentworth Advice Line"),
            (1190001, "Previous Name", "WENTWORTH CITIZENS' BUREAU"),
            (1190002, "Working Name", "Elmet Hospice at Home"),
        ]
    )
)


def as_json(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return rows as the Charity Commission's JSON: one array, with the mark of byte order in front."""
    return b"\xef\xbb\xbf" + json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()


def as_tabs(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return rows as the Charity Commission's text: tabs between fields, no quotation marks."""
    columns = list(rows[0])
    lines = [columns, *([_plain(row[column]) for column in columns] for row in rows)]
    return "".join("\t".join(line) + "\r\n" for line in lines).encode()


def _plain(value: Any) -> str:
    return "" if value is None else " ".join(str(value).split())


def as_csv(columns: Sequence[str], rows: Iterable[Mapping[str, str]], encoding: str = "utf-8") -> bytes:
    """Return rows as CSV under a header; what a row does not say is empty."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([row.get(column.strip(), "") for column in columns])
    return text.getvalue().encode(encoding)


OSCR: tuple[dict[str, str], ...] = (
    {
        "Charity Number": "SC090001",
        "Charity Name": "Glen Made-up Community Trust",
        "Registered Date": "01/04/2010",
        "Known As": "The Glen Trust",
        "Charity Status": "Active",
        "Postcode": "EH1 1AA",
        "Constitutional Form": "SCIO (Scottish Charitable Incorporated Organisation)",
        "Purposes": "'The advancement of education','The relief of those in need'",
        "Principal Office/Trustees Address": f"{SECRETS[2]}, 1 Made-up Wynd, Edinburgh",
        "Most recent year income": "54321",
        "Year End": "31/03/2026",
    },
    {
        "Charity Number": "SC090002",
        "Charity Name": "Wentworth Trust in Scotland",
        "Registered Date": "01/04/2012",
        "Charity Status": "Active",
        "Postcode": "G1 1AA",
        "Constitutional Form": "Company (the charity is registered with Companies House)",
        "Parent charity name": "Wentworth Trust",
        "Parent charity number": "1190001",
        "Parent charity country of registration": "England & Wales",
    },
)  # fmt: skip - what each charity is stands together

OSCR_FORMER: tuple[dict[str, str], ...] = (
    {
        "Charity Number": "SC080009",
        "Charity Name": "The Old Kirk Fund",
        "Registered Date": "01/01/1990",
        "Ceased Date": "05/06/2019",
        "Charity Status": "Removed",
        "Constitutional Form": "Trust",
    },
)  # fmt: skip - likewise

CCNI: tuple[dict[str, str], ...] = (
    {
        "Reg charity number": "109001",
        "Charity name": "Lagan Made`up Centre",
        "Date registered": "28/11/2014",
        "Status": "Up-to-date",
        "Date for financial year ending": "31 March 2026",
        "Total income": "250000",
        "Public address": "1 Made-up Road, Belfast, BT1 1AA",
        "Email": SECRETS[1],
        "Telephone": SECRETS[0],
        "Company number": "90123",
        "What the charity does": "The advancement of education,The relief of those in need",
        "Other name": "The Café Centre",
    },
    {
        "Reg charity number": "109002",
        "Charity name": "Foyle Relief",
        "Status": "Removed",
        "Company number": "0",
        "Public address": "Derry",
    },
)  # fmt: skip - likewise

MUTUALS: tuple[dict[str, str], ...] = (
    {
        "Society Number": "9007",
        "Society Suffix": "R",
        "Full Registation Number": "9007R",
        "Society Name": "Newton Mutual Energy Limited",
        "Registered As": "Registered Society",
        "Society Address": "1 Made-up Lane, Newton, YO1 1AA",
        "Registration Date": "02/03/1998",
        "Registration Act": "Co-operative and Community Benefit Societies Act 2014",
        "Standard Industrial Classification Code (SIC)": "35110",
        "Society Status": "Registered",
    },
    {
        "Society Number": "7900",
        "Full Registation Number": "7900",
        "Society Name": "Fenland Café Society Limited",
        "Registered As": "Community Benefit Society",
        "Society Address": "The Old Café, Fen Row, PE1 1AA",
        "Registration Date": "11/08/2016",
        "Society Status": "Registered",
    },
    {
        "Society Number": "1234",
        "Society Suffix": "R",
        "Full Registation Number": "1234R",
        "Society Name": "Gone Allotments Limited",
        "Registered As": "Registered Society",
        "Society Address": "nowhere",
        "Registration Date": "01/01/1950",
        "Deregistration Date": "04/05/2011",
        "Society Status": "Deregistered",
    },
)  # fmt: skip - likewise

LOOKUPS: dict[str, tuple[dict[str, str], ...]] = {
    "_sameas.csv": (
        {"org_id_a": "GB-CHC-1190002", "org_id_b": "GB-COH-CE900010", "relationship": "sameas", "source": "CIOs"},
        {
            "org_id_a": "GB-MPR-7900",
            "org_id_b": "GB-COH-RS007900",
            "relationship": "sameas",
            "source": "Mutual companies",
            "valid_from": "2016-08-11",
        },
    ),
    "_parent.csv": (
        {
            "org_id_a": "GB-CHC-1190001",
            "org_id_b": "GB-SC-SC090001",
            "relationship": "parent",
            "source": "Federated Charities",
        },
    ),
}  # fmt: skip - a relation a line


def zipped(name: str, body: bytes) -> bytes:
    """Return a zip with one file inside, the same bytes for the same file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(zipfile.ZipInfo(name, (2026, 11, 22, 0, 0, 0)), body, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def published(vintage: str = "2026-11-01") -> dict[str, bytes]:
    """Return the files of every register, by the name under which it publishes them."""
    lookups = {name: as_csv(LOOKUP_COLUMNS, rows) for name, rows in LOOKUPS.items()}
    return {
        f"BasicCompanyDataAsOneFile-{vintage}.zip": zipped(f"BasicCompanyDataAsOneFile-{vintage}.csv", company_file()),
        f"persons-with-significant-control-snapshot-{vintage}.zip": zipped(
            f"persons-with-significant-control-snapshot-{vintage}.txt", control_file()
        ),
        "publicextract.charity.zip": zipped("publicextract.charity.json", as_json(COMMISSION)),
        "publicextract.charity_other_names.zip": zipped("publicextract.charity_other_names.json", as_json(OTHER_NAMES)),
        "charity-register": zipped("CharityExport-22-Nov-2026.csv", as_csv(OSCR_COLUMNS, OSCR)),
        "charity-former-register": zipped(
            "CharityExport-Removed-22-Nov-2026.csv", as_csv(OSCR_FORMER_COLUMNS, OSCR_FORMER)
        ),
        "exportSearchResultsToCsv": as_csv(CCNI_COLUMNS, CCNI, "cp1252"),
        "SocietyList.csv": as_csv(MUTUAL_COLUMNS, MUTUALS, "cp1252"),
        **lookups,
    }


def companies(count: int, path: Path) -> None:
    """Write Companies House's CSV with any number of made-up companies, a fifth of them under a second name."""
    with path.open("wb") as out:
        out.write(f"{COMPANY_HEADER}\r\n".encode())
        for lines in _lots(count):
            out.write(lines)


_FIRST = ("BRIGHTSIDE", "ELMET", "MOSSLEY", "CALDER", "WENTWORTH", "HARROWGATE", "NEWTON", "FENLAND", "LAGAN", "FOYLE")
_SECOND = ("CLEANING", "CARE", "BUILDING", "CONSULTING", "TRANSPORT", "FOODS", "ENERGY", "HOMES", "ADVICE", "DESIGN")
_FORMS = ("LIMITED", "LTD", "LTD.", "LLP", "C.I.C.", "PLC", "LIMITED", "LIMITED", "LTD", "LIMITED")


def _lots(count: int) -> Iterator[bytes]:
    lot = []
    for number in range(count):
        first, second = _FIRST[number % 10], _SECOND[number // 10 % 10]
        name = f"{first} {second} {number // 100:X} {_FORMS[number // 7 % 10]}"
        former = (("01/02/2018", f"{second} OF {first} {number:X} LIMITED"),) if number % 5 == 0 else ()
        started = f"{number % 28 + 1:02}/{number % 12 + 1:02}/{1990 + number % 35}"
        postcode = f"{'LS' if number % 2 else 'M'}{number % 20 + 1} {number % 10}AB"
        lot.append(Company(name, f"{number + 1:08}", postcode=postcode, started=started, former=former).line() + "\r\n")
        if len(lot) == 10_000:
            yield "".join(lot).encode()
            lot = []
    yield "".join(lot).encode()

"""Identifiers of suppliers, as buyers type them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.suppliers.identifiers import USABLE, clean, is_vat_number, org_id


@pytest.mark.parametrize(
    ("scheme", "raw", "org_id"),
    [
        ("GB-COH", "01234567", "GB-COH-01234567"),
        ("GB-COH", " 01234567\u00a0", "GB-COH-01234567"),
        ("GB-COH", "GB-COH-01234567", "GB-COH-01234567"),
        ("GB-COH", "SC345678", "GB-COH-SC345678"),
        ("GB-COH", "NI061234", "GB-COH-NI061234"),
        ("GB-COH", "OC312345", "GB-COH-OC312345"),
        ("GB-COH", "R0001234", "GB-COH-R0001234"),
        ("GB-COH", "CE012345", "GB-COH-CE012345"),
        ("GB-COH", "IP12345R", "GB-COH-IP12345R"),
        ("GB-COH", "SP2345RS", "GB-COH-SP2345RS"),
        ("GB-COH", "RS007123", "GB-COH-RS007123"),
        ("GB-COH", "RC000657", "GB-COH-RC000657"),
        ("GB-COH", "FC012345", "GB-COH-FC012345"),
        ("GB-CHC", "216250", "GB-CHC-216250"),
        ("GB-CHC", "1123456", "GB-CHC-1123456"),
        ("GB-CHC", "1123456-3", "GB-CHC-1123456-3"),
        ("GB-SC", "SC012345", "GB-SC-SC012345"),
        ("GB-NIC", "101234", "GB-NIC-101234"),
        ("GB-MPR", "12345R", "GB-MPR-12345R"),
        ("GB-PPON", "PABC-1234-DEFG", "GB-PPON-PABC-1234-DEFG"),
        ("GB-UKPRN", "10001234", "GB-UKPRN-10001234"),
        ("GB-NHS", "RXX", "GB-NHS-RXX"),
        ("XI-DUNS", "218271478", "XI-DUNS-218271478"),
        ("XI-LEI", "549300MLUDYVRQOOXS22", "XI-LEI-549300MLUDYVRQOOXS22"),
        ("GB-LAE", "HAV", "GB-LAE-HAV"),
        ("US-EIN", "12-3456789", "US-EIN-12-3456789"),
    ],
)
def test_a_well_formed_identifier_is_ok(scheme: str, raw: str, org_id: str) -> None:
    """A well-formed identifier is kept as it is, under its register's prefix."""
    assert clean(scheme, raw) == (org_id, "ok", None)


@pytest.mark.parametrize(
    ("scheme", "raw", "org_id"),
    [
        ("GB-COH", "1234567", "GB-COH-01234567"),
        ("GB-COH", "234567", "GB-COH-00234567"),
        ("GB-COH", "0012345678", "GB-COH-12345678"),
        ("GB-COH", "1234 5678", "GB-COH-12345678"),
        ("GB-COH", "Company No. 01234567", "GB-COH-01234567"),
        ("GB-COH", "sc345678", "GB-COH-SC345678"),
        ("GB-COH", "SC 45678", "GB-COH-SC045678"),
        ("GB-COH", "NI3456", "GB-COH-NI003456"),
        ("GB-COH", "345678SC", "GB-COH-SC345678"),
        ("GB-COH", "0345678SC", "GB-COH-SC345678"),
        ("GB-COH", "FCO12345", "GB-COH-FC012345"),
        ("GB-COH", "O1234567", "GB-COH-01234567"),
        ("GB-COH", "12345R", "GB-COH-IP12345R"),
        ("GB-CHC", "01123456", "GB-CHC-1123456"),
        ("GB-CHC", "1123456-0", "GB-CHC-1123456"),
        ("GB-CHC", "1123456 / 2", "GB-CHC-1123456-2"),
        ("GB-CHC", "1123456 / SC041234", "GB-CHC-1123456"),
        ("GB-CHC", "Charity No: 1123456", "GB-CHC-1123456"),
        ("GB-CHC", "1123456.0", "GB-CHC-1123456"),
        ("GB-COH", "1234567.0", "GB-COH-01234567"),
        ("GB-COH", "0C312345", "GB-COH-OC312345"),
        ("GB-COH", "S0301234", "GB-COH-SO301234"),
        ("GB-COH", "N1061234", "GB-COH-NI061234"),
        ("GB-COH", "0123O567", "GB-COH-01230567"),
        ("GB-COH", "IP1234R", "GB-COH-IP01234R"),
        ("GB-COH", "No. 1234567", "GB-COH-01234567"),
        ("GB-COH", "01234567 (England and Wales)", "GB-COH-01234567"),
        ("GB-COH", "Registered in Scotland: SC123456", "GB-COH-SC123456"),
        ("GB-COH", "GB01234567", "GB-COH-01234567"),
        ("GB-COH", "01234567 / 1123456", "GB-COH-01234567"),
        ("GB-COH", "01234567, 01234567", "GB-COH-01234567"),
        ("GB-SC", "012345", "GB-SC-SC012345"),
        ("GB-SC", "SCO12345", "GB-SC-SC012345"),
        ("GB-NIC", "NIC 101234", "GB-NIC-101234"),
        ("GB-MPR", "IP22981R", "GB-MPR-22981R"),
        ("GB-MPR", "RS007123", "GB-MPR-7123"),
        ("GB-MPR", "022981R", "GB-MPR-22981R"),
        ("GB-UKPRN", "UKPRN 10001234", "GB-UKPRN-10001234"),
        ("GB-NHS", "rxx 01", "GB-NHS-RXX01"),
        ("XI-DUNS", "21-827-1478", "XI-DUNS-218271478"),
        ("GB-VAT", "100279752 001", "GB-VAT-100279752"),
        ("", "GB-CHC-01123456", "GB-CHC-1123456"),
        ("GB-PPON", "pabc1234defg", "GB-PPON-PABC-1234-DEFG"),
        ("GB-VAT", "GB 100 2797 52", "GB-VAT-100279752"),
    ],
)
def test_what_has_one_reading_is_repaired(scheme: str, raw: str, org_id: str) -> None:
    """Lost noughts, spaces, letters out of place: where there is one reading, it is taken, with its reason."""
    found = clean(scheme, raw)

    assert (found.org_id, found.status) == (org_id, "repaired")
    assert found.reason


@pytest.mark.parametrize(
    ("scheme", "raw", "status"),
    [
        ("GB-COH", "", "junk"),
        ("GB-COH", "0", "junk"),
        ("GB-COH", "00000000", "junk"),
        ("GB-COH", "SC000000", "junk"),
        ("GB-COH", "N/A", "junk"),
        ("GB-COH", "n/a", "junk"),
        ("GB-COH", "-", "junk"),
        ("GB-COH", "Version 1", "junk"),
        ("GB-COH", "Acme Ltd", "junk"),
        ("GB-COH", "\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668", "junk"),
        ("GB-COH", "030175251", "ambiguous"),
        ("GB-COH", "1234", "ambiguous"),
        ("GB-COH", "61625", "ambiguous"),
        ("GB-COH", "061568C", "ambiguous"),
        ("GB-COH", "OC3005198", "ambiguous"),
        ("GB-COH", "IP1234", "ambiguous"),
        ("GB-COH", "51998661", "out_of_range"),
        ("GB-COH", "218271478", "out_of_range"),
        ("GB-COH", "100279752", "other_scheme"),
        ("GB-COH", "GB100279752", "other_scheme"),
        ("GB-COH", "HRB31229", "other_scheme"),
        ("GB-COH", "NIC101234", "other_scheme"),
        ("GB-COH", "1.23E+07", "junk"),
        ("GB-COH", "DX 12345", "junk"),
        ("GB-COH", "11111111", "ambiguous"),
        ("GB-COH", "01234567 and 07654321", "ambiguous"),
        ("GB-COH", "GB12345678", "ambiguous"),
        ("GB-COH", "Registered Charity No 1123456", "other_scheme"),
        ("GB-COH", "VAT No. 100 2797 52", "other_scheme"),
        ("GB-COH", "DUNS 218271478", "other_scheme"),
        ("GB-COH", "GB-CHC-1123456", "other_scheme"),
        ("GB-COH", "PABC-1234-DEFG", "other_scheme"),
        ("GB-COH", "HE36342", "other_scheme"),
        ("GB-COH", "IE660412", "other_scheme"),
        ("GB-COH", "CHE-123.456.789", "other_scheme"),
        ("GB-COH", "DE123456789", "other_scheme"),
        ("GB-COH", "XR12345", "other_scheme"),
        ("GB-CHC", "1123456 and 1123457", "ambiguous"),
        ("GB-CHC", "22981R", "other_scheme"),
        ("GB-CHC", "CE012345", "other_scheme"),
        ("GB-CHC", "XT12345", "other_scheme"),
        ("GB-SC", "CS001234", "other_scheme"),
        ("GB-MPR", "12R34", "junk"),
        ("GB-UKPRN", "20001234", "out_of_range"),
        ("GB-UKPRN", "1000123", "junk"),
        ("GB-NHS", "Hospital", "junk"),
        ("GB-NHS", "NHS", "junk"),
        ("GB-VAT", "12345", "junk"),
        ("XI-DUNS", "18271478", "ambiguous"),
        ("XI-DUNS", "123456789", "junk"),
        ("XI-LEI", "549300MLUDYVRQOOXS23", "junk"),
        ("GB-CHC", "3340120", "out_of_range"),
        ("GB-CHC", "12345", "out_of_range"),
        ("GB-CHC", "RC000070", "other_scheme"),
        ("GB-CHC", "03340120", "other_scheme"),
        ("GB-CHC", "SC012345", "other_scheme"),
        ("GB-SC", "SC345678", "out_of_range"),
        ("GB-SC", "12", "ambiguous"),
        ("GB-NIC", "12345", "junk"),
        ("GB-PPON", "12345678", "junk"),
        ("GB-VAT", "100279753", "junk"),
        ("GB-CFS", "93787", "other_scheme"),
        ("GB-FTS", "12345", "other_scheme"),
        ("", "01234567", "ambiguous"),
        ("something", "01234567", "other_scheme"),
    ],
)
def test_what_cannot_be_told_is_left_with_a_reason(scheme: str, raw: str, status: str) -> None:
    """What is no identifier of its register is never guessed at: it has a status and a reason, and no org_id."""
    found = clean(scheme, raw)

    assert (found.org_id, found.status) == (None, status)
    assert found.reason


@pytest.mark.parametrize("scheme", ["GB-COH", "gb-coh", "GB_COH", "COH", "Companies House", "COMPANIES_HOUSE"])
def test_spellings_of_a_scheme_are_one(scheme: str) -> None:
    """A register is recognised under the names that notices give it."""
    assert clean(scheme, "01234567").org_id == "GB-COH-01234567"


@given(
    scheme=st.sampled_from(
        [
            "",
            "GB-COH",
            "GB-CHC",
            "GB-SC",
            "GB-NIC",
            "GB-MPR",
            "GB-PPON",
            "GB-VAT",
            "GB-NHS",
            "GB-UKPRN",
            "XI-DUNS",
            "US-EIN",
        ]
    ),
    raw=st.text(max_size=14)
    | st.from_regex(
        r"\A(No\.? |Charity |VAT )?(GB|UK|0C|S0|N1|CHE|XR)?[0-9O]{4,9}(\.0| / SC[0-9]{6}| and [0-9]{8}|R| UK)?\Z"
    )
    | st.from_regex(r"\A(SC|NI|OC|IP|GB|NIC)?[0-9O ]{3,10}R?S?\Z"),
)
def test_cleaning_never_raises_and_cleaning_twice_is_once(scheme: str, raw: str) -> None:
    """Any text has a status; an org_id goes with ok and repaired only, and cleaned again it is itself and ok."""
    found = clean(scheme, raw)

    assert (found.org_id is not None) == (found.status in USABLE)
    assert (found.reason is None) == (found.status == "ok")
    if found.org_id is not None:
        assert clean(scheme, found.org_id) == (found.org_id, "ok", None)


@pytest.mark.parametrize(("digits", "passes"), [("100279752", True), ("100279751", False), ("000000000", False)])
def test_vat_numbers_are_told_by_their_check_digits(digits: str, *, passes: bool) -> None:
    """The two last digits of a VAT number follow from the seven first."""
    assert is_vat_number(digits) is passes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GB-COH-01234567", "GB-COH-01234567"),
        ("gb-coh-1234567", "GB-COH-01234567"),
        ("GB_COH: 01234567", "GB-COH-01234567"),
        ("01234567", "GB-COH-01234567"),
        ("1234567", "GB-COH-01234567"),
        ("1234567.0", "GB-COH-01234567"),
        ("'01234567", "GB-COH-01234567"),
        ("sc123456", "GB-COH-SC123456"),
        ("GB-CHC-1123456", "GB-CHC-1123456"),
        ("GB-SC-SC012345", "GB-SC-SC012345"),
        ("PABC-1234-DEFG", "GB-PPON-PABC-1234-DEFG"),
        ("US-EIN-12-3456789", "US-EIN-12-3456789"),
        ("https://find-and-update.company-information.service.gov.uk/company/SC123456/officers", "GB-COH-SC123456"),
        ("https://opencorporates.com/companies/gb/01234567", "GB-COH-01234567"),
        ("", None),
        ("n/a", None),
        ("Acme Ltd", None),
        ("GB-COH-", None),
    ],
)
def test_a_users_own_identifier_is_understood(text: str, expected: str | None) -> None:
    """A column of org-ids may hold bare company numbers, a spreadsheet's decimals and addresses of company pages."""
    found = org_id(text)

    assert found.org_id == expected
    assert (found.reason is None) == (found.status == "ok")


@given(st.text(max_size=40))
def test_a_users_own_identifier_never_raises(text: str) -> None:
    """Any text has a status, and what is found is found again."""
    found = org_id(text)

    assert (found.org_id is not None) == (found.status in USABLE)
    assert found.org_id is None or org_id(found.org_id).org_id == found.org_id


@pytest.mark.parametrize("unit", ["1", "SC", "12345 ", "1-", "REG ", "O", "GB-", "https://x/company/", "COMPANY 1"])
def test_a_huge_identifier_is_read_quickly(unit: str) -> None:
    """A megabyte in place of a number is no trap."""
    began = time.process_time()
    clean("GB-COH", unit * (1_000_000 // len(unit)))
    clean("GB-COH", (unit * 200)[:200])
    org_id((unit * 200)[:200])

    assert time.process_time() - began < 0.5

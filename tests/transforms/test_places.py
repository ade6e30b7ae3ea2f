"""Postcodes and names lead to the right area, or to none; local is yes, no or not known."""

import csv
import gzip
import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from transforms import places
from transforms.reference import facts
from warehouse.schema import frame_schema

ENGLISH_REGIONS = {
    "North East": "E12000001",
    "North West": "E12000002",
    "Yorkshire and The Humber": "E12000003",
    "East Midlands": "E12000004",
    "West Midlands": "E12000005",
    "East of England": "E12000006",
    "London": "E12000007",
    "South East": "E12000008",
    "South West": "E12000009",
    "Scotland": "S92000003",
    "Wales": "W92000004",
    "Northern Ireland": "N92000002",
}

# Where the oracle and our table differ, and why ours stands.
ORACLE_IS_OLDER = {
    "BNS": "the boundary of Barnsley changed in 2025: E08000016 became E08000038",
    "SHF": "the boundary of Sheffield changed in 2025: E08000019 became E08000039",
    "NECA": "ended on 7 May 2024, when the new North East Combined Authority began",
    "NTCA": "ended on 7 May 2024, when the new North East Combined Authority began",
}
ORACLE_REGION_IS_WRONG = {
    "DBY": "Derbyshire is in the East Midlands",
    "LIN": "Lincolnshire is in the East Midlands",
    "GLCA": "Greater Lincolnshire lies in two regions",
}
ORACLE_COUNTY_IS_WRONG = {"FOR": "Forest Heath was in Suffolk"}


@pytest.fixture(scope="module")
def oracle(shared: Path) -> list[dict[str, str]]:
    """Return mySociety's table of authorities, without the councils of Northern Ireland that ended in 2015."""
    with (shared / "data/areas/uk_la.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if not row["local-authority-code"].startswith("NIR-")]


@pytest.fixture(scope="module")
def by_register() -> dict[str, dict[str, Any]]:
    """Return our areas by the code of the register, without its scheme."""
    known = places.areas().filter(pl.col("register_code").is_not_null())
    return {row["register_code"].split("-", 2)[2]: row for row in known.iter_rows(named=True)}


def buyer(name: str | None, party_id: str | None = None) -> dict[str, Any]:
    """Return the one row of a single buyer."""
    told = pl.DataFrame(
        {"buyer_party_id": [party_id], "buyer_name": [name]},
        schema={"buyer_party_id": pl.String, "buyer_name": pl.String},
    )
    return places.buyers(told).row(0, named=True)


def located(address: str) -> dict[str, Any]:
    """Return the one row of a single address."""
    return places.locate(pl.Series([address])).row(0, named=True)


def placed(
    supplier: str | None, buyer_area: str | None, kind: str | None = "council", **more: Any
) -> tuple[bool | None, bool | None, str]:
    """Return what is said of one line: own authority, region, scope."""
    told = {"award_id": "a", "mention_id": "a/1", "supplier_area_code": supplier, "buyer_area_code": buyer_area}
    schema = dict.fromkeys([*told, "buyer_kind"], pl.String())
    line = pl.DataFrame([told | {"buyer_kind": kind}], schema=schema).with_columns(
        pl.lit(value, pl.Boolean).alias(name) for name, value in more.items()
    )
    row = places.place(line).row(0, named=True)
    return row["is_local_authority"], row["is_local_region"], row["local_scope"]


# --- areas -----------------------------------------------------------------------------------------------------------


def test_areas_are_the_table() -> None:
    """The frame has the columns and types of table area, one row per code, sorted."""
    known = places.areas()

    assert dict(known.schema) == frame_schema("area")
    assert known["area_code"].is_unique().all()
    assert known["area_code"].is_sorted()


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        ("district", 164),
        ("unitary", 63),
        ("metropolitan", 36),
        ("london_borough", 33),
        ("council_area", 32),
        ("principal_area", 22),
        ("local_government_district", 11),
        ("county", 21),
        ("combined_authority", 16),
        ("region", 9),
        ("nation", 4),
        ("crown_dependency", 2),
    ],
)
def test_every_authority_in_force_is_there(kind: str, count: int) -> None:
    """The UK has 361 districts, of which 164 in 21 counties; combined authorities are counted with London's."""
    present = places.areas().filter(pl.col("valid_to").is_null())

    assert present.filter(pl.col("kind") == kind).height == count


@pytest.mark.parametrize("column", ["county_code", "region_code"])
def test_counties_and_regions_are_areas_too(column: str) -> None:
    """A county or region that an area names has a row of its own."""
    known = places.areas()
    named = set(known[column].drop_nulls())

    assert named <= set(known["area_code"])


@pytest.mark.parametrize(
    ("nation", "residents"),
    [
        # Mid-2020, as published: Estimates of the population for the UK, England, Wales, Scotland and Northern Ireland.
        ("England", 56_550_138),
        ("Wales", 3_169_586),
        ("Scotland", 5_466_000),
        ("Northern Ireland", 1_895_510),
    ],
)
def test_residents_of_authorities_add_up_to_their_nation(nation: str, residents: int) -> None:
    """The populations of the districts in force add up to the published one of the nation, which is in the table."""
    known = places.areas().filter((pl.col("nation") == nation) & pl.col("valid_to").is_null())
    districts = known.filter(pl.col("kind").is_in(places.COUNCILS) & (pl.col("kind") != "county"))

    assert districts["population"].null_count() == 0
    assert districts["population"].sum() == residents
    assert known.filter(pl.col("kind") == "nation")["population"].to_list() == [residents]


def test_residents_of_districts_add_up_to_their_county() -> None:
    """The population of a county in force is that of its districts."""
    known = places.areas().filter(pl.col("valid_to").is_null())
    counties = known.filter(pl.col("kind") == "county").select("area_code", "population").sort("area_code")
    added = (
        known.filter(pl.col("kind") == "district")
        .group_by(area_code="county_code")
        .agg(pl.col("population").sum())
        .sort("area_code")
    )

    assert counties.equals(added)


def test_every_district_has_a_county_and_a_region() -> None:
    """Each authority lies in a county, if only its own, and in a region or nation."""
    known = places.areas().filter(pl.col("kind").is_in(places.COUNCILS))

    assert known["county_code"].null_count() == 0
    assert known["region_code"].null_count() == 0


def test_names_and_parts_belong_to_areas() -> None:
    """No name and no part leads to a code that is not in the table, and every authority has one name of its own."""
    known = places.areas()
    names, parts = facts("area_names.csv"), facts("area_parts.csv")
    councils = known.filter(pl.col("kind").is_in([*places.COUNCILS, "combined_authority"]))

    assert set(names["area_code"]) | set(parts["area_code"]) | set(parts["part_code"]) <= set(known["area_code"])
    assert sorted(names.filter(pl.col("use") == "official")["area_code"]) == councils["area_code"].to_list()
    assert set(names["use"]) == {"official", "whole", "stem"}
    assert set(parts["extent"]) == {"whole", "partial"}


def test_what_ended_is_continued() -> None:
    """For every authority that ended, the table says what lies there now."""
    ended = places.areas().filter(pl.col("valid_to").is_not_null())

    assert set(ended["area_code"]) <= set(facts("area_parts.csv")["area_code"])


def test_register_codes_agree_with_the_oracle(
    oracle: list[dict[str, str]], by_register: dict[str, dict[str, Any]]
) -> None:
    """Our codes are the oracle's: every one of them, with the same code of the statistics office."""
    theirs = {row["local-authority-code"]: row["gss-code"] for row in oracle}
    ours = {code: row["area_code"] for code, row in by_register.items()}

    assert {code for code in theirs if theirs[code] != ours.get(code)} == {"BNS", "SHF"}
    assert ours.keys() == theirs.keys()


def test_regions_and_nations_agree_with_the_oracle(
    oracle: list[dict[str, str]], by_register: dict[str, dict[str, Any]]
) -> None:
    """Region and nation are the oracle's wherever it has one, with three errors of its own."""
    told = [row for row in oracle if row["region"]]
    differing = {
        row["local-authority-code"]
        for row in told
        if ENGLISH_REGIONS.get(row["region"]) != by_register[row["local-authority-code"]]["region_code"]
        or row["nation"] != by_register[row["local-authority-code"]]["nation"]
    }

    assert len(told) > 400
    assert differing == ORACLE_REGION_IS_WRONG.keys()


def test_counties_agree_with_the_oracle(oracle: list[dict[str, str]], by_register: dict[str, dict[str, Any]]) -> None:
    """A district's county is the oracle's, with one error of its own."""
    told = [row for row in oracle if row["county-la"]]
    differing = {
        row["local-authority-code"]
        for row in told
        if by_register[row["county-la"]]["area_code"] != by_register[row["local-authority-code"]]["county_code"]
    }

    assert len(told) > 180
    assert differing == ORACLE_COUNTY_IS_WRONG.keys()


def test_last_days_agree_with_the_oracle(oracle: list[dict[str, str]], by_register: dict[str, dict[str, Any]]) -> None:
    """An authority ended when the oracle says; there the day after the last is meant in places."""
    differing = set()
    for row in oracle:
        ours = by_register[row["local-authority-code"]]["valid_to"]
        theirs = date.fromisoformat(row["end-date"]) if row["end-date"] else None
        if ours != theirs and not (ours and theirs and theirs - ours == timedelta(days=1)):
            differing.add(row["local-authority-code"])

    assert differing == {"NECA", "NTCA"} <= ORACLE_IS_OLDER.keys()


def test_official_names_of_the_oracle_are_matched(
    oracle: list[dict[str, str]], by_register: dict[str, dict[str, Any]]
) -> None:
    """Each authority is found by the name that the oracle holds for official, however differently ours is written."""
    told = pl.DataFrame({"buyer_name": [row["official-name"] for row in oracle]})
    found = places.buyers(told.with_columns(buyer_party_id=pl.lit(None, pl.String)))
    areas = dict(found.select("buyer_name", "area_code").iter_rows())
    missed = {
        row["official-name"]
        for row in oracle
        if areas[row["official-name"]] != by_register[row["local-authority-code"]]["area_code"]
    }

    # Two authorities had the name one after the other; the one in force is meant.
    assert missed == {"North East Combined Authority"}


# --- suppliers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "postcode", "area"),
    [
        ("250A High Road, Ilford, Essex, IG1 1YS", "IG1 1YS", "E09000026"),
        ("250A High RoadrnIlfordrnEssexrnIG1 1YS", "IG1 1YS", "E09000026"),
        ("Ilfordrnig1 1ysrn", "IG1 1YS", "E09000026"),
        ("IlfordrnEssexrnIG11YSrnUnited Kingdom", "IG1 1YS", "E09000026"),
        ("High Road\r\nIlford\r\nIG1\r\n1YS", "IG1 1YS", "E09000026"),
        ("ilford ig1  1ys.", "IG1 1YS", "E09000026"),
        ("Ilford IG1\u00a01YS", "IG1 1YS", "E09000026"),
        ("Ilford IG1-1YS, UK", "IG1 1YS", "E09000026"),
        ("LondonE1 4NS", "E1 4NS", "E09000030"),
        ("1 The Square, London, E1 4NSUnited Kingdom", "E1 4NS", "E09000030"),
        ("Unit E1, 2nd Floor, Camelford, PL32 9TZ", "PL32 9TZ", "E06000052"),
        ("Block B1 1AA, Camborne TR14 0AB", "TR14 0AB", "E06000052"),
        ("10 Downing Street, London SW1A 2AA", "SW1A 2AA", "E09000033"),
        ("1 Street, North Shields, NE 29 9NZ", "NE29 9NZ", "E08000022"),
        ("Floor 6, London, SW1H ONB.", "SW1H 0NB", "E09000033"),
        ("1 Road, Newport, NPT 0AD", "NPT 0AD", "W06000022"),
        ("1 Road, Barnsley, S70 2TA", "S70 2TA", "E08000038"),
    ],
)
def test_a_postcode_is_found_however_it_is_written(address: str, postcode: str, area: str) -> None:
    """Spacing, case, lost line breaks and look-alikes do not hide the postcode."""
    found = located(address)

    assert (found["postcode"], found["supplier_area_code"]) == (postcode, area)
    assert (found["is_uk"], found["location_basis"]) == (True, "notice_address_postcode")


@pytest.mark.parametrize(
    "address",
    [
        "Head office, Anytown",
        "Unit E1, 2nd Floor, Anytown",
        "Block QQ1 1AA, Anytown",
        "BFPO 57",
        "Toronto, ON M4N 3N1",
        "Dublin 2, D02 VE22",
        "1 Road, Belfast, Northern Ireland",
        "1 Road, Lisburn, Co Antrim, Ireland",
        "",
        "   ",
    ],
)
def test_what_is_no_postcode_is_not_known(address: str) -> None:
    """An address without a postcode has no area, and its country is not known."""
    found = located(address)

    assert (found["postcode"], found["supplier_area_code"], found["is_uk"]) == (None, None, None)
    assert found["location_basis"] == "unknown"


@pytest.mark.parametrize(
    ("address", "area"),
    [("St Helier JE2 3AB", "L99999999"), ("GY1 1AA", "L99999999"), ("Douglas IM1 1AA", "M99999999")],
)
def test_crown_dependencies_are_not_in_the_uk(address: str, area: str) -> None:
    """A postcode of Jersey, Guernsey or the Isle of Man has an area, but not one in the United Kingdom."""
    found = located(address)

    assert (found["supplier_area_code"], found["is_uk"]) == (area, False)


@pytest.mark.parametrize(
    "address", ["12 Main Street, Dublin 2, Ireland", "1 Rue A\n75001 Paris\nFRANCE.", "1 5th AvernNew YorkrnUSA"]
)
def test_a_foreign_country_in_the_last_line_is_abroad(address: str) -> None:
    """Where the last line is a country's name and no UK postcode stands before it, the address is abroad."""
    found = located(address)

    assert (found["is_uk"], found["location_basis"]) == (False, "notice_address_country")


def test_a_postcode_beats_a_country() -> None:
    """A postcode in Northern Ireland is in the United Kingdom, whatever country the line ends with."""
    found = located("1 Road, Belfast, BT1 5GS, Ireland")

    assert (found["supplier_area_code"], found["is_uk"]) == ("N09000003", True)


def test_girobank_is_in_the_uk_without_an_authority() -> None:
    """GIR 0AA is a postcode for which the directory has no authority."""
    found = located("Bootle GIR 0AA")

    assert (found["postcode"], found["supplier_area_code"], found["is_uk"]) == ("GIR 0AA", None, True)


def test_each_address_has_one_row() -> None:
    """Repetitions and nulls give no rows of their own; none at all gives an empty frame with the same columns."""
    found = places.locate(pl.Series(["B", None, "A", "B"]))
    nothing = places.locate(pl.Series([], dtype=pl.String))

    assert found["address"].to_list() == ["A", "B"]
    assert nothing.schema == found.schema


ADDRESSES = st.lists(
    st.one_of(
        st.none(),
        st.text(max_size=60),
        st.from_regex(r"[A-Za-z ,\n]{0,20}[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}[rn ,]{0,3}", fullmatch=True),
    ),
    max_size=12,
)


@given(ADDRESSES)
@example(["SW1A 2AA", "sw1a2aa", None, "\ud800".encode("utf-16", "surrogatepass").decode("utf-16", "replace")])
@settings(max_examples=60)
def test_located_areas_exist_and_order_does_not_matter(addresses: list[str | None]) -> None:
    """Whatever is written, an area that is found is in the table, and the order of the addresses changes nothing."""
    found = places.locate(pl.Series(addresses, dtype=pl.String))

    assert set(found["supplier_area_code"].drop_nulls()) <= set(places.areas()["area_code"])
    assert found.equals(places.locate(pl.Series(addresses[::-1], dtype=pl.String)))
    assert found.height == len(set(addresses) - {None})
    assert found.filter(pl.col("is_uk"), pl.col("postcode").is_null()).is_empty()


@given(
    st.integers(0, 10**9), st.sampled_from(["{}", "1 Road, Town, {}", "rn{}rn", "{},\nUnited Kingdom", "x\r\n{}\r\n"])
)
@settings(max_examples=60)
def test_every_range_is_found_again(number: int, frame: str) -> None:
    """The first postcode of any range leads to the range's authority, however it is framed."""
    ranges = facts("postcode_ranges.csv.gz").filter(~pl.col("first_postcode").str.slice(5).str.contains("[CIKMOV]"))
    first, area = ranges.row(number % ranges.height)

    assert located(frame.format(f"{first[:4].strip()} {first[4:]}"))["supplier_area_code"] == area


def test_every_district_has_postcodes() -> None:
    """The ranges name the 361 districts of the table and the two dependencies, and no other area."""
    present = places.areas().filter(
        pl.col("valid_to").is_null(),
        pl.col("kind").is_in([*places.COUNCILS, "crown_dependency"]),
        pl.col("kind") != "county",
    )
    ranges = facts("postcode_ranges.csv.gz")

    assert set(ranges["area_code"].drop_nulls()) == set(present["area_code"])
    assert len(set(ranges["area_code"].drop_nulls())) == 363


# --- buyers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "area"),
    [
        ("Leicester City Council", "E06000016"),
        ("Leicestershire County Council", "E10000018"),
        ("Durham County Council", "E06000047"),
        ("Cambridge City Council", "E07000008"),
        ("Suffolk County Council Passenger Transport", "E10000029"),
        ("Hertfordshire County Council - Children's Services", "E10000015"),
        ("Warwickshire County Council (WCC)", "E10000031"),
        ("East Herts Council", "E07000242"),
        ("THE LONDON BOROUGH OF CAMDEN", "E09000007"),
        ("LB of Camden", "E09000007"),
        ("London Borough of Haringey - Parks and Leisure", "E09000014"),
        ("The Mayor and Burgesses of the London Borough of Sutton", "E09000029"),
        ("Royal Borough of Windsor & Maidenhead", "E06000040"),
        ("Kensington and Chelsea Royal Borough Council", "E09000020"),
        ("City of London Corporation", "E09000001"),
        ("Westminster City Council", "E09000033"),
        ("The North Yorkshire Council", "E06000065"),
        ("North Yorkshire County Council", "E10000023"),
        ("Somerset CC", "E10000027"),
        ("Dorset Council", "E06000059"),
        ("Newcastle City Council", "E08000021"),
        ("Newcastle Borough Council", "E07000195"),
        ("Nuneaton &amp; Bedworth BC (NUN)", "E07000219"),
        ("Borough Council of King&#039;s Lynn &amp; West Norfolk", "E07000146"),
        ("City of Bradford MDC", "E08000032"),
        ("Kent County Council (t/a LASER)", "E10000016"),
        ("BCP Council", "E06000058"),
        ("Nottingham City Council- On Behalf of Bassetlaw District Council", "E06000018"),
        ("Rhondda Cynon Taf CBC", "W06000016"),
        ("City and County of Swansea", "W06000011"),
        ("Cyngor Gwynedd", "W06000002"),
        ("Comhairle nan Eilean Siar", "S12000013"),
        ("The City of Edinburgh Council", "S12000036"),
        ("Derry City & Strabane District Council", "N09000005"),
        ("Barnsley MBC", "E08000038"),
        ("Corby Borough Council", "E07000150"),
        ("West Berkshire", "E06000037"),
    ],
)
def test_a_council_is_known_by_its_name(name: str, area: str) -> None:
    """Variants of a council's name lead to its own area."""
    found = buyer(name, "GB-CFS-12345")

    assert (found["area_code"], found["kind"], found["match_method"]) == (area, "council", "name")


@pytest.mark.parametrize(
    ("name", "area"),
    [
        ("West Midlands Combined Authority", "E47000007"),
        ("Cambridgeshire &amp; Peterborough Combined Authority", "E47000008"),
        ("Liverpool City Region Combined Authority (LCRCA)", "E47000004"),
        ("South Yorkshire Mayoral Combined Authority", "E47000002"),
        ("North East Combined Authority", "E47000014"),
        ("Greater London Authority", "E61000001"),
    ],
)
def test_a_combined_authority_is_known_by_its_name(name: str, area: str) -> None:
    """A combined authority has an area and a kind of its own."""
    found = buyer(name)

    assert (found["area_code"], found["kind"], found["match_method"]) == (area, "combined_authority", "name")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Martock Parish Council", "other_local"),
        ("Oswestry Town Council", "other_local"),
        ("Chichester City Council", "other_local"),
        ("Lichfield City Council", "other_local"),
        ("Salisbury City Council", "other_local"),
        ("Durham City Council", "other_local"),
        ("Northampton Town Council", "other_local"),
        ("Cambridgeshire County Council and Peterborough City Council", "other_local"),
        ("Redditch Borough &amp; Bromsgrove District Councils", "other_local"),
        ("The Guinness Partnership", "other"),
        ("British Council", "other"),
        ("General Dental Council", "other"),
        ("Nottinghamshire Fire and Rescue Service", "other"),
        ("The Police and Crime Commissioner for Surrey", "other"),
        ("Greater Manchester Combined Authority - Greater Manchester Police", "other"),
        ("University of Derby", "other"),
        ("Walsall Healthcare NHS Trust", "other"),
        ("County Durham and Darlington NHS Foundation Trust", "other"),
        ("Bath and Northeast Somerset, Swindon and Wiltshire STP", "other"),
        ("Transport for Greater Manchester", "other"),
        ("Lee Valley Regional Park Authority", "other"),
        ("Birmingham City University", "other"),
        ("Essex County Council Employees Club Ltd", "other"),
        ("Leeds City Council Academy Trust", "other"),
        ("Wakefield and District Housing", "other"),
        ("Nottingham County Council", "other"),
        ("Newcastle Council", "other"),
        ("Eden", "other"),
        ("Council", "other"),
        ("?", None),
    ],
)
def test_what_is_no_council_is_not_matched(name: str, kind: str | None) -> None:
    """Parish councils, police, fire, health, universities and companies have no area, however near their names come."""
    found = buyer(name)

    assert (found["area_code"], found["kind"], found["match_method"]) == (None, kind, "none")


def test_the_code_goes_before_the_name() -> None:
    """A register code in the party id settles the authority."""
    found = buyer("Procurement Unit", "GB-LAE-HAV")

    assert found == {
        "buyer_party_id": "GB-LAE-HAV",
        "buyer_name": "Procurement Unit",
        "buyer_id": "GB-LAE-HAV",
        "name": "London Borough of Havering",
        "area_code": "E09000016",
        "kind": "council",
        "match_method": "register_code",
    }


@pytest.mark.parametrize(
    ("name", "party_id", "buyer_id"),
    [
        ("Leeds City Council", "GB-CFS-1", "GB-LAE-LDS"),
        ("Leeds City Council", "GB-PPON-PJYG-6658-PPMY", "GB-LAE-LDS"),
        ("Glasgow City Council", None, "GB-LAS-GLG"),
        ("Lancashire Combined County Authority", None, "area:E47000018"),
        (
            "Natural England",
            "GB-SRS-sid4gov.cabinetoffice.gov.uk/hWvd872d",
            "GB-SRS-sid4gov.cabinetoffice.gov.uk/hWvd872d",
        ),
        ("Natural England", "GB-CFS-1", "name:natural england"),
        ("NATURAL  ENGLAND.", "GB-FTS-2", "name:natural england"),
        (None, "GB-SRS-x/1", "GB-SRS-x/1"),
        (None, "GB-CFS-1", None),
        (None, None, None),
        ("", "", None),
    ],
)
def test_a_buyer_keeps_one_id(name: str | None, party_id: str | None, buyer_id: str | None) -> None:
    """The id is the authority's code, else a stable id of the service, else the plain name; ids per notice are none."""
    assert buyer(name, party_id)["buyer_id"] == buyer_id


def test_without_a_name_the_kind_is_not_known() -> None:
    """Where nothing tells who buys, the kind is null."""
    found = buyer(None, "GB-SRS-x/1")

    assert (found["kind"], found["name"], found["match_method"]) == (None, None, "none")


@given(st.lists(st.tuples(st.none() | st.text(max_size=20), st.none() | st.text(max_size=40)), max_size=8))
@settings(max_examples=60)
def test_order_and_repetition_of_buyers_do_not_matter(pairs: list[tuple[str | None, str | None]]) -> None:
    """Whatever is written, each pair has one row, the same whatever stands beside it."""
    schema = {"buyer_party_id": pl.String, "buyer_name": pl.String}
    found = places.buyers(pl.DataFrame(pairs, schema=schema, orient="row"))
    again = places.buyers(pl.DataFrame((pairs + pairs)[::-1], schema=schema, orient="row"))

    assert found.equals(again)
    assert found.height == len(set(pairs))
    assert set(found["area_code"].drop_nulls()) <= set(places.areas()["area_code"])


# --- lines -----------------------------------------------------------------------------------------------------------

LEEDS, YORK, LEICESTER, BLABY, LEICESTERSHIRE = "E08000035", "E06000014", "E06000016", "E07000129", "E10000018"


@pytest.mark.parametrize(
    ("supplier", "buyer_area", "kind", "authority", "region"),
    [
        (LEEDS, LEEDS, "council", True, True),
        (YORK, LEEDS, "council", False, True),
        (LEICESTER, LEEDS, "council", False, False),
        (BLABY, LEICESTERSHIRE, "council", True, True),
        (LEICESTER, LEICESTERSHIRE, "council", False, True),
        (LEICESTERSHIRE, BLABY, "council", None, True),
        (None, LEEDS, "council", None, None),
        ("X00000000", LEEDS, "council", None, None),
        ("M99999999", LEEDS, "council", False, False),
        ("L99999999", LEICESTERSHIRE, "council", False, False),
        ("S12000049", "S12000036", "council", False, True),
        ("W06000015", "S12000036", "council", False, False),
        ("E08000025", "E47000007", "combined_authority", True, True),
        ("E07000221", "E47000007", "combined_authority", False, True),
        ("E07000143", "E47000008", "combined_authority", False, True),
        ("E07000008", "E47000008", "combined_authority", True, True),
        ("E09000007", "E61000001", "combined_authority", True, True),
        ("E07000136", "E47000017", "combined_authority", True, None),
        # What ended: all of North Yorkshire, both halves of Cumbria, and Harrogate as a part of North Yorkshire.
        ("E06000065", "E10000023", "council", True, True),
        ("E06000063", "E10000006", "council", True, True),
        ("E06000064", "E10000006", "council", True, True),
        ("E06000065", "E07000165", "council", None, True),
        (YORK, "E07000165", "council", False, True),
        ("E08000038", "E08000016", "council", True, True),
    ],
)
def test_local_is_yes_no_or_not_known(
    supplier: str | None, buyer_area: str, kind: str, authority: bool | None, region: bool | None
) -> None:
    """The supplier is in the buyer's own area and region, or not, or it cannot be said."""
    assert placed(supplier, buyer_area, kind) == (authority, region, "in_scope")


@pytest.mark.parametrize(
    ("buyer_area", "kind"), [(None, "council"), (None, "other"), (None, None), (LEEDS, "other"), (None, "other_local")]
)
def test_without_an_area_of_its_own_a_buyer_is_out_of_scope(buyer_area: str | None, kind: str | None) -> None:
    """For a department or a parish council nothing is said of local."""
    assert placed(LEEDS, buyer_area, kind) == (None, None, "not_applicable")


def test_a_supplier_abroad_is_elsewhere_where_that_is_told() -> None:
    """With is_uk false beside it, a supplier without an area is not local; with null it is not known."""
    assert placed(None, LEEDS, is_uk=False) == (False, False, "in_scope")
    assert placed(None, LEEDS, is_uk=None) == (None, None, "in_scope")


def test_lines_keep_their_number_and_order() -> None:
    """Each line is answered once, in the order in which it came, also where two are alike."""
    lines = pl.DataFrame(
        {
            "award_id": ["c", "a", "b", "a"],
            "mention_id": ["c/1", "a/1", "b/1", "a/2"],
            "supplier_area_code": [LEEDS, None, YORK, LEEDS],
            "buyer_area_code": [LEEDS, LEEDS, LEEDS, None],
            "buyer_kind": ["council", "council", "council", "other"],
        }
    )
    answered = places.place(lines)

    assert answered["mention_id"].to_list() == ["c/1", "a/1", "b/1", "a/2"]
    assert answered["is_local_authority"].to_list() == [True, None, False, None]
    assert answered.columns == ["award_id", "mention_id", "is_local_authority", "is_local_region", "local_scope"]


def test_every_district_is_local_to_itself() -> None:
    """A supplier in a council's own district is local to it, and in its region."""
    codes = places.areas().filter(pl.col("kind").is_in(places.COUNCILS))["area_code"]
    lines = pl.DataFrame(
        {"award_id": codes, "mention_id": codes, "supplier_area_code": codes, "buyer_area_code": codes}
    ).with_columns(buyer_kind=pl.lit("council"))
    answered = places.place(lines)

    assert answered["is_local_authority"].all(ignore_nulls=False)
    assert answered["is_local_region"].all(ignore_nulls=False)


# --- on real notices -------------------------------------------------------------------------------------------------

# The councils among the buyers of the real pages, told apart by hand.
REAL_COUNCILS = {
    "Borough Council of King's Lynn & West Norfolk": "E07000146",
    "Barnsley Metropolitan Borough Council": "E08000038",
    "Bath and North East Somerset Council": "E06000022",
    "Birmingham City Council": "E08000025",
    "Bromsgrove District Council": "E07000234",
    "Cambridgeshire County Council": "E10000003",
    "Central Bedfordshire Council": "E06000056",
    "City of Bradford Metropolitan District Council": "E08000032",
    "City of Doncaster Council": "E08000017",
    "City of London Corporation": "E09000001",
    "Cornwall Council": "E06000052",
    "Croydon Council": "E09000008",
    "DERBY CITY COUNCIL": "E06000015",
    "Durham County Council": "E06000047",
    "East Riding of Yorkshire Council": "E06000011",
    "Essex County Council": "E10000012",
    "Herefordshire Council": "E06000019",
    "LONDON BOROUGH OF HAVERING": "E09000016",
    "LONDON BOROUGH OF NEWHAM": "E09000025",
    "Leeds City Council": "E08000035",
    "Leicester City Council": "E06000016",
    "Leicestershire County Council": "E10000018",
    "London Borough of Barnet": "E09000003",
    "London Borough of Haringey - Parks and Leisure": "E09000014",
    "Manchester City Council": "E08000003",
    "North Devon District Council": "E07000043",
    "North Northamptonshire Council": "E06000061",
    "Nuneaton & Bedworth BC (NUN)": "E07000219",
    "Peterborough City Council": "E06000031",
    "Royal Borough of Greenwich": "E09000011",
    "Runnymede Borough Council": "E07000212",
    "SOMERSET COUNCIL": "E06000066",
    "Sandwell Metropolitan Borough Council": "E08000028",
    "Sheffield City Council": "E08000039",
    "Southampton City Council": "E06000045",
    "Stevenage Borough Council": "E07000243",
    "Stockton-on-tees Borough Council": "E06000004",
    "Suffolk County Council Passenger Transport": "E10000029",
    "Sunderland City Council": "E08000024",
    "THE LONDON BOROUGH OF CAMDEN": "E09000007",
    "Walsall Council e-Tendering": "E08000030",
    "Warwickshire County Council (WCC)": "E10000031",
    "Watford Borough Council": "E07000103",
    "West Midlands Combined Authority": "E47000007",
    "West Northamptonshire Council": "E06000062",
    "West Sussex County Council": "E10000032",
    "Westminster City Council": "E09000033",
    "Wiltshire Council": "E06000054",
    "Wirral Borough Council": "E08000015",
}

# Names in the two older files that speak of councils without being one council: agents, joint services, a misspelling.
NOT_ONE_COUNCIL = {
    "Bromsgrove District Councils",
    "Breckland District Council and South Holland District Council",
    "Cambridgeshire County Council and Peterborough City Council",
    "Cambridgeshire District Councils",
    "LGSS on behalf of Cambridgeshire County Council",
    "Redditch Borough &amp; Bromsgrove District Councils",
    "THE ASSOCIATION OF NORTH EAST COUNCILS LIMITED",
    "Welland Procurement on behalf of Blaby District Council",
}


def releases(shared: Path) -> Iterator[dict[str, Any]]:
    """Yield every real release of both services."""
    for name in ("package_2022-10-22", "package_2022-10-19_limit5"):
        with gzip.open(shared / f"data/contracts_finder/{name}.json.gz") as file:
            yield from json.load(file)["releases"]
    for name in ("contracts_finder/releases_2025-03-11_backslashes_lost", "find_a_tender/releases"):
        with gzip.open(shared / f"data/{name}.jsonl.gz") as file:
            yield from map(json.loads, file)


def older_names(shared: Path) -> set[str]:
    """Return the buyers' names of the two files of 2020 and 2022."""
    awards = pl.read_csv(shared / "data/suppliers/contracts_finder_award_suppliers_2022.csv.gz", infer_schema=False)
    export = pl.read_csv(shared / "data/contracts_finder/web_export_awarded_2020-09.csv.gz", infer_schema=False)
    return set(awards["buyer_name"].drop_nulls()) | set(export["Organisation Name"].drop_nulls())


def test_real_councils_are_matched_and_nobody_else(shared: Path) -> None:
    """On the real pages every council listed by hand is matched to its area, and no other buyer to any."""
    told = [(release.get("buyer") or {}) for release in releases(shared)]
    found = places.buyers(
        pl.DataFrame(
            [(one.get("id"), one.get("name")) for one in told],
            schema={"buyer_party_id": pl.String, "buyer_name": pl.String},
            orient="row",
        )
    )
    matched = dict(found.filter(pl.col("area_code").is_not_null()).select("buyer_name", "area_code").iter_rows())

    assert matched == REAL_COUNCILS


def test_older_real_councils_are_matched(shared: Path) -> None:
    """Of the older files' buyers that say to be a council, at least 95 % are matched."""
    names = pl.DataFrame({"buyer_name": sorted(older_names(shared) - NOT_ONE_COUNCIL)})
    says = pl.col("buyer_name").str.contains(
        r"(?i)\bb?(county|city|borough|district|metropolitan|combined)\b.*\b(council|authority)\b|borough of"
    )
    not_one = pl.col("buyer_name").str.contains(r"(?i)\b(parish|town|police|fire|nhs|health)\b")
    councils = names.filter(says & ~not_one).with_columns(buyer_party_id=pl.lit(None, pl.String))
    found = places.buyers(councils)

    assert found.height > 200
    assert found["area_code"].is_not_null().mean() >= 0.95  # type: ignore[operator]  # a share, of rows that exist


def test_no_older_real_stranger_is_matched(shared: Path) -> None:
    """Of the older files' buyers whose name speaks of another body, none is matched."""
    names = pl.DataFrame({"buyer_name": sorted(older_names(shared))})
    strangers = names.filter(
        pl.col("buyer_name").str.contains(
            r"(?i)\b(nhs|trust|university|college|school|academy|police|constabulary|fire|limited|ltd|llp|plc"
            r"|department|ministry|agency|parish|town council|housing|homes|hospital|stp|commissioner|group)\b"
        )
    ).with_columns(buyer_party_id=pl.lit(None, pl.String))
    found = places.buyers(strangers)

    assert found.height > 300
    assert found.filter(pl.col("area_code").is_not_null())["buyer_name"].to_list() == []


def test_real_suppliers_reach_an_authority(shared: Path) -> None:
    """At least 88 % of the suppliers of 2022 and 90 % of those on the real pages are located."""
    awards = pl.read_csv(shared / "data/suppliers/contracts_finder_award_suppliers_2022.csv.gz", infer_schema=False)
    pages = pl.DataFrame(
        {
            "address": [
                (party.get("address") or {}).get("streetAddress")
                for release in releases(shared)
                if release["ocid"].startswith("ocds-b5fd17-") and release.get("awards")
                for party in release.get("parties", [])
                if "supplier" in party.get("roles", [])
            ]
        },
        schema={"address": pl.String},
    )
    shares = [
        told.join(places.locate(told["address"]), on="address", how="left")["supplier_area_code"].is_not_null().mean()
        for told in (awards, pages)
    ]

    assert shares[0] >= 0.88  # type: ignore[operator]  # a share, of rows that exist
    assert shares[1] >= 0.90  # type: ignore[operator]  # a share, of rows that exist

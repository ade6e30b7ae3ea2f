"""Codes and names lead to the right authority or kind of body, or to none; what a person decides goes first."""

import csv
import gzip
import hashlib
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms import places
from transforms.reference import facts

LABELS = Path(__file__).parent / "buyers_labelled.csv"

NOT_BUYERS = {"portal", "central_purchasing_body", "shared_service"}


def asked(*pairs: tuple[str | None, str | None]) -> pl.DataFrame:
    """Return a frame of names and party ids."""
    return pl.DataFrame(list(pairs), schema={"buyer_name": pl.String, "buyer_party_id": pl.String}, orient="row")


def decision(about: str, value: str, **told: Any) -> dict[str, Any]:
    """Return what a person decided about a buyer."""
    return {"override_id": "1", "a": about, "value": value, "reason": "Seen", "at": date(2026, 11, 22), **told}


def buyer(name: str | None, party_id: str | None = None, *decisions: dict[str, Any]) -> dict[str, Any]:
    """Return the one row of a single buyer."""
    return places.buyers(asked((name, party_id)), pl.DataFrame(decisions) if decisions else None).row(0, named=True)


# --- councils ---------------------------------------------------------------------------------------------------------


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
        ("Nottingham City Council- On Behalf of Bassetlaw District Council", "E07000171"),
        ("Rhondda Cynon Taf CBC", "W06000016"),
        ("City and County of Swansea", "W06000011"),
        ("Cyngor Gwynedd", "W06000002"),
        ("Comhairle nan Eilean Siar", "S12000013"),
        ("The City of Edinburgh Council", "S12000036"),
        ("Derry City & Strabane District Council", "N09000005"),
        ("Barnsley MBC", "E08000038"),
        ("Corby Borough Council", "E07000150"),
        ("West Berkshire", "E06000037"),
        ("BRADFORD COUNCIL", "E08000032"),
        ("Castlepoint Borough Council", "E07000069"),
        ("City of Westminster", "E09000033"),
        ("London Borough Waltham Forest", "E09000031"),
        ("Nuneaton & Bedworth Borough Cncl", "E07000219"),
        ("Cheshire West & Chester Council - Main Number", "E06000050"),
        ("Birmingham City Council,  Corporate Procurement Services", "E08000025"),
        ("Children's Services - Hertfordshire County Council", "E10000015"),
        ("RBWM", "E06000040"),
        ("LBBD", "E09000002"),
        ("BHCC Housing", "E06000043"),
        ("Islington", "E09000019"),
        ("LGSS on behalf of Cambridgeshire County Council", "E10000003"),
        ("Welland Procurement on behalf of Blaby District Council", "E07000129"),
        ("Some Agents Ltd acting as agent for the London Borough of Hackney (Housing)", "E09000012"),
        ("Leeds City Council c/o Tender Desk Ltd", "E08000035"),
        ("Leeds City Council e-Tendering", "E08000035"),
    ],
)
def test_a_council_is_known_by_its_name(name: str, area: str) -> None:
    """Variants of a council's name lead to its own area; who acts for a council is that council."""
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
    "written",
    ["THE {}", "{} - Children's Services", "{}, Corporate Procurement", "{} (ABC)", "{} e-Tendering", "{} t/a ABC"],
)
def test_every_authority_is_found_however_its_name_goes_on(written: str) -> None:
    """Each council and combined authority in force is matched by its own name, with what notices add to it."""
    present = places.areas().filter(
        pl.col("valid_to").is_null(), pl.col("kind").is_in([*places.COUNCILS, "combined_authority"])
    )
    names = facts("area_names.csv").filter(pl.col("use") == "official").join(present, on="area_code", how="semi")
    told = {
        written.format(name).replace(" and ", " & "): code for code, name in names.select("area_code", "name").rows()
    }
    found = places.buyers(asked(*((name, None) for name in told)))

    assert dict(found.select("buyer_name", "area_code").iter_rows()) == told


# --- kinds ------------------------------------------------------------------------------------------------------------


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
        ("Cambridgeshire County Council and Peterborough City Council", "shared_service"),
        ("Redditch Borough &amp; Bromsgrove District Councils", "shared_service"),
        ("The Guinness Partnership", "housing"),
        ("British Council", "other"),
        ("General Dental Council", "other"),
        ("Nottinghamshire Fire and Rescue Service", "fire"),
        ("The Police and Crime Commissioner for Surrey", "police"),
        ("Greater Manchester Combined Authority - Greater Manchester Police", "police"),
        ("University of Derby", "university"),
        ("Walsall Healthcare NHS Trust", "health"),
        ("County Durham and Darlington NHS Foundation Trust", "health"),
        ("Bath and Northeast Somerset, Swindon and Wiltshire STP", "health"),
        ("Transport for Greater Manchester", "other"),
        ("Lee Valley Regional Park Authority", "other"),
        ("Birmingham City University", "university"),
        ("Essex County Council Employees Club Ltd", "other"),
        ("Leeds City Council Academy Trust", "school"),
        ("Wakefield and District Housing", "housing"),
        ("Nottingham County Council", "other"),
        ("Newcastle Council", "other"),
        ("Eden", "other"),
        ("Council", "other"),
        ("?", None),
        ("Launceston Town Council", "other_local"),
        ("Nestontown Council", "other_local"),
        ("Spennymoor Town Council Mayors Charity", "other"),
        ("London Councils Limited", "other"),
        ("Breckland District Council and South Holland District Council", "shared_service"),
        ("Babergh and Mid Suffolk District Councils", "shared_service"),
        ("Welland Procurement", "shared_service"),
        ("STAR PROCUREMENT LIMITED", "shared_service"),
        ("Leicestershire Police", "police"),
        ("Cheshire Constabulary on behalf of the Police and Crime Commissioner for Cheshire", "police"),
        ("The Metropolitan Police Federation", "other"),
        ("THAMES VALLEY POLICE WELFARE FUND", "other"),
        ("London Fire Brigade", "fire"),
        ("Essex Police, Fire and Crime Commissioner Fire and Rescue Authority", "fire"),
        ("N H S Nottingham City C C G", "health"),
        ("NHS North West London Integrated Care Board", "health"),
        ("University College London Hospitals NHS Foundation Trust", "health"),
        ("NHS Digital : Department of Health and Social Care", "health"),
        ("University College London", "university"),
        ("THE UNIVERSITY OF WESTMINSTER", "university"),
        ("Imperial College Healthcare NHS Trust", "health"),
        ("North East Futures University Technical College", "school"),
        ("Ormiston Academies Trust", "school"),
        ("Cornwall College e-Tendering", "school"),
        ("Learning without Limits Academy Trust c/o Pelican Procurement Services", "school"),
        ("The Royal College Of Anaesthetists", "other"),
        ("Peabody Trust", "housing"),
        ("Stockport Homes Ltd", "housing"),
        ("Homes England", "central"),
        ("DEPARTMENT FOR LEVELLING UP, HOUSING AND COMMUNITIES", "central"),
        ("DHSC - New Hospital Programme", "central"),
        ("D V L A", "central"),
        ("United Kingdom Debt Management Office", "central"),
        ("Crown Commercial Service (DWP Contracts)", "central_purchasing_body"),
        ("Government Commercial Agency", "central_purchasing_body"),
        ("ESPO", "central_purchasing_body"),
        ("Yorkshire Purchasing Organisation", "central_purchasing_body"),
        ("NHS Supply Chain", "central_purchasing_body"),
        ("CEL Procurement Ltd (Procurement for Housing)", "central_purchasing_body"),
        ("South of England Procurement Centre", "central_purchasing_body"),
        ("Partners Procurement Service (PPS)", "central_purchasing_body"),
        ("UK SHARED BUSINESS SERVICES LIMITED", "central_purchasing_body"),
        ("EU SUPPLY LIMITED", "portal"),
        ("In-Tend e-Tendering", "portal"),
        ("PROACTIS TENDERS LIMITED MYT", "portal"),
        ("BIP SOLUTIONS LIMITED", "portal"),
        ("Craig Pullen Consulting", "portal"),
        ("Ports of Jersey", "other"),
        ("NR4 7UY", None),
        ("ENTER NAME OF COMMISSIONING ORGANISATION", None),
    ],
)
def test_what_is_no_council_has_a_kind_and_is_not_matched(name: str, kind: str | None) -> None:
    """Parish councils, police, fire, health, universities, portals and companies are no council, however named."""
    found = buyer(name)
    councils = places.areas().filter(pl.col("kind").is_in([*places.COUNCILS, "combined_authority"]))["area_code"]

    assert found["kind"] == kind
    assert found["area_code"] not in councils.to_list()


def test_a_kind_has_its_reason() -> None:
    """Why a body is of its kind is told in words, and nothing is where nothing tells."""
    told = {name: buyer(name)["kind_reason"] for name in ("EU Supply Limited", "Kent Police", "Ports of Jersey")}

    assert told == {
        "EU Supply Limited": "reviewed name: EU Supply",
        "Kent Police": "words in the name: A police force or commissioner",
        "Ports of Jersey": None,
    }


@pytest.mark.parametrize(
    ("name", "area"),
    [
        ("Thames Valley Police", "E23000029"),
        ("Police and Crime Commissioner for South Yorkshire", "E23000011"),
        ("Police and Crime Commissioner for North Wales Police &amp; North Wales Police", "W15000001"),
        ("Avon & Somerset Constabulary", "E23000036"),
        ("Metropolitan Police Service", "E23000001"),
        ("City of London Police", "E23000034"),
        ("Greater Manchester Combined Authority - Greater Manchester Police", "E23000005"),
        ("Hampshire and Isle of Wight Constabulary", "E23000030"),
        ("London Fire Commissioner", "E31000046"),
        ("County Durham & Darlington Fire & Rescue Service", "E31000013"),
        ("Essex Police, Fire and Crime Commissioner Fire and Rescue Authority", "E31000015"),
        ("British Transport Police", None),
        ("Kent Police and Essex Police Procurement Services", None),
    ],
)
def test_a_police_force_or_fire_authority_has_its_area(name: str, area: str | None) -> None:
    """A force, its commissioner and a fire authority stand in the area of their name, and keep an id of their own."""
    found = buyer(name)

    assert found["area_code"] == area
    assert found["kind"] in {"police", "fire"}
    assert str(found["buyer_id"]).startswith("name:")
    assert found["match_method"] == ("name" if area else "none")


def test_the_lists_are_of_kinds_that_there_are() -> None:
    """No list names a kind that there is not, no name stands twice, and who has an area has a kind that may."""
    names, rules, ids = facts("buyer_names.csv"), facts("buyer_kinds.csv"), facts("buyer_codes.csv")
    told = pl.concat([names["kind"], rules["kind"].drop_nulls(), ids["kind"]])

    assert set(told) <= set(places.KINDS)
    assert names["name"].is_unique().all()
    assert set(names.filter(pl.col("area_code").is_not_null())["kind"]) == {"council", "police", "fire"}
    assert set(names["area_code"].drop_nulls()) | set(ids["area_code"].drop_nulls()) <= set(places.areas()["area_code"])
    assert set(names["use"]) | set(ids["use"]) == {"whole", "start"}


def test_every_reviewed_name_leads_to_its_kind() -> None:
    """A name on the list is read as the list says."""
    listed = facts("buyer_names.csv").select(buyer_name="name", listed="kind", listed_area="area_code")
    found = places.buyers(listed.select("buyer_name", buyer_party_id=pl.lit(None, pl.String)))
    told = listed.join(found, on="buyer_name")

    assert told.height == listed.height
    assert told.filter(pl.col("kind").ne_missing(pl.col("listed"))).is_empty()
    assert told.filter(pl.col("listed_area").is_not_null(), pl.col("area_code") != pl.col("listed_area")).is_empty()


# --- codes and ids ----------------------------------------------------------------------------------------------------


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
        "kind_reason": "code in the notice: GB-LAE-HAV",
    }


@pytest.mark.parametrize(
    ("name", "party_id", "area", "kind"),
    [
        ("Procurement", "GB-PPON-PVNH-1137-QJBX", "E06000056", "council"),
        ("Procurement", "gb-ppon-pdtl-7248-gwzw", None, "other_local"),
        ("Procurement", "GB-GOR-D2", None, "central"),
        ("Leeds City Council", "GB-EDU-108058", None, "school"),
        ("Leeds City Council", "GB-PPON-XXXX-0000-XXXX", "E08000035", "council"),
    ],
)
def test_a_stable_id_that_is_known_goes_before_the_name(name: str, party_id: str, area: str | None, kind: str) -> None:
    """The services' stable ids lead to a body where they are listed, else the name does."""
    found = buyer(name, party_id)

    assert (found["area_code"], found["kind"]) == (area, kind)
    assert found["match_method"] == ("name" if "XXXX" in party_id else "stable_id")


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


# --- for whom agents publish ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "area"),
    [
        ("TENDER FOR REPROGRAPHICS FOR BASSETLAW DISTRICT COUNCIL", "E07000171"),
        ("Grounds maintenance on behalf of the London Borough of Hackney.", "E09000012"),
        ("Cleaning \u2013 Leeds City Council (LCC)", "E08000035"),
        ("Cleaning for Leeds City Council and York City Council", None),
        ("Cleaning for councils in Kent", None),
        ("Cleaning for Leeds City Council Academy Trust", None),
        ("Cleaning of Leeds City Council offices", None),
        ("Cleaning", None),
        (None, None),
    ],
)
def test_the_end_of_a_title_tells_for_whom_an_agent_published(title: str | None, area: str | None) -> None:
    """Where a portal's notice ends with the complete name of one council, that is the buyer; nobody else is."""
    row = {"award_id": "a", "title": title, "buyer_id": "name:x", "buyer_area_code": None, "buyer_kind": "portal"}
    schema = dict.fromkeys(row, pl.String())
    found = places.for_end_users(pl.DataFrame([row], schema=schema)).row(0, named=True)

    assert found["buyer_area_code"] == area
    assert found["buyer_kind"] == ("council" if area else "portal")
    assert found.keys() == row.keys()


@pytest.mark.parametrize("kind", [None, "council", "school", "other"])
def test_the_title_of_a_body_that_buys_for_itself_tells_nothing(kind: str | None) -> None:
    """Only those who buy for others are believed to."""
    row = {"title": "For Leeds City Council", "buyer_id": "x", "buyer_area_code": None, "buyer_kind": kind}
    told = pl.DataFrame([row], schema=dict.fromkeys(row, pl.String()))

    assert places.for_end_users(told).equals(told)


def test_a_council_that_only_titles_name_has_its_name() -> None:
    """A council known from an agent's notices alone is called as it calls itself, and the agent stays the agent."""
    told = pl.DataFrame(
        {
            "buyer_id": ["name:supply hertfordshire", "GB-LAE-LDS"],
            "buyer_party_id": [None, None],
            "buyer_name": ["Supply Hertfordshire", "Supply Hertfordshire"],
            "published_at": [None, None],
            "release_id": ["r", "r"],
            "content_hash": ["h", "h"],
        },
        schema_overrides={"buyer_party_id": pl.String},
    )
    found = {row["buyer_id"]: row for row in places.name_buyers(told).iter_rows(named=True)}

    assert (found["GB-LAE-LDS"]["name"], found["GB-LAE-LDS"]["match_method"]) == ("Leeds City Council", "title")
    assert (found["GB-LAE-LDS"]["area_code"], found["GB-LAE-LDS"]["kind"]) == ("E08000035", "council")
    assert found["name:supply hertfordshire"]["kind"] == "portal"
    assert len(found) == 2


# --- decisions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("about", ["Harlow Supplies Desk", "HARLOW supplies-desk", "name:harlow supplies desk"])
def test_a_decision_goes_before_everything(about: str) -> None:
    """Who a person says to be a council is that council, however the decision writes the name."""
    found = buyer("Harlow Supplies Desk", "GB-CFS-1", decision(about, "E07000073"))

    assert (found["buyer_id"], found["area_code"], found["kind"]) == ("GB-LAE-HAR", "E07000073", "council")
    assert (found["match_method"], found["kind_reason"]) == ("override", "decided by a person: Seen")


def test_a_decision_may_take_a_council_away() -> None:
    """Who is decided to be a portal is no council any more: its id is that of the name, and it has no area."""
    found = buyer("Leeds City Council", "GB-CFS-1", decision("Leeds City Council", "portal"))

    assert (found["buyer_id"], found["area_code"], found["kind"]) == ("name:leeds city council", None, "portal")
    assert found["name"] == "Leeds City Council"


def test_a_decision_about_an_id_is_about_all_its_names() -> None:
    """What is said of a buyer_id holds for every name under it; what is said of one name goes before that."""
    decided = pl.DataFrame(
        [decision("GB-LAE-LDS", "E08000036"), decision("Leeds City Council", "E08000035", override_id="2")]
    )
    found = places.buyers(asked(("City of Leeds Council", None), ("Leeds City Council", None)), decided)

    assert dict(found.select("buyer_name", "area_code").iter_rows()) == {
        "City of Leeds Council": "E08000036",
        "Leeds City Council": "E08000035",
    }


def test_of_two_decisions_the_later_counts() -> None:
    """The later day, then the later id."""
    early = decision("Some Desk", "health", at=date(2026, 11, 21), override_id="9")

    assert buyer("Some Desk", None, decision("Some Desk", "portal"), early)["kind"] == "portal"


def test_a_decision_about_others_changes_nothing() -> None:
    """With decisions about others the answer is the one without any."""
    assert buyer("Kent Police", None, decision("Leeds City Council", "portal")) == buyer("Kent Police")


@pytest.mark.parametrize(
    ("about", "is_told"),
    [
        ("Leeds City Council", False),
        ("name:LEEDS CITY COUNCIL", False),
        ("GB-LAE-LDS", False),
        ("GB-FTS-17", False),
        ("GB-CFS-99", True),
        ("GB-LAE-HAV", True),
        ("Leeds Citty Council", True),
    ],
)
def test_a_decision_that_fits_nobody_is_found(about: str, is_told: bool) -> None:
    """A decision counts as used when a buyer goes by its name or id, though a later one about it counts instead."""
    told = asked(("Leeds City Council", "GB-FTS-17"), ("Some Desk", None))
    decided = pl.DataFrame([decision(about, "portal"), decision("Some Desk", "portal", override_id="2")])
    later = decision("Some Desk", "E08000035", override_id="3", at=date(2026, 11, 24))

    assert places.unaddressed(told, pl.concat([decided, pl.DataFrame([later])])) == (("1",) if is_told else ())


def test_the_latest_name_is_the_buyer_s() -> None:
    """Of several tellings of a buyer the latest names it, with what was decided."""
    told = asked(("Old Desk", "GB-SRS-x/1"), ("New Desk", "GB-SRS-x/1")).with_columns(
        buyer_id=pl.lit("GB-SRS-x/1"),
        published_at=pl.Series([date(2025, 1, 1), date(2025, 1, 2)]).cast(pl.Datetime("us", "UTC")),
        release_id=pl.lit("r"),
        content_hash=pl.lit("h"),
    )
    (row,) = places.name_buyers(told, pl.DataFrame([decision("GB-SRS-x/1", "housing")])).iter_rows(named=True)

    assert (row["buyer_id"], row["name_as_written"], row["kind"]) == ("GB-SRS-x/1", "New Desk", "housing")


# --- on real notices --------------------------------------------------------------------------------------------------

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


def releases(shared: Path) -> Iterator[dict[str, Any]]:
    """Yield every real release of both services."""
    for name in ("package_2022-10-22", "package_2022-10-19_limit5"):
        with gzip.open(shared / f"data/contracts_finder/{name}.json.gz") as file:
            yield from json.load(file)["releases"]
    for name in ("contracts_finder/releases_2025-03-11_backslashes_lost", "find_a_tender/releases"):
        with gzip.open(shared / f"data/{name}.jsonl.gz") as file:
            yield from map(json.loads, file)


def real_names(shared: Path) -> list[str]:
    """Return every distinct name of a buyer in the real files."""
    awards = pl.read_csv(shared / "data/suppliers/contracts_finder_award_suppliers_2022.csv.gz", infer_schema=False)
    export = pl.read_csv(shared / "data/contracts_finder/web_export_awarded_2020-09.csv.gz", infer_schema=False)
    told = {(release.get("buyer") or {}).get("name") for release in releases(shared)}
    return sorted(name for name in {*told, *awards["buyer_name"], *export["Organisation Name"]} if name)


@pytest.fixture(scope="module")
def judged(shared: Path) -> pl.DataFrame:
    """Return every real name with its label and what is found: ``buyer_name, label, label_area, kind, area_code``."""
    with LABELS.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        labels = {row["name_hash"]: (row["kind"] or None, row["area_code"] or None) for row in rows}
    names = real_names(shared)
    told = [(name, *labels[hashlib.sha256(name.encode()).hexdigest()[:12]]) for name in names]
    schema = dict.fromkeys(("buyer_name", "label", "label_area"), pl.String())
    found = places.buyers(asked(*((name, None) for name in names)))
    return pl.DataFrame(told, schema=schema, orient="row").join(found, on="buyer_name")


def test_every_real_council_is_matched_and_nobody_else(judged: pl.DataFrame) -> None:
    """Of the real buyers at least 95 % of the councils are matched to their own area, and no other body to any."""
    is_council = pl.col("label").is_in(["council", "combined_authority"])
    own = {"police", "fire"}
    councils, others = judged.filter(is_council), judged.filter(~is_council.fill_null(False))

    assert councils.height > 320
    assert (councils["area_code"] == councils["label_area"]).fill_null(False).mean() >= 0.95  # type: ignore[operator]  # a share, of rows that exist
    assert councils.filter(pl.col("area_code") != pl.col("label_area"))["buyer_name"].to_list() == []
    assert others.filter(pl.col("area_code").is_not_null(), ~pl.col("kind").is_in(own)).is_empty()
    assert others.filter(pl.col("kind").is_in(["council", "combined_authority"])).is_empty()


@pytest.mark.parametrize("kind", [kind for kind in places.KINDS if kind != "other"])
def test_real_bodies_are_of_their_kind(judged: pl.DataFrame, kind: str) -> None:
    """Of those that are told to be of a kind 95 % are, and 90 % of those that are, are told to be."""
    said, are = judged.filter(pl.col("kind") == kind), judged.filter(pl.col("label") == kind)
    both = said.filter(pl.col("label") == kind).height

    assert both >= 0.95 * said.height
    assert both >= 0.90 * are.height


def test_no_real_council_is_taken_for_a_portal(judged: pl.DataFrame) -> None:
    """Nobody but who is one is set aside as a portal, a central purchasing body or a shared service."""
    said = judged.filter(pl.col("kind").is_in(NOT_BUYERS))

    assert said.filter(~pl.col("label").is_in(NOT_BUYERS))["buyer_name"].to_list() == []


def test_real_councils_of_the_pages_are_matched_and_nobody_else(shared: Path) -> None:
    """On the real pages, with their ids, every council listed by hand is matched to its area, and no other buyer."""
    told = [(release.get("buyer") or {}) for release in releases(shared)]
    found = places.buyers(asked(*((one.get("name"), one.get("id")) for one in told)))
    councils = found.filter(pl.col("kind").is_in(["council", "combined_authority"]))

    assert dict(councils.select("buyer_name", "area_code").iter_rows()) == REAL_COUNCILS

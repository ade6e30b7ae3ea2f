"""The table of areas is whole, agrees with another's, and says what lies in what and borders on what."""

import csv
import gzip
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from transforms import places
from transforms.reference import REFERENCE, facts
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
        ("police_area", 43),
        ("fire_area", 47),
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


def test_the_same_residents_agree_with_the_oracle(
    oracle: list[dict[str, str]], by_register: dict[str, dict[str, Any]]
) -> None:
    """The populations are the oracle's wherever it has one, with one error of its own."""
    differing = {
        row["local-authority-code"]
        for row in oracle
        if row["pop-2020"]
        and by_register[row["local-authority-code"]]["population"] not in (None, float(row["pop-2020"]))
    }

    assert differing == {"CPCA"}


def test_members_of_combined_authorities_agree_with_the_oracle(
    oracle: list[dict[str, str]], by_register: dict[str, dict[str, Any]]
) -> None:
    """An authority lies in the combined authority that the oracle gives it."""
    within = dict(places.leaves().group_by("area_code").agg("leaf_code").iter_rows())
    told = [row for row in oracle if row["combined-authority"]]
    outside = [
        row["nice-name"]
        for row in told
        if not set(within[by_register[row["local-authority-code"]]["area_code"]])
        <= set(within[by_register[row["combined-authority"]]["area_code"]])
    ]

    assert len(told) > 40
    assert outside == []


# --- police and fire -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["police_area", "fire_area"])
def test_every_district_has_one_police_and_one_fire_area(kind: str) -> None:
    """The areas of a kind hold each district of England and Wales once, and its residents."""
    known = places.areas().filter(pl.col("valid_to").is_null())
    wanted = known.filter(
        pl.col("nation").is_in(["England", "Wales"]), pl.col("kind").is_in(places.COUNCILS), pl.col("kind") != "county"
    )
    held = places.leaves().join(known.filter(pl.col("kind") == kind), on="area_code")

    assert sorted(held["leaf_code"]) == wanted["area_code"].to_list()
    assert set(held["extent"]) == {"whole"}
    assert known.filter(pl.col("kind") == kind)["population"].sum() == wanted["population"].sum()


@pytest.mark.parametrize(
    ("area", "leaves"),
    [
        (
            "E23000016",
            {
                "Herefordshire",
                "Shropshire",
                "Telford and Wrekin",
                "Bromsgrove",
                "Malvern Hills",
                "Redditch",
                "Worcester",
                "Wychavon",
                "Wyre Forest",
            },
        ),
        ("E23000034", {"City of London"}),
        (
            "E31000011",
            {
                "Somerset",
                "Plymouth",
                "Torbay",
                "East Devon",
                "Exeter",
                "Mid Devon",
                "North Devon",
                "South Hams",
                "Teignbridge",
                "Torridge",
                "West Devon",
            },
        ),
        ("W15000002", {"Blaenau Gwent", "Caerphilly", "Monmouthshire", "Newport", "Torfaen"}),
    ],
)  # fmt: skip - names in few lines
def test_a_police_or_fire_area_holds_its_districts(area: str, leaves: set[str]) -> None:
    """West Mercia, the City of London, Devon and Somerset, and Gwent hold what they should."""
    names = dict(places.areas().select("area_code", "name").iter_rows())

    assert {names[code] for code in places.leaves().filter(pl.col("area_code") == area)["leaf_code"]} == leaves


# --- what lies in what -----------------------------------------------------------------------------------------------


def test_leaves_are_districts_in_force_and_every_area_has_some() -> None:
    """Every area but the dependencies holds districts in force, a district itself, a county all of its districts."""
    known = places.areas()
    leaves = places.leaves()
    present = known.filter(
        pl.col("valid_to").is_null(), pl.col("kind").is_in(places.COUNCILS), pl.col("kind") != "county"
    )
    own = leaves.filter(pl.col("area_code") == pl.col("leaf_code"))
    of_counties = leaves.filter(pl.col("area_code").str.starts_with("E10"), pl.col("extent") == "whole")

    assert set(leaves["leaf_code"]) == set(own["area_code"]) == set(present["area_code"])
    assert set(known["area_code"]) - set(leaves["area_code"]) == set(places.DEPENDENCIES)
    assert leaves.select("area_code", "leaf_code").is_unique().all()
    assert (
        of_counties.join(present, left_on="leaf_code", right_on="area_code")
        .filter(pl.col("kind") == "district", pl.col("county_code") != pl.col("area_code"))
        .is_empty()
    )


@pytest.mark.parametrize(
    ("area", "leaf", "extent"),
    [
        ("E07000026", "E06000063", "partial"),  # Allerdale was a part of what is Cumberland now
        ("E10000006", "E06000063", "whole"),  # all of Cumberland was Cumbria
        ("E10000009", "E06000058", "partial"),  # Bournemouth was not in Dorset
        ("E10000009", "E06000059", "whole"),
        ("E08000016", "E08000038", "whole"),  # Barnsley under its older code
    ],
)
def test_what_ended_lies_in_what_came_after(area: str, leaf: str, extent: str) -> None:
    """A district that was merged is a part of its successor, a county that was split the whole of each of them."""
    found = places.leaves().filter(pl.col("area_code") == area, pl.col("leaf_code") == leaf)

    assert found["extent"].to_list() == [extent]


# --- where it is -----------------------------------------------------------------------------------------------------


def test_every_area_in_force_lies_somewhere() -> None:
    """All but the dependencies have a centroid and settled squares; what was merged has none of its own."""
    known = places.areas()
    present = known.filter(pl.col("valid_to").is_null(), ~pl.col("area_code").is_in(places.DEPENDENCIES))
    merged = known.filter(pl.col("area_code") == "E07000026")
    renamed = known.filter(pl.col("area_code").is_in(["E08000016", "E08000038"]))
    where = ["settled_km2", "east_m", "north_m"]

    assert present.select(pl.col(where).null_count().sum()).row(0) == (0, 0, 0)
    assert (present["settled_km2"] > 0).all()
    assert merged.select(where).row(0) == (None, None, None)
    assert renamed.select(where).row(0) == renamed.select(where).row(1)


def test_larger_areas_are_sums_of_their_districts() -> None:
    """The settled land of the regions adds up to England's, which lies between its regions."""
    known = places.areas()
    regions = known.filter(pl.col("kind") == "region")
    [england] = known.filter(pl.col("area_code") == "E92000001").iter_rows(named=True)

    assert regions["settled_km2"].sum() == pytest.approx(england["settled_km2"], abs=0.5)
    assert regions.filter(pl.col("north_m") < england["north_m"]).height in range(1, 9)


def test_centroids_agree_with_the_oracle(oracle: list[dict[str, str]], by_register: dict[str, dict[str, Any]]) -> None:
    """The people of a district live within 25 km of the middle of its land, Northern Ireland's included."""
    apart = []
    for row in oracle:
        ours = by_register[row["local-authority-code"]]
        if row["x"] and ours["east_m"] and ours["kind"] not in ("county", "combined_authority"):
            apart.append(((float(row["x"]) - ours["east_m"]) ** 2 + (float(row["y"]) - ours["north_m"]) ** 2) ** 0.5)

    assert len(apart) > 350
    assert max(apart) < 25_000
    assert sorted(apart)[len(apart) // 2] < 4_000


def test_settled_land_agrees_with_the_oracle(
    oracle: list[dict[str, str]], by_register: dict[str, dict[str, Any]]
) -> None:
    """No district is settled far beyond its land, the empty Highlands least of all."""
    share = {
        ours["name"]: ours["settled_km2"] / float(row["area"])
        for row in oracle
        if row["area"] and (ours := by_register[row["local-authority-code"]])["settled_km2"]
    }

    assert len(share) > 350
    assert max(share.values()) < 1.5
    assert min(share, key=lambda name: share[name]) == "Highland"


# --- the directory ---------------------------------------------------------------------------------------------------


def test_the_shipped_directory_is_one() -> None:
    """Ranges, outward codes, sectors, places and pairs of one vintage speak of the same authorities."""
    told = places.shipped()
    authorities = set(told.places["area_code"])
    first = gzip.decompress((REFERENCE / "postcode_ranges.csv.gz").read_bytes()).decode().partition("\n")[0]

    assert f"{told.vintage:%B %Y}" in first
    assert told.ranges["first_postcode"].is_sorted()
    assert set(told.ranges["area_code"].drop_nulls()) == set(told.outwards["area_code"].drop_nulls()) == authorities
    assert set(told.near["area_code"]) | set(told.near["neighbour_code"]) <= authorities
    assert set(told.outwards["outward"]) == set(told.ranges["first_postcode"].str.slice(0, 4).str.strip_chars_end())
    assert set(told.sectors["sector"].str.split(" ").list.first()) <= set(told.outwards["outward"])
    assert told.sectors["sector"].is_unique().all()


def test_outward_codes_tell_the_likeliest_authority_first() -> None:
    """The shares of an outward code add up to one, the largest first; one authority has all of most codes."""
    known = places.shipped().outwards.filter(pl.col("area_code").is_not_null())
    shares = known.group_by("outward", maintain_order=True).agg(
        pl.col("share").sum().alias("sum"), pl.col("share").first().alias("first"), pl.col("share").max().alias("most")
    )
    postcodes = known.group_by("outward").agg(pl.col("postcodes").max().alias("most"))

    assert shares["sum"].is_between(0.998, 1.002).all()
    assert (shares["first"] == shares["most"]).all()
    assert sum(postcodes["most"].to_list()) / sum(known["postcodes"].to_list()) == pytest.approx(0.93, abs=0.005)


def test_sectors_lie_where_their_authority_does() -> None:
    """A sector in Ilford is a few kilometres from Redbridge's middle, and Belfast is west of the Isle of Man."""
    at = {sector: (east, north) for sector, east, north in places.shipped().sectors.iter_rows()}

    assert at["IG1 1"] == (pytest.approx(543_900, abs=800), pytest.approx(186_700, abs=800))
    assert at["BT1 5"] == (pytest.approx(146_200, abs=800), pytest.approx(529_600, abs=800))


# --- what borders on what --------------------------------------------------------------------------------------------


def bordering(name: str) -> set[str]:
    """Return the names of what borders on an area in force."""
    known = places.areas().filter(pl.col("valid_to").is_null())
    names = dict(known.select("area_code", "name").iter_rows())
    [code] = known.filter(pl.col("name") == name, pl.col("kind").is_in([*places.COUNCILS, "metropolitan_county"]))[
        "area_code"
    ]
    return {names[other] for other in places.neighbours().filter(pl.col("area_code") == code)["neighbour_code"]}


def test_neighbours_are_the_table() -> None:
    """The frame has the columns and types of its table, each pair both ways, and nobody borders on themselves."""
    found = places.neighbours()
    pairs = set(found.select("area_code", "neighbour_code").iter_rows())

    assert dict(found.schema) == frame_schema("area_neighbour")
    assert len(pairs) == found.height
    assert pairs == {(other, area) for area, other in pairs}
    assert not any(area == other for area, other in pairs)
    assert set(found["method"]) == {"postcodes", "by_hand", "members"}
    assert set(found["area_code"]) <= set(places.areas().filter(pl.col("valid_to").is_null())["area_code"])


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("Bristol", {"Bath and North East Somerset", "North Somerset", "South Gloucestershire"}),
        ("Islington", {"Camden", "City of London", "Hackney", "Haringey"}),
        ("Highland", {"Aberdeenshire", "Argyll and Bute", "Moray", "Perth and Kinross"}),
        (
            "Rutland",
            {"Harborough", "Melton", "North Northamptonshire", "South Kesteven", "Leicestershire", "Lincolnshire"},
        ),
        ("Oldham", {"Calderdale", "High Peak", "Kirklees", "Manchester", "Rochdale", "Tameside"}),
        ("Liverpool", {"Halton", "Knowsley", "Sefton"}),
        ("Isle of Anglesey", {"Gwynedd"}),
        ("Belfast", {"Antrim and Newtownabbey", "Ards and North Down", "Lisburn and Castlereagh"}),
        ("Tyne and Wear", {"County Durham", "Northumberland"}),
        ("Norfolk", {"Cambridgeshire", "Lincolnshire", "Suffolk"}),
        ("East Sussex", {"Brighton and Hove", "Kent", "Surrey", "West Sussex"}),
        ("Kent", {"Bexley", "Bromley", "East Sussex", "Medway", "Surrey"}),
        ("Isle of Wight", set()),
        ("Orkney Islands", set()),
    ],
)  # fmt: skip - names in few lines
def test_an_area_borders_on_what_the_map_shows(name: str, others: set[str]) -> None:
    """Over land only, over moors where nobody lives, and between counties as between districts."""
    assert bordering(name) == others


@pytest.mark.parametrize(
    "pair", [("Thurrock", "Dartford"), ("Liverpool", "Wirral"), ("Portsmouth", "Gosport"), ("Camden", "Southwark")]
)
def test_what_faces_each_other_across_water_is_no_neighbour(pair: tuple[str, str]) -> None:
    """Postcodes of both lie within 1 km, and yet no border on land joins them."""
    names = dict(places.areas().select("name", "area_code").iter_rows())
    first, second = sorted(names[name] for name in pair)
    near = set(places.shipped().near.select("area_code", "neighbour_code").iter_rows())

    assert (first, second) in near
    assert pair[1] not in bordering(pair[0])


def test_exceptions_are_ones() -> None:
    """Each is of two areas in force, has its reason, and says other than the postcodes do, or why they stand."""
    told = facts("area_neighbour_exceptions.csv")
    known = set(places.areas().filter(pl.col("valid_to").is_null())["area_code"])
    near = set(places.shipped().near.select("area_code", "neighbour_code").iter_rows())
    odd = [
        (area, other)
        for area, other, answer, reason in told.iter_rows()
        if ((area, other) in near) == (answer == "yes" and "is their border" not in reason)
    ]

    assert told.null_count().row(0) == (0, 0, 0, 0)
    assert set(told["area_code"]) | set(told["neighbour_code"]) <= known
    assert (told["area_code"] < told["neighbour_code"]).all()
    assert told.select("area_code", "neighbour_code").is_unique().all()
    assert odd == []


def test_another_directory_gives_other_neighbours_and_places() -> None:
    """Whatever vintage is given is the one that counts; what it does not know lies nowhere."""
    own = places.shipped()
    here = pl.DataFrame(
        [("E09000026", 10, 2.5, 543_900, 186_700)], schema=dict(own.places.schema), orient="row"
    )  # fmt: skip - one row
    near = pl.DataFrame([("E09000016", "E09000026", 100)], schema=dict(own.near.schema), orient="row")
    other = own._replace(vintage=date(2026, 5, 1), places=here, near=near)
    placed = places.areas(other).filter(pl.col("east_m").is_not_null())
    found = places.neighbours(other).filter(pl.col("method") == "postcodes")

    assert placed.select("area_code", "settled_km2").rows() == [("E09000026", 2.5)]
    assert found.select("area_code", "neighbour_code").rows() == [
        ("E09000016", "E09000026"),
        ("E09000026", "E09000016"),
    ]  # fmt: skip - a pair, both ways


# --- levels ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "region"),
    [
        ("UKD63", "E12000002"),
        ("uki", "E12000007"),
        ("TLN0A", "N92000002"),
        ("South East", "E12000008"),
        (" Yorkshire and The  Humber ", "E12000003"),
        ("East of England", "E12000006"),
        ("Scotland", "S92000003"),
        ("UK", None),
        ("England", None),
        ("UKRAINE", None),
        ("UKZ1", None),
        ("Any region", None),
        ("", None),
        (None, None),
    ],
)
def test_levels_and_names_lead_to_regions(written: str | None, region: str | None) -> None:
    """The first three characters of a level's code are its region; names are read in any case."""
    told = pl.DataFrame({"written": [written]}, schema={"written": pl.String})

    assert told.select(places.region_code(pl.col("written"))).item() == region


def test_every_region_has_its_level() -> None:
    """Each region and each other nation has its two codes and a name, and leads to an area."""
    told = facts("itl_regions.csv")
    regions = places.areas().filter(
        (pl.col("kind") == "region") | ((pl.col("kind") == "nation") & (pl.col("nation") != "England"))
    )
    codes = told.filter(pl.col("use") == "itl").group_by("region_code").len()

    assert sorted(codes["region_code"]) == regions["area_code"].to_list()
    assert set(codes["len"]) == {2}
    assert set(told.filter(pl.col("use") == "name")["region_code"]) == set(regions["area_code"])
    assert told["written"].is_unique().all()

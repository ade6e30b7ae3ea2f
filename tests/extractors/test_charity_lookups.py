"""Tests of the relations of charity-lookups, on made-up lists in the published form."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from extractors import charity_lookups
from extractors.made_up_registers import LOOKUP_COLUMNS, LOOKUPS, as_csv
from extractors.registers import UnexpectedFile


def read(folder: Path, lists: dict[str, bytes]) -> pl.DataFrame:
    """Read lists of relations; return the table."""
    paths = [folder / name for name in lists]
    for path, body in zip(paths, lists.values(), strict=True):
        path.write_bytes(body)
    charity_lookups.read(paths, folder, date(2026, 11, 22))
    return pl.read_parquet(folder / "relation.parquet")


def test_a_parent_stands_second_whatever_the_list_puts_first(tmp_path: Path) -> None:
    """In the list org_id_a is the parent of org_id_b; in the table the parent is the other."""
    lists = {name: as_csv(LOOKUP_COLUMNS, rows) for name, rows in LOOKUPS.items()}
    rows = read(tmp_path, lists).select("org_id", "other_org_id", "kind", "source", "valid_from").rows()

    assert rows == [
        ("GB-CHC-1190002", "GB-COH-CE900010", "same_as", "charity-lookups: CIOs", None),
        ("GB-MPR-7900", "GB-COH-RS007900", "same_as", "charity-lookups: Mutual companies", date(2016, 8, 11)),
        ("GB-SC-SC090001", "GB-CHC-1190001", "parent", "charity-lookups: Federated Charities", None),
    ]


def test_a_list_without_dates_and_names_is_read(tmp_path: Path) -> None:
    """Only four of the columns are promised."""
    body = as_csv(LOOKUP_COLUMNS[:4], LOOKUPS["_sameas.csv"])

    assert read(tmp_path, {"_sameas.csv": body}).height == 2


def test_what_is_the_same_as_itself_or_lacks_a_side_is_left_out(tmp_path: Path) -> None:
    """Such rows tell nothing."""
    rows = [
        {"org_id_a": "GB-CHC-1190002", "org_id_b": "GB-CHC-1190002", "relationship": "sameas", "source": "x"},
        {"org_id_a": "GB-CHC-1190002", "relationship": "sameas", "source": "x"},
    ]

    assert read(tmp_path, {"_sameas.csv": as_csv(LOOKUP_COLUMNS, rows)}).is_empty()


def test_a_relation_of_an_unknown_kind_is_told(tmp_path: Path) -> None:
    """A kind that nobody knows the meaning of is not guessed at."""
    row = {"org_id_a": "GB-CHC-1190002", "org_id_b": "GB-CHC-1190001", "relationship": "friend", "source": "x"}

    with pytest.raises(UnexpectedFile, match="'friend'"):
        read(tmp_path, {"_sameas.csv": as_csv(LOOKUP_COLUMNS, [row])})

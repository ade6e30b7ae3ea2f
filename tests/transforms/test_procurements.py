"""One truth about each procurement and each award: the latest telling, in whatever order tellings arrive."""

import json
import random
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transforms.test_releases import OCID, flat, release
from transforms import procurements, releases
from warehouse import schema

NOTHING = {table: schema.empty(table) for table in ("release", "procurement", "award")}


def telling(version: int, day: int, amount: float, *names: str, award: int = 1) -> dict[str, Any]:
    """Return one version of an award notice."""
    made = release(id=f"c3e5344a-741a-4f7e-92af-f401b5c8209a-{version}", date=f"2022-10-{day:02d}T10:00:00+01:00")
    made["awards"][0] |= {
        "id": f"{OCID}-{award}",
        "value": {"amount": amount, "currency": "GBP"},
        "suppliers": [{"id": "GB-CFS-1", "name": name} for name in names],
    }
    return made


def compiled(documents: list[Any], held: schema.Frames = NOTHING) -> procurements.Compiled:
    """Flatten and compile some documents."""
    return procurements.compile_releases(flat(*documents).frames, held)


def test_the_latest_telling_of_an_award_counts_with_its_suppliers_alone() -> None:
    """Of two tellings of one award the later counts, and a supplier that only the earlier named is gone."""
    found = compiled([telling(2, 20, 200.0, "Elm Ltd"), telling(1, 10, 100.0, "Elm Ltd", "Oak Ltd")]).frames

    assert found["award"]["amount_gbp"].cast(pl.Float64).to_list() == [200.0]
    assert found["supplier_mention"]["supplier_name"].to_list() == ["Elm Ltd"]
    assert found["release"].height == 2


def test_several_awards_under_one_ocid_stay_apart() -> None:
    """Awards of one procurement told by different releases are all kept; the procurement is told by the latest."""
    found = compiled([telling(1, 10, 100.0, "Elm Ltd"), telling(2, 20, 50.0, "Oak Ltd", award=2)]).frames

    assert sorted(found["award"]["award_id"]) == [f"{OCID}-1", f"{OCID}-2"]
    assert found["procurement"]["release_id"].to_list() == ["c3e5344a-741a-4f7e-92af-f401b5c8209a-2"]


@pytest.mark.parametrize(("version", "day", "counts"), [(3, 5, False), (1, 10, True), (9, 10, True), (0, 10, False)])
def test_what_the_warehouse_holds_yields_only_to_a_later_telling(version: int, day: int, counts: bool) -> None:
    """A telling older than the held one changes nothing; an equal or later one is written."""
    first = compiled([telling(1, 10, 100.0, "Elm Ltd")])
    held = {table: first.frames[table] for table in NOTHING}

    again = compiled([telling(version, day, 100.0 if (version, day) == (1, 10) else 7.0, "Oak Ltd")], held)

    assert (again.frames["award"].height == 1) is counts
    assert again.replaced["award"].height == again.frames["award"].height == again.frames["supplier_mention"].height


@given(
    st.lists(
        st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 3), st.integers(1, 2)), min_size=1, max_size=8
    ),
    st.randoms(use_true_random=False),
    st.integers(0, 8),
)
def test_the_order_of_arrival_does_not_matter(
    versions: list[tuple[int, int, int, int]], order: random.Random, cut: int
) -> None:
    """Told in any order, in one night or in two, and some of it twice, the same awards result."""
    documents = [telling(v, d, float(a), f"Supplier {a} Ltd", award=n) for v, d, a, n in versions]
    once = compiled(documents).frames
    shuffled = [*order.sample(documents, len(documents)), documents[0]]
    first = compiled(shuffled[:cut]) if cut else None
    held = {table: first.frames[table] for table in NOTHING} if first else NOTHING
    second = compiled(shuffled[cut:], held)

    for table, key in (
        ("award", ["award_id"]),
        ("procurement", ["procurement_id"]),
        ("release", ["release_id", "ocid"]),
    ):
        parts = [second.frames[table]]
        if first:
            parts.append(first.frames[table].join(second.frames[table], on=key, how="anti"))
        assert pl.concat(parts).sort(key).equals(once[table].sort(key)), table


def test_a_document_archived_twice_is_one_release() -> None:
    """A release that stands in two archive files is one row, and leads to the first of them."""
    document = json.dumps(release()).encode()

    told = releases.flatten("contracts-finder", [("b.jsonl.zst", [document]), ("a.jsonl.zst", [document])])
    found = procurements.compile_releases(told.frames, NOTHING).frames

    assert found["release"]["archive_path"].to_list() == ["a.jsonl.zst"]
    assert found["supplier_mention"].height == 1

"""What is missing from the year's numbers is told where it can be known, and only there."""

import time
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.completeness import LARGEST_DAY, gaps

FIRST = date(2026, 9, 1)


def day(number: int) -> date:
    """Return the ``number``-th day of the tests."""
    return FIRST + timedelta(days=number)


def ids(*numbers: int, year: int = 2026) -> list[str]:
    """Return the notice ids of numbers."""
    return [f"{number:06}-{year}" for number in numbers]


ALL = [day(number) for number in range(40)]


def test_a_number_between_two_of_a_day_is_missing() -> None:
    """A gap within a covered day is that day's."""
    assert gaps({day(0): ids(5, 7, 10)}, [day(0)]) == {day(0): ids(6, 8, 9)}


def test_a_number_between_two_days_belongs_to_the_earlier() -> None:
    """A gap between the last number of a day and the first of the next is put under the former."""
    assert gaps({day(0): ids(5), day(1): ids(8)}, ALL) == {day(0): ids(6, 7)}


@pytest.mark.parametrize(
    ("covered", "told"),
    [([0, 1, 2, 3], True), ([0, 1, 3], False), ([0, 3], False), ([1, 2, 3], False), ([], False)],
)
def test_a_gap_counts_once_every_day_of_its_stretch_is_covered(covered: list[int], told: bool) -> None:
    """What may have been published on a day that was not asked for in full is not missing."""
    found = gaps({day(0): ids(5), day(3): ids(8)}, [day(number) for number in covered])

    assert found == ({day(0): ids(6, 7)} if told else {})


def test_the_edges_of_a_year_are_not_known() -> None:
    """Nothing is told before the first and after the last number that is held, and each year has its own numbers."""
    held = {day(0): [*ids(80_000, 80_002, year=2025), *ids(3, 5)]}

    assert gaps(held, ALL) == {day(0): [*ids(80_001, year=2025), *ids(4)]}


def test_a_notice_published_out_of_turn_delays_only_the_gaps_beside_it() -> None:
    """A low number published late needs its whole stretch covered; gaps elsewhere are told all the same."""
    held = {day(0): ids(1, 3, 7, 9), day(30): ids(5, 900)}
    early = gaps(held, [day(0)])
    later = gaps(held, ALL)

    assert early == {day(0): ids(2, 8)}
    assert later[day(0)][:4] == ids(2, 4, 6, 8)


def test_the_earliest_day_of_an_id_counts() -> None:
    """A notice that stands on the border of two days, or was listed again later, is taken under the first."""
    assert gaps({day(9): ids(5), day(0): ids(5, 7)}, [day(0)]) == {day(0): ids(6)}


@pytest.mark.parametrize("odd", ["", "5-2026", "0000005-2026", "000005-26", "ocds-h6vhtk-000005", "00000\u0665-2026"])
def test_other_ids_are_ignored(odd: str) -> None:
    """What does not look like a notice's number says nothing."""
    assert gaps({day(0): [*ids(3, 5), odd]}, ALL) == {day(0): ids(4)}


def test_a_slip_of_a_number_is_no_thousand_gaps() -> None:
    """A run of missing numbers that no service could publish in its days is not believed."""
    held = {day(0): ids(1, 3, 900_000)}

    assert gaps(held, ALL) == {day(0): ids(2)}
    assert len(gaps({day(0): ids(1, LARGEST_DAY + 2)}, ALL)[day(0)]) == LARGEST_DAY
    assert gaps({day(0): ids(1, LARGEST_DAY + 3)}, ALL) == {}


PUBLISHED = st.lists(st.integers(0, 9), min_size=1, max_size=80)
"""The days on which notices 1, 2, 3 … were published, roughly rising."""


@given(PUBLISHED, st.randoms(use_true_random=False), st.sets(st.integers(0, 9)), st.floats(0, 1))
def test_gaps_are_numbers_of_notices_that_are_not_held(
    published: list[int], random: Random, covered: set[int], share: float
) -> None:
    """Whatever is lost: no held number is missing, each missing one is told once, under a covered day, in order."""
    days = {number: day(of) for number, of in enumerate(sorted(published), 1)}
    held_numbers = {number for number in days if random.random() < share}
    held: dict[date, list[str]] = {}
    for number in random.sample(sorted(held_numbers), len(held_numbers)):
        held.setdefault(days[number], []).extend(ids(number))
    found = gaps(held, [day(number) for number in covered])
    told = [notice_id for listed in found.values() for notice_id in listed]

    assert not set(told) & set(ids(*held_numbers))
    assert len(told) == len(set(told))
    assert set(found) <= {day(number) for number in covered}
    assert list(found) == sorted(found)
    assert all(listed == sorted(listed) for listed in found.values())
    assert set(told) <= set(ids(*days))


@given(PUBLISHED, st.data())
def test_every_loss_between_held_numbers_is_told_where_all_is_covered(
    published: list[int], data: st.DataObject
) -> None:
    """With every day covered, exactly the lost numbers between the first and the last held are told."""
    days = {number: day(of) for number, of in enumerate(published, 1)}
    held_numbers = data.draw(st.sets(st.sampled_from(sorted(days)), min_size=1))
    held: dict[date, list[str]] = {}
    for number in held_numbers:
        held.setdefault(days[number], []).extend(ids(number))
    lost = [number for number in days if min(held_numbers) < number < max(held_numbers) and number not in held_numbers]
    found = gaps(held, ALL)

    assert sorted(notice_id for listed in found.values() for notice_id in listed) == ids(*lost)


def test_six_years_take_seconds() -> None:
    """Half a million ids, one in fifty lost, are looked through fast enough for every night."""
    random = Random(1)  # noqa: S311 - made-up numbers, nothing secret
    held: dict[date, list[str]] = {}
    for year in range(2021, 2027):
        for number in range(1, 85_000):
            if random.random() > 0.02:
                of = date(year, 1, 1) + timedelta(days=number // 234)
                held.setdefault(of, []).append(f"{number:06}-{year}")
    began = time.process_time()
    found = gaps(held, [date(2021, 1, 1) + timedelta(days=number) for number in range(2191)])

    assert time.process_time() - began < 10
    assert 9_000 < sum(map(len, found.values())) < 11_500

"""Days and windows of London leave no gap and no overlap."""

from datetime import UTC, date, datetime, timedelta

import pytest

from extractors.windows import LONDON, london_day


@pytest.mark.parametrize(
    ("day", "start", "hours"),
    [
        (date(2026, 1, 15), datetime(2026, 1, 15, tzinfo=UTC), 24),
        (date(2026, 7, 1), datetime(2026, 6, 30, 23, tzinfo=UTC), 24),
        (date(2026, 3, 29), datetime(2026, 3, 29, tzinfo=UTC), 23),
        (date(2026, 10, 25), datetime(2026, 10, 24, 23, tzinfo=UTC), 25),
        (date(2025, 3, 30), datetime(2025, 3, 30, tzinfo=UTC), 23),
        (date(2025, 10, 26), datetime(2025, 10, 25, 23, tzinfo=UTC), 25),
    ],
)
def test_a_london_day_has_its_own_length(day: date, start: datetime, hours: int) -> None:
    """A day runs from one London midnight to the next: 23 hours in March, 25 in October."""
    assert london_day(day) == (start, start + timedelta(hours=hours))


def test_days_follow_on_each_other() -> None:
    """Over three years each day ends where the next one starts, on the London date that it is named after."""
    days = [date(2025, 1, 1) + timedelta(days=n) for n in range(1096)]
    bounds = [london_day(day) for day in days]

    assert [end for _, end in bounds[:-1]] == [start for start, _ in bounds[1:]]
    assert [start.astimezone(LONDON).date() for start, _ in bounds] == days
    assert sum((end - start for start, end in bounds), timedelta()) == timedelta(days=1096)

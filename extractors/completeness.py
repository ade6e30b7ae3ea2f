"""Tell from the numbers of Find a Tender's notices which of them are missing.

The ids of its notices, ``nnnnnn-yyyy``, count the notices of a year: the highest number of a year is the number of its
notices. A number between two that are held, neither held itself, is therefore a notice that the listing did not bring,
or one that was never published. Contracts Finder's ids tell nothing of the kind; it publishes a list of each day
instead: see ``extractors.contracts_finder.listed``.
"""

import re
from collections.abc import Collection, Mapping
from datetime import date
from itertools import pairwise

LARGEST_DAY = 2_000
"""Numbers missing in a row, per day of the stretch, above which a number beside them is taken for a slip.

The busiest weekdays have some 500 notices.
"""

_NOTICE_ID = re.compile(r"([0-9]{6})-([0-9]{4})")


def gaps(held: Mapping[date, Collection[str]], covered: Collection[date]) -> dict[date, list[str]]:
    """Return the notice ids that must exist, by all that is known, and are not held.

    A number missing between two neighbours that are held counts where every day from the one's day to the other's, in
    whichever order, is covered; it is put under the earlier of the two days. Numbers do not quite rise with the days:
    a notice that was numbered early and published late makes the stretch of the gaps on both its sides longer, so that
    they count later, once all of it is covered, and no other gap is touched. Of several days of one id the earliest
    counts. Ids of another form are ignored, and so is a run of missing numbers longer than ``LARGEST_DAY`` for each day
    of its stretch: one of its ends is then a slip rather than a notice.

    What this cannot know: what is missing before the first and after the last number that is held of a year, whether a
    number was ever published, and on which day it was: the day given is the earliest likely.

    Args:
        held: ids by the London day under which the service listed them.
        covered: the days that were asked for in full after they had ended.

    Returns:
        The missing ids, in order, by day, in order; days without any are left out.
    """
    years: dict[str, dict[int, int]] = {}
    for day in sorted(held):
        ordinal = day.toordinal()
        for notice_id in held[day]:
            if found := _NOTICE_ID.fullmatch(notice_id):
                years.setdefault(found[2], {}).setdefault(int(found[1]), ordinal)
    run_ends = _run_ends(covered)
    missing: dict[int, list[str]] = {}
    for year in sorted(years):
        days = years[year]
        numbers = sorted(days)
        for before, after in pairwise(numbers):
            if after - before == 1:
                continue
            first, last = sorted((days[before], days[after]))
            if run_ends.get(first, -1) < last or after - before - 1 > LARGEST_DAY * (last - first + 1):
                continue
            missing.setdefault(first, []).extend(f"{number:06}-{year}" for number in range(before + 1, after))
    return {date.fromordinal(day): missing[day] for day in sorted(missing)}


def _run_ends(covered: Collection[date]) -> dict[int, int]:
    """Return for each covered day the last day of the unbroken run that it stands in, as ordinals."""
    ends: dict[int, int] = {}
    for ordinal in sorted({day.toordinal() for day in covered}, reverse=True):
        ends[ordinal] = ends.get(ordinal + 1, ordinal)
    return ends

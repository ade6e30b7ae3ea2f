"""The bundled sample: made-up notices, served by the stand-in over loopback, through the same night as real ones.

Nothing in it is real but the codes of areas and classifications: no buyer, supplier or person.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import AnyHttpUrl

from extractors import made_up, made_up_find_a_tender
from extractors.standin import Standin
from extractors.windows import london_day
from flows import night
from flows.settings import Settings
from transforms import indicators
from transforms.values import TIERS
from warehouse.store import Warehouse

NOTICES, FIRST, DAYS, SEED = (2_000, 2_000), date(2026, 9, 1), 30, 7
"""Notices of Contracts Finder and of Find a Tender, the London days over which they are published, and which of the
stories that can be made up."""

SHARES, SIZES = ("L1", "O1.declared"), "M1"
"""The three figures: local share, awards marked as going to a voluntary organisation, contracts by size."""

NOTE = "This is a demonstration: every notice, buyer and supplier in it is made up. Nothing here is a finding."


def run(
    settings: Settings, folder: Path, clock: Callable[[], datetime], progress: Callable[[str, int, int], None]
) -> str:
    """Run the night on the sample into a folder, and return what it found, in words, and where the files are."""
    last = FIRST + timedelta(days=DAYS - 1)
    # The sample's days are over, whatever the calendar says.
    over = london_day(last)[1] + timedelta(days=1)
    with Standin(notices()) as server:
        own = settings.with_folder(folder).model_copy(
            update={
                "contracts_finder_url": AnyHttpUrl(server.url),
                "find_a_tender_url": AnyHttpUrl(server.url),
                "rate_limit_wait": 0.0,
            }
        )
        outcome = night.run(
            own, "backfill", lambda: max(clock(), over), first=FIRST, last=last, progress=progress, note=NOTE
        )
    with Warehouse.open(own.warehouse_url.get_secret_value()) as warehouse:
        return "\n".join(_report(warehouse, outcome, own))


def notices() -> Iterator[bytes]:
    """Generate the sample: made-up notices of both services, some of them about the same contracts."""
    beside, own = NOTICES
    yield from made_up.lines(beside, FIRST, DAYS, SEED)
    yield from made_up_find_a_tender.lines(own, FIRST, DAYS, SEED, beside=beside)


def _report(warehouse: Warehouse, outcome: night.Outcome, settings: Settings) -> Iterator[str]:
    values = warehouse.read("indicator_value").filter(pl.col("period") == "ALL")
    council = _best_known_council(values)
    names = dict(warehouse.read("area", ["area_code", "name"]).iter_rows())
    titles = {row["indicator_id"]: row["title"] for row in indicators.catalogue().iter_rows(named=True)}
    yield NOTE
    counts = outcome.counts
    yield f"{counts['documents']:,} notices: {counts['used']:,} used, {counts['rejected']:,} set aside."
    yield f"{counts['awards']:,} awards, {counts['award_lines']:,} lines of award and supplier."
    places = (
        (f"A council (made-up notices under the code of {names[council]})", "authority", council),
        ("English councils", "england", "England"),
    )
    for who, grain, place in places:
        yield ""
        yield f"{who}, awards of all dates in the sample:"
        here = values.filter(pl.col("grain") == grain)
        if grain == "authority":
            here = here.filter(pl.col("area_code") == place)
        for figure in SHARES:
            row = here.filter(pl.col("tier").is_null(), pl.col("cpv_division").is_null()).row(
                by_predicate=pl.col("indicator_id") == figure, named=True
            )
            yield f"  {titles[figure]}: {indicators.sentence(row)}"
        yield f"  {titles[SIZES].removesuffix(': how many')}: {_sizes(here.filter(pl.col('indicator_id') == SIZES))}"
    yield ""
    yield f"Files for readers:  {settings.export_dir / 'latest'}"
    yield f"Parquet snapshot:   {settings.data_dir / 'snapshots' / 'latest'}"
    yield f"Warehouse:          {settings.data_dir / 'noticeboard.db'}"


def _sizes(rows: pl.DataFrame) -> str:
    """Say in one sentence how many contracts there are of each size."""
    by_tier = {row["tier"]: row for row in rows.iter_rows(named=True)}
    said = [f"{tier.replace('_', ' ')} {_count(by_tier[tier])}" for tier in TIERS if tier in by_tier]
    unpriced = any(row["n_excluded"] for row in by_tier.values())
    why = "; in brackets the bounds, since an award without a credible amount may be of any size"
    return ", ".join(said) + (why if unpriced else "")


def _count(row: Mapping[str, Any]) -> str:
    bound = f" ({row['n']:,}–{row['value_high']:,.0f})" if row["n_excluded"] else ""
    return f"{row['n']:,}{bound}"


def _best_known_council(values: pl.DataFrame) -> str:
    """Return the area of the council with the most awards among those of which enough is known for every share."""
    shares = values.filter(pl.col("grain") == "authority", pl.col("indicator_id").is_in(SHARES))
    least = shares.group_by("area_code").agg(pl.col("coverage_share").min(), pl.col("n").min())
    known = (pl.col("coverage_share") >= indicators.words.ENOUGH_COVERAGE).fill_null(False)
    return str(least.sort(known, "n", "area_code", descending=[True, True, False])["area_code"][0])

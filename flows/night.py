"""One night: the steps, in the order in which data walks them; nightly, backfill and rebuild are windows over them.

    collect ─► digest ─► name ─► measure ─► check ─► settle ─► publish

``collect`` brings the notices into the archive.
``digest`` reads them from there: decode, flatten, compile, value, resolve, place, store.
Everything from ``digest`` to ``settle`` is one transaction of the warehouse: a night is there, or it is not.
``publish`` hands a finished night to readers.

The steps are plain functions of a ``Night``; ``STEPS`` is the list that the command line runs and that the Prefect
flow wraps as tasks.
"""

import json
import logging
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any, Literal

import polars as pl

from extractors import contracts_finder
from extractors.archive import Archive
from extractors.web import Answer, Session
from extractors.windows import LONDON, london_day
from flows import ahead
from flows.settings import Settings
from transforms import RULES_VERSION, indicators, places, procurements, values
from transforms.suppliers import resolve
from warehouse import schema
from warehouse.publish import export, snapshot
from warehouse.store import Warehouse

log = logging.getLogger("noticeboard")

Kind = Literal["nightly", "backfill", "rebuild"]

SOURCES = (contracts_finder.SOURCE,)
"""The services that are read, in order."""

OVERLAP_DAYS = 3
"""A nightly run reads this many days again: notices appear late."""

FIRST_RUN_DAYS = 30
"""How far back a first nightly run goes."""

REJECTED_BOUND = 0.05
"""A night in which more of the documents than this cannot be used stops: something has changed."""

GATE_SHARE, GATE_LEAST = 0.1, 20
"""A night with less than this share of the usual releases is held back, where the usual is at least so many."""

GATE_WEEKS = 8
"""The usual is the median of the same weekday in so many weeks before."""


def silent(step: str, done: int, total: int) -> None:
    """Report no progress."""


class ImplausibleNight(Exception):
    """Raised when a night breaks a bound that no true night breaks: it is rolled back, and a person looks."""


class Incomplete(Exception):
    """Raised when documents in are not used + rejected: a mistake of ours, never of the source."""


@dataclass
class Touched:
    """What a night changed: what must be named, measured and published anew; or everything."""

    suppliers: set[str] = field(default_factory=set)
    buyers: set[str] = field(default_factory=set)
    awards: list[pl.DataFrame] = field(default_factory=list)
    areas: list[pl.DataFrame] = field(default_factory=list)
    months: set[str] = field(default_factory=set)
    days: set[date] = field(default_factory=set)
    everything: bool = False


@dataclass
class Night:
    """A night at work: what it may use, what it was asked for, and what it has counted so far."""

    settings: Settings
    warehouse: Warehouse
    archive: Archive
    now: Callable[[], datetime]
    kind: Kind
    run_id: str
    started_at: datetime
    days: dict[str, list[date]]
    asked: dict[str, list[date]]
    progress: Callable[[str, int, int], None]
    note: str | None
    published: tuple[Path, Path] | None = None
    counts: dict[str, int] = field(default_factory=dict)
    fetches: list[dict[str, Any]] = field(default_factory=list)
    answered: dict[tuple[str, date], int] = field(default_factory=dict)
    touched: Touched = field(default_factory=Touched)
    newest_before: date | None = None
    reasons: Counter[str] = field(default_factory=Counter)
    held_because: str | None = None
    transaction: ExitStack = field(default_factory=ExitStack)

    def count(self, **more: int) -> None:
        """Add to the counts of the night."""
        for name, number in more.items():
            self.counts[name] = self.counts.get(name, 0) + number


@dataclass(frozen=True)
class Outcome:
    """What became of a run: status ``finished`` or ``held``, its counts and, where held, the reason."""

    run_id: str
    kind: str
    status: str
    counts: dict[str, int]
    reason: str | None
    snapshot: str | None
    export: str | None


# --- what a run asks for ------------------------------------------------------------------------------------------


def nightly_days(warehouse: Warehouse, source: str, today: date, first_day: date | None) -> list[date]:
    """Return the London days that a nightly run asks for: from the newest covered day, with the overlap, to today.

    The overlap reaches over days that were covered before, never into the gap between two backfills.
    """
    covered = set(warehouse.read("coverage").filter(pl.col("complete") & (pl.col("source") == source))["day"])
    if covered:
        first = newest = max(covered)
        while first - timedelta(days=1) in covered and (newest - first).days < OVERLAP_DAYS - 1:
            first -= timedelta(days=1)
    else:
        first = first_day or today - timedelta(days=FIRST_RUN_DAYS)
    return _span(min(first, today), today)


def _span(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def covered_days(archive: Archive, source: str, later: timedelta = timedelta()) -> set[date]:
    """Return, from the manifests alone, the London days that were asked for in full after they had ended.

    Args:
        archive: the archive.
        source: the service.
        later: how long after their end they must have been asked for.
    """
    found = set()
    for window_from, window_to, asked_at in archive.windows(source):
        day = window_from.astimezone(LONDON).date()
        start, end = london_day(day)
        if window_from <= start and window_to >= end and asked_at >= end + later:
            found.add(day)
    return found


# --- the steps ----------------------------------------------------------------------------------------------------


def collect(night: Night) -> None:
    """Ask the services for the night's days, one request at a time, and archive what they say."""
    total = sum(len(days) for days in night.asked.values())
    done = 0
    for source, days in night.asked.items():
        with Session(
            str(night.settings.contracts_finder_url),
            now=night.now,
            pacing_seconds=contracts_finder.PACING_SECONDS,
            wait_seconds=night.settings.rate_limit_wait,
            on_answer=partial(_note_answer, night, source),
        ) as session:
            for day in days:
                night.progress("collect", done, total)
                _collect_day(night, session, source, day)
                done += 1
    night.progress("collect", total, total)
    night.count(requests=len(night.fetches), days=total)


def _note_answer(night: Night, source: str, answer: Answer) -> None:
    """Enter an answer into the ledger of requests: what came back, never the body."""
    night.fetches.append(
        {
            "fetch_id": f"{night.run_id}/{len(night.fetches) + 1:05d}",
            "run_id": night.run_id,
            "source": source,
            "url": answer.url,
            "requested_at": answer.requested_at,
            "status": answer.status,
            "bytes": len(answer.body) if answer.status is not None else None,
            "sha256": answer.sha256 if answer.status is not None else None,
            "releases": None,
        }
    )


def _collect_day(night: Night, session: Session, source: str, day: date) -> None:
    start, end = london_day(day)
    asked_at = night.now()
    until = min(end, asked_at)
    found = 0
    with night.archive.collecting(source, day) as collection:
        for page in contracts_finder.pages(session, start, until):
            collection.add(
                url=page.answer.url,
                requested_at=page.answer.requested_at,
                status=page.answer.status,
                sha256=page.answer.sha256,
                bytes=len(page.answer.body),
                window=(page.start, page.end),
                releases=[release.body for release in page.package.releases],
                unreadable=[(part.offset, part.length, part.sha256, part.reason) for part in page.package.unreadable],
                repaired=page.package.repaired,
            )
            found += len(page.package.releases)
            night.fetches[-1]["releases"] = page.served
        collection.complete(start, until, asked_at)
    night.answered[source, day] = found


def digest(night: Night) -> None:
    """Turn the archived documents of the night's days into rows: decode, flatten, compile, value, resolve, place."""
    night.transaction.enter_context(night.warehouse.transaction())
    if night.kind == "rebuild":
        night.touched.everything = True
        night.warehouse.clear([name for name in schema.TABLES if name not in schema.LEDGER])
        night.warehouse.drop_indexes()
    newest = night.warehouse.newest_release()
    night.newest_before = newest.astimezone(LONDON).date() if newest else None
    night.warehouse.bulk_upsert("area", places.areas())
    total = sum(len(days) for days in night.days.values())
    for _, flat, days_begun in ahead.flattened(night.archive.root, night.days):
        night.progress("digest", days_begun, total)
        night.count(documents=flat.documents, used=flat.used, rejected=flat.rejected)
        night.reasons.update(flat.frames["rejected"]["reason"])
        store(night, *interpret(flat.frames, night.warehouse.held(flat.frames)))
    for source, days in night.days.items():
        _set_aside_undecoded(night, source, days)
    if night.kind == "rebuild":
        night.warehouse.make_indexes()
    night.progress("digest", total, total)


def interpret(told: schema.Frames, known: schema.Frames) -> tuple[dict[str, pl.DataFrame], schema.Frames]:
    """Say what told frames mean: rows of the warehouse's tables, and the held rows that they replace."""
    compiled = procurements.compile_releases(told, known)
    frames = compiled.frames
    buyers = places.buyers(
        pl.concat([frames[table].select("buyer_party_id", "buyer_name") for table in ("procurement", "award")])
    )
    award = values.believe(frames["award"])
    by_buyer = ["buyer_party_id", "buyer_name"]
    named = award.join(
        buyers.select(*by_buyer, "buyer_id", buyer_area_code="area_code", buyer_kind="kind"),
        on=by_buyer, how="left", nulls_equal=True, maintain_order="left",
    )  # fmt: skip
    resolved = resolve.resolve(frames["supplier_mention"], frames["supplier_identifier"])
    mention = resolved["supplier_mention"]
    located = places.locate(mention["address"])
    mention = mention.join(located.select("address", "postcode"), on="address", how="left", maintain_order="left")
    sited = mention.select("award_id", "mention_id", "address").join(
        named.select("award_id", "buyer_area_code", "buyer_kind"), on="award_id", how="left"
    )
    placed = places.place(
        sited.join(located.select("address", "supplier_area_code", "is_uk"), on="address", how="left").drop("address")
    )
    weight = values.weigh(mention.select("award_id", "mention_id"), award)
    rows = {
        "release": frames["release"],
        "rejected": frames["rejected"],
        "field_issue": frames["field_issue"],
        "procurement": frames["procurement"].join(
            buyers.select(*by_buyer, "buyer_id"), on=by_buyer, how="left", nulls_equal=True, maintain_order="left"
        ),
        "award": named,
        "award_line": procurements.award_lines(mention, award, weight, located, placed),
        "ceiling": values.ceilings(award),
        "supplier_mention": mention,
        "supplier_identifier": resolved["supplier_identifier"],
        "supplier_link": resolved["supplier_link"],
    }
    return {table: frame.select(list(schema.frame_schema(table))) for table, frame in rows.items()}, compiled.replaced


def store(night: Night, frames: dict[str, pl.DataFrame], replaced: schema.Frames) -> None:
    """Write a batch, remove what retold awards no longer say, and note what it touched: before and after."""
    touched = night.touched
    changed = _forget(night, frames, replaced["award"]) + _reject(night, frames["rejected"])
    settled = {**frames, "field_issue": _issues(night, frames["field_issue"], replaced["release"])}
    changed += write(night.warehouse, {name: frame for name, frame in settled.items() if name != "rejected"}, replaced)
    night.count(releases_new=frames["release"].height - replaced["release"].height)
    if not changed or touched.everything:
        return
    touched.suppliers.update(frames["supplier_mention"]["supplier_id"].drop_nulls().unique())
    for told in (frames["procurement"], frames["award"], replaced["procurement"], replaced["award"]):
        touched.buyers.update(told["buyer_id"].drop_nulls().unique())
    for told in (frames["award"], replaced["award"]):
        touched.awards.append(told.select("awarded_on", "buyer_id"))
    for told in (frames["release"], frames["procurement"], frames["award"], *replaced.values()):
        months = told["published_at"].dt.strftime("%Y-%m").fill_null("undated")
        touched.months.update(months.unique())
    for told in (frames["release"], replaced["release"]):
        published = told["published_at"].dt.convert_time_zone("Europe/London").dt.date()
        touched.days.update(published.drop_nulls().unique())


def write(warehouse: Warehouse, frames: schema.Frames, replaced: schema.Frames) -> int:
    """Write the rows of a batch; what does not belong to a replaced row is new, and is not looked for first.

    Returns:
        The number of rows inserted or changed.
    """
    awards = replaced["award"].select("award_id")
    held = {
        "release": replaced["release"].select("source", "ocid", "release_id"),
        "procurement": replaced["procurement"].select("procurement_id"),
        "supplier_identifier": frames["supplier_mention"].join(awards, on="award_id", how="semi").select("mention_id"),
        **dict.fromkeys(("award", "award_line", "ceiling", "supplier_mention", "supplier_link"), awards),
    }
    return sum(warehouse.bulk_upsert(table, frame, held.get(table)) for table, frame in frames.items())


def _forget(night: Night, frames: dict[str, pl.DataFrame], retold: pl.DataFrame) -> int:
    """Delete the mentions, lines, identifiers and ceilings that earlier tellings of these awards left behind."""
    if retold.is_empty():
        return 0
    warehouse = night.warehouse
    lines = warehouse.read("award_line", ["award_id", "mention_id", "supplier_id"], keys=retold.select("award_id"))
    night.touched.suppliers.update(lines["supplier_id"].drop_nulls().unique())
    gone = lines.join(frames["supplier_mention"], on="mention_id", how="anti")
    deleted = warehouse.delete("award_line", gone.select("award_id", "mention_id"))
    for table in ("supplier_mention", "supplier_link"):
        deleted += warehouse.delete(table, gone.select("mention_id"))
    key = schema.key_columns("supplier_identifier")
    identifiers = warehouse.read("supplier_identifier", key, keys=lines.select("mention_id"))
    deleted += warehouse.delete(
        "supplier_identifier", identifiers.join(frames["supplier_identifier"], on=key, how="anti")
    )
    ceilings = warehouse.read("ceiling", ["award_id"], keys=retold.select("award_id"))
    return deleted + warehouse.delete("ceiling", ceilings.join(frames["ceiling"], on="award_id", how="anti"))


def _issues(night: Night, frame: pl.DataFrame, again: pl.DataFrame) -> pl.DataFrame:
    """Return the issues of a batch; of two versions under one release id both count, in whatever order they came."""
    if again.is_empty():
        return frame
    held = night.warehouse.read("field_issue", keys=again.select("source", "ocid", "release_id"))
    key = schema.key_columns("field_issue")
    told = pl.concat([held, frame]).sort(pl.all(), nulls_last=True)
    return told.unique(key, keep="first", maintain_order=True)


def _reject(night: Night, frame: pl.DataFrame) -> int:
    """List documents that could not be used, each under the first archive file that holds it, in whatever order."""
    key = schema.key_columns("rejected")
    held = night.warehouse.read("rejected", keys=frame.select(key))
    told = pl.concat([held, frame]).sort(*key, "archive_path", maintain_order=True)
    return night.warehouse.bulk_upsert("rejected", told.unique(key, keep="first", maintain_order=True))


def _set_aside_undecoded(night: Night, source: str, days: list[date]) -> None:
    """List the documents that could not even be archived: only their hash, length, place and reason are known."""
    rows = [
        {
            "source": source,
            "document_id": item.sha256[:32],
            "pointer": "",
            "reason": item.reason,
            "bytes": item.length,
            "byte_offset": item.offset,
            "archive_path": night.archive.path(source, day),
        }
        for day in days
        for item in night.archive.unreadable(source, day)
    ]
    if rows:
        frame = pl.DataFrame(rows, schema=schema.frame_schema("rejected")).unique("document_id", keep="first")
        night.count(documents=frame.height, rejected=frame.height)
        _reject(night, frame)


def name(night: Night) -> None:
    """Name suppliers and buyers as their latest mention does, those that the night touched."""
    _name_suppliers(night)
    _name_buyers(night)


_SUPPLIER_COLUMNS = (
    "mention_id", "supplier_id", "supplier_name", "org_id", "core_name", "legal_form", "published_at",
)  # fmt: skip


def _name_suppliers(night: Night) -> None:
    warehouse = night.warehouse
    for mentions, wanted in _mentions(night):
        suppliers = resolve.suppliers(mentions)
        warehouse.bulk_upsert("supplier", suppliers)
        if wanted is not None:
            warehouse.delete("supplier", wanted.join(suppliers, on="supplier_id", how="anti"))


def _mentions(night: Night) -> Iterator[tuple[pl.DataFrame, pl.DataFrame | None]]:
    """Yield all mentions of the touched suppliers, some thousands of suppliers at a time."""
    if night.touched.everything:
        for part in night.warehouse.in_groups("supplier_mention", _SUPPLIER_COLUMNS, "supplier_id", _SUPPLIER_PREFIXES):
            yield part, None
        return
    wanted = pl.DataFrame({"supplier_id": sorted(night.touched.suppliers)}, schema={"supplier_id": pl.String})
    for keys in wanted.iter_slices(10_000):
        yield night.warehouse.read("supplier_mention", _SUPPLIER_COLUMNS, keys), keys


_SUPPLIER_PREFIXES = tuple(f"S{letter}" for letter in "234567ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def _name_buyers(night: Night) -> None:
    warehouse = night.warehouse
    wanted = None
    if not night.touched.everything:
        wanted = pl.DataFrame({"buyer_id": sorted(night.touched.buyers)}, schema={"buyer_id": pl.String})
        if wanted.is_empty():
            return
        # An area must be measured anew even where the buyer that had it is gone in a moment.
        night.touched.areas.append(warehouse.read("buyer", ["buyer_id", "area_code"], wanted))
    told = pl.concat([warehouse.latest_names(table, wanted) for table in ("procurement", "award")])
    buyers = places.name_buyers(told)
    warehouse.bulk_upsert("buyer", buyers)
    if wanted is not None:
        warehouse.delete("buyer", wanted.join(buyers, on="buyer_id", how="anti"))


def measure(night: Night) -> None:
    """Work out the indicators of every slice that the night touched."""
    warehouse = night.warehouse
    warehouse.bulk_upsert("indicator", indicators.catalogue())
    newest = warehouse.newest_release()
    if newest is None or not (night.touched.everything or night.touched.awards):
        return
    newest_on = newest.astimezone(LONDON).date()
    touched = _reach(night, newest_on)
    key = schema.key_columns("indicator_value")
    stored = warehouse.read("indicator_value", [*key, "area_code", "buyer_id"])
    if touched is not None:
        stored = indicators.share.replaced(stored, touched)
    changed = 0
    for found in indicators.measure(warehouse.lines(), newest_on, touched):
        changed += warehouse.bulk_upsert("indicator_value", found)
        stored = stored.join(found, on=key, how="anti")
    changed += warehouse.delete("indicator_value", stored.select(key))
    night.count(indicator_values_changed=changed)


def _reach(night: Night, newest_on: date) -> indicators.share.Touched | None:
    """Return the slices to measure anew; None for all, as when a quarter has ended: what is provisional has moved."""
    before = night.newest_before
    quarter = (newest_on.year, (newest_on.month - 1) // 3)
    if night.touched.everything or before is None or (before.year, (before.month - 1) // 3) != quarter:
        return None
    awards = pl.concat(night.touched.awards)
    now = night.warehouse.read("buyer", ["buyer_id", "area_code"], awards.select("buyer_id").drop_nulls())
    buyers = pl.concat([*night.touched.areas, now]).unique()
    told = awards.join(buyers.rename({"area_code": "buyer_area_code"}), on="buyer_id", how="left")
    return indicators.share.reach(told, places.areas())


def check(night: Night) -> None:
    """Bound the night before anybody sees it.

    Raises:
        Incomplete: documents in are not used + rejected.
        ImplausibleNight: too many documents could not be used.
    """
    documents, rejected = night.counts.get("documents", 0), night.counts.get("rejected", 0)
    if documents != night.counts.get("used", 0) + rejected:
        raise Incomplete(
            f"{documents} documents came in, {night.counts.get('used', 0)} were used and {rejected} rejected"
        )
    if rejected > max(5, documents * REJECTED_BOUND):
        reasons = "; ".join(f"{number:,} times: {reason}" for reason, number in night.reasons.most_common(3))
        raise ImplausibleNight(
            f"{rejected} of {documents} documents could not be used, over the bound of {REJECTED_BOUND:.0%}: nothing "
            f"was stored. {reasons}. Look at what the service sends: it may have changed"
        )
    if night.kind == "nightly":
        night.held_because = _gate(night)


def _gate(night: Night) -> str | None:
    """Return why a nightly run is held back: a service that said nothing, or a tenth of the usual, on a weekday."""
    coverage = night.warehouse.read("coverage").filter(pl.col("complete"))
    for (source, day), answered in night.answered.items():
        if london_day(day)[1] > night.started_at:
            continue
        known = coverage.filter(pl.col("source") == source)
        again = known.filter(pl.col("day") == day)["releases"].to_list()
        weeks = [day - timedelta(weeks=number) for number in range(1, GATE_WEEKS + 1)]
        usual = median(again or known.filter(pl.col("day").is_in(weeks))["releases"].to_list() or [0])
        if usual >= GATE_LEAST and answered < usual * GATE_SHARE:
            return (
                f"{source} gave {answered} releases for {day}, where {usual:.0f} are usual: nothing is published. "
                "If the day was a holiday, the next night publishes; if not, look at the service, then run "
                f"'noticeboard backfill {day} {day}'"
            )
    return None


def settle(night: Night) -> None:
    """Note coverage and the run itself, and make the night final."""
    warehouse = night.warehouse
    wanted = _days_to_count(night, warehouse.read("coverage", ["source", "day"]))
    if wanted.height:
        days = sorted(wanted["day"])
        hours = warehouse.releases_by_hour(london_day(days[0])[0], london_day(days[-1])[1])
        day = pl.col("hour").dt.convert_time_zone("Europe/London").dt.date()
        held = hours.group_by("source", day.alias("day")).agg(pl.col("releases").sum())
        counted = wanted.join(held, on=["source", "day"], how="left").with_columns(
            pl.col("releases").fill_null(0), expected=pl.lit(None, pl.Int64), missing=pl.lit(None, pl.Int64)
        )
        warehouse.bulk_upsert("coverage", counted.select(list(schema.frame_schema("coverage"))))
    night.counts["awards"], night.counts["award_lines"] = warehouse.count("award"), warehouse.count("award_line")
    warehouse.mark_unpublished(_marks(night))
    _note(night, "held" if night.held_because else "finished", night.held_because)
    night.transaction.close()


def _days_to_count(night: Night, covered: pl.DataFrame) -> pl.DataFrame:
    """Return the days that were read, and the covered days on which something read was published."""
    rows = []
    for source, days in night.days.items():
        complete = covered_days(night.archive, source)
        known = set(covered.filter(pl.col("source") == source)["day"])
        rows += [(source, day, day in complete) for day in sorted({*days, *(night.touched.days & known)})]
    return pl.DataFrame(rows, schema={"source": pl.String, "day": pl.Date, "complete": pl.Boolean}, orient="row")


def _marks(night: Night) -> set[tuple[str, str]]:
    """Return the partitions that the next snapshot writes anew."""
    marks = {(table, "all") for table in schema.TABLES if table not in schema.PARTITIONED and table != "unpublished"}
    for table in schema.PARTITIONED:
        months = night.warehouse.partitions(table) if night.touched.everything else night.touched.months
        marks |= {(table, month) for month in months}
    return marks


def publish(night: Night) -> None:
    """Hand the finished night to readers: a Parquet snapshot, then the files made from it."""
    if night.held_because:
        return
    marks = night.warehouse.unpublished()
    told = facts(night)
    folder = snapshot.publish_snapshot(night.warehouse, night.settings.data_dir / "snapshots", night.run_id, told)
    night.published = folder, export.publish_export(folder, night.settings.export_dir, night.run_id, told)
    with night.warehouse.transaction():
        night.warehouse.mark_published(marks)
    night.count(partitions_published=len(marks))


def facts(night: Night) -> dict[str, Any]:
    """Return what the readers' files say of the night behind them."""
    newest = night.warehouse.newest_release()
    covered = sorted(night.warehouse.read("coverage").filter(pl.col("complete"))["day"].unique())
    return {
        "run_id": night.run_id,
        "cut_off": newest.astimezone(LONDON).strftime("%Y-%m-%d %H:%M London time") if newest else None,
        "window_from": str(covered[0]) if covered else None,
        "window_to": str(covered[-1]) if covered else None,
        "days_read": f"{len(covered):,} of {len(_span(covered[0], covered[-1])):,}" if covered else None,
        "code_version": version("noticeboard"),
        "rules_version": RULES_VERSION,
        "sources": list(SOURCES),
        "note": night.note,
    }


Step = Callable[[Night], None]

STEPS: tuple[Step, ...] = (collect, digest, name, measure, check, settle, publish)
"""The night, step by step."""


# --- the run around them ------------------------------------------------------------------------------------------


@contextmanager
def open_night(
    settings: Settings,
    kind: Kind,
    now: Callable[[], datetime],
    *,
    sources: Sequence[str] = SOURCES,
    first: date | None = None,
    last: date | None = None,
    progress: Callable[[str, int, int], None] = silent,
    note: str | None = None,
) -> Iterator[Night]:
    """Open the warehouse, take its lock, decide what to ask for, and keep the ledger whatever happens.

    Args:
        settings: where everything is.
        kind: ``nightly``, ``backfill`` (needs ``first`` and ``last``) or ``rebuild``.
        now: the clock.
        sources: the services to read.
        first: first London day of a backfill.
        last: last London day of a backfill, included.
        progress: is told step, done and total.
        note: a sentence that readers must see first, such as that the notices are made up.

    Raises:
        AnotherRun: another run holds the lock.
    """
    archive = Archive(settings.data_dir / "archive")
    with Warehouse.open(settings.warehouse_url.get_secret_value()) as warehouse, warehouse.lock():
        started_at = now().astimezone(UTC)
        days, asked = _wanted(warehouse, archive, settings, kind, started_at, sources, first, last)
        night = Night(
            settings=settings, warehouse=warehouse, archive=archive, now=now, kind=kind,
            run_id=_run_id(started_at, kind), started_at=started_at, days=days, asked=asked, progress=progress,
            note=note,
        )  # fmt: skip
        _recall_runs(night)
        _close_orphans(night)
        _note(night, "running", None)
        try:
            yield night
        except BaseException as error:
            night.transaction.pop_all().__exit__(type(error), error, error.__traceback__)
            # A database that is gone or a disk that is full takes no note either: the first error is the one to show.
            with suppress(Exception):
                _note(night, "failed", _failure(error))
                _remember(night)
            raise
        _remember(night)


def _failure(error: BaseException) -> str:
    """Say why a run failed; one that was interrupted did not fail by itself."""
    return f"{type(error).__name__}: {error}"[:1000] if isinstance(error, Exception) else "it was stopped; run it again"


def _run_id(started_at: datetime, kind: Kind) -> str:
    """Name a run by its London time and kind: the name of its snapshot and export too."""
    return f"{started_at.astimezone(LONDON):%Y-%m-%d-%H%M%S}{started_at.microsecond // 1000:03d}-{kind}"


def _wanted(
    warehouse: Warehouse,
    archive: Archive,
    settings: Settings,
    kind: Kind,
    started_at: datetime,
    sources: Sequence[str],
    first: date | None,
    last: date | None,
) -> tuple[dict[str, list[date]], dict[str, list[date]]]:
    """Return the London days to read from the archive and, of these, the days to ask the services for."""
    today = started_at.astimezone(LONDON).date()
    if kind == "rebuild":
        return {source: archive.days(source) for source in archive.sources()}, {}
    if kind == "nightly":
        days = {source: nightly_days(warehouse, source, today, settings.first_day) for source in sources}
        # What a night that was cut short has archived is not asked for again, but for what may still appear late.
        settled = {source: covered_days(archive, source, timedelta(days=OVERLAP_DAYS)) for source in sources}
        return days, {source: [day for day in wanted if day not in settled[source]] for source, wanted in days.items()}
    if first is None or last is None:
        raise ValueError("a backfill needs its first and its last day")
    days = {source: _span(first, min(last, today)) for source in sources}
    missing = {source: sorted(set(wanted) - covered_days(archive, source)) for source, wanted in days.items()}
    return days, missing


def run(
    settings: Settings, kind: Kind, now: Callable[[], datetime], steps: Sequence[Step] = STEPS, **options: Any
) -> Outcome:
    """Run one night, step by step, with one log line for each; the options are those of ``open_night``."""
    with open_night(settings, kind, now, **options) as night:
        for step in steps:
            take(step, night)
        return outcome(night)


def take(step: Step, night: Night) -> None:
    """Take one step and log what it counted."""
    before = dict(night.counts)
    began = night.now()
    step(night)
    counted = {name: number for name, number in night.counts.items() if number != before.get(name)}
    seconds = (night.now() - began).total_seconds()
    log.info("%s %s: %s in %.1f s", night.run_id, step.__name__, _listed(counted) or "nothing new", seconds)


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {number:,}" for name, number in counts.items())


def outcome(night: Night) -> Outcome:
    """Say what became of a night."""
    folders = [str(folder) for folder in night.published] if night.published else [None, None]
    return Outcome(
        run_id=night.run_id,
        kind=night.kind,
        status="held" if night.held_because else "finished",
        counts=dict(night.counts),
        reason=night.held_because,
        snapshot=folders[0],
        export=folders[1],
    )


# --- the ledger ---------------------------------------------------------------------------------------------------


def _note(night: Night, status: str, reason: str | None) -> None:
    """Write the row of the run, and of its requests."""
    wanted = [day for days in night.days.values() for day in days]
    window = (london_day(min(wanted))[0], london_day(max(wanted))[1]) if wanted else (None, None)
    row = {
        "run_id": night.run_id,
        "kind": night.kind,
        "status": status,
        "started_at": night.started_at,
        "ended_at": None if status == "running" else night.now(),
        "window_from": window[0],
        "window_to": window[1],
        "code_version": version("noticeboard"),
        "rules_version": RULES_VERSION,
        "reason": reason,
        **{name: night.counts.get(name) for name in _COUNTED},
    }
    night.warehouse.bulk_upsert("run", pl.DataFrame([row], schema=schema.frame_schema("run")))
    night.warehouse.bulk_upsert("fetch", pl.DataFrame(night.fetches, schema=schema.frame_schema("fetch")))


_COUNTED = ("requests", "documents", "used", "rejected", "releases_new", "awards", "award_lines")


def _close_orphans(night: Night) -> None:
    """Mark runs that were cut short: this one holds the lock, so none of them is at work."""
    runs = night.warehouse.read("run")
    orphans = runs.filter((pl.col("status") == "running") & (pl.col("run_id") != night.run_id)).with_columns(
        status=pl.lit("failed"), reason=pl.lit("it was cut short; a later run has taken up its work")
    )
    night.warehouse.bulk_upsert("run", orphans)


def _ledger(night: Night) -> Path:
    return night.settings.data_dir / "state" / "run.jsonl"


def _remember(night: Night) -> None:
    """Add to the state that no rebuild loses every ended run that it does not hold as the warehouse tells it."""
    path = _ledger(night)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as lines:
        lines.seek(0)
        known = set(lines.read().splitlines())
        lines.seek(max(0, lines.seek(0, os.SEEK_END) - 1))
        if lines.read(1) not in (b"", b"\n"):
            lines.write(b"\n")  # a crash cut the last line short: this one must not be lost with it
        ended = night.warehouse.read("run").filter(pl.col("status") != "running").sort("run_id")
        for row in ended.iter_rows(named=True):
            line = json.dumps(row, default=str).encode()
            if line not in known:
                lines.write(line + b"\n")


def _recall_runs(night: Night) -> None:
    """Bring back the ledger of runs into a warehouse that was made anew."""
    path = _ledger(night)
    if night.warehouse.count("run") or not path.exists():
        return
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue  # a line that a crash cut short tells of a run whose end nobody saw
        times = {name: datetime.fromisoformat(row[name]) for name in row if name.endswith("_at") and row[name]}
        windows = {name: datetime.fromisoformat(row[name]) for name in ("window_from", "window_to") if row.get(name)}
        rows.append({**row, **times, **windows})
    runs = pl.DataFrame(rows, schema=schema.frame_schema("run"))
    night.warehouse.bulk_upsert("run", runs.unique("run_id", keep="last"))

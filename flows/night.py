"""One night: the steps, in the order in which data walks them; nightly, backfill and rebuild are windows over them.

    collect ─► digest ─► link ─► name ─► match ─► size ─► measure ─► check ─► settle ─► publish

``collect`` brings the notices into the archive.
``digest`` reads them from there: decode, flatten, compile, value, resolve, place, store.
``link`` leads every way of writing a supplier to one supplier, ``name`` says what suppliers and buyers are.
``match`` finds what is told twice, ``size`` what is large beside a buyer's other awards.
Everything from ``digest`` to ``settle`` is one transaction of the warehouse: a night is there, or it is not.
``publish`` hands a finished night to readers.

The steps are plain functions of a ``Night``; ``STEPS`` is the list that the command line runs and that the Prefect
flow wraps as tasks.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from importlib.metadata import version
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any, Literal

import polars as pl

from extractors import completeness, contracts_finder, find_a_tender
from extractors.archive import Archive
from extractors.web import Answer, Session
from extractors.windows import LONDON, london_day
from flows import ahead, buyers, comparison, grants, ledger, pages, postcodes, services, suppliers
from flows.settings import Settings
from transforms import RULES_VERSION, duplicates, indicators, places, procedures, procurements, sizes, values
from transforms.suppliers import resolve
from warehouse import schema
from warehouse.publish import corrections, editions, export, snapshot
from warehouse.store import UNDATED, Warehouse

log = logging.getLogger("noticeboard")

Kind = Literal["nightly", "backfill", "rebuild"]

SOURCES = tuple(services.SERVICES)
"""The services that are read, in order."""

OVERLAP_DAYS = 3
"""A nightly run reads this many days again: notices appear late."""

FIRST_RUN_DAYS = 30
"""How far back a first nightly run goes."""

REJECTED_BOUND = 0.05
"""A night in which more of the documents than this cannot be used stops: something has changed."""

GATE_SHARE, GATE_LEAST = 0.1, 20
"""A night with less than this share of the usual releases is held back, where the usual is at least so many."""

PLACED = ("buyer_id", "awarded_on", "starts_on")
"""What is noted of an award that changed: whose figures it enters, of which period, and since when it stands."""

DECIDED = pl.coalesce("awarded_on", pl.col("published_at").dt.date()).alias("decided_on")
"""The day by which awards are compared: that of the award, else of its publication."""

GATE_WEEKS = 8
"""The usual is the median of the same weekday in so many weeks before."""


_SAID = ("duplicate_of", "duplicate_confidence", "duplicate_reason")
"""What is said of an award or procurement that repeats another."""


def silent(step: str, done: int, total: int) -> None:
    """Report no progress."""


class ImplausibleNight(Exception):
    """Raised when a night breaks a bound that no true night breaks: it is rolled back, and a person looks."""


class Incomplete(Exception):
    """Raised when documents in are not used + rejected: a mistake of ours, never of the source."""


@dataclass
class Touched:
    """What a night changed: what must be named, measured and published anew; or everything."""

    units: set[str] = field(default_factory=set)
    suppliers: set[str] = field(default_factory=set)
    buyers: set[str] = field(default_factory=set)
    awards: list[pl.DataFrame] = field(default_factory=list)
    areas: list[pl.DataFrame] = field(default_factory=list)
    partitions: set[tuple[str, str]] = field(default_factory=set)
    days: set[date] = field(default_factory=set)
    decided: list[pl.DataFrame] = field(default_factory=list)
    buyer_names: set[str] = field(default_factory=set)
    moved_names: set[str] = field(default_factory=set)
    procurements: set[str] = field(default_factory=set)
    tenders: list[pl.DataFrame] = field(default_factory=list)
    everything: bool = False

    def add_awards(self, awards: pl.DataFrame, tables: Iterable[str]) -> None:
        """Note awards that changed, as they were or as they are, and the tables that lie in their month."""
        self.awards.append(awards.select(PLACED))
        self.add_decided(awards)
        self.buyers.update(awards["buyer_id"].drop_nulls().unique())
        self.add_months(awards, tables)

    def add_decided(self, awards: pl.DataFrame) -> None:
        """Note when something was decided that is compared anew, and by whom."""
        self.decided.append(awards.select("buyer_id", DECIDED).drop_nulls().unique())

    def add_months(self, rows: pl.DataFrame, tables: Iterable[str]) -> None:
        """Note the months of publication of rows that changed, in these tables."""
        months = rows["published_at"].dt.strftime("%Y-%m").fill_null(UNDATED).unique()
        self.partitions.update(product(tables, months))


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
    known: suppliers.Known | None = None
    decided: pl.DataFrame = field(default_factory=lambda: schema.empty("buyer_override"))
    numbers: pl.DataFrame | None = None
    reasons: Counter[str] = field(default_factory=Counter)
    held_because: str | None = None
    warnings: list[str] = field(default_factory=list)
    transaction: ExitStack = field(default_factory=ExitStack)

    def count(self, **more: int) -> None:
        """Add to the counts of the night."""
        for name, number in more.items():
            self.counts[name] = self.counts.get(name, 0) + number


@dataclass(frozen=True)
class Outcome:
    """What became of a run: status ``finished`` or ``held``, its counts, the reason where held, and warnings."""

    run_id: str
    kind: str
    status: str
    counts: dict[str, int]
    reason: str | None
    snapshot: str | None
    export: str | None
    warnings: list[str]


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
    """Ask the services for the night's days, one request at a time, archive what they say, and look for what lacks."""
    total = sum(len(days) for days in night.asked.values())
    done = 0
    for source, days in night.asked.items():
        with Session(
            str(night.settings.service_url(source)),
            now=night.now,
            pacing_seconds=services.SERVICES[source].PACING_SECONDS,
            wait_seconds=night.settings.rate_limit_wait,
            on_answer=partial(_note_answer, night, source),
        ) as session:
            for day in days:
                night.progress("collect", done, total)
                night.answered[source, day] = services.read_day(
                    night.archive, session, source, day, night.now, partial(_note_page, night)
                )
                done += 1
            night.count(asked_by_id=_complete(night, session, source, days))
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


def _note_page(night: Night, releases: int) -> None:
    """Enter into the ledger how many releases the last answer brought."""
    night.fetches[-1]["releases"] = releases


def _complete(night: Night, session: Session, source: str, days: list[date]) -> int:
    """Look for what the days that were read lack by the service's own account; return how many ids were asked for."""
    if source == contracts_finder.SOURCE:
        # A night that was cut short may have read days and not compared them.
        compared = {*days, *services.uncompared_days(night.archive, night.days[source])}
        services.compare_days(night.archive, session, compared, night.now)
        missing = services.missing_from_lists(night.archive)
    else:
        held = services.held_numbers(night.archive, _numbers(night), night.days[source])
        missing = completeness.gaps(held, covered_days(night.archive, source))
    found, asked = services.fill_gaps(night.archive, session, source, missing)
    night.days[source] = sorted({*night.days[source], *found})
    return asked


def _numbers(night: Night) -> dict[date, list[str]]:
    """Return the notice ids of Find a Tender that the warehouse holds, by the day under which they are archived."""
    held = night.warehouse.archived_ids(find_a_tender.SOURCE)
    by_file = held.group_by("archive_path").agg("release_id").iter_rows()
    return {_day_of(path): ids for path, ids in by_file if path}


def _day_of(archive_path: str) -> date:
    """Return the London day whose releases an archive file holds."""
    return date.fromisoformat(archive_path.rpartition("/")[2][:10])


def digest(night: Night) -> None:
    """Turn the archived documents of the night's days into rows: decode, flatten, compile, value, resolve, place."""
    night.transaction.enter_context(night.warehouse.transaction())
    if night.kind == "rebuild":
        night.touched.everything = True
        night.warehouse.clear([name for name in schema.TABLES if name not in schema.LEDGER])
        night.warehouse.drop_indexes()
    newest = night.warehouse.newest_release(night.started_at)
    night.newest_before = newest.astimezone(LONDON).date() if newest else None
    directory = postcodes.directory(night.settings.data_dir)
    postcodes.keep(night.warehouse, directory)
    if comparison.refresh(night.warehouse, night.settings.data_dir):
        # No award changed, and still every comparison with other councils is to be worked out anew.
        night.touched.add_awards(schema.empty("award"), ())
    days = _decide(night)
    total = sum(len(wanted) for wanted in days.values())
    for source, flat, days_begun in ahead.flattened(night.archive.root, days):
        night.progress("digest", days_begun, total)
        night.count(documents=flat.documents, used=flat.used, rejected=flat.rejected)
        night.reasons.update(flat.frames["rejected"]["reason"])
        known = night.warehouse.held(flat.frames)
        told = procurements.put_together(source, flat.frames, known["telling"])
        rows = interpret(told, known, directory, night.decided)
        unit, site = rows.pop("supplier_unit"), rows.pop("site")
        store(night, suppliers.recall(night.warehouse, rows, unit, site, directory), known)
    for source, asked in night.days.items():
        _set_aside_undecoded(night, source, asked)
    if night.kind == "rebuild":
        night.warehouse.make_indexes()
    night.progress("digest", total, total)


def _decide(night: Night) -> dict[str, list[date]]:
    """Read what people decided about buyers; return the days to read, with those of notices that a decision moves."""
    night.decided = buyers.known(night.settings.overrides)
    moved = buyers.moved(night.warehouse, night.decided)
    buyers.keep(night.warehouse, night.decided)
    night.touched.buyers.update(moved.buyers)
    night.touched.add_awards(moved.award, ())
    days = {source: set(wanted) for source, wanted in night.days.items()}
    for source, path in moved.file.iter_rows():
        days.setdefault(source, set()).add(_day_of(path))
    return {source: sorted(wanted) for source, wanted in days.items()}


def interpret(
    told: schema.Frames, known: schema.Frames, directory: places.Directory, decided: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    """Say what told frames mean, beside what is held and what people decided: rows of the warehouse's tables.

    Beside them ``supplier_unit``, the ways of writing a supplier, and ``site``, where each mention's notice has it.
    """
    buyer = places.buyers(
        pl.concat([told[table].select("buyer_party_id", "buyer_name") for table in ("procurement", "award")]), decided
    )
    by_buyer = ["buyer_party_id", "buyer_name"]
    who = buyer.select(*by_buyer, "buyer_id", buyer_area_code="area_code", buyer_kind="kind")
    # A title is told with its award where each release stands alone, and of the whole procurement elsewhere.
    by_telling = ["procurement_id"] if is_put_together(told) else ["procurement_id", "release_id", "content_hash"]
    title = told["procurement"].select(*by_telling, "title").unique(by_telling, keep="first", maintain_order=True)
    named = places.for_end_users(
        values.believe(told["award"])
        .join(who, on=by_buyer, how="left", nulls_equal=True, maintain_order="left")
        .join(title, on=by_telling, how="left", maintain_order="left")
    ).drop("title")
    states = procurements.states(named, known["award"], known["award_version"])
    award = _compared(states.award, known["award"])
    mention, identifier = procurements.mentions(told, award)
    located = places.locate(mention["address"], mention["region"], directory=directory)
    written_at = ["address", "region"]
    mention = mention.join(
        located.select(*written_at, "postcode"), on=written_at, how="left", nulls_equal=True, maintain_order="left"
    )
    written = resolve.read(mention, identifier)
    mention = written.mention.with_columns(supplier_id=pl.lit(None, pl.String))
    site = (
        mention.select("award_id", "mention_id", *written_at)
        .join(award.select("award_id", "buyer_area_code", "buyer_kind"), on="award_id", how="left")
        .join(located, on=written_at, how="left", nulls_equal=True)
        .drop(*written_at, "postcode")
    )
    placed = places.place(site, directory)
    weight = values.weigh(mention.select("award_id", "mention_id"), award)
    procurement = told["procurement"]
    if not is_put_together(told):
        procurement = procurements.latest(procurement, "procurement_id", known["procurement"])
    text_match = procurements.phrases_of(told["text_match"], procurement)
    procurement = _carried(procurement, known["procurement"], "procurement_id", _SAID)
    procurement = procedures.described(procurement, text_match)
    rows = {
        "release": procurements.latest_releases(told["release"], known["release"]),
        "telling": told["telling"],
        "rejected": told["rejected"],
        "field_issue": told["field_issue"],
        "procurement": places.for_end_users(
            procurement.join(who, on=by_buyer, how="left", nulls_equal=True, maintain_order="left")
        ),
        "lot": told["lot"],
        "text_match": text_match,
        "award": award,
        "award_version": states.award_version,
        "award_line": procurements.award_lines(mention, award, weight, located, placed),
        "ceiling": values.ceilings(award),
        "supplier_mention": mention,
        "supplier_identifier": written.identifier,
    }
    shaped = {table: frame.select(list(schema.frame_schema(table))) for table, frame in rows.items()}
    return {**shaped, "supplier_unit": written.unit, "site": site}


def _carried(told: pl.DataFrame, held: pl.DataFrame, key: str, columns: Sequence[str]) -> pl.DataFrame:
    """Add columns as they are held, where the same release tells the row as did before; else null."""
    same = [key, "release_id", "content_hash"]
    return told.join(held.select(*same, *columns), on=same, how="left", maintain_order="left")


def _compared(award: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """Keep what comparing an award with others has found, until the night compares again: a replay changes nothing."""
    found = held.select(
        "award_id", "release_id", "content_hash", *_SAID, was_large="is_large_for_buyer", rule_was="mega_rule"
    )
    kept = _carried(award, found, "award_id", (*_SAID, "was_large", "rule_was")).with_columns(values.IS_CORE)
    was_large = pl.col("was_large").fill_null(False) & pl.col("is_core")
    return kept.with_columns(
        is_large_for_buyer=pl.when("is_core").then(was_large | pl.col("is_large_for_buyer")),
        mega_rule=pl.when(was_large).then("rule_was").otherwise("mega_rule"),
    ).drop("was_large", "rule_was")


def is_put_together(frames: schema.Frames) -> bool:
    """Tell whether frames were put together from every release of their procurements, so that nothing else counts."""
    return not frames["telling"].is_empty()


def store(night: Night, frames: dict[str, pl.DataFrame], known: schema.Frames) -> None:
    """Write a batch, remove what retold awards no longer say, and note what differs from what was held."""
    again = known["release"].join(frames["release"], on=schema.key_columns("release"), how="semi")
    frames = {**frames, "field_issue": _issues(night, frames["field_issue"], again)}
    before = {"release": again, **_replaced(night, frames, known)}
    changed = _forget(night.warehouse, frames, before) + _reject(night, frames.pop("rejected"))
    changed += write(night.warehouse, frames, known)
    night.count(releases_new=frames["release"].height - again.height)
    if changed and not night.touched.everything:
        _note_changes(night, frames, before)


def _replaced(night: Night, frames: schema.Frames, known: schema.Frames) -> dict[str, pl.DataFrame]:
    """Return the held rows that a batch puts others in place of: whole, or by their keys where all is touched anyway.

    Of an ocid that was put together from all its releases these are all rows, elsewhere those that are written.
    """

    def held(table: str, keys: pl.DataFrame) -> pl.DataFrame:
        if not night.touched.everything:
            return night.warehouse.read(table, keys=keys)
        own = schema.key_columns(table)
        return keys if keys.columns == own else night.warehouse.read(table, own, keys)

    award, procurement = known["award"], known["procurement"].select("procurement_id")
    if not is_put_together(frames):
        # An award that is held and not written keeps its lines: what was read tells earlier states of it.
        award = award.join(frames["award"], on="award_id", how="semi")
        procurement = procurement.join(frames["procurement"], on="procurement_id", how="semi")
    line = held("award_line", award.select("award_id"))
    mention = line.select("mention_id")
    return {
        "procurement": held("procurement", procurement),
        "lot": held("lot", known["lot"]),
        "text_match": held("text_match", procurement),
        "award": award,
        "award_version": known["award_version"],
        "award_line": line,
        **{table: held(table, mention) for table in ("supplier_mention", "supplier_identifier")},
        "ceiling": held("ceiling", award.select("award_id")),
    }


_OF_AWARDS = ("award", "award_line", "ceiling", "supplier_mention", "supplier_identifier")
"""The tables whose rows lie in the month of publication of their award."""


def _note_changes(night: Night, frames: schema.Frames, before: schema.Frames) -> None:
    """Note what a batch changed, as it was and as it is: what was read again and says the same changes nothing."""
    touched = night.touched
    changed = {}
    for table, held in before.items():
        both = pl.concat([held, frames[table]])
        changed[table] = both.filter(both.is_unique())
    owner = pl.concat([part["supplier_mention"].select("mention_id", "award_id") for part in (frames, before)])
    identified = owner.join(changed["supplier_identifier"], on="mention_id", how="semi")
    retold = pl.concat(
        [*(changed[table].select("award_id") for table in _OF_AWARDS[:-1]), identified.select("award_id")]
    )
    for told in (frames["award"], before["award"]):
        touched.add_awards(told.join(retold, on="award_id", how="semi"), _OF_AWARDS)
    for column, ids in (("unit_id", touched.units), ("supplier_id", touched.suppliers)):
        ids.update(changed["supplier_mention"][column].drop_nulls().unique())
    # A procurement may repeat another by these awards: one retold, or gone, has already lost what it repeated.
    repeated = changed["award"].select(award_id="duplicate_of")
    for told in (changed["award"], night.warehouse.read("award", ["procurement_id"], repeated)):
        touched.procurements.update(told["procurement_id"])
    # What an award repeats is told by its procurement too, which may be told anew without it.
    of_told = night.warehouse.read("award", [*PLACED, "published_at"], changed["procurement"].select("procurement_id"))
    touched.add_decided(of_told)
    # What a procurement says of its procedure is told of the lines of its awards.
    touched.awards.append(of_told.select(PLACED))
    for told in (changed["procurement"], of_told):
        touched.buyers.update(told["buyer_id"].drop_nulls().unique())
    touched.tenders.append(changed["procurement"].select("buyer_id", "tendered_on", "deadline_at"))
    for table in ("release", "procurement", "lot", "award_version", "text_match"):
        touched.add_months(changed[table], (table,))
    published = changed["release"]["published_at"].dt.convert_time_zone("Europe/London").dt.date()
    touched.days.update(published.drop_nulls().unique())


def write(warehouse: Warehouse, frames: schema.Frames, known: schema.Frames) -> int:
    """Write the rows of a batch; what does not belong to a held row is new, and is not looked for first.

    Returns:
        The number of rows inserted or changed.
    """
    awards = known["award"].select("award_id")
    held = {
        "release": known["release"].select("source", "ocid", "release_id"),
        "telling": known["telling"].select(schema.key_columns("telling")),
        "procurement": known["procurement"].select("procurement_id"),
        "lot": known["lot"].select("procurement_id", "lot_id"),
        "text_match": known["procurement"].select("procurement_id"),
        "supplier_identifier": frames["supplier_mention"].join(awards, on="award_id", how="semi").select("mention_id"),
        **dict.fromkeys(("award", "award_version", "award_line", "ceiling", "supplier_mention"), awards),
    }
    return sum(warehouse.bulk_upsert(table, frame, held.get(table)) for table, frame in frames.items())


def _forget(warehouse: Warehouse, frames: schema.Frames, before: schema.Frames) -> int:
    """Delete what earlier tellings left behind: of retold awards, and whatever of an ocid is told no more."""
    deleted = 0
    for table, held in before.items():
        key = schema.key_columns(table)
        deleted += warehouse.delete(table, held.join(frames[table], on=key, how="anti").select(key))
    if is_put_together(frames):
        key = schema.key_columns("field_issue")
        noted = warehouse.read("field_issue", key, frames["telling"].select("source", "ocid"))
        noted = noted.filter(pl.col("issue").is_in(procurements.MERGE_ISSUES))
        deleted += warehouse.delete("field_issue", noted.join(frames["field_issue"], on=key, how="anti"))
    return deleted


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


def link(night: Night) -> None:
    """Lead every way of writing a supplier that the night brought or took away to one supplier, with what it moves."""
    known = suppliers.known(night.settings.data_dir, night.settings.overrides)
    everything = night.touched.everything or suppliers.differs(night.warehouse, known)
    units = pl.Series("unit_id", sorted(night.touched.units), pl.String)
    night.known, night.numbers = known, None
    if units.is_empty() and not everything:
        return
    linked = suppliers.link(
        night.warehouse, night.settings.data_dir, known, None if everything else units, night.run_id,
        tell=not night.touched.everything,
    )  # fmt: skip
    night.numbers = linked.number
    night.count(suppliers_resolved=linked.number.height)
    night.touched.suppliers.update(linked.suppliers)
    _touch_awards(night, linked.moved, ("supplier_mention", "award_line"))


def name(night: Night) -> None:
    """Say what suppliers and buyers are called and what they are, those that the night touched."""
    if night.known is None:
        raise RuntimeError("suppliers are named before they are linked; take the steps in the order of STEPS")
    _name_buyers(night)
    numbers = night.numbers if night.numbers is not None else suppliers.NO_NUMBERS
    ids = None if night.touched.everything else pl.Series("supplier_id", sorted(night.touched.suppliers), pl.String)
    data_dir = night.settings.data_dir
    directory = postcodes.directory(data_dir)
    for changed in suppliers.describe(night.warehouse, data_dir, night.known, numbers, ids, directory):
        _touch_awards(night, changed, ("award_line",))
    given = grants.update(night.warehouse, data_dir, night.known, night.decided)
    if given.height:
        # No award changed, and still the figures of those who gave are to be worked out anew, in the years of grants.
        night.touched.awards.append(given.select("awarded_on", "buyer_id"))
        night.touched.areas.append(given.select("buyer_id", "area_code").unique())


def _touch_awards(night: Night, changed: pl.DataFrame, tables: Iterable[str]) -> None:
    """Note the awards of which some line says something else now."""
    if changed.is_empty() or night.touched.everything:
        return
    columns = [*PLACED, "published_at"]
    night.touched.add_awards(night.warehouse.read("award", columns, changed.select("award_id").unique()), tables)


def _name_buyers(night: Night) -> None:
    warehouse = night.warehouse
    wanted = None
    if not night.touched.everything:
        wanted = pl.DataFrame({"buyer_id": sorted(night.touched.buyers)}, schema={"buyer_id": pl.String})
        if wanted.is_empty():
            return
        # An area must be measured anew even where the buyer that had it is gone in a moment.
        before = warehouse.read("buyer", keys=wanted)
        night.touched.areas.append(before.select("buyer_id", "area_code"))
    told = pl.concat([warehouse.latest_names(table, wanted) for table in ("procurement", "award")])
    named = places.name_buyers(told, night.decided)
    warehouse.bulk_upsert("buyer", named)
    if wanted is not None:
        _note_names(night, before, named)
        warehouse.delete("buyer", wanted.join(named, on="buyer_id", how="anti"))
        _move_buyers(night, before, named)


def _move_buyers(night: Night, before: pl.DataFrame, now: pl.DataFrame) -> None:
    """Say anew what is local to buyers that are new, or were known with another area or as another kind of body."""
    told = ["buyer_id", "area_code", "kind"]
    both = pl.concat([before.select(told), now.select(told)])
    moved = both.filter(both.is_unique())["buyer_id"]
    if moved.is_empty():
        return
    changed, won = suppliers.move(night.warehouse, moved, postcodes.directory(night.settings.data_dir))
    _touch_awards(night, changed, ("award_line",))
    # All that they awarded is in other slices now, whatever its lines say.
    night.touched.awards.append(night.warehouse.read("award", PLACED, moved.to_frame()))
    # From how many regions they won may be something else now.
    night.touched.suppliers.update(won)


def _note_names(night: Night, before: pl.DataFrame, now: pl.DataFrame) -> None:
    """Note under which names touched buyers may stand elsewhere, and which names brought or parted bodies anew."""
    names, seen = (
        pl.concat([frame.select("buyer_id", name=column) for column in ("name", "name_as_written")])
        .drop_nulls()
        .unique()
        .sort("buyer_id", "name")
        for frame in (before, now)
    )
    both = [frame.with_columns(key=duplicates.buyer_key(frame["name"])) for frame in (names, seen)]
    night.touched.buyer_names.update(names["name"], seen["name"])
    for one, other in (both, both[::-1]):
        gone = one.join(other, on=["buyer_id", "key"], how="anti", nulls_equal=True)
        # A buyer that is new under one name brings nobody together.
        moved = one.join(gone, on="buyer_id", how="semi").filter(pl.col("key").n_unique().over("buyer_id") > 1)
        night.touched.moved_names.update(gone.join(names, on="buyer_id", how="semi")["name"], moved["name"])


def match(night: Night) -> None:
    """Find the awards and procurements that repeat another one: on the other service, or under another ocid."""
    if not (night.touched.everything or night.touched.buyer_names):
        return
    warehouse = night.warehouse
    buyer = warehouse.awards_by_buyer()
    buyer = buyer.join(duplicates.blocks(buyer), on="buyer_id", how="left")
    if night.touched.everything:
        for part in _in_parts(buyer):
            _match_part(night, part, None)
    else:
        moved, named = (
            duplicates.blocks_of(buyer, pl.Series("name", sorted(found), dtype=pl.String))
            for found in (night.touched.moved_names, night.touched.buyer_names)
        )
        # What an award repeats depends on awards within reach of it, and on what those repeat in their turn.
        periods = _periods(night.touched.decided, buyer)
        # Where a body goes by another name, all of its notices stand beside others than before.
        for part in _in_parts(buyer.filter(pl.col("block").is_in(moved))):
            _match_part(night, part, None)
        others = buyer.filter(pl.col("block").is_in(named) & ~pl.col("block").is_in(moved))
        for part in _in_parts(others.update(warehouse.awards_published(others, periods), on="buyer_id")):
            _match_part(night, part, periods)
    night.count(duplicates=warehouse.count_duplicates())


def _periods(decided: Sequence[pl.DataFrame], buyer: pl.DataFrame) -> pl.DataFrame:
    """Return the days that verdicts near what was decided may rest on: ``block, starts_on, ends_on``, none twice."""
    day = pl.col("decided_on")
    told = pl.concat(decided).join(buyer, on="buyer_id").select("block", day).unique().sort("block", day)
    is_apart = (day - day.shift(1).over("block") > 4 * REACH).fill_null(value=True)
    period = told.group_by("block", is_apart.cum_sum().alias("period"))
    return period.agg(starts_on=day.min() - 2 * REACH, ends_on=day.max() + 2 * REACH).drop("period")


def _match_part(night: Night, buyers: pl.DataFrame, periods: pl.DataFrame | None) -> None:
    """Find what repeats another among the notices of some buyers: all of them, or where verdicts may change."""
    found = night.warehouse.awards_among(buyers, periods)
    award = found["award"].drop("block")
    pairs = duplicates.match(found["award"].with_columns(buyer_name="block"), found["line"])
    near = award
    if periods is not None:
        within = found["award"].select("award_id", "block", DECIDED).join(periods, on="block")
        inner = pl.col("starts_on") + REACH, pl.col("ends_on") - REACH
        within = within.filter(pl.col("decided_on").is_between(*inner))
        near = award.join(within, on="award_id", how="semi")
    changed = _mark_duplicates(night, near, found["line"], pairs)
    # The procurements of both awards, of the pair that was held and of the one that is found.
    ends = pl.concat([changed["award_id"], changed["duplicate_of"], changed["was"]]).drop_nulls().unique()
    night.touched.procurements.update(award.filter(pl.col("award_id").is_in(ends.implode()))["procurement_id"])
    _match_procurements(night, buyers, is_all=periods is None)


def _match_procurements(night: Night, buyers: pl.DataFrame, *, is_all: bool) -> None:
    """Find the procurements of some buyers that repeat another: as their awards do, or by their tenders."""
    warehouse = night.warehouse
    pairs, repeated = warehouse.repeated_among(buyers)
    tender = warehouse.tenders_among(buyers.filter("has_both")).join(buyers.select("buyer_id", "block"), on="buyer_id")
    near = wanted = tender
    if not is_all:
        # What a tender repeats depends on those that it may repeat, and on what these may repeat instead.
        position = ["block", "tendered_on", "deadline_at"]
        changed = [part.join(buyers.select("buyer_id", "block"), on="buyer_id") for part in night.touched.tenders]
        changed.append(tender.filter(pl.col("procurement_id").is_in(sorted(night.touched.procurements))))
        near = duplicates.near_tenders(tender, pl.concat([part.select(position) for part in changed]))
        wanted = duplicates.near_tenders(tender, near)
    touched = pl.Series("procurement_id", sorted(night.touched.procurements), dtype=pl.String).to_frame()
    near = pl.concat([near.select("procurement_id"), repeated if is_all else touched])
    told = warehouse.procurements_compared(pl.concat([wanted.select("procurement_id"), near, repeated]).unique())
    # What other parts of the night have touched is theirs to compare.
    told = told.join(buyers.select("buyer_id", "block"), on="buyer_id")
    found = duplicates.match_procurements(told.drop("buyer_name").rename({"block": "buyer_name"}), pairs)
    _mark_procurements(night, told.drop("block").join(near, on="procurement_id", how="semi"), found)


REACH = timedelta(days=duplicates.REACH_DAYS + 1)
"""Two awards that are decided further apart are never taken for one; nearly all are within half of it.

So far around a change verdicts may change, and as far again one has to look for what they rest on.
"""

_PART = 12_000
"""Awards that are compared at a time."""


def _in_parts(blocks: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield the buyers, those of one block together, some ten thousands of awards at a time."""
    sizes_of = blocks.group_by("block").agg(
        pl.col("awards").sum(), oldest=pl.col("first_source").min(), newest=pl.col("last_source").max()
    )
    parts = sizes_of.sort("block", nulls_last=True).select(
        "block",
        part=pl.col("awards").cum_sum() // _PART,
        has_both=(pl.col("oldest") != pl.col("newest")).fill_null(False),
        # Only Find a Tender tells of intentions, and only there or on both may anything but equal awards be one.
        is_alike_only=(pl.col("newest") == contracts_finder.SOURCE).fill_null(True),
    )
    for _, part in parts.group_by("part", maintain_order=True):
        yield blocks.join(part, on="block", nulls_equal=True)


def _changed_pairs(held: pl.DataFrame, found: pl.DataFrame, key: str) -> pl.DataFrame:
    """Return the rows whose repetition is another than the one held: ``held``'s columns, what is said being new."""
    now = held.drop(_SAID).join(found.select(key, *_SAID), on=key, how="left", maintain_order="left")
    same = pl.all_horizontal(pl.col(name).eq_missing(held[name]) for name in _SAID)
    return now.filter(~same)


def _mark_duplicates(night: Night, held: pl.DataFrame, line: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Store which awards repeat another: they leave the core, and their lines every sum.

    Returns:
        The awards of which something else is found than was held; ``was``: the award that they were held to repeat.
    """
    changed = _changed_pairs(held, pairs, "award_id").with_columns(values.IS_CORE)
    changed = changed.join(held.select("award_id", was="duplicate_of"), on="award_id", how="left")
    if changed.is_empty():
        return changed
    believed = changed.with_columns(
        is_large_for_buyer=pl.when(pl.col("is_core") & (pl.col("value_status") == "ok")).then(False),
        mega_rule=values.mega_rule(changed),
    )
    columns = ("award_id", *_SAID, "is_core", "is_large_for_buyer", "mega_rule")
    night.warehouse.change("award", believed.select(columns))
    weight = values.weigh(line.join(changed, on="award_id", how="semi"), changed)
    night.warehouse.change("award_line", weight.select("award_id", "mention_id", "value_gbp"))
    if not night.touched.everything:
        night.touched.add_awards(changed, ("award", "award_line"))
        night.touched.suppliers.update(
            line.join(changed, on="award_id", how="semi")["supplier_id"].drop_nulls().unique()
        )
    return changed


def _mark_procurements(night: Night, held: pl.DataFrame, found: pl.DataFrame) -> None:
    """Store which procurements repeat another."""
    changed = _changed_pairs(held, found, "procurement_id")
    if night.warehouse.change("procurement", changed.select("procurement_id", *_SAID)):
        night.touched.add_months(changed, ("procurement",))
        told = held.join(changed, on="procurement_id", how="semi")
        night.touched.tenders.append(told.select("buyer_id", "tendered_on", "deadline_at"))


def size(night: Night) -> None:
    """Find the awards that are large beside their buyer's other awards, their market or their council's residents."""
    if not (night.touched.everything or night.touched.awards):
        return
    warehouse = night.warehouse
    parts = list(warehouse.priced())
    if not parts:
        return
    award = pl.concat(parts)
    del parts
    large = sizes.large(award, places.areas())
    flagged = award.filter(pl.col("is_large_for_buyer").fill_null(False)).select("award_id")
    told = award.join(pl.concat([large.select("award_id"), flagged]).unique(), on="award_id", how="semi")
    now = told.join(large, on="award_id", how="left").with_columns(
        now=pl.col("rule").is_not_null(),
        words=pl.concat_str(values.mega_rule(told), "rule", separator="; ", ignore_nulls=True).replace("", None),
    )
    changed = now.filter(
        pl.col("is_large_for_buyer").ne_missing(pl.col("now")) | pl.col("mega_rule").ne_missing(pl.col("words"))
    )
    warehouse.change("award", changed.select("award_id", is_large_for_buyer="now", mega_rule="words"))
    if changed.height and not night.touched.everything:
        night.touched.add_awards(changed, ("award",))
    night.count(large_for_buyer=large.height)


def measure(night: Night) -> None:
    """Work out the indicators of every slice that the night touched."""
    warehouse = night.warehouse
    warehouse.bulk_upsert("indicator", indicators.catalogue())
    newest = warehouse.newest_release(night.started_at)
    if newest is None or not (night.touched.everything or night.touched.awards):
        return
    newest_on = newest.astimezone(LONDON).date()
    touched = _reach(night, newest_on)
    key = schema.key_columns("indicator_value")
    stored = warehouse.read("indicator_value", [*key, "area_code", "buyer_id"])
    known, figures = indicators.measure(
        warehouse.viewed("out_line", indicators.LINES),
        newest_on,
        touched,
        procedures=warehouse.viewed("out_procedure", indicators.PROCEDURES),
        facts={table: warehouse.read(table) for table in indicators.FACTS},
    )
    changed = warehouse.bulk_upsert("period", known)
    gone = warehouse.read("period", ["period"]).join(known, on="period", how="anti")
    warehouse.delete("period", gone)
    if touched is not None:
        stored = indicators.replaced(stored, touched, known)
    for found in figures:
        changed += warehouse.bulk_upsert("indicator_value", found)
        stored = stored.join(found, on=key, how="anti")
    changed += warehouse.delete("indicator_value", stored.select(key))
    night.count(indicator_values_changed=changed)


def _reach(night: Night, newest_on: date) -> indicators.Touched | None:
    """Return the slices to measure anew; None for all, as when a quarter has ended: what is provisional has moved."""
    before = night.newest_before
    quarter = (newest_on.year, (newest_on.month - 1) // 3)
    if night.touched.everything or before is None or (before.year, (before.month - 1) // 3) != quarter:
        return None
    told = pl.concat([*night.touched.awards, *night.touched.tenders], how="diagonal")
    now = night.warehouse.read("buyer", ["buyer_id", "area_code"], told.select("buyer_id").drop_nulls())
    buyers = pl.concat([*night.touched.areas, now]).unique()
    told = told.join(buyers.rename({"area_code": "buyer_area_code"}), on="buyer_id", how="left")
    period = night.warehouse.read("period", ["period"])["period"]
    return indicators.reach(told, places.areas(), period, before)


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
    """Note coverage, figures that look implausible, and the run itself, and make the night final."""
    warehouse = night.warehouse
    _settle_coverage(night)
    # What was read tonight is counted in, so that a rebuild says the same.
    newest = warehouse.newest_release(night.started_at)
    if newest is not None:
        night.warnings = [*comparison.agree(warehouse, newest.astimezone(LONDON).date()), *_without_effect(night)]
    night.counts["awards"], night.counts["award_lines"] = warehouse.count("award"), warehouse.count("award_line")
    warehouse.mark_unpublished(_marks(night))
    if not night.held_because:
        _correct(night)
    _note(night, "held" if night.held_because else "finished", night.held_because)
    night.transaction.close()


_SHOWN = 10
"""Decisions without effect that are named in words."""


def _without_effect(night: Night) -> list[str]:
    """Say which decisions of people fit nobody, one sentence each for buyers and suppliers; each is logged."""
    found = {
        "buyers": (buyers.unaddressed(night.warehouse, night.decided), "table buyer"),
        "suppliers": (suppliers.unaddressed(night.warehouse, night.known) if night.known else (), "table supplier"),
    }
    told = []
    for whom, (ids, table) in found.items():
        if ids:
            named = ", ".join(ids[:_SHOWN]) + (f" and {len(ids) - _SHOWN:,} more" if len(ids) > _SHOWN else "")
            told.append(
                f"{len(ids):,} {'decision' if len(ids) == 1 else 'decisions'} about {whom} in NOTICEBOARD_OVERRIDES "
                f"had no effect, for nobody fits, by override_id: {named}. See that names and ids are written as in "
                f"notices or {table}"
            )
            log.warning("%s", told[-1])
    return told


def _correct(night: Night) -> None:
    """Note what changed in awards that readers hold, and are about to get anew."""
    warehouse = night.warehouse
    shown = editions.latest(night.settings.data_dir / "snapshots")
    since = corrections.published_run(shown)
    if since is None:
        return
    # A run that settled and never published compared with the same snapshot.
    warehouse.delete("correction", pl.DataFrame({"since_run_id": [since]}))
    found = corrections.find(shown, warehouse, warehouse.unpublished(), night.run_id, RULES_VERSION)
    night.count(corrections=sum(warehouse.bulk_upsert("correction", rows) for rows in found))


def _settle_coverage(night: Night) -> None:
    """Note for each day what is held of it and, for every day there is, what is missing by the service's account."""
    warehouse = night.warehouse
    known = warehouse.read("coverage")
    covered = {source: covered_days(night.archive, source) for source in {*night.days, *known["source"]}}
    wanted = _days_to_count(night, known, covered)
    if wanted.is_empty():
        return
    days = sorted(wanted["day"])
    hours = warehouse.releases_by_hour(london_day(days[0])[0], london_day(days[-1])[1])
    day = pl.col("hour").dt.convert_time_zone("Europe/London").dt.date()
    others = hours.filter(pl.col("source") != find_a_tender.SOURCE).group_by("source", day.alias("day"))
    # The date of a notice of Find a Tender may be months after the day on which the service lists it.
    numbers = _numbers(night)
    listed = pl.DataFrame(
        [(find_a_tender.SOURCE, day, len(ids)) for day, ids in numbers.items()],
        schema={"source": pl.String, "day": pl.Date, "releases": pl.Int64},
        orient="row",
    )
    held = pl.concat([others.agg(pl.col("releases").sum().cast(pl.Int64)), listed])
    key = ["source", "day"]
    read = wanted.join(held, on=key, how="left").with_columns(pl.col("releases").fill_null(0))
    # What was read tonight may show what another day lacks, or bring it.
    other = known.join(read, on=key, how="anti").select(read.columns)
    every = pl.concat([read, other])
    counted = every.join(_expected(night, every, numbers, covered), on=key, how="left").with_columns(
        expected=pl.coalesce("expected", pl.col("releases") + pl.col("missing"))
    )
    warehouse.bulk_upsert("coverage", counted.select(list(schema.frame_schema("coverage"))))


def _days_to_count(night: Night, known: pl.DataFrame, covered: Mapping[str, set[date]]) -> pl.DataFrame:
    """Return the days that were read, and the known days on which something read was published."""
    rows = []
    for source, days in night.days.items():
        told = set(known.filter(pl.col("source") == source)["day"])
        rows += [(source, day, day in covered[source]) for day in sorted({*days, *(night.touched.days & told)})]
    return pl.DataFrame(rows, schema={"source": pl.String, "day": pl.Date, "complete": pl.Boolean}, orient="row")


def _expected(
    night: Night, wanted: pl.DataFrame, numbers: Mapping[date, list[str]], covered: Mapping[str, set[date]]
) -> pl.DataFrame:
    """Return what the services' own accounts say of some days: ``source, day, expected, missing``.

    Contracts Finder tells how many releases a day has; of Find a Tender the missing numbers are known, where the days
    around them were read too, save for those that it says it does not have.
    """
    rows: list[tuple[str, date, int | None, int | None]] = []
    for source, days in wanted.group_by("source").agg("day").iter_rows():
        if source == find_a_tender.SOURCE:
            absent = {one for one, status in night.archive.asked_ids(source).items() if status == 404}
            gaps = completeness.gaps(numbers, covered[source])
            rows += [
                (source, day, None, len(set(gaps.get(day, ())) - absent) if day in covered[source] else None)
                for day in days
            ]
            continue
        told = {day: listed for day in days if (listed := night.archive.listed(source, day)) is not None}
        named = pl.DataFrame(
            [(source, *names) for listed in told.values() for names in listed.missing],
            schema={"source": pl.String, "ocid": pl.String, "release_id": pl.String},
            orient="row",
        )
        key = ["source", "ocid", "release_id"]
        held = set(night.warehouse.read("release", key, keys=named).select("ocid", "release_id").iter_rows())
        rows += [(source, day, one.expected, len(set(one.missing) - held)) for day, one in told.items()]
    types = {"source": pl.String, "day": pl.Date, "expected": pl.Int64, "missing": pl.Int64}
    return pl.DataFrame(rows, schema=types, orient="row")


def _marks(night: Night) -> set[tuple[str, str]]:
    """Return the partitions that the next snapshot writes anew."""
    whole = {
        (table, "all") for table in schema.TABLES if table not in schema.PARTITIONED and table not in schema.INTERNAL
    }
    if not night.touched.everything:
        return whole | night.touched.partitions
    return whole | {(table, month) for table in schema.PARTITIONED for month in night.warehouse.partitions(table)}


def publish(night: Night) -> None:
    """Hand the finished night to readers: a Parquet snapshot, then the files made from it."""
    if night.held_because:
        return
    marks = night.warehouse.unpublished()
    told = facts(night)
    methods = {snapshot.METHODOLOGY: pages.exported_methodology()}
    folder = snapshot.publish_snapshot(
        night.warehouse, night.settings.data_dir / "snapshots", night.run_id, told, methods
    )
    night.published = folder, export.publish_export(folder, night.settings.export_dir, night.run_id, told)
    with night.warehouse.transaction():
        night.warehouse.mark_published(marks)
    night.count(partitions_published=len(marks))


def facts(night: Night) -> dict[str, Any]:
    """Return what the readers' files say of the night behind them."""
    newest = night.warehouse.newest_release(night.started_at)
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
        "postcodes": f"ONS Postcode Directory of {postcodes.directory(night.settings.data_dir).vintage:%B %Y}",
        "note": night.note,
    }


Step = Callable[[Night], None]

STEPS: tuple[Step, ...] = (collect, digest, link, name, match, size, measure, check, settle, publish)
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
        ledger.recall(warehouse, settings.data_dir)
        ledger.close_orphans(warehouse, night.run_id)
        _note(night, "running", None)
        try:
            yield night
        except BaseException as error:
            night.transaction.pop_all().__exit__(type(error), error, error.__traceback__)
            # A database that is gone or a disk that is full takes no note either: the first error is the one to show.
            with suppress(Exception):
                _note(night, "failed", _failure(error))
                ledger.remember(warehouse, settings.data_dir)
            raise
        ledger.remember(warehouse, settings.data_dir)


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
        warnings=list(night.warnings),
    )


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
        "warnings": "\n".join(night.warnings) or None,
    }
    ledger.note(night.warehouse, row, night.counts, night.fetches)

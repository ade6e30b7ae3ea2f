"""Turn what releases tell into one truth about each procurement and each award.

Contracts Finder publishes full snapshots, but one ocid carries several awards in different releases: an award, by
(ocid, award id), is what the latest release that tells of it says.
Find a Tender publishes changes: ``merge`` puts all tellings of an ocid together by the rules of OCDS
(https://standard.open-contracting.org/1.1/en/schema/merging/) and says what was known of each award after each.

The later of two tellings is the greater by time of publication, then release id, then content hash: the order in which
releases arrive does not matter.
``states`` keeps every earlier state of an award beside the present one.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import groupby, repeat
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

import msgspec
import polars as pl
from msgspec.structs import astuple, replace

from transforms import releases, values
from transforms.releases import (
    Amendment,
    Award,
    Code,
    Contract,
    Issue,
    Lot,
    Party,
    Period,
    Reference,
    Release,
    Tender,
    Value,
)  # fmt: skip
from warehouse import schema

RANK = ("published_at", "release_id", "content_hash")
"""What makes one telling later than another."""

MOST_BIDS = 1_000_000
"""More bids than anybody ever counted: a larger number is a mistake, and not known."""

MERGE_ISSUES = (
    "foreign_currency", "missing_name", "nothing_told", "other_award", "part_unpriced", "repeated_id",
    "repeated_measure", "retold_award", "retold_contract", "rounded", "two_currencies", "unknown_code",
)  # fmt: skip
"""Issues of Find a Tender that only ``merge`` notes, and that may depend on other releases of the ocid: whenever an
ocid is merged again, those held of these kinds give way to what it then notes."""

# --- what counts, of several tellings -------------------------------------------------------------------------------


def latest(told: pl.DataFrame, key: str, held: pl.DataFrame) -> pl.DataFrame:
    """Return the latest telling of each key, left out where the warehouse holds a later one.

    Args:
        told: rows with the key and the columns of ``RANK``, any number per key.
        key: name of the key column.
        held: one row per key with the same columns.
    """
    one = told.sort(key, *RANK, nulls_last=False).unique(key, keep="last", maintain_order=True)
    if held.is_empty():
        return one
    # A release without a date is older than any other.
    never = pl.lit(0).cast(pl.Datetime("us", "UTC"))
    theirs = held.select(key, *(pl.col(name).alias(f"held_{name}") for name in RANK))
    joined = one.join(theirs, on=key, how="left", maintain_order="left")
    time, held_time = (pl.col(name).fill_null(never) for name in ("published_at", "held_published_at"))
    release, held_release = pl.col("release_id"), pl.col("held_release_id")
    earlier = (time < held_time) | (
        (time == held_time)
        & (
            (release < held_release)
            | ((release == held_release) & (pl.col("content_hash") < pl.col("held_content_hash")))
        )
    )
    return joined.filter(held_release.is_null() | ~earlier).select(told.columns)


def latest_releases(told: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """Return one row per release; of two versions of one id the later, of its copies the first in the archive.

    Args:
        told: rows of table ``release``, any number per key.
        held: the rows that the warehouse holds under these keys.
    """
    key = ["source", "ocid", "release_id"]
    everything = pl.concat([told, held.select(told.columns)]) if held.height else told
    return (
        everything.sort(
            *key, "published_at", "content_hash", "archive_path",
            descending=[False] * 5 + [True], nulls_last=False,
        )
        .unique(key, keep="last", maintain_order=True)
    )  # fmt: skip


def put_together(source: str, told: schema.Frames, held: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return what releases tell of their procurements: at once, or put together with what earlier ones told.

    Args:
        source: the service.
        told: the frames of ``releases.flatten``.
        held: the rows of ``telling`` that the warehouse holds of the ocids told.

    Returns:
        The told frames. Of Find a Tender, ``procurement``, ``lot``, ``award``, ``supplier_mention``,
        ``supplier_identifier`` and ``text_match`` say everything that is known of these ocids (see ``merge``),
        ``field_issue`` what was noted while reading and while merging, and ``telling`` has the told rows, each once,
        with the first archive file that holds it.
    """
    if source != "find-a-tender":
        return dict(told)
    key = schema.key_columns("telling")
    own = told["telling"]
    everything = pl.concat([own, held.select(own.columns)])
    # Only the keys are sorted: the rows are wide.
    places = everything.select(*key, "archive_path").with_row_index("place").sort(*key, "archive_path")
    places = places.unique(key, keep="first", maintain_order=True)
    merged = merge(everything[places["place"]])
    places = places.join(own.select(key), on=key, how="semi", maintain_order="left")
    issues = pl.concat([told["field_issue"], merged["field_issue"]]).sort(pl.all(), nulls_last=True)
    return {
        **told,
        **merged,
        "field_issue": issues.unique(schema.key_columns("field_issue"), keep="first", maintain_order=True),
        "telling": everything[places["place"]],
    }


class States(NamedTuple):
    """The present state of awards, and their earlier states."""

    award: pl.DataFrame
    award_version: pl.DataFrame


_STATE_KEY = ("award_id", "release_id", "content_hash")


def states(told: pl.DataFrame, held_award: pl.DataFrame, held_version: pl.DataFrame) -> States:
    """Rank the states of each award, told and held: the last is the award, the others are its earlier versions.

    Of an ocid of Find a Tender every state is told anew whenever one release of it arrives: what the warehouse holds
    of it beyond that does not count, and is to be deleted. An award may have another key than before, since a release
    arrived late that came first.

    Args:
        told: believed states, with at least the columns of table ``award`` but for its ``duplicate_`` columns.
        held_award: the rows of ``award`` with the same ``award_id``; others of the same ocids do no harm.
        held_version: the rows of ``award_version``, likewise.

    Returns:
        ``award``: the told rows, all columns, that are the latest state of their award.
        ``award_version``: every other state of these awards, with ``is_large_for_buyer`` and ``is_core`` not known,
        since they depend on other awards, and ``mega_rule`` from the amount alone.
    """
    columns = [name for name in schema.frame_schema("award_version") if not name.startswith("valid_")]
    # Only the keys are sorted, and the wide rows gathered once.
    places = [
        frame.select(*_STATE_KEY, "published_at", "source", "ocid", pl.lit(origin, pl.Int8).alias("origin"))
        .with_row_index("place")
        for origin, frame in enumerate((told, held_award, held_version))
    ]  # fmt: skip
    merged = told.filter(pl.col("source") == "find-a-tender").select("source", "ocid").unique()
    places[1:] = [place.join(merged, on=["source", "ocid"], how="anti") for place in places[1:]]
    everything = pl.concat(places)
    # Most awards are told once: only the others need ranking.
    is_single = everything["award_id"].is_unique()
    ranked = (
        everything.filter(~is_single)
        .sort("award_id", *RANK, "origin", "place", nulls_last=False)
        .unique(_STATE_KEY, keep="first", maintain_order=True)
        .with_columns(
            pl.col("published_at").shift(-1).over("award_id").alias("valid_to_at"),
            (pl.col("award_id") != pl.col("award_id").shift(-1)).fill_null(True).alias("is_last"),
        )
    )
    last = pl.concat([everything.filter(is_single), ranked.filter("is_last").select(everything.columns)])
    award = told[last.filter(pl.col("origin") == 0).sort("award_id")["place"]]
    before = ranked.filter(~pl.col("is_last"))
    parts = []
    for origin, frame in enumerate((told, held_award, held_version)):
        chosen = before.filter(pl.col("origin") == origin)
        if chosen.height:
            rows = frame[chosen["place"]].select(columns)
            parts.append(rows.with_columns(chosen["valid_to_at"]))
    version = pl.concat(parts) if parts else schema.empty("award_version").select(*columns, "valid_to_at")
    version = version.with_columns(
        pl.col("published_at").alias("valid_from_at"),
        pl.lit(None, pl.Boolean).alias("is_large_for_buyer"),
        pl.lit(None, pl.Boolean).alias("is_core"),
        values.mega_rule(version).alias("mega_rule"),
    )
    version = version.select(list(schema.frame_schema("award_version"))).sort(*_STATE_KEY)
    return States(award, version)


def mentions(told: schema.Frames, award: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the told mentions of suppliers and their identifiers that belong to the states that count.

    Args:
        told: ``supplier_mention`` and ``supplier_identifier`` of every state.
        award: the states that count: ``award_id``, ``content_hash``.
    """
    telling = award.select("award_id", "content_hash")
    mention, identifier = (
        told[table]
        .join(telling, on=["award_id", "content_hash"], how="semi")
        .unique(key, keep="first", maintain_order=True)
        for table, key in (
            ("supplier_mention", ["mention_id"]),
            ("supplier_identifier", ["mention_id", "scheme", "raw"]),
        )
    )
    return mention, identifier


def phrases_of(told: pl.DataFrame, procurement: pl.DataFrame) -> pl.DataFrame:
    """Return the phrases told by the releases that tell the procurements: those of earlier releases do not stand.

    Args:
        told: ``text_match`` of every release, with ``content_hash``.
        procurement: one row per procurement: ``procurement_id, release_id, content_hash``.

    Returns:
        Rows of table ``text_match``.
    """
    return (
        told.join(procurement, on=["procurement_id", "release_id", "content_hash"], how="semi")
        .select(list(schema.frame_schema("text_match")))
        .unique(schema.key_columns("text_match"), keep="first", maintain_order=True)
    )


def award_lines(
    mention: pl.DataFrame, award: pl.DataFrame, weight: pl.DataFrame, located: pl.DataFrame, placed: pl.DataFrame
) -> pl.DataFrame:
    """Put together the award lines: one per named supplier of each award.

    Args:
        mention: resolved mentions with ``award_id, mention_id, supplier_id, address, region, vcse_declared,
            scale_declared``.
        award: awards with ``award_id``.
        weight: ``award_id, mention_id, weight, value_gbp``.
        located: ``address, region`` and the columns of ``places.PLACE``, one row for each of the two.
        placed: ``award_id, mention_id`` and what ``places.place`` tells of them.

    Returns:
        Rows of table ``award_line``; what their suppliers are is not known yet.
    """
    return (
        mention.join(award.select("award_id"), on="award_id", how="semi")
        .join(weight, on=["award_id", "mention_id"], how="left")
        .join(located.drop("postcode"), on=["address", "region"], how="left", nulls_equal=True)
        .join(placed, on=["award_id", "mention_id"], how="left")
        .with_columns(pl.col("location_basis").fill_null("unknown"), vcse_status=pl.lit(None, pl.String))
        .select(list(schema.frame_schema("award_line")))
    )


# --- merging changes ------------------------------------------------------------------------------------------------

_LISTED_BY_ID = frozenset({"lots", "items", "amendments", "relatedProcesses", "documents"})
"""Lists whose items are the same item where they have the same id; other lists are replaced as a whole."""


_Part = TypeVar("_Part", bound=msgspec.Struct)

_Nulls = Mapping[str, Any]
"""The document again as plain objects, where nulls are told from absent fields; empty where there are no nulls."""

_NO_NULLS: _Nulls = {}
_NOBODY, _NO_VALUE, _NO_PERIOD = Party(), Value(), Period()


class _Telling(msgspec.Struct):
    """One release as we read it, which may hold only what changed, and its nulls."""

    release: Release
    nulls: _Nulls
    content_hash: str
    tags: frozenset[str]
    is_update: bool
    buyer: Reference | None
    notice_type: str | None
    notice_url: str | None


class _Standing(msgspec.Struct):
    """An award as it stands: what was told of it, its contracts by id, and the parties as its suppliers were named.

    ``last`` is the telling that told of it last, ``title`` the words of the tender's title then.
    ``number`` is what its first id had after the id of its release, ``again`` which contract is meant by the other
    ids that it was told under. ``substance`` is worked out where it is asked for.
    """

    told: Award = msgspec.field(default_factory=Award)
    contracts: dict[str, Contract] = msgspec.field(default_factory=dict)
    parties: list[Party] = msgspec.field(default_factory=list)
    last: _Telling | None = None
    title: frozenset[str] = frozenset()
    number: str | None = None
    again: dict[str, str] = msgspec.field(default_factory=dict)
    substance: "_Substance | None" = None


class _Procurement(msgspec.Struct):
    """A procurement as it stands after the tellings read so far; ``wording`` is what was told outside its tender."""

    procurement_id: str
    ocid: str
    buyer: Reference | None = None
    tender: Tender = msgspec.field(default_factory=Tender)
    wording: Release = msgspec.field(default_factory=Release)
    parties: dict[str, Party] = msgspec.field(default_factory=dict)
    bids: dict[str | None, dict[str, float | None]] = msgspec.field(default_factory=dict)
    days: dict[str, str] = msgspec.field(default_factory=dict)
    awards: dict[str, _Standing] = msgspec.field(default_factory=dict)
    keys: dict[str, list[str]] = msgspec.field(default_factory=dict)
    titles: dict[frozenset[str], dict[str, None]] = msgspec.field(default_factory=dict)
    is_dynamic: bool = False
    parent_ocid: str | None = None
    award_cpv_code: str | None = None


@releases.without_collection()
def merge(telling: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Put together what the releases of some ocids tell, and say what was known after each of them.

    Args:
        telling: all tellings of these ocids, new and held, each once, in any order: rows of table ``telling``.

    Returns:
        Frames ``procurement`` (one row each, as its last release leaves it), ``lot``, ``award`` (one row per award and
        release that tells of it: its state as of that release), ``supplier_mention``, ``supplier_identifier``,
        ``text_match`` (as the last release leaves the texts) and ``field_issue``, in the columns of
        ``releases.flatten``.
    """
    rows = releases.no_rows()
    body = pl.col("body")
    cells = (
        telling.sort("source", "ocid", *RANK, nulls_last=False)
        .select(
            "source",
            "ocid",
            "content_hash",
            body.cast(pl.Binary),
            body.str.contains(":null", literal=True).alias("nulls"),
        )
        .iter_rows()
    )
    last: list[int] = []
    for (_, ocid), told in groupby(cells, key=itemgetter(0, 1)):
        tellings = [_read(*cell) for _, _, *cell in told]
        for procurement_id, own in _by_buyer(ocid, tellings):
            _tell(rows, _Procurement(procurement_id, ocid), own)
            last.append(len(rows.documents) - 1)
    frames = releases.frames_of("find-a-tender", rows)
    del frames["release"]
    frames["procurement"] = frames["procurement"][pl.Series(last, dtype=pl.UInt32)]
    return frames


_decode_release = msgspec.json.Decoder(Release).decode
_decode_nulls = msgspec.json.Decoder(dict[str, Any]).decode

_UPDATES = ("Update", "Amendment", "Termination", "Cancellation")


def _read(content_hash: str, body: bytes, has_nulls: bool) -> _Telling:
    release = _decode_release(body)
    tags = frozenset(release.tag or ())
    notice_url, notice_type = releases.notice(release, releases.NOTICE_PAGES["find-a-tender"])
    buyer = release.buyer
    if buyer is None or not (buyer.id or buyer.name):
        # A cancellation often names its buyer among the parties only.
        party = next((party for party in release.parties or () if "buyer" in (party.roles or ())), None)
        buyer = Reference(party.id, party.name) if party is not None else None
    is_update = "implementation" in tags or any(tag.endswith(_UPDATES) for tag in tags)
    # Most releases hold no null, and need no second reading.
    nulls = _decode_nulls(body) if has_nulls else _NO_NULLS
    return _Telling(release, nulls, content_hash, tags, is_update, buyer, notice_type, notice_url)


# --- one ocid, several buyers ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Buyer:
    """Who buys in some tellings of an ocid: as first named, under which ids and names, and for which awards."""

    first: Reference
    ids: set[str] = field(default_factory=set)
    names: list[frozenset[str]] = field(default_factory=list)
    awards: set[str] = field(default_factory=set)


def _by_buyer(ocid: str, tellings: Sequence[_Telling]) -> Iterator[tuple[str, Sequence[_Telling]]]:
    """Yield the procurements of an ocid, each with its key and its tellings in order.

    Qualification systems of utilities publish the awards of many buyers under one ocid. Two buyers differ where
    neither an id nor a name is the same: ids alone change when a body joins the register.
    """
    if len(tellings) == 1:
        yield ocid, tellings
        return
    buyers: list[_Buyer] = []
    chosen: list[_Buyer | None] = []
    for telling in tellings:
        mine = _buyer_of(telling.buyer, buyers)
        chosen.append(mine)
        if mine is not None:
            mine.awards |= _award_ids(telling)
    if len(buyers) <= 1:
        yield ocid, tellings
        return
    for number, telling in enumerate(tellings):
        if chosen[number] is None:
            chosen[number] = _likeliest(telling, [buyer for buyer in chosen[:number] if buyer is not None], buyers)
    keys: set[str] = set()
    for place, buyer in enumerate(buyers):
        key = ocid if place == 0 else f"{ocid}/{buyer.first.id or buyer.first.name}"
        while key in keys:
            key += "~"
        keys.add(key)
        yield key, [telling for telling, mine in zip(tellings, chosen, strict=True) if mine is buyer]


def _likeliest(telling: _Telling, earlier: Sequence[_Buyer], buyers: Sequence[_Buyer]) -> _Buyer:
    """Return whose telling it is that names no buyer: of the same awards, else the last before it, else the first."""
    told = _award_ids(telling)
    for candidates in (reversed(earlier), buyers):
        for buyer in candidates:
            if not told.isdisjoint(buyer.awards):
                return buyer
    return earlier[-1] if earlier else buyers[0]


def _buyer_of(buyer: Reference | None, buyers: list[_Buyer]) -> _Buyer | None:
    """Return the known buyer that this one is, or a new one; None where none is named."""
    if buyer is None or not (buyer.id or buyer.name):
        return None
    words = _words(buyer.name)
    for known in buyers:
        if buyer.id in known.ids or (words and any(words <= name or name <= words for name in known.names)):
            break
    else:
        known = _Buyer(buyer)
        buyers.append(known)
    if buyer.id:
        known.ids.add(buyer.id)
    if words and words not in known.names:
        known.names.append(words)
    return known


_NO_WORD = re.compile(r"[\W_]+")


@lru_cache(maxsize=20_000)
def _words(name: str | None) -> frozenset[str]:
    return frozenset(_NO_WORD.sub(" ", (name or "").casefold().replace("'", "")).split())


def _award_ids(telling: _Telling) -> set[str]:
    release = telling.release
    found = {award.id for award in release.awards or () if award.id}
    return found | {contract.awardID for contract in release.contracts or () if contract.awardID}


# --- one procurement, telling by telling ----------------------------------------------------------------------------


def _tell(rows: releases.Rows, procurement: _Procurement, tellings: Sequence[_Telling]) -> None:
    """Add the rows of a procurement: its awards after each telling that tells of them, its lots after the last."""
    for number, telling in enumerate(tellings):
        issues: list[Issue] = []
        _merge_tender(procurement, telling, issues)
        touched = _merge_awards(procurement, telling, issues)
        is_last = number == len(tellings) - 1
        if not is_last:
            _remember(procurement, telling, touched)
        told = []
        for key, places in touched.items():
            if _says_something(procurement.awards[key]):
                told.append((key, places))
            else:
                issues.append(Issue(f"/awards/{places[0] or 0}/id", "nothing_told", key))
        if told or is_last:
            tender = procurement.tender
            _tell_document(rows, procurement, tender, telling)
            for key, places in told:
                _tell_state(rows, procurement, tender, telling, key, places, issues)
            if is_last:
                _tell_lots(rows, procurement, tender, telling, issues)
                releases.tell_texts(rows, tender)
        release = telling.release
        rows.issues.extend((release.ocid, release.id, *issue) for issue in issues)


def _merged(held: _Part, change: _Part, nulls: _Nulls = _NO_NULLS) -> _Part:
    """Return an object with a change merged into it, field by field; null takes back what was told.

    Neither the object nor the change is altered: the release that told them is asked again.
    """
    if held == change:
        return replace(held)
    if held == type(held)():
        return _first_told(change, nulls)
    merged = replace(held)
    for name, told in zip(change.__struct_fields__, astuple(change), strict=True):
        if told is None:
            if name in nulls:
                setattr(merged, name, None)
            continue
        if isinstance(told, list):
            if name in _LISTED_BY_ID:
                told = _merged_by_id(getattr(held, name) or (), told, nulls.get(name))
        elif isinstance(told, msgspec.Struct):
            told = _merged_part(getattr(held, name), told, nulls.get(name) or _NO_NULLS)
        setattr(merged, name, told)
    return merged


def _first_told(change: _Part, nulls: _Nulls) -> _Part:
    """Return a copy of an object told for the first time, whose lists may tell an item twice."""
    told = replace(change)
    for name in _lists_by_id(type(change)):
        items = getattr(change, name)
        if items is not None:
            setattr(told, name, _merged_by_id((), items, nulls.get(name)))
    return told


@cache
def _lists_by_id(kind: type[msgspec.Struct]) -> list[str]:
    return [name for name in kind.__struct_fields__ if name in _LISTED_BY_ID]


def _merged_part(held: Any, told: Any, nulls: _Nulls) -> Any:
    """Return an object inside another, or None, with a change merged into it."""
    if held is None:
        return told
    if isinstance(told, Value) and not _is_restated(held, told, nulls):
        # Not field by field: a new net amount would stand beside the old gross one.
        held = Value(currency=held.currency)
    return _merged(held, told, nulls)


def _is_restated(before: Value, told: Value, nulls: _Nulls) -> bool:
    """Tell whether a change of a value tells no other amount: those that it tells stood there before."""
    told_now = [name for name in _AMOUNTS if getattr(told, name) is not None or name in nulls]
    currency = told.currency if told.currency is not None or "currency" in nulls else before.currency
    if told_now and currency != before.currency:
        return False
    return all(getattr(told, name) is not None and getattr(told, name) == getattr(before, name) for name in told_now)


_AMOUNTS = ("amount", "amountGross")


def _merged_by_id(held: Sequence[Any], told: Sequence[Any], nulls: Sequence[_Nulls] | None) -> Sequence[Any]:
    """Merge a list whose items have ids into what was told of it; items without an id are added."""
    if not held and len(told) == 1:
        return told
    found = {place if item.id is None else item.id: item for place, item in enumerate(held)}
    for item, inner in _with_nulls(told, nulls):
        key = len(found) if item.id is None else item.id
        before = found.get(key)
        found[key] = item if before is None else _merged(before, item, inner)
    return list(found.values())


def _with_nulls(told: Sequence[_Part] | None, nulls: Sequence[_Nulls] | None) -> Iterable[tuple[_Part, _Nulls]]:
    """Return the items of a list, each with its nulls."""
    return zip(told or (), nulls or repeat(_NO_NULLS), strict=False)


_DAYS = {"UK1": "pipeline_on", "UK2": "engaged_on", "UK3": "planned_on", "UK4": "tendered_on"}
_DAYS_BY_TAG = {"planning": "planned_on", "tender": "tendered_on"}
_DYNAMIC = {"UK13", "UK14", "UK15", "UK16"}
_DATE = re.compile(r"[12]\d{3}-\d\d-\d\d")


def _merge_tender(procurement: _Procurement, telling: _Telling, issues: list[Issue]) -> None:
    """Merge what a telling says of the procurement: tender, parties, bids, and the days of its notices."""
    release, nulls = telling.release, telling.nulls
    if telling.buyer is not None:
        procurement.buyer = telling.buyer
    if release.tender is not None:
        procurement.tender = _merged(procurement.tender, release.tender, nulls.get("tender") or _NO_NULLS)
    if telling.notice_type is not None and procurement.tender.legalBasis is None:
        # Only notices under the Act have a type.
        procurement.tender.legalBasis = Code(id="2023/54")
    if release.description is not None or release.planning is not None or nulls:
        wording = Release(description=release.description, planning=release.planning)
        procurement.wording = _merged(procurement.wording, wording, nulls)
    for party, inner in _with_nulls(release.parties, nulls.get("parties")):
        if party.id:
            before = procurement.parties.get(party.id)
            # Ids without a register behind them are given out again: another name is another organisation.
            is_known = before is not None and _words(before.name) == _words(party.name)
            procurement.parties[party.id] = _merged(before, party, inner) if before and is_known else party
    if release.bids is not None:
        _merge_bids(procurement, release.bids.statistics or (), issues)
    if telling.notice_type in _DYNAMIC:
        procurement.is_dynamic = True
    procurement.parent_ocid = _parent(release) or procurement.parent_ocid
    procurement.award_cpv_code = procurement.award_cpv_code or _cpv_code(
        item for award in release.awards or () for item in award.items or ()
    )
    _merge_days(procurement, telling)


def _merge_days(procurement: _Procurement, telling: _Telling) -> None:
    """Note the days of the notices; the regulations before the Act have no notice types, only tags."""
    release = telling.release
    found = []
    for part in (release.planning, release.tender):
        for document in part.documents or () if part is not None else ():
            column = _DAYS.get(document.noticeType or "")
            if column:
                date = document.datePublished
                found.append((column, date if date and _DATE.match(date) else release.date))
    if telling.notice_type is None:
        found = [(column, release.date) for tag, column in _DAYS_BY_TAG.items() if tag in telling.tags]
    for column, day in found:
        if day and (column not in procurement.days or day < procurement.days[column]):
            procurement.days[column] = day


def _merge_bids(procurement: _Procurement, statistics: Iterable[releases.Statistic], issues: list[Issue]) -> None:
    """Merge the numbers of bids by what they count, not by id: ids are given out anew in every release.

    Repeats within a release count once where they are equal; where they differ the number is not known.
    """
    told: dict[str | None, dict[str, float | None]] = {}
    for index, found in enumerate(statistics):
        of_lot, measure = told.setdefault(found.relatedLot, {}), found.measure or ""
        if measure in of_lot and of_lot[measure] != found.value:
            issues.append(Issue(f"/bids/statistics/{index}/value", "repeated_measure", str(found.value)))
            of_lot[measure] = None
        elif measure not in of_lot:
            of_lot[measure] = found.value
    for lot_id, of_lot in told.items():
        procurement.bids.setdefault(lot_id, {}).update(of_lot)


# --- awards and contracts -------------------------------------------------------------------------------------------

_Places = tuple[int | None, int | None]
"""Where a release tells of an award: the positions in its awards and in its contracts."""


def _merge_awards(procurement: _Procurement, telling: _Telling, issues: list[Issue]) -> dict[str, _Places]:
    """Merge the awards and contracts that a telling tells; return the keys of those awards, and where they stand."""
    release = telling.release
    touched: dict[str, _Places] = {}
    by_id: dict[str, list[str]] = {}
    seen: dict[str, int] = {}
    awards = release.awards or ()
    bases = [
        releases.numbered(award.id, seen, index, issues) or f"{release.id}/{index}"
        for index, award in enumerate(awards)
    ]
    again = _told_again(procurement, telling, bases)
    for index, (base, (told, nulls)) in enumerate(
        zip(bases, _with_nulls(awards, telling.nulls.get("awards")), strict=True)
    ):
        key = _key_of(procurement, telling, base, index, again, touched, issues)
        by_id.setdefault(told.id or "", []).append(key)
        touched[key] = (index, None)
        _merge_award(_standing(procurement, key), telling, told, nulls)
    _merge_contracts(procurement, telling, by_id, again, touched, issues)
    return touched


def _remember(procurement: _Procurement, telling: _Telling, touched: Iterable[str]) -> None:
    """Note of told awards what later tellings are compared with."""
    title = _words(procurement.tender.title)
    for key in touched:
        held = procurement.awards[key]
        if held.number is None:
            held.number = key.removeprefix(telling.release.id or "")
        held.last, held.title, held.substance = telling, title, None
        procurement.titles.setdefault(title, {})[key] = None


def _standing(procurement: _Procurement, key: str) -> _Standing:
    """Return an award as it stands: nothing is known of one that was not told before."""
    held = procurement.awards.get(key)
    if held is None:
        held = procurement.awards[key] = _Standing()
    return held


def _key_of(
    procurement: _Procurement,
    telling: _Telling,
    base: str,
    index: int,
    again: dict[str, str],
    touched: dict[str, _Places],
    issues: list[Issue],
) -> str:
    """Return which award a told one is: of the same id and, where that was given out twice, of the same substance.

    Never one that the same release tells already.
    """
    known = procurement.keys.setdefault(base, [])
    if not known:
        key = again.get(base, base)
        if base in again:
            issues.append(Issue(f"/awards/{index}/id", "retold_award", key))
        known.append(key)
        return key
    free = [key for key in reversed(known) if key not in touched]
    likely = [key for key in free if not _is_other(procurement.awards[key], telling, index)]
    if len(likely) > 1:
        award = _award(telling, index)
        told, terms = _substance(award), _terms(award, _contracts_of(telling, index))
        held = {key: procurement.awards[key] for key in likely}
        likely.sort(
            key=lambda key: (
                not _is_near(_substance_of(held[key]), told),
                _has_other_amount(_terms(held[key].told, held[key].contracts.values()), terms),
            )
        )
    if telling.is_update:
        # It changes an award that was told before, whatever it changes of it.
        likely += free
    if likely:
        return likely[0]
    key = base if base not in procurement.awards else f"{base}~{telling.release.id}"
    while key in procurement.awards:
        key += "~"
    issues.append(Issue(f"/awards/{index}/id", "other_award", base))
    known.append(key)
    return key


class _Substance(NamedTuple):
    """What tells one award from another: its lots, and its suppliers by id and by the words of their names."""

    lots: frozenset[str]
    suppliers: list[tuple[str | None, frozenset[str]]]
    ids: frozenset[str]
    names: frozenset[frozenset[str]]


def _substance(award: Award) -> _Substance:
    suppliers = [_identity(supplier) for supplier in award.suppliers or ()]
    return _Substance(
        frozenset(award.relatedLots or ()),
        suppliers,
        frozenset(party_id for party_id, _ in suppliers if party_id),
        frozenset(name for _, name in suppliers if name),
    )


def _substance_of(held: _Standing) -> _Substance:
    if held.substance is None:
        held.substance = _substance(held.told)
    return held.substance


def _is_near(one: _Substance, other: _Substance) -> bool:
    """Tell whether two awards share a supplier and, where both name lots, a lot."""
    if one.lots and other.lots and one.lots.isdisjoint(other.lots):
        return False
    return not (one.ids.isdisjoint(other.ids) and one.names.isdisjoint(other.names))


class _Terms(NamedTuple):
    """What was agreed: the currency, the amounts without and with VAT, and the days on which contracts were signed."""

    currency: str | None
    net: float | None
    gross: float | None
    signed: frozenset[str]


def _terms(award: Award, contracts: Iterable[Contract]) -> _Terms:
    made = list(contracts)
    stated = [contract.value for contract in made if contract.value and contract.status != "cancelled"]
    told = [value for value in stated if value != _NO_VALUE] or [award.value or _NO_VALUE]
    net, gross = [value.amount for value in told], [value.amountGross for value in told]
    return _Terms(
        next((value.currency for value in told if value.currency), None),
        None if None in net else round(sum(filter(None, net)), 2),
        None if None in gross else round(sum(filter(None, gross)), 2),
        frozenset(contract.dateSigned[:10] for contract in made if contract.dateSigned),
    )


def _has_other_amount(one: _Terms, other: _Terms) -> bool:
    """Tell whether two amounts, both known, are not the same."""
    if one.currency and other.currency and one.currency != other.currency:
        return True
    if one.net is not None and other.net is not None:
        return one.net != other.net
    return one.gross is not None and other.gross is not None and one.gross != other.gross


def _award(telling: _Telling, index: int) -> Award:
    return (telling.release.awards or ())[index]


def _contracts_of(telling: _Telling, index: int) -> list[Contract]:
    """Return the contracts that a release tells of one of its awards; of awards under one id, those in its place."""
    contracts, awards = telling.release.contracts or (), telling.release.awards or ()
    award_id = awards[index].id
    mine = [found for found in contracts if found.awardID == award_id or (not found.awardID and len(awards) == 1)]
    if len(mine) > 1 and len(awards) > 1:
        same = [place for place, award in enumerate(awards) if award.id == award_id]
        place = same.index(index)
        mine = mine[place:] if index == same[-1] else mine[place : place + 1]
    return mine


def _is_other(held: _Standing, telling: _Telling, index: int) -> bool:
    """Tell whether a told award is another than a held one of the same id.

    It is for other lots; or other suppliers signed on another day or for another amount or, where nothing is signed
    and lots are not known, were given another amount. Two versions of one release tell of the same award.
    """
    if held.last is not None and held.last.release.id == telling.release.id:
        return False
    award = _award(telling, index)
    told, before = _substance(award), _substance_of(held)
    if told.lots and before.lots and told.lots.isdisjoint(before.lots):
        return True
    if not told.suppliers or not before.suppliers or _is_near(told, before):
        return False
    terms, held_terms = _terms(award, _contracts_of(telling, index)), _terms(held.told, held.contracts.values())
    if terms.signed and held_terms.signed:
        return terms.signed.isdisjoint(held_terms.signed) or _has_other_amount(terms, held_terms)
    is_unsigned = not terms.signed and not held_terms.signed and not (told.lots and before.lots)
    return is_unsigned and _has_other_amount(terms, held_terms)


# --- awards told again under another id -----------------------------------------------------------------------------


def _told_again(procurement: _Procurement, telling: _Telling, bases: Sequence[str]) -> dict[str, str]:
    """Return which awards, under new ids, are awards that another release told: by new id, the key of the award.

    Under the regulations before the Act the id of an award begins with that of its release, so that whatever is
    published later of the same award has another id.
    It is the same where suppliers, lots and the title of the tender are, and an update says so, or neither amount nor
    day of signature says otherwise. One award is never told twice by one release.
    """
    if not procurement.awards:
        return {}
    own = telling.release.id or ""
    fresh: dict[str, int | None] = {
        base: index for index, base in enumerate(bases) if base.startswith(own) and base not in procurement.keys
    }
    if telling.is_update:
        # An update may tell only the contract.
        ids = {contract.awardID for contract in telling.release.contracts or ()}
        ids -= {award.id for award in telling.release.awards or ()}
        alone = sorted(found for found in ids if found and found.startswith(own) and found not in procurement.keys)
        fresh |= dict.fromkeys(alone)
    if not fresh:
        return {}
    title = _words(procurement.tender.title)
    is_listed = {key for base in bases for key in procurement.keys.get(base, ())}
    candidates = []
    for order, key in enumerate(procurement.titles.get(title, ())):
        held = procurement.awards[key]
        if held.title == title and key not in is_listed and held.last is not None and held.last.release.id != own:
            candidates.append((order, key, held, _substance_of(held)))
    if not candidates:
        return {}
    is_only_lot = len(procurement.tender.lots or ()) <= 1
    pairs: list[tuple[bool, bool, bool, int, int, str, str]] = []
    for base, index in fresh.items():
        award = _award(telling, index) if index is not None else Award()
        contracts = (
            _contracts_of(telling, index)
            if index is not None
            else [found for found in telling.release.contracts or () if found.awardID == base]
        )
        told, terms, number = _substance(award), _terms(award, contracts), base.removeprefix(own)
        for order, key, held, before in candidates:
            if not _is_same_award(award, told, held, before, is_update=telling.is_update, is_only_lot=is_only_lot):
                continue
            held_terms = _terms(held.told, held.contracts.values())
            if not telling.is_update and _is_contradicted(telling, terms, held, held_terms):
                continue
            is_numbered = number == held.number
            is_signed = bool(terms.signed & held_terms.signed)
            if not told.suppliers and not (is_numbered or is_signed or len(candidates) == 1):
                continue
            is_paid = terms[:3] == held_terms[:3] and terms[1:3] != (None, None)
            pairs.append((not is_paid, not is_signed, not is_numbered, len(pairs), order, base, key))
    again: dict[str, str] = {}
    taken: set[str] = set()
    for *_, base, key in sorted(pairs):
        if base not in again and key not in taken:
            again[base] = key
            taken.add(key)
    return again


def _is_same_award(
    award: Award, told: _Substance, held: _Standing, before: _Substance, *, is_update: bool, is_only_lot: bool
) -> bool:
    """Tell whether a told award has suppliers, lots and name of a held one; an update leaves out what stays."""
    unknown_lots = is_only_lot or (is_update and not told.lots)
    if told.lots != before.lots and ((told.lots and before.lots) or not unknown_lots):
        return False
    names = award.title, held.told.title
    if not is_update and all(names) and _words(names[0]) != _words(names[1]):
        return False
    if not told.suppliers:
        if before.suppliers:
            return is_update and award.status != "unsuccessful"
        # Nobody won, and nobody won again: the same only of the same lot.
        return bool(told.lots) and award.status == held.told.status
    if is_update:
        return _is_near(told, before)
    return all(
        party_id in other.ids or name in other.names
        for one, other in ((told, before), (before, told))
        for party_id, name in one.suppliers
    )


def _is_contradicted(telling: _Telling, terms: _Terms, held: _Standing, held_terms: _Terms) -> bool:
    """Tell whether amounts or days of signature say that two awards are not the same."""
    if _has_other_amount(terms, held_terms):
        return True
    if not terms.signed or not held_terms.signed or not terms.signed.isdisjoint(held_terms.signed):
        return False
    # The form makes a notice of the health services that states an intention give a day of signature.
    return not any(found is not None and _is_intention(found.release) for found in (telling, held.last))


def _is_intention(release: Release) -> bool:
    tender = release.tender or Tender()
    words = [tender.procurementMethodRationale, release.description, *(lot.description for lot in tender.lots or ())]
    return releases.announces(tender.title, tender.description, "\n".join(filter(None, words)))


def _merge_award(held: _Standing, telling: _Telling, told: Award, nulls: _Nulls) -> None:
    before, wanted = held.told.suppliers, {supplier.id for supplier in told.suppliers or ()}
    # A list of suppliers replaces the one before, although OCDS would merge it by id: an award notice and the contract
    # notice after it write the same firm under different ids of a party.
    held.told = _merged(held.told, told, nulls)
    if wanted:
        held.parties = [party for party in telling.release.parties or () if party.id in wanted]
    elif told.suppliers is not None:
        # An empty list does not say that nobody won: the award notice named the winner, the contract notice may not.
        held.told.suppliers = before


def _merge_contracts(
    procurement: _Procurement,
    telling: _Telling,
    by_id: dict[str, list[str]],
    again: dict[str, str],
    touched: dict[str, _Places],
    issues: list[Issue],
) -> None:
    """Merge the contracts that a telling tells into their awards; note which awards it touches so."""
    release = telling.release
    counted: dict[str, int] = {}
    ids: set[tuple[str, str]] = set()
    own_ids = {contract.id for contract in release.contracts or ()}
    told_again = set(again.values())
    for index, (contract, nulls) in enumerate(_with_nulls(release.contracts, telling.nulls.get("contracts"))):
        award_id = contract.awardID
        if award_id in by_id:
            # Awards told under one id: their contracts go to them in order.
            count = counted[award_id] = counted.get(award_id, 0) + 1
            key = by_id[award_id][min(count, len(by_id[award_id])) - 1]
        else:
            key = _award_of(procurement, contract, by_id, again, index, release.id or "")
            if award_id in again and key not in touched:
                issues.append(Issue(f"/contracts/{index}/awardID", "retold_award", key))
        held = _standing(procurement, key)
        touched[key] = (touched.get(key, (None, None))[0], index)
        contract_id = contract.id or f"#{index}"
        if contract_id not in held.contracts and held.contracts:
            free = [name for name in held.contracts if name not in own_ids and (key, name) not in ids]
            is_new = held.again.get(contract_id) not in free
            before = _contract_before(held, contract_id, contract, free, is_award_again=key in told_again)
            if before is not None:
                if is_new:
                    issues.append(Issue(f"/contracts/{index}/id", "retold_contract", before))
                held.again[contract_id] = before
                contract_id = before
        if (key, contract_id) in ids:
            if contract == held.contracts.get(contract_id):
                continue
            issues.append(Issue(f"/contracts/{index}/id", "repeated_id", contract_id))
            contract_id = f"{contract_id}~{index}"
        ids.add((key, contract_id))
        _merge_contract(held, contract_id, telling, contract, nulls)
    if telling.notice_type == "UK11" or "contractTermination" in telling.tags:
        for key in touched:
            told_now = {contract_id for held_key, contract_id in ids if held_key == key}
            for contract_id, ended in procurement.awards[key].contracts.items():
                if not told_now or contract_id in told_now:
                    ended.status = "terminated"


def _contract_before(
    held: _Standing, contract_id: str, told: Contract, free: Sequence[str], *, is_award_again: bool
) -> str | None:
    """Return the id under which earlier releases told a contract, or None for a contract not told before.

    It is the same with equal value, day of signature and period; or where its whole award is told again.
    """
    known = held.again.get(contract_id)
    if known in free:
        return known
    agreed = _agreed(told)
    equal = next((name for name in free if agreed is not None and _agreed(held.contracts[name]) == agreed), None)
    if equal is None and is_award_again:
        return next(iter(free), None)
    return equal


def _agreed(contract: Contract) -> tuple[Any, ...] | None:
    """Return value, day of signature and period of a contract, or None where the value or all dates are not known."""
    value, period = contract.value or _NO_VALUE, contract.period or _NO_PERIOD
    dates = (contract.dateSigned, period.startDate, period.endDate, period.maxExtentDate)
    days = [date[:10] if date else None for date in dates]
    return (value.currency, value.amount, value.amountGross, *days) if any(days) and _is_stated(value) else None


def _award_of(
    procurement: _Procurement,
    contract: Contract,
    by_id: dict[str, list[str]],
    again: dict[str, str],
    index: int,
    release_id: str,
) -> str:
    """Return the award of a contract whose award its release does not tell."""
    award_id = contract.awardID
    if not award_id:
        told = [key for keys in by_id.values() for key in keys] or list(procurement.awards)
        if contract.id in by_id:
            return by_id[contract.id][0]
        if len(told) == 1:
            return told[0]
        award_id = contract.id or f"{release_id}/contract/{index}"
    known = procurement.keys.setdefault(award_id, [again.get(award_id, award_id)])
    if len(known) == 1:
        return known[0]
    held = [(key, procurement.awards[key]) for key in reversed(known)]
    with_it = [(key, award) for key, award in held if contract.id in award.contracts or contract.id in award.again]
    signed = (contract.dateSigned or "")[:10]
    of_that_day = (
        key for key, award in with_it if signed and signed in _terms(Award(), award.contracts.values()).signed
    )
    return next(of_that_day, with_it[0][0] if with_it else known[-1])


def _merge_contract(held: _Standing, contract_id: str, telling: _Telling, told: Contract, nulls: _Nulls) -> None:
    """Merge a told contract, and apply the amendments that are new in it."""
    before = held.contracts.get(contract_id) or Contract()
    contract = held.contracts[contract_id] = _merged(before, told, nulls)
    if not contract.amendments:
        return
    # An amendment without a date is as old as the release that first told it.
    contract.amendments = [
        found if found.date else replace(found, date=telling.release.date) for found in contract.amendments
    ]
    known = {amendment.id: amendment for amendment in before.amendments or ()}
    new = [found for found in contract.amendments if found.id is None or found != known.get(found.id)]
    taken_back = {found.id: inner for found, inner in _with_nulls(told.amendments, nulls.get("amendments"))}
    for amendment in sorted(new, key=lambda amendment: amendment.date or ""):
        # The value of an amendment is the new total, its period the one that is in force from then on
        # (https://github.com/cabinetoffice/ocds_uk_extension, Amendment); what the contract itself says beside it comes
        # first. Amendments that are only proposed, which the extension keeps apart, change nothing.
        inner = taken_back.get(amendment.id) or _NO_NULLS
        for name, empty in (("value", _NO_VALUE), ("period", _NO_PERIOD)):
            amended = getattr(amendment, name)
            if amended is not None and getattr(told, name) in (None, empty) and not nulls.get(name):
                setattr(contract, name, _merged_part(getattr(contract, name), amended, inner.get(name) or _NO_NULLS))
        _change_suppliers(held, telling, amendment)


def _change_suppliers(held: _Standing, telling: _Telling, amendment: Amendment) -> None:
    added, removed = amendment.suppliersAdded or (), amendment.suppliersRemoved or ()
    if not added and not removed:
        return
    parties = {party.id: party for party in telling.release.parties or ()}

    def named(found: Reference) -> Reference:
        return Reference(found.id, found.name or (parties[found.id].name if found.id in parties else None))

    suppliers = list(held.told.suppliers or ())
    gone = [_identity(named(found)) for found in removed]
    for found in map(named, added):
        if not any(_same(_identity(found), _identity(other)) for other in suppliers):
            suppliers.append(found)
            held.parties = [*held.parties, *(party for party in parties.values() if party.id == found.id)]
    held.told.suppliers = [
        found for found in suppliers if not any(_same(_identity(found), other) for other in gone)
    ]  # fmt: skip


def _identity(reference: Reference) -> tuple[str | None, frozenset[str]]:
    return reference.id, _words(reference.name)


def _same(one: tuple[str | None, frozenset[str]], other: tuple[str | None, frozenset[str]]) -> bool:
    return (one[0] is not None and one[0] == other[0]) or bool(one[1] and one[1] == other[1])


_CONTENT = ("status", "date", "value", "suppliers", "contractPeriod", "relatedLots", "items", "title")


def _says_something(held: _Standing) -> bool:
    """Tell whether anything is known of an award but its id and the ids of its amendments."""
    return bool(held.contracts) or any(getattr(held.told, name) is not None for name in _CONTENT)


# --- rows of the merged state ---------------------------------------------------------------------------------------


def _tell_document(rows: releases.Rows, procurement: _Procurement, tender: Tender, telling: _Telling) -> None:
    """Add the row of a procurement as it stands after a telling."""
    release = telling.release
    buyer = telling.buyer or procurement.buyer
    lots, days, planning = tender.lots or (), procurement.days, procurement.wording.planning
    value, low, period = tender.value or _NO_VALUE, tender.minValue or _NO_VALUE, tender.tenderPeriod
    own = release.tender
    own_wording = (own.procurementMethodRationale if own else None, release.description)
    if not (own and own.description):
        own_wording = (tender.procurementMethodRationale, procurement.wording.description)
    code = tender.classification.id if tender.classification is not None else None
    code = code or _cpv_code(tender.items or ()) or procurement.award_cpv_code
    framework, dynamic = _techniques(tender, lots)
    reserved = [part for part in (tender, *lots) if part.otherRequirements is not None]
    rows.documents.append(
        (
            release.ocid, release.id, None, release.date, telling.notice_type, telling.notice_url, None,
            telling.content_hash, buyer.id if buyer else None, buyer.name if buyer else None, tender.title,
            tender.description, code, releases.regime(tender), tender.procurementMethod,
            tender.procurementMethodDetails, None, days.get("tendered_on"),
            (period.endDate if period else None) or tender.expressionOfInterestDeadline, len(lots) or None,
            framework,
            _any(lot.suitability.sme for lot in lots if lot.suitability) or None,
            _any(lot.suitability.vcse for lot in lots if lot.suitability) or None,
            tender.id if tender.id != release.ocid else None, tender.status,
            value.amount, value.currency, low.amount, low.currency,
        )
    )  # fmt: skip
    rows.documents_more.append(
        (
            procurement.procurement_id, procurement.parent_ocid, _joined(tender.specialRegime), _direct_reason(tender),
            days.get("pipeline_on"), days.get("engaged_on"), days.get("planned_on"),
            planning.noEngagementNoticeRationale if planning is not None else None,
            tender.lotDetails.noLotsDivisionRationale if tender.lotDetails else None,
            procurement.is_dynamic or dynamic,
            tender.aboveThreshold,
            _joined([code for part in reserved for code in part.otherRequirements.reservedParticipation or ()]),
            next(filter(None, (_location(part) for part in reserved)), None),
            value.amountGross,
            "\n".join([*filter(None, own_wording), *_naming_regime(lots)]) or None,
            bool(own and (own.value or own.minValue or own.tenderPeriod)),
        )
    )  # fmt: skip


def _naming_regime(lots: Iterable[Lot]) -> list[str]:
    """Return the descriptions of lots that name the regime for health services; others are kept for their phrases."""
    return [lot.description for lot in lots if lot.description and releases.names_health_regime(lot.description)]


def _techniques(tender: Tender, lots: Iterable[Lot]) -> tuple[bool | None, bool | None]:
    """Return whether a tender sets up a framework, and whether a dynamic market, itself or by some of its lots."""
    told = [found for found in (tender.techniques, *(lot.techniques for lot in lots)) if found is not None]
    if not told:
        return None, None
    return (
        _any(found.frameworkAgreement is not None or found.hasFrameworkAgreement for found in told),
        _any(found.hasDynamicPurchasingSystem for found in told),
    )


def _any(flags: Iterable[bool | None]) -> bool | None:
    """Return true where any flag is, false where any is told, else None: absence is not no."""
    known = [flag for flag in flags if flag is not None]
    return any(known) if known else None


def _joined(codes: Sequence[str] | None) -> str | None:
    return ",".join(dict.fromkeys(codes)) if codes else None


def _cpv_code(items: Iterable[releases.Item]) -> str | None:
    for item in items:
        codes: list[Code] = list(item.additionalClassifications or ())
        if item.classification is not None:
            codes.insert(0, item.classification)
        for code in codes:
            if code.id and code.scheme == "CPV":
                return code.id
    return None


def _direct_reason(tender: Tender) -> str | None:
    codes = tender.procurementMethodRationaleClassifications or ()
    words = [tender.procurementMethodRationale, *(found.description or found.id for found in codes)]
    return "; ".join(dict.fromkeys(filter(None, words))) or None


def _location(part: Tender | Lot) -> str | None:
    place = part.otherRequirements.reservedParticipationLocation if part.otherRequirements else None
    if place is None:
        return None
    return place.description or _joined(place.gazetteer.identifiers if place.gazetteer else None)


def _parent(release: Release) -> str | None:
    """Return the ocid of the framework or parent that a release names."""
    for part in (release, *(release.awards or ()), *(release.contracts or ())):
        for found in part.relatedProcesses or ():
            identifier = found.identifier or ""
            is_other = identifier.startswith("ocds-") and identifier != release.ocid
            if is_other and not _PARENTS.isdisjoint(found.relationship or ()):
                return identifier
    return None


_PARENTS = frozenset({"framework", "parent"})


def _tell_state(
    rows: releases.Rows,
    procurement: _Procurement,
    tender: Tender,
    telling: _Telling,
    key: str,
    places: _Places,
    issues: list[Issue],
) -> None:
    """Add the rows of an award as it stands after a telling."""
    held = procurement.awards[key]
    told, contracts = held.told, list(held.contracts.values())
    lots = _lots_of(told, tender)
    at = f"/contracts/{places[1]}" if places[1] is not None else f"/awards/{places[0]}"
    signed = min((contract.dateSigned for contract in contracts if contract.dateSigned), default=None)
    value = _value(told, contracts, at, issues)
    standing = _status(told, contracts, tender, places[0] or 0, issues)
    # What came to nothing does not run as long as its lot would have.
    running = () if standing in ("cancelled", "unsuccessful") else lots
    award = Award(
        date=told.date or signed,
        value=value,
        contractPeriod=_period(contracts, told, running),
        relatedLots=told.relatedLots,
    )
    changed, reason = _change(told, contracts)
    framework, dynamic = _techniques(tender, lots or tender.lots or ())
    above = _any([told.aboveThreshold, *(contract.aboveThreshold for contract in contracts)])
    releases.tell_award(
        rows, places[0] or 0, releases.prefixed(procurement.procurement_id, procurement.ocid, key), award, standing,
        _suppliers(procurement, held, telling, places[0], issues), issues,
    )  # fmt: skip
    rows.awards_more.append(
        (
            signed, award.contractPeriod.maxExtentDate if award.contractPeriod else None, changed, reason,
            _end_reason(told, contracts) if standing in _ENDED else None,
            *_bids_of_award(procurement, told, lots, tender), _currencies(lots, value), above,
            framework, procurement.is_dynamic or dynamic,
            at if _tells_value(telling, places) else None, at if _tells_dates(telling, places) else None,
        )
    )  # fmt: skip


_ENDED = ("cancelled", "terminated", "unsuccessful")


def _tells_value(telling: _Telling, places: _Places) -> bool:
    award, contract = _own(telling, places)
    amended = contract is not None and any(found.value for found in contract.amendments or ())
    return bool((award and award.value) or (contract and contract.value) or amended)


def _tells_dates(telling: _Telling, places: _Places) -> bool:
    award, contract = _own(telling, places)
    if award is not None and (award.date or award.contractPeriod):
        return True
    return contract is not None and bool(contract.dateSigned or contract.period or contract.amendments)


def _own(telling: _Telling, places: _Places) -> tuple[Award | None, Contract | None]:
    awards, contracts = telling.release.awards or (), telling.release.contracts or ()
    return (
        awards[places[0]] if places[0] is not None else None,
        contracts[places[1]] if places[1] is not None else None,
    )


def _lots_of(award: Award, tender: Tender) -> list[Lot]:
    """Return the lots of an award: those it names, or the only one there is."""
    lots = tender.lots or []
    if award.relatedLots:
        wanted = set(award.relatedLots)
        return [lot for lot in lots if lot.id in wanted]
    return lots if len(lots) == 1 else []


def _status(award: Award, contracts: Sequence[Contract], tender: Tender, index: int, issues: list[Issue]) -> str | None:
    """Return where an award stands.

    Under the Act of 2023 an award notice states an intention, and the contract notice says that a contract was made.
    The status of a lot is not asked: under the regulations before the Act it is "cancelled" beside active awards.
    """
    found = releases.status(award, index, issues)
    if found in ("cancelled", "unsuccessful", "terminated"):
        return found
    if contracts:
        told = {contract.status for contract in contracts}
        if told == {"cancelled"}:
            return "cancelled"
        if told <= {"cancelled", "terminated"}:
            return "terminated"
        return found if releases.regime(tender) != "pa2023" and found else "active"
    if releases.regime(tender) == "pa2023":
        return "intended"
    return found


def _value(award: Award, contracts: Sequence[Contract], at: str, issues: list[Issue]) -> Value | None:
    """Return what an award is worth: the sum of its contracts' values where one states any, else its own."""
    told = [contract for contract in contracts if contract.value is not None and _is_stated(contract.value)]
    # A contract that was cancelled costs nothing, unless all were: then this is what the award was worth.
    kept = [contract.value for contract in told if contract.status != "cancelled"] or [found.value for found in told]
    amounts = [value for value in kept if value is not None]
    if len(amounts) <= 1:
        return _with_net(amounts[0], award.value) if amounts else award.value
    currencies = {value.currency for value in amounts}
    if len(currencies) > 1:
        issues.append(Issue(f"{at}/value/currency", "two_currencies", ",".join(sorted(map(str, currencies)))))
        return None
    net = [value.amount for value in amounts if value.amount is not None]
    gross = [value.amountGross for value in amounts if value.amountGross is not None]
    if max(len(net), len(gross)) < len(amounts):
        issues.append(Issue(f"{at}/value", "part_unpriced", None))
    # To the penny: a sum of floats is not.
    return Value(
        round(sum(net), 2) if len(net) == len(amounts) else None,
        round(sum(gross), 2) if len(gross) == len(amounts) else None,
        currencies.pop(),
    )


def _with_net(value: Value, award: Value | None) -> Value:
    """Return the value of a contract that is only told with VAT, with what the same amount was without in the award."""
    is_same = award is not None and (award.amountGross, award.currency) == (value.amountGross, value.currency)
    return award if award is not None and is_same and value.amount is None else value


def _is_stated(value: Value) -> bool:
    return value.amount is not None or value.amountGross is not None


def _period(contracts: Sequence[Contract], award: Award, lots: Sequence[Lot]) -> Period:
    """Return the period of an award: of its contracts, else its own, else of its lots."""
    told = (
        [found.period for found in contracts if found.period],
        [award.contractPeriod] if award.contractPeriod else [],
        [lot.contractPeriod for lot in lots if lot.contractPeriod],
    )
    start = end = latest_end = None
    for periods in filter(None, told):
        start = start or min([period.startDate for period in periods if period.startDate], default=None)
        end = end or max([period.endDate for period in periods if period.endDate], default=None)
        latest_end = latest_end or max([p.maxExtentDate for p in periods if p.maxExtentDate], default=None)
    return Period(start, end, latest_end)


def _change(award: Award, contracts: Sequence[Contract]) -> tuple[str | None, str | None]:
    """Return day and reason of the latest amendment; one of an award without a date only says that there is one."""
    amendments = [found for contract in contracts for found in contract.amendments or ()]
    amendments += [found for found in award.amendments or () if found.date]
    if not amendments:
        return None, None
    last = max(amendments, key=lambda found: (found.date or "", found.id or ""))
    words = [*(code.description or code.id for code in last.rationaleClassifications or ()), last.rationale]
    return last.date, "; ".join(filter(None, words)) or None


def _end_reason(award: Award, contracts: Sequence[Contract]) -> str | None:
    """Return why an award or its contracts came to an end, in the notice's words."""
    words: list[str | None] = []
    for contract in contracts:
        codes = contract.terminationRationaleClassifications or ()
        if not codes and contract.terminationRationaleClassification is not None:
            codes = [contract.terminationRationaleClassification]
        words += [*(code.description or code.id for code in codes), contract.statusDetails]
    return "; ".join(dict.fromkeys(filter(None, [*words, award.statusDetails]))) or None


def _currencies(lots: Sequence[Lot], value: Value | None) -> str | None:
    """Return the currencies of an award's lots other than its own."""
    if value is None or value.currency is None:
        return None
    told = {lot.value.currency for lot in lots if lot.value is not None and lot.value.currency}
    return ",".join(sorted(told - {value.currency})) or None


def _suppliers(
    procurement: _Procurement, held: _Standing, telling: _Telling, index: int | None, issues: list[Issue]
) -> list[tuple[int, Reference, Party]]:
    """Return the suppliers of an award with their parties: as last told, of the same name, under the same id."""
    own = telling.release.awards[index].suppliers if index is not None and telling.release.awards else None
    found = []
    for position, supplier in enumerate(held.told.suppliers or (), 1):
        latest_told = procurement.parties.get(supplier.id) if supplier.id else None
        name = supplier.name or (latest_told.name if latest_told is not None else None)
        if not name:
            if own:
                issues.append(Issue(f"/awards/{index}/suppliers/{position - 1}/name", "missing_name", None))
            continue
        party = latest_told
        if party is None or (party.name != name and _words(party.name) != _words(name)):
            told = [one for one in held.parties if one.id == supplier.id]
            party = next((one for one in told if one.name == name), told[0] if told else party)
        found.append((position, supplier if supplier.name else Reference(supplier.id, name), party or _NOBODY))
    return found


# --- lots and bids --------------------------------------------------------------------------------------------------

_Count = tuple[int | None, int | None, int | None]
_NO_BIDS: _Count = (None, None, None)


def _bids(procurement: _Procurement, lot_id: str | None) -> _Count:
    """Return the bids for a lot: all, of small and medium-sized enterprises, of voluntary organisations.

    Of the last stage where it is told, else received: the two are not mixed.
    """
    told = procurement.bids.get(lot_id)
    if not told:
        return _NO_BIDS
    counts = [told.get(measure) for measure in ("finalStageBids", "smeFinalStageBids", "vcseFinalStageBids")]
    if counts[0] is None:
        received = [told.get(measure) for measure in ("bids", "smeBids", "vcseBids")]
        counts = [last if count is None else count for count, last in zip(received, counts, strict=True)]
    total, sme, vcse = (
        int(count) if count is not None and 0 <= count <= MOST_BIDS and count % 1 == 0 else None for count in counts
    )
    return total, sme, vcse


def _bids_of_lot(procurement: _Procurement, lot_id: str | None, is_only: bool) -> _Count:
    found = _bids(procurement, lot_id)
    # A number without a lot is that of the only lot.
    return _bids(procurement, None) if is_only and found == _NO_BIDS else found


def _bids_of_award(procurement: _Procurement, award: Award, lots: Sequence[Lot], tender: Tender) -> _Count:
    """Return the bids behind an award; not known where its lots had different numbers."""
    if not procurement.bids:
        return _NO_BIDS
    is_only = len(tender.lots or ()) <= 1
    lot_ids = list(award.relatedLots or ()) or [lot.id for lot in lots if lot.id]
    found = {_bids_of_lot(procurement, lot_id, is_only) for lot_id in lot_ids}
    if not lot_ids and is_only:
        found = {_bids(procurement, None)}
    return found.pop() if len(found) == 1 else _NO_BIDS


def _tell_lots(
    rows: releases.Rows, procurement: _Procurement, tender: Tender, telling: _Telling, issues: list[Issue]
) -> None:
    """Add the rows of the lots as they stand after the last telling."""
    release = telling.release
    own = {lot.id: place for place, lot in enumerate((release.tender.lots if release.tender else None) or ())}
    for place, lot in enumerate(tender.lots or ()):
        if not lot.id:
            issues.append(Issue(f"/tender/lots/{place}/id", "missing_id", None))
        value, period = lot.value or _NO_VALUE, lot.contractPeriod or _NO_PERIOD
        at = f"/tender/lots/{own[lot.id]}" if lot.id in own else None
        rows.lots.append(
            (
                procurement.procurement_id, release.ocid, release.id, release.date, lot.id or f"#{place + 1}",
                lot.title, lot.status, value.currency, value.amount, value.amountGross,
                lot.suitability.sme if lot.suitability else None, lot.suitability.vcse if lot.suitability else None,
                period.startDate, period.endDate, period.maxExtentDate,
                *_bids_of_lot(procurement, lot.id, len(tender.lots or ()) == 1), at, at,
            )
        )  # fmt: skip

"""Turn archived releases into flat frames: every document becomes rows, or a rejection with its place and reason.

A document is decoded twice at most.
The strict reading knows the types that the services document and is as fast as a bare parse.
Whatever it refuses is read again without expectations, field by field: a value that does not fit is repaired or
left out, and ``field_issue`` says so.
Only a document without an ocid, without an id, or that is no JSON object at all, is set aside.

A release of Contracts Finder is a full snapshot and becomes rows at once.
A release of Find a Tender may hold only what changed: it becomes a ``telling``, which holds what we read of it, and
``transforms.procurements.merge`` puts the tellings of one ocid together, and makes rows of them with the same code.

The shapes follow OCDS 1.1 (https://standard.open-contracting.org/1.1/en/schema/release/) as Contracts Finder and
Find a Tender use it.
"""

import gc
import hashlib
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import islice
from types import UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

import msgspec
import polars as pl

from transforms import phrases
from warehouse import schema

LARGEST_DOCUMENT = 1 << 16
"""Of documents above this many bytes the long texts are cut."""

LONGEST_TEXT = 20_000
"""Texts of a large document are cut to this many characters, and the cut is noted."""

LONGEST_RAW = 200
"""``field_issue`` keeps this much of a value as published."""

EARLIEST_YEAR, LATEST_YEAR = 1900, 2999
"""Dates outside these years are typing errors that no database needs to hold."""

NOTICE_PAGES = {
    "contracts-finder": "https://www.contractsfinder.service.gov.uk/Notice/",
    "find-a-tender": "https://www.find-tender.service.gov.uk/Notice/",
}
"""Where the official pages of notices are: a link to anywhere else is not kept."""


class _Struct(msgspec.Struct, gc=False):
    """A part of a release: unknown fields are skipped, missing ones are None."""


class Value(_Struct):
    """An amount: without VAT, with it, and in which currency."""

    amount: float | None = None
    amountGross: float | None = None
    currency: str | None = None


class Period(_Struct):
    """A period; the last date is the end if every extension is used."""

    startDate: str | None = None
    endDate: str | None = None
    maxExtentDate: str | None = None


class _Identifier(_Struct):
    scheme: str | None = None
    id: str | None = None


class _Address(_Struct):
    streetAddress: str | None = None
    locality: str | None = None
    postalCode: str | None = None
    region: str | None = None
    countryName: str | None = None


class _Details(_Struct):
    scale: str | None = None
    vcse: bool | None = None


class Party(_Struct):
    """An organisation as one release writes it."""

    id: str | None = None
    name: str | None = None
    identifier: _Identifier | None = None
    additionalIdentifiers: list[_Identifier] | None = None
    address: _Address | None = None
    details: _Details | None = None
    roles: list[str] | None = None


class Reference(_Struct):
    """A party named where it plays its part: a buyer, a supplier."""

    id: str | None = None
    name: str | None = None


class _Document(_Struct):
    id: str | None = None
    noticeType: str | None = None
    datePublished: str | None = None
    url: str | None = None


class Code(_Struct):
    """A code with its scheme, whose words are not read."""

    scheme: str | None = None
    id: str | None = None


class Classification(Code):
    """A code with its scheme and its words."""

    description: str | None = None


class Item(_Struct):
    """What is bought, as far as its classification goes."""

    id: str | None = None
    classification: Code | None = None
    additionalClassifications: list[Code] | None = None


class Amendment(_Struct):
    """A change of a contract."""

    id: str | None = None
    date: str | None = None
    rationale: str | None = None
    rationaleClassifications: list[Classification] | None = None
    value: Value | None = None
    period: Period | None = None
    suppliersAdded: list[Reference] | None = None
    suppliersRemoved: list[Reference] | None = None


class RelatedProcess(_Struct):
    """Another procurement that a notice names."""

    id: str | None = None
    relationship: list[str] | None = None
    identifier: str | None = None


class Award(_Struct):
    """An award as one release tells it, or as several put together do."""

    id: str | None = None
    status: str | None = None
    date: str | None = None
    value: Value | None = None
    suppliers: list[Reference] | None = None
    contractPeriod: Period | None = None
    documents: list[_Document] | None = None
    relatedLots: list[str] | None = None
    title: str | None = None
    statusDetails: str | None = None
    aboveThreshold: bool | None = None
    items: list[Item] | None = None
    amendments: list[Amendment] | None = None
    relatedProcesses: list[RelatedProcess] | None = None


class Contract(_Struct):
    """A contract, which hangs on its award."""

    id: str | None = None
    awardID: str | None = None
    status: str | None = None
    statusDetails: str | None = None
    value: Value | None = None
    period: Period | None = None
    dateSigned: str | None = None
    aboveThreshold: bool | None = None
    amendments: list[Amendment] | None = None
    terminationRationaleClassification: Classification | None = None
    terminationRationaleClassifications: list[Classification] | None = None
    relatedProcesses: list[RelatedProcess] | None = None
    documents: list[_Document] | None = None


class _Suitability(_Struct):
    sme: bool | None = None
    vcse: bool | None = None


class _FrameworkAgreement(_Struct):
    type: str | None = None
    isOpenFrameworkScheme: bool | None = None


class Techniques(_Struct):
    """Whether a framework or a dynamic market is set up."""

    hasFrameworkAgreement: bool | None = None
    hasDynamicPurchasingSystem: bool | None = None
    frameworkAgreement: _FrameworkAgreement | None = None


class _Gazetteer(_Struct):
    identifiers: list[str] | None = None


class _Location(_Struct):
    description: str | None = None
    gazetteer: _Gazetteer | None = None


class _OtherRequirements(_Struct):
    reservedParticipation: list[str] | None = None
    reservedParticipationLocation: _Location | None = None


class _LotDetails(_Struct):
    noLotsDivisionRationale: str | None = None


class _Criterion(_Struct):
    name: str | None = None
    description: str | None = None


class _AwardCriteria(_Struct):
    criteria: list[_Criterion] | None = None


class Lot(_Struct):
    """A lot of a tender."""

    id: str | None = None
    title: str | None = None
    description: str | None = None
    status: str | None = None
    value: Value | None = None
    contractPeriod: Period | None = None
    suitability: _Suitability | None = None
    techniques: Techniques | None = None
    otherRequirements: _OtherRequirements | None = None
    awardCriteria: _AwardCriteria | None = None


class Tender(_Struct):
    """What was asked for, and how."""

    id: str | None = None
    title: str | None = None
    description: str | None = None
    status: str | None = None
    classification: Code | None = None
    procurementMethod: str | None = None
    procurementMethodDetails: str | None = None
    tenderPeriod: Period | None = None
    datePublished: str | None = None
    suitability: _Suitability | None = None
    documents: list[_Document] | None = None
    legalBasis: Code | None = None
    techniques: Techniques | None = None
    lots: list[Lot] | None = None
    value: Value | None = None
    minValue: Value | None = None
    items: list[Item] | None = None
    specialRegime: list[str] | None = None
    aboveThreshold: bool | None = None
    procurementMethodRationale: str | None = None
    procurementMethodRationaleClassifications: list[Classification] | None = None
    expressionOfInterestDeadline: str | None = None
    lotDetails: _LotDetails | None = None
    otherRequirements: _OtherRequirements | None = None


class _Planning(_Struct):
    documents: list[_Document] | None = None
    noEngagementNoticeRationale: str | None = None


class Statistic(_Struct):
    """How many bids of one kind there were, for one lot or for all."""

    measure: str | None = None
    value: float | None = None
    relatedLot: str | None = None


class _Bids(_Struct):
    statistics: list[Statistic] | None = None


class Release(_Struct):
    """One release, as far as Noticeboard reads it."""

    ocid: str | None = None
    id: str | None = None
    date: str | None = None
    tag: list[str] | None = None
    description: str | None = None
    planning: _Planning | None = None
    tender: Tender | None = None
    parties: list[Party] | None = None
    buyer: Reference | None = None
    awards: list[Award] | None = None
    contracts: list[Contract] | None = None
    bids: _Bids | None = None
    relatedProcesses: list[RelatedProcess] | None = None


_told_kinds: dict[type, type[Any]] = {}


def _as_told(kind: type) -> type[Any]:
    """Return a struct of the same fields that tells a null from an absent field.

    In a change a null takes back what was told before, and an absent field leaves it as it is
    (https://standard.open-contracting.org/1.1/en/schema/merging/).
    """
    if kind not in _told_kinds:
        fields = []
        for name, wanted in _fields(kind).items():
            told = wanted
            if get_origin(wanted) is list:
                inner = get_args(wanted)[0]
                told = list[_as_told(inner)] if issubclass(inner, _Struct) else wanted  # type: ignore[misc]  # made here
            elif issubclass(wanted, _Struct):
                told = _as_told(wanted)
            fields.append((name, told | None | msgspec.UnsetType, msgspec.UNSET))
        _told_kinds[kind] = msgspec.defstruct(f"Told{kind.__name__}", fields, bases=(_Struct,), gc=False)
    return _told_kinds[kind]


class Issue(NamedTuple):
    """One field repaired or ignored: JSON pointer, what was found, the value as published."""

    pointer: str
    issue: str
    raw: str | None


class UnreadableRelease(Exception):
    """Raised by ``decode`` for a document that cannot be used; the night sets it aside and goes on."""

    def __init__(self, ocid: str | None, release_id: str | None, pointer: str, reason: str) -> None:
        """Keep the place and the reason, never the document."""
        super().__init__(f"{pointer or 'the whole document'}: {reason}")
        self.ocid, self.release_id, self.pointer, self.reason = ocid, release_id, pointer, reason


class Flat(NamedTuple):
    """What some documents say: the told frames, and documents = used + rejected."""

    frames: dict[str, pl.DataFrame]
    documents: int
    used: int
    rejected: int


_strict = msgspec.json.Decoder(Release).decode


def decode(line: bytes, careful: bool | None = None) -> tuple[Release, list[Issue]]:
    """Read one archived document, strictly if it allows that, else field by field.

    Args:
        line: the document.
        careful: whether it must be read field by field; looked at when left out.

    Raises:
        UnreadableRelease: it is no JSON object, or has no ocid or no id.
    """
    return _decode(line, _needs_care([line])[0] if careful is None else careful, _strict, Release)


def _decode(line: bytes, careful: bool, strict: Callable[[bytes], Any], kind: type[Any]) -> tuple[Any, list[Issue]]:
    """Read a document as a release or as a change: strictly if it allows that, else field by field."""
    if not careful:
        try:
            release = strict(line)
        except _REFUSED:
            pass
        else:
            if release.ocid and release.id and len(release.ocid) > _PREFIX:
                return release, []
    return decode_tolerantly(line, kind)


_REFUSED = (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError)
"""What the strict reading raises for whatever it does not expect."""

_PREFIX = len("ocds-b5fd17-")


def _needs_care(lines: Sequence[bytes]) -> list[bool]:
    """Tell which documents hold an escaped NUL, which needs scrubbing, or a text that may need cutting.

    Both only happen field by field, and so do lone surrogates, which the strict reading refuses.
    """
    needs_scrubbing = pl.Series(lines, dtype=pl.Binary).bin.contains(b"\\u0000").to_list()
    return [
        found or (len(line) > LARGEST_DOCUMENT and _longest_text(line) > LONGEST_TEXT)
        for found, line in zip(needs_scrubbing, lines, strict=True)
    ]


def _longest_text(line: bytes) -> int:
    """Return a length that no text of a document exceeds: that of its longest stretch between two quotation marks."""
    return max(map(len, line.replace(b'\\"', b"__").split(b'"')))


def decode_tolerantly(line: bytes, kind: type[Any] = Release) -> tuple[Any, list[Issue]]:
    """Read one document without expectations: what does not fit is repaired or left out, and noted.

    Args:
        line: the document.
        kind: what it is read as: a release, or a change, in which an explicit null is told from what is absent.

    Raises:
        UnreadableRelease: it is no JSON object, or has no ocid or no id.
    """
    issues: list[Issue] = []
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        issues.append(Issue("", "not_utf8", f"byte {error.start}"))
        text = line.decode("cp1252", "replace")
    try:
        document = json.loads(text, parse_int=_integer, strict=False)
    except RecursionError:
        raise UnreadableRelease(None, None, "", "it is nested too deeply to be read") from None
    except ValueError as error:
        raise UnreadableRelease(None, None, "", f"it is not JSON: {str(error)[:100]}") from None
    if not isinstance(document, dict):
        raise UnreadableRelease(None, None, "", f"it is no JSON object but {_kind(document)}")
    try:
        release = _fit(document, kind, "", issues)
    except RecursionError:
        raise UnreadableRelease(None, None, "", "it is nested too deeply to be read") from None
    if not release.ocid or len(release.ocid) <= _PREFIX:
        reason = "it has no complete ocid, so it belongs to no procurement"
        raise UnreadableRelease(release.ocid or None, release.id or None, "/ocid", reason)
    if not release.id:
        parts = (*(release.contracts or ()), *(release.awards or ()), release.tender, release.planning)
        documents = (found for part in parts if part for found in part.documents or ())
        # The notice's own document carries the notice number, which is the id of its release.
        release.id = next((found.id for found in documents if found.noticeType and found.id), None)
        if not release.id:
            raise UnreadableRelease(release.ocid, None, "/id", "it has no release id")
        issues.append(Issue("/id", "missing_id", None))
    return release, issues


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) < 20 else float(digits)


def _kind(value: object) -> str:
    if value is None:
        return "null"
    names = {"dict": "an object", "list": "a list", "str": "a text", "bool": "true or false"}
    return names.get(type(value).__name__, "a number")


def _raw(value: object) -> str | None:
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=True, default=str)
    return _scrub(text[:LONGEST_RAW])


_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def _scrub(text: str) -> str:
    """Drop NUL, and put U+FFFD for lone surrogates: PostgreSQL refuses them, SQLite miscounts them."""
    return _UNSTORABLE.sub(lambda found: "" if found[0] == "\x00" else "\ufffd", text)


def _fit(value: Any, kind: Any, pointer: str, issues: list[Issue]) -> Any:
    """Return a decoded value as the wanted type, or None; note in ``issues`` what was repaired or left out."""
    if value is None:
        return None
    if isinstance(kind, type) and issubclass(kind, _Struct):
        if isinstance(value, dict):
            told = {
                name: _fit(value[name], wanted, f"{pointer}/{name}", issues)
                for name, wanted in _fields(kind).items()
                if name in value
            }
            # What cannot be read says nothing; only a null takes back what was told before.
            return kind(**{name: found for name, found in told.items() if found is not None or value[name] is None})
    elif get_origin(kind) is list:
        inner = get_args(kind)[0]
        if isinstance(value, dict) and value and _is_numbered(value, inner):
            # Find a Tender wrote {"1": {...}} for a list in 2021.
            issues.append(Issue(pointer, "object_for_list", None))
            value = list(value.values())
        elif isinstance(value, str if inner is str else dict):
            issues.append(Issue(pointer, "one_for_list", None))
            value = [value]
        if isinstance(value, list):
            fitted = (_fit(item, inner, f"{pointer}/{i}", issues) for i, item in enumerate(value))
            return [item for item in fitted if item is not None]
    else:
        return _SCALARS[kind](value, pointer, issues)
    issues.append(Issue(pointer, "wrong_type", _raw(value)))
    return None


def _is_numbered(value: dict[str, Any], kind: Any) -> bool:
    """Tell whether an object stands for a list, and not for the one item of a list."""
    known = _fields(kind) if issubclass(kind, _Struct) else {}
    return not known.keys() & value.keys() and all(isinstance(item, (dict, str)) for item in value.values())


_known_fields: dict[type, dict[str, Any]] = {}


def _fields(kind: type) -> dict[str, Any]:
    """Return the fields of a struct with their types, the "or None" left out."""
    if kind not in _known_fields:
        hints = get_type_hints(kind)
        _known_fields[kind] = {
            name: next(arm for arm in get_args(hint) if arm is not type(None))
            if get_origin(hint) in (Union, UnionType)
            else hint
            for name, hint in hints.items()
        }
    return _known_fields[kind]


def _fit_text(value: Any, pointer: str, issues: list[Issue]) -> str | None:
    if isinstance(value, str):
        text = _scrub(value)
        if text != value:
            issues.append(Issue(pointer, "scrubbed", _raw(value)))
        if len(text) > LONGEST_TEXT:
            issues.append(Issue(pointer, "cut", f"{len(text)} characters"))
            return text[:LONGEST_TEXT]
        return text
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        issues.append(Issue(pointer, "number_for_text", _raw(value)))
        return str(value)
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
        issues.append(Issue(pointer, "list_for_text", None))
        return _fit_text(value[0], pointer, issues)
    issues.append(Issue(pointer, "wrong_type", _raw(value)))
    return None


def _fit_number(value: Any, pointer: str, issues: list[Issue]) -> float | None:
    number: float | None = None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        number = float(value)
    elif isinstance(value, str):
        try:
            number = float(value.replace(",", "").replace("£", "").strip())
        except ValueError:
            number = None
        if number is not None and math.isfinite(number):
            issues.append(Issue(pointer, "text_for_number", _raw(value)))
    if number is None:
        issues.append(Issue(pointer, "wrong_type", _raw(value)))
        return None
    if not math.isfinite(number):
        issues.append(Issue(pointer, "out_of_range", str(value)))
        return None
    return number


def _fit_flag(value: Any, pointer: str, issues: list[Issue]) -> bool | None:
    if isinstance(value, bool):
        return value
    flag = {"true": True, "false": False}.get(value.strip().lower()) if isinstance(value, str) else None
    issues.append(Issue(pointer, "wrong_type" if flag is None else "text_for_flag", _raw(value)))
    return flag


_SCALARS: dict[Any, Callable[[Any, str, list[Issue]], Any]] = {str: _fit_text, float: _fit_number, bool: _fit_flag}

_Change = _as_told(Release)
_strict_change = msgspec.json.Decoder(_Change).decode
_write = msgspec.json.Encoder().encode


# --- flatten -------------------------------------------------------------------------------------------------------

_DATES = {
    "published_at": "/date",
    "announced_on": "/planning/documents/0/datePublished",
    "tendered_on": "/tender/datePublished",
    "deadline_at": "/tender/tenderPeriod/endDate",
    "awarded_on": "date",
    "starts_on": "contractPeriod/startDate",
    "ends_on": "contractPeriod/endDate",
    "ends_latest_on": "contractPeriod/maxExtentDate",
    "signed_on": "dateSigned",
    "changed_on": "amendments/0/date",
}
"""Where each date stands; those of an award are relative to it, or to its contract."""

_DOCUMENT = (
    "ocid", "release_id", "tag", "published_at", "notice_type", "notice_url", "archive_path", "content_hash",
    "buyer_party_id", "buyer_name", "title", "description", "cpv_code", "regime", "method", "method_details",
    "announced_on", "tendered_on", "deadline_at", "lots", "is_framework", "suitable_sme", "suitable_vcse",
    "reference", "status", "estimate", "estimate_currency", "estimate_low", "estimate_low_currency",
)  # fmt: skip
_AWARD = (
    "document", "index", "award_id", "lot_id", "status", "awarded_on", "starts_on", "ends_on", "currency", "amount",
    "amount_gross", "supplier_count",
)  # fmt: skip
_DOCUMENT_MORE = (
    "procurement_id", "parent_ocid", "special_regime", "direct_award_reason", "pipeline_on", "engaged_on", "planned_on",
    "no_engagement_reason", "no_lots_reason", "is_dynamic", "is_above_threshold", "reserved_for", "reserved_location",
    "estimate_gross", "wording", "tells_tender",
)  # fmt: skip
"""What only Find a Tender tells of a procurement, after the columns that both services tell.

``wording`` is further text that may name the regime; ``tells_tender`` is whether this very release states the
estimate and the closing time, so that what is odd about them is noted once.
"""

_AWARD_MORE = (
    "signed_on", "ends_latest_on", "changed_on", "change_reason", "end_reason", "bids", "bids_sme", "bids_vcse",
    "lot_currencies", "above_threshold", "framework", "dynamic", "value_at", "dates_at",
)  # fmt: skip
"""What only Find a Tender tells of an award; ``value_at`` and ``dates_at`` are the JSON pointers to the object whose
value and dates this very release states, null where they come from an earlier one."""

_LOT = (
    "procurement_id", "ocid", "release_id", "published_at", "lot_id", "title", "status", "currency", "amount",
    "amount_gross", "suitable_sme", "suitable_vcse", "starts_on", "ends_on", "ends_latest_on", "bids", "bids_sme",
    "bids_vcse", "value_at", "dates_at",
)  # fmt: skip
_MENTION = (
    "award", "mention_id", "party_id", "supplier_name", "address", "region", "scale_declared", "vcse_declared",
)  # fmt: skip
_IDENTIFIER = ("mention", "scheme", "raw")
_ISSUE = ("ocid", "release_id", "pointer", "issue", "raw")
_REJECTED = ("document_id", "ocid", "release_id", "pointer", "reason", "bytes", "archive_path")
_CHANGE = (
    "ocid", "release_id", "tag", "published_at", "notice_type", "notice_url", "archive_path", "content_hash", "body",
)  # fmt: skip

_TYPES: dict[str, Any] = {
    "amount": pl.Float64, "amount_gross": pl.Float64, "supplier_count": pl.Int64, "lots": pl.Int64, "index": pl.Int64,
    "document": pl.UInt32, "award": pl.UInt32, "mention": pl.UInt32, "bytes": pl.Int64, "is_framework": pl.Boolean,
    "suitable_sme": pl.Boolean, "suitable_vcse": pl.Boolean, "vcse_declared": pl.Boolean, "is_dynamic": pl.Boolean,
    "is_above_threshold": pl.Boolean, "above_threshold": pl.Boolean, "framework": pl.Boolean, "dynamic": pl.Boolean,
    "tells_tender": pl.Boolean, "bids": pl.Int64,
    "bids_sme": pl.Int64, "bids_vcse": pl.Int64, "estimate": pl.Float64, "estimate_gross": pl.Float64,
    "estimate_low": pl.Float64, "body": pl.Binary,
}  # fmt: skip

_REGIMES = {
    "2023/54": "pa2023",
    "32014L0024": "pcr2015",
    "32014L0025": "ucr2016",
    "32014L0023": "ccr2016",
    "32009L0081": "dspcr2011",
}
"""Legal bases as Find a Tender names them: the Act of 2023, and the EU directives behind the regulations before it."""

_STATUSES = {
    "active": "active",
    "pending": "intended",
    "cancelled": "cancelled",
    "unsuccessful": "unsuccessful",
    "terminated": "terminated",
}

_EMPTY_TENDER, _EMPTY_PARTY, _EMPTY_REFERENCE = Tender(), Party(), Reference()
_EMPTY_DETAILS, _EMPTY_SUITABILITY, _EMPTY_VALUE, _EMPTY_PERIOD = _Details(), _Suitability(), Value(), Period()


class Rows(NamedTuple):
    """The rows told so far, as tuples in the order of their columns: what ``frames_of`` makes frames of.

    The ``_more`` lists stay empty, or hold one tuple for every row of the list before them.
    """

    documents: list[tuple[Any, ...]]
    documents_more: list[tuple[Any, ...]]
    awards: list[tuple[Any, ...]]
    awards_more: list[tuple[Any, ...]]
    mentions: list[tuple[Any, ...]]
    identifiers: list[tuple[Any, ...]]
    lots: list[tuple[Any, ...]]
    issues: list[tuple[Any, ...]]
    texts: list[phrases.Text]


def no_rows() -> Rows:
    """Return the lists to collect rows in."""
    return Rows([], [], [], [], [], [], [], [], [])


@contextmanager
def without_collection() -> Iterator[None]:
    """Put off the search for cycles: there are none among these rows, and it takes a fifth of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@without_collection()
def flatten(source: str, files: Iterable[tuple[str, Sequence[bytes]]]) -> Flat:
    """Turn archived documents of one source into the told frames.

    Args:
        source: the service, such as ``contracts-finder``.
        files: archive path and documents, one JSON object each.

    Returns:
        Frames ``release``, ``procurement``, ``lot``, ``award``, ``supplier_mention``, ``supplier_identifier``,
        ``text_match``, ``telling``, ``field_issue`` and ``rejected``, with times in UTC, dates as London calendar days
        and amounts in pounds: one row per document, per document, per award told, per named supplier told and so on.
        From Find a Tender, whose releases hold changes, only ``release``, ``telling``, ``field_issue`` and
        ``rejected`` have rows.
        ``documents`` is ``used`` + ``rejected``.
    """
    rejected: list[tuple[Any, ...]] = []
    if source == "find-a-tender":
        frames, documents = _changes(source, files, rejected)
    else:
        frames, documents = _snapshots(source, files, rejected)
    frames["rejected"] = (
        _frame(_REJECTED, rejected)
        .with_columns(pl.lit(source).alias("source"), pl.lit(None, pl.Int64).alias("byte_offset"))
        .select(list(schema.frame_schema("rejected")))
        .unique(["source", "document_id"], keep="first", maintain_order=True)
    )
    # Counted from what came out, not from what is missing: the night compares the three.
    return Flat(frames, documents, frames["release"].height, len(rejected))


def _decoded(
    files: Iterable[tuple[str, Sequence[bytes]]],
    strict: Callable[[bytes], Any],
    kind: type[Any],
    rejected: list[tuple[Any, ...]],
) -> Iterator[tuple[str, str, Any, list[Issue]]]:
    """Yield path, content hash, release and issues of every document that can be used."""
    sha256 = hashlib.sha256
    for path, lines in files:
        for line, careful in zip(lines, _needs_care(lines), strict=True):
            content_hash = sha256(line).hexdigest()[:32]
            try:
                release, issues = _decode(line, careful, strict, kind)
            except UnreadableRelease as error:
                where = _scrub(error.ocid) if error.ocid else None
                rejected.append((content_hash, where, error.release_id, error.pointer, error.reason, len(line), path))
            else:
                yield path, content_hash, release, issues


def _snapshots(
    source: str, files: Iterable[tuple[str, Sequence[bytes]]], rejected: list[tuple[Any, ...]]
) -> tuple[dict[str, pl.DataFrame], int]:
    """Make frames of releases that each say everything; return them, and the number of documents."""
    rows, page = no_rows(), NOTICE_PAGES.get(source, "https://")
    told = rows.documents
    for path, content_hash, release, issues in _decoded(files, _strict, Release, rejected):
        ocid, release_id = release.ocid, release.id
        tender = release.tender or _EMPTY_TENDER
        buyer = release.buyer or _EMPTY_REFERENCE
        suitability = tender.suitability or _EMPTY_SUITABILITY
        value, low = tender.value or _EMPTY_VALUE, tender.minValue or _EMPTY_VALUE
        notice_url, notice_type = notice(release, page)
        tag, planning = release.tag, release.planning
        told.append(
            (
                ocid, release_id, ",".join(tag) if tag else None, release.date, notice_type, notice_url, path,
                content_hash, buyer.id, buyer.name, tender.title, tender.description,
                tender.classification.id if tender.classification is not None else None,
                regime(tender), tender.procurementMethod, tender.procurementMethodDetails,
                min((d.datePublished for d in planning.documents or () if d.datePublished), default=None)
                if planning is not None else None,
                tender.datePublished, tender.tenderPeriod.endDate if tender.tenderPeriod is not None else None,
                len(tender.lots) if tender.lots is not None else None,
                tender.techniques.hasFrameworkAgreement if tender.techniques is not None else None,
                suitability.sme, suitability.vcse, tender.id if tender.id != ocid else None, tender.status,
                value.amount, value.currency, low.amount, low.currency,
            )
        )  # fmt: skip
        tell_texts(rows, tender)
        if release.awards:
            seen: dict[str, int] = {}
            for index, award in enumerate(release.awards):
                award_id = numbered(award.id, seen, index, issues) or f"{release_id}/{index}"
                tell_award(
                    rows, index, prefixed(ocid, ocid, award_id), award, status(award, index, issues),
                    suppliers_of(award, release.parties or (), index, issues), issues,
                )  # fmt: skip
        if issues:
            rows.issues.extend((ocid, release_id, *issue) for issue in issues)
    return frames_of(source, rows) | {"telling": schema.empty("telling")}, len(told) + len(rejected)


def _changes(
    source: str, files: Iterable[tuple[str, Sequence[bytes]]], rejected: list[tuple[Any, ...]]
) -> tuple[dict[str, pl.DataFrame], int]:
    """Make frames of releases that may hold only what changed; return them, and the number of documents.

    What a change says of its procurement is told when it is put together with the others.
    """
    page = NOTICE_PAGES[source]
    told, noted, found = list[tuple[Any, ...]](), list[tuple[Any, ...]](), list[pl.DataFrame]()
    decoded = list(_decoded(files, _strict_change, _Change, rejected))
    for _, _, change, _ in decoded:
        _trim(change)
    _drop_texts([change.tender.lots or () for _, _, change, _ in decoded if change.tender])
    for path, content_hash, change, issues in decoded:
        notice_url, notice_type = notice(change, page)
        told.append(
            (
                change.ocid, change.id, ",".join(change.tag) if change.tag else None,
                change.date if change.date is not msgspec.UNSET else None, notice_type, notice_url, path, content_hash,
                _write(change),
            )
        )  # fmt: skip
        noted.extend((change.ocid, change.id, *issue) for issue in issues)
    changes = _frame(_CHANGE, told).with_columns(pl.lit(source).alias("source"), pl.col("body").cast(pl.String))
    changes = _dated(changes, (), ("published_at",), found)
    telling = (
        # One per release and content, with the first archive file that holds it.
        changes.select(list(schema.frame_schema("telling")))
        .sort("ocid", "release_id", "content_hash", "archive_path")
        .unique(schema.key_columns("telling"), keep="first", maintain_order=True)
    )
    frames = _frames_of_nothing() | {
        "release": changes.select(list(schema.frame_schema("release"))),
        "telling": telling,
        "field_issue": _issues(source, noted, found),
    }
    return frames, len(told) + len(rejected)


@cache
def _frames_of_nothing() -> dict[str, pl.DataFrame]:
    return frames_of("", no_rows())


_PLAYERS = {"buyer", "supplier", "removedSupplier"}
_MEASURES = {"bids", "smeBids", "vcseBids", "finalStageBids", "smeFinalStageBids", "vcseFinalStageBids"}


def _trim(change: Any) -> None:
    """Drop what is never read from a change: review bodies, attachments, all but the first classified item."""
    tender = change.tender
    for part in (change.planning, tender, *(change.awards or ()), *(change.contracts or ())):
        if part and part.documents:
            part.documents = [document for document in part.documents if document.noticeType]
    for part in (tender, *(change.awards or ())):
        if part and part.items:
            classified = (item for item in part.items if item.classification or item.additionalClassifications)
            part.items = [*islice(classified, 1)]
    if change.parties:
        change.parties = [party for party in change.parties if not party.roles or not _PLAYERS.isdisjoint(party.roles)]
    if change.bids and change.bids.statistics:
        change.bids.statistics = [found for found in change.bids.statistics if found.measure in _MEASURES]


def _drop_texts(lots_told: Iterable[Iterable[Any]]) -> None:
    """Empty the long texts of lots that nobody reads: those that neither name the health regime nor hold a phrase.

    They are emptied, not taken away: what was told before does not stand any more. All texts are looked at together,
    since looking at each takes ten times as long.
    """
    parts: list[tuple[Any, str]] = []
    for lots in lots_told:
        for lot in lots:
            if lot.description:
                parts.append((lot, "description"))
            if lot.awardCriteria:
                for part in lot.awardCriteria.criteria or ():
                    parts.extend((part, field) for field in ("name", "description") if getattr(part, field))
    texts = pl.Series([getattr(part, field) for part, field in parts], dtype=pl.String)
    is_kept = texts.str.contains(phrases.likely()) | texts.str.contains(f"(?i){_NAMES_HEALTH_REGIME.pattern}")
    for place in (~is_kept).arg_true():
        part, field = parts[place]
        setattr(part, field, "")
    for lots in lots_told:
        for lot in lots:
            if lot.awardCriteria and lot.awardCriteria.criteria:
                told = lot.awardCriteria.criteria
                lot.awardCriteria.criteria = [part for part in told if part.name or part.description]


def regime(tender: Tender) -> str | None:
    """Return the law that a tender names, or None."""
    basis = tender.legalBasis
    return _REGIMES.get(basis.id, "other") if basis is not None and basis.id else None


def numbered(award_id: str | None, seen: dict[str, int], index: int, issues: list[Issue]) -> str | None:
    """Return an id that is unique in its release: the second award under one id is ``<id>~2``.

    The service published two awards of one notice under one id
    (https://github.com/open-contracting-extensions/european-union/issues/91): neither may be lost.

    Args:
        award_id: the id as told.
        seen: how often each id was told in this release so far; counted on.
        index: position of the award in its release, for the pointer.
        issues: where a missing or repeated id is noted.
    """
    if not award_id:
        issues.append(Issue(f"/awards/{index}/id", "missing_id", None))
        return None
    count = seen[award_id] = seen.get(award_id, 0) + 1
    if count == 1:
        return award_id
    issues.append(Issue(f"/awards/{index}/id", "repeated_id", _raw(award_id)))
    return f"{award_id}~{count}"


def prefixed(procurement_id: str, ocid: str, award_id: str) -> str:
    """Return the key of an award: its id with the procurement before it, unless it begins with the ocid.

    An id may begin with the ocid and yet be given out by each buyer of it: other buyers' keys begin with their own.
    """
    return award_id if procurement_id == ocid and award_id.startswith(ocid) else f"{procurement_id}/{award_id}"


def status(award: Award, index: int, issues: list[Issue]) -> str | None:
    """Return the status of an award in the warehouse's words, or None; note a status of another list."""
    told = award.status
    if told is None:
        return None
    found = _STATUSES.get(told)
    if found is None:
        issues.append(Issue(f"/awards/{index}/status", "unknown_code", _raw(told)))
    return found


def suppliers_of(
    award: Award, parties: Sequence[Party], index: int, issues: list[Issue]
) -> list[tuple[int, Reference, Party]]:
    """Return the named suppliers of an award: position, reference, and the party that it means.

    Args:
        award: the award.
        parties: the parties of the release that names the suppliers.
        index: position of the award in its release, for the pointers.
        issues: where a supplier without a name is noted.
    """
    found = []
    by_id: dict[str | None, list[Party]] | None = None
    for position, supplier in enumerate(award.suppliers or (), 1):
        name, party_id = supplier.name, supplier.id
        if not name:
            issues.append(Issue(f"/awards/{index}/suppliers/{position - 1}/name", "missing_name", None))
            continue
        candidates = parties
        if len(parties) > _FEW:
            if by_id is None:
                by_id = {}
                for party in parties:
                    by_id.setdefault(party.id, []).append(party)
            candidates = by_id.get(party_id, ())
        meant = _EMPTY_PARTY
        for party in candidates if party_id else ():
            if party.id == party_id:
                meant = party
                # Two suppliers under one party id: the name tells which of them is meant.
                if party.name == name:
                    break
        found.append((position, supplier, meant))
    return found


def tell_texts(rows: Rows, tender: Tender) -> None:
    """Add the texts of the last of ``rows.documents`` in which phrases are looked for.

    Args:
        rows: where they are added.
        tender: the tender, as the document tells it or as it stands after it.
    """
    texts, document = rows.texts, len(rows.documents) - 1
    if tender.title:
        texts.append((document, "title", None, tender.title))
    if tender.description:
        texts.append((document, "description", None, tender.description))
    if tender.procurementMethodDetails:
        texts.append((document, "method_details", None, tender.procurementMethodDetails))
    for lot in tender.lots or ():
        # Many a lot says again what the tender says.
        if lot.title and lot.title != tender.title:
            texts.append((document, "lot_title", lot.id, lot.title))
        if lot.description and lot.description != tender.description:
            texts.append((document, "lot_description", lot.id, lot.description))
        if lot.awardCriteria:
            for part in lot.awardCriteria.criteria or ():
                words = ": ".join(filter(None, (part.name, part.description)))
                if words:
                    texts.append((document, "award_criteria", lot.id, words))


_FEW = 6
"""Up to so many parties are looked through faster than they are listed by id."""


def tell_award(
    rows: Rows,
    index: int,
    award_id: str,
    award: Award,
    standing: str | None,
    suppliers: Sequence[tuple[int, Reference, Party]],
    issues: list[Issue],
) -> None:
    """Add the rows of an award that the last of ``rows.documents`` tells: itself, its mentions, their identifiers.

    Args:
        rows: where they are added.
        index: position of the award in its release, for the pointers.
        award_id: its key.
        award: what it says.
        standing: its status in the warehouse's words.
        suppliers: its suppliers; see ``suppliers_of``.
        issues: where a size of a list of its own is noted.
    """
    mentions, identifiers = rows.mentions, rows.identifiers
    for position, supplier, party in suppliers:
        details = party.details or _EMPTY_DETAILS
        scale = details.scale
        if scale is not None and scale != "sme" and scale != "large":
            issues.append(Issue(f"/parties/{supplier.id}/details/scale", "unknown_code", _raw(scale)))
            scale = None
        written = party.identifier
        if written is not None and written.id:
            identifiers.append((len(mentions), written.scheme or "", written.id))
        for written in party.additionalIdentifiers or ():
            if written.id:
                identifiers.append((len(mentions), written.scheme or "", written.id))
        mentions.append(
            (
                len(rows.awards), f"{award_id}#{position}", supplier.id, supplier.name, _line(party.address),
                party.address.region if party.address else None, scale, details.vcse,
            )
        )  # fmt: skip
    value, period = award.value or _EMPTY_VALUE, award.contractPeriod or _EMPTY_PERIOD
    rows.awards.append(
        (
            len(rows.documents) - 1, index, award_id, ";".join(award.relatedLots) if award.relatedLots else None,
            standing, award.date, period.startDate, period.endDate, value.currency, value.amount, value.amountGross,
            len(suppliers),
        )
    )  # fmt: skip


def _line(address: _Address | None) -> str | None:
    """Return an address in one line, as written; a street address alone is what Contracts Finder has."""
    if address is None:
        return None
    if address.locality is None and address.postalCode is None and address.countryName is None:
        return address.streetAddress
    parts = (address.streetAddress, address.locality, address.postalCode, address.countryName)
    return ", ".join(part for part in parts if part) or None


def notice(release: Release, page: str) -> tuple[str | None, str | None]:
    """Return the official page of a release's notice and the notice type where it states one.

    A change will do as well, in which an absent field is neither null nor true.
    """
    url: str | None = None
    kind: str | None = None
    for part in (*(release.contracts or ()), *(release.awards or ()), release.tender, release.planning):
        if not part or not part.documents:
            continue
        for document in part.documents:
            if url is not None and not document.noticeType:
                continue
            link = document.url
            kind = kind or document.noticeType or None
            if link and link.startswith(page) and "/Attachment/" not in link:
                if document.noticeType:
                    return link, document.noticeType
                if url is None:
                    url = link
    if url is None and release.id is not None:
        if _GUID.match(release.id) and "contractsfinder" in page:
            # The page of a notice is its GUID, and the release id is that with a version after it.
            url = page + release.id[:36]
        elif _NUMBER.fullmatch(release.id):
            url = page + release.id
    return url, kind


_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}-")
_NUMBER = re.compile(r"\d{6}-\d{4}")


def _frame(columns: Sequence[str], rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    """Build a frame of rows, texts unless ``_TYPES`` says otherwise."""
    cells = zip(*rows, strict=True) if rows else (() for _ in columns)
    return pl.DataFrame(
        [pl.Series(name, cell, dtype=_TYPES.get(name, pl.String)) for name, cell in zip(columns, cells, strict=True)]
    )


def frames_of(source: str, rows: Rows) -> dict[str, pl.DataFrame]:
    """Make frames of the collected rows: ids, texts, times in UTC, London days, pounds.

    Returns:
        ``release`` and ``procurement`` with one row per document, ``lot``, ``award``, ``supplier_mention``,
        ``supplier_identifier``, ``text_match`` with the phrases of each document, and ``field_issue``.
    """
    found: list[pl.DataFrame] = []
    documents = _documents(source, rows, found)
    award = _awards(documents, rows, found)
    mention = _frame(_MENTION, rows.mentions)
    # What an award shares with its document, and a mention with its award, is typed once and then only gathered.
    mention = pl.concat(
        [award.select("award_id", "published_at", "content_hash")[mention["award"]], mention.drop("award")],
        how="horizontal",
    )
    identifier = _frame(_IDENTIFIER, rows.identifiers)
    frames = {
        "release": documents.select(list(schema.frame_schema("release"))),
        "procurement": documents.select(
            "procurement_id", "source", "ocid", "release_id", "published_at", "content_hash", "buyer_party_id",
            "buyer_name", "reference", "parent_ocid", "status", "title", "cpv_code", "regime", "special_regime",
            "method", "method_details", "direct_award_reason", "announced_on", "pipeline_on", "engaged_on",
            "planned_on", "no_engagement_reason", "tendered_on", "deadline_at", "lots", "no_lots_reason",
            "is_framework", "is_dynamic", "is_above_threshold", "reserved_for", "reserved_location", "estimate_gbp",
            "estimate_gross_gbp", "estimate_low_gbp", "suitable_sme", "suitable_vcse", "notice_url", "description",
            "wording",
        ),
        "lot": _lots(rows, found),
        "award": award.select(
            "award_id", "procurement_id", "source", "ocid", "release_id", "published_at", "content_hash",
            "notice_type", "buyer_party_id", "buyer_name", "lot_id", "status", "awarded_on", "signed_on", "starts_on",
            "ends_on", "ends_latest_on", "changed_on", "change_reason", "end_reason", "currency", "amount_gbp",
            "amount_gross_gbp", "supplier_count", "bids", "bids_sme", "bids_vcse", "notice_url", "title",
            "description", "method_details", "method", "cpv_code", "regime", "special_regime", "is_framework",
            "is_dynamic", "is_above_threshold", "estimate_gbp", "estimate_low_gbp", "parent_ocid", "lot_currencies",
        ),
        "supplier_mention": mention,
        "supplier_identifier": pl.concat(
            [
                mention.select("mention_id", "award_id", "content_hash")[identifier["mention"]],
                identifier.drop("mention"),
            ],
            how="horizontal",
        ),
    }  # fmt: skip
    match = phrases.find(rows.texts)
    frames["text_match"] = pl.concat(
        [
            documents.select("procurement_id", "release_id", "published_at", "content_hash")[match["document"]],
            match.drop("document"),
        ],
        how="horizontal",
    )
    frames["field_issue"] = _issues(source, rows.issues, found)
    return frames


def _issues(source: str, noted: list[tuple[Any, ...]], found: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Put together the issues noted while reading and those found in the columns: each place and kind once."""
    return (
        pl.concat([_frame(_ISSUE, noted), *found])
        .select(pl.lit(source).alias("source"), pl.all())
        .sort(pl.all(), nulls_last=True)
        .unique(schema.key_columns("field_issue"), keep="first", maintain_order=True)
    )


def _more(columns: Sequence[str], rows: list[tuple[Any, ...]], height: int) -> pl.DataFrame:
    """Build the frame of the columns that only one service tells, or as many rows of nulls."""
    if rows:
        return _frame(columns, rows)
    return pl.DataFrame(schema={name: _TYPES.get(name, pl.String) for name in columns}).clear(height)


def _documents(source: str, rows: Rows, found: list[pl.DataFrame]) -> pl.DataFrame:
    """Type the rows of the documents: what a release says of its procurement."""
    told = rows.documents
    documents = pl.concat(
        [_frame(_DOCUMENT, told), _more(_DOCUMENT_MORE, rows.documents_more, len(told))], how="horizontal"
    ).with_columns(
        pl.lit(source).alias("source"),
        pl.col("procurement_id").fill_null(pl.col("ocid")),
        pl.col("tells_tender").fill_null(True),
    )
    documents = _dated(documents, ("announced_on", "tendered_on"), ("published_at", "deadline_at"), found)
    early = ("pipeline_on", "engaged_on", "planned_on")
    if rows.documents_more:
        known = instants(pl.concat([documents[name] for name in early]))
        documents = documents.with_columns(_parts(days(known), early))
        documents = documents.with_columns(pl.min_horizontal(early).alias("announced_on"))
    else:
        documents = documents.with_columns(pl.lit(None, pl.Date).alias(name) for name in early)
    # In sterling only: an estimate in another currency is no number of pounds.
    told_now = pl.when("tells_tender")
    amounts = (
        ("estimate", "estimate_currency", told_now.then(pl.lit("/tender/value/amount"))),
        ("estimate_gross", "estimate_currency", told_now.then(pl.lit("/tender/value/amountGross"))),
        ("estimate_low", "estimate_low_currency", told_now.then(pl.lit("/tender/minValue/amount"))),
    )
    found.extend(_unpaid(documents, amounts))
    return documents.with_columns(
        _laws(documents).alias("regime"),
        *(_sterling(amount, currency).alias(f"{amount}_gbp") for amount, currency, _ in amounts),
    )


_WORTH = (
    ("amount", "currency", pl.format("{}/value/amount", "value_at")),
    ("amount_gross", "currency", pl.format("{}/value/amountGross", "value_at")),
)
"""The amounts of an award or lot: column, column of the currency, and the JSON pointer."""


def _awards(documents: pl.DataFrame, rows: Rows, found: list[pl.DataFrame]) -> pl.DataFrame:
    """Type the rows of the awards, with what each shares with its document."""
    award = pl.concat(
        [_frame(_AWARD, rows.awards), _more(_AWARD_MORE, rows.awards_more, len(rows.awards))], how="horizontal"
    )
    shared = documents.select(
        "procurement_id", "source", "ocid", "release_id", "published_at", "content_hash", "notice_type", "notice_url",
        "buyer_party_id", "buyer_name", "title", "description", "wording", "direct_award_reason", "method",
        "method_details", "cpv_code", "regime", "special_regime", "is_framework", "is_dynamic", "is_above_threshold",
        "estimate_gbp", "estimate_low_gbp", "parent_ocid",
    )  # fmt: skip
    award = pl.concat([shared[award["document"]], award], how="horizontal")
    if not rows.awards_more:
        place = pl.format("/awards/{}", "index")
        award = award.with_columns(place.alias("value_at"), place.alias("dates_at"))
    more = ("signed_on", "ends_latest_on", "changed_on")
    if rows.awards_more:
        award = _dated(award, ("awarded_on", "starts_on", "ends_on", *more), (), found)
        # A framework may be set up by one lot only: an award tells that of its own lots.
        award = award.with_columns(pl.col("framework").alias("is_framework"), pl.col("dynamic").alias("is_dynamic"))
    else:
        award = _dated(award, ("awarded_on", "starts_on", "ends_on"), (), found)
        award = award.with_columns(pl.lit(None, pl.Date).alias(name) for name in more)
    found.extend(_unpaid(award, _WORTH))
    return award.with_columns(
        _sterling("amount", "currency").alias("amount_gbp"),
        _sterling("amount_gross", "currency").alias("amount_gross_gbp"),
        pl.coalesce("above_threshold", "is_above_threshold").alias("is_above_threshold"),
        _standing(award).alias("status"),
        # Why it was awarded directly says that it was under a framework, where the description is silent.
        pl.when(pl.col("direct_award_reason").is_null())
        .then("description")
        .otherwise(pl.concat_str("description", "direct_award_reason", separator="\n", ignore_nulls=True))
        .alias("description"),
    )


def _lots(rows: Rows, found: list[pl.DataFrame]) -> pl.DataFrame:
    """Type the rows of the lots."""
    lot = _frame(_LOT, rows.lots)
    if rows.lots:
        lot = _dated(lot, ("starts_on", "ends_on", "ends_latest_on"), (), found)
        lot = lot.with_columns(instants(lot["published_at"]).alias("published_at"))
        found.extend(_unpaid(lot, _WORTH))
        lot = lot.with_columns(
            _sterling("amount", "currency").alias("amount_gbp"),
            _sterling("amount_gross", "currency").alias("amount_gross_gbp"),
        )
        return lot.select(list(schema.frame_schema("lot")))
    return schema.empty("lot")


_HEALTH_REGIME = ["provider selection regime", "psr regulations"]
_NAMES_HEALTH_REGIME = re.compile("|".join(_HEALTH_REGIME), re.IGNORECASE)

_SAYS = (
    r"(?:^|\b(?:is|as|constitutes|represents|publish(?:es|ing)|issu(?:es|ing)|giv(?:es|ing))\b)\W*"
    r"(?:(?:an?|the|its|our|their|formal|public|notice|notification|of|provider|selection|regime|psr)\W+){0,9}"
)
_AWARD_OF = r"(?:make (?:an?|the) )?(?:direct(?:ly)? )?award"
_INTENTION_TITLE = rf"(?i)\binten(?:tion|t) to {_AWARD_OF}"
_INTENTION = (
    rf"(?i){_SAYS}inten(?:tion|t) to {_AWARD_OF}|\bintend(?:s|ing) to {_AWARD_OF}|marks the start of the standstill"
)
_CONFIRMED = (
    rf"(?i){_SAYS}confirm(?:ation|ing|s)\W+(?:of\W+)?(?:(?:the|an?|its|contract|direct)\W+){{0,3}}award"
    r"|\bstandstill period (?:has )?(?:now )?(?:ended|expired|passed|closed)"
)
"""How notices of the health services say that they state an intention, and how a later one says that it was awarded.

They are published in the forms of the regulations before the Act, as awards, and only their words tell
(https://www.gov.uk/government/publications/provider-selection-regime-statutory-guidance, on transparency).
"""


def _laws(documents: pl.DataFrame) -> pl.Series:
    """Return the regimes, with that of the health services where the words name it; the Act has its own notices."""
    texts = ("title", "description", "wording")
    # A plain search passes over nearly everything, at a fifth of the time that the other takes.
    likely = documents.select(
        pl.any_horizontal(
            pl.col(text).str.contains(part, literal=True).fill_null(False)
            for text in texts
            for part in ("egime", "EGIME", "PSR")
        )
        & pl.col("regime").ne_missing("pa2023")
    ).to_series()
    place = likely.arg_true()
    if place.is_empty():
        return documents["regime"]
    named = documents.select(texts)[place].select(
        pl.any_horizontal(
            pl.col(text).str.contains_any(_HEALTH_REGIME, ascii_case_insensitive=True).fill_null(False)
            for text in texts
        )
    )
    return documents["regime"].scatter(place.filter(named.to_series()), "psr2023")


def _standing(award: pl.DataFrame) -> pl.Series:
    """Return the status of awards, with those intended that a notice of the health services only announces."""
    status = award["status"]
    health = (status == "active") & (award["regime"] == "psr2023")
    if not health.any():
        return status
    # These patterns are dear: they only read the few notices that they are for.
    texts = [pl.col(text).fill_null("") for text in ("title", "description", "wording")]
    says = texts[0].str.contains(_INTENTION_TITLE) | pl.any_horizontal(t.str.contains(_INTENTION) for t in texts)
    confirms = pl.any_horizontal(text.str.contains(_CONFIRMED) for text in texts)
    place = health.fill_null(False).arg_true()
    intended = award.select("title", "description", "wording")[place].select(says & ~confirms).to_series()
    return status.scatter(place.filter(intended), "intended")


def names_health_regime(text: str) -> bool:
    """Tell whether a text names the regime for health services."""
    return _NAMES_HEALTH_REGIME.search(text) is not None


def announces(title: str | None, description: str | None, wording: str | None) -> bool:
    """Tell whether a notice of the health services only states the intention to award, by its words.

    Args:
        title: title of the tender.
        description: description of the tender.
        wording: further text of the notice.
    """
    texts = {"title": title, "description": description, "wording": wording}
    if not any(_NAMES_HEALTH_REGIME.search(text) for text in texts.values() if text):
        return False
    columns = {"status": "active", "regime": "psr2023"} | texts
    told = pl.DataFrame({name: pl.Series([text], dtype=pl.String) for name, text in columns.items()})
    return bool((_standing(told) == "intended").all())


def instants(text: pl.Series) -> pl.Series:
    """Read texts such as ``2025-07-01T00:00:00+01:00`` as times in UTC; without a zone they are London wall-clock.

    Returns null for anything that is no time, and for years that are plainly typing errors.
    """
    told = pl.DataFrame({"text": text}).with_columns(
        pl.col("text")
        .str.slice(0, 19)
        .str.to_datetime("%Y-%m-%dT%H:%M:%S", time_unit="us", strict=False)
        .alias("wall"),
        pl.col("text").str.slice(19).alias("zone"),
    )
    wall, zone = pl.col("wall"), pl.col("zone")
    read = told.select(
        pl.when(zone == "+01:00")
        .then(wall - pl.duration(hours=1))
        .otherwise(wall)
        .dt.replace_time_zone("UTC")
        .alias("time"),
        (pl.col("text").is_not_null() & ~(wall.is_not_null() & zone.is_in(["+01:00", "Z"]))).alias("is_rare"),
    )
    # Both services write Z and +01:00: only when something else occurs is the slow reading worth its time.
    time, rare = read["time"], read["is_rare"].arg_true()
    if not rare.is_empty():
        time = time.scatter(rare, _rare_instants(text[rare]))
    is_sane = pl.col("time").dt.year().is_between(EARLIEST_YEAR, LATEST_YEAR)
    return time.to_frame().select(pl.when(is_sane).then("time").alias(text.name)).to_series()


def _rare_instants(text: pl.Series) -> pl.Series:
    """Read dates without a time, other offsets, fractions of a second, and times without a zone."""
    whole = pl.col("text").str.replace(r"^(\d{4}-\d\d-\d\d)$", "${1}T00:00:00").str.replace(r"(:\d\d)\.\d+", "$1")
    wall = whole.str.slice(0, 19).str.to_datetime("%Y-%m-%dT%H:%M:%S", time_unit="us", strict=False)
    zone = whole.str.slice(19).str.replace("^Z$", "+00:00")
    sign = pl.when(zone.str.starts_with("-")).then(-1).otherwise(1)
    hours, minutes = (zone.str.extract(r"^[+-](\d\d):?(\d\d)$", group).cast(pl.Int64) for group in (1, 2))
    offset = (wall - pl.duration(minutes=sign * (hours * 60 + minutes))).dt.replace_time_zone("UTC")
    london = wall.dt.replace_time_zone("Europe/London", ambiguous="earliest", non_existent="null")
    time = pl.when(zone == "").then(london.dt.convert_time_zone("UTC")).otherwise(offset)
    return pl.DataFrame({"text": text}).select(time).to_series()


def days(times: pl.Series) -> pl.Series:
    """Return the London calendar days of times in UTC: midnight in July is not the day before."""
    return times.dt.convert_time_zone("Europe/London").dt.date()


def _written_days(text: pl.Series, times: pl.Series) -> pl.Series:
    """Return the days of times in UTC, but of the last second of a day in UTC the day as written.

    Find a Tender writes the end of a period in summer now as ``T23:59:59+01:00`` and now as ``T23:59:59Z``, and means
    the end of that day.
    """
    found = days(times)
    last_second = (text.str.ends_with("T23:59:59Z") | text.str.ends_with("T23:59:59+00:00")).fill_null(False)
    return found.zip_with(~last_second, times.dt.date()) if last_second.any() else found


def pounds(column: str) -> pl.Expr:
    """Return an amount exact to the penny, or null where it is too large to be held so."""
    amount = pl.col(column)
    pence = (amount * 100).round(0).cast(pl.Int64, strict=False)
    exact = (pence.cast(pl.Decimal(38, 2)) / 100).cast(pl.Decimal(18, 2))
    return pl.when(amount.abs() < schema.LARGEST_AMOUNT_GBP).then(exact)


def _sterling(amount: str, currency: str) -> pl.Expr:
    return pl.when(pl.col(currency) == "GBP").then(pounds(amount))


def _parts(values: pl.Series, columns: Sequence[str]) -> list[pl.Series]:
    """Cut the values of several columns, one after the other, into these columns."""
    height = len(values) // max(1, len(columns))
    return [values.slice(place * height, height).alias(column) for place, column in enumerate(columns)]


def _dated(frame: pl.DataFrame, dates: Sequence[str], times: Sequence[str], found: list[pl.DataFrame]) -> pl.DataFrame:
    """Replace the texts of date and time columns by their values; add to ``found`` those that are no date."""
    columns = (*dates, *times)
    # All columns at once: reading a column costs as much as reading a thousand more values.
    texts = pl.concat([frame[column] for column in columns])
    values = instants(texts)
    of_days = len(dates) * frame.height
    typed = _parts(_written_days(texts.head(of_days), values.head(of_days)), dates)
    typed += _parts(values.tail(len(values) - of_days), times)
    for column, text, value in zip(columns, _parts(texts, columns), typed, strict=True):
        if value.null_count() != text.null_count():
            where = _DATES[column]
            if where.startswith("/"):
                told = pl.lit(True) if column == "published_at" else pl.col("tells_tender")
                pointer: pl.Expr = pl.when(told).then(pl.lit(where))
            else:
                # A contract names its period otherwise than an award does.
                inside = pl.col("dates_at").str.starts_with("/contracts")
                pointer = pl.format(
                    "{}/{}", "dates_at",
                    pl.when(inside).then(pl.lit(where.replace("contractPeriod", "period"))).otherwise(pl.lit(where)),
                )  # fmt: skip
            bad = frame.filter(text.is_not_null() & value.is_null())
            found.extend(_noted(bad, pointer, "not_a_date", pl.col(column)))
    return frame.with_columns(typed)


def _unpaid(frame: pl.DataFrame, amounts: Sequence[tuple[str, str, pl.Expr]]) -> list[pl.DataFrame]:
    """List amounts that are too large to be held, were rounded to the penny, or are not in sterling.

    Args:
        frame: the rows.
        amounts: column of the amount, column of its currency, and JSON pointer; null leaves it out.
    """
    odd = []
    for column, currency, _ in amounts:
        amount = pl.col(column)
        large = amount.abs() >= schema.LARGEST_AMOUNT_GBP
        rounded = ~large & ((amount * 100 - (amount * 100).round(0)).abs() > 0.001)
        foreign = amount.is_not_null() & (pl.col(currency).is_null() | (pl.col(currency) != "GBP"))
        odd.append((large, rounded, foreign))
    suspects = frame.lazy().filter(pl.any_horizontal(test for tests in odd for test in tests)).collect()
    if suspects.is_empty():
        return []
    found = []
    for (column, currency, pointer), (large, rounded, foreign) in zip(amounts, odd, strict=True):
        amount = pl.col(column)
        stated = pl.format("{} {}", pl.col(currency).fill_null("no currency"), amount)
        found += _noted(suspects.filter(large), pointer, "out_of_range", amount.cast(pl.String))
        found += _noted(suspects.filter(rounded), pointer, "rounded", amount.cast(pl.String))
        found += _noted(suspects.filter(foreign), pointer, "foreign_currency", stated)
    return found


def _noted(rows: pl.DataFrame, pointer: pl.Expr, issue: str, raw: pl.Expr) -> list[pl.DataFrame]:
    """Return the issues of some rows, those left out whose pointer is null: an earlier release told them."""
    noted = rows.select(
        "ocid", "release_id", pointer.alias("pointer"), pl.lit(issue).alias("issue"),
        raw.str.slice(0, LONGEST_RAW).alias("raw"),
    ).filter(pl.col("pointer").is_not_null())  # fmt: skip
    return [noted] if noted.height else []

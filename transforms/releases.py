"""Turn archived releases into flat frames: every document becomes rows, or a rejection with its place and reason.

A document is decoded twice at most.
The strict reading knows the types that the services document and is as fast as a bare parse.
Whatever it refuses is read again without expectations, field by field: a value that does not fit is repaired or
left out, and ``field_issue`` says so.
Only a document without an ocid, without an id, or that is no JSON object at all, is set aside.

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
from types import UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

import msgspec
import polars as pl

from warehouse import schema

LARGEST_DOCUMENT = 1 << 16
"""Documents above this many bytes are read field by field, with their texts cut."""

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


class _Value(_Struct):
    amount: float | None = None
    amountGross: float | None = None
    currency: str | None = None


class _Period(_Struct):
    startDate: str | None = None
    endDate: str | None = None


class _Identifier(_Struct):
    scheme: str | None = None
    id: str | None = None


class _Address(_Struct):
    streetAddress: str | None = None
    locality: str | None = None
    postalCode: str | None = None
    countryName: str | None = None


class _Details(_Struct):
    scale: str | None = None
    vcse: bool | None = None


class _Party(_Struct):
    id: str | None = None
    name: str | None = None
    identifier: _Identifier | None = None
    additionalIdentifiers: list[_Identifier] | None = None
    address: _Address | None = None
    details: _Details | None = None


class _Reference(_Struct):
    id: str | None = None
    name: str | None = None


class _Document(_Struct):
    id: str | None = None
    documentType: str | None = None
    noticeType: str | None = None
    datePublished: str | None = None
    url: str | None = None


class _Award(_Struct):
    id: str | None = None
    status: str | None = None
    date: str | None = None
    value: _Value | None = None
    suppliers: list[_Reference] | None = None
    contractPeriod: _Period | None = None
    documents: list[_Document] | None = None
    relatedLots: list[str] | None = None


class _Classification(_Struct):
    scheme: str | None = None
    id: str | None = None


class _Suitability(_Struct):
    sme: bool | None = None
    vcse: bool | None = None


class _Basis(_Struct):
    id: str | None = None


class _Techniques(_Struct):
    hasFrameworkAgreement: bool | None = None


class _Tender(_Struct):
    title: str | None = None
    description: str | None = None
    classification: _Classification | None = None
    procurementMethod: str | None = None
    procurementMethodDetails: str | None = None
    tenderPeriod: _Period | None = None
    datePublished: str | None = None
    suitability: _Suitability | None = None
    documents: list[_Document] | None = None
    legalBasis: _Basis | None = None
    techniques: _Techniques | None = None
    lots: list[_Reference] | None = None


class _Planning(_Struct):
    documents: list[_Document] | None = None


class _Contract(_Struct):
    documents: list[_Document] | None = None


class Release(_Struct):
    """One release, as far as Noticeboard reads it."""

    ocid: str | None = None
    id: str | None = None
    date: str | None = None
    tag: list[str] | None = None
    planning: _Planning | None = None
    tender: _Tender | None = None
    parties: list[_Party] | None = None
    buyer: _Reference | None = None
    awards: list[_Award] | None = None
    contracts: list[_Contract] | None = None


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
    if not (_needs_care([line])[0] if careful is None else careful):
        try:
            release = _strict(line)
        except _REFUSED:
            pass
        else:
            if release.ocid and release.id and len(release.ocid) > _PREFIX:
                return release, []
    return decode_tolerantly(line)


_REFUSED = (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError)
"""What the strict reading raises for whatever it does not expect."""

_PREFIX = len("ocds-b5fd17-")


def _needs_care(lines: Sequence[bytes]) -> list[bool]:
    """Tell which documents hold an escaped NUL, which needs scrubbing, or are so large that texts need cutting.

    Both only happen field by field, and so do lone surrogates, which the strict reading refuses.
    """
    document = pl.Series(lines, dtype=pl.Binary)
    return (document.bin.contains(b"\\u0000") | (document.bin.size() > LARGEST_DOCUMENT)).to_list()


def decode_tolerantly(line: bytes) -> tuple[Release, list[Issue]]:
    """Read one document without expectations: what does not fit is repaired or left out, and noted.

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
        release: Release = _fit(document, Release, "", issues)
    except RecursionError:
        raise UnreadableRelease(None, None, "", "it is nested too deeply to be read") from None
    if not release.ocid or len(release.ocid) <= _PREFIX:
        raise UnreadableRelease(
            release.ocid, release.id, "/ocid", "it has no complete ocid, so it belongs to no procurement"
        )
    if not release.id:
        parts = (*(release.contracts or ()), *(release.awards or ()), release.tender, release.planning)
        documents = (found for part in parts if part is not None for found in part.documents or ())
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
            return kind(
                **{
                    name: _fit(value[name], wanted, f"{pointer}/{name}", issues)
                    for name, wanted in _fields(kind).items()
                    if name in value
                }
            )
    elif get_origin(kind) is list:
        inner = get_args(kind)[0]
        if isinstance(value, dict) and value and all(isinstance(item, (dict, str)) for item in value.values()):
            # Find a Tender wrote {"1": {...}} for a list in 2021.
            issues.append(Issue(pointer, "object_for_list", None))
            value = list(value.values())
        if isinstance(value, list):
            fitted = (_fit(item, inner, f"{pointer}/{i}", issues) for i, item in enumerate(value))
            return [item for item in fitted if item is not None]
    else:
        return _SCALARS[kind](value, pointer, issues)
    issues.append(Issue(pointer, "wrong_type", _raw(value)))
    return None


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


# --- flatten -------------------------------------------------------------------------------------------------------

_DATES = {
    "published_at": "/date",
    "announced_on": "/planning/documents/0/datePublished",
    "tendered_on": "/tender/datePublished",
    "deadline_at": "/tender/tenderPeriod/endDate",
    "awarded_on": "date",
    "starts_on": "contractPeriod/startDate",
    "ends_on": "contractPeriod/endDate",
}
"""Where each date stands; those of an award are relative to it."""

_DOCUMENT = (
    "ocid", "release_id", "tag", "published_at", "notice_type", "notice_url", "archive_path", "content_hash",
    "buyer_party_id", "buyer_name", "title", "description", "cpv_code", "regime", "method", "method_details",
    "announced_on", "tendered_on", "deadline_at", "lots", "is_framework", "suitable_sme", "suitable_vcse",
)  # fmt: skip
_AWARD = (
    "document", "index", "award_id", "lot_id", "status", "awarded_on", "starts_on", "ends_on", "currency", "amount",
    "amount_gross", "supplier_count",
)  # fmt: skip
_MENTION = ("award", "mention_id", "party_id", "supplier_name", "address", "scale_declared", "vcse_declared")
_IDENTIFIER = ("mention", "scheme", "raw")
_ISSUE = ("ocid", "release_id", "pointer", "issue", "raw")
_REJECTED = ("document_id", "ocid", "release_id", "pointer", "reason", "bytes", "archive_path")

_TYPES: dict[str, Any] = {
    "amount": pl.Float64, "amount_gross": pl.Float64, "supplier_count": pl.Int64, "lots": pl.Int64, "index": pl.Int64,
    "document": pl.UInt32, "award": pl.UInt32, "mention": pl.UInt32, "bytes": pl.Int64, "is_framework": pl.Boolean,
    "suitable_sme": pl.Boolean, "suitable_vcse": pl.Boolean, "vcse_declared": pl.Boolean,
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

_EMPTY_TENDER, _EMPTY_PARTY, _EMPTY_REFERENCE = _Tender(), _Party(), _Reference()
_EMPTY_DETAILS, _EMPTY_SUITABILITY = _Details(), _Suitability()


@contextmanager
def _without_collection() -> Iterator[None]:
    """Put off the search for cycles: there are none among these rows, and it takes a fifth of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@_without_collection()
def flatten(source: str, files: Iterable[tuple[str, Sequence[bytes]]]) -> Flat:
    """Turn archived documents of one source into the told frames.

    Args:
        source: the service, such as ``contracts-finder``.
        files: archive path and documents, one JSON object each.

    Returns:
        Frames ``release``, ``procurement``, ``award``, ``supplier_mention``, ``supplier_identifier``, ``field_issue``
        and ``rejected``: one row per document, per document, per award told, per named supplier told and so on, with
        times in UTC, dates as London calendar days and amounts in pounds. ``documents`` is ``used`` + ``rejected``.
    """
    told: list[tuple[Any, ...]] = []
    awards: list[tuple[Any, ...]] = []
    mentions: list[tuple[Any, ...]] = []
    identifiers: list[tuple[Any, ...]] = []
    field_issues: list[tuple[Any, ...]] = []
    rejected: list[tuple[Any, ...]] = []
    documents = 0
    sha256 = hashlib.sha256
    page = NOTICE_PAGES.get(source, "https://")
    for path, lines in files:
        for line, careful in zip(lines, _needs_care(lines), strict=True):
            documents += 1
            content_hash = sha256(line).hexdigest()[:32]
            try:
                release, issues = decode(line, careful)
            except UnreadableRelease as error:
                where = _scrub(error.ocid) if error.ocid else None
                rejected.append((content_hash, where, error.release_id, error.pointer, error.reason, len(line), path))
                continue
            ocid, release_id = release.ocid, release.id
            tender = release.tender or _EMPTY_TENDER
            buyer = release.buyer or _EMPTY_REFERENCE
            suitability = tender.suitability or _EMPTY_SUITABILITY
            notice_url, notice_type = _notice(release, page)
            tag, planning = release.tag, release.planning
            told.append(
                (
                    ocid, release_id, ",".join(tag) if tag else None, release.date, notice_type, notice_url, path,
                    content_hash, buyer.id, buyer.name, tender.title, tender.description if release.awards else None,
                    tender.classification.id if tender.classification is not None else None,
                    _REGIMES.get(tender.legalBasis.id or "") if tender.legalBasis is not None else None,
                    tender.procurementMethod, tender.procurementMethodDetails,
                    min((d.datePublished for d in planning.documents or () if d.datePublished), default=None)
                    if planning is not None else None,
                    tender.datePublished, tender.tenderPeriod.endDate if tender.tenderPeriod is not None else None,
                    len(tender.lots) if tender.lots is not None else None,
                    tender.techniques.hasFrameworkAgreement if tender.techniques is not None else None,
                    suitability.sme, suitability.vcse,
                )
            )  # fmt: skip
            if release.awards:
                parties = {party.id: party for party in release.parties or () if party.id}
                shared = len(parties) != len(release.parties or ())
                last = {award.id: index for index, award in enumerate(release.awards)}
                for index, award in enumerate(release.awards):
                    award_id = award.id
                    if award_id and last[award_id] != index:
                        # Two awards under one id: only the last one, or its amount would meet the other's suppliers.
                        issues.append(Issue(f"/awards/{index}/id", "repeated_id", _raw(award_id)))
                        continue
                    if not award_id:
                        award_id = f"{ocid}/{release_id}/{index}"
                        issues.append(Issue(f"/awards/{index}/id", "missing_id", None))
                    elif not award_id.startswith(ocid):  # type: ignore[arg-type]  # no document comes here without one
                        award_id = f"{ocid}/{award_id}"
                    status = _STATUSES.get(award.status or "")
                    if status is None and award.status is not None:
                        issues.append(Issue(f"/awards/{index}/status", "unknown_code", _raw(award.status)))
                    value, period = award.value, award.contractPeriod
                    named = 0
                    for position, supplier in enumerate(award.suppliers or (), 1):
                        name = supplier.name
                        if not name:
                            issues.append(Issue(f"/awards/{index}/suppliers/{position - 1}/name", "missing_name", None))
                            continue
                        named += 1
                        party = parties.get(supplier.id or "", _EMPTY_PARTY)
                        if shared and party.name != name:
                            # Two suppliers under one party id: the name tells which of them is meant.
                            party = next(
                                (p for p in release.parties or () if p.id == supplier.id and p.name == name), party
                            )
                        details = party.details or _EMPTY_DETAILS
                        scale = details.scale
                        if scale is not None and scale != "sme" and scale != "large":
                            issues.append(Issue(f"/parties/{supplier.id}/details/scale", "unknown_code", _raw(scale)))
                            scale = None
                        if party.identifier is not None or party.additionalIdentifiers:
                            identifiers.extend(
                                (len(mentions), written.scheme or "", written.id)
                                for written in (party.identifier, *(party.additionalIdentifiers or ()))
                                if written is not None and written.id
                            )
                        mentions.append(
                            (
                                len(awards), f"{award_id}#{position}", supplier.id, name, _line(party.address), scale,
                                details.vcse,
                            )
                        )  # fmt: skip
                    awards.append(
                        (
                            len(told) - 1, index, award_id, award.relatedLots[0] if award.relatedLots else None, status,
                            award.date, period.startDate if period is not None else None,
                            period.endDate if period is not None else None,
                            value.currency if value is not None else None,
                            value.amount if value is not None else None,
                            value.amountGross if value is not None else None, named,
                        )
                    )  # fmt: skip
            if issues:
                field_issues.extend((ocid, release_id, *issue) for issue in issues)
    frames, found = _frames(source, told, awards, mentions, identifiers)
    frames["field_issue"] = (
        pl.concat([_frame(_ISSUE, field_issues), *found])
        .select(pl.lit(source).alias("source"), pl.all())
        .sort(pl.all(), nulls_last=True)
        .unique(["source", "ocid", "release_id", "pointer", "issue"], keep="first", maintain_order=True)
    )
    frames["rejected"] = (
        _frame(_REJECTED, rejected)
        .with_columns(pl.lit(source).alias("source"), pl.lit(None, pl.Int64).alias("byte_offset"))
        .select(list(schema.frame_schema("rejected")))
        .unique(["source", "document_id"], keep="first", maintain_order=True)
    )
    # Counted from what came out, not from what is missing: the night compares the three.
    return Flat(frames, documents, frames["release"].height, len(rejected))


def _line(address: _Address | None) -> str | None:
    """Return an address in one line, as written; a street address alone is what Contracts Finder has."""
    if address is None:
        return None
    if address.locality is None and address.postalCode is None and address.countryName is None:
        return address.streetAddress
    parts = (address.streetAddress, address.locality, address.postalCode, address.countryName)
    return ", ".join(part for part in parts if part) or None


def _notice(release: Release, page: str) -> tuple[str | None, str | None]:
    """Return the official page of a release's notice and the notice type where it states one."""
    url = None
    for part in (*(release.contracts or ()), *(release.awards or ()), release.tender, release.planning):
        if part is None or part.documents is None:
            continue
        for document in part.documents:
            link = document.url
            if link is not None and link.startswith(page) and "/Attachment/" not in link:
                if document.noticeType is not None:
                    return link, document.noticeType
                if url is None:
                    url = link
    if url is None and release.id is not None:
        if _GUID.match(release.id) and "contractsfinder" in page:
            # The page of a notice is its GUID, and the release id is that with a version after it.
            url = page + release.id[:36]
        elif _NUMBER.fullmatch(release.id):
            url = page + release.id
    return url, None


_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}-")
_NUMBER = re.compile(r"\d{6}-\d{4}")


def _frame(columns: Sequence[str], rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    """Build a frame of rows, texts unless ``_TYPES`` says otherwise."""
    cells = zip(*rows, strict=True) if rows else (() for _ in columns)
    return pl.DataFrame(
        [pl.Series(name, cell, dtype=_TYPES.get(name, pl.String)) for name, cell in zip(columns, cells, strict=True)]
    )


def _frames(
    source: str,
    told: list[tuple[Any, ...]],
    awards: list[tuple[Any, ...]],
    mentions: list[tuple[Any, ...]],
    identifiers: list[tuple[Any, ...]],
) -> tuple[dict[str, pl.DataFrame], list[pl.DataFrame]]:
    """Type the collected rows; return the frames and the issues found in dates and amounts."""
    found: list[pl.DataFrame] = []
    documents = _frame(_DOCUMENT, told).with_columns(pl.lit(source).alias("source"))
    documents = _dated(documents, ("announced_on", "tendered_on"), ("published_at", "deadline_at"), found)
    award = _frame(_AWARD, awards)
    # What an award shares with its document, and a mention with its award, is typed once and then only gathered.
    award = pl.concat([documents[award["document"]], award], how="horizontal")
    award = _dated(award, ("awarded_on", "starts_on", "ends_on"), (), found)
    found.extend(_unpaid(award))
    sterling = pl.col("currency") == "GBP"
    award = award.with_columns(
        pl.when(sterling).then(pounds("amount")).alias("amount_gbp"),
        pl.when(sterling).then(pounds("amount_gross")).alias("amount_gross_gbp"),
    )
    mention = _frame(_MENTION, mentions)
    mention = pl.concat(
        [award.select("award_id", "published_at", "content_hash")[mention["award"]], mention.drop("award")],
        how="horizontal",
    )
    identifier = _frame(_IDENTIFIER, identifiers)
    procurement_id = pl.col("ocid").alias("procurement_id")
    frames = {
        "release": documents.select(list(schema.frame_schema("release"))),
        "procurement": documents.select(
            procurement_id, "source", "ocid", "release_id", "published_at", "content_hash", "buyer_party_id",
            "buyer_name", "title", "cpv_code", "regime", "method", "method_details", "announced_on", "tendered_on",
            "deadline_at", "lots", "is_framework", "suitable_sme", "suitable_vcse", "notice_url",
            pl.lit(None, pl.String).alias("duplicate_of"),
        ),
        "award": award.select(
            "award_id", procurement_id, "source", "ocid", "release_id", "published_at", "content_hash",
            "buyer_party_id", "buyer_name", "lot_id", "status", "awarded_on", "starts_on", "ends_on", "currency",
            "amount_gbp", "amount_gross_gbp", "supplier_count", "notice_url", "title", "description",
            "method_details", "method", "cpv_code",
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
    return frames, [frame for frame in found if frame.height]


def instants(text: pl.Series) -> pl.Series:
    """Read texts such as ``2025-07-01T00:00:00+01:00`` as times in UTC; without a zone they are London wall-clock.

    Returns null for anything that is no time, and for years that are plainly typing errors.
    """
    wall = text.str.slice(0, 19).str.to_datetime("%Y-%m-%dT%H:%M:%S", time_unit="us", strict=False)
    zone = text.str.slice(19)
    summer, winter = zone == "+01:00", zone == "Z"
    # Both services write Z and +01:00: only when something else occurs is the slow reading worth its time.
    rare = text.is_not_null() & ~(wall.is_not_null() & (summer | winter))
    hour = pl.Series([3_600_000_000], dtype=pl.Duration("us"))
    usual = wall.zip_with(~summer.fill_null(False), wall - hour).dt.replace_time_zone("UTC")
    if rare.any():
        usual = usual.zip_with(~rare, _rare_instants(text))
    return usual.zip_with(
        usual.dt.year().is_between(EARLIEST_YEAR, LATEST_YEAR).fill_null(False), pl.Series([None], dtype=usual.dtype)
    )


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


def pounds(column: str) -> pl.Expr:
    """Return an amount exact to the penny, or null where it is too large to be held so."""
    amount = pl.col(column)
    pence = (amount * 100).round(0).cast(pl.Int64, strict=False)
    exact = (pence.cast(pl.Decimal(38, 2)) / 100).cast(pl.Decimal(18, 2))
    return pl.when(amount.abs() < schema.LARGEST_AMOUNT_GBP).then(exact)


def _dated(frame: pl.DataFrame, dates: Sequence[str], times: Sequence[str], found: list[pl.DataFrame]) -> pl.DataFrame:
    """Replace the texts of date and time columns by their values; add to ``found`` those that are no date."""
    typed = []
    for column in (*dates, *times):
        text = frame[column]
        value = instants(text)
        if value.null_count() != text.null_count():
            where = _DATES[column]
            pointer = pl.lit(where) if where.startswith("/") else pl.format("/awards/{}/" + where, "index")
            bad = frame.filter(text.is_not_null() & value.is_null())
            found.append(_noted(bad, pointer, "not_a_date", pl.col(column)))
        typed.append((days(value) if column in dates else value).alias(column))
    return frame.with_columns(typed)


def _unpaid(award: pl.DataFrame) -> list[pl.DataFrame]:
    """List amounts that are too large to be held, were rounded to the penny, or are not in sterling."""
    found = []
    for column, name in (("amount", "amount"), ("amount_gross", "amountGross")):
        amount = pl.col(column)
        pointer = pl.format("/awards/{}/value/" + name, "index")
        large = amount.abs() >= schema.LARGEST_AMOUNT_GBP
        rounded = ~large & ((amount * 100 - (amount * 100).round(0)).abs() > 0.001)
        foreign = amount.is_not_null() & (pl.col("currency").is_null() | (pl.col("currency") != "GBP"))
        suspects = award.lazy().filter(large | rounded | foreign).collect()
        if suspects.height:
            stated = pl.format("{} {}", pl.col("currency").fill_null("no currency"), amount)
            found.append(_noted(suspects.filter(large), pointer, "out_of_range", amount.cast(pl.String)))
            found.append(_noted(suspects.filter(rounded), pointer, "rounded", amount.cast(pl.String)))
            found.append(_noted(suspects.filter(foreign), pointer, "foreign_currency", stated))
    return found


def _noted(rows: pl.DataFrame, pointer: pl.Expr, issue: str, raw: pl.Expr) -> pl.DataFrame:
    return rows.select(
        "ocid", "release_id", pointer.alias("pointer"), pl.lit(issue).alias("issue"),
        raw.str.slice(0, LONGEST_RAW).alias("raw"),
    )  # fmt: skip

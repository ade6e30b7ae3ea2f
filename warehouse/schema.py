"""Every table and column of the warehouse, declared once, each with its sentence.

From this page come the SQL of both engines, the frames that the transforms fill, the data dictionary,
the comments in PostgreSQL and the published ``datapackage.json``.

Suffixes: ``_id`` an identifier, ``_name`` a name, ``_gbp`` pounds, ``_on`` a London calendar date,
``_at`` a time in UTC, ``_share`` a part between 0 and 1; ``is_`` and ``has_`` are true, false or not known.
Null always means "not known", never 0 and never "no".
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

Frames = Mapping[str, pl.DataFrame]
"""A mapping from table name to frame: the one thing that travels through a night."""

LARGEST_AMOUNT_GBP = 10**13
"""Amounts from here on are not kept: below it, both engines hold every penny exactly."""

metadata = sa.MetaData()


class Money(TypeDecorator[Any]):
    """Pounds, exact to the penny: ``NUMERIC(18,2)`` on PostgreSQL, the nearest double on SQLite.

    SQLite has no decimal type. A double names every penny below ten trillion pounds without ambiguity, reads as
    pounds and compares as a number; sum it with ``round(sum(amount_gbp), 2)``.
    """

    impl = sa.Numeric(18, 2)
    cache_ok = True


class Instant(TypeDecorator[Any]):
    """A time in UTC: ``timestamptz`` on PostgreSQL, ``2026-03-29T01:00:00Z`` as text on SQLite, which sorts as time."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Store text on SQLite, which has no type for times."""
        return dialect.type_descriptor(sa.Text() if dialect.name == "sqlite" else sa.DateTime(timezone=True))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Write a datetime as UTC text for SQLite."""
        if dialect.name == "sqlite" and isinstance(value, datetime):
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return value

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy's signature
        """Read UTC text of SQLite as a datetime."""
        return datetime.fromisoformat(value) if isinstance(value, str) else value


def _key(name: str, comment: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, primary_key=True, comment=comment)


def _text(name: str, comment: str, *, required: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=not required, comment=comment)


def _count(name: str, comment: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger, comment=comment)


def _money(name: str, comment: str) -> sa.Column[Any]:
    return sa.Column(name, Money, comment=comment)


def _number(name: str, comment: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Double, comment=comment)


def _flag(name: str, comment: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean, comment=comment)


def _day(name: str, comment: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Date, comment=comment)


def _instant(name: str, comment: str) -> sa.Column[Any]:
    return sa.Column(name, Instant, comment=comment)


_SOURCE = "The official service: contracts-finder or find-a-tender."
_OCID = "The Open Contracting ID under which the service publishes this procurement."

sa.Table(
    "run",
    metadata,
    _key("run_id", "Kind and starting time of the run; the name under which its figures were published."),
    _text("kind", "nightly, backfill or rebuild.", required=True),
    _text("status", "running, finished, held (a gate kept it from being published) or failed.", required=True),
    _instant("started_at", "When the run started."),
    _instant("ended_at", "When the run ended; not known while it runs, or where it was killed."),
    _instant("window_from", "Start of the period of publication that the run covered, included."),
    _instant("window_to", "End of the period of publication that the run covered, not included."),
    _text("code_version", "Version of Noticeboard that ran."),
    _text("rules_version", "Version of the rules and reference data behind the figures."),
    _count("requests", "Requests answered by the services."),
    _count("documents", "Documents read from the archive: used + rejected."),
    _count("used", "Documents that became rows, those read before included."),
    _count("rejected", "Documents that could not be used; each stands in rejected with its reason."),
    _count("releases_new", "Releases that the warehouse did not hold before."),
    _count("awards", "Awards held by the warehouse when the run ended."),
    _count("award_lines", "Award lines held by the warehouse when the run ended."),
    _text("reason", "Why the run was held or failed, and what to do next."),
    _text(
        "warnings",
        "What to look at: figures that look implausible, decisions of people that fit nobody; null: nothing.",
    ),
    comment="One nightly, backfill or rebuild, with its counts: the ledger of what was done.",
)

sa.Table(
    "fetch",
    metadata,
    _key("fetch_id", "The run, then the number of the request within it."),
    _text("run_id", "The run that asked.", required=True),
    _text("source", _SOURCE, required=True),
    _text("url", "The address that was asked.", required=True),
    _instant("requested_at", "When the request was sent."),
    _count("status", "The HTTP status of the answer; not known when no answer came."),
    _count("bytes", "Length of the answer's body in bytes, decompressed."),
    _text("sha256", "SHA-256 of the answer's body as served, in hexadecimal."),
    _count("releases", "Releases on the page."),
    comment="One request to an official service, and what came back.",
)

sa.Table(
    "coverage",
    metadata,
    _key("source", _SOURCE),
    sa.Column("day", sa.Date, primary_key=True, comment="A London calendar day of publication."),
    _count(
        "releases", "Releases held that were published on this day; on Find a Tender, those that it lists under it."
    ),
    _count(
        "expected",
        "Releases that the service published on this day by its own account: by its list of the day, or by the numbers "
        "between those held, which is the least; not known without such a check.",
    ),
    _count("missing", "Expected releases that are not held; not known without a completeness check."),
    _flag("complete", "True when the whole day was asked for after it had ended."),
    comment="What was asked for and what is held, by service and day: a figure speaks only of days that stand here.",
)

sa.Table(
    "release",
    metadata,
    _key("source", _SOURCE),
    _key("ocid", _OCID),
    _key("release_id", "The service's own id of this release."),
    _text("tag", "The OCDS release tags, joined by a comma: planning, tender, award and their updates."),
    _instant("published_at", "When the service says the release was published."),
    _text("notice_type", "The notice type where the release states one, such as UK6."),
    _text("notice_url", "The official page of the notice."),
    _text("archive_path", "The archive file that holds the release, relative to the archive folder."),
    _text("content_hash", "SHA-256 of the archived release, first 32 hexadecimal digits."),
    comment="One release as published: every version of every notice that was read.",
)

sa.Table(
    "rejected",
    metadata,
    _key("source", _SOURCE),
    _key("document_id", "First 32 hexadecimal digits of the SHA-256 of the document: its body is not kept."),
    _text("ocid", "Its Open Contracting ID, where it could be read."),
    _text("release_id", "Its release id, where it could be read."),
    _text("pointer", "JSON pointer to the place that could not be used; empty for the whole document.", required=True),
    _text("reason", "Why it could not be used.", required=True),
    _count("bytes", "Length of the document in bytes."),
    _count("byte_offset", "Where it began in the body as served, in bytes; not known for archived documents."),
    _text("archive_path", "The archive file or manifest that tells of it, relative to the archive folder."),
    comment="One document that could not be used, with the place and the reason.",
)

sa.Table(
    "field_issue",
    metadata,
    _key("source", _SOURCE),
    _key("ocid", _OCID),
    _key("release_id", "The release that was used in spite of the issue."),
    _key("pointer", "JSON pointer to the field."),
    _key("issue", "What was found, such as wrong_type, missing_name, out_of_range, not_a_date, foreign_currency, cut."),
    _text("raw", "The value as published, at most 200 characters."),
    comment="One field that was repaired or ignored in a release that was used.",
)

sa.Table(
    "procurement",
    metadata,
    _key(
        "procurement_id",
        "The procurement: its ocid, with the buyer after a slash where another buyer had the ocid first.",
    ),
    _text("source", _SOURCE, required=True),
    _text("ocid", _OCID, required=True),
    _text("release_id", "The latest release, which tells this row."),
    _instant("published_at", "When the latest release was published."),
    _text(
        "content_hash", "Hash of that release, which settles the order of two versions published in the same second."
    ),
    _text("buyer_id", "The buyer; see buyer."),
    _text("buyer_party_id", "The buyer's id as the notice writes it."),
    _text("buyer_name", "The buyer's name as the notice writes it."),
    _text("reference", "The buyer's own reference of the procurement, as the notice writes it."),
    _text("parent_ocid", "The framework or earlier procurement that the notice says it belongs to: an ocid."),
    _text(
        "status", "The state of the procedure in the service's words, such as planned, active, complete or withdrawn."
    ),
    _text("title", "The title as published."),
    _text("cpv_code", "The main classification: a code of the Common Procurement Vocabulary, eight digits."),
    _text(
        "regime",
        "The law it runs under: pa2023, pcr2015, ucr2016 (utilities), ccr2016 (concessions), dspcr2011 (defence), "
        "psr2023 (health services) or other; not known where the notice does not say.",
    ),
    _text(
        "special_regime",
        "Special rules of the Act of 2023 that the notice names, joined by a comma: lightTouch and so on.",
    ),
    _text("method", "The OCDS procurement method: open, selective, limited or direct."),
    _text("method_details", "The procedure in the service's own words."),
    _text("direct_award_reason", "Why it was awarded directly, in the notice's words."),
    _day(
        "announced_on",
        "First day on which an early notice (pipeline, engagement or planned procurement) was published.",
    ),
    _day("pipeline_on", "Day of the pipeline notice (UK1)."),
    _day("engaged_on", "Day of the preliminary market engagement notice (UK2)."),
    _day("planned_on", "Day of the planned procurement notice (UK3), or of a prior information notice."),
    _text("no_engagement_reason", "Why there was no market engagement notice, in the notice's words."),
    _day("tendered_on", "Day on which the tender notice was published."),
    _instant("deadline_at", "Closing time for bids."),
    _count(
        "days_open",
        "Days from the tender notice to the closing time, by London dates; not known where that is before the notice.",
    ),
    _count("lots", "Number of lots; not known on Contracts Finder, which publishes none."),
    _text("no_lots_reason", "Why it was not divided into lots, in the notice's words."),
    _flag("is_framework", "Whether it sets up a framework; not known where the notice does not say."),
    _flag(
        "is_dynamic",
        "Whether it sets up a dynamic market or purchasing system; not known where the notice does not say.",
    ),
    _flag("is_above_threshold", "Whether the notice says that it is above the statutory threshold."),
    _text(
        "reserved_for", "Whom participation is reserved for, joined by a comma: smeVcse, shelteredWorkshop and so on."
    ),
    _text("reserved_location", "The place whose suppliers participation is reserved for, as the notice writes it."),
    _money("estimate_gbp", "The estimated value of the tender, net of VAT where stated; the upper end of a range."),
    _money("estimate_gross_gbp", "The estimated value of the tender with VAT, where stated."),
    _money("estimate_low_gbp", "The lower end of the estimated value, where the notice states a range."),
    _flag("suitable_sme", "Marked before the award as suitable for small and medium-sized enterprises."),
    _flag(
        "suitable_vcse", "Marked before the award as suitable for voluntary organisations; says nothing of the winner."
    ),
    _flag(
        "is_direct",
        "Whether it was awarded without competition, by the name of its method; not known where none is named, and of "
        "call-offs.",
    ),
    _flag("is_competitive", "Whether there was a competition, by the name of its method; not known likewise."),
    _flag("is_light_touch", "Whether it is of services under the light-touch rules; not known without any sign of it."),
    _text(
        "light_touch_basis",
        "How that is known: declared (the special regime), text (the notice's words), cpv (the classification, by a "
        "provisional table), or law (health services under rules of their own: no).",
    ),
    _flag(
        "is_people_services",
        "Whether it is education, health, social care or another service to people, by its classification and, where "
        "that tells too little, its title; not known without a classification.",
    ),
    _flag(
        "is_reserved",
        "Whether only some suppliers may take part, by a field or the words; on Contracts Finder, which has no such "
        "field, not known where no words say so.",
    ),
    _flag(
        "is_below_threshold",
        "Whether it is below the statutory threshold: as the notice says, else by the estimate with VAT, where every "
        "threshold that may apply gives the same answer.",
    ),
    _text("notice_url", "The official page of the latest notice."),
    _text("duplicate_of", "The procurement that this one repeats: on the other service, or under another ocid."),
    _number("duplicate_confidence", "How sure that is, between 0 and 1, as measured on labelled pairs."),
    _text("duplicate_reason", "Why the two are taken for one, in words."),
    comment="One procurement, as its releases put together tell it.",
)

sa.Table(
    "lot",
    metadata,
    _key("procurement_id", "The procurement."),
    _key("lot_id", "The notice's own id of the lot."),
    _instant("published_at", "When the release that tells the procurement was published."),
    _text("title", "The title of the lot as published."),
    _text("status", "The state of the lot in the service's words."),
    _money("amount_gbp", "The estimated value of the lot, net of VAT where stated."),
    _money("amount_gross_gbp", "The estimated value of the lot with VAT, where stated."),
    _flag("suitable_sme", "Marked as suitable for small and medium-sized enterprises; absent is not known."),
    _flag("suitable_vcse", "Marked as suitable for voluntary organisations; absent is not known."),
    _day("starts_on", "First day of the contract of the lot."),
    _day("ends_on", "Last day of the contract of the lot, extensions left out."),
    _day("ends_latest_on", "Last day if every extension is used."),
    _count("bids", "Bids in the last stage, or bids received where the notice does not tell the stages apart."),
    _count("bids_sme", "Of these, from small and medium-sized enterprises."),
    _count("bids_vcse", "Of these, from voluntary organisations."),
    comment="One lot of a procurement, on Find a Tender; Contracts Finder publishes none.",
)

_AWARD_KEY = "The service's award id, with the procurement before it where it does not already begin with the ocid."


def _award_columns() -> list[sa.Column[Any]]:
    """Return what is told of an award, the same for its present state and for every earlier one."""
    return [
        _text("procurement_id", "The procurement.", required=True),
        _text("source", _SOURCE, required=True),
        _text("ocid", _OCID, required=True),
        _instant("published_at", "When the release that tells this state was published."),
        _text("notice_type", "The type of the notice that tells this state, such as UK6 or UK7, where it states one."),
        _text("buyer_id", "The buyer of the telling release; see buyer."),
        _text("buyer_party_id", "The buyer's id as the telling release writes it."),
        _text("buyer_name", "The buyer's name as the telling release writes it."),
        _text("cpv_code", "The main classification of its procurement as that release tells it."),
        _text("lot_id", "The lot, or the lots joined by a semicolon; not known on Contracts Finder."),
        _text(
            "status",
            "intended (until a contract is published, under the Act of 2023), active, cancelled, unsuccessful or "
            "terminated.",
        ),
        _day("awarded_on", "Date of the award; where only that is told, the day on which the contract was signed."),
        _day("signed_on", "Day on which the contract was signed."),
        _day("starts_on", "First day of the contract."),
        _day("ends_on", "Last day of the contract, extensions left out where the notice says so."),
        _day("ends_latest_on", "Last day if every extension is used, where the notice says so."),
        _day("changed_on", "Day of the latest published change of the contract."),
        _text("change_reason", "Why the contract was changed, in the notice's words."),
        _text("end_reason", "Why the contract or the award was ended, in the notice's words."),
        _text("currency", "Currency of the published amount."),
        _money("amount_gbp", "The published sterling amount, net of VAT where stated, whatever its kind or status."),
        _money("amount_gross_gbp", "The published sterling amount with VAT, where stated."),
        _text("amount_basis", "What VAT means here: net_stated, gross_only or not_stated (one number, taken as net)."),
        _text(
            "value_kind",
            "What the amount is: contract, call_off, framework_ceiling, suspected_ceiling, dynamic_market, concession, "
            "range or unknown.",
        ),
        _text(
            "value_status",
            "How far it can be believed: ok, zero, placeholder, implausible, missing or foreign_currency.",
        ),
        _text("value_reason", "Why it has this kind and status, in words."),
        _text("contradictions", "Where fields of the notice contradict each other, in words; nothing is corrected."),
        _money(
            "annualised_gbp",
            "A credible amount divided by the years of the contract, at least one; not a flag of size.",
        ),
        _flag(
            "is_core",
            "Whether it is known to be active or to have ended since, a contract, a call-off or a range, and no "
            "repetition of another award: the base of every count share.",
        ),
        _text("tier", "Size of the published value: below_threshold, small, medium, large, major, mega or over_1bn."),
        _flag("is_mega", "True from £100m on; not known without a credible amount, or where it looks like a ceiling."),
        _flag(
            "is_large_for_buyer",
            "Large beside the buyer's other awards or its market; not known without a credible amount.",
        ),
        _text("mega_rule", "The rules behind is_mega and is_large_for_buyer that fired, with their numbers."),
        _count("supplier_count", "Suppliers named in the award."),
        _count("bids", "Bids for its lot in the last stage, or received where the stages are not told apart."),
        _count("bids_sme", "Of these, from small and medium-sized enterprises."),
        _count("bids_vcse", "Of these, from voluntary organisations."),
        _text("notice_url", "The official page of the award notice."),
    ]


sa.Table(
    "award",
    metadata,
    _key("award_id", _AWARD_KEY),
    _text("release_id", "The latest release that tells of this award."),
    _text(
        "content_hash", "Hash of that release, which settles the order of two versions published in the same second."
    ),
    *_award_columns(),
    _text("duplicate_of", "The award that this one repeats: on the other service, or under another ocid."),
    _number("duplicate_confidence", "How sure that is, between 0 and 1, as measured on labelled pairs."),
    _text("duplicate_reason", "Why the two are taken for one, in words."),
    comment="One decision to give a contract, as the latest release tells it.",
)

sa.Table(
    "award_version",
    metadata,
    _key("award_id", _AWARD_KEY),
    _key("release_id", "The release that told this state."),
    _key("content_hash", "Hash of that release: one release id may be published twice with other contents."),
    _instant("valid_from_at", "When that release was published: from then on this was known."),
    _instant("valid_to_at", "When the release that tells the next state was published."),
    *_award_columns(),
    comment="One earlier state of an award; the present one is in award. What rests on other awards is not known.",
)

sa.Table(
    "award_line",
    metadata,
    _key("award_id", "The award."),
    _key("mention_id", "The supplier as the award names it; see supplier_mention."),
    _text("supplier_id", "The supplier; null for a placeholder such as 'Various'."),
    _number("weight", "The line's part of its award: one over the number of named suppliers."),
    _money("value_gbp", "The line's part of the amount where it may enter a sum, else null."),
    _text("supplier_area_code", "The local authority of the supplier's place; see area. Null: not known."),
    _text("supplier_county_code", "The county of that place; known also where no authority is. See area."),
    _text("supplier_region_code", "The English region, or the nation, of that place; known also where no county is."),
    _flag("is_local_authority", "Whether that place is in the buyer's own area."),
    _flag(
        "is_local_county",
        "Whether it is in the county that the buyer's area lies in; a unitary authority is its own county.",
    ),
    _flag(
        "is_local_statutory",
        "Whether it is inside the widest area to which the buyer could have reserved a competition below the threshold "
        "from 4 February 2026 on: its own area with bordering counties and London boroughs, or the county or London "
        "borough that contains it. Null also for buyers outside England.",
    ),
    _flag("is_local_region", "Whether it is in the buyer's region."),
    _flag("is_uk", "Whether it is in the United Kingdom."),
    _number(
        "distance_km",
        "Kilometres from the middle of the supplier's postcode sector to the middle of the buyer's area, in a straight "
        "line; null without a complete postcode.",
    ),
    _text(
        "local_scope",
        "in_scope where the buyer is a council or a combined, police or fire authority with an area of its own, else "
        "not_applicable: local has no meaning.",
    ),
    _text(
        "location_basis",
        "Where the place comes from: notice_address_postcode, notice_address_outward (first half of a postcode), "
        "notice_region, notice_address_town, notice_address_country, registered_office or charity_register_contact "
        "(only where the notice has no complete postcode), or unknown.",
    ),
    _text(
        "location_method",
        "The rule that found it: postcode, outward_code, outward_wider, region_code, region_name, town, town_region, "
        "country, foreign_country or register.",
    ),
    _number("location_confidence", "How often that rule was right on real addresses, from 0 to 1; null: not measured."),
    _day("location_vintage", "The date of the postcode directory behind it; null where no postcode told it."),
    _text(
        "location_candidates",
        "The authorities that the first half of a postcode may mean, the likeliest first, joined by a space.",
    ),
    _flag(
        "is_head_office_local",
        "Whether the supplier's head office by register is in the buyer's own area; null without a register.",
    ),
    _flag("vcse_declared", "Marked by the buyer as a voluntary, community or social enterprise; absent is not known."),
    _text(
        "vcse_status",
        "Voluntary sector: yes, possible, no, unknown, or records_disagree: the notice marks what the records deny.",
    ),
    _text("scale_declared", "Marked by the buyer as sme or large; absent is not known."),
    comment="One award by one named supplier: the grain of every share.",
)

sa.Table(
    "ceiling",
    metadata,
    _key("award_id", "The award notice."),
    _text("procurement_id", "The procurement.", required=True),
    _money("amount_gbp", "The published ceiling: what might be bought at most, by whoever may use it."),
    _count("supplier_count", "Suppliers admitted."),
    _text("value_kind", "framework_ceiling, suspected_ceiling or dynamic_market.", required=True),
    _text("reason", "Why it is taken for a ceiling, in words.", required=True),
    comment="Ceilings of frameworks and dynamic markets, stated or suspected: listed, never summed.",
)

sa.Table(
    "supplier_mention",
    metadata,
    _key("mention_id", "The award, then the number of the supplier in it."),
    _text("award_id", "The award that names it.", required=True),
    _text("supplier_id", "The supplier; null for a placeholder."),
    _text("unit_id", "This way of writing a supplier (name, postcode, identifiers); see supplier_link."),
    _text("org_id", "The cleaned identifier that the mention carries, with its org-id.guide prefix."),
    _instant("published_at", "When the telling release was published."),
    _text("party_id", "The service's party id: not a stable key of the organisation."),
    _text("supplier_name", "The name as written."),
    _text("core_name", "The name without legal form, punctuation, case and trading name."),
    _text("legal_form", "The legal form that the name states, such as ltd, plc, llp, cic, cio."),
    _text("trading_name", "The trading name that the name states."),
    _text("address", "The address as written, in one line."),
    _text("region", "The region that the notice gives beside it, such as UKF24."),
    _text("postcode", "The postcode found in the address."),
    comment="One supplier as one award writes it.",
)

sa.Table(
    "supplier_identifier",
    metadata,
    _key("mention_id", "The mention that carries it."),
    _key("scheme", "The scheme as written, such as GB-COH; empty where none is written."),
    _key("raw", "The identifier as written."),
    _text("org_id", "The identifier cleaned, with its org-id.guide prefix; null where it cannot be used."),
    _text("status", "ok, repaired, ambiguous, out_of_range, junk or other_scheme.", required=True),
    _text("reason", "What was repaired, or why it cannot be used."),
    comment="One identifier as a mention wrote it and as it was cleaned.",
)

sa.Table(
    "supplier_link",
    metadata,
    _key("unit_id", "One way in which mentions write a supplier: name, postcode and identifiers; opaque."),
    _text("supplier_id", "The supplier it leads to."),
    _text("method", "The rule that led there, such as identifier, same_name, spelling or register.", required=True),
    _number("score", "How far the rule is believed, from 0 to 1; 1 for an identifier and for a person's decision."),
    _text("reason", "The reason in words, as it may be printed.", required=True),
    _text("evidence", "The evidence as JSON: what was compared, and with what."),
    comment="Why a way of writing a supplier leads to its supplier: one row for every such way.",
)

sa.Table(
    "supplier",
    metadata,
    _key("supplier_id", "S and ten characters, given once and never to another; opaque."),
    _text("supplier_name", "The name: a person's decision, else the register's, else that of the latest mention."),
    _text("name_source", "Where the name comes from: override, register or notice."),
    _text("org_id", "Its first identifier with an org-id.guide prefix, where one is known."),
    _text("org_ids", "All identifiers that are known of it, joined by a space."),
    _text("register_status", "What the register says of it, such as active or dissolved; null where none was asked."),
    _text("core_name", "The name without legal form, punctuation and case."),
    _text("legal_form", "The legal form, such as ltd, plc, llp, cic, cio, clg or cbs."),
    _text("legal_form_source", "Where the legal form comes from: override, register, identifier or name."),
    _text("postcode", "The postcode of its registered office or of the charity's contact, by register."),
    _text("area_code", "The local authority of that postcode; see area."),
    _text("region_code", "The English region of that postcode, or the nation elsewhere."),
    _text("place_basis", "Whose that postcode is: registered_office or charity_register_contact."),
    _count("regions", "English regions and nations from whose councils and other local bodies it won core awards."),
    _flag("is_national", "Whether these are five or more: by the notices loaded, not a verdict on the organisation."),
    _text("vcse_status", "Voluntary sector by register and law: yes, possible, no or unknown; never by a tick."),
    _text("vcse_type", "The kind of organisation, such as registered_charity, cic, university or company."),
    _text("vcse_evidence", "Why, in words."),
    _day("vcse_register_on", "The date of the register behind it."),
    _flag("is_quasi_public", "Whether it is a university, school, college, NHS body, housing association or the like."),
    _money("income_gbp", "The latest income that the register of charities gives."),
    _text("income_band", "That income in bands: under_100k, 100k_to_1m, 1m_to_10m, over_10m; null is not known."),
    _text("group_id", "The group it belongs to; see supplier_group. Null: none is known."),
    _text(
        "candidate_group_id",
        "The group as it were if suppliers of one brand at one postcode were one group; null where that adds nothing.",
    ),
    _count("mentions", "Mentions that lead to it."),
    comment="One organisation that won an award.",
)

sa.Table(
    "supplier_redirect",
    metadata,
    _key("old_id", "A supplier_id that was published and is no more."),
    _text("supplier_id", "The supplier that took its place.", required=True),
    _text("run_id", "The run that found them to be one.", required=True),
    comment="Suppliers that were found to be one: the old id leads to the one that stays.",
)

sa.Table(
    "supplier_review",
    metadata,
    _key("a_unit_id", "One way of writing a supplier; see supplier_link."),
    _key("b_unit_id", "The other."),
    _text("method", "The rule that brings them together.", required=True),
    _number("score", "How far the rule is believed, from 0 to 1."),
    _text("decision", "review (too weak to link) or veto (something forbids it).", required=True),
    _text("reason", "What speaks for it, and what against it, in words.", required=True),
    _text("evidence", "The evidence as JSON."),
    comment="Ways of writing suppliers that may mean one and were not linked: for a person to decide.",
)

sa.Table(
    "supplier_group",
    metadata,
    _key("group_id", "The group: the identifier of its head, or a short name; opaque."),
    _text("group_name", "Its name.", required=True),
    _text("parent_org_id", "The identifier of the organisation at its head, where it is known."),
    _text("method", "How it is known: override, list, control (register of company control) or charity_parent."),
    _text("source", "The register or page that says so, with its date."),
    _flag("is_national_provider", "Whether it stands in the list of the largest national providers."),
    _flag("is_strategic_supplier", "Whether it stands in central government's list of strategic suppliers."),
    comment="Suppliers under one head.",
)

sa.Table(
    "supplier_group_member",
    metadata,
    _key("supplier_id", "The supplier."),
    _text("group_id", "Its group.", required=True),
    _text("method", "How it is known: override, list, control or charity_parent.", required=True),
    _text("reason", "Why, in words.", required=True),
    comment="Which supplier belongs to which group, and why; groups never make two suppliers one.",
)

sa.Table(
    "supplier_group_candidate",
    metadata,
    _key("a_supplier_id", "One supplier."),
    _key("b_supplier_id", "Another with the same first word and postcode."),
    _text("method", "The rule: brand_postcode.", required=True),
    _number("score", "How far the rule is believed, from 0 to 1."),
    _text("decision", "review: such a pair makes no group by itself.", required=True),
    _text("reason", "What speaks for it, in words.", required=True),
    _text("evidence", "The evidence as JSON."),
    comment="Suppliers that may belong to one group, for a person to decide: the upper figures of C1 and C2.",
)

sa.Table(
    "organisation",
    metadata,
    _key("org_id", "The identifier with its org-id.guide prefix."),
    _text("register", "The register: companies-house, charity-commission, oscr, ccni or mutuals.", required=True),
    _text("name", "The name in the register."),
    _text("status", "active, dissolved, removed or what else the register says."),
    _text("category", "The kind of organisation as the register writes it."),
    _text("postcode", "The postcode of the registered office or contact."),
    _day("started_on", "When it was registered."),
    _day("ended_on", "When it was dissolved or removed."),
    _money("income_gbp", "The latest income that the register gives."),
    _day("income_on", "The end of the year of that income."),
    _text("activities", "Codes of what it does, such as SIC codes, joined by a semicolon."),
    _day("vintage", "The date of the register that says so: the newest that knows it."),
    comment="What the registers say of suppliers: only of those that won an award.",
)

sa.Table(
    "register",
    metadata,
    _key("register", "The register."),
    sa.Column("vintage", sa.Date, primary_key=True, comment="Its date, such as 2026-11-01."),
    _count("rows", "Rows in it."),
    _text("source", "Where it comes from."),
    _text("licence", "Under which licence."),
    comment="The registers that were asked: none here means that suppliers rest on the notices alone.",
)

sa.Table(
    "supplier_override",
    metadata,
    _key("override_id", "The decision."),
    _text("kind", "same, different, name, class or group.", required=True),
    _text("a", "The supplier that it is about: a supplier_id, an identifier, or a name as written.", required=True),
    _text("b", "The other supplier, of same and different."),
    _text("value", "What it is decided to be, of name, class and group."),
    _text("reason", "Why.", required=True),
    _day("at", "When it was decided."),
    comment="What people decided about suppliers; decisions that were taken back are not among them.",
)

sa.Table(
    "buyer",
    metadata,
    _key("buyer_id", "The authority's register code, the service's stable id, or the name in small letters."),
    _text("name", "The name of the authority, or as the latest notice writes it."),
    _text("name_as_written", "The name as the latest notice writes it."),
    _text("area_code", "The own area of a council or of a combined, police or fire authority; see area."),
    _text(
        "kind",
        "council, combined_authority, police, fire, health, school (with colleges), university, housing, central (with"
        " agencies), central_purchasing_body, portal (with agents), shared_service, other_local (parish and town"
        " councils) or other; not known without a name.",
    ),
    _text(
        "match_method",
        "How its area was found: override (a person decided), register_code, stable_id, name, title (only notices that"
        " an agent published for it name it, in their titles) or none.",
    ),
    _text("kind_reason", "Why it is of this kind, in words; null where nothing tells and other is said."),
    comment="One body that buys, or stands as buyer in a notice: portals and agents publish for others.",
)

sa.Table(
    "buyer_override",
    metadata,
    _key("override_id", "The decision."),
    _text("a", "The buyer that it is about: a buyer_id, its id in a notice, or its name as written.", required=True),
    _text("value", "What it is decided to be: a kind of buyer, or the code of an area.", required=True),
    _text("reason", "Why.", required=True),
    _day("at", "When it was decided."),
    comment="What people decided about buyers; decisions that were taken back are not among them.",
)

sa.Table(
    "area",
    metadata,
    _key("area_code", "The code of the Office for National Statistics."),
    _text("name", "The name of the authority or region."),
    _text(
        "kind",
        "district, unitary, metropolitan, london_borough, county, combined_authority, police_area, fire_area, region, "
        "nation and so on.",
    ),
    _text("register_code", "The authority's code in the local authority register, such as GB-LAE-HAV."),
    _text(
        "county_code", "The county or metropolitan county that contains it, or London; itself for a unitary authority."
    ),
    _text("region_code", "The English region, or the nation elsewhere."),
    _text("nation", "England, Scotland, Wales or Northern Ireland; the dependency elsewhere."),
    _count(
        "population",
        "Residents, mid-2020 estimate of the Office for National Statistics; larger areas are sums of theirs.",
    ),
    _number(
        "settled_km2",
        "Squares of 1 km with a postcode, shared ones divided by their postcodes: the land behind a density of people.",
    ),
    _count("east_m", "Where its postcodes lie on average: metres east on the grid of Great Britain, to 100 m."),
    _count("north_m", "The same, metres north; in Northern Ireland converted from the Irish Grid."),
    _day("valid_from", "First day of the code, where known."),
    _day("valid_to", "Last day of the code; null while it is in force."),
    comment="Local authorities, counties, combined authorities, police and fire areas, and regions.",
)

sa.Table(
    "area_neighbour",
    metadata,
    _key("area_code", "An authority or county in force; see area."),
    _key("neighbour_code", "One that borders on it on land; each pair stands both ways."),
    _text(
        "method",
        "How that is known: postcodes (both have some within 1 km), by_hand (an empty border, checked by hand), or "
        "members (a county, by its districts).",
        required=True,
    ),
    comment="Which authority borders on which: districts and unitary authorities on each other, and counties on both.",
)

sa.Table(
    "indicator",
    metadata,
    _key("indicator_id", "The indicator's code, such as L1."),
    sa.Column("version", sa.Integer, primary_key=True, comment="Version of its method."),
    _text("title", "What it is called for readers.", required=True),
    _text("methodology", "How it is worked out, what is left out, what is assumed.", required=True),
    _text(
        "unit",
        "What its value is: share of value, share of awards, share of procedures, percentage points, awards, "
        "procedures, pounds, ceilings, suppliers, groups, buyers, days, index points or suppliers of equal size.",
        required=True,
    ),
    _text("base", "What it is of: award lines (view out_line) or procedures (view out_procedure).", required=True),
    _text(
        "scope_sql",
        "Which rows of that view it counts, as SQL for a WHERE; null where it is no sum over rows, such as a median.",
    ),
    _text(
        "answer_sql",
        "The answer for such a row, as SQL: true, false or null (not known); of contracts by size the size, of the "
        "largest suppliers the supplier.",
    ),
    comment="One indicator in one version, with its methodology.",
)

sa.Table(
    "period",
    metadata,
    _key("period", "2025Q1, FY2024-25, T12-2025-03 (twelve months up to March 2025), T36-2025-03, or ALL."),
    _text("kind", "quarter, financial_year (April to March), trailing_12, trailing_36 or all.", required=True),
    _day("first_on", "Its first day; null for ALL, which takes in awards without a credible date."),
    _day("last_on", "Its last day; null for ALL."),
    _flag("is_provisional", "True where it holds one of the last two quarters: awards are published weeks late."),
    _text(
        "breaks",
        "Days inside it on which what must be published changed: 2024-01-01 (health services left for rules of their "
        "own) and 2025-02-24 (Procurement Act 2023).",
    ),
    comment="One period of figures, by date of award (or of tender, where a figure is of procedures).",
)

sa.Table(
    "indicator_value",
    metadata,
    _key("indicator_id", "The indicator; see indicator."),
    sa.Column("version", sa.Integer, primary_key=True, comment="Version of its method."),
    _key("grain", "all (every buyer), england (English councils), region, county, authority, buyer or group."),
    _key("slice", "The area, buyer or group, then the size or division that the value is for: the rest of the key."),
    _key("period", "2025Q1, FY2024-25, T12-2025-03, T36-2025-03 or ALL; see period."),
    _text("area_code", "The area, where the grain is one."),
    _text("buyer_id", "The buyer, where the grain is one."),
    _text("group_id", "The group of suppliers, or the supplier without a group, where the grain is one."),
    _text("cpv_division", "The first two digits of the classification, where the value is for one division."),
    _text("tier", "The size of contract, where the value is for one size."),
    _text("unit", "What the value is.", required=True),
    _number("value", "The value: for a share the known share, for a count the count."),
    _number("value_low", "The lowest value that the missing information allows."),
    _number("value_high", "The highest value that the missing information allows."),
    _number(
        "numerator",
        "What the share counts: pounds, awards or procedures with the answer yes; of a gap to peers, those below.",
    ),
    _number(
        "denominator",
        "What it is a share of: pounds, awards or procedures in scope, unknown answers included; of a gap, the peers.",
    ),
    _number("known_share", "Yes over those with a known answer."),
    _number(
        "low_share",
        "Yes over all in scope, an award counted only if every supplier of it qualifies: every unknown is a no.",
    ),
    _number("high_share", "The same with an award counted if any supplier of it may qualify: every unknown is a yes."),
    _number("coverage_share", "Those with a known answer over all in scope."),
    _number("priced_share", "Awards with a credible amount over all awards in scope."),
    _count("n", "Awards behind the value; of a difference, those of the smaller group."),
    _count(
        "n_excluded",
        "Awards in scope without a credible amount, or that may count and may not: left out of value shares, and in "
        "the upper figure of counts.",
    ),
    _flag("is_provisional", "True for the last two quarters: awards are published weeks late."),
    comment="One figure with its bounds, its coverage and the number of awards behind it.",
)

sa.Table(
    "peer",
    metadata,
    _key("area_code", "The council's area; see area."),
    _key("peer_code", "The area of a council like it."),
    _key(
        "model",
        "How it was chosen: simple (the same kind of council, the nearest population and density; not the model of the "
        "Office for National Statistics) or ons (its statistical nearest neighbours, where they were loaded).",
    ),
    _count("rank", "Its place among the peers of that council: 1 is the most like it."),
    _text("source", "Where the choice comes from, with the date of the population or of the file.", required=True),
    comment="The councils with which a council is compared, 15 of each, by model.",
)

sa.Table(
    "network_member",
    metadata,
    _key("network", "The network: keep_it_local."),
    _key("area_code", "The member's area; see area."),
    _day("joined_on", "The day on which its membership was announced; null where no source at hand tells it."),
    _text("source", "The page that names it as a member.", required=True),
    comment="Councils that joined a network, as a dated set; a comparison with others describes and explains nothing.",
)

sa.Table(
    "published_figure",
    metadata,
    _key("figure_id", "A short name of the figure."),
    _text(
        "topic",
        "What it is about: local, multiplier, voluntary, sme, concentration, competition or lots.",
        required=True,
    ),
    _text("says", "What the figure says, in words.", required=True),
    _number("published_value", "The figure as published: a share between 0 and 1, or pounds."),
    _text("unit", "What the figure is of: share of value, share of spend, pounds and so on.", required=True),
    _text("base", "What it is a figure of: notices, spend, survey or accounts, and whose.", required=True),
    _day("first_on", "First day of its period."),
    _day("last_on", "Last day of its period."),
    _text("source", "Who published it.", required=True),
    _text("source_url", "Where."),
    _text("indicator_id", "Our figure that is nearest to it; null where we have none."),
    _text("grain", "The grain at which ours is compared: all (every buyer) or england (English councils)."),
    _text(
        "likeness",
        "same_base (published notices, too), other_base (spend, a survey, accounts: no agreement is to be expected) or "
        "none (nothing of ours compares).",
        required=True,
    ),
    _number("plausible_low", "Ours is plausible from here on; null where it cannot be said."),
    _number("plausible_high", "Ours is plausible up to here."),
    _text("why_different", "Why ours may differ, in words.", required=True),
    comment="Figures that others have published, each with its base, period and source, to be put beside ours.",
)

sa.Table(
    "agreement",
    metadata,
    _key("figure_id", "The published figure; see published_figure."),
    _key(
        "compared",
        "same_period (our periods that lie within that of the published figure) or latest_year (our newest twelve "
        "months that are no longer provisional: another period, which only shows where ours stands).",
    ),
    _text("periods", "Our periods, parted by a comma."),
    _number("value", "Ours over these periods, by published notices; null where nothing is known."),
    _number("value_low", "The lowest value that the missing information allows."),
    _number("value_high", "The highest value that the missing information allows."),
    _number("coverage_share", "Those with a known answer over all in scope."),
    _count("n", "Awards (of B1, procedures) behind ours."),
    _number("read_share", "Days of these periods on which all that the services published was read."),
    _text(
        "verdict",
        "within (the plausible band), outside, too_little_known (fewer than 100 awards, or a coverage below 60 %), "
        "no_band (none can be said) or not_measured (no figure of ours is like it).",
        required=True,
    ),
    comment="Our figures beside the published ones: of the same period, one outside its plausible band is a warning.",
)

sa.Table(
    "grant_award",
    metadata,
    _key("grant_id", "The publisher's identifier of the grant, such as 360G-council-123."),
    _text("buyer_id", "The body that gave it, as a buyer; see buyer, which holds those that published a notice."),
    _text("buyer_area_code", "The giver's own area; see area."),
    _text("buyer_kind", "What the giver is, such as council; null without a name."),
    _text("buyer_match_method", "How the giver was matched to its area."),
    _text("funder_org_id", "The giver's identifier as the file writes it."),
    _text("funder_name", "The giver's name as the file writes it."),
    _text(
        "recipient_org_id",
        "The recipient's identifier with its org-id.guide prefix, cleaned; null where none can be used.",
    ),
    _text("recipient_name", "The recipient organisation's name as the file writes it; grants to persons are not kept."),
    _text(
        "recipient_vcse_status",
        "Whether the recipient is of the voluntary sector, by the rules for suppliers' records.",
    ),
    _text("recipient_vcse_type", "What kind of organisation the recipient is, such as registered_charity."),
    _text("recipient_vcse_evidence", "Why, in words."),
    _flag(
        "is_quasi_public", "Whether the recipient is a university, school, NHS body, housing association or the like."
    ),
    _text("programme", "The programme that it was given under, as the file writes it."),
    _money("amount_gbp", "The amount awarded, for all years of the grant together."),
    _day("awarded_on", "The date of the award."),
    _day("vintage", "The date of the file that tells it: the newest that does."),
    _text("source_file", "The name of that file."),
    comment="One grant to an organisation, from files of the 360Giving standard that were loaded; none: not collected.",
)

sa.Table(
    "telling",
    metadata,
    _key("source", _SOURCE),
    _key("ocid", _OCID),
    _key("release_id", "The release."),
    _key("content_hash", "Hash of the release."),
    _instant("published_at", "When it was published."),
    _text("archive_path", "The archive file that holds it, relative to the archive folder."),
    _text("body", "What it says, as far as it is read, as JSON."),
    comment="What each release of Find a Tender says, changes only: the present state is put together from these.",
)

sa.Table(
    "text_match",
    metadata,
    _key("procurement_id", "The procurement."),
    _key("rule_id", "The rule that found it: the family, then what it looks for."),
    _count("rule_version", "Version of that rule."),
    _text("release_id", "The latest release of the procurement, which tells this row."),
    _instant("published_at", "When that release was published."),
    _text(
        "family",
        "What the phrase tells of: social_value, alliance, innovation_partnership, consortium, co_design, reserved or "
        "grant.",
        required=True,
    ),
    _text("phrase", "The phrase as the notice writes it.", required=True),
    _text("excerpt", "The words around it, at most 200 characters; contact details are masked.", required=True),
    _text(
        "field",
        "Where it stands: title, description, method_details, lot_title, lot_description or award_criteria.",
        required=True,
    ),
    _text("lot_id", "The lot whose text holds it; null where it is one of the whole procurement."),
    comment="One phrase found in a notice, in the first place where its rule found it: a list to read, not a share.",
)

sa.Table(
    "correction",
    metadata,
    _key("since_run_id", "The run whose published figures are corrected."),
    _key("table_name", "The table: award or award_line."),
    _key("row_id", "The row: the award, or the mention of the supplier."),
    _key("field", "The column that changed; row where the whole row is gone."),
    _text("supplier_name", "The supplier's name as the notice wrote it then, where the row is one of a supplier."),
    _text("old", "The value as published before."),
    _text("new", "The value now; null where it is not known any more."),
    _text("reason", "Why it changed, in words.", required=True),
    _text("run_id", "The run that published the change.", required=True),
    comment="What changed in published awards since they were published before.",
)

sa.Table(
    "supplier_unit",
    metadata,
    _key("unit_id", "One way in which mentions write a supplier; opaque."),
    _text("core_name", "The name without legal form, punctuation and case."),
    _text("key", "The same without spaces: equal for two spellings of one name."),
    _text("legal_form", "The legal form that the name states."),
    _text("postcode", "The postcode of the address."),
    _text("org_ids", "The usable identifiers, the most telling first, joined by a space."),
    _text("others", "The keys of other names that the mention states, joined by a space."),
    _flag("several", "Whether the field names several organisations."),
    _text("component", "The lowest unit that linking may bring together with it: these are resolved together."),
    comment="The distinct ways in which mentions write suppliers: what is resolved.",
)

sa.Table(
    "supplier_given",
    metadata,
    _key("unit_id", "One way in which mentions write a supplier, or once wrote it."),
    _text("supplier_id", "The supplier to which it led last.", required=True),
    comment="Which supplier each way of writing led to last: ids in print keep their meaning by it.",
)

sa.Table(
    "unpublished",
    metadata,
    _key("table_name", "The table."),
    _key("partition", "Month of publication such as 2026-03, or all."),
    comment="Parts of tables that changed since the last snapshot: what the next one writes anew.",
)

TABLES: Mapping[str, sa.Table] = metadata.tables

PARTITIONED: Mapping[str, str] = {
    "release": "",
    "procurement": "",
    "award": "",
    "lot": "",
    "award_version": "",
    "text_match": "",
    "supplier_mention": "",
    "award_line": "award_id",
    "ceiling": "award_id",
    "supplier_identifier": "mention_id",
}
"""The large tables, kept apart by month of publication: their own ``published_at``, or that of the award or mention
that the named column leads to."""

INDEXES = (
    sa.Index("ix_release_published", TABLES["release"].c.published_at),
    sa.Index("ix_procurement_published", TABLES["procurement"].c.published_at),
    sa.Index("ix_lot_published", TABLES["lot"].c.published_at),
    sa.Index("ix_award_version_published", TABLES["award_version"].c.published_at),
    sa.Index("ix_text_match_published", TABLES["text_match"].c.published_at),
    sa.Index("ix_award_published", TABLES["award"].c.published_at),
    sa.Index("ix_award_procurement", TABLES["award"].c.procurement_id),
    sa.Index("ix_award_buyer", TABLES["award"].c.buyer_id, TABLES["award"].c.published_at),
    sa.Index(
        "ix_procurement_buyer",
        TABLES["procurement"].c.buyer_id,
        TABLES["procurement"].c.published_at,
        TABLES["procurement"].c.source,
    ),
    *(
        sa.Index(
            f"ix_{name}_duplicate",
            TABLES[name].c.buyer_id,
            sqlite_where=sa.text("duplicate_of IS NOT NULL"),
            postgresql_where=sa.text("duplicate_of IS NOT NULL"),
        )
        for name in ("award", "procurement")
    ),
    sa.Index(
        "ix_procurement_split",
        TABLES["procurement"].c.ocid,
        sqlite_where=sa.text("procurement_id <> ocid"),
        postgresql_where=sa.text("procurement_id <> ocid"),
    ),
    sa.Index("ix_award_line_supplier", TABLES["award_line"].c.supplier_id),
    sa.Index("ix_supplier_mention_published", TABLES["supplier_mention"].c.published_at),
    sa.Index("ix_supplier_mention_supplier", TABLES["supplier_mention"].c.supplier_id),
    sa.Index("ix_supplier_mention_unit", TABLES["supplier_mention"].c.unit_id),
    sa.Index("ix_supplier_link_supplier", TABLES["supplier_link"].c.supplier_id),
)
"""What makes the usual questions quick; a rebuild makes them last, except those that it reads by itself."""

READ_WHILE_LOADING = ("ix_award_procurement", "ix_procurement_split")
"""Each batch of a rebuild looks for what is held of its procurements: without these it would read the whole table."""

LEDGER = ("run", "fetch", "correction", "supplier_given", "supplier_redirect")
"""The tables that tell of runs and of what was published: a replay may change them, and a rebuild keeps them."""

INTERNAL = ("telling", "unpublished", "supplier_unit", "supplier_given")
"""The tables that only the night works with: they are not published."""

_DTYPES: tuple[tuple[type[TypeEngine[Any]], pl.DataType], ...] = (
    (Money, pl.Decimal(18, 2)),
    (Instant, pl.Datetime("us", "UTC")),
    (sa.Boolean, pl.Boolean()),
    (sa.Date, pl.Date()),
    (sa.Double, pl.Float64()),
    (sa.Integer, pl.Int64()),
    (sa.Text, pl.String()),
)


def dtype(column: sa.Column[Any]) -> pl.DataType:
    """Return the polars type in which a column travels."""
    return next(polars for kind, polars in _DTYPES if isinstance(column.type, kind))


def frame_schema(table: str) -> dict[str, pl.DataType]:
    """Return the column names and polars types of a table's frame, in the table's order."""
    return dict(_frame_schema(table))


@cache
def _frame_schema(table: str) -> Mapping[str, pl.DataType]:
    """Work out a table's types once: every read and write of a night asks for them."""
    return {column.name: dtype(column) for column in TABLES[table].columns}


@cache
def empty(table: str) -> pl.DataFrame:
    """Return the frame of a table without rows."""
    return pl.DataFrame(schema=frame_schema(table))


def key_columns(table: str) -> list[str]:
    """Return the names of a table's key columns."""
    return [column.name for column in TABLES[table].primary_key.columns]

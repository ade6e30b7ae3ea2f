"""Lead every mention of a supplier to one organisation, with a reason that can be printed.

What mentions say is read once per distinct name, postcode and identifiers: a unit.
Rules that look at two units at a time (``links``) say which may be one supplier and how certain that is; links are made
from the most to the least certain, as long as nothing that a cluster holds speaks against it.
A supplier id is minted once, stays with the majority of its mentions, and is never given to another.

Neither the order of the input nor earlier nights change where a unit leads: a night that partitions what ``touched``
names gives what a rebuild gives.
"""

import base64
import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable
from itertools import pairwise
from typing import Any, NamedTuple

import polars as pl
from rapidfuzz.distance import OSA

from transforms.suppliers import links
from transforms.suppliers.identifiers import USABLE, clean
from transforms.suppliers.names import comparable, parse
from transforms.suppliers.registers import REGISTER_NAMES, Registers
from warehouse.schema import frame_schema

ANCHOR_SCHEMES = {
    "GB-COH": "company number",
    "GB-CHC": "charity number",
    "GB-SC": "Scottish charity number",
    "GB-NIC": "Northern Irish charity number",
    "GB-MPR": "mutual society's number",
    "GB-UKPRN": "education provider's number",
    "GB-NHS": "NHS organisation code",
    "GB-PPON": "procurement organisation number",
    "XI-LEI": "legal entity identifier",
    "XI-DUNS": "DUNS number",
}
"""The registers in the order in which they say who a supplier is, with the word for their number.

The company number comes first because it is given most often by far: 99 in 100 identifiers of 2022.
Registers not listed follow in the order of their codes.
"""

NOT_ANCHORS = frozenset({"GB-VAT"})
"""Registers whose number may stand for several organisations: a group of companies may share one VAT number."""

# Partnerships and foreign companies never have a number of digits alone at Companies House: such a number with a
# repair is another company's (OC307742 that lost its OC reads 00307742). https://www.gov.uk/government/publications/
# uniform-resource-identifiers-uri-customer-guide lists the prefixes.
_NEVER_DIGITS_ALONE = (
    "llp",
    "cio",
    "scio",
    "inc",
    "llc",
    "gmbh",
    "ag",
    "bv",
    "nv",
    "sarl",
    "srl",
    "ab",
    "oy",
    "aps",
    "kft",
)

_SLICE = 50_000
"""Distinct names that are parsed before they are handed to polars."""

# --- what mentions say ----------------------------------------------------------------------------------------------

UNIT: dict[str, pl.DataType] = {
    "unit_id": pl.String(),
    "core_name": pl.String(),
    "key": pl.String(),
    "legal_form": pl.String(),
    "postcode": pl.String(),
    "org_ids": pl.List(pl.String()),
    "others": pl.List(pl.String()),
    "several": pl.Boolean(),
    "mentions": pl.UInt32(),
}
"""One row per distinct reading of mentions: name as read, postcode and usable identifiers; ``others`` holds the keys of
other names that the field states. ``unit_id`` is a hash of all that but ``mentions``."""

OVERRIDE: dict[str, pl.DataType] = {
    "override_id": pl.String(),
    "kind": pl.String(),
    "a": pl.String(),
    "b": pl.String(),
    "value": pl.String(),
    "reason": pl.String(),
    "who": pl.String(),
    "at": pl.String(),
    "revoked_at": pl.String(),
}
NO_OVERRIDES = pl.DataFrame(schema=OVERRIDE)
"""No human decision is known."""


MEMBER: dict[str, pl.DataType] = {
    "unit_id": pl.String(),
    "cluster": pl.String(),
    "component": pl.String(),
    "method": pl.String(),
    "score": pl.Float64(),
    "reason": pl.String(),
    "evidence": pl.String(),
}
"""One row per unit: where it leads and why; see ``partition``."""


class Read(NamedTuple):
    """What mentions say: frames ``mention``, ``identifier`` and ``unit``."""

    mention: pl.DataFrame
    identifier: pl.DataFrame
    unit: pl.DataFrame


class Partition(NamedTuple):
    """Where units lead: frames ``member`` (a row per unit), ``link`` (per pair that a rule found) and ``cluster``."""

    member: pl.DataFrame
    link: pl.DataFrame
    cluster: pl.DataFrame


_READ_NAME = {
    "supplier_name": pl.String(),
    "core_name": pl.String(),
    "legal_form": pl.String(),
    "trading_name": pl.String(),
    "placeholder_kind": pl.String(),
    "key": pl.String(),
    "others": pl.List(pl.String()),
    "several": pl.Boolean(),
}


def read(mention: pl.DataFrame, identifier: pl.DataFrame) -> Read:
    """Read mentions: their names, their identifiers, and the distinct units that they make.

    Args:
        mention: One row per supplier entry: ``mention_id, supplier_name, postcode`` and any other columns, kept.
        identifier: ``mention_id, scheme, raw`` as written, any number of rows per mention.

    Returns:
        ``mention``: the told columns with ``unit_id`` (null for a placeholder), ``org_id, core_name, legal_form,
        trading_name``, sorted by ``mention_id``; ``identifier``: table supplier_identifier; ``unit``: see UNIT.
        Rows told twice collapse.

    Raises:
        ValueError: when one ``mention_id`` is told in two ways.
    """
    if mention["mention_id"].n_unique() < mention.height:
        mention = mention.unique()
        if mention["mention_id"].n_unique() < mention.height:
            twice = mention.filter(pl.col("mention_id").is_duplicated()).sort("mention_id").item(0, "mention_id")
            raise ValueError(f"Reading suppliers: mention '{twice}' is told in two ways; give each mention_id one row.")
    told = mention.drop("unit_id", "org_id", "core_name", "legal_form", "trading_name", strict=False)
    names = _read_names(told["supplier_name"])
    forms = told.select("mention_id", "supplier_name").join(
        names.select("supplier_name", "legal_form"), on="supplier_name", nulls_equal=True
    )
    identifiers = _doubted(_identifiers(identifier), forms)
    told = told.join(_joined_ids(identifiers), on="mention_id", how="left")
    # What is said is put together once for each distinct name, postcode and numbers: mentions are many.
    by = ["supplier_name", "postcode", "ids"]
    is_named = pl.col("placeholder_kind").is_null()
    said = (
        told.lazy()
        .group_by(by)
        .agg(mentions=pl.len())
        .join(names.lazy(), on="supplier_name", how="left", nulls_equal=True)
        .with_columns(
            pl.when(is_named).then(pl.col("core_name", "key")),
            # The number of one of several, or beside "Various", says nothing of the others.
            org_ids=pl.when(~pl.col("several") & (is_named | (pl.col("placeholder_kind") == "unstated"))).then("ids"),
        )
        .with_columns(
            said=pl.when(is_named | pl.col("org_ids").is_not_null()).then(
                pl.concat_str(
                    pl.lit("unit"),
                    pl.col("core_name", "legal_form", "postcode", "org_ids").fill_null(""),
                    pl.col("others").list.join(";"),
                    pl.col("several").cast(pl.String),
                    separator="|",
                )
            )
        )
        .collect()
    )
    said = said.with_columns(
        unit_id=pl.Series([text and _digest(text)[:16].lower() for text in said["said"]], dtype=pl.String),
        org_ids=pl.col("org_ids").str.split(";").fill_null([]),
    ).drop("said")
    unit = _distinct(said.filter(pl.col("unit_id").is_not_null()).select(*UNIT))
    return Read(
        told.join(
            said.select(
                *by, "unit_id", "core_name", "legal_form", "trading_name", org_id=pl.col("org_ids").list.first()
            ),
            on=by, how="left", nulls_equal=True,
        ).drop("ids").sort("mention_id"),
        _shaped(identifiers.sort("mention_id", "scheme", "raw"), "supplier_identifier"),
        unit,
    )  # fmt: skip


def _joined_ids(identifiers: pl.DataFrame) -> pl.DataFrame:
    """Return ``mention_id, ids``: the numbers that may say who a mention is, the most telling first, joined by ';'."""
    register = register_of(pl.col("org_id"))
    return (
        identifiers.lazy()
        .filter(pl.col("status").is_in(USABLE), pl.col("org_id").is_not_null())
        .filter(~register.is_in(NOT_ANCHORS).fill_null(value=False))
        .select("mention_id", "org_id", place=_place_of(register))
        .unique()
        .sort("mention_id", "place", "org_id")
        .group_by("mention_id", maintain_order=True)
        .agg(ids=pl.col("org_id").str.join(";"))
        .collect()
    )


def _shaped(frame: pl.DataFrame, table: str) -> pl.DataFrame:
    return frame.select(pl.col(name).cast(dtype) for name, dtype in frame_schema(table).items())


def _identifiers(identifier: pl.DataFrame) -> pl.DataFrame:
    """Clean each distinct (scheme, raw) once; one row per mention and identifier as written."""
    told = identifier.select("mention_id", pl.col("scheme").fill_null(""), pl.col("raw").fill_null("")).unique()
    rows = [(scheme, raw, *clean(scheme, raw)) for scheme, raw in told.select("scheme", "raw").unique().iter_rows()]
    schema = dict.fromkeys(("scheme", "raw", "org_id", "status", "reason"), pl.String())
    return told.join(pl.DataFrame(rows, schema=schema, orient="row"), on=["scheme", "raw"], how="left")


def _doubted(identifiers: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """Take back a repair that the legal form of the name contradicts: it is another company's number."""
    suspect = identifiers.filter(
        (pl.col("status") == "repaired") & pl.col("org_id").str.contains(r"^GB-COH-\d{8}$")
    ).join(
        named.select("mention_id", "legal_form").filter(pl.col("legal_form").is_in(_NEVER_DIGITS_ALONE)),
        on="mention_id",
        how="semi",
    )
    is_suspect = pl.col("is_suspect").is_not_null()
    return identifiers.join(
        suspect.select("mention_id", "scheme", "raw", is_suspect=pl.lit(value=True)),
        on=["mention_id", "scheme", "raw"],
        how="left",
    ).select(
        "mention_id",
        "scheme",
        "raw",
        org_id=pl.when(~is_suspect).then(pl.col("org_id")),
        status=pl.when(is_suspect).then(pl.lit("ambiguous")).otherwise(pl.col("status")),
        reason=pl.when(is_suspect)
        .then(pl.lit("Digits alone are no number of the legal form that the name states; letters may have been lost."))
        .otherwise(pl.col("reason")),
    )


def register_of(org_id: pl.Expr) -> pl.Expr:
    """Return the register's part of an org-id, such as GB-COH."""
    return org_id.str.extract(r"^([A-Z]{2,3}-[A-Z]+)", 1)


def _place_of(register: pl.Expr) -> pl.Expr:
    order = {scheme: place for place, scheme in enumerate(ANCHOR_SCHEMES)}
    return register.replace_strict(order, default=len(order), return_dtype=pl.Int64)


def _digest(text: str) -> str:
    return base64.b32encode(hashlib.sha256(text.encode("utf-8", "replace")).digest()[:15]).decode("ascii")


def _read_names(written: pl.Series) -> pl.DataFrame:
    distinct = written.unique()
    slices = [
        pl.DataFrame(list(map(_read_name, distinct[start : start + _SLICE])), schema=_READ_NAME, orient="row")
        for start in range(0, len(distinct), _SLICE)
    ]
    return pl.concat(slices) if slices else pl.DataFrame(schema=_READ_NAME)


def _read_name(name: str | None) -> tuple[str | list[str] | bool | None, ...]:
    found = parse(name or "")
    key = comparable(found.core)
    others = sorted({comparable(parse(other).core) for other in found.others} - {key, ""})
    return (
        name,
        found.core or None,
        found.legal_form,
        found.trading_name,
        found.placeholder_kind,
        key or None,
        others,
        found.several,
    )


def keys(unit: pl.DataFrame, registers: Registers, overrides: pl.DataFrame) -> pl.DataFrame:
    """Return ``unit_id, key``: two units that any rule could link, or a human decision names, share a key."""
    told = anchored(unit, registers)
    place = told.select("unit_id").with_row_index("row")
    by_rule = pl.concat([part.collect() for part in links.keys(told)]).join(place, on="row").select("unit_id", "key")
    by_hand = addressed(overrides, unit).select("unit_id", key=pl.lit("o:") + pl.col("override_id"))
    return pl.concat([by_rule, by_hand]).unique().sort("unit_id", "key")


def touched(
    unit: pl.DataFrame, held: pl.DataFrame, new: pl.Series, registers: Registers, overrides: pl.DataFrame
) -> pl.Series:
    """Return the ids of the units that a night has to partition, sorted: partitioning them gives what a rebuild gives.

    These are the new ones, those that a rule or a human decision links to them, and the whole components of these and
    of the units that are gone.

    Args:
        unit: All units, the new ones among them and those that are gone not.
        held: ``unit_id, component`` as the last night left them.
        new: The ids of units that are new, or that a human decision speaks of for the first or the last time.
        registers: The rows of the registers that these units need.
        overrides: Human decisions.
    """
    gone = held.join(unit, on="unit_id", how="anti")
    met = _meeting(unit, new, registers)
    near, of_unit = links.nodes(_prepared(unit.join(met, on="unit_id", how="semi"), registers, overrides))
    pairs = links.candidates(near, of_unit).select("a", "b")
    of_unit = of_unit.select("node", "unit_id")
    fresh = of_unit.filter(pl.col("unit_id").is_in(new.implode()))["node"].unique()
    linked = pl.concat(
        [
            fresh,
            pairs.filter(pl.col("a").is_in(fresh.implode()))["b"],
            pairs.filter(pl.col("b").is_in(fresh.implode()))["a"],
        ]
    ).unique()
    beside = of_unit.filter(pl.col("node").is_in(linked.implode())).select("unit_id")
    by_hand = addressed(overrides, unit)
    spoken_of = by_hand.join(new.rename("unit_id").to_frame(), on="unit_id", how="semi")
    named = by_hand.join(spoken_of, on="override_id", how="semi")
    beside = pl.concat([beside, named.select("unit_id"), new.rename("unit_id").to_frame()]).unique()
    parts = pl.concat([held.join(beside, on="unit_id", how="semi"), gone])["component"].unique()
    whole = held.filter(pl.col("component").is_in(parts.implode())).select("unit_id")
    return pl.concat([beside, whole]).unique().join(unit, on="unit_id", how="semi")["unit_id"].sort()


def _meeting(unit: pl.DataFrame, new: pl.Series, registers: Registers) -> pl.DataFrame:
    """Return ``unit_id`` of all units that share a key with the new ones, these included."""
    told = anchored(unit, registers)
    is_new = told["unit_id"].is_in(new.implode())
    met = is_new
    for part in links.keys(told):
        keyed = part.with_columns(pl.col("key").hash()).collect()
        looked_for = keyed.filter(is_new.gather(keyed["row"]))["key"].unique()
        found = keyed.filter(pl.col("key").is_in(looked_for.implode()))["row"].unique()
        met = met | pl.int_range(told.height, dtype=pl.UInt32, eager=True).is_in(found.implode())
    return told.filter(met).select("unit_id")


def _prepared(unit: pl.DataFrame, registers: Registers, overrides: pl.DataFrame) -> pl.DataFrame:
    """Add to units what the registers know of them, and as ``tag`` which human decisions speak of them."""
    said = _heeded(addressed(overrides, unit), overrides)
    side = pl.when(pl.col("kind") == "different").then(pl.col("side").str.to_uppercase()).otherwise(pl.lit("s"))
    tags = said.group_by("unit_id").agg(tag=pl.format("{}:{}", "override_id", side).unique().sort().str.join(";"))
    return anchored(unit, registers).join(tags, on="unit_id", how="left")


def gathered(units: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Return the units of several readings as one frame, each once, with the mentions of all."""
    return _distinct(pl.concat([pl.DataFrame(schema=UNIT), *units]))


def _distinct(unit: pl.DataFrame) -> pl.DataFrame:
    # Lists are left out of the grouping, which would hold them several times.
    mentions = unit.group_by("unit_id").agg(pl.col("mentions").sum())
    distinct = unit.drop("mentions").unique("unit_id", keep="first").join(mentions, on="unit_id").sort("unit_id")
    return distinct.select(pl.col(name).cast(dtype) for name, dtype in UNIT.items())


# --- what the registers know ----------------------------------------------------------------------------------------


def anchored(unit: pl.DataFrame, registers: Registers) -> pl.DataFrame:
    """Add to units what the registers know of them, and take back the numbers that they contradict.

    Returns the units with ``register_ids``: the other numbers of the same organisation, and where a unit has no number
    of its own, those of the one organisation that a register lists under its name; ``register_kind, register_name,
    register, vintage``: how that name is listed; ``asked_ids``: the number of an organisation without a legal form that
    is listed elsewhere under the name to which the unit adds one, which only a person can tell; ``doubted_ids``:
    numbers that belong to an organisation of a wholly different name and address, so that they do not say who the
    supplier is.
    """
    same = _same_as(registers.relation)
    doubted = _contradicted(unit, registers)
    own = unit.lazy().join(doubted.lazy(), on="unit_id", how="left").with_columns(pl.col("doubted_ids").fill_null([]))
    own = own.with_columns(org_ids=pl.col("org_ids").list.set_difference("doubted_ids").list.sort())
    told = own.collect()
    listed, asked = _listed(told.filter(pl.col("org_ids").list.len() == 0), registers, same)
    reached = pl.concat(
        [
            told.select("unit_id", org_id="org_ids").explode("org_id", keep_nulls=False, empty_as_null=False),
            listed.select("unit_id", "org_id"),
        ]
    )
    others = (
        reached.join(same, on="org_id", how="left")
        .select("unit_id", org_id=pl.coalesce("same_id", "org_id"))
        .filter(pl.col("org_id").is_not_null())
        .unique()
        .join(reached.join(listed.select("unit_id"), on="unit_id", how="anti"), on=["unit_id", "org_id"], how="anti")
        .group_by("unit_id")
        .agg(register_ids=pl.col("org_id").sort())
    )
    return (
        told.join(others, on="unit_id", how="left")
        .join(asked, on="unit_id", how="left")
        .with_columns(pl.col("register_ids", "asked_ids").fill_null([]))
        .join(listed.drop("org_id"), on="unit_id", how="left")
    )


def _same_as(relation: pl.DataFrame) -> pl.DataFrame:
    """Return ``org_id, same_id`` for all numbers of one organisation, itself included."""
    pairs = (
        relation.filter(pl.col("kind") == "same_as")
        .select("org_id", "other_org_id")
        .unique()
        .sort("org_id", "other_org_id")
    )
    parent: dict[str, str] = {}

    def root(org_id: str) -> str:
        while (above := parent.get(org_id, org_id)) != org_id:
            org_id = above
        return org_id

    for one, other in pairs.iter_rows():
        low, high = sorted((root(one), root(other)))
        parent[high] = low
    members = sorted(set(pairs["org_id"]) | set(pairs["other_org_id"]))
    of = pl.DataFrame(
        {"org_id": members, "group": list(map(root, members))}, schema={"org_id": pl.String(), "group": pl.String()}
    )
    return of.join(of.rename({"org_id": "same_id"}), on="group").select("org_id", "same_id")


def _contradicted(unit: pl.DataFrame, registers: Registers) -> pl.DataFrame:
    """Return ``unit_id, doubted_ids``: numbers whose organisation bears no name alike, at another postcode."""
    held = (
        unit.lazy()
        .filter(pl.col("core_name").is_not_null())
        .select("unit_id", "core_name", "postcode", org_id="org_ids")
        .explode("org_id", keep_nulls=False, empty_as_null=False)
        .join(registers.name.lazy().select("org_id", listed="name"), on="org_id")
        .join(registers.organisation.lazy().select("org_id", at="postcode"), on="org_id", how="left")
        .collect()
    )
    cores = {name: parse(name).core for name in held["listed"].unique() if name}
    pairs = held.select("core_name", "listed").unique()
    alike = pairs.with_columns(
        is_alike=pl.Series(
            [links.is_alike(core, cores.get(listed, "")) for core, listed in pairs.iter_rows()], dtype=pl.Boolean
        )
    )
    return (
        held.lazy()
        .join(alike.lazy(), on=["core_name", "listed"])
        .group_by("unit_id", "org_id")
        .agg(is_right=(pl.col("is_alike") | (pl.col("postcode") == pl.col("at")).fill_null(False)).any())
        .filter(~pl.col("is_right"))
        .group_by("unit_id")
        .agg(doubted_ids=pl.col("org_id").sort())
        .collect()
    )


_CHARITIES = ("GB-CHC", "GB-SC", "GB-NIC")
_NEVER_CHARITIES = ("plc", *(form for form in _NEVER_DIGITS_ALONE if form not in ("cio", "scio")))
"""Legal forms that no registered charity has."""


def _listed(unit: pl.DataFrame, registers: Registers, same: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Find the one organisation that the registers list under a unit's name: one row per unit where there is one.

    A name with its legal form is enough; one without must be two words long and stand for one organisation only, or
    come from its postcode district. Live organisations' current names go before other and former ones.
    Where the unit states a legal form and the register none, the organisation must be a company as well or come from
    the same postcode district; else the second frame, ``unit_id, asked_ids``, holds its number.
    """
    organisation = registers.organisation.unique("org_id", keep="first", maintain_order=True)
    group = same.group_by("org_id").agg(group=pl.col("same_id").min())
    # Which forms a buyer mistakes for each other is said in links.
    form, listed_form = pl.col("legal_form"), pl.col("listed_form")
    near = links.outcode(pl.col("postcode")) == links.outcode(pl.col("at"))
    register = register_of(pl.col("org_id"))
    companies = same.filter(register_of(pl.col("same_id")) == "GB-COH")["org_id"].unique()
    is_company = (register == "GB-COH").fill_null(False) | pl.col("org_id").is_in(companies.implode())
    never = form.is_in(_NEVER_CHARITIES) & register.is_in(_CHARITIES)
    met = (
        unit.lazy()
        .filter(pl.col("key").is_not_null(), ~pl.col("several"))
        .select("unit_id", "core_name", "key", "legal_form", "postcode")
        .join(
            registers.name.lazy().select(
                "org_id", "key", register_name="name", register_kind="kind", listed_form="legal_form"
            ),
            on="key",
        )
        .filter(form.is_null() | listed_form.is_null() | (form == listed_form) | links.is_confused(form, listed_form))
        .filter(~never.fill_null(False))
        .join(
            organisation.lazy().select("org_id", "register", "status", "vintage", at="postcode"),
            on="org_id",
            how="left",
        )
        .join(group.lazy(), on="org_id", how="left")
        .with_columns(
            group=pl.coalesce("group", "org_id"),
            is_near=near.fill_null(False),
            is_at=(pl.col("postcode") == pl.col("at")).fill_null(False),
            rank=pl.when(pl.col("register_kind") != "current")
            .then(2)
            .when(pl.col("status") == "active")
            .then(0)
            .otherwise(1),
        )
        .with_columns(is_asked=form.is_not_null() & listed_form.is_null() & ~pl.col("is_near") & ~is_company)
        .collect()
    )
    asked = met.filter("is_asked")
    met = met.filter(~pl.col("is_asked")).with_columns(
        is_only=pl.col("group").n_unique().over("unit_id") == 1,
        is_best=pl.col("rank") == pl.col("rank").min().over("unit_id"),
    )
    certain = form.is_not_null() & ~links.is_shared_name(form, pl.col("core_name"))
    long = (pl.col("core_name").str.count_matches(" ") >= 1) & (pl.col("core_name").str.len_chars() >= 8)
    kept = met.filter(
        pl.when(certain)
        .then(pl.col("is_best") | pl.col("is_at"))
        .otherwise(pl.col("is_near") | (pl.col("is_only") & long & ~links.is_shared_name(form, pl.col("core_name"))))
    ).with_columns(is_at=pl.col("is_at") & (pl.col("is_at").any().over("unit_id")))
    kept = kept.filter(pl.col("is_at") | ~pl.col("is_at").any().over("unit_id")).filter(
        pl.col("group").n_unique().over("unit_id") == 1
    )
    found = (
        kept.with_columns(place=_place_of(register_of(pl.col("org_id"))))
        .sort("unit_id", "rank", "place", "org_id", "register_kind", "register_name")
        .unique("unit_id", keep="first", maintain_order=True)
        .select("unit_id", "org_id", "register_kind", "register_name", "register", "vintage")
    )
    left = asked.join(found, on="unit_id", how="anti").filter(pl.col("group").n_unique().over("unit_id") == 1)
    return found, left.group_by("unit_id").agg(asked_ids=pl.col("org_id").unique().sort())


# --- human decisions ------------------------------------------------------------------------------------------------

_SUPPLIER_ID = r"^S[A-Z2-7]{10}$"
_ORG_ID = r"^[A-Z]{2,3}-[A-Z0-9]+-"


def supplier_id_of(unit_id: str, again: int = 0) -> str:
    """Return the supplier id that a unit gives when it is the first of a new supplier."""
    return "S" + _digest(f"supplier:{unit_id}:{again}" if again else f"supplier:{unit_id}")[:10]


def addressed(overrides: pl.DataFrame, unit: pl.DataFrame) -> pl.DataFrame:
    """Say which units the decisions ``same`` and ``different`` speak of: ``override_id, kind, side, unit_id``.

    A supplier id means the unit from which it was minted, whatever has been merged since; an org-id every unit that
    carries it; any other text every unit whose name reads the same. Revoked decisions speak of none.
    """
    said = overrides.filter(pl.col("kind").is_in(["same", "different"]), pl.col("revoked_at").is_null())
    sides = pl.concat(
        [said.select("override_id", "kind", side=pl.lit(side), told=pl.col(side)) for side in ("a", "b")]
    ).filter(pl.col("told").is_not_null())
    if sides.is_empty():
        return pl.DataFrame(schema=dict.fromkeys(("override_id", "kind", "side", "unit_id"), pl.String()))
    is_supplier, is_org = pl.col("told").str.contains(_SUPPLIER_ID), pl.col("told").str.contains(_ORG_ID)
    suppliers_told = sides.filter(is_supplier)
    minted = pl.DataFrame(
        {"unit_id": unit["unit_id"], "told": [supplier_id_of(unit_id) for unit_id in unit["unit_id"]]}
        if suppliers_told.height
        else {"unit_id": [], "told": []},
        schema={"unit_id": pl.String(), "told": pl.String()},
    )
    named = sides.filter(~is_supplier & ~is_org)
    reading = _read_names(named["told"].unique()).select(told="supplier_name", key="key", legal_form="legal_form")
    return (
        pl.concat(
            [
                suppliers_told.join(minted, on="told").drop("told"),
                sides.filter(is_org)
                .join(
                    unit.select("unit_id", told="org_ids").explode("told", keep_nulls=False, empty_as_null=False),
                    on="told",
                )
                .drop("told"),
                named.join(reading, on="told")
                .join(unit.select("unit_id", "key", "legal_form"), on=["key", "legal_form"], nulls_equal=True)
                .filter(pl.col("key").is_not_null())
                .select("override_id", "kind", "side", "unit_id"),
            ]
        )
        .unique()
        .sort("override_id", "side", "unit_id")
    )


def unaddressed(overrides: pl.DataFrame, unit: pl.DataFrame, known: Collection[str]) -> tuple[str, ...]:
    """Return the decisions about suppliers that address nobody, by ``override_id``, in their order.

    Of two who are the same or different, both must be there. A name with a legal form means that form alone.

    Args:
        overrides: the decisions that stand; those about buyers do not count.
        unit: the units: ``unit_id``, ``org_ids``, ``key``, ``legal_form``.
        known: the supplier ids and the org-ids by which any other decision may address a supplier.
    """
    about = overrides.filter(pl.col("kind") != "buyer")
    sides = addressed(about, unit).group_by("override_id").agg(pl.col("side").n_unique())
    reached = set(sides.filter(pl.col("side") == 2)["override_id"])
    one = about.filter(~pl.col("kind").is_in(["same", "different"]))
    if not one.is_empty():
        written = set(unit.select("key", "legal_form").unique().iter_rows())
        written |= {(key, None) for key, _ in written}
        for override_id, told in one.select("override_id", "a").iter_rows():
            name = parse(told)
            key = comparable(name.core)
            if told in known or (key and (key, name.legal_form) in written):
                reached.add(override_id)
    return (*(told for told in about["override_id"] if told not in reached),)


def _heeded(said: pl.DataFrame, overrides: pl.DataFrame) -> pl.DataFrame:
    """Leave out the decisions that a later one contradicts: of two the later ``at`` wins, then the higher id."""
    age = {
        name: (at or "", int(name) if name.isdecimal() else -1, name)
        for name, at in overrides.select("override_id", pl.col("at").cast(pl.String)).sort(pl.all()).iter_rows()
    }
    said = _on_one_side(said)
    units: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    kinds: dict[str, str] = {}
    for name, kind, side, unit_id in said.iter_rows():
        units[name][side].append(unit_id)
        kinds[name] = kind
    parent: dict[str, str] = {}

    def root(unit_id: str) -> str:
        while (above := parent.get(unit_id, unit_id)) != unit_id:
            unit_id = above
        return unit_id

    apart: list[tuple[list[str], list[str]]] = []
    heeded = []
    for name in sorted(units, key=lambda name: age[name], reverse=True):
        one, other = units[name]["a"], units[name]["b"]
        if kinds[name] == "different":
            if {root(unit_id) for unit_id in one}.isdisjoint(root(unit_id) for unit_id in other):
                apart.append((one, other))
                heeded.append(name)
            continue
        joined = {root(unit_id) for unit_id in one + other}
        if any(not joined.isdisjoint(map(root, a)) and not joined.isdisjoint(map(root, b)) for a, b in apart):
            continue
        heeded.append(name)
        low = min(joined)
        parent.update(dict.fromkeys(joined - {low}, low))
    return said.filter(pl.col("override_id").is_in(heeded))


def _on_one_side(said: pl.DataFrame) -> pl.DataFrame:
    """Of a unit that a decision ``different`` addresses on both sides, keep the side that addresses fewer units.

    "GB-COH-01234567 is not ACME LTD" speaks of the notices of that name without the number, and not of those with it.
    """
    apart = said.filter(pl.col("kind") == "different")
    reach = apart.group_by("override_id", "side").agg(reached=pl.len())
    kept = (
        apart.join(reach, on=["override_id", "side"])
        .sort("override_id", "unit_id", "reached", "side")
        .unique(["override_id", "unit_id"], keep="first", maintain_order=True)
        .select(said.columns)
    )
    return pl.concat([said.filter(pl.col("kind") != "different"), kept]).sort(said.columns)


# --- clusters -------------------------------------------------------------------------------------------------------


class _Cluster:
    """The clusters as they grow: of each its register numbers, its names with a legal form, and its human decisions.

    A node is a number, and so is a name; what most clusters hold one of is kept in tuples, which are small.
    """

    def __init__(self, node: pl.DataFrame) -> None:
        self.parent = list(range(node.height))
        numbered = node.filter((pl.col("org_ids").list.len() > 0) | (pl.col("register_ids").list.len() > 0))
        exclusive = pl.element().filter(register_of(pl.element()).is_in(links.EXCLUSIVE)).unique().sort()
        ids = numbered.select("node", pl.concat_list("org_ids", "register_ids").list.eval(exclusive))
        self.ids: dict[int, tuple[str, ...]] = {
            number: tuple(org_ids) for number, org_ids in ids.iter_rows() if org_ids
        }
        formed = node.filter(pl.col("legal_form").is_not_null() & pl.col("key").is_not_null())
        rank = formed.select("node", pl.col("key").rank("dense"))
        self.formed: dict[int, tuple[int, ...]] = {number: (key,) for number, key in rank.iter_rows()}
        tagged = node.filter(pl.col("tag").is_not_null()).select("node", "tag")
        self.sides: dict[int, tuple[str, ...]] = {number: tuple(tag.split(";")) for number, tag in tagged.iter_rows()}

    def root(self, node: int) -> int:
        """Return the cluster of a node, as the lowest of its nodes."""
        parent = self.parent
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    def union(self, a: int, b: int) -> None:
        """Make one cluster of two."""
        a, b = min(a, b), max(a, b)
        self.parent[b] = a
        for held in (self.ids, self.formed, self.sides):
            _merge(held, a, b)

    def is_known(self, root: int) -> bool:
        """Tell whether a cluster holds a number, or a name with a legal form."""
        return root in self.formed or root in self.ids

    def obstacle(self, a: int, b: int, method: str, near: int, *, is_formed: bool) -> str | None:
        """Say why two clusters may not be joined by a link of this method; null where they may."""
        if method == "override":
            return None
        sides, others = self.sides.get(a), self.sides.get(b)
        if sides and others and any(_opposite(side) in others for side in sides):
            return "a person decided that they are different"
        formed, other_formed = self.formed.get(a), self.formed.get(b)
        are_named_apart = bool(formed and other_formed and not any(key in other_formed for key in formed))
        is_strong = links.RULES[method].is_strong and (is_formed or method not in links.BY_WRITING)
        if are_named_apart and not is_strong:
            return "their names with a legal form differ"
        ids, other_ids = self.ids.get(a), self.ids.get(b)
        if not ids or not other_ids or ids == other_ids:
            return None
        for register in links.EXCLUSIVE:
            numbers = {org_id for org_id in ids if org_id.startswith(register)}
            differing = {org_id for org_id in other_ids if org_id.startswith(register)}
            if not numbers or not differing or numbers == differing:
                continue
            if (numbers <= differing or differing <= numbers) and not (method == "identifier" and are_named_apart):
                continue
            if method == "same_name" and (is_formed or near == 2):
                continue
            if method == "identifier" and not are_named_apart and not numbers.isdisjoint(differing):
                continue
            if method in _SAME_NAME and _nearest(numbers, differing) <= _TYPING_ERROR:
                continue
            return f"they carry different numbers of {register}"
        return None


def _merge(held: dict[int, Any], a: int, b: int) -> None:
    given: tuple[Any, ...] | None = held.pop(b, None)
    if given is not None:
        known: tuple[Any, ...] | None = held.get(a)
        held[a] = given if known is None or known == given else tuple(sorted({*known, *given}))


def _opposite(side: str) -> str:
    """Return the other side of a decision that two are different; nothing carries that of any other decision."""
    name, letter = side[:-1], side[-1]
    return name + {"A": "B", "B": "A"}.get(letter, "none")


_SAME_NAME = ("same_name", "form_varies", "form_missing", "form_missing_nearby")
_TYPING_ERROR = 2
"""Characters by which two numbers may differ and still be one that was mistyped, where the names are the same."""


def _nearest(numbers: set[str], others: set[str]) -> int:
    return min(OSA.distance(one, other) for one in numbers for other in others)


def partition(unit: pl.DataFrame, registers: Registers, overrides: pl.DataFrame) -> Partition:
    """Lead every unit to one cluster, by rules that look at pairs of units only.

    Links are made from the most to the least certain, unless the cluster that they would make held two different
    numbers of one register, two names with different words and a legal form each (by a rule that rests on a shorter or
    other name), or what a person said is different. The order of the units does not matter.
    What no automatic link joins does not influence each other: a part that is closed under ``component`` gives the same
    clusters alone as with everything else.

    Args:
        unit: Units as ``read`` returns them.
        registers: The rows of the registers that these units need.
        overrides: Human decisions, see OVERRIDE.

    Returns:
        ``member``: one row per unit, sorted: ``unit_id, cluster`` (the lowest of its unit ids), ``component`` (the
        lowest unit id of all that automatic links touch, made or not), ``method, score, reason, evidence``;
        ``link``: one row per pair that a rule found: ``a, b`` (a unit id each), ``method, score, evidence, decision``
        (linked, review, veto), ``reason``;
        ``cluster``: ``cluster, org_id`` (the number given most), ``org_ids`` (joined by ';'), ``is_doubtful``.
    """
    told = _prepared(unit, registers, overrides)
    node, of_unit = links.nodes(told)
    of_node, link = _agglomerated(node, links.candidates(node, of_unit))
    return _described(told, node, of_unit, of_node, link)


def _agglomerated(node: pl.DataFrame, pairs: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Make the links, best first.

    Returns:
        ``node, root, whole`` (the lowest node of its cluster and of its component) with the link that leads it towards
        the best known node of its cluster: ``method, towards, near, detail``; and the links, the best between two
        clusters only: ``left, right, method, near, detail, decision, why``.
    """
    rank = {method: number for number, method in enumerate(links.RULES)}
    is_formed = node["legal_form"].is_not_null().to_list()
    by_hand = pl.DataFrame(
        _same_by_hand(node), schema={"a": pl.UInt32, "b": pl.UInt32, "detail": pl.String}, orient="row"
    )
    by_name = pl.DataFrame(
        {"a": range(len(is_formed)), "is_formed": is_formed}, schema={"a": pl.UInt32, "is_formed": pl.Boolean}
    )
    # A full legal name is better evidence than a number: in Great Britain no two live companies share one.
    order = (
        pl.when((pl.col("method") == "same_name") & pl.col("is_formed"))
        .then(1)
        .otherwise(2 * pl.col("method").replace_strict(rank, return_dtype=pl.Int32))
    )
    found = (
        pl.concat(
            [
                by_hand.select("a", "b", method=pl.lit("override"), near=pl.lit(0, pl.Int8), detail="detail"),
                pairs.select("a", "b", "method", "near", "detail"),
            ]
        )
        .join(by_name, on="a", maintain_order="left")
        .select("a", "b", "method", "near", "detail", order=order)
        .sort("order", pl.col("near"), "a", "b", descending=[False, True, False, False])
    )
    automatic = [method for method, rule in links.RULES.items() if rule.score >= links.AUTOMATIC]
    is_automatic = pl.col("method").is_in(automatic)
    made = found.filter(is_automatic)
    cluster, component = _Cluster(node), _Cluster(node.clear())
    component.parent = list(range(node.height))
    decision: list[str] = []
    why_not: list[str | None] = []
    for batch in made.partition_by("order", maintain_order=True):
        method: str = batch.item(0, "method")
        columns = (batch["a"].to_list(), batch["b"].to_list(), batch["near"].to_list())
        undecided = frozenset() if links.RULES[method].is_strong else _undecided(*columns, cluster)
        for a, b, near in zip(*columns, strict=True):
            low, high = component.root(a), component.root(b)
            if low != high:
                component.union(low, high)
            one, other = cluster.root(a), cluster.root(b)
            why = None
            if one != other:
                why = cluster.obstacle(one, other, method, near, is_formed=is_formed[a] and is_formed[b])
                if why is None and (a in undecided or b in undecided):
                    why = "the shorter name fits another supplier as well"
                if why is None:
                    cluster.union(one, other)
            decision.append("known" if one == other else "linked" if why is None else "veto")
            why_not.append(why)
    numbers = range(node.height)
    of_node = pl.DataFrame(
        {"node": numbers, "root": map(cluster.root, numbers), "whole": map(component.root, numbers)},
        schema={"node": pl.UInt32, "root": pl.UInt32, "whole": pl.UInt32},
    )
    made = made.with_columns(decision=pl.Series(decision, dtype=pl.String), why=pl.Series(why_not, dtype=pl.String))
    step = _steps(node, of_node, made.filter(pl.col("decision") == "linked"))
    asked = found.filter(~is_automatic).with_columns(decision=pl.lit("review"), why=pl.lit(None, pl.String))
    roots = of_node.select("node", "root")
    link = (
        pl.concat([made.filter(pl.col("decision") != "known"), asked])
        .rename({"a": "left", "b": "right"})
        .join(roots.rename({"node": "left", "root": "from"}), on="left", maintain_order="left")
        .join(roots.rename({"node": "right", "root": "to"}), on="right", maintain_order="left")
        # What another way has led to one supplier needs no look any more, and one reason to look is enough.
        .filter((pl.col("decision") == "linked") | (pl.col("from") != pl.col("to")))
        .with_columns(
            pair=pl.when(pl.col("decision") == "linked")
            .then(pl.struct("left", "right"))
            .otherwise(pl.struct(left=pl.min_horizontal("from", "to"), right=pl.max_horizontal("from", "to"))),
            is_linked=pl.col("decision") == "linked",
        )
        .unique(["pair", "is_linked"], keep="first", maintain_order=True)
        .select("left", "right", "method", "near", "detail", "decision", "why")
    )
    return of_node.join(step, on="node", how="left", maintain_order="left"), link


def _same_by_hand(node: pl.DataFrame) -> list[tuple[int, int, str]]:
    """Return links between the nodes that a person said are the same, each decision as a chain."""
    said: dict[str, list[int]] = defaultdict(list)
    for number, tag in node.filter(pl.col("tag").is_not_null()).select("node", "tag").iter_rows():
        for side in tag.split(";"):
            if side.endswith(":s"):
                said[side[:-2]].append(number)
    return [(a, b, name) for name, numbers in sorted(said.items()) for a, b in pairwise(numbers)]


def _undecided(left: list[int], right: list[int], nearness: list[int], cluster: _Cluster) -> frozenset[int]:
    """Find the nodes that a rule on shorter or other names would join to more than one supplier with equal right."""
    reached: dict[int, set[int]] = defaultdict(set)
    nearest: dict[int, int] = {}
    # The nearest come first, so that those farther away no longer count.
    for a, b, near in zip(left, right, nearness, strict=True):
        one, other = cluster.root(a), cluster.root(b)
        if one == other:
            continue
        for node, from_root, to_root in ((a, one, other), (b, other, one)):
            if cluster.is_known(to_root) and not cluster.is_known(from_root) and near >= nearest.get(node, near):
                nearest[node] = near
                reached[node].add(to_root)
    return frozenset(node for node, roots in reached.items() if len(roots) > 1)


def _steps(node: pl.DataFrame, of_node: pl.DataFrame, linked: pl.DataFrame) -> pl.DataFrame:
    """Return the made link that leads each node towards the best known one of its cluster.

    The best known node carries the supplier's number, else another one, else a legal form, else is the lowest.
    """
    beside: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row, (a, b) in enumerate(linked.select("a", "b").iter_rows()):
        beside[a].append((row, b))
        beside[b].append((row, a))
    given = node.select("node", "mentions", "org_ids", "register_ids").join(of_node, on="node")
    chosen = _org_ids(given.rename({"root": "cluster"})).select("cluster", "org_id")
    starts = (
        node.select("node", has_ids=pl.col("org_ids").list.len() > 0, is_formed=pl.col("legal_form").is_not_null())
        .join(of_node, on="node")
        .join(chosen, left_on="root", right_on="cluster", how="left")
        .join(node.select("node", "org_ids"), on="node")
        .with_columns(is_chosen=pl.col("org_ids").list.contains(pl.col("org_id")).fill_null(False))
        .sort("is_chosen", "has_ids", "is_formed", "node", descending=[True, True, True, False])
        .unique("root", keep="first", maintain_order=True)["node"]
    )
    step: list[tuple[int, int, int]] = []
    for start in starts:
        if start not in beside:
            continue
        reached, waiting = {start}, [start]
        for place in waiting:
            for row, towards in beside[place]:
                if towards not in reached:
                    reached.add(towards)
                    waiting.append(towards)
                    step.append((towards, place, row))
    return (
        pl.DataFrame(step, schema={"node": pl.UInt32, "towards": pl.UInt32, "row": pl.UInt32}, orient="row")
        .join(linked.select("method", "near", "detail").with_row_index("row"), on="row")
        .drop("row")
    )


# --- in words -------------------------------------------------------------------------------------------------------

_SENTENCES = {
    "override": "A person decided that it is the same as {}.",
    "identifier": "It gives the same number as {}.",
    "register_same_as": "A register says that its number and that of {} are one organisation's.",
    "same_name": "The name is the same as that of {}.",
    "register_name": "A register lists its name for the organisation of {}.",
    "form_varies": "The name is that of {} with another legal form.",
    "form_missing_nearby": "The name is that of {} but for the legal form, and notices of both give nearby addresses.",
    "form_missing": "The name is that of {} but for the legal form.",
    "spelling_nearby": "One word is spelt differently in {}, and notices of both give nearby addresses.",
    "loose_name": "But for small words, 'UK' or abbreviations, the name is that of {}.",
    "loose_name_form_missing": "But for the legal form, small words, 'UK' or abbreviations, the name is that of {}.",
    "other_name_same_postcode": "One states the other's name as well, and notices of both give one postcode: {}.",
    "spelling": "One word is spelt differently in {}.",
    "spellings_same_postcode": "Words are spelt or parted differently in {}, and notices of both give one postcode.",
    "other_name_nearby": "One states the other's name as well, and notices of both give nearby addresses: {}.",
    "group_words": "But for 'Group', 'UK' and such the name is that of {}, and notices of both give nearby addresses.",
    "shorter_name": "Notices of both give one postcode, and one name is the other with more words behind it: {}.",
    "initials": "Notices of both give one postcode, and one name is the initials of the other: {}.",
    "longer_name": "Notices of both give one postcode, and one name is the other with more words behind it: {}.",
    "trade_words": "But for words of its trade the name is that of {}, and notices of both give nearby addresses.",
    "form_differs": "The name is that of {}, but the legal form is another.",
    "loose_name_doubtful": "But for small words, 'UK' or abbreviations the name is that of {}; both have a legal form.",
    "loose_name_form_differs": "But for 'UK' and the like the name is that of {}, and the legal form is another.",
    "shared_words": "Notices of both names give one postcode, and the name shares words with {}.",
    "other_name": "One of the two states the other's name as well: {}.",
    "numbers_differ": "It leads to one supplier with {}, but the two carry different numbers of one register.",
    "register_name_doubtful": "A register lists the name without a legal form, at another address, for {}.",
    "identifier_doubtful": "It gives the same number as {}, but neither name nor address are alike.",
    "spelling_doubtful": "One word is spelt differently in {}.",
}


def _described(
    told: pl.DataFrame, node: pl.DataFrame, of_unit: pl.DataFrame, of_node: pl.DataFrame, link: pl.DataFrame
) -> Partition:
    """Say in words and frames where every unit leads, and why."""
    title = node.select(
        "node", title=pl.concat_str(pl.format("'{}'", "core_name"), pl.format(" ({})", "legal_form").fill_null(""))
    )
    placed = (
        of_unit.select("node", "unit_id")
        .join(of_node.select("node", "root", "whole"), on="node")
        .select(
            "node",
            "unit_id",
            cluster=pl.col("unit_id").min().over("root"),
            component=pl.col("unit_id").min().over("whole"),
            units=pl.len().over("root"),
        )
    )
    known = told.select(
        "unit_id",
        "org_ids",
        "register_ids",
        "asked_ids",
        "mentions",
        "register_kind",
        "register_name",
        "register",
        "vintage",
    )
    clusters = _org_ids(placed.select("unit_id", "cluster").join(known, on="unit_id"))
    steps = of_node.select("node", "method", "towards", "detail").join(title, on="node", how="left")
    steps = steps.join(title.rename({"node": "towards", "title": "other"}), on="towards", how="left")
    # A part at a time: the sentences of all at once would take more memory than everything else.
    member = pl.concat(
        [
            part.join(steps, on="node")
            .join(known, on="unit_id")
            .join(clusters.select("cluster", "org_id"), on="cluster", how="left")
            .with_columns(**_member_words())
            .select("unit_id", "cluster", "component", "method", "score", "reason", "evidence")
            for part in placed.sort("unit_id").iter_slices(_SLICE)
        ]
        or [pl.DataFrame(schema=MEMBER)]
    ).sort("unit_id")
    lowest = of_unit.group_by("node").agg(pl.col("unit_id").min())
    link = pl.concat([link, _doubtful(node, of_node)])
    described = (
        link.lazy()
        .join(lowest.lazy().rename({"node": "left", "unit_id": "a"}), on="left")
        .join(lowest.lazy().rename({"node": "right", "unit_id": "b"}), on="right")
        .join(title.lazy().rename({"node": "left", "title": "name"}), on="left", how="left")
        .join(title.lazy().rename({"node": "right", "title": "other"}), on="right", how="left")
        .with_columns(
            score=_score(pl.col("method")),
            reason=pl.concat_str(
                pl.col("name").fill_null("A number without a name"),
                pl.lit(": "),
                _sentence(pl.col("method"), pl.col("other"), pl.col("detail")),
                pl.concat_str(pl.lit(" Not joined: "), "why", pl.lit(".")).fill_null(""),
            ),
            evidence=_evidence(),
        )
        .select("a", "b", "method", "score", "evidence", "decision", "reason")
        .sort("a", "b", "method")
        .collect()
    )
    return Partition(member, described, clusters)


def _doubtful(node: pl.DataFrame, of_node: pl.DataFrame) -> pl.DataFrame:
    """Ask a person about every cluster with two numbers of one register: a pair of nodes that carry different ones."""
    given = pl.concat(
        [
            node.select("node", org_id=name, is_found=pl.lit(name == "register_ids")).explode(
                "org_id", keep_nulls=False, empty_as_null=False
            )
            for name in ("org_ids", "register_ids")
        ]
    ).with_columns(register=register_of(pl.col("org_id")))
    first = (
        given.filter(pl.col("register").is_in(links.EXCLUSIVE))
        .join(of_node.select("node", "root"), on="node")
        .sort("root", "register", "org_id", "is_found", "node")
        .unique(["root", "register", "org_id"], keep="first", maintain_order=True)
    )
    pairs = first.join(first, on=["root", "register"], suffix="_b").filter(
        pl.col("org_id") < pl.col("org_id_b"), pl.col("node") != pl.col("node_b")
    )
    return (
        pairs.sort("root", "register", "org_id", "org_id_b")
        .unique("root", keep="first", maintain_order=True)
        .select(
            left=pl.min_horizontal("node", "node_b"),
            right=pl.max_horizontal("node", "node_b"),
            method=pl.lit("numbers_differ"),
            near=pl.lit(0, pl.Int8),
            detail=pl.format("{} and {}", "org_id", "org_id_b"),
            decision=pl.lit("review"),
            why=pl.lit(None, pl.String),
        )
    )


def _org_ids(placed: pl.DataFrame) -> pl.DataFrame:
    """Choose each cluster's number: its own before a register's, by register, then the one given most, the lowest."""
    given = pl.concat(
        [
            placed.select("cluster", "mentions", org_id=name, is_found=pl.lit(name == "register_ids")).explode(
                "org_id", keep_nulls=False, empty_as_null=False
            )
            for name in ("org_ids", "register_ids")
        ]
    )
    register = register_of(pl.col("org_id"))
    return (
        given.lazy()
        .group_by("cluster", "org_id")
        .agg(pl.col("mentions").filter(~pl.col("is_found")).sum(), pl.col("is_found").all())
        .with_columns(register=register, place=_place_of(register))
        .sort(
            "cluster", "is_found", "place", pl.col("mentions"), "org_id", descending=[False, False, False, True, False]
        )
        .group_by("cluster", maintain_order=True)
        .agg(
            pl.col("org_id").first(),
            org_ids=pl.col("org_id").sort().str.join(";"),
            is_doubtful=pl.col("register").filter(pl.col("register").is_in(links.EXCLUSIVE)).is_duplicated().any(),
        )
        .sort("cluster")
        .collect()
    )


def _score(method: pl.Expr) -> pl.Expr:
    scores = {name: rule.score for name, rule in links.RULES.items()}
    return method.replace_strict(list(scores), list(scores.values()), default=1.0, return_dtype=pl.Float64)


_MORE_WORDS = ("shorter_name", "longer_name", "trade_words")
"""Rules whose ``detail`` holds the words that one name has and the other has not."""


def _sentence(method: pl.Expr, other: pl.Expr, detail: pl.Expr) -> pl.Expr:
    before = {name: text.split("{}")[0] for name, text in _SENTENCES.items()}
    after = {name: text.split("{}")[1] for name, text in _SENTENCES.items()}
    return pl.concat_str(
        method.replace_strict(before, return_dtype=pl.String, default=None),
        other.fill_null("a notice without a name"),
        method.replace_strict(after, return_dtype=pl.String, default=None),
        pl.when(method.is_in(_MORE_WORDS)).then(pl.format(" The words are '{}'.", detail)).fill_null(""),
    )


def _evidence() -> pl.Expr:
    return pl.struct(
        pl.col("name").alias("name"),
        "other",
        pl.when(pl.col("near") == 2)
        .then(pl.lit("postcode"))
        .when(pl.col("near") == 1)
        .then(pl.lit("postcode district"))
        .alias("shared"),
        "detail",
    ).struct.json_encode()


def number_in_words(org_id: pl.Expr) -> pl.Expr:
    """Return an org-id as a sentence names it, such as "company number 01234567"."""
    register = register_of(org_id)
    word = register.replace_strict(ANCHOR_SCHEMES, default=pl.format("{} number", register), return_dtype=pl.String)
    return pl.format("{} {}", word, org_id.str.replace(r"^[A-Z]{2,3}-[A-Z]+-", ""))


def _member_words() -> dict[str, pl.Expr]:
    """Return the expressions of ``method, score, reason, evidence`` of a member."""
    has_own = pl.col("org_ids").list.len() > 0
    is_listed = pl.col("register_kind").is_not_null()
    alone = pl.when(pl.col("units") > 1).then(pl.lit("same_name")).otherwise(pl.lit("name"))
    # Where the unit's own number is not the supplier's, the number does not say why it leads there.
    is_other = has_own & ~pl.concat_list("org_ids", "register_ids").list.contains(pl.col("org_id")).fill_null(True)
    by_rule = pl.when(pl.col("method").is_not_null()).then("method").otherwise(alone)
    method = (
        pl.when(is_other).then(by_rule)
        .when(has_own).then(pl.lit("identifier")).when(is_listed).then(pl.lit("register_name"))
        .when(pl.col("method").is_not_null()).then("method").otherwise(alone)
    )  # fmt: skip
    kind = pl.col("register_kind").replace_strict(
        {"current": "the name", "previous": "a previous name", "other": "another name"},
        default="a name",
        return_dtype=pl.String,
    )
    listed = pl.format(
        "{} lists '{}' as {} of {}{}.",
        pl.col("register")
        .replace_strict(REGISTER_NAMES, default=pl.col("register"), return_dtype=pl.String)
        .fill_null("A register"),
        "register_name",
        kind,
        number_in_words(pl.col("register_ids").list.first()),
        pl.format(" (register of {})", pl.col("vintage").dt.to_string("%Y-%m-%d")).fill_null(""),
    )
    supplier = pl.format(" The supplier's {} is given elsewhere.", number_in_words(pl.col("org_id"))).fill_null("")
    own = pl.format("The notice gives the {}.", number_in_words(pl.col("org_ids").list.first()))
    sentence = _sentence(pl.col("method"), pl.col("other"), pl.col("detail"))
    reason = (
        pl.when(is_other)
        .then(
            pl.concat_str(
                own, pl.format(" The supplier's other number is {}. ", number_in_words(pl.col("org_id"))),
                sentence.fill_null("Other notices name it so."),
            )
        )
        .when(has_own).then(own)
        .when(is_listed).then(listed)
        .when(pl.col("method").is_not_null())
        .then(pl.concat_str(pl.lit("No usable identifier. "), sentence, supplier))
        .when(pl.col("units") > 1)
        .then(pl.concat_str(pl.format("No usable identifier. Other notices write {} likewise.", "title"), supplier))
        .otherwise(pl.format("No usable identifier; the name is {}.", "title"))
    )  # fmt: skip
    asked = pl.format(
        " A register lists the name without a legal form for {}, whose address is elsewhere: a person has to look.",
        number_in_words(pl.col("asked_ids").list.first()),
    ).fill_null("")
    return {
        "method": method,
        "score": _score(method),
        "reason": pl.concat_str(reason, asked),
        "evidence": pl.struct(
            name="title", other="other", detail="detail", org_id=pl.coalesce(pl.col("org_ids").list.first(), "org_id")
        ).struct.json_encode(),
    }


# --- ids that stay --------------------------------------------------------------------------------------------------


def identify(
    member: pl.DataFrame, unit: pl.DataFrame, held: pl.DataFrame, retired: pl.Series
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give every cluster its supplier id: minted once, kept by the majority of the mentions that had it.

    An id goes to the cluster that holds most mentions of the units that had it. Where a cluster gets several, the one
    with most mentions stays, and the others are redirected to it. A cluster without one gets a new id from its lowest
    unit, or gets back the one that one of its units gave before it was merged away.

    Args:
        member: ``unit_id, cluster`` of whole clusters.
        unit: ``unit_id, mentions`` of these units.
        held: ``unit_id, supplier_id`` as it was before; units that are gone may be among them.
        retired: Supplier ids that are redirected to others by now.

    Returns:
        ``member`` with ``supplier_id``; and the redirects that this makes, ``old_id, supplier_id``.
        A redirect of an id that ``member`` uses again is no longer valid.

    Raises:
        ValueError: when two clusters would get one id.
    """
    counted = member.select("unit_id", "cluster").join(unit.select("unit_id", "mentions"), on="unit_id", how="left")
    votes = (
        counted.join(held.select("unit_id", "supplier_id"), on="unit_id")
        .filter(pl.col("supplier_id").is_not_null())
        .group_by("cluster", "supplier_id")
        .agg(pl.col("mentions").sum())
    )
    home = votes.sort("supplier_id", "mentions", "cluster", descending=[False, True, False]).unique(
        "supplier_id", keep="first", maintain_order=True
    )
    # Of equals the one that the lowest unit gave stays: so what is split and joined again gets its first id back.
    rivals = home.filter(pl.col("cluster").is_duplicated())["cluster"].unique()
    first = dict(zip(rivals, map(supplier_id_of, rivals), strict=True))
    given = pl.col("cluster").replace_strict(first, default=None, return_dtype=pl.String)
    is_first = given.eq_missing(pl.col("supplier_id"))
    kept = home.sort("cluster", "mentions", is_first, "supplier_id", descending=[False, True, True, False]).unique(
        "cluster", keep="first", maintain_order=True
    )
    redirect = (
        home.join(kept, on="supplier_id", how="anti")
        .join(kept.select("cluster", heir="supplier_id"), on="cluster")
        .select(old_id="supplier_id", supplier_id="heir")
        .sort("old_id")
    )
    new = counted.join(kept, on="cluster", how="anti").group_by("cluster").agg(pl.col("unit_id").sort()).sort("cluster")
    gone, taken = frozenset(retired), set(held["supplier_id"].drop_nulls()) | set(kept["supplier_id"])
    minted = []
    for cluster, units in new.iter_rows():
        natural = [supplier_id_of(unit_id) for unit_id in units]
        again = 0
        found = next((name for name in natural if name in gone and name not in taken), natural[0])
        while found in taken:
            again += 1
            found = supplier_id_of(units[0], again)
        taken.add(found)
        minted.append((cluster, found))
    ids = pl.concat(
        [
            kept.select("cluster", "supplier_id"),
            pl.DataFrame(minted, schema={"cluster": pl.String(), "supplier_id": pl.String()}, orient="row"),
        ]
    )
    if ids["supplier_id"].is_duplicated().any():
        twice = ids.filter(pl.col("supplier_id").is_duplicated()).item(0, "supplier_id")
        raise ValueError(f"Naming suppliers: two clusters get the id {twice}; give whole clusters and every held id.")
    return member.join(ids, on="cluster", how="left"), redirect

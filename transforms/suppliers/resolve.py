"""Lead every mention of a supplier to one organisation, with a reason that can be printed.

A mention is resolved by what it says itself, and nothing else: by a usable identifier, else by its core name.
So the order of input, earlier nights and other mentions never change where it leads.
What that costs: a firm written with its company number in one notice and without it in another is two suppliers.
"""

import base64
import hashlib
from collections.abc import Mapping

import polars as pl

from transforms.suppliers.identifiers import USABLE, clean
from transforms.suppliers.names import comparable, parse
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

_NAME_SCHEMA = {
    "supplier_name": pl.String(),
    "core_name": pl.String(),
    "legal_form": pl.String(),
    "trading_name": pl.String(),
    "parted": pl.String(),
    "placeholder_kind": pl.String(),
    "name_key": pl.String(),
}


def resolve(mention: pl.DataFrame, identifier: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return the suppliers that mentions lead to, and why.

    ``mention`` has one row per supplier entry (``mention_id, award_id, supplier_name`` and any other columns, which
    are kept); ``identifier`` has ``mention_id, scheme, raw`` as written, any number of rows per mention.
    Rows told twice collapse.

    Returns three frames, sorted by ``mention_id``:
    ``supplier_mention``, the told columns with ``supplier_id, org_id, core_name, legal_form, trading_name``;
    ``supplier_identifier``, every identifier with status and reason; ``supplier_link``, one row per mention with
    method and reason.
    A name such as "Various" leads nowhere even beside an identifier; a name that says nothing ("-", "N/A", digits)
    leads where the identifier leads.

    Raises:
        ValueError: when one ``mention_id`` is told in two ways, or two organisations would get one ``supplier_id``.
    """
    if mention["mention_id"].n_unique() < mention.height:
        mention = mention.unique()
        if mention["mention_id"].n_unique() < mention.height:
            twice = mention.filter(pl.col("mention_id").is_duplicated()).sort("mention_id").item(0, "mention_id")
            raise ValueError(
                f"Resolving suppliers: mention '{twice}' is told in two ways; give each mention_id one row."
            )
    named = mention.drop("supplier_id", "org_id", "core_name", "legal_form", "trading_name", strict=False).join(
        _names(mention["supplier_name"]), on="supplier_name", how="left", nulls_equal=True
    )
    identifiers = _doubted(_identifiers(identifier), named)
    joined = named.join(_anchors(identifiers), on="mention_id", how="left")
    is_named = pl.col("placeholder_kind").is_null()
    is_anchored = pl.col("org_id").is_not_null() & (is_named | (pl.col("placeholder_kind") == "unstated"))
    joined = joined.with_columns(
        method=pl.when(is_anchored)
        .then(pl.lit("identifier"))
        .when(is_named)
        .then(pl.lit("core_name"))
        .otherwise(pl.lit("placeholder")),
        core_name=pl.when(is_named).then(pl.col("core_name")),
    ).with_columns(
        key=pl.when(pl.col("method") == "identifier")
        .then(pl.col("org_id"))
        .when(pl.col("method") == "core_name")
        .then(pl.col("name_key"))
    )
    resolved = joined.join(_ids(joined["key"]), on="key", how="left").sort("mention_id")
    told = [name for name in mention.columns if name not in frame_schema("supplier_mention")]
    columns = [name for name in frame_schema("supplier_mention") if name in resolved.columns]
    return {
        "supplier_mention": resolved.select(
            *(pl.col(name).cast(frame_schema("supplier_mention")[name]) for name in columns), *told
        ),
        "supplier_identifier": _shaped(identifiers.sort("mention_id", "scheme", "raw"), "supplier_identifier"),
        "supplier_link": _shaped(resolved.with_columns(reason=_reason()), "supplier_link"),
    }


def suppliers(mention: pl.DataFrame) -> pl.DataFrame:
    """Return one row per supplier (table ``supplier``), named as in its latest mention, sorted by ``supplier_id``.

    ``mention`` holds all present mentions of some suppliers: ``mention_id, supplier_id, supplier_name, org_id,
    core_name, legal_form, published_at``. The latest is by publication, then by ``mention_id``; a mention whose name
    says nothing names a supplier only where no other does. Mentions of no supplier are left out.
    """
    by_time = (
        mention.lazy()
        .filter(pl.col("supplier_id").is_not_null())
        .sort(pl.col("core_name").is_not_null(), "published_at", "mention_id", nulls_last=False)
        .group_by("supplier_id", maintain_order=True)
        .agg(
            pl.col("supplier_name", "core_name", "legal_form").last(),
            pl.col("org_id").drop_nulls().last(),
            mentions=pl.len().cast(pl.Int64),
        )
        .sort("supplier_id")
    )
    return _shaped(by_time.collect(), "supplier")


def _shaped(frame: pl.DataFrame, table: str) -> pl.DataFrame:
    return frame.select(pl.col(name).cast(dtype) for name, dtype in frame_schema(table).items())


def _names(written: pl.Series) -> pl.DataFrame:
    """Parse each distinct name once; one row per distinct value, null included."""
    distinct = written.unique()
    # A slice at a time: polars holds a parsed name in a tenth of the memory that Python does.
    slices = [
        pl.DataFrame(list(map(_named, distinct[start : start + _SLICE])), schema=_NAME_SCHEMA, orient="row")
        for start in range(0, len(distinct), _SLICE)
    ]
    return pl.concat(slices) if slices else pl.DataFrame(schema=_NAME_SCHEMA)


def _named(name: str | None) -> tuple[str | None, ...]:
    found = parse(name or "")
    return (
        name,
        found.core or None,
        found.legal_form,
        found.trading_name,
        found.parted,
        found.placeholder_kind,
        "name:" + comparable(found.core),
    )


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


def _anchors(identifiers: pl.DataFrame) -> pl.DataFrame:
    """Choose one usable identifier per mention: by register, ok before repaired, then the lowest."""
    order: Mapping[str, int] = {scheme: place for place, scheme in enumerate(ANCHOR_SCHEMES)}
    register = pl.col("org_id").str.extract(r"^([A-Z]{2,3}-[A-Z]+)", 1)
    return (
        identifiers.lazy()
        .filter(pl.col("status").is_in(USABLE), pl.col("org_id").is_not_null())
        .with_columns(register=register)
        .filter(~pl.col("register").is_in(NOT_ANCHORS).fill_null(value=False))
        .with_columns(place=pl.col("register").replace_strict(order, default=len(order), return_dtype=pl.Int64))
        .sort("mention_id", "place", "status", "org_id", "raw")
        .unique("mention_id", keep="first", maintain_order=True)
        .select(
            "mention_id",
            "org_id",
            "register",
            pl.col("status").alias("anchor_status"),
            pl.col("raw").str.strip_chars().alias("anchor_raw"),
        )
        .collect()
    )


def _ids(keys: pl.Series) -> pl.DataFrame:
    """Return the supplier id of each distinct key: S and fifty bits of its SHA-256 in base 32."""
    distinct = keys.drop_nulls().unique()
    ids = [
        "S" + base64.b32encode(hashlib.sha256(key.encode("utf-8", "replace")).digest()[:10])[:10].decode("ascii")
        for key in distinct
    ]
    found = pl.DataFrame({"key": distinct, "supplier_id": ids}, schema={"key": pl.String(), "supplier_id": pl.String()})
    if found["supplier_id"].is_duplicated().any():
        pair = found.filter(pl.col("supplier_id").is_duplicated()).sort("supplier_id", "key")["key"].head(2).to_list()
        raise ValueError(f"Resolving suppliers: {pair[0]!r} and {pair[1]!r} get the same id; lengthen the id.")
    return found


def _reason() -> pl.Expr:
    """Say in plain words why a mention leads where it leads."""
    number = pl.col("org_id").str.replace(r"^[A-Z]{2,3}-[A-Z]+-", "")
    word = pl.col("register").replace_strict(
        ANCHOR_SCHEMES, default=pl.format("{} number", pl.col("register")), return_dtype=pl.String
    )
    by_identifier = (
        pl.when(pl.col("anchor_status") == "repaired")
        .then(pl.format("The notice gives the {} '{}', read as {}.", word, pl.col("anchor_raw"), number))
        .otherwise(pl.format("The notice gives the {} {}.", word, number))
    )
    by_name = (
        pl.when(pl.col("parted").is_not_null())
        .then(pl.format("No usable identifier; the name without '{}' is '{}'.", pl.col("parted"), pl.col("core_name")))
        .otherwise(pl.format("No usable identifier; the name is '{}'.", pl.col("core_name")))
    )
    no_name = pl.col("supplier_name").fill_null("").str.strip_chars() == ""
    return (
        pl.when(pl.col("method") == "identifier")
        .then(by_identifier)
        .when(pl.col("method") == "core_name")
        .then(by_name)
        .when(no_name)
        .then(pl.lit("The notice gives no name."))
        .otherwise(pl.format("'{}' names no organisation.", pl.col("supplier_name").str.strip_chars()))
    )

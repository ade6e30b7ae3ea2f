"""Addresses as notices write them, to areas."""

from functools import cache

import polars as pl

from transforms.places.areas import DEPENDENCIES
from transforms.reference import facts

_INWARD = "[0-9][ABD-HJLNP-UW-Z]{2}"
"""The second half of a postcode, in which Royal Mail never uses the letters C, I, K, M, O and V."""

_POSTCODE = rf"(?-u:\b)(?:[A-Z]{{1,2}}[0-9][0-9A-Z]?|GIR|NPT)[\s.\-]{{0,3}}{_INWARD}(?-u:\b)"

_LOOSE = r"[A-Za-z]{1,2}[0-9][A-Za-z0-9]?\s*[0-9][A-Za-z]{2}"

_UNGLUE = (
    # Line ends whose backslashes were lost: "IlfordrnEssexrnIG1 1YSrn".
    (rf"rn({_LOOSE})", " ${1}"),
    (r"([0-9][A-Za-z]{2})rn", "${1} "),
    # No space before or after: "LondonE1 6AN", "E1 6ANUnited Kingdom".
    (r"([a-z])([A-Z]{1,2}[0-9][A-Z0-9]?\s*[0-9][A-Z]{2})", "${1} ${2}"),
    (r"([0-9][A-Z]{2})([A-Z][a-z])", "${1} ${2}"),
    # Mistyped at the end of a line: "GU5 OLA" with a letter O, "NE 29 9NZ", "DY6 7 FP".
    (r"(?im)\b([A-Z]{1,2}\s?[0-9][0-9A-Z]?)\s*O([ABD-HJLNP-UW-Z]{2})[\s.,]*$", "${1} 0${2}"),
    (r"(?im)\b([A-Z]{1,2})\s?([0-9][0-9A-Z]?)\s{0,3}([0-9])\s?([ABD-HJLNP-UW-Z]{2})[\s.,]*$", "${1}${2} ${3}${4}"),
    # "Unit E1, 2nd Floor" is not E1 2ND.
    (r"(?i)\b[0-9]*(?:1st|2nd|3rd|[0-9]th)\s+(?:floor|flr|fl|avenue|ave|street|st|road)\b", " "),
)

# Only what cannot be a place in the UK; an address in Northern Ireland may well end in "Ireland" (see below).
_ABROAD = (
    "australia|austria|belgium|belgie|belgique|brazil|bulgaria|canada|china|croatia|cyprus|czech republic|czechia|"
    "denmark|danmark|estonia|finland|france|germany|deutschland|gibraltar|greece|hong kong|hungary|iceland|india|"
    "ireland|republic of ireland|eire|roi|isle of man|guernsey|jersey|alderney|israel|italy|italia|japan|kenya|latvia|"
    "lithuania|luxembourg|malaysia|malta|mexico|nepal|netherlands|the netherlands|nederland|new zealand|nigeria|norway|"
    "norge|pakistan|poland|polska|portugal|romania|serbia|singapore|slovakia|slovenia|south africa|south korea|spain|"
    "espana|sweden|sverige|switzerland|suisse|schweiz|taiwan|thailand|turkey|ukraine|united arab emirates|uae|usa|"
    "u\\.s\\.a\\.|us|united states|united states of america"
)
_LAST_LINE_ABROAD = rf"(?i)(?:[,;\n\r]|rn)\s*(?:{_ABROAD})[\s.,;]*$"
_MAYBE_HOME = (
    r"(?i)northern ireland|\bn\.? ?i\.?\b|united kingdom|great britain|\bu\.? ?k\.?\b"
    r"|belfast|antrim|armagh|\bdown\b|fermanagh|tyrone|derry"
)


@cache
def _ranges() -> pl.DataFrame:
    """Return the shipped ranges: ``first_postcode`` and ``supplier_area_code``, sorted."""
    return facts("postcode_ranges.csv.gz").rename({"area_code": "supplier_area_code"}).sort("first_postcode")


@cache
def _outwards() -> pl.DataFrame:
    """Return the outward codes that exist, padded to four characters."""
    return _ranges().select(outward=pl.col("first_postcode").str.slice(0, 4)).unique()


def _postcodes(address: pl.DataFrame) -> pl.DataFrame:
    """Find the last postcode of each address: ``address``, ``key`` (outward code padded to four, then inward)."""
    text = pl.col("address")
    for glued, apart in _UNGLUE:
        text = text.str.replace_all(glued, apart)
    compact = pl.col("found").str.replace_all(r"[^A-Z0-9]", "")
    return (
        address.select("address", found=text.str.to_uppercase().str.extract_all(_POSTCODE))
        .filter(pl.col("found").list.len() > 0)
        .with_row_index("row")
        .explode("found", empty_as_null=True)
        .with_row_index("at")
        .with_columns(
            outward=compact.str.head(-3).str.pad_end(4, " "),
            inward=compact.str.tail(3),
        )
        # A building's code looks like a postcode, but for its outward part, which must exist.
        .join(_outwards(), on="outward", how="semi")
        # Two postcodes: the last one, since buildings and units come first.
        .sort("at")
        .unique("row", keep="last", maintain_order=True)
        .select("address", key=pl.col("outward") + pl.col("inward"))
    )


def locate(address: pl.Series) -> pl.DataFrame:
    """Find the local authority of addresses by the postcode that each holds.

    Odd spacing, small letters and missing spaces are read; of several postcodes the last counts.
    British Forces post offices (BFPO) and post towns without a postcode are not placed.

    Args:
        address: Addresses in one line each, as written; nulls and repetitions are allowed, order does not matter.

    Returns:
        One row per distinct address that is not null, sorted by ``address``: ``postcode`` (as in "IG1 1YS"),
        ``supplier_area_code`` (the authority in force in November 2025; a Crown dependency's code where it is one; null
        for a postcode without an authority, such as GIR 0AA), ``is_uk`` (true with a UK postcode, false in a Crown
        dependency or where the last line is a foreign country's name, else null) and ``location_basis``:
        ``notice_address_postcode``, ``notice_address_country`` or ``unknown``.
    """
    distinct = pl.DataFrame({"address": address.cast(pl.String)}).drop_nulls().unique().sort("address")
    found = _postcodes(distinct)
    keys = (
        found.select("key")
        .unique()
        .sort("key")
        .join_asof(_ranges(), left_on="key", right_on="first_postcode", strategy="backward")
    )
    placed = distinct.join(found, on="address", how="left").join(keys, on="key", how="left")
    has_postcode = pl.col("key").is_not_null()
    abroad = pl.col("address").str.contains(_LAST_LINE_ABROAD) & ~pl.col("address").str.contains(_MAYBE_HOME)
    return placed.select(
        "address",
        postcode=pl.concat_str(pl.col("key").str.head(4).str.strip_chars(), pl.col("key").str.tail(3), separator=" "),
        supplier_area_code="supplier_area_code",
        is_uk=pl.when(has_postcode)
        .then(~pl.col("supplier_area_code").is_in(DEPENDENCIES).fill_null(False))
        .when(abroad)
        .then(pl.lit(False)),
        location_basis=pl.when(has_postcode)
        .then(pl.lit("notice_address_postcode"))
        .when(abroad)
        .then(pl.lit("notice_address_country"))
        .otherwise(pl.lit("unknown")),
    ).sort("address")

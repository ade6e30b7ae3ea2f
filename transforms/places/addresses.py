"""Addresses as notices write them, to places: an authority, else a county or region, else a country, else not known."""

from functools import cache

import polars as pl

from transforms.places.areas import COUNCILS, DEPENDENCIES, Directory, areas, region_code, shipped
from transforms.reference import facts

OWN = "notice_address_postcode"
"""The basis of a place that a complete postcode in the notice tells: it beats every other."""

OFFICES = ("registered_office", "charity_register_contact")
"""The bases of a place that a register tells: only where the notice has no complete postcode."""

PLACE = (
    "supplier_area_code", "supplier_county_code", "supplier_region_code", "is_uk", "location_basis", "location_method",
    "location_confidence", "location_vintage", "location_candidates",
)  # fmt: skip
"""What is said of a place, as ``award_line`` keeps it."""

SURE_SHARE = 0.95
"""From this share of an outward code's postcodes on, the authority that has them is taken for the authority."""

_INWARD = "[0-9][ABD-HJLNP-UW-Z]{2}"
"""The second half of a postcode, in which Royal Mail never uses the letters C, I, K, M, O and V."""

_POSTCODE = rf"(?-u:\b)(?:[A-Z]{{1,2}}[0-9][0-9A-Z]?|GIR|NPT)[\s.\-]{{0,3}}{_INWARD}(?-u:\b)"

_PLAIN_END = rf"(?:^|[\s,;])(?<outward>[A-Z]{{1,2}}[0-9][0-9A-Z]?) (?<inward>{_INWARD})$"
_LONGEST_END = 10
"""A postcode with its space has at most eight characters: so many more show what stands before it."""

_LOOSE = r"[A-Za-z]{1,2}[0-9][A-Za-z0-9]?\s*[0-9][A-Za-z]{2}"

_UNGLUE = (
    # Line ends whose backslashes were lost: "IlfordrnEssexrnIG1 1YSrn".
    (rf"rn({_LOOSE})", " ${1}"),
    (r"([0-9][A-Za-z]{2})rn", "${1} "),
    # No space before or after: "LondonE1 6AN", "E1 6ANUnited Kingdom".
    (r"([a-z])([A-Z]{1,2}[0-9][A-Z0-9]?\s*[0-9][A-Z]{2})", "${1} ${2}"),
    (r"([0-9][A-Z]{2})([A-Z][a-z])", "${1} ${2}"),
    # Mistyped at the end of a line: "GU5 OLA" with a letter O, "NE 29 9NZ", "DY6 7 FP", "SWIH 9EU" and "UB8 IEZ".
    (r"(?im)\b([A-Z]{1,2}\s?[0-9][0-9A-Z]?)\s*O([ABD-HJLNP-UW-Z]{2})[\s.,]*$", "${1} 0${2}"),
    (r"(?im)\b([A-Z]{1,2})\s?([0-9][0-9A-Z]?)\s{0,3}([0-9])\s?([ABD-HJLNP-UW-Z]{2})[\s.,]*$", "${1}${2} ${3}${4}"),
    (r"(?im)\b([A-Z]{1,2})I([0-9A-QS-Z]?)\s{0,3}([0-9][ABD-HJLNP-UW-Z]{2})[\s.,]*$", "${1}1${2} ${3}"),
    (r"(?im)\b([A-Z]{1,2}[0-9][0-9A-Z]?)\s{1,3}I([ABD-HJLNP-UW-Z]{2})[\s.,]*$", "${1} 1${2}"),
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
_HOME = r"(?i)(?:^|[\s,;.]|rn)(?:united kingdom|great britain|england|gb|g\.b\.|uk|u\.k\.)[\s.,;]*$"
"""A last word that says no more than that the address is in the United Kingdom."""

_LAST_OUTWARD = r"(?:^|[\s,;.])([A-Z]{1,2}[0-9][0-9A-Z]?)[\s.,;]*$"
_NUMBERED = r"(?i)\b(?:unit|suite|block|flat|floor|room|plot|building|bay|box|office|studio|no|number|gate|level)\b\W*$"
"""What before a last word such as "E1" or "B2" says that it numbers a building, and is no part of a postcode."""

_FOREIGN_CODE = r"(?i)\b[A-Z][0-9][A-Z]\s?[0-9][A-Z][0-9]\b|\b[0-9]{4,6}(?:-[0-9]{4})?[\s.,;]*(?:[A-Z .]+)?$"
"""Postal codes of Canada, and figures where a foreign code would stand: a town before them is not ours."""

_NO_COUNTRY = ("EU", "XX", "ZZ")
"""Letters that stand where a country's would, and mean wherever else."""

_LOST_LINE_END = (r"([a-z0-9])(?:rn)+([A-Z0-9])", "${1}\n${2}")
_PART = r"[,;\r\n]+"
_LAST_PARTS, _LONGEST_NAME = 3, 4
"""A town stands among the last parts of an address, or in the last words of its last part."""


@cache
def _facts_of_areas() -> pl.DataFrame:
    """Return ``supplier_area_code, supplier_county_code, supplier_region_code`` of authorities and dependencies."""
    return areas().select(
        supplier_area_code="area_code", supplier_county_code="county_code", supplier_region_code="region_code"
    )


@cache
def _confidence() -> pl.DataFrame:
    """Return how often each way of finding a place was right: ``location_method, location_confidence``."""
    return facts("location_rules.csv").select(
        location_method="method", location_confidence=pl.col("confidence").cast(pl.Float64)
    )


def _postcodes(address: pl.DataFrame, directory: Directory) -> pl.DataFrame:
    """Find the last postcode of each address: ``address``, ``key`` (outward code padded to four, then inward)."""
    outwards = directory.ranges.select(outward=pl.col("first_postcode").str.slice(0, 4)).unique()
    # Most addresses end in a well-written postcode, which is found ten times as fast.
    end = pl.col("address").str.strip_chars_end(" .,;\t\r\n").str.tail(_LONGEST_END).str.to_uppercase()
    plain = (
        address.select("address", found=end.str.extract_groups(_PLAIN_END))
        .unnest("found")
        .drop_nulls()
        .with_columns(pl.col("outward").str.pad_end(4, " "))
        .join(outwards, on="outward", how="semi")
    )
    # "BS16 GB" is the first half of a postcode and a country, not BS1 6GB.
    text = pl.col("address").str.replace(_HOME, "")
    for glued, apart in _UNGLUE:
        text = text.str.replace_all(glued, apart)
    compact = pl.col("found").str.replace_all(r"[^A-Z0-9]", "")
    odd = (
        address.join(plain, on="address", how="anti")
        .select("address", found=text.str.to_uppercase().str.extract_all(_POSTCODE))
        .filter(pl.col("found").list.len() > 0)
        .with_row_index("row")
        .explode("found", empty_as_null=True)
        .with_row_index("at")
        .with_columns(outward=compact.str.head(-3).str.pad_end(4, " "), inward=compact.str.tail(3))
        # A building's code looks like a postcode, but for its outward part, which must exist.
        .join(outwards, on="outward", how="semi")
        # Two postcodes: the last one, since buildings and units come first.
        .sort("at")
        .unique("row", keep="last", maintain_order=True)
    )
    key = pl.col("outward") + pl.col("inward")
    return pl.concat([found.select("address", key=key) for found in (plain, odd)])


def _outwards(outward: pl.DataFrame, directory: Directory) -> pl.DataFrame:
    """Return what each of some outward codes alone tells.

    Args:
        outward: ``outward``, repetitions allowed: a night's addresses end in few of the thousands there are.
        directory: the postcodes.

    Returns:
        ``outward, of_outward`` (its authority, where it has nearly all of the code's postcodes), ``outward_county`` and
        ``outward_region`` (where all of them lie in one), ``candidates`` (its authorities, the likeliest first, joined
        by a space, where there are several).
    """
    told = (
        directory.outwards.join(outward, on="outward", how="semi")
        .drop_nulls("area_code")
        .join(_facts_of_areas(), left_on="area_code", right_on="supplier_area_code", how="left")
    )
    ranked = told.sort("outward", "share", "area_code", descending=[False, True, False])
    county, region = pl.col("supplier_county_code"), pl.col("supplier_region_code")
    return ranked.group_by("outward", maintain_order=True).agg(
        of_outward=pl.when(pl.col("share").first() >= SURE_SHARE).then(pl.col("area_code").first()),
        outward_county=pl.when((county.n_unique() == 1) & county.is_not_null().all()).then(county.first()),
        outward_region=pl.when((region.n_unique() == 1) & region.is_not_null().all()).then(region.first()),
        candidates=pl.when(pl.len() > 1).then(pl.col("area_code").str.join(" ")),
    )


def _last_outwards(address: pl.DataFrame, directory: Directory) -> pl.DataFrame:
    """Find addresses that end in the first half of a postcode, with what it tells."""
    text = pl.col("address").str.replace(_HOME, "")
    found = (
        address.select("address", text=text.str.to_uppercase())
        .with_columns(
            outward=pl.col("text").str.extract(_LAST_OUTWARD), before=pl.col("text").str.replace(_LAST_OUTWARD, "")
        )
        .filter(pl.col("outward").is_not_null() & ~pl.col("before").str.contains(_NUMBERED))
    )
    return found.join(_outwards(found.select("outward"), directory), on="outward").drop("text", "before", "outward")


def _coded(region: pl.DataFrame) -> pl.DataFrame:
    """Read regions as Find a Tender codes them, and their names: ``region, coded_region, coded_uk``.

    The codes are those of International Territorial Levels, such as UKF24; one of another country is that of a supplier
    abroad.
    """
    code = pl.col("region").str.strip_chars().str.to_uppercase().str.extract("^([A-Z]{2})[A-Z0-9]{0,4}$")
    is_home = code.is_in(["UK", "GB", "TL"])
    return region.select(
        "region",
        coded_region=region_code(pl.col("region")),
        coded_uk=pl.when(is_home).then(True).when(~code.is_in(_NO_COUNTRY)).then(pl.lit(False)),
    )


def _named(address: pl.DataFrame) -> pl.DataFrame:
    """Find the towns, counties and regions that addresses end with, as far as their names are unmistakable.

    Returns:
        ``address, named_area`` (an authority), ``named_region``, ``is_region_name`` (only a region or nation is named):
        one row per address with a name; two names that disagree tell nothing.
    """
    known = facts("place_names.csv").select("name", "area_code", "region_code", is_region=pl.col("kind") == "region")
    parts = (
        address.filter(~pl.col("address").str.contains(_FOREIGN_CODE))
        .select(
            "address",
            part=pl.col("address")
            .str.replace(_HOME, "")
            .str.replace_all(*_LOST_LINE_END)
            .str.replace_all(_PART, "\n")
            .str.to_lowercase()
            .str.split("\n"),
        )
        .explode("part", empty_as_null=True)
        .with_columns(
            pl.col("part").str.replace_all("&amp;|&", " and ").str.replace_all("[^a-z]+", " ").str.strip_chars()
        )
        .filter(pl.col("part") != "")
    )
    last = parts.group_by("address", maintain_order=True).tail(_LAST_PARTS)
    words = (
        parts.group_by("address", maintain_order=True)
        .last()
        .with_columns(pl.col("part").str.split(" "))
        .select(
            "address", *(pl.col("part").list.tail(n).list.join(" ").alias(str(n)) for n in range(1, _LONGEST_NAME + 1))
        )
        .unpivot(index="address", value_name="part")
        .select("address", "part")
    )
    found = pl.concat([last, words]).unique().join(known, left_on="part", right_on="name")
    area, region = pl.col("area_code").drop_nulls(), pl.col("region_code")
    return (
        found.group_by("address")
        .agg(
            named_area=pl.when(area.n_unique() == 1).then(area.first()),
            named_region=region.first(),
            regions=region.n_unique(),
            is_region_name=pl.col("is_region").all(),
        )
        .filter(pl.col("regions") == 1)
        .drop("regions")
    )


def locate(address: pl.Series, region: pl.Series | None = None, *, directory: Directory | None = None) -> pl.DataFrame:
    """Find where addresses are: by postcode, else by what else they tell, the surest first.

    1. The last complete postcode; odd spacing, small letters, missing spaces and lost line ends are read.
    2. A foreign country in the last line.
    3. The first half of a postcode at the end: the authority that has nearly all of its postcodes, else the county or
       region that has all of them; otherwise the authorities are named as candidates, and the next rule is asked.
    4. The region that the notice codes or names beside the address.
    5. A town, county or region by an unmistakable name at the end; not against the region of 4.
    6. The country.

    British Forces post offices (BFPO) are not placed.

    Args:
        address: Addresses in one line each, as written; nulls and repetitions are allowed, order does not matter.
        region: What the notice tells beside each of them, such as UKF24; nothing when left out.
        directory: The postcodes; those shipped when left out.

    Returns:
        One row per distinct address (and region, where regions are given) of which anything is told, sorted:
        ``address``, ``region`` where regions are given, ``postcode`` (as in "IG1 1YS"), the columns of ``PLACE`` and
        ``east_m``, ``north_m``: the middle of the postcode's sector, to about a kilometre.
        ``supplier_area_code`` is the authority in force at the directory's date; a Crown dependency's code where it is
        one; null where only something wider is known, which ``supplier_county_code`` and ``supplier_region_code`` tell.
        ``is_uk`` is false in a Crown dependency and abroad, null where nothing tells.
    """
    directory = directory or shipped()
    key = ["address"] if region is None else ["address", "region"]
    told = pl.DataFrame({"address": address.cast(pl.String)})
    if region is not None:
        told = told.with_columns(region=region.cast(pl.String))
    told = told.unique().filter(pl.any_horizontal(pl.col(key).is_not_null())).sort(key, nulls_last=True)
    distinct = told.select("address").drop_nulls().unique()
    found = _postcodes(distinct, directory)
    postcodes = (
        found.select("key")
        .unique()
        .sort("key")
        .join_asof(directory.ranges, left_on="key", right_on="first_postcode", strategy="backward")
        .select(
            "key",
            of_postcode="area_code",
            sector=pl.col("key").str.head(4).str.strip_chars() + " " + pl.col("key").str.slice(4, 1),
        )
        .join(directory.sectors, on="sector", how="left")
    )
    rest = distinct.join(found, on="address", how="anti")
    abroad = rest.filter(
        pl.col("address").str.contains(_LAST_LINE_ABROAD) & ~pl.col("address").str.contains(_MAYBE_HOME)
    ).with_columns(is_abroad=True)
    rest = rest.join(abroad, on="address", how="anti")
    facts_told = (
        told.join(found, on="address", how="left")
        .join(postcodes, on="key", how="left")
        .join(abroad, on="address", how="left")
        .join(_last_outwards(rest, directory), on="address", how="left")
        .join(_named(rest), on="address", how="left")
        .with_columns(is_home=pl.col("address").str.contains(_HOME).fill_null(False))
    )
    if region is None:
        facts_told = facts_told.with_columns(coded_region=pl.lit(None, pl.String), coded_uk=pl.lit(None, pl.Boolean))
    else:
        facts_told = facts_told.join(_coded(told.select("region").drop_nulls().unique()), on="region", how="left")
    return _chosen(facts_told, key, directory)


def _chosen(told: pl.DataFrame, key: list[str], directory: Directory) -> pl.DataFrame:
    """Let the surest of the rules speak that tells anything, and it alone."""
    has_postcode = pl.col("key").is_not_null()
    is_outward = pl.any_horizontal(pl.col("outward_county", "outward_region").is_not_null())
    is_coded = pl.col("coded_region").is_not_null() | (pl.col("coded_uk") == False).fill_null(False)  # noqa: E712 - SQL's
    agrees = (pl.col("named_region") == pl.col("coded_region")).fill_null(True) & pl.col("coded_uk").fill_null(True)
    is_town = pl.col("named_area").is_not_null() & agrees
    method = (
        pl.when(has_postcode)
        .then(pl.lit("postcode"))
        .when(pl.col("is_abroad").fill_null(False))
        .then(pl.lit("foreign_country"))
        .when(pl.col("of_outward").is_not_null())
        .then(pl.lit("outward_code"))
        .when(is_outward)
        .then(pl.lit("outward_wider"))
        .when(is_town)
        .then(pl.lit("town"))
        .when(is_coded)
        .then(pl.lit("region_code"))
        .when(pl.col("is_region_name").fill_null(False))
        .then(pl.lit("region_name"))
        .when(pl.col("named_region").is_not_null())
        .then(pl.lit("town_region"))
        .when(pl.col("is_home") | pl.col("coded_uk"))
        .then(pl.lit("country"))
    )
    by = pl.col("location_method")
    placed = (
        told.with_columns(location_method=method)
        .with_columns(
            supplier_area_code=pl.when(by == "postcode")
            .then("of_postcode")
            .when(by == "outward_code")
            .then("of_outward")
            .when(by == "town")
            .then("named_area"),
            wider_county=pl.when(by == "outward_wider").then("outward_county"),
            wider_region=pl.when(by == "outward_wider")
            .then("outward_region")
            .when(by == "region_code")
            .then("coded_region")
            .when(by.is_in(["region_name", "town_region"]))
            .then("named_region"),
        )
        .join(_facts_of_areas(), on="supplier_area_code", how="left")
        .join(_confidence(), on="location_method", how="left")
        .join(_single_counties(), left_on="wider_region", right_on="supplier_region_code", how="left")
    )
    is_dependency = pl.col("supplier_area_code").is_in(DEPENDENCIES).fill_null(False)
    return placed.select(
        *key,
        postcode=pl.concat_str(pl.col("key").str.head(4).str.strip_chars(), pl.col("key").str.tail(3), separator=" "),
        supplier_area_code="supplier_area_code",
        supplier_county_code=pl.coalesce("supplier_county_code", "wider_county", "only_county"),
        supplier_region_code=pl.coalesce("supplier_region_code", "wider_region"),
        is_uk=pl.when(by.is_null())
        .then(None)
        .when(by == "foreign_country")
        .then(pl.lit(False))
        .when(by == "region_code")
        .then(pl.col("coded_region").is_not_null())
        .otherwise(~is_dependency),
        location_basis=by.replace_strict(_BASES, default="unknown", return_dtype=pl.String),
        location_method=by,
        location_confidence="location_confidence",
        location_vintage=pl.when(by.is_in(["postcode", "outward_code", "outward_wider"])).then(
            pl.lit(directory.vintage)
        ),
        location_candidates=pl.when(~has_postcode & pl.col("supplier_area_code").is_null()).then("candidates"),
        east_m="east_m",
        north_m="north_m",
    ).sort(key, nulls_last=True)


_BASES = {
    "postcode": OWN,
    "outward_code": "notice_address_outward",
    "outward_wider": "notice_address_outward",
    "region_code": "notice_region",
    "region_name": "notice_region",
    "town": "notice_address_town",
    "town_region": "notice_address_town",
    "country": "notice_address_country",
    "foreign_country": "notice_address_country",
}


@cache
def _single_counties() -> pl.DataFrame:
    """Return the regions that are one county, as London is: ``supplier_region_code, only_county``."""
    leaves = areas().filter(pl.col("valid_to").is_null(), pl.col("kind").is_in(COUNCILS), pl.col("kind") != "county")
    county = pl.col("county_code")
    return (
        leaves.group_by(supplier_region_code="region_code")
        .agg(only_county=county.first(), counties=county.n_unique())
        .filter(pl.col("counties") == 1)
        .drop("counties")
    )


def settle(told: pl.DataFrame, office: pl.DataFrame) -> pl.DataFrame:
    """Give suppliers of whom the notice tells no authority the place of their office by register, where both agree.

    A branch that the notice places elsewhere, if only by its region or country, stays where the notice has it.

    Args:
        told: Any columns, among them ``supplier_id`` and the place that the notice tells, as ``locate`` returns it.
        office: ``supplier_id``, ``place_basis`` (``registered_office`` or ``charity_register_contact``), and the place
            of that office, as ``locate`` returns it; one row per supplier.

    Returns:
        The same rows in the same order and with the same columns.
    """
    place = [*PLACE, "east_m", "north_m"]
    known = office.filter(pl.col("supplier_area_code").is_not_null()).select(
        "supplier_id", "place_basis", *(pl.col(name).alias(f"office_{name}") for name in place)
    )
    agrees = pl.all_horizontal(
        pl.col(name).is_null() | (pl.col(name) == pl.col(f"office_{name}"))
        for name in ("supplier_county_code", "supplier_region_code", "is_uk")
    )
    is_candidate = pl.col("location_candidates").is_null() | pl.col("location_candidates").str.contains(
        pl.col("office_supplier_area_code"), literal=True
    )
    is_office = (
        pl.col("office_supplier_area_code").is_not_null()
        & pl.col("supplier_area_code").is_null()
        # A complete postcode without an authority is a place all the same.
        & (pl.col("location_basis") != OWN).fill_null(True)
        & agrees.fill_null(False)
        & is_candidate.fill_null(False)
    )
    of_office = {name: pl.col(f"office_{name}") for name in place} | {
        "location_basis": pl.col("place_basis"),
        "location_method": pl.lit("register"),
        "location_confidence": pl.lit(None, pl.Float64),
    }
    return (
        told.join(known, on="supplier_id", how="left", maintain_order="left")
        .with_columns(is_office=is_office)
        .with_columns(
            pl.when("is_office").then(value).otherwise(pl.col(name)).alias(name) for name, value in of_office.items()
        )
        .select(told.columns)
    )

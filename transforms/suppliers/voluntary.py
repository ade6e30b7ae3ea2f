"""Tell which suppliers belong to the voluntary sector, by what registers, numbers, legal forms and names say.

The first of these that says anything decides, in this order:

1. an override by hand;
2. being a body set apart (``is_quasi_public``): universities, colleges, schools, the NHS, housing associations; their
   status is ``no``, whatever they are in law, so that they never enter a figure for the voluntary sector unasked, and
   ``vcse_type`` and the evidence say what they are;
3. the register: a charity number, else the category at Companies House or in the register of mutual societies; what
   was removed or dissolved is never more than ``possible``;
4. a number that no loaded register holds: a charity number as the notices give it, or the prefix of a company number;
5. the legal form that the name ends in, where the law reserves it;
6. words in the name, never more than ``possible``.

What the buyer ticked is never asked: on the awards measured for the UK Third and Civil Society Sector Database
(https://uk-third-sector-database.github.io) 66 of 100 ticks were given to others, and 84 of 100 awards to civil
society carry none.
A company named Limited is ``unknown`` without a register, since a charity may be a company limited by guarantee.

``reference/voluntary_kinds.csv`` says what each kind means, ``company_categories.csv`` what the registers' categories
mean, ``voluntary_forms.csv`` and ``voluntary_names.csv`` what a legal form and a name say by themselves.
Leisure trusts are what their register says; they are not set apart.
"""

from collections.abc import Mapping

import polars as pl

from transforms.reference import facts
from transforms.suppliers.names import comparable, parse

STATUSES = ("yes", "possible", "no", "records_disagree", "unknown")
"""``records_disagree`` only where a line is told: there is no tick to disagree with on a supplier."""

_DECIDABLE = tuple(status for status in STATUSES if status != "records_disagree")

CHARITY_REGISTERS = ("charity-commission", "oscr", "ccni")

REGISTER_OF = {
    "GB-COH": "companies-house",
    "GB-CHC": "charity-commission",
    "GB-SC": "oscr",
    "GB-NIC": "ccni",
    "GB-MPR": "mutuals",
}

REGISTER_NAMES = {
    "companies-house": "at Companies House",
    "charity-commission": "in the register of the Charity Commission for England and Wales",
    "oscr": "in the Scottish Charity Register",
    "ccni": "in the register of the Charity Commission for Northern Ireland",
    "mutuals": "in the Mutuals Public Register",
}

INCOME_BANDS = ("under_100k", "100k_to_1m", "1m_to_10m", "over_10m")
"""A band begins with the amount that names it, but exactly £10m is not yet over £10m."""

RESIDENTS_PROPERTY_MANAGEMENT = "98000"
LETTING_BY_HOUSING_ASSOCIATION = "68201"
"""Codes of the UK Standard Industrial Classification 2007, as Companies House uses them."""

COLUMNS: Mapping[str, pl.DataType] = {
    "supplier_id": pl.String(),
    "vcse_status": pl.String(),
    "vcse_type": pl.String(),
    "vcse_evidence": pl.String(),
    "vcse_register_on": pl.Date(),
    "is_quasi_public": pl.Boolean(),
    "income_gbp": pl.Decimal(18, 2),
    "income_band": pl.String(),
}
"""What ``classify`` returns."""

# Prefixes of company numbers that tell the kind by themselves:
# https://www.gov.uk/government/publications/uniform-resource-identifiers-uri-customer-guide
_PREFIX_KINDS = {
    "CE": "cio",
    "CS": "scio",
    **dict.fromkeys(("OC", "SO", "NC", "LP", "SL", "NL"), "partnership"),
    **dict.fromkeys(("IP", "SP", "NP", "NO", "RS"), "registered_society"),
}
# Whose charities are looked up in which register; all others are of England and Wales.
_CHARITY_REGISTER_OF_PREFIX = {"SC": "oscr", "NI": "ccni", "R0": "ccni"}

# The order in which kinds speak where several records are known of one supplier: the more telling first. The register
# of mutual societies tells co-operatives from societies for the community's benefit, Companies House does not.
_SPEAKS = {
    **dict.fromkeys(("cio", "scio", "registered_charity"), 0),
    **dict.fromkeys(("cic", "community_benefit_society"), 1),
    **dict.fromkeys(("cooperative", "mutual", "college"), 2),
    **dict.fromkeys(("share_company", "partnership", "investment_company", "property_management"), 3),
    **dict.fromkeys(("guarantee_company", "guarantee_company_unchecked", "exempt_company"), 3),
    "formerly_registered": 2,
    "registered_society": 4,
    "number_not_found": 5,
}
_FORMER = "formerly_registered"
_ENDED = ("removed", "dissolved", "deregistered")
_COMPANY_NUMBER = r"^GB-COH-(?:[0-9]{2}|SC|NI|R0)[0-9]+$"
"""Of companies proper: a body by royal charter or statute has a prefix of its own."""
_COMMERCIAL = ("share_company", "partnership", "investment_company")
_SOCIETIES = ("community_benefit_society", "registered_society")
_HOUSES = "housing_association"

_DATE = "%-d %B %Y"
_LINKS_FOLLOWED = 3
"""Same-as links are followed this far: charity to company to society's number is two."""


def classify(
    supplier: pl.DataFrame,
    organisation: pl.DataFrame,
    relation: pl.DataFrame,
    override: pl.DataFrame,
    register: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Tell of each supplier whether it belongs to the voluntary sector, of what kind it is, and why.

    Args:
        supplier: ``supplier_id, supplier_name, org_id, org_ids`` (all of its org-ids, parted by spaces), ``core_name,
            legal_form`` (a code of ``reference/legal_forms.csv``), one row each.
        organisation: what the registers hold of these suppliers' org-ids and of those linked to them: ``org_id,
            register, name, status, category, ended_on, income_gbp`` (pounds), ``income_on, activities, vintage``; of
            several vintages the newest counts. Empty where no register is loaded.
        relation: ``org_id, other_org_id, kind``; links of kind ``same_as`` are followed.
        override: ``override_id, kind, a, value, reason, who, at, revoked_at``; of those of kind ``class`` that are not
            revoked the latest counts. ``a`` is a supplier_id, an org-id or a name as written; ``value`` is a type of
            ``reference/voluntary_kinds.csv``, or a status.
        register: ``register, vintage`` of every register loaded, so that what is not found can be told from what was
            not looked up; those of ``organisation`` when left out.

    Returns:
        One row per supplier in the columns of ``COLUMNS``, sorted by ``supplier_id``: ``vcse_evidence`` is a sentence
        that can be printed; ``vcse_register_on`` is the day of the registers asked, the oldest of them, null where none
        was; ``is_quasi_public`` is null where the kind is not known; ``income_gbp`` is the latest by register.

    Raises:
        ValueError: when an override of kind ``class`` has a value that is neither a type nor a status.
    """
    vintages = _vintages(organisation if register is None else register)
    record = _records(supplier, organisation, relation, vintages)
    speaking = _speaking(record)
    told = pl.concat(
        [
            _by_hand(supplier, record, override),
            _set_apart(supplier, record, speaking),
            _two_records(record, relation),
            _by_record(supplier, speaking),
            _by_name(supplier, record, vintages),
        ]
    )
    first = told.sort("supplier_id", "rung").unique("supplier_id", keep="first", maintain_order=True)
    # An override may give a status without a kind: null then stays null.
    kinds = _kinds().select("vcse_type", pl.col("vcse_status").alias("by_kind"), "is_quasi_public")
    status = pl.coalesce("vcse_status", "by_kind")
    return (
        supplier.select("supplier_id")
        .join(first, on="supplier_id", how="left")
        .join(kinds, on="vcse_type", how="left")
        .join(_incomes(record), on="supplier_id", how="left")
        .with_columns(
            vcse_status=status,
            is_quasi_public=pl.when(pl.col("vcse_type").is_null() & status.is_in(["yes", "no", "possible"]))
            .then(pl.lit(value=False))
            .otherwise(pl.col("is_quasi_public")),
            income_band=income_band(pl.col("income_gbp")),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in COLUMNS.items())
        .sort("supplier_id")
    )


def of_line(status: pl.Expr, declared: pl.Expr) -> pl.Expr:
    """Return the ``vcse_status`` of an award line from that of its supplier and the buyer's tick.

    A tick never makes anybody a voluntary organisation, and a missing or negative one never unmakes it, since most
    voluntary organisations are not ticked: ``yes`` stays ``yes``, ``possible`` stays ``possible``, ``unknown`` stays
    ``unknown``. A tick for a supplier of status ``no`` is ``records_disagree``; so it is for a body set apart.
    A line without a supplier is ``unknown``. The view ``out_vcse_disagreement`` lists the ticks and the registers that
    differ, both ways.

    Args:
        status: ``vcse_status`` of the line's supplier; null without one.
        declared: ``vcse_declared``: true, false, or null where nothing is ticked.
    """
    known = status.fill_null("unknown")
    return pl.when((known == "no") & declared.fill_null(value=False)).then(pl.lit("records_disagree")).otherwise(known)


def income_band(income: pl.Expr) -> pl.Expr:
    """Return the band of ``INCOME_BANDS`` of a yearly income in pounds; null where it is not known."""
    pounds = income.cast(pl.Decimal(18, 2))
    return (
        pl.when(pounds < 100_000)
        .then(pl.lit("under_100k"))
        .when(pounds < 1_000_000)
        .then(pl.lit("100k_to_1m"))
        .when(pounds <= 10_000_000)
        .then(pl.lit("1m_to_10m"))
        .when(pounds > 10_000_000)
        .then(pl.lit("over_10m"))
    )


def decidable() -> tuple[str, ...]:
    """Return what a person's decision of kind ``class`` may say: a status, or a type of ``voluntary_kinds.csv``."""
    return (*_DECIDABLE, *_kinds()["vcse_type"])


def classes() -> pl.DataFrame:
    """Return what the registers' categories mean: ``category_key`` (see ``category_key``), ``legal_form, class``."""
    return facts("company_categories.csv").select(category_key(pl.col("category")), "legal_form", "class")


def category_key(category: pl.Expr) -> pl.Expr:
    """Return the form of a category in which two spellings compare equal: case and spaces are disregarded."""
    return category.str.to_lowercase().str.replace_all(r"\s+", "").alias("category_key")


def _kinds() -> pl.DataFrame:
    return facts("voluntary_kinds.csv").with_columns(is_quasi_public=pl.col("is_quasi_public") == "true")


def _vintages(loaded: pl.DataFrame) -> pl.DataFrame:
    """Return the newest vintage of each register: ``register, checked_on``."""
    return (
        loaded.filter(pl.col("register").is_in(list(REGISTER_NAMES)))
        .group_by("register")
        .agg(pl.col("vintage").max().alias("checked_on"))
        .sort("register")
    )


def _own(supplier: pl.DataFrame) -> pl.DataFrame:
    """Return the org-ids that the mentions themselves give: ``supplier_id, org_id``, one row each."""
    several = pl.col("org_ids").cast(pl.String).fill_null("").str.extract_all(r"[^\s;,|]+")
    return (
        supplier.select("supplier_id", pl.concat_list(several, pl.col("org_id").cast(pl.String)).alias("org_id"))
        .explode("org_id")
        .drop_nulls()
        .unique()
    )


def _links(relation: pl.DataFrame) -> pl.DataFrame:
    """Return the same-as links in both directions: ``org_id, other_org_id``."""
    same = relation.filter(pl.col("kind") == "same_as").select("org_id", "other_org_id")
    back = same.select(pl.col("other_org_id").alias("org_id"), pl.col("org_id").alias("other_org_id"))
    return pl.concat([same, back]).drop_nulls().unique()


def _records(
    supplier: pl.DataFrame, organisation: pl.DataFrame, relation: pl.DataFrame, vintages: pl.DataFrame
) -> pl.DataFrame:
    """Return what is known of each org-id of each supplier, one row each, with the kind that it tells or null.

    ``kind_in_law`` is the kind without regard to its end; ``kind`` tells ended voluntary ones from live ones;
    ``hop`` is 0 for an org-id of the supplier's own, else the number of same-as links that lead to it; ``is_known``
    where a register holds it; ``checked_on`` the day of its register, null where that is not loaded.
    """
    links = _links(relation)
    found = _own(supplier).with_columns(hop=pl.lit(0))
    newest = found
    for hop in range(1, _LINKS_FOLLOWED + 1):
        newest = (
            newest.join(links, on="org_id")
            .select("supplier_id", pl.col("other_org_id").alias("org_id"), hop=pl.lit(hop))
            .unique()
            .join(found, on=["supplier_id", "org_id"], how="anti")
        )
        if newest.is_empty():
            break
        found = pl.concat([found, newest])
    held = (
        organisation.sort("org_id", "vintage", "register", descending=[False, True, False])
        .unique("org_id", keep="first", maintain_order=True)
        .with_columns(category_key(pl.col("category")))
        .join(classes().select("category_key", "class"), on="category_key", how="left")
        .select(
            *("org_id", "register", "status", "category", "class", "ended_on", "income_gbp", "income_on", "activities"),
            pl.col("name").alias("org_name"),
            pl.col("vintage").alias("held_on"),
        )
    )
    scheme = pl.col("org_id").str.extract(r"^([A-Z]{2}-[A-Z]+)-")
    number = pl.col("org_id").str.replace(r"^[A-Z]{2}-[A-Z]+-", "")
    told = (
        found.join(held, on="org_id", how="left")
        .with_columns(
            scheme=scheme,
            number=number,
            is_known=pl.col("register").is_not_null(),
            register=pl.coalesce("register", scheme.replace_strict(REGISTER_OF, default=None)),
            charities=number.str.slice(0, 2).replace_strict(
                _CHARITY_REGISTER_OF_PREFIX, default="charity-commission", return_dtype=pl.String
            ),
        )
        .join(vintages, on="register", how="left")
        .join(vintages.rename({"register": "charities", "checked_on": "charities_on"}), on="charities", how="left")
        .join(supplier.select("supplier_id", pl.col("org_id").alias("main_id")), on="supplier_id", how="left")
    )
    ended = pl.col("is_known") & pl.col("status").is_in(list(_ENDED)).fill_null(value=False)
    voluntary = _kinds().filter(pl.col("vcse_status") == "yes")["vcse_type"].to_list()
    is_former = ended & pl.col("kind_in_law").is_in(voluntary)
    told = told.with_columns(kind_in_law=_kind())
    return told.with_columns(kind=pl.when(is_former).then(pl.lit(_FORMER)).otherwise("kind_in_law")).with_columns(
        # A company that no charity register holds was looked up there, too.
        checked_on=pl.when(pl.col("kind") == "guarantee_company")
        .then(pl.min_horizontal(pl.coalesce("held_on", "checked_on"), "charities_on"))
        .otherwise(pl.coalesce("held_on", "checked_on")),
        is_main=(pl.col("org_id") == pl.col("main_id")).fill_null(value=False),
        place=pl.col("kind").replace_strict(_SPEAKS, default=None, return_dtype=pl.Int32),
    )


def _kind() -> pl.Expr:
    """Return the kind of organisation that one record tells, or null."""
    held, of_class = pl.col("is_known"), pl.col("class")
    is_charity = pl.col("register").is_in(CHARITY_REGISTERS)
    in_register = (
        pl.when(is_charity)
        .then(pl.when(of_class.is_in(["cio", "scio"])).then(of_class).otherwise(pl.lit("registered_charity")))
        .when(of_class != "guarantee_company")
        .then(pl.when(of_class.is_in(list(_SPEAKS))).then(of_class))
        .when(_has_activity(RESIDENTS_PROPERTY_MANAGEMENT))
        .then(pl.lit("property_management"))
        .when(pl.col("charities_on").is_null())
        .then(pl.lit("guarantee_company_unchecked"))
        .otherwise(of_class)
    )
    as_given = (
        pl.when(is_charity & pl.col("checked_on").is_null())
        .then(pl.lit("registered_charity"))
        .when(is_charity)
        .then(pl.lit("number_not_found"))
        .when(pl.col("scheme") == "GB-MPR")
        .then(pl.lit("registered_society"))
        .when(pl.col("scheme") == "GB-COH")
        .then(pl.col("number").str.slice(0, 2).replace_strict(_PREFIX_KINDS, default=None, return_dtype=pl.String))
    )
    return pl.when(held).then(in_register).otherwise(as_given)


def _has_activity(code: str) -> pl.Expr:
    return pl.col("activities").fill_null("").str.contains(rf"(?:^|;)\s*{code}\b")


def _by_hand(supplier: pl.DataFrame, record: pl.DataFrame, override: pl.DataFrame) -> pl.DataFrame:
    """Return what a person decided: the latest override of kind ``class`` that stands."""
    standing = override.filter((pl.col("kind") == "class") & pl.col("revoked_at").is_null())
    statuses, allowed = list(_DECIDABLE), list(decidable())
    wrong = standing.filter(~pl.col("value").fill_null("").is_in(allowed)).sort("override_id")
    if wrong.height:
        row = wrong.row(0, named=True)
        raise ValueError(
            f"Telling the voluntary sector: override '{row['override_id']}' gives the class '{row['value']}'; "
            f"give one of: {', '.join(allowed)}."
        )
    if standing.is_empty():
        return _found(standing.with_columns(supplier_id=pl.lit(None, pl.String)))
    named = [(target, *_name_key(target)) for target in standing["a"].drop_nulls().unique().sort()]
    keys = pl.DataFrame(named, schema={"a": pl.String, "key": pl.String, "legal_form": pl.String}, orient="row")
    of_name = (
        supplier.select(
            "supplier_id", pl.col("core_name").str.replace_all(" ", "").alias("key"), pl.col("legal_form").alias("form")
        )
        .join(keys, on="key")
        # A name without a legal form speaks of all that are called so, one with a form only of that one.
        .filter(pl.col("legal_form").is_null() | (pl.col("legal_form") == pl.col("form")))
        .select("supplier_id", "a")
    )
    meant = pl.concat(
        [
            supplier.select("supplier_id", pl.col("supplier_id").alias("a")),
            record.filter(pl.col("hop") == 0).select("supplier_id", pl.col("org_id").alias("a")),
            of_name,
        ]
    ).unique()
    value = pl.col("value")
    told = meant.join(standing, on="a").with_columns(day=pl.col("at").cast(pl.String).str.slice(0, 10))
    latest = told.sort("supplier_id", "day", "override_id").unique("supplier_id", keep="last", maintain_order=True)
    return _found(
        latest.with_columns(
            rung=pl.lit(0),
            vcse_status=pl.when(value.is_in(statuses)).then(value),
            vcse_type=pl.when(~value.is_in(statuses)).then(value),
            vcse_evidence=pl.format(
                "Decided by {} on {}: {}",
                pl.col("who").fill_null("a person"),
                pl.col("day").str.to_date(strict=False).dt.strftime(_DATE).fill_null("a day not recorded"),
                pl.col("reason").fill_null("no reason is given."),
            ),
        )
    )


def _name_key(name: str) -> tuple[str, str | None]:
    read = parse(name)
    return comparable(read.core), read.legal_form


def _set_apart(supplier: pl.DataFrame, record: pl.DataFrame, speaking: pl.DataFrame) -> pl.DataFrame:
    """Return the bodies set apart: by name, by their category, or as a society or charity that lets homes."""
    is_society = pl.col("kind_in_law").is_in(_SOCIETIES)
    is_university = pl.col("org_id").str.starts_with("GB-HESA-")
    lets_homes = pl.col("org_id").str.starts_with("GB-SHPE-") | _has_activity(LETTING_BY_HOUSING_ASSOCIATION)
    # A number that the notices give says what it says, but no register was asked: only its prefix speaks.
    is_told = pl.col("is_known") | (pl.col("hop") > 0)
    of_supplier = record.group_by("supplier_id").agg(
        is_commercial=pl.col("kind_in_law").is_in([*_COMMERCIAL, "cic", "property_management"]).any(),
        is_held=((pl.col("is_known") & pl.col("class").is_not_null()) | pl.col("place").is_not_null()).any(),
        is_society=is_society.any(),
        is_college=(pl.col("kind") == "college").any(),
        is_university=is_university.any(),
        lets_homes=lets_homes.any(),
        is_company=pl.col("org_id").str.contains(_COMPANY_NUMBER).any(),
        is_charity=pl.col("register").is_in(CHARITY_REGISTERS).any(),
        is_university_told=(is_university & is_told).any(),
        is_housing_told=((is_society | lets_homes) & is_told).any(),
    )
    flags = [name for name in of_supplier.columns if name != "supplier_id"]
    read = pl.concat(
        [
            supplier.select("supplier_id", pl.col("core_name").alias("words"), order=pl.lit(0)),
            record.select("supplier_id", _plain(pl.col("org_name")).alias("words"), order=pl.lit(1)).unique(),
        ]
    ).filter(pl.col("words").is_not_null())
    named = (
        read.with_columns(
            by_name=_first_of("apart"),
            by_last_word=_first_of("apart_no_company"),
            has_homes=_matches("society_apart"),
        )
        .filter(pl.col("by_name").is_not_null() | pl.col("by_last_word").is_not_null() | pl.col("has_homes"))
        .sort("supplier_id", "order", "words")
        .group_by("supplier_id", maintain_order=True)
        .agg(pl.col("by_name", "by_last_word").drop_nulls().first(), pl.col("has_homes").any())
    )
    # Without a register a company named Limited may be a commercial university; a housing association often is Limited.
    form, is_housing = pl.col("legal_form"), pl.col("by_name") == _HOUSES
    may_be = pl.col("is_held") | form.is_null() | (form == "clg") | (form.is_in(["ltd", "cbs"]) & is_housing)
    by_record = (
        pl.when("is_university")
        .then(pl.lit("university"))
        .when("is_college")
        .then(pl.lit("college"))
        .when(
            (pl.col("is_society") & (pl.col("lets_homes") | pl.col("has_homes")))
            | (pl.col("lets_homes") & pl.col("has_homes"))
        )
        .then(pl.lit(_HOUSES))
    )
    by_registers = (
        (by_record == _HOUSES) & pl.col("is_housing_told")
        | (by_record == "university") & pl.col("is_university_told")
        | (by_record == "college")
    )
    because = (
        pl.when(by_record.is_null())
        .then(pl.lit("by its name"))
        .when(by_registers)
        .then(pl.lit("by the registers"))
        .when((by_record == _HOUSES) & pl.col("has_homes"))
        .then(pl.lit("by its number and its name"))
        .otherwise(pl.lit("by its number"))
    )
    # Any company may call itself a college: the last word alone tells nothing of one that is no charity.
    by_words = pl.coalesce("by_name", pl.when(~pl.col("is_company") | pl.col("is_charity")).then("by_last_word"))
    words = _kinds().select("vcse_type", "words")
    apart = (
        supplier.select("supplier_id", "legal_form")
        .join(of_supplier, on="supplier_id", how="left")
        .join(named, on="supplier_id", how="left")
        .with_columns(pl.col(*flags, "has_homes").fill_null(value=False))
        .filter(~pl.col("is_commercial"))
        .with_columns(
            vcse_type=pl.coalesce(by_record, pl.when(may_be).then(by_words)),
            because=because,
        )
        .join(words, on="vcse_type")
        .join(speaking.select("supplier_id", "law", "entry", "checked_on"), on="supplier_id", how="left")
    )
    in_law = pl.when(pl.col("law").is_not_null()).then(pl.format("; in law {}, {}{}", "law", "entry", _checked()))
    return _found(
        apart.with_columns(
            rung=pl.lit(1),
            vcse_register_on=pl.col("checked_on"),
            vcse_evidence=pl.format(
                "{} {}, set apart from the voluntary sector{}.",
                _capital(pl.col("words")),
                "because",
                in_law.fill_null(""),
            ),
        )
    )


def _by_record(supplier: pl.DataFrame, speaking: pl.DataFrame) -> pl.DataFrame:
    """Return what the most telling record of each supplier says, or that the name says another thing."""
    lawful = _reserved().select(
        "legal_form", pl.col("words").alias("named"), pl.col("vcse_status").alias("named_status")
    )
    law = _kinds().select(pl.col("vcse_type").alias("kind_in_law"), pl.col("vcse_status").alias("law_status"))
    one = (
        speaking.join(law, on="kind_in_law")
        .join(supplier.select("supplier_id", "legal_form"), on="supplier_id")
        .join(lawful, on="legal_form", how="left")
    )
    is_commercial_name = (pl.col("named_status") == "no") & (pl.col("law_status") == "yes")
    # A few societies and charities are named so in their register, too: then nothing differs.
    registered = one.filter(is_commercial_name)["org_name"].drop_nulls().unique().sort()
    forms = pl.DataFrame(
        [(name, parse(name).legal_form) for name in registered],
        schema={"org_name": pl.String, "registered_form": pl.String},
        orient="row",
    )
    one = one.join(forms, on="org_name", how="left")
    differs = (
        (pl.col("named_status") == "yes") & pl.col("kind").is_in(_COMMERCIAL)
        | is_commercial_name & pl.col("legal_form").ne_missing(pl.col("registered_form"))
    ).fill_null(value=False)
    two_things = pl.format(
        "Records differ: the name says {}, but its number is that of {}, {}{}.", "named", "law", "entry", _checked()
    )
    found = one.with_columns(
        rung=pl.lit(2),
        vcse_type=pl.when(differs).then(pl.lit("records_differ")).otherwise("kind"),
        vcse_evidence=pl.when(differs)
        .then(two_things)
        .otherwise(pl.format("{}: {}{}.", _capital(pl.col("law")), "entry", _checked())),
        vcse_register_on=pl.col("checked_on"),
    )
    return _found(found)


def _two_records(record: pl.DataFrame, relation: pl.DataFrame) -> pl.DataFrame:
    """Return the suppliers for which mentions give the numbers of a voluntary and of a commercial organisation.

    Where a register links the two numbers they are one organisation, and there is nothing to tell apart.
    """
    words = _kinds().select(pl.col("vcse_type").alias("kind"), "vcse_status", "words")
    own = record.filter(pl.col("hop") == 0).with_columns(entry=_entry()).join(words, on="kind")
    columns = ("supplier_id", "org_id", "words", "entry", "checked_on")
    voluntary = own.filter(pl.col("vcse_status") == "yes").select(columns)
    commercial = own.filter(pl.col("kind").is_in(_COMMERCIAL)).select(columns)
    linked = _links(relation).rename({"other_org_id": "org_id_other"})
    both = (
        voluntary.join(commercial, on="supplier_id", suffix="_other")
        .join(linked, on=["org_id", "org_id_other"], how="anti")
        .sort("supplier_id", "org_id", "org_id_other")
        .unique("supplier_id", keep="first", maintain_order=True)
        .with_columns(checked_on=pl.min_horizontal("checked_on", "checked_on_other"))
    )
    said = "Records differ: the notices give the numbers of {}, {}, and of {}, {}{}."
    return _found(
        both.with_columns(
            rung=pl.lit(1),
            vcse_type=pl.lit("records_differ"),
            vcse_register_on=pl.col("checked_on"),
            vcse_evidence=pl.format(said, "words", "entry", "words_other", "entry_other", _checked()),
        )
    )


def _speaking(record: pl.DataFrame) -> pl.DataFrame:
    """Return the most telling record of each supplier, with its ``entry`` and its ``law``, the kind, in words."""
    # What once was a charity says nothing against the number of a company for profit.
    is_commercial = pl.col("kind").is_in(_COMMERCIAL).any().over("supplier_id")
    is_former = pl.col("kind") == _FORMER
    words = _kinds().select(pl.col("vcse_type").alias("kind_in_law"), pl.col("words").alias("law"))
    return (
        record.filter(pl.col("place").is_not_null() & ~(is_former & is_commercial))
        .sort(
            "supplier_id",
            "place",
            ~pl.col("is_known"),
            pl.col("status").fill_null("") != "active",
            ~pl.col("is_main"),
            "hop",
            "org_id",
        )
        .unique("supplier_id", keep="first", maintain_order=True)
        .join(words, on="kind_in_law", how="left")
        .with_columns(
            entry=_entry(),
            law=pl.when(is_former).then(pl.format("formerly {}", "law")).otherwise("law"),
        )
    )


def _entry() -> pl.Expr:
    """Return where a record stands, in words: number, register, name, end, and how it was reached."""
    where = pl.col("register").replace_strict(REGISTER_NAMES, default="in its register", return_dtype=pl.String)
    has_ended = pl.col("status").is_in(list(_ENDED))
    ended_on = pl.format(", {} on {}", "status", pl.col("ended_on").dt.strftime(_DATE))
    name = pl.format(" as '{}'", "org_name")
    linked = pl.when(pl.col("hop") > 0).then(pl.lit(", which the registers link to the number given"))
    ended = pl.when(has_ended).then(pl.coalesce(ended_on, pl.format(", since {}", "status")))
    held = pl.format("number {} {}{}{}{}", "number", where, _or_nothing(name), _or_nothing(ended), _or_nothing(linked))
    unlooked = pl.format("number {}{}, with no register loaded to look it up in", "number", _or_nothing(linked))
    unheld = pl.format("number {}{}, which is not {}", "number", _or_nothing(linked), where)
    return pl.when("is_known").then(held).when(pl.col("checked_on").is_null()).then(unlooked).otherwise(unheld)


def _or_nothing(words: pl.Expr) -> pl.Expr:
    return words.fill_null("")


def _by_name(supplier: pl.DataFrame, record: pl.DataFrame, vintages: pl.DataFrame) -> pl.DataFrame:
    """Return what the name says: its legal form, a public authority, words of the voluntary sector, or nothing."""
    silent = (
        record.filter(pl.col("is_known") & pl.col("place").is_null() & pl.col("category").is_not_null())
        .sort("supplier_id", ~pl.col("is_main"), "hop", "org_id")
        .unique("supplier_id", keep="first", maintain_order=True)
        .select("supplier_id", "category", "register")
    )
    asked_on = vintages.select(pl.col("checked_on").min()).item()
    named = (
        supplier.select("supplier_id", "legal_form", pl.col("core_name").fill_null("").alias("words"))
        .join(_reserved().rename({"words": "law"}).drop("vcse_status"), on="legal_form", how="left")
        .join(silent, on="supplier_id", how="left")
        .with_columns(
            authority=pl.when(pl.col("legal_form").is_null()).then(_first_of("public")),
            word=pl.when(~_matches("not_possible")).then(_word_of("possible")),
            checked_on=pl.lit(asked_on, pl.Date),
        )
    )
    where = pl.col("register").replace_strict(REGISTER_NAMES, default="in its register", return_dtype=pl.String)
    state = pl.coalesce(
        pl.format("{} it is a '{}', which does not tell", where, "category"),
        pl.lit("no register is loaded" if asked_on is None else "no register entry that tells was found"),
    )
    is_form = (pl.col("vcse_type") == "name_only").fill_null(value=False)
    lawful = pl.col("vcse_type").is_not_null() & ~is_form
    is_word = pl.col("word").is_not_null()
    is_public = pl.col("authority").is_not_null()
    possibly = "Possibly of the voluntary sector: "
    return _found(
        named.select(
            "supplier_id",
            rung=pl.lit(3),
            vcse_status=pl.when(~(lawful | is_public | is_form | is_word)).then(pl.lit("unknown")),
            vcse_type=pl.when(lawful)
            .then("vcse_type")
            .when(is_public)
            .then("authority")
            .when(is_form | is_word)
            .then(pl.lit("name_only")),
            vcse_evidence=pl.when(lawful)
            .then(pl.format("{} by its name: {}.", _capital(pl.col("law")), "why"))
            .when(is_public)
            .then(pl.lit("A public authority by its name."))
            .when(is_form)
            .then(pl.format(possibly + "{}; {}{}.", "why", state, _checked()))
            .when(is_word)
            .then(pl.format(possibly + "its name says '{}'; {}{}.", "word", state, _checked()))
            .otherwise(pl.format("Not known: the name does not tell, and {}{}.", state, _checked())),
            vcse_register_on=pl.when(~(lawful | is_public)).then("checked_on"),
        )
    )


def _reserved() -> pl.DataFrame:
    """Return what legal forms say by themselves: ``legal_form, vcse_type, why, vcse_status, words``."""
    forms = facts("voluntary_forms.csv").select("legal_form", "vcse_type", "why")
    return forms.join(_kinds().select("vcse_type", "vcse_status", "words"), on="vcse_type")


def _incomes(record: pl.DataFrame) -> pl.DataFrame:
    """Return the latest income by register of each supplier: ``supplier_id, income_gbp``."""
    return (
        record.filter(pl.col("income_gbp").is_not_null())
        .sort("supplier_id", "income_on", "income_gbp", nulls_last=False)
        .unique("supplier_id", keep="last", maintain_order=True)
        .select("supplier_id", "income_gbp")
    )


def _found(frame: pl.DataFrame) -> pl.DataFrame:
    """Return what a rung of the ladder says in the columns that all of them have."""
    columns = {"supplier_id": pl.String(), "rung": pl.Int32(), **{name: COLUMNS[name] for name in list(COLUMNS)[1:5]}}
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in columns.items()
    )


def _checked() -> pl.Expr:
    """Return " (registers checked on …)" for ``checked_on``; nothing where no register was asked."""
    day = pl.col("checked_on").dt.strftime(_DATE)
    return pl.when(day.is_not_null()).then(pl.format(" (registers checked on {})", day)).otherwise(pl.lit(""))


def _capital(words: pl.Expr) -> pl.Expr:
    return words.str.slice(0, 1).str.to_uppercase() + words.str.slice(1)


def _plain(name: pl.Expr) -> pl.Expr:
    """Return a register's name as core names are written: small letters, no punctuation, no legal form at the end."""
    words = name.str.to_lowercase().str.replace_all(r"['’]", "").str.replace_all("&", " and ", literal=True)
    spaced = words.str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars()
    return spaced.str.replace(r"^the ", "").str.replace(r" (?:ltd|limited|cyfyngedig|cyf)$", "")


def _patterns(role: str) -> list[tuple[str | None, str]]:
    rows = facts("voluntary_names.csv").filter(pl.col("role") == role)
    return [(kind, f"(?:{pattern})") for kind, pattern in rows.select("vcse_type", "pattern").iter_rows()]


def _matches(role: str) -> pl.Expr:
    """Tell whether ``words`` hold any pattern of a role."""
    return pl.col("words").str.contains("|".join(pattern for _, pattern in _patterns(role)))


def _first_of(role: str) -> pl.Expr:
    """Return the kind of the first pattern of a role that ``words`` hold, or null."""
    kinds = [pl.when(pl.col("words").str.contains(pattern)).then(pl.lit(kind)) for kind, pattern in _patterns(role)]
    return pl.when(~_matches("not_apart")).then(pl.coalesce(kinds))


def _word_of(role: str) -> pl.Expr:
    """Return the first part of ``words`` that a pattern of a role speaks of, or null."""
    return pl.coalesce(pl.col("words").str.extract(f"({pattern})") for _, pattern in _patterns(role))

"""Say of each supplier what it is called, which form it has and where its registered office is, and who says so.

A person's decision comes first, then the register, then what the notices write.
"""

import polars as pl

from transforms import places, values
from transforms.suppliers.names import comparable, parse, readable
from transforms.suppliers.registers import legal_form

COLUMNS = (
    "supplier_id", "supplier_name", "name_source", "org_id", "org_ids", "register_status", "core_name", "legal_form",
    "legal_form_source", "postcode", "area_code", "region_code", "place_basis", "mentions",
)  # fmt: skip
"""What ``profiles`` returns: the columns of table ``supplier`` that rest on names, numbers and registers."""

_OF_CHARITIES = ("charity-commission", "oscr", "ccni")

# Numbers of these registers belong to one legal form only.
_FORM_OF_NUMBER = {
    r"^GB-COH-(OC|SO|NC)": "llp",
    r"^GB-COH-CE": "cio",
    r"^GB-COH-CS": "scio",
}


def profiles(
    mention: pl.DataFrame,
    number: pl.DataFrame,
    organisation: pl.DataFrame,
    override: pl.DataFrame,
    directory: places.Directory | None = None,
) -> pl.DataFrame:
    """Return what is told of suppliers by their mentions, their numbers and the registers.

    Args:
        mention: all present mentions of some suppliers: ``mention_id, supplier_id, supplier_name, core_name,
            legal_form, published_at``. The latest is by publication, then by ``mention_id``; one whose name says
            nothing names a supplier only where no other does. Mentions of no supplier are left out.
        number: ``supplier_id, org_id`` (the number that says most) and ``org_ids`` (all, joined by spaces). The
            register speaks by the first of them that it lists: of a charity whose company number is known too and was
            not looked up, that is the charity number.
        organisation: the registers' rows of these numbers; see ``registers.ORGANISATION``.
        override: people's decisions that stand; of these, ``name`` is used: ``a`` is a supplier_id, an org-id or a name
            as a mention writes it, with or without its legal form. Of several for one supplier the latest counts.
        directory: the postcodes; those shipped when left out.

    Returns:
        One row per supplier, sorted: ``COLUMNS``.
    """
    told = (
        mention.lazy()
        .filter(pl.col("supplier_id").is_not_null())
        .sort(pl.col("core_name").is_not_null(), "published_at", "mention_id", nulls_last=False)
        .group_by("supplier_id", maintain_order=True)
        .agg(
            pl.col("supplier_name", "core_name").last(),
            pl.col("legal_form").drop_nulls().last(),
            mentions=pl.len().cast(pl.Int64),
        )
        .collect()
        .join(number.select("supplier_id", "org_id", "org_ids"), on="supplier_id", how="left")
    )
    known = told.join(_listed(told, organisation), on="supplier_id", how="left").join(
        _decided(mention, told, override), on="supplier_id", how="left"
    )
    by_number = pl.coalesce(
        pl.when(pl.col("org_id").str.contains(pattern)).then(pl.lit(form)) for pattern, form in _FORM_OF_NUMBER.items()
    )
    named = known.with_columns(
        supplier_name=pl.coalesce("decided_name", "register_name", _plain(known["supplier_name"])),
        name_source=_first(decided_name="override", register_name="register", supplier_name="notice"),
        number_form=by_number,
        postcode=pl.col("register_postcode"),
    )
    return (
        named.with_columns(
            legal_form_source=_first(register_form="register", number_form="identifier", legal_form="name"),
            legal_form=pl.coalesce("register_form", "number_form", "legal_form"),
        )
        .join(_placed(named["postcode"], directory), on="postcode", how="left")
        .select(COLUMNS)
        .sort("supplier_id")
    )


def _plain(written: pl.Series) -> pl.Series:
    """Return names without HTML entities and odd white space; what is empty then stays as written."""
    return pl.Series("supplier_name", [name and (readable(name) or name) for name in written], dtype=pl.String)


def _listed(told: pl.DataFrame, organisation: pl.DataFrame) -> pl.DataFrame:
    """Return what the register says of each supplier's first number that one lists: ``supplier_id, register_…``."""
    rest = pl.col("org_ids").str.split(" ").fill_null([])
    numbers = told.select("supplier_id", org_id=pl.concat_list(pl.col("org_id"), rest)).explode("org_id")
    listed = organisation.select(
        "org_id",
        register_name="name",
        register_status="status",
        register_form=legal_form(pl.col("category")),
        register_postcode="postcode",
        # Of a charity the register gives the contact, of a company or society the registered office.
        place_basis=pl.when(pl.col("postcode").is_not_null()).then(
            pl.when(pl.col("register").is_in(_OF_CHARITIES))
            .then(pl.lit("charity_register_contact"))
            .otherwise(pl.lit("registered_office"))
        ),
    ).unique("org_id", keep="first", maintain_order=True)
    found = numbers.join(listed, on="org_id", maintain_order="left")
    return found.unique("supplier_id", keep="first", maintain_order=True).drop("org_id")


def _first(**sources: str) -> pl.Expr:
    """Name the source of the first column that has a value."""
    return pl.coalesce(pl.when(pl.col(column).is_not_null()).then(pl.lit(word)) for column, word in sources.items())


def _decided(mention: pl.DataFrame, told: pl.DataFrame, override: pl.DataFrame) -> pl.DataFrame:
    """Return the names that people gave: ``supplier_id, decided_name``."""
    names = override.filter(pl.col("kind") == "name").select("override_id", "at", "a", decided_name="value")
    numbers = told.select("supplier_id", a=pl.col("org_ids").str.split(" ")).explode("a")
    by_number = names.join(pl.concat([told.select("supplier_id", a="supplier_id"), numbers]), on="a")
    return (
        pl.concat([by_number, _called(mention, names.join(by_number, on="override_id", how="anti"))], how="diagonal")
        .sort("supplier_id", "at", "override_id")
        .unique("supplier_id", keep="last", maintain_order=True)
        .select("supplier_id", "decided_name")
    )


def _called(mention: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Return the decisions on suppliers that are addressed by a name, with ``supplier_id``."""
    read = {told: parse(told) for told in names["a"]}
    wanted = names.with_columns(
        pl.Series("key", [comparable(read[told].core) or None for told in names["a"]], pl.String),
        pl.Series("form", [read[told].legal_form for told in names["a"]], pl.String),
    ).drop_nulls("key")
    if wanted.is_empty():
        return wanted.with_columns(supplier_id=pl.lit(None, pl.String)).drop("key", "form")
    written = mention.select("supplier_id", "core_name", "legal_form").drop_nulls(["supplier_id", "core_name"]).unique()
    cores = written.select("core_name").unique()
    keyed = cores.with_columns(pl.Series("key", map(comparable, cores["core_name"]), pl.String))
    meant = written.join(keyed, on="core_name").join(wanted, on="key")
    is_form = pl.col("form").is_null() | pl.col("form").eq_missing(pl.col("legal_form"))
    return meant.filter(is_form).select("supplier_id", *names.columns)


def _placed(postcode: pl.Series, directory: places.Directory | None) -> pl.DataFrame:
    """Return ``postcode, area_code, region_code`` of registered offices."""
    return places.locate(postcode, directory=directory).select(
        postcode="address", area_code="supplier_area_code", region_code="supplier_region_code"
    )


def footprint(line: pl.DataFrame) -> pl.DataFrame:
    """Count the English regions and nations from whose buyers suppliers won: a branch of a national one is not local.

    Args:
        line: all award lines of some suppliers: ``supplier_id, status, value_kind`` of the award, ``buyer_area_code``.
            Ceilings and awards that were not given do not count; buyers without an area of their own have no region.

    Returns:
        ``supplier_id, regions, is_national`` (five or more) of those who won anything that counts.
    """
    region = places.areas().select(buyer_area_code="area_code", buyer_region_code="region_code")
    won = line.with_columns(duplicate_of=pl.lit(None, pl.String)).filter(values.IS_CORE)
    counted = won.join(region, on="buyer_area_code").group_by("supplier_id")
    return counted.agg(regions=pl.col("buyer_region_code").drop_nulls().n_unique().cast(pl.Int64)).with_columns(
        is_national=pl.col("regions") >= places.NATIONAL_REGIONS
    )

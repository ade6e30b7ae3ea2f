"""What official registers say of organisations, as the frames in which the other modules read it.

A register is loaded with its date (its vintage), and old vintages stay: a dissolved company does not vanish.
That a number stands in no loaded register means only that, and never that the number is wrong.
"""

from functools import cache
from typing import NamedTuple

import polars as pl

from transforms.reference import facts

ORGANISATION: dict[str, pl.DataType] = {
    "org_id": pl.String(),
    "register": pl.String(),
    "name": pl.String(),
    "status": pl.String(),
    "category": pl.String(),
    "postcode": pl.String(),
    "started_on": pl.Date(),
    "ended_on": pl.Date(),
    "income_gbp": pl.Decimal(18, 2),
    "income_on": pl.Date(),
    "activities": pl.String(),
    "vintage": pl.Date(),
}
"""One row per organisation and register: ``status`` in small letters, 'active' where it is live; ``category`` as
published (Companies House's category, the mutuals register's 'Registered As'); ``income_gbp`` the latest known, of the
year that ended on ``income_on``; ``activities`` SIC or classification codes, joined by ';'."""

NAME: dict[str, pl.DataType] = {
    "org_id": pl.String(),
    "name": pl.String(),
    "kind": pl.String(),
    "until_on": pl.Date(),
    "key": pl.String(),
    "legal_form": pl.String(),
}
"""One row per name of an organisation: ``kind`` is current, previous or other (a working name), ``until_on`` the last
day of a previous name, ``key`` the core name as ``names.comparable`` gives it, ``legal_form`` the one it states."""

RELATION: dict[str, pl.DataType] = {
    "org_id": pl.String(),
    "other_org_id": pl.String(),
    "kind": pl.String(),
    "source": pl.String(),
    "valid_from": pl.Date(),
    "valid_to": pl.Date(),
}
"""One row per link between two numbers: ``same_as`` (one organisation in two registers) or ``parent``."""

REGISTER_NAMES = {
    "companies-house": "Companies House",
    "charity-commission": "the Charity Commission",
    "oscr": "the Scottish Charity Register",
    "ccni": "the Charity Commission for Northern Ireland",
    "mutuals": "the Mutuals Public Register",
    "companies-house-control": "the register of persons with significant control",
}
"""The registers as a sentence names them."""


class Registers(NamedTuple):
    """The rows of the loaded registers that some suppliers need: frames ORGANISATION, NAME and RELATION."""

    organisation: pl.DataFrame
    name: pl.DataFrame
    relation: pl.DataFrame


NOTHING = Registers(
    pl.DataFrame(schema=ORGANISATION),
    pl.DataFrame(schema=NAME),
    pl.DataFrame(schema=RELATION),
)
"""No register is loaded."""


def legal_form(category: pl.Expr) -> pl.Expr:
    """Return the legal form, such as ``ltd`` or ``cic``, that a register's category means; null where it means none.

    ``company_categories.csv`` holds the categories with their source.
    """
    forms = _forms()
    return category.replace_strict(list(forms), list(forms.values()), default=None, return_dtype=pl.String)


@cache
def _forms() -> dict[str, str]:
    told = facts("company_categories.csv").filter(pl.col("legal_form").is_not_null())
    return dict(told.select("category", "legal_form").iter_rows())

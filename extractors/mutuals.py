"""The Mutuals Public Register: co-operatives, community benefit societies, credit unions, friendly societies.

The Financial Conduct Authority links from https://mutuals.fca.org.uk/ to one CSV, SocietyList.csv, with every society,
deregistered ones included, some 32,000 rows in the encoding of Windows. The header's "Full Registation Number" is the
register's own spelling. What a society is stands in "Registered As" since 2014 for new ones; older ones are registered
as societies without saying whether they are for members or for the community.

Companies House keeps these societies too, under IP, RS, SP or NP and a number that cannot always be derived from the
society's own: only the rule for numbers that end in R is used here; the others come with the register charity-lookups.
Terms: open data by the site's own words, taken to be the Open Government Licence v3.0; the FCA's page decides.
"""

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl

from extractors import registers
from extractors.registers import Layout, Order, Sessions

REGISTER = "mutuals"
HOST = "https://mutuals.fca.org.uk"
PAGE = "/"
SOURCE = f"{HOST}{PAGE}"
FILES = ("https://fcastoragemprprod.blob.core.windows.net",)
"""Where the page's link leads to."""
LICENCE = registers.OGL
MODULE = "extractors/mutuals.py"

LAYOUT = Layout(
    needed=(
        "Full Registation Number",
        "Society Name",
        "Registered As",
        "Society Address",
        "Registration Date",
        "Deregistration Date",
        "Society Status",
    ),
    known=(
        "Society Number",
        "Society Suffix",
        "Registration Act",
        "Standard Industrial Classification Code (SIC)",
        "Reporting Classification",
    ),
)
_SIC = "Standard Industrial Classification Code (SIC)"
_LINK = re.compile(r"SocietyList\.csv", re.IGNORECASE)
_FILE = re.compile(r"\.csv$", re.IGNORECASE)


def fetch(sessions: Sessions, order: Order) -> list[Path]:
    """Fetch the list of societies that the register's front page links to."""
    with sessions(HOST) as session:
        address = registers.links(session, PAGE, _LINK)[0]
    path = order.folder / f"SocietyList-{order.today}.csv"
    return [registers.download(sessions, HOST, address, path, order, FILES)]


def vintage(files: Sequence[Path]) -> date | None:
    """Return the date that a file's name tells, such as ``SocietyList-2026-11-22.csv``; null where none does."""
    return max(filter(None, (registers.vintage_of(file.name) for file in files)), default=None)


def read(files: Sequence[Path], folder: Path, vintage: date) -> None:
    """Write organisation.parquet, name.parquet and relation.parquet of the societies into a folder.

    Raises ``UnexpectedFile`` for another layout and for a damaged file.
    """
    file = registers.one(registers.published(files, _FILE), files, "SocietyList CSV")
    layout = LAYOUT
    if _SIC in registers.header(file, "cp1252"):
        layout = Layout((*LAYOUT.needed, _SIC), tuple(column for column in LAYOUT.known if column != _SIC))
    rows = registers.table(file, layout, MODULE, encoding="cp1252")
    if _SIC not in rows.columns:
        rows = rows.with_columns(pl.lit(None, pl.String).alias(_SIC))
    number = pl.col("Full Registation Number").str.to_uppercase().str.replace_all(r"\s", "")
    rows = rows.with_columns(number=number, org_id="GB-MPR-" + number).filter(pl.col("org_id").is_not_null())
    status = pl.col("Society Status").str.to_lowercase()
    organisation = rows.lazy().select(
        org_id="org_id",
        register=pl.lit(REGISTER),
        name="Society Name",
        status=pl.when(status == "registered").then(pl.lit("active")).otherwise(status),
        category="Registered As",
        postcode=registers.last_postcode(pl.col("Society Address")),
        started_on=registers.day(pl.col("Registration Date"), "%d/%m/%Y", "%Y-%m-%d"),
        ended_on=registers.day(pl.col("Deregistration Date"), "%d/%m/%Y", "%Y-%m-%d"),
        income_gbp=pl.lit(None, pl.Decimal(18, 2)),
        income_on=pl.lit(None, pl.Date),
        activities=pl.col(_SIC).str.extract_all(r"\b\d{4,5}\b").list.join(";").replace("", None),
        vintage=pl.lit(vintage, pl.Date),
    )
    name = rows.lazy().select("org_id", name="Society Name", kind=pl.lit("current"), until_on=None)
    older = pl.col("number").str.contains(r"^\d{1,5}R$")
    relation = (
        rows.lazy()
        .filter(older)
        .select(
            "org_id",
            other_org_id="GB-COH-IP" + pl.col("number").str.zfill(6),
            kind=pl.lit("same_as"),
            source=pl.lit("Mutuals Public Register"),
            valid_from=None,
            valid_to=None,
        )
    )
    registers.write(
        {
            "organisation": organisation.unique("org_id", keep="first", maintain_order=True),
            "name": name.filter(pl.col("name").is_not_null()).unique(maintain_order=True),
            "relation": relation.unique(maintain_order=True),
        },
        folder,
    )

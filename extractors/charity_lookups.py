"""Which org-ids are one organisation, and which charities belong to a federation: David Kane's charity-lookups.

https://github.com/drkane/charity-lookups, folder relationships: ``_sameas.csv`` (charities and their companies, CIOs,
mutuals, charities registered twice or anew, mergers) and ``_parent.csv`` (branches of national charities, colleges of
universities). Kept by hand and by script, updated every month or so.

Terms: Open Database Licence 1.0, whose share-alike follows the data. It is therefore loaded by whoever wants it and
stays in their data folder; nothing of it is part of this project. Attribution: "charity-lookups by David Kane, ODbL".

``source`` of each relation tells where it is known from: a merger joins two charities from its date on, and a branch
that carries the name of a federation may be a charity of its own.
"""

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl

from extractors import registers
from extractors.registers import Layout, Order, Sessions, UnexpectedFile

REGISTER = "charity-lookups"
HOST = "https://raw.githubusercontent.com"
FOLDER = "/drkane/charity-lookups/master/relationships"
SOURCE = "https://github.com/drkane/charity-lookups"
LICENCE = "Open Database Licence 1.0"
MODULE = "extractors/charity_lookups.py"

NAMES = ("_sameas.csv", "_parent.csv")
KINDS = {"sameas": "same_as", "parent": "parent"}

LAYOUT = Layout(
    needed=("org_id_a", "org_id_b", "relationship", "source"),
    known=("valid_from", "valid_to", "org_name", "org_name_a", "org_name_b"),
)
_FILE = re.compile(r"\.csv$", re.IGNORECASE)


def fetch(sessions: Sessions, order: Order) -> list[Path]:
    """Fetch the lists of relations."""
    return [
        registers.download(sessions, HOST, f"{FOLDER}/{name}", order.folder / f"{order.today}{name}", order)
        for name in NAMES
    ]


def vintage(files: Sequence[Path]) -> date | None:
    """Return the date that a file's name tells, such as ``2026-11-22_sameas.csv``; null where none does."""
    return max(filter(None, (registers.vintage_of(file.name) for file in files)), default=None)


def read(files: Sequence[Path], folder: Path, vintage: date) -> None:  # noqa: ARG001 - as every reader is called
    """Write relation.parquet into a folder, and the other two tables without rows.

    Raises ``UnexpectedFile`` for another layout, and for a kind of relation that is not known.
    """
    found = registers.published(files, _FILE)
    if not found:
        registers.one(found, files, "list of relations")
    frames = []
    for file in found:
        columns = registers.header(file)
        dated = tuple(column for column in ("valid_from", "valid_to") if column in columns)
        layout = Layout((*LAYOUT.needed, *dated), tuple(column for column in LAYOUT.known if column not in dated))
        frame = registers.table(file, layout, MODULE)
        unknown = sorted(set(frame["relationship"].drop_nulls()) - KINDS.keys())
        if unknown:
            raise UnexpectedFile(
                f"{file.name} tells of the relation {unknown[0]!r}, which is not known: {', '.join(KINDS)} are."
                f" Nothing was loaded. See what it means at {SOURCE}, then compare it with {MODULE}."
            )
        frames.append(frame)
    rows = pl.concat(
        [
            pl.DataFrame(schema=dict.fromkeys((*LAYOUT.needed, "valid_from", "valid_to"), pl.String())),
            *frames,
        ],
        how="diagonal",
    )
    a, b = (pl.col(column).str.to_uppercase() for column in ("org_id_a", "org_id_b"))
    is_parent = pl.col("relationship") == "parent"
    relation = rows.lazy().select(
        # There org_id_a is the parent of org_id_b.
        org_id=pl.when(is_parent).then(b).otherwise(a),
        other_org_id=pl.when(is_parent).then(a).otherwise(b),
        kind=pl.col("relationship").replace_strict(KINDS, default=None),
        source="charity-lookups: " + pl.col("source").fill_null("source not stated"),
        valid_from=registers.day(pl.col("valid_from"), "%Y-%m-%d"),
        valid_to=registers.day(pl.col("valid_to"), "%Y-%m-%d"),
    )
    complete = pl.all_horizontal(pl.col("org_id", "other_org_id", "kind").is_not_null())
    registers.write(
        {
            "relation": relation.filter(complete & (pl.col("org_id") != pl.col("other_org_id"))).unique(
                maintain_order=True
            )
        },
        folder,
    )

"""Who the buyers are where people decided otherwise than codes and names tell, and which notices a decision moves.

A decision changes under which buyer notices stand, whose area they are in, and what is local to it.
The notices of the buyers that it is about are therefore read again from the archive, in the night after it was made;
taking it back does the same.
"""

from pathlib import Path
from typing import NamedTuple

import polars as pl

from extractors import overrides
from transforms import places
from warehouse import schema
from warehouse.store import Warehouse


class Moved(NamedTuple):
    """What other decisions than before move.

    ``buyers``: the ids of buyers as they were and as they are. ``award``: their awards as they are held.
    ``file``: ``source, archive_path`` of the notices to be read again, each once.
    """

    buyers: list[str]
    award: pl.DataFrame
    file: pl.DataFrame


def known(decisions: Path | None) -> pl.DataFrame:
    """Read what people decided about buyers: rows of table ``buyer_override``, sorted.

    Raises:
        UnusableOverrides: the file of decisions cannot be used as it stands, or says what there is not.
    """
    decided = overrides.read(decisions).filter(pl.col("kind") == "buyer")
    allowed = set(places.decidable())
    for override_id, value in decided.select("override_id", "value").iter_rows():
        if value not in allowed:
            raise overrides.UnusableOverrides(
                f"The decision with override_id {override_id!r} says that a buyer is {value!r}, which is no kind of "
                f"buyer and no area with a body of its own. Give one of: {', '.join(places.KINDS)}; or the code of an "
                "area, such as E08000035, as table area has it"
            )
    return decided.select(list(schema.frame_schema("buyer_override"))).sort("override_id")


def moved(warehouse: Warehouse, decided: pl.DataFrame) -> Moved:
    """Find what is moved by decisions that are others than those behind the warehouse; nothing where none is.

    Args:
        warehouse: the open warehouse, in a transaction.
        decided: rows of table ``buyer_override``.
    """
    before = warehouse.read("buyer_override").sort("override_id")
    if before.equals(decided):
        return Moved([], schema.empty("award"), _files(schema.empty("release")))
    told = warehouse.buyers_told()
    pair = ["buyer_party_id", "buyer_name"]
    was, now = (places.buyers(told, one).select(*pair, "buyer_id", "area_code", "kind") for one in (before, decided))
    other = was.join(now, on=was.columns, how="anti", nulls_equal=True).select(pair)
    ids = pl.concat([frame.join(other, on=pair, how="semi", nulls_equal=True) for frame in (was, now)])
    held = told.join(other, on=pair, how="semi", nulls_equal=True).select("buyer_id").drop_nulls().unique()
    notices = [
        warehouse.read(table, ["source", "ocid", *pair], held) for table in ("procurement", "award", "award_version")
    ]
    ocids = pl.concat(notices).join(other, on=pair, how="semi", nulls_equal=True).select("source", "ocid").unique()
    release = warehouse.read("release", keys=ocids)
    buyers = pl.concat([ids["buyer_id"], held["buyer_id"]]).drop_nulls().unique().sort()
    return Moved(buyers.to_list(), warehouse.read("award", keys=held), _files(release))


def _files(release: pl.DataFrame) -> pl.DataFrame:
    return release.select("source", "archive_path").drop_nulls().unique().sort("source", "archive_path")


def keep(warehouse: Warehouse, decided: pl.DataFrame) -> None:
    """Note the decisions behind the warehouse."""
    key = schema.key_columns("buyer_override")
    held = warehouse.read("buyer_override", key)
    warehouse.delete("buyer_override", held.join(decided, on=key, how="anti"))
    warehouse.bulk_upsert("buyer_override", decided)


def unaddressed(warehouse: Warehouse, decided: pl.DataFrame) -> tuple[str, ...]:
    """Return the decisions that fit no buyer of any notice, by ``override_id``; without a decision nothing is read.

    Args:
        warehouse: the open warehouse, in a transaction, after the night's notices are stored.
        decided: rows of table ``buyer_override``.
    """
    if decided.is_empty():
        return ()
    return places.unaddressed(warehouse.buyers_told(), decided)

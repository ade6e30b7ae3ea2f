"""Turn what releases tell into one truth about each procurement and each award.

On Contracts Finder every release is a full snapshot, but one ocid carries several awards in different releases.
So a procurement is what its latest release says, and an award, by (ocid, award id), is what the latest release that
tells of it says.
The latest is the greatest by time of publication, then release id, then content hash: the order in which releases
arrive does not matter.
Every version stays in ``release`` and in the archive.
"""

from typing import NamedTuple

import polars as pl

from warehouse import schema

RANK = ("published_at", "release_id", "content_hash")
"""What makes one telling later than another."""


class Compiled(NamedTuple):
    """The tellings that count, and the held rows of ``release``, ``procurement`` and ``award`` that they replace."""

    frames: dict[str, pl.DataFrame]
    replaced: dict[str, pl.DataFrame]


def compile_releases(told: schema.Frames, held: schema.Frames) -> Compiled:
    """Choose the telling that counts for every release, procurement and award.

    Args:
        told: the frames of ``releases.flatten``.
        held: ``release``, ``procurement`` and ``award`` rows of the warehouse with the same keys, at least their key
            and rank columns.

    Returns:
        The told frames with one row per key, older tellings left out.
    """
    frames = dict(told)
    frames["release"] = _releases(told["release"], held["release"])
    frames["procurement"] = latest(told["procurement"], "procurement_id", held["procurement"])
    award = latest(told["award"], "award_id", held["award"])
    frames["award"] = award
    telling = award.select("award_id", "content_hash")
    for table, key in (("supplier_mention", ["mention_id"]), ("supplier_identifier", ["mention_id", "scheme", "raw"])):
        frames[table] = (
            told[table]
            .join(telling, on=["award_id", "content_hash"], how="semi")
            .unique(key, keep="first", maintain_order=True)
        )
    replaced = {
        table: held[table].join(frames[table], on=schema.key_columns(table), how="semi")
        for table in ("release", "procurement", "award")
    }
    return Compiled(frames, replaced)


def latest(told: pl.DataFrame, key: str, held: pl.DataFrame) -> pl.DataFrame:
    """Return the latest telling of each key, left out where the warehouse holds a later one.

    Args:
        told: rows with the key and the columns of ``RANK``, any number per key.
        key: name of the key column.
        held: one row per key with the same columns.
    """
    one = told.sort(key, *RANK, nulls_last=False).unique(key, keep="last", maintain_order=True)
    if held.is_empty():
        return one
    # A release without a date is older than any other.
    never = pl.lit(0).cast(pl.Datetime("us", "UTC"))
    theirs = held.select(key, *(pl.col(name).alias(f"held_{name}") for name in RANK))
    joined = one.join(theirs, on=key, how="left", maintain_order="left")
    time, held_time = (pl.col(name).fill_null(never) for name in ("published_at", "held_published_at"))
    release, held_release = pl.col("release_id"), pl.col("held_release_id")
    earlier = (time < held_time) | (
        (time == held_time)
        & (
            (release < held_release)
            | ((release == held_release) & (pl.col("content_hash") < pl.col("held_content_hash")))
        )
    )
    return joined.filter(held_release.is_null() | ~earlier).select(told.columns)


def _releases(told: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """Return one row per release; of two versions of one id the later, of its copies the first in the archive."""
    key = ["source", "ocid", "release_id"]
    everything = pl.concat([told, held.select(told.columns)]) if held.height else told
    return (
        everything.sort(
            *key, "published_at", "content_hash", "archive_path",
            descending=[False] * 5 + [True], nulls_last=False,
        )
        .unique(key, keep="last", maintain_order=True)
    )  # fmt: skip


def award_lines(
    mention: pl.DataFrame, award: pl.DataFrame, weight: pl.DataFrame, located: pl.DataFrame, placed: pl.DataFrame
) -> pl.DataFrame:
    """Put together the award lines: one per named supplier of each award.

    Args:
        mention: resolved mentions with ``award_id, mention_id, supplier_id, address, vcse_declared, scale_declared``.
        award: awards with ``award_id``.
        weight: ``award_id, mention_id, weight, value_gbp``.
        located: ``address, supplier_area_code, is_uk, location_basis``, one row per address.
        placed: ``award_id, mention_id, is_local_authority, is_local_region, local_scope``.

    Returns:
        Rows of table ``award_line``.
    """
    return (
        mention.join(award.select("award_id"), on="award_id", how="semi")
        .join(weight, on=["award_id", "mention_id"], how="left")
        .join(located, on="address", how="left")
        .join(placed, on=["award_id", "mention_id"], how="left")
        .with_columns(pl.col("location_basis").fill_null("unknown"))
        .select(list(schema.frame_schema("award_line")))
    )

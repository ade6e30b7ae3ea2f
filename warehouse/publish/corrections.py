"""Find what has changed in published awards: the rows of table ``correction``.

The last snapshot is what readers hold; the warehouse is what they are about to get.
Only the months that changed are compared, a file of the snapshot at a time, so that the memory is bounded.
"""

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from warehouse import schema
from warehouse.publish import snapshot
from warehouse.store import Warehouse

log = logging.getLogger("noticeboard")

WATCHED: Mapping[str, tuple[str, ...]] = {
    "award": (
        "status", "awarded_on", "signed_on", "starts_on", "ends_on", "ends_latest_on", "cpv_code", "currency",
        "amount_gbp", "amount_gross_gbp", "amount_basis", "annualised_gbp", "value_kind", "value_status", "tier",
        "is_mega", "is_large_for_buyer", "is_core", "duplicate_of", "buyer_id", "supplier_count", "bids", "bids_sme",
        "bids_vcse",
    ),
    "award_line": (
        "supplier_id", "supplier_area_code", "supplier_region_code", "is_local_authority", "is_local_county",
        "is_local_statutory", "is_local_region", "is_uk", "is_head_office_local", "location_basis", "vcse_declared",
        "vcse_status", "scale_declared", "value_gbp",
    ),
}  # fmt: skip
"""The columns whose change is a correction."""

ROW = "row"
"""The field of a correction that tells that a whole row is gone."""

_NEEDED = {"award": {"award_id"}, "award_line": {"award_id", "mention_id", "supplier_id"}}
"""The columns without which nothing can be compared."""

_ABOUT_AWARD = ("award_id", "release_id", "content_hash", "published_at", "status", "duplicate_of")
"""What tells why something about an award changed."""

_AS_DUPLICATE = ("duplicate_of", "is_core", "value_gbp")
"""The columns that change because an award is found to be another's repetition."""

_EVER_ASKED = ("duplicate_of", "supplier_id")
"""The columns whose null is an answer, even where every row has it: it repeats none, it names nobody."""

_ALIKE = (
    ("supplier_id", "supplier_name", "place"),
    ("supplier_id", "supplier_name"),
    ("supplier_id", "place"),
    ("supplier_name", "place"),
    ("supplier_id",),
    ("supplier_name",),
    ("place",),
)
"""What the line of an award as it was and as it is may have in common, the surest first."""


def find(
    previous: Path | None, warehouse: Warehouse, marks: Collection[tuple[str, str]], run_id: str, rules_version: str
) -> Iterator[pl.DataFrame]:
    """Compare the awards and award lines of the last snapshot with what the warehouse holds now.

    A row that is new corrects nothing, and neither does a column that the last snapshot does not have.
    Nor does a column that it has for no row at all, where the rules have changed since: it was not worked out then.
    Nor what a supplier is, where that was unknown and no register had been asked yet.
    Nor what an intended award leaves open and the contract tells, once that is published: it is what should happen.

    The lines of an award are the same where the supplier is the same, wherever the notice names it; then where the
    name is the same, though it leads to another supplier now.

    Args:
        previous: the folder of the last snapshot; none before the first.
        warehouse: the open warehouse, as the next snapshot will show it.
        marks: the partitions that changed since the last snapshot, as (table, month); others are not looked at.
        run_id: the run that is about to publish.
        rules_version: the version of the rules behind what the warehouse holds.

    Yields:
        Rows of table ``correction``, each once; the values are text: dates as 2026-03-29, pounds as 0.00, flags as
        true and false, null for not known. A row that is gone has the field ``row`` and, as its old value, the title
        of the award or the name of the supplier, where that is still known. The row of a line is the mention as it is
        now; of a line that is gone, the mention as it was; ``supplier_name`` is the name in that mention.
    """
    since = published_run(previous)
    if previous is None or since is None:
        return
    manifest = snapshot.read_manifest(previous)
    tables, old_rules = manifest["tables"], manifest["facts"].get("rules_version")
    rules = None
    if old_rules is not None and str(old_rules) != rules_version:
        rules = f"the rules changed from {old_rules} to {rules_version}"
    grounds, is_first_asked = _grounds(previous, tables, warehouse)
    for table in WATCHED:
        months = tables.get(table, {}).get("partitions", {})
        unasked = _unasked(table, previous, months) if rules else set()
        # A month of which nothing is left has nobody to mark it.
        held = set(warehouse.partitions(table))
        for month, files in months.items():
            if (table, month) not in marks and month in held:
                continue
            wanted = {*_ABOUT_AWARD, "procurement_id", *_NEEDED[table], *WATCHED[table]} - unasked
            for before in _whole_awards(_read(previous, [file], table, wanted) for file in files):
                if before.is_empty() or not set(before.columns) >= _NEEDED[table]:
                    continue
                if table == "award":
                    changed = _awards(before, warehouse)
                else:
                    stored = tables.get("award", {}).get("partitions", {}).get(month, [])
                    award = _read(previous, stored, "award", _ABOUT_AWARD)
                    mention = tables.get("supplier_mention", {}).get("partitions", {}).get(month, [])
                    changed = _lines(before, award, previous, mention, warehouse)
                if is_first_asked:
                    changed = changed.filter(~_is_first_told())
                if changed.height:
                    yield _reasoned(changed, rules, grounds).select(
                        pl.lit(since).alias("since_run_id"),
                        pl.lit(table).alias("table_name"),
                        "row_id", "field", "supplier_name", "old", "new", "reason",
                        pl.lit(run_id).alias("run_id"),
                    ).sort("row_id", "field")  # fmt: skip


def _grounds(previous: Path, tables: Mapping[str, Any], warehouse: Warehouse) -> tuple[str, bool]:
    """Say what may tell otherwise of a supplier that a notice names as before, and whether registers are new to that.

    Which of the grounds it was stands with the supplier's link as it is now.

    Returns:
        Words that follow "by", and whether a register is asked now and none was when the snapshot was published.
    """
    asked, asked_now = _then_and_now("register", ["register", "vintage"], previous, tables, warehouse)
    decided, decided_now = _then_and_now(
        "supplier_override", list(schema.frame_schema("supplier_override")), previous, tables, warehouse
    )
    words = []
    for change, one, other in (("loaded", asked_now, asked), ("taken away", asked, asked_now)):
        registers = one.join(other, on=one.columns, how="anti").sort(one.columns).iter_rows()
        if named := ", ".join(f"{register} of {vintage}" for register, vintage in registers):
            words.append(f"registers {change} since ({named})")
    if not decided.sort("override_id").equals(decided_now.sort("override_id")):
        words.append("decisions of people since")
    return " or ".join([*words, "other notices"]), asked.is_empty() and not asked_now.is_empty()


def _is_first_told() -> pl.Expr:
    """Tell the changes that only say for the first time what a supplier is."""
    return (pl.col("field") == "vcse_status") & (pl.col("old") == "unknown").fill_null(value=False)


def _then_and_now(
    table: str, columns: Sequence[str], previous: Path, tables: Mapping[str, Any], warehouse: Warehouse
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read a small table as the snapshot has it and as it is; an older snapshot without it says that it was empty."""
    now = warehouse.read(table, columns)
    stored = [file for files in tables.get(table, {}).get("partitions", {}).values() for file in files]
    if not stored:
        return now.clear(), now
    before = _read(previous, stored, table, columns)
    # What cannot be read is no ground.
    return (before.select(columns) if set(columns) <= set(before.columns) else now), now


def published_run(folder: Path | None) -> str | None:
    """Return the run that published a snapshot: ``since_run_id`` of the corrections of what it shows.

    Args:
        folder: the folder of the snapshot, such as what its ``latest`` points at; none before the first.

    Returns:
        The run; none where there is no snapshot, or none that can be read, which the log then says.
    """
    if folder is None:
        return None
    try:
        manifest = snapshot.read_manifest(folder)
        return str(manifest["facts"].get("run_id") or manifest["night"]) if manifest["tables"] else None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning("corrections since the last snapshot are not known, for it cannot be read: %s", error)
        return None


def _whole_awards(files: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Pass on files that follow each other in the order of the award, the last award of each with the next file."""
    waiting = pl.DataFrame(schema={"award_id": pl.String()})
    for file in files:
        rows = pl.concat([waiting, file], how="diagonal")
        is_last = pl.col("award_id") == pl.col("award_id").last()
        waiting = rows.filter(is_last)
        yield rows.filter(~is_last)
    yield waiting


def _read(previous: Path, files: Sequence[Mapping[str, Any]], table: str, columns: Collection[str]) -> pl.DataFrame:
    """Read the columns that files of the snapshot and today's table both have; what cannot be read is left out."""
    wanted = {name: dtype for name, dtype in schema.frame_schema(table).items() if name in columns}
    frames = [pl.DataFrame(schema={"award_id": pl.String()})]
    for file in files:
        path = previous / file["path"]
        try:
            # Brackets in the name of a folder are no pattern, and "a=b" is no column.
            stored = pl.scan_parquet([path], glob=False, hive_partitioning=False)
            types = stored.collect_schema()
            frames.append(stored.select(name for name, dtype in wanted.items() if types.get(name) == dtype).collect())
        except (OSError, pl.exceptions.PolarsError) as error:
            log.warning("corrections of %s are not known, for it cannot be read: %s", file["path"], error)
    return pl.concat(frames, how="diagonal")


def _unasked(table: str, previous: Path, months: Mapping[str, Sequence[Mapping[str, Any]]]) -> set[str]:
    """Return the columns that the snapshot has for no row: no rule worked them out then."""
    empty = set(WATCHED[table]) - set(_EVER_ASKED)
    for file in (file for files in months.values() for file in files):
        found = _read(previous, [file], table, empty)
        empty -= {name for name in found.columns if found[name].null_count() < found.height}
        if not empty:
            break
    return empty


def _awards(before: pl.DataFrame, warehouse: Warehouse) -> pl.DataFrame:
    """Return what ``_changes`` does and what tells why, of the awards that changed or are gone."""
    fields = [name for name in WATCHED["award"] if name in before.columns]
    now = warehouse.read("award", [*dict.fromkeys([*_ABOUT_AWARD, *fields])], before.select("award_id"))
    why = _why(before, now, warehouse)
    both = before.join(now.select("award_id", *fields), on="award_id", suffix="_now").with_columns(row_id="award_id")
    gone = before.join(now, on="award_id", how="anti").with_columns(row_id="award_id")
    title = warehouse.read("procurement", ["procurement_id", "title"], _keys(gone, "procurement_id"))
    if "procurement_id" in gone.columns:
        gone = gone.join(title, on="procurement_id", how="left")
    told = _changes(fields, both, gone, "title").join(why, on="award_id", how="left")
    return told.with_columns(is_written_alike=pl.lit(value=False))


def _lines(
    before: pl.DataFrame,
    award: pl.DataFrame,
    previous: Path,
    mentions: Sequence[Mapping[str, Any]],
    warehouse: Warehouse,
) -> pl.DataFrame:
    """Do what ``_awards`` does, for award lines, with their names.

    Their reasons are those of their awards, save what the notice cannot have changed.
    """
    fields = [name for name in WATCHED["award_line"] if name in before.columns]
    compared = ["award_id", "mention_id", *fields]
    now = warehouse.read("award_line", compared, before.select("award_id"))
    # Most awards are as they were: only the others are looked at by supplier and name.
    owners = before.join(now, on=compared, how="anti", nulls_equal=True).select("award_id").unique()
    before, now = before.join(owners, on="award_id", how="semi"), now.join(owners, on="award_id", how="semi")
    why = _why(
        owners.join(award, on="award_id", how="left"), warehouse.read("award", list(_ABOUT_AWARD), owners), warehouse
    )
    named = [_read(previous, [file], "supplier_mention", _NAME) for file in mentions]
    names = [part.join(before, on="mention_id", how="semi") for part in named if "mention_id" in part.columns]
    before = _named(before, pl.concat([schema.empty("supplier_mention").select(_NAME), *names], how="diagonal"))
    now = _named(now, warehouse.read("supplier_mention", _NAME, now.select("mention_id")))
    pair = _pairs(before, now)
    # A later notice may name another supplier in this place: the name is kept with the change.
    present = now.select(*fields, "supplier_name", "unit_id", row_id="mention_id")
    both = before.drop("supplier_name").join(pair, on="mention_id").join(present, on="row_id", suffix="_now")
    gone = before.join(pair, on="mention_id", how="anti").with_columns(row_id="mention_id")
    told = _changes(fields, both, gone, "supplier_name").join(why, on="award_id", how="left")
    return told.join(_written_alike(fields, both), on=["row_id", "field"], how="left").with_columns(
        pl.col("is_written_alike").fill_null(value=False)
    )


_NAME = ("mention_id", "supplier_name", "unit_id")


def _written_alike(fields: Sequence[str], both: pl.DataFrame) -> pl.DataFrame:
    """Tell what the notice cannot have changed, for it writes the supplier as before.

    Returns:
        ``row_id, field, is_written_alike``, of ``supplier_id`` and ``vcse_status``.
    """
    is_alike = (pl.col("unit_id") == pl.col("unit_id_now")).fill_null(value=False)
    is_one = pl.col("supplier_id").eq_missing(pl.col("supplier_id_now"))
    is_marked_alike = (
        pl.col("vcse_declared").eq_missing(pl.col("vcse_declared_now")) if "vcse_declared" in fields else pl.lit(False)
    )
    return pl.concat(
        both.select("row_id", pl.lit(field).alias("field"), is_written_alike=flag)
        for field, flag in (("supplier_id", is_alike), ("vcse_status", (is_alike | is_one) & is_marked_alike))
    )


def _named(lines: pl.DataFrame, mention: pl.DataFrame) -> pl.DataFrame:
    """Add the names as written, and put the lines of an award in the order in which it names them."""
    return (
        lines.join(mention.select(_NAME), on="mention_id", how="left")
        .with_columns(place="mention_id")
        .sort(pl.col("mention_id").str.len_bytes(), "mention_id")
    )


def _pairs(before: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """Find the lines that speak of one supplier: the surest pairs first, each line once.

    A place alone says nothing, for a later notice may name its suppliers in another order; only where a name is not
    known does it stand for the name.

    Returns:
        ``mention_id`` as it was before, ``row_id``: the mention as it is now.
    """
    now = now.rename({"mention_id": "row_id"})
    found = [pl.DataFrame(schema={"mention_id": pl.String(), "row_id": pl.String()})]
    for key in _ALIKE:
        nth = pl.int_range(pl.len()).over("award_id", *key).alias("nth")
        alike = before.with_columns(nth).join(
            # Lines without a supplier are alike in that; lines without a name are not.
            now.with_columns(nth), on=["award_id", *key, "nth"], suffix="_now", nulls_equal="supplier_id" in key
        )  # fmt: skip
        if key == ("place",):
            alike = alike.filter(pl.col("supplier_name").is_null() | pl.col("supplier_name_now").is_null())
        found.append(alike.select("mention_id", "row_id"))
        before = before.join(found[-1], on="mention_id", how="anti")
        now = now.join(found[-1], on="row_id", how="anti")
    return pl.concat(found)


def _keys(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    return frame.select(column) if column in frame.columns else pl.DataFrame(schema={column: pl.String()})


def _changes(fields: Sequence[str], both: pl.DataFrame, gone: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return one row per changed cell and per row that is gone: all text, null for a name that is not known.

    Args:
        fields: the columns to compare.
        both: the rows that are still there: every field as it was, and with ``_now`` as it is.
        gone: the others.
        name: the column whose value stands for a row that is gone, where there is such a column.

    Returns:
        ``award_id, row_id, field, supplier_name, old, new``.
    """
    changed = [
        both.filter(pl.col(field).ne_missing(pl.col(f"{field}_now"))).select(
            "award_id",
            "row_id",
            pl.lit(field).alias("field"),
            _text(both, "supplier_name"),
            pl.col(field).cast(pl.String).alias("old"),
            pl.col(f"{field}_now").cast(pl.String).alias("new"),
        )
        for field in fields
    ]
    lost = gone.select(
        "award_id",
        "row_id",
        pl.lit(ROW).alias("field"),
        _text(gone, "supplier_name"),
        _text(gone, name).alias("old"),
        pl.lit(None, pl.String).alias("new"),
    )
    return pl.concat([*changed, lost])


def _text(frame: pl.DataFrame, column: str) -> pl.Expr:
    """Return a column of text, all of it null where the frame does not have it."""
    return pl.col(column) if column in frame.columns else pl.lit(None, pl.String).alias(column)


def _why(before: pl.DataFrame, now: pl.DataFrame, warehouse: Warehouse) -> pl.DataFrame:
    """Say of each award what happened to it.

    Returns:
        ``award_id, is_gone, amended`` (in words, null where the same notice tells it), ``is_concluded`` (whether all
        that happened is that its contract was published) and ``same`` (in words, null where nothing changed about
        what it repeats).
    """
    missing = [
        pl.lit(None, schema.frame_schema("award")[name]).alias(name)
        for name in _ABOUT_AWARD
        if name not in before.columns
    ]
    both = before.with_columns(missing).select(_ABOUT_AWARD).join(
        now.select(*_ABOUT_AWARD, pl.lit(value=False).alias("is_gone")), on="award_id", how="left", suffix="_now"
    )  # fmt: skip
    both = both.join(_contracts(both, warehouse), on="award_id", how="left")
    release, release_now = pl.col("release_id"), pl.col("release_id_now")
    repeated, repeated_now = pl.col("duplicate_of"), pl.col("duplicate_of_now")
    amended = (
        pl.when(release_now.is_null() | release.is_null())
        .then(None)
        .when(release == release_now)
        .then(
            pl.when(pl.col("content_hash") != pl.col("content_hash_now")).then(
                pl.format("the notice was published again with other contents: release {}", release_now)
            )
        )
        .when(pl.col("published_at_now") < pl.col("published_at"))
        .then(pl.format("another notice tells it now: release {}", release_now))
        .when(pl.col("contract_id") == release_now)
        .then(pl.format("the contract was published (notice {})", release_now))
        .when(pl.col("contract_id").is_not_null())
        .then(
            pl.format(
                "the contract was published (notice {}) and a later notice amends it: release {}",
                "contract_id",
                release_now,
            )
        )
        .otherwise(pl.format("a later notice amends it: release {}", release_now))
    )
    is_concluded = (pl.col("contract_id") == release_now).fill_null(value=False)
    same = (
        pl.when(repeated.eq_missing(repeated_now) | pl.col("is_gone").is_null())
        .then(None)
        .when(repeated_now.is_not_null())
        .then(pl.format("it was found to be the same as award {}", repeated_now))
        .otherwise(pl.format("it is no longer taken for the same as award {}", repeated))
    )
    is_gone = pl.col("is_gone").fill_null(value=True)
    return both.select(
        "award_id",
        is_gone,
        amended.alias("amended"),
        is_concluded.alias("is_concluded"),
        same.alias("same"),
    )


def _contracts(both: pl.DataFrame, warehouse: Warehouse) -> pl.DataFrame:
    """Return ``award_id, contract_id``: the release that published the contract of an award that was intended.

    That is the first one to tell it as active; others may have amended it before it is compared.
    """
    concluded = both.filter(
        pl.col("status") == "intended",
        pl.col("status_now") == "active",
        pl.col("release_id") != pl.col("release_id_now"),
        pl.col("published_at_now") >= pl.col("published_at"),
    )
    order = ["award_id", "published_at", "release_id", "content_hash"]
    version = warehouse.read("award_version", [*order, "status"], concluded.select("award_id")).join(
        concluded.select("award_id", since="published_at"), on="award_id"
    )
    active = version.filter(pl.col("status") == "active", pl.col("published_at") >= pl.col("since")).select(order)
    latest = concluded.select("award_id", **{name: f"{name}_now" for name in order[1:]})
    return (
        pl.concat([active, latest])
        .sort(order)
        .unique("award_id", keep="first", maintain_order=True)
        .select("award_id", contract_id="release_id")
    )


def _reasoned(changed: pl.DataFrame, rules: str | None, grounds: str) -> pl.DataFrame:
    """Add the reason in words, the nearest cause that is known, and leave out what a contract was bound to add."""
    field = pl.col("field")
    is_same = field.is_in(_AS_DUPLICATE) & pl.col("same").is_not_null()
    is_added = pl.col("is_concluded") & ~is_same & pl.col("old").is_null() & ~field.is_in(["status", ROW])
    matched = (
        pl.when(field == "supplier_id")
        .then(pl.lit(f"the supplier was linked otherwise, by {grounds}"))
        .when(field == "vcse_status")
        .then(pl.lit(f"the supplier is known otherwise, by {grounds}"))
        .when(field == "buyer_id")
        .then(pl.lit("the buyer was matched differently"))
        .otherwise(pl.lit("it was worked out anew from other notices"))
    )
    return changed.filter(~is_added.fill_null(value=False)).with_columns(
        pl.when(is_same)
        .then(pl.col("same"))
        .when(pl.col("amended").is_not_null() & ~pl.col("is_written_alike"))
        .then(pl.col("amended"))
        .when(pl.lit(rules is not None))
        .then(pl.lit(rules))
        .when(pl.col("is_gone"))
        .then(pl.lit("the notices tell no such award any more"))
        .otherwise(matched)
        .alias("reason")
    )

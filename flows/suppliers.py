"""Who the suppliers are: lead every way of writing a supplier to one organisation, and say what kind it is.

The warehouse holds how suppliers are written (``supplier_unit``), where each way of writing leads and why
(``supplier_link``), and where it led last (``supplier_given``).
A night resolves the ways of writing that it brought or took away, with all that linking may bring together with them:
what it leaves alone would come out the same.
Where a register was loaded since, or a person has decided otherwise, everything is resolved anew.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import polars as pl

from extractors import overrides
from flows import registers
from transforms import places
from transforms.suppliers import groups, profiles, resolve, voluntary
from transforms.suppliers.registers import Registers
from warehouse import schema
from warehouse.store import Warehouse

NO_NUMBERS = pl.DataFrame(schema=dict.fromkeys(("supplier_id", "org_id", "org_ids"), pl.String()))
"""The numbers of no supplier: nothing was resolved."""


class Known(NamedTuple):
    """What is known beside the notices: people's decisions and the registers that were loaded."""

    override: pl.DataFrame
    register: pl.DataFrame


class Linked(NamedTuple):
    """What linking told: suppliers to be described anew, their numbers, and the mentions that lead elsewhere now.

    ``number`` holds ``supplier_id, org_id, org_ids``, ``moved`` holds ``award_id, mention_id``.
    """

    suppliers: pl.Series
    number: pl.DataFrame
    moved: pl.DataFrame


def known(data_dir: Path, decisions: Path | None) -> Known:
    """Read people's decisions about suppliers, and which registers there are.

    Raises:
        UnusableOverrides: the file of decisions cannot be used as it stands.
    """
    override = overrides.read(decisions).filter(pl.col("kind") != "buyer")
    _check_classes(override)
    loaded = [one._asdict() for one in registers.loaded(data_dir)]
    register = pl.DataFrame(loaded, schema=schema.frame_schema("register"))
    return Known(override, register.sort("register", "vintage"))


def _check_classes(override: pl.DataFrame) -> None:
    """Refuse a decision of kind ``class`` whose value is no class: what the classes are, extractors cannot know."""
    allowed = voluntary.decidable()
    wrong = override.filter((pl.col("kind") == "class") & ~pl.col("value").is_in(allowed))
    for override_id, value in wrong.select("override_id", "value").iter_rows():
        raise overrides.UnusableOverrides(
            f"The decision with override_id {override_id!r} gives the class {value!r}, which there is not. "
            f"Give one of: {', '.join(allowed)}"
        )


def differs(warehouse: Warehouse, now: Known) -> bool:
    """Tell whether registers or decisions are others than those behind the warehouse."""
    decided = _decided(now)
    return not (
        warehouse.read("register").sort("register", "vintage").equals(now.register)
        and warehouse.read("supplier_override").sort("override_id").equals(decided)
    )


def _decided(now: Known) -> pl.DataFrame:
    return now.override.select(list(schema.frame_schema("supplier_override"))).sort("override_id")


def unaddressed(warehouse: Warehouse, now: Known) -> tuple[str, ...]:
    """Return the decisions that address no supplier, by ``override_id``; without a decision nothing is read.

    Args:
        warehouse: the open warehouse, in a transaction, after suppliers are named.
        now: decisions and registers.
    """
    if now.override.is_empty():
        return ()
    held = warehouse.read("supplier_unit", ["unit_id", "key", "legal_form", "org_ids"])
    unit = held.join(warehouse.read("supplier_link", ["unit_id"]), on="unit_id", how="semi").with_columns(
        pl.col("org_ids").str.extract_all(r"\S+")
    )
    supplier = warehouse.read("supplier", ["supplier_id", "org_ids"])
    numbers = supplier["org_ids"].str.split(" ").explode().drop_nulls()
    return resolve.unaddressed(now.override, unit, {*supplier["supplier_id"], *numbers})


# --- where the ways of writing lead -----------------------------------------------------------------------------------


def recall(
    warehouse: Warehouse,
    frames: schema.Frames,
    unit: pl.DataFrame,
    site: pl.DataFrame,
    directory: places.Directory,
) -> dict[str, pl.DataFrame]:
    """Note the ways of writing a supplier that are new, and let mentions and lines lead where the known ones led.

    What is known keeps its component until it is resolved again.

    Args:
        warehouse: the open warehouse, in a transaction.
        frames: rows of ``supplier_mention`` and ``award_line``, among others.
        unit: their units, as ``resolve.read`` returns them.
        site: where the notice has each mention, and the area of its buyer; see ``places.site``.
        directory: the postcodes.

    Returns:
        The frames with ``supplier_id`` and ``vcse_status``, and what the registers know of places, as far as they are
        known.
    """
    units = unit.select("unit_id")
    new = units.join(warehouse.read("supplier_unit", ["unit_id"], units), on="unit_id", how="anti")
    warehouse.bulk_upsert("supplier_unit", _stored(unit.join(new, on="unit_id", how="semi")), new.clear())
    given = warehouse.read("supplier_given", keys=units)
    mention = (
        frames["supplier_mention"].drop("supplier_id").join(given, on="unit_id", how="left", maintain_order="left")
    )
    said = warehouse.read("supplier", ["supplier_id", "vcse_status", *_OFFICE], given.select("supplier_id").unique())
    line = (
        _resited(frames["award_line"], site, mention, _offices(said, directory), directory)
        .drop("supplier_id", "vcse_status")
        .join(mention.select("mention_id", "supplier_id"), on="mention_id", how="left", maintain_order="left")
        .join(said.select("supplier_id", "vcse_status"), on="supplier_id", how="left", maintain_order="left")
        .with_columns(vcse_status=voluntary.of_line(pl.col("vcse_status"), pl.col("vcse_declared")))
    )
    return {
        **frames,
        "supplier_mention": mention.select(list(schema.frame_schema("supplier_mention"))),
        "award_line": line.select(list(schema.frame_schema("award_line"))),
    }


def _offices(supplier: pl.DataFrame, directory: places.Directory) -> pl.DataFrame:
    """Place the offices that the registers give of suppliers: ``supplier_id, place_basis`` and their place."""
    known = supplier.filter(pl.col("postcode").is_not_null()).select("supplier_id", "postcode", "place_basis")
    found = places.locate(known["postcode"], directory=directory).drop("postcode")
    return known.join(found, left_on="postcode", right_on="address").drop("postcode")


def _resited(
    line: pl.DataFrame,
    site: pl.DataFrame,
    mention: pl.DataFrame,
    office: pl.DataFrame,
    directory: places.Directory,
) -> pl.DataFrame:
    """Return award lines in their order; of suppliers whose office is known, with what that tells of their place."""
    known = site.join(mention.select("mention_id", "supplier_id"), on="mention_id").join(
        office, on="supplier_id", how="semi"
    )
    return line.update(places.site(known, office, directory), on=["award_id", "mention_id"], include_nulls=True)


def _stored(unit: pl.DataFrame) -> pl.DataFrame:
    """Write units as the warehouse keeps them: lists as words."""
    columns = schema.frame_schema("supplier_unit")
    told = unit.with_columns(
        pl.col("org_ids").list.join(" "), pl.col("others").list.join(" "),
        *(() if "component" in unit.columns else (pl.lit(None, pl.String).alias("component"),)),
    )  # fmt: skip
    return told.select(pl.col(name).cast(dtype) for name, dtype in columns.items())


def _units(warehouse: Warehouse) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read all units as ``resolve`` wants them, with their mentions, and ``unit_id, component`` as they were left.

    A unit that no mention has any more is not among the first.
    """
    held = warehouse.read("supplier_unit")
    words = [pl.col(name).str.extract_all(r"\S+") for name in ("org_ids", "others")]
    unit = held.join(warehouse.mentions_of_units(), on="unit_id").with_columns(words)
    shaped = unit.select(pl.col(name).cast(dtype) for name, dtype in resolve.UNIT.items()).sort("unit_id")
    return shaped, held.select("unit_id", "component")


def link(
    warehouse: Warehouse, data_dir: Path, now: Known, touched: pl.Series | None, run_id: str, *, tell: bool
) -> Linked:
    """Lead ways of writing to suppliers, and mentions with them.

    Args:
        warehouse: the open warehouse, in a transaction.
        data_dir: where the registers are kept.
        now: decisions and registers.
        touched: the unit ids that were brought or taken away; everything when left out.
        run_id: the run, for redirects.
        tell: whether to return which mentions lead elsewhere.
    """
    unit, held = _units(warehouse)
    asked = _registers(data_dir, unit)
    keyed = None
    if touched is not None:
        known = held.drop_nulls("component")
        new = unit.join(known, on="unit_id", how="anti")["unit_id"]
        gone = known.join(unit, on="unit_id", how="anti").select("unit_id")
        wanted = resolve.touched(unit, known, new, asked, now.override).to_frame("unit_id")
        wanted = _with_claimants(warehouse, wanted, known.join(unit, on="unit_id", how="semi"))
        keyed = pl.concat([wanted, gone])
        unit = unit.join(wanted, on="unit_id", how="semi")
    before = warehouse.read("supplier_link", ["unit_id", "supplier_id"], keyed)
    found = resolve.partition(unit, asked, now.override)
    # All of them: an id that was given far away must not be given here again.
    given = warehouse.read("supplier_given")
    redirected = warehouse.read("supplier_redirect")
    member, redirect = resolve.identify(found.member, unit, given, redirected["old_id"])
    _keep(warehouse, unit, found, member, keyed)
    _redirect(warehouse, redirected, redirect, member, run_id)
    led = member.select("unit_id", "supplier_id")
    number = (
        member.select("cluster", "supplier_id")
        .unique()
        # What has lost its numbers has none: it must not keep those that it had.
        .join(found.cluster, on="cluster", how="left")
        .select("supplier_id", "org_id", pl.col("org_ids").str.replace_all(";", " ", literal=True))
    )
    suppliers = pl.concat([before["supplier_id"], led["supplier_id"]]).drop_nulls().unique().sort()
    return Linked(suppliers, number, warehouse.lead_mentions(led, tell=tell))


def _with_claimants(warehouse: Warehouse, wanted: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Add to units the components that bear an id to which one of these once led: both may claim it, one gets it.

    A way of writing that was gone and comes back need not be linked any more with those among whom it was.
    """
    while True:
        claimed = warehouse.read("supplier_given", ["supplier_id"], wanted).unique()
        bearer = warehouse.read("supplier_link", ["unit_id"], claimed).join(known, on="unit_id")
        more = known.join(bearer, on="component", how="semi").select("unit_id").join(wanted, on="unit_id", how="anti")
        if more.is_empty():
            return wanted
        wanted = pl.concat([wanted, more])


def _registers(data_dir: Path, unit: pl.DataFrame) -> Registers:
    """Return what the registers know of units: by their identifiers, their names and the other names they state."""
    names = pl.concat([unit["key"], unit["others"].explode()]).drop_nulls().unique()
    return registers.relevant(data_dir, names, unit["org_ids"].explode().drop_nulls().unique())


def _keep(
    warehouse: Warehouse,
    unit: pl.DataFrame,
    found: resolve.Partition,
    member: pl.DataFrame,
    keyed: pl.DataFrame | None,
) -> None:
    """Write where units lead and what goes together; forget the units that are gone."""
    link = member.select(list(schema.frame_schema("supplier_link")))
    _replace(warehouse, "supplier_link", link, keyed)
    _replace(warehouse, "supplier_unit", _stored(unit.join(member.select("unit_id", "component"), on="unit_id")), keyed)
    warehouse.bulk_upsert("supplier_given", member.select("unit_id", "supplier_id").sort("unit_id"))
    _keep_reviews(warehouse, found.link, keyed)


def _keep_reviews(warehouse: Warehouse, link: pl.DataFrame, keyed: pl.DataFrame | None) -> None:
    """Write what was not linked and may be one; a pair of which one side was not resolved now stays as it is."""
    columns = schema.frame_schema("supplier_review")
    rows = (
        link.filter(pl.col("decision") != "linked")
        .rename({"a": "a_unit_id", "b": "b_unit_id"})
        .sort("a_unit_id", "b_unit_id", "score", "method", descending=[False, False, True, False])
        .unique(["a_unit_id", "b_unit_id"], keep="first", maintain_order=True)
        .select(pl.col(name).cast(dtype) for name, dtype in columns.items())
    )
    key = schema.key_columns("supplier_review")
    held = warehouse.read("supplier_review", key, None if keyed is None else keyed.rename({"unit_id": "a_unit_id"}))
    if keyed is not None:
        held = held.join(keyed.rename({"unit_id": "b_unit_id"}), on="b_unit_id", how="semi")
    warehouse.delete("supplier_review", held.join(rows, on=key, how="anti"))
    warehouse.bulk_upsert("supplier_review", rows, held)


def _replace(warehouse: Warehouse, table: str, rows: pl.DataFrame, keyed: pl.DataFrame | None) -> None:
    """Make some rows of a table, or all of them, exactly these."""
    key = schema.key_columns(table)
    held = warehouse.read(table, key, keyed)
    warehouse.delete(table, held.join(rows, on=key, how="anti"))
    warehouse.bulk_upsert(table, rows.sort(key), held)


def _redirect(warehouse: Warehouse, held: pl.DataFrame, found: pl.DataFrame, member: pl.DataFrame, run_id: str) -> None:
    """Note the ids that lead to others now; an id that is in use again leads to itself."""
    used = member.select(old_id="supplier_id").unique()
    warehouse.delete("supplier_redirect", held.join(used, on="old_id", how="semi").select("old_id"))
    # An id that was given up twice leads at once to the one that stays.
    ends = dict(found.iter_rows())
    earlier = held.join(used, on="old_id", how="anti").filter(pl.col("supplier_id").is_in(list(ends)))
    later = earlier.with_columns(pl.col("supplier_id").replace_strict(ends, return_dtype=pl.String))
    warehouse.bulk_upsert(
        "supplier_redirect", pl.concat([later, found.with_columns(run_id=pl.lit(run_id))]).sort("old_id")
    )


# --- what the suppliers are -------------------------------------------------------------------------------------------

_MENTION = ("mention_id", "supplier_id", "supplier_name", "core_name", "legal_form", "published_at")
_OFFICE = ("postcode", "place_basis")
"""What is read of a supplier to know where its office is, by register."""
_PREFIXES = tuple(f"S{letter}" for letter in "234567ABCDEFGHIJKLMNOPQRSTUVWXYZ")
"""How supplier ids begin: the parts in which all of them are worked on."""


READ_BY_INDICATORS = ("org_id", "vcse_type", "is_quasi_public", "income_band", "area_code", "group_id", "is_national")
"""What the indicators ask of suppliers, beside the status that stands on each award line."""

NO_KEYS = pl.Series("key", [], pl.String)


def describe(
    warehouse: Warehouse,
    data_dir: Path,
    now: Known,
    number: pl.DataFrame,
    touched: pl.Series | None,
    directory: places.Directory,
) -> Iterator[pl.DataFrame]:
    """Say what suppliers are called, of what kind they are and to which group they belong, and what their lines say.

    Args:
        warehouse: the open warehouse, in a transaction.
        data_dir: where the registers are kept.
        now: decisions and registers.
        number: ``supplier_id, org_id, org_ids`` of the suppliers that were resolved; the others keep theirs.
        touched: the suppliers to describe anew; everything when left out.
        directory: the postcodes.

    Yields:
        The award lines of which something that indicators read changed: ``award_id, mention_id``, part by part.
    """
    wanted = None if touched is None else touched.to_frame("supplier_id")
    strategic = registers.strategic(data_dir)
    for mention, line, part in _parts(warehouse, wanted):
        before = warehouse.read("supplier", keys=part)
        numbers = pl.concat(
            [
                number.join(part, on="supplier_id", how="semi"),
                before.select(number.columns).join(number, on="supplier_id", how="anti"),
            ]
        )
        org_ids = numbers["org_ids"].str.split(" ").explode().drop_nulls().unique()
        asked = registers.relevant(data_dir, NO_KEYS, pl.concat([org_ids, groups.org_ids()]))
        rows = profiles.profiles(mention, numbers, asked.organisation, now.override, directory)
        kind = voluntary.classify(rows, asked.organisation, asked.relation, now.override, now.register)
        group = groups.grouped(rows, asked.organisation, asked.relation, now.override, strategic)
        rows = (
            rows.join(kind, on="supplier_id", how="left")
            .join(group.member.select("supplier_id", "group_id"), on="supplier_id", how="left")
            .join(profiles.footprint(line), on="supplier_id", how="left")
            .with_columns(pl.col("regions").fill_null(0), pl.col("is_national").fill_null(False))
            # Told of all suppliers together, when each of them is described.
            .join(before.select("supplier_id", "candidate_group_id"), on="supplier_id", how="left")
        )
        own = asked.organisation.filter(pl.col("org_id").is_in(org_ids.implode())).unique("org_id", keep="first")
        _replace(warehouse, "supplier", _shaped(rows, "supplier"), part)
        _replace(warehouse, "supplier_group_member", _shaped(group.member, "supplier_group_member"), part)
        warehouse.bulk_upsert("supplier_group", _shaped(group.group, "supplier_group"))
        warehouse.bulk_upsert("organisation", _shaped(own.sort("org_id"), "organisation"))
        other = rows.join(before, on=["supplier_id", *READ_BY_INDICATORS], how="anti", nulls_equal=True)
        office = _offices(rows, directory)
        yield _classed(warehouse, line, rows, office)
        sited = warehouse.sited_lines("mention_id", _open_lines(line, office))
        yield _moved(warehouse, sited, office, directory)
        yield line.join(other, on="supplier_id", how="semi").select("award_id", "mention_id")
    _drop_unused(warehouse)
    _replace(warehouse, "register", now.register, None)
    _replace(warehouse, "supplier_override", _decided(now), None)
    if wanted is None or not wanted.is_empty():
        yield _together(warehouse)


def _together(warehouse: Warehouse) -> pl.DataFrame:
    """Find the suppliers that may belong to one group, and what the groups were if they did; return their lines."""
    supplier = warehouse.read(
        "supplier", ["supplier_id", "supplier_name", "core_name", "postcode", "candidate_group_id"]
    )
    written = warehouse.read("supplier_unit", ["unit_id", "postcode"]).join(
        warehouse.read("supplier_link", ["unit_id", "supplier_id"]), on="unit_id"
    )
    address = pl.concat([told.select("supplier_id", "postcode").drop_nulls().unique() for told in (supplier, written)])
    member = warehouse.read("supplier_group_member")
    pairs = groups.candidates(supplier, address, member)
    _replace(warehouse, "supplier_group_candidate", _shaped(pairs, "supplier_group_candidate"), None)
    told = groups.together(member, pairs).rename({"candidate_group_id": "now"})
    both = supplier.select("supplier_id", "candidate_group_id").join(told, on="supplier_id", how="left")
    changed = both.filter(pl.col("candidate_group_id").ne_missing(pl.col("now")))
    warehouse.change("supplier", changed.select("supplier_id", candidate_group_id="now"))
    return warehouse.read("award_line", ["award_id", "mention_id"], changed.select("supplier_id"))


def _parts(
    warehouse: Warehouse, wanted: pl.DataFrame | None
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]]:
    """Yield mentions and award lines of some suppliers, all of each, with their ids; ids that nothing has included."""
    if wanted is None:
        for prefix in _PREFIXES:
            for mention in warehouse.in_groups("supplier_mention", _MENTION, "supplier_id", [prefix]):
                lines = warehouse.lines_won(prefix)
                yield mention, lines, mention.select("supplier_id").unique()
        return
    for part in wanted.iter_slices(10_000):
        yield (
            warehouse.read("supplier_mention", _MENTION, part),
            warehouse.lines_won(part["supplier_id"]),
            part,
        )


def _classed(warehouse: Warehouse, line: pl.DataFrame, supplier: pl.DataFrame, office: pl.DataFrame) -> pl.DataFrame:
    """Say on award lines what their suppliers are, and whether their head office is local; return the changed.

    Args:
        warehouse: the open warehouse, in a transaction.
        line: all lines of some suppliers, as ``Warehouse.lines_won`` reads them.
        supplier: these suppliers.
        office: their offices; see ``_offices``.
    """
    said = line.join(supplier.select("supplier_id", of_supplier="vcse_status"), on="supplier_id", how="left").join(
        office.select("supplier_id", head_office_area_code="supplier_area_code"), on="supplier_id", how="left"
    )
    head = places.place(said.with_columns(supplier_area_code=pl.lit(None, pl.String)))
    now = said.select(
        "award_id",
        "mention_id",
        vcse_status=voluntary.of_line(pl.col("of_supplier"), pl.col("vcse_declared")),
        is_head_office_local=head["is_head_office_local"],
    )
    return _changed(warehouse, said, now)


def _changed(warehouse: Warehouse, before: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """Write the award lines that say something else than before, row by row; return them: ``award_id, mention_id``."""
    said = [name for name in now.columns if name not in ("award_id", "mention_id")]
    differs = pl.any_horizontal(now[name].ne_missing(before[name]).alias(name) for name in said)
    changed = now.filter(now.select(differs=differs)["differs"])
    warehouse.change("award_line", changed)
    return changed.select("award_id", "mention_id")


def _moved(warehouse: Warehouse, line: pl.DataFrame, office: pl.DataFrame, directory: places.Directory) -> pl.DataFrame:
    """Say on award lines where their suppliers are, as notice, registers and buyers are known now; return the changed.

    Args:
        warehouse: the open warehouse, in a transaction.
        line: lines as ``Warehouse.sited_lines`` reads them.
        office: the offices of their suppliers; see ``_offices``.
        directory: the postcodes.
    """
    written_at = ["address", "region"]
    told = (
        line.select("award_id", "mention_id", "supplier_id", "buyer_area_code", "buyer_kind", *written_at)
        .join(
            places.locate(line["address"], line["region"], directory=directory).drop("postcode"),
            on=written_at, how="left", nulls_equal=True, maintain_order="left",
        )
        .with_columns(pl.col("location_basis").fill_null("unknown"))
    )  # fmt: skip
    return _changed(warehouse, line, places.site(told, office, directory))


def _open_lines(line: pl.DataFrame, office: pl.DataFrame) -> pl.Series:
    """Return the mentions whose place a register tells, or told, since their notice has no complete postcode."""
    has_office = pl.col("supplier_id").is_in(office["supplier_id"].implode())
    is_open = pl.col("location_basis") != places.OWN
    return line.filter(is_open & (has_office | pl.col("location_basis").is_in(places.OFFICES)))["mention_id"]


def move(warehouse: Warehouse, buyers: pl.Series, directory: places.Directory) -> tuple[pl.DataFrame, pl.Series]:
    """Say anew what is local to buyers whose area or kind is another than before.

    Args:
        warehouse: the open warehouse, in a transaction.
        buyers: their ids.
        directory: the postcodes.

    Returns:
        The award lines that say something else now, ``award_id, mention_id``, and all suppliers of these buyers.
    """
    line = warehouse.sited_lines("buyer_id", buyers)
    ids = line.select("supplier_id").drop_nulls().unique()
    supplier = warehouse.read("supplier", ["supplier_id", *_OFFICE], ids)
    return _moved(warehouse, line, _offices(supplier, directory), directory), ids["supplier_id"].sort()


def _shaped(frame: pl.DataFrame, table: str) -> pl.DataFrame:
    return frame.select(pl.col(name).cast(dtype) for name, dtype in schema.frame_schema(table).items())


def _drop_unused(warehouse: Warehouse) -> None:
    """Forget groups without a member, and organisations that are no supplier's any more."""
    group, member = (
        warehouse.read("supplier_group", ["group_id"]),
        warehouse.read("supplier_group_member", ["group_id"]),
    )
    warehouse.delete("supplier_group", group.join(member, on="group_id", how="anti"))
    used = warehouse.read("supplier", ["org_ids"]).select(org_id=pl.col("org_ids").str.split(" ")).explode("org_id")
    held = warehouse.read("organisation", ["org_id"])
    warehouse.delete("organisation", held.join(used.unique(), on="org_id", how="anti"))

"""Tell which suppliers belong to one group: a layer of its own that never makes two suppliers one.

The first of these that says anything decides, in this order:

1. an override by hand;
2. the dated list of large national providers with the companies known to be theirs
   (``reference/national_providers.csv``), for a company itself, or for the listed company that controls it;
3. the head of the chain of parents by the register of persons with significant control: bodies with at least three
   quarters of shares or votes (https://www.gov.uk/guidance/people-with-significant-control-pscs);
4. a charity's parent, or the federation that it is a branch of (charity-lookups): such a branch may be a charity of
   its own, and its reason says so.

A chain ends where nothing more is known, where two parents are told, and where it runs in a circle.
The last listed company on the way up counts, so that a company that was sold follows the register and not an old list.
Companies with one brand at one postcode are candidates for a person to look at, and never a group.

``reference/strategic_suppliers.csv`` tells which firms central government calls strategic; the page of GOV.UK, where it
was loaded, takes its place.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

import polars as pl

from transforms.reference import facts
from transforms.suppliers.names import comparable, parse

METHODS = ("override", "list", "control", "charity_parent")

GROUP: Mapping[str, pl.DataType] = {
    "group_id": pl.String(),
    "group_name": pl.String(),
    "parent_org_id": pl.String(),
    "method": pl.String(),
    "source": pl.String(),
    "is_national_provider": pl.Boolean(),
    "is_strategic_supplier": pl.Boolean(),
}
"""One row per group: ``group_id`` is a short name of the list, or the org-id of the group's head."""

MEMBER: Mapping[str, pl.DataType] = dict.fromkeys(("supplier_id", "group_id", "method", "reason"), pl.String())
"""One row per supplier that belongs to a group; ``reason`` is a sentence that can be printed."""

CANDIDATE: Mapping[str, pl.DataType] = {
    **dict.fromkeys(("a_supplier_id", "b_supplier_id", "method"), pl.String()),
    "score": pl.Float64(),
    **dict.fromkeys(("decision", "reason", "evidence"), pl.String()),
}
"""Pairs for review, ``a_supplier_id`` being the lower id."""

STRATEGIC: Mapping[str, pl.DataType] = {
    "name": pl.String(),
    "listed_on": pl.Date(),
    "source": pl.String(),
}
"""A list of strategic suppliers as it was loaded: the names as published, the date of the list, and its address."""

NO_GROUP = "none"
"""The value of an override that takes a supplier out of every group."""

BRAND_AND_POSTCODE = "brand_postcode"
CANDIDATE_SCORE = 0.6
SHORTEST_BRAND = 3

_CONTROL = "Companies House"
_ORG_ID = re.compile(r"[A-Z]{2}-[A-Z]+-")
_DATE = "%-d %B %Y"
_REGISTER_WORDS = {"control": "the register of persons with significant control", "charity_parent": "charity-lookups"}


class Groups(NamedTuple):
    """The groups, and who belongs to them: frames ``GROUP`` and ``MEMBER``."""

    group: pl.DataFrame
    member: pl.DataFrame


class _Listed(NamedTuple):
    """What the lists say: group and source by org-id and by name with its form; name, head and source of groups."""

    by_org: dict[str, tuple[str, str]]
    by_name: dict[str, dict[str | None, tuple[str, str]]]
    names: dict[str, str]
    parents: dict[str, str]
    sources: dict[str, str]
    strategic: frozenset[str]


class _Way(NamedTuple):
    """The way up from one organisation: itself first, its head last, and whether a charity's parent is on it."""

    nodes: tuple[str, ...]
    has_charity: bool


class _Found(NamedTuple):
    """The group found for one supplier."""

    supplier_id: str
    group_id: str
    method: str
    reason: str


def org_ids() -> pl.Series:
    """Return the org-ids of the listed companies: the registers' relations are wanted of these, too."""
    return facts("national_providers.csv")["org_id"].drop_nulls().unique().sort()


def grouped(
    supplier: pl.DataFrame,
    organisation: pl.DataFrame,
    relation: pl.DataFrame,
    override: pl.DataFrame,
    strategic: pl.DataFrame | None = None,
) -> Groups:
    """Tell of each supplier to which group it belongs, and why.

    Args:
        supplier: ``supplier_id, supplier_name, org_id, org_ids`` (all of its org-ids, parted by spaces), ``core_name,
            legal_form``, one row each.
        organisation: what the registers call organisations: ``org_id, name, vintage``; the newest vintage counts.
        relation: ``org_id, other_org_id, kind, source, valid_from, valid_to``: of kind ``parent``, where
            ``other_org_id`` is the parent, up to the heads, and of kind ``same_as``. What has ended is left out.
        override: ``override_id, kind, a, value, reason, who, at, revoked_at``; of those of kind ``group`` that stand
            the latest counts. ``a`` is a supplier_id, an org-id or a name as written; ``value`` is a group's id or
            name, a new name for a new group, or ``none``.
        strategic: the list of strategic suppliers as loaded, in the columns of ``STRATEGIC``; the one that comes with
            the project when left out or empty.

    Returns:
        The groups that have a member, and their members, both sorted by their first column. A supplier without a group
        has no row. A group in which one supplier stands alone is told as well: its head is known.
    """
    listed = _lists(strategic)
    same = _same(relation)
    known = _names(organisation, same)
    own = _own(supplier, same)
    ways = _ways(relation, same)
    at = _placed(listed, same, ways, known)
    of_head = _heads(own, ways)
    found: dict[str, _Found] = {}
    names = dict(listed.names)
    for supplier_id, core, form in supplier.select("supplier_id", "core_name", "legal_form").sort(pl.all()).iter_rows():
        one = _by_list(supplier_id, own.get(supplier_id, ()), core, form, listed, at, ways, known)
        one = one or _by_register(supplier_id, own.get(supplier_id, ()), ways, of_head, known)
        if one:
            found[supplier_id] = one
    for head in {one.group_id for one in found.values()} - names.keys():
        names[head] = known.get(head) or head
    _decide(found, names, supplier, own, override)
    return _framed(found, names, listed)


def candidates(supplier: pl.DataFrame, address: pl.DataFrame, member: pl.DataFrame) -> pl.DataFrame:
    """Return pairs of suppliers that share the first word of their name and a postcode, for a person to look at.

    Whether two suppliers are a pair depends on these two and on whoever has the same word and postcode, never on how
    often a word is seen.

    Args:
        supplier: ``supplier_id, supplier_name, core_name``.
        address: ``supplier_id, postcode``: every postcode that mentions or registers give of it.
        member: who belongs to which group (``MEMBER``): two of one group are no candidates.

    Returns:
        Rows of ``CANDIDATE``, sorted; of several suppliers with one brand and postcode each is paired with the first.
    """
    words = pl.col("core_name").str.split(" ")
    branded = (
        supplier.select("supplier_id", "supplier_name", words.list.get(0, null_on_oob=True).alias("brand"))
        .filter(
            pl.col("brand").str.len_chars() >= SHORTEST_BRAND,
            pl.col("brand").str.contains("[a-z]"),
            ~pl.col("brand").is_in(list(_ordinary())),
        )
        .join(member.select("supplier_id", "group_id"), on="supplier_id", how="left")
    )
    place = address.select("supplier_id", pl.col("postcode").str.to_uppercase().str.replace_all(r"\s", ""))
    placed = branded.join(place.drop_nulls().unique(), on="supplier_id").sort("supplier_id")
    first = placed.unique(["brand", "postcode"], keep="first", maintain_order=True)
    pairs = (
        placed.join(first, on=["brand", "postcode"], suffix="_first")
        .filter(
            pl.col("supplier_id") != pl.col("supplier_id_first"),
            (pl.col("group_id") != pl.col("group_id_first")).fill_null(value=True),
        )
        .sort("supplier_id_first", "supplier_id", "postcode")
        .unique(["supplier_id_first", "supplier_id"], keep="first", maintain_order=True)
    )
    outward = pl.col("postcode").str.slice(0, pl.col("postcode").str.len_chars() - 3)
    written = pl.concat_str(outward, pl.lit(" "), pl.col("postcode").str.tail(3))
    return pairs.select(
        a_supplier_id="supplier_id_first",
        b_supplier_id="supplier_id",
        method=pl.lit(BRAND_AND_POSTCODE),
        score=pl.lit(CANDIDATE_SCORE),
        decision=pl.lit("review"),
        reason=pl.format(
            "{} and {} begin with the same word and share the postcode {}: they may belong to one group, which neither"
            " the list nor a register says.",
            "supplier_name_first",
            "supplier_name",
            written,
        ),
        evidence=pl.struct("brand", postcode=written).map_elements(
            lambda told: json.dumps(told, sort_keys=True), return_dtype=pl.String
        ),
    ).select(pl.col(name).cast(kind) for name, kind in CANDIDATE.items())


def together(member: pl.DataFrame, candidate: pl.DataFrame) -> pl.DataFrame:
    """Return the group of each supplier as it were if every candidate were right: what the upper figures rest on.

    Args:
        member: ``MEMBER``.
        candidate: ``a_supplier_id, b_supplier_id`` of candidates.

    Returns:
        ``supplier_id, candidate_group_id`` of every supplier that a candidate would join with another, or whose group
        it would; sorted. Where a supplier has no row, its group is what it is.
    """
    group_of = dict(member.select("supplier_id", "group_id").iter_rows())
    above: dict[str, str] = {}
    pairs = candidate.select("a_supplier_id", "b_supplier_id").iter_rows()
    for one, other in pairs:
        low, high = sorted(_root(above, group_of.get(told, told)) for told in (one, other))
        if low != high:
            above[high] = low
    joined = {name: _root(above, name) for name in {*above, *above.values()}}
    ids = {supplier_id: joined[group] for supplier_id, group in group_of.items() if group in joined}
    ids |= {name: root for name, root in joined.items() if name not in set(group_of.values())}
    return pl.DataFrame(
        sorted(ids.items()), schema={"supplier_id": pl.String, "candidate_group_id": pl.String}, orient="row"
    )


# --- the lists -----------------------------------------------------------------------------------------------------


def _lists(strategic: pl.DataFrame | None) -> _Listed:
    """Read the lists; a strategic supplier that is no national provider is a group known by its name alone."""
    providers = facts("national_providers.csv").sort(pl.all()).sort("recorded_on", descending=True, maintain_order=True)
    shipped = facts("strategic_suppliers.csv").sort(pl.all()).sort("listed_on", descending=True, maintain_order=True)
    by_org: dict[str, tuple[str, str]] = {}
    by_name: dict[str, dict[str | None, tuple[str, str]]] = {}
    called: dict[str, str] = {}
    names: dict[str, str] = {}
    sources: dict[str, str] = {}
    parents: dict[str, str] = {}
    for row in providers.iter_rows(named=True):
        source = f"{row['source']} ({row['source_url']}), {row['recorded_on']}"
        by_org.setdefault(row["org_id"], (row["group_id"], source))
        core, form = _key(row["name"])
        by_name.setdefault(core, {}).setdefault(form, (row["group_id"], source))
        # A published list calls a group by its brand, which as the name of one supplier may be another's.
        called |= {core: row["group_id"], _key(row["group_name"])[0]: row["group_id"]}
        names[row["group_id"]] = row["group_name"]
        if row["parent_org_id"]:
            parents[row["group_id"]] = row["parent_org_id"]
        sources.setdefault(row["group_id"], source)
    for row in shipped.iter_rows(named=True):
        source = f"{row['source']} ({row['source_url']}), {row['listed_on']}"
        core, form = _key(row["name"])
        by_name.setdefault(core, {}).setdefault(form, (row["group_id"], source))
        called[core] = row["group_id"]
        names.setdefault(row["group_id"], row["name"])
        sources.setdefault(row["group_id"], source)
    if strategic is None or strategic.is_empty():
        return _Listed(by_org, by_name, names, parents, sources, frozenset(shipped["group_id"]))
    strategic_ids = set()
    for name, listed_on, address in strategic.select("name", "listed_on", "source").sort(pl.all()).iter_rows():
        core, form = _key(name)
        group_id = called.get(core) or _slug(name)
        strategic_ids.add(group_id)
        names.setdefault(group_id, name)
        source = f"GOV.UK: strategic suppliers ({address}), {listed_on}"
        by_name.setdefault(core, {}).setdefault(form, (group_id, source))
        sources.setdefault(group_id, source)
    return _Listed(by_org, by_name, names, parents, sources, frozenset(strategic_ids))


@cache
def _key(name: str) -> tuple[str, str | None]:
    read = parse(name)
    return comparable(read.core), read.legal_form


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", parse(name).core or name.lower()).strip("-")


@cache
def _ordinary() -> frozenset[str]:
    """Return words that are no brand: common ones, and those with which the name of a place begins."""
    places = (
        facts("area_names.csv").filter(pl.col("use") == "stem")["name"].to_list()
        + facts("areas.csv")["name"].drop_nulls().to_list()
    )
    return frozenset(facts("brand_words.csv")["word"]) | {parse(place).core.split(" ")[0] for place in places}


# --- organisations and their parents -------------------------------------------------------------------------------


def _root(above: Mapping[str, str], name: str) -> str:
    while (higher := above.get(name, name)) != name:
        name = higher
    return name


def _same(relation: pl.DataFrame) -> dict[str, str]:
    """Return for each org-id that is the same as another the lowest of them."""
    standing = relation.filter(pl.col("kind") == "same_as", pl.col("valid_to").is_null())
    above: dict[str, str] = {}
    for pair in standing.select("org_id", "other_org_id").unique().sort(pl.all()).iter_rows():
        low, high = sorted(_root(above, org_id) for org_id in pair)
        if low != high:
            above[high] = low
    return {org_id: _root(above, org_id) for org_id in above}


def _names(organisation: pl.DataFrame, same: Mapping[str, str]) -> dict[str, str]:
    """Return what the registers call each organisation."""
    told = organisation.select("org_id", "name", "vintage").drop_nulls("name").sort("vintage", "org_id", "name")
    names: dict[str, str] = {}
    for org_id, name in told.select("org_id", "name").iter_rows():
        names[org_id] = name
        names[same.get(org_id, org_id)] = name
    return names


def _own(supplier: pl.DataFrame, same: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return the organisations that each supplier is, by its org-ids."""
    several = pl.col("org_ids").cast(pl.String).fill_null("").str.extract_all(r"\S+")
    told = supplier.select("supplier_id", pl.concat_list(several, pl.col("org_id").cast(pl.String)).list.drop_nulls())
    return {
        supplier_id: tuple(sorted({org_id for one in ids for org_id in (one, same.get(one, one))}))
        for supplier_id, ids in told.iter_rows()
    }


def _ways(relation: pl.DataFrame, same: Mapping[str, str]) -> dict[str, _Way]:
    """Return the way up from every organisation that has a parent."""
    standing = relation.filter(pl.col("kind") == "parent", pl.col("valid_to").is_null())
    parents: dict[str, tuple[set[str], set[str]]] = {}
    for child, parent, source in standing.select("org_id", "other_org_id", "source").iter_rows():
        low, high = same.get(child, child), same.get(parent, parent)
        if low != high:
            by_control, by_charity = parents.setdefault(low, (set(), set()))
            (by_control if (source or "").startswith(_CONTROL) else by_charity).add(high)
    steps: dict[str, tuple[str, bool]] = {}
    for child, (by_control, by_charity) in parents.items():
        # Of two parents nobody can say which is the head's.
        if len(by_control or by_charity) == 1:
            steps[child] = (next(iter(by_control or by_charity)), not by_control)
    return {child: _way(child, steps) for child in steps}


def _way(start: str, steps: Mapping[str, tuple[str, bool]]) -> _Way:
    nodes, has_charity = [start], False
    while nodes[-1] in steps:
        parent, is_charity = steps[nodes[-1]]
        if parent in nodes:
            # Whoever controls each other is headed by the lowest of them, from wherever the way begins.
            circle = nodes[nodes.index(parent) :]
            lowest = min(circle)
            nodes = [*(node for node in nodes if node != lowest or node == start), lowest]
            break
        nodes.append(parent)
        has_charity = has_charity or is_charity
    return _Way(tuple(nodes), has_charity)


def _placed(
    listed: _Listed, same: Mapping[str, str], ways: Mapping[str, _Way], known: Mapping[str, str]
) -> dict[str, str]:
    """Return the group of every listed organisation, and of those that control one and carry the group's name."""
    at = {same.get(org_id, org_id): group_id for org_id, (group_id, _) in sorted(listed.by_org.items())}
    claimed: dict[str, set[str]] = {}
    for org_id, group_id in at.items():
        brand = parse(listed.names[group_id]).core
        for above in ways[org_id].nodes[1:] if org_id in ways else ():
            core = parse(known.get(above, "")).core
            if core == brand or core.startswith(f"{brand} "):
                claimed.setdefault(above, set()).add(group_id)
    return at | {org_id: groups.pop() for org_id, groups in claimed.items() if len(groups) == 1 and org_id not in at}


def _heads(own: Mapping[str, Sequence[str]], ways: Mapping[str, _Way]) -> frozenset[str]:
    """Return the organisations to which the way of some supplier leads."""
    return frozenset(ways[org_id].nodes[-1] for ids in own.values() for org_id in ids if org_id in ways)


# --- one supplier --------------------------------------------------------------------------------------------------


def _by_list(
    supplier_id: str,
    ids: Sequence[str],
    core: str | None,
    form: str | None,
    listed: _Listed,
    at: Mapping[str, str],
    ways: Mapping[str, _Way],
    known: Mapping[str, str],
) -> _Found | None:
    """Return the listed group of a supplier: by the last listed organisation on its way up, or by its exact name."""
    for org_id in ids:
        nodes = ways[org_id].nodes if org_id in ways else (org_id,)
        on_the_way = [node for node in nodes if node in at]
        if not on_the_way:
            continue
        last = on_the_way[-1]
        group_id = at[last]
        name, source = listed.names[group_id], listed.by_org.get(org_id, ("", listed.sources[group_id]))[1]
        if last == org_id or at.get(org_id) == group_id:
            reason = f"Its number {_number(org_id)} is listed under {name}: {source}."
            return _Found(supplier_id, group_id, "list", reason)
        method = "charity_parent" if ways[org_id].has_charity else "control"
        reason = (
            f"It is controlled by {_called(last, known)}, by {_REGISTER_WORDS[method]}; that belongs to {name},"
            f" by the list of national providers."
        )
        return _Found(supplier_id, group_id, method, reason)
    if not core or any(org_id.startswith("GB-COH-") for org_id in ids):
        # A company with another number than the listed one may have taken, or given up, the name.
        return None
    forms = listed.by_name.get(comparable(core), {})
    # A legal form that is lacking on one side says nothing against it; two that differ are two companies.
    named = forms.get(form) or (forms.get(None) if form else next(iter(forms.values()), None))
    if named is None:
        return None
    group_id, source = named
    name = listed.names[group_id]
    reason = f"Its name is one that is listed under {name}, and no company number of it is known: {source}."
    return _Found(supplier_id, group_id, "list", reason)


def _by_register(
    supplier_id: str,
    ids: Sequence[str],
    ways: Mapping[str, _Way],
    heads: frozenset[str],
    known: Mapping[str, str],
) -> _Found | None:
    """Return the group of the head to which the registers lead; a head is in its own."""
    led = [ways[org_id] for org_id in ids if org_id in ways and ways[org_id].nodes[-1] not in ids]
    if led:
        # By control before by charity, where a supplier has both numbers.
        way = min(led, key=lambda told: (told.has_charity, told.nodes[-1]))
        head, parent = way.nodes[-1], way.nodes[1]
        method = "charity_parent" if way.has_charity else "control"
        said = f"Its parent is {_called(parent, known)}"
        if head != parent:
            said += f", and at the head of that stands {_called(head, known)}"
        own = "; it may be a charity of its own" if way.has_charity else ""
        return _Found(supplier_id, head, method, f"{said}, by {_REGISTER_WORDS[method]}{own}.")
    headed = sorted(org_id for org_id in ids if org_id in heads)
    if headed:
        return _Found(
            supplier_id, headed[0], "control", f"It is itself at the head of the group of {_called(headed[0], known)}."
        )
    return None


def _number(org_id: str) -> str:
    return org_id.removeprefix("GB-COH-")


def _called(org_id: str, known: Mapping[str, str]) -> str:
    # What the register of control calls a body without a UK number is an id of our own making.
    name, is_ours = known.get(org_id), org_id.startswith("PSC-")
    if name is None:
        return org_id
    return name if is_ours else f"{name} ({org_id})"


# --- decisions and frames ------------------------------------------------------------------------------------------


def _decide(
    found: dict[str, _Found],
    names: dict[str, str],
    supplier: pl.DataFrame,
    own: Mapping[str, Sequence[str]],
    override: pl.DataFrame,
) -> None:
    """Put what people decided in the place of what was found, the latest decision last."""
    standing = override.filter(pl.col("kind") == "group", pl.col("revoked_at").is_null(), pl.col("value").is_not_null())
    if standing.is_empty():
        return
    by_org: dict[str, list[str]] = {}
    for supplier_id, ids in own.items():
        for org_id in ids:
            by_org.setdefault(org_id, []).append(supplier_id)
    by_name: dict[str, list[tuple[str, str | None]]] = {}
    for supplier_id, core, form in supplier.select("supplier_id", "core_name", "legal_form").iter_rows():
        by_name.setdefault(comparable(core or ""), []).append((supplier_id, form))
    everyone = set(supplier["supplier_id"])
    called = {_key(name)[0]: group_id for group_id, name in sorted(names.items(), reverse=True)}
    decisions = standing.with_columns(pl.col("at").cast(pl.String).str.slice(0, 10).alias("day")).sort(
        "day", "override_id"
    )
    for row in decisions.iter_rows(named=True):
        told = row["a"]
        key, wanted = _key(told)
        meant = (
            [told]
            if told in everyone
            else by_org.get(told)
            or [supplier_id for supplier_id, form in by_name.get(key, ()) if key and wanted in (None, form)]
        )
        value = row["value"]
        is_id = value in names or _ORG_ID.match(value) is not None
        group_id = value if is_id else called.get(_key(value)[0]) or _slug(value) or value
        if meant and value != NO_GROUP:
            names.setdefault(group_id, value)
        reason = f"Decided by {row['who'] or 'a person'} on {row['day'] or 'a day not recorded'}: {row['reason']}"
        for supplier_id in meant:
            if value == NO_GROUP:
                found.pop(supplier_id, None)
            else:
                found[supplier_id] = _Found(supplier_id, group_id, "override", reason)


def _framed(found: Mapping[str, _Found], names: Mapping[str, str], listed: _Listed) -> Groups:
    """Return the frames."""
    member = pl.DataFrame(sorted(found.values()), schema=MEMBER, orient="row")
    national = {group_id for group_id, _ in listed.by_org.values()}
    rows = []
    methods_of: dict[str, set[str]] = {}
    for one in found.values():
        methods_of.setdefault(one.group_id, set()).add(one.method)
    for group_id, methods in sorted(methods_of.items()):
        is_listed = group_id in listed.sources
        method = "list" if is_listed else next(told for told in METHODS if told in methods)
        head = listed.parents.get(group_id)
        if not is_listed and _ORG_ID.match(group_id):
            head = group_id
        source = listed.sources.get(group_id) or _REGISTER_WORDS.get(method, "a person's decision")
        is_national = group_id in national
        rows.append((group_id, names[group_id], head, method, source, is_national, group_id in listed.strategic))
    return Groups(pl.DataFrame(rows, schema=GROUP, orient="row"), member)

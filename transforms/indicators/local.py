"""How much of what councils award goes to suppliers in their own area, their county, their region; and where the rest.

Whether a supplier's place is the buyer's own is worked out once, with the award line; see ``transforms.places``.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from transforms.indicators.share import Indicator, indicator

IN_SCOPE = "local_scope = 'in_scope'"
"""Buyers with an area of their own: for departments, health bodies and national bodies "local" has no meaning."""

_OUTSIDE_ENGLAND = "COALESCE(buyer_region_code IN ('N92000002', 'S92000003', 'W92000004'), FALSE)"

IN_ORDER = f"{IN_SCOPE} AND NOT {_OUTSIDE_ENGLAND}"
"""Of these, the English ones: the Order of 2026 speaks of no others."""

GRAINS = ("england", "region", "county", "authority", "buyer")
WIDER_GRAINS = ("england", "region", "county", "authority")


@indicator(
    "L1",
    version=2,
    title="Value awarded to suppliers with an address in the buyer's own area",
    unit="share of value",
    missing="place",
    in_scope=IN_SCOPE,
    grains=GRAINS,
    by_quarter=True,
)
def own_area_by_value() -> str:
    """Share of the value of published awards that went to suppliers with an address in the buyer's own area.

    Methodology
        A supplier counts when the local authority of its address in the award notice is the buyer's own area;
        for a county council, one of its districts; for a combined authority, a police or a fire authority, one of its
        members.
        Where the notice gives no address that can be placed, the registered office or the contact in the register of
        charities stands in for it; each award line says which of them was used.
        An award to several suppliers is shared evenly among them in the middle figure; the lower figure counts it only
        if all of them have an address in the area, the upper one if any may have.
        The bounds cover missing information only, not wrong addresses.
    Excluded
        Buyers without an area of their own, such as departments and health bodies, and, for England, its regions and
        counties, whoever is not a council.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        Awards without a credible amount (zero, placeholder, implausible, not in pounds, missing): they are counted
        beside the figure, and stay in the share of awards.
    Assumed
        The address in the notice is where the supplier works from.
        The published value is what the award is worth; it is not what was spent.
        Large areas hold more suppliers: compare authorities of one kind, and look at the distance beside the figure.
    """
    return "is_local_authority"


@indicator(
    "L2",
    version=2,
    title="Awards that went to suppliers with an address in the buyer's own area",
    unit="share of awards",
    missing="place",
    in_scope=IN_SCOPE,
    grains=GRAINS,
    by_quarter=True,
)
def own_area_by_count() -> str:
    """Share of the number of published awards that went to suppliers with an address in the buyer's own area.

    Methodology
        As the share of value, with every award counting one, whatever its amount.
        An award to several suppliers is shared evenly among them in the middle figure.
        The bounds cover missing information only, not wrong addresses.
    Excluded
        Buyers without an area of their own, and, for England, its regions and counties, whoever is not a council.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
    Assumed
        The address in the notice is where the supplier works from.
    """
    return "is_local_authority"


class _Reach(NamedTuple):
    """One of the wider areas: the answer's column, how it is said, and what a reader must know of it."""

    answer: str
    where: str
    rule: str
    assumed: str
    missing: str
    in_scope: str = IN_SCOPE


_REACHES: Mapping[str, _Reach] = {
    "county": _Reach(
        "is_local_county",
        "with an address in the buyer's county",
        """As the share of the buyer's own area, with the county in place of the area: the county of a district, the
    metropolitan county of a borough, and Greater London for a London borough.
    A unitary authority is a county of its own, also where it was carved out of an older one: an address in the county
    around it does not count. So is every authority outside England. A body whose area spans counties has them all.""",
        "Where county and area are the same, as for a county council or a unitary, this repeats the share of the area.",
        "county",
    ),
    "statutory": _Reach(
        "is_local_statutory",
        "inside the widest area that the buyer could have reserved to",
        """A supplier counts when its address lies inside the widest area that this buyer could have chosen for a
    reserved competition below the threshold from 4 February 2026 on: its own area, its own area and the counties or
    London boroughs that border on it, or the whole county or London borough that contains it
    (Local Government (Exclusion of Non-commercial Considerations) (England) Order 2026).
    It is asked of every award, of whatever size and date: it says how much is near, not what was reserved.""",
        """The area does not lie within one region: this share may be larger than that of the region.
    Counties border where both have postcodes within a kilometre; exceptions are listed.""",
        "place",
        IN_ORDER,
    ),
    "region": _Reach(
        "is_local_region",
        "with an address in the buyer's region",
        "As the share of the buyer's own area, with the English region, or the nation elsewhere, in place of the area.",
        "Published shares of council spending by region rest on invoices, not on notices, and differ for that reason.",
        "region",
    ),
    "uk": _Reach(
        "is_uk",
        "with an address in the United Kingdom",
        "A supplier counts when its address is in the United Kingdom, and does not when it is elsewhere.",
        "An address in the United Kingdom says nothing of who owns the supplier.",
        "country",
    ),
}
"""The areas around the buyer's own, from the nearest."""

_BY_REACH = """Share of the {what} of published awards that went to suppliers {where}.

Methodology
    {rule}
    {counted}
    The bounds cover missing information only, not wrong addresses.
Excluded
    Buyers without an area of their own{outside}, and, for England, its regions and counties, whoever is not a council.
    Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.{priced}
Assumed
    The address in the notice, or where it gives none that of a register, is where the supplier works from.
    {assumed}
"""

_SHARED_VALUE = """An award to several suppliers is shared evenly among them in the middle figure; the lower figure
    counts it only if all of them count, the upper one if any may."""
_SHARED_NUMBER = """Every award counts one, whatever its amount; one to several suppliers is shared evenly among them in
    the middle figure."""
_UNPRICED = """
    Awards without a credible amount: they are counted beside the figure, and stay in the share of awards."""


def _within(name: str, *, by_value: bool) -> Indicator:
    """Return the share of awards, or of their value, that went into one of the wider areas."""
    reach = _REACHES[name]

    def answer() -> str:
        return reach.answer

    answer.__doc__ = _BY_REACH.format(
        what="value" if by_value else "number",
        where=reach.where,
        rule=reach.rule,
        counted=_SHARED_VALUE if by_value else _SHARED_NUMBER,
        outside=", buyers outside England" if reach.in_scope == IN_ORDER else "",
        priced=_UNPRICED if by_value else "",
        assumed=reach.assumed,
    )
    return indicator(
        f"L3.{name}" if by_value else f"L3.{name}_count",
        version=2 if name == "region" else 1,
        title=f"{'Value awarded' if by_value else 'Awards that went'} to suppliers {reach.where}",
        unit="share of value" if by_value else "share of awards",
        missing=reach.missing,
        in_scope=reach.in_scope,
        grains=WIDER_GRAINS,
    )(answer)


WITHIN = tuple(_within(name, by_value=by_value) for name in _REACHES for by_value in (True, False))
"""How much stays in the areas around the buyer's own: value, then number, of each."""


class _Part(NamedTuple):
    """One part of where awards went: when a line whose place is known falls into it, and how a title says it."""

    when: str
    words: str


_PARTS: Mapping[str, _Part] = {
    "own_area": _Part("is_local_authority", "the buyer's own area"),
    "county": _Part("is_local_county", "the rest of the buyer's county"),
    "statutory": _Part("is_local_statutory", "the rest of the area that the buyer could have reserved to"),
    "region": _Part("is_local_region", "the rest of the buyer's region"),
    "uk": _Part("is_uk", "the rest of the United Kingdom"),
    "abroad": _Part("NOT is_uk", "outside the United Kingdom"),
}
"""Where awards went, from near to far: what falls into none of the parts before falls into the next that takes it."""

_WENT = """Share of the value of published awards that went to {words}: one part of where awards went.

Methodology
    What each supplier won falls into one of six parts: the buyer's own area; the rest of its county; the rest of the
    area that the buyer could have reserved to from 4 February 2026 on (its own area and the counties or London boroughs
    that border on it); the rest of its region; the rest of the United Kingdom; outside of it, as the Channel
    Islands are. The first that holds the supplier's address counts.
    Where it is not known which one that is, it counts in none: the six middle figures add up to the whole of what is
    known, and the rest of the value is not known. Lower and upper figures do not add up.
    A buyer outside England, to whom the Order of 2026 does not apply, lacks that part.
    An award to several suppliers is shared evenly among them in the middle figure; the lower figure counts it only if
    all of them count, the upper one if any may.
    The bounds cover missing information only, not wrong addresses.
Excluded
    Buyers without an area of their own, and, for England, its regions and counties, whoever is not a council.
    Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
    Awards without a credible amount: they are counted beside the figure.
Assumed
    The address in the notice, or where it gives none that of a register, is where the supplier works from.
    It says nothing of where the money goes from there.
"""


def went(to: str) -> str:
    """Return the answer of whether a line falls into one of ``_PARTS``: null where its part is not known."""

    def said(part: str) -> str:
        return "TRUE" if part == to else "FALSE"

    # Abroad comes first, for it is told by the country alone; from then on every step must be known.
    cases = [f"WHEN NOT is_uk THEN {said('abroad')}"]
    for name, part in _PARTS.items():
        if name in ("uk", "abroad"):
            continue
        step = part.when
        if name == "statutory":
            step = f"CASE WHEN {_OUTSIDE_ENGLAND} THEN FALSE ELSE {step} END"
        cases += [f"WHEN {step} THEN {said(name)}", f"WHEN ({step}) IS NULL THEN NULL"]
    cases.append(f"WHEN is_uk THEN {said('uk')}")
    return f"CASE {' '.join(cases)} END"


def _went_to(name: str) -> Indicator:
    """Return the share of value that went to one of the parts."""

    def answer() -> str:
        return went(name)

    answer.__doc__ = _WENT.format(words=_PARTS[name].words)
    return indicator(
        f"L4.{name}",
        version=1,
        title=f"Where awards went, by value: {_PARTS[name].words}",
        unit="share of value",
        missing="place",
        in_scope=IN_SCOPE,
        grains=GRAINS,
        by_part=False,
    )(answer)


WHERE_AWARDS_WENT = tuple(_went_to(name) for name in _PARTS)
"""One stack: own area, rest of the county, of the area that could be reserved to, of the region, of the UK, abroad."""


@indicator(
    "L6",
    version=2,
    title="Of what went to addresses in the buyer's own area: value with the head office there, too",
    unit="share of value",
    missing="head office",
    in_scope=f"{IN_SCOPE} AND is_local_authority",
    grains=GRAINS,
    by_part=False,
)
def head_office_by_value() -> str:
    """Of published awards to addresses in the buyer's own area, the share of value whose head office is there, too.

    Methodology
        Awards all of whose suppliers have an address in the buyer's own area.
        Of these, a supplier counts when its head office by register (the registered office of a company, the contact of
        a charity) lies in that area, too; the rest have their head office outside of it: many are branches.
        It is not known where no register was loaded, or none holds the supplier.
        An award to several suppliers is shared evenly among them in the middle figure; the lower figure counts it only
        if all of them count, the upper one if any may.
        The bounds cover missing information only, not addresses of agents that registers hold.
    Excluded
        Buyers without an area of their own, such as departments and health bodies, and, for England, its regions and
        counties, whoever is not a council.
        Awards with a supplier whose address is outside the area, or not known.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        Awards without a credible amount: they are counted beside the figure.
    Assumed
        The head office at the date of the register was the head office when the award was made.
        A registered office may be that of an accountant or of a parent; it says nothing of where the owners are.
        Where the notice gives no address and that of the register stands in for it, both are the same.
    """
    return "is_head_office_local"


@indicator(
    "L6.count",
    version=2,
    title="Of awards to addresses in the buyer's own area: those with the head office there, too",
    unit="share of awards",
    missing="head office",
    in_scope=f"{IN_SCOPE} AND is_local_authority",
    grains=GRAINS,
    by_part=False,
)
def head_office_by_count() -> str:
    """Of published awards to addresses in the buyer's own area, the share of awards whose head office is there, too.

    Methodology
        As the share of value, with every award counting one, whatever its amount.
        The bounds cover missing information only, not addresses of agents that registers hold.
    Excluded
        Buyers without an area of their own, and, for England, its regions and counties, whoever is not a council.
        Awards with a supplier whose address is outside the area, or not known.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
    Assumed
        The head office at the date of the register was the head office when the award was made.
    """
    return "is_head_office_local"


INDICATORS: Sequence[Indicator] = (
    own_area_by_value,
    own_area_by_count,
    *WITHIN,
    *WHERE_AWARDS_WENT,
    head_office_by_value,
    head_office_by_count,
)
"""Everything that this module measures, in the order in which it is published."""

"""Contracts by the size of their published value, up to the mega-contracts."""

from transforms.indicators.local import IN_SCOPE
from transforms.indicators.share import difference, indicator

MEGA = ("mega", "over_1bn")
SMALL = ("below_threshold", "small", "medium")
"""The sizes below £5m."""

OUTSIDE_GRAINS = ("all", "england", "region", "authority")

IS_CEILING = (
    "value_kind IN ('framework_ceiling', 'suspected_ceiling', 'dynamic_market') "
    "AND status = 'active' AND NOT COALESCE(is_duplicate, FALSE)"
)
IS_STATED = "CASE WHEN value_kind <> 'suspected_ceiling' THEN TRUE END"
"""True where the notice says that it sets up a framework or a dynamic market; not known where it only looks so."""


@indicator(
    "M1",
    version=1,
    title="Contracts by size of their published value: how many",
    unit="awards",
    missing="amount",
    by_size=True,
    by_quarter=True,
)
def contracts_by_size() -> str:
    """Number of published awards in each size of contract.

    Methodology
        Sizes by published value, net of VAT where stated: below the statutory threshold in force for the kind of
        contract (with VAT); then to £1m, £1m to £5m, £5m to £10m, £10m to £100m, £100m to £1bn, and over £1bn.
        A size begins with the amount that names it; exactly £1bn is not yet over £1bn.
        A mega-contract is one of £100m or more.
        An award to several suppliers is one award.
        The upper figure adds every award without a credible amount, since it may be of any size.
    Excluded
        Ceilings, which are listed by themselves, awards told twice, and awards that were not given, or not yet.
        For England and its regions, whoever is not a council; "all" is every buyer.
        Outside England as a whole, a size without any award has no row.
    Assumed
        Contracts Finder's amounts are net of VAT; where VAT could move an award to another size, its reason says so.
        The value is as published: the notice does not say whether extensions are included.
        Where thresholds of central and other bodies differ and the notice does not tell which applies, the lower one.
    """
    return "tier"


@indicator(
    "M1.value",
    version=1,
    title="Contracts by size of their published value: pounds",
    unit="pounds",
    missing="amount",
    by_size=True,
    grains=("all", "england", "region", "authority"),
)
def pounds_by_size() -> str:
    """Sum of the published values of awards in each size of contract, in pounds.

    Methodology
        Sizes as for the number of contracts.
        The published value of the whole contract is counted at the date of the award; it is not what was spent.
        There is an upper figure only where every award has a credible amount.
    Excluded
        Awards without a credible amount: they are counted beside the figure.
        Ceilings, which are listed by themselves, awards told twice, and awards that were not given, or not yet.
        For England and its regions, whoever is not a council; "all" is every buyer.
        Outside England as a whole, a size without any award has no row.
    Assumed
        Contracts Finder's amounts are net of VAT.
    """
    return "tier"


@indicator(
    "M2.mega",
    version=1,
    title="Where mega-contracts went: value awarded to addresses outside the buyer's region",
    unit="share of value",
    missing="region",
    in_scope=IN_SCOPE,
    grains=OUTSIDE_GRAINS,
    is_reverse=True,
    tiers=MEGA,
)
def mega_outside_region() -> str:
    """Share of the value of published contracts of £100m and more that went to suppliers outside the buyer's region.

    Methodology
        A supplier counts when the address in the award notice lies outside the buyer's English region, or nation
        elsewhere; an address abroad is outside.
        Sizes are those of the number of contracts by size.
        An award to several suppliers is shared evenly among them in the middle figure; the lower figure counts it only
        if all of them have an address outside the region, the upper one if any may have.
        The bounds cover missing information only, not wrong addresses.
    Excluded
        Buyers without an area of their own, and, for England and its regions, whoever is not a council.
        Ceilings, which are listed by themselves, awards told twice, and awards that were not given, or not yet.
        Awards without a credible amount, since their size is not known: they are counted beside the figure.
    Assumed
        The address in the notice is where the supplier works from; it says nothing of who owns the supplier.
        The published value is what the award is worth; it is not what was spent.
    """
    return "is_local_region"


@indicator(
    "M2.small",
    version=1,
    title="Where contracts below £5m went: value awarded to addresses outside the buyer's region",
    unit="share of value",
    missing="region",
    in_scope=IN_SCOPE,
    grains=OUTSIDE_GRAINS,
    is_reverse=True,
    tiers=SMALL,
)
def small_outside_region() -> str:
    """Share of the value of published contracts below £5m that went to suppliers outside the buyer's region.

    Methodology
        As for contracts of £100m and more, with the sizes below £5m in their place: what those are set against.
        The bounds cover missing information only, not wrong addresses.
    Excluded
        Buyers without an area of their own, and, for England and its regions, whoever is not a council.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        Awards without a credible amount, since their size is not known: they are counted beside the figure.
    Assumed
        The address in the notice is where the supplier works from.
        Works and concessions below their statutory threshold are below £5m.
    """
    return "is_local_region"


@difference(
    "M2",
    version=1,
    title="Where mega-contracts went, compared with contracts below £5m",
    of=mega_outside_region,
    less=small_outside_region,
)
def outside_region_compared() -> None:
    """Percentage points by which the share outside the buyer's region is higher for mega-contracts than below £5m.

    Methodology
        The share of the value of published contracts of £100m and more that went to suppliers with an address outside
        the buyer's region, less the same share for contracts below £5m; below zero where it is the lower of the two.
        The lower figure is the lower figure of the one less the upper figure of the other, and the reverse.
        The bounds cover missing information only, not wrong addresses.
        The number of awards is that of the smaller group, and the coverage the lower of the two.
    Excluded
        As for the two shares; slices in which one of the two has no award.
    Assumed
        As for the two shares. Contracts of other sizes often are of another kind: the difference says nothing of why.
    """


@indicator(
    "M2.mega_count",
    version=1,
    title="Where mega-contracts went: awards that went to addresses outside the buyer's region",
    unit="share of awards",
    missing="region",
    in_scope=IN_SCOPE,
    grains=OUTSIDE_GRAINS,
    is_reverse=True,
    tiers=MEGA,
)
def mega_outside_region_by_count() -> str:
    """Share of the number of published contracts of £100m and more that went to suppliers outside the buyer's region.

    Methodology
        As the share of value, with every award counting one, whatever its amount.
        The bounds cover missing information only, not wrong addresses.
    Excluded
        As for the share of value: awards without a credible amount have no known size, and are counted beside.
    Assumed
        The address in the notice is where the supplier works from.
    """
    return "is_local_region"


@indicator(
    "M2.small_count",
    version=1,
    title="Where contracts below £5m went: awards that went to addresses outside the buyer's region",
    unit="share of awards",
    missing="region",
    in_scope=IN_SCOPE,
    grains=OUTSIDE_GRAINS,
    is_reverse=True,
    tiers=SMALL,
)
def small_outside_region_by_count() -> str:
    """Share of the number of published contracts below £5m that went to suppliers outside the buyer's region.

    Methodology
        As the share of value, with every award counting one, whatever its amount.
        The bounds cover missing information only, not wrong addresses.
    Excluded
        As for the share of value: awards without a credible amount have no known size, and are counted beside.
    Assumed
        The address in the notice is where the supplier works from.
    """
    return "is_local_region"


@indicator(
    "M3",
    version=1,
    title="Awards that are large for their buyer",
    unit="awards",
    missing="amount",
)
def large_for_their_buyer() -> str:
    """Number of published awards that are large beside the buyer's other awards, its market, or its residents.

    Methodology
        An award counts when at least one of these holds; the rule that held stands beside the award with its numbers.
        It is of £1m or more, and at least 10 % of the value that its buyer awarded in the 36 months that end with it,
        where at least ten other awards with a credible amount are known in those months, the first of them at least
        24 months earlier.
        It is at or above the 99th percentile (nearest rank) of its market, which is one division of the classification
        and one kind of buyer over the twelve quarters that end with its own, where that is 100 awards or more.
        The buyer is a council and the amount, divided by the years of the contract, is at least £50 for each resident
        of its area by the mid-2020 estimate of the Office for National Statistics.
        The upper figure adds every award without a credible amount.
        An award to several suppliers is one award.
    Excluded
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        For England and its regions, whoever is not a council; "all" is every buyer.
        Outside England as a whole, a slice without an award that is large, or may be, has no row.
    Assumed
        Notices that were not read are not known: early years of a history show fewer large awards than there were.
    """
    return "is_large_for_buyer"


@indicator(
    "M6",
    version=1,
    title="Ceilings of frameworks and dynamic markets: how many",
    unit="ceilings",
    missing="kind",
    in_scope=IS_CEILING,
    is_core=False,
)
def ceilings_stated() -> str:
    """Number of published award notices whose amount is a ceiling: the most that might be bought, by whoever may.

    Methodology
        The middle and lower figure count the notices that say that they set up a framework or a dynamic market.
        The upper figure adds those that only look so: words of a framework without words of buying under one, or three
        or more suppliers that share one amount. Contracts Finder has no mark for frameworks, so that all of its own are
        of this kind.
        Contracts bought under a framework are awards of their own, and are not counted here.
    Excluded
        Ceilings told a second time on the other service, and notices that are not active.
        For England and its regions, whoever is not a council; "all" is every buyer.
        Outside England as a whole, a slice without a ceiling has no row.
    Assumed
        A framework that publishes a notice for each lot has a ceiling for each.
    """
    return IS_STATED


@indicator(
    "M6.value",
    version=1,
    title="Ceilings of frameworks and dynamic markets: pounds, never part of another figure",
    unit="pounds",
    missing="kind",
    in_scope=IS_CEILING,
    grains=("all", "england", "region", "authority"),
    is_core=False,
)
def ceilings_in_pounds() -> str:
    """Sum of the published ceilings of frameworks and dynamic markets, in pounds: not money awarded or spent.

    Methodology
        Credible amounts of the notices that say that they set up a framework or a dynamic market.
        The upper figure adds those that only look so; there is one only where every amount is credible.
        Ceilings of several buyers' frameworks overlap, and most are never reached: the sum enters no other figure.
    Excluded
        Amounts that are not credible, such as those over £20 billion: they are counted beside the figure.
        Ceilings told a second time on the other service, and notices that are not active.
        For England and its regions, whoever is not a council; "all" is every buyer.
    Assumed
        The amount is net of VAT where the notice does not say.
    """
    return IS_STATED


@indicator(
    "M6.largest",
    version=1,
    title="The largest ceiling of a framework or dynamic market",
    unit="pounds",
    missing="kind",
    in_scope=IS_CEILING,
    grains=("all", "england", "region", "authority"),
    is_core=False,
    is_largest=True,
)
def largest_ceiling() -> str:
    """The largest credible amount among the published ceilings of frameworks and dynamic markets, in pounds.

    Methodology
        Of the notices that say that they set up a framework or a dynamic market.
        The upper figure takes in those that only look so; there is one only where every amount is credible.
    Excluded
        Amounts that are not credible: they are counted beside the figure.
        Ceilings told a second time on the other service, and notices that are not active.
        For England and its regions, whoever is not a council; "all" is every buyer.
    Assumed
        The amount is net of VAT where the notice does not say.
    """
    return IS_STATED


@indicator(
    "M6.suppliers",
    version=1,
    title="Suppliers admitted to frameworks and dynamic markets",
    unit="suppliers",
    missing="kind",
    in_scope=IS_CEILING,
    grains=("all", "england", "region", "authority"),
    is_core=False,
)
def suppliers_admitted() -> str:
    """Number of suppliers named in the published ceilings of frameworks and dynamic markets, once for each notice.

    Methodology
        Of the notices that say that they set up a framework or a dynamic market.
        A supplier on several of them is counted for each; divided by the number of notices it is suppliers to a notice.
        The upper figure adds those that only look so; there is one only where every notice names its suppliers.
    Excluded
        Notices that name no supplier: they are counted beside the figure.
        Ceilings told a second time on the other service, and notices that are not active.
        For England and its regions, whoever is not a council; "all" is every buyer.
    Assumed
        Suppliers admitted later are in a later notice, or not known.
    """
    return IS_STATED

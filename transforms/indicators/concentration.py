"""How much of what councils award goes to a handful of suppliers, or of groups of suppliers."""

from transforms.indicators.share import Indicator, indicator

IS_COUNCIL = "buyer_kind = 'council'"
"""Of a single buyer such figures are trivially high: they are told of England's councils, and of those of a region."""

GRAINS = ("england", "region")

SUPPLIER = "supplier_id"
"""Who won a line: null for a placeholder such as "Various", and where no supplier is named."""

GROUP = "COALESCE(group_id, supplier_id)"
"""A supplier without a known group is a group of its own."""

TOGETHER = "COALESCE(candidate_group_id, group_id, supplier_id)"
"""The group, if all those belong together of which brand and postcode suggest it."""


@indicator(
    "C1",
    version=1,
    title="Value awarded to the ten groups of suppliers that won most",
    unit="share of value",
    missing="supplier",
    in_scope=IS_COUNCIL,
    grains=GRAINS,
    by_winner=True,
    largest=10,
    together=TOGETHER,
)
def ten_largest_groups() -> str:
    """Share of the value of published awards of councils that went to the ten groups of suppliers that won most of it.

    Methodology
        Suppliers of one group count together: by a person's decision, by the project's dated list of large national
        providers, by the register of persons with significant control, or by a charity's parent; the reason stands
        beside each. A supplier without a known group is a group of its own.
        The ten are those of the area and period that the figure is of, so that they differ from one to the next.
        The middle figure is a share of the value whose supplier is known; the lower one of all value, as if none of
        the rest had gone to the ten; the upper one as if all of the rest had gone to them, and as if suppliers with one
        brand and postcode were one group.
        An award to several suppliers is shared evenly among them in the middle figure; the lower figure leaves it out
        unless all of them are one, the upper one counts it whole for each.
        The bounds cover missing information only, not wrong groups.
    Excluded
        Whoever is not a council; single councils, where a few suppliers always have most.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        Awards without a credible amount: they are counted beside the figure.
    Assumed
        What was in one group at the date of the list or register was so when the award was made.
        Most groups are known only where the register of persons with significant control is loaded: without it the
        figure is nearer to that of single suppliers.
        The published value is what the award is worth; it is not what was spent.
    """
    return GROUP


@indicator(
    "C1.cr4",
    version=1,
    title="Value awarded to the four groups of suppliers that won most",
    unit="share of value",
    missing="supplier",
    in_scope=IS_COUNCIL,
    grains=GRAINS,
    by_winner=True,
    largest=4,
    together=TOGETHER,
)
def four_largest_groups() -> str:
    """Share of the value of published awards of councils that went to the four groups of suppliers that won most of it.

    Methodology
        As for the ten groups that won most, with four in their place.
        The bounds cover missing information only, not wrong groups.
    Excluded
        Whoever is not a council; single councils, where a few suppliers always have most.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        Awards without a credible amount: they are counted beside the figure.
    Assumed
        What was in one group at the date of the list or register was so when the award was made.
        Most groups are known only where the register of persons with significant control is loaded: without it the
        figure is nearer to that of single suppliers.
        The published value is what the award is worth; it is not what was spent.
    """
    return GROUP


@indicator(
    "C1.supplier",
    version=1,
    title="Value awarded to the ten suppliers that won most",
    unit="share of value",
    missing="supplier",
    in_scope=IS_COUNCIL,
    grains=GRAINS,
    by_winner=True,
    largest=10,
)
def ten_largest_suppliers() -> str:
    """Share of the value of published awards of councils that went to the ten suppliers that won most of it.

    Methodology
        A supplier is one organisation, however notices write it; companies of one group are several suppliers.
        The ten are those of the area and period that the figure is of, so that they differ from one to the next.
        The middle figure is a share of the value whose supplier is known; the lower one of all value, as if none of
        the rest had gone to the ten; the upper one as if all of the rest had gone to them.
        An award to several suppliers is shared evenly among them in the middle figure; the lower figure leaves it out
        unless all of them are one, the upper one counts it whole for each.
        The bounds cover missing information only, not suppliers that were told apart, or joined, wrongly.
    Excluded
        Whoever is not a council; single councils, where a few suppliers always have most.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        Awards without a credible amount: they are counted beside the figure.
    Assumed
        Two ways of writing a supplier that could not be joined count as two, which makes the figure lower.
        The published value is what the award is worth; it is not what was spent.
    """
    return SUPPLIER


@indicator(
    "C1.cr4_supplier",
    version=1,
    title="Value awarded to the four suppliers that won most",
    unit="share of value",
    missing="supplier",
    in_scope=IS_COUNCIL,
    grains=GRAINS,
    by_winner=True,
    largest=4,
)
def four_largest_suppliers() -> str:
    """Share of the value of published awards of councils that went to the four suppliers that won most of it.

    Methodology
        As for the ten suppliers that won most, with four in their place.
        The bounds cover missing information only, not suppliers that were told apart, or joined, wrongly.
    Excluded
        Whoever is not a council; single councils, where a few suppliers always have most.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        Awards without a credible amount: they are counted beside the figure.
    Assumed
        Two ways of writing a supplier that could not be joined count as two, which makes the figure lower.
        The published value is what the award is worth; it is not what was spent.
    """
    return SUPPLIER


@indicator(
    "C2",
    version=1,
    title="Concentration of awarded value among groups of suppliers",
    unit="index points",
    missing="supplier",
    in_scope=IS_COUNCIL,
    grains=GRAINS,
    by_winner=True,
    together=TOGETHER,
)
def index_of_groups() -> str:
    """Herfindahl-Hirschman index of the value of published awards of councils, by groups of suppliers: 0 to 10,000.

    Methodology
        The sum of the squares of the percentages that the groups have of the value; 10,000 where one has all of it.
        Competition authorities speak of a concentrated market from 1,000 on and of a highly concentrated one from
        2,000 on; awards of all kinds in a region are no market, so that this is an aid for reading, not a test.
        Suppliers of one group count together: by a person's decision, by the project's dated list of large national
        providers, by the register of persons with significant control, or by a charity's parent; the reason stands
        beside each. A supplier without a known group is a group of its own.
        The middle figure is of the value whose supplier is known; the lower one as if the rest had gone to very many
        suppliers, the upper one as if all of it had gone to the largest group, and as if suppliers with one brand and
        postcode were one group.
        An award to several suppliers is shared evenly among them in the middle figure; the lower figure leaves it out
        unless all of them are one, the upper one counts it whole for each.
        The bounds cover missing information only, not wrong groups.
    Excluded
        Whoever is not a council; single councils, where a few suppliers always have most.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        Awards without a credible amount: they are counted beside the figure.
    Assumed
        What was in one group at the date of the list or register was so when the award was made.
        Most groups are known only where the register of persons with significant control is loaded: without it the
        figure is nearer to that of single suppliers.
        The published value is what the award is worth; it is not what was spent.
    """
    return GROUP


@indicator(
    "C2.supplier",
    version=1,
    title="Concentration of awarded value among suppliers",
    unit="index points",
    missing="supplier",
    in_scope=IS_COUNCIL,
    grains=GRAINS,
    by_winner=True,
)
def index_of_suppliers() -> str:
    """Herfindahl-Hirschman index of the value of published awards of councils, by suppliers: 0 to 10,000.

    Methodology
        As by groups, with every organisation on its own; companies of one group are several suppliers.
        The bounds cover missing information only, not suppliers that were told apart, or joined, wrongly.
    Excluded
        Whoever is not a council; single councils, where a few suppliers always have most.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        Awards without a credible amount: they are counted beside the figure.
    Assumed
        Two ways of writing a supplier that could not be joined count as two, which makes the figure lower.
        The published value is what the award is worth; it is not what was spent.
    """
    return SUPPLIER


@indicator(
    "C2.number",
    version=1,
    title="Number of equally large groups that would be as concentrated",
    unit="suppliers of equal size",
    missing="supplier",
    in_scope=IS_COUNCIL,
    grains=GRAINS,
    by_winner=True,
    together=TOGETHER,
)
def effective_groups() -> str:
    """Number of groups of equal size among which the value of published awards would be as concentrated as it is.

    Methodology
        One divided by the sum of the squares of the groups' shares of the value of councils' awards: 10,000 divided by
        the index of concentration. The lower figure belongs to the upper one of the index, and the reverse; there is no
        upper figure where no award is known to have gone to one group alone.
        The bounds cover missing information only, not wrong groups.
    Excluded
        Whoever is not a council; single councils, where a few suppliers always have most.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        Awards without a credible amount: they are counted beside the figure.
    Assumed
        What was in one group at the date of the list or register was so when the award was made.
        Most groups are known only where the register of persons with significant control is loaded: without it the
        figure is nearer to that of single suppliers.
        The published value is what the award is worth; it is not what was spent.
    """
    return GROUP


@indicator(
    "C2.number_supplier",
    version=1,
    title="Number of equally large suppliers that would be as concentrated",
    unit="suppliers of equal size",
    missing="supplier",
    in_scope=IS_COUNCIL,
    grains=GRAINS,
    by_winner=True,
)
def effective_suppliers() -> str:
    """Number of suppliers of equal size among which the value of published awards would be as concentrated as it is.

    Methodology
        As by groups, with every organisation on its own; companies of one group are several suppliers.
        The bounds cover missing information only, not suppliers that were told apart, or joined, wrongly.
    Excluded
        Whoever is not a council; single councils, where a few suppliers always have most.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        Awards without a credible amount: they are counted beside the figure.
    Assumed
        Two ways of writing a supplier that could not be joined count as two, which makes the figure lower.
        The published value is what the award is worth; it is not what was spent.
    """
    return SUPPLIER


@indicator(
    "C3",
    version=1,
    title="Value awarded to central government's strategic suppliers",
    unit="share of value",
    missing="supplier",
    grains=("all", *GRAINS),
)
def strategic_by_value() -> str:
    """Share of the value of published awards that went to strategic suppliers of central government.

    Methodology
        A supplier counts when its group stands in the list of strategic suppliers that the Cabinet Office keeps: firms
        with contracts across departments worth more than about £100m a year, or otherwise significant to them.
        The list is of central government's suppliers: among councils it says how much goes to the same firms, not that
        these are strategic to councils.
        The list as last loaded from GOV.UK counts; without that, the dated list that comes with the project.
        A firm's companies are those of its group; where no group is known, the supplier of exactly that name.
        An award to several suppliers is shared evenly among them in the middle figure; the lower figure counts it only
        if all of them are on the list, the upper one if any may be.
        The bounds cover missing information only, not companies whose group is not known: these count as not listed.
    Excluded
        For England and its regions, whoever is not a council; "all" is every buyer.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        Awards without a credible amount: they are counted beside the figure.
    Assumed
        A firm that is listed at the date of the list was so when the award was made.
    """
    return "is_strategic"


@indicator(
    "C3.count",
    version=1,
    title="Awards that went to central government's strategic suppliers",
    unit="share of awards",
    missing="supplier",
    grains=("all", *GRAINS),
)
def strategic_by_count() -> str:
    """Share of the number of published awards that went to strategic suppliers of central government.

    Methodology
        As the share of value, with every award counting one, whatever its amount.
        The bounds cover missing information only, not companies whose group is not known: these count as not listed.
    Excluded
        For England and its regions, whoever is not a council; "all" is every buyer.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
    Assumed
        A firm that is listed at the date of the list was so when the award was made.
    """
    return "is_strategic"


INDICATORS: tuple[Indicator, ...] = (
    ten_largest_groups,
    four_largest_groups,
    ten_largest_suppliers,
    four_largest_suppliers,
    index_of_groups,
    index_of_suppliers,
    effective_groups,
    effective_suppliers,
    strategic_by_value,
    strategic_by_count,
)
"""The indicators of this module, in the order in which they are published."""

"""How much goes to voluntary, community and social enterprises (VCSEs), by registers and by the notices' own marks."""

from transforms.indicators import local
from transforms.indicators.share import Indicator, indicator

_NO = "COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no'"
_OUTSIDE_STRICT = "vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual')"


def strict(yes: str = "TRUE") -> str:
    """Return the strict answer of whether a supplier is a voluntary organisation, by register and law.

    Yes is a registered charity, a charitable incorporated organisation, a community interest company or a community
    benefit society. Not known where records disagree, where it was one by a register and has ended, where the name
    alone speaks, and where nothing is known.

    Args:
        yes: what is answered of a voluntary organisation, in place of yes.
    """
    return (
        f"CASE WHEN {_NO} THEN FALSE WHEN vcse_status = 'yes' THEN {yes} "
        f"WHEN vcse_status = 'possible' AND {_OUTSIDE_STRICT} THEN FALSE END"
    )


STRICT = strict()
"""A voluntary organisation, by register and law."""

BROAD = (
    f"CASE WHEN {_NO} THEN FALSE WHEN vcse_status IN ('yes', 'possible') THEN TRUE "
    "WHEN vcse_status = 'unknown' AND vcse_declared THEN TRUE END"
)
"""As ``STRICT``, with what is possible, and what the notice marks and no record contradicts."""

LOCAL = f"({STRICT}) AND is_local_authority"
"""A voluntary organisation with an address in the buyer's own area: one no is enough for a no."""

AREA_GRAINS = ("all", "england", "region", "county", "authority")


@indicator(
    "O1.strict",
    version=1,
    title="Value awarded to voluntary organisations, by register and law",
    unit="share of value",
    missing="kind of supplier",
    by_quarter=True,
)
def strict_by_value() -> str:
    """Share of the value of published awards that went to voluntary organisations, by register and law.

    Methodology
        A supplier counts when it is a registered charity, a charitable incorporated organisation, a community interest
        company or a community benefit society: by the register, by the charity number that the notice gives, or by a
        legal form that the law reserves, such as "CIC" at the end of its name.
        A company limited by guarantee without a charity number, a co-operative and any other mutual do not count here.
        It is not known where only words of the name suggest it, where no register tells (a company named Limited may be
        a charity), where a register says that it was one and has been removed or dissolved, and where the notice marks
        as a VCSE what a register or its legal form says is none.
        The buyer's mark never makes a supplier count; each supplier's evidence stands beside it, with the date of the
        registers.
        An award to several suppliers is shared evenly among them in the middle figure; the lower figure counts it only
        if all of them count, the upper one if any may.
        The bounds cover missing information only, not mistakes in registers or numbers.
    Excluded
        Universities, colleges, schools, bodies of the National Health Service and housing associations do not count,
        whatever they are in law: their share is a figure of its own.
        For England, its regions and counties, whoever is not a council; "all" is every buyer.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        Awards without a credible amount: they are counted beside the figure, and stay in the share of awards.
    Assumed
        What the registers say at their date held when the award was made.
        The supplier named does the work: what it passes on to voluntary organisations, or they to others, is not known.
    """
    return STRICT


@indicator(
    "O2.strict",
    version=1,
    title="Awards that went to voluntary organisations, by register and law",
    unit="share of awards",
    missing="kind of supplier",
    by_quarter=True,
)
def strict_by_count() -> str:
    """Share of the number of published awards that went to voluntary organisations, by register and law.

    Methodology
        As the share of value, with every award counting one, whatever its amount.
        The bounds cover missing information only, not mistakes in registers or numbers.
    Excluded
        Universities, colleges, schools, bodies of the National Health Service and housing associations do not count.
        For England, its regions and counties, whoever is not a council; "all" is every buyer.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
    Assumed
        What the registers say at their date held when the award was made.
    """
    return STRICT


@indicator(
    "O1.broad",
    version=1,
    title="Value awarded to voluntary organisations, and to those that may be",
    unit="share of value",
    missing="kind of supplier",
)
def broad_by_value() -> str:
    """Share of the value of published awards that went to voluntary organisations, or to those that may be.

    Methodology
        As the strict share, with these besides: companies limited by guarantee without a charity number (except those
        that manage the building their members live in), co-operatives and other mutuals, organisations that a register
        has removed or that were dissolved, suppliers whose name alone suggests it, such as "Age UK", and suppliers that
        the notice marks as a VCSE while no register or legal form tells.
        Where the notice marks as a VCSE what a register or its legal form says is none, it is not known.
        The bounds cover missing information only, not wrong marks.
    Excluded
        Universities, colleges, schools, bodies of the National Health Service and housing associations do not count.
        For England, its regions and counties, whoever is not a council; "all" is every buyer.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        Awards without a credible amount: they are counted beside the figure, and stay in the share of awards.
    Assumed
        What the registers say at their date held when the award was made.
        A supplier without a mark, and without evidence of its kind, may be either.
    """
    return BROAD


@indicator(
    "O2.broad",
    version=1,
    title="Awards that went to voluntary organisations, and to those that may be",
    unit="share of awards",
    missing="kind of supplier",
)
def broad_by_count() -> str:
    """Share of the number of published awards that went to voluntary organisations, or to those that may be.

    Methodology
        As the share of value, with every award counting one, whatever its amount.
        The bounds cover missing information only, not wrong marks.
    Excluded
        Universities, colleges, schools, bodies of the National Health Service and housing associations do not count.
        For England, its regions and counties, whoever is not a council; "all" is every buyer.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
    Assumed
        What the registers say at their date held when the award was made.
    """
    return BROAD


@indicator(
    "O1.declared",
    version=1,
    title="Awards that the notice marks as going to a VCSE, by value",
    unit="share of value",
    missing="mark",
)
def declared_by_value() -> str:
    """Share of the value of published awards that the notice marks as going to a VCSE.

    Methodology
        A supplier counts when the buyer ticked "voluntary, community or social enterprise" for it in the award notice.
        A supplier without any tick, yes or no, is unknown.
        An award to several suppliers is shared evenly among them in the middle figure; the lower figure counts it only
        if all of them are marked, the upper one if any may be.
        This is not the share of the voluntary sector: ticks are often wrong, and no register was asked.
        The bounds cover missing information only, not wrong ticks.
    Excluded
        For England, its regions and counties, whoever is not a council, so that the figure compares with the local
        ones; "all" is every buyer.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        Awards without a credible amount: they are counted beside the figure, and stay in the share of awards.
        Whether the tender was thought suitable for such organisations: that says nothing of the supplier.
    Assumed
        The tick belongs to the supplier of this award.
    """
    return "vcse_declared"


@indicator(
    "O2.declared",
    version=1,
    title="Awards that the notice marks as going to a VCSE, by number",
    unit="share of awards",
    missing="mark",
)
def declared_by_count() -> str:
    """Share of the number of published awards that the notice marks as going to a VCSE.

    Methodology
        As the share of value, with every award counting one, whatever its amount.
        This is not the share of the voluntary sector: ticks are often wrong, and no register was asked.
        The bounds cover missing information only, not wrong ticks.
    Excluded
        For England, its regions and counties, whoever is not a council; "all" is every buyer.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
    Assumed
        The tick belongs to the supplier of this award.
    """
    return "vcse_declared"


@indicator(
    "O1.quasi_public",
    version=1,
    title="Value awarded to universities, colleges, schools, health bodies and housing associations",
    unit="share of value",
    missing="kind of supplier",
)
def quasi_public_by_value() -> str:
    """Share of the value of published awards that went to bodies close to the state.

    Methodology
        A supplier counts when it is a university, a college of further or higher education, a school or a trust of
        academies, a body of the National Health Service or a housing association, by its name or by the registers.
        Many of them are charities in law; they stand in no other figure of voluntary organisations, since a few of them
        would outweigh all others. This share and the strict one are not to be added: the kind of other awards is known
        in each.
        It is not known for a supplier of which nothing tells what kind it is.
        The bounds cover missing information only, not mistakes in names.
    Excluded
        Councils, departments and other public authorities as suppliers.
        For England, its regions and counties, as buyers, whoever is not a council; "all" is every buyer.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        Awards without a credible amount: they are counted beside the figure, and stay in the share of awards.
    Assumed
        A body that is named a university, college, school or health trust is one.
    """
    return "is_quasi_public"


@indicator(
    "O2.quasi_public",
    version=1,
    title="Awards that went to universities, colleges, schools, health bodies and housing associations",
    unit="share of awards",
    missing="kind of supplier",
)
def quasi_public_by_count() -> str:
    """Share of the number of published awards that went to bodies close to the state.

    Methodology
        As the share of value, with every award counting one, whatever its amount.
        The bounds cover missing information only, not mistakes in names.
    Excluded
        Councils, departments and other public authorities as suppliers.
        For England, its regions and counties, as buyers, whoever is not a council; "all" is every buyer.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
    Assumed
        A body that is named a university, college, school or health trust is one.
    """
    return "is_quasi_public"


@indicator(
    "O3",
    version=2,
    title="Value awarded to voluntary organisations with an address in the buyer's own area",
    unit="share of value",
    missing="kind or place of supplier",
    in_scope=local.IN_SCOPE,
    grains=local.GRAINS,
    by_part=False,
)
def local_by_value() -> str:
    """Share of the value of published awards that went to voluntary organisations in the buyer's own area.

    Methodology
        A supplier counts when it is a voluntary organisation in the strict reading, by register and law, and its
        address in the award notice, or where it gives none that of the register, lies in the buyer's own area.
        One of the two known not to hold is enough for a no; else both must be known.
        An award to several suppliers is shared evenly among them in the middle figure; the lower figure counts it only
        if all of them count, the upper one if any may.
        The bounds cover missing information only, not wrong addresses or mistakes in registers.
    Excluded
        Buyers without an area of their own, such as departments and health bodies, and, for England, its regions
        and counties, whoever is not a council.
        Universities, colleges, schools, bodies of the National Health Service and housing associations do not count.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        Awards without a credible amount: they are counted beside the figure, and stay in the share of awards.
    Assumed
        The address in the notice is where the supplier works from; a national charity's branch is local where it is.
    """
    return LOCAL


@indicator(
    "O3.count",
    version=2,
    title="Awards that went to voluntary organisations with an address in the buyer's own area",
    unit="share of awards",
    missing="kind or place of supplier",
    in_scope=local.IN_SCOPE,
    grains=local.GRAINS,
    by_part=False,
)
def local_by_count() -> str:
    """Share of the number of published awards that went to voluntary organisations in the buyer's own area.

    Methodology
        As the share of value, with every award counting one, whatever its amount.
        The bounds cover missing information only, not wrong addresses or mistakes in registers.
    Excluded
        Buyers without an area of their own, and, for England, its regions and counties, whoever is not a council.
        Universities, colleges, schools, bodies of the National Health Service and housing associations do not count.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
    Assumed
        The address in the notice is where the supplier works from.
    """
    return LOCAL


@indicator(
    "O6",
    version=1,
    title="Awards that the notice marks as going to a small or medium-sized enterprise, by value",
    unit="share of value",
    missing="mark",
)
def small_firms_by_value() -> str:
    """Share of the value of published awards that the notice marks as going to a small or medium-sized enterprise.

    Methodology
        A supplier counts when the buyer marked it so in the award notice, and does not where it is marked as large.
        A supplier without either mark is unknown.
        An award to several suppliers is shared evenly among them in the middle figure; the lower figure counts it only
        if all of them are marked so, the upper one if any may be.
        The bounds cover missing information only, not wrong marks: large firms marked as small are known.
    Excluded
        For England, its regions and counties, whoever is not a council; "all" is every buyer.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        Awards without a credible amount: they are counted beside the figure, and stay in the share of awards.
        What such firms receive from the supplier named: only the award itself is counted.
    Assumed
        The mark belongs to the supplier of this award.
        Published shares of public spending by such firms rest on invoices, not on notices, and differ for that reason.
    """
    return "scale_declared = 'sme'"


@indicator(
    "O6.count",
    version=1,
    title="Awards that the notice marks as going to a small or medium-sized enterprise, by number",
    unit="share of awards",
    missing="mark",
)
def small_firms_by_count() -> str:
    """Share of the number of published awards that the notice marks as going to a small or medium-sized enterprise.

    Methodology
        As the share of value, with every award counting one, whatever its amount.
        The bounds cover missing information only, not wrong marks.
    Excluded
        For England, its regions and counties, whoever is not a council; "all" is every buyer.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
    Assumed
        The mark belongs to the supplier of this award.
    """
    return "scale_declared = 'sme'"


@indicator(
    "O5",
    version=1,
    title="Of awards marked before as suitable for voluntary organisations: those that went to one",
    unit="share of awards",
    missing="kind of supplier",
    in_scope="suitable_vcse",
    by_part=False,
)
def suitable_by_count() -> str:
    """Of published awards whose tender was marked as suitable for voluntary organisations, the share that they won.

    Methodology
        Awards whose tender the buyer marked, before the award, as suitable for voluntary, community and social
        enterprises: on Contracts Finder the tender; on Find a Tender its lot or, where that is not told, any lot.
        Of these, one counts when its supplier is a voluntary organisation in the strict reading, by register and law.
        Every award counts one; one to several suppliers is shared evenly among them in the middle figure; the lower
        figure counts it only if all of them count, the upper one if any may.
        The bounds cover missing information only, not marks set without thought: many buyers mark every tender.
    Excluded
        Awards of tenders that were not marked, or of which no mark is known.
        Universities, colleges, schools, bodies of the National Health Service and housing associations do not count.
        For England, its regions and counties, as buyers, whoever is not a council; "all" is every buyer.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
    Assumed
        What the registers say at their date held when the award was made.
        Where the lot of an award is not told, a mark of one lot speaks for the whole tender.
    """
    return STRICT


@indicator(
    "O5.broad",
    version=1,
    title="Of awards marked before as suitable for voluntary organisations: those that went to one or what may be one",
    unit="share of awards",
    missing="kind of supplier",
    in_scope="suitable_vcse",
    by_part=False,
    grains=AREA_GRAINS,
)
def suitable_by_count_broad() -> str:
    """Of published awards marked as suitable for voluntary organisations, the share won by them or by what may be one.

    Methodology
        As the share of voluntary organisations by register and law, with those besides that may be one: companies
        limited by guarantee without a charity number, co-operatives and other mutuals, organisations that a register
        has removed, suppliers whose name alone suggests it, and suppliers that the notice marks as a VCSE while no
        register or legal form tells.
        The bounds cover missing information only, not wrong marks.
    Excluded
        Awards of tenders that were not marked, or of which no mark is known.
        Universities, colleges, schools, bodies of the National Health Service and housing associations do not count.
        For England, its regions and counties, as buyers, whoever is not a council; "all" is every buyer.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
    Assumed
        What the registers say at their date held when the award was made.
    """
    return BROAD


@indicator(
    "O8",
    version=1,
    title="Value of people services awarded to voluntary organisations with an address in the buyer's own area",
    unit="share of value",
    missing="kind or place of supplier",
    in_scope=f"{local.IN_SCOPE} AND is_people_services",
    grains=local.GRAINS,
    by_part=False,
)
def people_services_by_value() -> str:
    """Of the value of published awards for people services, the share that local voluntary organisations won.

    Methodology
        People services are education and training, health and social work, and services of social membership
        organisations, by their classification (codes 80, 85 and 98133 of the Common Procurement Vocabulary), and, among
        codes that tell too little, what the words of the title tell: homelessness, domestic and sexual violence,
        employability, youth, advocacy and advice, disability, the resettlement of offenders and refugees.
        A supplier counts when it is a voluntary organisation in the strict reading, by register and law, and its
        address lies in the buyer's own area. One of the two known not to hold is enough for a no; else both must be
        known.
        An award to several suppliers is shared evenly among them in the middle figure; the lower figure counts it only
        if all of them count, the upper one if any may.
        The bounds cover missing information only, not wrong codes, addresses or registers.
    Excluded
        Awards without a classification, of which it is not known whether they are people services.
        Buyers without an area of their own, and, for England, its regions and counties, whoever is not a council.
        Universities, colleges, schools, bodies of the National Health Service and housing associations do not count.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        Awards without a credible amount: they are counted beside the figure. Care is unpriced more often than other
        things: see the share of awards beside this one.
    Assumed
        The main classification of the notice says what was bought; code 85 takes in veterinary services, and code 80
        the training of a buyer's own staff.
        The address in the notice is where the supplier works from; a national charity's branch is local where it is.
    """
    return LOCAL


@indicator(
    "O8.count",
    version=1,
    title="Awards for people services that went to voluntary organisations with an address in the buyer's own area",
    unit="share of awards",
    missing="kind or place of supplier",
    in_scope=f"{local.IN_SCOPE} AND is_people_services",
    grains=local.GRAINS,
    by_part=False,
)
def people_services_by_count() -> str:
    """Of the number of published awards for people services, the share that local voluntary organisations won.

    Methodology
        As the share of value, with every award counting one, whatever its amount.
        The bounds cover missing information only, not wrong codes, addresses or registers.
    Excluded
        Awards without a classification, of which it is not known whether they are people services.
        Buyers without an area of their own, and, for England, its regions and counties, whoever is not a council.
        Universities, colleges, schools, bodies of the National Health Service and housing associations do not count.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
    Assumed
        The main classification of the notice says what was bought.
        The address in the notice is where the supplier works from.
    """
    return LOCAL


BANDS = {
    "under_100k": "with a yearly income under £100k",
    "100k_to_1m": "with a yearly income of £100k to £1m",
    "1m_to_10m": "with a yearly income of £1m to £10m",
    "over_10m": "with a yearly income over £10m",
    "income_unknown": "whose yearly income no register tells",
}
"""The sizes of voluntary organisations, by register income, and how a title says each."""

_BY_INCOME = """Share of the {what} of published awards that went to voluntary organisations {words}.

Methodology
    A supplier counts when it is a voluntary organisation in the strict reading, by register and law, {words}.
    The income is the latest that a register of charities gives, of the whole organisation; a size begins with the
    amount that names it, and exactly £10m is not yet over £10m.
    Registers of companies tell no income: community interest companies and societies have none that is known.
    A voluntary organisation whose income no register tells counts in none of the four sizes, but in the unknown income,
    which is a class of its own.
    The share is of all awards of which it is known whether a voluntary organisation got them, as the strict share is:
    the middle figures of the four sizes and of the unknown income add up to that of the strict share; lower and upper
    figures do not add up.
    {counted}
    The bounds cover missing information only, not mistakes in registers.
Excluded
    Universities, colleges, schools, bodies of the National Health Service and housing associations do not count.
    For England, its regions and counties, as buyers, whoever is not a council; "all" is every buyer.
    Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
    Awards without a credible amount have no part in the share of value; they are counted beside it.
Assumed
    The latest income is of the size that the organisation had when the award was made.
"""


def _of_band(band: str, *, by_value: bool) -> Indicator:
    """Return the share of awards, or of their value, that went to voluntary organisations of one size."""
    words = BANDS[band]

    def answer() -> str:
        # Where it is not known whether it is a voluntary organisation, another size is no answer: all five shares are
        # then of the same awards.
        return strict("income_band IS NULL" if band == "income_unknown" else f"COALESCE(income_band = '{band}', FALSE)")

    answer.__doc__ = _BY_INCOME.format(
        what="value" if by_value else "number",
        words=words,
        counted="An award to several suppliers is shared evenly among them in the middle figure."
        if by_value
        else "Every award counts one, whatever its amount.",
    )
    return indicator(
        f"O9.{band}" if by_value else f"O9.{band}_count",
        version=1,
        title=f"{'Value awarded' if by_value else 'Awards that went'} to voluntary organisations {words}",
        unit="share of value" if by_value else "share of awards",
        missing="kind of supplier",
        grains=AREA_GRAINS,
        by_part=False,
    )(answer)


BY_INCOME = tuple(_of_band(band, by_value=by_value) for by_value in (True, False) for band in BANDS)
"""Where the awards to voluntary organisations went by the income of the organisation: value, then number."""

INDICATORS = (
    strict_by_value,
    strict_by_count,
    broad_by_value,
    broad_by_count,
    declared_by_value,
    declared_by_count,
    quasi_public_by_value,
    quasi_public_by_count,
    local_by_value,
    local_by_count,
    suitable_by_count,
    suitable_by_count_broad,
    small_firms_by_value,
    small_firms_by_count,
    people_services_by_value,
    people_services_by_count,
    *BY_INCOME,
)
"""Everything that this module measures, in the order in which it is published."""

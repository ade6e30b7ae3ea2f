"""How much goes to voluntary, community and social enterprises (VCSEs), by registers and by the notices' own marks."""

import polars as pl

from transforms.indicators import local
from transforms.indicators.share import Indicator, indicator

_STATUS = pl.col("vcse_status")
_TYPE = pl.col("vcse_type")
_IS_APART = pl.col("is_quasi_public").fill_null(value=False)
# Spelled out one by one, for the text of an expression is the name under which its tally is kept.
_IS_OUTSIDE_STRICT = (
    (_TYPE == "guarantee_company") | (_TYPE == "exempt_company") | (_TYPE == "cooperative") | (_TYPE == "mutual")
)

STRICT = (
    pl.when(_IS_APART | (_STATUS == "no"))
    .then(pl.lit(value=False))
    .when(_STATUS == "yes")
    .then(pl.lit(value=True))
    .when((_STATUS == "possible") & _IS_OUTSIDE_STRICT)
    .then(pl.lit(value=False))
)
"""A registered charity, a charitable incorporated organisation, a community interest company or a community benefit
society; not known where records disagree, where it was one by a register and has ended, where the name alone speaks,
and where nothing is known."""

BROAD = (
    pl.when(_IS_APART | (_STATUS == "no"))
    .then(pl.lit(value=False))
    .when((_STATUS == "yes") | (_STATUS == "possible"))
    .then(pl.lit(value=True))
    .when((_STATUS == "unknown") & pl.col("vcse_declared"))
    .then(pl.lit(value=True))
)
"""As ``STRICT``, with what is possible, and what the notice marks and no record contradicts."""

INCOME_GRAINS = ("all", "england", "region", "authority")


@indicator(
    "O1.strict",
    version=1,
    title="Value awarded to voluntary organisations, by register and law",
    unit="share of value",
    missing="kind of supplier",
    in_scope=pl.lit(True),
)
def strict_by_value() -> pl.Expr:
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
        For England and its regions, whoever is not a council; "all" is every buyer.
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
    in_scope=pl.lit(True),
)
def strict_by_count() -> pl.Expr:
    """Share of the number of published awards that went to voluntary organisations, by register and law.

    Methodology
        As the share of value, with every award counting one, whatever its amount.
        The bounds cover missing information only, not mistakes in registers or numbers.
    Excluded
        Universities, colleges, schools, bodies of the National Health Service and housing associations do not count.
        For England and its regions, whoever is not a council; "all" is every buyer.
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
    in_scope=pl.lit(True),
)
def broad_by_value() -> pl.Expr:
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
        For England and its regions, whoever is not a council; "all" is every buyer.
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
    in_scope=pl.lit(True),
)
def broad_by_count() -> pl.Expr:
    """Share of the number of published awards that went to voluntary organisations, or to those that may be.

    Methodology
        As the share of value, with every award counting one, whatever its amount.
        The bounds cover missing information only, not wrong marks.
    Excluded
        Universities, colleges, schools, bodies of the National Health Service and housing associations do not count.
        For England and its regions, whoever is not a council; "all" is every buyer.
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
    in_scope=pl.lit(True),
)
def declared_by_value() -> pl.Expr:
    """Share of the value of published awards that the notice marks as going to a VCSE.

    Methodology
        A supplier counts when the buyer ticked "voluntary, community or social enterprise" for it in the award notice.
        A supplier without any tick, yes or no, is unknown.
        An award to several suppliers is shared evenly among them in the middle figure; the lower figure counts it only
        if all of them are marked, the upper one if any may be.
        This is not the share of the voluntary sector: ticks are often wrong, and no register was asked.
        The bounds cover missing information only, not wrong ticks.
    Excluded
        For England and its regions, whoever is not a council, so that the figure compares with the local ones;
        "all" is every buyer.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        Awards without a credible amount: they are counted beside the figure, and stay in the share of awards.
        Whether the tender was thought suitable for such organisations: that says nothing of the supplier.
    Assumed
        The tick belongs to the supplier of this award.
    """
    return pl.col("vcse_declared")


@indicator(
    "O2.declared",
    version=1,
    title="Awards that the notice marks as going to a VCSE, by number",
    unit="share of awards",
    missing="mark",
    in_scope=pl.lit(True),
)
def declared_by_count() -> pl.Expr:
    """Share of the number of published awards that the notice marks as going to a VCSE.

    Methodology
        As the share of value, with every award counting one, whatever its amount.
        This is not the share of the voluntary sector: ticks are often wrong, and no register was asked.
        The bounds cover missing information only, not wrong ticks.
    Excluded
        For England and its regions, whoever is not a council; "all" is every buyer.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
    Assumed
        The tick belongs to the supplier of this award.
    """
    return pl.col("vcse_declared")


@indicator(
    "O1.quasi_public",
    version=1,
    title="Value awarded to universities, colleges, schools, health bodies and housing associations",
    unit="share of value",
    missing="kind of supplier",
    in_scope=pl.lit(True),
)
def quasi_public_by_value() -> pl.Expr:
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
        For England and its regions, as buyers, whoever is not a council; "all" is every buyer.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        Awards without a credible amount: they are counted beside the figure, and stay in the share of awards.
    Assumed
        A body that is named a university, college, school or health trust is one.
    """
    return pl.col("is_quasi_public")


@indicator(
    "O2.quasi_public",
    version=1,
    title="Awards that went to universities, colleges, schools, health bodies and housing associations",
    unit="share of awards",
    missing="kind of supplier",
    in_scope=pl.lit(True),
)
def quasi_public_by_count() -> pl.Expr:
    """Share of the number of published awards that went to bodies close to the state.

    Methodology
        As the share of value, with every award counting one, whatever its amount.
        The bounds cover missing information only, not mistakes in names.
    Excluded
        Councils, departments and other public authorities as suppliers.
        For England and its regions, as buyers, whoever is not a council; "all" is every buyer.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
    Assumed
        A body that is named a university, college, school or health trust is one.
    """
    return pl.col("is_quasi_public")


@indicator(
    "O3",
    version=1,
    title="Value awarded to voluntary organisations with an address in the buyer's own area",
    unit="share of value",
    missing="kind or place of supplier",
    in_scope=local.IN_SCOPE,
    grains=local.GRAINS,
)
def local_by_value() -> pl.Expr:
    """Share of the value of published awards that went to voluntary organisations in the buyer's own area.

    Methodology
        A supplier counts when it is a voluntary organisation in the strict reading, by register and law, and its
        address in the award notice lies in the buyer's own area.
        One of the two known not to hold is enough for a no; else both must be known.
        An award to several suppliers is shared evenly among them in the middle figure; the lower figure counts it only
        if all of them count, the upper one if any may.
        The bounds cover missing information only, not wrong addresses or mistakes in registers.
    Excluded
        Buyers without an area of their own, such as departments and health bodies, and, for England and its regions,
        whoever is not a council.
        Universities, colleges, schools, bodies of the National Health Service and housing associations do not count.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        Awards without a credible amount: they are counted beside the figure, and stay in the share of awards.
    Assumed
        The address in the notice is where the supplier works from; a national charity's branch is local where it is.
    """
    return STRICT & pl.col("is_local_authority")


@indicator(
    "O3.count",
    version=1,
    title="Awards that went to voluntary organisations with an address in the buyer's own area",
    unit="share of awards",
    missing="kind or place of supplier",
    in_scope=local.IN_SCOPE,
    grains=local.GRAINS,
)
def local_by_count() -> pl.Expr:
    """Share of the number of published awards that went to voluntary organisations in the buyer's own area.

    Methodology
        As the share of value, with every award counting one, whatever its amount.
        The bounds cover missing information only, not wrong addresses or mistakes in registers.
    Excluded
        Buyers without an area of their own, and, for England and its regions, whoever is not a council.
        Universities, colleges, schools, bodies of the National Health Service and housing associations do not count.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
    Assumed
        The address in the notice is where the supplier works from.
    """
    return STRICT & pl.col("is_local_authority")


@indicator(
    "O6",
    version=1,
    title="Awards that the notice marks as going to a small or medium-sized enterprise, by value",
    unit="share of value",
    missing="mark",
    in_scope=pl.lit(True),
)
def small_firms_by_value() -> pl.Expr:
    """Share of the value of published awards that the notice marks as going to a small or medium-sized enterprise.

    Methodology
        A supplier counts when the buyer marked it so in the award notice, and does not where it is marked as large.
        A supplier without either mark is unknown.
        An award to several suppliers is shared evenly among them in the middle figure; the lower figure counts it only
        if all of them are marked so, the upper one if any may be.
        The bounds cover missing information only, not wrong marks: large firms marked as small are known.
    Excluded
        For England and its regions, whoever is not a council; "all" is every buyer.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        Awards without a credible amount: they are counted beside the figure, and stay in the share of awards.
        What such firms receive from the supplier named: only the award itself is counted.
    Assumed
        The mark belongs to the supplier of this award.
        Published shares of public spending by such firms rest on invoices, not on notices, and differ for that reason.
    """
    return pl.col("scale_declared") == "sme"


@indicator(
    "O6.count",
    version=1,
    title="Awards that the notice marks as going to a small or medium-sized enterprise, by number",
    unit="share of awards",
    missing="mark",
    in_scope=pl.lit(True),
)
def small_firms_by_count() -> pl.Expr:
    """Share of the number of published awards that the notice marks as going to a small or medium-sized enterprise.

    Methodology
        As the share of value, with every award counting one, whatever its amount.
        The bounds cover missing information only, not wrong marks.
    Excluded
        For England and its regions, whoever is not a council; "all" is every buyer.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
    Assumed
        The mark belongs to the supplier of this award.
    """
    return pl.col("scale_declared") == "sme"


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
    For England and its regions, as buyers, whoever is not a council; "all" is every buyer.
    Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
    Awards without a credible amount have no part in the share of value; they are counted beside it.
Assumed
    The latest income is of the size that the organisation had when the award was made.
"""


def _of_band(band: str, *, by_value: bool) -> Indicator:
    """Return the share of awards, or of their value, that went to voluntary organisations of one size."""
    words = BANDS[band]

    def answer() -> pl.Expr:
        income = pl.col("income_band")
        is_of_band = income.is_null() if band == "income_unknown" else (income == band).fill_null(value=False)
        # Where it is not known whether it is a voluntary organisation, another size is no answer: all five shares are
        # then of the same awards.
        return pl.when(STRICT.is_not_null()).then(STRICT & is_of_band)

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
        in_scope=pl.lit(True),
        grains=INCOME_GRAINS,
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
    small_firms_by_value,
    small_firms_by_count,
    *BY_INCOME,
)
"""Everything that this module measures, in the order in which it is published."""

"""How much of what the figures rest on is known: a scoreboard of the notices, and of what was made of them.

Each is told for both services together and for each of them, since they ask for different things.
The answer is never unknown: what is not known is a no.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import polars as pl

from transforms.indicators import voluntary
from transforms.indicators.share import Base, Cells, Indicator, figure, indicator
from transforms.indicators.slices import GRAINS, WIDE
from transforms.indicators.timing import counted, medians

AREA_GRAINS = tuple(grain for grain in GRAINS if grain != "buyer")

SOURCES: Mapping[str, str] = {"contracts-finder": "Contracts Finder", "find-a-tender": "Find a Tender"}


class _Known(NamedTuple):
    """One thing that may be known of an award: how a title and the methodology say it, and the answer."""

    title: str
    words: str
    rule: str
    assumed: str
    answer: str
    grains: Sequence[str] = GRAINS


_WHAT: Mapping[str, _Known] = {
    "Q1": _Known(
        "the supplier's place is known",
        "whose supplier's place is known",
        """A supplier counts when its address leads to a local authority, or out of the United Kingdom: by the address
    in the notice or, where that gives none that can be placed, by the registered office or a charity's contact.
    A region, or a country of the United Kingdom, is too little.""",
        "A postcode that is known is the right one.",
        "COALESCE(supplier_area_code IS NOT NULL OR NOT is_uk, FALSE)",
    ),
    "Q2": _Known(
        "the supplier's number in a register is known",
        "whose supplier's number in a register is known",
        """A supplier counts when it has been led to a number of a company, a charity or another registered body: by
    the notice itself, or by another notice or a register that names the same organisation.""",
        "A number that a notice gives was checked for its form and its name; some may still be another's.",
        "COALESCE(has_org_id, FALSE)",
    ),
    "Q2.kind": _Known(
        "it is known whether the supplier is a voluntary organisation",
        "of whose supplier it is known whether it is a voluntary organisation",
        "A supplier counts when the strict reading, by register and law, answers with yes or no.",
        "The registers loaded are those of the date beside each supplier.",
        f"({voluntary.STRICT}) IS NOT NULL",
        AREA_GRAINS,
    ),
    "Q3": _Known(
        "the amount is credible",
        "whose amount is credible",
        """An award counts when it states an amount in pounds that is neither zero nor a placeholder nor implausible;
    each award says why its amount is believed or not.""",
        "What is credible may still be wrong.",
        "COALESCE(value_status = 'ok', FALSE)",
    ),
    "Q4": _Known(
        "the buyer is matched to a kind of body",
        "whose buyer is matched to a kind of body",
        """An award counts when its buyer is matched, by a register's code, by its name or by a person, to a council or
    to another kind of body that is told apart; it does not where all that is known is a name.""",
        "Of councils nearly all are matched by definition: look at all buyers.",
        "COALESCE(buyer_kind <> 'other', FALSE)",
        ("all", "england"),
    ),
    "Q5": _Known(
        "the number of bids is known",
        "whose number of bids is known",
        "An award counts when its notice tells how many bids there were for its lot.",
        "Contracts Finder has no place for it: there it is never known.",
        "bids IS NOT NULL",
        AREA_GRAINS,
    ),
}
"""What is asked of every award."""

_METHODOLOGY = """Share of the number of published awards {of}{words}.

Methodology
    {rule}
    Every award counts one; one to several suppliers is shared evenly among them in the middle figure, the lower figure
    counts it only if it holds for all of them, the upper one if for any.
    What is not known is a no here, so that nothing is left open: coverage is whole, and the bounds, which cover missing
    information only, differ for shared awards alone.
Excluded
    Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
    For England, its regions and counties, whoever is not a council; "all" is every buyer.
Assumed
    {assumed}
"""


def _known(name: str, source: str | None) -> Indicator:
    """Return the share of awards of which one thing is known, of both services or of one."""
    told = _WHAT[name]
    on = f" on {SOURCES[source]}" if source else ""

    def answer() -> str:
        return told.answer

    answer.__doc__ = _METHODOLOGY.format(
        of=f"{on.strip()} " if on else "", words=told.words, rule=told.rule, assumed=told.assumed
    )
    return indicator(
        f"{name}.{source}" if source else name,
        version=1,
        title=f"Awards{on} of which {told.title}",
        unit="share of awards",
        missing="answer",
        in_scope=f"source = '{source}'" if source else "TRUE",
        grains=[grain for grain in told.grains if not source or grain != "buyer"],
        by_part=False,
    )(answer)


_LAG = """Days from the award to the publication of its latest notice{on}: median of published awards.

Methodology
    From the date of the award to the day on which the notice that tells it was published, the same day counting zero.
    Half of the awards were published no later, half no earlier. An award that a later notice tells anew counts with
    that one.
    There are no bounds: awards without a date, or dated after their publication, are left out, and counted beside the
    figure.
Excluded
    Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
    For England, its regions and counties, whoever is not a council; "all" is every buyer.
Assumed
    The date of the award is that of the decision; some buyers give the day on which the contract begins.
    Of recent quarters only what was published quickly is known yet: they look quicker than they will prove.
"""


def _days_to_publication(lines: pl.DataFrame) -> pl.DataFrame:
    """Count the core awards by the days until they were published: ``buyer, quarter, source, days, times``."""
    published_on = pl.col("published_at").dt.convert_time_zone("Europe/London").dt.date()
    days = (published_on - pl.col("awarded_on")).dt.total_days()
    told = (
        lines.lazy()
        .filter(pl.col("is_core").fill_null(value=False))
        .select("buyer", "quarter", "source", "award", "weight", days=pl.when(days >= 0).then(days))
    )
    # An award with several suppliers stands there several times.
    is_whole = pl.col("weight") >= 1
    award = pl.concat([told.filter(is_whole), told.filter(~is_whole).unique("award", keep="any")])
    return counted(award, "buyer", "quarter", "source", "days")


def _lag(source: str | None) -> Indicator:
    """Return the days from award to publication, on both services or on one."""
    on = f" on {SOURCES[source]}" if source else ""

    def rows(base: Base, cells: Cells) -> pl.DataFrame:
        every = cells.once("days to publication", lambda: _days_to_publication(base.lines))
        return medians(cells, every if source is None else every.filter(pl.col("source") == source), "days")

    rows.__doc__ = _LAG.format(on=on)
    made: Callable[[Callable[[Base, Cells], pl.DataFrame]], Indicator] = figure(
        f"Q5.lag.{source}" if source else "Q5.lag",
        version=1,
        title=f"Days from award to publication{on} (median)",
        unit="days",
        missing="date",
        grains=WIDE if source else GRAINS,
    )
    return made(rows)


INDICATORS: Sequence[Indicator] = (
    *(_known(name, source) for name in _WHAT for source in (None, *SOURCES)),
    *(_lag(source) for source in (None, *SOURCES)),
)
"""Everything that this module measures, in the order in which it is published."""

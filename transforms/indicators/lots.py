"""How often what is bought is divided into lots, which smaller suppliers can bid for."""

from collections.abc import Sequence

from transforms.indicators.share import Indicator, indicator


@indicator(
    "B1",
    version=1,
    title="Tenders on Find a Tender that are divided into lots",
    unit="share of procedures",
    missing="number of lots",
    in_scope="source = 'find-a-tender'",
    of="procedures",
)
def divided_into_lots() -> str:
    """Share of published tenders on Find a Tender that are divided into two lots or more.

    Methodology
        Tenders published on Find a Tender, by the day of the tender notice. One counts when its latest notice tells of
        two lots or more, and does not when it tells of one.
        The bounds cover missing information only.
    Excluded
        Tenders published on Contracts Finder alone, which has no place for lots: nothing is known of them.
        Tenders told twice. For England, its regions and counties, whoever is not a council; "all" is every buyer.
    Assumed
        Lots of a framework are lots like any other.
        Across the European Union 32 % of procedures were divided into lots in 2024 (Single Market Scoreboard); there
        all are above the thresholds, here some are below.
    """
    return "lots >= 2"


INDICATORS: Sequence[Indicator] = (divided_into_lots,)
"""Everything that this module measures, in the order in which it is published."""

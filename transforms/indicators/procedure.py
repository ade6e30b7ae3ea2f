"""How contracts were awarded: with how many bids, without competition, reserved, under the light-touch rules."""

from collections.abc import Sequence

import polars as pl

from transforms.indicators.share import Indicator, indicator
from transforms.reference import facts

AREA_GRAINS = ("all", "england", "region", "county", "authority")
WIDE_GRAINS = ("all", "england", "region")
"""Contracts Finder tells no number of bids: of a smaller slice too little is known."""

_ONE_BID = "CASE WHEN bids >= 1 THEN bids = 1 END"
_COMPETED = "source = 'find-a-tender' AND is_competitive"
_IS_HEALTH = "COALESCE(regime = 'psr2023', FALSE)"
_IS_CALL_OFF = "COALESCE(is_call_off, FALSE)"


@indicator(
    "P1",
    version=1,
    title="Awards after a competition with a single bid, on Find a Tender",
    unit="share of awards",
    missing="number of bids",
    in_scope=_COMPETED,
    grains=WIDE_GRAINS,
)
def single_bid_by_count() -> str:
    """Of published awards after a competition on Find a Tender, the share for which there was one bid.

    Methodology
        Awards on Find a Tender whose notice names a method with competition (open, restricted, competitive flexible
        and the like). One counts when the notice tells of one bid for its lot, in the last stage where the stages are
        told apart, and does not when it tells of more.
        The bounds cover missing information only.
    Excluded
        Awards on Contracts Finder, which tells no bids; direct awards; call-offs; awards whose method is not named.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        For England and its regions, whoever is not a council; "all" is every buyer. It is not told for single buyers:
        too few of their notices tell the number of bids.
    Assumed
        A notice that tells of no bids at all beside an award is mistaken: the number is then not known.
        Across the European Union there was a single bid in 28 % of procedures in 2024 (Single Market Scoreboard).
    """
    return _ONE_BID


@indicator(
    "P1.value",
    version=1,
    title="Value awarded after a competition with a single bid, on Find a Tender",
    unit="share of value",
    missing="number of bids",
    in_scope=_COMPETED,
    grains=WIDE_GRAINS,
)
def single_bid_by_value() -> str:
    """Of the value of published awards after a competition on Find a Tender, the share for which there was one bid.

    Methodology
        As the share of awards, by value.
        The bounds cover missing information only.
    Excluded
        Awards on Contracts Finder, which tells no bids; direct awards; call-offs; awards whose method is not named.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        Awards without a credible amount: they are counted beside the figure, and stay in the share of awards.
        For England and its regions, whoever is not a council; "all" is every buyer.
    Assumed
        A notice that tells of no bids at all beside an award is mistaken: the number is then not known.
    """
    return _ONE_BID


@indicator(
    "P3",
    version=1,
    title="Awards made without competition, by the method that the notice names",
    unit="share of awards",
    missing="method",
    in_scope=f"NOT {_IS_CALL_OFF} AND NOT {_IS_HEALTH}",
    by_part=False,
)
def direct_by_count() -> str:
    """Share of the number of published awards whose notice says that they were made without competition.

    Methodology
        An award counts when the name of its method says that there was no competition: direct award, single tender
        action, negotiated procedure or award without prior publication, below threshold without competition.
        It does not count when the name says that there was one, among however few: most notices that call their method
        "limited" are of competitive quotations.
        It is not known where no method is named: "Other", "Not specified", nothing.
        The bounds cover missing information only, not methods wrongly named.
    Excluded
        Call-offs from frameworks and dynamic markets, which are made with competition and without, and seldom say.
        Health services under the Provider Selection Regime, where a direct award is a regular way: a figure of its own.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        For England, its regions and counties, whoever is not a council; "all" is every buyer.
    Assumed
        The latest notice of the procurement names the method of all of its awards.
        A direct award may be lawful and sensible: the law lists the cases.
    """
    return "is_direct"


@indicator(
    "P3.value",
    version=1,
    title="Value awarded without competition, by the method that the notice names",
    unit="share of value",
    missing="method",
    in_scope=f"NOT {_IS_CALL_OFF} AND NOT {_IS_HEALTH}",
    by_part=False,
    grains=AREA_GRAINS,
)
def direct_by_value() -> str:
    """Share of the value of published awards whose notice says that they were made without competition.

    Methodology
        As the share of awards, by value.
        The bounds cover missing information only, not methods wrongly named.
    Excluded
        Call-offs from frameworks and dynamic markets, and health services under the Provider Selection Regime.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        Awards without a credible amount: they are counted beside the figure, and stay in the share of awards.
        For England, its regions and counties, whoever is not a council; "all" is every buyer.
    Assumed
        The latest notice of the procurement names the method of all of its awards.
    """
    return "is_direct"


@indicator(
    "P3.health",
    version=1,
    title="Health services under the Provider Selection Regime: awards made without competition",
    unit="share of awards",
    missing="method",
    in_scope=f"{_IS_HEALTH} AND NOT {_IS_CALL_OFF}",
    grains=WIDE_GRAINS,
    by_part=False,
)
def direct_of_health() -> str:
    """Of published awards of health services under the Provider Selection Regime, the share made without competition.

    Methodology
        As the share of direct awards, of the notices whose words name the Provider Selection Regime: health services
        that health bodies and councils have arranged under rules of their own since 1 January 2024.
        The bounds cover missing information only, not methods wrongly named.
    Excluded
        Call-offs, ceilings, awards told twice, and awards that were not given, or are only intended.
        For England and its regions, whoever is not a council: most buyers of health services are in "all" only.
    Assumed
        Such notices are published in forms of older laws, and not all of them name the regime.
    """
    return "is_direct"


@indicator(
    "P5",
    version=1,
    title="Tenders below the threshold on Find a Tender that are reserved",
    unit="share of procedures",
    missing="reservation",
    in_scope="source = 'find-a-tender' AND is_below_threshold",
    of="procedures",
    by_part=False,
)
def reserved_below_threshold() -> str:
    """Of published tenders below the threshold on Find a Tender, the share that only some suppliers may bid for.

    Methodology
        Tenders on Find a Tender that are below the statutory threshold: as their notice says or, where it says nothing,
        by the estimate. One counts when its notice reserves it, in its own field or in words: to suppliers of one
        place, to small firms or voluntary organisations, to public service mutuals, to supported employment.
        It does not count where a notice with a field for it leaves the field empty.
        The bounds cover missing information only.
    Excluded
        Tenders on Contracts Finder, which has no such field: those whose words reserve them are in the number of
        reserved tenders beside this figure.
        Tenders of which it is not known on which side of the threshold they lie; tenders told twice.
        For England, its regions and counties, whoever is not a council; "all" is every buyer.
    Assumed
        Councils may reserve to a place since 4 February 2026 only; to small firms and voluntary organisations before.
        Contracts given without any tender notice are not seen.
    """
    return "is_reserved"


@indicator(
    "P5.number",
    version=1,
    title="Number of tenders below the threshold that are reserved",
    unit="procedures",
    missing="reservation",
    in_scope="is_below_threshold",
    of="procedures",
    grains=AREA_GRAINS,
)
def number_reserved() -> str:
    """Number of published tenders below the threshold that only some suppliers may bid for.

    Methodology
        As the share, of the tenders on both services: on Contracts Finder one counts where its words reserve it.
        The upper figure counts those besides of which it is not known: all others on Contracts Finder.
        The bounds cover missing information only.
    Excluded
        Tenders of which it is not known on which side of the threshold they lie; tenders told twice.
        For England, its regions and counties, whoever is not a council; "all" is every buyer.
    Assumed
        Words that reserve a tender are those of a list, which may miss some; the matches are listed with their phrase.
    """
    return "is_reserved"


@indicator(
    "P7",
    version=1,
    title="Value awarded for services under the light-touch rules",
    unit="share of value",
    missing="classification",
    by_part=False,
)
def light_touch_by_value() -> str:
    """Share of the value of published awards that were for services under the light-touch rules.

    Methodology
        Social, health, education, legal, security, catering and like services, for which the law asks for less.
        An award counts when its notice names the special regime; else when its words name the rules; else when its
        classification is one of those to which they apply, by a table that follows the regulations of 2015 and is
        provisional until that of 2024 has been transcribed. Each procurement says which of the three it was.
        The bounds cover missing information only, not wrong codes.
    Excluded
        Health services under the Provider Selection Regime, which are outside the rules: they count as no.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        Awards without a credible amount: they are counted beside the figure.
        For England, its regions and counties, whoever is not a council; "all" is every buyer.
    Assumed
        The main classification of the notice says what was bought.
    """
    return "is_light_touch"


@indicator(
    "P7.count",
    version=1,
    title="Awards for services under the light-touch rules",
    unit="share of awards",
    missing="classification",
    by_part=False,
    grains=AREA_GRAINS,
)
def light_touch_by_count() -> str:
    """Share of the number of published awards that were for services under the light-touch rules.

    Methodology
        As the share of value, with every award counting one, whatever its amount.
        The bounds cover missing information only, not wrong codes.
    Excluded
        Health services under the Provider Selection Regime count as no.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        For England, its regions and counties, whoever is not a council; "all" is every buyer.
    Assumed
        The main classification of the notice says what was bought.
    """
    return "is_light_touch"


def _threshold() -> int:
    """Return the latest threshold of light-touch contracts of all but utilities, in pounds with VAT."""
    known = facts("thresholds.csv").filter((pl.col("contract_kind") == "light_touch") & (pl.col("buyer_kind") == "any"))
    return int(known.sort("from_on")["amount_gbp"][-1])


LIGHT_TOUCH_THRESHOLD = _threshold()

_AT_OR_ABOVE = f"CASE WHEN value_status = 'ok' THEN gross_gbp >= {LIGHT_TOUCH_THRESHOLD} END"


@indicator(
    "P7.above",
    version=1,
    title=f"Of the value under the light-touch rules: contracts of £{LIGHT_TOUCH_THRESHOLD:,} and more, with VAT",
    unit="share of value",
    missing="amount",
    in_scope="is_light_touch",
    by_part=False,
    grains=AREA_GRAINS,
)
def above_light_touch_threshold_by_value() -> str:
    """Of the value of published awards under the light-touch rules, the share in contracts at or above their threshold.

    Methodology
        Awards under the light-touch rules, of which one counts when its amount with VAT is at or above the threshold of
        such contracts, which has stood at £663,540 since 2020. Where VAT is not stated, 20 % are added.
        The bounds cover missing information only.
    Excluded
        Awards without a credible amount: they are counted beside the figure.
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        For England, its regions and counties, whoever is not a council; "all" is every buyer.
    Assumed
        VAT is due: many such services are exempt, so that contracts of £552,950 to £663,539 without VAT may be below.
        The threshold of earlier years, which was lower by less than 12 %, is not asked.
    """
    return _AT_OR_ABOVE


@indicator(
    "P7.above_count",
    version=1,
    title=f"Of awards under the light-touch rules: contracts of £{LIGHT_TOUCH_THRESHOLD:,} and more, with VAT",
    unit="share of awards",
    missing="amount",
    in_scope="is_light_touch",
    by_part=False,
    grains=AREA_GRAINS,
)
def above_light_touch_threshold_by_count() -> str:
    """Of the number of published awards under the light-touch rules, the share at or above their threshold.

    Methodology
        As the share of value, with every award counting one; one without a credible amount is not known.
        The bounds cover missing information only.
    Excluded
        Ceilings, stated or suspected, awards told twice, and awards that were not given, or not yet.
        For England, its regions and counties, whoever is not a council; "all" is every buyer.
    Assumed
        VAT is due, and 20 % of it are added where it is not stated.
    """
    return _AT_OR_ABOVE


INDICATORS: Sequence[Indicator] = (
    single_bid_by_count,
    single_bid_by_value,
    direct_by_count,
    direct_by_value,
    direct_of_health,
    reserved_below_threshold,
    number_reserved,
    light_touch_by_value,
    light_touch_by_count,
    above_light_touch_threshold_by_value,
    above_light_touch_threshold_by_count,
)
"""Everything that this module measures, in the order in which it is published."""

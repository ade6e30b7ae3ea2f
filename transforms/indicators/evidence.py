"""The lines behind every figure, as the text of a view: each line in scope of an indicator with its answer."""

from collections.abc import Iterator, Sequence

from transforms.indicators.share import BASES, Indicator

_LINE = (
    "award_id", "mention_id", "procurement_id", "source", "notice_url", "buyer_id", "buyer_area_code",
    "buyer_county_code", "buyer_region_code", "is_english_council", "awarded_on", "quarter", "financial_year", "tier",
    "cpv_division", "supplier_id", "weight", "value_gbp",
)  # fmt: skip
_PROCEDURE = {
    "award_id": "NULL", "mention_id": "NULL", "awarded_on": "tendered_on", "tier": "NULL", "supplier_id": "NULL",
    "value_gbp": "NULL",
}  # fmt: skip

_HEAD = """-- Made by python -m flows.pages of the indicators in transforms/indicators: change those, not this file.

-- The lines behind the figures: every award line or procedure in scope of an indicator, with its answer.
-- Name the indicator in the WHERE, and it is as quick as a query of that indicator alone; join to indicator_value by
-- area or buyer, and by quarter or financial_year, or by the first and last day of table period.
-- Medians, what stands at a day, differences and comparisons are no sums over lines, and are not here.
--   indicator_id = indicator.indicator_id
--   answer (text): yes, no or unknown; of contracts by size the size, null where it is not known.
--   award_id = award.award_id: The award; null where the indicator is of procedures.
--   mention_id = award_line.mention_id: The supplier as the award names it; null where there is none.
--   procurement_id = procurement.procurement_id
--   source = procurement.source
--   notice_url = award.notice_url: The official page of the notice.
--   buyer_id = buyer.buyer_id
--   buyer_area_code = buyer.area_code
--   buyer_county_code = area.county_code: The county of the buyer's own area; of a unitary authority itself.
--   buyer_region_code = area.region_code: The English region of the buyer's own area, or the nation elsewhere.
--   is_english_council (flag): Whether the buyer is an English council: what figures of England are made of.
--   awarded_on = award.awarded_on: The date of the award; of procedures that of the tender notice.
--   quarter (text): The quarter of that date, as in the column period of indicator_value.
--   financial_year (text): Its financial year, likewise.
--   tier = award.tier
--   cpv_division (text): The first two digits of the classification.
--   supplier_id = award_line.supplier_id
--   weight (number): The line's part of its award or procedure: shared awards are divided evenly.
--   value_gbp = award_line.value_gbp: The line's part of the amount where it may enter a sum.
CREATE VIEW out_answer AS
"""


def view(indicators: Sequence[Indicator]) -> str:
    """Return the view ``out_answer`` in the notation of ``warehouse/views.sql``."""
    return _HEAD + "\nUNION ALL\n".join(_branches(indicators)) + ";\n"


def _branches(indicators: Sequence[Indicator]) -> Iterator[str]:
    for one in indicators:
        scope, answer = one.scope_sql, one.answer_sql
        if scope is None or answer is None or one.by_winner:
            continue
        told = (
            answer if one.by_size else f"CASE WHEN {answer} THEN 'yes' WHEN NOT ({answer}) THEN 'no' ELSE 'unknown' END"
        )
        of_lines = one.of == BASES[0]
        columns = [
            name if of_lines else f"{_PROCEDURE[name]} AS {name}" if name in _PROCEDURE else name for name in _LINE
        ]
        yield (
            f"SELECT '{one.indicator_id}' AS indicator_id, {told} AS answer,\n    {', '.join(columns)}\n"
            f"FROM {'out_line' if of_lines else 'out_procedure'} WHERE {scope}"
        )

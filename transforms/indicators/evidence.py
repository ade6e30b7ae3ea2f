"""The lines behind every figure, as the text of a view: each line in scope of an indicator with its answer."""

import re
from collections.abc import Iterator, Sequence

from transforms.indicators.share import BASES, Indicator

_LINE = (
    "award_id", "mention_id", "procurement_id", "source", "notice_url", "buyer_id", "buyer_kind", "buyer_area_code",
    "buyer_county_code", "buyer_region_code", "is_english_council", "awarded_on", "quarter", "financial_year", "tier",
    "cpv_division", "supplier_id", "supplier_count", "weight", "value_gbp", "amount_gbp",
)  # fmt: skip
_PROCEDURE = {
    "award_id": "NULL", "mention_id": "NULL", "awarded_on": "tendered_on", "tier": "NULL", "supplier_id": "NULL",
    "supplier_count": "NULL", "value_gbp": "NULL", "amount_gbp": "NULL",
}  # fmt: skip

_OF_LINE = frozenset(
    (
        "is_local_authority", "is_local_county", "is_local_statutory", "is_local_region", "is_uk", "is_strategic",
        "vcse_status", "vcse_type", "vcse_declared", "is_quasi_public", "income_band", "scale_declared", "supplier_id",
        "has_org_id", "location_basis", "supplier_area_code", "is_head_office_local", "is_national",
    )
)  # fmt: skip
"""What may differ from line to line of one award."""

_HEAD = """-- Made by python -m flows.pages of the indicators in transforms/indicators: change those, not this file.

-- The lines behind the figures: every award line or procedure in scope of an indicator, with its answer.
-- Name the indicator in the WHERE, and it is as quick as a query of that indicator alone; join to indicator_value by
-- area or buyer, and by quarter or financial_year, or by the first and last day of table period.
-- Medians, what stands at a day, differences and comparisons are no sums over lines, and are not here.
-- What is dated after the newest quarter that was read has its quarter and year here, and enters ALL only.
--   indicator_id = indicator.indicator_id
--   answer (text): yes, no or unknown; of contracts by size the size, null where it is not known.
--   award_id = award.award_id: The award; null where the indicator is of procedures.
--   mention_id = award_line.mention_id: The supplier as the award names it; null where there is none.
--   procurement_id = procurement.procurement_id
--   source = procurement.source
--   notice_url = award.notice_url: The official page of the notice.
--   buyer_id = buyer.buyer_id
--   buyer_kind = buyer.kind: Figures of England, regions and counties are made of councils only.
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
--   supplier_count = award.supplier_count
--   weight (number): The line's part of its award or procedure: shared awards are divided evenly.
--   value_gbp = award_line.value_gbp: The line's part of the amount where it may enter a sum.
--   amount_gbp = award.amount_gbp: The published amount of the whole award, repeated on each of its lines.
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
        if of_lines and one.is_share and _OF_LINE & set(re.findall(r"\w+", one.in_scope)):
            # A share takes in an award if all of its lines are in scope.
            lacking = f"WHERE NOT COALESCE({one.in_scope}, FALSE)"
            scope += f" AND award_id NOT IN (SELECT award_id FROM out_line {lacking})"  # noqa: S608 - our own texts
        yield (
            f"SELECT '{one.indicator_id}' AS indicator_id, {told} AS answer,\n    {', '.join(columns)}\n"
            f"FROM {'out_line' if of_lines else 'out_procedure'} WHERE {scope}"
        )

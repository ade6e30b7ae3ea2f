-- Made by python -m flows.pages of the indicators in transforms/indicators: change those, not this file.

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
SELECT 'L1' AS indicator_id, CASE WHEN is_local_authority THEN 'yes' WHEN NOT (is_local_authority) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (local_scope = 'in_scope')
UNION ALL
SELECT 'L2' AS indicator_id, CASE WHEN is_local_authority THEN 'yes' WHEN NOT (is_local_authority) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (local_scope = 'in_scope')
UNION ALL
SELECT 'L3.county' AS indicator_id, CASE WHEN is_local_county THEN 'yes' WHEN NOT (is_local_county) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (local_scope = 'in_scope')
UNION ALL
SELECT 'L3.county_count' AS indicator_id, CASE WHEN is_local_county THEN 'yes' WHEN NOT (is_local_county) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (local_scope = 'in_scope')
UNION ALL
SELECT 'L3.statutory' AS indicator_id, CASE WHEN is_local_statutory THEN 'yes' WHEN NOT (is_local_statutory) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (local_scope = 'in_scope' AND NOT COALESCE(buyer_region_code IN ('N92000002', 'S92000003', 'W92000004'), FALSE))
UNION ALL
SELECT 'L3.statutory_count' AS indicator_id, CASE WHEN is_local_statutory THEN 'yes' WHEN NOT (is_local_statutory) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (local_scope = 'in_scope' AND NOT COALESCE(buyer_region_code IN ('N92000002', 'S92000003', 'W92000004'), FALSE))
UNION ALL
SELECT 'L3.region' AS indicator_id, CASE WHEN is_local_region THEN 'yes' WHEN NOT (is_local_region) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (local_scope = 'in_scope')
UNION ALL
SELECT 'L3.region_count' AS indicator_id, CASE WHEN is_local_region THEN 'yes' WHEN NOT (is_local_region) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (local_scope = 'in_scope')
UNION ALL
SELECT 'L3.uk' AS indicator_id, CASE WHEN is_uk THEN 'yes' WHEN NOT (is_uk) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (local_scope = 'in_scope')
UNION ALL
SELECT 'L3.uk_count' AS indicator_id, CASE WHEN is_uk THEN 'yes' WHEN NOT (is_uk) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (local_scope = 'in_scope')
UNION ALL
SELECT 'L4.own_area' AS indicator_id, CASE WHEN CASE WHEN NOT is_uk THEN FALSE WHEN is_local_authority THEN TRUE WHEN (is_local_authority) IS NULL THEN NULL WHEN is_local_county THEN FALSE WHEN (is_local_county) IS NULL THEN NULL WHEN CASE WHEN COALESCE(buyer_region_code IN ('N92000002', 'S92000003', 'W92000004'), FALSE) THEN FALSE ELSE is_local_statutory END THEN FALSE WHEN (CASE WHEN COALESCE(buyer_region_code IN ('N92000002', 'S92000003', 'W92000004'), FALSE) THEN FALSE ELSE is_local_statutory END) IS NULL THEN NULL WHEN is_local_region THEN FALSE WHEN (is_local_region) IS NULL THEN NULL WHEN is_uk THEN FALSE END THEN 'yes' WHEN NOT (CASE WHEN NOT is_uk THEN FALSE WHEN is_local_authority THEN TRUE WHEN (is_local_authority) IS NULL THEN NULL WHEN is_local_county THEN FALSE WHEN (is_local_county) IS NULL THEN NULL WHEN CASE WHEN COALESCE(buyer_region_code IN ('N92000002', 'S92000003', 'W92000004'), FALSE) THEN FALSE ELSE is_local_statutory END THEN FALSE WHEN (CASE WHEN COALESCE(buyer_region_code IN ('N92000002', 'S92000003', 'W92000004'), FALSE) THEN FALSE ELSE is_local_statutory END) IS NULL THEN NULL WHEN is_local_region THEN FALSE WHEN (is_local_region) IS NULL THEN NULL WHEN is_uk THEN FALSE END) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (local_scope = 'in_scope')
UNION ALL
SELECT 'L4.county' AS indicator_id, CASE WHEN CASE WHEN NOT is_uk THEN FALSE WHEN is_local_authority THEN FALSE WHEN (is_local_authority) IS NULL THEN NULL WHEN is_local_county THEN TRUE WHEN (is_local_county) IS NULL THEN NULL WHEN CASE WHEN COALESCE(buyer_region_code IN ('N92000002', 'S92000003', 'W92000004'), FALSE) THEN FALSE ELSE is_local_statutory END THEN FALSE WHEN (CASE WHEN COALESCE(buyer_region_code IN ('N92000002', 'S92000003', 'W92000004'), FALSE) THEN FALSE ELSE is_local_statutory END) IS NULL THEN NULL WHEN is_local_region THEN FALSE WHEN (is_local_region) IS NULL THEN NULL WHEN is_uk THEN FALSE END THEN 'yes' WHEN NOT (CASE WHEN NOT is_uk THEN FALSE WHEN is_local_authority THEN FALSE WHEN (is_local_authority) IS NULL THEN NULL WHEN is_local_county THEN TRUE WHEN (is_local_county) IS NULL THEN NULL WHEN CASE WHEN COALESCE(buyer_region_code IN ('N92000002', 'S92000003', 'W92000004'), FALSE) THEN FALSE ELSE is_local_statutory END THEN FALSE WHEN (CASE WHEN COALESCE(buyer_region_code IN ('N92000002', 'S92000003', 'W92000004'), FALSE) THEN FALSE ELSE is_local_statutory END) IS NULL THEN NULL WHEN is_local_region THEN FALSE WHEN (is_local_region) IS NULL THEN NULL WHEN is_uk THEN FALSE END) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (local_scope = 'in_scope')
UNION ALL
SELECT 'L4.statutory' AS indicator_id, CASE WHEN CASE WHEN NOT is_uk THEN FALSE WHEN is_local_authority THEN FALSE WHEN (is_local_authority) IS NULL THEN NULL WHEN is_local_county THEN FALSE WHEN (is_local_county) IS NULL THEN NULL WHEN CASE WHEN COALESCE(buyer_region_code IN ('N92000002', 'S92000003', 'W92000004'), FALSE) THEN FALSE ELSE is_local_statutory END THEN TRUE WHEN (CASE WHEN COALESCE(buyer_region_code IN ('N92000002', 'S92000003', 'W92000004'), FALSE) THEN FALSE ELSE is_local_statutory END) IS NULL THEN NULL WHEN is_local_region THEN FALSE WHEN (is_local_region) IS NULL THEN NULL WHEN is_uk THEN FALSE END THEN 'yes' WHEN NOT (CASE WHEN NOT is_uk THEN FALSE WHEN is_local_authority THEN FALSE WHEN (is_local_authority) IS NULL THEN NULL WHEN is_local_county THEN FALSE WHEN (is_local_county) IS NULL THEN NULL WHEN CASE WHEN COALESCE(buyer_region_code IN ('N92000002', 'S92000003', 'W92000004'), FALSE) THEN FALSE ELSE is_local_statutory END THEN TRUE WHEN (CASE WHEN COALESCE(buyer_region_code IN ('N92000002', 'S92000003', 'W92000004'), FALSE) THEN FALSE ELSE is_local_statutory END) IS NULL THEN NULL WHEN is_local_region THEN FALSE WHEN (is_local_region) IS NULL THEN NULL WHEN is_uk THEN FALSE END) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (local_scope = 'in_scope')
UNION ALL
SELECT 'L4.region' AS indicator_id, CASE WHEN CASE WHEN NOT is_uk THEN FALSE WHEN is_local_authority THEN FALSE WHEN (is_local_authority) IS NULL THEN NULL WHEN is_local_county THEN FALSE WHEN (is_local_county) IS NULL THEN NULL WHEN CASE WHEN COALESCE(buyer_region_code IN ('N92000002', 'S92000003', 'W92000004'), FALSE) THEN FALSE ELSE is_local_statutory END THEN FALSE WHEN (CASE WHEN COALESCE(buyer_region_code IN ('N92000002', 'S92000003', 'W92000004'), FALSE) THEN FALSE ELSE is_local_statutory END) IS NULL THEN NULL WHEN is_local_region THEN TRUE WHEN (is_local_region) IS NULL THEN NULL WHEN is_uk THEN FALSE END THEN 'yes' WHEN NOT (CASE WHEN NOT is_uk THEN FALSE WHEN is_local_authority THEN FALSE WHEN (is_local_authority) IS NULL THEN NULL WHEN is_local_county THEN FALSE WHEN (is_local_county) IS NULL THEN NULL WHEN CASE WHEN COALESCE(buyer_region_code IN ('N92000002', 'S92000003', 'W92000004'), FALSE) THEN FALSE ELSE is_local_statutory END THEN FALSE WHEN (CASE WHEN COALESCE(buyer_region_code IN ('N92000002', 'S92000003', 'W92000004'), FALSE) THEN FALSE ELSE is_local_statutory END) IS NULL THEN NULL WHEN is_local_region THEN TRUE WHEN (is_local_region) IS NULL THEN NULL WHEN is_uk THEN FALSE END) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (local_scope = 'in_scope')
UNION ALL
SELECT 'L4.uk' AS indicator_id, CASE WHEN CASE WHEN NOT is_uk THEN FALSE WHEN is_local_authority THEN FALSE WHEN (is_local_authority) IS NULL THEN NULL WHEN is_local_county THEN FALSE WHEN (is_local_county) IS NULL THEN NULL WHEN CASE WHEN COALESCE(buyer_region_code IN ('N92000002', 'S92000003', 'W92000004'), FALSE) THEN FALSE ELSE is_local_statutory END THEN FALSE WHEN (CASE WHEN COALESCE(buyer_region_code IN ('N92000002', 'S92000003', 'W92000004'), FALSE) THEN FALSE ELSE is_local_statutory END) IS NULL THEN NULL WHEN is_local_region THEN FALSE WHEN (is_local_region) IS NULL THEN NULL WHEN is_uk THEN TRUE END THEN 'yes' WHEN NOT (CASE WHEN NOT is_uk THEN FALSE WHEN is_local_authority THEN FALSE WHEN (is_local_authority) IS NULL THEN NULL WHEN is_local_county THEN FALSE WHEN (is_local_county) IS NULL THEN NULL WHEN CASE WHEN COALESCE(buyer_region_code IN ('N92000002', 'S92000003', 'W92000004'), FALSE) THEN FALSE ELSE is_local_statutory END THEN FALSE WHEN (CASE WHEN COALESCE(buyer_region_code IN ('N92000002', 'S92000003', 'W92000004'), FALSE) THEN FALSE ELSE is_local_statutory END) IS NULL THEN NULL WHEN is_local_region THEN FALSE WHEN (is_local_region) IS NULL THEN NULL WHEN is_uk THEN TRUE END) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (local_scope = 'in_scope')
UNION ALL
SELECT 'L4.abroad' AS indicator_id, CASE WHEN CASE WHEN NOT is_uk THEN TRUE WHEN is_local_authority THEN FALSE WHEN (is_local_authority) IS NULL THEN NULL WHEN is_local_county THEN FALSE WHEN (is_local_county) IS NULL THEN NULL WHEN CASE WHEN COALESCE(buyer_region_code IN ('N92000002', 'S92000003', 'W92000004'), FALSE) THEN FALSE ELSE is_local_statutory END THEN FALSE WHEN (CASE WHEN COALESCE(buyer_region_code IN ('N92000002', 'S92000003', 'W92000004'), FALSE) THEN FALSE ELSE is_local_statutory END) IS NULL THEN NULL WHEN is_local_region THEN FALSE WHEN (is_local_region) IS NULL THEN NULL WHEN is_uk THEN FALSE END THEN 'yes' WHEN NOT (CASE WHEN NOT is_uk THEN TRUE WHEN is_local_authority THEN FALSE WHEN (is_local_authority) IS NULL THEN NULL WHEN is_local_county THEN FALSE WHEN (is_local_county) IS NULL THEN NULL WHEN CASE WHEN COALESCE(buyer_region_code IN ('N92000002', 'S92000003', 'W92000004'), FALSE) THEN FALSE ELSE is_local_statutory END THEN FALSE WHEN (CASE WHEN COALESCE(buyer_region_code IN ('N92000002', 'S92000003', 'W92000004'), FALSE) THEN FALSE ELSE is_local_statutory END) IS NULL THEN NULL WHEN is_local_region THEN FALSE WHEN (is_local_region) IS NULL THEN NULL WHEN is_uk THEN FALSE END) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (local_scope = 'in_scope')
UNION ALL
SELECT 'L6' AS indicator_id, CASE WHEN is_head_office_local THEN 'yes' WHEN NOT (is_head_office_local) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (local_scope = 'in_scope' AND is_local_authority) AND award_id NOT IN (SELECT award_id FROM out_line WHERE NOT COALESCE(local_scope = 'in_scope' AND is_local_authority, FALSE))
UNION ALL
SELECT 'L6.count' AS indicator_id, CASE WHEN is_head_office_local THEN 'yes' WHEN NOT (is_head_office_local) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (local_scope = 'in_scope' AND is_local_authority) AND award_id NOT IN (SELECT award_id FROM out_line WHERE NOT COALESCE(local_scope = 'in_scope' AND is_local_authority, FALSE))
UNION ALL
SELECT 'O1.strict' AS indicator_id, CASE WHEN CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN TRUE WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END THEN 'yes' WHEN NOT (CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN TRUE WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core
UNION ALL
SELECT 'O2.strict' AS indicator_id, CASE WHEN CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN TRUE WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END THEN 'yes' WHEN NOT (CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN TRUE WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core
UNION ALL
SELECT 'O1.broad' AS indicator_id, CASE WHEN CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status IN ('yes', 'possible') THEN TRUE WHEN vcse_status = 'unknown' AND vcse_declared THEN TRUE END THEN 'yes' WHEN NOT (CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status IN ('yes', 'possible') THEN TRUE WHEN vcse_status = 'unknown' AND vcse_declared THEN TRUE END) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core
UNION ALL
SELECT 'O2.broad' AS indicator_id, CASE WHEN CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status IN ('yes', 'possible') THEN TRUE WHEN vcse_status = 'unknown' AND vcse_declared THEN TRUE END THEN 'yes' WHEN NOT (CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status IN ('yes', 'possible') THEN TRUE WHEN vcse_status = 'unknown' AND vcse_declared THEN TRUE END) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core
UNION ALL
SELECT 'O1.declared' AS indicator_id, CASE WHEN vcse_declared THEN 'yes' WHEN NOT (vcse_declared) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core
UNION ALL
SELECT 'O2.declared' AS indicator_id, CASE WHEN vcse_declared THEN 'yes' WHEN NOT (vcse_declared) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core
UNION ALL
SELECT 'O1.quasi_public' AS indicator_id, CASE WHEN is_quasi_public THEN 'yes' WHEN NOT (is_quasi_public) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core
UNION ALL
SELECT 'O2.quasi_public' AS indicator_id, CASE WHEN is_quasi_public THEN 'yes' WHEN NOT (is_quasi_public) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core
UNION ALL
SELECT 'O3' AS indicator_id, CASE WHEN (CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN TRUE WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END) AND is_local_authority THEN 'yes' WHEN NOT ((CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN TRUE WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END) AND is_local_authority) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (local_scope = 'in_scope')
UNION ALL
SELECT 'O3.count' AS indicator_id, CASE WHEN (CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN TRUE WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END) AND is_local_authority THEN 'yes' WHEN NOT ((CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN TRUE WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END) AND is_local_authority) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (local_scope = 'in_scope')
UNION ALL
SELECT 'O5' AS indicator_id, CASE WHEN CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN TRUE WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END THEN 'yes' WHEN NOT (CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN TRUE WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (suitable_vcse)
UNION ALL
SELECT 'O5.broad' AS indicator_id, CASE WHEN CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status IN ('yes', 'possible') THEN TRUE WHEN vcse_status = 'unknown' AND vcse_declared THEN TRUE END THEN 'yes' WHEN NOT (CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status IN ('yes', 'possible') THEN TRUE WHEN vcse_status = 'unknown' AND vcse_declared THEN TRUE END) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (suitable_vcse)
UNION ALL
SELECT 'O6' AS indicator_id, CASE WHEN scale_declared = 'sme' THEN 'yes' WHEN NOT (scale_declared = 'sme') THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core
UNION ALL
SELECT 'O6.count' AS indicator_id, CASE WHEN scale_declared = 'sme' THEN 'yes' WHEN NOT (scale_declared = 'sme') THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core
UNION ALL
SELECT 'O8' AS indicator_id, CASE WHEN (CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN TRUE WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END) AND is_local_authority THEN 'yes' WHEN NOT ((CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN TRUE WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END) AND is_local_authority) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (local_scope = 'in_scope' AND is_people_services)
UNION ALL
SELECT 'O8.count' AS indicator_id, CASE WHEN (CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN TRUE WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END) AND is_local_authority THEN 'yes' WHEN NOT ((CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN TRUE WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END) AND is_local_authority) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (local_scope = 'in_scope' AND is_people_services)
UNION ALL
SELECT 'O9.under_100k' AS indicator_id, CASE WHEN CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN COALESCE(income_band = 'under_100k', FALSE) WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END THEN 'yes' WHEN NOT (CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN COALESCE(income_band = 'under_100k', FALSE) WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core
UNION ALL
SELECT 'O9.100k_to_1m' AS indicator_id, CASE WHEN CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN COALESCE(income_band = '100k_to_1m', FALSE) WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END THEN 'yes' WHEN NOT (CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN COALESCE(income_band = '100k_to_1m', FALSE) WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core
UNION ALL
SELECT 'O9.1m_to_10m' AS indicator_id, CASE WHEN CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN COALESCE(income_band = '1m_to_10m', FALSE) WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END THEN 'yes' WHEN NOT (CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN COALESCE(income_band = '1m_to_10m', FALSE) WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core
UNION ALL
SELECT 'O9.over_10m' AS indicator_id, CASE WHEN CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN COALESCE(income_band = 'over_10m', FALSE) WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END THEN 'yes' WHEN NOT (CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN COALESCE(income_band = 'over_10m', FALSE) WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core
UNION ALL
SELECT 'O9.income_unknown' AS indicator_id, CASE WHEN CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN income_band IS NULL WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END THEN 'yes' WHEN NOT (CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN income_band IS NULL WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core
UNION ALL
SELECT 'O9.under_100k_count' AS indicator_id, CASE WHEN CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN COALESCE(income_band = 'under_100k', FALSE) WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END THEN 'yes' WHEN NOT (CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN COALESCE(income_band = 'under_100k', FALSE) WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core
UNION ALL
SELECT 'O9.100k_to_1m_count' AS indicator_id, CASE WHEN CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN COALESCE(income_band = '100k_to_1m', FALSE) WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END THEN 'yes' WHEN NOT (CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN COALESCE(income_band = '100k_to_1m', FALSE) WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core
UNION ALL
SELECT 'O9.1m_to_10m_count' AS indicator_id, CASE WHEN CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN COALESCE(income_band = '1m_to_10m', FALSE) WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END THEN 'yes' WHEN NOT (CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN COALESCE(income_band = '1m_to_10m', FALSE) WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core
UNION ALL
SELECT 'O9.over_10m_count' AS indicator_id, CASE WHEN CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN COALESCE(income_band = 'over_10m', FALSE) WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END THEN 'yes' WHEN NOT (CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN COALESCE(income_band = 'over_10m', FALSE) WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core
UNION ALL
SELECT 'O9.income_unknown_count' AS indicator_id, CASE WHEN CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN income_band IS NULL WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END THEN 'yes' WHEN NOT (CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN income_band IS NULL WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core
UNION ALL
SELECT 'M1' AS indicator_id, tier AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core
UNION ALL
SELECT 'M1.value' AS indicator_id, tier AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core
UNION ALL
SELECT 'M2.mega' AS indicator_id, CASE WHEN NOT (is_local_region) THEN 'yes' WHEN NOT (NOT (is_local_region)) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (local_scope = 'in_scope') AND tier IN ('mega', 'over_1bn')
UNION ALL
SELECT 'M2.small' AS indicator_id, CASE WHEN NOT (is_local_region) THEN 'yes' WHEN NOT (NOT (is_local_region)) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (local_scope = 'in_scope') AND tier IN ('below_threshold', 'small', 'medium')
UNION ALL
SELECT 'M2.mega_count' AS indicator_id, CASE WHEN NOT (is_local_region) THEN 'yes' WHEN NOT (NOT (is_local_region)) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (local_scope = 'in_scope') AND tier IN ('mega', 'over_1bn')
UNION ALL
SELECT 'M2.small_count' AS indicator_id, CASE WHEN NOT (is_local_region) THEN 'yes' WHEN NOT (NOT (is_local_region)) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (local_scope = 'in_scope') AND tier IN ('below_threshold', 'small', 'medium')
UNION ALL
SELECT 'M3' AS indicator_id, CASE WHEN is_large_for_buyer THEN 'yes' WHEN NOT (is_large_for_buyer) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core
UNION ALL
SELECT 'M6' AS indicator_id, CASE WHEN CASE WHEN value_kind <> 'suspected_ceiling' THEN TRUE END THEN 'yes' WHEN NOT (CASE WHEN value_kind <> 'suspected_ceiling' THEN TRUE END) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE (value_kind IN ('framework_ceiling', 'suspected_ceiling', 'dynamic_market') AND status = 'active' AND NOT COALESCE(is_duplicate, FALSE))
UNION ALL
SELECT 'M6.value' AS indicator_id, CASE WHEN CASE WHEN value_kind <> 'suspected_ceiling' THEN TRUE END THEN 'yes' WHEN NOT (CASE WHEN value_kind <> 'suspected_ceiling' THEN TRUE END) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE (value_kind IN ('framework_ceiling', 'suspected_ceiling', 'dynamic_market') AND status = 'active' AND NOT COALESCE(is_duplicate, FALSE))
UNION ALL
SELECT 'M6.largest' AS indicator_id, CASE WHEN CASE WHEN value_kind <> 'suspected_ceiling' THEN TRUE END THEN 'yes' WHEN NOT (CASE WHEN value_kind <> 'suspected_ceiling' THEN TRUE END) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE (value_kind IN ('framework_ceiling', 'suspected_ceiling', 'dynamic_market') AND status = 'active' AND NOT COALESCE(is_duplicate, FALSE))
UNION ALL
SELECT 'M6.suppliers' AS indicator_id, CASE WHEN CASE WHEN value_kind <> 'suspected_ceiling' THEN TRUE END THEN 'yes' WHEN NOT (CASE WHEN value_kind <> 'suspected_ceiling' THEN TRUE END) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE (value_kind IN ('framework_ceiling', 'suspected_ceiling', 'dynamic_market') AND status = 'active' AND NOT COALESCE(is_duplicate, FALSE))
UNION ALL
SELECT 'C3' AS indicator_id, CASE WHEN is_strategic THEN 'yes' WHEN NOT (is_strategic) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core
UNION ALL
SELECT 'C3.count' AS indicator_id, CASE WHEN is_strategic THEN 'yes' WHEN NOT (is_strategic) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core
UNION ALL
SELECT 'B1' AS indicator_id, CASE WHEN lots >= 2 THEN 'yes' WHEN NOT (lots >= 2) THEN 'no' ELSE 'unknown' END AS answer,
    NULL AS award_id, NULL AS mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, tendered_on AS awarded_on, quarter, financial_year, NULL AS tier, cpv_division, NULL AS supplier_id, NULL AS supplier_count, weight, NULL AS value_gbp, NULL AS amount_gbp
FROM out_procedure WHERE (source = 'find-a-tender')
UNION ALL
SELECT 'P1' AS indicator_id, CASE WHEN CASE WHEN bids >= 1 THEN bids = 1 END THEN 'yes' WHEN NOT (CASE WHEN bids >= 1 THEN bids = 1 END) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (source = 'find-a-tender' AND is_competitive)
UNION ALL
SELECT 'P1.value' AS indicator_id, CASE WHEN CASE WHEN bids >= 1 THEN bids = 1 END THEN 'yes' WHEN NOT (CASE WHEN bids >= 1 THEN bids = 1 END) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (source = 'find-a-tender' AND is_competitive)
UNION ALL
SELECT 'P3' AS indicator_id, CASE WHEN is_direct THEN 'yes' WHEN NOT (is_direct) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (NOT COALESCE(is_call_off, FALSE) AND NOT COALESCE(regime = 'psr2023', FALSE))
UNION ALL
SELECT 'P3.value' AS indicator_id, CASE WHEN is_direct THEN 'yes' WHEN NOT (is_direct) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (NOT COALESCE(is_call_off, FALSE) AND NOT COALESCE(regime = 'psr2023', FALSE))
UNION ALL
SELECT 'P3.health' AS indicator_id, CASE WHEN is_direct THEN 'yes' WHEN NOT (is_direct) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (COALESCE(regime = 'psr2023', FALSE) AND NOT COALESCE(is_call_off, FALSE))
UNION ALL
SELECT 'P5' AS indicator_id, CASE WHEN is_reserved THEN 'yes' WHEN NOT (is_reserved) THEN 'no' ELSE 'unknown' END AS answer,
    NULL AS award_id, NULL AS mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, tendered_on AS awarded_on, quarter, financial_year, NULL AS tier, cpv_division, NULL AS supplier_id, NULL AS supplier_count, weight, NULL AS value_gbp, NULL AS amount_gbp
FROM out_procedure WHERE (source = 'find-a-tender' AND is_below_threshold)
UNION ALL
SELECT 'P5.number' AS indicator_id, CASE WHEN is_reserved THEN 'yes' WHEN NOT (is_reserved) THEN 'no' ELSE 'unknown' END AS answer,
    NULL AS award_id, NULL AS mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, tendered_on AS awarded_on, quarter, financial_year, NULL AS tier, cpv_division, NULL AS supplier_id, NULL AS supplier_count, weight, NULL AS value_gbp, NULL AS amount_gbp
FROM out_procedure WHERE (is_below_threshold)
UNION ALL
SELECT 'P7' AS indicator_id, CASE WHEN is_light_touch THEN 'yes' WHEN NOT (is_light_touch) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core
UNION ALL
SELECT 'P7.count' AS indicator_id, CASE WHEN is_light_touch THEN 'yes' WHEN NOT (is_light_touch) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core
UNION ALL
SELECT 'P7.above' AS indicator_id, CASE WHEN CASE WHEN value_status = 'ok' THEN gross_gbp >= 663540 END THEN 'yes' WHEN NOT (CASE WHEN value_status = 'ok' THEN gross_gbp >= 663540 END) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (is_light_touch)
UNION ALL
SELECT 'P7.above_count' AS indicator_id, CASE WHEN CASE WHEN value_status = 'ok' THEN gross_gbp >= 663540 END THEN 'yes' WHEN NOT (CASE WHEN value_status = 'ok' THEN gross_gbp >= 663540 END) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (is_light_touch)
UNION ALL
SELECT 'E1' AS indicator_id, CASE WHEN CASE WHEN announced_on < tendered_on THEN TRUE ELSE FALSE END THEN 'yes' WHEN NOT (CASE WHEN announced_on < tendered_on THEN TRUE ELSE FALSE END) THEN 'no' ELSE 'unknown' END AS answer,
    NULL AS award_id, NULL AS mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, tendered_on AS awarded_on, quarter, financial_year, NULL AS tier, cpv_division, NULL AS supplier_id, NULL AS supplier_count, weight, NULL AS value_gbp, NULL AS amount_gbp
FROM out_procedure WHERE (regime = 'pa2023')
UNION ALL
SELECT 'E4.under_15' AS indicator_id, CASE WHEN days_open < 15 THEN 'yes' WHEN NOT (days_open < 15) THEN 'no' ELSE 'unknown' END AS answer,
    NULL AS award_id, NULL AS mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, tendered_on AS awarded_on, quarter, financial_year, NULL AS tier, cpv_division, NULL AS supplier_id, NULL AS supplier_count, weight, NULL AS value_gbp, NULL AS amount_gbp
FROM out_procedure WHERE (is_competitive)
UNION ALL
SELECT 'E4.under_25' AS indicator_id, CASE WHEN days_open < 25 THEN 'yes' WHEN NOT (days_open < 25) THEN 'no' ELSE 'unknown' END AS answer,
    NULL AS award_id, NULL AS mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, tendered_on AS awarded_on, quarter, financial_year, NULL AS tier, cpv_division, NULL AS supplier_id, NULL AS supplier_count, weight, NULL AS value_gbp, NULL AS amount_gbp
FROM out_procedure WHERE (is_competitive)
UNION ALL
SELECT 'O4.million' AS indicator_id, CASE WHEN amount_gbp >= 1000000 THEN 'yes' WHEN NOT (amount_gbp >= 1000000) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND ((CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status IN ('yes', 'possible') THEN TRUE WHEN vcse_status = 'unknown' AND vcse_declared THEN TRUE END) AND value_status = 'ok') AND award_id NOT IN (SELECT award_id FROM out_line WHERE NOT COALESCE((CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status IN ('yes', 'possible') THEN TRUE WHEN vcse_status = 'unknown' AND vcse_declared THEN TRUE END) AND value_status = 'ok', FALSE))
UNION ALL
SELECT 'Q1' AS indicator_id, CASE WHEN COALESCE(supplier_area_code IS NOT NULL OR NOT is_uk, FALSE) THEN 'yes' WHEN NOT (COALESCE(supplier_area_code IS NOT NULL OR NOT is_uk, FALSE)) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core
UNION ALL
SELECT 'Q1.contracts-finder' AS indicator_id, CASE WHEN COALESCE(supplier_area_code IS NOT NULL OR NOT is_uk, FALSE) THEN 'yes' WHEN NOT (COALESCE(supplier_area_code IS NOT NULL OR NOT is_uk, FALSE)) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (source = 'contracts-finder')
UNION ALL
SELECT 'Q1.find-a-tender' AS indicator_id, CASE WHEN COALESCE(supplier_area_code IS NOT NULL OR NOT is_uk, FALSE) THEN 'yes' WHEN NOT (COALESCE(supplier_area_code IS NOT NULL OR NOT is_uk, FALSE)) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (source = 'find-a-tender')
UNION ALL
SELECT 'Q2' AS indicator_id, CASE WHEN COALESCE(has_org_id, FALSE) THEN 'yes' WHEN NOT (COALESCE(has_org_id, FALSE)) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core
UNION ALL
SELECT 'Q2.contracts-finder' AS indicator_id, CASE WHEN COALESCE(has_org_id, FALSE) THEN 'yes' WHEN NOT (COALESCE(has_org_id, FALSE)) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (source = 'contracts-finder')
UNION ALL
SELECT 'Q2.find-a-tender' AS indicator_id, CASE WHEN COALESCE(has_org_id, FALSE) THEN 'yes' WHEN NOT (COALESCE(has_org_id, FALSE)) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (source = 'find-a-tender')
UNION ALL
SELECT 'Q2.kind' AS indicator_id, CASE WHEN (CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN TRUE WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END) IS NOT NULL THEN 'yes' WHEN NOT ((CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN TRUE WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END) IS NOT NULL) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core
UNION ALL
SELECT 'Q2.kind.contracts-finder' AS indicator_id, CASE WHEN (CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN TRUE WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END) IS NOT NULL THEN 'yes' WHEN NOT ((CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN TRUE WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END) IS NOT NULL) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (source = 'contracts-finder')
UNION ALL
SELECT 'Q2.kind.find-a-tender' AS indicator_id, CASE WHEN (CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN TRUE WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END) IS NOT NULL THEN 'yes' WHEN NOT ((CASE WHEN COALESCE(is_quasi_public, FALSE) OR vcse_status = 'no' THEN FALSE WHEN vcse_status = 'yes' THEN TRUE WHEN vcse_status = 'possible' AND vcse_type IN ('guarantee_company', 'exempt_company', 'cooperative', 'mutual') THEN FALSE END) IS NOT NULL) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (source = 'find-a-tender')
UNION ALL
SELECT 'Q3' AS indicator_id, CASE WHEN COALESCE(value_status = 'ok', FALSE) THEN 'yes' WHEN NOT (COALESCE(value_status = 'ok', FALSE)) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core
UNION ALL
SELECT 'Q3.contracts-finder' AS indicator_id, CASE WHEN COALESCE(value_status = 'ok', FALSE) THEN 'yes' WHEN NOT (COALESCE(value_status = 'ok', FALSE)) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (source = 'contracts-finder')
UNION ALL
SELECT 'Q3.find-a-tender' AS indicator_id, CASE WHEN COALESCE(value_status = 'ok', FALSE) THEN 'yes' WHEN NOT (COALESCE(value_status = 'ok', FALSE)) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (source = 'find-a-tender')
UNION ALL
SELECT 'Q4' AS indicator_id, CASE WHEN COALESCE(buyer_kind <> 'other', FALSE) THEN 'yes' WHEN NOT (COALESCE(buyer_kind <> 'other', FALSE)) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core
UNION ALL
SELECT 'Q4.contracts-finder' AS indicator_id, CASE WHEN COALESCE(buyer_kind <> 'other', FALSE) THEN 'yes' WHEN NOT (COALESCE(buyer_kind <> 'other', FALSE)) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (source = 'contracts-finder')
UNION ALL
SELECT 'Q4.find-a-tender' AS indicator_id, CASE WHEN COALESCE(buyer_kind <> 'other', FALSE) THEN 'yes' WHEN NOT (COALESCE(buyer_kind <> 'other', FALSE)) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (source = 'find-a-tender')
UNION ALL
SELECT 'Q5' AS indicator_id, CASE WHEN bids IS NOT NULL THEN 'yes' WHEN NOT (bids IS NOT NULL) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core
UNION ALL
SELECT 'Q5.contracts-finder' AS indicator_id, CASE WHEN bids IS NOT NULL THEN 'yes' WHEN NOT (bids IS NOT NULL) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (source = 'contracts-finder')
UNION ALL
SELECT 'Q5.find-a-tender' AS indicator_id, CASE WHEN bids IS NOT NULL THEN 'yes' WHEN NOT (bids IS NOT NULL) THEN 'no' ELSE 'unknown' END AS answer,
    award_id, mention_id, procurement_id, source, notice_url, buyer_id, buyer_kind, buyer_area_code, buyer_county_code, buyer_region_code, is_english_council, awarded_on, quarter, financial_year, tier, cpv_division, supplier_id, supplier_count, weight, value_gbp, amount_gbp
FROM out_line WHERE is_core AND (source = 'find-a-tender');

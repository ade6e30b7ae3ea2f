-- The views for analysts, in SQL that SQLite, PostgreSQL and DuckDB read alike; the CSV files of the export are these views.
-- Above each view stand its description and its columns: "name = table.column" takes type and sentence from the schema,
-- "name = table.column: Sentence." takes the type only, "name (type): Sentence." declares both; an asterisk marks the key.

-- Every award joined with its buyer, its procurement and its suppliers: one row per award line, and one per award that names no supplier.
--   awarded_on = award.awarded_on
--   buyer_name = buyer.name
--   title = procurement.title
--   supplier_name = supplier.supplier_name
--   value_gbp = award_line.value_gbp
--   status = award.status
--   is_local_authority = award_line.is_local_authority: Whether the supplier's address is in the buyer's own area; null is not known.
--   vcse_status = award_line.vcse_status
--   notice_url = award.notice_url
--   award_id = award.award_id
--   mention_id = award_line.mention_id: The supplier as the award names it; null where the award names no supplier.
--   procurement_id = award.procurement_id
--   ocid = award.ocid
--   source = award.source
--   cpv_code = procurement.cpv_code
--   buyer_id = award.buyer_id
--   buyer_kind = buyer.kind
--   buyer_area_code = buyer.area_code
--   buyer_area_name = area.name: The name of the buyer's own area.
--   buyer_region_code = area.region_code: The English region that the buyer's own area lies in, or the nation elsewhere.
--   supplier_id = award_line.supplier_id
--   supplier_name_as_written = supplier_mention.supplier_name: The name as this award writes it.
--   org_id = supplier.org_id
--   link_method = supplier_link.method: The rule by which the name as written leads to its supplier; null for a placeholder.
--   link_score = supplier_link.score: How far that rule is believed, from 0 to 1.
--   link_reason = supplier_link.reason: Why the name as written leads to its supplier, in words.
--   supplier_area_code = award_line.supplier_area_code
--   supplier_area_name = area.name: The name of the local authority of the supplier's address; the address itself is not exported.
--   supplier_county_code = award_line.supplier_county_code
--   supplier_region_code = award_line.supplier_region_code
--   location_basis = award_line.location_basis
--   location_method = award_line.location_method
--   location_confidence = award_line.location_confidence
--   location_vintage = award_line.location_vintage
--   location_candidates = award_line.location_candidates
--   is_uk = award_line.is_uk
--   local_scope = award_line.local_scope
--   is_local_county = award_line.is_local_county
--   is_local_statutory = award_line.is_local_statutory
--   is_local_region = award_line.is_local_region: Whether the supplier's address is in the buyer's region; null is not known.
--   is_head_office_local = award_line.is_head_office_local
--   distance_km = award_line.distance_km
--   vcse_declared = award_line.vcse_declared
--   vcse_type = supplier.vcse_type
--   vcse_evidence = supplier.vcse_evidence
--   is_quasi_public = supplier.is_quasi_public
--   group_id = supplier.group_id
--   group_name = supplier_group.group_name
--   scale_declared = award_line.scale_declared
--   weight = award_line.weight
--   amount_gbp = award.amount_gbp: The published sterling amount of the whole award, repeated on each of its lines: sum value_gbp instead.
--   amount_gross_gbp = award.amount_gross_gbp
--   currency = award.currency
--   amount_basis = award.amount_basis
--   value_kind = award.value_kind
--   value_status = award.value_status
--   value_reason = award.value_reason
--   contradictions = award.contradictions
--   annualised_gbp = award.annualised_gbp
--   is_core = award.is_core
--   tier = award.tier
--   is_mega = award.is_mega
--   is_large_for_buyer = award.is_large_for_buyer
--   mega_rule = award.mega_rule
--   signed_on = award.signed_on
--   starts_on = award.starts_on
--   ends_on = award.ends_on
--   ends_latest_on = award.ends_latest_on
--   changed_on = award.changed_on
--   published_at = award.published_at
--   supplier_count = award.supplier_count
--   bids = award.bids
--   bids_sme = award.bids_sme
--   bids_vcse = award.bids_vcse
--   lot_id = award.lot_id
--   notice_type = award.notice_type
--   regime = procurement.regime
--   special_regime = procurement.special_regime
--   method = procurement.method
--   method_details = procurement.method_details
--   is_framework = procurement.is_framework
--   suitable_sme = procurement.suitable_sme
--   suitable_vcse = procurement.suitable_vcse
--   reserved_for = procurement.reserved_for
--   reserved_location = procurement.reserved_location
--   duplicate_of = award.duplicate_of
--   duplicate_confidence = award.duplicate_confidence
--   duplicate_reason = award.duplicate_reason
--   release_id = award.release_id
CREATE VIEW out_award_line AS
SELECT
    award.awarded_on,
    buyer.name AS buyer_name,
    procurement.title,
    supplier.supplier_name,
    award_line.value_gbp,
    award.status,
    award_line.is_local_authority,
    award_line.vcse_status,
    award.notice_url,
    award.award_id,
    award_line.mention_id,
    award.procurement_id,
    award.ocid,
    award.source,
    procurement.cpv_code,
    award.buyer_id,
    buyer.kind AS buyer_kind,
    buyer.area_code AS buyer_area_code,
    buyer_area.name AS buyer_area_name,
    buyer_area.region_code AS buyer_region_code,
    award_line.supplier_id,
    supplier_mention.supplier_name AS supplier_name_as_written,
    supplier.org_id,
    supplier_link.method AS link_method,
    supplier_link.score AS link_score,
    supplier_link.reason AS link_reason,
    award_line.supplier_area_code,
    supplier_area.name AS supplier_area_name,
    award_line.supplier_county_code,
    award_line.supplier_region_code,
    award_line.location_basis,
    award_line.location_method,
    award_line.location_confidence,
    award_line.location_vintage,
    award_line.location_candidates,
    award_line.is_uk,
    award_line.local_scope,
    award_line.is_local_county,
    award_line.is_local_statutory,
    award_line.is_local_region,
    award_line.is_head_office_local,
    award_line.distance_km,
    award_line.vcse_declared,
    supplier.vcse_type,
    supplier.vcse_evidence,
    supplier.is_quasi_public,
    supplier.group_id,
    supplier_group.group_name,
    award_line.scale_declared,
    award_line.weight,
    award.amount_gbp,
    award.amount_gross_gbp,
    award.currency,
    award.amount_basis,
    award.value_kind,
    award.value_status,
    award.value_reason,
    award.contradictions,
    award.annualised_gbp,
    award.is_core,
    award.tier,
    award.is_mega,
    award.is_large_for_buyer,
    award.mega_rule,
    award.signed_on,
    award.starts_on,
    award.ends_on,
    award.ends_latest_on,
    award.changed_on,
    award.published_at,
    award.supplier_count,
    award.bids,
    award.bids_sme,
    award.bids_vcse,
    award.lot_id,
    award.notice_type,
    procurement.regime,
    procurement.special_regime,
    procurement.method,
    procurement.method_details,
    procurement.is_framework,
    procurement.suitable_sme,
    procurement.suitable_vcse,
    procurement.reserved_for,
    procurement.reserved_location,
    award.duplicate_of,
    award.duplicate_confidence,
    award.duplicate_reason,
    award.release_id
FROM award
LEFT JOIN award_line ON award_line.award_id = award.award_id
LEFT JOIN supplier_mention ON supplier_mention.mention_id = award_line.mention_id
LEFT JOIN supplier_link ON supplier_link.unit_id = supplier_mention.unit_id
LEFT JOIN supplier ON supplier.supplier_id = award_line.supplier_id
LEFT JOIN supplier_group ON supplier_group.group_id = supplier.group_id
LEFT JOIN area AS supplier_area ON supplier_area.area_code = award_line.supplier_area_code
LEFT JOIN procurement ON procurement.procurement_id = award.procurement_id
LEFT JOIN buyer ON buyer.buyer_id = award.buyer_id
LEFT JOIN area AS buyer_area ON buyer_area.area_code = buyer.area_code;

-- The lines that figures are made of: one row per award line, and one, of weight 1, per award that names no supplier, with everything that indicators ask of it and the slices and periods that it falls in. A figure is repeated by a WHERE with the scope_sql of its indicator, its slice and its period.
--   award_id = award.award_id
--   mention_id = award_line.mention_id: The supplier as the award names it; null where the award names no supplier.
--   procurement_id = award.procurement_id
--   source = award.source
--   notice_url = award.notice_url
--   buyer_id = award.buyer_id
--   buyer_name = buyer.name
--   buyer_kind = buyer.kind
--   buyer_match_method = buyer.match_method
--   buyer_area_code = buyer.area_code
--   buyer_county_code = area.county_code: The county of the buyer's own area; of a unitary authority itself.
--   buyer_region_code = area.region_code: The English region of the buyer's own area, or the nation elsewhere.
--   is_english_council (flag): Whether the buyer is an English council: what figures of England are made of.
--   cpv_division (text): The first two digits of the classification.
--   awarded_on = award.awarded_on
--   quarter (text): The quarter of the award, as in the column period of indicator_value; null without a credible date.
--   financial_year (text): The financial year of the award, likewise.
--   published_at = award.published_at
--   starts_on = award.starts_on
--   ends_on (day): Last day of the contract; null where it is not known, or before its first day.
--   status = award.status
--   is_core = award.is_core
--   is_duplicate (flag): Whether the award repeats another one.
--   value_kind = award.value_kind
--   value_status = award.value_status
--   tier = award.tier
--   is_mega = award.is_mega
--   is_large_for_buyer = award.is_large_for_buyer
--   amount_gbp = award.amount_gbp: The published sterling amount of the whole award, repeated on each of its lines: sum value_gbp instead.
--   gross_gbp (money): The amount with VAT where stated, else a fifth more than without.
--   annualised_gbp = award.annualised_gbp
--   value_gbp (money): The line's part of the amount where it may enter a sum, also where no supplier is named.
--   weight (number): The line's part of its award; 1 where no supplier is named.
--   supplier_count = award.supplier_count
--   bids = award.bids
--   supplier_id = award_line.supplier_id
--   has_org_id (flag): Whether the supplier carries an identifier of a register; false where no supplier is known.
--   group_id = supplier.group_id
--   candidate_group_id = supplier.candidate_group_id
--   is_strategic (flag): Whether its group stands in central government's list of strategic suppliers; null without a supplier.
--   is_national = supplier.is_national
--   supplier_area_code = award_line.supplier_area_code
--   location_basis = award_line.location_basis
--   local_scope (text): in_scope where the buyer has an area of its own, else not_applicable: local has no meaning.
--   is_local_authority = award_line.is_local_authority
--   is_local_county = award_line.is_local_county
--   is_local_statutory = award_line.is_local_statutory
--   is_local_region = award_line.is_local_region
--   is_uk = award_line.is_uk
--   distance_km = award_line.distance_km
--   is_head_office_local = award_line.is_head_office_local
--   vcse_declared = award_line.vcse_declared
--   vcse_status = award_line.vcse_status
--   vcse_type = supplier.vcse_type
--   is_quasi_public = supplier.is_quasi_public
--   income_band = supplier.income_band
--   scale_declared = award_line.scale_declared
--   regime = procurement.regime
--   is_framework = procurement.is_framework
--   is_call_off (flag): Whether it is bought from a framework or dynamic market: the kind of its amount says so.
--   is_direct = procurement.is_direct
--   is_competitive = procurement.is_competitive
--   is_light_touch = procurement.is_light_touch
--   is_people_services = procurement.is_people_services
--   suitable_vcse (flag): Marked before the award as suitable for voluntary organisations, by its lot where it has one.
CREATE VIEW out_line AS
SELECT
    award.award_id,
    award_line.mention_id,
    award.procurement_id,
    award.source,
    award.notice_url,
    award.buyer_id,
    buyer.name AS buyer_name,
    buyer.kind AS buyer_kind,
    buyer.match_method AS buyer_match_method,
    buyer.area_code AS buyer_area_code,
    area.county_code AS buyer_county_code,
    area.region_code AS buyer_region_code,
    coalesce(buyer.kind = 'council' AND area.nation = 'England', false) AS is_english_council,
    substr(award.cpv_code, 1, 2) AS cpv_division,
    award.awarded_on,
    CASE WHEN substr(CAST(award.awarded_on AS TEXT), 1, 4) >= '2000' THEN
        substr(CAST(award.awarded_on AS TEXT), 1, 4) || CASE
            WHEN substr(CAST(award.awarded_on AS TEXT), 6, 2) <= '03' THEN 'Q1'
            WHEN substr(CAST(award.awarded_on AS TEXT), 6, 2) <= '06' THEN 'Q2'
            WHEN substr(CAST(award.awarded_on AS TEXT), 6, 2) <= '09' THEN 'Q3'
            ELSE 'Q4' END
    END AS quarter,
    CASE WHEN substr(CAST(award.awarded_on AS TEXT), 1, 4) < '2000' THEN NULL
        WHEN substr(CAST(award.awarded_on AS TEXT), 6, 2) <= '03' THEN
            'FY' || CAST(CAST(substr(CAST(award.awarded_on AS TEXT), 1, 4) AS INTEGER) - 1 AS TEXT)
            || '-' || substr(CAST(award.awarded_on AS TEXT), 3, 2)
        ELSE 'FY' || substr(CAST(award.awarded_on AS TEXT), 1, 4) || '-'
            || substr(CAST(CAST(substr(CAST(award.awarded_on AS TEXT), 1, 4) AS INTEGER) + 1 AS TEXT), 3, 2)
    END AS financial_year,
    award.published_at,
    award.starts_on,
    CASE WHEN award.starts_on IS NULL OR award.ends_on >= award.starts_on THEN award.ends_on END AS ends_on,
    award.status,
    award.is_core,
    award.duplicate_of IS NOT NULL AS is_duplicate,
    award.value_kind,
    award.value_status,
    award.tier,
    award.is_mega,
    award.is_large_for_buyer,
    award.amount_gbp,
    coalesce(award.amount_gross_gbp, round(award.amount_gbp * 1.2, 2)) AS gross_gbp,
    award.annualised_gbp,
    CASE WHEN award_line.mention_id IS NOT NULL THEN award_line.value_gbp
        WHEN award.is_core AND award.value_status = 'ok' THEN award.amount_gbp END AS value_gbp,
    coalesce(award_line.weight, 1.0) AS weight,
    award.supplier_count,
    award.bids,
    award_line.supplier_id,
    supplier.org_id IS NOT NULL AS has_org_id,
    supplier.group_id,
    supplier.candidate_group_id,
    CASE WHEN award_line.supplier_id IS NOT NULL THEN coalesce(supplier_group.is_strategic_supplier, false) END
        AS is_strategic,
    supplier.is_national,
    award_line.supplier_area_code,
    award_line.location_basis,
    coalesce(
        award_line.local_scope,
        CASE WHEN buyer.kind IN ('council', 'combined_authority', 'police', 'fire') AND buyer.area_code IS NOT NULL
            THEN 'in_scope' ELSE 'not_applicable' END
    ) AS local_scope,
    award_line.is_local_authority,
    award_line.is_local_county,
    award_line.is_local_statutory,
    award_line.is_local_region,
    award_line.is_uk,
    award_line.distance_km,
    award_line.is_head_office_local,
    award_line.vcse_declared,
    award_line.vcse_status,
    supplier.vcse_type,
    supplier.is_quasi_public,
    supplier.income_band,
    award_line.scale_declared,
    procurement.regime,
    procurement.is_framework,
    award.value_kind = 'call_off' AS is_call_off,
    procurement.is_direct,
    procurement.is_competitive,
    procurement.is_light_touch,
    procurement.is_people_services,
    coalesce(lot.suitable_vcse, procurement.suitable_vcse) AS suitable_vcse
FROM award
LEFT JOIN award_line ON award_line.award_id = award.award_id
LEFT JOIN procurement ON procurement.procurement_id = award.procurement_id
LEFT JOIN lot ON lot.procurement_id = award.procurement_id AND lot.lot_id = award.lot_id
LEFT JOIN buyer ON buyer.buyer_id = award.buyer_id
LEFT JOIN area ON area.area_code = buyer.area_code
LEFT JOIN supplier ON supplier.supplier_id = award_line.supplier_id
LEFT JOIN supplier_group ON supplier_group.group_id = supplier.group_id;

-- The procedures that figures are made of: one row per procurement with a tender notice that repeats no other, with everything that indicators ask of it and the slices and periods that it falls in.
--   procurement_id = procurement.procurement_id
--   source = procurement.source
--   title = procurement.title
--   notice_url = procurement.notice_url
--   buyer_id = procurement.buyer_id
--   buyer_name = buyer.name
--   buyer_kind = buyer.kind
--   buyer_area_code = buyer.area_code
--   buyer_county_code = area.county_code: The county of the buyer's own area; of a unitary authority itself.
--   buyer_region_code = area.region_code: The English region of the buyer's own area, or the nation elsewhere.
--   is_english_council (flag): Whether the buyer is an English council: what figures of England are made of.
--   cpv_division (text): The first two digits of the classification.
--   tendered_on = procurement.tendered_on
--   quarter (text): The quarter of the tender notice, as in the column period of indicator_value.
--   financial_year (text): The financial year of the tender notice, likewise.
--   announced_on = procurement.announced_on
--   days_open = procurement.days_open
--   lots = procurement.lots
--   regime = procurement.regime
--   is_framework = procurement.is_framework
--   is_reserved = procurement.is_reserved
--   is_below_threshold = procurement.is_below_threshold
--   is_light_touch = procurement.is_light_touch
--   is_direct = procurement.is_direct
--   is_competitive = procurement.is_competitive
--   weight (number): Always 1: every procedure counts one.
CREATE VIEW out_procedure AS
SELECT
    procurement.procurement_id,
    procurement.source,
    procurement.title,
    procurement.notice_url,
    procurement.buyer_id,
    buyer.name AS buyer_name,
    buyer.kind AS buyer_kind,
    buyer.area_code AS buyer_area_code,
    area.county_code AS buyer_county_code,
    area.region_code AS buyer_region_code,
    coalesce(buyer.kind = 'council' AND area.nation = 'England', false) AS is_english_council,
    substr(procurement.cpv_code, 1, 2) AS cpv_division,
    procurement.tendered_on,
    CASE WHEN substr(CAST(procurement.tendered_on AS TEXT), 1, 4) >= '2000' THEN
        substr(CAST(procurement.tendered_on AS TEXT), 1, 4) || CASE
            WHEN substr(CAST(procurement.tendered_on AS TEXT), 6, 2) <= '03' THEN 'Q1'
            WHEN substr(CAST(procurement.tendered_on AS TEXT), 6, 2) <= '06' THEN 'Q2'
            WHEN substr(CAST(procurement.tendered_on AS TEXT), 6, 2) <= '09' THEN 'Q3'
            ELSE 'Q4' END
    END AS quarter,
    CASE WHEN substr(CAST(procurement.tendered_on AS TEXT), 1, 4) < '2000' THEN NULL
        WHEN substr(CAST(procurement.tendered_on AS TEXT), 6, 2) <= '03' THEN
            'FY' || CAST(CAST(substr(CAST(procurement.tendered_on AS TEXT), 1, 4) AS INTEGER) - 1 AS TEXT)
            || '-' || substr(CAST(procurement.tendered_on AS TEXT), 3, 2)
        ELSE 'FY' || substr(CAST(procurement.tendered_on AS TEXT), 1, 4) || '-'
            || substr(CAST(CAST(substr(CAST(procurement.tendered_on AS TEXT), 1, 4) AS INTEGER) + 1 AS TEXT), 3, 2)
    END AS financial_year,
    procurement.announced_on,
    procurement.days_open,
    procurement.lots,
    procurement.regime,
    procurement.is_framework,
    procurement.is_reserved,
    procurement.is_below_threshold,
    procurement.is_light_touch,
    procurement.is_direct,
    procurement.is_competitive,
    CAST(1 AS DOUBLE PRECISION) AS weight
FROM procurement
LEFT JOIN buyer ON buyer.buyer_id = procurement.buyer_id
LEFT JOIN area ON area.area_code = buyer.area_code
WHERE procurement.tendered_on IS NOT NULL AND procurement.duplicate_of IS NULL;

-- Every supplier with what it won in published notices; awards that were not given, ceilings and repetitions are counted only in awards.
--   supplier_id* = supplier.supplier_id
--   supplier_name = supplier.supplier_name
--   org_id = supplier.org_id
--   org_ids = supplier.org_ids
--   legal_form = supplier.legal_form
--   register_status = supplier.register_status
--   vcse_status = supplier.vcse_status
--   vcse_type = supplier.vcse_type
--   vcse_evidence = supplier.vcse_evidence
--   vcse_register_on = supplier.vcse_register_on
--   is_quasi_public = supplier.is_quasi_public
--   income_band = supplier.income_band
--   area_code = supplier.area_code
--   area_name = area.name: The local authority of its registered office.
--   place_basis = supplier.place_basis
--   regions = supplier.regions
--   is_national = supplier.is_national
--   group_id = supplier.group_id
--   group_name = supplier_group.group_name
--   awards (count): Awards that name the supplier, whatever their status.
--   core_awards (count): Of these, awards that were given, are no ceiling and repeat no other.
--   priced_awards (count): Of the core awards, those with a credible amount: the awards behind value_gbp.
--   value_gbp (money): The supplier's part of the credible amounts of its core awards, where the awards have one.
--   vcse_declared_awards (count): Core awards whose notice marks the supplier as a voluntary, community or social enterprise.
--   buyers (count): Buyers that gave it a core award.
--   first_awarded_on (day): Date of its first core award.
--   last_awarded_on (day): Date of its latest core award.
CREATE VIEW out_supplier AS
SELECT
    supplier.supplier_id,
    supplier.supplier_name,
    supplier.org_id,
    supplier.org_ids,
    supplier.legal_form,
    supplier.register_status,
    supplier.vcse_status,
    supplier.vcse_type,
    supplier.vcse_evidence,
    supplier.vcse_register_on,
    supplier.is_quasi_public,
    supplier.income_band,
    supplier.area_code,
    area.name AS area_name,
    supplier.place_basis,
    supplier.regions,
    supplier.is_national,
    supplier.group_id,
    supplier_group.group_name,
    count(won.award_id) AS awards,
    count(CASE WHEN won.is_core THEN 1 END) AS core_awards,
    count(CASE WHEN won.is_core AND won.value_gbp IS NOT NULL THEN 1 END) AS priced_awards,
    round(sum(CASE WHEN won.is_core THEN won.value_gbp END), 2) AS value_gbp,
    count(CASE WHEN won.is_core AND won.vcse_lines > 0 THEN 1 END) AS vcse_declared_awards,
    count(DISTINCT CASE WHEN won.is_core THEN won.buyer_id END) AS buyers,
    min(CASE WHEN won.is_core THEN won.awarded_on END) AS first_awarded_on,
    max(CASE WHEN won.is_core THEN won.awarded_on END) AS last_awarded_on
FROM supplier
LEFT JOIN (
    SELECT
        award_line.supplier_id,
        award.award_id,
        award.buyer_id,
        award.is_core,
        award.awarded_on,
        sum(award_line.value_gbp) AS value_gbp,
        count(CASE WHEN award_line.vcse_declared THEN 1 END) AS vcse_lines
    FROM award_line
    JOIN award ON award.award_id = award_line.award_id
    GROUP BY award_line.supplier_id, award.award_id, award.buyer_id, award.is_core, award.awarded_on
) AS won ON won.supplier_id = supplier.supplier_id
LEFT JOIN area ON area.area_code = supplier.area_code
LEFT JOIN supplier_group ON supplier_group.group_id = supplier.group_id
GROUP BY
    supplier.supplier_id,
    supplier.supplier_name,
    supplier.org_id,
    supplier.org_ids,
    supplier.legal_form,
    supplier.register_status,
    supplier.vcse_status,
    supplier.vcse_type,
    supplier.vcse_evidence,
    supplier.vcse_register_on,
    supplier.is_quasi_public,
    supplier.income_band,
    supplier.area_code,
    area.name,
    supplier.place_basis,
    supplier.regions,
    supplier.is_national,
    supplier.group_id,
    supplier_group.group_name;

-- Every award line on which the notice's mark and the registers (or the law on legal forms) differ about the voluntary sector: marked as a VCSE though they say none, or marked as none though they say it is one. A missing mark is not a difference.
--   disagreement (text): marked_but_not (a register, or the legal form of the name, says that it is none), marked_but_set_apart (a university, college, school, health body or housing association) or not_marked_but_is (marked as none, while a register or its legal form says that it is one).
--   supplier_name = supplier.supplier_name
--   vcse_evidence = supplier.vcse_evidence
--   buyer_name = buyer.name
--   title = procurement.title
--   value_gbp = award_line.value_gbp
--   awarded_on = award.awarded_on
--   notice_url = award.notice_url
--   award_id* = award_line.award_id
--   mention_id* = award_line.mention_id
--   procurement_id = award.procurement_id
--   buyer_id = award.buyer_id
--   supplier_id = award_line.supplier_id
--   supplier_name_as_written = supplier_mention.supplier_name: The name as this award writes it.
--   org_id = supplier.org_id
--   vcse_declared = award_line.vcse_declared
--   vcse_status = award_line.vcse_status
--   vcse_type = supplier.vcse_type
--   vcse_register_on = supplier.vcse_register_on
--   is_quasi_public = supplier.is_quasi_public
--   is_core = award.is_core
--   published_at = award.published_at
CREATE VIEW out_vcse_disagreement AS
SELECT
    CASE
        WHEN award_line.vcse_status = 'yes' THEN 'not_marked_but_is'
        WHEN supplier.is_quasi_public THEN 'marked_but_set_apart'
        ELSE 'marked_but_not'
    END AS disagreement,
    supplier.supplier_name,
    supplier.vcse_evidence,
    buyer.name AS buyer_name,
    procurement.title,
    award_line.value_gbp,
    award.awarded_on,
    award.notice_url,
    award_line.award_id,
    award_line.mention_id,
    award.procurement_id,
    award.buyer_id,
    award_line.supplier_id,
    supplier_mention.supplier_name AS supplier_name_as_written,
    supplier.org_id,
    award_line.vcse_declared,
    award_line.vcse_status,
    supplier.vcse_type,
    supplier.vcse_register_on,
    supplier.is_quasi_public,
    award.is_core,
    award.published_at
FROM award_line
JOIN award ON award.award_id = award_line.award_id
LEFT JOIN supplier_mention ON supplier_mention.mention_id = award_line.mention_id
LEFT JOIN supplier ON supplier.supplier_id = award_line.supplier_id
LEFT JOIN procurement ON procurement.procurement_id = award.procurement_id
LEFT JOIN buyer ON buyer.buyer_id = award.buyer_id
WHERE award_line.vcse_status = 'records_disagree'
    OR (award_line.vcse_status = 'yes' AND NOT award_line.vcse_declared);

-- Every two suppliers that may be one and were not linked, or the same one twice where its own numbers differ, with what speaks for it, what against it, and how much money a mistake would move.
--   a_supplier_id* = supplier.supplier_id: One supplier.
--   a_supplier_name = supplier.supplier_name: Its name.
--   b_supplier_id* = supplier.supplier_id: The other supplier.
--   b_supplier_name = supplier.supplier_name: Its name.
--   method = supplier_review.method
--   score = supplier_review.score
--   decision = supplier_review.decision
--   reason = supplier_review.reason
--   value_gbp (money): The credible amounts of the core awards of the one that won less: what a mistake would move; null where these have none.
CREATE VIEW out_supplier_review AS
WITH won AS (
    SELECT award_line.supplier_id, round(sum(award_line.value_gbp), 2) AS value_gbp
    FROM award_line
    JOIN award ON award.award_id = award_line.award_id
    WHERE award.is_core AND award_line.value_gbp IS NOT NULL
    GROUP BY award_line.supplier_id
),
pair AS (
    SELECT
        CASE WHEN a.supplier_id < b.supplier_id THEN a.supplier_id ELSE b.supplier_id END AS a_supplier_id,
        CASE WHEN a.supplier_id < b.supplier_id THEN b.supplier_id ELSE a.supplier_id END AS b_supplier_id,
        supplier_review.method,
        supplier_review.score,
        supplier_review.decision,
        supplier_review.reason,
        row_number() OVER (
            PARTITION BY
                CASE WHEN a.supplier_id < b.supplier_id THEN a.supplier_id ELSE b.supplier_id END,
                CASE WHEN a.supplier_id < b.supplier_id THEN b.supplier_id ELSE a.supplier_id END
            ORDER BY supplier_review.score DESC, supplier_review.a_unit_id, supplier_review.b_unit_id
        ) AS place
    FROM supplier_review
    JOIN supplier_link AS a ON a.unit_id = supplier_review.a_unit_id
    JOIN supplier_link AS b ON b.unit_id = supplier_review.b_unit_id
    -- One supplier stands twice where its own numbers differ: it may be two.
    WHERE a.supplier_id <> b.supplier_id OR supplier_review.method = 'numbers_differ'
)
SELECT
    pair.a_supplier_id,
    one.supplier_name AS a_supplier_name,
    pair.b_supplier_id,
    other.supplier_name AS b_supplier_name,
    pair.method,
    pair.score,
    pair.decision,
    pair.reason,
    CASE
        WHEN coalesce(a_won.value_gbp, 0) < coalesce(b_won.value_gbp, 0) THEN a_won.value_gbp
        ELSE b_won.value_gbp
    END AS value_gbp
FROM pair
JOIN supplier AS one ON one.supplier_id = pair.a_supplier_id
JOIN supplier AS other ON other.supplier_id = pair.b_supplier_id
LEFT JOIN won AS a_won ON a_won.supplier_id = pair.a_supplier_id
LEFT JOIN won AS b_won ON b_won.supplier_id = pair.b_supplier_id
WHERE pair.place = 1;

-- Every group of suppliers under one head, with what its suppliers won together; an award to two suppliers of a group is counted once.
--   group_id* = supplier_group.group_id
--   group_name = supplier_group.group_name
--   parent_org_id = supplier_group.parent_org_id
--   method = supplier_group.method
--   source = supplier_group.source
--   is_national_provider = supplier_group.is_national_provider
--   is_strategic_supplier = supplier_group.is_strategic_supplier
--   suppliers (count): Suppliers that belong to it.
--   core_awards (count): Awards to any of them that were given, are no ceiling and repeat no other.
--   priced_awards (count): Of these, those with a credible amount: the awards behind value_gbp.
--   value_gbp (money): The suppliers' parts of the credible amounts of these awards; null where there is none.
--   buyers (count): Buyers that gave these awards.
CREATE VIEW out_group AS
WITH won AS (
    SELECT supplier.group_id, award.award_id, award.buyer_id, sum(award_line.value_gbp) AS value_gbp,
        count(award_line.value_gbp) AS priced
    FROM supplier
    JOIN award_line ON award_line.supplier_id = supplier.supplier_id
    JOIN award ON award.award_id = award_line.award_id
    WHERE supplier.group_id IS NOT NULL AND award.is_core
    GROUP BY supplier.group_id, award.award_id, award.buyer_id
),
summed AS (
    SELECT
        group_id,
        count(*) AS core_awards,
        count(CASE WHEN priced > 0 THEN 1 END) AS priced_awards,
        round(sum(value_gbp), 2) AS value_gbp,
        count(DISTINCT buyer_id) AS buyers
    FROM won
    GROUP BY group_id
),
member AS (
    SELECT group_id, count(*) AS suppliers FROM supplier WHERE group_id IS NOT NULL GROUP BY group_id
)
SELECT
    supplier_group.group_id,
    supplier_group.group_name,
    supplier_group.parent_org_id,
    supplier_group.method,
    supplier_group.source,
    supplier_group.is_national_provider,
    supplier_group.is_strategic_supplier,
    COALESCE(member.suppliers, 0) AS suppliers,
    COALESCE(summed.core_awards, 0) AS core_awards,
    COALESCE(summed.priced_awards, 0) AS priced_awards,
    CASE WHEN summed.priced_awards > 0 THEN summed.value_gbp END AS value_gbp,
    COALESCE(summed.buyers, 0) AS buyers
FROM supplier_group
LEFT JOIN member ON member.group_id = supplier_group.group_id
LEFT JOIN summed ON summed.group_id = supplier_group.group_id;

-- Every buyer by financial year of award, with counts and the sum of the credible amounts of its published awards.
--   buyer_name = buyer.name
--   financial_year (text): April to March by date of award, such as FY2024-25; null where the date is not known.
--   buyer_id = award.buyer_id
--   buyer_kind = buyer.kind
--   buyer_area_code = buyer.area_code
--   buyer_area_name = area.name: The name of the buyer's own area.
--   awards (count): Awards published, whatever their status.
--   core_awards (count): Of these, awards that were given, are no ceiling and repeat no other: the base of the counts below.
--   priced_awards (count): Of the core awards, those with a credible amount: the awards behind value_gbp.
--   value_gbp (money): The credible amounts of the core awards, summed; null where there is none.
--   local_awards (count): Core awards all of whose suppliers have an address in the buyer's own area; null, as the next two, where the buyer is no council or combined authority.
--   outside_awards (count): Core awards all of whose suppliers have an address outside the buyer's own area.
--   local_unknown_awards (count): Other core awards: a place is not known, several suppliers differ, or none is named.
--   mega_awards (count): Core awards of £100m and more.
CREATE VIEW out_buyer_year AS
WITH place AS (
    SELECT
        award_id,
        count(*) AS line_count,
        count(CASE WHEN is_local_authority THEN 1 END) AS inside,
        count(CASE WHEN NOT is_local_authority THEN 1 END) AS outside
    FROM award_line
    GROUP BY award_id
),
dated AS (
    SELECT
        award.award_id,
        award.buyer_id,
        award.is_core,
        award.is_mega,
        award.value_status,
        award.amount_gbp,
        CAST(substr(CAST(award.awarded_on AS TEXT), 1, 4) AS INTEGER)
        - CASE WHEN substr(CAST(award.awarded_on AS TEXT), 6, 2) < '04' THEN 1 ELSE 0 END AS first_year
    FROM award
)
SELECT
    buyer.name AS buyer_name,
    'FY' || CAST(dated.first_year AS TEXT) || '-' || substr(CAST(dated.first_year + 1 AS TEXT), 3, 2) AS financial_year,
    dated.buyer_id,
    buyer.kind AS buyer_kind,
    buyer.area_code AS buyer_area_code,
    area.name AS buyer_area_name,
    count(*) AS awards,
    count(CASE WHEN dated.is_core THEN 1 END) AS core_awards,
    count(CASE WHEN dated.is_core AND dated.value_status = 'ok' THEN 1 END) AS priced_awards,
    round(sum(CASE WHEN dated.is_core AND dated.value_status = 'ok' THEN dated.amount_gbp END), 2) AS value_gbp,
    CASE WHEN buyer.kind IN ('council', 'combined_authority', 'police', 'fire') AND buyer.area_code IS NOT NULL
        THEN count(CASE WHEN dated.is_core AND place.inside = place.line_count THEN 1 END) END AS local_awards,
    CASE WHEN buyer.kind IN ('council', 'combined_authority', 'police', 'fire') AND buyer.area_code IS NOT NULL
        THEN count(CASE WHEN dated.is_core AND place.outside = place.line_count THEN 1 END) END AS outside_awards,
    CASE WHEN buyer.kind IN ('council', 'combined_authority', 'police', 'fire') AND buyer.area_code IS NOT NULL
        THEN count(CASE WHEN dated.is_core THEN 1 END)
        - count(CASE WHEN dated.is_core AND (place.inside = place.line_count OR place.outside = place.line_count) THEN 1 END)
        END AS local_unknown_awards,
    count(CASE WHEN dated.is_core AND dated.is_mega THEN 1 END) AS mega_awards
FROM dated
LEFT JOIN place ON place.award_id = dated.award_id
LEFT JOIN buyer ON buyer.buyer_id = dated.buyer_id
LEFT JOIN area ON area.area_code = buyer.area_code
GROUP BY dated.buyer_id, buyer.name, buyer.kind, buyer.area_code, area.name, dated.first_year;

-- Who stands as buyer in notices and buys for others, or not at all: portals and agents, central purchasing bodies and shared services. Their awards count in figures of every buyer (grain all), and in no figure of a council.
--   buyer_id* = buyer.buyer_id
--   buyer_name = buyer.name
--   buyer_kind = buyer.kind
--   kind_reason = buyer.kind_reason
--   procurements (count): Procurements whose latest notice names it as the buyer.
--   notices (count): Notices of these procurements.
--   awards (count): Awards published under its name, whatever their status.
--   core_awards (count): Of these, awards that were given, are no ceiling and repeat no other: those that count in figures of every buyer.
--   priced_awards (count): Of the core awards, those with a credible amount: the awards behind value_gbp.
--   value_gbp (money): The credible amounts of the core awards, summed; null where there is none.
--   ceilings (count): Ceilings of frameworks and dynamic markets published under its name, which are never summed.
CREATE VIEW out_not_buyer AS
WITH chosen AS (
    SELECT buyer_id, name, kind, kind_reason
    FROM buyer
    WHERE kind IN ('portal', 'central_purchasing_body', 'shared_service')
),
procured AS (
    SELECT procurement.buyer_id, count(DISTINCT procurement.procurement_id) AS procurements, count(*) AS notices
    FROM chosen
    JOIN procurement ON procurement.buyer_id = chosen.buyer_id
    LEFT JOIN release ON release.source = procurement.source AND release.ocid = procurement.ocid
    GROUP BY procurement.buyer_id
),
awarded AS (
    SELECT
        award.buyer_id,
        count(*) AS awards,
        count(CASE WHEN award.is_core THEN 1 END) AS core_awards,
        count(CASE WHEN award.is_core AND award.value_status = 'ok' THEN 1 END) AS priced_awards,
        round(sum(CASE WHEN award.is_core AND award.value_status = 'ok' THEN award.amount_gbp END), 2) AS value_gbp,
        count(ceiling.award_id) AS ceilings
    FROM chosen
    JOIN award ON award.buyer_id = chosen.buyer_id
    LEFT JOIN ceiling ON ceiling.award_id = award.award_id
    GROUP BY award.buyer_id
)
SELECT
    chosen.buyer_id,
    chosen.name AS buyer_name,
    chosen.kind AS buyer_kind,
    chosen.kind_reason,
    COALESCE(procured.procurements, 0) AS procurements,
    COALESCE(procured.notices, 0) AS notices,
    COALESCE(awarded.awards, 0) AS awards,
    COALESCE(awarded.core_awards, 0) AS core_awards,
    COALESCE(awarded.priced_awards, 0) AS priced_awards,
    awarded.value_gbp,
    COALESCE(awarded.ceilings, 0) AS ceilings
FROM chosen
LEFT JOIN procured ON procured.buyer_id = chosen.buyer_id
LEFT JOIN awarded ON awarded.buyer_id = chosen.buyer_id;

-- How many awards of each service and financial year have a buyer that is known: a council, another body of a known kind, or nobody known.
--   source* = award.source
--   financial_year* (text): April to March by date of award, such as FY2024-25; "not known" without a date.
--   awards (count): Awards published, whatever their status: the sum of the next five.
--   council_awards (count): Awards of councils and combined authorities, whose area is known.
--   police_fire_awards (count): Awards of police and fire authorities whose area is known.
--   other_kind_awards (count): Awards of other bodies that are known, such as the health service, schools, departments and regulators.
--   not_buyer_awards (count): Awards under the name of a portal or agent, a central purchasing body or a shared service.
--   unmatched_awards (count): Other awards: nothing is known of the buyer but its name.
--   like_council_awards (count): Of these, awards whose buyer has "council" in its name, as written: what matching may have missed.
--   by_code_awards (count): Of all awards, those whose buyer's area was found by a code in the notice.
--   by_name_awards (count): Of all awards, those whose buyer's area was found by its name.
--   by_decision_awards (count): Of all awards, those whose buyer a person has decided on.
--   council_match_share (number): Of the awards of matched councils and those that are like a council's, the share that is matched; null where there is none.
CREATE VIEW out_buyer_match AS
WITH dated AS (
    SELECT
        award.source,
        CAST(substr(CAST(award.awarded_on AS TEXT), 1, 4) AS INTEGER)
        - CASE WHEN substr(CAST(award.awarded_on AS TEXT), 6, 2) < '04' THEN 1 ELSE 0 END AS first_year,
        buyer.match_method,
        CASE
            WHEN buyer.kind IN ('council', 'combined_authority') AND buyer.area_code IS NOT NULL THEN 'council'
            WHEN buyer.kind IN ('police', 'fire') AND buyer.area_code IS NOT NULL THEN 'service'
            WHEN buyer.kind IN ('portal', 'central_purchasing_body', 'shared_service') THEN 'not_buyer'
            WHEN buyer.kind IS NULL OR buyer.kind = 'other' AND buyer.kind_reason IS NULL THEN 'unmatched'
            ELSE 'other_kind'
        END AS matched,
        CASE WHEN lower(award.buyer_name) LIKE '%council%' THEN 1 ELSE 0 END AS says_council
    FROM award
    LEFT JOIN buyer ON buyer.buyer_id = award.buyer_id
),
counted AS (
    SELECT
        source,
        first_year,
        count(*) AS awards,
        count(CASE WHEN matched = 'council' THEN 1 END) AS council,
        count(CASE WHEN matched = 'service' THEN 1 END) AS service,
        count(CASE WHEN matched = 'other_kind' THEN 1 END) AS other_kind,
        count(CASE WHEN matched = 'not_buyer' THEN 1 END) AS not_buyer,
        count(CASE WHEN matched = 'unmatched' THEN 1 END) AS unmatched,
        count(CASE WHEN matched = 'unmatched' AND says_council = 1 THEN 1 END) AS like_council,
        count(CASE WHEN match_method IN ('register_code', 'stable_id') THEN 1 END) AS by_code,
        count(CASE WHEN match_method = 'name' THEN 1 END) AS by_name,
        count(CASE WHEN match_method = 'override' THEN 1 END) AS by_decision
    FROM dated
    GROUP BY source, first_year
)
SELECT
    source,
    COALESCE('FY' || CAST(first_year AS TEXT) || '-' || substr(CAST(first_year + 1 AS TEXT), 3, 2), 'not known')
        AS financial_year,
    awards,
    council AS council_awards,
    service AS police_fire_awards,
    other_kind AS other_kind_awards,
    not_buyer AS not_buyer_awards,
    unmatched AS unmatched_awards,
    like_council AS like_council_awards,
    by_code AS by_code_awards,
    by_name AS by_name_awards,
    by_decision AS by_decision_awards,
    CASE WHEN council + like_council > 0 THEN CAST(council AS DOUBLE PRECISION) / (council + like_council) END
        AS council_match_share
FROM counted;

-- Every award with a credible amount of £100m or more that does not look like a framework's ceiling, value as published, with its suppliers in one cell and the official notice behind it.
--   amount_gbp = award.amount_gbp
--   buyer_name = buyer.name
--   title = procurement.title
--   supplier_names (text): The suppliers named in the award, parted by a semicolon, in the order of the notice.
--   awarded_on = award.awarded_on
--   status = award.status
--   is_core = award.is_core
--   mega_rule = award.mega_rule
--   notice_url = award.notice_url
--   award_id* = award.award_id
--   cpv_code = procurement.cpv_code
--   buyer_id = award.buyer_id
--   buyer_kind = buyer.kind
--   buyer_area_code = buyer.area_code
--   buyer_area_name = area.name: The name of the buyer's own area.
--   supplier_count = award.supplier_count
--   tier = award.tier
--   is_large_for_buyer = award.is_large_for_buyer
--   annualised_gbp = award.annualised_gbp
--   value_kind = award.value_kind
--   value_status = award.value_status
--   value_reason = award.value_reason
--   contradictions = award.contradictions
--   duplicate_of = award.duplicate_of
--   starts_on = award.starts_on
--   ends_on = award.ends_on
--   published_at = award.published_at
--   source = award.source
--   ocid = award.ocid
CREATE VIEW out_mega AS
WITH RECURSIVE numbered AS MATERIALIZED (
    SELECT
        award_line.award_id,
        COALESCE(supplier.supplier_name, supplier_mention.supplier_name, 'name not known') AS supplier_name,
        row_number() OVER (PARTITION BY award_line.award_id ORDER BY length(award_line.mention_id), award_line.mention_id)
            AS place
    FROM award
    JOIN award_line ON award_line.award_id = award.award_id
    LEFT JOIN supplier ON supplier.supplier_id = award_line.supplier_id
    LEFT JOIN supplier_mention ON supplier_mention.mention_id = award_line.mention_id
    WHERE award.is_mega
),
joined (award_id, place, supplier_names) AS (
    SELECT award_id, place, supplier_name
    FROM numbered
    WHERE place = 1
    UNION ALL
    SELECT numbered.award_id, numbered.place, joined.supplier_names || '; ' || numbered.supplier_name
    FROM joined
    JOIN numbered ON numbered.award_id = joined.award_id AND numbered.place = joined.place + 1
),
counted AS (
    SELECT award_id, max(place) AS place
    FROM numbered
    GROUP BY award_id
)
SELECT
    award.amount_gbp,
    buyer.name AS buyer_name,
    procurement.title,
    joined.supplier_names,
    award.awarded_on,
    award.status,
    award.is_core,
    award.mega_rule,
    award.notice_url,
    award.award_id,
    procurement.cpv_code,
    award.buyer_id,
    buyer.kind AS buyer_kind,
    buyer.area_code AS buyer_area_code,
    area.name AS buyer_area_name,
    award.supplier_count,
    award.tier,
    award.is_large_for_buyer,
    award.annualised_gbp,
    award.value_kind,
    award.value_status,
    award.value_reason,
    award.contradictions,
    award.duplicate_of,
    award.starts_on,
    award.ends_on,
    award.published_at,
    award.source,
    award.ocid
FROM award
LEFT JOIN procurement ON procurement.procurement_id = award.procurement_id
LEFT JOIN buyer ON buyer.buyer_id = award.buyer_id
LEFT JOIN area ON area.area_code = buyer.area_code
LEFT JOIN counted ON counted.award_id = award.award_id
LEFT JOIN joined ON joined.award_id = counted.award_id AND joined.place = counted.place
WHERE award.is_mega;

-- Every award that is large beside its buyer's other awards, its market or its council's residents, with the rule that fired and its numbers.
--   amount_gbp = award.amount_gbp
--   buyer_name = buyer.name
--   title = procurement.title
--   mega_rule = award.mega_rule
--   awarded_on = award.awarded_on
--   notice_url = award.notice_url
--   award_id* = award.award_id
--   cpv_code = procurement.cpv_code
--   buyer_id = award.buyer_id
--   buyer_kind = buyer.kind
--   annualised_gbp = award.annualised_gbp
--   tier = award.tier
--   is_mega = award.is_mega
--   supplier_count = award.supplier_count
--   source = award.source
--   ocid = award.ocid
CREATE VIEW out_large_for_buyer AS
SELECT
    award.amount_gbp,
    buyer.name AS buyer_name,
    procurement.title,
    award.mega_rule,
    award.awarded_on,
    award.notice_url,
    award.award_id,
    procurement.cpv_code,
    award.buyer_id,
    buyer.kind AS buyer_kind,
    award.annualised_gbp,
    award.tier,
    award.is_mega,
    award.supplier_count,
    award.source,
    award.ocid
FROM award
LEFT JOIN procurement ON procurement.procurement_id = award.procurement_id
LEFT JOIN buyer ON buyer.buyer_id = award.buyer_id
WHERE award.is_large_for_buyer;

-- Every figure with its title, its bounds, its coverage and the number of awards behind it.
--   indicator_id = indicator_value.indicator_id
--   title = indicator.title
--   grain = indicator_value.grain
--   area_name = area.name: The name of the area, where the grain is one.
--   buyer_name = buyer.name: The name of the buyer, where the grain is one.
--   group_name = supplier_group.group_name: The name of the group of suppliers, or of the supplier where it is in none, where the grain is one.
--   period = indicator_value.period
--   value = indicator_value.value
--   value_low = indicator_value.value_low
--   value_high = indicator_value.value_high
--   unit = indicator_value.unit
--   headline (text): Whether a share may be printed: yes (80 % known and 10 awards), with_care (60 to 80 % known) or no; null of what is no share.
--   coverage_share = indicator_value.coverage_share
--   n = indicator_value.n
--   n_excluded = indicator_value.n_excluded
--   is_provisional = indicator_value.is_provisional
--   known_share = indicator_value.known_share
--   low_share = indicator_value.low_share
--   high_share = indicator_value.high_share
--   priced_share = indicator_value.priced_share
--   numerator = indicator_value.numerator
--   denominator = indicator_value.denominator
--   tier = indicator_value.tier
--   cpv_division = indicator_value.cpv_division
--   slice = indicator_value.slice
--   area_code = indicator_value.area_code
--   buyer_id = indicator_value.buyer_id
--   group_id = indicator_value.group_id
--   version = indicator_value.version: Version of the methodology.
CREATE VIEW out_indicator AS
SELECT
    indicator_value.indicator_id,
    indicator.title,
    indicator_value.grain,
    area.name AS area_name,
    buyer.name AS buyer_name,
    COALESCE(supplier_group.group_name, supplier.supplier_name) AS group_name,
    indicator_value.period,
    indicator_value.value,
    indicator_value.value_low,
    indicator_value.value_high,
    indicator_value.unit,
    CASE
        WHEN indicator_value.unit NOT IN ('share of value', 'share of awards', 'share of procedures') THEN NULL
        WHEN indicator_value.value IS NULL OR indicator_value.n < 10 OR indicator_value.coverage_share < 0.6
            OR indicator_value.coverage_share IS NULL THEN 'no'
        WHEN indicator_value.coverage_share < 0.8 THEN 'with_care'
        ELSE 'yes'
    END AS headline,
    indicator_value.coverage_share,
    indicator_value.n,
    indicator_value.n_excluded,
    indicator_value.is_provisional,
    indicator_value.known_share,
    indicator_value.low_share,
    indicator_value.high_share,
    indicator_value.priced_share,
    indicator_value.numerator,
    indicator_value.denominator,
    indicator_value.tier,
    indicator_value.cpv_division,
    indicator_value.slice,
    indicator_value.area_code,
    indicator_value.buyer_id,
    indicator_value.group_id,
    indicator_value.version
FROM indicator_value
LEFT JOIN indicator
    ON indicator.indicator_id = indicator_value.indicator_id AND indicator.version = indicator_value.version
LEFT JOIN area ON area.area_code = indicator_value.area_code
LEFT JOIN buyer ON buyer.buyer_id = indicator_value.buyer_id
LEFT JOIN supplier_group ON supplier_group.group_id = indicator_value.group_id
LEFT JOIN supplier ON supplier.supplier_id = indicator_value.group_id;

-- Every award whose amount is, or looks like, the ceiling of a framework or a dynamic market, with the reason: amounts that are listed and never summed.
--   amount_gbp = ceiling.amount_gbp
--   buyer_name = buyer.name
--   title = procurement.title
--   value_kind = ceiling.value_kind
--   reason = ceiling.reason
--   awarded_on = award.awarded_on
--   notice_url = award.notice_url
--   award_id* = ceiling.award_id
--   procurement_id = ceiling.procurement_id
--   buyer_id = award.buyer_id
--   buyer_kind = buyer.kind
--   supplier_count = ceiling.supplier_count
--   source = award.source
--   ocid = award.ocid
CREATE VIEW out_ceiling AS
SELECT
    ceiling.amount_gbp,
    buyer.name AS buyer_name,
    procurement.title,
    ceiling.value_kind,
    ceiling.reason,
    award.awarded_on,
    award.notice_url,
    ceiling.award_id,
    ceiling.procurement_id,
    award.buyer_id,
    buyer.kind AS buyer_kind,
    ceiling.supplier_count,
    award.source,
    award.ocid
FROM ceiling
LEFT JOIN award ON award.award_id = ceiling.award_id
LEFT JOIN procurement ON procurement.procurement_id = ceiling.procurement_id
LEFT JOIN buyer ON buyer.buyer_id = award.buyer_id;

-- Every award that stays outside value shares, with what it is left out of and the reason.
--   left_out_of (text): every share (not given, or not yet; a ceiling; or told twice) or value shares (no credible amount: counted in n_excluded, and part of count shares).
--   reason (text): Why it is left out, in words.
--   amount_gbp = award.amount_gbp
--   buyer_name = buyer.name
--   title = procurement.title
--   awarded_on = award.awarded_on
--   notice_url = award.notice_url
--   award_id* = award.award_id
--   buyer_id = award.buyer_id
--   status = award.status
--   value_kind = award.value_kind
--   value_status = award.value_status
--   contradictions = award.contradictions
--   duplicate_of = award.duplicate_of
--   currency = award.currency
--   source = award.source
--   ocid = award.ocid
CREATE VIEW out_excluded AS
SELECT
    CASE WHEN award.is_core THEN 'value shares' ELSE 'every share' END AS left_out_of,
    CASE
        WHEN award.status IS NULL THEN 'the status of the award is not known'
        WHEN award.status NOT IN ('active', 'terminated') THEN 'the award is ' || award.status
        WHEN award.duplicate_of IS NOT NULL THEN 'told twice: ' || award.duplicate_reason
        ELSE award.value_reason
    END AS reason,
    award.amount_gbp,
    buyer.name AS buyer_name,
    procurement.title,
    award.awarded_on,
    award.notice_url,
    award.award_id,
    award.buyer_id,
    award.status,
    award.value_kind,
    award.value_status,
    award.contradictions,
    award.duplicate_of,
    award.currency,
    award.source,
    award.ocid
FROM award
LEFT JOIN procurement ON procurement.procurement_id = award.procurement_id
LEFT JOIN buyer ON buyer.buyer_id = award.buyer_id
WHERE award.is_core IS NULL OR NOT award.is_core OR award.value_status IS NULL OR award.value_status <> 'ok';

-- Every document that could not be used, with the place in it and the reason; its body is not kept.
--   source* = rejected.source
--   document_id* = rejected.document_id
--   ocid = rejected.ocid
--   release_id = rejected.release_id
--   pointer = rejected.pointer
--   reason = rejected.reason
--   bytes = rejected.bytes
CREATE VIEW out_rejected AS
SELECT
    rejected.source,
    rejected.document_id,
    rejected.ocid,
    rejected.release_id,
    rejected.pointer,
    rejected.reason,
    rejected.bytes
FROM rejected;

-- Every state of every award: what was known on a day is where it lies from valid_from_at to before valid_to_at.
--   award_id* = award.award_id
--   release_id* = award.release_id: The release that told this state.
--   content_hash* = award.content_hash
--   valid_from_at = award_version.valid_from_at
--   valid_to_at = award_version.valid_to_at: When the next state was told; null for the present state.
--   procurement_id = award.procurement_id
--   source = award.source
--   ocid = award.ocid
--   notice_type = award.notice_type
--   buyer_id = award.buyer_id
--   buyer_name = award.buyer_name
--   lot_id = award.lot_id
--   status = award.status
--   awarded_on = award.awarded_on
--   signed_on = award.signed_on
--   starts_on = award.starts_on
--   ends_on = award.ends_on
--   currency = award.currency
--   amount_gbp = award.amount_gbp
--   amount_gross_gbp = award.amount_gross_gbp
--   value_kind = award.value_kind
--   value_status = award.value_status
--   tier = award.tier
--   is_mega = award.is_mega
--   supplier_count = award.supplier_count
--   changed_on = award.changed_on
--   change_reason = award.change_reason
--   end_reason = award.end_reason
--   notice_url = award.notice_url
CREATE VIEW out_award_history AS
SELECT
    award_id, release_id, content_hash, valid_from_at, valid_to_at, procurement_id, source, ocid, notice_type, buyer_id,
    buyer_name, lot_id, status, awarded_on, signed_on, starts_on, ends_on, currency, amount_gbp, amount_gross_gbp,
    value_kind, value_status, tier, is_mega, supplier_count, changed_on, change_reason, end_reason, notice_url
FROM award_version
UNION ALL
SELECT
    award_id, release_id, content_hash, published_at AS valid_from_at, NULL AS valid_to_at, procurement_id, source, ocid,
    notice_type, buyer_id, buyer_name, lot_id, status, awarded_on, signed_on, starts_on, ends_on, currency, amount_gbp,
    amount_gross_gbp, value_kind, value_status, tier, is_mega, supplier_count, changed_on, change_reason, end_reason,
    notice_url
FROM award;

-- Every award that is told twice, on both services or under two ocids, beside the award that counts, with confidence and reason.
--   duplicate_reason = award.duplicate_reason
--   duplicate_confidence = award.duplicate_confidence
--   buyer_name = award.buyer_name
--   title = procurement.title
--   counted_title = procurement.title: The title of the award that is counted.
--   amount_gbp = award.amount_gbp
--   counted_amount_gbp = award.amount_gbp: The amount of the award that is counted.
--   awarded_on = award.awarded_on
--   counted_awarded_on = award.awarded_on: The date of the award that is counted.
--   notice_url = award.notice_url
--   counted_notice_url = award.notice_url: The official page of the award that is counted.
--   award_id* = award.award_id: The award that is not counted.
--   duplicate_of = award.duplicate_of: The award that is counted in its place.
--   source = award.source
--   counted_source = award.source: The service of the award that is counted.
CREATE VIEW out_duplicate AS
SELECT
    award.duplicate_reason,
    award.duplicate_confidence,
    award.buyer_name,
    procurement.title,
    counted_procurement.title AS counted_title,
    award.amount_gbp,
    counted.amount_gbp AS counted_amount_gbp,
    award.awarded_on,
    counted.awarded_on AS counted_awarded_on,
    award.notice_url,
    counted.notice_url AS counted_notice_url,
    award.award_id,
    award.duplicate_of,
    award.source,
    counted.source AS counted_source
FROM award
LEFT JOIN procurement ON procurement.procurement_id = award.procurement_id
LEFT JOIN award AS counted ON counted.award_id = award.duplicate_of
LEFT JOIN procurement AS counted_procurement ON counted_procurement.procurement_id = counted.procurement_id
WHERE award.duplicate_of IS NOT NULL;

-- How many awards of each service and financial year were found on the other service too: above the threshold, from 2021 to February 2025, all should be on both.
--   source* = award.source
--   financial_year* (text): April to March by date of award, such as FY2023-24; "not known" without a date.
--   awards (count): Awards that were given and are contracts or call-offs, those told twice included.
--   above_threshold_awards (count): Of these, awards known to be above the statutory threshold.
--   size_unknown_awards (count): Of these, awards without a credible amount.
--   matched_awards (count): Of those above the threshold, awards found on the other service.
--   known_share (number): Matched over those above the threshold.
--   low_share (number): The same with every award of unknown size taken as above the threshold and not matched.
--   high_share (number): The same with every award of unknown size taken as above the threshold and matched.
--   coverage_share (number): Those above the threshold over these and those of unknown size.
CREATE VIEW out_matched AS
WITH matched AS (
    SELECT award.award_id
    FROM award
    JOIN award AS counted ON counted.award_id = award.duplicate_of AND counted.source <> award.source
    UNION
    SELECT counted.award_id
    FROM award
    JOIN award AS counted ON counted.award_id = award.duplicate_of AND counted.source <> award.source
),
dated AS (
    SELECT
        award.source,
        CAST(substr(CAST(award.awarded_on AS TEXT), 1, 4) AS INTEGER)
        - CASE WHEN substr(CAST(award.awarded_on AS TEXT), 6, 2) < '04' THEN 1 ELSE 0 END AS first_year,
        award.tier,
        matched.award_id AS matched_id
    FROM award
    LEFT JOIN matched ON matched.award_id = award.award_id
    WHERE award.is_core
        OR (award.duplicate_of IS NOT NULL AND award.status IN ('active', 'terminated')
            AND award.value_kind IN ('contract', 'call_off'))
),
counted AS (
    SELECT
        source,
        first_year,
        count(*) AS awards,
        count(CASE WHEN tier <> 'below_threshold' THEN 1 END) AS above,
        count(CASE WHEN tier IS NULL THEN 1 END) AS unknown,
        count(CASE WHEN tier <> 'below_threshold' THEN matched_id END) AS matched
    FROM dated
    GROUP BY source, first_year
)
SELECT
    source,
    COALESCE('FY' || CAST(first_year AS TEXT) || '-' || substr(CAST(first_year + 1 AS TEXT), 3, 2), 'not known')
        AS financial_year,
    awards,
    above AS above_threshold_awards,
    unknown AS size_unknown_awards,
    matched AS matched_awards,
    CASE WHEN above > 0 THEN CAST(matched AS DOUBLE PRECISION) / above END AS known_share,
    CASE WHEN above + unknown > 0 THEN CAST(matched AS DOUBLE PRECISION) / (above + unknown) END AS low_share,
    CASE WHEN above + unknown > 0 THEN CAST(matched + unknown AS DOUBLE PRECISION) / (above + unknown) END AS high_share,
    CASE WHEN above + unknown > 0 THEN CAST(above AS DOUBLE PRECISION) / (above + unknown) END AS coverage_share
FROM counted;

-- How many notices each service published on each day, how many are held, and how many are missing.
--   source* = coverage.source
--   day* = coverage.day
--   releases = coverage.releases
--   expected = coverage.expected
--   missing = coverage.missing
--   complete = coverage.complete
CREATE VIEW out_coverage AS
SELECT
    coverage.source,
    coverage.day,
    coverage.releases,
    coverage.expected,
    coverage.missing,
    coverage.complete
FROM coverage;

-- Every change to a published award or award line since it was published before, in words, with the values before and after.
--   award_id (text): The award.
--   title (text): The title of its procurement, as it is now.
--   buyer_name (text): The name of its buyer, as it is now.
--   supplier_name = correction.supplier_name: The supplier concerned, as the notice wrote it then; null where the change is one of the whole award.
--   field_name (text): What changed, in words.
--   old = correction.old: The value as published before, with the name in front where it is the id of a supplier or buyer; null is not known.
--   new = correction.new: The value now, written alike; null is not known, or the row is gone.
--   reason = correction.reason
--   run_id = correction.run_id
--   since_run_id* = correction.since_run_id
--   table_name* = correction.table_name
--   row_id* = correction.row_id
--   field* = correction.field
--   notice_url = award.notice_url
CREATE VIEW out_correction AS
WITH told AS (
    SELECT
        correction.since_run_id,
        correction.table_name,
        correction.row_id,
        correction.field,
        correction.supplier_name,
        correction.old,
        correction.new,
        correction.reason,
        correction.run_id,
        CASE correction.table_name
            WHEN 'award' THEN correction.row_id
            ELSE rtrim(rtrim(correction.row_id, '0123456789'), '#')
        END AS award_id,
        CASE correction.field WHEN 'supplier_id' THEN correction.old END AS old_supplier_id,
        CASE correction.field WHEN 'supplier_id' THEN correction.new END AS new_supplier_id,
        CASE correction.field WHEN 'buyer_id' THEN correction.old END AS old_buyer_id,
        CASE correction.field WHEN 'buyer_id' THEN correction.new END AS new_buyer_id
    FROM correction
)
SELECT
    told.award_id,
    COALESCE(procurement.title, CASE WHEN told.table_name = 'award' AND told.field = 'row' THEN told.old END) AS title,
    COALESCE(buyer.name, award.buyer_name) AS buyer_name,
    -- Kept with the change: its place among the suppliers of the award may be another's now.
    told.supplier_name,
    CASE told.field
        WHEN 'row' THEN CASE told.table_name WHEN 'award' THEN 'the whole award' ELSE 'the supplier in the award' END
        WHEN 'status' THEN 'status'
        WHEN 'awarded_on' THEN 'date of the award'
        WHEN 'signed_on' THEN 'day on which the contract was signed'
        WHEN 'cpv_code' THEN 'main classification'
        WHEN 'currency' THEN 'currency of the published amount'
        WHEN 'amount_gbp' THEN 'published amount, net of VAT where stated'
        WHEN 'amount_gross_gbp' THEN 'published amount with VAT'
        WHEN 'amount_basis' THEN 'what VAT means in the amount'
        WHEN 'annualised_gbp' THEN 'amount per year of the contract'
        WHEN 'value_kind' THEN 'what the amount is'
        WHEN 'value_status' THEN 'how far the amount can be believed'
        WHEN 'tier' THEN 'size of the contract'
        WHEN 'is_mega' THEN 'whether it is a mega-contract'
        WHEN 'is_large_for_buyer' THEN 'whether it is large for its buyer'
        WHEN 'is_core' THEN 'whether it is counted in shares'
        WHEN 'duplicate_of' THEN 'the award that it repeats'
        WHEN 'buyer_id' THEN 'buyer'
        WHEN 'supplier_count' THEN 'number of suppliers'
        WHEN 'bids' THEN 'number of bids'
        WHEN 'bids_sme' THEN 'number of bids from small and medium-sized enterprises'
        WHEN 'bids_vcse' THEN 'number of bids from voluntary organisations'
        WHEN 'starts_on' THEN 'first day of the contract'
        WHEN 'ends_on' THEN 'last day of the contract'
        WHEN 'ends_latest_on' THEN 'last day of the contract if every extension is used'
        WHEN 'supplier_id' THEN 'supplier'
        WHEN 'supplier_area_code' THEN 'area of the supplier'
        WHEN 'is_local_authority' THEN 'whether the supplier is in the area of the buyer'
        WHEN 'is_local_county' THEN 'whether the supplier is in the county of the buyer'
        WHEN 'is_local_statutory' THEN 'whether the supplier is inside the area that could have been reserved'
        WHEN 'is_local_region' THEN 'whether the supplier is in the region of the buyer'
        WHEN 'is_head_office_local' THEN 'whether the head office of the supplier is in the area of the buyer'
        WHEN 'supplier_region_code' THEN 'region of the supplier'
        WHEN 'is_uk' THEN 'whether the supplier is in the United Kingdom'
        WHEN 'location_basis' THEN 'where the place of the supplier comes from'
        WHEN 'vcse_declared' THEN 'whether the notice marks the supplier as a voluntary organisation'
        WHEN 'vcse_status' THEN 'whether the supplier is a voluntary organisation by the records'
        WHEN 'scale_declared' THEN 'size of the supplier as the notice marks it'
        WHEN 'value_gbp' THEN 'part of the amount that is counted'
        ELSE told.field
    END AS field_name,
    COALESCE(
        old_supplier.supplier_name || ' (' || told.old || ')',
        old_buyer.name || ' (' || told.old || ')',
        told.old
    ) AS old,
    COALESCE(
        new_supplier.supplier_name || ' (' || told.new || ')',
        new_buyer.name || ' (' || told.new || ')',
        told.new
    ) AS new,
    told.reason,
    told.run_id,
    told.since_run_id,
    told.table_name,
    told.row_id,
    told.field,
    award.notice_url
FROM told
LEFT JOIN award ON award.award_id = told.award_id
LEFT JOIN procurement ON procurement.procurement_id = award.procurement_id
LEFT JOIN buyer ON buyer.buyer_id = award.buyer_id
LEFT JOIN supplier AS old_supplier ON old_supplier.supplier_id = told.old_supplier_id
LEFT JOIN supplier AS new_supplier ON new_supplier.supplier_id = told.new_supplier_id
LEFT JOIN buyer AS old_buyer ON old_buyer.buyer_id = told.old_buyer_id
LEFT JOIN buyer AS new_buyer ON new_buyer.buyer_id = told.new_buyer_id;

-- Every phrase found in a notice that tells how something is bought, with the words around it: a list to read, and no share of anything. What a notice does not say may still have been asked for.
--   family = text_match.family
--   phrase = text_match.phrase
--   excerpt = text_match.excerpt
--   buyer_name = buyer.name
--   title = procurement.title
--   notice_url = procurement.notice_url
--   procurement_id* = text_match.procurement_id
--   rule_id* = text_match.rule_id
--   field = text_match.field
--   lot_id = text_match.lot_id
--   source = procurement.source
--   ocid = procurement.ocid
--   buyer_id = procurement.buyer_id
--   buyer_kind = buyer.kind
--   buyer_area_code = buyer.area_code
--   cpv_code = procurement.cpv_code
--   published_at = text_match.published_at
--   duplicate_of = procurement.duplicate_of
--   rule_version = text_match.rule_version
--   release_id = text_match.release_id
CREATE VIEW out_text_match AS
SELECT
    text_match.family,
    text_match.phrase,
    text_match.excerpt,
    buyer.name AS buyer_name,
    procurement.title,
    procurement.notice_url,
    text_match.procurement_id,
    text_match.rule_id,
    text_match.field,
    text_match.lot_id,
    procurement.source,
    procurement.ocid,
    procurement.buyer_id,
    buyer.kind AS buyer_kind,
    buyer.area_code AS buyer_area_code,
    procurement.cpv_code,
    text_match.published_at,
    procurement.duplicate_of,
    text_match.rule_version,
    text_match.release_id
FROM text_match
JOIN procurement ON procurement.procurement_id = text_match.procurement_id
LEFT JOIN buyer ON buyer.buyer_id = procurement.buyer_id;

-- How many procurements hold a phrase of each family, by service: counts, and no shares, since it is not known how often the rules miss or mistake one.
--   family* = text_match.family
--   source* = procurement.source
--   procurements (count): Procurements with a phrase of the family that repeat no other.
--   buyers (count): Buyers of these.
--   phrases (count): Phrases found in these, the first of each rule.
--   first_published_at (instant): When the earliest of the releases that tell them was published.
--   last_published_at (instant): When the latest of these was published.
CREATE VIEW out_text_match_count AS
SELECT
    text_match.family,
    procurement.source,
    count(DISTINCT text_match.procurement_id) AS procurements,
    count(DISTINCT procurement.buyer_id) AS buyers,
    count(*) AS phrases,
    min(text_match.published_at) AS first_published_at,
    max(text_match.published_at) AS last_published_at
FROM text_match
JOIN procurement ON procurement.procurement_id = text_match.procurement_id
WHERE procurement.duplicate_of IS NULL
GROUP BY text_match.family, procurement.source;

-- Every council's headline shares beside those of the councils like it: the gap to the median of its peers, its place among them, and its rank among the councils of its kind, where enough is known. It describes; it does not say why.
--   indicator_id* = indicator_value.indicator_id
--   title = indicator.title
--   area_name = area.name
--   kind = area.kind: The kind of council; ranks and simple peers are within it.
--   period* = indicator_value.period
--   value = indicator_value.value: The council's own share, of what is known.
--   value_low = indicator_value.value_low
--   value_high = indicator_value.value_high
--   headline (text): Whether the share may be printed: yes (80 % known and 10 awards), with_care (60 to 80 % known) or no.
--   coverage_share = indicator_value.coverage_share
--   n = indicator_value.n
--   area_code* = indicator_value.area_code
--   peers (count): Peers whose own share may be printed: the median is theirs; a gap is told from 8 on.
--   peer_model = peer.model
--   peers_median (number): The median of the peers' shares.
--   gap_points (number): The council's share less that median, in percentage points.
--   gap_low_points (number): The lowest gap that the missing information allows.
--   gap_high_points (number): The highest gap that the missing information allows.
--   peers_below_share (number): The part of the peers with a lower share, an equal one counting one half: 0.5 is the middle.
--   rank_in_kind (count): Its place among the councils of its kind whose share may be printed, the highest share first; null where its own may not.
--   ranked_in_kind (count): How many councils of its kind were ranked.
--   is_network_member (flag): Whether it stands among the councils of the Keep it Local network.
--   network_joined_on = network_member.joined_on
--   is_provisional = indicator_value.is_provisional
CREATE VIEW out_comparison AS
WITH newest AS (
    SELECT indicator_id, max(version) AS version
    FROM indicator
    GROUP BY indicator_id
),
own AS (
    SELECT
        indicator_value.indicator_id,
        indicator_value.version,
        newest.indicator_id AS gap_id,
        newest.version AS gap_version,
        indicator_value.area_code,
        area.name AS area_name,
        area.kind,
        indicator_value.period,
        indicator_value.value,
        indicator_value.value_low,
        indicator_value.value_high,
        indicator_value.coverage_share,
        indicator_value.n,
        indicator_value.is_provisional,
        CASE
            WHEN indicator_value.value IS NULL OR indicator_value.n < 10 OR indicator_value.coverage_share < 0.6 THEN 'no'
            WHEN indicator_value.coverage_share < 0.8 THEN 'with_care'
            ELSE 'yes'
        END AS headline
    FROM indicator_value
    JOIN area ON area.area_code = indicator_value.area_code
    LEFT JOIN newest ON newest.indicator_id = 'T1.' || indicator_value.indicator_id
    WHERE indicator_value.grain = 'authority'
        AND indicator_value.indicator_id IN ('L1', 'L2', 'O1.strict', 'O2.strict')
        AND indicator_value.tier IS NULL
        AND indicator_value.cpv_division IS NULL
        AND area.kind IN (
            'district', 'unitary', 'metropolitan', 'london_borough', 'county', 'council_area', 'principal_area',
            'local_government_district'
        )
),
placed AS (
    SELECT
        own.*,
        -- Whose share may not be printed is ranked among its own like, and the rank is not told.
        rank() OVER (
            PARTITION BY indicator_id, period, kind, CASE WHEN headline = 'no' THEN 1 ELSE 0 END ORDER BY value DESC
        ) AS place,
        count(*) OVER (
            PARTITION BY indicator_id, period, kind, CASE WHEN headline = 'no' THEN 1 ELSE 0 END
        ) AS places
    FROM own
),
model AS (
    SELECT area_code, min(model) AS model
    FROM peer
    GROUP BY area_code
)
SELECT
    placed.indicator_id,
    indicator.title,
    placed.area_name,
    placed.kind,
    placed.period,
    placed.value,
    placed.value_low,
    placed.value_high,
    placed.headline,
    placed.coverage_share,
    placed.n,
    placed.area_code,
    CAST(gap.denominator AS BIGINT) AS peers,
    model.model AS peer_model,
    placed.value - gap.value / 100 AS peers_median,
    gap.value AS gap_points,
    gap.value_low AS gap_low_points,
    gap.value_high AS gap_high_points,
    CASE WHEN gap.denominator > 0 THEN gap.numerator / gap.denominator END AS peers_below_share,
    CASE WHEN placed.headline <> 'no' THEN placed.place END AS rank_in_kind,
    CASE WHEN placed.headline <> 'no' THEN placed.places END AS ranked_in_kind,
    network_member.area_code IS NOT NULL AS is_network_member,
    network_member.joined_on AS network_joined_on,
    placed.is_provisional
FROM placed
LEFT JOIN indicator ON indicator.indicator_id = placed.indicator_id AND indicator.version = placed.version
LEFT JOIN indicator_value AS gap
    ON gap.indicator_id = placed.gap_id AND gap.version = placed.gap_version AND gap.grain = 'authority'
    AND gap.slice = placed.area_code AND gap.period = placed.period
LEFT JOIN model ON model.area_code = placed.area_code
LEFT JOIN network_member ON network_member.area_code = placed.area_code AND network_member.network = 'keep_it_local';

-- The headline shares over time, with the days on which what must be published changed, how much of each period was read, and the change from the twelve months before: years are only like each other where both were read and no such day lies between them.
--   indicator_id* = indicator_value.indicator_id
--   title = indicator.title
--   grain* = indicator_value.grain
--   area_name = area.name: The name of the area, where the grain is one.
--   period* = indicator_value.period
--   value = indicator_value.value
--   value_low = indicator_value.value_low
--   value_high = indicator_value.value_high
--   headline (text): Whether the share may be printed: yes (80 % known and 10 awards), with_care (60 to 80 % known) or no.
--   coverage_share = indicator_value.coverage_share
--   n = indicator_value.n
--   slice* = indicator_value.slice
--   kind = period.kind: quarter, financial_year, trailing_12 or trailing_36.
--   first_on = period.first_on
--   last_on = period.last_on
--   is_provisional = indicator_value.is_provisional
--   breaks = period.breaks
--   days_read (count): Days of the period of which all that the services published was read.
--   is_read (flag): Whether these are at least nine tenths of its days.
--   change_points (number): Of trailing twelve months: the share less that of the twelve months before, in percentage points.
--   change_low_points (number): The lowest change that the missing information allows.
--   change_high_points (number): The highest change that the missing information allows.
--   is_like_before (flag): Whether both years were read and no such day lies within them: else a change may be one of publication.
CREATE VIEW out_trend AS
WITH whole_day AS (
    SELECT day
    FROM coverage
    WHERE complete
    GROUP BY day
    HAVING count(DISTINCT source) >= CASE WHEN day < '2021-01-01' THEN 1 ELSE 2 END
),
counted AS (
    SELECT period.period, period.kind, period.first_on, period.last_on, period.breaks, count(whole_day.day) AS days_read
    FROM period
    LEFT JOIN whole_day ON whole_day.day >= period.first_on AND whole_day.day <= period.last_on
    WHERE period.kind <> 'all'
    GROUP BY period.period, period.kind, period.first_on, period.last_on, period.breaks
),
dated AS MATERIALIZED (
    SELECT
        counted.*,
        counted.days_read >= CASE counted.kind WHEN 'quarter' THEN 81 WHEN 'trailing_36' THEN 987 ELSE 329 END AS is_read,
        CASE
            WHEN counted.kind = 'trailing_12'
                THEN 'T12-' || CAST(CAST(substr(counted.period, 5, 4) AS INTEGER) - 1 AS TEXT) || substr(counted.period, 9)
        END AS period_before
    FROM counted
),
newest AS (
    SELECT indicator_id, max(version) AS version
    FROM indicator
    GROUP BY indicator_id
)
SELECT
    indicator_value.indicator_id,
    indicator.title,
    indicator_value.grain,
    area.name AS area_name,
    indicator_value.period,
    indicator_value.value,
    indicator_value.value_low,
    indicator_value.value_high,
    CASE
        WHEN indicator_value.value IS NULL OR indicator_value.n < 10 OR indicator_value.coverage_share < 0.6 THEN 'no'
        WHEN indicator_value.coverage_share < 0.8 THEN 'with_care'
        ELSE 'yes'
    END AS headline,
    indicator_value.coverage_share,
    indicator_value.n,
    indicator_value.slice,
    dated.kind,
    dated.first_on,
    dated.last_on,
    indicator_value.is_provisional,
    dated.breaks,
    dated.days_read,
    dated.is_read,
    change.value AS change_points,
    change.value_low AS change_low_points,
    change.value_high AS change_high_points,
    CASE
        WHEN change.value IS NOT NULL
            THEN dated.is_read AND COALESCE(earlier.is_read, FALSE) AND dated.breaks IS NULL AND earlier.breaks IS NULL
            AND dated.first_on NOT IN ('2024-01-01', '2025-02-24')
    END AS is_like_before
FROM indicator_value
JOIN dated ON dated.period = indicator_value.period
LEFT JOIN dated AS earlier ON earlier.period = dated.period_before
LEFT JOIN newest ON newest.indicator_id = 'T3.' || indicator_value.indicator_id
LEFT JOIN indicator_value AS change
    ON change.indicator_id = newest.indicator_id AND change.version = newest.version
    AND change.grain = indicator_value.grain AND change.slice = indicator_value.slice
    AND change.period = indicator_value.period
LEFT JOIN indicator
    ON indicator.indicator_id = indicator_value.indicator_id AND indicator.version = indicator_value.version
LEFT JOIN area ON area.area_code = indicator_value.area_code
WHERE indicator_value.indicator_id IN ('L1', 'L2', 'O1.strict', 'O2.strict')
    AND indicator_value.grain <> 'buyer'
    AND indicator_value.tier IS NULL
    AND indicator_value.cpv_division IS NULL;

-- Every figure that others have published about local suppliers, the voluntary sector, small firms and competition, beside ours: with base, period, plausible band and why they may differ.
--   topic = published_figure.topic
--   says = published_figure.says
--   published_value = published_figure.published_value
--   value = agreement.value
--   value_low = agreement.value_low
--   value_high = agreement.value_high
--   unit = published_figure.unit
--   compared* = agreement.compared
--   periods = agreement.periods
--   coverage_share = agreement.coverage_share
--   n = agreement.n
--   verdict = agreement.verdict
--   why_different = published_figure.why_different
--   source = published_figure.source
--   source_url = published_figure.source_url
--   figure_id* = published_figure.figure_id
--   base = published_figure.base
--   first_on = published_figure.first_on
--   last_on = published_figure.last_on
--   likeness = published_figure.likeness
--   indicator_id = published_figure.indicator_id
--   grain = published_figure.grain
--   read_share = agreement.read_share
--   plausible_low = published_figure.plausible_low
--   plausible_high = published_figure.plausible_high
CREATE VIEW out_agreement AS
SELECT
    published_figure.topic,
    published_figure.says,
    published_figure.published_value,
    agreement.value,
    agreement.value_low,
    agreement.value_high,
    published_figure.unit,
    agreement.compared,
    agreement.periods,
    agreement.coverage_share,
    agreement.n,
    agreement.verdict,
    published_figure.why_different,
    published_figure.source,
    published_figure.source_url,
    published_figure.figure_id,
    published_figure.base,
    published_figure.first_on,
    published_figure.last_on,
    published_figure.likeness,
    published_figure.indicator_id,
    published_figure.grain,
    agreement.read_share,
    published_figure.plausible_low,
    published_figure.plausible_high
FROM published_figure
JOIN agreement ON agreement.figure_id = published_figure.figure_id;

-- Continuity list: who holds what, until when. Every award that is not past its published end date on the newest day read, one row per supplier named (or one where none is); where no end is published, those that began less than three years before. It says nothing about any company's finances.
--   supplier_name = supplier.supplier_name
--   buyer_name = buyer.name
--   title = procurement.title
--   ends_on = award.ends_on
--   months_left (count): Whole months from that day to the published end; null where none is published.
--   value_gbp = award_line.value_gbp: The supplier's part of the amount for all years together, extensions left out; null without a credible amount.
--   annualised_gbp = award.annualised_gbp
--   awarded_on = award.awarded_on
--   starts_on = award.starts_on
--   notice_url = award.notice_url
--   award_id = award.award_id
--   mention_id = award_line.mention_id: The supplier as the award names it; null where the award names no supplier.
--   supplier_id = award_line.supplier_id
--   org_id = supplier.org_id
--   group_id = supplier.group_id
--   group_name = supplier_group.group_name
--   buyer_id = award.buyer_id
--   buyer_kind = buyer.kind
--   buyer_area_code = buyer.area_code
--   buyer_area_name = area.name: The name of the buyer's own area.
--   buyer_region_code = area.region_code: The English region that the buyer's own area lies in, or the nation elsewhere.
--   cpv_code = award.cpv_code
--   cpv_division (text): The first two digits of the classification.
--   cpv_group (text): The first three digits of the classification: the like, when others who won the like are looked for.
--   amount_gbp = award.amount_gbp: The published sterling amount of the whole award, repeated on each of its lines: sum value_gbp instead.
--   supplier_count = award.supplier_count
--   ends_latest_on = award.ends_latest_on
--   is_end_published (flag): Whether an end date is published; where none is, how long it runs is not known.
--   as_of_on (day): The newest day of which notices were read: the day that the list is of.
--   is_local_authority = award_line.is_local_authority: Whether the supplier's address is in the buyer's own area; null is not known.
CREATE VIEW out_continuity AS
WITH newest AS (
    SELECT max(coverage.day) AS as_of_on FROM coverage WHERE coverage.releases > 0
),
running AS (
    SELECT
        award.*,
        newest.as_of_on,
        CAST(award.ends_on AS TEXT) AS ends,
        CAST(COALESCE(award.starts_on, award.awarded_on) AS TEXT) AS begins,
        CAST(newest.as_of_on AS TEXT) AS as_of
    FROM award
    CROSS JOIN newest
    WHERE award.is_core AND award.status = 'active' AND (award.ends_on IS NULL OR award.ends_on >= newest.as_of_on)
)
SELECT
    supplier.supplier_name,
    buyer.name AS buyer_name,
    procurement.title,
    running.ends_on,
    CASE WHEN running.ends IS NOT NULL THEN
        (CAST(substr(running.ends, 1, 4) AS BIGINT) - CAST(substr(running.as_of, 1, 4) AS BIGINT)) * 12
        + CAST(substr(running.ends, 6, 2) AS BIGINT) - CAST(substr(running.as_of, 6, 2) AS BIGINT)
        - CASE WHEN substr(running.ends, 9, 2) < substr(running.as_of, 9, 2) THEN 1 ELSE 0 END
    END AS months_left,
    award_line.value_gbp,
    running.annualised_gbp,
    running.awarded_on,
    running.starts_on,
    running.notice_url,
    running.award_id,
    award_line.mention_id,
    award_line.supplier_id,
    supplier.org_id,
    supplier.group_id,
    supplier_group.group_name,
    running.buyer_id,
    buyer.kind AS buyer_kind,
    buyer.area_code AS buyer_area_code,
    area.name AS buyer_area_name,
    area.region_code AS buyer_region_code,
    running.cpv_code,
    substr(running.cpv_code, 1, 2) AS cpv_division,
    substr(running.cpv_code, 1, 3) AS cpv_group,
    running.amount_gbp,
    running.supplier_count,
    running.ends_latest_on,
    running.ends_on IS NOT NULL AS is_end_published,
    running.as_of_on,
    award_line.is_local_authority
FROM running
LEFT JOIN award_line ON award_line.award_id = running.award_id
LEFT JOIN supplier ON supplier.supplier_id = award_line.supplier_id
LEFT JOIN supplier_group ON supplier_group.group_id = supplier.group_id
LEFT JOIN procurement ON procurement.procurement_id = running.procurement_id
LEFT JOIN buyer ON buyer.buyer_id = running.buyer_id
LEFT JOIN area ON area.area_code = buyer.area_code
WHERE running.ends IS NOT NULL
    OR CAST(CAST(substr(running.begins, 1, 4) AS BIGINT) + 3 AS TEXT) || substr(running.begins, 5, 6) > running.as_of;

-- The views for analysts, in SQL that SQLite, PostgreSQL and DuckDB read alike; the CSV files of the export are these views.
-- Above each view stand its description and its columns: "name = table.column" takes type and sentence from the schema,
-- "name = table.column: Sentence." takes the type only, "name (type): Sentence." declares both; an asterisk marks the key.

-- Every award joined with its buyer, its procurement and its suppliers: one row per award line, and one per award that names no supplier.
--   award_id = award.award_id
--   mention_id = award_line.mention_id: The supplier as the award names it; null where the award names no supplier.
--   procurement_id = award.procurement_id
--   ocid = award.ocid
--   source = award.source
--   title = procurement.title
--   cpv_code = procurement.cpv_code
--   buyer_id = award.buyer_id
--   buyer_name = buyer.name
--   buyer_kind = buyer.kind
--   buyer_area_code = buyer.area_code
--   buyer_area_name = area.name: The name of the buyer's own area.
--   buyer_region_code = area.region_code: The English region that the buyer's own area lies in, or the nation elsewhere.
--   supplier_id = award_line.supplier_id
--   supplier_name = supplier.supplier_name
--   supplier_name_as_written = supplier_mention.supplier_name: The name as this award writes it.
--   org_id = supplier.org_id
--   link_method = supplier_link.method: How the name as written was linked to its supplier: identifier, core_name or placeholder.
--   link_reason = supplier_link.reason: Why the name as written leads to its supplier, in words.
--   supplier_area_code = award_line.supplier_area_code
--   supplier_area_name = area.name: The name of the local authority of the supplier's address; the address itself is not exported.
--   location_basis = award_line.location_basis
--   is_uk = award_line.is_uk
--   local_scope = award_line.local_scope
--   is_local_authority = award_line.is_local_authority: Whether the supplier's address is in the buyer's own area; null is not known.
--   is_local_region = award_line.is_local_region: Whether the supplier's address is in the buyer's region; null is not known.
--   vcse_declared = award_line.vcse_declared
--   scale_declared = award_line.scale_declared
--   weight = award_line.weight
--   value_gbp = award_line.value_gbp
--   amount_gbp = award.amount_gbp: The published sterling amount of the whole award, repeated on each of its lines: sum value_gbp instead.
--   amount_gross_gbp = award.amount_gross_gbp
--   currency = award.currency
--   value_kind = award.value_kind
--   value_status = award.value_status
--   value_reason = award.value_reason
--   is_core = award.is_core
--   tier = award.tier
--   is_mega = award.is_mega
--   is_large_for_buyer = award.is_large_for_buyer
--   mega_rule = award.mega_rule
--   status = award.status
--   awarded_on = award.awarded_on
--   starts_on = award.starts_on
--   ends_on = award.ends_on
--   published_at = award.published_at
--   supplier_count = award.supplier_count
--   lot_id = award.lot_id
--   regime = procurement.regime
--   method = procurement.method
--   method_details = procurement.method_details
--   is_framework = procurement.is_framework
--   suitable_sme = procurement.suitable_sme
--   suitable_vcse = procurement.suitable_vcse
--   duplicate_of = procurement.duplicate_of
--   release_id = award.release_id
--   notice_url = award.notice_url
CREATE VIEW out_award_line AS
SELECT
    award.award_id,
    award_line.mention_id,
    award.procurement_id,
    award.ocid,
    award.source,
    procurement.title,
    procurement.cpv_code,
    award.buyer_id,
    buyer.name AS buyer_name,
    buyer.kind AS buyer_kind,
    buyer.area_code AS buyer_area_code,
    buyer_area.name AS buyer_area_name,
    buyer_area.region_code AS buyer_region_code,
    award_line.supplier_id,
    supplier.supplier_name,
    supplier_mention.supplier_name AS supplier_name_as_written,
    supplier.org_id,
    supplier_link.method AS link_method,
    supplier_link.reason AS link_reason,
    award_line.supplier_area_code,
    supplier_area.name AS supplier_area_name,
    award_line.location_basis,
    award_line.is_uk,
    award_line.local_scope,
    award_line.is_local_authority,
    award_line.is_local_region,
    award_line.vcse_declared,
    award_line.scale_declared,
    award_line.weight,
    award_line.value_gbp,
    award.amount_gbp,
    award.amount_gross_gbp,
    award.currency,
    award.value_kind,
    award.value_status,
    award.value_reason,
    award.is_core,
    award.tier,
    award.is_mega,
    award.is_large_for_buyer,
    award.mega_rule,
    award.status,
    award.awarded_on,
    award.starts_on,
    award.ends_on,
    award.published_at,
    award.supplier_count,
    award.lot_id,
    procurement.regime,
    procurement.method,
    procurement.method_details,
    procurement.is_framework,
    procurement.suitable_sme,
    procurement.suitable_vcse,
    procurement.duplicate_of,
    award.release_id,
    award.notice_url
FROM award
LEFT JOIN award_line ON award_line.award_id = award.award_id
LEFT JOIN supplier_mention ON supplier_mention.mention_id = award_line.mention_id
LEFT JOIN supplier_link ON supplier_link.mention_id = award_line.mention_id
LEFT JOIN supplier ON supplier.supplier_id = award_line.supplier_id
LEFT JOIN area AS supplier_area ON supplier_area.area_code = award_line.supplier_area_code
LEFT JOIN procurement ON procurement.procurement_id = award.procurement_id
LEFT JOIN buyer ON buyer.buyer_id = award.buyer_id
LEFT JOIN area AS buyer_area ON buyer_area.area_code = buyer.area_code;

-- Every supplier with what it won in published notices, awards that are no longer active and framework ceilings counted only in awards.
--   supplier_id* = supplier.supplier_id
--   supplier_name = supplier.supplier_name
--   org_id = supplier.org_id
--   legal_form = supplier.legal_form
--   awards (count): Awards that name the supplier, whatever their status.
--   core_awards (count): Of these, active awards that are no framework ceiling.
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
    supplier.legal_form,
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
GROUP BY supplier.supplier_id, supplier.supplier_name, supplier.org_id, supplier.legal_form;

-- Every buyer by financial year of award, with counts and the sum of the credible amounts of its published awards.
--   buyer_id = award.buyer_id
--   buyer_name = buyer.name
--   buyer_kind = buyer.kind
--   buyer_area_code = buyer.area_code
--   buyer_area_name = area.name: The name of the buyer's own area.
--   financial_year (text): April to March by date of award, such as FY2024-25; null where the date is not known.
--   awards (count): Awards published, whatever their status.
--   core_awards (count): Of these, active awards that are no framework ceiling: the base of the counts below.
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
    dated.buyer_id,
    buyer.name AS buyer_name,
    buyer.kind AS buyer_kind,
    buyer.area_code AS buyer_area_code,
    area.name AS buyer_area_name,
    'FY' || CAST(dated.first_year AS TEXT) || '-' || substr(CAST(dated.first_year + 1 AS TEXT), 3, 2) AS financial_year,
    count(*) AS awards,
    count(CASE WHEN dated.is_core THEN 1 END) AS core_awards,
    count(CASE WHEN dated.is_core AND dated.value_status = 'ok' THEN 1 END) AS priced_awards,
    round(sum(CASE WHEN dated.is_core AND dated.value_status = 'ok' THEN dated.amount_gbp END), 2) AS value_gbp,
    CASE WHEN buyer.kind IN ('council', 'combined_authority') AND buyer.area_code IS NOT NULL
        THEN count(CASE WHEN dated.is_core AND place.inside = place.line_count THEN 1 END) END AS local_awards,
    CASE WHEN buyer.kind IN ('council', 'combined_authority') AND buyer.area_code IS NOT NULL
        THEN count(CASE WHEN dated.is_core AND place.outside = place.line_count THEN 1 END) END AS outside_awards,
    CASE WHEN buyer.kind IN ('council', 'combined_authority') AND buyer.area_code IS NOT NULL
        THEN count(CASE WHEN dated.is_core THEN 1 END)
        - count(CASE WHEN dated.is_core AND (place.inside = place.line_count OR place.outside = place.line_count) THEN 1 END)
        END AS local_unknown_awards,
    count(CASE WHEN dated.is_core AND dated.is_mega THEN 1 END) AS mega_awards
FROM dated
LEFT JOIN place ON place.award_id = dated.award_id
LEFT JOIN buyer ON buyer.buyer_id = dated.buyer_id
LEFT JOIN area ON area.area_code = buyer.area_code
GROUP BY dated.buyer_id, buyer.name, buyer.kind, buyer.area_code, area.name, dated.first_year;

-- Every award with a credible amount of £100m or more that does not look like a framework's ceiling, value as published, with its suppliers in one cell and the official notice behind it.
--   award_id* = award.award_id
--   title = procurement.title
--   cpv_code = procurement.cpv_code
--   buyer_id = award.buyer_id
--   buyer_name = buyer.name
--   buyer_kind = buyer.kind
--   buyer_area_code = buyer.area_code
--   buyer_area_name = area.name: The name of the buyer's own area.
--   supplier_names (text): The suppliers named in the award, parted by a semicolon, in the order of the notice.
--   supplier_count = award.supplier_count
--   amount_gbp = award.amount_gbp
--   tier = award.tier
--   mega_rule = award.mega_rule
--   is_core = award.is_core
--   status = award.status
--   value_kind = award.value_kind
--   value_status = award.value_status
--   value_reason = award.value_reason
--   awarded_on = award.awarded_on
--   starts_on = award.starts_on
--   ends_on = award.ends_on
--   published_at = award.published_at
--   source = award.source
--   ocid = award.ocid
--   notice_url = award.notice_url
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
    award.award_id,
    procurement.title,
    procurement.cpv_code,
    award.buyer_id,
    buyer.name AS buyer_name,
    buyer.kind AS buyer_kind,
    buyer.area_code AS buyer_area_code,
    area.name AS buyer_area_name,
    joined.supplier_names,
    award.supplier_count,
    award.amount_gbp,
    award.tier,
    award.mega_rule,
    award.is_core,
    award.status,
    award.value_kind,
    award.value_status,
    award.value_reason,
    award.awarded_on,
    award.starts_on,
    award.ends_on,
    award.published_at,
    award.source,
    award.ocid,
    award.notice_url
FROM award
LEFT JOIN procurement ON procurement.procurement_id = award.procurement_id
LEFT JOIN buyer ON buyer.buyer_id = award.buyer_id
LEFT JOIN area ON area.area_code = buyer.area_code
LEFT JOIN counted ON counted.award_id = award.award_id
LEFT JOIN joined ON joined.award_id = counted.award_id AND joined.place = counted.place
WHERE award.is_mega;

-- Every figure with its title, its bounds, its coverage and the number of awards behind it.
--   indicator_id = indicator_value.indicator_id
--   title = indicator.title
--   version = indicator_value.version: Version of the methodology.
--   grain = indicator_value.grain
--   slice = indicator_value.slice
--   period = indicator_value.period
--   area_code = indicator_value.area_code
--   area_name = area.name: The name of the area, where the grain is one.
--   buyer_id = indicator_value.buyer_id
--   buyer_name = buyer.name: The name of the buyer, where the grain is one.
--   tier = indicator_value.tier
--   unit = indicator_value.unit
--   value = indicator_value.value
--   value_low = indicator_value.value_low
--   value_high = indicator_value.value_high
--   known_share = indicator_value.known_share
--   low_share = indicator_value.low_share
--   high_share = indicator_value.high_share
--   coverage_share = indicator_value.coverage_share
--   priced_share = indicator_value.priced_share
--   numerator = indicator_value.numerator
--   denominator = indicator_value.denominator
--   n = indicator_value.n
--   n_excluded = indicator_value.n_excluded
--   is_provisional = indicator_value.is_provisional
CREATE VIEW out_indicator AS
SELECT
    indicator_value.indicator_id,
    indicator.title,
    indicator_value.version,
    indicator_value.grain,
    indicator_value.slice,
    indicator_value.period,
    indicator_value.area_code,
    area.name AS area_name,
    indicator_value.buyer_id,
    buyer.name AS buyer_name,
    indicator_value.tier,
    indicator_value.unit,
    indicator_value.value,
    indicator_value.value_low,
    indicator_value.value_high,
    indicator_value.known_share,
    indicator_value.low_share,
    indicator_value.high_share,
    indicator_value.coverage_share,
    indicator_value.priced_share,
    indicator_value.numerator,
    indicator_value.denominator,
    indicator_value.n,
    indicator_value.n_excluded,
    indicator_value.is_provisional
FROM indicator_value
LEFT JOIN indicator
    ON indicator.indicator_id = indicator_value.indicator_id AND indicator.version = indicator_value.version
LEFT JOIN area ON area.area_code = indicator_value.area_code
LEFT JOIN buyer ON buyer.buyer_id = indicator_value.buyer_id;

-- Every award whose amount looks like a framework's ceiling, with the reason: amounts that are listed and never summed.
--   award_id* = ceiling.award_id
--   procurement_id = ceiling.procurement_id
--   title = procurement.title
--   buyer_id = award.buyer_id
--   buyer_name = buyer.name
--   buyer_kind = buyer.kind
--   amount_gbp = ceiling.amount_gbp
--   supplier_count = ceiling.supplier_count
--   reason = ceiling.reason
--   awarded_on = award.awarded_on
--   source = award.source
--   ocid = award.ocid
--   notice_url = award.notice_url
CREATE VIEW out_ceiling AS
SELECT
    ceiling.award_id,
    ceiling.procurement_id,
    procurement.title,
    award.buyer_id,
    buyer.name AS buyer_name,
    buyer.kind AS buyer_kind,
    ceiling.amount_gbp,
    ceiling.supplier_count,
    ceiling.reason,
    award.awarded_on,
    award.source,
    award.ocid,
    award.notice_url
FROM ceiling
LEFT JOIN award ON award.award_id = ceiling.award_id
LEFT JOIN procurement ON procurement.procurement_id = ceiling.procurement_id
LEFT JOIN buyer ON buyer.buyer_id = award.buyer_id;

-- Every award that stays outside value shares, with what it is left out of and the reason.
--   award_id* = award.award_id
--   left_out_of (text): every share (not an active award, or a framework ceiling) or value shares (no credible amount: counted in n_excluded, and part of count shares).
--   reason (text): Why it is left out, in words.
--   title = procurement.title
--   buyer_id = award.buyer_id
--   buyer_name = buyer.name
--   status = award.status
--   value_kind = award.value_kind
--   value_status = award.value_status
--   currency = award.currency
--   amount_gbp = award.amount_gbp
--   awarded_on = award.awarded_on
--   source = award.source
--   ocid = award.ocid
--   notice_url = award.notice_url
CREATE VIEW out_excluded AS
SELECT
    award.award_id,
    CASE WHEN award.is_core THEN 'value shares' ELSE 'every share' END AS left_out_of,
    CASE
        WHEN award.status IS NULL THEN 'the status of the award is not known'
        WHEN award.status <> 'active' THEN 'the award is ' || award.status
        ELSE award.value_reason
    END AS reason,
    procurement.title,
    award.buyer_id,
    buyer.name AS buyer_name,
    award.status,
    award.value_kind,
    award.value_status,
    award.currency,
    award.amount_gbp,
    award.awarded_on,
    award.source,
    award.ocid,
    award.notice_url
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

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
--   link_method = supplier_link.method: The rule by which the name as written leads to its supplier; null for a placeholder.
--   link_score = supplier_link.score: How far that rule is believed, from 0 to 1.
--   link_reason = supplier_link.reason: Why the name as written leads to its supplier, in words.
--   supplier_area_code = award_line.supplier_area_code
--   supplier_area_name = area.name: The name of the local authority of the supplier's address; the address itself is not exported.
--   location_basis = award_line.location_basis
--   is_uk = award_line.is_uk
--   local_scope = award_line.local_scope
--   is_local_authority = award_line.is_local_authority: Whether the supplier's address is in the buyer's own area; null is not known.
--   is_local_region = award_line.is_local_region: Whether the supplier's address is in the buyer's region; null is not known.
--   vcse_declared = award_line.vcse_declared
--   vcse_status = award_line.vcse_status
--   vcse_type = supplier.vcse_type
--   vcse_evidence = supplier.vcse_evidence
--   is_quasi_public = supplier.is_quasi_public
--   group_id = supplier.group_id
--   group_name = supplier_group.group_name
--   scale_declared = award_line.scale_declared
--   weight = award_line.weight
--   value_gbp = award_line.value_gbp
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
--   status = award.status
--   awarded_on = award.awarded_on
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
    supplier_link.score AS link_score,
    supplier_link.reason AS link_reason,
    award_line.supplier_area_code,
    supplier_area.name AS supplier_area_name,
    award_line.location_basis,
    award_line.is_uk,
    award_line.local_scope,
    award_line.is_local_authority,
    award_line.is_local_region,
    award_line.vcse_declared,
    award_line.vcse_status,
    supplier.vcse_type,
    supplier.vcse_evidence,
    supplier.is_quasi_public,
    supplier.group_id,
    supplier_group.group_name,
    award_line.scale_declared,
    award_line.weight,
    award_line.value_gbp,
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
    award.status,
    award.awarded_on,
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
    award.release_id,
    award.notice_url
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
    supplier.group_id,
    supplier_group.group_name;

-- Every award line on which the notice's mark and the registers (or the law on legal forms) differ about the voluntary sector: marked as a VCSE though they say none, or marked as none though they say it is one. A missing mark is not a difference.
--   award_id* = award_line.award_id
--   mention_id* = award_line.mention_id
--   procurement_id = award.procurement_id
--   title = procurement.title
--   buyer_id = award.buyer_id
--   buyer_name = buyer.name
--   supplier_id = award_line.supplier_id
--   supplier_name = supplier.supplier_name
--   supplier_name_as_written = supplier_mention.supplier_name: The name as this award writes it.
--   org_id = supplier.org_id
--   disagreement (text): marked_but_not (a register, or the legal form of the name, says that it is none), marked_but_set_apart (a university, college, school, health body or housing association) or not_marked_but_is (marked as none, while a register or its legal form says that it is one).
--   vcse_declared = award_line.vcse_declared
--   vcse_status = award_line.vcse_status
--   vcse_type = supplier.vcse_type
--   vcse_evidence = supplier.vcse_evidence
--   vcse_register_on = supplier.vcse_register_on
--   is_quasi_public = supplier.is_quasi_public
--   value_gbp = award_line.value_gbp
--   is_core = award.is_core
--   awarded_on = award.awarded_on
--   published_at = award.published_at
--   notice_url = award.notice_url
CREATE VIEW out_vcse_disagreement AS
SELECT
    award_line.award_id,
    award_line.mention_id,
    award.procurement_id,
    procurement.title,
    award.buyer_id,
    buyer.name AS buyer_name,
    award_line.supplier_id,
    supplier.supplier_name,
    supplier_mention.supplier_name AS supplier_name_as_written,
    supplier.org_id,
    CASE
        WHEN award_line.vcse_status = 'yes' THEN 'not_marked_but_is'
        WHEN supplier.is_quasi_public THEN 'marked_but_set_apart'
        ELSE 'marked_but_not'
    END AS disagreement,
    award_line.vcse_declared,
    award_line.vcse_status,
    supplier.vcse_type,
    supplier.vcse_evidence,
    supplier.vcse_register_on,
    supplier.is_quasi_public,
    award_line.value_gbp,
    award.is_core,
    award.awarded_on,
    award.published_at,
    award.notice_url
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
--   buyer_id = award.buyer_id
--   buyer_name = buyer.name
--   buyer_kind = buyer.kind
--   buyer_area_code = buyer.area_code
--   buyer_area_name = area.name: The name of the buyer's own area.
--   financial_year (text): April to March by date of award, such as FY2024-25; null where the date is not known.
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
--   is_large_for_buyer = award.is_large_for_buyer
--   annualised_gbp = award.annualised_gbp
--   mega_rule = award.mega_rule
--   is_core = award.is_core
--   status = award.status
--   value_kind = award.value_kind
--   value_status = award.value_status
--   value_reason = award.value_reason
--   contradictions = award.contradictions
--   duplicate_of = award.duplicate_of
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
    award.is_large_for_buyer,
    award.annualised_gbp,
    award.mega_rule,
    award.is_core,
    award.status,
    award.value_kind,
    award.value_status,
    award.value_reason,
    award.contradictions,
    award.duplicate_of,
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

-- Every award that is large beside its buyer's other awards, its market or its council's residents, with the rule that fired and its numbers.
--   award_id* = award.award_id
--   title = procurement.title
--   cpv_code = procurement.cpv_code
--   buyer_id = award.buyer_id
--   buyer_name = buyer.name
--   buyer_kind = buyer.kind
--   amount_gbp = award.amount_gbp
--   annualised_gbp = award.annualised_gbp
--   tier = award.tier
--   is_mega = award.is_mega
--   mega_rule = award.mega_rule
--   supplier_count = award.supplier_count
--   awarded_on = award.awarded_on
--   source = award.source
--   ocid = award.ocid
--   notice_url = award.notice_url
CREATE VIEW out_large_for_buyer AS
SELECT
    award.award_id,
    procurement.title,
    procurement.cpv_code,
    award.buyer_id,
    buyer.name AS buyer_name,
    buyer.kind AS buyer_kind,
    award.amount_gbp,
    award.annualised_gbp,
    award.tier,
    award.is_mega,
    award.mega_rule,
    award.supplier_count,
    award.awarded_on,
    award.source,
    award.ocid,
    award.notice_url
FROM award
LEFT JOIN procurement ON procurement.procurement_id = award.procurement_id
LEFT JOIN buyer ON buyer.buyer_id = award.buyer_id
WHERE award.is_large_for_buyer;

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

-- Every award whose amount is, or looks like, the ceiling of a framework or a dynamic market, with the reason: amounts that are listed and never summed.
--   award_id* = ceiling.award_id
--   procurement_id = ceiling.procurement_id
--   title = procurement.title
--   buyer_id = award.buyer_id
--   buyer_name = buyer.name
--   buyer_kind = buyer.kind
--   amount_gbp = ceiling.amount_gbp
--   value_kind = ceiling.value_kind
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
    ceiling.value_kind,
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
--   left_out_of (text): every share (not given, or not yet; a ceiling; or told twice) or value shares (no credible amount: counted in n_excluded, and part of count shares).
--   reason (text): Why it is left out, in words.
--   title = procurement.title
--   buyer_id = award.buyer_id
--   buyer_name = buyer.name
--   status = award.status
--   value_kind = award.value_kind
--   value_status = award.value_status
--   contradictions = award.contradictions
--   duplicate_of = award.duplicate_of
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
        WHEN award.status NOT IN ('active', 'terminated') THEN 'the award is ' || award.status
        WHEN award.duplicate_of IS NOT NULL THEN 'told twice: ' || award.duplicate_reason
        ELSE award.value_reason
    END AS reason,
    procurement.title,
    award.buyer_id,
    buyer.name AS buyer_name,
    award.status,
    award.value_kind,
    award.value_status,
    award.contradictions,
    award.duplicate_of,
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
--   award_id* = award.award_id: The award that is not counted.
--   duplicate_of = award.duplicate_of: The award that is counted in its place.
--   duplicate_confidence = award.duplicate_confidence
--   duplicate_reason = award.duplicate_reason
--   title = procurement.title
--   counted_title = procurement.title: The title of the award that is counted.
--   buyer_name = award.buyer_name
--   amount_gbp = award.amount_gbp
--   counted_amount_gbp = award.amount_gbp: The amount of the award that is counted.
--   awarded_on = award.awarded_on
--   counted_awarded_on = award.awarded_on: The date of the award that is counted.
--   source = award.source
--   counted_source = award.source: The service of the award that is counted.
--   notice_url = award.notice_url
--   counted_notice_url = award.notice_url: The official page of the award that is counted.
CREATE VIEW out_duplicate AS
SELECT
    award.award_id,
    award.duplicate_of,
    award.duplicate_confidence,
    award.duplicate_reason,
    procurement.title,
    counted_procurement.title AS counted_title,
    award.buyer_name,
    award.amount_gbp,
    counted.amount_gbp AS counted_amount_gbp,
    award.awarded_on,
    counted.awarded_on AS counted_awarded_on,
    award.source,
    counted.source AS counted_source,
    award.notice_url,
    counted.notice_url AS counted_notice_url
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
        WHEN 'is_local_region' THEN 'whether the supplier is in the region of the buyer'
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

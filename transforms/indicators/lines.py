"""The lines that indicators read: what the views ``out_line`` and ``out_procedure`` must hold, and in which types."""

from collections.abc import Mapping

import polars as pl

LINES: Mapping[str, pl.DataType] = {
    **{name: pl.String() for name in ("award_id", "source", "buyer_id", "buyer_kind", "buyer_area_code")},
    **{name: pl.String() for name in ("buyer_match_method", "cpv_division", "status", "value_kind", "value_status")},
    **{name: pl.String() for name in ("tier", "regime", "local_scope", "location_basis", "vcse_status", "vcse_type")},
    **{name: pl.String() for name in ("income_band", "scale_declared", "supplier_id", "group_id")},
    **{name: pl.String() for name in ("candidate_group_id", "buyer_region_code", "supplier_area_code")},
    **{name: pl.Date() for name in ("awarded_on", "starts_on", "ends_on")},
    **{name: pl.Boolean() for name in ("is_core", "is_duplicate", "is_mega", "is_large_for_buyer", "is_framework")},
    **{name: pl.Boolean() for name in ("is_call_off", "is_direct", "is_competitive", "is_light_touch")},
    **{name: pl.Boolean() for name in ("is_people_services", "suitable_vcse", "has_org_id", "is_strategic")},
    **{name: pl.Boolean() for name in ("is_national", "is_quasi_public", "vcse_declared", "is_uk")},
    **{name: pl.Boolean() for name in ("is_local_authority", "is_local_county", "is_local_statutory")},
    **{name: pl.Boolean() for name in ("is_local_region", "is_head_office_local")},
    **{name: pl.Decimal(18, 2) for name in ("amount_gbp", "gross_gbp", "annualised_gbp", "value_gbp")},
    **{name: pl.Int64() for name in ("supplier_count", "bids")},
    "published_at": pl.Datetime("us", "UTC"),
    "weight": pl.Float64(),
}
"""One row per award line, and one of weight 1 for each award without a named supplier."""

PROCEDURES: Mapping[str, pl.DataType] = {
    **{name: pl.String() for name in ("procurement_id", "source", "buyer_id", "buyer_kind", "buyer_area_code")},
    **{name: pl.String() for name in ("cpv_division", "regime")},
    **{name: pl.Date() for name in ("tendered_on", "announced_on")},
    **{name: pl.Int64() for name in ("days_open", "lots")},
    **{name: pl.Boolean() for name in ("is_framework", "is_reserved", "is_below_threshold", "is_light_touch")},
    **{name: pl.Boolean() for name in ("is_direct", "is_competitive")},
    "weight": pl.Float64(),
}
"""One row, of weight 1, per procurement that was tendered and repeats no other."""

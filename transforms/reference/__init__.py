"""Dated facts as CSV, each with its source, and the one function that reads them.

``areas.csv``: the project's own table of local authorities, counties, combined authorities, police and fire areas,
regions and nations of the UK, in columns of table ``area``, as the register of the Office for National Statistics codes
them; codes that ended since 2019 are kept with their last day. ``area_names.csv``: what an authority calls itself
(``official``), complete other names (``whole``), and other words for the place, to which "Council" and the like are
joined (``stem``). ``area_parts.csv``: of combined authorities, police and fire areas the members, of abolished
authorities what lies there now; ``partial`` where the abolished authority was only a part of it. A county or region
among the parts stands for all its districts.
``amount_rules.csv``, ``placeholder_amounts.csv``, ``tiers.csv``, ``thresholds.csv``, ``contract_kinds.csv``,
``framework_phrases.csv`` and ``concession_phrases.csv``: what an amount is worth believing. ``large_rules.csv``: when
an award is large for its buyer. ``duplicate_rules.csv``: how often each rule that finds repetitions was right.
``procedure_methods.csv``, ``light_touch.csv`` and ``people_services.csv``: what a procurement is, by the name of its
method, its classification and its words.
``legal_forms.csv`` and ``placeholder_names.csv``: how a supplier's name is read. ``company_categories.csv``: what the
registers' categories mean. ``voluntary_kinds.csv``, ``voluntary_forms.csv`` and ``voluntary_names.csv``: who belongs to
the voluntary sector. ``national_providers.csv`` and ``strategic_suppliers.csv``: groups that are known by list;
``brand_words.csv``: words that are no brand. ``phrases.csv``: phrases in notices that tell how something is bought;
``phrase_counterexamples.csv``: what is none, though it holds the same words.
``postcode_ranges.csv.gz``, ``postcode_outwards.csv.gz``, ``postcode_sectors.csv.gz``, ``postcode_areas.csv.gz`` (where
each authority lies, and how much of it is settled) and ``area_neighbours.csv`` (whose postcodes are within 1 km of each
other): made by ``python -m extractors.postcodes``; their first line carries the attribution.
``area_neighbour_exceptions.csv``: where a map says other than those postcodes, with the reason. ``itl_regions.csv``:
codes of levels and names, to regions. ``place_names.csv``: names at the end of addresses that are unmistakable.
``location_rules.csv``: how often each way of finding a place was right. ``statutory_counties.csv``: counties by law.
``buyer_codes.csv``, ``buyer_names.csv`` and ``buyer_kinds.csv``: who a buyer is by a stable id, by a reviewed name, and
by words in its name.
"""

from functools import cache
from pathlib import Path

import polars as pl

REFERENCE = Path(__file__).parent


@cache
def facts(name: str) -> pl.DataFrame:
    """Read one CSV of this folder.

    Args:
        name: The file's name, such as ``areas.csv``; ``.gz`` is read as well.

    Returns:
        Its rows, every column as text; an empty field is null. Lines that begin with ``#`` are left out.

    Raises:
        FileNotFoundError: when the folder has no such file.
    """
    return pl.read_csv(REFERENCE / name, infer_schema=False, comment_prefix="#")

"""Dated facts as CSV, each with its source, and the one function that reads them.

``areas.csv``: the project's own table of local authorities, counties, combined authorities, regions and nations of the
UK, in the columns of table ``area``, as the register of the Office for National Statistics codes them; codes that ended
since 2019 are kept with their last day. ``area_names.csv``: what an authority calls itself (``official``), complete
other names (``whole``), and other words for the place, to which "Council" and the like are joined (``stem``).
``area_parts.csv``: of combined authorities the members, of abolished authorities what lies there now; ``partial`` where
the abolished authority was only a part of it. A county or region among the parts stands for all its districts.
``amount_rules.csv``, ``placeholder_amounts.csv``, ``tiers.csv``, ``thresholds.csv``, ``contract_kinds.csv``,
``framework_phrases.csv`` and ``concession_phrases.csv``: what an amount is worth believing. ``large_rules.csv``: when
an award is large for its buyer. ``duplicate_rules.csv``: how often each rule that finds repetitions was right.
``legal_forms.csv`` and ``placeholder_names.csv``: how a supplier's name is read. ``company_categories.csv``: what the
registers' categories mean. ``voluntary_kinds.csv``, ``voluntary_forms.csv`` and ``voluntary_names.csv``: who belongs to
the voluntary sector. ``national_providers.csv`` and ``strategic_suppliers.csv``: groups that are known by list;
``brand_words.csv``: words that are no brand.
``postcode_ranges.csv.gz``: made by ``python -m extractors.postcodes``; its first line carries the attribution.
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

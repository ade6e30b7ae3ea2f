"""Measure how well mentions are led to suppliers, on real mentions whose identifiers say who they are.

    make evaluate
    .venv/bin/python bench/evaluate.py --mentions FILE.csv.gz --half other

Rows that share a usable identifier are one supplier; what is known to be wrong among them stands in ``labels/``:
``same_supplier.csv`` joins two numbers of one supplier, ``wrong_identifier.csv`` names rows that carry somebody else's.
The unit is a distinct name and postcode.
Every method sees the same units, once with all identifiers hidden and once with those of 32 in 100 units, as many as
awards of Contracts Finder carried in 2022.
Half of the entities, by a hash of their number, served to find rules; the other half was measured while rules were
chosen, and its labels were read once, so that its figures are optimistic.

Pairwise: of the pairs that a method joins, how many are one supplier (P), and of the pairs that are, how many it joins
(R). B-cubed: the same, averaged over units. The intervals hold 95 of 100 resamples of the entities.
"""

import argparse
import hashlib
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl
from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

from transforms import places
from transforms.suppliers import registers, resolve
from transforms.suppliers.identifiers import clean
from transforms.suppliers.names import comparable, parse

LABELS = Path(__file__).parent / "labels"
MENTIONS = Path(__file__).parents[2] / "shared/data/suppliers/contracts_finder_award_suppliers_2022.csv.gz"
VISIBLE = 32
"""Units of a hundred whose identifier is shown in the second measurement."""
RESAMPLES = 500
MARK_BEGIN, MARK_END = "<!-- measured: begin -->", "<!-- measured: end -->"


class Labelled(NamedTuple):
    """Units as they are resolved (``unit, supplier_name, postcode, scheme, raw``), and the entity of each."""

    unit: pl.DataFrame
    entity: list[str]


def labelled(mentions: Path, half: str) -> Labelled:
    """Return the labelled units of one half (``tuned``, ``other`` or ``all``), in the order of their keys."""
    told = pl.read_csv(mentions, infer_schema=False).with_columns(
        place=pl.int_range(pl.len()).over("award_link").cast(pl.String)
    )
    wrong = pl.read_csv(LABELS / "wrong_identifier.csv", infer_schema=False)
    same = dict(
        pl.read_csv(LABELS / "same_supplier.csv", infer_schema=False).select("other_org_id", "org_id").iter_rows()
    )
    ids = [
        clean(scheme or "", raw or "").org_id
        for scheme, raw in told.select("identifier_scheme", "identifier_id").iter_rows()
    ]
    located = places.locate(told["address"]).select("address", "postcode")
    rows = (
        told.with_columns(org_id=pl.Series(ids, dtype=pl.String))
        .filter(pl.col("org_id").is_not_null())
        .join(wrong, on=["award_link", "place", "org_id"], how="anti")
        .join(located, on="address", how="left")
        .with_columns(entity=pl.col("org_id").replace(same))
    )
    # A name at a postcode that leads to two suppliers is given to the one with more rows.
    unit = (
        rows.group_by("supplier_name", "postcode", "entity")
        .agg(pl.len(), pl.col("identifier_scheme", "identifier_id").sort_by("org_id", "identifier_id").first())
        .sort("supplier_name", "postcode", pl.col("len"), "entity", descending=[False, False, True, False])
        .unique(["supplier_name", "postcode"], keep="first", maintain_order=True)
        .rename({"identifier_scheme": "scheme", "identifier_id": "raw"})
    )
    tuned = pl.Series([_hash("entity:" + entity) % 2 == 0 for entity in unit["entity"]], dtype=pl.Boolean)
    if half != "all":
        unit = unit.filter(tuned if half == "tuned" else ~tuned)
    unit = unit.with_row_index("unit")
    return Labelled(unit.select("unit", "supplier_name", "postcode", "scheme", "raw"), unit["entity"].to_list())


def shown(unit: pl.DataFrame, percent: int) -> pl.DataFrame:
    """Hide the identifiers of all units but a part, chosen by a hash of name and postcode."""
    kept = [
        _hash(f"shown:{name}|{postcode}") % 100 < percent
        for name, postcode in unit.select("supplier_name", "postcode").iter_rows()
    ]
    is_shown = pl.Series(kept, dtype=pl.Boolean)
    return unit.with_columns(pl.when(is_shown).then(pl.col("scheme", "raw")))


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])


# --- the methods: from units to a cluster each ---------------------------------------------------------------------


def noticeboard(unit: pl.DataFrame) -> Sequence[str]:
    """Resolve as Noticeboard does, without registers."""
    mention = unit.select(mention_id=pl.col("unit").cast(pl.String), supplier_name="supplier_name", postcode="postcode")
    identifier = unit.filter(pl.col("raw").is_not_null()).select(
        "scheme", "raw", mention_id=pl.col("unit").cast(pl.String)
    )
    read = resolve.read(mention, identifier)
    found = resolve.partition(read.unit, registers.NOTHING, resolve.NO_OVERRIDES)
    led = read.mention.join(found.member.select("unit_id", "cluster"), on="unit_id", how="left")
    cluster = led.select(pl.col("mention_id").cast(pl.UInt32), pl.coalesce("cluster", "mention_id")).sort("mention_id")
    return cluster.to_series(1).to_list()


def exact_core(unit: pl.DataFrame) -> Sequence[str]:
    """Join names that are the same without legal form, case, punctuation and spaces."""
    return [comparable(parse(name).core) for name in unit["supplier_name"]]


def exact_name(unit: pl.DataFrame) -> Sequence[str]:
    """Join names that are the same but for case."""
    return [name.casefold() for name in unit["supplier_name"]]


def token_sort(unit: pl.DataFrame) -> Sequence[str]:
    """Join core names whose rapidfuzz token_sort_ratio is 92 or more."""
    cores = [parse(name).core for name in unit["supplier_name"]]
    return _joined(cores, lambda a, b: fuzz.token_sort_ratio(a, b, score_cutoff=92) >= 92)


def jaro_winkler(unit: pl.DataFrame) -> Sequence[str]:
    """Join as the UK Third and Civil Society Sector Database does: capitals, no punctuation, Jaro-Winkler from 0.90."""
    plain = [
        " ".join("".join(c if c.isalnum() else " " for c in name.upper()).split()) for name in unit["supplier_name"]
    ]
    return _joined(plain, lambda a, b: JaroWinkler.similarity(a, b, score_cutoff=0.9) >= 0.9)


def with_identifiers(method: Callable[[pl.DataFrame], Sequence[str]]) -> Callable[[pl.DataFrame], Sequence[str]]:
    """Let a method also join what shares an identifier that is shown."""

    def joined(unit: pl.DataFrame) -> Sequence[str]:
        clusters = list(method(unit))
        ids = [clean(scheme, raw).org_id if raw else None for scheme, raw in unit.select("scheme", "raw").iter_rows()]
        same = [(f"c:{cluster}", f"i:{org_id}") for cluster, org_id in zip(clusters, ids, strict=True) if org_id]
        root = _united(same)
        return [root(f"c:{cluster}") for cluster in clusters]

    return joined


def _joined(names: Sequence[str], alike: Callable[[str, str], bool]) -> Sequence[str]:
    distinct = sorted(set(names))
    root = _united((a, b) for place, a in enumerate(distinct) for b in distinct[place + 1 :] if alike(a, b))
    return [root(name) for name in names]


def _united(pairs: Iterable[tuple[str, str]]) -> Callable[[str], str]:
    parent: dict[str, str] = {}

    def root(node: str) -> str:
        while (above := parent.get(node, node)) != node:
            node = above
        return node

    for a, b in pairs:
        low, high = sorted((root(a), root(b)))
        parent[high] = low
    return root


# --- the figures ----------------------------------------------------------------------------------------------------


class Score(NamedTuple):
    """What one entity adds to the figures: pairs, and sums over its units."""

    right: float
    joined: float
    true: float
    precision: float
    recall: float
    units: int


def scores(entity: Sequence[str], cluster: Sequence[str]) -> list[Score]:
    """Return what each entity adds; a false pair is shared half and half by the two entities that it joins."""
    by_entity: dict[str, Counter[str]] = defaultdict(Counter)
    size: Counter[str] = Counter(cluster)
    for one, other in zip(entity, cluster, strict=True):
        by_entity[one][other] += 1
    found = []
    for counts in by_entity.values():
        total = counts.total()
        right = sum(n * (n - 1) / 2 for n in counts.values())
        wrong = sum(n * (size[name] - n) / 2 for name, n in counts.items())
        found.append(
            Score(
                right, right + wrong, total * (total - 1) / 2,
                sum(n * n / size[name] for name, n in counts.items()), sum(n * n / total for n in counts.values()),
                total,
            )
        )  # fmt: skip
    return found


def figures(parts: Sequence[Score]) -> tuple[float, float, float, float, float, float]:
    """Return pairwise precision, recall and F1, then those of B-cubed."""
    right, joined, true, precision, recall, units = map(sum, zip(*parts, strict=True))
    p, r = right / joined if joined else 1.0, right / true if true else 1.0
    bp, br = precision / units, recall / units
    return p, r, 2 * p * r / (p + r) if p + r else 0.0, bp, br, 2 * bp * br / (bp + br)


def intervals(parts: Sequence[Score]) -> list[tuple[float, float]]:
    """Return for each figure the interval that holds 95 in 100 resamples of the entities."""
    chance = random.Random(2022)  # noqa: S311 - resampling, no secret
    drawn = [figures(chance.choices(parts, k=len(parts))) for _ in range(RESAMPLES)]
    low, high = int(RESAMPLES * 0.025), int(RESAMPLES * 0.975)
    return [(ordered[low], ordered[high]) for ordered in map(sorted, zip(*drawn, strict=True))]


METHODS: dict[str, Callable[[pl.DataFrame], Sequence[str]]] = {
    "Noticeboard": noticeboard,
    "exact core name": exact_core,
    "rapidfuzz token_sort ≥ 92": token_sort,
    "Jaro-Winkler ≥ 0.90": jaro_winkler,
    "exact name": exact_name,
}


def table(mentions: Path, half: str, methods: Iterable[str]) -> Iterable[str]:
    """Yield the table of one half as lines of Markdown."""
    units, entity = labelled(mentions, half)
    sizes = Counter(entity)
    pairs = sum(n * (n - 1) // 2 for n in sizes.values())
    name = {"tuned": "the half that rules were found on", "other": "the other half", "all": "both halves"}[half]
    yield f"**{name[0].upper()}{name[1:]}**: {units.height:,} units, {len(sizes):,} entities, {pairs:,} true pairs."
    for percent in (0, VISIBLE):
        yield ""
        state = f"shown on {percent} % of units" if percent else "hidden"
        yield f"| identifiers {state} | P | R | F1 | B³ P | B³ R | B³ F | seconds |"
        yield "|---|---|---|---|---|---|---|---|"
        seen = shown(units, percent)
        for method in methods:
            begun = time.monotonic()
            resolver = METHODS[method]
            cluster = (resolver if method == "Noticeboard" else with_identifiers(resolver))(seen)
            seconds = time.monotonic() - begun
            parts = scores(entity, cluster)
            cells = [
                f"{value:.3f}" + (f" [{low:.3f}–{high:.3f}]" if place in (2, 5) else "")
                for place, (value, (low, high)) in enumerate(zip(figures(parts), intervals(parts), strict=True))
            ]
            yield f"| {method} | {' | '.join(cells)} | {seconds:.1f} |"
    yield ""


def main() -> None:
    """Print the table, and write it into a page between two marks where ``--into`` names one."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--mentions", type=Path, default=MENTIONS, help="rows of award suppliers, as CSV")
    parser.add_argument("--half", choices=("tuned", "other", "all"), action="append", help="default: both, then all")
    parser.add_argument("--method", choices=list(METHODS), action="append", help="default: every one")
    parser.add_argument("--into", type=Path, help="a page of Markdown to write the table into")
    chosen = parser.parse_args()
    if not chosen.mentions.is_file():
        raise SystemExit(f"evaluate: there are no mentions at {chosen.mentions}; say where they are with --mentions")
    lines = []
    for half in chosen.half or ("tuned", "other", "all"):
        for line in table(chosen.mentions, half, chosen.method or list(METHODS)):
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
            lines.append(line)
    if chosen.into:
        page = chosen.into.read_text(encoding="utf-8")
        before, _, rest = page.partition(MARK_BEGIN)
        _, _, after = rest.partition(MARK_END)
        body = "\n".join(lines)
        chosen.into.write_text(f"{before}{MARK_BEGIN}\n{body}\n{MARK_END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()

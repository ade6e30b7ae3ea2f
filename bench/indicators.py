"""Measure how quick every figure is over a million made-up award lines, a night's part of them, and the queries.

    .venv/bin/python bench/indicators.py                              1,000,000 lines, 300,000 procedures
    .venv/bin/python bench/indicators.py --lines 100000 --sqlite 0    smaller, and without SQLite

The lines are of 4,000 buyers and 150,000 suppliers, of which few are large, over ten years; nothing of them is real.
Each measurement is a process of its own. CPU counts user and system time; on a busy machine it tells more than the
wall. Memory is the largest resident set.
"""

import argparse
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # the benchmark is no package: it also runs without an install

import duckdb  # noqa: E402 - the checkout comes first
import polars as pl  # noqa: E402 - the checkout comes first

from transforms import comparison, indicators, places  # noqa: E402 - the checkout comes first
from transforms.indicators.share import Indicator  # noqa: E402 - the checkout comes first
from transforms.indicators.slices import Touched  # noqa: E402 - the checkout comes first
from transforms.values import TIERS  # noqa: E402 - the checkout comes first
from warehouse import schema  # noqa: E402 - the checkout comes first
from warehouse.store import Warehouse  # noqa: E402 - the checkout comes first

DOCS = ROOT / "docs"
FIRST, DAYS = date(2016, 4, 1), 3_650
NEWEST = date(2026, 3, 20)
BUYERS, SUPPLIERS, GROUPS = 4_000, 150_000, 3_000
ASKED_OF = "E09000016"
SUPPLIERS_OF_AWARD = ((0.04, 0), (0.84, 1), (0.92, 2), (0.97, 3), (1.0, 6))
"""Up to which part of the awards there are so many suppliers: 1.3 on average."""

LINES_OF_AWARD = 1.31
TENDERED = 0.39
"""The part of the procurements that has a tender notice: 300,000 beside a million lines."""

FENCES = (2e5, 1e6, 5e6, 1e7, 1e8, 1e9)
"""Pounds from which a size of contract begins, the first one roughly."""

TONIGHT = 600
AT_ONCE = 50_000
"""Lines that are read at a time, as a night reads them."""

# --- the made-up tables -------------------------------------------------------------------------------------------


def drawn(seed: int, of: str = "number") -> pl.Expr:
    """Return a number from 0 to 1 for each row, the same in every run."""
    return (pl.col(of).hash(seed) % 2**32).cast(pl.Float64) / 2**32


def one_of(seed: int, *choices: tuple[float, object], of: str = "number") -> pl.Expr:
    """Choose among values, each up to a part of the rows."""
    number = drawn(seed, of)
    found = pl.lit(choices[-1][1])
    for upto, value in reversed(choices[:-1]):
        found = pl.when(number < upto).then(pl.lit(value)).otherwise(found)
    return found


def flag(seed: int, yes: float, unknown: float) -> pl.Expr:
    """Return true, false or not known."""
    number = drawn(seed)
    return pl.when(number < unknown).then(None).otherwise(number < unknown + yes * (1 - unknown))


def ranked(seed: int, count: int) -> pl.Expr:
    """Return a number from 0 on, of which the first are the most frequent: the second half as often as the first."""
    return ((float(count + 1) ** drawn(seed)).floor().cast(pl.Int64) - 1).clip(0, count - 1)


def fitted(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Give rows the columns of a table, null where nothing is told."""
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in schema.frame_schema(table).items()
    )


def buyers() -> pl.DataFrame:
    """Return the buyers: every council in force, and others without an area."""
    area = places.areas().filter(pl.col("kind").is_in(places.COUNCILS) & pl.col("valid_to").is_null())
    codes = area["area_code"].sample(fraction=1.0, shuffle=True, seed=1).to_list()
    # The council of which docs/queries.md asks awards most of all.
    codes.sort(key=lambda code: code != ASKED_OF)
    kinds = ("central", "health", "school", "housing", "other")
    # Large and small ones of both: every ninth is a council until there are no more.
    told = [
        (codes[number // 9], "council") if number % 9 == 0 and number // 9 < len(codes) else (None, kinds[number % 5])
        for number in range(BUYERS)
    ]
    return pl.DataFrame(
        [(f"B{number:05d}", f"Buyer {number}", code, kind) for number, (code, kind) in enumerate(told)],
        schema=["buyer_id", "name", "area_code", "kind"],
        orient="row",
        infer_schema_length=None,
    ).with_columns(match_method=pl.lit("name"))


def tables(lines: int) -> dict[str, pl.DataFrame]:
    """Return the made-up tables with about so many award lines."""
    count = int(lines / LINES_OF_AWARD)
    number = pl.DataFrame({"number": pl.int_range(count, eager=True)})
    awards = number.with_columns(
        award_id=pl.concat_str(pl.lit("a"), "number"),
        procurement_id=pl.concat_str(pl.lit("p"), pl.col("number")),
        ocid=pl.concat_str(pl.lit("o"), pl.col("number")),
        source=one_of(1, (0.6, "contracts-finder"), (1.0, "find-a-tender")),
        buyer_id=pl.concat_str(pl.lit("B"), ranked(2, BUYERS).cast(pl.String).str.zfill(5)),
        awarded_on=pl.lit(FIRST).dt.offset_by(pl.concat_str((drawn(3) * DAYS).floor().cast(pl.Int64), pl.lit("d"))),
        cpv_code=pl.concat_str((3 + ranked(4, 95)).cast(pl.String).str.zfill(2), pl.lit("000000")),
        value_kind=one_of(
            5, (0.78, "contract"), (0.93, "call_off"), (0.97, "suspected_ceiling"), (1.0, "framework_ceiling")
        ),
        value_status=one_of(6, (0.85, "ok"), (1.0, "missing")),
        supplier_count=one_of(7, *SUPPLIERS_OF_AWARD).cast(pl.Int64),
        pounds=(10 ** (3.5 + 3.6 * drawn(8)) * (1 + 200 * (drawn(9) < 0.001))).round(2),
        bids=one_of(10, (0.6, None), (0.7, 1), (0.85, 3), (1.0, 6)).cast(pl.Int64),
        years=one_of(11, (0.4, 1), (0.7, 2), (0.9, 4), (1.0, 7)),
        has_end=drawn(12) < 0.8,
        is_large_for_buyer=flag(13, 0.02, 0.15),
        status=pl.lit("active"),
    ).with_columns(
        is_core=pl.col("value_kind").is_in(["contract", "call_off"]),
        amount_gbp=pl.when(pl.col("value_status") == "ok").then("pounds").cast(pl.Decimal(18, 2)),
        annualised_gbp=pl.when((pl.col("value_status") == "ok") & pl.col("has_end"))
        .then((pl.col("pounds") / pl.col("years")).round(2))
        .cast(pl.Decimal(18, 2)),
        starts_on=pl.col("awarded_on").dt.offset_by("30d"),
        published_at=(pl.col("awarded_on").dt.offset_by("25d")).cast(pl.Datetime("us", "UTC")),
    )
    awards = awards.with_columns(
        ends_on=pl.when("has_end").then(
            pl.col("starts_on").dt.offset_by(pl.concat_str(pl.col("years"), pl.lit("y"))).dt.offset_by("-1d")
        ),
        tier=pl.when(pl.col("is_core") & pl.col("amount_gbp").is_not_null()).then(
            pl.lit(pl.Series(FENCES))
            .search_sorted(pl.col("pounds"), side="right")
            .replace_strict(dict(enumerate(TIERS)))
        ),
        notice_url=pl.concat_str(pl.lit("https://notice.invalid/"), "award_id"),
    ).with_columns(is_mega=pl.col("tier").is_in(["mega", "over_1bn"]))
    return {
        "award": awards,
        "award_line": lines_of(awards),
        "procurement": procurements(awards),
        "supplier": suppliers(),
        "supplier_group": pl.DataFrame({"group_id": [f"G{one}" for one in range(GROUPS)]}).with_columns(
            group_name=pl.col("group_id"), is_strategic_supplier=pl.int_range(pl.len()) < 40, method=pl.lit("list")
        ),
        "buyer": buyers(),
        "area": places.areas(),
        "peer": comparison.peers(places.areas()),
        "network_member": comparison.network(),
        "published_figure": comparison.published(),
        "indicator": indicators.catalogue(),
        "coverage": pl.DataFrame({"day": pl.date_range(FIRST, NEWEST, eager=True)}).with_columns(
            source=pl.lit("contracts-finder"), releases=300, complete=True, missing=0
        ),
    }


def lines_of(awards: pl.DataFrame) -> pl.DataFrame:
    """Return a line for each supplier of each award."""
    own = (
        awards.filter(pl.col("supplier_count") > 0)
        .select("award_id", "buyer_id", "is_core", "supplier_count", "amount_gbp", award="number",
                place=pl.int_ranges("supplier_count"))
        .explode("place", empty_as_null=False)
        .with_columns(number=pl.col("award") * 16 + pl.col("place"))
        .join(buyers().select("buyer_id", "area_code"), on="buyer_id")
    )  # fmt: skip
    has_area, is_known = pl.col("area_code").is_not_null(), drawn(31) >= 0.1
    near = drawn(30)
    within = {
        name: pl.when(has_area & is_known).then(near < part)
        for name, part in (("authority", 0.25), ("county", 0.35), ("statutory", 0.5), ("region", 0.6))
    }
    return own.with_columns(
        mention_id=pl.concat_str("award_id", pl.lit("/"), "place"),
        supplier_id=pl.concat_str(pl.lit("S"), ranked(32, SUPPLIERS).cast(pl.String)),
        weight=1 / pl.col("supplier_count"),
        value_gbp=pl.when("is_core").then(pl.col("amount_gbp").cast(pl.Float64) / pl.col("supplier_count")).round(2),
        local_scope=pl.when(has_area).then(pl.lit("in_scope")).otherwise(pl.lit("not_applicable")),
        location_basis=pl.when(is_known).then(pl.lit("notice_address_postcode")).otherwise(pl.lit("unknown")),
        supplier_area_code=pl.when(is_known).then(pl.coalesce("area_code", pl.lit("E09000016"))),
        is_uk=pl.when(is_known).then(near < 0.97),
        is_head_office_local=pl.when(has_area & (near < 0.25)).then(flag(33, 0.7, 0.3)),
        vcse_declared=flag(34, 0.1, 0.3),
        vcse_status=one_of(35, (0.08, "yes"), (0.14, "possible"), (0.6, "no"), (1.0, "unknown")),
        scale_declared=one_of(36, (0.4, "sme"), (0.7, "large"), (1.0, None)),
        **{f"is_local_{name}": told for name, told in within.items()},
    )


def procurements(awards: pl.DataFrame) -> pl.DataFrame:
    """Return the procurement of each award; a part of them has a tender notice."""
    tendered_on = pl.col("awarded_on").dt.offset_by("-90d")
    flags = ("is_competitive", "is_light_touch", "is_people_services", "is_reserved", "is_below_threshold")
    return awards.select(
        "number", "procurement_id", "source", "ocid", "buyer_id", "cpv_code", "published_at", "notice_url",
        title=pl.concat_str(pl.lit("Services of award "), "award_id"),
        regime=one_of(20, (0.3, "pa2023"), (0.35, "psr2023"), (0.7, "pcr2015"), (1.0, None)),
        tendered_on=pl.when(drawn(21) < TENDERED).then(tendered_on),
        announced_on=pl.when(drawn(22) < 0.1).then(tendered_on.dt.offset_by("-60d")),
        days_open=(10 + ranked(23, 60)),
        lots=one_of(24, (0.5, None), (0.85, 1), (1.0, 4)).cast(pl.Int64),
        is_direct=flag(25, 0.15, 0.4),
        suitable_vcse=flag(26, 0.3, 0.3),
        is_framework=pl.col("value_kind") == "framework_ceiling",
        **{name: flag(27 + place, 0.3, 0.3) for place, name in enumerate(flags)},
    )  # fmt: skip


def suppliers() -> pl.DataFrame:
    """Return the suppliers, some of them with a number, a group and an income."""
    return pl.DataFrame({"number": pl.int_range(SUPPLIERS, eager=True)}).select(
        supplier_id=pl.concat_str(pl.lit("S"), "number"),
        supplier_name=pl.concat_str(pl.lit("Supplier "), "number"),
        org_id=pl.when(drawn(40) < 0.4).then(pl.concat_str(pl.lit("GB-COH-"), "number")),
        vcse_type=one_of(41, (0.1, "registered_charity"), (0.15, "guarantee_company"), (1.0, "company")),
        is_quasi_public=flag(42, 0.05, 0.2),
        income_band=one_of(43, (0.03, "under_100k"), (0.06, "1m_to_10m"), (1.0, None)),
        group_id=pl.when(drawn(44) < 0.05).then(pl.concat_str(pl.lit("G"), ranked(45, GROUPS))),
        is_national=drawn(46) < 0.02,
    )


def write(folder: Path, told: dict[str, pl.DataFrame]) -> None:
    """Write tables as the Parquet files of a snapshot, those without rows included."""
    for table in schema.TABLES:
        (folder / table).mkdir(parents=True, exist_ok=True)
        frame = fitted(table, told[table]) if table in told else schema.empty(table)
        # As the project's own snapshots: small enough row groups that a query need not read them all.
        frame.write_parquet(folder / table / "part.parquet", compression="zstd", row_group_size=100_000)


def opened(folder: Path) -> duckdb.DuckDBPyConnection:
    """Return DuckDB over the snapshot in the folder, as docs/queries.md says."""
    os.chdir(folder)
    reader = duckdb.connect(config={"threads": 2})
    reader.execute((DOCS / "duckdb.sql").read_text(encoding="utf-8"))
    return reader


# --- what is measured: each in a process of its own ---------------------------------------------------------------


def make(folder: Path, lines: int) -> None:
    """Make the tables, and read the lines and procedures that figures are made of off the views."""
    write(folder, tables(lines))
    reader = opened(folder)
    for view, columns in (("out_line", indicators.LINES), ("out_procedure", indicators.PROCEDURES)):
        path = folder / f"{view}.parquet"
        reader.execute(f"COPY (SELECT {', '.join(columns)} FROM {view}) TO '{path}' (FORMAT parquet)")  # noqa: S608 - our own names
        found = pl.read_parquet(path)
        found.select(pl.col(name).cast(kind) for name, kind in columns.items()).write_parquet(path)
    for table in ("award", "award_line", "procurement"):
        say(f"{table}: {pl.scan_parquet(folder / table / 'part.parquet').select(pl.len()).collect().item():,}")


def parts(folder: Path, view: str) -> Iterator[pl.DataFrame]:
    """Read lines or procedures as a night reads them: some at a time."""
    frame = pl.scan_parquet(folder / f"{view}.parquet")
    count = frame.select(pl.len()).collect().item()
    for start in range(0, count, AT_ONCE):
        yield frame.slice(start, AT_ONCE).collect()


def measured(folder: Path, touched: Touched | None = None, asked: Iterable[Indicator] | None = None) -> int:
    """Work out the figures, keep them, and return how many there are."""
    period, found = indicators.measure(
        parts(folder, "out_line"), NEWEST, touched, procedures=parts(folder, "out_procedure"),
        facts={table: pl.read_parquet(folder / table / "part.parquet") for table in indicators.FACTS},
        asked=None if asked is None else list(asked),
    )  # fmt: skip
    period.write_parquet(folder / "period" / "part.parquet")
    kept = folder / ("touched" if touched else "indicator_value")
    kept.mkdir(exist_ok=True)
    for old in kept.glob("*.parquet"):
        old.unlink()
    rows = 0
    for number, frame in enumerate(found):
        frame.write_parquet(kept / f"{number:05d}.parquet", row_group_size=100_000)
        rows += frame.height
    return rows


def measure_all(folder: Path) -> None:
    """Work out every figure at every grain."""
    say(f"rows: {measured(folder):,}")


def measure_touched(folder: Path, old: int = 0) -> None:
    """Work out the figures that a night touches: some hundred awards of the newest quarter, and some of any time."""
    every = (
        pl.scan_parquet(folder / "out_line.parquet")
        .select("award_id", "buyer_id", "buyer_area_code", "awarded_on", "starts_on")
        .unique("award_id", maintain_order=True)
    )
    is_new = pl.col("awarded_on") >= date(2026, 1, 1)
    parts = (every.filter(is_new).head(TONIGHT - old), every.filter(~is_new).head(old))
    tonight = pl.concat(parts).collect()
    period = pl.read_parquet(folder / "period" / "part.parquet")["period"]
    touched = indicators.reach(tonight, places.areas(), period, NEWEST)
    say(f"{tonight.height} awards of {len(touched.buyers)} buyers; rows: {measured(folder, touched):,}")


def measure_touched_old(folder: Path) -> None:
    """Work out the figures that a night touches of which a tenth of the awards is late, or amended after years."""
    measure_touched(folder, TONIGHT // 10)


def questions() -> list[tuple[str, str]]:
    """Return the queries of docs/queries.md, of a period that the made-up history holds."""
    page = (DOCS / "queries.md").read_text(encoding="utf-8")
    return [
        (title, sql.strip().rstrip(";"))
        for title, section in re.findall(r"^## (\d+\. .+?)$(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
        for sql in re.findall(r"^```sql\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    ]


def timed(ask: Callable[[str], int]) -> None:
    """Ask every question twice, and say the quicker time: the first reads the disk."""
    slowest = 0.0
    for title, sql in questions():
        taken = []
        for _ in range(2):
            began, cpu = time.perf_counter(), time.process_time()
            rows = ask(sql)
            taken.append((time.perf_counter() - began, time.process_time() - cpu))
        wall, cpu = min(taken)
        slowest = max(slowest, wall)
        say(f"| {title} | {wall:.2f} | {cpu:.2f} | {rows} |")
    say(f"slowest: {slowest:.2f} s")


def query_parquet(folder: Path) -> None:
    """Ask the questions of the page over the Parquet files."""
    reader = opened(folder)
    timed(lambda sql: len(reader.execute(sql).fetchall()))


def load_sqlite(folder: Path) -> None:
    """Load the tables and figures into SQLite."""
    path = folder / "bench.db"
    path.unlink(missing_ok=True)
    with Warehouse.open(f"sqlite:///{path}") as warehouse, warehouse.transaction():
        warehouse.drop_indexes()
        for table in schema.TABLES:
            for part in sorted((folder / table).glob("*.parquet")):
                warehouse.bulk_upsert(table, pl.read_parquet(part))
        warehouse.make_indexes()
    say(f"{path.stat().st_size / 1e6:,.0f} MB")


def query_sqlite(folder: Path) -> None:
    """Ask the questions of the page of SQLite."""
    with closing(sqlite3.connect(folder / "bench.db")) as reader:
        timed(lambda sql: len(reader.execute(sql).fetchall()))


STEPS: dict[str, Callable[[Path], None]] = {
    "all figures": measure_all,
    "a night's figures": measure_touched,
    "a night's figures, a tenth of it old": measure_touched_old,
    "queries on Parquet": query_parquet,
}
ON_SQLITE: dict[str, Callable[[Path], None]] = {"load SQLite": load_sqlite, "queries on SQLite": query_sqlite}


def say(line: str) -> None:
    """Print a line of the result."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def take(step: str, folder: Path, lines: int) -> None:
    """Run one step in a process of its own, and say what it took."""
    say(f"\n{step}")
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, __file__, "--step", step, "--lines", str(lines), "--folder", folder])  # noqa: S603 - our own command
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{step} failed")
    wall, cpu = time.perf_counter() - began, used.ru_utime + used.ru_stime
    say(f"{step}: {wall:.1f} s wall, {cpu:.1f} s CPU, {used.ru_maxrss / 1024:.0f} MiB")


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--sqlite", type=int, default=1_000_000, help="award lines in SQLite; 0 leaves it out")
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--step", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.step:
        steps = {"make": lambda folder: make(folder, asked.lines), **STEPS, **ON_SQLITE}
        steps[asked.step](asked.folder)
        return
    say(f"{datetime.now(UTC):%Y-%m-%d}, {asked.lines:,} award lines, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory(prefix="noticeboard-bench-") as own:
        folder = asked.folder or Path(own)
        for step in ("make", *STEPS):
            take(step, folder / "parquet", asked.lines)
        if asked.sqlite:
            for step in ("make", "all figures", *ON_SQLITE):
                take(step, folder / "sqlite", asked.sqlite)


if __name__ == "__main__":
    main()

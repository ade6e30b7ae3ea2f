"""Load official registers into the data folder, and find in them what some suppliers need.

    <data>/registers/<register>/<vintage>/organisation.parquet, name.parquet, relation.parquet, manifest.json
    <data>/registers/<register>/gone/...    what older vintages know and the newest does not

A vintage is placed at once and whole, and stays: a dissolved company leaves Companies House's file, but not the
suppliers' past. What is looked up is told by the newest vintage that knows it. ``gone`` is derived from the vintages,
so that a look-up reads two files per table however many vintages there are.

A published file is deleted as soon as it is read, since some hold telephone numbers and names of trustees.
"""

import fcntl
import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import polars as pl

from extractors import charity_lookups, charity_registers, companies_house, mutuals, strategic_suppliers
from extractors.registers import TABLES, Order, Sessions, UnexpectedFile
from extractors.web import Session, SourceError
from extractors.windows import LONDON
from transforms.suppliers import identifiers, names
from transforms.suppliers.registers import NAME, NOTHING, ORGANISATION, RELATION, Registers

PACING_SECONDS = 2.0
"""Between two requests to one register; a load makes two or three."""

SLICE_ROWS = 500_000
"""Names whose keys are made at a time; it bounds the memory."""

PARALLEL_FROM = 50_000
"""Names below which starting further processes costs more than it saves."""

LEAST_SHARE = 0.9
"""A vintage with a smaller share of the rows of the one before is refused: registers do not shrink by a tenth."""

LONGEST_CHAIN = 12
"""Steps along same-as links and parents that a look-up follows."""

_VINTAGE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MANIFEST = "manifest.json"
_GONE = "gone"
_LIST = "listed.parquet"


class Register(NamedTuple):
    """A register that can be loaded: its page, its terms, what fetches, dates and reads it, and its files in words."""

    source: str
    licence: str
    fetch: Callable[[Sessions, Order], list[Path]]
    vintage: Callable[[Sequence[Path]], date | None]
    read: Callable[[Sequence[Path], Path, date], None]
    files: str


def _read_list(files: Sequence[Path], folder: Path, vintage: date) -> None:
    """Read the list of strategic suppliers: names alone, by which no mention of a supplier is resolved."""
    strategic_suppliers.read(files, vintage).write_parquet(folder / _LIST)
    for table, columns in (("organisation", ORGANISATION), ("name", NAME), ("relation", RELATION)):
        pl.DataFrame(schema=columns).write_parquet(folder / f"{table}.parquet")


REGISTERS: dict[str, Register] = {
    companies_house.REGISTER: Register(
        companies_house.SOURCE,
        companies_house.LICENCE,
        companies_house.fetch,
        companies_house.vintage,
        companies_house.read,
        "BasicCompanyDataAsOneFile-2026-11-01.zip",
    ),
    companies_house.CONTROL_REGISTER: Register(
        companies_house.CONTROL_SOURCE,
        companies_house.LICENCE,
        companies_house.fetch_control,
        companies_house.control_vintage,
        companies_house.read_control,
        "persons-with-significant-control-snapshot-2026-11-22.zip",
    ),
    charity_registers.COMMISSION_REGISTER: Register(
        charity_registers.COMMISSION_SOURCE,
        charity_registers.LICENCE,
        charity_registers.fetch_commission,
        charity_registers.commission_vintage,
        charity_registers.read_commission,
        "publicextract.charity.zip and publicextract.charity_other_names.zip",
    ),
    charity_registers.OSCR_REGISTER: Register(
        charity_registers.OSCR_SOURCE,
        charity_registers.LICENCE,
        charity_registers.fetch_oscr,
        charity_registers.oscr_vintage,
        charity_registers.read_oscr,
        "CharityExport-22-Nov-2026.csv and CharityExport-Removed-22-Nov-2026.csv, or their zips",
    ),
    charity_registers.CCNI_REGISTER: Register(
        charity_registers.CCNI_SOURCE,
        charity_registers.LICENCE,
        charity_registers.fetch_ccni,
        charity_registers.ccni_vintage,
        charity_registers.read_ccni,
        "charitydetails_2026_11_22.csv",
    ),
    mutuals.REGISTER: Register(
        mutuals.SOURCE, mutuals.LICENCE, mutuals.fetch, mutuals.vintage, mutuals.read, "SocietyList-2026-11-22.csv"
    ),
    charity_lookups.REGISTER: Register(
        charity_lookups.SOURCE,
        charity_lookups.LICENCE,
        charity_lookups.fetch,
        charity_lookups.vintage,
        charity_lookups.read,
        "2026-11-22_sameas.csv and 2026-11-22_parent.csv",
    ),
    strategic_suppliers.REGISTER: Register(
        strategic_suppliers.SOURCE,
        strategic_suppliers.LICENCE,
        strategic_suppliers.fetch,
        strategic_suppliers.vintage,
        _read_list,
        "strategic-suppliers-2026-11-22.html",
    ),
}
"""Every register, by the name that the command takes, in the order in which they are best loaded."""

_CURATED = frozenset({charity_lookups.REGISTER, mutuals.REGISTER})
"""Where org-ids are written by the register's own hand, one of an unusual shape is kept as it stands."""

_OF_RELATIONS = frozenset({charity_lookups.REGISTER, companies_house.CONTROL_REGISTER})
"""What tells of relations between organisations of other registers."""


class Loaded(NamedTuple):
    """A vintage of a register that is loaded; ``rows`` are its organisations, or its relations where it has none."""

    register: str
    vintage: date
    rows: int
    source: str
    licence: str


class BusyRegister(SourceError):
    """Raised when another load of the same register is at work."""


def load(
    data_dir: Path,
    register: str,
    clock: Callable[[], datetime],
    *,
    files: Sequence[Path] = (),
    on: date | None = None,
    accept_fewer: bool = False,
    service: str | None = None,
    wait_seconds: float | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Loaded:
    """Load or refresh a register, from the network or from files.

    Args:
        data_dir: Where everything is kept.
        register: A name of ``REGISTERS``.
        clock: Gives the time in UTC.
        files: What the register publishes, zips or plain, instead of asking it.
        on: The date of the files, where neither their names nor their rows tell it.
        accept_fewer: Whether a vintage may have far fewer rows than the one before.
        service: Scheme and host of a stand-in for every register's service.
        wait_seconds: Replaces pacing and waits, for tests.
        progress: Is told what is being done, how much of it is done, and of how much (0: not known).

    Returns:
        The vintage that is now loaded; the newest one where the network has no newer file.

    Raises:
        ValueError: for a register that is not known.
        BusyRegister: when another load of it is at work.
        extractors.web.SourceError: when a service or a file is not as expected. What was loaded stays in use, and a
            download that broke off is taken up by the next load.
    """
    if register not in REGISTERS:
        raise ValueError(f"{register!r} is not a register. There is {', '.join(REGISTERS)}.")
    about = REGISTERS[register]
    told = progress or _silent
    root = data_dir / "registers" / register
    incoming = root / "incoming"
    with alone(root, register):
        held = _held(root)
        given = list(files)
        if not given:
            incoming.mkdir(parents=True, exist_ok=True)
            given = _fetched(about, incoming, clock, held, service, wait_seconds, told)
            if not given:
                return _loaded(root, register)[0]
        try:
            vintage = on or about.vintage(given)
            if vintage is None:
                raise UnexpectedFile(
                    f"{', '.join(path.name for path in given)}: neither name nor rows tell the date of the register."
                    f" Give it with --on, such as --on 2026-11-01, or the file under its own name: {about.files}."
                )
            today = clock().astimezone(LONDON).date()
            # It would count as the newest for as long as it lies ahead.
            if vintage > today:
                raise UnexpectedFile(
                    f"{', '.join(path.name for path in given)}: the register would be of {vintage}, and today is"
                    f" {today}. Nothing was loaded: give the date on which it was published with --on."
                )
            _place(root, register, given, vintage, accept_fewer, told)
        finally:
            if not files:
                shutil.rmtree(incoming, ignore_errors=True)
        _keep_the_gone(root)
        return next(item for item in _loaded(root, register) if item.vintage == vintage)


def loaded(data_dir: Path) -> list[Loaded]:
    """Return every vintage that is loaded, by register and newest first: for doctor, README and fingerprint."""
    return [item for register in REGISTERS for item in _loaded(data_dir / "registers" / register, register)]


def strategic(data_dir: Path) -> pl.DataFrame:
    """Return the newest list of strategic suppliers that is loaded: ``name, listed_on, source``; empty without one."""
    vintages = _vintages(data_dir / "registers" / strategic_suppliers.REGISTER)
    return pl.read_parquet(vintages[0] / _LIST) if vintages else pl.DataFrame(schema=strategic_suppliers.SCHEMA)


def relevant(data_dir: Path, keys: pl.Series, org_ids: pl.Series) -> Registers:
    """Return what the loaded registers know of some names and org-ids, and of what these are linked to.

    Args:
        data_dir: Where everything is kept.
        keys: Keys of names, as ``transforms.suppliers.names.comparable`` gives them.
        org_ids: Org-ids, such as ``GB-COH-01234567``.

    Returns:
        The organisations with one of the names or ids, all their names, and the relations among them; with them every
        organisation that is the same as one of them, and the parents, and theirs. Each is told by the newest vintage
        that knows it. Sorted; without a register, empty.
    """
    tables = {table: _files(data_dir, table) for table in TABLES}
    if not any(tables.values()):
        return NOTHING
    wanted = set(org_ids.drop_nulls().to_list())
    asked = keys.drop_nulls().unique()
    if asked.len() and tables["name"]:
        by_name = pl.scan_parquet(tables["name"]).filter(pl.col("key").is_in(asked.implode()))
        wanted |= set(by_name.select("org_id").collect(engine="streaming")["org_id"])
    relation, wanted = _related(tables["relation"], wanted)
    ids = pl.Series("org_id", sorted(wanted), pl.String)

    def told(table: str, schema: dict[str, pl.DataType]) -> pl.DataFrame:
        if not tables[table]:
            return pl.DataFrame(schema=schema)
        rows = pl.scan_parquet(tables[table]).filter(pl.col("org_id").is_in(ids.implode())).select(*schema)
        return rows.collect(engine="streaming").sort(*schema)

    return Registers(told("organisation", ORGANISATION), told("name", NAME), relation)


# --- loading -----------------------------------------------------------------------------------------------------


def _silent(_step: str, _done: int, _total: int) -> None:
    """Show nothing."""


@contextmanager
def alone(root: Path, register: str) -> Iterator[None]:
    """Hold the lock of a register."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / ".lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyRegister(f"Another load of {register} is at work. Wait for it, then run again.") from None
        yield


def _fetched(
    about: Register,
    incoming: Path,
    clock: Callable[[], datetime],
    held: frozenset[str],
    service: str | None,
    wait_seconds: float | None,
    told: Callable[[str, int, int], None],
) -> list[Path]:
    def sessions(host: str) -> Session:
        return Session(service or host, now=clock, pacing_seconds=PACING_SECONDS, wait_seconds=wait_seconds)

    today = clock().astimezone(LONDON).date()
    order = Order(incoming, today, held, lambda name, have, total: told(f"fetch {name}", have, total or 0))
    return about.fetch(sessions, order)


def _place(
    root: Path,
    register: str,
    given: Sequence[Path],
    vintage: date,
    accept_fewer: bool,
    told: Callable[[str, int, int], None],
) -> None:
    """Read files into a folder of their own, finish the tables, and put the folder in its place at once."""
    fresh = root / f"{vintage}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    try:
        told(f"read {register}", 0, 0)
        REGISTERS[register].read(given, fresh, vintage)
        if (fresh / "parent.parquet").is_file():
            _name_parents(root.parent, fresh, vintage)
        else:
            _clean_relations(fresh / "relation.parquet", is_curated=register in _CURATED)
        _key_names(fresh / "name.parquet", told)
        counts = {table: _rows(fresh / f"{table}.parquet") for table in TABLES}
        # Who controls companies is a register of relations; its organisations are but the parents without a number.
        rows = counts["relation"] if register in _OF_RELATIONS else counts["organisation"]
        if (fresh / _LIST).is_file():
            rows = _rows(fresh / _LIST)
        before = next((item for item in _loaded(root, register) if item.vintage != vintage), None)
        if not rows:
            raise UnexpectedFile(
                f"{', '.join(path.name for path in given)} holds no row of {register}. Nothing was loaded: get it"
                " again."
            )
        if before is not None and rows < LEAST_SHARE * before.rows and not accept_fewer:
            raise UnexpectedFile(
                f"{', '.join(path.name for path in given)} holds {rows:,} rows, where the vintage of {before.vintage}"
                f" held {before.rows:,}. Nothing was loaded: see whether the file is whole. If the register did shrink,"
                " run again with --accept-fewer."
            )
        manifest = {
            "register": register,
            "vintage": str(vintage),
            "rows": rows,
            "tables": counts,
            "source": REGISTERS[register].source,
            "licence": REGISTERS[register].licence,
            "files": [{"name": path.name, "bytes": path.stat().st_size, "sha256": _sha256(path)} for path in given],
        }
        (fresh / _MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
        place, old = root / str(vintage), root / f"{vintage}.old"
        shutil.rmtree(old, ignore_errors=True)
        if place.exists():
            place.rename(old)
        fresh.rename(place)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _rows(path: Path) -> int:
    return int(pl.scan_parquet(path).select(pl.len()).collect().item())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _key_names(path: Path, told: Callable[[str, int, int], None]) -> None:
    """Give each name its key and its legal form; slice by slice, on all cores where there is enough to do."""
    rows = _rows(path)
    parts = []
    with _keys(rows) as keys:
        for start in range(0, max(rows, 1), SLICE_ROWS):
            told("name keys", start, rows)
            part = pl.scan_parquet(path).slice(start, SLICE_ROWS).collect()
            distinct = part["name"].unique(maintain_order=True)
            keyed = pl.DataFrame(
                [distinct, *map(pl.Series, zip(*keys(distinct.to_list()), strict=True))] if len(distinct) else None,
                schema={"name": pl.String, "key": pl.String, "legal_form": pl.String},
            )
            parts.append(path.with_name(f"keyed-{start}.part"))
            part.join(keyed, on="name", how="left", maintain_order="left").select(
                pl.col(column).cast(kind) for column, kind in NAME.items()
            ).write_parquet(parts[-1], compression="lz4")
    told("name keys", rows, rows)
    pl.scan_parquet(parts).sink_parquet(path, compression="zstd", row_group_size=250_000)
    for done in parts:
        done.unlink()


@contextmanager
def _keys(rows: int) -> Iterator[Callable[[list[str]], list[tuple[str | None, str | None]]]]:
    """Give a function from names to keys and legal forms, with as many processes as the work is worth."""
    if rows < PARALLEL_FROM:
        yield keys_of
        return
    # Not forked: polars' threads do not survive a fork.
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:

        def spread(texts: list[str]) -> list[tuple[str | None, str | None]]:
            lots = [texts[start : start + 20_000] for start in range(0, len(texts), 20_000)]
            return [found for lot in pool.map(keys_of, lots) for found in lot]

        yield spread


def keys_of(texts: list[str]) -> list[tuple[str | None, str | None]]:
    """Return the key and the legal form of each name; no key for one that names nobody."""
    found = []
    for text in texts:
        name = names.parse(text)
        found.append((None if name.placeholder else names.comparable(name.core) or None, name.legal_form))
    return found


def _clean_relations(path: Path, *, is_curated: bool) -> None:
    """Write the org-ids of relations as every other module writes them; leave out those that are none."""
    relation = pl.read_parquet(path)
    distinct = pl.concat([relation["org_id"], relation["other_org_id"]]).unique().drop_nulls().to_list()
    cleaned = {org_id: _org_id(org_id, is_curated=is_curated) for org_id in distinct}
    relation.with_columns(
        pl.col("org_id", "other_org_id").replace_strict(cleaned, default=None, return_dtype=pl.String)
    ).filter(
        pl.col("org_id").is_not_null()
        & pl.col("other_org_id").is_not_null()
        & (pl.col("org_id") != pl.col("other_org_id"))
    ).unique(maintain_order=True).write_parquet(path, compression="zstd")


def _org_id(org_id: str, *, is_curated: bool) -> str | None:
    scheme, _, number = org_id.partition("-")[2].partition("-")
    found = identifiers.clean(f"{org_id.partition('-')[0]}-{scheme}", number)
    if found.status in identifiers.USABLE:
        return found.org_id
    return org_id if is_curated and number else None


def _name_parents(registers: Path, folder: Path, vintage: date) -> None:
    """Turn parents as companies named them into relations, and those without a UK number into organisations.

    A number is only believed where Companies House, if it is loaded, knows it under the name that was given: one in
    eight short numbers lacks something. Such a parent gets an id of its own, from its name and number.
    """
    parents = pl.read_parquet(folder / "parent.parquet")
    (folder / "parent.parquet").unlink()
    named = parents.select("name", "number", "register").unique(maintain_order=True)
    keys = [key for key, _ in keys_of(named["name"].to_list())]
    ids = [
        identifiers.clean("GB-CHC" if register == "charity" else "GB-COH", number or "").org_id
        if register in ("company", "charity")
        or (register is None and re.fullmatch(r"\d{8}|[A-Z]{2}\d{6}", number or ""))
        else None
        for number, register in named.select("number", "register").iter_rows()
    ]
    named = named.with_columns(pl.Series("key", keys, pl.String), pl.Series("uk_id", ids, pl.String))
    named = named.with_columns(_confirmed(registers, named))
    # Only a name and a number together tell one foreign company from another of the same name.
    number = pl.col("number").str.to_uppercase().str.replace_all(r"[^A-Z0-9]", "")
    own = pl.when((pl.col("register") == "none") | (number.str.len_chars() > 0)).then(
        pl.concat_str(
            [pl.lit("PSC"), pl.when(pl.col("register") != "none").then(number), pl.col("key")],
            separator="-",
            ignore_nulls=True,
        )
    )
    named = named.with_columns(
        other_org_id=pl.when(pl.col("is_confirmed")).then("uk_id").when(pl.col("key").is_not_null()).then(own)
    )
    told = parents.join(named, on=["name", "number", "register"], how="left", nulls_equal=True, maintain_order="left")
    relation = told.filter(pl.col("other_org_id").is_not_null() & (pl.col("org_id") != pl.col("other_org_id"))).select(
        "org_id",
        "other_org_id",
        kind=pl.lit("parent"),
        source=pl.lit("Companies House: person with significant control, at least three quarters"),
        valid_from="valid_from",
        valid_to="valid_to",
    )
    unnumbered = named.filter(pl.col("other_org_id").str.starts_with("PSC-")).unique(
        "other_org_id", keep="first", maintain_order=True
    )
    empty = {column: pl.lit(None, kind) for column, kind in ORGANISATION.items()}
    organisation = unnumbered.select(
        **empty
        | {
            "org_id": pl.col("other_org_id"),
            "register": pl.lit(companies_house.CONTROL_REGISTER),
            "name": pl.col("name"),
            "category": pl.when(pl.col("register") == "none")
            .then(pl.lit("Legal person"))
            .otherwise(pl.lit("Corporate entity")),
            "vintage": pl.lit(vintage, pl.Date),
        }
    )
    relation.unique(maintain_order=True).write_parquet(folder / "relation.parquet", compression="zstd")
    organisation.write_parquet(folder / "organisation.parquet", compression="zstd")
    organisation.select("org_id", "name", kind=pl.lit("current"), until_on=pl.lit(None, pl.Date)).write_parquet(
        folder / "name.parquet"
    )


def _confirmed(registers: Path, named: pl.DataFrame) -> pl.Series:
    """Tell for each parent whether its number may be believed; where Companies House is not loaded, all may be."""
    files = _register_files(registers / companies_house.REGISTER, "name")
    numbered = named.get_column("uk_id").is_not_null().alias("is_confirmed")
    if not files:
        return numbered
    ids = named["uk_id"].drop_nulls().unique()
    known = (
        pl.scan_parquet(files)
        .filter(pl.col("org_id").is_in(ids.implode()))
        .select("org_id", "key")
        .collect(engine="streaming")
        .unique()
        .with_columns(is_name=pl.lit(value=True))
    )
    is_company = named["uk_id"].str.starts_with("GB-COH-").fill_null(value=False)
    by_name = named.join(
        known, left_on=["uk_id", "key"], right_on=["org_id", "key"], how="left", maintain_order="left"
    )["is_name"].fill_null(value=False)
    # A company that has left the register cannot be compared; its number stays what it is.
    is_unknown = ~named["uk_id"].is_in(known["org_id"].unique().implode())
    return (numbered & (~is_company | by_name | is_unknown.fill_null(value=True))).alias("is_confirmed")


# --- what is loaded ----------------------------------------------------------------------------------------------


def _vintages(root: Path) -> list[Path]:
    """Return the folders of a register's vintages that are whole, newest first."""
    if not root.is_dir():
        return []
    found = [path for path in root.iterdir() if _VINTAGE.fullmatch(path.name) and (path / _MANIFEST).is_file()]
    return sorted(found, reverse=True)


def _loaded(root: Path, register: str) -> list[Loaded]:
    found = []
    for folder in _vintages(root):
        told = _manifest(folder)
        found.append(
            Loaded(register, date.fromisoformat(folder.name), int(told["rows"]), told["source"], told["licence"])
        )
    return found


def _manifest(folder: Path) -> dict[str, str]:
    try:
        told = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    except ValueError as problem:
        raise UnexpectedFile(
            f"{folder / _MANIFEST} cannot be read ({problem}). Move {folder} away, and load that vintage again."
        ) from problem
    return dict(told)


def _held(root: Path) -> frozenset[str]:
    """Return the names of the published files that are loaded."""
    return frozenset(str(file["name"]) for folder in _vintages(root) for file in _files_of(folder))


def _files_of(folder: Path) -> Iterable[dict[str, str]]:
    told = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    return list(told.get("files", []))


def _files(data_dir: Path, table: str) -> list[Path]:
    return [path for register in REGISTERS for path in _register_files(data_dir / "registers" / register, table)]


def _register_files(root: Path, table: str) -> list[Path]:
    """Return the files of a table that a look-up reads: the newest vintage, and what only older ones know."""
    vintages = _vintages(root)
    if not vintages:
        return []
    if len(vintages) > 1 and _kept(root) != [folder.name for folder in vintages]:
        _keep_the_gone(root)  # a vintage was moved away, or put there by hand
    folders = [vintages[0], *([root / _GONE] if len(vintages) > 1 else [])]
    return [folder / f"{table}.parquet" for folder in folders]


def _kept(root: Path) -> list[str]:
    """Return the vintages that ``gone`` was derived from."""
    try:
        return list(json.loads((root / _GONE / _MANIFEST).read_text(encoding="utf-8"))["vintages"])
    except (OSError, ValueError, KeyError):
        return []


def _keep_the_gone(root: Path) -> None:
    """Derive what older vintages know and the newest does not, each organisation from the newest that knows it."""
    vintages = _vintages(root)
    gone = root / _GONE
    if len(vintages) < 2:
        shutil.rmtree(gone, ignore_errors=True)
        return
    gone.mkdir(exist_ok=True)
    (gone / _MANIFEST).unlink(missing_ok=True)
    for table, schema in (("organisation", ORGANISATION), ("name", NAME), ("relation", RELATION)):
        kept = []
        for place, folder in enumerate(vintages[1:], start=1):
            if table == "relation" and root.name == charity_lookups.REGISTER:
                break  # kept by hand: what it no longer tells was wrong
            tellers = ("organisation", "relation") if table == "relation" else ("organisation",)
            newer = [
                pl.scan_parquet(path / f"{teller}.parquet").select("org_id")
                for path in vintages[:place]
                for teller in tellers
            ]
            rows = pl.scan_parquet(folder / f"{table}.parquet")
            # A tenth of the org-ids at a time, by their last digit: else 5 million of them fill the memory.
            for last in "0123456789":
                part = pl.col("org_id").str.extract(r"(\d)\D*$").fill_null("0") == last
                known = pl.concat([ids.filter(part) for ids in newer]).unique()
                kept.append(gone / f"{table}-{place}-{last}.part")
                rows.filter(part).join(known, on="org_id", how="anti").sink_parquet(kept[-1])
        left = pl.scan_parquet(kept) if kept else pl.LazyFrame(schema=schema)
        left.sink_parquet(gone / f"{table}.new", compression="zstd", row_group_size=250_000)
        (gone / f"{table}.new").replace(gone / f"{table}.parquet")
        for path in kept:
            path.unlink()
    manifest = {"vintages": [folder.name for folder in vintages]}
    (gone / _MANIFEST).write_text(json.dumps(manifest) + "\n", encoding="utf-8")


def _related(files: list[Path], wanted: set[str]) -> tuple[pl.DataFrame, set[str]]:
    """Follow same-as links both ways and parents upwards; return the relations and every org-id that was reached."""
    if not files or not wanted:
        return pl.DataFrame(schema=RELATION), wanted
    reached, fresh = set(wanted), set(wanted)
    found = []
    for _ in range(LONGEST_CHAIN):
        ids = pl.Series("org_id", sorted(fresh), pl.String).implode()
        step = (
            pl.scan_parquet(files)
            .filter(pl.col("org_id").is_in(ids) | (pl.col("other_org_id").is_in(ids) & (pl.col("kind") == "same_as")))
            .select(*RELATION)
            .collect(engine="streaming")
        )
        found.append(step)
        fresh = (set(step["org_id"]) | set(step["other_org_id"])) - reached
        reached |= fresh
        if not fresh:
            break
    return pl.concat(found).unique().sort(*RELATION), reached

"""Say what is configured, reachable and fresh, and what to do about the rest.

The examination changes nothing: it makes no file, no folder and no table in SQLite, and leaves the run lock alone.
Each check is a generator of findings; one that breaks down is itself a finding, and the others go on.
"""

import json
import platform
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from urllib.parse import parse_qsl, unquote

import polars as pl
from pydantic import SecretStr

from extractors.archive import Archive
from extractors.web import RateLimited, Session, SourceError, SourceUnavailable
from extractors.windows import LONDON
from flows import comparison, grants, postcodes, registers, services
from flows.settings import Settings
from transforms import RULES_VERSION, places
from warehouse.publish import editions, snapshot
from warehouse.store import NotThere, OtherSchema, Warehouse

OLDEST_NIGHT = timedelta(hours=26)
"""A schedule that runs daily has finished a night within this time, an hour of daylight saving and of work included."""

OLDEST_POSTCODES = timedelta(days=400)
"""A new directory comes every quarter; one this old misses the postcodes of new buildings."""

LEAST_FREE_BYTES = 1 << 30
"""Free disk space below which a night may not end."""

CONNECT_SECONDS, READ_SECONDS = 5.0, 20.0
"""How long a service may take to be reached and to answer."""


@dataclass(frozen=True)
class Finding:
    """What was looked at, whether it is sound (null: a note), the fact, and what to do next, if anything."""

    what: str
    sound: bool | None
    fact: str
    next_action: str | None = None


@dataclass(frozen=True)
class _State:
    """What the warehouse tells of the past: the ledger of runs and the coverage."""

    runs: pl.DataFrame
    coverage: pl.DataFrame


Check = Callable[[Settings, Callable[[], datetime]], Iterator[Finding]]


def examine(settings: Settings, clock: Callable[[], datetime]) -> list[Finding]:
    """Look at everything a night depends on, and at what the last one left.

    Args:
        settings: where everything is.
        clock: gives the time.

    Returns:
        The findings, in the order in which one would ask for them; no password stands in any.
    """
    findings = [finding for check in CHECKS for finding in _examined(check, settings, clock)]
    return [_without_secrets(finding, settings) for finding in findings]


def _examined(check: Check, settings: Settings, clock: Callable[[], datetime]) -> list[Finding]:
    found: list[Finding] = []
    try:
        found.extend(check(settings, clock))
    except Exception as error:  # whatever broke is what the user came to hear of, and the other checks go on
        what = check.__name__.removeprefix("_").replace("_", " ")
        found.append(Finding(what, False, _words(error), "mend what it names, then run 'noticeboard doctor' again"))
    return found


# --- what is installed and configured -----------------------------------------------------------------------------


def _versions(_settings: Settings, _clock: Callable[[], datetime]) -> Iterator[Finding]:
    yield Finding("version", True, f"Noticeboard {version('noticeboard')} on Python {platform.python_version()}")
    dated = places.shipped().vintage
    yield Finding("rules", None, f"version {RULES_VERSION}; postcodes and areas as of {dated:%B %Y}")


def _setting(settings: Settings, _clock: Callable[[], datetime]) -> Iterator[Finding]:
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            value = value.get_secret_value()
        shown = "not set" if value is None else _masked(str(value))
        given = "" if name in settings.model_fields_set else " (default)"
        yield Finding(f"NOTICEBOARD_{name.upper()}", None, shown + given)


# --- the warehouse and its past -----------------------------------------------------------------------------------


def _warehouse(settings: Settings, clock: Callable[[], datetime]) -> Iterator[Finding]:
    url = settings.warehouse_url.get_secret_value()
    file = _sqlite_file(url)
    if file is not None and (not file.is_file() or not file.stat().st_size):
        yield Finding("warehouse", None, f"{file} is not there yet", "run 'noticeboard nightly', which makes it")
        yield from _never()
        return
    try:
        with Warehouse.open(url, make=False) as warehouse:
            state = _State(warehouse.read("run"), warehouse.read("coverage"))
            awards = warehouse.count("award")
    except NotThere:
        yield Finding("warehouse", None, f"{_masked(url)} answers, and has no tables yet", "run 'noticeboard nightly'")
        yield from _never()
        return
    except OtherSchema as error:
        yield Finding("warehouse", False, _words(error), "move it away, then run 'noticeboard rebuild'")
        return
    except Exception as error:  # each engine has errors of its own, and SQLAlchemy is at home in warehouse only
        action = "look at NOTICEBOARD_WAREHOUSE_URL, and whether the database is up"
        yield Finding("warehouse", False, f"cannot be opened: {_words(error)}", action)
        return
    yield Finding("warehouse", True, f"{_masked(url)} answers, and holds {awards:,} awards")
    now = clock().astimezone(UTC)
    yield from _nights(state.runs.sort("started_at", nulls_last=False), now)
    yield from _gaps(state.coverage)


def _never() -> Iterator[Finding]:
    yield Finding("last finished night", None, "there never was one", "run 'noticeboard nightly'")


def _nights(runs: pl.DataFrame, now: datetime) -> Iterator[Finding]:
    """Tell of the newest run, of the newest finished one, and of the rules behind what is held."""
    if runs.is_empty():
        yield from _never()
        return
    last = runs.row(-1, named=True)
    if last["status"] == "running":
        since = f"{last['run_id']} is at work since {_at(last['started_at'])}, or was cut short"
        late = now - last["started_at"] > OLDEST_NIGHT
        action = (
            "run 'noticeboard nightly': it takes up the work of a run that was cut short, and leaves one at work alone"
        )
        yield Finding("last run", False if late else None, since, action)
    elif last["status"] == "finished":
        yield Finding("last run", True, f"{last['run_id']} finished {_at(last['ended_at'])}")
    else:
        action = "mend what the reason names, then run 'noticeboard nightly'"
        if last["status"] == "held":
            action = "look at what the reason names; the next night publishes what was held back, if it passes"
        yield Finding(
            "last run", False, f"{last['run_id']} {last['status']}: {last['reason'] or 'no reason noted'}", action
        )

    finished = runs.filter(pl.col("status") == "finished")
    if finished.is_empty():
        yield from _never()
        return
    newest = finished.sort("ended_at").row(-1, named=True)
    age = now - newest["ended_at"]
    fact = f"{newest['run_id']} ended {_at(newest['ended_at'])}, {_hours(age)} ago"
    if age > OLDEST_NIGHT:
        action = "run 'noticeboard nightly'; then see why nothing did: is 'noticeboard serve' at work, or cron?"
        yield Finding("last finished night", False, f"{fact}, more than {_hours(OLDEST_NIGHT)}", action)
    else:
        yield Finding("last finished night", True, fact)
    if newest["warnings"]:
        first, *others = newest["warnings"].splitlines()
        more = f" And {len(others)} more" if others else ""
        action = (
            "read them all in run.warnings; compare figures with what others have published (out_agreement) and look "
            "at the data before you print them; mend decisions in your file of decisions"
        )
        yield Finding("warnings", None, f"the night warned: {first}.{more}", action)
    yield from _rules(runs)


def _rules(runs: pl.DataFrame) -> Iterator[Finding]:
    """Compare the rules with all runs since the last rebuild: a night applies new rules only to what it touches."""
    stored = runs.filter(pl.col("status").is_in(["finished", "held"]))
    rebuilt = stored.filter(pl.col("kind") == "rebuild")["started_at"].max()
    if isinstance(rebuilt, datetime):
        stored = stored.filter(pl.col("started_at") >= rebuilt)
    others = sorted(set(stored["rules_version"].drop_nulls()) - {RULES_VERSION})
    if others:
        fact = f"awards were made by rules {', '.join(others)}, while {RULES_VERSION} are in force"
        yield Finding("rules in the warehouse", False, fact, "run 'noticeboard rebuild'")
    else:
        yield Finding("rules in the warehouse", True, f"all by version {RULES_VERSION}")


def _gaps(coverage: pl.DataFrame) -> Iterator[Finding]:
    """Tell of days that are missing between the first and the newest day that were asked for in full."""
    for [source], days in coverage.sort("source", "day").group_by("source", maintain_order=True):
        complete = days.filter(pl.col("complete"))["day"].to_list()
        if not complete:
            yield Finding(
                f"coverage of {source}", None, "no day was asked for in full yet", "run 'noticeboard nightly'"
            )
            continue
        held = set(complete)
        missing = [day for day in _days(days["day"].to_list()[0], complete[-1]) if day not in held]
        fact = f"{len(complete):,} days, {days['day'].to_list()[0]} to {complete[-1]}"
        yield from _lacking(source, days)
        if not missing:
            yield Finding(f"coverage of {source}", True, f"{fact}, without a gap")
            continue
        spans = list(_spans(missing))
        told = ", ".join(str(first) if first == last else f"{first} to {last}" for first, last in spans[:5])
        more = f" and {len(spans) - 5} more" if len(spans) > 5 else ""
        yield Finding(
            f"coverage of {source}", None, f"{fact}, without {told}{more}: figures do not speak of these days",
            f"run 'noticeboard backfill {spans[0][0]} {spans[0][1]} --source {source}', and so on, if they are wanted",
        )  # fmt: skip


def _lacking(source: str, days: pl.DataFrame) -> Iterator[Finding]:
    """Tell of notices that a service has published, by its own account, and that are not held."""
    known = days.filter(pl.col("missing").is_not_null())
    lacking = known.filter(pl.col("missing") > 0)
    if lacking.height:
        worst = lacking.sort("missing", "day", descending=[True, False]).row(0, named=True)
        yield Finding(
            f"notices of {source}", None,
            f"{lacking['missing'].sum():,} of {known['expected'].sum():,} lack by the service's own account, "
            f"most of them on {worst['day']} ({worst['missing']:,} of {worst['expected']:,})",
            "each was asked for once, or is asked for in one of the next nights; see out_coverage",
        )  # fmt: skip
    elif known["expected"].sum():
        fact = f"all {known['expected'].sum():,} are held that the service tells of"
        yield Finding(f"notices of {source}", True, fact)


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _spans(days: list[date]) -> Iterator[tuple[date, date]]:
    """Yield the first and last day of each unbroken run of days."""
    first = last = days[0]
    for day in days[1:]:
        if day - last > timedelta(days=1):
            yield first, last
            first = day
        last = day
    yield first, last


# --- files --------------------------------------------------------------------------------------------------------


def _archive(settings: Settings, _clock: Callable[[], datetime]) -> Iterator[Finding]:
    root = settings.data_dir / "archive"
    archive = Archive(root)
    sources = archive.sources()
    if not sources:
        yield Finding("archive", None, f"{root} holds nothing yet", "run 'noticeboard nightly', which fills it")
    for source in sources:
        days = archive.days(source)
        newest = days[-1]
        try:
            releases = sum(1 for _ in archive.lines(source, newest))
            archive.requests(source, newest)
            archive.windows(source)
        except Exception as error:  # damage of any kind: a wrong line, a short file, a disk that fails
            action = "restore the file from a copy, or move it and its neighbour away and ask for the day again: "
            command = f"'noticeboard backfill {newest} {newest} --source {source}'"
            yield Finding(f"archive of {source}", False, _words(error), action + command)
            continue
        fact = f"{len(days):,} days, {days[0]} to {newest}; the newest can be read and holds {releases:,} releases"
        yield Finding(f"archive of {source}", True, fact)


def _disk(settings: Settings, _clock: Callable[[], datetime]) -> Iterator[Finding]:
    folders = {"data": settings.data_dir, "export": settings.export_dir}
    if file := _sqlite_file(settings.warehouse_url.get_secret_value()):
        folders["warehouse"] = file.parent
    told: set[int] = set()
    for name, folder in folders.items():
        there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
        device = there.stat().st_dev
        if device in told:
            continue
        told.add(device)
        free = shutil.disk_usage(there).free
        action = (
            None if free >= LEAST_FREE_BYTES else "make room: a night that fills the disk stops, and is not published"
        )
        used = f"; {_size(_used(settings.data_dir / 'archive'))} of it is archive" if name == "data" else ""
        held = f"{_size(_used(folder))} in {folder}{used}, " if name == "data" and folder.exists() else ""
        yield Finding(f"disk of {name}", free >= LEAST_FREE_BYTES, f"{held}{_size(free)} free at {there}", action)


def _used(folder: Path) -> int:
    """Return the bytes in a folder; a file with several names counts once."""
    found = {}
    for path in folder.rglob("*"):
        try:
            stat = path.lstat()
        except OSError:
            continue  # gone in the meantime: a night may be at work
        if not path.is_dir():
            found[stat.st_dev, stat.st_ino] = stat.st_size
    return sum(found.values())


def _published(settings: Settings, _clock: Callable[[], datetime]) -> Iterator[Finding]:
    for what, root, command, missing in (
        ("snapshot", settings.data_dir / "snapshots", "nightly", _missing_of_snapshot),
        ("export", settings.export_dir, "export", _missing_of_export),
    ):
        link = root / editions.LATEST
        if not link.is_symlink() and not link.exists():
            action = "run 'noticeboard nightly'; only a finished night is published"
            yield Finding(f"latest {what}", None, f"{root} holds none yet", action)
            continue
        folder = editions.latest(root)
        gone = [f"{link} points at no edition"] if folder is None else missing(folder)
        if gone or folder is None:
            fact = f"not complete: {gone[0]}" + (f", and {len(gone) - 1} more" if len(gone) > 1 else "")
            yield Finding(f"latest {what}", False, fact, f"run 'noticeboard {command}', which makes it again")
        else:
            yield Finding(f"latest {what}", True, f"{folder} is complete")


def _missing_of_snapshot(folder: Path) -> list[str]:
    """Return what a snapshot's manifest names and the folder does not hold, in that length."""
    try:
        manifest = snapshot.read_manifest(folder)
        listed = [file for table in manifest["tables"] for file in snapshot.files(manifest, table)]
        return [file["path"] for file in listed if not _is_as_long(folder / file["path"], file["bytes"])]
    except (ValueError, KeyError, TypeError) as error:
        return [_words(error)]


def _missing_of_export(folder: Path) -> list[str]:
    """Return what an export's list of checksums and its datapackage name, and the folder does not hold."""
    try:
        sums = (folder / "checksums.txt").read_text(encoding="utf-8").splitlines()
        package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
        gone = [path for path in (line.partition("  ")[2] for line in sums) if not (folder / path).is_file()]
        lengths = [(resource["path"], resource["bytes"]) for resource in package["resources"] if "bytes" in resource]
        return gone + [path for path, length in lengths if path not in gone and not _is_as_long(folder / path, length)]
    except (OSError, ValueError, KeyError, TypeError) as error:
        return [_words(error)]


def _is_as_long(path: Path, length: int) -> bool:
    return path.is_file() and path.stat().st_size == length


# --- the services -------------------------------------------------------------------------------------------------


def _sources(settings: Settings, clock: Callable[[], datetime]) -> Iterator[Finding]:
    """Ask each service once, and once more when no answer came; a refusal is taken as such."""
    for source, service in services.SERVICES.items():
        yield _service(source, service.SEARCH_PATH, str(settings.service_url(source)), clock)


def _service(source: str, path: str, url: str, clock: Callable[[], datetime]) -> Finding:
    what = f"service {source}"
    with Session(
        url, now=clock, pacing_seconds=0, retries=0, connect_seconds=CONNECT_SECONDS, read_seconds=READ_SECONDS
    ) as session:
        for _ in range(2):
            try:
                answer = session.get(path, {"limit": "1"})
            except RateLimited as error:
                action = "wait five minutes; a run at work, or somebody else at your address, has used up the rate"
                return Finding(what, None, f"it is there, but asks to wait: {_words(error)}", action)
            except SourceError as error:
                problem = _words(error)
                if not isinstance(error, SourceUnavailable):
                    break
            else:
                return Finding(what, True, f"{_masked(url)} answers ({len(answer.body):,} bytes for one release)")
    setting = f"NOTICEBOARD_{source.upper().replace('-', '_')}_URL"
    return Finding(what, False, problem, f"look at {setting}, the network and the service's web page")


def _registers(settings: Settings, _clock: Callable[[], datetime]) -> Iterator[Finding]:
    newest = {one.register: one for one in reversed(registers.loaded(settings.data_dir))}
    for name in registers.REGISTERS:
        one = newest.get(name)
        if one:
            yield Finding(f"register {name}", True, f"of {one.vintage}, {one.rows:,} rows, {one.licence}")
            continue
        fact = "is not loaded: fewer suppliers are told apart, and less is known of what they are"
        yield Finding(f"register {name}", None, fact, f"run 'noticeboard registers {name}'")
    near = next(iter(comparison.loaded(settings.data_dir)), None)
    if near:
        yield Finding("register neighbours", True, f"of {near.vintage}, {near.areas:,} areas")
    else:
        fact = "is not loaded: councils are compared with the simple peers of Noticeboard"
        action = "run 'noticeboard registers neighbours --file CSV', if you want those of the statistical office"
        yield Finding("register neighbours", None, fact, action)
    given = grants.loaded(settings.data_dir)
    if given:
        fact = f"{sum(one.rows for one in given):,} of {len(given)} dates, the newest {given[0].vintage}"
        yield Finding("register grants", True, fact)
    else:
        action = "run 'noticeboard registers grants --file CSV' with what councils publish in the 360Giving standard"
        yield Finding("register grants", None, "is not loaded: grants are not collected", action)


def _postcodes(settings: Settings, clock: Callable[[], datetime]) -> Iterator[Finding]:
    what, own = "register postcodes", places.shipped().vintage
    newest = next((one for one in postcodes.loaded(settings.data_dir) if one.vintage > own), None)
    dated = newest.vintage if newest else own
    fact = f"of {dated:%B %Y}, " + (f"{newest.rows:,} postcodes" if newest else "as Noticeboard brings it")
    if newest and newest.unknown:
        odd = f"{fact}; {len(newest.unknown)} authorities are not in the table of areas: {', '.join(newest.unknown)}"
        yield Finding(what, None, odd, "update Noticeboard: nobody can be local there until the table knows them")
    elif clock().astimezone(LONDON).date() - dated > OLDEST_POSTCODES:
        action = "get the newest ONS Postcode Directory, then run 'noticeboard registers postcodes --file ZIP'"
        yield Finding(what, None, f"{fact}: more than a year old", action)
    else:
        yield Finding(what, True, fact)


CHECKS: tuple[Check, ...] = (
    _versions,
    _setting,
    _warehouse,
    _archive,
    _registers,
    _postcodes,
    _disk,
    _published,
    _sources,
)
"""What is looked at, in order."""


# --- words --------------------------------------------------------------------------------------------------------


def _sqlite_file(url: str) -> Path | None:
    """Return the file of a SQLite warehouse, or null where it has none."""
    scheme, _, rest = url.partition("://")
    name = rest.removeprefix("/").partition("?")[0]
    return Path(name) if scheme.partition("+")[0] == "sqlite" and name not in ("", ":memory:") else None


def _masked(url: str) -> str:
    """Return an address without what might be secret: its password, and the values behind its question mark."""
    scheme, found, rest = url.partition("://")
    if not found:
        return url
    address, _, query = rest.partition("?")
    host, slash, path = address.partition("/")
    userinfo, at, host = host.rpartition("@")
    user, colon, _ = userinfo.partition(":")
    names = "&".join(f"{name}=***" for name, _ in parse_qsl(query, keep_blank_values=True))
    return f"{scheme}://{user}{colon and ':***'}{at}{host}{slash}{path}{names and '?'}{names}"


def _secrets(settings: Settings) -> set[str]:
    """Return every text of the settings that must not be shown, as written and as decoded."""
    found: set[str] = set()
    addresses = (settings.contracts_finder_url, settings.find_a_tender_url)
    for url in (settings.warehouse_url.get_secret_value(), *map(str, addresses)):
        address, _, query = url.partition("://")[2].partition("?")
        found.add(address.partition("/")[0].rpartition("@")[0].partition(":")[2])
        found.update(value for name, value in parse_qsl(query) if "pass" in name.lower())
    return {text for secret in found if secret for text in (secret, unquote(secret))}


def _without_secrets(finding: Finding, settings: Settings) -> Finding:
    """Return a finding in which no password stands, not even one that an error of a driver's repeated."""
    fact = finding.fact
    for secret in sorted(_secrets(settings), key=len, reverse=True):
        fact = fact.replace(secret, "***")
    return Finding(finding.what, finding.sound, fact, finding.next_action)


def _words(error: BaseException) -> str:
    """Return an error's kind and its text on one line; SQLAlchemy's own further lines are left out."""
    text = " ".join(str(error).partition("\n(Background on this error")[0].split())
    return f"{type(error).__name__}: {text[:500]}" if text else type(error).__name__


def _at(instant: datetime | None) -> str:
    return instant.astimezone(LONDON).strftime("%Y-%m-%d %H:%M London time") if instant else "at an unknown time"


def _hours(length: timedelta) -> str:
    hours = length.total_seconds() / 3600
    return f"{hours:.0f} hours" if hours < 72 else f"{hours / 24:.0f} days"


def _size(number: int) -> str:
    return f"{number / (1 << 30):,.1f} GiB" if number >= 1 << 30 else f"{number / (1 << 20):,.1f} MiB"

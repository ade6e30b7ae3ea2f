"""The tests' own guards and fixtures hold."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from tests import postgres
from tests.conftest import WHERE_SHARED, OutsideWorld


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "example.org", b"example.org"])
def test_a_test_that_would_leave_this_machine_fails(host: str | bytes) -> None:
    """Neither a connection nor the look-up of a name gets out."""
    with socket.socket() as outward, pytest.raises(OutsideWorld, match="stand-in"):
        outward.connect((host, 80))
    with pytest.raises(OutsideWorld, match="stand-in"):
        socket.getaddrinfo(host, 80)


def test_loopback_is_open() -> None:
    """A server on this machine is reached by number and by name."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        socket.create_connection(("127.0.0.1", port), timeout=5).close()

        assert socket.getaddrinfo("localhost", port)


def test_the_users_settings_are_out_of_sight() -> None:
    """No setting of the user's is seen, and their home is not written to."""
    assert {name for name in os.environ if name.startswith("NOTICEBOARD_")} <= {WHERE_SHARED}
    assert "noticeboard-home-" in str(Path.home())
    assert os.environ["PREFECT_HOME"].startswith(os.environ["HOME"])


def test_every_warehouse_is_empty_and_takes_rows(warehouse_url: str) -> None:
    """The same statements run on both engines, each time in a database that was not there before."""
    engine = sa.create_engine(warehouse_url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE once (word TEXT)"))
        connection.execute(sa.text("INSERT INTO once VALUES ('£ ẁ 🏛')"))

        assert connection.scalar(sa.text("SELECT word FROM once")) == "£ ẁ 🏛"
    engine.dispose()


def test_two_databases_of_one_test_are_apart(new_postgres: Callable[[], str]) -> None:
    """What is made in one is not seen in the other."""
    first, second = (new_postgres().replace("+psycopg", "") for _ in range(2))
    with psycopg.connect(first) as connection:
        connection.execute("CREATE TABLE once (word TEXT)")

    with psycopg.connect(second) as connection:
        assert connection.execute("SELECT to_regclass('once')").fetchone() == (None,)


def test_a_server_that_cannot_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test is skipped for want of PostgreSQL: it fails, with the end of the server's log."""
    monkeypatch.setitem(postgres.SETTINGS, "no_such_setting", "1")

    with pytest.raises(RuntimeError, match="unrecognized configuration parameter"), postgres.postgres_server():
        pass

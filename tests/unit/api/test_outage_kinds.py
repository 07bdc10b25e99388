"""Which errors of the database mean "try again", and which are mistakes of ours."""

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError, InterfaceError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.repositories.errors import DATABASE_ERRORS, is_outage


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        pytest.param(ConnectionRefusedError(), True, id="refused"),
        pytest.param(TimeoutError(), True, id="no answer in time"),
        pytest.param(asyncpg.QueryCanceledError("statement timeout"), True, id="statement timeout"),
        pytest.param(asyncpg.DeadlockDetectedError("deadlock"), True, id="deadlock"),
        pytest.param(asyncpg.CannotConnectNowError("starting up"), True, id="starting up"),
        pytest.param(asyncpg.AdminShutdownError("bye"), True, id="shutting down"),
        pytest.param(asyncpg.TooManyConnectionsError("full"), True, id="too many connections"),
        pytest.param(asyncpg.ConnectionDoesNotExistError("gone"), True, id="dropped"),
        pytest.param(asyncpg.InterfaceError("connection is closed"), True, id="closed"),
        pytest.param(asyncpg.UndefinedTableError("no such table"), True, id="not migrated"),
        pytest.param(asyncpg.InternalClientError("cannot switch"), True, id="last words"),
        pytest.param(PoolTimeoutError("QueuePool limit"), True, id="pool exhausted"),
        pytest.param(
            DBAPIError("SELECT", {}, ConnectionRefusedError()), True, id="wrapped, refused"
        ),
        pytest.param(
            InterfaceError("SELECT", {}, Exception("x"), connection_invalidated=True),
            True,
            id="wrapped, dropped",
        ),
        pytest.param(asyncpg.PostgresSyntaxError("near SELECT"), False, id="syntax"),
        pytest.param(asyncpg.UniqueViolationError("twice"), False, id="unique"),
        pytest.param(asyncpg.InterfaceError("another operation"), False, id="misuse"),
        pytest.param(
            ProgrammingError("SELECT", {}, asyncpg.UndefinedColumnError("x")),
            False,
            id="wrapped, mistake",
        ),
    ],
)
def test_kinds(error: Exception, expected: bool) -> None:
    assert isinstance(error, DATABASE_ERRORS)
    assert is_outage(error) is expected

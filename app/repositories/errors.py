"""Which errors mean that the database is away or too busy, and not that we are wrong."""

import asyncpg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

DATABASE_ERRORS: tuple[type[Exception], ...] = (
    SQLAlchemyError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)
_OUTAGES = (
    OSError,  # refused, unreachable, and TimeoutError
    PoolTimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # shutting down, starting up, statement timeout
    asyncpg.InsufficientResourcesError,  # too many connections, disk or memory full
    asyncpg.ObjectNotInPrerequisiteStateError,  # lock timeout
    asyncpg.TransactionRollbackError,  # deadlock
    asyncpg.InternalClientError,
    asyncpg.UndefinedTableError,  # not migrated yet
    asyncpg.InvalidSchemaNameError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidAuthorizationSpecificationError,
)
_CLOSED = ("connection is closed", "connection was closed", "pool is clos")


def is_outage(error: BaseException) -> bool:
    """Whether the same request may work later; False means a mistake of ours."""
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            return True
        cause = getattr(error.orig, "__cause__", None) or error.orig
        return cause is not None and is_outage(cause)
    if isinstance(error, asyncpg.InterfaceError):
        return any(words in str(error) for words in _CLOSED)
    return isinstance(error, _OUTAGES)

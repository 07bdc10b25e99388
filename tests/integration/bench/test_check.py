"""The referee: everybody's rows are equal to the last digit, or there is no figure."""

from collections.abc import AsyncIterator

import pytest

from app.core.database import Pool
from bench.arena import Database
from bench.contest import BenchError
from bench.sync.check import Referee
from bench.sync.load import write_catalogue
from bench.sync.product import full_sync
from bench.sync.writers import executemany, fingerprint_pass

MARKETS = 40


@pytest.fixture
async def database(pool: Pool, database_url: str, clean_tables: None) -> AsyncIterator[Database]:
    """The test database, emptied afterwards."""
    async with pool.acquire() as conn:
        yield Database(database_url, conn)


@pytest.fixture
async def referee(database: Database) -> Referee:
    """A referee who has seen our own first load."""
    referee = Referee()
    await full_sync(database, MARKETS)
    await referee.judge("ours", database, markets=MARKETS, work=0)
    return referee


async def test_the_common_recipe_writes_the_rows_that_we_write(
    database: Database, referee: Referee
) -> None:
    await database.conn.execute("TRUNCATE alpha.series CASCADE")
    await database.conn.execute("TRUNCATE alpha.market_quotes")
    await write_catalogue(executemany(database), MARKETS)
    await referee.judge("executemany", database, markets=MARKETS, work=0)


async def test_a_change_is_written_by_everyone_alike(database: Database, referee: Referee) -> None:
    await write_catalogue(executemany(database), MARKETS, revision=1)
    await referee.judge("executemany", database, markets=MARKETS, work=1)
    await write_catalogue(executemany(database), MARKETS)
    await referee.judge("executemany", database, markets=MARKETS, work=0)
    await full_sync(database, MARKETS, revision=1)
    await referee.judge("ours", database, markets=MARKETS, work=1)
    with pytest.raises(BenchError, match="disagree about the rows of markets, market_quotes"):
        await referee.judge("later", database, markets=MARKETS, work=0)


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        ("UPDATE alpha.markets SET title = title || ' ' WHERE ext_id LIKE '%1'", "of markets"),
        ("UPDATE alpha.market_quotes SET bid = bid + 0.000001", "of market_quotes"),
        ("UPDATE alpha.market_outcomes SET is_winner = true", "of market_outcomes"),
        ("DELETE FROM alpha.market_quotes", "40, 80, 0"),
    ],
    ids=["a-blank", "a-millionth", "a-flag", "lost-rows"],
)
async def test_a_difference_is_no_result(
    database: Database, referee: Referee, damage: str, complaint: str
) -> None:
    await database.conn.execute(damage)
    with pytest.raises(BenchError, match=complaint):
        await referee.judge("another", database, markets=MARKETS, work=0)


async def test_hashing_alone_writes_nothing(database: Database) -> None:
    await write_catalogue(fingerprint_pass, MARKETS)
    with pytest.raises(BenchError, match="0, 0, 0"):
        await Referee().judge("nobody", database, markets=MARKETS, work=0)

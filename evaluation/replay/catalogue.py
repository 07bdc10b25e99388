"""The catalogue of a replay: what the recording lists, or what its tickers imply."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeVar

import msgspec
import structlog

from app.core.database import Pool
from app.domain.catalogue import CataloguePage, Event, Market, Series
from app.domain.types import Exchange
from app.services.kalshi.decoding import decode_json
from app.store import catalogue, rejects
from evaluation.recording.folder import RecordingInvalid
from evaluation.recording.shapes import AnswerLine, CatalogueFile, Row
from evaluation.replay.kalshi import answer_to_page, invent_page, to_page

log = structlog.get_logger()

_BATCH = 4_000  # markets in one transaction, as the sync writes them
T = TypeVar("T")


class ReplayCatalogue:
    """Writes the catalogue where the pipeline reads it.

    Attributes:
        markets: ids of the exchange's markets that are known, in the order they came.
        rejects: rows that could not be read.
    """

    def __init__(self, pool: Pool) -> None:
        """Begin with an empty database."""
        self.markets: dict[tuple[Exchange, str], None] = {}
        self.rejects = 0
        self._pool = pool
        self._new: dict[tuple[Exchange, str], None] = {}

    async def load(self, listed: CatalogueFile, *, as_of: datetime) -> None:
        """Write what `catalogue.json` lists.

        Raises:
            RecordingInvalid: a row in our words that is not one.
        """
        for exchange in Exchange:
            ours, theirs = _split(listed, exchange)
            await self._write(exchange, ours, now=as_of)
            if theirs is not None and exchange is Exchange.KALSHI:
                await self._write(exchange, await to_page(*theirs, as_of), now=as_of)

    async def take_answer(self, answer: AnswerLine, *, now: datetime) -> None:
        """Write what the answer to a catalogue request says; others are left alone."""
        if answer.vendor != Exchange.KALSHI:
            return
        page = await answer_to_page(answer, now)
        if page is not None:
            await self._write(Exchange.KALSHI, page, now=now)

    async def invent(self, exchange: Exchange, ext_ids: Iterable[str], *, now: datetime) -> None:
        """Write rows for markets that no catalogue lists; only Kalshi's tickers say enough."""
        if exchange is Exchange.KALSHI:
            await self._write(exchange, await invent_page(ext_ids, now), now=now)

    def take_new(self) -> list[tuple[Exchange, str]]:
        """Return the markets that came since the last call."""
        new, self._new = list(self._new), {}
        return new

    async def _write(self, exchange: Exchange, page: CataloguePage, *, now: datetime) -> None:
        self.rejects += len(page.rejects)
        async with self._pool.acquire() as conn:
            for batch in _batches(page):
                await catalogue.write_page(conn, exchange, batch, now=now)
            if page.rejects:
                await rejects.record_rejects(conn, page.rejects, now=now)
        for market in page.markets:
            key = (exchange, market.ext_id)
            if key not in self.markets:
                self.markets[key] = self._new[key] = None


def _batches(page: CataloguePage) -> Iterable[CataloguePage]:
    yield CataloguePage(series=page.series, events=page.events)
    for at in range(0, len(page.markets), _BATCH):
        cut = slice(at, at + _BATCH)
        yield CataloguePage(markets=page.markets[cut], quotes=page.quotes[cut])


_Rows = tuple[Sequence[object], Sequence[object], Sequence[object]]


def _split(listed: CatalogueFile, exchange: Exchange) -> tuple[CataloguePage, _Rows | None]:
    """Return the rows of an exchange: those in our words, and the vendor's (None: none)."""
    series, events, markets = (
        [row for row in rows if row.exchange is exchange]
        for rows in (listed.series, listed.events, listed.markets)
    )
    ours = CataloguePage(
        series=_ours(series, Series), events=_ours(events, Event), markets=_ours(markets, Market)
    )
    theirs = (_theirs(series), _theirs(events), _theirs(markets))
    return ours, theirs if any(theirs) else None


def _theirs(rows: Sequence[Row]) -> list[object]:
    return [decode_json(bytes(row.row)) for row in rows if isinstance(row.row, msgspec.Raw)]


def _ours(rows: Sequence[Row], kind: type[T]) -> list[T]:
    try:
        return [
            msgspec.json.decode(row.ours, type=kind)
            for row in rows
            if isinstance(row.ours, msgspec.Raw)
        ]
    except ValueError as error:
        raise RecordingInvalid(f"catalogue.json: a {kind.__name__} is no such: {error}.") from error

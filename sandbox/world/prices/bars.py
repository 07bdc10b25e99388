"""Candles folded from the record of a market."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from sandbox.world.model import Market
from sandbox.world.prices.candles import Bar, Candle, bar_of, open_interest_of
from sandbox.world.prices.record import Record
from sandbox.world.units import DOLLAR


def record_candles(
    market: Market, record: Record, start_us: int, end_us: int, period_us: int
) -> Iterator[Candle]:
    """Yield the candles that end in start..end and in which something happened.

    A period holds what happened after its beginning up to and including its end.
    """
    first = -(-start_us // period_us) * period_us
    trade, quote = record.count(first - period_us), record.quotes(first - period_us)
    trades, quotes = len(record.times), len(record.quoted)
    while trade < trades or quote < quotes:
        soonest = min(
            record.times[trade] if trade < trades else record.quoted[quote],
            record.quoted[quote] if quote < quotes else record.times[trade],
        )
        end = -(-soonest // period_us) * period_us
        if end > end_us:
            return
        until = record.count(end), record.quotes(end)
        yield _candle(market, record, end, (trade, quote), until)
        trade, quote = until


def _candle(
    market: Market, record: Record, end_us: int, begin: tuple[int, int], until: tuple[int, int]
) -> Candle:
    """Fold the trades and quotes with numbers in begin..until."""
    (trade, quote), (trades, quotes) = begin, until
    volume = record.volume(trades)
    traded = volume - record.volume(trade)
    mean = None
    if traded:
        paid = sum(
            record.prices[n] * (record.volumes[n] - record.volume(n)) for n in range(trade, trades)
        )
        mean = paid // traded
    return Candle(
        end_us=end_us,
        bid=_quoted(record.bids, quote, quotes, 0),
        ask=_quoted(record.asks, quote, quotes, DOLLAR),
        price=bar_of(record.prices[trade:trades]) if traded else None,
        mean=mean,
        previous=record.last(trade),
        volume=traded,
        open_interest=open_interest_of(market, volume),
    )


def _quoted(prices: array[int], begin: int, until: int, none: int) -> Bar:
    """Fold one side of the quotes; the period opens with the quote that held before."""
    opening = prices[begin - 1] if begin else none
    return bar_of((opening, *prices[begin:until]))

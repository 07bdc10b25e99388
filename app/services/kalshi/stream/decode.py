"""Frames from bytes: what can be read is, everything else is counted; nothing is fatal."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from app.domain.catalogue import Reject
from app.models.kalshi.frames import (
    READ_TYPES,
    ErrorFrame,
    Frame,
    KalshiTicker,
    LifecycleFrame,
    OkFrame,
    SubscribedFrame,
    TickerFrame,
    TradeFrame,
    UnreadFrame,
    UnsubscribedFrame,
)
from app.services.kalshi.errors import SOURCE
from app.services.kalshi.stream.counters import StreamCounters
from app.services.kalshi.stream.source import RawFrame

_decode = msgspec.json.Decoder(Frame).decode
_decode_envelope = msgspec.json.Decoder(UnreadFrame).decode
_RAW_LIMIT = 4096


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message of a kind we read that is not as documented; its number counts all the same."""

    sid: int | None
    seq: int | None
    reject: Reject


Other = (
    TradeFrame
    | LifecycleFrame
    | SubscribedFrame
    | UnsubscribedFrame
    | OkFrame
    | ErrorFrame
    | UnreadFrame
    | Unreadable
)


class FrameReader:
    """Decodes messages and counts them."""

    def __init__(self, counters: StreamCounters) -> None:
        self.counters = counters

    def read(self, raws: Sequence[RawFrame]) -> tuple[list[KalshiTicker], list[Other]]:
        """Return tickers, and everything else in its order."""
        ticks: list[KalshiTicker] = []
        others: list[Other] = []
        for raw in raws:
            try:
                frame = _decode(raw)
            except (ValueError, RecursionError) as error:
                self._read_rest(raw, error, others)
                continue
            if type(frame) is TickerFrame:
                ticks.append(frame.msg)
            else:
                others.append(frame)
        self.counters.frames += len(raws)
        self.counters.ticks += len(ticks)
        return ticks, others

    def _read_rest(self, raw: RawFrame, error: Exception, others: list[Other]) -> None:
        try:
            envelope = _decode_envelope(raw)
        except (ValueError, RecursionError):
            self.counters.broken += 1
            return
        if envelope.type not in READ_TYPES:
            self.counters.count_unknown(envelope.type)
            others.append(envelope)
            return
        self.counters.unreadable[envelope.type] += 1
        others.append(
            Unreadable(envelope.sid, envelope.seq, to_reject(envelope.type, raw, str(error)))
        )


def to_reject(kind: str, raw: RawFrame, reason: str) -> Reject:
    """Return a message as the row of what could not be read."""
    text = bytes(raw[:_RAW_LIMIT]).decode("utf-8", errors="replace").replace("\x00", "")
    return Reject(source=SOURCE, kind=kind, ext_id=None, reason=reason[:300], raw=text)

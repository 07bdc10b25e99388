"""Kalshi's WebSocket: all tickers, public trades and lifecycle events, watched and reconnected.

`KalshiStream` is the port `TickStream`. Below it: sources (one per WebSocket library) bring
raw frames, `intake` decodes them, `subscriptions` notices what is missing, `watchdog` what
is too quiet, `session` is one connection, `client` all of them.
"""

from app.core.clock import Clock
from app.core.config import KalshiSettings
from app.core.errors import OperatorError
from app.services.kalshi.auth import KalshiSigner
from app.services.kalshi.stream.activity import KalshiActivity
from app.services.kalshi.stream.client import ExpectsTicks, KalshiStream
from app.services.kalshi.stream.counters import StreamCounters
from app.services.kalshi.stream.decode import FrameReader
from app.services.kalshi.stream.limits import StreamLimits
from app.services.kalshi.stream.source import FrameConnection, FrameSource, SocketLimits
from app.services.kalshi.stream.websockets_source import WebsocketsSource

__all__ = [
    "ExpectsTicks",
    "FrameConnection",
    "FrameReader",
    "FrameSource",
    "KalshiActivity",
    "KalshiStream",
    "SocketLimits",
    "StreamCounters",
    "StreamLimits",
    "open_source",
    "open_stream",
]


def open_source(name: str = "websockets", limits: SocketLimits | None = None) -> FrameSource:
    """Make a frame source by the name of its library: `websockets` or `picows`.

    Raises:
        OperatorError: another name, or a library that is not installed.
    """
    if name == "websockets":
        return WebsocketsSource(limits)
    if name != "picows":
        raise OperatorError(f"{name} is not a WebSocket library we know: websockets or picows.")
    try:
        from app.services.kalshi.stream.picows_source import PicowsSource
    except ModuleNotFoundError as error:
        raise OperatorError("picows is not installed: install the extra `picows`.") from error
    return PicowsSource(limits)


def open_stream(
    settings: KalshiSettings,
    clock: Clock,
    *,
    source: FrameSource,
    expects_ticks: ExpectsTicks,
    limits: StreamLimits | None = None,
) -> KalshiStream:
    """Make the stream from settings.

    Raises:
        OperatorError: no key (the socket needs one), or a key Kalshi does not take.
    """
    signer = KalshiSigner(settings.api_key_id, settings.private_key.get_secret_value())
    return KalshiStream(
        settings.ws_url, signer, clock, source=source, expects_ticks=expects_ticks, limits=limits
    )

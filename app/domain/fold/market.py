"""One market's fold: what its frames since the last flush add up to.

This is the hottest code of the firehose (once per frame), hence `__slots__`, few calls,
text that is compared before it is read, and quotes that are read once per flush.
"""

from app.domain.fold.pieces import MINUTE_MS, MicroCandle, add_late, run_on
from app.domain.fold.state import NO_QUOTE, MarketState, Said, Span, read_quote
from app.domain.ticks import Tick, to_centis, to_micros

_make = tuple.__new__  # a named tuple's own constructor is three times slower
EARLIEST_MS = 1_577_836_800_000  # 2020-01-01: no frame is older


class MarketFold:
    """The state of one market, what outlives every flush and what does not.

    Attributes:
        newest_ms: exchange time of the newest frame; an older one is late.
        span: where frames may be missing, until somebody takes it.
    """

    __slots__ = (
        "_close",
        "_dirty",
        "_end_ms",
        "_frames",
        "_gained",
        "_has_news",
        "_has_volume_to_read",
        "_high",
        "_is_dirty",
        "_is_suspect",
        "_last_ms",
        "_latest",
        "_low",
        "_minute",
        "_open",
        "_price",
        "_price_text",
        "_problems",
        "_quote",
        "_running",
        "_sealed",
        "_volume",
        "_volume_text",
        "ext_id",
        "newest_ms",
        "span",
    )

    def __init__(self, ext_id: str, dirty: "list[MarketFold]") -> None:
        """Begin without knowledge; it enters itself in `dirty` when there is something."""
        self.ext_id = ext_id
        self.newest_ms = 0
        self.span: Span | None = None
        self._is_suspect = True  # nobody has seen what came before
        self._dirty = dirty
        self._is_dirty = False
        self._has_news = False  # of a request, not of a frame
        self._volume: int | None = None  # cumulative; all of it is in pieces
        self._volume_text = ""  # of the newest frame
        self._has_volume_to_read = False  # `_volume_text` is ahead of `_volume`
        self._price: int | None = None
        self._price_text: str | None = None
        self._quote = NO_QUOTE
        self._running: MicroCandle | None = None
        self._sealed: list[MicroCandle] = []
        self._problems: list[str] = []
        self._minute = self._high = self._low = 0
        self._end_ms = 0  # of the piece being made; 0 = none is
        self._open: int | None = None
        self._close: int | None = None
        self._gained = self._frames = self._last_ms = 0
        self._latest: Tick | None = None

    def seed(self, newest_ms: int, volume: int | None) -> None:
        """Take over what was known before the first frame; see `FoldBook.seed`."""
        self.newest_ms = max(self.newest_ms, newest_ms)
        if self._volume is None and not self._has_volume_to_read:
            self._volume = volume

    def suspect(self) -> None:
        """Note that frames may be missing; the next one tells until when."""
        self._is_suspect, self._end_ms = True, 0

    def fold(self, tick: Tick, latest_ms: int) -> None:
        """Count one frame; `latest_ms` bounds its time (see `FoldBook.fold`).

        Raises:
            ValueError: its price, volume or time is not one we accept; it counts for nothing.
        """
        ts_ms = tick.ts_ms
        if not self.newest_ms <= ts_ms < self._end_ms:
            if ts_ms < self.newest_ms:
                self._fold_late(tick)
                return
            self._begin_piece(tick, latest_ms)
        text = tick.last
        has_moved = text != self._price_text
        price = to_micros(text) if has_moved else None
        volume, known = tick.volume, self._volume_text
        if volume != known:
            if volume > known and len(volume) == len(known):
                self._volume_text = volume
                self._has_volume_to_read = True
            else:
                self._pass_volume(volume)
        if has_moved:
            self._move(price, text)
        self._frames += 1
        self.newest_ms = self._last_ms = ts_ms
        self._latest = tick

    def take(self) -> tuple[list[MicroCandle], MarketState | None, list[str]]:
        """Hand over everything since the last call.

        Returns:
            Pieces of minutes; the state, None when all frames were late; and why quotes
            or volumes could not be read (they count as none).
        """
        is_new = self._latest is not None or self._has_news
        if self._frames:
            self._seal()
        pieces, problems = self._sealed, self._problems
        self._sealed, self._problems, self._end_ms = [], [], 0
        self._is_dirty = self._has_news = False
        for piece in pieces:
            self._running = run_on(self._running, piece)
        return pieces, self.state() if is_new else None, problems

    def _begin_piece(self, tick: Tick, latest_ms: int) -> None:
        """Make room for the first frame of a piece, once it is readable."""
        if not EARLIEST_MS <= tick.ts_ms <= latest_ms:
            raise ValueError(f"ts_ms out of range: {str(tick.ts_ms)[:40]}")
        to_micros(tick.last)
        if tick.volume != self._volume_text:
            to_centis(tick.volume or "0.00")
        if self._is_suspect:
            self._bridge(tick)
        minute = tick.ts_ms // MINUTE_MS
        if self._frames and minute != self._minute:
            self._seal()
        self._minute = minute
        self._end_ms = (minute + 1) * MINUTE_MS
        self._price_text = None
        self._mark_dirty()

    def _bridge(self, tick: Tick) -> None:
        """Note the span between the last frame and this one: some may be missing."""
        self._is_suspect, known = False, self._read_volume()
        has_traded = known is None or bool(tick.volume and to_centis(tick.volume) != known)
        self._end_span(tick.ts_ms, has_traded)

    def _end_span(self, until_ms: int, has_traded: bool) -> None:
        since_ms = self.newest_ms
        if self.span is not None:
            since_ms, has_traded = self.span.since_ms, has_traded or self.span.has_traded
        self.span = Span(self.ext_id, since_ms, until_ms, has_traded)

    def believe(self, said: Said, at_ms: int) -> None:
        """Take a request's word for what missing frames led to, if none has come since then."""
        known = self._read_volume()
        is_over = not self._is_suspect or at_ms <= self.newest_ms
        if is_over or said == (self._price, self._quote, known):
            return
        self._end_span(at_ms, said.volume != known)
        self._price, self._quote, self._volume = said
        self._volume_text, self._price_text, self._has_news = "", None, True
        self._mark_dirty()

    def distrust(self, since_ms: int, until_ms: int) -> None:
        """Take over a span; the next frame only lengthens it."""
        self.span = Span(self.ext_id, since_ms, until_ms, True)
        self._mark_dirty()

    def _mark_dirty(self) -> None:
        if not self._is_dirty:
            self._is_dirty = True
            self._dirty.append(self)

    def _move(self, price: int | None, text: str) -> None:
        """Count a price that is not that of the frame before."""
        self._price_text = text
        if price == 0:  # traded at nothing, or how a market that never traded is written
            self._price_text = None
            price = price if self._read_volume() else None
        self._price = price
        if price is None:
            return
        if self._open is None:
            self._open = self._high = self._low = price
        elif price > self._high:
            self._high = price
        elif price < self._low:
            self._low = price
        self._close = price

    def _pass_volume(self, text: str) -> None:
        """Go on to the next cumulative volume.

        Of two texts of one length the greater is the greater number: that one is read
        only when the piece is done.
        """
        known = self._volume_text
        if len(text) == len(known) and text > known:
            self._volume_text = text
            self._has_volume_to_read = True
        elif text:
            volume = to_centis(text)
            self._read_volume()
            self._gain(volume)
            self._volume, self._volume_text = volume, text

    def _read_volume(self) -> int | None:
        """Catch up with the newest text; return the cumulative volume."""
        if self._has_volume_to_read:
            self._has_volume_to_read = False
            try:
                volume = to_centis(self._volume_text)
            except ValueError as error:
                self._problems.append(str(error))
                self._volume_text = ""
            else:
                self._gain(volume)
                self._volume = volume
        return self._volume

    def _gain(self, volume: int) -> None:
        """Count what is new of a cumulative volume; the first one known only sets the mark."""
        if self._volume is not None and volume > self._volume:
            self._gained += volume - self._volume

    def _fold_late(self, tick: Tick) -> None:
        """Let a frame that is older than another widen what is there, and move nothing."""
        if tick.ts_ms < EARLIEST_MS:
            raise ValueError(f"ts_ms out of range: {str(tick.ts_ms)[:40]}")
        price = to_micros(tick.last)
        volume = to_centis(tick.volume) if tick.volume else 0
        self._mark_dirty()
        minute = tick.ts_ms // MINUTE_MS
        known = self._read_volume()
        if price == 0 and not volume:
            price = None
        gained = 0
        if known is not None and volume > known:
            gained = volume - known
            self._volume, self._volume_text = volume, tick.volume
        if minute != self._minute:
            piece = (minute, price, price, price, None, None, None, gained, None, 1, 0)
            add_late(self._sealed, MicroCandle(self.ext_id, *piece))
            return
        self._gained += gained
        self._frames += 1
        if price is None:
            return
        if self._open is None:
            self._open = self._high = self._low = price
        self._high, self._low = max(self._high, price), min(self._low, price)

    def _seal(self) -> None:
        """Make a piece of what was counted, and count anew."""
        self._read_volume()
        quote = NO_QUOTE
        if self._latest is not None:
            quote = self._quote = read_quote(self._latest, self._problems)
        has_price = self._open is not None
        self._sealed.append(
            _make(
                MicroCandle,
                (
                    self.ext_id,
                    self._minute,
                    self._open,
                    self._high if has_price else None,
                    self._low if has_price else None,
                    self._close,
                    quote.bid,
                    quote.ask,
                    self._gained,
                    quote.open_interest,
                    self._frames,
                    self._last_ms,
                ),
            )
        )
        self._open = self._close = self._latest = None
        self._gained = self._frames = self._last_ms = 0

    @property
    def has_frame(self) -> bool:
        """Whether any frame was in time; without one there is nothing to show."""
        return self._running is not None

    def state(self) -> MarketState:
        """Return what the market looks like, as of the last `take`."""
        return _make(
            MarketState,
            (self.ext_id, self.newest_ms, self._price, *self._quote, self._volume, self._running),
        )

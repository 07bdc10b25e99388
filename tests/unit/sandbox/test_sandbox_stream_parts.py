"""Parts of the socket that need none: frames, cadence, pace, announcements, following."""

from typing import Any

import pytest

from sandbox.vendors.kalshi.hours import is_trading
from sandbox.vendors.kalshi.stream.cadence import Cadence
from sandbox.vendors.kalshi.stream.flood import Pace
from sandbox.vendors.kalshi.stream.framing import fragments, frame
from sandbox.vendors.kalshi.stream.lives import Lives
from sandbox.vendors.kalshi.stream.seeded_follow import SeededFollow
from sandbox.vendors.kalshi.stream.sent import SentLog
from sandbox.world.prices import SeededPrices
from sandbox.world.units import DAY, HOUR, MINUTE, SECOND

THURSDAY_US = 1_795_680_000 * SECOND  # 2026-11-26 08:00 UTC, 03:00 Eastern


@pytest.mark.parametrize(
    ("size", "head"),
    [
        pytest.param(0, b"\x81\x00", id="empty"),
        pytest.param(125, b"\x81\x7d", id="short"),
        pytest.param(126, b"\x81\x7e\x00\x7e", id="two-bytes"),
        pytest.param(65_535, b"\x81\x7e\xff\xff", id="two-bytes-full"),
        pytest.param(65_536, b"\x81\x7f" + (65_536).to_bytes(8, "big"), id="eight-bytes"),
    ],
)
def test_a_frame_says_its_size(size: int, head: bytes) -> None:
    assert frame(b"x" * size) == head + b"x" * size


def test_fragments_begin_as_text_and_end_with_the_last_bit() -> None:
    assert fragments(b"abcdef", 3) == b"\x01\x02ab\x00\x02cd\x80\x02ef"


def test_a_ticker_waits_for_its_second_and_carries_the_newest_change() -> None:
    cadence = Cadence()
    cadence.changed("A", 1, 10.0)
    assert cadence.take(10.0) == [("A", 1)]
    cadence.changed("A", 2, 10.1)
    cadence.changed("B", 3, 10.1)
    cadence.changed("A", 4, 10.9)
    assert cadence.take(10.9) == [("B", 3)]
    assert cadence.take(11.0) == [("A", 4)]
    assert cadence.take(99.0) == []


def test_a_pace_is_kept_and_debt_is_limited() -> None:
    pace = Pace()
    pace.set(128)
    assert [pace.due(at) for at in (5.0, 5.125, 5.12890625, 5.140625)] == [0, 16, 0, 2]
    assert pace.due(50.0) == 128


@pytest.mark.parametrize(
    ("after", "trades"),
    [
        pytest.param(-MINUTE, True, id="before"),
        pytest.param(0, False, id="begins"),
        pytest.param(2 * HOUR - MINUTE, False, id="last-minute"),
        pytest.param(2 * HOUR, True, id="after"),
        pytest.param(DAY, True, id="friday"),
    ],
)
def test_thursdays_pause(after: int, trades: bool) -> None:
    assert is_trading(THURSDAY_US + after) is trades


def test_sent_rows_are_numbered_and_found_behind_a_number() -> None:
    log = SentLog()
    for number in range(5):
        log.note("ticker", "A", (number, "0.5000", "1.00"), "")
        log.note("trade", "A", (), "")
    log.note("market_lifecycle_v2", "A", ("settled", 9), "ws_gap")
    log.written()
    found = log.after(2, 2)
    assert [row[0] for row in found["tickers"]] == [3, 4]
    assert [(row[0], *row[2:]) for row in found["lifecycle"]] == [(6, "A", "settled", 9, "ws_gap")]
    assert log.frames == {"ticker": 5, "trade": 5, "market_lifecycle_v2": 1}


def test_seeded_prices_are_followed_without_a_gap(make_world: Any, noon_us: int) -> None:
    world, prices = make_world(60), SeededPrices()
    following = SeededFollow(world, prices)
    assert list(following.follow(noon_us)) == []
    found = []
    for second in range(1, 121):
        now_us = noon_us + second * SECOND
        world.advance(now_us)
        changes = following.follow(now_us)
        assert [change.at_us for change in changes] == sorted(change.at_us for change in changes)
        found += [(t.market.ticker, t.number) for change in changes for t in change.trades]
    wanted = [
        (market.ticker, number)
        for market in world.markets.values()
        for number in range(prices.count(market, noon_us), prices.count(market, now_us))
    ]
    assert sorted(found) == sorted(wanted)
    assert len(found) > 5


def test_announcements_do_not_depend_on_how_time_is_cut(make_world: Any, noon_us: int) -> None:
    def heard(step: int) -> list[tuple[str, bytes]]:
        world = make_world(60)
        lives = Lives(world)
        lives.until(noon_us)
        found: list[tuple[str, bytes]] = []
        for at_us in range(noon_us + step, noon_us + DAY + 1, step):
            world.advance(at_us)
            found += [(message.ticker, message.body) for message in lives.until(at_us)]
        return found

    fine, coarse = heard(HOUR // 4), heard(6 * HOUR)
    assert sorted(fine) == sorted(coarse)
    assert len(fine) > 100

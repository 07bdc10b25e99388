"""Numbers as data: cities, coins and official statistics."""

from __future__ import annotations

from sandbox.world.catalogue.numbers import Topic
from sandbox.world.catalogue.tables import coded
from sandbox.world.model import Grid, Series
from sandbox.world.units import DAY, HOUR, MINUTE

_CITIES = """NY New York City 52|CHI Chicago 44|MIA Miami 79|AUS Austin 68|LAX Los Angeles 70|
DEN Denver 50|PHIL Philadelphia 53|HOU Houston 71|SEA Seattle 49|BOS Boston 48|ATL Atlanta 60|
DC Washington 54|SFO San Francisco 61|LV Las Vegas 66|PHX Phoenix 76|DAL Dallas 65|
MIN Minneapolis 36|NOLA New Orleans 69|SATX San Antonio 70|OKC Oklahoma City 58"""
_COINS = (
    ("BTC", "Bitcoin", 91_500.0, 500.0),
    ("ETH", "Ethereum", 3_050.0, 20.0),
    ("SOL", "Solana", 141.0, 1.0),
    ("XRP", "XRP", 2.12, 0.02),
    ("DOGE", "Dogecoin", 0.162, 0.002),
    ("BNB", "BNB", 905.0, 5.0),
)
# ticker, title, middle, swing, sd, step, rungs, period in days, lead in days, decimals and unit
_STATISTICS = (
    ("KXCPIYOY", "CPI inflation, year over year", 2.9, 0.3, 0.12, 0.1, 8, 30, 34, "{:.1f}%"),
    (
        "KXCPICOREYOY",
        "Core CPI inflation, year over year",
        3.1,
        0.2,
        0.1,
        0.1,
        7,
        30,
        34,
        "{:.1f}%",
    ),
    ("KXPAYROLLS", "US payroll jobs added", 75e3, 60e3, 55e3, 25e3, 12, 30, 34, "{:,.0f}"),
    ("KXU3", "US unemployment rate", 4.4, 0.2, 0.1, 0.1, 7, 30, 34, "{:.1f}%"),
    ("KXJOBLESSCLAIMS", "Initial jobless claims", 224e3, 9e3, 6e3, 5e3, 9, 7, 9, "{:,.0f}"),
    ("KXGDP", "US GDP growth", 2.1, 0.8, 0.6, 0.5, 9, 91, 100, "{:.1f}%"),
    ("KXAAAGASW", "US gas price", 3.05, 0.12, 0.03, 0.02, 9, 7, 9, "${:.2f}"),
    ("KXINX", "S&P 500 close", 6_650, 120, 45, 25, 13, 1, 2, "{:,.0f}"),
    ("KXNASDAQ100", "Nasdaq-100 close", 24_600, 500, 260, 100, 13, 1, 2, "{:,.0f}"),
    ("KXEURUSD", "EUR/USD", 1.155, 0.02, 0.004, 0.002, 9, 1, 2, "{:.3f}"),
    ("KXUSDJPY", "USD/JPY", 155.5, 2.5, 0.7, 0.4, 9, 1, 2, "{:.1f}"),
    ("KXWTI", "WTI oil price", 60.5, 4, 1.1, 0.5, 11, 1, 2, "${:.2f}"),
    ("KXTNOTED", "10-year Treasury yield", 4.12, 0.2, 0.03, 0.02, 9, 1, 2, "{:.2f}%"),
    ("KXTSAW", "TSA screenings", 2.61e6, 0.2e6, 6e4, 5e4, 9, 7, 8, "{:,.0f}"),
)


def _degrees(value: float) -> str:
    return f"{value:.0f}\u00b0"


def _dollars(value: float) -> str:
    return f"${value:,.2f}" if value >= 1 else f"${value:.4f}"


def _weather(ticker: str, word: str, city: str, middle: float) -> Topic:
    series = Series(
        ticker, f"{word} temperature in {city}", "Climate and Weather", "daily",
        ("Daily temperature",), (("National Weather Service", "https://www.weather.gov"),),
    )  # fmt: skip
    return Topic(
        series, series.title, _degrees, middle, 8, 2.2, 2, 4, True, DAY, 5 * HOUR, 42 * HOUR,
        "day", 9 * HOUR, 600, competition=None,
    )  # fmt: skip


def weather_topics() -> list[Topic]:
    """Return the daily high and low of every city."""
    topics = []
    for code, rest in coded(_CITIES):
        city, middle = rest.rsplit(" ", 1)
        topics.append(_weather(f"KXHIGH{code}", "Highest", city, float(middle)))
        topics.append(_weather(f"KXLOWT{code}", "Lowest", city, float(middle) - 14))
    return topics


def _coin_series(ticker: str, title: str, frequency: str) -> Series:
    return Series(
        ticker, title, "Crypto", frequency, None,
        (("CF Benchmarks", "https://www.cfbenchmarks.com"),),
    )  # fmt: skip


def daily_coin_topics() -> list[Topic]:
    """Return the 5 pm price of every coin in brackets, on the finer grid."""
    return [
        Topic(
            _coin_series(f"KX{code}", f"{name} price range", "daily"), f"{name} price", _dollars,
            middle, middle * 0.04, middle * 0.018, step * 2, 10, True, DAY, 22 * HOUR, 26 * HOUR,
            "hour", 2 * MINUTE, 60, Grid.TAPERED,
        )
        for code, name, middle, step in _COINS
    ]  # fmt: skip


def hourly_coin_topics() -> list[Topic]:
    """Return the price of every coin each hour, above thresholds."""
    return [
        Topic(
            _coin_series(f"KX{code}D", f"{name} price, hourly", "hourly"), f"{name} price",
            _dollars, middle, middle * 0.04, middle * 0.004, step / 2, 14, False, HOUR, 0,
            2 * HOUR, "hour", MINUTE, 60, offset=-0.01 if middle > 100 else 0.0,
        )
        for code, name, middle, step in _COINS
    ]  # fmt: skip


def quarter_coin_topics() -> list[Topic]:
    """Return the 15-minute up or down market of the largest coins, on the finer grid."""
    return [
        Topic(
            _coin_series(f"KX{code}15M", f"{name} 15 minutes", "fifteen_min"), f"{name} price",
            _dollars, middle, middle * 0.04, middle * 0.001, step / 10, 1, False, 15 * MINUTE, 0,
            30 * MINUTE, "hour", 20_000_000, 30, Grid.TAPERED,
        )
        for code, name, middle, step in _COINS[:3]
    ]  # fmt: skip


def statistic_topics() -> list[Topic]:
    """Return official figures and market closes."""
    topics = []
    for ticker, title, middle, swing, sd, step, rungs, period, lead, text in _STATISTICS:
        category = "Financials" if period == 1 else "Economics"
        frequency = {1: "daily", 7: "weekly", 30: "monthly"}.get(period, "custom")
        series = Series(ticker, title, category, frequency, None, (("Official source", ""),))
        topics.append(
            Topic(
                series, title, text.format, middle, swing, sd, step, rungs, False, period * DAY,
                (period // 2) * DAY + 13 * HOUR + 30 * MINUTE, lead * DAY,
                "month" if period >= 30 else "day", 40 * MINUTE, 1_800,
            )
        )  # fmt: skip
    return topics

"""Units of the world: time in integer microseconds, prices in 1/10,000 dollar, counts in 1/100."""

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

DOLLAR = 10_000  # one dollar in price units: "0.0001" is 1
CENT = 100

CONTRACT = 100  # one contract in count units: "0.01" is 1

LIVE_US = 1 * DAY  # a settled market leaves the live endpoints after this (the real one: 3 months)
HISTORY_US = 2 * DAY  # and the world forgets it this much later

"""The firehose: one process per exchange makes its stream prices, candles, announcements."""

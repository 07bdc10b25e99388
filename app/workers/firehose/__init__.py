"""The firehose: one process per exchange turns its stream into prices, candles and announcements."""

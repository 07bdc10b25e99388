"""What the stream of prices did since the process started, for Prometheus."""

from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


@dataclass(slots=True)
class Counts:
    """Plain numbers, because they change thousands of times a second.

    Attributes:
        streams: clients connected now.
        events: events sent.
        marked: changes of markets, once per client that watches one.
        sent: markets in `quotes` events; what was marked and not sent went out with a
            later change of the same market, or its client left.
        slow: clients closed because they did not read.
        broken: entries of `ticks` that could not be read.
    """

    streams: int = 0
    events: int = 0
    marked: int = 0
    sent: int = 0
    slow: int = 0
    broken: int = 0


class StreamCollector(Collector):
    """Tells Prometheus the counts when it asks."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts

    def collect(self) -> Iterator[Metric]:
        """Return every figure."""
        counts = self._counts
        yield GaugeMetricFamily("alpha_streams", "Connected clients.", counts.streams)
        yield _counter("events", "Events sent.", counts.events)
        yield _counter("changes", "Changes of markets, once per client.", counts.marked)
        yield _counter("quotes", "Markets sent; the other changes were merged.", counts.sent)
        yield _counter("slow_clients", "Clients closed for not reading.", counts.slow)
        yield _counter("broken_entries", "Entries of ticks that were skipped.", counts.broken)


def _counter(name: str, text: str, total: int) -> Metric:
    return CounterMetricFamily(f"alpha_stream_{name}", text, value=total)

"""Figures for Prometheus: requests by route, connections, caches, age of feeds."""

from collections.abc import Iterable
from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge, Histogram, generate_latest

from app.api.page_cache import PageCache
from app.api.stream.counts import Counts, StreamCollector
from app.core.database import Pool
from app.repositories.operations import FeedView

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


class Metrics:
    """A registry of its own; labels are route templates, statuses and feed names only."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Histogram(
            "alpha_http_request_seconds",
            "Time to answer a request.",
            ("route", "status"),
            registry=self.registry,
            buckets=_BUCKETS,
        )
        self._lag = Histogram(
            "alpha_loop_lag_seconds",
            "How late the event loop wakes.",
            registry=self.registry,
            buckets=_BUCKETS,
        )
        self._known: dict[tuple[str, int], Histogram] = {}
        self._connections = self._gauge("alpha_pool_connections", "Connections.", "state")
        self._pages = self._gauge("alpha_page_cache_lookups", "Lookups since start.", "result")
        self._feed_age = self._gauge("alpha_feed_age_seconds", "Since all of it was true.", "feed")

    def watch_streams(self, counts: Counts) -> None:
        """Tell what the stream of prices did."""
        self.registry.register(StreamCollector(counts))

    def _gauge(self, name: str, text: str, label: str) -> Gauge:
        return Gauge(name, text, (label,), registry=self.registry)

    def observe(self, route: str, status: int, seconds: float) -> None:
        """Count one answer."""
        child = self._known.get((route, status))
        if child is None:
            child = self._known[route, status] = self._requests.labels(route, str(status))
        child.observe(seconds)

    def observe_lag(self, seconds: float) -> None:
        """Note how late the event loop was."""
        self._lag.observe(seconds)

    def render(
        self, pool: Pool, pages: PageCache, feeds: Iterable[FeedView], *, now: datetime
    ) -> bytes:
        """Return everything as Prometheus text."""
        self._connections.labels("open").set(pool.get_size())
        self._connections.labels("idle").set(pool.get_idle_size())
        self._connections.labels("allowed").set(pool.get_max_size())
        self._pages.labels("hit").set(pages.hits)
        self._pages.labels("miss").set(pages.misses)
        for feed in feeds:
            if feed.as_of is not None:
                self._feed_age.labels(feed.feed).set((now - feed.as_of).total_seconds())
        return generate_latest(self.registry)

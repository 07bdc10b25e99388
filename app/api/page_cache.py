"""Answers given in the last second: built once for all who ask, and given again as bytes."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable

from app.api.answers import Answer
from app.core.clock import Clock

TTL_S = 1.0
MAX_ANSWERS = 1_000
MAX_BYTES = 32_000_000

Build = Callable[[], Awaitable[bytes]]


class PageCache:
    """A bounded cache by what was asked, with a shortcut by the request's very words.

    Two requests that mean the same (parameters in another order) share an answer;
    one that repeats another letter by letter finds it without being parsed.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        ttl_s: float = TTL_S,
        max_answers: int = MAX_ANSWERS,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._clock = clock
        self._ttl_s = ttl_s
        self._max_answers = max_answers
        self._max_bytes = max_bytes
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()
        self._bytes = 0
        self._building: dict[Hashable, asyncio.Task[Answer]] = {}
        self.hits = 0
        self.misses = 0

    def find(self, key: Hashable) -> Answer | None:
        """Return a fresh answer, or None."""
        answer = self._answers.get(key)
        if answer is None or answer.until <= self._clock.monotonic():
            self.misses += 1
            return None
        self.hits += 1
        return answer

    def keep(self, key: Hashable, answer: Answer) -> None:
        """Remember an answer under a key, and forget the oldest ones beyond the bounds."""
        self._forget(key)
        self._answers[key] = answer
        self._bytes += len(answer.body)
        while len(self._answers) > self._max_answers or self._bytes > self._max_bytes:
            self._forget(next(iter(self._answers)))

    def new(self, body: bytes) -> Answer:
        """Make an answer that is fresh from now on."""
        return Answer(body, until=self._clock.monotonic() + self._ttl_s)

    async def get(self, key: Hashable, build: Build) -> Answer:
        """Return a fresh answer; of many who ask at once, one builds it.

        The build goes on when who asked first goes away: others wait for it.
        """
        answer = self._answers.get(key)
        if answer is not None and answer.until > self._clock.monotonic():
            return answer
        task = self._building.get(key)
        if task is None:
            task = asyncio.create_task(self._build(key, build))
            self._building[key] = task
            task.add_done_callback(lambda done: self._built(key, done))
        return await asyncio.shield(task)

    async def _build(self, key: Hashable, build: Build) -> Answer:
        answer = self.new(await build())
        self.keep(key, answer)
        return answer

    def _built(self, key: Hashable, task: asyncio.Task[Answer]) -> None:
        del self._building[key]
        if not task.cancelled():
            task.exception()  # whoever still waits gets it; nobody may

    def _forget(self, key: Hashable) -> None:
        answer = self._answers.pop(key, None)
        if answer is not None:
            self._bytes -= len(answer.body)

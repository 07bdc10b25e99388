"""A path: one piece of work, done by us, by peers, and by the fastest way there could be."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import StrEnum

from bench.arena import Arena


class Role(StrEnum):
    """What a contender stands for."""

    LIMIT = "limit"  # the least work that could do
    PEER = "peer"  # what is commonly written
    OURS = "ours"  # the product's own functions


class BenchError(RuntimeError):
    """A contender did not do the work it was timed for, or could not start."""


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to do a path's work.

    Attributes:
        run: does one round, checks its result off the clock, and returns units per second.
        is_extra: a second peer, reported beside the one that has a target.
    """

    role: Role
    name: str
    run: Callable[[], Awaitable[float]]
    is_extra: bool = False


@dataclass(frozen=True, slots=True)
class Promise:
    """A figure of ours that must not be exceeded, beside the ratios."""

    name: str
    figure: float
    at_most: float

    @property
    def is_kept(self) -> bool:
        """Whether the figure is within its bound."""
        return self.figure <= self.at_most


@dataclass(slots=True)
class Contest:
    """The contenders of a path, ready to run.

    Attributes:
        finish: called after the last round; measures what is no ratio.
        notes: what a reader of the figures has to know.
    """

    contenders: list[Contender]
    finish: Callable[[], Awaitable["Remarks"]] | None = None
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Remarks:
    """What a path reports beside its ratios: extra JSON keys, and promises."""

    extra: Mapping[str, object] = field(default_factory=dict)
    promises: Sequence[Promise] = ()


@dataclass(frozen=True, slots=True)
class Scale:
    """How much work a run does."""

    is_quick: bool
    rounds: int

    def pick(self, *, full: int, quick: int) -> int:
        """Choose a size."""
        return quick if self.is_quick else full


@dataclass(frozen=True, slots=True)
class Path:
    """A path with its targets; `None` is a ratio nobody promised."""

    name: str
    unit: str
    target_over_peer: float | None
    target_over_limit: float | None
    prepare: Callable[[Arena, Scale], AbstractAsyncContextManager[Contest]]

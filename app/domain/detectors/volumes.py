"""How much a market usually trades: a small exact-to-the-bin histogram of counts."""

from collections.abc import Iterable, Mapping

_LONGEST = 10**9  # minutes; a count above is not one we made


class VolumeSketch:
    """Counts of volumes in bins a fifth wide; adding two sketches is adding their counts."""

    __slots__ = ("counts", "total")

    def __init__(self, counts: Mapping[int, int] | None = None) -> None:
        """Begin with counts by bin."""
        self.counts: dict[int, int] = dict(counts or {})
        self.total = sum(self.counts.values())

    def add(self, centis: int, times: int = 1) -> None:
        """Count a volume (hundredths of a contract), `times` over."""
        at = bin_of(centis)
        self.counts[at] = self.counts.get(at, 0) + times
        self.total += times

    def merge(self, other: "VolumeSketch") -> None:
        """Count all that another one counted."""
        for at, times in other.counts.items():
            self.counts[at] = self.counts.get(at, 0) + times
        self.total += other.total

    def quantile(self, share: float) -> int:
        """Return a volume (hundredths) that `share` of the counted ones do not exceed; 0 of none.

        Errs upwards by at most the width of a bin.
        """
        wanted, seen = share * self.total, 0
        for at in sorted(self.counts):
            seen += self.counts[at]
            if seen >= wanted:
                return edge_of(at)
        return 0

    def to_state(self) -> dict[str, int]:
        """Return the counts as JSON has them."""
        return {str(at): self.counts[at] for at in sorted(self.counts)}

    @classmethod
    def from_state(cls, state: object) -> "VolumeSketch":
        """Take up `to_state`.

        Raises:
            ValueError: not what `to_state` returns.
        """
        if not isinstance(state, Mapping):
            raise ValueError("volumes are not an object")
        return cls(dict(_read_counts(state.items())))


def _read_counts(items: Iterable[tuple[object, object]]) -> Iterable[tuple[int, int]]:
    for at, times in items:
        if not isinstance(at, str) or not at.isdigit() or len(at) > 3:
            raise ValueError("volumes have a bin that is none")
        if not isinstance(times, int) or not 0 < times <= _LONGEST:
            raise ValueError("volumes have a count that is none")
        yield int(at), times


def bin_of(centis: int) -> int:
    """Return the bin of a volume: four to every doubling, from whole numbers only."""
    length = centis.bit_length()
    if length < 3:
        return max(centis, 0)
    return 4 * length + ((centis >> (length - 3)) & 3)


def edge_of(at: int) -> int:
    """Return the greatest volume of a bin."""
    if at < 12:
        return at
    length, quarter = divmod(at, 4)
    return ((5 + quarter) << (length - 3)) - 1

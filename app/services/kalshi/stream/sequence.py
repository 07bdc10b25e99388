"""Sequence numbers: each subscription counts its messages from 1, replies included."""

PASSED = -1


class Sequences:
    """The last number of every subscription (`sid`) of one connection."""

    def __init__(self) -> None:
        self._last: dict[int, int] = {}

    def begin(self, sid: int) -> None:
        """Expect number 1, unless messages came before the reply that announced the sid."""
        self._last.setdefault(sid, 0)

    def end(self, sid: int) -> None:
        """Forget a subscription; what still comes of it is not counted."""
        self._last.pop(sid, None)

    def missed(self, sid: int, seq: int) -> int:
        """Note a message; return how many before it did not come.

        `PASSED` for a number at or below the last one: a repeat, or one that was late
        and has been reported as missing.
        """
        last = self._last.get(sid)
        if last is None:
            return 0
        if seq <= last:
            return PASSED
        self._last[sid] = seq
        return seq - last - 1

"""Addresses that behave in their own way; every other one takes what it is sent."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.faults.knobs import FaultError, Faults, Knob
from sandbox.vendors.firebase.behaviours import ACCEPTED, PUSH_FAULTS
from sandbox.world.noise import key_of


class Devices:
    """One knob for each address somebody chose a behaviour for."""

    def __init__(self, seed: int) -> None:
        """Start with none."""
        self._seed = seed
        self._faults: dict[str, Faults] = {}

    def put(self, wishes: Mapping[str, object]) -> None:
        """Set the behaviour of some addresses; a refused wish changes nothing.

        A wish is a behaviour's name, or an object with `behaviour` and that knob's options.

        Raises:
            FaultError: unknown behaviour or option.
        """
        made = {address: self._read(address, wish) for address, wish in wishes.items()}
        for address, faults in made.items():
            if faults is None:
                self._faults.pop(address, None)
            else:
                self._faults[address] = faults

    def _read(self, address: str, wish: object) -> Faults | None:
        options = dict(wish) if isinstance(wish, Mapping) else {"behaviour": wish}
        name = options.pop("behaviour", None)
        if not isinstance(name, str):
            raise FaultError(f"{address}: expected a behaviour")
        if name == ACCEPTED and not options:
            return None
        faults = Faults(key_of(self._seed, address), PUSH_FAULTS)
        faults.replace({name: options})
        return faults

    def draw(self, address: str) -> Knob | None:
        """Return what happens to one push for an address, None when it is simply taken."""
        faults = self._faults.get(address)
        return faults.first(PUSH_FAULTS) if faults is not None else None

    def forget(self, address: str | None = None) -> None:
        """Let one address, or all, behave again."""
        if address is None:
            self._faults.clear()
        else:
            self._faults.pop(address, None)

    def describe(self) -> dict[str, dict[str, object]]:
        """Return the chosen behaviours; `count` is what remains."""
        return {
            address: {"behaviour": name, **options}
            for address, faults in self._faults.items()
            for name, options in faults.describe().items()
        }

"""What a check found."""

from dataclasses import dataclass
from enum import StrEnum

from local.checks import Check


class State(StrEnum):
    """How a part of Alpha is."""

    ON = "on"
    OFF = "off"  # not configured; everything else works without
    UNVERIFIED = "unverified"  # no real payload was ever seen
    FAILING = "failing"  # somebody has to act


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's report; `detail` says what to do when failing."""

    name: str
    state: State
    detail: str


def from_check(check: Check) -> Finding:
    """Translate a check of the machine."""
    return Finding(check.name, State.ON if check.ok else State.FAILING, check.detail)

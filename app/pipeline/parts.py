"""What the steps of the pipeline work with; built at a composition root."""

from dataclasses import dataclass, field

from app.core.clock import Clock
from app.core.config import Settings
from app.core.crash import Crashes
from app.core.database import Pool
from app.services.ports import PushSender


@dataclass(frozen=True, slots=True)
class PipelineParts:
    """The parts of one pipeline process; every time a step writes comes from `clock`.

    Attributes:
        holder: this process, as leases name it.
        push: the gateway; None = there is none, and deliveries wait until they expire.
        crashes: where this process dies, for tests; nowhere as a rule.
    """

    settings: Settings
    clock: Clock
    pool: Pool
    holder: str
    push: PushSender | None = None
    crashes: Crashes = field(default_factory=Crashes)

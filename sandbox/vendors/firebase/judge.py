"""Decides what becomes of a push: by its sender, its body, the knobs and its address."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.types import Scope

from sandbox.faults.knobs import Faults, Knob
from sandbox.vendors.firebase.account import PROJECT, AccessTokens
from sandbox.vendors.firebase.behaviours import (
    ACCEPTED,
    BROKEN,
    LOST,
    PERMISSION_DENIED,
    PUSH_FAULTS,
    REPLIES,
    TAKEN,
    UNAUTHENTICATED,
    VALIDATED,
)
from sandbox.vendors.firebase.checks import check_request
from sandbox.vendors.firebase.devices import Devices
from sandbox.vendors.firebase.messages import Message, read_request
from sandbox.vendors.firebase.replies import Refused, Reply

PATH = "/v1/projects/{project}/messages:send"
ROUTE = f"POST {PATH}"


@dataclass(slots=True)
class Verdict:
    """What is done with a push: `reply` when it is refused, `knob` when one decided."""

    message: Message = field(default_factory=Message)
    outcome: str = ACCEPTED
    reply: Reply | None = None
    knob: Knob | None = None

    @property
    def is_taken(self) -> bool:
        """Whether the gateway has it, whatever the sender gets to hear."""
        return self.outcome in (ACCEPTED, VALIDATED)

    @property
    def answer(self) -> str:
        """What the sender gets to hear, in the log's words."""
        name = self.knob.name if self.knob else ""
        return "lost" if name in LOST else "broken" if name in BROKEN else "sent"


class Judge:
    """Looks at the sender first, then the body, the knobs, and last at the address."""

    def __init__(self, tokens: AccessTokens, devices: Devices, faults: Faults) -> None:
        """Judge for the one project."""
        self._tokens, self._devices, self._faults = tokens, devices, faults

    def judge(self, scope: Scope, body: bytes, received_us: int) -> Verdict:
        """Judge a request that arrived at a time in microseconds since 1970."""
        verdict = Verdict()
        request = read_request(body)  # first, so that the log can name the address
        if not isinstance(request, Refused):
            verdict.message = request.message
        try:
            self._check_sender(scope, received_us)
            _check_project(scope)
            if isinstance(request, Refused):
                raise request
            check_request(request, len(body))
        except Refused as refused:
            verdict.outcome, verdict.reply = refused.outcome, refused.reply
            return verdict
        if request.validate_only:
            verdict.outcome = VALIDATED
        self._spoil(verdict)
        return verdict

    def _check_sender(self, scope: Scope, now_us: int) -> None:
        for name, value in scope["headers"]:
            if name == b"authorization":
                kind, _, token = value.decode("latin-1").partition(" ")
                if kind.lower() == "bearer" and self._tokens.is_valid(token.strip(), now_us):
                    return
        raise Refused(UNAUTHENTICATED, REPLIES[UNAUTHENTICATED])

    def _spoil(self, verdict: Verdict) -> None:
        """Let a knob decide, or else the address."""
        _, address = verdict.message.target()
        knob = self._faults.first(PUSH_FAULTS, ROUTE) or self._devices.draw(address)
        verdict.knob = knob
        if knob is not None and knob.name not in TAKEN:
            verdict.outcome = knob.name
            verdict.reply = REPLIES.get(knob.name)


def _check_project(scope: Scope) -> None:
    if scope["path_params"]["project"] != PROJECT:
        raise Refused(PERMISSION_DENIED, REPLIES[PERMISSION_DENIED])

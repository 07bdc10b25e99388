"""Firebase as a vendor of the sandbox: its routes, faults, counters and log."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from sandbox.clock import SandboxClock
from sandbox.faults.knobs import Faults
from sandbox.stats import Stats
from sandbox.vendors.firebase.account import TOKEN_PATH, AccessTokens, ServiceAccount
from sandbox.vendors.firebase.behaviours import FIREBASE_FAULTS
from sandbox.vendors.firebase.control import FirebaseControl
from sandbox.vendors.firebase.devices import Devices
from sandbox.vendors.firebase.judge import PATH, Judge
from sandbox.vendors.firebase.oauth import TokenEndpoint
from sandbox.vendors.firebase.push_log import PushLog
from sandbox.vendors.firebase.send import SendEndpoint


class FirebaseVendor:
    """Google's token endpoint and FCM over one log of pushes."""

    name = "firebase"

    def __init__(self, seed: int, clock: SandboxClock) -> None:
        """Wire everything."""
        self._faults, self._stats = Faults(seed, FIREBASE_FAULTS), Stats()
        self._account, tokens = ServiceAccount(seed), AccessTokens(seed)
        self._devices, self._log = Devices(seed), PushLog()
        self._oauth = TokenEndpoint(self._account, tokens, clock, self._faults, self._stats)
        judge = Judge(tokens, self._devices, self._faults)
        self._send = SendEndpoint(judge, self._log, self._stats)

    @property
    def faults(self) -> Faults:
        """The fault knobs."""
        return self._faults

    @property
    def stats(self) -> Stats:
        """The counters."""
        return self._stats

    def routes(self) -> list[BaseRoute]:
        """Return the routes."""
        return [
            Route(PATH, self._send, methods=["POST"]),
            Route(TOKEN_PATH, self._oauth.serve, methods=["POST"]),
        ]

    def control_routes(self) -> list[BaseRoute]:
        """Return the routes that control the gateway."""
        return FirebaseControl(self._account, self._devices, self._log).routes()

    def truth(self, kind: str, after: str, limit: int) -> tuple[list[bytes], str]:
        """Refuse: the gateway has no catalogue; its truth is the log of pushes.

        Raises:
            KeyError: always.
        """
        raise KeyError(kind)

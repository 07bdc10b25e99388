"""POST /_google/token: Google's token endpoint, with its faults."""

from __future__ import annotations

from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request
from starlette.responses import Response

from sandbox.clock import SandboxClock, real_us
from sandbox.faults.knobs import Faults, Knob
from sandbox.faults.responses import Dropped, Late
from sandbox.stats import Stats
from sandbox.vendors.firebase.account import TOKEN_PATH, AccessTokens, ServiceAccount
from sandbox.vendors.firebase.behaviours import HANG_S, OAUTH_FAULTS
from sandbox.vendors.firebase.grant import GrantError, check_grant
from sandbox.vendors.firebase.replies import Reply, html_page
from sandbox.world.units import SECOND

ROUTE = f"POST {TOKEN_PATH}"
_LIFE_S = 3_599
_BREAKS = tuple(name for name in OAUTH_FAULTS if name != "oauth_life")


def _refusal(error: str, description: str) -> Reply:
    body = orjson.dumps({"error": error, "error_description": description})
    return Reply(400, body)


# the answers of faults that do not look at the request
_SPOILED: dict[str, Reply] = {
    "oauth_500": Reply(500, b'{"error":"internal_failure"}'),
    "oauth_unavailable": Reply(503, b'{"error":"temporarily_unavailable"}'),
    "oauth_html": html_page(200, "Sign in to the network"),
    "oauth_invalid_grant": _refusal("invalid_grant", "Invalid JWT Signature."),
}


class TokenEndpoint:
    """Exchanges assertions for access tokens; these end by the machine's time."""

    def __init__(
        self,
        account: ServiceAccount,
        tokens: AccessTokens,
        clock: SandboxClock,
        faults: Faults,
        stats: Stats,
    ) -> None:
        """Serve one account."""
        self._account, self._tokens, self._clock = account, tokens, clock
        self._faults, self._stats = faults, stats

    async def serve(self, request: Request) -> Response:
        """Answer one request."""
        self._stats.requests[ROUTE] += 1
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        knob = self._faults.first(_BREAKS, ROUTE)
        if knob is not None:
            self._stats.faults[knob.name] += 1
            if knob.name == "oauth_reset":
                return Dropped()
            if knob.name == "oauth_hang":
                return Late(Dropped(), knob.pause_s(HANG_S))
        audience = f"{request.url.scheme}://{request.url.netloc}{TOKEN_PATH}"
        reply = self._reply(knob, form, audience)
        self._stats.statuses[reply.status] += 1
        return reply.response()

    def _reply(self, knob: Knob | None, form: dict[str, str], audience: str) -> Reply:
        if knob is None:
            return self._grant(form, audience)
        if knob.name == "oauth_truncate":
            return self._grant(form, audience).half()
        return _SPOILED[knob.name].after(knob.number("retry_after", -1))

    def _grant(self, form: dict[str, str], audience: str) -> Reply:
        nows_s = (real_us() / SECOND, self._clock.now_us() / SECOND)
        try:
            check_grant(form, self._account, audience, nows_s)
        except GrantError as error:
            return _refusal(error.error, error.description)
        short = self._faults.fires("oauth_life", ROUTE)
        life_s = short.seconds if short else _LIFE_S
        if short:
            self._stats.faults["oauth_life"] += 1
        token = self._tokens.issue(real_us() + int(life_s * SECOND))
        body = {"access_token": token, "expires_in": int(life_s), "token_type": "Bearer"}
        return Reply(200, orjson.dumps(body))

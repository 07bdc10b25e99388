"""An issuer on a local port whose keys rotate and whose endpoint fails when a test says so."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

from sandbox.issuer import TokenIssuer
from tests.contract.supabase.forge import NOW_S, Forger

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
PATH = "/auth/v1/.well-known/jwks.json"


@dataclass
class ScriptedIssuer:
    """Publishes the keys of some issuers; counts how often it is asked."""

    url: str = ""
    published: list[TokenIssuer] = field(default_factory=lambda: [TokenIssuer(1)])
    instead: Answer | None = None
    asked: int = 0
    paths: list[str] = field(default_factory=list)

    def token(self, seed: int = 1, *, at_s: int = NOW_S, **claims: object) -> str:
        """Sign a token with the key of a seed, published or not."""
        wish = {"email": f"{seed}@example.com", **claims}
        return str(TokenIssuer(seed).token(wish, f"{self.url}/auth/v1", at_s)["access_token"])

    def unknown(self, number: int) -> str:
        """Make a token whose key id nobody has heard of."""
        forger = Forger(TokenIssuer(1), f"{self.url}/auth/v1")
        return forger.sign({"sub": "x"}, kid=f"invented-{number}")

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        self.paths.append(request.path)
        if self.instead is not None:
            return await self.instead(request)
        keys = [key for issuer in self.published for key in issuer.jwks()["keys"]]  # type: ignore[attr-defined]
        return web.json_response({"keys": keys})


def send(status: int = 200, body: bytes = b"", **headers: str) -> Answer:
    """Answer these bytes."""

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, body=body, headers=headers)

    return answer


async def hang(_: web.Request) -> web.StreamResponse:
    """Answer nothing in time."""
    await asyncio.sleep(30)
    return web.Response()


async def reset(request: web.Request) -> web.StreamResponse:
    """Drop the connection."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


class Gate:
    """Holds requests back until opened."""

    def __init__(self, issuer: ScriptedIssuer) -> None:
        self._issuer = issuer
        self.opened = asyncio.Event()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        await self.opened.wait()
        self._issuer.instead = None
        self._issuer.asked -= 1
        return await self._issuer.answer(request)

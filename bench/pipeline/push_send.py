"""Pushes to one gateway: ours out of the database and back into it, others from memory."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

import aiohttp
import orjson

from app.core.clock import SystemClock
from app.core.config import FirebaseSettings
from app.core.garbage import calm_collector
from app.pipeline.deliver import run_dispatcher
from app.pipeline.parts import PipelineParts
from app.pipeline.step import Ear
from app.services.firebase import FirebaseSender, open_firebase
from app.services.firebase.credentials import read_service_account
from app.services.firebase.tokens import AccessTokens
from app.services.firebase.transport import Transport
from app.store.notifications import fan_out
from bench.arena import Arena
from bench.contest import BenchError, Contender, Contest, Remarks, Role, Scale
from bench.interpreter import VARIABLE, find_interpreter, run_peer
from bench.pipeline.alert import make_alert, open_parts
from bench.pipeline.crowd import CrowdSize, add_crowd
from bench.pipeline.gateway import Gateway, Push, open_gateway
from bench.stopwatch import Stopwatch
from local.home import REPOSITORY

_PEER = REPOSITORY / "bench" / "pipeline" / "firebase_peer.py"
_FIREBASE = ("firebase-admin", "firebase_admin.messaging")
_LOOK_EVERY_S = 0.05
_STUCK_S = 120


@dataclass(slots=True)
class Pushes:
    """Rounds of sending the same alert to the same devices.

    Attributes:
        addresses: of every device that is to get a push.
        shown: the pushes as the gateway logged them, for those who send from memory.
    """

    parts: PipelineParts
    gateway: Gateway
    settings: FirebaseSettings
    alert_id: UUID
    addresses: Sequence[str] = ()
    shown: Sequence[Push] = ()

    async def by_ours(self) -> float:
        """Claim, look at everything again, send, record: as `alpha pipeline` does."""
        await self._hand_over()
        with Stopwatch() as watch:
            dispatcher = asyncio.create_task(run_dispatcher(self.parts, Ear()))
            try:
                await asyncio.wait_for(self._delivered(dispatcher), _STUCK_S)
            finally:
                dispatcher.cancel()
                with suppress(asyncio.CancelledError):
                    await dispatcher
        accepted = await self.parts.pool.fetchval(
            "SELECT count(*) FROM alpha.deliveries WHERE state = 'accepted'"
        )
        if accepted != len(self.addresses):
            raise BenchError(f"Ours recorded {accepted:,} of {len(self.addresses):,} pushes.")
        self.shown = await self.gateway.judge("ours", self.addresses)
        return len(self.addresses) / watch.seconds

    async def by_posting(self) -> float:
        """Post bodies that exist already, as many at a time as ours, and read the answers."""
        bodies = deque(_to_body(push) for push in self.shown)
        account = read_service_account(str(self.gateway.key_file))
        transport = Transport(self.settings)
        tokens = AccessTokens(account, transport, self.parts.clock)
        headers = (await tokens.get()).headers
        url = f"{self.gateway.base}/v1/projects/{account.project_id}/messages:send"

        async def post_on(session: aiohttp.ClientSession) -> None:
            while bodies:
                async with session.post(url, data=bodies.popleft(), headers=headers) as answer:
                    await answer.read()

        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            with Stopwatch() as watch:
                posts = (post_on(session) for _ in range(self.settings.fcm_connections))
                await asyncio.gather(*posts)
        await tokens.close()
        await transport.close()
        await self.gateway.judge("posting", self.addresses)
        return len(self.addresses) / watch.seconds

    async def by_firebase(self, interpreter: Path, function: str, sample: int) -> float:
        """Let firebase-admin send so many of the same messages, in a process of its own."""
        pushes = self.shown[:sample]
        messages = self.gateway.key_file.with_name("messages.json")
        messages.write_bytes(orjson.dumps(pushes))
        printed = await run_peer(
            *(interpreter, _PEER, self.gateway.base),
            *(str(self.gateway.key_file), str(messages), function),
        )
        await self.gateway.judge("firebase-admin", [push["address"] for push in pushes])
        seconds: float = json.loads(printed)["seconds"]
        return len(pushes) / seconds

    async def report(self) -> Remarks:
        """Report how many pushes there are."""
        return Remarks({"pushes": len(self.addresses)})

    async def _hand_over(self) -> None:
        """Begin anew: the alert is of now, everybody was told, nothing is sent yet."""
        now = self.parts.clock.now()
        async with self.parts.pool.acquire() as conn, conn.transaction():
            await conn.execute("TRUNCATE alpha.notifications, alpha.deliveries CASCADE")
            await conn.execute("UPDATE alpha.alerts SET decided_at = $1", now)
            await fan_out(conn, self.alert_id, now=now)
            rows = await conn.fetch(
                "SELECT v.address FROM alpha.deliveries d"
                " JOIN alpha.devices v ON v.id = d.device_id"
            )
        self.addresses = [row["address"] for row in rows]

    async def _delivered(self, dispatcher: asyncio.Task[None]) -> None:
        """Return when nothing waits or is under way.

        Raises:
            BenchError: the dispatcher has ended.
        """
        while not dispatcher.done():
            is_left = await self.parts.pool.fetchval(
                "SELECT EXISTS (SELECT FROM alpha.deliveries WHERE state IN ('pending', 'retry'))"
                " OR EXISTS (SELECT FROM alpha.deliveries WHERE state = 'sending')"
            )
            if not is_left:
                return
            await asyncio.sleep(_LOOK_EVERY_S)
        raise BenchError("The dispatcher ended by itself.")


def _to_body(push: Push) -> bytes:
    """Make the request that the gateway's log shows."""
    android = {"priority": "HIGH", "ttl": "600s", "collapse_key": push["collapse_id"]}
    apns = {"headers": push["headers"], "payload": {"aps": push["aps"]}}
    message = {"token": push["address"], "data": push["data"], "apns": apns, "android": android}
    return orjson.dumps({"message": message})


@asynccontextmanager
async def prepare_push_send(arena: Arena, scale: Scale) -> AsyncIterator[Contest]:
    """Start the gateway, fill a database with people, make the alert; yield the contest."""
    holders = scale.pick(full=10_000, quick=1_000)
    interpreter = await find_interpreter(*_FIREBASE)
    clock = SystemClock()
    url = await arena.create_database("push_send")
    async with open_gateway() as gateway:
        settings = FirebaseSettings(
            firebase_credentials_path=str(gateway.key_file), fcm_base_url=gateway.base
        )
        async with _opened(settings, clock) as push, open_parts(url, clock, push) as parts:
            async with parts.pool.acquire() as conn:
                await add_crowd(conn, CrowdSize(holders, 0))
            pushes = Pushes(parts, gateway, settings, await make_alert(parts))
            await pushes.by_ours()  # opens connections; shows the others what to send
            calm_collector()  # as `alpha pipeline` does
            yield Contest(
                [
                    Contender(Role.LIMIT, "aiohttp, posts only", pushes.by_posting),
                    *_firebase(pushes, interpreter, scale),
                    Contender(Role.OURS, "run_dispatcher", pushes.by_ours),
                ],
                pushes.report,
                _notes(len(pushes.addresses), interpreter),
            )


@asynccontextmanager
async def _opened(settings: FirebaseSettings, clock: SystemClock) -> AsyncIterator[FirebaseSender]:
    push = open_firebase(settings, clock)
    if push is None:
        raise BenchError("Firebase is off in spite of its credentials.")
    try:
        yield push
    finally:
        await push.close()


def _firebase(pushes: Pushes, interpreter: Path | None, scale: Scale) -> list[Contender]:
    """Return the peers: the library at its fastest, and the call made for asyncio."""
    if interpreter is None:
        return []
    coroutines = partial(
        pushes.by_firebase, interpreter, "send_each_async", scale.pick(full=500, quick=100)
    )
    threads = partial(
        pushes.by_firebase, interpreter, "send_each", scale.pick(full=2_000, quick=500)
    )
    return [
        Contender(Role.PEER, "firebase-admin send_each (threads)", threads),
        Contender(Role.PEER, "firebase-admin send_each_async", coroutines, is_extra=True),
    ]


def _notes(pushes: int, interpreter: Path | None) -> list[str]:
    notes = [f"{pushes:,} pushes; ours includes claiming, rendering and recording each"]
    if interpreter is None:
        notes.append(f"firebase-admin is skipped: {VARIABLE} names no interpreter with it")
    return notes

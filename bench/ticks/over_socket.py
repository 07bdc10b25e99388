"""From a flooding socket to an acknowledged Redis: ours, and receiving alone."""

import asyncio
from dataclasses import dataclass
from time import perf_counter

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from websockets.asyncio.client import connect

from app.services.kalshi.auth import KalshiSigner
from app.services.kalshi.stream import KalshiStream, open_source
from bench.contest import BenchError
from bench.ticks.check import check_latest, check_minutes
from bench.ticks.flood import PATH
from bench.ticks.product import Firehose, Stage, open_firehose
from bench.ticks.tape import Tape
from local.addresses import LOOPBACK

SUBSCRIBE = '{"id":3,"cmd":"subscribe","params":{"channels":["ticker"]}}'
_LOOK_S = 0.002
_AT_MOST_S = 60


def make_signer() -> KalshiSigner:
    """Make a key nobody knows; the handshake is signed as any other."""
    pem = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    return KalshiSigner("bench", pem.decode())


@dataclass(frozen=True, slots=True)
class OverSocket:
    """The same flood for everyone; figures are frames per second, from connecting on.

    Attributes:
        library: which WebSocket library ours uses.
    """

    stage: Stage
    tape: Tape
    port: int
    library: str

    @property
    def url(self) -> str:
        """Where the flood is."""
        return f"ws://{LOOPBACK}:{self.port}{PATH}"

    async def by_receiving(self) -> float:
        """Receive with `websockets` and drop everything."""
        frames = len(self.tape.frames)
        began_s = perf_counter()
        client = await connect(
            self.url, compression=None, max_queue=None, ping_interval=None, proxy=None
        )
        await client.send(SUBSCRIBE)
        for _ in range(frames + 1):  # and the reply
            await client.recv(decode=False)
        seconds = perf_counter() - began_s
        client.transport.abort()
        return frames / seconds

    async def by_ours(self) -> float:
        """Run the product's stream and flusher until Redis has every frame."""
        async with open_firehose(self.stage) as firehose:
            stream = KalshiStream(
                self.url,
                make_signer(),
                self.stage.clock,
                source=open_source(self.library),
                expects_ticks=_expect_nothing,
            )
            began_s = perf_counter()
            running = asyncio.gather(stream.run(firehose.sink), firehose.flusher.run())
            await self._until_all_are_written(firehose, running)
            seconds = perf_counter() - began_s
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        await check_latest(self.stage.redis, "ours", self.tape.latest)
        await check_minutes(self.stage.redis, "ours", self.tape)
        return len(self.tape.frames) / seconds

    async def _until_all_are_written(
        self, firehose: Firehose, running: "asyncio.Future[tuple[None, None]]"
    ) -> None:
        for _ in range(int(_AT_MOST_S / _LOOK_S)):
            if firehose.flusher.ticks >= len(self.tape.frames):
                return
            if running.done():
                running.result()
            await asyncio.sleep(_LOOK_S)
        raise BenchError(
            f"Only {firehose.flusher.ticks:,} of {len(self.tape.frames):,} frames were written."
        )


async def _expect_nothing(_since: object) -> bool:
    return False

"""The referee of the pushes: the gateway's own log, one push for each device."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bench.contest import BenchError
from bench.pipeline.gateway import Gateway, open_gateway


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    """The sandbox's Firebase in a process of its own."""
    async with open_gateway() as running:
        yield running


async def test_a_refused_push_and_one_too_few_are_seen(gateway: Gateway) -> None:
    assert gateway.key_file.stat().st_size > 0
    assert await gateway.judge("nobody", []) == []
    url = f"{gateway.base}/v1/projects/alpha-sandbox/messages:send"
    push = {"message": {"token": "one"}}
    async with aiohttp.ClientSession() as session, session.post(url, json=push) as answer:
        assert answer.status == 401
    with pytest.raises(BenchError, match="sent 1 pushes, 0 of them accepted, to 1 devices"):
        await gateway.judge("somebody", ["one"])
    with pytest.raises(BenchError, match="sent 0 pushes"):
        await gateway.judge("somebody", ["one"])

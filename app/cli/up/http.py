"""Small questions to servers of ours on this machine; a proxy is never asked."""

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

_TIMEOUT_S = 10.0


async def get_json(url: str) -> tuple[int, Any]:
    """GET a JSON document from this machine.

    Returns:
        Status and document; status 0 when nobody answers, None for what is not JSON.
    """
    return await asyncio.to_thread(_ask, url, None)


async def post_json(url: str, document: Mapping[str, Any]) -> tuple[int, Any]:
    """POST a JSON document to this machine; returns the same as `get_json`."""
    return await asyncio.to_thread(_ask, url, json.dumps(document).encode())


def _ask(url: str, body: bytes | None) -> tuple[int, Any]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, body, timeout=_TIMEOUT_S) as answer:
            return answer.status, _parse(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, _parse(error.read())
    except OSError:
        return 0, None


def _parse(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None

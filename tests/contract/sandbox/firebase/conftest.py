"""A sandbox of its own process, and a sender that talks to its Firebase."""

import time
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import jwt
import pytest

from tests.sandbox_process import SandboxProcess, start_sandbox

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
PUSH_TYPE = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
APNS_TYPE = "type.googleapis.com/google.firebase.fcm.v1.ApnsError"


def make_assertion(
    key: Mapping[str, str], *, signer: object = None, header: Any = None, **claims: Any
) -> str:
    """Sign as Google documents it; a claim given as None is left out."""
    now_s = int(time.time())
    usual = {
        "iss": key["client_email"],
        "aud": key["token_uri"],
        "iat": now_s,
        "exp": now_s + 3_600,
        "scope": SCOPE,
    }
    full = {name: value for name, value in (usual | claims).items() if value is not None}
    headers = {"kid": key["private_key_id"]} if header is None else header
    signed: Any = signer or key["private_key"]
    return jwt.encode(full, signed, algorithm="RS256", headers=headers)


async def ask_token(
    client: httpx.AsyncClient, key: Mapping[str, str], **claims: Any
) -> httpx.Response:
    """POST to the token endpoint."""
    form = {"grant_type": GRANT, "assertion": make_assertion(key, **claims)}
    return await client.post(key["token_uri"], data=form)


@dataclass
class Gateway:
    """Firebase as a sender sees it."""

    sandbox: SandboxProcess
    client: httpx.AsyncClient
    key: dict[str, str]
    token: str = ""
    begin: int = 0  # number of the newest push before the test

    async def post(
        self, body: object, *, project: str = "alpha-sandbox", timeout_s: float = 5
    ) -> httpx.Response:
        """Send a whole body."""
        kind: dict[str, Any] = {"content": body} if isinstance(body, bytes) else {"json": body}
        return await self.client.post(
            f"/v1/projects/{project}/messages:send",
            headers=[(b"authorization", f"Bearer {self.token}".encode())],
            timeout=timeout_s,
            **kind,
        )

    async def push(self, address: str = "phone-1", **message: Any) -> httpx.Response:
        """Send one message to an address."""
        return await self.post({"message": {"token": address, **message}})

    async def fault(self, **knobs: Any) -> None:
        """Switch knobs on."""
        response = await self.client.put("/_faults", json={"firebase": knobs})
        assert response.status_code == 200, response.text

    async def behave(self, address: str, behaviour: str, **options: Any) -> None:
        """Choose what an address does."""
        body = {"behaviour": behaviour, **options}
        response = await self.client.put(f"/_devices/{address}", json=body)
        assert response.status_code == 200, response.text

    async def rows(self, **query: Any) -> list[dict[str, Any]]:
        """Read the log."""
        response = await self.client.get("/_pushes", params=query)
        assert response.status_code == 200, response.text
        pushes: list[dict[str, Any]] = response.json()["pushes"]
        return pushes

    async def new_rows(self) -> list[dict[str, Any]]:
        """Read what was logged since the test began."""
        return await self.rows(after=self.begin)

    async def counts(self) -> dict[str, Any]:
        """Read the counts."""
        counts: dict[str, Any] = (await self.client.get("/_pushes/counts")).json()
        return counts

    async def reset(self) -> None:
        """Turn everything off and forget the log."""
        for path in ("/_faults", "/_devices", "/_stats"):
            await self.client.delete(path)
        self.begin = (await self.client.delete("/_pushes")).json()["newest"]


@pytest.fixture(scope="session")
def firebase_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """One sandbox for all tests that do not restart it."""
    sandbox = start_sandbox(tmp_path_factory.mktemp("firebase"), "--events", "10")
    yield sandbox
    sandbox.process.terminate()
    sandbox.process.wait(10)


@pytest.fixture(scope="session")
async def login(firebase_process: SandboxProcess) -> tuple[dict[str, str], str]:
    """The key file and an access token, got once."""
    async with httpx.AsyncClient(base_url=firebase_process.url, timeout=5) as client:
        key = (await client.get("/_keys/firebase")).json()
        return key, (await ask_token(client, key)).json()["access_token"]


@pytest.fixture
async def gateway(
    firebase_process: SandboxProcess, login: tuple[dict[str, str], str]
) -> AsyncIterator[Gateway]:
    """A sender with an access token, and everything switched off."""
    async with httpx.AsyncClient(base_url=firebase_process.url, timeout=5) as client:
        sender = Gateway(firebase_process, client, *login)
        await sender.reset()
        yield sender
        await sender.reset()

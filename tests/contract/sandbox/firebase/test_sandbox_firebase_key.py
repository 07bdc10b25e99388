"""The service account's key: a complete key file, the same after every restart."""

from pathlib import Path

import httpx
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.contract.sandbox.conftest import Talks
from tests.contract.sandbox.firebase.conftest import Gateway, ask_token
from tests.sandbox_process import start_sandbox


async def test_the_key_file_is_complete(gateway: Gateway) -> None:
    key = gateway.key
    assert key["type"] == "service_account"
    assert key["project_id"] == "alpha-sandbox"
    assert key["token_uri"] == f"{gateway.sandbox.url}/_google/token"
    assert len(key["private_key_id"]) == 40
    assert key["client_email"].endswith("@alpha-sandbox.iam.gserviceaccount.com")
    assert key["private_key"].startswith("-----BEGIN PRIVATE KEY-----\n")
    private = load_pem_private_key(key["private_key"].encode(), None)
    assert isinstance(private, RSAPrivateKey)
    assert private.key_size == 2_048


async def test_another_seed_has_another_key(gateway: Gateway, talks: Talks) -> None:
    other = (await talks(events=10, seed=8).client.get("/_keys/firebase")).json()
    assert other["private_key"] != gateway.key["private_key"]
    assert other["private_key_id"] != gateway.key["private_key_id"]


async def test_key_and_tokens_survive_a_kill(tmp_path: Path, gateway: Gateway) -> None:
    restarted = start_sandbox(tmp_path, "--events", "10")
    try:
        async with httpx.AsyncClient(base_url=restarted.url, timeout=5) as client:
            key = (await client.get("/_keys/firebase")).json()
            assert key["private_key"] == gateway.key["private_key"]
            old = gateway.key | {"token_uri": key["token_uri"]}
            assert (await ask_token(client, old)).status_code == 200
            sender = Gateway(restarted, client, key, gateway.token)
            assert (await sender.push()).status_code == 200
    finally:
        restarted.process.kill()
        restarted.process.wait()

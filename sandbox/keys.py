"""Issues the API keys that the sandbox's exchanges accept; kept in a folder between runs."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from sandbox.world.noise import uuid_of

_LIST = "kalshi_keys.json"
KEY_TYPES = ("rsa", "ed25519")
_PSS = PSS(MGF1(hashes.SHA256()), salt_length=32)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key of one account; the account is named by the key's id."""

    api_key_id: str
    key_type: str
    private: RSAPrivateKey | Ed25519PrivateKey

    def pem(self) -> str:
        """Return the private key as the exchange hands it out: PKCS#1 for RSA, else PKCS#8."""
        form = PrivateFormat.TraditionalOpenSSL if self.key_type == "rsa" else PrivateFormat.PKCS8
        return self.private.private_bytes(Encoding.PEM, form, NoEncryption()).decode()

    def describe(self) -> dict[str, str]:
        """Return the key with its private half: it protects nothing."""
        return {
            "api_key_id": self.api_key_id,
            "key_type": self.key_type,
            "private_key": self.pem(),
        }

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Check a signature: RSA-PSS with SHA-256 and a salt of 32 bytes, or Ed25519."""
        try:
            if isinstance(self.private, RSAPrivateKey):
                self.private.public_key().verify(signature, message, _PSS, hashes.SHA256())
            else:
                self.private.public_key().verify(signature, message)
        except InvalidSignature:
            return False
        return True


def _generate(key_type: str) -> RSAPrivateKey | Ed25519PrivateKey:
    if key_type == "ed25519":
        return Ed25519PrivateKey.generate()
    return generate_private_key(public_exponent=65_537, key_size=2_048)


def _seeded(seed: int) -> ApiKey:
    """Return the Ed25519 key of a seed: the same after every restart."""
    private = Ed25519PrivateKey.from_private_bytes(sha256(f"kalshi key {seed}".encode()).digest())
    return ApiKey(uuid_of("kalshi key", seed), "ed25519", private)


class KeyRing:
    """All keys; the seed's Ed25519 key and an RSA key exist from the start."""

    def __init__(self, seed: int, folder: Path | None = None) -> None:
        """Load the keys of a folder, or make new ones (and keep them there)."""
        self._folder = folder
        first = _seeded(seed)
        self._keys: dict[str, ApiKey] = {first.api_key_id: first}
        if folder is not None and (folder / _LIST).exists():
            self._load(folder)
        if self.first("rsa") is None:
            self.issue("rsa")

    def _load(self, folder: Path) -> None:
        for entry in json.loads((folder / _LIST).read_text()):
            private = load_pem_private_key((folder / entry["private_key"]).read_bytes(), None)
            if isinstance(private, (RSAPrivateKey, Ed25519PrivateKey)):
                key = ApiKey(entry["api_key_id"], entry["key_type"], private)
                self._keys[key.api_key_id] = key

    def issue(self, key_type: str) -> ApiKey:
        """Make one more key."""
        private = _generate(key_type)
        key = ApiKey(str(uuid.uuid4()), key_type, private)
        self._keys[key.api_key_id] = key
        self._save()
        return key

    def _save(self) -> None:
        if self._folder is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        entries = []
        for number, key in enumerate(self._keys.values()):
            name = f"kalshi_{key.key_type}{'' if number < 2 else f'_{number}'}.pem"
            path = self._folder / name
            path.touch(mode=0o600)
            path.write_text(key.pem())
            entries.append(
                {"api_key_id": key.api_key_id, "key_type": key.key_type, "private_key": name}
            )
        (self._folder / _LIST).write_text(json.dumps(entries, indent=1))

    def get(self, api_key_id: str) -> ApiKey | None:
        """Return a key by its id."""
        return self._keys.get(api_key_id)

    def first(self, key_type: str) -> ApiKey | None:
        """Return the oldest key of a type."""
        return next((key for key in self._keys.values() if key.key_type == key_type), None)

    def all(self) -> list[ApiKey]:
        """Return all keys."""
        return list(self._keys.values())

"""A published key set is read with suspicion: only public signing keys of ours are left."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    SECP384R1,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa

from app.core.config import JwtAlgorithm
from app.core.errors import PayloadInvalid
from app.services.supabase.key_set import MAX_KEYS, parse_key_set

BOTH = (JwtAlgorithm.ES256, JwtAlgorithm.RS256)
Row = dict[str, Any]
EC, RSA = jwt.algorithms.ECAlgorithm, jwt.algorithms.RSAAlgorithm
PRIVATE = generate_private_key(SECP256R1())
GOOD: Row = {**EC.to_jwk(PRIVATE.public_key(), as_dict=True), "kid": "a"}
STRONG: Row = {**RSA.to_jwk(generate_rsa(65537, 2048).public_key(), as_dict=True), "kid": "r"}


def parse(*rows: object) -> Mapping[str, jwt.PyJWK]:
    return parse_key_set(json.dumps({"keys": rows}).encode(), BOTH)


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({}, id="nothing more"),
        pytest.param({"alg": "ES256", "use": "sig", "key_ops": ["verify"]}, id="as Supabase"),
        pytest.param({"ext": True, "new": {"field": 1}}, id="fields we do not know"),
    ],
)
def test_good_keys(more: Row) -> None:
    (key,) = parse({**GOOD, **more}).values()

    assert key.algorithm_name == "ES256"


def test_an_rsa_key_verifies_rs256_only() -> None:
    assert parse(STRONG)["r"].algorithm_name == "RS256"
    with pytest.raises(PayloadInvalid):
        parse_key_set(json.dumps({"keys": [STRONG]}).encode(), [JwtAlgorithm.ES256])


def without(name: str) -> Row:
    return {key: part for key, part in GOOD.items() if key != name}


BAD: Mapping[str, Callable[[], object]] = {
    "no object": lambda: "key",
    "null": lambda: None,
    "no kid": lambda: without("kid"),
    "kid empty": lambda: {**GOOD, "kid": ""},
    "kid a number": lambda: {**GOOD, "kid": 7},
    "kid long": lambda: {**GOOD, "kid": "k" * 129},
    "for encryption": lambda: {**GOOD, "use": "enc"},
    "for signing": lambda: {**GOOD, "key_ops": ["sign"]},
    "key_ops null": lambda: {**GOOD, "key_ops": None},
    "another algorithm": lambda: {**GOOD, "alg": "ES384"},
    "a secret's algorithm": lambda: {**GOOD, "alg": "HS256"},
    "a secret": lambda: {"kty": "oct", "k": "c2VjcmV0", "kid": "a"},
    "a secret that says RSA": lambda: {**STRONG, "k": "c2VjcmV0"},
    "a private key": lambda: {**EC.to_jwk(PRIVATE, as_dict=True), "kid": "a"},
    "another curve": lambda: {
        **EC.to_jwk(generate_private_key(SECP384R1()).public_key(), as_dict=True),
        "kid": "a",
    },
    "the wrong curve's name": lambda: {**GOOD, "crv": "P-384"},
    "no curve": lambda: without("crv"),
    "no point": lambda: without("x"),
    "a point off the curve": lambda: {**GOOD, "x": GOOD["y"], "y": GOOD["x"]},
    "half a point": lambda: {**GOOD, "x": "AAAA"},
    "a point of numbers": lambda: {**GOOD, "x": 1, "y": 2},
    "short RSA": lambda: {
        **RSA.to_jwk(generate_rsa(65537, 1024).public_key(), as_dict=True),
        "kid": "r",
    },
    "kty a list": lambda: {**GOOD, "kty": ["EC"]},
}


@pytest.mark.parametrize("make", [pytest.param(make, id=name) for name, make in BAD.items()])
def test_a_bad_key_costs_itself_only(make: Callable[[], object]) -> None:
    assert list(parse(make(), {**GOOD, "kid": "good"})) == ["good"]
    with pytest.raises(PayloadInvalid):
        parse(make())


def test_the_first_keys_are_taken() -> None:
    kept = parse({**GOOD, "use": "enc"}, *({**GOOD, "kid": f"k{n}"} for n in range(40)))

    assert list(kept) == [f"k{n}" for n in range(MAX_KEYS)]


def test_of_two_keys_with_one_id_the_first_is_taken() -> None:
    other = EC.to_jwk(generate_private_key(SECP256R1()).public_key(), as_dict=True)

    first = parse(GOOD, {**other, "kid": "a"})["a"]

    assert first.key.public_numbers() == PRIVATE.public_key().public_numbers()


@pytest.mark.parametrize(
    "body", [b"", b"{", b"null", b"[]", b"{}", b'{"keys": null}', b'{"keys": []}', b"\xff", b"NaN"]
)
def test_no_key_set(body: bytes) -> None:
    with pytest.raises(PayloadInvalid):
        parse_key_set(body, BOTH)

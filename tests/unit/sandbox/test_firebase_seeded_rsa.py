"""Keys made from a name: valid, of full length, always the same."""

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from sandbox.vendors.firebase.account import AccessTokens
from sandbox.vendors.firebase.seeded_rsa import seeded_rsa


@pytest.mark.parametrize("name", ["one", "two", "three"])
def test_a_key_signs_and_is_always_the_same(name: str) -> None:
    key = seeded_rsa(name)
    assert key.key_size == 2_048
    signature = key.sign(b"message", PKCS1v15(), SHA256())
    seeded_rsa.cache_clear()
    again = seeded_rsa(name)
    assert again.private_numbers() == key.private_numbers()
    again.public_key().verify(signature, b"message", PKCS1v15(), SHA256())


def test_names_have_keys_of_their_own() -> None:
    assert seeded_rsa("one").private_numbers() != seeded_rsa("two").private_numbers()


def test_a_token_ends_and_belongs_to_its_seed() -> None:
    tokens = AccessTokens(7)
    token = tokens.issue(1_000)
    assert tokens.is_valid(token, 999)
    assert not tokens.is_valid(token, 1_000)
    assert not AccessTokens(8).is_valid(token, 999)
    assert AccessTokens(7).is_valid(token, 999)
    assert tokens.issue(1_000) != token
    for forged in ("", "ya29.c.", token[:-4], token.replace("ya29.c.", "ya29.c.AAAA"), "é"):
        assert not tokens.is_valid(forged, 0)

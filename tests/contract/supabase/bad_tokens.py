"""Every token that must be refused, by what is wrong with it."""

import json
from collections.abc import Callable, Mapping

import jwt

from tests.contract.supabase.forge import (
    NOW_S,
    OTHER_KEY,
    P384_KEY,
    PLACE,
    RSA_KEY,
    USER,
    Forger,
    der,
)

Make = Callable[[Forger], str]

_OTHER_JWK = jwt.algorithms.ECAlgorithm.to_jwk(OTHER_KEY.public_key(), as_dict=True)

CLAIMS: Mapping[str, Make] = {
    "expired": lambda f: f.good(exp=NOW_S - 30),
    "no exp": lambda f: f.good(exp=...),
    "exp null": lambda f: f.good(exp=None),
    "exp a text": lambda f: f.good(exp="tomorrow"),
    "exp a number as text": lambda f: f.good(exp=str(NOW_S + 60)),
    "exp true": lambda f: f.good(exp=True),
    "exp NaN": lambda f: f.good(exp=float("nan")),
    "exp infinity": lambda f: f.good(exp=float("inf")),
    "exp after the year 9999": lambda f: f.good(exp=10**15),
    "exp a huge number": lambda f: f.good(exp=10**400),
    "exp negative": lambda f: f.good(exp=-1),
    "exp a list": lambda f: f.good(exp=[NOW_S + 60]),
    "issued in the future": lambda f: f.good(iat=NOW_S + 31),
    "no iat": lambda f: f.good(iat=...),
    "iat true": lambda f: f.good(iat=True),
    "iat a text": lambda f: f.good(iat="now"),
    "not valid yet": lambda f: f.good(nbf=NOW_S + 31),
    "nbf a text": lambda f: f.good(nbf="later"),
    "another aud": lambda f: f.good(aud="anon"),
    "no aud": lambda f: f.good(aud=...),
    "aud a list without ours": lambda f: f.good(aud=["a", "b"]),
    "aud a list of a list": lambda f: f.good(aud=[["authenticated"]]),
    "aud a number": lambda f: f.good(aud=1),
    "aud longer": lambda f: f.good(aud="authenticated2"),
    "another iss": lambda f: f.good(iss="https://evil.example.com/auth/v1"),
    "iss with a slash": lambda f: f.good(iss=f.issuer + "/"),
    "no iss": lambda f: f.good(iss=...),
    "iss a list": lambda f: f.raw(_json(f.claims(iss=[f.issuer]))),
    "no sub": lambda f: f.good(sub=...),
    "sub a number": lambda f: f.raw(_json(f.claims(sub=7))),
    "sub no UUID": lambda f: f.good(sub="user-7"),
    "sub empty": lambda f: f.good(sub=""),
    "sub without hyphens": lambda f: f.good(sub=USER.replace("-", "")),
    "sub in upper case": lambda f: f.good(sub=USER.upper()),
    "sub with SQL": lambda f: f.good(sub=f"{USER}' OR 1=1 --"),
    "role anon": lambda f: f.good(role="anon"),
    "role service_role": lambda f: f.good(role="service_role"),
    "no role": lambda f: f.good(role=...),
    "role a list": lambda f: f.good(role=["authenticated"]),
    "is_anonymous a text": lambda f: f.good(is_anonymous="false"),
    "claims a list": lambda f: f.raw(b"[]"),
    "claims no JSON": lambda f: f.raw(b"{"),
    "claims no UTF-8": lambda f: f.raw(b'{"\xff": 1}'),
    "no claims": lambda f: f.raw(b"{}"),
}
SIGNATURES: Mapping[str, Make] = {
    "another key under this id": lambda f: f.sign(f.claims(), key=OTHER_KEY),
    "the key in the header": lambda f: f.sign(f.claims(), key=OTHER_KEY, jwk=_OTHER_JWK),
    "keys elsewhere": lambda f: f.sign(f.claims(), key=OTHER_KEY, jku="http://127.0.0.1:1/"),
    "alg none": lambda f: f.unsigned("none"),
    "alg None": lambda f: f.unsigned("None"),
    "alg empty": lambda f: f.unsigned(""),
    "alg in lower case": lambda f: f.raw(_json(f.claims()), alg="es256"),
    "alg a list": lambda f: f.raw(_json(f.claims()), alg=["ES256"]),
    "HS256 with the public key": lambda f: f.with_public_key_as_secret(),
    "HS256 with a secret": lambda f: f.sign(f.claims(), key="s" * 32, algorithm="HS256"),
    "RS256": lambda f: f.sign(f.claims(), key=RSA_KEY, algorithm="RS256"),
    "ES384": lambda f: f.sign(f.claims(), key=P384_KEY, algorithm="ES384"),
    "changed after signing": lambda f: f.with_payload(sub="11111111-2222-4333-8444-555555555555"),
    "no signature": lambda f: f.with_signature(lambda _: b""),
    "half a signature": lambda f: f.with_signature(lambda signature: signature[:PLACE]),
    "zeros as signature": lambda f: f.with_signature(lambda _: bytes(2 * PLACE)),
    "signature as DER": lambda f: f.with_signature(der),
    "signature and more": lambda f: f.with_signature(lambda signature: signature + b"\0"),
}
HEADERS: Mapping[str, Make] = {
    "no kid": lambda f: f.sign(f.claims(), kid=...),
    "kid empty": lambda f: f.sign(f.claims(), kid=""),
    "kid a number": lambda f: f.raw(_json(f.claims()), kid=7),
    "kid unknown": lambda f: f.sign(f.claims(), kid="11111111-2222-4333-8444-555555555555"),
    "kid a path": lambda f: f.sign(f.claims(), kid="../../etc/passwd"),
    "kid of 129 characters": lambda f: f.sign(f.claims(), kid="k" * 129),
    "crit unknown": lambda f: f.raw(_json(f.claims()), crit=["exp"], exp=1),
    "crit empty": lambda f: f.raw(_json(f.claims()), crit=[]),
    "b64 false": lambda f: f.raw(_json(f.claims()), b64=False, crit=["b64"]),
    "header too deep": lambda f: f.nested_header(),
    "header a list": lambda f: f"W10.{f.good().partition('.')[2]}",
}
SHAPES: Mapping[str, Make] = {
    "empty": lambda f: "",
    "a word": lambda f: "token",
    "two parts": lambda f: f.good().rpartition(".")[0],
    "four parts": lambda f: f"{f.good()}.e30",
    "five parts, as encrypted ones": lambda f: "e30.e30.e30.e30.e30",
    "dots": lambda f: "..",
    "no base64": lambda f: "!!!.???.###",
    "a newline at the end": lambda f: f"{f.good()}\n",
    "a blank inside": lambda f: f.good().replace(".", ". ", 1),
    "not ASCII": lambda f: f"{f.good()}é",
    "a lone surrogate": lambda f: f"{f.good()}\ud800",
    "a NUL": lambda f: f"{f.good()}\0",
    "longer than 4 KB": lambda f: f.good(user_metadata={"x": "x" * 4_096}),
    "a megabyte": lambda f: "a" * 1_000_000,
}


def _json(claims: object) -> bytes:
    return json.dumps(claims).encode()

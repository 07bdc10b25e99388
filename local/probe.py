"""Asking a private server whether it is ready, in its own protocol and without a client library."""

import socket
import struct
from collections.abc import Callable

from local.addresses import Address

_TIMEOUT_S = 1.0
_PROTOCOL_3 = 196608
_READY = b"Z\0\0\0\5I"


def is_postgres_ready(address: Address) -> bool:
    """Whether PostgreSQL accepts sessions: it opens one, or asks for the password."""
    parameters = b"user\0postgres\0database\0postgres\0\0"
    hello = struct.pack("!ii", len(parameters) + 8, _PROTOCOL_3) + parameters
    answer = _ask(address, hello, until=_has_decided, goodbye=b"X\0\0\0\4")
    return answer.startswith(b"R") and _has_decided(answer)


def _has_decided(answer: bytes) -> bool:
    """Whether PostgreSQL is ready for a query (Z), refuses (E), or wants a password (R, not 0)."""
    wants_password = answer.startswith(b"R") and len(answer) >= 9 and answer[5:9] != b"\0\0\0\0"
    return wants_password or answer.startswith(b"E") or answer.endswith(_READY)


def is_redis_ready(address: Address) -> bool:
    """Whether Redis answers a PING and has finished loading."""
    login = f"AUTH {address.password}\r\n" if address.password else ""
    lines = 2 if login else 1
    request = f"{login}PING\r\n".encode()
    answer = _ask(address, request, until=lambda got: got.count(b"\r\n") >= lines)
    return answer.endswith(b"+PONG\r\n")


def _ask(
    address: Address, request: bytes, *, until: Callable[[bytes], bool], goodbye: bytes = b""
) -> bytes:
    """Return the answer, complete by `until`; empty when nobody answers within a second."""
    family = socket.AF_UNIX if address.socket_file else socket.AF_INET
    answer = b""
    try:
        with socket.socket(family) as client:
            client.settimeout(_TIMEOUT_S)
            client.connect(address.target)
            client.sendall(request)
            while not until(answer) and (chunk := client.recv(4096)):
                answer += chunk
            client.sendall(goodbye if answer.endswith(_READY) else b"")
    except OSError:
        return answer if until(answer) else b""
    return answer

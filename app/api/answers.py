"""Answers as bytes: encoded once, with a strong ETag, and 304 for who has them."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import xxhash
from pydantic import BaseModel
from starlette.responses import Response

from app.domain.spelling import Spelling, snake

RawHeaders = list[tuple[bytes, bytes]]

_encode = msgspec.json.Encoder().encode
_CACHE_CONTROL = (b"cache-control", b"public, max-age=1")
_JSON = (b"content-type", b"application/json")


class Answer:
    """A body with its headers; `until` is when it is too old to give again (monotonic seconds)."""

    __slots__ = ("body", "etag", "headers", "unchanged", "until")

    def __init__(self, body: bytes, *, until: float = 0) -> None:
        self.body = body
        self.until = until
        self.etag = b'"%s"' % xxhash.xxh3_128_hexdigest(body).encode()
        self.unchanged: RawHeaders = [(b"etag", self.etag), _CACHE_CONTROL]
        length = (b"content-length", str(len(body)).encode())
        self.headers: RawHeaders = [length, _JSON, *self.unchanged]


class AnswerResponse(Response):
    """Sends an answer, or 304 without a body."""

    def __init__(self, answer: Answer, *, is_unchanged: bool = False) -> None:
        self.answer = answer
        self.background = None
        self.status_code = 304 if is_unchanged else 200
        self.body = b"" if is_unchanged else answer.body
        self.raw_headers = answer.unchanged if is_unchanged else answer.headers


def respond(answer: Answer, headers: Iterable[tuple[bytes, bytes]]) -> AnswerResponse:
    """Answer a request that may know these bytes already (`If-None-Match`)."""
    for name, known in headers:
        if name == b"if-none-match" and _matches(known, answer.etag):
            return AnswerResponse(answer, is_unchanged=True)
    return AnswerResponse(answer)


def _matches(known: bytes, etag: bytes) -> bool:
    if known == etag:
        return True
    tags = [tag.strip().removeprefix(b"W/") for tag in known.split(b",")]
    return etag in tags or b"*" in tags


def to_json(model: BaseModel, spelling: Spelling) -> bytes:
    """Encode a model; our answers hold no free-form objects, so every key is one of ours."""
    if spelling is snake:
        return model.model_dump_json().encode()
    return _encode(_respelled(model.model_dump(mode="json"), spelling))


def _respelled(node: Any, spelling: Spelling) -> Any:
    if isinstance(node, dict):
        return {spelling(name): _respelled(child, spelling) for name, child in node.items()}
    if isinstance(node, list):
        return [_respelled(child, spelling) for child in node]
    return node


def list_json(name: str, items: str, cursor: str | None, *, feeds: str | None = None) -> bytes:
    """Build the body of a page around rows that are JSON already; a cursor needs no escaping."""
    end = "null" if cursor is None else f'"{cursor}"'
    known = "" if feeds is None else f',"feeds":{feeds}'
    return f'{{"{name}":{items},"cursor":{end}{known}}}'.encode()


def texts_json(texts: Mapping[str, str], spelling: Spelling) -> bytes:
    """Build an object of texts by the names of their fields."""
    return _encode({spelling(name): text for name, text in texts.items()})


def join_json(*objects: bytes) -> bytes:
    """Write several JSON objects, none of them empty, as one."""
    return b"{" + b",".join(found[1:-1] for found in objects) + b"}"

"""Reading a list's parameters: one pass over the query string, one Pydantic model.

FastAPI inspects the type of every parameter anew on every request, which for a dozen
of them takes longer than all else we do for a page. So routes read the model through
`QueryReader`, and describe it in the OpenAPI document with `query_parameters`.
"""

from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from app.core.errors import InvalidRequest

_MAX_PARAMETERS = 50
M = TypeVar("M", bound=BaseModel)


class QueryReader(Generic[M]):
    """Reads `model` from the query string of a request.

    Parameters in `repeatable` may be given several times and become a list; any other
    twice is refused: it would be a guess which one was meant.
    """

    def __init__(self, model: type[M], *, repeatable: frozenset[str] = frozenset()) -> None:
        self._model = model
        self._repeatable = repeatable

    def read(self, request: Request) -> M:
        """Read the parameters of one request.

        Raises:
            RequestValidationError, InvalidRequest: they do not make sense.
        """
        try:
            return self._model.model_validate(self._collect(request.scope["query_string"]))
        except ValidationError as error:
            problems = [{**found, "loc": ("query", *found["loc"])} for found in error.errors()]
            raise RequestValidationError(problems) from error

    def _collect(self, query: bytes) -> dict[str, Any]:
        if query.count(b"&") >= _MAX_PARAMETERS:
            raise InvalidRequest("There are too many parameters.")
        found: dict[str, Any] = {}
        for name, text in parse_qsl(query.decode("utf-8", "replace"), keep_blank_values=True):
            if name in self._repeatable:
                found.setdefault(name, []).append(text)
            elif name in found:
                raise InvalidRequest("A parameter is given more than once.")
            else:
                found[name] = text
        return found


def query_parameters(model: type[BaseModel]) -> dict[str, Any]:
    """Describe the parameters of a model, for `openapi_extra`."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    required = schema.get("required", [])
    parameters = [
        {"name": name, "in": "query", "required": name in required, "schema": field}
        for name, field in _inlined(schema, schema.get("$defs", {}))["properties"].items()
    ]
    return {"parameters": parameters}


def _inlined(node: Any, definitions: dict[str, Any]) -> Any:
    """Replace references to definitions by what they say; parameters have no place of their own."""
    if isinstance(node, list):
        return [_inlined(child, definitions) for child in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        named = definitions[node["$ref"].rsplit("/", 1)[-1]]
        rest = {key: child for key, child in node.items() if key != "$ref"}
        return {**_inlined(named, definitions), **_inlined(rest, definitions)}
    return {key: _inlined(child, definitions) for key, child in node.items()}

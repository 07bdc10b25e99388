"""The OpenAPI document in the spelling that answers have."""

from typing import Any

from app.domain.spelling import Spelling


def respelled(document: dict[str, Any], spelling: Spelling) -> dict[str, Any]:
    """Spell the fields of every answer; parameters keep their names."""
    schemas = document.get("components", {}).get("schemas", {})
    changed = {name: _respelled(schema, spelling) for name, schema in schemas.items()}
    return {**document, "components": {**document.get("components", {}), "schemas": changed}}


def _respelled(schema: dict[str, Any], spelling: Spelling) -> dict[str, Any]:
    if "properties" not in schema:
        return schema
    properties = {spelling(name): field for name, field in schema["properties"].items()}
    required = [spelling(name) for name in schema.get("required", [])]
    return {**schema, "properties": properties, "required": required}

"""The OpenAPI document: what clients are built from, so it changes only on purpose."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.core.config import ApiCase, Environment, Settings
from app.main import create_app

SNAPSHOT = Path(__file__).resolve().parents[3] / "docs" / "openapi.json"


def document(**changes: object) -> dict[str, Any]:
    settings = Settings()
    defaults = {"api_case": ApiCase.SNAKE, "environment": Environment.DEVELOPMENT}
    settings.app = settings.app.model_copy(update=defaults | changes)
    return create_app(settings).openapi()


def test_the_snapshot_is_current() -> None:
    """Regenerate it with `./alpha openapi > docs/openapi.json`."""
    assert json.loads(SNAPSHOT.read_text()) == json.loads(json.dumps(document()))


def test_every_operation_has_a_stable_name_and_a_model() -> None:
    operations = [operation for path in document()["paths"].values() for operation in path.values()]

    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))
    for operation in operations:
        if "204" in operation["responses"]:
            assert "content" not in operation["responses"]["204"]
            continue
        (content,) = operation["responses"]["200"]["content"].values()
        assert content["schema"]["$ref"].startswith("#/components/schemas/")


def answers_and_bodies() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the schemas of answers, and of what requests send."""
    schemas = document()["components"]["schemas"]
    bodies = {name: schema for name, schema in schemas.items() if name.endswith("In")}
    return {name: schemas[name] for name in schemas if name not in bodies}, bodies


def test_no_answer_holds_a_free_form_object() -> None:
    """Their keys could not be told from ours when keys are spelled in camelCase."""
    for schema in answers_and_bodies()[0].values():
        assert schema["type"] != "object" or schema["properties"]
        assert "additionalProperties" not in str(schema)


def test_all_fields_of_answers_are_always_there() -> None:
    for name, schema in answers_and_bodies()[0].items():
        if schema["type"] == "object":
            assert schema["required"] == list(schema["properties"]), name


def test_bodies_hold_nothing_but_their_fields() -> None:
    bodies = answers_and_bodies()[1]

    assert bodies
    for name, schema in bodies.items():
        assert schema["additionalProperties"] is False, name


@pytest.mark.parametrize(("case", "name"), [("snake", "close_at"), ("camel", "closeAt")])
def test_the_document_is_spelled_as_the_answers(case: str, name: str) -> None:
    schemas = document(api_case=ApiCase(case))["components"]["schemas"]

    assert name in schemas["MarketOut"]["properties"]
    assert name in schemas["MarketOut"]["required"]


def test_the_document_can_be_had_in_production() -> None:
    assert document(environment=Environment.PRODUCTION)["paths"]

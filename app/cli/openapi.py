"""`alpha openapi`: prints the OpenAPI document (`./alpha openapi > docs/openapi.json`)."""

import json
import sys

from uvicorn.importer import import_from_string


def openapi() -> None:
    """Print the OpenAPI document as JSON; needs no database."""
    create_app = import_from_string("app.main:create_app")  # roots do not import each other
    document = create_app().openapi()
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")

"""Routes that need a person say so in the OpenAPI document."""

from app.core.config import Settings
from app.main import create_app
from tests.integration.api.person_routes import router


def test_the_bearer_scheme_is_on_routes_that_need_a_person() -> None:
    app = create_app(Settings())
    app.router.routes.extend(router.routes)
    app.openapi_schema = None

    document = app.openapi()

    scheme = document["components"]["securitySchemes"]["accessToken"]
    assert (scheme["type"], scheme["scheme"], scheme["bearerFormat"]) == ("http", "bearer", "JWT")
    for path in ("/v1/test/me", "/v1/test/named"):
        operation = document["paths"][path]["get"]
        assert operation["security"] == [{"accessToken": []}]
        assert {"401", "503"} <= operation["responses"].keys()
    assert "security" not in document["paths"]["/v1/markets"]["get"]

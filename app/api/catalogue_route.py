"""The route class of catalogue reads: repeated requests and 304s never reach the parser."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from app.api.answers import AnswerResponse, respond
from app.api.deps import web_of

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class CatalogueRoute(APIRoute):
    """Serves a fresh answer by path and query as they were sent, else asks the endpoint.

    The endpoint is not asked while the catalogue was never filled (503). It returns an
    `AnswerResponse`, which here becomes a 304 for who has its ETag.
    """

    needs_catalogue = True

    def get_route_handler(self) -> Handler:
        """Wrap the handler that validates parameters and calls the endpoint."""
        ask = super().get_route_handler()

        async def serve(request: Request) -> Response:
            scope = request.scope
            web = web_of(request)
            words = (scope["path"], scope["query_string"])
            answer = web.pages.find(words)
            if answer is None:
                if self.needs_catalogue:
                    await web.readiness.require()
                response = await ask(request)
                if not isinstance(response, AnswerResponse):
                    return response
                answer = response.answer
                web.pages.keep(words, answer)
            return respond(answer, scope["headers"])

        return serve


class CachedRoute(CatalogueRoute):
    """The same for what does not need a filled catalogue."""

    needs_catalogue = False

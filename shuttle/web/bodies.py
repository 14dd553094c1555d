"""A route that reads its request itself: for the one that eight drivers' taps go through.

FastAPI looks for a route and at every parameter of it anew with each request, which costs more than storing the count. A
`DirectRoute` gets the request and nothing else: the body goes straight to Pydantic, with the same answers to what cannot be
read, and `documented` says in /openapi.json what FastAPI would have said. `DirectRoutesFirst` asks these few before all others.
"""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from shuttle.domain.errors import ShuttleError
from shuttle.web.problems import answer_to, from_validation

Body = TypeVar("Body", bound=BaseModel)


class DirectRoute(APIRoute):
    """A route whose endpoint is `async (request) -> Response`, called as it stands."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        return self.endpoint


class DirectRoutesFirst:
    """Stands last before the router, which still answers for these routes where the method is another."""

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self.app = app
        direct = [route for route in routes if isinstance(route, DirectRoute)]
        self._known = [
            (route, method, route.path_regex.fullmatch) for route in direct for method in route.methods or ()
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            method, path = scope["method"], scope["path"]
            for route, its_method, match in self._known:
                if method == its_method and (found := match(path)):
                    scope["route"], scope["path_params"] = route, found.groupdict()
                    await (await self._answer(route, Request(scope, receive)))(scope, receive, send)
                    return
        await self.app(scope, receive, send)

    async def _answer(self, route: DirectRoute, request: Request) -> Response:
        try:
            answer: Response = await route.endpoint(request)
        except ShuttleError as error:
            return await answer_to(request, error)
        except RequestValidationError as error:
            return await answer_to(request, from_validation(error))
        return answer


async def read_body(request: Request, shape: type[Body]) -> Body:
    """The body in its shape. Raises RequestValidationError, as FastAPI does, also for another media type than JSON."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json" and not (
        media_type.startswith("application/") and media_type.endswith("+json")
    ):
        raise RequestValidationError(
            [
                {
                    "type": "media_type",
                    "loc": ("header", "content-type"),
                    "msg": "the body must be application/json",
                    "input": media_type,
                }
            ]
        )
    try:
        return shape.model_validate_json(await request.body())
    except ValidationError as error:
        found = error.errors(include_url=False)
        raise RequestValidationError([{**item, "loc": ("body", *item["loc"])} for item in found]) from None


def given_flag(request: Request, name: str) -> bool:
    """A parameter of the query that is true, false or not there. Raises RequestValidationError for anything else."""
    given = request.query_params.get(name, "false")
    if given not in ("true", "false"):
        fault = {"type": "flag", "loc": ("query", name), "msg": "must be true or false", "input": given}
        raise RequestValidationError([fault])
    return given == "true"


def documented(shape: type[BaseModel], *parameters: dict[str, Any]) -> dict[str, Any]:
    """What /openapi.json says of a route that reads its body by `read_body`: for `openapi_extra`."""
    return {
        "parameters": list(parameters),
        "requestBody": {"required": True, "content": {"application/json": {"schema": shape.model_json_schema()}}},
    }

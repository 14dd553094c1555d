"""Error responses: RFC 9457 problem documents for programs, an error page for people.

`type` is `urn:shuttle:<code>` and is stable. `detail` says what was given and what is allowed; faults in a body or a file stand in
`errors`. Internal causes are logged, never shown.
"""

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from shuttle.domain.basics.errors import (
    Fault,
    Invalid,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Refused,
    ShuttleError,
    TooMany,
    Unavailable,
)
from shuttle.web.server.request_log import REQUEST

log = logging.getLogger("shuttle.web")

MOST_FAULTS = 50
"""Faults of a request that are told; a person corrects the first ones and sends again."""

STATUS: dict[type[ShuttleError], int] = {
    Invalid: 422,
    NotFound: 404,
    Refused: 409,
    NotSignedIn: 401,
    NotAllowed: 403,
    TooMany: 429,
    Unavailable: 503,
}
STATUS_OF_CODE = {
    "idempotency-key-missing": 400,
    "body-too-large": 413,
    "body-too-scattered": 413,
    "body-too-slow": 408,
    "unreadable-body": 400,
    "unknown-host": 400,
}
"""Codes whose status differs from that of their class."""

RETRYABLE = (429, 503)
RETRY_SOON = {"Retry-After": "2"}
"""Seconds after which a client may try again (RFC 9110 section 10.2.3)."""

WhoFirst = Callable[[Request, ShuttleError], Awaitable[ShuttleError]]
"""Who before what: the denial to answer in place of an error, or the error itself."""

ErrorPage = Callable[[Request, int, ShuttleError], Awaitable[Response]]

PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}
ANY_PROBLEM: dict[int | str, dict[str, Any]] = {
    status: {"description": HTTPStatus(status).phrase, "content": {"application/problem+json": {"schema": PROBLEM}}}
    for status in (400, 401, 403, 404, 408, 409, 413, 422, 429, 503)
}
"""For `responses=` of a router: the problems that any route may answer."""


def status_of(error: ShuttleError) -> int:
    """The HTTP status of an error: by its code, else by its class."""
    return STATUS_OF_CODE.get(error.code) or STATUS[type(error)]


def problem(error: ShuttleError, status: int | None = None) -> Response:
    """The response with the problem document of an error."""
    status = status or status_of(error)
    document: dict[str, Any] = {
        "type": f"urn:shuttle:{error.code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": error.detail,
    }
    if request_id := REQUEST.get():
        document["request_id"] = request_id
    if error.given:
        document["given"] = error.given
    if error.allowed:
        document["allowed"] = error.allowed
    if error.faults:
        document["errors"] = [_fault_document(fault) for fault in error.faults]
    return Response(orjson.dumps(document), status, headers=_headers(status), media_type="application/problem+json")


def _fault_document(fault: Fault) -> dict[str, Any]:
    shown = ("what", "where", "line", "given", "allowed")
    return {name: value for name in shown if (value := getattr(fault, name)) not in ("", None)}


def _headers(status: int) -> dict[str, str]:
    if status == 401:
        return {"WWW-Authenticate": "Bearer", "Cache-Control": "no-store"}
    return {"Cache-Control": "no-store", **(RETRY_SOON if status in RETRYABLE else {})}


def _route(request: Request) -> str:
    """The route template, for the log: the path itself may hold a secret."""
    return getattr(request.scope.get("route"), "path", "no route")


def install(app: FastAPI, error_page: ErrorPage, who_first: WhoFirst) -> None:
    """Add exception handlers: an error becomes a problem document or, on a page, a message in the reader's language."""

    async def answer(request: Request, error: ShuttleError, status: int | None = None) -> Response:
        asked = await who_first(request, error)
        if asked is not error:
            error, status = asked, None
        if error.inside:
            log.warning("%s: %s", _route(request), error.whole)
        path = request.url.path
        is_page = not path.startswith(("/api/", "/feeds/", "/healthz", "/readyz", "/metrics", "/openapi.json"))
        if not is_page:
            return problem(error, status)
        page = await error_page(request, status or status_of(error), error)
        if page.status_code in RETRYABLE:
            page.headers.update(RETRY_SOON)
        return page

    async def from_shuttle(request: Request, error: Exception) -> Response:
        assert isinstance(error, ShuttleError)
        return await answer(request, error)

    async def from_fastapi(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return await answer(request, invalid_from(error))

    async def from_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        kind = NotFound if error.status_code == 404 else Invalid
        code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
        response = await answer(
            request, kind(code, f"{request.method} {request.url.path}: {error.detail}"), error.status_code
        )
        for name, value in (error.headers or {}).items():
            response.headers[name] = value
        return response

    async def unexpected(request: Request, error: Exception) -> Response:
        log.error("unexpected error in %s %s", request.method, _route(request), exc_info=error)
        return await answer(
            request, Unavailable("internal-error", "an unexpected error happened; it has been logged"), 500
        )

    app.add_exception_handler(ShuttleError, from_shuttle)
    app.add_exception_handler(RequestValidationError, from_fastapi)
    app.add_exception_handler(HTTPException, from_http)
    app.add_exception_handler(Exception, unexpected)


async def answer_to(request: Request, error: ShuttleError) -> Response:
    """The response to an error raised by middleware; the same as for one raised by a route."""
    handler: Any = request.app.exception_handlers[ShuttleError]
    response: Response = await handler(request, error)
    return response


def invalid_from(error: RequestValidationError) -> Invalid:
    """Validation errors of Pydantic as Invalid (`unreadable-body`, `invalid-request`), with a fault for each of the first 50."""
    errors = error.errors()[:MOST_FAULTS]
    faults = [
        Fault(what=_message(item), where=".".join(str(part) for part in item["loc"]), given=_short(item.get("input")))
        for item in errors
    ]
    code = "unreadable-body" if any(item["type"] == "json_invalid" for item in errors) else "invalid-request"
    return Invalid(code, "; ".join(str(fault) for fault in faults) or "the request cannot be read", faults=faults)


def _message(item: dict[str, Any]) -> str:
    """FastAPI hands a body of another media type on as bytes; then the message names the Content-Type."""
    is_unread = item["loc"] == ("body",) and isinstance(item.get("input"), bytes)
    return (
        "the Content-Type of the body must be application/json"
        if is_unread
        else item["msg"].removeprefix("Value error, ")
    )


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."

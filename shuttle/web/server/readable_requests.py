"""Text validation of requests: path, query and body must be readable text, as JSON or as a form.

Checked once before any route. No route, database, feed or page then meets a control character or half of a surrogate pair from a
client, escaped or not.
"""

import json
from urllib.parse import unquote_plus

from starlette.types import Scope

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.texts import check_readable


def check_address(scope: Scope) -> None:
    """Check path and query. Raises Invalid (`unreadable-character`, `not-utf-8`)."""
    check_readable(scope["path"], "the path")
    if scope["query_string"]:
        check_readable(_unquoted(scope["query_string"], "the query"), "the query")


def check_body(scope: Scope, body: bytes) -> None:
    """Raises Invalid (`unreadable-character`, `not-utf-8`, `unreadable-body`). Text that is not JSON is left to the route."""
    if not body:
        return
    kind = next((value for name, value in scope["headers"] if name == b"content-type"), b"").lower()
    if kind.startswith(b"application/x-www-form-urlencoded"):
        check_readable(_unquoted(body, "the form"), "the form")
        return
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise Invalid("unreadable-body", "the body is not UTF-8 text", allowed="JSON in UTF-8") from None
    check_readable(text, "the body")
    if b"\\u" in body and b"json" in kind:
        _check_json(body)


def _check_json(body: bytes) -> None:
    """Check every string of a JSON document: an escape (`\\u0000`) may hide an unreadable character."""
    try:
        values = [json.loads(body)]
    except (ValueError, RecursionError):
        return
    while values:
        value = values.pop()
        if isinstance(value, str):
            check_readable(value, "the body")
        elif isinstance(value, dict):
            values.extend(value)
            values.extend(value.values())
        elif isinstance(value, list):
            values.extend(value)


def _unquoted(text: bytes, what: str) -> str:
    try:
        return unquote_plus(text.decode("ascii", "surrogateescape"), errors="strict")
    except UnicodeError:
        raise Invalid("not-utf-8", f"{what} is not UTF-8 text", allowed="text in UTF-8") from None

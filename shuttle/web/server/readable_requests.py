"""Validation of requests before any route: readable text, and a size that is cheap to parse, as JSON or as a form.

No route, database, feed or page meets a control character or half of a surrogate pair from a client, escaped or not. A parser's
cost follows the number of values, not of bytes: a mebibyte of 80,000 keys, each of them a fault, takes seconds in which no other
request is answered. Values and nesting are counted first.
"""

import json
import re
from urllib.parse import unquote_plus

from starlette.types import Scope

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.texts import check_readable

MOST_VALUES = 5000
"""Keys and values of a JSON document together; the largest that our pages and programs send has a few hundred."""

DEEPEST = 16
"""Lists and objects within each other; the deepest of ours is 4."""

MOST_INPUTS = 1000
"""Inputs of a form, empty ones included."""

PICTURES = "/picture"
"""End of the paths whose forms have a file; their routes check the texts beside it."""

_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")


def check_address(scope: Scope) -> None:
    """Check path and query. Raises Invalid (`unreadable-character`, `not-utf-8`)."""
    check_readable(scope["path"], "the path")
    if scope["query_string"]:
        check_readable(_unquoted(scope["query_string"], "the query"), "the query")


def check_body(scope: Scope, body: bytes) -> None:
    """Raises Invalid (`unreadable-character`, `not-utf-8`, `unreadable-body`, `too-many-values`, `too-deep`).

    Text that is not JSON is left to the route, and so is a form with a picture.
    """
    if not body:
        return
    kind = next((value for name, value in scope["headers"] if name == b"content-type"), b"").lower()
    if kind.startswith(b"application/x-www-form-urlencoded"):
        _check_number(body.count(b"&") + 1, MOST_INPUTS, "the form has too many inputs")
        check_readable(_unquoted(body, "the form"), "the form")
        return
    if kind.startswith(b"multipart/form-data") and scope["path"].endswith(PICTURES):
        return
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise Invalid("unreadable-body", "the body is not UTF-8 text", allowed="JSON in UTF-8") from None
    check_readable(text, "the body")
    if b"json" in kind:
        _check_size(body)
        if b"\\u" in body:
            _check_json(body)


def _check_size(body: bytes) -> None:
    """Count keys, values, lists and objects, and then nesting, outside of strings.

    A number without end costs the parser nothing: Python refuses it.
    """
    structure = _STRING.sub(b"", body)
    begun = sum(structure.count(mark) for mark in (b",", b":", b"[", b"{"))
    ended = structure.count(b"]") + structure.count(b"}")
    _check_number(max(begun, ended), MOST_VALUES, "the body has too many values")
    depth = deepest = 0
    for mark in _BRACKET.findall(structure):
        depth += 1 if mark in b"[{" else -1
        deepest = max(deepest, depth)
    if deepest > DEEPEST:
        what = "the body has too many lists and objects within each other"
        raise Invalid("too-deep", f"{what}: {deepest}; allowed: at most {DEEPEST}", given=deepest, allowed=str(DEEPEST))


def _check_number(number: int, most: int, what: str) -> None:
    if number > most:
        raise Invalid("too-many-values", f"{what}: {number}; allowed: at most {most}", given=number, allowed=str(most))


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

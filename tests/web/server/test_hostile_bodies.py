"""Bodies that nobody's program writes: refused by their size before they are parsed, and never an unexpected error.

A fuzzer of ours, since schemathesis sends what a schema describes: here every route that reads a body gets one of any kind.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shuttle.domain.access.permissions import Person, Role
from shuttle.services.access.accounts import create_token
from shuttle.services.app_context import AppContext
from shuttle.settings import Settings
from shuttle.web.app import create_app
from shuttle.web.server.readable_requests import DEEPEST, MOST_INPUTS, MOST_VALUES
from tests.conftest import a_database
from tests.web.server.test_who_may import routes

CHANGES = "/api/v1/changes"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
KINDS = (JSON, FORM, "application/merge-patch+json", "multipart/form-data; boundary=x", "text/plain", "")


@pytest.fixture
def database_url(tmp_path: Path) -> Iterator[str]:
    yield from a_database("sqlite", tmp_path, filled=True)


@pytest.fixture
def admin(context: AppContext) -> Iterator[TestClient]:
    with context.transaction() as session:
        token = create_token(session, Person("a", "Admin", Role.ADMIN), Role.ADMIN, "desk", context.now())
    unlimited = Settings(writes_a_minute=0, sign_ins_a_minute=0)
    with TestClient(create_app(context, unlimited), raise_server_exceptions=False) as client:
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"[" * 1_000_000, "too-many-values"),
        (b'{"a":' * 150_000 + b"1" + b"}" * 150_000, "too-many-values"),
        (b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), "too-deep"),
        (b"]" * 1_000_000, "too-many-values"),
        (b"[" + b"[]," * 300_000 + b"[]]", "too-many-values"),
        (json.dumps({f"key {number}": number for number in range(50_000)}).encode(), "too-many-values"),
        (b'["' + b'\\"' * 400_000, "unreadable-body"),
    ],
)
def test_json_that_is_dear_to_parse_is_refused_unparsed(admin: TestClient, body: bytes, code: str) -> None:
    answer = admin.post(CHANGES, content=body, headers={"Content-Type": JSON})
    assert (answer.status_code in (400, 422), answer.json()["type"]) == (True, f"urn:shuttle:{code}")


def test_what_stands_in_a_string_is_one_value(admin: TestClient) -> None:
    text = ',:[{"\\' * MOST_VALUES
    answer = admin.post(CHANGES, content=json.dumps({"kind": text}).encode(), headers={"Content-Type": JSON})
    assert answer.json()["type"] == "urn:shuttle:invalid-request"


def test_the_limits_of_json_are_allowed(admin: TestClient) -> None:
    for body in (b"[" * DEEPEST + b"]" * DEEPEST, b"[" + b"1," * (MOST_VALUES - 1) + b"1]"):
        answer = admin.post(CHANGES, content=body, headers={"Content-Type": JSON})
        assert answer.json()["type"] == "urn:shuttle:invalid-request"


def test_a_form_has_no_more_inputs_than_a_page(admin: TestClient) -> None:
    for body in (b"&" * 1_000_000, b"a=1&" * MOST_INPUTS):
        assert admin.post("/login", content=body, headers={"Content-Type": FORM}).status_code == 422


def test_the_first_faults_of_a_request_are_told(admin: TestClient) -> None:
    body = json.dumps({f"key {number}": number for number in range(1000)}).encode()
    errors = admin.post(CHANGES, content=body, headers={"Content-Type": JSON}).json()["errors"]
    assert len(errors) == 50


def values() -> st.SearchStrategy[object]:
    """Any JSON, with the keys, dates and numbers that our routes read."""
    keys = st.sampled_from(["kind", "from", "to", "stop", "trip", "departs_at", "scenario", "day_type", "calls", ""])
    texts = st.sampled_from(["2026-11-24", "0001-01-01", "9999-12-31T23:59:59-14:00", "25:10", "cancel", "id='", "a=["])
    leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | texts
    return st.recursive(leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=6))


def bodies() -> st.SearchStrategy[bytes]:
    as_json = values().map(lambda value: json.dumps(value).encode())
    cut = st.tuples(as_json, st.integers(0, 40), st.binary(max_size=4)).map(
        lambda parts: parts[0][: parts[1]] + parts[2] + parts[0][parts[1] :]
    )
    form = st.lists(st.tuples(st.text("abcdeftrips_from", max_size=9), st.text(max_size=9)), max_size=9)
    as_form = form.map(lambda pairs: "&".join(f"{name}={value}" for name, value in pairs).encode("utf-8", "replace"))
    part = st.binary(max_size=60).map(lambda text: b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + text)
    return as_json | cut | as_form | part | st.binary(max_size=60)


WRITES = [
    (method, path.replace("{day}", "2026-11-24").replace("{", "").replace("}", ""))
    for method, path in routes()
    if method in ("POST", "PUT", "DELETE")
]


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(route=st.sampled_from(WRITES), body=bodies(), kind=st.sampled_from(KINDS), query=st.text(max_size=9))
def test_no_body_causes_an_unexpected_error(
    admin: TestClient, route: tuple[str, str], body: bytes, kind: str, query: str
) -> None:
    method, path = route
    headers = {"Content-Type": kind, "Idempotency-Key": "k"}
    answer = admin.request(method, path, content=body, headers=headers, params={"next": query})
    assert answer.status_code < 500 and "Traceback" not in answer.text, (method, path, answer.status_code)

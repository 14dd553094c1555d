"""Sign-in with a certified OpenID provider: the program follows the standard."""

import logging
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import orjson
import pytest
from fastapi.testclient import TestClient

from shuttle.services.app_context import AppContext
from shuttle.settings import Settings
from shuttle.web.app import create_app
from tests.web.pages.access.certified_provider import (
    CLIENT,
    HIGH,
    PEOPLE,
    SECRET,
    CertifiedProvider,
    certified_provider,
    signed_in_there,
)
from tests.web.pages.access.test_provider_login import all_kept, invited, is_refused

HERE = "http://testserver"
Program = Callable[..., TestClient]

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


@pytest.fixture(scope="module")
def running() -> Iterator[CertifiedProvider]:
    with certified_provider() as provider:
        yield provider


@pytest.fixture
def provider(running: CertifiedProvider) -> CertifiedProvider:
    """Knows the program by its secret, whatever the test before it wanted."""
    running.knows(HERE)
    return running


@pytest.fixture
def program(context: AppContext, provider: CertifiedProvider) -> Iterator[Program]:
    """A browser at an installation that is set to the provider."""
    context.now = lambda: datetime.now(UTC)
    opened: list[TestClient] = []

    def make(secret: str = SECRET, **more: Any) -> TestClient:
        settings = Settings(
            oidc_issuer=provider.issuer,
            oidc_client_id=CLIENT,
            oidc_client_secret=secret,  # type: ignore[arg-type]
            **more,
        )
        client = TestClient(create_app(context, settings), raise_server_exceptions=False, follow_redirects=False)
        opened.append(client.__enter__())
        return client

    yield make
    for client in opened:
        client.__exit__(None, None, None)


def sent_back(client: TestClient, start: str, who: str = "kari") -> str:
    """Begins here and signs in there; the address to come back to."""
    sent_off = client.get(start)
    assert sent_off.status_code == 303, sent_off.text
    return signed_in_there(sent_off.headers["location"], who, HERE)


def sign_in(client: TestClient, start: str = "/login/provider", who: str = "kari") -> Any:
    return client.get(sent_back(client, start, who))


@pytest.mark.parametrize(
    ("method", "methods", "algorithm", "subject", "kept"),
    [
        ("client_secret_basic", ["client_secret_basic", "client_secret_post"], "RS256", "sub", "kari"),
        ("client_secret_post", ["client_secret_post", "private_key_jwt"], "ES256", "oid", "object-of-kari"),
        ("none", ["none", "client_secret_basic"], "PS256", "sub", "kari"),
    ],
)
def test_each_client_proof_and_signature_is_accepted_and_no_pid_stored(
    context: AppContext,
    program: Program,
    provider: CertifiedProvider,
    caplog: pytest.LogCaptureFixture,
    method: str,
    methods: list[str],
    algorithm: str,
    subject: str,
    kept: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    provider.knows(HERE, method, algorithm, methods)
    client = program(
        "" if method == "none" else SECRET, oidc_subject=subject, oidc_role_claim="groups", oidc_roles="desk=staff"
    )
    assert sign_in(client).status_code == 303
    assert client.get("/staff").status_code == 200
    assert f"{provider.issuer} {kept}" in all_kept(context)
    for where in (all_kept(context), caplog.text):
        assert where and not any(person["pid"] in where for person in PEOPLE.values())


def test_a_wrong_secret_is_refused_and_the_log_says_what_to_look_at(
    context: AppContext, program: Program, caplog: pytest.LogCaptureFixture
) -> None:
    assert is_refused(sign_in(program("another"), f"{invited(context)}/provider"))
    assert "SHUTTLE_OIDC_CLIENT_SECRET" in caplog.text and "another" not in caplog.text


def test_new_keys_between_two_sign_ins_are_found(
    context: AppContext, program: Program, provider: CertifiedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shuttle.services.access.identity_provider.KEY_REFRESH_SECONDS", 0.0)
    client = program()
    assert sign_in(client, f"{invited(context)}/provider").status_code == 303
    provider.takes_new_keys()
    assert sign_in(client).status_code == 303


def test_the_strength_is_asked_for_and_a_weaker_sign_in_is_refused(context: AppContext, program: Program) -> None:
    client = program(oidc_acr=HIGH)
    assert is_refused(sign_in(client, f"{invited(context, 'Ola')}/provider", "ola"))
    assert sign_in(client, f"{invited(context)}/provider", "kari").status_code == 303


def test_a_code_is_refused_without_the_verifier_of_its_browser(context: AppContext, program: Program) -> None:
    client = program()
    back = sent_back(client, f"{invited(context)}/provider")
    values = orjson.loads(urlsafe_b64decode(client.cookies["shuttle_attempt"]))
    values[2] = "v" * len(values[2])
    client.cookies.set("shuttle_attempt", urlsafe_b64encode(orjson.dumps(values)).decode(), domain="testserver.local")
    assert is_refused(client.get(back))


def test_an_answer_without_the_issuer_is_refused_where_it_is_announced(context: AppContext, program: Program) -> None:
    client = program()
    there = urlsplit(sent_back(client, f"{invited(context)}/provider"))
    answer = dict(parse_qsl(there.query))
    assert answer.pop("iss").startswith("http://localhost:")
    assert is_refused(client.get(f"{there.path}?{urlencode(answer)}"))

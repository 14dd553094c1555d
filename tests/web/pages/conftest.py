"""Clients that are signed in with an ordinary session."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Person, Role
from shuttle.services.access.accounts import add_account, use_link
from shuttle.services.app_context import AppContext
from shuttle.web.server.identity import COOKIE

PASSWORD = "en lang og god setning"
ADMIN = Person("root", "root", Role.ADMIN)

SignIn = Callable[[Role], TestClient]


def session_of(context: AppContext, role: Role, name: str = "") -> str:
    """The secret of a session of a new account with the role."""
    name = name or f"kari-{role}"
    with context.transaction() as session:
        link = add_account(session, ADMIN, name, role, context.now())
    return use_link(context, link, name, PASSWORD).secret


@pytest.fixture
def signed_in(client: TestClient, context: AppContext) -> SignIn:
    """The client with a session of the role; what it sends comes from our own page, as a browser would say."""

    def sign(role: Role) -> TestClient:
        client.cookies.set(COOKIE, session_of(context, role))
        client.headers["sec-fetch-site"] = "same-origin"
        return client

    return sign

"""The application on a real database, called over ASGI in this process."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from shuttle.services.app_context import AppContext
from shuttle.settings import Settings
from shuttle.web.app import create_app


@pytest.fixture
def client(context: AppContext) -> Iterator[TestClient]:
    with TestClient(create_app(context, Settings()), raise_server_exceptions=False) as client:
        yield client

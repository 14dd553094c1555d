"""Wheelchairs are counted only where the setting says so."""

import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Role
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.rollup import check
from shuttle.settings import Settings
from shuttle.web.app import create_app
from tests.web.api.test_boardings import ADMIN, PATH, post, token


def asking(context: AppContext, count_wheelchairs: bool, role: Role = Role.STAFF) -> TestClient:
    settings = Settings(count_wheelchairs=count_wheelchairs)
    headers = {"Authorization": f"Bearer {token(context, role)}"}
    return TestClient(create_app(context, settings), raise_server_exceptions=False, headers=headers)


def test_unless_it_is_decided_they_are_not_counted() -> None:
    assert Settings().count_wheelchairs is False


def test_without_the_setting_wheelchairs_are_refused_and_nothing_stored(context: AppContext) -> None:
    with asking(context, count_wheelchairs=False) as client:
        status, problem = post(client, wheelchairs=0)
        assert (status, problem["type"]) == (422, "urn:shuttle:wheelchairs-not-counted")
        assert client.get(PATH).json()["stops"][0]["observations"] == []
        assert post(client)[0] == 201, "a count without the figure"


def test_with_the_setting_wheelchairs_are_stored_with_the_count(context: AppContext) -> None:
    with asking(context, count_wheelchairs=True) as client:
        _, first = post(client, wheelchairs=1)
        assert post(client, wheelchairs=1) == (200, {**first, "replayed": True})
        assert post(client, wheelchairs=0)[0] == 422, "the key was used for another count"
        (observation,) = client.get(PATH).json()["stops"][0]["observations"]
    assert observation["wheelchairs"] == 1
    assert check(context, ADMIN) == []


@pytest.mark.parametrize("counted", [False, True])
@pytest.mark.parametrize(("page", "role"), [("/driver", Role.ADMIN), ("/staff?stop=vagsbunnen", Role.ADMIN)])
def test_the_pages_ask_for_them_only_where_they_are_counted(
    context: AppContext, page: str, role: Role, counted: bool
) -> None:
    with asking(context, counted, role) as client:
        answer = client.get(page)
    assert answer.status_code == 200
    assert 'data-field="boardings"' in answer.text
    assert ('data-field="wheelchairs"' in answer.text) is counted

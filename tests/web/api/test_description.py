"""The API against its OpenAPI description: no input causes a 5xx, and every response is a described one.

Schemathesis makes requests from /openapi.json, good ones and bad ones, signed in as every role and not at all.
SHUTTLE_EXAMPLES sets how many for each operation.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis.stateful import run_state_machine_as_test
from schemathesis.specs.openapi.checks import positive_data_acceptance

from shuttle.domain.access.permissions import Person, Role
from shuttle.services.access.accounts import create_token
from shuttle.services.app_context import AppContext
from shuttle.services.operation.installation import open_app_context
from shuttle.settings import Settings
from shuttle.web.app import create_app
from tests.conftest import NOON, OSLO, a_database

pytestmark = pytest.mark.slow

EXAMPLES = int(os.environ.get("SHUTTLE_EXAMPLES", "8"))
AT_LENGTH = EXAMPLES > 8
"""Then chains of requests are made by every role, else by an administrator alone."""

# What no schema can say (a stop that nobody knows, a date that runs backwards) is refused with 422, though it is well formed.
ADMIN = Person("a", "Admin", Role.ADMIN)


@pytest.fixture
def described(tmp_path: Path) -> Iterator[AppContext]:
    """One house for all examples of a test: what the examples before left behind is part of the trial."""
    for url in a_database("sqlite", tmp_path, filled=True):
        context = open_app_context(url, OSLO)
        context.now = lambda: NOON
        yield context
        context.close()


@pytest.fixture
def api(described: AppContext) -> Any:
    """An application for each test: schemathesis starts it with the first request, and ends it with the test."""
    return schemathesis.openapi.from_asgi("/openapi.json", create_app(described, Settings()))


@pytest.fixture
def tokens(described: AppContext) -> dict[Role | None, str]:
    with described.transaction() as session:
        made: dict[Role | None, str] = {role: create_token(session, ADMIN, role, f"a {role}", NOON) for role in Role}
    return {None: "", **made}


def test_every_answer_is_as_described(api: Any, tokens: dict[Role | None, str]) -> None:
    faults = []
    for result in api.get_all_operations():
        operation = result.ok()
        try:
            _try(operation, tokens)
        except (Exception, BaseExceptionGroup) as fault:
            faults.append(f"{operation.label}: {fault!r}\n{_reasons(fault)}")
    assert not faults, "\n\n".join(faults)


def _try(operation: Any, tokens: dict[Role | None, str]) -> None:
    @hypothesis.settings(
        max_examples=EXAMPLES, suppress_health_check=list(hypothesis.HealthCheck), deadline=None, database=None
    )
    @hypothesis.given(case=operation.as_strategy())
    def every_role_gets_an_announced_answer(case: Any) -> None:
        for role, token in tokens.items():
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            answer = case.call(headers=headers)
            case.validate_response(answer, headers=headers, excluded_checks=[positive_data_acceptance])
            if role is None and answer.status_code < 300:
                assert operation.method.upper() in ("GET", "HEAD"), "nobody changes anything without signing in"

    every_role_gets_an_announced_answer()


def test_what_one_answer_names_can_be_asked_for_next(api: Any, tokens: dict[Role | None, str]) -> None:
    """Chains of requests, in which a later one takes what an earlier one made: drafts that are edited, published, withdrawn."""
    machine = api.as_state_machine()
    for role in tokens if AT_LENGTH else (Role.ADMIN,):
        chains = type("Chains", (machine,), _in_the_name_of(role, tokens[role]))
        settings = hypothesis.settings(
            max_examples=max(2, EXAMPLES // 4),
            stateful_step_count=12,
            suppress_health_check=list(hypothesis.HealthCheck),
            deadline=None,
            database=None,
        )
        run_state_machine_as_test(chains, settings=settings)


def _in_the_name_of(role: Role | None, token: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}

    def validate_response(_machine: Any, response: Any, case: Any, **_: Any) -> None:
        case.validate_response(response, headers=headers, excluded_checks=[positive_data_acceptance])
        if role is None and response.status_code < 300:
            assert case.operation.method.upper() in ("GET", "HEAD"), "nobody changes anything without signing in"

    return {"get_call_kwargs": lambda _machine, _case: {"headers": headers}, "validate_response": validate_response}


def _reasons(fault: BaseException) -> str:
    """What schemathesis found, a line each."""
    return "\n".join(str(one) for one in getattr(fault, "exceptions", ()))

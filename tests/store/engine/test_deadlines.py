"""Nobody waits longer for the database than their patience lasts."""

import threading
from contextvars import copy_context
from math import inf

import pytest
from sqlalchemy import text

from shuttle.domain.basics.errors import Unavailable
from shuttle.services.app_context import AppContext
from shuttle.store.engine.deadlines import LONGEST_ANSWER, deadline, left
from tests.conftest import KINDS

on_postgres = pytest.mark.parametrize("database_url", KINDS[1:], indirect=True)


def test_whoever_says_nothing_waits_for_each_answer_as_long_as_the_server_may_take() -> None:
    assert left() == LONGEST_ANSWER


def test_patience_runs_out_and_is_not_passed_on() -> None:
    with deadline(0):
        assert left() == 0
    assert left() == LONGEST_ANSWER


def test_a_whole_without_end_still_bears_no_single_answer_for_ever() -> None:
    with deadline(0) as patient:
        patient.lift()
        assert left() == LONGEST_ANSWER
    with deadline(each=inf):
        assert left() == inf


def test_a_thread_that_is_handed_the_context_shares_the_patience_of_the_request() -> None:
    seen: list[float] = []
    with deadline(0):
        context = copy_context()
    thread = threading.Thread(target=context.run, args=(lambda: seen.append(left()),))
    thread.start()
    thread.join()
    assert seen == [0]


@on_postgres
def test_an_answer_that_does_not_come_is_unavailable_and_the_next_one_comes(context: AppContext) -> None:
    with deadline(0.1), pytest.raises(Unavailable), context.reading() as session:
        session.execute(text("SELECT pg_sleep(60)"))
    with context.reading() as session:
        assert session.scalar(text("SELECT 1")) == 1


@on_postgres
def test_without_patience_no_connection_is_made(context: AppContext) -> None:
    with deadline(0), pytest.raises(Unavailable) as refused, context.reading() as session:
        session.execute(text("SELECT 1"))
    assert "no time left" in refused.value.whole

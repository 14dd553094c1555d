"""Deadlines of database work."""

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


def test_without_a_deadline_each_answer_has_the_longest_time() -> None:
    assert left() == LONGEST_ANSWER


def test_a_deadline_passes_and_ends_with_its_block() -> None:
    with deadline(0):
        assert left() == 0
    assert left() == LONGEST_ANSWER


def test_a_lifted_deadline_still_limits_each_answer() -> None:
    with deadline(0) as lifted:
        lifted.lift()
        assert left() == LONGEST_ANSWER
    with deadline(each=inf):
        assert left() == inf


def test_a_thread_with_a_copied_context_has_the_same_deadline() -> None:
    seen: list[float] = []
    with deadline(0):
        context = copy_context()
    thread = threading.Thread(target=context.run, args=(lambda: seen.append(left()),))
    thread.start()
    thread.join()
    assert seen == [0]


@on_postgres
def test_a_late_answer_is_unavailable_and_the_next_one_arrives(context: AppContext) -> None:
    with deadline(0.1), pytest.raises(Unavailable), context.reading() as session:
        session.execute(text("SELECT pg_sleep(60)"))
    with context.reading() as session:
        assert session.scalar(text("SELECT 1")) == 1


@on_postgres
def test_after_the_deadline_no_connection_is_opened(context: AppContext) -> None:
    with deadline(0), pytest.raises(Unavailable) as refused, context.reading() as session:
        session.execute(text("SELECT 1"))
    assert "no time left" in refused.value.whole

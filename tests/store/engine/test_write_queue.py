"""The write queue of SQLite: first in, first out, and no writer starves."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import PendingRollbackError

from shuttle.domain.basics.errors import Unavailable
from shuttle.store.engine import database
from shuttle.store.engine.database import FairLock, open_database, transaction

TRANSACTIONS = 8
ANYTHING = text("SELECT 1")
"""A transaction begins with its first statement, whatever it is."""


@pytest.fixture
def engines(tmp_path: Path) -> Iterator[list[Engine]]:
    """Two independent engines, as of two processes."""
    pair = [open_database(f"sqlite:///{tmp_path / 'turns.db'}") for _ in range(2)]
    with transaction(pair[0]) as session:
        session.execute(text("CREATE TABLE turns (who INTEGER)"))
    yield pair
    for engine in pair:
        engine.dispose()


def until(condition: Callable[[], bool]) -> None:
    """Waits without a tight limit: a busy machine may delay a thread for long."""
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end, "the condition never held"
        time.sleep(0.001)


def test_the_lock_goes_to_the_longest_waiting_thread() -> None:
    lock, order = FairLock(), list[int]()
    assert lock.acquire(0)

    def take(who: int) -> None:
        assert lock.acquire(120)
        order.append(who)
        lock.release()

    threads = [threading.Thread(target=take, args=(who,)) for who in range(8)]
    for number, thread in enumerate(threads, 1):
        thread.start()
        until(lambda number=number: lock.waiting == number)  # type: ignore[misc]
    lock.release()
    for thread in threads:
        thread.join()
    assert order == list(range(8))
    assert lock.acquire(0)


def test_a_releasing_thread_queues_behind_the_waiting_ones() -> None:
    lock, order = FairLock(), list[str]()
    assert lock.acquire(0)

    def take() -> None:
        assert lock.acquire(120)
        order.append("waiting")
        lock.release()

    thread = threading.Thread(target=take)
    thread.start()
    until(lambda: lock.waiting == 1)
    lock.release()
    assert lock.acquire(120)
    order.append("releasing")
    thread.join()
    assert order == ["waiting", "releasing"]


def test_a_timed_out_thread_leaves_the_queue() -> None:
    lock = FairLock()
    assert lock.acquire(0)
    assert not lock.acquire(0.01)
    assert lock.waiting == 0
    lock.release()
    assert lock.acquire(0)


def test_eight_constant_writers_lose_no_transaction(engines: list[Engine], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 120)
    faults: list[BaseException] = []

    def write(who: int) -> None:
        try:
            for _ in range(TRANSACTIONS):
                with transaction(engines[who % 2]) as session:
                    session.execute(text("INSERT INTO turns VALUES (:who)"), {"who": who})
        except Exception as fault:
            faults.append(fault)

    threads = [threading.Thread(target=write, args=(who,)) for who in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    with engines[0].connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM turns")) == 8 * TRANSACTIONS


def test_the_lock_is_released_however_a_transaction_ends(
    engines: list[Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), transaction(engines[0]):
            raise ZeroDivisionError
        with pytest.raises(Unavailable) as absent, transaction(engines[0]) as session:
            session.execute(text("INSERT INTO absent VALUES (1)"))
        assert "no such table" in absent.value.whole
        with pytest.raises(PendingRollbackError), transaction(engines[0]) as session:
            session.connection().invalidate()
        for writer, reason in ((1, "database is locked"), (0, "other writers")):
            with transaction(engines[writer]) as occupying:
                occupying.execute(ANYTHING)
                with pytest.raises(Unavailable) as refused, transaction(engines[0]) as session:
                    session.execute(ANYTHING)
                assert reason in refused.value.whole

"""Who writes to SQLite gets its turn, whoever else writes all the while."""

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

TURNS = 8
ANYTHING = text("SELECT 1")
"""A transaction begins with its first statement."""


@pytest.fixture
def engines(tmp_path: Path) -> Iterator[list[Engine]]:
    """Two that know nothing of each other, as those of two processes."""
    found = [open_database(f"sqlite:///{tmp_path / 'turns.db'}") for _ in range(2)]
    with transaction(found[0]) as session:
        session.execute(text("CREATE TABLE turns (who INTEGER)"))
    yield found
    for engine in found:
        engine.dispose()


def until(happened: Callable[[], bool]) -> None:
    """However long it takes: on a busy machine a thread may be long in coming."""
    ends = time.monotonic() + 120
    while not happened():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.001)


def test_the_turn_goes_to_whoever_has_waited_longest() -> None:
    turn, order = FairLock(), list[int]()
    assert turn.acquire(0)

    def take(who: int) -> None:
        assert turn.acquire(120)
        order.append(who)
        turn.release()

    threads = [threading.Thread(target=take, args=(who,)) for who in range(8)]
    for number, thread in enumerate(threads, 1):
        thread.start()
        until(lambda number=number: turn.waiting == number)  # type: ignore[misc]
    turn.release()
    for thread in threads:
        thread.join()
    assert order == list(range(8))
    assert turn.acquire(0)


def test_who_asks_anew_comes_after_all_who_wait() -> None:
    turn, order = FairLock(), list[str]()
    assert turn.acquire(0)

    def take() -> None:
        assert turn.acquire(120)
        order.append("who waits")
        turn.release()

    thread = threading.Thread(target=take)
    thread.start()
    until(lambda: turn.waiting == 1)
    turn.release()
    assert turn.acquire(120)
    order.append("who asks anew")
    thread.join()
    assert order == ["who waits", "who asks anew"]


def test_who_gave_up_is_handed_no_turn() -> None:
    turn = FairLock()
    assert turn.acquire(0)
    assert not turn.acquire(0.01)
    assert turn.waiting == 0
    turn.release()
    assert turn.acquire(0)


def test_eight_who_write_without_a_pause_lose_no_turn(engines: list[Engine], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 120)
    faults: list[BaseException] = []

    def write(who: int) -> None:
        try:
            for _ in range(TURNS):
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
        assert connection.scalar(text("SELECT count(*) FROM turns")) == 8 * TURNS


def test_a_turn_ends_with_whatever_ended_the_transaction(
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
        for holder, said in ((1, "database is locked"), (0, "others are writing")):
            with transaction(engines[holder]) as held:
                held.execute(ANYTHING)
                with pytest.raises(Unavailable) as refused, transaction(engines[0]) as session:
                    session.execute(ANYTHING)
                assert said in refused.value.whole

"""Who writes to SQLite gets its turn, whoever else writes all the while."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import PendingRollbackError

from shuttle.domain.errors import Unavailable
from shuttle.store import database
from shuttle.store.database import open_database, transaction

TURNS = 64
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


def test_of_eight_who_write_without_a_pause_each_gets_its_turns(engines: list[Engine]) -> None:
    turns = [0] * 8

    def write(who: int) -> None:
        while sum(turns) < TURNS:
            with transaction(engines[who % 2]) as session:
                session.execute(text("INSERT INTO turns VALUES (:who)"), {"who": who})
                time.sleep(0.01)
            turns[who] += 1

    threads = [threading.Thread(target=write, args=(who,)) for who in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert min(turns) >= 2, turns
    with engines[0].connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM turns")) == sum(turns)


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

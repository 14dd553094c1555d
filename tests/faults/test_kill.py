"""The program is killed at random moments while eight devices count: no acknowledged count is lost, none is stored
twice.

SHUTTLE_KILLS sets the number of kills; three by default.
"""

import os
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, text

from shuttle.services.app_context import AppContext
from shuttle.services.ridership import rollup
from shuttle.store.tables.ridership import ObservationRow
from tests.faults.conftest import ADMIN
from tests.faults.program import Acknowledged, Program, Senders, post

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("SHUTTLE_KILLS", "3"))
BETWEEN = 20
"""Acknowledged counts before each kill."""


def stored(context: AppContext) -> dict[str, str]:
    """Key -> id of all stored counts."""
    with context.reading() as session:
        rows = session.execute(select(ObservationRow.key, ObservationRow.id)).all()
        assert session.scalar(select(func.count()).select_from(ObservationRow)) == len({key for key, _ in rows})
    return {row.key: row.id for row in rows}


def lost(acknowledged: list[Acknowledged], stored_ids: dict[str, str]) -> list[Acknowledged]:
    return [one for one in acknowledged if stored_ids.get(one.key) != one.id]


def counted(kills: int, senders: Senders, missing: list[Acknowledged], back: list[float]) -> list[tuple[str, float]]:
    """Figures for the test report."""
    acknowledged = len(senders.acknowledged)
    return [
        ("kills", kills),
        ("counts acknowledged", acknowledged),
        ("counts lost", len(missing)),
        ("seconds back, the longest", round(max(back), 2)),
    ]


def test_a_killed_program_loses_no_acknowledged_count_and_doubles_none(
    program: Program, senders: Senders, own_context: AppContext, record_property: Callable[[str, object], None]
) -> None:
    chance = random.Random(os.urandom(8))
    back = []
    senders.start()
    for _ in range(KILLS):
        senders.wait_for(BETWEEN)
        time.sleep(chance.random() * 0.3)
        program.kill()
        began = time.monotonic()
        program.start()
        back.append(time.monotonic() - began)
    senders.wait_for(BETWEEN)
    senders.stop()
    missing = lost(senders.acknowledged, stored(own_context))
    for name, value in counted(KILLS, senders, missing, back):
        record_property(name, value)
    assert missing == []
    assert senders.statuses <= {200, 201, 503}
    for one in random.Random(1).sample(senders.acknowledged, BETWEEN):
        again = post(program.port, senders.token, one.path, one.key, one.body)
        assert again is not None
        assert (again[0], again[1]["id"]) == (200, one.id)
    assert rollup.check(own_context, ADMIN) == []
    if own_context.engine.dialect.name == "sqlite":
        with own_context.reading() as session:
            assert session.scalar(text("PRAGMA integrity_check")) == "ok"


def test_the_proof_would_see_a_lost_count(program: Program, senders: Senders, own_context: AppContext) -> None:
    senders.start()
    senders.wait_for(BETWEEN)
    senders.stop()
    victim = senders.acknowledged[0]
    with own_context.transaction() as session:
        session.execute(text("DELETE FROM observations WHERE key = :key"), {"key": victim.key})
    assert lost(senders.acknowledged, stored(own_context)) == [victim]


def test_fifty_equal_requests_at_once_are_one_count_also_after_a_restart(
    program: Program, senders: Senders, own_context: AppContext
) -> None:
    path = f"/api/v1/departures/{senders.departures[0]}/boardings"
    body = '{"stop": "vagsbunnen", "boardings": 4}'

    def send(_: int) -> tuple[int, dict[str, str]] | None:
        return post(program.port, senders.token, path, "one-key", body)

    with ThreadPoolExecutor(50) as pool:
        answers = [answer for answer in pool.map(send, range(50)) if answer is not None]
    assert sorted(status for status, _ in answers) == [200] * 49 + [201]
    program.kill()
    program.start()
    answer = send(0)
    assert answer is not None
    assert {document["id"] for _, document in [*answers, answer]} == set(stored(own_context).values())
